"""No rule without an example that fails and a near miss that passes, and no rule that the engine leaves out."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

from borderledger.package import Package
from tests.conftest import Mini
from tests.validate.rules.examples import TYPICAL
from validate.cells import cell_tests, text_test
from validate.evidence import EVIDENCE
from validate.rules import rules_of
from validate.structure import STRUCTURE

HERE = Path(__file__).parent


def every_rule(package: Package) -> set[str]:
    """Identifiers of all rules about content; those about files that cannot be read are tested in test_hostile.py."""
    of_tables = {rule.id for rule in rules_of(package.tables)}
    of_cells = {test.rule for table in package.tables.values() for field in table.fields for test in cell_tests(field)}
    return of_tables | of_cells | {test.rule for test in text_test()} | {*STRUCTURE, *EVIDENCE, "form.canonical"}


def examples() -> dict[str, set[str]]:
    """The kinds of examples (`fires`, `passes`) that the tests hold for each rule, from their sources."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(HERE.parent.rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                rule = next((named for line in node.body if (named := _rule(line))), "")
                names = [line.name for line in node.body if isinstance(line, ast.FunctionDef)]
                found[rule] |= {name.split("_")[1] for name in names if name.startswith("test_")}
    return found


def _rule(line: ast.stmt) -> str:
    match line:
        case ast.Assign(targets=[ast.Name(id="rule")], value=ast.Constant(value=str(rule))):
            return rule
    return ""


@pytest.mark.parametrize("kind", ["fires", "passes"])
def test_every_rule_has_an_example(whole: Package, kind: str) -> None:
    held = examples()
    assert sorted(rule for rule in every_rule(whole) if kind not in held[rule]) == []


def test_every_example_is_of_a_rule_that_exists(whole: Package) -> None:
    assert sorted(examples().keys() - every_rule(whole) - {""}) == []


def test_every_rule_has_a_reason_and_a_remedy_in_words(whole: Package) -> None:
    rules = list(rules_of(whole.tables))
    assert [rule.id for rule in rules if not (rule.why and rule.why[0].islower() and rule.why[-1] != ".")] == []
    assert [rule.id for rule in rules if not rule.fix.strip()] == []
    assert [r for r, why in (STRUCTURE | EVIDENCE).items() if not (why and why[0].islower() and why[-1] != ".")] == []


