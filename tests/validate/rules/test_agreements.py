"""Rules of agreements: steps in legal order, a status that the dates allow, references that can be looked up."""

import pytest

from borderledger.package import Package
from tests.validate.rules.examples import Row, findings, shows

FILE = "data/agreements.csv"


class TestDatesOrder:
    """Steps follow each other in the order that law gives them."""

    rule = "dates.order"

    @pytest.mark.parametrize(
        ("earlier", "later"),
        [
            ("recommended", "mandated"),
            ("recommended", "negotiation_started"),
            ("recommended", "signed"),
            ("mandated", "negotiation_started"),
            ("mandated", "initialled"),
            ("mandated", "signed"),
            ("mandated", "entered_into_force"),
            ("negotiation_started", "initialled"),
            ("negotiation_started", "signed"),
            ("negotiation_started", "entered_into_force"),
            ("initialled", "signed"),
            ("initialled", "provisional_application"),
            ("initialled", "concluded"),
            ("initialled", "entered_into_force"),
            ("signed", "provisional_application"),
            ("signed", "entered_into_force"),
            ("consented", "concluded"),
            ("concluded", "entered_into_force"),
            ("provisional_application", "entered_into_force"),
            ("provisional_application", "ended"),
            ("entered_into_force", "ended"),
        ],
    )
    def test_fires_on_a_step_before_the_one_it_follows(self, whole: Package, earlier: str, later: str) -> None:
        found = findings(whole, self.rule, agreements=[{earlier: "2020-05-02", later: "2020-05-01"}])
        fix = f"Check both dates in the sources; {later} cannot come before {earlier}."
        shows(found, f"{FILE}:2 {later}", f"2020-05-01 is before {earlier} 2020-05-02", fix)

    @pytest.mark.parametrize(
        ("earlier", "later"),
        [("2020", "2019"), ("2020-05~", "2020-03"), ("2020-05/..", "2020-04"), ("2020-05-02", "../2020-05-01")],
    )
    def test_fires_when_no_reading_of_the_dates_is_in_order(self, whole: Package, earlier: str, later: str) -> None:
        found = findings(whole, self.rule, agreements=[{"signed": earlier, "entered_into_force": later}])
        message = f"{later} is before signed {earlier}"
        shows(found, f"{FILE}:2 entered_into_force", message, "cannot come before signed")

    @pytest.mark.parametrize(
        ("earlier", "later"),
        [
            ("2020-05-02", "2020-05-02"),
            ("2020-05-02", "2020-05"),
            ("2020-05-02", "2020"),
            ("2020-05-02", "2020-04/2020-06"),
            ("2020-05-02", "2020-05-01~"),
            ("2020-05~", "2020-04"),
            ("../2020-05", "2019"),
            ("2020-05-02", "2019/.."),
            ("", "2020-05-01"),
            ("2020-05-02", ""),
            ("not a date", "2020-05-01"),
        ],
    )
    def test_passes_dates_only_possibly_out_of_order(self, whole: Package, earlier: str, later: str) -> None:
        assert findings(whole, self.rule, agreements=[{"signed": earlier, "entered_into_force": later}]) == []


class TestStatusDates:
    """A status is one that the dates allow."""

    rule = "status.dates"

    @pytest.mark.parametrize(
        ("status", "step"),
        [
            ("proposed", "initialled"),
            ("negotiating", "initialled"),
            ("proposed", "signed"),
            ("negotiating", "signed"),
            ("initialled", "signed"),
            ("rejected", "signed"),
            ("signed", "provisional_application"),
            ("signed", "entered_into_force"),
            ("provisionally_applied", "entered_into_force"),
            ("in_force", "ended"),
            ("signed", "ended"),
        ],
    )
    def test_fires_on_a_status_that_a_step_has_overtaken(self, whole: Package, status: str, step: str) -> None:
        row = {"status": status, step: "2020"}
        if status == "provisionally_applied":
            row["provisional_application"] = "2019"
        found = findings(whole, self.rule, agreements=[row])
        shows(found, f"{FILE}:2 status", f"is {status}, but {step} is 2020", f"Correct the status, or empty {step}.")

    def test_fires_on_provisional_application_without_its_first_day(self, whole: Package) -> None:
        found = findings(whole, self.rule, agreements=[{"status": "provisionally_applied"}])
        message = "is provisionally_applied, but provisional_application is empty"
        shows(found, f"{FILE}:2 status", message, "Give the first day of provisional application")

    @pytest.mark.parametrize(
        "values",
        [
            {"status": "in_force", "signed": "2019", "provisional_application": "2019", "entered_into_force": "2020"},
            {"status": "in_force"},
            {"status": "signed", "signed": "2020", "concluded": "2021"},
            {"status": "provisionally_applied", "provisional_application": "2020"},
            {"status": "replaced", "entered_into_force": "2019", "ended": "2020"},
            {"status": "ended", "entered_into_force": "2019"},
            {"status": "rejected", "initialled": "2019"},
            {"status": "negotiating", "negotiation_started": "2019"},
        ],
    )
    def test_passes_a_status_that_the_dates_allow(self, whole: Package, values: Row) -> None:
        assert findings(whole, self.rule, agreements=[values]) == []


class TestStatusSuccessor:
    """What is replaced has a successor that says so."""

    rule = "status.successor"

    def test_fires_on_a_replaced_agreement_that_nothing_replaces(self, whole: Package) -> None:
        rows = [{"id": "agr-new", "replaces": "agr-older"}, {"id": "agr-old", "status": "replaced"}]
        found = findings(whole, self.rule, agreements=rows)
        shows(found, f"{FILE}:3 status", "is replaced, but no agreement replaces it", "Name it in `replaces`")

    def test_passes_with_a_successor_and_without_the_status(self, whole: Package) -> None:
        rows = [{"id": "agr-new", "replaces": "agr-old"}, {"id": "agr-old", "status": "replaced"}]
        rows += [{"id": "agr-other", "status": "ended"}]
        assert findings(whole, self.rule, agreements=rows) == []

    def test_passes_a_predecessor_that_nobody_has_seen_end(self, whole: Package) -> None:
        rows = [{"id": "agr-new", "replaces": "agr-old"}, {"id": "agr-old", "status": "in_force"}]
        assert findings(whole, self.rule, agreements=rows) == []


