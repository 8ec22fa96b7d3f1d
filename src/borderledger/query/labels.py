"""Names beside codes: what a place, a body, a source or another record is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from borderledger.package.model import Field, Table, title
from borderledger.package.tables import Tables
from borderledger.query.columns import Column
from borderledger.query.views import views

__all__ = ["codes_of", "labelled"]


def labelled(dataset: Tables, table: str, columns: Sequence[Column]) -> list[Column]:
    """The columns of a table or view, each that refers to other tables followed by `<name>_label`.

    A label is what the row that is referred to is called: its short name if it has one, its name, or its title. A list
    has a list of labels, in the order of its items. Where nothing is found, the label is the code itself.
    """
    fields = {field.name: (schema, field) for schema in _schemas(dataset, table) for field in schema.fields}
    result: list[Column] = []
    names: dict[tuple[str, ...], dict[str, str]] = {}
    for column in columns:
        result.append(column)
        if column.name not in fields:
            continue
        targets = tuple(_targets(dataset, *fields[column.name]))
        if not targets:
            continue
        if targets not in names:
            names[targets] = {code: name for target in targets for code, name in _named(dataset, target).items()}
        result.append(_label(column, names[targets]))
    return result


def codes_of(dataset: Tables, table: str, column: str) -> dict[str, str]:
    """The codes that a column of a table or view can hold, each with what it is called; empty if it holds no codes."""
    for schema in _schemas(dataset, table):
        if column in schema.by_name:
            targets = list(_targets(dataset, schema, schema.by_name[column]))
            found = {code: name for target in targets for code, name in _named(dataset, target).items()}
            if schema.key == ("id",) == (column,):
                found |= {row["id"]: title(row) or row["id"] for row in dataset.rows(schema.name)}
            return found
    return {}


def _schemas(dataset: Tables, table: str) -> Iterator[Table]:
    """The table itself; for a view, the table that it is made of."""
    if table in dataset.names:
        yield dataset.schema(table)
        return
    yield from (dataset.schema(view.table) for view in views(dataset) if view.name == table)


def _targets(dataset: Tables, schema: Table, field: Field) -> Iterator[str]:
    """The tables that a field refers to whose rows have a name."""
    keys = [key.table for key in schema.foreign_keys if key.field == field.name and key.target == "id"]
    for target in keys or field.refers_to:
        if target in dataset.names and dataset.schema(target).label:
            yield target


def _named(dataset: Tables, table: str) -> dict[str, str]:
    schema = dataset.schema(table)
    return {row["id"]: row.get("short_name") or row[schema.label] for row in dataset.rows(table)}


def _label(column: Column, names: Mapping[str, str]) -> Column:
    name = f"{column.name}_label"
    if column.kind == "list":
        return Column(name, "list", [tuple(names.get(item, item) for item in items) for items in column.values])
    return Column(name, "text", [None if code is None else names.get(code, code) for code in column.values])