#: Of a row that comes from a publisher's file.
FILED = {"to_place": "AL", "quantity_qualifier": "exact", "source_id": "homeoffice-ret-destination-2023-q4"}
#: One row for each rule of tables: (table, cells, rule, field, gist of the message). Each is bad in one way at least.
BAD = [
    ("agreements", {"signed": "2020", "entered_into_force": "2019"}, "dates.order", "entered_into_force", "2019 is before signed 2020"),
    ("agreements", {"status": "negotiating", "signed": "2020"}, "status.dates", "status", "is negotiating, but signed is 2020"),
    ("agreements", {"status": "replaced"}, "status.successor", "status", "no agreement replaces it"),
    ("agreements", {"status": "signed", "signed": "2020", "status_as_of": "2019"}, "status.as-of", "status_as_of", "2019 is before the step"),
    ("agreements", {"party_a": "BA"}, "agreement.parties", "party_b", "BA is on both sides"),
    ("agreements", {"oj_ref": "OJ L 3"}, "agreement.oj", "oj_ref", "is not a reference to the Official Journal"),
    ("agreements", {"celex": "22007A1219(01)", "oj_ref": "OJ L 3, 5.1.2003, p. 1"}, "agreement.celex", "celex", "is not of the day of"),
    ("agreements", {"replaces": "agr-bad-7"}, "link.cycle", "replaces", "agr-bad-7 > agr-bad-7"),
    ("deployments", {"event": "plan", "measure": "present"}, "deployment.plan", "measure", "event is plan"),
    ("deployments", {"agreement_id": "agr-status-rs-2021", "hosts": "RS", "date": "2018"}, "deployment.in-force", "agreement_id", "not in force"),
    ("deployments", {"agreement_id": "agr-status-rs-2021", "hosts": "BA"}, "deployment.host", "agreement_id", "not with the host BA"),
    ("deployments", {"hosts": "BA", "border": "MK-RS land"}, "deployment.border", "border", "MK-RS land is not a border of BA"),
    ("deployments", {"contributors": "AT;DE", "contributor_count": "1"}, "deployment.contributors", "contributor_count", "1 is less than"),
    ("projects", {"original_currency": "EUR"}, "project.currency", "original_currency", "EUR is not another currency"),
    ("projects", {"amount_eur": "5"}, "figure.companion", "amount_eur_qualifier", "is empty, but amount_eur is filled"),
    ("projects", {"amount_eur_max": "5"}, "figure.range", "amount_eur_max", "is 5, but amount_eur_qualifier is empty"),
    ("projects", {"note": "write to a.b@example.org"}, "text.personal", "note", "a.b@example.org"),
    ("returns", {"from_place": "BA", "to_place": "BA"}, "return.places", "from_place", "is the same as to_place"),
    ("returns", {"from_place": "AL", "period": "2001"}, "return.same-flow", "quantity", "counts the same flow"),
    ("returns", {"from_place": "AL", "period": "2001"}, "return.same-flow", "quantity", "counts the same flow"),
    ("returns", {"period": "2001/2002", "quantity": "9", "measure": "cumulative"}, "figure.companion", "quantity_qualifier", "is empty"),
    ("returns", {"period": "2001/2003", "quantity": "8", "measure": "cumulative"}, "return.cumulative", "quantity", "8 is less than the 9"),
    ("returns", {"period": "2020-11", "quantity": "99999", "part_of": "ret-all-ba-2020-11"}, "part.figure", "quantity", "99999 is more than"),
    ("returns", {"period": "1999", "part_of": "ret-all-ba-2020-11"}, "part.window", "period", "1999 is partly outside 2020-11"),
    ("returns", {"period": "2020-11", "quantity": "1", "unit": "flights", "part_of": "ret-all-ba-2020-11"}, "part.same", "unit", "flights differs"),
    ("operations", {"reference": "RO-2"}, "operation.id", "id", "is not made from RO-2"),
    ("operations", {"reference": "RO-3", "reach": "wider"}, "operation.reach", "reach", "is wider, but the destinations are AL"),
    ("operations", {"reference": "RO-4"}, "operation.states", "states", "is DE, but operation_states has none"),
    ("operations", {"reference": "RO-5", "persons_wb6": "11"}, "operation.part", "persons_wb6", "11 is more than persons, 9"),
    ("operations", {"reference": "RO-6", "persons": "11"}, "operation.sum", "persons", "11, but the states have 9 together"),
    ("operation_states", {"operation_id": "op-bad-29", "date": "2024-05-07"}, "operation.date", "date", "2024-05-07, but op-bad-29 was on"),
    ("operation_states", {"operation_id": "op-bad-28"}, "operation.returns", "persons_wb6", "9, but the rows of returns have 0"),
    ("returns", {"operation_ref": "RO-4", "from_place": "AT"}, "return.operation", "operation_ref", "RO-4 was by DE to AL"),
    ("returns", {**FILED, "quantity": "7", "period": "1998"}, "return.parts-add-up", "quantity", "7 is the whole, but its parts add up to 9"),
    ("returns", {**FILED, "quantity": "9", "period": "1998-01", "part_of": "ret-bad-33"}, "part.figure", "quantity", "9 is more than the 7"),
    ("facilities", {"latitude": "51", "longitude": "20.1", "locality": "A"}, "facility.region", "latitude", "51 is outside"),
    ("facilities", {"latitude": "44", "longitude": "20.123", "locality": "B"}, "facility.precision", "longitude", "more than 2 decimals"),
    ("facilities", {"latitude": "44", "locality": "C", "coordinates_of": "locality"}, "figure.companion", "longitude", "is empty"),
    ("facilities", {"latitude": "45", "locality": "C", "coordinates_of": "locality"}, "facility.locality", "latitude", "differs from the 44"),
    ("sources", {}, "source.used", "id", "cites it"),
    ("sources", {}, "source.same", "url", "another source has the same address"),
    ("sources", {"reprint_of": "founding-article"}, "source.reprint", "reprint_of", "states nothing that founding-article states"),
    ("checks", {"source_id": "founding-article", "field": "celex"}, "check.claim", "record_id", "has no claim on celex of agr-status-ba-2025"),
    ("checks", {"result": "wrong"}, "check.note", "note", "is empty, but the result is wrong"),
    ("checks", {"checked": "1999-01-01", "source_id": "anews-2025-06-11"}, "dates.order", "checked", "is before anews-2025-06-11 was"),
    ("organisations", {"publishes_as": "Fontex"}, "publisher.known", "publishes_as", "Fontex is not the publisher"),
    ("corrections", {"old": "1", "new": "2"}, "correction.new", "new", "the record holds"),
    ("corrections", {"old": "1", "new": "1", "field": "initialled"}, "correction.change", "old", "is the same as new"),
    ("corrections", {"old": "1", "new": "2", "record_id": "agr-gone"}, "correction.record", "record_id", "is no record or source, and not retired"),
]  # fmt: skip
PREFIX = {
    "agreements": "agr",
    "deployments": "dep",
    "projects": "prj",
    "returns": "ret",
    "operations": "op",
    "operation_states": "op",
    "facilities": "fac",
    "sources": "source",
    "organisations": "body",
}
#: The first column of the tables whose rows have no id.
NAMED_BY = {"checks": "audit", "corrections": "version"}


def test_one_run_reports_every_rule_at_the_line_of_its_row(mini: Mini, whole: Package) -> None:
    for number, (table, values, *_) in enumerate(BAD):
        if table in NAMED_BY:
            named = {NAMED_BY[table]: f"0.{number}.0", "record_id": "agr-status-ba-2025", "field": "signed"}
            mini.add(table, **{**named, **values})
        else:
            mini.add(table, **{**TYPICAL[table], **values, "id": f"{PREFIX[table]}-bad-{number}"})
    report = mini.check()
    said = {(f.rule, f.file, f.line, f.field): f for f in report.findings}
    for number, (table, values, rule, field, message) in enumerate(BAD):
        text = (mini.root / whole.tables[table].path).read_text(encoding="utf-8").splitlines()
        key = f"0.{number}.0," if table in NAMED_BY else f"{PREFIX[table]}-bad-{number},"
        line = next(n for n, row in enumerate(text, 1) if row.startswith(key))
        finding = said.get((rule, f"data/{table}.csv", line, field))
        assert finding, f"{rule} is silent about {table} {values}"
        assert message in finding.message
        assert finding.fix
    assert {rule for _, _, rule, _, _ in BAD} == {rule.id for rule in rules_of(whole.tables)}
    assert report.exit_code == 1
