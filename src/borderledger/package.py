"""The data package as every tool sees it: the descriptor, the schemas and the tables, read strictly.

`Package.read(root)` never raises on bad content. What is wrong comes back as `problems`, and what can still be read
is read, so that one broken file does not hide the next. Nothing is coerced: a table is a frame of the very strings of
its file, whose index is the line in the file.
"""

from __future__ import annotations

import contextlib
import csv
import errno
import hashlib
import io
import json
import os
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "EDTF",
    "JOURNAL",
    "RULES",
    "Field",
    "ForeignKey",
    "Package",
    "Problem",
    "Root",
    "Sheet",
    "Table",
    "canonical_text",
    "finish_writing",
    "read_resources",
    "read_schema",
    "read_sheet",
    "version_order",
    "write_files",
]

#: Where a package stands: a folder, or one inside a zip file.
Root = Path | zipfile.Path

#: Value of a field's `rdfType` that marks an EDTF date.
EDTF = "http://id.loc.gov/datatypes/edtf/EDTF-level1"

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


@dataclass(frozen=True)
class ForeignKey:
    """A reference of one field to a field of a table (Table Schema `foreignKeys`)."""

    field: str
    table: str
    target: str


@dataclass(frozen=True)
class Field:
    """A column, as its Table Schema describes it; see docs/data-dictionary.md for the meaning of each."""

    name: str
    title: str
    description: str
    type: str
    required: bool
    unique: bool
    pattern: str
    minimum: float | None
    categories: dict[str, str]
    ordered: bool
    edtf: bool
    bound: bool
    delimiter: str
    refers_to: tuple[str, ...]

    def items(self, cell: str) -> list[str]:
        """The items of a list cell, or the cell itself as the only item; none of an empty cell."""
        if not cell:
            return []
        return cell.split(self.delimiter) if self.delimiter else [cell]


@dataclass(frozen=True)
class Table:
    """A table, as its resource and its Table Schema describe it."""

    name: str
    path: str
    schema_path: str
    title: str
    description: str
    not_covered: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    batch: dict[str, str]

    @cached_property
    def names(self) -> list[str]:
        """Names of the fields, in the order of the columns."""
        return [f.name for f in self.fields]

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The fields by their names."""
        return {f.name: f for f in self.fields}

    @cached_property
    def bound(self) -> list[str]:
        """Names of the evidence-bound fields; a table that has some is a core table."""
        return [f.name for f in self.fields if f.bound]

    @cached_property
    def prose(self) -> list[str]:
        """Names of the fields that hold text of no set form: titles, names, summaries, notes, and what is quoted."""
        linked = {*self.key, *(key.field for key in self.foreign_keys)}
        return [
            f.name
            for f in self.fields
            if f.type == "string" and f.name not in linked and not (f.pattern or f.categories or f.refers_to)
        ]

    @cached_property
    def label(self) -> str:
        """Name of the field that says in words what a row is about; empty where there is none."""
        return next((name for name in self.prose if self.by_name[name].required), "") if len(self.key) == 1 else ""


@dataclass(frozen=True)
class Sheet:
    """A table as read.

    frame   strings; the index is the line of the file
    text    the lines of the file, for comparison with canonical form
    lost    keys of rows too broken to be in the frame
    whole   False when no row could be read at all, so that nothing follows from a row that is not there
    absent  columns that the file lacks; they are empty in the frame, from which nothing follows either
    """

    frame: pd.DataFrame
    text: str
    lost: frozenset[str] = frozenset()
    whole: bool = True
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Package:
    """The descriptor with its tables in order, the sheets that could be read, and all problems met on the way."""

    root: Path
    descriptor: dict[str, Any]
    tables: dict[str, Table]
    sheets: dict[str, Sheet]
    problems: tuple[Problem, ...] = field(default=())

    @classmethod
    def read(cls, root: str | Path) -> Package:
        """Read the package whose datapackage.json stands in `root`.

        Never raises on bad content. A descriptor that cannot be read gives a package without tables and a problem
        with the rule `package.unreadable`.
        """
        root = Path(root)
        problems: list[Problem] = []
        _finish(root, problems)
        descriptor, resources = read_resources(root, problems)
        tables: dict[str, Table] = {}
        sheets: dict[str, Sheet] = {}
        for name, resource in resources.items():
            table = read_schema(root, resource, problems)
            if table is not None:
                tables[name] = table
                sheets[name] = read_sheet(root, table, problems)
        _check_references(tables, problems)
        return cls(root, descriptor, tables, sheets, tuple(problems))

    @property
    def version(self) -> str:
        """The one version number, of code and data."""
        return str(self.descriptor.get("version", ""))

    @property
    def core(self) -> list[Table]:
        """The tables with evidence-bound fields."""
        return [table for table in self.tables.values() if table.bound]


def version_order(version: str) -> tuple[int, ...]:
    """What a version is sorted by: its numbers, since as text 0.10.0 would come before 0.9.0.

    >>> version_order("0.10.0") > version_order("0.9.0")
    True
    """
    return tuple(int(part) for part in version.split(".") if part.isascii() and part.isdigit() and len(part) < 10)


# --- descriptor and schemas ------------------------------------------------------------------------------------------


def read_resources(root: Root, problems: list[Problem]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The descriptor of a package and its resources by name; what is wrong with them is added to `problems`."""
    descriptor = _read_json(root, "datapackage.json", problems)
    named: dict[str, dict[str, Any]] = {}
    for resource in _resources(descriptor, problems):
        if resource["name"] in named:
            problems.append(_bad_descriptor(f"two resources are named {resource['name']}", "Rename one of them."))
        else:
            named[resource["name"]] = resource
    return descriptor, named


