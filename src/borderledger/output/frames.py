"""Typed columns as a frame of pandas, polars or Arrow; every backend gets the same columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from borderledger.errors import BadArgument, MissingExtra, as_text, nearest
from borderledger.query.columns import Column

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BACKENDS", "to_frame", "to_pandas"]


def to_frame(columns: Sequence[Column], backend: str) -> Any:
    """The columns as `pandas` or `polars` DataFrame or as `arrow` Table.

    Raises BadArgument for another backend, MissingExtra when its library is not installed.
    """
    if as_text("backend", backend, "polars") not in BACKENDS:
        raise BadArgument(f"backend {backend!r} is not known. {nearest(backend, BACKENDS)}")
    return BACKENDS[backend](columns)


# --- pandas ----------------------------------------------------------------------------------------------------------


_EPOCH = date(1970, 1, 1).toordinal()


def to_pandas(columns: Sequence[Column]) -> pd.DataFrame:
    """A DataFrame: text as `str` (`object` in pandas 2), Int64, Float64, datetime64[us], category, lists as tuples."""
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
        days[[value is None for value in values]] = np.datetime64("NaT", "D")
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
        raise MissingExtra("polars is not installed: pip install polars") from error
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
        raise MissingExtra("pyarrow is not installed: pip install pyarrow") from error
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
