"""`python -m validate --stale` lists the statuses that an editor should look at again. It reports no fault."""

from __future__ import annotations

from datetime import date

import pytest

from borderledger.package import Package
from tests.conftest import Mini
from validate import check
from validate.__main__ import main
from validate.stale import stale

DEAL = "agr-status-rs-2024"


def of(mini: Mini, status: str, as_of: str, today: date, months: int = 18) -> list[str]:
    """What is said of one agreement with this status."""
    mini.row("agreements", id=DEAL).update(status=status, status_as_of=as_of)
    return [str(one) for one in stale(Package.read(mini.save()), today, months) if one.record == DEAL]


class TestStale:
    def test_says_where_it_stands_and_what_it_is(self, mini: Mini) -> None:
        (said,) = of(mini, "signed", "2024-06-25", date(2026, 11, 28))
        line = mini.rows["agreements"].index(mini.row("agreements", id=DEAL)) + 2
        assert said.startswith(f"data/agreements.csv:{line} signed, as of 2024-06-25: ")
        assert said.endswith(f" ({DEAL})")

    @pytest.mark.parametrize(
        ("as_of", "old"),
        [
            ("2025-05-27", True),
            ("2025-05-28", False),
            ("2025-05", False),  # it can have been the last day of May
            ("2025-04", True),
            ("2025", False),
            ("2024", True),
            ("../2024", True),
            ("", True),
        ],
    )
    def test_counts_from_the_last_day_on_which_it_can_have_been_shown(self, mini: Mini, as_of: str, old: bool) -> None:
        assert bool(of(mini, "signed", as_of, date(2026, 11, 28))) is old

    def test_a_month_without_that_day(self, mini: Mini) -> None:
        assert of(mini, "signed", "2026-02-27", date(2026, 3, 31), months=1)
        assert not of(mini, "signed", "2026-02-28", date(2026, 3, 31), months=1)

    @pytest.mark.parametrize("status", ["ended", "replaced", "rejected"])
    def test_a_status_that_nothing_follows_does_not_grow_old(self, mini: Mini, status: str) -> None:
        assert not of(mini, status, "2001", date(2026, 11, 28))

    def test_the_oldest_comes_first_and_those_without_a_date_before_it(self, whole: Package) -> None:
        found = [one.shown for one in stale(whole, date(2026, 11, 28))]
        assert found == sorted(found)
        assert found[0] == date.min


class TestCommand:
    def test_lists_and_counts(self, mini: Mini, capsys: pytest.CaptureFixture[str]) -> None:
        mini.row("agreements", id=DEAL).update(status="signed", status_as_of="2001")
        mini.save(sealed=False)
        assert not check(mini.root).ok  # which is another question
        assert main([str(mini.root), "--stale"]) == 0
        *rows, empty, last = capsys.readouterr().out.splitlines()
        assert [row for row in rows if DEAL in row]
        assert not empty
        assert last.startswith(f"{len(rows)} statuses are older than 18 months.")

    def test_none(self, mini: Mini, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([str(mini.root), "--stale", "1200"]) == 0
        assert capsys.readouterr().out == "No status is older than 1200 months.\n"

    def test_a_package_that_cannot_be_read(self, mini: Mini, capsys: pytest.CaptureFixture[str]) -> None:
        (mini.root / "data/agreements.csv").write_text("id\n", encoding="utf-8")
        assert main([str(mini.root), "--stale"]) == 2
        assert capsys.readouterr().err.startswith("not listed: data/agreements.csv:1: the column")

    @pytest.mark.parametrize("months", ["0", "-1", "x", "1201", "1.5"])
    def test_no_number_of_months(self, months: str, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as stopped:
            main(["--stale", months])
        assert stopped.value.code == 2
        assert "--stale" in capsys.readouterr().err
