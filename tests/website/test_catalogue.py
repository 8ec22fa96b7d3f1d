"""The catalogue of texts is complete, and the same each time."""

from __future__ import annotations

from website.catalogue import FILE, catalogue


def test_it_is_fresh() -> None:
    assert FILE.read_bytes() == catalogue(), "run python -m website catalogue"


def test_it_has_the_texts_of_templates_and_of_charts() -> None:
    text = catalogue().decode()
    assert 'msgid "Suggest a correction"' in text
    assert 'msgid "Money by funder"' in text
