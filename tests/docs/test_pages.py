"""The pages and the data they speak of."""

import json

import pytest

from borderledger.package import Package
from docs.build import pages
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def built(whole: Package) -> dict[str, str]:
    return pages(whole)


@pytest.mark.parametrize(
    "path", ["docs/data-dictionary.md", "docs/rules.md", "docs/methodology.md", "docs/returns.svg"]
)
def test_a_generated_page_is_fresh(built: dict[str, str], path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == built[path], f"{path} is stale; run make docs"


def test_the_readme_shows_the_real_output(built: dict[str, str]) -> None:
    assert (ROOT / "README.md").read_text(encoding="utf-8") == built["README.md"], "run make docs"
    assert "No findings." in built["README.md"]


def test_there_is_one_version_number_and_the_changelog_has_it(whole: Package) -> None:
    assert f"## [{whole.version}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    others = [ROOT / "pyproject.toml", ROOT / "CITATION.cff", *(ROOT / "src").rglob("*.py")]
    assert not [p for p in others if f'"{whole.version}"' in p.read_text(encoding="utf-8")]


def test_every_field_and_every_value_is_described(whole: Package) -> None:
    for table in whole.tables.values():
        entries = json.loads((ROOT / table.schema_path).read_text(encoding="utf-8"))["fields"]
        for entry in entries:
            assert entry["title"], entry["name"]
            assert entry["description"].endswith("."), entry["name"]
            assert all(c["label"].endswith((".", '").')) for c in entry.get("categories", [])), entry["name"]


def test_qualifiers_are_one_vocabulary(whole: Package) -> None:
    fields = [f for t in whole.tables.values() for f in t.fields if f.name.endswith("qualifier")]
    assert len({tuple(f.categories.items()) for f in fields}) == 1
