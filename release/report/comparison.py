"""What there is to tell of two versions, whatever it is written as: see `release.report.formats`."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from urllib.parse import quote, urlsplit

from borderledger.changes import AddedRow, ChangedField, Changes, RemovedRow, SchemaChange
from borderledger.dataset import Dataset
from borderledger.package import title
from release.required_version import Required, required

__all__ = [
    "SUMMARY",
    "Cell",
    "Comparison",
    "Count",
    "Entry",
    "Part",
    "breaks",
    "compare",
    "counted",
    "link",
    "parts",
    "summary",
    "version_required",
    "where",
]

#: Tables of which only the numbers are told: a change of a figure brings some of their rows with it, an audit hundreds.
_COUNTED = ("claims", "control_totals", "checks", "corrections")
#: From so many changes on, the rows of one bulk source are counted.
_MANY = 10


@dataclass(frozen=True)
class Comparison:
    """Two versions and what is needed to tell of them.

    titles    of records, by their ids
    sources   rows of the sources, by their ids; the new version's go before the old one's
    bulk      tables and sources of rows that are under a control total
    """

    changes: Changes
    demands: Required
    titles: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    bulk: frozenset[tuple[str, str]] = frozenset()

    @cached_property
    def _figures(self) -> set[tuple[str, str]]:
        return {(table.name, name) for table in self.changes.old_tables for name in table.bound}

    def kind(self, change: ChangedField) -> str:
        """correction, revision, unlogged (a figure whose change the log lacks) or empty (no figure, not logged)."""
        if change.logged:
            return change.logged.kind
        return "unlogged" if change.old and (change.table, change.field) in self._figures else ""


@dataclass(frozen=True)
class Cell:
    """A value that changed; `kind` as `Comparison.kind` says, `reason` as the log."""

    field: str
    old: str
    new: str
    kind: str
    reason: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """A record, what happened to it (changed, retired, removed, added, graded), and its cells, when it changed."""

    what: str
    record: str
    title: str
    cells: tuple[Cell, ...] = ()
    reason: str = ""
    successor: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Count:
    """Changes that are only counted; `kind` as `Comparison.kind` says."""

    count: int
    what: str
    kind: str = ""
    reason: str = ""
    source: str = ""


@dataclass(frozen=True)
class Part:
    """What happened in a table."""

    table: str
    entries: tuple[Entry, ...]
    counts: tuple[Count, ...]

    @property
    def sources(self) -> Iterator[str]:
        """Those that are named in it, some of them more than once."""
        for entry in self.entries:
            yield from (*entry.sources, *(source for cell in entry.cells for source in cell.sources))
        yield from (count.source for count in self.counts if count.source)


def compare(changes: Changes, *versions: Dataset) -> Comparison:
    """The changes, with the titles and sources that the versions, oldest first, know to tell them."""
    titles: dict[str, str] = {}
    sources: dict[str, Mapping[str, str]] = {}
    bulk: set[tuple[str, str]] = set()
    for version in versions:
        for name in version.names:
            if version.schema(name).key == ("id",):
                titles |= {row["id"]: title(row) for row in version.rows(name)}
        if "sources" in version.names:
            sources |= {row["id"]: row for row in version.rows("sources")}
        if "control_totals" in version.names:
            bulk |= {(row["table"], row["source_id"]) for row in version.rows("control_totals")}
    return Comparison(changes, required(changes), titles, sources, frozenset(bulk))


def parts(c: Comparison) -> list[Part]:
    """What happened, table by table, in the order of the descriptor."""
    changes = c.changes
    tables = dict.fromkeys(table.name for table in (*changes.new_tables, *changes.old_tables))
    rows: defaultdict[str, list[AddedRow | RemovedRow | ChangedField]] = defaultdict(list)
    every: list[AddedRow | RemovedRow | ChangedField] = [*changes.changed, *changes.removed, *changes.added]
    for row in every:
        rows[row.table].append(row)
    grades: defaultdict[str, list[Entry]] = defaultdict(list)
    for grade in changes.grades:
        cell = Cell("evidence", grade.old, grade.new, "", "", ())
        grades[grade.table].append(Entry("graded", grade.record, c.titles.get(grade.record, ""), (cell,)))
    found = []
    for table in tables:
        counted, told = _counts_and_rest(c, table, rows[table])
        entries = (*_entries(c, told), *grades[table])
        if entries or counted:
            found.append(Part(table, entries, counted))
    return found


def _counts_and_rest(
    c: Comparison, table: str, rows: Sequence[AddedRow | RemovedRow | ChangedField]
) -> tuple[tuple[Count, ...], list[AddedRow | RemovedRow | ChangedField]]:
    """What is only counted, and what is left to be told."""
    groups: dict[Count, list[AddedRow | RemovedRow | ChangedField]] = {}
    for row in rows:
        source = row.sources[0] if len(row.sources) == 1 and (table, row.sources[0]) in c.bulk else ""
        if table in _COUNTED:
            source = ""
        match row:
            case ChangedField(logged=logged):
                kind = c.kind(row)
                what = f"values of {row.field} {_KINDS.get(kind, 'changed')}"
                group = Count(0, what, kind, logged.reason if logged else "", source)
            case RemovedRow(retired=retired):
                group = Count(0, "rows removed", "", retired.reason if retired else "", source)
            case AddedRow():
                group = Count(0, "rows added", "", "", source)
        groups.setdefault(group, []).append(row)
    counts, told = [], []
    for group, members in groups.items():
        if table in _COUNTED or (group.source and len(members) > _MANY):
            counts.append(replace(group, count=len(members)))
        else:
            told += members
    return tuple(counts), told


#: How a change is called, by its kind.
_KINDS = {"correction": "corrected", "revision": "revised", "unlogged": "changed without being logged"}
_ORDER = {"correction": 0, "unlogged": 1, "revision": 2}


def _entries(c: Comparison, rows: Iterable[AddedRow | RemovedRow | ChangedField]) -> Iterator[Entry]:
    """Corrections first, then other changes, what is gone, and what is new."""
    cells: defaultdict[tuple[str, ...], list[Cell]] = defaultdict(list)
    others = []
    for row in rows:
        record = " / ".join(row.key)
        match row:
            case ChangedField(logged=logged):
                reason = logged.reason if logged else ""
                named = dict.fromkeys((*row.sources, *([logged.source_id] if logged and logged.source_id else [])))
                cell = Cell(row.field, row.old, row.new, c.kind(row), reason, tuple(named))
                cells[row.key].append(cell)
            case RemovedRow():
                reason = row.retired.reason if row.retired else ""
                what = "retired" if row.retired else "removed"
                others.append(Entry(what, record, title(row.cells), (), reason, row.successor, row.sources))
            case AddedRow():
                others.append(Entry("added", record, title(row.cells), sources=row.sources))
    changed = [
        Entry("changed", " / ".join(key), c.titles.get(key[0], ""), tuple(sorted(of, key=_first)))
        for key, of in cells.items()
    ]
    yield from sorted(changed, key=lambda entry: _first(entry.cells[0]))
    yield from others


def _first(cell: Cell) -> int:
    return _ORDER.get(cell.kind, 3)


SUMMARY = ("table", "added", "removed", "corrected", "revised", "other changes")


def summary(changes: Changes) -> Iterator[tuple[str, ...]]:
    """For each table that changed, how many rows came and went and how many fields changed."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    tables = dict.fromkeys(table.name for table in (*changes.new_tables, *changes.old_tables))
    for row in changes.added:
        counts[row.table]["added"] += 1
    for gone in changes.removed:
        counts[gone.table]["removed"] += 1
    for cell in changes.changed:
        called = _KINDS.get(cell.logged.kind if cell.logged else "", "other changes")
        counts[cell.table][called] += 1
    for table in tables:
        if counts[table]:
            yield (table, *(f"{counts[table][name]:,}" for name in SUMMARY[1:]))


