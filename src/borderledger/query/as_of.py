"""The state of a table on a day.

    agreements   those in force or provisionally applied on the day
    deployments  for each agency and hosts, the latest figure of officers present that is not after the day
    projects     those running on the day: begun, and either not ended or said to be ongoing

A date can mean a span of days. So an answer is *certain* if it is true for every day of the span, and possible
otherwise. If the dates of a row leave open whether it holds, the row is left out and counted; nothing is guessed.

Certainty has an end. If no source says when something ended, it is certain for three years (`FRESH`) after the newest
day on which a source speaks of it. An agreement is no longer certain once a successor is signed, whose first day is not
known. After the day on which the version was made, nothing is certain.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, Union

from borderledger import edtf
from borderledger.errors import BadArgument, NoTimeMeaning, shown
from borderledger.package.tables import Tables

if TYPE_CHECKING:
    import numpy as np

__all__ = ["FRESH", "STATES", "Day", "Known", "State", "Window", "day_of", "known_of", "state", "windows"]

Row = Mapping[str, str]
#: What a day can be given as.
Day = Union[str, date, "np.datetime64"]
_COARSE = ("datetime64", "datetime64[Y]", "datetime64[M]", "datetime64[W]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


#: Days for which a source shows what it says, if no source says when it ended.
FRESH = 3 * 365


@dataclass(frozen=True)
class Known:
    """What is known beside the rows of a table.

    created   the day on which the version was made; no source speaks of a later one
    newest    the newest day on which a source speaks of a record, by its id
    home      the place of an organisation (organisations.place)
    """

    created: int
    newest: Mapping[str, int] = field(default_factory=dict)
    home: Mapping[str, str] = field(default_factory=dict)


class Window(NamedTuple):
    """When a row holds.

    days       the span of its first day and that of its last; None where sources show neither or one of them only. The
               last day can be any day after the one until which it certainly holds.
    left_open  the days on which sources leave open whether it holds; None where there are none

    Both are None for a row that never held.
    """

    days: tuple[edtf.Span, edtf.Span] | None = None
    left_open: edtf.Span | None = None


@dataclass(frozen=True)
class State:
    """The positions of the rows that hold on a day, whether each is certain, and how many rows leave it open.

    evidence   for each of the rows the newest day on which a source speaks of it; None if no source bears a day
    """

    rows: list[int]
    certain: list[bool]
    evidence: list[int | None]
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


def state(table: str, rows: Sequence[Row], day: int, known: Known) -> State:
    """The state of a table on a day.

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
    for number, (days, left_open) in enumerate(windows(table, rows, known)):
        if days and days[0][0] <= day <= days[1][1]:
            found.append(number)
            certain.append(days[0][1] <= day <= days[1][0])
        elif left_open and left_open[0] <= day <= left_open[1]:
            unknown += 1
    return State(found, certain, [known.newest.get(rows[number]["id"]) for number in found], unknown)


def windows(table: str, rows: Sequence[Row], known: Known) -> Iterator[Window]:
    """For each row of a table that has a state on a day when it holds, and until when that is certain."""
    for row, (days, left_open) in zip(rows, STATES[table](rows, known.home), strict=True):
        if days is None:
            yield Window(days, left_open)
            continue
        first, (earliest, latest) = days
        until = known.created
        if latest == edtf.LATEST:  # no source says when it ended
            newest = known.newest.get(row["id"])
            until = min(until, first[1] if newest is None else newest + FRESH)
        yield Window((first, (min(earliest, until), latest)), left_open)


def known_of(dataset: Tables, table: str) -> Known:
    """What a version knows beside the rows of a table. Raises ValueError for a date that is none.

    A source speaks of a record on the day of its publication, or on the day of the status that it states. A strength is
    spoken of on its own day: a report may repeat an old one.
    """
    created = dataset.created.date().toordinal()
    newest: dict[str, int] = {}

    def spoken(record: str, text: str) -> None:
        if text:
            newest[record] = max(newest.get(record, 0), min(edtf.parse(text)[1], created))

    if table == "deployments":
        home = {row["id"]: row["place"] for row in dataset.rows("organisations")}
        for row in dataset.rows(table):
            spoken(row["id"], row["date"])
        return Known(created, newest, home)
    published = {row["id"]: row["published"] for row in dataset.rows("sources")}
    for row in dataset.rows(table):
        spoken(row["id"], published.get(row["source_id"], ""))
        spoken(row["id"], row["status_as_of"])
    for claim in dataset.rows("claims"):
        spoken(claim["record_id"], published.get(claim["source_id"], ""))
    return Known(created, newest)


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
    if later := _applies_from(successor) if successor else None:  # in force until that one took its place
        return Window((first, (max(later[0] - 1, first[1]), max(later[1] - 1, first[1]))))
    if row["status"] not in ("ended", "replaced"):
        signed = edtf.parse(successor["signed"])[0] - 1 if successor and successor["signed"] else edtf.LATEST
        return Window((first, (signed, edtf.LATEST)))
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
