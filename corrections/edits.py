"""What a correction does to the rows of the tables.

A `Book` holds the rows; `carry_out` edits them as one correction says and returns what stands against it. Verdicts and
control totals follow from the rows and are left to `corrections.apply`. Each action is a function of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from borderledger import edtf
from borderledger.errors import nearest
from borderledger.package import Field, Package, Table
from corrections.document import Document, Value, options
from corrections.log import Entry
from validate.cells import cell_tests
from validate.fix import canonical_cell
from validate.report import Finding

__all__ = ["Book", "Refused", "carry_out"]

Row = dict[str, str]


class Refused(Exception):
    """A correction cannot be carried out; `findings` say why."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("; ".join(map(str, findings)))
        self.findings = findings


@dataclass
class Book:
    """The rows of all tables while corrections are carried out, and what has been done so far.

    log       what each correction did, in order
    claimed   the claims that were entered or looked at, with where each stands in which document
    gone      the claims that were taken out, with the document that did so
    changed_sources, cited_sources
              the sources that corrections changed and those that they rest on, with the name of the document
    weighed   documents that change what a source counts for
    """

    package: Package
    rows: dict[str, list[Row]]
    log: list[Entry] = field(default_factory=list)
    claimed: list[tuple[Document, Value, Row]] = field(default_factory=list)
    gone: list[tuple[Document, Row]] = field(default_factory=list)
    weighed: list[Document] = field(default_factory=list)
    changed_sources: dict[str, str] = field(default_factory=dict)
    cited_sources: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, package: Package) -> Book:
        """The rows of a package as it stands."""
        return cls(package, {name: sheet.frame.to_dict("records") for name, sheet in package.sheets.items()})

    def find(self, identifier: str) -> tuple[Table, Row] | None:
        """The table and the row of a record or a source."""
        for table in (*self.package.core, self.package.tables["sources"]):
            for row in self.rows[table.name]:
                if row["id"] == identifier:
                    return table, row
        return None

    def claims(self, record: str, *fields: str) -> list[Row]:
        """The claims on a record, or on some of its fields."""
        return [
            row for row in self.rows["claims"] if row["record_id"] == record and (not fields or row["field"] in fields)
        ]

    def ids(self) -> list[str]:
        """The ids of all records and sources."""
        tables = (*self.package.core, self.package.tables["sources"])
        return [row["id"] for table in tables for row in self.rows[table.name]]

    def in_bulk(self, table: Table, row: Row) -> bool:
        """Whether a row is bound by a control total and not by claims."""
        totals = self.rows["control_totals"]
        return any(total["table"] == table.name and total["source_id"] == row.get("source_id") for total in totals)


def carry_out(document: Document, book: Book) -> None:
    """Edit the rows as a correction says. Raises Refused; the book is then of no further use."""
    _ACTIONS[document["action"]](document, book)


def _refuse(document: Document, path: tuple[str | int, ...], value: str, message: str, fix: str, rule: str) -> Refused:
    return Refused([document.finding(path, value, message, fix, rule)])


# --- actions ---------------------------------------------------------------------------------------------------------


def _change(document: Document, book: Book) -> None:
    table, row = _record(document, book)
    if table.bound:
        _refuse_bulk(document, book, table, row)
    _organisations(document, book)
    entries: list[Entry] = []
    for value in document.values:
        known = _field(document, table, value, "source_id")
        _still_holds(document, book, table, row, value)
        cells = _cells(document, table, known, value, row)
        changed = {name: cell for name, cell in cells.items() if row[name] != cell}
        if not changed:
            message = f"{known.name} already holds {row[known.name] or 'nothing'}"
            fix = "Correct `new`, or use action claim if the source supports the value."
            raise _refuse(document, (*value.path, "new"), value.new, message, fix, "nothing")
        source = (
            _source(document, book, value) if table.bound and known.bound else _optional_source(document, book, value)
        )
        for name, cell in changed.items():
            kind = (document["kind"] or "correction") if row[name] else "addition"
            entries.append(_entry(document, row["id"], name, kind, row[name], cell, source))
        if table.bound and known.bound:
            _old_claims(document, book, table, row, value, source)
            if value.new:
                _enter_claims(document, book, row, value, source, known)
        row.update(cells)
    if table.name == "sources":
        if any(value.field in _WEIGHT for value in document.values):
            book.weighed.append(document)
        _not_its_own_evidence(document, book, row["id"], book.changed_sources, book.cited_sources)
    _read_first(document, book, table, row, entries)
    book.log += entries


