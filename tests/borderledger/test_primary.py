"""Primary sources: a source is primary if it is from the body whose act or figure a record is."""

from __future__ import annotations

import pytest

import borderledger as bl
from borderledger.dataset import embedded
from borderledger.query.primary import Publishing
from tests.conftest import Mini

BODIES = [
    {"id": "frontex", "kind": "eu_body", "place": "EU", "publishes_as": "Frontex"},
    {"id": "rs-police", "kind": "government", "place": "RS", "publishes_as": "Serbian police"},
    {"id": "rs-ministry", "kind": "government", "place": "RS", "publishes_as": ""},
    {"id": "rs-red-cross", "kind": "ngo", "place": "RS", "publishes_as": "Red Cross"},
    {"id": "benelux", "kind": "international", "place": "", "publishes_as": "Belgium;Benelux Union"},
]
PLACES = [
    {"id": "RS", "publishes_as": "Government of Serbia"},
    {"id": "EU", "publishes_as": "Council"},
    {"id": "BE", "publishes_as": "Belgium"},
]


def source(publisher: str, kind: str = "official_press") -> dict[str, str]:
    return {"id": publisher, "publisher": publisher, "kind": kind}


class TestIsPrimary:
    """A source is primary to what its publisher says of its own."""

    @pytest.mark.parametrize(
        ("publisher", "cells", "primary"),
        [
            ("Frontex", ["frontex", "", "RS"], True),
            ("Frontex", ["EU", "", "RS"], False),
            ("Council", ["EU", "", "RS"], True),
            ("Council", ["frontex", "", "AL"], False),
            ("Government of Serbia", ["frontex", "", "RS"], True),
            ("Government of Serbia", ["rs-police", "", "AL"], True),
            ("Serbian police", ["frontex", "", "RS"], True),
            ("Serbian police", ["rs-ministry", "", "AL"], True),
            ("Serbian police", ["rs-red-cross", "", "AL"], False),
            ("Red Cross", ["frontex", "", "RS"], False),
            ("Red Cross", ["frontex;rs-red-cross", "", "AL"], True),
            ("Belgium", ["benelux", "", "AL"], True),
            ("Belgium", ["national-police-forces", "BE;DE", "AL"], True),
            ("Tanjug", ["frontex", "", "RS"], False),
        ],
    )
    def test_by_publisher_and_bodies(self, publisher: str, cells: list[str], primary: bool) -> None:
        publishing = Publishing([source(publisher)], BODIES, PLACES)
        deployments = embedded().schema("deployments")
        assert deployments.bodies == ("agency", "contributors", "hosts")
        assert publishing.is_primary(publisher, publishing.bodies(deployments, cells)) is primary

    @pytest.mark.parametrize("kind", ["blog", "repost"])
    def test_a_copy_by_others_is_not(self, kind: str) -> None:
        publishing = Publishing([source("Frontex", kind)], BODIES, PLACES)
        assert not publishing.is_primary("Frontex", frozenset({"frontex"}))

    def test_a_table_may_have_bodies_that_no_field_names(self) -> None:
        publishing = Publishing([source("Frontex")], BODIES, PLACES)
        crossings = embedded().schema("crossings")
        assert publishing.is_primary("Frontex", publishing.bodies(crossings, []))

    def test_of_an_earlier_version_nothing_is(self) -> None:
        earlier = [{name: cell for name, cell in row.items() if name != "publishes_as"} for row in BODIES]
        assert not Publishing([source("Frontex")], earlier, ()).is_primary("Frontex", frozenset({"frontex"}))


class TestPrimaryFields:
    """A field has a primary source if a source agrees that is one."""

    RECORD = "dep-frontex-wb6-2025-06"

    def primary(self, mini: Mini) -> dict[str, bool]:
        frame = bl.open(mini.save()).evidence(self.RECORD)
        return dict(zip(frame["field"], frame["primary"], strict=True))

    def publish(self, mini: Mini, **claim: str) -> None:
        """Let Frontex state the officers, too."""
        held = mini.row("claims", record_id=self.RECORD, field="officers")
        mini.add("sources", **{**mini.row("sources", id=held["source_id"]), **source("Frontex"), "id": "frontex-press"})
        mini.row("organisations", id="frontex")["publishes_as"] = "Frontex"
        mini.add("claims", **{**held, "source_id": "frontex-press", **claim})

    def test_news_alone_is_not_primary(self, mini: Mini) -> None:
        assert not any(self.primary(mini).values())

    def test_a_source_of_the_body_is_primary_to_what_it_states(self, mini: Mini) -> None:
        self.publish(mini)
        found = self.primary(mini)
        assert [field for field, primary in found.items() if primary] == ["officers"]
        row = bl.open(mini.root).load("deployments", where=f"id={self.RECORD}")
        assert row["primary_fields"].tolist() == [("officers",)]

    def test_one_that_does_not_agree_is_not(self, mini: Mini) -> None:
        self.publish(mini, value="1", qualifier="exact", verdict="contradicts")
        assert not any(self.primary(mini).values())

    def test_a_file_of_the_body_is_primary_to_the_whole_row(self) -> None:
        row = bl.load("operations").iloc[0]
        assert {"date", "destinations", "persons", "states"} <= {*row["primary_fields"]}
        (shown,) = bl.evidence(row["id"]).to_dict("records")
        assert shown["primary"] is True
