"""What changed between two versions, written down: as text, Markdown, HTML or JSON.

Text, Markdown and HTML are for people. They name each record by its title and id, each figure with its old and its new
value, why it changed and who says so, and count what nobody would read line by line: claims, control totals, the log,
and rows taken in bulk from a publisher's file when there are many. Markdown is cut to the length of a comment on GitHub
and says what it left out. All that comes from the data is escaped; in Markdown no @name, #number, address or commit in
it becomes a mention or a link. HTML is one page without script that loads nothing.

JSON is complete:

    old, new      the two versions (numbers)
    same          whether nothing changed
    demands       {"version": none | patch | minor | major, "reasons": [...]}, see `release.required_version`
    schema        [{table, field, what, old, new, breaks}], as `borderledger.changes.SchemaChange`
    added         [{table, key: [...], title, cells: {column: value}, sources: [id, ...]}]
    removed       the same, and retired: {version, old, new, reason, source_id, issue, kind} or null;
                  new is the successor
    changed       [{table, key, title, field, old, new, sources, kind, logged: {...} or null}];
                  kind is correction, revision, unlogged (a figure whose change the log lacks) or empty (no figure)
    grades        [{table, record, title, old, new}]
    sources       {id: {title, publisher, published, url}} of all sources named above
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from borderledger.changes import AddedRow, ChangedField, RemovedRow, diff
from borderledger.errors import BorderledgerError
from borderledger.output.escape import printable
from borderledger.package import title
from release.report.comparison import Comparison, compare
from release.report.html import html
from release.report.items import SOURCE, text
from release.report.markdown import markdown
from release.versions import opened

__all__ = ["FORMATS", "run_diff"]


def run_diff(
    old: str | Path,
    new: str | Path = ".",
    *,
    form: str = "text",
    repository: str | Path = ".",
    out: TextIO | None = None,
    log: TextIO | None = None,
) -> int:
    """Print what changed between two versions (see `release.versions`). Returns 0 same, 1 differs, 2 cannot tell.

    form   text, markdown, html or json
    """
    out, log = out or sys.stdout, log or sys.stderr
    try:
        with opened(old, repository) as earlier, opened(new, repository) as later:
            found = compare(diff(earlier.dataset, later.dataset), earlier.dataset, later.dataset)
            out.write(FORMATS[form](found))
            return 1 if found.changes else 0
    except BorderledgerError as error:
        print(printable(f"release: {error}"), file=log)
        return 2


# --- JSON ------------------------------------------------------------------------------------------------------------


def _json(c: Comparison) -> str:
    changes = c.changes
    cited: dict[str, None] = {}

    def row(one: AddedRow | RemovedRow) -> dict[str, Any]:
        cited.update(dict.fromkeys(one.sources))
        told = {"table": one.table, "key": list(one.key), "title": title(one.cells), "cells": dict(one.cells)}
        return told | {"sources": list(one.sources)}

    def cell(one: ChangedField) -> dict[str, Any]:
        cited.update(dict.fromkeys(one.sources))
        told = {"table": one.table, "key": list(one.key), "title": c.titles.get(one.key[0], ""), "field": one.field}
        told |= {"old": one.old, "new": one.new, "sources": list(one.sources), "kind": c.kind(one)}
        return told | {"logged": asdict(one.logged) if one.logged else None}

    def retired(one: RemovedRow) -> dict[str, Any]:
        return row(one) | {"retired": asdict(one.retired) if one.retired else None}

    content = {
        "old": changes.old_version,
        "new": changes.new_version,
        "same": not changes,
        "demands": {"version": c.demands.level, "reasons": list(c.demands.reasons)},
        "schema": [asdict(one) for one in changes.schema],
        "added": [row(one) for one in changes.added],
        "removed": [retired(one) for one in changes.removed],
        "changed": [cell(one) for one in changes.changed],
        "grades": [{**asdict(one), "title": c.titles.get(one.record, "")} for one in changes.grades],
    }
    logged = [one.logged for one in changes.changed] + [one.retired for one in changes.removed]
    cited.update(dict.fromkeys(one.source_id for one in logged if one and one.source_id))
    named = {source: c.sources.get(source, {}) for source in cited}
    content["sources"] = {source: {name: of.get(name, "") for name in SOURCE} for source, of in named.items()}
    return json.dumps(content, indent=2) + "\n"  # in ASCII: nothing in it can take over a terminal


#: Ways to write down what changed.
FORMATS: dict[str, Callable[[Comparison], str]] = {"text": text, "markdown": markdown, "html": html, "json": _json}
