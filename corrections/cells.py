"""One entry of a correction as cells of a row: the field that it names, what it replaces, what it fills in."""

from __future__ import annotations

from borderledger.errors import nearest
from borderledger.package import Field, Finding, Table
from corrections.book import Book, Refused, Row, refuse
from corrections.document import Document, Value
from corrections.meant import meant, unsure
from corrections.schema import Keys
from validate.cells import canonical_cell, cell_tests

__all__ = ["cells_of", "field_of", "malformed", "still_holds"]


def field_of(document: Document, table: Table, value: Value, *forbidden: str) -> Field:
    """The field that an entry names. Raises Refused if a correction cannot name it."""
    path = value.path if value.path == ("field",) else (*value.path, "field")
    for end in ("_qualifier", "_max"):
        figure = value.field.removesuffix(end)
        if figure != value.field and f"{figure}_qualifier" in table.by_name:
            key = "qualifier" if end == "_qualifier" else "max"
            fix = f"Write an entry for {figure}, with `{key}` below `new`."
            raise refuse(document, path, value.field, f"{value.field} belongs to the entry for {figure}", fix, "form")
    usable = [
        name for name in table.names if name not in ("id", *forbidden) and not name.endswith(("_qualifier", "_max"))
    ]
    if value.field not in usable:
        message = f"{value.field!r} is not a field of {table.name} that a correction can name"
        fix = "Use the key read_first." if value.field == "source_id" else nearest(value.field, usable)
        raise refuse(document, path, value.field, message, fix, "unknown")
    return table.by_name[value.field]


def still_holds(document: Document, book: Book, table: Table, row: Row, value: Value) -> None:
    """Raise Refused unless the row holds the old value that the entry states."""
    held = row[value.field]
    if canonical_cell(table.by_name[value.field], value.old) == held:
        return
    said = f"{row['id']} holds {held or 'nothing'}, not {value.old or 'nothing'}, as {value.field}"
    logged = [entry for entry in book.log if (entry.record_id, entry.field) == (row["id"], value.field)]
    log = [r for r in book.rows["corrections"] if (r["record_id"], r["field"]) == (row["id"], value.field)]
    last = vars(logged[-1]) if logged else log[-1] if log else None
    if last and last["new"] == held != last["old"]:
        when = f"in {last['version']}" if "version" in last else f"by {book.changed[row['id'], value.field]}"
        source = f" ({last['source_id']})" if last["source_id"] else ""
        said += f". It was changed {when}: {last['old'] or 'empty'} -> {held or 'empty'}. {last['reason']}{source}"
    fix = "Read the record again. If it is still wrong, write its present value as `old`."
    raise refuse(document, (*value.path, "old"), value.old, said, fix, "moved-on")


def cells_of(document: Document, table: Table, known: Field, value: Value, row: Row) -> Row:
    """The cells that an entry fills: the field and, of a figure, its qualifier and its upper end."""
    name, qualifier, upper = known.name, f"{known.name}_qualifier", f"{known.name}_max"
    cells = {name: canonical_cell(known, value.new)}
    found = malformed(document, (*value.path, "new"), known, cells[name])
    if known.required and not cells[name]:
        message = f"{name} cannot be empty"
        found.append(
            document.finding((*value.path, "new"), "", message, f"{known.title}: {known.description}", "value")
        )
    if qualifier not in table.by_name:
        for key in (key for key in ("qualifier", "max") if getattr(value, key)):
            message = f"{name} is not a figure with a qualifier"
            found.append(document.finding((*value.path, key), "", message, "Delete the line.", "value"))
    else:
        words = table.by_name[qualifier].categories
        if bool(cells[name]) != bool(value.qualifier):
            message = "is missing" if cells[name] else "must be empty, because `new` is empty"
            fix = f"Say how exactly the source states {name}. Use one of: {', '.join(words)}."
            found.append(document.finding((*value.path, "qualifier"), value.qualifier, message, fix, "value"))
        else:
            found += malformed(document, (*value.path, "qualifier"), table.by_name[qualifier], value.qualifier)
        if (value.qualifier == "range") != bool(value.max):
            message = "a range needs an upper end, and only a range may have one"
            found.append(
                document.finding((*value.path, "max"), value.max, message, "Fill in or delete `max`.", "value")
            )
        cells[qualifier] = value.qualifier
        if upper in table.by_name:
            cells[upper] = value.max
            found += malformed(document, (*value.path, "max"), table.by_name[upper], value.max)
    if found:
        raise Refused(found)
    return cells


def malformed(document: Document, path: Keys, known: Field, cell: str) -> list[Finding]:
    """What is wrong with a text as a cell of a field."""
    for test in cell_tests(known):
        if cell and (wrong := test.fails(cell)):
            offer, wrong = meant(known, cell), unsure(known, cell) or wrong
            return [document.finding(path, cell, wrong, f"Write {offer}." if offer else test.fix, "value")]
    return []
