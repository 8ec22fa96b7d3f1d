"""Conditions as the command line takes them."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import borderledger as bl
from borderledger.cli import main
from borderledger.errors import BadArgument, UnknownColumn
from borderledger.query.columns import Column
from borderledger.query.where import Condition, holds, parse
from tests.borderledger.test_columns import day

COLUMNS = [
    Column("place", "text", ["AL", None, "ba=1", "XK"]),
    Column("hosts", "list", [("AL", "BA"), (), ("AL",), ("BA",)]),
    Column("status", "category", ["signed", None, "ended", "signed"], ("signed", "in_force", "ended")),
    Column("evidence", "category", ["weak", "single", None, "bulk"], ("disputed", "weak", "single", "bulk"), True),
    Column("count", "integer", [0, None, 100, -5]),
    Column("amount", "number", [0.5, None, 1000000.0, 2.0]),
    Column("sure", "flag", [True, False, False, True]),
    Column("date", "text", ["2020", "2020-06-15", None, "../2021-03"]),
    Column("date_from", "day", [day("2020-01-01"), day("2020-06-15"), None, None]),
    Column("date_to", "day", [day("2020-12-31"), day("2020-06-15"), None, day("2021-03-31")]),
    Column("note", "text", ["Straße", "a;b", None, "50% = half"]),
]


class TestParse:
    @pytest.mark.parametrize(
        ("text", "condition"),
        [
            ("to_place=AL", ("to_place", "=", "AL")),
            (" to_place = AL ", ("to_place", "=", "AL")),
            ("ended=", ("ended", "=", "")),
            ("ended!=", ("ended", "!=", "")),
            ("count>=5", ("count", ">=", "5")),
            ("count>5", ("count", ">", "5")),
            ("count<=-5", ("count", "<=", "-5")),
            ("note~a=b", ("note", "~", "a=b")),
            ("note=a>b", ("note", "=", "a>b")),
            ("note~a\nb", ("note", "~", "a\nb")),
        ],
    )
    def test_a_column_an_operator_and_a_value(self, text: str, condition: tuple[str, str, str]) -> None:
        assert parse(text) == Condition(*condition)

    @pytest.mark.parametrize(
        "text", ["", "to_place", "=AL", "to place=AL", "TO=AL", "a==b", "a!==b", "a:b", "a LIKE b"]
    )
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(BadArgument, match="is not a condition; write column, operator"):
            parse(text)

    @given(st.text())
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        with suppress(BadArgument):
            assert parse(text).column.strip()


class TestHolds:
    @pytest.mark.parametrize(
        ("text", "rows"),
        [
            ("place=AL", [0]),
            ("place=al", []),
            ("place!=AL", [1, 2, 3]),
            ("place=", [1]),
            ("place!=", [0, 2, 3]),
            ("place=ba=1", [2]),
            # a list: any of its items
            ("hosts=AL", [0, 2]),
            ("hosts!=AL", [1, 3]),
            ("hosts~AL;BA", [0]),
            ("hosts=", [1]),
            # classifications, with and without an order
            ("status=signed", [0, 3]),
            ("status!=signed", [1, 2]),
            ("status=in_force", []),
            ("status~SIGN", [0, 3]),
            ("evidence>=single", [1, 3]),
            ("evidence<single", [0]),
            # figures
            ("count=100", [2]),
            ("count!=100", [0, 1, 3]),
            ("count>=0", [0, 2]),
            ("amount=2", [3]),
            ("amount>0.5", [2, 3]),
            ("amount~000", [2]),
            # flags as they are shown
            ("sure=true", [0, 3]),
            ("sure!=true", [1, 2]),
            # dates: all days on the right side
            ("date=2020", [0]),
            ("date>=2020", [0, 1]),
            ("date>=2020-02", [1]),
            ("date>2020", []),
            ("date<=2020", [0, 1]),
            ("date<=2020-06", [1]),
            ("date<2021", [0, 1]),
            ("date<2020", []),
            ("date<=2021-03-31", [0, 1, 3]),
            ("date<=2020-01/2020-06", [1]),
            # the days of their ends
            ("date_from=2020-06-15", [1]),
            ("date_from!=2020-06-15", [0, 2, 3]),
            ("date_from>=2020-06", [1]),
            ("date_to~2020", [0, 1]),
            ("date_from=", [2, 3]),
            # parts of a text, whatever the case
            ("note~STRASSE", [0]),
            ("note~%", [3]),
            ("note~;", [1]),
            ("note~.", []),
        ],
    )
    def test_the_rows_for_which_it_holds(self, text: str, rows: list[int]) -> None:
        assert [row for row, good in enumerate(holds(parse(text), COLUMNS)) if good] == rows

    @pytest.mark.parametrize(
        ("text", "hint"),
        [
            ("status=singed", r"status has no value 'singed'. Did you mean signed"),
            ("evidence>=good", r"evidence has no value 'good'. There are: disputed"),
            ("status>=signed", r"status has no order, so >= means nothing for it; use =, != or ~"),
            ("place>AL", "place has no order"),
            ("hosts<AL", "hosts has no order"),
            ("sure>true", "sure has no order"),
            ("count=many", "count is a figure, and 'many' is not a whole number, such as 1000"),
            ("count>=", "count is a figure, and '' is not a whole number"),
            ("amount>many", "amount is a figure, and 'many' is not a number, such as 1000 or 0.5"),
            *(
                (
                    f"amount>={value}",
                    f"amount is a figure without separators for thousands; for '{value}' write 1000 or 1.0$",
                )
                for value in ("1,000", "1.000", "1 000")
            ),
            ("amount>=2.125", "write 2125 or 2.1250$"),
            ("count>=1.000", "for '1.000' write 1000$"),
            ("amount=1.000.000", "write 1000000$"),
            *((f"count={value}", "is not a whole number") for value in ("100.0", "1_0", "1e3", "nan", "inf", "٣")),
            *((f"amount={value}", "is not a number") for value in ("1e6", "nan", "inf", "1_0", "٣.٥")),
            ("sure=yes", "sure is true or false, not 'yes'"),
            ("date=June 2020", "'June 2020' is not a date"),
            ("date_from=2020-02-30", "is not a date"),
            ("hosts=Albania", r"hosts has no value 'Albania'\. There are: AL, BA"),
            ("hosts=AL;BA", "hosts is compared with one item, not with 'AL;BA'"),
            ("date>=June", r"'June' is not a date: .* YYYY-MM-DD"),
            ("date<=2020-02-30", "is not a date"),
        ],
    )
    def test_what_a_column_does_not_take_is_refused(self, text: str, hint: str) -> None:
        with pytest.raises(BadArgument, match=hint):
            holds(parse(text), COLUMNS)

    @pytest.mark.parametrize(
        ("table", "condition", "hint"),
        [
            ("returns", "from_place=Bosnia", "from_place has no value 'Bosnia'. It holds codes: BA is Bosnia and Herzegovina."),
            ("returns", "to_place=albania", "It holds codes: AL is Albania."),
            ("deployments", "hosts=Albania", "It holds codes: AL is Albania."),
            ("deployments", "agency=Frontex", "It holds codes: frontex is Frontex."),
            ("agreements", "party_a!=Serbie", "party_a has no value 'Serbie'. It holds codes: RS is Serbia."),
            ("claims", "source_id=nowhere", "source_id has no value 'nowhere'."),
            ("returns", "id=ret-nowhere", "id has no value 'ret-nowhere'."),
            ("returns_by_year", "to_place=Albania", "It holds codes: AL is Albania."),
            ("agreements_in_force", "party_b=Albania", "It holds codes: AL is Albania."),
        ],
    )  # fmt: skip
    def test_a_name_in_place_of_a_code_is_answered_with_the_code(self, table: str, condition: str, hint: str) -> None:
        with pytest.raises(BadArgument, match=re.escape(hint)):
            bl.load(table, where=condition)  # type: ignore[call-overload]

    def test_totals_and_correction_sheets_say_the_same(self, tmp_path: Path) -> None:
        with pytest.raises(BadArgument, match="AL is Albania"):
            bl.totals("returns", by="year", where="to_place=Albania")
        arguments = ["export", "--format", "correction-sheet", "--table", "returns", "--where", "to_place=Albania"]
        assert main([*arguments, str(tmp_path / "x.xlsx")]) == 2

    def test_a_code_that_no_row_has_is_an_answer_without_rows(self) -> None:
        assert len(bl.load("returns", where="to_place=SE")) == 0

    @given(
        st.sampled_from([column.name for column in COLUMNS]), st.sampled_from(["=", "!=", "~", ">=", "<"]), st.text()
    )
    def test_any_value_is_answered_or_refused(self, column: str, operator: str, value: str) -> None:
        with suppress(BadArgument):
            assert len(holds(Condition(column, operator, value), COLUMNS)) == 4

    def test_an_unknown_column_is_refused_with_those_like_it(self) -> None:
        with pytest.raises(UnknownColumn, match=r"There is no column 'host'\. Did you mean hosts"):
            holds(parse("host=AL"), COLUMNS)

    @pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
    def test_equal_and_not_equal_share_the_rows_between_them(self, column: Column) -> None:
        for text in {*column.texts()}:
            if column.kind != "list":
                equal, other = (holds(Condition(column.name, op, text), COLUMNS) for op in ("=", "!="))
                assert equal == [not one for one in other] == [one == text for one in column.texts()]
