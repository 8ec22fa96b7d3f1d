"""The command `explain`: where a value is, and how to change it by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from borderledger.package import Field, Package, Table
from corrections.book import BULK_FIX, stated
from corrections.log import next_version, released
from validate.ledger import Ledger

__all__ = ["explain"]


def explain(package: Package, record: str, field: str = "") -> Iterator[str]:
    """Lines that say where the values of a record are, which claims support each, and which steps a change takes.

    record   the id of an existing record or source
    field    only this field; empty for every field with a value
    """
    ledger = Ledger(package)
    table, line = ledger.records.get(record) or (ledger.tables["sources"], ledger.by_id("sources").at[record, "line"])
    for end in ("_qualifier", "_max"):  # they are parts of their figure
        field = field.removesuffix(end) if f"{field.removesuffix(end)}_qualifier" in table.by_name else field
    row = ledger.frame(table.name).loc[line]
    yield f"{record} is line {line} of {table.path}."
    if field == "id":
        yield "An identifier is never changed, because others cite it. If two records are duplicates, retire one."
        return
    bulk = (table.name, row.get("source_id")) in ledger.batches
    if bulk:
        yield ""
        yield f"It is a row of the publisher's file {row['source_id']}, bound by a control total and not by claims."
        yield BULK_FIX
        return
    names = [field] if field else [f.name for f in table.fields if row[f.name] and f.name not in ("id", "source_id")]
    for name in names:
        if not name.endswith(("_qualifier", "_max")):
            yield ""
            yield from _of_field(ledger, table, table.by_name[name], record, line)
    if field:
        yield ""
        yield from _by_hand(ledger, table, table.by_name[field], record, line)


def _of_field(ledger: Ledger, table: Table, field: Field, record: str, line: int) -> Iterator[str]:
    row = ledger.frame(table.name).loc[line]
    cells = [name for name in (field.name, f"{field.name}_qualifier", f"{field.name}_max") if name in table.by_name]
    held = ", ".join(f"{name} = {row[name]}" for name in cells if row[name]) or f"{field.name} is empty"
    yield f"{held}  ({table.path}:{line})"
    claims = ledger.claims
    mine = claims[claims["record_id"].eq(record) & claims["field"].isin(cells)]
    for at, claim in mine.iterrows():
        yield f"    {stated(claim)}  ({ledger.tables['claims'].path}:{at})"
    if not field.bound and table.bound:
        yield "    not evidence-bound: it needs no claim"


def _by_hand(ledger: Ledger, table: Table, field: Field, record: str, line: int) -> Iterator[str]:
    package, paths = ledger.package, {name: each.path for name, each in ledger.tables.items()}
    last = released(package.root)
    version = next_version(package.version, last, "patch")
    held = ledger.frame(table.name).at[line, field.name]
    claims = ledger.claims
    sources = sorted(set(claims[claims["record_id"].eq(record) & claims["field"].eq(field.name)]["source_id"]))
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
