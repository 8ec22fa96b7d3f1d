"""What can be wrong with a data package: a `Problem` for each fault, and the rules of the reader with their reasons."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LONGEST_CELL", "RULES", "Problem"]

#: Longest cell, in characters. The longest note has a few hundred; what is longer is a slip or an attack.
LONGEST_CELL = 10_000

#: Rules of the reader, each with its reason; docs/rules.md lists them with the rest.
RULES = {
    "package.interrupted": "an edit of several files that was cut short is finished before anything is read",
    "package.unreadable": "there is a descriptor, datapackage.json, and it is JSON",
    "package.descriptor": "each resource has a name, a path and a schema, and stays inside the package",
    "schema.unreadable": "each schema is a Table Schema with known properties, so that a typo switches no check off",
    "schema.reference": "a reference names a table and a field that exist",
    "file.missing": "the file of each table is there",
    "file.encoding": "a table is UTF-8 text without byte order mark",
    "file.delimiter": "columns are separated by commas, whatever the list separator of a country is",
    "file.padding": "no empty column stands after the last one",
    "file.blank": "each row says something; a spreadsheet also saves the empty rows below the last one",
    "file.binary": "a table is text",
    "file.empty": "a table has at least its header",
    "file.line-ends": "lines end in LF, the last one too, so that a change shows as the lines it changed",
    "file.header": "the columns are those of the schema, in its order",
    "file.ragged": "each row has as many cells as the header",
    "file.quotes": "quotes pair up within their line; one that does not would swallow the rows after it",
    "file.too-long": f"no row is longer than {LONGEST_CELL} characters",
}


@dataclass(frozen=True)
class Problem:
    """Something wrong at a place: the file relative to the package, the line (0: the file as a whole), the field."""

    rule: str
    file: str
    line: int
    field: str
    value: str
    message: str
    fix: str
