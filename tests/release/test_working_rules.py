"""Every rule finds the fault that is planted for it, and a rule that does not is seen, whatever is taken out with it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

import validate.structure
from borderledger.package import Finding
from release.planted import PLANTED, Fault
from release.working_rules import RULES, Listed, Tried, listed_rules, rules_at_work, try_faults
from tests.conftest import ROOT
from validate import check

PAGE = RULES.read_text(encoding="utf-8")
LISTED = listed_rules(PAGE)
REGION = Listed(
    "facility.region",
    "facilities.latitude",
    "Compare it with the gazetteer; latitude is the degree north, longitude the degree east.",
)


@pytest.fixture(scope="module")
def tried() -> Tried:
    return try_faults(ROOT)


def without(wanted: Callable[[Finding], bool]) -> Callable[[Path], Iterable[Finding]]:
    """Validation that has lost the findings of some rules."""
    return lambda folder: [one for one in _checked(folder) if not wanted(one)]


_found: dict[tuple[tuple[str, bytes], ...], tuple[Finding, ...]] = {}


def _checked(folder: Path) -> tuple[Finding, ...]:
    """What validation says of a folder; of the same files it is asked once."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    content = tuple((str(path.relative_to(folder)), path.read_bytes()) for path in files)
    if content not in _found:
        _found[content] = check(folder).findings
    return _found[content]


class TestToday:
    def test_every_planted_fault_is_found(self, tried: Tried) -> None:
        assert [(fault.name, fault.example) for fault in tried.silent] == []
        assert tried.found == PLANTED

    def test_every_rule_on_the_page_is_shown_to_work(self, tried: Tried) -> None:
        assert [str(rule) for rule in LISTED if rule not in tried.shown] == []

    def test_a_fault_that_two_rules_find_shows_neither_of_them(self) -> None:
        """Each would hide that the other is gone."""
        row = {"published": "2001", "reprint_of": "s-of-2002"}  # before its original, and with nothing in common
        both = Fault(
            "source.reprint",
            "sources",
            "reprint_of",
            (("sources", row), ("sources", {"id": "s-of-2002", "published": "2002"})),
        )
        tried = try_faults(ROOT, [both])
        assert tried.found == (both,)
        assert not [rule for rule in tried.shown if rule.place]

    def test_the_page_is_read_whole(self) -> None:
        lines = [line for line in PAGE.split("## Corrections,")[0].splitlines() if line.startswith("| `")]
        lines += [line for line in PAGE.split("## What a domain")[1].splitlines() if line.startswith("| `")]
        assert len(LISTED) >= len(lines) > 100
        assert {rule.rule for rule in LISTED} == {line.split("`")[1] for line in lines}
        assert REGION in LISTED
        assert Listed("file.ragged") in LISTED
        assert not [rule for rule in LISTED if rule.rule == "correction.bulk"]

    def test_no_fault_is_planted_twice(self) -> None:
        assert len({json.dumps(fault.json()) for fault in PLANTED}) == len(PLANTED)