#: What of a source decides how much its word counts beside that of another, and which of two overtakes the other.
_WEIGHT = ("kind", "publisher", "published", "reprint_of")


def _entry(document: Document, record: str, name: str, kind: str, old: str, new: str, source: str) -> Entry:
    return Entry(record, name, kind, old, new, document["reason"], source, document["issue"])


def _beside(document: Document, book: Book) -> None:
    """Actions claim and dispute: the record stays, and a source is set beside it."""
    table, row = _record(document, book)
    if not table.bound:
        message = f"{row['id']} is a source; sources are claimed about records"
        raise _refuse(
            document, ("record",), row["id"], message, "Name the record that the source speaks of.", "unknown"
        )
    entries: list[Entry] = []
    for value in document.values:
        known = _field(document, table, value)
        _still_holds(document, book, table, row, value)
        if not value.old:
            message = f"{known.name} of {row['id']} is empty, so that there is nothing to set a source beside"
            raise _refuse(document, (*value.path, "old"), "", message, "Use action change to fill it.", "nothing")
        _cells(document, table, known, value, row)  # for what stands against the value
        source = _source(document, book, value)
        _enter_claims(document, book, row, value, source, known)
        held = row[known.name]
        entries.append(_entry(document, row["id"], known.name, "evidence", held, held, source))
    _read_first(document, book, table, row, entries)
    book.log += entries


def _add(document: Document, book: Book) -> None:
    core = {table.name: table for table in book.package.core}
    if document["table"] not in core:
        message = f"{document['table']!r} is no table of records"
        raise _refuse(document, ("table",), document["table"], message, f"Use one of: {', '.join(core)}.", "unknown")
    table = core[document["table"]]
    record = document["record"]
    if book.find(record):
        message = f"{record} is there already"
        fix = "Use action change to correct it; for another record, choose another identifier."
        raise _refuse(document, ("record",), record, message, fix, "unknown")
    for logged in book.rows["corrections"]:
        if logged["record_id"] == record and logged["field"] == "id" and logged["old"]:
            message = f"{record} was retired in version {logged['version']}: {logged['reason']}"
            raise _refuse(document, ("record",), record, message, "Choose another identifier.", "unknown")
    _organisations(document, book)
    row = dict.fromkeys(table.names, "") | {"id": record}
    found: list[Finding] = _malformed(document, ("record",), table.by_name["id"], record)
    for value in document.values:
        known = _field(document, table, value, "source_id")
        cells = _cells(document, table, known, value, row)
        source = _source(document, book, value) if known.bound else ""
        if not row[known.name]:
            row.update(cells)
        elif not known.bound:
            message = f"{known.name} has a value already"
            raise _refuse(document, value.path, known.name, message, "Give it once.", "form")
        if known.bound and value.new:
            _enter_claims(document, book, row, value, source, known)
    row["source_id"] = _source(document, book, document.values[0], of_document=True)
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
        fix = "Retire or change the records that rest on it; a source that nothing uses any more goes with them."
        raise _refuse(document, ("record",), record, f"{record} is a source", fix, "by-hand")
    _refuse_bulk(document, book, table, row)
    if successor:
        then = book.find(successor)
        if successor == record or then is None or then[0] is not table:
            message = f"{successor} is no other record of {table.name}"
            near = nearest(successor, [other["id"] for other in book.rows[table.name] if other["id"] != record])
            raise _refuse(document, ("successor",), successor, message, near, "unknown")
        if lacking := sorted(
            {c["field"] for c in book.claims(record) if table.by_name[c["field"]].bound and not then[1][c["field"]]}
        ):
            message = f"{successor} is empty where sources state something of {record}: {', '.join(lacking)}"
            fix = "Fill these fields of the successor first (action change), so that no evidence is lost."
            raise _refuse(document, ("successor",), successor, message, fix, "evidence")
    source = _optional_source(document, book, None)
    for other, linked, name in _links(book, table, record):
        if not successor:
            message = f"{name} of {linked['id']} ({other.path}) leads to {record}"
            fix = "Name a successor, or first change the record that links here."
            raise _refuse(document, ("record",), record, message, fix, "unknown")
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
    _field(document, table, Value(("field",), document["field"]))
    message = f"{document['field']} of {row['id']} is for an editor to look at: nothing is changed by machine"
    fix = f"Editors: rewrite the cell in {table.path} without the person, run make validate, and publish soon."
    raise _refuse(document, ("field",), document["field"], message, fix, "by-hand")


