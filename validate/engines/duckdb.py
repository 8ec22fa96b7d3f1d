"""DuckDB: tables in a temporary database on disk, for more rows than fit into memory."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import polars as pl

from validate.engines import Frame, joined, one_by_one

__all__ = ["DuckDB"]

#: What DuckDB may hold in memory; beyond it, it writes to disk. The blocks that are read come on top.
_MEMORY = "2GB"


class DuckDB:
    """The engine that needs the extra `duckdb`."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="borderledger-")
        self._names = (f"t{number}" for number in count())
        settings: dict[str, str | bool | int | float | list[str]]
        settings = {"memory_limit": _MEMORY, "preserve_insertion_order": "false", "temp_directory": self._folder.name}
        self._connection = duckdb.connect(str(Path(self._folder.name) / "tables.duckdb"), config=settings)

    def table(self, name: str, blocks: Iterable[pl.DataFrame]) -> Frame:
        """A table of the database, to which the blocks are added one by one."""
        new, made = next(self._names), False
        for block in blocks:
            self._connection.register("block", block.to_arrow())
            self._connection.execute(f"insert into {new} from block" if made else f"create table {new} as from block")
            self._connection.unregister("block")
            made = True
        return nw.from_native(self._connection.table(new))

    def query(self, frame: Frame) -> Frame:
        """A table is a query already."""
        return frame

    def small(self, columns: Mapping[str, Sequence[Any]], schema: Mapping[str, Any]) -> Frame:
        """A table of the database like any other."""
        return self.table("", [pl.DataFrame(dict(columns), schema=dict(schema))])

    def keep(self, frame: Frame) -> Frame:
        """A table of the result: a relation of DuckDB would be computed again by every query."""
        new = next(self._names)
        frame.to_native().create(new)
        return nw.from_native(self._connection.table(new))

    def fetch(self, frame: Frame) -> pl.DataFrame:
        """The rows of a query."""
        found: pl.DataFrame = frame.to_native().pl()
        return found

    def distinct(self, frame: Frame, columns: Sequence[str]) -> list[pl.Series]:
        """By a query for each."""
        return one_by_one(self, frame, columns)

    def hashed(self, frame: Frame, text: str, new: str) -> Frame:
        """By its function sha1."""
        digits = f'substr(sha1("{text}"), 1, 8)'
        return nw.from_native(frame.to_native().project(f"*, ('0x' || {digits})::BIGINT as \"{new}\""))

    def marked(self, frame: Frame, columns: Collection[str], mark: str) -> Frame:
        """By its function hash."""
        listed = ", ".join(f'"{name}"' for name in columns)
        return nw.from_native(frame.to_native().project(f'*, hash({listed}) as "{mark}"'))

    def computed(
        self, frame: Frame, columns: Sequence[str], new: Mapping[str, Any], of: Callable[..., tuple[Any, ...]]
    ) -> Frame:
        """By a join."""
        return joined(self, frame, columns, new, of)

    def cells(self, frame: Frame, fields: Sequence[str], value: str) -> Frame:
        """By its statement unpivot; narwhals would ask another connection for it."""
        listed = ", ".join(f'"{name}"' for name in fields)
        query = f'unpivot frame on {listed} into name "field" value "{value}"'
        return nw.from_native(frame.to_native().query("frame", query))

    def close(self) -> None:
        """Delete the database."""
        self._connection.close()
        self._folder.cleanup()
