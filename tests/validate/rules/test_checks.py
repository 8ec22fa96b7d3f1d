"""Rules of checks: each is about a claim that exists or existed, and says why if it does not confirm the claim."""

import pytest

from borderledger.package import Package
from tests.validate.rules.examples import Row, findings, shows

FILE = "data/checks.csv"
CLAIM = {"record_id": "ret-a", "field": "quantity", "source_id": "s"}


def check(result: str = "confirmed", **more: str) -> Row:
    return {"audit": "a1", **CLAIM, "checked": "2026-12-01", "result": result, **more}


class TestCheckClaim:
    """A check is about a claim that exists, or existed before a correction."""

    rule = "check.claim"

    @pytest.mark.parametrize("other", [{"record_id": "ret-b"}, {"field": "unit"}, {"source_id": "t"}])
    def test_fires_on_a_check_of_another_claim(self, whole: Package, other: Row) -> None:
        found = findings(whole, self.rule, checks=[check(**other)], claims=[CLAIM])
        shows(found, f"{FILE}:2 record_id", "and the log names none", "Correct record, field and source")

    def test_fires_if_the_log_only_says_that_the_value_was_added(self, whole: Package) -> None:
        log = [{"record_id": "ret-a", "field": "quantity", "old": "", "new": "7"}]
        found = findings(whole, self.rule, checks=[check()], corrections=log)
        shows(found, f"{FILE}:2 record_id", "s has no claim on quantity of ret-a", "delete the row")

    @pytest.mark.parametrize(
        "held",
        [
            {"claims": [CLAIM]},
            {"corrections": [{"record_id": "ret-a", "field": "quantity", "old": "7", "new": "9"}]},
            {"corrections": [{"record_id": "ret-a", "field": "id", "old": "ret-a", "new": "ret-b"}]},
        ],
        ids=["a claim", "a value that was corrected", "a record that was retired"],
    )
    def test_passes_a_claim_that_exists_or_existed(self, whole: Package, held: dict[str, list[Row]]) -> None:
        assert findings(whole, self.rule, checks=[check()], **held) == []


class TestCheckNote:
    """A check that does not confirm a claim says why."""

    rule = "check.note"

    @pytest.mark.parametrize("result", ["imprecise", "wrong", "unseen"])
    def test_fires_without_a_reason(self, whole: Package, result: str) -> None:
        found = findings(whole, self.rule, checks=[check(result)])
        shows(found, f"{FILE}:2 note", f"is empty, but the result is {result}", "Say in note what the document says")

    @pytest.mark.parametrize("row", [check(), check("wrong", note="The text says 9."), check(note="In a footnote.")])
    def test_passes_a_confirmed_claim_and_a_reason(self, whole: Package, row: Row) -> None:
        assert findings(whole, self.rule, checks=[row]) == []


class TestDatesOrder:
    """Nobody reads a document before it is published."""

    rule = "dates.order"

    def test_fires_on_a_check_before_the_source_was_published(self, whole: Package) -> None:
        found = findings(whole, self.rule, checks=[check()], sources=[{"id": "s", "published": "2026-12-02"}])
        shows(found, f"{FILE}:2 checked", "2026-12-01 is before s was published: 2026-12-02", "Check both dates.")

    @pytest.mark.parametrize("published", ["2026-12-01", "2026-12", ""])
    def test_passes_the_same_day_and_a_day_that_is_not_known(self, whole: Package, published: str) -> None:
        assert findings(whole, self.rule, checks=[check()], sources=[{"id": "s", "published": published}]) == []
