"""Which cells of a package a spreadsheet rewrote, and what they were.

`validate.spreadsheet.forms` reads a cell by itself. Here the second entry helps: a record and the claim that agrees
with it hold the same value. If one of the two has become unclear, the other one decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from borderledger.package import Field, Package, Sheet, Table
from validate.cells import canonical_cell, cell_tests, text_test
from validate.ledger import Ledger
from validate.reading import LINE
from validate.spreadsheet.forms import Reading, recognise

__all__ = ["Place", "Rewritten", "log_is_rewritten", "restored", "rewritten_cells"]

#: Name of the table, line of the file, name of the field.
Place = tuple[str, int, str]


@dataclass(frozen=True)
class Rewritten:
    """A cell that a spreadsheet rewrote.

    cell     what it holds now
    value    what it was; empty if that is not known
    message  what happened to it
    fix      what to do about it
    rule     the rule that it breaks
    """

    cell: str
    value: str
    message: str
    fix: str
    rule: str


@dataclass(frozen=True)
class _Seen:
    """A rewritten cell before the second entry was looked at."""

    field: Field
    cell: str
    reading: Reading
    rule: str


@dataclass(frozen=True)
class _Entry:
    """A second entry of a value: its place, and what it says."""

    place: Place
    value: str


def rewritten_cells(t: Ledger) -> dict[Place, Rewritten]:
    """Every cell that looks as if a spreadsheet rewrote it, also those of which nobody knows what they were."""
    seen = dict(_seen(t))
    entries = _Entries(t, seen)
    found = {place: _judged(t, place, one, entries.of(place, one.field)) for place, one in seen.items()}
    return dict(sorted((found | dict(_without_zeros(t, entries, found))).items()))


def log_is_rewritten(t: Ledger) -> bool:
    """Whether the log of corrections has such a cell. No rule compares its values with the form of their field."""
    return any(True for _ in _seen_stated(t, "corrections"))


def restored(package: Package, found: dict[Place, Rewritten]) -> Package:
    """The package, with what a cell was in its place where that is known."""
    sheets = dict(package.sheets)
    for name in {place[0] for place, cell in found.items() if cell.value}:
        old = sheets[name]
        records = old.records()
        for (table, line, field), cell in found.items():
            if table == name and cell.value:
                records[line][field] = cell.value
        sheets[name] = Sheet(old.names, partial(_rows, records), "", old.lost, old.whole, old.absent)
    return replace(package, sheets=sheets)


def _rows(records: Mapping[int, Mapping[str, str]]) -> list[tuple[int, list[str]]]:
    return [(line, [*record.values()]) for line, record in records.items()]


def _seen(t: Ledger) -> Iterator[tuple[Place, _Seen]]:
    """The cells that are not in the form of their field, and look like the work of a spreadsheet."""
    for table in t.tables.values():
        for field in table.fields:
            column = {line: row[field.name] for line, row in t.records(table.name).items()}
            looks = _looks(field, dict.fromkeys(column.values()))
            if looks:
                yield from (((table.name, line, field.name), looks[c]) for line, c in column.items() if c in looks)
    yield from _seen_stated(t, "claims")
    yield from _seen_stated(t, "corrections")


#: Columns that hold values of other columns: those of the cell that `record_id` and `field` name.
_STATED = {"claims": ("value",), "corrections": ("old", "new")}


def _seen_stated(t: Ledger, name: str) -> Iterator[tuple[Place, _Seen]]:
    columns = _STATED[name]
    if name not in t.tables or not {"record_id", "field", *columns} <= {*t.tables[name].names}:
        return
    stated = [*t.engine.fetch(t.rows(name).select(LINE, "record_id", "field", *columns)).iter_rows()]
    if not stated:
        return
    places = t.places_of(record for _, record, *_ in stated)
    cells: dict[tuple[str, str], list[tuple[int, str, str]]] = defaultdict(list)
    for line, record, field, *values in stated:
        if record in places and field in places[record][0].by_name:
            mine = zip(columns, values, strict=True)
            cells[places[record][0].name, field] += [(line, column, cell) for column, cell in mine]
    for (table, field), found in cells.items():
        looks = _looks(t.tables[table].by_name[field], dict.fromkeys(cell for _, _, cell in found))
        for line, column, cell in found:
            if cell in looks:
                rule = "evidence.value" if name == "claims" else looks[cell].rule
                yield (name, line, column), replace(looks[cell], rule=rule)


def _looks(field: Field, cells: Iterable[str]) -> dict[str, _Seen]:
    tests = [*cell_tests(field)]
    found = {}
    for cell in cells if tests else ():
        text = canonical_cell(field, cell)
        failed = next((test.rule for test in tests if text and test.fails(text)), "")
        if failed and (reading := recognise(field, text)):
            found[cell] = _Seen(field, cell, reading, failed)
    return found


class _Entries:
    """The second entry of a value: of a cell the claims that agree with it, of such a claim the cell."""

    def __init__(self, t: Ledger, seen: dict[Place, _Seen]) -> None:
        self._t = t
        self._seen = seen
        self._claims: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
        self._stating: dict[int, tuple[str, str]] = {}
        self._places: dict[str, tuple[Table, int]] = {}
        columns = {"record_id", "field", "value", "verdict"}
        if "claims" not in t.tables or not columns <= {*t.tables["claims"].names}:
            return
        for line, claim in t.records("claims").items():
            if claim["verdict"] == "agrees":
                about = (claim["record_id"], claim["field"])
                self._claims[about].append((line, claim["value"]))
                self._stating[line] = about
        self._places = t.places_of(record for record, _ in self._claims)

    def of(self, place: Place, field: Field) -> list[_Entry]:
        """The other entries of a cell, as far as they are in the form of its field."""
        tests = [*text_test(), *cell_tests(field)]
        entries = [_Entry(at, self._value(at, cell)) for at, cell in self._others(place)]
        return [e for e in entries if e.value and not any(test.fails(e.value) for test in tests)]

    def _others(self, place: Place) -> Iterator[tuple[Place, str]]:
        table, line, field = place
        if table == "claims" and field == "value" and line in self._stating:
            record, stated = self._stating[line]
            if record in self._places:
                core, at = self._places[record]
                if stated in core.by_name and core.by_name[stated].bound:
                    yield (core.name, at, stated), self._t.records(core.name)[at][stated]
        elif field in self._t.tables[table].bound:
            record = self._t.records(table)[line]["id"]
            for at, value in self._claims[record, field]:
                yield ("claims", at, "value"), value

    def _value(self, place: Place, cell: str) -> str:
        seen = self._seen.get(place)
        return (seen.reading.value or cell) if seen else cell


_RUN = "Run python -m validate --fix"


def _judged(t: Ledger, place: Place, one: _Seen, entries: list[_Entry]) -> Rewritten:
    reading = one.reading
    said = f"{one.cell!r} is {reading.what}"
    fitting = {entry.value: entry for entry in entries if reading.fits(entry.value)}
    if reading.sure and (reading.value in fitting or len(fitting) != 1):
        return Rewritten(one.cell, reading.value, f"{said}; expected {reading.value}", _RUN, one.rule)
    if len(fitting) == 1:
        (entry,) = fitting.values()
        return Rewritten(one.cell, entry.value, f"{said}; {_where(t, entry)} says {entry.value}", _RUN, one.rule)
    wanted = " or ".join(reading.values) + ", as the source says" if not reading.type else reading.type
    return Rewritten(one.cell, "", said, f"Type {wanted}; --fix does not guess.", one.rule)


def _where(t: Ledger, entry: _Entry) -> str:
    table, line, field = entry.place
    path = t.tables[table].path
    return f"the claim in {path}:{line}" if table == "claims" else f"{field} in {path}:{line}"


def _without_zeros(t: Ledger, entries: _Entries, found: dict[Place, Rewritten]) -> Iterator[tuple[Place, Rewritten]]:
    """Codes of no fixed form, of which only the claim shows that they began with zeros."""
    for table in t.package.core:
        for field in table.fields:
            if not field.bound or field.type != "string" or field.edtf or [*cell_tests(field)]:
                continue
            for line, row in t.records(table.name).items():
                cell, place = row[field.name], (table.name, line, field.name)
                if not (cell.isascii() and cell.isdigit()) or place in found:
                    continue
                others = entries.of(place, field)
                longer = {e.value: e for e in others if e.value != cell and e.value.lstrip("0") == cell}
                if len(longer) == 1 and cell not in {e.value for e in others}:
                    (entry,) = longer.values()
                    said = (
                        f"{cell!r} lost the zeros at its start to a spreadsheet; {_where(t, entry)} says {entry.value}"
                    )
                    yield place, Rewritten(cell, entry.value, said, _RUN, "evidence.mismatch")
