"""borderledger on the command line: look facts up, with their evidence, offline.

exit codes: 0 done; 1 diff found differences; 2 the request cannot be met (unknown name, bad value), or a file or the
output cannot be written; 3 the data cannot be read, or a library that is needed is not installed
"""

# PYTHON_ARGCOMPLETE_OK: a shell in which argcomplete is switched on for all commands looks for this word.

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from borderledger.errors import BadArgument, BorderledgerError, CorruptPackage, MissingExtra
from borderledger.output.console import run
from borderledger.output.escape import printable

if TYPE_CHECKING:
    from borderledger.dataset import Dataset
    from borderledger.query.columns import Column

__all__ = ["main"]

#: Rows that a terminal is shown when the user names no limit.
SHOWN = 50


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    return run("borderledger", lambda: _run(arguments), "interrupted")


def _run(arguments: Sequence[str] | None) -> int:
    parser = _parser()
    if "_ARGCOMPLETE" in os.environ:
        return _complete(parser)
    options = parser.parse_args(arguments)
    try:
        code: int = options.run(options)
        return code
    except BorderledgerError as error:
        print(f"borderledger: {printable(str(error))}", file=sys.stderr)
        return 3 if isinstance(error, CorruptPackage | MissingExtra) else 2


def _parser() -> argparse.ArgumentParser:
    summary, _, codes = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(prog="borderledger", description=summary, epilog=codes)
    parser.add_argument("--version", action="store_true", help="print the version of the data, and of this program")
    parser.add_argument("--data", metavar="PATH", help="another version: a checkout, a release folder or a csv.zip")
    parser.set_defaults(run=_version)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    _table_command(commands, "tables", "the tables and views", _tables)

    search = _table_command(commands, "search", "records and sources that hold all of some words, best first", _search)
    search.add_argument("words", nargs="+", metavar="WORD", help="for instance: deported pakistan")

    describe = _table_command(commands, "describe", "what the columns of a table or view mean", _describe)
    describe.add_argument("table")

    show = commands.add_parser("show", help="one record: its values, their evidence, its links and corrections")
    show.add_argument("record", help="for instance prj-ba-iom-return-pilot-2022")
    show.add_argument("--format", choices=("text", "json"), default="text")
    show.set_defaults(run=_show)

    load = _table_command(commands, "load", "the rows of a table or view", _load)
    load.add_argument("table")
    load.add_argument(
        "--where", action="append", default=[], metavar="CONDITION", help="to_place=AL, quantity>=100; may be repeated"
    )
    load.add_argument("--as-of", metavar="DAY", help="only what was so on this day (YYYY-MM-DD, or today)")
    load.add_argument("--columns", metavar="A,B", help="only these columns")
    load.add_argument("--grade", metavar="GRADE", help="only this evidence grade or better (A,B: exactly these)")
    load.add_argument(
        "--labels", action="store_true", help="add the names of places, bodies and sources to their codes"
    )
    load.add_argument("--explode", metavar="COLUMN", help="one row for each item of a list column")

    totals = _table_command(
        commands, "totals", "sums in which nothing is counted twice, of returns or projects", _totals
    )
    totals.add_argument("table")
    totals.add_argument("--by", required=True, metavar="A,B", help="columns to group by, such as year,to_place")
    totals.add_argument("--where", action="append", default=[], metavar="CONDITION", help="as of load; may be repeated")
    totals.add_argument("--mixed", action="store_true", help="exactly the lines of --by; refused where one would mix")
    totals.add_argument("--left-out", action="store_true", help="the rows that are not in the sums, and why")

    evidence = _table_command(commands, "evidence", "what sources state about a record, and where", _evidence)
    evidence.add_argument("record")
    evidence.add_argument("field", nargs="?")

    disputes = _table_command(commands, "disputes", "the fields that sources contradict", _disputes)
    disputes.add_argument("table", nargs="?")

    history = _table_command(commands, "history", "what was changed in a record, when, why and on whose word", _history)
    history.add_argument("record")

    cite = commands.add_parser("cite", help="how to cite the dataset, a table, a record with its sources, or a source")
    cite.add_argument("what", nargs="?")
    cite.add_argument("--style", default="apa", help="apa (default), bibtex, csl-json or ris")
    cite.set_defaults(run=_cite)

    export = commands.add_parser("export", help="write all tables to files, or one as a sheet to correct")
    export.add_argument("--format", required=True, help="csv, parquet, sqlite, xlsx or correction-sheet")
    export.add_argument("--table", help="of a correction-sheet: the table (default: the name of OUT)")
    export.add_argument("--where", action="append", metavar="CONDITION", help="of a correction-sheet: which records")
    export.add_argument("--overwrite", action="store_true", help="replace OUT if it is there")
    export.add_argument("out", type=Path, metavar="OUT", help="a file; of csv and parquet, a folder")
    export.set_defaults(run=_export)

    diff = _table_command(commands, "diff", "what changed between two versions", _diff)
    diff.add_argument("old", help="a checkout, a release folder or a csv.zip")
    diff.add_argument("new", nargs="?", help="the same; default: the version installed (or of --data)")
    return parser


