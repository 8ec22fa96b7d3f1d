"""A table and its fields, as the Table Schemas describe them.

Everything else reads types, keys, references and evidence marks from here; nothing lists them again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from borderledger.package.zipped import Zipped

__all__ = ["EDTF", "Field", "ForeignKey", "Root", "Table", "title", "version_order"]

#: Where a package stands: a folder, or one inside a zip file.
Root = Path | Zipped

#: Value of a field's `rdfType` that marks an EDTF date.
EDTF = "http://id.loc.gov/datatypes/edtf/EDTF-level1"


@dataclass(frozen=True)
class ForeignKey:
    """A reference of one field to a field of a table (Table Schema `foreignKeys`)."""

    field: str
    table: str
    target: str


@dataclass(frozen=True)
class Field:
    """A column, as its Table Schema describes it; see docs/data-dictionary.md for the meaning of each.

    final   the categories that nothing follows: a status that will not change
    """

    name: str
    title: str
    description: str
    type: str
    required: bool
    unique: bool
    pattern: str
    minimum: float | None
    categories: dict[str, str]
    ordered: bool
    edtf: bool
    bound: bool
    delimiter: str
    refers_to: tuple[str, ...]
    final: frozenset[str] = frozenset()

    def items(self, cell: str) -> list[str]:
        """The items of a list cell, or the cell itself as the only item; none of an empty cell."""
        if not cell:
            return []
        return cell.split(self.delimiter) if self.delimiter else [cell]


@dataclass(frozen=True)
class Table:
    """A table, as its resource and its Table Schema describe it.

    batch     what makes a batch for a control total: the fields of its `place` and its `date`, and the figure that its
              `total` adds up
    figures   the fields that a control total adds up: that figure, and those with a column of their own
    bodies    the fields that name the bodies whose act or figure a record is; see `borderledger.query.primary`
    always    the bodies whose act or figure every record of the table is
    """

    name: str
    path: str
    schema_path: str
    title: str
    description: str
    not_covered: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    batch: dict[str, str]
    figures: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    always: tuple[str, ...] = ()

    @cached_property
    def names(self) -> list[str]:
        """Names of the fields, in the order of the columns."""
        return [f.name for f in self.fields]

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The fields by their names."""
        return {f.name: f for f in self.fields}

    @cached_property
    def bound(self) -> list[str]:
        """Names of the evidence-bound fields; a table that has some is a core table."""
        return [f.name for f in self.fields if f.bound]

    @cached_property
    def prose(self) -> list[str]:
        """Names of the fields that hold text of no set form: titles, names, summaries, notes, and what is quoted."""
        linked = {*self.key, *(key.field for key in self.foreign_keys)}
        return [
            f.name
            for f in self.fields
            if f.type == "string" and f.name not in linked
            if not (f.pattern or f.categories or f.refers_to or f.delimiter)
        ]

    @cached_property
    def label(self) -> str:
        """Name of the field that says in words what a row is about; empty if there is none."""
        return next((name for name in self.prose if self.by_name[name].required), "") if len(self.key) == 1 else ""


def title(record: Mapping[str, str]) -> str:
    """What a record is called; counts of returns have no title."""
    return record.get("title") or record.get("name") or ""


def version_order(version: str) -> tuple[int, ...]:
    """What a version is sorted by: its numbers, since as text 0.10.0 would come before 0.9.0.

    >>> version_order("0.10.0") > version_order("0.9.0")
    True
    """
    return tuple(int(part) for part in version.split(".") if part.isascii() and part.isdigit() and len(part) < 10)
