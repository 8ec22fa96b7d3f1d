"""The planted faults: one for each rule, so that a release shows that each rule still works.

A fault is either rows that break a rule, or an edit of one file that does. `release.working_rules` plants them and
looks for the finding. The manifest keeps them, and the next release must find them again. So the gate also sees a rule
that was weakened together with its fault.

To add a rule, add a fault. To change a rule, leave its faults as they are if the rule must still find them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from borderledger.package import JOURNAL

__all__ = ["PLANTED", "Edit", "Fault", "Row"]

#: A row: its table, and its cells that are not empty.
Row = tuple[str, Mapping[str, str]]
#: What is done to a file, its path, and the text: `append` it, `write` it in place of the file, `delete` the file, or
#: `reverse` its rows.
Edit = tuple[str, str, str]
_HOW = ("append", "write", "delete", "reverse")


@dataclass(frozen=True)
class Fault:
    """A fault, and the finding that it must give.

    rule    the rule of the finding
    table   the table and the field that the message names; empty if the finding is not about a row
    rows    the bad row first, then the rows that it needs beside it
    edits   what is done to files; then there are no rows
    """

    rule: str
    table: str = ""
    field: str = ""
    rows: tuple[Row, ...] = ()
    edits: tuple[Edit, ...] = ()

    @property
    def name(self) -> str:
        """The rule, and where it looks."""
        return f"{self.rule} of {self.table}.{self.field}" if self.table else self.rule

    @property
    def example(self) -> str:
        """What is planted, in one line."""
        if self.edits:
            return "; ".join(f"{how} {path}" for how, path, _ in self.edits)
        shown = (f"{table}: {', '.join(f'{k} {v}' for k, v in cells.items()) or 'empty'}" for table, cells in self.rows)
        return "; ".join(shown)

    def json(self) -> dict[str, Any]:
        """The fault for the manifest, without what is empty."""
        found = {"rule": self.rule, "table": self.table, "field": self.field, "rows": self.rows, "edits": self.edits}
        return {name: value for name, value in found.items() if value}

    @classmethod
    def parse(cls, entry: Any) -> Fault:
        """The fault that an entry of a manifest is. Raises ValueError, TypeError, LookupError or AttributeError."""
        words = [entry["rule"], entry.get("table", ""), entry.get("field", "")]
        rows = tuple((table, dict(cells.items())) for table, cells in entry.get("rows", ()))
        edits = tuple((how, path, text) for how, path, text in entry.get("edits", ()))
        words += [word for table, cells in rows for word in (table, *cells, *cells.values())]
        words += [word for edit in edits for word in edit]
        if not all(isinstance(word, str) for word in words):
            raise ValueError("a planted fault is made of texts")
        for how, path, text in edits:
            # It is written to a folder of its own, and must stay there.
            if how not in _HOW or PurePosixPath(path).is_absolute() or {"..", "\\"} & {*path, *path.split("/")}:
                raise ValueError(f"a planted fault cannot {how} {path}")
            text.encode("latin-1")
        return cls(entry["rule"], entry.get("table", ""), entry.get("field", ""), rows, edits)


def _row(rule: str, table: str, field: str, cells: Mapping[str, str], *beside: Row) -> Fault:
    return Fault(rule, table, field, ((table, cells), *beside))


def _edit(rule: str, how: str, path: str, text: str = "") -> Fault:
    return Fault(rule, edits=((how, path, text),))


#: Two dates of one row, of which the second must not be before the first.
_ORDER = (
    *(("agreements", "recommended", later) for later in ("mandated", "negotiation_started", "initialled", "signed")),
    *(("agreements", "mandated", later) for later in ("negotiation_started", "initialled", "signed")),
    *(("agreements", "negotiation_started", later) for later in ("initialled", "signed")),
    *(("agreements", "initialled", later) for later in ("signed", "provisional_application", "concluded")),
    *(("agreements", "recommended", "entered_into_force"), ("agreements", "mandated", "entered_into_force")),
    *(("agreements", "negotiation_started", "entered_into_force"), ("agreements", "initialled", "entered_into_force")),
    *(("agreements", "consented", "concluded"), ("agreements", "concluded", "entered_into_force")),
    *(("agreements", "signed", "provisional_application"), ("agreements", "signed", "entered_into_force")),
    *(("agreements", "provisional_application", "entered_into_force"),),
    *(("agreements", "provisional_application", "ended"), ("agreements", "entered_into_force", "ended")),
    *(("projects", "start", "end"), ("facilities", "opened", "closed")),
)
#: A field that is filled, and the one that then must be filled beside it.
_COMPANIONS = (
    *(("projects", "amount_eur", "amount_basis"), ("projects", "amount_eur", "amount_eur_qualifier")),
    *(
        ("projects", "original_amount", "original_amount_qualifier"),
        ("projects", "original_amount", "original_currency"),
    ),
    *(("projects", "start_kind", "start_kind"), ("projects", "status_as_of", "status_as_of")),
    *(("agreements", "status_as_of", "status_as_of"), ("facilities", "status_as_of", "status_as_of")),
    *(("facilities", "capacity_as_of", "capacity_as_of"), ("facilities", "capacity_kind", "capacity_kind")),
    *(("facilities", "capacity", "capacity_qualifier"), ("facilities", "coordinates_of", "coordinates_of")),
    *(("facilities", "coordinates_of", "latitude"), ("facilities", "coordinates_of", "longitude")),
    *(("deployments", "officers", "measure"), ("deployments", "officers", "officers_qualifier")),
    *(("returns", "quantity", "quantity_qualifier"), ("crossings", "detections", "detections_qualifier")),
)
_FIGURES = (
    *(("projects", "amount_eur"), ("facilities", "capacity"), ("deployments", "officers"), ("returns", "quantity")),
)
_LINKS = (
    *(("agreements", "implements"), ("agreements", "replaces"), ("sources", "reprint_of")),
    *(("deployments", "part_of"), ("projects", "part_of"), ("returns", "part_of")),
)
#: A word that fits the field, or a date or a figure.
_FILLED = {"status_as_of": "2001", "start_kind": "contract", "capacity_as_of": "2001", "capacity_kind": "design"}
_FILLED |= {"coordinates_of": "locality"}
#: A status that the date of a step rules out.
_RULED_OUT = (
    *(("agreements", "initialled", "proposed"), ("agreements", "signed", "negotiating")),
    *(("agreements", "provisional_application", "signed"), ("agreements", "entered_into_force", "rejected")),
    *(("agreements", "ended", "in_force"), ("facilities", "closed", "open")),
)


def _of_rows() -> Iterator[Fault]:
    """Faults that are rows, with all that a row needs to be read as what it is meant to be."""
    for table, earlier, later in _ORDER:
        yield _row("dates.order", table, later, {earlier: "2002", later: "2001"})
    for table, filled, lacking in _COMPANIONS:
        yield _row("figure.companion", table, lacking, {filled: _FILLED.get(filled, "7")})
    for table, figure in _FIGURES:
        cells = {figure: "7", f"{figure}_qualifier": "range"}
        yield _row("figure.range", table, f"{figure}_max", {**cells, f"{figure}_max": "7"})
        yield _row("figure.range", table, f"{figure}_max", cells)
        yield _row("figure.range", table, f"{figure}_max", {figure: "7", f"{figure}_max": "9"})
    for table, link in _LINKS:
        yield _row("link.cycle", table, link, {"id": f"a-{link}", link: f"a-{link}"})
        pair = {"id": f"b-{link}", link: f"c-{link}"}, {"id": f"c-{link}", link: f"b-{link}"}
        yield _row("link.cycle", table, link, pair[0], (table, pair[1]))
    for table, step, status in _RULED_OUT:
        yield _row("status.dates", table, "status", {step: "2001", "status": status})
    for table, figure in (("deployments", "officers"), ("projects", "amount_eur"), ("returns", "quantity")):
        part, whole = {figure: "9", f"{figure}_qualifier": "exact"}, {figure: "7", f"{figure}_qualifier": "exact"}
        yield _part("part.figure", table, figure, part, whole)
    yield _part(
        "part.same", "deployments", "measure", *({"officers": "7", "measure": m} for m in ("present", "planned"))
    )
    yield _part("part.same", "returns", "unit", *({"quantity": "7", "unit": unit} for unit in ("flights", "persons")))
    yield _part("part.window", "deployments", "date", {"date": "2001"}, {"date": "2002"})
    yield _part("part.window", "projects", "start", {"start": "2001"}, {"start": "2002"})
    yield _part("part.window", "returns", "period", {"period": "2001/2002"}, {"period": "2002"})
    yield from _STRUCTURE
    yield from _EVIDENCE
    yield from _DOMAIN


def _part(rule: str, table: str, field: str, part: Mapping[str, str], whole: Mapping[str, str]) -> Fault:
    identity = f"whole-{rule.replace('.', '-')}-{table}"
    return _row(rule, table, field, {**part, "part_of": identity}, (table, {"id": identity, **whole}))


_STRUCTURE = (
    _row("cell.category", "returns", "unit", {"unit": "heads"}),
    _row("cell.date", "returns", "period", {"period": "2001-02-30"}),
    _row("cell.list", "deployments", "hosts", {"hosts": "BA;AL"}),
    _row("cell.pattern", "claims", "field", {"field": "Not a field"}),
    _row("cell.required", "returns", "unit", {}),
    _row("cell.type", "returns", "quantity", {"quantity": "many"}),
    _row("key.unique", "organisations", "id", {"id": "twice"}, ("organisations", {"id": "twice"})),
    _row("reference.unknown", "returns", "source_id", {"source_id": "nowhere"}),
    _row("reference.unknown", "deployments", "hosts", {"hosts": "QQ"}),
    _row("reference.unknown", "claims", "record_id", {"record_id": "ret-nowhere"}),
    _row("text.form", "returns", "note", {"note": "two  spaces"}),
    _row("text.formula", "returns", "note", {"note": "=1+1"}),
)


def _claim(record: str, field: str, value: str, verdict: str = "agrees", source: str = "s") -> Row:
    cells = {"record_id": record, "field": field, "value": value, "qualifier": "exact", "verdict": verdict}
    return "claims", {**cells, "source_id": source}


def _said(rule: str, table: str, field: str, record: Mapping[str, str], *claims: Row) -> Fault:
    """A return with its claims; the finding is about one of them."""
    rows = (("returns", record), *claims)
    return Fault(rule, table, field, rows)


_SEVEN = {"quantity": "7", "quantity_qualifier": "exact"}
_EVIDENCE = (
    _said("evidence.field", "claims", "field", {"id": "ret-e-field"}, _claim("ret-e-field", "colour", "7")),
    _said("evidence.mismatch", "returns", "quantity", {"id": "ret-e-a", **_SEVEN}, _claim("ret-e-a", "quantity", "9")),
    _said(
        *(
            "evidence.mismatch",
            "returns",
            "quantity",
            {"id": "ret-e-q", "quantity": "7", "quantity_qualifier": "about"},
        ),
        _claim("ret-e-q", "quantity", "7"),
    ),
    _said("evidence.missing", "returns", "quantity", {"id": "ret-e-b", **_SEVEN}),
    _said("evidence.source", "returns", "source_id", {"id": "ret-e-c", "source_id": "s-silent"}),
    _said("evidence.unused", "returns", "quantity", {"id": "ret-e-d"}, _claim("ret-e-d", "quantity", "9")),
    _said("evidence.value", "claims", "value", {"id": "ret-e-e", **_SEVEN}, _claim("ret-e-e", "quantity", "many")),
    _said(
        *("evidence.verdict", "claims", "verdict", {"id": "ret-e-f", **_SEVEN}),
        *(_claim("ret-e-f", "quantity", "7"), _claim("ret-e-f", "quantity", "7", "contradicts", "t")),
    ),
    _said("totals.missing", "claims", "source_id", {"id": "ret-e-g"}, _claim("ret-e-g", "unit", "persons", source="u")),
    Fault(
        *("totals.differ", "claims", "value"),
        (
            ("control_totals", {"source_id": "v", "table": "claims", "rows": "1", "total": "7", "digest": "0" * 64}),
            _claim("ret-e-h", "quantity", "7", source="v"),
        ),
    ),
)
#: The text fields of each table.
_TEXTS = {
    "agreements": "title oj_ref note",
    "deployments": "title operation equipment note",
    "projects": "title reference note",
    "returns": "operation_ref procedure note",
    "operations": "note",
    "operation_states": "note",
    "crossings": "note",
    "facilities": "name locality note",
    "activities": "title summary note",
    "claims": "value locator note",
    "sources": "title publisher document_ref",
    "organisations": "name short_name",
    "places": "name note",
    "checks": "record_id note",
    "corrections": "record_id old new reason issue",
}
_COUNTED = {"to_place": "XK", "quantity_qualifier": "exact", "measure": "count", "source_id": "a-file"}
_RUNNING = {"to_place": "AL", "quantity_qualifier": "exact", "measure": "cumulative"}
_DOMAIN = (
    _row("agreement.celex", "agreements", "celex", {"celex": "22007A1219(01)", "oj_ref": "OJ L 3, 5.1.2003, p. 1"}),
    _row("agreement.oj", "agreements", "oj_ref", {"oj_ref": "OJ L 3"}),
    _row("agreement.parties", "agreements", "party_b", {"party_a": "BA", "party_b": "BA"}),
    _row("status.dates", "agreements", "status", {"status": "provisionally_applied"}),
    _row("status.successor", "agreements", "status", {"status": "replaced"}),
    _row("status.as-of", "agreements", "status_as_of", {"status": "signed", "signed": "2002", "status_as_of": "2001"}),
    _row("status.as-of", "facilities", "status_as_of", {"status": "open", "opened": "2002", "status_as_of": "2001"}),
    _row("status.dates", "projects", "status", {"status": "completed", "status_as_of": "2001", "end": "2002"}),
    _row("deployment.border", "deployments", "border", {"hosts": "BA", "border": "MK-RS land"}),
    _row(
        "deployment.contributors",
        "deployments",
        "contributor_count",
        {"contributors": "AT;DE", "contributor_count": "1"},
    ),
    _row(
        *("deployment.host", "deployments", "agreement_id", {"agreement_id": "agr-with-rs", "hosts": "BA"}),
        ("agreements", {"id": "agr-with-rs", "party_a": "EU", "party_b": "RS"}),
    ),
    _row(
        *("deployment.in-force", "deployments", "agreement_id", {"agreement_id": "agr-of-2002", "date": "2001"}),
        ("agreements", {"id": "agr-of-2002", "entered_into_force": "2002"}),
    ),
    _row("deployment.plan", "deployments", "measure", {"event": "plan", "measure": "present"}),
    *(
        _row(
            *("facility.locality", "facilities", field, {"id": f"fac-b-{field}", field: "43", **place}),
            ("facilities", {"id": f"fac-a-{field}", field: "42", **place}),
        )
        for field in ("latitude", "longitude")
        for place in [{"place": "BA", "locality": field, "coordinates_of": "locality"}]
    ),
    _row("facility.precision", "facilities", "latitude", {"latitude": "42.123"}),
    _row("facility.precision", "facilities", "longitude", {"longitude": "20.123"}),
    _row("facility.region", "facilities", "latitude", {"latitude": "46.3"}),
    _row("facility.region", "facilities", "longitude", {"longitude": "15.6"}),
    _row("project.currency", "projects", "original_currency", {"original_currency": "EUR"}),
    _row("project.currency", "projects", "original_amount", {"original_amount": "100", "amount_eur": "200"}),
    _row(
        *("return.cumulative", "returns", "quantity"),
        {**_RUNNING, "period": "2001/2003", "quantity": "8"},
        ("returns", {**_RUNNING, "period": "2001/2002", "quantity": "9"}),
    ),
    _row("return.places", "returns", "from_place", {"from_place": "BA", "to_place": "BA"}),
    _row("return.places", "returns", "from_place", {}),
    _row(
        *("return.parts-add-up", "returns", "quantity"),
        {**_COUNTED, "id": "ret-whole-of-a-file", "period": "2001", "quantity": "20"},
        ("returns", {**_COUNTED, "part_of": "ret-whole-of-a-file", "period": "2001-02", "quantity": "9"}),
        ("control_totals", {"source_id": "a-file", "table": "returns", "rows": "2", "total": "29", "digest": "0" * 64}),
    ),
    _row(
        *("return.same-flow", "returns", "quantity", {"to_place": "ME", "period": "2001"}),
        ("returns", {"to_place": "ME", "period": "2001"}),
    ),
    _row("operation.id", "operations", "id", {"id": "op-ro-2", "reference": "RO-1"}),
    _row("operation.id", "operation_states", "id", {"id": "op-ro-3-de", "operation_id": "op-ro-3", "state": "AT"}),
    _row("operation.reach", "operations", "reach", {"id": "op-ro-4", "reach": "wb6", "destinations": "AF"}),
    _row("operation.states", "operations", "states", {"id": "op-ro-5", "states": "DE"}),
    *(
        _row(
            *("operation.sum", "operations", figure, {"id": f"op-sum-{n}", figure: "7"}),
            ("operation_states", {"id": f"op-sum-{n}-de", "operation_id": f"op-sum-{n}", "state": "DE", figure: "9"}),
        )
        for n, figure in enumerate(("persons", "persons_wb6", "monitors"))
    ),
    _row("operation.part", "operations", "persons", {"reach": "wb6", "persons": "9", "persons_wb6": "7"}),
    _row("operation.part", "operations", "persons_wb6", {"persons": "7", "persons_wb6": "9"}),
    _row("operation.part", "operation_states", "persons_wb6", {"persons": "7", "persons_wb6": "9"}),
    _row("operation.part", "operation_states", "pool_monitors", {"monitors": "7", "pool_monitors": "9"}),
    _row(
        *("operation.date", "operation_states", "date", {"operation_id": "op-ro-6", "date": "2001-01-02"}),
        ("operations", {"id": "op-ro-6", "date": "2001-01-01"}),
    ),
    _row(
        "operation.returns",
        "operation_states",
        "persons_wb6",
        {"operation_id": "op-ro-7", "state": "DE", "source_id": "s", "persons_wb6": "9"},
        ("operations", {"id": "op-ro-7", "reference": "RO-7"}),
        (
            "returns",
            {"operation_ref": "RO-7", "from_place": "DE", "source_id": "s", "unit": "persons", "quantity": "7"},
        ),
    ),
    _row(
        *("return.operation", "returns", "operation_ref", {"operation_ref": "RO-8", "from_place": "AT"}),
        ("operations", {"id": "op-ro-8", "reference": "RO-8", "states": "DE", "destinations": "AL"}),
    ),
    _row(
        *("return.operation", "returns", "period", {"operation_ref": "RO-9", "period": "2001-01-02"}),
        ("operations", {"id": "op-ro-9", "reference": "RO-9", "date": "2001-01-01"}),
    ),
    _row("dates.order", "sources", "published", {"published": "2002", "accessed": "2001-01-01"}),
    _row(
        *("source.reprint", "sources", "reprint_of"),
        {"id": "s-of-2001", "published": "2001", "reprint_of": "s-of-2002"},
        ("sources", {"id": "s-of-2002", "published": "2002"}),
        *(_claim("ret-of-both", "unit", "persons", source=source) for source in ("s-of-2001", "s-of-2002")),
    ),
    _row("source.reprint", "sources", "reprint_of", {"reprint_of": "s-stated"}, ("sources", {"id": "s-stated"})),
    _row(
        *("source.same", "sources", "url", {"title": "A", "url": "https://a.example/"}),
        ("sources", {"title": "A", "url": "https://a.example/"}),
    ),
    _row("source.used", "sources", "id", {}),
    _row("publisher.known", "organisations", "publishes_as", {"publishes_as": "Nobody"}),
    _row("publisher.known", "places", "publishes_as", {"id": "QX", "publishes_as": "Nobody"}),
    _row("check.claim", "checks", "record_id", {"record_id": "ret-unclaimed", "field": "unit", "result": "confirmed"}),
    _row("check.note", "checks", "note", {"result": "unseen"}),
    _row(
        *("dates.order", "checks", "checked", {"source_id": "s-of-2003", "checked": "2002-12-31"}),
        ("sources", {"id": "s-of-2003", "published": "2003"}),
    ),
    _row("correction.change", "corrections", "old", {"record_id": "a", "field": "b", "old": "1", "new": "1"}),
    _row(
        *("correction.new", "corrections", "new", {"record_id": "ret-c", "field": "quantity", "old": "1", "new": "2"}),
        ("returns", {"id": "ret-c", "quantity": "7"}),
    ),
    _row(
        "correction.record",
        "corrections",
        "record_id",
        {"record_id": "ret-gone", "field": "note", "old": "1", "new": "2"},
    ),
    *(
        _row("text.personal", table, field, {field: "write to a.b@example.org"})
        for table, fields in _TEXTS.items()
        for field in fields.split()
    ),
    _row("text.personal", "returns", "note", {"note": "call +355 4 222 3333"}),
)

_PLACES = "data/places.csv"
_SCHEMA = {
    **{"name": "a", "title": "A", "description": "B", "primaryKey": ["id"]},
    "fields": [{"name": "id", "title": "A", "description": "B", "type": "string"}],
}
_NOWHERE = {"foreignKeys": [{"fields": ["id"], "reference": {"resource": "nowhere", "fields": ["id"]}}]}
_OF_FILES = (
    _edit("file.binary", "append", _PLACES, "\0\n"),
    _edit("file.blank", "append", _PLACES, "\n"),
    _edit("file.delimiter", "write", _PLACES, "id;name;kind\nAL;Albania;country\n"),
    _edit("file.empty", "write", _PLACES),
    _edit("file.encoding", "append", _PLACES, "\xff\n"),
    _edit(
        *("file.hash", "write", "datapackage.json"),
        json.dumps(
            {
                "name": "a",
                "resources": [{"name": "places", "path": _PLACES, "schema": "schemas/places.json", "bytes": 1}],
            }
        ),
    ),
    _edit("file.header", "write", _PLACES, "x\n"),
    _edit("file.line-ends", "append", _PLACES, "XX"),
    _edit("file.merge", "append", _PLACES, "<<<<<<< ours\nXX\n=======\nXY\n>>>>>>> theirs\n"),
    _edit("file.missing", "delete", _PLACES),
    _edit("file.padding", "write", _PLACES, "id,,\nAL,,\n"),
    _edit("file.quotes", "append", _PLACES, '"XX\n'),
    _edit("file.ragged", "append", _PLACES, "XX\n"),
    _edit("file.too-long", "append", _PLACES, f"{'X' * 10_001}\n"),
    _edit("form.canonical", "reverse", _PLACES),
    _edit("package.descriptor", "write", "datapackage.json", '{"name": "x", "resources": [{"name": "x"}]}'),
    _edit("package.incomplete", "delete", "data/sources.csv"),
    _edit("package.interrupted", "write", JOURNAL, "{"),
    _edit("package.unreadable", "write", "datapackage.json", "{"),
    _edit("rule.failed", "write", "schemas/returns.json", json.dumps(_SCHEMA)),
    _edit("schema.reference", "write", "schemas/places.json", json.dumps(_SCHEMA | _NOWHERE)),
    _edit("schema.unreadable", "write", "schemas/places.json", "{"),
)

#: Every fault.
PLANTED: tuple[Fault, ...] = (*_of_rows(), *_OF_FILES)
