""".zenodo.json: the metadata of a deposit, which Zenodo reads in place of CITATION.cff.

https://developers.zenodo.org/#representation
"""

from __future__ import annotations

from html import escape
from typing import Any

from release.metadata.description import Facts, Party, filled

__all__ = ["TYPES", "zenodo"]

#: The types of contributor that Zenodo knows; another role becomes Other, and is told in the notes.
TYPES = frozenset(
    (
        *("ContactPerson", "DataCollector", "DataCurator", "DataManager", "Distributor", "Editor"),
        *("HostingInstitution", "Producer", "ProjectLeader", "ProjectManager", "ProjectMember"),
        *("RegistrationAgency", "RegistrationAuthority", "RelatedPerson", "Researcher", "ResearchGroup"),
        *("RightsHolder", "Sponsor", "Supervisor", "WorkPackageLeader"),
    )
)


def zenodo(facts: Facts, *, released: bool = True) -> dict[str, Any]:
    """The document, before it is written as JSON; unless `released`, without version and date."""
    return filled(
        title=facts.title,
        upload_type="dataset",
        # Zenodo shows descriptions and notes as HTML.
        description=f"<p>{escape(facts.description, quote=False)}</p>",
        version=facts.version if released else "",
        publication_date=facts.released.isoformat() if released else "",
        language="eng",
        access_right="open",
        license=facts.licence,
        creators=[{"name": _name(party)} for party in facts.authors],
        contributors=[{"name": _name(party), "type": _type(party)} for party in facts.others],
        keywords=list(facts.keywords),
        notes="".join(f"<p>{escape(f'{one.name}: {one.credit}.', quote=False)}</p>" for one in facts.others),
        references=[work.citation for work in facts.works],
        related_identifiers=[{"identifier": facts.homepage, "relation": "isDocumentedBy"}] if facts.homepage else [],
    )


def _name(party: Party) -> str:
    """A person with the family name first, as Zenodo wants it."""
    return ", ".join(filter(None, (party.family, party.given))) if party.family else party.name


def _type(party: Party) -> str:
    known = [role[:1].upper() + role[1:] for role in party.roles]
    return next((role for role in known if role in TYPES), "Other")
