"""The command line of the loader, through `main` and, where the process matters, as one."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import borderledger as bl
from borderledger.cli import main
from tests.conftest import ROOT, Mini

COMMANDS = ["tables", "describe", "show", "load", "evidence", "disputes", "history", "cite", "export", "diff"]
RECORD = "agr-status-rs-2024"
#: The rows of the table of places.
PLACES = (ROOT / "data/places.csv").read_bytes().count(b"\n") - 1
#: What a spreadsheet, a terminal, a browser or rich would take for more than text.
HOSTILE = "=1+1 \x1b[31mred\x07 [bold]x[/bold] <b>|*_`\u202e"

Captured = pytest.CaptureFixture[str]
Terminal = Callable[..., str]


def run(*arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run as a process of its own."""
    command = [sys.executable, "-m", "borderledger.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, **more)


def table(capsys: Captured, *arguments: str) -> list[dict[str, str]]:
    """The rows that a command prints as CSV, which is what it does when piped."""
    assert main(arguments) == 0
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> Callable[..., str]:
    """Run in a wide terminal without colours; gives what it shows."""

    def show(*arguments: str) -> str:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.setenv("COLUMNS", "2000")
        monkeypatch.setenv("LINES", "50")  # of a dumb terminal, rich takes the width only with the height
        monkeypatch.setenv("TERM", "dumb")
        assert main(arguments) == 0
        return capsys.readouterr().out

    return show


@pytest.fixture
def hostile(mini: Mini) -> str:
    """The small package with hostile text in an agreement, its claims and their source."""
    agreement = mini.row("agreements", id=RECORD)
    agreement.update(title=HOSTILE, note=f"-2+3 {HOSTILE}", oj_ref="@SUM(A1)")
    mini.row("sources", id=agreement["source_id"])["title"] = HOSTILE
    for claim in mini.rows["claims"]:
        claim["locator"] = HOSTILE
    return str(mini.save())


class TestLoad:
    def test_it_prints_the_table_as_the_loader_gives_it(self, capsys: Captured) -> None:
        rows = table(capsys, "load", "returns")
        frame = bl.load("returns")
        assert list(rows[0]) == list(frame.columns)
        assert [row["id"] for row in rows] == frame["id"].to_list()
        quantities = ["" if value is pd.NA else str(value) for value in frame["quantity"]]
        assert [row["quantity"] for row in rows] == quantities

    def test_in_csv_the_fields_are_those_of_the_file(self, capsys: Captured) -> None:
        with (ROOT / "data/deployments.csv").open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file))
        assert [{name: row[name] for name in lines[0]} for row in table(capsys, "load", "deployments")] == lines

    def test_conditions_add_up(self, capsys: Captured) -> None:
        rows = table(capsys, "load", "returns", "--where", "to_place=AL", "--where", "quantity>=100")
        frame = bl.load("returns").query("to_place == 'AL' and quantity >= 100")
        assert [row["id"] for row in rows] == frame["id"].to_list()
        assert 0 < len(rows) < len(bl.load("returns"))

    def test_conditions_speak_of_columns_that_are_not_shown(self, capsys: Captured) -> None:
        rows = table(capsys, "load", "returns", "--columns", "id,period", "--where", "period>=2025")
        assert list(rows[0]) == ["id", "period"]
        assert all(row["period"] >= "2025" for row in rows)

    @pytest.mark.parametrize(
        ("grade", "grades"),
        [("disputed,weak", {"disputed", "weak"}), ("weak", {"weak", "single"}), ("bulk,", None)],
    )
    def test_grades(self, capsys: Captured, grade: str, grades: set[str] | None) -> None:
        if grades is None:
            assert main(["load", "agreements", "--grade", grade]) == 2
        else:
            assert {row["evidence"] for row in table(capsys, "load", "agreements", "--grade", grade)} == grades

    # On most days, today is after the day on which the version was made.
    @pytest.mark.filterwarnings("ignore:as_of .* is after:UserWarning")
    def test_the_day_can_be_today(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["load", "projects", "--as-of", "today", "--columns", "id"]) == 0
        assert capsys.readouterr().out.split()[1:] == list(bl.load("projects", as_of="today")["id"])

    def test_a_day_and_what_it_leaves_open(self, capsys: Captured) -> None:
        assert main(["load", "agreements", "--as-of", "2023-07-01", "--columns", "id,as_of_certain"]) == 0
        out, err = capsys.readouterr()
        frame = bl.load("agreements", as_of="2023-07-01")
        assert len(out.splitlines()) == len(frame) + 1
        left_out = frame.attrs["as_of_unknown"]
        assert err == f"{left_out} rows left out: the dates leave open whether they belong to that day\n"

    def test_lists_of_items(self, capsys: Captured) -> None:
        rows = table(capsys, "load", "deployments", "--explode", "hosts", "--where", "hosts=ME")
        assert {"ME"} < {row["hosts"] for row in rows}
        assert not any(";" in row["hosts"] for row in rows)

    @pytest.mark.parametrize(("limit", "shown"), [("0", 0), ("3", 3), ("100000", PLACES)])
    def test_the_first_rows(self, capsys: Captured, limit: str, shown: int) -> None:
        assert len(table(capsys, "load", "places", "--limit", limit)) == shown

    def test_nothing_found_is_no_error(self, capsys: Captured) -> None:
        for form in ("csv", "json", "md", "table"):
            assert main(["load", "places", "--where", "name=Atlantis", "--format", form]) == 0
            assert capsys.readouterr().err == ""


