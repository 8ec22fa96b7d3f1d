"""The command: what it writes, what it leaves alone, and how it refuses."""

from __future__ import annotations

import csv
import errno
import hashlib
import os
import re
import tomllib
from pathlib import Path

import openpyxl
import pytest

from ingest import inputs
from ingest.__main__ import main
from tests.ingest.conftest import GRANTS, OPERATIONS, REPOSITORY, Edit
from validate.totals import control_totals

#: A table of each dataset, and the files that it is read from.
TABLES = {"frontex-returns": "returns", "frontex-operations": "operation_states", "frontex-grants": "projects"}
DATASETS = (*TABLES,)


def inputs_of(dataset: str) -> list[inputs.Input]:
    return [*inputs.inputs_of(dataset.replace("operations", "returns")).values()]


def run(dataset: str, raw: Path, package: Path, *more: str) -> int:
    return main([dataset, "--raw", str(raw), "--package", str(package), *more])


def table(package: Path, name: str) -> list[dict[str, str]]:
    with open(package / "data" / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def files(package: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (package / "data").iterdir()}


@pytest.mark.parametrize(
    ("dataset", "name", "rows"), [("frontex-returns", "returns", 12), ("frontex-grants", "projects", 13)]
)
class TestWriting:
    def test_the_rows_and_their_control_totals_are_written(
        self, raw: Path, package: Path, dataset: str, name: str, rows: int
    ) -> None:
        assert run(dataset, raw, package, "--unpinned") == 0
        bulk = [row for row in table(package, name) if row["source_id"].startswith("frontex-")]
        assert len(bulk) == rows
        totals = [row for row in table(package, "control_totals") if row["table"] == name]
        assert sum(int(row["rows"]) for row in totals) == rows

        from borderledger.package import Package

        counted = control_totals(Package.read(package).tables[name], bulk)
        assert [{key: cell for key, cell in row.items() if cell} for row in totals] == [
            {key: cell for key, cell in row.items() if cell} for row in counted
        ]

    def test_curated_rows_and_other_files_stay_as_they_are(
        self, raw: Path, package: Path, dataset: str, name: str, rows: int
    ) -> None:
        # Not canonical on purpose: quotes that are not needed must survive too.
        path = package / "data" / f"{name}.csv"
        path.write_text(path.read_text().replace("a-report", '"a-report"'))
        before = files(package)
        assert run(dataset, raw, package, "--unpinned") == 0
        after = files(package)
        for file in (f"{name}.csv", "control_totals.csv"):
            assert set(before[file].splitlines()) < set(after[file].splitlines())
        assert {k: v for k, v in before.items() if k not in (f"{name}.csv", "control_totals.csv")} == {
            k: v for k, v in after.items() if k not in (f"{name}.csv", "control_totals.csv")
        }

    def test_the_ids_are_sorted_and_fit_the_schema(
        self, raw: Path, package: Path, dataset: str, name: str, rows: int
    ) -> None:
        run(dataset, raw, package, "--unpinned")
        ids = [row["id"] for row in table(package, name)]
        assert ids == sorted(ids)
        assert all(re.fullmatch(r"(ret|prj)-[a-z0-9]+(-[a-z0-9]+)*", key) for key in ids)

    def test_the_second_run_changes_nothing(
        self, raw: Path, package: Path, capsys: pytest.CaptureFixture[str], dataset: str, name: str, rows: int
    ) -> None:
        run(dataset, raw, package, "--unpinned")
        before = files(package)
        assert run(dataset, raw, package, "--unpinned") == 0
        assert files(package) == before
        assert capsys.readouterr().out.endswith("nothing changed\n")

    def test_a_row_that_the_publisher_dropped_goes(
        self, raw: Path, package: Path, dataset: str, name: str, rows: int
    ) -> None:
        run(dataset, raw, package, "--unpinned")
        book = openpyxl.load_workbook(raw / GRANTS / "Grants 2024.xlsx")
        book["Grants"].delete_rows(3)
        book.save(raw / GRANTS / "Grants 2024.xlsx")
        book = openpyxl.load_workbook(raw / OPERATIONS / "Document-PAD-2025-00012.xlsx")
        book["2024 TCNs"].delete_rows(2)
        book.save(raw / OPERATIONS / "Document-PAD-2025-00012.xlsx")
        assert run(dataset, raw, package, "--unpinned") == 0
        sources = {row["source_id"] for row in table(package, name)}
        assert len(table(package, name)) == rows
        assert {row["source_id"] for row in table(package, "control_totals") if row["table"] == name} | {
            "a-report"
        } == sources

    def test_a_curated_row_with_the_id_of_a_new_one_is_refused(
        self, raw: Path, package: Path, capsys: pytest.CaptureFixture[str], dataset: str, name: str, rows: int
    ) -> None:
        taken = {"returns": "ret-frontex-ro-02774-gr-rs", "projects": "prj-frontex-grant-2017-1"}[name]
        path = package / "data" / f"{name}.csv"
        path.write_text(re.sub(r"(ret-zz|prj-a)-curated", taken, path.read_text()))
        before = files(package)
        assert run(dataset, raw, package, "--unpinned") == 1
        assert f"data/{name}.csv: {taken} is the id of a curated row" in capsys.readouterr().err
        assert files(package) == before

    def test_nothing_is_written_when_the_second_file_cannot_be(
        self,
        raw: Path,
        package: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        dataset: str,
        name: str,
        rows: int,
    ) -> None:
        before = files(package)
        real = os.fsync
        calls = iter((real, None))

        def failing(handle: int) -> None:
            step = next(calls)
            if step is None:
                raise OSError(errno.ENOSPC, "no space left")
            step(handle)

        monkeypatch.setattr(os, "fsync", failing)
        assert run(dataset, raw, package, "--unpinned") == 2
        assert "no space left" in capsys.readouterr().err
        assert files(package) == before


@pytest.mark.parametrize("dataset", DATASETS)
class TestRefusing:
    def test_a_file_with_another_hash_is_refused(
        self, raw: Path, package: Path, capsys: pytest.CaptureFixture[str], dataset: str
    ) -> None:
        before = files(package)
        assert run(dataset, raw, package) == 1
        said = capsys.readouterr().err
        first = inputs_of(dataset)[0]
        found = hashlib.sha256((raw / first.path).read_bytes()).hexdigest()
        assert f"SHA-256 is {found}, expected {first.sha256}" in said
        assert "--unpinned" in said
        assert files(package) == before

    def test_a_missing_file_is_exit_code_2(
        self, raw: Path, package: Path, capsys: pytest.CaptureFixture[str], dataset: str
    ) -> None:
        item = inputs_of(dataset)[-1]
        (raw / item.path).unlink()
        assert run(dataset, raw, package, "--unpinned") == 2
        said = capsys.readouterr().err
        assert item.path in said
        assert item.url in said

    def test_a_missing_package_is_exit_code_2(
        self, raw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], dataset: str
    ) -> None:
        assert run(dataset, raw, tmp_path / "nowhere", "--unpinned") == 2
        assert "datapackage.json is missing" in capsys.readouterr().err

    @pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0 old Excel"])
    def test_what_is_no_workbook_is_refused(
        self, raw: Path, package: Path, capsys: pytest.CaptureFixture[str], dataset: str, content: bytes
    ) -> None:
        item = inputs_of(dataset)[0]
        (raw / item.path).write_bytes(content)
        assert run(dataset, raw, package, "--unpinned") == 1
        assert "expected an Excel workbook (.xlsx)" in capsys.readouterr().err

    def test_a_missing_sheet_is_refused(
        self, raw: Path, package: Path, capsys: pytest.CaptureFixture[str], dataset: str
    ) -> None:
        item = inputs_of(dataset)[-1]
        book = openpyxl.load_workbook(raw / item.path)
        sheet = "Grants" if dataset == "frontex-grants" else "2024 TCNs"
        book[sheet].title = "Sheet9"
        book.save(raw / item.path)
        before = files(package)
        assert run(dataset, raw, package, "--unpinned") == 1
        said = capsys.readouterr().err
        assert f"a sheet named '{sheet}'" in said
        assert "Traceback" not in said
        assert files(package) == before

    @pytest.mark.parametrize("spoiled", [b"", b"id;source_id\n", b"\xff\xfei\x00d\x00", b'id,"source_id\n', b"id\n"])
    def test_a_package_that_is_not_in_order_is_left_alone(
        self, raw: Path, package: Path, capsys: pytest.CaptureFixture[str], dataset: str, spoiled: bytes
    ) -> None:
        name = TABLES[dataset]
        (package / "data" / f"{name}.csv").write_bytes(spoiled)
        before = files(package)
        assert run(dataset, raw, package, "--unpinned") == 1
        assert f"data/{name}.csv" in capsys.readouterr().err
        assert files(package) == before

    def test_a_doubled_curated_row_is_not_silently_lost(
        self, raw: Path, package: Path, capsys: pytest.CaptureFixture[str], dataset: str
    ) -> None:
        name = TABLES[dataset]
        path = package / "data" / f"{name}.csv"
        path.write_text(path.read_text() + path.read_text().splitlines()[1] + "\n")
        assert run(dataset, raw, package, "--unpinned") == 1
        assert f"data/{name}.csv:3" in capsys.readouterr().err

    def test_a_schema_with_other_columns_is_refused(
        self, raw: Path, package: Path, capsys: pytest.CaptureFixture[str], dataset: str
    ) -> None:
        name = TABLES[dataset]
        for path in (package / "schemas" / f"{name}.json", package / "data" / f"{name}.csv"):
            path.write_text(re.sub(r"\bnote\b", "remark", path.read_text()))
        assert run(dataset, raw, package, "--unpinned") == 1
        assert f"schemas/{name}.json: lacks columns that the ingest fills: note." in capsys.readouterr().err


