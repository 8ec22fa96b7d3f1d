"""The metadata documents, each judged by a reader or schema of its own standard, none by the code that wrote it.

rdflib reads the JSON-LD and the Turtle, pyshacl checks the latter against shapes of DCAT-AP, check-jsonschema the citation
file against the schema of its format, which it carries, jsonschema the Zenodo file. `make croissant` has mlcroissant read
the tables by croissant.json; here its structure is checked. datasette.json is held against the database that it describes.
Nothing is fetched.
"""

from __future__ import annotations

import hashlib
import html
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pyshacl import validate
from rdflib import DCAT, DCTERMS, FOAF, RDF, SDO, SKOS, BNode, Graph, Literal, Namespace, URIRef

from borderledger.dataset import Dataset
from borderledger.errors import CorruptPackage
from borderledger.output.export import content
from borderledger.output.shipped import packed
from borderledger.package.zipped import Zipped
from release.metadata import citation_file, facts, metadata
from release.metadata.croissant import croissant
from release.metadata.dcat import dcat
from release.metadata.description import Facts, Party, json_bytes
from release.metadata.schema_org import schema_org
from release.metadata.zenodo import TYPES, zenodo
from tests.conftest import ROOT, Mini, sample

SCHEMAS = Path(__file__).parent / "schemas"
SPDX = Namespace("http://spdx.org/rdf/terms#")
BASE = "https://example.org/release/"
MADE = json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8"))["created"][:10]

HOSTILE = 'a "quote" \\ back\nline\r\n\ttab </script><!-- & \' ]]> Đặng 𝔘 \u2028 \x85 \x00 #: - ? "@en ;'


def zipped(files: dict[str, bytes], prefix: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, raw in files.items():
            archive.writestr(prefix + path, raw)
    return out.getvalue()


@pytest.fixture(scope="module")
def shipped() -> dict[str, bytes]:
    return packed(sample().root)


@pytest.fixture(scope="module")
def archives(shipped: dict[str, bytes]) -> dict[str, bytes]:
    """What a build might hold; the code reads into zip files only."""
    return {
        "borderledger-csv.zip": zipped(shipped, "borderledger-0/"),
        "borderledger.xlsx": b"workbook",
        "borderledger.sqlite": b"database",
        "parquet/returns & more.parquet": b"columns",
        "borderledger-py3-none-any.whl": b"wheel",
        "SHA256SUMS": b"sums",
    }


@pytest.fixture(scope="module")
def written(archives: dict[str, bytes]) -> dict[str, bytes]:
    return metadata(sample(), archives)


@pytest.fixture(scope="module")
def known(archives: dict[str, bytes]) -> Facts:
    return facts(sample(), archives)


def described(mini: Mini, change: Callable[[dict[str, Any]], object]) -> dict[str, bytes]:
    """The documents of the small package after a change of its descriptor."""
    path = mini.root / "datapackage.json"
    descriptor = json.loads(path.read_text(encoding="utf-8"))
    change(descriptor)
    path.write_text(json.dumps(descriptor), encoding="utf-8")
    return metadata(Dataset(mini.root))


# rdflib warns of what its own reader of JSON-LD does.
reads_json_ld = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


# --- all of them -----------------------------------------------------------------------------------------------------


def test_the_same_data_and_archives_give_the_same_bytes(written: dict[str, bytes], archives: dict[str, bytes]) -> None:
    assert list(written) == [
        "dataset.jsonld",
        "croissant.json",
        "dcat.ttl",
        "CITATION.cff",
        ".zenodo.json",
        "datasette.json",
    ]
    assert metadata(sample(), dict(reversed(archives.items()))) == written
    assert all(raw.endswith(b"\n") and b"\r" not in raw for raw in written.values())


def test_a_package_as_shipped_gives_the_same_documents_as_its_checkout(
    written: dict[str, bytes], shipped: dict[str, bytes], archives: dict[str, bytes]
) -> None:
    assert metadata(Dataset(Zipped("data.zip", zipped(shipped))), archives) == written


def test_every_document_has_title_description_version_licence_and_keywords(written: dict[str, bytes]) -> None:
    descriptor = json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8"))
    for name, raw in written.items():
        text = raw.decode()
        for key in ("title", "description", "version"):
            assert descriptor[key] in text, (name, key)
        if name != "datasette.json":  # has no place for them
            assert all(word in text for word in descriptor["keywords"]), name
        assert "licenses/by/4.0" in text or "CC-BY-4.0" in text or "CC_BY_4_0" in text, name
        assert "The borderledger editors" in text, name


def test_rights_holders_are_credited_in_every_document_that_has_a_place_for_them(written: dict[str, bytes]) -> None:
    for name in written.keys() - {"croissant.json"}:
        assert "European Border and Coast Guard Agency (Frontex)" in written[name].decode(), name
        assert "Statewatch" in written[name].decode(), name


def test_no_document_names_a_table_that_is_not_shipped(mini: Mini) -> None:
    found = described(mini, lambda d: d.update(title="Small"))
    assert found["croissant.json"] != metadata(sample())["croissant.json"]
    names = {table["@id"] for table in json.loads(found["croissant.json"])["recordSet"]}
    assert names == {resource["name"] for resource in json.loads(packed(mini.root)["datapackage.json"])["resources"]}


def test_a_homepage_is_picked_up_when_there_is_one(mini: Mini) -> None:
    before = metadata(Dataset(mini.root))
    address = "https://borderledger.example/über data"
    found = described(mini, lambda d: d.update(homepage=address))
    quoted = "https://borderledger.example/%C3%BCber%20data"
    assert not [name for name, raw in before.items() if quoted in raw.decode()]
    assert json.loads(found["dataset.jsonld"])["url"] == quoted
    assert json.loads(found["dataset.jsonld"])["@id"] == json.loads(before["dataset.jsonld"])["@id"]
    assert json.loads(found["croissant.json"])["url"] == quoted
    assert yaml.safe_load(found["CITATION.cff"])["url"] == quoted
    assert json.loads(found[".zenodo.json"])["related_identifiers"][0]["identifier"] == quoted
    assert json.loads(found["datasette.json"])["about_url"] == quoted
    graph = Graph().parse(data=found["dcat.ttl"], publicID=BASE)
    assert set(graph.objects(predicate=DCAT.landingPage)) == {URIRef(quoted)}
    assert set(graph.objects(predicate=DCAT.accessURL)) == {URIRef(quoted)}
    assert conforms(found["dcat.ttl"])[0]
    checked_cff(found["CITATION.cff"], mini.root)
    jsonschema.validate(json.loads(found[".zenodo.json"]), ZENODO)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "https://", "borderledger.example"])
