"""What changed between two versions of the dataset, and the same changes applied.

Rows are matched by the declared key of their table and compared as the strings of their files, so that no change is
lost and none is made up: not by the order of rows, not by the spelling of a number. What no longer has its key is
removed, what has a new one is added; nothing is guessed to be renamed, because an id is never renamed.

A column that one version lacks counts as empty there, as an empty cell means *not known*. A table that one version
lacks has no rows there. If the key itself changed, nothing says which row became which: all are removed and added.

A changed value is a *correction* when the new version logs it in data/corrections.csv as one: it was wrong. Else it is
a *revision*, such as a figure that its publisher updated; if that is logged, too, the log has the reason.

Not compared: the descriptor beyond its tables and version (licence, title, contributors).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from borderledger.columns import Column, to_pandas
from borderledger.dataset import Dataset, embedded
from borderledger.dataset import open as open_dataset
from borderledger.errors import BadArgument, CorruptPackage, UnknownTable, nearest
from borderledger.package import Field, Table, version_order

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "AddedRow",
    "Breaks",
    "ChangedField",
    "Changes",
    "Correction",
    "GradeChange",
    "RemovedRow",
    "SchemaChange",
    "apply",
    "diff",
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
    """A row of data/corrections.csv, without the record and the field that it is about.

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
    """A row that is new.

    sources   ids of the sources whose claims agree with it; of a row without claims, its source_id
    """

    table: str
    key: Key
    cells: Row
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class RemovedRow:
    """A row that is gone.

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


@dataclass(frozen=True)
class GradeChange:
    """A record that is in both versions and whose evidence grade changed; an empty grade is none."""

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
    """What `diff` found. False when nothing changed but, perhaps, the version number.

    Everything comes in the order of the descriptor (tables that are gone last), then of the key, then of the columns.
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
        """The changed fields that were not wrong: logged as revised, or not logged."""
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
        return {table.name: place for place, table in enumerate(_both(self.old_tables, self.new_tables))}


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


def _both(old: Iterable[_Named], new: Iterable[_Named]) -> list[_Named]:
    """The tables or fields of both versions in their order: the new ones, then those that are gone."""
    came = list(new)
    names = {one.name for one in came}
    return came + [one for one in old if one.name not in names]


# --- diff ------------------------------------------------------------------------------------------------------------


def diff(old: Dataset | str | Path, new: Dataset | str | Path | None = None) -> Changes:
    """What changed from one version of the dataset to another; without `new`, to the one that the package carries.

    Each is a Dataset, or a path that `borderledger.open` takes. Takes time in proportion to the rows.

    Raises CorruptPackage when a version cannot be read, or when two rows of a table have one key; BadArgument for an
    address.

    >>> import borderledger as bl
    >>> bool(bl.diff(bl.open("nowhere")))
    Traceback (most recent call last):
    borderledger.errors.CorruptPackage: nowhere does not exist.
    """
    before = old if isinstance(old, Dataset) else open_dataset(old)
    after = new if isinstance(new, Dataset) else embedded() if new is None else open_dataset(new)
    old_tables = tuple(map(before.schema, before.names))
    new_tables = tuple(map(after.schema, after.names))
    was, now = ({table.name: table for table in tables} for tables in (old_tables, new_tables))
    then, since = _Evidence(before), _Evidence(after)
    log = _logged(before, after)
    added: list[AddedRow] = []
    removed: list[RemovedRow] = []
    changed: list[ChangedField] = []
    schema: list[SchemaChange] = []
    grades: list[GradeChange] = []
    for name in (table.name for table in _both(old_tables, new_tables)):
        mine, theirs = was.get(name), now.get(name)
        gone = _of(before, mine, "old") if mine else {}
        come = _of(after, theirs, "new") if theirs else {}
        schema += _table_changes(mine, theirs)
        rekeyed = mine is not None and theirs is not None and mine.key != theirs.key
        common = frozenset[Key]() if rekeyed else gone.keys() & come.keys()
        if mine:
            for key in sorted(gone.keys() - common):
                retired = log.get((key[0], "id")) if mine.key == ("id",) else None
                row = _row(mine, gone[key])
                removed.append(RemovedRow(name, key, row, then.sources(mine, row), retired))
        if theirs:
            for key in sorted(come.keys() - common):
                row = _row(theirs, come[key])
                added.append(AddedRow(name, key, row, since.sources(theirs, row)))
        if mine and theirs:
            columns = [f.name for f in _both(mine.fields, theirs.fields)]
            # Rows whose cells are the same have nothing more to be asked, if the columns are.
            alike = mine.names == theirs.names
            for key in sorted(key for key in common if not alike or gone[key] != come[key]):
                row = _row(theirs, come[key])
                for column, left, right in _differing(columns, _row(mine, gone[key]), row):
                    entry = log.get((key[0], column)) if theirs.key == ("id",) else None
                    logged = entry if entry and entry.new == right else None
                    backing = since.sources(theirs, row, column)
                    changed.append(ChangedField(name, key, column, left, right, backing, logged))
            if mine.bound and theirs.bound:
                grades += _grade_changes(name, then.grades(mine), since.grades(theirs))
    return Changes(
        before.data_version,
        after.data_version,
        tuple(added),
        tuple(removed),
        tuple(changed),
        tuple(schema),
        tuple(grades),
        old_tables,
        new_tables,
    )


