"""Spellings of places: exact, never guessed."""

from __future__ import annotations

import pytest

from ingest import places


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        *(("KOSOVO*", "XK"), ("Kosovo", "XK"), ("FYROM", "MK"), ("Macedonia", "MK"), ("FYR of Macedonia", "MK")),
        *(("Former Yugoslav Republic Of Macedonia", "MK"), ("Republic of N.Macedonia", "MK"), ("Albania", "AL")),
        *(("Bosna and Herzegovina", "BA"), ("BOSNIA AND HERZEGOVINA", "BA"), ("MONTENEGRO", "ME"), ("Serbia", "RS")),
    ],
)
def test_known_spellings_of_the_six_have_their_code(spelling: str, code: str) -> None:
    assert places.wb6_of(spelling) == code
    assert places.state_of(spelling) == code
    assert places.is_country(spelling)


@pytest.mark.parametrize(
    "spelling", ["", "Kosovo Police", "Serbien", "Albanie", "Servia", "Nort Macedonia", "Shqiperia"]
)
def test_a_spelling_that_is_not_in_the_tables_is_no_country(spelling: str) -> None:
    assert not places.wb6_of(spelling)
    assert not places.is_country(spelling)


@pytest.mark.parametrize(("spelling", "code"), [("United Kingdom", "GB"), ("Greece", "GR"), ("Norway", "NO")])
def test_returning_states_have_the_codes_of_the_package(spelling: str, code: str) -> None:
    assert places.state_of(spelling) == code
    assert not places.wb6_of(spelling)


@pytest.mark.parametrize(
    "spelling", ["GEORGIA", "MOLDOVA, REPUBLIC OF", "CÔTE D'IVOIRE", "Luxembour", "The Netherlands"]
)
def test_other_countries_are_known_and_not_taken(spelling: str) -> None:
    assert places.is_country(spelling)
    assert not places.wb6_of(spelling)


def test_no_other_country_is_also_one_of_the_six() -> None:
    assert not any(places.wb6_of(name) for name in places._OTHERS)
