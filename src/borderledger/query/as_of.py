"""The state of a table on a day.

    agreements   those in force or provisionally applied on the day
    deployments  for each agency and hosts, the latest figure of officers present that is not after the day
    projects     those running on the day: begun, and either not ended or said to be ongoing

A date can mean a span of days. So an answer is *certain* if it is true for every day of the span, and possible
otherwise. If the dates of a row leave open whether it holds, the row is left out and counted; nothing is guessed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, Union

from borderledger import edtf
from borderledger.errors import BadArgument, NoTimeMeaning, shown

if TYPE_CHECKING:
    import numpy as np

__all__ = ["STATES", "Day", "State", "Window", "day_of", "state"]

Row = Mapping[str, str]
#: What a day can be given as.
Day = Union[str, date, "np.datetime64"]
_COARSE = ("datetime64", "datetime64[Y]", "datetime64[M]", "datetime64[W]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Window(NamedTuple):
    """When a row holds.

    days       the span of its first day and that of its last; None where sources show neither or one of them only
    left_open  the days on which sources leave open whether it holds; None where there are none

    Both are None for a row that never held.
    """

    days: tuple[edtf.Span, edtf.Span] | None = None
    left_open: edtf.Span | None = None


@dataclass(frozen=True)
class State:
    """The positions of the rows that hold on a day, whether each is certain, and how many rows leave it open."""

    rows: list[int]
    certain: list[bool]
    unknown: int


def day_of(value: Day) -> int:
    """The ordinal of a day: `YYYY-MM-DD`, `today`, a date or datetime, a pandas Timestamp, or a datetime64 of numpy.

    Of a time, the day counts that it names in its own time zone; `today` is the day in the zone of this computer.

    Raises BadArgument for anything else, and for a datetime64 of months or years, which names no day.
    """
    try:
        if isinstance(value, str):
            if value == "today":
                return date.today().toordinal()
            if not _DAY.fullmatch(value):
                raise ValueError
            return date.fromisoformat(value).toordinal()
        if isinstance(value, date):
            return value.toordinal()  # NaT of pandas is a date, and has none
        # A datetime64 is known by its dtype, so that numpy need not be imported.
        if value.dtype.kind != "M" or value.dtype.name in _COARSE or value.ndim:
            raise ValueError
        found: date = value.astype("datetime64[D]").item()
        return found.toordinal()
    except (AttributeError, TypeError, ValueError) as error:
        raise BadArgument(f"as_of takes a day such as 2023-07-01, 'today' or a date, not {shown(value)}.") from error


def state(table: str, rows: Sequence[Row], day: int, home: Mapping[str, str]) -> State:
    """The state of a table on a day. `home` maps an organisation to its place (organisations.place).

    Raises NoTimeMeaning for a table that has no state on a day.
    """
    if table not in STATES:
        raise NoTimeMeaning(
            f"{table} has no state on a day, so as_of means nothing for it (only for {', '.join(STATES)}). "
            "Compare its dates yourself: each date has columns that end in _from and _to."
        )
    found: list[int] = []
    certain: list[bool] = []
    unknown = 0
    for number, (days, left_open) in enumerate(STATES[table](rows, home)):
        if days and days[0][0] <= day <= days[1][1]:
            found.append(number)
            certain.append(days[0][1] <= day <= days[1][0])
        elif left_open and left_open[0] <= day <= left_open[1]:
            unknown += 1
    return State(found, certain, unknown)


# --- agreements ------------------------------------------------------------------------------------------------------


def _agreements(rows: Sequence[Row], home: Mapping[str, str]) -> Iterator[Window]:
    successors = {row["replaces"]: row for row in rows if row["replaces"]}
    return (_in_force(row, successors.get(row["id"])) for row in rows)


def _in_force(row: Row, successor: Row | None) -> Window:
    first = _applies_from(row)
    if first is None:
        # An agreement that ended, or whose status is disputed, was or may have been in force some time after signature.
        signed = edtf.parse(row["signed"])[0] if row["signed"] else edtf.EARLIEST
        ended = edtf.parse(row["ended"])[1] if row["ended"] else edtf.LATEST
        return Window(left_open=(signed, ended) if row["status"] in ("ended", "replaced", "disputed") else None)
    if row["ended"]:
        return Window((first, edtf.parse(row["ended"])))
    if row["status"] not in ("ended", "replaced"):
        return Window((first, (edtf.LATEST, edtf.LATEST)))
    if later := _applies_from(successor) if successor else None:  # in force until that one took its place
        return Window((first, (max(later[0] - 1, first[1]), max(later[1] - 1, first[1]))))
    last = edtf.parse(row["status_as_of"])[1] if row["status_as_of"] else edtf.LATEST
    return Window((first, (first[1], max(last, first[1]))))


def _applies_from(row: Row) -> edtf.Span | None:
    """The span of the first day on which an agreement applied; None when no source in the dataset shows it."""
    steps = [edtf.parse(row[step]) for step in ("provisional_application", "entered_into_force") if row[step]]
    if steps:
        return min(first for first, _ in steps), min(last for _, last in steps)
    if row["status"] not in ("in_force", "provisionally_applied") or not row["status_as_of"]:
        return None
    # Shown to apply by the day of the status, at the earliest since it was signed.
    shown = edtf.parse(row["status_as_of"])
    return (edtf.parse(row["signed"])[0] if row["signed"] else shown[0]), shown[1]


# --- deployments -----------------------------------------------------------------------------------------------------


def _deployments(rows: Sequence[Row], home: Mapping[str, str]) -> Iterator[Window]:
    whole = {row["id"]: _posting(row) for row in rows}
    spans = [edtf.parse(row["date"]) if row["date"] else None for row in rows]
    figures: dict[tuple[str, str], list[edtf.Span]] = defaultdict(list)
    ends: dict[tuple[str, str], list[edtf.Span]] = defaultdict(list)
    counts = []
    for row, span in zip(rows, spans, strict=True):
        ended = row["event"] == "end"
        counts.append(row["officers"] and row["measure"] == "present" and not ended and not _is_share(row, whole, home))
        if span and (ended or counts[-1]):
            (ends if ended else figures)[_posting(row)].append(span)
    for row, span, counted in zip(rows, spans, counts, strict=True):
        if not counted or span is None:
            yield Window(left_open=(edtf.EARLIEST, edtf.LATEST)) if counted else Window()
            continue
        # A figure is the latest until the next. Those of one and the same date stand side by side: no source is
        # preferred here.
        others = figures[_posting(row)]
        until = [first for first, last in others if (last, first) > span[::-1]]
        until += [last for first, last in ends[_posting(row)] if first > span[0]]
        over = min(until, default=edtf.LATEST + 1) - 1
        # Where dates overlap, an other figure may be the later one, and this one over before it.
        overtaken = [last - 1 for first, last in others if (last, first) < span[::-1] and span[0] < last]
        yield Window((span, (min([over, *overtaken]), over)))


def _posting(row: Row) -> tuple[str, str]:
    return row["agency"], row["hosts"]


def _is_share(row: Row, whole: Mapping[str, tuple[str, str]], home: Mapping[str, str]) -> bool:
    """Whether a figure is a share of its own posting: part of its total, or one state's officers in an EU agency."""
    if whole.get(row["part_of"]) == _posting(row):
        return True
    contributors = row["contributors"]
    return bool(contributors) and ";" not in contributors and home.get(row["agency"], "") == "EU"


# --- projects --------------------------------------------------------------------------------------------------------


def _projects(rows: Sequence[Row], home: Mapping[str, str]) -> Iterator[Window]:
    return map(_running, rows)


def _running(row: Row) -> Window:
    start, end = (edtf.parse(row[field]) if row[field] else None for field in ("start", "end"))
    if start and end:
        return Window((start, end))
    if start and row["status"] in ("ongoing", "extended") and row["status_as_of"]:
        shown = edtf.parse(row["status_as_of"])
        return Window((start, shown), (shown[1] + 1, edtf.LATEST))
    return Window(left_open=(start[0] if start else edtf.EARLIEST, end[1] if end else edtf.LATEST))


#: The tables that have a state on a day, each with the function that gives the window of each row.
STATES: dict[str, Callable[[Sequence[Row], Mapping[str, str]], Iterable[Window]]] = {
    "agreements": _agreements,
    "deployments": _deployments,
    "projects": _projects,
}
