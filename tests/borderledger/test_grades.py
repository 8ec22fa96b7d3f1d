"""What a claim says about a record: its verdict, its origin, and the grade that follows."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from borderledger.package import Field
from borderledger.query.grades import GRADES, WEAK_KINDS, Statement, grade, interval, origins, verdict, worst

# A busy machine is no reason to fail.

REGIONS = {"BA": ["WB6"], "RS": ["WB6"], "DE": ["EU"], "NL": ["EU"], "XK": ["WB6"]}


def field(name: str = "officers", type: str = "string", **properties: object) -> Field:
    plain: dict[str, object] = {
        "title": name,
        "description": "",
        "required": False,
        "unique": False,
        "pattern": "",
        "minimum": None,
        "categories": {},
        "ordered": False,
        "edtf": False,
        "bound": True,
        "delimiter": "",
        "refers_to": (),
    }
    return Field(name, type=type, **(plain | properties))  # type: ignore[arg-type]


FIGURE = field("quantity", "integer")
AMOUNT = field("amount_eur", "number")
DATE = field("period", edtf=True)
LIST = field("hosts", delimiter=";", refers_to=("places",))
PLACE = field("place")
FROM_PLACE = field("from_place")
WORDS = field("operation")
ENUM = field("status", categories={"planned": "", "ongoing": ""})

_QUALIFIERS = ["exact", "about", "at_least", "at_most"]
FIGURES = st.one_of(
    st.builds(Statement, st.integers(0, 10**7).map(str), st.sampled_from(_QUALIFIERS)),
    st.builds(
        lambda low, more: Statement(str(low), "range", str(low + more)), st.integers(0, 10**6), st.integers(0, 10**6)
    ),
)
DATES = st.one_of(
    st.dates().map(lambda d: d.isoformat()),
    st.dates().map(lambda d: d.isoformat()[:7]),
    st.integers(1900, 2100).map(str),
    st.tuples(st.integers(1900, 2000), st.integers(0, 50)).map(lambda p: f"{p[0]}/{p[0] + p[1]}"),
)


def judge(field: Field, held: str | Statement, claimed: str | Statement) -> str:
    mine = held if isinstance(held, Statement) else Statement(held)
    theirs = claimed if isinstance(claimed, Statement) else Statement(claimed)
    return verdict(field, mine, theirs, REGIONS)


class TestVerdictOnFigures:
    """Figures are compared by the numbers that they can mean."""

    @pytest.mark.parametrize(
        ("held", "claimed", "expected"),
        [
            (("500",), ("500",), "agrees"),
            (("500",), ("501",), "contradicts"),
            (("500",), ("500", "about"), "coarser"),
            (("500", "about"), ("500",), "finer"),
            (("500", "about"), ("523",), "finer"),
            (("500", "about"), ("551",), "contradicts"),
            (("523",), ("500", "about"), "coarser"),
            (("560",), ("500", "about"), "contradicts"),
            (("500",), ("400", "at_least"), "coarser"),
            (("500",), ("500", "at_least"), "coarser"),
            (("500",), ("501", "at_least"), "contradicts"),
            (("400", "at_least"), ("500",), "finer"),
            (("400", "at_least"), ("500", "at_least"), "finer"),
            (("500", "at_least"), ("400", "at_least"), "coarser"),
            (("500",), ("600", "at_most"), "coarser"),
            (("500",), ("499", "at_most"), "contradicts"),
            (("600", "at_most"), ("0",), "finer"),
            (("400", "at_least"), ("600", "at_most"), "coarser"),
            (("20", "range", "30"), ("20", "range", "30"), "agrees"),
            (("20", "range", "30"), ("25",), "finer"),
            (("25",), ("20", "range", "30"), "coarser"),
            (("20", "range", "30"), ("25", "range", "35"), "coarser"),
            (("20", "range", "30"), ("31",), "contradicts"),
            (("20", "range", "30"), ("30",), "finer"),
            (("0",), ("0", "about"), "coarser"),
        ],
    )
    def test_whole_numbers(self, held: tuple[str, ...], claimed: tuple[str, ...], expected: str) -> None:
        assert judge(FIGURE, Statement(*held), Statement(*claimed)) == expected

    @pytest.mark.parametrize(
        ("held", "claimed", "expected"),
        [
            (("1400000",), ("1.4", "about"), "contradicts"),
            (("1400000",), ("1400000", "about"), "coarser"),
            (("499999.5",), ("500000", "about"), "coarser"),
            (("1.25",), ("1.2", "about"), "coarser"),
            (("1.26",), ("1.2", "about"), "contradicts"),
        ],
    )
    def test_amounts(self, held: tuple[str, ...], claimed: tuple[str, ...], expected: str) -> None:
        assert judge(AMOUNT, Statement(*held), Statement(*claimed)) == expected

    @pytest.mark.parametrize("text", ["many", "", "1 000", "1_000", "1,000", "nan", "NaN", "inf", "-inf", "１２"])
    def test_what_is_no_number_contradicts(self, text: str) -> None:
        assert judge(FIGURE, "1000", text) == "contradicts"
        assert judge(FIGURE, text, "1000") == "contradicts"

    @pytest.mark.parametrize("qualifier", _QUALIFIERS)
    def test_a_number_of_four_hundred_digits_is_compared_too(self, qualifier: str) -> None:
        huge = "1" + "0" * 400
        assert judge(FIGURE, Statement("500"), Statement(huge, qualifier)) in ("coarser", "contradicts")

    def test_a_qualifier_of_a_word_plays_no_part(self) -> None:
        assert judge(WORDS, Statement("Poseidon"), Statement("Poseidon", "about")) == "agrees"


class TestVerdictOnDates:
    """Dates are compared by the days that they can mean; an approximate date reaches one unit further."""

    @pytest.mark.parametrize(
        ("held", "claimed", "expected"),
        [
            ("2025-06", "2025-06", "agrees"),
            ("2025-06", "2025", "coarser"),
            ("2025", "2025-06", "finer"),
            ("2025-06-11", "2025-06-12", "contradicts"),
            ("2025-06", "2025-07", "contradicts"),
            ("2025-06-11", "2025-06~", "coarser"),
            ("2025-06~", "2025-06", "finer"),
            ("2025-06~", "2025-07-31", "finer"),
            ("2025-06~", "2025-08-01", "contradicts"),
            ("2025-06", "2020/2025", "coarser"),
            ("2025-06", "../2025-06", "coarser"),
            ("2025-06", "2025-06/..", "coarser"),
            ("../2025-06", "2025-06", "finer"),
            ("2025-06", "2025-07/..", "contradicts"),
            ("2024/2025", "2025/2026", "contradicts"),
            ("2025", "2025-01/2025-12", "coarser"),
        ],
    )
    def test_examples(self, held: str, claimed: str, expected: str) -> None:
        assert judge(DATE, held, claimed) == expected

    @pytest.mark.parametrize("text", ["", "June", "2025-13", "2025-06-00", "2025-6", "2025\n"])
    def test_what_is_no_date_contradicts(self, text: str) -> None:
        assert judge(DATE, "2025", text) == "contradicts"
        assert judge(DATE, text, "2025") == "contradicts"


class TestVerdictOnListsAndPlaces:
    """A list is compared item by item; a region contains its places."""

    @pytest.mark.parametrize(
        ("held", "claimed", "expected"),
        [
            ("BA;RS", "BA;RS", "agrees"),
            ("BA;RS", "BA", "coarser"),
            ("BA", "BA;RS", "coarser"),
            ("BA;RS", "BA;XK", "contradicts"),
            ("BA", "RS", "contradicts"),
            ("BA", "WB6", "coarser"),
            ("WB6", "BA", "finer"),
            ("BA;RS", "WB6", "coarser"),
            ("WB6", "BA;RS", "finer"),
            ("BA;DE", "WB6", "contradicts"),
            ("BA;DE", "EU;WB6", "coarser"),
            ("WB6", "EU", "contradicts"),
            ("ZZ", "WB6", "contradicts"),
        ],
    )
    def test_lists(self, held: str, claimed: str, expected: str) -> None:
        assert judge(LIST, held, claimed) == expected

    @pytest.mark.parametrize("single", [PLACE, FROM_PLACE])
    @pytest.mark.parametrize(
        ("held", "claimed", "expected"),
        [("BA", "BA", "agrees"), ("BA", "WB6", "coarser"), ("WB6", "BA", "finer"), ("BA", "RS", "contradicts")],
    )
    def test_single_places(self, single: Field, held: str, claimed: str, expected: str) -> None:
        assert judge(single, held, claimed) == expected


class TestVerdictOnWords:
    """Anything else is the same or it is not."""

    @pytest.mark.parametrize("plain", [WORDS, ENUM])
    @pytest.mark.parametrize(
        ("held", "claimed", "expected"),
        [
            ("planned", "planned", "agrees"),
            ("planned", "ongoing", "contradicts"),
            ("planned", "Planned", "contradicts"),
        ],
    )
    def test_words_are_compared_as_text(self, plain: Field, held: str, claimed: str, expected: str) -> None:
        assert judge(plain, held, claimed) == expected


class TestVerdictProperties:
    @given(st.sampled_from([FIGURE, AMOUNT, DATE, LIST, PLACE, WORDS, ENUM]), st.text(), st.sampled_from(_QUALIFIERS))
    def test_a_statement_agrees_with_itself(self, any_field: Field, value: str, qualifier: str) -> None:
        same = Statement(value, qualifier)
        assert verdict(any_field, same, same, REGIONS) == "agrees"

    @given(FIGURES, FIGURES)
    def test_a_finer_figure_sees_the_other_as_coarser(self, a: Statement, b: Statement) -> None:
        there, back = judge(FIGURE, a, b), judge(FIGURE, b, a)
        if there == "finer":
            assert back == "coarser"
        assert (there == "contradicts") == (back == "contradicts")
        assert (there == "agrees") == (back == "agrees")

    @given(DATES, DATES)
    def test_a_finer_date_sees_the_other_as_coarser(self, a: str, b: str) -> None:
        there, back = judge(DATE, a, b), judge(DATE, b, a)
        if there == "finer":
            assert back == "coarser"
        assert (there == "contradicts") == (back == "contradicts")

    @given(st.text(max_size=8), st.text(max_size=8), st.sampled_from([FIGURE, DATE, LIST, PLACE, WORDS]))
    def test_any_two_texts_have_one_of_four_verdicts(self, a: str, b: str, any_field: Field) -> None:
        assert judge(any_field, a, b) in ("agrees", "coarser", "finer", "contradicts")


class TestInterval:
    """A qualified figure stands for all the numbers that it can mean."""

    @pytest.mark.parametrize(
        ("statement", "expected"),
        [
            (("500",), (500, 500)),
            (("0",), (0, 0)),
            (("500", ""), (500, 500)),
            (("500", "about"), (450, 550)),
            (("520", "about"), (515, 525)),
            (("523", "about"), (522.5, 523.5)),
            (("1000000", "about"), (500000, 1500000)),
            (("10", "about"), (5, 15)),
            (("0", "about"), (0, 0)),
            (("1.5", "about"), (1.45, 1.55)),
            (("500", "at_least"), (500, math.inf)),
            (("500", "at_most"), (0, 500)),
            (("20", "range", "30"), (20, 30)),
            (("20", "range", ""), (20, 20)),
        ],
    )
    def test_examples(self, statement: tuple[str, ...], expected: tuple[float, float]) -> None:
        assert interval(Statement(*statement)) == pytest.approx(expected)

    @pytest.mark.parametrize("statement", [Statement(""), Statement("x"), Statement("20", "range", "x")])
    def test_what_is_no_number_is_an_error(self, statement: Statement) -> None:
        with pytest.raises(ValueError, match=r"could not convert|not a number"):
            interval(statement)

    @given(FIGURES)
    def test_the_value_lies_within(self, statement: Statement) -> None:
        low, high = interval(statement)
        assert low <= float(statement.value) <= high


class TestOrigins:
    """A source speaks with the voice of the publisher at the root of its reprints."""

    @pytest.mark.parametrize(
        ("sources", "expected"),
        [
            ({"a": ("IOM", "")}, {"a": "iom"}),
            ({"a": ("IOM", ""), "b": ("iom", "")}, {"a": "iom", "b": "iom"}),
            ({"a": ("IOM", ""), "b": ("Vijesti", "a")}, {"a": "iom", "b": "iom"}),
            ({"a": ("IOM", ""), "b": ("Vijesti", "a"), "c": ("Blog", "b")}, dict.fromkeys("abc", "iom")),
            ({"b": ("Vijesti", "gone")}, {"b": "vijesti"}),
            ({"a": ("", "")}, {"a": "a"}),
            ({"a": ("IOM", "a")}, {"a": "iom"}),
            ({}, {}),
        ],
    )
    def test_examples(self, sources: dict[str, tuple[str, str]], expected: dict[str, str]) -> None:
        assert origins(sources) == expected

    @pytest.mark.parametrize("length", [2, 3, 7])
    def test_a_circle_of_reprints_ends(self, length: int) -> None:
        circle = {f"s{i}": (f"P{i}", f"s{(i + 1) % length}") for i in range(length)}
        assert origins(circle).keys() == circle.keys()

    def test_a_long_chain_leads_to_its_root(self) -> None:
        chain = {"s0": ("Root", "")} | {f"s{i}": (f"P{i}", f"s{i - 1}") for i in range(1, 200)}
        assert set(origins(chain).values()) == {"root"}

    @given(st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.sampled_from("xyz"), st.sampled_from("abcdefg"))))
    def test_every_source_has_the_origin_of_some_publisher(self, sources: dict[str, tuple[str, str]]) -> None:
        found = origins(sources)
        assert found.keys() == sources.keys()
        assert set(found.values()) <= {publisher for publisher, _ in sources.values()}


class TestGrade:
    """The grade of a field follows from the verdicts on it, and from who gave them."""

    @pytest.mark.parametrize(
        ("claims", "expected"),
        [
            ([], ""),
            ([("agrees", "report", "iom")], "single"),
            ([("agrees", "report", "iom"), ("agrees", "news", "iom")], "single"),
            ([("agrees", "report", "iom"), ("agrees", "news", "bbc")], "corroborated"),
            ([("agrees", "repost", "x")], "weak"),
            ([("agrees", "blog", "x"), ("agrees", "repost", "y")], "weak"),
            ([("agrees", "report", "iom"), ("agrees", "blog", "x")], "single"),
            ([("agrees", "report", "iom"), ("coarser", "news", "bbc")], "single"),
            ([("agrees", "report", "iom"), ("finer", "news", "bbc")], "single"),
            ([("coarser", "report", "iom")], ""),
            ([("finer", "report", "iom"), ("coarser", "news", "bbc")], ""),
            ([("contradicts", "blog", "x")], "disputed"),
            ([("agrees", "report", "a"), ("agrees", "news", "b"), ("contradicts", "blog", "x")], "disputed"),
        ],
    )
    def test_examples(self, claims: list[tuple[str, str, str]], expected: str) -> None:
        assert grade(claims) == expected

    def test_claims_may_come_from_an_iterator(self) -> None:
        claims: Iterable[tuple[str, str, str]] = iter([("agrees", "report", "a"), ("agrees", "news", "b")])
        assert grade(claims) == "corroborated"

    def test_reposts_and_blogs_are_weak(self) -> None:
        assert {"blog", "repost"} == WEAK_KINDS


class TestWorst:
    """A record is as good as its worst field."""

    @pytest.mark.parametrize(
        ("grades", "expected"),
        [
            ([], ""),
            ([""], ""),
            (["single"], "single"),
            (["", "corroborated", ""], "corroborated"),
            (["corroborated", "single"], "single"),
            (["single", "weak", "corroborated"], "weak"),
            (["weak", "disputed"], "disputed"),
            (["bulk", "corroborated"], "corroborated"),
        ],
    )
    def test_examples(self, grades: list[str], expected: str) -> None:
        assert worst(grades) == expected

    def test_grades_run_from_the_worst_to_the_best(self) -> None:
        assert list(GRADES) == ["disputed", "weak", "single", "corroborated", "bulk"]