def _finish(root: Path, problems: list[Problem]) -> None:
    try:
        finish_writing(root)
    except (OSError, ValueError) as error:
        message = f"an edit was cut short and cannot be finished: {error}"
        fix = f"Keep the files as they are, or restore them (git checkout -- data); then delete {JOURNAL}."
        problems.append(Problem("package.interrupted", JOURNAL, 0, "", "", message, fix))


def _bad_descriptor(message: str, fix: str, file: str = "datapackage.json") -> Problem:
    return Problem("package.descriptor", file, 0, "", "", message, fix)


def _inside(root: Root, path: str) -> bool:
    """Whether a path of the descriptor stays inside the package; links are followed."""
    pure = PurePosixPath(path)
    if not pure.parts or not path.isprintable():
        return False
    if pure.is_absolute() or ".." in pure.parts or "\\" in path or ":" in path:
        return False
    if isinstance(root, zipfile.Path):
        return True  # a zip file has no links, and its members nothing above them
    try:
        return (root / path).resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):  # a link to itself, a name that is too long
        return False


def _read_json(root: Root, path: str, problems: list[Problem]) -> dict[str, Any]:
    rule = "package.unreadable" if path == "datapackage.json" else "schema.unreadable"
    fix = f"Restore {path} from the last good version (git checkout -- {path}) or mend it in an editor."
    try:
        content = json.loads(_read_bytes(root, path).decode("utf-8"), parse_constant=_no_number)
    except json.JSONDecodeError as error:
        message = f"not JSON: {error.msg}, at column {error.colno}"
        problems.append(Problem(rule, path, error.lineno, "", "", message, fix))
    except UnicodeDecodeError:
        problems.append(Problem(rule, path, 0, "", "", "not UTF-8 text", fix))
    except RecursionError:
        problems.append(Problem(rule, path, 0, "", "", "JSON nested too deeply", fix))
    except ValueError as error:  # NaN, a number of more digits than Python reads, a NUL in the path
        problems.append(Problem(rule, path, 0, "", "", f"cannot be read: {error}", fix))
    except OSError as error:
        problems.append(Problem(rule, path, 0, "", "", f"cannot be read: {error.strerror or error}", fix))
    else:
        if isinstance(content, dict) and content:
            return content
        problems.append(Problem(rule, path, 0, "", "", "not a JSON object, or an empty one", fix))
    return {}