_ACTIONS: dict[str, Callable[[Document, Book], None]] = {
    "change": _change,
    "claim": _beside,
    "dispute": _beside,
    "record": _add,
    "retire": _retire,
    "privacy": _privacy,
}


# --- what is there ---------------------------------------------------------------------------------------------------


def _record(document: Document, book: Book) -> tuple[Table, Row]:
    record = document["record"]
    found = book.find(record)
    if found:
        return found
    for logged in book.rows["corrections"]:
        if logged["record_id"] == record and logged["field"] == "id" and logged["old"]:
            then = f"see {logged['new']}" if logged["new"] else "nothing takes its place"
            message = f"{record} was retired in version {logged['version']}: {logged['reason']} ({then})"
            raise _refuse(document, ("record",), record, message, "Name the record that is there now.", "moved-on")
    message = f"there is no record or source {record!r}"
    fix = f"{nearest(record, book.ids())} python -m corrections find WORDS looks for one; action record adds one."
    raise _refuse(document, ("record",), record, message, fix, "unknown")


def _refuse_bulk(document: Document, book: Book, table: Table, row: Row) -> None:
    if book.in_bulk(table, row):
        message = f"{row['id']} is a row of the publisher's file {row['source_id']}, as it was released"
        fix = "If the file was read wrongly, mend the ingest; if the publisher is wrong, use action dispute."
        raise _refuse(document, ("record",), row["id"], message, fix, "bulk")


def _field(document: Document, table: Table, value: Value, *forbidden: str) -> Field:
    path = value.path if value.path == ("field",) else (*value.path, "field")
    for end in ("_qualifier", "_max"):
        figure = value.field.removesuffix(end)
        if figure != value.field and f"{figure}_qualifier" in table.by_name:
            key = "qualifier" if end == "_qualifier" else "max"
            fix = f"Write an entry on {figure}, with `{key}` beside `new`."
            raise _refuse(document, path, value.field, f"{value.field} is said with {figure}", fix, "form")
    usable = [
        name for name in table.names if name not in ("id", *forbidden) and not name.endswith(("_qualifier", "_max"))
    ]
    if value.field not in usable:
        message = f"{value.field!r} is no field of {table.name} that a correction can name"
        fix = "Use the key read_first." if value.field == "source_id" else nearest(value.field, usable)
        raise _refuse(document, path, value.field, message, fix, "unknown")
    return table.by_name[value.field]


def _still_holds(document: Document, book: Book, table: Table, row: Row, value: Value) -> None:
    held = row[value.field]
    if canonical_cell(table.by_name[value.field], value.old) == held:
        return
    said = f"{row['id']} holds {held or 'nothing'}, not {value.old or 'nothing'}, as {value.field}"
    logged = [entry for entry in book.log if (entry.record_id, entry.field) == (row["id"], value.field)]
    log = [r for r in book.rows["corrections"] if (r["record_id"], r["field"]) == (row["id"], value.field)]
    last = vars(logged[-1]) if logged else log[-1] if log else None
    if last and last["new"] == held != last["old"]:
        when = f" in {last['version']}" if "version" in last else ", by a correction that comes before this one"
        source = f" ({last['source_id']})" if last["source_id"] else ""
        said += f". It was changed{when}: {last['old'] or 'empty'} -> {held or 'empty'}. {last['reason']}{source}"
    fix = "Look at the record again: if it is still wrong, write what it holds now as `old`."
    raise _refuse(document, (*value.path, "old"), value.old, said, fix, "moved-on")


