"""Rules of facilities: what was closed was opened before, and is not open; when a source shows the status."""

from __future__ import annotations

from collections.abc import Iterator

from validate.rules.general import in_order, status_as_of, status_ruled_out
from validate.rules.rule import Rule

__all__ = ["rules"]

_TABLE = "facilities"

#: The date that a status shows.
_SHOWN = {"open": "opened", "closed": "closed"}


def rules() -> Iterator[Rule]:
    """The rules of this table."""
    yield in_order(_TABLE, "opened", "closed")
    never_closed = ("planned", "under_construction", "open", "cancelled")
    yield status_ruled_out(_TABLE, "closed", never_closed, "Correct the status, or empty `closed`.")
    yield status_as_of(_TABLE, _SHOWN, "Use the day that the source names, or the day on which it was published.")
