"""Rules of double entry and of control totals: for each an example that fails and a near miss that does not.

How messages read and how grades are counted from real records is shown in test_double_entry.py; here each example is
a record of its own with claims of its own sources.
"""

from __future__ import annotations

import dataclasses
import random
import re
from collections import Counter

import pytest

from borderledger.package import Package
from tests.conftest import Mini
from tests.validate.rules.examples import Row, ledger
from validate import Finding
from validate.engine import check_package
from validate.evidence import evidence_findings
from validate.totals import control_totals

RECORD = "dep-a"
HELD = {"officers": "500", "officers_qualifier": "about", "date": "2025-06", "hosts": "BA;RS", "source_id": "first"}
AGREEING = [
    ("officers", "500", "about"),
    ("date", "2025-06", "exact"),
    ("hosts", "BA;RS", "exact"),
    ("agency", "frontex", "exact"),
    ("event", "snapshot", "exact"),
]
SOURCES = [{"id": "first", "publisher": "First"}, {"id": "second", "publisher": "Second"}]
LINE = {"officers": 2, "date": 3, "hosts": 4, "agency": 5, "event": 6}


def claim(field: str, value: str, qualifier: str = "exact", **more: str) -> Row:
    entry = {"verdict": "agrees", "source_id": "first", "locator": "p. 1"}
    return {"record_id": RECORD, "field": field, "value": value, "qualifier": qualifier, **entry, **more}


def findings(
    package: Package, rule: str, record: Row | None = None, claims: tuple[Row, ...] = (), **also: str
) -> list[Finding]:
    """What one rule of evidence says when the record, a claim that agrees (`officers="600"`) or more claims change."""
    stated = [claim(field, also.get(field, value), qualifier) for field, value, qualifier in AGREEING]
    stated = [c for c in stated if c["value"]] + list(claims)
    book = ledger(package, deployments=[HELD | (record or {})], claims=stated, sources=SOURCES)
    return sorted(f for f in evidence_findings(book, book.tables) if f.rule == rule)


class TestEvidenceMismatch:
    """A claim that was entered as agreeing says what the record says."""

    rule = "evidence.mismatch"

    @pytest.mark.parametrize(
        ("field", "value", "says"),
        [
            ("officers", "501", "501 but the claim from first says 500 (data/claims.csv:2)"),
            (
                "officers_qualifier",
                "exact",
                "500 (exact) but the claim from first says 500 (about) (data/claims.csv:2)",
            ),
            ("date", "2025-07", "2025-07 but the claim from first says 2025-06 (data/claims.csv:3)"),
            ("date", "2025-06-11", "2025-06-11 but the claim from first says 2025-06 (data/claims.csv:3)"),
            ("date", "2025-06~", "2025-06~ but the claim from first says 2025-06 (data/claims.csv:3)"),
            ("hosts", "BA", "BA but the claim from first says BA;RS (data/claims.csv:4)"),
            ("event", "launch", "launch but the claim from first says snapshot (data/claims.csv:6)"),
        ],
    )
    def test_fires_on_a_changed_record(self, whole: Package, field: str, value: str, says: str) -> None:
        (found,) = findings(whole, self.rule, {field: value})
        name = field.removesuffix("_qualifier")
        assert str(found) == f"data/deployments.csv:2 {name}: {says} [evidence.mismatch]"
        assert "Open the source and correct the cell or the claim" in found.fix

    def test_fires_with_the_claim_named_as_the_design_has_it(self, whole: Package) -> None:
        (found,) = findings(whole, self.rule, {"officers": "3367"}, officers="3376")
        shape = r"data/\w+\.csv:\d+ officers: 3367 but the claim from \S+ says 3376 \(.+\) \[evidence\.mismatch\]"
        assert re.fullmatch(shape, str(found))

    @pytest.mark.parametrize(
        ("field", "value"), [("officers", "505"), ("date", "2025-07"), ("hosts", "BA"), ("event", "end")]
    )
    def test_fires_on_a_changed_claim_while_another_agrees(self, whole: Package, field: str, value: str) -> None:
        held = {f: (v, q) for f, v, q in AGREEING}[field]
        (found,) = findings(whole, self.rule, claims=(claim(field, *held, source_id="second"),), **{field: value})
        assert f"the claim from first says {value}" in found.message

    def test_passes_what_agrees_and_what_was_entered_as_something_else(self, whole: Package) -> None:
        more = (
            claim("officers", "600", source_id="second", verdict="contradicts"),
            claim("date", "2025", source_id="second", verdict="coarser"),
            claim("hosts", "WB6", source_id="second", verdict="coarser"),
        )
        assert findings(whole, self.rule, claims=more) == []


