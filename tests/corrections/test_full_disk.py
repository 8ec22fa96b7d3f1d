"""A full disk: every command names the file, leaves nothing half done, and shows no traceback."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corrections.__main__ import main
from corrections.dialogue import ask
from corrections.document import written
from corrections.prompt import Prompt
from tests.conftest import ROOT, Mini
from tests.corrections.conftest import CHANGE, files
from tests.corrections.reports import VALID, filled, payload

FULL = "No space left on device"


def full(*_: object, **__: object) -> Any:
    """A write to a full disk: the error itself names no file."""
    raise OSError(errno.ENOSPC, FULL)


@pytest.fixture
def correction(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("mail") / "a.yml"
    file.write_text(written(CHANGE), encoding="utf-8")
    return file


def run(mini: Mini, *arguments: str | Path) -> int:
    return main(["--root", str(mini.root), *map(str, arguments)])


def below(folder: Path, real: Callable[..., Any]) -> Callable[..., Any]:
    """A function that finds the disk full when it handles a file below a folder."""

    def called(file: Any, *arguments: Any) -> Any:
        name = os.readlink(f"/proc/self/fd/{file}") if isinstance(file, int) else str(file)
        return full() if name.startswith(str(folder)) else real(file, *arguments)

    return called


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc here")
def test_apply_names_the_table_and_changes_nothing(
    mini: Mini, correction: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(mini.root)
    monkeypatch.setattr(os, "fsync", below(mini.root, os.fsync))
    assert run(mini, "apply", correction) == 2
    assert capsys.readouterr().err == f"corrections: {mini.root / 'data/agreements.csv'}: {FULL}\n"
    assert files(mini.root) == before


@pytest.mark.parametrize("command", ["check", "apply"])
def test_the_temporary_folder_may_be_full_as_well(
    mini: Mini, correction: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    before = files(mini.root)
    monkeypatch.setattr(Path, "write_bytes", full)
    assert run(mini, command, correction) == 2
    err = capsys.readouterr().err
    assert "borderledger-" in err
    assert err.endswith(f"datapackage.json: {FULL}\n")
    assert files(mini.root) == before


def test_from_issue_names_the_file_of_the_answer(
    mini: Mini, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = payload(tmp_path, filled("privacy", **VALID["new-source"]))
    monkeypatch.setattr(os, "fsync", full)
    assert run(mini, "from-issue", file, "--out", tmp_path / "out") == 2
    assert capsys.readouterr().err == f"corrections: {tmp_path / 'out/answer.md'}: {FULL}\n"


def test_new_asks_for_another_name_and_leaves_no_part_of_the_file(
    mini: Mini, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["agr-status-rs-2024", "privacy", "note", "full.yml"])
    shown: list[str] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "fsync", full)

    def read(question: str) -> str:
        try:
            return next(answers)
        except StopIteration:
            raise EOFError from None

    assert ask(mini.root, "", None, Prompt(read, shown.append)) == 2
    assert f"full.yml cannot be written: {FULL}." in " ".join(shown)
    assert not (tmp_path / "full.yml").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize(
    "arguments",
    [
        ("find", "gjader"),
        ("explain", "fac-al-gjader"),
        ("check", "FILE"),
        ("from-issue", "FILE"),
        ("review", "ROOT", "ROOT"),
        ("new",),
    ],
    ids=lambda words: words[0],
)
def test_output_to_a_full_disk_says_so(mini: Mini, correction: Path, arguments: tuple[str, ...]) -> None:
    words = [{"FILE": str(correction), "ROOT": str(mini.root)}.get(word, word) for word in arguments]
    with open("/dev/full", "wb") as out:
        done = subprocess.run(
            [sys.executable, "-m", "corrections", "--root", str(mini.root), *words],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.decode() == f"corrections: standard output: {FULL}\n"
