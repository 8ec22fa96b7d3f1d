"""What every metadata document says, gathered once: from the descriptor, the schemas, the data and the files built."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import quote

from borderledger.dataset import Dataset
from borderledger.errors import CorruptPackage
from borderledger.output.export import content
from borderledger.package import Finding, Table, read_schema
from borderledger.package.zipped import stored
from borderledger.query.columns import field_columns

__all__ = ["Facts", "File", "Format", "Party", "Place", "Work", "facts", "filled", "json_bytes"]

#: The region that the dataset is about: the places that are members of it are its spatial coverage.
REGION = "WB6"


class Format(NamedTuple):
    """A format of the data: its name, its media type, its code in the EU's file-type list, and what it is packed in."""

    label: str
    media_type: str
    eu_code: str
    package: str = ""


#: Formats by file suffix. The EU's list has no code for SQLite.
_FORMATS = {
    ".csv": Format("CSV", "text/csv", "CSV"),
    ".xlsx": Format("Excel workbook", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX"),
    ".sqlite": Format("SQLite database", "application/vnd.sqlite3", ""),
    ".parquet": Format("Apache Parquet", "application/vnd.apache.parquet", "PARQUET"),
}


@dataclass(frozen=True)
class File:
    """A file of the release; `url` is its path as a relative address.

    prefix  of a zip file that holds the Data Package: the folder in it, with a slash, or nothing; else None
    """

    path: str
    format: Format
    size: int
    sha256: str
    prefix: str | None = None

    @property
    def label(self) -> str:
        """What it is, in words."""
        name = "Data Package of CSV tables" if self.prefix is not None else self.format.label
        return f"{name}, zipped" if self.format.package else name

    @property
    def url(self) -> str:
        """The path as an address relative to the document."""
        return quote(self.path)


@dataclass(frozen=True)
class Party:
    """Somebody who is named in the descriptor; a person has a family name."""

    name: str
    given: str
    family: str
    url: str
    email: str
    roles: tuple[str, ...]

    @property
    def credit(self) -> str:
        """What they are to the dataset, in words: `rightsHolder` is written `rights holder`."""
        return ", ".join(
            re.sub(r"(?<=[a-z])(?=[A-Z])", " ", role).lower() if _CAMEL(role) else role for role in self.roles
        )


class Place(NamedTuple):
    """A place of the region, and the note that goes with its name."""

    code: str
    name: str
    note: str


class Work(NamedTuple):
    """A source that was taken over as a whole, under control totals, and how to cite it."""

    title: str
    publisher: str
    url: str
    accessed: str
    citation: str


@dataclass(frozen=True)
class Facts:
    """See the fields; all texts are as in the descriptor, and addresses are safe to stand in any document."""

    id: str
    name: str
    title: str
    description: str
    version: str
    released: date
    profile: str
    homepage: str
    keywords: tuple[str, ...]
    licence: str
    licence_url: str
    authors: tuple[Party, ...]
    publishers: tuple[Party, ...]
    others: tuple[Party, ...]
    first: date
    last: date
    places: tuple[Place, ...]
    works: tuple[Work, ...]
    tables: tuple[Table, ...]
    table_files: Mapping[str, File]
    files: tuple[File, ...]
    citation: str
    bibtex: str


def facts(dataset: Dataset, archives: Mapping[str, bytes]) -> Facts:
    """The facts about a dataset whose files are these. Raises CorruptPackage."""
    descriptor = dataset.descriptor
    licence = (descriptor.get("licenses") or [{}])[0]
    parties = tuple(_party(entry) for entry in descriptor.get("contributors") or ())
    authors = tuple(party for party in parties if "author" in party.roles)
    shipped = content(dataset, "csv")
    tables = tuple(_tables(shipped))
    loose = {file.path: file for file in _files({table.path: shipped[table.path] for table in tables})}
    table_files = {table.name: loose[table.path] for table in tables}
    first, last = _span(dataset)
    return Facts(
        id=_identity(descriptor),
        name=str(descriptor.get("name", "")),
        title=str(descriptor.get("title", "")),
        description=str(descriptor.get("description", "")),
        version=dataset.data_version,
        released=dataset.created.date(),
        profile=_web(descriptor.get("$schema")),
        homepage=_web(descriptor.get("homepage")),
        keywords=tuple(dict.fromkeys(str(word) for word in descriptor.get("keywords") or () if word)),
        licence=str(licence.get("name", "")),
        licence_url=_web(licence.get("path")),
        authors=authors,
        # Who publishes is said only where it is somebody else than who writes.
        publishers=tuple(party for party in parties if "publisher" in party.roles) or authors,
        others=tuple(party for party in parties if party not in authors),
        first=first,
        last=last,
        places=tuple(
            Place(row["id"], row["name"], row["note"]) for row in dataset.rows("places") if row["member_of"] == REGION
        ),
        works=tuple(_works(dataset)),
        tables=tables,
        table_files=table_files,
        files=tuple(_files(archives)) or tuple(table_files.values()),
        citation=dataset.cite(),
        bibtex=dataset.cite(style="bibtex"),
    )


# --- descriptor ------------------------------------------------------------------------------------------------------


def _identity(descriptor: Mapping[str, Any]) -> str:
    """The permanent name of the dataset, which stays when it moves to another address."""
    found = str(descriptor.get("id", ""))
    if not re.fullmatch(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+", found):
        message = f"datapackage.json has no id that is an absolute identifier, such as urn:uuid:… (id: {found!r})."
        raise CorruptPackage(message)
    return found


def _web(address: object) -> str:
    """A web address with what may not stand in one percent-encoded; nothing where it is none."""
    text = str(address or "")
    return quote(text, safe="!#$%&'()*+,/:;=?@[]~") if re.match(r"https?://[^/]", text) else ""


def _party(entry: Mapping[str, Any]) -> Party:
    return Party(
        name=str(entry.get("title") or entry.get("organization") or ""),
        given=str(entry.get("givenName") or ""),
        family=str(entry.get("familyName") or ""),
        url=_web(entry.get("path")),
        email=str(entry.get("email") or ""),
        roles=tuple(map(str, entry.get("roles") or ())),
    )


_CAMEL = re.compile(r"[a-z]+(?:[A-Z][a-z]+)*").fullmatch


# --- schemas and files -----------------------------------------------------------------------------------------------


def _tables(shipped: Mapping[str, bytes]) -> Iterator[Table]:
    """The tables as shipped, with what is derived from them (see `borderledger.output.shipped`)."""
    root = stored("the package", {path: raw for path, raw in shipped.items() if path.endswith(".json")})
    problems: list[Finding] = []
    for resource in json.loads(shipped["datapackage.json"])["resources"]:
        table = read_schema(root, resource, problems)
        assert table is not None  # the package was read already, or could not have been shipped
        yield table


def _files(built: Mapping[str, bytes]) -> Iterator[File]:
    """Those of the files that hold data in a format known here."""
    for path, raw in sorted(built.items()):
        form, prefix = _format(path, raw)
        if form:
            yield File(path, form, len(raw), hashlib.sha256(raw).hexdigest(), prefix)


def _format(path: str, raw: bytes) -> tuple[Format | None, str | None]:
    """The format of a file, and of a zip file the folder in it that holds the Data Package."""
    suffix = PurePosixPath(path).suffix
    if suffix != ".zip":
        return _FORMATS.get(suffix), None
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        names = sorted(archive.namelist(), key=lambda name: (name.count("/"), name))
    inside = next((name for name in names if PurePosixPath(name).suffix in _FORMATS), "")
    if not inside:
        return None, None
    package = next((n.removesuffix("datapackage.json") for n in names if n.split("/")[-1] == "datapackage.json"), None)
    inner = _FORMATS[".csv" if package is not None else PurePosixPath(inside).suffix]
    return inner._replace(package="application/zip"), package


# --- data ------------------------------------------------------------------------------------------------------------


#: Values that say that a row is about a plan. Its dates have not happened, even if their day is over.
_PLANS = {"event": {"plan"}, "measure": {"planned"}, "status": {"announced", "adopted", "planned"}}


def _span(dataset: Dataset) -> tuple[date, date]:
    """The earliest and the latest day on which something in the data happened.

    Counts each date of a fact up to the day on which the package was made (`created`). A date that can mean a later
    day counts with its first day only: an end in 2029 is not there yet. The dates of plans do not count, except the day
    of their status. Open ends bound nothing.

    Raises CorruptPackage when no fact has such a date.
    """
    made = dataset.created.date().toordinal()
    days: set[int] = set()
    for table in map(dataset.schema, dataset.names):
        happened = [row for row in dataset.rows(table.name) if not any(row.get(n) in v for n, v in _PLANS.items())]
        for field in table.fields:
            if field.edtf and field.bound:
                stated = dataset.rows(table.name) if field.name.endswith("_as_of") else happened
                _, first, last = field_columns(field, [row[field.name] for row in stated])
                days.update(day for day in (*first.values, *last.values) if day is not None and day <= made)
    if not days:
        raise CorruptPackage("no fact has a date, so that the dataset covers no time.")
    return date.fromordinal(min(days)), date.fromordinal(max(days))


def _works(dataset: Dataset) -> Iterator[Work]:
    """The publishers' tables whose rows are held under control totals; the totals of claims are ours."""
    taken = {row["source_id"] for row in dataset.rows("control_totals") if row["table"] != "claims"}
    for row in dataset.rows("sources"):
        if row["id"] in taken:
            yield Work(row["title"], row["publisher"], _web(row["url"]), row["accessed"], dataset.cite(row["id"]))


# --- writing ---------------------------------------------------------------------------------------------------------


def filled(**values: Any) -> dict[str, Any]:
    """The values that are not empty, by name; an underscore at the end of a name is none of it, one before is an @."""
    named = {re.sub(r"^_", "@", key).removesuffix("_"): value for key, value in values.items()}
    return {key: value for key, value in named.items() if value not in ("", None, [], {}, ())}


def json_bytes(document: Mapping[str, Any], *, embeddable: bool = False) -> bytes:
    """JSON; if `embeddable`, such as can stand in a script element of a page, because no text in it can end that."""
    text = json.dumps(document, indent=2, ensure_ascii=False)
    if embeddable:
        text = re.sub("[<>&\u2028\u2029]", lambda match: f"\\u{ord(match[0]):04x}", text)
    return f"{text}\n".encode()
