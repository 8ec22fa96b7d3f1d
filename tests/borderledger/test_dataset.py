"""What the loader gives for the tables of the repository, and what it says when it cannot."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import borderledger as bl
from borderledger import errors
from borderledger.edtf import EARLIEST, LATEST, parse
from borderledger.errors import BadArgument, MissingExtra, UnknownColumn, UnknownRecord, UnknownTable
from borderledger.package import Field, Package
from borderledger.query.grades import GRADES, worst
from tests.conftest import ROOT, Mini
from validate.ledger import Ledger

NAMES = [resource["name"] for resource in json.loads((ROOT / "datapackage.json").read_text("utf-8"))["resources"]]
FACTS = ["agreements", "deployments", "projects", "returns", "facilities", "activities"]

#: An agreement that is also in the small package, with one contested field.
DISPUTED = "agr-status-rs-2024"


def lines(table: str) -> list[dict[str, str]]:
    with (ROOT / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --- frames of any backend, as plain Python ---------------------------------------------------------------------------


def of_pandas(frame: pd.DataFrame) -> dict[str, list[Any]]:
    def plain(value: Any) -> Any:
        if isinstance(value, tuple):
            return list(value)
        return None if pd.isna(value) else value.date() if isinstance(value, pd.Timestamp) else value

    return {name: [plain(value) for value in frame[name]] for name in frame.columns}


BACKENDS: dict[str, Callable[[Any], dict[str, list[Any]]]] = {
    "pandas": of_pandas,
    "polars": lambda frame: frame.to_dict(as_series=False),
    "arrow": lambda table: table.to_pydict(),
}


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def values(field: Field, cell: str) -> list[Any]:
    """What a cell of the file is, as plain Python: its value and, of a date, its earliest and its latest day."""
    if field.edtf:
        first, last = parse(cell) if cell else (EARLIEST, LATEST)
        return [
            cell or None,
            None if first == EARLIEST else date.fromordinal(first),
            None if last == LATEST else date.fromordinal(last),
        ]
    if field.delimiter:
        return [cell.split(field.delimiter) if cell else []]
    as_type: dict[str, Callable[[str], Any]] = {"integer": int, "number": float, "date": date.fromisoformat}
    return [as_type.get(field.type, str)(cell) if cell else None]


class TestLoad:
    @pytest.mark.parametrize("table", NAMES)
    def test_every_backend_gives_what_the_file_says(self, whole: Package, table: str, backend: str) -> None:
        schema = whole.tables[table]
        rows = [[value for field in schema.fields for value in values(field, row[field.name])] for row in lines(table)]
        loaded = BACKENDS[backend](bl.load(table, backend=backend))
        made = {"evidence", "evidence_rank", "n_sources", "primary_fields", "archive_copy"}
        kept = [name for name in loaded if name not in made]
        assert [list(row) for row in zip(*(loaded[name] for name in kept), strict=True)] == rows
        ends = [[f.name, f"{f.name}_from", f"{f.name}_to"] if f.edtf else [f.name] for f in schema.fields]
        assert kept == [name for names in ends for name in names]

    @pytest.mark.parametrize("table", NAMES)
    def test_every_column_has_the_type_of_its_kind(self, table: str) -> None:
        """In pandas; an empty table keeps its types."""
        text = "object" if pd.__version__.startswith("2.") else "str"
        of_kind = {"text": text, "integer": "Int64", "number": "Float64", "day": "datetime64[us]", "list": "object"}
        of_kind["category"] = "category"
        kinds = bl.describe(table)["kind"]
        assert {name: str(kind) for name, kind in bl.load(table).dtypes.items()} == {
            name: of_kind[kind] for name, kind in kinds.items()
        }

    @pytest.mark.parametrize("table", NAMES)
    def test_polars_and_arrow_have_the_same_types(self, table: str) -> None:
        of_kind = {
            "text": (pl.String(), pa.string()),
            "integer": (pl.Int64(), pa.int64()),
            "number": (pl.Float64(), pa.float64()),
            "day": (pl.Date(), pa.date32()),
            "list": (pl.List(pl.String()), pa.list_(pa.string())),
        }
        in_polars, in_arrow = bl.load(table, backend="polars"), bl.load(table, backend="arrow")
        for name, kind in bl.describe(table)["kind"].items():
            if kind == "category":
                assert in_polars.schema[name].categories.to_list() == list(
                    in_arrow[name].chunk(0).dictionary.to_pylist()
                    if len(in_arrow)
                    else in_polars.schema[name].categories
                )
            else:
                assert (in_polars.schema[name], in_arrow.schema.field(name).type) == of_kind[kind]

    @pytest.mark.parametrize("table", NAMES)
    def test_a_classification_has_all_the_values_of_its_schema(self, whole: Package, table: str) -> None:
        frame = bl.load(table)
        for field in whole.tables[table].fields:
            if field.categories and not field.delimiter:
                assert list(frame[field.name].cat.categories) == list(field.categories), field.name
                assert frame[field.name].cat.ordered is field.ordered

    def test_attributes_say_what_the_table_is(self) -> None:
        attrs = bl.load("returns").attrs
        assert (attrs["table"], attrs["version"], attrs["licence"]) == ("returns", bl.data_version, "CC-BY-4.0")
        assert attrs["citation"]
        assert "as_of_unknown" not in attrs

    def test_a_frame_can_be_changed_without_changing_the_next(self) -> None:
        frame = bl.load("deployments")
        frame.loc[0, "title"] = "changed"
        assert bl.load("deployments")["title"][0] != "changed"

    def test_columns_are_those_asked_for_in_that_order(self, backend: str) -> None:
        asked = ["quantity", "period_to", "evidence", "id"]
        frame = BACKENDS[backend](bl.load("returns", columns=asked, backend=backend))
        assert list(frame) == asked
        assert len(frame["id"]) == len(lines("returns"))

    def test_columns_are_never_one_text(self) -> None:
        with pytest.raises(BadArgument, match=r"a list of names: columns=\['hosts'\]"):
            bl.load("deployments", columns="hosts")

    @pytest.mark.parametrize(
        ("table", "column", "hint"),
        [
            ("returns", "quantiy", "Did you mean quantity"),
            ("returns", "zzz", "There are: id, from_place"),
            (
                "places",
                "evidence",
                "There are: id, name, kind, member_of, publishes_as, iso_alpha3, world_bank, eurostat, note.",
            ),
            ("deployments", "as_of_certain", "no column 'as_of_certain'"),
            ("deployments", 5, "no column 5"),
        ],
    )
    def test_an_unknown_column_is_refused_with_those_like_it(self, table: str, column: str, hint: str) -> None:
        with pytest.raises(UnknownColumn, match=hint):
            bl.load(table, columns=["id", column])

    @pytest.mark.parametrize(
        ("table", "hint"),
        [
            ("deployment", "There is no table 'deployment'. Did you mean deployments or deployments_latest?"),
            ("Returns", "Did you mean returns?"),
            ("", "There are: agreements"),
            ("grades", "There is no table 'grades'"),
            ("../data/returns", "There is no table"),
        ],
    )
    def test_an_unknown_table_is_refused_with_those_like_it(self, table: str, hint: str) -> None:
        with pytest.raises(UnknownTable, match=hint.replace("?", r"\?").replace("..", r"\.\.")):
            bl.load(table)
        with pytest.raises(UnknownTable):
            bl.describe(table)

    @pytest.mark.parametrize("asked", ["panda", "", "csv"])
    def test_an_unknown_backend_is_refused(self, asked: str) -> None:
        with pytest.raises(BadArgument, match="pandas"):
            bl.load("places", backend=asked)

    @pytest.mark.parametrize(("backend", "module"), [("polars", "polars"), ("arrow", "pyarrow")])
    def test_a_missing_library_is_named_with_the_command_that_installs_it(
        self, monkeypatch: pytest.MonkeyPatch, backend: Any, module: str
    ) -> None:
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(MissingExtra, match=f"{module} is not installed: pip install {module}"):
            bl.load("places", backend=backend)


class TestExplode:
    def test_each_item_gets_a_row(self, backend: str) -> None:
        frame = BACKENDS[backend](bl.load("deployments", explode="hosts", backend=backend))
        pairs = [(row["id"], host) for row in lines("deployments") for host in row["hosts"].split(";")]
        assert list(zip(frame["id"], frame["hosts"], strict=True)) == pairs
        assert len(pairs) > len(lines("deployments"))

    def test_a_record_with_no_item_stays(self) -> None:
        rows = lines("projects")
        empty = {row["id"] for row in rows if not row["themes"]}
        frame = bl.load("projects", explode="themes")
        assert empty
        assert set(frame[frame["themes"].isna()]["id"]) == empty
        assert set(frame["id"]) == {row["id"] for row in rows}

    @pytest.mark.parametrize(
        ("options", "column"), [({}, "title"), ({}, "nowhere"), ({"columns": ["id", "title"]}, "hosts")]
    )
    def test_what_is_no_list_among_the_columns_is_refused(self, options: dict[str, Any], column: str) -> None:
        with pytest.raises(
            BadArgument, match=f"explode takes a list column, and '{column}' is not a list column of what was loaded"
        ):
            bl.load("deployments", explode=column, **options)


class TestGrades:
    def test_grades_are_those_that_validation_works_out(self, whole: Package) -> None:
        """By another way: validation computes each verdict from the values, the loader reads it from the claims."""
        ledger = Ledger(whole)
        by_record: dict[str, list[str]] = defaultdict(list)
        for row in ledger.fetch(ledger.graded):
            by_record[row["record_id"]].append(row["grade"])
        for table in FACTS:
            sources = {row["id"]: row["source_id"] for row in lines(table)}
            expected = {record: worst(by_record[record]) for record in sources}
            for record, source in sources.items():
                if (table, source) in ledger.batches and expected[record] != "disputed":
                    expected[record] = "bulk"
            frame = bl.load(table, columns=["id", "evidence"])
            assert dict(zip(frame["id"], frame["evidence"], strict=True)) == expected

    def test_primary_fields_are_those_that_validation_works_out(self, whole: Package) -> None:
        """Of the fields that claims speak of; a row of a publisher's file has more."""
        ledger = Ledger(whole)
        spoken: dict[str, dict[str, bool]] = defaultdict(dict)
        for row in ledger.fetch(ledger.graded):
            spoken[row["record_id"]][row["field"]] = row["primary"]
        for table in FACTS:
            for record, fields in bl.load(table, columns=["id", "primary_fields"]).itertuples(index=False):
                assert {field: field in fields for field in spoken[record]} == spoken[record]

    def test_every_record_has_a_grade(self) -> None:
        assert not any(bl.load(table)["evidence"].isna().any() for table in FACTS)

    def test_n_sources_counts_the_sources_that_state_something(self) -> None:
        stated, files = defaultdict(set), defaultdict(set)
        for claim in lines("claims"):
            stated[claim["record_id"]].add(claim["source_id"])
        for total in lines("control_totals"):
            files[total["table"]].add(total["source_id"])
        for table in FACTS:
            for row in lines(table):
                if row["source_id"] in files[table]:
                    stated[row["id"]].add(row["source_id"])
            frame = bl.load(table, columns=["id", "n_sources"])
            assert list(frame["n_sources"]) == [len(stated[record]) or 1 for record in frame["id"]]

    def test_what_agrees_with_a_file_does_not_lower_the_grade_of_its_row(self) -> None:
        record = "ret-frontex-ro-00596-nl-al"
        assert bl.load("returns", where=f"id={record}")["evidence"].tolist() == ["bulk"]
        found = bl.evidence(record)
        assert found["verdict"].tolist().count("bulk") == 1
        assert "corroborated" in found["grade"].tolist()

    def test_grades_are_ordered(self) -> None:
        kind = bl.load("agreements")["evidence"].dtype
        assert (list(kind.categories), kind.ordered) == (list(GRADES), True)

    @pytest.mark.parametrize(
        ("asked", "kept"),
        [
            ("disputed", {"disputed", "weak", "single", "corroborated", "bulk"}),
            ("single", {"single", "corroborated", "bulk"}),
            ("bulk", {"bulk"}),
            (["disputed"], {"disputed"}),
            (("weak", "bulk"), {"weak", "bulk"}),
            ({"corroborated"}, set()),
            ([], set()),
        ],
    )
    def test_one_grade_is_a_minimum_and_several_are_a_choice(self, asked: Any, kept: set[str]) -> None:
        everything = Counter(bl.load("returns")["evidence"])
        found = Counter(bl.load("returns", grade=asked)["evidence"])
        assert found == {grade: count for grade, count in everything.items() if grade in kept}

    def test_grades_need_not_be_among_the_columns(self) -> None:
        frame = bl.load("agreements", grade=["disputed"], columns=["id"])
        assert list(frame.columns) == ["id"]
        assert DISPUTED in set(frame["id"])

    @pytest.mark.parametrize(
        ("table", "grade", "hint"),
        [
            ("returns", "singel", "Did you mean single"),
            ("returns", ["single", "good"], "grade 'good' is not known"),
            ("returns", [None], "grade takes one text or a list of texts"),
            ("places", "single", "places holds no facts"),
        ],
    )
    def test_what_is_no_grade_is_refused(self, table: str, grade: Any, hint: str) -> None:
        with pytest.raises(BadArgument, match=hint):
            bl.load(table, grade=grade)

    def test_a_record_that_no_claim_and_no_total_speaks_of_has_no_grade(self, mini: Mini) -> None:
        mini.rows["claims"] = [c for c in mini.rows["claims"] if c["record_id"] != "fac-al-gjader"]
        frame = bl.open(mini.save()).load("facilities").set_index("id")
        assert frame["evidence"].isna()["fac-al-gjader"]


