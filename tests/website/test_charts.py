"""The charts and maps of the website, from small rows that a reader can check and from the data that we ship."""

from __future__ import annotations

import json
import re
import runpy
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest

import borderledger as bl
from website import charts, drawing, lanes, maps
from website.drawing import Chart

DAY = date(2026, 11, 29)
COLOURS = {f"var(--{name})" for name in ("ink", "muted", "line", "paper", "panel", "c1", "c2", "c3", "c4", "c5", "c6")}
SVG = "{http://www.w3.org/2000/svg}"


@cache
def names() -> dict[str, str]:
    return {**dict(bl.load("places")[["id", "name"]].values), **dict(bl.load("organisations")[["id", "name"]].values)}


def shipped(name: str, width: int) -> Chart:
    """A chart of the data that we ship."""
    said: dict[str, Any] = {"names": names(), "width": width, "prefix": "p"}
    if name.startswith("officers"):
        return charts.officers(bl.load("deployments"), name[-2:], **said)
    if name == "agreements":
        return charts.agreements(bl.load("agreements"), DAY, **said)
    if name == "money_by_funder":
        return charts.money_by_funder(bl.load("money_by_funder"), **said)
    if name == "money_by_year":
        return charts.money_by_year(bl.totals("projects", by=["year", "funders"]), **said)
    if name == "returns":
        return charts.returns(bl.totals("returns", by=["year", "from_place", "return_type"]), **said)
    if name == "operations":
        return charts.operations(bl.load("operations_by_year"), prefix="p", width=width)
    if name == "cost_per_person":
        return charts.cost_per_person(bl.load("cost_per_person"), **said)
    if name == "pressure":
        return charts.pressure(bl.load("pressure_and_response"), prefix="p", width=width)
    if name == "map_of_six":
        return maps.map_of_six({"AL": 12, "RS": 1234, "XK": 0}, "Operations", "Operations", **said)
    assert name == "map_of_facilities"
    return maps.map_of_facilities(bl.load("facilities"), **said)


NAMES = [
    *(f"officers_{host}" for host in ("AL", "BA", "ME", "MK", "RS", "XK")),
    "agreements",
    "money_by_funder",
    "money_by_year",
    "returns",
    "operations",
    "cost_per_person",
    "pressure",
    "map_of_six",
    "map_of_facilities",
]
EACH = [(name, width) for name in NAMES for width in (640, 340)]


@pytest.fixture(scope="module", params=EACH, ids=[f"{name}-{width}" for name, width in EACH])
def drawn(request: pytest.FixtureRequest) -> tuple[Chart, int]:
    name, width = request.param
    return shipped(name, width), width


def parsed(chart: Chart) -> ElementTree.Element:
    return ElementTree.fromstring(str(chart.svg))


def texts(chart: Chart) -> list[str]:
    return ["".join(one.itertext()) for one in parsed(chart).iter(f"{SVG}text")]


