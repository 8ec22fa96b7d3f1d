"""The report in its four forms: none of them lets text from the data act as anything but text."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import validate
from validate import Finding, Report, TableSummary, check
from validate.report import FORMATS

CLEAN = Report((), (TableSummary("places", 63, (), corroborated=0, disputes=0, primary=0, findings=0),))
FINDING = Finding(
    "data/returns.csv", 214, "quantity", "3367", "3367 but the claim says 3376", "Open it.", "evidence.mismatch"
)
FOUND = Report(
    (FINDING,),
    (
        TableSummary(
            "returns", 300, (("disputed", 2), ("single", 298)), corroborated=5, disputes=3, primary=7, findings=1
        ),
        TableSummary("places", 63, (), corroborated=0, disputes=0, primary=0, findings=0),
    ),
)


def hostile(text: str, table: str = "things") -> Report:
    """A report with one finding whose every text from the data is the given one."""
    finding = Finding(f"data/{text}.csv", 3, text, text, f"{text!s} is wrong", f"Mend {text}", "cell.type")
    return Report(
        (finding,), (TableSummary(table, 1, (("single", 1),), corroborated=0, disputes=0, primary=0, findings=1),)
    )


class TestObjects:
    """Findings and reports are plain values that cannot be changed."""

    @pytest.mark.parametrize("value", [FINDING, FOUND, FOUND.tables[0]])
    def test_they_are_frozen(self, value: object) -> None:
        name = dataclasses.fields(value)[0].name  # type: ignore[arg-type]
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, name, "x")
        assert hash(value) == hash(dataclasses.replace(value))  # type: ignore[type-var]

    def test_findings_sort_by_file_and_line(self) -> None:
        places = dataclasses.replace(FINDING, file="data/places.csv", line=300)
        early = dataclasses.replace(FINDING, line=9)
        assert sorted([FINDING, places, early]) == [places, early, FINDING]

    @pytest.mark.parametrize(
        ("finding", "text"),
        [
            (FINDING, "data/returns.csv:214 quantity: 3367 but the claim says 3376 [evidence.mismatch]"),
            (Finding("a.csv", 0, "", "", "is empty", "Restore it", "file.empty"), "a.csv: is empty [file.empty]"),
            (Finding("a.csv", 7, "", "", "is odd", "", "file.x"), "a.csv:7: is odd [file.x]"),
        ],
    )
    def test_a_finding_as_text(self, finding: Finding, text: str) -> None:
        assert str(finding) == text

    @pytest.mark.parametrize(
        ("report", "ok", "code"),
        [(CLEAN, True, 0), (FOUND, False, 1), (Report((FINDING,), (), usable=False), False, 2)],
    )
    def test_the_exit_code(self, report: Report, ok: bool, code: int) -> None:
        assert (report.ok, report.exit_code) == (ok, code)

    def test_what_could_not_be_used_is_never_clean(self) -> None:
        assert Report((), (), usable=False).exit_code == 2

    def test_the_package_exports_what_others_need(self) -> None:
        assert validate.check is check
        assert set(validate.__all__) == {"Finding", "Report", "TableSummary", "check"}


class TestText:
    def test_a_finding_its_remedy_and_the_summary(self) -> None:
        assert FOUND.text() == (
            "data/returns.csv:214 quantity: 3367 but the claim says 3376 [evidence.mismatch]\n"
            "    Open it.\n"
            "\n"
            "table    rows  disputed  single  corroborated fields  disputed fields  primary fields  findings\n"
            "returns   300         2     298                    5                3               7         1\n"
            "places     63                                                                                 0\n"
            "all       363         2     298                    5                3               7         1\n"
            "\n"
            "1 finding.\n"
        )

    def test_nothing_to_say(self) -> None:
        assert CLEAN.text().endswith("\nNo findings.\n")

    def test_two_findings(self) -> None:
        assert dataclasses.replace(FOUND, findings=(FINDING, FINDING)).text().endswith("\n2 findings.\n")

    def test_colour_is_added_only_on_request(self) -> None:
        assert "\033[" not in FOUND.text()
        assert "\033[31m" in FOUND.text(color=True)
        assert "\033[" not in CLEAN.text(color=True)

    @pytest.mark.parametrize(
        "text", ["\x1b[31mred", "\x1b]8;;http://x\x07", "a\rb", "a\nb", "a\x08b", "\u202eabc", "\x9b31m"]
    )
    def test_control_characters_never_reach_the_terminal(self, text: str) -> None:
        shown = hostile(text).text()
        assert all(c.isprintable() or c == "\n" for c in shown)
        assert len(shown.split("\n")) == len(hostile("x").text().split("\n"))


class TestJson:
    def test_it_holds_everything(self) -> None:
        content = json.loads(FOUND.json())
        assert content["ok"] is False
        assert content["findings"] == [dataclasses.asdict(FINDING)]
        assert content["tables"][0] == {
            "table": "returns",
            "rows": 300,
            "grades": {"disputed": 2, "single": 298},
            "corroborated": 5,
            "disputes": 3,
            "primary": 7,
            "findings": 1,
        }

    def test_clean(self) -> None:
        assert json.loads(CLEAN.json())["ok"] is True

    @given(st.text())
    def test_any_text_survives(self, text: str) -> None:
        written = hostile(text).json().encode()
        assert json.loads(written)["findings"][0]["value"] == text


class TestGithub:
    def test_a_finding_is_an_annotation_of_its_line(self) -> None:
        assert FOUND.github() == (
            "::error file=data/returns.csv,line=214,title=evidence.mismatch"
            "::quantity: 3367 but the claim says 3376%0AOpen it.\n"
        )

    def test_a_finding_on_a_file_as_a_whole_goes_to_its_first_line(self) -> None:
        finding = Finding("a.csv", 0, "", "", "is empty", "Restore it", "file.empty")
        assert Report((finding,), ()).github() == "::error file=a.csv,line=1,title=file.empty::is empty%0ARestore it\n"

    def test_clean(self) -> None:
        assert CLEAN.github() == "No findings.\n"

    @pytest.mark.parametrize(
        ("text", "escaped"),
        [("50%", "50%25"), ("a\nb", "a%0Ab"), ("a\r\nb", "a%0D%0Ab"), ("%0A::error::x", "%250A::error::x")],
    )
    def test_messages_are_escaped(self, text: str, escaped: str) -> None:
        assert f"{escaped} is wrong" in hostile(text).github()

    def test_a_file_name_adds_no_property(self) -> None:
        line = hostile("x,line=1,title=y::z").github()
        assert line.startswith("::error file=data/x%2Cline=1%2Ctitle=y%3A%3Az.csv,line=3,title=cell.type::")

    @pytest.mark.parametrize(
        "text", ["\n::error::x", "\r::set-output name=a::b", "\n::stop-commands::x", "%", "\x1b[31m"]
    )
    def test_one_finding_is_one_command_of_printable_text(self, text: str) -> None:
        shown = hostile(text).github()
        assert shown.count("\n") == 1
        assert shown.startswith("::error file=data/")
        assert all(c.isprintable() for c in shown[:-1])


class TestMarkdown:
    def test_findings_and_summary_are_tables(self) -> None:
        assert FOUND.markdown() == (
            "| where | field | what is wrong | what to do | rule |\n"
            "|---|---|---|---|---|\n"
            "| data/returns.csv:214 | quantity | 3367 but the claim says 3376 | Open it. | evidence.mismatch |\n"
            "\n"
            "| table | rows | disputed | single | corroborated fields | disputed fields | primary fields | findings |\n"
            "|---|---:|---:|---:|---:|---:|---:|---:|\n"
            "| returns | 300 | 2 | 298 | 5 | 3 | 7 | 1 |\n"
            "| places | 63 |  |  |  |  |  | 0 |\n"
            "| all | 363 | 2 | 298 | 5 | 3 | 7 | 1 |\n"
        )

    def test_clean(self) -> None:
        assert CLEAN.markdown().endswith("\n\nNo findings.\n")

    @pytest.mark.parametrize(
        ("text", "escaped"),
        [
            ("a|b", "a\\|b"),
            ("<script>", "&lt;script&gt;"),
            ("&lt;", "&amp;lt;"),
            ("`x`", "\\`x\\`"),
            ("[a](b)", "\\[a\\](b)"),
            ("*a*", "\\*a\\*"),
            ("@user", "\\@user"),
            ("#1", "\\#1"),
            ("\\|", "\\\\\\|"),
            ("a\nb", "a b"),
            ("\x1b[31m", " \\[31m"),
        ],
    )
    def test_text_from_the_data_is_escaped(self, text: str, escaped: str) -> None:
        shown = hostile(text).markdown()
        assert f"| {escaped} | {escaped} is wrong | Mend {escaped} |" in shown

    @pytest.mark.parametrize(
        "text", ["<script>alert(1)</script>", "![x](http://x/p.png)", "a|b\n|c", "\u2028", "<!-- -->"]
    )
    def test_a_row_stays_a_row(self, text: str) -> None:
        shown = hostile(text).markdown()
        assert len(shown.splitlines()) == len(hostile("x").markdown().splitlines())
        assert "<" not in shown
        assert "![" not in shown


class TestFormats:
    @pytest.mark.parametrize("text", ["\x1b[31m", "<script>", "a\n::error::x", "a\r::error::x", "\u2028", "\ud800"])
    @pytest.mark.parametrize("name", ["text", "github", "markdown"])
    def test_the_name_of_a_table_is_text_from_the_data_too(self, name: str, text: str) -> None:
        shown = FORMATS[name](hostile("x", table=text))
        assert all(c.isprintable() or c == "\n" for c in shown)
        assert shown.count("\n") == FORMATS[name](hostile("x")).count("\n")
        assert name != "markdown" or "<" not in shown

    def test_the_four_forms(self) -> None:
        assert list(FORMATS) == ["text", "json", "github", "markdown"]

    @given(st.text(st.characters(exclude_categories=())), st.sampled_from(list(FORMATS)))
    def test_any_text_can_be_written_as_utf8(self, text: str, name: str) -> None:
        """Also a lone surrogate, which a JSON file can smuggle in."""
        assert FORMATS[name](hostile(text)).encode().endswith(b"\n")
