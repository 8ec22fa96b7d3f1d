"""Put files into canonical form, without changing what any cell means."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from borderledger.package import Field, Package, Problem, canonical_text, write_files
from validate.evidence import sealed
from validate.ledger import Ledger

__all__ = ["fix", "seal"]


def fix(root: Path) -> list[str]:
    """Rewrite the tables of a package in canonical form; return a line on each file written or left alone.

    Cures: byte order mark, UTF-16, CR line ends, order of columns and rows, quoting, Unicode form, spaces around and
    between words, order and doubling of list items. A file with any other fault of structure (a ragged row, a stray
    quote, a missing or unknown column) is not touched, because a guess could change what it says. Running it twice
    changes nothing the second time.
    """
    package = Package.read(root)
    said: list[str] = []
    texts: dict[str, str] = {}
    for table in package.tables.values():
        stuck = next((p for p in package.problems if p.file == table.path and not _is_curable(p)), None)
        if stuck:
            where = f"line {stuck.line} " if stuck.line else "it "
            said.append(f"{table.path}: left as it is, because {where}{stuck.message}")
            continue
        sheet = package.sheets[table.name]
        rows = [
            {field.name: canonical_cell(field, row[field.name]) for field in table.fields}
            for row in sheet.frame.to_dict("records")
        ]
        text = canonical_text(table, rows)
        if text.encode() != (package.root / table.path).read_bytes():
            texts[table.path] = text
            said.append(f"{table.path}: written in canonical form")
    write_files(package.root, list(texts.items()))
    return said


def canonical_cell(field: Field, cell: str) -> str:
    """The one spelling of a cell that means the same."""
    cell = " ".join(unicodedata.normalize("NFC", cell).split())
    if field.delimiter:
        return field.delimiter.join(sorted({item.strip() for item in cell.split(field.delimiter)} - {""}))
    return cell


def _is_curable(problem: Problem) -> bool:
    """Whether canonical form cures a fault of a file, without a guess at what the file says."""
    match problem.rule:
        case "file.line-ends":
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
    package = Package.read(root)
    ledger = Ledger(package)
    if not package.tables:
        return []  # nothing to count; validation says what is missing
    files = {t.path for t in package.tables.values() if t.batch or t.name in ("control_totals", "sources")}
    for problem in package.problems:
        if problem.file in files or problem.rule.startswith(("package.", "schema.")):
            raise ValueError(f"{problem.file}:{problem.line} {problem.message}. Mend it first.")
    missing = [name for name in ("claims", "control_totals", "sources") if name not in package.tables]
    if missing:
        raise ValueError(f"datapackage.json has no table {', '.join(missing)}. Restore its resource first.")
    table = package.tables["control_totals"]
    known = set(ledger.frame("sources")["id"]) | set(ledger.frame("control_totals")["source_id"])
    unknown = [source for source in sources if source not in known]
    if unknown:
        raise ValueError(
            f"{', '.join(unknown)} is not in data/sources.csv; correct the spelling, or add the source first."
        )
    rows, said = sealed(ledger, sources)
    if said:
        write_files(package.root, [(table.path, canonical_text(table, rows))])
    return said
