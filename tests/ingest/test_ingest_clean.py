"""Text and amounts as released, in canonical form."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.clean import clean_text, parse_amount, plain, slug


@pytest.mark.parametrize(
    ("released", "cleaned"),
    [
        (None, ""),
        (" Republic of_x000D_N.Macedonia ", "Republic of N.Macedonia"),
        ("no amount was_x9D_granted", "no amount was granted"),
        ("pre-_x000D_return", "pre-return"),
        ("(MOA -_x000D_LAND)", "(MOA - LAND)"),
        ("DrejtorisÃ« sÃ« PolicisÃ« sÃ« Shtetit", "Drejtorisë së Policisë së Shtetit"),
        ("46 â€œKnyaginyaâ€\x9d Blvd", "46 “Knyaginya” Blvd"),
        ("Drejtorisë", "Drejtorisë"),
        ("Reufa Muhića 2a", "Reufa Muhića 2a"),
        ("Kosovo -\xa0General\n Directorate", "Kosovo - General Directorate"),
        ("e\u0308", "ë"),
        (2023, "2023"),
    ],
)
def test_text_is_cleaned_without_changing_what_it_says(released: object, cleaned: str) -> None:
    assert clean_text(released) == cleaned


@pytest.mark.parametrize(
    ("released", "amount"),
    [
        (0, "0"),
        (7698, "7698"),
        (9244.8, "9244.8"),
        (303027.05370000005, "303027.0537"),
        (19897.719999999998, "19897.72"),
        (1e5, "100000"),
        ("223 290,00", "223290"),
        ("1 223 290,5", "1223290.5"),
        ("223 290", "223290"),
        ("4.466,18", "4466.18"),
        ("859,31", "859.31"),
        ("1.234.567", "1234567"),
        ("6 ,038.72", "6038.72"),
        ("3 03,374.25", "303374.25"),
        ("1 ,234,567.89", "1234567.89"),
        ("12,345.6789", "12345.6789"),
    ],
)
def test_an_amount_is_read_in_each_released_notation(released: object, amount: str) -> None:
    assert plain(parse_amount(released)) == amount


@pytest.mark.parametrize(
    "released",
    [
        *(None, True, "", "no amount was_x9D_granted", "-5", -5, float("nan"), float("inf"), 1.23456, "1e5", "EUR 5"),
        *("4.466", "4,466", "12 34", "1.23.456", "1,234,56", "1 234.567,00", "\u0664\u0665", "5.528.69"),
    ],
)
def test_an_amount_that_is_none_or_can_be_read_two_ways_is_refused(released: object) -> None:
    with pytest.raises(ValueError, match=r"not|more"):
        parse_amount(released)


def _grouped(digits: str, mark: str) -> str:
    head = len(digits) % 3 or 3
    return mark.join([digits[:head], *(digits[i : i + 3] for i in range(head, len(digits), 3))])


@given(st.integers(0, 10**10), st.integers(0, 99), st.sampled_from(["number", "plain", "2021", "2014", "2009"]))
def test_every_amount_survives_every_notation(euros: int, cents: int, notation: str) -> None:
    amount = Decimal(euros) + Decimal(cents) / 100
    english = f"{_grouped(str(euros), ',')}.{cents:02}"
    text = {
        "number": float(amount),
        "plain": f"{euros},{cents:02}",
        "2021": f"{_grouped(str(euros), ' ')},{cents:02}",
        "2014": f"{_grouped(str(euros), '.')},{cents:02}",
        "2009": f"{english[0]} {english[1:]}" if euros > 999 else english,
    }[notation]
    assert parse_amount(text) == amount
    assert Decimal(plain(parse_amount(text))) == amount
    assert "E" not in plain(amount)


@given(st.text(max_size=20))
def test_any_other_text_is_refused_or_read_as_an_amount(text: str) -> None:
    try:
        amount = parse_amount(text)
    except ValueError:
        return
    assert amount >= 0


@given(st.text())
def test_cleaning_leaves_one_stripped_line(text: str) -> None:
    cleaned = clean_text(text)
    assert cleaned == " ".join(cleaned.split())
    assert not {"\n", "\r", "\t", "\0"} & set(cleaned)


def test_a_slug_keeps_what_tells_numbers_apart() -> None:
    assert [slug(text) for text in ("RO-00853", "2022/396/ECRET", "2009/216/ ")] == [
        "ro-00853",
        "2022-396-ecret",
        "2009-216",
    ]
