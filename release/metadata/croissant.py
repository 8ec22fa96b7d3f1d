"""croissant.json: the tables as record sets in Croissant 1.1, so that machine-learning tools can load them typed.

https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html

A date of the tables is text here, because Croissant's dates are whole days and ours can be a year, an interval or open.
"""

from __future__ import annotations

from typing import Any

from borderledger.package import Field, Table
from release.metadata.description import Facts, File, filled
from release.metadata.schema_org import party

__all__ = ["CONTEXT", "croissant"]

#: The recommended context of the specification (Appendix 1), with what mlcroissant adds, which warns of a lesser one.
#: schema.org is https:, as mlcroissant demands; the specification writes http:.
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    **{
        term: f"cr:{term}"
        for term in (
            *("annotation", "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "excludes"),
            *("extract", "field", "fileObject", "fileProperty", "fileSet", "format", "includes", "isArray"),
            *("isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "readLines", "recordSet"),
            *("references", "regex", "repeated", "replace", "samplingRate", "sdVersion", "separator", "source"),
            *("subField", "transform", "unArchive", "value"),
        )
    },
}

_TYPES = {"integer": "sc:Integer", "number": "sc:Float", "date": "sc:Date"}


def croissant(facts: Facts) -> dict[str, Any]:
    """The document, before it is written as JSON."""
    day = facts.released.isoformat()
    archive = next((file for file in facts.files if file.prefix is not None), None)
    return filled(
        _context=CONTEXT,
        _type="sc:Dataset",
        conformsTo="http://mlcommons.org/croissant/1.1",
        name=facts.title,
        description=facts.description,
        # The specification wants an address; until there is one, the identifier stands for it.
        url=facts.homepage or facts.id,
        version=facts.version,
        datePublished=day,
        dateModified=day,
        inLanguage="en",
        keywords=list(facts.keywords),
        license=facts.licence_url or facts.licence,
        creator=[party(one) for one in facts.authors],
        publisher=[party(one) for one in facts.publishers],
        citeAs=facts.bibtex,
        distribution=[
            *([_file(archive)] if archive else []),
            *(_file(facts.table_files[table.name], table, archive) for table in facts.tables),
        ],
        recordSet=[_records(table, facts) for table in facts.tables],
    )


def _file(file: File, table: Table | None = None, archive: File | None = None) -> dict[str, Any]:
    return filled(
        _type="cr:FileObject",
        _id=file.path,
        name=file.path.split("/")[-1],
        description=table.description if table else file.label,
        # Of a file in an archive the address is its path in it, and no address at all.
        contentUrl=f"{archive.prefix}{file.path}" if archive else file.url,
        containedIn={"@id": archive.path} if archive else {},
        encodingFormat=file.format.package or file.format.media_type,
        contentSize=f"{file.size} B",
        sha256=file.sha256,
    )


def _records(table: Table, facts: Facts) -> dict[str, Any]:
    # Written as the column of the other file: mlcroissant 1.1.1 fails on the plain `@id` of the specification, and
    # cannot join by a field of a record set that is itself joined. It reads a reference as a left join, so that there
    # is none from a list, into the same table (part_of), or to one of several.
    references = {
        key.field: _column(facts.table_files[key.table].path, key.target)
        for key in table.foreign_keys
        if key.table != table.name and not table.by_name[key.field].delimiter
    }
    path = facts.table_files[table.name].path
    return filled(
        _type="cr:RecordSet",
        _id=table.name,
        name=table.title,
        description=" ".join(
            filter(None, (table.description, table.not_covered and f"Not covered: {table.not_covered}"))
        ),
        key=[_id(table.name, name) for name in table.key],
        field=[_field(table, field, path, references.get(field.name)) for field in table.fields],
    )


def _field(table: Table, field: Field, path: str, references: dict[str, Any] | None) -> dict[str, Any]:
    return filled(
        _type="cr:Field",
        **{"@id": f"{table.name}/{field.name}"},
        name=field.name,
        description=field.description,
        dataType=_TYPES.get(field.type, "sc:Text"),
        **({"isArray": True, "arrayShape": "-1"} if field.delimiter else {}),
        source=_column(path, field.name) | ({"transform": {"separator": field.delimiter}} if field.delimiter else {}),
        references=references,
    )


def _id(table: str, field: str) -> dict[str, str]:
    return {"@id": f"{table}/{field}"}


def _column(path: str, name: str) -> dict[str, Any]:
    return {"fileObject": {"@id": path}, "extract": {"column": name}}
