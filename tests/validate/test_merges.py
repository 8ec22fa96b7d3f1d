"""A merge that nobody resolved is one finding, in every file that is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from borderledger.package import Package, unresolved
from corrections.apply import apply
from corrections.document import parse
from release.build import NotBuilt, build
from tests.conftest import ROOT, Mini, checked
from validate.fix import fix

TABLES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "data").glob("*.csv"))
OTHERS = ["datapackage.json", *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "schemas").glob("*.json"))]
OTHERS.remove("schemas/correction.schema.json")


def merged(file: Path, *, ends: str = "\n", base: bool = False) -> tuple[int, int]:
    """Put an unresolved merge into a file; returns its first and its last line."""
    lines = file.read_text(encoding="utf-8").split("\n")
    at = min(3, len(lines) - 1)
    middle = ["||||||| 1a2b3c4", *lines[at : at + 1]] if base else []
    ours, theirs = lines[at : at + 1], [line.replace("a", "b") for line in lines[at : at + 1]]
    block = ["<<<<<<< HEAD", *ours, *middle, "=======", *theirs, ">>>>>>> origin/main"]
    file.write_text(ends.join([*lines[:at], *block, *lines[at + 1 :]]), encoding="utf-8", newline="")
    return at + 1, at + len(block)


@pytest.mark.parametrize("path", [*TABLES, *OTHERS])
def test_it_is_one_finding_and_nothing_follows_from_it(mini: Mini, path: str) -> None:
    first, last = merged(mini.root / path)
    (finding,) = checked(mini.root).findings
    assert (finding.file, finding.line, finding.rule) == (path, first, "file.merge")
    assert finding.message.startswith(f"has an unresolved merge in lines {first} to {last}")
    assert "git merge --abort" in finding.fix


@pytest.mark.parametrize(("ends", "base"), [("\r\n", False), ("\n", True)])
def test_with_the_line_ends_of_windows_and_with_the_common_ancestor(mini: Mini, ends: str, base: bool) -> None:
    merged(mini.root / "data/returns.csv", ends=ends, base=base)
    assert "file.merge" in {finding.rule for finding in checked(mini.root).findings}


def test_fix_leaves_the_file_alone(mini: Mini) -> None:
    file = mini.root / "data/returns.csv"
    merged(file)
    before = file.read_bytes()
    assert any("has an unresolved merge" in line for line in fix(mini.root))
    assert file.read_bytes() == before


def test_a_correction_with_one_says_so() -> None:
    text = b"action: change\n<<<<<<< HEAD\nrecord: a\n=======\nrecord: b\n>>>>>>> other\n"
    document, (finding,) = parse(text, "a.yml")
    assert document is None
    assert (finding.rule, finding.line) == ("file.merge", 2)


def test_no_correction_is_applied_and_nothing_built_beside_one_in_the_changelog(mini: Mini, tmp_path: Path) -> None:
    (mini.root / "CHANGELOG.md").write_text("# Changelog\n<<<<<<< HEAD\n=======\n>>>>>>> topic\n", encoding="utf-8")
    (finding,) = apply([], mini.root, write=True).findings
    assert (finding.file, finding.rule) == ("CHANGELOG.md", "file.merge")
    with pytest.raises(NotBuilt, match=r"CHANGELOG\.md:2: has an unresolved merge"):
        build(mini.root, tmp_path / "dist")


@pytest.mark.parametrize("text", ["=======\n", "a <<<<<<< b\n", "<<<<<<<<\n", "a,b\n", "see <<<<<<< and >>>>>>>\n"])
def test_other_text_is_none(text: str) -> None:
    assert unresolved("a.md", text) is None


def test_the_tables_of_the_repository_have_none() -> None:
    assert not Package.read(ROOT).problems
