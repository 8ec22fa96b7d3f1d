"""Rules of facilities: opened before closed, and a status that the dates allow, shown when it could be."""

import pytest

from borderledger.package import Package
from tests.validate.rules.examples import Row, findings, shows

FILE = "data/facilities.csv"


class TestDatesOrder:
    """A facility closes after it opens."""

    rule = "dates.order"

    def test_fires_on_a_closure_before_the_opening(self, whole: Package) -> None:
        found = findings(whole, self.rule, facilities=[{"opened": "2020-06", "closed": "2020-05"}])
        shows(found, f"{FILE}:2 closed", "2020-05 is before opened 2020-06", "closed cannot come before opened")

    @pytest.mark.parametrize(("opened", "closed"), [("2020-06", "2020"), ("2020-06~", "2020-05"), ("2020", "")])
    def test_passes_a_closure_only_possibly_before(self, whole: Package, opened: str, closed: str) -> None:
        assert findings(whole, self.rule, facilities=[{"opened": opened, "closed": closed}]) == []


class TestStatusDates:
    """What is closed is neither open nor still to be built."""

    rule = "status.dates"

    @pytest.mark.parametrize("status", ["planned", "under_construction", "open", "cancelled"])
    def test_fires_on_a_closed_facility_with_a_status_before_that(self, whole: Package, status: str) -> None:
        found = findings(whole, self.rule, facilities=[{"closed": "2020", "status": status}])
        message = f"is {status}, but closed is 2020"
        shows(found, f"{FILE}:2 status", message, "Correct the status, or empty `closed`.")

    @pytest.mark.parametrize(
        "values",
        [
            {"closed": "2020", "status": "closed"},
            {"closed": "2020", "status": "unused"},
            {"closed": "2020"},
            {"status": "open"},
        ],
    )
    def test_passes_a_status_that_the_dates_allow(self, whole: Package, values: Row) -> None:
        assert findings(whole, self.rule, facilities=[values]) == []


class TestStatusAsOf:
    """A source shows a facility open or closed only after it opened or closed."""

    rule = "status.as-of"

    @pytest.mark.parametrize(("status", "step"), [("open", "opened"), ("closed", "closed")])
    def test_fires_on_a_status_shown_before_its_step(self, whole: Package, status: str, step: str) -> None:
        found = findings(whole, self.rule, facilities=[{"status": status, "status_as_of": "2020-04", step: "2020-05"}])
        message = f"2020-04 is before the step it shows: {step} 2020-05"
        shows(found, f"{FILE}:2 status_as_of", message, "Use the day that the source names")

    @pytest.mark.parametrize(
        "values",
        [
            {"status": "closed", "status_as_of": "2020-05", "closed": "2020-05-31"},
            {"status": "closed", "status_as_of": "2020", "closed": "2020-05-31"},
            {"status": "closed", "status_as_of": "2020"},
            {"status": "closed", "closed": "2020"},
            {"status": "planned", "status_as_of": "2020", "opened": "2021"},
            {"status": "unused", "status_as_of": "2020", "opened": "2021"},
        ],
    )
    def test_passes_the_day_of_the_step_or_a_coarser_one(self, whole: Package, values: Row) -> None:
        assert findings(whole, self.rule, facilities=[values]) == []
