"""The record of a correction: rows in data/corrections.csv, the next version, and a line in CHANGELOG.md."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from borderledger.output.escape import markdown
from borderledger.package import version_order
from release.manifest import MANIFESTS, recorded
from release.required_version import Level, least

__all__ = ["Entry", "changelog", "entered", "next_version", "numbered", "released", "told", "unreleased"]

Row = dict[str, str]


@dataclass(frozen=True)
class Entry:
    """A row of the log: what a correction did to one cell or, with the field `id`, to a whole record."""

    record_id: str
    field: str
    kind: str
    old: str
    new: str
    reason: str
    source_id: str = ""
    issue: str = ""


def entered(log: Iterable[Row], entries: Iterable[Entry], version: str, last: str) -> list[Row]:
    """The rows of the log with those of a correction, for the version in preparation.

    The log says what happened to published values. So a second change of a cell since the last release joins the first:
    `old` is the published value, and a cell that has its published value again has no row. All other rows stay as they
    are, also if the version in preparation becomes a higher one.

    last   the last released version; empty before the first
    """
    rows = [dict(row) for row in log]
    for entry in entries:
        mine = (row for row in rows if (row["record_id"], row["field"]) == (entry.record_id, entry.field))
        first = next((row for row in mine if unreleased(row, last)), None)
        row = {"version": version, **vars(entry)}
        if first is not None:
            rows.remove(first)
            row |= _joined(first, row) | {"old": first["old"]}
            row["kind"] = _kind(first, entry, row)
        if row["kind"]:
            rows.append(row)
    return rows


def unreleased(row: Row, last: str) -> bool:
    """Whether a row of the log is younger than the last released version; before the first release, each is."""
    return not last or version_order(row["version"]) > version_order(last)


def _kind(first: Row, entry: Entry, row: Row) -> str:
    """The kind of two changes together; empty if they cancel each other."""
    if row["old"] == row["new"]:
        return "evidence" if "evidence" in (first["kind"], entry.kind) else ""
    if not row["old"]:
        # A record that was added and retired before publication leaves no row. A new value stays an addition.
        return "" if entry.field == "id" else "addition"
    kinds = (first["kind"], entry.kind)
    return next(kind for kind in ("correction", "revision", entry.kind) if kind in kinds)


def _joined(first: Row, second: Row) -> Row:
    """Reason, source and issue of two rows together; new evidence does not replace an earlier change.

    A row has one source and one issue. Those of the other row follow its reason, so that none is lost.
    """
    main, other = (first, second) if second["kind"] == "evidence" else (second, first)
    credit = f" ({_who(other)})" if _who(other) not in ("", _who(main)) else ""
    said = [row["reason"] + (credit if row is other else "") for row in (first, second)]
    if first["reason"] == second["reason"]:
        said = [other["reason"] + credit]
    elif said[1] in said[0]:
        said = said[:1]
    return {"reason": " ".join(said)} | {key: main[key] or other[key] for key in ("source_id", "issue")}


def _who(row: Row) -> str:
    return ", ".join(filter(None, (row["source_id"], row["issue"] and f"issue {row['issue']}")))


# --- version ---------------------------------------------------------------------------------------------------------


def released(root: Path) -> str:
    """The last released version, by the recorded manifests; empty before the first."""
    return next(reversed(recorded(root / MANIFESTS)), "")


def next_version(held: str, last: str, level: Level) -> str:
    """The version for changes of a level: the one in preparation, or a higher one if the level requires it.

    >>> next_version("0.2.0", "0.2.0", "patch"), next_version("0.2.1", "0.2.0", "minor")
    ('0.2.1', '0.3.0')
    """
    lowest = least(last, level) if last else held
    return max(held, lowest, key=version_order)


def numbered(descriptor: str, version: str) -> str:
    """The text of datapackage.json with another version."""
    return re.sub(r'("version": ")[^"]*"', rf'\g<1>{version}"', descriptor, count=1)


# --- changelog -------------------------------------------------------------------------------------------------------

_UNRELEASED = "## [Unreleased]"


def changelog(text: str, heading: str, line: str) -> str:
    """The changelog with one more line under a heading of the unreleased part, such as Corrected or Added."""
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
    """The headings and lines of the changelog that tell readers what corrections did.

    titles   of records and sources, by id
    prose    fields of free text; if a value changed as well, the line leaves out that a note was reworded
    """
    grouped: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        grouped.setdefault((entry.record_id, entry.reason), []).append(entry)
    for (record, reason), mine in grouped.items():
        named = f"{markdown(titles.get(record, ''))} (`{record}`)".strip()
        said: dict[str, list[str]] = {}
        for entry in [entry for entry in mine if entry.field not in prose] or mine:
            heading, what = _said(entry, entry.field in prose)
            said.setdefault(heading, []).append(what)
        for heading, parts in said.items():
            what = "; ".join(filter(None, parts))
            yield heading, f"{named}{': ' if what else ''}{what}. {markdown(reason)}"


def _said(entry: Entry, reworded: bool) -> tuple[str, str]:
    """The heading for a row of the log, and what the line says about the record."""
    old, new = markdown(entry.old), markdown(entry.new)
    if entry.field == "id":
        return ("Removed", f"retired, now `{entry.new}`" if new else "retired") if old else ("Added", "")
    if reworded:
        return "Corrected", f"{entry.field} reworded"
    if entry.field == "source_id":
        return "Corrected", f"first source now `{entry.new}`"
    match entry.kind:
        case "addition":
            return "Added", f"{entry.field} {new}"
        case "evidence":
            return "Evidence", f"{entry.field} {old}, beside it `{entry.source_id}`"
        case "revision":
            return "Revised", f"{entry.field} {old or 'empty'} → {new or 'empty'}"
    return "Corrected", f"{entry.field} {old or 'empty'} → {new or 'empty'}"
