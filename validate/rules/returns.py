"""Rules of returns: a flow has two ends, is counted once by a source, and a running total of it never falls."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from validate.ledger import Ledger
from validate.report import numbered
from validate.rules.general import distinct, intervals, part_figure, part_same, part_window
from validate.rules.rule import Rule, cell

__all__ = ["rules"]

_TABLE = "returns"

#: What is counted: rows that agree in all of this count the same movements.
_FLOW = ["from_place", "to_place", "nationalities", "return_type", "operation_type", "unit", "measure"]
_FLOW += ["carried_out_by", "operation_ref"]
#: One count of a flow.
_COUNT = (*_FLOW, "period", "reported_by", "source_id")
#: One counter of a flow; with the day it started from, one running total.
_COUNTER = [*_FLOW, "reported_by"]


def rules() -> Iterator[Rule]:
    """The rules of this table."""
    yield Rule(
        id="return.places",
        table=_TABLE,
        field="from_place",
        why="a flow has at least one known place, and its two places differ",
        fix="Fill from_place or to_place; a move inside one place is no return.",
        holds=_two_ends,
        says=_says_same_end,
    )
    yield Rule(
        id="return.same-flow",
        table=_TABLE,
        field="quantity",
        why="one source counts one flow once",
        fix="Keep one of the rows, or say in what they differ (nationalities, carried_out_by, operation_ref, period).",
        holds=distinct(_TABLE, _COUNT),
        says=_says_same_flow,
    )
    yield Rule(
        id="return.cumulative",
        table=_TABLE,
        field="quantity",
        why="a running total never falls",
        fix="Check both figures and their periods; use measure count for a closed period.",
        holds=_never_falls,
        says=_says_fallen,
    )
    yield part_figure(_TABLE, "quantity")
    yield part_same(_TABLE, "unit", "quantity")
    yield part_window(_TABLE, "period", "period", inside=True)


def _two_ends(t: Ledger) -> pd.Series[bool]:
    frame = t.frame(_TABLE)
    return frame["from_place"] != frame["to_place"]


def _says_same_end(t: Ledger, line: int) -> str:
    return "is the same as to_place" if cell(t, _TABLE, line, "from_place") else "is empty, and so is to_place"


def _says_same_flow(t: Ledger, line: int) -> str:
    others = numbered(t.doubles(_TABLE, _COUNT)[line], but=line)
    return f"counts the same flow, kind and period from the same source as line {others}"


def _never_falls(t: Ledger) -> pd.Series[bool]:
    return ~t.frame(_TABLE).index.to_series().isin(_fallen(t).index)


def _says_fallen(t: Ledger, line: int) -> str:
    previous = _fallen(t).loc[line]["previous"]
    return (
        f"{cell(t, _TABLE, line, 'quantity')} is less than the {previous:g} of an earlier row of the same running total"
    )


def _fallen(t: Ledger) -> pd.DataFrame:
    """The rows of running totals that are certainly below an earlier one, with the highest of those as `previous`."""
    # Without slack, so that totals from `2025-03` and from `2025-03~` have one start.
    frame, spans, own = t.frame(_TABLE), t.spans(_TABLE, "period", slack=False), intervals(t, _TABLE, "quantity")
    totals = frame[frame["measure"].eq("cumulative") & spans["first"].notna() & own["low"].notna()]
    totals = totals[_COUNTER].join(spans).join(own).sort_values(["last", "low"], kind="stable")
    keys = [totals[column] for column in (*_COUNTER, "first")]
    peak = totals.groupby(keys, sort=False)["low"].cummax()
    previous = peak.groupby(keys, sort=False).shift()
    return totals.assign(previous=previous)[totals["high"] < previous]
