"""The client is polite to good sites, and survives bad ones."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from links.client import Answer, Broken, Client, Hop, Limits, NotAllowed, Silent, _is_private, _seconds
from tests.links.conftest import HASTY, Reply, Site, result

AGENT = "borderledger-links (test)"


def fetched(url: str, limits: Limits = HASTY, *, method: str = "GET", obey: bool = True) -> Answer:
    async def ask() -> Answer:
        async with Client(limits, AGENT, obey=obey) as client:
            return await client.fetch(url, method)

    return result(ask())


def all_fetched(*urls: str, limits: Limits = HASTY) -> list[Answer | Exception]:
    """The answers of several addresses, one after the other, to the same client."""

    async def ask() -> list[Answer | Exception]:
        found: list[Answer | Exception] = []
        async with Client(limits, AGENT) as client:
            for url in urls:
                try:
                    found.append(await client.fetch(url))
                except (Silent, Broken, NotAllowed) as error:
                    found.append(error)
        return found

    return result(ask())


class TestManners:
    def test_it_says_who_asks(self, site: Site) -> None:
        fetched(site.page("/a", "A"))
        assert site.agents == {AGENT}

    def test_it_waits_between_two_requests_to_a_host(self, site: Site, waits: list[float]) -> None:
        all_fetched(site.page("/a", "A"), site.page("/b", "B"), limits=replace(HASTY, pause=1000))
        assert [wait > 990 for wait in waits] == [False, True, True]  # robots.txt, /a, /b

    def test_another_host_is_not_waited_for(self, open_site: Callable[[], Site], waits: list[float]) -> None:
        one, other = open_site(), open_site()
        urls = one.page("/a", "A"), other.page("/b", "B")
        all_fetched(*urls, limits=replace(HASTY, pause=1000))
        assert [wait > 990 for wait in waits] == [False, True, False, True]

    def test_a_crawl_delay_is_kept_but_not_a_senseless_one(self, site: Site, waits: list[float]) -> None:
        site.replies["/robots.txt"] = Reply(b"User-agent: *\nCrawl-delay: 9999\n")
        fetched(site.page("/a", "A"))
        assert 29 < waits[-1] <= 30

    @pytest.mark.parametrize(
        ("rules", "path", "allowed"),
        [
            (b"User-agent: *\nDisallow: /private/", "/private/a", False),
            (b"User-agent: *\nDisallow: /private/", "/a", True),
            (b"User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
            (b"User-agent: *\nDisallow: /\nAllow: /news/", "/news/a", True),
            (b"User-agent: borderledger-links\nDisallow: /\n\nUser-agent: *\nAllow: /", "/a", False),
            (b"User-agent: SomeBot\nDisallow: /", "/a", True),
            (b"\xef\xbb\xbfUser-agent: *\nDisallow: /", "/a", False),
        ],
    )
    def test_robots_txt_is_kept(self, site: Site, rules: bytes, path: str, allowed: bool) -> None:
        site.replies["/robots.txt"] = Reply(rules)
        url = site.page(path, "A")
        if allowed:
            assert fetched(url).ok
        else:
            with pytest.raises(NotAllowed, match=r"robots.txt asks programs to stay away"):
                fetched(url)
            assert site.paths() == []

    @pytest.mark.parametrize(
        "rules",
        [b"\x00\xff\xfe" * 1000, b"<html><title>Not found</title>", b"Disallow: /\n", b"User-agent: *\nDisallow:\n"],
        ids=["binary", "page", "no agent", "nothing"],
    )
    def test_a_robots_txt_without_rules_allows_everything(self, site: Site, rules: bytes) -> None:
        site.replies["/robots.txt"] = Reply(rules)
        assert fetched(site.page("/a", "A")).ok

    @pytest.mark.parametrize("status", [500, 503, 429])
    def test_a_site_whose_robots_txt_fails_is_not_asked(self, site: Site, status: int) -> None:
        site.replies["/robots.txt"] = Reply(status=status)
        with pytest.raises(NotAllowed, match=f"robots.txt cannot be read: the site answers {status}"):
            fetched(site.page("/a", "A"))
        assert site.paths() == []

    def test_robots_txt_is_read_once(self, site: Site) -> None:
        all_fetched(site.page("/a", "A"), site.page("/b", "B"))
        assert site.asked.count(("GET", "/robots.txt")) == 1

    def test_a_redirect_to_another_site_keeps_to_its_rules(self, open_site: Callable[[], Site]) -> None:
        one, other = open_site(), open_site()
        other.replies["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /")
        with pytest.raises(NotAllowed):
            fetched(one.leads("/a", other.page("/b", "B")))
        assert other.paths() == []

    def test_an_endless_robots_txt_is_read_in_part(self, site: Site) -> None:
        site.is_endless("/robots.txt", b"User-agent: *\nDisallow: /a\n")
        with pytest.raises(NotAllowed):
            fetched(site.page("/a", "A"))

    def test_an_interface_for_programs_needs_no_robots_txt(self, site: Site) -> None:
        assert fetched(site.page("/a", "A"), obey=False).ok
        assert site.asked == [("GET", "/a")]


class TestRateLimits:
    def test_it_comes_back_when_it_is_told_to(self, site: Site, waits: list[float]) -> None:
        replies = iter([Reply(status=429, headers={"Retry-After": "7"}), Reply(b"later")])
        site.replies["/a"] = lambda handler: _send(handler, next(replies))
        assert fetched(site.url + "/a").content == b"later"
        assert 6 < waits[-1] <= 7

    @pytest.mark.parametrize("said", ["86400", "", "soon", "-5", "9" * 400, "inf", "Mon, 99 Foo 2026 00:00:00 GMT"])
    def test_it_does_not_come_back_late_or_at_an_unknown_time(self, site: Site, said: str) -> None:
        site.replies["/a"] = Reply(status=429, headers={"Retry-After": said})
        assert fetched(site.url + "/a").status == 429
        assert site.paths() == ["/a"]

    def test_it_asks_a_second_time_and_not_a_third(self, site: Site) -> None:
        site.replies["/a"] = Reply(status=503, headers={"Retry-After": "0"})
        assert fetched(site.url + "/a").status == 503
        assert site.paths() == ["/a", "/a"]

    def test_a_day_is_read_as_well(self) -> None:
        later = format_datetime(datetime.now(UTC) + timedelta(hours=5), usegmt=True)
        assert 17_000 < (_seconds(later) or 0) <= 18_000
        assert _seconds("Wed, 21 Oct 2015 07:28:00 GMT") == 0


def _send(handler: object, reply: Reply) -> None:
    handler.send_response(reply.status)  # type: ignore[attr-defined]
    for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
        handler.send_header(name, value)  # type: ignore[attr-defined]
    handler.end_headers()  # type: ignore[attr-defined]
    handler.wfile.write(reply.body)  # type: ignore[attr-defined]


class TestRedirects:
    def test_they_are_followed_and_told(self, site: Site) -> None:
        site.page("/c", "C")
        site.leads("/b", "c", 302)
        answer = fetched(site.leads("/a", "/b#part", 301))
        assert (answer.url, answer.status) == (site.url + "/c", 200)
        assert answer.hops == (Hop(301, site.url + "/b"), Hop(302, site.url + "/c"))

    def test_a_circle_ends(self, site: Site) -> None:
        site.leads("/b", "/a")
        with pytest.raises(Broken, match="redirects in a circle"):
            fetched(site.leads("/a", "/b"))
        assert len(site.paths()) == HASTY.hops + 1

    def test_a_chain_without_end_ends(self, site: Site) -> None:
        for number in range(20):
            site.leads(f"/{number}", f"/{number + 1}")
        with pytest.raises(Broken, match="redirects more than 8 times"):
            fetched(site.url + "/0")

    @pytest.mark.parametrize(
        "target",
        ["javascript:alert(1)", "file:///etc/passwd", "http://[::1", "ftp://example.org/a", "mailto:a@b.example"],
    )
    def test_only_web_addresses_are_followed(self, site: Site, target: str) -> None:
        with pytest.raises(Broken, match="redirects to what is no web address"):
            fetched(site.leads("/a", target))

    def test_a_redirect_without_an_address_is_an_answer(self, site: Site) -> None:
        site.replies["/a"] = Reply(status=302)
        assert fetched(site.url + "/a").status == 302

    @pytest.mark.parametrize(
        ("url", "private"),
        [
            ("http://127.0.0.1/a", True),
            ("http://169.254.169.254/latest/meta-data", True),
            ("http://[::1]:8080/", True),
            ("http://localhost:80/", True),
            ("http://printer.local/", True),
            ("https://example.org/", False),
            ("http://8.8.8.8/", False),
        ],
    )
    def test_what_is_private_is_known(self, url: str, private: bool) -> None:
        assert _is_private(url) is private

    def test_a_site_cannot_send_us_into_our_own_network(
        self, open_site: Callable[[], Site], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The first site stands for one on the web; the second is inside."""
        outside, inside = open_site(), open_site()
        monkeypatch.setattr("links.client._is_private", lambda url: url.startswith(inside.url))
        with pytest.raises(Broken, match="inside a private network"):
            fetched(outside.leads("/a", inside.page("/secret", "Secret")))
        assert inside.asked == []