def test_a_homepage_that_is_no_web_address_is_left_out(mini: Mini, address: str) -> None:
    found = described(mini, lambda d: d.update(homepage=address))
    without = described(mini, lambda d: d.pop("homepage"))
    for name in (
        "dataset.jsonld",
        "croissant.json",
        "datasette.json",
    ):  # a citation is text, and repeats the descriptor
        cited = {"creditText": "", "citeAs": "", "about": ""}
        pair = [json.loads(documents[name]) | cited for documents in (found, without)]
        assert pair[0] == pair[1]
    assert all(found[name] == without[name] for name in ("dcat.ttl", "CITATION.cff", ".zenodo.json"))


@pytest.mark.parametrize("given_id", ["", "borderledger", "urn:a b", "urn:<x>"])
def test_without_a_permanent_identifier_there_is_no_metadata(mini: Mini, given_id: str) -> None:
    with pytest.raises(CorruptPackage, match="no id that is an absolute identifier"):
        described(mini, lambda d: d.update(id=given_id))


def test_hostile_text_stays_as_it_is_in_every_format(mini: Mini) -> None:
    def change(descriptor: dict[str, Any]) -> None:
        descriptor.update(
            title=f"title {HOSTILE}", description=f"description {HOSTILE}", keywords=[HOSTILE, "no", "1.0"]
        )
        descriptor["contributors"] = [
            {"title": f"author {HOSTILE}", "roles": ["author"]},
            {"title": f"holder {HOSTILE}", "roles": ["rightsHolder"], "path": 'https://example.org/"><script>'},
        ]

    check_texts(described(mini, change), mini.root)


