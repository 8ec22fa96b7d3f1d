"""The dataset as an Excel workbook, for people who will never see a program.

The first sheet says how to find an answer. Each table and each view has a sheet, and the last sheet has the meaning of
every column. A sheet shows what a reader needs first: the title and the main facts, the evidence grade, the fields that
have a primary source, the source as a link, the id and the note. The other columns, and those that are mostly empty,
stand to the right, grouped and folded; the button above them opens them. Names stand in place of codes, which are among
the folded columns. The header of each column has a note with the name that the files use and the definition.

Days are dates, figures are numbers, and everything else is text. No cell becomes a formula, whatever the data hold, and
Excel does not turn a date as text (`2025-06`) or an id into something else. A list is one cell, `AL;XK`.

Links lead to the web addresses of sources, and only to those that Excel can take; from the grade of a record to its
rows in the sheet `claims`; and from a claim or a correction back to the record. A link to rows names their place as the
workbook is written, so it leads elsewhere once somebody sorts the sheet that it leads to. The headers and the first
sheet say so.

All sheets together print on tens of pages. The views and the tables of facts print whole, and so does any other short
sheet. Of a long sheet the print area is the header, below a line at the top of the page that says how many rows there
are and how to print some of them. Excel and LibreOffice both keep to that, and no cell holds anything but data.
"""

from __future__ import annotations

import io
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from borderledger.errors import MissingExtra
from borderledger.output.metadata import about
from borderledger.output.workbook_guide import SELECTION, dictionary_sheet, guide
from borderledger.package.model import Field, Table
from borderledger.query.archive import ARCHIVE_COPY
from borderledger.query.checks import last_checks
from borderledger.query.columns import Column
from borderledger.query.database import meanings
from borderledger.query.dictionary import Meaning, described
from borderledger.query.evidence import Graded
from borderledger.query.labels import labelled
from borderledger.query.load import load
from borderledger.query.views import View, views

__all__ = ["SheetColumn", "sheet_columns", "workbook"]

#: From here on Excel does not keep all digits of a number.
LARGEST_NUMBER = 10**15
#: Excel counts days from 1900, and wrongly until March of that year.
FIRST_DAY = date(1900, 3, 1)
#: Excel repairs a sheet that has more links than these, or a longer one: it takes them out.
MOST_LINKS = 65_530
LONGEST_LINK = 2_079
#: Widths in characters: of the narrowest and the widest column, and of one that holds sentences.
_NARROW, _WIDE, _SENTENCES = 9, 26, 46
#: A column of facts that fewer rows than this share have filled is folded.
_FILLED = 0.25
#: Most lines of a row, and the height of a line in points.
_LINES, _LINE = 6, 15
#: A4 in the numbering of Excel.
_A4 = 9
#: The most rows of a sheet that prints whole: of facts and views, and of everything else.
MOST_FACTS, MOST_OTHERS = 1_000, 150


@dataclass(frozen=True)
class SheetColumn:
    """A column of a sheet: its values, what it is called and means, and whether it is folded away.

    addresses   where each cell links to; empty texts where it does not
    """

    column: Column
    meaning: Meaning
    folded: bool = False
    addresses: Sequence[str] = ()


def workbook(dataset: Graded) -> bytes:
    """The content of the xlsx file.

    Raises MissingExtra when xlsxwriter is not installed.
    """
    try:
        import xlsxwriter
    except ImportError as error:
        raise MissingExtra("xlsxwriter is not installed: pip install xlsxwriter") from error
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
    top = {"valign": "top"}
    formats = {
        "text": book.add_format({"num_format": "@", **top}),
        # The indent keeps a word from the figure to its left.
        "wrapped": book.add_format({"num_format": "@", "text_wrap": True, "indent": 1, **top}),
        "link": book.add_format({"num_format": "@", "hyperlink": True, "text_wrap": True, **top}),
        "header": book.add_format({"num_format": "@", "bold": True, "bottom": 1, "text_wrap": True, **top}),
        "title": book.add_format({"num_format": "@", "bold": True, "font_size": 16}),
        "day": book.add_format({"num_format": "yyyy-mm-dd", **top}),
        "number": book.add_format({"num_format": "#,##0.00", **top}),
        "integer": book.add_format({"num_format": "#,##0", **top}),
        "year": book.add_format({"num_format": "0", **top}),
    }
    footer = f"&L{facts['title']}, version {facts['version']}&R&A, page &P of &N".replace("\n", " ")
    guide(_sheet(book, "read me", footer), dataset, formats)
    facts_and_views = {view.name for view in views(dataset)}
    facts_and_views.update(schema.name for schema in map(dataset.schema, dataset.names) if schema.bound)
    places = _places(dataset)
    for name in [*dataset.names, *(view.name for view in views(dataset))]:
        sheet, columns = _sheet(book, name, footer), _led(sheet_columns(dataset, name), places)
        _table(sheet, columns, formats)
        rows = len(columns[0].column.values)
        _print(sheet, rows, len(columns), MOST_FACTS if name in facts_and_views else MOST_OTHERS)
    sheet = _sheet(book, "data dictionary", footer)
    _print(sheet, *dictionary_sheet(sheet, dataset, formats), MOST_OTHERS)
    book.close()
    return content.getvalue()


