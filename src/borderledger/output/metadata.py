"""What travels with the data in every format: version, licence and citation, and what each column means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from borderledger.output.citation import dataset_citation
from borderledger.package.tables import Tables
from borderledger.query.dictionary import described

__all__ = ["Entry", "about", "dictionary"]


class Entry(NamedTuple):
    """A column in the data dictionary; see `Dataset.describe`. Each value has a line of its own, with its meaning."""

    table: str
    column: str
    title: str
    kind: str
    bound: bool
    required: bool
    refers_to: str
    values: str
    description: str


def about(dataset: Tables, table: str | None = None) -> dict[str, str]:
    """What identifies the dataset, or one of its tables, wherever it is copied to."""
    descriptor = dataset.descriptor
    licence = (descriptor.get("licenses") or [{}])[0]
    whole = {
        "title": str(descriptor.get("title", "")),
        "description": str(descriptor.get("description", "")),
        "version": dataset.data_version,
        "created": str(descriptor.get("created", "")),
        "licence": str(licence.get("name", "")),
        "licence_url": str(licence.get("path", "")),
        "citation": dataset_citation(descriptor, table),
    }
    if table is None:
        return whole
    schema = dataset.schema(table)
    return whole | {
        "table": table,
        "title": schema.title,
        "description": schema.description,
        "not_covered": schema.not_covered,
    }


def dictionary(dataset: Tables, *tables: str) -> Iterator[Entry]:
    """Every column, as loaded, of the tables named; of every table when none is named."""
    for table in tables or dataset.names:
        for said in described(dataset.schema(table)):
            values = "\n".join(f"{value}: {label}" for value, label in said.values.items())
            flags = said.bound, said.required
            refers_to = ", ".join(said.refers_to)
            yield Entry(table, said.column, said.title, said.kind, *flags, refers_to, values, said.description)
