"""The data package on disk, as every tool sees it.

    findings     what can be wrong, with the reason for each rule
    model        tables and fields, as the Table Schemas describe them
    descriptor   reads datapackage.json and the Table Schemas
    merges       finds what git leaves in a file that it could not merge
    reader       reads the CSV file of a table strictly
    writer       writes tables in canonical form, several files all or none
    lock         lets one writer at a time change the package
    tables       one version of the package, read file by file when first needed

`Package.read(root)` never raises on bad content. It returns what is wrong as `problems` and reads everything that it
can still read, so that one broken file does not hide the next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from borderledger.package.descriptor import check_references, check_sums, read_resources, read_schema
from borderledger.package.findings import LONGEST_CELL, RULES, Finding
from borderledger.package.lock import alone
from borderledger.package.merges import unresolved
from borderledger.package.model import EDTF, Field, ForeignKey, Root, Table, title, version_order
from borderledger.package.reader import Sheet, read_sheet
from borderledger.package.writer import JOURNAL, canonical_text, finish_writing, sort_key, write_files

__all__ = [
    "EDTF",
    "JOURNAL",
    "LONGEST_CELL",
    "RULES",
    "Field",
    "Finding",
    "ForeignKey",
    "Package",
    "Root",
    "Sheet",
    "Table",
    "alone",
    "canonical_text",
    "finish_writing",
    "read_resources",
    "read_schema",
    "read_sheet",
    "sort_key",
    "title",
    "unresolved",
    "version_order",
    "write_files",
]


@dataclass(frozen=True)
class Package:
    """The descriptor, its tables in order, the sheets that could be read, and all problems found.

    unreadable   the names of tables whose schemas cannot be used
    """

    root: Path
    descriptor: dict[str, Any]
    tables: dict[str, Table]
    sheets: dict[str, Sheet]
    problems: tuple[Finding, ...] = field(default=())
    unreadable: frozenset[str] = frozenset()

    @classmethod
    def read(cls, root: str | Path, *, reader: Callable[[Root, Table, list[Finding]], Sheet] = read_sheet) -> Package:
        """Read the package whose datapackage.json is in `root`, each table with `reader`.

        Never raises on bad content. A descriptor that cannot be read gives a package without tables and a problem
        with the rule `package.unreadable`.
        """
        root = Path(root)
        problems: list[Finding] = []
        _finish(root, problems)
        descriptor, resources = read_resources(root, problems)
        tables: dict[str, Table] = {}
        sheets: dict[str, Sheet] = {}
        for name, resource in resources.items():
            table = read_schema(root, resource, problems)
            if table is not None:
                tables[name] = table
                sheets[name] = reader(root, table, problems)
        unreadable = frozenset(resources.keys() - tables.keys())
        check_references(tables, unreadable, problems)
        check_sums(root, resources.values(), problems)
        return cls(root, descriptor, tables, sheets, tuple(problems), unreadable)

    @property
    def version(self) -> str:
        """The one version number, of code and data."""
        return str(self.descriptor.get("version", ""))

    @property
    def core(self) -> list[Table]:
        """The tables with evidence-bound fields."""
        return [table for table in self.tables.values() if table.bound]


def _finish(root: Path, problems: list[Finding]) -> None:
    try:
        finish_writing(root)
    except (OSError, ValueError) as error:
        message = f"an edit was interrupted and cannot be completed: {error}"
        fix = f"Keep the files, or restore them (in a git clone with git checkout -- data). Then delete {JOURNAL}."
        problems.append(Finding(JOURNAL, 0, "", "", message, fix, "package.interrupted"))
