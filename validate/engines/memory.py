"""Polars: all tables in memory. The default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl
import polars_hash as plh

from validate.engines import Frame

__all__ = ["Memory"]


class Memory:
    """The engine that needs nothing but the tools."""

    def table(self, name: str, blocks: Iterable[pl.DataFrame]) -> Frame:
        """The cells as they are."""
        return nw.from_native(pl.concat(blocks))

    def small(self, columns: Mapping[str, Sequence[Any]], schema: Mapping[str, Any]) -> Frame:
        """A frame like any other."""
        return nw.from_native(pl.DataFrame(dict(columns), schema=dict(schema)))

    def keep(self, frame: Frame) -> Frame:
        """It is computed already."""
        return frame

    def fetch(self, frame: Frame) -> pl.DataFrame:
        """It is here already."""
        native: pl.DataFrame = frame.to_native()
        return native

    def hashed(self, frame: Frame, **columns: str) -> Frame:
        """By polars-hash, since the hash of polars itself changes with its version."""
        digests = {
            new: plh.col(text).nchash.md5().str.slice(0, 8).str.to_integer(base=16, dtype=pl.Int64)
            for new, text in columns.items()
        }
        return nw.from_native(frame.to_native().with_columns(**digests))

    def cells(self, frame: Frame, fields: Sequence[str], value: str) -> Frame:
        """By unpivot."""
        others = [name for name in frame.collect_schema().names() if name not in fields]
        return frame.unpivot(on=[*fields], index=others, variable_name="field", value_name=value)

    def close(self) -> None:
        """Nothing is held."""
