"""The sections of CHANGELOG.md, one a version: `## [1.2.3] - 2027-03-01`, and what follows up to the next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

__all__ = ["Section", "section", "sections"]

_HEADING = re.compile(r"##[ \t]+(?P<title>.*?)[ \t#]*")
_TITLE = re.compile(r"\[?v?(?P<version>[^\]\s]+)\]?(?:\([^)]*\))?(?P<rest>.*)")
_FENCE = re.compile(r" {0,3}(```|~~~)")
#: Lines that say nothing to a reader: headings within the section, link definitions, comments.
_SILENT = re.compile(r"#.*|\[[^\]]+\]:.*|<!--.*-->|\s*")


@dataclass(frozen=True)
class Section:
    """What the changelog says of one version.

    line   of the heading
    day    of the release; None when the heading names none
    body   the text below the heading, without link definitions
    """

    version: str
    line: int
    day: date | None
    body: str

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it but headings."""
        return all(_SILENT.fullmatch(line) for line in self.body.split("\n"))


def sections(text: str) -> Iterator[Section]:
    """The sections of a changelog from top to bottom, that of what is unreleased among them."""
    found: tuple[int, str] | None = None
    body: list[str] = []
    fenced = False
    for number, line in enumerate(text.split("\n"), 1):
        line = line.rstrip()
        fenced ^= bool(_FENCE.match(line))
        heading = None if fenced else _HEADING.fullmatch(line)
        if heading:
            if found:
                yield _section(*found, body)
            found, body = (number, heading["title"]), []
        elif fenced or not re.match(r"\[[^\]]+\]:", line):
            body.append(line)
    if found:
        yield _section(*found, body)


def section(text: str, version: str) -> Section | None:
    """The section of a version."""
    return next((found for found in sections(text) if found.version == version), None)


def _section(line: int, title: str, body: list[str]) -> Section:
    named = _TITLE.fullmatch(title)
    version, rest = (named["version"], named["rest"]) if named else (title, "")
    return Section(version, line, _day(rest), "\n".join(body).strip("\n"))


def _day(text: str) -> date | None:
    found = re.search(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)", text, re.ASCII)
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:  # the 31st of February
        return None