def test_a_refused_workbook_leaves_the_package_as_it_was(raw: Path, package: Path, edit: Edit) -> None:
    edit(f"{OPERATIONS}/Document-PAD-2025-00012.xlsx", "2024 TCNs", "E2", "nine")
    before = files(package)
    assert run("frontex-returns", raw, package, "--unpinned") == 1
    assert files(package) == before


def test_both_tables_of_operations_are_written_with_their_control_totals(raw: Path, package: Path) -> None:
    assert run("frontex-operations", raw, package, "--unpinned") == 0
    for name, rows in (("operations", 8), ("operation_states", 12)):
        assert len([row for row in table(package, name) if row["source_id"] != "a-report"]) == rows
        totals = [row for row in table(package, "control_totals") if row["table"] == name]
        assert sum(int(row["rows"]) for row in totals) == rows
    (total,) = (row for row in totals if row["year"] == "2022")
    figures = {name: total[name] for name in ("rows", "total", "paid_eur", "escorts", "monitors")}
    assert figures == {"rows": "4", "total": "22", "paid_eur": "56232.9301", "escorts": "34", "monitors": "2"}
    before = files(package)
    assert run("frontex-operations", raw, package, "--unpinned") == 0
    assert files(package) == before


def test_the_two_datasets_do_not_touch_each_other(raw: Path, package: Path) -> None:
    run("frontex-grants", raw, package, "--unpinned")
    projects = files(package)["projects.csv"]
    totals = set(files(package)["control_totals.csv"].splitlines())
    run("frontex-returns", raw, package, "--unpinned")
    assert files(package)["projects.csv"] == projects
    assert totals < set(files(package)["control_totals.csv"].splitlines())


