"""A check of links: against sites that redirect, hang, lie and limit; without a network; stopped in the middle."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from borderledger.dataset import Dataset
from links.__main__ import main
from links.check import Settings, check, links_of
from links.client import Silent
from links.found import Link, Seen
from links.memory import Results
from links.network import PROBES, NoNetwork
from links.report import FORMATS, Report
from tests.conftest import ROOT, Mini
from tests.links.conftest import HASTY, Reply, Site, result

TODAY = date(2026, 11, 29)
NO_PROBE = "http://127.0.0.1:9/"


def checked(
    site: Site, *urls: str, before: Results | None = None, probe: str = "", limits: object = HASTY
) -> dict[str, Seen]:
    """What became of addresses, by their path."""
    links = [Link(f"source-{number}", "url", url) for number, url in enumerate(urls)]
    found: list[Seen] = []
    settings = Settings("borderledger-links", limits, [probe or site.page("/probe", "Here")])  # type: ignore[arg-type]
    result(check(links, before or {}, TODAY.isoformat(), settings, found.append))
    return {seen.url.removeprefix(site.url): seen for seen in found}


class TestSites:
    def test_each_kind_of_site_is_told_from_the_others(self, site: Site, nowhere: str) -> None:
        site.page("/there", "There")
        site.page("/", "Ministry")
        site.replies["/large.pdf"] = Reply(b"%PDF" * 1000, headers={"Content-Type": "application/pdf"})
        site.replies["/limited"] = Reply(status=429, headers={"Retry-After": "3600"})
        site.replies["/robot"] = Reply(status=403)
        urls = [
            site.url + "/there",
            site.url + "/large.pdf",
            site.url + "/missing",
            site.page("/lies", "Page not found"),
            site.leads("/moved", "/there", 301),
            site.leads("/today", "/there", 302),
            site.leads("/front", "/"),
            site.leads("/circle", "/circle"),
            site.url + "/limited",
            site.url + "/robot",
            site.is_endless("/endless", b"<title>Endless</title>"),
            site.closes("/closes"),
            nowhere,
        ]
        found = checked(site, *urls)
        assert {path: seen.outcome for path, seen in found.items()} == {
            "/there": "fine",
            "/large.pdf": "fine",
            "/missing": "gone",
            "/lies": "maybe gone",
            "/moved": "moved",
            "/today": "fine",
            "/front": "maybe gone",
            "/circle": "unreachable",
            "/limited": "refused",
            "/robot": "refused",
            "/endless": "fine",
            "/closes": "unreachable",
            nowhere: "unreachable",
        }
        assert found["/endless"].title == "Endless"
        assert found["/moved"].at == site.url + "/there"
        assert found["/circle"].why == "redirects in a circle"

    def test_a_site_that_hangs_is_unreachable(self, site: Site) -> None:
        found = checked(site, site.hangs("/a"), limits=replace(HASTY, step=0.2))
        assert (found["/a"].outcome, found["/a"].why) == ("unreachable", "no answer within 0.2 seconds")

    def test_a_site_that_asks_programs_to_stay_away_is_not_asked(self, open_site: Callable[[], Site]) -> None:
        network, site = open_site(), open_site()
        site.replies["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /")
        found = checked(network, site.page("/a", "A"))
        assert found[site.url + "/a"].outcome == "not asked"
        assert site.paths("HEAD") + site.paths("GET") == []

    def test_the_head_is_asked_first_and_no_more_of_a_file_is(self, site: Site) -> None:
        site.replies["/a.pdf"] = Reply(b"%PDF", headers={"Content-Type": "application/pdf"})
        checked(site, site.url + "/a.pdf")
        assert ("HEAD", "/a.pdf") in site.asked
        assert "/a.pdf" not in site.paths()

    @pytest.mark.parametrize("head", [404, 405, 403, 500])
    def test_a_site_that_does_not_know_head_is_asked_as_a_reader_would(self, site: Site, head: int) -> None:
        kind = {"Content-Type": "text/html"}
        site.replies["/a"] = Reply(b"<title>There</title>", headers=kind, head=head)
        assert checked(site, site.url + "/a")["/a"].outcome == "fine"

    def test_a_page_behind_redirects_is_asked_once(self, site: Site) -> None:
        site.page("/b", "B")
        found = checked(site, site.leads("/a", "/b", 301))
        assert (site.paths("HEAD")[-2:], site.paths("GET")) == (["/a", "/b"], ["/b"])
        assert found["/a"].outcome == "moved"

    def test_another_title_than_before_is_said(self, site: Site) -> None:
        url = site.page("/a", "Buy cheap watches")
        before = {("source-0", "url"): Seen("source-0", "url", url, "2026-10-29", "fine", title="The agreement")}
        found = checked(site, url, before=before)
        assert (found["/a"].outcome, found["/a"].before) == ("title changed", "The agreement")

    def test_many_links_of_one_site_are_asked_one_at_a_time(self, site: Site) -> None:
        found = checked(site, *[site.page(f"/{number}", "A") for number in range(30)])
        assert len(found) == 30
        assert {seen.outcome for seen in found.values()} == {"fine"}


class TestNetwork:
    def test_without_a_network_no_link_is_asked(self, site: Site) -> None:
        with pytest.raises(NoNetwork, match=r"No known site can be reached .*the host refuses connections"):
            checked(site, site.page("/a", "A"), probe=NO_PROBE)
        assert site.asked == []

    def test_one_of_the_known_sites_is_enough(self, site: Site) -> None:
        found: list[Seen] = []
        settings = Settings("x", HASTY, [NO_PROBE, site.page("/probe", "Here")])
        result(check([Link("a", "url", site.page("/a", "A"))], {}, "2026-11-29", settings, found.append))
        assert [seen.outcome for seen in found] == ["fine"]

    def test_a_known_site_that_answers_badly_shows_that_there_is_a_network(self, site: Site) -> None:
        assert checked(site, site.page("/a", "A"), probe=site.url + "/missing")["/a"].outcome == "fine"

    @pytest.mark.parametrize("count", [3, 40], ids=["few", "many"])
    def test_when_the_network_goes_away_nothing_is_dead(self, open_site: Callable[[], Site], count: int) -> None:
        """The known site answers once, before anything is asked; from then on, everything fails."""
        network, site = open_site(), open_site()
        probe = network.page("/probe", "Here")
        reply = network.replies["/probe"]

        def once(handler: object) -> None:
            network.closes("/probe")
            assert isinstance(reply, Reply)
            handler.send_response(200)  # type: ignore[attr-defined]
            handler.end_headers()  # type: ignore[attr-defined]

        network.replies["/probe"] = once
        kept: list[Seen] = []
        links = [Link(f"s-{number}", "url", site.closes(f"/{number}")) for number in range(count)]
        with pytest.raises(NoNetwork):
            result(check(links, {}, "2026-11-29", Settings("x", HASTY, [probe]), kept.append))
        assert kept == []

    def test_it_stops_soon_when_nothing_answers_any_more(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[str] = []

        async def nothing(_: object, url: str) -> Silent:
            asked.append(url)
            site.closes("/probe")
            return Silent("no connection")

        monkeypatch.setattr("links.check._got", nothing)
        links = [Link(f"s-{number}", "url", f"http://127.0.0.1:9/{number}") for number in range(100)]
        settings = Settings("x", HASTY, [site.page("/probe", "Here")], at_once=1)
        with pytest.raises(NoNetwork):
            result(check(links, {}, "2026-11-29", settings, lambda seen: None))
        assert len(asked) <= 12

    def test_many_dead_sites_are_no_dead_network(self, site: Site) -> None:
        urls = [f"http://127.0.0.1:9/{number}" for number in range(25)]
        found = checked(site, *urls)
        assert {seen.outcome for seen in found.values()} == {"unreachable"}
        assert len(found) == 25


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def sources(mini: Mini, site: Site) -> Mini:
    """The small package with six sources alone, all of them on the site."""
    mini.rows["sources"] = mini.rows["sources"][:6]
    for row in mini.rows["sources"]:
        row["url"], row["archive_url"] = site.page(f"/{row['id']}", row["title"]), ""
    mini.save(sealed=False)
    site.page("/probe", "Here")
    return mini


def run(mini: Mini, site: Site, *arguments: str, today: date = TODAY) -> int:
    at = ["--root", str(mini.root)]
    command, *rest = arguments
    return main([*at, command, "--pause", "0", "--probe", site.url + "/probe", *rest], today=today)


def remove(mini: Mini, site: Site, count: int = 1) -> list[str]:
    """Take some pages off the site; returns the ids of their sources."""
    gone = [row["id"] for row in mini.rows["sources"][:count]]
    for source in gone:
        del site.replies[f"/{source}"]
    return gone


class TestCommand:
    def test_0_if_nothing_died(self, sources: Mini, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(sources, site, "check") == 0
        said = capsys.readouterr()
        assert said.out.endswith("\nNo link has died.\n")
        assert f"{len(sources.rows['sources'])}  fine" in said.out
        assert said.err == ""

    def test_1_if_a_link_died(self, sources: Mini, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
        (gone,) = remove(sources, site)
        assert run(sources, site, "check") == 1
        said = capsys.readouterr().out
        assert (
            f"data/sources.csv:2 url {gone} {site.url}/{gone}\n      answers 404 Not Found; for the first time." in said
        )
        assert said.endswith("\n1 link should be looked at.\n")

    def test_2_without_a_network(self, sources: Mini, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--root", str(sources.root), "check", "--probe", NO_PROBE], today=TODAY) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err == (
            f"links: No known site can be reached ({NO_PROBE}: the host refuses connections). No link counts as dead "
            "for that. Connect, and run the command again.\n"
        )
        assert not (sources.root / ".links").exists()

    def test_the_page_shows_what_it_says_without_a_network(
        self, sources: Mini, capsys: pytest.CaptureFixture[str]
    ) -> None:
        nowhere = ("http://one.invalid/", "http://other.invalid/")
        main(["--root", str(sources.root), "check", "--probe", nowhere[0], "--probe", nowhere[1]], today=TODAY)
        said = capsys.readouterr().err
        for probe, known in zip(nowhere, PROBES, strict=True):
            said = said.replace(probe, known)
        assert f"```text\n{said}```" in (ROOT / "docs/links.md").read_text(encoding="utf-8")

    def test_2_for_a_source_that_is_not_there(
        self, sources: Mini, site: Site, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(sources, site, "check", "founding-articel") == 2
        assert "there is no source 'founding-articel'" in capsys.readouterr().err

    def test_2_without_a_dataset(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--root", str(tmp_path), "check"]) == 2
        assert capsys.readouterr().err.startswith("links: ")

    @pytest.mark.parametrize(
        "wrong", [["--pause", "-1"], ["--at-once", "0"], ["--timeout", "nan"], ["--format", "xml"]]
    )
    def test_2_on_a_wrong_option(self, wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as stop:
            main(["check", *wrong])
        assert stop.value.code == 2
        assert "Traceback" not in capsys.readouterr().err

    def test_only_some_sources(self, sources: Mini, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
        one = sources.rows["sources"][3]["id"]
        assert run(sources, site, "check", one) == 0
        assert set(site.paths("GET")) == {f"/{one}"}
        assert "2026-11-29: 1 link of 1 source\n" in capsys.readouterr().out

    def test_it_goes_on_where_it_was_killed(
        self, sources: Mini, site: Site, capsys: pytest.CaptureFixture[str]
    ) -> None:
        last = sources.rows["sources"][-1]["id"]
        count, good = len(sources.rows["sources"]), site.replies[f"/{last}"]
        site.hangs(f"/{last}")
        journal = sources.root / ".links/running.jsonl"
        words = f"-m links --root {sources.root} check --at-once 1 --pause 0 --probe {site.url}/probe".split()
        with subprocess.Popen([sys.executable, *words], cwd=ROOT) as process:
            while not (journal.exists() and journal.read_text("utf-8").count("\n") == count - 1):
                assert process.poll() is None
                time.sleep(0.01)
            process.kill()
        site.replies[f"/{last}"] = good
        site.asked.clear()
        assert run(sources, site, "check") == 0
        said = capsys.readouterr()
        assert said.err == f"Going on with the check of {date.today()}: {count - 1} of {count} links are done.\n"
        assert site.paths("GET") == [f"/{last}"]
        assert f"{count} links of {count} sources" in said.out
        assert not journal.exists()

    def test_130_if_it_is_interrupted(
        self, sources: Mini, site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("links.memory.added", interrupted)
        assert run(sources, site, "check") == 130
        assert capsys.readouterr().err == "links: interrupted; what was found is kept, and the next run goes on\n"

    def test_what_stays_unreachable_counts_at_the_second_check(
        self, sources: Mini, site: Site, capsys: pytest.CaptureFixture[str]
    ) -> None:
        site.closes(f"/{sources.rows['sources'][0]['id']}")
        assert run(sources, site, "check", today=date(2026, 10, 29)) == 0
        assert run(sources, site, "check") == 1
        assert "closed without an answer; since 2026-10-29." in capsys.readouterr().out

    def test_the_tables_are_not_touched(self, sources: Mini, site: Site) -> None:
        before = {path: path.read_bytes() for path in (sources.root / "data").iterdir()}
        run(sources, site, "check")
        assert {path: path.read_bytes() for path in (sources.root / "data").iterdir()} == before


class TestLinks:
    def test_a_mirror_is_asked_and_an_archive_is_not(self, mini: Mini) -> None:
        one, other = mini.rows["sources"][:2]
        one["archive_url"] = "https://mirror.example/copy"
        other["archive_url"] = f"https://web.archive.org/web/20260101000000/{other['url']}"
        dataset = Dataset(mini.save())
        asked = {(link.source, link.field) for link in links_of(dataset)}
        assert (one["id"], "archive_url") in asked
        assert (other["id"], "archive_url") not in asked

    def test_the_line_is_that_of_the_table(self, mini: Mini) -> None:
        dataset = Dataset(mini.save())
        lines = (mini.root / "data/sources.csv").read_text(encoding="utf-8").split("\n")
        assert all(lines[link.line - 1].startswith(f"{link.source},") for link in links_of(dataset))


HOSTILE = '\x1b]0;owned\x07=HYPERLINK("http://evil") @all | `x` <img src=x> ::error::x \u202e'


class TestReport:
    @pytest.fixture
    def report(self) -> Report:
        links = [
            Link("a", "url", "https://a.example/", 2, copy="https://mirror.example/a"),
            Link("b", "url", "https://b.example/`|x\x1b[2J", 3),
            Link("c", "url", "https://c.example/", 4),
            Link("d", "url", "https://d.example/", 5),
        ]
        found = [
            Seen("a", "url", "https://a.example/", "2026-11-29", "gone", "answers 404 Not Found", since="2026-09-29"),
            Seen("b", "url", links[1].url, "2026-11-29", "title changed", "", "", HOSTILE, HOSTILE, "2026-11-29"),
            Seen("c", "url", links[2].url, "2026-11-29", "moved", HOSTILE, HOSTILE, since="2026-11-29"),
            Seen("d", "url", links[3].url, "2026-11-29", "fine", since="2026-01-29"),
        ]
        return Report("2026-11-29", links, found)

    def test_text(self, report: Report) -> None:
        said = report.text()
        assert said.startswith(
            "gone (1): The site says that the document is no longer there.\n"
            "  data/sources.csv:2 url a https://a.example/\n"
            "      answers 404 Not Found; since 2026-09-29; copy: https://mirror.example/a.\n"
        )
        assert "     1  fine\n" in said

    def test_json(self, report: Report) -> None:
        found = json.loads(report.json())
        assert (found["day"], found["died"], found["counts"]["gone"]) == ("2026-11-29", True, 1)
        assert [(link["source"], link["line"], link["died"]) for link in found["links"][:2]] == [
            ("a", 2, True),
            ("b", 3, False),
        ]

    def test_github(self, report: Report) -> None:
        first, *rest = report.github().splitlines()
        assert first.startswith("::warning file=data/sources.csv,line=2,title=link gone::a url https://a.example/: ")
        assert all(line.startswith("::notice file=data/sources.csv,") for line in rest[:-1])
        assert rest[-1] == "1 link should be looked at."

    def test_markdown(self, report: Report) -> None:
        said = report.markdown()
        assert "| `a`, url | `https://a.example/` | answers 404 Not Found; since 2026-09-29; copy: " in said
        assert "`https://b.example/%60%7Cx\\u001b[2J`" in said
        assert "@all" not in said.replace("\\@all", "")
        assert "<img" not in said

    @pytest.mark.parametrize("format", FORMATS)
    def test_what_strangers_wrote_controls_no_terminal(self, report: Report, format: str) -> None:
        said = FORMATS[format](report)
        assert all(c.isprintable() or c == "\n" for c in said)
        assert said.count("\n::error") == 0
