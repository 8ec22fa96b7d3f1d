"""Dates: a text is refused with ValueError, or it is spelled in one way and names the days that it says."""

from __future__ import annotations

import calendar
from contextlib import suppress
from datetime import date

from hypothesis import strategies as st

from bench.fuzz.target import Target
from borderledger.edtf import EARLIEST, LATEST, Span, contains, parse

__all__ = ["TARGET"]

_ENDS = st.builds(
    lambda day, digits, tilde: f"{day.isoformat()[:digits]}{tilde}",
    st.dates(),
    st.sampled_from([4, 7, 10]),
    st.sampled_from(["", "~"]),
)
_EDGES = st.sampled_from(
    ["..", "0001", "0001-01-01~", "9999~", "9999-12", "2023-02-29", "2024-02-29", "0000", "2025-W01-1"]
)
_PARTS = _ENDS | _EDGES | st.text("0123456789-/.~ \n٣٤\0TZ+W", max_size=12)
_TEXTS = st.lists(_PARTS, min_size=1, max_size=3).map("/".join) | st.lists(_PARTS, max_size=3).map("".join) | st.text()


def _holds(text: str) -> None:
    try:
        first, last = span = parse(text)
    except ValueError as error:
        assert repr(text) in str(error) or any(repr(end) in str(error) for end in text.split("/", 1)), "names no text"
        _slack_refuses(text)
        return
    assert EARLIEST <= first <= last <= LATEST
    assert _spelled(text, span) == text
    wide = parse(text, slack=True)
    assert contains((EARLIEST, LATEST), wide)
    assert contains(wide, span)
    assert wide == span or "~" in text
    ends = text.split("/")
    for end, day in ((ends[0], first), (ends[-1], last)):
        assert end == ".." or day in parse(end)


def _slack_refuses(text: str) -> None:
    """Slack widens a date; it makes none, unless what is reversed is only about so."""
    with suppress(ValueError):
        assert parse(text, slack=True)[0] <= parse(text, slack=True)[1]
        assert "~" in text, "only slack takes it"
        assert "/" in text, "only slack takes it"


def _spelled(text: str, span: Span) -> str:
    """What a text must be, by the days that it was read as: each end has one spelling at its precision."""
    ends = text.split("/")
    if len(ends) == 1:
        assert _end(text, span[0], first=True) == _end(text, span[1], first=False)
        ends = [text, text]
    begins, stops = (_end(end, day, first=n == 0) for n, (end, day) in enumerate(zip(ends, span, strict=True)))
    return f"{begins}/{stops}" if "/" in text else begins


def _end(text: str, day: int, *, first: bool) -> str:
    if day in (EARLIEST, LATEST):
        return ".."
    found = date.fromordinal(day)
    length = len(text.removesuffix("~"))
    edge = {
        4: (1, 1) if first else (12, 31),
        7: (found.month, 1 if first else calendar.monthrange(found.year, found.month)[1]),
    }
    assert length == 10 or (found.month, found.day) == edge[length]
    return found.isoformat()[:length] + "~" * text.endswith("~")


TARGET = Target(
    "edtf",
    _TEXTS,
    _holds,
    lambda content: content.decode("utf-8", "replace"),
    [b"2025", b"2025-06~", b"2024-02-29", b"2020-11/2022-10", b"../2025-06", b"2025-06~/.."],
)
