"""Views run in an SQLite database in memory, and how SQLite holds typed columns.

This needs nothing but the standard library. The database holds only the tables that the view is made of.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from borderledger.errors import CorruptPackage, UnknownTable, nearest
from borderledger.query.columns import Column
from borderledger.query.dictionary import Meaning, described
from borderledger.query.evidence import Graded
from borderledger.query.relations import relations_of
from borderledger.query.rows import rows_of
from borderledger.query.views import View, quoted, views

__all__ = ["TYPES", "meanings", "stored", "view_named", "view_rows"]

#: The type that SQLite gives to a column of each kind.
TYPES = {
    "text": "TEXT",
    "integer": "INTEGER",
    "number": "REAL",
    "day": "TEXT",
    "category": "TEXT",
    "list": "TEXT",
    "flag": "INTEGER",
}


def stored(column: Column) -> list[Any]:
    """The values of a column as SQLite holds them."""
    if column.kind == "day":
        return [None if value is None else date.fromordinal(value).isoformat() for value in column.values]
    if column.kind == "list":
        if column.delimiter:
            return [column.delimiter.join(items) or None for items in column.values]
        return [json.dumps(items, ensure_ascii=False) for items in column.values]
    return list(column.values)


def view_named(dataset: Graded, name: str) -> View:
    """The view of this name. Raises UnknownTable, which also offers the tables."""
    made = {view.name: view for view in views(dataset)}
    if name in made:
        return made[name]
    try:
        dataset.schema(name)
    except UnknownTable:
        raise UnknownTable(f"There is no table {name!r}. {nearest(str(name), [*dataset.names, *made])}") from None
    raise AssertionError(f"{name} is a table")


def view_rows(dataset: Graded, view: View) -> list[Column]:
    """The rows of a view as typed columns. Raises CorruptPackage when a table cannot be read."""
    if view.name not in dataset.views_already:
        dataset.views_already[view.name] = _queried(dataset, view)
    return dataset.views_already[view.name]


def _queried(dataset: Graded, view: View) -> list[Column]:
    import sqlite3  # which costs a few milliseconds that a table need not pay

    database = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for relation in (found for name in (view.table, *view.beside) for found in relations_of(dataset, name)):
            names = ", ".join(f"{quoted(column.name)} {TYPES[column.kind]}" for column in relation.columns)
            values = [stored(column) for column in relation.columns]
            database.execute(f"CREATE TABLE {quoted(relation.name)} ({names})")
            slots = ", ".join("?" * len(values))
            database.executemany(f"INSERT INTO {quoted(relation.name)} VALUES ({slots})", zip(*values, strict=True))
        found = database.execute(view.select)
        names_found = [entry[0] for entry in found.description]
        rows = found.fetchall()
    except (sqlite3.Error, OverflowError) as error:
        raise CorruptPackage(f"The view {view.name} cannot be made: {error}.") from error
    finally:
        database.close()
    by_name = list(zip(*rows, strict=True)) or [()] * len(names_found)
    of_view = {meaning.column: meaning for meaning in view.computed}
    of_table = {column.name: column for column in rows_of(dataset, view.table)[0]}
    return [
        _typed(name, values, of_view.get(name), of_table.get(name))
        for name, values in zip(names_found, by_name, strict=True)
    ]


def _typed(name: str, values: tuple[Any, ...], computed: Meaning | None, column: Column | None) -> Column:
    if computed:
        kind, categories, ordered = computed.kind, tuple(computed.values), computed.column == "evidence"
    else:
        assert column is not None  # a view has the columns of its table, and those that it says it computes
        kind, categories, ordered = column.kind, column.categories, column.ordered
    read: Sequence[Any] = values
    if kind == "day":
        read = [None if value is None else date.fromisoformat(value).toordinal() for value in values]
    elif kind == "list":
        assert column is not None  # no view computes a list
        read = [tuple(value.split(column.delimiter)) if value else () for value in values]
    elif kind == "flag":
        read = [bool(value) for value in values]
    return Column(name, kind, read, categories, ordered)


def meanings(dataset: Graded, view: View) -> list[Meaning]:
    """What each column of a view means."""
    of_table = {meaning.column: meaning for meaning in described(dataset.schema(view.table))}
    of_view = {meaning.column: meaning for meaning in view.computed}
    return [(of_view | of_table | of_view)[column.name] for column in view_rows(dataset, view)]
