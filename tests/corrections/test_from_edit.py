"""Tables that somebody edited by hand become proposals, and are put back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from borderledger.dataset import Dataset
from corrections.__main__ import main
from corrections.from_edit import from_edit
from corrections.pending import PENDING, copied, findings, pending
from corrections.prompt import Prompt
from tests.conftest import Mini
from tests.corrections.conftest import files
from tests.corrections.test_dialogue import REASON, WHOLE_SOURCE
from tests.release.conftest import git_in

FACILITIES = "data/facilities.csv"
CENTRE = "fac-al-gjader"
#: The answers for a change of a bound value: a new source, the place in it, the reason.
ANSWERS = (*WHOLE_SOURCE, "page 3", REASON)

Hold = Callable[..., tuple[int, str]]


@pytest.fixture
def committed(mini: Mini) -> Mini:
    git = git_in(mini.root)
    git("init")
    git("add", ".")
    git("commit", "-m", "main")
    return mini


@pytest.fixture
def hold(committed: Mini, capsys: pytest.CaptureFixture[str]) -> Hold:
    """Run the command with answers from a script; returns its exit code and all that it says."""

    def run(*answers: str, given: Path | None = None) -> tuple[int, str]:
        lines, shown = iter(answers), []

        def read(question: str) -> str:
            shown.append(question)
            try:
                return next(lines)
            except StopIteration:
                raise EOFError from None

        code = from_edit(committed.root, given, Prompt(read, shown.append))
        said = capsys.readouterr()
        return code, "\n".join(shown) + said.out + said.err

    return run


def rows(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))


def save(file: Path, content: list[dict[str, str]], **style: Any) -> None:
    with open(file, "w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, content[0], lineterminator="\n", **style)
        writer.writeheader()
        writer.writerows(content)


def edit(mini: Mini, path: str = FACILITIES, record: str = CENTRE, **cells: str) -> None:
    content = rows(mini.root / path)
    next(row for row in content if row["id"] == record).update(cells)
    save(mini.root / path, content)


class TestCheckout:
    """The tables are compared with the last commit."""

    def test_a_changed_figure_becomes_a_proposal_and_the_table_is_put_back(self, committed: Mini, hold: Hold) -> None:
        before = files(committed.root / "data")
        edit(committed, capacity="450")
        code, said = hold(*ANSWERS)
        assert code == 0, said
        assert "1 record was changed." in said
        assert "capacity: 400 -> 450" in said
        assert f"put back: {FACILITIES}" in said
        assert files(committed.root / "data") == before
        (one,) = pending(committed.root)[0]
        assert one.document.content["values"] == [
            {"field": "capacity", "old": "400", "new": "450", "qualifier": "exact"}
        ]
        assert findings(committed.root) == []
        assert main(["--root", str(committed.root), "apply"]) == 0
        assert Dataset(committed.root).record(CENTRE)[1]["capacity"] == "450"

    def test_a_text_needs_no_source(self, committed: Mini, hold: Hold) -> None:
        edit(committed, note="Said more clearly.")
        code, said = hold(REASON)
        assert code == 0, said
        assert "Which document" not in said

    def test_what_a_spreadsheet_did_to_the_form_is_no_change(self, committed: Mini, hold: Hold) -> None:
        content = rows(committed.root / FACILITIES)
        for row in content:
            if row["opened"].count("-") == 2:
                row["opened"] = ".".join(reversed(row["opened"].split("-")))
        next(row for row in content if row["id"] == CENTRE)["note"] = "Read again."
        save(committed.root / FACILITIES, content, delimiter=";")
        code, said = hold(REASON)
        assert code == 0, said
        assert "1 record was changed." in said
        assert "opened" not in said.split("note:")[0]

    def test_where_only_the_form_was_changed_the_table_is_put_back(self, committed: Mini, hold: Hold) -> None:
        before = files(committed.root / "data")
        save(committed.root / FACILITIES, rows(committed.root / FACILITIES), delimiter=";")
        code, said = hold()
        assert (code, said) == (0, "No value was changed. Only the form of some tables was; it is put back.\n")
        assert files(committed.root / "data") == before

    def test_a_new_row_becomes_a_record(self, committed: Mini, hold: Hold) -> None:
        content = rows(committed.root / FACILITIES)
        new = dict.fromkeys(content[0], "") | {"id": "fac-al-example", "name": "Example centre", "place": "AL"}
        new |= {"kind": "reception", "capacity": "20", "capacity_qualifier": "about", "status": "open"}
        new |= {
            "capacity_kind": next(r["capacity_kind"] for r in content if r["capacity_kind"]),
            "capacity_as_of": "2025",
        }
        save(committed.root / FACILITIES, [*content, new])
        code, said = hold(*ANSWERS)
        assert code == 0, said
        assert "is new." in said
        (one,) = pending(committed.root)[0]
        assert one.document.content["action"] == "record"
        assert {"field": "capacity", "new": "20", "qualifier": "about"} in one.document.content["values"]

    def test_a_deleted_row_becomes_a_retirement(self, committed: Mini, hold: Hold) -> None:
        file, gone = committed.root / "data/deployments.csv", "dep-at-hu-rs-2024-10"
        save(file, [row for row in rows(file) if row["id"] != gone])
        code, said = hold("", REASON)
        assert code == 0, said
        (one,) = pending(committed.root)[0]
        assert (one.document["action"], one.document["record"]) == ("retire", gone)

    def test_the_document_of_the_record_before_is_offered(self, committed: Mini, hold: Hold) -> None:
        edit(committed, capacity="450")
        edit(committed, "data/deployments.csv", "dep-frontex-wb6-2025-06", officers="510")
        code, said = hold(*ANSWERS, "", REASON)
        assert code == 0, said
        assert "1 of 2:" in said
        assert len({str(one.document.content["source"]) for one in pending(committed.root)[0]}) == 1

    @pytest.mark.parametrize(
        ("cells", "rule", "said"),
        [
            ({"id": "fac-al-gjader-centre"}, "correction.by-hand", "was renamed, but an identifier never changes"),
            ({"note": "02/01/2024"}, "text.rewritten", "looks like what a spreadsheet made of"),
            ({"name": "11.11.2011"}, "text.rewritten", "looks like what a spreadsheet made of"),
            ({"opened": "03/04/2025"}, "cell.date", "may begin with the day or with the month"),
        ],
    )
    def test_what_stands_in_the_way_is_said_and_nothing_is_touched(
        self, committed: Mini, hold: Hold, cells: dict[str, str], rule: str, said: str
    ) -> None:
        edit(committed, **cells)
        before = files(committed.root / "data")
        code, shown = hold()
        assert code == 1
        assert said in shown
        assert f"[{rule}]" in shown
        assert files(committed.root / "data") == before

    def test_edited_claims_are_left_to_the_editor(self, committed: Mini, hold: Hold) -> None:
        content = rows(committed.root / "data/claims.csv")
        content[0]["locator"] = "another place"
        save(committed.root / "data/claims.csv", content)
        code, said = hold()
        assert code == 1
        assert "data/claims.csv: was edited, but only changes of records and sources can be read" in said

    @pytest.mark.parametrize("answers", [("quit",), (*ANSWERS[:4], "quit"), ANSWERS[:5]])
    def test_who_leaves_finds_the_tables_as_edited(self, committed: Mini, hold: Hold, answers: tuple[str, ...]) -> None:
        edit(committed, capacity="450")
        before = files(committed.root / "data")
        code, said = hold(*answers)
        assert code == 1
        assert "the tables are as they were" in said
        assert files(committed.root / "data") == before
        assert pending(committed.root) == ([], [])

    def test_what_does_not_fit_leaves_the_tables_as_edited(self, committed: Mini, hold: Hold) -> None:
        edit(committed, opened="2031-01-01", closed="2030-01-01")
        before = files(committed.root / "data")
        code, said = hold(*ANSWERS)
        assert code == 1
        assert "Nothing was changed." in said
        assert files(committed.root / "data") == before

    def test_a_table_that_changes_in_the_meantime_is_not_put_back(
        self, committed: Mini, hold: Hold, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import corrections.from_edit as module

        edit(committed, capacity="450")
        real = module.propose_documents

        def late(*arguments: Any) -> Any:
            edit(committed, note="Another hand.")
            return real(*arguments)

        monkeypatch.setattr(module, "propose_documents", late)
        code, said = hold(*ANSWERS)
        assert code == 1
        assert f"{FACILITIES} was changed in the meantime. Nothing was written" in said
        assert "Another hand." in (committed.root / FACILITIES).read_text(encoding="utf-8")
        assert pending(committed.root) == ([], [])

    def test_nothing_edited_is_nothing_done(self, hold: Hold) -> None:
        assert hold() == (0, "No value was changed.\n")

    def test_without_a_commit_it_says_so(self, mini: Mini, capsys: pytest.CaptureFixture[str]) -> None:
        assert from_edit(mini.root, None) == 2
        assert "corrections: " in capsys.readouterr().err


class TestSheet:
    """A sheet that came by mail may have a part of the rows and columns, and the evidence beside them."""

    CELLS = ("id", "capacity", "capacity_qualifier", "source", "locator", "reason")
    ROW = (CENTRE, "450", "exact", "vna-repubblica-albania", "third paragraph", REASON)

    def test_a_csv_file_with_the_evidence_asks_nothing(
        self, committed: Mini, hold: Hold, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        file = tmp_path_factory.mktemp("mail") / "facilities.csv"
        save(file, [dict(zip(self.CELLS, self.ROW, strict=True))], delimiter=";")
        code, said = hold("misread", given=file)
        assert code == 0, said
        (one,) = pending(committed.root)[0]
        assert (one.document["source"], one.document["locator"]) == ("vna-repubblica-albania", "third paragraph")
        assert one.document["reason"] == REASON

    def test_a_workbook_under_any_name(
        self, committed: Mini, hold: Hold, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        book = openpyxl.Workbook()
        book.active.append(["a note"])  # a sheet that is not a table
        sheet = book.create_sheet()
        sheet.append(self.CELLS)
        sheet.append([CENTRE, 450, *self.ROW[2:]])
        file = tmp_path_factory.mktemp("mail") / "my copy (2).xlsx"
        book.save(file)
        code, said = hold("misread", given=file)
        assert code == 0, said
        assert pending(committed.root)[0][0].document.content["values"][0]["new"] == "450"

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("a.xlsx", b"no workbook", "is no workbook that can be read"),
            ("a.csv", b"x,y\n1,2\n", "has no column 'id' in its first line"),
            ("facilities.csv", b"", "has no column 'id'"),
            ("facilities.csv", b"id,capacity\nfac-al-gjader,1,2\n", "3 cells, more than the 2 of the header"),
        ],
    )
    def test_what_is_no_table_is_said(
        self, hold: Hold, tmp_path_factory: pytest.TempPathFactory, name: str, content: bytes, said: str
    ) -> None:
        file = tmp_path_factory.mktemp("mail") / name
        file.write_bytes(content)
        code, shown = hold(given=file)
        assert code == 1
        assert said in shown

    def test_a_row_that_is_not_there_is_not_deleted(self, hold: Hold, tmp_path_factory: pytest.TempPathFactory) -> None:
        file = tmp_path_factory.mktemp("mail") / "facilities.csv"
        save(file, [{"id": CENTRE, "capacity": "400"}])
        assert hold(given=file) == (0, "No value was changed.\n")

    def test_a_folder_is_compared_as_a_whole(
        self, committed: Mini, hold: Hold, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        folder = tmp_path_factory.mktemp("mail") / "package"
        folder.mkdir()
        copied(committed.root, folder)
        edit(Mini(folder, committed.package, {}), note="Read again.")
        code, said = hold(REASON, given=folder)
        assert code == 0, said
        assert len(pending(committed.root)[0]) == 1
        assert (committed.root / PENDING).is_dir()
