"""Conditions on the rows of a table, as the command line takes them: a column, an operator and a value.

to_place=AL          is AL; of a list column: has AL among its items
status!=signed       is not (an empty cell is not, either)
note~handball        contains, whatever the case
quantity>=100        figures and grades by their order (evidence>=single)
period>=2020         dates: no day of it is before 2020; period<=2020-06: no day is after June 2020
ended=               is empty

A value that a column cannot hold is an error, and not an answer without rows: Bosnia where a column holds the code BA,
1.000 where it holds whole numbers, a day that does not exist.

    condition = column operator [value]      blanks around each part do not count
    column    = small letters and _
    operator  = "=" | "!=" | "~" | ">=" | "<=" | ">" | "<"
    value     = of a figure: digits, for a column with decimals also a point and digits, after - if it is negative
                of a date: EDTF, such as 2020, 2020-06, 2020-06-15
                of a flag: true or false
                of a code: one that a place, a body or a record has, or that stands in the column
                of other columns: any text; after = it cannot begin with =
"""

from __future__ import annotations

import difflib
import operator
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from borderledger import edtf
from borderledger.errors import BadArgument, UnknownColumn, as_texts, nearest
from borderledger.query.columns import Column

__all__ = ["Condition", "Names", "holds", "kept", "parse", "parse_all"]

_CONDITION = re.compile(r"\s*([a-z_]+)\s*(!=|>=|<=|=|>|<|~)\s*(.*?)\s*", re.DOTALL)
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True)
class Condition:
    """A column, an operator (`=`, `!=`, `~`, `>=`, `<=`, `>`, `<`) and a value as text."""

    column: str
    operator: str
    value: str


def parse(text: str) -> Condition:
    """Read a condition. Raises BadArgument if the text is not a condition.

    >>> parse("to_place=AL")
    Condition(column='to_place', operator='=', value='AL')
    """
    match = _CONDITION.fullmatch(text)
    if match is None or match[3].startswith("="):  # no cell begins with =, and == is meant as =
        raise BadArgument(
            f"{text!r} is not a condition; write column, operator (= != ~ >= <= > <) and value: to_place=AL"
        )
    return Condition(*match.groups())


def parse_all(where: str | Sequence[str] | None) -> list[Condition]:
    """One condition, several, or none. Raises BadArgument."""
    return [] if where is None else [parse(text) for text in as_texts("where", where, "to_place=AL")]


#: The codes of a column, each with what it stands for; empty for a column that holds no codes.
Names = Callable[[str], Mapping[str, str]]


def kept(conditions: Iterable[Condition], columns: Sequence[Column], names: Names = lambda _: {}) -> list[Column]:
    """The columns with only the rows for which all conditions hold. Raises UnknownColumn and BadArgument."""
    good: list[bool] | None = None
    for condition in conditions:
        held = holds(condition, columns, names)
        good = held if good is None else [one and other for one, other in zip(good, held, strict=True)]
    if good is None:
        return list(columns)
    rows = [row for row, wanted in enumerate(good) if wanted]
    return [column.take(rows) for column in columns]


def holds(condition: Condition, columns: Sequence[Column], names: Names = lambda _: {}) -> list[bool]:
    """For each row of typed columns whether a condition holds.

    Raises UnknownColumn, and BadArgument for a value or operator that the column does not take.
    """
    by_name = {column.name: column for column in columns}
    if condition.column not in by_name:
        raise UnknownColumn(f"There is no column {condition.column!r}. {nearest(condition.column, by_name)}")
    column = by_name[condition.column]
    if condition.operator in _ORDER:
        return _ordered(condition, column, by_name)
    if condition.operator == "~":
        wanted = condition.value.casefold()
        return [wanted in text.casefold() for text in column.texts()]
    same = _equal(condition, column, by_name, names)
    return same if condition.operator == "=" else [not one for one in same]