#: What a change of schema breaks, in words.
_BREAKS = {
    "readers": "breaks what reads it",
    "rows": "rows that were valid may be refused",
    "promises": "values may come that could not come before",
}


def breaks(change: SchemaChange) -> str:
    """What a change of schema breaks, in words."""
    return "; ".join([*(["a check is gone"] if change.drops_a_check else []), *(_BREAKS[w] for w in change.breaks)])


def where(change: SchemaChange) -> str:
    """The table or column that a change of schema is about."""
    return ".".join(filter(None, (change.table, change.field)))


def version_required(c: Comparison) -> str:
    """A sentence on the version that the changes require."""
    if not c.changes:
        return "Nothing changed."
    reasons = c.demands.reasons
    more = f"; and {len(reasons) - 3} more" if len(reasons) > 3 else ""
    return f"The changes require a {c.demands.level} version: {'; '.join(reasons[:3])}{more}."


def counted(count: Count) -> str:
    """How many of what."""
    what = re.sub(r"^(row|value)s", r"\1", count.what) if count.count == 1 else count.what
    return f"{count.count:,} {what}"


def link(url: str) -> str:
    """An address that may be linked; empty when it is none of the web."""
    if not re.match(r"https?://[^\s/]", url, re.IGNORECASE) or not url.isprintable():
        return ""
    try:
        urlsplit(url)
    except ValueError:
        return ""
    return quote(url, safe="%/:?#[]@!&'*+,;=~-._", errors="replace")
