"""RELEASE_NOTES.md: the words of the changelog, the lists of the data."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from borderledger.changes import GradeChange, SchemaChange, diff
from borderledger.dataset import Dataset
from borderledger.dataset import open as open_dataset
from release.notes import release_notes
from release.planted import PLANTED
from tests.conftest import Mini
from tests.release.conftest import CHANGELOG, describe
from tests.release.test_report import HOSTILE, NEW, OLD, made, told
from tests.release.test_versions import zipped


def parts(notes: str) -> dict[str, str]:
    """The text below each heading of the second level."""
    found = re.split(r"^## (.*)\n", notes, flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


class TestFirst:
    """The first release tells what there is."""

    @pytest.fixture
    def notes(self, mini: Mini) -> str:
        (mini.root / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
        describe(mini, version="0.1.0", created="2026-11-24T00:00:00Z")
        return release_notes(Dataset(mini.root), None)

    def test_its_parts(self, notes: str) -> None:
        assert notes.startswith("# borderledger 0.1.0\n\nVersion 0.1.0 of 2026-11-24 holds")
        assert "\n\n## Changes\n\n### Added\n\n- All there is.\n\n## Tables\n" in notes
        assert list(parts(notes)) == ["Changes", "Tables", "Files", "How to cite"]
        assert notes.endswith("too.\n")
        assert not [line for line in notes.split("\n") if line != line.rstrip()]

    def test_the_tables_with_their_grades(self, notes: str) -> None:
        rows = parts(notes)["Tables"].strip().split("\n")
        assert rows[0] == "| table | rows | disputed | weak | single | bulk |"
        assert "| returns | 83 | 0 | 0 | 2 | 81 |" in rows
        assert "| places | 173 |  |  |  |  |" in rows

    def test_a_packed_version_says_the_same(self, mini: Mini, notes: str, tmp_path: Path) -> None:
        packed = open_dataset(zipped(mini, tmp_path / "csv.zip"))
        assert release_notes(packed, None, CHANGELOG) == notes

    def test_how_to_cite_can_be_copied(self, notes: str) -> None:
        cite = parts(notes)["How to cite"]
        assert "    The borderledger editors. (2026). borderledger: EU migration management" in cite
        assert "\n    @misc{borderledger,\n" in cite

    def test_the_files_are_named(self, notes: str) -> None:
        assert "`borderledger-data-0.1.0-csv.zip`" in parts(notes)["Files"]

    def test_without_a_changelog(self, mini: Mini) -> None:
        describe(mini, version="0.1.0", created="2026-11-24T00:00:00Z")
        assert list(parts(release_notes(Dataset(mini.root), None))) == ["Tables", "Files", "How to cite"]
        assert "Changes" not in parts(release_notes(Dataset(mini.root), None, "## [0.1.0] - 2026-11-24\n"))


class TestRules:
    """A rule that is gone is named at the top, and each fault that it found below."""

    GONE = next(fault for fault in PLANTED if fault.rule == "facility.region")

    def test_beside_other_changes(self) -> None:
        notes = release_notes(NEW, diff(OLD, NEW), gone=[self.GONE, self.GONE])
        (line,) = (line for line in notes.split("\n") if line.startswith("- **No longer checked:**"))
        assert line.count("`facility.region of facilities.latitude` (a rule)") == 1
        listed = parts(notes)["Rules that are gone or weaker"]
        assert "- `facility.region of facilities.latitude`: `facilities: latitude 46.3`\n" in listed

    def test_where_nothing_else_changed(self) -> None:
        notes = release_notes(NEW, diff(NEW, NEW), gone=[self.GONE])
        assert "- **No longer checked:** `facility.region of facilities.latitude` (a rule)." in notes

    def test_no_rule_is_named_where_none_is_gone(self) -> None:
        notes = release_notes(NEW, diff(OLD, NEW))
        assert "(a rule)" not in notes
        assert "Rules that are gone or weaker" not in parts(notes)


class TestLead:
    """The notes begin with about ten lines that a journalist can read."""

    def test_what_was_corrected_and_what_to_do(self) -> None:
        lead = release_notes(NEW, diff(OLD, NEW)).partition("\n## ")[0]
        assert len(lead.splitlines()) <= 12
        assert "- **Corrected since 1.0.0:** 1 record" in lead
        assert "If you used a value of these records, check it." in lead
        assert "- **Revised:** 1 record" in lead
        assert "- **Retired:** 1 id; the list says what replaced each." in lead

    def test_nothing_was_wrong(self) -> None:
        new = made("1.1.0", [["a", "First", "3", "s", ""], ["b", "Second", "3", "s", ""]])
        lead = release_notes(new, diff(made("1.0.0", [["a", "First", "3", "s", ""]]), new)).partition("\n## ")[0]
        assert "- **Corrected since 1.0.0:** nothing. No published value was wrong." in lead
        assert "- **Added records:** 1 in things." in lead

    def test_the_first_version(self, mini: Mini) -> None:
        describe(mini, version="0.1.0", created="2026-11-24T00:00:00Z")
        lead = release_notes(Dataset(mini.root), None).partition("\n## ")[0]
        assert "Version 0.1.0 of 2026-11-24 holds 3 agreements" in lead
        assert lead.endswith("It is the first version.\n")

    def test_a_record_is_one_line_and_a_reason_stands_once(self) -> None:
        old = made("1.0.0", [["a", "First", "3", "s", ""]])
        log = [
            ["1.0.1", "a", f, "correction", o, n, "Misread.", "", ""]
            for f, o, n in (("size", "3", "4"), ("note", "", "x"))
        ]
        new = made("1.0.1", [["a", "First", "4", "s", "x"]], log)
        found = parts(release_notes(new, diff(old, new)))["Corrections"]
        assert found.count("- **First**") == 1
        assert found.count("Misread.") == 1

    def test_a_reason_that_many_records_share_stands_above_them(self) -> None:
        rows = [[f"r{n}", f"Record {n}", "1", "s", ""] for n in range(5)]
        log = [["1.0.1", row[0], "size", "correction", "1", "2", "Misread.", "", ""] for row in rows]
        log[4][6] = "A slip."
        new = made("1.0.1", [[*row[:2], "2", *row[3:]] for row in rows], log)
        found = parts(release_notes(new, diff(made("1.0.0", rows), new)))["Corrections"]
        assert "\n- 4 records for one reason: Misread.\n  - **Record 0** `r0`: `size` `1` → `2` (" in found
        assert found.count("Misread.") == 1
        assert "\n- **Record 4** `r4`: `size` `1` → `2`. A slip. (" in found

    def test_a_note_that_changed_alone_is_no_corrected_value(self) -> None:
        log = [["1.0.1", "a", "note", "correction", "", "x", "Clearer.", "", ""]]
        new = made("1.0.1", [["a", "First", "3", "s", "x"]], log)
        notes = release_notes(new, diff(made("1.0.0", [["a", "First", "3", "s", ""]]), new))
        assert "- **Corrected since 1.0.0:** nothing." in notes.partition("\n## ")[0]
        assert parts(notes)["Corrections"].endswith("\n\n- 1 record with nothing but a reworded note.\n\n")

    def test_another_status_is_named(self) -> None:
        table = {"columns": ["id", "title", "size", "source_id", "status"], "more": {"status": {"evidence": "claim"}}}
        old = made("1.0.0", [["a", "First", "3", "s", "signed"]], **table)
        log = [["1.0.1", "a", "status", "revision", "signed", "in_force", "Gazette.", "", ""]]
        new = made("1.0.1", [["a", "First", "3", "s", "in_force"]], log, **table)
        lead = release_notes(new, diff(old, new)).partition("\n## ")[0]
        assert "- **Another status:** 1 record, such as First (status `signed`, now `in_force`).\n" in lead

    def test_a_new_dispute_is_named(self) -> None:
        old = made("1.0.0", [["a", "First", "3", "s", ""]])
        new = made("1.0.1", [["a", "First", "3", "s", "x"]])
        found = replace(diff(old, new), grades=(GradeChange("things", "a", "single", "disputed"),))
        lead = release_notes(new, found).partition("\n## ")[0]
        assert "- **Now disputed:** 1 record that no source contradicted before: First.\n" in lead

    def test_new_words_of_schemas_are_counted(self) -> None:
        old = made("1.0.0", [["a", "First", "3", "s", ""]])
        new = made("1.0.1", [["a", "First", "3", "s", ""]])
        found = diff(old, new)
        change = SchemaChange("things", "size", "description", "How large.", "How large it is.")
        told_of = parts(release_notes(new, replace(found, schema=(change,))))["Changes of the schema"]
        assert told_of == "\n- 1 description of tables, columns and values reworded\n\n"


class TestLater:
    """A later release tells what changed."""

    def test_its_parts(self) -> None:
        found = parts(release_notes(NEW, diff(OLD, NEW)))
        assert list(found) == [
            "Corrections",
            "Revisions",
            "Retired ids",
            "Since 1.0.0, in numbers",
            "Files",
            "How to cite",
        ]
        assert found["Corrections"] == (
            "\nThese values were wrong, or less well founded, when they were published.\n\n"
            "- **First** `a`: `size` `3` → `4`. Misread digit. ([s](https://example.org/a))\n\n"
        )
        assert (
            "- **Second** `b`: `size` `5` → `6`. The edition of 2027. ([s](https://example.org/a))\n"
            in found["Revisions"]
        )
        assert found["Retired ids"].endswith("\n\n- `c` (now `a`): The same thing.\n\n")
        assert (
            "| things | 1 | 1 | 1 | 1 | 2 |\n| corrections | 3 | 0 | 0 | 0 | 0 |\n" in found["Since 1.0.0, in numbers"]
        )

    def test_a_changed_schema(self) -> None:
        new = made("2.0.0", [["a", "First", "3", "s", ""]])
        old = made("1.0.0", [["a", "First", "3", "s", ""]], **{"columns": ["id", "title", "size", "source_id", "old"]})
        found = parts(release_notes(new, diff(old, new)))["Changes of the schema"]
        assert "- `things.note` added *empty* → `string`\n" in found
        assert "- `things.old` removed `string` → *empty*: breaks what reads it\n" in found

    def test_bulk_revisions_are_counted(self) -> None:
        rows = [[f"b{n:02}", "", str(n + 1), "bulk", ""] for n in range(30)]
        log = [
            ["1.0.1", row[0], "size", "revision", row[2], f"{row[2]}0", "The edition of 2027.", "", ""] for row in rows
        ]
        new = made("1.0.1", [[*row[:2], f"{row[2]}0", *row[3:]] for row in rows], log)
        found = parts(release_notes(new, diff(made("1.0.0", rows), new)))["Revisions"]
        assert "- 30 values of size revised. The edition of 2027. ([bulk](https://example.org/b))\n" in found

    def test_nothing_but_words(self) -> None:
        assert "\nThe data are those of 1.0.0.\n" in release_notes(OLD, diff(OLD, OLD))

    def test_hostile_text_stays_text(self) -> None:
        rows = [[f"r{n}", text, "1", "s", ""] for n, text in enumerate(HOSTILE)]
        log = [["1.0.1", row[0], "size", "correction", "1", row[1] + "2", row[1], "", ""] for row in rows]
        new = made("1.0.1", [[*row[:2], row[1] + "2", *row[3:]] for row in rows], log)
        notes = release_notes(new, diff(made("1.0.0", rows), new))
        tokens = [
            c
            for token in MarkdownIt("commonmark").enable("table").parse(notes)
            for c in (token, *(token.children or ()))
        ]
        assert not {token.type for token in tokens} & {"html_inline", "html_block", "image", "ordered_list_open"}
        assert {token.attrs["href"] for token in tokens if token.type == "link_open"} == {"https://example.org/a"}
        assert all(c.isprintable() or c == "\n" for c in notes)
        assert "@octocat" not in re.sub(r"`[^`]*`", "", notes)

    def test_it_fits_into_a_release(self) -> None:
        rows = [[f"r{n}", "x" * 200, "1", "s", ""] for n in range(2_000)]
        log = [["1.0.1", row[0], "size", "correction", "1", "2", "y" * 200, "", ""] for row in rows]
        new = made("1.0.1", [[*row[:2], "2", *row[3:]] for row in rows], log)
        notes = release_notes(new, diff(made("1.0.0", rows), new))
        assert len(notes) < 125_000
        assert re.search(r"\*\*Left out, for its length:\*\* [\d,]+ of corrections", notes)
        assert "## How to cite" in notes


def test_the_same_notes_from_a_checkout_and_from_its_archive(
    mini: Mini, tmp_path_factory: pytest.TempPathFactory
) -> None:
    old = tmp_path_factory.mktemp("old")
    shutil.copytree(mini.root, old, dirs_exist_ok=True)
    (mini.root / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    mini.row("deployments", id="dep-at-hu-rs-2024-10")["note"] = "Changed."
    mini.save()
    checkout = release_notes(Dataset(mini.root), diff(old, mini.root))
    packed = open_dataset(zipped(mini, old / "csv.zip"))
    assert release_notes(packed, diff(old, packed), CHANGELOG) == checkout
    assert told(Dataset(old), Dataset(mini.root)).changes
