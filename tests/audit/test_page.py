"""Pages at the terminal: a row after the other, each saved when it is answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.__main__ import main
from tests.audit.conftest import Sheet, lines
from tests.audit.test_enter import DATE, FIGURE, KIND
from tests.conftest import Mini

BLANK = {"value": "", "qualifier": "", "locator": ""}


@pytest.fixture
def fill(mini: Mini, monkeypatch: pytest.MonkeyPatch) -> object:
    """Run the command on a worksheet with some lines typed; returns the exit code."""

    def run(file: Path, *typed: str) -> int:
        given: Iterator[str] = iter(typed)

        def read(_: str) -> str:
            try:
                return next(given)
            except StopIteration:
                raise EOFError from None

        monkeypatch.setattr("builtins.input", read)
        return main(["--root", str(mini.root), "fill", str(file)])

    return run


def test_each_kind_of_answer(sheet: Sheet, fill, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    file = sheet((FIGURE, BLANK), (DATE, BLANK), (KIND, BLANK))
    typed = ["400", "exact", "second paragraph", "", "unseen", "The page is gone.", "not stated", "it is about a ship"]
    assert fill(file, *typed) == 0
    one, two, three = lines(file)
    assert [one[name] for name in ("value", "qualifier", "locator", "unseen", "note")] == [
        *("400", "exact", "second paragraph", "", "")
    ]
    assert (two["value"], two["unseen"]) == ("", "The page is gone.")
    assert (three["value"], three["note"]) == ("", "not stated: it is about a ship")
    shown = capsys.readouterr().out
    assert "--- 3 of 3 ---" in shown
    assert f"Next: python -m audit enter {file}" in shown
    assert "functional of 880" not in shown  # the note of the claim gives the value away


def test_a_value_that_cannot_be_meant_is_asked_again(sheet: Sheet, fill, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    file = sheet((FIGURE, BLANK))
    assert fill(file, "four hundred", "400", "1", "title", "") == 0
    assert "is not a whole number" in capsys.readouterr().out
    assert lines(file)[0]["value"] == "400"


def test_what_was_answered_before_somebody_leaves_is_kept(
    sheet: Sheet,
    fill,  # type: ignore[no-untyped-def]
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = sheet((FIGURE, BLANK), (DATE, BLANK))
    assert fill(file, "400", "exact", "title", "", "2025-06-11") == 1
    assert [row["value"] for row in lines(file)] == ["400", ""]
    assert f"saved in {file}" in capsys.readouterr().out
    assert fill(file, "2025-06-11", "title", "") == 0  # only what is left is asked
    assert [row["value"] for row in lines(file)] == ["400", "2025-06-11"]
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_worksheet_with_a_bad_answer_is_refused(sheet: Sheet, fill, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    file = sheet((FIGURE, {"value": "many"}), (DATE, BLANK))
    before = file.read_bytes()
    assert fill(file) == 1
    assert ":2 value: 'many' is not a whole number" in capsys.readouterr().out
    assert file.read_bytes() == before