class TestEvidenceVerdict:
    """The verdict on a claim follows from the two values, so that no slip passes for a dispute."""

    rule = "evidence.verdict"

    @pytest.mark.parametrize(
        ("field", "value", "qualifier", "entered", "computed"),
        [
            ("officers", "500", "about", "contradicts", "agrees"),
            ("officers", "500", "exact", "contradicts", "finer"),
            ("officers", "400", "at_least", "contradicts", "coarser"),
            ("officers", "600", "exact", "coarser", "contradicts"),
            ("date", "2025", "exact", "finer", "coarser"),
            ("date", "2025-06-11", "exact", "contradicts", "finer"),
            ("date", "2024", "exact", "coarser", "contradicts"),
            ("hosts", "WB6", "exact", "contradicts", "coarser"),
            ("event", "launch", "exact", "remark", "contradicts"),
            ("title", "Another title", "exact", "contradicts", "remark"),
        ],
    )
    def test_fires_on_another_verdict_than_follows(
        self, whole: Package, field: str, value: str, qualifier: str, entered: str, computed: str
    ) -> None:
        more = claim(field, value, qualifier, source_id="second", verdict=entered)
        (found,) = findings(whole, self.rule, claims=(more,))
        assert (found.file, found.line, found.field, found.value) == ("data/claims.csv", 7, "verdict", entered)
        said = {"agrees": "agrees with", "contradicts": "contradicts", "remark": "is a remark on"}
        compared = said.get(computed, f"is {computed} than")
        assert f"the verdict is {entered}, but {value} {compared} " in found.message
        assert found.message.endswith(" in dep-a (data/deployments.csv:2)")
        assert f"or enter the verdict {computed}." in found.fix

    def test_fires_when_the_record_takes_the_value_of_the_contradicting_claim(self, whole: Package) -> None:
        more = claim("officers", "600", "exact", source_id="second", verdict="contradicts")
        record = {"officers": "600", "officers_qualifier": "exact"}
        assert [f.line for f in findings(whole, self.rule, record, (more,))] == [7]
        assert len(findings(whole, "evidence.mismatch", record, (more,))) == 1

    @pytest.mark.parametrize(
        ("field", "value", "qualifier", "entered"),
        [
            ("officers", "500", "about", "agrees"),
            ("officers", "520", "exact", "finer"),
            ("officers", "400", "at_least", "coarser"),
            ("officers", "600", "exact", "contradicts"),
            ("date", "2025", "exact", "coarser"),
            ("hosts", "WB6", "exact", "coarser"),
            ("title", "Another title", "exact", "remark"),
        ],
    )
    def test_passes_the_verdict_that_follows(
        self, whole: Package, field: str, value: str, qualifier: str, entered: str
    ) -> None:
        more = claim(field, value, qualifier, source_id="second", verdict=entered)
        assert findings(whole, self.rule, claims=(more,)) == []


class TestEvidenceMissing:
    """An evidence-bound cell is filled only if a claim of a source agrees with it."""

    rule = "evidence.missing"

    def test_fires_on_a_cell_that_no_source_states(self, whole: Package) -> None:
        (found,) = findings(whole, self.rule, {"border": "BA-HR land"})
        assert (found.file, found.line, found.field) == ("data/deployments.csv", 2, "border")
        assert found.message == "BA-HR land has no claim"
        assert "dep-a,border,BA-HR land,exact,agrees," in found.fix

    def test_fires_when_the_last_claim_that_agrees_is_gone(self, whole: Package) -> None:
        more = claim("officers", "510", source_id="second", verdict="finer")
        (found,) = findings(whole, self.rule, claims=(more,), officers="")
        assert found.message == "500 has no claim that agrees with it"

    def test_passes_empty_cells_and_those_that_are_not_bound(self, whole: Package) -> None:
        assert findings(whole, self.rule, {"note": "Ours.", "border": ""}) == []