def check_texts(found: dict[str, bytes], folder: Path) -> None:
    title, description, author = (f"{what} {HOSTILE}" for what in ("title", "description", "author"))
    for name in ("dataset.jsonld", "croissant.json"):
        document = json.loads(found[name])
        assert (document["name"], document["description"]) == (title, description)
        assert document["keywords"] == [HOSTILE, "no", "1.0"]
        assert document["creator"][0]["name"] == author
        assert not set(b"<>&") & set(found[name])
        assert embedded_json(found[name].decode()) == document
    citation = yaml.safe_load(found["CITATION.cff"])
    assert (citation["title"], citation["abstract"]) == (title, description)
    assert citation["keywords"] == [HOSTILE, "no", "1.0"]
    assert citation["authors"] == [{"name": author}]
    checked_cff(found["CITATION.cff"], folder)
    deposit = json.loads(found[".zenodo.json"])
    assert deposit["title"] == title
    # html.unescape takes a few control characters out, as browsers do.
    assert deposit["description"] == f"<p>{html.escape(description, quote=False)}</p>"
    assert deposit["creators"] == [{"name": author}]
    jsonschema.validate(deposit, ZENODO)
    shown = json.loads(found["datasette.json"])
    assert (shown["title"], shown["description"]) == (
        title,
        f"{description} Version {json.loads(found['dataset.jsonld'])['version']}.",
    )
    graph = Graph().parse(data=found["dcat.ttl"], publicID=BASE)
    assert (dataset_of(graph), DCTERMS.title, Literal(title, "en")) in graph
    assert (dataset_of(graph), DCTERMS.description, Literal(description, "en")) in graph
    assert {str(word) for word in graph.objects(predicate=DCAT.keyword)} == {HOSTILE, "no", "1.0"}
    assert conforms(found["dcat.ttl"])[0]


@settings(max_examples=40)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_can_be_read_back(known: Facts, text: str) -> None:
    small = replace(known, title=text, description=text, keywords=(text,), tables=(), files=(), places=())
    for document in (schema_org(small), croissant(small)):
        assert json.loads(json_bytes(document, embeddable=True))["name"] == text
    assert yaml.safe_load(citation_file(small))["title"] == text
    assert zenodo(small)["title"] == text
    graph = Graph().parse(data=dcat(small), format="turtle")
    assert list(graph.objects(dataset_of(graph), DCTERMS.title)) == [Literal(text, "en")]


def embedded_json(text: str) -> object:
    """The document as a browser would read it from a page."""
    found: list[str] = []

    class Page(HTMLParser):
        def handle_data(self, data: str) -> None:
            found.append(data)

    page = Page()
    page.feed(f'<script type="application/ld+json">{text}</script>')
    return json.loads("".join(found))


def test_a_person_is_a_person_everywhere(mini: Mini) -> None:
    def change(descriptor: dict[str, Any]) -> None:
        person = {"givenName": "Ana", "familyName": "Hoxha", "email": "ana@example.org", "roles": ["author"]}
        descriptor["contributors"] = [person]

    found = described(mini, change)
    person = json.loads(found["dataset.jsonld"])["creator"][0]
    assert (person["@type"], person["name"], person["familyName"]) == ("Person", "Ana Hoxha", "Hoxha")
    author = yaml.safe_load(found["CITATION.cff"])["authors"][0]
    assert author == {"family-names": "Hoxha", "given-names": "Ana", "email": "ana@example.org"}
    assert json.loads(found[".zenodo.json"])["creators"] == [{"name": "Hoxha, Ana"}]
    assert "contributors" not in json.loads(found[".zenodo.json"])
    graph = Graph().parse(data=found["dcat.ttl"], publicID=BASE)
    assert set(graph.objects(predicate=FOAF.name)) == {Literal("Ana Hoxha", "en")}
    assert conforms(found["dcat.ttl"])[0]
    checked_cff(found["CITATION.cff"], mini.root)


# --- schema.org ------------------------------------------------------------------------------------------------------

#: What Google Dataset Search requires and recommends, as far as it is known.
ASKED = [
    "name",
    "description",
    "alternateName",
    "creator",
    "identifier",
    "isAccessibleForFree",
    "isBasedOn",
    "keywords",
]
ASKED += ["license", "spatialCoverage", "temporalCoverage", "variableMeasured", "version", "distribution", "publisher"]


@pytest.fixture(scope="module")
def dataset_jsonld(written: dict[str, bytes]) -> dict[str, Any]:
    return cast(dict[str, Any], json.loads(written["dataset.jsonld"]))


def test_search_engines_find_all_that_they_ask_for(dataset_jsonld: dict[str, Any]) -> None:
    assert not [key for key in ASKED if not dataset_jsonld.get(key)]
    assert 50 <= len(dataset_jsonld["description"]) <= 5000
    assert dataset_jsonld["dateModified"] == MADE


@reads_json_ld
def test_every_word_is_one_of_schema_org(dataset_jsonld: dict[str, Any]) -> None:
    # The context is fetched from schema.org by who can; all that it does for these words is to put them there.
    local = json.dumps(dataset_jsonld | {"@context": {"@vocab": str(SDO)}})
    graph = Graph().parse(data=local, format="json-ld", publicID=BASE)
    words = {str(word) for word in graph.predicates()} | {str(kind) for kind in graph.objects(predicate=RDF.type)}
    unknown = [word for word in words - {str(RDF.type)} if word.removeprefix(str(SDO)) not in SDO.__annotations__]
    assert not unknown
    assert (URIRef(dataset_jsonld["@id"]), RDF.type, SDO.Dataset) in graph
    assert len(list(graph.subjects(RDF.type, SDO.DataDownload))) == 4


