"""What `diff` says changed, and that nothing is lost: the changes applied to the old version give the new one."""

from __future__ import annotations

import csv
import io
import json
import random
import shutil
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import borderledger as bl
from borderledger.changes import (
    AddedRow,
    ChangedField,
    Changes,
    Correction,
    GradeChange,
    RemovedRow,
    SchemaChange,
    apply,
    diff,
)
from borderledger.changes import schema as engine
from borderledger.dataset import Dataset
from borderledger.errors import BadArgument, CorruptPackage, UnknownTable
from borderledger.output.shipped import packed
from borderledger.package import Field, Table, canonical_text
from borderledger.package.zipped import Zipped
from tests.conftest import ROOT, Mini

Rows = list[dict[str, str]]

# A busy machine is no reason to fail.


# --- versions in memory ----------------------------------------------------------------------------------------------


def sheet(columns: Iterable[str], rows: Iterable[Iterable[str]] = (), *, key: str = "id", **more: Any) -> Any:
    """A table for `version`: columns, rows, the fields of its key, and properties of columns by their names."""
    return {"columns": list(columns), "rows": [list(row) for row in rows], "key": key.split(), "more": more}


def version(number: str = "1.0.0", **tables: Any) -> Dataset:
    """A package in memory with these tables."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, table in tables.items():
            archive.writestr(f"schemas/{name}.json", json.dumps(_schema(name, table)))
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerows([table["columns"], *table["rows"]])
            archive.writestr(f"data/{name}.csv", text.getvalue())
        resources = [{"name": n, "path": f"data/{n}.csv", "schema": f"schemas/{n}.json"} for n in tables]
        archive.writestr("datapackage.json", json.dumps({"version": number, "resources": resources}))
    return Dataset(Zipped("tables.zip", buffer.getvalue()))


def _schema(name: str, table: Any) -> dict[str, Any]:
    plain = {"type": "string", "description": "A column."}
    columns = [{"name": c, "title": c, **plain, **table["more"].get(c, {})} for c in table["columns"]]
    return {"title": name, "description": "A table.", "primaryKey": table["key"], "fields": columns}


def tables(of: Dataset) -> dict[str, Rows]:
    """All tables as rows, by key."""
    return {
        name: sorted(of.rows(name), key=lambda row: [row[column] for column in of.schema(name).key])
        for name in of.names
    }


THINGS = sheet(["id", "size"], [["a", "1"], ["b", "2"]])


# All but line ends, which no cell holds, and halves of surrogate pairs, which no file does.
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=6)
HOSTILE = st.sampled_from(
    ["", " ", '"', '""', ",", ";", " / ", "=1+1", "é", "e\u0301", "\u2028", "\x85", "\u202e", "\x01", "0", "00"]
)


@st.composite
def sheets(draw: st.DrawFn, columns: list[str], key: str) -> Any:
    """A table of these columns, with few different keys, so that two of them share some."""
    row = st.tuples(*(st.sampled_from("abcd") if c in key.split() else HOSTILE | TEXT for c in columns))
    places = [columns.index(part) for part in key.split()]
    rows = draw(st.lists(row, max_size=6, unique_by=lambda cells: tuple(cells[place] for place in places)))
    return sheet(columns, rows, key=key)


@st.composite
def same_schema(draw: st.DrawFn) -> tuple[Dataset, Dataset]:
    """Two versions of equal schema."""
    things, pairs = sheets(["id", "size", "note"], "id"), sheets(["left", "value", "right"], "left right")
    old, new = (version(things=draw(things), pairs=draw(pairs)) for _ in "ab")
    return old, new


@st.composite
def any_schema(draw: st.DrawFn) -> tuple[Dataset, Dataset]:
    """Two versions whose tables, columns, their order and their keys may differ."""

    def some() -> Dataset:
        made = {"always": sheet(["id"])}  # a package without tables is none
        for name in draw(st.lists(st.sampled_from("xyz"), unique=True)):
            columns = draw(st.lists(st.sampled_from(["id", "place", "size", "note"]), min_size=1, unique=True))
            key = " ".join(draw(st.lists(st.sampled_from(columns), min_size=1, max_size=2, unique=True)))
            made[name] = draw(sheets(columns, key))
        return version(**made)

    return some(), some()


class TestNothingIsLost:
    """Properties of any two versions, with whatever text a cell can hold."""

    @given(same_schema())
    def test_a_version_does_not_differ_from_itself(self, pair: tuple[Dataset, Dataset]) -> None:
        assert not diff(pair[0], pair[0])
        assert diff(pair[0], pair[0]).frame().empty

    @given(st.data())
    def test_the_order_of_rows_does_not_matter(self, data: st.DataObject) -> None:
        first = data.draw(sheets(["id", "size", "note"], "id"))
        second = {**first, "rows": data.draw(st.permutations(first["rows"]))}
        assert not diff(version(things=first), version(things=second))

    @given(same_schema() | any_schema())
    def test_the_changes_applied_to_the_old_version_give_the_new_one(self, pair: tuple[Dataset, Dataset]) -> None:
        old, new = pair
        assert apply(tables(old), diff(old, new)) == tables(new)

    @given(any_schema())
    def test_columns_come_as_the_new_version_has_them(self, pair: tuple[Dataset, Dataset]) -> None:
        made = apply(tables(pair[0]), diff(*pair))
        assert list(made) == pair[1].names
        assert all(list(row) == pair[1].schema(name).names for name, rows in made.items() for row in rows)

    @given(same_schema() | any_schema())
    def test_there_and_back_are_mirror_images(self, pair: tuple[Dataset, Dataset]) -> None:
        there, back = diff(*pair), diff(*reversed(pair))
        assert _rows(there.added) == _rows(back.removed)
        assert _rows(there.removed) == _rows(back.added)
        turned = [(c.table, c.key, c.field, c.new, c.old) for c in back.changed]
        assert sorted((c.table, c.key, c.field, c.old, c.new) for c in there.changed) == sorted(turned)
        turned_schema = {(c.table, c.field, c.what, c.new, c.old) for c in back.schema}
        assert {(c.table, c.field, _OPPOSITE.get(c.what, c.what), c.old, c.new) for c in there.schema} == turned_schema

    @given(same_schema() | any_schema())
    def test_there_are_changes_exactly_when_something_differs(self, pair: tuple[Dataset, Dataset]) -> None:
        old, new = pair
        described = [{name: of.schema(name) for name in of.names} for of in pair]
        same = tables(old) == tables(new) and described[0] == described[1]
        assert bool(diff(old, new)) == (not same)

    @given(same_schema(), st.data())
    def test_a_cell_that_moved_on_is_not_overwritten(self, pair: tuple[Dataset, Dataset], data: st.DataObject) -> None:
        found = diff(*pair)
        moved = tables(pair[0])
        touched: list[ChangedField | RemovedRow] = [*found.changed, *found.removed]
        if touched:
            one = data.draw(st.sampled_from(touched))
            keys = pair[0].schema(one.table).key
            row = next(r for r in moved[one.table] if tuple(r[k] for k in keys) == one.key)
            column = one.field if isinstance(one, ChangedField) else next(c for c in row if c not in keys)
            row[column] += "?"
            with pytest.raises(BadArgument, match="another version"):
                apply(moved, found)


_OPPOSITE = {"added": "removed", "removed": "added"}


def _rows(found: Iterable[AddedRow | RemovedRow]) -> list[Any]:
    return sorted((row.table, row.key, sorted(row.cells.items())) for row in found)


class TestDiff:
    """`diff` matches rows by their key."""

    def test_swapped_values_are_seen(self) -> None:
        found = diff(version(things=THINGS), version(things=sheet(["id", "size"], [["a", "2"], ["b", "1"]])))
        assert found.changed == (
            ChangedField("things", ("a",), "size", "1", "2"),
            ChangedField("things", ("b",), "size", "2", "1"),
        )

    def test_a_new_id_is_one_row_added_and_one_removed(self) -> None:
        found = diff(version(things=THINGS), version(things=sheet(["id", "size"], [["a", "1"], ["c", "2"]])))
        assert found.added == (AddedRow("things", ("c",), {"id": "c", "size": "2"}),)
        assert found.removed == (RemovedRow("things", ("b",), {"id": "b", "size": "2"}),)
        assert found.changed == ()

    def test_the_spelling_of_a_number_is_a_change(self) -> None:
        found = diff(version(things=THINGS), version(things=sheet(["id", "size"], [["a", "1.0"], ["b", "2"]])))
        assert [(c.old, c.new) for c in found.changed] == [("1", "1.0")]

    def test_parts_of_a_key_do_not_run_into_each_other(self) -> None:
        left = sheet(["p", "q"], [["a / b", "c"]], key="p q")
        right = sheet(["p", "q"], [["a", "b / c"]], key="p q")
        found = diff(version(pairs=left), version(pairs=right))
        assert ([r.key for r in found.removed], [r.key for r in found.added]) == ([("a / b", "c")], [("a", "b / c")])

    @pytest.mark.parametrize("side", ["old", "new"])
    def test_a_key_that_stands_twice_is_an_error_that_names_table_and_key(self, side: str) -> None:
        twice = version("2.0.0", pairs=sheet(["p", "q", "n"], [["a", "b", "1"], ["a", "b", "2"]], key="p q"))
        once = version(pairs=sheet(["p", "q", "n"], [["a", "b", "1"]], key="p q"))
        with pytest.raises(CorruptPackage, match=rf"pairs of the {side} version, 2\.0\.0 has two .* p 'a', q 'b'"):
            diff(*((twice, once) if side == "old" else (once, twice)))

    def test_empty_tables(self) -> None:
        empty = version(things=sheet(["id", "size"]))
        assert not diff(empty, empty)
        assert len(diff(empty, version(things=THINGS)).added) == 2
        assert len(diff(version(things=THINGS), empty).removed) == 2

    def test_a_table_that_one_side_lacks_has_no_rows_there(self) -> None:
        one, two = version(things=THINGS), version(things=THINGS, more=THINGS)
        came, went = diff(one, two), diff(two, one)
        assert came.schema == (SchemaChange("more", "", "added", "", "more"),)
        assert went.schema == (SchemaChange("more", "", "removed", "more", "", ("readers",)),)
        assert [row.key for row in came.added] == [row.key for row in went.removed] == [("a",), ("b",)]

    def test_a_new_column_counts_as_empty_before(self) -> None:
        wide = sheet(["id", "note", "size"], [["a", "new", "1"], ["b", "", "2"]])
        found = diff(version(things=THINGS), version(things=wide))
        assert found.schema == (SchemaChange("things", "note", "added", "", "string"),)
        assert found.changed == (ChangedField("things", ("a",), "note", "", "new"),)

    def test_moved_columns_change_no_cell(self) -> None:
        found = diff(version(things=THINGS), version(things=sheet(["size", "id"], [["1", "a"], ["2", "b"]])))
        assert found.schema == (SchemaChange("things", "", "order", '["id", "size"]', '["size", "id"]'),)
        assert found.changed == ()

    def test_with_another_key_all_rows_are_others(self) -> None:
        found = diff(version(things=THINGS), version(things={**THINGS, "key": ["id", "size"]}))
        assert found.schema == (SchemaChange("things", "", "key", '["id"]', '["id", "size"]', ("readers",)),)
        assert [row.key for row in found.removed] == [("a",), ("b",)]
        assert [row.key for row in found.added] == [("a", "1"), ("b", "2")]

    def test_with_another_key_an_equal_word_is_no_match(self) -> None:
        found = diff(
            version(things=sheet(["id", "n"], [["1", "1"]])), version(things=sheet(["n", "id"], [["1", "2"]], key="n"))
        )
        assert ([row.cells["id"] for row in found.removed], [row.cells["id"] for row in found.added]) == (["1"], ["2"])
        assert found.changed == ()

    def test_tables_come_in_the_order_of_the_descriptor_then_by_key_then_by_column(self) -> None:
        before = sheet(["id", "x", "y"], [["b", "1", "1"], ["a", "1", "1"]])
        after = sheet(["id", "y", "x"], [["b", "2", "2"], ["a", "2", "2"]])
        found = diff(version(z=before, gone=before, a=before), version(z=after, a=after))
        assert [(c.table, c.key[0], c.field) for c in found.changed] == [
            *(("z", "a", "y"), ("z", "a", "x"), ("z", "b", "y"), ("z", "b", "x")),
            *(("a", "a", "y"), ("a", "a", "x"), ("a", "b", "y"), ("a", "b", "x")),
        ]
        assert list(dict.fromkeys(found.frame()["table"])) == ["z", "a", "gone"]

    def test_it_is_a_function_of_the_library(self, mini: Mini) -> None:
        assert bl.diff is diff
        assert not bl.diff(str(mini.root), mini.root / "datapackage.json")

    def test_a_path_that_holds_no_package_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(CorruptPackage):
            diff(tmp_path, tmp_path)


class TestApply:
    """`apply` makes the new tables, or refuses."""

    old, new = version(things=THINGS), version(things=sheet(["id", "size"], [["a", "9"], ["c", "3"]]))
    found = diff(old, new)

    def test_what_is_given_is_not_changed(self) -> None:
        given = tables(self.old)
        apply(given, self.found)
        assert given == tables(self.old)

    def test_rows_that_no_change_mentions_stay(self) -> None:
        given = tables(self.old)
        given["things"].append({"id": "z", "size": "0"})
        assert [row["id"] for row in apply(given, self.found)["things"]] == ["a", "c", "z"]

    @pytest.mark.parametrize(
        ("rows", "says"),
        [
            ([["a", "8"], ["b", "2"]], "things a holds '8' as size, where the change expects '1'"),
            ([["b", "2"]], "things a is not there"),
            ([["a", "1"]], "things b is not there"),
            ([["a", "1"], ["b", "3"]], "things b is not the row to be removed"),
            ([["a", "1"], ["b", "2"], ["c", ""]], "things c is there already"),
        ],
    )
    def test_a_row_that_has_moved_on_is_refused(self, rows: list[list[str]], says: str) -> None:
        given = {"things": [{"id": record, "size": size} for record, size in rows]}
        with pytest.raises(BadArgument, match=says):
            apply(given, self.found)

    def test_changes_do_not_apply_twice(self) -> None:
        with pytest.raises(BadArgument):
            apply(apply(tables(self.old), self.found), self.found)

    def test_other_tables_are_refused(self) -> None:
        with pytest.raises(BadArgument, match="Only one side has: more"):
            apply({**tables(self.old), "more": []}, self.found)

    def test_a_key_that_stands_twice_is_refused(self) -> None:
        given = tables(self.old)
        with pytest.raises(CorruptPackage, match="things of the rows given has two rows with the key id 'a'"):
            apply({"things": [*given["things"], given["things"][0]]}, self.found)

    def test_a_column_is_not_dropped_with_a_value_that_no_change_mentions(self) -> None:
        found = diff(self.old, version(things=sheet(["id"], [["a"], ["b"]])))
        given = tables(self.old)
        assert apply(given, found) == {"things": [{"id": "a"}, {"id": "b"}]}
        given["things"].append({"id": "z", "size": "7"})
        with pytest.raises(BadArgument, match="things z would lose its size"):
            apply(given, found)

    def test_a_table_is_not_dropped_with_a_row_that_no_change_mentions(self) -> None:
        found = diff(version(things=THINGS, more=THINGS), self.old)
        given = {**tables(self.old), "more": [*tables(self.old)["things"], {"id": "z", "size": ""}]}
        with pytest.raises(BadArgument, match="more z would lose its id"):
            apply(given, found)


# --- schemas ---------------------------------------------------------------------------------------------------------

ABC = [{"value": v, "label": v.upper()} for v in "abc"]
FIGURE: dict[str, Any] = {"type": "integer"}
#: Property before, property after, what it is called, what it breaks; and what the way back breaks.
PROPERTIES = [
    ({}, {"type": "integer"}, "type", {"readers"}, {"readers"}),
    ({}, {"delimiter": ";"}, "delimiter", {"readers"}, {"readers"}),
    ({}, {"rdfType": "http://id.loc.gov/datatypes/edtf/EDTF-level1"}, "edtf", {"readers"}, {"readers"}),
    ({}, {"constraints": {"required": True}}, "required", {"rows"}, {"promises"}),
    ({}, {"constraints": {"unique": True}}, "unique", {"rows"}, {"promises"}),
    (FIGURE, FIGURE | {"constraints": {"minimum": 0}}, "minimum", {"rows"}, {"promises"}),
    (
        FIGURE | {"constraints": {"minimum": 0}},
        FIGURE | {"constraints": {"minimum": 1}},
        "minimum",
        {"rows"},
        {"promises"},
    ),
    ({}, {"constraints": {"pattern": "a"}}, "pattern", {"rows"}, {"promises"}),
    (
        {"constraints": {"pattern": "a"}},
        {"constraints": {"pattern": "b"}},
        "pattern",
        {"rows", "promises"},
        {"rows", "promises"},
    ),
    ({}, {"evidence": "claim"}, "bound", {"rows"}, {"promises"}),
    ({}, {"refersTo": ["x"]}, "refers_to", {"rows"}, {"promises"}),
    ({"refersTo": ["x"]}, {"refersTo": ["x", "y"]}, "refers_to", {"promises"}, {"rows"}),
    ({"refersTo": ["x", "y"]}, {"refersTo": ["y", "x"]}, "refers_to", set(), set()),
    ({"refersTo": ["x"]}, {"refersTo": ["y"]}, "refers_to", {"rows", "promises"}, {"rows", "promises"}),
    ({"categories": ABC[:2]}, {"categories": ABC}, "categories", {"promises"}, {"rows"}),
    ({}, {"categories": ABC[:1]}, "categories", {"rows"}, {"promises"}),
    ({"categories": ABC[:2]}, {"categories": ABC[1::-1]}, "order", set(), set()),
    ({"categories": ABC}, {"categories": ABC, "categoriesOrdered": True}, "ordered", {"readers"}, {"readers"}),
    (
        {"categories": ABC[:2], "categoriesOrdered": True},
        {"categories": ABC[1::-1], "categoriesOrdered": True},
        "order",
        {"readers"},
        {"readers"},
    ),
    ({"categories": ABC[:1]}, {"categories": [{"value": "a", "label": "B"}]}, "label", set(), set()),
    ({}, {"title": "Size"}, "title", set(), set()),
    ({}, {"description": "In metres."}, "description", set(), set()),
]


class TestSchema:
    """A change of a schema is classed by what it breaks."""

    @pytest.mark.parametrize(("before", "after", "what", "there", "back"), PROPERTIES)
    def test_a_property_of_a_field(self, before: Any, after: Any, what: str, there: set[str], back: set[str]) -> None:
        old, new = (version(things={**THINGS, "more": {"size": more}}) for more in (before, after))
        for found, breaks in ((diff(old, new), there), (diff(new, old), back)):
            assert [(c.table, c.field, c.what, {*c.breaks}) for c in found.schema] == [("things", "size", what, breaks)]
            assert (found.added, found.removed, found.changed) == ((), (), ())
            assert found

    def test_old_and_new_are_readable(self) -> None:
        old, new = (
            version(things={**THINGS, "more": {"size": FIGURE | {"constraints": c}}}) for c in ({}, {"minimum": 0})
        )
        assert [(c.old, c.new) for c in diff(old, new).schema] == [("", "0")]
        old, new = (version(things={**THINGS, "more": {"size": {"categories": c}}}) for c in (ABC[:2], ABC[1:]))
        assert [(c.old, c.new) for c in diff(old, new).schema] == [("", "c"), ("a", "")]

    def test_a_column_that_must_be_filled_breaks_rows(self) -> None:
        wide = sheet(["id", "size", "note"], key="id", note={"constraints": {"required": True}})
        there = diff(version(things=sheet(["id", "size"])), version(things=wide))
        back = diff(version(things=wide), version(things=sheet(["id", "size"])))
        assert [(c.what, c.breaks) for c in there.schema] == [("added", ("rows",))]
        assert [(c.what, c.breaks) for c in back.schema] == [("removed", ("readers",))]

    @pytest.mark.parametrize(
        ("described", "effects", "compared_otherwise"),
        [
            (Field, engine._FIELD_BREAKS, {"name", "categories", "final"}),
            (Table, engine._TABLE_BREAKS, {"name", "fields", "foreign_keys"}),
        ],
    )
    def test_no_property_is_forgotten(self, described: Any, effects: Any, compared_otherwise: set[str]) -> None:
        assert {f.name for f in fields(described)} == {*effects} | compared_otherwise

    def test_changes_in_the_schemas_of_the_repository(self, copy: Copy) -> None:
        def mend(schema: Any) -> None:
            schema["notCovered"] = "Nothing."
            schema["foreignKeys"] = [k for k in schema["foreignKeys"] if k["fields"] != ["to_place"]]
            for column in schema["fields"]:
                if column["name"] == "unit":
                    column["categories"].append({"value": "families", "label": "Families."})

        copy.schema("returns", mend)
        found = diff(ROOT, copy.root)
        assert [(c.field, c.what, c.old, c.new, c.breaks) for c in found.schema if c.table == "returns"] == [
            ("", "not_covered", bl.open(ROOT).schema("returns").not_covered, "Nothing.", ()),
            ("to_place", "foreign_keys", "places.id", "", ("promises",)),
            ("unit", "categories", "", "families", ("promises",)),
        ]
        assert len(found.schema) == 3
        assert not found.changed


# --- the real package ------------------------------------------------------------------------------------------------


class Copy:
    """A copy of the package of the repository, to edit."""

    def __init__(self, root: Path) -> None:
        shutil.copytree(ROOT / "data", root / "data")
        shutil.copytree(ROOT / "schemas", root / "schemas")
        shutil.copy(ROOT / "datapackage.json", root)
        self.root = root

    def edit(self, table: str, how: Callable[[Rows], Any]) -> None:
        """Change the rows of a table in place."""
        dataset = Dataset(self.root)
        rows = list(dataset.rows(table))
        how(rows)
        described = dataset.schema(table)
        (self.root / described.path).write_text(canonical_text(described, rows), encoding="utf-8", newline="")

    def set(self, table: str, record: str, **cells: str) -> None:
        """Change cells of a record."""
        self.edit(table, lambda rows: next(row for row in rows if row["id"] == record).update(cells))

    def log(
        self,
        record: str,
        field: str,
        old: str,
        new: str,
        reason: str,
        in_version: str = "0.1.1",
        kind: str = "correction",
    ) -> None:
        """Add a row to the log of corrections."""
        more = {"version": in_version, "kind": kind, "reason": reason, "source_id": "", "issue": "12"}
        row = {**more, "record_id": record, "field": field, "old": old, "new": new}
        self.edit("corrections", lambda rows: rows.append(row))

    def schema(self, table: str, how: Callable[[Any], None]) -> None:
        """Change the schema of a table in place."""
        path = self.root / "schemas" / f"{table}.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        how(content)
        path.write_text(json.dumps(content), encoding="utf-8")

    def number(self, number: str) -> None:
        """Change the version number."""
        path = self.root / "datapackage.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps({**content, "version": number}), encoding="utf-8")


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "copy")


#: A curated record of returns.
FLOW = "ret-all-ba-2020-11"


def curated() -> tuple[str, str, set[str]]:
    """A record of returns with claims, its quantity, and the sources that agree with that."""
    dataset = bl.open(ROOT)
    claims = dataset.evidence(FLOW, "quantity")
    agreeing = claims.loc[claims["verdict"].eq("agrees"), "source_id"]
    return FLOW, dataset.record(FLOW)[1]["quantity"], {*agreeing}


def bulk() -> dict[str, str]:
    """A row of returns without claims."""
    dataset = bl.open(ROOT)
    stated = {claim["record_id"] for claim in dataset.rows("claims")}
    return next(row for row in dataset.rows("returns") if row["id"] not in stated and row["quantity"])


class TestRepository:
    """`diff` on the package of the repository and an edited copy."""

    def test_a_copy_does_not_differ(self, copy: Copy) -> None:
        found = diff(ROOT, copy.root)
        assert not found
        assert found.frame().empty

    def test_a_file_that_is_the_same_is_read_once_at_most(self, copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
        record, value, _ = curated()
        copy.set("returns", record, quantity=f"{value}0")
        read: list[str] = []
        real = Dataset._read
        monkeypatch.setattr(Dataset, "_read", lambda self, table, of: read.append(table.name) or real(self, table, of))
        assert diff(ROOT, copy.root)
        assert read.count("returns") == 2
        assert {read.count(name) for name in Dataset(ROOT).names if name != "returns"} == {0, 1}
        assert "checks" not in read

    def test_a_table_is_refused_when_it_is_malformed_in_one_version_but_not_compared_with_itself(
        self, copy: Copy, tmp_path: Path
    ) -> None:
        file = copy.root / "data/checks.csv"
        file.write_text(file.read_text(encoding="utf-8").replace(",", ";", 3), encoding="utf-8")
        with pytest.raises(CorruptPackage, match=r"data/checks\.csv:1 the column"):
            diff(ROOT, copy.root)
        shutil.copytree(copy.root, tmp_path / "same")
        assert not diff(copy.root, tmp_path / "same")

    def test_versions_that_share_their_rows_can_be_compared_both_ways(self, copy: Copy) -> None:
        old, new = Dataset(ROOT), Dataset(copy.root)
        assert not diff(old, new)
        assert not diff(new, old)
        assert not diff(old, old)
        assert old.cells("claims") is new.cells("claims")
        assert old.cells("claims") == Dataset(ROOT).cells("claims")

    def test_what_is_shipped_does_not_differ_from_the_checkout(self, tmp_path: Path) -> None:
        path = tmp_path / "csv.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in packed(ROOT).items():
                archive.writestr(f"borderledger-data/{name}", content)
        assert not diff(ROOT, path)
        assert not diff(path, ROOT)

    def test_a_new_number_alone_is_no_change(self, copy: Copy) -> None:
        copy.number("0.2.0")
        found = diff(ROOT, copy.root)
        assert not found
        assert (found.old_version, found.new_version) == (bl.open(ROOT).data_version, "0.2.0")
        assert repr(found) == f"<Changes {found.old_version} -> 0.2.0: none>"

    def test_a_changed_cell_comes_with_the_claims_that_back_it(self, copy: Copy) -> None:
        record, value, sources = curated()
        assert sources
        copy.set("returns", record, quantity=f"{value}0")
        found = diff(copy.root, ROOT)
        assert found.changed == (
            ChangedField("returns", (record,), "quantity", f"{value}0", value, tuple(sorted(sources))),
        )
        assert found.revisions == found.changed
        assert (found.added, found.removed, found.schema, found.corrections) == ((), (), (), ())

    def test_a_claim_that_contradicts_backs_nothing(self, copy: Copy) -> None:
        dispute = bl.open(ROOT).disputes().iloc[0]
        copy.set(dispute["table"], dispute["record_id"], **{dispute["field"]: ""})
        (change,) = diff(copy.root, ROOT).changed
        assert {*change.sources} == {*dispute["agree"]} - {*dispute["contradict"]} != set()

    def test_a_claim_is_backed_by_its_own_source_alone(self, copy: Copy) -> None:
        dispute = bl.open(ROOT).disputes().iloc[0]
        copy.edit("claims", lambda rows: [r.update(note="?") for r in rows if r["record_id"] == dispute["record_id"]])
        found = diff(ROOT, copy.root)
        assert len({source for change in found.changed for source in change.sources}) > 1
        assert all(change.sources == (change.key[2],) for change in found.changed)

    def test_a_qualifier_is_backed_by_the_claims_on_its_figure(self, copy: Copy) -> None:
        record, _, sources = curated()
        copy.set("returns", record, quantity_qualifier="at_most")
        (change,) = diff(copy.root, ROOT).changed
        assert (change.field, {*change.sources}) == ("quantity_qualifier", sources)

    def test_a_field_that_no_claim_states_has_no_sources(self, copy: Copy) -> None:
        copy.set("returns", FLOW, note="Another note.")
        (change,) = diff(ROOT, copy.root).changed
        assert (change.field, change.new, change.sources) == ("note", "Another note.", ())

    def test_a_bulk_row_is_backed_by_its_file(self, copy: Copy) -> None:
        row = bulk()
        copy.set("returns", row["id"], quantity="1" + row["quantity"])
        (change,) = diff(ROOT, copy.root).changed
        assert change.sources == (row["source_id"],)

    def test_a_row_that_is_gone_or_new(self, copy: Copy) -> None:
        record, value, sources = curated()
        copy.edit("returns", lambda rows: rows.remove(next(row for row in rows if row["id"] == record)))
        went, came = diff(ROOT, copy.root), diff(copy.root, ROOT)
        (gone,), (new,) = went.removed, came.added
        assert gone.key == new.key == (record,)
        assert gone.cells == new.cells
        assert gone.cells["quantity"] == value
        assert sources <= {*gone.sources} == {*new.sources}
        assert (gone.retired, gone.successor) == (None, "")
        assert (went.added, went.changed, went.grades) == ((), (), ())

    def test_a_claim_that_changes_the_grade(self, copy: Copy) -> None:
        record, _, _ = curated()
        before = bl.open(ROOT).graded(bl.open(ROOT).schema("returns"))[record][0]

        def contradict(rows: Rows) -> None:
            claim = next(r for r in rows if r["record_id"] == record and r["field"] == "quantity")
            rows.append({**claim, "value": "1", "verdict": "contradicts"})

        copy.edit("claims", contradict)
        found = diff(ROOT, copy.root)
        assert before not in ("disputed", "")
        assert found.grades == (GradeChange("returns", record, before, "disputed"),)
        assert [row.table for row in found.added] == ["claims"]
        assert found.changed == ()

    @pytest.mark.parametrize("seed", range(5))
    def test_only_records_that_can_have_another_grade_are_graded_and_none_is_missed(
        self, mini: Mini, tmp_path: Path, seed: int
    ) -> None:
        """Beside the grades of all records of both versions."""
        draw, old = random.Random(seed), bl.open(shutil.copytree(mini.root, tmp_path / "old"))
        rows, many = mini.rows, 0
        for _ in range(6):
            claim, source = draw.choice(rows["claims"]), draw.choice(rows["sources"])
            table = draw.choice([table.name for table in mini.package.core if rows[table.name]])
            draw.choice(rows["claims"])["verdict"] = draw.choice(["agrees", "contradicts", "coarser", "remark"])
            source["kind"] = draw.choice(["blog", "legal"])
            draw.choice(rows["sources"])["publisher"] = source["publisher"]
            draw.choice(rows["sources"])["reprint_of"] = source["id"]
            draw.choice(rows[table])["source_id"] = claim["source_id"]
            rows["control_totals"] = [r for r in rows["control_totals"] if r["source_id"] != source["id"]]
            rows["claims"].remove(claim)
            mini.save(sealed=False)
            new = bl.open(mini.root)
            then, since = ({t.name: v.graded(t) for t in mini.package.core} for v in (old, new))
            assert {(c.table, c.record, c.old, c.new) for c in diff(old, new).grades} == {
                (table, record, was.grade, since[table][record].grade)
                for table, graded in then.items()
                for record, was in graded.items()
                if record in since[table] and since[table][record].grade != was.grade
            }
            many += len(diff(old, new).grades)
        assert many > 4

    def test_no_grades_without_the_tables_that_they_are_made_of(self) -> None:
        facts = sheet(["id", "size"], [["a", "1"]], size={"evidence": "claim"})
        found = diff(version(facts=facts), version(facts={**facts, "rows": [["a", "2"]]}))
        assert (found.grades, [c.sources for c in found.changed]) == ((), [()])

    def test_what_is_found_can_be_applied(self, copy: Copy) -> None:
        copy.set("returns", FLOW, note="Another note.")
        copy.edit("claims", lambda rows: rows.pop(5))
        old, new = bl.open(ROOT), bl.open(copy.root)
        assert apply({name: old.rows(name) for name in old.names}, diff(old, new)) == {
            name: list(new.rows(name)) for name in new.names
        }


class TestCorrections:
    """A change that the new version logs as a correction is one; any other is a revision."""

    @pytest.fixture
    def fixed(self, copy: Copy) -> Copy:
        """A copy in which one quantity was corrected to 3."""
        self.value = bl.open(ROOT).record(FLOW)[1]["quantity"]
        copy.set("returns", FLOW, quantity="3")
        return copy

    def test_a_logged_change_is_a_correction_with_its_reason(self, fixed: Copy) -> None:
        fixed.log(FLOW, "quantity", self.value, "3", "Misread digit.")
        found = diff(ROOT, fixed.root)
        (change,) = found.corrections
        assert change.correction == Correction("0.1.1", self.value, "3", "Misread digit.", "", "12")
        assert found.revisions == ()
        assert [(row.table, row.key) for row in found.added] == [("corrections", ("0.1.1", FLOW, "quantity"))]

    def test_a_change_logged_as_a_revision_is_one_with_its_reason(self, fixed: Copy) -> None:
        fixed.log(FLOW, "quantity", self.value, "3", "The file of 2027.", kind="revision")
        found = diff(ROOT, fixed.root)
        (change,) = found.revisions
        assert (change.correction, found.corrections) == (None, ())
        assert change.logged == Correction("0.1.1", self.value, "3", "The file of 2027.", "", "12", "revision")
        (row,) = found.of("returns").frame().to_dict("records")
        assert (row["correction"], row["reason"]) == (False, "The file of 2027.")

    @pytest.mark.parametrize(
        "logged",
        [
            (FLOW, "quantity_max", "", "3", "Why."),  # another field
            ("ret-other", "quantity", "", "3", "Why."),  # another record
            (FLOW, "quantity", "", "4", "Why."),  # does not end in what is held
        ],
    )
    def test_a_log_of_something_else_does_not_explain_it(
        self, fixed: Copy, logged: tuple[str, str, str, str, str]
    ) -> None:
        fixed.log(*logged)
        found = diff(ROOT, fixed.root)
        assert found.corrections == ()
        assert [change.field for change in found.revisions] == ["quantity"]

    def test_what_the_old_version_logged_does_not_explain_a_later_change(self, fixed: Copy, tmp_path: Path) -> None:
        fixed.log(FLOW, "quantity", self.value, "3", "Misread digit.")
        later = Copy(tmp_path / "later")
        later.log(FLOW, "quantity", self.value, "3", "Misread digit.")
        later.set("returns", FLOW, quantity="4")
        assert diff(fixed.root, later.root).corrections == ()
        # Nor does it explain the way back.
        assert diff(later.root, fixed.root).corrections == ()
        assert diff(fixed.root, ROOT).corrections == ()

    def test_of_several_the_last_counts_by_number(self, fixed: Copy) -> None:
        fixed.log(FLOW, "quantity", "2", "3", "Second.", in_version="0.10.0")
        fixed.log(FLOW, "quantity", self.value, "2", "First.", in_version="0.9.0")
        (change,) = diff(ROOT, fixed.root).corrections
        assert change.correction is not None
        assert change.correction.reason == "Second."

    def test_a_retired_id_carries_its_successor_and_reason(self, copy: Copy) -> None:
        copy.edit("returns", lambda rows: rows.remove(next(row for row in rows if row["id"] == FLOW)))
        copy.log(FLOW, "id", FLOW, "ret-other", "The same flow.")
        found = diff(ROOT, copy.root)
        (gone,) = found.removed
        assert gone.retired is not None
        assert (gone.successor, gone.retired.reason) == ("ret-other", "The same flow.")
        (shown,) = found.of("returns").frame().to_dict("records")
        assert (shown["kind"], shown["successor"], shown["reason"]) == ("removed", "ret-other", "The same flow.")


class TestChanges:
    """`Changes` as a reader sees it."""

    def test_the_frame(self, copy: Copy) -> None:
        record, value, sources = curated()
        copy.set("returns", record, quantity="3", note="")
        copy.log(record, "quantity", value, "3", "Misread digit.")
        copy.edit("claims", lambda rows: rows.pop(0))
        found = diff(ROOT, copy.root)
        frame = found.frame()
        assert frame.columns.tolist() == [
            *("table", "record", "kind", "field", "old", "new"),
            *("sources", "correction", "reason", "successor"),
        ]
        assert frame["kind"].tolist() == ["changed", "changed", "removed", "added"]
        assert frame["table"].tolist() == ["returns", "returns", "claims", "corrections"]
        first, second, claim, log = frame.to_dict("records")
        assert (first["field"], first["old"], first["new"], first["correction"]) == ("quantity", value, "3", True)
        assert (first["record"], first["reason"], {*first["sources"]}) == (record, "Misread digit.", sources)
        assert (second["field"], second["correction"]) == ("note", False)
        assert claim["record"] == " / ".join(found.removed[0].key)
        assert claim["sources"] == [found.removed[0].cells["source_id"]]
        assert log["record"] == f"0.1.1 / {record} / quantity"
        assert frame[["field", "old", "new", "successor"]].iloc[2:].isna().all(axis=None)

    def test_repr_counts(self) -> None:
        wide = sheet(["id", "size", "x"], [["a", "3", ""], ["c", "", ""]])
        found = diff(version(things=THINGS), version("1.1.0", things=wide))
        assert repr(found) == (
            "<Changes 1.0.0 -> 1.1.0: 1 rows added, 1 rows removed, 1 fields changed, 1 schema changes>"
        )

    def test_of_a_table_or_a_record(self, copy: Copy) -> None:
        record, _, _ = curated()
        copy.set("returns", record, quantity="3")
        copy.set("places", "AL", note="A note.")
        copy.edit(
            "claims", lambda rows: next(row for row in rows if row["record_id"] == record).update(verdict="contradicts")
        )
        found = diff(ROOT, copy.root)
        assert {change.table for change in found.of("places").changed} == {"places"}
        mine = found.of(record=record)
        assert [change.table for change in mine.changed] == ["returns", "claims"]
        assert not found.of("places", record)
        assert [grade.record for grade in mine.grades] == [record]
        assert not found.of(record="AL").grades
        assert found.of() == found

    def test_an_unknown_table_is_an_error(self) -> None:
        things = version(things=THINGS)
        with pytest.raises(UnknownTable, match="things"):
            diff(things, things).of("thing")

    @pytest.mark.parametrize("part", ["added", "removed", "changed", "schema", "grades"])
    def test_it_is_true_when_there_is_anything(self, part: str) -> None:
        nothing = Changes("1", "2")
        some = {
            "added": AddedRow("t", ("a",), {}),
            "removed": RemovedRow("t", ("a",), {}),
            "changed": ChangedField("t", ("a",), "f", "", "x"),
            "schema": SchemaChange("t", "", "title", "", "T"),
            "grades": GradeChange("t", "a", "", "single"),
        }
        assert not nothing
        assert replace(nothing, **{part: (some[part],)})  # type: ignore[arg-type]
