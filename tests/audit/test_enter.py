"""Enter a worksheet: what is equal is confirmed, what differs is settled, and what is hostile is named by line."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from audit.__main__ import main
from audit.enter import Entered, enter, settle_file
from borderledger.dataset import Dataset
from borderledger.package import Finding
from corrections.document import read as read_correction
from corrections.pending import pending
from tests.audit.conftest import AUDIT, BETTER, Sheet, change, lines
from tests.conftest import ROOT, Mini, Row, checked
from tests.corrections.conftest import files

DAY = "2026-12-01"
FIGURE = ("fac-al-gjader", "capacity", "vna-repubblica-albania")
DISPUTED = ("fac-al-gjader", "capacity", "actionaid-gjader")
DATE = ("agr-status-ba-2025", "signed", "anews-2025-06-11")
KIND = ("fac-al-gjader", "kind", "actionaid-gjader")
PLACES = ("fac-al-gjader", "place", "actionaid-gjader")
LOWER = ("dep-at-hu-rs-2024-10", "officers", "fonet-2024-10-14")
UPPER = ("dep-at-hu-rs-2024-10", "officers_max", "fonet-2024-10-14")
LIST = ("dep-at-hu-rs-2024-10", "contributors", "fonet-2024-10-14")
FUND = ("prj-dk-xk-gjilan", "instrument", "politico-2024-05-at-xk")


def checks(root: Path) -> list[Row]:
    return list(Dataset(root).rows("checks"))


def results(root: Path) -> dict[tuple[str, str], str]:
    return {(row["field"], row["source_id"]): row["result"] for row in checks(root)}


def done(file: Path, mini: Mini) -> Entered:
    found = enter(file, mini.root, DAY)
    assert found.findings == ()
    return found


class TestConfirmed:
    """An answer that says what was entered."""

    def test_it_is_written_with_its_day_and_its_place_is_proposed(self, mini: Mini, sheet: Sheet) -> None:
        found = done(sheet((FIGURE, {"locator": BETTER}), (DATE, {"locator": BETTER, "note": "In the lead."})), mini)
        assert found.unsettled == ()
        assert checks(mini.root) == [
            {
                "audit": AUDIT,
                "record_id": r,
                "field": f,
                "source_id": s,
                "checked": DAY,
                "result": "confirmed",
                "note": n,
            }
            for (r, f, s), n in ((DATE, "In the lead."), (FIGURE, ""))
        ]
        (one, other), wrong = pending(mini.root)
        assert wrong == []
        assert {one.path, other.path} == set(found.proposals)
        assert other.document.content == {
            "action": "reread",
            "record": "fac-al-gjader",
            "values": [{"field": "capacity", "old": "400", "new": "400", "qualifier": "exact", "locator": BETTER}],
            "source": "vna-repubblica-albania",
            "reason": f"Read again in the audit {AUDIT}: the source says so, and this is where.",
        }
        assert checked(mini.root).ok

    def test_the_proposals_can_be_carried_out(self, mini: Mini, sheet: Sheet) -> None:
        from corrections.pending import apply_pending

        done(sheet(*((key, {"locator": BETTER}) for key in (FIGURE, UPPER, LOWER, PLACES))), mini)
        outcome, left = apply_pending(mini.root)
        assert (outcome.findings, left) == ((), [])
        places = {(c["record_id"], c["field"], c["source_id"]): c["locator"] for c in Dataset(mini.root).rows("claims")}
        assert {places[key] for key in (FIGURE, UPPER, LOWER, PLACES)} == {BETTER}
        assert checked(mini.root).ok

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            (FIGURE, "400"),
            (FIGURE, "400 places"),
            (DATE, "11 June 2025"),
            (DATE, "2025-06-11/2025-06-11"),
            (PLACES, "Albania"),
            (PLACES, "albania"),
            (KIND, "Offshore processing"),
            (LIST, "Hungary; Austria"),
            (LIST, "HU;AT"),
        ],
    )
    def test_it_may_be_spelled_otherwise(self, mini: Mini, sheet: Sheet, key: tuple[str, str, str], value: str) -> None:
        done(sheet((key, {"value": value})), mini)
        assert [row["result"] for row in checks(mini.root)] == ["confirmed"]

    @pytest.mark.parametrize(
        ("key", "cells"),
        [
            (FIGURE, {"value": "401"}),
            (FIGURE, {"qualifier": "about"}),
            (FIGURE, {"value": "400 | 880"}),
            (DATE, {"value": "2025-06"}),
            (DATE, {"value": "2025-06-11~"}),
            (PLACES, {"value": "Kosovo"}),
            (PLACES, {"value": "a harbour town"}),
            (KIND, {"value": "reception"}),
            (LIST, {"value": "AT"}),
            (LIST, {"value": "AT;HU;RS"}),
            (FUND, {"value": "IPA I"}),
            (FUND, {"value": "ipa ii"}),
            (FIGURE, {"value": "", "locator": "", "note": "Not stated: it counts staff."}),
        ],
    )
    def test_nothing_else_is(self, mini: Mini, sheet: Sheet, key: tuple[str, str, str], cells: Row) -> None:
        found = done(sheet((key, cells)), mini)
        assert len(found.unsettled) == 1
        assert checks(mini.root) == []
        assert pending(mini.root) == ([], [])

    def test_a_place_with_a_number_is_not_replaced_by_one_without(self, mini: Mini, sheet: Sheet) -> None:
        mini.row("claims", record_id=FIGURE[0], field=FIGURE[1], source_id=FIGURE[2])["locator"] = "page 3"
        mini.save()
        assert done(sheet((FIGURE, {"locator": "lead"})), mini).proposals == ()
        assert len(done(sheet((FIGURE, {"locator": "page 3, third line"}), audit="a2"), mini).proposals) == 1

    def test_two_values_of_one_source_are_one_answer(self, mini: Mini, sheet: Sheet) -> None:
        mini.claim(FIGURE[0], FIGURE[1], "880", source_id=FIGURE[2], verdict="contradicts")
        mini.save()
        done(sheet((FIGURE, {"value": "880|400", "qualifier": "exact"})), mini)
        assert [row["result"] for row in checks(mini.root)] == ["confirmed"]

    def test_after_a_release_it_is_part_of_the_next_version(self, mini: Mini, sheet: Sheet) -> None:
        done(sheet((FIGURE, {})), mini)
        assert Dataset(mini.root).data_version == "0.2.0"  # in preparation
        (mini.root / "release/manifests").mkdir(parents=True)
        (mini.root / "release/manifests/0.2.0.json").write_text("{}", encoding="utf-8")
        done(sheet((DATE, {})), mini)
        assert Dataset(mini.root).data_version == "0.2.1"


class TestUnseen:
    """A document or a passage that the reader could not see."""

    def test_it_is_written_with_the_reason(self, mini: Mini, sheet: Sheet) -> None:
        nothing = {"value": "", "qualifier": "", "locator": "", "unseen": "The page is gone", "note": "tried twice"}
        done(sheet((FIGURE, nothing)), mini)
        assert [(row["result"], row["note"]) for row in checks(mini.root)] == [
            ("unseen", "The page is gone; tried twice")
        ]
        assert pending(mini.root) == ([], [])


class TestSettled:
    """What differs is shown beside what was entered, and a person gives it a result."""

    def test_two_steps_without_a_terminal(
        self, mini: Mini, sheet: Sheet, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        file = sheet((FIGURE, {"value": "401"}), (DATE, {}))
        run = ["--root", str(mini.root), "enter", "--checked", "2026-11-01"]
        assert main([*run, str(file)]) == 1
        target = settle_file(file)
        assert f"1 answer differs. Fill in result and reason in {target}" in capsys.readouterr().out
        assert results(mini.root) == {("signed", DATE[2]): "confirmed"}
        (row,) = lines(target)
        assert row["entered"] == "400 (exact), opening text; agrees; functional of 880 planned"
        change(target, result="wrong", reason="The text says 401.")
        assert main([*run, str(target)]) == 0
        assert results(mini.root) == {("signed", DATE[2]): "confirmed", ("capacity", FIGURE[2]): "wrong"}
        assert main([*run, str(file)]) == 0  # nothing is left, and nothing is entered twice
        assert len(checks(mini.root)) == 2
        assert "entered before" in capsys.readouterr().out
        assert checked(mini.root).ok

    def test_answers_in_the_worksheet_of_differences_are_not_overwritten(
        self, mini: Mini, sheet: Sheet, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        file = sheet((FIGURE, {"value": "401"}))
        main(["--root", str(mini.root), "enter", str(file)])
        change(settle_file(file), result="wrong", reason="The text says 401.")
        before = settle_file(file).read_bytes()
        assert main(["--root", str(mini.root), "enter", str(file)]) == 1
        assert settle_file(file).read_bytes() == before

    def test_at_a_terminal_each_is_asked_for(
        self, mini: Mini, sheet: Sheet, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        given = iter(["imprecise", "The text says about."])
        monkeypatch.setattr("builtins.input", lambda _: next(given))
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        file = sheet((FIGURE, {"qualifier": "about"}), (DATE, {}))
        assert main(["--root", str(mini.root), "enter", str(file)]) == 0
        shown = capsys.readouterr().out
        assert "You read: 400 about" in shown
        assert "Entered:  400 (exact), opening text; agrees" in shown
        assert results(mini.root)["capacity", FIGURE[2]] == "imprecise"

    def test_a_confirmed_claim_keeps_its_place_where_the_reader_read_another_value(
        self, mini: Mini, sheet: Sheet
    ) -> None:
        """The reader read another passage, and the claim is true nevertheless: its own place leads to it."""
        settled = {"entered": "", "result": "confirmed", "reason": "The reader took the figure of another centre."}
        file = sheet((FIGURE, {"value": "880", "locator": BETTER, **settled}))
        assert done(file, mini).proposals == ()
        assert results(mini.root) == {("capacity", FIGURE[2]): "confirmed"}

    def test_what_was_settled_before_somebody_leaves_is_kept(
        self, mini: Mini, sheet: Sheet, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        given = iter(["wrong", "The text says 401.", "quit"])
        monkeypatch.setattr("builtins.input", lambda _: next(given))
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        file = sheet((DISPUTED, {"value": "401"}), (FIGURE, {"value": "401"}))
        assert main(["--root", str(mini.root), "enter", str(file)]) == 1
        assert [row["result"] for row in lines(settle_file(file))] == ["wrong", ""]
        assert checks(mini.root) == []

    def test_a_claim_that_changed_since_the_draw_is_settled_by_a_person(self, mini: Mini, sheet: Sheet) -> None:
        file = sheet((FIGURE, {"value": "880"}))
        mini.row("claims", record_id=FIGURE[0], field=FIGURE[1], source_id=FIGURE[2])["value"] = "880"
        mini.save()
        (left,) = done(file, mini).unsettled
        assert left.changed

    @pytest.mark.parametrize(
        ("cells", "message"),
        [
            ({"result": "right", "reason": "It is."}, "'right' is not a result"),
            ({"result": "", "reason": "It is."}, "is empty, and reason is filled"),
            ({"result": "wrong", "reason": ""}, "is empty, and result is filled"),
            ({"result": "wrong", "reason": "Ask Mr Smith."}, "seems to name or identify a person"),
        ],
    )
    def test_a_bad_result_is_named(self, mini: Mini, sheet: Sheet, cells: Row, message: str) -> None:
        before = files(mini.root)
        (found,) = enter(sheet((FIGURE, {"value": "401", "entered": "", **cells})), mini.root, DAY).findings
        assert message in found.message
        assert found.line == 2
        assert files(mini.root) == before

    def test_an_audit_has_one_result_for_a_claim(self, mini: Mini, sheet: Sheet) -> None:
        done(sheet((FIGURE, {})), mini)
        nothing = {"value": "", "locator": "", "unseen": "The page is gone."}
        (found,) = enter(sheet((FIGURE, nothing)), mini.root, DAY).findings
        assert found.message == "the audit a1 has the result confirmed for this claim already"
        done(sheet((FIGURE, nothing), audit="a2"), mini)
        assert [row["result"] for row in checks(mini.root)] == ["confirmed", "unseen"]


class TestDrafts:
    """What is imprecise or wrong becomes the draft of a correction."""

    def test_a_value_that_rests_on_the_source_alone_changes(self, mini: Mini, sheet: Sheet) -> None:
        more = {"value": "2025-06-12", "entered": "", "result": "wrong", "reason": "The text says Thursday, 12 June."}
        key = ("dep-at-hu-rs-2024-10", "date", "fonet-2024-10-14")
        found = done(sheet((key, more | {"value": "2024-10-15"})), mini)
        (document, wrong) = read_correction(Path(found.drafts[0]))
        assert document is not None, wrong
        assert document["action"] == "change"
        assert document["old_claim"] == "misread"
        assert (document.values[0].old, document.values[0].new) == ("2024-10-14", "2024-10-15")
        assert main_check(mini, found.drafts[0]) == 0

    def test_only_the_claim_changes_if_other_sources_agree_with_the_record(self, mini: Mini, sheet: Sheet) -> None:
        more = {"value": "401", "entered": "", "result": "wrong", "reason": "The text says 401 places."}
        for key, old in ((FIGURE, "400"), (DISPUTED, "1044")):
            found = done(sheet((key, more), audit=f"a-{old}"), mini)
            document, _ = read_correction(Path(found.drafts[-1]))
            assert document is not None
            assert (document["action"], document.values[0].old) == ("reread", old)
            assert main_check(mini, found.drafts[-1]) == 0

    def test_a_range_is_corrected_by_hand(self, mini: Mini, sheet: Sheet) -> None:
        more = {"value": "25", "entered": "", "result": "wrong", "reason": "The text says 25 to 30."}
        found = done(sheet((LOWER, more), (UPPER, more)), mini)
        assert (found.drafts, found.by_hand) == ((), ("dep-at-hu-rs-2024-10",))

    def test_a_draft_that_exists_is_left_as_it_is(self, mini: Mini, sheet: Sheet) -> None:
        more = {"value": "401", "entered": "", "result": "wrong", "reason": "The text says 401 places."}
        (draft,) = done(sheet((FIGURE, more)), mini).drafts
        Path(draft).write_text("edited", encoding="utf-8")
        done(sheet((FIGURE, more), audit="a2"), mini)
        assert Path(draft).read_text(encoding="utf-8") == "edited"


def main_check(mini: Mini, file: str) -> int:
    from corrections.__main__ import main as corrections

    return corrections(["--root", str(mini.root), "check", file])


# --- hostile worksheets ----------------------------------------------------------------------------------------------


def only(file: Path, mini: Mini) -> Finding:
    before = files(mini.root)
    (found,) = enter(file, mini.root, DAY).findings
    assert files(mini.root) == before  # nothing was written
    return found


class TestHostile:
    """A bad worksheet is refused as a whole; a finding names line, column and what to do."""

    @pytest.mark.parametrize(
        ("cells", "column", "message"),
        [
            ({"value": "", "locator": ""}, "value", "is empty"),
            ({"unseen": "gone"}, "unseen", "is filled, and value too"),
            ({"locator": ""}, "locator", "is empty"),
            ({"locator": "x" * 301}, "locator", "has 301 characters"),
            ({"locator": "=1+1"}, "locator", "starts with '='"),
            ({"locator": "<b>lead</b>"}, "locator", "could treat as markup"),
            ({"note": "call +355 4 222 3333"}, "note", "seems to name or identify a person"),
            ({"qualifier": ""}, "qualifier", "is empty"),
            ({"qualifier": "roughly"}, "qualifier", "'roughly' is not a qualifier"),
            ({"qualifier": "exact | about"}, "qualifier", "has 2 entries, but value has 1"),
            ({"value": "four hundred"}, "value", "is not a whole number in canonical form"),
            ({"value": "1.04"}, "value", "1.04"),
            ({"value": "9" * 400}, "value", "digits"),
            ({"claim": "0000000000-0000"}, "claim", "is the number of no claim of the audit a1"),
            ({"audit": "../x"}, "audit", "is not the name of an audit"),
        ],
    )
    def test_a_cell(self, mini: Mini, sheet: Sheet, cells: Row, column: str, message: str) -> None:
        found = only(sheet((FIGURE, cells)), mini)
        assert (found.line, found.field) == (2, column)
        assert message in found.message
        assert found.fix

    @pytest.mark.parametrize(
        ("key", "value", "message"),
        [
            (DATE, "11.06.25", ""),
            (DATE, "2025-13", "2025-13"),
            (KIND, "castle", "'castle' is not among the values of kind"),
        ],
    )
    def test_a_value_of_another_kind(
        self, mini: Mini, sheet: Sheet, key: tuple[str, str, str], value: str, message: str
    ) -> None:
        found = only(sheet((key, {"value": value})), mini)
        assert (found.line, found.field, found.rule) == (2, "value", "audit.value")
        assert message in found.message

    @pytest.mark.parametrize(
        ("old", "new", "line", "message"),
        [
            (b"audit,row,claim", b"audit,row,row", 1, "has the column 'row' twice"),
            (b"audit,row,claim", b"audit,row,number", 1, "has a column that is not of a worksheet: 'number'"),
            (b",unseen,note\n", b",note\n", 1, "lacks the column unseen"),
            (b"\na1,", b"\na1,more,", 2, "has 24 cells, not 23"),
            (b"\na1,", b'\n"a1"x,', 2, "cannot be read as CSV"),
            (b"\na1,", b"\n\xff,", 2, "is not UTF-8 text"),
            (b"\na1,", b"\na1\x00,", 2, ""),
        ],
    )
    def test_the_file(self, mini: Mini, sheet: Sheet, old: bytes, new: bytes, line: int, message: str) -> None:
        file = sheet((FIGURE, {}))
        content = file.read_bytes()
        assert old in content
        file.write_bytes(content.replace(old, new, 1))
        found = only(file, mini)
        assert found.line == line
        assert message in found.message

    def test_a_claim_twice_and_two_audits(self, mini: Mini, sheet: Sheet) -> None:
        assert only(sheet((FIGURE, {}), (FIGURE, {})), mini).message == "is about the claim of line 2"
        assert "rows of several audits: a1, a2" in only(sheet((FIGURE, {}), (DATE, {"audit": "a2"})), mini).message

    def test_a_file_that_is_too_large_or_not_there(
        self, mini: Mini, sheet: Sheet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("audit.answers.LARGEST", 10)
        assert "is larger than" in only(sheet((FIGURE, {})), mini).message
        assert main(["--root", str(mini.root), "enter", str(mini.root / "nothing.csv")]) == 2
        assert "nothing.csv: No such file" in capsys.readouterr().err

    def test_what_a_spreadsheet_makes_of_a_worksheet_is_read(self, mini: Mini, sheet: Sheet) -> None:
        file = sheet((PLACES, {}))
        rows = lines(file)
        text = "\r\n".join(";".join(f'"{cell}"' for cell in cells) for cells in (rows[0], rows[0].values()))
        file.write_bytes(b"\xef\xbb\xbf" + text.replace('"audit";"row"', "audit;row").encode() + b"\r\n\r\n")
        done(file, mini)
        assert [row["result"] for row in checks(mini.root)] == ["confirmed"]

    def test_a_title_that_a_spreadsheet_would_run_is_written_as_text(self, mini: Mini, sheet: Sheet) -> None:
        mini.row("facilities", id="fac-al-gjader")["name"] = "=1+1"
        mini.save()
        assert lines(sheet((DISPUTED, {})))[0]["record"] == "'=1+1"


# --- a kill between two writes ----------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from pathlib import Path
from audit.enter import enter
real, left = os.replace, int(sys.argv[3])
def replace(*paths):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    real(*paths)
os.replace = replace
enter(Path(sys.argv[1]), Path(sys.argv[2]), "2026-12-01")
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
@pytest.mark.parametrize("writes", [0, 1, 2])
def test_a_kill_between_two_writes_leaves_all_or_nothing(mini: Mini, sheet: Sheet, writes: int) -> None:
    file = sheet((FIGURE, {"locator": BETTER}), (DATE, {"locator": BETTER}))
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(file), str(mini.root), str(writes)], cwd=ROOT, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert checked(mini.root).ok  # which completes what was begun
    entered, proposed = len(checks(mini.root)), len(pending(mini.root)[0])
    assert (entered, proposed) == ((0, 0) if writes == 0 else (2, 2))
    again = done(file, mini)
    assert again.there == entered
    assert (len(checks(mini.root)), len(pending(mini.root)[0])) == (2, 2)
