"""Typed columns: what each kind of cell becomes, in every backend."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from borderledger.errors import BadArgument
from borderledger.output.frames import to_frame
from borderledger.package import Field
from borderledger.query.columns import Column, explode, field_columns, field_names
from tests.borderledger.test_dataset import BACKENDS

# A busy machine is no reason to fail.


def field(type: str = "string", **more: Any) -> Field:
    nothing: dict[str, Any] = {"pattern": "", "minimum": None, "categories": {}, "delimiter": "", "refers_to": ()}
    flags = dict.fromkeys(("required", "unique", "ordered", "edtf", "bound"), False)
    return Field(**({"name": "f", "title": "F", "description": "F.", "type": type} | nothing | flags | more))


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


STATUS = {"off": "Off.", "on": "On."}


class TestFieldColumns:
    """Of a field: its columns, as (name, kind, values)."""

    @pytest.mark.parametrize(
        ("of", "cells", "kind", "values"),
        [
            (field(), ["a", "", "NA", "null", "1"], "text", ["a", None, "NA", "null", "1"]),
            (field("integer"), ["0", "", "-5", "9" * 18], "integer", [0, None, -5, 10**18 - 1]),
            (field("number"), ["0", "", "-0.5", "1234567.89"], "number", [0.0, None, -0.5, 1234567.89]),
            (field("date"), ["2024-02-29", ""], "day", [day("2024-02-29"), None]),
            (field(delimiter=";"), ["AL", "", "AL;BA"], "list", [("AL",), (), ("AL", "BA")]),
            (field(categories=STATUS), ["on", "", "off"], "category", ["on", None, "off"]),
        ],
    )
    def test_each_kind(self, of: Field, cells: list[str], kind: str, values: list[Any]) -> None:
        (column,) = field_columns(of, cells)
        assert (column.name, column.kind, list(column.values)) == ("f", kind, values)

    @pytest.mark.parametrize(
        ("cell", "first", "last"),
        [
            ("", None, None),
            ("2025", "2025-01-01", "2025-12-31"),
            ("2025-06-11", "2025-06-11", "2025-06-11"),
            ("2025-06~", "2025-06-01", "2025-06-30"),
            ("2020-11/2022-10", "2020-11-01", "2022-10-31"),
            ("../2025-06", None, "2025-06-30"),
            ("2025-06/..", "2025-06-01", None),
            ("0001", "0001-01-01", "0001-12-31"),
            ("9999", "9999-01-01", "9999-12-31"),
        ],
    )
    def test_a_date_stays_text_and_gets_the_days_of_its_ends(
        self, cell: str, first: str | None, last: str | None
    ) -> None:
        text, *ends = field_columns(field(edtf=True), [cell])
        assert (text.kind, text.values) == ("text", [cell or None])
        assert [(c.name, c.kind, c.values) for c in ends] == [
            ("f_from", "day", [first and day(first)]),
            ("f_to", "day", [last and day(last)]),
        ]
        assert field_names(field(edtf=True)) == ("f", "f_from", "f_to")

    def test_categories_are_all_of_the_schema_and_what_it_does_not_know_after_them(self) -> None:
        (column,) = field_columns(field(categories=STATUS, ordered=True), ["on", "zz", "", "aa"])
        assert (column.categories, column.ordered) == (("off", "on", "aa", "zz"), True)

    @pytest.mark.parametrize(
        ("type", "cells"),
        [
            ("integer", ["1.0", "1_000", "007", "+1", "-", "--1", "٣", "1 ", "1\n", "1e3", "NA", "0x1", "9" * 19]),
            ("number", ["nan", "NaN", "inf", "1e5", ".5", "5.", "1,5", "01", "１", "0.5\n", "1_0", "9" * 400]),
            ("date", ["2024", "2024-02", "2024-02-30", "20240105", "2024-W01-1", "2024-1-5", "2024-01-05~"]),
        ],
    )
    def test_what_is_not_in_canonical_form_is_refused(self, type: str, cells: list[str]) -> None:
        for cell in cells:
            with pytest.raises(ValueError, match="not"):
                list(field_columns(field(type), [cell]))


class TestExplode:
    def test_one_row_an_item_and_one_for_none(self) -> None:
        columns = [Column("id", "text", ["a", "b", "c"]), Column("l", "list", [("x", "y"), (), ("x",)])]
        ids, items = explode(columns, "l")
        assert (ids.values, items.kind, items.values) == (["a", "a", "b", "c"], "text", ["x", "y", None, "x"])

    def test_of_no_rows(self) -> None:
        assert [c.values for c in explode([Column("l", "list", [])], "l")] == [[]]

    def test_what_is_no_list(self) -> None:
        with pytest.raises(BadArgument, match="Did you mean hosts"):
            explode([Column("hosts", "list", []), Column("host", "text", [])], "host")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
DAYS = st.dates().map(date.toordinal)
KINDS: dict[str, st.SearchStrategy[Any]] = {
    "text": st.none() | TEXTS.filter(bool),
    "integer": st.none() | st.integers(-(2**63), 2**63 - 1),
    "number": st.none() | st.floats(allow_nan=False),
    "day": st.none() | DAYS,
    "list": st.lists(TEXTS).map(tuple),
    "category": st.none() | st.sampled_from(["off", "on", "in between"]),
    "flag": st.booleans(),
}


class TestToFrame:
    """Values survive into every backend."""

    @pytest.mark.parametrize("backend", BACKENDS)
    @pytest.mark.parametrize("kind", KINDS)
    @given(data=st.data())
    def test_any_values(self, data: st.DataObject, kind: str, backend: str) -> None:
        values = data.draw(st.lists(KINDS[kind]))
        categories = ("off", "in between", "on") if kind == "category" else ()
        column = Column("f", kind, values, categories, ordered=True)
        plain = {"day": lambda v: v and date.fromordinal(v), "list": list}
        expected = [plain.get(kind, lambda v: v)(v) for v in values]
        assert BACKENDS[backend](to_frame([column], backend)) == {"f": expected}

    @pytest.mark.parametrize("backend", BACKENDS)
    def test_lists_of_one_length_stay_lists(self, backend: str) -> None:
        column = Column("f", "list", [("a", "b"), ("c", "d")])
        assert BACKENDS[backend](to_frame([column], backend)) == {"f": [["a", "b"], ["c", "d"]]}

    @pytest.mark.parametrize("backend", BACKENDS)
    def test_no_columns_and_no_rows(self, backend: str) -> None:
        assert BACKENDS[backend](to_frame([], backend)) == {}
        empty = [Column(kind, kind, [], ("on",) if kind == "category" else ()) for kind in KINDS]
        assert BACKENDS[backend](to_frame(empty, backend)) == {kind: [] for kind in KINDS}

    def test_the_order_of_categories_reaches_pandas(self) -> None:
        frame = to_frame([Column("f", "category", ["off", "on", None], ("off", "on"), True)], "pandas")
        assert (frame["f"] >= "on").to_list() == [False, True, False]