class TestTables:
    def test_each_table_with_its_rows(self) -> None:
        frame = bl.tables()
        assert list(frame.index)[: len(NAMES)] == NAMES
        assert set(frame.kind[len(NAMES) :]) == {"view"}
        frame = frame[frame.kind == "table"]
        assert {name: int(rows) for name, rows in frame["rows"].items()} == {n: len(lines(n)) for n in NAMES}
        assert list(frame.columns) == ["kind", "rows", "title", "description", "not_covered"]
        assert frame["not_covered"][FACTS].str.len().min() > 20


class TestDescribe:
    @pytest.mark.parametrize("table", NAMES)
    def test_it_covers_the_columns_of_load(self, table: str) -> None:
        frame = bl.describe(table)
        assert list(frame.index) == list(bl.load(table).columns)
        assert (frame["description"].str.endswith(".") & (frame["title"].str.len() > 0)).all()

    def test_what_a_column_is(self) -> None:
        frame = bl.describe("deployments")
        assert frame.loc["officers", ["kind", "bound", "required"]].to_list() == ["integer", True, False]
        assert frame.loc["hosts", "refers_to"] == ("places",)
        assert frame.loc["agreement_id", "refers_to"] == ("agreements",)
        assert frame.loc["measure", "values"].keys() == {"present", "planned", "cumulative"}
        assert frame.loc["date_to", "title"] == "Date, latest day"
        assert frame.loc["evidence", "values"] == GRADES

    def test_it_can_be_changed_without_changing_the_next(self) -> None:
        bl.describe("deployments").loc["measure", "values"].clear()
        bl.describe("deployments").loc["evidence", "values"].clear()
        assert bl.describe("deployments").loc["measure", "values"]
        assert GRADES


