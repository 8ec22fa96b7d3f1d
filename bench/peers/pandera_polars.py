"""A pandera schema for polars, written by hand: one column for each field, with the checks that pandera brings.

The lists and `part_of` need checks of their own, which are expressions of polars.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

from bench.peers.common import Found, Returns, run

__all__ = ["check"]

#: What pandera calls the faults that are a property of a column, not a check.
_KINDS = {"not_nullable": "required", "field_uniqueness": "key"}


def check(folder: Path) -> Found:
    """The number of rows and the faults."""
    returns = Returns(folder)
    try:
        frame = pl.read_csv(returns.file, infer_schema=False)
    except pl.exceptions.ComputeError:
        return 0, {"shape": 1}
    try:
        _schema(returns, frame["id"]).validate(frame, lazy=True)
    except SchemaErrors as errors:
        return len(frame), Counter(_KINDS.get(name, name) for name in errors.failure_cases["check"])
    return len(frame), {}


def _schema(returns: Returns, ids: pl.Series) -> pa.DataFrameSchema:
    checks: dict[str, list[pa.Check]] = {name: [] for name in returns.fields}
    for name, form in returns.patterns.items():
        checks[name].append(pa.Check.str_matches(f"^{form}$", error="pattern"))
    for name, values in returns.categories.items():
        checks[name].append(pa.Check.isin(values, error="category"))
    for name, known in returns.references.items():
        checks[name].append(pa.Check.isin(sorted(known), error="reference"))
    checks["part_of"].append(_check("parent", lambda cell: cell.is_in(ids.implode())))
    for name, known in returns.lists.items():
        items = pl.element().is_in(sorted(known))
        checks[name].append(_check("list", lambda cell, items=items: cell.str.split(";").list.eval(items).list.all()))
    for name in returns.integers:
        checks[name].append(pa.Check.str_matches("^-?(0|[1-9][0-9]{0,17})$", error="integer"))
        checks[name].append(_check("minimum", lambda cell: cell.cast(pl.Int64, strict=False).fill_null(0) >= 0))
    columns = {
        name: pa.Column(pl.String, checks[name], nullable=name not in returns.required, unique=name == "id")
        for name in returns.fields
    }
    return pa.DataFrameSchema(columns, strict=True)


def _check(kind: str, holds: Callable[..., pl.Expr]) -> pa.Check:
    return pa.Check(lambda data: data.lazyframe.select(holds(pl.col(data.key))), error=kind)


if __name__ == "__main__":
    run(check)