def test_time_and_space_are_those_of_the_data(mini: Mini, dataset_jsonld: dict[str, Any]) -> None:
    first, last = map(date.fromisoformat, dataset_jsonld["temporalCoverage"].split("/"))
    assert first < date(2000, 1, 1) < date(2026, 1, 1) < last <= sample().created.date()
    assert {place["identifier"] for place in dataset_jsonld["spatialCoverage"]} == {"AL", "BA", "ME", "MK", "RS", "XK"}
    kosovo = next(place for place in dataset_jsonld["spatialCoverage"] if place["identifier"] == "XK")
    assert "UNSCR 1244" in kosovo["description"]
    mini.row("returns", id="ret-all-ba-2020-11")["period"] = "1990-02/.."
    mini.save()
    found = json.loads(metadata(Dataset(mini.root))["dataset.jsonld"])
    assert found["temporalCoverage"].startswith("1990-02-01/2")


def covered(mini: Mini) -> tuple[str, str]:
    mini.save()
    first, last = json.loads(metadata(Dataset(mini.root))["dataset.jsonld"])["temporalCoverage"].split("/")
    return first, last


@pytest.mark.parametrize(
    ("date", "event", "measure", "last"),
    [
        ("2026-11-02", "snapshot", "present", "2026-11-02"),
        ("2026-10", "snapshot", "present", "2026-10-31"),
        # The package was made on 28 November 2026: what lies after that day has not happened.
        ("2026-11-28", "snapshot", "present", "2026-11-28"),
        ("2026-11", "snapshot", "present", "2026-11-01"),
        ("2026-11-02/2030", "snapshot", "present", "2026-11-02"),
        ("2026-11-02/..", "snapshot", "present", "2026-11-02"),
        ("2026-11-29", "snapshot", "present", ""),
        ("2030", "snapshot", "present", ""),
        # A plan has not happened, even if its day is over.
        ("2026-11-02", "plan", "present", ""),
        ("2026-11-02", "snapshot", "planned", ""),
    ],
)
def test_the_time_ends_with_what_has_happened(mini: Mini, date: str, event: str, measure: str, last: str) -> None:
    descriptor = json.loads((mini.root / "datapackage.json").read_text("utf-8"))
    descriptor["created"] = "2026-11-28T16:32:00Z"
    (mini.root / "datapackage.json").write_text(json.dumps(descriptor), "utf-8")
    before = covered(mini)
    mini.row("deployments", id="dep-frontex-wb6-2025-06").update(date=date, event=event, measure=measure)
    assert covered(mini)[1] == (last or before[1])


def test_variables_are_the_fields_that_are_proved(dataset_jsonld: dict[str, Any]) -> None:
    dataset = sample()
    wanted = {f"{name}/{field}" for name in dataset.names for field in dataset.schema(name).bound}
    assert {variable["propertyID"] for variable in dataset_jsonld["variableMeasured"]} == wanted


def test_files_are_those_that_were_built(dataset_jsonld: dict[str, Any], archives: dict[str, bytes]) -> None:
    found = {file["name"]: file for file in dataset_jsonld["distribution"]}
    assert set(found) == archives.keys() - {"SHA256SUMS", "borderledger-py3-none-any.whl"}
    for path, file in found.items():
        assert file["sha256"] == hashlib.sha256(archives[path]).hexdigest()
        assert file["contentSize"] == f"{len(archives[path])} B"
    assert found["borderledger-csv.zip"]["encodingFormat"] == ["application/zip", "text/csv"]
    assert found["parquet/returns & more.parquet"]["contentUrl"] == "parquet/returns%20%26%20more.parquet"


def test_a_zip_file_is_told_by_what_is_in_it() -> None:
    built = {"t.zip": zipped({"a/returns.parquet": b""}), "code.zip": zipped({"setup.py": b""}), "none.zip": zipped({})}
    (file,) = facts(sample(), built).files
    assert (file.path, file.format.eu_code, file.label, file.prefix) == (
        "t.zip",
        "PARQUET",
        "Apache Parquet, zipped",
        None,
    )


def test_without_archives_the_files_are_the_tables(shipped: dict[str, bytes]) -> None:
    found = json.loads(metadata(sample())["dataset.jsonld"])["distribution"]
    assert {file["contentUrl"]: file["sha256"] for file in found} == {
        path: hashlib.sha256(raw).hexdigest() for path, raw in shipped.items() if path.endswith(".csv")
    }


