"""A git repository around the small package."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Mini
from validate.git import git_environment

Git = Callable[..., str]

# Nothing of the machine's git: no configuration, no repository of a hook that runs the tests.
_BARE = git_environment() | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


def git_in(folder: Path) -> Git:
    """A function that runs git in a folder and returns what it says."""

    def git(*arguments: str) -> str:
        person = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
        command = ["git", *person, "-c", "commit.gpgsign=false", *arguments]
        return subprocess.run(command, cwd=folder, env=_BARE, check=True, capture_output=True, text=True).stdout

    return git


@pytest.fixture
def git(mini: Mini) -> Git:
    """The small package as a repository: an empty commit `before`, and the package as `v0.1.0`."""
    git = git_in(mini.root)
    git("init")
    git("commit", "--allow-empty", "-m", "before")
    git("tag", "before")
    (mini.root / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    describe(mini, version="0.1.0", created="2026-11-24T00:00:00Z")
    git("add", ".")
    git("commit", "-m", "the package")
    git("tag", "v0.1.0")
    return git


CHANGELOG = """# Changelog

## [Unreleased]

## [0.1.0] - 2026-11-24

### Added

- All there is.
"""


def describe(mini: Mini, **properties: object) -> None:
    """Set properties of the descriptor."""
    file = mini.root / "datapackage.json"
    content = json.loads(file.read_text(encoding="utf-8")) | properties
    file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
