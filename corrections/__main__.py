"""python -m corrections: write, check and apply corrections. Exit code 0: done, 1: something is wrong, 2: cannot run.

No command needs a network or an account; `new --fetch` uses one. You can also send the file of a correction by e-mail.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

try:
    from borderledger.output.console import run
    from borderledger.output.escape import printable
except ModuleNotFoundError:
    sys.exit("corrections: run `make validate` once, then .venv/bin/python -m corrections (README, Two commands)")

ROOT = Path(__file__).parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    return run("corrections", lambda: _run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    options = _parser().parse_args(arguments)
    code: int = options.run(options)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m corrections", description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="folder of datapackage.json (default: this checkout)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, what: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=what, description=what)
        made.set_defaults(run=run)
        return made

    one = command("new", _new, "answer questions to write the file of a correction")
    one.add_argument("words", nargs="*", help="words to search for the record that is wrong")
    one.add_argument("--out", type=Path, help="name of the file (default: correction-RECORD.yml)")
    one.add_argument("--fetch", action="store_true", help="ask the address of a new source for its title and its day")
    one = command("check", _check, "show what is wrong with some corrections, or what they would change")
    one.add_argument("files", nargs="+", type=Path, metavar="FILE")
    one = command("propose", _propose, "check some corrections and put them into corrections/pending, all or none")
    one.add_argument("files", nargs="+", type=Path, metavar="FILE")
    one = command("apply", _apply, "carry out the proposals in corrections/pending, or some files, all or none")
    one.add_argument("files", nargs="*", type=Path, metavar="FILE", help="files instead of the proposals")
    one.add_argument("--leave-failing", action="store_true", help="leave proposals that cannot be carried out")
    one = command("from-edit", _from_edit, "turn tables that somebody edited into proposals, and put the tables back")
    one.add_argument(
        "--from", dest="given", type=Path, metavar="PATH", help="a folder, or a .csv or .xlsx of one table"
    )
    one = command("from-issue", _from_issue, "turn a report made with a form on GitHub into a correction or an answer")
    one.add_argument("file", type=Path, metavar="FILE.json", help="the issue as GitHub sends it")
    one.add_argument("--out", type=Path, help="folder for the correction and the answer (default: print them)")
    one = command("explain", _explain, "show where a value is, and how to change it by hand")
    one.add_argument("record")
    one.add_argument("field", nargs="?", default="")
    one = command("find", _find, "find records and sources by words")
    one.add_argument("words", nargs="+")
    one = command("review", _review, "show what a change does to the dataset, as a comment on a pull request")
    one.add_argument("old", help="the version before: a folder, a release or a commit")
    one.add_argument("new", nargs="?", default=".", help="the version after (default: this checkout)")
    return parser


def _new(options: argparse.Namespace) -> int:
    from corrections.dialogue import ask

    return ask(options.root, " ".join(options.words), options.out, ask_sites=options.fetch)


def _check(options: argparse.Namespace) -> int:
    from corrections.outcome import run_check

    return run_check(options.files, options.root)


def _propose(options: argparse.Namespace) -> int:
    from corrections.outcome import run_propose

    return run_propose(options.files, options.root)


def _apply(options: argparse.Namespace) -> int:
    from corrections.outcome import run_apply

    return run_apply(options.files, options.root, leave_failing=options.leave_failing)


def _from_edit(options: argparse.Namespace) -> int:
    from corrections.from_edit import from_edit

    return from_edit(options.root, options.given)


def _from_issue(options: argparse.Namespace) -> int:
    from corrections.issue import from_issue

    return from_issue(options.file, options.out, options.root)


def _explain(options: argparse.Namespace) -> int:
    from borderledger.dataset import Dataset
    from borderledger.errors import BorderledgerError, nearest
    from borderledger.package import Package
    from corrections.explain import explain

    try:
        dataset = Dataset(options.root)
        sources = {row["id"] for row in dataset.rows("sources")}
        of_source = options.record in sources
        table = dataset.schema("sources") if of_source else dataset.record(options.record)[0]
    except BorderledgerError as error:
        return _failed(error, 2)
    if options.field and options.field not in table.by_name:
        return _failed(f"{table.name} has no field {options.field!r}. {nearest(options.field, table.names)}", 2)
    for line in explain(Package.read(options.root), options.record, options.field):
        print(printable(line))
    return 0


def _find(options: argparse.Namespace) -> int:
    from borderledger.dataset import Dataset
    from corrections.find import find

    dataset = Dataset(options.root)
    found = find(dataset, " ".join(options.words)) + find(dataset, " ".join(options.words), ("sources",))
    for one in found[:_MOST]:
        print(printable(f"{one.id}  {one.title}"))
    if len(found) > _MOST:
        print(f"and {len(found) - _MOST} more. Add a word to see fewer.")
    return 0 if found else _failed("no record or source holds all of these words; try fewer words, or other ones", 1)


_MOST = 20


def _review(options: argparse.Namespace) -> int:
    from corrections.review import review

    return review(options.old, options.new, options.root)


def _failed(why: object, code: int) -> int:
    print(printable(f"corrections: {why}"), file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
