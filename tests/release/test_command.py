"""python -m release: what `previous` stands for, and that each command answers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from release import __main__ as command
from release.__main__ import main
from release.manifest import MANIFESTS, Manifest, read_tables
from tests.conftest import Mini
from tests.release.conftest import Git, describe, git_in


def record(mini: Mini, version: str) -> None:
    """Keep the manifest of the tables as they stand."""
    tables = {name: table.hash for name, table in read_tables(mini.root, []).items()}
    manifest = Manifest(version, "2026-11-24T00:00:00Z", {}, tables)
    folder = mini.root / MANIFESTS
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{version}.json").write_bytes(manifest.json())


@pytest.fixture
def released(mini: Mini, git: Git, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small package with 0.1.0 recorded, and 0.1.1 in the making."""
    record(mini, "0.1.0")
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


ALL = [["diff", "previous"], ["check", "--against", "previous"], ["check", "--against", "previous", "--rows"]]


@pytest.fixture
def changed(released: Path, mini: Mini, git: Git) -> Path:
    """A published figure was changed without a row in the log, and committed."""
    row = next(row for row in mini.rows["facilities"] if row["capacity"])
    held, row["capacity"] = row["capacity"], str(int(row["capacity"]) + 1)
    for claim in mini.rows["claims"]:
        if (claim["record_id"], claim["field"], claim["value"]) == (row["id"], "capacity", held):
            claim["value"] = row["capacity"]
    mini.save()
    describe(mini, version="0.1.1", created="2026-11-25T00:00:00Z")
    git("commit", "-am", "a change that the log does not have")
    return released


def cloned(root: Path, to: Path, *options: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone of the repository in which the commands run."""
    subprocess.run(["git", "clone", "-q", *options, root.as_uri(), str(to)], check=True)
    monkeypatch.setattr(command, "ROOT", to)
    monkeypatch.chdir(to)
    return to


class TestTheReleaseBefore:
    """The release before is what its manifest says, and not what a commit happens to hold."""

    def test_in_a_whole_clone_the_change_is_found(
        self, changed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        cloned(changed, tmp_path / "whole", monkeypatch=monkeypatch)
        assert main(["check", "--against", "previous"]) == 1
        assert "correction.missing" in capsys.readouterr().out

    @pytest.mark.parametrize("arguments", ALL, ids=" ".join)
    def test_a_shallow_clone_is_refused(
        self,
        changed: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        arguments: list[str],
    ) -> None:
        cloned(changed, tmp_path / "shallow", "--depth", "1", monkeypatch=monkeypatch)
        assert main(arguments) == 2
        said = capsys.readouterr()
        assert not said.out
        assert "No commit of this repository holds the release 0.1.0: claims is not that of" in said.err
        assert "run git fetch --unshallow --tags" in said.err

    @pytest.mark.parametrize("arguments", ALL, ids=" ".join)
    def test_a_folder_that_was_committed_whole_is_refused(
        self,
        changed: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        arguments: list[str],
    ) -> None:
        imported = tmp_path / "imported"
        shutil.copytree(changed, imported, ignore=shutil.ignore_patterns(".git"))
        git = git_in(imported)
        git("init")
        git("add", ".")
        git("commit", "-m", "everything")
        monkeypatch.setattr(command, "ROOT", imported)
        assert main(arguments) == 2
        assert "Name the csv.zip of the release 0.1.0 instead." in capsys.readouterr().err

    def test_a_manifest_that_was_restored_leads_to_the_commit_of_the_release(
        self, changed: Path, git: Git, capsys: pytest.CaptureFixture[str]
    ) -> None:
        held = git("rev-parse", "HEAD~1").strip()
        for message in ("lose the manifest", "restore it"):
            if message.startswith("lose"):
                git("rm", "-q", "release/manifests/0.1.0.json")
            else:
                git("checkout", "HEAD~1", "--", "release/manifests/0.1.0.json")
            git("commit", "-m", message)
        assert command._before("previous") == held
        assert main(["check", "--against", "previous"]) == 1
        assert "correction.missing" in capsys.readouterr().out

    def test_a_tag_that_was_moved_is_refused(self, changed: Path, git: Git, capsys: pytest.CaptureFixture[str]) -> None:
        describe_back = git("show", "HEAD~1:datapackage.json")
        (changed / "datapackage.json").write_text(describe_back, encoding="utf-8")
        git("commit", "-am", "with the number of the release")
        git("tag", "-f", "v0.1.0")
        assert main(["diff", "v0.1.0"]) == 2
        assert "This is not the release 0.1.0, though it has its number" in capsys.readouterr().err
        assert main(["check", "--against", "HEAD"]) == 2


def test_a_release_that_was_not_recorded_in_this_history_is_named(
    released: Path, mini: Mini, capsys: pytest.CaptureFixture[str]
) -> None:
    record(mini, "0.1.1")
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
