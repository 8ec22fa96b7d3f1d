"""Rules of returns: two ends of a flow, one count of a flow per source, parts that add up, totals that never fall."""

import pytest

from borderledger.package import Package
from tests.validate.rules.examples import Row, findings, shows

FILE = "data/returns.csv"


class TestReturnPlaces:
    """A flow has at least one known end, and two different ones."""

    rule = "return.places"

    @pytest.mark.parametrize(
        ("start", "end", "message"), [("BA", "BA", "is the same as to_place"), ("", "", "is empty, and so is to_place")]
    )
    def test_fires_on_a_flow_without_two_ends(self, whole: Package, start: str, end: str, message: str) -> None:
        found = findings(whole, self.rule, returns=[{"from_place": start, "to_place": end}])
        shows(found, f"{FILE}:2 from_place", message, "Fill from_place or to_place")

    @pytest.mark.parametrize(("start", "end"), [("BA", "RS"), ("BA", ""), ("", "RS"), ("WB6", "RS")])
    def test_passes_one_known_end(self, whole: Package, start: str, end: str) -> None:
        assert findings(whole, self.rule, returns=[{"from_place": start, "to_place": end}]) == []


class TestReturnPartsAddUp:
    """Where a publisher's file gives a whole and its parts, the parts add up to it, but for rounding."""

    rule = "return.parts-add-up"
    TOTAL: Row = {"source_id": "file", "table": "returns"}  # noqa: RUF012

    def rows(self, whole: str, *parts: str, qualifier: str = "exact", source: str = "file") -> list[Row]:
        shared = {"quantity_qualifier": qualifier, "source_id": "file"}
        rows = [{"id": "sum", "quantity": whole, **shared}]
        return rows + [
            {"id": f"part-{n}", "quantity": part, "part_of": "sum", **shared, "source_id": source}
            for n, part in enumerate(parts)
        ]

    @pytest.mark.parametrize(
        ("qualifier", "figure", "parts", "total"),
        [
            ("exact", "684", ("10", "235", "244"), "489"),
            ("exact", "684", ("10", "235", "244", "196"), "685"),
            ("about", "16160", ("16145",), "16145"),
            ("about", "16160", ("16100", "75"), "16175"),
        ],
    )
    def test_fires_on_a_whole_that_its_parts_do_not_reach(
        self, whole: Package, qualifier: str, figure: str, parts: tuple[str, ...], total: str
    ) -> None:
        found = findings(
            whole, self.rule, returns=self.rows(figure, *parts, qualifier=qualifier), control_totals=[self.TOTAL]
        )
        message = f"{figure} is the whole, but its parts add up to {total}"
        shows(found, f"{FILE}:2 quantity", message, "missing, changed or doubled")

    @pytest.mark.parametrize(
        ("qualifier", "figure", "parts"),
        [
            ("exact", "684", ("10", "235", "244", "195")),
            ("about", "16160", ("16150",)),
            ("about", "16160", ("16100", "70")),
            ("exact", "684", ()),
        ],
    )
    def test_passes_parts_that_reach_it(
        self, whole: Package, qualifier: str, figure: str, parts: tuple[str, ...]
    ) -> None:
        rows = self.rows(figure, *parts, qualifier=qualifier)
        assert findings(whole, self.rule, returns=rows, control_totals=[self.TOTAL]) == []

    def test_passes_curated_rows_of_which_only_some_parts_are_known(self, whole: Package) -> None:
        assert findings(whole, self.rule, returns=self.rows("684", "10")) == []

    def test_passes_a_part_from_another_source(self, whole: Package) -> None:
        rows = self.rows("684", "10", source="a-newspaper")
        assert findings(whole, self.rule, returns=rows, control_totals=[self.TOTAL]) == []


