"""What a spreadsheet made of a cell: the forms that dates and figures come back in, and what they can have been.

A spreadsheet that opens a CSV file turns what looks like a date or a figure into one, and saves it in the form of its
country: 2025-06-11 as 11.06.2025, 6/11/2025 or 11-Jun-25, 1234.5 as 1.234,50, 0123 as 123. `recognise` reads such a
cell of a field:

    one value                 the cell can only have been this, and `--fix` restores it
    several values            each of them is possible: 11/06/2025, 14 listopada 2024, or 1.000 as an amount
    no value                  digits, a day or a century are lost: 1,2E+06, Jun 25

In the last two cases, the second entry of the value can decide: `fits` compares the cell with it. Nothing here reads a
file or knows other cells. A cell in canonical form is never passed to this module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from itertools import product

from borderledger.package import Field
from validate.cells import cell_tests
from validate.spreadsheet.months import meanings, months

__all__ = ["Reading", "month_of", "recognise", "two_meanings"]


@dataclass(frozen=True)
class Reading:
    """A cell as a spreadsheet wrote it.

    what    what the cell is now, for a sentence that begins with it: "'11.06.2025' is ..."
    values  what it can have been, in canonical form
    type    what to type in its place, when that is not one of the values
    sure    whether the first of the values is what the cell says, so that it needs no second opinion
    fits    whether a value that stands elsewhere can have become this cell
    """

    what: str
    values: tuple[str, ...]
    type: str
    sure: bool
    fits: Callable[[str], bool]

    @property
    def value(self) -> str:
        """What the cell says; empty where that is not sure."""
        return self.values[0] if self.sure else ""


def recognise(field: Field, cell: str) -> Reading | None:
    """What a spreadsheet made of a cell that is not in the form of its field; None if it does not look like its work.

    The cell has single spaces only, as `canonical_cell` leaves them.
    """
    if not cell or len(cell) > _LONGEST:
        return None
    tests = list(cell_tests(field))

    def valid(values: Iterable[str]) -> tuple[str, ...]:
        return tuple(value for value in dict.fromkeys(values) if value and not any(t.fails(value) for t in tests))

    if field.edtf or field.type == "date":
        return _date(cell, valid)
    if field.type in ("integer", "number"):
        return _figure(cell, valid, whole=field.type == "integer")
    if field.pattern and not field.categories:
        return _code(cell, valid)
    return None


#: A date or figure is shorter. A longer cell is prose, or an attack on the patterns below.
_LONGEST = 64
_Valid = Callable[[Iterable[str]], tuple[str, ...]]


def _sure(what: str, values: tuple[str, ...], also: Iterable[str] = ()) -> Reading:
    return Reading(what, values, "", True, {*values, *also}.__contains__)


def _open(what: str, values: tuple[str, ...], type: str, fits: Callable[[str], bool] | None = None) -> Reading:
    return Reading(what, values, type, False, fits or values.__contains__)


def _lost(cell: str, type: str) -> Reading | None:
    """What no longer holds its value, whatever the field."""
    if re.fullmatch(r"#{2,}", cell):
        return _open("what a spreadsheet shows if a column is too narrow; the value is lost", (), type, _never)
    if re.fullmatch(r"#[A-Z/0]+[!?]?", cell):
        return _open(
            "an error of a spreadsheet, which took the cell for a formula; the value is lost", (), type, _never
        )
    return None


def _never(value: str) -> bool:
    return False


# --- dates -----------------------------------------------------------------------------------------------------------

_MIDNIGHT = re.compile(r"[ T](?:0?0:00(?::00(?:[.,]0+)?)?|12:00(?::00)? AM)", re.IGNORECASE)
_DOTS = re.compile(r"([0-9]{1,2})\. ?([0-9]{1,2})\. ?([0-9]{4})\.?")
_EITHER = re.compile(r"([0-9]{1,2})([/-])([0-9]{1,2})\2([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})(?:([./-])([0-9]{1,2})\2([0-9]{1,2})|\. ([0-9]{1,2})\. ([0-9]{1,2}))\.?")
_SHORT_YEAR = re.compile(r"[0-9]{1,2}([./-]) ?[0-9]{1,2}\1 ?([0-9]{2})\.?")
_MONTH_YEAR = re.compile(r"([0-9]{1,2})[./-]([0-9]{4})")
#: What some languages write after a year: a point, or `godine`.
_YEAR_END = r"(?:\.?(?: (?:godine|godina|године|година|g|г)\.?)?)"
_NAMED = re.compile(
    rf"([0-9]{{1,2}})(?:\.|°|º|er)?[ -]([^\W\d_]+)\.?[ -]([0-9]{{4}}){_YEAR_END}"
    r"|([^\W\d_]+) ([0-9]{1,2}), ?([0-9]{4})"
)
_NAMED_YEAR = re.compile(rf"([^\W\d_]+)\.?[ -]([0-9]{{4}}){_YEAR_END}")
_WORD = re.compile(r"[^\W\d_]+")
_FIRST = re.compile(r"[0-9]{4}-[0-9]{2}-01~?")
_SERIAL = re.compile(r"[2-6][0-9]{4}")

_TWO_ENDED = "a date that may begin with the day or with the month"
_TWO_MONTHS = "a date with a month that has two meanings"
_IN_PART = "a part of a date, as a spreadsheet shows it; the day or the year is lost"


def _date(cell: str, valid: _Valid) -> Reading | None:
    type = "the date as in the source: 2025, 2025-06 or 2025-06-11"
    if lost := _lost(cell, type):
        return lost
    ends = [_end(end) for end in _split(cell)]
    if all(ends):
        known = [end for end in ends if end]
        values = valid("/".join(parts) for parts in product(*(end.values for end in known)))
        if not values:
            return None  # no day of the calendar
        if all(len(end.values) == 1 for end in known):
            # A month becomes its first day in some programs; it is the day until the second entry says otherwise.
            coarse = valid("/".join(parts) for parts in product(*(_coarser(end.values) for end in known)))
            return _sure("a date in the form of a spreadsheet", values, coarse)
        return _open(two_meanings(cell) or _TWO_ENDED, values, "")
    return _partial_date(cell, valid, type)


@dataclass(frozen=True)
class _End:
    values: tuple[str, ...]


def _split(cell: str) -> list[str]:
    """The ends of an interval, or the cell alone. Slashes stand in dates, too."""
    parts = cell.split("/")
    if len(parts) == 6:
        return ["/".join(parts[:3]), "/".join(parts[3:])]
    return parts if len(parts) == 2 else [cell]


def _end(text: str) -> _End | None:
    """The dates that an end of an interval can be, or None."""
    text = _MIDNIGHT.sub("", text)
    text, about = text.removesuffix("~"), "~" if text.endswith("~") else ""
    if text == ".." or re.fullmatch(r"[0-9]{4}(?:-[0-9]{2}){0,2}", text):
        return _End((text + about,))
    days = [day for day in _days(text) if day]
    return _End(tuple(dict.fromkeys(day + about for day in days))) if days else None


def _days(text: str) -> Iterator[str]:
    if m := _DOTS.fullmatch(text):  # nobody writes the month first with dots
        yield _iso(m[3], m[2], m[1])
    elif m := _YEAR_FIRST.fullmatch(text):
        yield _iso(m[1], m[3] or m[5], m[4] or m[6])
    elif m := _EITHER.fullmatch(text):
        yield _iso(m[4], m[3], m[1])
        yield _iso(m[4], m[1], m[3])
    elif m := _NAMED.fullmatch(text):
        day, month, year = (m[1], m[2], m[3]) if m[1] else (m[5], m[4], m[6])
        yield from (_iso(year, number, day) for number in months(month))


def _iso(year: str | int, month: str | int, day: str | int) -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _coarser(days: Iterable[str]) -> list[str]:
    return [text for day in days for text in ((day, day[:7] + day[10:]) if _FIRST.fullmatch(day) else (day,))]


def _partial_date(cell: str, valid: _Valid, type: str) -> Reading | None:
    if m := _SHORT_YEAR.fullmatch(cell):
        numbers = {int(n) for n in re.findall("[0-9]+", cell)}

        def same_numbers(value: str) -> bool:
            return {int(n) % 100 for n in value.split("-")} == numbers if value.count("-") == 2 else False

        what = f"a date with a year of two digits; a spreadsheet does not give the century of {m[2]}"
        return _open(what, (), "the date with all its digits, such as 2025-06-11", same_numbers)
    if m := _MONTH_YEAR.fullmatch(cell):
        return _month(valid, m[2], m[1], type=type)
    if (m := _NAMED_YEAR.fullmatch(cell)) and (named := months(m[1])):
        return _month(valid, m[2], *named, type=type, what=two_meanings(cell))
    if _named(cell) and not _NAMED.fullmatch(cell):  # no month has that day
        return _open(_IN_PART, (), type, _names(cell))
    if _SERIAL.fullmatch(cell):
        days = valid((date(year, month, day) + timedelta(int(cell))).isoformat() for year, month, day in _EPOCHS)
        what = "the number that a spreadsheet keeps for a day, counted from 1900 or from 1904"
        return _open(what, days, "") if days else None
    return None


_EPOCHS = ((1899, 12, 30), (1904, 1, 1))


def month_of(text: str) -> str:
    """A month with its year, in words or as 3/2026, in the form of EDTF; empty for anything else.

    >>> month_of("March 2026"), month_of("3.2026"), month_of("Maerz 2026")
    ('2026-03', '2026-03', '')
    """
    if m := _NAMED_YEAR.fullmatch(text):
        numbers = months(m[1])
        return _iso(m[2], numbers[0], 1)[:7] if len(numbers) == 1 else ""
    m = _MONTH_YEAR.fullmatch(text)
    return _iso(m[2], m[1], 1)[:7] if m else ""


def two_meanings(cell: str) -> str:
    """What a date is whose month is another one in another language, for a sentence as in `Reading`; or empty.

    >>> two_meanings("14. listopada 2024.")
    'a date with a month that has two meanings (listopada is October in Croatian and November in Polish)'
    """
    said = next(filter(None, map(meanings, _WORD.findall(cell))), "")
    return f"{_TWO_MONTHS} ({said})" if said else ""


def _month(valid: _Valid, year: str, *numbers: str | int, type: str, what: str = "") -> Reading | None:
    """A month with its year, which is all that is shown of a whole date, too."""
    firsts = {first[:7] for number in numbers if (first := _iso(year, number, 1))}
    if not firsts:
        return None
    return _open(what or _IN_PART, (), type, lambda value: value[:7] in firsts and bool(valid([value])))


def _named(cell: str) -> bool:
    """Whether a cell is the name of a month and one or two short numbers."""
    words = _WORD.findall(cell)
    numbers = re.findall(r"[0-9]+", cell)
    if not re.fullmatch(r"[^\W_]+(?:[ .,/-]{1,2}[^\W_]+){1,2}\.?", cell) or len(words) != 1 or not numbers:
        return False
    return bool(months(words[0]))


def _names(cell: str) -> Callable[[str], bool]:
    """Whether a date has the month and the numbers of a cell such as `Jun 25` or `11-Jun-25`."""
    meant = months(_WORD.findall(cell)[0])
    numbers = sorted(int(number) for number in re.findall(r"[0-9]+", cell))

    def fits(value: str) -> bool:
        parts = value.split("-")
        if len(parts) < 2 or not all(part.isascii() and part.isdigit() for part in parts) or int(parts[1]) not in meant:
            return False
        year, days = int(parts[0]) % 100, [int(part) for part in parts[2:]]
        return numbers == sorted([year, *days]) or numbers == days

    return fits


# --- figures ---------------------------------------------------------------------------------------------------------

_GROUPS = re.compile(r"(-?)([1-9][0-9]{0,2})((?:([,.'\u2019 ])[0-9]{3})(?:\4[0-9]{3})*)(?:([,.])([0-9]+))?")
_DECIMALS = re.compile(r"(-?)(0|[1-9][0-9]*)([,.])([0-9]+)")
_SCIENTIFIC = re.compile(r"(-?[0-9](?:[.,][0-9]+)?)E([+-]?[0-9]{1,3})", re.IGNORECASE)
_CURRENCY = re.compile(r"(?:€|\$|£|[A-Z]{2,3}) ?[-0-9.,' ]+|[-0-9.,' ]+ ?(?:€|\$|£|[A-Za-z]{2,3}\.?)")
_PERCENT = re.compile(r"[-0-9.,]+ ?%")


_TWO_MARKS = "a figure whose mark may separate thousands or decimals"


def _figure(cell: str, valid: _Valid, *, whole: bool) -> Reading | None:
    type = "digits only" if whole else "digits only, with a point before decimals: 1234.5"
    if lost := _lost(cell, type):
        return lost
    if found := _SCIENTIFIC.fullmatch(cell):
        what = "a figure in scientific notation; a spreadsheet keeps the first digits and drops the others"
        return _open(what, (), "the figure with all its digits", _rounds_to(found[1].replace(",", "."), int(found[2])))
    if _named(cell) or _DOTS.fullmatch(cell):
        return _open("a date; a spreadsheet took a figure for one, and the figure is lost", (), type, _never)
    if _PERCENT.fullmatch(cell):
        return _open("a percentage: 12% can be 12 or 0.12", (), type, _never)
    if _CURRENCY.fullmatch(cell) and re.search("[0-9]", cell):
        return _open("a figure with a unit, which has a column of its own", (), type, _never)
    readings = set(_numbers(cell, whole))
    values = valid(sorted(readings, key=Decimal, reverse=True))
    if not values:
        return None
    return (
        _sure("a figure in the form of a spreadsheet", values) if len(readings) == 1 else _open(_TWO_MARKS, values, "")
    )


def _numbers(cell: str, whole: bool) -> Iterator[str]:
    """The numbers that a cell with separators can be."""
    if m := _GROUPS.fullmatch(cell):
        sign, first, groups, mark, point, decimals = m.groups()
        if point == mark:
            return  # one mark cannot stand for both
        yield _plain(sign + first + re.sub("[^0-9]", "", groups), decimals or "")
        # One group after a comma or point, and nothing else: in an amount it can be three decimals. A count has none.
        if not whole and len(groups) == 4 and mark in ",." and not point:
            yield _plain(sign + first, groups[1:])
    elif m := _DECIMALS.fullmatch(cell):
        yield _plain(m[1] + m[2], m[4])


def _plain(digits: str, decimals: str) -> str:
    decimals = decimals.rstrip("0")
    return f"{digits}.{decimals}" if decimals else "0" if digits == "-0" else digits


def _rounds_to(digits: str, exponent: int) -> Callable[[str], bool]:
    """Whether a number, cut to as many digits, is the same in scientific notation."""
    shown = len(digits.partition(".")[2])

    def fits(value: str) -> bool:
        try:
            return f"{Decimal(value):.{shown}E}" == f"{Decimal(digits).scaleb(exponent):.{shown}E}"
        except InvalidOperation:
            return False

    return fits


# --- codes -----------------------------------------------------------------------------------------------------------


def _code(cell: str, valid: _Valid) -> Reading | None:
    """A code of a fixed form that a spreadsheet took for a figure or a date."""
    type = "the code as in the source"
    if lost := _lost(cell, type):
        return lost
    if cell.isascii() and cell.isdigit():
        padded = valid(cell.zfill(width) for width in range(len(cell) + 1, _LONGEST + 1))
        what = "too short for a code of this form, as if a spreadsheet had dropped its leading zeros"
        return _open(what, padded, type if len(padded) > 3 else "") if padded else None
    if _SCIENTIFIC.fullmatch(cell):
        return _open("a figure in scientific notation; a spreadsheet took a code for one", (), type, _never)
    if _DOTS.fullmatch(cell) or _EITHER.fullmatch(cell) or _SHORT_YEAR.fullmatch(cell) or _named(cell):
        return _open("a date; a spreadsheet took a code for one", (), type, _never)
    return None