def _no_number(word: str) -> float:
    # Python reads NaN and Infinity, which are no JSON; nothing is below a minimum of NaN.
    raise ValueError(f"{word} is not JSON")


def _resources(descriptor: dict[str, Any], problems: list[Problem]) -> Iterator[dict[str, Any]]:
    if not descriptor:
        return
    resources = descriptor.get("resources")
    if not isinstance(resources, list) or not resources:
        problems.append(_bad_descriptor("has no resources", "List each table under `resources`."))
        return
    for number, resource in enumerate(resources, 1):
        wanted = ("name", "path", "schema")
        if not isinstance(resource, dict) or any(not isinstance(resource.get(key), str) for key in wanted):
            message = f"resource {number} needs a name, a path and a schema, each a string"
            problems.append(_bad_descriptor(message, "Compare it with the other resources."))
            continue
        yield resource


def read_schema(root: Root, resource: dict[str, Any], problems: list[Problem]) -> Table | None:
    """The table that a resource describes, or None with a problem added when its schema cannot be used."""
    for path in (resource["path"], resource["schema"]):
        if not _inside(root, path):
            shown = path.encode("utf-8", "replace").decode()
            message = f"resource {resource['name']}: the path {shown} leads out of the package"
            problems.append(_bad_descriptor(message, "Use a path below the folder of datapackage.json, without `..`."))
            return None
    path = resource["schema"]
    schema = _read_json(root, path, problems)
    if not schema:
        return None
    try:
        return _table(resource, schema)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError, re.error) as error:
        message = f"not a Table Schema that this package can use: {type(error).__name__} {error}"
        problems.append(Problem("schema.unreadable", path, 0, "", "", message, "Compare it with the other schemas."))
        return None


_FIELD_KEYS = {"name", "title", "description", "type", "rdfType", "example", "categories", "evidence", "delimiter"}
_FIELD_KEYS |= {"refersTo", "constraints", "categoriesOrdered"}
_CONSTRAINT_KEYS = {"required", "unique", "pattern", "minimum"}
_TYPES = {"string", "integer", "number", "date"}


def _table(resource: dict[str, str], schema: dict[str, Any]) -> Table:
    fields = tuple(_field(entry) for entry in schema["fields"])
    names = [f.name for f in fields]
    if len(set(names)) != len(names):
        raise ValueError("a field is named twice")
    keys, batch = schema.get("primaryKey") or (schema.get("uniqueKeys") or [[]])[0], schema.get("batch", {})
    _want(isinstance(keys, list) and keys, "primaryKey or uniqueKeys must name the key")
    for name in keys:
        _want(name in names, f"the key names no field: {name}")
    _want(all(isinstance(schema[key], str) for key in ("title", "description")), "title and description are strings")
    _want(not batch or "total" in batch, "batch needs a total")
    _want(all(k in ("place", "date", "total") and name in names for k, name in batch.items()), "batch names no field")
    foreign = tuple(
        ForeignKey(key["fields"][0], key["reference"]["resource"] or resource["name"], key["reference"]["fields"][0])
        for key in schema.get("foreignKeys", [])
    )
    return Table(
        name=resource["name"],
        path=resource["path"],
        schema_path=resource["schema"],
        title=schema["title"],
        description=schema["description"],
        not_covered=schema.get("notCovered", ""),
        fields=fields,
        key=tuple(keys),
        foreign_keys=foreign,
        batch=dict(batch),
    )


def _want(holds: object, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)


