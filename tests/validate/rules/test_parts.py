"""A part and its whole: the part is not larger, counts the same thing, and falls within the time of the whole."""

import pytest

from borderledger.package import Package
from tests.validate.rules.examples import findings, shows


class TestPartFigure:
    """A part is not larger than its whole."""

    rule = "part.figure"

    @pytest.mark.parametrize(
        ("table", "figure"), [("returns", "quantity"), ("deployments", "officers"), ("projects", "amount_eur")]
    )
    def test_fires_on_a_part_larger_than_its_whole(self, whole: Package, table: str, figure: str) -> None:
        rows = [
            {"id": "part", figure: "311", f"{figure}_qualifier": "exact", "part_of": "sum"},
            {"id": "sum", figure: "310", f"{figure}_qualifier": "exact"},
        ]
        message = "311 is more than the 310 of sum (line 3), of which it is a part"
        shows(findings(whole, self.rule, **{table: rows}), f"data/{table}.csv:2 {figure}", message, "empty part_of")

    @pytest.mark.parametrize(
        ("part", "total"),
        [
            (("600", "at_least", ""), ("500", "about", "")),
            (("501", "exact", ""), ("500", "at_most", "")),
            (("41", "range", "60"), ("20", "range", "40")),
            (("1200", "about", ""), ("1000", "exact", "")),
        ],
    )
    def test_fires_when_the_least_the_part_can_be_is_too_much(
        self, whole: Package, part: tuple[str, str, str], total: tuple[str, str, str]
    ) -> None:
        names = ("quantity", "quantity_qualifier", "quantity_max")
        rows = [{"id": "a", "part_of": "b", **dict(zip(names, part, strict=True))}]
        rows += [{"id": "b", **dict(zip(names, total, strict=True))}]
        message = f"{part[0]} is more than the {total[0]} of b"
        shows(findings(whole, self.rule, returns=rows), "data/returns.csv:2 quantity", message, "Check both figures")

    @pytest.mark.parametrize(
        ("part", "total"),
        [
            (("310", "exact", ""), ("310", "exact", "")),
            (("540", "exact", ""), ("500", "about", "")),
            (("520", "about", ""), ("515", "exact", "")),
            (("900", "exact", ""), ("500", "at_least", "")),
            (("900", "at_most", ""), ("500", "exact", "")),
            (("30", "range", "60"), ("20", "range", "40")),
            (("900", "exact", ""), ("", "", "")),
            (("", "", ""), ("500", "exact", "")),
        ],
    )
    def test_passes_what_can_be_within_the_whole(
        self, whole: Package, part: tuple[str, str, str], total: tuple[str, str, str]
    ) -> None:
        names = ("quantity", "quantity_qualifier", "quantity_max")
        rows = [{"id": "a", "part_of": "b", **dict(zip(names, part, strict=True))}]
        rows += [{"id": "b", **dict(zip(names, total, strict=True))}]
        assert findings(whole, self.rule, returns=rows) == []


class TestPartSame:
    """A part counts the same thing as its whole."""

    rule = "part.same"

    def test_fires_on_decisions_as_part_of_persons(self, whole: Package) -> None:
        rows = [
            {"id": "a", "quantity": "1", "unit": "decisions", "part_of": "b"},
            {"id": "b", "quantity": "2", "unit": "persons"},
        ]
        message = "decisions differs from persons of b (line 3)"
        shows(findings(whole, self.rule, returns=rows), "data/returns.csv:2 unit", message, "empty part_of")

    def test_fires_on_planned_officers_as_part_of_present_ones(self, whole: Package) -> None:
        rows = [
            {"id": "a", "officers": "1", "measure": "planned", "part_of": "b"},
            {"id": "b", "officers": "2", "measure": "present"},
        ]
        message = "planned differs from present of b (line 3)"
        shows(findings(whole, self.rule, deployments=rows), "data/deployments.csv:2 measure", message, "Correct it")

    def test_passes_the_same_measure_and_rows_without_a_figure(self, whole: Package) -> None:
        rows = [
            {"id": "a", "officers": "1", "measure": "present", "part_of": "c"},
            {"id": "b", "event": "launch", "part_of": "c"},
            {"id": "c", "officers": "2", "measure": "present"},
            {"id": "d", "officers": "2", "measure": "planned", "part_of": "e"},
            {"id": "e", "event": "launch"},
        ]
        assert findings(whole, self.rule, deployments=rows) == []