class TestStatusAsOf:
    """A source cannot show a step that was still to come."""

    rule = "status.as-of"

    @pytest.mark.parametrize(
        ("status", "step"),
        [
            ("initialled", "initialled"),
            ("signed", "signed"),
            ("provisionally_applied", "provisional_application"),
            ("in_force", "entered_into_force"),
            ("ended", "ended"),
        ],
    )
    def test_fires_on_a_status_shown_before_its_step(self, whole: Package, status: str, step: str) -> None:
        found = findings(whole, self.rule, agreements=[{"status": status, "status_as_of": "2020-04", step: "2020-05"}])
        message = f"2020-04 is before the step it shows: {step} 2020-05"
        shows(found, f"{FILE}:2 status_as_of", message, "Use the day of the step, or of the source.")

    @pytest.mark.parametrize(
        ("as_of", "signed", "force"),
        [
            ("2020-05", "2020-05-31", ""),
            ("2020", "2020-05-31", ""),
            ("", "2020", ""),
            ("2020", "", ""),
            ("2020", "2020", "2021"),
        ],
    )
    def test_passes_the_day_of_the_step_or_a_coarser_one(
        self, whole: Package, as_of: str, signed: str, force: str
    ) -> None:
        row = {"status": "signed", "status_as_of": as_of, "signed": signed, "entered_into_force": force}
        assert findings(whole, self.rule, agreements=[row]) == []


class TestAgreementParties:
    """Nobody makes an agreement with itself."""

    rule = "agreement.parties"

    @pytest.mark.parametrize(("a", "b", "both"), [("BA", "BA", "BA"), ("AT;HU;RS", "MK;RS", "RS")])
    def test_fires_on_a_party_on_both_sides(self, whole: Package, a: str, b: str, both: str) -> None:
        found = findings(whole, self.rule, agreements=[{"party_a": a, "party_b": b}])
        shows(found, f"{FILE}:2 party_b", f"{both} is on both sides", "party_a is the side outside")

    @pytest.mark.parametrize(("a", "b"), [("EU", "BA"), ("frontex", "BA"), ("MK", "RS"), ("", "BA"), ("", "")])
    def test_passes_two_sides(self, whole: Package, a: str, b: str) -> None:
        assert findings(whole, self.rule, agreements=[{"party_a": a, "party_b": b}]) == []


class TestAgreementOj:
    """A reference to the Official Journal of the EU can be looked up."""

    rule = "agreement.oj"

    @pytest.mark.parametrize(
        "reference",
        [
            "OJ 334, 19.12.2007",
            "OJ L 334",
            "OJ L 334 of 19.12.2007, p. 26",
            "OJ L 334, 2007-12-19, p. 26",
            "OJ L 334, 19.12.07",
            "OJ L, 2025-866, 7.5.2025",
            "OJ L 334, 19.12.2007, 26",
            "OJ L 334, 19.13.2007, p. 26",
            "OJ L 334, 32.12.2007, p. 26",
        ],
    )
    def test_fires_on_another_shape(self, whole: Package, reference: str) -> None:
        found = findings(whole, self.rule, agreements=[{"oj_ref": reference}])
        shows(found, f"{FILE}:2 oj_ref", f"{reference!r} is not a reference", "Write `OJ L 334, 19.12.2007, p. 26`")

    @pytest.mark.parametrize(
        "reference",
        [
            "OJ L 334, 19.12.2007, p. 26",
            "OJ L 300, 21.11.2022, p. 29-30",
            "OJ C 12, 1.2.2003",
            "OJ L, 2025/866, 7.5.2025",
            "BGBl. III 2021/12",
            "",
        ],
    )
    def test_passes_both_series_and_national_gazettes(self, whole: Package, reference: str) -> None:
        assert findings(whole, self.rule, agreements=[{"oj_ref": reference}]) == []


class TestAgreementCelex:
    """The CELEX number of a treaty holds the day of its publication."""

    rule = "agreement.celex"

    @pytest.mark.parametrize("celex", ["22007A1220(01)", "22007A1119(01)", "22008A1219(01)"])
    def test_fires_on_the_number_of_another_day(self, whole: Package, celex: str) -> None:
        found = findings(whole, self.rule, agreements=[{"oj_ref": "OJ L 334, 19.12.2007, p. 26", "celex": celex}])
        message = f"{celex} is not of the day of OJ L 334, 19.12.2007, p. 26"
        shows(found, f"{FILE}:2 celex", message, "Compare both with EUR-Lex")

    @pytest.mark.parametrize(
        ("celex", "reference"),
        [
            ("22007A1219(02)", "OJ L 334, 19.12.2007, p. 46"),
            ("22003A0105(01)", "OJ L 3, 5.1.2003, p. 1"),
            ("32025D1348", "OJ L, 2025/1348, 11.7.2025"),
            ("22007A1219(02)", ""),
            ("22007A1219(02)", "UN Treaty Series 2007"),
            ("", "OJ L 334, 19.12.2007, p. 46"),
        ],
    )
    def test_passes_the_same_day_and_numbers_without_a_day(self, whole: Package, celex: str, reference: str) -> None:
        assert findings(whole, self.rule, agreements=[{"oj_ref": reference, "celex": celex}]) == []
