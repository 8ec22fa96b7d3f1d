"""The forms on GitHub: valid there, in step with the schemas, and asking for nothing that nobody should write."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from borderledger.package import Package
from corrections.forms import FORMS, Form, Unclear, form_of, forms, option
from corrections.schema import described, options
from tests.corrections.reports import VALID, filled

FILES = sorted(path for path in FORMS.glob("*.yml") if path.name != "config.yml")


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def file(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def content(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


def asked(form: Form, id: str) -> tuple[str, ...]:
    return next((question.options for question in form.questions if question.id == id), ())


class TestForms:
    @pytest.mark.parametrize(("schema", "files"), [("issue-forms", FILES), ("issue-config", [FORMS / "config.yml"])])
    def test_they_keep_to_the_published_schemas(self, schema: str, files: list[Path]) -> None:
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.github-{schema}", *files]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def test_there_is_one_for_each_kind_of_report(self) -> None:
        assert set(forms()) == {"wrong-value", "missing-record", "new-source", "dead-link", "privacy"}

    def test_each_begins_by_asking_for_no_names(self, file: Path) -> None:
        first = content(file)["body"][0]
        assert first["type"] == "markdown"
        assert "person" in first["attributes"]["value"]
        assert "contact details" in first["attributes"]["value"]

    def test_each_question_says_what_an_answer_looks_like(self, file: Path) -> None:
        for entry in content(file)["body"][1:]:
            assert "xample" in entry["attributes"]["description"] or "`" in entry["attributes"]["description"]

    def test_each_is_told_apart_by_its_headings(self, file: Path) -> None:
        found = form_of(filled(file.stem))
        assert found is not None
        assert found.name == file.stem


class TestInStepWithTheSchemas:
    def test_the_questions_are_keys_of_a_correction(self, file: Path, whole: Package) -> None:
        sources = {f"source_{name}" for name in whole.tables["sources"].names}
        keys = {"url", "archive_url"} if file.stem == "dead-link" else set()
        for question in forms()[file.stem].questions:
            try:
                described(question.id)
            except KeyError:
                try:
                    described("values", question.id)
                except KeyError:
                    assert question.id in sources | keys

    def test_the_kinds_of_sources(self, file: Path, whole: Package) -> None:
        kinds = whole.tables["sources"].by_name["kind"].categories
        assert asked(forms()[file.stem], "source_kind") in ((), tuple(option(*kind) for kind in kinds.items()))

    def test_the_qualifiers(self, file: Path, whole: Package) -> None:
        words = whole.tables["claims"].by_name["qualifier"].categories
        assert asked(forms()[file.stem], "qualifier") in ((), tuple(option(*word) for word in words.items()))

    @pytest.mark.parametrize("form", ["wrong-value", "missing-record"])
    def test_the_kinds_of_bodies(self, form: str, whole: Package) -> None:
        (entry,) = [entry for entry in content(FORMS / f"{form}.yml")["body"] if entry.get("id") == "organisations"]
        kinds = ", ".join(f"`{kind}`" for kind in whole.tables["organisations"].by_name["kind"].categories)
        assert f"Kinds: {kinds}." in entry["attributes"]["description"]

    def test_the_tables(self, whole: Package) -> None:
        tables = tuple(option(table.name, table.description) for table in whole.core)
        assert asked(forms()["missing-record"], "table") == tables

    def test_the_words_of_the_format(self) -> None:
        words = {question.id: question.words for question in forms()["wrong-value"].questions if question.options}
        assert set(words["action"]) == {"change", "claim", "dispute"} <= set(options("action"))
        assert words["kind"] == described("kind")["enum"]
        assert words["old_claim"] == list(options("old_claim"))

    @pytest.mark.parametrize(
        ("form", "ids"),
        [
            ("wrong-value", ["record", "action", "field", "new", "reason"]),
            ("missing-record", ["table", "values", "locator", "reason"]),
            ("new-source", ["record", "field", "old", "new", "locator", "reason"]),
            ("dead-link", ["record", "old", "reason"]),
            ("privacy", ["record", "field"]),
        ],
    )
    def test_what_the_format_requires_must_be_answered(self, form: str, ids: list[str]) -> None:
        assert [question.id for question in forms()[form].questions if question.required] == ids

    def test_every_example_of_a_valid_report_answers_known_questions(self) -> None:
        for form, answers in VALID.items():
            assert set(answers) <= {question.id for question in forms()[form].questions}


class TestPrivacy:
    def test_it_has_no_room_for_a_text(self) -> None:
        assert {entry["type"] for entry in content(FORMS / "privacy.yml")["body"]} == {"markdown", "input"}

    def test_it_asks_to_say_nothing_about_the_person(self) -> None:
        assert "Do not repeat the text" in json.dumps(content(FORMS / "privacy.yml"))


class TestFormOf:
    """Which form a text was written in."""

    def test_a_text_without_headings_is_none(self) -> None:
        assert form_of("The number of officers is wrong.\n\n### Steps\n\nNone") is None

    def test_a_heading_more_or_less_leaves_it_the_form_that_it_was(self) -> None:
        text = filled("wrong-value").replace("### Which field", "Which field") + "\n\n### And another thing\n\nYes"
        found = form_of(text.replace("\r\n", "\n"))
        assert found is not None
        assert found.name == "wrong-value"

    def test_two_forms_in_one_text_are_refused(self) -> None:
        with pytest.raises(Unclear, match="several forms"):
            form_of(filled("dead-link") + "\n" + filled("new-source"))

    def test_what_is_left_of_the_form_on_privacy_counts_before_all_others(self) -> None:
        found = form_of(filled("wrong-value") + "\n### Where the text is\n\nsomewhere")
        assert found is not None
        assert found.name == "privacy"


class TestAnswers:
    """What was answered to each question."""

    def test_line_ends_fences_and_what_github_writes_for_nothing_are_no_part_of_it(self) -> None:
        text = filled("missing-record", values="a: b", table="projects").replace("\r\n", "\n")
        answers = forms()["missing-record"].answers(text)
        assert (answers["values"], answers["table"], answers["record"]) == ("a: b", "projects", "")

    def test_a_heading_that_is_no_question_belongs_to_the_answer(self) -> None:
        text = "### Reason\n\nBecause\n### of this\n\n### Where in the document\n\np. 1"
        assert forms()["new-source"].answers(text) == {"reason": "Because\n### of this", "locator": "p. 1"}

    def test_a_question_that_is_there_twice_is_refused(self) -> None:
        with pytest.raises(Unclear, match="“Reason” is there twice"):
            forms()["new-source"].answers("### Reason\n\none\n\n### Reason\n\ntwo")