# --- values ----------------------------------------------------------------------------------------------------------


def _cells(document: Document, table: Table, known: Field, value: Value, row: Row) -> Row:
    """The cells that an entry fills: the field and, of a figure, its qualifier and its upper end."""
    name, qualifier, upper = known.name, f"{known.name}_qualifier", f"{known.name}_max"
    cells = {name: canonical_cell(known, value.new)}
    found = _malformed(document, (*value.path, "new"), known, cells[name])
    if known.required and not cells[name]:
        message = f"{name} cannot be empty"
        found.append(
            document.finding((*value.path, "new"), "", message, f"{known.title}: {known.description}", "value")
        )
    if qualifier not in table.by_name:
        for key in (key for key in ("qualifier", "max") if getattr(value, key)):
            message = f"{name} is no figure with a qualifier"
            found.append(document.finding((*value.path, key), "", message, "Delete the line.", "value"))
    else:
        words = table.by_name[qualifier].categories
        if bool(cells[name]) != bool(value.qualifier):
            message = "is missing" if cells[name] else "qualifies nothing, because `new` is empty"
            fix = f"How exactly does the source state {name}? Use one of: {', '.join(words)}."
            found.append(document.finding((*value.path, "qualifier"), value.qualifier, message, fix, "value"))
        else:
            found += _malformed(document, (*value.path, "qualifier"), table.by_name[qualifier], value.qualifier)
        if (value.qualifier == "range") != bool(value.max):
            message = "a range has an upper end, and nothing else has one"
            found.append(document.finding((*value.path, "max"), value.max, message, "Fill or delete `max`.", "value"))
        cells[qualifier] = value.qualifier
        if upper in table.by_name:
            cells[upper] = value.max
            found += _malformed(document, (*value.path, "max"), table.by_name[upper], value.max)
    if found:
        raise Refused(found)
    return cells


def _malformed(document: Document, path: tuple[str | int, ...], known: Field, cell: str) -> list[Finding]:
    """What is wrong with a text as a cell of a field."""
    for test in cell_tests(known):
        if cell and (wrong := test.fails(cell)):
            return [document.finding(path, cell, wrong, test.fix, "value")]
    return []


# --- claims ----------------------------------------------------------------------------------------------------------


def _enter_claims(document: Document, book: Book, row: Row, value: Value, source: str, known: Field) -> None:
    """Enter what the source states; a range has two claims."""
    if not value.locator:
        fix = "Add `locator`: page, article, row or section, so that anybody finds it."
        raise _refuse(document, value.path, "", f"where in {source} does it stand?", fix, "form")
    stated = [(known.name, canonical_cell(known, value.new))]
    if value.max:
        stated.append((f"{known.name}_max", value.max))
    for name, cell in stated:
        same = [c for c in book.claims(row["id"], name) if c["source_id"] == source and c["value"] == cell]
        if same and document["action"] != "change":
            message = f"{source} already stands as stating {cell} ({same[0]['locator']})"
            fix = "Nothing needs to be done; or name another source."
            raise _refuse(document, (*value.path, "new"), cell, message, fix, "nothing")
        claim = same[0] if same else dict.fromkeys(book.package.tables["claims"].names, "")
        if not same:
            claim |= {"record_id": row["id"], "field": name, "value": cell, "source_id": source}
            about = "about" if known.edtf and "~" in cell else "exact"
            claim |= {"qualifier": value.qualifier or about, "locator": value.locator, "note": value.note}
            book.rows["claims"].append(claim)
        book.claimed.append((document, value, claim))


