"""All texts of the interface in one catalogue, website/locale/borderledger.pot, from which translations are made.

They come from the templates, from the Python of the website, from the scripts (client/src/texts.json), and from the
schemas: what tables, columns and values are called, and what they mean.

A translation is website/locale/LANGUAGE/LC_MESSAGES/borderledger.po. There is none yet. Not in the catalogue are the
methodology and the notes of releases, and what the dataset itself says: titles, notes, reasons, names.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from borderledger.dataset import Dataset
from borderledger.output.metadata import dictionary
from borderledger.query.grades import GRADES
from borderledger.query.totals import COUNTED_BY

__all__ = ["FILE", "catalogue", "client_examples", "client_texts"]

_HERE = Path(__file__).parent
_CLIENT = _HERE / "client/src"
FILE = _HERE / "locale/borderledger.pot"
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]


def client_texts() -> dict[str, Any]:
    """The texts of the scripts by their key; one with plural forms as [one, many]."""
    found: dict[str, Any] = json.loads((_CLIENT / "texts.json").read_bytes())
    return found


def client_examples() -> list[dict[str, str]]:
    """The examples of the SQL page, each with a title."""
    found: list[dict[str, str]] = json.loads((_CLIENT / "examples.json").read_bytes())
    return found


def catalogue() -> bytes:
    """All texts, in the order of their files; the same texts give the same bytes."""
    found = Catalog(project="borderledger", charset="utf-8")
    found.header_comment = "# Texts of the website of borderledger."
    texts = extract_from_dir(_HERE, _METHODS, options_map={"**.html": {"trimmed": "true", "silent": "false"}})
    for file, _line, text, comments, context in sorted(texts, key=lambda each: (each[0], each[1])):
        found.add(text, None, [(file, 1)], auto_comments=comments, context=context)
    for key, text in client_texts().items():
        found.add(text if isinstance(text, str) else tuple(text), None, [("client/src/texts.json", 1)], [], [key])
    for one in client_examples():
        found.add(one["title"], None, [("client/src/examples.json", 1)])
    for file, text in _described():
        if text:
            found.add(text, None, [(file, 1)])
    written = io.BytesIO()
    write_po(written, found, omit_header=True, include_lineno=False, width=120)
    return written.getvalue()


def _described() -> Iterator[tuple[str, str]]:
    """What the package says of itself: tables, columns, values and grades, with their meanings."""
    dataset = Dataset(_HERE.parent)
    yield "datapackage.json", dataset.descriptor["description"]
    for name in dataset.names:
        table, file = dataset.schema(name), f"schemas/{name}.json"
        yield from (
            (file, text) for text in (name.replace("_", " "), table.title, table.description, table.not_covered)
        )
        for field in table.fields:
            yield from ((file, text) for text in (field.title, field.name.replace("_", " "), field.description))
            for value, label in field.categories.items():
                yield from ((file, text) for text in (value.replace("_", " "), label))
        yield from ((file, entry.description) for entry in dictionary(dataset, name))
    yield from (("totals", code.replace("_", " ")) for code in COUNTED_BY)
    for grade, meaning in GRADES.items():
        yield from (("grades", text) for text in (grade, meaning))
