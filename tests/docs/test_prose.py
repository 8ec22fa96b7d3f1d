"""What the linter of prose reports, where, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.prose import check, prose
from tests.conftest import ROOT


def found(root: Path, path: str, text: str) -> list[str]:
    """The findings in a checkout that holds this one file."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return [str(finding) for finding in check(prose(root))]


def test_the_prose_of_this_repository_has_no_findings() -> None:
    assert [str(finding) for finding in check(prose(ROOT))] == []


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("The organization pays.", "organization: write organisation [spelling]"),
        ("Recieve the file.", "Recieve: write Receive [spelling]"),
        ("An edit that was cut short.", "'that was cut short': write 'is interrupted' instead. [borderledger.phrase]"),
        (
            "This writes the pages again.",
            "'writes the pages again': write 'regenerates' instead. [borderledger.phrase]",
        ),
        ("It is the the file.", "There's a lexical illusion in 'the the' - a phrase is repeated. [lexical_illusions]"),
        (
            " ".join(f"word{number}" for number in range(43)) + ".",
            "'word0 word1 word2 word3 word4 word5 …' has 43 words. Make two sentences of at most 40 words of it. [borderledger.sentence]",
        ),
    ],
)
def test_a_bad_text_is_reported_with_its_line_and_what_to_write(tmp_path: Path, bad: str, said: str) -> None:
    assert found(tmp_path, "docs/page.md", f"# A page\n\nIt begins well.\n{bad}\n") == [f"docs/page.md:4 {said}"]


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("README.md", "| a | b |\n|---|---|\n| one | color |\n", 3),
        ("CONTRIBUTING.md", "- one\n- [a color](page.md)\n", 2),
        ("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n- A color.\n\n## [0.1.0]\n\n- A flavor.\n", 5),
        ("schemas/returns.json", '{\n  "description": "A color.",\n  "name": "color"\n}\n', 2),
        ("datapackage.json", '{\n  "title": "A color"\n}\n', 2),
        (".github/ISSUE_TEMPLATE/new.yml", "name: A\nbody:\n  - id: color\n    attributes:\n      label: A color\n", 5),
        (".github/ISSUE_TEMPLATE/new.yml", "name: A\nbody:\n  - value: |\n      One.\n\n      A color.\n", 6),
        (".github/ISSUE_TEMPLATE/new.yml", "name: A\nbody:\n  - options:\n      - One\n      - A color\n", 5),
    ],
)
def test_it_reads_each_text_that_people_meet(tmp_path: Path, path: str, text: str, line: int) -> None:
    assert found(tmp_path, path, text) == [f"{path}:{line} color: write colour [spelling]"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("README.md", "```python\ncolor = 1\n```\n\nAs `color` says.\n"),
        ("README.md", "<!-- output of x -->\n\nA color.\n\n<!-- end of output of x -->\n"),
        ("docs/rules.md", "A color.\n"),
        ("docs/page.md", "[A page](https://www.example.org/color)\n"),
        ("docs/page.md", "It is the International Organization for Migration.\n"),
        ("data/sources.csv", "id,title\na,A color\n"),
    ],
)
def test_it_leaves_code_addresses_generated_text_and_data_alone(tmp_path: Path, path: str, text: str) -> None:
    assert found(tmp_path, path, text) == []


def test_a_word_that_ends_one_paragraph_may_begin_the_next(tmp_path: Path) -> None:
    assert found(tmp_path, "docs/page.md", "# Sources\n\nSources are documents.\n") == []