def _old_claims(document: Document, book: Book, table: Table, row: Row, value: Value, source: str) -> None:
    """See what becomes of the claims with the old value; `old_claim` of the document says it."""
    held = row[value.field]
    fields = (value.field, f"{value.field}_max")
    old = [claim for claim in book.claims(row["id"], value.field) if claim["value"] == held]
    own = [claim for claim in old if claim["source_id"] == source]
    what = document["old_claim"]
    requalified = canonical_cell(table.by_name[value.field], value.new) == held
    if own and not what:
        message = (
            f"{source} itself stands as stating {held} ({own[0]['locator']}); a correction cannot rewrite that unsaid"
        )
        said = "; ".join(f"{word} - {means}" for word, means in options("old_claim").items())
        raise _refuse(document, (*value.path, "source"), source, message, f"Add old_claim: {said}", "evidence")
    going: list[Row] = []
    if what == "misread":
        if not own:
            message = f"{source} does not stand as stating {held or 'nothing'}, so that it was not misread"
            fix = "Delete old_claim, or name the source that was misread."
            raise _refuse(document, ("old_claim",), what, message, fix, "evidence")
        going = [claim for claim in book.claims(row["id"], *fields) if claim["source_id"] == source]
        going = [claim for claim in going if claim["field"] != value.field or claim["value"] == held]
    elif what == "overtaken":
        going = _overtaken(document, book, old, source)
    elif own and requalified:
        message = f"{source} cannot state {held} in two ways"
        fix = "Write old_claim: misread if it states it with another qualifier than was entered."
        raise _refuse(document, ("old_claim",), what, message, fix, "evidence")
    for claim in going:
        book.rows["claims"].remove(claim)
        book.gone.append((document, claim))
    left = [claim for claim in book.claims(row["id"], value.field) if claim not in going]
    if not value.new and left:
        says = ", ".join(sorted({claim["source_id"] for claim in left}))
        message = f"the cell cannot be empty while a source states something: {says}"
        fix = "Change it to what that source states; if it was misread, name it as `source`, with old_claim: misread."
        raise _refuse(document, (*value.path, "new"), "", message, fix, "evidence")


def _overtaken(document: Document, book: Book, old: list[Row], source: str) -> list[Row]:
    if document["kind"] != "revision":
        message, fix = "only a revision overtakes what was true before", "Write kind: revision, or delete old_claim."
        raise _refuse(document, ("old_claim",), "overtaken", message, fix, "evidence")
    published = {row["id"]: row["published"] for row in book.rows["sources"]}

    def older(claim: Row) -> bool:
        earlier, later = published[claim["source_id"]], published[source]
        return bool(earlier and later) and edtf.parse(earlier)[1] < edtf.parse(later)[0]

    going = [claim for claim in old if older(claim)]
    if not going:
        message = f"no source that stands with the old value is known to be older than {source}"
        fix = "Delete old_claim; or add the day of publication to the sources."
        raise _refuse(document, ("old_claim",), "overtaken", message, fix, "evidence")
    return going


def _read_first(document: Document, book: Book, table: Table, row: Row, entries: list[Entry]) -> None:
    if document["read_first"] != "yes":
        return
    source = _source(document, book, document.values[0], of_document=True)
    if table.name == "sources" or row["source_id"] == source:
        message = f"{source} is the source to read first already" if table.bound else "a source has no source"
        raise _refuse(document, ("read_first",), "yes", message, "Delete the line.", "nothing")
    old, row["source_id"] = row["source_id"], source
    entries.append(_entry(document, row["id"], "source_id", "correction", old, source, source))


# --- sources and organisations ---------------------------------------------------------------------------------------


