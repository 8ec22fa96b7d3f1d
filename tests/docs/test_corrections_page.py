"""The page on corrections: its examples are corrections, one for each action."""

from __future__ import annotations

import contextlib
import io
import re

import pytest

from corrections.__main__ import main
from corrections.document import parse
from corrections.forms import forms
from corrections.schema import options
from tests.conftest import ROOT

EXAMPLES = [
    (page, text)
    for page in ("docs/corrections.md", "CONTRIBUTING.md")
    for text in re.findall(r"```yaml\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
]


@pytest.mark.parametrize(("page", "text"), EXAMPLES)
def test_each_example_has_the_right_form(page: str, text: str) -> None:
    assert parse(text.encode(), page)[1] == []


def test_every_form_and_every_command_is_named_where_one_begins() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert [form.title for form in forms().values() if f"**{form.title}**" not in text] == []
    with pytest.raises(SystemExit), contextlib.redirect_stdout(io.StringIO()) as said:
        main(["--help"])
    commands = re.findall(r"^    ([a-z-]+) ", said.getvalue(), re.MULTILINE)
    assert len(commands) > 5
    assert [name for name in commands if f"python -m corrections {name}" not in text] == []


def test_there_is_one_for_each_action_that_a_machine_carries_out() -> None:
    shown = {document["action"] for _, text in EXAMPLES if (document := parse(text.encode(), "")[0])}
    assert {*options("action")} - shown <= {"privacy", "claim"}
