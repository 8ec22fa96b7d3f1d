"""python -m corrections, as a contributor runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corrections.__main__ import main
from tests.conftest import Mini, checked
from tests.corrections.conftest import CHANGE, files
from tests.release.conftest import git_in


@pytest.fixture
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mail") / "from-a-mail.json"
    path.write_text(json.dumps(CHANGE), encoding="utf-8")
    return path


def run(mini: Mini, *arguments: str | Path) -> int:
    return main(["--root", str(mini.root), *map(str, arguments)])


def test_check_shows_what_would_change_and_changes_nothing(
    mini: Mini, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(mini.root)
    assert run(mini, "check", file) == 0
    out = capsys.readouterr().out
    assert "negotiation_started: 2024-03-12 -> 2024-03-13" in out
    assert out.endswith("Can be applied. Nothing was changed.\n")
    assert files(mini.root) == before


class TestSinceTheLastCommit:
    """`check` takes the last commit to be without findings; `apply` does not."""

    @pytest.fixture
    def committed(self, mini: Mini) -> Mini:
        git = git_in(mini.root)
        for arguments in (("init",), ("add", "."), ("commit", "-m", "clean")):
            git(*arguments)
        return mini

    def test_what_a_person_has_changed_since_is_checked(
        self, committed: Mini, file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        committed.row("facilities", id="fac-al-gjader")["capacity"] = "401"
        committed.save()
        assert run(committed, "check", file) == 1
        assert "401 but the claim from" in capsys.readouterr().out

    def test_what_the_correction_breaks_is_found(
        self, committed: Mini, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Also in a table that it does not touch itself."""
        file = tmp_path_factory.mktemp("mail") / "late.json"
        late = {**CHANGE, "values": [{"field": "negotiation_started", "old": "2024-03-12", "new": "2025-12-31"}]}
        file.write_text(json.dumps(late), encoding="utf-8")
        assert run(committed, "check", file) == 1
        assert "agreements.csv" in capsys.readouterr().out

    def test_apply_checks_what_was_committed_too(
        self, committed: Mini, file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        committed.rows["organisations"][0]["name"] += "  twice"
        committed.save()
        git_in(committed.root)("commit", "-am", "broken")
        assert run(committed, "check", file) == 0
        capsys.readouterr()
        before = files(committed.root)
        assert run(committed, "apply", file) == 1
        assert "data/organisations.csv:2 name: " in capsys.readouterr().out
        assert files(committed.root) == before


def test_apply_shows_it_and_names_the_files(mini: Mini, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mini, "apply", file) == 0
    out = capsys.readouterr().out
    assert "negotiation_started: 2024-03-12 -> 2024-03-13" in out
    assert "written: data/agreements.csv" in out
    assert checked(mini.root).ok


def test_a_second_time_it_is_refused_with_file_and_line(
    mini: Mini, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(mini, "apply", file)
    capsys.readouterr()
    assert run(mini, "apply", file) == 1
    out = capsys.readouterr().out
    assert out.startswith(f"{file}:1 values.1.old: agr-status-ba-2025 holds 2024-03-13, not 2024-03-12")
    assert "[correction.moved-on]" in out
    assert out.endswith("1 finding.\nNothing was changed.\n")


def test_a_file_that_is_not_there(mini: Mini, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mini, "check", "nowhere.yml") == 1
    assert "nowhere.yml: is not a file" in capsys.readouterr().out


def test_a_folder_that_holds_no_dataset(tmp_path: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(tmp_path), "check", str(file)]) == 1
    assert "[package.unreadable]" in capsys.readouterr().out


def test_explain_names_every_place(mini: Mini, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mini, "explain", "fac-al-gjader", "capacity") == 0
    out = capsys.readouterr().out
    text = (mini.root / "data/facilities.csv").read_text(encoding="utf-8").splitlines()
    line = next(n for n, row in enumerate(text, 1) if row.startswith("fac-al-gjader,"))
    claims = (mini.root / "data/claims.csv").read_text(encoding="utf-8").splitlines()
    claim = next(n for n, row in enumerate(claims, 1) if row.startswith("fac-al-gjader,capacity,400,exact"))
    assert f"capacity = 400, capacity_qualifier = exact  (data/facilities.csv:{line})" in out
    assert f"eunews-2025-07-24-albania agrees: 400, opening text  (data/claims.csv:{claim})" in out
    assert "To change it by hand:" in out
    assert "0.2.0,fac-al-gjader,capacity,<kind>,400,<new value>,<why>,<source>,<issue>" in out
    assert "python -m validate --fix --seal <source> actionaid-gjader eunews-2025-07-24-albania" in out


def test_what_explain_says_is_enough_to_alter_a_value_by_hand(mini: Mini, capsys: pytest.CaptureFixture[str]) -> None:
    from validate.__main__ import main as validate

    run(mini, "explain", "fac-al-gjader", "capacity")
    seal = next(line for line in capsys.readouterr().out.splitlines() if "--seal" in line).split("--seal ")[1]
    mini.row("facilities", id="fac-al-gjader")["capacity"] = "416"
    for claim in mini.rows["claims"]:
        if (claim["record_id"], claim["field"], claim["value"]) == ("fac-al-gjader", "capacity", "400"):
            claim["verdict"] = "contradicts"
    mini.claim("fac-al-gjader", "capacity", "416", source_id="tgcom24-2024-05-albania")
    mini.save(sealed=False)
    sources = [source for source in seal.split() if source != "<source>"]
    assert validate([str(mini.root), "--fix", "--seal", "tgcom24-2024-05-albania", *sources]) == 0


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["fac-al-gjader", "capacity_qualifier"], "column capacity_qualifier: how exactly"),
        (["fac-al-gjader", "id"], "An identifier is never changed"),
        (["fac-al-gjader", "note"], ',"400 places realised by the end of March 2025. Built for 1,044: 880'),
        (["actionaid-gjader", "url"], "data/sources.csv:"),
    ],
)
def test_explain_knows_what_needs_care(
    mini: Mini, arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(mini, "explain", *arguments) == 0
    assert line in capsys.readouterr().out


def test_explain_shows_all_fields_of_a_record(mini: Mini, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mini, "explain", "agr-status-ba-2025") == 0
    out = capsys.readouterr().out
    assert "signed = 2025-06-11" in out
    assert "not evidence-bound: it needs no claim" in out


def test_explain_sends_a_row_of_a_publishers_file_to_the_ingest(mini: Mini, capsys: pytest.CaptureFixture[str]) -> None:
    record = next(row["id"] for row in mini.rows["returns"] if row["id"].startswith("ret-frontex"))
    assert run(mini, "explain", record) == 0
    assert "bound by a control total" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["agr-status-ba-2024"], "There is no record 'agr-status-ba-2024'."),
        (["agr-status-ba-2025", "sinned"], "agreements has no field 'sinned'."),
    ],
)
def test_explain_of_what_is_not_there(
    mini: Mini, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(mini, "explain", *arguments) == 2
    assert message in capsys.readouterr().err


def test_find_lists_records_and_sources(mini: Mini, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mini, "find", "gjader") == 0
    out = capsys.readouterr().out
    assert "fac-al-gjader  Italian centres in Gjadër" in out
    assert "actionaid-gjader" in out


def test_find_nothing(mini: Mini, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mini, "find", "xyzzy") == 1
    assert "try fewer" in capsys.readouterr().err
