"""The command `from-issue`: answer a report that was made with a form on GitHub, and write the correction if it is one.

The person who fills in the form may know the matter and not this repository, or may want to do harm. So the answer
names the questions of the form, and nothing in the report is trusted.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from borderledger.output.escape import printable
from borderledger.package.files import write_bytes
from corrections.answer import Answered, answered
from corrections.report import NoReport, Report, read

__all__ = ["from_issue"]

_FILES = ("correction.yml", "answer.md", "result.json")


def from_issue(file: Path, out: Path | None, root: Path) -> int:
    """Answer the report in a file: what GitHub sends for an issue, the issue alone, or its text.

    out   folder for correction.yml, answer.md and result.json; without it the correction or the answer is printed

    Returns 0 if the correction can be applied, 1 if not, 2 if there is no report to read. Raises OSError if a file
    cannot be written.
    """
    try:
        report = read(file)
        answer = answered(report, root)
    except NoReport as error:
        print(printable(f"corrections: {file.name}: {error}"), file=sys.stderr)
        return 2
    if out:
        _write(answer, report, out)
    else:
        print(answer.content if answer.valid else answer.text, end="", file=sys.stdout if answer.valid else sys.stderr)
    return 0 if answer.valid else 1


def _write(answer: Answered, report: Report, out: Path) -> None:
    branch = f"correction/{report.name}" if answer.valid and report.number else ""
    result = {"valid": answer.valid, "branch": branch, "title": answer.title, "proposal": answer.proposal}
    files = {"answer.md": answer.text, "result.json": json.dumps(result, indent=2) + "\n"}
    if answer.content:
        files["correction.yml"] = answer.content
    out.mkdir(parents=True, exist_ok=True)
    for name in _FILES:  # from an earlier run
        (out / name).unlink(missing_ok=True)
    for name, text in files.items():
        write_bytes(out / name, text.encode("utf-8"))
