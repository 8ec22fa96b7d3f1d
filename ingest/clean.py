"""Released text and numbers in canonical form. Pure functions; what cannot be read raises ValueError."""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import Decimal

__all__ = ["clean_text", "parse_amount", "plain", "slug"]

_ARTEFACT = re.compile(r"(?<=\S)-_x000D_\s*|_x[0-9A-Fa-f]{1,4}_")


def _undo_mojibake(text: str) -> str:
    """UTF-8 that was read as Windows-1252 ('sÃ«'), read as UTF-8 ('së'); any other text as it is.

    Correct text does not survive the round trip: an accented letter alone is not UTF-8, and a letter outside
    Windows-1252 cannot be encoded. Bytes that Windows-1252 leaves undefined came through as control characters.
    """
    if text.isascii():
        return text
    try:
        raw = b"".join(bytes([ord(c)]) if 0x80 <= ord(c) < 0xA0 else c.encode("cp1252") for c in text)
        return raw.decode("utf-8")
    except UnicodeError:
        return text


def clean_text(value: object) -> str:
    """A text cell on one line: line-break artefacts, mojibake and doubled blanks removed, NFC. None gives ''.

    `pre-_x000D_return` is a word broken at its hyphen and becomes `pre-return`; `MOA -_x000D_LAND` keeps its blank.
    """
    if value is None:
        return ""
    text = _undo_mojibake(str(value))
    text = _ARTEFACT.sub(lambda match: "-" if match.group().startswith("-") else " ", text)
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Zs", "Zl", "Zp") else c for c in text)
    return unicodedata.normalize("NFC", " ".join(text.split()))


def slug(text: str) -> str:
    """Lower-case ASCII letters and digits, other runs as one hyphen: 'RO-00853' gives 'ro-00853'."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


# After a single mark three digits are refused: 4.466 may be four thousand or four and a half.
_CENTS = r"(?:[0-9]{1,2}|[0-9]{4})"
_NOTATIONS = (
    ("", ".", re.compile(rf"[0-9]+(?:\.{_CENTS})?")),  # 859 or 859.31
    ("", ",", re.compile(rf"[0-9]+,{_CENTS}")),  # 859,31
    (" ", ",", re.compile(rf"[0-9]{{1,3}}(?: [0-9]{{3}})+(?:,{_CENTS})?")),  # 223 290,00 (sheet of 2021)
    (".", ",", re.compile(rf"[0-9]{{1,3}}(?:\.[0-9]{{3}})+,{_CENTS}")),  # 4.466,18 (2014)
    (".", ",", re.compile(r"[0-9]{1,3}(?:\.[0-9]{3}){2,}")),  # 1.234.567 (2015)
    (" ,", ".", re.compile(rf"[0-9] ?[0-9]{{0,2}}(?:,[0-9]{{3}})+\.{_CENTS}")),  # 6 ,038.72 or 3 03,374.25 (2009)
    (" ,", ".", re.compile(r"[0-9] ?[0-9]{0,2}(?:,[0-9]{3}){2,}")),
)


def parse_amount(value: object) -> Decimal:
    """An amount in euro, not negative, with at most four decimals, from a number or a text in a known notation.

    The noise of binary fractions is removed (19897.719999999998 is 19897.72). Raises ValueError for anything else, and
    for text that two notations read differently.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("not a number")
    if isinstance(value, str):
        return _parse_text(clean_text(value))
    if not math.isfinite(value) or value < 0:
        raise ValueError("not a number from 0 up")
    exact = Decimal(repr(value))
    rounded = exact.quantize(Decimal("0.0001"))
    if abs(exact - rounded) > Decimal("0.000001"):
        raise ValueError("more than four decimals")
    return rounded


def _parse_text(text: str) -> Decimal:
    for thousands, decimal, notation in _NOTATIONS:
        if notation.fullmatch(text):
            digits = "".join(c for c in text if c not in thousands)
            return Decimal(digits.replace(decimal, "."))
    raise ValueError("not in a known notation")


def plain(number: Decimal) -> str:
    """Canonical text of a number: no exponent, no trailing zeros; 7698 and 9244.8."""
    return format(number.normalize(), "f")
