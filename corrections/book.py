"""The rows of the tables while corrections are carried out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from borderledger.package import Finding, Package, Table
from corrections.document import Document, Value
from corrections.log import Entry
from corrections.schema import Keys

__all__ = ["BULK_FIX", "Book", "Refused", "Row", "refuse", "stated"]

Row = dict[str, str]

#: What to do if a row of a publisher's file is wrong.
BULK_FIX = "If the file was read wrongly, correct the ingest. If the publisher is wrong, use action dispute."


class Refused(Exception):
    """A correction cannot be applied; `findings` say why."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("; ".join(map(str, findings)))
        self.findings = findings


@dataclass
class Book:
    """The rows of all tables while corrections are applied, and what has been done so far.

    before    the rows as they were read; nothing changes them
    log       what each correction did, in order
    claimed   the claims that were added or found, each with its document and its entry there
    gone      the claims that were removed, with the document that removed them
    changed     the document that changed a cell last, by record and field
    changed_sources, cited_sources
              the sources that corrections changed and those that they cite, with the name of the document
    weighed   documents that change how much a source counts
    """

    package: Package
    before: Mapping[str, Sequence[Row]]
    rows: dict[str, list[Row]]
    log: list[Entry] = field(default_factory=list)
    claimed: list[tuple[Document, Value, Row]] = field(default_factory=list)
    gone: list[tuple[Document, Row]] = field(default_factory=list)
    weighed: list[Document] = field(default_factory=list)
    changed: dict[tuple[str, str], str] = field(default_factory=dict)
    changed_sources: dict[str, str] = field(default_factory=dict)
    cited_sources: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, package: Package) -> Book:
        """The rows of a package as it stands."""
        return cls.on(package, {name: [*sheet.records().values()] for name, sheet in package.sheets.items()})

    @classmethod
    def on(cls, package: Package, before: Mapping[str, Sequence[Row]]) -> Book:
        """A book with a copy of these rows, which costs much less than to take them from the package again."""
        return cls(package, before, {name: [dict(row) for row in rows] for name, rows in before.items()})

    def find(self, identifier: str) -> tuple[Table, Row] | None:
        """The table and the row of a record or a source."""
        for table in (*self.package.core, self.package.tables["sources"]):
            for row in self.rows[table.name]:
                if row["id"] == identifier:
                    return table, row
        return None

    def retired(self, identifier: str) -> Row | None:
        """The row of the log that says when and why a record was retired."""
        log = (row for row in self.rows["corrections"] if row["record_id"] == identifier and row["field"] == "id")
        return next((row for row in log if row["old"]), None)

    def claims(self, record: str, *fields: str) -> list[Row]:
        """The claims on a record, or on some of its fields."""
        return [
            row for row in self.rows["claims"] if row["record_id"] == record and (not fields or row["field"] in fields)
        ]

    def ids(self) -> list[str]:
        """The ids of all records and sources."""
        tables = (*self.package.core, self.package.tables["sources"])
        return [row["id"] for table in tables for row in self.rows[table.name]]

    def in_bulk(self, table: Table, row: Row) -> bool:
        """Whether a control total, and not claims, vouches for a row."""
        totals = self.rows["control_totals"]
        return any(total["table"] == table.name and total["source_id"] == row.get("source_id") for total in totals)

    def links(self, table: Table, record: str) -> Iterator[tuple[Table, Row, str]]:
        """Every cell of a record that names another record."""
        for other in self.package.core:
            keys = [key.field for key in other.foreign_keys if key.table == table.name]
            for row in self.rows[other.name]:
                yield from ((other, row, name) for name in keys if row[name] == record)


def stated(claim: Mapping[str, str]) -> str:
    """A claim as people read it: ejpd-2010 agrees: 2010 (about), page 3."""
    qualifier = "" if claim["qualifier"] == "exact" else f" ({claim['qualifier']})"
    return f"{claim['source_id']} {claim['verdict']}: {claim['value']}{qualifier}, {claim['locator']}"


def refuse(document: Document, path: Keys, value: str, message: str, fix: str, rule: str) -> Refused:
    """The exception for one finding at a key of a document."""
    return Refused([document.finding(path, value, message, fix, rule)])
