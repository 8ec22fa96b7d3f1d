"""python -m validate: what is printed where, and the exit code."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Mini
from validate import check
from validate.__main__ import main
from validate.report import FORMATS


@pytest.fixture
def faulty(mini: Mini) -> Mini:
    """The small package with a place of no kind that is defined."""
    mini.row("places", id="XK")["kind"] = "planet"
    mini.save()
    return mini


def command(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "validate", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


class TestExitCode:
    def test_0_when_there_is_nothing_to_say(self, mini: Mini, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([str(mini.root)]) == 0
        assert capsys.readouterr().out.endswith("\nNo findings.\n")

    def test_1_on_findings(self, faulty: Mini, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([str(faulty.root)]) == 1
        printed = capsys.readouterr()
        assert "kind: 'planet' is not" in printed.out
        assert printed.err == ""

    def test_2_when_there_is_no_package(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([str(tmp_path)]) == 2
        said = capsys.readouterr().out
        assert "datapackage.json: cannot be read" in said
        assert "Name the folder of the dataset (python -m validate PATH)." in said

    @pytest.mark.parametrize("module", ["validate", "corrections", "release", "ingest", "audit", "website", "links"])
    def test_the_tools_start_in_any_folder(self, tmp_path: Path, module: str) -> None:
        ask = [sys.executable, "-m", module, "--help"]
        done = subprocess.run(ask, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")

    @pytest.mark.parametrize("arguments", [["--format", "yaml"], ["--nope"], ["a", "b"], ["--seal"]])
    def test_2_on_a_wrong_command(self, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        assert stop.value.code == 2
        assert "usage: python -m validate" in capsys.readouterr().err

    def test_the_folder_of_the_call_is_the_default(self, faulty: Mini, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(faulty.root)
        assert main([]) == 1

    def test_the_exit_code_of_the_process(self, faulty: Mini) -> None:
        done = command(faulty.root)
        assert (done.returncode, done.stderr) == (1, "")


class TestFormat:
    def test_each_form_is_that_of_the_report(self, faulty: Mini, capsys: pytest.CaptureFixture[str]) -> None:
        report = check(faulty.root)
        for name, form in FORMATS.items():
            main([str(faulty.root), "--format", name])
            assert capsys.readouterr().out == form(report)

    def test_json_can_be_parsed_and_names_the_place(self, faulty: Mini, capsys: pytest.CaptureFixture[str]) -> None:
        main([str(faulty.root), "--format", "json"])
        findings = json.loads(capsys.readouterr().out)["findings"]
        (finding,) = [f for f in findings if f["rule"] == "cell.category"]
        assert (finding["file"], finding["field"], finding["value"]) == ("data/places.csv", "kind", "planet")

    def test_hostile_text_of_a_cell_stays_text(self, mini: Mini, capsys: pytest.CaptureFixture[str]) -> None:
        mini.row("places", id="XK")["kind"] = "\x1b[2J|<script>%0A::error::x"
        mini.save()
        shown = {}
        for name in FORMATS:
            main([str(mini.root), "--format", name])
            shown[name] = capsys.readouterr().out
            assert "\x1b" not in shown[name]
            assert "\n::error::x" not in shown[name]
        assert "<script>" not in shown["markdown"]
        assert "%0A::error" not in shown["github"].replace("%250A", "")


class TestColour:
    @pytest.mark.parametrize(
        ("terminal", "no_color", "coloured"), [(True, None, True), (True, "1", False), (False, None, False)]
    )
    def test_only_on_a_terminal_and_never_with_no_color(
        self,
        faulty: Mini,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        terminal: bool,
        no_color: str | None,
        coloured: bool,
    ) -> None:
        monkeypatch.delenv("NO_COLOR", raising=False)
        if no_color:
            monkeypatch.setenv("NO_COLOR", no_color)
        monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
        main([str(faulty.root)])
        assert ("\033[" in capsys.readouterr().out) is coloured

    def test_no_other_form_is_ever_coloured(
        self, faulty: Mini, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
        main([str(faulty.root), "--format", "json"])
        assert "\033[" not in capsys.readouterr().out


class TestOutput:
    @pytest.mark.parametrize(("name", "encoding"), [("text", "cp1252"), ("json", "ascii")])
    def test_a_console_that_lacks_a_letter_stops_nothing(self, mini: Mini, name: str, encoding: str) -> None:
        mini.row("places", id="XK")["kind"] = "Čačak"
        done = command(mini.save(), "--format", name, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
        assert "Traceback" not in done.stderr
        assert done.returncode == 1
        assert name != "json" or json.loads(done.stdout)["findings"]

    def test_help_names_every_option(self) -> None:
        shown = command("--help").stdout
        assert all(option in shown for option in ("--format", "--fix", "--seal", "text,json,github,markdown"))


class TestFix:
    def test_it_says_on_standard_error_what_it_did_and_then_checks(
        self, mini: Mini, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = mini.root / "data/places.csv"
        before = file.read_bytes()
        file.write_bytes(b"\xef\xbb\xbf" + before.replace(b"\n", b"\r\n"))
        assert main([str(mini.root), "--fix"]) == 0
        assert capsys.readouterr().err == "data/places.csv: written in canonical form\n"
        assert file.read_bytes() == before

    def test_hostile_text_does_not_reach_the_terminal(self, mini: Mini, capsys: pytest.CaptureFixture[str]) -> None:
        file = mini.root / "data/places.csv"
        file.write_bytes(b"id,\x1b[2Jx,\x1b[2Jx,member_of,note\n" + file.read_bytes().split(b"\n", 1)[1])
        assert main([str(mini.root), "--fix"]) == 1
        printed = capsys.readouterr()
        assert "left as it is" in printed.err
        assert "\x1b" not in printed.err + printed.out

    def test_a_package_that_does_not_exist(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([str(tmp_path / "nowhere"), "--fix"]) == 2
        assert not (tmp_path / "nowhere").exists()
        assert "cannot be read" in capsys.readouterr().out

    @pytest.mark.parametrize("option", [["--fix"], ["--seal", "founding-article"]])
    def test_a_full_disk_names_the_file_and_changes_nothing(
        self,
        mini: Mini,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        option: list[str],
    ) -> None:
        claim = mini.row("claims", source_id="founding-article")
        claim["note"] = "Read  again."
        mini.save(sealed=False)
        before = (mini.root / "data/claims.csv").read_bytes()

        def refused(handle: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")  # which names no file

        monkeypatch.setattr(os, "fsync", refused)
        assert main([str(mini.root), *option]) == 2
        file = "claims" if option == ["--fix"] else "control_totals"
        said = f"not written: {mini.root}/data/{file}.csv: No space left on device\n"
        assert capsys.readouterr().err == said
        assert (mini.root / "data/claims.csv").read_bytes() == before


class TestSeal:
    def test_it_says_what_changed(self, mini: Mini, capsys: pytest.CaptureFixture[str]) -> None:
        claim = mini.rows["claims"][0]
        claim["note"] = "Read again."
        mini.save(sealed=False)
        assert main([str(mini.root)]) == 1
        assert "totals.differ" in capsys.readouterr().out
        assert main([str(mini.root), "--seal", claim["source_id"]]) == 0
        assert f"{claim['source_id']} claims: " in capsys.readouterr().err

    def test_nothing_to_change(self, mini: Mini, capsys: pytest.CaptureFixture[str]) -> None:
        source = mini.rows["claims"][0]["source_id"]
        assert main([str(mini.root), "--seal", source]) == 0
        assert capsys.readouterr().err == "control totals: nothing to change\n"

    def test_an_unknown_source_is_refused(self, mini: Mini, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([str(mini.root), "--seal", "nowhere-2025"]) == 1
        printed = capsys.readouterr()
        assert "not sealed: nowhere-2025 is not in data/sources.csv" in printed.err

    def test_a_package_that_does_not_exist(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([str(tmp_path / "nowhere"), "--seal", "x"]) == 2
        assert "datapackage.json" in "".join(capsys.readouterr())
