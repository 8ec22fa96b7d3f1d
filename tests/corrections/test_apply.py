"""What corrections do to the tables: all or none, and never to a row that has moved on."""

from __future__ import annotations

import copy
import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from borderledger.dataset import Dataset
from borderledger.package import Finding, Package
from corrections.document import parse
from tests.conftest import ROOT, Mini, checked
from tests.corrections.conftest import CHANGE, NEW_SOURCE, Apply, Rows, document, files

GJADER = "fac-al-gjader"
EUNEWS, TGCOM = "eunews-2025-07-24-albania", "tgcom24-2024-10-centri"
CAPACITY = {"field": "capacity", "old": "400", "new": "416", "qualifier": "exact"}
BASE = {"locator": "page 3", "reason": "The document was read again for this figure."}


def changed(base: dict[str, Any], **more: Any) -> dict[str, Any]:
    content = {**copy.deepcopy(base), **more}
    return {key: value for key, value in content.items() if value is not None}


def only(findings: tuple[Finding, ...]) -> Finding:
    (found,) = findings
    assert found.message
    assert found.fix
    return found


def row(rows: list[dict[str, str]], **where: str) -> dict[str, str]:
    (found,) = [row for row in rows if all(row[key] == value for key, value in where.items())]
    return found


def published(mini: Mini) -> None:
    """Have the version as it stands be one that was released."""
    folder = mini.root / "release/manifests"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{Package.read(mini.root).version}.json").write_text("{}", "utf-8")


