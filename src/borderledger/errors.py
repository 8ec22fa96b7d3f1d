"""The errors of the loader. Each message says what was asked for and what would be right."""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers take it for true; importing typing or collections.abc would cost a millisecond
if TYPE_CHECKING:
    from collections.abc import Iterable

#: The errors; `borderledger` offers each of them under its own name.
__all__ = [
    "BadArgument",
    "BorderledgerError",
    "CorruptPackage",
    "MissingExtra",
    "MixedSum",
    "NoTimeMeaning",
    "UnknownColumn",
    "UnknownRecord",
    "UnknownTable",
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
    """The table has no state on a day, so `as_of` has no meaning for it."""


class BadArgument(BorderledgerError, ValueError):
    """An argument is not understood."""


class MissingExtra(BorderledgerError, ImportError):
    """An optional library that this needs is not installed."""


class MixedSum(BorderledgerError, ValueError):
    """A line of a sum would mix what must not be added: different units, kinds or reporters."""


class CorruptPackage(BorderledgerError, ValueError):
    """The files cannot be read as a data package, or differ from what their manifest describes."""


def nearest(wrong: str, known: Iterable[str]) -> str:
    """A sentence that offers the known names most like a wrong one, or lists the known names.

    >>> nearest("deployment", ["returns", "deployments"])
    'Did you mean deployments?'
    """
    import difflib

    names = list(known)
    if close := difflib.get_close_matches(str(wrong), names, n=3, cutoff=0.6):
        return f"Did you mean {' or '.join(close)}?"
    shown = ", ".join(names[:12])
    return f"There are: {shown}{', ...' if len(names) > 12 else ''}." if names else "There are none."
