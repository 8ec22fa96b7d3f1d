"""The command `explain`: where a value is, and how to change it by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import narwhals as nw

from borderledger.package import Field, Package, Table
from corrections.book import BULK_FIX, stated
from corrections.log import next_version, released
from validate.ledger import Ledger
from validate.reading import LINE

__all__ = ["explain"]


def explain(package: Package, record: str, field: str = "") -> Iterator[str]:
    """Lines that say where the values of a record are, which claims support each, and which steps a change takes.

    record   the id of an existing record or source
    field    only this field; empty for every field with a value
    """
    ledger = Ledger(package)
    sources = ledger.tables["sources"]
    table = ledger.places_of([record]).get(record, (sources, 0))[0]
    (row,) = ledger.fetch(ledger.first_rows(table.name).filter(nw.col("id") == record))
    line = row[LINE]
    for end in ("_qualifier", "_max"):  # they are parts of their figure
        field = field.removesuffix(end) if f"{field.removesuffix(end)}_qualifier" in table.by_name else field
    yield f"{record} is line {line} of {table.path}."
    if field == "id":
        yield "An identifier is never changed, because others cite it. If two records are duplicates, retire one."
        return
    bulk = (table.name, row.get("source_id", "")) in ledger.batches
    if bulk:
        yield ""
        yield f"It is a row of the publisher's file {row['source_id']}, bound by a control total and not by claims."
        yield BULK_FIX
        return
    names = [field] if field else [f.name for f in table.fields if row[f.name] and f.name not in ("id", "source_id")]
    for name in names:
        if not name.endswith(("_qualifier", "_max")):
            yield ""
            yield from _of_field(ledger, table, table.by_name[name], row)
    if field:
        yield ""
        yield from _by_hand(ledger, table, table.by_name[field], row)


def _of_field(ledger: Ledger, table: Table, field: Field, row: Mapping[str, Any]) -> Iterator[str]:
    cells = [name for name in (field.name, f"{field.name}_qualifier", f"{field.name}_max") if name in table.by_name]
    held = ", ".join(f"{name} = {row[name]}" for name in cells if row[name]) or f"{field.name} is empty"
    yield f"{held}  ({table.path}:{row[LINE]})"
    for claim in _claims(ledger, row["id"], cells):
        yield f"    {stated(claim)}  ({ledger.tables['claims'].path}:{claim[LINE]})"
    if not field.bound and table.bound:
        yield "    not evidence-bound: it needs no claim"


def _claims(ledger: Ledger, record: str, fields: Collection[str]) -> list[dict[str, Any]]:
    claims = ledger.claims.filter((nw.col("record_id") == record) & nw.col("field").is_in([*fields]))
    return sorted(ledger.fetch(claims), key=lambda claim: int(claim[LINE]))


def _by_hand(ledger: Ledger, table: Table, field: Field, row: Mapping[str, Any]) -> Iterator[str]:
    record, line, held = row["id"], row[LINE], row[field.name]
    package, paths = ledger.package, {name: each.path for name, each in ledger.tables.items()}
    last = released(package.root)
    version = next_version(package.version, last, "patch")
    sources = sorted({claim["source_id"] for claim in _claims(ledger, record, [field.name])})
    steps = [f"{table.path}:{line}, column {field.name}: replace {held or 'the empty cell'} by the new value."]
    if f"{field.name}_qualifier" in table.by_name:
        steps.append(f"{table.path}:{line}, column {field.name}_qualifier: how exactly the source states it.")
    if field.bound:
        steps += [
            f"{paths['sources']}: add a row for the source, if it is missing.",
            f"{paths['claims']}: {record},{field.name},<new value>,<qualifier>,agrees,<source>,<where in it>,<note>",
        ]
        if sources:
            steps.append(f"{paths['claims']}, update the verdicts of the claims listed above for the new value.")
        seal = " ".join(["<source>", *sources])
    entry = [version, record, field.name, "<kind>", held, "<new value>", "<why>", "<source>", "<issue>"]
    steps.append(f"{paths['corrections']}: {_as_csv(entry)}")
    if last:
        steps.append(f'datapackage.json: "version": "{version}", if it is still {last}.')
    if field.bound:
        steps.append(f"Run python -m validate --fix --seal {seal}")
    steps.append("Run python -m validate until it has no findings.")
    yield "To change it by hand:"
    yield from (f"  {number}. {step}" for number, step in enumerate(steps, 1))
    yield "Or run `python -m corrections new`: it asks for the same and does the other steps."


def _as_csv(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()
