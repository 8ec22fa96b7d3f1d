"""What is written of changes, and that text from the data stays text in every format."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from borderledger.changes import Changes, diff
from borderledger.dataset import Dataset
from borderledger.output.escape import printable
from release.report.comparison import Comparison, compare, link
from release.report.formats import FORMATS, run_diff
from release.report.markdown import COMMENT, code, escaped
from tests.borderledger.test_changes import sheet, version
from tests.conftest import Mini
from tests.release.conftest import Git

THINGS = ["id", "title", "size", "source_id", "note"]
LOG = ["version", "record_id", "field", "kind", "old", "new", "reason", "source_id", "issue"]


def made(
    number: str,
    things: list[list[str]],
    log: list[list[str]] | None = None,
    url: str = "https://example.org/a",
    **more: object,
) -> Dataset:
    """A version of things, whose size is bound, with one source and its log."""
    sources = [
        ["s", "The report", "Ministry", "2024", url, "", ""],
        ["bulk", "The file", "Agency", "2023", "https://example.org/b", "", ""],
    ]
    totals = [["bulk", "things"]]
    return version(
        number,
        things=sheet(THINGS, things, size={"evidence": "claim"}) | more,
        sources=sheet(["id", "title", "publisher", "published", "url", "kind", "reprint_of"], sources),
        claims=sheet(
            ["record_id", "field", "verdict", "source_id"],
            [["a", "size", "agrees", "s"]] if things else [],
            key="record_id field source_id",
        ),
        control_totals=sheet(["source_id", "table"], totals, key="source_id table"),
        corrections=sheet(LOG, log or [], key="version record_id field"),
    )


def told(old: Dataset, new: Dataset) -> Comparison:
    return compare(diff(old, new), old, new)


OLD = made(
    "1.0.0",
    [
        ["a", "First", "3", "s", ""],
        ["b", "Second", "5", "s", ""],
        ["c", "Third", "1", "s", ""],
        ["d", "Fourth", "", "s", ""],
    ],
)
NEW = made(
    "2.0.0",
    [
        ["a", "First", "4", "s", "Read again."],
        ["b", "Second", "6", "s", ""],
        ["d", "Fourth", "7", "s", ""],
        ["e", "", "8", "s", ""],
    ],
    [
        ["2.0.0", "a", "size", "correction", "3", "4", "Misread digit.", "s", "12"],
        ["2.0.0", "b", "size", "revision", "5", "6", "The edition of 2027.", "s", ""],
        ["2.0.0", "c", "id", "correction", "c", "a", "The same thing.", "", ""],
    ],
)


class TestText:
    """For a terminal and the log of a workflow."""

    def test_the_whole(self) -> None:
        assert FORMATS["text"](told(OLD, NEW)) == (
            "1.0.0 -> 2.0.0\n"
            "The changes require a major version: c of things vanished.\n"
            "\n"
            "table        added  removed  corrected  revised  other changes\n"
            "things           1        1          1        1              2\n"
            "corrections      3        0          0        0              0\n"
            "\n"
            "things\n"
            "  First (a)\n"
            "    size: 3 -> 4  correction: Misread digit. [s]\n"
            "    note: (empty) -> Read again.\n"
            "  Second (b)\n"
            "    size: 5 -> 6  revision: The edition of 2027. [s]\n"
            "  Fourth (d)\n"
            "    size: (empty) -> 7 [s]\n"
            "  retired: Third (c), now a: The same thing. [s]\n"
            "  added: e [s]\n"
            "\n"
            "corrections\n"
            "  3 rows added\n"
            "\n"
            "sources\n"
            "  s: The report, Ministry, 2024, https://example.org/a\n"
        )  # fmt: skip

    def test_a_figure_whose_change_the_log_lacks(self) -> None:
        new = made("1.0.1", [["a", "First", "4", "s", ""]])
        text = FORMATS["text"](told(made("1.0.0", [["a", "First", "3", "s", ""]]), new))
        assert "    size: 3 -> 4  unlogged [s]\n" in text

    def test_schema_and_grades(self) -> None:
        old, new = made("1.0.0", [["a", "First", "3", "s", ""]]), made("2.0.0", [["a", "First", "3", "s", ""]])
        changes = diff(
            old, version("2.0.0", things=sheet(["id", "size", "new"], [["a", "3", ""]], size={"type": "integer"}))
        )
        text = FORMATS["text"](compare(changes, old, new))
        assert "\nschema\n" in text
        assert "  things.size type: string -> integer (breaks what reads it)\n" in text
        assert "  things.new added: (empty) -> string\n" in text
        assert "  things.title removed: string -> (empty) (breaks what reads it)\n" in text

    def test_a_grade(self, mini: Mini, git: Git) -> None:
        for claim in mini.rows["claims"]:
            if claim["record_id"] == "fac-al-gjader" and claim["verdict"] == "contradicts":
                claim["source_id"] = "x"
        mini.save()
        out = io.StringIO()
        mini.rows["claims"] = [c for c in mini.rows["claims"] if c["source_id"] != "x"]
        mini.save()
        assert run_diff("HEAD", mini.root, repository=mini.root, out=out) == 1
        assert "  evidence of Italian centres in Gjadër (fac-al-gjader): disputed -> single\n" in out.getvalue()

    def test_rows_of_a_bulk_source_are_counted_when_there_are_many(self) -> None:
        rows = [[f"b{n:02}", "", str(n + 1), "bulk", ""] for n in range(40)]
        log = [
            ["2.0.0", row[0], "size", "revision", row[2], f"{row[2]}0", "The edition of 2027.", "", ""]
            for row in rows[:15]
        ]
        changed = [[*row[:2], f"{row[2]}0", *row[3:]] if n < 15 else row for n, row in enumerate(rows)]
        text = FORMATS["text"](told(made("1.0.0", rows[:28]), made("2.0.0", changed, log)))
        assert "  15 values of size revised, The edition of 2027. [bulk]\n  12 rows added [bulk]\n" in text
        few = FORMATS["text"](told(made("1.0.0", rows[:38]), made("2.0.0", rows)))
        assert "  added: b38 [bulk]\n" in few

    def test_nothing(self) -> None:
        assert FORMATS["text"](told(OLD, OLD)) == "1.0.0 -> 1.0.0\nNothing changed.\n"


class TestMarkdown:
    """For a comment on a pull request."""

    def test_the_whole(self) -> None:
        assert FORMATS["markdown"](told(OLD, NEW)) == (
            "### `1.0.0` → `2.0.0`\n"
            "\n"
            "The changes require a major version: c of things vanished.\n"
            "\n"
            "| table | added | removed | corrected | revised | other changes |\n"
            "|---|---:|---:|---:|---:|---:|\n"
            "| things | 1 | 1 | 1 | 1 | 2 |\n"
            "| corrections | 3 | 0 | 0 | 0 | 0 |\n"
            "\n"
            "#### things\n"
            "\n"
            "- **First** `a`\n"
            "  - `size`: `3` → `4` — **correction**: Misread digit. ([s](https://example.org/a))\n"
            "  - `note`: *empty* → `Read again.`\n"
            "- **Second** `b`\n"
            "  - `size`: `5` → `6` — **revision**: The edition of 2027. ([s](https://example.org/a))\n"
            "- **Fourth** `d`\n"
            "  - `size`: *empty* → `7` ([s](https://example.org/a))\n"
            "- retired: **Third** `c`, now `a`: The same thing. ([s](https://example.org/a))\n"
            "- added: `e` ([s](https://example.org/a))\n"
            "\n"
            "#### corrections\n"
            "\n"
            "- 3 rows added\n"
        )  # fmt: skip

    @pytest.mark.parametrize("title", ["x", "@" * 4_000, "`" * 4_000, "&" * 300])
    def test_it_fits_into_a_comment_and_says_what_does_not(self, title: str) -> None:
        rows = [[f"r{n}", title, "1", "s", title] for n in range(2_000)]
        text = FORMATS["markdown"](told(made("1.0.0", []), made("1.1.0", rows)))
        assert len(text) <= COMMENT
        left = re.search(r"\*\*Left out, for its length:\*\* ([\d,]+) of things, 1 of claims\. `python", text)
        assert left
        assert int(left[1].replace(",", "")) + text.count("\n- added") == 2_000
        assert "| things | 2,000 |" in text

    def test_even_the_numbers_are_cut(self) -> None:
        columns = sheet(["id"], [["a"]])
        names = [f"t{n}" for n in range(3_000)]
        text = FORMATS["markdown"](told(version(things=columns), version(**dict.fromkeys(names, columns))))
        assert len(text) <= COMMENT
        assert re.search(r"[\d,]+ of summary, 3,001 of schema, 1 of t0.* and of 2,997 further tables", text)

    @pytest.mark.parametrize(
        ("url", "shown"),
        [
            ("https://example.org/a(b)_c*d?x=1&copy=2", "[s](https://example.org/a%28b%29%5Fc%2Ad?x=1&amp;copy=2)"),
            ("https://example.org/a b", "[s](https://example.org/a%20b)"),
            ("https://example.org/é|`<x>\"", "[s](https://example.org/%C3%A9%7C%60%3Cx%3E%22)"),
            ("javascript:alert(1)", "`s`"),
            ("data:text/html,x", "`s`"),
            ("//example.org", "`s`"),
            ("http://[", "`s`"),
            ("https://example.org/\u202e", "`s`"),
            ("https://github.com/a/b/issues/1", "`s`"),
            ("https://GitHub.com./a/b/issues/1", "`s`"),
            ("https://me@gist.github.com/1", "`s`"),
            ("https://example.org/" + "x" * 2_000, "`s`"),
            ("", "`s`"),
        ],
    )  # fmt: skip
    def test_a_source_is_linked_when_that_is_safe(self, url: str, shown: str) -> None:
        old, new = made("1.0.0", [], url=url), made("1.1.0", [["a", "", "1", "s", ""]], url=url)
        assert f"- added: `a` ({shown})\n" in FORMATS["markdown"](told(old, new))


# What GitHub makes of text once Markdown is done with it, outside code and links.
FOUND_LATER = [
    r"@[A-Za-z0-9]",
    r"#\d",
    r"\bGH-\d",
    r"https?://",
    r"\bwww\.",
    r"[A-Za-z0-9.+_-]@[A-Za-z0-9]",
    r":[\w+-]+:",
    r"\b[0-9a-f]{7,40}\b",
]
HOSTILE = [
    "@octocat", "a@b.org", "@org/team", "#1", "GH-12", "gh-12", "a/b#1", "a/b@0123456789abcdef0123456789abcdef01234567", "deadbeef1",
    "https://evil.example", "HTTP://evil.example", "www.evil.example", "[x](https://evil.example)", "![x](https://evil.example)", "<https://evil.example>",
    "<img src=x onerror=alert(1)>", "</code></td></table><script>alert(1)</script>", "<!--", "&lt;b&gt;", "&#64;octocat", "\"><svg/onload=1>", "' onx='",
    "`x`", "``", "\\`", "\\", "*a*", "__a__", "~~a~~", "| a | b |", "# a", "- a", "1. a", "> a", "- [ ] a", "[ref]: https://evil.example", "$x$", ":tada:",
    "\x1b[31mred", "\x1b]8;;https://evil.example\x07x", "a\x01b", "a\u202eb", "a\u200bb", "a\u2028b", "a\x85b", "\ufeff", "%0A::error::x", "::error::x", "{{ x }}", "=1+1",
]  # fmt: skip


class TestHostileText:
    """Nothing that stands in the data is more than text."""

    @pytest.fixture
    def hostile(self) -> Comparison:
        rows = [[f"r{n}{text}", text, "1", f"s{text}", ""] for n, text in enumerate(HOSTILE)]
        log = [["2.0.0", row[0], "size", row[1], "1", f"2{row[1]}", row[1], row[1], row[1]] for row in rows]
        log += [["2.0.0", f"x{row[0]}", "id", row[1], f"x{row[0]}", row[1], row[1], row[1], row[1]] for row in rows]
        gone = [[f"x{row[0]}", *row[1:]] for row in rows]
        changed = [[row[0], row[1], f"2{row[1]}", row[3], row[1]] for row in rows] + [
            [f"y{row[0]}", *row[1:]] for row in rows
        ]
        old = made("1<b>0@x", [*rows, *gone])
        schema = {"columns": [*THINGS, "<b>@x"], "rows": [[*row, ""] for row in changed]}
        return told(old, made("2#1", changed, log, **schema))

    def test_text_keeps_to_printable_lines(self, hostile: Comparison) -> None:
        text = FORMATS["text"](hostile)
        assert all(c.isprintable() or c == "\n" for c in text)
        assert not any(line.startswith("::") for line in text.split("\n"))
        assert "\\u001b[31mred" in text

    def test_json_is_ascii_and_holds_it_all(self, hostile: Comparison) -> None:
        text = FORMATS["json"](hostile)
        assert text.isascii()
        assert all(c.isprintable() or c == "\n" for c in text)
        titles = {row["title"] for row in json.loads(text)["added"] if row["table"] == "things"}
        assert titles == set(HOSTILE)

    def test_markdown_has_no_markup_from_data(self, hostile: Comparison) -> None:
        parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
        text = FORMATS["markdown"](hostile)
        assert all(c.isprintable() or c == "\n" for c in text)
        tokens = [child for token in parser.parse(text) for child in (token, *(token.children or ()))]
        kinds = Counter(token.type for token in tokens)
        assert not kinds.keys() & {
            "html_inline",
            "html_block",
            "image",
            "s_open",
            "fence",
            "code_block",
            "blockquote_open",
            "ordered_list_open",
            "hr",
            "link_open",
        }
        assert {token.tag for token in tokens if token.type == "heading_open"} == {"h3", "h4"}
        for token in tokens:
            if token.type == "text":
                assert not [pattern for pattern in FOUND_LATER if re.search(pattern, token.content, re.IGNORECASE)], (
                    token.content
                )

    def test_html_has_no_markup_from_data(self, hostile: Comparison) -> None:
        page = _Page()
        text = FORMATS["html"](hostile)
        page.feed(text)
        assert all(c.isprintable() or c == "\n" for c in text)
        known = "html head meta title style body main h1 p div table caption thead tbody tr th td code a"
        assert page.tags.keys() <= {*known.split(" ")}
        assert {name for name, _ in page.attributes} <= {
            "lang",
            "charset",
            "http-equiv",
            "content",
            "name",
            "scope",
            "class",
            "role",
            "tabindex",
            "aria-label",
            "href",
            "rel",
        }
        assert "<script>alert(1)</script>" in "".join(page.text)


@given(st.text() | st.sampled_from(HOSTILE) | st.lists(st.sampled_from(HOSTILE), max_size=4).map("".join))
@example("`` ` ")
@example("   ")
def test_markdown_gives_the_text_back(text: str) -> None:
    text = text[:100]
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    shown = printable(text)
    inline = parser.parseInline(f"x {code(text)} x")[0].children or []
    if text:
        assert [token.content for token in inline if token.type == "code_inline"] == [shown]
        assert [token.content for token in inline if token.type == "text"] == ["x ", " x"]
    inline = parser.parseInline(f"x{escaped(text)}x")[0].children or []
    assert {token.type for token in inline} <= {"text", "text_special"}
    assert "".join(token.content for token in inline).replace("\u200b", "") == f"x{shown}x"


class _Page(HTMLParser):
    """Tags, attributes and text of a page; fails when a tag is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


