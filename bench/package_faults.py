"""Faults of the whole package: what a careless merge, a broken disk or a forger does to it.

Each fault is drawn by a seed. It replaces or deletes files, and may then count control totals anew, as a forger would;
or it switches rules of validation off. `bench.layers` says which layer catches it.

    validate   python -m validate reports it
    gate       python -m release check refuses it as the next patch version
    verify     python -m release verify tells it from the release that was published
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from borderledger.package import Package, Table, canonical_text
from release.required_version import least
from release.working_rules import RULES, Listed, listed_rules

__all__ = ["KINDS", "PackageFault", "package_faults"]

Rows = list[dict[str, str]]


@dataclass(frozen=True)
class PackageFault:
    """One fault.

    kind     one of KINDS
    what     what was done, in one line
    files    the new content of each file, or None where it is deleted
    sealed   sources whose control totals are then counted anew
    without  rules that find nothing any more
    forgot   whether the planted faults of these rules are taken out, too
    """

    kind: str
    what: str
    files: Mapping[str, bytes | None]
    sealed: tuple[str, ...] = ()
    without: frozenset[Listed] = frozenset()
    forgot: bool = False


@dataclass(frozen=True)
class _Kind:
    """How faults of a kind are drawn, how many, the last layer that may catch them, and why it is that one."""

    draw: Callable[[_Source], Iterator[PackageFault]]
    most: int
    layer: str
    why: str


class _Source:
    """The package that faults are drawn from, and the dice for one kind."""

    def __init__(self, package: Package, kind: str, dice: random.Random) -> None:
        self.package, self.kind, self.dice = package, kind, dice
        self.tables = {name: table for name, table in package.tables.items() if package.sheets[name].records()}
        self.rows: dict[str, Rows] = {n: [*package.sheets[n].records().values()] for n in package.tables}
        assert isinstance(package.root, Path)
        self.root = package.root
        #: The version that a fault is released as.
        self.following = least(json.loads(self.read("datapackage.json"))["version"], "patch")

    def read(self, path: str) -> bytes:
        return (self.root / path).read_bytes()

    def some(self, found: list[Any], most: int) -> list[Any]:
        """Some of a list, each once, in the order of the dice."""
        return self.dice.sample(found, min(most, len(found)))

    def table(self, name: str, rows: Rows) -> tuple[str, bytes]:
        """The file of a table with other rows."""
        table = self.package.tables[name]
        return table.path, canonical_text(table, rows).encode()

    def fault(self, what: str, files: Mapping[str, bytes | None], **more: Any) -> PackageFault:
        return PackageFault(self.kind, what, files, **more)


def package_faults(package: Package, share: float, seed: int) -> Iterator[PackageFault]:
    """Faults of every kind, in an order that the seed fixes.

    share   of the faults of a full run; at least one of each kind
    """
    for name, kind in KINDS.items():
        source = _Source(package, name, random.Random(f"{seed} {name}"))
        wanted = max(1, round(kind.most * share))
        for fault, _ in zip(kind.draw(source), range(wanted), strict=False):
            yield fault


# --- files -----------------------------------------------------------------------------------------------------------


def _swapped(s: _Source) -> Iterator[PackageFault]:
    tables = list(s.tables.values())
    paths = [[t.path for t in tables], [t.schema_path for t in tables]]
    pairs = [(a, b) for group in paths for number, a in enumerate(group) for b in group[:number]]
    for a, b in s.some(pairs, len(pairs)):
        yield s.fault(f"{a} and {b}", {a: s.read(b), b: s.read(a)})


def _paths(s: _Source) -> list[str]:
    return ["datapackage.json", *(p for t in s.package.tables.values() for p in (t.path, t.schema_path))]


def _cut_at_bytes(s: _Source) -> Iterator[PackageFault]:
    while True:
        path = s.dice.choice(_paths(s))
        content = s.read(path)
        at = s.dice.randrange(len(content))
        yield s.fault(f"{path} after byte {at} of {len(content)}", {path: content[:at]})


def _cut_at_lines(s: _Source) -> Iterator[PackageFault]:
    """Cut between two rows, so that what is left is a well-formed table; most often after one of the last rows."""
    while True:
        table = s.dice.choice(list(s.tables.values()))
        lines = s.read(table.path).splitlines(keepends=True)
        last = s.dice.randrange(1, min(len(lines), 6)) if s.dice.random() < 0.7 else s.dice.randrange(1, len(lines))
        yield s.fault(f"{table.path}, the last {last} lines", {table.path: b"".join(lines[: len(lines) - last])})


def _reordered(s: _Source) -> Iterator[PackageFault]:
    tables = [t for t in s.tables.values() if len(s.rows[t.name]) > 1]
    while tables:
        table = s.dice.choice(tables)
        lines = s.read(table.path).splitlines(keepends=True)
        a, b = s.dice.sample(range(1, len(lines)), 2)
        lines[a], lines[b] = lines[b], lines[a]
        yield s.fault(f"{table.path}, lines {a + 1} and {b + 1}", {table.path: b"".join(lines)})


def _out_of_descriptor(s: _Source) -> Iterator[PackageFault]:
    descriptor = json.loads(s.read("datapackage.json"))
    for name, table in s.package.tables.items():
        kept = [one for one in descriptor["resources"] if one["name"] != name]
        files = {"datapackage.json": _json(descriptor | {"resources": kept})}
        yield s.fault(name, files)
        yield s.fault(f"{name}, with its files", {**files, table.path: None, table.schema_path: None})


def _json(content: object) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


# --- figures ---------------------------------------------------------------------------------------------------------


def _pairs_of_batch(s: _Source, without: str = "") -> Iterator[tuple[Table, dict[str, str], dict[str, str]]]:
    """Two rows of one batch, each with a figure, in any order."""
    batches: dict[tuple[str, ...], Rows] = defaultdict(list)
    sealed = {(row["table"], row["source_id"]) for row in s.rows["control_totals"]}
    for name, table in s.tables.items():
        if table.batch and name != without:
            total = table.batch["total"]
            for row in s.rows[name]:
                place = row[table.batch["place"]] if "place" in table.batch else ""
                year = row[table.batch["date"]][:4] if "date" in table.batch else ""
                if (name, row["source_id"]) in sealed and row[total].isdecimal() and int(row[total]) > 1:
                    batches[name, row["source_id"], place, year].append(row)
    large = [
        (key[0], rows)
        for key, rows in batches.items()
        if len({row[s.tables[key[0]].batch["total"]] for row in rows}) > 1
    ]
    while large:
        name, rows = s.dice.choice(large)
        a, b = s.dice.sample(rows, 2)
        total = s.tables[name].batch["total"]
        if a[total] != b[total]:
            yield s.tables[name], a, b


def _with(rows: Rows, *pairs: tuple[dict[str, str], Mapping[str, str]]) -> Rows:
    """Rows in which some have other cells; the rows are told by identity."""
    changed = {id(row): {**row, **cells} for row, cells in pairs}
    return [changed.get(id(row), row) for row in rows]


def _cancelling(s: _Source, *, sealed: bool = False) -> Iterator[PackageFault]:
    # A claim that is edited alone differs from its record, however it is counted.
    for table, a, b in _pairs_of_batch(s, without="claims" if sealed else ""):
        total = table.batch["total"]
        by = s.dice.randrange(1, int(b[total]))
        pairs = (a, {total: str(int(a[total]) + by)}), (b, {total: str(int(b[total]) - by)})
        path, content = s.table(table.name, _with(s.rows[table.name], *pairs))
        what = f"{table.name} of {a['source_id']}: {a[total]} + {by} and {b[total]} - {by}"
        yield s.fault(what, {path: content}, sealed=(a["source_id"],) if sealed else ())


def _exchanged(s: _Source) -> Iterator[PackageFault]:
    for table, a, b in _pairs_of_batch(s):
        total = table.batch["total"]
        path, content = s.table(table.name, _with(s.rows[table.name], (a, {total: b[total]}), (b, {total: a[total]})))
        yield s.fault(f"{table.name} of {a['source_id']}: {a[total]} and {b[total]}", {path: content})


def _cancelling_sealed(s: _Source) -> Iterator[PackageFault]:
    return _cancelling(s, sealed=True)


def _forged(s: _Source, *, sealed: bool = False, logged: bool = False) -> Iterator[PackageFault]:
    """A figure of a record, and of each claim that agrees with it, become another figure."""
    figures = [
        (table.name, field.name)
        for table in s.package.core
        for field in table.fields
        if field.bound and field.type == "integer" and not field.name.endswith("_max")
    ]
    agreed: dict[tuple[str, str], Rows] = defaultdict(list)
    for claim in s.rows["claims"]:
        if claim["verdict"] == "agrees":
            agreed[claim["record_id"], claim["field"]].append(claim)
    targets = [
        (name, row, field)
        for name, field in figures
        for row in s.rows[name]
        if row[field].isdecimal() and int(row[field]) > 3 and agreed[row["id"], field]
    ]
    for name, row, field in s.some(targets, len(targets)):
        old, new = row[field], str(int(row[field]) + s.dice.randrange(1, 3))
        claims = agreed[row["id"], field]
        files: dict[str, bytes | None] = dict([s.table(name, _with(s.rows[name], (row, {field: new})))])
        files |= [s.table("claims", _with(s.rows["claims"], *((claim, {"value": new}) for claim in claims)))]
        if logged:
            files |= [_log(s, row["id"], field, old, new)]
        sources = tuple(sorted({claim["source_id"] for claim in claims})) if sealed else ()
        yield s.fault(f"{row['id']} {field}: {old} > {new}", files, sealed=sources)


def _log(s: _Source, record: str, field: str, old: str, new: str) -> tuple[str, bytes]:
    entry = dict.fromkeys(s.package.tables["corrections"].names, "")
    entry |= {"version": s.following, "record_id": record, "field": field, "kind": "correction", "old": old, "new": new}
    return s.table("corrections", [*s.rows["corrections"], {**entry, "reason": "We had misread the source."}])


def _forged_sealed(s: _Source) -> Iterator[PackageFault]:
    return _forged(s, sealed=True)


def _forged_logged(s: _Source) -> Iterator[PackageFault]:
    return _forged(s, sealed=True, logged=True)


def _source_deleted(s: _Source) -> Iterator[PackageFault]:
    """Every row that cites a source, and the source."""
    sources = [row["id"] for row in s.rows["sources"]]
    for source in s.some(sources, len(sources)):
        files: dict[str, bytes | None] = {}
        for name, rows in s.rows.items():
            kept = [row for row in rows if source not in (row.get("source_id"), row["id"] if name == "sources" else "")]
            if len(kept) < len(rows):
                files |= [s.table(name, kept)]
        yield s.fault(source, files)


def _source_deleted_with_records(s: _Source) -> Iterator[PackageFault]:
    """A source, its records and all that is said of them, where nothing that is left leans on any of it."""
    of_record: dict[str, set[str]] = defaultdict(set)
    stated: dict[str, set[str]] = defaultdict(set)
    for claim in s.rows["claims"]:
        of_record[claim["record_id"]].add(claim["source_id"])
        stated[claim["source_id"]].add(claim["record_id"])
    words = {
        *(c for n, rows in s.rows.items() if n != "claims" for row in rows for k, c in row.items() if k != "id"),
        *(claim["value"] for claim in s.rows["claims"]),
    }
    alone = [
        source
        for source, records in stated.items()
        if all(of_record[record] == {source} and record not in words for record in records)
    ]
    for source in s.some(alone, len(alone)):
        files: dict[str, bytes | None] = {}
        for name, rows in s.rows.items():
            gone = {source} if name == "sources" else stated[source] if "id" in s.package.tables[name].names else set()
            kept = [row for row in rows if row.get("source_id") != source and row.get("id") not in gone]
            if len(kept) < len(rows):
                files |= [s.table(name, kept)]
        yield s.fault(f"{source} and {len(stated[source])} records", files)


# --- schemas ---------------------------------------------------------------------------------------------------------


def _weakened(s: _Source) -> Iterator[PackageFault]:
    """For each property that a check rests on, schemas without it or with a weaker one; the properties take turns."""
    found: dict[str, list[PackageFault]] = defaultdict(list)
    for table in s.package.tables.values():
        schema = json.loads(s.read(table.schema_path))
        for name, what, weaker in _weaker(schema):
            found[name].append(s.fault(f"{table.schema_path}: {name} {what}", {table.schema_path: _json(weaker)}))
    turns = [s.some(faults, len(faults)) for faults in found.values()]
    while any(turns):
        yield from (faults.pop() for faults in turns if faults)


def _weaker(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The property, what it is about, and the schema without the check."""
    for number, field in enumerate(schema["fields"]):

        def of(changed: dict[str, Any], at: int = number) -> dict[str, Any]:
            return {**schema, "fields": [*schema["fields"][:at], changed, *schema["fields"][at + 1 :]]}

        name, constraints = field["name"], field.get("constraints", {})
        for word in constraints:
            fewer = {k: v for k, v in constraints.items() if k != word}
            yield f"{word} dropped", name, of({**field, "constraints": fewer})
        if "pattern" in constraints:
            yield "pattern loosened", name, of({**field, "constraints": {**constraints, "pattern": "(?:.*)"}})
        if "minimum" in constraints:
            lower = {**constraints, "minimum": constraints["minimum"] - 10}
            yield "minimum lowered", name, of({**field, "constraints": lower})
        for word in ("categories", "rdfType", "delimiter", "refersTo", "categoriesOrdered"):
            if word in field:
                yield f"{word} dropped", name, of({k: v for k, v in field.items() if k != word})
        if "categories" in field:
            more = {"value": "anything", "label": "Anything at all."}
            yield "category added", name, of({**field, "categories": [*field["categories"], more]})
        if "refersTo" in field:
            yield "refersTo widened", name, of({**field, "refersTo": [*field["refersTo"], "sources"]})
        if field["type"] != "string":
            loose = {k: v for k, v in constraints.items() if k != "minimum"}
            yield "type loosened", name, of({**field, "type": "string", "constraints": loose})
    for number, key in enumerate(schema.get("foreignKeys", [])):
        fewer_keys = [*schema["foreignKeys"][:number], *schema["foreignKeys"][number + 1 :]]
        yield "foreignKeys dropped", key["fields"][0], {**schema, "foreignKeys": fewer_keys}
    if "batch" in schema:
        yield "batch dropped", "", {k: v for k, v in schema.items() if k != "batch"}
    if "primaryKey" in schema:
        yield "primaryKey dropped", "", {k: v for k, v in schema.items() if k != "primaryKey"}
        wider = [
            *schema["primaryKey"],
            next(f["name"] for f in schema["fields"] if f["name"] not in schema["primaryKey"]),
        ]
        yield "primaryKey widened", "", {**schema, "primaryKey": wider}
    if "uniqueKeys" in schema:
        yield "uniqueKeys dropped", "", {k: v for k, v in schema.items() if k != "uniqueKeys"}


