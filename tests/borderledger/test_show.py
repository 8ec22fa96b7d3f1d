"""Columns and records as text, where the command line's own tests do not reach."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import borderledger as bl
from borderledger.output.escape import printable
from borderledger.output.record import record_json, record_text
from borderledger.output.text import FORMATS, readable, table
from borderledger.query.columns import Column
from tests.conftest import Mini

#: No CR, which the reader refuses, and which the csv module of Python 3.11 does not quote.
ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ë – 1", "plain ë – 1"),
        ("a\tb", "a\\u0009b"),
        ("\x1b[31m", "\\u001b[31m"),
        ("\x9b31m", "\\u009b31m"),
        ("\u202e\u2028\xa0", "\\u202e\\u2028\\u00a0"),
        ("\ud800", "\\ud800"),
    ],
)
def test_printable_text_shows_what_would_act(text: str, shown: str) -> None:
    assert printable(text) == shown


class TestFormats:
    @pytest.mark.parametrize(
        ("kind", "value", "text", "json_value"),
        [
            ("text", "a", "a", "a"),
            ("text", None, "", None),
            ("integer", 0, "0", 0),
            ("integer", None, "", None),
            ("number", 1000000.0, "1000000", 1000000.0),
            ("number", 0.5, "0.5", 0.5),
            ("number", 1e15, "1000000000000000", 1e15),
            ("day", date(2025, 6, 11).toordinal(), "2025-06-11", "2025-06-11"),
            ("day", None, "", None),
            ("category", "on", "on", "on"),
            ("list", ("AL", "BA"), "AL;BA", ["AL", "BA"]),
            ("list", (), "", []),
            ("flag", False, "false", False),
            ("mapping", {"on": "On.", "off": "Off."}, "on: On.; off: Off.", {"on": "On.", "off": "Off."}),
        ],
    )
    def test_each_kind_of_value(self, kind: str, value: Any, text: str, json_value: Any) -> None:
        columns = [Column("id", "text", ["x"]), Column("f", kind, [value])]
        assert FORMATS["csv"](columns) == f"id,f\nx,{text}\n"
        assert json.loads(FORMATS["json"](columns)) == [{"id": "x", "f": json_value}]
        assert FORMATS["md"](columns).splitlines()[-1] == f"| x | {text} |"

    @pytest.mark.parametrize(
        ("cell", "safe"),
        [
            *((cell, f"'{cell}") for cell in ("=1+1", "+1", "@SUM(A1)", "\t=1", "-x", "-", "-2+3", "-1 a")),
            *((cell, cell) for cell in ("-5", "-0.5", "a=1", "1-2", " a", "AL;BA", "")),
        ],
    )
    def test_a_formula_is_text_and_a_figure_is_a_figure(self, cell: str, safe: str) -> None:
        written = FORMATS["csv"]([Column("f", "text", [cell]), Column("n", "integer", [-5])])
        assert list(csv.reader(io.StringIO(written, newline=""))) == [["f", "n"], [safe, "-5"]]

    def test_figures_stand_at_the_right(self) -> None:
        columns = [Column("amount_eur", "number", [1.5, 10.0]), Column("id", "text", ["a", None])]
        assert FORMATS["md"](columns) == "| amount_eur | id |\n|---:|---|\n| 1.5 | a |\n| 10 |  |\n"

    @given(ANY, ANY)
    def test_a_row_stays_a_row_whatever_its_text(self, name: str, cell: str) -> None:
        columns = [Column(name, "text", [cell]), Column("end", "text", ["end"])]
        assert FORMATS["md"](columns).count("\n") == 3
        assert "<" not in FORMATS["md"](columns)
        assert json.loads(FORMATS["json"](columns))[0]["end"] == "end"
        written = io.StringIO(FORMATS["csv"](columns), newline="")
        for row, text in zip(csv.reader(written, strict=True), (name, cell), strict=True):
            assert row in ([text, "end"], [f"'{text}", "end"])

    @pytest.mark.parametrize("terminal", [True, False])
    def test_the_name_of_a_column_is_text_too(self, capsys: pytest.CaptureFixture[str], terminal: bool) -> None:
        table([Column("\x1b[31m[bold]x", "text", ["a"])], terminal)
        assert capsys.readouterr().out.split() == ["\\u001b[31m[bold]x", "a"]


class TestReadable:
    def test_what_is_empty_derived_or_long_is_left_out(self) -> None:
        names = ["id", "date", "date_from", "date_to", "valid_from", "note", "url"]
        columns = [Column(name, "text", ["x"]) for name in names] + [Column("empty", "list", [()])]
        assert [column.name for column in readable(columns)] == ["id", "date", "valid_from"]

    def test_something_is_left(self) -> None:
        columns = [Column("id", "text", []), Column("title", "text", [])]
        assert [column.name for column in readable(columns)] == ["id"]


class TestRecord:
    def test_corrections_are_shown(self, mini: Mini) -> None:
        change = {"kind": "correction", "old": "1", "new": "2", "reason": "Misread.", "issue": "7"}
        mini.add("corrections", version="0.2.0", record_id="fac-al-gjader", field="capacity", **change)
        dataset = bl.open(mini.save())
        assert record_text(dataset, "fac-al-gjader").endswith(
            "\nHistory:\n  0.2.0 correction: capacity 1 -> 2. Misread.\n"
        )
        assert json.loads(record_json(dataset, "fac-al-gjader"))["corrections"][0]["new"] == "2"

    def test_each_source_has_its_address_and_says_where_it_states_what(self, mini: Mini) -> None:
        mini.claim("fac-al-gjader", "capacity", "880", locator="page 3\x1b[31m")
        shown = record_text(bl.open(mini.save()), "fac-al-gjader")
        source = mini.row("sources", id=mini.row("facilities", id="fac-al-gjader")["source_id"])
        after = shown[shown.index(f"  {source['id']}: ") :].splitlines()
        assert after[1] == f"    {source['url']}"
        assert "    page 3\\u001b[31m: capacity" in after
        claims = json.loads(record_json(bl.open(mini.root), "fac-al-gjader"))["claims"]
        assert all(claim["url"] and claim["locator"] for claim in claims)

    def test_a_record_of_which_hardly_anything_is_known(self, mini: Mini) -> None:
        mini.add("activities", id="act-nothing", title="Nothing")
        shown = record_text(bl.open(mini.save()), "act-nothing")
        assert shown.startswith("Nothing\nactivities act-nothing\n")
        assert "no grade" in shown
