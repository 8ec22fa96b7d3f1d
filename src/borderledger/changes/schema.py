"""What changed in the Table Schemas, and what each change breaks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from borderledger.changes.model import Breaks, SchemaChange, in_order
from borderledger.package.model import Field, Table

__all__ = ["schema_changes"]


def schema_changes(old: Table | None, new: Table | None) -> Iterator[SchemaChange]:
    """What changed in the schema of a table; None where a version lacks the table."""
    if old is None or new is None:
        if new is not None:
            yield SchemaChange(new.name, "", "added", "", new.title)
        elif old is not None:
            yield SchemaChange(old.name, "", "removed", old.title, "", ("readers",))
        return
    yield from _property_changes(new.name, "", _TABLE_BREAKS, old, new)
    yield from _order_change(new.name, "", old.names, new.names, ())
    for each in in_order(old.fields, new.fields):
        mine, theirs = old.by_name.get(each.name), new.by_name.get(each.name)
        if mine is not None and theirs is not None:
            yield from _property_changes(new.name, each.name, _FIELD_BREAKS, mine, theirs)
            yield from _category_changes(new.name, mine, theirs)
            yield from _reference_changes(each.name, old, new)
        elif theirs is not None:
            yield SchemaChange(new.name, each.name, "added", "", theirs.type, ("rows",) if theirs.required else ())
        else:
            yield SchemaChange(new.name, each.name, "removed", each.type, "", ("readers",))


def _property_changes(
    table: str, column: str, breaks: Mapping[str, _Effect], old: Table | Field, new: Table | Field
) -> Iterator[SchemaChange]:
    for name, effect in breaks.items():
        left, right = getattr(old, name), getattr(new, name)
        if left != right:
            yield SchemaChange(table, column, name, _text(left), _text(right), effect(left, right))


def _order_change(
    table: str, column: str, old: Iterable[str], new: Iterable[str], breaks: tuple[Breaks, ...]
) -> Iterator[SchemaChange]:
    left, right = list(old), list(new)
    shared = {*left} & {*right}
    if [name for name in left if name in shared] != [name for name in right if name in shared]:
        yield SchemaChange(table, column, "order", _text(left), _text(right), breaks)


def _category_changes(table: str, old: Field, new: Field) -> Iterator[SchemaChange]:
    # To begin or to cease to list the values is more than to add one: before or after, any word was allowed.
    free = not old.categories or not new.categories
    for value in {**new.categories, **old.categories}:
        if value not in old.categories:
            yield SchemaChange(table, new.name, "categories", "", value, ("rows",) if free else ("promises",))
        elif value not in new.categories:
            yield SchemaChange(table, new.name, "categories", value, "", ("promises",) if free else ("rows",))
        elif old.categories[value] != new.categories[value]:
            left, right = (f"{value}: {field.categories[value]}" for field in (old, new))
            yield SchemaChange(table, new.name, "label", left, right)
    ordered: tuple[Breaks, ...] = ("readers",) if new.ordered or old.ordered else ()
    yield from _order_change(table, new.name, old.categories, new.categories, ordered)


def _reference_changes(column: str, old: Table, new: Table) -> Iterator[SchemaChange]:
    left, right = (
        {f"{key.table}.{key.target}" for key in table.foreign_keys if key.field == column} for table in (old, new)
    )
    for target in sorted(left - right):
        yield SchemaChange(new.name, column, "foreign_keys", target, "", ("promises",))
    for target in sorted(right - left):
        yield SchemaChange(new.name, column, "foreign_keys", "", target, ("rows",))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)


_Effect = Callable[[Any, Any], tuple[Breaks, ...]]


def _nothing(old: Any, new: Any) -> tuple[Breaks, ...]:
    return ()


def _readers(old: Any, new: Any) -> tuple[Breaks, ...]:
    return ("readers",)


def _demand(old: Any, new: Any) -> tuple[Breaks, ...]:
    """For a requirement that is there or not, and whose wording may change."""
    if old and new:
        return ("rows", "promises")
    return ("rows",) if new else ("promises",)


def _lowest(old: float | None, new: float | None) -> tuple[Breaks, ...]:
    return ("rows",) if old is None or (new is not None and new > old) else ("promises",)


def _targets(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[Breaks, ...]:
    """For the tables in which items must be found. Without any, items need not be found."""
    if {*old} == {*new}:
        return ()
    if old and new and ({*old} < {*new} or {*new} < {*old}):
        return ("promises",) if {*old} < {*new} else ("rows",)
    return _demand(old, new)


#: What a change of each property of a table or field breaks. Properties that are missing here are compared one by one.
_TABLE_BREAKS: dict[str, _Effect] = {
    "path": _readers,
    "schema_path": _nothing,
    "title": _nothing,
    "description": _nothing,
    "not_covered": _nothing,
    "key": _readers,
    "batch": _readers,
    "figures": _readers,
    "bodies": _nothing,
    "always": _nothing,
}

_FIELD_BREAKS: dict[str, _Effect] = {
    "title": _nothing,
    "description": _nothing,
    "type": _readers,
    "required": _demand,
    "unique": _demand,
    "pattern": _demand,
    "minimum": _lowest,
    "ordered": _readers,
    "edtf": _readers,
    "bound": _demand,
    "delimiter": _readers,
    "refers_to": _targets,
}
