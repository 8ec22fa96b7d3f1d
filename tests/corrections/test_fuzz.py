"""Whatever is sent, there is a correction or findings that say what is wrong and what to do: never a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from borderledger.package import Finding, Package
from corrections.answer import answered
from corrections.apply import apply_documents
from corrections.comment import LONGEST, number, safe
from corrections.document import parse
from corrections.forms import forms
from corrections.issue import from_issue
from corrections.report import NoReport, Report
from tests.conftest import Mini, mini_in
from tests.corrections.reports import VALID, filled

some = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])

DOCUMENT: dict[str, Any] = {
    "action": "change",
    "record": "dep-frontex-wb6-2025-06",
    "values": [{"field": "officers", "old": "500", "new": "480", "qualifier": "exact"}],
    "source": "founding-article",
    "old_claim": "misread",
    "locator": "p. 1",
    "reason": "The text says four hundred and eighty.",
}
#: Words that lead further into the code than chance would.
WORDS = st.sampled_from(
    [
        "", "change", "claim", "dispute", "record", "retire", "privacy", "dep-frontex-wb6-2025-06", "founding-article",
        "officers", "officers_max", "date", "title", "source_id", "id", "500", "about", "range", "2025-06~", "deployments",
        "sources", "misread", "overtaken", "revision", "yes", "note", "(empty)", "a: b", "\0", "\ud800", "=1", "../x",
    ]
)  # fmt: skip
text = WORDS | st.text(max_size=40)
keys = st.sampled_from(
    [
        "action", "record", "table", "values", "kind", "old_claim", "source", "locator", "read_first", "successor",
        "field", "organisations", "reason", "issue", "old", "new", "qualifier", "max", "note", "id", "title",
    ]
)  # fmt: skip
trees = st.recursive(
    text | st.none() | st.integers() | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys | text, inner, max_size=6),
    max_leaves=20,
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, whole: Package) -> Mini:
    return mini_in(tmp_path_factory.mktemp("small"), whole)


def checked(content: bytes, root: Path) -> None:
    """Parse and try out; whatever stands against it says so."""
    document, found = parse(content, "x.yml")
    assert (document is None) == bool(found)
    if document is not None:
        found = list(apply_documents([document], root, write=False).findings)
    assert all(told(finding) for finding in found)


def told(finding: Finding) -> bool:
    return bool(finding.message and finding.fix and finding.rule)


class TestCheck:
    @some
    @given(st.binary(max_size=300) | text.map(lambda words: words.encode("utf-8", "surrogatepass")))
    def test_any_bytes(self, small: Mini, content: bytes) -> None:
        checked(content, small.root)

    @some
    @given(trees)
    def test_any_structure(self, small: Mini, tree: object) -> None:
        checked(json.dumps(tree).encode(), small.root)
        checked(yaml.safe_dump(tree, allow_unicode=False).encode("utf-8", "replace"), small.root)

    @some
    @given(st.dictionaries(keys, text, max_size=3), st.dictionaries(keys, text, max_size=3), st.sets(keys, max_size=2))
    def test_a_valid_correction_with_some_keys_changed(
        self, small: Mini, other: dict[str, str], value: dict[str, str], gone: set[str]
    ) -> None:
        content = DOCUMENT | {"values": [DOCUMENT["values"][0] | value]} | other
        checked(json.dumps({key: content[key] for key in content if key not in gone}).encode(), small.root)

    @some
    @given(st.integers(0, 300), st.integers(0, 20), st.binary(max_size=8))
    def test_a_valid_correction_with_some_bytes_changed(self, small: Mini, at: int, less: int, more: bytes) -> None:
        content = yaml.safe_dump(DOCUMENT).encode()
        checked(content[:at] + more + content[at + less :], small.root)


def replied(body: str, root: Path, change: Callable[[str], str] = str) -> None:
    """Answer a report; the answer is of bounded length, and a correction that can be applied reads back."""
    try:
        answer = answered(Report(body, 12, "2026-11-24"), root)
    except NoReport:
        return
    assert 0 < len(answer.text) <= 60_000
    assert answer.text.startswith("Thank you")
    if answer.valid:
        document, found = parse(answer.content.encode(), "x.yml")
        assert document is not None
        assert not found


class TestFromIssue:
    @some
    @given(st.binary(max_size=300) | trees.map(lambda tree: json.dumps({"issue": tree}).encode()))
    def test_any_file(self, small: Mini, tmp_path: Path, content: bytes) -> None:
        file = tmp_path / "event.json"
        file.write_bytes(content)
        assert from_issue(file, None, small.root) in (1, 2)

    @some
    @given(trees, trees, trees)
    def test_any_issue(self, small: Mini, tmp_path: Path, body: object, issue: object, day: object) -> None:
        file = tmp_path / "event.json"
        file.write_text(json.dumps({"issue": {"body": body, "number": issue, "created_at": day}}), encoding="utf-8")
        assert from_issue(file, None, small.root) in (1, 2)

    @some
    @given(st.sampled_from(sorted(forms())), st.data())
    def test_any_answers(self, small: Mini, form: str, data: st.DataObject) -> None:
        answers = {question.id: data.draw(text) for question in forms()[form].questions}
        body = filled(form, **answers).encode("utf-8", "replace").decode().replace("\r\n", "\n")
        replied(body, small.root)

    @some
    @given(st.sampled_from(sorted(VALID)), st.dictionaries(st.integers(0, 20), text, min_size=1, max_size=2), st.data())
    def test_a_valid_report_with_some_answers_changed(
        self, small: Mini, form: str, other: dict[int, str], data: st.DataObject
    ) -> None:
        ids = [question.id for question in forms()[form].questions]
        answers = VALID[form] | {
            ids[at % len(ids)]: said.encode("utf-8", "replace").decode() for at, said in other.items()
        }
        body = filled(form, **answers).replace("\r\n", "\n")
        at = data.draw(st.integers(0, len(body)))
        replied(
            body[:at] + data.draw(st.sampled_from(["", "\n", "### ", "```", "\n### Reason\n"])) + body[at:], small.root
        )


class TestComment:
    @given(st.binary(max_size=2000))
    def test_any_bytes_become_a_comment(self, content: bytes) -> None:
        said = safe(content)
        assert len(said) <= LONGEST
        assert said == safe(said.encode())

    @given(trees, text)
    def test_any_list_of_pull_requests_is_looked_through(self, pulls: object, sha: str) -> None:
        assert number(pulls, sha) == 0
