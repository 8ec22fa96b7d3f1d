"""Table Schemas compiled to pandera: types in canonical form, constraints, keys, lists, references.

`pandera.from_frictionless_schema` is not used: in 0.35 it turns dates into unchecked text and drops formats, missing
values and foreign keys. Here each property of a field becomes one pandera check over the strings as read, named after
its rule, and pandera collects all failures of a table in one lazy run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from borderledger.package import Field, Table
from validate.cells import CellTest, cell_tests, text_test
from validate.ledger import Ledger
from validate.report import numbered
from validate.rules import Rule

if TYPE_CHECKING:
    import pandera.pandas as pa

__all__ = ["STRUCTURE", "compile_table", "failures"]

#: Rules that follow from the schemas, for docs/rules.md; the cell tests describe themselves.
STRUCTURE = {
    "cell.required": "every required field is filled",
    "key.unique": "a key names one row",
    "reference.unknown": "a reference leads to a row that exists",
}


_Holds = Callable[["pd.Series[str]"], "pd.Series[bool]"]


def compile_table(
    table: Table, ledger: Ledger, rules: Iterable[Rule]
) -> tuple[pa.DataFrameSchema | None, dict[str, Any]]:
    """The pandera schema of a table and, by name of check, what words its failures.

    A name is `rule field number`; the wording is a function of (line, cell) that returns (message, fix). The schema has
    only the checks that some row fails, because pandera takes as long for a check that finds nothing. If there is none,
    there is no schema, and pandera is not imported.
    """
    words: dict[str, Any] = {}
    columns: dict[str, dict[str, _Holds]] = {name: {} for name in table.names}
    frame = ledger.frame(table.name)

    def add(rule: str, field: str, holds: _Holds, say: Any) -> None:
        if not _passes(holds, frame, field):
            name = f"{rule} {field} {len(columns[field])}"
            columns[field][name], words[name] = holds, say

    for field in table.fields:
        if field.required:
            say = ("is empty", f"{field.title} is required: {field.description}")
            add("cell.required", field.name, lambda cells: cells.ne(""), lambda line, cell, say=say: say)
        cells = set(frame[field.name]) - {""} if field.name in frame else set()
        for test in (*text_test(), *cell_tests(field)):
            if _passed(test, cells):
                continue
            add(test.rule, field.name, _holds(test), lambda line, cell, test=test: (test.fails(cell), test.fix))
        targets = _targets(table, field, ledger)
        if targets:
            add("reference.unknown", field.name, _resolves(field, targets, ledger), _unresolved(field, targets, ledger))
    for key in _keys(table):
        add("key.unique", key[0], _unique(ledger, table, key), _doubled(ledger, table, key))
    for rule in rules:
        add(rule.id, rule.field, _rule_holds(rule, ledger), rule.words(ledger))
    return (_schema(table.name, columns) if words else None), words


def _schema(name: str, columns: dict[str, dict[str, _Holds]]) -> pa.DataFrameSchema:
    import pandera.pandas as pa  # which takes as long as pandas

    def checks(named: dict[str, _Holds]) -> list[pa.Check]:
        return [pa.Check(holds, name=check, error=check, ignore_na=False) for check, holds in named.items()]

    return pa.DataFrameSchema(
        {f: pa.Column(checks=checks(named), nullable=False) for f, named in columns.items()}, name=name
    )


def failures(schema: pa.DataFrameSchema | None, frame: pd.DataFrame) -> Iterator[tuple[str, int, str]]:
    """Run a compiled schema; yield (name of the check, line, cell) for every failure.

    A check that raised comes back with line -1 and the error as its cell: a silenced check would be invisible.
    """
    if schema is None:
        return
    from pandera.errors import SchemaErrors

    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        for name, line, cell in zip(cases["check"], cases["index"], cases["failure_case"], strict=True):
            if line is None or pd.isna(line):
                yield name, -1, str(cell)
            else:
                yield name, int(line), str(cell)


def _passed(test: CellTest, cells: Iterable[str]) -> bool:
    """Whether all cells pass a test, as `_passes`, without the time that pandas needs for each operation."""
    try:
        return not any(map(test.fails, cells))
    except Exception:
        return False


def _passes(holds: _Holds, frame: pd.DataFrame, field: str) -> bool:
    """Whether all rows pass a check. One that raises does not pass, so that pandera meets the error and reports it."""
    try:
        return bool(holds(frame[field]).all())
    except Exception:
        return False


def _holds(test: CellTest) -> Callable[[pd.Series[str]], pd.Series[bool]]:
    def holds(cells: pd.Series[str]) -> pd.Series[bool]:
        wrong = {cell for cell in cells.unique() if cell and test.fails(cell)}
        return ~cells.isin(wrong)

    return holds


def _rule_holds(rule: Rule, ledger: Ledger) -> Callable[[pd.Series[str]], pd.Series[bool]]:
    return lambda cells: rule.holds(ledger)


def _targets(table: Table, field: Field, ledger: Ledger) -> list[tuple[str, str]]:
    """The (table, column) pairs in one of which the items of a field must be found."""
    keys = [(key.table, key.target) for key in table.foreign_keys if key.field == field.name]
    targets = keys or [(target, "id") for target in field.refers_to]
    # A target that does not exist or cannot be read is one finding of its own, not one for every row.
    known = (
        ledger.readable(name)
        and column in ledger.tables[name].by_name
        and column not in ledger.package.sheets[name].absent
        for name, column in targets
    )
    return targets if all(known) else []


def _known(targets: list[tuple[str, str]], ledger: Ledger) -> set[str]:
    return set().union(*(ledger.keys(name, column) for name, column in targets))


def _resolves(
    field: Field, targets: list[tuple[str, str]], ledger: Ledger
) -> Callable[[pd.Series[str]], pd.Series[bool]]:
    def holds(cells: pd.Series[str]) -> pd.Series[bool]:
        known = _known(targets, ledger)
        wrong = {cell for cell in cells.unique() if any(item not in known for item in field.items(cell))}
        return ~cells.isin(wrong)

    return holds


def _unresolved(field: Field, targets: list[tuple[str, str]], ledger: Ledger) -> Any:
    files = " or ".join(dict.fromkeys(ledger.tables[name].path for name, _ in targets))

    def words(line: int, cell: str) -> tuple[str, str]:
        known = _known(targets, ledger)
        unknown = [item for item in field.items(cell) if item not in known]
        return f"{', '.join(unknown)!r} is not in {files}", "Correct the spelling, or add the row first."

    return words


def _keys(table: Table) -> list[tuple[str, ...]]:
    return [key for key in (table.key, *((f.name,) for f in table.fields if f.unique)) if key]


def _unique(ledger: Ledger, table: Table, key: tuple[str, ...]) -> Callable[[pd.Series[str]], pd.Series[bool]]:
    return lambda cells: ~ledger.frame(table.name).index.to_series().isin(ledger.doubles(table.name, key))


def _doubled(ledger: Ledger, table: Table, key: tuple[str, ...]) -> Any:
    def words(line: int, cell: str) -> tuple[str, str]:
        others = numbered(ledger.doubles(table.name, key)[line], but=line)
        what = ", ".join(f"{name}={ledger.frame(table.name).at[line, name]}" for name in key)
        return f"the key {what} is also in line {others}", "Delete one of the rows, or give it a key of its own."

    return words
