r"""dcat.ttl: a catalogue of one dataset after DCAT-AP 3, in Turtle.

https://semiceu.github.io/DCAT-AP/releases/3.0.0/

Resources of the EU's vocabularies bear their class here, so that the file can be checked without fetching them. Left
out, because nobody has promised or decided it: how often the dataset is updated, how long a file stays available, and
(until the descriptor has an address to write to) whom to contact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from release.metadata.description import Facts, File, Party

__all__ = ["dcat"]

_EU = "http://publications.europa.eu/resource/authority"
_MEDIA = "https://www.iana.org/assignments/media-types"
_PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
#: Justice, legal system and public safety; international issues; population and society.
_THEMES = ("JUST", "INTR", "SOCI")
#: The EU's codes of countries by ISO 3166-1 alpha-2; a place that has none here is given by its name.
_COUNTRIES = {"AL": "ALB", "BA": "BIH", "ME": "MNE", "MK": "MKD", "RS": "SRB", "XK": "1A0"}

#: A predicate with its objects, each as Turtle.
Said = tuple[str, Iterable[str]]


def dcat(facts: Facts) -> str:
    """The document."""
    prefixes = [f"@prefix {name}: <{address}> ." for name, address in _PREFIXES.items()]
    blocks = [_catalog(facts), _dataset(facts), *(_distribution(facts, file) for file in facts.files), *_classes(facts)]
    return "\n".join(prefixes) + "\n" + "".join(f"\n{block}\n" for block in blocks)


# --- the three classes -----------------------------------------------------------------------------------------------


def _catalog(facts: Facts) -> str:
    return _block(
        _iri(f"{facts.id}#catalog"),
        "dcat:Catalog",
        ("dct:title", [_text(f"Catalogue of {facts.title}")]),
        ("dct:description", [_text(f"The catalogue that holds the dataset {facts.name} and nothing else.")]),
        ("dct:publisher", _first(facts.publishers)),
        ("dct:modified", [_day(facts.released.isoformat())]),
        ("dct:language", [_eu("language", "ENG")]),
        ("dct:license", _licence(facts)),
        ("dct:spatial", _spatial(facts)),
        ("dcat:themeTaxonomy", [_iri(f"{_EU}/data-theme")]),
        ("foaf:homepage", _some(facts.homepage)),
        ("dcat:dataset", [_iri(facts.id)]),
    )


def _dataset(facts: Facts) -> str:
    mails = [party.email for party in facts.authors if party.email]
    period = f"dcat:startDate {_day(facts.first.isoformat())} ; dcat:endDate {_day(facts.last.isoformat())}"
    return _block(
        _iri(facts.id),
        "dcat:Dataset",
        ("dct:identifier", [_string(facts.id)]),
        ("dct:title", [_text(facts.title)]),
        ("dct:description", [_text(facts.description)]),
        ("dcat:version", [_string(facts.version)]),
        ("dct:modified", [_day(facts.released.isoformat())]),
        ("dct:publisher", _first(facts.publishers)),
        ("dct:creator", map(_agent, facts.authors)),
        ("prov:qualifiedAttribution", map(_attribution, facts.others)),
        (
            "dcat:contactPoint",
            [
                f"[ a vcard:Kind ; vcard:fn {_string(facts.name)} ; vcard:hasEmail {_iri(f'mailto:{m}')} ]"
                for m in mails
            ],
        ),
        ("dcat:keyword", map(_text, facts.keywords)),
        ("dcat:theme", [_eu("data-theme", theme) for theme in _THEMES]),
        ("dct:language", [_eu("language", "ENG")]),
        ("dct:accessRights", [_eu("access-right", "PUBLIC")]),
        ("dct:spatial", _spatial(facts)),
        ("dct:temporal", [f"[ a dct:PeriodOfTime ; {period} ]"]),
        ("dcat:landingPage", _some(facts.homepage)),
        ("dcat:distribution", [_address(facts, file) for file in facts.files]),
    )


def _distribution(facts: Facts, file: File) -> str:
    packed = [_iri(f"{_MEDIA}/{file.format.package}")] if file.format.package else []
    checksum = f"spdx:algorithm spdx:checksumAlgorithm_sha256 ; spdx:checksumValue {_typed(file.sha256, 'hexBinary')}"
    return _block(
        _address(facts, file),
        "dcat:Distribution",
        ("dct:title", [_text(file.path)]),
        ("dct:description", [_text(file.label)]),
        # Where there is no page to get it from, the file itself is what gives access: beside this document.
        ("dcat:accessURL", _some(facts.homepage) or [_iri(file.url)]),
        ("dcat:downloadURL", [_iri(file.url)]),
        ("dct:issued", [_day(facts.released.isoformat())]),
        ("dct:license", _licence(facts)),
        ("dct:format", [_eu("file-type", file.format.eu_code)] if file.format.eu_code else []),
        ("dcat:mediaType", [_iri(f"{_MEDIA}/{file.format.media_type}")]),
        ("dcat:packageFormat", packed),
        ("dcat:byteSize", [_typed(str(file.size), "nonNegativeInteger")]),
        ("spdx:checksum", [f"[ a spdx:Checksum ; {checksum} ]"]),
        ("dct:conformsTo", _some(facts.profile) if file.prefix is not None else []),
        ("dct:language", [_eu("language", "ENG")]),
    )


def _address(facts: Facts, file: File) -> str:
    return _iri(f"{facts.id}#{file.url}")


def _classes(facts: Facts) -> Iterator[str]:
    """The class, and where it helps the name, of each resource of a vocabulary that is referred to."""
    yield _block(_eu("language", "ENG"), "dct:LinguisticSystem")
    yield _block(_eu("access-right", "PUBLIC"), "dct:RightsStatement")
    yield _block(_iri(f"{_EU}/data-theme"), "skos:ConceptScheme", ("dct:title", [_text("Data theme")]))
    for theme, name in zip(_THEMES, _THEME_NAMES, strict=True):
        yield _block(_eu("data-theme", theme), "skos:Concept", ("skos:prefLabel", [_text(name)]))
    yield _block("spdx:checksumAlgorithm_sha256", "spdx:ChecksumAlgorithm")
    for licence in _licence(facts):
        yield _block(licence, "dct:LicenseDocument")
    for place in facts.places:
        if place.code in _COUNTRIES:
            note = [_text(place.note)] if place.note else []
            code = _eu("country", _COUNTRIES[place.code])
            yield _block(code, "dct:Location", ("skos:prefLabel", [_text(place.name)]), ("skos:note", note))
    formats = {file.format for file in facts.files}
    for code in sorted({found.eu_code for found in formats} - {""}):
        yield _block(_eu("file-type", code), "dct:MediaTypeOrExtent")
    for kind in sorted({kind for found in formats for kind in (found.media_type, found.package)} - {""}):
        yield _block(_iri(f"{_MEDIA}/{kind}"), "dct:MediaType")
    if facts.profile and any(file.prefix is not None for file in facts.files):
        yield _block(_iri(facts.profile), "dct:Standard")


_THEME_NAMES = ("Justice, legal system and public safety", "International issues", "Population and society")


# --- objects ---------------------------------------------------------------------------------------------------------


def _agent(party: Party) -> str:
    page = f" ; foaf:homepage {_iri(party.url)}" if party.url else ""
    name = party.name or f"{party.given} {party.family}".strip()
    return f"[ a foaf:{'Person' if party.family else 'Organization'}, foaf:Agent ; foaf:name {_text(name)}{page} ]"


def _first(parties: tuple[Party, ...]) -> Iterator[str]:
    """A publisher; the profile allows one."""
    yield from map(_agent, parties[:1])


def _attribution(party: Party) -> str:
    role = f"[ a dcat:Role ; rdfs:label {_text(party.credit)} ]"
    return f"[ a prov:Attribution ; prov:agent {_agent(party)} ; dcat:hadRole {role} ]"


def _licence(facts: Facts) -> list[str]:
    """The licence in the EU's list, which has those of Creative Commons, or else its own address."""
    if re.fullmatch(r"CC0?-?[A-Z-]*[0-9.]+", facts.licence):
        return [_eu("licence", re.sub("[-.]", "_", facts.licence))]
    return _some(facts.licence_url)