class TestEvidenceUnused:
    """A cell is not left empty when a source states it."""

    rule = "evidence.unused"

    def test_fires_on_an_empty_cell_that_a_source_states(self, whole: Package) -> None:
        (found,) = findings(whole, self.rule, {"date": ""})
        assert (found.file, found.line, found.field) == ("data/deployments.csv", 2, "date")
        assert found.message == "is empty, but the claim from first says 2025-06 (data/claims.csv:3)"
        assert "Fill the cell with what the source says" in found.fix

    def test_passes_a_note_that_a_source_could_fill(self, whole: Package) -> None:
        assert findings(whole, self.rule, {"note": ""}, (claim("note", "From the source", verdict="remark"),)) == []


class TestEvidenceField:
    """A claim is about a field of its record."""

    rule = "evidence.field"

    @pytest.mark.parametrize("field", ["amount_eur", "officer", "id", "source_id", "officers_qualifier"])
    def test_fires_on_what_is_no_field_that_a_source_can_state(self, whole: Package, field: str) -> None:
        (found,) = findings(whole, self.rule, claims=(claim(field, "5"),))
        assert (found.file, found.line, found.field) == ("data/claims.csv", 7, "field")
        assert found.message == f"{field!r} is not a field of deployments that a source can state"
        assert "Use one of: title, agency," in found.fix

    @pytest.mark.parametrize("field", ["officers_max", "title", "note"])
    def test_passes_fields_bound_or_not(self, whole: Package, field: str) -> None:
        assert findings(whole, self.rule, claims=(claim(field, "5"),)) == []


class TestEvidenceValue:
    """A claim states its value in the form of the field it is about."""

    rule = "evidence.value"

    @pytest.mark.parametrize(
        ("field", "value", "message"),
        [
            ("officers", "1,000", "is not a whole number in canonical form"),
            ("date", "June 2025", "is not YYYY, YYYY-MM or YYYY-MM-DD"),
            ("event", "party", "'party' is not among the values of event"),
            ("hosts", "RS;BA", "is not a sorted list; expected 'BA;RS'"),
            ("title", "=A1", "starts with '='"),
        ],
    )
    def test_fires_on_another_form(self, whole: Package, field: str, value: str, message: str) -> None:
        (found,) = findings(whole, self.rule, claims=(claim(field, value),))
        assert (found.file, found.line, found.field) == ("data/claims.csv", 7, "value")
        assert message.replace(" a event", "").split("'party' is not")[-1] in found.message.replace(" a event", "")
        assert found.fix

    @pytest.mark.parametrize(("field", "value"), [("officers", "1000"), ("date", "2025~"), ("title", "June 2025")])
    def test_passes_the_form_of_the_field(self, whole: Package, field: str, value: str) -> None:
        assert findings(whole, self.rule, claims=(claim(field, value),)) == []


class TestEvidenceSource:
    """The source to read first states something about the record."""

    rule = "evidence.source"

    def test_fires_on_a_source_that_is_silent_about_it(self, whole: Package) -> None:
        (found,) = findings(whole, self.rule, {"source_id": "second"})
        assert (found.file, found.line, found.field) == ("data/deployments.csv", 2, "source_id")
        assert found.message == "second states nothing about dep-a"
        assert found.fix == "Use a source that does: first."

    def test_passes_a_source_that_only_contradicts(self, whole: Package) -> None:
        more = claim("officers", "600", source_id="second", verdict="contradicts")
        assert findings(whole, self.rule, {"source_id": "second"}, (more,)) == []


BULK = [
    {"id": f"ret-{n}", "to_place": "AL", "period": f"2015-0{1 + n % 9}", "quantity": str(n), "source_id": "file"}
    for n in range(20)
]


