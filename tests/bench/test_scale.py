"""The growth of a check: grown packages are valid, peers find what they claim to find, and runs are measured alike."""

from __future__ import annotations

import csv
import importlib
import importlib.util
import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.peers import PEERS
from bench.peers.common import Found
from bench.planted import KINDS, damage
from bench.process import Run, measure
from bench.scale import Command, exponent, main, wrong_with
from bench.scaled import scaled
from borderledger.package import Package
from tests.conftest import ROOT, Mini, mini_in
from validate import check

ROWS = 400
#: Peers that the environment of the tests has. `python -m bench.scale` holds the others against the same faults.
HERE = {"duckdb": "duckdb", "frictionless": "frictionless", "pandera": "pandera", "polars": "polars", "csv": "csv"}


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory, whole: Package) -> Path:
    """The small package with so many returns, ready for all peers."""
    folder = tmp_path_factory.mktemp("grown")
    package = scaled(ROWS, folder, mini_in(folder / "mini", whole).root)
    importlib.import_module("bench.peers.duckdb_sql").enter(package)
    return package


def returns(package: Path) -> list[dict[str, str]]:
    with (package / "data/returns.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class TestScaled:
    """A grown package is valid, has as many returns as it says, and is always the same."""

    def test_it_has_so_many_returns_and_no_findings(self, grown: Path) -> None:
        assert len(returns(grown)) == ROWS
        assert check(grown).findings == ()

    def test_a_copy_has_its_own_id_and_procedure_and_is_else_its_original(self, grown: Path, mini: Mini) -> None:
        real = {row["id"]: row for row in returns(mini.root)}
        copies = [row for row in returns(grown) if row["id"] not in real]
        assert len(copies) == ROWS - len(real)
        for copy in copies:
            original, _, number = copy["id"].rpartition("-")
            own = {"id": copy["id"], "procedure": f"{real[original]['operation_ref']}-{number}", "operation_ref": ""}
            assert copy == real[original] | own

    def test_the_same_rows_give_the_same_bytes(self, grown: Path, mini: Mini, tmp_path: Path) -> None:
        again = scaled(ROWS, tmp_path / "again", mini.root)
        for file in ("data/returns.csv", "data/control_totals.csv"):
            assert (again / file).read_bytes() == (grown / file).read_bytes()

    def test_a_package_is_built_once_until_the_dataset_changes(self, mini: Mini, tmp_path: Path) -> None:
        first = scaled(ROWS, tmp_path / "built", mini.root)
        (first / "kept").touch()
        assert scaled(ROWS, tmp_path / "built", mini.root) == first
        assert (first / "kept").exists()
        mini.row("returns", from_place="BA")["note"] = "Changed."
        mini.save()
        assert scaled(ROWS, tmp_path / "built", mini.root) != first

    def test_fewer_rows_than_there_are_is_refused(self, mini: Mini, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match=f"cannot make 3 rows: choose from {len(returns(mini.root))} to"):
            scaled(3, tmp_path / "few", mini.root)
        assert list((tmp_path / "few").iterdir()) == []


class TestPeers:
    """A peer calls a sound package valid, and finds one planted fault of each kind that it claims to find."""

    @pytest.mark.parametrize("name", HERE)
    def test_a_sound_package_is_valid(self, grown: Path, name: str) -> None:
        rows, found = peer(name)(grown)
        assert rows == ROWS
        assert not any(found.values())

    @pytest.mark.parametrize(("name", "kind"), [(name, kind) for name in HERE for kind in PEERS[name].kinds])
    def test_a_planted_fault_is_found(self, grown: Path, tmp_path: Path, name: str, kind: str) -> None:
        _, found = peer(name)(damaged(grown, tmp_path, kind))
        assert found[kind] > 0

    @pytest.mark.parametrize("name", [name for name, peer in PEERS.items() if peer.pinned])
    def test_every_package_of_an_environment_is_pinned_to_the_version_of_the_page(self, name: str) -> None:
        lines = (ROOT / f"bench/peers/requirements-{name}.txt").read_text(encoding="utf-8").splitlines()
        versions = dict(line.split("==") for line in lines if not line.startswith("#"))
        page = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8").lower()
        assert f"| {name.replace('-', ' ')} {versions[name.replace('-', '_')]}" in page


def peer(name: str) -> Callable[[Path], Found]:
    if importlib.util.find_spec(HERE[name]) is None:
        pytest.skip(f"{HERE[name]} is not installed")
    found: Callable[[Path], Found] = importlib.import_module(f"bench.peers.{PEERS[name].script}").check
    return found


def damaged(package: Path, folder: Path, kind: str) -> Path:
    shutil.copytree(package, folder / "damaged")
    damage(folder / "damaged", [kind])
    return folder / "damaged"


class TestCommands:
    """Only a command that does what it claims is timed."""

    def wrong(self, command: Command, package: Path, folder: Path) -> str:
        return wrong_with(command, package, folder / "damaged", 60)

    def test_a_peer_that_finds_what_it_claims_to_find_is_timed(self, grown: Path, tmp_path: Path) -> None:
        peer = Command("duckdb", script("duckdb_sql"), PEERS["duckdb"].kinds, enters=True)
        assert self.wrong(peer, grown, tmp_path) == ""

    def test_a_peer_that_calls_a_damaged_package_valid_is_not(self, grown: Path, tmp_path: Path) -> None:
        floor = Command("csv", script("csv_floor"), ("required", "key"))
        assert self.wrong(floor, grown, tmp_path) == f"it does not find required, key: rows {ROWS}"

    def test_a_peer_that_misses_one_of_its_kinds_is_not(self, grown: Path, tmp_path: Path) -> None:
        peer = Command("polars", script("polars_floor"), ("shape", "key"))
        assert self.wrong(peer, grown, tmp_path).startswith("it does not find key")

    def test_a_peer_that_fails_is_not(self, grown: Path, tmp_path: Path) -> None:
        peer = Command("csv", (sys.executable, "-c", "raise SystemExit('no such library')"), ())
        assert self.wrong(peer, grown, tmp_path) == "it does not call a sound package valid: no such library"

    def test_our_check_finds_all_kinds(self, grown: Path, tmp_path: Path) -> None:
        ours = Command("borderledger", (sys.executable, "-m", "validate"), tuple(KINDS))
        assert self.wrong(ours, grown, tmp_path) == ""

    def test_an_engine_that_validation_does_not_know_is_left_out(self, grown: Path, tmp_path: Path) -> None:
        ours = Command("borderledger-abacus", (sys.executable, "-m", "validate", "--engine", "abacus"), tuple(KINDS))
        assert self.wrong(ours, grown, tmp_path).startswith("not known to python -m validate, or not installed")


def script(name: str) -> tuple[str, ...]:
    return sys.executable, "-m", f"bench.peers.{name}"


class TestMain:
    """The command prints a line for each command and size, and draws a chart when asked."""

    def test_it_prints_a_table_for_each_size_and_draws_a_chart(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        chart = tmp_path / "scale.svg"
        code = main(["--only", "csv", "--rows", "6000", "7000", "--rounds", "1", "--chart", str(chart)])
        printed = capsys.readouterr().out
        assert code == 0
        assert [line for line in printed.splitlines() if line.endswith(" rows")][1:] == ["6000 rows", "7000 rows"]
        assert len(re.findall(r"^csv +[0-9.]+ +[0-9.]+ +[0-9,]+ +[0-9,]+ +-$", printed, re.MULTILINE)) == 3
        assert ">csv</text>" in chart.read_text(encoding="utf-8")

    def test_a_command_that_takes_too_long_is_named_and_not_run_on_more_rows(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        sound, late = Run(1.0, 1.0, 20.0, 0, ""), Run(9.0, 9.0, 20.0, None, "")
        monkeypatch.setattr(
            "bench.scale.measure", lambda command, folder, limit: late if "returns-6000-" in command[-1] else sound
        )
        main(["--only", "csv", "--rows", "6000", "7000", "--rounds", "1", "--limit", "9"])
        printed = capsys.readouterr().out
        assert "no time: it failed, or took more than 9 s" in printed
        assert "not run, because fewer rows took too long or failed" in printed


class TestMeasure:
    """A run has its own memory, its exit code and its output, and ends at the limit."""

    def test_the_memory_of_one_run_is_not_that_of_the_run_before(self, tmp_path: Path) -> None:
        before = measure([sys.executable, "-c", "pass"], tmp_path, 60)
        size = int(before.megabytes + 200) * 1_000_000  # the system counts the memory of this process, too
        large = measure([sys.executable, "-c", f"print(len(b'x' * {size}))"], tmp_path, 60)
        after = measure([sys.executable, "-c", "pass"], tmp_path, 60)
        assert (large.code, large.output) == (0, f"{size}\n")
        assert large.megabytes > before.megabytes + 100
        assert large.megabytes > after.megabytes + 100

    def test_the_exit_code_and_errors_are_kept(self, tmp_path: Path) -> None:
        run = measure([sys.executable, "-c", "raise SystemExit('broken')"], tmp_path, 60)
        assert (run.code, run.output) == (1, "broken\n")

    def test_a_run_is_stopped_at_the_limit(self, tmp_path: Path) -> None:
        assert measure([sys.executable, "-c", "import time; time.sleep(600)"], tmp_path, 0.2).code is None


class TestExponent:
    """The slope of a line through the logarithms of rows and seconds."""

    @pytest.mark.parametrize(
        ("points", "slope"),
        [
            ({10: 1.0, 100: 10.0, 1000: 100.0}, "1.00"),
            ({10: 5.0, 1000: 5.0}, "0.00"),
            ({10: 1.0, 100: 100.0}, "2.00"),
            ({10: 1.0}, "-"),
            ({}, "-"),
        ],
    )
    def test_it_is_the_power_of_the_growth(self, points: dict[int, float], slope: str) -> None:
        assert exponent(points) == slope


class TestPageOfObservable:
    """The page that bench.website measures beside ours."""

    FOLDER = ROOT / "bench/peers/observable"

    def test_its_packages_have_one_version_and_are_locked(self) -> None:
        wanted = json.loads((self.FOLDER / "package.json").read_bytes())["dependencies"]
        locked = json.loads((self.FOLDER / "package-lock.json").read_bytes())["packages"]
        assert wanted
        assert wanted == {name: locked[f"node_modules/{name}"]["version"] for name in wanted}
        # A package that comes inside another has the hash of that one.
        assert all(one.get("integrity") or one.get("inBundle") for path, one in locked.items() if path)

    def test_it_names_no_other_site_and_no_package_of_a_public_server(self) -> None:
        for name in ("observablehq.config.js", "src/index.md"):
            text = (self.FOLDER / name).read_text(encoding="utf-8")
            assert not re.search(r"""https?://|from ["']npm:""", text)
        assert "globalStylesheets: []" in (self.FOLDER / "observablehq.config.js").read_text(encoding="utf-8")
