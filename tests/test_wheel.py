"""What people install: the built wheel, in an environment that holds its one dependency and nothing of ours.

The environment is made without the network: pandas and what pandas needs are linked into it from the environment of
the tests, and nothing else is. So a tool or a development package that leaks into the loader cannot be imported.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from borderledger.output.shipped import packed
from tests.conftest import ROOT

#: Everything a new user does first, without an optional library and without the network.
EXAMPLES = """
import socket

def no_network(*arguments, **options):
    raise AssertionError("the network was asked for")

socket.socket = socket.create_connection = socket.getaddrinfo = no_network

import borderledger as bl

assert bl.load("returns").shape[0] == bl.tables().loc["returns", "rows"]
assert bl.load("agreements", as_of="2023-07-01")["as_of_certain"].dtype == bool
assert bl.describe("projects").loc["amount_eur", "kind"] == "number"
assert set(bl.evidence("dep-frontex-wb6-2025-06", "officers")["verdict"]) == {"agrees"}
assert len(bl.disputes())
assert "borderledger" in bl.cite()
assert not bl.diff(bl.dataset.embedded())
for library, use in {
    "polars": lambda: bl.load("places", backend="polars"),
    "pyarrow": lambda: bl.load("places", backend="arrow"),
    "duckdb": bl.connect,
}.items():
    try:
        use()
    except ImportError as error:
        assert f"pip install {library}" in str(error), error
    else:
        raise AssertionError(f"{library} has leaked in")
print(bl.__version__, bl.__file__)
"""


def built(kind: str, source: Path, out: Path) -> Path:
    """The wheel or sdist that the build backend makes of a source tree."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", out],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = out.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return file


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


def metadata_of(wheel: Path) -> list[str]:
    """The lines of the METADATA of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        return archive.read(name).decode().splitlines()


def needed(name: str) -> set[str]:
    """A distribution with everything that it requires, and what those require; no extras."""
    found, waiting = set(), [name]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            for text in metadata.requires(one) or ():
                requirement = Requirement(text)
                if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                    waiting.append(requirement.name)
    return found


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment with the wheel and what it requires."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    interpreter = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = ["install", "--quiet", "--no-index", "--no-deps", "--disable-pip-version-check", wheel]
    subprocess.run([sys.executable, "-m", "pip", "--python", interpreter, *install], check=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    for name in needed("borderledger") - {"borderledger"}:
        for top in {file.parts[0] for file in metadata.files(name) or () if file.parts[0] != ".."}:
            (packages / top).symlink_to(metadata.distribution(name).locate_file(top))
    return interpreter


def run(python: Path, *arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([python, "-I", *arguments], cwd=cwd, capture_output=True, text=True, check=False)


class TestWheel:
    """What is in the file."""

    def test_holds_the_loader_and_the_package_as_shipped_and_nothing_else(self, wheel: Path) -> None:
        with zipfile.ZipFile(wheel) as archive:
            names = {name for name in archive.namelist() if ".dist-info/" not in name}
            data = {n.removeprefix("borderledger/_data/"): archive.read(n) for n in names if "/_data/" in n}
        source = ROOT / "src"
        modules = {
            path.relative_to(source).as_posix()
            for path in source.rglob("*")
            if path.is_file() and path.suffix != ".pyc"
        }
        assert {name for name in names if "/_data/" not in name} == modules
        assert data == packed(ROOT)

    def test_is_small(self, wheel: Path) -> None:
        assert wheel.stat().st_size < 1_500_000

    def test_is_the_same_when_built_from_the_sdist(self, wheel: Path, tmp_path: Path) -> None:
        sdist = built("sdist", ROOT, tmp_path / "sdist")
        with tarfile.open(sdist) as archive:
            archive.extractall(tmp_path, filter="data")
        again = built("wheel", tmp_path / sdist.name.removesuffix(".tar.gz"), tmp_path / "wheel")
        assert again.read_bytes() == wheel.read_bytes()

    def test_names_the_licences_of_the_code_and_of_the_data_with_their_texts(self, wheel: Path) -> None:
        lines = metadata_of(wheel)
        licence = json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8"))["licenses"][0]["name"]
        assert f"License-Expression: MIT AND {licence}" in lines
        assert {"License-File: LICENSE", "License-File: LICENSE-DATA"} <= {*lines}
        with zipfile.ZipFile(wheel) as archive:
            texts = {n.split("/")[-1]: archive.read(n) for n in archive.namelist() if "/licenses/" in n}
        assert texts == {name: (ROOT / name).read_bytes() for name in ("LICENSE", "LICENSE-DATA")}

    def test_requires_pandas_alone(self, wheel: Path) -> None:
        lines = metadata_of(wheel)
        required = [Requirement(line.partition(": ")[2]) for line in lines if line.startswith("Requires-Dist: ")]
        assert [r.name for r in required if r.marker is None or r.marker.evaluate({"extra": ""})] == ["pandas"]
        assert "Classifier: Typing :: Typed" in lines


class TestInstalled:
    """The wheel in a new environment, offline."""

    def test_the_examples_run(self, python: Path, tmp_path: Path) -> None:
        done = run(python, "-c", EXAMPLES, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        version, file = done.stdout.split()
        assert version == json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8"))["version"]
        assert str(ROOT) not in file

    def test_the_environment_holds_no_tool(self, python: Path, tmp_path: Path) -> None:
        code = "import importlib.metadata as m; print(*sorted({d.name.lower() for d in m.distributions()}))"
        assert set(run(python, "-c", code, cwd=tmp_path).stdout.split()) == {*map(str.lower, needed("borderledger"))}

    def test_the_command_line_runs(self, python: Path, tmp_path: Path) -> None:
        command = python.with_name("borderledger.exe" if os.name == "nt" else "borderledger")
        done = subprocess.run(
            [command, "show", "dep-frontex-wb6-2025-06"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "Evidence: weak" in done.stdout

    def test_a_changed_file_is_refused_by_name(self, python: Path, tmp_path: Path) -> None:
        code = "import borderledger; print(borderledger.__path__[0])"
        table = Path(run(python, "-c", code, cwd=tmp_path).stdout.strip()) / "_data/data/facilities.csv"
        good = table.read_bytes()
        try:
            table.write_bytes(good.replace(b"400,exact", b"401,exact", 1))
            assert table.read_bytes() != good
            done = run(python, "-c", "import borderledger as bl; bl.load('facilities')", cwd=tmp_path)
        finally:
            table.write_bytes(good)
        assert "CorruptPackage: data/facilities.csv is not the file that was released" in done.stderr
