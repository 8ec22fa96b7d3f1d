"""Text from data stays text: in a terminal, in Markdown, and in a spreadsheet."""

from __future__ import annotations

import re

__all__ = ["FORMULA", "guarded", "markdown", "printable"]

#: How a cell begins that a spreadsheet runs as a formula; a negative number is none.
FORMULA = re.compile(r"[=+@\t\r]|-(?![0-9.]+$)")


def printable(text: str) -> str:
    """Text without control characters, which could take over a terminal.

    >>> printable("a\\tb")
    'a\\\\u0009b'
    """
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def markdown(text: str) -> str:
    """Text for a cell of a Markdown table: no markup, no HTML, no mention, on one line."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for mark in "\\`*_[]|~#@":
        text = text.replace(mark, "\\" + mark)
    return "".join(c if c.isprintable() else " " for c in text)


def guarded(cell: str) -> str:
    """A cell of a CSV file with an apostrophe before it if a spreadsheet would run it as a formula."""
    return f"'{cell}" if FORMULA.match(cell) else cell