class TestEvidence:
    def test_it_holds_each_claim_on_a_record(self) -> None:
        claims = [claim for claim in lines("claims") if claim["record_id"] == DISPUTED]
        sources = {source["id"]: source for source in lines("sources")}
        frame = bl.evidence(DISPUTED)
        stated = Counter((c["field"], c["value"], c["verdict"], c["source_id"], c["locator"]) for c in claims)
        rows = frame[["field", "value", "verdict", "source_id", "locator"]].itertuples(index=False, name=None)
        assert Counter(rows) == stated
        for row in frame.itertuples():
            assert (row.title, row.url) == (sources[row.source_id]["title"], sources[row.source_id]["url"])

    def test_fields_stand_in_the_order_of_the_table(self, whole: Package) -> None:
        order = whole.tables["agreements"].names
        places = [order.index(field) for field in bl.evidence(DISPUTED)["field"]]
        assert places == sorted(places)

    def test_of_one_field(self) -> None:
        (field,) = {row.field for row in bl.disputes("agreements").itertuples() if row.record_id == DISPUTED}
        frame = bl.evidence(DISPUTED, field)
        assert set(frame["field"]) == {field}
        assert set(frame["grade"]) == {"disputed"}
        assert "contradicts" in set(frame["verdict"])

    def test_a_reprint_speaks_with_the_voice_of_its_original(self) -> None:
        sources = {row["id"]: row for row in lines("sources")}
        reprint = next(row for row in sources.values() if row["reprint_of"] in sources)
        claim = next(claim for claim in lines("claims") if claim["source_id"] == reprint["id"])
        frame = bl.evidence(claim["record_id"], claim["field"]).set_index("source_id")
        root = reprint
        while root["reprint_of"] in sources:
            root = sources[root["reprint_of"]]
        origins = frame.loc[[reprint["id"]], "origin"]
        assert set(origins) == {root["publisher"].casefold()}

    def test_a_bulk_record_names_its_file(self) -> None:
        record = bl.load("returns", grade="bulk").iloc[0]
        (row,) = bl.evidence(record["id"]).to_dict("records")
        assert (row["verdict"], row["grade"], row["source_id"]) == ("bulk", "bulk", record["source_id"])
        assert row["title"]

    def test_a_field_that_no_source_speaks_of_has_no_rows(self) -> None:
        assert bl.evidence(DISPUTED, "note").shape == (0, 19)

    def test_an_unknown_field_is_refused_with_those_like_it(self) -> None:
        with pytest.raises(UnknownColumn, match=r"agreements has no field 'sigend'\. Did you mean signed"):
            bl.evidence(DISPUTED, "sigend")

    def test_a_claim_on_a_field_that_does_not_exist_is_shown(self, mini: Mini) -> None:
        mini.claim(DISPUTED, "colour", "blue", verdict="contradicts")
        dataset = bl.open(mini.save())
        assert dataset.evidence(DISPUTED).iloc[-1][["field", "value"]].to_list() == ["colour", "blue"]
        shown = dataset.disputes().set_index("field")
        assert (shown.loc["colour", "contradicting"], pd.isna(shown.loc["colour", "held"])) == (("blue",), True)


