"""Which version number a change requires; docs/decisions/0007-what-a-release-demands.md says why.

    major   what a reader relies on is gone or means something else: a table, a column, a type, an id, a check
    minor   there is more than there was, or the rules for it changed: records, columns, tables, categories, constraints
    patch   anything else that differs: values, their evidence, words

It holds from the first version on, also below 1.0.0.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from borderledger.changes import Changes, SchemaChange

__all__ = ["LEVELS", "Level", "Required", "least", "numbers", "required", "vanished"]

Level = Literal["none", "patch", "minor", "major"]
LEVELS: tuple[Level, ...] = ("none", "patch", "minor", "major")

_VERSION = re.compile(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})")


@dataclass(frozen=True)
class Required:
    """The level that changes require, and the reasons, each once."""

    level: Level
    reasons: tuple[str, ...] = ()


def required(changes: Changes, described: Iterable[str] = (), gone: Iterable[str] = ()) -> Required:
    """The level that the changes require.

    described   names of properties of the descriptor that changed, too
    gone        names of rules of validation that find less than before
    """
    reasons: defaultdict[Level, list[str]] = defaultdict(list)
    reasons["major"] += [f"{rule} is no longer checked" for rule in gone]
    for level, reason in _reasons(changes, tuple(described)):
        reasons[level].append(reason)
    highest = max((level for level in reasons if reasons[level]), key=LEVELS.index, default=LEVELS[0])
    return Required(highest, tuple(dict.fromkeys(reasons[highest])))


def least(old: str, level: Level) -> str:
    """The least version after `old` that is of the level.

    >>> [least("0.1.2", level) for level in LEVELS]
    ['0.1.2', '0.1.3', '0.2.0', '1.0.0']
    """
    major, minor, patch = numbers(old) or (0, 0, 0)
    match level:
        case "major":
            return f"{major + 1}.0.0"
        case "minor":
            return f"{major}.{minor + 1}.0"
        case "patch":
            return f"{major}.{minor}.{patch + 1}"
    return old


def numbers(version: str) -> tuple[int, int, int] | None:
    """The three numbers of a version; None when it is not X.Y.Z.

    >>> numbers("0.10.0"), numbers("0.1"), numbers("1.0.01")
    ((0, 10, 0), None, None)
    """
    found = _VERSION.fullmatch(version)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def vanished(changes: Changes) -> dict[str, list[str]]:
    """By table the ids of rows that are gone, in its order."""
    keyed = {table.name for table in changes.old_tables if table.key == ("id",)}
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in changes.removed:
        if row.table in keyed:
            found[row.table].append(row.key[0])
    return dict(found)


def _reasons(changes: Changes, described: tuple[str, ...]) -> Iterator[tuple[Level, str]]:
    for change in changes.schema:
        yield _schema_level(change), _schema_reason(change)
    for table, ids in vanished(changes).items():
        yield "major", f"{_some(ids)} of {table} vanished"
    changed = dict.fromkeys(cell.table for cell in changes.changed)
    yield from (("patch", f"values changed in {table}") for table in changed)
    facts = {table.name for table in changes.new_tables if table.bound}
    added: defaultdict[str, list[str]] = defaultdict(list)
    for row in changes.added:
        added[row.table].append(row.key[0])
    for table, ids in added.items():
        if table in facts:
            yield "minor", f"{_some(ids)} added to {table}"
        else:  # what backs a value or logs it comes with each correction
            yield "patch", f"rows added to {table}"
    others = {row.table for row in changes.removed} - vanished(changes).keys()
    yield from (("patch", f"rows removed from {table}") for table in sorted(others))
    yield from (("patch", f"grades changed in {table}") for table in sorted({grade.table for grade in changes.grades}))
    yield from (("patch", f"{name} changed in the descriptor") for name in described)


def _schema_level(change: SchemaChange) -> Level:
    if "readers" in change.breaks or change.drops_a_check:
        return "major"
    return "minor" if change.breaks or change.what == "added" else "patch"


def _schema_reason(change: SchemaChange) -> str:
    what = "column" if change.field else "table"
    name = ".".join(filter(None, (change.table, change.field)))
    if change.what in ("added", "removed"):
        return f"the {what} {name} was {change.what}"
    return f"{change.what} of the {what} {name} changed"


def _some(ids: list[str]) -> str:
    more = f" and {len(ids) - 3} more" if len(ids) > 3 else ""
    return ", ".join(ids[:3]) + more
