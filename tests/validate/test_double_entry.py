"""Double entry: what happens when a record and its claims part ways."""

import re

import pytest

from tests.conftest import Mini
from validate import Report

GJADER = "fac-al-gjader"
OFFICERS = "dep-frontex-wb6-2025-06"


class TestMismatch:
    """A claim that was entered as agreeing says what the record says."""

    def test_names_the_line_both_values_and_the_source(self, mini: Mini) -> None:
        mini.row("deployments", id=OFFICERS)["officers"] = "600"
        (finding,) = mini.findings("evidence.mismatch")
        shape = r"data/deployments\.csv:\d+ officers: 600 but the claim from founding-article says 500 "
        assert re.match(shape + r"\(data/claims\.csv:\d+\) \[evidence\.mismatch\]", str(finding))
        assert "correct the cell or the claim" in finding.fix

    def test_sees_a_changed_qualifier(self, mini: Mini) -> None:
        mini.row("deployments", id=OFFICERS)["officers_qualifier"] = "exact"
        (finding,) = mini.findings("evidence.mismatch")
        assert "500 (exact) but the claim from founding-article says 500 (about)" in finding.message

    def test_sees_a_changed_claim_behind_its_control_total(self, mini: Mini) -> None:
        mini.row("claims", record_id=OFFICERS, field="officers")["value"] = "501"
        assert mini.findings("evidence.mismatch", sealed=True)

    def test_sees_a_record_that_takes_the_value_of_a_contradicting_claim(self, mini: Mini) -> None:
        other = mini.row("claims", record_id=GJADER, field="capacity", verdict="contradicts")
        mini.row("facilities", id=GJADER)["capacity"] = other["value"]
        rules = {f.rule for f in mini.check().findings}
        assert {"evidence.mismatch", "evidence.verdict"} <= rules


class TestVerdict:
    """The verdict follows from the two values."""

    @pytest.mark.parametrize("entered", ["coarser", "finer", "contradicts", "remark"])
    def test_refuses_any_other_than_agrees_on_the_same_value(self, mini: Mini, entered: str) -> None:
        mini.row("claims", record_id=OFFICERS, field="hosts")["verdict"] = entered
        (finding,) = mini.findings("evidence.verdict")
        assert (finding.field, finding.value) == ("verdict", entered)
        assert finding.fix.endswith("enter the verdict agrees.")

    def test_keeps_a_dispute_that_was_entered_on_purpose(self, mini: Mini) -> None:
        mini.claim(OFFICERS, "officers", "900", verdict="contradicts")
        assert mini.check().ok


class TestMissingAndUnused:
    """A bound cell is filled if and only if a source states it."""

    def test_refuses_a_cell_without_a_claim(self, mini: Mini) -> None:
        mini.row("deployments", id=OFFICERS)["border"] = "RS-MK land"
        (finding,) = mini.findings("evidence.missing")
        assert finding.message == "RS-MK land has no claim"
        assert f"{OFFICERS},border,RS-MK land" in finding.fix

    def test_refuses_an_empty_cell_that_a_source_states(self, mini: Mini) -> None:
        mini.claim(OFFICERS, "border", "RS-MK land")
        (finding,) = mini.findings("evidence.unused")
        assert finding.field == "border"
        assert "founding-article says RS-MK land" in finding.message

    def test_leaves_titles_and_notes_free(self, mini: Mini) -> None:
        mini.row("deployments", id=OFFICERS).update(title="Another title", note="Another note.")
        assert mini.check().ok


class TestClaims:
    """A claim is about a field, in its form, by a source that speaks of the record."""

    @pytest.mark.parametrize("field", ["officer", "id", "source_id", "officers_qualifier"])
    def test_refuses_what_is_no_field_a_source_can_state(self, mini: Mini, field: str) -> None:
        mini.claim(OFFICERS, field, "1", verdict="remark")
        (finding,) = mini.findings("evidence.field")
        assert finding.value == field

    @pytest.mark.parametrize(("field", "value"), [("officers", "1_000"), ("date", "2025-13"), ("event", "visit")])
    def test_refuses_a_value_in_another_form(self, mini: Mini, field: str, value: str) -> None:
        mini.claim(OFFICERS, field, value, verdict="contradicts")
        (finding,) = mini.findings("evidence.value")
        assert finding.value == value

    def test_refuses_a_source_to_read_first_that_says_nothing(self, mini: Mini) -> None:
        other = mini.row("facilities", id=GJADER)["source_id"]
        mini.row("deployments", id=OFFICERS)["source_id"] = other
        (finding,) = mini.findings("evidence.source")
        assert finding.value == other
        assert "founding-article" in finding.fix


class TestGrades:
    """Grades in the summary follow from kinds, publishers and reprints."""

    @staticmethod
    def grades(report: Report, table: str) -> dict[str, int]:
        return dict(next(t for t in report.tables if t.table == table).grades)

    def test_a_repost_alone_is_weak_and_a_report_alone_single(self, mini: Mini) -> None:
        before = self.grades(mini.check(graded=True), "deployments")
        mini.row("sources", id="founding-article")["kind"] = "official_report"
        after = self.grades(mini.check(graded=True), "deployments")
        assert (after["weak"], after["single"]) < (before["weak"], before["single"] + 2)
        assert after["single"] > before["single"]

    @pytest.mark.parametrize(
        ("publisher", "reprint_of", "more"),
        [("Another", "", 1), ("jackedupbronco.com", "", 0), ("Another", "founding-article", 0)],
    )
    def test_two_voices_corroborate_a_field(self, mini: Mini, publisher: str, reprint_of: str, more: int) -> None:
        founding = mini.row("sources", id="founding-article")
        founding["kind"] = "news"
        before = next(t for t in mini.check(graded=True).tables if t.table == "deployments").corroborated
        mini.rows["sources"].append(founding | {"id": "second", "publisher": publisher, "reprint_of": reprint_of})
        mini.rows["sources"][-1]["title"] = "Second"
        mini.claim(OFFICERS, "hosts", "WB6", source_id="second")
        report = mini.check(graded=True)
        assert report.ok, report.text()
        assert next(t for t in report.tables if t.table == "deployments").corroborated == before + more
