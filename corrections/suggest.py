"""Which records a report in free words may mean.

    Hi, the number of Frontex officers in Serbia in October 2024 is wrong, it should be 130

Each record has words: those of its title, the names of its places and bodies, its dates and figures, and the titles of
its filled columns. A word that few records have counts more (its inverse document frequency). A record is suggested if
the report has enough of its words; otherwise nobody knows what is meant, and the answer says so.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from borderledger.dataset import Dataset
from borderledger.package import Table, title
from corrections.find import plain

__all__ = ["Suggestion", "suggest"]

#: Most suggestions, and the least share of the best score that another one must have.
_MOST, _NEAR = 3, 0.75
#: More records than these with the same words are too many to choose from.
_ALIKE = 12
#: The least that must be known of a report: two words, as rare as if one record in ten had them.
_LEAST = 2 * math.log(10)
#: Words of no meaning, as `_words` spells them.
_STOP = frozenset(
    (
        *("the", "and", "for", "with", "was", "were", "are", "has", "have", "not", "from", "that", "this"),
        *("you", "your", "our", "its"),
    )
)
#: Longest report that is read, in words.
_LONGEST = 2_000
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = re.compile(rf"\b({'|'.join(_MONTHS)})[a-z]*\.?\s+((?:19|20)\d\d)\b")
_WORD = re.compile(r"(?:19|20)\d\d-\d\d(?:-\d\d)?|[^\W_]{3,}|\d{2}")


@dataclass(frozen=True)
class Suggestion:
    """A record that a report may mean; `field` is the column that it names, if it names one."""

    table: Table
    row: dict[str, str]
    field: str


def suggest(dataset: Dataset, report: str) -> list[Suggestion]:
    """The records that a report may mean, best first; empty if there is no idea."""
    said = {*_words(report)} - _STOP
    records, words_of = _known(dataset)
    held = [said & words for words in words_of]
    counts = Counter(word for words in held for word in words)
    weight = {word: math.log(len(records) / count) for word, count in counts.items()}
    scores = [sum(weight[word] for word in sorted(words)) if len(words) > 1 else 0.0 for words in held]
    best = max(scores, default=0.0)
    if best < _LEAST or scores.count(best) > _ALIKE:
        return []
    ranked = sorted(range(len(records)), key=lambda number: (-scores[number], records[number][1]["id"]))
    near = [records[number] for number in ranked[:_MOST] if scores[number] >= _NEAR * best]
    return [Suggestion(table, row, _field(table, row, said)) for table, row in near]


@lru_cache(maxsize=1)
def _known(dataset: Dataset) -> tuple[list[tuple[Table, dict[str, str]]], list[frozenset[str]]]:
    """The records of a dataset, and the words of each."""
    tables = [table for table in map(dataset.schema, dataset.names) if table.bound]
    records = [(table, row) for table in tables for row in dataset.rows(table.name)]
    names = {row["id"]: row["name"] for name in ("places", "organisations") for row in dataset.rows(name)}
    names |= {row["id"]: f"{row['name']} {row['short_name']}" for row in dataset.rows("organisations")}
    return records, [frozenset(_of_record(table, row, names)) for table, row in records]


def _words(text: str) -> Iterator[str]:
    text = plain(text)
    for month, year in _MONTH.findall(text):
        yield f"{year}-{_MONTHS.index(month) + 1:02}"
    for word in _WORD.findall(text)[:_LONGEST]:
        yield from _spelled(word)


def _spelled(word: str) -> Iterator[str]:
    """A word, without the ending of its plural; a day also as its month and its year."""
    yield word[:-1] if len(word) > 4 and word.endswith("s") else word
    if re.match(r"\d{4}-", word):
        yield from {word[:7], word[:4]} - {word}


def _of_record(table: Table, row: dict[str, str], names: dict[str, str]) -> Iterator[str]:
    yield from _words(title(row))
    for field in table.fields:
        cell = row[field.name]
        if not cell or field.name in ("id", "note", "source_id"):
            continue
        if field.bound:
            yield from _words(f"{field.title} {table.name}")
            yield from _words(" ".join([cell, *(names.get(item, "") for item in field.items(cell))]))


def _field(table: Table, row: dict[str, str], said: set[str]) -> str:
    """The one column of the record whose name the report uses."""
    shown = [f for f in table.bound if row[f] and not f.endswith(("_qualifier", "_max"))]
    named = [f for f in sorted(shown) if said & {*_words(f.replace("_", " "))} - {*_words(table.name)}]
    # `capacity` is named by its word, and so is `capacity_as_of`, which is about it.
    return named[0] if named and all(name.startswith(named[0]) for name in named) else ""
