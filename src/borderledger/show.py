"""Typed columns and records as text: CSV, JSON, Markdown, and tables for people.

Text from data stays text: control characters are shown by their code, Markdown and terminal markup are escaped, and in
CSV a cell that a spreadsheet would run as a formula gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

from borderledger import answers
from borderledger.columns import Column
from borderledger.escape import guarded, markdown, printable
from borderledger.grades import GRADES

if TYPE_CHECKING:
    from borderledger.dataset import Dataset

__all__ = ["FORMATS", "readable", "record_json", "record_text", "table"]


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
    """The columns that fit a screen: without those empty in all rows, the days of dates, notes and addresses."""
    names = {column.name for column in columns}
    ends = {f"{name}{end}" for name in names for end in ("_from", "_to")}
    filled = [column for column in columns if any(value not in (None, []) for value in column.values)]
    return [c for c in filled if c.name not in ends | {"note", "url", "locator", "origin"}] or list(columns[:1])


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


# --- one record ------------------------------------------------------------------------------------------------------


def _record(dataset: Dataset, record: str) -> dict[str, Any]:
    """Everything known about a record: values and grades, evidence, links in both directions, corrections."""
    schema, held = dataset.record(record)
    claims = answers.evidence(dataset, record)
    by_name = {column.name: column.values for column in claims}
    grades = dict(zip(by_name["field"], by_name["grade"], strict=True))
    rows = zip(*by_name.values(), strict=True)
    number = [row["id"] for row in dataset.rows(schema.name)].index(record)
    return {
        "id": record,
        "table": schema.name,
        "title": answers.title(held),
        "evidence": dataset.grades(schema)[number][0],
        "fields": {
            field.name: {"value": held[field.name], "title": field.title, "grade": grades.get(field.name)}
            for field in schema.fields
            if held[field.name] and field.name not in ("id", "title", "name")
        },
        "claims": [dict(zip(by_name, row, strict=True)) for row in rows],
        "links": list(_links(dataset, record)),
        "corrections": _history(dataset, record),
    }


def _history(dataset: Dataset, record: str) -> list[dict[str, Any]]:
    columns = answers.history(dataset, record)
    rows = zip(*(column.values for column in columns), strict=True)
    return [dict(zip((column.name for column in columns), row, strict=True)) for row in rows]


def _changed(row: dict[str, Any]) -> str:
    values = row["old"] if row["kind"] == "evidence" else f"{row['old'] or 'empty'} -> {row['new'] or 'empty'}"
    source = f" [{row['source_id']}]" if row["source_id"] else ""
    return f"  {row['version']} {row['kind']}: {row['field']} {values}. {row['reason']}{source}"


def _links(dataset: Dataset, record: str) -> Iterator[dict[str, str]]:
    """The records that this one names, and those that name it."""
    facts = [schema for schema in map(dataset.schema, dataset.names) if schema.bound]
    titles = {row["id"]: answers.title(row) for schema in facts for row in dataset.rows(schema.name)}
    for schema in facts:
        keys = [key.field for key in schema.foreign_keys if dataset.schema(key.table).bound]
        for row in dataset.rows(schema.name):
            for key in keys:
                if row["id"] == record and row[key]:
                    yield {"field": key, "record": row[key], "title": titles.get(row[key], "")}
                elif row[key] == record:
                    yield {"field": f"{key} of", "record": row["id"], "title": titles[row["id"]]}


def record_json(dataset: Dataset, record: str) -> str:
    """A record with its evidence, links and corrections as one JSON object. Raises UnknownRecord."""
    return json.dumps(_record(dataset, record), indent=2, ensure_ascii=False) + "\n"


def record_text(dataset: Dataset, record: str) -> str:
    """A record with its evidence, links and corrections, for reading. Raises UnknownRecord."""
    found = _record(dataset, record)
    lines = [found["title"] or record, f"{found['table']} {record}", ""]
    width = max(map(len, found["fields"]), default=0)
    for name, field in found["fields"].items():
        grade = f"  [{field['grade']}]" if field["grade"] in GRADES else ""
        lines.append(f"  {name.ljust(width)}  {field['value']}{grade}")
    lines += ["", f"Evidence: {found['evidence']} ({GRADES.get(found['evidence'], 'no grade')})"]
    for claim in found["claims"]:
        if claim["verdict"] != "agrees" and claim["field"]:
            qualifier = "" if claim["qualifier"] in (None, "exact") else f" ({claim['qualifier']})"
            lines.append(f"  {claim['field']}: {claim['source_id']} {claim['verdict']}: {claim['value']}{qualifier}")
    lines += ["", "Sources:"]
    for source in {claim["source_id"]: claim for claim in found["claims"]}.values():
        about = ", ".join(filter(None, (source["title"], source["publisher"], source["published"])))
        lines += [f"  {source['source_id']}: {about}", f"    {source['url'] or ''}".rstrip()]
    if found["links"]:
        lines += ["", "Links:", *(f"  {' '.join(filter(None, row.values()))}" for row in found["links"])]
    if found["corrections"]:
        lines += ["", "History:", *map(_changed, found["corrections"])]
    return "\n".join(printable(line) for line in lines) + "\n"
