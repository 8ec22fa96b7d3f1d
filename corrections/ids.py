"""Propose the id of a new source or record, and the known spelling of a publisher."""

from __future__ import annotations

import re
from collections import Counter
from itertools import count

from borderledger.package import Table
from corrections.book import Book
from corrections.find import plain

__all__ = ["LONGEST", "identifier", "publisher", "taken"]

#: Longest id that is proposed, not counting a number that makes it unique.
LONGEST = 60


def identifier(book: Book, table: Table, words: str) -> str:
    """An id that was never used, in the form that the schema requires for the table."""
    never = taken(book)
    prefix = _prefix(table)
    slug = "-".join(re.findall("[a-z0-9]+", plain(words[:300])))[:LONGEST].strip("-") or table.name.replace("_", "-")
    free = (f"{prefix}{slug}{f'-{number}' if number > 1 else ''}" for number in count(1))
    return next(name for name in free if name not in never)


def taken(book: Book) -> set[str]:
    """All ids that are or were in use."""
    return {*book.ids(), *(row["record_id"] for row in book.rows["corrections"])}


def _prefix(table: Table) -> str:
    """The beginning of the ids of a table, from the pattern in its schema: agr-."""
    found = re.match(r"(?:\(\?:)?([a-z]+-)\[", table.by_name["id"].pattern)
    return found[1] if found else ""


def publisher(book: Book, name: str) -> str:
    """A publisher in its known spelling, so that two documents of one publisher do not count as independent."""
    known = Counter(row["publisher"] for row in book.rows["sources"])
    return next((held for held, _ in known.most_common() if plain(held) == plain(name)), name)