def _table_command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, summary: str, run: object
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=summary)
    command.add_argument(
        "--format",
        choices=("table", "csv", "json", "md"),
        help="default: a table in a terminal, CSV when piped or written to a file",
    )
    command.add_argument(
        "--limit", type=int, metavar="N", help=f"rows shown (default: {SHOWN} in a terminal, else all)"
    )
    command.set_defaults(run=run)
    return command


# --- completion ------------------------------------------------------------------------------------------------------


def _complete(parser: argparse.ArgumentParser) -> int:
    """Answer a shell that asks what can come next, and exit; without argcomplete, nothing can be said."""
    try:
        import argcomplete
    except ImportError:
        return 1
    of_name: dict[str, Callable[..., list[str]]] = {
        **{"table": _table_names, "record": _ids, "what": _ids, "columns": _column_names, "by": _column_names},
        **{"explode": _column_names, "grade": _grades, "style": lambda **_: ["apa", "bibtex", "csl-json", "ris"]},
    }
    for command in parser._subparsers._group_actions[0].choices.values():  # type: ignore[union-attr]
        for action in command._actions:
            if action.dest in of_name:
                action.completer = of_name[action.dest]
    argcomplete.autocomplete(parser)
    return 1


def _table_names(parsed_args: argparse.Namespace, **_: object) -> list[str]:
    from borderledger.query.views import views

    dataset = _dataset(parsed_args)
    return [*dataset.names, *(view.name for view in views(dataset))]


def _ids(prefix: str, parsed_args: argparse.Namespace, **_: object) -> list[str]:
    dataset = _dataset(parsed_args)
    with_ids = (name for name in dataset.names if dataset.schema(name).bound or name == "sources")
    return [row[0] for name in with_ids for row in dataset.cells(name) if row[0].startswith(prefix)]


def _column_names(prefix: str, parsed_args: argparse.Namespace, **_: object) -> list[str]:
    from borderledger.query.describe import describe

    before = prefix[: prefix.rfind(",") + 1]
    return [f"{before}{name}" for name in describe(_dataset(parsed_args), parsed_args.table)[0].values]


def _grades(**_: object) -> list[str]:
    from borderledger.query.grades import GRADES

    return list(GRADES)


# --- commands --------------------------------------------------------------------------------------------------------


def _dataset(options: argparse.Namespace) -> Dataset:
    from borderledger.dataset import embedded
    from borderledger.dataset import open as open_dataset

    return open_dataset(options.data) if options.data else embedded()


def _version(options: argparse.Namespace) -> int:
    if not options.version:
        _parser().print_help()
        return 2
    print(_dataset(options).data_version)
    return 0


def _tables(options: argparse.Namespace) -> int:
    from borderledger.query.describe import tables

    return _print(options, tables(_dataset(options)))


def _search(options: argparse.Namespace) -> int:
    from borderledger.query.search import search

    found = search(_dataset(options), " ".join(options.words))
    if not found[0].values:
        print("Nothing holds all of these words. Try fewer.", file=sys.stderr)
    return _print(options, found)