def batch(package: Package, held: list[Row], counted: list[Row] = BULK, **entered: str) -> list[Finding]:
    """What control totals say when these rows were counted and those are held."""
    book = ledger(package, returns=counted)
    totals = control_totals(package.tables["returns"], book.records("returns").values())
    totals = [{**total, **entered} for total in totals]
    book = ledger(package, returns=held, control_totals=totals, sources=[{"id": "file"}])
    return sorted(evidence_findings(book, book.tables))


class TestTotalsDiffer:
    """The rows of a batch are those that were counted when it was entered."""

    rule = "totals.differ"

    @pytest.mark.parametrize("at", range(0, 20, 3))
    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [
            ("quantity", "99", "total "),
            ("from_place", "RS", "same rows and total, other text"),
            ("id", "ret-another", "same rows and total, other text"),
            ("note", "Changed.", "same rows and total, other text"),
            ("quantity", "", "total "),
        ],
    )
    def test_fires_with_the_line_of_the_changed_row(
        self, whole: Package, at: int, field: str, value: str, said: str
    ) -> None:
        if BULK[at]["quantity"] == "0" and not value:
            said = "other text"
        held = [row | {field: value} if n == at else row for n, row in enumerate(BULK)]
        (found,) = batch(whole, held)
        assert (found.rule, found.file, found.field) == (self.rule, "data/returns.csv", "quantity")
        lines = set(map(int, re.findall(r"\d+", found.message.partition("look at line ")[2])))
        assert at + 2 in lines
        assert found.line in lines
        assert len(lines) < len(BULK) / 2
        assert f"not those counted in data/control_totals.csv:2: {said}" in found.message.replace(
            "same rows and total, other text", said if said == "other text" else "same rows and total, other text"
        )
        assert found.fix.endswith("python -m validate --seal file")

    def test_names_the_changed_row_alone_unless_its_hash_stays_in_the_block(self, whole: Package) -> None:
        """One in eight does."""
        alone = 0
        for at in range(len(BULK)):
            (found,) = batch(whole, [row | {"note": "Changed."} if n == at else row for n, row in enumerate(BULK)])
            alone += found.message.endswith(f"; look at line {at + 2}")
        assert len(BULK) * 0.75 < alone < len(BULK)

    def test_fires_on_each_lost_and_each_doubled_row(self, whole: Package) -> None:
        for at in range(len(BULK)):
            (lost,) = batch(whole, BULK[:at] + BULK[at + 1 :])
            assert (lost.rule, "rows 19, not 20" in lost.message) == (self.rule, True)
            assert lost.message.endswith("; a row that was there is gone")
            (doubled,) = batch(whole, [*BULK, BULK[at]])
            assert (doubled.rule, "rows 21, not 20" in doubled.message) == (self.rule, True)
            assert re.search(rf"\b{at + 2}\b.*, 22$", doubled.message)

    @pytest.mark.parametrize(
        ("field", "value"), [("rows", "19"), ("total", "191"), ("digest", "0" * 64), ("digest", "0")]
    )
    def test_fires_on_a_changed_control_total(self, whole: Package, field: str, value: str) -> None:
        (found,) = batch(whole, BULK, **{field: value})
        assert found.rule == self.rule
        assert "data/control_totals.csv:2" in (
            f"{found.file}:{found.line}",
            *re.findall(r"data/\S+:\d+", found.message),
        )

    def test_passes_the_rows_that_were_counted_in_any_order(self, whole: Package) -> None:
        shuffled = random.Random(1).sample(BULK, len(BULK))
        assert batch(whole, shuffled) == []


