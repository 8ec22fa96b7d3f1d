"""Stock frictionless on the whole package: the structure that the descriptor and the schemas state."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from frictionless import Package

from bench.peers.common import Found, run

__all__ = ["check"]

#: The kinds of fault by the type of an error, or by the constraint that its note names.
_KINDS = {
    "extra-cell": "shape",
    "missing-cell": "shape",
    "type-error": "integer",
    "primary-key": "key",
    "required": "required",
    "minimum": "minimum",
    "pattern": "pattern",
    "enum": "category",
}


def check(folder: Path) -> Found:
    """What `frictionless validate datapackage.json` finds in the table of returns."""
    report = Package(str(folder / "datapackage.json")).validate()
    task = next(task for task in report.tasks if task.name == "returns")
    found: Counter[str] = Counter()
    for error in task.errors:
        note = error.note.split('"')[1] if error.type == "constraint-error" else error.type
        if error.type == "foreign-key":
            note = "parent" if "part_of" in error.note else "reference"
        found[_KINDS.get(note, note)] += 1
    if not report.valid and not found:
        found["other"] += 1
    return int(task.stats["rows"] or 0), found


if __name__ == "__main__":
    run(check)
