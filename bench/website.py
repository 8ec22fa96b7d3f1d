"""python -m bench.website: how long the website takes to build, what its pages weigh, how soon a browser shows them.

The site is built from today's data and from ten times as many records (`bench.scaled`). The exponent is the slope
through the logarithms of records and processor time: 1 means twice the time for twice the records. A page weighs what a
browser loads for it at once, compressed with gzip. Then Chromium opens pages of the site and of others, in another
order each round, with a processor four times slower than this one. Printed are the time until the first text or
picture is there (FCP) and the time for which the page then keeps the reader waiting in tasks of more than 50 ms (TBT):
medians, and the quartiles of the first. The last columns scatter less. One says in how many rounds the page of
borderledger was painted sooner. The other opens each page once more, with a trace and the processor as fast as it is:
the processor time that the thread of the page takes until it has painted. It leaves out what the server, the network
and the rest of the browser take.

The others are Datasette with the same rows, and one page that Observable Framework made: a chart and a table of returns
by year, which scripts draw. Its heading is in the HTML, so that the heading is its first text; the chart comes later.
All servers keep connections open, as those of the web do.

Needs Chromium, Playwright and Node.js. The others get environments of their own (`bench.peers.environment`).
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import io
import json
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import borderledger as bl
from bench.peers.environment import python_with, site_of_observable
from bench.process import measure
from bench.scale import exponent
from bench.scaled import ROOT, scaled

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: The most that a page may weigh, in bytes: the overview, the page of a record, any page.
LIMITS = {"index.html": 150_000, "record": 40_000, "": 400_000}
#: What is opened: the page of each server. Datasette has the same rows, and Observable the same sums as our chart.
PAGES = {
    "overview": {"borderledger": "index.html", "Datasette": ""},
    "table": {
        "borderledger": "returns/index.html",
        "Datasette": "borderledger/returns?_size=500",
        "Observable": "index.html",
    },
    "record": {
        "borderledger": "record/fac-al-gjader/index.html",
        "Datasette": "borderledger/facilities/fac-al-gjader",
    },
}
_SLOWER = 4
#: Microseconds: a paint that takes less, before the text is there, is that of an empty page.
_EMPTY = 150
_QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
)
_TASKS = """window.tasks = []; new PerformanceObserver((list) => tasks.push(...list.getEntries()
  .map((one) => [one.startTime, one.duration]))).observe({ type: "longtask", buffered: true });"""
_PAINT = "performance.getEntriesByName('first-contentful-paint').map((one) => one.startTime)[0] ?? null"


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, weigh and open; print the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.website", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7, help="how often a page is opened")
    parser.add_argument(
        "--times", type=int, default=10, help="how many times the records of today, for the second build"
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="borderledger-site-") as folder:
        site = Path(folder) / "site"
        spent = {1: _build(ROOT, site, 1)}
        if options.times > 1:
            spent[options.times] = _build(_more(options.times, Path(folder)), Path(folder) / "more", options.times)
            shutil.rmtree(Path(folder) / "more")
            print(f"exponent of the build: {exponent(spent)}")
        heavy = _weigh(site)
        _open(site, options.rounds)
    return 1 if heavy else 0


# --- building --------------------------------------------------------------------------------------------------------


def _more(times: int, folder: Path) -> Path:
    """A checkout with so many times the records: the table of returns grows, the other tables stay."""
    rows = {name: sum(1 for _ in bl.open(ROOT).rows(name)) for name in bl.open(ROOT).names}
    records = sum(n for name, n in rows.items() if bl.open(ROOT).schema(name).bound)
    root = scaled(rows["returns"] + (times - 1) * records, folder)
    (root / "docs").mkdir(exist_ok=True)
    for path in ("CHANGELOG.md", "docs/methodology.md"):
        shutil.copy(ROOT / path, root / path)
    return root


def _build(root: Path, out: Path, times: int) -> float:
    """Build a site, print what it took, and return the processor time: other work on the machine disturbs it less."""
    command = [sys.executable, "-m", "website", "build", "--root", str(root), "--out", str(out)]
    run = measure(command, ROOT, 3600)
    if run.code:
        raise SystemExit(f"{' '.join(command)}: exit code {run.code}\n{run.output[-2000:]}")
    files = [path.stat().st_size for path in out.rglob("*") if path.is_file()]
    pages = sum(1 for _ in out.rglob("*.html"))
    print(
        f"build, {times:>2} x the records: {run.seconds:7.1f} s, {run.processor:7.1f} s of processor time, "
        f"{run.megabytes:6.0f} MB of memory, {pages:,} pages, {len(files):,} files of {sum(files) / 1e6:,.0f} MB",
        flush=True,
    )
    return run.processor


# --- weights ---------------------------------------------------------------------------------------------------------


def _weigh(site: Path) -> list[str]:
    """Print the heaviest page of each kind; return the pages that are over their limit."""
    packed: dict[Path, int] = {}

    def weight(file: Path) -> int:
        if file not in packed:
            packed[file] = len(gzip.compress(file.read_bytes(), 9, mtime=0))
        return packed[file]

    kinds: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for file in site.rglob("*.html"):
        needs = re.findall(r'<img\b[^>]*\bsrc="([^"#?]+)"', text := file.read_text(encoding="utf-8"))
        needs += re.findall(r'<link rel="icon" href="([^"#?]+)"', text)
        scripts = re.findall(r'data-root="([^"]*)" data-scripts="([^"]*)"', text)
        needs += [f"{base}assets/{name}" for base, names in scripts for name in (*names.split(" "), "tools.css")]
        path = file.relative_to(site).as_posix()
        loaded = {file, *((file.parent / one).resolve() for one in needs if not one.startswith("data:"))}
        kinds[path.partition("/")[0]].append((sum(map(weight, loaded)), path))
    over = []
    print(f"\n{'kind':<20}{'pages':>8}{'median':>10}{'heaviest':>10}{'limit':>10}")
    for kind, found in sorted(kinds.items()):
        limit = LIMITS.get(kind, LIMITS[""])
        over += [path for size, path in found if size > limit]
        middle = statistics.median(size for size, _ in found)
        print(f"{kind:<20}{len(found):>8,}{middle / 1e3:>7.1f} kB{max(found)[0] / 1e3:>7.1f} kB{limit / 1e3:>7.0f} kB")
    for name in ("search.json", "borderledger.sqlite"):
        print(f"{name} (on demand): {weight(site / name) / 1e3:,.0f} kB")
    for path in over[:20]:
        print(f"over its limit: {path}")
    return over


# --- in a browser ----------------------------------------------------------------------------------------------------


def _open(site: Path, rounds: int) -> None:
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        raise SystemExit("There is no Chromium. On Debian, run apt-get install chromium.")
    commands = {
        "borderledger": _files(site),
        "Datasette": [
            *(python_with("datasette"), "-m", "datasette", "serve", str(site / "borderledger.sqlite")),
            *("--port", "{port}", "--setting", "max_returned_rows", "1000"),
        ],
        "Observable": _files(site_of_observable(_returns())),
    }
    times: dict[tuple[str, str], list[tuple[float, float, float]]] = defaultdict(list)
    with contextlib.ExitStack() as servers, sync_playwright() as playwright:
        addresses = {who: servers.enter_context(_served(command)) for who, command in commands.items()}
        browser = playwright.chromium.launch(executable_path=program, args=[*_QUIET])
        opened = [(name, who) for name, pages in PAGES.items() for who in pages]
        for turn in range(rounds + 1):
            # The page before, as it closes, slows down the next one: so no page may always follow the same one.
            for name, who in random.Random(turn).sample(opened, len(opened)):
                address = addresses[who] + PAGES[name][who]
                measured = (*_times(browser, address), _work(browser, address))
                if turn:  # the first round fills the caches of the servers
                    times[name, who].append(measured)
        browser.close()
    print(f"\n{'page':<12}{'':<14}{'FCP':>8}{'quartiles':>16}{'TBT':>10}{'later in':>12}{'work':>10}   ", end="")
    print(f"(processor {_SLOWER} times slower, median of {rounds}, load {os.getloadavg()[0]:.1f})")
    for name, who in opened:
        found = times[name, who]
        paints, blocked, work = zip(*found, strict=True)
        low, middle, high = statistics.quantiles(paints, method="inclusive") if rounds > 1 else paints * 3
        spread = f"{low:.0f}-{high:.0f} ms"
        ours = [paint for paint, _, _ in times[name, "borderledger"]]
        later = f"{sum(a < b for a, b in zip(ours, paints, strict=True))} of {rounds}" if who != "borderledger" else ""
        print(f"{name:<12}{who:<14}{middle:>5.0f} ms{spread:>16}{statistics.median(blocked):>7.0f} ms", end="")
        print(f"{later:>12}{statistics.median(work):>7.1f} ms")


def _files(folder: Path) -> list[str]:
    """The command that serves a folder."""
    options = ["--bind", "127.0.0.1", "--protocol", "HTTP/1.1", "--directory", str(folder)]
    return [sys.executable, "-m", "http.server", "{port}", *options]


def _returns() -> str:
    """What our chart of returns shows, for a page of Observable Framework."""
    with contextlib.redirect_stderr(io.StringIO()):  # the note
        sums = bl.open(ROOT).totals("returns", by=["year", "from_place", "return_type"])
    return str(sums.to_json(orient="records"))


def _times(browser: Browser, address: str) -> tuple[float, float]:
    """Milliseconds until something is painted, and milliseconds by which tasks after that were longer than 50."""
    with _blank(browser) as page:
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
        page.add_init_script(_TASKS)
        _go(page, address)
        page.wait_for_timeout(1500)  # what scripts do after the page has loaded
        paint = _painted(page)
        tasks = page.evaluate("tasks")
    ends = [(max(start, paint), start + duration) for start, duration in tasks]
    return paint, sum(max(0.0, end - start - 50) for start, end in ends)


def _work(browser: Browser, address: str) -> float:
    """Milliseconds of processor time that the thread of the page takes until it has painted something."""
    with _blank(browser) as page:
        browser.start_tracing(page=page, categories=["toplevel", "blink.user_timing", "devtools.timeline", "loading"])
        _go(page, address)
        page.wait_for_timeout(250)
        _painted(page)
        events = json.loads(browser.stop_tracing())["traceEvents"]
    events.sort(key=lambda event: int(event["ts"]))
    seen = next(event for event in events if event["name"] == "firstContentfulPaint")
    start = max(event["ts"] for event in events if event["name"] == "navigationStart" and event["ts"] < seen["ts"])
    during = [event for event in events if event["pid"] == seen["pid"] and start <= event["ts"] <= seen["ts"]]
    timed = [event for event in during if "tdur" in event]
    paint = next((event for event in timed if event["name"] == "Paint" and event["tdur"] > _EMPTY), seen)
    tasks = [one for one in timed if one["name"] == "ThreadControllerImpl::RunTask" and one["tid"] == paint["tid"]]
    return sum(int(task["tdur"]) for task in tasks if task["ts"] <= paint["ts"]) / 1000


@contextlib.contextmanager
def _blank(browser: Browser) -> Iterator[Page]:
    """An empty page on a small screen, once its processes are there."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    try:
        page = context.new_page()
        page.wait_for_timeout(400)
        yield page
    finally:
        context.close()


def _go(page: Page, address: str) -> None:
    answer = page.goto(address, wait_until="load")
    if not answer or not answer.ok:
        raise SystemExit(f"{address}: no page")


def _painted(page: Page) -> float:
    """When the page was painted; waits for it, because a busy machine may take longer than we guess."""
    for _ in range(200):
        if (paint := page.evaluate(_PAINT)) is not None:
            return float(paint)
        page.wait_for_timeout(50)
    raise SystemExit(f"{page.url} was not painted in ten seconds.")


@contextlib.contextmanager
def _served(command: list[str]) -> Iterator[str]:
    """Run a server on a free port; gives its address."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    filled = [part.format(port=port) if part == "{port}" else part for part in command]
    process = subprocess.Popen(filled, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _answers(process, port)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()


def _answers(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise SystemExit(f"{process.args!r} does not answer on port {port}.")


if __name__ == "__main__":
    sys.exit(main())
