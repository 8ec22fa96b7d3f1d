"""Double entry: a bound cell equals a claim, a claim has its verdict, a batch has its control total."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from borderledger.package import Finding, Table
from validate.engines import Frame
from validate.ledger import Ledger
from validate.reading import LINE
from validate.report import numbered
from validate.structure import malformed
from validate.totals import batches, counted_in, differences, suspects

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


def evidence_findings(t: Ledger, changed: Collection[str]) -> Iterator[Finding]:
    """The findings of the evidence layer, as far as the change of some tables matters."""
    # A column that is missing is a finding of the layers below.
    tables = [table for table in t.package.core if t.complete(table.name)]
    # A claim is compared with the record that has its id, in whatever table.
    if tables and {"claims", "places", "control_totals", *(table.name for table in t.package.core)} & {*changed}:
        yield from _claims(t, tables)
        yield from _records(t, tables)
    yield from _totals(t, changed)


# --- claims and records ----------------------------------------------------------------------------------------------


def _path(t: Ledger, table: str) -> str:
    return t.tables[table].path


def _claims(t: Ledger, tables: Sequence[Table]) -> Iterator[Finding]:
    path = _path(t, "claims")
    claims = t.engine.keep(t.claims.filter(nw.col("table").is_in([table.name for table in tables])))
    fields = {table.name: [*filter(_is_stated, table.names)] for table in tables}
    known = _tuples(t, ((table, field) for table, names in fields.items() for field in names), "table", "field")
    for row in t.fetch(claims.join(known, on=["table", "field"], how="anti").select(LINE, "table", "field")):
        message = f"{row['field']!r} is not a field of {row['table']} that a source can state"
        fix = f"Use one of: {', '.join(fields[row['table']])}. A qualifier is a column of the claim."
        yield Finding(path, row[LINE], "field", row["field"], message, fix, "evidence.field")
    claims = t.engine.keep(claims.join(known, on=["table", "field"], how="semi"))
    value = ["table", "field", "value"]
    wrong = {
        (row["table"], row["field"], row["value"]): found
        for row in t.fetch(claims.select(*value).unique())
        if (found := malformed(t.tables[row["table"]].by_name[row["field"]], row["value"]))
    }
    # What a malformed value is compared with says nothing.
    bad = _tuples(t, wrong, *value)
    for row in t.fetch(claims.join(bad, on=value, how="semi").select(LINE, *value)):
        message, fix = wrong[row["table"], row["field"], row["value"]]
        yield Finding(path, row[LINE], "value", row["value"][:200], message, fix, "evidence.value")
    differ = claims.filter((nw.col("computed") == "") | (nw.col("computed") != nw.col("verdict")))
    for row in t.fetch(differ.join(bad, on=value, how="anti")):
        yield from _verdict(t, t.tables[row["table"]], row)


def _is_stated(field: str) -> bool:
    return field not in ("id", "source_id") and not field.endswith("_qualifier")


def _tuples(t: Ledger, tuples: Iterable[tuple[str, ...]], *names: str) -> Frame:
    """A table of text, with a row for each tuple."""
    listed = [*tuples]
    return t.engine.small({name: [each[n] for each in listed] for n, name in enumerate(names)}, t.text(*names))


def _verdict(t: Ledger, table: Table, row: Mapping[str, Any]) -> Iterator[Finding]:
    held, computed, entered = row["held"], row["computed"], row["verdict"]
    field, value, source, line, at = row["field"], row["value"], row["source_id"], row[LINE], row["at"]
    claims = _path(t, "claims")
    if not computed:
        message = f"is empty, but the claim from {source} says {value} ({claims}:{line})"
        fix = "Fill the cell with what the source says, or delete the claim."
        yield Finding(table.path, at, field, "", message, fix, "evidence.unused")
    elif malformed(table.by_name[field], held):
        pass  # the cell has a finding of its own
    elif entered == "agrees":
        mine, theirs = held, value
        if held == value and f"{field}_qualifier" in table.by_name:
            mine, theirs = f"{held} ({row['held_qualifier'] or 'no qualifier'})", f"{value} ({row['qualifier']})"
        message = f"{mine} but the claim from {source} says {theirs} ({claims}:{line})"
        fix = f"Open the source and correct the cell or the claim. If they really differ, enter the verdict {computed}."
        yield Finding(table.path, at, field, held[:200], message, fix, "evidence.mismatch")
    else:
        compared = f"{value} {_COMPARED[computed]} {held} in {row['record_id']} ({table.path}:{at})"
        message = f"the verdict is {entered or 'empty'}, but {compared}"
        fix = f"Open the source and correct the value, or enter the verdict {computed}."
        yield Finding(claims, line, "verdict", entered[:200], message, fix, "evidence.verdict")


def _records(t: Ledger, tables: Sequence[Table]) -> Iterator[Finding]:
    claims = t.claims.select("table", "record_id", "field", "source_id", "verdict", "computed")
    # Control totals bind the others.
    rows = {
        table.name: t.engine.keep(t.rows(table.name).filter(~nw.col("source_id").is_in(bulk)))
        if (bulk := t.bulk(table.name))
        else t.rows(table.name)
        for table in tables
    }
    yield from _unstated(t, tables, rows, claims)
    said = claims.select(nw.col("record_id").alias("id"), "source_id").unique()
    named = nw.concat([rows[table.name].select(LINE, "id", "source_id", _name(table)) for table in tables])
    silent = t.fetch(named.join(said, on=["id", "source_id"], how="anti"))
    stating: dict[str, set[str]] = defaultdict(set)
    if silent:
        lost = _tuples(t, {(row["id"],) for row in silent}, "record_id")
        for row in t.fetch(claims.join(lost, on="record_id", how="semi").select("record_id", "source_id").unique()):
            stating[row["record_id"]].add(row["source_id"])
    for row in silent:
        message = f"{row['source_id']} states nothing about {row['id']}"
        fix = f"Use a source that does: {', '.join(sorted(stating[row['id']])[:5]) or 'none yet, add its claims'}."
        path = _path(t, row["table"])
        yield Finding(path, row[LINE], "source_id", row["source_id"][:200], message, fix, "evidence.source")


def _name(table: Table) -> nw.Expr:
    return nw.lit(table.name).alias("table")


def _unstated(t: Ledger, tables: Sequence[Table], rows: Mapping[str, Frame], claims: Frame) -> Iterator[Finding]:
    """The cells without a claim that agrees with them."""
    found = []
    for table in tables:
        # A verdict is about value and qualifier together.
        bound = [name for name in table.bound if not name.endswith("_qualifier")]
        cells = t.engine.cells(rows[table.name].select(LINE, "id", *bound), bound, "value")
        found.append(cells.select(_name(table), LINE, "id", "field", "value"))
    cells = nw.concat(found).filter(nw.col("value") != "")
    claims = claims.rename({"record_id": "id"})
    cell = ["id", "field"]
    agreed = claims.filter(nw.col("computed") == "agrees").select(*cell).unique()
    mismatched = claims.filter(nw.col("verdict") == "agrees").select(*cell).unique()  # each has its finding already
    missing = t.fetch(cells.join(agreed, on=cell, how="anti").join(mismatched, on=cell, how="anti"))
    if not missing:
        return
    asked = _tuples(t, {(row["id"], row["field"]) for row in missing}, *cell)
    spoken = {
        (row["id"], row["field"]) for row in t.fetch(claims.join(asked, on=cell, how="semi").select(*cell).unique())
    }
    qualifiers = _qualifiers(t, missing)
    for row in missing:
        record, field, value = row["id"], row["field"], row["value"]
        message = f"{value} has no claim that agrees with it" if (record, field) in spoken else f"{value} has no claim"
        qualifier = qualifiers[row["table"], row[LINE]].get(f"{field}_qualifier", "exact")
        entry = f"{record},{field},{value},{qualifier},agrees,<source>,<where in it>,"
        fix = f"Empty the cell, or add to {_path(t, 'claims')}: {entry}"
        yield Finding(_path(t, row["table"]), row[LINE], field, value[:200], message, fix, "evidence.missing")


def _qualifiers(t: Ledger, cells: Iterable[Mapping[str, Any]]) -> dict[tuple[str, int], dict[str, str]]:
    """The qualifiers in the rows of some cells, by table and line."""
    lines: dict[str, set[int]] = defaultdict(set)
    for cell in cells:
        lines[cell["table"]].add(cell[LINE])
    found = {}
    for table, wanted in lines.items():
        names = [name for name in t.tables[table].names if name.endswith("_qualifier")]
        small = t.engine.small({LINE: sorted(wanted)}, {LINE: pl.Int64})
        for row in t.fetch(t.rows(table).select(LINE, *names).join(small, on=LINE, how="semi")):
            found[table, row[LINE]] = row
    return found


# --- control totals --------------------------------------------------------------------------------------------------


def _bound_rows(t: Ledger, table: Table) -> Frame:
    """The rows of a table that control totals bind: all claims; of other tables those of a source with totals."""
    rows = t.rows(table.name)
    return rows if table.name == "claims" else rows.filter(nw.col("source_id").is_in(t.bulk(table.name)))


def _totals(t: Ledger, changed: Collection[str]) -> Iterator[Finding]:
    path = _path(t, "control_totals")
    entered: dict[str, dict[tuple[str, str, str], dict[str, Any]]] = defaultdict(dict)
    tables = [table.name for table in t.tables.values() if table.batch]
    for row in t.fetch(t.rows("control_totals")):
        entered[row["table"]][row["source_id"], row["place"], row["year"]] = row
        if row["table"] not in tables:
            message = f"{row['table']!r} is not a table with batches"
            fix = f"Use one of: {', '.join(tables)}."
            yield Finding(path, row[LINE], "table", row["table"][:200], message, fix, "totals.missing")
    for table in t.tables.values():
        if not {table.name, "control_totals"} & {*changed}:
            continue
        if not table.batch or not t.complete(table.name):
            continue  # of a table that cannot be read in full, no batch is known to be gone
        held, expected = batches(table, _bound_rows(t, table), t.engine), entered[table.name]
        for key in sorted(held.keys() | expected.keys()):
            where = " ".join(filter(None, key))
            fix = f"Undo the change; if it was meant, run: python -m validate --seal {key[0]}"
            if key not in expected:
                message = f"{held[key].rows} rows of {where} have no control total"
                yield Finding(table.path, held[key].first, "source_id", key[0], message, fix, "totals.missing")
            elif key not in held:
                row = expected[key]
                message = f"{row['rows']} rows of {table.name} from {where} were counted, but none is left"
                yield Finding(path, row[LINE], "rows", row["rows"], message, fix, "totals.missing")
        counted = {key: batch.entry(table, key) for key, batch in held.items() if key in expected}
        names = counted_in(table)
        differ = {key: entry for key, entry in counted.items() if any(entry[n] != expected[key][n] for n in names)}
        blocks = {key: differences(entry["digest"], expected[key]["digest"]) for key, entry in differ.items()}
        lines = suspects(table, _bound_rows(t, table), t.engine, blocks) if differ else {}
        for key, entry in differ.items():
            yield from _difference(table, entry, expected[key], path, bool(blocks[key]), *lines[key])


def _difference(
    table: Table,
    held: Mapping[str, str],
    entered: Mapping[str, Any],
    control: str,
    rows_differ: bool,
    surely: list[int],
    maybe: list[int],
) -> Iterator[Finding]:
    where = " ".join(filter(None, (held["source_id"], held["place"], held["year"])))
    fix = f"Undo the change; if it was meant, run: python -m validate --seal {held['source_id']}"
    differ = [name for name in counted_in(table) if held[name] != entered[name]]
    said = [f"{name} {held[name]}, not {entered[name]}" for name in differ if name != "digest"]
    line = entered[LINE]
    if not rows_differ:  # the rows are those of the digest, so that it is the control total that was changed
        message = f"the rows of {where} have {', '.join(said) or 'another digest'}"
        yield Finding(control, line, differ[0], entered[differ[0]][:200], message, fix, "totals.differ")
        return
    fewer = entered["rows"].isdecimal() and int(held["rows"]) < int(entered["rows"])
    lines = surely or ([] if fewer else maybe)  # no row that is left tells which one is gone
    look = f"look at line {numbered(lines)}" if lines else "a row that was there is gone"
    what = ", ".join(said) or "same rows and total, other text"
    message = f"the rows of {where} are not those counted in {control}:{line}: {what}; {look}"
    file, line = (table.path, lines[0]) if lines else (control, line)
    yield Finding(file, line, table.batch["total"] if lines else "digest", "", message, fix, "totals.differ")


def sealed(t: Ledger, sources: list[str]) -> tuple[list[dict[str, str]], list[str]]:
    """The rows of control_totals with those of some sources counted anew, and a line on each that changed.

    Counts the claims of the sources, and the rows of other tables only where they were under a control total before.
    """
    entered = [{name: row[name] for name in row if name != LINE} for row in t.fetch(t.rows("control_totals"))]
    kept = [row for row in entered if row["source_id"] not in sources]
    old = {(r["source_id"], r["table"], r["place"], r["year"]): r for r in entered if r["source_id"] in sources}
    counted = []
    empty = dict.fromkeys(t.tables["control_totals"].names, "")
    for table in t.tables.values():
        if table.batch:
            rows = _bound_rows(t, table).filter(nw.col("source_id").is_in(sources))
            counted += [
                empty | batch.entry(table, key) for key, batch in sorted(batches(table, rows, t.engine).items())
            ]
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
