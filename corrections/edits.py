"""What a correction does to the rows of the tables.

A `Book` holds the rows, and `carry_out` edits them as one correction says. Each action is a function of its own.
`corrections.apply` then computes verdicts and control totals from the rows.
"""

from __future__ import annotations

from collections.abc import Callable

from borderledger.errors import nearest
from borderledger.package import Finding, Table
from corrections.book import BULK_FIX, Book, Refused, Row, refuse
from corrections.cells import cells_of, field_of, malformed, still_holds
from corrections.document import Document, Value
from corrections.evidence import (
    enter_claims,
    not_its_own_evidence,
    optional_source,
    organisations,
    restate,
    settle_old_claims,
    source_of,
)
from corrections.log import Entry

__all__ = ["carry_out"]


def carry_out(document: Document, book: Book) -> None:
    """Edit the rows as a correction says. Raises Refused; do not use the book after that."""
    _ACTIONS[document["action"]](document, book)


# --- actions ---------------------------------------------------------------------------------------------------------


def _change(document: Document, book: Book) -> None:
    table, row = _record(document, book)
    if table.bound:
        _refuse_bulk(document, book, table, row)
    organisations(document, book)
    entries: list[Entry] = []
    for value in document.values:
        known = field_of(document, table, value, "source_id")
        still_holds(document, book, table, row, value)
        cells = cells_of(document, table, known, value, row)
        changed = {name: cell for name, cell in cells.items() if row[name] != cell}
        if not changed:
            message = f"{known.name} already holds {row[known.name] or 'nothing'}"
            fix = "Correct `new`, or use action claim if the source supports the value."
            raise refuse(document, (*value.path, "new"), value.new, message, fix, "nothing")
        source = (
            source_of(document, book, value) if table.bound and known.bound else optional_source(document, book, value)
        )
        for name, cell in changed.items():
            kind = (document["kind"] or "correction") if row[name] else "addition"
            entries.append(_entry(document, row["id"], name, kind, row[name], cell, source))
            book.changed[row["id"], name] = document.name
        if table.bound and known.bound:
            settle_old_claims(document, book, table, row, value, source)
            if value.new:
                enter_claims(document, book, row, value, source, known)
        row.update(cells)
    if table.name == "sources":
        if any(value.field in _WEIGHT for value in document.values):
            book.weighed.append(document)
        not_its_own_evidence(document, book, row["id"], book.changed_sources, book.cited_sources)
    _read_first(document, book, table, row, entries)
    book.log += entries


#: Columns of a source that decide how much it counts, and which of two sources is newer.
_WEIGHT = ("kind", "publisher", "published", "reprint_of")


def _entry(document: Document, record: str, name: str, kind: str, old: str, new: str, source: str) -> Entry:
    return Entry(record, name, kind, old, new, document["reason"], source, document["issue"])


def _beside(document: Document, book: Book) -> None:
    """Actions claim and dispute: the record stays as it is, and gets one more source."""
    table, row = _record(document, book)
    if not table.bound:
        message = f"{row['id']} is a source; this action needs a record"
        raise refuse(document, ("record",), row["id"], message, "Name the record that the source is about.", "unknown")
    entries: list[Entry] = []
    for value in document.values:
        known = field_of(document, table, value)
        still_holds(document, book, table, row, value)
        if not value.old:
            message = f"{known.name} of {row['id']} is empty, so a source cannot confirm or contradict it"
            raise refuse(document, (*value.path, "old"), "", message, "Use action change to fill it.", "nothing")
        cells_of(document, table, known, value, row)  # raises Refused for a bad value
        source = source_of(document, book, value)
        enter_claims(document, book, row, value, source, known)
        held = row[known.name]
        entries.append(_entry(document, row["id"], known.name, "evidence", held, held, source))
    _read_first(document, book, table, row, entries)
    book.log += entries


def _reread(document: Document, book: Book) -> None:
    """The record stays as it is; claims become what their sources state."""
    table, row = _record(document, book)
    if not table.bound:
        message = f"{row['id']} is a source; this action needs a record"
        raise refuse(document, ("record",), row["id"], message, "Name the record that the source is about.", "unknown")
    for value in document.values:
        known = field_of(document, table, value)
        source = source_of(document, book, value)
        if value.new:
            cells_of(document, table, known, value, row)  # raises Refused for a bad value
        if restate(document, book, row, value, source, known):
            held = row[known.name]
            book.log.append(_entry(document, row["id"], known.name, "evidence", held, held, source))


def _add(document: Document, book: Book) -> None:
    core = {table.name: table for table in book.package.core}
    if document["table"] not in core:
        message = f"{document['table']!r} is not a table of records"
        raise refuse(document, ("table",), document["table"], message, f"Use one of: {', '.join(core)}.", "unknown")
    table = core[document["table"]]
    record = document["record"]
    if book.find(record):
        message = f"{record} exists already"
        fix = "Use action change to correct it. For another record, choose another identifier."
        raise refuse(document, ("record",), record, message, fix, "unknown")
    if logged := book.retired(record):
        message = f"{record} was retired in version {logged['version']}: {logged['reason']}"
        raise refuse(document, ("record",), record, message, "Choose another identifier.", "unknown")
    organisations(document, book)
    row = dict.fromkeys(table.names, "") | {"id": record}
    found: list[Finding] = malformed(document, ("record",), table.by_name["id"], record)
    for value in document.values:
        known = field_of(document, table, value, "source_id")
        cells = cells_of(document, table, known, value, row)
        source = source_of(document, book, value) if known.bound else ""
        if not row[known.name]:
            row.update(cells)
        elif not known.bound:
            message = f"{known.name} appears twice"
            raise refuse(document, value.path, known.name, message, "Keep one entry.", "form")
        if known.bound and value.new:
            enter_claims(document, book, row, value, source, known)
    row["source_id"] = source_of(document, book)
    for each in table.fields:
        if each.required and not row[each.name]:
            message = f"a record of {table.name} needs {each.name}"
            fix = f"Add an entry with field: {each.name}. {each.title}: {each.description}"
            found.append(document.finding(("values",), "", message, fix, "value"))
    if found:
        raise Refused(found)
    book.rows[table.name].append(row)
    book.log.append(_entry(document, record, "id", "addition", "", record, row["source_id"]))