def _of(version: Dataset, table: Table, which: str) -> dict[Key, list[str]]:
    places = [table.names.index(name) for name in table.key]
    return _keyed(table, version.cells(table.name), f"the {which} version, {version.data_version}", places)


def _row(table: Table, cells: Sequence[str]) -> Row:
    return dict(zip(table.names, cells, strict=True))


def _keyed(table: Table, rows: Iterable[_AnyRow], where: str, at: Sequence[Any]) -> dict[Key, _AnyRow]:
    """The rows of a table by their key; `at` has the places of its parts in a row, or their names.

    Raises CorruptPackage when two have one key: neither may hide the other.
    """
    found: dict[Key, _AnyRow] = {}
    for row in rows:
        key = tuple([row[place] for place in at])
        if key in found:
            shown = ", ".join(f"{name} {part!r}" for name, part in zip(table.key, key, strict=True))
            raise CorruptPackage(
                f"{table.name} of {where} has two rows with the key {shown}. "
                "Delete or rename one of them; in a checkout, python -m validate names the lines."
            )
        found[key] = row
    return found


def _differing(columns: Iterable[str], old: Row, new: Row) -> Iterator[tuple[str, str, str]]:
    for column in columns:
        left, right = old.get(column, ""), new.get(column, "")
        if left != right:
            yield column, left, right


