"""A pointblank plan over polars, written by hand: one step for each check of a column.

The lists and `part_of` are expressions of polars, which pointblank takes as a step.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pointblank as pb
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
    plan = _plan(returns, frame).interrogate(collect_extracts=False)
    found: Counter[str] = Counter()
    for step in plan.validation_info:
        found[step.brief] += int(step.n_failed or 0) or int(step.eval_error or False)
    return len(frame), found


def _plan(returns: Returns, frame: pl.DataFrame) -> pb.Validate:
    plan = pb.Validate(frame).rows_distinct("id", brief="key").col_vals_not_null(returns.required, brief="required")
    for name, form in returns.patterns.items():
        plan = plan.col_vals_regex(name, f"^{form}$", na_pass=True, brief="pattern")
    for name, values in returns.categories.items():
        plan = plan.col_vals_in_set(name, [*values, None], brief="category")
    for name, known in returns.references.items():
        plan = plan.col_vals_in_set(name, [*sorted(known), None], brief="reference")
    parent = pl.col("part_of")
    plan = plan.col_vals_expr(parent.is_null() | parent.is_in(frame["id"].implode()), brief="parent")
    for name, known in returns.lists.items():
        items = pl.col(name).str.split(";").list.eval(pl.element().is_in(sorted(known))).list.all()
        plan = plan.col_vals_expr(pl.col(name).is_null() | items, brief="list")
    for name in returns.integers:
        plan = plan.col_vals_regex(name, "^-?(0|[1-9][0-9]{0,17})$", na_pass=True, brief="integer")
        number = pl.col(name).cast(pl.Int64, strict=False).fill_null(0)
        plan = plan.col_vals_expr(number >= 0, brief="minimum")
    return plan


if __name__ == "__main__":
    run(check)