# --- Croissant -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def croissant_json(written: dict[str, bytes]) -> dict[str, Any]:
    return cast(dict[str, Any], json.loads(written["croissant.json"]))


def test_the_context_is_the_whole_standard_one(croissant_json: dict[str, Any]) -> None:
    standard = json.loads((SCHEMAS / "croissant-1.1-context.json").read_text(encoding="utf-8"))
    assert croissant_json["@context"] == standard
    assert croissant_json["conformsTo"] == "http://mlcommons.org/croissant/1.1"


@reads_json_ld
def test_every_word_is_one_of_croissant_or_schema_org(croissant_json: dict[str, Any]) -> None:
    graph = Graph().parse(data=json.dumps(croissant_json), format="json-ld", publicID=BASE)
    words = {str(word) for word in graph.predicates()} - {str(RDF.type), str(DCTERMS.conformsTo)}
    unknown = [word for word in words if word.removeprefix(str(SDO)) not in SDO.__annotations__]
    assert all(word.startswith("http://mlcommons.org/croissant/") for word in unknown)


def test_every_table_and_field_is_there_with_its_type(
    croissant_json: dict[str, Any], shipped: dict[str, bytes]
) -> None:
    types = {"string": "sc:Text", "integer": "sc:Integer", "number": "sc:Float", "date": "sc:Date"}
    resources = json.loads(shipped["datapackage.json"])["resources"]
    assert [table["@id"] for table in croissant_json["recordSet"]] == [resource["name"] for resource in resources]
    for table, resource in zip(croissant_json["recordSet"], resources, strict=True):
        schema = json.loads(shipped[resource["schema"]])
        key = schema.get("primaryKey") or schema["uniqueKeys"][0]
        assert table["key"] == [{"@id": f"{resource['name']}/{name}"} for name in key]
        for field, entry in zip(table["field"], schema["fields"], strict=True):
            assert field["@id"] == f"{resource['name']}/{entry['name']}"
            assert field["dataType"] == types[entry["type"]]
            assert field["description"] == entry["description"]
            assert field["source"]["extract"] == {"column": entry["name"]}
            assert field["source"]["fileObject"] == {"@id": resource["path"]}
            assert field.get("isArray", False) == ("delimiter" in entry)
            assert field["source"].get("transform", {}) == ({"separator": ";"} if "delimiter" in entry else {})


def test_references_are_the_foreign_keys_to_other_tables(croissant_json: dict[str, Any]) -> None:
    dataset = sample()
    found = {
        (field["@id"], field["references"]["fileObject"]["@id"], field["references"]["extract"]["column"])
        for table in croissant_json["recordSet"]
        for field in table["field"]
        if "references" in field
    }
    assert found == {
        (f"{name}/{key.field}", dataset.schema(key.table).path, key.target)
        for name in dataset.names
        for key in dataset.schema(name).foreign_keys
        if key.table != name
    }
    assert len(found) > 10


def test_each_table_is_a_file_in_the_archive_with_its_hash(
    croissant_json: dict[str, Any], shipped: dict[str, bytes], archives: dict[str, bytes]
) -> None:
    archive, *tables = croissant_json["distribution"]
    assert archive["@id"] == archive["contentUrl"] == "borderledger-csv.zip"
    assert archive["sha256"] == hashlib.sha256(archives["borderledger-csv.zip"]).hexdigest()
    for file in tables:
        assert file["containedIn"] == {"@id": "borderledger-csv.zip"}
        assert file["contentUrl"] == f"borderledger-0/{file['@id']}"
        assert file["sha256"] == hashlib.sha256(shipped[file["@id"]]).hexdigest()
    identifiers = [node["@id"] for node in (*croissant_json["distribution"], *croissant_json["recordSet"])]
    assert len(set(identifiers)) == len(identifiers)


def test_without_an_archive_each_table_is_a_file_beside_the_document() -> None:
    found = json.loads(metadata(sample())["croissant.json"])["distribution"]
    assert not [file for file in found if "containedIn" in file or file["contentUrl"] != file["@id"]]


# --- DCAT-AP ---------------------------------------------------------------------------------------------------------


def conforms(turtle: bytes | str) -> tuple[bool, str]:
    shapes = Graph().parse(SCHEMAS / "dcat-ap-mandatory.ttl")
    graph = Graph().parse(data=turtle, format="turtle", publicID=BASE)
    good, _, text = validate(graph, shacl_graph=shapes)
    return bool(good), str(text)


def dataset_of(graph: Graph) -> Any:
    return graph.value(predicate=RDF.type, object=DCAT.Dataset)


