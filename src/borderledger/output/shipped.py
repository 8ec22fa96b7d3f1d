"""The data package as it is shipped in the wheel and in releases.

It holds the files of the checkout and also

    data/grades.csv    the evidence grade of each record and the fields that have a primary source, derived from the
                       claims (so that no reader has to)
    datapackage.json   with `bytes` and `hash` (SHA-256) of each table, and `schemaHash` of its schema: the manifest
                       that the loader holds the files against
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any

from borderledger.query.dictionary import PRIMARY_SAID
from borderledger.query.evidence import Graded
from borderledger.query.grades import GRADES

__all__ = ["packed"]


def packed(root: str | Path) -> dict[str, bytes]:
    """The files of the package in a folder, as they are shipped, by their path; the descriptor comes first.

    Raises CorruptPackage when a table cannot be read.
    """
    dataset = Graded(Path(root))
    descriptor = dict(dataset.descriptor)
    for name in dataset.names:
        dataset.cells(name)  # raises if the table cannot be read
    resources = [dict(resource) for resource in descriptor["resources"] if not resource.get("derived")]
    held = dataset.files()
    files = {path: held[path] for resource in resources for path in (resource["path"], resource["schema"])}
    resources.append(_RESOURCE)
    files[_RESOURCE["path"]] = _grades(dataset)
    files[_RESOURCE["schema"]] = _json(_SCHEMA)
    for resource in resources:
        table, schema = files[resource["path"]], files[resource["schema"]]
        resource.update(bytes=len(table), hash=_hash(table), schemaHash=_hash(schema))
    return {"datapackage.json": _json(descriptor | {"resources": resources}), **files}


def _grades(dataset: Graded) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(field["name"] for field in _SCHEMA["fields"])
    facts = [table for table in map(dataset.schema, dataset.names) if table.bound]
    found = (
        (record, *one, ";".join(fields)) for table in facts for record, (*one, fields) in dataset.graded(table).items()
    )
    writer.writerows(sorted(found))
    return out.getvalue().encode()


def _json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def _hash(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


_RESOURCE: dict[str, Any] = {
    "name": "grades",
    "title": "Evidence grades",
    "derived": True,
    "type": "table",
    "path": "data/grades.csv",
    "scheme": "file",
    "format": "csv",
    "mediatype": "text/csv",
    "encoding": "utf-8",
    "dialect": {"delimiter": ",", "doubleQuote": True, "header": True},
    "schema": "schemas/grades.json",
}

_SCHEMA: dict[str, Any] = {
    "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
    "name": "grades",
    "title": "Evidence grades",
    "description": "How well each record of fact is evidenced. Derived from the claims; see docs/methodology.md.",
    "fields": [
        {
            "name": "record_id",
            "title": "Record",
            "description": "Identifier of the record.",
            "type": "string",
            "constraints": {"required": True, "unique": True},
        },
        {
            "name": "grade",
            "title": "Evidence grade",
            "description": "Grade of the record: that of its worst evidence-bound field.",
            "type": "string",
            "categories": [
                {"value": value, "label": f"{label[0].upper()}{label[1:]}."} for value, label in GRADES.items()
            ],
            "categoriesOrdered": True,
        },
        {
            "name": "n_sources",
            "title": "Number of sources",
            "description": "Number of sources that state something about the record.",
            "type": "integer",
            "constraints": {"minimum": 0},
        },
        {
            "name": "primary_fields",
            "title": "Fields with a primary source",
            "description": PRIMARY_SAID,
            "type": "string",
            "delimiter": ";",
        },
    ],
    "missingValues": [""],
    "primaryKey": ["record_id"],
}
