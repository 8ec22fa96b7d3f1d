"""dataset.jsonld: the dataset in the words of schema.org, as search engines ask for it.

https://developers.google.com/search/docs/appearance/structured-data/dataset
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from release.metadata.description import Facts, File, Party, filled

__all__ = ["party", "schema_org"]


def schema_org(facts: Facts) -> dict[str, Any]:
    """The document, before it is written as JSON."""
    day = facts.released.isoformat()
    return filled(
        _context="https://schema.org/",
        _type="Dataset",
        _id=facts.id,
        identifier=facts.id,
        name=facts.title,
        alternateName=facts.name,
        description=facts.description,
        url=facts.homepage,
        version=facts.version,
        dateModified=day,
        datePublished=day,
        inLanguage="en",
        keywords=list(facts.keywords),
        license=facts.licence_url or facts.licence,
        isAccessibleForFree=True,
        creator=[party(one) for one in facts.authors],
        publisher=[party(one) for one in facts.publishers],
        # A role between the property and the party says what they are to the dataset.
        contributor=[filled(_type="Role", roleName=one.credit, contributor=party(one)) for one in facts.others],
        creditText=facts.citation,
        isBasedOn=[
            filled(
                _type="CreativeWork", name=work.title, url=work.url, publisher=work.publisher and _body(work.publisher)
            )
            for work in facts.works
        ],
        temporalCoverage=f"{facts.first.isoformat()}/{facts.last.isoformat()}",
        spatialCoverage=[
            filled(_type="Place", name=place.name, identifier=place.code, description=place.note)
            for place in facts.places
        ],
        variableMeasured=list(_variables(facts)),
        distribution=[_download(file) for file in facts.files],
    )


def party(one: Party) -> dict[str, Any]:
    """A person, where the descriptor tells family and given name apart; or else an organisation."""
    if one.family:
        full = one.name or f"{one.given} {one.family}".strip()
        return filled(
            _type="Person", name=full, givenName=one.given, familyName=one.family, url=one.url, email=one.email
        )
    return filled(_type="Organization", name=one.name, url=one.url, email=one.email)


def _body(name: str) -> dict[str, str]:
    return {"@type": "Organization", "name": name}


def _variables(facts: Facts) -> Iterator[dict[str, Any]]:
    """What is measured: the fields that must be proved by a source."""
    for table in facts.tables:
        for field in table.fields:
            if field.bound:
                yield filled(
                    _type="PropertyValue",
                    propertyID=f"{table.name}/{field.name}",
                    name=f"{table.title}: {field.title}",
                    description=field.description,
                )


def _download(file: File) -> dict[str, Any]:
    return filled(
        _type="DataDownload",
        name=file.path,
        description=file.label,
        encodingFormat=[file.format.package, file.format.media_type] if file.format.package else file.format.media_type,
        contentUrl=file.url,
        contentSize=f"{file.size} B",
        sha256=file.sha256,
    )
