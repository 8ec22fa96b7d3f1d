"""Rewritten cells as findings: one for each cell, and none for what only follows from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from borderledger.package import Finding, Package
from validate.report import numbered
from validate.spreadsheet.rewritten import Place, Rewritten

__all__ = ["SIGNS", "findings_of", "without"]

#: Rules that a cell breaks when a spreadsheet rewrote it.
SIGNS = {"cell.type", "cell.date", "cell.pattern", "evidence.value", "evidence.mismatch"}
#: Other rules that it can break. These findings are left out, because that of the cell is enough.
_BESIDES = {"cell.list", "text.form", "text.formula", "evidence.missing", "reference.unknown", "totals.differ"}
#: So many cells of a column that --fix restores are one finding, to make those left for a person easy to see.
_MANY = 10


def without(found: set[Finding], rewritten: dict[Place, Rewritten], package: Package) -> set[Finding]:
    """The findings without those about rewritten cells, and without the consequences of a cell left for a person."""
    places = {(package.tables[table].path, line, field) for table, line, field in rewritten}
    left = {(table, line) for (table, line, _), cell in rewritten.items() if not cell.value}
    lines, files = _leaning_on(left, package)
    return {
        f
        for f in found
        if (f.rule not in SIGNS | _BESIDES or (f.file, f.line, f.field) not in places)
        and not (f.rule.startswith("evidence.") and (f.file, f.line) in lines)
        and not (f.rule == "totals.differ" and f.file in files)
    }


def _leaning_on(left: set[tuple[str, int]], package: Package) -> tuple[set[tuple[str, int]], set[str]]:
    """The lines of records and claims that cannot be compared yet, and the files whose totals cannot be checked yet.

    left   table and line of each row with a cell that cannot be read
    """
    keys = {table.name: "id" for table in package.core} | {"claims": "record_id"}
    rows = {name: package.sheets[name].records() for name in keys if name in package.sheets}
    records = {rows[name][line][keys[name]] for name, line in left if name in rows}
    lines = {
        (package.tables[name].path, line)
        for name, mine in rows.items()
        for line, row in mine.items()
        if row.get(keys[name]) in records
    }
    files = {package.tables[name].path for name, _ in left}
    return lines, files | (
        {package.tables["control_totals"].path} if left and "control_totals" in package.tables else set()
    )


def findings_of(rewritten: dict[Place, Rewritten], package: Package) -> Iterator[Finding]:
    """A finding for each rewritten cell, or one for many cells of a column."""
    alike: dict[tuple[str, str], list[int]] = defaultdict(list)
    for (table, line, field), cell in rewritten.items():
        if cell.value:
            alike[table, field].append(line)
    for (table, line, field), cell in rewritten.items():
        lines = alike[table, field] if cell.value else []
        more = ""
        if len(lines) >= _MANY:
            if line != lines[0]:
                continue
            more = f"; {len(lines) - 1} more cells of the column have this fault, in line {numbered(lines, but=line)}"
        yield Finding(
            package.tables[table].path, line, field, cell.cell[:200], cell.message + more, cell.fix, cell.rule
        )
