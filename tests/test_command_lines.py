"""What all command lines do alike: the encoding of what they print, and what happens if something cannot be written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from borderledger.cli import main as borderledger
from docs.build import main as build_docs
from tests.conftest import ROOT, Mini

FULL = Path("/dev/full")
#: A letter that is in no code page of Western Europe, and that cp1250 has as a byte which is not UTF-8.
LETTER = "č"


@pytest.fixture
def faulty(mini: Mini) -> Path:
    """The small package with a place of no kind that is defined."""
    mini.row("places", id="XK")["kind"] = f"planet {LETTER}"
    mini.row("facilities", id="fac-al-gjader")["name"] = f"Gjader {LETTER}"
    return mini.save()


@pytest.fixture
def before(faulty: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same package in another folder, as the version before."""
    folder = tmp_path_factory.mktemp("before")
    shutil.copytree(faulty, folder, dirs_exist_ok=True)
    file = folder / "data/facilities.csv"
    file.write_text(
        file.read_text(encoding="utf-8").replace(f"Gjader {LETTER}", "Gjader"), encoding="utf-8", newline=""
    )
    return folder


def words(line: str, faulty: Path, before: Path) -> list[str]:
    return [{"NEW": str(faulty), "OLD": str(before)}.get(word, word) for word in line.split()]


#: Each command line with the exit code that it has when all is printed.
COMMANDS = [
    ("borderledger --data NEW load claims", 0),
    ("borderledger diff OLD NEW", 1),
    ("validate NEW", 1),
    ("corrections --root NEW explain fac-al-gjader", 0),
    ("release diff OLD NEW", 1),
    ("ingest --help", 0),
    ("docs.build --help", 0),
]


@pytest.mark.parametrize(("line", "code"), COMMANDS)
def test_a_reader_who_has_seen_enough_does_not_change_the_exit_code(
    line: str, code: int, faulty: Path, before: Path
) -> None:
    command = [sys.executable, "-m", *words(line, faulty, before)]
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(command, cwd=ROOT, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (code, b"")


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
@pytest.mark.parametrize("line", [line for line, _ in COMMANDS])
def test_output_to_a_full_disk_says_so(line: str, faulty: Path, before: Path) -> None:
    command = [sys.executable, "-m", *words(line, faulty, before)]
    with FULL.open("wb") as out:
        done = subprocess.run(command, cwd=ROOT, stdout=out, stderr=subprocess.PIPE, check=False)
    program = line.split()[0].split(".")[0]
    said = f"{program}: standard output: No space left on device\n"
    assert (done.returncode, done.stderr.decode()) == (2, said)


@pytest.mark.skipif(os.name == "nt", reason="a shell of Unix closes the output")
def test_closed_output_is_no_error() -> None:
    command = f"{sys.executable} -m borderledger tables >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], check=False).returncode == 0


@pytest.mark.parametrize(
    "line",
    [
        "borderledger --data NEW show fac-al-gjader --format json",
        "borderledger --data NEW load facilities --format csv",
        "borderledger --data NEW load facilities --format md",
        "validate NEW --format json",
        "validate NEW --format github",
        "validate NEW --format markdown",
        "corrections --root NEW find gjader",
        "release diff OLD NEW --format markdown",
        "release diff OLD NEW --format html",
    ],
)
@pytest.mark.parametrize("setting", [{"PYTHONIOENCODING": "cp1250"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}])
def test_what_a_program_reads_is_utf_8_with_lf(line: str, setting: dict[str, str], faulty: Path, before: Path) -> None:
    command = [sys.executable, "-m", *words(line, faulty, before)]
    environment = {**os.environ, "PYTHONUTF8": "0", **setting}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    assert LETTER in done.stdout.decode("utf-8")
    assert b"\r" not in done.stdout
    assert b"Traceback" not in done.stderr
    if line.endswith("json"):
        json.loads(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names of files")
def test_the_name_of_a_file_that_is_no_text_is_printed(mini: Mini, tmp_path: Path) -> None:
    out = os.fsencode(tmp_path) + b"/\xe8.sqlite"
    command = [sys.executable, "-m", "borderledger", "--data", str(mini.root), "export", "--format", "sqlite", out]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.endswith(b"\\udce8.sqlite\n")


class TestCannotWrite:
    """One line that names the file, and an exit code of the list in --help."""

    @pytest.mark.parametrize("format", ["sqlite", "csv"])
    def test_export(self, format: str, mini: Mini, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        out = tmp_path / ("a" * 300)
        assert borderledger(["--data", str(mini.root), "export", "--format", format, str(out)]) == 2
        assert capsys.readouterr().err == f"borderledger: {out}: File name too long\n"

    @pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc here")
    def test_export_to_a_folder_that_takes_no_files(self, mini: Mini, capsys: pytest.CaptureFixture[str]) -> None:
        assert borderledger(["--data", str(mini.root), "export", "--format", "sqlite", "/proc/x.sqlite"]) == 2
        assert capsys.readouterr().err == "borderledger: /proc/x.sqlite: No such file or directory\n"

    def test_docs(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setattr("docs.build.is_released", lambda root: False)
        monkeypatch.setattr("docs.build.pages_of_schemas", lambda package: {"no/folder/page.md": ""})
        assert build_docs([]) == 2
        assert capsys.readouterr().err == f"docs: {ROOT / 'no/folder/page.md'}: No such file or directory\n"
