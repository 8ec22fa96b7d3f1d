"""The strings of a table as typed columns.

A column has a name, a kind and one value a row:

    text        str, None where the cell is empty (not known)
    integer     whole number or None            number  float or None
    day         days as proleptic Gregorian ordinals, or None; shown as dates
    category    one of the values that the schema defines, or None
    list        tuple of str, empty where nothing is known
    flag        bool
    mapping     dict of str (only where columns are described)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from borderledger import edtf
from borderledger.errors import BadArgument, nearest
from borderledger.package.model import Field

__all__ = ["Column", "explode", "field_columns", "field_names"]

#: Figures in canonical form, of as many digits as every backend holds.
_WHOLE = r"-?(?:0|[1-9][0-9]{0,17})"
_FIGURES = {"integer": re.compile(_WHOLE), "number": re.compile(rf"{_WHOLE}(?:\.[0-9]{{1,18}})?")}


@dataclass(frozen=True)
class Column:
    """A typed column: its name, its kind (see the module) and one value a row.

    delimiter   of a list: what separates the items where a list is one text, because no item holds it
    """

    name: str
    kind: str
    values: Sequence[Any]
    categories: tuple[str, ...] = ()
    ordered: bool = False
    delimiter: str = ""

    def take(self, rows: Iterable[int]) -> Column:
        """The same column with these rows, by position."""
        return replace(self, values=[self.values[row] for row in rows])

    def texts(self) -> list[str]:
        """The values as they stand in the CSV files of the package; a day as YYYY-MM-DD."""
        return ["" if value is None else _text(self.kind, value) for value in self.values]


def _text(kind: str, value: Any) -> str:
    match kind:
        case "list":
            return ";".join(value)
        case "mapping":
            return "; ".join(f"{key}: {meaning}" for key, meaning in value.items())
        case "day":
            return date.fromordinal(value).isoformat()
        case "number":
            # As few digits as tell the number, as in the files, and never as 1e+22.
            return format(Decimal(repr(value)), "f").removesuffix(".0")
        case "flag":
            return "true" if value else "false"
    return str(value)


def field_names(field: Field) -> tuple[str, ...]:
    """The columns that a field becomes: itself and, of a date, the earliest and the latest day that it can mean."""
    return (field.name, f"{field.name}_from", f"{field.name}_to") if field.edtf else (field.name,)


def field_columns(field: Field, cells: Sequence[str]) -> Iterator[Column]:
    """The columns that a field becomes; see `field_names`.

    An approximate date (`~`) gives the days of its text, unwidened; an open end gives None.

    Raises ValueError for a cell that is not in canonical form.
    """
    if field.type in _FIGURES:
        kind = int if field.type == "integer" else float
        figures = {cell: kind(_figure(cell, field)) if cell else None for cell in set(cells)}
        yield Column(field.name, field.type, [figures[cell] for cell in cells])
    elif field.type == "date":
        known = {cell: _day(cell) if cell else None for cell in set(cells)}
        yield Column(field.name, "day", [known[cell] for cell in cells])
    elif field.delimiter:
        lists = {cell: tuple(field.items(cell)) for cell in set(cells)}
        yield Column(field.name, "list", [lists[cell] for cell in cells], delimiter=field.delimiter)
    elif field.categories:
        # A value that the schema does not define stays visible: only validation may refuse it.
        more = sorted(set(cells).difference(field.categories, {""}))
        values = [cell or None for cell in cells]
        yield Column(field.name, "category", values, (*field.categories, *more), field.ordered)
    else:
        yield Column(field.name, "text", [cell or None for cell in cells])
    if field.edtf:
        days = {cell: _days(cell) for cell in set(cells)}
        for end, name in enumerate(field_names(field)[1:]):
            yield Column(name, "day", [days[cell][end] for cell in cells])


def _figure(cell: str, field: Field) -> str:
    """A figure, if it is in canonical form: Python also reads 1_000, 007, nan and digits of any script."""
    if _FIGURES[field.type].fullmatch(cell) is None:
        raise ValueError(f"{cell!r} is not a plain {field.type}")
    return cell


def _day(cell: str) -> int:
    first, last = edtf.parse(cell)
    if first != last or len(cell) != 10:
        raise ValueError(f"{cell!r} is not YYYY-MM-DD")
    return first


def _days(cell: str) -> tuple[int | None, int | None]:
    first, last = edtf.parse(cell) if cell else (edtf.EARLIEST, edtf.LATEST)
    return (None if first == edtf.EARLIEST else first, None if last == edtf.LATEST else last)


def explode(columns: Sequence[Column], name: str) -> list[Column]:
    """The columns with one row for each item of a list column; a row whose list is empty stays, with None.

    Raises BadArgument when the column is not a list or not there.
    """
    lists = {column.name: column for column in columns if column.kind == "list"}
    if name not in lists:
        raise BadArgument(
            f"explode takes a list column, and {name!r} is not a list column of what was loaded. {nearest(name, lists)}"
        )
    rows = [row for row, items in enumerate(lists[name].values) for _ in items or (None,)]
    items = [item for items in lists[name].values for item in items or (None,)]
    return [Column(name, "text", items) if column.name == name else column.take(rows) for column in columns]
