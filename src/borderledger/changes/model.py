"""What a change is: of a row, a cell, a schema or a grade. And `Changes`, all of them between two versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from borderledger.errors import CorruptPackage, UnknownTable, nearest
from borderledger.output.frames import to_pandas
from borderledger.package.model import Field, Table
from borderledger.query.columns import Column

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "AddedRow",
    "Breaks",
    "ChangedField",
    "Changes",
    "Correction",
    "GradeChange",
    "Key",
    "RemovedRow",
    "Row",
    "SchemaChange",
    "in_order",
    "keyed",
]

Row = Mapping[str, str]
Key = tuple[str, ...]

#: What a change of schema breaks:
#:
#: readers   what reads the data by name and type: something is gone, or means something else
#: rows      rows that were valid: they may now be refused
#: promises  what a reader could rely on: values may come that could not come before
Breaks = Literal["readers", "rows", "promises"]


@dataclass(frozen=True)
class Correction:
    """A row of data/corrections.csv, without its record and field.

    kind   correction or revision
    """

    version: str
    old: str
    new: str
    reason: str
    source_id: str
    issue: str
    kind: str = "correction"


@dataclass(frozen=True)
class AddedRow:
    """A row that the new version added.

    sources   ids of the sources whose claims agree with it; for a row without claims, its source_id
    """

    table: str
    key: Key
    cells: Row
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class RemovedRow:
    """A row that the new version no longer has.

    sources   as of an added row, in the old version
    retired   the row of data/corrections.csv that retires its id, if there is one
    """

    table: str
    key: Key
    cells: Row
    sources: tuple[str, ...] = ()
    retired: Correction | None = None

    @property
    def successor(self) -> str:
        """The id that takes its place; empty when none does, or none is logged."""
        return self.retired.new if self.retired else ""


@dataclass(frozen=True)
class ChangedField:
    """A cell that changed.

    sources   ids of the sources whose claims agree with the new value (of a qualifier: with the figure that it
              qualifies); of a row without claims, its source_id
    logged    the row of data/corrections.csv that logs the change, if there is one
    """

    table: str
    key: Key
    field: str
    old: str
    new: str
    sources: tuple[str, ...] = ()
    logged: Correction | None = None

    @property
    def correction(self) -> Correction | None:
        """The row that logs the change as a correction; None for a revision."""
        return self.logged if self.logged and self.logged.kind == "correction" else None


@dataclass(frozen=True)
class SchemaChange:
    """A change of a table or, with `field`, of a column.

    what     added, removed, order (of columns or categories) or what else changed: type, required, categories, ...
    old, new as text: a word as it is, anything else as JSON; of categories the value that went, the value that came
    breaks   nothing (empty), or see `Breaks`. Columns are read by name, so that order breaks nothing
    """

    table: str
    field: str
    what: str
    old: str
    new: str
    breaks: tuple[Breaks, ...] = ()

    @property
    def drops_a_check(self) -> bool:
        """Whether what the rows had to pass is gone: a reference, a pattern, a list of categories, `required`, ..."""
        return "promises" in self.breaks and self.new in ("", "false", "[]")


@dataclass(frozen=True)
class GradeChange:
    """A record that is in both versions and whose evidence grade changed; an empty grade means that it has none."""

    table: str
    record: str
    old: str
    new: str


_Change = TypeVar("_Change", AddedRow, RemovedRow, ChangedField, SchemaChange, GradeChange)

#: A row by its fields or by their places.
_AnyRow = TypeVar("_AnyRow", bound=Any)
_Named = TypeVar("_Named", Table, Field)


@dataclass(frozen=True, repr=False)
class Changes:
    """What `diff` found. It is false when nothing changed, except perhaps the version number.

    The order is that of the descriptor (tables that are gone come last), then of the keys, then of the columns.
    `old_tables` and `new_tables` describe the tables of both versions.
    """

    old_version: str
    new_version: str
    added: tuple[AddedRow, ...] = ()
    removed: tuple[RemovedRow, ...] = ()
    changed: tuple[ChangedField, ...] = ()
    schema: tuple[SchemaChange, ...] = ()
    grades: tuple[GradeChange, ...] = ()
    old_tables: tuple[Table, ...] = ()
    new_tables: tuple[Table, ...] = ()

    def __bool__(self) -> bool:
        return any((self.added, self.removed, self.changed, self.schema, self.grades))

    def __repr__(self) -> str:
        counted = {
            "rows added": self.added,
            "rows removed": self.removed,
            "fields changed": self.changed,
            "schema changes": self.schema,
            "grade changes": self.grades,
        }
        shown = ", ".join(f"{len(found)} {what}" for what, found in counted.items() if found)
        return f"<Changes {self.old_version} -> {self.new_version}: {shown or 'none'}>"

    @property
    def corrections(self) -> tuple[ChangedField, ...]:
        """The changed fields that the new version logs as corrected."""
        return tuple(change for change in self.changed if change.correction)

    @property
    def revisions(self) -> tuple[ChangedField, ...]:
        """The changed fields that were not wrong: the log calls them revised, or does not list them."""
        return tuple(change for change in self.changed if not change.correction)

    def of(self, table: str | None = None, record: str | None = None) -> Changes:
        """Only the changes of a table, of a record, or of both; those of a record include the claims about it.

        Raises UnknownTable when neither version has the table.
        """
        if table is not None and table not in self._order:
            raise UnknownTable(f"There is no table {table!r}. {nearest(str(table), self._order)}")

        def kept(found: Iterable[_Change], of_record: Callable[[_Change], bool]) -> tuple[_Change, ...]:
            return tuple(c for c in found if table in (None, c.table) and (record is None or of_record(c)))

        return replace(
            self,
            added=kept(self.added, lambda row: row.key[0] == record),
            removed=kept(self.removed, lambda row: row.key[0] == record),
            changed=kept(self.changed, lambda cell: cell.key[0] == record),
            schema=kept(self.schema, lambda _: False),
            grades=kept(self.grades, lambda grade: grade.record == record),
        )

    def frame(self) -> pd.DataFrame:
        """The changes of rows as a DataFrame, one row for each added or removed row and each changed field.

        Columns: table; record, the key (its parts joined by ` / `); kind (added, removed, changed); field, old and
        new, of a changed field; sources, a list of ids; correction, whether the change is a logged correction; reason,
        of a logged change or a retired id; successor, of a retired id.
        """
        return to_pandas(self.columns())

    def columns(self) -> list[Column]:
        """The columns of `frame`, as plain Python values."""
        changes: list[AddedRow | RemovedRow | ChangedField] = [*self.removed, *self.added, *self.changed]
        changes.sort(key=lambda change: (self._order[change.table], change.key))
        rows = [_shown(change) for change in changes]
        return [Column(name, kind, [row.get(name) for row in rows], _KINDS) for name, kind in _FRAME.items()]

    @cached_property
    def _order(self) -> dict[str, int]:
        return {table.name: place for place, table in enumerate(in_order(self.old_tables, self.new_tables))}


_KINDS = ("added", "removed", "changed")

_FRAME = {
    **{"table": "text", "record": "text", "kind": "category", "field": "text", "old": "text", "new": "text"},
    **{"sources": "list", "correction": "flag", "reason": "text", "successor": "text"},
}


def _shown(change: AddedRow | RemovedRow | ChangedField) -> dict[str, Any]:
    record = " / ".join(change.key)
    shown = {"table": change.table, "record": record, "sources": list(change.sources), "correction": False}
    match change:
        case AddedRow():
            return {**shown, "kind": "added"}
        case RemovedRow(retired=retired):
            reason = retired.reason if retired else None
            return {**shown, "kind": "removed", "reason": reason, "successor": change.successor or None}
        case ChangedField(logged=logged):
            cell = {"field": change.field, "old": change.old or None, "new": change.new or None}
            reason = logged.reason if logged else None
            return {**shown, **cell, "kind": "changed", "correction": bool(change.correction), "reason": reason}


def in_order(old: Iterable[_Named], new: Iterable[_Named]) -> list[_Named]:
    """The tables or fields of both versions: first those of the new version in its order, then those that are gone."""
    came = list(new)
    names = {one.name for one in came}
    return came + [one for one in old if one.name not in names]


def keyed(table: Table, rows: Iterable[_AnyRow], where: str, at: Sequence[Any]) -> dict[Key, _AnyRow]:
    """The rows of a table by their key; `at` gives the positions, or the names, of the key's fields in a row.

    Raises CorruptPackage when two rows have the same key, because one would hide the other.
    """
    held = list(rows)
    keys: Iterable[Key] = zip(*(map(itemgetter(place), held) for place in at), strict=True)
    found = dict(zip(keys, held, strict=True))
    if len(found) < len(held):
        [(key, _)] = Counter(tuple([row[place] for place in at]) for row in held).most_common(1)
        shown = ", ".join(f"{name} {part!r}" for name, part in zip(table.key, key, strict=True))
        raise CorruptPackage(
            f"{table.name} of {where} has two rows with the key {shown}. "
            "Delete or rename one of them; in a checkout, python -m validate names the lines."
        )
    return found
