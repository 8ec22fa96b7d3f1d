"""Rules of deployments: officers are where, when and under the terms that an agreement allows."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from borderledger.edtf import EARLIEST, LATEST
from validate.ledger import Ledger
from validate.rules.general import flags, linked, part_figure, part_same, part_window
from validate.rules.rule import Rule, message

__all__ = ["rules"]

_TABLE = "deployments"

#: Statuses of an agreement that applies on no day as long as none is given.
_NOT_YET = ["proposed", "negotiating", "initialled", "rejected"]

#: A section of a border as it is written: `MK-GR land`, or `ME land` where a source does not name the neighbour.
_SECTION = re.compile(r"([A-Z]{2})(?:-([A-Z]{2}))? ")


def rules() -> Iterator[Rule]:
    """The rules of this table."""
    yield Rule(
        id="deployment.plan",
        table=_TABLE,
        field="measure",
        why="nobody is present under a plan",
        fix="Use measure planned, or another event.",
        holds=_nobody_present_under_a_plan,
        says=message(_TABLE, "is {measure}, but event is plan"),
    )
    yield Rule(
        id="deployment.in-force",
        table=_TABLE,
        field="agreement_id",
        why="officers are deployed under an agreement that applies on that day",
        fix="Check the dates of both, or name the agreement that applied.",
        holds=_agreement_applies,
        says=message(_TABLE, "{agreement_id} was not in force or provisionally applied on {date}"),
    )
    yield Rule(
        id="deployment.host",
        table=_TABLE,
        field="agreement_id",
        why="the agreement is one with the host",
        fix="Name the agreement with the host.",
        holds=_agreement_with_host,
        says=_says_other_party,
    )
    yield Rule(
        id="deployment.border",
        table=_TABLE,
        field="border",
        why="officers work at a border of their host",
        fix="Correct the border or the hosts.",
        holds=_border_of_host,
        says=_says_other_borders,
    )
    yield Rule(
        id="deployment.contributors",
        table=_TABLE,
        field="contributor_count",
        why="the count covers at least the contributors that are named",
        fix="Correct the count or the list.",
        holds=_named_are_counted,
        says=message(_TABLE, "{contributor_count} is less than the contributors named: {contributors}"),
    )
    yield part_figure(_TABLE, "officers")
    yield part_same(_TABLE, "measure", "officers")
    yield part_window(_TABLE, "date", "date")


def _nobody_present_under_a_plan(t: Ledger) -> pd.Series[bool]:
    frame = t.frame(_TABLE)
    return ~(frame["event"].eq("plan") & frame["measure"].isin(["present", "cumulative"]))


def _agreement_applies(t: Ledger) -> pd.Series[bool]:
    frame, dates = t.frame(_TABLE), t.spans(_TABLE, "date")
    force = linked(t, _TABLE, "agreement_id", "agreements", _in_force(t))
    outside = (dates["last"] < force["first"]) | (dates["first"] > force["last"])
    return ~(~frame["event"].eq("plan") & outside)  # a plan may run ahead of its agreement


def _in_force(t: Ledger) -> list[pd.Series[float]]:
    """The `first` and the `last` day on which each agreement can have applied; all days where nothing is known."""
    starts = [t.spans("agreements", step)["first"] for step in ("provisional_application", "entered_into_force")]
    first = pd.concat(starts, axis=1).min(axis=1)
    never = t.frame("agreements")["status"].isin(_NOT_YET)
    first = first.mask(never & first.isna(), LATEST + 1).fillna(EARLIEST)
    return [first.rename("first"), t.spans("agreements", "ended")["last"].fillna(LATEST)]


def _agreement_with_host(t: Ledger) -> pd.Series[bool]:
    frame, agreements = t.frame(_TABLE), t.by_id("agreements")
    parties, others = agreements["party_b"], agreements["party_a"]

    def with_host(hosts: str, agreement: str) -> bool:
        if not agreement or agreement not in parties.index:
            return True  # a reference that leads nowhere is reported as such
        named = set(str(parties[agreement]).split(";"))
        # Of an agreement inside the region, either side may be the host.
        named |= {side for side in str(others[agreement]).split(";") if _regions(t, {side}) & _regions(t, named)}
        return bool(set(hosts.split(";")) & (named | _regions(t, named)))

    return flags(frame, (with_host(h, a) for h, a in zip(frame["hosts"], frame["agreement_id"], strict=True)))


def _says_other_party(t: Ledger, line: int) -> str:
    row = t.frame(_TABLE).loc[line]
    party = t.by_id("agreements")["party_b"].get(row["agreement_id"])
    return f"{row['agreement_id']} is with {party}, not with the host {row['hosts']}"


def _border_of_host(t: Ledger) -> pd.Series[bool]:
    frame = t.frame(_TABLE)
    pairs = zip(frame["border"], frame["hosts"], strict=True)
    return flags(frame, (not _other_borders(t, border, hosts) for border, hosts in pairs))


def _says_other_borders(t: Ledger, line: int) -> str:
    row = t.frame(_TABLE).loc[line]
    return f"{', '.join(_other_borders(t, row['border'], row['hosts']))} is not a border of {row['hosts']}"


def _other_borders(t: Ledger, border: str, hosts: str) -> list[str]:
    """The sections of a border that have neither a host nor a region of one at either end."""
    found = []
    for section in filter(None, border.split(";")):
        match = _SECTION.match(section)
        ends = {end for end in match.groups() if end} if match else set()
        if match and not set(hosts.split(";")) & (ends | _regions(t, ends)):
            found.append(section)
    return found


def _regions(t: Ledger, places: set[str]) -> set[str]:
    """The regions that places lie in: what is agreed with a region, or hosted by one, holds for its members."""
    return {region for place in places for region in t.regions.get(place, ())}


def _named_are_counted(t: Ledger) -> pd.Series[bool]:
    named = t.frame(_TABLE)["contributors"].map(lambda text: len(text.split(";")) if text else 0)
    return ~(t.numbers(_TABLE, "contributor_count") < named)
