"""What the schemas demand of a cell, a key and a reference - and that each failure names its true line."""

from __future__ import annotations

import pytest

from borderledger.package import Field
from tests.conftest import Mini
from validate import Finding, check
from validate.cells import cell_tests, text_test
from validate.structure import STRUCTURE


def field(type: str = "string", **properties: object) -> Field:
    plain: dict[str, object] = {
        "title": "Thing",
        "description": "",
        "required": False,
        "unique": False,
        "pattern": "",
        "minimum": None,
        "categories": {},
        "ordered": False,
        "edtf": False,
        "bound": False,
        "delimiter": "",
        "refers_to": (),
    }
    return Field("thing", type=type, **(plain | properties))  # type: ignore[arg-type]


def failing(field: Field, cell: str) -> list[str]:
    """The rules that a cell breaks."""
    return [test.rule for test in (*text_test(), *cell_tests(field)) if test.fails(cell)]


class TestCellTests:
    """A value has one spelling; every other one is refused."""

    @pytest.mark.parametrize("cell", ["0", "1", "7", "10", "1234567", "-5", "-10"])
    def test_whole_numbers(self, cell: str) -> None:
        assert failing(field("integer"), cell) == []

    @pytest.mark.parametrize(
        "cell",
        [
            "1_000",
            "1,000",
            "1.000,5",
            "+5",
            "-0",
            "--5",
            "007",
            "1.0",
            "1.",
            "1e3",
            "0x1F",
            "NaN",
            "inf",
            "five",
            "٥",
            "５",
            "²",
        ],
    )
    def test_what_is_no_whole_number(self, cell: str) -> None:
        assert "cell.type" in failing(field("integer"), cell)

    @pytest.mark.parametrize("cell", ["0", "12", "0.5", "1234.56", "-0.25", "-7"])
    def test_numbers(self, cell: str) -> None:
        assert failing(field("number"), cell) == []

    @pytest.mark.parametrize(
        "cell",
        ["1_000.5", "1,5", ".5", "5.", "0.50", "00.5", "+0.5", "1e3", "NaN", "INF", "-inf", "5%", "€5", "１.5", "-0"],
    )
    def test_what_is_no_number(self, cell: str) -> None:
        assert "cell.type" in failing(field("number"), cell)

    @pytest.mark.parametrize(("cell", "rules"), [("0", []), ("5", []), ("-1", ["cell.type"]), ("-100", ["cell.type"])])
    def test_a_minimum(self, cell: str, rules: list[str]) -> None:
        assert failing(field("integer", minimum=0), cell) == rules

    @pytest.mark.parametrize("cell", ["2025-06-11", "2024-02-29", "0001-01-01", "9999-12-31"])
    def test_days(self, cell: str) -> None:
        assert failing(field("date"), cell) == []

    @pytest.mark.parametrize(
        "cell",
        [
            "2025",
            "2025-06",
            "2025-6-1",
            "20250611",
            "2025-W01-1",
            "2023-02-29",
            "2025-13-01",
            "2025-06-00",
            "11.06.2025",
            "2025-06-11T00:00",
            "２０２５-06-11",
        ],
    )
    def test_what_is_no_day(self, cell: str) -> None:
        assert "cell.type" in failing(field("date"), cell)

    @pytest.mark.parametrize(
        "cell", ["2025", "2025-06", "2025-06-11", "2025-06~", "2020-11/2022-10", "../2025", "2025/.."]
    )
    def test_dates_as_precise_as_their_source(self, cell: str) -> None:
        assert failing(field(edtf=True), cell) == []

    @pytest.mark.parametrize(
        "cell", ["June 2025", "2025-13", "2025-06-00", "2023-02-30", "2022/2020", "../..", "2025-6"]
    )
    def test_what_is_no_date(self, cell: str) -> None:
        assert failing(field(edtf=True), cell) == ["cell.date"]

    @pytest.mark.parametrize(
        ("cell", "rules"),
        [
            ("planned", []),
            ("Planned", ["cell.category"]),
            ("plan", ["cell.category"]),
            ("planned;ended", ["cell.category"]),
        ],
    )
    def test_words_of_a_classification(self, cell: str, rules: list[str]) -> None:
        assert failing(field(categories={"planned": "", "ended": ""}), cell) == rules

    @pytest.mark.parametrize(
        ("cell", "rules"), [("ended;planned", []), ("planned", []), ("ended;plan", ["cell.category"])]
    )
    def test_words_of_a_classification_in_a_list(self, cell: str, rules: list[str]) -> None:
        assert failing(field(categories={"planned": "", "ended": ""}, delimiter=";"), cell) == rules

    @pytest.mark.parametrize(
        ("pattern", "cell", "rules"),
        [
            ("[A-Z]{2}", "BA", []),
            ("[A-Z]{2}", "BAX", ["cell.pattern"]),
            ("[A-Z]{2}", "XBA", ["cell.pattern"]),
            ("a|bc", "a", []),
            ("a|bc", "bc", []),
            ("a|bc", "ax", ["cell.pattern"]),
            ("a|bc", "xbc", ["cell.pattern"]),
            ("[A-Z]{2}", "BA\n", ["text.form", "cell.pattern"]),
            ("[0-9]+", "٥", ["cell.pattern"]),
        ],
    )
    def test_a_pattern_covers_the_whole_cell(self, pattern: str, cell: str, rules: list[str]) -> None:
        assert failing(field(pattern=pattern), cell) == rules

    @pytest.mark.parametrize(
        ("cell", "rules"),
        [
            ("BA", []),
            ("BA;RS", []),
            ("BA;frontex", []),
            ("RS;BA", ["cell.list"]),
            ("BA;BA", ["cell.list"]),
            ("BA; RS", ["cell.list"]),
            ("BA;", ["cell.list"]),
            (";BA", ["cell.list"]),
            ("BA;;RS", ["cell.list"]),
            (";", ["cell.list"]),
        ],
    )
    def test_a_list_is_sorted_and_each_item_stands_once(self, cell: str, rules: list[str]) -> None:
        assert failing(field(delimiter=";"), cell) == rules


