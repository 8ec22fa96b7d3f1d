"""The page on corrections: its examples are corrections, one for each action."""

from __future__ import annotations

import re

import pytest

from corrections.document import options, parse
from tests.conftest import ROOT

EXAMPLES = [
    (page, text)
    for page in ("docs/corrections.md", "CONTRIBUTING.md")
    for text in re.findall(r"```yaml\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
]


@pytest.mark.parametrize(("page", "text"), EXAMPLES)
def test_each_example_has_the_right_form(page: str, text: str) -> None:
    assert parse(text.encode(), page)[1] == []


def test_there_is_one_for_each_action_that_a_machine_carries_out() -> None:
    shown = {document["action"] for _, text in EXAMPLES if (document := parse(text.encode(), "")[0])}
    assert {*options("action")} - shown <= {"privacy", "claim"}
