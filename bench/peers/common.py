"""What the peers share: what schemas/returns.json says, the ids that references lead to, and how a result is printed.

Standard library only: the environments of the peers do not have this project.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

__all__ = ["Found", "Returns", "run"]

#: The number of rows, and how often each kind of fault was found.
Found = tuple[int, Mapping[str, int]]


@dataclass(frozen=True)
class Returns:
    """The table of returns of a data package, as its schema describes it."""

    folder: Path

    @property
    def file(self) -> Path:
        """The CSV file."""
        return self.folder / "data/returns.csv"

    @cached_property
    def fields(self) -> dict[str, dict[str, Any]]:
        """The fields of the schema by their names."""
        schema = json.loads((self.folder / "schemas/returns.json").read_text(encoding="utf-8"))
        return {field["name"]: field for field in schema["fields"]}

    @property
    def required(self) -> list[str]:
        """The columns that every row fills."""
        return [name for name, field in self.fields.items() if field.get("constraints", {}).get("required")]

    @property
    def patterns(self) -> dict[str, str]:
        """The pattern that the whole cell has, by column."""
        constraints = {name: field.get("constraints", {}) for name, field in self.fields.items()}
        return {name: held["pattern"] for name, held in constraints.items() if "pattern" in held}

    @property
    def categories(self) -> dict[str, list[str]]:
        """The words that a column may hold."""
        fields = self.fields.items()
        return {name: [c["value"] for c in field["categories"]] for name, field in fields if "categories" in field}

    @property
    def integers(self) -> list[str]:
        """The columns of whole numbers from 0 on."""
        return [name for name, field in self.fields.items() if field["type"] == "integer"]

    @cached_property
    def references(self) -> dict[str, set[str]]:
        """The ids that a cell may be, by column; `part_of` is not among them, as it leads to the table itself."""
        places = self._ids("places")
        operations = self._ids("operations", "reference")
        sources = self._ids("sources")
        return {"source_id": sources, "from_place": places, "to_place": places, "operation_ref": operations}

    @cached_property
    def lists(self) -> dict[str, set[str]]:
        """The ids that the items of a list may be, by column."""
        targets = {name: field["refersTo"] for name, field in self.fields.items() if "refersTo" in field}
        return {name: set().union(*map(self._ids, tables)) for name, tables in targets.items()}

    def _ids(self, table: str, column: str = "id") -> set[str]:
        with (self.folder / f"data/{table}.csv").open(encoding="utf-8", newline="") as file:
            return {row[column] for row in csv.DictReader(file)}


def run(check: Callable[[Path], Found]) -> None:
    """The command line of a peer: check the folder that it names, and end with code 1 if there are faults."""
    rows, found = check(Path(sys.argv[1]))
    found = {kind: number for kind, number in found.items() if number}
    print(f"rows {rows}", *(f"{kind} {number}" for kind, number in found.items()), sep="\n")
    sys.exit(1 if found else 0)
