"""The dataset as a DuckDB database in memory.

It holds the tables of `borderledger.query.relations` and the views of `borderledger.query.views`.

    figures          BIGINT and DOUBLE
    days             DATE
    lists            VARCHAR[], empty where nothing is known
    classifications  VARCHAR and not ENUM: DuckDB sorts an ENUM by the order of its values, but compares it with a text
                     by the alphabet

`COMMENT` says what each table, column and view is. A view that shows a day is also there as a macro for any day:
agreements_in_force_on(day), deployments_latest_on(day), projects_running_on(day).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from borderledger.errors import MissingExtra
from borderledger.output.frames import to_pandas
from borderledger.query.evidence import Graded
from borderledger.query.relations import Relation, relations
from borderledger.query.views import database_views, literal, on_any_day, quoted

if TYPE_CHECKING:
    import duckdb

__all__ = ["connect"]


def connect(dataset: Graded) -> duckdb.DuckDBPyConnection:
    """A new DuckDB database in memory that holds the dataset; see the module for what is in it.

    Raises MissingExtra when duckdb is not installed, CorruptPackage when a table cannot be read.
    """
    try:
        import duckdb
    except ImportError as error:
        raise MissingExtra("duckdb is not installed: pip install duckdb") from error
    database = duckdb.connect(":memory:")
    # All rows decide on the type of a column of lists, not a sample that may hold empty lists only.
    database.execute("SET pandas_analyze_sample = 1000000000")
    for relation in relations(dataset):
        _create(database, relation)
    database.execute("RESET pandas_analyze_sample")
    for name, view in on_any_day(dataset):
        database.execute(f"CREATE MACRO {quoted(name)}(day) AS TABLE {view.select}")
        database.execute(f"COMMENT ON MACRO TABLE {quoted(name)} IS {literal(view.comment)}")
    for view in database_views(dataset):
        database.execute(f"CREATE VIEW {quoted(view.name)} AS {view.select}")
        database.execute(f"COMMENT ON VIEW {quoted(view.name)} IS {literal(view.comment)}")
    return database


_TYPES = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "day": "DATE",
    "category": "VARCHAR",
    "list": "VARCHAR[]",
    "flag": "BOOLEAN",
}


def _create(database: duckdb.DuckDBPyConnection, relation: Relation) -> None:
    names = {column.name: quoted(column.name) for column in relation.columns}
    typed = ", ".join(f"CAST({names[c.name]} AS {_TYPES[c.kind]}) AS {names[c.name]}" for c in relation.columns)
    database.register("incoming", to_pandas(relation.columns))
    database.execute(f"CREATE TABLE {quoted(relation.name)} AS SELECT {typed} FROM incoming")
    database.unregister("incoming")
    database.execute(f"COMMENT ON TABLE {quoted(relation.name)} IS {literal(relation.comment)}")
    for name, comment in relation.notes.items():
        database.execute(f"COMMENT ON COLUMN {quoted(relation.name)}.{names[name]} IS {literal(comment)}")