class TestFormats:
    def test_json(self, capsys: Captured) -> None:
        assert main(["load", "deployments", "--format", "json"]) == 0
        rows = json.loads(capsys.readouterr().out)
        row = next(row for row in rows if row["id"] == "dep-at-hu-rs-2024-10")
        assert (row["agency"], row["officers"], row["date_to"]) == (["at-police", "hu-police"], 20, "2024-10-14")
        assert row["operation"] is None
        assert list(row) == list(bl.load("deployments").columns)

    def test_markdown(self, capsys: Captured) -> None:
        assert (
            main(["load", "places", "--columns", "id,name,kind,member_of,note", "--format", "md", "--limit", "1"]) == 0
        )
        assert capsys.readouterr().out == (
            "| id | name | kind | member_of | note |\n|---|---|---|---|---|\n| AE | United Arab Emirates | country |  |  |\n"
        )

    def test_a_table_is_plain_when_it_is_piped(self, capsys: Captured) -> None:
        assert main(["load", "places", "--columns", "id,name,kind,member_of", "--format", "table", "--limit", "2"]) == 0
        assert capsys.readouterr().out == (
            "id  name                  kind     member_of\n"
            "AE  United Arab Emirates  country\n"
            "AF  Afghanistan           country\n"
            f"2 of {PLACES} rows; more with --limit, all of them with --format csv\n"
        )

    def test_in_a_terminal_it_is_a_table_of_the_first_rows(self, terminal: Terminal) -> None:
        out = terminal("load", "returns")
        assert out.splitlines()[0].split()[:3] == ["id", "from_place", "to_place"]
        assert out.endswith(f"50 of {len(bl.load('returns'))} rows; more with --limit, all of them with --format csv\n")

    def test_without_rich_it_is_a_plain_table(self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "rich.console", None)
        shown = terminal("load", "places", "--limit", "1")
        assert shown.split("\n")[0].split() == ["id", "name", "kind", "iso_alpha3", "world_bank", "eurostat"]
        assert shown.split("\n")[1].split() == ["AE", "United", "Arab", "Emirates", "country", "ARE", "ARE", "AE"]

    def test_what_is_asked_for_by_name_is_shown_though_it_is_empty(self, terminal: Terminal) -> None:
        assert terminal("load", "places", "--limit", "1", "--columns", "id,note").split()[:2] == ["id", "note"]


class TestAnswers:
    def test_tables(self, capsys: Captured) -> None:
        assert {row["table"]: int(row["rows"]) for row in table(capsys, "tables")} == bl.tables()["rows"].to_dict()

    def test_describe(self, capsys: Captured) -> None:
        rows = {row["column"]: row for row in table(capsys, "describe", "returns")}
        assert list(rows) == list(bl.load("returns").columns)
        assert (rows["quantity"]["kind"], rows["quantity"]["bound"]) == ("integer", "true")
        assert "persons: " in rows["unit"]["values"]

    def test_evidence(self, capsys: Captured) -> None:
        assert len(table(capsys, "evidence", RECORD)) == len(bl.evidence(RECORD))
        assert {row["field"] for row in table(capsys, "evidence", RECORD, "signed")} == {"signed"}

    def test_disputes(self, capsys: Captured) -> None:
        assert len(table(capsys, "disputes")) == len(bl.disputes())
        assert {row["table"] for row in table(capsys, "disputes", "facilities")} == {"facilities"}

    def test_version(self, capsys: Captured) -> None:
        assert main(["--version"]) == 0
        assert capsys.readouterr().out == f"{bl.data_version}\n"

    def test_other_data(self, capsys: Captured, mini: Mini) -> None:
        mini.row("places", id="AL")["name"] = "Elsewhere"
        rows = table(capsys, "--data", str(mini.save()), "load", "places", "--where", "id=AL")
        assert [row["name"] for row in rows] == ["Elsewhere"]


