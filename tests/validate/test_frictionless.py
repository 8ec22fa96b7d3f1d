"""Beside the stock Frictionless validator: where both agree, and where we refuse what it lets through on purpose.

Each example is a package of two tiny tables. A difference that Frictionless closes in a later version fails here, and
can then be moved to the examples on which both agree.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from frictionless import validate as frictionless

from borderledger.package import Package
from tests.conftest import ROOT
from validate import check

SCHEMA: dict[str, Any] = {
    "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
    "title": "Things",
    "description": "Things.",
    "missingValues": [""],
    "primaryKey": ["id"],
    "foreignKeys": [{"fields": ["kind"], "reference": {"resource": "kinds", "fields": ["id"]}}],
    "fields": [
        {"name": "id", "type": "string", "constraints": {"required": True, "pattern": "(?:[a-z]+)"}},
        {"name": "kind", "type": "string"},
        {"name": "count", "type": "integer", "constraints": {"minimum": 0}},
        {"name": "amount", "type": "number"},
        {"name": "day", "type": "date"},
        {"name": "status", "type": "string", "categories": [{"value": "on", "label": "On"}]},
        {"name": "note", "type": "string"},
    ],
}
KINDS = SCHEMA | {
    "title": "Kinds",
    "description": "Kinds.",
    "foreignKeys": [],
    "fields": [{"name": "id", "type": "string", "constraints": {"required": True}}, {"name": "name", "type": "string"}],
}
HEADER = "id,kind,count,amount,day,status,note\n"
ROW = "a,big,5,1.5,2025-06-11,on,plain\n"

Change = Callable[[dict[str, Any]], Any]


def package(root: Path, rows: str | bytes, schema: Change | None = None, resource: Change | None = None) -> Path:
    """Write a package of the tables `things` and `kinds`; both validators find it clean with the row above."""
    (root / "data").mkdir()
    (root / "schemas").mkdir()
    resources = []
    for name, content in (("things", SCHEMA), ("kinds", KINDS)):
        entry = {
            "name": name,
            "type": "table",
            "path": f"data/{name}.csv",
            "format": "csv",
            "encoding": "utf-8",
            "dialect": {"delimiter": ","},
            "schema": f"schemas/{name}.json",
        }
        content = json.loads(json.dumps(content))
        for field in content["fields"]:
            field |= {"title": field["name"], "description": field["name"]}
        if name == "things":
            (schema or bool)(content)
            (resource or bool)(entry)
        resources.append(entry)
        (root / f"schemas/{name}.json").write_text(json.dumps(content), encoding="utf-8")
    (root / "data/kinds.csv").write_text("id,name\nbig,Big\nsmall,Small\n", encoding="utf-8", newline="")
    (root / "data/things.csv").write_bytes(rows if isinstance(rows, bytes) else (HEADER + rows).encode())
    descriptor = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "x",
        "resources": resources,
    }
    (root / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    return root


def they_accept(root: Path) -> bool:
    return bool(frictionless(str(root / "datapackage.json")).valid)


def we_find(root: Path) -> list[tuple[str, str, int]]:
    """Our findings as (rule, file, line), less the one that evidence tables are missing."""
    found = [f for f in check(root).findings if f.rule != "package.incomplete"]
    return [(f.rule, f.file, f.line) for f in found]


THINGS = "data/things.csv"


class TestBothAgree:
    @pytest.mark.parametrize(
        "rows",
        [
            "",
            ROW,
            "a,,,,,,\n",
            "a,small,0,-1,0001-01-01,,\n",
            'a,big,5,1.5,2024-02-29,on,"a, ""b"""\n',
            "a,big,5,1.5,2025-06-11,on,Čačak\nb,,,,,,\n",
        ],
    )
    def test_a_clean_table(self, tmp_path: Path, rows: str) -> None:
        root = package(tmp_path, rows)
        assert they_accept(root)
        assert we_find(root) == []

    @pytest.mark.parametrize(
        ("rows", "rule", "line"),
        [
            (",big,5,1.5,2025-06-11,on,x\n", "cell.required", 2),
            ("A,big,5,1.5,2025-06-11,on,x\n", "cell.pattern", 2),
            ("a,huge,5,1.5,2025-06-11,on,x\n", "reference.unknown", 2),
            ("a,big,five,1.5,2025-06-11,on,x\n", "cell.type", 2),
            ("a,big,5.5,1.5,2025-06-11,on,x\n", "cell.type", 2),
            ("a,big,-5,1.5,2025-06-11,on,x\n", "cell.type", 2),
            ("a,big,5,half,2025-06-11,on,x\n", "cell.type", 2),
            ('a,big,5,"1,5",2025-06-11,on,x\n', "cell.type", 2),
            ("a,big,5,1.5,2025-02-30,on,x\n", "cell.type", 2),
            ("a,big,5,1.5,June,on,x\n", "cell.type", 2),
            ("a,,,,,,\na,,,,,,\n", "key.unique", 3),
            ("a,big,5\n", "file.ragged", 2),
            ("a,,,,,,,,\n", "file.ragged", 2),
            ("a,,,,,,\n\nb,,,,,,\n", "file.blank", 3),
        ],
    )
    def test_a_faulty_table(self, tmp_path: Path, rows: str, rule: str, line: int) -> None:
        root = package(tmp_path, rows)
        assert not they_accept(root)
        assert (rule, THINGS, line) in we_find(root)

    @pytest.mark.parametrize(
        ("content", "rule"),
        [
            (b"", "file.empty"),
            ((HEADER + ROW).encode("utf-16"), "file.encoding"),
            ((HEADER + ROW.replace("plain", "Čačak")).encode("cp1250"), "file.encoding"),
            ((HEADER + ROW).replace(",", ";").encode(), "file.delimiter"),
            ((HEADER + ROW).replace("note", "remark").encode(), "file.header"),
            ((HEADER + ROW).replace("status", "note").encode(), "file.header"),
        ],
    )
    def test_a_faulty_file(self, tmp_path: Path, content: bytes, rule: str) -> None:
        root = package(tmp_path, content)
        assert not they_accept(root)
        assert rule in {found for found, _, _ in we_find(root)}

    def test_the_package_of_the_repository_passes_both(self) -> None:
        assert they_accept(ROOT)
        assert check(ROOT).ok