class TestHtml:
    """A page that needs nothing else."""

    @pytest.fixture
    def page(self) -> _Page:
        page = _Page()
        page.feed(FORMATS["html"](told(OLD, NEW)))
        page.close()
        assert page.open == []
        return page

    def test_it_is_complete_and_asks_for_nothing(self, page: _Page) -> None:
        assert page.tags["script"] == page.tags["link"] == page.tags["img"] == 0
        assert ("http-equiv", "Content-Security-Policy") in page.attributes
        assert {value for name, value in page.attributes if name == "href"} == {"https://example.org/a"}
        assert ("lang", "en") in page.attributes

    def test_each_table_has_a_caption_and_heads(self, page: _Page) -> None:
        assert page.tags["table"] == page.tags["caption"] == page.tags["thead"] == 3
        assert page.attributes.count(("scope", "row")) == page.tags["tr"] - 3
        assert page.attributes.count(("scope", "col")) == 6 * 3

    def test_it_says_what_happened(self, page: _Page) -> None:
        text = " ".join(" ".join(page.text).split())
        for said in (
            "First a size 3 4 correction: Misread digit. The report",
            "Third c retired a The same thing.",
            "e added",
        ):
            assert said in text


class TestJson:
    """The complete account, for programs."""

    def test_the_shape(self) -> None:
        found = json.loads(FORMATS["json"](told(OLD, NEW)))
        assert list(found) == [
            "old",
            "new",
            "same",
            "demands",
            "schema",
            "added",
            "removed",
            "changed",
            "grades",
            "sources",
        ]
        assert (found["old"], found["new"], found["same"]) == ("1.0.0", "2.0.0", False)
        assert found["demands"] == {"version": "major", "reasons": ["c of things vanished"]}
        kinds = [(c["key"], c["field"], c["old"], c["new"], c["kind"]) for c in found["changed"]]
        assert kinds == [
            (["a"], "size", "3", "4", "correction"),
            (["a"], "note", "", "Read again.", ""),
            (["b"], "size", "5", "6", "revision"),
            (["d"], "size", "", "7", ""),
        ]
        assert found["changed"][0]["title"] == "First"
        assert found["changed"][0]["logged"] == {
            "version": "2.0.0", "old": "3", "new": "4", "reason": "Misread digit.", "source_id": "s", "issue": "12", "kind": "correction",
        }  # fmt: skip
        (gone,) = found["removed"]
        assert (gone["key"], gone["title"], gone["retired"]["new"]) == (["c"], "Third", "a")
        assert found["added"][0]["cells"] == {"id": "e", "title": "", "size": "8", "source_id": "s", "note": ""}
        assert found["sources"] == {
            "s": {"title": "The report", "publisher": "Ministry", "published": "2024", "url": "https://example.org/a"}
        }

    def test_nothing(self) -> None:
        found = json.loads(FORMATS["json"](Comparison(Changes("1.0.0", "1.0.0"), compare(diff(OLD, OLD)).demands)))
        assert found["same"] is True
        assert found["sources"] == {}


