"""Put the rows of a dataset into the package, next to the curated rows, which stay the same to the byte."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from borderledger.package import Package, Table, alone, canonical_text, write_files
from ingest.errors import IngestError, MissingFileError
from validate.totals import control_totals

__all__ = ["replace_rows"]

_TOTALS = "control_totals"


Rows = list[dict[str, str]]


def replace_rows(root: Path, sources: Iterable[str], tables: Mapping[str, Rows]) -> list[str]:
    """Replace the rows of `sources` in some tables, and their control totals; return the paths of the files changed.

    The rows have columns of their table as keys, in any order; the others are left empty. All files are complete on the
    disk before any is replaced. Raises MissingFileError if there is no package at `root`, and IngestError, with nothing
    written, if a file of the package is not in order, a table lacks a column, or a curated row has the id of a new one.
    """
    if not (root / "datapackage.json").is_file():
        raise MissingFileError(
            f"{root / 'datapackage.json'} is missing. Name the folder of the package with --package."
        )
    with alone(root, f"ingest of {', '.join(tables)}"):
        return _replaced(root, set(sources), tables)


def _replaced(root: Path, own: set[str], tables: Mapping[str, Rows]) -> list[str]:
    package = Package.read(root)
    totals = _sound(package, _TOTALS)
    texts, counted = [], []
    for name, found in tables.items():
        table = _sound(package, name)
        odd = sorted(set().union(*found) - set(table.names))
        if odd:
            raise IngestError(f"{table.schema_path}: lacks columns that the ingest fills: {', '.join(odd)}. Adapt it.")
        rows = [dict.fromkeys(table.names, "") | row for row in found]
        texts.append((table.path, _text(table, _curated(package, table, own, rows), rows)))
        counted += [dict.fromkeys(totals.names, "") | row for row in control_totals(table, rows)]
    source, of = totals.names.index("source_id"), totals.names.index("table")
    others = _kept(package, totals, lambda cells: cells[source] not in own or cells[of] not in tables)
    texts.append((totals.path, _text(totals, others, counted)))
    changed = [(path, text) for path, text in texts if (root / path).read_bytes() != text.encode()]
    write_files(root, changed)
    return [path for path, _ in changed]


def _curated(package: Package, table: Table, own: set[str], rows: Rows) -> dict[tuple[str, ...], str]:
    """The lines of other sources; none of them has the id of a new row."""
    column = table.names.index("source_id")
    curated = _kept(package, table, lambda cells: cells[column] not in own)
    taken = sorted(row["id"] for row in rows if (row["id"],) in curated)
    if taken:
        raise IngestError(
            f"{table.path}: {taken[0]} is the id of a curated row{_more(len(taken))}. Rename or remove the curated row,"
            " or give it the source of the ingest if it is the same record."
        )
    return curated


def _sound(package: Package, name: str) -> Table:
    """A table whose descriptor, schema and file could be read without a problem."""
    table = package.tables.get(name)
    files = {"datapackage.json", *((table.path, table.schema_path) if table else ())}
    for problem in package.problems:
        if table is None or problem.file in files:
            place = f"{problem.file}:{problem.line}" if problem.line else problem.file
            raise IngestError(f"{place} {problem.message}. {problem.fix}")
    if table is None:
        raise IngestError(f"datapackage.json has no table {name}. Restore its resource.")
    return table


def _kept(package: Package, table: Table, keep: Callable[[list[str]], bool]) -> dict[tuple[str, ...], str]:
    """The lines, by key, whose cells pass `keep`. The package reader has made sure that a row is a line."""
    kept: dict[tuple[str, ...], str] = {}
    for number, line in enumerate(package.sheets[table.name].text.split("\n")[1:], 2):
        cells = next(csv.reader([line], strict=True))
        key = tuple(cells[table.names.index(field)] for field in table.key)
        if key in kept:
            raise IngestError(f"{table.path}:{number} {' '.join(key)} appears twice. Run python -m validate first.")
        if keep(cells):
            kept[key] = line
    return kept


def _text(table: Table, kept: dict[tuple[str, ...], str], rows: Rows) -> str:
    """The file: its header, the kept lines as they are and the new rows in canonical form, sorted by key."""
    header, *fresh = canonical_text(table, rows).splitlines()
    keys = sorted(tuple(row[field] for field in table.key) for row in rows)
    lines = kept | dict(zip(keys, fresh, strict=True))
    return "\n".join([header, *(lines[key] for key in sorted(lines))]) + "\n"


def _more(count: int) -> str:
    return f" (and {count - 1} more)" if count > 1 else ""
