"""Rules of deployments: the agreement they rest on, the host, the border, the contributors."""

import pytest

from borderledger.package import Package
from tests.validate.rules.examples import Row, findings, shows

FILE = "data/deployments.csv"


class TestDeploymentPlan:
    """Nobody is present under a plan."""

    rule = "deployment.plan"

    @pytest.mark.parametrize("measure", ["present", "cumulative"])
    def test_fires_on_officers_present_in_a_plan(self, whole: Package, measure: str) -> None:
        found = findings(whole, self.rule, deployments=[{"event": "plan", "measure": measure}])
        shows(found, f"{FILE}:2 measure", f"is {measure}, but event is plan", "Use measure planned")

    @pytest.mark.parametrize(
        ("event", "measure"), [("plan", "planned"), ("plan", ""), ("launch", "planned"), ("total", "cumulative")]
    )
    def test_passes_planned_officers(self, whole: Package, event: str, measure: str) -> None:
        assert findings(whole, self.rule, deployments=[{"event": event, "measure": measure}]) == []


class TestDeploymentInForce:
    """Officers are deployed under an agreement that applies on that day."""

    rule = "deployment.in-force"

    @pytest.mark.parametrize(
        ("agreement", "date"),
        [
            ({"entered_into_force": "2021-05-01"}, "2021-04-30"),
            ({"entered_into_force": "2021-05-01", "provisional_application": "2020-06"}, "2020-05"),
            ({"entered_into_force": "2021", "ended": "2023-06"}, "2023-07-01"),
            ({"status": "negotiating"}, "2024"),
            ({"status": "initialled", "initialled": "2018"}, "2024"),
            ({"status": "rejected"}, "2024/.."),
        ],
    )
    def test_fires_on_a_day_on_which_it_did_not_apply(self, whole: Package, agreement: Row, date: str) -> None:
        found = findings(
            whole, self.rule, agreements=[agreement], deployments=[{"agreement_id": "agr-a", "date": date}]
        )
        message = f"agr-a was not in force or provisionally applied on {date}"
        shows(found, f"{FILE}:2 agreement_id", message, "Check the dates of both, or name the agreement that applied.")

    @pytest.mark.parametrize(
        ("agreement", "deployment"),
        [
            ({"entered_into_force": "2021-05-01"}, {"date": "2021-05-01"}),
            ({"entered_into_force": "2021-05-01"}, {"date": "2021"}),
            ({"entered_into_force": "2021-05-01"}, {"date": "2021-04~"}),
            ({"entered_into_force": "2021-05-01"}, {"date": "2021-04-30", "event": "plan"}),
            ({"entered_into_force": "2021-05", "provisional_application": "2020-06"}, {"date": "2020-07"}),
            ({"entered_into_force": "2021", "ended": "2023-06"}, {"date": "2023-06-30"}),
            ({"entered_into_force": "2021", "ended": "2023-06"}, {"date": "../2024"}),
            ({"entered_into_force": "2021"}, {"date": ""}),
            ({"status": "signed", "signed": "2024-06-25"}, {"date": "2024-07"}),
            ({"status": "in_force"}, {"date": "2024-07"}),
            ({"status": "negotiating"}, {"date": "2024-07", "event": "plan"}),
        ],
    )
    def test_passes_a_day_on_which_it_can_have_applied(self, whole: Package, agreement: Row, deployment: Row) -> None:
        rows = [{"agreement_id": "agr-a", **deployment}]
        assert findings(whole, self.rule, agreements=[agreement], deployments=rows) == []

    def test_passes_a_deployment_without_agreement(self, whole: Package) -> None:
        assert findings(whole, self.rule, agreements=[{"status": "rejected"}], deployments=[{"date": "2024"}]) == []


