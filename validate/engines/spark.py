"""Spark: tables on the machines of a cluster.

The tables are written as Parquet, in parts, into a folder that all machines of the cluster can read
(BORDERLEDGER_SPARK_FOLDER; by default a temporary one, which serves a cluster on one machine).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
from pyspark.sql import SparkSession, functions

from validate.engines import Frame, joined, one_by_one

__all__ = ["Spark"]


class Spark:
    """The engine that needs the extra `spark`, Java, and a cluster."""

    def __init__(self, master: str = "") -> None:
        self._folder = tempfile.TemporaryDirectory(
            prefix="borderledger-", dir=os.environ.get("BORDERLEDGER_SPARK_FOLDER"), ignore_cleanup_errors=True
        )
        self._names = (f"t{number}" for number in count())
        builder = SparkSession.builder.appName("borderledger")
        if master:
            builder = builder.master(master)
        self._session = (
            builder.config("spark.sql.execution.arrow.pyspark.enabled", "true")
            .config("spark.sql.ansi.enabled", "true")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.maxPlanStringLength", "1000")
            .config("spark.sql.codegen.wholeStage", "false")
            .config("spark.sql.shuffle.partitions", "8")
            .config("spark.log.level", "ERROR")
            .getOrCreate()
        )

    def table(self, name: str, blocks: Iterable[pl.DataFrame]) -> Frame:
        """A table of Parquet files, one for each block."""
        folder = Path(self._folder.name) / next(self._names)
        folder.mkdir()
        kinds = {}
        for number, block in enumerate(blocks):
            block.write_parquet(folder / f"part-{number:06}.parquet", row_group_size=50_000)
            kinds = dict(block.schema)
        # With the schema given, Spark need not open the files to find it.
        columns = ", ".join(
            f"`{column}` {'bigint' if kind == pl.Int64 else 'string'}" for column, kind in kinds.items()
        )
        return nw.from_native(self._session.read.schema(columns).parquet(str(folder)))

    def query(self, frame: Frame) -> Frame:
        """A table is a query already."""
        return frame

    def small(self, columns: Mapping[str, Sequence[Any]], schema: Mapping[str, Any]) -> Frame:
        """A table that is sent along with each query."""
        return nw.from_native(
            self._session.createDataFrame(pl.DataFrame(dict(columns), schema=dict(schema)).to_arrow())
        )

    def keep(self, frame: Frame) -> Frame:
        """The result, as files in the folder: no worker that is lost takes it along, and no plan grows without end."""
        native, folder = frame.to_native(), str(Path(self._folder.name) / next(self._names))
        native.write.parquet(folder)
        return nw.from_native(self._session.read.schema(native.schema).parquet(folder))

    def fetch(self, frame: Frame) -> pl.DataFrame:
        """The rows of a query, by way of Arrow."""
        found = pl.from_arrow(frame.to_native().toArrow())
        assert isinstance(found, pl.DataFrame)
        return found

    def distinct(self, frame: Frame, columns: Sequence[str]) -> list[pl.Series]:
        """By a query for each."""
        return one_by_one(self, frame, columns)

    def hashed(self, frame: Frame, text: str, new: str) -> Frame:
        """By its function sha1."""
        digits = functions.substring(functions.sha1(functions.col(text)), 1, 8)
        return nw.from_native(frame.to_native().withColumn(new, functions.conv(digits, 16, 10).cast("long")))

    def marked(self, frame: Frame, columns: Collection[str], mark: str) -> Frame:
        """By its function xxhash64."""
        return nw.from_native(frame.to_native().withColumn(mark, functions.xxhash64(*columns)))

    def computed(
        self, frame: Frame, columns: Sequence[str], new: Mapping[str, Any], of: Callable[..., tuple[Any, ...]]
    ) -> Frame:
        """By a join."""
        return joined(self, frame, columns, new, of)

    def cells(self, frame: Frame, fields: Sequence[str], value: str) -> Frame:
        """By unpivot."""
        others = [name for name in frame.collect_schema().names() if name not in fields]
        return frame.unpivot(on=[*fields], index=others, variable_name="field", value_name=value)

    def close(self) -> None:
        """Leave the cluster."""
        self._session.stop()
        self._folder.cleanup()
