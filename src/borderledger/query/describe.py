"""What tables there are, and what their columns mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from borderledger.package.model import Table
from borderledger.package.tables import Tables
from borderledger.query.columns import Column, field_columns
from borderledger.query.grades import GRADES

__all__ = ["describe", "tables"]


def tables(dataset: Tables) -> list[Column]:
    """One row for each table; see `Dataset.tables`."""
    shown = [dataset.schema(name) for name in dataset.names]
    return [
        Column("table", "text", dataset.names),
        Column("rows", "integer", [len(dataset.cells(name)) for name in dataset.names]),
        Column("title", "text", [schema.title for schema in shown]),
        Column("description", "text", [schema.description for schema in shown]),
        Column("not_covered", "text", [schema.not_covered or None for schema in shown]),
    ]


def describe(dataset: Tables, table: str) -> list[Column]:
    """One row for each column of a table; see `Dataset.describe`."""
    rows = list(_described(dataset.schema(table)))
    kinds = {
        **{"column": "text", "title": "text", "kind": "text", "bound": "flag", "required": "flag"},
        **{"refers_to": "list", "values": "mapping", "description": "text"},
    }
    return [Column(name, kind, [row[n] for row in rows]) for n, (name, kind) in enumerate(kinds.items())]


def _described(schema: Table) -> Iterator[tuple[Any, ...]]:
    for field in schema.fields:
        targets = [key.table for key in schema.foreign_keys if key.field == field.name] or list(field.refers_to)
        itself, *ends = field_columns(field, [])
        marks = (field.bound, field.required, targets, dict(field.categories), field.description)
        yield (field.name, field.title, itself.kind, *marks)
        for end, column in zip(("earliest", "latest"), ends, strict=False):
            what = f"The {end} day that {field.name} can mean; empty where that end is open or not known."
            yield column.name, f"{field.title}, {end} day", column.kind, False, False, [], {}, what
    if schema.bound:
        what = "Grade of the record: that of its worst evidence-bound field."
        yield "evidence", "Evidence grade", "category", False, False, [], dict(GRADES), what
        what = "Number of sources that state something about the record."
        yield "n_sources", "Number of sources", "integer", False, False, [], {}, what