@pytest.fixture(scope="module")
def graph(written: dict[str, bytes]) -> Graph:
    return Graph().parse(data=written["dcat.ttl"], format="turtle", publicID=BASE)


def test_the_catalogue_has_what_dcat_ap_makes_mandatory(written: dict[str, bytes]) -> None:
    good, text = conforms(written["dcat.ttl"])
    assert good, text


@pytest.mark.parametrize(
    "broken",
    [
        ("    dcterms:title ", "    dcterms:alternative "),
        ("    dcterms:description ", "    dcterms:abstract "),
        ("    dcat:accessURL ", "    dcat:endpointURL "),
        (" foaf:name ", " foaf:nick "),
        (" a dcterms:LicenseDocument", " a dcterms:RightsStatement"),
        ('"^^xsd:nonNegativeInteger', '"^^xsd:string'),
        ("spdx:checksumValue", "spdx:value"),
        ("dcat:dataset ", "dcat:record "),
    ],
)
def test_the_shapes_see_what_is_missing(written: dict[str, bytes], broken: tuple[str, str]) -> None:
    text = written["dcat.ttl"].decode()
    assert broken[0] in text
    assert not conforms(text.replace(*broken))[0]


def test_the_catalogue_has_what_dcat_ap_recommends_and_we_know(graph: Graph) -> None:
    said = set(graph.predicates(dataset_of(graph)))
    assert {DCAT.keyword, DCAT.theme, DCAT.distribution, DCTERMS.publisher, DCTERMS.spatial, DCTERMS.temporal} <= said
    for file in graph.subjects(RDF.type, DCAT.Distribution):
        assert {DCTERMS.description, DCTERMS.license, DCAT.mediaType, DCAT.byteSize, SPDX.checksum} <= set(
            graph.predicates(file)
        )


def test_what_nobody_promised_is_not_said(graph: Graph) -> None:
    unsaid = {DCTERMS.accrualPeriodicity, DCAT.contactPoint, URIRef("http://data.europa.eu/r5r/availability")}
    assert not unsaid & set(graph.predicates())


def test_vocabularies_are_those_of_the_eu(graph: Graph) -> None:
    authority = "http://publications.europa.eu/resource/authority/"
    used = {str(node).removeprefix(authority) for node in graph.subjects() if str(node).startswith(authority)}
    assert {"language/ENG", "licence/CC_BY_4_0", "access-right/PUBLIC", "data-theme/JUST", "country/ALB"} <= used
    assert {"file-type/CSV", "file-type/XLSX", "file-type/PARQUET"} <= used


def test_a_place_without_a_code_of_the_eu_is_given_by_its_name(mini: Mini) -> None:
    mini.row("places", id="JP")["member_of"] = "WB6"
    mini.save()
    found = metadata(Dataset(mini.root))["dcat.ttl"]
    assert conforms(found)[0]
    graph = Graph().parse(data=found, publicID=BASE)
    named = set(graph.subjects(SKOS.prefLabel, Literal("Japan", "en")))
    assert named & set(graph.objects(dataset_of(graph), DCTERMS.spatial))
    assert all(isinstance(node, BNode) and (node, RDF.type, DCTERMS.Location) in graph for node in named)


def test_another_licence_is_given_by_its_address(mini: Mini) -> None:
    licence = {"name": "ODbL-1.0", "path": "https://opendatacommons.org/licenses/odbl/1-0/"}
    found = described(mini, lambda d: d.update(licenses=[licence]))["dcat.ttl"]
    assert conforms(found)[0]
    graph = Graph().parse(data=found, publicID=BASE)
    assert set(graph.objects(predicate=DCTERMS.license)) == {URIRef(licence["path"])}


def test_the_catalogue_is_the_same_in_every_process(mini: Mini) -> None:
    code = "import sys; from pathlib import Path; from borderledger.dataset import Dataset; "
    code += "from release.metadata import metadata; "
    code += "sys.stdout.buffer.write(metadata(Dataset(Path(sys.argv[1])))['dcat.ttl'])"
    found = {
        subprocess.run(
            [sys.executable, "-c", code, str(mini.root)],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "7")
    }
    assert found == {metadata(Dataset(mini.root))["dcat.ttl"]}