class TestLost:
    """What a change of the code can do to a rule, and what is known then."""

    def test_a_rule_that_finds_nothing_is_silent(self) -> None:
        found = rules_at_work(ROOT, None, findings=without(lambda one: one.rule == "facility.region"))
        assert {fault.rule for fault in found.silent} == {"facility.region"}
        assert REGION in found.unshown

    def test_one_of_several_rules_of_one_name_is_enough(self) -> None:
        fix = "initialled cannot come before mandated."
        found = rules_at_work(ROOT, None, findings=without(lambda one: one.fix.endswith(fix)))
        assert [str(rule) for rule in found.unshown if rule.rule == "dates.order"] == [
            f"dates.order of agreements.initialled (Check both dates in the sources; {fix})"
        ]
        assert [dict(cells) for fault in found.silent for _, cells in fault.rows] == [
            {"mandated": "2002", "initialled": "2001"}
        ]

    def test_a_rule_that_is_taken_out_of_the_engine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        held = validate.structure.rules_of

        def fewer(*ledger: Any) -> Iterator[Any]:
            yield from (rule for rule in held(*ledger) if rule.id != "return.places")

        monkeypatch.setattr(validate.structure, "rules_of", fewer)
        found = rules_at_work(ROOT, None)
        assert {fault.rule for fault in found.silent} == {"return.places"}

    def test_a_rule_that_goes_with_its_fault_and_its_line_is_gone(self) -> None:
        kept = [fault for fault in PLANTED if fault.rule != "facility.region"]
        listed = [rule for rule in LISTED if rule.rule != "facility.region"]
        lost = without(lambda one: one.rule == "facility.region")
        found = rules_at_work(ROOT, PLANTED, planted=kept, listed=listed, findings=lost)
        assert (found.silent, found.unshown, found.known) == ((), (), True)
        assert [fault.name for fault in found.gone] == [
            "facility.region of facilities.latitude",
            "facility.region of facilities.longitude",
        ]

    def test_a_rule_and_a_fault_that_are_weakened_together(self) -> None:
        """The region grows by a degree, and what is planted moves out of it."""
        weaker = [
            Fault(f.rule, f.table, f.field, (("facilities", {"latitude": "47.3"}),)) if f.name == REGION_NAME else f
            for f in PLANTED
        ]
        lost = without(lambda one: (one.rule, one.value) == ("facility.region", "46.3"))
        found = rules_at_work(ROOT, PLANTED, planted=weaker, findings=lost)
        assert (found.silent, found.unshown) == ((), ())
        assert [fault.example for fault in found.gone] == ["facilities: latitude 46.3"]

    def test_without_a_manifest_nothing_is_known_to_be_gone(self) -> None:
        found = rules_at_work(ROOT, None, planted=PLANTED[:3], listed=[])
        assert (found.gone, found.known) == ((), False)

    def test_a_weaker_schema_leaves_its_fault_unfound(self, tmp_path: Path) -> None:
        shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
        shutil.copyfile(ROOT / "datapackage.json", tmp_path / "datapackage.json")
        file = tmp_path / "schemas/returns.json"
        schema = json.loads(file.read_bytes())
        next(field for field in schema["fields"] if field["name"] == "unit")["constraints"]["required"] = False
        file.write_text(json.dumps(schema), encoding="utf-8")
        assert [fault.name for fault in try_faults(tmp_path).silent] == ["cell.required of returns.unit"]

    def test_a_column_that_is_gone_stops_nothing(self, tmp_path: Path) -> None:
        shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
        shutil.copyfile(ROOT / "datapackage.json", tmp_path / "datapackage.json")
        file = tmp_path / "schemas/sources.json"
        schema = json.loads(file.read_bytes())
        schema["fields"] = [field for field in schema["fields"] if field["name"] != "document_ref"]
        file.write_text(json.dumps(schema), encoding="utf-8")
        assert [fault.name for fault in try_faults(tmp_path).silent] == ["text.personal of sources.document_ref"]


REGION_NAME = "facility.region of facilities.latitude"


class TestFault:
    def test_is_read_as_it_was_written(self) -> None:
        written = json.loads(json.dumps([fault.json() for fault in PLANTED]))
        assert tuple(map(Fault.parse, written)) == PLANTED

    @pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "a\\..\\x"])
    def test_an_edit_stays_in_its_folder(self, path: str) -> None:
        with pytest.raises(ValueError, match="cannot write"):
            Fault.parse({"rule": "a", "edits": [["write", path, ""]]})

    @pytest.mark.parametrize(
        "entry",
        [
            {},
            [],
            {"rule": 1},
            {"rule": "a", "rows": [["b"]]},
            {"rule": "a", "rows": [["b", {"c": 1}]]},
            {"rule": "a", "rows": [["b", []]]},
            {"rule": "a", "edits": [["burn", "b", ""]]},
            {"rule": "a", "edits": [["write", "b", "\u0161"]]},
        ],
    )
    def test_what_is_none_is_refused(self, entry: object) -> None:
        with pytest.raises((ValueError, TypeError, LookupError, AttributeError)):
            Fault.parse(entry)