class TestHistory:
    """What was changed in a record, when, why and on whose word."""

    @pytest.fixture
    def dataset(self, mini: Mini) -> bl.Dataset:
        more = {"record_id": "fac-al-gjader", "kind": "correction", "reason": "Misread."}
        mini.add("corrections", version="0.10.0", field="capacity", old="2", new="400", **more)
        mini.add("corrections", version="0.9.0", field="capacity", old="1", new="2", **more | {"kind": "revision"})
        gone = {"record_id": "fac-al-old", "reason": "The same centre.", "kind": "correction"}
        mini.add("corrections", version="0.9.0", field="id", old="fac-al-old", new="fac-al-gjader", **gone)
        url = {"record_id": "eunews-2025-07-24-albania", "field": "url", "old": "http://x", "new": "https://y"}
        mini.add("corrections", version="0.9.0", kind="correction", reason="Moved.", issue="12", **url)
        return bl.open(mini.save())

    def test_changes_come_in_the_order_of_versions_with_what_was_merged_into_it(self, dataset: bl.Dataset) -> None:
        frame = dataset.history("fac-al-gjader")
        assert list(zip(frame["version"], frame["record_id"], frame["new"], strict=True)) == [
            ("0.9.0", "fac-al-gjader", "2"),
            ("0.9.0", "fac-al-old", "fac-al-gjader"),
            ("0.10.0", "fac-al-gjader", "400"),
        ]

    def test_a_retired_record_and_a_source_have_one_too(self, dataset: bl.Dataset) -> None:
        assert list(dataset.history("fac-al-old")["reason"]) == ["The same centre."]
        assert list(dataset.history("eunews-2025-07-24-albania")["issue"]) == ["12"]

    def test_the_source_is_named_with_its_title(self) -> None:
        (row,) = bl.history("agr-readm-eu-al-2005").to_dict("records")[:1]
        assert (row["source_id"], row["new"]) == ("an-2560-al", "2006-05-01")
        assert row["title"].startswith("Rapport")
        assert row["url"].startswith("https://")

    def test_of_a_record_that_nothing_has_happened_to_it_is_empty(self, dataset: bl.Dataset) -> None:
        assert len(dataset.history("agr-status-ba-2025")) == 0

    def test_of_what_was_never_there_it_is_an_error(self, dataset: bl.Dataset) -> None:
        with pytest.raises(UnknownRecord, match=r"There is no record 'fac-al-gjadr'.*fac-al-gjader"):
            dataset.history("fac-al-gjadr")


