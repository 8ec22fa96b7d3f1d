"""The names of months in the languages of the region, of its neighbours and of the sources.

The names are those of Unicode (CLDR), as babel has them: spreadsheets write dates with them. Some names mean different
months in different languages: `listopad` is October in Croatian, and November in Czech and Polish. Which of them was
meant does not follow from the table, because a spreadsheet does not say its language. So such a name is read as each
of its months, and the second entry of the value decides, as it does for 11/06/2025.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache

__all__ = ["meanings", "months"]

_REGION = ("sq", "mk", "sr", "sr_Latn", "sr_Latn_ME", "bs", "bs_Cyrl", "hr")
_SOURCES = "en en_GB de de_AT fr it sl cs sk pl hu ro bg da nl sv nb es uk el fi tr et"
#: What CLDR lacks: months in a date of Serbian, Bosnian and Montenegrin, and short names that programs write.
_MORE = {
    "sr_Latn": "januara februara marta aprila maja juna jula avgusta septembra oktobra novembra decembra",
    "sr": "јануара фебруара марта априла маја јуна јула августа септембра октобра новембра децембра",
    "bs": "jan feb mar apr maj jun jul augusta septembra oktobra novembra decembra",
    "sr_Latn_ME": "jan feb mar apr maj juni juli avg septembra oktobra novembra decembra",
    "hr": "siječanj veljača ožujak travanj svibanj lipanj srpanj kolovoz rujan listopad studenog prosinac",
    "de": "jan feb mrz apr mai jun jul aug sep okt nov dez",
    "de_AT": "jän feb mär apr mai jun jul aug sep okt nov dez",
}


def months(word: str) -> tuple[int, ...]:
    """The months that a word is the name of, in any of the languages; none if it is no month.

    >>> months("Oktober"), months("listopada"), months("октобра"), months("spring")
    ((10,), (10, 11), (10,), ())
    """
    return tuple(sorted(_named().get(_key(word), {})))


def meanings(word: str) -> str:
    """A sentence on a name of several months; empty for any other word.

    >>> meanings("listopada")
    'listopada is October in Croatian and November in Polish'
    """
    from babel import Locale

    named = _named().get(_key(word), {})
    if len(named) < 2:
        return ""
    english = Locale("en")
    said = []
    for month, locales in sorted(named.items()):
        languages = sorted({str(Locale.parse(locale).get_language_name("en")) for locale in locales})
        said.append(f"{english.months['format']['wide'][month]} in {' and '.join(languages)}")
    return f"{_key(word)} is {' and '.join(said)}"


def _key(word: str) -> str:
    return word.lower().rstrip(".")


@cache
def _named() -> dict[str, dict[int, list[str]]]:
    """The names in small letters, each with its months and the languages that it means them in."""
    from babel import Locale

    found: defaultdict[str, defaultdict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for locale in (*_REGION, *_SOURCES.split()):
        names = Locale.parse(locale).months
        known = [
            (form[width][number], number) for form in names.values() for width in _WIDTHS for number in range(1, 13)
        ]
        known += [(name, number) for number, name in enumerate(_MORE.get(locale, "").split(), 1)]
        for name, number in known:
            if name.rstrip(".").isalpha():
                found[_key(name)][number].append(locale)
    return {name: dict(meant) for name, meant in found.items()}


_WIDTHS = ("wide", "abbreviated")
