"""Run the three layers over a package: structure, rules, evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

import narwhals as nw

from borderledger.package import Finding, Package, Sheet, Table, canonical_text
from borderledger.query.grades import GRADES, RANKS
from validate.changed import changed_tables
from validate.engines import engine_named
from validate.evidence import evidence_findings
from validate.ledger import Ledger
from validate.reading import Cells, first_out_of_form, read_package
from validate.report import Report, TableSummary
from validate.spreadsheet.findings import SIGNS, findings_of, without
from validate.spreadsheet.rewritten import log_is_rewritten, restored, rewritten_cells
from validate.structure import table_findings

__all__ = ["check", "check_package"]

#: Rules of the engine itself, for docs/rules.md.
ENGINE = {
    "form.canonical": "a table has one canonical form; then a diff shows only changes of meaning",
    "package.incomplete": "the tables that evidence needs are present",
    "rule.failed": "a rule that cannot run is reported, because nobody would notice a check that is skipped",
}

#: Without these tables nothing can confirm a record: each of its cells would seem to lack a claim.
NEEDED = ("claims", "sources", "control_totals", "places")


def check(path: str | Path = ".", *, engine: str = "polars", master: str = "", changed_since: str = "") -> Report:
    """Validate the data package in a folder: the one that holds datapackage.json.

    engine   what runs the rules, one of `validate.engines.ENGINES`; all give the same findings
    master   the address of the Spark cluster, as spark-submit takes it
    changed_since
             a commit without findings: what cannot have changed since then is not checked again

    Returns a Report with all findings of all layers; see `Report.ok`. Never raises on bad content: what cannot be read
    is a finding, and what can be read is checked nevertheless. Raises NoEngine when the engine is not installed, and
    NoCommit when there is no such commit.
    """
    running = engine_named(engine, master)
    try:
        package = read_package(path, running)
        return check_package(package, changed_tables(package, changed_since) if changed_since else None)
    finally:
        running.close()


def check_package(package: Package, changed: Collection[str] | None = None, *, graded: bool = True) -> Report:
    """As `check`, for a package that has been read.

    changed   the tables that differ from a version without findings, whose schemas and rules were the same; all, if it
              is not given
    graded    whether the summary counts records by their grades, on which no finding depends
    """
    if changed is None or package.problems:
        changed = frozenset(package.tables)
    of_files = {*package.problems}
    if not package.tables:
        return Report(tuple(sorted(of_files)), (), usable=False)
    if any(f.rule == "file.merge" and f.file.endswith(".json") for f in of_files):
        # Nobody knows what the tables must be; what refers to the unreadable schema only follows from it.
        return Report(tuple(sorted(f for f in of_files if f.rule != "schema.reference")), ())
    ledger = Ledger(package)
    found = of_files | _content(ledger, of_files, changed, graded)
    if (any(f.rule in SIGNS for f in found) or log_is_rewritten(ledger)) and (rewritten := rewritten_cells(ledger)):
        # A cell that a spreadsheet rewrote is one finding. Its consequences in other layers are left out.
        if any(cell.value for cell in rewritten.values()):
            ledger = Ledger(restored(package, rewritten))
        found = of_files | without(_content(ledger, of_files, changed, graded), rewritten, package)
        found.update(findings_of(rewritten, package))
    for table in (package.tables[name] for name in package.tables if name in changed):
        if not any(f.file == table.path and f.rule.startswith("file.") for f in found):
            found.update(_form(table, package.sheets[table.name]))
    findings = tuple(sorted(found))
    return Report(findings, tuple(_summaries(ledger, findings, graded=graded and _gradable(ledger, findings))))


def _content(ledger: Ledger, of_files: set[Finding], changed: Collection[str], graded: bool) -> set[Finding]:
    """What is wrong with what the tables say, in all layers."""
    found: set[Finding] = set()
    for table in ledger.tables.values():
        found.update(_surely(table_findings(table, ledger, changed), table.schema_path))
    merging = {f.file for f in of_files if f.rule == "file.merge"}  # whose finding says it all
    missing = [name for name in NEEDED if not ledger.complete(name)]
    if missing and all(name in ledger.tables and ledger.tables[name].path in merging for name in missing):
        pass
    elif missing:
        message = f"evidence is not checked, because tables are missing or cannot be read: {', '.join(missing)}"
        found.add(Finding("datapackage.json", 0, "", "", message, "Restore them.", "package.incomplete"))
    else:
        found.update(_surely(evidence_findings(ledger, changed), "datapackage.json"))
        if graded:
            found.update(_surely(_grade(ledger), "datapackage.json"))
    if _is_broken(of_files):  # a rule fails without a file that is unreadable, and that is a finding already
        found = {f for f in found if f.rule != "rule.failed"}
    return found


def _is_broken(found: Iterable[Finding]) -> bool:
    return any(f.rule.startswith(("package.", "schema.")) and f.rule != "package.incomplete" for f in found)


def _gradable(ledger: Ledger, findings: Iterable[Finding]) -> bool:
    """Whether the grades in the summary would be those of all the evidence."""
    stopped = _is_broken(findings) or any(f.rule in ("rule.failed", "package.incomplete") for f in findings)
    return not stopped and all(ledger.complete(table.name) for table in ledger.package.core)


def _surely(findings: Iterator[Finding], file: str) -> Iterator[Finding]:
    """The findings, and one more if they end in an error: a schema can lack what a rule takes for granted."""
    try:
        yield from findings
    except Exception as error:
        message = f"the checks could not be finished: {type(error).__name__} {error}"
        yield Finding(file, 0, "", "", message, "Restore what a schema lacks.", "rule.failed")


def _grade(ledger: Ledger) -> Iterator[Finding]:
    """Nothing, once the grades have been worked out; the summary needs them."""
    _ = ledger.graded
    yield from ()


def _form(table: Table, sheet: Sheet) -> Iterator[Finding]:
    line = first_out_of_form(table, sheet) if isinstance(sheet, Cells) else _first_other_line(table, sheet)
    if line:
        message = "the file is not in canonical form from here on (rows sorted by key, quotes only where needed)"
        yield Finding(table.path, line, "", "", message, "Run python -m validate --fix", "form.canonical")


def _first_other_line(table: Table, sheet: Sheet) -> int:
    wanted = canonical_text(table, [*sheet.records().values()])
    held = sheet.text + "\n"
    if held == wanted:
        return 0
    pairs = zip(held.split("\n"), wanted.split("\n"), strict=False)
    return next((n for n, (a, b) in enumerate(pairs, 1) if a != b), 1)


def _summaries(t: Ledger, findings: tuple[Finding, ...], graded: bool) -> Iterator[TableSummary]:
    by_file = Counter(f.file for f in findings)
    grades = _grades(t) if graded else {}
    for table in t.tables.values():
        counts, fields = _graded(t, table, grades[table.name]) if table.name in grades else (Counter(), Counter())
        shown = tuple((g, counts[g]) for g in GRADES) if table.bound else ()
        mine = by_file[table.path] + by_file[table.schema_path]
        told = (fields["corroborated"], fields["disputed"], fields["primary"])
        yield TableSummary(table.name, t.size(table.name), shown, *told, mine)


def _grades(t: Ledger) -> dict[str, list[tuple[str, str, bool]]]:
    """The record and the grade of each graded field, and whether it has a primary source, by table."""
    found: dict[str, list[tuple[str, str, bool]]] = {table.name: [] for table in t.package.core}
    graded = t.graded.filter(nw.col("grade") != "").select("table", "record_id", "grade", "primary")
    for table, record, grade, primary in t.engine.fetch(graded).iter_rows():
        found[table].append((record, grade, primary))
    return found


def _graded(t: Ledger, table: Table, grades: Sequence[tuple[str, str, bool]]) -> tuple[Counter[str], Counter[str]]:
    """The rows of a table by their grade, which is that of the worst field; and its fields by theirs.

    A row of a publisher's file is `bulk` unless a source contradicts it. Fields are also counted as `primary`.
    """
    fields = Counter(grade for _, grade, _ in grades)
    fields["primary"] = sum(primary for *_, primary in grades)
    worst: dict[str, int] = {}
    for record, grade, _ in grades:
        worst[record] = min(worst.get(record, len(RANKS)), RANKS[grade])
    rows = t.rows(table.name).select("id", "source_id")
    names, files = [*GRADES], t.bulk(table.name)
    counts: Counter[str] = Counter()
    if worst:
        known = t.engine.small({"id": [*worst]}, t.text("id"))
        for row in t.fetch(rows.join(known, on="id", how="semi")):
            grade = names[worst[row["id"]]]
            counts[grade] += grade == "disputed" or row["source_id"] not in files
            counts["bulk"] -= grade == "disputed" and row["source_id"] in files
    if files:
        counts["bulk"] += int(t.engine.fetch(rows.filter(nw.col("source_id").is_in(files)).select(nw.len())).item())
    return counts, fields
