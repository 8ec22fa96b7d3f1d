"""What becomes of a link: from what a site answers to one of a few words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from links.client import Answer, Broken, Hop, NotAllowed, Silent
from links.found import OUTCOMES, Link, Seen, has_died, judged
from links.page import is_other, title_of

TODAY = "2026-11-29"
URL = "https://ministry.example/news/2015/agreement.html"
LINK = Link("ministry-2015", "url", URL, 7, "Agreement on readmission signed")
HTML = {"content-type": "text/html; charset=utf-8"}


def page(
    title: str = "Agreement on readmission signed", *, status: int = 200, url: str = URL, hops: str = ""
) -> Answer:
    """A web page; `hops` are redirects, as in `301 https://a 302 https://b`."""
    words = hops.split()
    led = tuple(Hop(int(number), to) for number, to in zip(words[::2], words[1::2], strict=True))
    return Answer(led[-1].to if led else url, status, HTML, f"<title>{title}</title>".encode(), led)


def outcome(got: Answer | Silent | Broken | NotAllowed, before: Seen | None = None, link: Link = LINK) -> str:
    return judged(link, got, before, TODAY).outcome


def seen(outcome: str, *, title: str = "", since: str = "2026-10-29", url: str = URL) -> Seen:
    return Seen("ministry-2015", "url", url, "2026-10-29", outcome, title=title, since=since)


class TestOutcomes:
    @pytest.mark.parametrize(
        ("got", "expected"),
        [
            (page(), "fine"),
            (Answer(URL, 200, {"content-type": "application/pdf"}), "fine"),
            (page(status=404), "gone"),
            (page(status=410), "gone"),
            (page(status=401), "refused"),
            (page(status=403), "refused"),
            (page(status=429), "refused"),
            (page(status=451), "refused"),
            (page(status=500), "unreachable"),
            (page(status=503), "unreachable"),
            (page("Just a moment...", status=503), "refused"),
            (page("Attention Required! | Cloudflare"), "refused"),
            (Silent("no host of this name was found"), "unreachable"),
            (Broken("redirects in a circle"), "unreachable"),
            (NotAllowed("robots.txt asks programs to stay away"), "not asked"),
            (page(status=302), "unreachable"),
        ],
    )
    def test_by_what_the_site_answers(self, got: Answer | Silent, expected: str) -> None:
        assert outcome(got) == expected

    @pytest.mark.parametrize(
        "title",
        [
            "404 Not Found", "Page not found - Ministry", "Error 404", "Not Found", "Seite nicht gefunden",
            "Seite wurde nicht gefunden | Amt", "Pagina non trovata", "Page introuvable", "Stranica nije pronađena",
            "Stranica ne postoji", "Faqja nuk u gjet", "Страницата не е пронајдена", "Страница није пронађена",
            "Greška 404", "Pagina niet gevonden",
        ],
    )  # fmt: skip
    def test_a_page_that_says_it_is_not_there_may_be_gone(self, title: str) -> None:
        found = judged(LINK, page(title), None, TODAY)
        assert (found.outcome, found.title) == ("maybe gone", "")
        assert title in found.why

    @pytest.mark.parametrize(
        "title",
        ["Decree 404/2015 on readmission", "Bodies found at the border", "Route 404", "Weapons not found in van"],
    )
    def test_a_title_with_such_a_word_is_no_such_page(self, title: str) -> None:
        assert outcome(page(title)) == "fine"

    def test_a_document_that_is_called_so_is_there(self) -> None:
        link = Link("a", "url", URL, title="Page not found: how archives vanish")
        assert outcome(page("Page not found: how archives vanish"), link=link) == "fine"

    @pytest.mark.parametrize(
        ("hops", "expected"),
        [
            ("301 https://ministry.example/", "maybe gone"),
            ("302 https://ministry.example/en/", "maybe gone"),
            ("302 https://www.ministry.example/index.php", "maybe gone"),
            ("302 https://ministry.example/404", "maybe gone"),
            ("302 https://ministry.example/page-not-found.html", "maybe gone"),
            ("301 https://ministry.example/archive/2015/agreement", "moved"),
            ("308 https://ministry.example/b 301 https://ministry.example/c", "moved"),
            ("302 https://ministry.example/today/agreement", "fine"),
            ("302 https://ministry.example/b 301 https://ministry.example/c", "fine"),
            ("301 http://ministry.example/news/2015/agreement.html", "fine"),
            ("301 https://www.ministry.example/news/2015/agreement.html/", "fine"),
            ("301 https://ministry.example/?p=4711", "moved"),
        ],
    )
    def test_by_where_redirects_lead(self, hops: str, expected: str) -> None:
        assert outcome(page(hops=hops)) == expected

    def test_the_new_address_is_the_last_for_good(self) -> None:
        found = judged(LINK, page(hops="301 https://b.example/x 302 https://b.example/session/x"), None, TODAY)
        assert (found.outcome, found.at) == ("moved", "https://b.example/x")

    def test_a_link_to_a_front_page_may_lead_to_a_front_page(self) -> None:
        link = Link("a", "url", "http://ministry.example/")
        assert outcome(page(hops="301 https://ministry.example/en/"), link=link) == "moved"

    def test_each_outcome_is_explained(self) -> None:
        assert {outcome(page(status=status)) for status in range(200, 600)} <= OUTCOMES.keys()


class TestTitles:
    def test_the_first_title_is_remembered(self) -> None:
        found = judged(LINK, page("Signing ceremony"), None, TODAY)
        assert (found.outcome, found.title) == ("fine", "Signing ceremony")

    def test_another_title_is_said(self) -> None:
        found = judged(LINK, page("Buy cheap watches"), seen("fine", title="Signing ceremony"), TODAY)
        assert (found.outcome, found.before, found.title) == ("title changed", "Signing ceremony", "Buy cheap watches")

    def test_it_is_said_once(self) -> None:
        first = judged(LINK, page("Buy cheap watches"), seen("fine", title="Signing ceremony"), TODAY)
        assert outcome(page("Buy cheap watches"), first) == "fine"

    @pytest.mark.parametrize(
        ("title", "before"),
        [
            ("Signing ceremony | Ministry of the Interior", "Signing ceremony"),
            ("SIGNING CEREMONY (3 comments)", "Ministry - Signing ceremony"),
            ("Nënshkrimi i marrëveshjes", "Nenshkrimi i marreveshjes"),
            ("Agreement on readmission", "Ministry of the Interior"),
        ],
        ids=["site name", "decoration", "accents", "title of the source"],
    )
    def test_a_title_that_is_much_the_same_is_no_change(self, title: str, before: str) -> None:
        assert not is_other(title, before, LINK.title)

    def test_a_title_of_another_address_does_not_count(self) -> None:
        before = seen("fine", title="Signing ceremony", url="https://elsewhere.example/")
        assert outcome(page("Buy cheap watches"), before) == "fine"

    def test_a_refusal_or_a_failure_keeps_the_title(self) -> None:
        before = seen("fine", title="Signing ceremony")
        for got in (page("Just a moment..."), page(status=404), Silent("gone"), page("404 Not Found")):
            assert judged(LINK, got, before, TODAY).title == "Signing ceremony"

    @pytest.mark.parametrize(
        ("body", "kind", "title"),
        [
            (b"<TITLE lang='en'>\n A &amp; B\n</TITLE>", "text/html", "A & B"),
            ("<title>Srđan</title>".encode("cp1250"), "text/html; charset=windows-1250", "Srđan"),
            ('<meta charset="cp1251"><title>Влада</title>'.encode("cp1251"), "text/html", "Влада"),
            ("<title>Sr\u0111an</title>".encode(), "text/html; charset=no-such", "Srđan"),
            (b"<title>\x1b[31mRed\x07\x9b2J</title>", "text/html; charset=latin-1", "[31mRed 2J"),
            (b"<title>&#27;[2Jx&#x202e;y</title>", "text/html", "[2Jx y"),
            (b"<title></title><title>Second</title>", "text/html", "Second"),
            (b"<titles>No</titles>", "text/html", ""),
            (b"<title>Text</title>", "text/plain", ""),
            (b"<title>" + b"x" * 5000, "text/html", "x" * 200),
            (b"", "text/html", ""),
        ],
    )
    def test_how_a_title_is_read(self, body: bytes, kind: str, title: str) -> None:
        assert title_of(Answer(URL, 200, {"content-type": kind}, body)) == title

    @given(st.binary(max_size=200) | st.from_regex(rb"<title[ a-z\"=]{0,9}>[^\n]{0,60}", fullmatch=True))
    def test_no_page_is_a_traceback(self, body: bytes) -> None:
        assert title_of(Answer(URL, 200, HTML, body)).isprintable()


class TestHowLong:
    def test_an_outcome_that_stays_keeps_its_first_day(self) -> None:
        assert judged(LINK, page(status=404), seen("gone", since="2026-08-29"), TODAY).since == "2026-08-29"

    def test_another_outcome_begins_today(self) -> None:
        assert judged(LINK, page(status=404), seen("fine"), TODAY).since == TODAY

    def test_gone_is_dead_at_once_and_unreachable_only_at_the_second_check(self) -> None:
        assert has_died(judged(LINK, page(status=404), None, TODAY))
        assert not has_died(judged(LINK, Silent("no"), None, TODAY))
        assert not has_died(judged(LINK, Silent("no"), seen("fine"), TODAY))
        assert has_died(judged(LINK, Silent("no"), seen("unreachable"), TODAY))

    def test_what_is_refused_or_moved_is_not_dead(self) -> None:
        for got in (page(status=403), page(status=429), page(hops="301 https://b.example/x")):
            assert not has_died(judged(LINK, got, seen("refused"), TODAY))
