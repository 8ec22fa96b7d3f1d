"""Conditions on the rows of a table, as the command line takes them: a column, an operator and a value.

to_place=AL          is AL; of a list column: has AL among its items
status!=signed       is not (an empty cell is not, either)
note~handball        contains, whatever the case
quantity>=100        figures and grades by their order (evidence>=single)
period>=2020         dates: no day of it is before 2020; period<=2020-06: no day is after June 2020
ended=               is empty
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from borderledger import edtf
from borderledger.errors import BadArgument, UnknownColumn, as_texts, nearest
from borderledger.query.columns import Column

__all__ = ["Condition", "holds", "kept", "parse", "parse_all"]

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


def kept(conditions: Iterable[Condition], columns: Sequence[Column]) -> list[Column]:
    """The columns with only the rows for which all conditions hold. Raises UnknownColumn and BadArgument."""
    found = list(columns)
    for condition in conditions:
        rows = [row for row, good in enumerate(holds(condition, found)) if good]
        found = [column.take(rows) for column in found]
    return found


def holds(condition: Condition, columns: Sequence[Column]) -> list[bool]:
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
    same = _equal(condition, column)
    return same if condition.operator == "=" else [not one for one in same]


def _equal(condition: Condition, column: Column) -> list[bool]:
    if not condition.value:
        return [value in (None, ()) for value in column.values]
    if column.kind == "list":
        return [condition.value in items for items in column.values]
    if column.kind == "category" and condition.value not in column.categories:
        known = nearest(condition.value, column.categories)
        raise BadArgument(f"{column.name} has no value {condition.value!r}. {known}")
    if column.kind in ("integer", "number"):
        wanted = _value(condition, column)
        return [value == wanted for value in column.values]
    return [text == condition.value for text in column.texts()]


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
    try:
        first, last = edtf.parse(condition.value)
    except ValueError as error:
        raise BadArgument(f"{condition.value!r} is not a date: {error}") from error
    limit = first if condition.operator in (">=", "<") else last
    return [day is not None and compare(day, limit) for day in days.values]


def _value(condition: Condition, column: Column) -> float:
    try:
        return float(condition.value)
    except ValueError as error:
        raise BadArgument(f"{column.name} is a figure, and {condition.value!r} is no number") from error