def _sheet(book: Any, name: str, footer: str) -> Any:
    """A new sheet that prints on A4, one page wide, with its header on each page."""
    sheet = book.add_worksheet(name)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(footer)
    return sheet


def _print(sheet: Any, rows: int, columns: int, most: int) -> None:
    """What a sheet prints: all of it, or the header alone where it has more rows than `most`."""
    if rows > most:
        sheet.print_area(0, 0, 0, columns - 1)
        sheet.set_margins(left=0.4, right=0.4, top=0.8, bottom=0.6)
        sheet.set_header(f"&L{rows:,} rows. {SELECTION}")


# --- the columns of a sheet ------------------------------------------------------------------------------------------


def sheet_columns(dataset: Graded, name: str) -> list[SheetColumn]:
    """The columns of the sheet of a table or view, in their order; see the module. All that `load` gives is there."""
    view = next((view for view in views(dataset) if view.name == name), None)
    schema = dataset.schema(view.table if view else name)
    known = {meaning.column: meaning for meaning in (meanings(dataset, view) if view else described(schema))}
    columns = labelled(dataset, name, load(dataset, name)[0])
    by_name = {column.name: column for column in columns}
    if "primary_fields" in by_name:
        titled = _titled(dataset, schema, by_name["id"], by_name["primary_fields"])
        by_name[titled.name] = titled
        columns = [*columns, titled]
    coded = {column.name for column in columns if f"{column.name}_label" in by_name}
    found = []
    for column in columns:
        code = column.name.removesuffix("_label")
        if column.name in known:
            meaning = known[column.name]
            title = f"{meaning.title}, code" if column.name in coded else meaning.title
            folded = _is_folded(column, schema, coded, view)
            found.append(SheetColumn(column, meaning._replace(title=title), folded, _own_addresses(schema, column)))
        elif code in coded:
            meaning = known[code]._replace(column=column.name, kind=column.kind)
            folded = code != "source_id" and _is_folded(replace(column, name=code), schema, set(), view)
            found.append(SheetColumn(column, meaning, folded, _addresses(dataset, schema, by_name[code])))
    if name == "claims":
        found += _checks(dataset)
    return sorted(found, key=lambda one: (one.folded, _rank(one, schema)))


def _checks(dataset: Graded) -> Iterator[SheetColumn]:
    """When an audit last read each claim again, and what that showed; nothing before the first audit."""
    if not (checks := last_checks(dataset)):
        return
    known = {meaning.column: meaning for meaning in described(dataset.schema("checks"))}
    found = [checks.get((c["record_id"], c["field"], c["source_id"]), {}) for c in dataset.rows("claims")]
    for name, meaning in (("checked", known["checked"]), ("check_result", known["result"])):
        column = Column(name, "text", [check.get(name) for check in found])
        yield SheetColumn(column, meaning._replace(column=name, kind="text"))


def _titled(dataset: Graded, schema: Table, ids: Column, fields: Column) -> Column:
    """The fields that have a primary source by their titles; `all` where all that claims or a file state have one."""
    called = {name: field.title for name, field in schema.by_name.items()}
    whole = {
        row["id"]: {name for name in schema.bound if row[name] and not name.endswith("_qualifier")}
        for row in dataset.rows(schema.name)
    }
    texts = [
        "all" if listed and whole[record] <= {*listed} else "; ".join(called.get(name, name) for name in listed) or None
        for record, listed in zip(ids.values, fields.values, strict=True)
    ]
    return Column(f"{fields.name}_label", "text", texts)


