"""Rules of facilities: what was closed was opened before, and is not open."""

from __future__ import annotations

from collections.abc import Iterator

from validate.rules.general import in_order, status_ruled_out
from validate.rules.rule import Rule

__all__ = ["rules"]

_TABLE = "facilities"


def rules() -> Iterator[Rule]:
    """The rules of this table."""
    yield in_order(_TABLE, "opened", "closed")
    never_closed = ("planned", "under_construction", "open", "cancelled")
    yield status_ruled_out(_TABLE, "closed", never_closed, "Correct the status, or empty `closed`.")