def _field(entry: dict[str, Any]) -> Field:
    constraints = entry.get("constraints", {})
    # frictionless ignores properties it does not know, so that a typo (`constraint`) silently switches a check off.
    unknown = (set(entry) - _FIELD_KEYS) | (set(constraints) - _CONSTRAINT_KEYS)
    if unknown:
        raise ValueError(f"field {entry['name']}: unknown property {', '.join(sorted(unknown))}")
    if entry["type"] not in _TYPES:
        raise ValueError(f"field {entry['name']}: unknown type {entry['type']}")
    texts = [entry[key] for key in ("name", "title", "description")] + [entry.get("delimiter", ";")]
    texts += [*entry.get("refersTo", ()), *(c[k] for c in entry.get("categories", ()) for k in ("value", "label"))]
    _want(all(isinstance(text, str) and text for text in texts), f"field {entry['name']}: a text is missing or no text")
    _want(isinstance(entry.get("refersTo", []), list), f"field {entry['name']}: refersTo is a list of tables")
    _want(isinstance(constraints.get("minimum", 0), int | float), f"field {entry['name']}: minimum is a number")
    re.compile(constraints.get("pattern", ""))
    return Field(
        name=entry["name"],
        title=entry["title"],
        description=entry["description"],
        type=entry["type"],
        required=constraints.get("required", False),
        unique=constraints.get("unique", False),
        pattern=constraints.get("pattern", ""),
        minimum=constraints.get("minimum"),
        categories={category["value"]: category["label"] for category in entry.get("categories", [])},
        ordered=entry.get("categoriesOrdered", False) is True,
        edtf=entry.get("rdfType") == EDTF,
        bound=entry.get("evidence") == "claim",
        delimiter=entry.get("delimiter", ""),
        refers_to=tuple(entry.get("refersTo", ())),
    )


def _check_references(tables: dict[str, Table], problems: list[Problem]) -> None:
    """A reference to a table or field that does not exist is one fault of the schema, not one of every row."""
    for table in tables.values():
        wanted = [(key.field, key.table, key.target) for key in table.foreign_keys]
        wanted += [(f.name, target, "id") for f in table.fields for target in f.refers_to]
        for name, target, column in wanted:
            known = name in table.by_name and target in tables and column in tables[target].by_name
            if not known:
                message = f"{name} refers to {target}.{column}, which does not exist or cannot be read"
                fix = "Correct the reference, or mend the table it names."
                problems.append(Problem("schema.reference", table.schema_path, 0, name, target, message, fix))


# --- tables ----------------------------------------------------------------------------------------------------------

