"""The metadata documents of a release, one module a standard.

    dataset.jsonld   schema.org, as dataset search engines read it
    croissant.json   Croissant 1.1: files, tables, typed fields, keys and references
    dcat.ttl         DCAT-AP 3, as European data portals harvest it
    CITATION.cff     Citation File Format 1.2, as GitHub and reference managers read it
    .zenodo.json     the metadata of a deposit at Zenodo, which then does not read CITATION.cff
    datasette.json   what Datasette shows beside the tables of the SQLite file

All of them say the same, because all are written from `Facts`: the descriptor, the schemas and the data. What they list
as files are the archives that were built. The same data and archives give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping

from borderledger.dataset import Dataset
from release.metadata.citation_file import citation_file
from release.metadata.croissant import croissant
from release.metadata.datasette import datasette
from release.metadata.dcat import dcat
from release.metadata.description import Facts, facts, json_bytes
from release.metadata.schema_org import schema_org
from release.metadata.zenodo import zenodo

__all__ = ["Facts", "citation_file", "facts", "metadata"]


def metadata(dataset: Dataset, archives: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
    """The metadata documents by file name.

    archives   the files of the release by their path beside the documents, such as `x-csv.zip`; what is no format of
               the data (a wheel, a list of sums) is passed over. Without any, the documents describe the tables of the
               unpacked Data Package beside them.

    Raises CorruptPackage when the data cannot be read, or the descriptor lacks what every document must say.
    """
    found = facts(dataset, archives or {})
    return {
        "dataset.jsonld": json_bytes(schema_org(found), embeddable=True),
        "croissant.json": json_bytes(croissant(found), embeddable=True),
        "dcat.ttl": dcat(found).encode(),
        "CITATION.cff": citation_file(found).encode(),
        ".zenodo.json": json_bytes(zenodo(found)),
        "datasette.json": json_bytes(datasette(found, dataset)),
    }
