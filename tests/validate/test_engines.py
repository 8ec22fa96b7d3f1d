"""One rule set, any engine: the findings of each are those of the default, line for line."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import validate.engines.memory
import validate.ledger
from bench.planted import KINDS, damage
from bench.scaled import scaled
from borderledger.package import Package
from tests.conftest import Mini, mini_in
from tests.validate.rules.test_every_rule import BAD, NAMED_BY, PREFIX, TYPICAL
from validate import Report, check
from validate.__main__ import main
from validate.engines import engine_named
from validate.reading import read_package

#: Spark needs the extra `spark` and Java; docs/testing.md says how to run its tests.
SPARK = pytest.param(
    "spark", marks=pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="pyspark is not installed")
)
OTHERS = ["duckdb", SPARK]


def checked(root: Path, engine: str) -> Report:
    return check(root, engine=engine, master=os.environ.get("BORDERLEDGER_SPARK_MASTER", "local[2]"))


@pytest.fixture
def no_table_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is asked of the engine; otherwise Python itself looks at the cells of small tables."""
    monkeypatch.setattr(validate.ledger, "_FEW", -1)


def with_every_fault(mini: Mini) -> Path:
    """The small package with a row that breaks each rule of tables, and cells that break the rules of cells."""
    for number, (table, values, *_) in enumerate(BAD):
        if table in NAMED_BY:
            own = {NAMED_BY[table]: f"0.{number}.0", "record_id": "agr-status-ba-2025", "field": "signed"}
            mini.add(table, **{**own, **values})
        else:
            mini.add(table, **{**TYPICAL[table], **values, "id": f"{PREFIX[table]}-bad-{number}"})
    bulk = [row for row in mini.rows["returns"] if row["operation_ref"]]
    for row, (field, cell) in zip(
        bulk,
        [
            ("quantity", "1.5"),
            ("period", "2021-02-30"),
            ("to_place", "QQ"),
            ("nationalities", "RS;AL"),
            ("unit", "person"),
            ("note", "two  spaces"),
            ("note", "=SUM(A1)"),
            ("unit", ""),
            ("part_of", "ret-nothing"),
        ],
        strict=False,
    ):
        row[field] = cell
    mini.add("returns", **bulk[-1])
    for claim, (field, cell) in zip(
        mini.rows["claims"][::9],
        [("value", "1,5"), ("field", "title_of"), ("verdict", "finer"), ("record_id", "x"), ("qualifier", "about")],
        strict=False,
    ):
        claim[field] = cell
    mini.rows["claims"] += [dict(mini.rows["claims"][3])]
    del mini.rows["claims"][40]
    return mini.save(sealed=False)


