"""The workbooks on return operations: which sheets each has, and its lists of operations and of persons.

`ingest.frontex_returns` and `ingest.frontex_operations` read the same files. What both need stands here.

Decisions
- **2006-2012 is in two workbooks.** The released one has persons for 2010 only, Statewatch's transcription for all
  seven years. An operation with persons in the released workbook is taken from there, every other from the
  transcription, and none from both. Where both have an operation they must agree line by line, or the ingest is refused
  (in the pinned files all 189 common lines do). The sheet of operations is that of the released workbook.
- **Types.** NRO, JRO, CRO and JRO (FRONTEX-RO) say how an operation was organised. FRONTEX-RO does not say whether one
  state or several took part, so `operation_type` stays empty. VRD, VDO and Humanitarian VR are voluntary returns with
  Frontex's help (`assisted_voluntary`); all else is `forced`. An operation that its sheet of operations does not list
  has no type; its number (VRD-...) still tells a voluntary one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl.workbook.workbook import Workbook

from ingest.inputs import Input, inputs_of, open_workbook
from ingest.places import is_country, state_of, wb6_of
from ingest.sheets import Row, read_rows

__all__ = [
    "DATE",
    "FILES",
    "FRONTEX",
    "PLACES_FIX",
    "Line",
    "Operation",
    "Release",
    "Released",
    "kind_of",
    "read_files",
]

#: The files in ingest/inputs.toml.
FILES = "frontex-returns"
#: The code of the lines of Frontex itself.
FRONTEX = "frontex"
PLACES_FIX = "Add the spelling to the right table of ingest/places.py; check first whether it means one of the six."

DATE = "Date of Departure"
_ID, _STATE, _DESTINATION, _PERSONS = "Operation ID", "MS", "DESTINATION[S]", "TCNs (accepted)"
_ID_FIRST = (_ID, DATE, _STATE, _DESTINATION, _PERSONS)
_DATE_FIRST = (DATE, _ID, _STATE, _DESTINATION, _PERSONS)

_DAY, _TYPE, _WHERE, _ROID = "DATE OF DEPARTURE", "TYPE OF OPERATION", "DESTINATION (S)", "ROID"
_SHORT = (_DAY, _TYPE, _WHERE, _ROID)
_MONITORS, _STAFF = "MONITORS ON BOARD (from MS or/and from FX pool)", "FRONTEX STAFF ON BOARD"
_LONG = (_DAY, _TYPE, _WHERE, _MONITORS, _ROID, _STAFF)
#: The released workbook of 2006-2012 has remarks in a column H without title.
_LONG_H = (*_LONG, "", "")
_REMARKS = {"": "", "not co-financed by Frontex": "Not co-financed by Frontex."}


@dataclass(frozen=True)
class Release:
    """Where one workbook keeps its persons and its operations; '' for a sheet that it does not have."""

    source_id: str
    years: range
    persons: str
    persons_header: tuple[str, ...]
    operations: str
    operations_header: tuple[str, ...]


#: In order of precedence: an operation is taken from the first release that has persons for it.
_RELEASES = (
    Release("frontex-returns-2006-2012", range(2006, 2013), "2006-2012_TCNs", _ID_FIRST, "2006-2012", _LONG_H),
    Release("frontex-returns-2006-2012-completed", range(2006, 2013), "2006-2012_TCNs", _ID_FIRST, "", ()),
    Release("frontex-returns-2013-2018", range(2013, 2019), "2013-2018_TCNs", _ID_FIRST, "2013-2018", _LONG),
    Release("frontex-returns-2019-2022", range(2019, 2023), "2019-2022_TCNs", _DATE_FIRST, "2019-2022", _SHORT),
    Release("frontex-returns-2023", range(2023, 2024), "2023 TCNs", _DATE_FIRST, "2023", _SHORT),
    Release("frontex-returns-2024", range(2024, 2025), "2024 TCNs", _DATE_FIRST, "2024", _SHORT),
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
class Operation:
    """A line of a sheet of operations. `monitors` and `staff` are '' where the sheet has no such column."""

    row: Row
    day: str
    type: str
    destinations: str
    monitors: str
    staff: str
    remark: str


@dataclass(frozen=True)
class Line:
    """A line of a sheet of persons, with codes for its places ('' for a destination elsewhere)."""

    row: Row
    operation: str
    day: str
    state: str
    destination: str
    persons: int

    @property
    def spelled(self) -> str:
        """The destination as released."""
        return self.row.text(_DESTINATION)


@dataclass(frozen=True)
class Released:
    """What the workbooks hold: the operations by number, and by source the lines of those that are taken from it."""

    inputs: dict[str, Input]
    workbooks: dict[str, Workbook]
    operations: dict[str, Operation] = field(default_factory=dict)
    lines: dict[str, list[Line]] = field(default_factory=dict)


def read_files(raw: Path, *, pinned: bool = True) -> Released:
    """Open the raw files below `raw` and read their operations and persons.

    Raises MissingFileError, IngestError (another SHA-256) or LayoutError; see ingest.errors.
    """
    inputs = inputs_of(FILES)
    found = Released(inputs, {})
    lines: dict[str, list[Line]] = {}
    for release in _RELEASES:
        item = inputs[release.source_id]
        workbook = found.workbooks[release.source_id] = open_workbook(item, raw, pinned=pinned)
        if release.operations:
            _add_operations(release, item, workbook, found.operations)
        lines[release.source_id] = list(_persons(release, item, workbook))
    _check_overlap(lines)
    taken: set[str] = set()
    for source, every in lines.items():
        found.lines[source] = fresh = [line for line in every if line.operation not in taken]
        taken |= {line.operation for line in fresh}
    return found


def kind_of(number: str, operation: Operation | None) -> tuple[str, str, str]:
    """operation_type, return_type and a note on the type of an operation; None if its sheet does not list it."""
    if operation is None:
        return "", "assisted_voluntary" if number.startswith("VRD") else "forced", ""
    return _TYPES[operation.type]


def _add_operations(release: Release, item: Input, workbook: Workbook, known: dict[str, Operation]) -> None:
    for row in read_rows(item.path, workbook, release.operations, release.operations_header):
        number, kind = row.text(_ROID), row.text(_TYPE)
        if not number:
            raise row.error(_ROID, "an operation number such as RO-00853", "Ask the publisher; an operation needs one.")
        if kind not in _TYPES:
            fix = "If it is a new type, add it to _TYPES in ingest/frontex_workbooks.py with what it means."
            raise row.error(_TYPE, f"one of {', '.join(_TYPES)}", fix)
        if number in known:
            raise row.error(_ROID, "an operation number that appears once", "Find out which of the two lines is right.")
        remark = row.text("H") if "H" in row.cells else ""
        if remark not in _REMARKS:
            fix = "Add the remark to _REMARKS in ingest/frontex_workbooks.py with what it means."
            raise row.error("H", f"one of {', '.join(repr(known) for known in _REMARKS)}", fix)
        monitors = row.text(_MONITORS) if _MONITORS in row.cells else ""
        staff = str(row.whole(_STAFF)) if _STAFF in row.cells else ""
        day = row.day(_DAY, release.years)
        known[number] = Operation(row, day, kind, row.text(_WHERE), monitors, staff, _REMARKS[remark])


def _persons(release: Release, item: Input, workbook: Workbook) -> Iterator[Line]:
    for row in read_rows(item.path, workbook, release.persons, release.persons_header):
        operation, state, destination = row.text(_ID), row.text(_STATE), row.text(_DESTINATION)
        if not operation:
            raise row.error(_ID, "an operation number such as RO-00853", "Ask the publisher; a line needs one.")
        if state != "FRONTEX" and not state_of(state):
            raise row.error(_STATE, "a known spelling of a state, or FRONTEX", PLACES_FIX)
        if not is_country(destination):
            raise row.error(_DESTINATION, "a known spelling of a country", PLACES_FIX)
        code = FRONTEX if state == "FRONTEX" else state_of(state)
        day, persons = row.day(DATE, release.years), row.whole(_PERSONS)
        yield Line(row, operation, day, code, wb6_of(destination), persons)


def _check_overlap(lines: dict[str, list[Line]]) -> None:
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


def _facts(line: Line) -> tuple[str, str, str, str, int]:
    return line.operation, line.day, line.row.text(_STATE), line.spelled, line.persons
