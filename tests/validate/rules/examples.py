"""Packages that hold the rows of one example and nothing else, and what one rule says of them.

A rule is a function of the tables, so the examples need neither files nor the other rules. That the engine reports
every rule, from files, in one run and beside all others is shown in test_every_rule.py.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from borderledger.package import Package, Sheet
from validate import Finding
from validate.ledger import Ledger
from validate.rules import rules_of
from validate.structure import rule_findings

Row = dict[str, str]

AGREEMENT = {"id": "agr-a", "title": "A", "type": "readmission", "party_a": "EU", "party_b": "BA", "status": "in_force"}
DEPLOYMENT = {"id": "dep-a", "title": "A", "agency": "frontex", "hosts": "BA", "event": "snapshot"}
PROJECT = {"id": "prj-a", "title": "A", "kind": "project"}
RETURN = {"id": "ret-a", "from_place": "BA", "return_type": "all", "unit": "persons", "measure": "count"}
CROSSING = {"id": "crs-a", "route": "western_balkan", "period": "2022", "detections": "1"}
FACILITY = {"id": "fac-a", "name": "A", "place": "BA", "kind": "reception"}
ACTIVITY = {"id": "act-a", "kind": "meeting", "title": "A", "summary": "A"}
OPERATION = {"id": "op-ro-1", "reference": "RO-1", "date": "2024-05-06", "destinations": "AL", "reach": "wb6"}
OPERATION |= {"states": "DE", "persons": "9", "persons_wb6": "9", "source_id": "file"}
OPERATION_STATE = {"id": "op-ro-1-de", "operation_id": "op-ro-1", "date": "2024-05-06", "state": "DE", "persons": "9"}
OPERATION_STATE |= {"persons_wb6": "9", "source_id": "file"}
SOURCE = {"id": "source-a", "title": "A", "publisher": "A", "kind": "news", "url": "https://a.example/"}
ORGANISATION = {"id": "body-a", "name": "A", "kind": "ngo"}
PLACES = (
    {"id": "AL", "member_of": "WB6"},
    {"id": "BA", "member_of": "WB6"},
    {"id": "HR", "member_of": "EU"},
    {"id": "MK", "member_of": "WB6"},
    {"id": "RS", "member_of": "WB6"},
)

#: What most rows of a table have in common; an example gives what it is about.
TYPICAL = {
    "agreements": AGREEMENT,
    "deployments": DEPLOYMENT,
    "projects": PROJECT,
    "returns": RETURN,
    "operations": OPERATION,
    "operation_states": OPERATION_STATE,
    "crossings": CROSSING,
    "facilities": FACILITY,
    "activities": ACTIVITY,
    "sources": SOURCE,
    "organisations": ORGANISATION,
}


def ledger(package: Package, **tables: Iterable[Row]) -> Ledger:
    """The tables of a package with these rows only, each on top of what is typical; the first is line 2."""
    tables = {"places": PLACES} | tables
    sheets = {}
    for table in package.tables.values():
        empty = dict.fromkeys(table.names, "")
        rows = [empty | TYPICAL.get(table.name, {}) | row for row in tables.get(table.name, ())]
        cells = [(line, [row[name] for name in table.names]) for line, row in enumerate(rows, 2)]
        sheets[table.name] = Sheet(tuple(table.names), lambda cells=cells: cells, "")
    return Ledger(dataclasses.replace(package, sheets=sheets))


def findings(package: Package, rule: str, **tables: Iterable[Row]) -> list[Finding]:
    """What a rule says of a package that holds these rows."""
    book = ledger(package, **tables)
    of_rule = [each for each in rules_of(book.tables) if each.id == rule]
    found = []
    for table in book.tables.values():
        found += rule_findings(book, table, [each for each in of_rule if each.table == table.name])
    return sorted({*found})


def shows(found: list[Finding], where: str, message: str, fix: str) -> None:
    """There is one finding, at `file:line field`, with these words in its message and in what to do about it."""
    assert [f"{f.file}:{f.line} {f.field}" for f in found] == [where]
    assert message in found[0].message
    assert fix in found[0].fix
