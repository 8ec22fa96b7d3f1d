"""Rules of the log of corrections: it ends in what the tables hold, and a retired identifier stays retired."""

import pytest

from borderledger.package import Package
from tests.validate.rules.examples import Row, findings, shows

FILE = "data/corrections.csv"
HELD = {"id": "agr-a", "signed": "2024-06-25"}


def correction(version: str, old: str, new: str, **more: str) -> Row:
    return {"version": version, "record_id": "agr-a", "field": "signed", "old": old, "new": new, **more}


class TestCorrectionNew:
    """The log of corrections ends in what the tables hold."""

    rule = "correction.new"

    def test_fires_when_the_record_holds_something_else(self, whole: Package) -> None:
        rows = [correction("0.2.0", "2024-06-24", "2024-06-26")]
        found = findings(whole, self.rule, agreements=[HELD], corrections=rows)
        message = "'2024-06-26', but the record holds '2024-06-25'"
        shows(found, f"{FILE}:2 new", message, "Log the later change too, or restore the corrected value.")

    def test_fires_on_the_last_version_by_number_not_by_text(self, whole: Package) -> None:
        rows = [correction("0.10.0", "2024-06-25", "2024-06-26"), correction("0.9.0", "2024-06-24", "2024-06-25")]
        found = findings(whole, self.rule, agreements=[HELD], corrections=rows)
        shows(found, f"{FILE}:2 new", "'2024-06-26', but", "Log the later change")

    @pytest.mark.parametrize(
        "rows",
        [
            [correction("0.2.0", "2024-06-24", "2024-06-25")],
            [correction("0.10.0", "2024-06-26", "2024-06-25"), correction("0.9.0", "2024-06-24", "2024-06-26")],
            [correction("0.2.0", "2024-06", "", field="ended")],
            [correction("0.2.0", "agr-old", "", field="id", record_id="agr-old")],
        ],
    )
    def test_passes_when_the_record_holds_the_last_value(self, whole: Package, rows: list[Row]) -> None:
        assert findings(whole, self.rule, agreements=[HELD], corrections=rows) == []

    def test_passes_what_was_corrected_in_a_record_before_it_was_retired(self, whole: Package) -> None:
        rows = [
            correction("0.2.0", "2024-06-24", "2024-06-25", record_id="agr-old"),
            correction("0.3.0", "agr-old", "agr-a", record_id="agr-old", field="id"),
        ]
        assert findings(whole, self.rule, agreements=[HELD], corrections=rows) == []


class TestCorrectionRecord:
    """A retired identifier is never used again, and a changed one exists."""

    rule = "correction.record"

    def test_fires_on_a_retired_identifier_in_use(self, whole: Package) -> None:
        rows = [correction("0.2.0", "agr-a", "agr-b", field="id")]
        found = findings(whole, self.rule, agreements=[HELD], corrections=rows)
        shows(found, f"{FILE}:2 record_id", "is retired but in use", "Give the record another identifier")

    def test_fires_on_a_record_that_is_neither_there_nor_retired(self, whole: Package) -> None:
        rows = [correction("0.2.0", "2024", "2025", record_id="agr-gone")]
        found = findings(whole, self.rule, agreements=[HELD], corrections=rows)
        shows(
            found,
            f"{FILE}:2 record_id",
            "is no record or source, and not retired",
            "retire the old one with field `id`",
        )

    def test_passes_a_source_in_use_and_a_record_that_was_added(self, whole: Package) -> None:
        rows = [
            correction("0.2.0", "", "agr-a", field="id", kind="addition"),
            correction("0.2.0", "http://a", "http://b", record_id="s-1", field="url"),
        ]
        held = {"agreements": [HELD], "sources": [{"id": "s-1", "url": "http://b"}]}
        assert findings(whole, self.rule, corrections=rows, **held) == []

    def test_passes_a_record_in_use_and_one_changed_then_retired(self, whole: Package) -> None:
        rows = [
            correction("0.2.0", "2024", "2024-06-25"),
            correction("0.2.0", "2024", "2025", record_id="agr-gone"),
            correction("0.3.0", "agr-gone", "agr-a", record_id="agr-gone", field="id"),
        ]
        assert findings(whole, self.rule, agreements=[HELD], corrections=rows) == []


class TestCorrectionChange:
    """A correction changes something."""

    rule = "correction.change"

    def test_fires_on_a_correction_to_the_same_value(self, whole: Package) -> None:
        found = findings(whole, self.rule, corrections=[correction("0.2.0", "2024", "2024")])
        shows(found, f"{FILE}:2 old", "is the same as new", "delete the row.")

    @pytest.mark.parametrize(
        ("kind", "old", "new", "message"),
        [
            ("evidence", "2024", "2025", "differs from new"),
            ("addition", "2024", "2025", "so the row is not an addition"),
            ("revision", "2024", "2024", "so the row is not a revision"),
        ],
    )
    def test_fires_on_a_kind_that_is_not_what_was_done(
        self, whole: Package, kind: str, old: str, new: str, message: str
    ) -> None:
        found = findings(whole, self.rule, corrections=[correction("0.2.0", old, new, kind=kind)])
        shows(found, f"{FILE}:2 old", message, "Correct kind")

    @pytest.mark.parametrize(
        ("kind", "old", "new"),
        [
            ("correction", "2024", "2024-06"),
            ("revision", "", "2024"),
            ("correction", "2024", ""),
            ("addition", "", "2024"),
            ("evidence", "2024", "2024"),
        ],
    )
    def test_passes_a_change_to_or_from_nothing_and_evidence_for_the_same(
        self, whole: Package, kind: str, old: str, new: str
    ) -> None:
        assert findings(whole, self.rule, corrections=[correction("0.2.0", old, new, kind=kind)]) == []
