"""Rules of organisations and places: a body publishes under names of publishers."""

from __future__ import annotations

import pytest

from borderledger.package import Package
from tests.validate.rules.examples import findings, shows

SOURCES = [{"id": "a", "publisher": "Frontex"}, {"id": "b", "publisher": "UK Parliament"}]


@pytest.mark.parametrize("table", ["organisations", "places"])
class TestPublisherKnown:
    """A body publishes under a name that is the publisher of a source."""

    rule = "publisher.known"

    def test_fires_on_a_name_that_no_source_has(self, whole: Package, table: str) -> None:
        row = {"id": "x", "publishes_as": "Fontex;UK Parliament"}
        found = findings(whole, self.rule, sources=SOURCES, **{table: [row]})
        shows(found, f"data/{table}.csv:2 publishes_as", "Fontex is not the publisher of any", "Write the name as in")

    @pytest.mark.parametrize("names", ["", "Frontex", "Frontex;UK Parliament"])
    def test_passes_names_of_publishers(self, whole: Package, table: str, names: str) -> None:
        assert findings(whole, self.rule, sources=SOURCES, **{table: [{"id": "x", "publishes_as": names}]}) == []
