"""What records are called, and places and bodies by the names that people type: Frontex is frontex."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from borderledger.package import Field, Table, title
from corrections.find import plain

__all__ = ["TELLING", "Names", "called", "ids_of", "named", "names_of", "only_id", "referred"]

#: For each table the ids by name; a name has no accents and capitals.
Names = Mapping[str, Mapping[str, str]]


#: Columns that say what a count of returns counts, which has no title.
TELLING = ("from_place", "to_place", "nationalities", "return_type", "period", "quantity", "unit", "measure")


def called(row: Mapping[str, str]) -> str:
    """The title of a record, or what it counts."""
    return title(row) or ", ".join(row[name] for name in TELLING if row.get(name))


def names_of(rows: Mapping[str, Iterable[Mapping[str, str]]]) -> Names:
    """The names of places and bodies, from the rows of their tables."""
    return {
        table: {
            plain(row[name]): row["id"] for name in ("short_name", "name", "id") for row in rows[table] if row.get(name)
        }
        for table in ("places", "organisations")
    }


def referred(table: Table, known: Field) -> tuple[str, ...]:
    """The tables in which the items of a field are; empty if it refers to none."""
    return known.refers_to or tuple(key.table for key in table.foreign_keys if key.field == known.name)


def named(names: Names, tables: Iterable[str]) -> list[str]:
    """All names of some tables."""
    return [name for table in tables for name in names.get(table, ())]


def ids_of(names: Names, table: Table, known: Field, text: str) -> str:
    """A text as a cell of a field that refers to places or bodies: ids in place of the names that are known."""
    ids = {name: i for each in reversed(referred(table, known)) for name, i in names.get(each, {}).items()}
    if not ids or plain(text) in ids:
        return ids.get(plain(text), text)
    if not known.delimiter:
        return text
    return known.delimiter.join(ids.get(plain(item.strip()), item.strip()) for item in re.split("[;,]", text))


def only_id(names: Names, tables: Iterable[str], text: str) -> str:
    """The id of the one place or body whose name has all the words of a text; empty for none or several."""
    words = plain(text).split()
    found = {i for table in tables for name, i in names.get(table, {}).items() if _has(name, words)}
    return found.pop() if len(found) == 1 else ""


def _has(name: str, words: list[str]) -> bool:
    return bool(words) and all(word in re.split(r"[^\w]+", name) for word in words)
