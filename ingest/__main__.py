"""Rebuild the rows that are taken in bulk from a publisher's raw files, and their control totals.

Exit code 0: done (also when nothing changed); 1: refused, nothing written; 2: a file is missing or cannot be read or
written, nothing written.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

try:
    from borderledger.output.console import reason, run
except ModuleNotFoundError:
    sys.exit("ingest: run `make validate` once, then .venv/bin/python -m ingest (README, Two commands)")
from ingest import (
    eurostat_returns,
    frontex_detections,
    frontex_grants,
    frontex_operations,
    frontex_returns,
    uk_returns,
)
from ingest.errors import IngestError, MissingFileError
from ingest.inputs import inputs_of

_MODULES = (frontex_returns, frontex_operations, frontex_grants, frontex_detections, eurostat_returns, uk_returns)
_DATASETS = {module.DATASET: module for module in _MODULES}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    return run("ingest", lambda: _run(arguments))


def _run(arguments: list[str] | None) -> int:
    parser = argparse.ArgumentParser(prog="python -m ingest", description=__doc__)
    parser.add_argument("dataset", choices=sorted(_DATASETS), help="which rows to rebuild")
    parser.add_argument("--raw", required=True, type=Path, help="folder of the raw files that ingest/inputs.toml names")
    parser.add_argument("--package", default=".", type=Path, help="folder of datapackage.json (default: here)")
    parser.add_argument("--unpinned", action="store_true", help="read files whose SHA-256 is not the reviewed one")
    options = parser.parse_args(arguments)
    module = _DATASETS[options.dataset]
    try:
        tables = module.read(options.raw, pinned=not options.unpinned)
        from ingest.tables import replace_rows  # the message about a refused file need not wait for what it imports

        changed = replace_rows(options.package, inputs_of(module.FILES), tables)
    except IngestError as error:
        print(f"{options.dataset}: {error}", file=sys.stderr)
        return 2 if isinstance(error, MissingFileError) else 1
    except OSError as error:
        print(f"{options.dataset}: {reason(error)}", file=sys.stderr)
        return 2
    for name, rows in tables.items():
        print(f"{options.dataset}: {len(rows)} rows of {name}")
        for source, count in sorted(Counter(row["source_id"] for row in rows).items()):
            print(f"  {source:<36}{count:>6}")
    print(f"written: {', '.join(changed)}" if changed else "nothing changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
