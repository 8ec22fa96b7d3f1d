"""What the shell offers when a person presses Tab."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import borderledger as bl
from borderledger.cli import main
from borderledger.query.grades import GRADES


def offered(folder: Path, line: str, before: str = "") -> list[str]:
    """The words that can come next, as argcomplete gives them to bash."""
    answer = folder / "answer"
    environment = os.environ | {
        **{"_ARGCOMPLETE": "1", "_ARGCOMPLETE_STDOUT_FILENAME": str(answer), "_ARGCOMPLETE_IFS": "\n"},
        **{"COMP_LINE": line, "COMP_POINT": str(len(line)), "_ARGCOMPLETE_SUPPRESS_SPACE": "1"},
    }
    program = f"{before}\nimport sys; from borderledger.cli import main; sys.exit(main([]))"
    subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    return answer.read_text().split("\n") if answer.exists() else []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("borderledger tot", ["totals"]),
        ("borderledger load ret", ["returns", "returns_by_year"]),
        ("borderledger describe pla", ["places"]),
        ("borderledger show dep-frontex-wb6-2025-0", ["dep-frontex-wb6-2025-06"]),
        ("borderledger evidence ret-avrr-wb6-2016-2025", ["ret-avrr-wb6-2016-2025-05"]),
        ("borderledger cite rferl-2022-08-p", ["rferl-2022-08-pakistan"]),
        ("borderledger load places --columns na", ["name"]),
        ("borderledger load places --columns id,na", ["id,name"]),
        ("borderledger load returns --grade ", list(GRADES)),
        ("borderledger cite --style b", ["bibtex"]),
        ("borderledger load returns --la", ["--labels"]),
        ("borderledger load zzz", []),
    ],
)
def test_it_offers_what_can_come_next(tmp_path: Path, line: str, words: list[str]) -> None:
    assert [word.strip() for word in offered(tmp_path, line) if word] == words


def test_every_table_and_view_is_offered(tmp_path: Path) -> None:
    found = [word.strip() for word in offered(tmp_path, "borderledger load ")]
    assert {*bl.tables().index} <= {*found}


def test_without_argcomplete_it_says_nothing(tmp_path: Path) -> None:
    absent = "import sys; sys.modules['argcomplete'] = None"
    assert offered(tmp_path, "borderledger tot", absent) == []


def test_a_command_does_not_pay_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    code = "import sys; from borderledger.cli import main; main(['--version']); print('argcomplete' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "False"
    assert main(["--version"]) == 0
