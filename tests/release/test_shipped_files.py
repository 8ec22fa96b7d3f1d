"""What a release ships, and that none of it has an unresolved merge."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from release.build import NotBuilt, build
from release.gate import refusals
from release.shipped_files import shipped_files, unmerged
from release.versions import opened
from tests.conftest import ROOT, Mini
from tests.release.conftest import CHANGELOG

MERGE = "<<<<<<< HEAD\none side\n=======\nthe other side\n>>>>>>> topic\n"


@pytest.fixture
def whole_mini(mini: Mini) -> Path:
    """The small package with the files of the repository that are shipped beside it."""
    for path in shipped_files(ROOT):
        target = mini.root / path.relative_to(ROOT)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    (mini.root / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    return mini.root


def test_readme_licences_code_and_data_are_shipped() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in shipped_files(ROOT)}
    assert {"README.md", "LICENSE", "LICENSE-DATA", "CHANGELOG.md", "CITATION.cff", "datapackage.json"} <= names
    assert {"data/returns.csv", "schemas/returns.json", "src/borderledger/dataset.py"} <= names
    assert not list(unmerged(ROOT))


@pytest.mark.parametrize(
    "name",
    ["README.md", "LICENSE-DATA", "CITATION.cff", "CHANGELOG.md", "src/borderledger/edtf.py", "data/returns.csv"],
)
def test_none_of_it_may_have_an_unresolved_merge(whole_mini: Path, tmp_path: Path, name: str) -> None:
    file = whole_mini / name
    file.write_text(file.read_text(encoding="utf-8") + MERGE, encoding="utf-8")
    with opened(whole_mini) as version:
        found = [one for one in refusals(version, None) if one.rule == "file.merge"]
    assert [one.file for one in found] == [name]
    if name != "data/returns.csv":  # which validation finds first
        with pytest.raises(NotBuilt, match=f"{name}:.* has an unresolved merge"):
            build(whole_mini, tmp_path / "out")
