"""Rules that follow from the schemas: every cell is what its field says, keys are unique, references resolve."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import narwhals as nw
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from borderledger.package import Field, Package
from tests.conftest import Mini
from tests.validate.rules.examples import Row, ledger
from validate import Finding, check
from validate.cells import cell_tests, clear, text_test, unclear
from validate.structure import table_findings


def findings(package: Package, rule: str, table: str, rows: list[Row], **others: list[Row]) -> list[Finding]:
    """What one rule of the structure layer says of these rows of one table."""
    book = ledger(package, **{table: rows}, **others)
    return sorted({f for f in table_findings(package.tables[table], book, book.tables) if f.rule == rule})


def wrong(package: Package, rule: str, table: str, field: str, cell: str) -> tuple[str, str]:
    """What a test of cells says of one cell of a field: what is wrong and what to do, both empty if it passes."""
    tests = (*text_test(), *cell_tests(package.tables[table].by_name[field]))
    return next(((why, t.fix) for t in tests if t.rule == rule and (why := t.fails(cell))), ("", ""))


class TestCellType:
    """A figure and a day have one spelling."""

    rule = "cell.type"

    @pytest.mark.parametrize(
        ("table", "field", "cell", "message"),
        [
            ("returns", "quantity", "1_000", "'1_000' is not a whole number"),
            ("returns", "quantity", "1,000", "is not a whole number"),
            ("returns", "quantity", "1 000", "is not a whole number"),
            ("returns", "quantity", "+5", "is not a whole number"),
            ("returns", "quantity", "05", "is not a whole number"),
            ("returns", "quantity", "5.0", "is not a whole number"),
            ("returns", "quantity", "1e3", "is not a whole number"),
            ("returns", "quantity", "٣", "is not a whole number"),
            ("returns", "quantity", "-0", "is not a whole number"),
            ("returns", "quantity", "-1", "-1 is below the minimum of 0"),
            ("control_totals", "rows", "0", "0 is below the minimum of 1"),
            ("projects", "amount_eur", "1.50", "'1.50' is not a number"),
            ("projects", "amount_eur", ".5", "is not a number"),
            ("projects", "amount_eur", "nan", "is not a number"),
            ("projects", "amount_eur", "inf", "is not a number"),
            ("sources", "accessed", "2026-1-5", "'2026-1-5' is not a day in the form YYYY-MM-DD"),
            ("sources", "accessed", "05.01.2026", "is not a day in the form"),
            ("sources", "accessed", "2026-02-30", "2026-02-30 is not a day of the calendar"),
        ],
    )
    def test_fires_on_another_spelling(self, whole: Package, table: str, field: str, cell: str, message: str) -> None:
        why, fix = wrong(whole, self.rule, table, field, cell)
        assert message in why
        assert "Write" in fix

    @pytest.mark.parametrize(
        ("table", "field", "cell"),
        [
            ("returns", "quantity", "0"),
            ("returns", "quantity", "10"),
            ("projects", "amount_eur", "0.05"),
            ("projects", "amount_eur", "1234567.89"),
            ("sources", "accessed", "2024-02-29"),
        ],
    )
    def test_passes_the_canonical_spelling(self, whole: Package, table: str, field: str, cell: str) -> None:
        assert wrong(whole, self.rule, table, field, cell) == ("", "")


class TestCellDate:
    """A date is as precise as its source, and a real date."""

    rule = "cell.date"

    @pytest.mark.parametrize(
        ("cell", "message"),
        [
            ("2023-02-30", "is not a day of the calendar"),
            ("2023-13", "is not a day of the calendar"),
            ("2025-6", "is not YYYY, YYYY-MM or YYYY-MM-DD"),
            ("06/2025", "is not YYYY"),
            ("2025?", "is not YYYY"),
            ("2025-06/2024-06", "is reversed: it ends before it starts"),
            ("../..", "is open at both ends"),
        ],
    )
    def test_fires_on_what_is_no_date(self, whole: Package, cell: str, message: str) -> None:
        why, fix = wrong(whole, self.rule, "agreements", "signed", cell)
        assert message in why
        assert "2025-06~ (about)" in fix

    @pytest.mark.parametrize(
        "cell", ["2025", "2025-06", "2024-02-29", "2025-06~", "2025~", "2020-11/2022-10", "../2025", "2025-06/.."]
    )
    def test_passes_each_form(self, whole: Package, cell: str) -> None:
        assert wrong(whole, self.rule, "agreements", "signed", cell) == ("", "")


class TestCellCategory:
    """A classification uses the words that the data dictionary defines."""

    rule = "cell.category"

    @pytest.mark.parametrize(
        ("table", "field", "cell", "named"),
        [
            ("agreements", "status", "in force", "'in force'"),
            ("agreements", "status", "In_force", "'In_force'"),
            ("projects", "themes", "asylum;houses;return", "'houses'"),
        ],
    )
    def test_fires_on_another_word(self, whole: Package, table: str, field: str, cell: str, named: str) -> None:
        why, fix = wrong(whole, self.rule, table, field, cell)
        assert named in why
        assert fix.startswith("Use one of: ")

    @pytest.mark.parametrize(("field", "cell"), [("kind", "grant"), ("themes", "asylum"), ("themes", "asylum;return")])
    def test_passes_the_words_that_are_defined(self, whole: Package, field: str, cell: str) -> None:
        assert wrong(whole, self.rule, "projects", field, cell) == ("", "")


class TestCellPattern:
    """Identifiers, codes and addresses have a fixed form."""

    rule = "cell.pattern"

    @pytest.mark.parametrize(
        ("table", "field", "cell"),
        [
            ("agreements", "id", "dep-a"),
            ("agreements", "id", "agr-A"),
            ("agreements", "id", "agr-a-"),
            ("agreements", "celex", "2007A1219"),
            ("agreements", "celex", "22007A1219(1)"),
            ("agreements", "celex", "OJ L 334"),
            ("projects", "original_currency", "eur"),
            ("projects", "original_currency", "US$"),
            ("sources", "url", "ftp://a.example/"),
            ("sources", "url", "javascript:alert(1)"),
            ("sources", "url", "data:text/html,hello"),
            ("sources", "url", "www.a.example"),
            ("sources", "url", "https://a.example/a b"),
            ("sources", "url", 'https://a.example/"onclick'),
            ("sources", "archive_url", "file:///etc/hosts"),
            ("deployments", "border", "BA-HR"),
            ("control_totals", "digest", "0" * 63),
        ],
    )
    def test_fires_on_another_form(self, whole: Package, table: str, field: str, cell: str) -> None:
        why, fix = wrong(whole, self.rule, table, field, cell)
        assert why == f"{cell!r} does not have the form of {field}"
        assert "(for programs: " in fix

    @pytest.mark.parametrize(
        ("table", "field", "cell"),
        [
            ("agreements", "id", "agr-status-ba-2025"),
            ("agreements", "celex", "22007A1219(01)"),
            ("agreements", "celex", "32025D1348"),
            ("projects", "original_currency", "CHF"),
            ("sources", "url", "http://a.example/?q=%20&x=1#top"),
            ("sources", "url", "https://a.example"),
            ("deployments", "border", "BA-HR land (Bihac);RS air"),
        ],
    )
    def test_passes_the_form(self, whole: Package, table: str, field: str, cell: str) -> None:
        assert wrong(whole, self.rule, table, field, cell) == ("", "")


class TestCellList:
    """A list has one spelling."""

    rule = "cell.list"

    @pytest.mark.parametrize(
        ("cell", "expected"),
        [("BA;AL", "AL;BA"), ("AL;AL", "AL"), ("AL; BA", "AL;BA"), ("AL;;BA", "AL;BA"), ("AL;", "AL"), (";", "")],
    )
    def test_fires_on_another_order_or_spacing(self, whole: Package, cell: str, expected: str) -> None:
        why, fix = wrong(whole, self.rule, "deployments", "hosts", cell)
        assert why == f"{cell!r} is not a sorted list; expected {expected!r}"
        assert "Separate items by `;`" in fix

    @pytest.mark.parametrize("cell", ["AL", "AL;BA", "EU;frontex"])
    def test_passes_a_sorted_list(self, whole: Package, cell: str) -> None:
        assert wrong(whole, self.rule, "deployments", "hosts", cell) == ("", "")


class TestTextForm:
    """Text has one spelling and nothing that cannot be seen."""

    rule = "text.form"

    @pytest.mark.parametrize(
        ("cell", "message"),
        [
            (" A", "has spaces at an end or twice in a row"),
            ("A ", "has spaces at an end"),
            ("A  B", "twice in a row"),
            ("A\u00a0B", "U+00A0"),
            ("A\u200bB", "U+200B"),
            ("A\u202eB", "U+202E"),
            ("A\ufeff", "U+FEFF"),
            ("A\x1b[31m", "U+001B"),
            ("A\x00", "U+0000"),
            ("Gjade\u0308r", "is not in Unicode normal form C"),
            ("Gjad\u00c3\u00abr", "was read in another encoding; it was probably 'Gjadër'"),
            ("Pre\u00c5\u00a1evo", "it was probably 'Preševo'"),
            ("Frontex\u00e2\u20ac\u2122s", "it was probably 'Frontex’s'"),
        ],
    )
    def test_fires_on_what_cannot_be_seen(self, whole: Package, cell: str, message: str) -> None:
        why, fix = wrong(whole, self.rule, "agreements", "title", cell)
        assert message in why
        assert "python -m validate --fix" in fix

    @pytest.mark.parametrize("cell", ["Gjadër", "Скопје", "A – B", "„A“"])
    def test_passes_every_script(self, whole: Package, cell: str) -> None:
        assert wrong(whole, self.rule, "agreements", "title", cell) == ("", "")


class TestTextFormula:
    """A spreadsheet runs a cell that starts like a formula."""

    rule = "text.formula"

    @pytest.mark.parametrize(
        "cell", ["=1+1", '=HYPERLINK("http://a.example")', "+1 (sum)", "@SUM(A1)", "-x", "-", "\t=1"]
    )
    def test_fires_on_a_cell_that_starts_like_one(self, whole: Package, cell: str) -> None:
        why, fix = wrong(whole, self.rule, "agreements", "note", cell)
        assert f"starts with {cell[0]!r}, so a spreadsheet would run it as a formula" in why
        assert fix == "Begin the cell with a word."

    @pytest.mark.parametrize("cell", ["1 + 1 = 2", "a=b", "-5", "desk @ Tirana", "(=)"])
    def test_passes_the_same_signs_further_on(self, whole: Package, cell: str) -> None:
        assert wrong(whole, self.rule, "agreements", "note", cell) == ("", "")


class TestCellRequired:
    """A field without which the row says nothing is filled."""

    rule = "cell.required"

    @pytest.mark.parametrize(
        ("table", "field"), [("agreements", "party_b"), ("returns", "period"), ("claims", "locator")]
    )
    def test_fires_on_an_empty_cell(self, whole: Package, table: str, field: str) -> None:
        found = [f for f in findings(whole, self.rule, table, [{field: ""}]) if f.field == field]
        assert [(f.file, f.line, f.message) for f in found] == [(f"data/{table}.csv", 2, "is empty")]
        assert " is required: " in found[0].fix

    def test_passes_an_empty_cell_of_any_other_field(self, whole: Package) -> None:
        found = findings(whole, self.rule, "agreements", [{"source_id": "s"}])
        assert found == []


class TestKeyUnique:
    """A key names one row."""

    rule = "key.unique"

    def test_fires_on_every_row_of_a_doubled_key_and_names_the_others(self, whole: Package) -> None:
        rows = [{"id": "agr-a"}, {"id": "agr-b"}, {"id": "agr-a", "title": "B"}]
        found = findings(whole, self.rule, "agreements", rows)
        assert [(f.line, f.field, f.message) for f in found] == [
            (2, "id", "the key id=agr-a is also in line 4"),
            (4, "id", "the key id=agr-a is also in line 2"),
        ]
        assert "Delete one of the rows" in found[0].fix

    def test_fires_on_a_doubled_key_of_several_fields(self, whole: Package) -> None:
        row = {"source_id": "s", "table": "claims"}
        found = findings(whole, self.rule, "control_totals", [row, row, {**row, "year": "2024"}])
        assert [f.line for f in found] == [2, 3]

    def test_passes_keys_that_differ_in_one_field(self, whole: Package) -> None:
        row = {"record_id": "agr-a", "field": "signed", "source_id": "s", "value": "2024"}
        rows = [row, *({**row, name: "other"} for name in row)]
        assert findings(whole, self.rule, "claims", rows) == []


class TestReferenceUnknown:
    """A reference leads to a row that exists."""

    rule = "reference.unknown"

    @pytest.mark.parametrize(
        ("table", "field", "cell", "message"),
        [
            ("agreements", "source_id", "nowhere", "'nowhere' is not in data/sources.csv"),
            ("agreements", "replaces", "agr-x", "'agr-x' is not in data/agreements.csv"),
            ("agreements", "implements", "agr-x", "'agr-x' is not in data/agreements.csv"),
            ("agreements", "party_b", "BA;YY", "'YY' is not in data/places.csv or data/organisations.csv"),
            ("deployments", "agreement_id", "agr-x", "'agr-x' is not in data/agreements.csv"),
            ("deployments", "part_of", "dep-x", "'dep-x' is not in data/deployments.csv"),
            ("deployments", "hosts", "ba", "'ba' is not in data/places.csv"),
            ("returns", "to_place", "YY", "'YY' is not in data/places.csv"),
            ("activities", "project_id", "prj-x", "'prj-x' is not in data/projects.csv"),
            ("claims", "record_id", "agr-x", "'agr-x' is not in data/agreements.csv or "),
            ("sources", "reprint_of", "nowhere", "'nowhere' is not in data/sources.csv"),
            ("organisations", "place", "YY", "'YY' is not in data/places.csv"),
        ],
    )
    def test_fires_on_a_reference_to_nowhere(
        self, whole: Package, table: str, field: str, cell: str, message: str
    ) -> None:
        found = [f for f in findings(whole, self.rule, table, [{field: cell}]) if f.field == field]
        assert [(f.file, f.line) for f in found] == [(f"data/{table}.csv", 2)]
        assert message in found[0].message
        assert "Correct the spelling, or add the row first." in found[0].fix

    def test_passes_rows_that_exist_and_empty_cells(self, whole: Package) -> None:
        row = {"source_id": "s", "party_a": "HR;frontex", "replaces": "agr-b"}
        rows = [row, {"id": "agr-b", "source_id": "s", "party_a": "HR"}]
        others = {"sources": [{"id": "s"}], "organisations": [{"id": "frontex"}]}
        assert findings(whole, self.rule, "agreements", rows, **others) == []


class TestFormCanonical:
    """A file has one spelling: rows sorted by key, quotes only where needed."""

    rule = "form.canonical"

    def rewrite(self, mini: Mini, old: str, new: str) -> list[Finding]:
        file = mini.save() / "data/agreements.csv"
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")
        return [f for f in check(mini.root).findings if f.rule == self.rule]

    def test_fires_on_rows_out_of_order(self, mini: Mini) -> None:
        file = mini.save() / "data/agreements.csv"
        head, first, second = file.read_text(encoding="utf-8").splitlines()[:3]
        found = self.rewrite(mini, f"{head}\n{first}\n{second}\n", f"{head}\n{second}\n{first}\n")
        assert [(f.file, f.line, f.field) for f in found] == [("data/agreements.csv", 2, "")]
        assert "rows sorted by key" in found[0].message
        assert found[0].fix == "Run python -m validate --fix"

    def test_fires_on_quotes_that_are_not_needed(self, mini: Mini) -> None:
        found = self.rewrite(mini, "\nagr-status-rs-2024,", '\n"agr-status-rs-2024",')
        lines = (mini.root / "data/agreements.csv").read_text(encoding="utf-8").splitlines()
        line = next(n for n, text in enumerate(lines, 1) if text.startswith('"agr-status-rs-2024"'))
        assert [(f.file, f.line) for f in found] == [("data/agreements.csv", line)]

    def test_passes_quotes_around_a_comma(self, mini: Mini) -> None:
        mini.row("agreements", id="agr-status-rs-2024")["note"] = 'one, "two"'
        assert mini.findings(self.rule) == []
        assert '"one, ""two"""' in (mini.root / "data/agreements.csv").read_text(encoding="utf-8")


