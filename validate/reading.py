"""Read the tables of a package fast and as strictly as `borderledger.package.reader`.

A file is read in blocks of whole lines. The lines that are surely rows go through polars. The others are the business
of the strict reader, which says of each what is wrong; a file with a fault as a whole is all its own.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from borderledger.package import LONGEST_CELL, Finding, Package, Root, Sheet, Table, read_sheet
from borderledger.package.files import read_bytes
from borderledger.package.reader import read_rows

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LINE", "Cells", "Form", "cells_of", "first_out_of_form", "read_cells", "read_package"]

#: The column that holds the line of the file.
LINE = "line"
#: Bytes that are read at once.
_BLOCK = 64 << 20
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
    """A table as read by `read_cells`: strings, and the line of each row in the column `line`."""

    cells: pl.DataFrame = field(default_factory=pl.DataFrame, repr=False, compare=False)
    form: Form | None = field(default=None, repr=False, compare=False)


def read_package(root: str | Path) -> Package:
    """The package in a folder, read fast; never raises on bad content (see `Package.read`)."""
    return Package.read(root, reader=read_cells)


def read_cells(root: Root, table: Table, problems: list[Finding]) -> Sheet:
    """Read one table, and add what is wrong with the file to `problems`."""
    raw = _clean(root, table)
    if raw is None:
        return read_sheet(root, table, problems)
    reading = Reading(table)
    frames = [reading.block(raw[start:end]) for start, end in _blocks(raw)]
    return reading.sheet(pl.concat(frames) if frames else _frame(table, [], []), problems)


def first_out_of_form(table: Table, sheet: Cells) -> int:
    """The first line that is another one in canonical form; 0 if there is none."""
    assert sheet.form is not None
    found = [sheet.form.quotes] if sheet.form.quotes else []
    if sheet.form.descent:
        # Sorted, the row with the least key would stand where the first greater one is.
        keys = pl.concat_str(*table.key, separator=_APART)
        found.append(sheet.cells.filter(keys > sheet.form.least)[LINE][0])
    return min(found, default=0)


def cells_of(sheet: Sheet, table: Table) -> pl.DataFrame:
    """The cells of a sheet, whoever read it."""
    if isinstance(sheet, Cells):
        return sheet.cells
    return _frame(table, [list(row) for row in sheet.frame.itertuples(index=False, name=None)], list(sheet.frame.index))


def _frame(table: Table, rows: list[list[str]], lines: list[int]) -> pl.DataFrame:
    columns = dict(zip(table.names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(table.names, ())
    return pl.DataFrame({LINE: lines} | columns, schema={LINE: pl.Int64} | dict.fromkeys(table.names, pl.String))


def _clean(root: Root, table: Table) -> bytes | None:
    """The rows of a file without a fault as a whole; None if it has one, or if it cannot be read."""
    try:
        raw = read_bytes(root, table.path)
        header, separator, rows = raw.partition(b"\n")
        if header.decode("utf-8") != ",".join(table.names) or not separator or len(table.names) == 1:
            return None
        if b"\r" in raw or b"\0" in raw or (rows and not rows.endswith(b"\n")) or _MERGE.search(raw):
            return None
        rows.decode("utf-8")
    except (OSError, ValueError):
        return None
    return rows


_MERGE = re.compile(rb"^(?:<<<<<<<|>>>>>>>)", re.MULTILINE)


def _blocks(raw: bytes) -> Iterator[tuple[int, int]]:
    """The ends of blocks of whole lines."""
    start = 0
    while start < len(raw):
        end = raw.rfind(b"\n", start, start + _BLOCK) + 1 or raw.find(b"\n", start) + 1
        yield start, end
        start = end


class Reading:
    """The reading of one file, block by block."""

    def __init__(self, table: Table) -> None:
        self.form = Form()
        self._table = table
        self._line = 2
        self._odd: list[tuple[int, str]] = []

    def block(self, raw: bytes) -> pl.DataFrame:
        """The rows of a block that are surely rows."""
        count, width = raw.count(b"\n"), len(self._table.names)
        lines = pl.Series(range(self._line, self._line + count), dtype=pl.Int64)
        plain = b'"' not in raw and raw.count(b",") == (width - 1) * count and _longest(raw) <= LONGEST_CELL
        if not (plain and b"\n\n" not in raw and not raw.startswith(b"\n")) or (frame := self._parsed(raw)) is None:
            text = pl.DataFrame({LINE: lines, "text": raw[:-1].decode("utf-8").split("\n")})
            sure = text.filter(_is_row(width))
            self._odd += [*text.join(sure, on=LINE, how="anti").iter_rows()]
            unneeded = sure.filter(pl.col("text").str.contains('"', literal=True))
            unneeded = unneeded.filter(~pl.col("text").str.contains(_line_of(_CANONICAL, width)))
            if len(unneeded) and not self.form.quotes:
                self.form.quotes = unneeded[LINE][0]
            parsed = self._parsed("".join(f"{line}\n" for line in sure["text"]).encode("utf-8"))
            if parsed is None or len(parsed) != len(sure):  # the strict reader has the last word
                self._odd = sorted({*self._odd, *sure.iter_rows()})
                parsed, sure = self._parsed(b""), sure.clear()
            assert parsed is not None
            frame, lines = parsed, sure[LINE]
        self._line += count
        frame = frame.insert_column(0, lines.alias(LINE))
        empty = frame.filter(pl.all_horizontal(pl.col(*self._table.names) == "")) if len(frame) else frame
        if len(empty):
            self._odd += [(line, "," * (width - 1)) for line in empty[LINE]]
            frame = frame.join(empty, on=LINE, how="anti")
        self._follow(frame)
        return frame

    def _parsed(self, raw: bytes) -> pl.DataFrame | None:
        names = self._table.names
        if not raw:
            return _frame(self._table, [], []).drop(LINE)
        try:
            frame = pl.read_csv(
                io.BytesIO(raw), has_header=False, new_columns=names, infer_schema=False, empty_string_is_null=False
            )
        except pl.exceptions.PolarsError:
            return None
        whole = len(frame) == raw.count(b"\n") and frame.columns == names
        return frame if whole and not any(frame.null_count().row(0)) else None

    def _follow(self, frame: pl.DataFrame) -> None:
        """Take note of the order of the keys."""
        if frame.is_empty():
            return
        form = self.form
        keys = frame.select(pl.concat_str(*self._table.key, separator=_APART))[:, 0]
        before = keys.shift(1, fill_value=form.last)
        if not form.descent:
            form.ascending = form.ascending and bool((keys > before).all())
            for down in [] if form.ascending else (keys < before).arg_true()[:1]:
                form.descent, form.least = frame[LINE][down], str(keys[down:].min())
        else:
            form.least = min(form.least, str(keys.min()))
        form.last = str(keys[-1])

    def sheet(self, cells: pl.DataFrame, problems: list[Finding]) -> Sheet:
        """The table, with the lines that the strict reader still has to read."""
        table = self._table
        rows = read_rows(sorted(self._odd), table, problems)
        if rows.cells:
            cells = pl.concat([cells, _frame(table, rows.cells, rows.numbers)]).sort(LINE)
            self.form = replace(_form_of(table, cells), quotes=self.form.quotes)
        made = lru_cache(1)(lambda: _to_pandas(cells))
        return Cells(made, "", frozenset(rows.lost), cells=cells, form=self.form)


def _form_of(table: Table, cells: pl.DataFrame) -> Form:
    reading = Reading(table)
    reading._follow(cells)
    return reading.form


def _longest(raw: bytes) -> int:
    """The bytes of the longest line, at most."""
    import numpy as np

    ends = np.flatnonzero(np.frombuffer(raw, dtype=np.uint8) == ord("\n"))
    return int(np.diff(ends, prepend=-1).max(initial=0))


def _is_row(width: int) -> pl.Expr:
    text = pl.col("text")
    fits = (text.str.len_chars() <= LONGEST_CELL) & ~text.str.contains(r'^[",\s]*$')
    plain = ~text.str.contains('"', literal=True) & (text.str.count_matches(",", literal=True) == width - 1)
    return fits & (plain | (text.str.contains('"', literal=True) & text.str.contains(_line_of(_CELL, width))))


def _line_of(cell: str, width: int) -> str:
    return f"^(?:{cell},){{{width - 1}}}{cell}$"


def _to_pandas(cells: pl.DataFrame) -> pd.DataFrame:
    import pandas as pd

    lines = pd.Index(cells[LINE].to_list())
    columns = {name: cells[name].to_list() for name in cells.columns if name != LINE}
    return pd.DataFrame(columns, index=lines, dtype=object)
