"""The comparison of two engines on damaged packages: nothing is left out, and a finding that one lacks is told."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

import bench.engines
from bench.corruption import Corruption, corruptions
from bench.engines import main, packages
from borderledger.package import Package
from tests.conftest import Mini
from validate import Report, check


@pytest.fixture
def made(mini: Mini, monkeypatch: pytest.MonkeyPatch) -> list[Corruption]:
    """The corruptions that the command makes: of two tables, by two kinds."""
    package = Package.read(mini.root)
    tables = {name: package.tables[name] for name in ("facilities", "deployments")}
    drawn = [*corruptions(dataclasses.replace(package, tables=tables), 1, 1)]
    few = [one for one in drawn if one.kind in ("cell emptied", "row deleted")]
    monkeypatch.setattr(bench.engines, "ROOT", mini.root)
    monkeypatch.setattr(bench.engines, "corruptions", lambda *of: few)
    return few


def test_each_package_has_one_corruption_of_each_table_and_none_is_left_out(made: list[Corruption]) -> None:
    groups = [*packages(made)]
    assert [[one.table for one in group] for group in groups] == [["facilities", "deployments"]] * 2
    assert sorted(one.what for group in groups for one in group) == sorted(one.what for one in made)


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("blind", [False, True])
def test_a_finding_that_the_other_engine_lacks_is_told(
    blind: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def checked(root: Path, engine: str = "polars", **options: Any) -> Report:
        report = check(root)
        return dataclasses.replace(report, findings=report.findings[1:]) if blind and engine == "duckdb" else report

    monkeypatch.setattr(bench.engines, "check", checked)
    assert main(["duckdb"]) == int(blind)
    out = capsys.readouterr().out
    assert out.count("DIFFERENT: lost [Finding(file=") == (2 if blind else 0)
    assert "seed 2026: 4 corruptions, " in out
    assert out.endswith(f"; packages that differ: {2 if blind else 0}\n")
