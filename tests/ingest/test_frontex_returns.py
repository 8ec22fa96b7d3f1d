"""Return operations: the five layouts, the overlap of 2006-2012, and layouts that are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest import LayoutError
from ingest.frontex_returns import read
from tests.ingest.conftest import OPERATIONS, Edit


def by_id(raw: Path) -> dict[str, dict[str, str]]:
    rows = read(raw, pinned=False)["returns"]
    assert [row["id"] for row in rows] == sorted({row["id"] for row in rows})
    return {row["id"].removeprefix("ret-frontex-"): row for row in rows}


def test_every_layout_gives_one_row_for_each_operation_state_and_place_of_the_six(raw: Path) -> None:
    assert {key: row["quantity"] for key, row in by_id(raw).items()} == {
        "ro-2006-001-at-rs": "3",
        "ro-2010-001-at-xk": "36",
        "ro-2010-001-se-xk": "4",
        "ro-00019-gb-al": "42",
        "vrd-2020-001-fr-al": "105",
        "ro-02051-frontex-al": "0",
        "ro-02051-es-al": "22",
        "ro-02051-de-al": "0",
        "ro-02510-de-ba": "43",
        "ro-02510-de-mk": "48",
        "vrd-00018-be-me": "7",
        "ro-02774-gr-rs": "9",
    }


def test_a_row_has_all_that_is_known(raw: Path) -> None:
    row = by_id(raw)["ro-02774-gr-rs"]
    assert {name: cell for name, cell in row.items() if cell} == {
        "id": "ret-frontex-ro-02774-gr-rs",
        "from_place": "GR",
        "to_place": "RS",
        "return_type": "forced",
        "operation_type": "collecting_return",
        "period": "2024-01-11",
        "quantity": "9",
        "quantity_qualifier": "exact",
        "unit": "persons",
        "measure": "count",
        "carried_out_by": "GR",
        "reported_by": "frontex",
        "operation_ref": "RO-02774",
        "source_id": "frontex-returns-2024",
    }


def test_2006_to_2012_counts_each_operation_once_and_from_the_released_file_where_it_has_it(raw: Path) -> None:
    rows = by_id(raw)
    assert rows["ro-2010-001-at-xk"]["source_id"] == "frontex-returns-2006-2012"
    assert rows["ro-2006-001-at-rs"]["source_id"] == "frontex-returns-2006-2012-completed"
    assert rows["ro-2006-001-at-rs"]["note"] == "Not co-financed by Frontex."
    assert rows["ro-2006-001-at-rs"]["operation_type"] == "joint_return"


@pytest.mark.parametrize(("cell", "value"), [("E4", 37), ("C4", "France"), ("D4", "ALBANIA")])
def test_a_difference_between_the_two_files_of_2006_to_2012_is_refused(
    raw: Path, edit: Edit, cell: str, value: object
) -> None:
    edit(f"{OPERATIONS}/returns_cf_2006_2012.xlsx", "2006-2012_TCNs", cell, value)
    with pytest.raises(LayoutError, match="decide which one is right"):
        read(raw, pinned=False)


def test_an_operation_in_two_other_files_is_refused(raw: Path, edit: Edit) -> None:
    edit(f"{OPERATIONS}/Document-PAD-2025-00012.xlsx", "2024 TCNs", "B2", "RO-02510")
    with pytest.raises(LayoutError, match="Decide which release leads"):
        read(raw, pinned=False)


def test_notes_say_what_the_columns_cannot(raw: Path) -> None:
    notes = {key: row["note"] for key, row in by_id(raw).items() if row["note"]}
    assert notes["ro-00019-gb-al"] == "The sheet of operations has 2016-03-16 as its day."
    assert notes["ro-02510-de-ba"] == "2 lines of the file added up: 42 and 1."
    assert notes["vrd-2020-001-fr-al"] == "Type as released: VRD."
    assert notes["vrd-00018-be-me"] == "The sheet of operations does not list it."
    assert notes["ro-02051-de-al"].endswith("The state took part; none of its persons was accepted.")
    assert notes["ro-02051-frontex-al"].endswith("Line of Frontex as organiser.")


def test_types_of_operation_and_return(raw: Path) -> None:
    rows = by_id(raw)
    kinds = {key: (row["operation_type"], row["return_type"]) for key, row in rows.items()}
    assert kinds["ro-00019-gb-al"] == ("national_return", "forced")
    assert kinds["ro-02051-es-al"] == ("", "forced")
    assert kinds["vrd-2020-001-fr-al"] == kinds["vrd-00018-be-me"] == ("", "assisted_voluntary")
    assert rows["ro-02051-frontex-al"]["from_place"] == "EU"
    assert rows["ro-02051-frontex-al"]["carried_out_by"] == "frontex"


def test_the_sheet_of_persons_leads_where_the_days_differ(raw: Path) -> None:
    assert by_id(raw)["ro-00019-gb-al"]["period"] == "2016-03-17"


def test_one_of_the_six_may_be_the_returning_state(raw: Path, edit: Edit) -> None:
    edit(f"{OPERATIONS}/Document-PAD-2025-00012.xlsx", "2024 TCNs", "C2", "Albania")
    assert by_id(raw)["ro-02774-al-rs"]["from_place"] == "AL"


def test_reading_twice_gives_the_same(raw: Path) -> None:
    assert read(raw, pinned=False) == read(raw, pinned=False)


_2024 = f"{OPERATIONS}/Document-PAD-2025-00012.xlsx"
_2018 = f"{OPERATIONS}/Returns_CF_2013-2018.xlsx"
_2012 = f"{OPERATIONS}/Returns_CF_2006-2012.xlsx"


@pytest.mark.parametrize(
    ("path", "sheet", "cell", "value", "told"),
    [
        (_2024, "2024 TCNs", "E1", "Persons", ["column E", "'Persons'", "'TCNs (accepted)'"]),
        (_2024, "2024 TCNs", "A1", "Operation ID", ["column A", "'Date of Departure'"]),
        (_2024, "2024 TCNs", "F1", "TCNs (boarded)", ["column F", "no further column"]),
        (_2024, "2024", "D1", None, ["sheet '2024'", "column D", "'ROID'"]),
        (_2024, "2024 TCNs", "E2", "nine", ["row 2", "column E (TCNs (accepted))", "'nine'", "whole number"]),
        (_2024, "2024 TCNs", "E2", 9.5, ["row 2", "9.5"]),
        (_2024, "2024 TCNs", "E2", -1, ["row 2", "-1"]),
        (_2024, "2024 TCNs", "E2", None, ["row 2", "None"]),
        (_2024, "2024 TCNs", "E2", True, ["row 2", "True"]),
        (_2024, "2024 TCNs", "D2", "SERVIA", ["row 2", "column D", "'SERVIA'", "ingest/places.py"]),
        (_2024, "2024 TCNs", "C2", "Grece", ["row 2", "column C (MS)", "'Grece'"]),
        (_2024, "2024 TCNs", "B2", None, ["row 2", "an operation number"]),
        (_2024, "2024 TCNs", "A2", "11.01.2024", ["row 2", "a date from 2024 to 2024"]),
        (_2018, "2013-2018_TCNs", "B2", "2106-03-17", ["row 2", "a date from 2013 to 2018"]),
        (_2024, "2024", "B2", "JVO", ["sheet '2024'", "row 2", "column B (TYPE OF OPERATION)", "'JVO'", "NRO, JRO"]),
        (_2024, "2024", "D2", None, ["row 2", "an operation number"]),
        (_2024, "2024", "D2", "RO-02510", ["row 2", "appears once"]),
        (_2012, "2006-2012", "H2", "cancelled", ["row 2", "column H", "'cancelled'"]),
    ],
)
def test_an_unknown_layout_is_refused_and_the_cell_is_named(
    raw: Path, edit: Edit, path: str, sheet: str, cell: str, value: object, told: list[str]
) -> None:
    edit(path, sheet, cell, value)
    with pytest.raises(LayoutError) as caught:
        read(raw, pinned=False)
    message = str(caught.value)
    assert path in message
    assert [part for part in [sheet, *told] if part not in message] == []


def test_lines_of_one_flow_on_two_days_are_refused(raw: Path, edit: Edit) -> None:
    from tests.ingest.conftest import day

    edit(f"{OPERATIONS}/PAD-2024-00391 Document.xlsx", "2023 TCNs", "A4", day("2023-05-10"))
    with pytest.raises(LayoutError, match="Find the right day"):
        read(raw, pinned=False)
