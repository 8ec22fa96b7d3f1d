"""What tables and views there are, and what their columns mean."""

from __future__ import annotations

from borderledger.errors import as_text
from borderledger.query.columns import Column
from borderledger.query.database import meanings, view_named, view_rows
from borderledger.query.dictionary import Meaning, described
from borderledger.query.evidence import Graded
from borderledger.query.views import views

__all__ = ["describe", "tables"]

_KINDS = {
    **{"column": "text", "title": "text", "kind": "text", "bound": "flag", "required": "flag"},
    **{"refers_to": "list", "values": "mapping", "description": "text"},
}


def tables(dataset: Graded) -> list[Column]:
    """One row for each table, then one for each view; see `Dataset.tables`."""
    shown = [dataset.schema(name) for name in dataset.names]
    made = views(dataset)
    sizes = [len(dataset.cells(name)) for name in dataset.names]
    sizes += [len(view_rows(dataset, view)[0].values) for view in made]
    return [
        Column("table", "text", [*dataset.names, *(view.name for view in made)]),
        Column("kind", "text", ["table"] * len(shown) + ["view"] * len(made)),
        Column("rows", "integer", sizes),
        Column("title", "text", [schema.title for schema in shown] + [view.title for view in made]),
        Column("description", "text", [schema.description for schema in shown] + [view.shows for view in made]),
        Column("not_covered", "text", [s.not_covered or None for s in shown] + [view.leaves_out for view in made]),
    ]


def describe(dataset: Graded, table: str) -> list[Column]:
    """One row for each column of a table or view; see `Dataset.describe`."""
    if as_text("table", table, "returns") in dataset.names:
        rows = list(described(dataset.schema(table)))
    else:
        rows = meanings(dataset, view_named(dataset, table))
    return [Column(name, kind, [getattr(row, name) for row in rows]) for name, kind in _KINDS.items()]


assert tuple(_KINDS) == Meaning._fields