class TestChange:
    """The record takes the new value, with the claim, the source, the log, the version and the changelog."""

    def test_everything_is_written_and_the_dataset_stays_clean(self, apply: Apply, rows: Rows, mini: Mini) -> None:
        (mini.root / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-11-24\n", "utf-8")
        outcome = apply(CHANGE)
        assert outcome.ok, outcome.findings
        assert checked(mini.root).ok
        assert row(rows("agreements"), id="agr-status-ba-2025")["negotiation_started"] == "2024-03-13"
        claims = [c for c in rows("claims") if c["field"] == "negotiation_started"]
        stated = {c["source_id"]: (c["value"], c["verdict"]) for c in claims if c["record_id"] == "agr-status-ba-2025"}
        assert stated[NEW_SOURCE["id"]] == ("2024-03-13", "agrees")
        assert stated["euronews-ba-2025-com-frontex"] == ("2024-03-12", "contradicts")  # kept, and visible as a dispute
        assert row(rows("sources"), id=NEW_SOURCE["id"])["publisher"] == "Official Gazette"
        (logged,) = rows("corrections")
        assert logged == {
            "version": "0.2.0",
            "record_id": "agr-status-ba-2025",
            "field": "negotiation_started",
            "kind": "correction",
            "old": "2024-03-12",
            "new": "2024-03-13",
            "reason": CHANGE["reason"],
            "source_id": NEW_SOURCE["id"],
            "issue": "",
        }
        changelog = (mini.root / "CHANGELOG.md").read_text("utf-8")
        assert "### Corrected\n\n- Agreement between the European Union and Bosnia" in changelog
        assert changelog.index("2024-03-13") < changelog.index("## [0.2.0]")

    def test_the_loader_shows_the_dispute_and_the_history(self, apply: Apply, mini: Mini) -> None:
        assert apply(CHANGE).ok
        dataset = Dataset(mini.root)
        disputes = dataset.disputes("agreements")
        assert "negotiation_started" in set(disputes[disputes["record_id"] == "agr-status-ba-2025"]["field"])

    def test_a_value_that_was_missing_is_an_addition(self, apply: Apply, rows: Rows) -> None:
        value = {"field": "consented", "old": "", "new": "2026-01-20"}
        assert apply(changed(CHANGE, values=[value])).ok
        assert [(r["kind"], r["old"], r["new"]) for r in rows("corrections")] == [("addition", "", "2026-01-20")]

    def test_a_figure_changes_with_its_qualifier(self, apply: Apply, rows: Rows) -> None:
        source = changed(
            BASE, action="change", record=GJADER, source=NEW_SOURCE, values=[CAPACITY | {"qualifier": "about"}]
        )
        assert apply(source).ok
        held = row(rows("facilities"), id=GJADER)
        assert (held["capacity"], held["capacity_qualifier"]) == ("416", "about")
        assert {r["field"] for r in rows("corrections")} == {"capacity", "capacity_qualifier"}
        claim = row(rows("claims"), record_id=GJADER, field="capacity", source_id=NEW_SOURCE["id"])
        assert (claim["value"], claim["qualifier"], claim["verdict"]) == ("416", "about", "agrees")

    def test_a_range_has_two_ends_and_two_claims(self, apply: Apply, rows: Rows) -> None:
        value = CAPACITY | {"qualifier": "range", "max": "420"}
        assert apply(changed(BASE, action="change", record=GJADER, source=NEW_SOURCE, values=[value])).ok
        assert row(rows("facilities"), id=GJADER)["capacity_max"] == "420"
        assert row(rows("claims"), record_id=GJADER, field="capacity_max")["value"] == "420"

    def test_a_better_source_becomes_the_one_to_read_first(self, apply: Apply, rows: Rows) -> None:
        assert apply(changed(CHANGE, read_first="yes")).ok
        assert row(rows("agreements"), id="agr-status-ba-2025")["source_id"] == NEW_SOURCE["id"]
        assert {r["field"] for r in rows("corrections")} == {"negotiation_started", "source_id"}

    def test_a_field_that_needs_no_claim_needs_no_source(self, apply: Apply, rows: Rows) -> None:
        held = row(rows("facilities"), id=GJADER)["name"]
        value = {"field": "name", "old": held, "new": "Italian centres at Gjadër"}
        assert apply(changed(BASE, action="change", record=GJADER, values=[value], locator=None)).ok
        assert row(rows("facilities"), id=GJADER)["name"] == "Italian centres at Gjadër"

    def test_an_address_that_is_dead_is_replaced(self, apply: Apply, rows: Rows, mini: Mini) -> None:
        old = row(rows("sources"), id=EUNEWS)["url"]
        value = {"field": "url", "old": old, "new": "https://web.example/eunews"}
        assert apply({"action": "change", "record": EUNEWS, "values": [value], "reason": "The page has moved."}).ok
        assert row(rows("sources"), id=EUNEWS)["url"] == "https://web.example/eunews"
        assert row(rows("corrections"), record_id=EUNEWS)["old"] == old
        assert checked(mini.root).ok

    def test_new_bodies_come_with_the_values_that_name_them(self, apply: Apply, rows: Rows) -> None:
        body = {"id": "it-prison-service", "name": "Prison service of Italy", "kind": "government", "place": "IT"}
        value = {"field": "operators", "old": "medihospes", "new": "it-prison-service;medihospes"}
        content = changed(BASE, action="change", record=GJADER, source=NEW_SOURCE, values=[value], organisations=[body])
        assert apply(content).ok
        assert row(rows("organisations"), id="it-prison-service")["place"] == "IT"

    def test_a_body_that_no_value_names_is_refused(self, apply: Apply) -> None:
        found = only(apply(changed(CHANGE, organisations=[{"id": "nobody", "name": "Nobody", "kind": "ngo"}])).findings)
        assert found.message == "no value names nobody"

    def test_items_of_a_list_may_come_in_any_order(self, apply: Apply, rows: Rows) -> None:
        value = {"field": "contributors", "old": "HU; AT", "new": "SI;HU; AT"}
        content = changed(BASE, action="change", record="dep-at-hu-rs-2024-10", source=NEW_SOURCE, values=[value])
        assert apply(content).ok
        assert row(rows("deployments"), id="dep-at-hu-rs-2024-10")["contributors"] == "AT;HU;SI"


class TestOldClaims:
    """A correction adds evidence; what it rests on, and what contradicts it, is not quietly rewritten."""

    MINE = changed(BASE, action="change", record=GJADER, source=EUNEWS, values=[CAPACITY])

    def test_a_source_that_stands_with_the_old_value_cannot_be_rewritten_unsaid(self, apply: Apply, mini: Mini) -> None:
        before = files(mini.root)
        found = only(apply(self.MINE).findings)
        assert found.rule == "correction.evidence"
        assert "itself states the old value 400 (opening text), and the correction does not say why" in found.message
        assert "misread - The same source was misread" in found.fix
        assert files(mini.root) == before

    def test_a_source_that_was_misread_has_its_claim_replaced_and_an_editor_is_told(
        self, apply: Apply, rows: Rows
    ) -> None:
        outcome = apply(changed(self.MINE, old_claim="misread"))
        assert outcome.ok
        assert row(rows("claims"), record_id=GJADER, field="capacity", source_id=EUNEWS)["value"] == "416"
        assert outcome.hints == (
            f"Check: 1.yml removes the claim of {EUNEWS} (misread): capacity 400, opening text. "
            f"Before you merge it, read in the source what it says about {GJADER}.",
        )

    def test_a_source_that_gives_both_keeps_both(self, apply: Apply, rows: Rows) -> None:
        assert apply(changed(self.MINE, old_claim="keep")).ok
        mine = [
            c for c in rows("claims") if (c["record_id"], c["field"], c["source_id"]) == (GJADER, "capacity", EUNEWS)
        ]
        assert {c["value"]: c["verdict"] for c in mine} == {"400": "contradicts", "416": "agrees"}

    def test_misread_names_a_source_that_stands_with_the_old_value(self, apply: Apply) -> None:
        found = only(apply(changed(self.MINE, old_claim="misread", source=TGCOM)).findings)
        assert found.message == f"{TGCOM} has no claim that states 400, so it was not misread"

    def test_what_was_overtaken_goes_with_a_younger_source_of_a_revision(self, apply: Apply, rows: Rows) -> None:
        younger = NEW_SOURCE | {"published": "2026-01-10"}
        content = changed(self.MINE, source=younger, kind="revision", old_claim="overtaken")
        assert apply(content).ok
        stated = {
            c["source_id"]: c["value"] for c in rows("claims") if (c["record_id"], c["field"]) == (GJADER, "capacity")
        }
        assert EUNEWS not in stated
        assert stated[TGCOM] == "1044"  # it did not state the old value, and stays as what it is: a dispute

    def test_what_is_wrong_is_not_overtaken(self, apply: Apply) -> None:
        found = only(apply(changed(self.MINE, source=NEW_SOURCE, old_claim="overtaken")).findings)
        assert found.message == "only a revision replaces a value that was true before"

    def test_an_older_source_overtakes_nothing(self, apply: Apply) -> None:
        older = NEW_SOURCE | {"published": "2020-01-10"}
        found = only(apply(changed(self.MINE, source=older, kind="revision", old_claim="overtaken")).findings)
        assert "no source of the old value is known to be older" in found.message

    def test_a_status_overtakes_an_older_one_although_no_source_bears_a_day(
        self, apply: Apply, rows: Rows, mini: Mini
    ) -> None:
        """The day on which the status is true says which is the newer one."""
        held = mini.row("agreements", id="agr-status-rs-2024")
        values = [
            {"field": "status", "old": held["status"], "new": "in_force"},
            {"field": "entered_into_force", "old": held["entered_into_force"], "new": "2026-03-01"},
            {"field": "status_as_of", "old": held["status_as_of"], "new": "2026-03-01"},
        ]
        undated = {key: cell for key, cell in NEW_SOURCE.items() if key != "published"}
        content = changed(BASE, action="change", record=held["id"], source=undated, values=values, kind="revision")
        assert apply(content | {"old_claim": "overtaken"}).ok
        stated = {c["value"] for c in rows("claims") if (c["record_id"], c["field"]) == (held["id"], "status")}
        assert stated == {"in_force"}

    def test_a_source_without_a_day_overtakes_nothing_and_is_named(self, apply: Apply) -> None:
        undated = {key: cell for key, cell in NEW_SOURCE.items() if key != "published"}
        found = only(apply(changed(self.MINE, source=undated, kind="revision", old_claim="overtaken")).findings)
        assert f"without a day of publication: {NEW_SOURCE['id']}, " in found.message
        assert found.fix.startswith("Change capacity_as_of to a later day, too, or delete old_claim")

    def test_a_cell_is_not_emptied_while_a_source_states_something(self, apply: Apply) -> None:
        value = {"field": "opened", "old": "2024-10-14", "new": ""}
        found = only(apply(changed(BASE, action="change", record=GJADER, source=NEW_SOURCE, values=[value])).findings)
        assert found.rule == "correction.evidence"
        assert "vna-repubblica-albania" in found.message

    def test_a_new_source_cannot_take_the_id_of_another(self, apply: Apply) -> None:
        found = only(apply(changed(CHANGE, source=NEW_SOURCE | {"id": "eurlex-32025d1348"})).findings)
        assert found.rule == "correction.evidence"
        assert "is in data/sources.csv already, with a different title" in found.message

    def test_the_same_source_in_full_may_come_twice(self, apply: Apply, rows: Rows) -> None:
        other = changed(CHANGE, values=[{"field": "mandated", "old": "2022-11-18", "new": "2022-11-19"}])
        assert apply(CHANGE, other).ok
        assert row(rows("sources"), id=NEW_SOURCE["id"])

    @pytest.mark.parametrize("order", [1, -1])
    def test_a_source_is_not_changed_by_what_rests_on_it(self, apply: Apply, rows: Rows, order: int) -> None:
        kind = row(rows("sources"), id=TGCOM)["kind"]
        value = {"field": "kind", "old": kind, "new": "official_report"}
        promoted = {"action": "change", "record": TGCOM, "values": [value], "reason": "It should count for more."}
        resting = changed(self.MINE, source=TGCOM, values=[CAPACITY | {"new": "1044"}])
        found = only(apply(*[promoted, resting][::order]).findings)
        assert found.rule == "correction.evidence"
        assert "is changed by one correction and cited by another" in found.message

    @pytest.mark.parametrize("order", [1, -1])
    def test_what_a_source_counts_for_is_changed_alone(self, apply: Apply, mini: Mini, order: int) -> None:
        before = files(mini.root)
        value = {"field": "published", "old": "2025-07-24", "new": "2010-01-01"}
        older = {"action": "change", "record": EUNEWS, "values": [value], "reason": "The day was another one."}
        source = NEW_SOURCE | {"published": "2015-01-01"}
        overtaking = changed(self.MINE, source=source, kind="revision", old_claim="overtaken")
        outcome = apply(*[older, overtaking][::order])
        assert {found.rule for found in outcome.findings} == {"correction.evidence"}
        assert files(mini.root) == before

    def test_an_editor_is_told_of_every_source_whose_claim_goes(self, apply: Apply) -> None:
        younger = NEW_SOURCE | {"published": "2026-01-10"}
        outcome = apply(changed(self.MINE, source=younger, kind="revision", old_claim="overtaken"))
        assert [EUNEWS in hint for hint in outcome.hints] == [True]

    def test_a_range_that_was_misread_loses_both_of_its_ends(self, apply: Apply, rows: Rows) -> None:
        value = {"field": "officers", "old": "20", "new": "25", "qualifier": "exact"}
        record = "dep-at-hu-rs-2024-10"
        content = changed(BASE, action="change", record=record, source="fonet-2024-10-14", values=[value])
        assert apply(changed(content, old_claim="misread")).ok
        held = row(rows("deployments"), id=record)
        assert (held["officers"], held["officers_qualifier"], held["officers_max"]) == ("25", "exact", "")
        stated = [c["field"] for c in rows("claims") if c["record_id"] == record and c["field"].startswith("officers")]
        assert stated == ["officers"]


class TestBeside:
    """Actions claim and dispute set a source beside a value that stays."""

    CLAIM = changed(
        CHANGE, action="claim", values=[{"field": "negotiation_started", "old": "2024-03-12", "new": "2024-03-12"}]
    )
    OTHER = changed(CHANGE, action="dispute")

    def test_a_supporting_source_is_entered_and_logged(self, apply: Apply, rows: Rows) -> None:
        assert apply(self.CLAIM).ok
        claim = row(rows("claims"), source_id=NEW_SOURCE["id"])
        assert (claim["verdict"], claim["locator"]) == ("agrees", "Article 1")
        (logged,) = rows("corrections")
        assert (logged["kind"], logged["old"], logged["new"]) == ("evidence", "2024-03-12", "2024-03-12")

    def test_a_less_precise_source_supports_too(self, apply: Apply, rows: Rows) -> None:
        value = {"field": "negotiation_started", "old": "2024-03-12", "new": "2024-03"}
        assert apply(changed(self.CLAIM, values=[value])).ok
        assert row(rows("claims"), source_id=NEW_SOURCE["id"])["verdict"] == "coarser"

    def test_a_source_that_contradicts_makes_a_dispute(self, apply: Apply, rows: Rows) -> None:
        assert apply(self.OTHER).ok
        assert row(rows("agreements"), id="agr-status-ba-2025")["negotiation_started"] == "2024-03-12"
        assert row(rows("claims"), source_id=NEW_SOURCE["id"])["verdict"] == "contradicts"

    def test_support_that_contradicts_is_told_to_be_a_dispute(self, apply: Apply) -> None:
        found = only(apply(changed(self.OTHER, action="claim")).findings)
        assert " contradicts " in found.message
        assert "action dispute" in found.fix

    def test_a_dispute_that_agrees_is_told_to_be_support(self, apply: Apply) -> None:
        found = only(apply(changed(self.CLAIM, action="dispute")).findings)
        assert "says the same" in found.message
        assert "action claim" in found.fix

    def test_what_is_known_already_is_not_entered_twice(self, apply: Apply) -> None:
        found = only(apply(changed(self.CLAIM, source="euronews-ba-2025-com-frontex")).findings)
        assert found.rule == "correction.nothing"
        assert "already has a claim that states 2024-03-12" in found.message

    def test_nothing_stands_beside_an_empty_cell(self, apply: Apply) -> None:
        value = {"field": "consented", "old": "", "new": "2026-01-20"}
        found = only(apply(changed(self.CLAIM, values=[value])).findings)
        assert found.fix == "Use action change to fill it."

    def test_a_row_of_a_publishers_file_can_be_disputed_but_not_changed(self, apply: Apply, rows: Rows) -> None:
        bulk = next(r for r in rows("returns") if r["to_place"] == "ME" and r["id"].startswith("ret-frontex"))
        value = {
            "field": "quantity",
            "old": bulk["quantity"],
            "new": str(int(bulk["quantity"]) + 1),
            "qualifier": "exact",
        }
        content = changed(BASE, record=bulk["id"], source=NEW_SOURCE, values=[value])
        found = only(apply(changed(content, action="change")).findings)
        assert found.rule == "correction.bulk"
        assert apply(changed(content, action="dispute")).ok


class TestReread:
    """Action reread lets a claim be what its source states; the record stays."""

    AGREEING, OTHER = "vna-repubblica-albania", "actionaid-gjader"
    VALUE = {"field": "capacity", "old": "400", "new": "400", "qualifier": "exact"}  # noqa: RUF012
    REREAD = {  # noqa: RUF012
        "action": "reread",
        "record": "fac-al-gjader",
        "values": [VALUE | {"locator": "second paragraph"}],
        "source": AGREEING,
        "reason": "The claim was read again in an audit.",
    }
    RANGE = changed(
        REREAD,
        record="dep-at-hu-rs-2024-10",
        source="fonet-2024-10-14",
        values=[{"field": "officers", "old": "20", "new": "20", "qualifier": "range", "max": "30", "locator": "title"}],
    )

    def claims(self, rows: Rows, field: str, source: str) -> list[dict[str, str]]:
        return [c for c in rows("claims") if (c["field"], c["source_id"]) == (field, source)]

    def test_a_new_place_changes_the_claim_and_nothing_else(self, apply: Apply, rows: Rows) -> None:
        before = self.claims(rows, "capacity", self.AGREEING)[0]
        outcome = apply(self.REREAD)
        assert outcome.ok
        assert self.claims(rows, "capacity", self.AGREEING) == [before | {"locator": "second paragraph"}]
        assert rows("corrections") == []
        assert outcome.hints == ()
        assert {path for path, _ in outcome.texts} == {"data/claims.csv", "data/control_totals.csv"}

    def test_a_new_value_of_a_dispute_gets_its_verdict_and_a_row_of_the_log(self, apply: Apply, rows: Rows) -> None:
        value = self.VALUE | {"old": "1044", "new": "400"}
        outcome = apply(changed(self.REREAD, source=self.OTHER, values=[value]))
        assert outcome.ok
        (claim,) = self.claims(rows, "capacity", self.OTHER)
        assert (claim["value"], claim["verdict"], claim["locator"]) == ("400", "agrees", "opening text")
        (logged,) = rows("corrections")
        assert (logged["kind"], logged["new"], logged["source_id"]) == ("evidence", "400", self.OTHER)
        assert "removes the claim of actionaid-gjader (reread): capacity 1044" in outcome.hints[0]

    def test_a_claim_that_the_source_does_not_make_goes(self, apply: Apply, rows: Rows) -> None:
        value = {"field": "capacity", "old": "1044", "new": ""}
        assert apply(changed(self.REREAD, source=self.OTHER, values=[value])).ok
        assert self.claims(rows, "capacity", self.OTHER) == []

    def test_the_last_claim_that_a_value_rests_on_stays(self, apply: Apply) -> None:
        gone = {"field": "operators", "old": "medihospes", "new": ""}
        found = apply(changed(self.REREAD, source="tgcom24-2024-05-albania", values=[gone])).findings
        assert {one.rule for one in found} >= {"evidence.missing"}

    def test_both_ends_of_a_range_get_the_place(self, apply: Apply, rows: Rows) -> None:
        assert apply(self.RANGE).ok
        ends = [end for name in ("officers", "officers_max") for end in self.claims(rows, name, "fonet-2024-10-14")]
        assert [(end["value"], end["locator"]) for end in ends] == [("20", "title"), ("30", "title")]
        assert rows("corrections") == []

    def test_a_range_that_is_none_loses_its_end(self, apply: Apply, rows: Rows) -> None:
        value = {"field": "officers", "old": "20", "new": "20", "qualifier": "exact"}
        found = apply(changed(self.RANGE, values=[value])).findings  # the record is a range, and rests on this claim
        assert {one.rule for one in found} == {"evidence.missing"}

    def test_a_claim_that_has_moved_on_is_not_overwritten(self, apply: Apply) -> None:
        found = only(apply(changed(self.REREAD, values=[self.VALUE | {"old": "500"}])).findings)
        assert found.rule == "correction.moved-on"
        assert found.message == "vna-repubblica-albania has no claim that states 500 as capacity; it states 400"

    def test_what_the_claim_says_already_is_nothing_new(self, apply: Apply) -> None:
        found = only(apply(changed(self.REREAD, values=[self.VALUE])).findings)
        assert found.rule == "correction.nothing"
        assert "says so already, with the place opening text" in found.message

    def test_one_source_does_not_say_the_same_twice(self, apply: Apply, mini: Mini) -> None:
        mini.claim("fac-al-gjader", "capacity", "500", source_id=self.AGREEING, verdict="contradicts")
        mini.save()
        found = only(apply(changed(self.REREAD, values=[self.VALUE | {"new": "500"}])).findings)
        assert found.message == "vna-repubblica-albania already has a claim that states 500"

    @pytest.mark.parametrize("more", [{"read_first": "yes"}, {"old_claim": "misread"}, {"kind": "revision"}])
    def test_keys_that_it_does_not_use_are_refused(self, more: dict[str, str]) -> None:
        assert parse(json.dumps(self.REREAD | more).encode(), "a.yml")[1] != []


class TestRecord:
    """A record that is missing comes with its claims and sources."""

    NEW = changed(
        BASE,
        action="record",
        table="facilities",
        record="fac-al-test-centre",
        source=NEW_SOURCE,
        values=[
            {"field": "name", "new": "Centre of the notice"},
            {"field": "place", "new": "AL"},
            {"field": "kind", "new": "reception", "note": "editors' coding"},
            {"field": "capacity", "new": "80", "qualifier": "at_most"},
            {"field": "capacity_kind", "new": "design", "locator": "annex"},
            {"field": "capacity", "new": "90", "qualifier": "exact", "source": EUNEWS, "locator": "table 2"},
        ],
    )

    def test_it_is_added_with_a_claim_for_each_bound_value(self, apply: Apply, rows: Rows, mini: Mini) -> None:
        outcome = apply(self.NEW)
        assert outcome.ok, outcome.findings
        held = row(rows("facilities"), id="fac-al-test-centre")
        assert (held["capacity"], held["capacity_qualifier"], held["source_id"]) == ("80", "at_most", NEW_SOURCE["id"])
        claims = {(c["field"], c["value"]): c for c in rows("claims") if c["record_id"] == "fac-al-test-centre"}
        assert {key: c["verdict"] for key, c in claims.items()} == {
            ("place", "AL"): "agrees",
            ("kind", "reception"): "agrees",
            ("capacity", "80"): "agrees",
            ("capacity", "90"): "contradicts",
            ("capacity_kind", "design"): "agrees",
        }
        assert claims["capacity_kind", "design"]["locator"] == "annex"
        assert claims["capacity", "90"]["source_id"] == EUNEWS
        (logged,) = rows("corrections")
        assert (logged["field"], logged["kind"], logged["old"], logged["new"]) == ("id", "addition", "", held["id"])
        assert checked(mini.root).ok

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"table": "claims"}, "'claims' is not a table of records"),
            ({"record": GJADER}, "exists already"),
            ({"record": "al-test"}, "does not have the form of id"),
            ({"values": NEW["values"][:2]}, "a record of facilities needs kind"),
            ({"values": [*NEW["values"], {"field": "name", "new": "Again"}]}, "name appears twice"),
            ({"values": [*NEW["values"], {"field": "source_id", "new": EUNEWS}]}, "'source_id' is not a field"),
            (
                {"values": [*NEW["values"], {"field": "opened", "new": "14.10.2024"}]},
                "is not YYYY, YYYY-MM or YYYY-MM-DD",
            ),
            ({"values": [*NEW["values"], {"field": "operators", "new": "nobody"}]}, "'nobody' is not in"),
            ({"locator": None}, "the place in example-gazette-2025-07-11 is missing"),
            ({"source": "nowhere"}, "there is no source 'nowhere'"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_written(
        self, apply: Apply, mini: Mini, changes: dict[str, Any], message: str
    ) -> None:
        before = files(mini.root)
        outcome = apply(changed(self.NEW, **changes))
        assert message in " | ".join(found.message for found in outcome.findings)
        assert files(mini.root) == before


class TestRetire:
    """A record goes for good; its claims and the links to it pass to its successor."""

    PART, WHOLE = "ret-all-ba-2020-11", "ret-all-ba-2020-m09-m11"

    def twin(self, apply: Apply) -> None:
        values = [
            {"field": "name", "new": "Gjader centre"},
            {"field": "place", "new": "AL"},
            {"field": "kind", "new": "offshore_processing"},
        ]
        assert apply(
            changed(BASE, action="record", table="facilities", record="fac-al-twin", source=NEW_SOURCE, values=values)
        ).ok

    def test_its_evidence_goes_to_its_successor(self, apply: Apply, rows: Rows, mini: Mini) -> None:
        self.twin(apply)
        outcome = apply(
            {"action": "retire", "record": "fac-al-twin", "successor": GJADER, "reason": "It is one centre."}
        )
        assert outcome.ok, outcome.findings
        assert not [r for r in rows("facilities") if r["id"] == "fac-al-twin"]
        moved = {c["field"] for c in rows("claims") if (c["record_id"], c["source_id"]) == (GJADER, NEW_SOURCE["id"])}
        assert moved == {"place", "kind"}
        assert checked(mini.root).ok

    def test_without_a_successor_its_claims_and_its_unused_sources_go(
        self, apply: Apply, rows: Rows, mini: Mini
    ) -> None:
        published(mini)
        outcome = apply(
            {"action": "retire", "record": "dep-at-hu-rs-2024-10", "reason": "There was no such deployment."}
        )
        assert outcome.ok, outcome.findings
        assert "fonet-2024-10-14" not in {r["id"] for r in rows("sources")}
        gone = {r["record_id"]: r["version"] for r in rows("corrections") if r["field"] == "id" and r["old"]}
        assert gone == {"dep-at-hu-rs-2024-10": "1.0.0", "fonet-2024-10-14": "1.0.0"}
        assert checked(mini.root).ok

    def test_what_came_and_went_before_a_release_leaves_nothing(self, apply: Apply, rows: Rows) -> None:
        self.twin(apply)
        assert apply({"action": "retire", "record": "fac-al-twin", "reason": "There is no such centre."}).ok
        assert rows("corrections") == []
        assert NEW_SOURCE["id"] not in {r["id"] for r in rows("sources")}

    def test_a_retired_record_and_its_successor_are_named_to_who_comes_later(self, apply: Apply, mini: Mini) -> None:
        self.twin(apply)
        published(mini)
        gone = {"action": "retire", "record": "fac-al-twin", "successor": GJADER, "reason": "It is one centre."}
        assert apply(gone).ok
        value = {"field": "name", "old": "Gjader centre", "new": "Gjader"}
        late = {"action": "change", "record": "fac-al-twin", "values": [value], "reason": "It has a new name."}
        found = only(apply(late).findings)
        assert found.message == f"fac-al-twin was retired in version 1.0.0: It is one centre. (see {GJADER})"

    def test_a_record_that_others_lead_to_needs_a_successor(self, apply: Apply) -> None:
        found = only(apply({"action": "retire", "record": self.WHOLE, "reason": "It is counted elsewhere."}).findings)
        assert f"part_of of {self.PART}" in found.message

    def test_a_successor_has_room_for_all_that_sources_state(self, apply: Apply, mini: Mini) -> None:
        self.twin(apply)
        before = files(mini.root)
        content = {"action": "retire", "record": GJADER, "successor": "fac-al-twin", "reason": "It is one centre."}
        found = only(apply(content).findings)
        assert (found.rule, found.field) == ("correction.evidence", "successor")
        assert (
            "fac-al-twin is empty in fields for which sources state a value of fac-al-gjader: capacity, capacity_as_of"
            in found.message
        )
        assert files(mini.root) == before

    @pytest.mark.parametrize("successor", [WHOLE, "agr-status-ba-2025", "ret-nowhere"])
    def test_a_successor_is_another_record_of_the_table(self, apply: Apply, successor: str) -> None:
        content = {
            "action": "retire",
            "record": self.WHOLE,
            "successor": successor,
            "reason": "It is counted elsewhere.",
        }
        assert only(apply(content).findings).field == "successor"


class TestPrivacy:
    """What names a person is taken out by an editor, and said nowhere."""

    def test_nothing_is_changed_by_machine(self, apply: Apply, mini: Mini) -> None:
        before = files(mini.root)
        content = {
            "action": "privacy",
            "record": GJADER,
            "field": "note",
            "reason": "A private person can be recognised.",
        }
        found = only(apply(content).findings)
        assert found.rule == "correction.by-hand"
        assert "must be checked by an editor" in found.message
        assert files(mini.root) == before


class TestTogether:
    """Several corrections at once: all or none, each on top of the one before."""

    ONE = CHANGE
    TWO = changed(CHANGE, values=[{"field": "mandated", "old": "2022-11-18", "new": "2022-11-19"}])
    SAME = changed(CHANGE, values=[{"field": "negotiation_started", "old": "2024-03-12", "new": "2024-03-14"}])

    def test_different_fields_of_one_record_both_apply(self, apply: Apply, rows: Rows) -> None:
        assert apply(self.ONE).ok
        assert apply(self.TWO).ok
        held = row(rows("agreements"), id="agr-status-ba-2025")
        assert (held["negotiation_started"], held["mandated"]) == ("2024-03-13", "2022-11-19")
        assert len(rows("corrections")) == 2

    def test_the_second_on_the_same_field_is_refused_with_the_first(self, apply: Apply, mini: Mini) -> None:
        assert apply(self.ONE).ok
        before = files(mini.root)
        found = only(apply(self.SAME).findings)
        assert (found.rule, found.field) == ("correction.moved-on", "values.1.old")
        assert found.message == (
            "agr-status-ba-2025 holds 2024-03-13, not 2024-03-12, as negotiation_started. It was changed in 0.2.0: "
            "2024-03-12 -> 2024-03-13. The gazette gives the day on which the talks began. (example-gazette-2025-07-11)"
        )
        assert files(mini.root) == before

    def test_the_second_of_one_run_is_refused_and_then_neither_is_applied(self, apply: Apply, mini: Mini) -> None:
        before = files(mini.root)
        found = only(apply(self.ONE, self.SAME).findings)
        assert "by 1.yml: 2024-03-12 -> 2024-03-13" in found.message
        assert found.file == "2.yml"
        assert files(mini.root) == before

    def test_one_on_top_of_the_other_in_one_run_ends_as_one_after_the_other(self, apply: Apply, rows: Rows) -> None:
        another = NEW_SOURCE | {"id": "another", "title": "Another", "publisher": "Other"}
        value = {"field": "negotiation_started", "old": "2024-03-13", "new": "2024-03-14"}
        outcome = apply(self.ONE, changed(self.ONE, values=[value], source=another))
        assert outcome.ok, outcome.findings
        claims = [c for c in rows("claims") if c["field"] == "negotiation_started"]
        assert {c["value"]: c["verdict"] for c in claims if c["record_id"] == self.ONE["record"]} == {
            "2024-03-12": "contradicts",
            "2024-03-13": "contradicts",
            "2024-03-14": "agrees",
        }

    def test_a_correction_of_a_correction_joins_it_in_the_log(self, apply: Apply, rows: Rows) -> None:
        assert apply(self.ONE).ok
        third = changed(self.SAME, values=[{"field": "negotiation_started", "old": "2024-03-13", "new": "2024-03-14"}])
        assert apply(changed(third, source=NEW_SOURCE | {"id": "another", "title": "Another", "publisher": "Other"})).ok
        (logged,) = rows("corrections")
        assert (logged["old"], logged["new"]) == ("2024-03-12", "2024-03-14")

    def test_a_correction_that_is_taken_back_leaves_no_row(self, apply: Apply, rows: Rows) -> None:
        assert apply(self.ONE).ok
        back = changed(self.ONE, values=[{"field": "negotiation_started", "old": "2024-03-13", "new": "2024-03-12"}])
        assert apply(changed(back, source="euronews-ba-2025-com-frontex")).ok
        assert rows("corrections") == []


class TestRefusals:
    """What does not fit the tables is refused at its key, and nothing is written."""

    @pytest.mark.parametrize(
        ("changes", "rule", "message"),
        [
            ({"record": "agr-status-ba-2026"}, "unknown", "there is no record or source 'agr-status-ba-2026'"),
            (
                {"values": [{"field": "sinned", "old": "", "new": "2025"}]},
                "unknown",
                "'sinned' is not a field of agreements",
            ),
            ({"values": [{"field": "id", "old": "", "new": "agr-x"}]}, "unknown", "'id' is not a field"),
            ({"values": [{"field": "signed", "old": "2025-06-11", "new": "11.06.2025"}]}, "value", "is not YYYY"),
            ({"values": [{"field": "signed", "old": "2025-06-11", "new": "2025-02-30"}]}, "value", "is not a day"),
            ({"values": [{"field": "signed", "old": "2025-06-11", "new": "2025-06-11"}]}, "nothing", "already holds"),
            (
                {"values": [{"field": "status", "old": "provisionally_applied", "new": "valid"}]},
                "value",
                "is not among the values of status",
            ),
            ({"values": [{"field": "type", "old": "status_agreement", "new": ""}]}, "value", "type cannot be empty"),
            (
                {"values": [{"field": "signed", "old": "2025-06-11", "new": "2025-06-12", "qualifier": "exact"}]},
                "value",
                "is not a figure",
            ),
            ({"source": NEW_SOURCE | {"kind": "rumour"}}, "value", "is not among the values of kind"),
            ({"source": NEW_SOURCE | {"url": "ftp://x"}}, "value", "does not have the form of url"),
            ({"source": {"id": "a-source"}}, "value", "a new row of data/sources.csv needs title"),
            ({"source": NEW_SOURCE | {"colour": "red"}}, "value", "'colour' is not a column"),
            ({"source": None}, "evidence", "the source of 2024-03-13 is missing"),
            ({"locator": None}, "form", "the place in example-gazette-2025-07-11 is missing"),
        ],
    )
    def test_with_a_reason(self, apply: Apply, mini: Mini, changes: dict[str, Any], rule: str, message: str) -> None:
        before = files(mini.root)
        found = apply(changed(CHANGE, **changes)).findings
        assert found[0].rule == f"correction.{rule}"
        assert message in " | ".join(one.message for one in found)
        assert all(one.fix for one in found)
        assert files(mini.root) == before

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            ({"qualifier": ""}, "is missing"),
            ({"qualifier": "roughly"}, "'roughly' is not a"),
            ({"qualifier": "range"}, "a range needs an upper end"),
            ({"max": "500"}, "a range needs an upper end, and only a range may have one"),
            ({"new": "1,000"}, "'1,000' is not a whole number"),
            ({"new": "about 400"}, "is not a whole number"),
            (
                {"field": "capacity_qualifier", "old": "exact", "new": "about"},
                "capacity_qualifier belongs to the entry for capacity",
            ),
        ],
    )
    def test_a_figure_says_how_exact_it_is(self, apply: Apply, value: dict[str, str], message: str) -> None:
        content = changed(BASE, action="change", record=GJADER, source=NEW_SOURCE, values=[CAPACITY | value])
        assert message in apply(content).findings[0].message

    def test_what_breaks_a_rule_of_the_dataset_is_refused_by_that_rule(self, apply: Apply, mini: Mini) -> None:
        before = files(mini.root)
        value = {"field": "signed", "old": "2025-06-11", "new": "2020-01-01"}
        outcome = apply(changed(CHANGE, values=[value]))
        assert "dates.order" in {found.rule for found in outcome.findings}
        assert files(mini.root) == before

    def test_a_dataset_with_findings_of_its_own_is_mended_first(self, apply: Apply, mini: Mini) -> None:
        mini.row("facilities", id=GJADER)["capacity"] = "401"
        mini.save(sealed=False)
        assert "evidence.mismatch" in {found.rule for found in apply(CHANGE).findings}

    def test_so_is_one_that_lacks_what_a_correction_takes_for_granted(self, apply: Apply, mini: Mini) -> None:
        mini.row("claims", record_id=GJADER, field="capacity", value="400")["source_id"] = "nowhere"
        mini.save(sealed=False)
        content = changed(TestOldClaims.MINE, source=NEW_SOURCE, kind="revision", old_claim="overtaken")
        assert "reference.unknown" in {found.rule for found in apply(content).findings}

    def test_without_write_nothing_is_written(self, apply: Apply, mini: Mini) -> None:
        before = files(mini.root)
        outcome = apply(CHANGE, write=False)
        assert outcome.ok
        assert {path for path, _ in outcome.texts} >= {"data/agreements.csv", "data/claims.csv", "data/corrections.csv"}
        assert files(mini.root) == before

    def test_what_another_hand_changed_in_the_meantime_is_not_overwritten(
        self, apply: Apply, mini: Mini, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from corrections import apply as module

        real = module.check_package

        def slow(package: Package, *tables: Any, **options: Any) -> Any:
            with open(mini.root / "data/claims.csv", "ab") as file:
                file.write(b"\n")
            return real(package, *tables, **options)

        monkeypatch.setattr(module, "check_package", slow)
        found = only(apply(CHANGE).findings)
        assert (found.rule, found.file) == ("correction.moved-on", "data/claims.csv")


class TestVersion:
    """The version that is being made is the least that its corrections demand."""

    def test_a_value_makes_a_patch_and_a_record_a_minor_version(self, apply: Apply, rows: Rows, mini: Mini) -> None:
        published(mini)
        assert apply(CHANGE).ok
        assert Package.read(mini.root).version == "0.2.1"
        assert apply(TestRecord.NEW).ok
        assert Package.read(mini.root).version == "0.3.0"
        kept = {(r["version"], r["record_id"]) for r in rows("corrections") if r["field"] != "id"}
        assert kept == {("0.2.1", CHANGE["record"])}  # its rows stay, although what is in preparation is 0.3.0 now
        assert apply(TestTogether.TWO).ok
        assert Package.read(mini.root).version == "0.3.0"

    def test_published_rows_of_the_log_keep_their_version(self, apply: Apply, rows: Rows, mini: Mini) -> None:
        assert apply(CHANGE).ok
        published(mini)
        assert apply(TestTogether.TWO).ok
        assert [r["version"] for r in rows("corrections")] == ["0.2.0", "0.2.1"]


class TestKilled:
    """A crash in the middle leaves the dataset as before or as after."""

    @pytest.mark.parametrize("number", [1, 2, 4, 7])
    def test_killed_while_files_are_replaced(
        self, mini: Mini, tmp_path_factory: pytest.TempPathFactory, number: int
    ) -> None:
        file = tmp_path_factory.mktemp("correction") / "a.yml"
        file.write_text(json.dumps(CHANGE), "utf-8")
        before = Package.read(mini.root).sheets
        code = (
            "import os, signal, sys\n"
            "from pathlib import Path\n"
            "from corrections.apply import apply\n"
            "real, calls = os.replace, []\n"
            "def deadly(*arguments):\n"
            "    calls.append(1)\n"
            f"    if len(calls) == {number}: os.kill(os.getpid(), signal.SIGKILL)\n"
            "    return real(*arguments)\n"
            "os.replace = deadly\n"
            "apply([Path(sys.argv[1])], Path(sys.argv[2]), write=True)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(file), str(mini.root)],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            check=False,
            capture_output=True,
        )
        assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
        package = Package.read(mini.root)
        assert checked(mini.root).ok
        same = {name for name, sheet in package.sheets.items() if sheet.records() == before[name].records()}
        assert same in (set(before), set(before) - {"agreements", "claims", "sources", "control_totals", "corrections"})


def test_the_example_of_the_docstring_has_the_right_form() -> None:
    import corrections.document as module

    text = module.__doc__.split("describes.\n\n")[1].split("\n\nThe author")[0]  # type: ignore[union-attr]
    lines = "\n".join(line[4:] for line in text.splitlines())
    assert document({}) if not lines else module.parse(lines.encode(), "a.yml")[1] == []
