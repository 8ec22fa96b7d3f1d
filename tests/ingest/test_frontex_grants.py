"""Grants: every layout, the three notations of amounts, 2022 counted once, and layouts that are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest import LayoutError
from ingest.frontex_grants import read
from tests.ingest.conftest import GRANTS, RIGHT, Edit


def by_id(raw: Path) -> dict[str, dict[str, str]]:
    rows = read(raw, pinned=False)["projects"]
    assert [row["id"] for row in rows] == sorted({row["id"] for row in rows})
    return {row["id"].removeprefix("prj-frontex-grant-"): row for row in rows}


def test_every_layout_gives_the_grants_of_the_six(raw: Path) -> None:
    assert {key: (row["hosts"], row["amount_eur"], row["start"]) for key, row in by_id(raw).items()} == {
        "2009-216": ("RS", "34023.2", "2009"),
        "2011-506": ("BA", "4120.28", "2011"),
        "2012-434": ("MK", "10736.93", "2012"),
        "2014-278": ("RS", "5528.69", "2014"),
        "2015-1": ("RS", "1234567", "2015"),
        "2016-302": ("RS", "7509", "2016"),
        "2017-1": ("AL", "5992", "2017"),
        "2018-208": ("MK", "5", "2018"),
        "2021-4": ("AL", "9244.8", "2021"),
        "2021-224": ("ME", "7470.74", "2021"),
        "2022-7": ("AL", "9244.8", "2022"),
        "2023-275": ("XK", "19897.72", "2023"),
        "2024-234": ("AL", "0", "2024"),
    }


def test_a_row_has_all_that_is_known(raw: Path) -> None:
    row = by_id(raw)["2021-4"]
    assert {name: cell for name, cell in row.items() if cell} == {
        "id": "prj-frontex-grant-2021-4",
        "title": "Frontex grant 2021/4 to Albania: FOA-R pre-return",
        "kind": "grant",
        "funders": "frontex",
        "implementers": "al-state-police",
        "instrument": "Frontex grant",
        "amount_eur": "9244.8",
        "amount_eur_qualifier": "exact",
        "amount_basis": "awarded",
        "start": "2021",
        "start_kind": "decision",
        "hosts": "AL",
        "themes": "return",
        "reference": "2021/4",
        "source_id": "frontex-grants-2008-2022",
        "note": f'Beneficiary as released: "{RIGHT}"; project as released: "2021/ECRet/01-FOA-R pre-return".',
    }


def test_the_country_is_found_where_the_columns_are_swapped(raw: Path) -> None:
    row = by_id(raw)["2016-302"]
    assert row["implementers"] == "rs-interior-ministry"
    assert row["title"] == "Frontex grant 2016/302 to Serbia: Flexible Operational Activities (FOA)"


def test_2022_is_counted_once_and_frontex_own_file_leads(raw: Path) -> None:
    row = by_id(raw)["2022-7"]
    assert row["source_id"] == "frontex-grants-2022"
    assert row["title"] == "Frontex grant 2022/7 to Albania: return activities (2022/ECRET/01)"
    assert "has EUR" not in row["note"]


def test_a_difference_between_the_two_files_of_2022_is_said_in_the_note(raw: Path, edit: Edit) -> None:
    edit(f"{GRANTS}/Grants_2008_2022.xlsx", "y2022", "G2", 9000)
    row = by_id(raw)["2022-7"]
    assert row["amount_eur"] == "9244.8"
    assert row["note"].endswith('Grants_2008_2022.xlsx has EUR 9000 and "2022/ECRET/01".')


def test_a_grant_of_2022_that_only_the_collected_file_has_is_kept(raw: Path, edit: Edit) -> None:
    edit(f"{GRANTS}/Grants_2008_2022.xlsx", "y2022", "A2", "2022/8")
    rows = by_id(raw)
    assert rows["2022-8"]["source_id"] == "frontex-grants-2008-2022"
    assert rows["2022-7"]["source_id"] == "frontex-grants-2022"


def test_no_address_gets_into_a_row(raw: Path) -> None:
    rows = by_id(raw)
    assert not [row for row in rows.values() if "Street" in " ".join(row.values())]
    assert rows["2021-224"]["title"] == "Frontex grant 2021/224 to Montenegro: border management activities"
    assert "The file gives no project" in rows["2021-224"]["note"]


def test_an_amended_grant_has_its_total_and_the_sum_first_granted_in_the_note(raw: Path) -> None:
    note = by_id(raw)["2023-275"]["note"]
    assert "First granted EUR 18715.37, then amended. Period as released: 2023-06-13 to 2023-07-13." in note
    assert by_id(raw)["2023-275"]["implementers"] == "xk-police"


def test_the_number_is_kept_as_released_in_the_reference(raw: Path) -> None:
    assert by_id(raw)["2009-216"]["reference"] == "2009/216/"


def test_the_country_as_released_is_told_where_it_differs(raw: Path) -> None:
    rows = by_id(raw)
    assert 'country as released: "FYROM"' in rows["2012-434"]["note"]
    assert "country as released" not in rows["2021-4"]["note"]


def test_the_project_code_tells_the_theme_before_the_unit_does(raw: Path, edit: Edit) -> None:
    edit(f"{GRANTS}/Grants_2008_2022.xlsx", "y2016", "B2", "RSU")
    row = by_id(raw)["2016-302"]
    assert row["themes"] == "border_management"
    assert row["note"].endswith("unit as released: RSU.")


def test_a_beneficiary_that_is_not_in_the_table_leaves_the_implementer_empty(raw: Path, edit: Edit) -> None:
    edit(f"{GRANTS}/Grants_2008_2022.xlsx", "y2017", "D2", "Coast Guard")
    row = by_id(raw)["2017-1"]
    assert row["implementers"] == ""
    assert 'Beneficiary as released: "Coast Guard"' in row["note"]


def test_an_equal_line_of_the_same_number_counts_once(raw: Path, edit: Edit) -> None:
    for column, value in zip("ABCDEF", ("2012/434", "ABS", "FYROM", "Ministry of Interior"), strict=False):
        edit(f"{GRANTS}/Grants_2008_2022.xlsx", "y2012", f"{column}3", value)
    edit(f"{GRANTS}/Grants_2008_2022.xlsx", "y2012", "E3", "2012/ABS/04 PP Flexi Force")
    edit(f"{GRANTS}/Grants_2008_2022.xlsx", "y2012", "F3", 10736.93)
    assert len(by_id(raw)) == 13


def test_reading_twice_gives_the_same(raw: Path) -> None:
    assert read(raw, pinned=False) == read(raw, pinned=False)


_ALL = f"{GRANTS}/Grants_2008_2022.xlsx"
_23 = f"{GRANTS}/grants-awarded-in-2023.xlsx"
_24 = f"{GRANTS}/Grants 2024.xlsx"


@pytest.mark.parametrize(
    ("path", "sheet", "cell", "value", "told"),
    [
        (_ALL, "y2021", "G1", "Total", ["column G", "'Total awarded in EUR'"]),
        (_ALL, "y2012", "E1", "Address of Beneficiary", ["column E", "'Project No. and title'"]),
        (
            _ALL,
            "y2018",
            "C2",
            "Nort Macedonia",
            ["row 2", "column C (Country)", "'Nort Macedonia'", "ingest/places.py"],
        ),
        (_ALL, "y2018", "C2", None, ["row 2", "column C (Country)", "None"]),
        (_ALL, "y2016", "D2", "Servia", ["row 2", "column C (Country)", "in the next column"]),
        (_ALL, "y2021", "C4", "Espagne", ["row 4", "'Espagne'"]),
        (_ALL, "y2021", "G2", "no amount was_x9D_granted", ["row 2", "column G (Total awarded in EUR)", "an amount"]),
        (_ALL, "y2021", "G2", "4.466", ["row 2", "'4.466'"]),
        (_ALL, "y2018", "G2", None, ["row 2", "None"]),
        (_ALL, "y2018", "A2", None, ["row 2", "column A (Grant No)"]),
        (_ALL, "y2018", "A2", "n/a", ["row 2", "column A (Grant No)", "'n/a'"]),
        (_ALL, "y2018", "A2", "2017/1", ["row 2", "appears once", "Row 2 of sheet 'y2017'"]),
        (_ALL, "y2011", "B3", "XYZ", ["row 3", "column B (Unit/ Sector)", "'XYZ'"]),
        (_23, "Sheet1", "Y5", "Total", ["row 5", "column Y", "'Total GRANTED'"]),
        (_23, "Sheet1", "O7", "a lot", ["row 7", "column O (Amount granted)"]),
        (_23, "Sheet1", "D8", "Some Centre", ["row 8", "column C (Country)"]),
        (_24, "Grants", "E2", None, ["column E", "'Address of the beneficiary'"]),
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