class TestCommand:
    """The command line's part."""

    @pytest.mark.parametrize("form", FORMATS)
    def test_exit_codes(self, mini: Mini, git: Git, form: str, tmp_path: Path) -> None:
        out, log = io.StringIO(), io.StringIO()
        assert run_diff("v0.1.0", mini.root, form=form, repository=mini.root, out=out, log=log) == 0
        mini.row("deployments", id="dep-at-hu-rs-2024-10")["note"] = "Changed."
        mini.save()
        assert run_diff("v0.1.0", mini.root, form=form, repository=mini.root, out=out, log=log) == 1
        assert (out.getvalue().count("Changed."), log.getvalue()) == (1, "")
        assert run_diff("v9", mini.root, form=form, repository=mini.root, out=io.StringIO(), log=log) == 2
        assert run_diff("before", mini.root, form=form, repository=mini.root, out=io.StringIO(), log=log) == 2
        first, second = log.getvalue().splitlines()
        assert first.startswith("release: 'v9' is neither")
        assert second.startswith("release: before (")


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.b/c", "https://a.b/c"),
        ("HTTPS://a.b", "HTTPS://a.b"),
        ("ftp://a.b", ""),
        ("https:///x", ""),
        ("https://a.b/\n", ""),
    ],
)
def test_only_addresses_of_the_web_are_linked(url: str, safe: str) -> None:
    assert link(url) == safe
