"""Why an ingest is refused. The command line prints the message and writes nothing."""

from __future__ import annotations

__all__ = ["IngestError", "LayoutError", "MissingFileError"]


class IngestError(Exception):
    """The ingest was refused; the message says why and what to do."""


class MissingFileError(IngestError):
    """A file that `inputs.toml` names, or the data package, is not there."""


class LayoutError(IngestError):
    """A workbook or a CSV file does not look as this module knows it.

    The parts are kept as attributes: `file`, `sheet` ('' for a CSV file), `row` (as Excel counts it, or the line of a
    CSV file; 0: the sheet or the file as a whole), `column` (letter and title, '' if none), `value` (as released),
    `expected` and `fix`.
    """

    def __init__(self, file: str, sheet: str, row: int, column: str, value: object, expected: str, fix: str) -> None:
        self.file, self.sheet, self.row, self.column = file, sheet, row, column
        self.value, self.expected, self.fix = value, expected, fix
        place = f"{file}, sheet {sheet!r}" if sheet else file
        place += f", {'row' if sheet else 'line'} {row}" if row else ""
        place += f", column {column}" if column else ""
        super().__init__(f"{place}: found {value!r}; expected {expected}. {fix}")
