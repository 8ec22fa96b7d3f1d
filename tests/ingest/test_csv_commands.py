"""The command for the datasets that come as CSV files: what it writes and says, and how it refuses a wrong file."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl.workbook.workbook import Workbook

from borderledger.package import Package
from ingest.__main__ import main
from ingest.inputs import inputs_of
from tests.ingest.conftest import REPOSITORY
from tests.ingest.csv_inputs import (
    DESTINATION,
    DETECTIONS,
    NATIONALITY,
    ORDERED,
    RETURNED,
    write_detections,
    write_eurostat,
    write_home_office,
)
from validate.totals import control_totals


@dataclass(frozen=True)
class Ingest:
    """A dataset: its raw files, its table, and what the command says about the synthetic files."""

    name: str
    write: Callable[[Path], None]
    files: tuple[str, ...]
    table: str
    rows: int
    said: str


INGESTS = (
    Ingest(
        "frontex-detections",
        write_detections,
        (DETECTIONS,),
        "crossings",
        5,
        "frontex-detections: 5 rows of crossings\n  frontex-detections-2025-06               5\n",
    ),
    Ingest(
        "eurostat-returns",
        write_eurostat,
        (RETURNED, ORDERED),
        "returns",
        6,
        "eurostat-returns: 6 rows of returns\n"
        "  eurostat-migr-eiord-2018-03              1\n"
        "  eurostat-migr-eirtn-2018-03              5\n",
    ),
    Ingest(
        "uk-returns",
        write_home_office,
        (DESTINATION, NATIONALITY),
        "returns",
        12,
        "uk-returns: 12 rows of returns\n"
        "  homeoffice-ret-destination-2023-q4      11\n"
        "  homeoffice-ret-nationality-2023-q4       1\n",
    ),
)


@pytest.fixture(params=INGESTS, ids=lambda ingest: ingest.name)
def ingest(request: pytest.FixtureRequest, tmp_path: Path) -> Ingest:
    """Each of the datasets in turn, with its raw files below `raw`."""
    found: Ingest = request.param
    found.write(tmp_path / "raw")
    return found


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return tmp_path / "raw"


def run(ingest: Ingest, raw: Path, package: Path, *more: str) -> int:
    return main([ingest.name, "--raw", str(raw), "--package", str(package), *more])


def files(package: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (package / "data").iterdir()}


def table(package: Path, name: str) -> list[dict[str, str]]:
    with open(package / "data" / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class TestWriting:
    def test_it_says_how_many_rows_each_source_gave_and_what_it_wrote(
        self, ingest: Ingest, raw: Path, package: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(ingest, raw, package, "--unpinned") == 0
        said = capsys.readouterr()
        assert said.out == f"{ingest.said}written: data/{ingest.table}.csv, data/control_totals.csv\n"
        assert said.err == ""
        assert run(ingest, raw, package, "--unpinned") == 0
        assert capsys.readouterr().out == f"{ingest.said}nothing changed\n"

    def test_the_rows_and_their_control_totals_stand_beside_the_curated_rows(
        self, ingest: Ingest, raw: Path, package: Path
    ) -> None:
        before = files(package)
        assert run(ingest, raw, package, "--unpinned") == 0
        after = files(package)
        own = inputs_of(ingest.name).keys()
        rows = [row for row in table(package, ingest.table) if row["source_id"] in own]
        assert len(rows) == ingest.rows
        counted = control_totals(Package.read(package).tables[ingest.table], rows)
        totals = [row for row in table(package, "control_totals") if row["source_id"] in own]
        assert [{key: cell for key, cell in row.items() if cell} for row in totals] == [
            {key: cell for key, cell in row.items() if cell} for row in counted
        ]
        written = (f"{ingest.table}.csv", "control_totals.csv")
        for name in written:
            assert set(before[name].splitlines()) < set(after[name].splitlines())
        assert {name for name in after if after[name] != before[name]} == {*written}

    def test_a_process_of_its_own_writes_the_same_bytes(self, ingest: Ingest, raw: Path, package: Path) -> None:
        before = files(package)
        assert run(ingest, raw, package, "--unpinned") == 0
        here = files(package)
        for name, content in before.items():
            (package / "data" / name).write_bytes(content)
        # Another seed gives sets another order; this process has a seed of its own.
        done = subprocess.run(
            [sys.executable, "-m", "ingest", ingest.name, "--raw", "raw", "--package", "package", "--unpinned"],
            cwd=raw.parent,
            env=os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(REPOSITORY)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(ingest.said)
        assert files(package) == here


def cut(content: bytes) -> bytes:
    """As a download that broke off: the last line lacks its end and a cell."""
    return content[: content.rstrip().rindex(b",")]


def workbook(content: bytes) -> bytes:
    """As a spreadsheet program that saved its own format under the old name."""
    file = BytesIO()
    Workbook().save(file)
    return file.getvalue()


#: What somebody may have done to a file, and what the message must hold beside the path of the file.
WRONG: dict[str, tuple[Callable[[bytes], bytes], tuple[str, ...]]] = {
    "another-header": (lambda content: content.replace(b"e", b"o", 1), ("line 1", "the column titles")),
    "no-header": (lambda content: content.partition(b"\n")[2], ("line 1", "the column titles")),
    "semicolons": (lambda content: content.replace(b",", b";"), ("line 1",)),
    "truncated": (cut, ("The file ends in the middle of this line. Download it again.",)),
    "empty": (lambda content: b"", ("line 1", "the column titles")),
    "byte-order-mark": (lambda content: b"\xef\xbb\xbf" + content, ("line 1", "the column titles")),
    "utf-16": (lambda content: content.decode("cp1252").encode("utf-16"), ("line 1", "text in", "Download the file")),
    "workbook": (workbook, ("line 1", "text in", "do not save it with a spreadsheet program")),
    "a-web-page": (lambda content: b"<!DOCTYPE html>\n<title>404</title>\n", ("line 1", "the column titles")),
}


class TestRefusing:
    @pytest.mark.parametrize("kind", WRONG)
    def test_a_wrong_file_is_refused_with_its_place_and_nothing_is_written(
        self, ingest: Ingest, raw: Path, package: Path, capsys: pytest.CaptureFixture[str], kind: str
    ) -> None:
        spoil, told = WRONG[kind]
        # The last file: the rows of those before it are complete by then, and must not be written either.
        path = raw / ingest.files[-1]
        path.write_bytes(spoil(path.read_bytes()))
        before = files(package)
        assert run(ingest, raw, package, "--unpinned") == 1
        said = capsys.readouterr()
        assert said.out == ""
        (line,) = said.err.splitlines()
        assert line.startswith(f"{ingest.name}: {ingest.files[-1]}, line ")
        assert "expected" in line
        assert [part for part in told if part not in line] == []
        assert files(package) == before

    def test_without_unpinned_a_file_that_lost_whole_lines_is_refused_too(
        self, ingest: Ingest, raw: Path, package: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = raw / ingest.files[0]
        path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
        before = files(package)
        assert run(ingest, raw, package) == 1
        said = capsys.readouterr().err
        assert said.startswith(f"{ingest.name}: {path}: SHA-256 is ")
        assert "It is not the file that was reviewed." in said
        assert files(package) == before

    def test_a_renamed_file_is_missing_and_the_message_says_where_to_get_it(
        self, ingest: Ingest, raw: Path, package: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = raw / ingest.files[-1]
        path.rename(path.with_suffix(".CSV.txt"))
        before = files(package)
        assert run(ingest, raw, package, "--unpinned") == 2
        (item,) = (item for item in inputs_of(ingest.name).values() if item.path == ingest.files[-1])
        said = capsys.readouterr().err
        assert said.startswith(f"{ingest.name}: {path} is missing: {item.title}. Download {item.url} to it")
        assert files(package) == before