def test_the_order_of_the_datasets_does_not_matter(raw: Path, package: Path, tmp_path: Path) -> None:
    for dataset in (*DATASETS, *DATASETS):
        run(dataset, raw, package, "--unpinned")
    both = files(package)
    for dataset in reversed(DATASETS):
        run(dataset, raw, package, "--unpinned")
    assert files(package) == both


def test_every_input_is_pinned_to_a_commit_and_a_hash() -> None:
    listed = tomllib.loads((REPOSITORY / "ingest" / "inputs.toml").read_text(encoding="utf-8"))
    items = [entry for entries in listed.values() for entry in entries]
    assert len({entry["source_id"] for entry in items}) == len(items) == 15
    for entry in items:
        assert re.fullmatch(r"[0-9a-f]{64}", entry["sha256"])
        assert re.fullmatch(
            r"https://(raw\.githubusercontent|github)\.com/[a-z-]+/[a-z_-]+/(blob/)?[0-9a-f]{40}/\S+", entry["url"]
        )
        # Of an R data file, the rows about the region were written to a CSV file with a name of its own.
        if not entry["url"].endswith(".rda"):
            assert entry["url"].rpartition("/")[2].replace("%20", " ") == entry["path"].rpartition("/")[2]


def test_every_input_has_the_title_that_data_sources_has() -> None:
    with open(REPOSITORY / "data" / "sources.csv", encoding="utf-8", newline="") as file:
        titles = {row["id"]: row["title"] for row in csv.DictReader(file)}
    groups = tomllib.loads((REPOSITORY / "ingest" / "inputs.toml").read_text(encoding="utf-8"))
    for group in groups:
        for source, item in inputs.inputs_of(group).items():
            assert item.title == titles[source] != ""


def test_an_input_that_is_no_source_is_refused(
    raw: Path, package: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "_titles", dict)
    assert run("frontex-grants", raw, package, "--unpinned") == 1
    assert "data/sources.csv has no source frontex-grants-2008-2022" in capsys.readouterr().err
