"""The manifest, computed again from its specification by other means."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
from typing import Any

import pytest

from borderledger.package import Finding, Package
from release.manifest import BadManifest, FileHash, Manifest, TableHash, read_tables, recorded
from release.planted import Fault
from tests.conftest import ROOT, Mini

HASH = "0" * 64
GOOD: dict[str, Any] = {
    "manifest": 1,
    "version": "1.0.0",
    "created": "2026-01-01T00:00:00Z",
    "package": {"data/a.csv": {"bytes": 1, "sha256": HASH}},
    "tables": {"a": {"derived": False, "rows": 1, "schema": HASH, "content": HASH, "checks": "AAAA"}},
    "files": {},
}


def tables(mini: Mini) -> dict[str, TableHash]:
    problems: list[Finding] = []
    found = {name: table.hash for name, table in read_tables(mini.save(), problems).items()}
    assert not problems
    return found


class TestHashes:
    @pytest.mark.parametrize("name", ["places", "control_totals", "returns"])
    def test_are_those_of_the_specification(self, whole: Package, name: str) -> None:
        found = read_tables(ROOT, [])[name].hash
        with open(ROOT / f"data/{name}.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        lines = [
            (json.dumps(dict(sorted((k, v) for k, v in row.items() if v)), ensure_ascii=False) + "\n")
            .replace('": "', '":"')
            .replace('", "', '","')
            .encode()
            for row in rows
        ]
        assert found.rows == len(rows)
        assert found.content == hashlib.sha256(b"".join(sorted(lines))).hexdigest()
        assert found.checks == "".join(base64.b64encode(hashlib.sha256(line).digest()[:3]).decode() for line in lines)
        schema = json.loads((ROOT / f"schemas/{name}.json").read_bytes())
        text = json.dumps(schema, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        assert found.schema == hashlib.sha256(text.encode()).hexdigest()

    def test_of_one_row_as_written_by_hand(self, mini: Mini) -> None:
        mini.rows["places"] = [mini.row("places", id="AL")]
        mini.rows["places"][0].update(dict.fromkeys(mini.package.tables["places"].names, ""))
        mini.rows["places"][0].update(id="AL", name='Al"bania', kind="country")
        filled = {k: v for k, v in mini.rows["places"][0].items() if v}
        assert filled == {"id": "AL", "name": 'Al"bania', "kind": "country"}
        wanted = b'{"id":"AL","kind":"country","name":"Al\\"bania"}\n'
        assert tables(mini)["places"].content == hashlib.sha256(wanted).hexdigest()

    def test_a_cell_changes_those_of_its_row_alone(self, mini: Mini) -> None:
        before = tables(mini)
        mini.rows["organisations"][1]["name"] += "!"
        after = tables(mini)
        assert {name for name in before if before[name] != after[name]} == {"organisations"}
        old, new = before["organisations"], after["organisations"]
        assert old.content != new.content
        assert [n for n in range(old.rows) if old.checks[4 * n :][:4] != new.checks[4 * n :][:4]] == [1]

    def test_a_new_column_changes_only_the_rows_that_fill_it(self, mini: Mini) -> None:
        before = tables(mini)["places"]
        schema = mini.root / "schemas/places.json"
        content = json.loads(schema.read_bytes())
        content["fields"].append({"name": "more", "title": "More", "description": "More.", "type": "string"})
        schema.write_text(json.dumps(content))
        file = mini.root / "data/places.csv"
        header, first, *rest = file.read_text(encoding="utf-8").splitlines()
        lines = [f"{header},more", f"{first},x", *(f"{line}," for line in rest)]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        problems: list[Finding] = []
        after = read_tables(mini.root, problems)["places"].hash
        assert not problems
        assert after.checks[4:] == before.checks[4:]
        assert after.checks[:4] != before.checks[:4]
        assert after.schema != before.schema

    def test_the_spelling_of_a_schema_does_not_matter(self, mini: Mini) -> None:
        before = tables(mini)
        schema = mini.root / "schemas/places.json"
        content = json.loads(schema.read_bytes())
        schema.write_text(json.dumps(dict(reversed(content.items())), indent=7))
        assert tables(mini) == before


class TestManifest:
    def test_is_read_as_it_was_written(self) -> None:
        manifest = Manifest.parse(json.dumps(GOOD).encode())
        assert manifest.package == {"data/a.csv": FileHash(1, HASH)}
        assert Manifest.parse(manifest.json()) == manifest

    def test_the_logical_part_has_no_files(self) -> None:
        manifest = Manifest.parse(json.dumps(GOOD | {"files": GOOD["package"]}).encode())
        assert b'"files"' in manifest.json()
        assert b'"files"' not in manifest.logical().json()

    def test_without_planted_faults_none_are_known(self) -> None:
        manifest = Manifest.parse(json.dumps(GOOD).encode())
        assert manifest.faults is None
        assert b'"faults"' not in manifest.json()

    def test_planted_faults_are_kept_also_in_the_logical_part(self) -> None:
        fault = {"rule": "a.b", "table": "t", "field": "f", "rows": [["t", {"f": "1"}]]}
        manifest = Manifest.parse(json.dumps(GOOD | {"faults": [fault], "files": GOOD["package"]}).encode())
        assert Manifest.parse(manifest.json()) == manifest
        assert manifest.faults == (Fault("a.b", "t", "f", (("t", {"f": "1"}),)),)
        assert json.loads(manifest.logical().json())["faults"] == [fault]

    @pytest.mark.parametrize(
        ("raw", "why"),
        [
            (b"", "not JSON"),
            (b"\xff", "not JSON"),
            (b"[" * 100_000, "nested too deeply"),
            (b"[]", "lacks"),
            (b"null", "lacks"),
            (b"{}", "lacks"),
            (b'{"manifest": NaN}', "not JSON"),
            (b'{"manifest": ' + b"9" * 5000 + b"}", "not JSON"),
            ({"manifest": 2}, "format 2"),
            ({"version": 1}, "must be texts"),
            ({"package": []}, "lacks"),
            ({"tables": None}, "lacks"),
            ({"files": {"a": None}}, "lacks"),
            ({"faults": None}, "lacks"),
            ({"faults": [{}]}, "lacks"),
            ({"faults": [{"rule": 1}]}, "made of texts"),
            ({"faults": [{"rule": "a", "edits": [["write", "/a", ""]]}]}, "cannot write"),
            ({"files": {"a": {"bytes": "1", "sha256": HASH}}}, "hash of a file"),
            ({"files": {"a": {"bytes": True, "sha256": HASH}}}, "hash of a file"),
            ({"files": {"a": {"bytes": 1, "sha256": "x"}}}, "hash of a file"),
            ({"tables": {"a": {**GOOD["tables"]["a"], "rows": -1}}}, "as many checks"),
            ({"tables": {"a": {**GOOD["tables"]["a"], "rows": 10**18}}}, "as many checks"),
            ({"tables": {"a": {**GOOD["tables"]["a"], "rows": 1.0}}}, "hash of a table"),
            ({"tables": {"a": {**GOOD["tables"]["a"], "content": [HASH]}}}, "hash of a table"),
            ({"tables": {"a": {**GOOD["tables"]["a"], "checks": "AA"}}}, "not Base64"),
            ({"tables": {"a": {**GOOD["tables"]["a"], "checks": "ÄAAA"}}}, "not Base64"),
            ({"tables": {"a": {**GOOD["tables"]["a"], "checks": 1}}}, "lacks"),
        ],
    )
    def test_what_is_none_is_refused(self, raw: bytes | dict[str, Any], why: str) -> None:
        with pytest.raises(BadManifest, match=why):
            Manifest.parse(raw if isinstance(raw, bytes) else json.dumps(GOOD | raw).encode())


def test_recorded_ones_come_in_the_order_of_versions(tmp_path: Any) -> None:
    for version in ("0.10.0", "0.9.0", "0.9.1"):
        (tmp_path / f"{version}.json").write_text("{}")
    assert list(recorded(tmp_path)) == ["0.9.0", "0.9.1", "0.10.0"]
    assert recorded(tmp_path / "nowhere") == {}


def test_those_of_this_repository_are_manifests() -> None:
    for version, path in recorded(ROOT / "release/manifests").items():
        assert Manifest.parse(path.read_bytes()).version == version
