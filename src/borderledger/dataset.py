"""One version of the dataset: the one that the package carries, or a release or checkout that you open.

The functions of `borderledger` are the methods of the embedded version.
"""

from __future__ import annotations

import csv
import hashlib
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from borderledger import columns as typed
from borderledger.as_of import day_of, state
from borderledger.columns import Column, field_columns, field_names, to_frame, to_pandas
from borderledger.errors import BadArgument, CorruptPackage, UnknownColumn, UnknownRecord, UnknownTable, nearest
from borderledger.grades import GRADES, grade, origins, worst
from borderledger.package import Problem, Root, Table, read_resources, read_schema, read_sheet

if TYPE_CHECKING:
    from datetime import date

    import duckdb
    import pandas as pd

__all__ = ["Dataset", "embedded", "open"]

Rows = list[list[str]]
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
        self.descriptor, resources = read_resources(root, problems)
        self._stop_at(problems)
        # A shipped package also holds what is derived from its tables (see `borderledger.pack`).
        self._derived = {name: resource for name, resource in resources.items() if resource.get("derived")}
        self._resources = {name: resource for name, resource in resources.items() if name not in self._derived}
        self._schemas: dict[str, Table] = {}
        self._cells: dict[str, Rows] = {}

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
                 `attrs["as_of_unknown"]` counts them.
        columns  only these, in this order.
        grade    only records of this grade or better (`single` leaves out disputed and weak), or of exactly these
                 grades when several are given. The order is disputed, weak, single, corroborated, bulk.
        explode  a list column: one row for each of its items.
        backend  pandas, polars or arrow.

        Returns a pandas DataFrame (shape: records, columns) whose `attrs` hold table, version, licence and citation;
        or a polars DataFrame or pyarrow Table with the same columns.

        Raises UnknownTable, UnknownColumn, NoTimeMeaning (as_of), BadArgument, MissingExtra (backend), CorruptPackage.

        >>> import borderledger as bl
        >>> bl.load("deployments", as_of="2025-07-01", columns=["hosts", "date", "officers", "measure"]).shape[1]
        4
        """
        schema = self.schema(table)
        names = self._names(schema)
        unknown = None
        rows: Rows = self._cells_of(table)
        kept: Sequence[int] = range(len(rows))
        extra: dict[str, Column] = {}
        if as_of is not None:
            keyed = [dict(zip(schema.names, row, strict=True)) for row in rows]
            found = state(table, keyed, day_of(as_of), self._homes() if table == "deployments" else {})
            kept, unknown = found.rows, found.unknown
            extra["as_of_certain"] = Column("as_of_certain", "flag", found.certain)
            names = [*names, "as_of_certain"]
        wanted = list(names if columns is None else columns)
        for name in wanted:
            if name not in names:
                raise UnknownColumn(f"{table} has no column {name!r}. {nearest(name, names)}")
        if grade is not None or (schema.bound and {"evidence", "n_sources"} & {*wanted}):
            grades = self._grades(schema)
            if grade is not None:
                asked = _grades_asked(schema, grade)
                chosen = [n for n, row in enumerate(kept) if grades[row][0] in asked]
                extra = {name: column.take(chosen) for name, column in extra.items()}
                kept = [kept[n] for n in chosen]
            extra.update((column.name, column) for column in _grade_columns([grades[row] for row in kept]))
        made = {**self._typed(schema, [rows[row] for row in kept], wanted), **extra}
        result = [made[name] for name in wanted]
        if explode is not None:
            result = typed.explode(result, explode)
        frame = to_frame(result, backend)
        if backend == "pandas":
            frame.attrs.update(self._attributes(table))
            if as_of is not None:
                frame.attrs["as_of_unknown"] = unknown
        return frame

    def tables(self) -> pd.DataFrame:
        """The tables: a DataFrame (index: name) with rows, title, what one row is about, and what is not covered.

        >>> import borderledger as bl
        >>> "returns" in bl.tables().index
        True
        """
        import pandas as pd

        shown = [self.schema(name) for name in self.names]
        return pd.DataFrame(
            {
                "rows": [len(self._cells_of(table.name)) for table in shown],
                "title": [table.title for table in shown],
                "description": [table.description for table in shown],
                "not_covered": [table.not_covered for table in shown],
            },
            index=pd.Index([table.name for table in shown], name="table"),
        )

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
        import pandas as pd

        rows = list(self._described(self.schema(table)))
        keys = ["column", "title", "kind", "bound", "required", "refers_to", "values", "description"]
        return pd.DataFrame(rows, columns=keys).set_index("column")

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
        schema, cells = self.record(record)
        if field is not None and field not in schema.by_name:
            raise UnknownColumn(f"{schema.name} has no field {field!r}. {nearest(field, schema.names)}")
        claims = [claim for claim in self.rows("claims") if claim["record_id"] == record]
        grades = self._field_grades([(c["field"], c["verdict"], c["source_id"]) for c in claims])
        rows = [
            {"held": cells[c["field"]], **c, "grade": grades.get(c["field"], "")}
            for c in sorted(claims, key=lambda claim: schema.names.index(claim["field"]))
            if field in (None, c["field"])
        ]
        if not claims:
            rows = [{"verdict": "bulk", "grade": "bulk", "source_id": cells["source_id"]}]
        return self._with_sources(rows, _EVIDENCE)

    def disputes(self, table: str | None = None) -> pd.DataFrame:
        """The contested fields of all tables or of one: a DataFrame, one row for each field of a record.

        Columns: table, record_id, title of the record, field, held (the value of the record), agree (source ids that
        state it), contradict (source ids that state something else) and contradicting (what those state).

        Raises UnknownTable.

        >>> import borderledger as bl
        >>> bool((bl.disputes()["contradict"].str.len() > 0).all())
        True
        """
        cores = [self.schema(table)] if table else [t for t in map(self.schema, self.names) if t.bound]
        contested: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
        for claim in self.rows("claims"):
            contested[claim["record_id"], claim["field"]].append(claim)
        found = []
        for schema in cores:
            records = {row["id"]: row for row in self.rows(schema.name)}
            for (record, field), claims in contested.items():
                against = [claim for claim in claims if claim["verdict"] == "contradicts"]
                if record in records and against:
                    found.append(
                        {
                            "table": schema.name,
                            "record_id": record,
                            "title": _title(records[record]),
                            "field": field,
                            "held": records[record][field],
                            "agree": [c["source_id"] for c in claims if c["verdict"] == "agrees"],
                            "contradict": [c["source_id"] for c in against],
                            "contradicting": [c["value"] for c in against],
                        }
                    )
        keys = ["table", "record_id", "title", "field", "held"]
        texts = [Column(key, "text", [row[key] or None for row in found]) for key in keys]
        lists = [Column(key, "list", [row[key] for row in found]) for key in ("agree", "contradict", "contradicting")]
        return to_pandas([*texts, *lists])

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
        """The rows of a table as the strings of its file. Raises UnknownTable."""
        names = self.schema(table).names
        return (dict(zip(names, row, strict=True)) for row in self._cells_of(table))

    def columns(self, table: str) -> list[Column]:
        """The columns of a table as `load` gives them, as plain Python values. Raises UnknownTable, CorruptPackage."""
        schema = self.schema(table)
        made = list(self._typed(schema, self._cells_of(table), self._names(schema)).values())
        return [*made, *_grade_columns(self._grades(schema))] if schema.bound else made

    def record(self, record: str) -> tuple[Table, dict[str, str]]:
        """The table and the row of a record of fact, as strings. Raises UnknownRecord."""
        facts = [schema for schema in map(self.schema, self.names) if schema.bound]
        for schema in facts:
            for row in self._cells_of(schema.name):
                if row[0] == record:
                    return schema, dict(zip(schema.names, row, strict=True))
        for correction in self.rows("corrections"):
            if correction["record_id"] == record and correction["field"] == "id":
                then = f"see {correction['new']}" if correction["new"] else "nothing takes its place"
                raise UnknownRecord(
                    f"{record} was retired in version {correction['version']}: {correction['reason']} ({then})"
                )
        known = [row[0] for schema in facts for row in self._cells_of(schema.name)]
        raise UnknownRecord(f"There is no record {record!r}. {nearest(str(record), known)}")

    def _names(self, schema: Table) -> list[str]:
        """The columns of a table as loaded, without those that an argument adds."""
        names = [name for field in schema.fields for name in field_names(field)]
        return [*names, "evidence", "n_sources"] if schema.bound else names

    def _typed(self, schema: Table, rows: Rows, wanted: Collection[str]) -> dict[str, Column]:
        made: dict[str, Column] = {}
        for number, field in enumerate(schema.fields):
            if not {*field_names(field)} & {*wanted}:
                continue
            cells = [row[number] for row in rows]
            try:
                made.update((column.name, column) for column in field_columns(field, cells))
            except ValueError as error:
                raise CorruptPackage(
                    f"{schema.path}: {field.name} holds a malformed value ({error}). "
                    "In a checkout, python -m validate names the line."
                ) from error
        return made

    def _described(self, schema: Table) -> Iterator[tuple[Any, ...]]:
        for field in schema.fields:
            targets = [key.table for key in schema.foreign_keys if key.field == field.name] or list(field.refers_to)
            meanings = (field.title, field.bound, field.required, targets, field.categories, field.description)
            title, bound, required, *rest = meanings
            for column in field_columns(field, []):
                if column.name == field.name:
                    yield (column.name, title, column.kind, bound, required, *rest)
                else:
                    end = "earliest" if column.name.endswith("_from") else "latest"
                    what = f"The {end} day that {field.name} can mean; empty where that end is open or not known."
                    yield column.name, f"{title}, {end} day", column.kind, False, False, [], {}, what
        if schema.bound:
            what = "Grade of the record: that of its worst evidence-bound field."
            yield "evidence", "Evidence grade", "category", False, False, [], GRADES, what
            what = "Number of sources that state something about the record."
            yield "n_sources", "Number of sources", "integer", False, False, [], {}, what

    def _attributes(self, table: str) -> dict[str, str]:
        from borderledger.citation import dataset_citation

        licences = self.descriptor.get("licenses") or [{}]
        return {
            "table": table,
            "version": self.data_version,
            "licence": str(licences[0].get("name", "")),
            "citation": dataset_citation(self.descriptor, table),
        }

    # --- grades ------------------------------------------------------------------------------------------------------

    def _grades(self, schema: Table) -> list[tuple[str, int]]:
        """For each row its grade and its number of sources."""
        found = self._packed_grades if self._derived else dict(self.graded(schema))
        return [found.get(row[0], ("", 0)) for row in self._cells_of(schema.name)]

    def graded(self, schema: Table) -> Iterator[tuple[str, tuple[str, int]]]:
        """For each record of a table its id, its grade and its number of sources, worked out from the claims.

        Verdicts are taken as entered, because validation has proved them.
        """
        names = self.schema("claims").names
        record, field, verdict, cited = (names.index(n) for n in ("record_id", "field", "verdict", "source_id"))
        claims: dict[str, list[Stated]] = defaultdict(list)
        for row in self._cells_of("claims"):
            claims[row[record]].append((row[field], row[verdict], row[cited]))
        source = schema.names.index("source_id")
        bulk = {total["source_id"] for total in self.rows("control_totals") if total["table"] == schema.name}
        for row in self._cells_of(schema.name):
            if stated := claims.get(row[0]):
                yield row[0], (worst(self._field_grades(stated).values()), len({one[2] for one in stated}))
            else:
                yield row[0], ("bulk" if row[source] in bulk else "", 1)

    @cached_property
    def _packed_grades(self) -> dict[str, tuple[str, int]]:
        rows = self._read(self._schema(self._derived["grades"]), self._derived["grades"])
        return {record: (grade, int(count)) for record, grade, count in rows}

    def _field_grades(self, stated: Iterable[Stated]) -> dict[str, str]:
        groups: dict[str, list[tuple[str, str, str]]] = {}
        for field, verdict, source in stated:
            if verdict != "remark":
                groups.setdefault(field, []).append((verdict, *self._voices.get(source, ("", source))))
        return {field: grade(voices) for field, voices in groups.items()}

    @cached_property
    def _voices(self) -> dict[str, tuple[str, str]]:
        """The kind and the origin of each source."""
        sources = list(self.rows("sources"))
        origin = origins({s["id"]: (s["publisher"], s["reprint_of"]) for s in sources})
        return {s["id"]: (s["kind"], origin[s["id"]]) for s in sources}

    def _homes(self) -> dict[str, str]:
        return {row["id"]: row["place"] for row in self.rows("organisations")}

    def _with_sources(self, rows: Iterable[Mapping[str, str]], keys: Sequence[str]) -> pd.DataFrame:
        """Rows as text columns, each with the document that its source_id names."""
        sources = {source["id"]: source for source in self.rows("sources")}
        merged = []
        for row in rows:
            source = sources.get(row["source_id"], {})
            origin = self._voices.get(row["source_id"], ("", ""))[1]
            merged.append({**source, "origin": origin, **row})
        return to_pandas([Column(key, "text", [row.get(key) or None for row in merged]) for key in keys])

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

    def _cells_of(self, table: str) -> Rows:
        """The cells of a table as they stand in its file."""
        if table not in self._cells:
            self._cells[table] = self._read(self.schema(table), self._resources[table])
        return self._cells[table]

    def _read(self, schema: Table, resource: Mapping[str, Any]) -> Rows:
        raw = self._bytes(schema.path, resource.get("hash"))
        try:
            header, *lines = raw.decode("utf-8").split("\n")
            rows = list(csv.reader(lines[:-1], strict=True))
            # One line a row, and all cells there: what is not so is read again by the reader that names the line.
            whole = len(rows) == len(lines) - 1 and {len(schema.names)} >= {*map(len, rows)}
            if whole and header == ",".join(schema.names) and not lines[-1] and b"\r" not in raw:
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
        except (OSError, KeyError, zipfile.BadZipFile) as error:
            raise CorruptPackage(f"{path} of {self._root} cannot be read: {error}") from error
        if expected and f"sha256:{hashlib.sha256(raw).hexdigest()}" != expected:
            raise CorruptPackage(f"{path} is not the file that was released: its hash is not the one in the manifest.")
        return raw

    def _stop_at(self, problems: Sequence[Problem]) -> None:
        if problems:
            first = problems[0]
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            where = f"{first.file}:{first.line}" if first.line else first.file
            raise CorruptPackage(f"{self._root}: {where} {first.message}{more}. {first.fix}")


#: Columns of `Dataset.evidence`.
_EVIDENCE = [
    *("field", "held", "value", "qualifier", "verdict", "grade"),
    *("source_id", "title", "publisher", "published", "kind", "url", "locator", "note", "origin"),
]


def _title(record: Mapping[str, str]) -> str:
    return record.get("title") or record.get("name") or ""


def _grade_columns(graded: Sequence[tuple[str, int]]) -> list[Column]:
    grades = Column("evidence", "category", [found or None for found, _ in graded], tuple(GRADES), True)
    return [grades, Column("n_sources", "integer", [count for _, count in graded])]


def _grades_asked(schema: Table, asked: str | Collection[str]) -> set[str]:
    order = list(GRADES)
    if not schema.bound:
        raise BadArgument(f"{schema.name} holds no facts, so its rows have no grade.")
    several = {asked} if isinstance(asked, str) else {*asked}
    for name in several - {*order}:
        raise BadArgument(f"grade {name!r} is not known. {nearest(name, order)}")
    return {*order[order.index(asked) :]} if isinstance(asked, str) else several


# --- opening ---------------------------------------------------------------------------------------------------------


def embedded() -> Dataset:
    """The dataset that the installed package carries; in a checkout, that of the checkout."""
    global _EMBEDDED
    if _EMBEDDED is None:
        here = Path(__file__).parent
        # An editable install has no copy of the data; the package then lies in the checkout, below src/.
        _EMBEDDED = Dataset(here / "_data" if (here / "_data").is_dir() else here.parents[1])
    return _EMBEDDED


_EMBEDDED: Dataset | None = None


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
    if folder.is_dir():
        return Dataset(folder)
    if not folder.exists():
        raise CorruptPackage(f"{folder} does not exist.")
    if folder.name == "datapackage.json":
        return Dataset(folder.parent)
    try:
        archive = zipfile.ZipFile(folder)
        broken = archive.testzip()
    except (OSError, zipfile.BadZipFile) as error:
        raise CorruptPackage(f"{folder} is neither a folder nor a zip file: {error}") from error
    if broken:
        raise CorruptPackage(f"{folder}: {broken} is damaged; download the file again.")
    names = sorted((n for n in archive.namelist() if n.split("/")[-1] == "datapackage.json"), key=len)
    if not names:
        raise CorruptPackage(f"{folder} holds no datapackage.json.")
    return Dataset(zipfile.Path(archive, names[0].removesuffix("datapackage.json")))
