"""Rules of facilities: opened before closed, a status that the dates allow, and the coordinates of a locality."""

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


#: The middle of a town, as a facility holds it.
TOWN = {"locality": "A", "latitude": "44.82", "longitude": "15.87", "coordinates_of": "locality"}


class TestRegion:
    """A facility is in the Western Balkans."""

    rule = "facility.region"

    @pytest.mark.parametrize(
        ("field", "value", "limits"),
        [
            ("latitude", "39.59", "39.6 to 46.2"),
            ("latitude", "46.21", "39.6 to 46.2"),
            ("latitude", "-44.82", "39.6 to 46.2"),
            ("longitude", "15.69", "15.7 to 23.1"),
            ("longitude", "23.11", "15.7 to 23.1"),
        ],
    )
    def test_fires_on_a_point_outside(self, whole: Package, field: str, value: str, limits: str) -> None:
        found = findings(whole, self.rule, facilities=[TOWN | {field: value}])
        message = f"{value} is outside the Western Balkans, {limits}"
        shows(found, f"{FILE}:2 {field}", message, "Compare it with the gazetteer")

    def test_fires_on_both_where_they_changed_places(self, whole: Package) -> None:
        found = findings(whole, self.rule, facilities=[TOWN | {"latitude": "15.87", "longitude": "44.82"}])
        assert [finding.field for finding in found] == ["latitude", "longitude"]

    @pytest.mark.parametrize(
        "values",
        [{}, TOWN, TOWN | {"latitude": "39.6", "longitude": "15.7"}, TOWN | {"latitude": "46.2", "longitude": "23.1"}],
    )
    def test_passes_a_point_inside_and_no_point(self, whole: Package, values: Row) -> None:
        assert findings(whole, self.rule, facilities=[values]) == []


class TestPrecision:
    """Coordinates are no finer than a locality needs."""

    rule = "facility.precision"

    @pytest.mark.parametrize("field", ["latitude", "longitude"])
    def test_fires_on_a_third_decimal(self, whole: Package, field: str) -> None:
        found = findings(whole, self.rule, facilities=[TOWN | {field: "20.123"}])
        shows(found, f"{FILE}:2 {field}", "20.123 has more than 2 decimals", "Round it to 2 decimals")

    @pytest.mark.parametrize("value", ["", "44", "44.8", "44.82"])
    def test_passes_two_and_fewer(self, whole: Package, value: str) -> None:
        assert findings(whole, self.rule, facilities=[TOWN | {"latitude": value}]) == []


class TestLocality:
    """Facilities of one locality have the same coordinates, so none of them is that of a building."""

    rule = "facility.locality"

    @pytest.mark.parametrize("field", ["latitude", "longitude"])
    def test_fires_on_another_point_of_the_same_locality(self, whole: Package, field: str) -> None:
        rows = [{"id": "fac-a"} | TOWN, {"id": "fac-b"} | TOWN | {field: "20.1"}]
        found = findings(whole, self.rule, facilities=rows)
        message = f"20.1 differs from the {TOWN[field]} of fac-a (line 2), which is in the same locality"
        shows(found, f"{FILE}:3 {field}", message, "Take both from the gazetteer")

    @pytest.mark.parametrize(
        "other",
        [
            TOWN,
            {"locality": "A"},
            TOWN | {"locality": "B", "latitude": "45"},
            TOWN | {"place": "RS", "latitude": "45"},
        ],
    )
    def test_passes_the_same_point_and_other_localities(self, whole: Package, other: Row) -> None:
        assert findings(whole, self.rule, facilities=[TOWN, {"id": "fac-b"} | other]) == []
