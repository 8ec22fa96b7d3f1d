"""Archived copies: which one is the nearest, what bad archives do, and how copies become proposals."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from borderledger.dataset import Dataset
from borderledger.errors import CorruptPackage
from links.__main__ import main
from links.archive import Asked, Copy, NoArchive, Services, Wanted, find, known, mementos, nearest, wanted
from links.memory import added
from links.network import NoNetwork
from links.propose import content
from tests.conftest import Mini
from tests.links.conftest import HASTY, Reply, Site, result
from validate import check

TODAY = date(2026, 11, 29)
URL = "https://ministry.example/a?b=c&d=1"
READ = date(2026, 11, 23)
TIMEMAP = """<{url}>; rel="original",
<https://aggregator.example/timemap/link/{url}>; rel="self"; type="application/link-format",
<https://archive.example/2016/{url}>; rel="first memento"; datetime="Fri, 15 Jul 2016 03:46:41 GMT",
<http://www.other.example/20261120/{url}>; rel="last memento"; datetime="Fri, 20 Nov 2026 10:00:00 GMT",
<https://aggregator.example/timegate/{url}>; rel="timegate"
"""


def copy(day: str) -> Copy:
    return Copy(f"https://archive.example/{day}", date.fromisoformat(day), "an archive")


class TestNearest:
    @pytest.mark.parametrize(
        ("days", "expected"),
        [
            (["2026-11-01", "2026-11-20", "2024-11-23"], "2026-11-20"),
            (["2026-11-22", "2026-11-24"], "2026-11-24"),
            (["2026-11-23", "2026-11-24"], "2026-11-23"),
            (["2015-01-01"], ""),
            (["2015-01-01", "2015-06-01"], "2015-06-01"),
            (["2026-11-30", "2099-01-01"], ""),
            ([], ""),
        ],
        ids=["near", "of two the later", "the day", "before it was published", "after", "in the future", "none"],
    )
    def test_which_copy(self, days: list[str], expected: str) -> None:
        source = Wanted("a", URL, READ, since=date(2015, 3, 1))
        best = nearest(map(copy, days), source, TODAY)
        assert (best.taken.isoformat() if best else "") == expected

    def test_sources_with_dead_links_come_first(self, mini: Mini) -> None:
        ids = [row["id"] for row in mini.rows["sources"] if not row["archive_url"]]
        found = wanted(Dataset(mini.save()), [ids[-1], "not-there"], [ids[0]])
        assert [one.source for one in found] == [ids[-1], *ids[1:-1]]

    @pytest.mark.parametrize(
        ("published", "since"),
        [("", date.min), ("2015", date(2015, 1, 1)), ("2015-06-11", date(2015, 6, 11)), ("../2015", date.min)],
    )
    def test_a_copy_is_not_older_than_the_document(self, mini: Mini, published: str, since: date) -> None:
        row = mini.rows["sources"][0]
        row["published"], row["archive_url"] = published, ""
        found = {one.source: one.since for one in wanted(Dataset(mini.save()), [], [])}
        assert found[row["id"]] == since

    def test_a_source_without_a_day_is_named(self, mini: Mini) -> None:
        row = mini.rows["sources"][0]
        row["accessed"], row["archive_url"] = "yesterday", ""
        with pytest.raises(CorruptPackage, match=f"accessed or published of {row['id']} is no date"):
            wanted(Dataset(mini.save()), [], [])

    @pytest.mark.parametrize("changes", [{"taken": "soon"}, {"taken": ""}, {"copy": ""}, {"taken": "2026-02-30"}])
    def test_an_answer_that_was_spoilt_is_asked_for_again(self, tmp_path: Path, changes: dict[str, str]) -> None:
        good = asdict(Asked("a", URL, "2026-11-29", "https://archive.example/a", "2026-11-20", "an archive"))
        added(tmp_path / "copies.jsonl", good | {"source": "b"}, good | changes)
        assert list(known(tmp_path / "copies.jsonl")) == ["b"]


class TestTimeMap:
    def test_the_copies_are_read(self) -> None:
        assert list(mementos(TIMEMAP.format(url=URL))) == [
            Copy(f"https://archive.example/2016/{URL}", date(2016, 7, 15), "the archive archive.example"),
            Copy(f"http://www.other.example/20261120/{URL}", date(2026, 11, 20), "the archive other.example"),
        ]

    @pytest.mark.parametrize(
        "line",
        [
            '<javascript:alert(1)>; rel="memento"; datetime="Fri, 15 Jul 2016 03:46:41 GMT"',
            '<https://a.example/>; rel="memento"; datetime="yesterday"',
            '<https://a.example/>; rel="memento"',
            '<https://a.example/>; rel="mementos"; datetime="Fri, 15 Jul 2016 03:46:41 GMT"',
            '<https://[a/>; rel="memento"; datetime="Fri, 15 Jul 2016 03:46:41 GMT"',
            '<https://a.example/>; rel="memento"; datetime="Fri, 15 Jul 20',
        ],
    )
    def test_what_is_no_copy_is_left_out(self, line: str) -> None:
        assert list(mementos(line)) == []

    @given(st.text() | st.from_regex(r'(<https://[a\[:]>; rel="memento"; datetime="[A-Za-z0-9,: +-]{0,30}",?)*'))
    def test_no_timemap_is_a_traceback(self, text: str) -> None:
        assert all(copy.url.startswith("http") for copy in mementos(text))


@pytest.fixture
def archives(site: Site) -> Callable[..., None]:
    """Two archives on a site: an index of the Wayback Machine at /cdx and TimeMaps below /timemap/."""
    site.page("/probe", "Here")

    def hold(stamps: Mapping[str, Sequence[str]], timemaps: Mapping[str, str] | None = None) -> None:
        def cdx(handler: BaseHTTPRequestHandler) -> None:
            (url,) = parse_qs(urlsplit(handler.path).query)["url"]
            rows = [["timestamp"], *([stamp] for stamp in stamps.get(url, ()))]
            body = json.dumps(rows if len(rows) > 1 else []).encode()
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        site.replies["/cdx"] = cdx
        for url, timemap in (timemaps or {}).items():
            site.replies[f"/timemap/{url}"] = Reply(timemap.encode())

    return hold


def found(site: Site, folder: Path, *sources: Wanted, batch: int = 50, **changes: object) -> dict[str, str]:
    """Ask for the copies of sources; returns what is kept, by source."""
    services = {"limits": HASTY, "probes": [site.url + "/probe"], "cdx": site.url + "/cdx"}
    services |= {"replay": "https://web.archive.org/web/", "timemap": site.url + "/timemap/"} | changes
    result(find(sources, Services("x", **services), TODAY, folder / "copies.jsonl", batch, lambda: None))  # type: ignore[arg-type]
    return {source: asked.copy for source, asked in known(folder / "copies.jsonl").items()}


ONE = Wanted("one", URL, READ)


class TestAsking:
    def test_a_near_copy_of_the_wayback_machine_is_enough(
        self, site: Site, archives: Callable[..., None], tmp_path: Path
    ) -> None:
        archives({URL: ["20160715034641", "20261030120000"]}, {URL: TIMEMAP.format(url=URL)})
        assert found(site, tmp_path, ONE) == {"one": f"https://web.archive.org/web/20261030120000/{URL}"}
        assert [path.partition("?")[0] for path in site.paths()] == ["/cdx"]

    def test_else_the_nearest_of_all_archives(self, site: Site, archives: Callable[..., None], tmp_path: Path) -> None:
        archives({URL: ["20160715034641"]}, {URL: TIMEMAP.format(url=URL)})
        assert found(site, tmp_path, ONE) == {"one": f"http://www.other.example/20261120/{URL}"}

    def test_a_source_without_a_copy_is_remembered(
        self, site: Site, archives: Callable[..., None], tmp_path: Path
    ) -> None:
        archives({})
        assert found(site, tmp_path, ONE) == {"one": ""}

    def test_a_site_that_had_its_copies_taken_out_has_none(
        self, site: Site, archives: Callable[..., None], tmp_path: Path
    ) -> None:
        archives({})
        site.replies["/cdx"] = Reply(b"AdministrativeAccessControlException", 403)
        assert found(site, tmp_path, ONE) == {"one": ""}

    def test_a_batch_ends_with_enough_copies(self, site: Site, archives: Callable[..., None], tmp_path: Path) -> None:
        archives({URL: ["20261120000000"]})
        sources = [Wanted(f"s-{number}", URL, READ) for number in range(9)]
        assert list(found(site, tmp_path, *sources, batch=3)) == ["s-0", "s-1", "s-2"]

    def test_robots_txt_is_not_about_the_interfaces(
        self, site: Site, archives: Callable[..., None], tmp_path: Path
    ) -> None:
        archives({URL: ["20261120000000"]})
        site.replies["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /")
        assert found(site, tmp_path, ONE)["one"]


class TestBadArchives:
    SOURCES = tuple(Wanted(f"s-{number}", f"{URL}&n={number}", READ) for number in range(6))

    def test_without_a_network_nothing_is_asked(self, site: Site, tmp_path: Path) -> None:
        with pytest.raises(NoNetwork):
            found(site, tmp_path, ONE, probes=["http://127.0.0.1:9/"])
        assert site.asked == []

    @pytest.mark.parametrize("status", [500, 503, 302])
    def test_a_wayback_machine_that_fails_stops_the_run(
        self, site: Site, archives: Callable[..., None], tmp_path: Path, status: int
    ) -> None:
        archives({})
        site.replies["/cdx"] = Reply(status=status)
        with pytest.raises(NoArchive, match=rf"The Wayback Machine does not answer \(127.0.0.1:\d+ answers {status}"):
            found(site, tmp_path, *self.SOURCES)
        assert known(tmp_path / "copies.jsonl") == {}
        assert sum(path.startswith("/cdx") for path in site.paths()) == 3

    def test_a_wayback_machine_that_asks_us_to_wait_is_not_asked_again(
        self, site: Site, archives: Callable[..., None], tmp_path: Path
    ) -> None:
        archives({})
        site.replies["/cdx"] = Reply(status=429)
        with pytest.raises(NoArchive, match="429 Too Many Requests"):
            found(site, tmp_path, *self.SOURCES)
        assert sum(path.startswith("/cdx") for path in site.paths()) == 1

    def test_an_aggregator_that_fails_does_not_stop_the_run(
        self, site: Site, archives: Callable[..., None], tmp_path: Path
    ) -> None:
        archives({source.url: ["20160715034641"] for source in self.SOURCES[:1]})
        for source in self.SOURCES:
            site.closes(f"/timemap/{source.url}")
        kept = found(site, tmp_path, *self.SOURCES)
        # The second and the third got no answer from all archives, and are asked again in the next run.
        assert sorted(kept) == ["s-0", "s-3", "s-4", "s-5"]
        assert sum(path.startswith("/timemap") for path in site.paths()) == 3

    @pytest.mark.parametrize(
        "body",
        [b"", b"<html>", b"[[", b"\xff\xfe\x00", b'[["timestamp"],["20161399000000"]]', b'[["timestamp"],["2016"]]'],
        ids=["empty", "page", "cut", "binary", "no day", "short"],
    )
    def test_an_index_that_makes_no_sense_holds_no_copy(
        self, site: Site, archives: Callable[..., None], tmp_path: Path, body: bytes
    ) -> None:
        archives({})
        site.replies["/cdx"] = Reply(body)
        assert found(site, tmp_path, ONE) == {"one": ""}


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def sources(mini: Mini) -> list[dict[str, str]]:
    """The first sources of the small package without a copy; the others have one."""
    bare = [row for row in mini.rows["sources"] if not row["archive_url"]]
    for row in bare[4:]:
        row["archive_url"] = "https://mirror.example/copy"
    mini.save()
    return bare[:4]


def run(mini: Mini, site: Site, *arguments: str) -> int:
    services = ["--cdx", site.url + "/cdx", "--timemap", site.url + "/timemap/", "--probe", site.url + "/probe"]
    return main(["--root", str(mini.root), "archive", "--pause", "0", *services, *arguments], today=TODAY)


def pending(mini: Mini) -> dict[str, dict[str, object]]:
    """The proposals, by record."""
    files = sorted((mini.root / "corrections/pending").glob("*.yml"))
    return {(read := yaml.load(file.read_text("utf-8"), yaml.BaseLoader))["record"]: read for file in files}


class TestCommand:
    def test_copies_become_proposals_that_validate(
        self,
        mini: Mini,
        sources: list[dict[str, str]],
        site: Site,
        archives: Callable[..., None],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        one, other = sources[:2]
        archives({one["url"]: ["20261121120000"], other["url"]: ["20261123000000"]})
        assert run(mini, site) == 0
        said = capsys.readouterr()
        assert said.err == ""
        assert said.out.endswith("Sources without a copy or a proposal of one: 4. Copies found: 2.\n")
        made = pending(mini)
        assert set(made) == {one["id"], other["id"]}
        assert made[one["id"]]["values"] == [
            {"field": "archive_url", "old": "", "new": f"https://web.archive.org/web/20261121120000/{one['url']}"}
        ]
        assert check(mini.root).findings == ()

    def test_the_next_run_proposes_what_is_left(
        self,
        mini: Mini,
        sources: list[dict[str, str]],
        site: Site,
        archives: Callable[..., None],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        archives({row["url"]: ["20261121120000"] for row in sources})
        assert run(mini, site, "--batch", "3") == 0
        assert "Not asked, or without an answer: 1. Run the command again to go on." in capsys.readouterr().out
        assert len(pending(mini)) == 3
        site.asked.clear()
        assert run(mini, site, "--batch", "3") == 0
        assert len(pending(mini)) == 4
        assert len(site.paths()) == 1
        assert run(mini, site) == 0
        assert capsys.readouterr().out.endswith("Sources without a copy or a proposal of one: 0. Copies found: 0.\n")

    def test_what_an_archive_had_not_is_asked_again_on_demand(
        self, mini: Mini, sources: list[dict[str, str]], site: Site, archives: Callable[..., None]
    ) -> None:
        archives({})
        run(mini, site)
        archives({sources[0]["url"]: ["20261121120000"]})
        run(mini, site)
        assert pending(mini) == {}
        run(mini, site, "--again")
        assert set(pending(mini)) == {sources[0]["id"]}

    def test_one_source_can_be_named(
        self, mini: Mini, sources: list[dict[str, str]], site: Site, archives: Callable[..., None]
    ) -> None:
        archives({row["url"]: ["20261121120000"] for row in sources})
        assert run(mini, site, sources[2]["id"]) == 0
        assert set(pending(mini)) == {sources[2]["id"]}

    def test_1_if_a_copy_would_not_be_accepted(
        self,
        mini: Mini,
        sources: list[dict[str, str]],
        site: Site,
        archives: Callable[..., None],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        one, other = sources[:2]
        bad = f'<http://192.168.0.1/{one["url"]}>; rel="memento"; datetime="Fri, 20 Nov 2026 10:00:00 GMT"'
        archives({other["url"]: ["20261121120000"]}, {one["url"]: bad})
        assert run(mini, site) == 1
        assert "is an address that other people cannot open" in capsys.readouterr().out
        assert set(pending(mini)) == {other["id"]}

    def test_2_if_the_archive_stops_to_answer_and_what_was_found_is_proposed(
        self,
        mini: Mini,
        sources: list[dict[str, str]],
        site: Site,
        archives: Callable[..., None],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        archives({sources[0]["url"]: ["20261121120000"]})
        good = site.replies["/cdx"]
        assert callable(good)

        def once(handler: BaseHTTPRequestHandler) -> None:
            good(handler)
            site.replies["/cdx"] = Reply(status=429)

        site.replies["/cdx"] = once
        assert run(mini, site) == 2
        said = capsys.readouterr()
        assert "answers 429 Too Many Requests). What was found is kept. Run the command again later.\n" in said.err
        assert set(pending(mini)) == {sources[0]["id"]}

    def test_2_without_a_network(
        self, mini: Mini, sources: list[dict[str, str]], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["--root", str(mini.root), "archive", "--probe", "http://127.0.0.1:9/"], today=TODAY) == 2
        assert "No known site can be reached" in capsys.readouterr().err
        assert pending(mini) == {}

    @pytest.mark.parametrize(
        ("taken", "said"),
        [
            ("2026-11-23", "has a copy of 2026-11-23, on the day on which the editors read it."),
            ("2026-11-24", "has a copy of 2026-11-24, 1 day after the day on which the editors read it."),
            ("2015-11-23", "has a copy of 2015-11-23, 4,018 days before the day on which the editors read it."),
        ],
    )
    def test_the_reason_says_how_far_the_copy_is(self, taken: str, said: str) -> None:
        asked = Asked("a", URL, "2026-11-29", "https://web.archive.org/x", taken, "the Wayback Machine")
        assert content(asked, READ)["reason"] == f"The Wayback Machine {said}"
