"""What people type for a date or a figure, as the form that they mean: `March 2026` is 2026-03, `about 120` is 120."""

from __future__ import annotations

import re

from borderledger import edtf
from borderledger.package import Field
from validate.cells import cell_tests
from validate.spreadsheet.forms import month_of, recognise, two_meanings

__all__ = ["meant", "unsure"]

#: Words before a date or a figure that say how exact it is. The qualifier of a figure is a question of its own.
_ABOUT = r"(?:about|around|approximately|approx\.?|circa|ca\.?|c\.|roughly|some)"
_BOUND = r"(?:at least|at most|more than|less than|over|under|up to|nearly|almost|exactly|exact)"
_HOW = re.compile(rf"(?P<about>{_ABOUT})|{_BOUND}", re.IGNORECASE)
_DASH = re.compile(r"(\d{4}(?:-\d\d){0,2}) ?(?:–|—|to|until|/) ?(\d{4}(?:-\d\d){0,2})", re.IGNORECASE)
_YEARS = re.compile(r"(\d{4}) ?- ?(\d{4})")
_ENDS = re.compile(r"(?P<end>since|from|until|till|before|by) (?P<date>.+)", re.IGNORECASE)
#: A figure with its unit. `1,2 million` is no figure with a unit, and 1.2 would be wrong.
_UNIT = re.compile(
    r"(?P<figure>[\d.,' ]*\d) +(?!thousand|million|billion|mio|mrd|tausend|k\b|m\b|bn\b)[a-z]+", re.IGNORECASE
)


def meant(known: Field, text: str) -> str:
    """The value in the form of its field that a text means; empty if that is not sure."""
    if known.edtf or known.type == "date":
        return _valid(known, _date(text.strip()))
    if known.type in ("integer", "number"):
        how = _HOW.match(text)
        bare = text[how.end() :].strip() if how else text.strip()
        return _valid(known, bare) or _figure(known, bare)
    return ""


def unsure(known: Field, text: str) -> str:
    """What a date can mean that has more than one meaning, as a sentence; empty for anything else."""
    reading = recognise(known, text) if known.edtf or known.type == "date" else None
    if not reading or reading.value or not (reading.values or two_meanings(text)):
        return ""
    choice = f": {' or '.join(reading.values)}" if reading.values else ""
    return f"{text!r} is {reading.what}{choice}"


def _valid(known: Field, value: str) -> str:
    return value if value and not any(test.fails(value) for test in cell_tests(known)) else ""


def _figure(known: Field, text: str) -> str:
    reading = recognise(known, text)
    if reading and reading.value:
        return reading.value
    unit = _UNIT.fullmatch(text)  # 120 officers
    return meant(known, unit["figure"]) if unit else ""


def _date(text: str) -> str:
    """A text as an EDTF date; empty if it is none that is known for sure."""
    if (how := _HOW.match(text)) and how["about"]:
        inner = _date(text[how.end() :].strip())
        return f"{inner}~" if inner and "/" not in inner and not inner.endswith("~") else ""
    if interval := _DASH.fullmatch(text) or _YEARS.fullmatch(text):
        return f"{interval[1]}/{interval[2]}"
    if ends := _ENDS.fullmatch(text):
        inner = _date(ends["date"])
        if not inner or "/" in inner:
            return ""
        return f"{inner}/.." if ends["end"].lower() in ("since", "from") else f"../{inner}"
    if _is_date(text):
        return text
    return month_of(text) or _whole(text)


def _is_date(text: str) -> bool:
    try:
        edtf.parse(text)
    except ValueError:
        return False
    return True


def _whole(text: str) -> str:
    """A day with its month in words, or in the form of a country that writes it with points."""
    reading = recognise(_ANY_DATE, re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", text).replace(" of ", " "))
    return reading.value if reading else ""


_ANY_DATE = Field("date", "", "", "string", False, False, "", None, {}, False, True, False, "", ())
