"""What was the state of things on a day? One answer for each table that has one.

    agreements   those in force or provisionally applied on the day
    deployments  the latest figure, not after the day, of officers present for each agency and hosts
    projects     those running on the day: begun, and not ended or said to be still ongoing

A date is a span of days, so an answer may be *certain* (true whatever day of the span is meant) or only possible. A row
whose dates leave open whether it holds is left out and counted, not guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from borderledger import edtf
from borderledger.errors import BadArgument, NoTimeMeaning

__all__ = ["STATES", "State", "Window", "day_of", "state"]

Row = Mapping[str, str]

#: When a row holds: the span of its first day and that of its last. None is not known; False, it never did.
Window = tuple[edtf.Span, edtf.Span] | bool | None


@dataclass(frozen=True)
class State:
    """The rows that hold on a day, by position; for each whether that is certain; and how many rows leave it open."""

    rows: list[int]
    certain: list[bool]
    unknown: int


def day_of(value: str | date) -> int:
    """The ordinal of a day, given as `YYYY-MM-DD` or as a date. Raises BadArgument when it is neither."""
    if isinstance(value, datetime):
        return value.date().toordinal()
    if isinstance(value, date):
        return value.toordinal()
    try:
        if len(value) != 10:
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
    return _within(STATES[table](rows, home), day)


def _within(windows: Iterable[Window], day: int) -> State:
    rows: list[int] = []
    certain: list[bool] = []
    unknown = 0
    for row, window in enumerate(windows):
        if not isinstance(window, tuple):
            unknown += window is None
            continue
        first, last = window
        if first[0] <= day <= last[1]:
            rows.append(row)
            certain.append(first[1] <= day <= last[0])
    return State(rows, certain, unknown)


# --- agreements ------------------------------------------------------------------------------------------------------


def _agreements(rows: Sequence[Row], home: Mapping[str, str]) -> Iterator[Window]:
    successors = {row["replaces"]: row for row in rows if row["replaces"]}
    return (_in_force(row, successors.get(row["id"])) for row in rows)


def _in_force(row: Row, successor: Row | None) -> Window:
    first = _applies_from(row)
    if first is None:
        # What is held to have ended or to be disputed was in force at some time, or may have been.
        return None if row["status"] in ("ended", "replaced", "disputed") else False
    if row["ended"]:
        return first, edtf.parse(row["ended"])
    if row["status"] not in ("ended", "replaced"):
        return first, (edtf.LATEST, edtf.LATEST)
    later = _applies_from(successor) if successor else None
    last = later[1] - 1 if later else edtf.parse(row["status_as_of"])[1] if row["status_as_of"] else edtf.LATEST
    return first, (first[1], max(last, first[1]))


def _applies_from(row: Row) -> edtf.Span | None:
    """The span of the first day on which an agreement applied; None when no source held shows it."""
    steps = [edtf.parse(row[step]) for step in ("provisional_application", "entered_into_force") if row[step]]
    if steps:
        return min(steps)
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
            yield None if counted else False
            continue
        # A figure is the latest until the next. Those of one and the same date stand side by side: no source is
        # preferred here.
        until = [first for first, last in figures[_posting(row)] if (last, first) > span[::-1]]
        until += [last for first, last in ends[_posting(row)] if first > span[0]]
        over = min(until, default=edtf.LATEST + 1) - 1
        yield span, (over, over)


def _posting(row: Row) -> tuple[str, str]:
    return row["agency"], row["hosts"]


def _is_share(row: Row, whole: Mapping[str, tuple[str, str]], home: Mapping[str, str]) -> bool:
    """Whether a figure is a share of its own posting: part of its total, or one state's officers in another's."""
    if whole.get(row["part_of"]) == _posting(row):
        return True
    contributors = row["contributors"]
    return bool(contributors) and ";" not in contributors and home.get(row["agency"], "") == "EU"


# --- projects --------------------------------------------------------------------------------------------------------


def _projects(rows: Sequence[Row], home: Mapping[str, str]) -> Iterator[Window]:
    return map(_running, rows)


def _running(row: Row) -> Window:
    if not row["start"]:
        return None
    if row["end"]:
        return edtf.parse(row["start"]), edtf.parse(row["end"])
    if row["status"] in ("ongoing", "extended") and row["status_as_of"]:
        return edtf.parse(row["start"]), edtf.parse(row["status_as_of"])
    return None


#: The tables that have a state on a day, each with what gives the window of each of its rows.
STATES: dict[str, Callable[[Sequence[Row], Mapping[str, str]], Iterable[Window]]] = {
    "agreements": _agreements,
    "deployments": _deployments,
    "projects": _projects,
}