class TestTextTest:
    """Text holds nothing that cannot be seen, and nothing that a spreadsheet would run."""

    @pytest.mark.parametrize(
        "cell", ["Čačak", "a b", "-5", "5-6", "a=b", "a@b", "EUR 1.4 m", "“quoted”", "–", "a|b", "北京"]
    )
    def test_plain_text(self, cell: str) -> None:
        assert failing(field(), cell) == []

    @pytest.mark.parametrize(
        "cell",
        [
            " a", "a ", "a  b", "a\tb", "a\nb", "a\r", "\ufeffa", "a\u00a0b", "a\u00adb", "a\u200bb", "a\u200eb",
            "a\u202eb", "a\u2028b", "a\u2060b", "a\x00b", "a\x1bb", "a\x7fb", "a\x85b", "a\ufffdb",
            "C\u030c", "\u212a", " ",
        ],
    )  # fmt: skip
    def test_hidden_characters_and_other_forms(self, cell: str) -> None:
        assert failing(field(), cell) == ["text.form"]

    @pytest.mark.parametrize("cell", ["=1+1", "+1", "@SUM(A1)", "-cmd", "-", '=HYPERLINK("http://x")'])
    def test_formulas(self, cell: str) -> None:
        assert failing(field(), cell) == ["text.formula"]

    def test_a_hidden_character_is_named(self) -> None:
        (test, _) = text_test()
        assert "U+200B" in test.fails("a\u200bb")


# --- through a package -----------------------------------------------------------------------------------------------


def the(findings: list[Finding], line: int) -> Finding:
    """The finding at a line; there is no other."""
    (finding,) = findings
    assert finding.line == line
    return finding


def line_of(mini: Mini, table: str, start: str) -> int:
    """The line of the file, counted on the disk, that starts with a text."""
    text = (mini.root / mini.package.tables[table].path).read_text(encoding="utf-8")
    (line,) = [number for number, line in enumerate(text.split("\n"), 1) if line.startswith(start + ",")]
    return line


