"""Dates: what a text means in days, what is refused, and where we differ from the reference library on purpose."""

from __future__ import annotations

import calendar
from datetime import date

import pytest
from edtf import parse_edtf
from hypothesis import given
from hypothesis import strategies as st

from borderledger.edtf import EARLIEST, LATEST, Span, contains, parse

# A busy machine is no reason to fail.


def days(first: str, last: str) -> Span:
    return date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal()


# --- dates in the profile, for the properties -------------------------------------------------------------------------

YEARS = st.integers(1, 9999).map(lambda year: f"{year:04}")
MONTHS = st.builds("{}-{:02}".format, YEARS, st.integers(1, 12))
DAYS = st.dates().map(date.isoformat)
SINGLE = YEARS | MONTHS | DAYS
APPROXIMATE = SINGLE.map("{}~".format)
ENDS = SINGLE | APPROXIMATE


@st.composite
def intervals(draw: st.DrawFn) -> str:
    first, last = sorted((draw(ENDS), draw(ENDS)), key=parse)
    return draw(st.sampled_from([f"{first}/{last}", f"../{last}", f"{first}/.."]))


DATES = ENDS | intervals().filter(lambda text: _is_valid(text))


def _is_valid(text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


class TestParse:
    """A text stands for the days from the earliest to the latest that it can mean."""

    @pytest.mark.parametrize(
        ("text", "first", "last"),
        [
            ("2025", "2025-01-01", "2025-12-31"),
            ("2025-06", "2025-06-01", "2025-06-30"),
            ("2025-06-11", "2025-06-11", "2025-06-11"),
            ("2024-02", "2024-02-01", "2024-02-29"),
            ("1900-02", "1900-02-01", "1900-02-28"),
            ("2024-02-29", "2024-02-29", "2024-02-29"),
            ("0001", "0001-01-01", "0001-12-31"),
            ("9999-12", "9999-12-01", "9999-12-31"),
            ("2025~", "2025-01-01", "2025-12-31"),
            ("2025-06~", "2025-06-01", "2025-06-30"),
            ("2025-06-11~", "2025-06-11", "2025-06-11"),
            ("2020-11/2022-10", "2020-11-01", "2022-10-31"),
            ("2020/2020", "2020-01-01", "2020-12-31"),
            ("2020-11-05/2020-11", "2020-11-05", "2020-11-30"),
            ("2020~/2021-03-04~", "2020-01-01", "2021-03-04"),
        ],
    )
    def test_a_date_is_the_span_of_its_days(self, text: str, first: str, last: str) -> None:
        assert parse(text) == days(first, last)

    @pytest.mark.parametrize(
        ("text", "span"),
        [
            ("../2025-06", (EARLIEST, date(2025, 6, 30).toordinal())),
            ("2025-06/..", (date(2025, 6, 1).toordinal(), LATEST)),
            ("../2025-06~", (EARLIEST, date(2025, 6, 30).toordinal())),
        ],
    )
    def test_an_open_end_lies_beyond_every_day(self, text: str, span: Span) -> None:
        assert parse(text) == span
        assert date.min.toordinal() > EARLIEST
        assert date.max.toordinal() < LATEST

    @pytest.mark.parametrize(
        ("text", "first", "last"),
        [
            ("2025~", "2024-01-01", "2026-12-31"),
            ("2025-06~", "2025-05-01", "2025-07-31"),
            ("2025-01~", "2024-12-01", "2025-02-28"),
            ("2024-12~", "2024-11-01", "2025-01-31"),
            ("2024-02-29~", "2024-02-28", "2024-03-01"),
            ("2020~/2021-03~", "2019-01-01", "2021-04-30"),
            ("2025-06", "2025-06-01", "2025-06-30"),
            ("2020/2021", "2020-01-01", "2021-12-31"),
        ],
    )
    def test_slack_adds_a_unit_on_either_side_of_an_approximate_date(self, text: str, first: str, last: str) -> None:
        assert parse(text, slack=True) == days(first, last)

    @pytest.mark.parametrize("text", ["0001~", "0001-01~", "0001-01-01~", "9999~", "9999-12~", "9999-12-31~"])
    def test_slack_stops_at_the_ends_of_the_calendar(self, text: str) -> None:
        assert contains((EARLIEST, LATEST), parse(text, slack=True))
        assert contains(parse(text, slack=True), parse(text))

    @pytest.mark.parametrize(
        "text",
        [
            "",
            " ",
            "..",
            "/",
            "../..",
            "2025/",
            "/2025",
            "2025/2026/2027",
            "2022/2020",
            "2022-06/2022-05",
            "2022-06-11/2022-06-10",
            "25",
            "202",
            "20250",
            "-2025",
            "+2025",
            "0000",
            "0000-01-01",
            "2025-6",
            "2025-6-1",
            "2025-06-1",
            "20250611",
            "2025-W01",
            "2025-W01-1",
            "2025-162",
            "2025-00",
            "2025-13",
            "2025-06-00",
            "2025-06-00~",
            "2025-06-31",
            "2023-02-29",
            "2023-02-30",
            "1900-02-29",
            "2025/06",
            "2025.06",
            "06/2025",
            "11.06.2025",
            "June 2025",
            "~2025",
            "2025~~",
            "2025-~06",
            "2025~-06",
            "2025?",
            "2025%",
            "202X",
            "2025-XX",
            "2025-21",
            "{2025,2026}",
            "[2025..]",
            "2025-06-11T10:00:00Z",
            " 2025",
            "2025 ",
            "2025\n",
            "2025-06\n",
            "2020/2021\n",
            "2020\n/2021",
            "2020 / 2021",
            "2020/...",
            "2020–2021",
            "٢٠٢٥",
            "２０２５-06",
            "2025-0６",
            "2025\x00",
        ],
    )
    @pytest.mark.parametrize("slack", [False, True])
    def test_anything_else_is_refused(self, text: str, slack: bool) -> None:
        with pytest.raises(
            ValueError, match=r"not YYYY|not a day|open at both ends|is reversed: it ends before it starts"
        ):
            parse(text, slack=slack)

    def test_the_error_quotes_the_text(self) -> None:
        with pytest.raises(ValueError, match="'2025-W01'"):
            parse("2025-W01")


class TestContains:
    """One span contains another when each of its days is a day of it."""

    @pytest.mark.parametrize(
        ("outer", "inner", "expected"),
        [
            ("2025", "2025-06", True),
            ("2025", "2025", True),
            ("2025-06", "2025", False),
            ("2025", "2024-12/2025-01", False),
            ("../2025", "2025-12-31", True),
            ("../2025", "2026-01-01", False),
            ("2025/..", "2031", True),
            ("2025/..", "../2031", False),
        ],
    )
    def test_examples(self, outer: str, inner: str, expected: bool) -> None:
        assert contains(parse(outer), parse(inner)) is expected


class TestProperties:
    @given(DATES)
    def test_a_span_runs_forward(self, text: str) -> None:
        first, last = parse(text)
        assert EARLIEST <= first <= last <= LATEST

    @given(DATES)
    def test_slack_only_ever_widens(self, text: str) -> None:
        assert contains(parse(text, slack=True), parse(text))

    @given(SINGLE)
    def test_without_a_tilde_slack_changes_nothing(self, text: str) -> None:
        assert parse(text, slack=True) == parse(text)

    @given(st.dates())
    def test_a_day_lies_in_its_month_and_the_month_in_its_year(self, day: date) -> None:
        text = day.isoformat()
        assert contains(parse(text[:7]), parse(text))
        assert contains(parse(text[:4]), parse(text[:7]))

    @given(st.integers(1, 9999), st.integers(1, 12))
    def test_a_month_has_as_many_days_as_the_calendar_says(self, year: int, month: int) -> None:
        first, last = parse(f"{year:04}-{month:02}")
        assert last - first + 1 == calendar.monthrange(year, month)[1]

    @given(ENDS, ENDS)
    def test_an_interval_contains_its_ends_and_begins_and_stops_with_them(self, a: str, b: str) -> None:
        first, last = sorted((a, b), key=parse)
        if parse(first)[0] > parse(last)[1]:
            return
        span = parse(f"{first}/{last}")
        assert (span[0], span[1]) == (parse(first)[0], parse(last)[1])
        assert contains(parse(f"{first}/.."), parse(first))
        assert contains(parse(f"../{last}"), parse(last))

    @given(DATES, st.sampled_from(["\n", "\r\n", " ", "\t", "\x00", "\u200b", "~~", "/"]))
    def test_nothing_may_follow_a_date(self, text: str, more: str) -> None:
        with pytest.raises(ValueError, match="not"):
            parse(text + more)

    @given(DATES, st.data())
    def test_digits_are_ascii(self, text: str, data: st.DataObject) -> None:
        where = data.draw(st.sampled_from([i for i, c in enumerate(text) if c.isdigit()]))
        other = data.draw(st.characters(whitelist_categories=("Nd",), min_codepoint=128))
        with pytest.raises(ValueError, match="not"):
            parse(text[:where] + other + text[where + 1 :])

    @given(st.text(alphabet="0123456789-/.~", max_size=24))
    def test_what_is_not_refused_is_a_span(self, text: str) -> None:
        if _is_valid(text):
            assert parse(text)[0] <= parse(text)[1]


# --- beside the reference library -------------------------------------------------------------------------------------


def by_library(text: str) -> Span:
    """The span that the `edtf` library reads."""
    read = parse_edtf(text)
    first, last = read.lower_strict(), read.upper_strict()
    return (
        EARLIEST if first == float("-inf") else date(*tuple(first)[:3]).toordinal(),
        LATEST if last == float("inf") else date(*tuple(last)[:3]).toordinal(),
    )


class TestBesideTheEdtfLibrary:
    @pytest.mark.parametrize(
        "text",
        [
            "2025",
            "2025-06",
            "2025-06-11",
            "2025-02",
            "2024-02",
            "1900-02",
            "2000-02",
            "2025~",
            "2025-06~",
            "2025-06-11~",
            "2020-11/2022-10",
            "2020/2022-10-03",
            "2025-06~/2025-08",
            "../2025-06",
            "2025-06/..",
            "0001",
            "9999-12-31",
        ],
    )
    def test_both_read_the_same_days(self, text: str) -> None:
        assert parse(text) == by_library(text)

    @given(st.dates(date(1000, 1, 1)), st.sampled_from([4, 7, 10]), st.sampled_from(["", "~"]))
    def test_both_read_the_same_days_of_any_single_date(self, day: date, precision: int, tilde: str) -> None:
        text = day.isoformat()[:precision] + tilde
        assert parse(text) == by_library(text)

    @pytest.mark.parametrize("text", ["2023-02-30", "2025-13", "2025-00", "2025-06-00", "2025-06-31", "2025-6", ""])
    def test_both_refuse(self, text: str) -> None:
        with pytest.raises(ValueError, match="not"):
            parse(text)
        with pytest.raises(Exception, match=r"Error at position|must supply"):
            parse_edtf(text)

    @pytest.mark.parametrize(
        ("text", "because"),
        [
            ("2023-02-29", "2023 was no leap year; the library counts days by the month alone"),
            ("2022/2020", "it runs backwards"),
            ("2025\n", "a cell has one spelling"),
            (" 2025", "a cell has one spelling"),
            ("0000", "the calendar of the tables begins with the year 1"),
            ("-0001", "the calendar of the tables begins with the year 1"),
            ("Y12000", "the calendar of the tables ends with the year 9999"),
            ("../..", "it says nothing"),
            ("/2025", "an unknown end is an empty cell or an open one; the library guesses ten years"),
            ("2025/", "an unknown end is an empty cell or an open one; the library guesses ten years"),
            ("2025?", "no source has needed uncertain beside approximate"),
            ("2025%", "no source has needed uncertain beside approximate"),
            ("202X", "no source has needed masked digits"),
            ("2025-21", "no source has needed seasons"),
            ("{2025,2026}", "no source has needed sets"),
            ("[2025..]", "no source has needed sets"),
            ("2025-06-11T10:00:00Z", "no source has needed times"),
        ],
    )
    def test_we_refuse_what_the_library_reads(self, text: str, because: str) -> None:
        parse_edtf(text)
        with pytest.raises(ValueError, match=r"not|open at both ends|is reversed: it ends before it starts"):
            parse(text)

    def test_an_approximate_date_is_a_wide_one_only_with_slack(self) -> None:
        """The library widens in `lower_fuzzy`, by another measure; its strict span is ours without slack."""
        assert parse("2025-06~") == by_library("2025-06~")
        assert parse("2025-06~", slack=True) == days("2025-05-01", "2025-07-31")
