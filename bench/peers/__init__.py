"""The peers of `bench.scale`: how other libraries check the table of returns, each in an environment of its own.

Each script has a function `check(folder)`. It reads a data package and returns the number of rows and, for each kind of
fault of `bench.planted` that it found, how many. The schemas are written by hand, as the documentation of each library
suggests; they take the words and patterns from schemas/returns.json, so that all peers look for the same.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PEERS", "Peer"]


@dataclass(frozen=True)
class Peer:
    """A script beside this file, and the kinds of fault that it finds.

    `pinned` says that it has an environment: requirements-NAME.txt beside this file. `enters` says that it writes its
    own digests beside a package before it is timed, with the option `--enter`.
    """

    script: str
    kinds: tuple[str, ...]
    pinned: bool = True
    enters: bool = False


_COLUMNS = ("shape", "required", "integer", "minimum", "pattern", "key", "reference", "parent")
_SCHEMA = (*_COLUMNS, "category", "list")

#: The peers by the names of their environments.
PEERS = {
    "duckdb": Peer("duckdb_sql", (*_SCHEMA, "date", "order", "text", "total", "digest"), enters=True),
    "frictionless": Peer("frictionless_package", _COLUMNS),
    "pandera": Peer("pandera_polars", _SCHEMA),
    "pointblank": Peer("pointblank_polars", _SCHEMA),
    "dataframely": Peer("dataframely_schema", _SCHEMA),
    "great-expectations": Peer("great_expectations_suite", _SCHEMA),
    "polars": Peer("polars_floor", ("shape",)),
    "csv": Peer("csv_floor", (), pinned=False),
}