@pytest.mark.parametrize("text", ['a\n\\"', '"', 'a\r\n"""', "\\", "\n", HOSTILE])
def test_a_text_in_the_catalogue_is_one_line_in_quotes_as_turtle_has_it(known: Facts, text: str) -> None:
    # Of the standard, STRING_LITERAL_QUOTE with ECHAR and UCHAR; rdflib's reader lets more pass than that.
    found = dcat(replace(known, title=text, files=(), places=()))
    (line,) = re.findall(r"^    dcterms:title (.*) [;.]$", found.split(" a dcat:Dataset ;")[1], re.M)[:1]
    assert re.fullmatch(r'"(?:[^"\\\n\r]|\\[tbnrf"\'\\]|\\u[0-9A-Fa-f]{4})*"@en', line)
    assert list(Graph().parse(data=f"<> <urn:title> {line} .").objects()) == [Literal(text, "en")]


def test_what_may_not_stand_in_an_address_is_percent_encoded_in_the_catalogue(known: Facts) -> None:
    person = Party("", "Ana", "Hoxha", "", 'ana "<\n>\\^`{|}\x85\x7f@example.org', ("author",))
    graph = Graph().parse(data=dcat(replace(known, authors=(person,))), publicID=BASE)
    (mail,) = graph.objects(predicate=URIRef("http://www.w3.org/2006/vcard/ns#hasEmail"))
    assert mail == URIRef("mailto:ana%20%22%3C%0A%3E%5C%5E%60%7B%7C%7D%C2%85%7F@example.org")


# --- CITATION.cff ----------------------------------------------------------------------------------------------------


def checked_cff(raw: bytes, folder: Path) -> None:
    """Fails unless check-jsonschema finds that the file keeps to the schema of CFF 1.2.0, which it carries."""
    (folder / "CITATION.cff").write_bytes(raw)
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.citation-file-format"]
    command += ["--force-filetype", "yaml", str(folder / "CITATION.cff")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_citation_file_keeps_to_its_schema(written: dict[str, bytes], tmp_path: Path) -> None:
    checked_cff(written["CITATION.cff"], tmp_path)
    checked_cff((ROOT / "CITATION.cff").read_bytes(), tmp_path)
    with pytest.raises(AssertionError):
        checked_cff(written["CITATION.cff"].replace(b"authors:", b"writers:"), tmp_path)


def test_the_citation_file_of_the_checkout_has_no_version_and_that_of_a_release_has(written: dict[str, bytes]) -> None:
    checkout = yaml.safe_load((ROOT / "CITATION.cff").read_bytes())
    released = yaml.safe_load(written["CITATION.cff"])
    assert {"version", "date-released"} == released.keys() - checkout.keys()
    assert released["version"] == sample().data_version
    assert released["date-released"] == MADE
    assert {key: released[key] for key in checkout} == checkout


def test_tables_taken_over_whole_are_references(written: dict[str, bytes]) -> None:
    cited = yaml.safe_load(written["CITATION.cff"])["references"]
    dataset = sample()
    taken = {row["source_id"] for row in dataset.rows("control_totals") if row["table"] != "claims"}
    titles = {row["id"]: row["title"] for row in dataset.rows("sources")}
    assert [work["title"] for work in cited] == [titles[source] for source in sorted(taken)]


def test_a_doi_is_told_as_one(known: Facts) -> None:
    found = yaml.safe_load(citation_file(replace(known, id="https://doi.org/10.5281/zenodo.1")))
    assert found["identifiers"][0]["type"] == "doi"
    assert found["identifiers"][0]["value"] == "10.5281/zenodo.1"


# --- Zenodo ----------------------------------------------------------------------------------------------------------

ZENODO = json.loads((SCHEMAS / "zenodo-deposit.json").read_text(encoding="utf-8"))


def test_the_zenodo_file_keeps_to_the_schema_of_a_deposit(written: dict[str, bytes]) -> None:
    jsonschema.validate(json.loads(written[".zenodo.json"]), ZENODO)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(written[".zenodo.json"]) | {"upload_type": "software"}, ZENODO)
    assert {*TYPES, "Other"} == set(ZENODO["properties"]["contributors"]["items"]["properties"]["type"]["enum"])


def test_a_role_that_zenodo_does_not_know_is_told_in_the_notes(written: dict[str, bytes]) -> None:
    found = json.loads(written[".zenodo.json"])
    assert [one["type"] for one in found["contributors"]] == [
        "RightsHolder",
        "Other",
        "Other",
        "Other",
        "Other",
        "Other",
    ]
    assert "Statewatch: publisher of the collection of released Frontex files." in found["notes"]
    assert "GeoNames: publisher of the gazetteer with the coordinates of localities (CC BY 4.0)." in found["notes"]


# --- Datasette -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shown(written: dict[str, bytes]) -> dict[str, Any]:
    return cast(dict[str, Any], json.loads(written["datasette.json"])["databases"]["borderledger"])


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("database") / "borderledger.sqlite"
    path.write_bytes(content(sample(), "sqlite")[""])
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


