"""What the address of a document says about it, from a server on this machine; a site may be slow, endless or hostile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrections import fetch
from corrections.fetch import Unreachable, fetched

Serve = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve one answer on a free port; returns its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(body: bytes, kind: str = "text/html; charset=utf-8", status: int = 200, *, endless: bool = False) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(body)
                try:
                    while endless:
                        self.wfile.write(b"x" * 1024)
                        time.sleep(0.001)
                except OSError:
                    return

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}/page"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


class TestPages:
    def test_the_head_of_a_page_tells_title_publisher_day_and_language(self, serve: Serve) -> None:
        page = """<html lang="sr-Latn"><head><title>Policajci | Vesti</title>
            <meta property="og:title" content="Policajci na granici">
            <meta property="og:site_name" content="Vesti">
            <meta property="article:published_time" content="2024-10-25T08:00:00+02:00"></head></html>"""
        assert fetched(serve(page.encode())) == {
            "title": "Policajci na granici", "publisher": "Vesti", "published": "2024-10-25", "language": "sr",
        }  # fmt: skip

    def test_so_does_the_json_of_schema_org(self, serve: Serve) -> None:
        page = """<title>x</title><script type="application/ld+json">{"@graph": [{"@type": "NewsArticle",
            "headline": "Officers arrive", "datePublished": "2024-10-25", "publisher": {"name": "Daily"},
            "inLanguage": "en"}]}</script>"""
        assert fetched(serve(page.encode())) == {
            "title": "Officers arrive", "publisher": "Daily", "published": "2024-10-25", "language": "en",
        }  # fmt: skip

    def test_a_doi_is_answered_in_csl(self, serve: Serve) -> None:
        item = b'{"title": "On borders", "publisher": "Press", "issued": {"date-parts": [[2020, 7]]}, "author": [1]}'
        assert fetched(serve(item, "application/vnd.citationstyles.csl+json")) == {
            "title": "On borders", "publisher": "Press", "published": "2020-07",
        }  # fmt: skip

    def test_a_page_that_says_nothing_gives_nothing(self, serve: Serve) -> None:
        assert fetched(serve(b"")) == {}


class TestBadSites:
    @pytest.mark.parametrize(
        ("body", "kind", "status", "why"),
        [
            (b"gone", "text/html", 404, "the site answers 404"),
            (b"%PDF-1.7", "application/pdf", 200, "is no web page but application/pdf"),
        ],
    )
    def test_what_is_no_page_is_said(self, serve: Serve, body: bytes, kind: str, status: int, why: str) -> None:
        with pytest.raises(Unreachable, match=why):
            fetched(serve(body, kind, status))

    def test_a_site_that_is_not_there_is_said(self) -> None:
        with pytest.raises(Unreachable, match="there is no connection"):
            fetched("http://127.0.0.1:9/nothing")

    def test_an_endless_answer_ends_with_what_was_read(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fetch, "_WHOLE", 1)
        assert fetched(serve(b"<title>Endless</title>", endless=True)) == {"title": "Endless"}

    def test_a_large_answer_is_read_in_part(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fetch, "_LARGEST", 100)
        page = b"<title>Large</title>" + b" " * 100_000 + b'<meta property="og:site_name" content="Late">'
        assert fetched(serve(page)) == {"title": "Large"}

    def test_a_long_title_is_cut(self, serve: Serve) -> None:
        assert len(fetched(serve(b"<title>" + b"x" * 10_000 + b"</title>"))["title"]) == 300

    @given(
        st.text()
        | st.from_regex(r"<(!\[|meta |html |script type=\"application/ld\+json\">)[^\n]{0,60}", fullmatch=True)
    )
    def test_no_page_is_a_traceback(self, page: str) -> None:
        assert set(fetch._of_page(page)) <= {"title", "publisher", "published", "language"}

    @given(
        st.binary(max_size=80) | st.from_regex(r'\{"issued": [\[\]{}0-9,"a]{0,20}\}', fullmatch=True).map(str.encode)
    )
    def test_no_answer_of_a_resolver_is_a_traceback(self, content: bytes) -> None:
        assert set(fetch._of_csl(content)) <= {"title", "publisher", "published", "language"}
