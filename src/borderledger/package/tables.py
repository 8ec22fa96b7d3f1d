"""The tables of one version of the data package.

A file is read when it is first needed. If the descriptor gives its hash, the file must have that hash.
"""

from __future__ import annotations

import csv
import hashlib
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from borderledger.errors import BadArgument, CorruptPackage, UnknownRecord, UnknownTable, as_text, nearest, shown
from borderledger.package.descriptor import read_resources, read_schema
from borderledger.package.findings import LONGEST_CELL, Finding, restore
from borderledger.package.model import Root, Table
from borderledger.package.reader import read_sheet
from borderledger.package.writer import JOURNAL

__all__ = ["Rows", "Tables", "share"]

#: Tuples, because the garbage collector visits each list again and again, but a tuple of strings only once.
Rows = list[tuple[str, ...]]

#: Tables that grades are derived from.
_LEANT_ON = ("claims", "control_totals", "sources", "organisations", "places", "corrections")


class Tables:
    """The tables of one version; a file is read when it is first needed, and only once.

    Raises CorruptPackage, here or on first use of a file, when it cannot be read or is not the file that its hash in
    the descriptor was made from.
    """

    def __init__(self, root: Root) -> None:
        if not isinstance(root, Root):
            raise BadArgument(f"A dataset is made from a Path, not {shown(root)}; borderledger.open takes text, too.")
        self._root = root
        problems: list[Finding] = []
        if (root / JOURNAL).exists():
            raise CorruptPackage(f"{root}: an edit was interrupted. Run python -m validate there to complete it.")
        self.descriptor, resources = read_resources(root, problems)
        self._stop_at(problems)
        for name in ("licenses", "contributors"):
            listed = self.descriptor.get(name, [])
            if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
                raise CorruptPackage(f"{root}: datapackage.json: {name} is not a list of objects.")
        # A shipped package also holds what is derived from its tables (see `borderledger.output.shipped`).
        self._derived = {name: resource for name, resource in resources.items() if resource.get("derived")}
        self._resources = {name: resource for name, resource in resources.items() if name not in self._derived}
        self._schemas: dict[str, Table] = {}
        self._readers: dict[str, Callable[[], Rows]] = {}

    def __repr__(self) -> str:
        return f"<borderledger {self.data_version}: {', '.join(self._resources)}>"

    @property
    def data_version(self) -> str:
        """The version of the data; of the package that carries it, too."""
        return str(self.descriptor.get("version", ""))

    @property
    def created(self) -> datetime:
        """When the package was made (`created`), in UTC: the only time that a file may contain.

        Raises CorruptPackage when the descriptor does not say.
        """
        try:
            found = datetime.fromisoformat(str(self.descriptor.get("created", "")))
        except ValueError as error:
            raise CorruptPackage("datapackage.json does not say when the package was made (created).") from error
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)

    def schema(self, table: str) -> Table:
        """The description of a table, from its Table Schema. Raises UnknownTable, BadArgument."""
        if as_text("table", table, "returns") not in self._resources:
            if table in _LEANT_ON:
                raise CorruptPackage(f"{self._root} has no table {table!r}, which grades are derived from.")
            raise UnknownTable(f"There is no table {table!r}. {nearest(table, self._resources)}")
        if table not in self._schemas:
            self._schemas[table] = self._schema(self._resources[table])
        return self._schemas[table]

    def _schema(self, resource: dict[str, Any]) -> Table:
        if "schemaHash" in resource:
            self._bytes(resource["schema"], resource["schemaHash"])
        problems: list[Finding] = []
        schema = read_schema(self._root, resource, problems)
        self._stop_at(problems)
        assert schema is not None  # or there would have been a problem
        return schema

    @property
    def names(self) -> list[str]:
        """The names of the tables."""
        return list(self._resources)

    def rows(self, table: str) -> Iterator[dict[str, str]]:
        """The rows of a table by field, as the strings of its file. Raises UnknownTable."""
        names = self.schema(table).names
        return (dict(zip(names, row, strict=True)) for row in self.cells(table))

    def record(self, record: str) -> tuple[Table, dict[str, str]]:
        """The table and the row of a record of fact, as strings. Raises UnknownRecord, BadArgument."""
        as_text("record", record, "prj-ba-iom-return-pilot-2022")
        facts = [schema for schema in map(self.schema, self.names) if schema.bound]
        for schema in facts:
            for row in self.cells(schema.name):
                if row[0] == record:
                    return schema, dict(zip(schema.names, row, strict=True))
        for correction in self.rows("corrections"):
            if correction["record_id"] == record and correction["field"] == "id" and correction["old"]:
                then = f"see {correction['new']}" if correction["new"] else "nothing takes its place"
                raise UnknownRecord(
                    f"{record} was retired in version {correction['version']}: {correction['reason']} ({then})"
                )
        known = [row[0] for schema in facts for row in self.cells(schema.name)]
        raise UnknownRecord(f"There is no record {record!r}. {nearest(record, known)}")

    # --- files -------------------------------------------------------------------------------------------------------

    @property
    def root(self) -> Root:
        """The folder of the package, or the place of the package in its zip file."""
        return self._root

    @property
    def shipped(self) -> bool:
        """Whether this is a package as shipped (see `borderledger.output.shipped`) and not a checkout."""
        return bool(self._derived)

    def files(self) -> dict[str, bytes]:
        """The files of the package by their path in it, the descriptor first. Raises CorruptPackage."""
        found = {"datapackage.json": self._bytes("datapackage.json", None)}
        for resource in (*self._resources.values(), *self._derived.values()):
            schema = self._schema(resource)  # which refuses a path that leads out of the package
            found[schema.path] = self._bytes(schema.path, resource.get("hash"))
            found[schema.schema_path] = self._bytes(schema.schema_path, resource.get("schemaHash"))
        return found

    def cells(self, table: str) -> Rows:
        """The cells of a table, row by row, as the strings of its file. Raises UnknownTable, BadArgument."""
        return self._reader(self.schema(table))()

    def _reader(self, schema: Table) -> Callable[[], Rows]:
        """What reads a table, at its first call."""
        if schema.name not in self._readers:
            self._readers[schema.name] = cache(partial(self._read, schema, self._resources[schema.name]))
        return self._readers[schema.name]

    def _read(self, schema: Table, resource: Mapping[str, Any]) -> Rows:
        raw = self._bytes(schema.path, resource.get("hash"))
        try:
            header, *lines, end = raw.decode("utf-8").split("\n")
            # Lines without quotes are read faster without the reader of CSV. If a cell has a line break, the reader
            # makes one row of two lines, so that the last line gets none.
            reader = csv.reader((line for line in lines if '"' in line), strict=True)
            rows = [tuple(next(reader, [])) if '"' in line else tuple(line.split(",")) for line in lines]
            # All cells there: what is not so is read again by the reader that names the line.
            whole = {len(schema.names)} >= {*map(len, rows)} and not end and b"\0" not in raw and b"\r" not in raw
            whole = whole and max(map(len, lines), default=0) <= LONGEST_CELL  # csv's own limit is anyone's to change
            whole = whole and all(map(any, rows)) and not any(map(_has_stray_quote, lines, rows))
            whole = whole and b"\n<<<<<<<" not in raw and b"\n>>>>>>>" not in raw
            if whole and header == ",".join(schema.names):
                return rows
        except (ValueError, csv.Error):
            pass
        problems: list[Finding] = []
        sheet = read_sheet(self._root, schema, problems)
        self._stop_at(problems)
        return [tuple(cells) for _, cells in sheet.rows()]

    def _bytes(self, path: str, expected: str | None) -> bytes:
        """The bytes of a file. Raises CorruptPackage when it cannot be read or has another hash."""
        try:
            raw = (self._root / path).read_bytes()
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            why = getattr(error, "strerror", None) or error
            fix = self._advice(restore(path))
            raise CorruptPackage(f"{self._root}: {path} cannot be read: {why}. {fix}") from error
        if expected and f"sha256:{hashlib.sha256(raw).hexdigest()}" != expected:
            raise CorruptPackage(
                f"{path} is not the file that was released: its hash differs from the one in datapackage.json. "
                "Take a fresh copy of this version."
            )
        return raw

    def _stop_at(self, problems: Sequence[Finding]) -> None:
        if problems:
            first = problems[0]
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            where = f"{first.file}:{first.line}" if first.line else first.file
            raise CorruptPackage(f"{self._root}: {where} {first.message}{more}. {self._advice(first.fix)}")

    def _advice(self, fix: str) -> str:
        """What to do about a file that cannot be read, with what the reader has."""
        checkout = isinstance(self._root, Path) and any((self._root / name).exists() for name in (".git", "validate"))
        return fix if checkout else "Take a fresh copy of this version."


def share(one: Tables, other: Tables) -> frozenset[str]:
    """The tables whose file is the same in two versions; the second takes their rows from the first.

    Raises CorruptPackage when a file cannot be read.
    """
    same = set()
    for name in {*one.names} & {*other.names}:
        mine, theirs = one.schema(name), other.schema(name)
        if (mine.names, mine.key) == (theirs.names, theirs.key) and _raw(one, mine) == _raw(other, theirs):
            same.add(name)
            other._readers.setdefault(name, one._reader(mine))
    return frozenset(same)


def _raw(version: Tables, table: Table) -> bytes:
    return version._bytes(table.path, version._resources[table.name].get("hash"))


def _has_stray_quote(line: str, cells: Sequence[str]) -> bool:
    """Whether a cell without quotes around it has one inside, which csv takes, and other programs read otherwise."""
    return '"' in line and any('"' in cell and f",{cell}," in f",{line}," for cell in cells)
