"""Reports in free words are answered with the records that they may mean."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from borderledger.dataset import Dataset
from borderledger.package import Package
from corrections.answer import answered
from corrections.report import NoReport, Report
from corrections.suggest import suggest
from tests.conftest import ROOT, Mini


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return Dataset(ROOT)


@pytest.mark.parametrize(
    ("said", "record", "field"),
    [
        ("The readmission agreement between Denmark and Bosnia was signed on 18 October 2004!", "agr-ba-dk-readmission", "signed"),
        ("capacity of Gjadër is 880", "fac-al-gjader", "capacity"),
        ("Hi, the capacity of the camp in GJADER is wrong", "fac-al-gjader", "capacity"),
        ("Hungarian and Austrian police in Serbia, October 2024: the number of officers is too low", "dep-at-hu-rs-2024-10", "officers"),
        ("Frontex standing corps, 500 officers in the Western Balkans in June 2025", "dep-frontex-wb6-2025-06", ""),
    ],
)  # fmt: skip
def test_the_record_is_among_the_first(dataset: Dataset, said: str, record: str, field: str) -> None:
    found = {one.row["id"]: one for one in suggest(dataset, said)}
    assert record in found
    assert len(found) <= 3
    if field:
        assert found[record].field == field


@pytest.mark.parametrize(
    "said",
    [
        "your site is broken on my phone",
        "Please add Python 3.14 to the CI matrix",
        "make test fails with ModuleNotFoundError: pandas",
        "thank you for this",
        "!!!",
        "Serbia",
    ],
)
def test_without_an_idea_nothing_is_suggested(dataset: Dataset, said: str) -> None:
    assert suggest(dataset, said) == []


class TestAnswer:
    """The answer says what the records hold, links the form, and repeats nothing of the report."""

    def test_with_a_form_that_is_filled_in(self, mini: Mini, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
        monkeypatch.setenv("GITHUB_REPOSITORY", "o/r")
        answer = answered(Report("The capacity of the centre in Gjader is 880, says Ms Example."), mini.root)
        assert not answer.valid
        assert "Capacity `400`" in answer.text
        link = "https://github.com/o/r/issues/new?template=wrong-value.yml&record=fac-al-gjader&field=capacity&old=400"
        assert f"]({link})" in answer.text
        assert "Example" not in answer.text
        assert "880" not in answer.text

    def test_without_an_address_there_is_no_link(self, mini: Mini, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
        answer = answered(Report("The capacity of the centre in Gjader is 880."), mini.root)
        assert "fac-al-gjader" in answer.text
        assert "](" not in answer.text

    def test_it_says_when_it_has_no_idea(self, mini: Mini) -> None:
        assert "its words fit no record" in answered(Report("It is slow."), mini.root).text

    def test_an_empty_issue_gets_no_answer(self, mini: Mini) -> None:
        with pytest.raises(NoReport, match="is empty"):
            answered(Report(" \n"), mini.root)

    def test_text_of_the_data_stays_text(self, mini: Mini) -> None:
        row = mini.row("facilities", id="fac-al-gjader")
        row["name"] = "Gjader <img src=x> @octocat #1 [x](https://evil.example)"
        mini.save()
        text = answered(Report("capacity of Gjader octocat evil example"), mini.root).text
        tokens = [c for t in MarkdownIt("commonmark").parse(text) for c in (t, *(t.children or ()))]
        assert not {t.type for t in tokens} & {"html_inline", "html_block", "image", "link_open"}


WORDS = ["Frontex", "Serbia", "2024", "returns", "from", "to", "March", "officers", "500", "agreement"]


@pytest.fixture(scope="module")
def held(whole: Package) -> Dataset:
    return Dataset(whole.root)


@settings(max_examples=20)
@given(st.text() | st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
def test_any_text_gives_at_most_three(held: Dataset, text: str) -> None:
    assert len(suggest(held, text)) <= 3
