"""The pages and the data they speak of."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from borderledger.package import Package
from docs.build import main, pages_of_data, pages_of_schemas
from release.changelog import sections
from release.manifest import is_released
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def built(whole: Package) -> dict[str, str]:
    """The pages as they would be written now. While the data differ from the last release, those that quote them stay."""
    return pages_of_schemas(whole) | (pages_of_data(whole) if is_released(ROOT) else {})


@pytest.mark.parametrize(
    "path",
    [
        ".zenodo.json",
        "CITATION.cff",
        "docs/analysts.md",
        "docs/audit.md",
        "docs/cost-per-person.svg",
        "docs/data-dictionary.md",
        "docs/frontex-grants.svg",
        "docs/frontex-officers.svg",
        "docs/methodology.md",
        "docs/monitored-share.svg",
        "docs/returns-by-operation.svg",
        "docs/returns.svg",
        "docs/rules.md",
    ],
)
def test_a_generated_page_is_fresh(built: dict[str, str], path: str) -> None:
    if path not in built:
        pytest.skip("the page is that of the last release")
    assert (ROOT / path).read_text(encoding="utf-8") == built[path], f"{path} is stale; run make docs"


def test_every_picture_of_the_docs_is_drawn_by_the_build(built: dict[str, str]) -> None:
    if not is_released(ROOT):
        pytest.skip("the pictures are those of the last release")
    drawn = {path for path in built if path.endswith(".svg")}
    drawn.add("docs/scale.svg")  # of times that were measured: python -m bench.scale --chart
    assert {f"docs/{file.name}" for file in (ROOT / "docs").glob("*.svg")} == drawn


def test_pages_that_quote_the_data_change_with_a_release_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("docs.build.is_released", lambda root: False)
    monkeypatch.setattr("docs.build.pages_of_data", lambda package: {"README.md": "other numbers"})
    assert main(["--check"]) == 0
    assert "Pages that quote them stay as they are" in capsys.readouterr().out
    assert main(["--check", "--release"]) == 1
    assert "stale: README.md" in capsys.readouterr().out


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def links(page: Path) -> Iterator[tuple[str, str]]:
    """The relative links and pictures of a page: file and anchor."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", text)):
        if "://" not in target and not target.startswith("mailto:"):
            path, _, anchor = target.partition("#")
            yield path, anchor


def anchors(page: Path) -> set[str]:
    """The anchors of the headings of a page, as GitHub makes them."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_inside_the_repository_resolve(page: Path) -> None:
    for path, anchor in links(page):
        target = page.parent / path if path else page
        assert target.exists(), f"{path} is not there"
        assert not anchor or anchor in anchors(target), f"{path}#{anchor}: no such heading"


def test_every_picture_has_a_text_alternative() -> None:
    for page in PAGES:
        assert not re.findall(r"!\[\s*\]\(", page.read_text(encoding="utf-8")), page.name


def test_the_readme_shows_the_real_output(built: dict[str, str]) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert page == built.get("README.md", page), "run make docs"
    assert "No findings." in page


def test_there_is_one_version_number_and_the_changelog_has_it(whole: Package) -> None:
    told = {section.version: section for section in sections((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))}
    pending = "Unreleased" in told and not told["Unreleased"].empty  # corrections that are not released yet
    assert whole.version in told or pending
    others = [ROOT / "pyproject.toml", ROOT / "CITATION.cff", ROOT / ".zenodo.json", *(ROOT / "src").rglob("*.py")]
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
