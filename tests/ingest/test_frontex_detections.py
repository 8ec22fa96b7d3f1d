"""Detections: what a line becomes, what is refused, and that the sums are those of the file."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from ingest.errors import LayoutError
from ingest.frontex_detections import read
from tests.ingest.conftest import REPOSITORY
from tests.ingest.csv_inputs import DETECTIONS as PATH
from tests.ingest.csv_inputs import DETECTIONS_LINES as LINES
from tests.ingest.csv_inputs import write_detections


def rows(folder: Path, *lines: str) -> list[dict[str, str]]:
    write_detections(folder, [*lines])
    return read(folder, pinned=False)["crossings"]


def test_a_line_is_a_row(tmp_path: Path) -> None:
    assert rows(tmp_path, LINES[0]) == [
        {
            "id": "crs-western-balkan-land-sy-2015-09",
            "route": "western_balkan",
            "border": "land",
            "nationality": "SY",
            "period": "2015-09",
            "detections": "40562",
            "detections_qualifier": "exact",
            "source_id": "frontex-detections-2025-06",
        }
    ]


def test_routes_borders_and_nationalities_have_their_codes_and_the_ids_are_sorted(tmp_path: Path) -> None:
    found = rows(tmp_path, *LINES)
    assert [row["id"] for row in found] == [
        "crs-albania-greece-circular-land-al-2009-01",
        "crs-western-balkan-land-ooo-2015-09",
        "crs-western-balkan-land-stl-2015-10",
        "crs-western-balkan-land-sy-2015-09",
        "crs-western-balkan-sea-xk-2015-09",
    ]
    assert [row["nationality"] for row in found] == ["AL", "OOO", "STL", "SY", "XK"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Western Balkans Route,Land,SYR,2015-09,1", ["column 1 (route)", "'Western Balkans Route'", "_ROUTES"]),
        ("Western Balkan Route,Air,SYR,2015-09,1", ["column 2 (border)", "'Air'", "one of Land, Sea"]),
        ("Western Balkan Route,Land,SY,2015-09,1", ["column 3 (nationality_iso3)", "'SY'", "data/places.csv"]),
        ("Western Balkan Route,Land,XXX,2015-09,1", ["column 3 (nationality_iso3)", "'XXX'"]),
        ("Western Balkan Route,Land,SYR,2015-13,1", ["column 4 (month)", "a month from 2009-01 to 2025-04"]),
        ("Western Balkan Route,Land,SYR,2025-05,1", ["column 4 (month)", "'2025-05'"]),
        ("Western Balkan Route,Land,SYR,16679,1", ["column 4 (month)", "'16679'"]),
        ("Western Balkan Route,Land,SYR,2015-09,0", ["column 5 (detections)", "a number above 0"]),
        ("Western Balkan Route,Land,SYR,2015-09,1.5", ["column 5 (detections)", "'1.5'", "a whole number"]),
        (LINES[0].replace("40562", "1"), ["column 5 (detections)", "one line for each route, border"]),
    ],
)
def test_what_is_not_known_is_refused_and_the_cell_is_named(tmp_path: Path, line: str, told: list[str]) -> None:
    with pytest.raises(LayoutError) as caught:
        rows(tmp_path, LINES[0], line)
    assert [part for part in [PATH, "line 3", *told] if part not in str(caught.value)] == []


class TestRepository:
    """The rows as they are in the data."""

    def held(self) -> list[dict[str, str]]:
        with open(REPOSITORY / "data" / "crossings.csv", encoding="utf-8", newline="") as file:
            return [row for row in csv.DictReader(file) if row["source_id"] == "frontex-detections-2025-06"]

    def test_the_sums_of_the_years_are_those_of_the_file(self) -> None:
        sums: Counter[tuple[str, str]] = Counter()
        for row in self.held():
            sums[row["route"], row["period"][:4]] += int(row["detections"])
        western = {2009: 2995, 2010: 2302, 2011: 4596, 2012: 6336, 2013: 19926, 2014: 43355, 2015: 764033, 2016: 130261}
        western |= {2017: 12179, 2018: 5844, 2019: 15127, 2020: 26918, 2021: 61618, 2022: 144118, 2023: 99002}
        western |= {2024: 21525, 2025: 3436}
        assert {int(year): n for (route, year), n in sums.items() if route == "western_balkan"} == western

    def test_the_control_total_of_a_year_is_the_sum_of_both_routes(self) -> None:
        with open(REPOSITORY / "data" / "control_totals.csv", encoding="utf-8", newline="") as file:
            totals = {row["year"]: row for row in csv.DictReader(file) if row["table"] == "crossings"}
        year = [row for row in self.held() if row["period"].startswith("2015")]
        assert totals["2015"]["rows"] == str(len(year))
        assert totals["2015"]["total"] == str(sum(int(row["detections"]) for row in year))
        assert len(totals) == 17
