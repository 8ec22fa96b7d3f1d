"""Each format read back by a library that did not write it, and held against `load`."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import borderledger as bl
from borderledger.dataset import Dataset
from borderledger.errors import BadArgument, CorruptPackage, MissingExtra
from borderledger.output import workbook
from borderledger.output.duckdb import connect
from borderledger.output.export import FORMATS, content, export
from borderledger.output.metadata import about, dictionary
from borderledger.output.shipped import packed
from borderledger.output.sqlite import led_to
from borderledger.package import Package
from borderledger.query.archive import archive_copy
from borderledger.query.evidence import published_files
from borderledger.query.grades import RANKS
from borderledger.query.views import database_views, quoted, views
from tests.conftest import Mini, mini_in, sample

DATA = sample()
TABLES = DATA.names
FOLDERS = ("csv", "parquet")
FILES = ("sqlite", "xlsx")
HOSTILE = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "{=1}",
    "https://example.org/",
    "mailto:someone@example.org",
    "internal:'read me'!A1",
    "007",
    "1e5",
    "2025-06",
    "TRUE",
    "_x0041_",
    "'); DROP TABLE returns; --",
    "</t><f>1+1</f>",
    " Gërhot · Скопје · e\u0301 · \u202eright to left\u202c · 👩‍👩‍👧 · \u00a0 ",
    "x" * 4000,
]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    for format in FORMATS:
        export(DATA, format, folder / format)
    return folder


@pytest.fixture
def hostile(mini: Mini) -> Dataset:
    for number, text in enumerate(HOSTILE):
        mini.add("organisations", id=f"hostile-{number:02}", name=text, short_name=text, kind="other")
    return bl.open(mini.save())


def loaded(table: str, dataset: Dataset = DATA) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = dataset.load(table, backend="arrow").to_pylist()
    return rows


def joined(table: str, dataset: Dataset = DATA) -> list[list[Any]]:
    """The rows of a table with lists as the text of the CSV file."""
    return [
        [(";".join(value) or None) if isinstance(value, list) else value for value in row.values()]
        for row in loaded(table, dataset)
    ]


@pytest.fixture(scope="module")
def file(exported: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"{(exported / 'sqlite').as_uri()}?mode=ro", uri=True)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def book(exported: Path) -> openpyxl.Workbook:
    with open(exported / "xlsx", "rb") as content:
        return openpyxl.load_workbook(content)


@pytest.fixture(scope="module")
def base() -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(DATA) as base:
        yield base


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory, whole: Package) -> list[Any]:
    """The cells of a workbook with ADDRESSES as the addresses of sources."""
    mini = mini_in(tmp_path_factory.mktemp("addresses"), whole)
    first = mini.rows["sources"][0]
    mini.rows["sources"] = [
        {**first, "id": f"source-{row:02}", "url": address} for row, (address, _) in enumerate(ADDRESSES)
    ]
    (path,) = export(bl.open(mini.save()), "xlsx", mini.root / "out.xlsx")
    return column(openpyxl.load_workbook(path)["sources"], "url")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, whole: Package) -> dict[str, dict[str, bytes]]:
    """The files of each format, of the small package as it is: for tests of what becomes of them."""
    dataset = bl.open(mini_in(tmp_path_factory.mktemp("small"), whole).root)
    return {format: content(dataset, format) for format in FORMATS}


def package(path: Path) -> dict[str, str]:
    """The parts of a workbook."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def leads_to(cell: Any) -> str:
    """Where a link goes: a target outside of the workbook, and the place in it."""
    return str(cell.hyperlink.target) + (f"#{cell.hyperlink.location}" if cell.hyperlink.location else "")


class TestGradesCompare:
    """Which rows have a source of their own? Every format that has types gives the answer of `load`."""

    LEAST = RANKS["single"]

    def answers(self, exported: Path, base: duckdb.DuckDBPyConnection, name: str) -> Iterator[tuple[str, int]]:
        query = f"SELECT count(*) FROM {quoted(name)} WHERE evidence_rank >= {self.LEAST}"
        for backend in ("pandas", "polars", "arrow"):
            frame = DATA.load(name, backend=backend)  # type: ignore[call-overload]
            ranks = frame["evidence_rank"].to_pylist() if backend == "arrow" else frame["evidence_rank"].to_list()
            yield backend, sum(rank is not None and rank >= self.LEAST for rank in ranks)
        yield "DuckDB", base.sql(query).fetchall()[0][0]
        yield "SQLite", sqlite3.connect(exported / "sqlite").execute(query).fetchone()[0]
        if name in TABLES:
            ranks = pq.read_table(exported / "parquet" / f"{name}.parquet")["evidence_rank"].to_pylist()
            yield "Parquet", sum(rank is not None and rank >= self.LEAST for rank in ranks)

    @pytest.mark.parametrize("name", [t.name for t in map(DATA.schema, TABLES) if t.bound])
    def test_tables(self, exported: Path, base: duckdb.DuckDBPyConnection, name: str) -> None:
        expected = len(DATA.load(name, grade="single"))
        assert dict(self.answers(exported, base, name)) == dict.fromkeys(
            ("pandas", "polars", "arrow", "DuckDB", "SQLite", "Parquet"), expected
        )

    @pytest.mark.parametrize("name", [view.name for view in views(DATA)])
    def test_views(self, exported: Path, base: duckdb.DuckDBPyConnection, name: str) -> None:
        frame = DATA.load(name)
        expected = int((frame["evidence"] >= "single").sum())
        assert dict(self.answers(exported, base, name)) == dict.fromkeys(
            ("pandas", "polars", "arrow", "DuckDB", "SQLite"), expected
        )

    def test_the_rank_and_the_grade_say_the_same(self) -> None:
        frame = DATA.load("returns")
        assert (frame["evidence"].map(RANKS).astype("Int64") == frame["evidence_rank"]).all()
        assert (frame["evidence_rank"] >= self.LEAST).sum() > 2 * (frame["evidence"].astype(str) >= "single").sum()

    def test_people_are_told_where_they_look(self) -> None:
        for column, said in (("evidence", "use evidence_rank"), ("evidence_rank", "2 single")):
            assert said in DATA.describe("returns").loc[column, "description"]


