"""What runs the rules: polars in memory, DuckDB out of core, Spark across machines.

A rule knows none of them. It is an expression of narwhals, which each engine runs in its own way. What an engine adds
is how it takes the cells of a table, and the one function that narwhals lacks, a hash that all of them compute alike.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

import polars as pl

__all__ = ["ENGINES", "Engine", "Frame", "NoEngine", "engine_named", "joined", "one_by_one"]

#: A frame of narwhals, in memory or lazy; both have the methods that are used here.
Frame = Any

#: The engines by name, with what each needs to be installed.
ENGINES = {"polars": "tools", "duckdb": "duckdb", "spark": "spark"}


class Engine(Protocol):
    """What the checks ask of an engine."""

    def table(self, name: str, blocks: Iterable[pl.DataFrame]) -> Frame:
        """A table of the package, whose cells arrive in blocks."""

    def query(self, frame: Frame) -> Frame:
        """A table in the form in which the checks ask about it, once all tables are read."""

    def small(self, columns: Mapping[str, Sequence[Any]], schema: Mapping[str, Any]) -> Frame:
        """A table of values that Python has computed; `schema` gives the polars type of each column."""

    def keep(self, frame: Frame) -> Frame:
        """The frame, computed once for the several queries that follow."""

    def fetch(self, frame: Frame) -> pl.DataFrame:
        """The rows of a frame, brought into this process."""

    def distinct(self, frame: Frame, columns: Sequence[str]) -> Sequence[pl.Series]:
        """The distinct cells of each of some columns, brought into this process."""

    def hashed(self, frame: Frame, text: str, new: str) -> Frame:
        """The frame with a new column: the first 32 bits of the SHA-1 of the UTF-8 text of another one."""

    def marked(self, frame: Frame, columns: Collection[str], mark: str) -> Frame:
        """The frame with a number for each row as `mark`, which rows with the same cells in some columns share.

        Others may share it by chance. It means nothing to another engine, nor to the next run.
        """

    def computed(
        self, frame: Frame, columns: Sequence[str], new: Mapping[str, Any], of: Callable[..., tuple[Any, ...]]
    ) -> Frame:
        """The frame with new columns that `of` computes from the cells of some columns, once for each combination.

        new   the polars type of each new column
        of    gets the cells, returns a value for each new column; None where there is none
        """

    def cells(self, frame: Frame, fields: Sequence[str], value: str) -> Frame:
        """A row for each cell of some fields: the other columns, the name of the field as `field`, and the cell."""

    def close(self) -> None:
        """Free what the engine holds."""


def one_by_one(engine: Engine, frame: Frame, columns: Sequence[str]) -> list[pl.Series]:
    """As `Engine.distinct`, for any engine: a query for each column."""
    return [engine.fetch(frame.select(name).unique())[name] for name in columns]


def joined(
    engine: Engine, frame: Frame, columns: Sequence[str], new: Mapping[str, Any], of: Callable[..., tuple[Any, ...]]
) -> Frame:
    """As `Engine.computed`, for any engine: what Python computes is joined as a table of its own."""
    distinct = engine.fetch(frame.select(*columns).unique())
    values = [of(*cells) for cells in distinct.iter_rows()]
    known = {name: distinct[name].to_list() for name in columns}
    known |= {name: [value[number] for value in values] for number, name in enumerate(new)}
    small = engine.small(known, dict.fromkeys(columns, pl.String) | dict(new))
    return frame.join(small, on=[*columns], how="left")


class NoEngine(ValueError):
    """An engine that is not installed, or that cannot be reached."""


def engine_named(name: str, master: str = "") -> Engine:
    """A new engine. Raises NoEngine when what it needs is not installed."""
    engine: Engine
    try:
        if name == "duckdb":
            from validate.engines.duckdb import DuckDB

            engine = DuckDB()
            return engine
        if name == "spark":
            from validate.engines.spark import Spark

            engine = Spark(master)
            return engine
    except ImportError as error:
        raise NoEngine(f"the engine {name} needs {error.name}: pip install 'borderledger[{ENGINES[name]}]'") from error
    from validate.engines.memory import Memory

    return Memory()
