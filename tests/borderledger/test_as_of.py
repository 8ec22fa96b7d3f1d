"""What was so on a day: what holds, how certain that is, and how much is left open."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import defaultdict
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

import borderledger as bl
from borderledger import edtf
from borderledger.dataset import embedded
from borderledger.errors import BadArgument, NoTimeMeaning
from borderledger.query.as_of import FRESH, STATES, Known, State, day_of, known_of, state, windows
from tests.conftest import ROOT

Row = dict[str, str]


class TestDay:
    @pytest.mark.parametrize(
        "value",
        [
            "2023-07-01",
            date(2023, 7, 1),
            datetime(2023, 7, 1, 23, 59),
            pd.Timestamp("2023-07-01"),
            np.str_("2023-07-01"),
        ],
    )
    def test_a_day_is_a_text_or_a_date(self, value: Any) -> None:
        assert day_of(value) == date(2023, 7, 1).toordinal()

    @pytest.mark.parametrize(
        "value",
        [
            *(np.datetime64("2023-07-01"), np.datetime64("2023-07-01T23:59:59.999999999"), pd.Timestamp("2023-07-01")),
            *(datetime(2023, 7, 1, 23, 59), pd.Timestamp("2023-07-01T23:30", tz="Asia/Tokyo")),
            *(pd.Series(pd.to_datetime(["2023-07-01"]))[0], pd.to_datetime(["2023-07-01"]).to_numpy()[0]),
        ],
    )
    def test_a_time_of_pandas_numpy_or_python_is_its_day(self, value: Any) -> None:
        assert day_of(value) == date(2023, 7, 1).toordinal()

    # On most days, today is after the day on which the version was made.
    @pytest.mark.filterwarnings("ignore:as_of .* is after:UserWarning")
    def test_today_is_the_day_of_this_computer_and_is_noted(self) -> None:
        before = date.today()
        frame = bl.load("agreements", as_of="today")
        assert before <= date.fromisoformat(frame.attrs["as_of"]) <= date.today()
        assert frame.equals(bl.load("agreements", as_of=frame.attrs["as_of"]))

    def test_no_library_is_imported_for_it(self) -> None:
        program = (
            "import sys; from borderledger.query.as_of import day_of; day_of('today'); print('numpy' in sys.modules)"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert done.stdout == "False\n"

    @pytest.mark.parametrize(
        "value",
        [
            *(
                "",
                "2023",
                "2023-07",
                "2023-7-1",
                "20230701",
                "2023-W26-6",
                "2023-182",
                "2023-07-01T00:00",
                "01.07.2023",
            ),
            *("2023-02-30", "2023-07-01~", " 2023-07-01", "2023-07-01\n", "２０２３-07-01", "0000-01-01", "Today"),
            *(
                2023,
                2023.5,
                None,
                b"2023-07-01",
                ["2023-07-01"],
                pd.NaT,
                np.datetime64("NaT"),
                np.datetime64("2023-07"),
                np.datetime64("2023"),
            ),
            *([date(2023, 7, 1)], pd.Series(["2023-07-01"]), pd.Period("2023-07-01"), np.timedelta64(3, "D")),
            np.datetime64("20000-01-01"),
        ],
    )
    def test_anything_else_is_refused(self, value: Any) -> None:
        with pytest.raises(BadArgument, match="as_of takes a day such as 2023-07-01, 'today' or a date, not"):
            day_of(value)
        with pytest.raises(BadArgument):
            bl.load("agreements", as_of=value if value is not None else "")


class TestTables:
    def test_three_tables_have_a_state(self) -> None:
        assert list(STATES) == ["agreements", "deployments", "projects"]

    @pytest.mark.parametrize("table", ["returns", "facilities", "activities", "claims", "places"])
    def test_the_others_say_what_to_do_instead(self, table: str) -> None:
        with pytest.raises(NoTimeMeaning, match=rf"{table} has no state on a day.*agreements, deployments, projects"):
            bl.load(table, as_of="2023-07-01")


def lines(table: str) -> list[Row]:
    with (ROOT / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def on(table: str, day: str, *rows: Row) -> State:
    """The state of some rows on a day; fields that are not given are empty."""
    home = {"frontex": "EU", "at-police": "AT", "hu-police": "HU"}
    full = [defaultdict(str, {"id": f"row-{number}"} | row) for number, row in enumerate(rows)]
    newest = {row["id"]: edtf.LATEST - FRESH for row in full}  # nothing is old; that has tests of its own
    return state(table, full, day_of(day), Known(edtf.LATEST, newest, home))


def held(found: State) -> list[tuple[int, bool]]:
    """The rows that hold, by position, each with whether that is certain."""
    return list(zip(found.rows, found.certain, strict=True))


HOLDS, MAY_HOLD = [(0, True)], [(0, False)]
NOTHING: list[tuple[int, bool]] = []


class TestAgreements:
    @pytest.mark.parametrize(
        ("day", "row", "expected"),
        [
            ("2007-12-31", {"entered_into_force": "2008-01-01"}, NOTHING),
            ("2008-01-01", {"entered_into_force": "2008-01-01"}, HOLDS),
            ("2030-01-01", {"entered_into_force": "2008-01-01"}, HOLDS),
            # provisionally applied before, or only
            ("2007-06-01", {"provisional_application": "2007-06-01", "entered_into_force": "2008-01-01"}, HOLDS),
            ("2007-06-01", {"provisional_application": "2007-06-01", "status": "provisionally_applied"}, HOLDS),
            # ended, and still in force on the last day
            ("2010-12-31", {"entered_into_force": "2008-01-01", "ended": "2010-12-31", "status": "ended"}, HOLDS),
            ("2011-01-01", {"entered_into_force": "2008-01-01", "ended": "2010-12-31", "status": "ended"}, NOTHING),
            # dates that are no days
            ("2007-12-31", {"entered_into_force": "2008"}, NOTHING),
            ("2008-01-01", {"entered_into_force": "2008"}, MAY_HOLD),
            ("2008-12-30", {"entered_into_force": "2008"}, MAY_HOLD),
            ("2008-12-31", {"entered_into_force": "2008"}, HOLDS),
            ("2008-06-15", {"entered_into_force": "2008-06~"}, MAY_HOLD),
            ("2008-06-15", {"entered_into_force": "../2008"}, MAY_HOLD),
            ("1900-01-01", {"entered_into_force": "../2008"}, MAY_HOLD),
            ("2010-06-01", {"entered_into_force": "2008-01-01", "ended": "2010"}, MAY_HOLD),
            ("2010-06-01", {"entered_into_force": "2008", "ended": "2010-07-01"}, HOLDS),
            ("2008-02-28", {"provisional_application": "2008", "entered_into_force": "2008-03-01"}, MAY_HOLD),
            ("2008-03-01", {"provisional_application": "2008", "entered_into_force": "2008-03-01"}, HOLDS),
            # shown to be in force by the day of the status, at the earliest since it was signed
            ("2005-01-01", {"signed": "2005-01-02", "status": "in_force", "status_as_of": "2015"}, NOTHING),
            ("2008-01-01", {"signed": "2005-01-02", "status": "in_force", "status_as_of": "2015"}, MAY_HOLD),
            ("2015-12-31", {"signed": "2005-01-02", "status": "in_force", "status_as_of": "2015"}, HOLDS),
            ("2014-12-31", {"status": "in_force", "status_as_of": "2015"}, NOTHING),
            ("2015-06-01", {"status": "in_force", "status_as_of": "2015"}, MAY_HOLD),
            ("2020-01-01", {"status": "in_force"}, NOTHING),
            # replaced by nothing that is known: until the day of the status, but not certainly
            ("2008-01-01", {"entered_into_force": "2008-01-01", "status": "replaced", "status_as_of": "2015"}, HOLDS),
            (
                "2014-01-01",
                {"entered_into_force": "2008-01-01", "status": "replaced", "status_as_of": "2015"},
                MAY_HOLD,
            ),
            ("2016-01-01", {"entered_into_force": "2008-01-01", "status": "replaced", "status_as_of": "2015"}, NOTHING),
            ("2016-01-01", {"entered_into_force": "2008-01-01", "status": "ended"}, MAY_HOLD),
        ],
    )
    def test_in_force_or_provisionally_applied(self, day: str, row: Row, expected: list[tuple[int, bool]]) -> None:
        found = on("agreements", day, row)
        assert (held(found), found.unknown) == (expected, 0)

    @pytest.mark.parametrize("status", ["proposed", "negotiating", "initialled", "signed", "rejected", ""])
    def test_what_no_source_shows_to_be_in_force_never_is(self, status: str) -> None:
        found = on("agreements", "2020-01-01", {"signed": "2008-01-01", "status": status, "status_as_of": "2015"})
        assert (held(found), found.unknown) == (NOTHING, 0)

    @pytest.mark.parametrize(
        ("day", "expected"), [("2007-12-31", NOTHING), ("2013-12-31", HOLDS), ("2014-01-01", [(1, True)])]
    )
    def test_one_that_was_replaced_ends_the_day_before_its_successor(
        self, day: str, expected: list[tuple[int, bool]]
    ) -> None:
        old = {"id": "old", "entered_into_force": "2008-01-01", "status": "replaced", "status_as_of": "2020"}
        new = {"id": "new", "entered_into_force": "2014-01-01", "status": "in_force", "replaces": "old"}
        assert held(on("agreements", day, old, new)) == expected

    @pytest.mark.parametrize(
        ("day", "row", "unknown"),
        [
            ("2020-01-01", {"status": "disputed"}, 1),
            ("2020-01-01", {"status": "ended"}, 1),
            ("2020-01-01", {"status": "ended", "ended": "2020"}, 1),
            ("2021-01-01", {"status": "ended", "ended": "2020"}, 0),
            ("2019-01-01", {"status": "replaced", "signed": "2019"}, 1),
            ("2018-12-31", {"status": "replaced", "signed": "2019"}, 0),
        ],
    )
    def test_one_with_no_known_beginning_is_counted_where_it_may_hold(self, day: str, row: Row, unknown: int) -> None:
        found = on("agreements", day, row)
        assert (held(found), found.unknown) == (NOTHING, unknown)


FIGURE = {"agency": "frontex", "hosts": "AL", "event": "snapshot", "officers": "50", "measure": "present"}


class TestDeployments:
    @pytest.mark.parametrize(
        ("day", "expected"),
        [
            ("2019-04-30", NOTHING),
            ("2019-05-01", [(0, True)]),
            ("2020-06-30", [(0, True)]),
            ("2025-01-01", [(1, True)]),
        ],
    )
    def test_the_latest_figure_not_after_the_day(self, day: str, expected: list[tuple[int, bool]]) -> None:
        rows = FIGURE | {"date": "2019-05-01"}, FIGURE | {"date": "2020-07-01"}
        assert held(on("deployments", day, *rows)) == expected

    def test_for_each_agency_and_hosts(self) -> None:
        other = {"hosts": "ME"}, {"agency": "at-police"}, {"hosts": "AL;ME"}
        rows = [FIGURE | {"date": "2019-05-01"}, *(FIGURE | {"date": "2018"} | more for more in other)]
        assert held(on("deployments", "2020-01-01", *rows)) == [(n, True) for n in range(4)]

    def test_figures_of_one_date_stand_side_by_side(self) -> None:
        rows = [FIGURE | {"date": day} for day in ("2019-05", "2019-05", "2019-04")]
        assert held(on("deployments", "2020-01-01", *rows)) == [(0, True), (1, True)]

    @pytest.mark.parametrize(
        ("day", "dates", "expected"),
        [
            ("2019-06-15", ["2019-06"], MAY_HOLD),
            ("2019-06-30", ["2019-06"], HOLDS),
            ("2020-01-01", ["2019", "2019-05-01"], MAY_HOLD),
            ("2020-01-01", ["2019", "2018-12-31"], HOLDS),
            ("2020-01-01", ["2019", "2018-12-31/2019-01-01"], HOLDS),
            ("2020-01-01", ["2019-12", "2019-11-30"], HOLDS),
        ],
    )
    def test_it_is_certain_when_no_other_can_be_later(
        self, day: str, dates: list[str], expected: list[tuple[int, bool]]
    ) -> None:
        assert held(on("deployments", day, *(FIGURE | {"date": text} for text in dates))) == expected

    @pytest.mark.parametrize(
        "row",
        [
            {"measure": "planned"},
            {"measure": "cumulative"},
            {"measure": "", "officers": ""},
            {"officers": ""},
            {"contributors": "DE"},
            {"part_of": "whole"},
        ],
    )
    def test_plans_sums_and_shares_of_a_posting_are_left_out(self, row: Row) -> None:
        whole = FIGURE | {"id": "whole", "date": "2019-05-01"}
        found = on("deployments", "2020-01-01", whole, FIGURE | {"date": "2019-12-01"} | row)
        assert (held(found), found.unknown) == (HOLDS, 0)

    @pytest.mark.parametrize(
        "row",
        [
            {"contributors": "DE;NL"},
            {"agency": "at-police", "contributors": "AT"},
            {"agency": "at-police", "part_of": "whole"},
            {"hosts": "ME", "part_of": "whole"},
        ],
    )
    def test_all_of_a_posting_is_not_a_share_of_it(self, row: Row) -> None:
        whole = FIGURE | {"id": "whole", "date": "2019-05-01"}
        assert (1, True) in held(on("deployments", "2020-01-01", whole, FIGURE | {"date": "2019-12-01"} | row))

    @pytest.mark.parametrize(
        ("day", "ended", "expected"),
        [
            ("2020-01-01", {"date": "2019-12-31"}, NOTHING),
            ("2019-12-30", {"date": "2019-12-31"}, HOLDS),
            ("2020-01-01", {"date": ""}, HOLDS),
            ("2020-01-01", {"date": "2019-12-31", "hosts": "ME"}, HOLDS),
            ("2020-01-01", {"date": "2019-12-31", "agency": "at-police"}, HOLDS),
            ("2020-01-01", {"date": "2018-12-31"}, HOLDS),
        ],
    )
    def test_a_posting_that_ended_has_no_figure_until_it_begins_again(
        self, day: str, ended: Row, expected: list[tuple[int, bool]]
    ) -> None:
        end = FIGURE | {"event": "end", "officers": "", "measure": ""} | ended
        assert held(on("deployments", day, FIGURE | {"date": "2019-05-01"}, end)) == expected

    def test_a_figure_without_a_date_is_counted(self) -> None:
        found = on("deployments", "2020-01-01", FIGURE, FIGURE | {"measure": "planned"}, {"event": "end"})
        assert (held(found), found.unknown) == (NOTHING, 1)


class TestProjects:
    @pytest.mark.parametrize(
        ("day", "row", "expected", "unknown"),
        [
            ("2020-01-01", {"start": "2020-01-01", "end": "2020-12-31"}, HOLDS, 0),
            ("2020-12-31", {"start": "2020-01-01", "end": "2020-12-31"}, HOLDS, 0),
            ("2019-12-31", {"start": "2020-01-01", "end": "2020-12-31"}, NOTHING, 0),
            ("2021-01-01", {"start": "2020-01-01", "end": "2020-12-31"}, NOTHING, 0),
            ("2020-06-01", {"start": "2020", "end": "2021"}, MAY_HOLD, 0),
            ("2021-06-01", {"start": "2020", "end": "2021"}, MAY_HOLD, 0),
            ("2020-12-31", {"start": "2020", "end": "2021"}, HOLDS, 0),
            # said to be ongoing, as of a day
            ("2021-01-01", {"start": "2020", "status": "ongoing", "status_as_of": "2022-05-01"}, HOLDS, 0),
            ("2022-05-01", {"start": "2020", "status": "extended", "status_as_of": "2022-05-01"}, HOLDS, 0),
            ("2022-05-02", {"start": "2020", "status": "ongoing", "status_as_of": "2022-05-01"}, NOTHING, 1),
            ("2022-06-01", {"start": "2020", "status": "ongoing", "status_as_of": "2022"}, MAY_HOLD, 0),
            ("2019-12-31", {"start": "2020", "status": "ongoing", "status_as_of": "2022"}, NOTHING, 0),
            ("2021-01-01", {"start": "2020", "status": "completed", "status_as_of": "2022"}, NOTHING, 1),
            ("2021-01-01", {"start": "2020", "status": "ongoing"}, NOTHING, 1),
            # an end that is not known leaves open only what the other does not rule out
            ("2021-01-01", {}, NOTHING, 1),
            ("2021-01-01", {"start": "2020"}, NOTHING, 1),
            ("2019-12-31", {"start": "2020"}, NOTHING, 0),
            ("2021-01-01", {"end": "2022"}, NOTHING, 1),
            ("2023-01-01", {"end": "2022"}, NOTHING, 0),
        ],
    )
    def test_running(self, day: str, row: Row, expected: list[tuple[int, bool]], unknown: int) -> None:
        found = on("projects", day, row)
        assert (held(found), found.unknown) == (expected, unknown)


IN_FORCE = {"id": "old", "entered_into_force": "2008-01-01", "status": "in_force"}


class TestEndOfCertainty:
    """Something is certain only as long as sources speak of it, and never in the future."""

    def ask(self, day: str, *rows: Row, newest: str = "", created: str = "2026-11-28") -> list[tuple[int, bool]]:
        full = [defaultdict(str, row) for row in rows]
        days = {row["id"]: day_of(newest) for row in full} if newest else {}
        return held(state("agreements", full, day_of(day), Known(day_of(created), days)))

    @pytest.mark.parametrize(
        ("day", "certain"), [("2023-06-01", True), ("2025-05-31", True), ("2025-06-01", False), ("2026-11-28", False)]
    )
    def test_three_years_after_the_newest_source_nothing_is_certain(self, day: str, certain: bool) -> None:
        assert self.ask(day, IN_FORCE, newest="2022-06-01") == [(0, certain)]

    def test_what_no_source_dates_is_certain_on_no_later_day(self) -> None:
        assert self.ask("2008-01-01", IN_FORCE) == HOLDS
        assert self.ask("2008-01-02", IN_FORCE) == MAY_HOLD

    def test_a_stated_end_needs_no_newer_source(self) -> None:
        ended = IN_FORCE | {"status": "ended", "ended": "2020-12-31"}
        assert self.ask("2020-12-31", ended, newest="2009-01-01") == HOLDS

    @pytest.mark.parametrize(("day", "certain"), [("2024-06-24", True), ("2024-06-25", False)])
    def test_a_successor_that_is_signed_ends_it_though_its_first_day_is_not_known(
        self, day: str, certain: bool
    ) -> None:
        new = {"id": "new", "status": "signed", "signed": "2024-06-25", "replaces": "old"}
        assert self.ask(day, IN_FORCE, new, newest="2025-01-01") == [(0, certain)]

    def test_a_successor_that_applies_takes_its_place(self) -> None:
        new = {"id": "new", "status": "in_force", "entered_into_force": "2024-06-25", "replaces": "old"}
        assert self.ask("2024-06-25", IN_FORCE, new, newest="2024-01-01") == [(1, True)]

    def test_the_future_is_never_certain(self) -> None:
        assert self.ask("2026-11-28", IN_FORCE, newest="2026-01-01") == HOLDS
        assert self.ask("2026-11-29", IN_FORCE, newest="2026-01-01") == MAY_HOLD
        later = f"{embedded().created.date().replace(year=2099)}"
        for table in STATES:
            with pytest.warns(UserWarning, match=f"as_of {later} is after .* no row is certain"):
                assert not bl.load(table, as_of=later)["as_of_certain"].any()

    def test_the_agreement_with_serbia_of_2021_is_no_longer_certain(self) -> None:
        """The one that replaces it was signed on 25 June 2024; no source shows its first day."""
        for day, certain in (("2024-06-24", True), ("2024-06-25", False), ("2026-11-27", False)):
            frame = bl.load("agreements", as_of=day).set_index("id")
            assert frame.loc["agr-status-rs-2021", "as_of_certain"] == certain

    @pytest.mark.parametrize("table", STATES)
    def test_it_says_how_new_the_evidence_is(self, table: str) -> None:
        frame = bl.load(table, as_of="2025-07-01")
        assert frame["as_of_evidence"].max() <= pd.Timestamp(embedded().created.date())
        published = bl.load("sources").set_index("id")["published_to"]
        claims = bl.load("claims", columns=["record_id", "source_id"])
        days = claims["source_id"].map(published).groupby(claims["record_id"]).max()
        if table != "deployments":
            newest = frame.set_index("id")["as_of_evidence"]
            both = newest.to_frame("newest").join(days.rename("claimed"), how="inner").dropna()
            assert (both["newest"] >= both["claimed"]).all()
            assert len(both) > 2


class TestLoad:
    def test_the_frame_says_what_is_certain_and_how_much_is_left_open(self) -> None:
        frame = bl.load("agreements", as_of="2023-07-01")
        assert list(frame.columns) == [*bl.load("agreements").columns, "as_of_certain", "as_of_evidence"]
        assert frame["as_of_certain"].dtype == bool
        held = windows("agreements", list(embedded().rows("agreements")), known_of(embedded(), "agreements"))
        day = day_of("2023-07-01")
        open_on_day = [left for _, left in held if left and left[0] <= day <= left[1]]
        assert frame.attrs["as_of_unknown"] == len(open_on_day) > 0

    def test_columns_and_grades_go_with_it(self) -> None:
        everything = bl.load("agreements", as_of="2023-07-01")
        frame = bl.load("agreements", as_of="2023-07-01", grade="single", columns=["as_of_certain", "id"])
        kept = everything[everything["evidence"] >= "single"]
        assert list(frame.columns) == ["as_of_certain", "id"]
        assert frame["id"].to_list() == kept["id"].to_list()
        assert frame["as_of_certain"].to_list() == kept["as_of_certain"].to_list()

    @pytest.mark.parametrize("backend", ["pandas", "polars", "arrow"])
    @pytest.mark.parametrize("table", STATES)
    def test_on_a_day_before_everything_nothing_is_certain(self, table: str, backend: Any) -> None:
        frame = bl.load(table, as_of=date.min, backend=backend)
        assert not any(frame["as_of_certain"].to_numpy())
        assert len(frame.columns if backend != "arrow" else frame.column_names) == len(bl.load(table).columns) + 2

    @pytest.mark.parametrize("day", ["2008-01-01", "2016-02-29", "2023-07-01", "2026-01-01"])
    def test_agreements_with_whole_dates_hold_from_the_first_to_the_last(self, day: str) -> None:
        held = bl.load("agreements", as_of=day)["id"]
        for row in lines("agreements"):
            begun = row["entered_into_force"]
            if len(begun) == 10 and not row["provisional_application"] and row["status"] == "in_force":
                assert (begun <= day) == (row["id"] in set(held)), row["id"]

    @pytest.mark.parametrize(
        ("day", "expected"),
        [
            ("2019-04-30", {}),
            ("2019-05-01", {"agr-status-al-2019": True}),
            ("2023-09-14", {"agr-status-al-2019": True}),
            ("2023-09-15", {"agr-status-al-2019": False, "agr-status-al-2023": False}),
            ("2024-05-30", {"agr-status-al-2023": True}),
        ],
    )
    def test_the_status_agreements_with_albania(self, day: str, expected: dict[str, bool]) -> None:
        """The second was signed in September 2023, and is shown to be in force by a page of 30 May 2024."""
        frame = bl.load("agreements", as_of=day)
        found = frame[frame["id"].str.startswith("agr-status-al-")]
        assert dict(zip(found["id"], found["as_of_certain"], strict=True)) == expected

    def test_frontex_officers_in_the_western_balkans_in_july_2025(self) -> None:
        """The joint figure of June 2025 stands beside the latest of each single host."""
        frame = bl.load("deployments", as_of="2025-07-01", explode="hosts").query("agency.str[0] == 'frontex'")
        assert dict(zip(frame["hosts"], frame["id"], strict=True))["WB6"] == "dep-frontex-wb6-2025-06"
        by_id = {row["id"]: row for row in lines("deployments")}
        for row in frame.itertuples():
            later = [r for r in by_id.values() if (r["agency"], r["hosts"]) == ("frontex", row.hosts)]
            shown = [
                r["date"][:10] for r in later if r["measure"] == "present" and r["officers"] and not r["contributors"]
            ]
            assert row.date[:7] >= max(text.strip("~")[:7] for text in shown if text and text <= "2025-07-01")

    def test_projects_with_whole_dates_run_from_the_first_to_the_last(self) -> None:
        running = set(bl.load("projects", as_of="2024-01-15")["id"])
        whole = [row for row in lines("projects") if len(row["start"]) == len(row["end"]) == 10]
        assert whole
        assert {row["id"] for row in whole if row["start"] <= "2024-01-15" <= row["end"]} == running & {
            row["id"] for row in whole
        }
