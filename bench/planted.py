"""Faults to plant in the table of returns: one bad cell for each kind of check that a peer of `bench.scale` may run.

A peer that calls a table with its kinds of fault valid would be timed for a check that it does not do.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

__all__ = ["KINDS", "damage"]

_Row = dict[str, str]
_Plant = Callable[[_Row, _Row], object]


def _set(name: str, value: str) -> _Plant:
    return lambda row, other: row.update({name: value})


#: Each kind of fault, and what gives it to an operation of Frontex; the second row is another one.
KINDS: dict[str, _Plant] = {
    "required": _set("unit", ""),
    "integer": _set("quantity", "12.5"),
    "minimum": _set("quantity", "-3"),
    "category": _set("unit", "person"),
    "pattern": lambda row, other: row.update(id=row["id"].replace("frontex", "Frontex")),
    "date": _set("period", "2021-02-30"),
    "key": lambda row, other: row.update(id=other["id"]),
    "reference": _set("to_place", "QQ"),
    "parent": _set("part_of", "ret-nothing"),
    "list": _set("nationalities", "AL;QQ"),
    "order": _set("nationalities", "RS;AL"),
    "text": _set("note", "two  spaces"),
    "total": lambda row, other: row.update(quantity=str(int(row["quantity"]) + 1)),
    "digest": lambda row, other: row.update(procedure="x"),
    "shape": _set("", "one cell more than the header has"),
}


def damage(folder: Path, kinds: Iterable[str]) -> None:
    """Plant one fault of each of some kinds in the package of a folder, each in a row of its own.

    Plant `shape` alone: a reader may stop there.
    """
    file = folder / "data/returns.csv"
    with file.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    header = list(rows[0])
    operations = [row for row in rows if row["operation_ref"].startswith("RO-")]
    for kind, row in zip(kinds, operations, strict=False):
        KINDS[kind](row, operations[-1])
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(row.values() for row in rows)
