"""Frontex-coordinated return operations 2006-2024 to rows of `returns`.

One row is one operation, one returning state and one destination among AL, BA, ME, MK, RS, XK, from the sheets of
persons ("TCNs (accepted)", third-country nationals), joined by operation number with the sheet of operations. See
`ingest.frontex_workbooks` for the files, the two workbooks of 2006-2012 and the types.

Decisions
- **Several lines for one operation, state and destination** (2023 only: the second line has 1 to 3 persons) are added
  up, and the note gives the lines. They are different persons: the numbers differ, and no line repeats another.
- **0 persons** are kept: the state took part, and nobody of its persons was accepted on arrival. Dropping the row would
  lose the state from the operation.
- **FRONTEX as the returning state** (operations that Frontex organised itself, always 0 persons) gives a row from `EU`,
  carried out by `frontex`.
- **Dates** come from the sheet of persons; another day in the sheet of operations is put in the note.
- **Not read here**: staff, monitors and costs; see `ingest.frontex_operations`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from ingest.clean import slug
from ingest.frontex_workbooks import DATE, FILES, FRONTEX, Line, Operation, kind_of, read_files

__all__ = ["DATASET", "FILES", "read"]

DATASET = "frontex-returns"


def read(raw: Path, *, pinned: bool = True) -> dict[str, list[dict[str, str]]]:
    """The rows of `returns` in the raw files below `raw`: dicts of strings by column, sorted by id.

    Raises MissingFileError, IngestError (another SHA-256) or LayoutError; see ingest.errors.
    """
    found = read_files(raw, pinned=pinned)
    rows = [row for source, lines in found.lines.items() for row in _rows(source, lines, found.operations)]
    return {"returns": sorted(rows, key=lambda row: row["id"])}


def _rows(source_id: str, lines: list[Line], operations: dict[str, Operation]) -> Iterator[dict[str, str]]:
    def key(line: Line) -> tuple[str, str, str]:
        return line.operation, line.state, line.destination

    # The sort is stable: the lines of one flow stay in the order of the sheet.
    for (number, state, destination), group in groupby(sorted(lines, key=key), key):
        flow = list(group)
        if not destination:
            continue
        days = sorted({line.day for line in flow})
        if len(days) > 1:
            raise flow[-1].row.error(DATE, f"the day of the other lines of this flow, {days[0]}", "Find the right day.")
        yield _row(source_id, number, state, destination, flow, operations.get(number))


def _row(
    source_id: str, number: str, state: str, destination: str, flow: list[Line], operation: Operation | None
) -> dict[str, str]:
    day, persons = flow[0].day, sum(line.persons for line in flow)
    operation_type, return_type, type_note = kind_of(number, operation)
    notes: list[str] = []
    if operation is None:
        notes.append("The sheet of operations does not list it.")
    else:
        day_note = "" if operation.day == day else f"The sheet of operations has {operation.day} as its day."
        notes += [type_note, day_note, operation.remark]
    if state == FRONTEX:
        notes.append("Line of Frontex as organiser.")
    elif persons == 0:
        notes.append("The state took part; none of its persons was accepted.")
    if len(flow) > 1:
        counts = " and ".join(str(line.persons) for line in flow)
        notes.append(f"{len(flow)} lines of the file added up: {counts}.")
    return {
        "id": f"ret-frontex-{slug(number)}-{slug(state)}-{slug(destination)}",
        "from_place": "EU" if state == FRONTEX else state,
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