class TestDisputes:
    def test_a_field_is_contested_when_a_claim_contradicts_it(self) -> None:
        against = {(c["record_id"], c["field"]) for c in lines("claims") if c["verdict"] == "contradicts"}
        frame = bl.disputes()
        assert set(zip(frame["record_id"], frame["field"], strict=True)) == against
        assert len(frame) == len(against)

    def test_both_sides_are_named(self) -> None:
        for row in bl.disputes().itertuples():
            held = next(r for r in lines(row.table) if r["id"] == row.record_id)[row.field]
            assert row.held == held or (pd.isna(row.held) and not held)
            assert len(row.contradict) == len(row.contradicting) > 0
            by_verdict = bl.evidence(row.record_id, row.field).groupby("verdict")["source_id"].agg(sorted)
            assert sorted(row.contradict) == by_verdict["contradicts"]
            assert sorted(row.agree) == by_verdict.get("agrees", [])

    def test_of_one_table(self) -> None:
        everything = Counter(bl.disputes()["table"])
        for table in FACTS:
            assert len(bl.disputes(table)) == everything[table]
        assert bl.disputes("places").shape == (0, 8)

    def test_of_an_unknown_table(self) -> None:
        with pytest.raises(UnknownTable, match="Did you mean returns"):
            bl.disputes("return")


