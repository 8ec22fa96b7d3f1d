"""Put files into canonical form without changing what a cell means, and undo what a spreadsheet did to them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from borderledger.package import Finding, Package, Table, alone, canonical_text, write_files
from validate.cells import canonical_cell
from validate.evidence import sealed
from validate.git import git
from validate.ledger import Ledger
from validate.reading import read_package
from validate.spreadsheet.code_pages import decoded
from validate.spreadsheet.rewritten import Rewritten, rewritten_cells

__all__ = ["canonical_cell", "fix", "is_curable", "seal"]


def fix(root: Path) -> list[str]:
    """Rewrite the tables of a package in canonical form; return a line on each file written or left alone.

    Cures: byte order mark, UTF-16, CR line ends, delimiter, empty rows and columns, order of columns and rows, quoting,
    Unicode form, spaces around and between words, order and doubling of list items, dates and figures in the form of a
    spreadsheet, and an old code page where the words show which. Adds a column that is new in the schema, empty.

    A file with any other fault of structure (a ragged row, a stray quote, an unknown column) stays as it is, because a
    guess could change what it says. So does a cell that can be read in two ways, unless its second entry decides. A
    second run changes nothing.
    """
    with alone(root, "validate --fix"):
        return _fixed(root)


def _fixed(root: Path) -> list[str]:
    package = Package.read(root)
    said = _from_code_pages(package)
    if said:
        package = Package.read(root)
    found = rewritten_cells(Ledger(package))
    texts: dict[str, str] = {}
    for table in package.tables.values():
        new = _new_columns(package, table)
        problems = [p for p in package.problems if p.file == table.path]
        stuck = next((p for p in problems if not is_curable(p) and not (p.rule == _HEADER and p.value in new)), None)
        if stuck:
            where = f"line {stuck.line} " if stuck.line else "it "
            said.append(f"{table.path}: left as it is, because {where}{stuck.message}")
            continue
        said += [f"{table.path}: added the column {name}, empty" for name in new]
        mine = {place[1:]: cell for place, cell in found.items() if place[0] == table.name}
        text = canonical_text(table, _rows(table, package.sheets[table.name].records(), mine))
        if text.encode() != (package.root / table.path).read_bytes():
            texts[table.path] = text
            said.append(f"{table.path}: written in canonical form")
        said += _said(table, mine)
    write_files(package.root, list(texts.items()))
    return said


def _from_code_pages(package: Package) -> list[str]:
    """Write each table in an old code page as UTF-8, if its letters are sure; return a line on each."""
    said = []
    for problem in package.problems:
        if problem.rule == "file.encoding" and problem.line:  # a byte order mark has no line
            raw = (package.root / problem.file).read_bytes()
            text, page = decoded(package, raw, _committed(package.root, problem.file))
            if text:
                write_files(package.root, [(problem.file, text)])
                said.append(f"{problem.file}: read as {page}, written as UTF-8")
            elif page:
                said.append(f"{problem.file}: not read in another encoding, because {page}")
    return said


_HEADER = "file.header"


def _new_columns(package: Package, table: Table) -> list[str]:
    """The columns that are in the schema and not yet in the file, if its cells may be empty.

    A column that sources make claims about, or that the last commit of the file has, is not new: somebody deleted it,
    and its cells would be lost.
    """
    absent = package.sheets[table.name].absent
    if not absent:
        return []
    header = _committed(package.root, table.path).partition("\n")[0]
    before = {*next(csv.reader([header]), [])}
    if claims := package.sheets.get("claims"):
        records = {row[table.key[0]] for row in package.sheets[table.name].records().values()}
        before |= {claim["field"] for claim in claims.records().values() if claim["record_id"] in records}
    return [f.name for f in table.fields if f.name in absent and not f.required and f.name not in before]


def _committed(root: Path, path: str) -> str:
    """The text of a file in the last commit; empty where there is no commit, or no git."""
    try:
        shown = git(root, "show", f"HEAD:./{path}").stdout
    except OSError:
        return ""
    return shown.decode("utf-8", "replace")


def _rows(
    table: Table, records: Mapping[int, Mapping[str, str]], found: Mapping[tuple[int, str], Rewritten]
) -> list[dict[str, str]]:
    """The rows of a table as they will be written."""
    rows = {
        line: {field.name: canonical_cell(field, row[field.name]) for field in table.fields}
        for line, row in records.items()
    }
    for (line, field), cell in found.items():
        rows[line][field] = cell.value or cell.cell
    return [*rows.values()]


def _said(table: Table, found: dict[tuple[int, str], Rewritten]) -> Iterator[str]:
    """A line for each column with restored cells, and one for each cell that was left."""
    for name in table.names:
        done = [(line, cell) for (line, field), cell in found.items() if field == name and cell.value]
        if done:
            shown = ", ".join(f"line {line} {cell.cell} -> {cell.value}" for line, cell in done[:3])
            more = f" and {len(done) - 3} more" if len(done) > 3 else ""
            yield f"{table.path} {name}: {shown}{more}"
    for (line, field), cell in found.items():
        if not cell.value:
            yield f"{table.path}:{line} {field}: left as it is, because {cell.message}. {cell.fix}"


def is_curable(problem: Finding) -> bool:
    """Whether canonical form cures a fault of a file, without a guess at what the file says."""
    match problem.rule:
        case "file.line-ends" | "file.delimiter" | "file.padding" | "file.blank":
            return True
        case "file.encoding":
            return not problem.line  # a byte order mark; a byte that is no text has a line
        case "file.header":
            return not problem.value  # the order of the columns; one too many, doubled or missing is named
    return False


def seal(root: Path, sources: list[str]) -> list[str]:
    """Count the batches of some sources anew and enter the control totals; return a line on each that changed.

    Raises ValueError, with nothing written, for a source that is not in the table of sources, or when a file that is
    counted could not be read in full.
    """
    with alone(root, "validate --seal"):
        return _counted_anew(root, sources)


def _counted_anew(root: Path, sources: list[str]) -> list[str]:
    package = read_package(root)
    ledger = Ledger(package)
    if not package.tables:
        return []  # nothing to count; validation says what is missing
    files = {t.path for t in package.tables.values() if t.batch or t.name in ("control_totals", "sources")}
    for problem in package.problems:
        if problem.file in files or problem.rule.startswith(("package.", "schema.")):
            raise ValueError(f"{problem.file}:{problem.line} {problem.message}. Correct it first.")
    missing = [name for name in ("claims", "control_totals", "sources") if name not in package.tables]
    if missing:
        raise ValueError(f"datapackage.json has no table {', '.join(missing)}. Restore its resource first.")
    table = package.tables["control_totals"]
    known = {row["id"] for row in ledger.records("sources").values()}
    known |= {row["source_id"] for row in ledger.records("control_totals").values()}
    unknown = [source for source in sources if source not in known]
    if unknown:
        raise ValueError(
            f"{', '.join(unknown)} is not in data/sources.csv; correct the spelling, or add the source first."
        )
    rows, said = sealed(ledger, sources)
    if said:
        write_files(package.root, [(table.path, canonical_text(table, rows))])
    return said