class TestDeploymentHost:
    """The agreement is one with the host."""

    rule = "deployment.host"

    @pytest.mark.parametrize(("party", "hosts"), [("RS", "BA"), ("MK;RS", "AL;BA"), ("RS", "EU")])
    def test_fires_on_the_agreement_of_another_host(self, whole: Package, party: str, hosts: str) -> None:
        rows = [{"agreement_id": "agr-a", "hosts": hosts}]
        found = findings(whole, self.rule, agreements=[{"party_b": party}], deployments=rows)
        message = f"agr-a is with {party}, not with the host {hosts}"
        shows(found, f"{FILE}:2 agreement_id", message, "Name the agreement with the host.")

    @pytest.mark.parametrize(("party", "hosts"), [("RS", "RS"), ("MK;RS", "RS"), ("RS", "MK;RS"), ("RS", "WB6")])
    def test_passes_the_host_one_of_them_or_its_region(self, whole: Package, party: str, hosts: str) -> None:
        rows = [{"agreement_id": "agr-a", "hosts": hosts}]
        assert findings(whole, self.rule, agreements=[{"party_b": party}], deployments=rows) == []

    def test_passes_either_side_of_an_agreement_inside_the_region(self, whole: Package) -> None:
        agreement = {"party_a": "MK", "party_b": "RS"}
        rows = [{"id": host, "agreement_id": "agr-a", "hosts": host} for host in ("MK", "RS")]
        assert findings(whole, self.rule, agreements=[agreement], deployments=rows) == []

    def test_passes_an_unknown_agreement_which_is_a_matter_of_references(self, whole: Package) -> None:
        assert findings(whole, self.rule, deployments=[{"agreement_id": "agr-nowhere"}]) == []


class TestDeploymentBorder:
    """Officers stand at a border of their host."""

    rule = "deployment.border"

    @pytest.mark.parametrize(
        ("hosts", "border", "named"),
        [
            ("BA", "MK-RS land", "MK-RS land"),
            ("BA", "AL airport (Tirana)", "AL airport (Tirana)"),
            ("BA", "BA-HR land;MK-RS land", "MK-RS land"),
            ("EU", "MK-RS land", "MK-RS land"),
        ],
    )
    def test_fires_on_a_border_of_others(self, whole: Package, hosts: str, border: str, named: str) -> None:
        found = findings(whole, self.rule, deployments=[{"hosts": hosts, "border": border}])
        message = f"{named} is not a border of {hosts}"
        shows(found, f"{FILE}:2 border", message, "Correct the border or the hosts.")

    @pytest.mark.parametrize(
        ("hosts", "border"),
        [
            ("BA", "BA-HR land"),
            ("BA", "HR-BA land (Bihac)"),
            ("BA", "BA air"),
            ("AL;MK", "MK-RS land"),
            ("WB6", "MK-RS land"),
            ("EU", "BA-HR land"),
            ("BA", ""),
            ("BA", "nonsense"),
        ],
    )
    def test_passes_either_end_and_the_region_of_an_end(self, whole: Package, hosts: str, border: str) -> None:
        assert findings(whole, self.rule, deployments=[{"hosts": hosts, "border": border}]) == []


class TestDeploymentContributors:
    """Whoever is named is counted."""

    rule = "deployment.contributors"

    def test_fires_on_a_count_below_the_number_named(self, whole: Package) -> None:
        found = findings(whole, self.rule, deployments=[{"contributors": "AT;DE;HU", "contributor_count": "2"}])
        message = "2 is less than the contributors named: AT;DE;HU"
        shows(found, f"{FILE}:2 contributor_count", message, "Correct the count or the list.")

    @pytest.mark.parametrize(
        ("contributors", "count"), [("AT;DE;HU", "3"), ("AT;DE;HU", "12"), ("AT;DE;HU", ""), ("", "0"), ("AT", "many")]
    )
    def test_passes_a_list_of_some_of_them(self, whole: Package, contributors: str, count: str) -> None:
        row = {"contributors": contributors, "contributor_count": count}
        assert findings(whole, self.rule, deployments=[row]) == []
