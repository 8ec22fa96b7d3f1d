"""A sheet of a workbook as rows under a known header; every surprise is a LayoutError that names the cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from openpyxl.utils import get_column_letter
from openpyxl.workbook.workbook import Workbook

from ingest.clean import clean_text
from ingest.errors import LayoutError

__all__ = ["Row", "read_rows"]

_MOVED = "If Frontex changed the layout, change the module that reads this file; do not rename the column by hand."


@dataclass(frozen=True)
class Row:
    """A row of a sheet: its number as Excel counts, and its cells by cleaned column title.

    A column without a title, or with the title of a column further left, has its letter as name.
    """

    file: str
    sheet: str
    number: int
    cells: dict[str, object]

    def error(self, column: str, expected: str, fix: str) -> LayoutError:
        """A LayoutError about one cell of this row."""
        letter = get_column_letter(list(self.cells).index(column) + 1)
        label = letter if column == letter else f"{letter} ({column})"
        return LayoutError(self.file, self.sheet, self.number, label, self.cells[column], expected, fix)

    def text(self, column: str) -> str:
        """The cleaned text of a cell, '' if empty."""
        return clean_text(self.cells[column])

    def day(self, column: str, years: range) -> str:
        """A date cell as YYYY-MM-DD, within `years`."""
        value = self.cells[column]
        if not isinstance(value, datetime) or value.year not in years:
            expected = f"a date from {years[0]} to {years[-1]}"
            raise self.error(column, expected, "Ask the publisher which day is meant; correct the file, not the code.")
        return value.date().isoformat()

    def whole(self, column: str) -> int:
        """A count: a whole number from 0 up."""
        value = self.cells[column]
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            fix = "Ask the publisher for the number; the ingest does not guess from a text or a fraction."
            raise self.error(column, "a whole number of persons, 0 or more", fix)
        return value


def read_rows(
    file: str, workbook: Workbook, sheet: str, header: Sequence[str], *, header_row: int = 1, header_rows: int = 1
) -> list[Row]:
    """The rows of `sheet` that are not empty, below its header.

    `header` lists the titles from column A on, blanks collapsed, '' for a column without title; it must be complete and
    in order. Titles that merged cells spread over several rows are read together.
    """
    if sheet not in workbook.sheetnames:
        raise LayoutError(file, sheet, 0, "", workbook.sheetnames, f"a sheet named {sheet!r}", _MOVED)
    lines = list(workbook[sheet].iter_rows(values_only=True))
    top = lines[header_row - 1 : header_row - 1 + header_rows]
    width = max([len(header), *(len(line) for line in lines)])
    for index in range(width):
        parts = [clean_text(line[index]) for line in top if index < len(line)]
        found = next((part for part in parts if part), "")
        wanted = header[index] if index < len(header) else ""
        if found != wanted:
            expected = f"the column title {wanted!r}" if wanted else "no further column"
            raise LayoutError(file, sheet, header_row, get_column_letter(index + 1), found, expected, _MOVED)
    letters = [get_column_letter(index + 1) for index in range(len(header))]
    names = [title if title and title not in header[:i] else letters[i] for i, title in enumerate(header)]
    rows = []
    for number, line in enumerate(lines[header_row - 1 + header_rows :], header_row + header_rows):
        padded = [*line, *[None] * (len(names) - len(line))]
        if any(clean_text(value) for value in padded):
            rows.append(Row(file, sheet, number, dict(zip(names, padded, strict=False))))
    return rows
