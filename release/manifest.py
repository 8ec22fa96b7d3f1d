"""The manifest of a release: what its files and its rows were, in hashes that anyone can compute again.

`manifest.json` stands in the release folder. The repository keeps one for each release, release/manifests/X.Y.Z.json,
the same without `files`: archives and workbooks that other versions of the libraries write have other bytes, while
`package` and `tables` come out the same on any machine.

    manifest       1, the version of this format
    version, created
                   of datapackage.json
    package        each file in the csv.zip, by its path there: its bytes and its SHA-256
    tables         each table, by its name:
        derived    whether it follows from the others (grades), so that a checkout does not hold it
        rows       how many
        schema     SHA-256 of the Table Schema as JSON, see below
        content    SHA-256 of the lines of all rows, each with its LF, sorted by their bytes
        checks     for each row, in the order of the keys, the first three bytes of the SHA-256 of its line; all of them
                   in one Base64 text, so that characters 4n to 4n + 3 are those of row n
    faults         the faults of `release.planted`, all of which the rules of validation found; absent before 0.5.0
    files          each file of the release folder but manifest.json and SHA256SUMS, by its path there: as `package`

The *line* of a row is a JSON object of its cells that are not empty, as the strings of the CSV file, sorted by the name
of the column, in UTF-8, without blanks, with no other escapes than JSON demands (as RFC 8785 spells it), and an LF:

    {"id":"AL","kind":"country","name":"Albania"}

Empty cells are left out, so that a new column changes only the rows that fill it. The schema is written the same way,
with its keys sorted at each level. So the content of a table is `LC_ALL=C sort lines | sha256sum`. It proves the rows;
the checks, too short for proof, find out which row differs, at four characters a row. Keys are compared part by part,
each by code point, as in the CSV file.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from borderledger.package import Finding, Root, read_resources, read_schema, read_sheet, sort_key, version_order
from borderledger.package.words import only_once
from release.planted import Fault

__all__ = [
    "CHECK",
    "MANIFEST",
    "MANIFESTS",
    "SUMS",
    "BadManifest",
    "FileHash",
    "Manifest",
    "ReadTable",
    "TableHash",
    "file_hash",
    "is_released",
    "read_tables",
    "recorded",
    "unlike",
]

#: Name of the manifest in a release folder.
MANIFEST = "manifest.json"
#: Name of the list of all sums in a release folder.
SUMS = "SHA256SUMS"
#: Where the repository keeps the manifests of its releases.
MANIFESTS = Path("release/manifests")
#: Bytes of the check of a row.
CHECK = 3
_FORMAT = 1
_SHA256 = re.compile(r"[0-9a-f]{64}")


class BadManifest(ValueError):
    """A file is no manifest; the message says why."""


@dataclass(frozen=True)
class FileHash:
    """Size and SHA-256 of a file."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class TableHash:
    """The logical hashes of a table; see the module."""

    derived: bool
    rows: int
    schema: str
    content: str
    checks: str


@dataclass(frozen=True)
class Manifest:
    """What the manifest holds; see the module."""

    version: str
    created: str
    package: Mapping[str, FileHash]
    tables: Mapping[str, TableHash]
    faults: tuple[Fault, ...] | None = None
    files: Mapping[str, FileHash] = field(default_factory=dict)

    def logical(self) -> Manifest:
        """The part that is the same on any machine, which the repository keeps."""
        return replace(self, files={})

    def json(self) -> bytes:
        """The content of the file."""
        content = {"manifest": _FORMAT, **asdict(replace(self, faults=None))}
        del content["faults"]
        if not self.files:
            del content["files"]
        if self.faults is not None:
            content["faults"] = []
        text = json.dumps(content, indent=1, ensure_ascii=False)
        if self.faults:  # one line each
            lines = ",\n".join(f"  {json.dumps(fault.json(), ensure_ascii=False)}" for fault in self.faults)
            text = text.removesuffix(' "faults": []\n}') + f' "faults": [\n{lines}\n ]\n}}'
        return (text + "\n").encode()

    @classmethod
    def parse(cls, raw: bytes) -> Manifest:
        """The manifest that a file holds. Raises BadManifest."""
        try:
            content = json.loads(raw.decode("utf-8"), parse_constant=_no_number, object_pairs_hook=only_once)
            if content["manifest"] != _FORMAT:
                raise BadManifest(f"it has the format {content['manifest']!r:.20}, and this program knows {_FORMAT}")
            version, created = content["version"], content["created"]
            if not (isinstance(version, str) and isinstance(created, str)):
                raise BadManifest("version and created must be texts")
            package, files = ({path: _file(entry) for path, entry in content.get(key, {}).items()} for key in _FILES)
            tables = {name: _table(entry) for name, entry in content["tables"].items()}
            faults = tuple(map(Fault.parse, content["faults"])) if "faults" in content else None
        except (LookupError, TypeError, AttributeError) as error:
            raise BadManifest(f"it lacks what a manifest holds: {error}") from error
        except RecursionError as error:
            raise BadManifest("it is nested too deeply") from error
        except BadManifest:
            raise
        except ValueError as error:  # no JSON, no UTF-8, NaN
            raise BadManifest(f"it is not JSON: {error}") from error
        return cls(version, created, package, tables, faults, files)


