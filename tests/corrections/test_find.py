"""Records are found by people who know neither ids nor codes, on the data as it is."""

from __future__ import annotations

import pytest

from borderledger.dataset import Dataset
from corrections.find import Found, find
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return Dataset(ROOT)


def ids(found: list[Found]) -> list[str]:
    return [one.id for one in found]


@pytest.mark.parametrize("words", ["Bogovađa", "bogovadja", "BOGOVAĐA", "Gërhot", "gerhot"])
def test_accents_and_case_do_not_matter(dataset: Dataset, words: str) -> None:
    found = ids(find(dataset, words))
    assert {"fac-rs-bogovadja", "fac-al-gerhot"} & {*found[:3]}


@pytest.mark.parametrize(("with_accents", "without"), [("Đ", "d"), ("đ", "D"), ("č", "c"), ("Č", "C"), ("ž", "z")])
def test_letters_of_the_region_are_those_of_a_plain_keyboard(dataset: Dataset, with_accents: str, without: str) -> None:
    assert find(dataset, f"{with_accents} kosovo") == find(dataset, f"{without} kosovo")


def test_the_name_of_a_place_finds_rows_with_its_code(dataset: Dataset) -> None:
    found = find(dataset, "Kosovo", ("agreements",))
    rows = {row["id"]: row for row in dataset.rows("agreements")}
    assert found
    assert {row["id"] for row in rows.values() if "XK" in row["party_b"].split(";")} <= {*ids(found)}


def test_all_words_must_be_there(dataset: Dataset) -> None:
    both = {*ids(find(dataset, "Kosovo Denmark"))}
    assert both
    assert both <= {*ids(find(dataset, "Kosovo"))} & {*ids(find(dataset, "Denmark"))}
    assert find(dataset, "Kosovo no-such-word-anywhere") == []


def test_a_word_in_the_title_counts_more_than_one_elsewhere(dataset: Dataset) -> None:
    found = find(dataset, "Lipa")
    inside = [("lipa" in f"{one.id} {one.title}".casefold()) for one in found]
    assert inside == sorted(inside, reverse=True)
    assert True in inside


def test_sources_are_looked_for_when_asked_for(dataset: Dataset) -> None:
    assert "ejpd-2010-02-03-xk" in ids(find(dataset, "ruckubernahmeabkommen kosovo", ("sources",)))
    assert {one.table for one in find(dataset, "kosovo")} <= {*dataset.names} - {"sources", "claims"}


@pytest.mark.parametrize("words", ["", "   ", "\x00", "=1+1", "(((", "a" * 100_000])
def test_no_words_and_odd_words_find_nothing(dataset: Dataset, words: str) -> None:
    assert find(dataset, words) == []
