"""Who may import whom: the contract in pyproject.toml holds, and it notices every kind of circle."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

FOLDERS = ("src", "validate", "ingest", "corrections", "release", "audit", "website", "links", "docs", "bench")


def held(root: Path) -> subprocess.CompletedProcess[str]:
    """Hold the code below a folder against its own contract."""
    command = "import sys; sys.path[:0] = ['src', '.']; from importlinter.cli import lint_imports_command as run; run()"
    return subprocess.run(
        [sys.executable, "-c", command, "--no-cache"], cwd=root, capture_output=True, text=True, check=False
    )


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "*.svg", "*.md"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contract_is_kept() -> None:
    done = held(ROOT)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("src/borderledger/package/model.py", "from borderledger.package import reader"),
        ("src/borderledger/package/model.py", "def _hidden():\n    from borderledger.package import reader"),
        (
            "src/borderledger/query/load.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from borderledger.dataset import Dataset",
        ),
        ("src/borderledger/query/columns.py", "from borderledger.output import frames"),
        ("validate/report.py", "import validate.engine"),
        ("validate/cells.py", "import corrections.log"),
        ("src/borderledger/edtf.py", "import validate"),
    ],
    ids=["circle", "lazy circle", "circle of types", "upwards", "circle in a tool", "sideways", "loader to tool"],
)
def test_a_broken_contract_is_noticed(copied: Path, module: str, line: str) -> None:
    with (copied / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    done = held(copied)
    assert done.returncode == 1, done.stdout
    assert f"{Path(module).stem} ->" in done.stdout