class TestEveryChart:
    def test_is_an_image_with_a_title_and_a_description(self, drawn: tuple[Chart, int]) -> None:
        chart, _width = drawn
        root = parsed(chart)
        assert root.get("role") == "img"
        ids = {one.get("id"): one for one in root.iter() if one.get("id")}
        title, description = (ids[name] for name in (root.get("aria-labelledby") or "").split())
        assert (title.text, description.text) == (chart.title, chart.description)

    def test_has_ids_that_begin_with_its_prefix_and_occur_once(self, drawn: tuple[Chart, int]) -> None:
        ids = re.findall(r' id="([^"]*)"', drawn[0].svg)
        assert ids
        assert len(ids) == len({*ids})
        assert all(one == "p" or one.startswith("p-") for one in ids)

    def test_has_no_style_no_script_and_only_colours_of_the_page(self, drawn: tuple[Chart, int]) -> None:
        root = parsed(drawn[0])
        assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
            "svg", "title", "desc", "text", "tspan", "line", "rect", "circle", "path", "g",
        }  # fmt: skip
        for one in root.iter():
            assert "style" not in one.attrib
            assert not [name for name in one.attrib if name.startswith("on") or "href" in name]
            assert {one.attrib.get("fill", "none"), one.attrib.get("stroke", "none")} <= {*COLOURS, "none"}

    def test_has_letters_that_can_be_read_and_stay_inside(self, drawn: tuple[Chart, int]) -> None:
        chart, width = drawn
        root = parsed(chart)
        assert root.get("viewBox") == f"0 0 {width} {root.get('height')}"
        for one in root.iter(f"{SVG}text"):
            size, x, y = int(one.get("font-size", "")), float(one.get("x", "")), float(one.get("y", ""))
            assert size >= 12
            # The average letter is half as wide as high; what sticks out by a few pixels is the slack of the guess.
            long = 0.5 * sum(int(part.get("font-size") or size) * len(part.text or "") for part in one.iter())
            start = x - {"middle": long / 2, "end": long, None: 0}[one.get("text-anchor")]
            assert start >= -4, one.text
            assert start + long <= width + 4, "".join(one.itertext())
            assert 0 <= y <= float(root.get("height", ""))

    def test_has_a_table_with_as_many_cells_as_headings(self, drawn: tuple[Chart, int]) -> None:
        chart, _width = drawn
        assert all(len(row) == len(chart.header) for row in chart.rows)
        assert all(cell is None or isinstance(cell, (str, int, float)) for row in chart.rows for cell in row)
        assert not [cell for row in chart.rows for cell in row if cell != cell]

    def test_has_figures_unless_it_says_that_there_are_none(self, drawn: tuple[Chart, int]) -> None:
        assert bool(drawn[0].rows) != ("There is no figure." in texts(drawn[0]))


@pytest.mark.parametrize("name", NAMES)
def test_the_same_data_gives_the_same_bytes(name: str) -> None:
    assert shipped(name, 640) == shipped(name, 640)


def deployment(**said: Any) -> dict[str, Any]:
    return {
        "id": "dep-1", "title": "Officers", "agency": ("frontex",), "hosts": ("AL",), "date": "2020-05-01",
        "date_from": date(2020, 5, 1), "date_to": date(2020, 5, 1), "officers": 50, "officers_qualifier": "exact",
        "officers_max": None, "measure": "present", "contributors": (), "part_of": None,
    } | said  # fmt: skip