def _is_folded(column: Column, schema: Table, coded: set[str], view: View | None) -> bool:
    """Whether a column is folded away: codes with a name, the days of dates, and what is no fact of the record."""
    if column.name in coded or column.kind == "day":
        return True
    field = schema.by_name.get(column.name)
    if view or not schema.bound or not field:
        return column.name == "n_sources"
    if column.name in {*schema.key, schema.label, "note"}:
        return False
    filled = sum(text != "" for text in column.texts()) >= _FILLED * len(column.values)
    return not (field.bound and filled) or column.name.endswith("_max")


def _rank(one: SheetColumn, schema: Table) -> int:
    """Title, facts, grade, primary fields, source, id, note; within each the order of the schema."""
    name = one.column.name
    if not schema.bound:
        return 0
    if name == schema.label:
        return 0
    order = {"evidence": 2, "primary_fields_label": 3, "source_id_label": 4, "id": 5, "note": 6}
    return order.get(name, 1)


def _own_addresses(schema: Table, column: Column) -> list[str]:
    """The web addresses in a column that holds such; empty for any other column."""
    field = schema.by_name.get("archive_url" if column.name == ARCHIVE_COPY else column.name)
    if not field or not _takes_addresses(field):
        return []
    return [text if _is_link(field, text) else "" for text in column.texts()]


def _addresses(dataset: Graded, schema: Table, codes: Column) -> list[str]:
    """Where a column of sources leads to; empty for any other column."""
    target = next((key.table for key in schema.foreign_keys if key.field == codes.name), "")
    if target not in dataset.names or codes.kind == "list":
        return []
    links = [field for field in dataset.schema(target).fields if _takes_addresses(field)]
    if not links:
        return []
    urls = {row["id"]: row[links[0].name] for row in dataset.rows(target)}
    return [url if _is_link(links[0], url := urls.get(code or "", "")) else "" for code in codes.values]


# --- where the rows of other sheets are ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Places:
    """Where a link leads to, by the id of a record: its row, and its rows in the sheet of claims."""

    records: Mapping[str, str]
    claims: Mapping[str, str]


def _places(dataset: Graded) -> _Places:
    records = {
        row["id"]: f"internal:'{schema.name}'!A{number}"
        for schema in map(dataset.schema, dataset.names)
        if schema.key == ("id",)
        for number, row in enumerate(dataset.rows(schema.name), 2)
    }
    claims: dict[str, list[int]] = defaultdict(list)
    if "claims" in dataset.names:
        for number, row in enumerate(dataset.rows("claims"), 2):
            claims[row["record_id"]].append(number)
    return _Places(records, {record: f"internal:'claims'!{_block(at)}" for record, at in claims.items()})


def _block(rows: Sequence[int]) -> str:
    """The rows of a record; only the first of them where rows of another record stand between."""
    together = rows[-1] - rows[0] + 1 == len(rows)
    return f"A{rows[0]}:A{rows[-1]}" if together else f"A{rows[0]}"


_TO_CLAIMS = "Click a grade to see the claims behind it. If you sorted the sheet claims, filter it by the id instead."
_TO_RECORD = "Click to go to the record. If you sorted its sheet, look for the id there instead."


def _led(columns: Sequence[SheetColumn], places: _Places) -> list[SheetColumn]:
    """The columns of a sheet with links between records and claims: from the grade, and from the name of the record."""
    by_name = {one.column.name: one.column for one in columns}
    named = "record_id_label" if "record_id_label" in by_name else "record_id"
    led = []
    for one in columns:
        if one.column.name == "evidence" and "id" in by_name:
            one = _leading(one, by_name["id"], places.claims, _TO_CLAIMS)
        elif one.column.name == named:
            one = _leading(one, by_name["record_id"], places.records, _TO_RECORD)
        led.append(one)
    return led


def _leading(one: SheetColumn, records: Column, places: Mapping[str, str], said: str) -> SheetColumn:
    meaning = one.meaning._replace(description=f"{one.meaning.description} {said}")
    return replace(one, meaning=meaning, addresses=[places.get(record or "", "") for record in records.values])


