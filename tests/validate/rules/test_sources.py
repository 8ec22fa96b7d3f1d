"""Rules of sources: each is used, listed once, read after it was published, and a reprint is one."""

import pytest

from borderledger.package import Package
from tests.validate.rules.examples import Row, findings, shows

FILE = "data/sources.csv"


class TestSourceUsed:
    """Every source states something."""

    rule = "source.used"

    def test_fires_on_a_source_that_nothing_cites(self, whole: Package) -> None:
        found = findings(whole, self.rule, sources=[{"id": "s"}])
        shows(found, f"{FILE}:2 id", "no claim, record or control total cites it", "Enter a claim from it, or delete")

    @pytest.mark.parametrize("table", ["claims", "agreements", "returns", "control_totals", "corrections"])
    def test_passes_a_source_that_any_table_cites(self, whole: Package, table: str) -> None:
        assert findings(whole, self.rule, sources=[{"id": "s"}], **{table: [{"source_id": "s"}]}) == []

    def test_passes_the_original_of_a_reprint(self, whole: Package) -> None:
        rows = [{"id": "original"}, {"id": "reprint", "reprint_of": "original"}]
        assert findings(whole, self.rule, sources=rows, claims=[{"source_id": "reprint"}]) == []


class TestSourceSame:
    """One document is one source."""

    rule = "source.same"

    def test_fires_on_both_rows_of_one_document(self, whole: Package) -> None:
        found = findings(whole, self.rule, sources=[{"id": "a"}, {"id": "b", "publisher": "Someone else"}])
        assert [(f.file, f.line, f.field) for f in found] == [(FILE, 2, "url"), (FILE, 3, "url")]
        assert "another source has the same address and title" in found[0].message
        assert "Keep one of the rows" in found[0].fix

    @pytest.mark.parametrize(("field", "value"), [("title", "Annex"), ("url", "https://a.example/2")])
    def test_passes_two_documents_at_one_address_and_one_title_twice(
        self, whole: Package, field: str, value: str
    ) -> None:
        assert findings(whole, self.rule, sources=[{"id": "a"}, {"id": "b", field: value}]) == []


class TestDatesOrder:
    """Nobody reads a document before it is published."""

    rule = "dates.order"

    def test_fires_on_a_document_read_before_it_was_published(self, whole: Package) -> None:
        found = findings(whole, self.rule, sources=[{"published": "2026-02", "accessed": "2026-01-31"}])
        shows(found, f"{FILE}:2 published", "2026-02 is after accessed 2026-01-31", "Check both dates.")

    @pytest.mark.parametrize(
        ("published", "accessed"),
        [
            ("2026-01-31", "2026-01-31"),
            ("2026", "2026-01-31"),
            ("2026-02~", "2026-01-31"),
            ("", "2026-01-31"),
            ("2026", ""),
        ],
    )
    def test_passes_a_document_read_on_the_day_or_in_its_year(
        self, whole: Package, published: str, accessed: str
    ) -> None:
        assert findings(whole, self.rule, sources=[{"published": published, "accessed": accessed}]) == []


CLAIM = {"record_id": "agr-a", "field": "signed"}
COMMON = [{**CLAIM, "source_id": "original"}, {**CLAIM, "source_id": "reprint"}]


class TestSourceReprint:
    """A reprint says what its original says, and not before it."""

    rule = "source.reprint"

    def test_fires_on_a_reprint_before_its_original(self, whole: Package) -> None:
        rows = [
            {"id": "original", "published": "2024-05"},
            {"id": "reprint", "published": "2024-04", "reprint_of": "original"},
        ]
        found = findings(whole, self.rule, sources=rows, claims=COMMON)
        message = "was published before original (line 2), of which it is a reprint"
        shows(found, f"{FILE}:3 reprint_of", message, "Reverse the link")

    @pytest.mark.parametrize(
        "claims",
        [
            [],
            [COMMON[1]],
            [COMMON[1], {"record_id": "agr-a", "field": "ended", "source_id": "original"}],
            [COMMON[1], {"record_id": "agr-b", "field": "signed", "source_id": "original"}],
        ],
    )
    def test_fires_on_a_reprint_that_says_nothing_of_its_original(self, whole: Package, claims: list[Row]) -> None:
        rows = [{"id": "original"}, {"id": "reprint", "reprint_of": "original"}]
        found = findings(whole, self.rule, sources=rows, claims=claims)
        shows(found, f"{FILE}:3 reprint_of", "states nothing that original states too", "Name the original")

    @pytest.mark.parametrize(
        ("original", "reprint"),
        [("2024-05-02", "2024-05-02"), ("2024-05-02", "2024"), ("2024-05~", "2024-04"), ("", "2024")],
    )
    def test_passes_a_reprint_of_the_same_day_with_a_claim_in_common(
        self, whole: Package, original: str, reprint: str
    ) -> None:
        rows = [
            {"id": "original", "published": original},
            {"id": "reprint", "published": reprint, "reprint_of": "original"},
        ]
        more = {"record_id": "agr-a", "field": "ended", "source_id": "reprint"}
        assert findings(whole, self.rule, sources=rows, claims=[*COMMON, more]) == []