#: Longest first: the mark of UTF-32 begins with that of UTF-16.
_BOMS = {
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
_MEND = "python -m validate --fix"
_SAVE = 'in Excel as "CSV UTF-8 (comma delimited)", in LibreOffice with the character set "Unicode (UTF-8)"'
_MARKS = {",": "commas", ";": "semicolons", "\t": "tabs"}
#: A first line for Excel alone; a program that does not know it fills it up with empty cells.
_SEP = re.compile(r'"?sep=[,;\t]"?[,;\t]*', re.IGNORECASE)


def _quoted(mark: str) -> re.Pattern[str]:
    cell = rf'(?:"(?:[^"]|"")*"|[^"{mark}]*)'
    return re.compile(f"{cell}(?:{mark}{cell})*")


_QUOTED = {mark: _quoted(mark) for mark in _MARKS}


def read_sheet(root: Root, table: Table, problems: list[Problem]) -> Sheet:
    """Read one table strictly and add what is wrong with the file to `problems`.

    A cell holds no line break, so every line is parsed for itself: a stray quote spoils its own line and no other. What
    a spreadsheet does to a file as a whole (its delimiter, empty rows and columns) is a problem, and read nevertheless.
    """
    import pandas as pd

    def problem(rule: str, line: int, message: str, fix: str, value: str = "") -> None:
        problems.append(Problem(rule, table.path, line, "", value, message, fix))

    lines = _read_lines(root, table, problem)
    first, mark = _layout(lines, table, problem)
    rows: list[list[str]] = []
    numbers: list[int] = []
    blank: list[int] = []
    lost: set[str] = set()
    header = _parse_line(lines[first], first + 1, mark, problem) if lines else None
    width = len(header or ())
    header = _unpadded(header, first + 1, problem) if header is not None else None
    columns = _check_header(header, first + 1, table, problem) if header is not None else None
    for number, line in enumerate(lines[first + 1 :], first + 2):
        if columns is None or header is None:
            break
        if _is_blank(line, mark, table):
            blank.append(number)
            continue
        cells = _parse_line(line, number, mark, problem)
        if cells is not None and len(cells) == width and not any(cells[len(header) :]):
            rows.append(cells[: len(header)])
            numbers.append(number)
            continue
        if cells is not None:
            _ragged(cells, number, width, line, problem)
        lost.add(line.partition(mark)[0].strip('"'))
    if blank:
        problem("file.blank", blank[0], _blank_rows(blank), f"Delete what is empty, or run {_MEND}")
    frame = pd.DataFrame(rows, columns=header if columns is not None else table.names, index=numbers, dtype=object)
    absent = frozenset(table.names) - frozenset(frame.columns)
    if columns is not None:
        frame = frame.loc[:, ~frame.columns.duplicated()].reindex(columns=table.names, fill_value="")
    return Sheet(frame, "\n".join(lines), frozenset(lost), columns is not None, absent)


def _read_bytes(root: Root, path: str) -> bytes:
    """The bytes of a file. A pipe would keep the reader waiting for ever, and a device never end."""
    file = root / path
    if file.exists() and not file.is_file():
        raise OSError(errno.EINVAL, "is not a file but a directory, a pipe or a device")
    return file.read_bytes()


def _read_lines(root: Root, table: Table, problem: Any) -> list[str]:
    try:
        raw = _read_bytes(root, table.path)
    except (OSError, ValueError) as error:
        fix = f"Restore it: git checkout -- {table.path}"
        problem("file.missing", 0, f"cannot be read: {getattr(error, 'strerror', None) or error}", fix)
        return []
    encoding = next((name for mark, name in _BOMS.items() if raw.startswith(mark)), "utf-8")
    if encoding != "utf-8":
        message = f"starts with a byte order mark ({encoding}), as spreadsheets and editors of Windows write it"
        problem("file.encoding", 0, message, f"Save as UTF-8 without BOM, or run {_MEND}")
    if encoding in ("utf-8", "utf-8-sig") and b"\0" in raw:
        line = raw[: raw.index(b"\0")].count(b"\n") + 1
        workbook = raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))
        message = "holds a NUL byte: not a CSV file" + (", but a workbook (xlsx, ods or xls)" if workbook else "")
        restore = f"Restore it: git checkout -- {table.path}"
        problem("file.binary", line, message, f"Save it as a CSV file: {_SAVE}." if workbook else restore)
        return []
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        message = f"byte {raw[error.start : error.start + 1].hex()} is not {encoding} text"
        if encoding == "utf-8":  # which of them is not guessed: the same byte is another letter in each
            message += "; the program that saved it used an older encoding, such as Windows-1250 or Windows-1252"
        problem("file.encoding", line, message, f"Save the file again: {_SAVE}.")
        return []
    if not text.strip("\n\r\t ,;"):
        problem("file.empty", 0, "is empty", f"Restore it: git checkout -- {table.path}")
        return []
    if "\r" in text:
        line = text[: text.index("\r")].count("\n") + 1
        problem("file.line-ends", line, "has CR line ends (Windows or old Mac)", f"Run {_MEND}")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.endswith("\n"):
        problem("file.line-ends", text.count("\n") + 1, "has no line end after the last row", f"Run {_MEND}")
        text += "\n"
    return text.split("\n")[:-1]


