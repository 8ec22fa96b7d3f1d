"""Sites on this machine that answer as they are told: well, badly, for ever, or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

import pytest

from links.client import Limits

T = TypeVar("T")

#: No pause, and time-outs that a test can wait for. On a busy machine an answer still comes in time.
HASTY = Limits(pause=0, step=5, whole=10)


@dataclass(frozen=True)
class Reply:
    """An answer: its status, its body, its headers. `head` is the status for a question for the head alone."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    head: int = 0


@dataclass
class Site:
    """A site: what it answers by path, and what it was asked.

    A path that is not there is answered with 404, unless there is an answer for it without its query.
    """

    url: str
    replies: dict[str, Reply | Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    stop: threading.Event = field(default_factory=threading.Event)

    def page(self, path: str, title: str, **headers: str) -> str:
        """Add a web page; returns its address."""
        kind = {"Content-Type": "text/html; charset=utf-8"}
        self.replies[path] = Reply(f"<title>{title}</title>".encode(), 200, kind | headers)
        return self.url + path

    def leads(self, path: str, to: str, status: int = 302) -> str:
        """Add a redirect; returns its address."""
        self.replies[path] = Reply(status=status, headers={"Location": to})
        return self.url + path

    def hangs(self, path: str) -> str:
        """Add an address that never answers."""
        self.replies[path] = lambda handler: self.stop.wait() and None
        return self.url + path

    def closes(self, path: str) -> str:
        """Add an address that closes the connection."""
        self.replies[path] = lambda handler: handler.connection.close()
        return self.url + path

    def is_endless(self, path: str, start: bytes) -> str:
        """Add a page that never ends."""

        def reply(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Type", "text/html")
            handler.end_headers()
            handler.wfile.write(start)
            while handler.command == "GET" and not self.stop.is_set():
                handler.wfile.write(b" " * 4096)

        self.replies[path] = reply
        return self.url + path

    def paths(self, method: str = "GET") -> list[str]:
        """The paths that were asked, in order, but for robots.txt."""
        return [path for asked, path in self.asked if asked == method and path != "/robots.txt"]


@pytest.fixture
def open_site() -> Iterator[Callable[[], Site]]:
    """Open sites, each on a port of its own."""
    opened: list[tuple[ThreadingHTTPServer, Site]] = []

    def start() -> Site:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.command, self.path))
                site.agents.add(self.headers.get("User-Agent", ""))
                without = site.replies.get(self.path.partition("?")[0], Reply(status=404))
                reply = site.replies.get(self.path, without)
                with contextlib.suppress(OSError):
                    if callable(reply):
                        reply(self)
                        return
                    self.send_response(reply.head if reply.head and self.command == "HEAD" else reply.status)
                    for name, value in reply.headers.items():
                        self.send_header(name, value)
                    if "Content-Length" not in reply.headers:
                        self.send_header("Content-Length", str(len(reply.body)))
                    self.end_headers()
                    if self.command == "GET":
                        self.wfile.write(reply.body)

            do_HEAD = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign, assignment]
        site = Site(f"http://127.0.0.1:{server.server_address[1]}")
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        opened.append((server, site))
        return site

    yield start
    for server, site in opened:
        site.stop.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def site(open_site: Callable[[], Site]) -> Site:
    """A site."""
    return open_site()


@pytest.fixture
def nowhere() -> str:
    """The address of a site that refuses connections."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/"


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the client waits, which pass at once."""
    found: list[float] = []
    sleep = asyncio.sleep

    async def passes(seconds: float) -> None:
        found.append(seconds)
        await sleep(0)

    monkeypatch.setattr("links.client.asyncio.sleep", passes)
    return found


def result(running: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns."""
    return asyncio.run(running)
