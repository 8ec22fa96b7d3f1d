"""Verdicts and grades: how a claim compares with a record, and how well a field or a record is evidenced.

Both are derived from the tables and are never typed in. docs/methodology.md has the definitions.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from borderledger import edtf
from borderledger.package.model import Field

__all__ = ["GRADES", "RANKS", "WEAK_KINDS", "Statement", "grade", "interval", "origins", "verdict", "worst"]

#: Grades from the worst to the best, with what each says to a reader.
GRADES = {
    "disputed": "a source contradicts the value",
    "weak": "only blogs or reposts state it",
    "single": "one source of its own states it",
    "corroborated": "two or more sources of independent origin state it",
    "bulk": "taken from a publisher's file, under a control total",
}

#: The place of each grade, from 0, the worst. As text, grades compare by the alphabet.
RANKS = {grade: rank for rank, grade in enumerate(GRADES)}

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")

#: Kinds of source (sources.kind) that do not carry a value by themselves.
WEAK_KINDS = frozenset({"blog", "repost"})


@dataclass(frozen=True)
class Statement:
    """A value with its qualifier and, of a range, its upper end; all as they stand in the tables."""

    value: str
    qualifier: str = "exact"
    maximum: str = ""


def verdict(field: Field, held: Statement, claimed: Statement, regions: Mapping[str, Collection[str]]) -> str:
    """How a claim compares with the value of a record: agrees, coarser, finer or contradicts.

    `regions` maps a place to the regions it lies in (places.member_of), so that WB6 contains BA. Only figures
    (integer and number fields) are compared with their qualifiers. Values must be in canonical form; one that is not
    is compared as text.
    """
    number = field.type in ("integer", "number")
    if held.value == claimed.value and (not number or held.qualifier == claimed.qualifier):
        return "agrees"
    try:
        if number:
            return _by_interval(interval(held), interval(claimed))
        if field.edtf:
            return _by_span(edtf.parse(held.value, slack=True), edtf.parse(claimed.value, slack=True))
    except ValueError:
        return "contradicts"
    if field.delimiter or field.refers_to or field.name.endswith("place"):
        return _by_items(set(field.items(held.value)), set(field.items(claimed.value)), regions)
    return "contradicts"


def interval(statement: Statement) -> tuple[float, float]:
    """The numbers a qualified figure can mean: `about` reaches half a unit of its last digit that is not zero.

    Raises ValueError when the value (or, of a range, the upper end) is not a number.

    >>> interval(Statement("500", "about"))
    (450.0, 550.0)
    """
    if not all(_NUMBER.fullmatch(text) for text in (statement.value, statement.maximum or "0")):
        raise ValueError(f"{statement.value!r} is not a number in canonical form")
    value = float(statement.value)
    match statement.qualifier:
        case "at_least":
            return value, math.inf
        case "at_most":
            return 0.0, value
        case "range":
            return value, float(statement.maximum or statement.value)
        case "about":
            digits = statement.value.partition(".")
            places = len(digits[2]) if digits[2] else -(len(digits[0]) - len(digits[0].rstrip("0")))
            half = 0.5 * float(f"1e{-places}") if value else 0.0
            return value - half, value + half
    return value, value


def _by_interval(held: tuple[float, float], claimed: tuple[float, float]) -> str:
    if claimed[1] < held[0] or held[1] < claimed[0]:
        return "contradicts"
    inside = held[0] <= claimed[0] and claimed[1] <= held[1]
    return "finer" if inside and held != claimed else "coarser"


def _by_span(held: edtf.Span, claimed: edtf.Span) -> str:
    if edtf.contains(claimed, held):
        return "coarser"
    return "finer" if edtf.contains(held, claimed) else "contradicts"


def _by_items(held: set[str], claimed: set[str], regions: Mapping[str, Collection[str]]) -> str:
    if claimed < held or all(item in claimed or claimed & set(regions.get(item, ())) for item in held):
        return "coarser"
    if all(item in held or held & set(regions.get(item, ())) for item in claimed):
        return "finer"
    return "contradicts"


def origins(sources: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """The origin of each source: the publisher of the document at the root of its `reprint_of` chain.

    `sources` maps an id to (publisher, reprint_of). A reprint counts as its original, and two documents of one
    publisher are one voice. A chain that leads nowhere or in a circle ends where it breaks.
    """
    found: dict[str, str] = {}
    for start in sources:
        seen = [start]
        while (parent := sources[seen[-1]][1]) in sources and parent not in seen:
            seen.append(parent)
        found[start] = sources[seen[-1]][0].casefold() or seen[-1]
    return found


def grade(verdicts: Iterable[tuple[str, str, str]]) -> str:
    """The grade of a field from its claims, each as (verdict, kind of the source, origin of the source).

    Returns an empty string when no claim agrees and none contradicts.
    """
    claims = list(verdicts)
    if any(verdict == "contradicts" for verdict, _, _ in claims):
        return "disputed"
    agreeing = [(kind, origin) for verdict, kind, origin in claims if verdict == "agrees"]
    strong = {origin for kind, origin in agreeing if kind not in WEAK_KINDS}
    if len(strong) > 1:
        return "corroborated"
    return "single" if strong else "weak" if agreeing else ""


def worst(grades: Iterable[str]) -> str:
    """The worst of several grades, which is the grade of a record; an empty string of none."""
    order = list(GRADES)
    return min((g for g in grades if g), key=order.index, default="")