class TestOfficers:
    def test_draws_a_plan_and_a_bound_and_a_range_differently(self) -> None:
        ways = [
            {},
            {"officers_qualifier": "about"},
            {"officers_qualifier": "at_least"},
            {"officers_qualifier": "at_most"},
            {"officers_qualifier": "range", "officers_max": 70},
            {"measure": "planned"},
        ]
        # The pixels of the mark, without the words of its tooltip and of the number.
        shapes = [
            re.sub(
                r"<title.*?</title>|<desc.*?</desc>|<text.*?</text>", "", charts.officers([deployment(**way)], "AL").svg
            )
            for way in ways
        ]
        assert len({*shapes}) == len(ways)

    @pytest.mark.parametrize(
        ("qualifier", "most", "words"),
        [("exact", None, "50"), ("about", None, "about 50"), ("at_least", None, "at least 50"),
         ("at_most", None, "at most 50"), ("range", 70, "50 to 70")],
    )  # fmt: skip
    def test_says_the_doubt_in_the_table(self, qualifier: str, most: int | None, words: str) -> None:
        chart = charts.officers([deployment(officers_qualifier=qualifier, officers_max=most)], "AL")
        assert chart.rows[0][2] == words

    def test_leaves_out_a_part_of_a_figure_and_says_so(self) -> None:
        chart = charts.officers([deployment(), deployment(id="dep-2", officers=11, part_of="dep-1")], "AL")
        assert [row[4] for row in chart.rows] == ["dep-1"]
        assert "part of another figure shown (1)" in chart.description

    def test_keeps_figures_that_are_added_up_out_of_the_lanes(self) -> None:
        added = deployment(id="dep-2", officers=9999, measure="cumulative", date_from=date(2020, 1, 1))
        alone, both = charts.officers([deployment()], "AL"), charts.officers([deployment(), added], "AL")
        assert "9,999 · frontex" in texts(both)
        assert "9,999" not in texts(both)
        mark = next(one for one in parsed(alone).iter(f"{SVG}circle"))
        assert mark.get("cy") == next(one for one in parsed(both).iter(f"{SVG}circle")).get("cy")

    def test_gives_all_lanes_one_scale(self) -> None:
        rows = [deployment(), deployment(id="dep-2", agency=("hu-police",), officers=25)]
        root = parsed(charts.officers(rows, "AL"))
        stems = [one for one in root.iter(f"{SVG}line") if one.get("stroke-opacity")]
        tall, short = sorted((float(one.get("y1", "")) - float(one.get("y2", "")) for one in stems), reverse=True)
        assert tall == pytest.approx(2 * short, abs=0.3)

    def test_takes_an_open_interval_and_a_figure_without_a_date(self) -> None:
        rows = [deployment(date_to=None), deployment(id="dep-2", date=None, date_from=None, date_to=None)]
        chart = charts.officers(rows, "AL")
        assert len(chart.rows) == 2
        assert "figures without a date (1)" in chart.description

    def test_names_a_year_even_if_there_is_one_figure(self) -> None:
        assert "2020" in texts(charts.officers([deployment()], "AL"))

    def test_leaves_out_other_hosts(self) -> None:
        assert not charts.officers([deployment(hosts=("AL", "ME"))], "AL").rows

    def test_shows_names_from_outside_as_text(self) -> None:
        hostile = '<script>alert(1)</script>" onx="' + "\u202e" + "x" * 5000
        chart = charts.officers([deployment(title=hostile)], "AL", names={"frontex": hostile, "AL": hostile})
        root = parsed(chart)
        assert not list(root.iter(f"{SVG}script"))
        assert not [one for one in root.iter() if "onx" in one.attrib]
        assert chart.title == f"Officers from abroad in {hostile}"


def agreement(**said: str) -> dict[str, Any]:
    fields = ("recommended", "mandated", "negotiation_started", "initialled", "signed", "concluded",
              "provisional_application", "entered_into_force", "ended", "status_as_of")  # fmt: skip
    row: dict[str, Any] = {"id": "agr-1", "title": "Agreement", "type": "readmission", "party_a": ("EU",),
                           "party_b": ("AL",), "status": said.pop("status", "in_force")}  # fmt: skip
    for field in fields:
        row[field] = said.get(field)
        for end in ("from", "to"):
            row[f"{field}_{end}"] = date.fromisoformat(said[field]) if field in said else None
    return row


