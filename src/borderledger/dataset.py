"""One version of the dataset: the one that the package carries, or a release or checkout that you open.

The functions of `borderledger` are the methods of the embedded version.
"""

from __future__ import annotations

import csv
import hashlib
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from borderledger import answers
from borderledger.columns import to_frame, to_pandas
from borderledger.errors import BadArgument, CorruptPackage, UnknownRecord, UnknownTable, nearest
from borderledger.grades import GRADES, grade, origins, worst
from borderledger.package import JOURNAL, LONGEST_CELL, Problem, Root, Table, read_resources, read_schema, read_sheet

if TYPE_CHECKING:
    from datetime import date

    import duckdb
    import pandas as pd

__all__ = ["Dataset", "embedded", "open"]

Rows = list[list[str]]
#: Tables without which nothing can be said of the evidence for the others.
_LEANT_ON = ("claims", "control_totals", "sources", "organisations", "corrections")
#: A statement about a field, as grades are made from it: field, verdict, source.
Stated = tuple[str, str, str]


class Dataset:
    """A version of the dataset. Make one with `borderledger.open`; files are read when first needed, and once.

    Raises CorruptPackage, here or on first use of a file, when it cannot be read or is not the file that its hash in
    the descriptor was made from.
    """

    def __init__(self, root: Root) -> None:
        self._root = root
        problems: list[Problem] = []
        if (root / JOURNAL).exists():
            raise CorruptPackage(f"{root}: an edit was cut short. Run python -m validate there, which finishes it.")
        self.descriptor, resources = read_resources(root, problems)
        self._stop_at(problems)
        for name in ("licenses", "contributors"):
            listed = self.descriptor.get(name, [])
            if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
                raise CorruptPackage(f"{root}: datapackage.json: {name} is not a list of objects.")
        # A shipped package also holds what is derived from its tables (see `borderledger.pack`).
        self._derived = {name: resource for name, resource in resources.items() if resource.get("derived")}
        self._resources = {name: resource for name, resource in resources.items() if name not in self._derived}
        self._schemas: dict[str, Table] = {}
        self._read_already: dict[str, Rows] = {}

    def __repr__(self) -> str:
        return f"<borderledger {self.data_version}: {', '.join(self._resources)}>"

    @property
    def data_version(self) -> str:
        """The version of the data; of the package that carries it, too."""
        return str(self.descriptor.get("version", ""))

    # --- tables ------------------------------------------------------------------------------------------------------

    def load(
        self,
        table: str,
        as_of: str | date | None = None,
        columns: Sequence[str] | None = None,
        grade: str | Collection[str] | None = None,
        explode: str | None = None,
        backend: Literal["pandas", "polars", "arrow"] = "pandas",
    ) -> Any:
        """A table as a typed frame.

        Text columns are strings; figures Int64 or Float64; classifications categories; lists Python lists. A date
        stays the EDTF text that it is (`2025-06~`), followed by columns `_from` and `_to` with the earliest and the
        latest day that it can mean. The tables of facts end in `evidence`, the grade of the record (ordered, from
        disputed to bulk), and `n_sources`, the number of sources that state something about it.

        as_of    only what was so on this day, `YYYY-MM-DD` or a date: agreements in force or provisionally applied,
                 the latest strength of each deployment, projects running. A column `as_of_certain` says whether that
                 follows whatever day an imprecise date means; rows whose dates leave it open are left out, and
                 `attrs["as_of_unknown"]` counts them. A strength for the region (WB6) stands beside those of its
                 hosts, so do not add strengths up.
        columns  only these, in this order.
        grade    only records of this grade or better (`single` leaves out disputed and weak), or of exactly these
                 grades when several are given. The order is disputed, weak, single, corroborated, bulk.
        explode  a list column: one row for each of its items. A figure then stands in several rows: do not add it up.
        backend  pandas, polars or arrow.

        Returns a pandas DataFrame (shape: records, columns) whose `attrs` hold table, version, licence and citation;
        or a polars DataFrame or pyarrow Table with the same columns.

        Raises UnknownTable, UnknownColumn, NoTimeMeaning (as_of), BadArgument, MissingExtra (backend), CorruptPackage.

        >>> import borderledger as bl
        >>> bl.load("deployments", as_of="2025-07-01", columns=["hosts", "date", "officers", "measure"]).shape[1]
        4
        """
        found, unknown = answers.load(self, table, as_of=as_of, columns=columns, grade=grade, explode=explode)
        frame = to_frame(found, backend)
        if backend == "pandas":
            frame.attrs.update(self._attributes(table))
            if unknown is not None:
                frame.attrs["as_of_unknown"] = unknown
        return frame

    def tables(self) -> pd.DataFrame:
        """The tables: a DataFrame (index: name) with rows, title, what one row is about, and what is not covered.

        >>> import borderledger as bl
        >>> "returns" in bl.tables().index
        True
        """
        return to_pandas(answers.tables(self)).set_index("table")

    def describe(self, table: str) -> pd.DataFrame:
        """The columns of a table as `load` gives them: a DataFrame, index: column.

        Its columns: title; kind (text, integer, number, day, category, list, flag); bound (whether each filled cell
        equals a claim of a source); required; refers_to (tables); values (of a category, with what each means); and
        description, the definition, with the unit.

        Raises UnknownTable.

        >>> import borderledger as bl
        >>> bl.describe("returns").loc["quantity", "kind"]
        'integer'
        """
        return to_pandas(answers.describe(self, table)).set_index("column")

    # --- evidence ----------------------------------------------------------------------------------------------------

    def evidence(self, record: str, field: str | None = None) -> pd.DataFrame:
        """What sources state about a record, or about one of its fields: one row a claim.

        Columns: field; held, the value of the record; value and qualifier, what the source states; verdict (agrees,
        coarser, finer, contradicts; remark on a field that is not evidence-bound); grade of the field; source_id,
        title, publisher, published, kind, url, locator (where in the source), note; and origin, the publisher at the
        root of a chain of reprints: claims of one origin count as one voice.

        A record taken from a publisher's file under a control total has no claims. It gives one row, with the
        verdict `bulk`, that names the file.

        Raises UnknownRecord, UnknownColumn.

        >>> import borderledger as bl
        >>> sorted(set(bl.evidence("ret-avrr-wb6-2016-2025-05", "quantity")["grade"]))
        ['weak']
        """
        return to_pandas(answers.evidence(self, record, field))

    def disputes(self, table: str | None = None) -> pd.DataFrame:
        """The contested fields of all tables or of one: a DataFrame, one row for each field of a record.

        Columns: table, record_id, title of the record, field, held (the value of the record), agree (source ids that
        state it), contradict (source ids that state something else) and contradicting (what those state).

        Raises UnknownTable.

        >>> import borderledger as bl
        >>> bool((bl.disputes()["contradict"].str.len() > 0).all())
        True
        """
        return to_pandas(answers.disputes(self, table))

    def history(self, record: str) -> pd.DataFrame:
        """What was changed in a record since it was first published: a DataFrame, one row a change, oldest first.

        Columns: version (in which the change came out), record_id, field (`id` where the record itself came or was
        retired), kind (correction: it was wrong; revision: it was overtaken; addition: it was missing; evidence: it
        stays, with a new source), old, new, reason, source_id with title and url of the source, issue (the report that
        led to it). The rows of records that this one has taken the place of are among them. Empty of a record that
        nothing has happened to. Takes the id of a source, too, and of a record that was retired.

        Raises UnknownRecord.

        >>> import borderledger as bl
        >>> list(bl.history("agr-rs-ch-migration-mou-2009")["new"].unique())
        ['2009-06-30']
        """
        return to_pandas(answers.history(self, record))

    # --- further -----------------------------------------------------------------------------------------------------

    def cite(self, what: str | None = None, style: Literal["apa", "bibtex", "csl-json", "ris"] = "apa") -> str:
        """How to cite the dataset, a table, the sources behind a record, or a source.

        what   None, the name of a table, the id of a record, or the id of a source. Of a record: the dataset, then
               each source that states something about it.
        style  apa (plain text), bibtex, csl-json or ris.

        Raises UnknownRecord, BadArgument (style).

        >>> import borderledger as bl
        >>> bl.cite(style="bibtex").splitlines()[0]
        '@misc{borderledger,'
        """
        from borderledger.citation import cite

        return cite(self, what, style)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """All tables in DuckDB, in memory: typed tables, a table for each list column, and views.

        See `borderledger.sql` for the names. Raises MissingExtra when duckdb is not installed.

        >>> import borderledger as bl
        >>> bl.connect().execute("SELECT count(*) > 0 FROM agreements_in_force").fetchall()
        [(True,)]
        """
        from borderledger.sql import connect

        return connect(self)

    # --- what the methods are made of --------------------------------------------------------------------------------

    def schema(self, table: str) -> Table:
        """The description of a table, from its Table Schema. Raises UnknownTable."""
        if table not in self._resources:
            if table in _LEANT_ON:
                raise CorruptPackage(f"{self._root} holds no table {table!r}, which the evidence is made from.")
            raise UnknownTable(f"There is no table {table!r}. {nearest(str(table), self._resources)}")
        if table not in self._schemas:
            self._schemas[table] = self._schema(self._resources[table])
        return self._schemas[table]

    def _schema(self, resource: dict[str, Any]) -> Table:
        if "schemaHash" in resource:
            self._bytes(resource["schema"], resource["schemaHash"])
        problems: list[Problem] = []
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
        """The table and the row of a record of fact, as strings. Raises UnknownRecord."""
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
        raise UnknownRecord(f"There is no record {record!r}. {nearest(str(record), known)}")

    def _attributes(self, table: str) -> dict[str, str]:
        from borderledger.citation import dataset_citation

        licences: list[dict[str, Any]] = self.descriptor.get("licenses") or [{}]
        return {
            "table": table,
            "version": self.data_version,
            "licence": str(licences[0].get("name", "")),
            "citation": dataset_citation(self.descriptor, table),
        }

    # --- grades ------------------------------------------------------------------------------------------------------

    def grades(self, schema: Table) -> list[tuple[str, int]]:
        """For each row its grade and its number of sources."""
        found = self._packed_grades if self._derived else dict(self.graded(schema))
        none = ("", 0)
        return [found.get(row[0], none) for row in self.cells(schema.name)]

    def graded(self, schema: Table) -> Iterator[tuple[str, tuple[str, int]]]:
        """For each record of a table its id, its grade and its number of sources, worked out from the claims.

        Verdicts are taken as entered, because validation has proved them.
        """
        names = self.schema("claims").names
        record, field, verdict, cited = (names.index(n) for n in ("record_id", "field", "verdict", "source_id"))
        claims: dict[str, list[Stated]] = defaultdict(list)
        for row in self.cells("claims"):
            claims[row[record]].append((row[field], row[verdict], row[cited]))
        source = schema.names.index("source_id")
        bulk = {total["source_id"] for total in self.rows("control_totals") if total["table"] == schema.name}
        for row in self.cells(schema.name):
            if stated := claims.get(row[0]):
                yield row[0], (worst(self.field_grades(stated).values()), len({one[2] for one in stated}))
            else:
                yield row[0], ("bulk" if row[source] in bulk else "", 1)

    @cached_property
    def _packed_grades(self) -> dict[str, tuple[str, int]]:
        try:
            resource = self._derived["grades"]
            self._bytes(resource["schema"], resource["schemaHash"])
            text = self._bytes(resource["path"], resource["hash"]).decode("utf-8")
            rows = (line.split(",") for line in text.split("\n")[1:-1])  # no cell needs quotes
            found = {record: (grade, int(count)) for record, grade, count in rows}
            if unknown := {grade for grade, _ in found.values()}.difference(GRADES, {""}):
                raise ValueError(f"no grade: {', '.join(unknown)}")
            return found
        except (LookupError, TypeError, ValueError) as error:
            if isinstance(error, CorruptPackage):
                raise
            raise CorruptPackage(f"{self._root}: the derived grades cannot be read ({error}).") from error

    def field_grades(self, stated: Iterable[Stated]) -> dict[str, str]:
        """The grade of each field from the claims on one record."""
        groups: dict[str, list[tuple[str, str, str]]] = {}
        for field, verdict, source in stated:
            if verdict != "remark":
                groups.setdefault(field, []).append((verdict, *self.voices.get(source, ("", source))))
        return {field: grade(voices) for field, voices in groups.items()}

    @cached_property
    def voices(self) -> dict[str, tuple[str, str]]:
        """The kind and the origin of each source."""
        sources = list(self.rows("sources"))
        origin = origins({s["id"]: (s["publisher"], s["reprint_of"]) for s in sources})
        return {s["id"]: (s["kind"], origin[s["id"]]) for s in sources}

    # --- files -------------------------------------------------------------------------------------------------------

    @property
    def root(self) -> Root:
        """The folder of the package, or the place of the package in its zip file."""
        return self._root

    @property
    def shipped(self) -> bool:
        """Whether this is a package as shipped (see `borderledger.pack`) and not a checkout."""
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
        """The cells of a table, row by row, as the strings of its file. Raises UnknownTable."""
        if table not in self._read_already:
            self._read_already[table] = self._read(self.schema(table), self._resources[table])
        return self._read_already[table]

    def _read(self, schema: Table, resource: Mapping[str, Any]) -> Rows:
        raw = self._bytes(schema.path, resource.get("hash"))
        try:
            header, *lines, end = raw.decode("utf-8").split("\n")
            # Most lines have no quotes, and are read faster without the reader of CSV.
            rows = [next(csv.reader([line], strict=True)) if '"' in line else line.split(",") for line in lines]
            # All cells there: what is not so is read again by the reader that names the line.
            whole = {len(schema.names)} >= {*map(len, rows)} and not end and b"\0" not in raw and b"\r" not in raw
            whole = whole and max(map(len, lines), default=0) <= LONGEST_CELL  # csv's own limit is anyone's to change
            if whole and header == ",".join(schema.names):
                return rows
        except (ValueError, csv.Error):
            pass
        problems: list[Problem] = []
        sheet = read_sheet(self._root, schema, problems)
        self._stop_at(problems)
        return [list(row) for row in sheet.frame.itertuples(index=False, name=None)]

    def _bytes(self, path: str, expected: str | None) -> bytes:
        """The bytes of a file. Raises CorruptPackage when it cannot be read or has another hash."""
        try:
            raw = (self._root / path).read_bytes()
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            why = getattr(error, "strerror", None) or error
            raise CorruptPackage(f"{self._root}: {path} cannot be read: {why}") from error
        if expected and f"sha256:{hashlib.sha256(raw).hexdigest()}" != expected:
            raise CorruptPackage(f"{path} is not the file that was released: its hash is not the one in the manifest.")
        return raw

    def _stop_at(self, problems: Sequence[Problem]) -> None:
        if problems:
            first = problems[0]
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            where = f"{first.file}:{first.line}" if first.line else first.file
            raise CorruptPackage(f"{self._root}: {where} {first.message}{more}. {first.fix}")


