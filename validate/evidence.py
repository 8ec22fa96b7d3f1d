"""Double entry: a bound cell equals a claim, a claim has its verdict, a batch has its control total."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from borderledger.package import Field, Finding, Table
from validate.cells import cell_tests, text_test
from validate.ledger import Ledger
from validate.report import numbered
from validate.totals import BLOCKS, batch_of, block, block_of, control_totals

__all__ = ["EVIDENCE", "evidence_findings", "sealed"]

#: How a verdict is said in a sentence.
_COMPARED = {
    "agrees": "agrees with",
    "coarser": "is coarser than",
    "finer": "is finer than",
    "contradicts": "contradicts",
    "remark": "is a remark on",
}

#: Rules of this layer, for docs/rules.md.
EVIDENCE = {
    "evidence.mismatch": "a claim with the verdict agrees has the value of the record",
    "evidence.verdict": "the verdict on a claim follows from the two values; then a slip does not look like a dispute",
    "evidence.missing": "an evidence-bound cell is filled only if a claim of a source agrees with it",
    "evidence.unused": "a cell is not left empty when a source states it",
    "evidence.field": "a claim is about a field of its record",
    "evidence.value": "a claim states its value in the form of the field it is about",
    "evidence.source": "the source to read first states something about the record",
    "totals.differ": "the rows of a batch have not changed since they were counted",
    "totals.missing": "every batch has a control total, and every control total a batch",
}


def evidence_findings(t: Ledger) -> Iterator[Finding]:
    """All findings of the evidence layer."""
    yield from _claims(t)
    for table in t.package.core:
        yield from _records(t, table)
    yield from _totals(t)


# --- claims and records ----------------------------------------------------------------------------------------------


def _path(t: Ledger, table: str) -> str:
    return t.tables[table].path


def _claims(t: Ledger) -> Iterator[Finding]:
    for row in t.claims.itertuples():
        line, path = int(row.Index), _path(t, "claims")
        table = t.tables.get(row.table)
        if table is None or not t.complete(table.name):
            continue  # an unknown record, or a column that is missing, is a finding of the layers below
        stated = [name for name in table.names if name not in ("id", "source_id") and not name.endswith("_qualifier")]
        if row.field not in stated:
            message = f"{row.field!r} is not a field of {table.name} that a source can state"
            fix = f"Use one of: {', '.join(stated)}. A qualifier is a column of the claim."
            yield Finding(path, line, "field", row.field, message, fix, "evidence.field")
            continue
        if wrong := _malformed(table.by_name[row.field], row.value):
            yield Finding(path, line, "value", row.value[:200], wrong[0], wrong[1], "evidence.value")
            continue  # what a malformed value is compared with says nothing
        yield from _verdict(t, table, row, line)


def _verdict(t: Ledger, table: Table, row: Any, line: int) -> Iterator[Finding]:
    held, computed, entered = str(row.held), str(row.computed), str(row.verdict)
    field, value, source = str(row.field), str(row.value), str(row.source_id)
    record, at = str(row.record_id), int(row.line)
    claims = _path(t, "claims")
    if not computed:
        message = f"is empty, but the claim from {source} says {value} ({claims}:{line})"
        fix = "Fill the cell with what the source says, or delete the claim."
        yield Finding(table.path, at, field, "", message, fix, "evidence.unused")
    elif computed != entered and _malformed(table.by_name[field], held):
        pass  # the cell has a finding of its own
    elif computed != entered and entered == "agrees":
        mine, theirs = held, value
        qualifier = f"{field}_qualifier"
        if held == value and qualifier in table.by_name:
            mine, theirs = (
                f"{held} ({t.frame(table.name).at[at, qualifier] or 'no qualifier'})",
                f"{value} ({row.qualifier})",
            )
        message = f"{mine} but the claim from {source} says {theirs} ({claims}:{line})"
        fix = f"Open the source and correct the cell or the claim. If they really differ, enter the verdict {computed}."
        yield Finding(table.path, at, field, held[:200], message, fix, "evidence.mismatch")
    elif computed != entered:
        compared = _COMPARED[computed]
        message = f"the verdict is {entered or 'empty'}, but {value} {compared} {held} in {record} ({table.path}:{at})"
        fix = f"Open the source and correct the value, or enter the verdict {computed}."
        yield Finding(claims, line, "verdict", entered[:200], message, fix, "evidence.verdict")


def _malformed(field: Field, value: str) -> tuple[str, str] | None:
    """What is wrong with the value of a claim as a cell of its field, and what to do about it."""
    for test in (*text_test(), *cell_tests(field)):
        if value and (wrong := test.fails(value)):
            return wrong, test.fix
    return None


def _records(t: Ledger, table: Table) -> Iterator[Finding]:
    frame, claims = t.frame(table.name), t.claims
    if frame.empty or not t.complete(table.name):
        return
    bulk = frame["source_id"].isin({source for name, source in t.batches if name == table.name})
    agreeing = claims[claims["computed"].eq("agrees")]
    agreed = agreeing.groupby("field")["record_id"].agg(set).to_dict()
    spoken = set(claims["record_id"] + "\x1f" + claims["field"])
    entered = claims[claims["verdict"].eq("agrees")]
    mismatched = set(entered["record_id"] + "\x1f" + entered["field"])  # each of them has its finding already
    for field in table.bound:
        if field.endswith("_qualifier"):
            continue  # a verdict is about value and qualifier together
        missing = frame[field].ne("") & ~bulk & ~frame["id"].isin(agreed.get(field, set()))
        for line in frame.index[missing]:
            record, value = frame.at[line, "id"], frame.at[line, field]
            if f"{record}\x1f{field}" in mismatched:
                continue
            claimed = f"{record}\x1f{field}" in spoken
            message = f"{value} has no claim that agrees with it" if claimed else f"{value} has no claim"
            qualifier = frame.at[line, f"{field}_qualifier"] if f"{field}_qualifier" in table.by_name else "exact"
            entry = f"{record},{field},{value},{qualifier},agrees,<source>,<where in it>,"
            fix = f"Empty the cell, or add to {_path(t, 'claims')}: {entry}"
            yield Finding(table.path, int(line), field, value[:200], message, fix, "evidence.missing")
    said = set(claims["record_id"] + "\x1f" + claims["source_id"])
    silent = ~bulk & ~(frame["id"] + "\x1f" + frame["source_id"]).isin(said)
    for line in frame.index[silent]:
        source = frame.at[line, "source_id"]
        message = f"{source} states nothing about {frame.at[line, 'id']}"
        stating = claims.loc[claims["record_id"].eq(frame.at[line, "id"]), "source_id"]
        fix = f"Use a source that does: {', '.join(sorted(set(stating))[:5]) or 'none yet, add its claims'}."
        yield Finding(table.path, int(line), "source_id", source[:200], message, fix, "evidence.source")


# --- control totals --------------------------------------------------------------------------------------------------


def _batches(t: Ledger, table: Table) -> pd.DataFrame:
    """The rows of a table that control totals bind: all claims; of other tables those of a source with totals."""
    frame = t.frame(table.name)
    if table.name == "claims":
        return frame
    return frame[frame["source_id"].isin({source for name, source in t.batches if name == table.name})]


def _totals(t: Ledger) -> Iterator[Finding]:
    entered = t.frame("control_totals")
    path = _path(t, "control_totals")
    for table in t.tables.values():
        if not table.batch or not t.complete(table.name):
            continue  # of a table that cannot be read in full, no batch is known to be gone
        rows = _batches(t, table)
        records = rows.to_dict("records")
        held = {(r["source_id"], r["place"], r["year"]): r for r in control_totals(table, records)}
        lines: dict[tuple[str, str, str], list[tuple[int, dict[str, str]]]] = {}
        for line, record in zip(rows.index, records, strict=True):
            lines.setdefault(batch_of(table, record), []).append((int(line), record))
        mine = entered[entered["table"].eq(table.name)]
        expected = {
            (r["source_id"], r["place"], r["year"]): (int(line), r)
            for line, r in zip(mine.index, mine.to_dict("records"), strict=True)
        }
        for key in sorted(held.keys() | expected.keys()):
            where = " ".join(filter(None, key))
            fix = f"Undo the change; if it was meant, run: python -m validate --seal {key[0]}"
            if key not in expected:
                first = lines[key][0][0]
                message = f"{held[key]['rows']} rows of {where} have no control total"
                yield Finding(table.path, first, "source_id", key[0], message, fix, "totals.missing")
            elif key not in held:
                line, row = expected[key]
                message = f"{row['rows']} rows of {table.name} from {where} were counted, but none is left"
                yield Finding(path, line, "rows", row["rows"], message, fix, "totals.missing")
            else:
                line, row = expected[key]
                yield from _difference(table, where, held[key], row, lines[key], fix, (path, line))
    counted = [table.name for table in t.tables.values() if table.batch]
    for line, name in entered["table"].items():
        if name not in counted:
            message, fix = f"{name!r} is not a table with batches", f"Use one of: {', '.join(counted)}."
            yield Finding(path, int(str(line)), "table", name[:200], message, fix, "totals.missing")


def _difference(
    table: Table,
    where: str,
    held: dict[str, str],
    entered: dict[str, str],
    rows: list[tuple[int, dict[str, str]]],
    fix: str,
    control: tuple[str, int],
) -> Iterator[Finding]:
    differ = [name for name in ("rows", "total", "digest") if held[name] != entered[name]]
    said = [f"{name} {held[name]}, not {entered[name]}" for name in differ if name != "digest"]
    blocks = [n for n in range(BLOCKS) if block(held["digest"], n) != block(entered["digest"], n)]
    if not differ:
        return
    if not blocks:  # the rows are those of the digest, so that it is the control total that was changed
        message = f"the rows of {where} have {', '.join(said) or 'another digest'}"
        yield Finding(*control, differ[0], entered[differ[0]][:200], message, fix, "totals.differ")
        return
    suspects = [line for line, row in rows if block_of(table, row) in blocks]
    look = f"look at line {numbered(suspects)}" if suspects else "a row that was there is gone"
    what = ", ".join(said) or "same rows and total, other text"
    message = f"the rows of {where} are not those counted in {control[0]}:{control[1]}: {what}; {look}"
    place = (table.path, suspects[0]) if suspects else control
    yield Finding(*place, table.batch["total"] if suspects else "digest", "", message, fix, "totals.differ")


def sealed(t: Ledger, sources: list[str]) -> tuple[list[dict[str, str]], list[str]]:
    """The rows of control_totals with those of some sources counted anew, and a line on each that changed.

    Counts the claims of the sources, and the rows of other tables only where they were under a control total before.
    """
    entered = t.frame("control_totals").to_dict("records")
    kept = [row for row in entered if row["source_id"] not in sources]
    old = {(r["source_id"], r["table"], r["place"], r["year"]): r for r in entered if r["source_id"] in sources}
    counted = []
    for table in t.tables.values():
        if table.batch:
            rows = _batches(t, table)
            counted += control_totals(table, rows[rows["source_id"].isin(sources)].to_dict("records"))
    new = {(r["source_id"], r["table"], r["place"], r["year"]): r for r in counted}
    said = []
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        if before != after:
            what = " ".join(filter(None, key))
            said.append(f"{what}: {_counted(before)} -> {_counted(after)}")
    return kept + counted, said


def _counted(row: dict[str, str] | None) -> str:
    return f"{row['rows']} rows, total {row['total']}, digest {row['digest'][:8]}..." if row else "none"
