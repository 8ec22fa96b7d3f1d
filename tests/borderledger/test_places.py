"""The codes of other lists that stand beside those of places, so that their data can be merged."""

from __future__ import annotations

import re

import pandas as pd

import borderledger as bl

PLACES = bl.load("places").set_index("id")
LISTS = ["iso_alpha3", "world_bank", "eurostat"]


def test_every_country_has_the_codes_that_exist() -> None:
    countries = PLACES[PLACES.kind == "country"]
    assert countries.iso_alpha3.notna().all()
    assert list(countries.index[countries.eurostat.isna()]) == ["RE"]
    assert list(countries.index[countries.world_bank.isna()]) == ["EH", "RE", "TW", "VA"]


def test_what_is_no_country_has_no_code_of_another_list() -> None:
    """A nationality that is not known is a value, so that an empty cell keeps its meaning."""
    others = PLACES[PLACES.kind == "no_country"]
    assert list(others.index) == ["OOO", "STL"]
    assert others[LISTS].isna().all(axis=None)


def test_no_code_stands_for_two_places() -> None:
    for name in LISTS:
        assert PLACES[name].dropna().is_unique, name


def test_kosovo_has_the_codes_in_use_and_the_description_says_that_they_are_not_of_the_standard() -> None:
    assert PLACES.loc["XK", LISTS].to_list() == ["XKX", "XKX", "XK"]
    assert "XKX for Kosovo is not part of that standard" in bl.describe("places").loc["iso_alpha3", "description"]
    assert "user-assigned" in bl.describe("places").loc["iso_alpha3", "description"]


def test_eurostat_differs_for_greece_the_united_kingdom_and_the_union_alone() -> None:
    differs = PLACES[PLACES.eurostat.notna() & (PLACES.eurostat != PLACES.index)]
    assert differs.eurostat.to_dict() == {"EU": "EU27_2020", "GB": "UK", "GR": "EL"}


def test_the_world_bank_differs_from_iso_for_the_union_alone() -> None:
    both = PLACES[PLACES.world_bank.notna()]
    assert both[both.world_bank != both.iso_alpha3].world_bank.to_dict() == {"EU": "EUU"}


def test_each_description_names_the_source_of_the_list() -> None:
    described = bl.describe("places").description
    assert all(re.search(r"\([a-z.]+\.(org|eu)", described[name]) for name in LISTS)


def test_a_table_of_eurostat_can_be_merged() -> None:
    theirs = pd.DataFrame({"geo": ["EL", "UK", "XK"], "value": [1, 2, 3]})
    merged = theirs.merge(bl.load("places"), left_on="geo", right_on="eurostat")
    assert list(merged["id"]) == ["GR", "GB", "XK"]