def _describe(options: argparse.Namespace) -> int:
    from borderledger.query.describe import describe

    return _print(options, describe(_dataset(options), options.table))


def _load(options: argparse.Namespace) -> int:
    from borderledger.query.load import load

    grade = options.grade.split(",") if options.grade and "," in options.grade else options.grade
    named = options.columns.split(",") if options.columns else None
    found, unknown = load(
        _dataset(options),
        options.table,
        as_of=options.as_of,
        columns=named,
        grade=grade,
        explode=options.explode,
        where=options.where,
        labels=options.labels,
    )
    if unknown:
        rows = "1 row" if unknown == 1 else f"{unknown} rows"
        print(f"{rows} left out: the dates leave open whether they belong to that day", file=sys.stderr)
    return _print(options, found, narrow=named is None)


def _totals(options: argparse.Namespace) -> int:
    from borderledger.query.columns import Column
    from borderledger.query.totals import REASONS, totals

    by = options.by.split(",")
    made = totals(_dataset(options), options.table, by, options.where, apart=not options.mixed)
    print(made.note, file=sys.stderr)
    if not options.left_out:
        return _print(options, made.columns)
    out = made.left_out
    columns = [
        Column("id", "text", [row.id for row in out]),
        Column("reason", "text", [REASONS[row.reason] for row in out]),
        Column("counted_by", "text", [row.counted_by or None for row in out]),
    ]
    return _print(options, columns)


def _evidence(options: argparse.Namespace) -> int:
    from borderledger.query.evidence import evidence

    return _print(options, evidence(_dataset(options), options.record, options.field), narrow=True)


def _disputes(options: argparse.Namespace) -> int:
    from borderledger.query.evidence import disputes

    return _print(options, disputes(_dataset(options), options.table))


def _history(options: argparse.Namespace) -> int:
    from borderledger.query.history import history

    return _print(options, history(_dataset(options), options.record), narrow=True)


def _show(options: argparse.Namespace) -> int:
    from borderledger.output.record import record_json, record_text

    write = record_json if options.format == "json" else record_text
    sys.stdout.write(write(_dataset(options), options.record))
    return 0


def _cite(options: argparse.Namespace) -> int:
    print(_dataset(options).cite(options.what, options.style).rstrip("\n"))
    return 0


def _export(options: argparse.Namespace) -> int:
    from borderledger.output.export import SHEET, export

    dataset, table = _dataset(options), options.table or options.out.stem
    if options.format != SHEET and (options.table or options.where):
        raise BadArgument(f"--table and --where belong to the format {SHEET}; the other formats hold all tables.")
    for path in export(dataset, options.format, options.out, options.overwrite, table, options.where):
        print(path)
    return 0


def _diff(options: argparse.Namespace) -> int:
    from borderledger.changes import diff

    changes = diff(options.old, options.new or _dataset(options))
    for change in changes.schema:
        where = ".".join(filter(None, (change.table, change.field)))
        print(f"schema: {where} {change.what}: {change.old} -> {change.new}", file=sys.stderr)
    for regraded in changes.grades:
        print(f"evidence: {regraded.record} {regraded.old} -> {regraded.new}", file=sys.stderr)
    _print(options, changes.columns())
    return 1 if changes else 0


def _print(options: argparse.Namespace, columns: list[Column], narrow: bool = False) -> int:
    from borderledger.output import text

    if options.limit is not None and options.limit < 0:
        raise BadArgument(f"--limit takes a number of rows, not {options.limit}")
    terminal = sys.stdout.isatty()
    form = options.format or ("table" if terminal else "csv")
    rows = len(columns[0].values)
    limit = SHOWN if options.limit is None and terminal and form == "table" else options.limit
    kept = range(rows if limit is None else min(limit, rows))
    shown = [column.take(kept) for column in columns]
    if form == "table":
        text.table(text.readable(shown) if narrow else shown, terminal)
        if len(kept) < rows:
            print(f"{len(kept)} of {rows} rows; more with --limit, all of them with --format csv")
    else:
        sys.stdout.write(text.FORMATS[form](shown))
    return 0


if __name__ == "__main__":
    sys.exit(main())