class TestErrors:
    """A line on stderr, nothing on stdout, and an exit code that says whose fault it is."""

    @pytest.mark.parametrize(
        ("arguments", "code", "message"),
        [
            (["load", "return"], 2, "There is no table 'return'. Did you mean returns?"),
            (["describe", "zzz"], 2, "There is no table 'zzz'. There are: agreements"),
            (["show", "agr-status-rs-2042"], 2, "Did you mean agr-status-rs-2024"),
            (["evidence", RECORD, "sigend"], 2, "Did you mean signed"),
            (["load", "returns", "--where", "to_place"], 2, "'to_place' is not a condition"),
            (["load", "returns", "--where", "too_place=AL"], 2, "Did you mean to_place"),
            (["load", "returns", "--where", "unit=person"], 2, "Did you mean persons"),
            (["load", "returns", "--columns", "id,"], 2, "returns has no column ''"),
            (["load", "returns", "--grade", "good"], 2, "grade 'good' is not known"),
            (["load", "returns", "--explode", "id"], 2, "explode takes a list column"),
            (["load", "returns", "--as-of", "2023-07-01"], 2, "returns has no state on a day"),
            (["load", "agreements", "--as-of", "2023"], 2, "as_of takes a day such as 2023-07-01"),
            (["load", "returns", "--limit", "-1"], 2, "--limit takes a number of rows, not -1"),
            (["disputes", "zzz"], 2, "There is no table 'zzz'"),
            (["--data", "nowhere", "tables"], 3, "nowhere does not exist"),
            (["--data", "https://example.org/x.zip", "tables"], 2, "is an address"),
            (["--data", __file__, "tables"], 3, "is neither a folder nor a zip file"),
            (["load", "\x1b[31mred"], 2, "'\\x1b[31mred'"),
        ],
    )
    def test_the_request_cannot_be_met(self, capsys: Captured, arguments: list[str], code: int, message: str) -> None:
        assert main(arguments) == code
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("borderledger: ")
        assert message in err
        assert err.count("\n") == 1
        assert "\x1b" not in err

    def test_data_that_cannot_be_read(self, capsys: Captured, mini: Mini) -> None:
        (mini.root / "data/places.csv").write_text(
            "id,name,kind,member_of,publishes_as,iso_alpha3,world_bank,eurostat,note\nAL,Albania\n", encoding="utf-8"
        )
        assert main(["--data", str(mini.root), "load", "places"]) == 3
        assert "data/places.csv:2 2 cells, fewer than the 9 of the header" in capsys.readouterr().err

    @pytest.mark.parametrize(
        "arguments", [["lod"], ["load"], ["load", "returns", "--format", "xml"], ["load", "returns", "--limit", "x"]]
    )
    def test_the_request_cannot_be_read(self, capsys: Captured, arguments: list[str]) -> None:
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
        assert "usage: borderledger" in capsys.readouterr().err

    def test_no_command_is_a_question_for_help(self, capsys: Captured) -> None:
        assert main([]) == 2
        assert "exit codes: 0 done" in capsys.readouterr().out


class TestShow:
    def test_a_record_with_its_evidence(self, capsys: Captured) -> None:
        assert main(["show", RECORD]) == 0
        out = capsys.readouterr().out
        assert f"\nagreements {RECORD}\n" in out
        assert "Evidence: disputed (a source contradicts the value)" in out
        assert " contradicts: " in out

    def test_links_lead_both_ways(self, capsys: Captured) -> None:
        for record, link in (
            ("agr-status-al-2023", "replaces agr-status-al-2019 "),
            ("agr-status-al-2019", "replaces of agr-status-al-2023 "),
        ):
            main(["show", record])
            assert f"  {link}" in capsys.readouterr().out.partition("Links:\n")[2]

    def test_a_record_from_a_file_in_bulk(self, capsys: Captured) -> None:
        record = bl.load("returns", grade="bulk").iloc[0]
        assert main(["show", record["id"]]) == 0
        out = capsys.readouterr().out
        assert "Evidence: bulk" in out
        assert f"  {record['source_id']}: " in out

    def test_json_holds_everything(self, capsys: Captured) -> None:
        assert main(["show", RECORD, "--format", "json"]) == 0
        shown = json.loads(capsys.readouterr().out)
        assert list(shown) == ["id", "table", "title", "evidence", "fields", "claims", "links", "corrections"]
        assert len(shown["claims"]) == len(bl.evidence(RECORD))
        assert shown["fields"]["signed"]["value"] == bl.load("agreements").set_index("id").loc[RECORD, "signed"]

    @pytest.mark.parametrize("table", ["agreements", "deployments", "projects", "returns", "facilities", "activities"])
    def test_records_of_every_table(self, capsys: Captured, table: str) -> None:
        for record in bl.load(table, columns=["id"])["id"][:3]:
            assert main(["show", record]) == 0
            assert record in capsys.readouterr().out


