"""Compare versions of the dataset, build releases, and verify them.

A version is a checkout, a release folder, a csv.zip, or a branch, tag or commit. `previous` is the last release before
this checkout that release/manifests knows of; before the first, nothing.

exit codes: 0 done, verified, or nothing to say; 1 findings, refusals or differences; 2 cannot be done
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

try:
    from borderledger.output.console import run
except ModuleNotFoundError:
    sys.exit("release: run `make validate` once, then .venv/bin/python -m release (README, Two commands)")

ROOT = Path(__file__).parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    return run("release", lambda: _run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    summary, _, codes = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(prog="python -m release", description=summary, epilog=codes)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    build = commands.add_parser("build", help="validate, then write the release of this checkout in every format")
    build.add_argument("--out", type=Path, default=Path("dist"), help="the folder to write it below (default: dist)")
    build.add_argument("--overwrite", action="store_true", help="replace the release if it is there")
    build.add_argument("--previous", metavar="VERSION", help="the release before this one, for the notes")
    build.add_argument("--record", action="store_true", help="also keep its manifest in release/manifests")
    build.set_defaults(run=_build)

    verify = commands.add_parser("verify", help="is this what was released? says which file and which row is not")
    verify.add_argument("path", type=Path, help="a release folder, a csv.zip, or the folder it was unpacked to")
    verify.add_argument(
        "--manifest", type=Path, metavar="FILE", help="the manifest to trust (default: the one in release/manifests)"
    )
    verify.set_defaults(run=_verify)

    diff = commands.add_parser("diff", help="what changed between two versions, with the sources of each value")
    diff.add_argument("old", metavar="OLD", help="a version")
    diff.add_argument("new", metavar="NEW", nargs="?", default=str(ROOT), help="a version (default: this checkout)")
    diff.add_argument("--format", choices=("text", "markdown", "json", "html"), default="text")
    diff.set_defaults(run=_diff)

    check = commands.add_parser("check", help="may this checkout be released? if not, it says why and what to do")
    check.add_argument("--against", metavar="VERSION", required=True, help="the release before this one")
    check.add_argument("--rows", action="store_true", help="print the rows that data/corrections.csv lacks instead")
    check.add_argument("--format", choices=("text", "github"), default="text", help="github: annotations")
    check.set_defaults(run=_check)

    options = parser.parse_args(arguments)
    code: int = options.run(options)
    return code


def _build(options: argparse.Namespace) -> int:
    from borderledger.errors import BorderledgerError
    from release.build import Findings, NotBuilt, build, record
    from release.versions import opened

    try:
        before = _before(options.previous)
        with opened(before, ROOT) if before else nullcontext() as version, _progress() as step:
            previous = version.dataset if version else None
            folder = build(ROOT, options.out, overwrite=options.overwrite, previous=previous, step=step)
        print(_printable(folder))
        if options.record:
            print(_printable(record(ROOT, folder)))
    except Findings as error:
        sys.stdout.write(error.report.text())
        return _failed(error, error.report.exit_code)
    except (NotBuilt, BorderledgerError) as error:
        return _failed(error, 2)
    return 0


def _before(version: str | None) -> str | None:
    """What names the release before this checkout: the version as it is, or what `previous` stands for."""
    if version != "previous":
        return version
    from borderledger.package import version_order
    from release.manifest import MANIFESTS, recorded
    from release.versions import released

    now = version_order(json.loads((ROOT / "datapackage.json").read_bytes())["version"])
    before = [known for known in recorded(ROOT / MANIFESTS) if version_order(known) < now]
    return released(before[-1], ROOT) if before else None


def _diff(options: argparse.Namespace) -> int:
    from borderledger.errors import BorderledgerError
    from release.report.formats import run_diff

    try:
        old = _before(options.old)
    except BorderledgerError as error:
        return _failed(error, 2)
    if old is None:
        return _failed("there is no release before this checkout", 2)
    return run_diff(old, options.new, form=options.format, repository=ROOT)


def _check(options: argparse.Namespace) -> int:
    from borderledger.errors import BorderledgerError
    from release.gate import run_check

    try:
        against = _before(options.against)
    except BorderledgerError as error:
        return _failed(error, 2)
    return run_check(against, ROOT, form=options.format, rows=options.rows, repository=ROOT)


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """What shows the steps of a build to a person at a terminal; anywhere else, nothing does."""
    if not sys.stderr.isatty():
        yield lambda name: None
        return
    try:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
    except ImportError:
        yield lambda name: None
        return
    from release.build import STEPS

    columns = BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=len(STEPS))
        yield lambda name: shown.update(task, completed=STEPS.index(name), description=name)


def _verify(options: argparse.Namespace) -> int:
    from release.manifest import MANIFESTS
    from release.verify import CannotVerify, verify

    try:
        found = verify(options.path, options.manifest, ROOT / MANIFESTS)
    except CannotVerify as error:
        return _failed(error, 2)
    for difference in found.differences:
        print(_printable(difference))
    count = len(found.differences)
    result = "verified" if found.ok else f"{count} difference{'s' if count > 1 else ''}"
    print(_printable(f"{options.path}: {result}, against {' and '.join(found.against)}"))
    return 0 if found.ok else 1


def _failed(why: object, code: int) -> int:
    print(f"release: {_printable(why)}", file=sys.stderr)
    return code


def _printable(content: object) -> str:
    """Keep control characters of file names and data from the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\u{ord(c):04x}" for c in str(content))


if __name__ == "__main__":
    sys.exit(main())