def _unmarked(s: _Source) -> Iterator[PackageFault]:
    marked = [(table, field) for table in s.package.core for field in table.bound]
    for table, name in s.some(marked, len(marked)):
        schema = json.loads(s.read(table.schema_path))
        for field in schema["fields"]:
            if field["name"] == name:
                del field["evidence"]
        yield s.fault(f"{table.name}.{name}", {table.schema_path: _json(schema)})


# --- rules -----------------------------------------------------------------------------------------------------------


def _silenced(s: _Source, *, forgot: bool = False) -> Iterator[PackageFault]:
    listed = listed_rules(RULES.read_text(encoding="utf-8"))
    for rule in s.some(listed, len(listed)):
        yield s.fault(str(rule), {}, without=frozenset([rule]), forgot=forgot)


def _removed(s: _Source) -> Iterator[PackageFault]:
    return _silenced(s, forgot=True)


def _emptied(s: _Source) -> Iterator[PackageFault]:
    listed = listed_rules(RULES.read_text(encoding="utf-8"))
    groups: dict[str, set[Listed]] = defaultdict(set)
    for rule in listed:
        groups[rule.place.partition(".")[0] or rule.rule.partition(".")[0]].add(rule)
    for name, rules in groups.items():
        for forgot in (False, True):
            yield s.fault(
                f"{name}{' and the faults planted for them' * forgot}", {}, without=frozenset(rules), forgot=forgot
            )


