"""Rules of projects: dates, status, and two statements of one sum."""

import pytest

from borderledger.package import Package
from tests.validate.rules.examples import Row, findings, shows

FILE = "data/projects.csv"


class TestDatesOrder:
    """A project ends after it starts."""

    rule = "dates.order"

    def test_fires_on_an_end_before_the_start(self, whole: Package) -> None:
        found = findings(whole, self.rule, projects=[{"start": "2024-02", "end": "2024-01-31"}])
        shows(found, f"{FILE}:2 end", "2024-01-31 is before start 2024-02", "end cannot come before start")

    @pytest.mark.parametrize(
        ("start", "end"), [("2024-02", "2024"), ("2024-02~", "2024-01"), ("2024", "2024"), ("2024", ""), ("", "2024")]
    )
    def test_passes_an_end_only_possibly_before_the_start(self, whole: Package, start: str, end: str) -> None:
        assert findings(whole, self.rule, projects=[{"start": start, "end": end}]) == []


class TestStatusDates:
    """Nothing was completed before its end."""

    rule = "status.dates"

    def test_fires_on_a_project_completed_before_its_end(self, whole: Package) -> None:
        row = {"status": "completed", "status_as_of": "2024-05", "end": "2024-06"}
        found = findings(whole, self.rule, projects=[row])
        message = "is completed as of 2024-05, but end is 2024-06"
        shows(found, f"{FILE}:2 status", message, "Correct status, status_as_of or end.")

    @pytest.mark.parametrize(
        "values",
        [
            {"status": "completed", "status_as_of": "2024-06", "end": "2024-06-30"},
            {"status": "completed", "status_as_of": "2024", "end": "2024-06"},
            {"status": "completed", "end": "2024-06"},
            {"status": "completed", "status_as_of": "2024"},
            {"status": "ongoing", "status_as_of": "2024-05", "end": "2024-06"},
        ],
    )
    def test_passes_a_project_completed_at_its_end(self, whole: Package, values: Row) -> None:
        assert findings(whole, self.rule, projects=[values]) == []


class TestProjectCurrency:
    """Two statements of one sum differ by an exchange rate, and the original currency is another than the euro."""

    rule = "project.currency"

    @pytest.mark.parametrize(
        ("euro", "original", "currency"),
        [("1000000", "100000", "CHF"), ("1000", "1000000", "BAM"), ("1", "0", "USD"), ("1700", "1000", "GBP")],
    )
    def test_fires_on_a_rate_that_no_currency_has(
        self, whole: Package, euro: str, original: str, currency: str
    ) -> None:
        row = {"amount_eur": euro, "original_amount": original, "original_currency": currency}
        message = f"{original} {currency} for EUR {euro} is no plausible rate"
        found = findings(whole, self.rule, projects=[row])
        shows(found, f"{FILE}:2 original_amount", message, "Check both amounts and the currency.")

    @pytest.mark.parametrize("currency", ["EUR", "XXX"])
    def test_fires_on_the_euro_or_no_currency(self, whole: Package, currency: str) -> None:
        found = findings(whole, self.rule, projects=[{"original_amount": "5", "original_currency": currency}])
        message = f"{currency} is not another currency than the euro"
        shows(found, f"{FILE}:2 original_currency", message, "Put an amount in euro into amount_eur.")

    @pytest.mark.parametrize(
        ("euro", "original", "currency"),
        [
            ("1000000", "1955830", "BAM"),
            ("1150000", "1000000", "GBP"),
            ("2500", "1000000", "HUF"),
            ("8500.5", "1000000", "RSD"),
            ("", "1000000", "RSD"),
            ("1000000", "", ""),
            ("0", "0", "CHF"),
        ],
    )
    def test_passes_a_rate_that_some_currency_has(
        self, whole: Package, euro: str, original: str, currency: str
    ) -> None:
        row = {"amount_eur": euro, "original_amount": original, "original_currency": currency}
        assert findings(whole, self.rule, projects=[row]) == []
