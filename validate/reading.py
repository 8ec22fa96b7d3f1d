"""Read the tables of a package fast and as strictly as `borderledger.package.reader`.

A file is read in blocks of whole lines, and never held as a whole but by the engine that runs the checks. The lines
that are surely rows go through polars. The others are the business of the strict reader, which says of each what is
wrong; a file with a fault as a whole is all its own.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import narwhals as nw
import polars as pl

from borderledger.package import LONGEST_CELL, Finding, Package, Root, Sheet, Table, read_sheet
from borderledger.package.files import opened
from borderledger.package.reader import read_rows
from validate.engines import Engine, Frame, engine_named

__all__ = ["LINE", "Cells", "Form", "cells_of", "first_out_of_form", "read_package"]

#: The column that holds the line of the file; no field has such a name.
LINE = "/line"
#: Bytes, and rows of a Parquet file, that are read at once.
_BLOCK, _ROWS = 16 << 20, 250_000
#: What separates the parts of a key for comparison: no cell has a character below it.
_APART = "\x1f"

_CELL = r'(?:"(?:[^"]|"")*"|[^",]*)'
#: A cell in canonical form has quotes only if a comma or a quote is in it.
_CANONICAL = r'(?:"(?:[^",]|"")*(?:,|"")(?:[^"]|"")*"|[^",]*)'


@dataclass
class Form:
    """What is known of the canonical form of a file after its rows were read in order.

    quotes     the first line with quotes that it does not need; 0 if there is none
    ascending  whether every row has a greater key than the one before it; then no key is there twice
    descent    the first line whose key is less than the one before it; 0 if there is none
    least      the least key from there on
    """

    quotes: int = 0
    ascending: bool = True
    descent: int = 0
    least: str = ""
    last: str = field(default="", repr=False)


@dataclass(frozen=True)
class Cells(Sheet):
    """A table as an engine holds it: strings, and the line of each row in the column `LINE`."""

    frame: Frame = field(default=None, repr=False, compare=False)
    form: Form = field(default_factory=Form, repr=False, compare=False)
    engine: Engine | None = field(default=None, repr=False, compare=False)


def read_package(
    root: str | Path, engine: Engine | None = None, *, known: Mapping[str, Sheet] | None = None
) -> Package:
    """The package in a folder, read into an engine; never raises on bad content (see `Package.read`).

    known   sheets of tables whose files are surely the same as when these were read, without a fault
    """
    into = engine or engine_named("polars")
    held = known or {}
    return Package.read(
        root, reader=lambda root, table, problems: held.get(table.name) or _read(root, table, problems, into)
    )


def _read(root: Root, table: Table, problems: list[Finding], engine: Engine) -> Sheet:
    """Read one table, and add what is wrong with the file to `problems`."""
    if table.path.endswith(".parquet"):
        return _read_parquet(root, table, problems, engine)
    reading = _Reading(table)
    try:
        rows = engine.table(table.name, reading.blocks(root))
    except (_Unclean, OSError, ValueError):
        return read_sheet(root, table, problems)
    odd = read_rows(sorted(reading.odd), table, problems)
    if odd.cells:  # unusual lines that are rows after all: then the strict reader reads all of them
        return read_sheet(root, table, [])
    return _cells(table, rows, reading.form, engine, frozenset(odd.lost))


def _cells(table: Table, rows: Frame, form: Form, engine: Engine, lost: frozenset[str] = frozenset()) -> Cells:
    def cells() -> Iterator[tuple[int, tuple[str, ...]]]:
        for part in engine.fetch(rows).sort(LINE).iter_slices(_ROWS):  # column by column, which is faster
            lines, *columns = (column.to_list() for column in part)
            yield from zip(lines, zip(*columns, strict=True), strict=True)

    return Cells(tuple(table.names), cells, "", lost, frame=rows, form=form, engine=engine)


def first_out_of_form(table: Table, sheet: Cells) -> int:
    """The first line that is another one in canonical form; 0 if there is none."""
    found = [sheet.form.quotes] if sheet.form.quotes else []
    if sheet.form.descent:
        # Sorted, the row with the least key would stand where the first greater one is.
        assert sheet.engine is not None
        keys = nw.concat_str(*map(nw.col, table.key), separator=_APART)
        later = sheet.frame.filter(keys > sheet.form.least).select(nw.col(LINE).min())
        found.append(sheet.engine.fetch(later).item())
    return min(found, default=0)


def cells_of(sheet: Sheet, table: Table) -> pl.DataFrame:
    """The cells of a sheet that the strict reader has read."""
    rows = [*sheet.rows()]
    return _frame(table, [cells for _, cells in rows], [line for line, _ in rows])


def _frame(table: Table, rows: Sequence[Sequence[str]], lines: list[int]) -> pl.DataFrame:
    columns = dict(zip(table.names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(table.names, ())
    return pl.DataFrame({LINE: lines} | columns, schema={LINE: pl.Int64} | dict.fromkeys(table.names, pl.String))


class _Unclean(Exception):
    """The file has a fault as a whole."""


class _Reading:
    """The reading of one file, block by block."""

    def __init__(self, table: Table) -> None:
        self.form = Form()
        self.odd: list[tuple[int, str]] = []
        self._table = table
        self._line = 2

    def blocks(self, root: Root) -> Iterator[pl.DataFrame]:
        """The rows of the file that are surely rows. Raises _Unclean, OSError, ValueError."""
        names = self._table.names
        with opened(root, self._table.path) as file:
            if file.readline(len(",".join(names)) * 4 + 2) != (",".join(names) + "\n").encode() or len(names) == 1:
                raise _Unclean
            while part := _lines_from(file):
                yield self._block(part)
        if self._line == 2:
            yield _frame(self._table, [], [])

    def _block(self, raw: bytes) -> pl.DataFrame:
        """The rows of a block of whole lines."""
        if not raw.endswith(b"\n"):
            raise _Unclean  # no line end after the last row
        if any(mark in raw for mark in (b"\r", b"\0")) or any(m in raw and 7 * m in raw for m in (b"<", b">")):
            raise _Unclean  # seven of them in a row are from a merge
        quoted = _with_quotes(raw)
        odd = self._misquoted(quoted)
        frame = self._parsed(raw) if not odd and _are_short(raw) else None
        # A line of commas has no key, nor has an empty one.
        if frame is None or not _holds_all(frame, raw, quoted.values()) or (frame[self._table.key[0]] == "").any():
            lines = raw.split(b"\n")
            count = len(lines) - 1
            odd |= self._misshapen(raw, quoted)
            self.odd += [(self._line + n, line) for n, line in odd.items()]
            sure = [n for n in range(count) if n not in odd]
            frame = self._parsed(b"".join(lines[n] + b"\n" for n in sure))
            if frame is None or len(frame) != len(sure):  # the strict reader has the last word
                raise _Unclean
            numbers = pl.Series(sure, dtype=pl.Int64) + self._line
        else:
            count = len(frame)
            numbers = pl.int_range(self._line, self._line + count, eager=True)
        self._line += count
        frame = frame.insert_column(0, numbers.alias(LINE))
        self._follow(frame)
        return frame

    def _misquoted(self, quoted: Mapping[int, str]) -> dict[int, str]:
        """Of the lines with quotes those that may be no rows, by their places."""
        if not quoted:
            return {}
        width = len(self._table.names)
        canonical = _fitting(quoted.values(), _CANONICAL, width)
        whole = canonical if all(canonical) else _fitting(quoted.values(), _CELL, width)
        lines = quoted.items()
        odd = {n: line for (n, line), fits in zip(lines, whole, strict=True) if not fits or not line.strip('",')}
        if not self.form.quotes:
            unneeded = (n for n, kept in zip(quoted, canonical, strict=True) if not kept and n not in odd)
            self.form.quotes = self._line + first if (first := next(unneeded, None)) is not None else 0
        return odd

    def _misshapen(self, raw: bytes, quoted: Mapping[int, str]) -> dict[int, str]:
        """The other lines that may be no rows: one without quotes has a comma between any two cells."""
        odd = {}
        commas = len(self._table.names) - 1
        for n, line in enumerate(raw.decode("utf-8").split("\n")[:-1]):
            wrong = n not in quoted and (line.count(",") != commas or line == "," * commas)
            if wrong or len(line) > LONGEST_CELL:
                odd[n] = line
        return odd

    def _parsed(self, raw: bytes) -> pl.DataFrame | None:
        """The rows as polars reads them; none if it refuses one, as it does where there are too many cells."""
        schema = dict.fromkeys(self._table.names, pl.String)
        if not raw:
            return pl.DataFrame(schema=schema)
        quote = '"' if b'"' in raw else None  # without quotes, polars is faster
        try:
            return pl.read_csv(raw, has_header=False, schema=schema, quote_char=quote, empty_string_is_null=False)
        except pl.exceptions.PolarsError:
            return None

    def _follow(self, frame: pl.DataFrame) -> None:
        """Take note of the order of the keys."""
        if frame.is_empty():
            return
        form = self.form
        names = self._table.key
        keys = frame[names[0]] if len(names) == 1 else frame.select(pl.concat_str(*names, separator=_APART)).to_series()
        before = keys.shift(1, fill_value=form.last)
        if not form.descent:
            form.ascending = form.ascending and bool((keys > before).all())
            for down in [] if form.ascending else (keys < before).arg_true()[:1]:
                form.descent, form.least = frame[LINE][down], str(keys[down:].min())
        else:
            form.least = min(form.least, str(keys.min()))
        form.last = str(keys[-1])


def _lines_from(file: BinaryIO) -> bytes:
    """The whole lines that begin in the next block of a file; empty at its end."""
    start = file.tell()
    file.seek(start + _BLOCK)
    file.readline()
    end = file.tell()
    file.seek(start)
    return file.read(end - start)


def _holds_all(frame: pl.DataFrame, raw: bytes, quoted: Collection[str]) -> bool:
    """Whether a frame has every byte of its lines in a cell, or as the comma or the line end after a cell.

    Polars fills up a line with too few cells, and makes a row of an empty one: then there are bytes too many.

    quoted   the lines with quotes: bytes that are in no cell
    """
    marks = len("".join(quoted)) - sum(len(cells) - 1 + sum(map(len, cells)) for cells in csv.reader(quoted))
    held: int = frame.select(pl.sum_horizontal(pl.all().str.len_bytes().sum())).item()
    return held + len(frame) * len(frame.columns) + marks == len(raw)


def _with_quotes(raw: bytes) -> dict[int, str]:
    """The lines with a quote, by their places. The others are passed over without looking at each."""
    found: dict[int, str] = {}
    at = n = 0
    while (mark := raw.find(b'"', at)) >= 0:
        start = raw.rfind(b"\n", at, mark) + 1 or at
        n += raw.count(b"\n", at, start)
        end = raw.index(b"\n", mark)
        found[n] = raw[start:end].decode("utf-8")
        at, n = end + 1, n + 1
    return found


def _are_short(raw: bytes) -> bool:
    """Whether no line is longer than a cell may be: then none of their cells is."""
    at = 0
    while len(raw) - at > LONGEST_CELL:
        end = raw.rfind(b"\n", at, at + LONGEST_CELL + 1) + 1
        if not end:
            return False
        at = end
    return True


def _fitting(lines: Iterable[str], cell: str, width: int) -> list[bool]:
    """Which lines are so many cells of a form, with commas between them."""
    return pl.Series(lines, dtype=pl.String).str.contains(f"^(?:{cell},){{{width - 1}}}{cell}$").to_list()


# --- Parquet ---------------------------------------------------------------------------------------------------------


def _read_parquet(root: Root, table: Table, problems: list[Finding], engine: Engine) -> Sheet:
    """Read a Parquet file or a folder of them: text in the columns of the schema. A row has the line of a CSV file."""
    path, reading = Path(str(root)) / table.path, _Reading(table)
    message, rule, column = "", "file.missing", ""
    try:
        files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
        held, wanted = dict(pl.scan_parquet(files).collect_schema()), dict.fromkeys(table.names, pl.String())
        if [*held.items()] == [*wanted.items()]:
            rows = engine.table(table.name, _parquet_blocks(files, reading))
            return _cells(table, rows, reading.form, engine)
        column = next((name for name in {**held, **wanted} if held.get(name) != wanted.get(name)), "")
        message, rule = f"the columns are not these, as text: {','.join(table.names)}", "file.header"
    except (OSError, pl.exceptions.PolarsError) as error:
        message = f"cannot be read: {str(error).splitlines()[0]}"
    fix = "Write it again with the columns of the schema in its order, all of them text."
    problems.append(Finding(table.path, 0, column, "", message, fix, rule))
    return Sheet(tuple(table.names), lambda: (), "", whole=False)


def _parquet_blocks(files: list[Path], reading: _Reading) -> Iterator[pl.DataFrame]:
    start = 2
    for file in files:
        rows = pl.scan_parquet(file).select(pl.len()).collect().item()
        for offset in range(0, rows, _ROWS):
            frame = pl.scan_parquet(file).slice(offset, _ROWS).collect()
            lines = pl.Series(LINE, range(start, start + len(frame)), dtype=pl.Int64)
            frame = frame.with_columns(pl.all().fill_null("")).insert_column(0, lines)
            start += len(frame)
            reading._follow(frame)
            yield frame
    if start == 2:
        yield _frame(reading._table, [], [])