class TestAgreements:
    @pytest.mark.parametrize(
        ("row", "expected"),
        [
            (agreement(signed="2005-01-01", entered_into_force="2006-01-01", status_as_of="2024-01-01"),
             [("signed", 2005, 2006), ("force", 2006, 2024), ("open", 2024, 2026)]),
            (agreement(mandated="2004-01-01", signed="2005-01-01", status="signed"),
             [("talks", 2004, 2005), ("signed", 2005, 2005), ("open", 2005, 2026)]),
            (agreement(provisional_application="2023-01-01", status="provisionally_applied", status_as_of="2025-01-01"),
             [("applied", 2023, 2025), ("open", 2025, 2026)]),
            (agreement(entered_into_force="2006-01-01", ended="2010-01-01", status="ended"), [("force", 2006, 2010)]),
            (agreement(entered_into_force="2006-01-01", status="replaced", status_as_of="2012-01-01"),
             [("force", 2006, 2012)]),
            (agreement(status="proposed"), []),
        ],
    )  # fmt: skip
    def test_says_what_it_was_and_from_when_to_when(self, row: dict[str, Any], expected: list[Any]) -> None:
        found = lanes._periods(row, date(2026, 1, 1))
        assert [(name, int(a), int(b)) for name, a, b in found] == expected

    def test_keeps_an_agreement_without_a_date_in_the_table_and_says_so(self) -> None:
        chart = charts.agreements([agreement(status="proposed")], DAY)
        assert len(chart.rows) == 1
        assert "agreements without a date (1)" in chart.description

    def test_has_a_lane_for_each_partner_and_names_the_other_side(self) -> None:
        chart = charts.agreements(
            [agreement(signed="2005-01-01")], DAY, names={"AL": "Albania", "EU": "European Union"}
        )
        assert {"Albania", "Readmission · European Union"} <= {*texts(chart)}

    def test_names_a_body_once_and_keys_only_what_is_drawn(self) -> None:
        row = agreement(signed="2005-01-01", status_as_of="2026-11-29") | {"type": "europol", "party_a": ("europol",)}
        found = texts(charts.agreements([row], DAY, names={"europol": "Europol"}))
        assert "Europol" in found
        assert {"talks", "in force", "applied provisionally"}.isdisjoint(found)

    def test_stands_under_each_of_two_partners_but_once_in_the_table(self) -> None:
        both = agreement(signed="2005-01-01") | {"party_b": ("AL", "BA", "socialist-yugoslavia")}
        chart = charts.agreements([both], DAY)
        assert [text for text in texts(chart) if text in ("AL", "BA", "socialist-yugoslavia")] == ["AL", "BA"]
        assert len(chart.rows) == 1
        alone = charts.agreements([both], DAY, partner="BA")
        assert [text for text in texts(alone) if text in ("AL", "BA")] == ["BA"]


class TestPanels:
    def test_put_a_year_above_the_same_year(self) -> None:
        panels = [
            drawing.Panel("Small", {2020: 1.0, 2021: 2.0}),
            drawing.Panel("Large", {2020: 5e6, 2021: 9e6}),
        ]
        body, _end = drawing.panels(panels, range(2020, 2022), 640)
        bars = re.findall(r'<rect x="([\d.]+)"', body)
        assert len(bars) == 4
        assert bars[:2] == bars[2:]

    def test_tell_no_figure_from_zero(self) -> None:
        body, _end = drawing.panels([drawing.Panel("One", {2020: 0, 2021: None})], range(2020, 2022), 640)
        assert body.count("<rect") == body.count("<circle") == 1

    def test_do_not_join_a_line_over_a_gap(self) -> None:
        known = {2018: 1.0, 2019: 2.0, 2021: 3.0}
        body, _end = drawing.panels([drawing.Panel("One", known, kind="line")], range(2018, 2022), 640)
        assert body.count('stroke-width="2"') == 1

    @pytest.mark.parametrize(
        ("top", "expected"), [(764033, [0, 400000, 800000]), (69, [0, 40, 80]), (100, [0, 50, 100]), (0, [0, 1])]
    )
    def test_have_few_round_ticks(self, top: float, expected: list[float]) -> None:
        assert drawing.ticks(top) == expected