def _grade_changes(table: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[GradeChange]:
    for record in sorted(old.keys() & new.keys()):
        if old[record] != new[record]:
            yield GradeChange(table, record, old[record], new[record])


def _logged(before: Dataset, after: Dataset) -> dict[tuple[str, str], Correction]:
    """For each record and field the last correction that was logged since the old version.

    What the old version logged already explains an earlier change, not this one.
    """
    if "corrections" not in after.names:
        return {}

    def identity(row: Row) -> Key:
        return row["version"], row["record_id"], row["field"]

    earlier = {identity(row) for row in before.rows("corrections")} if "corrections" in before.names else set()
    recent = [row for row in after.rows("corrections") if identity(row) not in earlier]
    return {
        (row["record_id"], row["field"]): Correction(
            **{f.name: row[f.name] for f in fields(Correction) if f.name in row}
        )
        for row in sorted(recent, key=lambda row: version_order(row["version"]))
    }


class _Evidence:
    """Sources and grades of one version, read when first needed."""

    def __init__(self, version: Dataset) -> None:
        self._version = version
        self._complete = {"claims", "sources", "control_totals"} <= {*version.names}

    def sources(self, table: Table, row: Row, column: str = "") -> tuple[str, ...]:
        """The sources that back a row, or one of its cells."""
        record = row[table.key[0]]
        if not table.bound or record not in self._agreeing:
            return (row["source_id"],) if row.get("source_id") else ()
        backing = self._agreeing[record]
        if not column:
            return tuple(sorted({source for _, source in backing}))
        figure = column.removesuffix("_qualifier")  # a claim states the figure with its qualifier
        stated = figure if figure in table.by_name else column
        return tuple(sorted({source for field, source in backing if field == stated}))

    @cached_property
    def _agreeing(self) -> dict[str, list[tuple[str, str]]]:
        """For each record that has claims the fields and sources of those that agree, as validation has proved."""
        found: dict[str, list[tuple[str, str]]] = {}
        for claim in self._version.rows("claims") if self._complete else ():
            of_record = found.setdefault(claim["record_id"], [])
            if claim["verdict"] == "agrees":
                of_record.append((claim["field"], claim["source_id"]))
        return found

    def grades(self, table: Table) -> dict[str, str]:
        """The grade of each record of a table; of none in a package without the tables that evidence is made of."""
        if not self._complete:
            return {}
        return {record: grade for record, (grade, _) in self._version.graded(table)}


# --- schemas ---------------------------------------------------------------------------------------------------------


def _table_changes(old: Table | None, new: Table | None) -> Iterator[SchemaChange]:
    if old is None or new is None:
        if new is not None:
            yield SchemaChange(new.name, "", "added", "", new.title)
        elif old is not None:
            yield SchemaChange(old.name, "", "removed", old.title, "", ("readers",))
        return
    yield from _property_changes(new.name, "", _TABLE_BREAKS, old, new)
    yield from _order_change(new.name, "", old.names, new.names, ())
    for each in _both(old.fields, new.fields):
        mine, theirs = old.by_name.get(each.name), new.by_name.get(each.name)
        if mine is not None and theirs is not None:
            yield from _property_changes(new.name, each.name, _FIELD_BREAKS, mine, theirs)
            yield from _category_changes(new.name, mine, theirs)
            yield from _reference_changes(each.name, old, new)
        elif theirs is not None:
            yield SchemaChange(new.name, each.name, "added", "", theirs.type, ("rows",) if theirs.required else ())
        else:
            yield SchemaChange(new.name, each.name, "removed", each.type, "", ("readers",))


def _property_changes(
    table: str, column: str, breaks: Mapping[str, _Effect], old: Table | Field, new: Table | Field
) -> Iterator[SchemaChange]:
    for name, effect in breaks.items():
        left, right = getattr(old, name), getattr(new, name)
        if left != right:
            yield SchemaChange(table, column, name, _text(left), _text(right), effect(left, right))


def _order_change(
    table: str, column: str, old: Iterable[str], new: Iterable[str], breaks: tuple[Breaks, ...]
) -> Iterator[SchemaChange]:
    left, right = list(old), list(new)
    shared = {*left} & {*right}
    if [name for name in left if name in shared] != [name for name in right if name in shared]:
        yield SchemaChange(table, column, "order", _text(left), _text(right), breaks)


def _category_changes(table: str, old: Field, new: Field) -> Iterator[SchemaChange]:
    # To begin or to cease to list the values is more than to add one: before or after, any word was allowed.
    free = not old.categories or not new.categories
    for value in {**new.categories, **old.categories}:
        if value not in old.categories:
            yield SchemaChange(table, new.name, "categories", "", value, ("rows",) if free else ("promises",))
        elif value not in new.categories:
            yield SchemaChange(table, new.name, "categories", value, "", ("promises",) if free else ("rows",))
        elif old.categories[value] != new.categories[value]:
            left, right = (f"{value}: {field.categories[value]}" for field in (old, new))
            yield SchemaChange(table, new.name, "label", left, right)
    ordered: tuple[Breaks, ...] = ("readers",) if new.ordered or old.ordered else ()
    yield from _order_change(table, new.name, old.categories, new.categories, ordered)


def _reference_changes(column: str, old: Table, new: Table) -> Iterator[SchemaChange]:
    left, right = (
        {f"{key.table}.{key.target}" for key in table.foreign_keys if key.field == column} for table in (old, new)
    )
    for target in sorted(left - right):
        yield SchemaChange(new.name, column, "foreign_keys", target, "", ("promises",))
    for target in sorted(right - left):
        yield SchemaChange(new.name, column, "foreign_keys", "", target, ("rows",))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)


_Effect = Callable[[Any, Any], tuple[Breaks, ...]]


def _nothing(old: Any, new: Any) -> tuple[Breaks, ...]:
    return ()


def _readers(old: Any, new: Any) -> tuple[Breaks, ...]:
    return ("readers",)


def _demand(old: Any, new: Any) -> tuple[Breaks, ...]:
    """Of a demand that stands or not, and that may stand in other words."""
    if old and new:
        return ("rows", "promises")
    return ("rows",) if new else ("promises",)


