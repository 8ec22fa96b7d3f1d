"""Faults of the whole package are seeded, are undone, and are caught by the layer that their kind names.

Here a few of each kind are put into the small package. `python -m bench.corruption` puts hundreds into the dataset.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

import pytest

from bench.corruption import is_late
from bench.layers import LAYERS, Bench
from bench.package_faults import KINDS, PackageFault, package_faults
from borderledger.package import Package
from tests.conftest import Mini, mini_in, sample
from validate import check


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory, whole: Package) -> Mini:
    return mini_in(tmp_path_factory.mktemp("mini"), whole)


@pytest.fixture(scope="module")
def small(mini: Mini) -> Package:
    return Package.read(mini.root)


@pytest.fixture(scope="module")
def bench(mini: Mini, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(mini.root, tmp_path_factory.mktemp("bench"), check)


@pytest.fixture(scope="module")
def some(small: Package) -> dict[str, list[PackageFault]]:
    """Some faults of each kind."""
    found: dict[str, list[PackageFault]] = defaultdict(list)
    for fault in package_faults(small, 0.1, 7):
        found[fault.kind].append(fault)
    return found


@pytest.fixture(scope="module")
def full() -> list[PackageFault]:
    """What a full run puts into the dataset, of which this takes a sample."""
    return list(package_faults(Package.read(sample().root), 1, 2026))


def content(bench: Bench) -> dict[str, bytes]:
    return {str(p.relative_to(bench.root)): p.read_bytes() for p in bench.root.rglob("*") if p.is_file()}


def of(faults: list[PackageFault], what: str) -> PackageFault:
    return next(fault for fault in faults if what in fault.what)


class TestDrawn:
    def test_there_are_some_of_every_kind(self, some: dict[str, list[PackageFault]]) -> None:
        assert some.keys() == KINDS.keys()

    def test_a_full_run_has_hundreds(self, full: list[PackageFault]) -> None:
        assert len(full) > 600

    def test_a_seed_fixes_them_and_another_changes_them(self, small: Package) -> None:
        first = list(package_faults(small, 0.1, 7))
        assert list(package_faults(small, 0.1, 7)) == first
        assert list(package_faults(small, 0.1, 8)) != first

    def test_each_changes_something(self, small: Package, some: dict[str, list[PackageFault]]) -> None:
        assert isinstance(small.root, Path)
        for fault in (fault for faults in some.values() for fault in faults):
            assert fault.files or fault.without, fault
            for path, text in fault.files.items():
                assert text != (small.root / path).read_bytes(), fault

    def test_edits_that_cancel_leave_the_total(self, small: Package, some: dict[str, list[PackageFault]]) -> None:
        for kind in ("two edits that cancel", "two figures exchanged", "edits that cancel, sealed"):
            for fault in some[kind]:
                ((path, text),) = fault.files.items()
                (table,) = (table for table in small.tables.values() if table.path == path)
                assert text is not None
                rows = list(csv.DictReader(text.decode().splitlines()))
                total, held = table.batch["total"], [*small.sheets[table.name].records().values()]
                changed = [(a, b) for a, b in zip(held, rows, strict=True) if a != b]
                assert len(changed) == 2, fault
                assert sum(int(old[total]) - int(new[total]) for old, new in changed) == 0
                assert len({old["source_id"] for old, _ in changed}) == 1

    @pytest.mark.parametrize(
        "check_of",
        [
            *("required dropped", "pattern dropped", "pattern loosened", "minimum dropped", "minimum lowered"),
            *("categories dropped", "category added", "rdfType dropped", "delimiter dropped", "refersTo dropped"),
            *("refersTo widened", "type loosened", "foreignKeys dropped", "batch dropped", "primaryKey dropped"),
            *("primaryKey widened", "uniqueKeys dropped"),
        ],
    )
    def test_every_property_of_a_schema_has_its_turn(self, full: list[PackageFault], check_of: str) -> None:
        assert of([fault for fault in full if fault.kind == "schema weakened"], check_of)


class TestCaught:
    @pytest.mark.parametrize("kind", KINDS)
    def test_by_the_layer_that_the_kind_names(
        self, bench: Bench, some: dict[str, list[PackageFault]], kind: str
    ) -> None:
        before = content(bench)
        for fault in some[kind][:3]:
            layer = bench.layer(fault)
            assert not is_late(fault, layer), f"{fault.what}: {layer}"
            assert content(bench) == before, fault

    def test_without_a_fault_nothing_is_caught(self, bench: Bench) -> None:
        assert bench.layer(PackageFault("none", "nothing", {})) == "none"

    def test_a_forged_log_is_told_by_the_signed_release_alone(
        self, bench: Bench, some: dict[str, list[PackageFault]]
    ) -> None:
        fault = some["forged, sealed and logged"][0]
        assert bench.layer(fault) == "verify"
        assert bench.layer(fault, "gate") == "none"

    def test_a_schema_that_good_data_pass_is_seen_by_the_gate(self, bench: Bench, small: Package) -> None:
        weaker = [fault for fault in package_faults(small, 1, 7) if fault.kind == "schema weakened"]
        for what in ("pattern loosened", "minimum lowered", "category added", "required dropped"):
            fault = of(weaker, what)
            assert bench.layer(fault, "validate") == "none", fault.what
            assert bench.layer(fault) == "gate", fault.what

    def test_a_row_of_the_log_that_goes_is_seen_by_the_gate(self, mini: Mini, tmp_path: Path) -> None:
        log = mini.root / "data/corrections.csv"
        good = log.read_bytes()
        record = mini.row("returns", id="ret-all-ba-2020-11")
        line = f"0.1.0,{record['id']},quantity,correction,1,{record['quantity']},Misread.,,\n"
        try:
            log.write_bytes(good + line.encode())
            bench = Bench(mini.root, tmp_path, check)
            assert bench.layer(PackageFault("log", "emptied", {"data/corrections.csv": good})) == "gate"
        finally:
            log.write_bytes(good)

    def test_layers_are_asked_in_their_order(self) -> None:
        assert LAYERS == ("validate", "gate", "verify", "none")
        fault = PackageFault("claim and record forged, sealed", "", {})
        assert [is_late(fault, layer) for layer in LAYERS] == [False, False, True, True]

    def test_the_descriptor_of_a_fault_keeps_its_other_words(self, some: dict[str, list[PackageFault]]) -> None:
        fault = some["table out of the descriptor"][0]
        text = fault.files["datapackage.json"]
        assert text is not None
        assert json.loads(text)["name"] == "borderledger"
