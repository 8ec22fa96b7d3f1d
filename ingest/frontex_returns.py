"""Frontex-coordinated return operations 2006-2024 to rows of `returns`.

One row is one operation, one returning state and one destination among AL, BA, ME, MK, RS, XK, from the sheets of
persons ("TCNs (accepted)", third-country nationals), joined by operation number with the sheet of operations.

Decisions
- **2006-2012 is in two workbooks.** The released one has persons for 2010 only, Statewatch's transcription for all
  seven years. An operation with persons in the released workbook is taken from there, every other from the
  transcription, and none from both. Where both have an operation they must agree line by line, or the ingest is refused
  (in the pinned files all 189 common lines do). The types of operation are those of the released workbook.
- **Several lines for one operation, state and destination** (2023 only: the second line has 1 to 3 persons) are added
  up, and the note gives the lines. They are different persons: the numbers differ, and no line repeats another.
- **0 persons** are kept: the state took part, and nobody of its persons was accepted on arrival. Dropping the row would
  lose the state from the operation.
- **FRONTEX as the returning state** (operations that Frontex organised itself, always 0 persons) gives a row from `EU`,
  carried out by `frontex`.
- **Dates** come from the sheet of persons; another day in the sheet of operations is put in the note.
- **Types.** NRO, JRO, CRO and JRO (FRONTEX-RO) say how an operation was organised. FRONTEX-RO does not say whether one
  state or several took part, so `operation_type` stays empty. VRD, VDO and Humanitarian VR are voluntary returns with
  Frontex's help (`assisted_voluntary`); all else is `forced`. An operation that its sheet of operations does not list
  has no type; its number (VRD-...) still tells a voluntary one.
- **Not read**: staff, monitors, costs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from openpyxl.workbook.workbook import Workbook

from ingest.clean import slug
from ingest.inputs import Input, inputs_of, open_workbook
from ingest.places import is_country, state_of, wb6_of
from ingest.sheets import Row, read_rows

__all__ = ["DATASET", "TABLE", "read"]

DATASET = "frontex-returns"
TABLE = "returns"

_DATE, _ID, _STATE, _DESTINATION, _PERSONS = (
    "Date of Departure",
    "Operation ID",
    "MS",
    "DESTINATION[S]",
    "TCNs (accepted)",
)
_ID_FIRST = (_ID, _DATE, _STATE, _DESTINATION, _PERSONS)
_DATE_FIRST = (_DATE, _ID, _STATE, _DESTINATION, _PERSONS)

_DAY, _TYPE, _ROID = "DATE OF DEPARTURE", "TYPE OF OPERATION", "ROID"
_SHORT = (_DAY, _TYPE, "DESTINATION (S)", _ROID)
_MONITORS = "MONITORS ON BOARD (from MS or/and from FX pool)"
_LONG = (_DAY, _TYPE, "DESTINATION (S)", _MONITORS, _ROID, "FRONTEX STAFF ON BOARD")
#: The released workbook of 2006-2012 has remarks in a column H without title.
_LONG_H = (*_LONG, "", "")
_REMARKS = {"": "", "not co-financed by Frontex": "Not co-financed by Frontex."}


@dataclass(frozen=True)
class _Release:
    """Where one workbook keeps its persons and its operations; '' for a sheet that it does not have."""

    source_id: str
    years: range
    persons: str
    persons_header: tuple[str, ...]
    operations: str
    operations_header: tuple[str, ...]


#: In order of precedence: an operation is taken from the first release that has persons for it.
_RELEASES = (
    _Release("frontex-returns-2006-2012", range(2006, 2013), "2006-2012_TCNs", _ID_FIRST, "2006-2012", _LONG_H),
    _Release("frontex-returns-2006-2012-completed", range(2006, 2013), "2006-2012_TCNs", _ID_FIRST, "", ()),
    _Release("frontex-returns-2013-2018", range(2013, 2019), "2013-2018_TCNs", _ID_FIRST, "2013-2018", _LONG),
    _Release("frontex-returns-2019-2022", range(2019, 2023), "2019-2022_TCNs", _DATE_FIRST, "2019-2022", _SHORT),
    _Release("frontex-returns-2023", range(2023, 2024), "2023 TCNs", _DATE_FIRST, "2023", _SHORT),
    _Release("frontex-returns-2024", range(2024, 2025), "2024 TCNs", _DATE_FIRST, "2024", _SHORT),
)
#: The two releases that may, and must, agree on the operations they share.
_OVERLAP = ("frontex-returns-2006-2012", "frontex-returns-2006-2012-completed")

#: Type as released: operation_type, return_type, note.
_TYPES = {
    "NRO": ("national_return", "forced", ""),
    "JRO": ("joint_return", "forced", ""),
    "CRO": ("collecting_return", "forced", ""),
    "JRO (FRONTEX-RO)": ("joint_return", "forced", "Organised by Frontex; type as released: JRO (FRONTEX-RO)."),
    "FRONTEX-RO": ("", "forced", "Organised by Frontex; type as released: FRONTEX-RO."),
    "VDO": ("", "assisted_voluntary", "Type as released: VDO."),
    "VRD": ("", "assisted_voluntary", "Type as released: VRD."),
    "Humanitarian VR": ("", "assisted_voluntary", "Type as released: Humanitarian VR."),
}


@dataclass(frozen=True)
class _Operation:
    day: str
    type: str
    remark: str


@dataclass(frozen=True)
class _Line:
    """A line of a sheet of persons, with codes for its places ('' for a destination elsewhere)."""

    row: Row
    operation: str
    day: str
    state: str
    destination: str
    persons: int


def read(raw: Path, *, pinned: bool = True) -> list[dict[str, str]]:
    """The rows of `returns` in the raw files below `raw`: dicts of strings by column, sorted by id.

    Raises MissingFileError, IngestError (another SHA-256) or LayoutError; see ingest.errors.
    """
    inputs = inputs_of(DATASET)
    operations: dict[str, _Operation] = {}
    lines: dict[str, list[_Line]] = {}
    for release in _RELEASES:
        workbook = open_workbook(inputs[release.source_id], raw, pinned=pinned)
        if release.operations:
            _add_operations(release, inputs[release.source_id], workbook, operations)
        lines[release.source_id] = list(_persons(release, inputs[release.source_id], workbook))
    _check_overlap(lines)
    rows: list[dict[str, str]] = []
    taken: set[str] = set()
    for release in _RELEASES:
        fresh = [line for line in lines[release.source_id] if line.operation not in taken]
        taken |= {line.operation for line in fresh}
        rows += _rows(release.source_id, fresh, operations)
    return sorted(rows, key=lambda row: row["id"])


def _add_operations(release: _Release, item: Input, workbook: Workbook, known: dict[str, _Operation]) -> None:
    for row in read_rows(item.path, workbook, release.operations, release.operations_header):
        number, kind = row.text(_ROID), row.text(_TYPE)
        if not number:
            raise row.error(_ROID, "an operation number such as RO-00853", "Ask the publisher; an operation needs one.")
        if kind not in _TYPES:
            fix = "If it is a new type, add it to _TYPES in ingest/frontex_returns.py with what it means."
            raise row.error(_TYPE, f"one of {', '.join(_TYPES)}", fix)
        if number in known:
            raise row.error(_ROID, "an operation number that appears once", "Find out which of the two lines is right.")
        remark = row.text("H") if "H" in row.cells else ""
        if remark not in _REMARKS:
            fix = "Add the remark to _REMARKS in ingest/frontex_returns.py with what it means."
            raise row.error("H", f"one of {', '.join(repr(known) for known in _REMARKS)}", fix)
        known[number] = _Operation(row.day(_DAY, release.years), kind, _REMARKS[remark])


def _persons(release: _Release, item: Input, workbook: Workbook) -> Iterator[_Line]:
    for row in read_rows(item.path, workbook, release.persons, release.persons_header):
        operation, state, destination = row.text(_ID), row.text(_STATE), row.text(_DESTINATION)
        if not operation:
            raise row.error(_ID, "an operation number such as RO-00853", "Ask the publisher; a line needs one.")
        fix = "Add the spelling to the right table of ingest/places.py; check first whether it means one of the six."
        if state != "FRONTEX" and not state_of(state):
            raise row.error(_STATE, "a known spelling of a state, or FRONTEX", fix)
        if not is_country(destination):
            raise row.error(_DESTINATION, "a known spelling of a country", fix)
        code = "frontex" if state == "FRONTEX" else state_of(state)
        day, persons = row.day(_DATE, release.years), row.whole(_PERSONS)
        yield _Line(row, operation, day, code, wb6_of(destination), persons)


def _check_overlap(lines: dict[str, list[_Line]]) -> None:
    """Only the two releases of 2006-2012 may both have lines on an operation, and must then say the same."""
    seen: dict[str, str] = {}
    for source, found in lines.items():
        for line in found:
            first = seen.setdefault(line.operation, source)
            if first != source and (first, source) != _OVERLAP:
                raise line.row.error(_ID, f"an operation that {first} does not have", "Decide which release leads.")
    released, completed = (lines[source] for source in _OVERLAP)
    shared = {line.operation for line in released} & {line.operation for line in completed}
    left = {_facts(line): line for line in released if line.operation in shared}
    right = {_facts(line): line for line in completed if line.operation in shared}
    for facts in sorted(left.keys() ^ right.keys()):
        line = left.get(facts) or right[facts]
        message = "the same line in the released workbook and in the transcription of 2006-2012"
        raise line.row.error(_PERSONS, message, "Compare the operation in both files and decide which one is right.")


def _facts(line: _Line) -> tuple[str, str, str, str, int]:
    return line.operation, line.day, line.row.text(_STATE), line.row.text(_DESTINATION), line.persons


def _rows(source_id: str, lines: list[_Line], operations: dict[str, _Operation]) -> Iterator[dict[str, str]]:
    def key(line: _Line) -> tuple[str, str, str]:
        return line.operation, line.state, line.destination

    # The sort is stable: the lines of one flow stay in the order of the sheet.
    for (number, state, destination), group in groupby(sorted(lines, key=key), key):
        flow = list(group)
        if not destination:
            continue
        days = sorted({line.day for line in flow})
        if len(days) > 1:
            raise flow[-1].row.error(
                _DATE, f"the day of the other lines of this flow, {days[0]}", "Find the right day."
            )
        yield _row(source_id, number, state, destination, flow, operations.get(number))


def _row(
    source_id: str, number: str, state: str, destination: str, flow: list[_Line], operation: _Operation | None
) -> dict[str, str]:
    day, persons = flow[0].day, sum(line.persons for line in flow)
    notes: list[str] = []
    operation_type, return_type = "", "assisted_voluntary" if number.startswith("VRD") else "forced"
    if operation is None:
        notes.append("The sheet of operations does not list it.")
    else:
        operation_type, return_type, type_note = _TYPES[operation.type]
        day_note = "" if operation.day == day else f"The sheet of operations has {operation.day} as its day."
        notes += [type_note, day_note, operation.remark]
    if state == "frontex":
        notes.append("Line of Frontex as organiser.")
    elif persons == 0:
        notes.append("The state took part; none of its persons was accepted.")
    if len(flow) > 1:
        counts = " and ".join(str(line.persons) for line in flow)
        notes.append(f"{len(flow)} lines of the file added up: {counts}.")
    return {
        "id": f"ret-frontex-{slug(number)}-{slug(state)}-{slug(destination)}",
        "from_place": "EU" if state == "frontex" else state,
        "to_place": destination,
        "return_type": return_type,
        "operation_type": operation_type,
        "period": day,
        "quantity": str(persons),
        "quantity_qualifier": "exact",
        "unit": "persons",
        "measure": "count",
        "carried_out_by": state,
        "reported_by": "frontex",
        "operation_ref": number,
        "source_id": source_id,
        "note": " ".join(note for note in notes if note),
    }