class TestBadSites:
    def test_a_site_that_hangs_is_given_up(self, site: Site) -> None:
        with pytest.raises(Broken, match=r"no answer within 0.2 seconds"):
            fetched(site.hangs("/a"), replace(HASTY, step=0.2))

    def test_a_connection_that_is_closed_is_no_answer(self, site: Site) -> None:
        with pytest.raises(Broken, match="closed without an answer"):
            fetched(site.closes("/a"))

    def test_a_host_that_refuses_is_silent(self, nowhere: str) -> None:
        with pytest.raises(Silent, match="the host refuses connections"):
            fetched(nowhere)

    def test_a_name_that_leads_nowhere_is_silent(self) -> None:
        with pytest.raises(Silent, match="no host of this name was found"):
            fetched("http://no-such-host.invalid/")

    def test_a_site_without_a_certificate_is_no_answer(self, site: Site) -> None:
        with pytest.raises(Broken, match="no secure connection"):
            fetched(site.url.replace("http:", "https:"))

    def test_a_host_that_never_answers_is_left_alone(self, site: Site) -> None:
        found = all_fetched(*[site.hangs(f"/{n}") for n in range(5)], limits=replace(HASTY, step=0.2))
        assert site.paths() == ["/0", "/1", "/2"]
        assert "did not answer 3 times in a row" in str(found[-1])

    def test_one_answer_and_the_host_is_trusted_again(self, site: Site) -> None:
        urls = [site.closes("/0"), site.closes("/1"), site.page("/2", "A"), site.closes("/3"), site.closes("/4")]
        all_fetched(*urls, site.page("/5", "A"))
        assert site.paths() == ["/0", "/1", "/2", "/3", "/4", "/5"]

    def test_an_endless_page_is_read_in_part(self, site: Site) -> None:
        answer = fetched(site.is_endless("/a", b"<title>Endless</title>"), replace(HASTY, largest=10_000))
        assert (answer.content[:22], len(answer.content)) == (b"<title>Endless</title>", 10_000)

    def test_a_page_that_stops_in_the_middle_is_read_as_far_as_it_came(self, site: Site) -> None:
        site.replies["/a"] = Reply(b"<title>Half</title>", headers={"Content-Length": "1000"})
        assert fetched(site.url + "/a", replace(HASTY, step=0.2)).content == b"<title>Half</title>"

    def test_compressed_pages_are_read_and_bombs_are_not(self, site: Site) -> None:
        site.replies["/a"] = Reply(gzip.compress(b"<title>Small</title>"), headers={"Content-Encoding": "gzip"})
        site.replies["/b"] = Reply(zlib.compress(b" " * 50_000_000), headers={"Content-Encoding": "deflate"})
        site.replies["/c"] = Reply(b"not compressed", headers={"Content-Encoding": "gzip"})
        site.replies["/d"] = Reply(b"abc", headers={"Content-Encoding": "br"})
        contents = [fetched(site.url + path).content for path in ("/a", "/b", "/c", "/d")]
        assert contents[0] == b"<title>Small</title>"
        assert len(contents[1]) == HASTY.largest
        assert contents[2:] == [b"", b""]

    @pytest.mark.parametrize("url", ["http://exa mple.org/", "http://[half/", "http://host:99999/", "http://a..b/"])
    def test_an_address_that_is_none_is_said(self, url: str) -> None:
        with pytest.raises((Broken, Silent)):
            fetched(url, obey=False)

    def test_what_is_no_http_is_no_answer(self, site: Site) -> None:
        site.replies["/a"] = lambda handler: handler.wfile.write(b"\x00\x01garbage\r\n\r\n") and None
        with pytest.raises(Broken, match="closed without an answer"):
            fetched(site.url + "/a")

    def test_a_header_without_end_is_no_answer(self, site: Site) -> None:
        site.replies["/a"] = lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 500_000) and None
        with pytest.raises(Broken, match="closed without an answer"):
            fetched(site.url + "/a")
