"""A table as a sheet to correct: old values beside, evidence behind, and nothing that a spreadsheet could rewrite.

Every cell is text, so that no program turns 2025-06 into a date. The columns `source`, `locator` and `reason` follow
those of the table: `python -m corrections from-edit --from FILE` reads them with the changes. A second sheet has the
values as they are now. It is locked, and so are the ids.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import partial

from borderledger.errors import BadArgument, MissingExtra
from borderledger.query import where as conditions
from borderledger.query.evidence import Graded
from borderledger.query.labels import codes_of
from borderledger.query.rows import rows_of

__all__ = ["EVIDENCE", "correction_sheet"]

#: The columns for the evidence, each with what to write there.
EVIDENCE = {
    "source": "The id of a source in the table sources. For a document that is not there, leave this empty.",
    "locator": "Where in the document: page 3; Article 2(1); second paragraph.",
    "reason": "Why the row changes, in a sentence of your own. It is published. Name no person.",
}
#: Spare rows below the table, for new records.
_SPARE = 200


def correction_sheet(dataset: Graded, table: str, where: str | Sequence[str] | None = None) -> bytes:
    """A workbook with the records of a table that fulfil the conditions of `where`; see the module.

    Raises UnknownTable, BadArgument (a table without records, a condition), MissingExtra without xlsxwriter.
    """
    schema = dataset.schema(table)
    if not schema.bound and table != "sources":
        tables = [name for name in dataset.names if dataset.schema(name).bound]
        raise BadArgument(f"{table} holds no records to correct. There are: {', '.join(tables)}, sources.")
    try:
        import xlsxwriter
    except ImportError as error:
        raise MissingExtra("xlsxwriter is not installed: pip install xlsxwriter") from error
    names = partial(codes_of, dataset, table)
    found = conditions.kept(conditions.parse_all(where), rows_of(dataset, table)[0], names)
    kept = {*next(column.values for column in found if column.name == "id")}
    rows = [row for row in dataset.rows(table) if row["id"] in kept]
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties(
        {"title": f"{table}, {dataset.data_version}, to correct", "created": dataset.created.replace(tzinfo=None)}
    )
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#dddddd"})
    asked = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#fff2cc"})
    cell = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top", "locked": False})
    locked = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top", "font_color": "#666666"})
    for name, free in ((table, True), ("as published", False)):
        sheet = book.add_worksheet(name[:31])
        columns = [*schema.names, *(EVIDENCE if free else ())]
        sheet.set_column(0, len(columns) - 1, 22, cell if free else locked)
        for at, column in enumerate(columns):
            sheet.write_string(0, at, column, asked if column in EVIDENCE else head)
            said = EVIDENCE.get(column) or schema.by_name[column].description
            sheet.write_comment(0, at, said, {"x_scale": 2, "y_scale": 1.5})
            words = list(schema.by_name[column].categories) if column in schema.by_name else []
            if free and words and not schema.by_name[column].delimiter and len(",".join(words)) < 255:
                choice = {"validate": "list", "source": words, "error_type": "warning"}
                sheet.data_validation(1, at, len(rows) + _SPARE, at, choice)
        for number, row in enumerate(rows, 1):
            for at, column in enumerate(schema.names):
                sheet.write_string(number, at, row[column], cell if free and column != "id" else locked)
        sheet.freeze_panes(1, 1)
        sheet.protect("", {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True})
    book.close()
    return out.getvalue()
