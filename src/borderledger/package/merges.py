"""Unresolved merges: git leaves both versions of some lines in a file, between three lines of marks."""

from __future__ import annotations

import re

from borderledger.package.findings import Finding

__all__ = ["unresolved"]

_MARK = re.compile(r"(?:<{7}|\|{7}|={7}|>{7})(?:[ \r].*)?")


def unresolved(file: str, text: str) -> Finding | None:
    """The one finding about a file with an unresolved merge. What else is wrong with the file follows from it."""
    if "<<<<<<<" not in text and ">>>>>>>" not in text:
        return None
    lines = [number for number, line in enumerate(text.split("\n"), 1) if _MARK.fullmatch(line)]
    marks = [line for line in text.split("\n") if _MARK.fullmatch(line) and line[0] in "<>"]
    if not marks:
        return None
    message = f"has an unresolved merge in lines {lines[0]} to {lines[-1]}: git left both versions there"
    fix = (
        "In each place keep one version, and delete the other one and the lines that begin with <<<<<<<, ======= and "
        ">>>>>>>. Or undo the merge: git merge --abort"
    )
    return Finding(file, lines[0], "", "", message, fix, "file.merge")
