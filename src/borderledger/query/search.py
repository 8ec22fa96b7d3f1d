"""Find records and sources by words: the full-text table `search`, in memory and in the SQLite file.

It has one row for each row of a table whose key is `id`, with these columns:

    table, id   which row it is
    title       what the row is called; NULL for counts of returns, which have no title
    text        its other words: summaries, notes, publishers, quotes
    names       the names of the places and bodies that it has codes of, so that Pakistan finds PK; and the words with
                a letter that is more than an accent (đ, ł, ø), in plain letters

A word is found in all its forms (deported, deporting, deports), by the rules of Porter for English. Capitals and
accents do not matter. A word in the title counts more than one in the text, and that more than one in the names. Rows
that have nothing but names come last: a country has hundreds of months of detections.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from borderledger.errors import BadArgument, MissingExtra, as_text
from borderledger.package.model import Table
from borderledger.package.tables import Tables
from borderledger.query.columns import Column
from borderledger.query.evidence import Graded

if TYPE_CHECKING:
    import sqlite3

__all__ = ["fill", "search"]

_CREATE = """
CREATE VIRTUAL TABLE search USING fts5(
    "table" UNINDEXED, id UNINDEXED, title, text, names, tokenize = 'porter unicode61 remove_diacritics 2'
)"""
#: How much a word counts in each column. The database keeps it, so that ORDER BY rank is the same for everybody.
_RANK = "INSERT INTO search (search, rank) VALUES ('rank', 'bm25(0.0, 0.0, 10.0, 4.0, 1.0)')"

_FIND = """
SELECT "table", id, title, snippet(search, -1, '', '', '…', 24)
FROM search WHERE search MATCH ? ORDER BY title IS NULL AND text IS NULL, rank, "table", id"""

#: The tables whose names stand for codes.
_NAMED = ("places", "organisations")
#: Letters that are no letter with an accent, and what people type for them.
_PLAIN = str.maketrans({"đ": "d", "ð": "d", "ł": "l", "ø": "o", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "ß": "ss"})
_WORD = re.compile(r"[^\W_]+")


def search(dataset: Graded, words: str) -> list[Column]:
    """The rows that hold all of the words, best first; see `Dataset.search`.

    Raises BadArgument when there is no word, MissingExtra when Python's SQLite has no full-text search.
    """
    import sqlite3  # which costs a few milliseconds that a table need not pay

    asked = _WORD.findall(_plain(as_text("words", words, "deported pakistan")))
    if not asked:
        raise BadArgument(f"search takes words to find, such as 'deported pakistan', and there is none in {words!r}.")
    database = sqlite3.connect(":memory:")
    try:
        if dataset.indexed_already:
            database.deserialize(dataset.indexed_already[0])
        else:
            fill(database, dataset)
            database.commit()
            dataset.indexed_already.append(database.serialize())
        found = database.execute(_FIND, [" ".join(f'"{word}"' for word in asked)]).fetchall()
    finally:
        database.close()
    names = ("table", "id", "title", "snippet")
    values = list(zip(*found, strict=True)) or [()] * len(names)
    return [Column(name, "text", values[number]) for number, name in enumerate(names)]


def fill(database: sqlite3.Connection, dataset: Tables) -> None:
    """Make the table `search` in a database. The same data make the same rows in the same order.

    Raises MissingExtra when SQLite was built without full-text search (FTS5).
    """
    import sqlite3

    try:
        database.execute(_CREATE)
    except sqlite3.OperationalError as error:
        raise MissingExtra(
            f"SQLite {sqlite3.sqlite_version} was built without full-text search (FTS5), which is needed here. "
            "Use a Python whose module sqlite3 has it, such as that of python.org."
        ) from error
    database.execute(_RANK)
    names = {name: dict(_named(dataset, name)) for name in _NAMED if name in dataset.names}
    for schema in map(dataset.schema, dataset.names):
        if schema.key == ("id",):
            database.executemany("INSERT INTO search VALUES (?, ?, ?, ?, ?)", _entries(dataset, schema, names))
    database.execute("INSERT INTO search (search) VALUES ('optimize')")


def _named(dataset: Tables, table: str) -> Iterator[tuple[str, str]]:
    """Each code of a table with its names."""
    for row in dataset.rows(table):
        yield row["id"], " ".join(filter(None, (row["name"], row.get("short_name"))))


def _entries(
    dataset: Tables, schema: Table, names: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, str, str | None, str | None, str | None]]:
    """The rows of a table that have words, or codes of places and bodies."""
    others = [name for name in schema.prose if name != schema.label]
    keys = {key.field: (key.table,) for key in schema.foreign_keys}
    coded = [
        (field, names[table])
        for field in schema.fields
        for table in keys.get(field.name, field.refers_to)
        if table in names
    ]
    for row in sorted(dataset.rows(schema.name), key=lambda row: row["id"]):
        title = row[schema.label] if schema.label else ""
        text = "\n".join(row[name] for name in others if row[name])
        codes = ((known, item) for field, known in coded for item in field.items(row[field.name]))
        called = dict.fromkeys(known[item] for known, item in codes if item in known)
        said = " ".join((title, text, *called))
        plain = dict.fromkeys(_plain(word) for word in _WORD.findall(said) if _plain(word) != _composed(word))
        more = "; ".join([*called, *plain])
        if title or text or more:
            yield schema.name, row["id"], title or None, text or None, more or None


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).lower()


def _plain(text: str) -> str:
    """A text in small letters, without the letters that FTS5 does not take for another with an accent."""
    return _composed(text).translate(_PLAIN)
