"""The questions of the dialogue: which record or source, which field, which value. Each answer is checked."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from borderledger.dataset import Dataset
from borderledger.errors import nearest
from borderledger.package import Field, Finding, Package, Table
from corrections import ids
from corrections.book import Book, Refused
from corrections.document import parse, written
from corrections.edits import carry_out
from corrections.find import plain
from corrections.meant import meant, unsure
from corrections.names import Names, called, ids_of, named, names_of, only_id, referred
from corrections.plain_text import wrong_text
from corrections.prompt import Prompt, Wrong, chosen, picked
from corrections.schema import described
from validate.cells import CellTest, canonical_cell, cell_tests

__all__ = [
    "LISTED",
    "Content",
    "Held",
    "Row",
    "ask_cell",
    "ask_identifier",
    "ask_text",
    "checked",
    "fields_of",
    "how_exactly",
    "in_list",
    "plain_text",
    "present",
    "search",
    "which_field",
]

Content = dict[str, Any]
Row = dict[str, str]

#: Longest list that a person can read at a glance.
LISTED = 9
#: What a person types to add a body.
_NEW = "new"


@dataclass(frozen=True)
class Held:
    """The dataset that the dialogue is about.

    ask_sites   whether the address of a new source is asked for its title and its day
    added       rows of the bodies that the person has added
    answers     what the addresses said, and why they did not, because the dialogue may run again
    """

    root: Path
    ask_sites: bool = False
    added: list[Row] = field(default_factory=list)
    answers: dict[str, tuple[Row, str]] = field(default_factory=dict)

    @cached_property
    def dataset(self) -> Dataset:
        """The dataset, for showing and searching."""
        return Dataset(self.root)

    @cached_property
    def package(self) -> Package:
        """The package, for editing."""
        return Package.read(self.root)

    @cached_property
    def book(self) -> Book:
        """The rows, for reading only."""
        return Book.of(self.package)

    @property
    def names(self) -> Names:
        """The places and bodies by name, with the bodies that the person has added."""
        return names_of({**self.book.rows, "organisations": [*self.book.rows["organisations"], *self.added]})

    def bodies(self, content: Content) -> Content:
        """The bodies that the person has added and named in a value, as a key of the correction."""
        said = {item for value in content.get("values", ()) for item in value["new"].split(";")}
        used = [row for row in self.added if row["id"] in said]
        return {"organisations": used} if used else {}

    def trial(self, content: Content) -> list[Finding]:
        """What is wrong with a correction, as far as the rows show it."""
        document, found = parse(written(content | self.bodies(content)).encode("utf-8"), "")
        if document:
            try:
                carry_out(document, Book.on(self.package, self.book.before))
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
    also: Callable[[str], bool] = lambda answer: False,
) -> str:
    """Ask for words until the person chooses a record or source by its number or id. Returns the id.

    look    finds ids by words
    begin   ids that are listed at first, found by `words` if there are any
    others  other words that are answers
    check   raises Wrong if an id, or the empty default, cannot be used
    also    whether another text is an answer
    """
    ids = {*held.book.ids(), *others, *([] if default is None else [default])}

    def take(listed: list[str], answer: str) -> str:
        answer = answer.casefold() if answer.casefold() in others else picked(answer, listed)
        if answer.isdigit() and len(answer) < 3:
            raise Wrong(f"There is no number {answer} in the list." if listed else "There is no list yet. Type words.")
        if answer in ids:
            check(answer)
        return answer

    found = begin
    while True:
        if words and not found:
            talk.say(f"Nothing holds all of the words {words[:80]!r}. Try fewer words, or other ones.")
        talk.number(in_list(held, one) for one in found[:LISTED])
        if len(found) > LISTED:
            talk.say(f"     and {len(found) - LISTED} more. Add a word to see fewer.")
        words = talk.ask(question, partial(take, found[:LISTED]), explain=explain, default=default)
        if words in ids or also(words):
            return words
        found = look(words)


def in_list(held: Held, identifier: str) -> str:
    """The name of a record in a list. A count of returns has no title, so the list shows what it counts."""
    found = held.book.find(identifier)
    assert found is not None  # it was listed
    table, row = found
    if not table.bound:
        return f"{row['title']}, {row['publisher']} {row['published']}".rstrip() + f"  (source {identifier})"
    return f"{called(row)}  ({table.name} {identifier})"


def fields_of(table: Table) -> list[str]:
    """The fields that a correction can name. The qualifier of a figure is asked for with the figure."""
    return [n for n in table.names if n not in ("id", "source_id") and not n.endswith(("_qualifier", "_max"))]


def which_field(
    talk: Prompt, table: Table, row: Row, names: list[str], question: str, *, first: bool = True
) -> Field | None:
    """Ask for a field; None if the person wants no other one. The first time, the present values are listed."""
    talk.say("")
    names.sort(key=lambda name: not row[name])  # filled fields first, both groups in the order of the table
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
    """A value as people write it: 20 to 30, 300 (about)."""
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
    """Ask for a cell. Returns the cell, or one of the other words.

    default   the answer if the person presses Enter; empty if the cell may be empty
    also      raises Wrong if the cell has the right form but cannot be used
    """
    if known.categories:
        talk.number(f"{word} - {means}" for word, means in known.categories.items())
    if known.categories and known.delimiter:
        talk.say("Separate several with semicolons, for instance 1; 2")

    body = "organisations" in referred(table, known)

    def take(text: str) -> str:
        if text in others or (body and text == _NEW):
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
    if body:
        explain.append(f"To add a body that is missing, type `{_NEW}`.")
    while (cell := talk.ask(question, take, explain="\n".join(explain), default=default)) == _NEW and body:
        default = _ask_body(talk, held)
    return cell


def _ask_body(talk: Prompt, held: Held) -> str:
    """Ask for a body that is missing. Returns its id."""
    table = held.package.tables["organisations"]
    talk.say("", "Describe the new body. Enter skips a question marked (optional).")
    row: Row = {}

    def new(name: str) -> None:
        if known := held.names["organisations"].get(plain(name)):
            raise Wrong(f"This body is known: {known}.", "Go `back` and type that id.")

    # Under which names it publishes, the editors say once they hold a document of it.
    for each in (each for each in table.fields if each.name not in ("id", "publishes_as")):
        talk.say("", each.description)
        question = each.title + ("" if each.required else " (optional)")
        also = new if each.name in ("name", "short_name") else None
        row[each.name] = ask_cell(talk, held, table, each, question, None if each.required else "", also)
    identifier = ask_identifier(talk, held, table, row["short_name"] or row["name"])
    held.added.append({"id": identifier} | {name: cell for name, cell in row.items() if cell})
    talk.say("", f"The new body is {identifier}. Enter takes it as the answer, or type it together with others.")
    return identifier


def ask_identifier(talk: Prompt, held: Held, table: Table, words: str) -> str:
    """Ask for an id that is free; one is proposed from words."""
    taken = ids.taken(held.book) | {row["id"] for row in held.added}

    def take(text: str) -> str:
        if text in taken:
            raise Wrong(f"{text} is already in use, or was in use before.")
        if len(text) > ids.LONGEST + 20:
            raise Wrong(f"It has {len(text)} characters; {ids.LONGEST + 20} at most.")
        return checked(held, table, table.by_name["id"], text)

    talk.say("")
    explain = "Lower-case letters, digits and hyphens. People cite it, so it never changes. Enter accepts the proposal."
    return talk.ask("Identifier", take, explain=explain, default=ids.identifier(held.book, table, words))


def how_exactly(talk: Prompt, held: Held, table: Table, known: Field, low: str, row: Row | None) -> Row:
    """Ask for the qualifier of a figure and the upper end of a range. The answer must differ from `row`."""
    name, upper = known.name, f"{known.name}_max"
    qualifiers = table.by_name[f"{name}_qualifier"].categories
    if upper not in table.by_name:
        qualifiers = {word: means for word, means in qualifiers.items() if word != "range"}
    talk.say("")
    talk.number(f"{word} - {means}" for word, means in qualifiers.items())

    def same(qualifier: str, high: str) -> None:
        stands = (low, qualifier, high)
        if row and stands == (row[name], row[f"{name}_qualifier"], row.get(upper, "")):
            raise Wrong(f"{name} has exactly this value already. Type `back` to return to the value.")

    def how(text: str) -> str:
        qualifier = chosen(text, list(qualifiers))
        if qualifier != "range":
            same(qualifier, "")
        return qualifier

    def top(text: str) -> str:
        high = checked(held, table, table.by_name[upper], text)
        if float(high) <= float(low):
            raise Wrong(f"The upper end must be greater than the lower one, {low}.")
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
    """An answer as a cell of a field. Raises Wrong, which says what was expected."""
    cell = canonical_cell(known, _in_words(held, table, known, text))
    plain_text(known.name, cell)
    _are_known(held, referred(table, known), known, cell)
    for test in cell_tests(known):
        if wrong := test.fails(cell):
            if offer := meant(known, text):
                raise Wrong(f"Do you mean {offer}? Enter for yes, or type another value.", offer=offer)
            raise Wrong((unsure(known, text) or wrong)[:200], said_to_people(known, test)[:600])
    return cell


def _are_known(held: Held, tables: tuple[str, ...], known: Field, cell: str) -> None:
    """Raise Wrong if a cell names a row that none of its tables has."""
    there = [row["id"] for name in tables for row in held.book.rows[name]]
    there += [row["id"] for row in held.added if "organisations" in tables]
    for item in known.items(cell) if tables else ():
        if item in there:
            continue
        if offer := only_id(held.names, tables, item):
            items = [offer if one == item else one for one in known.items(cell)]
            offer = canonical_cell(known, known.delimiter.join(items))
            raise Wrong(f"Do you mean {offer}? Enter for yes, or type another value.", offer=offer)
        fix = nearest(item, [*there, *named(held.names, tables)])
        if "organisations" in tables:
            fix += f" To add a body that is missing, type `{_NEW}`."
        raise Wrong(f"{item[:80]!r} is not one of the known {' or '.join(tables)}.", fix)


def said_to_people(known: Field, test: CellTest) -> str:
    """What to do about a cell, without the pattern that only programs read."""
    return f"{known.title}: {known.description}" if test.rule == "cell.pattern" else test.fix


def _in_words(held: Held, table: Table, known: Field, text: str) -> str:
    """An answer with words and ids in place of numbers and names."""
    if known.categories:
        words = {str(n): word for n, word in enumerate(known.categories, 1)}
        words |= {word.casefold(): word for word in known.categories}
        if plain(text) in words or not known.delimiter:
            return words.get(plain(text), text)
        return known.delimiter.join(words.get(plain(i.strip()), i.strip()) for i in re.split("[;,]", text))
    return ids_of(held.names, table, known, text)


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
