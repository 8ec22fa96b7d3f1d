"""The measure of the dataset: corruptions are single, seeded and repeatable, and validation catches them.

Two tiers. What a corruption is, is shown on all of them; that validation catches them, on a sample small enough for
every run. `python -m bench.corruption` measures the share over thousands.
"""

from __future__ import annotations

import csv
import dataclasses
from collections import Counter

import pytest

from bench.corruption import FREE_TEXT, KINDS, LOGS, ROW_KINDS, Corruption, corruptions
from borderledger.package import Package
from tests.conftest import Mini, checked


def made(package: Package, per_kind: int, seed: int, *tables: str) -> list[Corruption]:
    """The corruptions of some tables (of all, if none is named)."""
    kept = {name: table for name, table in package.tables.items() if name in tables or not tables}
    return list(corruptions(dataclasses.replace(package, tables=kept), per_kind, seed))


def changed(package: Package, corruption: Corruption) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """The rows that a corruption takes out of its table, and those that it puts in."""
    held = Counter(map(tuple, csv.reader(package.sheets[corruption.table].text.splitlines())))
    holds = Counter(map(tuple, csv.reader(corruption.text.splitlines())))
    return [*(held - holds).elements()], [*(holds - held).elements()]


@pytest.fixture(scope="module")
def some(whole: Package) -> list[Corruption]:
    return made(whole, 2, 7)


class TestCorruptions:
    """Each is one change to one row, fixed by the seed."""

    def test_every_table_with_rows_is_corrupted_in_every_way_it_allows(
        self, whole: Package, some: list[Corruption]
    ) -> None:
        kinds = {(c.table, c.kind) for c in some}
        filled = {name for name, sheet in whole.sheets.items() if sheet.records()}
        assert {table for table, _ in kinds} == filled
        assert {kind for _, kind in kinds} == set(KINDS)
        assert {(table, kind) for table in filled for kind in ROW_KINDS} <= kinds

    def test_a_corrupted_cell_is_one_cell_of_one_row(self, whole: Package, some: list[Corruption]) -> None:
        for corruption in some:
            if corruption.kind not in ROW_KINDS:
                (old,), (new,) = changed(whole, corruption)
                names = whole.tables[corruption.table].names
                differing = [name for name, a, b in zip(names, old, new, strict=True) if a != b]
                assert len(differing) == 1, corruption
                assert not FREE_TEXT & {*differing}, corruption
                assert f" {differing[0]}: " in corruption.what

    def test_a_lost_row_is_one_row_less_and_a_doubled_row_one_more(
        self, whole: Package, some: list[Corruption]
    ) -> None:
        for corruption in some:
            out, into = changed(whole, corruption)
            if corruption.kind == "row deleted":
                assert (len(out), len(into)) == (1, 0), corruption
            if corruption.kind == "row doubled":
                assert (len(out), len(into)) == (0, 1), corruption

    def test_figures_dates_and_links_count_in_the_class_of_their_fields(
        self, whole: Package, some: list[Corruption]
    ) -> None:
        for corruption in some:
            if corruption.kind not in ROW_KINDS:
                field = corruption.what.partition(": ")[0].rpartition(" ")[2]
                table = whole.tables[corruption.table]
                if table.name in LOGS:
                    assert corruption.target == ("other" if field == "issue" else "log"), corruption
                elif field.endswith("_id") or field in ("part_of", "replaces", "implements", "reprint_of"):
                    assert corruption.target == "reference", corruption
                elif table.by_name[field].bound or table.name in ("claims", "control_totals"):
                    assert corruption.target == "bound", corruption
                else:
                    assert corruption.target == "other", corruption

    def test_a_seed_fixes_them_and_another_seed_changes_them(self, whole: Package) -> None:
        first = made(whole, 3, 7, "deployments", "places")
        assert made(whole, 3, 7, "deployments", "places") == first
        assert made(whole, 3, 8, "deployments", "places") != first

    def test_a_table_is_corrupted_alike_with_and_without_the_others(self, whole: Package) -> None:
        both = made(whole, 2, 7, "deployments", "places")
        assert made(whole, 2, 7, "places") == [c for c in both if c.table == "places"]


class TestCaught:
    """Validation catches every one of a sample on the small package."""

    @pytest.mark.parametrize("table", ["deployments", "projects", "returns"])
    def test_a_sample_is_caught(self, mini: Mini, table: str) -> None:
        package = Package.read(mini.root)
        assert not checked(mini.root).findings
        file = mini.root / package.tables[table].path
        good = file.read_bytes()
        missed = []
        for corruption in made(package, 2, 2026, table):
            file.write_text(corruption.text, encoding="utf-8", newline="")
            if not checked(mini.root).findings:
                missed.append(corruption.what)
            file.write_bytes(good)
        assert missed == []