def _equal(condition: Condition, column: Column, by_name: Mapping[str, Column], names: Names) -> list[bool]:
    value = condition.value
    if not value:
        return [held in (None, ()) for held in column.values]
    match column.kind:
        case "list":
            same = [value in items for items in column.values]
            if not any(same):
                _is_code(column, value, names(column.name), [item for items in column.values for item in items])
            return same
        case "category" if value not in column.categories:
            raise BadArgument(f"{column.name} has no value {value!r}. {nearest(value, column.categories)}")
        case "integer" | "number":
            wanted = _value(condition, column)
            return [held == wanted for held in column.values]
        case "flag" if value not in ("true", "false"):
            raise BadArgument(f"{column.name} is true or false, not {value!r}")
        case "day" | "text" if column.kind == "day" or f"{column.name}_from" in by_name:
            _span(value)
    same = [text == value for text in column.texts()]
    if not any(same) and (codes := names(column.name)):
        _is_code(column, value, codes, column.values)
    return same


def _is_code(column: Column, value: str, codes: Mapping[str, str], held: Iterable[str | None]) -> None:
    """Raise BadArgument if a value is no code of a column and stands nowhere in it."""
    if value in codes:
        return
    if ";" in value:
        raise BadArgument(
            f"{column.name} is compared with one item, not with {value!r}; write a condition for each of several"
        )
    named = _meant(value, codes)
    known = (
        f"It holds codes: {', '.join(named)}."
        if named
        else nearest(value, dict.fromkeys([*filter(None, held), *codes]))
    )
    raise BadArgument(f"{column.name} has no value {value!r}. {known}")


def _meant(value: str, codes: Mapping[str, str]) -> list[str]:
    """The codes whose name is a value, or else holds it, or else is nearly the same; each with its name."""
    plain, names = _plain(value), {code: _plain(name) for code, name in codes.items()}
    close = difflib.get_close_matches(plain, names.values(), 1, 0.8)
    for fits in (plain.__eq__, lambda name: plain in name, close.__contains__):
        if found := [f"{code} is {codes[code]}" for code, name in names.items() if plain and fits(name)]:
            return found[:_MOST]
    return []


#: Most codes that are named in place of a name.
_MOST = 3


def _plain(text: str) -> str:
    """Text without case and accents."""
    letters = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _ordered(condition: Condition, column: Column, by_name: dict[str, Column]) -> list[bool]:
    compare = _ORDER[condition.operator]
    if column.kind in ("integer", "number"):
        wanted = _value(condition, column)
        return [value is not None and compare(value, wanted) for value in column.values]
    if column.ordered:
        ranks = {value: rank for rank, value in enumerate(column.categories)}
        if condition.value not in ranks:
            raise BadArgument(f"{column.name} has no value {condition.value!r}. {nearest(condition.value, ranks)}")
        return [value is not None and compare(ranks[value], ranks[condition.value]) for value in column.values]
    # A date is compared by the day nearest to the limit, so that all of its days are on the right side of it.
    end = "_from" if condition.operator[0] == ">" else "_to"
    days = column if column.kind == "day" else by_name.get(f"{column.name}{end}")
    if days is None:
        raise BadArgument(f"{column.name} has no order, so {condition.operator} means nothing for it; use =, != or ~")
    first, last = _span(condition.value)
    limit = first if condition.operator in (">=", "<") else last
    return [day is not None and compare(day, limit) for day in days.values]


def _span(text: str) -> edtf.Span:
    try:
        return edtf.parse(text)
    except ValueError as error:
        raise BadArgument(f"{text!r} is not a date: {error}") from error


_WHOLE = re.compile(r"-?[0-9]+")
_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
#: What most of the continent writes for a thousand and a million.
_THOUSANDS = re.compile(r"-?[0-9]{1,3}(?:[.,' ][0-9]{3})+")


def _value(condition: Condition, column: Column) -> float | Decimal:
    value = condition.value
    if _THOUSANDS.fullmatch(value):
        whole, *groups = re.split("[.,' ]", value)
        other = f"{whole}.{groups[0].rstrip('0') or '0'}" if len(groups) == 1 and column.kind == "number" else ""
        may = f" or {other if len(other) < len(value) else f'{other}0'}" if other else ""
        bare = whole + "".join(groups)
        raise BadArgument(
            f"{column.name} is a figure without separators for thousands; for {value!r} write {bare}{may}"
        )
    if not (_WHOLE if column.kind == "integer" else _DECIMAL).fullmatch(value):
        form = "a whole number, such as 1000" if column.kind == "integer" else "a number, such as 1000 or 0.5"
        raise BadArgument(f"{column.name} is a figure, and {value!r} is not {form}")
    # A float holds 15 digits and a cell up to 18; and of text, int() refuses more than 4300.
    return Decimal(value) if column.kind == "integer" else float(value)
