"""Typed columns as text: CSV, JSON, Markdown, and tables for people.

Text from data stays text: control characters are shown by their code, Markdown and terminal markup are escaped, and in
CSV a cell that a spreadsheet would run as a formula gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

from borderledger.output.escape import guarded, markdown, printable
from borderledger.query.columns import Column

__all__ = ["FORMATS", "readable", "table"]


def _rows(columns: Sequence[Column]) -> Iterator[list[str]]:
    return (list(row) for row in zip(*(column.texts() for column in columns), strict=True))


# --- formats ---------------------------------------------------------------------------------------------------------


def _csv(columns: Sequence[Column]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in ([column.name for column in columns], *_rows(columns)):
        writer.writerow(map(guarded, row))
    return out.getvalue()


def _json(columns: Sequence[Column]) -> str:
    rows = zip(*(_dated(column) for column in columns), strict=True)
    names = [column.name for column in columns]
    return json.dumps([dict(zip(names, row, strict=True)) for row in rows], indent=2, ensure_ascii=False) + "\n"


def _dated(column: Column) -> Sequence[Any]:
    return [text or None for text in column.texts()] if column.kind == "day" else column.values


def _markdown(columns: Sequence[Column]) -> str:
    lines = ["| " + " | ".join(c.name if c.name.isidentifier() else markdown(c.name) for c in columns) + " |"]
    lines.append("|" + "|".join("---:" if column.kind in ("integer", "number") else "---" for column in columns) + "|")
    lines += ["| " + " | ".join(map(markdown, row)) + " |" for row in _rows(columns)]
    return "\n".join(lines) + "\n"


#: Ways to write columns that end in a text.
FORMATS: dict[str, Callable[[Sequence[Column]], str]] = {"csv": _csv, "json": _json, "md": _markdown}


# --- tables for people -----------------------------------------------------------------------------------------------


def readable(columns: Sequence[Column]) -> list[Column]:
    """The columns that fit a screen: without those empty in all rows, the days of dates, and long texts."""
    names = {column.name for column in columns}
    ends = {f"{name}{end}" for name in names for end in ("_from", "_to")}
    filled = [column for column in columns if any(value not in (None, ()) for value in column.values)]
    return [c for c in filled if c.name not in ends | {"note", "url", "locator", "origin", "primary_fields"}] or list(
        columns[:1]
    )


def table(columns: Sequence[Column], terminal: bool) -> None:
    """Print columns as a table: with rich in a terminal, if it is installed, else in plain aligned columns."""
    rows = [[printable(cell) for cell in row] for row in _rows(columns)]
    if terminal:
        try:
            from rich.console import Console
            from rich.table import Table
            from rich.text import Text
        except ImportError:
            pass
        else:
            shown = Table(box=None, header_style="bold", pad_edge=False)
            for number, column in enumerate(columns):
                # Short cells stay whole, and identifiers, because they are what the next command takes.
                whole = column.name in ("id", "record_id") or all(len(row[number]) <= _SHORT for row in rows)
                justify: Literal["left", "right"] = "right" if column.kind in ("integer", "number") else "left"
                shown.add_column(Text(printable(column.name)), justify=justify, no_wrap=whole, overflow="fold")
            for row in rows:
                shown.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
            Console().print(shown)
            return
    print("\n".join(_aligned(columns, rows)))


_SHORT = 12

#: How the grades and verdicts that ask for care are shown.
_STYLES = {"disputed": "red", "contradicts": "red", "weak": "yellow"}


def _aligned(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    grid = [[printable(column.name) for column in columns], *rows]
    widths = [max(len(row[n]) for row in grid) for n in range(len(columns))]
    for row in grid:
        cells = (
            cell.rjust(width) if column.kind in ("integer", "number") else cell.ljust(width)
            for cell, width, column in zip(row, widths, columns, strict=True)
        )
        yield "  ".join(cells).rstrip()