class TestWeRefuseWhatTheyAccept:
    """The numbers are those of the frictionless issues where there is one."""

    def only_we(self, root: Path, *expected: tuple[str, str, int]) -> None:
        assert they_accept(root)
        assert set(expected) <= set(we_find(root))

    def test_a_quote_that_is_not_closed_swallows_the_rest_of_the_file(self, tmp_path: Path) -> None:
        """frictionless #1048: everything below the quote becomes one cell."""
        rows = 'a,big,5,1.5,2025-06-11,on,"open\nb,huge,x,y,z,no,\nb,huge,x,y,z,no,\n'
        self.only_we(
            package(tmp_path, rows), ("file.quotes", THINGS, 2), ("cell.type", THINGS, 3), ("key.unique", THINGS, 4)
        )

    def test_an_alternative_in_a_pattern_is_anchored_at_one_end_only(self, tmp_path: Path) -> None:
        def alternative(schema: dict[str, Any]) -> None:
            schema["fields"][0]["constraints"]["pattern"] = "a|bc"

        self.only_we(package(tmp_path, "ax,,,,,,\n", alternative), ("cell.pattern", THINGS, 2))

    @pytest.mark.parametrize("count", ["1_000", "٥", " 12 ", "+5", "0012", "-0"])
    def test_an_integer_has_many_spellings(self, tmp_path: Path, count: str) -> None:
        self.only_we(package(tmp_path, f"a,,{count},,,,\n"), ("cell.type", THINGS, 2))

    @pytest.mark.parametrize("amount", ["NaN", "INF", "-INF", "１.５", "1.50", "1e3", "1_0.5"])
    def test_a_number_has_many_spellings_and_need_be_no_number(self, tmp_path: Path, amount: str) -> None:
        self.only_we(package(tmp_path, f"a,,,{amount},,,\n"), ("cell.type", THINGS, 2))

    @pytest.mark.parametrize("day", ["2024-1-5", "2024-01-5"])
    def test_a_day_has_many_spellings(self, tmp_path: Path, day: str) -> None:
        self.only_we(package(tmp_path, f"a,,,,{day},,\n"), ("cell.type", THINGS, 2))

    def test_a_key_may_be_empty_in_one_part(self, tmp_path: Path) -> None:
        """That `required` stands on every part of a key is what forbids it; see the last tests of this file."""

        def composite(schema: dict[str, Any]) -> None:
            schema["primaryKey"] = ["id", "kind"]

        def required(schema: dict[str, Any]) -> None:
            composite(schema)
            schema["fields"][1]["constraints"] = {"required": True}

        for name, change in (("lax", composite), ("strict", required)):
            (tmp_path / name).mkdir()
            package(tmp_path / name, "a,,,,,,\n", change)
        assert they_accept(tmp_path / "lax")
        assert not they_accept(tmp_path / "strict")
        assert ("cell.required", THINGS, 2) in we_find(tmp_path / "strict")

    def test_two_rows_with_the_same_half_empty_key_are_one_too_many(self, tmp_path: Path) -> None:
        def unique(schema: dict[str, Any]) -> None:
            schema["uniqueKeys"] = [["id", "kind"]]
            del schema["primaryKey"]

        self.only_we(package(tmp_path, "a,,1,,,,\na,,2,,,,\n", unique), ("key.unique", THINGS, 3))

    @pytest.mark.parametrize("note", ["a\x00b", "a\u00a0b", "a\u200bb", " a", "a ", "C\u030c", "a\u202eb"], ids=ascii)
    def test_what_cannot_be_seen_passes(self, tmp_path: Path, note: str) -> None:
        root = package(tmp_path, f"a,,,,,,{note}\n")
        assert they_accept(root)
        assert {(file, line) for rule, file, line in we_find(root) if rule in ("text.form", "file.binary")} == {
            (THINGS, 2)
        }

    def test_a_space_counts_as_a_value(self, tmp_path: Path) -> None:
        def plain(schema: dict[str, Any]) -> None:
            del schema["fields"][0]["constraints"]["pattern"]

        self.only_we(package(tmp_path, '" ",,,,,,\n', plain), ("text.form", THINGS, 2))

    def test_a_byte_order_mark_passes(self, tmp_path: Path) -> None:
        self.only_we(package(tmp_path, b"\xef\xbb\xbf" + (HEADER + ROW).encode()), ("file.encoding", THINGS, 0))

    def test_line_ends_of_windows_pass(self, tmp_path: Path) -> None:
        self.only_we(package(tmp_path, (HEADER + ROW).replace("\n", "\r\n").encode()), ("file.line-ends", THINGS, 1))

    def test_without_a_declared_dialect_a_semicolon_file_passes(self, tmp_path: Path) -> None:
        def undeclared(resource: dict[str, Any]) -> None:
            del resource["dialect"]

        content = (HEADER + ROW * 3).replace(",", ";").encode()
        root = package(tmp_path, content, lambda s: s.pop("primaryKey"), undeclared)
        assert they_accept(root)
        assert not check(root).ok

    def test_categories_are_not_enforced(self, tmp_path: Path) -> None:
        """frictionless #1814."""
        self.only_we(package(tmp_path, "a,,,,,off,\n"), ("cell.category", THINGS, 2))

    def test_unique_keys_are_ignored(self, tmp_path: Path) -> None:
        def unique(schema: dict[str, Any]) -> None:
            schema["uniqueKeys"] = [schema.pop("primaryKey")]

        self.only_we(
            package(tmp_path, "a,,,,,,\na,,,,,,\n", unique), ("key.unique", THINGS, 2), ("key.unique", THINGS, 3)
        )

    def test_a_property_with_a_slip_of_the_pen_is_ignored(self, tmp_path: Path) -> None:
        def typo(schema: dict[str, Any]) -> None:
            field = schema["fields"][0]
            field["constraint"] = field.pop("constraints")

        self.only_we(package(tmp_path, "A,,,,,,\n", typo), ("schema.unreadable", "schemas/things.json", 0))

    def test_a_reference_to_a_field_that_does_not_exist_is_a_fault_of_every_row(self, tmp_path: Path) -> None:
        """Frictionless accepts it as long as the table is empty, and blames each row afterwards; we name the schema."""

        def nowhere(schema: dict[str, Any]) -> None:
            schema["foreignKeys"][0]["reference"]["fields"] = ["nowhere"]

        (tmp_path / "empty").mkdir()
        (tmp_path / "full").mkdir()
        empty, full = package(tmp_path / "empty", "", nowhere), package(tmp_path / "full", ROW, nowhere)
        assert they_accept(empty)
        assert not they_accept(full)
        expected = [("schema.reference", "schemas/things.json", 0)]
        assert we_find(empty) == we_find(full) == expected

    def test_a_list_is_text_to_them(self, tmp_path: Path) -> None:
        def listed(schema: dict[str, Any]) -> None:
            schema["foreignKeys"] = []
            schema["fields"][1] |= {"delimiter": ";", "refersTo": ["kinds"]}

        self.only_we(
            package(tmp_path, "a,small;big,,,,,\nb,big;huge,,,,,\n", listed),
            ("cell.list", THINGS, 2),
            ("reference.unknown", THINGS, 3),
        )

    def test_an_edtf_date_is_text_to_them(self, tmp_path: Path) -> None:
        def edtf(schema: dict[str, Any]) -> None:
            schema["fields"][6]["rdfType"] = "http://id.loc.gov/datatypes/edtf/EDTF-level1"

        self.only_we(package(tmp_path, "a,,,,,,2022/2020\n", edtf), ("cell.date", THINGS, 2))

    def test_the_order_of_rows_and_needless_quotes_do_not_matter_to_them(self, tmp_path: Path) -> None:
        self.only_we(package(tmp_path, 'b,,,,,,\n"a",,,,,,\n'), ("form.canonical", THINGS, 2))


def test_every_part_of_a_primary_key_of_the_repository_is_required() -> None:
    """Frictionless takes a key with one empty part; `required` on each part is what forbids it."""
    for path in sorted({ROOT / table.schema_path for table in Package.read(ROOT).tables.values()}):
        schema = json.loads(path.read_text(encoding="utf-8"))
        required = {f["name"] for f in schema["fields"] if f.get("constraints", {}).get("required")}
        assert set(schema.get("primaryKey", [])) <= required, path.name


def test_every_resource_of_the_repository_declares_dialect_and_encoding() -> None:
    """Without them Frictionless guesses, and takes a semicolon file or another encoding for valid."""
    for resource in json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8"))["resources"]:
        assert resource["encoding"] == "utf-8"
        assert resource["dialect"]["delimiter"] == ","