#: rule, table, id of a row, field, bad cell, gist of the message, gist of the fix
DEP, FAC = "dep-at-hu-rs-2024-10", "fac-al-gjader"
FAILING = [
    ("cell.required", "deployments", "dep-frontex-wb6-2025-06", "title", "", "is empty", "is required"),
    ("cell.type", "deployments", "dep-frontex-wb6-2025-06", "officers", "0500", "not a whole number", "digits only"),
    ("cell.type", "deployments", "dep-frontex-wb6-2025-06", "officers", "-5", "below the minimum of 0", "digits only"),
    ("cell.type", "projects", "prj-seefar-pathways-emr-wbr", "amount_eur", "1,4,5", "not a number", "a point before"),
    ("cell.date", "deployments", "dep-frontex-wb6-2025-06", "date", "2025-6", "is not YYYY", "2025-06~ (about)"),
    ("cell.category", "facilities", FAC, "kind", "jail", "'jail' is not", "Use one of: "),
    ("cell.pattern", "places", "XK", "id", "xk", "does not have the form of id", "(for programs: "),
    ("cell.list", "deployments", DEP, "contributors", "HU;AT", "expected 'AT;HU'", "alphabetical"),
    ("text.form", "places", "XK", "name", "Kosovo\u200b", "U+200B", "--fix"),
    ("text.form", "places", "XK", "name", "Kosovo ", "spaces at an end", "--fix"),
    ("text.formula", "places", "XK", "name", "=Kosovo", "starts with '='", "Begin the cell with a word"),
    ("reference.unknown", "deployments", DEP, "hosts", "ZZ", "not in data/places.csv", "add the row"),
    ("reference.unknown", "deployments", DEP, "contributors", "AT;ZZ", "'ZZ' is not in", "add the row"),
    ("reference.unknown", "deployments", DEP, "source_id", "nowhere", "not in data/sources.csv", "add the row"),
    ("reference.unknown", "facilities", FAC, "place", "ZZ", "not in data/places.csv", "add the row"),
    ("reference.unknown", "deployments", DEP, "part_of", "dep-x", "not in data/deployments.csv", "add the row"),
]  # fmt: skip


