"""A report as it arrives: what GitHub sends for an issue, the issue alone, or its text.

The sender may be mistaken or hostile. Type, length, labels and author of a report are not trusted; the author is never
read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

__all__ = ["LARGEST", "NoReport", "Report", "read"]

#: Largest file, in bytes. GitHub allows 65,536 characters in the text of an issue.
LARGEST = 256 * 1024


class NoReport(Exception):
    """The file holds no report; the message says why."""


@dataclass(frozen=True)
class Report:
    """The parts of an issue that are read.

    number   of the issue; 0 if the report came another way
    day      on which it was written
    """

    body: str
    number: int = 0
    day: str = field(default_factory=lambda: date.today().isoformat())

    @property
    def name(self) -> str:
        """The name of the report in messages."""
        return f"issue-{self.number}" if self.number else "report"


def read(file: Path) -> Report:
    """The report in a file. Raises NoReport, also for a file that cannot be read."""
    try:
        with open(file, "rb") as opened:
            content = opened.read(LARGEST + 1)
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoReport("is not UTF-8 text") from error
    except (OSError, ValueError) as error:
        raise NoReport(f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(content) > LARGEST:
        raise NoReport(f"is larger than {LARGEST:,} bytes")
    if not text.lstrip().startswith(("{", "[", '"')):
        return Report(_lines(text))
    try:
        event = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NoReport("is not JSON that can be read") from error
    issue = event.get("issue", event) if isinstance(event, dict) else None
    if not isinstance(issue, dict):
        raise NoReport("holds no issue")
    body, number = issue.get("body") or "", issue.get("number", 0)
    if not isinstance(body, str):
        raise NoReport("holds an issue whose body is not text")
    if type(number) is not int or not 0 <= number < 1_000_000_000:
        raise NoReport("holds an issue whose number is not a number of an issue")
    return Report(_lines(body), number, _day(issue.get("created_at")))


def _lines(text: str) -> str:
    """A text whose lines end in LF. Half a character, which JSON can spell, becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


def _day(moment: object) -> str:
    try:
        return date.fromisoformat(str(moment)[:10]).isoformat()
    except ValueError:
        return date.today().isoformat()