def test_datasette_is_told_of_every_table_and_view(shown: dict[str, Any], database: sqlite3.Connection) -> None:
    there = database.execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'view')")
    assert set(shown["tables"]) == {name for (name,) in there} - {"sqlite_schema"}
    assert all(table["description"] for table in shown["tables"].values())


def test_datasette_is_told_of_no_column_that_is_not_there(shown: dict[str, Any], database: sqlite3.Connection) -> None:
    for name, table in shown["tables"].items():
        columns = {column for (column,) in database.execute("SELECT name FROM pragma_table_info(?)", [name])}
        named = [*table.get("columns", ()), *table.get("facets", ())]
        named += [table[key] for key in ("label_column", "sort", "sort_desc") if key in table]
        assert {*named} <= columns, name


def test_what_a_column_means_stands_beside_it_with_its_unit(shown: dict[str, Any]) -> None:
    dataset = sample()
    for name in dataset.names:
        assert shown["tables"][name]["columns"] == dict(dataset.describe(name)["description"])
    columns = shown["tables"]["projects"]["columns"]
    assert columns["amount_eur"].startswith("Amount in euro (EUR)")
    assert "earliest day" in columns["start_from"]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("returns", {"facets": ["return_type", "unit", "measure", "evidence"], "sort_desc": "period_to"}),
        ("projects", {"facets": ["kind", "evidence"], "sort": "title", "label_column": "title"}),
        ("sources", {"facets": ["kind"], "sort_desc": "published_to", "label_column": "title"}),
        ("facilities", {"facets": ["kind", "evidence"], "sort": "name", "label_column": "name"}),
        ("claims", {"facets": ["qualifier", "verdict"]}),
        ("control_totals", {}),
    ],
)
def test_a_table_opens_counted_sorted_and_with_names(shown: dict[str, Any], table: str, told: dict[str, Any]) -> None:
    found = shown["tables"][table]
    assert {key: found[key] for key in found.keys() - {"description", "columns"}} == told


@pytest.mark.parametrize(
    ("words", "first"), [("Gerhot", "fac-al-gerhot"), ("", None), ('"', None), ("x') OR 1 --", None)]
)
def test_records_are_found_by_their_words_in_datasette_too(
    shown: dict[str, Any], database: sqlite3.Connection, words: str, first: str | None
) -> None:
    # As Datasette defines it.
    def escape_fts(query: str) -> str:
        query += '"' if query.count('"') % 2 else ""
        bits = [bit for bit in re.split(r'\s+|(".*?")', query) if bit and bit != '""']
        return " ".join(bit if bit.startswith('"') else f'"{bit}"' for bit in bits)

    database.create_function("escape_fts", 1, escape_fts)
    rows = database.execute(shown["queries"]["find"]["sql"], {"words": words}).fetchall()
    assert (rows[0][1] if rows else None) == first


def test_the_evidence_of_a_record_is_asked_for_by_its_id(shown: dict[str, Any], database: sqlite3.Connection) -> None:
    query = shown["queries"]["evidence_of_a_record"]["sql"]
    for record, n_rows in (
        ("fac-al-gjader", len(sample().evidence("fac-al-gjader"))),
        ("", 0),
        ("' OR 1 --", 0),
    ):
        answer = database.execute(query, {"record": f" {record} "})
        assert {"verdict", "source", "url", "locator"} <= {column[0] for column in answer.description}
        assert len(answer.fetchall()) == n_rows


def test_datasette_links_records_and_claims_both_ways(shown: dict[str, Any], database: sqlite3.Connection) -> None:
    # The page of a row lists the tables with a foreign key to it; a list of rows makes links of foreign keys.
    found = {row[3]: (row[2], row[4]) for row in database.execute("PRAGMA foreign_key_list(claims)")}
    facts = sample().schema("claims").by_name["record_id"].refers_to
    assert found == {table: (table, "id") for table in facts} | {"source_id": ("sources", "id")}
    assert "Links from other tables" in shown["tables"]["claims"]["description"]
    assert "Links from other tables" not in shown["tables"]["projects"]["description"]


def test_datasette_is_given_no_html(written: dict[str, bytes]) -> None:
    assert "_html" not in written["datasette.json"].decode()


def test_datasette_knows_a_database_by_the_name_of_its_file() -> None:
    for archives, names in (
        ({}, ["borderledger"]),
        ({"borderledger-data-1.2.3.sqlite": b""}, ["borderledger-data-1.2.3"]),
    ):
        found = json.loads(metadata(sample(), archives)["datasette.json"])
        assert list(found["databases"]) == names
