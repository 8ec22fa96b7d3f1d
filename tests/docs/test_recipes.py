"""Each recipe of docs/developing.md, carried out on a copy of the repository, does what the page says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.conftest import ROOT
from validate.git import git_environment

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="the recipes use git apply")

PAGE = (ROOT / "docs/developing.md").read_text(encoding="utf-8")
FOLDERS = ("src", "data", "schemas", "validate", "tests")
FILES = ("datapackage.json", "CHANGELOG.md", "pyproject.toml")


def recipes() -> dict[str, list[Token]]:
    """The code blocks below each heading of the recipes."""
    found: dict[str, list[Token]] = {}
    heading = ""
    tokens = MarkdownIt("commonmark").parse(PAGE.partition("## Recipes")[2])
    for before, token in pairwise(tokens):
        if before.type == "heading_open":
            heading = token.content
        if token.type == "fence":
            found.setdefault(heading, []).append(token)
    return found


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """What the recipes touch, in a repository of its own; commands find the code of the copy."""
    for folder in FOLDERS:
        skipped = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=skipped)
    for file in FILES:
        shutil.copy(ROOT / file, tmp_path)
    commands = tmp_path / ".commands"
    commands.mkdir()
    for name, module in (("python", ""), ("borderledger", "-m borderledger.cli")):
        (commands / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n', encoding="utf-8")
        (commands / name).chmod(0o755)
    return tmp_path


def run(folder: Path, command: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTEST_"))}
    environment |= {"PYTHONPATH": os.pathsep.join([str(folder / "src"), str(folder)]), "NO_COLOR": "1"}
    environment["PATH"] = os.pathsep.join([str(folder / ".commands"), environment["PATH"]])
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.stderr + done.stdout


def commands(block: Token) -> Iterator[tuple[str, list[str]]]:
    """Each command of a console block, with the lines that it is said to print."""
    for part in block.content.split("$ ")[1:]:
        command, *lines = part.splitlines()
        yield command, lines


@pytest.mark.parametrize("name", recipes())
def test_a_recipe_does_what_it_says(name: str, copied: Path) -> None:
    for block in recipes()[name]:
        kind, _, path = block.info.partition(" ")
        if kind == "diff":
            apply = ["git", "apply", "--recount", "--unidiff-zero", "-"]
            subprocess.run(apply, cwd=copied, input=block.content, text=True, check=True, env=git_environment())
        elif path:
            (copied / path).write_text(block.content, encoding="utf-8")
        else:
            assert kind == "console"
            for command, lines in commands(block):
                printed = run(copied, command)
                for line in lines:
                    assert line in printed, f"$ {command}\n{printed}"


def test_there_is_a_recipe_for_each_thing_to_add() -> None:
    assert list(recipes()) == ["Add a field", "Add a table", "Add a rule", "Add an export format"]