# --- opening ---------------------------------------------------------------------------------------------------------


@cache
def embedded() -> Dataset:
    """The dataset that the installed package carries; in a checkout, that of the checkout."""
    here = Path(__file__).parent
    # An editable install has no copy of the data; the package then lies in the checkout, below src/.
    return Dataset(here / "_data" if (here / "_data").is_dir() else here.parents[1])


def open(path: str | Path) -> Dataset:
    """Another version of the dataset: a checkout or an unpacked release (folder), or a released csv.zip.

    Nothing is downloaded. Raises CorruptPackage when there is no data package at the path.

    >>> import borderledger as bl
    >>> bl.open("nowhere")
    Traceback (most recent call last):
    borderledger.errors.CorruptPackage: nowhere does not exist.
    """
    text = str(path)
    if "://" in text:
        raise BadArgument(f"{text} is an address; download the file and open that.")
    folder = Path(path)
    try:
        if folder.is_dir():
            return Dataset(folder)
        if not folder.exists():
            raise CorruptPackage(f"{folder} does not exist.")
        if folder.name == "datapackage.json":
            return Dataset(folder.parent)
        archive = zipfile.ZipFile(folder)
    except (OSError, zipfile.BadZipFile) as error:
        raise CorruptPackage(f"{folder} is neither a folder nor a zip file: {error}") from error
    try:
        broken = archive.testzip()
    except Exception as error:  # cut short, encrypted; and each kind of compression has errors of its own
        raise CorruptPackage(f"{folder} cannot be unpacked ({error}); download the file again.") from error
    if broken:
        raise CorruptPackage(f"{folder}: {broken} is damaged; download the file again.")
    names = sorted((n for n in archive.namelist() if n.split("/")[-1] == "datapackage.json"), key=len)
    if not names:
        raise CorruptPackage(f"{folder} holds no datapackage.json.")
    return Dataset(zipfile.Path(archive, names[0].removesuffix("datapackage.json")))
