"""python -m audit: read claims again beside their document. Exit code 0: done, 1: something is wrong, 2: cannot run."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

try:
    from borderledger.output.console import run
    from borderledger.output.escape import printable
except ModuleNotFoundError:
    sys.exit("audit: run `make validate` once, then .venv/bin/python -m audit (README, Two commands)")

ROOT = Path(__file__).parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    return run("audit", lambda: _run(arguments))


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
    one.add_argument("--name", default="", help="name of the audit (default: of version, size and seed)")
    one.add_argument("--part", type=_part, default=(1, 1), metavar="K/N", help="only part K of N, for one reader of N")
    one.add_argument("--out", type=Path, metavar="FILE", help="file to write (default: audit-NAME.csv)")
    return parser


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


if __name__ == "__main__":
    sys.exit(main())
