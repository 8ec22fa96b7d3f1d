"""Eurostat: what a line becomes, which lines become none, and what is refused."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from ingest.errors import LayoutError
from ingest.eurostat_returns import read
from tests.ingest.conftest import REPOSITORY
from tests.ingest.csv_inputs import FIGURES, RETURNED, TOTAL, Figures
from tests.ingest.csv_inputs import write_eurostat as write


def rows(folder: Path, figures: Figures = FIGURES) -> dict[str, dict[str, str]]:
    write(folder, figures)
    return {row["id"]: row for row in read(folder, pinned=False)["returns"]}


def test_a_figure_is_a_row_and_0_and_what_is_not_available_are_none(tmp_path: Path) -> None:
    assert [*rows(tmp_path)] == [
        "ret-eurostat-ordered-de-nat-al-2015",
        "ret-eurostat-returned-de-nat-al-2015",
        "ret-eurostat-returned-eu-nat-al-2015",
        "ret-eurostat-returned-gb-nat-xk-2013",
        "ret-eurostat-returned-gr-nat-al-2015",
        "ret-eurostat-returned-no-nat-al-2015",
    ]


def test_a_row_has_all_that_is_known(tmp_path: Path) -> None:
    assert rows(tmp_path)["ret-eurostat-returned-de-nat-al-2015"] == {
        "id": "ret-eurostat-returned-de-nat-al-2015",
        "from_place": "DE",
        "nationalities": "AL",
        "return_type": "all",
        "period": "2015",
        "quantity": "15855",
        "quantity_qualifier": "about",
        "unit": "persons",
        "measure": "count",
        "reported_by": "eurostat",
        "part_of": "ret-eurostat-returned-eu-nat-al-2015",
        "source_id": "eurostat-migr-eirtn-2018-03",
        "note": "",
    }


def test_orders_to_leave_are_decisions_and_no_part_of_persons(tmp_path: Path) -> None:
    row = rows(tmp_path)["ret-eurostat-ordered-de-nat-al-2015"]
    assert (row["unit"], row["source_id"]) == ("decisions", "eurostat-migr-eiord-2018-03")
    assert row["part_of"] == "ret-eurostat-ordered-eu-nat-al-2015"


def test_the_union_and_the_states_outside_are_part_of_nothing(tmp_path: Path) -> None:
    found = rows(tmp_path)
    assert found["ret-eurostat-returned-eu-nat-al-2015"]["part_of"] == ""
    assert found["ret-eurostat-returned-no-nat-al-2015"]["part_of"] == ""


def test_the_note_of_the_union_tells_states_without_a_figure_from_0(tmp_path: Path) -> None:
    note = rows(tmp_path)["ret-eurostat-returned-eu-nat-al-2015"]["note"]
    assert note == "The 28 states together. No figure for MT. Flag of Eurostat: d."


def test_a_flag_is_kept(tmp_path: Path) -> None:
    assert rows(tmp_path)["ret-eurostat-returned-gb-nat-xk-2013"]["note"] == "Flag of Eurostat: p."


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"Greece","Albania"', '"Hellas","Albania"', ["column 2 (GEO)", "'Hellas'", "_PLACES"]),
        ('"2016",', '"2017",', ["column 1 (TIME)", "'2017'"]),
        ('"Person"', '"Thousand persons"', ["(UNIT)", "'Thousand persons'", "one of Person"]),
        (f'"{TOTAL}"', '"Returned to a third country"', ["(INDIC_MG)", f"one of {TOTAL}"]),
        ('"15,855"', '"15855.5"', ["(Value)", "'15855.5'", "a whole number"]),
        ('"15,855"', '"15,857"', ["(Value)", "'15,857'", "rounded to 5"]),
        ('"15,855",""', '"15,855","e"', ["(Flag and Footnotes)", "'e'"]),
        ('"CITIZEN"', '"CITIZENSHIP"', ["line 1", "the column titles TIME, GEO, CITIZEN"]),
        ('"2013","Malta","Serbia"', '"2013","Malta","Albania"', ["(CITIZEN)", "one line for each year, state"]),
        ('"Serbia"', '"Republic of Serbia"', ["a line for Serbia, AT, 2012", "_CITIZENS"]),
        ('"2014","Spain","Serbia"', '"2014","Spain","Tonga"', ["a line for Serbia, ES, 2014"]),
    ],
)
def test_what_is_not_known_is_refused(tmp_path: Path, old: str, new: str, told: list[str]) -> None:
    write(tmp_path)
    text = (tmp_path / RETURNED).read_text(encoding="cp1252")
    assert old in text
    (tmp_path / RETURNED).write_text(text.replace(old, new), encoding="cp1252", newline="")
    with pytest.raises(LayoutError) as caught:
        read(tmp_path, pinned=False)
    assert [part for part in [RETURNED, *told] if part not in str(caught.value)] == []


def test_in_the_data_the_states_reach_the_union_within_10() -> None:
    with open(REPOSITORY / "data" / "returns.csv", encoding="utf-8", newline="") as file:
        held = [row for row in csv.DictReader(file) if row["source_id"].startswith("eurostat-migr-")]
    sums: Counter[str] = Counter()
    for row in held:
        if row["part_of"]:
            sums[row["part_of"]] += int(row["quantity"])
    wholes = {row["id"]: int(row["quantity"]) for row in held if row["from_place"] == "EU"}
    assert len(wholes) == 60
    assert sums.keys() == wholes.keys()
    assert max(abs(sums[key] - figure) for key, figure in wholes.items()) == 10