class TestHostileText:
    """Text from the data stays text, wherever it is printed."""

    def test_in_csv_no_cell_is_a_formula(self, capsys: Captured, hostile: str) -> None:
        rows = table(capsys, "--data", hostile, "load", "agreements", "--where", f"id={RECORD}")
        assert (rows[0]["title"], rows[0]["oj_ref"]) == ("'" + HOSTILE, "'@SUM(A1)")
        assert rows[0]["note"].startswith("'-2+3 =1+1")

    @pytest.mark.parametrize("rich", [True, False])
    @pytest.mark.parametrize("command", ["load agreements", "disputes", f"evidence {RECORD}", f"show {RECORD}"])
    def test_nothing_but_printable_text_reaches_a_terminal(
        self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, hostile: str, command: str, rich: bool
    ) -> None:
        if not rich:
            monkeypatch.setitem(sys.modules, "rich.console", None)
        out = terminal("--data", hostile, *command.split())
        assert "=1+1 \\u001b[31mred\\u0007 [bold]x[/bold] <b>|*_`\\u202e" in out
        assert all(c.isprintable() or c == "\n" for c in out)

    def test_in_markdown_no_mark_has_a_meaning(self, capsys: Captured, hostile: str) -> None:
        assert main(["--data", hostile, "load", "agreements", "--format", "md"]) == 0
        out = capsys.readouterr().out
        assert "| =1+1  \\[31mred  \\[bold\\]x\\[/bold\\] &lt;b&gt;\\|\\*\\_\\`  |" in out
        assert all(c.isprintable() or c == "\n" for c in out)

    @pytest.mark.parametrize("command", ["load agreements", f"show {RECORD}"])
    def test_in_json_it_is_what_it_was(self, capsys: Captured, hostile: str, command: str) -> None:
        assert main(["--data", hostile, *command.split(), "--format", "json"]) == 0
        out = capsys.readouterr().out
        assert "\x1b" not in out
        shown = json.loads(out)
        titles = [row["title"] for row in (shown if isinstance(shown, list) else [shown])]
        assert HOSTILE in titles


class TestProcess:
    def test_help_is_there_without_reading_anything(self) -> None:
        program = "import sys, borderledger.cli as cli\ntry: cli.main(['--help'])\nfinally: print(*sys.modules)"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        usage, _, modules = done.stdout.rstrip().rpartition("\n")
        assert all(f"\n    {command}" in usage for command in COMMANDS)
        assert "exit codes: 0 done" in usage
        assert not {"pandas", "numpy", "rich", "borderledger.dataset", "borderledger.package"} & {*modules.split()}

    def test_a_table_is_printed_without_pandas(self) -> None:
        program = "import sys; from borderledger.cli import main; main(['load', 'returns']); sys.exit('pandas' in sys.modules)"
        subprocess.run([sys.executable, "-c", program], stdout=subprocess.DEVNULL, check=True)

    @pytest.mark.parametrize("command", COMMANDS)
    def test_every_command_has_help(self, capsys: Captured, command: str) -> None:
        with pytest.raises(SystemExit) as caught:
            main([command, "--help"])
        assert caught.value.code == 0
        assert capsys.readouterr().out.startswith(f"usage: borderledger {command}")

    def test_a_reader_that_has_seen_enough_is_no_error(self) -> None:
        command = [sys.executable, "-m", "borderledger.cli", "load", "claims"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            assert process.stdout.readline().startswith(b"record_id,")
            process.stdout.close()
            assert (process.stderr.read(), process.wait()) == (b"", 0)

    def test_exit_codes(self, tmp_path: Path) -> None:
        assert run("load", "places", "--limit", "1").returncode == 0
        assert run("load", "place").returncode == 2
        done = run("--data", str(tmp_path), "tables")
        assert (done.returncode, done.stdout) == (3, "")
        assert "Traceback" not in done.stderr

    @pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-16"])
    def test_what_is_piped_is_utf_8_on_every_system(self, encoding: str) -> None:
        done = run("show", "fac-al-gerhot", env={"PYTHONIOENCODING": encoding, "PATH": ""})
        assert (done.returncode, done.stderr) == (0, "")
        assert "Gërhot" in done.stdout