def _layout(lines: list[str], table: Table, problem: Any) -> tuple[int, str]:
    """Index of the line of the header, and what separates columns: the mark that finds the most of them there."""
    if not lines or lines[0] == ",".join(table.names):
        return 0, ","
    first = 1 if len(lines) > 1 and _SEP.fullmatch(lines[0]) else 0
    top = next((n for n, line in enumerate(lines[first:], first) if line.strip('",;\t')), first)
    if top > first:
        message = _blank_rows([*range(first + 1, top + 1)])
        problem("file.blank", first + 1, message, f"Delete what is empty, or run {_MEND}")
    found = {mark: len({*table.names} & {*_cells(lines[top], mark)}) for mark in _MARKS}
    mark = max(found, key=lambda mark: found[mark])  # commas, if none finds more than they do
    if first:
        message = "the first line is not the header but `sep=`, which Excel alone understands"
        if mark != ",":
            message += f", and {_MARKS[mark]} separate the columns"
        problem("file.delimiter", 1, message, f"Run {_MEND}", lines[0][:80])
    elif mark != ",":
        message = f"columns are separated by {_MARKS[mark]}, as a spreadsheet saves them"
        message += " where commas are decimal marks" if mark == ";" else " as text"
        problem("file.delimiter", top + 1, message, f"Run {_MEND}", lines[top][:80])
    return top, mark


def _cells(line: str, mark: str) -> list[str]:
    """The cells of a line, or none if it cannot be parsed."""
    try:
        return next(csv.reader([line], delimiter=mark, strict=True)) if len(line) <= LONGEST_CELL else []
    except (csv.Error, StopIteration):
        return []


def _is_blank(line: str, mark: str, table: Table) -> bool:
    # A table of one column has rows that are one empty cell, which is written as two quotes.
    return not line or (len(table.names) > 1 and not line.strip(f'"{mark}') and not any(_cells(line, mark) or [line]))


def _blank_rows(lines: list[int]) -> str:
    if len(lines) == 1:
        return "is an empty line"
    shown = ", ".join(map(str, lines[:12])) + (f" and {len(lines) - 12} more" if len(lines) > 12 else "")
    return f"is an empty line, one of {len(lines)}: {shown}"


def _unpadded(header: list[str], line: int, problem: Any) -> list[str]:
    """The header without empty cells at its end."""
    named = header[: max((n for n, name in enumerate(header, 1) if name), default=0)]
    if len(named) == len(header) or not named:
        return header
    message = f"{len(header) - len(named)} empty columns stand after the last one, as a spreadsheet saves them"
    problem("file.padding", line, message, f"Delete these columns, or run {_MEND}")
    return named


def _ragged(cells: list[str], number: int, width: int, line: str, problem: Any) -> None:
    if len(cells) == width:
        message = "a cell stands to the right of the last column that has a name"
        problem("file.ragged", number, message, "Move it into its column, or delete it.", line[:80])
        return
    more = "more" if len(cells) > width else "fewer"
    message = f"{len(cells)} cells, {more} than the {width} of the header"
    fix = "A cell with a comma must stand in double quotes; an empty cell still needs its comma."
    if more == "fewer":  # nothing in the line says whether its cells were cut off at the end, or taken out before it
        fix += " Excel leaves empty cells at the end of rows away; add their commas."
    problem("file.ragged", number, message, fix, line[:80])


def _parse_line(line: str, number: int, mark: str, problem: Any) -> list[str] | None:
    if len(line) > LONGEST_CELL:
        # csv has a limit of its own per cell, global to the process; a whole row within ours is well below it.
        problem(
            "file.too-long",
            number,
            f"has {len(line)} characters, more than {LONGEST_CELL}",
            "Shorten the cell.",
            line[:80],
        )
        return None
    try:
        cells = next(csv.reader([line], delimiter=mark, strict=True))
        # csv takes a quote inside a cell without quotes; RFC 4180 does not, and the next program reads it otherwise.
        if '"' not in line or _QUOTED[mark].fullmatch(line):
            return cells
        raise csv.Error("a quote stands inside a cell without quotes")
    except (csv.Error, StopIteration) as error:
        message = f"quotes do not pair up ({error})"
        fix = 'Put the cell in double quotes, double each quote inside it (""), and keep it on one line.'
        problem("file.quotes", number, message, fix, line[:80])
        return None


