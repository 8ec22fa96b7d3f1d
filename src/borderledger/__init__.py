"""borderledger: EU migration management in the Western Balkans, as typed, source-cited tables that work offline.

    import borderledger as bl

    bl.tables()                                     the tables
    bl.load("returns")                              one of them, as a typed pandas DataFrame
    bl.load("agreements", as_of="2023-07-01")       what was in force on that day
    bl.load("deployments", where="agency=frontex")  the rows that meet a condition
    bl.totals("returns", by=["year", "to_place"])   sums in which nothing is counted twice
    bl.search("deported pakistan")                  records and sources by words
    bl.describe("projects")                         what its columns mean
    bl.evidence("prj-ba-iom-return-pilot-2022")     what sources state, and where
    bl.disputes()                                   the fields that sources contradict
    bl.history("agr-rs-ch-migration-mou-2009")      what was changed in it, when and why
    bl.cite("prj-ba-iom-return-pilot-2022")         how to cite it
    bl.open("borderledger-data-0.1.0-csv.zip")      the same, on another version
    bl.diff(old, new)                               what changed between two versions
    bl.connect()                                    SQL over all tables (DuckDB)

Every error is a `bl.BorderledgerError`; `except bl.UnknownTable` and the others catch one kind.

The import is instant: nothing is read, and pandas is not imported, before it is needed.
"""

from __future__ import annotations

from borderledger import errors
from borderledger.errors import *  # noqa: F403

TYPE_CHECKING = False  # type checkers take it for true; importing typing would double the time of this import
if TYPE_CHECKING:
    from typing import Literal, Protocol, Unpack, overload

    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from borderledger.changes import diff as diff
    from borderledger.dataset import Dataset as Dataset
    from borderledger.dataset import open as open
    from borderledger.query.as_of import Day
    from borderledger.query.load import LoadOptions, TableName

    class _Load(Protocol):
        """Dataset.load of the version that is shipped, whose tables are known by name."""

        @overload
        def __call__(
            self,
            table: TableName,
            as_of: Day | None = None,
            *,
            backend: Literal["pandas"] = "pandas",
            **options: Unpack[LoadOptions],
        ) -> pd.DataFrame: ...
        @overload
        def __call__(
            self,
            table: TableName,
            as_of: Day | None = None,
            *,
            backend: Literal["polars"],
            **options: Unpack[LoadOptions],
        ) -> pl.DataFrame: ...
        @overload
        def __call__(
            self,
            table: TableName,
            as_of: Day | None = None,
            *,
            backend: Literal["arrow"],
            **options: Unpack[LoadOptions],
        ) -> pa.Table: ...

    class _Describe(Protocol):
        def __call__(self, table: TableName) -> pd.DataFrame: ...

    _embedded = open(".")
    load: _Load
    describe: _Describe
    tables = _embedded.tables
    totals, search = _embedded.totals, _embedded.search
    evidence, disputes, history = _embedded.evidence, _embedded.disputes, _embedded.history
    cite, connect = _embedded.cite, _embedded.connect
    __version__: str
    data_version: str

__all__ = [
    "Dataset",
    "__version__",
    "cite",
    "connect",
    "data_version",
    "describe",
    "diff",
    "disputes",
    "evidence",
    "history",
    "load",
    "open",
    "search",
    "tables",
    "totals",
]
__all__ += errors.__all__


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from borderledger import dataset

    if name in ("Dataset", "open"):
        return getattr(dataset, name)
    if name == "diff":
        from borderledger.changes import diff

        return diff
    # The rest are the methods of the version that the package carries; code and data have one version number.
    return getattr(dataset.embedded(), "data_version" if name == "__version__" else name)


def __dir__() -> list[str]:
    return sorted(__all__)
