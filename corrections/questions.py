"""The questions of the dialogue: which record or source, which field, which value. Each answer is checked."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from borderledger.dataset import Dataset
from borderledger.errors import nearest
from borderledger.package import Field, Finding, Package, Table, title
from corrections.book import Book, Refused
from corrections.document import parse, written
from corrections.edits import carry_out
from corrections.find import plain
from corrections.meant import meant
from corrections.plain_text import wrong_text
from corrections.prompt import Prompt, Wrong, chosen, picked
from corrections.schema import described
from validate.cells import CellTest, canonical_cell, cell_tests

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

#: Longest list that a person can read at a glance.
LISTED = 9


@dataclass(frozen=True)
class Held:
    """The dataset that the dialogue is about."""

    root: Path

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

    @cached_property
    def names(self) -> dict[str, dict[str, str]]:
        """The ids of places and organisations, by table and by the names that a person may type."""
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
        """What is wrong with a correction, as far as the rows show it."""
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
    """Ask for words until the person chooses a record or source by its number or id. Returns the id.

    look    finds ids by words
    begin   ids that are listed at first, found by `words` if there are any
    others  other words that are answers
    check   raises Wrong if an id, or the empty default, cannot be used
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
        talk.number(called(held, one) for one in found[:LISTED])
        if len(found) > LISTED:
            talk.say(f"     and {len(found) - LISTED} more. Add a word to see fewer.")
        words = talk.ask(question, partial(take, found[:LISTED]), explain=explain, default=default)
        if words in ids:
            return words
        found = look(words)


def called(held: Held, identifier: str) -> str:
    """The name of a record in a list. A count of returns has no title, so the list shows what it counts."""
    found = held.book.find(identifier)
    assert found is not None  # it was listed
    table, row = found
    if not table.bound:
        return f"{row['title']}, {row['publisher']} {row['published']}".rstrip() + f"  (source {identifier})"
    called = title(row) or ", ".join(row[name] for name in TELLING if row.get(name))
    return f"{called}  ({table.name} {identifier})"


#: Columns that say what a count of returns counts.
TELLING = ("from_place", "to_place", "nationalities", "return_type", "period", "quantity", "unit", "measure")


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
    cell = canonical_cell(known, _by_name(held, table, known, text))
    plain_text(known.name, cell)
    for test in cell_tests(known):
        if wrong := test.fails(cell):
            if offer := meant(known, text):
                raise Wrong(f"Do you mean {offer}? Enter for yes, or type another value.", offer=offer)
            raise Wrong(wrong[:200], said_to_people(known, test)[:600])
    keys = [key.table for key in table.foreign_keys if key.field == known.name]
    for item in known.items(cell):
        tables = known.refers_to or keys
        ids = [row["id"] for name in tables for row in held.book.rows[name]]
        if tables and item not in ids:
            names = [name for table in tables for name in held.names.get(table, ())]
            if offer := _only(held, tables, item):
                items = [offer if one == item else one for one in known.items(cell)]
                offer = canonical_cell(known, known.delimiter.join(items))
                raise Wrong(f"Do you mean {offer}? Enter for yes, or type another value.", offer=offer)
            fix = nearest(item, [*ids, *names])
            if "organisations" in tables:
                fix += " To add an organisation, use `organisations` in the file: see docs/corrections.md."
            raise Wrong(f"{item[:80]!r} is not one of the known {' or '.join(tables)}.", fix)
    return cell


def said_to_people(known: Field, test: CellTest) -> str:
    """What to do about a cell, without the pattern that only programs read."""
    return f"{known.title}: {known.description}" if test.rule == "cell.pattern" else test.fix


def _only(held: Held, tables: Sequence[str], text: str) -> str:
    """The id of the one place or body whose name has all the words of a text; empty for none or several."""
    words = plain(text).split()
    named = {i for table in tables for name, i in held.names.get(table, {}).items() if _has(name, words)}
    return named.pop() if len(named) == 1 else ""


def _has(name: str, words: Sequence[str]) -> bool:
    return bool(words) and all(word in re.split(r"[^\w]+", name) for word in words)


def _by_name(held: Held, table: Table, known: Field, text: str) -> str:
    """An answer with words and ids in place of numbers and names."""
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
