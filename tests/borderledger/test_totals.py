"""Sums count nothing twice, say what they left out, and never mix units, kinds and reporters."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any
from unittest.mock import MagicMock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import borderledger as bl
from borderledger.query.totals import REASONS, _flow, _Flows, _Periods, _span, totals
from tests.conftest import ROOT

DATA = bl.open(ROOT)
RETURNS = DATA.schema("returns")
APART = {"returns": ["unit", "return_type", "reported_by", "counted_by"], "projects": ["kind", "amount_basis"]}
FIGURES = {"returns": "quantity", "projects": "amount_eur"}


class Made(bl.Dataset):
    """The dataset of the repository with other rows of returns."""

    def __init__(self, rows: list[dict[str, str]]) -> None:
        super().__init__(ROOT)
        self._made = [[row.get(name, "") for name in RETURNS.names] for row in rows]

    def cells(self, table: str) -> list[list[str]]:
        return self._made if table == "returns" else DATA.cells(table)


def count(record: str, quantity: str = "10", **more: str) -> dict[str, str]:
    """A count of returns, 2022, Germany to Albania, as a police force reports it."""
    row = {"id": record, "quantity": quantity, "quantity_qualifier": "exact", "unit": "persons", "measure": "count"}
    row |= {"from_place": "DE", "to_place": "AL", "period": "2022", "return_type": "forced", "reported_by": "DE"}
    return row | {"source_id": "nowhere"} | more


def added(rows: list[dict[str, str]], by: str | list[str] = "to_place", **more: Any) -> list[int]:
    (sums,) = (c for c in totals(Made(rows), "returns", by, **more).columns if c.name == "quantity")
    return list(sums.values)


def out(rows: list[dict[str, str]], by: str | list[str] = "to_place") -> dict[str, tuple[str, str]]:
    return {row.id: (row.reason, row.counted_by) for row in totals(Made(rows), "returns", by).left_out}


class TestReturns:
    def test_counts_of_other_months_are_added(self) -> None:
        assert added([count("a", period="2022-01"), count("b", "5", period="2022-02")]) == [15]

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            ({"quantity": "", "quantity_qualifier": ""}, "without a figure"),
            ({"measure": "stock"}, "stocks"),
            ({"measure": "cumulative"}, "running totals"),
        ],
    )
    def test_what_is_no_count_is_left_out(self, row: dict[str, str], reason: str) -> None:
        assert out([count("a"), count("b", **{"period": "2020"} | row)]) == {"b": (reason, "")}

    def test_a_part_is_left_out_for_its_whole_near_and_far(self) -> None:
        rows = [count("a"), count("b", part_of="a", from_place="FR"), count("c", part_of="b", to_place="RS")]
        assert out(rows) == {n: ("parts of a row in the sum", whole) for n, whole in (("b", "a"), ("c", "b"))} | {
            "c": ("parts of a row in the sum", "a")
        }

    def test_a_part_counts_where_its_whole_does_not(self) -> None:
        rows = [count("a"), count("b", "4", part_of="a", nationalities="AL")]
        assert added(rows, where="nationalities=AL") == [4]
        assert added([rows[0] | {"measure": "stock"}, rows[1]]) == [4]

    def test_a_part_of_another_kind_stands_in_its_own_line(self) -> None:
        assert added([count("a", return_type="all"), count("b", "4", part_of="a")]) == [10, 4]

    @pytest.mark.parametrize(
        "second",
        [
            {"period": "2022-06"},
            {"from_place": ""},
            {"from_place": "EU"},
            {"from_place": "BLK"},
            {"to_place": "WB6"},
            {"nationalities": "AL"},
            {"source_id": "another"},
        ],
        ids=lambda more: "-".join(*more.items()),
    )
    def test_a_second_count_of_a_flow_is_left_out(self, second: dict[str, str]) -> None:
        assert out([count("a"), count("b", "9", **second)]) == {"b": ("second counts of a flow", "a")}

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ({}, {"period": "2021"}),
            ({}, {"from_place": "FR"}),
            ({}, {"to_place": "RS"}),
            ({"nationalities": "AL"}, {"nationalities": "RS;XK"}),
        ],
        ids=["period", "from", "to", "nationalities"],
    )
    def test_another_flow_is_added(self, first: dict[str, str], second: dict[str, str]) -> None:
        rows = [count("a", **first), count("b", "9", **second)]
        assert out(rows) == {}
        assert sum(added(rows, "return_type")) == 19

    def test_a_row_makes_way_only_for_one_that_is_in_the_sum(self) -> None:
        """b overlaps a, and c overlaps b alone: a and c are added."""
        rows = [
            count("a", period="2022-01/2022-03"),
            count("b", period="2022-03/2022-05"),
            count("c", period="2022-05"),
        ]
        assert out(rows) == {"b": ("second counts of a flow", "a")}

    def test_rows_of_a_publishers_file_count_different_things_and_come_first(self) -> None:
        bulk = next(row["source_id"] for row in DATA.rows("control_totals") if row["table"] == "returns")
        rows = [count("a", "90", period="2022"), *(count(n, source_id=bulk, period="2022-03-01") for n in "bc")]
        assert added(rows) == [20]
        assert out(rows) == {"a": ("second counts of a flow", "b")}

    def test_by_year_a_period_over_the_end_of_a_year_is_left_out(self) -> None:
        rows = [count("a", period="2021-12/2022-01"), count("b", "5", period="2023")]
        assert added(rows) == [15]
        assert added(rows, "year") == [5]
        assert out(rows, "year") == {"a": ("not within one year", "")}

    def test_a_list_is_a_group_as_a_whole(self) -> None:
        made = totals(Made([count("a", nationalities="AL;RS")]), "returns", "nationalities")
        assert made.columns[0].values == [("AL", "RS")]

    def test_rounded_figures_are_counted(self) -> None:
        rows = [count("a", quantity_qualifier="about"), count("b", period="2021")]
        (loose,) = (c for c in totals(Made(rows), "returns", "to_place").columns if c.name == "not_exact")
        assert loose.values == [1]


class TestApart:
    ROWS = (count("a"), count("b", reported_by="AL"), count("c", unit="flights"), count("d", return_type="all"))

    def test_units_kinds_and_reporters_stand_apart(self) -> None:
        made = totals(Made([*self.ROWS]), "returns", "to_place")
        assert [c.name for c in made.columns[:4]] == ["to_place", "unit", "return_type", "reported_by"]
        assert len(made.columns[0].values) == 4
        assert "Do not add lines that differ in unit or return_type or reported_by" in made.note

    @pytest.mark.parametrize(
        ("other", "name", "choice"),
        [(1, "reported_by", "AL, DE"), (2, "unit", "flights, persons"), (3, "return_type", "all, forced")],
    )
    def test_a_mixed_line_is_refused_and_says_what_to_do(self, other: int, name: str, choice: str) -> None:
        with pytest.raises(bl.MixedSum, match=f"to_place AL would add different {name}: {choice}. Add '{name}' to by"):
            totals(Made([self.ROWS[0], self.ROWS[other]]), "returns", "to_place", apart=False)

    def test_the_choice_offered_is_a_value_that_a_condition_takes(self) -> None:
        unknown, joint = count("a", reported_by=""), count("b", reported_by="rs-police;xk-police")
        with pytest.raises(bl.MixedSum, match=r"not known, rs-police;xk-police.*where='reported_by=rs-police'"):
            totals(Made([unknown, joint]), "returns", "to_place", apart=False)

    @pytest.mark.parametrize(
        ("other", "values"),
        [
            ({"to_place": "", "nationalities": "AL"}, ["destination", "nationality"]),
            ({"to_place": "NEU", "nationalities": "AL"}, ["destination", "third_country"]),
            ({"to_place": ""}, ["destination", None]),
        ],
        ids=["nationality", "third country", "neither"],
    )
    def test_what_is_counted_by_destination_and_by_nationality_stands_apart(
        self, other: dict[str, str], values: list[str | None]
    ) -> None:
        """684 were returned to Albania and 694 Albanians were returned: most of them are the same persons."""
        rows = [count("a"), count("b", "4", **other)]
        made = totals(Made(rows), "returns", "from_place")
        (counted_by,) = (c.values for c in made.columns if c.name == "counted_by")
        assert [*counted_by] == values
        assert made.left_out == []
        message = "would add different counted_by: .*Add 'counted_by' to by, or choose one: with conditions on to_place"
        with pytest.raises(bl.MixedSum, match=message):
            totals(Made(rows), "returns", "from_place", apart=False)

    def test_a_line_that_mixes_nothing_is_given(self) -> None:
        assert added([*self.ROWS], where=["reported_by=AL"], apart=False) == [10]


class TestRefuses:
    def test_a_table_whose_rows_must_not_be_added(self) -> None:
        with pytest.raises(bl.BadArgument, match="The rows of deployments must not be added; totals takes returns or"):
            bl.totals("deployments", by="hosts")

    def test_an_unknown_table(self) -> None:
        with pytest.raises(bl.UnknownTable, match="Did you mean returns"):
            bl.totals("retruns", by="year")

    def test_an_unknown_column(self) -> None:
        with pytest.raises(bl.UnknownColumn, match="returns has no column 'places' to group by"):
            bl.totals("returns", by="places")

    @pytest.mark.parametrize("name", ["id", "quantity", "note", "period_from", "period"])
    def test_a_column_that_makes_no_groups(self, name: str) -> None:
        with pytest.raises(bl.BadArgument, match=f"returns cannot be grouped by {name}. Group by year, from_place"):
            bl.totals("returns", by=["year", name])

    def test_nothing_to_group_by(self) -> None:
        with pytest.raises(bl.BadArgument, match="by takes one or more columns"):
            bl.totals("returns", by=[])


# --- for all tables --------------------------------------------------------------------------------------------------

_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "quantity": st.sampled_from(["", "1", "2", "30", "400"]),
            "measure": st.sampled_from(["count", "count", "count", "cumulative", "stock"]),
            "unit": st.sampled_from(["persons", "flights"]),
            "return_type": st.sampled_from(["forced", "all"]),
            "reported_by": st.sampled_from(["", "DE", "AL;DE"]),
            "from_place": st.sampled_from(["", "DE", "FR", "EU"]),
            "to_place": st.sampled_from(["AL", "RS", "WB6", ""]),
            "nationalities": st.sampled_from(["", "AL", "RS", "AL;RS"]),
            "period": st.sampled_from(["2021", "2022", "2022-01", "2021-12/2022-01", "2022-01-03", "", "../2022"]),
            "part_of": st.sampled_from(["", "", "r0", "r1", "r2"]),
            "source_id": st.sampled_from(["nowhere", "frontex-returns-2013-2018", "elsewhere"]),
        }
    ),
    max_size=12,
)
_BY = st.lists(
    st.sampled_from(["from_place", "to_place", "nationalities", "unit", "source_id"]), min_size=1, unique=True
)


def _table(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    made = [row | {"id": f"r{n}", "quantity_qualifier": "exact"} for n, row in enumerate(rows)]
    known = {row["id"] for row in made}
    return [row | {"part_of": row["part_of"] if row["part_of"] in known - {row["id"]} else ""} for row in made]


def _summed(made: Any, by: list[str], figure: str) -> dict[tuple[str, ...], float]:
    columns = {column.name: column for column in made.columns}
    keys = zip(*(columns[name].texts() for name in by), strict=True)
    sums: defaultdict[tuple[str, ...], float] = defaultdict(float)
    for key, value in zip(keys, columns[figure].values, strict=True):
        sums[key] += value
    return dict(sums)


@settings(max_examples=60)
@given(_ROWS, _BY, st.booleans())
def test_every_row_is_in_one_line_or_left_out_with_a_reason(
    rows: list[dict[str, str]], by: list[str], year: bool
) -> None:
    table = _table(rows)
    made = totals(Made(table), "returns", [*by, *(["year"] if year else [])])
    (sizes,) = (c.values for c in made.columns if c.name == "n_rows")
    gone = [row.id for row in made.left_out]
    assert len({*gone}) == len(gone)
    assert sum(sizes) + len(gone) == len(table)
    assert {row.reason for row in made.left_out} <= {*REASONS}
    kept = {row["id"] for row in table} - {*gone}
    assert all(row.counted_by in kept for row in made.left_out if row.counted_by)
    assert sum(_summed(made, [by[0]], "quantity").values()) == sum(int(r["quantity"]) for r in table if r["id"] in kept)


@settings(max_examples=60)
@given(_ROWS, _BY, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(rows: list[dict[str, str]], by: list[str], random: Any) -> None:
    table = _table(rows)
    shuffled = random.sample(table, len(table))
    one, other = (totals(Made(given_), "returns", by) for given_ in (table, shuffled))
    assert one.columns == other.columns
    assert {*one.left_out} == {*other.left_out}


@settings(max_examples=60)
@given(_ROWS, _BY, st.booleans())
def test_a_finer_grouping_adds_up_to_a_coarser_one(rows: list[dict[str, str]], by: list[str], year: bool) -> None:
    more = ["year"] if year else []
    data = Made(_table(rows))
    coarse = totals(data, "returns", [by[0], *more])
    fine = totals(data, "returns", [*by, *more])
    names = [by[0], *more, *(name for name in APART["returns"] if name != by[0])]
    assert _summed(fine, names, "quantity") == _summed(coarse, names, "quantity")


class _OneByOne(_Flows):
    """The same answer, found by comparing a row with every row before it."""

    def __init__(self, dataset: Any) -> None:
        super().__init__(dataset)
        self._rows: defaultdict[Any, defaultdict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))

    def add(self, row: Any, kind: Any) -> None:
        self._rows[kind][row.file].append(row)

    def counted(self, row: Any, kind: Any) -> Any:
        others = (other for file, rows in self._rows[kind].items() if not file or file != row.file for other in rows)
        return next((other for other in others if self._overlaps(row, other)), None)

    def _overlaps(self, row: Any, other: Any) -> bool:
        (first, last), (begin, end) = _span(row), _span(other)
        return begin <= last and first <= end and self._same(_flow(row), _flow(other))


class TestSecondCountsAreFoundFast:
    @settings(max_examples=150)
    @given(_ROWS, _BY, st.booleans())
    def test_the_row_named_is_the_one_that_a_search_one_by_one_finds(
        self, rows: list[dict[str, str]], by: list[str], year: bool
    ) -> None:
        by = [*by, *(["year"] if year else [])]
        fast = totals(Made(_table(rows)), "returns", by)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("borderledger.query.totals._Flows", _OneByOne)
            assert totals(Made(_table(rows)), "returns", by) == fast

    def test_the_real_rows_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        where = ["period>=2015", "period<=2018"]
        fast = totals(DATA, "returns", "to_place", where)
        monkeypatch.setattr("borderledger.query.totals._Flows", _OneByOne)
        assert totals(DATA, "returns", "to_place", where) == fast

    def test_flows_are_compared_once_however_many_rows_they_have(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Comparing every row with every other took minutes for one country of a package four times as large."""
        compared = []

        def counting(flows: _Flows, one: Any, other: Any) -> bool:
            compared.append((one, other))
            return same(flows, one, other)

        same = _Flows._same
        monkeypatch.setattr(_Flows, "_same", counting)
        days = [date(2010, 1, 1) + timedelta(days=n) for n in range(600)]
        rows = [count(f"{place}-{day}", to_place=place, period=str(day)) for day in days for place in ("AL", "RS")]
        assert sum(added(rows)) == 12_000
        assert len(compared) == len({*compared}) == 4

    def test_a_search_looks_at_the_years_of_the_row_alone(self) -> None:
        periods = _Periods()
        for n in range(20_000):
            periods.add((730_000 + n, 730_000 + n), (n, MagicMock()))
        held = [*periods._by_year.values()]
        assert max(map(len, held)) == 366
        found = periods.first((740_000, 740_000))
        assert found
        assert found[0] == 10_000


# --- the repository --------------------------------------------------------------------------------------------------


class TestRepository:
    @pytest.mark.parametrize(("table", "by"), [("returns", "to_place"), ("returns", "year"), ("projects", "funders")])
    def test_every_row_is_accounted_for(self, table: str, by: str) -> None:
        made = totals(DATA, table, by)
        (sizes,) = (c.values for c in made.columns if c.name == "n_rows")
        assert sum(sizes) + len(made.left_out) == len(DATA.cells(table))

    @pytest.mark.parametrize("table", ["returns", "projects"])
    def test_a_finer_grouping_adds_up(self, table: str) -> None:
        first = {"returns": "to_place", "projects": "instrument"}[table]
        second = {"returns": "from_place", "projects": "funders"}[table]
        names = ["year", first, *APART[table]]
        coarse, fine = totals(DATA, table, ["year", first]), totals(DATA, table, ["year", first, second])
        one, other = (_summed(made, names, FIGURES[table]) for made in (coarse, fine))
        assert one == pytest.approx(other)

    def test_albania_2016_is_never_one_sum(self, capsys: pytest.CaptureFixture[str]) -> None:
        """IOM, three states, two of their authorities and Frontex count different, overlapping people: 55,055 means nothing."""
        naive = bl.load("returns", where=["to_place=AL", "period>=2016", "period<=2016"])
        assert naive.quantity.sum() == 55_055
        found = bl.totals("returns", by=["year", "to_place"], where="to_place=AL").query("year == 2016")
        assert found.quantity.tolist() == [10_336, 1_424, 24, 17_976, 6_045, 115, 12, 3_037, 1_560, 171]
        assert [list(who) for who in found.reported_by] == [
            ["gr-hellenic-police"],
            [],
            ["gb-home-office"],
            [],
            ["de-federal-government"],
            ["de-karlsruhe-regional-council"],
            ["de-lower-saxony"],
            ["frontex"],
            ["gb-home-office"],
            ["gb-home-office"],
        ]
        assert "Do not add lines that differ in unit or return_type or reported_by" in capsys.readouterr().err
        with pytest.raises(bl.MixedSum):
            bl.totals("returns", by=["year", "to_place"], where="to_place=AL", apart=False)

    def test_the_naive_sum_of_2022_is_no_line(self) -> None:
        found = bl.totals("returns", by="year")
        assert 236_538 not in found.quantity.tolist()

    def test_operations_of_frontex_are_those_of_its_files(self) -> None:
        """Also a row of a file that another source contradicts: its grade is `disputed` then, and it still counts."""
        files = bl.load("returns", where=["reported_by=frontex", "return_type=forced"])
        totals = bl.load("control_totals", where="table=returns")
        files = files[files.source_id.isin(totals.source_id)]
        assert (files.evidence == "disputed").any()
        expected = files.groupby(files.period_from.dt.year).quantity.sum()
        found = bl.totals("returns", by="year", where=["reported_by=frontex", "return_type=forced"], apart=False)
        sums = found.set_index("year").quantity
        assert all(sums[year] == value for year, value in expected.items())

    def test_money_is_that_of_the_view(self) -> None:
        """By funders, the lines are those of the view money_by_funder."""
        names = ["funders", "kind", "amount_basis"]
        view, ours = (
            {tuple(row[:3]): row[3] for row in frame[[*names, "amount_eur"]].itertuples(index=False)}
            for frame in (
                bl.load("money_by_funder").astype({"funders": str}),
                bl.totals("projects", by="funders").astype({"funders": str}),
            )
        )
        assert dict(ours) == pytest.approx(view)

    @pytest.mark.parametrize(
        ("table", "column"), [("returns", "quantity"), ("projects", "amount_eur"), ("deployments", "officers")]
    )
    def test_columns_that_must_not_be_added_say_so(self, table: str, column: str) -> None:
        said = bl.describe(table).loc[column, "description"]
        assert "Do not add up this column as it is" in said
        assert "`totals`" in said

    def test_what_was_left_out_is_in_attrs(self) -> None:
        found = bl.totals("returns", by="year", where="to_place=AL")
        assert {*found.attrs["left_out"]} <= {*REASONS}
        rows = len(bl.load("returns", where="to_place=AL"))
        assert sum(map(len, found.attrs["left_out"].values())) + found.n_rows.sum() == rows > 1_300
        assert found.attrs["note"].startswith(f"Added {found.n_rows.sum():,} of {rows:,} rows of returns.")


