"""The answers to a form as the keys of a correction."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from borderledger.package import Finding, Table, title
from corrections import ids
from corrections.book import Book
from corrections.find import plain
from corrections.forms import Form
from corrections.names import Names, ids_of, names_of
from corrections.pasted import pasted
from corrections.report import Report

__all__ = ["Draft", "draft"]

#: What a person may write where a question needs an answer and the cell is, or becomes, empty.
_EMPTY = "(empty)"
#: Questions about the one value of a form; the others are about the whole correction.
_OF_VALUE = ("field", "old", "new", "qualifier", "max")
_ACTIONS = {"new-source": "claim", "missing-record": "record", "dead-link": "change"}


@dataclass
class Draft:
    """A correction that is being made from answers.

    name     of the report, in messages
    form     that was filled in; without questions if a correction was pasted instead
    answers  by the ids of the questions
    content  the keys of the correction so far
    asked    the question that filled each key, spelled as in findings: {"values.1.new": "new"}
    lines    the line that filled a key, where it is only a part of the answer
    wrong    what is wrong with the answers
    read     what the address of the new source says and the answers do not
    """

    name: str
    form: Form
    answers: Mapping[str, str]
    content: dict[str, Any]
    asked: dict[str, str] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)
    wrong: list[Finding] = field(default_factory=list)
    read: dict[str, str] = field(default_factory=dict)

    def question(self, key: str) -> str:
        """The id of the question that filled a key, or the nearest key around it."""
        while key and key not in self.asked:
            key = key.rpartition(".")[0]
        return self.asked.get(key, "")

    def said(self, question: str) -> str:
        """The answer to a question, on one line."""
        return " ".join(self.answers.get(question, "").split())

    def complain(self, key: str, value: str, message: str, fix: str) -> None:
        """Note what is wrong with an answer."""
        self.wrong.append(Finding(self.name, 0, key, value[:200], message, fix, "correction.form"))


def draft(form: Form, answers: Mapping[str, str], report: Report, book: Book) -> Draft:
    """The correction that the answers to a form describe, and what is wrong with them."""
    made = Draft(report.name, form, answers, {"action": answers.get("action") or _ACTIONS.get(form.name, "")})
    for question in form.questions:
        answer = made.said(question.id)
        if question.required and not answer:
            fix = "Write an answer below this heading; it is in the text of the report."
            made.complain(question.id, "", "is not answered", fix)
        elif question.options and answer and answer not in question.words:
            fix = f"Write one of these words: {', '.join(question.words)}."
            made.complain(question.id, answer, "is none of the options of this question", fix)
        made.asked[question.id] = question.id
        alone = question.id not in ("values", "organisations", "url", "archive_url", *_OF_VALUE)
        if answer and alone and not question.id.startswith("source_"):
            made.content[question.id] = answer
    names = _bodies(made, book)
    match form.name:
        case "missing-record":
            _from_lines(made, book, names)
        case "dead-link":
            _from_links(made, book)
        case _:
            _from_one_value(made)
            _more_values(made, book, names)
    _new_source(made, report, book)
    if report.number:
        made.content["issue"] = str(report.number)
    return made


def _from_one_value(draft: Draft) -> None:
    entry = {key: "" if draft.said(key) == _EMPTY else draft.said(key) for key in _OF_VALUE}
    draft.content["values"] = [{key: cell for key, cell in entry.items() if cell or key in ("field", "old", "new")}]
    draft.asked |= {f"values.1.{key}": key for key in _OF_VALUE}
    # The form asks once for the locator. A finding about the value as a whole goes with the locator, too.
    draft.asked |= {
        "values": "field",
        "values.1": "locator",
        "values.1.locator": "locator",
        "values.1.source": "source",
    }


def _from_links(draft: Draft, book: Book) -> None:
    """A new address, a copy, or both. The person copies the dead address alone; it vouches for the other field, too."""
    found = book.find(draft.content.get("record", ""))
    dead = draft.answers.get("old", "")
    held = found[1] if found and dead and dead in (found[1].get("url"), found[1].get("archive_url")) else {}
    draft.content["values"] = []
    for key in ("url", "archive_url"):
        if new := draft.said(key):
            draft.content["values"].append({"field": key, "old": held.get(key, dead), "new": new})
            at = f"values.{len(draft.content['values'])}"
            draft.asked |= {at: key, f"{at}.old": "old", f"{at}.field": "record"}
    draft.asked["values"] = "url"


def _from_lines(draft: Draft, book: Book, names: Names) -> None:
    """Values that were written one to a line."""
    table = {table.name: table for table in book.package.core}.get(draft.content.get("table", ""))
    values: list[dict[str, str]] = []
    for name, said, locator in _lines(draft, 1, "signed: 2010-02-03"):
        values.append(_value(table, name, said, names) | ({"locator": locator} if locator else {}))
    if values:
        draft.content["values"] = values
    if "record" not in draft.content and table is not None:
        words = {entry["field"]: entry["new"] for entry in values}
        named = title(words) or " ".join(list(words.values())[:3])
        draft.content["record"] = ids.identifier(book, table, named)


def _more_values(draft: Draft, book: Book, names: Names) -> None:
    """The first value by the names of bodies and places, and other values of the record, one to a line."""
    found = book.find(draft.content.get("record", ""))
    table = found[0] if found else None
    first = draft.content["values"][0]
    if table and first["field"] in table.by_name:
        first["new"] = ids_of(names, table, table.by_name[first["field"]], first["new"])
    for name, said, locator in _lines(draft, 2, "signed: 2010 -> 2010-02-03"):
        old, arrow, new = (part.strip() for part in said.replace("\N{RIGHTWARDS ARROW}", "->").partition("->"))
        if not arrow and draft.content["action"] == "claim":
            new = old
        elif not arrow:
            key = f"values.{len(draft.content['values']) + 1}"
            fix = "Write what the dataset says now, an arrow and the new value: signed: 2010 -> 2010-02-03"
            draft.complain(key, said, "says only one value", fix)
        value = _value(table, name, "" if new == _EMPTY else new, names)
        held = "" if old == _EMPTY else _value(table, name, old, names)["new"]
        draft.content["values"].append({"field": value["field"], "old": held, **value, "locator": locator})
        if not locator:
            del draft.content["values"][-1]["locator"]


def _lines(draft: Draft, first: int, example: str) -> Iterator[tuple[str, str, str]]:
    """The answers that were written one to a line: field, value and locator. `first`: the number of the first one."""
    number = first
    for line in draft.answers.get("values", "").split("\n"):
        said = " ".join(line.split()).removeprefix("- ")
        if not said:
            continue
        name, colon, rest = said.partition(":")
        key = f"values.{number}"
        draft.lines[key], draft.asked[key] = said, "values"
        if not colon or not rest.strip():
            fix = f"Write it as in this example: {example}"
            draft.complain(key, said, "is not a line with a field, a colon and a value", fix)
        value, at, locator = rest.strip().rpartition(" @ ")
        yield name.strip(), value.strip() if at else locator, locator.strip() if at else ""
        number += 1


_BODY = re.compile(r"(?P<name>[^;]+?)(?: ?\((?P<short_name>[^();]+)\))? ?; ?(?P<kind>[^;]+?)(?: ?; ?(?P<place>[^;]+))?")


def _bodies(draft: Draft, book: Book) -> Names:
    """The new bodies, one to a line. Returns the names of all places and bodies."""
    table = book.package.tables["organisations"]
    known = names_of(book.rows)
    rows: list[dict[str, str]] = []
    for line in filter(None, (line.strip() for line in draft.answers.get("organisations", "").split("\n"))):
        key = f"organisations.{len(rows) + 1}"
        draft.lines[key], draft.asked[key] = line, "organisations"
        found = _BODY.fullmatch(" ".join(line.split()).removeprefix("- "))
        if not found:
            kinds = ", ".join(table.by_name["kind"].categories)
            fix = f"Write its name, its kind and its country: Example Institute (EI); ngo; BE. Kinds: {kinds}."
            draft.complain(key, line, "is not a line with a name, a kind and a country", fix)
            continue
        row = {name: cell for name, cell in found.groupdict().items() if cell}
        if plain(row["name"]) in known["organisations"]:
            continue
        if "place" in row:
            row["place"] = ids_of(known, table, table.by_name["place"], row["place"])
        identifier = ids.identifier(book, table, row.get("short_name") or row["name"])
        rows.append({"id": identifier} | row)
    if rows:
        draft.content["organisations"] = rows
    return names_of({**book.rows, "organisations": [*book.rows["organisations"], *rows]})


_FIGURE = re.compile(r"(?:(?P<how>about|exactly|at least|at most) )?(?P<figure>[0-9][0-9.]*)", re.I)
_RANGE = re.compile(r"(?P<low>[0-9][0-9.]*) ?[-–] ?(?P<high>[0-9][0-9.]*)")


def _value(table: Table | None, name: str, said: str, names: Names) -> dict[str, str]:
    """A line as an entry of `values`: the field by its name or its title, a figure and its qualifier apart."""
    titles = {word: each.name for each in (table.fields if table else ()) for word in (each.title.lower(), each.name)}
    known = titles.get(name.lower(), name)
    if table is None or known not in table.by_name:
        return {"field": known, "new": said}
    if f"{known}_qualifier" not in table.by_name:
        return {"field": known, "new": ids_of(names, table, table.by_name[known], said)}
    if figure := _FIGURE.fullmatch(said):
        how = (figure["how"] or "exactly").lower().replace("exactly", "exact").replace(" ", "_")
        return {"field": known, "new": figure["figure"], "qualifier": how}
    if ends := _RANGE.fullmatch(said):
        return {"field": known, "new": ends["low"], "qualifier": "range", "max": ends["high"]}
    return {"field": known, "new": said, "qualifier": "exact" if said else ""}


def _new_source(draft: Draft, report: Report, book: Book) -> None:
    """The new source, if the answers describe one, with what its address says and the form does not ask for."""
    keys = {key.removeprefix("source_"): key for key in draft.answers if key.startswith("source_")}
    row = {name: draft.said(key) for name, key in keys.items() if draft.said(key)}
    draft.asked |= {f"source.{name}": key for name, key in keys.items()} | {"source.id": "source_publisher"}
    address = pasted(book, draft.content.get("source", ""))
    if address and not address.known and not row.get("url"):
        del draft.content["source"]  # the address stands where an id was asked for
        row["url"] = address.url
    elif address and address.known:
        draft.content["source"] = address.known
    if not row:
        return
    if "source" in draft.content:
        message, fix = "is answered, and a new source is described as well", "Delete one of the two answers."
        draft.complain("source", draft.content["source"], message, fix)
        return
    address = pasted(book, row.get("url", ""))
    if address and address.known and len(row) == 1:
        draft.content["source"] = address.known
        return
    draft.read = {name: cell for name, cell in (address.cells if address else {}).items() if name not in row}
    row |= draft.read
    if address:
        row["url"] = address.url
    if "publisher" in row:
        row["publisher"] = ids.publisher(book, row["publisher"])
    words = f"{row.get('publisher', '')} {row.get('published', '').strip('~') or row.get('title', '')}"
    identifier = ids.identifier(book, book.package.tables["sources"], words)
    draft.content["source"] = {"id": identifier, **row, "accessed": report.day}
