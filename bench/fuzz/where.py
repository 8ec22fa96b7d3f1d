"""Conditions: any text is a condition or refused, and what a condition finds obeys the algebra of its operator."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from bench.fuzz.target import Target
from borderledger import edtf
from borderledger.errors import BadArgument, UnknownColumn
from borderledger.query.columns import Column
from borderledger.query.where import Condition, holds, kept, parse

__all__ = ["TARGET"]

_OPERATORS = ("=", "!=", "~", ">=", "<=", ">", "<")
_ORDER = ("disputed", "weak", "single", "bulk")
_DATES = ["2020", "2020-06~", "2020-06-15", "../2021-03", "2019-12/..", "2020-05/2020-07", "0001", "9999"]


def _dated(texts: list[str | None]) -> list[Column]:
    spans = [edtf.parse(text) if text else (edtf.EARLIEST, edtf.LATEST) for text in texts]
    ends = [[None if day in (edtf.EARLIEST, edtf.LATEST) else day for day in days] for days in zip(*spans, strict=True)]
    return [Column("date", "text", texts), Column("date_from", "day", ends[0]), Column("date_to", "day", ends[1])]


COLUMNS = [
    Column("place", "text", ["AL", None, "ba=1", "XK", "Straße", "a;b", "50%", "ﬁ", "İ"]),
    Column("hosts", "list", [("AL", "BA"), (), ("AL",), ("BA",), (), ("XK",), ("AL", "XK"), ("a b",), ()]),
    Column("status", "category", ["signed", None, "ended", "signed", *[None] * 5], ("signed", "in_force", "ended")),
    Column("evidence", "category", [*_ORDER, None, *_ORDER], _ORDER, True),
    Column("count", "integer", [0, None, 100, -5, 10**17, 2**53 + 1, 2**53, 1, -(10**17) - 1]),
    Column("amount", "number", [0.5, None, 1e6, 2.0, -0.1, 1e-7, 1e17, 0.1 + 0.2, 0.0]),
    Column("sure", "flag", [True, False, False, True, True, True, False, False, True]),
    *_dated([None, *_DATES]),
    Column("day", "day", [date(2020, 6, 15).toordinal(), None, 1, edtf.LATEST - 1, *[None] * 5]),
]
_ROWS = len(COLUMNS[0].values)
_NAMES = {column.name: column for column in COLUMNS}

_VALUES = (
    st.sampled_from(sorted({text for column in COLUMNS for text in column.texts()}))
    | st.sampled_from(
        ["Albania", "AL;BA", "1,000", "1.000", "00", "-0", "9" * 400, "nan", "1e3", "2020~", "2021/2020", "٣", "~"]
    )
    | st.text(max_size=8)
    | st.integers().map(str)
)
_BLANKS = st.sampled_from(["", " ", "\t", "\n", "\u00a0"])
_TEXTS = (
    st.builds(
        "{}{}{}{}{}{}".format,
        _BLANKS,
        st.sampled_from([*_NAMES, "host", "a", ""]),
        _BLANKS,
        st.sampled_from([*_OPERATORS, "==", ":", ""]),
        _BLANKS,
        _VALUES,
    )
    | st.text()
)


def _holds(text: str) -> None:
    try:
        condition = parse(text)
    except BadArgument as error:
        assert repr(text) in str(error)
        return
    assert condition.operator in _OPERATORS
    assert parse(f"{condition.column}{condition.operator}{condition.value}") == condition
    assert parse(f" {condition.column} {condition.operator}\t{condition.value}\n") == condition
    found = {operator: _rows(Condition(condition.column, operator, condition.value)) for operator in _OPERATORS}
    if condition.column not in _NAMES:
        assert {*map(str, found.values())} == {"None"}
        return
    column = _NAMES[condition.column]
    _algebra(column, condition.value, found)
    if (rows := found[condition.operator]) is not None:
        taken = kept([condition], COLUMNS)
        assert [c.values for c in taken] == [c.take(sorted(rows)).values for c in COLUMNS]
        assert kept([condition, condition], COLUMNS) == taken


def _rows(condition: Condition) -> set[int] | None:
    """The rows for which a condition holds; None if it is refused."""
    try:
        held = holds(condition, COLUMNS)
    except (BadArgument, UnknownColumn) as error:
        assert condition.column in str(error) or repr(condition.value) in str(error)
        return None
    assert len(held) == _ROWS
    return {row for row, good in enumerate(held) if good}


def _algebra(column: Column, value: str, found: dict[str, set[int] | None]) -> None:
    everything = {*range(_ROWS)}
    same, other, part = found["="], found["!="], found["~"]
    assert (same is None) == (other is None)
    assert part is not None
    empty = {row for row, text in enumerate(column.texts()) if not text and column.kind != "flag"}
    if same is not None and other is not None:
        assert same | other == everything
        assert not same & other, "a row is equal and not equal"
        assert same == empty if not value else not same & empty
        if column.kind not in ("integer", "number"):  # 007 is 7, and no part of it
            assert same <= part
    if not value:
        assert part == everything
    for text in {*column.texts()} if column.kind != "list" else ():
        assert _rows(Condition(column.name, "=", text)) == {n for n, held in enumerate(column.texts()) if held == text}
    _order(column, found, everything - empty)


def _order(column: Column, found: dict[str, set[int] | None], filled: set[int]) -> None:
    at_least, below, at_most, above = (found[operator] for operator in (">=", "<", "<=", ">"))
    if at_least is None or below is None or at_most is None or above is None:
        assert {at_least is None, below is None, at_most is None, above is None} == {True}
        return
    assert not at_least & below
    assert not at_most & above
    assert above <= at_least
    assert below <= at_most
    if column.kind in ("integer", "number") or column.ordered:
        assert at_least | below == at_most | above == filled
        assert found["="] == at_least & at_most


TARGET = Target(
    "where",
    _TEXTS,
    _holds,
    lambda content: content.decode("utf-8", "replace"),
    [b"place=AL", b"hosts!=AL", b"count>=100", b"amount<0.5", b"evidence>single", b"date<=2020-06", b"day=2020-06-15"],
)