class TestCsv:
    def test_is_the_package_as_shipped(self, exported: Path) -> None:
        files = packed(DATA.root)
        assert {path: (exported / "csv" / path).read_bytes() for path in files} == files
        shipped = bl.open(exported / "csv")
        assert shipped.shipped
        assert all(shipped.load(table).equals(DATA.load(table)) for table in TABLES)

    def test_what_was_shipped_is_copied(self, exported: Path, tmp_path: Path) -> None:
        shipped = bl.open(exported / "csv")
        assert content(shipped, "csv") == packed(DATA.root)
        with zipfile.ZipFile(tmp_path / "some.zip", "w") as archive:
            for path, raw in packed(DATA.root).items():
                archive.writestr(f"borderledger/{path}", raw)
        assert content(bl.open(tmp_path / "some.zip"), "csv") == packed(DATA.root)

    def test_changed_files_are_refused(self, exported: Path, mini: Mini, tmp_path: Path) -> None:
        export(bl.open(mini.root), "csv", tmp_path / "out")
        with open(tmp_path / "out/data/places.csv", "ab") as table:
            table.write(b"ZZ,Nowhere,country,,,,,\n")
        with pytest.raises(CorruptPackage, match="hash"):
            export(bl.open(tmp_path / "out"), "csv", tmp_path / "again")
        assert not (tmp_path / "again").exists()

    @pytest.mark.parametrize("key", ["path", "schema"])
    def test_nothing_outside_the_package_is_copied(self, mini: Mini, tmp_path: Path, key: str) -> None:
        (tmp_path / "secret.csv").write_text("secret")
        descriptor = json.loads((mini.root / "datapackage.json").read_text())
        descriptor["resources"][0][key] = "../secret.csv"
        inner = mini.root / "schemas"
        (inner / "datapackage.json").write_text(json.dumps(descriptor))
        with pytest.raises(CorruptPackage, match="leads out"):
            content(bl.open(inner), "csv")


class TestParquet:
    @pytest.mark.parametrize("table", TABLES)
    def test_arrow_reads_the_table_that_was_loaded(self, exported: Path, table: str) -> None:
        assert pq.read_table(exported / "parquet" / f"{table}.parquet").equals(DATA.load(table, backend="arrow"))

    @pytest.mark.parametrize("table", TABLES)
    def test_other_libraries_read_the_same(self, exported: Path, table: str) -> None:
        path = exported / "parquet" / f"{table}.parquet"
        assert pl.read_parquet(path).to_dicts() == loaded(table)
        answer = duckdb.execute("FROM read_parquet(?)", [str(path)])
        names = [column[0] for column in answer.description]
        assert [dict(zip(names, row, strict=True)) for row in answer.fetchall()] == loaded(table)

    def test_types(self, exported: Path) -> None:
        schema = pq.read_schema(exported / "parquet/projects.parquet")
        assert schema.field("start_from").type == pa.date32()
        assert schema.field("amount_eur").type == pa.float64()
        assert schema.field("funders").type == pa.list_(pa.string())
        assert pa.types.is_dictionary(schema.field("kind").type)
        assert schema.field("evidence").type.ordered

    def test_metadata_say_what_it_is(self, exported: Path) -> None:
        schema = pq.read_schema(exported / "parquet/returns.parquet")
        found = {key.decode(): value.decode() for key, value in schema.metadata.items()}
        assert found == about(DATA, "returns")
        assert (found["table"], found["version"], found["licence"]) == ("returns", DATA.data_version, "CC-BY-4.0")
        assert found["citation"]
        assert schema.field("unit").metadata[b"description"] == b"What is counted."

    def test_hostile_text_stays_text(self, hostile: Dataset, tmp_path: Path) -> None:
        export(hostile, "parquet", tmp_path / "out")
        assert (
            pl.read_parquet(tmp_path / "out/organisations.parquet")["name"].to_list()[-99:]
            == [row["name"] for row in loaded("organisations", hostile)][-99:]
        )


