"""Each refusal, firing and not, on a small real package that is held against what it was."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from borderledger.errors import BadArgument
from release import working_rules
from release.gate import missing_rows, refusals, run_check
from release.manifest import Manifest, read_tables
from release.planted import PLANTED, Fault
from release.versions import opened
from release.working_rules import Listed, Rules
from tests.borderledger.test_changes import sheet, version
from tests.conftest import ROOT, Mini
from tests.release.conftest import CHANGELOG, Git, describe
from tests.release.test_versions import zipped
from validate import Finding

DEP = "dep-at-hu-rs-2024-10"
SOURCE = "fonet-2024-10-14"
#: A source of another record.
OTHER = "actionaid-gjader"
LOG = "data/corrections.csv"
#: Where the version stands.
LINE = 1 + (ROOT / "datapackage.json").read_text(encoding="utf-8").split('  "version": ')[0].count("\n")


class Release:
    """The small package on its way from version 0.1.0 to the next."""

    def __init__(self, mini: Mini, old: Path) -> None:
        self.mini, self.old = mini, old
        self.number("0.1.0")
        self.changelog(CHANGELOG)
        shutil.copytree(mini.root, old, dirs_exist_ok=True)

    def number(self, version: str, created: str = "") -> None:
        """Call it by a version, made a day later for each."""
        day = 24 + int(version.rpartition(".")[2]) if version[-1].isdigit() else 30
        describe(self.mini, version=version, created=created or f"2026-11-{day}T00:00:00Z")

    def changelog(self, text: str) -> None:
        (self.mini.root / "CHANGELOG.md").write_text(text, encoding="utf-8")

    def next(self, version: str = "0.1.1") -> None:
        """As an editor would: another number, and a section on it."""
        self.number(version, "2026-12-01T00:00:00Z")
        self.changelog(CHANGELOG.replace("## [0.1.0]", f"## [{version}] - 2026-12-01\n\n- Corrected.\n\n## [0.1.0]"))

    def figure(self, value: str, record: str = DEP, field: str = "officers_max") -> None:
        """Change a figure of a record and what its claims say."""
        table = next(t.name for t in self.mini.package.core if any(r["id"] == record for r in self.mini.rows[t.name]))
        self.mini.row(table, id=record)[field] = value
        for claim in self.mini.rows["claims"]:
            if (claim["record_id"], claim["field"]) == (record, field):
                claim["value"] = value

    def log(self, old: str = "30", new: str = "35", **more: str) -> None:
        cells = {
            "version": "0.1.1",
            "record_id": DEP,
            "field": "officers_max",
            "kind": "correction",
            "reason": "Misread.",
        }
        self.mini.add("corrections", old=old, new=new, **cells | more)

    def drop(self, record: str = DEP) -> None:
        """Delete a record with its claims, and the source that only it cites."""
        for table, column in [
            *((t.name, "id") for t in self.mini.package.core),
            ("claims", "record_id"),
            ("sources", "id"),
        ]:
            gone = (record, SOURCE) if table == "sources" else (record,)
            self.mini.rows[table] = [row for row in self.mini.rows[table] if row[column] not in gone]

    def retire(self, record: str, new: str = "", **more: str) -> None:
        self.log(record, new, record_id=record, field="id", **more)

    def found(self, *, sealed: bool = True) -> list[Finding]:
        self.mini.save(sealed=sealed)
        with opened(self.mini.root) as new, opened(self.old) as old:
            return refusals(new, old)

    def rules(self) -> list[str]:
        return [f.rule for f in self.found()]


@pytest.fixture
def release(mini: Mini, tmp_path_factory: pytest.TempPathFactory) -> Release:
    return Release(mini, tmp_path_factory.mktemp("old"))


@pytest.fixture
def corrected(release: Release) -> Release:
    """A version that corrects a figure as it should be done."""
    release.next()
    release.figure("35")
    release.log()
    return release


def one(found: list[Finding]) -> Finding:
    assert [f.rule for f in found] == [found[0].rule]
    assert found[0].fix
    return found[0]


class TestVersion:
    """The number and the time of a version."""

    def test_nothing_changed(self, release: Release) -> None:
        assert release.found() == []

    def test_a_correction_is_a_patch(self, corrected: Release) -> None:
        assert corrected.found() == []

    @pytest.mark.parametrize(
        ("version", "says"),
        [
            ("0.1.0", "0.1.0 is the same as the version before, 0.1.0; the changes require a patch version (values changed in deployments; "),
            ("0.0.9", "0.0.9 is older than the version before, 0.1.0"),
        ],
    )  # fmt: skip
    def test_the_same_or_an_older_one_is_refused(self, corrected: Release, version: str, says: str) -> None:
        corrected.next(version)
        corrected.changelog(f"## [{version}] - 2026-12-01\n- Corrected.\n")
        corrected.mini.rows["corrections"][0]["version"] = version
        found = [f for f in corrected.found() if f.rule == "version.small"]
        assert one(found).message.startswith(says)
        assert (found[0].file, found[0].line, found[0].fix) == (
            "datapackage.json",
            LINE,
            'Set "version" to "0.1.1" or higher.',
        )

    def test_an_older_one_is_refused_even_when_nothing_changed(self, release: Release) -> None:
        release.next("0.0.9")
        assert one(release.found()).message == "0.0.9 is older than the version before, 0.1.0"

    @pytest.mark.parametrize(
        ("version", "small"), [("0.1.1", True), ("0.2.0", False), ("0.3.5", False), ("1.0.0", False)]
    )
    def test_a_new_record_demands_a_minor_version(self, release: Release, version: str, small: bool) -> None:
        release.next(version)
        claims = [c for c in release.mini.rows["claims"] if c["record_id"] == DEP]
        release.mini.add(
            "deployments", **release.mini.row("deployments", id=DEP) | {"id": "dep-new", "date": "2024-11-14"}
        )
        for claim in claims:
            value = "2024-11-14" if claim["field"] == "date" else claim["value"]
            release.mini.add("claims", **claim | {"record_id": "dep-new", "value": value})
        found = release.found()
        assert [f.rule for f in found] == ["version.small"] * small
        if small:
            assert (
                found[0].message
                == "0.1.1 is too small after 0.1.0; the changes require a minor version (dep-new added to deployments)"
            )
            assert found[0].fix == 'Set "version" to "0.2.0" or higher.'

    @pytest.mark.parametrize(("version", "small"), [("0.1.1", True), ("0.2.0", True), ("1.0.0", False)])
    def test_a_vanished_id_demands_a_major_version(self, release: Release, version: str, small: bool) -> None:
        release.next(version)
        release.drop()
        release.retire(DEP, "dep-frontex-wb6-2025-06", version=version)
        release.retire(SOURCE, version=version)
        found = release.found()
        assert [f.rule for f in found] == ["version.small"] * small
        if small:
            assert f"{DEP} of deployments vanished; {SOURCE} of sources vanished" in found[0].message

    def test_a_new_description_demands_a_patch(self, release: Release) -> None:
        describe(release.mini, licenses=[{"name": "CC0-1.0"}])
        assert "a patch version (licenses changed in the descriptor)" in one(release.found()).message

    @pytest.mark.parametrize("version", ["0.2", "v0.2.0", "0.2.0-rc1", "", "0.02.0"])
    def test_what_is_not_three_numbers_is_refused(self, release: Release, version: str) -> None:
        describe(release.mini, version=version, created="2026-12-01T00:00:00Z")
        assert (
            f"{version!r} is not three numbers" in next(f for f in release.found() if f.rule == "version.form").message
        )

    @pytest.mark.parametrize(
        ("created", "says"),
        [
            ("2026-11-24T00:00:00Z", "is not later than 2026-11-24T00:00:00Z, when 0.1.0 was made"),
            ("2026-11-24T01:00:00+01:00", "is not later than"),
            ("2026-11-24T00:00:01Z", ""),
            ("2026-12-01", "is not a time with its zone"),
            ("soon", "is not a time"),
            ("", "is not a time"),
        ],
    )
    def test_it_is_made_later_than_the_one_before(self, corrected: Release, created: str, says: str) -> None:
        describe(corrected.mini, created=created)
        found = corrected.found()
        assert [f.rule for f in found] == ["version.created"] * bool(says)
        assert not says or says in found[0].message


class TestFigures:
    """What was published and has changed stands in the log."""

    def test_a_changed_figure_without_its_row(self, corrected: Release) -> None:
        corrected.mini.rows["corrections"].clear()
        found = one(corrected.found())
        assert str(found) == (
            "data/deployments.csv:2 officers_max: dep-at-hu-rs-2024-10: 30, published in 0.1.0, became 35, "
            "but the log has no row for it [correction.missing]"
        )
        assert "--rows" in found.fix

    def test_a_revision_needs_its_row_too(self, corrected: Release) -> None:
        corrected.mini.rows["corrections"][0]["kind"] = "revision"
        assert corrected.found() == []

    def test_an_emptied_figure(self, release: Release) -> None:
        release.next()
        release.mini.row("deployments", id=DEP)["border"] = ""
        release.mini.rows["claims"] = [
            c for c in release.mini.rows["claims"] if (c["record_id"], c["field"]) != (DEP, "border")
        ]
        assert "RS-MK land, published in 0.1.0, was emptied" in one(release.found()).message
        release.log("RS-MK land", "", field="border")
        assert release.found() == []

    def test_what_is_filled_in_for_the_first_time_was_not_published(self, release: Release) -> None:
        release.next()
        release.mini.row("deployments", id=DEP)["contributor_count"] = "2"
        release.mini.claim(DEP, "contributor_count", "2")
        assert release.found() == []

    def test_a_title_a_note_and_a_source_are_no_figures(self, release: Release) -> None:
        release.next()
        release.mini.row("deployments", id=DEP).update(title="Another", note="Other words.")
        release.mini.row("sources", id=SOURCE)["title"] = "Better"
        assert release.found() == []

    def test_a_change_of_bulk_rows_needs_a_row_for_each_cell(self, release: Release) -> None:
        release.next()
        # Grants, because the persons of an operation are also in other tables.
        bulk = [row for row in release.mini.rows["projects"] if row["id"].startswith("prj-frontex-grant-")][:2]
        old = [row["amount_eur"] for row in bulk]
        for row in bulk:
            row["amount_eur"] = f"1{row['amount_eur']}"
        assert [f.field for f in release.found()] == ["amount_eur", "amount_eur"]
        for row, before in zip(bulk, old, strict=True):
            release.log(before, row["amount_eur"], record_id=row["id"], field="amount_eur", kind="revision")
        assert release.found() == []

    def test_a_column_that_is_gone_is_a_change_of_the_schema(self) -> None:
        bound = {"size": {"evidence": "claim"}, "date": {"evidence": "claim"}}
        log = sheet(["version", "record_id", "field", "old", "new"], key="version")
        old = version(things=sheet(["id", "size", "date"], [["a", "1", "2020"]], **bound), corrections=log)
        new = version(things=sheet(["id", "date"], [["a", "2021"]], date=bound["date"]), corrections=log)
        assert missing_rows(old, new) == "1.0.0,a,date,2020,2021\n"

    def test_a_figure_that_is_no_longer_bound_was_published_as_one(self) -> None:
        log = sheet(["version", "record_id", "field", "old", "new"], key="version")
        old = version(things=sheet(["id", "size"], [["a", "1"]], size={"evidence": "claim"}), corrections=log)
        new = version(things=sheet(["id", "size"], [["a", "2"]]), corrections=log)
        assert missing_rows(old, new) == "1.0.0,a,size,1,2\n"
        assert missing_rows(new, old) == ""

    def test_the_log_names_what_was_published(self, corrected: Release) -> None:
        corrected.mini.rows["corrections"][0]["old"] = "29"
        found = one(corrected.found())
        assert (found.file, found.line, found.field, found.rule) == (LOG, 2, "old", "correction.old")
        assert found.message == f"{DEP} officers_max: '29' was not published; 0.1.0 holds '30'"

    def test_the_log_cannot_say_that_something_changed_which_was_empty(self, release: Release) -> None:
        release.next()
        release.mini.row("deployments", id=DEP)["contributor_count"] = "2"
        release.mini.claim(DEP, "contributor_count", "2")
        release.log("3", "2", field="contributor_count")
        assert "'3' was not published; 0.1.0 holds nothing" in one(release.found()).message

    @pytest.mark.parametrize(
        ("version", "says"),
        [("0.1.0", "logged for 0.1.0, which was published without it"), ("0.2.0", "logged for 0.2.0, which is later"), ("0.10.0", "later")],
    )  # fmt: skip
    def test_the_row_is_of_this_version(self, corrected: Release, version: str, says: str) -> None:
        corrected.mini.rows["corrections"][0]["version"] = version
        found = one(corrected.found())
        assert (found.rule, found.fix) == ("correction.version", "Write 0.1.1.")
        assert says in found.message

    def test_corrected_in_two_versions_since(self, corrected: Release) -> None:
        corrected.figure("40")
        corrected.log("35", "40", version="0.1.2")
        corrected.next("0.1.2")
        assert corrected.found() == []

    def test_what_the_log_said_before_explains_nothing(self, corrected: Release) -> None:
        corrected.mini.save()
        corrected = Release(corrected.mini, corrected.old)  # published under the number 0.1.0
        corrected.mini.rows["corrections"][0]["version"] = "0.1.0"
        corrected.mini.save()
        shutil.copytree(corrected.mini.root, corrected.old, dirs_exist_ok=True)
        corrected.next()
        corrected.figure("36")
        assert "correction.new" in corrected.rules()  # the log ends in 35
        corrected.log("35", "36")
        assert corrected.found() == []


class TestPublishedLog:
    """What the log has said it goes on saying."""

    @pytest.fixture
    def logged(self, corrected: Release) -> Release:
        corrected.mini.rows["corrections"][0].update(version="0.1.0", source_id=SOURCE)
        corrected.number("0.1.0")
        corrected.mini.save()
        shutil.copytree(corrected.mini.root, corrected.old, dirs_exist_ok=True)
        corrected.next()
        return corrected

    def test_other_words_are_no_other_history(self, logged: Release) -> None:
        logged.mini.rows["corrections"][0].update(reason="Misread by us.", issue="12")
        assert logged.found() == []

    @pytest.mark.parametrize("source", ["", OTHER])
    def test_a_source_that_is_gone_or_states_nothing_about_the_record(self, logged: Release, source: str) -> None:
        logged.mini.rows["corrections"][0]["source_id"] = source
        found = one(logged.found())
        assert (found.rule, found.file, found.line, found.field) == ("correction.published", LOG, 2, "source_id")
        assert f"named the source {SOURCE}" in found.message

    def test_another_source_that_states_something_about_the_record(self, logged: Release) -> None:
        logged.mini.claim(DEP, "officers_max", "35", source_id=OTHER)
        logged.mini.rows["corrections"][0]["source_id"] = OTHER
        assert logged.found() == []

    def test_a_row_that_is_gone(self, logged: Release) -> None:
        logged.mini.rows["corrections"].clear()
        found = one(logged.found())
        assert (found.rule, found.message) == (
            "correction.published",
            f"the published row on 0.1.0 {DEP} officers_max is gone",
        )

    @pytest.mark.parametrize(("field", "value"), [("old", "31"), ("kind", "revision")])
    def test_a_row_that_says_something_else(self, logged: Release, field: str, value: str) -> None:
        logged.mini.rows["corrections"][0][field] = value
        found = one(logged.found())
        assert (found.rule, found.file, found.line, found.field) == ("correction.published", LOG, 2, field)


class TestChecks:
    """A published check stays: the error rate that was published rests on it."""

    @pytest.fixture
    def audited(self, release: Release) -> Release:
        """A version after one that had a check."""
        found = {"audit": "a1", "record_id": DEP, "field": "officers_max", "source_id": SOURCE, "checked": "2026-11-24"}
        release.mini.add("checks", **found, result="imprecise", note="The text says about 30.")
        release.mini.save()
        shutil.copytree(release.mini.root, release.old, dirs_exist_ok=True)
        release.next()
        return release

    def test_other_words_and_another_check_are_no_other_rate(self, audited: Release) -> None:
        (check,) = audited.mini.rows["checks"]
        check["note"] = "It says about 30."
        audited.mini.add("checks", **check | {"audit": "a2", "result": "confirmed"})
        assert audited.found() == []

    def test_one_that_is_gone(self, audited: Release) -> None:
        audited.mini.rows["checks"].clear()
        found = one(audited.found())
        assert (found.rule, found.file) == ("check.published", "data/checks.csv")
        assert found.message == f"the published check a1 {DEP} officers_max {SOURCE} is gone"

    @pytest.mark.parametrize(("field", "value"), [("result", "confirmed"), ("checked", "2026-11-23")])
    def test_one_that_says_something_else(self, audited: Release, field: str, value: str) -> None:
        audited.mini.rows["checks"][0][field] = value
        found = one(audited.found())
        assert (found.rule, found.field, found.value) == ("check.published", field, value)

    def test_one_of_a_source_that_was_retired_goes_with_it(self, audited: Release) -> None:
        audited.drop()
        audited.mini.rows["checks"].clear()
        audited.retire(DEP)
        audited.log(SOURCE, "", record_id=SOURCE, field="id")
        assert [f.rule for f in audited.found() if f.rule == "check.published"] == []


class TestIds:
    """An id is never silently dropped, and never used again."""

    @pytest.fixture
    def dropped(self, release: Release) -> Release:
        release.next("1.0.0")
        release.drop()
        return release

    def test_a_vanished_id(self, dropped: Release) -> None:
        found = dropped.found()
        assert [(f.rule, f.file, f.value) for f in found] == [
            ("id.vanished", "data/deployments.csv", DEP),
            ("id.vanished", "data/sources.csv", SOURCE),
        ]
        assert found[0].message == f"{DEP} was published in 0.1.0, is gone, and was not retired"
        assert "as new, and why" in found[0].fix

    @pytest.mark.parametrize("successor", ["", "dep-frontex-wb6-2025-06"])
    def test_retired_with_or_without_a_successor(self, dropped: Release, successor: str) -> None:
        dropped.retire(DEP, successor, version="1.0.0")
        dropped.retire(SOURCE, version="1.0.0")
        assert dropped.found() == []

    def test_a_successor_that_is_not_there(self, dropped: Release) -> None:
        dropped.retire(DEP, "dep-other", version="1.0.0")
        dropped.retire(SOURCE, version="1.0.0")
        found = one(dropped.found())
        assert (found.rule, found.line, found.value) == ("id.successor", 2, "dep-other")

    def test_a_successor_that_was_retired_in_its_turn(self, dropped: Release) -> None:
        dropped.retire(DEP, SOURCE, version="1.0.0")
        dropped.retire(SOURCE, version="1.0.0")
        assert dropped.found() == []

    def test_a_retired_id_of_a_reference_table_in_use(self, release: Release) -> None:
        release.next()
        release.retire(SOURCE)
        assert release.rules() == ["correction.record"]  # by validation, as of a record

    def test_a_retired_id_of_a_record_in_use(self, release: Release) -> None:
        release.next()
        release.retire(DEP)
        assert release.rules() == ["correction.record"]  # by validation

    def test_a_record_that_moved_to_another_table_is_not_gone(self) -> None:
        columns, log = (
            sheet(["id", "size"], size={"evidence": "claim"}),
            sheet(["version", "record_id", "field", "old"], key="version"),
        )
        row = [["a", "1"]]
        old = version(here=columns | {"rows": row}, there=columns, corrections=log)
        assert missing_rows(old, version(here=columns, there=columns | {"rows": row}, corrections=log)) == ""
        assert missing_rows(old, version(here=columns, there=columns, corrections=log)) == "1.0.0,a,id,a\n"


class TestSources:
    """A source that nothing uses any more is refused by validation, before anything else."""

    def test_a_source_no_longer_used(self, release: Release) -> None:
        release.next()
        release.mini.rows["claims"] = [c for c in release.mini.rows["claims"] if c["source_id"] != "sky-2025-04-gjader"]
        found = one(release.found())
        assert (found.rule, found.value) == ("source.used", "sky-2025-04-gjader")

    def test_a_source_that_only_the_log_names_is_used(self, release: Release) -> None:
        release.next()
        release.mini.rows["claims"] = [c for c in release.mini.rows["claims"] if c["source_id"] != "sky-2025-04-gjader"]
        release.figure("35")
        release.log(source_id="sky-2025-04-gjader")
        assert release.found() == []


class TestChangelog:
    """The section on the version."""

    @pytest.mark.parametrize(
        ("text", "rule", "line"),
        [
            ("# Changelog\n", "changelog.missing", 0),
            ("## [0.1.10] - 2026-12-01\n- A.\n", "changelog.missing", 0),
            ("```\n## [0.1.1] - 2026-12-01\n- A.\n```\n", "changelog.missing", 0),
            ("## [0.1.1] - 2026-12-01\n\n### Changed\n\n## [0.1.0] - 2026-11-24\n- A.\n", "changelog.empty", 1),
            ("# C\n\n## [0.1.1] - 2026-12-01\n\n[0.1.1]: https://example.org\n", "changelog.empty", 3),
            ("## [0.1.1] - 2026-12-01\n<!-- soon -->\n", "changelog.empty", 1),
            ("## [0.1.1]\n- A.\n", "changelog.date", 1),
            ("## [Unreleased]\n- B.\n\n## [0.1.1] - 2026-12-01\n- A.\n", "changelog.pending", 4),
            ("## [0.1.1] - soon\n- A.\n", "changelog.date", 1),
            ("## [0.1.1] - 2026-02-30\n- A.\n", "changelog.date", 1),
            ("## [0.1.1] - 2026-12-01\n- A.\n## [0.1.1] - 2026-12-02\n- B.\n", "changelog.missing", 3),
            ("## [0.1.1] - 2026-12-01\n- A.\n", "", 0),
            ("## 0.1.1 - 2026-12-01\r\n\r\n- A.\r\n", "", 0),
            ("## [0.1.1](https://example.org/v0.1.1) (2026-12-01)\n\nText.\n", "", 0),
            ("## [0.1.1] - 2026-12-01\n```\n## [0.1.1]\n```\n", "", 0),
        ],
    )
    def test_is_there_dated_and_says_something(self, corrected: Release, text: str, rule: str, line: int) -> None:
        (corrected.mini.root / "CHANGELOG.md").write_text(text, encoding="utf-8", newline="")
        found = corrected.found()
        assert [(f.rule, f.line) for f in found] == ([(rule, line)] if rule else [])

    def test_without_a_changelog(self, corrected: Release) -> None:
        (corrected.mini.root / "CHANGELOG.md").unlink()
        assert str(one(corrected.found())) == "CHANGELOG.md: is missing [changelog.missing]"

    def test_what_is_written_under_unreleased_is_pointed_to(self, corrected: Release) -> None:
        corrected.changelog("## [Unreleased]\n\n- Something.\n")
        found = one(corrected.found())
        assert (
            found.fix
            == "Add `## [0.1.1] - YYYY-MM-DD` with what changed for readers. Move the lines from Unreleased there."
        )


class TestRules:
    """A rule of validation that finds less than before requires a major version."""

    FAULT = next(fault for fault in PLANTED if fault.rule == "facility.region")

    def found(self, release: Release, working: Rules) -> list[Finding]:
        release.mini.save()
        with opened(release.mini.root) as new, opened(release.old) as old:
            return refusals(new, old, working)

    def test_that_all_work_is_nothing_to_say(self, corrected: Release) -> None:
        assert self.found(corrected, Rules((), (), (), True)) == []

    def test_a_silent_one_is_refused(self, corrected: Release) -> None:
        said = one(self.found(corrected, Rules((self.FAULT,), (), (), True)))
        assert (said.rule, said.file) == ("rule.silent", "release/planted.py")
        assert "facility.region of facilities.latitude does not find the fault" in said.message
        assert "facilities: latitude 46.3" in said.message

    def test_one_that_nothing_shows_to_work_is_refused(self, corrected: Release) -> None:
        said = one(self.found(corrected, Rules((), (Listed("a.b"),), (), True)))
        assert (said.rule, said.file) == ("rule.unshown", "docs/rules.md")
        assert "a.b" in said.message

    @pytest.mark.parametrize(
        ("version", "rules"), [("0.1.1", ["version.small"]), ("0.2.0", ["version.small"]), ("1.0.0", [])]
    )
    def test_one_that_is_gone_needs_a_major_version(self, release: Release, version: str, rules: list[str]) -> None:
        release.next(version)
        found = self.found(release, Rules((), (), (self.FAULT,), True))
        assert [said.rule for said in found] == rules
        for said in found:
            assert "facility.region of facilities.latitude is no longer checked" in said.message
            assert said.fix == 'Set "version" to "1.0.0" or higher.'


_try_faults = working_rules.try_faults
_tried: dict[str, working_rules.Tried] = {}


def _tried_once(root: Path, faults: Sequence[Fault] = PLANTED, findings: Any = None) -> working_rules.Tried:
    key = repr(faults)
    if key not in _tried:
        _tried[key] = _try_faults(root, faults)
    return _tried[key]


class TestCommand:
    """The command line's part: what it prints, and its exit code."""

    Run = Callable[..., tuple[int, str, str]]

    @pytest.fixture
    def run(self, mini: Mini, git: Git, monkeypatch: pytest.MonkeyPatch) -> Run:
        monkeypatch.chdir(mini.root)
        # All tests here have the same schemas, so that the same faults are found: they are planted once.
        monkeypatch.setattr(working_rules, "try_faults", _tried_once)

        def command(against: str | None, **options: object) -> tuple[int, str, str]:
            out, log = io.StringIO(), io.StringIO()
            code = run_check(against, out=out, log=log, **options)  # type: ignore[arg-type]
            return code, out.getvalue(), log.getvalue()

        return command

    def test_nothing_changed(self, run: Run) -> None:
        assert run("v0.1.0")[:2] == (0, "0.1.0: nothing changed since 0.1.0.\n")

    def test_a_release_that_kept_no_faults_is_said_to_be_unknown_once(self, run: Run) -> None:
        log = run("v0.1.0")[2]
        assert log.startswith("No manifest says which faults the rules of 0.1.0 found")
        assert log.count("\n") == 1

    def test_the_faults_in_the_manifest_are_planted_again(self, run: Run, mini: Mini) -> None:
        tables = {name: table.hash for name, table in read_tables(mini.root, []).items()}
        kept = mini.root / "release/manifests/0.1.0.json"
        kept.parent.mkdir(parents=True)
        gone = Fault("agreement.colour", "agreements", "title", (("agreements", {"title": "green"}),))
        for faults, code in (((), 0), (PLANTED, 0), ((*PLANTED, gone), 1)):
            kept.write_bytes(Manifest("0.1.0", "2026-11-24T00:00:00Z", {}, tables, faults).json())
            assert run("v0.1.0")[0::2] == (code, "")
        assert "agreement.colour of agreements.title is no longer checked" in run("v0.1.0")[1]

    def test_before_the_first_release(self, run: Run) -> None:
        assert run(None) == (0, "0.1.0 can be released as the first version.\n", "")
        code, out, log = run("before")
        assert (code, out) == (0, "0.1.0 can be released as the first version.\n")
        assert re.fullmatch(
            r"before \(\w{12}\) holds no datapackage.json. There is nothing to hold this version against.\n", log
        )

    def test_the_first_release_needs_its_changelog_too(self, run: Run, mini: Mini) -> None:
        (mini.root / "CHANGELOG.md").write_text("# Changelog\n", encoding="utf-8")
        code, out, _ = run("before")
        assert code == 1
        assert out.startswith("CHANGELOG.md: there is no section on 0.1.0 [changelog.missing]\n    Add `## [0.1.0]")

    def test_a_refusal(self, run: Run, mini: Mini) -> None:
        mini.row("deployments", id=DEP)["note"] = "Other words."
        mini.save()
        code, out, _ = run("v0.1.0")
        assert code == 1
        assert out == (
            f"datapackage.json:{LINE} version: 0.1.0 is the same as the version before, 0.1.0; the changes require a patch version "
            "(values changed in deployments) [version.small]\n"
            '    Set "version" to "0.1.1" or higher.\n\n'
            "This version cannot be released: 1 problem.\n"
        )

    def test_annotations(self, run: Run, mini: Mini) -> None:
        mini.row("deployments", id=DEP)["note"] = "Other words."
        mini.save()
        code, out, _ = run("v0.1.0", form="github")
        assert code == 1
        assert out.startswith(
            f"::error file=datapackage.json,line={LINE},title=version.small::version: 0.1.0 is the same"
        )
        assert out.count("\n") == 1

    def test_a_commit_is_checked_as_it_is(self, run: Run, mini: Mini) -> None:
        mini.row("deployments", id=DEP)["note"] = "Other words."
        mini.save()
        assert run("v0.1.0", new="HEAD")[0] == 0

    def test_findings_come_first(self, run: Run, mini: Mini) -> None:
        mini.row("deployments", id=DEP)["officers"] = "21"
        mini.save()
        (mini.root / "CHANGELOG.md").unlink()
        code, out, _ = run("v0.1.0")
        assert code == 1
        assert "[evidence.mismatch]" in out
        assert "CHANGELOG" not in out

    @pytest.mark.parametrize(
        ("against", "says"),
        [
            ("v9", "'v9' is neither a path nor"),
            ("--all", "'--all' is neither"),
            ("data", "data holds neither a datapackage.json"),
        ],
    )
    def test_what_cannot_be_told(self, run: Run, against: str, says: str) -> None:
        code, out, log = run(against)
        assert (code, out) == (2, "")
        assert log.startswith(f"release: {says}")

    def test_what_is_built_already_is_not_checked(self, run: Run, mini: Mini) -> None:
        file = zipped(mini, mini.root / "csv.zip")
        assert run("v0.1.0", new=file)[0] == 2
        with opened(file) as new, pytest.raises(BadArgument, match="is a built release"):
            refusals(new, None)
        assert run(str(file))[0] == 0  # but it can be what is held against

    def test_the_rows_that_are_missing_mend_it(self, run: Run, mini: Mini, git: Git) -> None:
        release = Release(mini, mini.root / "unused")
        release.next("1.0.0")
        held = mini.row("returns", id="ret-all-ba-2020-m09-m11")["quantity"]
        release.figure("92000", "ret-all-ba-2020-m09-m11", "quantity")
        release.drop()
        mini.save()
        code, out, _ = run("v0.1.0", rows=True)
        assert code == 0
        assert out == (
            f"1.0.0,{DEP},id,,{DEP},,,,\n"
            f"1.0.0,{SOURCE},id,,{SOURCE},,,,\n"
            f"1.0.0,ret-all-ba-2020-m09-m11,quantity,,{held},92000,,,\n"
        )
        log = mini.root / LOG
        log.write_text(log.read_text(encoding="utf-8") + out, encoding="utf-8", newline="")
        assert "[cell.required]" in run("v0.1.0")[1]  # they are not complete
        mended = re.sub(r"^([^,]+,[^,]+,[^,]+,),(.*),,([^,]*),$", r"\1correction,\2,Why.,\3,", out, flags=re.MULTILINE)
        log.write_text(log.read_text(encoding="utf-8").replace(out, mended), encoding="utf-8", newline="")
        code, text, _ = run("v0.1.0")
        assert code == 0
        assert text.startswith("1.0.0 can be released. The changes since 0.1.0 require a major version (dep-at-hu")