class TestEqual:
    @pytest.mark.parametrize("engine", OTHERS)
    @pytest.mark.usefixtures("no_table_is_small")
    def test_every_fault_is_the_same_finding_in_every_engine(self, mini: Mini, engine: str) -> None:
        root = with_every_fault(mini)
        report = checked(root, engine)
        assert report == check(root)
        assert {rule for _, _, rule, _, _ in BAD} <= {f.rule for f in report.findings}

    def test_small_tables_give_the_findings_of_large_ones(self, mini: Mini, monkeypatch: pytest.MonkeyPatch) -> None:
        root = with_every_fault(mini)
        small = check(root)
        monkeypatch.setattr(validate.ledger, "_FEW", -1)
        assert check(root) == small

    def test_queries_that_polars_plans_give_the_same_findings(
        self, mini: Mini, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As for large tables: several steps are planned together, and run when their result is needed."""
        report = check(with_every_fault(mini))
        monkeypatch.setattr(validate.engines.memory, "_MANY", 0)
        assert check(mini.root) == report
        monkeypatch.setattr(validate.ledger, "_FEW", -1)
        assert check(mini.root) == report

    @pytest.mark.parametrize("seed", range(2))
    @pytest.mark.usefixtures("no_table_is_small")
    def test_files_with_random_faults_give_the_same_findings(self, mini: Mini, seed: int) -> None:
        draw = random.Random(seed)
        for file in sorted((mini.root / "data").glob("*.csv")):
            lines = file.read_text(encoding="utf-8").split("\n")
            at = draw.randrange(1, len(lines))
            lines[at] = draw.choice([lines[at] + ",", lines[at].replace(",", ";", 1), '"' + lines[at], ""])
            file.write_text("\n".join(lines), encoding="utf-8", newline="")
        report = checked(mini.root, "duckdb")
        assert report == check(mini.root)
        assert report.findings


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[str]]]:
    root = scaled(100_000, tmp_path_factory.mktemp("scaled"))
    assert check(root).ok
    kinds = [kind for kind in KINDS if kind != "shape"]
    damage(root, kinds)
    lines = (root / "data/returns.csv").read_text(encoding="utf-8").split("\n")
    first = [number for number, line in enumerate(lines, 1) if ",frontex,RO-" in line]
    return root, {kind: [str(line)] for kind, line in zip(kinds, first, strict=False)}


class TestLarge:
    """Among many rows, each bad cell is found: an engine that skips a check would pass in silence (and did, elsewhere)."""

    @pytest.mark.parametrize("engine", ["polars", "duckdb"])
    def test_each_bad_cell_among_100_000_rows_is_a_finding_at_its_line(
        self, large: tuple[Path, dict[str, list[str]]], engine: str
    ) -> None:
        root, lines = large
        found = {(f.rule, f.field, str(f.line)) for f in checked(root, engine).findings}
        for kind, rule, field in [
            ("required", "cell.required", "unit"),
            ("integer", "cell.type", "quantity"),
            ("minimum", "cell.type", "quantity"),
            ("category", "cell.category", "unit"),
            ("pattern", "cell.pattern", "id"),
            ("date", "cell.date", "period"),
            ("key", "key.unique", "id"),
            ("reference", "reference.unknown", "to_place"),
            ("parent", "reference.unknown", "part_of"),
            ("list", "reference.unknown", "nationalities"),
            ("order", "cell.list", "nationalities"),
            ("text", "text.form", "note"),
        ]:
            assert (rule, field, lines[kind][0]) in found, f"{engine} says nothing about {kind}"
        assert "totals.differ" in {rule for rule, _, _ in found}


class TestParquet:
    def as_parquet(self, mini: Mini, parts: int) -> Path:
        """The small package with its returns as Parquet, in some files of one folder."""
        table = mini.package.tables["returns"]
        folder = mini.root / "data/returns.parquet"
        folder.mkdir()
        rows = pl.DataFrame(mini.rows["returns"], schema=dict.fromkeys(table.names, pl.String))
        size = -(-len(rows) // parts)
        for number in range(parts):
            rows[number * size : (number + 1) * size].write_parquet(folder / f"part-{number}.parquet")
        (mini.root / table.path).unlink()
        descriptor = mini.root / "datapackage.json"
        text = descriptor.read_text(encoding="utf-8").replace('"data/returns.csv"', '"data/returns.parquet"')
        descriptor.write_text(text, encoding="utf-8")
        return mini.root

    @pytest.mark.parametrize("engine", ["polars", "duckdb"])
    def test_a_table_in_partitions_is_checked_like_a_file(self, mini: Mini, engine: str) -> None:
        mini.row("returns", id="ret-all-ba-2020-11")["unit"] = "person"
        mini.save()
        expected = [(f.line, f.rule, f.message) for f in check(mini.root).findings]
        root = self.as_parquet(mini, 3)
        assert [(f.line, f.rule, f.message) for f in checked(root, engine).findings] == expected
        assert expected

    def test_columns_that_are_no_text_are_refused(self, mini: Mini) -> None:
        root = self.as_parquet(mini, 1)
        pl.DataFrame({"id": ["a"], "quantity": [1]}).write_parquet(root / "data/returns.parquet/part-0.parquet")
        (found,) = [f for f in check(root).findings if f.rule == "file.header"]
        assert found.file == "data/returns.parquet"
        assert "as text" in found.message


class TestCommand:
    @pytest.mark.parametrize("engine", ["polars", "duckdb"])
    def test_the_engine_is_an_option(self, mini: Mini, engine: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([str(mini.root), "--engine", engine]) == 0
        assert "No findings." in capsys.readouterr().out

    def test_an_engine_that_is_not_installed_is_named(
        self, mini: Mini, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setitem(sys.modules, "pyspark", None)
        assert main([str(mini.root), "--engine", "spark"]) == 2
        assert "pip install 'borderledger[spark]'" in capsys.readouterr().err


def test_what_an_engine_holds_on_disk_goes_with_it(
    whole: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", None)
    engine = engine_named("duckdb")
    read_package(mini_in(tmp_path / "mini", whole).root, engine)
    assert [*(tmp_path / "temporary").iterdir()]
    engine.close()
    assert not [*(tmp_path / "temporary").iterdir()]


@pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="pyspark is not installed")
class TestCluster:
    """Three workers, each a process of its own, of which one is killed in the middle of a check."""

    @pytest.fixture
    def cluster(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
        pyspark = importlib.util.find_spec("pyspark")
        assert pyspark is not None
        assert pyspark.origin is not None
        monkeypatch.setenv("SPARK_HOME", str(Path(pyspark.origin).parent))
        monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        run = [str(Path(pyspark.origin).parent / "bin/spark-class")]
        deploy = "org.apache.spark.deploy"
        port = free_port()
        address = f"spark://127.0.0.1:{port}"
        master = ["--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        processes = [subprocess.Popen([*run, f"{deploy}.master.Master", *master], **quiet)]
        wait_for(port)
        for number in range(3):
            worker = ["--cores", "1", "--memory", "1g", "--webui-port", "0", "--work-dir", str(tmp_path / str(number))]
            processes.append(subprocess.Popen([*run, f"{deploy}.worker.Worker", *worker, address], **quiet))
        yield address, processes
        for process in processes:
            process.kill()
            process.wait()

    def test_a_worker_that_is_killed_changes_no_finding(
        self, mini: Mini, cluster: tuple[str, list[subprocess.Popen[bytes]]]
    ) -> None:
        address, (_, first, *_others) = cluster
        root = with_every_fault(mini)
        expected = check(root)
        killer = threading.Timer(25, first.kill)
        killer.start()
        report = check(root, engine="spark", master=address)
        assert not killer.is_alive(), "the check was over before the worker was killed"
        assert report == expected


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise AssertionError("the master of the cluster did not start")
