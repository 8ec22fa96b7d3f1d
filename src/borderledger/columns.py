"""The strings of a table as typed columns, and typed columns as a frame of pandas, polars or Arrow.

Every backend gets the same columns:

    text        str, None where the cell is empty (not known)
    integer     whole number or None            number  float or None
    day         days as proleptic Gregorian ordinals, or None; shown as dates
    category    one of the values that the schema defines, or None
    list        list of str, empty where nothing is known
    flag        bool
    mapping     dict of str (only where columns are described)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from borderledger import edtf
from borderledger.errors import BadArgument, MissingExtra, nearest
from borderledger.package import Field

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BACKENDS", "Column", "explode", "field_columns", "field_names", "to_frame", "to_pandas"]


#: Figures in canonical form, of as many digits as every backend holds.
_WHOLE = r"-?(?:0|[1-9][0-9]{0,17})"
_FIGURES = {"integer": re.compile(_WHOLE), "number": re.compile(rf"{_WHOLE}(?:\.[0-9]{{1,18}})?")}


@dataclass(frozen=True)
class Column:
    """A typed column: its name, its kind (see the module) and one value a row."""

    name: str
    kind: str
    values: Sequence[Any]
    categories: tuple[str, ...] = ()
    ordered: bool = False

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
        between = field.delimiter
        yield Column(field.name, "list", [cell.split(between) if cell else [] for cell in cells])
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
        raise BadArgument(f"explode takes a list column, and {name!r} is none of those loaded. {nearest(name, lists)}")
    rows = [row for row, items in enumerate(lists[name].values) for _ in items or (None,)]
    items = [item for items in lists[name].values for item in items or (None,)]
    return [Column(name, "text", items) if column.name == name else column.take(rows) for column in columns]


def to_frame(columns: Sequence[Column], backend: str) -> Any:
    """The columns as `pandas` or `polars` DataFrame or as `arrow` Table.

    Raises BadArgument for another backend, MissingExtra when its library is not installed.
    """
    if backend not in BACKENDS:
        raise BadArgument(f"backend {backend!r} is not known. {nearest(backend, BACKENDS)}")
    return BACKENDS[backend](columns)


# --- pandas ----------------------------------------------------------------------------------------------------------

_EPOCH = date(1970, 1, 1).toordinal()


def to_pandas(columns: Sequence[Column]) -> pd.DataFrame:
    """A DataFrame: text as `str` (`object` in pandas 2), Int64, Float64, datetime64[us], category, lists as objects."""
    import pandas as pd

    return pd.DataFrame({column.name: _series(column) for column in columns})


def _series(column: Column) -> Any:
    import numpy as np
    import pandas as pd

    values = column.values
    if column.kind in ("integer", "number"):
        empty = np.array([value is None for value in values], dtype=bool)
        kind = np.int64 if column.kind == "integer" else np.float64
        filled = np.array([value or 0 for value in values], dtype=kind)
        array = pd.arrays.IntegerArray if column.kind == "integer" else pd.arrays.FloatingArray
        return array(filled, empty)
    if column.kind == "day":
        days = np.array([0 if value is None else value - _EPOCH for value in values], dtype="datetime64[D]")
        days[[value is None for value in values]] = np.datetime64("NaT")
        return days.astype("datetime64[us]")
    if column.kind == "category":
        codes = {value: code for code, value in enumerate(column.categories)} | {None: -1}
        kinds = pd.CategoricalDtype(column.categories, column.ordered)
        return pd.Categorical.from_codes([codes[value] for value in values], dtype=kinds, validate=False)
    if column.kind == "flag":
        return np.array(values, dtype=bool)
    if column.kind in ("list", "mapping") or pd.__version__.startswith("2."):
        cells = np.empty(len(values), dtype=object)
        cells[:] = values
        return cells
    return pd.array(values, dtype="str")


# --- polars and Arrow ------------------------------------------------------------------------------------------------


def _to_polars(columns: Sequence[Column]) -> Any:
    try:
        import polars as pl
    except ImportError as error:
        raise MissingExtra("polars is not installed: pip install 'borderledger[polars]'") from error
    plain: dict[str, Any] = {
        "text": pl.String,
        "integer": pl.Int64,
        "number": pl.Float64,
        "day": pl.Date,
        "list": pl.List(pl.String),
        "flag": pl.Boolean,
    }
    kinds = {c.name: pl.Enum(c.categories) if c.kind == "category" else plain[c.kind] for c in columns}
    return pl.DataFrame({column.name: _dated(column) for column in columns}, schema=kinds)


def _to_arrow(columns: Sequence[Column]) -> Any:
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingExtra("pyarrow is not installed: pip install 'borderledger[arrow]'") from error
    kinds = {
        "text": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "day": pa.date32(),
        "list": pa.list_(pa.string()),
        "flag": pa.bool_(),
    }
    arrays = {}
    for column in columns:
        if column.kind == "category":
            codes = {value: code for code, value in enumerate(column.categories)}
            indices = pa.array([codes.get(value) for value in column.values], pa.int16())
            words = pa.array(column.categories, pa.string())
            arrays[column.name] = pa.DictionaryArray.from_arrays(indices, words, ordered=column.ordered)
        else:
            arrays[column.name] = pa.array(_dated(column), kinds[column.kind])
    return pa.table(arrays)


def _dated(column: Column) -> Sequence[Any]:
    if column.kind != "day":
        return column.values
    return [None if value is None else date.fromordinal(value) for value in column.values]


#: The kinds of frame that a table can be loaded as.
BACKENDS: dict[str, Callable[[Sequence[Column]], Any]] = {
    "pandas": to_pandas,
    "polars": _to_polars,
    "arrow": _to_arrow,
}
