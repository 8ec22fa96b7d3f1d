"""Polars: all tables in memory. The default."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl
import polars_hash as plh

from validate.engines import Frame, joined

__all__ = ["Memory"]

#: From so many rows on, a plan of several steps saves more than it costs to make it.
_MANY = 200_000
#: Up to so many rows, to go through them costs less than a join.
_FEW = 2_000


class Memory:
    """The engine that needs nothing but the tools."""

    def __init__(self) -> None:
        self._rows = 0
        self._planned: bool | None = None

    def table(self, name: str, blocks: Iterable[pl.DataFrame]) -> Frame:
        """The cells as they are."""
        frame = pl.concat(blocks)
        self._rows += len(frame)
        return nw.from_native(frame)

    def query(self, frame: Frame) -> Frame:
        """A lazy frame when the tables are large. Both kinds never meet: the first question decides for all."""
        if self._planned is None:
            self._planned = self._rows >= _MANY
        return frame.lazy() if self._planned else frame

    def small(self, columns: Mapping[str, Sequence[Any]], schema: Mapping[str, Any]) -> Frame:
        """A frame like any other."""
        return self.query(nw.from_native(pl.DataFrame(dict(columns), schema=dict(schema))))

    def keep(self, frame: Frame) -> Frame:
        """The rows, if they were only planned."""
        native = frame.to_native()
        return nw.from_native(native.collect().lazy()) if isinstance(native, pl.LazyFrame) else frame

    def fetch(self, frame: Frame) -> pl.DataFrame:
        """The rows, which may be here already."""
        native: pl.DataFrame | pl.LazyFrame = frame.to_native()
        return native.collect() if isinstance(native, pl.LazyFrame) else native

    def distinct(self, frame: Frame, columns: Sequence[str]) -> list[pl.Series]:
        """In one query, which takes two thirds of the time of several."""
        cells = frame.to_native().lazy().select(pl.col(columns).unique().implode()).collect(engine="in-memory")
        return [cells[name][0] for name in columns]

    def hashed(self, frame: Frame, text: str, new: str) -> Frame:
        """By polars-hash, since the hash of polars itself changes with its version."""
        digits = plh.col(text).nchash.sha1().str.slice(0, 8)
        return nw.from_native(frame.to_native().with_columns(digits.str.to_integer(base=16, dtype=pl.Int64).alias(new)))

    def marked(self, frame: Frame, columns: Collection[str], mark: str) -> Frame:
        """By the hash of polars: the sum of those of the cells, since it hashes several together far more slowly."""
        # Divided, so that the sum does not overflow; with seeds, so that two cells that change places differ.
        parts = (pl.col(name).hash(seed=number) // len(columns) for number, name in enumerate(columns, 1))
        return nw.from_native(frame.to_native().with_columns(pl.sum_horizontal(parts).alias(mark)))

    def computed(
        self, frame: Frame, columns: Sequence[str], new: Mapping[str, Any], of: Callable[..., tuple[Any, ...]]
    ) -> Frame:
        """Row by row where there are few."""
        native = frame.to_native()
        if isinstance(native, pl.LazyFrame) or len(native) > _FEW:
            return joined(self, frame, columns, new, of)
        rows = [*zip(*(native[name].to_list() for name in columns), strict=True)]
        known = {cells: of(*cells) for cells in {*rows}}
        values = [
            pl.Series(name, [known[cells][number] for cells in rows], dtype=kind)
            for number, (name, kind) in enumerate(new.items())
        ]
        return nw.from_native(native.hstack(values))

    def cells(self, frame: Frame, fields: Sequence[str], value: str) -> Frame:
        """By unpivot."""
        others = [name for name in frame.collect_schema().names() if name not in fields]
        return frame.unpivot(on=[*fields], index=others, variable_name="field", value_name=value)

    def close(self) -> None:
        """Nothing is held."""
