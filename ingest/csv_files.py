"""A pinned CSV file as rows under a known header; every surprise is a LayoutError that names the cell."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import LayoutError
from ingest.inputs import Input, raw_bytes

__all__ = ["Line", "read_csv"]

_MOVED = "If the publisher changed the layout, change the module that reads this file; do not edit the file by hand."
_CUT = "The file ends in the middle of this line. Download it again."


@dataclass(frozen=True)
class Line:
    """A row of a CSV file: its line, and its cells by column title, as they stand in the file."""

    file: str
    number: int
    cells: dict[str, str]

    def error(self, column: str, expected: str, fix: str) -> LayoutError:
        """A LayoutError about one cell of this row."""
        label = f"{[*self.cells].index(column) + 1} ({column})"
        return LayoutError(self.file, "", self.number, label, self.cells[column], expected, fix)

    def code(self, column: str, codes: Mapping[str, str], where: str) -> str:
        """The code for a cell; `where` is the table of codes to which a new spelling would be added."""
        text = self.cells[column]
        if text not in codes:
            shown = ", ".join([*codes][:12]) + (f" and {len(codes) - 12} more" if len(codes) > 12 else "")
            raise self.error(column, f"one of {shown}", f"Find out what it means, and add it to {where}.")
        return codes[text]

    def whole(self, column: str, thousands: str = "") -> int:
        """A count: digits without a leading zero; `thousands` is the mark between groups of three."""
        text = self.cells[column]
        digits = text.replace(thousands, "") if thousands else text
        plain = digits.isascii() and digits.isdigit() and (digits == "0" or digits[0] != "0")
        if not plain or text not in (digits, f"{int(digits):,}".replace(",", thousands)):
            raise self.error(column, "a whole number, 0 or more", "Ask the publisher; the ingest does not guess.")
        return int(digits)


def read_csv(
    item: Input, raw: Path, header: Sequence[str], *, encoding: str = "utf-8", pinned: bool = True
) -> list[Line]:
    """The rows of a raw file below its header, which must be `header`, complete and in order.

    One line is one row with as many cells as the header. Raises what `raw_bytes` raises, and LayoutError.
    """
    content = raw_bytes(item, raw, pinned=pinned)
    try:
        text = content.decode(encoding)
        bad = content.find(b"\0")  # a workbook, or UTF-16, which a code page of single bytes reads as anything else
    except UnicodeDecodeError as error:
        bad = error.start
    if bad >= 0:
        number = content.count(b"\n", 0, bad) + 1
        fix = "Download the file again; do not save it with a spreadsheet program."
        raise LayoutError(item.path, "", number, "", content[bad : bad + 1], f"text in {encoding}", fix)
    lines = text.removesuffix("\n").split("\n")
    found: list[Line] = []
    for number, line in enumerate(lines, 1):
        fix = _CUT if number == len(lines) > 1 and not text.endswith("\n") else _MOVED
        cells = _cells(item.path, number, line.removesuffix("\r"), fix)
        if number == 1:
            if cells != [*header]:
                raise LayoutError(item.path, "", 1, "", cells, f"the column titles {', '.join(header)}", _MOVED)
            continue
        if len(cells) != len(header):
            raise LayoutError(item.path, "", number, "", len(cells), f"{len(header)} cells", fix)
        found.append(Line(item.path, number, dict(zip(header, cells, strict=True))))
    return found


def _cells(file: str, number: int, line: str, fix: str) -> list[str]:
    try:
        rows = [*csv.reader([line], strict=True)]
    except csv.Error as error:
        raise LayoutError(file, "", number, "", line[:80], f"a row of CSV ({error})", fix) from error
    return rows[0] if rows else []