class TestFigures:
    """What a chart shows is what the loader gives."""

    def test_of_returns_are_those_of_the_totals(self) -> None:
        found = bl.totals("returns", by=["year", "from_place", "return_type"])
        assert sum(row[6] for row in shipped("returns", 640).rows) == found[found.year.notna()].quantity.sum()  # type: ignore[misc]

    def test_of_money_are_those_of_the_view(self) -> None:
        sums = [row[3] for row in shipped("money_by_funder", 640).rows]
        assert sorted(sums) == sorted(bl.load("money_by_funder").amount_eur)  # type: ignore[type-var]

    def test_of_costs_are_what_was_paid_for_each_person(self) -> None:
        rows = [
            {"destinations": ("AL",), "reach": "wb6", "year": 2020, "persons": 10, "paid_eur": 1000.0, "operations": 1},
            {"destinations": ("AL",), "reach": "wb6", "year": 2020, "persons": 30, "paid_eur": 5000.0, "operations": 2},
            {
                "destinations": ("AL", "RS"),
                "reach": "wb6",
                "year": 2020,
                "persons": 9,
                "paid_eur": 9e9,
                "operations": 1,
            },
        ]
        assert charts.cost_per_person(rows).rows == (("AL", 2020, 150.0, 6000.0, 40, 3),)

    def test_of_returns_are_never_added_over_bodies(self) -> None:
        row = {"year": 2020, "from_place": "DE", "return_type": "forced", "unit": "persons", "reported_by": ("frontex",),
               "counted_by": "destination", "quantity": 100, "not_exact": 0}  # fmt: skip
        chart = charts.returns([row, row | {"reported_by": ("de-bamf",), "quantity": 70}])
        assert "170" not in texts(chart)
        assert {"persons; frontex", "persons; de-bamf", "100", "70"} <= {*texts(chart)}

    def test_are_the_same_from_a_frame_and_from_dicts(self) -> None:
        frame = bl.load("operations_by_year")
        assert charts.operations(frame) == charts.operations(frame.to_dict("records"))

    def test_may_be_missing(self) -> None:
        frame = pd.DataFrame({"a": [1, None], "b": [pd.Timestamp("2020-01-02"), pd.NaT], "c": [pd.NA, ["x"]]})
        assert drawing.records(frame) == [
            {"a": 1.0, "b": date(2020, 1, 2), "c": None},
            {"a": None, "b": None, "c": ("x",)},
        ]

    @pytest.mark.parametrize(
        ("value", "words"),
        [(95, "€95"), (1_000_000, "€1m"), (1_350_000, "€1.4m"), (320_400, "€320k"), (2.5e9, "€2.5bn")],
    )
    def test_of_money_are_short(self, value: float, words: str) -> None:
        assert drawing.money(value) == words


class TestSparkline:
    def test_leaves_a_gap_where_a_year_is_missing(self) -> None:
        chart = charts.sparkline({2019: 1, 2020: 2, 2021: None, 2022: 3}, "Officers")
        path = next(parsed(chart).iter(f"{SVG}path")).get("d", "")
        assert re.sub(r"[^ML]", "", path) == "MLM"
        assert chart.rows == ((2019, 1), (2020, 2), (2022, 3))

    def test_takes_no_figure_and_zeros(self) -> None:
        assert not charts.sparkline({2019: None}, "Officers").rows
        assert "nan" not in charts.sparkline({2019: 0, 2020: 0}, "Officers").svg


