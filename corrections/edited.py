"""What somebody changed in the tables by hand: in a checkout, in a folder, or in one sheet that came by mail.

A spreadsheet also changes the form of cells, such as the spelling of dates. This module undoes that first, as
`validate --fix` does, so that only changes of meaning are left. A cell that cannot be restored is a finding, and so is
a text that looks like the work of a spreadsheet.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from borderledger.output.correction_sheet import EVIDENCE
from borderledger.package import Field, Finding, Package, Sheet, Table, read_sheet
from validate.cells import canonical_cell
from validate.fix import is_curable
from validate.ledger import Ledger
from validate.spreadsheet.rewritten import restored, rewritten_cells

__all__ = ["EXTRA", "Edit", "edits", "with_sheet"]

Row = dict[str, str]

#: Columns that a sheet may have beside those of its table: the evidence for the changes of a row.
EXTRA = tuple(EVIDENCE)


@dataclass(frozen=True)
class Edit:
    """A record that was changed, added (no `old`) or deleted (no `new`).

    given   what the extra columns of the row say
    """

    table: Table
    record: str
    old: Row
    new: Row
    given: Row


def edits(base: Package, edited: Package, *, whole: Sequence[str]) -> tuple[list[Edit], list[Finding]]:
    """The changes of records and sources, and what stands in the way of reading them.

    whole   tables of which every row was read, so that a missing row was deleted
    """
    found = [problem for problem in edited.problems if not is_curable(problem)]
    if found:
        return [], found
    rewritten = rewritten_cells(Ledger(edited))
    for (name, line, field), cell in rewritten.items():
        if not cell.value and field not in EXTRA:
            path = edited.tables[name].path
            found.append(Finding(path, line, field, cell.cell[:200], cell.message, cell.fix, cell.rule))
    edited = restored(edited, rewritten)
    changed: list[Edit] = []
    for table in base.tables.values():
        if table.bound or table.name == "sources":
            changed += _of_table(base, edited, table, found, deleted=table.name in whole)
        elif table.name in whole and _rows(base, table) != _rows(edited, table):
            message = "was edited, but only changes of records and sources can be read"
            fix = f"Undo it: git checkout -- {table.path}. Or run python -m validate, and send the tables as they are."
            found.append(Finding(table.path, 0, "", "", message, fix, "correction.by-hand"))
    return changed, sorted(found)


def _rows(package: Package, table: Table) -> list[tuple[str, ...]]:
    return sorted(tuple(row.values()) for row in _canonical(package, table).values())


def _canonical(package: Package, table: Table) -> dict[tuple[str, ...], Row]:
    """The rows of a table in canonical form, by their keys; with the extra columns, if there are some."""
    sheet = package.sheets[table.name]
    fields = package.tables[table.name].fields
    rows = ({f.name: canonical_cell(f, row[f.name]) for f in fields} for row in sheet.records().values())
    return {tuple(row[name] for name in table.key): row for row in rows}


def _of_table(base: Package, edited: Package, table: Table, found: list[Finding], *, deleted: bool) -> Iterator[Edit]:
    old, new = _canonical(base, table), _canonical(edited, table)
    absent = edited.sheets[table.name].absent
    lines = {row[table.key[0]]: line for line, row in edited.sheets[table.name].records().items()}
    gone = {key: row for key, row in old.items() if key not in new} if deleted else {}
    for key, row in new.items():
        before = old.get(key, {})
        cells = {name: before.get(name, "") if name in absent else row[name] for name in table.names}
        given = {name: row.get(name, "") for name in EXTRA if row.get(name)}
        if cells == before:
            continue
        line = lines.get(key[0], 0)
        if twin := next((k for k, r in gone.items() if not before and _same_but_id(r, cells)), None):
            message = f"{twin[0]} was renamed, but an identifier never changes"
            found.append(Finding(table.path, line, "id", key[0], message, f"Restore {twin[0]}.", "correction.by-hand"))
            del gone[twin]
            continue
        for name in table.prose if before else ():
            if before[name] != cells[name] and _looks_rewritten(cells[name]):
                message = f"{cells[name]!r} looks like what a spreadsheet made of {before[name][:80]!r}"
                fix = "Restore the text, or put words around it if it is meant."
                found.append(Finding(table.path, line, name, cells[name][:200], message, fix, "text.rewritten"))
        yield Edit(table, key[0], before, cells, given)
    for key, row in gone.items():
        yield Edit(table, key[0], row, {}, {})


def _same_but_id(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return all(one[name] == other[name] for name in one if name != "id")


#: A whole cell that is a date, a time or a figure in scientific notation: no text of ours is that alone.
_REWRITTEN = re.compile(
    r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\.?(?: \d{1,2}:\d\d(?::\d\d)?)?"
    r"|\d{1,2}[ .-][A-Za-zäé]{3,4}\.?(?:[ .-]\d{2,4})?|[A-Za-zäé]{3,4}[ .-]\d{2,4}"
    r"|\d(?:[.,]\d+)?E[+-]?\d+|#[A-Z/0!?]+|#{3,}|TRUE|FALSE|WAHR|FALSCH"
)


def _looks_rewritten(cell: str) -> bool:
    return bool(_REWRITTEN.fullmatch(cell))


# --- one sheet -------------------------------------------------------------------------------------------------------


def with_sheet(base: Package, file: Path, name: str = "") -> Package:
    """The package with one of its tables from a file, .csv or .xlsx. What is wrong with the file is its problem.

    The file may lack rows and columns, and may have the extra columns. Its header says which table it is; `name` says
    it where several would fit. Raises OSError.
    """
    content, problem = _workbook(file) if file.suffix.lower() == ".xlsx" else (file.read_bytes(), None)
    header = _header(content)
    table = base.tables.get(name or file.stem) or max(
        (t for t in base.tables.values() if t.bound or t.name == "sources"), key=lambda t: len({*t.names} & header)
    )
    if problem or table.key[0] not in header:
        message = problem or f"has no column {table.key[0]!r} in its first line, so no row can be recognised"
        fix = "Save it as a CSV file or an Excel workbook whose first line has the names of the columns."
        return replace(base, problems=(Finding(file.name, 0, "", "", message, fix, "correction.file"),))
    extended = replace(table, path=file.name, fields=(*table.fields, *map(_extra, EXTRA)))
    problems: list[Finding] = []
    with tempfile.TemporaryDirectory(prefix="borderledger-") as folder:
        (Path(folder) / file.name).write_bytes(content)
        sheet: Sheet = read_sheet(Path(folder), extended, problems)
    problems = [p for p in problems if not (p.rule == "file.header" and p.value in sheet.absent)]
    return replace(
        base,
        tables=base.tables | {table.name: extended},
        sheets=base.sheets | {table.name: sheet},
        problems=tuple(problems),
    )


def _extra(name: str) -> Field:
    return Field(name, name, "", "string", False, False, "", None, {}, False, False, False, "", ())


def _header(content: bytes) -> set[str]:
    text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace")
    lines = [line for line in text.splitlines()[:5] if not line.lower().startswith("sep=")]
    return {cell.strip().strip('"') for cell in re.split("[,;\t]", lines[0] if lines else "")}


def _workbook(file: Path) -> tuple[bytes, str | None]:
    """The first sheet of a workbook with a column `id`, as CSV; or why there is none."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(file, data_only=True, read_only=True)
        for sheet in book.worksheets:
            rows = [[_cell(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
            rows = [row for row in rows if any(row)]
            if rows and "id" in rows[0]:
                out = io.StringIO()
                csv.writer(out, lineterminator="\n").writerows(rows)
                return out.getvalue().encode("utf-8"), None
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        if isinstance(error, OSError) and not isinstance(error, zipfile.BadZipFile):
            raise
        return b"", f"is no workbook that can be read: {error}"
    return b"", "has no sheet with a column 'id' in its first line"


def _cell(value: Any) -> str:
    """A cell of a workbook as text: a day as YYYY-MM-DD, a whole number without a point."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if not (value.hour or value.minute) else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())
