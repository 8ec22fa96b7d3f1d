"""A suite of Great Expectations over pandas, written by hand: one expectation for each check of a column.

It has no expectation for the items of a list; a pattern of all known items does the same.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # before the import, or it would call home

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd

from bench.peers.common import Found, Returns, run

__all__ = ["check"]


def check(folder: Path) -> Found:
    """The number of rows and the faults."""
    returns = Returns(folder)
    try:
        frame = pd.read_csv(returns.file, dtype=str, keep_default_na=False, na_values=[""])
    except pd.errors.ParserError:
        return 0, {"shape": 1}
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("pandas").add_dataframe_asset("returns")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite("returns", expectations=[*_expectations(returns, frame)])
    found: Counter[str] = Counter()
    for result in batch.validate(suite, result_format="BASIC").results:
        if not result.success:
            kind = result.expectation_config.meta["kind"]
            found[kind] += int(result.result.get("unexpected_count", 1))
    return len(frame), found


def _expectations(returns: Returns, frame: pd.DataFrame) -> Iterator[gxe.Expectation]:
    yield gxe.ExpectColumnValuesToBeUnique(column="id", meta={"kind": "key"})
    for name in returns.required:
        yield gxe.ExpectColumnValuesToNotBeNull(column=name, meta={"kind": "required"})
    for name, form in returns.patterns.items():
        yield gxe.ExpectColumnValuesToMatchRegex(column=name, regex=f"^{form}$", meta={"kind": "pattern"})
    for name, values in returns.categories.items():
        yield gxe.ExpectColumnValuesToBeInSet(column=name, value_set=values, meta={"kind": "category"})
    for name, known in returns.references.items():
        yield gxe.ExpectColumnValuesToBeInSet(column=name, value_set=sorted(known), meta={"kind": "reference"})
    parents = frame.loc[frame["id"].isin(frame["part_of"]), "id"]
    yield gxe.ExpectColumnValuesToBeInSet(column="part_of", value_set=[*parents], meta={"kind": "parent"})
    for name, known in returns.lists.items():
        item = f"(?:{'|'.join(map(re.escape, sorted(known)))})"
        yield gxe.ExpectColumnValuesToMatchRegex(column=name, regex=f"^{item}(?:;{item})*$", meta={"kind": "list"})
    for name in returns.integers:
        form = "^-?(0|[1-9][0-9]{0,17})$"
        yield gxe.ExpectColumnValuesToMatchRegex(column=name, regex=form, meta={"kind": "integer"})
        yield gxe.ExpectColumnValuesToMatchRegex(column=name, regex="^(?!-)", meta={"kind": "minimum"})


if __name__ == "__main__":
    run(check)