class TestTotalsMissing:
    """Every batch has a control total, and every control total a batch."""

    rule = "totals.missing"

    def test_fires_on_a_batch_that_was_never_counted(self, whole: Package) -> None:
        more = {"id": "ret-more", "to_place": "RS", "period": "2015", "quantity": "1", "source_id": "file"}
        (found,) = batch(whole, [*BULK, more])
        assert (found.file, found.line, found.field) == ("data/returns.csv", 22, "source_id")
        assert found.message == "1 rows of file RS 2015 have no control total"

    def test_fires_on_a_control_total_without_rows(self, whole: Package) -> None:
        found = batch(whole, [])
        assert [(f.rule, f.file, f.line, f.field) for f in found] == [(self.rule, "data/control_totals.csv", 2, "rows")]
        assert found[0].message == "20 rows of returns from file AL 2015 were counted, but none is left"

    @pytest.mark.parametrize("table", ["agreements", "nothing"])
    def test_fires_on_a_table_without_batches(self, whole: Package, table: str) -> None:
        found = [f for f in batch(whole, [], table=table) if f.field == "table"]
        assert [f.message for f in found] == [f"{table!r} is not a table with batches"]
        assert found[0].fix == "Use one of: projects, returns, operations, operation_states, crossings, claims."

    @pytest.mark.parametrize(("field", "value"), [("place", "RS"), ("year", "2016"), ("source_id", "another")])
    def test_fires_on_both_sides_of_a_total_that_moved(self, whole: Package, field: str, value: str) -> None:
        found = batch(whole, BULK, **{field: value})
        assert ("data/control_totals.csv", 2) in {(f.file, f.line) for f in found if f.rule == self.rule}

    def test_passes_curated_rows_which_claims_bind(self, whole: Package) -> None:
        curated = {"id": "ret-more", "to_place": "RS", "period": "2015", "quantity": "1", "source_id": "another"}
        assert [f for f in batch(whole, [*BULK, curated]) if f.rule.startswith("totals.")] == []


class TestGrades:
    """The grade of a record is that of its worst bound field: the summary counts records by grade."""

    KINDS = ("news", "blog", "repost", "legal")

    def grade(
        self, package: Package, kinds: tuple[str, ...], publishers: str = "AB", reprint: str = "", **last: str
    ) -> str:
        sources = [
            {"id": name, "kind": kind, "publisher": publisher, "title": name, "accessed": "2026-01-01"}
            for name, kind, publisher in zip(("first", "second"), kinds, publishers, strict=False)
        ]
        sources[-1]["reprint_of"] = reprint
        stated = [claim(*entry, source_id=source["id"]) for entry in AGREEING for source in sources]
        stated[-1].update(last)
        book = ledger(package, deployments=[HELD], claims=stated, sources=sources)
        report = check_package(dataclasses.replace(book.package, root=package.root))
        grades = Counter(dict(next(t for t in report.tables if t.table == "deployments").grades))
        ((grade, count),) = (+grades).items()
        assert count == 1
        return grade

    @pytest.mark.parametrize(
        ("kinds", "publishers", "reprint", "grade"),
        [
            (("news",), "A", "", "single"),
            (("legal",), "A", "", "single"),
            (("blog",), "A", "", "weak"),
            (("repost",), "A", "", "weak"),
            (("blog", "repost"), "AB", "", "weak"),
            (("news", "blog"), "AB", "", "single"),
            (("news", "news"), "AB", "", "corroborated"),
            (("news", "news"), "AA", "", "single"),
            (("news", "news"), "Aa", "", "single"),
            (("news", "news"), "AB", "first", "single"),
        ],
    )
    def test_two_publishers_without_a_reprint_corroborate(
        self, whole: Package, kinds: tuple[str, ...], publishers: str, reprint: str, grade: str
    ) -> None:
        assert self.grade(whole, kinds, publishers, reprint) == grade

    def test_one_contradicted_field_makes_the_record_disputed(self, whole: Package) -> None:
        assert self.grade(whole, ("news", "news"), value="launch", verdict="contradicts") == "disputed"

    def test_a_coarser_claim_is_no_dispute_and_no_second_voice(self, whole: Package) -> None:
        grade = self.grade(whole, ("news", "news"), record_id=RECORD, field="date", value="2025", verdict="coarser")
        assert grade == "single"

    def test_rows_under_a_control_total_are_bulk(self, mini: Mini) -> None:
        bound = {(r["table"], r["source_id"]) for r in mini.rows["control_totals"]}
        wanted = sum(("returns", row["source_id"]) in bound for row in mini.rows["returns"])
        summary = next(t for t in mini.check(graded=True).tables if t.table == "returns")
        assert dict(summary.grades)["bulk"] == wanted > 0
