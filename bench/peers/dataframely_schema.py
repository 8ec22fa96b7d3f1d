"""A dataframely schema, written by hand: one column for each field, with the checks that dataframely brings.

The lists, `part_of` and the signs of numbers are rules of the schema.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import dataframely as dy
import polars as pl

from bench.peers.common import Found, Returns, run

__all__ = ["check"]


def check(folder: Path) -> Found:
    """The number of rows and the faults."""
    returns = Returns(folder)
    try:
        frame = pl.read_csv(returns.file, infer_schema=False)
    except pl.exceptions.ComputeError:
        return 0, {"shape": 1}
    schema = _schema(returns, frame["id"])
    if schema.is_valid(frame):
        return len(frame), {}
    _, failed = schema.filter(frame)
    found: Counter[str] = Counter()
    for rule, number in failed.counts().items():
        found[_kind(rule)] += number
    return len(frame), found


def _kind(rule: str) -> str:
    """The kind of fault of a rule: `unit|nullability`, `unit|check__category`, or `primary_key`."""
    kinds = {"primary_key": "key", "nullability": "required", "regex": "pattern"}
    last = rule.rpartition("|")[2].removeprefix("check__")
    return kinds.get(last, last)


def _schema(returns: Returns, ids: pl.Series) -> type[dy.Schema]:
    checks: dict[str, dict[str, object]] = {name: {} for name in returns.fields}
    for name, values in returns.categories.items():
        checks[name]["category"] = lambda cell, values=values: cell.is_in(values)
    for name, known in returns.references.items():
        checks[name]["reference"] = lambda cell, known=known: cell.is_in(known)
    checks["part_of"]["parent"] = lambda cell: cell.is_in(ids.implode())
    for name, known in returns.lists.items():
        items = pl.element().is_in(sorted(known))
        checks[name]["list"] = lambda cell, items=items: cell.str.split(";").list.eval(items).list.all()
    for name in returns.integers:
        checks[name]["integer"] = lambda cell: cell.str.contains("^-?(0|[1-9][0-9]{0,17})$")
        checks[name]["minimum"] = lambda cell: cell.cast(pl.Int64, strict=False).fill_null(0) >= 0
    columns = {
        name: dy.String(
            nullable=name not in returns.required,
            primary_key=name == "id",
            regex=f"^{returns.patterns[name]}$" if name in returns.patterns else None,
            check=checks[name] or None,
        )
        for name in returns.fields
    }
    return type("ReturnsSchema", (dy.Schema,), columns)


if __name__ == "__main__":
    run(check)
