"""What a type checker knows: the frame that `load` returns, and which tables there are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

import borderledger as bl
from borderledger.query.load import TableName
from tests.conftest import ROOT

#: The libraries as a type checker sees them. Their own types are not needed here, and would take a minute to read.
STUBS = {"pandas": "DataFrame", "polars": "DataFrame", "pyarrow": "Table"}


@pytest.fixture(scope="module")
def mypy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("types")
    for library, frame in STUBS.items():
        (folder / f"{library}.pyi").write_text(f"class {frame}: ...\n")
    return folder


def said(folder: Path, code: str) -> list[str]:
    """What mypy says about a program that uses the library, without the place."""
    options = ["--config-file=", "--strict", "--follow-imports", "silent", "--cache-dir", folder / ".cache"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "-c", f"import borderledger as bl\n{code}\n"],
        cwd=folder,
        env=os.environ | {"MYPYPATH": os.pathsep.join([str(folder), str(ROOT / "src")])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr, done.stderr
    return [line.split(": ", 1)[1] for line in done.stdout.splitlines() if line.startswith("<string>:")]


def test_the_names_are_those_of_the_tables_and_views() -> None:
    assert list(get_args(TableName)) == list(bl.tables().index)


def test_each_backend_has_its_type(mypy: Path) -> None:
    code = """
reveal_type(bl.load("returns"))
reveal_type(bl.load("returns", "today", where="to_place=AL", labels=True))
reveal_type(bl.load("returns", backend="polars"))
reveal_type(bl.load("returns", backend="arrow", columns=["id"]))
reveal_type(bl.open("elsewhere").load("any_table", backend="polars"))
reveal_type(bl.describe("returns"))
"""
    frames = ["pandas.DataFrame", "pandas.DataFrame", "polars.DataFrame", "pyarrow.Table", "polars.DataFrame"]
    found = said(mypy, code)
    assert found == [f'note: Revealed type is "{frame}"' for frame in [*frames, "pandas.DataFrame"]]


@pytest.mark.parametrize(
    "code",
    [
        'bl.load("retruns")',
        'bl.load("returns", backend="panda")',
        'bl.load("returns", colums=["id"])',
        'bl.load("returns", lists="tuple")',
        'bl.load("returns", as_of=3)',
        'bl.describe("retruns")',
    ],
)
def test_a_wrong_call_is_refused(mypy: Path, code: str) -> None:
    right = code.replace("retruns", "returns").replace("panda", "arrow").replace("colums", "columns")
    right = right.replace("tuple", "text").replace("as_of=3", "as_of='today'")
    assert said(mypy, right) == []
    assert said(mypy, code)[0].startswith("error:")