class TestUnknownRecords:
    @pytest.mark.parametrize(
        ("record", "hint"),
        [
            ("agr-status-rs-2042", "Did you mean agr-status-rs-2024"),
            ("", "There is no record ''"),
            ("eurostat", "There is no record 'eurostat'"),
        ],
    )
    def test_they_are_refused_with_those_like_them(self, record: str, hint: str) -> None:
        with pytest.raises(UnknownRecord, match=hint):
            bl.evidence(record)

    @pytest.mark.parametrize(("new", "then"), [(DISPUTED, f"see {DISPUTED}"), ("", "nothing takes its place")])
    def test_a_retired_id_says_what_became_of_it(self, mini: Mini, new: str, then: str) -> None:
        why = {"reason": "Entered twice.", "old": "agr-old", "new": new, "source_id": "", "issue": ""}
        mini.add("corrections", version="0.2.0", record_id="agr-old", field="id", **why)
        with pytest.raises(UnknownRecord) as caught:
            bl.open(mini.save()).evidence("agr-old")
        assert str(caught.value) == f"agr-old was retired in version 0.2.0: Entered twice. ({then})"


class TestModule:
    def test_its_names(self) -> None:
        assert dir(bl) == sorted(bl.__all__)
        assert (
            bl.__version__ == bl.data_version == json.loads((ROOT / "datapackage.json").read_text("utf-8"))["version"]
        )
        with pytest.raises(AttributeError, match="module 'borderledger' has no attribute 'lod'"):
            _ = bl.lod

    def test_a_name_can_be_imported(self) -> None:
        from borderledger import load, tables

        assert load("places").shape[0] == tables().loc["places", "rows"]

    def test_a_notebook_shows_what_it_is_and_its_tables(self, checkout: bl.Dataset) -> None:
        shown = checkout._repr_html_()
        assert f"Version {bl.data_version}, licence <a href=" in shown
        rows = re.findall(r"<tr><td>(\w+)</td><td>([0-9,]+)</td><td>(.+?): .+?</td></tr>", shown)
        held = [(name, len(checkout.cells(name))) for name in NAMES]
        assert [(name, int(count.replace(",", ""))) for name, count, _ in rows] == held
        assert [title for _, _, title in rows] == list(bl.tables().title[: len(NAMES)])

    def test_a_notebook_shows_text_as_text(self, mini: Mini) -> None:
        root = mini.save()
        (root / "schemas/places.json").write_bytes(
            (root / "schemas/places.json").read_bytes().replace(b'"Places"', b'"<script>alert(1)</script>"')
        )
        descriptor = json.loads((root / "datapackage.json").read_text("utf-8"))
        descriptor |= {"title": '"><img src=x onerror=alert(2)>', "version": "<b>1</b>"}
        descriptor["licenses"] = [{"name": "<i>free</i>", "path": "javascript:alert(3)"}]
        for entry in descriptor["resources"]:
            entry.pop("title", None)
        (root / "datapackage.json").write_text(json.dumps(descriptor), "utf-8")
        shown = bl.open(root)._repr_html_()
        assert not re.search(r"<(?!/?(p|strong|br|table|thead|tbody|tr|th|td|code)>)", shown)
        assert "&lt;script&gt;alert(1)" in shown
        assert "javascript" not in shown

    def test_a_dataset_shows_its_version_and_tables(self, checkout: bl.Dataset) -> None:
        assert repr(checkout) == f"<borderledger {bl.data_version}: {', '.join(NAMES)}>"

    @pytest.mark.parametrize(
        ("code", "loads"),
        [
            ("import borderledger", set()),
            ("import borderledger; dir(borderledger)", set()),
            ("import borderledger; borderledger.data_version", set()),
            ("import borderledger; borderledger.load('places', backend='polars')", {"polars"}),
            (
                "from borderledger import cli, edtf, errors, package, query, output; from borderledger.query import columns, as_of, where",
                set(),
            ),
        ],
    )
    def test_heavy_libraries_wait_until_they_are_needed(self, code: str, loads: set[str]) -> None:
        heavy = ["pandas", "numpy", "polars", "pyarrow", "duckdb", "rich", "validate"]
        program = f"import sys\n{code}\nprint(*(name for name in {heavy} if name in sys.modules))"
        assert set(_run(program).split()) == loads

    def test_importing_it_imports_nothing_else(self) -> None:
        program = "import sys; known = {*sys.modules}; import borderledger; print(*{*sys.modules} - known)"
        assert set(_run(program).split()) <= {"borderledger", "borderledger.errors", "__future__"}

    def test_the_errors_are_public(self) -> None:
        assert {"UnknownTable", "BorderledgerError", "CorruptPackage"} <= {*bl.__all__} & {*dir(bl)}
        assert "nearest" not in bl.__all__
        with pytest.raises(bl.UnknownTable):
            bl.load("deployment")
        for name in errors.__all__:
            assert issubclass(getattr(bl, name), bl.BorderledgerError)


def _run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout
