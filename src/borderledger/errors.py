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


def as_text(name: str, value: object, example: str) -> str:
    """An argument that must be one text. Raises BadArgument, which says what the argument takes.

    >>> as_text("table", 3, "returns")
    Traceback (most recent call last):
    borderledger.errors.BadArgument: table takes one text, such as 'returns', not 3 (int).
    """
    if isinstance(value, str):
        return value
    raise BadArgument(f"{name} takes one text, such as {example!r}, not {shown(value)}.")


def as_texts(name: str, value: object, example: str) -> list[str]:
    """An argument that may be one text or several. Raises BadArgument, which says what the argument takes.

    >>> as_texts("by", "year", "year"), as_texts("by", ("year", "unit"), "year")
    (['year'], ['year', 'unit'])
    """
    if isinstance(value, str):
        return [value]
    several: list[str] | None
    try:
        several = list(value)  # type: ignore[call-overload]
    except TypeError:
        several = None
    if several is None or not all(isinstance(one, str) for one in several):
        raise BadArgument(f"{name} takes one text or a list of texts, such as {example!r}, not {shown(value)}.")
    return several


def as_flag(name: str, value: object) -> bool:
    """An argument that must be True or False. Raises BadArgument."""
    if type(value).__name__ in ("bool", "bool_"):  # bool_ is that of numpy
        return bool(value)
    raise BadArgument(f"{name} takes True or False, not {shown(value)}.")


def shown(value: object) -> str:
    """A value as a message shows it: in one short line, with its type.

    >>> shown(["returns"]), shown("x" * 100)
    ("['returns'] (list)", 'a value of the type str')
    """
    text, kind = repr(value), type(value).__name__
    if len(text) > 60 or "\n" in text:
        return f"a value of the type {kind}"
    return text if isinstance(value, str) or value is None else f"{text} ({kind})"


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
