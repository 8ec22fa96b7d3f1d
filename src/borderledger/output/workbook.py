"""The dataset as an Excel workbook, for people: a sheet that says what it is, then a sheet for each table.

Days are dates, figures numbers, everything else is text: no cell becomes a formula, whatever the data hold, and Excel
does not turn a date as text (`2025-06`) or an id into something else. A list is one cell, `AL;XK`.

The addresses of sources can be clicked: in a column that by its schema holds web addresses, those that are such and
that Excel can take. What is shown is the address itself. A source_id is no link to the row of its source, since it
would lead to another source as soon as somebody sorts that sheet.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from borderledger.errors import MissingExtra
from borderledger.output.metadata import about, dictionary
from borderledger.package.model import Field
from borderledger.query.columns import Column
from borderledger.query.evidence import Graded
from borderledger.query.load import load

__all__ = ["workbook"]

#: From here on Excel does not keep all digits of a number.
LARGEST_NUMBER = 10**15
#: Excel counts days from 1900, and wrongly until March of that year.
FIRST_DAY = date(1900, 3, 1)
#: Excel repairs a sheet that has more links than these, or a longer one: it takes them out.
MOST_LINKS = 65_530
LONGEST_LINK = 2_079
_WIDEST = 60


def workbook(dataset: Graded) -> bytes:
    """The content of the xlsx file.

    Raises MissingExtra when xlsxwriter is not installed.
    """
    try:
        import xlsxwriter
    except ImportError as error:
        raise MissingExtra("xlsxwriter is not installed: pip install 'borderledger[xlsx]'") from error
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    facts = about(dataset)
    book.set_properties(
        {
            "title": f"{facts['title']}, version {facts['version']}",
            "comments": f"{facts['citation']} Licence: {facts['licence']}",
            # Of all that xlsxwriter writes, only this would be the time of the day.
            "created": dataset.created.replace(tzinfo=None),
        }
    )
    formats = {
        "text": book.add_format({"num_format": "@"}),
        "wrapped": book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
        "link": book.add_format({"num_format": "@", "hyperlink": True}),
        "header": book.add_format({"num_format": "@", "bold": True, "bottom": 1}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "number": book.add_format({"num_format": "#,##0.00"}),
        "integer": book.add_format({"num_format": "0"}),
    }
    _front(book.add_worksheet("read me"), dataset, facts, formats)
    for name in dataset.names:
        columns = load(dataset, name)[0]
        fields, links = dataset.schema(name).by_name, iter(range(MOST_LINKS))
        sheet = book.add_worksheet(name)
        for number, column in enumerate(columns):
            _write(sheet, number, column, fields.get(column.name), links, formats)
        last = max(len(columns[0].values), 1), len(columns) - 1
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, *last)
        sheet.ignore_errors({"number_stored_as_text": _range(*last)})
    book.close()
    return content.getvalue()


def _range(row: int, column: int) -> str:
    from xlsxwriter.utility import xl_range

    return str(xl_range(0, 0, row, column))


def _write(
    sheet: Any, number: int, column: Column, field: Field | None, links: Iterator[int], formats: dict[str, Any]
) -> None:
    """A column of a sheet; `links` has one item for each link that the sheet can still take."""
    kind = "text" if column.kind in ("category", "list") else column.kind
    widest = len(column.name) + 3  # room for the button of the filter
    sheet.write_string(0, number, column.name, formats["header"])
    for row, value in enumerate(column.values, 1):
        if column.kind == "list":
            value = field.delimiter.join(value) or None if field else None
        elif column.kind == "day" and value is not None:
            value = date.fromordinal(value)
        if value is None:
            continue
        if kind == "day" and value >= FIRST_DAY:
            sheet.write_datetime(row, number, value, formats["day"])
            widest = max(widest, 11)
        elif kind in ("integer", "number") and math.isfinite(value) and abs(value) < LARGEST_NUMBER:
            sheet.write_number(row, number, value, formats[kind])
            widest = max(widest, len(f"{value:,}") + 1)
        else:
            text = str(value)
            if field and _is_link(field, text) and next(links, None) is not None:
                sheet.write_url(row, number, text, formats["link"], text)
            else:
                sheet.write_string(row, number, text, formats["text"])
            widest = max(widest, len(text) + 1)
    sheet.set_column(number, number, min(widest, _WIDEST), formats["text"] if kind == "text" else None)


def _is_link(field: Field, text: str) -> bool:
    """Whether a text is a web address, in a field for such, that Excel can take as a link.

    The pattern of the field says what it is for. It is not relied on alone: a pattern may let more pass, and text that
    was never validated may hold what cannot stand in the XML of a link.
    """
    if not field.pattern.startswith("(?:https?://") or not re.fullmatch(field.pattern, text) or not text.isprintable():
        return False
    # Excel counts UTF-16, and after these are percent-encoded.
    length = len(text.encode("utf-16-le")) // 2 + 2 * sum(map(text.count, "%[]^{}"))
    return text.startswith(("http://", "https://")) and length <= LONGEST_LINK


def _front(sheet: Any, dataset: Graded, facts: dict[str, str], formats: dict[str, Any]) -> None:
    """The first sheet: what this is, the tables, and the columns with their definitions."""
    row = 0

    def line(cells: Sequence[str], look: str) -> None:
        nonlocal row
        for number, cell in enumerate(cells):
            if cell:
                sheet.write_string(row, number, cell, formats[look])
        row += 1

    for key, value in facts.items():
        sheet.write_string(row, 0, key.replace("_", " "), formats["header"])
        sheet.write_string(row, 1, value, formats["text"])
        row += 1
    row += 1
    line(("table", "rows", "title", "", "what it does not cover", "what one row is"), "header")
    for name in dataset.names:
        schema = dataset.schema(name)
        rows = str(len(load(dataset, name)[0][0].values))
        line((name, rows, schema.title, "", schema.not_covered, schema.description), "wrapped")
    row += 1
    line(("table", "column", "title", "kind", "values", "definition"), "header")
    for entry in dictionary(dataset):
        line((entry.table, entry.column, entry.title, entry.kind, entry.values, entry.description), "wrapped")
    for number, width in enumerate((16, 26, 26, 10, 50, 90)):
        sheet.set_column(number, number, width)
    sheet.ignore_errors({"number_stored_as_text": _range(row, 5)})