def _retire(document: Document, book: Book) -> None:
    table, row = _record(document, book)
    record, successor = row["id"], document["successor"]
    if not table.bound:
        fix = "Retire or change the records that cite it. A source that no record cites is removed automatically."
        raise refuse(
            document, ("record",), record, f"{record} is a source, and a source cannot be retired", fix, "by-hand"
        )
    _refuse_bulk(document, book, table, row)
    if successor:
        then = book.find(successor)
        if successor == record or then is None or then[0] is not table:
            message = f"{successor} is not another record of {table.name}"
            near = nearest(successor, [other["id"] for other in book.rows[table.name] if other["id"] != record])
            raise refuse(document, ("successor",), successor, message, near, "unknown")
        if lacking := sorted(
            {c["field"] for c in book.claims(record) if table.by_name[c["field"]].bound and not then[1][c["field"]]}
        ):
            message = (
                f"{successor} is empty in fields for which sources state a value of {record}: {', '.join(lacking)}"
            )
            fix = "First fill these fields of the successor (action change), so that no evidence is lost."
            raise refuse(document, ("successor",), successor, message, fix, "evidence")
    source = optional_source(document, book)
    for other, linked, name in book.links(table, record):
        if not successor:
            message = f"{name} of {linked['id']} ({other.path}) refers to {record}"
            fix = "Name a successor, or first change the record that refers to this one."
            raise refuse(document, ("record",), record, message, fix, "unknown")
        new = "" if successor == linked["id"] else successor
        book.log.append(_entry(document, linked["id"], name, "correction", record, new, source))
        linked[name] = new
    book.rows[table.name].remove(row)
    mine = book.claims(record)
    stated = {(c["field"], c["source_id"], c["value"]) for c in book.claims(successor)} if successor else set()
    for claim in mine:
        if successor and (claim["field"], claim["source_id"], claim["value"]) not in stated:
            claim["record_id"] = successor
            book.claimed.append((document, Value(("successor",), claim["field"]), claim))
        else:
            book.rows["claims"].remove(claim)
            book.gone.append((document, claim))
    book.rows["claims"] = [
        claim | {"value": successor} if claim["value"] == record and successor else claim
        for claim in book.rows["claims"]
    ]
    book.log.append(_entry(document, record, "id", "correction", record, successor, source))


def _privacy(document: Document, book: Book) -> None:
    table, row = _record(document, book)
    field_of(document, table, Value(("field",), document["field"]))
    message = f"{document['field']} of {row['id']} must be checked by an editor; no command changes it"
    fix = f"Editors: rewrite the cell in {table.path} without the person, run `make validate`, and publish soon."
    raise refuse(document, ("field",), document["field"], message, fix, "by-hand")


_ACTIONS: dict[str, Callable[[Document, Book], None]] = {
    "change": _change,
    "claim": _beside,
    "dispute": _beside,
    "reread": _reread,
    "record": _add,
    "retire": _retire,
    "privacy": _privacy,
}


# --- what is there ---------------------------------------------------------------------------------------------------


def _record(document: Document, book: Book) -> tuple[Table, Row]:
    record = document["record"]
    if found := book.find(record):
        return found
    if logged := book.retired(record):
        then = f"see {logged['new']}" if logged["new"] else "no record replaces it"
        message = f"{record} was retired in version {logged['version']}: {logged['reason']} ({then})"
        raise refuse(document, ("record",), record, message, "Name a record that exists now.", "moved-on")
    message = f"there is no record or source {record!r}"
    fix = f"{nearest(record, book.ids())} `python -m corrections find WORDS` searches for one; action record adds one."
    raise refuse(document, ("record",), record, message, fix, "unknown")


def _refuse_bulk(document: Document, book: Book, table: Table, row: Row) -> None:
    if book.in_bulk(table, row):
        message = f"{row['id']} is a row of the publisher's file {row['source_id']} and must stay as published"
        raise refuse(document, ("record",), row["id"], message, BULK_FIX, "bulk")


def _read_first(document: Document, book: Book, table: Table, row: Row, entries: list[Entry]) -> None:
    if document["read_first"] != "yes":
        return
    source = source_of(document, book)
    if table.name == "sources" or row["source_id"] == source:
        message = f"{source} is already the source to read first" if table.bound else "a source has no source"
        raise refuse(document, ("read_first",), "yes", message, "Delete the line.", "nothing")
    old, row["source_id"] = row["source_id"], source
    entries.append(_entry(document, row["id"], "source_id", "correction", old, source, source))
