"""What the Table Schemas ask of a table, and its rules: cells, keys, references, and the expressions of the rules.

`pandera.from_frictionless_schema` and frictionless itself are not used; docs/decisions/0013 has the reasons. A cell is
tested once for each distinct text of its column, and only if a cheap expression does not clear it first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import narwhals as nw

from borderledger.package import Field, Finding, Table
from validate.cells import CellTest, cell_tests, clear, text_test, unclear
from validate.columns import NoField, Row
from validate.engines import Frame
from validate.ledger import Ledger
from validate.reading import LINE
from validate.report import numbered
from validate.rules import Rule, rules_of

__all__ = ["STRUCTURE", "malformed", "rule_findings", "table_findings"]

#: Rules that follow from the schemas, for docs/rules.md; the cell tests describe themselves.
STRUCTURE = {
    "cell.required": "every required field is filled",
    "key.unique": "a key names one row",
    "reference.unknown": "a reference leads to a row that exists",
}


def table_findings(table: Table, t: Ledger, changed: Collection[str]) -> Iterator[Finding]:
    """The findings about a table that its schema and its rules lead to, as far as the change of some tables matters."""
    sheet = t.package.sheets.get(table.name)
    if sheet is None:
        return
    # A column that the file lacks is one finding, not one of every row.
    fields = [field for field in table.fields if field.name not in sheet.absent]
    if table.name in changed:
        yield from _required(t, table, fields)
        yield from _cells(t, table, fields)
        for key in (table.key, *((f.name,) for f in fields if f.unique)):
            if key and not {*key} & sheet.absent:
                yield from _doubled(t, table, key)
    yield from _references(t, table, fields, changed)
    if not sheet.absent:
        rules = (rule for rule in rules_of({table.name: table}) if rule.concerned(changed))
        yield from rule_findings(t, table, rules)


def _finding(table: Table, row: Mapping[str, Any], field: str, message: str, fix: str, rule: str) -> Finding:
    return Finding(table.path, int(row[LINE]), field, str(row[field])[:200], message, fix, rule)


# --- cells -----------------------------------------------------------------------------------------------------------


def _required(t: Ledger, table: Table, fields: Iterable[Field]) -> Iterator[Finding]:
    required = [field for field in fields if field.required]
    if not required:
        return
    names = [field.name for field in required]
    distinct = (t.distinct(table.name, name) for name in names)
    if all(cells is not None and "" not in cells for cells in distinct):
        return
    empty = t.rows(table.name).filter(nw.any_horizontal(*(nw.col(name) == "" for name in names), ignore_nulls=True))
    for row in t.engine.fetch(empty.select(LINE, *names)).iter_rows(named=True):
        for field in required:
            if not row[field.name]:
                fix = f"{field.title} is required: {field.description}"
                yield _finding(table, row, field.name, "is empty", fix, "cell.required")


def _cells(t: Ledger, table: Table, fields: Sequence[Field]) -> Iterator[Finding]:
    for field, cells in _suspects(t, table, fields):
        tests = _tests(field)
        bad = {cell: failed for cell in cells if (failed := [test for test in tests if test.fails(cell)])}
        for row in _having(t, table, field.name, bad, LINE, field.name):
            for test in bad[row[field.name]]:
                yield _finding(table, row, field.name, test.fails(row[field.name]), test.fix, test.rule)


def _tests(field: Field) -> list[CellTest]:
    return [*text_test(), *cell_tests(field)]


def malformed(field: Field, cell: str) -> tuple[str, str] | None:
    """What is wrong with a cell of a field first of all, and what to do about it."""
    for test in _tests(field) if cell else ():
        if wrong := test.fails(cell):
            return wrong, test.fix
    return None


def _suspects(t: Ledger, table: Table, fields: Sequence[Field]) -> Iterator[tuple[Field, Iterable[str]]]:
    """The distinct cells of each column that are not clear at once."""
    for field in fields:
        if (cells := t.distinct(table.name, field.name)) is not None:
            yield field, unclear(field, cells)
        else:  # what is different in every row is looked at where it is
            rows = t.rows(table.name).select(field.name).filter(~clear(field, nw.col(field.name)))
            yield field, t.engine.fetch(rows.unique())[field.name].to_list()


def _having(t: Ledger, table: Table, field: str, cells: Iterable[str], *columns: str) -> Iterator[dict[str, Any]]:
    """The rows that have one of some cells in a column, with these columns or all."""
    wanted = [*cells]
    if wanted:
        found = t.rows(table.name).select(*columns) if columns else t.rows(table.name)
        yield from t.fetch(found.join(t.engine.small({field: wanted}, t.text(field)), on=field, how="semi"))


# --- keys and references ---------------------------------------------------------------------------------------------


def _doubled(t: Ledger, table: Table, key: tuple[str, ...]) -> Iterator[Finding]:
    if key == table.key and t.ascending(table.name):
        return
    rows = t.rows(table.name)
    doubled = t.engine.keep(t.doubled(rows, key))
    found = t.engine.fetch(rows.join(doubled, on=[*key], how="semi").select(LINE, *key))
    lines: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for line, *cells in found.sort(LINE).iter_rows():
        lines[tuple(cells)].append(line)
    for row in found.iter_rows(named=True):
        others = numbered(lines[tuple(row[name] for name in key)], but=row[LINE])
        what = ", ".join(f"{name}={row[name]}" for name in key)
        message = f"the key {what} is also in line {others}"
        yield _finding(
            table, row, key[0], message, "Delete one of the rows, or give it a key of its own.", "key.unique"
        )


def _references(t: Ledger, table: Table, fields: Iterable[Field], changed: Collection[str]) -> Iterator[Finding]:
    for field in fields:
        targets = _targets(t, table, field)
        if not {table.name, *(name for name, _ in targets)} & {*changed}:
            continue
        unknown = _unknown(t, table, field, targets) if targets else set()
        if not unknown:
            continue
        files = " or ".join(dict.fromkeys(t.tables[name].path for name, _ in targets))
        bad = [cell for cell in _cells_of(t, table, field) if unknown & {*field.items(cell)}]
        for row in _having(t, table, field.name, bad if field.delimiter else unknown, LINE, field.name):
            strangers = [item for item in field.items(row[field.name]) if item in unknown]
            message = f"{', '.join(strangers)!r} is not in {files}"
            fix = "Correct the spelling, or add the row first."
            yield _finding(table, row, field.name, message, fix, "reference.unknown")


def _unknown(t: Ledger, table: Table, field: Field, targets: Iterable[tuple[str, str]]) -> set[str]:
    """The items of a field that are in none of the columns that it refers to."""
    column = nw.col(field.name)
    cells = t.distinct(table.name, field.name)
    if cells is None and not field.delimiter:
        left = t.rows(table.name).select(column).filter(column != "").unique()
    else:
        items = {item for cell in _cells_of(t, table, field) for item in field.items(cell)}
        for name, target in targets:
            if items and t.few(name):
                items -= t.distinct(name, target) or set()
        if not items:
            return set()
        left = t.engine.small({field.name: sorted(items)}, t.text(field.name))
    for name, target in targets:
        known = t.rows(name).select(nw.col(target).alias(field.name))
        left = left.join(known if t.ascending(name) else known.unique(), on=field.name, how="anti")
    lost = (t.package.sheets[name].lost for name, _ in targets)
    return {*t.engine.fetch(left)[field.name]}.difference(*lost)


def _cells_of(t: Ledger, table: Table, field: Field, maybe: str = "") -> Iterable[str]:
    """The distinct cells of a column; where there are many, only those in which a pattern is found."""
    if (cells := t.distinct(table.name, field.name)) is not None:
        return cells
    rows = t.rows(table.name).select(field.name)
    rows = rows.filter(nw.col(field.name).str.contains(maybe)) if maybe else rows
    found: list[str] = t.engine.fetch(rows.unique())[field.name].to_list()
    return found


def _targets(t: Ledger, table: Table, field: Field) -> list[tuple[str, str]]:
    """The (table, column) pairs in one of which the items of a field must be found."""
    keys = [(key.table, key.target) for key in table.foreign_keys if key.field == field.name]
    targets = keys or [(target, "id") for target in field.refers_to]
    # A target that does not exist or cannot be read is one finding of its own, not one for every row.
    known = (
        t.readable(name) and column in t.tables[name].by_name and column not in t.package.sheets[name].absent
        for name, column in targets
    )
    return targets if all(known) else []


# --- rules -----------------------------------------------------------------------------------------------------------


def rule_findings(t: Ledger, table: Table, rules: Iterable[Rule]) -> Iterator[Finding]:
    """What rules say of their table: one finding for each row that breaks one, and one for a rule that cannot run."""
    together: dict[Callable[[Row], nw.Expr] | None, list[Rule]] = defaultdict(list)
    for rule in rules:
        if rule.field not in table.by_name:
            yield _not_run(table, rule, "the field is not in the schema")
        else:
            together[rule.when].append(rule)
    if t.few(table.name) and not t.size(table.name):
        yield from _without_fields(t, table, [rule for group in together.values() for rule in group])
        return
    for group in together.values():
        try:
            yield from [*_broken(t, table, group)]
        except Exception:  # which of them it was: each is tried by itself
            for rule in group:
                try:
                    yield from [*_broken(t, table, [rule])]
                except Exception as error:
                    yield _not_run(table, rule, f"{type(error).__name__}: {error}")


def _without_fields(t: Ledger, table: Table, rules: Iterable[Rule]) -> Iterator[Finding]:
    """The rules that ask for a field that the schema lacks; of a table without rows that is all there is to say."""
    for rule in rules:
        try:
            for asked in (rule.when, rule.holds, rule.of):
                _ = asked and asked(Row(t, table))
        except NoField as error:
            yield _not_run(table, rule, f"{type(error).__name__}: {error}")


def _not_run(table: Table, rule: Rule, why: str) -> Finding:
    fix = "A schema lacks what the rule needs; restore it."
    message = f"the rule {rule.id} could not run: {why}"
    return Finding(table.schema_path, 0, rule.field, "", message, fix, "rule.failed")


def _broken(t: Ledger, table: Table, rules: Sequence[Rule]) -> Iterator[Finding]:
    """The findings of rules about the same rows of a table."""
    row = Row(t, table)
    expressions = {f"!{n}": rule.holds(row) for n, rule in enumerate(rules) if rule.holds}
    judged = {rule: [*rule.of(row)] for rule in rules if rule.of}
    rows = t.rows(table.name)
    for rule in rules:
        if rule.cell:
            bad_cells = filter(rule.cell, _cells_of(t, table, table.by_name[rule.field], rule.maybe))
            for bad in _having(t, table, rule.field, bad_cells):
                yield _said(t, table, rule, bad)
    if rules[0].when:
        rows = t.engine.keep(rows.filter(rules[0].when(row)))
        if t.engine.fetch(rows.head(1)).is_empty():
            return
    if expressions or judged:
        rows = t.engine.keep(row.complete(rows))
    if expressions:
        flags = {name: holds.fill_null(True) for name, holds in expressions.items()}
        broken = t.engine.keep(rows.filter(~nw.all_horizontal(*flags.values(), ignore_nulls=False)))
        if not t.engine.fetch(broken.head(1)).is_empty():
            marked = broken.with_columns(*(holds.alias(name) for name, holds in flags.items()))
            for bad in t.engine.fetch(marked).iter_rows(named=True):
                for name in expressions:
                    if not bad[name]:
                        yield _said(t, table, rules[int(name[1:])], bad)
    for rule, texts in judged.items():
        for bad in _judged(t, rule, texts, rows):
            yield _said(t, table, rule, bad)
    for rule in rules:
        if rule.lines:
            found = t.engine.keep(rule.lines(t))
            if t.engine.fetch(found.head(1)).is_empty():
                continue  # which saves to look for the rows of no line
            for bad in t.engine.fetch(t.rows(table.name).join(found, on=LINE, how="inner")).iter_rows(named=True):
                yield _said(t, table, rule, bad)


def _judged(t: Ledger, rule: Rule, texts: Sequence[nw.Expr], rows: Frame) -> Iterator[dict[str, Any]]:
    """The rows whose texts a function calls wrong."""
    assert rule.wrong is not None
    names = [f"?{n}" for n in range(len(texts))]
    asked = [text.fill_null("").alias(name) for name, text in zip(names, texts, strict=True)]
    distinct = t.engine.fetch(rows.select(*asked).unique())
    wrong = [cells for cells in distinct.iter_rows() if rule.wrong(t, *cells)]
    if wrong:
        small = t.engine.small({name: [cells[n] for cells in wrong] for n, name in enumerate(names)}, t.text(*names))
        found = rows.with_columns(*asked).join(small, on=names, how="semi")
        yield from t.engine.fetch(found).iter_rows(named=True)


def _said(t: Ledger, table: Table, rule: Rule, row: Mapping[str, Any]) -> Finding:
    return _finding(table, row, rule.field, rule.says(t, row), rule.fix, rule.id)
