"""The errors that a user of the loader can meet. Each message says what was asked, and what would be right."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "BadArgument",
    "BorderledgerError",
    "CorruptPackage",
    "MissingExtra",
    "NoTimeMeaning",
    "UnknownColumn",
    "UnknownRecord",
    "UnknownTable",
    "nearest",
]


class BorderledgerError(Exception):
    """Any error of this library."""


class UnknownTable(BorderledgerError, LookupError):
    """No table of the package has this name."""


class UnknownRecord(BorderledgerError, LookupError):
    """No record has this id; says so if it was retired."""


class UnknownColumn(BorderledgerError, LookupError):
    """The table has no column of this name."""


class NoTimeMeaning(BorderledgerError, ValueError):
    """The table has no state on a day, so that `as_of` means nothing for it."""


class BadArgument(BorderledgerError, ValueError):
    """An argument is none of those that are understood."""


class MissingExtra(BorderledgerError, ImportError):
    """A library that is not required, and is needed for this, is not installed."""


class CorruptPackage(BorderledgerError, ValueError):
    """The files cannot be read as a data package, or are not those that their manifest describes."""


def nearest(wrong: str, known: Iterable[str]) -> str:
    """A sentence that offers the known names most like a wrong one; all of them when there are few.

    >>> nearest("deployment", ["returns", "deployments"])
    'Did you mean deployments?'
    """
    import difflib

    names = list(known)
    if close := difflib.get_close_matches(str(wrong), names, n=3, cutoff=0.6):
        return f"Did you mean {' or '.join(close)}?"
    shown = ", ".join(names[:12])
    return f"There are: {shown}{', ...' if len(names) > 12 else ''}." if names else "There are none."
