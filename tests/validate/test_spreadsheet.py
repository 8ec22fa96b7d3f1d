"""What a spreadsheet does to a table when it saves it is recognised, undone where that is no guess, and else explained."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borderledger.package import Field, Package, canonical_text
from tests.conftest import ROOT, Mini, checked
from validate import Finding, Report
from validate.cells import cell_tests
from validate.fix import fix
from validate.ledger import Ledger
from validate.spreadsheet.forms import Reading, recognise
from validate.spreadsheet.rewritten import rewritten_cells


def field(type: str = "string", pattern: str = "", *, edtf: bool = False, minimum: float | None = None) -> Field:
    return Field("thing", "Thing", "", type, False, False, pattern, minimum, {}, False, edtf, False, "", ())


DATE, DAY = field(edtf=True), field("date")
COUNT, AMOUNT = field("integer", minimum=0), field("number", minimum=0)
CODE, YEAR = field(pattern="[a-z0-9]+(?:-[a-z0-9]+)*"), field(pattern="[0-9]{4}")


def refused(column: Field, cell: str) -> Reading:
    """The reading of a cell that is recognised, but not mended."""
    reading = recognise(column, cell)
    assert reading is not None
    assert not reading.sure
    assert reading.value == ""
    assert reading.values or reading.type
    return reading


# --- one cell --------------------------------------------------------------------------------------------------------


class TestDates:
    """A day that can be read in one way is that day."""

    @pytest.mark.parametrize("column", [DATE, DAY])
    @pytest.mark.parametrize(
        ("cell", "day"),
        [
            ("11.06.2025", "2025-06-11"),  # German; with dots the day comes first, everywhere
            ("1.6.2025", "2025-06-01"),
            ("11.6.2025.", "2025-06-11"),  # Croatian
            ("11. 6. 2025.", "2025-06-11"),
            ("2025. 06. 11.", "2025-06-11"),  # Hungarian
            ("2025.06.11", "2025-06-11"),
            ("2025/06/11", "2025-06-11"),
            ("2025/6/1", "2025-06-01"),
            ("2025-6-1", "2025-06-01"),
            ("13/06/2025", "2025-06-13"),  # a number above 12 is the day
            ("06/13/2025", "2025-06-13"),
            ("13-06-2025", "2025-06-13"),
            ("06/06/2025", "2025-06-06"),  # both readings are the same day
            ("11 June 2025", "2025-06-11"),
            ("11-Jun-2025", "2025-06-11"),
            ("11. Juni 2025", "2025-06-11"),
            ("June 11, 2025", "2025-06-11"),
            ("11. lipnja 2025.", "2025-06-11"),  # Croatian
            ("11. juni 2025", "2025-06-11"),  # Bosnian, Montenegrin
            ("11. jun 2025.", "2025-06-11"),  # Serbian
            ("11. juna 2025. godine", "2025-06-11"),
            ("11. јун 2025.", "2025-06-11"),
            ("11. јуна 2025. године", "2025-06-11"),
            ("11 јуни 2025 г.", "2025-06-11"),  # Macedonian
            ("11 qershor 2025", "2025-06-11"),  # Albanian
            ("11 giugno 2025", "2025-06-11"),
            ("1° giugno 2025", "2025-06-01"),
            ("11 juin 2025", "2025-06-11"),
            ("1er juin 2025", "2025-06-01"),
            ("11-svi-2025", "2025-05-11"),
            ("11. JUNI 2025", "2025-06-11"),
            ("11.06.2025 00:00", "2025-06-11"),
            ("11.06.2025 00:00:00", "2025-06-11"),
            ("2025-06-11 00:00:00", "2025-06-11"),
            ("2025-06-11T00:00:00", "2025-06-11"),
            ("6/13/2025 12:00:00 AM", "2025-06-13"),
        ],
    )
    def test_a_day_in_another_form(self, column: Field, cell: str, day: str) -> None:
        reading = recognise(column, cell)
        assert reading is not None
        assert reading.value == day

    @pytest.mark.parametrize(
        ("cell", "value"),
        [
            ("01.06.2025/30.06.2025", "2025-06-01/2025-06-30"),
            ("2025-06-01/30.06.2025", "2025-06-01/2025-06-30"),
            ("../11.06.2025", "../2025-06-11"),
            ("11.06.2025/..", "2025-06-11/.."),
            ("6/13/2025/6/30/2025", "2025-06-13/2025-06-30"),
            ("2025/06/01/2025/06/30", "2025-06-01/2025-06-30"),
            ("11.06.2025~", "2025-06-11~"),
        ],
    )
    def test_each_end_of_an_interval(self, cell: str, value: str) -> None:
        reading = recognise(DATE, cell)
        assert reading is not None
        assert reading.value == value

    @pytest.mark.parametrize(
        ("cell", "values"),
        [
            ("11/06/2025", {"2025-06-11", "2025-11-06"}),
            ("1/2/2025", {"2025-01-02", "2025-02-01"}),
            ("11-06-2025", {"2025-06-11", "2025-11-06"}),
            ("6/1/2025/6/30/2025", {"2025-06-01/2025-06-30", "2025-01-06/2025-06-30"}),
            # That an interval does not run backwards is no reason to choose: its ends can be wrong as well.
            ("10/6/2025/11/6/2025", {"2025-10-06/2025-11-06", "2025-06-10/2025-06-11", "2025-06-10/2025-11-06"}),
            ("45819", {"2025-06-11", "2029-06-12"}),
            ("14. listopada 2024.", {"2024-10-14", "2024-11-14"}),  # October in Croatian, November in Polish
            ("14-srp-2024", {"2024-07-14", "2024-08-14"}),  # July in Croatian, August in Czech
        ],
    )
    def test_what_can_be_two_days_is_neither(self, cell: str, values: set[str]) -> None:
        assert set(refused(DATE, cell).values) >= values

    @pytest.mark.parametrize(
        ("cell", "fits", "misfits"),
        [
            ("Jun 25", ("2025-06", "2024-06-25"), ("2025-07", "2025-06-11", "2025")),
            ("Jun-25", ("2025-06",), ("2025-05",)),
            ("Mai 25", ("2025-05",), ("2025-06",)),
            ("11-Jun-25", ("2025-06-11", "1925-06-11"), ("2025-06", "2025-06-12")),
            ("11. Jun", ("2025-06-11",), ("2025-06",)),
            ("11.06.25", ("2025-06-11",), ("2025-06-12", "2025-06")),
            ("6/11/25", ("2025-06-11", "2025-11-06"), ("2025-06-10",)),
            ("June 2025", ("2025-06", "2025-06-11"), ("2025-07",)),
            ("06.2025", ("2025-06", "2025-06-11"), ("2025-07",)),
            ("06/2025", ("2025-06",), ("2025",)),
            ("lip 25", ("2025-06", "2025-07"), ("2025-08",)),  # June in Croatian, July in Polish
            ("########", (), ("2025-06",)),
            ("#NAME?", (), ("2025-06",)),
        ],
    )
    def test_a_day_or_year_that_is_gone_is_not_made_up(
        self, cell: str, fits: tuple[str, ...], misfits: tuple[str, ...]
    ) -> None:
        reading = refused(DATE, cell)
        assert [value for value in (*fits, *misfits) if reading.fits(value)] == [*fits]

    @pytest.mark.parametrize(
        "cell",
        [
            "",
            "Planned",
            "maybe 25",
            "31.02.2025",
            "31. lipnja 2024.",
            "11. Smarch 2025",
            "13/13/2025",
            "2025-6",
            "2025/2024",
            "30.06.2025/01.06.2025",
            "1.2.3",
            "11.06.2025 14:30",
            "11/06/2025/..",
            "۱۱.06.2025",
            "1.1.1.1.2025",
            "9" * 5000,
            "1." * 5000,
        ],
    )
    def test_anything_else_is_not_taken_for_a_date_of_a_spreadsheet(self, cell: str) -> None:
        reading = recognise(DATE, cell)
        assert reading is None or not reading.sure

    def test_the_first_of_a_month_can_have_been_the_month(self) -> None:
        reading = recognise(DATE, "01.06.2025")
        assert reading is not None
        assert reading.value == "2025-06-01"
        assert reading.fits("2025-06")
        assert not reading.fits("2025")

    def test_an_interval_is_no_day(self) -> None:
        assert recognise(DAY, "11.06.2025/12.06.2025") is None


class TestFigures:
    """Separators go where they can only be separators."""

    @pytest.mark.parametrize(
        ("cell", "value"),
        [
            ("1,000", "1000"),
            ("1.000", "1000"),
            ("1'000", "1000"),
            ("1’000", "1000"),
            ("1 000", "1000"),
            ("1.000.000", "1000000"),
            ("12,345,678", "12345678"),
            ("1.000,00", "1000"),
            ("1,000.00", "1000"),
            ("1000,00", "1000"),
            ("5.0", "5"),
            ("0,00", "0"),
        ],
    )
    def test_a_count(self, cell: str, value: str) -> None:
        reading = recognise(COUNT, cell)
        assert reading is not None
        assert reading.value == value

    @pytest.mark.parametrize(
        ("cell", "value"),
        [
            ("1.234,50", "1234.5"),
            ("1,234.50", "1234.5"),
            ("1.234.567", "1234567"),
            ("1,234,567.25", "1234567.25"),
            ("1234,5", "1234.5"),
            ("1234,500", "1234.5"),
            ("1 000", "1000"),
            ("1 234,567", "1234.567"),
            ("1'234.567", "1234.567"),
            ("0,500", "0.5"),  # thousands do not begin with a zero
            ("1,50", "1.5"),
            ("1000.00", "1000"),
            ("5.0", "5"),
        ],
    )
    def test_an_amount(self, cell: str, value: str) -> None:
        reading = recognise(AMOUNT, cell)
        assert reading is not None
        assert reading.value == value

    @pytest.mark.parametrize("cell", ["1,000", "1.000"])
    def test_a_thousand_or_one(self, cell: str) -> None:
        assert refused(AMOUNT, cell).values == ("1000", "1")

    def test_a_least_figure_does_not_decide(self) -> None:
        assert refused(field("number", minimum=10), "1.000").values == ("1000",)

    @pytest.mark.parametrize("column", [COUNT, AMOUNT])
    @pytest.mark.parametrize(
        ("cell", "fits", "misfits"),
        [
            ("1,2E+06", ("1200000", "1234567"), ("1260000", "1.2", "1,2E+06")),
            ("1.23457E+12", ("1234567890123",), ("1234467890123",)),
            ("12%", (), ("12", "0.12")),
            ("€ 1,000", (), ("1000",)),
            ("1.000,00 EUR", (), ("1000",)),
            ("$5", (), ("5",)),
            ("01. Mai", (), ("1.5",)),
            ("####", (), ("5",)),
            ("#DIV/0!", (), ("5",)),
        ],
    )
    def test_digits_that_are_gone_are_not_made_up(
        self, column: Field, cell: str, fits: tuple[str, ...], misfits: tuple[str, ...]
    ) -> None:
        reading = refused(column, cell)
        assert [value for value in (*fits, *misfits) if reading.fits(value)] == [*fits]

    @pytest.mark.parametrize("column", [COUNT, AMOUNT])
    @pytest.mark.parametrize(
        "cell",
        ["1_000", "+5", "007", "1,00,000", "1.000.00", "1,000,00", "1 00", "about 5", "-", "-1,000", "٣,٠٠٠", "NaN"],
    )
    def test_anything_else_is_left_for_a_person(self, column: Field, cell: str) -> None:
        reading = recognise(column, cell)
        assert reading is None or not reading.sure

    def test_a_part_of_a_person_is_no_count(self) -> None:
        assert recognise(COUNT, "1.5") is None


class TestCodes:
    """A code that became a figure or a date is known for that, and never guessed."""

    @pytest.mark.parametrize(
        ("column", "cell", "values"),
        [
            (YEAR, "987", ("0987",)),
            (YEAR, "7", ("0007",)),
            (field(pattern="[0-9]{3}|[0-9]{5}"), "12", ("012", "00012")),
            (CODE, "11.11.2011", ()),
            (CODE, "11-Nov-11", ()),
            (CODE, "1,2E+06", ()),
        ],
    )
    def test_recognised(self, column: Field, cell: str, values: tuple[str, ...]) -> None:
        assert refused(column, cell).values == values

    @pytest.mark.parametrize("cell", ["20256", "Bad Code", "-7"])
    def test_not_recognised(self, cell: str) -> None:
        assert recognise(YEAR, cell) is None

    def test_prose_is_never_read(self) -> None:
        assert recognise(field(), "11.06.2025") is None


class TestNothingElse:
    @given(st.text(), st.sampled_from([DATE, DAY, COUNT, AMOUNT, CODE, YEAR]))
    def test_what_is_mended_is_in_the_form_of_its_field(self, cell: str, column: Field) -> None:
        reading = recognise(column, cell)
        values = reading.values if reading else ()
        assert not [value for value in values for test in cell_tests(column) if test.fails(value)]

    @given(st.text("0123456789.,'/- ~E"), st.sampled_from([DATE, COUNT, AMOUNT]))
    def test_digits_are_neither_lost_nor_added_but_zeros(self, cell: str, column: Field) -> None:
        reading = recognise(column, cell)
        if reading is not None and reading.sure:
            assert sorted(re.sub("[^1-9]", "", cell)) == sorted(re.sub("[^1-9]", "", reading.value))


# --- as the programs save it -----------------------------------------------------------------------------------------

Save = Callable[[str, Field], str]


def german(cell: str, column: Field) -> str:
    """A cell as Excel with German settings saves it: days with dots, commas before decimals, grouped figures."""
    if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", cell) and (column.edtf or column.type == "date"):
        return date.fromisoformat(cell).strftime("%d.%m.%Y")
    if column.type == "integer" and cell:
        return f"{int(cell):,}".replace(",", ".")
    if column.type == "number" and cell:
        return f"{Decimal(cell):,.{_places(cell)}f}".translate({ord(","): ".", ord("."): ","})
    return cell


def _places(cell: str) -> int:
    """How many decimals a column shows: two, or those of the amount; Frontex has amounts with four."""
    return max(2, len(cell.partition(".")[2]))


def american(cell: str, column: Field) -> str:
    """A cell as Excel with the settings of the United States saves it; most days can be read in two ways."""
    if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", cell) and (column.edtf or column.type == "date"):
        day = date.fromisoformat(cell)
        return f"{day.month}/{day.day}/{day.year}"
    if column.type in ("integer", "number") and cell:
        return f"{Decimal(cell):,}"
    return cell


def libreoffice(cell: str, column: Field) -> str:
    """A cell as LibreOffice with English settings for Europe saves it."""
    if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", cell) and (column.edtf or column.type == "date"):
        return date.fromisoformat(cell).strftime("%-d %B %Y") if os.name != "nt" else cell
    if column.type in ("integer", "number") and cell:
        return f"{Decimal(cell):.{_places(cell)}f}"
    return cell


def stated(package: Package, table: str, row: dict[str, str]) -> dict[str, Field]:
    """The field of each cell of a row; a claim states a value of the field that it is about."""
    columns = dict(package.tables[table].by_name)
    if table == "claims":
        core = next(one for one in package.core if row["record_id"] in _ids(package, one.name))
        columns["value"] = core.by_name[row["field"]]
    return columns


_IDS: dict[tuple[int, str], set[str]] = {}


def _ids(package: Package, table: str) -> set[str]:
    key = (id(package.sheets[table]), table)
    if key not in _IDS:
        _IDS[key] = {row["id"] for row in package.sheets[table].records().values()}
    return _IDS[key]


def saved(
    root: Path, table: str, how: Save, *, mark: str = ",", end: str = "\r\n", pad: int = 0, blank: int = 0
) -> str:
    """A table of a package as a spreadsheet saves all of it."""
    package = Package.read(root)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=mark, lineterminator=end)
    writer.writerow(package.tables[table].names + [""] * pad)
    for row in package.sheets[table].records().values():
        columns = stated(package, table, row)
        writer.writerow([how(cell, columns[name]) for name, cell in row.items()] + [""] * pad)
    width = len(package.tables[table].names) + pad
    return out.getvalue() + blank * (mark * (width - 1) + end)


PROGRAMS = {
    "Excel, German": lambda root, table: saved(root, table, german, mark=";").encode("utf-8-sig"),
    "Excel, German, sep=": lambda root, table: ("sep=;\r\n" + saved(root, table, german, mark=";")).encode(),
    "Excel, Unicode text": lambda root, table: saved(root, table, german, mark="\t").encode("utf-16"),
    "Excel, with room": lambda root, table: saved(root, table, german, mark=";", pad=2, blank=3).encode("utf-8-sig"),
    "LibreOffice": lambda root, table: saved(root, table, libreoffice, end="\n", blank=1).encode(),
    "UTF-32": lambda root, table: saved(root, table, libreoffice).encode("utf-32"),
}
TABLES = ("agreements", "claims", "control_totals", "deployments", "facilities", "organisations", "places")
TABLES += ("projects", "returns", "sources")


#: Every table as two programs save it, and two tables as the others do.
SAVED = [(program, table) for program in ("Excel, with room", "LibreOffice") for table in TABLES]
SAVED += [(program, table) for program in [*PROGRAMS][:3] + [*PROGRAMS][5:] for table in ("claims", "deployments")]


@pytest.mark.parametrize(("program", "table"), SAVED)
def test_a_table_that_a_spreadsheet_saved_comes_back_byte_for_byte(mini: Mini, program: str, table: str) -> None:
    """And until then each finding is about what the spreadsheet did, and names the command."""
    path = mini.root / f"data/{table}.csv"
    before = path.read_bytes()
    path.write_bytes(PROGRAMS[program](mini.root, table))
    findings = checked(mini.root).findings
    assert {f.file for f in findings} == {f"data/{table}.csv"}
    assert {f.rule for f in findings} <= OF_FILE | {"cell.date", "cell.type", "evidence.value"}
    assert OF_FILE & {f.rule for f in findings}
    assert all("python -m validate --fix" in f.fix for f in findings)
    assert f"data/{table}.csv: written in canonical form" in fix(mini.root)
    assert path.read_bytes() == before
    assert fix(mini.root) == []


OF_FILE = {"file.encoding", "file.line-ends", "file.delimiter", "file.padding", "file.blank"}


class TestSecondEntry:
    """What can be read in two ways is what the other entry says, if there is one."""

    @pytest.mark.parametrize("table", ["agreements", "deployments", "facilities"])
    def test_american_days_are_those_of_the_claims(self, mini: Mini, table: str) -> None:
        path = mini.root / f"data/{table}.csv"
        before = path.read_bytes()
        path.write_bytes(saved(mini.root, table, american).encode("utf-8-sig"))
        assert not [f for f in checked(mini.root).findings if "--fix" not in f.fix]
        fix(mini.root)
        assert path.read_bytes() == before

    @pytest.mark.parametrize(
        ("cell", "value"),
        [
            ("11/06/2025", "2025-06-11"),
            ("11/06/2025", "2025-11-06"),
            ("Jun 25", "2025-06"),
            ("01.06.2025", "2025-06"),
            ("14. listopada 2024.", "2024-10-14"),
            ("14 listopada 2024", "2024-11-14"),
            ("listopad 2024.", "2024-10"),
        ],
    )
    def test_a_date(self, mini: Mini, cell: str, value: str) -> None:
        record = deployment(mini, date=value)
        record["date"] = cell
        (finding,) = self.of(mini, "data/deployments.csv", "date")
        assert finding.value == cell
        assert re.search(rf"the claim in data/claims\.csv:[0-9]+ says {value}$", finding.message)
        fix(mini.root)
        assert held(mini, "deployments", record["id"])["date"] == value

    def test_a_figure(self, mini: Mini) -> None:
        amounts = (c for c in mini.rows["claims"] if c["field"] == "amount_eur" and c["verdict"] == "agrees")
        claim = next(amounts)
        record = mini.row("projects", id=claim["record_id"])
        record["amount_eur"] = f"{Decimal(claim['value']):.2E}".replace(".", ",")
        (finding,) = self.of(mini, "data/projects.csv", "amount_eur")
        assert "scientific notation" in finding.message
        fix(mini.root)
        assert held(mini, "projects", record["id"])["amount_eur"] == claim["value"]

    def test_a_claim_is_what_its_record_says(self, mini: Mini) -> None:
        record = deployment(mini, date="2025-06-11")
        claim = mini.row("claims", record_id=record["id"], field="date")
        mini.save()
        before = (mini.root / "data/claims.csv").read_bytes()
        claim["value"] = "11/06/2025"
        (finding,) = self.of(mini, "data/claims.csv", "value")
        assert re.search(r"date in data/deployments\.csv:[0-9]+ says 2025-06-11$", finding.message)
        fix(mini.root)
        assert (mini.root / "data/claims.csv").read_bytes() == before

    def test_the_zeros_of_a_code(self, mini: Mini) -> None:
        record = next(r for r in mini.rows["agreements"] if r["id"] == "agr-status-ba-2025")
        record["oj_ref"] = "0042"
        for claim in [c for c in mini.rows["claims"] if c["record_id"] == record["id"] and c["field"] == "oj_ref"]:
            mini.rows["claims"].remove(claim)
        mini.claim(record["id"], "oj_ref", "0042")
        assert not mini.check().findings
        record["oj_ref"] = "42"
        (finding,) = self.of(mini, "data/agreements.csv", "oj_ref")
        assert finding.message.startswith(
            "'42' lost the zeros at its start to a spreadsheet; the claim in data/claims.csv:"
        )
        fix(mini.root)
        assert checked(mini.root).ok

    def test_the_log_of_corrections_is_read_by_the_field_it_is_about(self, mini: Mini) -> None:
        record = deployment(mini, date="2025-06-11")
        entry = {"kind": "correction", "reason": "A slip.", "source_id": record["source_id"]}
        mini.add(
            "corrections", version="0.1.0", record_id=record["id"], field="date", old="2025", new="2025-06-11", **entry
        )
        assert mini.check().ok
        before = (mini.root / "data/corrections.csv").read_bytes()
        mini.rows["corrections"][0] |= {"new": "11.06.2025"}
        (finding,) = self.of(mini, "data/corrections.csv", "new")
        assert finding.message.endswith("expected 2025-06-11")
        fix(mini.root)
        assert (mini.root / "data/corrections.csv").read_bytes() == before

    def test_a_claim_that_fits_no_reading_decides_nothing(self, mini: Mini) -> None:
        record = deployment(mini, date="2024-01-01")
        record["date"] = "11/06/2025"
        assert stays(mini, "deployments", "date", "11/06/2025").fix.startswith("Type 2025-06-11 or 2025-11-06")

    def test_two_claims_that_fit_two_readings_decide_nothing(self, mini: Mini) -> None:
        record = deployment(mini, date="2025-06-11")
        mini.claim(record["id"], "date", "2025-11-06", locator="second page")
        record["date"] = "11/06/2025"
        stays(mini, "deployments", "date", "11/06/2025")

    def test_two_entries_that_are_both_unclear_do_not_confirm_each_other(self, mini: Mini) -> None:
        record = deployment(mini, date="11/06/2025")
        assert record["date"] == "11/06/2025"
        mini.save()
        assert len([f for f in checked(mini.root).findings if "may begin with the day" in f.message]) == 2
        before = (mini.root / "data/claims.csv").read_bytes()
        fix(mini.root)
        assert (mini.root / "data/claims.csv").read_bytes() == before

    @staticmethod
    def of(mini: Mini, path: str, column: str) -> list[Finding]:
        mini.save(sealed=False)
        found = [f for f in checked(mini.root).findings if f.file == path and f.field == column]
        assert all("python -m validate --fix" in f.fix for f in found)
        return found


def deployment(mini: Mini, **values: str) -> dict[str, str]:
    """The plan for Montenegro with other values, in the record and in its claims."""
    record = mini.row("deployments", id="dep-at-hu-rs-2024-10")
    for name, value in values.items():
        record[name] = value
        for claim in mini.rows["claims"]:
            if claim["record_id"] == record["id"] and claim["field"] == name and claim["verdict"] == "agrees":
                claim["value"] = value
    mini.save()
    return record


def held(mini: Mini, table: str, record: str) -> dict[str, str]:
    rows = Package.read(mini.root).sheets[table].records().values()
    return next(row for row in rows if row["id"] == record)


def stays(mini: Mini, table: str, column: str, cell: str) -> Finding:
    """Save, and demand that --fix leaves a cell and says the same of it as validation does, which is returned."""
    mini.save(sealed=False)
    path = f"data/{table}.csv"
    before = (mini.root / path).read_bytes()
    (finding,) = [f for f in checked(mini.root).findings if f.file == path and f.value == cell and f.field == column]
    said = fix(mini.root)
    line = f"{path}:{finding.line} {column}: left as it is, because {finding.message}. {finding.fix}"
    assert line in said
    assert "--fix does not guess" in line
    assert repr(cell) in line
    assert (mini.root / path).read_bytes() == before
    return finding


class TestRefuses:
    """Where a repair would be a guess, the cell or the file stays as it is, and what to type is said."""

    @pytest.mark.parametrize(
        ("cell", "gist", "type"),
        [
            ("11/06/2025", "may begin with the day", "2025-06-11 or 2025-11-06"),
            ("14. listopada 2024.", "is October in Croatian and November in Polish", "2024-10-14 or 2024-11-14"),
            ("Jun 25", "a part of a date", "2025-06"),
            ("11-Jun-25", "a part of a date", "2025-06-11"),
            ("11.06.25", "year of two digits", "2025-06-11"),
            ("45819", "from 1900 or from 1904", "2025-06-11 or 2029-06-12"),
            ("####", "too narrow", "the date as in the source"),
        ],
    )
    def test_a_date(self, mini: Mini, cell: str, gist: str, type: str) -> None:
        mini.rows["sources"][0]["published"] = cell
        finding = stays(mini, "sources", "published", cell)
        assert gist in finding.message
        assert type in finding.fix

    @pytest.mark.parametrize(
        ("cell", "gist", "type"),
        [
            ("1.000", "may separate thousands", "1000 or 1"),
            ("1,2E+06", "scientific notation", "all its digits"),
            ("€ 1000", "a unit", "digits only"),
            ("12%", "0.12", "digits only"),
        ],
    )
    def test_a_figure(self, mini: Mini, cell: str, gist: str, type: str) -> None:
        mini.rows["control_totals"][0]["total"] = cell
        finding = stays(mini, "control_totals", "total", cell)
        assert gist in finding.message
        assert type in finding.fix

    def test_a_year_that_lost_its_zero(self, mini: Mini) -> None:
        mini.rows["control_totals"][0]["year"] = "987"
        assert "Type 0987" in stays(mini, "control_totals", "year", "987").fix

    def test_an_identifier_that_became_a_date(self, mini: Mini) -> None:
        """There is an organisation 11.11.11."""
        mini.row("organisations", id="11-11-11")["id"] = "11.11.2011"
        assert "a spreadsheet took a code for one" in stays(mini, "organisations", "id", "11.11.2011").message

    def test_the_rest_of_the_row_is_mended(self, mini: Mini) -> None:
        row = mini.rows["sources"][0]
        row |= {"published": "11/06/2025", "accessed": "23.11.2026"}
        mini.save(sealed=False)
        said = fix(mini.root)
        assert said[0] == "data/sources.csv: written in canonical form"
        assert said[1].endswith("23.11.2026 -> 2026-11-23")
        assert "left as it is" in said[2]
        assert held(mini, "sources", row["id"]) == row | {"accessed": "2026-11-23"}
        once = (mini.root / "data/sources.csv").read_bytes()
        assert fix(mini.root) == said[2:]
        assert (mini.root / "data/sources.csv").read_bytes() == once

    @pytest.mark.parametrize("encoding", ["cp1250", "cp1252"])
    def test_an_encoding_is_not_guessed(self, mini: Mini, encoding: str) -> None:
        mini.rows["places"][0]["note"] = "Zürich"
        mini.save()
        path = mini.root / "data/places.csv"
        path.write_bytes(path.read_text(encoding="utf-8").encode(encoding, "replace"))
        before = path.read_bytes()
        (finding,) = [f for f in checked(mini.root).findings if f.file == "data/places.csv"]
        assert "CSV UTF-8 (comma delimited)" in finding.fix
        assert "Unicode (UTF-8)" in finding.fix
        assert any("left as it is" in line for line in fix(mini.root))
        assert path.read_bytes() == before

    @pytest.mark.parametrize(
        ("old", "new", "gist"),
        [
            (";country;WB6;", ";country;WB6;x;", "10 cells, more than the 9"),  # a list without quotes
            (";country;WB6;", ";country", "Excel leaves out empty cells"),
            ("AL;Albania", 'AL;"Albania', "quotes do not pair up"),
            ("name;kind", "name;colour", "'colour' is not in"),
        ],
    )
    def test_a_file_that_does_not_parse_with_its_delimiter(self, mini: Mini, old: str, new: str, gist: str) -> None:
        path = mini.root / "data/places.csv"
        text = saved(mini.root, "places", german, mark=";")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")
        before = path.read_bytes()
        assert [f for f in checked(mini.root).findings if gist in f.message + f.fix]
        assert any(line.startswith("data/places.csv: left as it is, because line") for line in fix(mini.root))
        assert path.read_bytes() == before

    def test_a_cell_beside_the_last_column_is_not_dropped(self, mini: Mini) -> None:
        path = mini.root / "data/places.csv"
        text = saved(mini.root, "places", german, pad=1).replace(
            "AL,Albania,country,WB6,,ALB,ALB,AL,,", "AL,Albania,country,WB6,,ALB,ALB,AL,,x"
        )
        path.write_text(text, encoding="utf-8", newline="")
        before = path.read_bytes()
        assert any("right of the last column" in line for line in fix(mini.root))
        assert path.read_bytes() == before

    def test_a_workbook_under_the_name_of_a_table(self, mini: Mini) -> None:
        (mini.root / "data/places.csv").write_bytes(b"PK\x03\x04\x14\x00" + bytes(99))
        (finding,) = [f for f in checked(mini.root).findings if f.file == "data/places.csv"]
        assert "workbook" in finding.message
        assert "CSV UTF-8" in finding.fix


class TestFile:
    def test_lines_below_sep_are_those_of_the_file(self, mini: Mini) -> None:
        mini.row("places", id="AL")["kind"] = "planet"
        mini.save()
        path = mini.root / "data/places.csv"
        path.write_text("sep=;\r\n" + saved(mini.root, "places", german, mark=";"), encoding="utf-8", newline="")
        lines = path.read_text(encoding="utf-8").splitlines()
        found = {f.rule: f.line for f in checked(mini.root).findings}
        assert lines[found["cell.category"] - 1].startswith("AL;")
        assert found["file.delimiter"] == 1

    @pytest.mark.parametrize("first", ["sep=,", "sep=,,,,,", '"sep=,",,,,', "SEP=,"])
    def test_sep_goes(self, mini: Mini, first: str) -> None:
        path = mini.root / "data/places.csv"
        before = path.read_bytes()
        path.write_bytes(first.encode() + b"\n" + before)
        fix(mini.root)
        assert path.read_bytes() == before

    @pytest.mark.parametrize("above", ["\n", ",,,,\n\n", ";;;;\n"])
    def test_empty_rows_above_the_header_go(self, mini: Mini, above: str) -> None:
        path = mini.root / "data/places.csv"
        before = path.read_bytes()
        path.write_bytes(above.encode() + before)
        (finding,) = checked(mini.root).findings
        assert (finding.rule, finding.line) == ("file.blank", 1)
        fix(mini.root)
        assert path.read_bytes() == before

    def test_many_mended_cells_of_a_column_are_one_finding_and_one_that_is_left_is_its_own(self, mini: Mini) -> None:
        for number, row in enumerate(mini.rows["sources"][:20]):
            row["accessed"] = "23.11.2026" if number != 7 else "11/06/2026"
        mini.save()
        left, many = sorted((f for f in checked(mini.root).findings if f.field == "accessed"), key=lambda f: f.value)
        assert "may begin with the day" in left.message
        assert many.line == 2
        assert "; 18 more cells of the column have this fault, in line 3, 4, 5, " in many.message

    def test_many_empty_rows_are_one_finding(self, mini: Mini) -> None:
        path = mini.root / "data/places.csv"
        path.write_text(saved(mini.root, "places", german, end="\n", blank=500), encoding="utf-8", newline="")
        (finding,) = checked(mini.root).findings
        assert (finding.rule, "one of 500" in finding.message) == ("file.blank", True)

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
    @pytest.mark.parametrize("path", ["data/places.csv", "schemas/places.json", "datapackage.json"])
    def test_a_pipe_is_not_waited_for(self, mini: Mini, path: str) -> None:
        (mini.root / path).unlink()
        os.mkfifo(mini.root / path)
        (finding,) = [f for f in checked(mini.root).findings if f.file == path]
        assert "pipe" in finding.message

    def test_utf_32_is_called_so(self, mini: Mini) -> None:
        path = mini.root / "data/places.csv"
        path.write_bytes(path.read_text(encoding="utf-8").encode("utf-32"))
        (finding,) = checked(mini.root).findings
        assert "utf-32" in finding.message


#: All that a table has but its key, and columns that rules and verdicts lean on.
MISSING = [(table, "") for table in (*TABLES, "activities", "corrections")]
MISSING += [("claims", "verdict"), ("claims", "qualifier"), ("deployments", "officers_qualifier"), ("places", "kind")]
MISSING += [("places", "member_of"), ("returns", "unit"), ("sources", "publisher"), ("sources", "reprint_of")]
MISSING += [("agreements", "status"), ("projects", "source_id"), ("control_totals", "digest"), ("returns", "part_of")]


@pytest.mark.parametrize(("table", "column"), MISSING)
def test_a_missing_column_is_not_a_finding_of_every_row(mini: Mini, table: str, column: str) -> None:
    about = mini.package.tables[table]
    gone = [column] if column else [name for name in about.names if name not in about.key]
    rows = Package.read(mini.root).sheets[table].records().values()
    frame = pl.DataFrame([*rows], schema=dict.fromkeys(about.names, pl.String))
    frame.drop(gone).write_csv(mini.root / about.path)
    findings = checked(mini.root).findings
    assert [f.message for f in findings if f.rule == "file.header"] == [
        f"the column {name} is missing" for name in sorted(gone)
    ]
    assert [str(f) for f in findings if f.rule not in ("file.header", "package.incomplete")] == []


# --- properties ------------------------------------------------------------------------------------------------------

WHOLE = Package.read(ROOT)
INVERTIBLE: dict[str, Save] = {"german": german, "libreoffice": libreoffice}
ROWS = [
    (t, row)
    for t in ("agreements", "claims", "control_totals", "corrections", "deployments", "facilities")
    for row in WHOLE.sheets[t].records().values()
]
ROWS += [(t, row) for t in ("projects", "returns", "sources") for row in WHOLE.sheets[t].records().values()]


class TestRealRows:
    @settings(max_examples=300, derandomize=True)
    @given(st.sampled_from(ROWS), st.sampled_from(sorted(INVERTIBLE)))
    def test_what_a_program_does_to_a_row_can_be_undone(self, one: tuple[str, dict[str, str]], habit: str) -> None:
        table, row = one
        for name, column in stated(WHOLE, table, row).items():
            cell = INVERTIBLE[habit](row[name], column)
            if any(test.fails(cell) for test in cell_tests(column) if cell):
                reading = recognise(column, cell)
                assert reading is not None
                assert row[name] == reading.value or row[name] in reading.values
            else:
                assert cell == row[name]

    def test_nothing_is_recognised_in_the_clean_tables(self) -> None:
        assert rewritten_cells(Ledger(WHOLE)) == {}

    def test_every_table_is_written_as_it_is(self) -> None:
        for name, table in WHOLE.tables.items():
            text = canonical_text(table, [*WHOLE.sheets[name].records().values()])
            assert text.encode() == (ROOT / table.path).read_bytes()


# --- on the command line ---------------------------------------------------------------------------------------------


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "validate", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)


def test_the_command_says_what_happened_and_mends_it(mini: Mini) -> None:
    path = mini.root / "data/deployments.csv"
    before = path.read_bytes()
    path.write_bytes(PROGRAMS["Excel, German"](mini.root, "deployments"))
    told = run(mini.root)
    assert told.returncode == 1
    assert "semicolons separate the columns, as a spreadsheet saves them where commas are decimal marks" in told.stdout
    assert "date: '14.10.2024' is a date in the form of a spreadsheet; expected 2024-10-14 [cell.date]" in told.stdout
    assert "    Run python -m validate --fix\n" in told.stdout
    mended = run(mini.root, "--fix")
    assert (mended.returncode, mended.stdout.splitlines()[-1]) == (0, "No findings.")
    assert "data/deployments.csv date: line 2 14.10.2024 -> 2024-10-14" in mended.stderr
    assert path.read_bytes() == before


def test_the_command_says_what_it_left(mini: Mini) -> None:
    mini.rows["sources"][0]["published"] = "11/06/2025"
    mini.save()
    done = run(mini.root, "--fix")
    assert done.returncode == 1
    assert (
        "data/sources.csv:2 published: left as it is, because '11/06/2025' is a date that may begin with the day or with the month"
        in (done.stderr)
    )
    assert "Type 2025-06-11 or 2025-11-06, as the source says" in done.stderr


def test_what_only_follows_from_a_cell_left_for_a_person_is_not_said(mini: Mini) -> None:
    """Neither may a hurried reader seal a total, nor enter a verdict, that rests on a cell which nobody can read."""
    mini.row("claims", record_id="fac-al-gjader", field="opened", value="2024-10-14")["value"] = "01/02/2024"
    mini.row("facilities", id="fac-al-gjader")["opened"] = "01/02/2024"
    found = mini.check(sealed=False).findings
    assert {(f.file, f.rule) for f in found} == {
        ("data/claims.csv", "evidence.value"),
        ("data/facilities.csv", "cell.date"),
    }


def test_of_a_table_in_another_encoding_nothing_else_follows(
    edit: Callable[[str, Callable[[bytes], bytes]], Report], mini: Mini
) -> None:
    mini.add("corrections", version="0.1.0", record_id="fac-al-gjader", field="name", kind="correction", old="a",
             new=mini.row("facilities", id="fac-al-gjader")["name"], reason="Misspelt.")  # fmt: skip
    mini.save()
    report = edit("data/facilities.csv", lambda content: content.decode().encode("cp1252"))
    assert {(f.file, f.rule) for f in report.findings} == {("data/facilities.csv", "file.encoding")}
