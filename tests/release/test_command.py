"""python -m release: what `previous` stands for, and that each command answers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from release import __main__ as command
from release.__main__ import main
from tests.conftest import Mini
from tests.release.conftest import Git, describe


@pytest.fixture
def released(mini: Mini, git: Git, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small package with 0.1.0 recorded, and 0.1.1 in the making."""
    manifests = mini.root / "release/manifests"
    manifests.mkdir(parents=True)
    (manifests / "0.1.0.json").write_text("{}", encoding="utf-8")
    git("add", ".")
    git("commit", "-m", "0.1.0 is released")
    describe(mini, version="0.1.1", created="2026-11-25T00:00:00Z")
    monkeypatch.setattr(command, "ROOT", mini.root)
    monkeypatch.chdir(mini.root)
    return mini.root


def test_previous_is_the_commit_that_recorded_the_release_before(
    released: Path, git: Git, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command._before("previous") == git("rev-parse", "HEAD").strip()
    assert main(["diff", "previous", str(released)]) == 0
    assert main(["check", "--against", "previous"]) == 1
    assert "changelog.missing" in capsys.readouterr().out


def test_previous_of_the_first_release_is_none(released: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (released / "release/manifests/0.1.0.json").unlink()
    assert command._before("previous") is None
    assert main(["diff", "previous", str(released)]) == 2
    assert capsys.readouterr().err == "release: there is no release before this checkout\n"


def test_a_release_that_was_not_recorded_in_this_history_is_named(
    released: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (released / "release/manifests/0.1.1.json").write_text("{}", encoding="utf-8")
    content = json.loads((released / "datapackage.json").read_text(encoding="utf-8")) | {"version": "0.1.2"}
    (released / "datapackage.json").write_text(json.dumps(content), encoding="utf-8")
    for arguments in (
        ["diff", "previous", str(released)],
        ["check", "--against", "previous"],
        ["build", "--previous", "previous"],
    ):
        assert main(arguments) == 2
        assert "0.1.1.json" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["build", "check", "diff", "verify"])
def test_each_command_has_help(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "release", name, "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert f"python -m release {name}" in done.stdout
