"""The issue forms on GitHub, and the answers in them.

A form is a file in .github/ISSUE_TEMPLATE. The ids of its questions are keys of a correction, and each option ends in a
word in parentheses. GitHub turns a form that was filled in into Markdown: each question is a heading, with the answer
below it. People then edit this text by hand, so only the headings are relied on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

__all__ = ["FORMS", "Form", "Question", "Unclear", "form_of", "forms", "option"]

FORMS = Path(__file__).parents[1] / ".github/ISSUE_TEMPLATE"

_FENCED = re.compile(r"(?P<fence>`{3,}|~{3,})[^\n`]*\n(?P<text>.*?)\n?(?P=fence)[`~]*", re.DOTALL)
#: What GitHub writes in place of a missing answer.
_NOTHING = ("_No response_", "None")


class Unclear(Exception):
    """The text does not show which answer belongs to which question; the message tells its author why."""


@dataclass(frozen=True)
class Question:
    """A question: the key of the correction that it asks for, and its wording.

    options   the options as the form spells them; empty if the answer is free text
    """

    id: str
    label: str
    required: bool
    options: tuple[str, ...]

    def word(self, answer: str) -> str:
        """The word of a chosen option, or the answer itself."""
        if self.options and answer in _NOTHING:
            return ""
        return next((_word(option) for option in self.options if answer in (option, _word(option))), answer)

    @property
    def words(self) -> list[str]:
        """The words of the options."""
        return [_word(option) for option in self.options]


@dataclass(frozen=True)
class Form:
    """A form, by the name of its file."""

    name: str
    title: str
    questions: tuple[Question, ...]

    def answers(self, body: str) -> dict[str, str]:
        """The answers, by the ids of the questions. Raises Unclear if a question appears twice."""
        labels = {question.label: question for question in self.questions}
        found: dict[str, list[str]] = {}
        lines: list[str] = []
        for line in body.split("\n"):
            label = _heading(line)
            if label not in labels:
                lines.append(line)  # a heading that is not a question is part of an answer
                continue
            if label in found:
                raise Unclear(f"the heading “{label}” is there twice, so it is not clear which answer counts")
            found[label] = lines = []
        return {labels[label].id: _answer(labels[label], "\n".join(said)) for label, said in found.items()}


def _answer(question: Question, text: str) -> str:
    text = text.strip()
    if fenced := _FENCED.fullmatch(text):
        text = fenced["text"].strip()
    return "" if text == _NOTHING[0] else question.word(text)


def _heading(line: str) -> str:
    line = line.strip()
    return line[4:].strip() if line.startswith("### ") else ""


def option(word: str, meaning: str) -> str:
    """An option as a form spells it."""
    return f"{meaning.rstrip('.')} ({word})"


def _word(shown: str) -> str:
    return shown.rpartition("(")[2].rstrip(")")


@cache
def forms() -> dict[str, Form]:
    """The forms by name."""
    files = (path for path in sorted(FORMS.glob("*.yml")) if path.name != "config.yml")
    return {path.stem: _form(path.stem, yaml.safe_load(path.read_text(encoding="utf-8"))) for path in files}


def _form(name: str, content: dict[str, Any]) -> Form:
    asked = [entry for entry in content["body"] if "id" in entry]
    return Form(name, content["name"], tuple(map(_question, asked)))


def _question(entry: dict[str, Any]) -> Question:
    about = entry["attributes"]
    required = entry.get("validations", {}).get("required", False)
    return Question(entry["id"], about["label"], required, tuple(about.get("options", ())))


def form_of(body: str) -> Form | None:
    """The form of a text, by its headings; None if it was made without a form. Raises Unclear.

    Labels and titles of an issue are ignored, because anybody may change them.
    """
    there = {_heading(line) for line in body.split("\n")}
    labels = {form: {question.label for question in form.questions} for form in forms().values()}
    private = forms()["privacy"]
    others = {label for form, of in labels.items() if form is not private for label in of}
    if there & (labels[private] - others):
        return private  # even if only a part of it is left, because the answers to other forms repeat the text
    whole = [
        form for form in labels if all(question.label in there for question in form.questions if question.required)
    ]
    if len(whole) > 1:
        raise Unclear(f"it holds the questions of several forms: {', '.join(form.title for form in whole)}")
    if whole:
        return whole[0]
    # If a heading was deleted, most of the others are still there.
    left = {form: 2 * len(there & of) - len(of) for form, of in labels.items()}
    best = max(left.values())
    nearest = [form for form, count in left.items() if count == best > 0]
    return nearest[0] if len(nearest) == 1 else None
