"""A table as a sheet to correct: text only, old values locked, evidence beside; it goes back through from-edit."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from borderledger.cli import main
from borderledger.dataset import Dataset
from borderledger.errors import BadArgument, UnknownTable
from borderledger.output.correction_sheet import EVIDENCE, correction_sheet
from corrections.from_edit import from_edit
from corrections.pending import pending
from tests.conftest import ROOT, Mini
from tests.corrections.test_dialogue import REASON


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return Dataset(ROOT)


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_every_cell_is_text_and_every_value_is_as_in_the_table(dataset: Dataset) -> None:
    sheet = opened(correction_sheet(dataset, "facilities"))["facilities"]
    head, *rows = sheet.iter_rows()
    names = dataset.schema("facilities").names
    assert [cell.value for cell in head] == [*names, *EVIDENCE]
    held = [[cell.value or "" for cell in row[: len(names)]] for row in rows]
    assert held == [[row[name] for name in names] for row in dataset.rows("facilities")]
    assert {cell.number_format for row in rows for cell in row[: len(names)]} == {"@"}
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n"}  # n: an empty cell
    assert all(cell.comment for cell in head)


def test_ids_and_old_values_are_locked(dataset: Dataset) -> None:
    book = opened(correction_sheet(dataset, "facilities"))
    sheet, old = book["facilities"], book["as published"]
    assert sheet.protection.sheet
    assert old.protection.sheet
    assert sheet["A2"].protection.locked
    assert not sheet["B2"].protection.locked
    assert all(cell.protection.locked for cell in old[2])


def test_conditions_choose_the_records(dataset: Dataset) -> None:
    sheet = opened(correction_sheet(dataset, "facilities", where=["place=AL"]))["facilities"]
    places = {row["id"]: row["place"] for row in dataset.rows("facilities")}
    assert {places[cell.value] for cell in sheet["A"][1:]} == {"AL"}


def test_the_same_data_give_the_same_bytes(dataset: Dataset) -> None:
    assert correction_sheet(dataset, "facilities") == correction_sheet(Dataset(ROOT), "facilities")


def test_text_of_the_data_is_no_formula(mini: Mini) -> None:
    mini.row("facilities", id="fac-al-gjader")["note"] = "=1+1"
    mini.save()
    sheet = opened(correction_sheet(Dataset(mini.root), "facilities"))["facilities"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}


@pytest.mark.parametrize(("table", "error"), [("claims", BadArgument), ("nothing", UnknownTable)])
def test_a_table_without_records_is_refused(dataset: Dataset, table: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        correction_sheet(dataset, table)


def test_the_command_takes_the_table_from_the_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "facilities.xlsx")
    arguments = ["--data", str(ROOT), "export", "--format", "correction-sheet", out, "--where", "place=AL"]
    assert main(arguments) == 0
    assert capsys.readouterr().out == f"{out}\n"
    assert main(["--data", str(ROOT), "export", "--format", "sqlite", out + ".db", "--where", "place=AL"]) == 2
    assert "belong to the format correction-sheet" in capsys.readouterr().err


def test_a_corrected_sheet_becomes_a_proposal(mini: Mini, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("mail") / "facilities.xlsx"
    book = opened(correction_sheet(Dataset(mini.root), "facilities"))
    sheet = book["facilities"]
    at = {cell.value: cell.column for cell in sheet[1]}
    line = next(row[0].row for row in sheet.iter_rows(min_row=2) if row[0].value == "fac-al-gjader")
    evidence = {"source": "tgcom24-2024-10-centri", "locator": "third paragraph", "reason": REASON}
    for name, value in ({"capacity": 1044} | evidence).items():
        sheet.cell(line, at[name]).value = value
    book.save(file)
    assert from_edit(mini.root, file) == 0
    (one,) = pending(mini.root)[0]
    assert one.document.content["values"] == [{"field": "capacity", "old": "400", "new": "1044", "qualifier": "exact"}]
    assert one.document["reason"] == REASON
