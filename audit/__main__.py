"""python -m audit: read claims again beside their document. Exit code 0: done, 1: something is wrong, 2: cannot run."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

try:
    from borderledger.output.console import run
    from borderledger.output.escape import printable
except ModuleNotFoundError:
    sys.exit("audit: run `make validate` once, then .venv/bin/python -m audit (README, Two commands)")

if TYPE_CHECKING:
    from audit.enter import Entered
    from borderledger.package import Finding

ROOT = Path(__file__).parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    return run("audit", lambda: _run(arguments), "interrupted; the answers that were given are saved")


def _run(arguments: Sequence[str] | None) -> int:
    from borderledger.errors import BorderledgerError

    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except BorderledgerError as error:
        print(printable(f"audit: {error}"), file=sys.stderr)
        return 2
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m audit", description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="folder of datapackage.json (default: this checkout)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    what = "draw claims at random and write a worksheet without their values"
    one = commands.add_parser("draw", help=what, description=what)
    one.set_defaults(run=_draw)
    one.add_argument("--size", type=int, required=True, help="number of claims")
    one.add_argument("--seed", type=int, required=True, help="any number; the same one draws the same claims")
    one.add_argument("--strata", default="", metavar="SHARES", help="default: figures=.5,dates=.35,rest=.15")
    one.add_argument("--name", default="", help="name of the audit (default: VERSION-nSIZE-sSEED)")
    one.add_argument("--part", type=_part, default=(1, 1), metavar="K/N", help="only part K of N, for one reader of N")
    one.add_argument("--out", type=Path, metavar="FILE", help="file to write (default: audit-NAME.csv)")
    what = "fill in a worksheet at the terminal, one question after the other"
    one = commands.add_parser("fill", help=what, description=what)
    one.set_defaults(run=_fill)
    one.add_argument("file", type=Path, metavar="FILE")
    what = "compare a filled worksheet with the dataset, and write the results into data/checks.csv"
    one = commands.add_parser("enter", help=what, description=what)
    one.set_defaults(run=_enter)
    one.add_argument("file", type=Path, metavar="FILE", help="a worksheet, or FILE.settle.csv with results filled in")
    one.add_argument(
        "--checked", type=_day, default=date.today(), metavar="DAY", help="day of reading (default: today)"
    )
    what = "print the rates of an audit: by stratum, table and kind of source, and weighted to the whole"
    one = commands.add_parser("report", help=what, description=what)
    one.set_defaults(run=_report)
    one.add_argument("audit", nargs="?", default="", help="name of the audit (default: the newest)")
    one.add_argument("--format", choices=("text", "markdown", "json"), default="text")
    return parser


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2026-11-29") from None
    if day > date.today():
        raise argparse.ArgumentTypeError(f"{text} is still to come")
    return day


def _part(text: str) -> tuple[int, int]:
    if not re.fullmatch(r"[0-9]{1,4}/[0-9]{1,4}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form 2/6, the second of six parts")
    number, _, parts = text.partition("/")
    return int(number), int(parts)


def _draw(options: argparse.Namespace) -> int:
    from audit.draw import SHARES, draw, parse_shares, part
    from audit.worksheet import drawn_from, worksheet
    from borderledger.dataset import Dataset
    from borderledger.query.checks import entries

    dataset = Dataset(options.root)
    shares = parse_shares(options.strata) if options.strata else SHARES
    drawn = draw(entries(dataset), options.size, options.seed, shares)
    kept = part(drawn, *options.part)
    name = options.name or f"{dataset.data_version}-n{options.size}-s{options.seed}"
    told = " ".join(f"{kind}={share:g}" for kind, share in shares.items())
    text = worksheet(dataset, name, drawn_from(dataset, options.size, options.seed, told), drawn, kept)
    number, parts = options.part
    file = options.out or Path(f"audit-{name}{f'-{number}-of-{parts}' if parts > 1 else ''}.csv")
    if file.exists():
        print(printable(f"audit: {file} exists; it may hold answers. Give another name with --out."), file=sys.stderr)
        return 2
    file.write_text(text, encoding="utf-8", newline="")
    print(printable(f"{file}: {len(kept)} claims of {len({entry.source for entry in kept})} sources"))
    return 0


def _fill(options: argparse.Namespace) -> int:
    from audit.answers import read
    from audit.page import fill
    from borderledger.dataset import Dataset
    from corrections.prompt import Left

    dataset = Dataset(options.root)
    answers, wrong = read(options.file, dataset, complete=False)
    if wrong:
        return _refused(wrong)
    try:
        given = fill(options.file, answers, dataset, input)
    except Left:
        print(printable(f"Your answers are saved in {options.file}. Run the command again to go on."))
        return 1
    print(printable(f"{given} answered. Nothing is left. Next: python -m audit enter {options.file}"))
    return 0


def _enter(options: argparse.Namespace) -> int:
    from audit.answers import read
    from audit.enter import enter, save, settle_file
    from audit.page import settle
    from borderledger.dataset import Dataset
    from corrections.prompt import Left

    file, day = options.file, options.checked.isoformat()
    done = enter(file, options.root, day)
    if done.findings:
        return _refused(done.findings)
    _tell(done)
    if not done.unsettled:
        return 0
    target = settle_file(file)
    left = "1 answer differs" if len(done.unsettled) == 1 else f"{len(done.unsettled)} answers differ"
    if target != file and not target.exists():
        save(target, done.unsettled, Dataset(options.root))
    if not sys.stdin.isatty():
        print(printable(f"{left}. Fill in result and reason in {target}, then: python -m audit enter {target}"))
        return 1
    print(printable(f"{left} from what was entered. Each is saved in {target} as you settle it."))
    try:
        dataset = Dataset(options.root)
        answers, wrong = read(target, dataset)
        if wrong:
            return _refused(wrong)
        settle(target, answers, dataset, input)
    except Left:
        print(printable(f"What you settled is saved. Go on with: python -m audit enter {target}"))
        return 1
    done = enter(target, options.root, day)
    if done.findings:
        return _refused(done.findings)
    _tell(done)
    return 0


def _report(options: argparse.Namespace) -> int:
    from audit.report import FORMATS
    from borderledger.dataset import Dataset
    from borderledger.errors import nearest
    from borderledger.query.checks import audits, together

    dataset = Dataset(options.root)
    found = audits(dataset)
    if not found:
        print("audit: data/checks.csv holds no result yet. `python -m audit draw` begins an audit.", file=sys.stderr)
        return 1
    wanted = options.audit
    kept = [audit for audit in found if audit.name == wanted] if wanted else [one] if (one := together(dataset)) else []
    if not kept:
        print(
            printable(f"audit: there is no audit {wanted!r}. {nearest(wanted, [a.name for a in found])}"),
            file=sys.stderr,
        )
        return 2
    sys.stdout.write(FORMATS[options.format](kept))
    return 0


def _tell(done: Entered) -> None:
    """Print what became of a worksheet."""
    for name, count in done.results:
        if count:
            print(f"{name:<10}{count:>6}")
    if done.there:
        print(f"{done.there} entered before")
    if done.proposals:
        print(
            f"{len(done.proposals)} proposals in corrections/pending give confirmed claims the places that were found"
        )
    for draft in done.drafts:
        print(printable(f"draft of a correction: {draft}"))
    for record in done.by_hand:
        print(printable(f"write the correction with: python -m corrections new {record}"))


def _refused(findings: Sequence[Finding]) -> int:
    from validate.report import Report

    sys.stdout.write(Report(tuple(findings), ()).text())
    print("Nothing was changed.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
