"""Rules of returns: a flow has two ends, is counted once by a source, and its parts add up; no running total falls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import narwhals as nw

from validate.columns import Row
from validate.engines import Frame
from validate.ledger import Ledger
from validate.reading import LINE
from validate.report import numbered
from validate.rules.general import once, part_figure, part_same, part_window
from validate.rules.rule import Rule, message

__all__ = ["rules"]

_TABLE = "returns"

#: What is counted: rows that agree in all of this count the same movements.
_FLOW = ["from_place", "to_place", "nationalities", "return_type", "operation_type", "unit", "measure"]
_FLOW += ["carried_out_by", "operation_ref", "procedure"]
#: One count of a flow.
_COUNT = (*_FLOW, "period", "reported_by", "source_id")
#: One counter of a flow; with the day it started from, one running total.
_COUNTER = [*_FLOW, "reported_by"]
#: How far the parts of a rounded figure may be from it. Those of Eurostat, rounded to 5, are within 10 in all cases.
_ROUNDING = 10


def rules() -> Iterator[Rule]:
    """The rules of this table."""
    yield Rule(
        id="return.places",
        table=_TABLE,
        field="from_place",
        why="a flow has at least one known place, and its two places differ",
        fix="Fill from_place or to_place; a move inside one place is no return.",
        holds=lambda row: row["from_place"] != row["to_place"],
        says=_says_same_end,
    )
    yield Rule(
        id="return.same-flow",
        table=_TABLE,
        field="quantity",
        why="one source counts one flow once",
        fix="Keep one of the rows, or say in what they differ (nationalities, carried_out_by, operation_ref, "
        "procedure, period).",
        lines=once(_TABLE, _COUNT),
        says=_says_same_flow,
    )
    yield Rule(
        id="return.cumulative",
        table=_TABLE,
        field="quantity",
        why="a running total never falls",
        fix="Check both figures and their periods; use measure count for a closed period.",
        lines=_fallen,
        says=message("{quantity} is less than the {previous:g} of an earlier row of the same running total"),
    )
    yield Rule(
        id="return.parts-add-up",
        table=_TABLE,
        field="quantity",
        why="where a publisher's file gives a whole and its parts, the parts add up to it, but for rounding",
        fix="Look for a part that is missing, changed or doubled. Then read the file again: python -m ingest.",
        lines=_not_added_up,
        says=message("{quantity} is the whole, but its parts add up to {parts:g}"),
        reads=("control_totals",),
    )
    yield part_figure(_TABLE, "quantity")
    yield part_same(_TABLE, "unit", "quantity")
    yield part_window(_TABLE, "period", "period", inside=True)


def _says_same_end(t: Ledger, row: Mapping[str, Any]) -> str:
    return "is the same as to_place" if row["from_place"] else "is empty, and so is to_place"


def _says_same_flow(t: Ledger, row: Mapping[str, Any]) -> str:
    others = numbered(row["lines"], but=row[LINE])
    return f"counts the same flow, kind and period from the same source as line {others}"


def _not_added_up(t: Ledger) -> Frame:
    """The rows of a publisher's file that have parts in it which add up to something else, with their sum as `parts`.

    Only a file gives all parts of a whole: curated rows give those that a source happens to name.
    """
    row = Row(t, t.tables[_TABLE])
    number = row.number("quantity").alias("figure")
    rows = t.rows(_TABLE).filter(nw.col("source_id").is_in(t.bulk(_TABLE)))
    parts = row.complete(rows.filter(row.filled("part_of"))).select(nw.col("part_of").alias("id"), "source_id", number)
    sums = t.engine.keep(parts.group_by("id", "source_id").agg(nw.col("figure").sum().alias("parts")))
    wholes = t.engine.keep(rows.join(sums, on=["id", "source_id"], how="inner"))
    wholes = row.complete(wholes).with_columns(number)
    slack = nw.when(row["quantity_qualifier"] == "exact").then(nw.lit(0)).otherwise(nw.lit(_ROUNDING))
    return wholes.filter((nw.col("figure") - nw.col("parts")).abs() > slack).select(LINE, "parts")


def _fallen(t: Ledger) -> Frame:
    """The rows of running totals that are certainly below an earlier one, with the highest of those as `previous`."""
    row = Row(t, t.tables[_TABLE])
    # Without slack, so that totals from `2025-03` and from `2025-03~` have one start.
    first, last = row.first("period", slack=False), row.last("period", slack=False)
    low, high = row.low("quantity"), row.high("quantity")
    totals = row.complete(t.rows(_TABLE).filter(row["measure"] == "cumulative"))
    totals = totals.select(
        LINE, *_COUNTER, first.alias("first"), last.alias("last"), low.alias("low"), high.alias("high")
    )
    totals = totals.filter(~nw.col("first").is_null() & ~nw.col("low").is_null())
    order = {"order_by": ["last", "low", LINE]}
    peak = nw.col("low").cum_max().over(*_COUNTER, "first", **order)
    totals = totals.with_columns(peak.alias("peak"))
    previous = nw.col("peak").shift(1).over(*_COUNTER, "first", **order)
    totals = totals.with_columns(previous.alias("previous"))
    return totals.filter(nw.col("high") < nw.col("previous")).select(LINE, "previous")
