"""datasette.json: what Datasette shows beside the tables of the SQLite file.

    datasette borderledger-data-X.Y.Z.sqlite --metadata datasette.json

https://docs.datasette.io/en/stable/metadata.html

Datasette escapes all texts here when it makes pages of them; what it takes for HTML (`description_html`) is not used.
Its `units` are not, either: it reads them as physical units, and ours are persons and euro. The unit is in the
description of the column, as in the schema.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from borderledger.dataset import Dataset
from borderledger.output.sqlite import led_to, tables
from borderledger.package import Table
from borderledger.query.columns import field_names
from borderledger.query.views import database_views
from release.metadata.description import Facts, filled

__all__ = ["datasette"]

#: The page of a query opens with no words; a phrase of none finds nothing, where nothing at all would be an error.
_FIND = """\
SELECT "table", id, title, snippet(search, -1, '', '', '…', 24) AS found
FROM search WHERE search MATCH coalesce(nullif(escape_fts(:words), ''), '""') ORDER BY rank, "table", id"""

_EVIDENCE = """\
SELECT "table", title, field, value, qualifier, verdict, source, publisher, published, url, locator, note
FROM evidence WHERE record_id = trim(:record) ORDER BY field, verdict, source_id, value"""
_LED = (
    " In the list of rows, the last columns link to the record. The page of a record links to its rows here, below "
    "`Links from other tables`."
)


def datasette(facts: Facts, dataset: Dataset) -> dict[str, Any]:
    """The document, before it is written as JSON."""
    content = {
        "tables": dict(_tables(dataset)),
        "queries": {
            "find": {
                "title": "Find records by their words",
                "description": (
                    "Records and sources that hold all of the words, in any of their English forms. Names of places "
                    "and bodies find their codes. Capitals and accents do not matter."
                ),
                "sql": _FIND,
                "hide_sql": True,
            },
            "evidence_of_a_record": {
                "title": "Evidence of a record",
                "description": (
                    "What each source states about a record, with the address of the source and the place in it. "
                    "Enter the identifier of the record, such as the query `find` shows it."
                ),
                "sql": _EVIDENCE,
                "hide_sql": True,
            },
        },
    }
    # Datasette calls a database by the name of its file.
    files = [PurePosixPath(file.path) for file in facts.files]
    names = [file.stem for file in files if file.suffix == ".sqlite"] or [facts.name]
    return filled(
        title=facts.title,
        description=f"{facts.description} Version {facts.version}.",
        license=facts.licence,
        license_url=facts.licence_url,
        source="; ".join(_credits(facts)),
        about=facts.citation,
        about_url=facts.homepage,
        databases=dict.fromkeys(names, content),
    )


def _credits(facts: Facts) -> Iterator[str]:
    for party in (*facts.authors, *facts.others):
        name = party.name or f"{party.given} {party.family}".strip()
        yield name if party in facts.authors else f"{name} ({party.credit})"


def _tables(dataset: Dataset) -> Iterator[tuple[str, dict[str, Any]]]:
    for relation in tables(dataset):
        known = _known(dataset, dataset.schema(relation.name)) if relation.name in dataset.names else {}
        comment = relation.comment + (_LED if led_to(dataset, relation.name) else "")
        yield relation.name, filled(description=comment, columns=dict(relation.notes)) | known
    for view in database_views(dataset):
        yield view.name, filled(description=view.comment)


def _known(dataset: Dataset, schema: Table) -> dict[str, Any]:
    """How the rows of a table of the package are called, counted and sorted.

    Counted by the classifications that every row has, and by the grade. Sorted by date, the latest first, where a row
    has one date; where it has none or many, by what it is called.
    """
    described = dataset.describe(schema.name)
    counted = described[(described["kind"] == "category") & (described["required"] | (described.index == "evidence"))]
    dates = [field_names(field)[-1] for field in schema.fields if field.edtf]
    latest = dates[0] if len(dates) == 1 else ""
    return filled(
        label_column=schema.label,
        facets=list(counted.index),
        sort_desc=latest,
        sort="" if latest else schema.label,
    )