class TestReturnSameFlow:
    """One source counts one flow once."""

    rule = "return.same-flow"
    row: Row = {"id": "a", "period": "2024", "quantity": "5", "source_id": "s"}  # noqa: RUF012

    def test_fires_on_both_rows_whatever_they_count(self, whole: Package) -> None:
        rows = [self.row, {"id": "b", "period": "2023"}, {**self.row, "id": "c", "quantity": "6"}]
        found = findings(whole, self.rule, returns=rows)
        assert [(f.file, f.line, f.field) for f in found] == [(FILE, 2, "quantity"), (FILE, 4, "quantity")]
        assert "same flow, kind and period from the same source as line 4" in found[0].message
        assert "as line 2" in found[1].message
        assert "Keep one of the rows" in found[0].fix

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("to_place", "RS"),
            ("nationalities", "AF"),
            ("return_type", "forced"),
            ("operation_type", "joint_return"),
            ("period", "2024-05"),
            ("unit", "decisions"),
            ("measure", "stock"),
            ("carried_out_by", "iom"),
            ("reported_by", "iom"),
            ("operation_ref", "JRO 5"),
            ("source_id", "another"),
        ],
    )
    def test_passes_rows_that_differ_in_what_they_count(self, whole: Package, field: str, value: str) -> None:
        assert findings(whole, self.rule, returns=[self.row, {**self.row, "id": "b", field: value}]) == []


class TestReturnCumulative:
    """A running total never falls."""

    rule = "return.cumulative"

    def rows(self, *series: tuple[str, str, str]) -> list[Row]:
        return [
            {"id": f"ret-{n}", "measure": "cumulative", "period": p, "quantity": v, "quantity_qualifier": q}
            for n, (p, v, q) in enumerate(series)
        ]

    def test_fires_on_the_row_that_falls(self, whole: Package) -> None:
        rows = self.rows(
            ("2016/2024", "3367", "exact"), ("2016/2023", "3400", "exact"), ("2016/2025-05", "3376", "exact")
        )
        found = findings(whole, self.rule, returns=rows)
        assert [(f.file, f.line, f.field) for f in found] == [(FILE, 2, "quantity"), (FILE, 4, "quantity")]
        assert "3367 is less than the 3400 of an earlier row of the same running total" in found[0].message
        assert "use measure count for a closed period" in found[0].fix

    def test_fires_on_a_fall_far_below_an_approximate_peak(self, whole: Package) -> None:
        found = findings(
            whole, self.rule, returns=self.rows(("2016/2023", "3400", "about"), ("2016/2024", "3300", "exact"))
        )
        shows(found, f"{FILE}:3 quantity", "3300 is less than the 3350", "Check both figures and their periods")

    @pytest.mark.parametrize(
        "series",
        [
            [("2016/2023", "3367", "exact"), ("2016/2024", "3367", "exact")],
            [("2016/2023", "3400", "about"), ("2016/2024", "3360", "exact")],
            [("2016/2023", "3400", "exact"), ("2016/2024", "3000", "at_least")],
            [("2016/2023", "3400", "at_most"), ("2016/2024", "3000", "exact")],
            [("2016/2023", "3400", "exact"), ("2017/2024", "3000", "exact")],
            [("2016/2023", "3400", "exact"), ("2016/2024", "", "")],
            [("2016/2024", "3376", "exact"), ("2016/2024", "3367", "exact")],
            [],
        ],
    )
    def test_passes_a_total_that_may_have_risen_or_has_another_start(
        self, whole: Package, series: list[tuple[str, str, str]]
    ) -> None:
        assert findings(whole, self.rule, returns=self.rows(*series)) == []

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("measure", "count"),
            ("reported_by", "iom"),
            ("to_place", "RS"),
            ("return_type", "forced"),
            ("operation_type", "joint_return"),
        ],
    )
    def test_passes_a_smaller_figure_of_another_counter(self, whole: Package, field: str, value: str) -> None:
        rows = self.rows(("2016/2023", "3400", "exact"), ("2016/2024", "3000", "exact"))
        rows[1][field] = value
        assert findings(whole, self.rule, returns=rows) == []
