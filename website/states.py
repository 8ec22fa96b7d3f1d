"""What each agreement was, on any day: the answers of `load("agreements", as_of=day)`, for all days at once.

A spell is a state with its first and last day. The pages list the states of one day. A script lists those of the day
that a reader chooses, from the same spells. So the page, the script and the loader cannot differ.

    in_force               in force
    provisionally_applied  applied before it is in force
    either                 one of the two: no source gives the day on which it entered into force
    signed                 signed, and neither in force nor applied
    unknown                the dates leave open whether it was in force
    ended                  over, or replaced

Talks have no spell, nor has an agreement of which no source gives a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from borderledger import edtf
from borderledger.package.tables import Tables
from borderledger.query.as_of import FRESH, Known, Window, known_of, windows
from website.language import _

__all__ = ["Spell", "Standing", "said", "spells", "standings"]

Row = Mapping[str, str]

#: The first day that there is.
_FIRST = date.min.toordinal()


@dataclass(frozen=True)
class Spell:
    """A state from a first to a last day. It is certain if it holds whichever day an imprecise date means."""

    state: str
    certain: bool
    first: date
    last: date


@dataclass(frozen=True)
class Standing:
    """What an agreement was: its spells, one after the other, and the newest day on which a source speaks of it."""

    id: str
    spells: tuple[Spell, ...]
    newest: date | None

    def on(self, day: date) -> Spell | None:
        """Its spell on a day; None before it was signed."""
        return next((spell for spell in self.spells if spell.first <= day <= spell.last), None)

    @property
    def code(self) -> str:
        """Its spells as the script reads them: STATE FIRST LAST, with ? after a state that is not certain."""
        return ";".join(f"{s.state}{'' if s.certain else '?'} {s.first} {s.last}" for s in self.spells)


def said() -> dict[str, str]:
    """What each state is called, in the order of the page."""
    return {
        "in_force": _("In force"),
        "provisionally_applied": _("Applied provisionally"),
        "either": _("Applied; no source says whether still provisionally or in force"),
        "signed": _("Signed, not in force"),
        "unknown": _("Signed; no source says whether it was in force on this day"),
        "ended": _("Ended or replaced"),
    }


def standings(dataset: Tables) -> dict[str, Standing]:
    """By agreement: what it was until the day on which the version was made."""
    rows = [*dataset.rows("agreements")]
    known = known_of(dataset, "agreements")
    found = {}
    for row, window in zip(rows, windows("agreements", rows, known), strict=True):
        newest = known.newest.get(row["id"])
        day = None if newest is None else date.fromordinal(newest)
        found[row["id"]] = Standing(row["id"], tuple(spells(row, window, known)), day)
    return found


def spells(row: Row, window: Window, known: Known) -> Iterator[Spell]:
    """The spells of an agreement, in the order of time; those that follow each other differ."""
    spans = [span for span in (_signed(row), _forced(row), *(window.days or ()), window.left_open) if span]
    fresh = known.newest.get(row["id"], edtf.EARLIEST) + FRESH
    # Between two of these days nothing changes.
    ends = {fresh + 1, known.created + 1, *(day for span in spans for day in (*span, span[0] + 1, span[1] + 1))}
    before: tuple[str, bool] | None = None
    since = _FIRST
    for first, after in pairwise(sorted({_FIRST, *(day for day in ends if _FIRST < day <= known.created + 1)})):
        now = _on(row, window, first, min(fresh, known.created))
        if now != before:
            if before:
                yield Spell(*before, date.fromordinal(since), date.fromordinal(first - 1))
            before, since = now, first
        if before and after == known.created + 1:
            yield Spell(*before, date.fromordinal(since), date.fromordinal(known.created))


def _on(row: Row, window: Window, day: int, fresh: int) -> tuple[str, bool] | None:
    """The state of an agreement on a day, and whether it is certain; None before it was signed."""
    if window.days and window.days[0][0] <= day <= window.days[1][1]:
        (_, begun), (surely, _) = window.days
        return _applied(row, day), begun <= day <= surely
    if window.left_open and window.left_open[0] <= day <= window.left_open[1]:
        return "unknown", False
    over = window.days[1] if window.days else edtf.parse(row["ended"]) if row["ended"] else None
    if over and day > over[1]:
        return "ended", True
    signed = _signed(row)
    if signed and day >= signed[0]:
        # Before its first day it was surely not in force; without one, only as long as sources speak of it.
        return "signed", day >= signed[1] and (bool(window.days) or day <= fresh)
    return None


def _applied(row: Row, day: int) -> str:
    """Which of the three an agreement is that applies."""
    if not row["provisional_application"]:
        return "provisionally_applied" if row["status"] == "provisionally_applied" else "in_force"
    forced = _forced(row)
    if forced:
        return "in_force" if day >= forced[1] else "either" if day >= forced[0] else "provisionally_applied"
    return "provisionally_applied" if row["status"] == "provisionally_applied" else "either"


def _forced(row: Row) -> edtf.Span | None:
    """The span of the day on which it entered into force; of the time until a source shows that it has."""
    if row["entered_into_force"]:
        return edtf.parse(row["entered_into_force"])
    if row["provisional_application"] and row["status"] == "in_force" and row["status_as_of"]:
        return edtf.parse(row["provisional_application"])[0], edtf.parse(row["status_as_of"])[1]
    return None


def _signed(row: Row) -> edtf.Span | None:
    """The span of the day of signature, at the latest that on which a source says that it is signed."""
    if row["signed"]:
        return edtf.parse(row["signed"])
    return edtf.parse(row["status_as_of"]) if row["status"] == "signed" and row["status_as_of"] else None