def _spatial(facts: Facts) -> Iterator[str]:
    for place in facts.places:
        known = place.code in _COUNTRIES
        nameless = f"[ a dct:Location ; skos:prefLabel {_text(place.name)} ]"
        yield _eu("country", _COUNTRIES[place.code]) if known else nameless


# --- Turtle ----------------------------------------------------------------------------------------------------------


def _block(subject: str, kind: str, *said: Said) -> str:
    """A subject with what is said of it; a predicate without objects is left out."""
    lines = [f"{subject} a {kind}"]
    for predicate, objects in said:
        if found := list(objects):
            lines.append(f"    {predicate} " + " ,\n        ".join(found))
    return " ;\n".join(lines) + " ."


def _eu(authority: str, code: str) -> str:
    return _iri(f"{_EU}/{authority}/{code}")


def _some(address: str) -> list[str]:
    return [_iri(address)] if address else []


def _iri(address: str) -> str:
    """An address in angle brackets; what may not stand in one is percent-encoded."""
    return f"<{re.sub(_NOT_IN_IRI, lambda match: ''.join(f'%{b:02X}' for b in match[0].encode()), address)}>"


def _text(text: str) -> str:
    return f"{_string(text)}@en"


def _day(day: str) -> str:
    return _typed(day, "date")


def _typed(text: str, kind: str) -> str:
    return f"{_string(text)}^^xsd:{kind}"


def _string(text: str) -> str:
    r"""A text in quotes, on one line.

    >>> print(_string('a "b"\n\\'))
    "a \"b\"\u000A\\"
    """
    return f'"{_NOT_IN_STRING.sub(lambda match: _ESCAPES.get(match[0], f"{_U}{ord(match[0]):04X}"), text)}"'


_U = "\\u"
_NOT_IN_IRI = re.compile(r"[\x00-\x20\x7f-\x9f<>\"{}|^`\\]")
_NOT_IN_STRING = re.compile(r'["\\\x00-\x1f\x7f-\x9f\u2028\u2029]')
_ESCAPES = {'"': '\\"', "\\": "\\\\"}
