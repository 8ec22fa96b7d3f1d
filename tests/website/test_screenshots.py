"""The screenshots of the README: the command writes them, says what it misses, and the files are small."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.website.conftest import Built
from website.screenshots import PICTURES


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: Playwright allows one in a process, and the browser of other tests has it."""
    command = [sys.executable, "-m", "website", "screenshots", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.usefixtures("browser")
def test_the_command_writes_what_a_reader_sees(built: Built, tmp_path: Path) -> None:
    done = run("--out", str(built.folder), "--to", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(tmp_path / name) for name in PICTURES]
    for name, (_path, height) in PICTURES.items():
        with Image.open(tmp_path / name) as picture:
            assert (picture.format, picture.mode, picture.size) == ("PNG", "P", (1200, height))
            assert len(picture.getcolors() or ()) > 30, "no empty page"


def test_without_chromium_it_says_what_to_install(built: Built, tmp_path: Path) -> None:
    done = run("--out", str(built.folder), "--to", str(tmp_path), PATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert "apt-get install chromium" in done.stderr
    assert [*tmp_path.iterdir()] == []


def test_without_a_site_it_says_how_to_build_one(tmp_path: Path) -> None:
    done = run("--out", str(tmp_path))
    assert done.returncode == 2
    assert "python -m website build" in done.stderr


def test_the_readme_shows_them_and_they_are_small() -> None:
    shown = re.findall(r"!\[[^\]]+\]\(docs/(site-[a-z]+\.png)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert shown == [*PICTURES]
    for name, (_path, height) in PICTURES.items():
        with Image.open(ROOT / "docs" / name) as picture:
            assert picture.size == (1200, height), "run python -m website screenshots"
        assert (ROOT / "docs" / name).stat().st_size < 150_000
