"""python -m links: do the links of the sources still live, and where is an archived copy?

A run that was stopped goes on where it was. Exit code 0: fine, 1: a link died, or a proposal was refused, 2: cannot
run, for instance because there is no network.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

try:
    from borderledger.dataset import Dataset
    from borderledger.errors import BorderledgerError, nearest
    from borderledger.output import console
    from borderledger.output.escape import printable
except ModuleNotFoundError:
    sys.exit("links: run `make validate` once, then .venv/bin/python -m links (README, Two commands)")
if lacking := [name for name in ("httpx", "protego", "rich") if importlib.util.find_spec(name) is None]:
    sys.exit(f"links: {', '.join(lacking)} cannot be found. Install it: pip install {' '.join(lacking)}")

from links import propose
from links.archive import Services
from links.check import Settings, check, links_of
from links.client import Limits
from links.found import Seen
from links.memory import FOLDER, Journal
from links.network import PROBES, NoNetwork
from links.progress import progress
from links.report import FORMATS, Report

__all__ = ["main"]

_ROOT = Path(__file__).parents[1]


def main(arguments: Sequence[str] | None = None, *, today: date | None = None) -> int:
    """Run the command line; returns the exit code."""
    stopped = "interrupted; what was found is kept, and the next run goes on"
    return console.run("links", lambda: _run(arguments, today or date.today()), stopped)


def _run(arguments: Sequence[str] | None, today: date) -> int:
    options = _parser().parse_args(arguments)
    try:
        dataset = Dataset(options.root)
        known = [row["id"] for row in dataset.rows("sources")]
        if unknown := next((one for one in options.sources if one not in known), ""):
            return _failed(f"there is no source {unknown!r}. {nearest(unknown, known)}")
        code: int = options.run(options, dataset, today)
        return code
    except NoNetwork as error:
        return _failed(f"{error} No link counts as dead for that. Connect, and run the command again.")
    except BorderledgerError as error:
        return _failed(error)


def _failed(why: object) -> int:
    print(printable(f"links: {why}"), file=sys.stderr)
    return 2


# --- what a person can say -------------------------------------------------------------------------------------------

#: Where archives are asked, with what each address is.
_SERVICES = {
    "cdx": "index of the Wayback Machine",
    "replay": "what stands before the day and the address of a copy there",
    "timemap": "what stands before an address in a request for a TimeMap",
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m links", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", type=Path, default=_ROOT, help="folder of datapackage.json (default: this checkout)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    one = commands.add_parser("check", help="ask every link; say what moved, what is gone, and which title changed")
    one.set_defaults(run=_check)
    one.add_argument("sources", nargs="*", metavar="SOURCE", help="only these sources (default: all)")
    one.add_argument("--format", choices=FORMATS, default="text")
    one.add_argument("--fresh", action="store_true", help="begin anew, even if a run was stopped")
    one.add_argument("--at-once", type=_count, default=24, metavar="N", help="links asked at a time (default: 24)")
    _manners(one, Limits())

    one = commands.add_parser("archive", help="look for archived copies, and propose them as corrections")
    one.set_defaults(run=_archive)
    one.add_argument("sources", nargs="*", metavar="SOURCE", help="only these sources (default: all without a copy)")
    one.add_argument("--batch", type=_count, default=50, metavar="N", help="most proposals of one run (default: 50)")
    one.add_argument("--again", action="store_true", help="ask again for sources of which archives had no copy")
    usual = Services("")
    near = f"ask no other archive if the Wayback Machine has a copy this near (default: {usual.near})"
    one.add_argument("--near", type=_count, default=usual.near, metavar="DAYS", help=near)
    for name, what in _SERVICES.items():
        address = getattr(usual, name)
        one.add_argument(f"--{name}", default=address, metavar="URL", help=f"{what} (default: {address})")
    _manners(one, usual.limits)
    return parser


def _manners(parser: argparse.ArgumentParser, usual: Limits) -> None:
    """The options that say how sites are asked."""
    probes = f"site that shows that there is a network; can be repeated (default: {' and '.join(PROBES)})"
    parser.add_argument(
        "--memory", type=Path, help=f"folder for what was found (default: {FOLDER} in the folder --root)"
    )
    parser.add_argument(
        "--pause",
        type=_seconds,
        default=usual.pause,
        metavar="SECONDS",
        help=f"between two requests to a site (default: {usual.pause:g})",
    )
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=usual.step,
        metavar="SECONDS",
        help=f"to connect, and between two pieces (default: {usual.step:g})",
    )
    parser.add_argument("--probe", action="append", metavar="URL", help=probes)
    parser.add_argument("--contact", default=_contact(), metavar="TEXT", help="how a site can reach the one who asks")
    parser.set_defaults(limits=usual)


def _count(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError
    return number


def _seconds(text: str) -> float:
    if not 0 <= (number := float(text)) <= 3600:
        raise ValueError
    return number


_count.__name__, _seconds.__name__ = "number from 1", "number of seconds"  # for the messages of argparse


def _contact() -> str:
    """In a workflow, the repository."""
    server, name = os.environ.get("GITHUB_SERVER_URL"), os.environ.get("GITHUB_REPOSITORY")
    return f"{server}/{name}" if server and name else ""


# --- commands --------------------------------------------------------------------------------------------------------


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
    settings = Settings(_agent(options), _limits(options), options.probe or PROBES, options.at_once)
    with progress("links", len(done), len(links)) as step:

        def keep(seen: Seen) -> None:
            found.append(seen)
            journal.add(seen)
            step()

        asyncio.run(check(left, journal.before, today.isoformat(), settings, keep))
    journal.complete({(seen.source, seen.field): seen for seen in found})
    report = Report(today.isoformat(), links, found)
    sys.stdout.write(FORMATS[options.format](report))
    return report.exit_code


def _archive(options: argparse.Namespace, dataset: Dataset, today: date) -> int:
    urls = {name: getattr(options, name) for name in _SERVICES}
    services = Services(_agent(options), _limits(options), options.probe or PROBES, near=options.near, **urls)
    some, memory = options.sources, _memory(options)
    return propose.run(
        dataset, options.root, memory, services, today, only=some, batch=options.batch, again=options.again
    )


def _limits(options: argparse.Namespace) -> Limits:
    usual: Limits = options.limits
    whole = usual.whole * options.timeout / usual.step
    return replace(usual, pause=options.pause, step=options.timeout, whole=whole)


def _agent(options: argparse.Namespace) -> str:
    return f"borderledger-links ({options.contact})" if options.contact else "borderledger-links"


def _memory(options: argparse.Namespace) -> Path:
    folder: Path = options.memory or options.root / FOLDER
    return folder


if __name__ == "__main__":
    sys.exit(main())
