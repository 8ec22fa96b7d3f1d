"""The commands `check` and `apply`: what they print about several corrections."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from borderledger.output.escape import printable
from corrections.apply import apply
from release.report.formats import FORMATS
from validate.report import Report

__all__ = ["run"]


def run(files: Sequence[Path], root: Path, *, write: bool) -> int:
    """Check some corrections and print what they change; with `write`, change it. Returns the exit code."""
    outcome = apply(files, root, write=write)
    if not outcome.ok:
        sys.stdout.write(Report(outcome.findings, ()).text())
        print("Nothing was changed.")
        return 1
    assert outcome.changes is not None  # because there are no findings
    for hint in outcome.hints:
        print(printable(hint))
    if outcome.hints:
        print()
    sys.stdout.write(FORMATS["text"](outcome.changes))
    print()
    if not write:
        print("Can be applied. Nothing was changed.")
        return 0
    for path, _ in outcome.texts:
        print(printable(f"written: {path}"))
    print("Run `make docs` to update the pages that quote the data.")
    return 0
