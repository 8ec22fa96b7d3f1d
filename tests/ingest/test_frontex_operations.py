"""Return operations with staff and costs: every layout, what is decided, and layouts that are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Font

from ingest import LayoutError
from ingest.frontex_operations import read
from tests.ingest.conftest import OPERATIONS, Edit, day

_2018 = f"{OPERATIONS}/Returns_CF_2013-2018.xlsx"
_2022 = f"{OPERATIONS}/document-pad-2023-00237-1.xlsx"
_2023 = f"{OPERATIONS}/PAD-2024-00391 Document.xlsx"
_2024 = f"{OPERATIONS}/Document-PAD-2025-00012.xlsx"

Add = Callable[..., None]
Rows = dict[str, dict[str, str]]

COLOURS = "Costs: (green=already reimbursed; blue=claimed, but not paid yet,\nred=max. amount granted)"
TITLES = [None, "Participants", "Escorts (& observers, escort leaders, med staff)", COLOURS]


def tables(raw: Path) -> tuple[Rows, Rows]:
    """The operations and the states in them by id, without the `op-` that all have; empty cells are left out."""
    found = []
    for rows in read(raw, pinned=False).values():
        assert [row["id"] for row in rows] == sorted({row["id"] for row in rows})
        found.append({row["id"][3:]: {key: cell for key, cell in row.items() if cell} for row in rows})
    return found[0], found[1]


def operations(raw: Path) -> Rows:
    return tables(raw)[0]


def states(raw: Path) -> Rows:
    return tables(raw)[1]


@pytest.fixture
def add(raw: Path) -> Add:
    """A function that adds lines to a sheet of a raw file, the last cell in a colour if one is given."""

    def more(path: str, sheet: str, *lines: list[Any], colour: str = "") -> None:
        book = openpyxl.load_workbook(raw / path)
        for line in lines:
            book[sheet].append(line)
            if colour and len(line) == 4:
                book[sheet].cell(book[sheet].max_row, 4).font = Font(color=colour)
        book.save(raw / path)

    return more


@pytest.fixture
def operation(add: Add) -> Add:
    """A function that adds an operation of 2013 to 2018 with the persons of its states."""

    def more(number: str, on: str, where: str, persons: dict[str, int], monitors: str = "") -> None:
        add(_2018, "2013-2018", [day(on), "JRO", where, monitors or None, number, 1])
        place = where.partition(" & ")[0].upper()
        add(_2018, "2013-2018_TCNs", *([number, day(on), state, place, n] for state, n in persons.items()))

    return more


class TestOperations:
    def test_a_row_has_all_that_is_known(self, raw: Path) -> None:
        assert operations(raw)["ro-02051"] == {
            "id": "op-ro-02051",
            "reference": "RO-02051",
            "date": "2022-01-25",
            "return_type": "forced",
            "destinations": "AL",
            "reach": "wb6",
            "states": "AL;DE;ES;EU",
            "persons": "22",
            "persons_wb6": "22",
            "frontex_staff": "2",
            "monitors": "2",
            "rights_monitors": "1",
            "source_id": "frontex-returns-2019-2022",
            "note": "Organised by Frontex; type as released: FRONTEX-RO.",
        }

    def test_an_operation_that_also_went_elsewhere_is_kept_whole(self, raw: Path) -> None:
        row = operations(raw)["ro-2006-001"]
        assert (row["destinations"], row["reach"]) == ("GE;RS", "wider")
        assert (row["persons"], row["persons_wb6"]) == ("8", "3")
        assert states(raw)["ro-2006-001-at"]["persons_wb6"] == "3"

    def test_an_operation_without_a_place_among_the_six_is_left_out(self, raw: Path, operation: Add) -> None:
        operation("RO-00999", "2018-05-06", "Nigeria & The Gambia (The Gambia cancelled)", {"Germany": 7})
        assert "ro-00999" not in operations(raw)

    def test_what_the_two_sheets_say_differently_is_in_the_note(self, raw: Path, edit: Edit) -> None:
        edit(_2024, "2024", "C2", "Albania and Kosovo")
        row = operations(raw)["ro-02774"]
        assert row["destinations"] == "AL;RS;XK"
        assert "has the destinations AL;XK, the sheet of persons RS." in row["note"]
        assert "has 2016-03-16 as its day" in operations(raw)["ro-00019"]["note"]
        assert operations(raw)["ro-00019"]["date"] == "2016-03-17"
        assert "The sheet of operations does not list it." in operations(raw)["vrd-00018"]["note"]
        assert "The sheet of Frontex staff has 2023-05-10 as its day." in operations(raw)["ro-02510"]["note"]

    def test_what_has_no_line_is_empty_and_said(self, raw: Path) -> None:
        row = operations(raw)["ro-02774"]
        assert row.keys() & {"monitors", "rights_monitors", "frontex_staff"} == set()
        assert row["note"].count("has no line on it") == 3
        assert states(raw)["ro-02774-gr"].keys() & {"paid_eur", "escorts"} == set()

    @pytest.mark.parametrize(
        ("text", "number"),
        [
            *(
                ("1 AUT (pool) + 1 FRA", "2"),
                ("2 BEL, 1 ALB", "3"),
                ("1CZE (pool)", "1"),
                ("1 NLD + 1 HRV obser.", "1"),
            ),
            *(("1 AUT + 1 ICMPD (FReM project)", "2"), ("1 SRB + 2 BEL + 1 FRO", "4"), ("2 SWE observ.", "0")),
        ],
    )
    def test_monitors_to_2018_are_counted_in_the_text(self, raw: Path, operation: Add, text: str, number: str) -> None:
        operation("RO-00999", "2018-05-06", "Albania", {"Germany": 7}, text)
        row = operations(raw)["ro-00999"]
        assert row["monitors"] == number
        assert f"Monitors as released: {text.rstrip('.')}." in row["note"]
        assert "monitors" not in states(raw)["ro-00999-de"]

    def test_an_empty_cell_of_monitors_is_not_known(self, raw: Path, operation: Add) -> None:
        operation("RO-00999", "2018-05-06", "Albania", {"Germany": 7})
        assert "monitors" not in operations(raw)["ro-00999"]


class TestStaffAndCosts:
    def test_the_lines_of_a_state_are_added_up(self, raw: Path) -> None:
        row = states(raw)["ro-02051-es"]
        figures = {"escort_leaders": "1", "escorts": "34", "frontex_escorts": "3", "medical": "2", "observers": "2"}
        figures |= {"monitors": "2", "pool_monitors": "1", "persons": "22", "paid_eur": "1895.4301"}
        assert figures.items() <= row.items()
        assert row["note"] == "2 lines of the sheet of staff added up (escorts: 30 and 4)."

    def test_frontex_itself_is_the_union_and_a_state_of_destination_has_no_persons(self, raw: Path) -> None:
        rows = states(raw)
        assert (rows["ro-02051-eu"]["paid_eur"], rows["ro-02051-eu"]["persons"]) == ("54337.5", "0")
        assert rows["ro-02051-al"]["paid_eur"] == "0"
        assert "persons" not in rows["ro-02051-al"]

    def test_a_line_without_an_amount_is_not_known(self, raw: Path, edit: Edit) -> None:
        edit(_2022, "2022_costs", "D3", None)
        row = states(raw)["ro-02051-es"]
        assert "paid_eur" not in row
        assert "lists it without an amount" in row["note"]

    def test_the_last_line_of_2017_is_the_sum(self, raw: Path, operation: Add, add: Add) -> None:
        operation("RO-00999", "2017-05-06", "Albania", {"Germany": 7})
        add(_2018, "2017_costs", ["RO-00999", day("2017-05-06"), "DEU", 10.5], [None, None, None, 10.5])
        assert states(raw)["ro-00999-de"]["paid_eur"] == "10.5"
        add(_2018, "2017_costs", [None, None, None, 11])
        with pytest.raises(LayoutError, match=r"the sum of the lines above, 10\.5"):
            read(raw, pinned=False)

    def test_officials_of_2016_are_those_of_the_operation(self, raw: Path, add: Add) -> None:
        add(_2018, "2016_staff_not in FAR", [day("2016-03-17"), "RO-00019", 48])
        assert operations(raw)["ro-00019"]["officials"] == "48"
        assert "officials" not in states(raw)["ro-00019-gb"]

    def test_costs_of_2016_by_number(self, raw: Path) -> None:
        assert states(raw)["ro-00019-gb"]["paid_eur"] == "51427.9"


class TestLists:
    """The lists of costs under headings, 2013 to 2015."""

    def listed(self, add: Add, year: int, heading: list[Any], *lines: list[Any], colour: str = "FF008000") -> None:
        add(_2018, f"{year}_costs_staff", heading, TITLES, *lines, colour=colour)

    def test_a_heading_belongs_to_the_operation_of_its_day_and_destinations(
        self, raw: Path, operation: Add, add: Add
    ) -> None:
        operation("RO-2013-008", "2013-03-05", "Serbia & North Macedonia", {"Germany": 7, "Sweden": 3})
        operation("RO-2013-009", "2013-03-05", "Serbia", {"Germany": 5})
        head = ["01. JRO", "2012/ROS/49 - JRO TO SERBIA & FYROM, 05 MARCH 2013, DE"]
        lines: list[list[Any]] = [[None, "GERMANY", 40, 127106.88], [None, "SWEDEN_RF", 30, 0]]
        lines += [[None, "FRANCE_cancellation", None, 0], [None, "FX mission", None, 2411.84]]
        self.listed(add, 2013, head, *lines, [None, None, 70, 129518.72])
        found, rows = tables(raw)
        assert found["ro-2013-008"]["officials"] == "70"
        assert found["ro-2013-008"]["states"] == "DE;EU;SE"
        assert 'The list of costs has the line "FRANCE_cancellation".' in found["ro-2013-008"]["note"]
        assert (rows["ro-2013-008-de"]["paid_eur"], rows["ro-2013-008-de"]["officials"]) == ("127106.88", "40")
        assert rows["ro-2013-008-se"]["paid_eur"] == "0"
        assert rows["ro-2013-008-se"]["note"] == 'The list of costs calls it "SWEDEN_RF".'
        assert rows["ro-2013-008-eu"]["paid_eur"] == "2411.84"
        assert "paid_eur" not in rows["ro-2013-009-de"]
        assert "has no line on it" in found["ro-2013-009"]["note"]

    def test_a_heading_of_2015_has_the_number(self, raw: Path, operation: Add, add: Add) -> None:
        operation("RO-2015-010", "2015-03-11", "Kosovo*", {"Austria": 7})
        operation("RO-2015-011", "2015-03-11", "Kosovo*", {"Austria": 9})
        head = ["RO-2015-011", "2015/ROS/12 - JRO TO KOSOVO, 11 MARCH 2015"]
        self.listed(add, 2015, head, [None, "AUSTRIA", 42, 84624.47], [None, None, 42, 84624.47])
        assert states(raw)["ro-2015-011-at"]["paid_eur"] == "84624.47"
        assert "paid_eur" not in states(raw)["ro-2015-010-at"]

    def test_a_total_that_is_not_that_of_its_lines_is_in_the_note(self, raw: Path, operation: Add, add: Add) -> None:
        operation("RO-2014-001", "2014-01-14", "Kosovo*", {"Austria": 7})
        head = ["01. JRO", "2014/ROS/01 - JRO TO KOSOVO, 14 JANUARY 2014, AT"]
        self.listed(add, 2014, head, [None, "AUSTRIA", 42, 100], [None, None, 41, 99])
        note = operations(raw)["ro-2014-001"]["note"]
        assert "The total in the list of costs is EUR 99, but its lines add up to EUR 100." in note
        assert "The total of officials in the list of costs is 41, but its lines add up to 42." in note

    @pytest.mark.parametrize(
        ("heading", "line", "colour", "told"),
        [
            ("2014/ROS/01 - JRO TO KOSOVO, 14 JANUARY 2014, AT", "AUSTRIA", "FF0000FF", "a green amount"),
            ("2014/ROS/01 - JRO TO KOSOVO, 14 JANUARY 2014, AT", "AUSTRIA_perhaps", "FF008000", "a state in capitals"),
            ("2014/ROS/01 - JRO TO KOSOVO, 14 JANUARY 2013, AT", "AUSTRIA", "FF008000", "a day of 2014"),
            ("2014/ROS/01 - JRO TO KOSOWO, 14 JANUARY 2014, AT", "AUSTRIA", "FF008000", "not 'kosowo'"),
            ("JRO TO KOSOVO, 14 JANUARY 2014, AT", "AUSTRIA", "FF008000", "a heading such as"),
            ("2014/ROS/01 - JRO TO SERBIA, 14 JANUARY 2014, AT", "AUSTRIA", "FF008000", "its day and destinations"),
        ],
    )
    def test_what_is_not_known_is_refused(
        self, raw: Path, operation: Add, add: Add, heading: str, line: str, colour: str, told: str
    ) -> None:
        operation("RO-2014-001", "2014-01-14", "Kosovo*", {"Austria": 7})
        self.listed(add, 2014, ["01. JRO", heading], [None, line, 42, 100], [None, None, 42, 100], colour=colour)
        with pytest.raises(LayoutError, match="expected") as caught:
            read(raw, pinned=False)
        assert told in str(caught.value)


class TestListOf2016:
    """The list of 2016 has a number of its own for each operation."""

    def listed(self, add: Add, number: int, where: str, on: str, *lines: tuple[str, Any]) -> None:
        total = sum(amount for _, amount in lines if isinstance(amount, int | float))
        rows = [[None, name, None, amount] for name, amount in lines]
        add(_2018, "2016_costs_II part", [number, f"RO TO {where}", day(on), total], *rows)

    def test_two_operations_of_a_day_are_told_by_their_states(self, raw: Path, operation: Add, add: Add) -> None:
        operation("RO-2016-099", "2016-08-18", "Kosovo*", {"Austria": 23, "Germany": 28})
        operation("RO-2016-100", "2016-08-18", "Kosovo*", {"Germany": 65})
        self.listed(add, 90, "KOSOVO", "2016-08-18", ("AUSTRIA", 86800.64), ("GERMANY - 2015/ROS/66", 4263.92))
        self.listed(add, 91, "KOSOVO", "2016-08-19", ("GERMANY", 60178.17), ("HUNGARY_cancelled", "."))
        found, rows = tables(raw)
        assert rows["ro-2016-099-at"]["paid_eur"] == "86800.64"
        assert rows["ro-2016-099-de"]["note"] == 'The list of costs calls it "GERMANY - 2015/ROS/66".'
        assert rows["ro-2016-100-de"]["paid_eur"] == "60178.17"
        assert "The list of costs has 2016-08-19 as its day." in found["ro-2016-100"]["note"]
        assert "ro-2016-100-hu" not in rows

    def test_operations_that_cannot_be_told_apart_stay_empty(self, raw: Path, operation: Add, add: Add) -> None:
        operation("RO-2016-112", "2016-08-31", "Kosovo*", {"Germany": 32})
        operation("RO-2016-113", "2016-08-31", "Kosovo*", {"Germany": 36})
        self.listed(add, 97, "KOSOVO (from DUS)", "2016-08-31", ("GERMANY", 55285.18))
        self.listed(add, 98, "KOSOVO (from LEIPZIG)", "2016-08-31", ("GERMANY", 60641.82))
        found, rows = tables(raw)
        for number in ("ro-2016-112", "ro-2016-113"):
            assert "paid_eur" not in rows[f"{number}-de"]
            assert "EUR 55285.18; RO TO KOSOVO (from LEIPZIG), EUR 60641.82" in found[number]["note"]

    def test_a_heading_of_no_operation_is_refused(self, raw: Path, add: Add) -> None:
        self.listed(add, 1, "SERBIA", "2016-01-19", ("GERMANY", 1))
        with pytest.raises(LayoutError, match="the heading of an operation of its day and destinations"):
            read(raw, pinned=False)


@pytest.mark.parametrize(
    ("path", "sheet", "cell", "value", "told"),
    [
        (_2022, "2022_costs", "D1", "PAID", ["column D", "'TOTAL PAID'"]),
        (_2022, "2022_costs", "C2", "FRX", ["row 2", "'FRX'", "a known code of three letters, or FX"]),
        (_2022, "2022_costs", "D2", "a lot", ["row 2", "'a lot'", "an amount in euro"]),
        (_2022, "2022_costs", "A2", "RO-99999", ["row 2", "the number of an operation"]),
        (_2022, "2022_costs", "B2", day("2021-01-25"), ["row 2", "a date from 2022 to 2022"]),
        (_2022, "2019-2022_staff", "C2", "Spane", ["row 2", "'Spane'", "a known spelling of a state"]),
        (_2022, "2019-2022_staff", "E2", "many", ["row 2", "column E (Escorts)", "'many'"]),
        (_2022, "2019-2022_staff", "A2", "RO-99999", ["row 2", "the number of an operation"]),
        (_2022, "2019-2022_Frontex staff", "C2", -1, ["row 2", "-1"]),
        (_2018, "2016_costs_I part", "B2", "Britain", ["row 2", "'Britain'"]),
        (_2018, "2013-2018", "C2", "Albania & Atlantis", ["row 2", "known spellings of countries"]),
        (_2018, "2013-2018", "C2", "Albania & Nigeria", ["row 2", "countries with a code of the package"]),
        (_2018, "2013-2018", "D2", "one from Austria", ["row 2", "monitors such as"]),
        (_2018, "2013_costs_staff", "A1", "Completed JRO for reviewing", ["column A", "'Completed JRO 2013"]),
        (_2018, "2013_costs_staff", "B2", "GERMANY", ["row 2", "a heading such as"]),
    ],
)
def test_an_unknown_layout_is_refused_and_the_cell_is_named(
    raw: Path, edit: Edit, path: str, sheet: str, cell: str, value: object, told: list[str]
) -> None:
    edit(path, sheet, cell, value)
    with pytest.raises(LayoutError) as caught:
        read(raw, pinned=False)
    message = str(caught.value)
    assert [part for part in [path, sheet, *told] if part not in message] == []


def test_reading_twice_gives_the_same(raw: Path) -> None:
    assert read(raw, pinned=False) == read(raw, pinned=False)