def _figures(by: list[str], where: list[str]) -> dict[tuple[str, ...], int]:
    """The lines of real rows, by the texts of these columns."""
    made = totals(DATA, "returns", by, where)
    return {key: int(figure) for key, figure in _summed(made, by, "quantity").items()}


class TestOfficialStatistics:
    """Real rows: what Eurostat and the Home Office count is never mixed or counted twice."""

    def test_decisions_and_persons_are_two_lines(self) -> None:
        where = ["from_place=DE", "nationalities=AL", "reported_by=eurostat"]
        found = _figures(["year", "unit"], where)
        assert found["2015", "persons"] == 15_855
        assert found["2015", "decisions"] == 10_960
        with pytest.raises(bl.MixedSum, match="different unit: decisions, persons"):
            bl.totals("returns", by="year", where=where, apart=False)

    def test_the_union_is_counted_and_not_its_states_beside_it(self) -> None:
        where = ["nationalities=AL", "reported_by=eurostat", "unit=persons", "return_type=all"]
        found = _figures(["year", "from_place", "counted_by"], where)
        assert found["2015", "EU", "nationality"] == 36_635
        # Norway is in the statistics, and not in the union.
        assert {key[1] for key in found if key[0] == "2015"} == {"EU", "NO"}

    def test_a_state_is_counted_where_the_union_is_not_asked_for(self) -> None:
        where = ["from_place=GR", "nationalities=AL", "reported_by=eurostat", "unit=persons", "period<=2016"]
        assert _figures(["year"], where) == {
            (str(year),): figure
            for year, figure in zip(range(2012, 2017), (5_010, 14_495, 17_145, 9_630, 9_690), strict=True)
        }

    def test_a_year_is_counted_and_not_its_quarters(self) -> None:
        where = ["from_place=GB", "to_place=AL", "reported_by=gb-home-office", "return_type=forced"]
        files = [*where, "source_id=homeoffice-ret-destination-2023-q4"]
        assert _figures(["year"], files)["2018",] == 1_570
        quarters = [*files, "part_of=ret-homeoffice-forced-gb-al-2018"]
        assert bl.load("returns", where=quarters).quantity.tolist() == [362, 435, 416, 357]
        # Without the year, its quarters are added.
        assert _figures(["year"], quarters) == {("2018",): 1_570}

    def test_destination_and_nationality_are_two_lines(self) -> None:
        where = ["from_place=GB", "reported_by=gb-home-office", "return_type=forced", "period=2021"]
        found = _figures(["counted_by"], [*where, "source_id~homeoffice-ret-"])
        assert found == {("destination",): 684 + 2 + 2 + 3 + 5, ("nationality",): 694 + 2 + 1 + 3 + 5}

    def test_the_view_has_one_line_for_each_count(self) -> None:
        view = bl.load("returns_by_year", where=["year=2021", "from_place=GB", "return_type=forced"])
        view = view[view.source_id.str.startswith("homeoffice-ret-")]
        assert not view.duplicated(["to_place", "nationalities", "source_id"]).any()
        assert view[view.to_place == "AL"].quantity.tolist() == [684]
        assert not view[view.to_place == "AL"].in_larger_sum.any()

    def test_in_the_view_a_state_is_marked_as_a_part_of_the_union(self) -> None:
        view = bl.load("returns_by_year", where=["year=2015", "nationalities=AL", "reported_by=eurostat"])
        view = view[view.source_id == "eurostat-migr-eirtn-2018-03"].set_index("from_place")
        assert view.quantity["EU"] == 36_635
        assert not view.in_larger_sum["EU"]
        assert view.in_larger_sum["DE"]
        assert not view.in_larger_sum["NO"]
