"""Run the three layers over a package: structure and rules in one pandera run per table, then evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from borderledger.grades import GRADES, worst
from borderledger.package import Package, Sheet, Table, canonical_text
from validate.evidence import evidence_findings
from validate.ledger import Ledger
from validate.report import Finding, Report, TableSummary
from validate.rules import rules_of
from validate.structure import compile_table, failures

__all__ = ["check", "check_package"]

#: Rules of the engine itself, for docs/rules.md.
ENGINE = {
    "form.canonical": "a table has one spelling, so that a change of meaning is the only change there is to read",
    "package.incomplete": "the tables without which no evidence can be checked are there",
    "rule.failed": "a rule that cannot run says so; a silenced check would be invisible",
}

#: Without these tables there is nothing to hold a record against: each of its cells would seem to lack a claim.
NEEDED = ("claims", "sources", "control_totals", "places")


def check(path: str | Path = ".") -> Report:
    """Validate the data package in a folder: the one that holds datapackage.json.

    Returns a Report with all findings of all layers; see `Report.ok`. Never raises on bad content: what cannot be read
    is a finding, and what can be read is checked nevertheless.
    """
    return check_package(Package.read(path))


def check_package(package: Package) -> Report:
    """As `check`, for a package that has been read."""
    found = {Finding(p.file, p.line, p.field, p.value[:200], p.message, p.fix, p.rule) for p in package.problems}
    if not package.tables:
        return Report(tuple(sorted(found)), (), usable=False)
    ledger = Ledger(package)
    broken = any(f.rule.startswith(("package.", "schema.")) for f in found)
    for table in package.tables.values():
        found.update(_surely(_table_findings(table, ledger), table.schema_path))
        if not any(f.file == table.path and f.rule.startswith("file.") for f in found):
            found.update(_form(table, package.sheets[table.name]))
    missing = [name for name in NEEDED if not ledger.readable(name)]
    if missing:
        message = f"evidence is not checked, because tables are missing or cannot be read: {', '.join(missing)}"
        found.add(Finding("datapackage.json", 0, "", "", message, "Restore them.", "package.incomplete"))
    else:
        found.update(_surely(evidence_findings(ledger), "datapackage.json"))
        found.update(_surely(_gradable(ledger), "datapackage.json"))
    if broken:  # a rule that misses what is known to be unreadable has nothing to add
        found = {f for f in found if f.rule != "rule.failed"}
    findings = tuple(sorted(found))
    return Report(
        findings,
        tuple(
            _summaries(
                ledger,
                findings,
                graded=not missing and not any(f.rule == "rule.failed" for f in findings) and not broken,
            )
        ),
    )


def _surely(findings: Iterator[Finding], file: str) -> Iterator[Finding]:
    """The findings, and one more if they end in an error: a schema can lack what a rule takes for granted."""
    try:
        yield from findings
    except Exception as error:
        message = f"the checks could not be finished: {type(error).__name__} {error}"
        yield Finding(file, 0, "", "", message, "Restore what a schema lacks.", "rule.failed")


def _gradable(ledger: Ledger) -> Iterator[Finding]:
    """Nothing, once the grades have been worked out; the summary needs them."""
    _ = ledger.graded
    yield from ()


def _table_findings(table: Table, ledger: Ledger) -> Iterator[Finding]:
    rules = [rule for rule in rules_of(ledger) if rule.table == table.name]
    for rule in rules:
        if rule.field not in table.by_name:
            yield _not_run(table, rule.id, rule.field, "the field is not in the schema")
    schema, words = compile_table(table, ledger, [rule for rule in rules if rule.field in table.by_name])
    frame = ledger.frame(table.name)
    for name, line, cell in failures(schema, frame):
        rule_id, field = name.split(" ")[:2]
        if line < 0:
            yield _not_run(table, rule_id, field, cell)
            continue
        message, fix = words[name](line, cell)
        yield Finding(table.path, line, field, cell[:200], message, fix, rule_id)


def _not_run(table: Table, rule: str, field: str, why: str) -> Finding:
    fix = "A schema lacks what the rule needs; restore it."
    return Finding(table.schema_path, 0, field, "", f"the rule {rule} could not run: {why}", fix, "rule.failed")


def _form(table: Table, sheet: Sheet) -> Iterator[Finding]:
    wanted = canonical_text(table, sheet.frame.to_dict("records"))
    held = sheet.text + "\n"
    if held == wanted:
        return
    pairs = zip(held.split("\n"), wanted.split("\n"), strict=False)
    line = next((n for n, (a, b) in enumerate(pairs, 1) if a != b), 1)
    message = "the file is not in canonical form from here on (rows sorted by key, quotes only where needed)"
    yield Finding(table.path, line, "", "", message, "Run python -m validate --fix", "form.canonical")


def _summaries(ledger: Ledger, findings: tuple[Finding, ...], graded: bool) -> Iterator[TableSummary]:
    by_file = Counter(f.file for f in findings)
    grades = ledger.graded if graded else None
    for table in ledger.tables.values():
        frame = ledger.frame(table.name)
        counts: Counter[str] = Counter()
        corroborated = disputes = 0
        if table.bound and grades is not None:
            mine = grades[grades["table"].eq(table.name)]
            corroborated = int(mine["grade"].eq("corroborated").sum())
            disputes = int(mine["grade"].eq("disputed").sum())
            by_record = mine.groupby("record_id")["grade"].agg(worst).to_dict()
            bulk = {source for name, source in ledger.batches if name == table.name}
            for record, source in zip(frame["id"], frame["source_id"], strict=True):
                counts[by_record.get(record, "") or ("bulk" if source in bulk else "")] += 1
        shown = tuple((g, counts[g]) for g in GRADES) if table.bound else ()
        mine_found = by_file[table.path] + by_file[table.schema_path]
        yield TableSummary(table.name, len(frame), shown, corroborated, disputes, mine_found)
