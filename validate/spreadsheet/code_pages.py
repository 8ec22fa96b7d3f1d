"""A table that a spreadsheet saved in an old code page, such as Windows-1250: which one it was.

The bytes do not say it: in each code page they are other letters. But the words are known. Other tables have them, and
so has the last commit of the file. A code page is taken if every word with such letters is known in it, and in no other
code page that gives another text.
"""

from __future__ import annotations

import re

from borderledger.package import Package

__all__ = ["decoded"]

#: The code pages of Windows, the Mac and DOS in Europe, by the names of Python.
_CODE_PAGES = ("cp1250", "cp1252", "iso8859_2", "iso8859_15", "mac_latin2", "mac_roman", "cp852", "cp850")
_WORD = re.compile(r"[^\W_]+|[^\x00-\x7f\s]")


def decoded(package: Package, raw: bytes, committed: str) -> tuple[str, str]:
    """The text of a file in an old code page, and the name of the code page; or an empty text, and why there is none.

    committed   the text of the file in the last commit; empty without one
    """
    known = _words(committed).union(*(_words(sheet.text) for sheet in package.sheets.values()))
    found: dict[str, str] = {}
    unknown: dict[str, list[str]] = {}
    for page in _CODE_PAGES:
        try:
            text = raw.decode(page)
        except UnicodeDecodeError:
            continue
        unknown[page] = sorted(_words(text) - known)
        if not unknown[page]:
            found.setdefault(text, page)
    if len(found) == 1:
        ((text, page),) = found.items()
        return text, page
    if found:
        return "", f"its letters can be read as {' or as '.join(sorted(found.values()))}"
    nearest = min(unknown, key=lambda page: len(unknown[page]), default="")
    shown = ", ".join(map(repr, unknown.get(nearest, [])[:3]))
    return "", f"no code page gives known words only; in {nearest}, nobody else writes {shown}" if nearest else ""


def _words(text: str) -> set[str]:
    """The words with letters beyond ASCII, and the signs."""
    return {word for word in _WORD.findall(text) if not word.isascii()}