# --- writing ---------------------------------------------------------------------------------------------------------


def _table(sheet: Any, columns: Sequence[SheetColumn], formats: Mapping[str, Any]) -> None:
    links = iter(range(MOST_LINKS))
    lines = [1] * len(columns[0].column.values)
    for number, one in enumerate(columns):
        width = _write(sheet, number, one, links, formats)
        web = any(address.startswith("http") for address in one.addresses)
        if not one.folded and not web:  # not every program wraps a link to a web address
            lines = [max(most, -(-len(text) // width)) for most, text in zip(lines, _texts(one), strict=True)]
    sheet.set_row(0, 2 * _LINE)
    # Excel finds the height of a row with wrapped text by itself, other programs do not.
    for row, most in enumerate(lines, 1):
        if most > 1:
            sheet.set_row(row, _LINE * min(most, _LINES))
    last = max(len(columns[0].column.values), 1), len(columns) - 1
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, *last)
    sheet.outline_settings(True, True, False, False)  # the button stands before the columns that it opens
    sheet.ignore_errors({"number_stored_as_text": _range(*last)})


def _range(row: int, column: int) -> str:
    from xlsxwriter.utility import xl_range

    return str(xl_range(0, 0, row, column))


def _write(sheet: Any, number: int, one: SheetColumn, links: Iterator[int], formats: Mapping[str, Any]) -> int:
    """A column of a sheet; returns its width. `links` has one item for each link that the sheet can still take."""
    column, meaning = one.column, one.meaning
    kind = "text" if column.kind in ("category", "list", "flag") else column.kind
    look = "year" if column.name == "year" else kind
    addresses = one.addresses or [""] * len(column.values)
    longest = max(map(len, meaning.title.split()), default=0) + 3  # room for the button of the filter
    sheet.write_string(0, number, meaning.title, formats["header"])
    note = f"{column.name}\n{meaning.description}"
    sheet.write_comment(0, number, note, {"x_scale": 3, "y_scale": 1 + len(note) / 200, "author": ""})
    for row, (value, text, address) in enumerate(zip(column.values, _texts(one), addresses, strict=True), 1):
        if value is None or text == "":
            continue
        if kind == "day" and date.fromordinal(value) >= FIRST_DAY:
            sheet.write_datetime(row, number, date.fromordinal(value), formats["day"])
            longest = max(longest, 11)
        elif kind in ("integer", "number") and math.isfinite(value) and abs(value) < LARGEST_NUMBER:
            sheet.write_number(row, number, value, formats[look])
            longest = max(longest, len(f"{value:,.2f}" if kind == "number" else f"{value:,}") + 2)
        elif address and next(links, None) is not None:
            sheet.write_url(row, number, address, formats["link"], text)
            longest = max(longest, len(text) + 1)
        else:
            sheet.write_string(row, number, text, formats["wrapped"])
            longest = max(longest, len(text) + 1)
    sentences = meaning.kind == "text" and longest > 2 * _WIDE
    width = max(min(longest, _SENTENCES if sentences else _WIDE), _NARROW)
    options = {"level": 1, "hidden": True} if one.folded else {}
    sheet.set_column(number, number, width, formats["wrapped"] if kind == "text" else None, options)
    return width


def _texts(one: SheetColumn) -> list[str]:
    """The cells as text; the names of a list have a space between them, so that they can wrap."""
    texts = one.column.texts()
    return [text.replace(";", "; ") for text in texts] if one.column.name.endswith("_label") else texts


def _takes_addresses(field: Field) -> bool:
    """Whether a field is one for web addresses, by its pattern."""
    return field.pattern.startswith("(?:https?://")


def _is_link(field: Field, text: str) -> bool:
    """Whether a text is a web address, in a field for such, that Excel can take as a link.

    The pattern alone is not enough: it may let more pass, and text that was never validated may hold what cannot stand
    in the XML of a link.
    """
    if not _takes_addresses(field) or not re.fullmatch(field.pattern, text) or not text.isprintable():
        return False
    # Excel counts UTF-16, and after these are percent-encoded.
    length = len(text.encode("utf-16-le")) // 2 + 2 * sum(map(text.count, "%[]^{}"))
    return text.startswith(("http://", "https://")) and length <= LONGEST_LINK
