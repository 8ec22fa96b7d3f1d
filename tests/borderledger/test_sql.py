"""The database in DuckDB: each table and view against the same question put to `load`."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import borderledger as bl
from borderledger.dataset import Dataset, embedded
from borderledger.errors import CorruptPackage, MissingExtra
from borderledger.output.duckdb import connect
from borderledger.query.evidence import published_files
from borderledger.query.grades import GRADES
from borderledger.query.views import _ratio, quoted
from tests.conftest import Mini

DATA = embedded()
TABLES = DATA.names
LISTS = [(name, field.name) for name in TABLES for field in DATA.schema(name).fields if field.delimiter]
ON_DAY = {"agreements": "agreements_in_force", "deployments": "deployments_latest", "projects": "projects_running"}
MADE = DATA.descriptor["created"][:10]
Rows = list[dict[str, Any]]

HOSTILE = [
    "'); DROP TABLE returns; --",
    "say \"no\" to 'quotes' \\ and %s {} ? $1",
    "=1+1",
    "007",
    "NULL",
    "nan",
    "[a, b]",
    "Gërhot · Đeravica · Скопје · \u202eright to left\u202c · 👩‍👩‍👧 · \u00a0",
    "x" * 9000,
]


@pytest.fixture(scope="module")
def base() -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(DATA) as database:
        yield database


def ask(database: duckdb.DuckDBPyConnection, query: str, *values: Any) -> Rows:
    answer = database.execute(query, list(values))
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def loaded(table: str, dataset: Dataset = DATA, **arguments: Any) -> Rows:
    rows: Rows = dataset.load(table, backend="arrow", **arguments).to_pylist()
    return rows


class TestTables:
    @pytest.mark.parametrize("table", TABLES)
    def test_hold_what_load_gives(self, base: duckdb.DuckDBPyConnection, table: str) -> None:
        assert ask(base, f"SELECT * FROM {quoted(table)}") == loaded(table)

    @pytest.mark.parametrize("table", TABLES)
    def test_are_typed(self, base: duckdb.DuckDBPyConnection, table: str) -> None:
        types = {"text": "VARCHAR", "category": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "day": "DATE"}
        types["list"] = "VARCHAR[]"
        wanted = {column: types[kind] for column, kind in DATA.describe(table)["kind"].items()}
        found = ask(base, f"DESCRIBE {quoted(table)}")
        assert {row["column_name"]: row["column_type"] for row in found} == wanted

    @pytest.mark.parametrize(("table", "field"), LISTS)
    def test_link_tables_hold_every_item(self, base: duckdb.DuckDBPyConnection, table: str, field: str) -> None:
        exploded = DATA.load(table, columns=["id", field], explode=field).dropna()
        links = ask(base, f"SELECT id, item FROM {table}_{field}")
        assert [(row["id"], row["item"]) for row in links] == list(exploded.itertuples(index=False, name=None))

    def test_link_tables_tell_places_from_bodies(self, base: duckdb.DuckDBPyConnection) -> None:
        rows = ask(base, "SELECT * FROM projects_funders")
        assert {row["places"] or row["organisations"] for row in rows} == {row["item"] for row in rows}
        assert all((row["places"] is None) != (row["organisations"] is None) for row in rows)
        assert all((row["places"] is not None) == row["item"].isupper() for row in rows)

    def test_lists_can_be_empty_in_all_rows(self, mini: Mini) -> None:
        for row in mini.rows["returns"]:
            row["nationalities"] = ""
        with connect(bl.open(mini.save())) as database:
            assert ask(database, "SELECT DISTINCT nationalities AS n FROM returns") == [{"n": []}]
            assert ask(database, "SELECT * FROM returns_nationalities") == []

    def test_tables_can_be_empty(self, mini: Mini) -> None:
        mini.rows["corrections"] = []
        assert ask(connect(bl.open(mini.save())), "SELECT * FROM corrections") == []

    def test_categories_have_their_order_and_meaning(self, base: duckdb.DuckDBPyConnection) -> None:
        rows = ask(
            base, """SELECT * FROM categories WHERE "table" = 'returns' AND "column" = 'evidence' ORDER BY rank"""
        )
        assert {row["value"]: row["label"] for row in rows} == GRADES
        assert [row["rank"] for row in rows] == [1, 2, 3, 4, 5]

    def test_every_table_view_and_column_says_what_it_is(self, base: duckdb.DuckDBPyConnection) -> None:
        for kind in ("tables", "views"):
            rows = ask(base, f"SELECT comment FROM duckdb_{kind}() WHERE NOT internal")
            assert rows
            assert all(row["comment"] for row in rows)
        macros = ask(
            base, "SELECT comment FROM duckdb_functions() WHERE NOT internal AND function_type = 'table_macro'"
        )
        assert len(macros) == len(ON_DAY)
        assert all("Leaves out" in row["comment"] for row in macros)
        unit = ask(base, "SELECT comment FROM duckdb_columns() WHERE table_name = 'returns' AND column_name = 'unit'")
        assert unit == [{"comment": "What is counted."}]

    def test_connections_are_apart(self, base: duckdb.DuckDBPyConnection) -> None:
        with bl.connect() as other:
            other.execute("DROP VIEW returns_by_year")
            assert ask(base, "SELECT count(*) > 0 AS there FROM returns_by_year") == [{"there": True}]


class TestHostileText:
    def test_text_stays_text(self, mini: Mini) -> None:
        for number, text in enumerate(HOSTILE):
            mini.add("organisations", id=f"hostile-{number}", name=text, kind="other")
        mini.row("projects", id="prj-dk-xk-gjilan").update(title=HOSTILE[0], note=HOSTILE[1])
        with connect(bl.open(mini.save())) as database:
            rows = ask(database, "SELECT name FROM organisations WHERE id LIKE 'hostile-%' ORDER BY id")
            assert [row["name"] for row in rows] == HOSTILE
            assert {row["title"] for row in ask(database, "SELECT title FROM disputes")} >= {HOSTILE[0]}

    def test_schemas_cannot_smuggle_either(self, mini: Mini) -> None:
        path = mini.root / "schemas/places.json"
        schema = json.loads(path.read_text())
        schema["description"], schema["notCovered"] = "'; DROP TABLE returns; --", ""
        schema["fields"][1]["description"] = 'it\'s */ "quoted"'
        schema["fields"][1]["name"] = 'na"me'
        path.write_text(json.dumps(schema))
        csv = mini.root / "data/places.csv"
        text = csv.read_text()
        csv.write_text(text.replace("id,name,", 'id,"na""me",', 1))
        with connect(bl.open(mini.root)) as database:
            assert ask(database, """SELECT "na""me" AS n FROM places WHERE id = 'AL'""") == [{"n": "Albania"}]
            assert ask(database, "SELECT comment FROM duckdb_tables() WHERE table_name = 'places'") == [
                {"comment": "'; DROP TABLE returns; --"}
            ]


@pytest.mark.filterwarnings("ignore:as_of 2030-01-01 is after")
class TestOnADay:
    @pytest.mark.parametrize("table", ON_DAY)
    @pytest.mark.parametrize(
        "day", ["1996-02-29", "2005-06-09", "2018-12-31", "2023-07-01", "2025-06-15", "2030-01-01"]
    )
    def test_macro_gives_the_answer_of_load(self, base: duckdb.DuckDBPyConnection, table: str, day: str) -> None:
        assert ask(base, f"SELECT * FROM {ON_DAY[table]}_on(?)", day) == loaded(table, as_of=day)

    @pytest.mark.parametrize("table", ON_DAY)
    def test_view_gives_the_answer_for_the_day_of_the_data(self, base: duckdb.DuckDBPyConnection, table: str) -> None:
        rows = ask(base, f"SELECT * FROM {ON_DAY[table]}")
        assert rows
        assert rows == loaded(table, as_of=MADE)

    def test_macro_takes_a_date(self, base: duckdb.DuckDBPyConnection) -> None:
        day = date(2023, 7, 1)
        assert ask(base, "SELECT * FROM agreements_in_force_on(?)", day) == loaded("agreements", as_of=day)

    @pytest.mark.parametrize("table", ON_DAY)
    def test_what_is_left_open_can_be_counted(self, base: duckdb.DuckDBPyConnection, table: str) -> None:
        unknown = DATA.load(table, as_of=MADE).attrs["as_of_unknown"]
        rows = ask(base, f"SELECT count(*) AS n FROM {table}_windows WHERE DATE '{MADE}' BETWEEN open_from AND open_to")
        assert rows == [{"n": unknown}]

    def test_a_package_says_when_it_was_made(self, mini: Mini) -> None:
        path = mini.root / "datapackage.json"
        descriptor = json.loads(path.read_text())
        del descriptor["created"]
        path.write_text(json.dumps(descriptor))
        with pytest.raises(CorruptPackage, match="created"):
            connect(bl.open(mini.root))


FLOW = [
    *("from_place", "to_place", "nationalities", "return_type", "operation_type", "unit"),
    *("carried_out_by", "reported_by", "source_id"),
]


def _wholes(rows: dict[str, dict[str, Any]], record: str) -> Iterator[str]:
    while (record := rows[record]["part_of"]) in rows:
        yield record


#: The publishers' files that rows of returns are from.
FILES = published_files(DATA, DATA.schema("returns"))


def _line(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["period_from"].year, *(str(row[name]) for name in FLOW)


def _goes_before(rival: dict[str, Any], row: dict[str, Any]) -> bool:
    """Whether, of two counts that overlap, the first is the one to count."""
    if (
        rival["source_id"] in FILES
        or rival["period_from"] > row["period_to"]
        or row["period_from"] > rival["period_to"]
    ):
        return False
    order = [(r["period_from"], -r["period_to"].toordinal(), -r["quantity"], r["id"]) for r in (rival, row)]
    return order[0] < order[1]


def _summed(rows: Rows, figure: str) -> tuple[Any, ...]:
    worst = min((row["evidence"] for row in rows), key=list(GRADES).index)
    exact = sum(row[f"{figure}_qualifier"] == "exact" for row in rows)
    return sum(row[figure] for row in rows), len(rows) - exact, len(rows), worst


class TestReturnsByYear:
    def test_is_what_may_be_added(self, base: duckdb.DuckDBPyConnection) -> None:
        every = {row["id"]: row for row in loaded("returns")}
        counted = {
            key: row
            for key, row in every.items()
            if row["measure"] == "count" and row["quantity"] is not None
            if row["period_from"] and row["period_to"] and row["period_from"].year == row["period_to"].year
        }
        same = defaultdict(list)
        for row in counted.values():
            same[_line(row)].append(row)
        lines = defaultdict(list)
        for key, row in counted.items():
            wholes = [_line(counted[whole]) for whole in _wholes(every, key) if whole in counted]
            rivals = [] if row["source_id"] in FILES else same[_line(row)]
            if _line(row) not in wholes and not any(_goes_before(rival, row) for rival in rivals):
                lines[(*_line(row), bool(wholes))].append(row)
        wanted = {key: _summed(rows, "quantity") for key, rows in lines.items()}
        found = {
            (row["year"], *(str(row[name]) for name in FLOW), row["in_larger_sum"]): (
                row["quantity"],
                row["not_exact"],
                row["n_rows"],
                row["evidence"],
            )
            for row in ask(base, "SELECT * FROM returns_by_year")
        }
        assert found == wanted

    def test_bulk_is_added_up_in_full(self, base: duckdb.DuckDBPyConnection) -> None:
        """Also the rows that another source contradicts; but a quarter is in the sum as a part of its year."""
        files = DATA.load("returns").query("source_id in @FILES")
        files = files[~files.part_of.str.startswith("ret-homeoffice-", na=False)]
        named = ", ".join(f"'{source}'" for source in sorted(FILES))
        rows = ask(
            base, f"SELECT sum(quantity) AS persons, sum(n_rows) AS n FROM returns_by_year WHERE source_id IN ({named})"
        )
        assert rows == [{"persons": files["quantity"].sum(), "n": files["quantity"].count()}]

    @pytest.fixture
    def years(self, mini: Mini) -> Mini:
        mini.rows["returns"] = []
        mini.rows["claims"] = [c for c in mini.rows["claims"] if not c["record_id"].startswith("ret-")]
        return mini

    @staticmethod
    def count(mini: Mini, name: str, period: str, quantity: int, **more: str) -> None:
        plain = {"return_type": "all", "unit": "persons", "measure": "count", "quantity_qualifier": "exact"}
        source = {"source_id": mini.rows["sources"][0]["id"], "from_place": "DE", "to_place": "AL"}
        values = plain | source | more | {"id": f"ret-{name}", "period": period, "quantity": str(quantity)}
        mini.add("returns", **values)

    @staticmethod
    def lines(mini: Mini) -> list[tuple[Any, ...]]:
        with connect(bl.open(mini.save())) as database:
            rows = ask(database, "SELECT * FROM returns_by_year")
        return [(row["year"], row["from_place"], row["quantity"], row["n_rows"], row["in_larger_sum"]) for row in rows]

    def test_months_are_added(self, years: Mini) -> None:
        self.count(years, "a", "2020-01", 10)
        self.count(years, "b", "2020-02/2020-03", 5, quantity_qualifier="about")
        assert self.lines(years) == [(2020, "DE", 15, 2, False)]

    def test_a_part_is_not_added_to_its_whole_near_or_far(self, years: Mini) -> None:
        self.count(years, "year", "2020", 100)
        self.count(years, "half", "2020-01/2020-06", 60, part_of="ret-year", measure="cumulative")
        self.count(years, "month", "2020-01", 10, part_of="ret-half")
        assert self.lines(years) == [(2020, "DE", 100, 1, False)]

    def test_a_part_in_another_line_is_marked(self, years: Mini) -> None:
        self.count(years, "eu", "2020", 100, from_place="EU")
        self.count(years, "de", "2020", 60, part_of="ret-eu")
        assert self.lines(years) == [(2020, "DE", 60, 1, True), (2020, "EU", 100, 1, False)]

    def test_a_circle_of_parts_ends(self, years: Mini) -> None:
        self.count(years, "a", "2020-01", 10, part_of="ret-b")
        self.count(years, "b", "2020-02", 5, part_of="ret-a")
        assert self.lines(years) == []

    def test_a_period_within_another_is_not_added(self, years: Mini) -> None:
        self.count(years, "quarter", "2020-09/2020-11", 18)
        self.count(years, "month", "2020-11", 3)
        assert self.lines(years) == [(2020, "DE", 18, 1, False)]

    def test_sources_and_reporters_are_not_added(self, years: Mini) -> None:
        self.count(years, "a", "2020", 18, reported_by="frontex")
        self.count(years, "b", "2020", 20, reported_by="eurostat")
        self.count(years, "c", "2020", 30, reported_by="frontex", source_id=years.rows["sources"][1]["id"])
        assert sorted(row[2] for row in self.lines(years)) == [18, 20, 30]

    @pytest.mark.parametrize(
        "values",
        [
            {"measure": "cumulative"},
            {"measure": "stock"},
            {"period": "2019-12/2020-01"},
            {"period": "../2020"},
            {"period": "2020/.."},
            {"quantity": "", "quantity_qualifier": ""},
        ],
    )
    def test_leaves_out(self, years: Mini, values: dict[str, str]) -> None:
        self.count(years, "a", "2020", 18)
        years.rows["returns"][-1].update(values)
        assert self.lines(years) == []


class TestMoneyByFunder:
    def test_is_what_may_be_added(self, base: duckdb.DuckDBPyConnection) -> None:
        every = {row["id"]: row for row in loaded("projects")}
        counted = {
            key: row
            for key, row in every.items()
            if row["amount_eur"] is not None and row["kind"] in ("project", "programme", "contract", "grant")
            if row["amount_basis"] not in ("per_year", "required", "ceiling", "envelope")
        }
        lines = defaultdict(list)
        for key, row in counted.items():
            if not any(whole in counted for whole in _wholes(every, key)):
                lines[str(row["funders"]), len(row["funders"]) > 1, row["kind"], row["amount_basis"]].append(row)
        found = {
            (str(row["funders"]), row["joint"], row["kind"], row["amount_basis"]): (
                pytest.approx(row["amount_eur"]),
                row["not_exact"],
                row["n_rows"],
                row["evidence"],
            )
            for row in ask(base, "SELECT * FROM money_by_funder")
        }
        assert {key: _summed(rows, "amount_eur") for key, rows in lines.items()} == found

    def test_joint_money_is_not_split(self, base: duckdb.DuckDBPyConnection) -> None:
        rows = ask(base, "SELECT * FROM money_by_funder WHERE joint")
        assert (["DE", "EU", "IT", "NL"], 33303022.0) in [(row["funders"], row["amount_eur"]) for row in rows]
        assert all(len(row["funders"]) > 1 for row in rows)


class TestRatios:
    @given(st.integers(0, 10**9), st.integers(1, 10**6), st.sampled_from([2, 3]))
    @example(312, 320, 2)  # 0.975: the `round` of SQLite says 0.98, and that of DuckDB 0.97
    def test_are_rounded_half_up_in_both_databases(self, part: int, whole: int, digits: int) -> None:
        exact = (Decimal(part) / whole).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        query = f"SELECT {_ratio('sum(part)', 'sum(whole)', digits)} FROM (SELECT {part} AS part, {whole} AS whole)"
        for database in (sqlite3.connect(":memory:"), duckdb.connect(":memory:")):
            with contextlib.closing(database):
                assert database.execute(query).fetchone() == (float(exact),)

    def test_of_nothing_is_unknown(self) -> None:
        with contextlib.closing(sqlite3.connect(":memory:")) as database:
            assert database.execute(f"SELECT {_ratio('3', 'nullif(0, 0)', 2)}").fetchone() == (None,)


class TestDisputes:
    def test_are_those_of_the_dataset(self, base: duckdb.DuckDBPyConnection) -> None:
        wanted = DATA.disputes().to_dict("records")
        found = ask(base, "SELECT * FROM disputes")
        plain = [{k: list(v) if isinstance(v, tuple) else v for k, v in row.items()} for row in wanted]
        assert found == [{k: v if isinstance(v, str | list) else None for k, v in row.items()} for row in plain]


class TestConnect:
    def test_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "duckdb", None)
        with pytest.raises(MissingExtra, match="duckdb is not installed: pip install duckdb"):
            connect(DATA)

    def test_module_imports_neither_duckdb_nor_pandas(self) -> None:
        code = "import sys, borderledger.query.relations, borderledger.output.duckdb; print({'duckdb', 'pandas'} & {*sys.modules})"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout == "set()\n"

    def test_views_need_their_tables_only(self, mini: Mini) -> None:
        path = mini.root / "datapackage.json"
        descriptor = json.loads(path.read_text())
        kept = ("places", "organisations", "sources", "agreements", "claims", "control_totals")
        descriptor["resources"] = [r for r in descriptor["resources"] if r["name"] in kept]
        path.write_text(json.dumps(descriptor))
        with connect(bl.open(mini.root)) as database:
            rows = ask(database, "SELECT view_name FROM duckdb_views() WHERE NOT internal")
            assert rows == [{"view_name": "agreements_in_force"}, {"view_name": "evidence"}]
