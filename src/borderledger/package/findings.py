"""What can be wrong with a data package: a `Finding` for each fault, and the rules of the reader."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LONGEST_CELL", "RULES", "Finding", "restore"]

#: Longest cell, in characters. The longest note has a few hundred; what is longer is a slip or an attack.
LONGEST_CELL = 10_000

#: Rules of the reader, each with its reason; docs/rules.md lists them with the rest.
RULES = {
    "package.interrupted": "if an edit of several files was interrupted, it is completed before anything is read",
    "package.unreadable": "the descriptor, datapackage.json, is there and is JSON",
    "package.descriptor": "each resource has a name, a path and a schema, and stays inside the package",
    "schema.unreadable": "each schema is a Table Schema of known properties; otherwise a typo would switch off a check",
    "schema.reference": "a reference names a table and a field that exist",
    "file.missing": "the file of each table is there",
    "file.hash": "a file of which the descriptor gives the size or the hash is that file",
    "file.merge": "no file has an unresolved merge, because nobody knows which version is right",
    "file.encoding": "a table is UTF-8 text without byte order mark",
    "file.delimiter": "commas separate the columns, whatever list separator a country uses",
    "file.padding": "no empty column follows the last one",
    "file.blank": "no row is empty; spreadsheets also save the empty rows below the last one",
    "file.binary": "a table is text",
    "file.empty": "a table has at least a header",
    "file.line-ends": "every line ends in LF, also the last one; then a diff shows only the lines that changed",
    "file.header": "the columns are those of the schema, in its order",
    "file.ragged": "each row has as many cells as the header",
    "file.quotes": "quotes pair up within a line; a single quote would swallow the rows after it",
    "file.too-long": f"no row is longer than {LONGEST_CELL} characters",
}


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong.

    file     path relative to the package, with forward slashes
    line     line of the file, 1 is the header; 0 is the file as a whole
    field    name of the column, or empty
    value    the cell as it stands, shortened to 200 characters
    message  what is wrong and what was expected
    fix      what to do about it
    rule     identifier of the rule, explained in docs/rules.md
    """

    file: str
    line: int
    field: str
    value: str
    message: str
    fix: str
    rule: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}{' ' + self.field if self.field else ''}: {self.message} [{self.rule}]"


def restore(path: str) -> str:
    """What to do about a file that is lost or spoilt."""
    return f"Restore {path}: in a git clone with git checkout -- {path}, otherwise from a fresh download"
