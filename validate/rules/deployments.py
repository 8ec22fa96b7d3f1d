"""Rules of deployments: officers are where, when and under the terms that an agreement allows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import narwhals as nw

from borderledger.edtf import EARLIEST, LATEST
from validate.columns import Row
from validate.ledger import Ledger
from validate.rules.general import part_figure, part_same, part_window
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
        holds=lambda row: ~((row["event"] == "plan") & row["measure"].is_in(["present", "cumulative"])),
        says=message("is {measure}, but event is plan"),
    )
    yield Rule(
        id="deployment.in-force",
        table=_TABLE,
        field="agreement_id",
        why="officers are deployed under an agreement that applies on that day",
        fix="Check the dates of both, or name the agreement that applied.",
        when=_under_an_agreement,
        holds=_agreement_applies,
        reads=("agreements",),
        says=message("{agreement_id} was not in force or provisionally applied on {date}"),
    )
    yield Rule(
        id="deployment.host",
        table=_TABLE,
        field="agreement_id",
        why="the agreement is one with the host",
        fix="Name the agreement with the host.",
        when=_under_an_agreement,
        of=_host_and_parties,
        wrong=_with_another_party,
        reads=("agreements", "places"),
        says=message("{agreement_id} is with {agreement_id/party_b}, not with the host {hosts}"),
    )
    yield Rule(
        id="deployment.border",
        table=_TABLE,
        field="border",
        why="officers work at a border of their host",
        fix="Correct the border or the hosts.",
        of=lambda row: [row["border"], row["hosts"]],
        wrong=lambda t, border, hosts: bool(_other_borders(t, border, hosts)),
        reads=("places",),
        says=_says_other_borders,
    )
    yield Rule(
        id="deployment.contributors",
        table=_TABLE,
        field="contributor_count",
        why="the count covers at least the contributors that are named",
        fix="Correct the count or the list.",
        when=lambda row: row.filled("contributor_count") & row.filled("contributors"),
        holds=lambda row: ~(row.number("contributor_count") < _items(row["contributors"])),
        says=message("{contributor_count} is less than the contributors named: {contributors}"),
    )
    yield part_figure(_TABLE, "officers")
    yield part_same(_TABLE, "measure", "officers")
    yield part_window(_TABLE, "date", "date")


def _under_an_agreement(row: Row) -> nw.Expr:
    return row.filled("agreement_id")


def _agreement_applies(row: Row) -> nw.Expr:
    agreement = row.via("agreement_id", "agreements")
    start = nw.min_horizontal(agreement.first("provisional_application"), agreement.first("entered_into_force"))
    never = agreement["status"].is_in(_NOT_YET).fill_null(False)
    start = start.fill_null(nw.when(never).then(nw.lit(LATEST + 1)).otherwise(nw.lit(EARLIEST)))
    outside = (row.last("date") < start) | (row.first("date") > agreement.last("ended").fill_null(LATEST))
    return (row["event"] == "plan") | ~outside  # a plan may run ahead of its agreement


def _host_and_parties(row: Row) -> list[nw.Expr]:
    agreement = row.via("agreement_id", "agreements")
    return [row["hosts"], agreement["party_b"], agreement["party_a"]]


def _with_another_party(t: Ledger, hosts: str, party: str, other: str) -> bool:
    if not party:
        return False  # a reference that leads nowhere is reported as such
    named = set(party.split(";"))
    # Of an agreement inside the region, either side may be the host.
    named |= {side for side in other.split(";") if _regions(t, {side}) & _regions(t, named)}
    return not set(hosts.split(";")) & (named | _regions(t, named))


def _says_other_borders(t: Ledger, row: Mapping[str, Any]) -> str:
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


def _items(cells: nw.Expr) -> nw.Expr:
    """How many items a list has."""
    return cells.str.len_chars() - cells.str.replace_all(";", "", literal=True).str.len_chars() + 1
