"""Which charts stand on which page, each made from what the loader gives."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from typing import Any

from website import charts, maps
from website.drawing import Chart
from website.site import SIX, Site

__all__ = ["of_country", "of_overview", "of_table", "summed"]


def summed(site: Site, table: str, by: Sequence[str], where: str | None = None) -> Any:
    """Sums of `borderledger.totals`; the page shows their note, so that nothing is printed."""
    with contextlib.redirect_stderr(io.StringIO()):
        return site.dataset.totals(table, by=[*by], where=where)


def of_overview(site: Site) -> list[Chart]:
    """How many officers are in each of the six, and detections beside what was done."""
    latest = site.dataset.load("deployments_latest", where="agency=frontex")
    present: dict[str, float | None] = dict.fromkeys(SIX)
    for hosts, officers in zip(latest["hosts"], latest["officers"], strict=True):
        if len(hosts) == 1 and hosts[0] in present:
            present[hosts[0]] = float(officers)
    title = "Frontex officers, the latest figure for each country"
    return [
        maps.map_of_six(present, title, "officers", names=site.names),
        charts.pressure(site.dataset.load("pressure_and_response")),
    ]


def of_country(site: Site, code: str) -> list[Chart]:
    """Officers over time."""
    return [charts.officers(site.dataset.load("deployments"), code, names=site.names)]


def of_table(site: Site, table: str) -> list[Chart]:
    """The charts of the page of a table."""
    data, names = site.dataset, site.names
    match table:
        case "agreements":
            return [charts.agreements(data.load(table), data.created, names=names)]
        case "deployments":
            held = data.load(table)
            return [charts.officers(held, host, names=names, prefix=f"officers-{host}") for host in ("WB6", *SIX)]
        case "projects":
            by_year = charts.money_by_year(summed(site, table, ["year", "funders"]), names=names)
            return [charts.money_by_funder(data.load("money_by_funder"), names=names), by_year]
        case "returns":
            return [charts.returns(summed(site, table, ["year", "from_place", "return_type"]), names=names)]
        case "operations":
            cost = charts.cost_per_person(data.load("cost_per_person"), names=names)
            return [charts.operations(data.load("operations_by_year")), cost]
        case "crossings":
            return [charts.pressure(data.load("pressure_and_response"))]
        case "facilities":
            return [maps.map_of_facilities(data.load(table), names=names)]
    return []
