"""Does an answer say what was entered? Only what is surely the same is taken for the same; people settle the rest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable

from audit.answers import Answer
from borderledger import edtf
from borderledger.query.checks import Entry, stratum
from corrections.find import plain

__all__ = ["same"]


def same(answer: Answer) -> bool:
    """Whether the values of an answer are those of the entry; of figures, with their qualifiers."""
    entry = answer.entry
    said, entered = (Counter(_form(entry, *pair) for pair in pairs) for pairs in (answer.values, entry.values))
    return bool(said) and said == entered


def _form(entry: Entry, value: str, qualifier: str) -> Hashable:
    """A value in the form in which equal ones are equal."""
    field = entry.field
    if stratum(entry.table, field) == "figures":
        return value, qualifier
    if field.edtf:
        try:  # 2024-01/2024-03 has the same days as 2024-01-01/2024-03-31
            return edtf.parse(value), "~" in value
        except ValueError:
            return value
    if field.delimiter:
        return frozenset(field.items(value))
    return " ".join(re.findall(r"\w+", plain(value)))
