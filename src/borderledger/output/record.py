"""One record with its evidence, links and history, as text or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from borderledger.output.escape import printable
from borderledger.package.model import title
from borderledger.package.tables import Tables
from borderledger.query.archive import ARCHIVE_COPY
from borderledger.query.evidence import Graded, evidence
from borderledger.query.grades import GRADES
from borderledger.query.history import history

__all__ = ["record_json", "record_text"]


def _record(dataset: Graded, record: str) -> dict[str, Any]:
    """Everything known about a record: values and grades, evidence, links in both directions, corrections."""
    schema, held = dataset.record(record)
    claims = evidence(dataset, record)
    by_name = {column.name: column.values for column in claims}
    grades = dict(zip(by_name["field"], by_name["grade"], strict=True))
    number = [row["id"] for row in dataset.rows(schema.name)].index(record)
    known = dataset.grades(schema)[number]
    rows = zip(*by_name.values(), strict=True)
    return {
        "id": record,
        "table": schema.name,
        "title": title(held),
        "evidence": known.grade,
        "fields": {
            field.name: {
                "value": held[field.name],
                "title": field.title,
                "grade": grades.get(field.name),
                "primary": field.name in known.primary,
            }
            for field in schema.fields
            if held[field.name] and field.name not in ("id", "title", "name")
        },
        "claims": [dict(zip(by_name, row, strict=True)) for row in rows],
        "links": list(_links(dataset, record)),
        "corrections": _logged(dataset, record),
    }


def _logged(dataset: Tables, record: str) -> list[dict[str, Any]]:
    columns = history(dataset, record)
    rows = zip(*(column.values for column in columns), strict=True)
    return [dict(zip((column.name for column in columns), row, strict=True)) for row in rows]


def _places(claims: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Where a source states the fields: each place in it, with the fields that it gives there."""
    fields: dict[str, list[str]] = {}
    for claim in claims:
        if claim["locator"]:
            fields.setdefault(claim["locator"], []).append(claim["field"])
    for place, stated in fields.items():
        yield f"    {place}: {', '.join(dict.fromkeys(stated))}"


def _changed(row: dict[str, Any]) -> str:
    values = row["old"] if row["kind"] == "evidence" else f"{row['old'] or 'empty'} -> {row['new'] or 'empty'}"
    source = f" [{row['source_id']}]" if row["source_id"] else ""
    return f"  {row['version']} {row['kind']}: {row['field']} {values}. {row['reason']}{source}"


def _links(dataset: Tables, record: str) -> Iterator[dict[str, str]]:
    """The records that this one names, and those that name it."""
    facts = [schema for schema in map(dataset.schema, dataset.names) if schema.bound]
    titles = {row["id"]: title(row) for schema in facts for row in dataset.rows(schema.name)}
    for schema in facts:
        keys = [key.field for key in schema.foreign_keys if dataset.schema(key.table).bound]
        for row in dataset.rows(schema.name):
            for key in keys:
                if row["id"] == record and row[key]:
                    yield {"field": key, "record": row[key], "title": titles.get(row[key], "")}
                elif row[key] == record:
                    yield {"field": f"{key} of", "record": row["id"], "title": titles[row["id"]]}


def record_json(dataset: Graded, record: str) -> str:
    """A record with its evidence, links and corrections as one JSON object. Raises UnknownRecord."""
    return json.dumps(_record(dataset, record), indent=2, ensure_ascii=False) + "\n"


def record_text(dataset: Graded, record: str) -> str:
    """A record with its evidence, links and corrections, for reading. Raises UnknownRecord."""
    found = _record(dataset, record)
    lines = [found["title"] or record, f"{found['table']} {record}", ""]
    width = max(map(len, found["fields"]), default=0)
    for name, field in found["fields"].items():
        marks = [field["grade"]] if field["grade"] in GRADES else []
        marks += ["primary source"] if field["primary"] else []
        lines.append(f"  {name.ljust(width)}  {field['value']}" + (f"  [{', '.join(marks)}]" if marks else ""))
    lines += ["", f"Evidence: {found['evidence']} ({GRADES.get(found['evidence'], 'no grade')})"]
    for claim in found["claims"]:
        if claim["verdict"] != "agrees" and claim["field"]:
            qualifier = "" if claim["qualifier"] in (None, "exact") else f" ({claim['qualifier']})"
            lines.append(f"  {claim['field']}: {claim['source_id']} {claim['verdict']}: {claim['value']}{qualifier}")
    lines += ["", "Sources:"]
    for source in {claim["source_id"]: claim for claim in found["claims"]}.values():
        about = ", ".join(filter(None, (source["title"], source["publisher"], source["published"])))
        lines += [f"  {source['source_id']}: {about}", f"    {source['url'] or ''}".rstrip()]
        lines += [f"    archive: {source[ARCHIVE_COPY]}"] if source[ARCHIVE_COPY] else []
        lines += _places(claim for claim in found["claims"] if claim["source_id"] == source["source_id"])
    if found["links"]:
        lines += ["", "Links:", *(f"  {' '.join(filter(None, row.values()))}" for row in found["links"])]
    if found["corrections"]:
        lines += ["", "History:", *map(_changed, found["corrections"])]
    return "\n".join(printable(line) for line in lines) + "\n"