def _check_header(header: list[str], line: int, table: Table, problem: Any) -> list[str] | None:
    if header == table.names:
        return header
    fix = f"The header is: {','.join(table.names)}"
    repeated = sorted({name for name in header if header.count(name) > 1})
    missing = [name for name in table.names if name not in header]
    unknown = [name for name in header if name not in table.names]
    for name in repeated:
        problem("file.header", line, f"the column {name} stands twice", fix, name)
    for name in unknown:
        # The value is what tells a column that is not known from columns in another order, which can be mended.
        problem("file.header", line, f"the column {name!r} is not in {table.schema_path}", fix, name or "(empty)")
    for name in missing:
        problem("file.header", line, f"the column {name} is missing", fix, name)
    if not (repeated or missing or unknown):
        problem("file.header", line, "the columns stand in another order than in the schema", f"Run {_MEND}. {fix}")
    # Without the key column nothing in the file can be told apart; the rest would be noise.
    return None if any(name in missing for name in table.key) else header


# --- the one writer --------------------------------------------------------------------------------------------------


def sort_key(table: Table, row: dict[str, str]) -> tuple[str, ...]:
    """Order of the rows in the file: by the key, in code point order."""
    return tuple(row[name] for name in table.key)


def canonical_text(table: Table, rows: Iterable[dict[str, str]]) -> str:
    """The one spelling of a table: rows sorted by key, RFC 4180 with quotes only where needed, LF."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.names)
    for row in sorted(rows, key=lambda row: sort_key(table, row)):
        writer.writerow([row[name] for name in table.names])
    return out.getvalue()


#: Stands beside datapackage.json while files of the package are being replaced, and says which.
JOURNAL = ".borderledger-writing.json"


def write_files(root: Path, texts: Sequence[tuple[str, str]]) -> None:
    """Write several files of the package, all or none, also when the process is killed in the middle.

    Every new file is complete on the disk, under another name, before a journal is put in place that says which file
    replaces which. Until then nothing has changed. From then on everything has: whoever reads the package next first
    finishes what the journal says (`finish_writing`).
    """
    staged: list[Path] = []
    entries = []
    try:
        for path, text in texts:
            target, content = root / path, text.encode("utf-8")
            staged.append(_beside(target))
            _write(staged[-1], content)
            was = _digest(target.read_bytes()) if target.exists() else ""
            entries.append({"path": path, "was": was, "becomes": _digest(content)})
        if entries:
            journal = root / JOURNAL
            staged.append(_beside(journal))
            _write(staged[-1], json.dumps(entries).encode())
            os.replace(staged[-1], journal)
            _sync(root)
            staged.clear()
    finally:
        for temporary in staged:
            temporary.unlink(missing_ok=True)
    finish_writing(root)


def finish_writing(root: Path) -> None:
    """Finish what `write_files` was killed in; do nothing where there is nothing to finish.

    Raises ValueError when the journal cannot be read, or when a file was changed by another hand since: then nothing
    is touched, so that nothing is lost. Raises OSError when a file cannot be replaced.
    """
    journal = root / JOURNAL
    try:
        entries = json.loads(journal.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return
    except (ValueError, RecursionError):
        raise ValueError(f"{JOURNAL} cannot be read") from None
    try:
        files = [(root / entry["path"], entry["was"], entry["becomes"]) for entry in entries]
        inside = all(_inside(root, entry["path"]) for entry in entries)
    except (TypeError, KeyError):
        inside = False
    if not inside:
        raise ValueError(f"{JOURNAL} is none that an edit of this package left")
    for target, was, becomes in files:
        held = _digest(target.read_bytes()) if target.exists() else ""
        ready = _beside(target).exists() and _digest(_beside(target).read_bytes()) == becomes
        if held != becomes and not (held == was and ready):
            raise ValueError(
                f"{target.relative_to(root).as_posix()} was changed after an edit of it had been cut short"
            )
    for target, _, becomes in files:
        try:
            os.replace(_beside(target), target)
        except FileNotFoundError:  # done before the process was killed, or by another that reads at the same time
            if not target.exists() or _digest(target.read_bytes()) != becomes:
                raise
    for folder in {target.parent for target, _, _ in files}:
        _sync(folder)
    journal.unlink(missing_ok=True)


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.new")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Have the disk know the new names of files, where the system can be asked to (Windows cannot)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
