"""Dates in the profile of EDTF (ISO 8601-2:2019, Annex A) that the tables use.

    2025  2025-06  2025-06-11     as precise as the source is
    2025-06~                      approximate
    2020-11/2022-10               interval
    ../2025-06  2025-06/..        open interval

A date is a span of days, from the earliest to the latest day that it can mean. Spans are pairs of proleptic Gregorian
ordinals (`datetime.date.toordinal`), so that they compare as plain integers. Full EDTF has seasons, sets and masked
digits; no source has needed them, so they are refused rather than half supported.
"""

from __future__ import annotations

import re
from datetime import date

__all__ = ["EARLIEST", "LATEST", "Span", "contains", "parse"]

Span = tuple[int, int]

#: Ends of an open interval: before and after every day a table can hold.
EARLIEST = 0
LATEST = date.max.toordinal() + 1

_PART = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?(~?)")


def parse(text: str, *, slack: bool = False) -> Span:
    """Return the span of days of an EDTF text as (earliest, latest) ordinals.

    With `slack`, an approximate date (`~`) also takes in the unit before and after it - a day, a month or a year -
    which is what a rule needs that fires only on what is certainly wrong.

    Raises ValueError when the text is not in the profile, names no real day (`2023-02-30`) or runs backwards.

    >>> [date.fromordinal(day).isoformat() for day in parse("2024-02")]
    ['2024-02-01', '2024-02-29']
    """
    if len(text) == 10 and text[4] == text[7] == "-":  # most dates are whole days, and this reads them fast
        try:
            day = date.fromisoformat(text).toordinal()
            return day, day
        except ValueError:
            pass  # said in our own words below
    first, slash, last = text.partition("/")
    if not slash:
        return _span(text, slack)
    if first == last == "..":
        raise ValueError(f"{text!r} is open at both ends")
    start = EARLIEST if first == ".." else _span(first, slack)[0]
    end = LATEST if last == ".." else _span(last, slack)[1]
    if start > end:
        raise ValueError(f"{text!r} is reversed: it ends before it starts")
    return start, end


def contains(outer: Span, inner: Span) -> bool:
    """Whether every day of `inner` is a day of `outer`."""
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _span(text: str, slack: bool) -> Span:
    match = _PART.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not YYYY, YYYY-MM or YYYY-MM-DD, with ~ if approximate")
    year, month, day = (None if part is None else int(part) for part in match.groups()[:3])
    wide = int(slack and bool(match[4]))
    try:
        first = date(year or 0, 1 if month is None else month, 1 if day is None else day)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a day of the calendar") from error
    if day is not None:
        return first.toordinal() - wide, first.toordinal() + wide
    months = 1 if month is not None else 12
    return _month(first, -wide * months), _month(first, (1 + wide) * months) - 1


def _month(first: date, months: int) -> int:
    """The first day of a month so many months on, or the end of the calendar."""
    count = first.year * 12 + first.month - 1 + months
    if count < 12:
        return EARLIEST + 1
    return LATEST if count >= 120_000 else date(count // 12, count % 12 + 1, 1).toordinal()