def _lowest(old: float | None, new: float | None) -> tuple[Breaks, ...]:
    return ("rows",) if old is None or (new is not None and new > old) else ("promises",)


def _targets(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[Breaks, ...]:
    """Of the tables in which items must be found; of none they need not be found anywhere."""
    if {*old} == {*new}:
        return ()
    if old and new and ({*old} < {*new} or {*new} < {*old}):
        return ("promises",) if {*old} < {*new} else ("rows",)
    return _demand(old, new)


#: Properties of a table and of a field, and what a change of each breaks. Those not here are compared one by one.
_TABLE_BREAKS: dict[str, _Effect] = {
    "path": _readers,
    "schema_path": _nothing,
    "title": _nothing,
    "description": _nothing,
    "not_covered": _nothing,
    "key": _readers,
    "batch": _readers,
}
_FIELD_BREAKS: dict[str, _Effect] = {
    "title": _nothing,
    "description": _nothing,
    "type": _readers,
    "required": _demand,
    "unique": _demand,
    "pattern": _demand,
    "minimum": _lowest,
    "ordered": _readers,
    "edtf": _readers,
    "bound": _demand,
    "delimiter": _readers,
    "refers_to": _targets,
}


# --- apply -----------------------------------------------------------------------------------------------------------


def apply(tables: Mapping[str, Iterable[Row]], changes: Changes) -> dict[str, list[dict[str, str]]]:
    """The tables after the changes: rows by key, columns as the new version has them. What is given is not changed.

    `tables` are the rows of each table of the old version, as strings. For all a and b, the changes from a to b
    applied to a give b.

    Raises BadArgument when a row or a cell is not what a change says that it was, or when something that no change
    mentions would be lost with its table or column: a change must not hit a row that has moved on. Raises
    CorruptPackage when two rows have one key.

    >>> from borderledger.changes import apply, diff
    >>> from borderledger.dataset import embedded
    >>> version = embedded()
    >>> tables = {name: list(version.rows(name)) for name in version.names}
    >>> apply(tables, diff(version, version)) == tables
    True
    """
    was = {table.name: table for table in changes.old_tables}
    now = {table.name: table for table in changes.new_tables}
    if tables.keys() != was.keys():
        wrong = ", ".join(sorted(tables.keys() ^ was.keys()))
        raise BadArgument(f"The changes are those of other tables; only on one side: {wrong}.")
    result: dict[str, dict[Key, dict[str, str]]] = {
        name: {key: dict(row) for key, row in _keyed(table, tables[name], "the rows given", table.key).items()}
        for name, table in was.items()
    } | {name: {} for name in now.keys() - was.keys()}
    for gone in changes.removed:
        held = result[gone.table].pop(gone.key, None)
        if held != gone.cells:
            raise _moved_on(gone.table, gone.key, "is not there" if held is None else "is not the row to be removed")
    for cell in changes.changed:
        row = result[cell.table].get(cell.key)
        if row is None:
            raise _moved_on(cell.table, cell.key, "is not there")
        if row.get(cell.field, "") != cell.old:
            said = f"holds {row.get(cell.field, '')!r} as {cell.field}, where the change expects {cell.old!r}"
            raise _moved_on(cell.table, cell.key, said)
        row[cell.field] = cell.new
    for come in changes.added:
        if come.key in result[come.table]:
            raise _moved_on(come.table, come.key, "is there already")
        result[come.table][come.key] = dict(come.cells)
    for name, rows in result.items():
        kept = now[name].by_name if name in now else {}
        for key, row in rows.items():
            if lost := [column for column, value in row.items() if value and column not in kept]:
                raise _moved_on(name, key, f"would lose its {', '.join(lost)}, which no change mentions")
    made = {
        name: [{column: row.get(column, "") for column in table.names} for row in result[name].values()]
        for name, table in now.items()
    }
    # Keyed again, as the key itself may be among what changed.
    keyed = {name: _keyed(table, made[name], "the result", table.key) for name, table in now.items()}
    return {name: [dict(row) for _, row in sorted(rows.items())] for name, rows in keyed.items()}


def _moved_on(table: str, key: Key, what: str) -> BadArgument:
    return BadArgument(f"{table} {' / '.join(key)} {what}. The changes were made from another version of it.")
