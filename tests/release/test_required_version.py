"""Which version number a change demands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from borderledger.changes import AddedRow, ChangedField, Changes, GradeChange, RemovedRow, SchemaChange, diff
from borderledger.dataset import Dataset
from borderledger.package import Field, Table
from release.required_version import LEVELS, least, numbers, required
from tests.borderledger.test_changes import any_schema


def table(name: str, *, bound: bool = True, key: tuple[str, ...] = ("id",)) -> Table:
    fields = tuple(
        Field(n, n, n, "string", False, False, "", None, {}, False, False, bound and n == "size", "", ())
        for n in ("id", "size")
    )
    return Table(name, f"data/{name}.csv", "", name, "", "", fields, key, (), {})


TABLES = (table("returns"), table("sources", bound=False), table("claims", bound=False, key=("id", "size")))
ADDED, REMOVED = (lambda name, kind=kind: kind(name, ("a", "1"), {"id": "a", "size": "1"}) for kind in (AddedRow, RemovedRow))  # fmt: skip


@pytest.mark.parametrize(
    ("level", "reason", "changes"),
    [
        ("none", "", {}),
        # patch: values are corrected, and what comes with that
        ("patch", "values changed in returns", {"changed": (ChangedField("returns", ("a",), "size", "1", "2"),)}),
        ("patch", "rows added to claims", {"added": (ADDED("claims"),)}),
        ("patch", "rows added to sources", {"added": (ADDED("sources"),)}),
        ("patch", "rows removed from claims", {"removed": (REMOVED("claims"),)}),
        ("patch", "grades changed in returns", {"grades": (GradeChange("returns", "a", "weak", "single"),)}),
        ("patch", "title of the table returns changed", {"schema": (SchemaChange("returns", "", "title", "a", "b"),)}),
        ("patch", "order of the table returns changed", {"schema": (SchemaChange("returns", "", "order", "a", "b"),)}),
        # minor: there is more, or the rules for it changed
        ("minor", "a added to returns", {"added": (ADDED("returns"),)}),
        ("minor", "the column returns.new was added", {"schema": (SchemaChange("returns", "new", "added", "", "string"),)}),
        ("minor", "the column returns.new was added", {"schema": (SchemaChange("returns", "new", "added", "", "string", ("rows",)),)}),
        ("minor", "the table camps was added", {"schema": (SchemaChange("camps", "", "added", "", "Camps"),)}),
        ("minor", "categories of the column returns.unit changed", {"schema": (SchemaChange("returns", "unit", "categories", "", "x", ("promises",)),)}),
        ("minor", "required of the column returns.unit changed", {"schema": (SchemaChange("returns", "unit", "required", "false", "true", ("rows",)),)}),
        # major: something that a reader relies on is gone, or means something else
        ("major", "a of returns vanished", {"removed": (REMOVED("returns"),)}),
        ("major", "a of sources vanished", {"removed": (REMOVED("sources"),)}),
        ("major", "the column returns.size was removed", {"schema": (SchemaChange("returns", "size", "removed", "integer", "", ("readers",)),)}),
        ("major", "the table returns was removed", {"schema": (SchemaChange("returns", "", "removed", "Returns", "", ("readers",)),)}),
        ("major", "type of the column returns.size changed", {"schema": (SchemaChange("returns", "size", "type", "integer", "string", ("readers",)),)}),
        # the highest counts, with its reasons alone
        ("minor", "a added to returns", {"added": (ADDED("returns"), ADDED("claims")), "changed": (ChangedField("sources", ("a",), "size", "1", "2"),)}),
    ],
)  # fmt: skip
def test_what_a_change_demands(level: str, reason: str, changes: dict[str, object]) -> None:
    found = required(Changes("0.1.0", "0.2.0", old_tables=TABLES, new_tables=TABLES, **changes))  # type: ignore[arg-type]
    assert found.level == level
    assert found.reasons == ((reason,) if reason else ())


def test_a_change_of_the_descriptor_alone_demands_a_patch() -> None:
    found = required(Changes("0.1.0", "0.1.0"), ["licenses"])
    assert (found.level, found.reasons) == ("patch", ("licenses changed in the descriptor",))


def test_of_many_ids_some_are_named() -> None:
    rows = tuple(AddedRow("returns", (f"r{n}",), {}) for n in range(9))
    found = required(Changes("0.1.0", "0.1.0", added=rows, old_tables=TABLES, new_tables=TABLES))
    assert found.reasons == ("r0, r1, r2 and 6 more added to returns",)


@pytest.mark.parametrize(
    ("text", "found"),
    [("0.1.0", (0, 1, 0)), ("10.20.30", (10, 20, 30)), ("0.1", None), ("v0.1.0", None), ("0.1.0 ", None), ("0.01.0", None)]
    + [(bad, None) for bad in ("", "0.1.0-rc1", "0.1.0\n", "٠.1.0", "1.²", "-1.0.0", "1.0.0.0", "9" * 5000 + ".0.0")],
)  # fmt: skip
def test_a_version_is_three_numbers(text: str, found: object) -> None:
    assert numbers(text) == found


VERSIONS = st.tuples(*[st.integers(0, 20)] * 3)


@given(VERSIONS, st.sampled_from(LEVELS), st.sampled_from(LEVELS))
def test_a_higher_level_demands_a_higher_version(version: tuple[int, ...], low: str, high: str) -> None:
    text = ".".join(map(str, version))
    first, second = numbers(least(text, low)), numbers(least(text, high))  # type: ignore[arg-type]
    assert first is not None
    assert second is not None
    assert first >= version
    assert (LEVELS.index(low) < LEVELS.index(high)) == (first < second)  # type: ignore[arg-type]


@given(any_schema(), any_schema())
def test_a_way_in_two_steps_demands_no_less(pair: tuple[Dataset, Dataset], other: tuple[Dataset, Dataset]) -> None:
    """So that nobody comes by a smaller number through a release in between."""
    first, middle, last = *pair, other[0]

    def level(old: Dataset, new: Dataset) -> int:
        return LEVELS.index(required(diff(old, new)).level)

    assert level(first, last) <= max(level(first, middle), level(middle, last))
