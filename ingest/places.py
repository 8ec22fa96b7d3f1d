"""Place codes for the spellings of the released files. Lookups are exact; a spelling that is not here is refused.

Never fuzzy: libraries that guess take Kosovo for Serbia. A new spelling is added to the right table by hand.
"""

from __future__ import annotations

import csv
from pathlib import Path

__all__ = ["NAMES", "alpha3_codes", "is_country", "place_of", "state_of", "wb6_of"]

#: English names of the six, as used in titles.
NAMES = {
    "AL": "Albania",
    "BA": "Bosnia and Herzegovina",
    "ME": "Montenegro",
    "MK": "North Macedonia",
    "RS": "Serbia",
    "XK": "Kosovo",
}

#: Spellings of the six, folded by `_fold`.
_WB6 = {
    "albania": "AL",
    "bosnia and herzegovina": "BA",
    "bosnia and hercegovina": "BA",
    "bosna and herzegovina": "BA",
    "bosnia&herzeg ovina": "BA",
    "bosnia&herzegovina": "BA",
    "bosnia & herzegovina": "BA",
    "bosnia hezegovina": "BA",
    "kosovo": "XK",
    "montenegro": "ME",
    "north macedonia": "MK",
    "republic of north macedonia": "MK",
    "republic of n.macedonia": "MK",
    "macedonia": "MK",
    "fyrom": "MK",
    "fyr macedonia": "MK",
    "fyr of macedonia": "MK",
    "former yugoslav republic of macedonia": "MK",
    "serbia": "RS",
    "republic of serbia": "RS",
}

#: States that take part in Frontex-coordinated return operations, folded.
_STATES = {
    "austria": "AT",
    "belgium": "BE",
    "bulgaria": "BG",
    "croatia": "HR",
    "cyprus": "CY",
    "czech republic": "CZ",
    "czechia": "CZ",
    "denmark": "DK",
    "estonia": "EE",
    "finland": "FI",
    "france": "FR",
    "germany": "DE",
    "greece": "GR",
    "hungary": "HU",
    "iceland": "IS",
    "ireland": "IE",
    "italy": "IT",
    "latvia": "LV",
    "liechtenstein": "LI",
    "lithuania": "LT",
    "luxembourg": "LU",
    "malta": "MT",
    "netherlands": "NL",
    "norway": "NO",
    "poland": "PL",
    "portugal": "PT",
    "romania": "RO",
    "slovakia": "SK",
    "slovenia": "SI",
    "spain": "ES",
    "sweden": "SE",
    "switzerland": "CH",
    "united kingdom": "GB",
}

#: Other spellings of countries that are not one of the six, folded: known, and not taken.
_OTHERS = set(
    """
    afghanistan; algeria; angola; argentina; armenia; australia; azerbaijan; bangladesh; belarus; benin; bhutan;
    bolivia; bolivia, plurinational state of; botswana; brazil; burkina faso; burundi; cabo verde; cambodia; cameroon;
    canada; cape verde; central african republic; chad; chile; china; colombia; comoros; congo; congo dr; congo drc;
    congo, the democratic republic of the; costa rica; côte d'ivoire; cote d'ivoire; cuba; djibouti; dominica;
    dominican republic; ecuador; egypt; el salvador; equatorial guinea; eritrea; eswatini; ethiopia; gabon; gambia;
    georgia; ghana; guatemala; guinea; guinea-bissau; guyana; haiti; honduras; india; indonesia; iran;
    iran, islamic republic of; iraq; israel; jamaica; japan; jordan; kazakhstan; kenya; kuwait; kyrgyzstan; laos;
    lebanon; lesotho; liberia; libya; luxembour; luxemburg; madagascar; malawi; malaysia; maldives; mali; mauritania;
    mauritius; mexico; moldova; moldova, republic of; republic of moldova; mongolia; morocco; mozambique; myanmar;
    namibia; nepal; new zealand; nicaragua; niger; nigeria; pakistan; palestine; panama; paraguay; peru; philippines;
    qatar; russia; russian federation; rwanda; sao tome and principe; saudi arabia; senegal; seychelles; sierra leone;
    slovak republic; somalia; south africa; south sudan; sri lanka; sudan; suriname; syria; syrian arab republic;
    tajikistan; tanzania; tanzania, united republic of; thailand; the gambia; the netherlands; togo;
    trinidad and tobago; tunisia;
    turkey; türkiye; turkmenistan; uganda; uk; ukraine; united arab emirates; united states; uruguay; uzbekistan;
    venezuela; venezuela, bolivarian republic of; viet nam; vietnam; yemen; zambia; zimbabwe
    """.replace("\n", " ")
    .replace("; ", ";")
    .strip()
    .split(";")
)
_OTHERS = {" ".join(name.split()) for name in _OTHERS}


#: Codes of countries that are not one of the six, where an operation to the six also went or whose escorts took part.
_ELSEWHERE = {
    "armenia": "AM",
    "georgia": "GE",
    "moldova": "MD",
    "moldova, republic of": "MD",
    "republic of moldova": "MD",
    "ukraine": "UA",
}


def _fold(spelling: str) -> str:
    """Case and the footnote star (KOSOVO*) do not tell places apart."""
    return " ".join(spelling.removesuffix("*").split()).casefold()


def wb6_of(spelling: str) -> str:
    """Code of one of the six places, '' for any other text."""
    return _WB6.get(_fold(spelling), "")


def state_of(spelling: str) -> str:
    """Code of a state that returns persons, one of the six included; '' for any other text."""
    return _STATES.get(_fold(spelling), "") or wb6_of(spelling)


def place_of(spelling: str) -> str:
    """Code of a state, of one of the six, or of a country elsewhere that has one; '' for any other text."""
    return state_of(spelling) or _ELSEWHERE.get(_fold(spelling), "")


def is_country(spelling: str) -> bool:
    """Whether the text is a known spelling of any country."""
    return bool(state_of(spelling)) or _fold(spelling) in _OTHERS


def alpha3_codes() -> dict[str, str]:
    """The code of each country of data/places.csv, by its code of three letters; XKX is Kosovo."""
    path = Path(__file__).parents[1] / "data" / "places.csv"
    with open(path, encoding="utf-8", newline="") as file:
        return {row["iso_alpha3"]: row["id"] for row in csv.DictReader(file) if row["iso_alpha3"]}