#: The kinds of faults, the number of a full run, and the last layer that may catch one.
KINDS = {
    "two files swapped": _Kind(_swapped, 35, "validate", "Header, types and keys of another table do not fit."),
    "file cut at a byte": _Kind(_cut_at_bytes, 60, "validate", "The file does not end with a line end, or is no JSON."),
    "file cut at a line end": _Kind(
        *(_cut_at_lines, 40, "gate"),
        "References, claims and control totals miss the rows. Only the gate misses rows that nothing refers to.",
    ),
    "lines reordered": _Kind(_reordered, 25, "validate", "A table has one canonical order."),
    "two edits that cancel": _Kind(_cancelling, 25, "validate", "The total is the same, but the digest is not."),
    "two figures exchanged": _Kind(_exchanged, 25, "validate", "The digest holds each row, not only the sum."),
    "edits that cancel, sealed": _Kind(
        *(_cancelling_sealed, 15, "gate"),
        "The totals fit again, but a published figure changed without a row in the log.",
    ),
    "claim and record forged": _Kind(_forged, 25, "validate", "The control total of the source counts the old claims."),
    "claim and record forged, sealed": _Kind(
        *(_forged_sealed, 25, "gate"), "All entries agree, but a published figure changed without a row in the log."
    ),
    "forged, sealed and logged": _Kind(
        *(_forged_logged, 15, "verify"),
        "It has the form of a correction. A copy is not the published one; the notes of a release name the change.",
    ),
    "source deleted": _Kind(
        *(_source_deleted, 20, "gate"), "Records are left without claims. If none is, published ids are gone."
    ),
    "source deleted with its records": _Kind(
        *(_source_deleted_with_records, 15, "gate"), "Nothing that is left refers to it, but published ids are gone."
    ),
    "schema weakened": _Kind(
        *(_weakened, 100, "gate"), "Good data pass a weaker schema; the gate compares it and requires another version."
    ),
    "evidence mark removed": _Kind(
        _unmarked, 15, "gate", "A claim on a field without the mark agrees with nothing; the gate compares schemas."
    ),
    "table out of the descriptor": _Kind(
        *(_out_of_descriptor, 24, "gate"),
        "References lead to it. Nothing refers to the log of corrections; the gate does.",
    ),
    "rule silenced": _Kind(_silenced, 139, "gate", "Good data pass; the rule does not find its planted fault."),
    "rule and its fault removed": _Kind(
        *(_removed, 30, "gate"), "The manifest of the last release keeps the fault, and it is planted again."
    ),
    "rules of a table emptied": _Kind(_emptied, 40, "gate", "As one rule."),
}