class TestSqlite:
    @pytest.mark.parametrize("table", TABLES)
    def test_hold_what_load_gives(self, file: sqlite3.Connection, table: str) -> None:
        wanted = [[v.isoformat() if isinstance(v, date) else v for v in row] for row in joined(table)]
        columns = ", ".join(map(quoted, DATA.describe(table).index))
        assert [list(row) for row in file.execute(f"SELECT {columns} FROM {quoted(table)} ORDER BY rowid")] == wanted

    def test_is_whole_and_every_reference_holds(self, file: sqlite3.Connection) -> None:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert file.execute("PRAGMA foreign_key_check").fetchall() == []

    def test_tables_are_strict_with_keys_and_references(self, file: sqlite3.Connection) -> None:
        strict = dict(
            file.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
        )
        assert {name for name, is_so in strict.items() if not is_so} == {"sqlite_schema"}
        for table in TABLES:
            schema = DATA.schema(table)
            found = {row[3]: (row[2], row[4]) for row in file.execute(f"PRAGMA foreign_key_list({quoted(table)})")}
            led = {target: (target, "id") for _, target, _ in led_to(DATA, table)}
            assert found == {key.field: (key.table, key.target) for key in schema.foreign_keys} | led
            columns = file.execute("SELECT name FROM pragma_table_info(?) WHERE pk ORDER BY pk", [table])
            key = [name for (name,) in columns]
            assert key == (list(schema.key) if table != "control_totals" else [])

    @pytest.mark.parametrize(
        "statement",
        [
            "INSERT INTO places (id, name, kind) VALUES ('AL', 'Albania', 'country')",
            "INSERT INTO places (id, name, kind) VALUES ('QQ', 'Nowhere', 'planet')",
            "INSERT INTO places (id, name, kind) VALUES ('QQ', NULL, 'country')",
            "UPDATE returns SET quantity = 'many'",
            "UPDATE returns SET quantity = -1",
            "UPDATE returns SET period_from = '2025-6-1'",
            "UPDATE returns SET to_place = 'QQ'",
            "UPDATE projects_themes SET item = 'sport'",
            "UPDATE projects_funders SET organisations = 'nobody' WHERE places IS NULL",
            "UPDATE claims SET record_id = 'prj-nothing' WHERE projects IS NOT NULL",
        ],
    )
    def test_refuses_what_the_schema_refuses(self, exported: Path, statement: str) -> None:
        connection = sqlite3.connect(":memory:")
        try:
            connection.deserialize((exported / "sqlite").read_bytes())
            connection.execute("PRAGMA foreign_keys = ON")
            with pytest.raises(sqlite3.IntegrityError):
                connection.execute(statement)
        finally:
            connection.close()

    def test_has_the_tables_and_views_of_duckdb_with_the_same_answers(self, file: sqlite3.Connection) -> None:
        with connect(DATA) as database:
            names = [row[0] for row in database.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
            names += [
                row[0] for row in database.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
            ]
            for name in names:
                answer = database.execute(f"SELECT * FROM {quoted(name)}")
                columns = ", ".join(quoted(column[0]) for column in answer.description)
                wanted = answer.fetchall()
                found = file.execute(f"SELECT {columns} FROM {quoted(name)}").fetchall()
                assert sorted(map(self._plain, found)) == sorted(map(self._plain, wanted)), name
        made = {"projects_funders", "agreements_windows", "categories", "disputes", "returns_by_year", "evidence"}
        assert made < {*names}

    @staticmethod
    def _plain(row: tuple[Any, ...]) -> list[str]:
        cells = []
        for value in row:
            if isinstance(value, list):
                value = ";".join(value) or None
            elif isinstance(value, str) and value.startswith("["):
                value = ";".join(json.loads(value)) or None
            elif isinstance(value, float):
                value = round(value, 4)
            cells.append(str(int(value) if isinstance(value, bool) else value))
        return cells

    def test_views_say_what_they_leave_out(self, file: sqlite3.Connection) -> None:
        texts = [text for (text,) in file.execute("SELECT sql FROM sqlite_schema WHERE type = 'view'")]
        assert len(texts) == len(database_views(DATA)) == len(views(DATA)) + 1
        assert all("Leaves out" in text for text in texts)

    @pytest.mark.parametrize(
        "record", ["prj-ba-iom-return-pilot-2022", "ret-all-ba-2020-11", "fac-al-gjader", DATA.load("returns")["id"][0]]
    )
    def test_the_view_evidence_says_of_a_record_what_the_loader_says(
        self, file: sqlite3.Connection, record: str
    ) -> None:
        columns = ["field", "value", "qualifier", "verdict", "source_id", "publisher", "published", "url", "locator"]
        wanted = DATA.evidence(record)[[*columns, "note", "title"]].astype(object)
        asked = ", ".join(map(quoted, [*columns, "note", "source"]))
        found = file.execute(f"SELECT {asked} FROM evidence WHERE record_id = ?", [record]).fetchall()
        plain = [tuple(None if cell != cell else cell for cell in row) for row in wanted.itertuples(index=False)]
        assert sorted(map(str, found)) == sorted(map(str, plain))
        schema, held = DATA.record(record)
        named = file.execute('SELECT DISTINCT "table", title FROM evidence WHERE record_id = ?', [record]).fetchall()
        assert named == [(schema.name, held.get("title") or held.get("name"))]

    def test_the_view_evidence_has_a_row_for_each_claim_and_each_bulk_record(self, file: sqlite3.Connection) -> None:
        counted = dict(file.execute("SELECT verdict = 'bulk', count(*) FROM evidence GROUP BY verdict = 'bulk'"))
        facts = [schema for schema in map(DATA.schema, TABLES) if schema.bound]
        bulk = sum(row["source_id"] in published_files(DATA, one) for one in facts for row in DATA.rows(one.name))
        assert counted == {0: len(DATA.load("claims")), 1: bulk}
        assert file.execute('SELECT count(*) FROM evidence WHERE "table" IS NULL OR url IS NULL').fetchone() == (0,)

    def test_a_claim_leads_to_its_record_and_back(self, file: sqlite3.Connection) -> None:
        targets = DATA.schema("claims").by_name["record_id"].refers_to
        assert [target for _, target, _ in led_to(DATA, "claims")] == list(targets)
        some = f"coalesce({', '.join(map(quoted, targets))})"
        assert file.execute(f"SELECT count(*) FROM claims WHERE record_id IS NOT {some}").fetchone() == (0,)
        for target in targets:
            query = f"SELECT count(*) FROM claims JOIN {quoted(target)} r ON r.id = claims.{quoted(target)}"
            wanted = int(DATA.load("claims")["record_id"].isin(DATA.load(target)["id"]).sum())
            assert file.execute(query).fetchone() == (wanted,)
        assert not [table for table in TABLES if table != "claims" and led_to(DATA, table)]

    def test_ids_that_begin_alike_lead_nowhere(self, mini: Mini, tmp_path: Path) -> None:
        schema = mini.root / "schemas/facilities.json"
        schema.write_text(schema.read_text(encoding="utf-8").replace("(?:fac-[", "(?:act-["), encoding="utf-8")
        mini.rows["facilities"].clear()
        mini.rows["claims"] = [row for row in mini.rows["claims"] if not row["record_id"].startswith("fac-")]
        dataset = bl.open(mini.save())
        assert led_to(dataset, "claims") == []
        (path,) = export(dataset, "sqlite", tmp_path / "out.sqlite")
        columns = [name for (name,) in sqlite3.connect(path).execute("SELECT name FROM pragma_table_xinfo('claims')")]
        assert columns == DATA.schema("claims").names

    def test_says_what_it_is(self, file: sqlite3.Connection) -> None:
        assert dict(file.execute("SELECT * FROM about")) == about(DATA)
        assert list(file.execute("SELECT * FROM data_dictionary")) == list(dictionary(DATA))

    def test_hostile_text_stays_text(self, hostile: Dataset, tmp_path: Path) -> None:
        (path,) = export(hostile, "sqlite", tmp_path / "out.sqlite")
        connection = sqlite3.connect(path)
        rows = connection.execute("SELECT name FROM organisations WHERE id LIKE 'hostile-%' ORDER BY id").fetchall()
        connection.close()
        assert [name for (name,) in rows] == HOSTILE

    @pytest.mark.parametrize("words", ["Gërhot", "gerhot", "GËRHOT", '"centre gerhot"', "title: gerh*"])
    def test_a_record_is_found_by_its_words_whatever_the_accents(self, file: sqlite3.Connection, words: str) -> None:
        found = file.execute('SELECT "table", id FROM search WHERE search MATCH ? ORDER BY rank', [words])
        assert found.fetchone() == ("facilities", "fac-al-gerhot")

    def test_every_text_without_a_set_form_can_be_searched(self, file: sqlite3.Connection) -> None:
        titles = {"activities": "title", "facilities": "name", "organisations": "name", "returns": "", "claims": ""}
        assert {table: DATA.schema(table).label for table in titles} == titles
        for table in TABLES:
            schema = DATA.schema(table)
            found = file.execute('SELECT id, title, text FROM search WHERE "table" = ? ORDER BY id', [table]).fetchall()
            wanted = []
            for row in loaded(table) if schema.key == ("id",) else []:
                words = [row[name] for name in schema.prose if name != schema.label and row[name]]
                wanted.append((row["id"], row[schema.label] if schema.label else None, "\n".join(words) or None))
            # A row that has no words of its own is there for the names of its places and bodies.
            assert found == sorted(wanted, key=lambda row: row[0])

    def test_the_search_in_python_and_that_in_the_file_find_the_same_in_the_same_order(
        self, file: sqlite3.Connection
    ) -> None:
        query = """SELECT "table", id, title, snippet(search, -1, '', '', '…', 24) FROM search
            WHERE search MATCH ? ORDER BY title IS NULL AND text IS NULL, rank, "table", id"""
        for words in ("deported pakistan", "albania", "frontex serbia"):
            ours = DATA.search(words).astype(object)
            assert file.execute(query, [words]).fetchall() == [
                tuple(cell if isinstance(cell, str) else None for cell in row) for row in ours.itertuples(index=False)
            ]

    def test_what_has_a_form_is_not_searched(self) -> None:
        assert DATA.schema("activities").prose == ["title", "summary", "note"]
        assert DATA.schema("sources").prose == ["title", "publisher", "document_ref"]
        assert DATA.schema("control_totals").prose == []

    def test_hostile_text_is_found_and_does_nothing(self, hostile: Dataset, tmp_path: Path) -> None:
        (path,) = export(hostile, "sqlite", tmp_path / "out.sqlite")
        connection = sqlite3.connect(path)
        hits = connection.execute("SELECT id, title, text FROM search WHERE id LIKE 'hostile-%' ORDER BY id").fetchall()
        (dropped,) = connection.execute(
            "SELECT title FROM search WHERE search MATCH '\"drop table returns\"'"
        ).fetchone()
        connection.execute("INSERT INTO search (search) VALUES ('integrity-check')")
        connection.close()
        assert hits == [(f"hostile-{number:02}", text, text) for number, text in enumerate(HOSTILE)]
        assert dropped in HOSTILE

    def test_without_full_text_search_there_is_no_file(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        class Without(sqlite3.Connection):
            def execute(self, statement: str, /, *arguments: Any) -> sqlite3.Cursor:
                return super().execute(statement.replace("USING fts5", "USING fts5_is_not_here"), *arguments)

        real = sqlite3.connect
        monkeypatch.setattr(sqlite3, "connect", lambda *args, **more: real(*args, **more, factory=Without))
        with pytest.raises(MissingExtra, match="without full-text search"):
            export(DATA, "sqlite", tmp_path / "out.sqlite")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        ("table", "field", "value"),
        [
            ("returns", "to_place", "QQ"),
            ("projects", "funders", "nobody"),
            ("projects", "hosts", "AL;AL"),
            ("projects", "kind", "gift"),
            ("returns", "quantity", "-4"),
            ("sources", "title", ""),
            ("claims", "record_id", "fac-nowhere"),
        ],
    )
    def test_data_that_break_their_schema_are_refused(
        self, mini: Mini, tmp_path: Path, table: str, field: str, value: str
    ) -> None:
        mini.rows[table][0][field] = value
        broken = bl.open(mini.save())
        with pytest.raises(CorruptPackage, match="python -m validate"):
            export(broken, "sqlite", tmp_path / "out.sqlite")
        assert not (tmp_path / "out.sqlite").exists()


VIEWS = [view.name for view in views(DATA)]
#: Addresses of sources, each with whether it becomes a link.
ADDRESSES = [
    ("https://example.org/a?b=c&d='e'#f#g", False),  # the pattern forbids the apostrophe
    ("https://example.org/a?b=c&d=e#f#g", True),
    ("https://пример.мк/Скопје", True),
    ("https://example.org/" + "x" * 2059, True),
    ("https://example.org/" + "x" * 2060, False),
    ("https://example.org/" + "[" * 700, False),
    ("https://example.org/" + "😀" * 1030, False),
    ("https://example.org/\x01", False),
    ("https://example.org/\u202egro", False),
    ("https://example.org/ javascript:", False),
    ('https://example.org/"><f>1+1</f>', False),
    ("HTTPS://example.org/", False),
    ("javascript:alert(1)//https://example.org/", False),
    ("file:///etc/passwd", False),
    ("external:c:\\temp\\book.xlsx", False),
    ("internal:'read me'!A1", False),
    ("mailto:someone@example.org", False),
    ("ftp://example.org/", False),
    ("=HYPERLINK(0)", False),
]


@cache  # openpyxl looks at every cell of a sheet to find the last column
def names(sheet: Any) -> list[str]:
    """The names of the columns of a sheet, as the files use them: the first line of the note on each header."""
    return [cell.comment.text.split("\n")[0] for cell in sheet[1]]


def column(sheet: Any, name: str) -> list[Any]:
    """The cells of a column, without its header."""
    at = names(sheet).index(name) + 1
    return [cell for (cell,) in sheet.iter_rows(min_row=2, min_col=at, max_col=at)]


def folded(sheet: Any, letter: str) -> bool:
    """Whether a column is folded away; a run of columns shares one entry."""
    entries = [d for d in sheet.column_dimensions.values() if d.hidden]
    at = openpyxl.utils.column_index_from_string(letter)
    return any(d.min <= at <= d.max and d.outlineLevel == 1 for d in entries)


def away_of(sheet: Any) -> list[str]:
    """The names of the columns that are folded away."""
    return [n for n, c in zip(names(sheet), sheet[1], strict=True) if folded(sheet, c.column_letter)]


def book_sheets(path: Path) -> list[str]:
    """The names of the sheets of a workbook."""
    return list(openpyxl.load_workbook(path, read_only=True).sheetnames)


def shown_widths(sheet: Any) -> list[float]:
    """The widths of the columns that are not folded away; alike neighbours share one entry."""
    entries = [d for d in sheet.column_dimensions.values() if d.min and not d.hidden]
    return [d.width for d in sorted(entries, key=lambda d: d.min) for _ in range(d.min, d.max + 1)]


def pages(sheet: Any) -> int:
    """How many pages a sheet prints on: A4 landscape, one page wide, from widths, heights and the print area."""
    width = 5.25 * sum(shown_widths(sheet))  # in points, of characters
    rows = int(sheet.print_area.rpartition("$")[2]) if sheet.print_area else sheet.max_row
    height = sum(sheet.row_dimensions[row].height or 15 for row in range(1, rows + 1))
    margins, inch = sheet.page_margins, 72
    scale = min(1, (842 - inch * (margins.left + margins.right)) / width)
    return max(1, math.ceil(height * scale / (595 - inch * (margins.top + margins.bottom))))


class TestXlsx:
    @pytest.mark.parametrize("table", [*TABLES, *VIEWS])
    def test_holds_what_load_gives(self, book: openpyxl.Workbook, table: str) -> None:
        held = names(book[table])
        assert len({*held}) == len(held)
        frame = DATA.load(table, backend="arrow", lists="text").to_pylist()
        for name, kind in DATA.describe(table)["kind"].items():
            values = [cell.value for cell in column(book[table], name)]
            found = [v.date() if isinstance(v, datetime) else v for v in values]
            flags = {True: "true", False: "false"}
            expected = [flags[row[name]] if isinstance(row[name], bool) else row[name] for row in frame]
            if kind == "number":  # Excel keeps 15 digits
                expected = [None if value is None else pytest.approx(value) for value in expected]
            assert found == expected, name

    def test_days_are_dates_figures_numbers_and_the_rest_text(self, book: openpyxl.Workbook) -> None:
        types = {"day": "d", "integer": "n", "number": "n"}
        for table in TABLES:
            for name, kind in DATA.describe(table)["kind"].items():
                cells = [cell for cell in column(book[table], name) if cell.value is not None]
                assert {cell.data_type for cell in cells} <= {types.get(kind, "s")}
                if kind == "day":
                    assert {cell.number_format for cell in cells} <= {"yyyy-mm-dd"}

    def test_opens_well(self, book: openpyxl.Workbook) -> None:
        assert book.sheetnames == ["read me", *TABLES, *VIEWS, "data dictionary"]
        for table in [*TABLES, *VIEWS]:
            sheet = book[table]
            assert sheet.freeze_panes == "B2"
            assert sheet.auto_filter.ref == f"A1:{sheet.cell(max(sheet.max_row, 2), sheet.max_column).coordinate}"
            widths = [dimension.width for dimension in sheet.column_dimensions.values()]
            assert all(8 < width < 50 for width in widths)

    def test_prints_on_a4_one_page_wide_with_the_header_on_each_page(self, book: openpyxl.Workbook) -> None:
        for sheet in book:
            assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
            assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
            assert sheet.title == "read me" or sheet.print_title_rows == "$1:$1"
            assert "page &P of &N" in str(sheet.oddFooter.right.text)

    def test_what_a_reader_needs_stands_first(self, book: openpyxl.Workbook) -> None:
        sheet = book["deployments"]
        shown = [n for n, c in zip(names(sheet), sheet[1], strict=True) if not folded(sheet, c.column_letter)]
        assert shown[:2] == ["title", "agency_label"]
        assert shown[-5:] == ["evidence", "primary_fields_label", "source_id_label", "id", "note"]
        assert {"hosts_label", "date", "officers", "officers_qualifier"} <= {*shown}
        assert sheet["A1"].value == "Title"

    def test_the_rest_is_grouped_and_folded(self, book: openpyxl.Workbook) -> None:
        for table in TABLES:
            sheet = book[table]
            away = [n for n, c in zip(names(sheet), sheet[1], strict=True) if folded(sheet, c.column_letter)]
            assert names(sheet)[len(names(sheet)) - len(away) :] == away
        assert {"hosts", "date_from", "officers_max", "n_sources"} <= {*away_of(book["deployments"])}

    def test_names_stand_beside_codes(self, book: openpyxl.Workbook) -> None:
        returns = book["returns"]
        pairs = {
            (c.value, n.value)
            for c, n in zip(column(returns, "from_place"), column(returns, "from_place_label"), strict=True)
        }
        assert ("BA", "Bosnia and Herzegovina") in pairs
        assert "Frontex" in {cell.value for cell in column(returns, "reported_by_label")}

    def test_a_header_has_the_definition(self, book: openpyxl.Workbook) -> None:
        notes = {c.comment.text.split("\n")[0]: c.comment.text.split("\n", 1)[1] for c in book["returns"][1]}
        assert notes["quantity"] == DATA.describe("returns").loc["quantity", "description"]
        assert "Do not add up this column" in notes["quantity"]

    def test_the_first_sheet_leads_to_an_answer(self, book: openpyxl.Workbook) -> None:
        sheet = book["read me"]
        rows = [tuple(row) for row in sheet.iter_rows(values_only=True)]
        facts = {row[0]: row[1] for row in rows}
        steps = [facts[f"{n}."] for n in range(1, 6)]
        assert [step.split()[0] for step in steps] == ["Choose", "Use", "Read", "Click", "Click"]
        assert facts["2025-06~"] == "about that time"
        assert facts["disputed"] == "a source contradicts the value"
        assert facts["version"] == DATA.data_version
        assert facts["licence"] == "CC-BY-4.0"
        assert facts["citation"] == about(DATA)["citation"]
        assert "UNSCR 1244" in facts["Kosovo"]
        assert "Frontex" in facts["credits"]
        assert "Statewatch" in facts["credits"]
        assert "never means zero" in facts["empty cell"]
        assert "not known" in facts["../2025-06"]
        assert "not known" in facts["2025-06/.."]
        assert "several values" in facts["AL;XK"]
        prose = {row[0]: below[0] for row, below in pairwise(rows) if row[0]}
        assert "locator" in prose["Where facts come from"]
        assert all(word in prose["How to print"] for word in ("Entire Workbook", "Print Selection", "LibreOffice"))
        assert "Record, code" in facts["Note"]
        assert {"Record, code"} <= {cell.value for cell in book["claims"][1]}
        assert {"Identifier"} <= {cell.value for cell in book["projects"][1]}
        without = dict(DATA.tables().not_covered.items())
        assert {name: row[4] for row in rows if (name := row[0]) in without} == without
        linked = {cell.value: cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink}
        assert linked == {name: f"'{name}'!A1" for name in [*TABLES, *VIEWS]}

    def test_long_text_of_the_first_sheet_is_wrapped_in_rows_high_enough(self, book: openpyxl.Workbook) -> None:
        sheet = book["read me"]
        widths = shown_widths(sheet)
        across = {merged.min_row: merged for merged in sheet.merged_cells.ranges}
        for row in sheet.iter_rows(min_row=2):
            merged = across.get(row[0].row)
            for cell in row:
                here = merged and cell.column == merged.min_col
                width = sum(widths[merged.min_col - 1 :]) if merged and here else widths[cell.column - 1]
                if cell.value and len(cell.value) > width:
                    assert cell.alignment.wrap_text, cell.coordinate
                    assert sheet.row_dimensions[cell.row].height >= 15 * (len(cell.value) / width), cell.coordinate

    def test_the_last_sheet_defines_every_column(self, book: openpyxl.Workbook) -> None:
        rows = [*book["data dictionary"].iter_rows(values_only=True)]
        assert {(e.table, e.column, e.description) for e in dictionary(DATA)} <= {(r[0], r[1], r[4]) for r in rows}

    def test_no_cell_is_a_formula_and_none_a_link_but_addresses(self, hostile: Dataset, tmp_path: Path) -> None:
        (path,) = export(hostile, "xlsx", tmp_path / "out.xlsx")
        assert not [name for name, text in package(path).items() if "<f>" in text]
        book = openpyxl.load_workbook(path)
        linked = {
            cell.hyperlink.target for sheet in book for row in sheet.iter_rows() for cell in row if cell.hyperlink
        }
        sources = list(hostile.rows("sources"))
        known = {row[name] for row in sources for name in ("url", "archive_url")} | {*map(archive_copy, sources)}
        assert linked - {None} <= known
        sheet = book["organisations"]
        marked = [str(cell.value).startswith("hostile-") for cell in column(sheet, "id")]
        cells = [cell for cell, mine in zip(column(sheet, "name"), marked, strict=True) if mine]
        assert [cell.value for cell in cells] == HOSTILE
        assert {(cell.data_type, cell.number_format) for cell in cells} == {("s", "@")}

    @pytest.mark.parametrize("text", [*HOSTILE[:8], "ftp://example.org/"])
    def test_text_of_the_first_sheet_is_no_formula_and_no_link(self, mini: Mini, tmp_path: Path, text: str) -> None:
        descriptor = json.loads((mini.root / "datapackage.json").read_text(encoding="utf-8"))
        party = {"title": text, "roles": [text]}
        descriptor |= {"title": text, "description": text, "contributors": [party]}
        (mini.root / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
        for rows in mini.rows.values():  # the first sheet shows none of them
            rows.clear()
        (path,) = export(bl.open(mini.save()), "xlsx", tmp_path / "out.xlsx")
        assert "<f>" not in package(path)["xl/worksheets/sheet1.xml"]
        sheet = openpyxl.load_workbook(path)["read me"]
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert [cell.data_type for cell in cells if cell.value == text] == ["s", "s"]
        assert {cell.hyperlink.location for cell in cells if cell.hyperlink} == {
            f"'{name}'!A1" for name in book_sheets(path)[1:-1]
        }

    @pytest.mark.parametrize("name", [t.name for t in map(DATA.schema, TABLES) if t.bound] + VIEWS[:3])
    def test_the_grade_of_a_record_leads_to_its_claims(self, book: openpyxl.Workbook, name: str) -> None:
        claimed: dict[str, list[int]] = {}
        for row, cell in enumerate(column(book["claims"], "record_id"), 2):
            claimed.setdefault(cell.value, []).append(row)
        for record, cell in zip(column(book[name], "id"), column(book[name], "evidence"), strict=True):
            at = claimed.get(record.value, []) if cell.hyperlink else []
            assert not at or cell.hyperlink.location == f"'claims'!A{at[0]}:A{at[-1]}"
            assert bool(at) == (cell.value not in ("bulk", None))
        assert "claims behind it" in book[name].cell(1, cell.column).comment.text

    @pytest.mark.parametrize(("sheet", "shown"), [("claims", "record_id_label"), ("corrections", "record_id")])
    def test_a_claim_leads_back_to_its_record(self, book: openpyxl.Workbook, sheet: str, shown: str) -> None:
        ids = {name: [cell.value for cell in column(book[name], "id")] for name in TABLES if "id" in names(book[name])}
        for record, cell in zip(column(book[sheet], "record_id"), column(book[sheet], shown), strict=True):
            if cell.hyperlink:
                name, _, at = cell.hyperlink.location.partition("!A")
                assert ids[name.strip("'")][int(at) - 2] == record.value
            else:  # retired
                assert record.value not in {one for known in ids.values() for one in known}

    def test_views_that_add_up_lead_to_no_record(self, book: openpyxl.Workbook) -> None:
        for name in VIEWS[3:]:
            assert not any(cell.hyperlink for cell in column(book[name], "evidence"))

    @pytest.mark.parametrize(("rows", "block"), [([5], "A5:A5"), ([5, 6, 7], "A5:A7"), ([5, 7], "A5")])
    def test_a_link_covers_the_claims_of_one_record_only(self, rows: list[int], block: str) -> None:
        assert workbook._block(rows) == block

    def test_no_sheet_prints_on_more_than_some_pages(self, book: openpyxl.Workbook) -> None:
        printed = {sheet.title: pages(sheet) for sheet in book}
        assert max(printed.values()) < 40, printed

    def test_of_a_long_sheet_only_the_header_prints_and_says_how_to_print_more(self, book: openpyxl.Workbook) -> None:
        cut = {sheet.title: sheet for sheet in book if sheet.print_area}
        facts = [*(name for name in TABLES if DATA.schema(name).bound), *VIEWS]
        most = {sheet.title: workbook.MOST_FACTS if sheet.title in facts else workbook.MOST_OTHERS for sheet in book}
        assert list(cut) == [sheet.title for sheet in book if sheet.max_row - 1 > most[sheet.title]]
        assert {"claims", "places"} <= cut.keys()
        assert not {"agreements", "facilities", "money_by_funder"} & cut.keys()
        for name, sheet in cut.items():
            assert sheet.print_area == f"'{name}'!$A$1:${sheet.cell(1, sheet.max_column).column_letter}$1"
            said = sheet.oddHeader.left.text
            assert said.startswith(f"{sheet.max_row - 1:,} rows. To print some of them: filter, select the rows")
            assert len(f"&L{said}") <= 255  # Excel takes no more
        assert not any(sheet.oddHeader.left.text for sheet in book if sheet.title not in cut)

    def test_a_long_sheet_of_facts_is_cut_too(self, mini: Mini, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(workbook, "MOST_FACTS", len(mini.rows["returns"]) - 1)
        (path,) = export(bl.open(mini.root), "xlsx", mini.root / "out.xlsx")
        cut = {sheet.title for sheet in openpyxl.load_workbook(path) if sheet.print_area}
        assert "returns" in cut
        assert "facilities" not in cut

    def test_addresses_and_titles_of_sources_can_be_clicked(self, book: openpyxl.Workbook) -> None:
        for name in ("url", "archive_url", "archive_copy"):
            for cell in column(book["sources"], name):
                assert cell.value is None or leads_to(cell) == cell.value
        urls = dict(zip(*(DATA.load("sources")[name] for name in ("id", "url")), strict=True))
        sheet = book["returns"]
        for code, cell in zip(column(sheet, "source_id"), column(sheet, "source_id_label"), strict=True):
            assert leads_to(cell) == urls[code.value]

    @pytest.mark.parametrize(("row", "address", "link"), [(row, *case) for row, case in enumerate(ADDRESSES)])
    def test_only_a_web_address_is_a_link(self, linked: list[Any], row: int, address: str, link: bool) -> None:
        cell = linked[row]
        # Excel writes what has no place in XML as _x0001_, which openpyxl leaves as it stands.
        assert (cell.value, cell.data_type) == (address.replace("\x01", "_x0001_"), "s")
        assert bool(cell.hyperlink) == link
        if link:
            assert leads_to(cell) == address

    def test_a_pattern_that_lets_more_pass_makes_no_other_links(self, mini: Mini, tmp_path: Path) -> None:
        schema = mini.root / "schemas/sources.json"
        text = schema.read_text(encoding="utf-8")
        schema.write_text(text.replace('"(?:https?://', '"(?:https?://x|[a-z]+:'), encoding="utf-8")
        mini.rows["sources"][0]["url"] = "javascript:alert(1)"
        export(bl.open(mini.save()), "xlsx", tmp_path / "out.xlsx")
        assert not column(openpyxl.load_workbook(tmp_path / "out.xlsx")["sources"], "url")[0].hyperlink

    def test_more_addresses_than_excel_takes_stay_text(
        self, monkeypatch: pytest.MonkeyPatch, mini: Mini, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(workbook, "MOST_LINKS", 3)
        export(bl.open(mini.root), "xlsx", tmp_path / "out.xlsx")
        sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["sources"]
        cells = column(sheet, "url")
        assert [bool(cell.hyperlink) for cell in cells] == [True] * 3 + [False] * (sheet.max_row - 4)
        assert all(cell.value for cell in cells)

    def test_days_before_excel_can_count_are_text(self, mini: Mini, tmp_path: Path) -> None:
        mini.rows["sources"][0]["published"] = "1900-02-28/1900-03-01"
        export(bl.open(mini.save()), "xlsx", tmp_path / "out.xlsx")
        sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["sources"]
        days = [column(sheet, f"published_{end}")[0].value for end in ("from", "to")]
        assert days == ["1900-02-28", datetime(1900, 3, 1)]

    def test_large_numbers_keep_their_digits(self, mini: Mini, tmp_path: Path) -> None:
        mini.rows["returns"][0]["quantity"] = "123456789012345678"
        export(bl.open(mini.save()), "xlsx", tmp_path / "out.xlsx")
        sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["returns"]
        assert "123456789012345678" in [cell.value for cell in sheet[2]]


class TestBytes:
    def test_are_the_same_in_another_place_and_time(self, exported: Path, tmp_path: Path) -> None:
        code = (
            "import hashlib\n"
            "import sys\n"
            "import borderledger as bl\n"
            "from borderledger.output.export import FORMATS, content\n"
            "for format in FORMATS:\n"
            "    for path, raw in sorted(content(bl.open(sys.argv[1]), format).items()):\n"
            "        print(format, path, hashlib.sha256(raw).hexdigest(), sep='/')\n"
        )
        away = {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "7", "LC_ALL": "C", "PYTHONUTF8": "1"}
        env = os.environ | away
        copied = shutil.copytree(DATA.root, tmp_path / "elsewhere")
        arguments = [sys.executable, "-c", code, copied]
        done = subprocess.run(arguments, env=env, capture_output=True, text=True, check=True)
        there = {}
        for line in done.stdout.splitlines():
            path, _, digest = line.rpartition("/")
            there[path.removesuffix("/")] = digest
        here = {p.relative_to(exported).as_posix(): p for p in exported.rglob("*") if p.is_file()}
        assert there == {path: hashlib.sha256(file.read_bytes()).hexdigest() for path, file in here.items()}


class TestExport:
    @pytest.mark.parametrize("format", FOLDERS + FILES)
    def test_returns_the_files_that_it_wrote(self, exported: Path, mini: Mini, tmp_path: Path, format: str) -> None:
        (tmp_path / "to").mkdir()
        found = export(bl.open(mini.root), format, str(tmp_path / "to/out"))
        assert found == sorted(p for p in (tmp_path / "to").rglob("*") if p.is_file())

    @pytest.mark.parametrize("format", FOLDERS + FILES)
    def test_what_exists_is_kept_unless_told(self, mini: Mini, tmp_path: Path, format: str) -> None:
        dataset, out = bl.open(mini.root), tmp_path / "to/out"
        out.parent.mkdir()
        first = {path: path.read_bytes() for path in export(dataset, format, out)}
        with pytest.raises(BadArgument, match=r"exists\. Use overwrite"):
            export(dataset, format, out)
        next(iter(first)).write_bytes(b"old")
        export(dataset, format, out, overwrite=True)
        assert {p: p.read_bytes() for p in out.parent.rglob("*") if p.is_file()} == first
        assert list(out.parent.iterdir()) == [out]

    def test_a_folder_with_other_files_is_never_replaced(self, mini: Mini, tmp_path: Path) -> None:
        out = tmp_path / "home"
        (out / "letters").mkdir(parents=True)
        (out / "letters/diary.txt").write_text("dear diary")
        with pytest.raises(BadArgument, match=r"letters/diary\.txt"):
            export(bl.open(mini.root), "parquet", out, overwrite=True)
        assert (out / "letters/diary.txt").read_text() == "dear diary"

    def test_a_file_does_not_replace_a_folder_or_the_reverse(self, mini: Mini, tmp_path: Path) -> None:
        (tmp_path / "folder").mkdir()
        (tmp_path / "file").write_text("old")
        dataset = bl.open(mini.root)
        with pytest.raises(BadArgument, match="is a folder, and sqlite is one file"):
            export(dataset, "sqlite", tmp_path / "folder", overwrite=True)
        with pytest.raises(BadArgument, match="is not a folder"):
            export(dataset, "parquet", tmp_path / "file", overwrite=True)
        assert (tmp_path / "file").read_text() == "old"

    @pytest.mark.parametrize(
        ("format", "out", "message"),
        [
            ("xls", "out", "format 'xls' is not known. Did you mean xlsx"),
            ("xlsx", "nowhere/out", "there is no folder"),
        ],
    )
    def test_what_is_asked_must_make_sense(self, tmp_path: Path, format: str, out: str, message: str) -> None:
        with pytest.raises(BadArgument, match=message):
            export(DATA, format, tmp_path / out)

    @pytest.mark.parametrize(("format", "library"), [("parquet", "pyarrow"), ("xlsx", "xlsxwriter")])
    def test_says_what_to_install(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, format: str, library: str
    ) -> None:
        monkeypatch.setitem(sys.modules, library, None)
        with pytest.raises(MissingExtra, match=f"pip install {library}"):
            export(DATA, format, tmp_path / "out")
        assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="links and modes of Unix")
class TestOverwrite:
    """What is replaced keeps its kind and its mode."""

    def test_a_link_stays_and_so_does_the_mode(self, mini: Mini, tmp_path: Path) -> None:
        target, link = tmp_path / "target", tmp_path / "link.sqlite"
        target.write_bytes(b"")
        target.chmod(0o664)
        link.symlink_to("target")
        export(Dataset(mini.root), "sqlite", link, overwrite=True)
        assert link.is_symlink()
        assert target.read_bytes().startswith(b"SQLite format 3")
        assert target.stat().st_mode & 0o777 == 0o664

    def test_the_modes_of_a_folder_and_its_files_stay(self, mini: Mini, tmp_path: Path) -> None:
        out, dataset = tmp_path / "out", Dataset(mini.root)
        export(dataset, "csv", out)
        out.chmod(0o750)
        (out / "datapackage.json").chmod(0o640)
        export(dataset, "csv", out, overwrite=True)
        assert out.stat().st_mode & 0o777 == 0o750
        assert (out / "datapackage.json").stat().st_mode & 0o777 == 0o640

    @pytest.mark.parametrize(("format", "file"), [("csv", "out/datapackage.json"), ("sqlite", "out")])
    def test_a_file_with_a_second_name_is_refused(self, mini: Mini, tmp_path: Path, format: str, file: str) -> None:
        dataset = Dataset(mini.root)
        export(dataset, format, tmp_path / "out")
        os.link(tmp_path / file, tmp_path / "second")
        with pytest.raises(OSError, match="a hard link") as raised:
            export(dataset, format, tmp_path / "out", overwrite=True)
        assert raised.value.filename == str(tmp_path / file)


class TestInterrupted:
    """Whatever moment a run ends at, there is the whole export or what was there before."""

    @pytest.fixture
    def dataset(self, mini: Mini, made: dict[str, dict[str, bytes]], monkeypatch: pytest.MonkeyPatch) -> Dataset:
        """The small package, whose files are made already: what is tested here is how they are written."""
        for format, files in made.items():
            monkeypatch.setitem(FORMATS, format, lambda dataset, files=files: files)
        return bl.open(mini.root)

    @pytest.fixture
    def out(self, tmp_path: Path) -> Path:
        (tmp_path / "to").mkdir()
        return tmp_path / "to/out"

    @pytest.mark.parametrize("format", FOLDERS + FILES)
    @pytest.mark.parametrize("call", ["fsync", "replace"])
    @pytest.mark.parametrize("at", [1, 5, -1])
    @pytest.mark.parametrize("existing", [False, True])
    def test_leaves_all_or_nothing(
        self,
        monkeypatch: pytest.MonkeyPatch,
        dataset: Dataset,
        out: Path,
        format: str,
        call: str,
        at: int,
        existing: bool,
    ) -> None:
        if existing:
            for path in export(dataset, format, out):
                path.write_bytes(b"old")
        before = {p: p.read_bytes() for p in out.parent.rglob("*") if p.is_file()}
        last = self._count(monkeypatch, dataset, call, format, out.parent.parent / "count")
        stop_at = last if at == -1 else min(at, last)
        if existing and call == "replace" and format in FOLDERS and at == -1:
            stop_at += 1  # the old folder is moved away first
        real, calls = getattr(os, call), 0

        def stop(*arguments: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == stop_at:
                raise KeyboardInterrupt
            return real(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(os, call, stop)
            with pytest.raises(KeyboardInterrupt):
                export(dataset, format, out, overwrite=True)
        assert {p: p.read_bytes() for p in out.parent.rglob("*") if p.is_file()} == before
        assert list(out.parent.iterdir()) == ([out] if existing else [])

    @staticmethod
    def _count(monkeypatch: pytest.MonkeyPatch, dataset: Dataset, call: str, format: str, out: Path) -> int:
        """How many times a whole export makes the call."""
        real, calls = getattr(os, call), 0

        def counted(*arguments: Any) -> Any:
            nonlocal calls
            calls += 1
            return real(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(os, call, counted)
            export(dataset, format, out)
        return calls

    def test_what_a_killed_run_left_is_no_hindrance(self, dataset: Dataset, out: Path) -> None:
        (out.parent / ".out.new/data").mkdir(parents=True)
        (out.parent / ".out.new/data/half.csv").write_text("half")
        export(dataset, "csv", out)
        assert not (out / "data/half.csv").exists()
        assert list(out.parent.iterdir()) == [out]
