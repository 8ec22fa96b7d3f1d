"""What `load` takes beside the name of a table: views, conditions, lists as text, names beside codes."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from typing import Any

import pandas as pd
import pytest

import borderledger as bl
from borderledger.dataset import Dataset
from borderledger.output.duckdb import connect
from borderledger.query.views import views
from tests.conftest import ROOT, Mini

DATA = bl.open(ROOT)
VIEWS = [view.name for view in views(DATA)]
ON_DAY = {"agreements_in_force": "agreements", "deployments_latest": "deployments", "projects_running": "projects"}


@pytest.fixture(scope="module")
def duck() -> Any:
    return connect(DATA)


def plain(frame: pd.DataFrame) -> list[list[Any]]:
    """Rows that can be compared: days as text, lists as tuples, every empty cell as None."""

    def cell(value: Any) -> Any:
        if isinstance(value, (list, tuple)) or (hasattr(value, "tolist") and not isinstance(value, str)):
            found = value.tolist() if hasattr(value, "tolist") else value
            return tuple(found) if isinstance(found, (list, tuple)) else found
        if value is None or value is pd.NaT or value is pd.NA or value != value:
            return None
        return str(value)[:10] if isinstance(value, pd.Timestamp) else value

    return [[cell(value) for value in row] for row in frame.astype(object).itertuples(index=False, name=None)]


class TestViews:
    @pytest.mark.parametrize("name", VIEWS)
    def test_a_view_is_what_duckdb_makes_of_it(self, name: str, duck: Any) -> None:
        theirs = duck.execute(f"SELECT * FROM {name}").df()
        ours = bl.load(name)
        assert list(ours.columns) == list(theirs.columns)
        # SQLite sorts empty cells first, DuckDB last.
        assert sorted(plain(ours), key=repr) == sorted(plain(theirs), key=repr)

    @pytest.mark.parametrize(("name", "table"), ON_DAY.items())
    def test_a_view_of_a_day_is_that_state(self, name: str, table: str) -> None:
        state = bl.load(table, as_of=DATA.created.date())
        pd.testing.assert_frame_equal(bl.load(name)[state.columns.tolist()], state, check_dtype=False)

    @pytest.mark.parametrize("name", VIEWS)
    @pytest.mark.parametrize("backend", ["pandas", "polars", "arrow"])
    def test_every_backend_gives_it(self, name: str, backend: Any) -> None:
        frame = bl.load(name, backend=backend)
        names = frame.column_names if backend == "arrow" else list(frame.columns)
        assert names == list(bl.describe(name).index)

    @pytest.mark.parametrize("name", VIEWS)
    def test_every_column_has_a_meaning(self, name: str) -> None:
        described = bl.describe(name)
        assert list(described.index) == list(bl.load(name).columns)
        assert described.description.str.len().min() > 0
        assert described.title.str.len().min() > 0

    def test_it_says_what_it_leaves_out(self) -> None:
        assert "running totals and stocks" in bl.tables().loc["returns_by_year", "not_covered"]

    def test_it_takes_columns_and_conditions(self) -> None:
        frame = bl.load("returns_by_year", columns=["year", "quantity"], where=["to_place=AL", "year>=2020"])
        assert list(frame.columns) == ["year", "quantity"]
        assert frame.year.min() >= 2020

    def test_it_needs_pandas_alone(self) -> None:
        code = (
            "import sys, borderledger as bl; bl.load('money_by_funder'); print({'duckdb', 'pyarrow'} & {*sys.modules})"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert "duckdb" not in done.stdout

    def test_a_table_does_not_pay_for_sqlite(self) -> None:
        code = "import sys, borderledger as bl; bl.load('places'); print('sqlite3' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout == "False\n"

    def test_a_wrong_name_offers_tables_and_views(self) -> None:
        with pytest.raises(bl.UnknownTable, match=r"There is no table 'return_by_year'\. Did you mean returns_by"):
            bl.load("return_by_year")

    def test_a_state_on_a_day_and_a_grade_are_for_tables(self) -> None:
        with pytest.raises(bl.NoTimeMeaning, match=r"use load\('agreements', as_of=\.\.\.\)"):
            bl.load("agreements_in_force", as_of="2023-01-01")
        with pytest.raises(bl.BadArgument, match="use where='evidence>=single'"):
            bl.load("returns_by_year", grade="single")

    def test_a_package_without_the_table_has_no_view_of_it(self, mini: Mini) -> None:
        descriptor = mini.root / "datapackage.json"
        import json

        content = json.loads(descriptor.read_text("utf-8"))
        content["resources"] = [one for one in content["resources"] if one["name"] != "returns"]
        descriptor.write_text(json.dumps(content), encoding="utf-8")
        with pytest.raises(bl.UnknownTable):
            Dataset(mini.root).load("returns_by_year")


class TestWhere:
    def test_a_list_column_is_asked_for_its_items(self) -> None:
        """`d[d.agency == "frontex"]` has no rows: agency holds lists."""
        deployments = bl.load("deployments", where="agency=frontex")
        assert len(deployments) > 0
        assert all("frontex" in who for who in deployments.agency)

    def test_all_conditions_hold(self) -> None:
        frame = bl.load("returns", where=["to_place=AL", "period>=2020", "quantity>=1000"])
        assert (frame.to_place == "AL").all()
        assert frame.quantity.min() >= 1000

    def test_a_condition_may_be_about_a_column_that_is_not_loaded(self) -> None:
        assert list(bl.load("returns", columns=["id"], where="to_place=AL").columns) == ["id"]

    @pytest.mark.parametrize(
        ("where", "error"),
        [("to_plase=AL", bl.UnknownColumn), ("to_place", bl.BadArgument), (["to_place=AL", 3], bl.BadArgument)],
    )
    def test_a_wrong_condition_is_named(self, where: Any, error: type[Exception]) -> None:
        with pytest.raises(error):
            bl.load("returns", where=where)


class TestLists:
    def test_a_cell_is_a_tuple_so_that_pandas_can_group_count_and_merge_it(self) -> None:
        frame = bl.load("deployments")
        pairs = list(zip(frame.agency, frame.hosts, strict=True))
        assert {type(cell) for pair in pairs for cell in pair} == {tuple}
        assert frame.groupby("hosts").size().to_dict() == dict(Counter(frame.hosts))
        assert frame.hosts.value_counts().to_dict() == dict(Counter(frame.hosts))
        assert len(frame.drop_duplicates(["agency", "hosts"])) == len({*pairs})
        assert len(frame.merge(frame[["hosts"]].drop_duplicates(), on="hosts")) == len(frame)
        assert frame.hosts.isin([("AL",)]).sum() == list(frame.hosts).count(("AL",))

    def test_lists_of_names_disputes_views_totals_and_descriptions_are_tuples_too(self) -> None:
        cells = [
            bl.load("deployments", labels=True).hosts_label[0],
            bl.disputes().contradict[0],
            bl.load("money_by_funder").funders[0],
            bl.totals("projects", by="funders").funders[0],
            bl.describe("returns").loc["to_place", "refers_to"],
        ]
        assert {type(cell) for cell in cells} == {tuple}

    def test_lists_as_text_can_be_compared_grouped_and_merged(self) -> None:
        frame = bl.load("deployments", lists="text")
        assert frame[frame.agency == "frontex"].shape[0] > 0
        assert frame.groupby("hosts").size().loc["AL"] > 0
        assert not frame.merge(frame[["hosts"]].drop_duplicates(), on="hosts").empty

    def test_an_empty_list_is_an_empty_cell(self) -> None:
        assert bl.load("returns", lists="text").nationalities.isna().any()

    def test_another_word_is_refused(self) -> None:
        with pytest.raises(bl.BadArgument, match="lists takes 'list' or 'text', not 'tuple'"):
            bl.load("returns", lists="tuple")  # type: ignore[arg-type]


class TestLabels:
    def test_names_stand_beside_codes(self) -> None:
        frame = bl.load("returns", labels=True, where="from_place=BA")
        assert frame.columns[frame.columns.get_loc("from_place") + 1] == "from_place_label"
        assert set(frame.from_place_label) == {"Bosnia and Herzegovina"}

    def test_a_list_has_a_list_of_names(self) -> None:
        frame = bl.load("deployments", labels=True, where="agency=frontex")
        assert frame.agency_label.iloc[0][frame.agency.iloc[0].index("frontex")] == "Frontex"

    def test_lists_of_names_can_be_text(self) -> None:
        frame = bl.load("deployments", labels=True, lists="text", where="hosts=AL")
        assert "Albania" in frame.hosts_label.iloc[0]

    def test_sources_and_records_have_their_titles(self) -> None:
        frame = bl.load("returns", labels=True)
        titles = bl.load("sources").set_index("id").title
        assert (frame.source_id_label == frame.source_id.map(titles)).all()

    def test_a_view_has_them_too(self) -> None:
        assert "to_place_label" in bl.load("returns_by_year", labels=True).columns

    def test_a_label_can_be_chosen(self) -> None:
        frame = bl.load("returns", labels=True, columns=["id", "to_place_label"])
        assert list(frame.columns) == ["id", "to_place_label"]
