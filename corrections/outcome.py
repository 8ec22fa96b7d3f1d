"""The commands `check`, `propose` and `apply`: what they print about several corrections."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from borderledger.output.escape import printable
from borderledger.package import Finding
from corrections.apply import Outcome, apply
from corrections.pending import PENDING, Proposed, apply_pending, propose
from release.report.formats import FORMATS
from validate.report import Report

__all__ = ["run_apply", "run_check", "run_propose", "tell_proposed"]


def run_check(files: Sequence[Path], root: Path) -> int:
    """Print what is wrong with some corrections, or what they would change. Returns the exit code."""
    outcome = apply(files, root, write=False)
    if not outcome.ok:
        return _refused(outcome.findings)
    _tell(outcome)
    print("Can be applied. Nothing was changed.")
    return 0


def run_propose(files: Sequence[Path], root: Path) -> int:
    """Check some corrections and put them into the folder of proposals. Returns the exit code."""
    return tell_proposed(propose(files, root))


def tell_proposed(proposed: Proposed) -> int:
    """Print what became of new proposals. Returns the exit code."""
    if not proposed.outcome.ok:
        return _refused(proposed.outcome.findings)
    if proposed.written:
        _tell(proposed.outcome)
    for path in proposed.there:
        print(printable(f"proposed already: {path}"))
    for path in proposed.written:
        print(printable(f"proposed: {path}"))
    return 0


def run_apply(files: Sequence[Path], root: Path, *, leave_failing: bool) -> int:
    """Carry out some corrections or, without files, all proposals. Returns the exit code."""
    left: list[Finding] = []
    if files:
        outcome = apply(files, root, write=True)
    else:
        outcome, left = apply_pending(root, leave_failing=leave_failing)
        if not (outcome.texts or outcome.findings):
            print(f"{PENDING} holds no proposal. Nothing was changed.")
            return 0
    if not outcome.ok:
        return _refused(outcome.findings)
    _tell(outcome)
    for path, text in outcome.texts:
        print(printable(f"{'deleted' if text is None else 'written'}: {path}"))
    if left:
        print("\nLeft, because they cannot be carried out:\n")
        sys.stdout.write(Report(tuple(left), ()).text())
    return 0


def _refused(findings: Iterable[Finding]) -> int:
    sys.stdout.write(Report(tuple(findings), ()).text())
    print("Nothing was changed.")
    return 1


def _tell(outcome: Outcome) -> None:
    assert outcome.changes is not None  # because there are no findings
    for hint in outcome.hints:
        print(printable(hint))
    if outcome.hints:
        print()
    sys.stdout.write(FORMATS["text"](outcome.changes))
    print()