class TestMaps:
    def test_name_kosovo_with_its_footnote_in_both(self) -> None:
        for name in ("map_of_six", "map_of_facilities"):
            for width in (640, 340):
                chart = shipped(name, width)
                assert "Kosovo*" in texts(chart)
                assert "without prejudice to positions on status" in chart.description
                assert any(text.startswith("* This designation") for text in texts(chart))

    def test_keep_the_footnote_of_the_table_of_places(self) -> None:
        note = bl.load("places").set_index("id").note["XK"]
        assert note.startswith(maps.FOOTNOTE.removeprefix("* ").removesuffix("."))

    def test_dash_the_border_between_kosovo_and_serbia_alone(self) -> None:
        plain, dashed = maps._View(13.4, 24.6, 39.45, 46.45, 640).borders()
        assert len(dashed) == 1
        root = parsed(shipped("map_of_six", 640))
        assert [one.get("stroke-dasharray") for one in root.iter(f"{SVG}path")].count("4 3") == 1
        assert len(plain) > 10

    @pytest.mark.parametrize("place", maps.SIX)
    def test_put_the_number_inside_the_place(self, place: str) -> None:
        view = maps._View(13.4, 24.6, 39.45, 46.45, 640)
        spot = view.at(*maps._MIDDLE[place])
        assert [other for other in maps.SIX if view.inside(other, spot)] == [place]

    @pytest.mark.parametrize("width", [640, 340])
    def test_put_the_name_of_a_place_inside_it_whatever_stands_there(self, width: int) -> None:
        chart = shipped("map_of_facilities", width)
        view = maps._View(*((15.55, 23.15, 39.5, 46.35) if width < 480 else (13.4, 24.6, 39.45, 46.45)), width)
        named = {one.text: one for one in parsed(chart).iter(f"{SVG}text") if one.get("font-style")}
        assert len(named) == 6
        for place, name in maps._NAMES.items():
            assert view.inside(place, (float(named[name].get("x", "")), float(named[name].get("y", "")) - 4))

    def test_mark_each_facility_that_has_coordinates(self) -> None:
        facilities = bl.load("facilities")
        marks = list(parsed(shipped("map_of_facilities", 640)).iter(f"{SVG}g"))
        assert len(marks) == facilities.latitude.notna().sum()
        assert len(shipped("map_of_facilities", 640).rows) == len(facilities)

    def test_never_show_a_facility_as_open_unless_a_source_says_so(self) -> None:
        for status, looks_open in ((None, False), ("open", True), ("closed", False), ("planned", False)):
            mark = maps._facility({"status": status, "kind": "reception"}, 0, 0)
            open_mark = maps._facility({"status": "open", "kind": "reception"}, 0, 0)
            assert (mark == open_mark) is looks_open

    def test_put_a_note_beneath_a_number_and_in_the_table(self) -> None:
        chart = maps.map_of_six({"XK": 2, "BA": 80}, "Officers", "officers", notes={"BA": "about, 2026"})
        assert "about, 2026" in texts(chart)
        assert "Bosnia and Herzegovina 80 (about, 2026)" in chart.description
        assert ("Bosnia and Herzegovina", 80, "about, 2026") in chart.rows
        assert chart.header == ("Place", "officers", "Note")

    def test_draw_no_number_for_a_place_without_one(self) -> None:
        chart = shipped("map_of_six", 640)
        assert texts(chart).count("–") == 3
        assert {"12", "1,234", "0"} <= {*texts(chart)}


class TestShapes:
    @pytest.fixture
    def cut(self) -> Any:
        return runpy.run_path(str(Path(maps.__file__).parent / "assets-src" / "cut_map.py"))["cut"]

    def test_keep_only_what_the_places_need(self, cut: Any) -> None:
        world = {
            "transform": {"scale": [1, 1], "translate": [0, 0]},
            "arcs": [[[90, 9], [1, 0]], [[20, 42], [1, 0]], [[21, 42], [0, 1], [-1, -1]]],
            "objects": {
                "countries": {
                    "geometries": [
                        {"type": "Polygon", "arcs": [[0]], "properties": {"name": "Elsewhere"}},
                        {"type": "Polygon", "arcs": [[1, 2]], "properties": {"name": "Kosovo"}},
                        {"type": "MultiPolygon", "arcs": [[[-2, 2]], [[0]]], "properties": {"name": "Serbia"}},
                    ]
                }
            },
        }
        found = cut(world)
        assert found["arcs"] == world["arcs"][1:]
        shapes = found["objects"]["places"]["geometries"]
        assert [(shape["id"], shape["arcs"]) for shape in shapes] == [("RS", [[[-1, 1]]]), ("XK", [[[0, 1]]])]

    def test_in_the_repository_have_the_six_and_their_neighbours(self) -> None:
        found = json.loads(maps._FILE.read_text(encoding="utf-8"))
        places = {shape["id"] for shape in found["objects"]["places"]["geometries"]}
        assert {*maps.SIX, "HR", "HU", "RO", "BG", "GR", "IT"} <= places
        assert maps._FILE.stat().st_size < 30_000
