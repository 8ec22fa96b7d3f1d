"""python -m validate [PATH]: check a data package. Exit code 0 clean, 1 findings, 2 cannot check or write anything."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

from borderledger.output.console import reason, run
from borderledger.output.escape import printable
from borderledger.package.files import PENDING
from validate.changed import NoCommit
from validate.engines import ENGINES, NoEngine
from validate.report import FORMATS, Report


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    return run("validate", lambda: _run(arguments))


def _run(arguments: list[str] | None) -> int:
    parser = argparse.ArgumentParser(prog="python -m validate", description=__doc__)
    parser.add_argument("path", nargs="?", default=".", type=Path, help="folder of datapackage.json (default: here)")
    parser.add_argument("--format", choices=FORMATS, default="text", help="how findings are printed")
    parser.add_argument(
        "--fix",
        action="store_true",
        help="put the files in canonical form first, and undo what a spreadsheet did to them; changes no meaning",
    )
    parser.add_argument(
        "--seal", nargs="+", metavar="SOURCE", help="enter new control totals for what you changed on purpose"
    )
    parser.add_argument(
        "--stale",
        nargs="?",
        const=18,
        type=_months,
        metavar="MONTHS",
        help="instead of findings, list each status that no source has shown for so long (default: 18)",
    )
    parser.add_argument("--engine", choices=ENGINES, default="polars", help="what runs the rules (default: polars)")
    parser.add_argument("--master", default="", help="with --engine spark: the cluster, for instance spark://host:7077")
    parser.add_argument(
        "--changed-since",
        default="",
        metavar="COMMIT",
        help="check again only what a change since this commit, which had no findings, can make wrong",
    )
    options = parser.parse_args(arguments)

    if options.stale:
        return _stale(options.path, options.stale)
    from validate.engine import check
    from validate.fix import fix, seal

    log = sys.stderr
    try:
        if options.fix:
            for line in fix(options.path):
                print(printable(line), file=log)
        if options.seal:
            for line in seal(options.path, options.seal) or ["control totals: nothing to change"]:
                print(printable(line), file=log)
    except ValueError as error:
        print(printable(f"not sealed: {error}"), file=log)
        return 1
    except OSError as error:
        print(printable(f"not written: {reason(error)}"), file=log)
        return 2
    try:
        report = check(options.path, engine=options.engine, master=options.master, changed_since=options.changed_since)
    except (NoEngine, NoCommit) as error:
        print(f"not checked: {error}", file=log)
        return 2
    report = _with_proposals(report, options.path)
    color = options.format == "text" and sys.stdout.isatty() and "NO_COLOR" not in os.environ
    sys.stdout.write(report.text(color=True) if color else FORMATS[options.format](report))
    return report.exit_code


def _months(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 1200:
        raise argparse.ArgumentTypeError(f"{text} is no number of months from 1 to 1200")
    return int(text)


def _stale(root: Path, months: int) -> int:
    """Print the list of old statuses; returns the exit code."""
    from borderledger.package import Package
    from validate.stale import listed, stale

    package = Package.read(root)
    if package.problems:
        print(printable(f"not listed: {package.problems[0]}"), file=sys.stderr)
        return 2
    for line in listed(stale(package, date.today(), months), months):
        print(line)
    return 0


def _with_proposals(report: Report, root: Path) -> Report:
    """The report, and what is wrong with the corrections that wait in the checkout."""
    if not os.path.lexists(root / PENDING):
        return report
    from corrections.pending import findings, pending

    if report.ok:
        return replace(report, findings=tuple(findings(root)))
    if pending(root)[0]:
        print("The proposals are not checked until the tables have no findings.", file=sys.stderr)
    return report


if __name__ == "__main__":
    sys.exit(main())
