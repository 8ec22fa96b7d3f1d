"""The website of the sample, built once; a server for it; and a browser that notices what goes wrong.

The browser is the Chromium of the system, driven by Playwright. Where one of the two is missing, its tests are skipped
with a reason. Every page that a test opens is watched: an error on its console, a request that fails and a request to
another server fail the test, whatever it looks at.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock
from lxml import html

import borderledger as bl
from tests.conftest import ROOT, sample

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: The site is served below this path: a link that begins with / does not find its page.
UNDER = "some/where/"
#: No traffic of its own: what is in the log is what the pages ask for.
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


def build_site(root: Path, out: Path, **options: Any) -> Built:
    """The site of a package with the prose of this checkout; where there is no Node.js for its scripts, a skipped test."""
    from website.build import build
    from website.bundle import NoNode

    for path in ("CHANGELOG.md", "docs/methodology.md"):
        (root / path).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / path, root / path)
    try:
        build(root, out, **options)
    except NoNode as missing:
        pytest.skip(str(missing))
    return Built(out, bl.open(root))


class Built:
    """A site in a folder."""

    def __init__(self, folder: Path, dataset: bl.Dataset) -> None:
        self.folder = folder
        self.dataset = dataset

    @functools.cached_property
    def pages(self) -> dict[str, html.HtmlElement]:
        """All pages by their path."""
        paths = sorted(self.folder.rglob("*.html"))
        return {path.relative_to(self.folder).as_posix(): self._parsed(path) for path in paths}

    def _parsed(self, path: Path) -> html.HtmlElement:
        return html.document_fromstring(path.read_bytes(), parser=html.HTMLParser(encoding="utf-8"))

    @functools.cached_property
    def kinds(self) -> dict[str, str]:
        """One page of each kind, the longest: a record of each table, a source, and each page that is alone."""
        found: dict[str, str] = {}
        tables = {row["id"]: name for name in self.dataset.names for row in self.dataset.rows(name) if "id" in row}
        size = {path: (self.folder / path).stat().st_size for path in self.pages}
        for path in sorted(size, key=lambda path: (size[path], path)):
            first, *rest = path.split("/")
            table = tables.get(rest[0], "none") if rest else ""
            kind = f"record of {table}" if first == "record" else first
            found[kind] = path
        return found


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The site of the sample, in a folder that all processes of a run of tests share."""
    run = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        run = run.parent
    root, site = run / "website/sample", run / "website/site"
    with FileLock(run / "website.lock"):
        if site.exists():  # as a whole, or not at all
            return Built(site, bl.open(root))
        shutil.copytree(sample().root, root, dirs_exist_ok=True)
        return build_site(root, site)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that has seen enough hangs up, which is no error."""


class _Handler(http.server.SimpleHTTPRequestHandler):
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {".wasm": "application/wasm"}

    def __init__(self, *args: Any, prefix: str, **options: Any) -> None:
        self.prefix = prefix
        super().__init__(*args, **options)

    def translate_path(self, path: str) -> str:
        """The file of an address; of one beside the site, none."""
        below = path.removeprefix(self.prefix) if path.startswith(self.prefix) else "beside-the-site"
        return super().translate_path(f"/{below}")

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: the browser keeps the log."""


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Built], str]]:
    """Serves a site; gives its address."""
    with contextlib.ExitStack() as servers:

        def serving(built: Built) -> str:
            folder = functools.partial(_Handler, directory=str(built.folder), prefix=f"/{UNDER}")
            server = servers.enter_context(_Server(("127.0.0.1", 0), folder))
            servers.callback(server.shutdown)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            return f"http://127.0.0.1:{server.server_port}/{UNDER}"

        yield serving


@pytest.fixture(scope="session")
def site(built: Built, serve: Callable[[Built], str]) -> str:
    """The address of the site of the sample."""
    return serve(built)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        pytest.skip("there is no Chromium: on Debian, run apt-get install chromium")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*QUIET])
        yield browser
        browser.close()


def come(page: Page) -> None:
    """Wait for the scripts of a page, which it brings when it is there."""
    page.locator("html:not([data-scripts])").wait_for(state="attached")


@dataclass
class Watched:
    """Opens pages of a site, and keeps what goes wrong on them and what they ask for."""

    browser: Browser
    site: str
    wrong: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def open(self, path: str = "index.html", **options: Any) -> Page:
        """A page in a window of its own, as large and as dark as the options of Playwright say."""
        page = self.window(**options)
        page.goto(self.site + path)
        if options.get("java_script_enabled", True):
            come(page)
        return page

    def window(self, **options: Any) -> Page:
        """An empty window."""
        context = self.browser.new_context(**{"locale": "en-GB", "timezone_id": "UTC"} | options)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("console", lambda said: self._console(page.url, said))
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))
        page.on("request", lambda request: self._request(page.url, request.url))
        page.on("requestfailed", lambda request: self._failed(page.url, request))
        page.on("response", lambda answer: self._response(page.url, answer))
        return page

    def _console(self, path: str, said: Any) -> None:
        if said.type in ("error", "warning"):
            self.wrong.append(f"{path}: console: {said.text}")

    def _request(self, path: str, url: str) -> None:
        self.asked.append(url)
        if not url.startswith((self.site, "data:", "blob:")):
            self.wrong.append(f"{path}: asks for {url}")

    def _failed(self, path: str, request: Any) -> None:
        # A reader who goes on does not wait for what the page before had asked for. `_response` sees missing files.
        if request.failure != "net::ERR_ABORTED":
            self.wrong.append(f"{path}: {request.url}: {request.failure}")

    def _response(self, path: str, answer: Any) -> None:
        if answer.status >= 400:
            self.wrong.append(f"{path}: {answer.url} answers {answer.status}")


@pytest.fixture
def watched(browser: Browser, site: str) -> Iterator[Watched]:
    """Opens pages of the site of the sample; at the end of the test, nothing has gone wrong on them."""
    watched = Watched(browser, site)
    yield watched
    for context in browser.contexts:
        context.close()
    assert watched.wrong == []


@pytest.fixture
def each(built: Built, watched: Watched) -> Callable[..., Iterator[tuple[str, Page]]]:
    """Opens one page of each kind, one after another, in one browser window."""

    def pages(**options: Any) -> Iterator[tuple[str, Page]]:
        page = watched.window(**options)
        for kind, path in built.kinds.items():
            page.goto(watched.site + path)
            if options.get("java_script_enabled", True):
                come(page)
            yield kind, page
        page.context.close()

    return pages
