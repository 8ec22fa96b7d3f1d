"""Compare two versions of the dataset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from functools import cached_property
from pathlib import Path

from borderledger.changes.model import (
    AddedRow,
    ChangedField,
    Changes,
    Correction,
    GradeChange,
    Key,
    RemovedRow,
    Row,
    SchemaChange,
    in_order,
    keyed,
)
from borderledger.changes.schema import schema_changes
from borderledger.dataset import Dataset, embedded
from borderledger.dataset import open as open_dataset
from borderledger.package.model import Table, version_order
from borderledger.package.tables import share
from borderledger.query.evidence import grades_of, judged_otherwise, published_files

__all__ = ["diff"]

#: The cells of each row of a table, by the key of the row.
_ByKey = dict[Key, tuple[str, ...]]


def diff(old: Dataset | str | Path, new: Dataset | str | Path | None = None) -> Changes:
    """What changed from one version of the dataset to another.

    old, new   each a Dataset, or a path that `borderledger.open` takes; `new` defaults to the installed version

    The time grows in proportion to the number of rows.

    A table whose file is the same in both is read only if the comparison of another table needs it.

    Raises CorruptPackage when a file that is read is malformed, or when two rows of a table that differs have the same
    key; BadArgument when given a web address.

    >>> import borderledger as bl
    >>> bool(bl.diff(bl.open("nowhere")))
    Traceback (most recent call last):
    borderledger.errors.CorruptPackage: nowhere does not exist.
    """
    before = old if isinstance(old, Dataset) else open_dataset(old)
    after = new if isinstance(new, Dataset) else embedded() if new is None else open_dataset(new)
    alike = share(before, after)
    old_tables = tuple(map(before.schema, before.names))
    new_tables = tuple(map(after.schema, after.names))
    was, now = ({table.name: table for table in tables} for tables in (old_tables, new_tables))
    then, since = _Evidence(before), _Evidence(after)
    # Without the tables that grades are derived from, there are none.
    other = judged_otherwise(before, after) if then.complete and since.complete else None
    log = _logged(before, after)
    added: list[AddedRow] = []
    removed: list[RemovedRow] = []
    changed: list[ChangedField] = []
    schema: list[SchemaChange] = []
    grades: list[GradeChange] = []
    for name in (table.name for table in in_order(old_tables, new_tables)):
        mine, theirs = was.get(name), now.get(name)
        same = name in alike or _is_same(before, after, mine, theirs)
        gone = _of(before, mine, "old") if mine and not same else {}
        come = _of(after, theirs, "new") if theirs and not same else {}
        schema += schema_changes(mine, theirs)
        gone_keys, new_keys, shared_keys = _compared(mine, theirs, gone, come)
        if mine:
            for key in gone_keys:
                retired = log.get((key[0], "id")) if mine.key == ("id",) else None
                row = _row(mine, gone[key])
                removed.append(RemovedRow(name, key, row, then.sources(mine, row), retired))
        if theirs:
            for key in new_keys:
                row = _row(theirs, come[key])
                added.append(AddedRow(name, key, row, since.sources(theirs, row)))
        if mine and theirs:
            columns = [f.name for f in in_order(mine.fields, theirs.fields)]
            for key in shared_keys:
                row = _row(theirs, come[key])
                for column, left, right in _differing(columns, _row(mine, gone[key]), row):
                    entry = log.get((key[0], column)) if theirs.key == ("id",) else None
                    logged = entry if entry and entry.new == right else None
                    backing = since.sources(theirs, row, column)
                    changed.append(ChangedField(name, key, column, left, right, backing, logged))
            if mine.bound and theirs.bound and other is not None:
                rows = {key[0] for key in (*new_keys, *shared_keys)}
                grades += _grade_changes(before, after, mine, theirs, other | rows)
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


def _is_same(before: Dataset, after: Dataset, mine: Table | None, theirs: Table | None) -> bool:
    """Whether a table has the same rows in both versions, as most have."""
    if mine is None or theirs is None or (mine.names, mine.key) != (theirs.names, theirs.key):
        return False
    return before.cells(mine.name) == after.cells(theirs.name)


def _of(version: Dataset, table: Table, which: str) -> _ByKey:
    places = [table.names.index(name) for name in table.key]
    return keyed(table, version.cells(table.name), f"the {which} version, {version.data_version}", places)


def _compared(
    mine: Table | None, theirs: Table | None, old: _ByKey, new: _ByKey
) -> tuple[list[Key], list[Key], list[Key]]:
    """The keys of rows that were removed, of rows that were added, and of rows that can have changed; each sorted."""
    if mine and theirs and mine.key != theirs.key:
        return sorted(old), sorted(new), []
    # Most rows stay as they are. They are compared whole, and nothing is built for them.
    alike = mine is not None and theirs is not None and mine.names == theirs.names
    other = sorted(key for key, row in new.items() if not alike or old.get(key) != row)
    return (
        sorted(old.keys() - new.keys()),
        [key for key in other if key not in old],
        [key for key in other if key in old],
    )


def _row(table: Table, cells: Sequence[str]) -> Row:
    return dict(zip(table.names, cells, strict=True))


def _differing(columns: Iterable[str], old: Row, new: Row) -> Iterator[tuple[str, str, str]]:
    for column in columns:
        left, right = old.get(column, ""), new.get(column, "")
        if left != right:
            yield column, left, right


def _grade_changes(
    before: Dataset, after: Dataset, mine: Table, theirs: Table, records: set[str]
) -> Iterator[GradeChange]:
    """The new grades of records that are in both versions; `records` are those with other cells or other claims."""
    if files := published_files(before, mine) ^ published_files(after, theirs):
        source = theirs.names.index("source_id")
        records = records | {row[0] for row in after.cells(theirs.name) if row[source] in files}
    old, new = grades_of(before, mine, records), grades_of(after, theirs, records)
    for record in sorted(old.keys() & new.keys()):
        if old[record] != new[record]:
            yield GradeChange(theirs.name, record, old[record], new[record])


def _logged(before: Dataset, after: Dataset) -> dict[tuple[str, str], Correction]:
    """For each record and field, the last correction that was logged since the old version.

    What the old version had logged explains an earlier change, not this one.
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
    """The sources of one version, read when first needed.

    complete    whether it has the tables that grades are derived from
    """

    def __init__(self, version: Dataset) -> None:
        self._version = version
        self._claimed = {"claims", "sources", "control_totals"} <= {*version.names}
        self.complete = self._claimed and {"organisations", "places"} <= {*version.names}

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
        """By record: field and source of each claim that agrees. Validation has checked the verdicts."""
        found: dict[str, list[tuple[str, str]]] = {}
        for claim in self._version.rows("claims") if self._claimed else ():
            of_record = found.setdefault(claim["record_id"], [])
            if claim["verdict"] == "agrees":
                of_record.append((claim["field"], claim["source_id"]))
        return found
