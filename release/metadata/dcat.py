"""dcat.ttl: a catalogue of one dataset after DCAT-AP 3, in Turtle.

https://semiceu.github.io/DCAT-AP/releases/3.0.0/

Resources of the EU's vocabularies bear their class here, so that the file can be checked without fetching them. Left
out, because nobody has promised or decided it: how often the dataset is updated, how long a file stays available, and
(until the descriptor has an address to write to) whom to contact.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from functools import partial
from itertools import count
from typing import Any
from urllib.parse import quote

from rdflib import DCAT, DCTERMS, FOAF, PROV, RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.plugins.serializers.turtle import TurtleSerializer
from rdflib.term import Node

from release.metadata.description import Facts, File, Party, Place

__all__ = ["dcat"]

_SPDX = Namespace("http://spdx.org/rdf/terms#")
_VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
_VERSION = URIRef(f"{DCAT}version")  # rdflib knows the words of DCAT 2, which has no version
_EU = "http://publications.europa.eu/resource/authority/"
_MEDIA = "https://www.iana.org/assignments/media-types/"
_THEMES = {"JUST": "Justice, legal system and public safety", "INTR": "International issues"}
_THEMES |= {"SOCI": "Population and society"}
#: The EU's codes of countries by ISO 3166-1 alpha-2; a place that has none here is given by its name.
_COUNTRIES = {"AL": "ALB", "BA": "BIH", "ME": "MNE", "MK": "MKD", "RS": "SRB", "XK": "1A0"}

#: What is described: its address as `@id`, if it has one, and its predicates, each with one object, a list, or None.
Thing = dict[Any, Any]

_text = partial(Literal, lang="en")


def dcat(facts: Facts) -> str:
    """The document."""
    graph, out = Graph(), io.BytesIO()
    graph.bind("spdx", _SPDX)
    graph.bind("vcard", _VCARD)
    _add(graph, _catalog(facts), count())
    _Turtle(graph).serialize(out)
    return out.getvalue().decode()


def _add(graph: Graph, thing: Thing | Node, numbers: Iterator[int]) -> Node:
    """Adds a thing and those in it; one without address gets a number, where rdflib would give it a random name."""
    if isinstance(thing, Node):
        return thing
    subject = thing.pop("@id", None) or BNode(f"b{next(numbers):04}")
    for predicate, objects in thing.items():
        for found in objects if isinstance(objects, list) else [objects]:
            if found is not None:
                graph.add((subject, predicate, _add(graph, found, numbers)))
    return subject


class _Turtle(TurtleSerializer):
    """Keeps a text on one line; over several, rdflib forgets to escape a last quote that follows a backslash."""

    def label(self, node: Node, position: int) -> str:
        if isinstance(node, Literal) and not node.datatype:  # what JSON escapes, Turtle escapes alike
            return json.dumps(node, ensure_ascii=False) + (f"@{node.language}" if node.language else "")
        return super().label(node, position)


def _catalog(facts: Facts) -> Thing:
    about = f"The catalogue that holds the dataset {facts.name} and nothing else."
    return _titled(DCAT.Catalog, f"{facts.id}#catalog", f"Catalogue of {facts.title}", about) | {
        DCTERMS.publisher: [_agent(party) for party in facts.publishers[:1]],  # the profile allows one
        DCTERMS.modified: Literal(facts.released),
        DCTERMS.license: _licence(facts),
        DCTERMS.spatial: [_location(place) for place in facts.places],
        DCAT.themeTaxonomy: _named(SKOS.ConceptScheme, "data-theme", DCTERMS.title, "Data theme"),
        FOAF.homepage: _iri(facts.homepage),
        DCAT.dataset: _dataset(facts),
    }


def _dataset(facts: Facts) -> Thing:
    card = {RDF.type: _VCARD.Kind, _VCARD.fn: Literal(facts.name)}
    period = {DCAT.startDate: Literal(facts.first), DCAT.endDate: Literal(facts.last)}
    return _titled(DCAT.Dataset, facts.id, facts.title, facts.description) | {
        DCTERMS.identifier: Literal(facts.id),
        _VERSION: Literal(facts.version),
        DCTERMS.modified: Literal(facts.released),
        DCTERMS.publisher: [_agent(party) for party in facts.publishers[:1]],
        DCTERMS.creator: [_agent(party) for party in facts.authors],
        PROV.qualifiedAttribution: [_attribution(party) for party in facts.others],
        DCAT.contactPoint: [card | {_VCARD.hasEmail: _iri(f"mailto:{by.email}")} for by in facts.authors if by.email],
        DCAT.keyword: [_text(word) for word in facts.keywords],
        DCAT.theme: [_named(SKOS.Concept, f"data-theme/{t}", SKOS.prefLabel, name) for t, name in _THEMES.items()],
        DCTERMS.accessRights: _known(DCTERMS.RightsStatement, _EU, "access-right/PUBLIC"),
        DCTERMS.spatial: [_location(place) for place in facts.places],
        DCTERMS.temporal: {RDF.type: DCTERMS.PeriodOfTime} | period,
        DCAT.landingPage: _iri(facts.homepage),
        DCAT.distribution: [_distribution(facts, file) for file in facts.files],
    }


def _distribution(facts: Facts, file: File) -> Thing:
    algorithm = _known(_SPDX.ChecksumAlgorithm, _SPDX, "checksumAlgorithm_sha256")
    checksum = {_SPDX.algorithm: algorithm, _SPDX.checksumValue: Literal(file.sha256, datatype=XSD.hexBinary)}
    return _titled(DCAT.Distribution, f"{facts.id}#{file.url}", file.path, file.label) | {
        # Where there is no page to get it from, the file itself is what gives access: beside this document.
        DCAT.accessURL: _iri(facts.homepage or file.url),
        DCAT.downloadURL: _iri(file.url),
        DCTERMS.issued: Literal(facts.released),
        DCTERMS.license: _licence(facts),
        DCTERMS.format: _known(DCTERMS.MediaTypeOrExtent, f"{_EU}file-type/", file.format.eu_code),
        DCAT.mediaType: _known(DCTERMS.MediaType, _MEDIA, file.format.media_type),
        DCAT.packageFormat: _known(DCTERMS.MediaType, _MEDIA, file.format.package),
        DCAT.byteSize: Literal(file.size, datatype=XSD.nonNegativeInteger),
        _SPDX.checksum: {RDF.type: _SPDX.Checksum} | checksum,
        DCTERMS.conformsTo: _known(DCTERMS.Standard, "", facts.profile) if file.prefix is not None else None,
    }


def _titled(kind: Node, address: str, title: str, description: str) -> Thing:
    language = _known(DCTERMS.LinguisticSystem, _EU, "language/ENG")
    said = {DCTERMS.title: _text(title), DCTERMS.description: _text(description), DCTERMS.language: language}
    return {"@id": _iri(address), RDF.type: kind} | said


def _agent(party: Party) -> Thing:
    kind = FOAF.Person if party.family else FOAF.Organization
    name = _text(party.name or f"{party.given} {party.family}".strip())
    return {RDF.type: [kind, FOAF.Agent], FOAF.name: name, FOAF.homepage: _iri(party.url)}


def _attribution(party: Party) -> Thing:
    role = {RDF.type: DCAT.Role, RDFS.label: _text(party.credit)}
    return {RDF.type: PROV.Attribution, PROV.agent: _agent(party), DCAT.hadRole: role}


def _licence(facts: Facts) -> Thing | None:
    """The licence in the EU's list, which has those of Creative Commons, or else its own address."""
    if re.fullmatch(r"CC0?-?[A-Z-]*[0-9.]+", facts.licence):
        return _known(DCTERMS.LicenseDocument, f"{_EU}licence/", re.sub("[-.]", "_", facts.licence))
    return _known(DCTERMS.LicenseDocument, "", facts.licence_url)


def _location(place: Place) -> Thing:
    code = _COUNTRIES.get(place.code)
    known = {"@id": _iri(f"{_EU}country/{code}"), SKOS.note: _text(place.note) if place.note else None} if code else {}
    return known | {RDF.type: DCTERMS.Location, SKOS.prefLabel: _text(place.name)}


def _named(kind: Node, word: str, predicate: Node, name: str) -> Thing:
    return {"@id": _iri(_EU + word), RDF.type: kind, predicate: _text(name)}


def _known(kind: Node, vocabulary: str, word: str) -> Thing | None:
    """What a vocabulary has under a word, with its class; nothing where there is no word."""
    return {"@id": _iri(vocabulary + word), RDF.type: kind} if word else None


def _iri(address: str) -> URIRef | None:
    """An address, if there is one; what may not stand in it is percent-encoded."""
    return URIRef(re.sub(r"[\x00-\x20\x7f-\x9f<>\"{}|^`\\]", lambda m: quote(m[0]), address)) if address else None