class TestThroughAPackage:
    """Each rule passes on the small package and fires, with the place, on one bad cell."""

    def test_no_rule_of_structure_fires_on_the_small_package(self, mini: Mini) -> None:
        rules = {f.rule for f in check(mini.root).findings}
        assert not {
            rule for rule in rules if rule.startswith(("cell.", "text.", "key.", "reference.", "file.", "form."))
        }

    @pytest.mark.parametrize(("rule", "table", "row", "field", "cell", "message", "fix"), FAILING)
    def test_a_bad_cell_is_reported_where_it_stands(
        self, mini: Mini, rule: str, table: str, row: str, field: str, cell: str, message: str, fix: str
    ) -> None:
        mini.row(table, id=row)[field] = cell
        findings = [f for f in mini.findings(rule) if f.file == mini.package.tables[table].path]
        line = line_of(mini, table, cell if field == "id" else row)
        finding = the([f for f in findings if f.field == field], line)
        assert (finding.file, finding.field, finding.value) == (f"data/{table}.csv", field, cell)
        assert message in finding.message
        assert fix in finding.fix

    @pytest.mark.parametrize(
        ("table", "row", "field", "cell"),
        [
            ("deployments", "dep-at-hu-rs-2024-10", "hosts", "BA;RS"),
            ("deployments", "dep-at-hu-rs-2024-10", "agency", "AT;frontex"),
            ("deployments", "dep-at-hu-rs-2024-10", "part_of", "dep-frontex-wb6-2025-06"),
            ("deployments", "dep-at-hu-rs-2024-10", "part_of", ""),
            ("facilities", "fac-al-gjader", "place", "XK"),
        ],
    )
    def test_a_reference_to_a_row_that_exists_is_fine(
        self, mini: Mini, table: str, row: str, field: str, cell: str
    ) -> None:
        mini.row(table, id=row)[field] = cell
        assert mini.findings("reference.unknown") == []

    def test_a_claim_on_no_record_is_unknown(self, mini: Mini) -> None:
        first = mini.rows["claims"][0]
        mini.rows["claims"].append(first | {"record_id": "zzz-none"})
        finding = the(mini.findings("reference.unknown"), line_of(mini, "claims", "zzz-none"))
        assert (finding.file, finding.field, finding.value) == ("data/claims.csv", "record_id", "zzz-none")

    def test_a_key_that_stands_twice_is_reported_at_both_lines(self, mini: Mini) -> None:
        mini.rows["places"].append(mini.row("places", id="XK") | {"name": "Again"})
        first, second = mini.findings("key.unique")
        assert (first.file, first.field, first.value) == ("data/places.csv", "id", "XK")
        assert second.line == first.line + 1
        assert f"the key id=XK is also in line {second.line}" in first.message
        assert f"the key id=XK is also in line {first.line}" in second.message
        assert "Delete one of the rows" in first.fix

    def test_a_key_of_several_fields_is_doubled_only_as_a_whole(self, mini: Mini) -> None:
        claim = mini.rows["claims"][0]
        mini.rows["claims"].append(claim | {"locator": "elsewhere"})
        doubled = mini.findings("key.unique")
        assert [f.file for f in doubled] == ["data/claims.csv"] * 2
        assert all(f"record_id={claim['record_id']}, field={claim['field']}" in f.message for f in doubled)

    def test_lines_are_those_of_the_file_also_below_a_line_that_cannot_be_read(self, mini: Mini) -> None:
        mini.row("places", id="XK")["kind"] = "planet"
        mini.save()
        file = mini.root / "data/places.csv"
        before = line_of(mini, "places", "XK")
        file.write_bytes(file.read_bytes().replace(b"\nAL,", b'\n"broken\n\nAL,', 1))
        found = {f.rule: f.line for f in check(mini.root).findings if f.file == "data/places.csv"}
        assert found["cell.category"] == before + 2
        assert {"file.quotes", "file.blank"} <= found.keys()

    def test_every_bad_cell_is_reported_in_one_run(self, mini: Mini) -> None:
        for rule, table, row, field, cell, *_ in FAILING[:3]:
            mini.row(table, id=row)[field] = cell
            assert rule in {"cell.required", "cell.type"}
        mini.row("places", id="XK")["kind"] = "planet"
        mini.row("facilities", id="fac-al-gjader")["place"] = "ZZ"
        found = {(f.rule, f.file) for f in mini.check().findings}
        assert found >= {
            ("cell.required", "data/deployments.csv"),
            ("cell.type", "data/deployments.csv"),
            ("cell.category", "data/places.csv"),
            ("reference.unknown", "data/facilities.csv"),
        }

    def test_a_finding_is_one_line_of_text(self, mini: Mini) -> None:
        mini.row("places", id="XK")["kind"] = "planet"
        (finding,) = mini.findings("cell.category")
        line = line_of(mini, "places", "XK")
        assert str(finding).startswith(f"data/places.csv:{line} kind: 'planet' is not")
        assert str(finding).endswith("[cell.category]")

    def test_a_file_out_of_order_is_named_from_the_first_line_that_differs(self, mini: Mini) -> None:
        file = mini.root / "data/places.csv"
        head, first, second, rest = file.read_text(encoding="utf-8").split("\n", 3)
        file.write_text("\n".join([head, second, first, rest]), encoding="utf-8")
        (finding,) = [f for f in check(mini.root).findings if f.rule == "form.canonical"]
        assert (finding.file, finding.line) == ("data/places.csv", 2)
        assert "--fix" in finding.fix

    def test_every_rule_of_the_schemas_has_an_example_here(self) -> None:
        assert STRUCTURE.keys() - {rule for rule, *_ in FAILING} <= {"key.unique"}
