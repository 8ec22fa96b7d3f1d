"""What an audit reads again: the entries of the dataset, and the strata that they are drawn from.

An entry is what one source states about one evidence-bound field of one record. It is nearly always one claim; a few
sources state two values. Rows taken in bulk have control totals and no claims, so no audit draws them: they are checked
when the publisher's file is ingested again. Remarks, which are about fields that are not bound (titles, summaries), are
out, too: two readers never write the same summary.
"""

from __future__ import annotations

from dataclasses import dataclass

from borderledger.package.model import Field, Table
from borderledger.package.tables import Tables

__all__ = ["STRATA", "Entry", "entries", "stratum"]

#: What an audit is drawn from, each with what it holds.
STRATA = {
    "figures": "numbers, with their qualifiers and upper ends",
    "dates": "days, months, years and periods",
    "rest": "places, bodies, kinds, statuses and other words",
}


@dataclass(frozen=True)
class Entry:
    """What one source states about one field of one record.

    values   each value with its qualifier, in the order of the table
    """

    table: Table
    record: str
    field: Field
    source: str
    values: tuple[tuple[str, str], ...]

    @property
    def key(self) -> tuple[str, str, str]:
        """What a check names it by: record, field and source."""
        return self.record, self.field.name, self.source


def stratum(table: Table, field: Field) -> str:
    """The stratum of a field, by its type in the schema."""
    figure = field.name.removesuffix("_qualifier").removesuffix("_max")
    if "integer" in (field.type, kind := table.by_name.get(figure, field).type) or "number" in (field.type, kind):
        return "figures"
    return "dates" if field.edtf or field.type == "date" else "rest"


def entries(dataset: Tables) -> list[Entry]:
    """All entries of a version of the dataset, sorted by record, field and source."""
    tables = {
        row[0]: schema
        for schema in map(dataset.schema, dataset.names)
        if schema.bound
        for row in dataset.cells(schema.name)
    }
    found: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    for claim in dataset.rows("claims"):
        if (table := tables.get(claim["record_id"])) and claim["field"] in table.bound:
            key = claim["record_id"], claim["field"], claim["source_id"]
            found.setdefault(key, []).append((claim["value"], claim["qualifier"]))
    return [
        Entry(tables[record], record, tables[record].by_name[field], source, tuple(values))
        for (record, field, source), values in sorted(found.items())
    ]
