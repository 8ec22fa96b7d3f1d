"""What remains of a correction: its rows in data/corrections.csv, the next version, and a line in CHANGELOG.md."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from borderledger.escape import markdown
from borderledger.package import version_order
from release.demand import Level, least
from release.manifest import MANIFESTS, recorded

__all__ = ["Entry", "changelog", "entered", "next_version", "numbered", "released", "renumbered", "told"]

Row = dict[str, str]


@dataclass(frozen=True)
class Entry:
    """What a correction did to one cell, or with the field `id` to a whole record; as a row of the log."""

    record_id: str
    field: str
    kind: str
    old: str
    new: str
    reason: str
    source_id: str = ""
    issue: str = ""


def entered(log: Iterable[Row], entries: Iterable[Entry], version: str) -> list[Row]:
    """The rows of the log with those of a correction, all for the version that comes next.

    The log says what became of what was published. So a second change of a cell for one version joins the first:
    `old` is what was published, and a cell that is back where it was has no row left.
    """
    rows = [dict(row) for row in log]
    for entry in entries:
        mine = (version, entry.record_id, entry.field)
        first = next((row for row in rows if (row["version"], row["record_id"], row["field"]) == mine), None)
        row = {"version": version, **vars(entry)}
        if first is not None:
            rows.remove(first)
            row["old"] = first["old"]
            row["reason"] = _joined(first["reason"], entry.reason)
            row["source_id"] = entry.source_id or first["source_id"]
            row["issue"] = entry.issue or first["issue"]
            row["kind"] = _kind(first, entry, row)
        if row["kind"]:
            rows.append(row)
    return rows


def _kind(first: Row, entry: Entry, row: Row) -> str:
    """The kind of two changes as one; empty if nothing is left of them."""
    if row["old"] == row["new"]:
        return "evidence" if "evidence" in (first["kind"], entry.kind) else ""
    if not row["old"]:
        # A record that came and went before anybody saw it leaves nothing; a value that came stays an addition.
        return "" if entry.field == "id" else "addition"
    kinds = (first["kind"], entry.kind)
    return next(kind for kind in ("correction", "revision", entry.kind) if kind in kinds)


def _joined(first: str, second: str) -> str:
    return first if second in first else f"{first} {second}"


# --- version ---------------------------------------------------------------------------------------------------------


def released(root: Path) -> str:
    """The last version that was released, by the manifests that were recorded; empty before the first."""
    return next(reversed(recorded(root / MANIFESTS)), "")


def next_version(held: str, last: str, level: Level) -> str:
    """The version that changes of a level belong to: the one that is being made, unless it is too small for them.

    >>> next_version("0.2.0", "0.2.0", "patch"), next_version("0.2.1", "0.2.0", "minor")
    ('0.2.1', '0.3.0')
    """
    lowest = least(last, level) if last else held
    return max(held, lowest, key=version_order)


def renumbered(log: Iterable[Row], old: str, new: str) -> list[Row]:
    """The log with another number for the version that is being made."""
    return [row | {"version": new} if row["version"] == old else dict(row) for row in log]


def numbered(descriptor: str, version: str) -> str:
    """The text of datapackage.json with another version."""
    return re.sub(r'("version": ")[^"]*"', rf'\g<1>{version}"', descriptor, count=1)


# --- changelog -------------------------------------------------------------------------------------------------------

_UNRELEASED = "## [Unreleased]"


def changelog(text: str, heading: str, line: str) -> str:
    """The changelog with one more line under a heading of what is unreleased, such as Corrected or Added."""
    lines = text.rstrip("\n").split("\n")
    if _UNRELEASED not in lines:
        at = _first(lines, "## ", 0, len(lines))
        lines[at:at] = [_UNRELEASED, ""]
    start = lines.index(_UNRELEASED)
    end = _first(lines, "## ", start + 1, len(lines))
    title = f"### {heading}"
    item = textwrap.wrap(
        line, 118, initial_indent="- ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    if title in lines[start:end]:
        at = lines.index(title, start, end)
        end = _first(lines, "### ", at + 1, end)
    else:
        item = ["", title, "", *item]
    while not lines[end - 1]:
        end -= 1
    lines[end:end] = item
    return "\n".join(lines) + "\n"


def _first(lines: list[str], mark: str, start: int, end: int) -> int:
    """The first of some lines that begins with a mark, or the end."""
    return next((n for n in range(start, end) if lines[n].startswith(mark)), end)


def told(entries: Iterable[Entry], titles: Mapping[str, str], prose: Collection[str]) -> Iterator[tuple[str, str]]:
    """The headings of the changelog and the lines that say to readers what corrections did.

    titles   of records and sources, by id
    prose    names of fields that hold text of no set form; that a note was reworded along with a value says nothing
    """
    listed = list(entries)
    of_values = {(entry.record_id, entry.reason) for entry in listed if entry.field not in prose}
    for entry in listed:
        if entry.field not in prose:
            yield _said(entry, titles)
        elif (entry.record_id, entry.reason) not in of_values:
            yield "Corrected", f"{_named(entry, titles)}: {entry.field} reworded. {markdown(entry.reason)}"


def _named(entry: Entry, titles: Mapping[str, str]) -> str:
    return f"{markdown(titles.get(entry.record_id, ''))} (`{entry.record_id}`)".strip()


def _said(entry: Entry, titles: Mapping[str, str]) -> tuple[str, str]:
    named = _named(entry, titles)
    reason = markdown(entry.reason)
    if entry.field == "id":
        if not entry.old:
            return "Added", f"{named}. {reason}"
        then = f", now `{entry.new}`" if entry.new else ""
        return "Removed", f"{named}, retired{then}. {reason}"
    values = f"{markdown(entry.old) or 'empty'} → {markdown(entry.new) or 'empty'}"
    match entry.kind:
        case "addition":
            return "Added", f"{named}: {entry.field} {markdown(entry.new)}. {reason}"
        case "evidence":
            return "Evidence", f"{named}: {entry.field} {markdown(entry.old)}, beside it {entry.source_id}. {reason}"
        case "revision":
            return "Revised", f"{named}: {entry.field} {values}. {reason}"
    return "Corrected", f"{named}: {entry.field} {values}. {reason}"
