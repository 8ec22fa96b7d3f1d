"""python -m links: do the links of the sources still live, and where is an archived copy?

Exit code of check: 0 fine, 1 a link died, 2 cannot run (no network). Of archive: 0 done, 1 a proposal was refused, 2
cannot run. A run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

try:
    from borderledger.dataset import Dataset
    from borderledger.errors import BorderledgerError, nearest
    from borderledger.output.console import run
    from borderledger.output.escape import printable
except ModuleNotFoundError:
    sys.exit("links: run `make validate` once, then .venv/bin/python -m links (README, Two commands)")
try:
    import httpx as _httpx  # noqa: F401
    import protego as _protego  # noqa: F401
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
except ModuleNotFoundError as error:
    sys.exit(
        f"links: {error.name} is not installed. `make validate` installs it, or: pip install 'borderledger[links]'"
    )
from rich.console import Console

from links.check import Settings, check, links_of
from links.client import Limits
from links.found import Seen
from links.memory import FOLDER, Journal
from links.network import PROBES, NoNetwork
from links.report import FORMATS, Report

__all__ = ["main"]

_ROOT = Path(__file__).parents[1]


def main(arguments: Sequence[str] | None = None, *, today: date | None = None) -> int:
    """Run the command line; returns the exit code."""
    stopped = "interrupted; what was found is kept, and the next run goes on"
    return run("links", lambda: _run(arguments, today or date.today()), stopped)


def _run(arguments: Sequence[str] | None, today: date) -> int:
    options = _parser().parse_args(arguments)
    try:
        dataset = Dataset(options.root)
        known = [row["id"] for row in dataset.rows("sources")]
        for source in options.sources:
            if source not in known:
                return _failed(f"there is no source {source!r}. {nearest(source, known)}")
        code: int = options.run(options, dataset, today)
        return code
    except NoNetwork as error:
        return _failed(f"{error} No link counts as dead for that. Connect, and run the command again.")
    except BorderledgerError as error:
        return _failed(error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m links", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", type=Path, default=_ROOT, help="folder of datapackage.json (default: this checkout)")
    parser.add_argument("--memory", type=Path, help=f"folder for what is found (default: {FOLDER} in that folder)")
    parser.add_argument(
        "--probe",
        action="append",
        metavar="URL",
        help=f"sites that show that there is a network, in place of {' and '.join(PROBES)}",
    )
    parser.add_argument(
        "--pause", type=float, default=1, metavar="SECONDS", help="between two requests to a site (default: 1)"
    )
    parser.add_argument(
        "--timeout", type=float, default=20, metavar="SECONDS", help="to connect, and between two pieces (default: 20)"
    )
    parser.add_argument(
        "--contact", default=_contact(), metavar="TEXT", help="address that sites see as the one who asks"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    one = commands.add_parser("check", help="ask every link; say what moved, what is gone, and which title changed")
    one.set_defaults(run=_check)
    one.add_argument("sources", nargs="*", metavar="SOURCE", help="only these sources (default: all)")
    one.add_argument("--format", choices=FORMATS, default="text")
    one.add_argument("--fresh", action="store_true", help="begin anew, even if a run was stopped")
    one.add_argument(
        "--at-once", type=int, default=24, metavar="N", help="links that are asked at the same time (default: 24)"
    )
    return parser


def _contact() -> str:
    """Where to complain: in a workflow, the repository."""
    server, name = os.environ.get("GITHUB_SERVER_URL"), os.environ.get("GITHUB_REPOSITORY")
    return f"{server}/{name}" if server and name else ""


def _check(options: argparse.Namespace, dataset: Dataset, today: date) -> int:
    links = list(links_of(dataset, options.sources))
    journal = Journal(_memory(options), fresh=options.fresh, some=bool(options.sources))
    urls = {(link.source, link.field): link.url for link in links}
    done = {key: seen for key, seen in journal.done.items() if urls.get(key) == seen.url}
    if done:
        first = min(seen.day for seen in done.values())
        print(f"Going on with the check of {first}: {len(done):,} of {len(links):,} links are done.", file=sys.stderr)
    left = [link for link in links if (link.source, link.field) not in done]
    found = [*done.values()]

    with _progress("links", len(done), len(links)) as step:

        def keep(seen: Seen) -> None:
            found.append(seen)
            journal.add(seen)
            step()

        asyncio.run(check(left, journal.before, today.isoformat(), _settings(options), keep))
    journal.complete({(seen.source, seen.field): seen for seen in found})
    report = Report(today.isoformat(), links, found)
    sys.stdout.write(FORMATS[options.format](report))
    return report.exit_code


def _settings(options: argparse.Namespace) -> Settings:
    return Settings(_agent(options), _limits(options), options.probe or PROBES, options.at_once)


def _limits(options: argparse.Namespace) -> Limits:
    return Limits(pause=options.pause, step=options.timeout, whole=3 * options.timeout)


def _agent(options: argparse.Namespace) -> str:
    return f"borderledger-links ({options.contact})" if options.contact else "borderledger-links"


def _memory(options: argparse.Namespace) -> Path:
    folder: Path = options.memory or options.root / FOLDER
    return folder


@contextmanager
def _progress(what: str, done: int, of: int) -> Iterator[Callable[[], None]]:
    """A bar on the terminal; nothing where nobody looks at one."""
    columns = TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=of, completed=done)
        yield lambda: bar.advance(task)


def _failed(why: object) -> int:
    print(printable(f"links: {why}"), file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
