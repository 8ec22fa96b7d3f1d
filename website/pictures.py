"""Which charts stand on which page, each made from what the loader gives."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from website import charts, maps
from website.drawing import Chart
from website.language import _
from website.shown import worded
from website.site import Site

__all__ = ["of_country", "of_overview", "of_table", "summed"]


def summed(site: Site, table: str, by: Sequence[str], where: str | None = None) -> Any:
    """Sums of `borderledger.totals`; the page shows their note, so that nothing is printed."""
    with contextlib.redirect_stderr(io.StringIO()):
        return site.dataset.totals(table, by=[*by], where=where)


#: A chart for screens and paper, and the same for a phone.
Both = tuple[Chart, Chart]
_PHONE = 340


def _both(draw: Callable[..., Chart], *data: Any, prefix: str, **more: Any) -> Both:
    return draw(*data, prefix=prefix, **more), draw(*data, prefix=f"{prefix}-s", width=_PHONE, **more)


def of_overview(site: Site) -> list[Both]:
    """How many officers are in each of the six, and detections beside what was done."""
    latest = site.dataset.load("deployments_latest", where="agency=frontex").sort_values("date_to")
    present: dict[str, float | None] = dict.fromkeys(site.six)
    notes: dict[str, str] = {}
    columns = ["hosts", "officers", "date", "officers_qualifier"]
    for hosts, officers, date, qualifier in latest[columns].itertuples(index=False):
        if len(hosts) == 1 and hosts[0] in present:
            present[hosts[0]] = float(officers)
            year = re.findall("[0-9]{4}", date)[-1]
            notes[hosts[0]] = year if qualifier == "exact" else f"{worded(qualifier)}, {year}"
    title = _("Frontex officers, the latest figure for each country")
    return [
        _both(maps.map_of_six, present, title, _("officers"), names=site.names, notes=notes, prefix="map"),
        _both(charts.pressure, site.dataset.load("pressure_and_response"), prefix="pressure"),
    ]


def of_country(site: Site, code: str) -> list[Both]:
    """Officers over time, and agreements."""
    held = site.dataset.load("agreements", where=f"party_b={code}")
    if not len(held):
        return _officers(site, [code])
    lanes = _both(
        charts.agreements, held, site.dataset.created.date(), names=site.names, partner=code, prefix="agreements"
    )
    return [*_officers(site, [code]), lanes]


def _officers(site: Site, hosts: Iterable[str]) -> list[Both]:
    held = site.dataset.load("deployments")
    return [_both(charts.officers, held, host, names=site.names, prefix=f"officers-{host}") for host in hosts]


def of_table(site: Site, table: str) -> list[Both]:
    """The charts of the page of a table."""
    data, names = site.dataset, site.names
    match table:
        case "agreements":  # those of the EU; the others are on the pages of the countries
            held = data.load(table, where="party_a=EU")
            return [_both(charts.agreements, held, data.created.date(), names=names, prefix=table)]
        case "deployments":
            return _officers(site, ("WB6", *site.six))
        case "projects":
            by_year = summed(site, table, ["year", "funders"])
            return [
                _both(charts.money_by_funder, data.load("money_by_funder"), names=names, prefix="funders"),
                _both(charts.money_by_year, by_year, names=names, prefix="money"),
            ]
        case "returns":
            by_year = summed(site, table, ["year", "from_place", "return_type"])
            return [_both(charts.returns, by_year, names=names, prefix=table)]
        case "operations":
            return [
                _both(charts.operations, data.load("operations_by_year"), prefix=table),
                _both(charts.cost_per_person, data.load("cost_per_person"), names=names, prefix="cost"),
            ]
        case "crossings":
            return [_both(charts.pressure, data.load("pressure_and_response"), prefix="pressure")]
        case "facilities":
            return [_both(maps.map_of_facilities, data.load(table), names=names, prefix=table)]
    return []
