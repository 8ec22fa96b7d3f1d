"""Rules of organisations and places: the names under which a body publishes are names of publishers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import polars as pl

from validate.engines import Frame
from validate.ledger import Ledger
from validate.reading import LINE
from validate.rules.rule import Rule, message

__all__ = ["rules"]


def rules() -> Iterator[Rule]:
    """The rules of these tables."""
    for table in ("organisations", "places"):
        yield Rule(
            id="publisher.known",
            table=table,
            field="publishes_as",
            why="a body publishes under a name that is the publisher of a source",
            fix="Write the name as in the column publisher of sources, or take it out.",
            lines=partial(_unknown, table),
            reads=("sources",),
            says=message("{unknown} is not the publisher of any source"),
        )


def _unknown(table: str, t: Ledger) -> Frame:
    found: dict[str, list[object]] = {LINE: [], "unknown": []}
    if t.complete("sources") and "publishes_as" in t.tables[table].by_name:
        known = {*t.engine.fetch(t.rows("sources").select("publisher").unique())["publisher"]}
        for line, cell in t.engine.fetch(t.rows(table).select(LINE, "publishes_as")).iter_rows():
            for name in {*filter(None, cell.split(";"))} - known:
                found[LINE].append(line)
                found["unknown"].append(name)
    return t.engine.small(found, {LINE: pl.Int64, "unknown": pl.String})
