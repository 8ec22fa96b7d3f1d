"""Rules of return operations: the operation, what each state put into it, and the returns add up to each other.

The sheets of the publisher differ in places. What they say is kept, and the note names the difference; these rules ask
only what every row must obey whichever sheet is right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import narwhals as nw
import polars as pl

from validate.engines import Frame
from validate.ledger import Ledger
from validate.reading import LINE
from validate.rules.rule import Rule, message

__all__ = ["rules"]

_TABLE, _STATES, _RETURNS = "operations", "operation_states", "returns"
#: Whole numbers that can be added as integers of 64 bits.
_WHOLE = "^(?:0|[1-9][0-9]{0,8})$"
#: The figures of an operation that are the sums of those of its states.
_ADDED = ("persons", "persons_wb6", "monitors")
#: The figures of an operation or of a state in it that are a part of another one.
_PARTS = (
    (_TABLE, "persons_wb6", "persons"),
    (_STATES, "persons_wb6", "persons"),
    (_STATES, "pool_monitors", "monitors"),
)


def rules() -> Iterator[Rule]:
    """The rules of these tables."""
    yield Rule(
        id="operation.id",
        table=_TABLE,
        field="id",
        why="the identifier of an operation is made from its number",
        fix="Write op- and the number in lower case.",
        of=lambda row: [row["id"], row["reference"]],
        wrong=lambda t, identity, number: bool(number) and identity != f"op-{number.lower()}",
        says=message("{id} is not made from {reference}"),
    )
    yield Rule(
        id="operation.id",
        table=_STATES,
        field="id",
        why="the identifier of a state in an operation is made from the operation and the state",
        fix="Write the identifier of the operation, a hyphen and the state in lower case.",
        of=lambda row: [row["id"], row["operation_id"], row["state"]],
        wrong=lambda t, identity, operation, state: identity != f"{operation}-{state.lower()}",
        says=message("{id} is not made from {operation_id} and {state}"),
    )
    yield Rule(
        id="operation.reach",
        table=_TABLE,
        field="reach",
        why="an operation goes to the six, and its reach says whether it goes to them alone",
        fix="Correct the destinations, or write wb6 if all of them are among the six and wider if only some are.",
        of=lambda row: [row["reach"], row["destinations"]],
        wrong=_another_reach,
        reads=("places",),
        says=message("is {reach}, but the destinations are {destinations}"),
    )
    yield Rule(
        id="operation.states",
        table=_TABLE,
        field="states",
        why="an operation has a row of operation_states for each of its states, and for no other",
        fix="Correct the list, or the rows of operation_states.",
        lines=_other_states,
        reads=(_STATES,),
        says=message("is {states}, but operation_states has {rows}"),
    )
    yield from map(_sum, _ADDED)
    yield from (_part(*each) for each in _PARTS)
    yield Rule(
        id="operation.part",
        table=_TABLE,
        field="persons",
        why="if an operation goes to the six alone, all of its persons go there",
        fix="Correct persons, persons_wb6 or the destinations.",
        when=lambda row: row["reach"] == "wb6",
        holds=lambda row: ~(row.number("persons") > row.number("persons_wb6")),
        says=message("{persons} is more than persons_wb6, {persons_wb6}, but all destinations are among the six"),
    )
    yield Rule(
        id="operation.date",
        table=_STATES,
        field="date",
        why="a state takes part on the day of the operation",
        fix="Copy the date of the operation.",
        holds=lambda row: row["date"] == row.via("operation_id", _TABLE)["date"],
        reads=(_TABLE,),
        says=message("{date}, but {operation_id} was on {operation_id/date}"),
    )
    yield Rule(
        id="operation.returns",
        table=_STATES,
        field="persons_wb6",
        why="the persons of a state in an operation are those that the same source has in returns",
        fix="Compare both tables with the file.",
        lines=_other_persons,
        reads=(_TABLE, _RETURNS),
        says=message("{persons_wb6}, but the rows of returns have {added}"),
    )
    yield Rule(
        id="return.operation",
        table=_RETURNS,
        field="operation_ref",
        why="a return in an operation is by a state that took part, and to one of its destinations",
        fix="Correct the number, or the states and destinations of the operation.",
        lines=_not_of_the_operation,
        reads=(_TABLE,),
        says=message("{operation_ref} was by {states} to {destinations}"),
    )
    yield Rule(
        id="return.operation",
        table=_RETURNS,
        field="period",
        why="a return in an operation is on the day of the operation",
        fix="Compare both dates with the source.",
        lines=_on_another_day,
        reads=(_TABLE,),
        says=message("{period}, but {operation_ref} was on {date}"),
    )


def _sum(figure: str) -> Rule:
    return Rule(
        id="operation.sum",
        table=_TABLE,
        field=figure,
        why="a figure of an operation is the sum of those of its states",
        fix=f"Compare {figure} of the operation and of its states with the file.",
        lines=lambda t: _another_sum(t, figure),
        reads=(_STATES,),
        says=message(f"{{{figure}}}, but the states have {{added}} together"),
    )


def _part(table: str, part: str, whole: str) -> Rule:
    return Rule(
        id="operation.part",
        table=table,
        field=part,
        why="a part of a figure is not larger than the figure",
        fix=f"Correct {part} or {whole}.",
        holds=lambda row: ~(row.number(part) > row.number(whole)),
        says=message(f"{{{part}}} is more than {whole}, {{{whole}}}"),
    )


def _another_reach(t: Ledger, reach: str, destinations: str) -> bool:
    if not reach or not destinations or not t.complete("places"):
        return False  # of places that cannot be read, nobody knows where they lie
    among = ["WB6" in t.regions.get(place, ()) for place in destinations.split(";")]
    return not any(among) or reach != ("wb6" if all(among) else "wider")


def _other_states(t: Ledger) -> Frame:
    """The operations whose list of states is not that of their rows, which is `rows`."""
    held: dict[str, set[str]] = defaultdict(set)
    for row in t.fetch(t.rows(_STATES).select("operation_id", "state")):
        held[row["operation_id"]].add(row["state"])
    wrong: dict[str, list[Any]] = {LINE: [], "rows": []}
    # Of a table that cannot be read, nobody knows which rows it lacks.
    listed = t.fetch(t.rows(_TABLE).select(LINE, "id", "states")) if t.complete(_STATES) else []
    for row in listed:
        if {*row["states"].split(";")} - {""} != held[row["id"]]:
            wrong[LINE].append(row[LINE])
            wrong["rows"].append(";".join(sorted(held[row["id"]])) or "none")
    return t.engine.small(wrong, {LINE: pl.Int64} | t.text("rows"))


def _numbers(rows: Frame, figure: str, name: str) -> Frame:
    """The rows in which a figure is a whole number, with that number."""
    return rows.filter(nw.col(figure).str.contains(_WHOLE)).with_columns(nw.col(figure).cast(nw.Int64).alias(name))


def _another_sum(t: Ledger, figure: str) -> Frame:
    """The operations with another figure than their states together, which is `added`; of none it is not known."""
    states = _numbers(t.rows(_STATES).select("operation_id", figure), figure, "added")
    sums = states.group_by("operation_id").agg(nw.col("added").sum())
    held = _numbers(t.rows(_TABLE).select(LINE, "id", figure), figure, "held")
    both = held.join(sums, left_on="id", right_on="operation_id", how="inner")
    return both.filter(nw.col("held") != nw.col("added")).select(LINE, "added")


def _other_persons(t: Ledger) -> Frame:
    """The states in an operation with other persons than the rows of returns of the same source, which are `added`."""
    rows = (
        t.rows(_STATES)
        .filter(nw.col("persons_wb6") != "")
        .select(LINE, "operation_id", "state", "source_id", "persons_wb6")
    )
    numbers = _numbers(rows, "persons_wb6", "held")
    if not t.complete(_RETURNS):
        return numbers.with_columns(nw.col("held").alias("added")).select(LINE, "added").head(0)
    named = t.rows(_TABLE).select("id", "reference")
    counted = t.rows(_RETURNS).filter((nw.col("operation_ref") != "") & (nw.col("unit") == "persons"))
    counted = _numbers(counted, "quantity", "added").select("operation_ref", "from_place", "source_id", "added")
    sums = counted.group_by("operation_ref", "from_place", "source_id").agg(nw.col("added").sum())
    held = numbers.join(named, left_on="operation_id", right_on="id", how="inner")
    both = held.join(
        sums,
        left_on=["reference", "state", "source_id"],
        right_on=["operation_ref", "from_place", "source_id"],
        how="left",
    )
    both = both.with_columns(nw.col("added").fill_null(0).alias("added"))
    return both.filter(nw.col("held") != nw.col("added")).select(LINE, "added")


def _in_operations(t: Ledger, *columns: str) -> Frame:
    """The rows of returns that name an operation, with columns of it."""
    rows = t.rows(_RETURNS).filter(nw.col("operation_ref") != "")
    named = t.rows(_TABLE).select(nw.col("reference").alias("operation_ref"), *columns)
    return rows.join(named, on="operation_ref", how="inner")


def _not_of_the_operation(t: Ledger) -> Frame:
    found = _in_operations(t, "states", "destinations").select(LINE, "from_place", "to_place", "states", "destinations")
    parts = ["from_place", "to_place", "states", "destinations"]
    distinct = t.fetch(found.select(*parts).unique())
    wrong = [row for row in distinct if not _listed(row, "from_place", "states", "to_place", "destinations")]
    small = t.engine.small({name: [row[name] for row in wrong] for name in parts}, t.text(*parts))
    return found.join(small, on=parts, how="semi").select(LINE, "states", "destinations")


def _listed(row: Mapping[str, Any], *pairs: str) -> bool:
    """Whether each place that is filled is in its list; pairs of a place and a list."""
    asked = zip(pairs[::2], pairs[1::2], strict=True)
    return all(not row[place] or row[place] in row[listed].split(";") for place, listed in asked)


def _on_another_day(t: Ledger) -> Frame:
    found = _in_operations(t, "date").select(LINE, "period", "date")
    parts = ["period", "date"]
    wrong = [row for row in t.fetch(found.select(*parts).unique()) if _apart(t, row["period"], row["date"])]
    small = t.engine.small({name: [row[name] for row in wrong] for name in parts}, t.text(*parts))
    return found.join(small, on=parts, how="semi").select(LINE, "date")


def _apart(t: Ledger, period: str, day: str) -> bool:
    first, last = t.span(period)
    begin, end = t.span(day)
    if first is None or last is None or begin is None or end is None:
        return False
    return last < begin or end < first