class TestPartWindow:
    """A part falls within the time of its whole."""

    rule = "part.window"

    @pytest.mark.parametrize(
        ("part", "total"),
        [
            (("2019-05", "2020"), ("2019-06", "2020-12")),
            (("2019-06", "2021-02"), ("2019-06", "2020-12")),
            (("2018", ""), ("2019-06", "")),
            (("", "2021"), ("", "2020")),
            (("2021-02", ""), ("2019-06", "2020-12")),
            (("", "2018"), ("2019-06", "2020-12")),
        ],
    )
    def test_fires_on_a_component_outside_its_programme(
        self, whole: Package, part: tuple[str, str], total: tuple[str, str]
    ) -> None:
        rows = [
            {"id": "a", "start": part[0], "end": part[1], "part_of": "b"},
            {"id": "b", "start": total[0], "end": total[1]},
        ]
        message = f"is partly outside {'/'.join(total)}, the period of b (line 3)"
        shows(
            findings(whole, self.rule, projects=rows), "data/projects.csv:2 start", message, "Check the dates of both"
        )

    @pytest.mark.parametrize(
        ("part", "total"),
        [
            (("2019-06", "2020-12"), ("2019-06", "2020-12")),
            (("2019", "2020"), ("2019-06", "2020-12")),
            (("2019-05~", "2020"), ("2019-06", "2020-12")),
            (("2019-05", ""), ("2019-06~", "")),
            (("2019-07", ""), ("", "2020")),
            (("", ""), ("2019-06", "2020-12")),
            (("2019-07", "2019-08"), ("", "")),
        ],
    )
    def test_passes_a_component_only_possibly_outside(
        self, whole: Package, part: tuple[str, str], total: tuple[str, str]
    ) -> None:
        rows = [
            {"id": "a", "start": part[0], "end": part[1], "part_of": "b"},
            {"id": "b", "start": total[0], "end": total[1]},
        ]
        assert findings(whole, self.rule, projects=rows) == []

    @pytest.mark.parametrize(
        ("part", "total"),
        [("2020-10", "2020-11/2021-01"), ("2020", "2020-01/2020-06"), ("2020/..", "2020/2021"), ("2021", "2020")],
    )
    def test_fires_on_a_count_over_more_than_the_period_of_the_whole(
        self, whole: Package, part: str, total: str
    ) -> None:
        rows = [{"id": "a", "period": part, "part_of": "b"}, {"id": "b", "period": total}]
        message = f"{part} is partly outside {total}, the period of b (line 3)"
        shows(findings(whole, self.rule, returns=rows), "data/returns.csv:2 period", message, "empty part_of")

    @pytest.mark.parametrize(
        ("part", "total"),
        [
            ("2020-11", "2020-09/2020-11"),
            ("2020-11", "2020-09~/2020-11~"),
            ("2020", "2016/.."),
            ("../2020", "../2021"),
            ("2020-12", "2020-09/2020-11~"),
            ("2020", ""),
        ],
    )
    def test_passes_a_count_within_the_period_of_the_whole(self, whole: Package, part: str, total: str) -> None:
        rows = [{"id": "a", "period": part, "part_of": "b"}, {"id": "b", "period": total}]
        assert findings(whole, self.rule, returns=rows) == []

    def test_fires_on_a_deployment_on_another_day_than_its_whole(self, whole: Package) -> None:
        rows = [{"id": "a", "date": "2019-05-21", "part_of": "b"}, {"id": "b", "date": "2019-05-22"}]
        message = "2019-05-21 is partly outside 2019-05-22"
        shows(findings(whole, self.rule, deployments=rows), "data/deployments.csv:2 date", message, "dates of both")

    @pytest.mark.parametrize(
        ("part", "total"), [("2019-05", "2019-05-22"), ("2019", "2019-05-22"), ("2019-05-21~", "2019-05-22")]
    )
    def test_passes_a_deployment_dated_less_precisely_than_its_whole(
        self, whole: Package, part: str, total: str
    ) -> None:
        rows = [{"id": "a", "date": part, "part_of": "b"}, {"id": "b", "date": total}]
        assert findings(whole, self.rule, deployments=rows) == []
