"""The rates: Wilson's interval, the weights of the strata, and what the report says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import borderledger as bl
from audit.__main__ import main
from borderledger.dataset import Dataset
from borderledger.query.checks import UNSEEN, Audit, Rate, audits, said, together, wilson
from tests.audit.conftest import pool
from tests.audit.test_enter import DATE, FIGURE, KIND, PLACES
from tests.conftest import Mini

#: The figures among the claims of the small package.
FIGURES = {"capacity", "latitude", "longitude", "officers", "officers_max", "quantity", "amount_eur", "detections"}
FIGURES |= {"contributor_count", "original_amount", "quantity_max", "amount_eur_max", "capacity_max"}


class TestWilson:
    """The interval of Wilson, without a correction for continuity."""

    @pytest.mark.parametrize(
        ("part", "size", "low", "high"),
        [
            # R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3.
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0000, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ],
    )
    def test_it_has_the_values_of_the_literature(self, part: int, size: int, low: float, high: float) -> None:
        assert wilson(part, size) == pytest.approx((low, high), abs=5e-5)

    @given(st.integers(1, 10_000).flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size))))
    def test_it_holds_the_share_and_is_the_mirror_of_the_other(self, pair: tuple[int, int]) -> None:
        part, size = pair
        low, high = wilson(part, size)
        assert 0 <= low <= part / size + 1e-12
        assert part / size - 1e-12 <= high <= 1
        assert wilson(size - part, size) == pytest.approx((1 - high, 1 - low))


def rate(name: str, confirmed: int, wrong: int = 0, unseen: int = 0) -> Rate:
    return Rate(name, {"confirmed": confirmed, "imprecise": 0, "wrong": wrong, UNSEEN: unseen})


def audit(*strata: Rate, **sizes: int) -> Audit:
    return Audit("a1", ("2026-12-01", "2026-12-02"), strata, (), (), sizes)


class TestWeights:
    """The rate of the whole weights each stratum by its share of all entries."""

    def test_a_stratum_counts_for_what_it_is_of_the_whole(self) -> None:
        found = audit(rate("figures", 8, 2), rate("dates", 10), figures=100, dates=300)
        share = found.weighted("wrong")
        assert share is not None
        assert share[0] == pytest.approx(0.25 * 0.2)

    def test_a_sample_that_needs_no_weights_keeps_its_interval(self) -> None:
        found = audit(rate("figures", 18, 2), rate("dates", 17, 3), figures=500, dates=500)
        share = found.weighted("wrong")
        assert share is not None
        assert share == pytest.approx((5 / 40, *wilson(5, 40)))

    def test_uneven_weights_make_it_wider(self) -> None:
        even = audit(rate("figures", 18, 2), rate("dates", 18, 2), figures=1, dates=1).weighted("wrong")
        uneven = audit(rate("figures", 18, 2), rate("dates", 18, 2), figures=1, dates=9).weighted("wrong")
        assert even is not None
        assert uneven is not None
        assert even[0] == pytest.approx(uneven[0])
        assert uneven[1] < even[1] < even[2] < uneven[2]

    def test_what_was_not_seen_is_counted_neither_as_right_nor_as_wrong(self) -> None:
        found = audit(rate("figures", 9, 1, unseen=90), figures=7)
        assert (found.total.drawn, found.total.seen) == (100, 10)
        assert found.strata[0].share("confirmed") == pytest.approx((0.9, *wilson(9, 10)))
        assert found.weighted("confirmed") == pytest.approx((0.9, *wilson(9, 10)))

    def test_a_stratum_that_nobody_saw_is_left_out(self) -> None:
        found = audit(rate("figures", 10), rate("rest", 0, unseen=5), figures=1, rest=9)
        assert found.weighted("confirmed") == pytest.approx((1.0, *wilson(10, 10)))
        nothing = audit(rate("figures", 0, unseen=5), figures=1)
        assert nothing.weighted("confirmed") is None
        assert said(nothing).endswith("The readers could see none of them.")


@pytest.fixture
def checked(mini: Mini) -> Path:
    """The small package with two audits."""
    results = ((FIGURE, "confirmed"), (DATE, "wrong"), (KIND, "unseen"), (PLACES, "confirmed"))
    for (record, field, source), result in results:
        note = "" if result == "confirmed" else "The text says more."
        row = {"record_id": record, "field": field, "source_id": source, "result": result, "note": note}
        mini.add("checks", audit="a1", checked="2026-11-29", **row)
    mini.add("checks", **{**row, "audit": "a2", "checked": "2026-11-28", "result": "imprecise", "note": "Rounded."})
    return mini.save()


class TestAudits:
    """The results of the table, by stratum, table and kind of source."""

    def test_there_is_none_before_the_first(self, mini: Mini) -> None:
        assert audits(Dataset(mini.root)) == []

    def test_they_are_grouped_and_sorted_by_day(self, checked: Path) -> None:
        older, newer = audits(Dataset(checked))
        assert (older.name, newer.name, newer.days) == ("a2", "a1", ("2026-11-29", "2026-11-29"))
        assert [(one.name, one.drawn, one.seen) for one in newer.strata] == [
            *(("figures", 1, 1), ("dates", 1, 1), ("rest", 2, 1))
        ]
        assert [(one.name, one.drawn) for one in newer.tables] == [("facilities", 3), ("agreements", 1)]
        assert sum(one.drawn for one in newer.kinds) == 4
        assert newer.total.counts == {"confirmed": 2, "imprecise": 0, "wrong": 1, "unseen": 1}

    def test_the_weights_are_those_of_all_entries(self, checked: Path) -> None:
        found, claims = audits(Dataset(checked))[0], {*pool(checked)}
        assert sum(found.entries.values()) == len(claims)
        assert found.entries["figures"] == sum(field in FIGURES for _, field, _ in claims)

    def test_a_check_of_a_record_that_was_retired_keeps_its_table(self, mini: Mini) -> None:
        mini.add("checks", audit="a1", record_id="fac-al-gone", field="capacity", source_id=FIGURE[2],
                 checked="2026-11-29", result="confirmed")  # fmt: skip
        (found,) = audits(Dataset(mini.save()))
        assert [(one.name, one.drawn) for one in (*found.strata, *found.tables)] == [("figures", 1), ("facilities", 1)]


class TestTogether:
    """Audits that are entered as a whole add up, stratum by stratum."""

    def test_an_entry_of_two_audits_counts_once_with_its_last_check(self, checked: Path) -> None:
        found = together(Dataset(checked))
        assert found is not None
        assert (found.name, found.days) == ("a1 and a2", ("2026-11-29", "2026-11-29"))
        assert found.total.counts == {"confirmed": 2, "imprecise": 0, "wrong": 1, "unseen": 1}  # a2 was a day before
        assert said(found).startswith("In the audits a1 and a2, 4 claims that were drawn at random were read again.")

    def test_their_strata_add_up(self, mini: Mini, checked: Path) -> None:
        for key in [key for key in pool(checked) if key not in {FIGURE, DATE, KIND, PLACES}][:20]:
            row = dict(zip(("record_id", "field", "source_id"), key, strict=True))
            mini.add("checks", audit="a2", checked="2026-11-28", result="confirmed", **row)
        dataset = Dataset(mini.save())
        found, each = together(dataset), audits(dataset)
        assert found is not None
        assert found.total.drawn == 24 == sum(one.total.drawn for one in each) - 1
        for rate in found.strata:
            single = [one.drawn for audit in each for one in audit.strata if one.name == rate.name]
            assert rate.drawn == sum(single) - (rate.name == "rest")

    def test_one_that_is_not_entered_as_a_whole_is_left_out(self, mini: Mini, checked: Path) -> None:
        row = {"record_id": FIGURE[0], "field": FIGURE[1], "source_id": FIGURE[2], "result": "wrong", "note": "More."}
        mini.add("checks", audit="0.2.0-n40-s1", checked="2026-12-01", **row)
        found = together(Dataset(mini.save()))
        assert found is not None
        assert found.name == "a1 and a2"
        mini.rows["checks"] = [row for row in mini.rows["checks"] if row["audit"] not in {"a1", "a2"}]
        alone = together(Dataset(mini.save()))
        assert alone is not None
        assert not alone.whole

    def test_there_is_none_before_the_first(self, mini: Mini) -> None:
        assert together(Dataset(mini.root)) is None


class TestReport:
    """The command report."""

    def test_text(self, checked: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--root", str(checked), "report"]) == 0
        shown = capsys.readouterr().out
        assert shown.startswith(
            "In the audits a1 and a2, 4 claims that were drawn at random were read again. "
            "The readers saw 3 of the passages, and 1 not."
        )
        assert re.search(r"^figures +1 +0 +1 +0 +0 +100\.0 \(20\.7-100\.0\)", shown, re.M)
        assert re.search(r"^rest +2 +1 +1 +0 +0 ", shown, re.M)
        assert "weighted to the whole" in shown
        assert shown.isascii()

    def test_markdown_and_json_of_one_that_is_named(self, checked: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--root", str(checked), "report", "a2", "--format", "markdown"]) == 0
        shown = capsys.readouterr().out
        assert "| facilities | 1 | 0 | 0 | 1 | 0 | 0.0 (0.0-79.3) | 100.0 (20.7-100.0) | 0.0 (0.0-79.3) |" in shown
        assert main(["--root", str(checked), "report", "--format", "json"]) == 0
        (found,) = json.loads(capsys.readouterr().out)
        assert found["audit"] == "a1 and a2"
        assert found["tables"][0]["unseen"] == 1
        assert len(found["weighted"]["wrong"]) == 3

    def test_what_is_not_there(self, mini: Mini, checked: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--root", str(checked), "report", "a3"]) == 2
        assert "there is no audit 'a3'. There are: a2, a1." in capsys.readouterr().err
        mini.rows["checks"].clear()
        assert main(["--root", str(mini.save()), "report"]) == 1
        assert "holds no result yet" in capsys.readouterr().err


@pytest.fixture
def part(mini: Mini) -> Path:
    """The small package with the first rows of an audit of forty claims."""
    for (record, field, source), result in ((FIGURE, "confirmed"), (DATE, "wrong"), (KIND, "unseen")):
        row = {"record_id": record, "field": field, "source_id": source, "result": result, "note": "It says more."}
        mini.add("checks", audit="0.2.0-n40-s1", checked="2026-11-29", **row)
    return mini.save()


class TestAPart:
    """Of an audit that is not all entered: the sources read first are no sample, so their results are no rate."""

    SAID = (
        "Of the 40 claims that the audit 0.2.0-n40-s1 drew at random, 3 are read again. "
        "The readers saw 2 of the passages, and 1 not. Of what they saw: 1 confirmed; 0 imprecise; 1 wrong. "
        "There is no rate before all of them are read."
    )

    @pytest.mark.parametrize("form", ["text", "markdown"])
    def test_its_results_are_counted_and_no_share_is_shown(
        self, part: Path, capsys: pytest.CaptureFixture[str], form: str
    ) -> None:
        assert main(["--root", str(part), "report", "--format", form]) == 0
        shown = capsys.readouterr().out
        assert shown.startswith(self.SAID)
        assert "%" not in shown
        assert "weighted" not in shown

    def test_programs_are_told_how_many_are_missing(self, part: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--root", str(part), "report", "--format", "json"]) == 0
        (found,) = json.loads(capsys.readouterr().out)
        assert (found["size"], found["whole"]) == (40, False)
        groups = [one["shares"] for group in ("strata", "tables", "kinds") for one in found[group]]
        assert {share for shares in (found["weighted"], *groups) for share in shares.values()} == {None}

    def test_it_is_whole_when_the_last_claim_is_entered(self, mini: Mini, part: Path) -> None:
        keys = [key for key in pool(part) if key not in {FIGURE, DATE, KIND}][:37]
        for record, field, source in keys[:-1]:
            row = {"record_id": record, "field": field, "source_id": source, "result": "confirmed"}
            mini.add("checks", audit="0.2.0-n40-s1", checked="2026-11-30", **row)
        assert not audits(Dataset(mini.save()))[0].whole
        record, field, source = keys[-1]
        mini.add("checks", **{**row, "record_id": record, "field": field, "source_id": source},
                 audit="0.2.0-n40-s1", checked="2026-11-30")  # fmt: skip
        (found,) = audits(Dataset(mini.save()))
        assert found.whole
        assert "weighted to all" in said(found)


def test_evidence_says_when_a_claim_was_last_read_again(checked: Path) -> None:
    frame = bl.open(checked).evidence("fac-al-gjader")
    found = {(row.field, row.source_id): (row.checked, row.check_result) for row in frame.fillna("").itertuples()}
    assert found[FIGURE[1:]] == ("2026-11-29", "confirmed")
    assert found[PLACES[1:]] == ("2026-11-29", "confirmed")  # a2 was a day before
    assert found["opened", "actionaid-gjader"] == ("", "")


def test_the_workbook_says_so_in_the_sheet_of_claims(checked: Path, mini: Mini) -> None:
    from borderledger.output.workbook import sheet_columns

    columns = {one.column.name: one for one in sheet_columns(bl.open(checked), "claims")}
    said_of = [*zip(*(columns[name].column.values for name in ("checked", "check_result")), strict=True)]
    assert said_of.count(("2026-11-29", "confirmed")) == 2
    assert columns["check_result"].meaning.values["wrong"]
    mini.rows["checks"].clear()
    assert "checked" not in {one.column.name for one in sheet_columns(bl.open(mini.save()), "claims")}


def test_the_release_notes_say_it_in_one_line(checked: Path, mini: Mini) -> None:
    from release.notes import release_notes

    lines = release_notes(bl.open(checked), None, "").split("\n")
    assert [line.split(",")[0] for line in lines if "were read again" in line] == ["In the audits a1 and a2"]
    mini.rows["checks"].clear()
    assert "were read again" not in release_notes(bl.open(mini.save()), None, "")


def test_the_pages_of_the_repository_say_it(checked: Path, mini: Mini) -> None:
    from docs.build import how_often_wrong

    assert how_often_wrong(Dataset(checked)).startswith("In the audits a1 and a2, 4 claims")
    mini.rows["checks"].clear()
    assert how_often_wrong(Dataset(mini.save())) == "No audit has been entered yet."
