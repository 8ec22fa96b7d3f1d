"""Carry changes out on the rows of another copy of the old version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from borderledger.changes.model import Changes, Key, Row, keyed
from borderledger.errors import BadArgument

__all__ = ["apply"]


def apply(tables: Mapping[str, Iterable[Row]], changes: Changes) -> dict[str, list[dict[str, str]]]:
    """The tables after the changes: rows sorted by key, columns in the order of the new version.

    `tables` holds the rows of each table of the old version, as strings; it is not modified. For all a and b, the
    changes from a to b, applied to a, give b.

    Raises BadArgument when a row or a cell is not what the change says it was: a change must not hit a row that was
    edited since. Raises BadArgument, too, when a removed table or column still holds something that no change mentions.
    Raises CorruptPackage when two rows have the same key.

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
        raise BadArgument(f"The changes belong to other tables. Only one side has: {wrong}.")
    result: dict[str, dict[Key, dict[str, str]]] = {
        name: {key: dict(row) for key, row in keyed(table, tables[name], "the rows given", table.key).items()}
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
    by_key = {name: keyed(table, made[name], "the result", table.key) for name, table in now.items()}
    return {name: [dict(row) for _, row in sorted(rows.items())] for name, rows in by_key.items()}


def _moved_on(table: str, key: Key, what: str) -> BadArgument:
    return BadArgument(f"{table} {' / '.join(key)} {what}. The changes were made from another version of it.")
