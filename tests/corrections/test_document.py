"""A correction as it is written down: YAML or JSON, and nothing that a hostile file could bring along."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from borderledger.package import Finding
from corrections.document import LARGEST, parse, read
from tests.corrections.conftest import CHANGE, NEW_SOURCE

YAML = """\
action: change
record: agr-status-ba-2025
values:
  - field: signed
    old: 2025-06-11
    new: 2025-06-12
source: eurlex-32025d1348
locator: recital (1)
reason: >
  The decision gives the day
  of the signature.
issue: 12
"""


def refusal(content: bytes | str) -> Finding:
    """The only finding of a file that is no correction."""
    document, (found, *more) = parse(content.encode() if isinstance(content, str) else content, "a.yml")
    assert document is None
    assert more == []
    assert found.message
    assert found.fix
    return found


def refusals(**changed: Any) -> list[Finding]:
    """The findings of the example with other values; None deletes a key."""
    content = {key: value for key, value in {**copy.deepcopy(CHANGE), **changed}.items() if value is not None}
    document, found = parse(json.dumps(content).encode(), "a.yml")
    assert document is None
    assert all(one.message and one.fix for one in found)
    return found


def value(**changed: str) -> list[dict[str, str]]:
    return [{"field": "signed", "old": "2025-06-11", "new": "2025-06-12", **changed}]


class TestReading:
    """YAML and JSON say the same, and every scalar is the text that stands there."""

    def test_yaml_is_read_with_the_line_of_each_key(self) -> None:
        document, found = parse(YAML.encode(), "a.yml")
        assert found == []
        assert document
        assert document["reason"] == "The decision gives the day of the signature."
        assert document.values[0].new == "2025-06-12"
        assert document.values[0].source == "eurlex-32025d1348"
        assert document.lines["values", 0, "new"] == 6
        assert document.finding(("values", 0, "new"), "", "", "", "value").field == "values.1.new"

    @pytest.mark.parametrize("indent", [None, 2, "\t"])
    def test_json_says_the_same_as_yaml(self, indent: Any) -> None:
        content = yaml.load(YAML, yaml.BaseLoader) | {"reason": 'Quotes ", umlauts ä and an emoji \U0001f600 survive.'}
        document, found = parse(json.dumps(content, indent=indent).encode(), "a.json")
        assert found == []
        assert document
        assert document.content == content

    @pytest.mark.parametrize("cell", ["NO", "012", "1_000", "2025-06", "1e3", "off", "0x1F", "12:30", "2025-06~", ".5"])
    def test_no_scalar_is_taken_for_a_number_a_date_or_a_truth_value(self, cell: str) -> None:
        document, found = parse(YAML.replace("new: 2025-06-12", f"new: {cell}").encode(), "a.yml")
        assert found == []
        assert document
        assert document.values[0].new == cell

    @pytest.mark.parametrize("empty", ["", "~", "null", "''"])
    def test_nothing_is_an_empty_text(self, empty: str) -> None:
        document, _ = parse(YAML.replace("new: 2025-06-12", f"new: {empty}").encode(), "a.yml")
        assert document
        assert document.values[0].new == ""

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_a_file_saved_by_notepad_is_read(self, encoding: str, end: str) -> None:
        document, found = parse(YAML.replace("\n", end).encode(encoding), "a.yml")
        assert found == []
        assert document

    @given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20))
    def test_what_yaml_and_json_write_is_never_a_traceback(self, content: Any) -> None:
        for text in (yaml.safe_dump(content), json.dumps(content)):
            document, found = parse(text.encode("utf-8", "surrogatepass"), "a.yml")
            assert (document is None) == bool(found)


class TestFiles:
    """What is no small text file is said to be none."""

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        assert read(tmp_path / "no.yml")[1][0].message == "is not a file"

    def test_a_folder(self, tmp_path: Path) -> None:
        assert read(tmp_path)[1][0].message == "is not a file"

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
    def test_a_pipe_that_nobody_writes_to_does_not_hang(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.yml")
        assert read(tmp_path / "pipe.yml")[1][0].message == "is not a file"

    def test_a_name_that_no_file_has(self) -> None:
        assert read(Path("a\0b"))[1][0].rule == "correction.file"

    def test_a_file_that_is_too_large(self) -> None:
        found = refusal(b"reason: " + b"a" * LARGEST)
        assert (found.rule, found.message) == ("correction.file", f"is larger than {LARGEST} bytes")

    @pytest.mark.parametrize("content", [b"\xff", b"PK\x03\x04\x8f", b"\xff\xfe\x00\xd8", "ž".encode("cp1250")])
    def test_a_file_that_is_no_text(self, content: bytes) -> None:
        assert refusal(content).message == "is not UTF-8 text"

    @pytest.mark.parametrize("content", ["", "# only a comment\n", "hello", "- a\n- b\n", "3"])
    def test_a_file_that_holds_no_keys(self, content: str) -> None:
        assert refusal(content).rule == "correction.form"


class TestYaml:
    """Nothing of YAML is taken but mappings, lists and text."""

    @pytest.mark.parametrize(
        ("text", "line", "message"),
        [
            ("a: &x 1\nb: *x\n", 1, "an anchor or alias"),
            ("a: [&a [x,x],&b [*a,*a],&c [*b,*b]]\n", 1, "an anchor or alias"),
            ("action: change\nrecord: !!python/object/apply:os.system [ls]\n", 2, "a tag"),
            ("a: !!binary aGk=\n", 1, "a tag"),
            ("a: !include /etc/passwd\n", 1, "a tag"),
            ("<<: {a: b}\n<<: {c: d}\n", 2, "appears twice"),
            ("action: claim\naction: change\n", 2, "the key 'action' appears twice"),
            ("a: 1\n---\nb: 2\n", 2, "a second document"),
            ("%YAML 1.1\n---\na: 1\n", 1, "a directive"),
            ("? [a]\n: b\n", 1, "a key is not a word"),
            ("a: {b: {c: {d: {e: {f: {g: h}}}}}}\n", 1, "nested too deeply"),
            ("a: b: c\n", 1, "mapping values are not allowed here"),
            ("a: 'b\n", 2, "end of stream"),
            ("ok: 1\na: \x00\n", 2, "a character that cannot be printed"),
            ("[" * 5000, 1, "nested too deeply"),
            ('a: "\\U0010FFFF"\nb: "\\U00110000"\n', 2, "\\U00110000 is no character"),
            ('a: 1\nb: "\\U01e99900"\n', 2, "\\U01e99900 is no character"),
        ],
    )
    def test_refused_with_the_line(self, text: str, line: int, message: str) -> None:
        found = refusal(text)
        assert found.rule == "correction.yaml"
        assert found.line == line
        assert message in found.message


class TestForm:
    """What the schema asks for is said in words."""

    @pytest.mark.parametrize("action", [None, "", "delete", ["change"], {"change": "x"}])
    def test_without_an_action_nothing_else_is_said(self, action: Any) -> None:
        (found,) = refusals(action=action, nonsense="x")
        assert found.field == "action"
        assert "change - The record gets the new value" in found.fix

    @pytest.mark.parametrize(
        ("changed", "field", "message"),
        [
            ({"reason": None}, "reason", "'reason' is missing"),
            ({"reason": "typo"}, "reason", "has 4 characters; write at least 10"),
            ({"reason": "x" * 601}, "reason", "600 are allowed"),
            ({"reason": ["a reason"]}, "reason", "is a list, not text"),
            ({"record": "../../etc/passwd"}, "record", "is not an identifier"),
            ({"record": "AGR-1"}, "record", "is not an identifier"),
            ({"values": None}, "values", "'values' is missing"),
            ({"values": []}, "values", "has 0 entries; a correction has 1 to 60"),
            ({"values": value() * 61}, "values", "has 61 entries"),
            ({"values": "signed"}, "values", "is text, not a list"),
            ({"values": ["signed"]}, "values.1", "is text, not keys with values"),
            ({"values": [{"field": "signed", "new": "2025"}]}, "values.1.old", "'old' is missing"),
            ({"values": value(new=["2025"])}, "values.1.new", "is a list"),  # type: ignore[arg-type]
            ({"values": value(colour="red")}, "values.1.colour", "'colour' is not a key"),
            ({"kind": "typo"}, "kind", "'typo' is not one of: correction, revision"),
            ({"old_claim": "delete"}, "old_claim", "is not one of: keep, misread, overtaken"),
            ({"successor": "agr-x"}, "successor", "does not belong to action change"),
            ({"source": {"title": "x"}}, "source.id", "'id' is missing"),
            ({"source": "No Id"}, "source", "is not an identifier"),
            ({"source": ["a"]}, "source", "is a list, not keys with values"),
            ({"issue": "javascript:alert(1)"}, "issue", "does not have the expected form"),
            ({"resaon": "x"}, "resaon", "'resaon' is not a key of a correction"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_key(self, changed: dict[str, Any], field: str, message: str) -> None:
        assert [(found.field, message in found.message) for found in refusals(**changed)] == [(field, True)]

    def test_a_misspelt_key_is_answered_with_the_nearest(self) -> None:
        (found,) = refusals(resaon="x")
        assert "reason" in found.fix

    def test_all_is_said_at_once(self) -> None:
        assert [found.field for found in refusals(record="X", kind="x", reason="x")] == ["kind", "reason", "record"]


class TestText:
    """Text is plain, and names nobody."""

    @pytest.mark.parametrize(
        "text",
        [
            "See <script>alert(1)</script> for more.",
            "An image <img src=x onerror=alert(1)> is here.",
            "It says [so](https://evil.example) there.",
            "![tracking](https://evil.example/pixel.png)",
            "An entity &#60;b&#62; hides markup.",
            "Some `code` that is run.",
            "Follow javascript:alert(1) to see.",
            "<!-- a comment that hides -->",
        ],
    )
    @pytest.mark.parametrize("where", ["reason", "locator", "note"])
    def test_markup_is_refused(self, text: str, where: str) -> None:
        changed = {"values": value(note=text)} if where == "note" else {where: text}
        found = refusals(**changed)
        assert {one.rule for one in found} == {"correction.text"}
        assert "markup" in found[0].message

    @pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1+1 is two", "@SUM(A1:A9)", "-2+3+cmd|' /C calc'!A0"])
    @pytest.mark.parametrize("where", ["reason", "new", "title"])
    def test_formulas_are_refused(self, text: str, where: str) -> None:
        changed: dict[str, Any] = {"reason": {"reason": f"{text} and more"}, "new": {"values": value(new=text)}}.get(
            where, {"source": NEW_SOURCE | {"title": text}}
        )
        assert "correction.text" in {one.rule for one in refusals(**changed)}

    @pytest.mark.parametrize("character", ["\u200b", "\u202e", "\u00ad", "\ufeff", "\u2066", "\u3164", "\U000e0041"])
    def test_what_cannot_be_seen_is_refused(self, character: str) -> None:
        found = refusals(reason=f"The day{character} was wrong.")
        assert [one.rule for one in found] == ["correction.text"]

    @pytest.mark.parametrize(
        "text",
        [
            "Write to somebody@example.org about it.",
            "Call +387 33 123 456 and ask.",
            "As Mr Petrović told us in person.",
            "Prof. Novak counted them by hand.",
            "He was born on 12 March 1990 in Kabul.",
            "Her passport number is in the file.",
        ],
    )
    def test_a_person_is_not_named(self, text: str) -> None:
        (found,) = refusals(reason=text)
        assert found.rule == "correction.personal"
        assert "Name the office" in found.fix

    @pytest.mark.parametrize("key", ["name", "email", "e_mail", "phone", "author", "contact", "person", "user"])
    def test_who_sends_it_is_not_asked_and_not_kept(self, key: str) -> None:
        (found,) = refusals(**{key: "Jane Doe"})
        assert (found.rule, found.field) == ("correction.personal", key)
        assert "Jane" not in f"{found.message}{found.fix}"
        assert found.value == ""

    def test_an_office_and_a_figure_with_many_digits_are_no_person(self) -> None:
        content = CHANGE | {"reason": "The Ministry counts 1234567890 euros in contract 2022/433-123 of 12.3.2022."}
        assert parse(json.dumps(content).encode(), "a.yml")[1] == []


class TestAddresses:
    """An address leads to a page that other people cannot open, and to nobody."""

    @pytest.mark.parametrize(
        ("url", "rule", "message"),
        [
            ("https://user:secret@localhost/", "text", "a user name"),
            ("http://[::1", "text", "is not the address"),
            ("https://localhost/x", "text", "that other people cannot open"),
            ("https://127.0.0.1/x", "text", "that other people cannot open"),
            ("https://10.0.0.1/x", "text", "that other people cannot open"),
            ("https://example.org/?u=somebody@example.org", "personal", "somebody@example.org"),
            ("https://example.org/?u=somebody%40example.org", "personal", "somebody@example.org"),
            ("mailto:somebody@example.org", "personal", "somebody@example.org"),
        ],
    )
    def test_what_is_refused(self, url: str, rule: str, message: str) -> None:
        found = refusals(source=NEW_SOURCE | {"url": url})
        assert [(one.rule, message in one.message) for one in found] == [(f"correction.{rule}", True)]

    @pytest.mark.parametrize(
        "url",
        [
            *("https://example.org/a(b)?c=d#e", "http://192.0.43.10/paper.pdf", "https://ex.org/@a"),
            "https://www.admin.ch/cp/d/1997Jul28.194717.8093@idz.bfi.admin.ch.html",  # the number of an old message
            "https://www.gov.uk/government/speeches/home-secretary-in-tirana+26042023112000",  # a time
        ],
    )
    def test_what_is_taken(self, url: str) -> None:
        content = CHANGE | {"source": NEW_SOURCE | {"url": url}}
        assert parse(json.dumps(content).encode(), "a.yml")[1] == []

    def test_the_address_of_a_source_may_be_what_is_corrected(self) -> None:
        entry = {"field": "url", "old": "https://a.example/x", "new": "https://b.example/y"}
        content = {"action": "change", "record": "a-source", "values": [entry], "reason": "The page has moved."}
        assert parse(json.dumps(content).encode(), "a.yml")[1] == []

    @pytest.mark.parametrize("text", ["See https://a.example for more.", "See www.example.org for more."])
    def test_elsewhere_a_link_is_not_taken(self, text: str) -> None:
        (found,) = refusals(reason=text)
        assert "holds the link" in found.message

    @pytest.mark.parametrize(
        "text", ["Call 069 123 4567 and ask.", "Call 0049 30 1234567 and ask.", "Ring 033/123-456."]
    )
    def test_numbers_that_are_called_at_home_are_not_taken(self, text: str) -> None:
        assert [found.rule for found in refusals(reason=text)] == ["correction.personal"]

    def test_an_address_as_a_key_is_not_repeated(self) -> None:
        found = refusals(**{"somebody@example.org": "x"})
        assert {one.rule for one in found} == {"correction.personal"}
        assert "somebody" not in str(found)
        assert "somebody" not in str(refusal("somebody@example.org: 1\nsomebody@example.org: 2\n"))

    def test_a_long_word_does_not_take_long(self) -> None:
        assert {one.rule for one in refusals(reason="a" * 50_000)} == {"correction.form"}