def _source(document: Document, book: Book, value: Value, *, of_document: bool = False) -> str:
    """The id of the source of an entry; a source in full is entered."""
    given = document.content.get("source", "") if of_document else value.source
    path: tuple[str | int, ...] = ("source",)
    if not of_document and given is not document.content.get("source"):
        path = (*value.path, "source")
    if not given:
        fix = "Add `source`: the id of a source in data/sources.csv, or a new source in full."
        raise _refuse(document, path, "", f"who states {value.new or 'it'}?", fix, "evidence")
    if isinstance(given, str):
        known = [row["id"] for row in book.rows["sources"]]
        if given not in known:
            message = f"there is no source {given!r}"
            fix = f"{nearest(given, known)} Or give the new source in full, with id, title, publisher, kind and url."
            raise _refuse(document, path, given, message, fix, "unknown")
        identifier = given
    else:
        identifier = _new_row(document, book, "sources", path, given)
    _not_its_own_evidence(document, book, identifier, book.cited_sources, book.changed_sources)
    return identifier


def _optional_source(document: Document, book: Book, value: Value | None) -> str:
    if not document.content.get("source"):
        return ""
    return _source(document, book, value or Value((), ""), of_document=value is None)


def _not_its_own_evidence(
    document: Document, book: Book, source: str, mine: dict[str, str], other: dict[str, str]
) -> None:
    mine[source] = document.name
    if source in other:
        message = f"{source} is changed by one correction and cited by another ({other[source]}) at the same time"
        fix = "Apply the change of the source first, and have it reviewed on its own."
        raise _refuse(document, ("source",), source, message, fix, "evidence")


def _organisations(document: Document, book: Book) -> None:
    named = {item.strip() for value in document.values for item in value.new.split(";")}
    for number, row in enumerate(document.content.get("organisations", ())):
        new = _new_row(document, book, "organisations", ("organisations", number), row)
        if new not in named:
            fix = "Delete it, or name it in a value."
            raise _refuse(document, ("organisations", number), new, f"no value names {new}", fix, "nothing")


def _new_row(document: Document, book: Book, name: str, path: tuple[str | int, ...], given: Mapping[str, Any]) -> str:
    """Enter a source or an organisation that is given in full, unless the very same row is there; return its id."""
    table = book.package.tables[name]
    found: list[Finding] = []
    row = dict.fromkeys(table.names, "")
    for column, text in given.items():
        if column not in table.by_name:
            message, fix = f"{column!r} is no column of {table.path}", nearest(column, table.names)
            found.append(document.finding((*path, column), "", message, fix, "value"))
            continue
        row[column] = canonical_cell(table.by_name[column], text)
        found += _malformed(document, (*path, column), table.by_name[column], row[column])
    for each in table.fields:
        if each.required and not row[each.name]:
            message = f"a new row of {table.path} needs {each.name}"
            fix = f"{each.title}: {each.description}"
            if each.categories:
                fix += f" One of: {', '.join(each.categories)}."
            found.append(document.finding((*path, each.name), "", message, fix, "value"))
    if found:
        raise Refused(found)
    held = next((other for other in book.rows[name] if other["id"] == row["id"]), None)
    if held and held != row:
        differ = ", ".join(column for column in table.names if held[column] != row[column])
        message = f"{row['id']} is in {table.path} already, with another {differ}"
        fix = "Write its id alone, or choose another: a correction does not change what it rests on."
        raise _refuse(document, path, row["id"], message, fix, "evidence")
    twin = next(
        (r for r in book.rows[name] if "url" in r and r["url"] == row["url"] and r["title"] == row["title"]), None
    )
    if twin and not held:
        message = f"this document is {twin['id']} in {table.path}"
        raise _refuse(document, path, row["id"], message, f"Write {twin['id']} as the source.", "evidence")
    if not held:
        book.rows[name].append(row)
    return row["id"]


# --- retired records -------------------------------------------------------------------------------------------------


def _links(book: Book, table: Table, record: str) -> Iterator[tuple[Table, Row, str]]:
    """Every cell of a record that names another record."""
    for other in book.package.core:
        keys = [key.field for key in other.foreign_keys if key.table == table.name]
        for row in book.rows[other.name]:
            yield from ((other, row, name) for name in keys if row[name] == record)
