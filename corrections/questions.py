"""The questions of a dialogue: which record or source, which field, what value; each answer checked as it is typed."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from borderledger.dataset import Dataset
from borderledger.errors import nearest
from borderledger.package import Field, Package, Table, title
from corrections.book import Book, Refused
from corrections.document import parse, written
from corrections.edits import carry_out
from corrections.find import plain
from corrections.plain_text import wrong_text
from corrections.prompt import Prompt, Wrong, chosen, picked
from corrections.schema import described
from validate.cells import canonical_cell, cell_tests
from validate.report import Finding

__all__ = [
    "LISTED",
    "TELLING",
    "Content",
    "Held",
    "Row",
    "ask_cell",
    "ask_text",
    "called",
    "checked",
    "fields_of",
    "how_exactly",
    "plain_text",
    "present",
    "search",
    "which_field",
]

Content = dict[str, Any]
Row = dict[str, str]

#: As many as can be taken in at a glance.
LISTED = 9


@dataclass(frozen=True)
class Held:
    """The dataset that is asked about."""

    root: Path

    @cached_property
    def dataset(self) -> Dataset:
        """As it is shown and searched."""
        return Dataset(self.root)

    @cached_property
    def package(self) -> Package:
        """As it is edited."""
        return Package.read(self.root)

    @cached_property
    def book(self) -> Book:
        """Its rows; not for editing."""
        return Book.of(self.package)

    @cached_property
    def names(self) -> dict[str, dict[str, str]]:
        """By table the ids of places and bodies, by their ids and names as somebody would type them."""
        return {
            table: {
                plain(row[name]): row["id"]
                for name in ("short_name", "name", "id")
                for row in self.book.rows[table]
                if row.get(name)
            }
            for table in ("places", "organisations")
        }

    def trial(self, content: Content) -> list[Finding]:
        """What stands against a correction, as far as the rows tell."""
        document, found = parse(written(content).encode("utf-8"), "")
        if document:
            try:
                carry_out(document, Book.of(self.package))
            except Refused as refused:
                return refused.findings
        return found


# --- the dialogue ----------------------------------------------------------------------------------------------------


def search(
    talk: Prompt,
    held: Held,
    look: Callable[[str], list[str]],
    question: str,
    explain: str,
    *,
    begin: list[str],
    words: str = "",
    others: tuple[str, ...] = (),
    default: str | None = None,
    check: Callable[[str], object] = str,
) -> str:
    """Ask for words until a record or source is chosen by its number or id; gives the id.

    look    finds ids by words
    begin   what is listed at first, found by `words` if there were some
    others  answers that are words of their own
    check   raises Wrong if an id, or the empty default, cannot be taken
    """
    ids = {*held.book.ids(), *others, *([] if default is None else [default])}

    def take(listed: list[str], answer: str) -> str:
        answer = answer.casefold() if answer.casefold() in others else picked(answer, listed)
        if answer.isdigit() and len(answer) < 3:
            raise Wrong(f"There is no number {answer} in the list." if listed else "There is no list yet; type words.")
        if answer in ids:
            check(answer)
        return answer

    found = begin
    while True:
        if words and not found:
            talk.say(f"Nothing holds all of the words {words[:80]!r}. Try fewer, or other ones.")
        talk.number(called(held, one) for one in found[:LISTED])
        if len(found) > LISTED:
            talk.say(f"     and {len(found) - LISTED} more; another word narrows it down")
        words = talk.ask(question, partial(take, found[:LISTED]), explain=explain, default=default)
        if words in ids:
            return words
        found = look(words)


def called(held: Held, identifier: str) -> str:
    """What a record is about; a count of returns has no title, and is called by what it counts."""
    found = held.book.find(identifier)
    assert found is not None  # it was listed
    table, row = found
    if not table.bound:
        return f"{row['title']}, {row['publisher']} {row['published']}".rstrip() + f"  (source {identifier})"
    called = title(row) or ", ".join(row[name] for name in TELLING if row.get(name))
    return f"{called}  ({table.name} {identifier})"


#: What a count of returns is called by.
TELLING = ("from_place", "to_place", "nationalities", "return_type", "period", "quantity", "unit", "measure")


def fields_of(table: Table) -> list[str]:
    """The fields that a correction can name: what qualifies a figure is asked for with it."""
    return [n for n in table.names if n not in ("id", "source_id") and not n.endswith(("_qualifier", "_max"))]


def which_field(
    talk: Prompt, table: Table, row: Row, names: list[str], question: str, *, first: bool = True
) -> Field | None:
    """Ask for a field; None if there is to be no further one. Of the first, the values that there are are listed."""
    talk.say("")
    names.sort(key=lambda name: not row[name])  # what is filled first; the sort keeps the order of the table
    filled = [name for name in names if first and row[name]]
    talk.number(textwrap.shorten(f"{name}: {present(row, name)}", 300, placeholder=" ...") for name in filled)
    rest = [f"{number} {name}" for number, name in enumerate(names, 1) if name not in filled]
    if rest:
        talk.say(("     Empty: " if first else "") + ", ".join(rest), indent=2)
    said = "\n".join(f"{name}: {table.by_name[name].description}" for name in names)
    titles = {table.by_name[name].title.casefold(): name for name in names}
    answer = talk.ask(
        question,
        lambda text: chosen(titles.get(text.casefold(), text), names) if text else "",
        explain=said,
        default=None if first else "",
    )
    return table.by_name[answer] if answer else None


def present(row: Mapping[str, str], name: str) -> str:
    """A value as people read it: 20 to 30, 300 (about)."""
    qualifier, upper = row.get(f"{name}_qualifier", ""), row.get(f"{name}_max", "")
    if upper:
        return f"{row[name]} to {upper}"
    return row[name] + (f" ({qualifier})" if qualifier not in ("", "exact") else "")


def ask_cell(
    talk: Prompt,
    held: Held,
    table: Table,
    known: Field,
    question: str,
    default: str | None = None,
    also: Callable[[str], None] | None = None,
    others: tuple[str, ...] = (),
) -> str:
    """Ask for a cell; gives it, or the one of some other words that was answered.

    default   what Enter stands for; empty if the cell may be
    also      raises Wrong if the cell cannot be taken for another reason than its form
    """
    if known.categories:
        talk.number(f"{word} - {means}" for word, means in known.categories.items())
    if known.categories and known.delimiter:
        talk.say("Several with a semicolon between them, for instance 1; 2")

    def take(text: str) -> str:
        if text in others:
            return text
        empty = not text or (text == "empty" and default is None)
        if empty and known.required:
            raise Wrong(f"{known.title} cannot be empty.")
        cell = "" if empty else checked(held, table, known, text)
        if also:
            also(cell)
        return cell

    explain = [f"{known.title}: {known.description}"]
    explain += [test.fix for test in cell_tests(known) if test.rule in ("cell.date", "cell.type", "cell.list")]
    if known.refers_to:
        explain.append(f"A name or an id of {' or '.join(known.refers_to)}.")
    return talk.ask(question, take, explain="\n".join(explain), default=default)


def how_exactly(talk: Prompt, held: Held, table: Table, known: Field, low: str, row: Row | None) -> Row:
    """The qualifier of a figure and, of a range, its upper end. `row`: what it must not be the same as."""
    name, upper = known.name, f"{known.name}_max"
    qualifiers = table.by_name[f"{name}_qualifier"].categories
    if upper not in table.by_name:
        qualifiers = {word: means for word, means in qualifiers.items() if word != "range"}
    talk.say("")
    talk.number(f"{word} - {means}" for word, means in qualifiers.items())

    def same(qualifier: str, high: str) -> None:
        stands = (low, qualifier, high)
        if row and stands == (row[name], row[f"{name}_qualifier"], row.get(upper, "")):
            raise Wrong(f"{name} holds just that already. `back` returns to the value.")

    def how(text: str) -> str:
        qualifier = chosen(text, list(qualifiers))
        if qualifier != "range":
            same(qualifier, "")
        return qualifier

    def top(text: str) -> str:
        high = checked(held, table, table.by_name[upper], text)
        if float(high) <= float(low):
            raise Wrong(f"The upper end lies above the lower one, {low}.")
        same("range", high)
        return high

    qualifier = talk.ask(
        "How exactly does the source state it", how, explain=str(described("values", "qualifier")["description"])
    )
    if qualifier != "range":
        return {"qualifier": qualifier}
    explain = f"The source gives two figures. The lower one is {low}; type the upper one."
    return {"qualifier": qualifier, "max": talk.ask("Upper end", top, explain=explain)}


def checked(held: Held, table: Table, known: Field, text: str) -> str:
    """An answer as a cell of a field. Raises Wrong with what was expected."""
    cell = canonical_cell(known, _by_name(held, table, known, text))
    plain_text(known.name, cell)
    for test in cell_tests(known):
        if wrong := test.fails(cell):
            raise Wrong(wrong[:200], test.fix[:600])
    keys = [key.table for key in table.foreign_keys if key.field == known.name]
    for item in known.items(cell):
        tables = known.refers_to or keys
        ids = [row["id"] for name in tables for row in held.book.rows[name]]
        if tables and item not in ids:
            names = [name for table in tables for name in held.names.get(table, ())]
            fix = nearest(item, [*ids, *names])
            if "organisations" in tables:
                fix += " A body that is missing is added with `organisations` in the file: see docs/corrections.md."
            raise Wrong(f"{item[:80]!r} is none of the {' or '.join(tables)} that are known.", fix)
    return cell


def _by_name(held: Held, table: Table, known: Field, text: str) -> str:
    """An answer with the words and ids that numbers and names stand for."""
    keys = [key.table for key in table.foreign_keys if key.field == known.name]
    ids = {name: i for each in reversed((*known.refers_to, *keys)) for name, i in held.names.get(each, {}).items()}
    if known.categories:
        ids = {str(n): word for n, word in enumerate(known.categories, 1)}
        ids |= {word.casefold(): word for word in known.categories}
    if not ids or plain(text) in ids:
        return ids.get(plain(text), text)
    if not known.delimiter:
        return text
    return known.delimiter.join(ids.get(plain(item.strip()), item.strip()) for item in re.split("[;,]", text))


def plain_text(key: str, text: str) -> None:
    """Raise Wrong if a text is not plain, or names a person."""
    for _, message, fix in wrong_text(key, text):
        raise Wrong(f"It {message[:200]}." if message[0].islower() else message, fix)


def ask_text(talk: Prompt, key: str, question: str, explain: str, schema: Mapping[str, Any]) -> str:
    """Ask for a text of the document itself."""

    def take(text: str) -> str:
        least, most = schema.get("minLength", 1), schema.get("maxLength", 300)
        if not least <= len(text) <= most:
            raise Wrong(f"It has {len(text)} characters; {least} to {most} are expected.")
        plain_text(key, text)
        return text

    return talk.ask(question, take, explain=explain)


# --- evidence --------------------------------------------------------------------------------------------------------
