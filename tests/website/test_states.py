"""What agreements were on a day, beside what the loader says; and the pages for those without JavaScript."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from borderledger.query.as_of import Known, windows
from tests.conftest import sample
from tests.website.conftest import Built
from website.states import Standing, said, spells, standings

APPLIED = ("in_force", "provisionally_applied", "either")


@pytest.fixture(scope="module")
def held() -> dict[str, Standing]:
    return standings(sample())


def test_on_every_day_the_states_are_those_of_the_loader(held: dict[str, Standing]) -> None:
    """Between the ends of spells nothing changes: the days at their ends stand for all days."""
    days = {day for one in held.values() for spell in one.spells for day in (spell.first, spell.last)}
    for day in sorted(days):
        frame = sample().load("agreements", as_of=day, columns=["id", "as_of_certain"])
        now = {one.id: spell for one in held.values() if (spell := one.on(day))}
        assert {i: spell.certain for i, spell in now.items() if spell.state in APPLIED} == dict(
            zip(frame["id"], map(bool, frame["as_of_certain"]), strict=True)
        ), day
        assert sum(spell.state == "unknown" for spell in now.values()) == frame.attrs["as_of_unknown"], day


def test_spells_follow_each_other_and_reach_the_day_of_the_version(held: dict[str, Standing]) -> None:
    for one in held.values():
        for before, after in pairwise(one.spells):
            assert after.first == before.last + timedelta(days=1), one
            assert (before.state, before.certain) != (after.state, after.certain), one
        assert not one.spells or one.spells[-1].last == sample().created.date(), one


def told(newest: str = "2019-06-01", **cells: str) -> list[str]:
    """The spells of an agreement with these cells, in a version of 2022-12-31."""
    fields = ("signed", "provisional_application", "entered_into_force", "ended", "status", "status_as_of", "replaces")
    row = {"id": "a", **dict.fromkeys(fields, ""), **cells}
    known = Known(date(2022, 12, 31).toordinal(), {"a": date.fromisoformat(newest).toordinal()})
    (window,) = windows("agreements", [row], known)
    return Standing("a", tuple(spells(row, window, known)), None).code.split(";")


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (
            {"signed": "2019-03-05", "entered_into_force": "2019-06", "ended": "2021-01-31", "status": "ended"},
            [
                "signed 2019-03-05 2019-05-31",
                "in_force? 2019-06-01 2019-06-29",
                "in_force 2019-06-30 2021-01-31",
                "ended 2021-02-01 2022-12-31",
            ],
        ),
        (
            {
                "signed": "2019",
                "provisional_application": "2020-01-01",
                "entered_into_force": "2021-01-01",
                "status": "in_force",
            },
            [
                "signed? 2019-01-01 2019-12-30",
                "signed 2019-12-31 2019-12-31",
                "provisionally_applied 2020-01-01 2020-12-31",
                "in_force 2021-01-01 2022-05-31",
                "in_force? 2022-06-01 2022-12-31",
            ],
        ),
        (
            {
                "signed": "2019-01-01",
                "provisional_application": "2019-01-01",
                "status": "in_force",
                "status_as_of": "2020-02-01",
            },
            ["either 2019-01-01 2020-01-31", "in_force 2020-02-01 2022-05-31", "in_force? 2022-06-01 2022-12-31"],
        ),
        (
            {"signed": "2019-01-01", "status": "signed", "status_as_of": "2019-05-01"},
            ["signed 2019-01-01 2022-05-31", "signed? 2022-06-01 2022-12-31"],
        ),
        (
            {"status": "signed", "status_as_of": "2022-05-01"},
            ["signed 2022-05-01 2022-05-31", "signed? 2022-06-01 2022-12-31"],
        ),
        (
            {"signed": "2019-01-01", "ended": "2021-12-31", "status": "ended"},
            ["unknown? 2019-01-01 2021-12-31", "ended 2022-01-01 2022-12-31"],
        ),
        ({"status": "negotiating", "status_as_of": "2020-01-01"}, [""]),
        ({"status": "signed"}, [""]),
    ],
)
def test_what_dates_and_statuses_say(cells: dict[str, str], code: list[str]) -> None:
    assert told(**cells) == code


def test_without_javascript_the_first_of_each_year_can_be_reached(built: Built, held: dict[str, Standing]) -> None:
    """The same lists, on the page of a year; the page of agreements has those of the day of the version."""
    pages = {path: page for path, page in built.pages.items() if path.startswith("agreements/on/")}
    links = built.pages["agreements/index.html"].xpath("//nav//a/@href[contains(., 'agreements/on/')]")
    assert [link.removeprefix("../") for link in links] == sorted(pages)
    days = {path: date(int(path.split("/")[2]), 1, 1) for path in pages}
    days["agreements/index.html"] = sample().created.date()
    assert len(days) > 20
    for path, day in days.items():
        for name in said():
            (group,) = built.pages[path].xpath(f"//*[@id='on-day']/*[@data-state='{name}']")
            listed = {link.split("/")[-2] for link in group.xpath(".//a/@href")}
            assert listed == {i for i, one in held.items() if (now := one.on(day)) and now.state == name}, (path, name)
            for item in group.xpath(".//li"):
                identifier = item.xpath("string(.//a/@href)").split("/")[-2]
                spell = held[identifier].on(day)
                assert spell
                doubted = not item.xpath(".//*[contains(@class, 'grade')]/@hidden")
                assert doubted == (not spell.certain and name != "unknown"), (path, identifier)
