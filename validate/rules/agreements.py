"""Rules of agreements: the steps from mandate to end, the status they allow, the parties, the official reference."""

from __future__ import annotations

import re
from collections.abc import Iterator

import narwhals as nw

from validate.engines import Frame
from validate.ledger import Ledger
from validate.reading import LINE
from validate.rules.general import in_order, status_as_of, status_dates, status_ruled_out
from validate.rules.rule import Rule, message

__all__ = ["rules"]

_TABLE = "agreements"

#: Every step up to the signature comes before all that follow it in this list.
_STEPS = ("recommended", "mandated", "negotiation_started", "initialled", "signed")
#: What comes after the signature keeps no such strict order: an agreement may apply before it is concluded.
_LATER_STEPS = (
    ("initialled", "provisional_application"),
    ("initialled", "concluded"),
    ("consented", "concluded"),
    ("concluded", "entered_into_force"),
    ("signed", "provisional_application"),
    ("provisional_application", "ended"),
    ("signed", "entered_into_force"),
    ("entered_into_force", "ended"),
    ("provisional_application", "entered_into_force"),
)

#: Steps that rule a status out: whoever has signed is not negotiating.
_RULED_OUT = {
    "initialled": {"proposed", "negotiating"},
    "signed": {"proposed", "negotiating", "initialled", "rejected"},
    "provisional_application": {"proposed", "negotiating", "initialled", "signed", "rejected"},
    "entered_into_force": {"proposed", "negotiating", "initialled", "signed", "provisionally_applied", "rejected"},
    "ended": {"proposed", "negotiating", "initialled", "signed", "provisionally_applied", "in_force"},
}

#: The step that a status shows.
_SHOWN = {
    "initialled": "initialled",
    "signed": "signed",
    "provisionally_applied": "provisional_application",
    "in_force": "entered_into_force",
    "ended": "ended",
}

#: The Official Journal by page until September 2023, by act since; the groups are day, month and year.
_OJ = re.compile(
    r"OJ [LC](?: [0-9]+)?, (?:[0-9]{4}/[0-9]+, )?"
    r"(0?[1-9]|[12][0-9]|3[01])\.(0?[1-9]|1[0-2])\.([0-9]{4})(?:, p\. [0-9]+(?:-[0-9]+)?)?"
)
#: The CELEX number of a treaty (sector 2); the groups are year, month and day.
_TREATY = re.compile(r"2([0-9]{4})[A-Z]([0-9]{2})([0-9]{2})\([0-9]{2}\)")


def rules() -> Iterator[Rule]:
    """The rules of this table."""
    for number, earlier in enumerate(_STEPS):
        for later in _STEPS[number + 1 :]:
            yield in_order(_TABLE, earlier, later)
        if earlier != "signed":
            yield in_order(_TABLE, earlier, "entered_into_force")
    for earlier, later in _LATER_STEPS:
        yield in_order(_TABLE, earlier, later)
    for step, statuses in _RULED_OUT.items():
        yield status_ruled_out(_TABLE, step, statuses, f"Correct the status, or empty {step}.")
    yield status_dates(
        _TABLE,
        "Give the first day of provisional application, or correct the status.",
        lambda row: ~((row["status"] == "provisionally_applied") & ~row.filled("provisional_application")),
        message("is provisionally_applied, but provisional_application is empty"),
    )
    yield Rule(
        id="status.successor",
        table=_TABLE,
        field="status",
        why="a replaced agreement has a successor that names it",
        fix="Name it in `replaces` of its successor, or use the status ended.",
        lines=_without_successor,
        says=message("is replaced, but no agreement replaces it"),
    )
    yield status_as_of(_TABLE, _SHOWN, "Use the day of the step, or of the source.")
    yield Rule(
        id="agreement.parties",
        table=_TABLE,
        field="party_b",
        why="nobody makes an agreement with itself",
        fix="party_a is the side outside the Western Balkans, party_b the Western Balkan side.",
        of=lambda row: [row["party_a"], row["party_b"]],
        wrong=lambda t, a, b: bool(_on_both_sides(a, b)),
        says=lambda t, row: f"{_on_both_sides(row['party_a'], row['party_b'])} is on both sides",
    )
    yield Rule(
        id="agreement.oj",
        table=_TABLE,
        field="oj_ref",
        why="a reference to the Official Journal of the EU can be looked up",
        fix="Write `OJ L 334, 19.12.2007, p. 26` or, from October 2023, `OJ L, 2025/866, 7.5.2025`.",
        cell=lambda text: text.startswith("OJ") and not _OJ.fullmatch(text),
        says=message("{oj_ref!r} is not a reference to the Official Journal"),
    )
    yield Rule(
        id="agreement.celex",
        table=_TABLE,
        field="celex",
        why="the CELEX number of a treaty holds the day of its publication",
        fix="Compare both with EUR-Lex; one of them belongs to another act.",
        of=lambda row: [row["celex"], row["oj_ref"]],
        wrong=lambda t, celex, oj: not _same_day(celex, oj),
        says=message("{celex} is not of the day of {oj_ref}"),
    )


def _without_successor(t: Ledger) -> Frame:
    rows = t.rows(_TABLE)
    named = rows.select(nw.col("replaces").alias("id")).unique()
    return rows.filter(nw.col("status") == "replaced").join(named, on="id", how="anti").select(LINE)


def _on_both_sides(a: str, b: str) -> str:
    return ";".join(set(a.split(";")) & set(b.split(";"))) if a and b else ""


def _same_day(celex: str, oj: str) -> bool:
    number, printed = _TREATY.fullmatch(celex), _OJ.fullmatch(oj)
    if number is None or printed is None:
        return True  # the number of another kind of act holds no day, and a bad reference is reported as such
    day, month, year = map(int, printed.groups())
    return tuple(map(int, number.groups())) == (year, month, day)