_FILES = ("package", "files")


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def _file(entry: Any) -> FileHash:
    found = FileHash(entry["bytes"], entry["sha256"])
    if type(found.bytes) is not int or not _is_hash(found.sha256):
        raise BadManifest("the hash of a file is a number of bytes and a SHA-256")
    return found


def _table(entry: Any) -> TableHash:
    found = TableHash(entry["derived"] is True, entry["rows"], entry["schema"], entry["content"], entry["checks"])
    if type(found.rows) is not int or not (_is_hash(found.schema) and _is_hash(found.content)):
        raise BadManifest("the hash of a table is a number of rows and two SHA-256")
    try:
        checks = base64.b64decode(found.checks, validate=True)
    except ValueError as error:
        raise BadManifest("the checks of rows are not Base64") from error
    if len(checks) != CHECK * found.rows:
        raise BadManifest("there are not as many checks as rows")
    return found


def _is_hash(text: Any) -> bool:
    return isinstance(text, str) and bool(_SHA256.fullmatch(text))


def file_hash(content: bytes) -> FileHash:
    """Size and SHA-256 of a content."""
    return FileHash(len(content), hashlib.sha256(content).hexdigest())


# --- rows ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReadTable:
    """A table as read, in the order of its keys: for each row the key, the line in the file, and the check."""

    path: str
    hash: TableHash
    keys: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    checks: tuple[bytes, ...]


def read_tables(root: Root, problems: list[Finding]) -> dict[str, ReadTable]:
    """The tables of a package with their hashes. What cannot be read is added to `problems`, as `Package.read` does."""
    found = {}
    _, resources = read_resources(root, problems)
    for name, resource in resources.items():
        table = read_schema(root, resource, problems)
        if table is None:
            continue
        sheet = read_sheet(root, table, problems)
        rows = sorted((sort_key(table, row), _line(row), number) for number, row in sheet.records().items())
        checks = tuple(hashlib.sha256(line).digest()[:CHECK] for _, line, _ in rows)
        hashed = TableHash(
            derived=resource.get("derived") is True,
            rows=len(rows),
            schema=hashlib.sha256(_canonical(json.loads((root / table.schema_path).read_bytes()))).hexdigest(),
            content=hashlib.sha256(b"".join(sorted(line for _, line, _ in rows))).hexdigest(),
            checks=base64.b64encode(b"".join(checks)).decode(),
        )
        found[name] = ReadTable(table.path, hashed, tuple(r[0] for r in rows), tuple(r[2] for r in rows), checks)
    return found


def _line(row: Mapping[str, str]) -> bytes:
    return _canonical({column: cell for column, cell in row.items() if cell}) + b"\n"


def _canonical(content: object) -> bytes:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")  # a schema can spell half of a pair


# --- those that the repository keeps ---------------------------------------------------------------------------------


def recorded(folder: Path) -> dict[str, Path]:
    """The manifests of the releases that there were, by version, oldest first."""
    found = {path.stem: path for path in folder.glob("*.json")}
    return {version: found[version] for version in sorted(found, key=version_order)}


def unlike(root: Root, kept: Manifest) -> list[str]:
    """The names of the tables of a package that are not those of a manifest."""
    found = {name: table.hash for name, table in read_tables(root, []).items() if not table.hash.derived}
    wanted = {name: table for name, table in kept.tables.items() if not table.derived}
    return sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))


def is_released(root: Path) -> bool:
    """Whether the rows of a checkout are those of the last release, whatever its schemas say in other words."""
    kept = list(recorded(root / MANIFESTS).values())
    if not kept:
        return False
    tables = Manifest.parse(kept[-1].read_bytes()).tables
    wanted = {name: table.content for name, table in tables.items() if not table.derived}
    return {name: table.hash.content for name, table in read_tables(root, []).items()} == wanted
