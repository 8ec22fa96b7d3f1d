"""The sheets of the workbook that explain it: how to find an answer, and what each column means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from borderledger.output.metadata import about, dictionary
from borderledger.query.describe import tables
from borderledger.query.evidence import Graded
from borderledger.query.grades import GRADES

__all__ = ["dictionary_sheet", "guide"]

Line = tuple[str, Sequence[str]]

_STEPS = (
    "Choose the table that holds what you look for, in the list below, and click its name.",
    "Use the arrow in a header to filter. Rest the pointer on a header to read what the column means.",
    "Read the grade: disputed means that a source contradicts the record; single, that one source states it.",
    "Click the source and read it before you quote. The button with a + above the columns opens the rest of the row.",
)
_MARKS = (
    ("empty cell", "not known; it never means zero"),
    ("2025-06", "a date as exact as its source: a day, a month or a year"),
    ("2025-06~", "about that time"),
    ("2020-11/2022-10", "from the one to the other"),
    ("../2025-06", "open at this end"),
    ("AL;XK", "several values in one cell"),
)
_ADDING = (
    "Do not add up a column of figures. The tables also hold stocks, running totals, parts of other rows, and counts "
    "of several authorities for the same people. The sheets of views add up what may be added. The list below says "
    "what they leave out."
)
_WIDTHS = (24, 34, 12, 60, 60)
_LINE = 15


def guide(sheet: Any, dataset: Graded, formats: Mapping[str, Any]) -> None:
    """The first sheet: what this is, how to find an answer, what the marks mean, and what each table holds."""
    for row, (look, cells) in enumerate(_guide(dataset)):
        for number, cell in enumerate(cells):
            if look == "table" and number == 0:
                sheet.write_url(row, 0, f"internal:'{cell}'!A1", formats["link"], cell)
            elif cell and look != "prose":
                sheet.write_string(row, number, cell, formats["wrapped" if look == "table" else look])
        if look == "prose":
            sheet.merge_range(row, 0, row, len(_WIDTHS) - 1, cells[0], formats["wrapped"])
            sheet.set_row(row, _LINE * -(-len(cells[0]) // sum(_WIDTHS)))
        if look == "table":
            lines = max(-(-len(cell) // width) for cell, width in zip(cells, _WIDTHS, strict=True))
            sheet.set_row(row, _LINE * lines)
    for number, width in enumerate(_WIDTHS):
        sheet.set_column(number, number, width)
    sheet.hide_gridlines(2)


def _guide(dataset: Graded) -> Iterator[Line]:
    facts = about(dataset)
    yield "title", [facts["title"]]
    yield "prose", [facts["description"]]
    yield "text", []
    yield "header", ["How to find an answer", ""]
    yield from (("text", [f"{number}.", step]) for number, step in enumerate(_STEPS, 1))
    yield "text", []
    yield "header", ["Before you add up", ""]
    yield "prose", [_ADDING]
    yield "text", []
    yield "header", ["What the marks mean", ""]
    yield from (("text", mark) for mark in _MARKS)
    yield "text", []
    yield "header", ["What the grades mean", ""]
    yield from (("text", item) for item in GRADES.items())
    yield "text", []
    yield "header", ["Sheet", "What it is", "Rows", "One row is", "What it does not cover"]
    by_name = {column.name: column.values for column in tables(dataset)}
    shown = (by_name[name] for name in ("table", "kind", "title", "rows", "description", "not_covered"))
    for name, kind, title, rows, description, without in zip(*shown, strict=True):
        yield "table", [name, f"{title} ({kind})", f"{rows:,}", description, without or ""]
    yield "text", []
    yield "header", ["How to cite", ""]
    for key in ("citation", "version", "created", "licence", "licence_url"):
        yield "text", [key.replace("_", " "), facts[key]]
    yield "text", ["each figure", "Cite the source of the figure that you use, too."]
    if "places" in dataset.names:
        noted = (row for row in dataset.rows("places") if row["id"] == "XK" and row.get("note"))
        yield from (("text", [row["name"], row["note"]]) for row in noted)


def dictionary_sheet(sheet: Any, dataset: Graded, formats: Mapping[str, Any]) -> None:
    """The last sheet: every column with its definition."""
    head = ("table", "column", "title", "kind", "definition", "values")
    widths = (16, 24, 26, 10, 70, 60)
    rows = [(e.table, e.column, e.title, e.kind, e.description, e.values) for e in dictionary(dataset)]
    for row, cells in enumerate([head, *rows]):
        for number, cell in enumerate(cells):
            if cell:
                sheet.write_string(row, number, cell, formats["wrapped" if row else "header"])
        lines = (-(-len(line) // width) for width, line in zip(widths, cells, strict=True))
        sheet.set_row(row, _LINE * max(*lines, cells[-1].count("\n") + 1))
    for number, width in enumerate(widths):
        sheet.set_column(number, number, width)
    sheet.freeze_panes(1, 2)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, len(rows), len(head) - 1)
