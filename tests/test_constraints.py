"""The constraints files: every package that we ask for, in one version, with the sums of its files."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
FILES = sorted(ROOT.glob("constraints*.txt"))


def entries(file: Path) -> list[tuple[Requirement, list[str]]]:
    """The requirements of a constraints file, each with its sums."""
    text = re.sub(r"\\\n", " ", file.read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line and line.lstrip()[0] not in "#-"]
    return [
        (Requirement(line.partition(" --hash")[0]), re.findall(r"--hash=sha256:([0-9a-f]{64})", line)) for line in lines
    ]


def version_of(requirement: Requirement) -> str:
    (pin,) = requirement.specifier
    assert pin.operator == "=="
    return pin.version


def pins(file: Path) -> dict[str, str]:
    return {canonicalize_name(requirement.name): version_of(requirement) for requirement, _ in entries(file)}


def wanted(extra: str) -> list[Requirement]:
    """What an extra asks for, and what the extras in it ask for."""
    found = [Requirement(text) for text in EXTRAS[extra]]
    inner = [one for requirement in found if requirement.name == "borderledger" for one in sorted(requirement.extras)]
    return [one for one in found if one.name != "borderledger"] + [one for name in inner for one in wanted(name)]


def asked_for(file: Path) -> list[Requirement]:
    """What pyproject.toml asks for in the environment of a constraints file."""
    if file.name == "constraints.txt":
        return [
            *map(Requirement, PROJECT["project"]["dependencies"] + PROJECT["build-system"]["requires"]),
            *wanted("dev"),
        ]
    return [Requirement(text) for text in PROJECT["dependency-groups"][file.stem.removeprefix("constraints-")]]


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def file(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_each_group_of_pyproject_has_a_file_and_make_lock_writes_all_of_them() -> None:
    groups = {f"constraints-{name}.txt" for name in PROJECT["dependency-groups"]}
    assert {path.name for path in FILES} == {"constraints.txt"} | groups
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert sorted(re.findall(r"\$\(LOCK\) .*-o (\S+)", makefile)) == [path.name for path in FILES]
    assert f"--python-version {PROJECT['project']['requires-python'].removeprefix('>=')} " in makefile


def test_each_package_is_pinned_once_with_the_sums_of_its_files(file: Path) -> None:
    found = entries(file)
    assert found
    assert all(sums for _, sums in found)
    assert len(pins(file)) == len(found)


def test_it_is_installed_from_wheels(file: Path) -> None:
    """A package that is built on the spot runs tools that no file pins; see `make lock`."""
    text = file.read_text(encoding="utf-8")
    assert "\n--only-binary :all:\n" in text
    built = re.findall(r"^--no-binary (.+)$", text, re.MULTILINE)
    assert built == (["jsonpath-rw"] if file.stem == "constraints-croissant" else [])


def test_it_has_what_pyproject_asks_for(file: Path) -> None:
    """If this fails: `make lock`."""
    have = pins(file)
    lacking = [
        str(one)
        for one in asked_for(file)
        if not one.specifier.contains(have.get(canonicalize_name(one.name), "0"), prereleases=True)
        or canonicalize_name(one.name) not in have
    ]
    assert lacking == []


def test_what_is_installed_is_what_the_file_says() -> None:
    """If this fails: `make .venv/installed`."""
    for requirement, _ in entries(ROOT / "constraints.txt"):
        if requirement.marker is None or requirement.marker.evaluate():
            assert metadata.version(requirement.name) == version_of(requirement), requirement.name


def test_the_versions_fit_together() -> None:
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_readme_installs_the_same_without_make() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"-m (pip install .*-[re] .*)", readme) == [
        "pip install --require-hashes -r constraints.txt",
        "pip install --no-deps --no-build-isolation -e .",
    ]
