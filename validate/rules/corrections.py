"""Rules of corrections: the log ends in what the tables hold, and a retired identifier stays retired."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import narwhals as nw
import polars as pl

from borderledger.package import version_order
from validate.columns import Row
from validate.engines import Frame
from validate.ledger import Ledger
from validate.reading import LINE
from validate.rules.rule import EVERY, Rule, message

__all__ = ["rules"]

_TABLE = "corrections"


def rules() -> Iterator[Rule]:
    """The rules of this table."""
    yield Rule(
        id="correction.new",
        table=_TABLE,
        field="new",
        why="the log of corrections ends in what the tables hold",
        fix="Log the later change too, or restore the corrected value.",
        lines=_not_held,
        reads=(EVERY,),
        says=message("{new!r}, but the record holds {held!r}"),
    )
    yield Rule(
        id="correction.record",
        table=_TABLE,
        field="record_id",
        why="a retired identifier is never used again, and a changed one exists",
        fix="Give the record another identifier, or retire the old one with field `id`.",
        lines=_of_no_record,
        reads=(EVERY,),
        says=message("{wrong}"),
    )
    yield Rule(
        id="correction.change",
        table=_TABLE,
        field="old",
        why="a change has two values, and new evidence for a value one",
        fix="Correct kind (evidence is for a value that stays), or delete the row.",
        holds=_kind_fits,
        says=_says_unfit,
    )


def _not_held(t: Ledger) -> Frame:
    """The rows that are the latest on a cell, but do not end in what it holds; with what it holds as `held`.

    A value that was corrected twice need not be held any more, nor one of a record that was retired.
    """
    log = t.engine.fetch(t.rows(_TABLE).select(LINE, "version", "record_id", "field", "new"))
    rows = sorted(log.iter_rows(), key=lambda row: version_order(row[1]))
    latest = {(record, field): (line, new) for line, _, record, field, new in rows if field != "id"}
    held = _cells(t, {record for record, _ in latest})
    wrong = {
        line: cells.get(field, "")
        for (record, field), (line, new) in latest.items()
        if (cells := held.get(record)) is not None and cells.get(field, "") != new
    }
    return t.engine.small({LINE: [*wrong], "held": [*wrong.values()]}, {LINE: pl.Int64, "held": pl.String})


def _cells(t: Ledger, records: set[str]) -> dict[str, dict[str, str]]:
    """What the tables hold of some records and sources: the cells by their field."""
    wanted = t.engine.small({"id": sorted(records)}, t.text("id"))
    found: dict[str, dict[str, str]] = {}
    for name in _tables(t):
        if t.readable(name):
            rows = t.engine.fetch(t.first_rows(name).join(wanted, on="id", how="semi").drop(LINE))
            for row in rows.iter_rows(named=True):
                found.setdefault(row["id"], row)
    return found


def _tables(t: Ledger) -> list[str]:
    """The tables whose rows a correction can be about."""
    return [*(table.name for table in t.package.core), "sources"]


def _of_no_record(t: Ledger) -> Frame:
    """The rows that retire a record in use, or change one that neither exists nor was retired; `wrong` says which."""
    log = t.engine.fetch(t.rows(_TABLE).select(LINE, "record_id", "field", "old"))
    if t.package.unreadable or not all(t.readable(name) for name in _tables(t)):
        log = log.clear()  # of a table that cannot be read, no row is known to be gone
    in_use = {*t.places_of(log["record_id"]), *t.engine.fetch(t.rows("sources").select("id"))["id"]}
    retiring = {line: record for line, record, field, old in log.iter_rows() if field == "id" and old}
    # A record that was changed first and retired later is known by the row that retired it.
    known = in_use | {*retiring.values()}.union(*(t.package.sheets[name].lost for name in _tables(t) if len(log)))
    wrong = {}
    for line, record in log.select(LINE, "record_id").iter_rows():
        if line in retiring and record in in_use:
            wrong[line] = "is retired but in use"
        elif line not in retiring and record not in known:
            wrong[line] = "is no record or source, and not retired"
    return t.engine.small({LINE: [*wrong], "wrong": [*wrong.values()]}, {LINE: pl.Int64, "wrong": pl.String})


def _kind_fits(row: Row) -> nw.Expr:
    same, kind = row["old"] == row["new"], row["kind"]
    return (same == (kind == "evidence")) & ~((kind == "addition") & row.filled("old"))


def _says_unfit(t: Ledger, row: Mapping[str, Any]) -> str:
    if row["old"] == row["new"]:
        return f"is the same as new, so the row is not a {row['kind'] or 'change'}"
    return "is not empty, so the row is not an addition" if row["kind"] == "addition" else "differs from new"
