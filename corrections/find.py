"""Find records and sources by words, for people who do not know their ids."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from borderledger.dataset import Dataset
from borderledger.package import title

__all__ = ["Found", "find", "plain"]


@dataclass(frozen=True)
class Found:
    """A record or source with its title."""

    id: str
    table: str
    title: str


def find(dataset: Dataset, words: str, tables: tuple[str, ...] = ()) -> list[Found]:
    """The records (or the rows of some tables) that hold all of the words, best first.

    Case and accents do not matter, and the name of a place finds its code, too. A word in the title or the id counts
    more than a word elsewhere.
    """
    wanted = [plain(word) for word in words.split()]
    names = {row["id"]: row["name"] for row in dataset.rows("places")}
    ranked: list[tuple[int, Found]] = []
    for table in tables or tuple(_facts(dataset)):
        for row in dataset.rows(table):
            head = plain(f"{row['id']} {title(row)}")
            places = (names.get(item, "") for cell in row.values() for item in cell.split(";"))
            body = plain(" ".join((*row.values(), *places)))
            if wanted and all(word in head or word in body for word in wanted):
                ranked.append((-sum(word in head for word in wanted), Found(row["id"], table, title(row))))
    return [found for _, found in sorted(ranked, key=lambda pair: (pair[0], pair[1].table, pair[1].id))]


def _facts(dataset: Dataset) -> Iterator[str]:
    return (name for name in dataset.names if dataset.schema(name).bound)


def plain(text: str) -> str:
    """Text without case and accents, for comparing."""
    if text.isascii():  # as most texts are; a letter of ASCII has no accent
        return text.casefold()
    letters = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in letters if not unicodedata.combining(c)).replace("đ", "d")
