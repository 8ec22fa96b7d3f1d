"""The Home Office: what lines become, by destination and by nationality, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.errors import LayoutError
from ingest.uk_returns import read
from tests.ingest.csv_inputs import DESTINATION, NATIONALITY
from tests.ingest.csv_inputs import write_home_office as write


@pytest.fixture
def rows(tmp_path: Path) -> dict[str, dict[str, str]]:
    """The rows of the lines above, by id."""
    write(tmp_path)
    return {row["id"]: row for row in read(tmp_path, pinned=False)["returns"]}


def test_the_ids_tell_kind_place_and_period(rows: dict[str, dict[str, str]]) -> None:
    assert [*rows] == [
        "ret-homeoffice-avr-gb-al-2021",
        "ret-homeoffice-avr-gb-al-2021-q2",
        "ret-homeoffice-forced-gb-al-2021",
        "ret-homeoffice-forced-gb-al-2021-q1",
        "ret-homeoffice-forced-gb-al-2021-q2",
        "ret-homeoffice-forced-gb-nat-al-2021",
        "ret-homeoffice-forced-gb-scg-2004",
        "ret-homeoffice-forced-gb-scg-2004-q1",
        "ret-homeoffice-vol-gb-al-2021",
        "ret-homeoffice-vol-gb-al-2021-q2",
        "ret-homeoffice-vol-gb-xk-2022",
        "ret-homeoffice-vol-gb-xk-2022-q2",
    ]


def test_a_quarter_adds_its_types_and_is_a_part_of_its_year(rows: dict[str, dict[str, str]]) -> None:
    assert rows["ret-homeoffice-forced-gb-al-2021-q1"] == {
        "id": "ret-homeoffice-forced-gb-al-2021-q1",
        "from_place": "GB",
        "to_place": "AL",
        "return_type": "forced",
        "period": "2021-01/2021-03",
        "quantity": "10",
        "quantity_qualifier": "exact",
        "unit": "persons",
        "measure": "count",
        "carried_out_by": "GB",
        "reported_by": "gb-home-office",
        "part_of": "ret-homeoffice-forced-gb-al-2021",
        "source_id": "homeoffice-ret-destination-2023-q4",
        "note": "Types: 5 enforced removals from detention, 5 other returns from detention.",
    }


def test_a_year_is_the_sum_of_its_quarters(rows: dict[str, dict[str, str]]) -> None:
    year = rows["ret-homeoffice-forced-gb-al-2021"]
    assert (year["quantity"], year["period"]) == ("245", "2021")
    assert "part_of" not in year
    assert year["note"].startswith("Sum of the quarters. Types: 240 enforced removals from detention")


def test_refused_entry_is_no_return(rows: dict[str, dict[str, str]]) -> None:
    assert sum(int(row["quantity"]) for key, row in rows.items() if key.endswith("gb-al-2021-q2")) == 235 + 8 + 88
    assert rows["ret-homeoffice-forced-gb-nat-al-2021"]["quantity"] == "14"


def test_controlled_and_verified_returns_have_a_kind_of_their_own(rows: dict[str, dict[str, str]]) -> None:
    assert rows["ret-homeoffice-avr-gb-al-2021"]["return_type"] == "assisted_voluntary"
    other = rows["ret-homeoffice-vol-gb-al-2021-q2"]
    assert (other["return_type"], other["quantity"]) == ("other_voluntary", "88")
    assert other["note"] == "Types: 20 controlled returns, 68 other verified returns."
    assert other["carried_out_by"] == ""


def test_by_nationality_there_is_no_destination_but_the_note_says_where(rows: dict[str, dict[str, str]]) -> None:
    row = rows["ret-homeoffice-forced-gb-nat-al-2021"]
    assert (row["nationalities"], row.get("to_place", "")) == ("AL", "")
    assert row["source_id"] == "homeoffice-ret-nationality-2023-q4"
    assert row["note"].startswith("Sum of the quarters: 11 to the home country, 2 to the EU, 1 elsewhere.")


def test_the_lines_that_are_known_to_stand_twice_are_added_and_the_note_says_so(
    rows: dict[str, dict[str, str]],
) -> None:
    row = rows["ret-homeoffice-vol-gb-xk-2022-q2"]
    assert (row["quantity"], row["note"]) == ("7", "Two lines of the file added up: 2 and 5.")


@pytest.mark.parametrize(
    ("path", "old", "new", "told"),
    [
        (DESTINATION, "2021-03-31,2021,1", "2021-04-01,2021,1", ["line 2", "column 1 (Date)", "2021-03-31"]),
        (DESTINATION, "2021-03-31,2021,1", "2021-03-31,2021,5", ["line 2", "column 3 (Quarter)", "one of 1, 2, 3, 4"]),
        (DESTINATION, "2004-03-31,2004", "2003-03-31,2003", ["line 9", "column 2 (Year)", "'2003'"]),
        (DESTINATION, "Serbia and Montenegro", "Yugoslavia", ["line 9", "(Return destination)", "_PLACES"]),
        (DESTINATION, "Assisted returns", "Facilitated returns", ["line 5", "(Return type)", "_TYPES"]),
        (
            DESTINATION,
            "Voluntary return,Assisted",
            "Deportation,Assisted",
            ["line 5", "(Return type group)", "_GROUPS"],
        ),
        (DESTINATION, "Albania,Europe Other,235", "Albania,Asia,235", ["line 4", "(Return destination region)"]),
        (DESTINATION, "Albania,Europe Other,235", "Albania,Europe Other,z", ["line 4", "(Number of returns)", "'z'"]),
        (
            DESTINATION,
            "Other returns from detention",
            "Enforced removals from detention",
            ["line 3", "(Number of returns)", "one line with these cells"],
        ),
        (DESTINATION, "Return destination region", "Region", ["line 1", "the column titles"]),
        (NATIONALITY, "Other country", "Third country", ["line 5", "(Return destination group)", "_WENT"]),
        (NATIONALITY, "1,Albania,Europe", "1,Albanian,Europe", ["line 2", "(Nationality)", "'Albanian'"]),
        (NATIONALITY, "18 to 29,Female,Other", "18 to 29,Other", ["line 5", "11 cells"]),
    ],
)
def test_what_is_not_known_is_refused_and_the_cell_is_named(
    tmp_path: Path, path: str, old: str, new: str, told: list[str]
) -> None:
    write(tmp_path)
    text = (tmp_path / path).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / path).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(LayoutError) as caught:
        read(tmp_path, pinned=False)
    assert [part for part in [path, *told] if part not in str(caught.value)] == []
