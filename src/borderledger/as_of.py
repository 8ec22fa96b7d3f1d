"""What was the state of things on a day? One answer for each table that has one.

    agreements   those in force or provisionally applied on the day
    deployments  the latest figure, not after the day, of officers present for each agency and hosts
    projects     those running on the day: begun, and not ended or said to be still ongoing

A date is a span of days, so an answer may be *certain* (true whatever day of the span is meant) or only possible. A row
whose dates leave open whether it holds is left out and counted, not guessed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from borderledger import edtf
from borderledger.errors import BadArgument, NoTimeMeaning

__all__ = ["STATES", "State", "day_of", "state"]

Row = Mapping[str, str]
#: The span of the first day and that of the last day of something; None where no source held shows it.
Window = tuple[edtf.Span | None, edtf.Span | None]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class State:
    """The rows that hold on a day, by position; for each whether that is certain; and how many rows leave it open."""

    rows: list[int]
    certain: list[bool]
    unknown: int


def day_of(value: str | date) -> int:
    """The ordinal of a day, given as `YYYY-MM-DD` or as a date. Raises BadArgument when it is neither."""
    try:
        if isinstance(value, date):
            return value.toordinal()  # NaT of pandas is a date, and has none
        if not _DAY.fullmatch(value):
            raise ValueError
        return date.fromisoformat(value).toordinal()
    except (TypeError, ValueError) as error:
        raise BadArgument(f"as_of takes a day such as 2023-07-01, not {value!r}") from error


def state(table: str, rows: Sequence[Row], day: int, home: Mapping[str, str]) -> State:
    """The state of a table on a day. `home` maps an organisation to its place (organisations.place).

    Raises NoTimeMeaning for a table that has no state on a day.
    """
    if table not in STATES:
        raise NoTimeMeaning(
            f"{table} has no state on a day, so as_of means nothing for it (only for {', '.join(STATES)}). "
            "Compare its dates yourself: each has columns that end in _from and _to."
        )
    return STATES[table](rows, day, home)


def _within(windows: Iterable[Window | None], day: int) -> State:
    """The rows whose window holds a day. None is a window that never opened.

    One with an end that is not known leaves only the days open that its other end does not rule out.
    """
    rows: list[int] = []
    certain: list[bool] = []
    unknown = 0
    for row, window in enumerate(windows):
        if window is None:
            continue
        first, last = window
        if (first and day < first[0]) or (last and last[1] < day):
            continue
        if first and last:
            rows.append(row)
            certain.append(first[1] <= day <= last[0])
        else:
            unknown += 1
    return State(rows, certain, unknown)


# --- agreements ------------------------------------------------------------------------------------------------------


def _agreements(rows: Sequence[Row], day: int, home: Mapping[str, str]) -> State:
    successors = {row["replaces"]: row for row in rows if row["replaces"]}
    return _within((_in_force(row, successors.get(row["id"]), day) for row in rows), day)


def _in_force(row: Row, successor: Row | None, day: int) -> Window | None:
    first = _applies_from(row)
    if first is None:
        # What is held to have ended or to be disputed was in force at some time since it was signed, or may have been.
        signed = edtf.parse(row["signed"])[0] if row["signed"] else edtf.EARLIEST
        if row["status"] not in ("ended", "replaced", "disputed") or day < signed:
            return None
        return None, edtf.parse(row["ended"]) if row["ended"] else None
    if row["ended"]:
        return first, edtf.parse(row["ended"])
    if row["status"] not in ("ended", "replaced"):
        return first, (edtf.LATEST, edtf.LATEST)
    if later := _applies_from(successor) if successor else None:  # in force until that one took its place
        return first, (max(later[0] - 1, first[1]), max(later[1] - 1, first[1]))
    last = edtf.parse(row["status_as_of"])[1] if row["status_as_of"] else edtf.LATEST
    return first, (first[1], max(last, first[1]))


def _applies_from(row: Row) -> edtf.Span | None:
    """The span of the first day on which an agreement applied; None when no source held shows it."""
    steps = [edtf.parse(row[step]) for step in ("provisional_application", "entered_into_force") if row[step]]
    if steps:
        return min(first for first, _ in steps), min(last for _, last in steps)
    if row["status"] not in ("in_force", "provisionally_applied") or not row["status_as_of"]:
        return None
    # Shown to apply by the day of the status, at the earliest since it was signed.
    shown = edtf.parse(row["status_as_of"])
    return (edtf.parse(row["signed"])[0] if row["signed"] else shown[0]), shown[1]


# --- deployments -----------------------------------------------------------------------------------------------------


def _deployments(rows: Sequence[Row], day: int, home: Mapping[str, str]) -> State:
    latest: dict[tuple[str, str], list[tuple[edtf.Span, int]]] = defaultdict(list)
    ends: dict[tuple[str, str], int] = defaultdict(int)
    whole = {row["id"]: _posting(row) for row in rows}
    unknown = 0
    for number, row in enumerate(rows):
        span = edtf.parse(row["date"]) if row["date"] else None
        if row["event"] == "end" and span and span[1] <= day:
            ends[_posting(row)] = max(ends[_posting(row)], span[0])
        elif not row["officers"] or row["measure"] != "present" or _is_share(row, whole, home):
            continue
        elif span is None:
            unknown += 1
        elif span[0] <= day:
            latest[_posting(row)].append((span, number))
    found = []
    for posting, dated in latest.items():
        newest = max(span[::-1] for span, _ in dated)
        # Figures of one and the same date stand side by side: no source is preferred here.
        same = [number for span, number in dated if span[::-1] == newest]
        last, first = newest
        later = any(first < span[1] for span, _ in dated if span[::-1] != newest)  # another may be the latest
        if first >= ends[posting]:
            found += [(number, last <= day and not later) for number in same]
    found.sort()
    return State([number for number, _ in found], [certain for _, certain in found], unknown)


def _posting(row: Row) -> tuple[str, str]:
    return row["agency"], row["hosts"]


def _is_share(row: Row, whole: Mapping[str, tuple[str, str]], home: Mapping[str, str]) -> bool:
    """Whether a figure is a share of its own posting: part of its total, or one state's officers in another's."""
    if whole.get(row["part_of"]) == _posting(row):
        return True
    contributors = row["contributors"]
    return bool(contributors) and ";" not in contributors and home.get(row["agency"], "") == "EU"


# --- projects --------------------------------------------------------------------------------------------------------


def _projects(rows: Sequence[Row], day: int, home: Mapping[str, str]) -> State:
    return _within((_running(row, day) for row in rows), day)


def _running(row: Row, day: int) -> Window:
    start, end = (edtf.parse(row[field]) if row[field] else None for field in ("start", "end"))
    if end is None and row["status"] in ("ongoing", "extended") and row["status_as_of"]:
        shown = edtf.parse(row["status_as_of"])
        return start, shown if day <= shown[1] else None
    return start, end


#: The tables that have a state on a day.
STATES: dict[str, Callable[[Sequence[Row], int, Mapping[str, str]], State]] = {
    "agreements": _agreements,
    "deployments": _deployments,
    "projects": _projects,
}