class TestWhatNeedsNoTest:
    """A form that is looked for first saves the tests of most cells. It never clears a cell that would fail one."""

    #: Pieces of good cells and of bad ones; put together at random, they make both.
    pieces = st.sampled_from(
        [*"0059-~/.;, =@+\u200b\tÄa", "2025", "-02", "-30", "exact", "ret", "-al", "AL", "  ", "\n"]
    )
    cells = st.lists(st.lists(pieces, max_size=6).map("".join), max_size=12)

    @given(cells=cells)
    @example(cells=["b;a", "AL;AL", "2025-02-30", "9999999999999999999", "ret-"])
    def test_a_cell_that_is_cleared_passes_every_test(self, whole: Package, cells: list[str]) -> None:
        for field, held in self.columns(whole, cells):
            for cell in held - unclear(field, held):
                assert not [test.rule for test in (*text_test(), *cell_tests(field)) if test.fails(cell)]

    @given(cells=cells)
    @example(cells=["b;a", "AL;AL", "2025-02-30", "9999999999999999999", "ret-"])
    def test_python_clears_what_an_engine_clears(self, whole: Package, cells: list[str]) -> None:
        for field, held in self.columns(whole, cells):
            rows = nw.from_native(pl.DataFrame({field.name: [*held]}, schema={field.name: pl.String}))
            assert unclear(field, held) == {*rows.filter(~clear(field, nw.col(field.name)))[field.name]}

    @pytest.mark.parametrize(
        ("pattern", "bad"),
        [
            ("(?:a*-b)", "-b"),
            ("(?:[a-z]*-b)", "-b"),
            ("(?:-b)", "-b"),
            ("(?:[+-9]b)", "-b"),
            ("(?:[b-]b)", "-b"),
            ("(?:b|-b)", "-b"),
            ("(?:b?-b)", "-b"),
            ("(?:b b*)", "b "),
            ("(?:b.*)", "b\u200b"),
            ("(?:[^a])", "="),
        ],
    )
    def test_a_pattern_does_not_stand_for_the_tests_of_text_if_bad_text_has_it(
        self, whole: Package, pattern: str, bad: str
    ) -> None:
        field = replace(whole.tables["sources"].by_name["id"], pattern=pattern)
        assert re.fullmatch(pattern, bad)
        assert any(test.fails(bad) for test in text_test())
        assert unclear(field, {bad}) == {bad}

    def columns(self, whole: Package, cells: list[str]) -> Iterator[tuple[Field, set[str]]]:
        for table in whole.tables.values():
            for field in table.fields:
                yield field, {*cells, *field.categories} - {""}
