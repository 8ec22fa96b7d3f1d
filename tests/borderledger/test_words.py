"""Each word of the descriptor and of a schema is honoured, or refused by its name: none is read over."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import frictionless
import pytest

import borderledger as bl
from borderledger.changes import diff
from borderledger.dataset import Dataset
from borderledger.errors import CorruptPackage
from corrections.pending import copied
from release.notes import release_notes
from release.required_version import required
from tests.conftest import ROOT, Mini, checked
from validate import check

Edit = Callable[[Any], Any]


def edited(mini: Mini, file: str, edit: Edit) -> list[str]:
    """The messages about a file after an edit of its JSON."""
    path = mini.root / file
    content = json.loads(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    found = checked(mini.root).findings
    assert {one.rule for one in found} <= {"schema.unreadable", "package.descriptor"}
    assert {one.file for one in found} == {file}  # and nothing that only follows from it
    return [one.message for one in found]


def first_key(schema: Any) -> Any:
    return schema["foreignKeys"][0]


@pytest.fixture
def whole_copy(tmp_path: Path) -> Path:
    """A copy of the real package, whose log names records of all tables."""
    copied(ROOT, tmp_path / "whole")
    return tmp_path / "whole"


class TestSchema:
    FILE = "schemas/facilities.json"

    @pytest.mark.parametrize(
        ("edit", "message"),
        [
            (lambda s: s.update(missingValues=["", "AL"]), "missingValues is ['', 'AL']; only [''] is read here"),
            (lambda s: s.update(missingValues=[]), "missingValues is []; only [''] is read here"),
            (lambda s: s.update(fieldsMatch="subset"), "fieldsMatch is 'subset'; only 'exact' is read here"),
            (lambda s: s.update(foreignkeys=s.pop("foreignKeys")), "unknown property foreignkeys. Did you mean foreignKeys?"),
            (lambda s: first_key(s).update(field="place"), "foreignKeys: unknown property field. Did you mean fields?"),
            (lambda s: first_key(s)["reference"].update(table="x"), "reference: unknown property table."),
            (
                lambda s: first_key(s).update(fields=["place", "kind"]),
                "a foreign key names one field, as a list, and one that it refers to, not ['place', 'kind']",
            ),
            (lambda s: first_key(s).update(fields="place"), "and one that it refers to, not 'place'"),
            (lambda s: s.update(uniqueKeys=[["name"]]), "a table has one key: either primaryKey, or uniqueKeys"),
            (lambda s: s["fields"][0].update(format="email"), "field id: unknown property format."),
            (lambda s: s["fields"][0].update(missingValues=["-"]), "field id: unknown property missingValues."),
            (lambda s: s["fields"][0]["constraints"].update(enum=["a"]), "field id: unknown property enum."),
            (lambda s: s["fields"][0]["constraints"].update(maxLength=3), "field id: unknown property maxLength."),
            (lambda s: s["fields"][0]["constraints"].update(required="no"), "field id: required is true or false, not 'no'"),
            (lambda s: s["fields"][0].update(evidence="Claim"), "field id: evidence is claim, not 'Claim'"),
            (lambda s: s["fields"][2].update(categories=[{"value": "x", "label": "X", "name": "y"}]), "categories: unknown property name."),
        ],
    )  # fmt: skip
    def test_a_word_that_is_not_read_is_named(self, mini: Mini, edit: Edit, message: str) -> None:
        assert any(message in found for found in edited(mini, self.FILE, edit))

    def test_a_key_that_stands_twice_is_named(self, mini: Mini) -> None:
        path = mini.root / self.FILE
        text = path.read_text(encoding="utf-8").rstrip().removesuffix("}").rstrip()
        path.write_text(text + ',\n  "foreignKeys": []\n}\n', encoding="utf-8")
        (found,) = checked(mini.root).findings
        assert (found.file, found.rule) == (self.FILE, "schema.unreadable")
        assert "the key foreignKeys stands twice" in found.message

    def test_the_log_is_not_blamed_for_a_table_that_cannot_be_read(self, whole_copy: Path) -> None:
        path = whole_copy / self.FILE
        content = json.loads(path.read_text(encoding="utf-8")) | {"missingValues": ["", "AL"]}
        path.write_text(json.dumps(content), encoding="utf-8")
        assert {found.file for found in check(whole_copy).findings} == {self.FILE}

    def test_the_loader_refuses_it_too(self, mini: Mini) -> None:
        path = mini.root / self.FILE
        content = json.loads(path.read_text(encoding="utf-8")) | {"missingValues": ["", "AL"]}
        path.write_text(json.dumps(content), encoding="utf-8")
        with pytest.raises(CorruptPackage, match="missingValues is"):
            bl.open(mini.root).load("facilities")


class TestDescriptor:
    FILE = "datapackage.json"

    @pytest.mark.parametrize(
        ("edit", "message"),
        [
            (lambda d: d.update(licences=d.pop("licenses")), "unknown property licences. Did you mean licenses?"),
            (lambda d: d["licenses"][0].update(url="x"), "licenses: unknown property url."),
            (lambda d: d["resources"][0].update(encoding="cp1252"), "encoding is 'cp1252'; only 'utf-8' is read here"),
            (lambda d: d["resources"][0].update(compression="gz"), "unknown property compression."),
            (lambda d: d["resources"][0].update(data=[]), "unknown property data."),
            (lambda d: d["resources"][0]["dialect"].update(delimiter=";"), "delimiter of the dialect is ';'; only ',' is read here"),
            (lambda d: d["resources"][0]["dialect"].update(commentChar="#"), "the dialect has the word commentChar"),
            (lambda d: d["resources"][0].update(dialect=3), "dialect is an object"),
        ],
    )  # fmt: skip
    def test_a_word_that_is_not_read_is_named(self, mini: Mini, edit: Edit, message: str) -> None:
        assert any(message in found for found in edited(mini, self.FILE, edit))

    def test_a_key_that_stands_twice_is_named(self, mini: Mini) -> None:
        path = mini.root / self.FILE
        text = path.read_text(encoding="utf-8").rstrip().removesuffix("}").rstrip()
        path.write_text(text + ',\n  "version": "9.9.9"\n}\n', encoding="utf-8")
        messages = [found.message for found in checked(mini.root).findings]
        assert any("the key version stands twice" in message for message in messages)


def test_what_is_read_here_means_the_same_to_frictionless() -> None:
    package = frictionless.Package(str(ROOT / "datapackage.json"))
    for resource in package.resources:
        assert resource.schema.missing_values == [""]
        assert resource.dialect.header


@pytest.mark.parametrize(
    ("edit", "level"),
    [
        (lambda s: s.pop("foreignKeys"), "major"),
        (lambda s: s["fields"][1]["constraints"].pop("required"), "major"),
        (lambda s: s["fields"][0]["constraints"].pop("pattern"), "major"),
        (lambda s: next(f for f in s["fields"] if "categories" in f).pop("categories"), "major"),
        (lambda s: next(f for f in s["fields"] if "evidence" in f).pop("evidence"), "major"),
        (lambda s: next(f for f in s["fields"] if f.get("refersTo")).pop("refersTo"), "major"),
        (lambda s: next(f for f in s["fields"] if "categories" in f)["categories"].append({"value": "z", "label": "Z"}), "minor"),
        (lambda s: s["fields"][1]["constraints"].update(unique=True), "minor"),
        (lambda s: s.update(title="Other words"), "patch"),
    ],
)  # fmt: skip
def test_a_check_that_is_dropped_is_a_breaking_change(mini: Mini, tmp_path: Any, edit: Edit, level: str) -> None:
    old = tmp_path / "old"
    shutil.copytree(mini.root, old)
    path = mini.root / "schemas/facilities.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    changes = diff(Dataset(old), Dataset(mini.root))
    assert required(changes).level == level
    notes = release_notes(Dataset(mini.root), changes)
    assert ("- **No longer checked:** `facilities" in notes) is (level == "major")
