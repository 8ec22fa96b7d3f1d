"""Read the CSV file of a table strictly: one line is one row, and every fault has its line number.

Nothing is coerced: the cells of a table are the very strings of its file, and each row knows its line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from borderledger.package.files import read_bytes
from borderledger.package.findings import LONGEST_CELL, Finding, restore
from borderledger.package.merges import unresolved
from borderledger.package.model import Root, Table

__all__ = ["Rows", "Sheet", "read_rows", "read_sheet"]


@dataclass(frozen=True)
class Sheet:
    """A table as read.

    names   its columns, those of the schema
    rows    gives the line and the cells of each row; a function, because not everybody needs them
    text    the lines of the file, for comparison with canonical form
    lost    keys of rows too broken to be among the rows
    whole   False when no row could be read at all, so that nothing follows from a row that is not there
    absent  columns that the file lacks; their cells are empty, from which nothing follows either
    """

    names: tuple[str, ...]
    rows: Callable[[], Iterable[tuple[int, Sequence[str]]]] = field(repr=False, compare=False)
    text: str
    lost: frozenset[str] = frozenset()
    whole: bool = True
    absent: frozenset[str] = frozenset()

    def records(self) -> dict[int, dict[str, str]]:
        """The cells of each row by the names of their columns; the rows by the line of the file. New at each call."""
        return {line: dict(zip(self.names, cells, strict=True)) for line, cells in self.rows()}


@dataclass(frozen=True)
class Rows:
    """Lines as read: the cells of those that are rows, each with the number of its line.

    blank   numbers of the lines without content
    lost    keys of rows too broken to be read
    """

    cells: list[list[str]]
    numbers: list[int]
    blank: list[int]
    lost: set[str]


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


def read_sheet(root: Root, table: Table, problems: list[Finding]) -> Sheet:
    """Read one table strictly and add what is wrong with the file to `problems`.

    A cell holds no line break, so every line is parsed for itself: a stray quote spoils its own line and no other. What
    a spreadsheet does to a file as a whole (its delimiter, empty rows and columns) is a problem, and read nevertheless.
    """

    def problem(rule: str, line: int, message: str, fix: str, value: str = "") -> None:
        problems.append(Finding(table.path, line, "", value[:200], message, fix, rule))

    lines = _read_lines(root, table, problem, problems)
    first, mark = _layout(lines, table, problem)
    header = _parse_line(lines[first], first + 1, mark, problem) if lines else None
    width = len(header or ())
    header = _unpadded(header, first + 1, problem) if header is not None else None
    columns = _check_header(header, first + 1, table, problem) if header is not None else None
    numbered = enumerate(lines[first + 1 :], first + 2) if columns is not None else ()
    rows = _rows(numbered, table, mark, width, len(header or ()), problem)

    held = tuple(header or () if columns is not None else table.names)
    places = [held.index(name) if name in held else None for name in table.names]

    def cells() -> Iterator[tuple[int, list[str]]]:
        for number, row in zip(rows.numbers, rows.cells, strict=True):
            yield number, ["" if place is None else row[place] for place in places]

    absent = frozenset(table.names) - frozenset(held)
    return Sheet(tuple(table.names), cells, "\n".join(lines), frozenset(rows.lost), columns is not None, absent)


def read_rows(lines: Iterable[tuple[int, str]], table: Table, problems: list[Finding]) -> Rows:
    """Read some lines, each with its number, of a file with the columns of its schema, as `read_sheet` does."""

    def problem(rule: str, line: int, message: str, fix: str, value: str = "") -> None:
        problems.append(Finding(table.path, line, "", value[:200], message, fix, rule))

    return _rows(lines, table, ",", len(table.names), len(table.names), problem)


def _rows(lines: Iterable[tuple[int, str]], table: Table, mark: str, width: int, named: int, problem: Any) -> Rows:
    """Read lines of `width` cells, of which the first `named` are in a column with a name."""
    rows = Rows([], [], [], set())
    for number, line in lines:
        if _is_blank(line, mark, table):
            rows.blank.append(number)
            continue
        cells = _parse_line(line, number, mark, problem)
        if cells is not None and len(cells) == width and not any(cells[named:]):
            rows.cells.append(cells[:named])
            rows.numbers.append(number)
            continue
        if cells is not None:
            _ragged(cells, number, width, line, problem)
        rows.lost.add(line.partition(mark)[0].strip('"'))
    if rows.blank:
        problem("file.blank", rows.blank[0], _blank_rows(rows.blank), f"Delete what is empty, or run {_MEND}")
    return rows


def _read_lines(root: Root, table: Table, problem: Any, problems: list[Finding]) -> list[str]:
    try:
        raw = read_bytes(root, table.path)
    except (OSError, ValueError) as error:
        fix = restore(table.path)
        problem("file.missing", 0, f"cannot be read: {getattr(error, 'strerror', None) or error}", fix)
        return []
    encoding = next((name for mark, name in _BOMS.items() if raw.startswith(mark)), "utf-8")
    if encoding != "utf-8":
        message = f"starts with a byte order mark ({encoding}), as spreadsheets and editors of Windows write it"
        problem("file.encoding", 0, message, f"Save as UTF-8 without BOM, or run {_MEND}")
    if encoding in ("utf-8", "utf-8-sig") and b"\0" in raw:
        line = _line_at(raw[: raw.index(b"\0")], encoding)
        workbook = raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))
        message = "holds a NUL byte: not a CSV file" + (", but a workbook (xlsx, ods or xls)" if workbook else "")
        problem("file.binary", line, message, f"Save it as a CSV file: {_SAVE}." if workbook else restore(table.path))
        return []
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        # Of `error.object`, because the codec takes a byte order mark away first.
        line = _line_at(error.object[: error.start], encoding)
        message = f"byte {error.object[error.start : error.start + 1].hex()} is not {encoding} text"
        if encoding == "utf-8":  # which of them is not guessed: the same byte is another letter in each
            message += "; the program that saved it used an older encoding, such as Windows-1250 or Windows-1252"
        fix = f"Run {_MEND}: it restores the letters if the other tables show them. Or save the file again: {_SAVE}."
        problem("file.encoding", line, message, fix)
        return []
    if not text.strip("\n\r\t ,;"):
        problem("file.empty", 0, "is empty", restore(table.path))
        return []
    if "\r" in text:
        line = text[: text.index("\r")].count("\n") + 1
        problem("file.line-ends", line, "has CR line ends (Windows or old Mac)", f"Run {_MEND}")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if merge := unresolved(table.path, text):
        problems.append(merge)
        return []
    if not text.endswith("\n"):
        problem("file.line-ends", text.count("\n") + 1, "has no line end after the last row", f"Run {_MEND}")
        text += "\n"
    return text.split("\n")[:-1]


def _line_at(before: bytes, encoding: str) -> int:
    """The number of the line in which some bytes end. In UTF-16 a byte 0x0A may be half of another letter."""
    text = before.decode(encoding, "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1


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
        message = "the first line is `sep=` instead of the header; only Excel understands it"
        if mark != ",":
            message += f", and {_MARKS[mark]} separate the columns"
        problem("file.delimiter", 1, message, f"Run {_MEND}", lines[0][:80])
    elif mark != ",":
        message = f"{_MARKS[mark]} separate the columns, as a spreadsheet saves them"
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
    message = f"{len(header) - len(named)} empty columns follow the last one; a spreadsheet adds such columns"
    problem("file.padding", line, message, f"Delete these columns, or run {_MEND}")
    return named


def _ragged(cells: list[str], number: int, width: int, line: str, problem: Any) -> None:
    if len(cells) == width:
        message = "a cell is to the right of the last column with a name"
        problem("file.ragged", number, message, "Move it into its column, or delete it.", line[:80])
        return
    more = "more" if len(cells) > width else "fewer"
    message = f"{len(cells)} cells, {more} than the {width} of the header"
    fix = "Put a cell that has a comma in double quotes. An empty cell needs its comma, too."
    if more == "fewer":  # nothing in the line says whether its cells were cut off at the end, or taken out before it
        fix += " Excel leaves out empty cells at the end of a row; add their commas."
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
        raise csv.Error("a quote inside a cell that has no quotes around it")
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
        problem("file.header", line, f"the column {name} appears twice", fix, name)
    for name in unknown:
        # The value shows --fix that a column is unknown. Without one, only the order is wrong, which --fix corrects.
        problem("file.header", line, f"the column {name!r} is not in {table.schema_path}", fix, name or "(empty)")
    for name in missing:
        add = "" if table.by_name[name].required else f"If the column is new in the schema, run {_MEND} to add it. "
        problem("file.header", line, f"the column {name} is missing", add + fix, name)
    if not (repeated or missing or unknown):
        problem("file.header", line, "the order of the columns is not that of the schema", f"Run {_MEND}. {fix}")
    # Without the key column nothing in the file can be told apart; the rest would be noise.
    return None if any(name in missing for name in table.key) else header
