"""The sheets of the workbook that explain it: how to find an answer, and what each column means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from borderledger.output.metadata import about, dictionary
from borderledger.query.describe import tables
from borderledger.query.dictionary import PRIMARY_SAID
from borderledger.query.evidence import Graded
from borderledger.query.grades import GRADES

__all__ = ["SELECTION", "dictionary_sheet", "guide"]

Line = tuple[str, Sequence[str]]

_STEPS = (
    "Choose the table that holds what you look for, in the list below, and click its name.",
    "Use the arrow in a header to filter. Rest the pointer on a header to read what the column means.",
    "Read the grade: disputed means that a source contradicts the record; single, that one source states it.",
    "Click the grade to see the claims: what each source states, and where in it. Click the record there to come back.",
    "Click the source and read it before you quote. The button with a + above the columns opens the rest of the row.",
)
_SORTED = (
    "The links between records and claims lead to rows as they stand now. After you sort or filter a sheet, look for "
    "the identifier of the record instead: in the column Identifier; in claims, in the column Record, code (button +)."
)
_SOURCES = (
    "Every record names a source to read first, as a link to the document. The sheet claims has one row for each thing "
    "that a source states about a record: the field, the value, whether it agrees with the record, the source, and the "
    "locator, which says where in the document it stands. The sheet sources lists all documents with their addresses. "
    "Records with the grade bulk come from a publisher's file and have no claims; their source is that file."
)
#: How to print some rows of a sheet. It stands at the top of the printed pages of long sheets, too: 255 characters.
SELECTION = (
    "To print some of them: filter, select the rows, and in the print dialog choose Print Selection (Excel) or "
    "Selected cells (LibreOffice)."
)
_PRINTING = (
    "Choose Print Entire Workbook (Excel) or All sheets (LibreOffice) to print this sheet, the views and all tables "
    "but the long ones. Of a long sheet, such as claims, sources or returns, only the header prints, with the number "
    "of rows. " + SELECTION
)
_MARKS = (
    ("empty cell", "not known; it never means zero"),
    ("2025-06", "a date as exact as its source: a day, a month or a year"),
    ("2025-06~", "about that time"),
    ("2020-11/2022-10", "from the one to the other"),
    ("../2025-06", "until then; the two points mean that the start is not known or has no limit"),
    ("2025-06/..", "from then on; the two points mean that the end is not known or has no limit"),
    ("AL;XK", "several values in one cell, with a ; between them: here Albania and Kosovo"),
)
_ADDING = (
    "Do not add up a column of figures. The tables also hold stocks, running totals, parts of other rows, and counts "
    "of several authorities for the same people. The sheets of views add up what may be added. The list below says "
    "what they leave out."
)
#: Roles that the descriptor writes as one word.
_ROLES = {"author": "author", "rightsHolder": "holds the rights in files that we use"}
_WIDTHS = (24, 34, 12, 60, 60)
#: Lines of text that run over all columns from one on.
_MERGED = {"prose": 0, "said": 1}
_LINE = 15


def guide(sheet: Any, dataset: Graded, formats: Mapping[str, Any]) -> None:
    """The first sheet: what this is, how to find an answer, what the marks mean, and what each table holds."""
    for row, (look, cells) in enumerate(_guide(dataset)):
        if look in _MERGED:
            first = _MERGED[look]
            if first:
                sheet.write_string(row, 0, cells[0], formats["text"])
            # Text given to merge_range would become a formula or a link, if it looks like one.
            sheet.merge_range(row, first, row, len(_WIDTHS) - 1, "", formats["wrapped"])
            sheet.write_string(row, first, cells[first], formats["wrapped"])
            sheet.set_row(row, _LINE * max(1, -(-len(cells[first]) // (sum(_WIDTHS[first:]) - 4))))
            continue
        for number, cell in enumerate(cells):
            if look == "table" and number == 0:
                sheet.write_url(row, 0, f"internal:'{cell}'!A1", formats["link"], cell)
            elif cell:
                sheet.write_string(row, number, cell, formats["wrapped" if look == "table" else look])
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
    yield from (("said", [f"{number}.", step]) for number, step in enumerate(_STEPS, 1))
    yield "said", ["Note", _SORTED]
    yield "text", []
    yield "header", ["Where facts come from", ""]
    yield "prose", [_SOURCES]
    yield "text", []
    yield "header", ["Before you add up", ""]
    yield "prose", [_ADDING]
    yield "text", []
    yield "header", ["What the marks mean", ""]
    yield from (("said", mark) for mark in _MARKS)
    yield "text", []
    yield "header", ["What the grades mean", ""]
    yield from (("said", item) for item in GRADES.items())
    yield "said", ["primary", PRIMARY_SAID]
    yield "text", []
    yield "header", ["How to print", ""]
    yield "prose", [_PRINTING]
    yield "text", []
    yield "header", ["Sheet", "What it is", "Rows", "One row is", "What it does not cover"]
    by_name = {column.name: column.values for column in tables(dataset)}
    shown = (by_name[name] for name in ("table", "kind", "title", "rows", "description", "not_covered"))
    for name, kind, title, rows, description, without in zip(*shown, strict=True):
        yield "table", [name, f"{title} ({kind})", f"{rows:,}", description, without or ""]
    yield "text", []
    yield "header", ["How to cite", ""]
    for key in ("citation", "version", "created", "licence", "licence_url"):
        yield "said", [key.replace("_", " "), facts[key]]
    yield "said", ["each figure", "Cite the source of the figure that you use, too."]
    yield from _credits(dataset)
    if "places" in dataset.names:
        noted = (row for row in dataset.rows("places") if row["id"] == "XK" and row.get("note"))
        yield from (("said", [row["name"], row["note"]]) for row in noted)


def _credits(dataset: Graded) -> Iterator[Line]:
    """Who made what the dataset is made from, as the descriptor says."""
    parties = [(str(e.get("title") or ""), e.get("roles") or ()) for e in dataset.descriptor.get("contributors") or ()]
    credits = [f"{name} ({_ROLES.get(str(roles[0]), str(roles[0]))})" for name, roles in parties if name and roles]
    if credits:
        yield "said", ["credits", "; ".join(credits)]


def dictionary_sheet(sheet: Any, dataset: Graded, formats: Mapping[str, Any]) -> tuple[int, int]:
    """The last sheet: every column with its definition. Returns how many rows and columns it has."""
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
    return len(rows), len(head)
