"""What travels with the data in every format: version, licence and citation, and what each column means."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from borderledger.citation import dataset_citation
from borderledger.errors import CorruptPackage

if TYPE_CHECKING:
    from borderledger.dataset import Dataset

__all__ = ["Entry", "about", "dictionary", "made"]


class Entry(NamedTuple):
    """A column in the data dictionary; see `Dataset.describe`. Values stand one a line, each with what it means."""

    table: str
    column: str
    title: str
    kind: str
    bound: bool
    required: bool
    refers_to: str
    values: str
    description: str


def about(dataset: Dataset, table: str | None = None) -> dict[str, str]:
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


def made(dataset: Dataset) -> datetime:
    """When the package was made (`created`), in UTC: the one time that may stand in a file.

    Raises CorruptPackage when the descriptor does not say.
    """
    try:
        found = datetime.fromisoformat(str(dataset.descriptor.get("created", "")))
    except ValueError as error:
        raise CorruptPackage("datapackage.json does not say when the package was made (created).") from error
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def dictionary(dataset: Dataset) -> Iterator[Entry]:
    """Every column of every table, as loaded."""
    for table in dataset.names:
        for column, row in dataset.describe(table).iterrows():
            values = "\n".join(f"{value}: {label}" for value, label in row["values"].items())
            refers_to = ", ".join(row["refers_to"])
            flags = bool(row["bound"]), bool(row["required"])
            yield Entry(table, column, row["title"], row["kind"], *flags, refers_to, values, row["description"])
