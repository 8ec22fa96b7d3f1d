"""What remains of a correction: rows of the log, the next version, a line of the changelog."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrections.log import Entry, changelog, entered, next_version, numbered, told
from tests.conftest import ROOT

VERSION, LAST = "0.3.0", "0.2.0"
values = st.sampled_from(["", "1", "2", "3"])


def change(old: str, new: str, field: str = "signed", record: str = "agr-a", **more: str) -> Entry:
    kind = "evidence" if old == new else "correction" if old else "addition"
    return Entry(record, field, **{"kind": kind, "old": old, "new": new, "reason": f"{old} > {new}."} | more)


class TestEntered:
    """The log of one version says what became of what was published, however many steps it took."""

    @given(values, st.lists(values, max_size=6))
    def test_the_log_of_a_version_leads_from_the_first_value_to_the_last(self, first: str, then: list[str]) -> None:
        path = [first, *then]
        rows: list[dict[str, str]] = []
        for old, new in pairwise(path):
            if old != new:
                rows = entered(rows, [change(old, new)], VERSION, LAST)
        if first == path[-1]:
            assert rows == []
        else:
            (row,) = rows
            assert (row["old"], row["new"]) == (first, path[-1])
            assert row["kind"] == ("addition" if not first else "correction")

    @given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), values, values), max_size=8))
    def test_cells_do_not_touch_each_other(self, steps: list[tuple[str, str, str, str]]) -> None:
        rows: list[dict[str, str]] = []
        for record, field, old, new in steps:
            others = [row for row in rows if (row["record_id"], row["field"]) != (record, field)]
            rows = entered(rows, [change(old, new, field, record)], VERSION, LAST)
            assert [row for row in rows if (row["record_id"], row["field"]) != (record, field)] == others

    def test_what_was_published_is_never_touched(self) -> None:
        published = entered([], [change("1", "2")], LAST, "0.1.0")
        assert entered(published, [change("2", "3")], VERSION, LAST)[0] == published[0]

    def test_a_row_keeps_its_version_when_a_later_change_requires_a_higher_one(self) -> None:
        rows = entered([], [change("1", "2"), change("1", "2", record="agr-b")], "0.2.1", LAST)
        both = entered(rows, [change("agr-c", "", "id", "agr-c"), change("2", "3", record="agr-b")], "1.0.0", LAST)
        assert [(row["version"], row["record_id"], row["old"], row["new"]) for row in both] == [
            ("0.2.1", "agr-a", "1", "2"),
            ("1.0.0", "agr-c", "agr-c", ""),
            ("1.0.0", "agr-b", "1", "3"),
        ]

    def test_new_evidence_for_a_value_that_changed_joins_the_change(self) -> None:
        rows = entered([], [change("1", "2"), change("2", "2", source_id="b")], VERSION, LAST)
        assert [(r["kind"], r["old"], r["new"], r["reason"]) for r in rows] == [
            ("correction", "1", "2", "1 > 2. 2 > 2. (b)")
        ]

    def test_a_change_of_a_value_that_got_new_evidence_is_a_change(self) -> None:
        (row,) = entered([], [change("1", "1", source_id="a"), change("1", "2", source_id="b")], VERSION, LAST)
        assert (row["kind"], row["old"], row["new"], row["source_id"]) == ("correction", "1", "2", "b")

    def test_nobodys_source_and_report_are_lost(self) -> None:
        one = change("1", "2", reason="Seen.", source_id="a", issue="11")
        two = change("2", "3", reason="Read again.", source_id="b", issue="22")
        beside = change("3", "3", reason="Said as well.", source_id="c", issue="33")
        (row,) = entered([], [one, two, beside], VERSION, LAST)
        assert (row["old"], row["new"], row["source_id"], row["issue"]) == ("1", "3", "b", "22")
        assert row["reason"] == "Seen. (a, issue 11) Read again. Said as well. (c, issue 33)"

    def test_one_reason_with_two_sources_is_said_once(self) -> None:
        both = [change("1", "1", reason="Both say so.", source_id=source) for source in ("a", "b")]
        (row,) = entered([], both, VERSION, LAST)
        assert (row["source_id"], row["reason"]) == ("a", "Both say so. (b)")

    def test_the_same_reason_is_not_said_twice(self) -> None:
        twice = [change("1", "1", reason="Seen."), change("1", "1", reason="Seen.")]
        assert entered([], twice, VERSION, LAST)[0]["reason"] == "Seen."

    def test_a_record_that_came_and_went_leaves_nothing(self) -> None:
        assert entered([], [change("", "agr-a", "id"), change("agr-a", "", "id")], VERSION, LAST) == []


class TestVersion:
    """A version is the least that what is in it demands."""

    @pytest.mark.parametrize(
        ("held", "last", "level", "version"),
        [
            ("0.2.0", "0.2.0", "patch", "0.2.1"),
            ("0.2.0", "0.2.0", "minor", "0.3.0"),
            ("0.2.0", "0.2.0", "major", "1.0.0"),
            ("0.2.1", "0.2.0", "patch", "0.2.1"),
            ("0.2.1", "0.2.0", "minor", "0.3.0"),
            ("0.3.0", "0.2.0", "patch", "0.3.0"),
            ("0.10.0", "0.9.0", "minor", "0.10.0"),
            ("0.1.0", "", "minor", "0.1.0"),
        ],
    )
    def test_it_is_at_least_what_is_being_made(self, held: str, last: str, level: str, version: str) -> None:
        assert next_version(held, last, level) == version  # type: ignore[arg-type]

    def test_only_the_version_of_the_descriptor_changes(self) -> None:
        text = (ROOT / "datapackage.json").read_text("utf-8")
        changed = numbered(text, "9.8.7")
        assert [line for line in changed.splitlines() if line not in text.splitlines()] == ['  "version": "9.8.7",']


EMPTY = "# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-01-01\n\n### Added\n\n- Everything.\n"


class TestChangelog:
    """Readers are told under what is unreleased, and nothing else of the changelog moves."""

    def test_a_first_line_makes_its_heading(self) -> None:
        text = changelog(EMPTY, "Corrected", "One.")
        assert text == EMPTY.replace("## [Unreleased]\n", "## [Unreleased]\n\n### Corrected\n\n- One.\n")

    def test_a_second_line_stands_below_the_first(self) -> None:
        text = changelog(changelog(changelog(EMPTY, "Corrected", "One."), "Added", "Two."), "Corrected", "Three.")
        assert "### Corrected\n\n- One.\n- Three.\n\n### Added\n\n- Two.\n\n## [0.1.0]" in text

    def test_what_was_released_is_not_what_is_unreleased(self) -> None:
        assert changelog(EMPTY, "Added", "New.").endswith(EMPTY[EMPTY.index("## [0.1.0]") :])

    def test_a_changelog_without_the_section_gets_it(self) -> None:
        text = changelog("# Changelog\n\n## [0.1.0] - 2026-01-01\n\n- Old.\n", "Corrected", "One.")
        assert (
            text == "# Changelog\n\n## [Unreleased]\n\n### Corrected\n\n- One.\n\n## [0.1.0] - 2026-01-01\n\n- Old.\n"
        )

    def test_an_empty_one_too(self) -> None:
        assert "## [Unreleased]\n\n### Corrected\n\n- One.\n" in changelog("# Changelog\n", "Corrected", "One.")

    def test_long_lines_are_folded(self) -> None:
        assert max(map(len, changelog(EMPTY, "Corrected", "word " * 100).splitlines())) <= 118

    @pytest.mark.parametrize(
        ("entry", "heading", "line"),
        [
            (change("1", "2"), "Corrected", "Title (`agr-a`): signed 1 → 2. 1 > 2."),
            (change("1", "2", kind="revision"), "Revised", "signed 1 → 2"),
            (change("1", ""), "Corrected", "signed 1 → empty"),
            (change("", "1"), "Added", "Title (`agr-a`): signed 1."),
            (change("", "agr-a", "id"), "Added", "Title (`agr-a`). "),
            (change("agr-a", "agr-b", "id"), "Removed", "retired, now `agr-b`."),
            (change("1", "1", source_id="b"), "Evidence", "signed 1, beside it `b`."),
        ],
    )
    def test_each_kind_has_its_heading(self, entry: Entry, heading: str, line: str) -> None:
        ((found, text),) = told([entry], {"agr-a": "Title"}, ())
        assert found == heading
        assert line in text.replace("\\", "").replace("&gt;", ">")

    def test_a_note_is_told_of_only_where_no_value_changed_with_it(self) -> None:
        note, value = change("a", "b", "note", reason="Seen."), change("1", "2", reason="Seen.")
        assert [text for _, text in told([note], {}, {"note"})] == ["(`agr-a`): note reworded. Seen."]
        assert ["note" in text for _, text in told([note, value], {}, {"note"})] == [False]

    def test_one_correction_is_one_line_under_each_heading(self) -> None:
        entries = [
            change("1", "2"),
            change("3", "4", "ended"),
            change("", "5", "celex"),
            change("6", "7", record="agr-b"),
        ]
        lines = [*told([replace(entry, reason="Seen.") for entry in entries], {"agr-a": "A", "agr-b": "B"}, ())]
        assert lines == [
            ("Corrected", "A (`agr-a`): signed 1 → 2; ended 3 → 4. Seen."),
            ("Added", "A (`agr-a`): celex 5. Seen."),
            ("Corrected", "B (`agr-b`): signed 6 → 7. Seen."),
        ]

    def test_nothing_in_it_is_taken_for_markup(self) -> None:
        ((_, text),) = told([change("1", "2", reason="*b* <i> [x](y) @all #1")], {"agr-a": "T|t"}, ())
        assert r"\*b\* &lt;i&gt; \[x\](y) \@all \#1" in text
        assert r"T\|t" in text
