"""RELEASE_NOTES.md: what a version brings, for whoever thinks of using it.

Its words are those of the changelog; its lists come from the data. Corrections (values that were wrong) stand apart
from revisions (values that were overtaken), as a reader who used one has to act on the first only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from borderledger.changes import Changes
from borderledger.dataset import Dataset
from borderledger.query.grades import GRADES
from release.changelog import section
from release.report.comparison import SUMMARY, Comparison, breaks, compare, counted, parts, summary, where
from release.report.markdown import cited, code, escaped, fitted

__all__ = ["release_notes"]

#: Most characters; GitHub takes 125,000 as the text of a release.
_MOST = 100_000


def release_notes(dataset: Dataset, changes: Changes | None, changelog: str | None = None) -> str:
    """The notes on a version, as Markdown that ends in a line end.

    changes     what changed since the version before; None for the first one
    changelog   the text of CHANGELOG.md; by default that of the folder of the dataset, if it has one
    """
    if changelog is None:
        file = dataset.root / "CHANGELOG.md"
        changelog = file.read_bytes().decode("utf-8") if file.is_file() else ""
    version = dataset.data_version
    said = section(changelog.replace("\r\n", "\n"), version)
    blocks = [("", f"# borderledger {escaped(version)}\n")]
    if said and not said.empty:
        blocks.append(("", f"\n## Changes\n\n{said.body}\n"))
    if changes is None:
        blocks.append(("", _tables(dataset)))
    else:
        blocks += _changed(compare(changes, dataset))
    return fitted(blocks, _MOST) + _files(version) + _citation(dataset)


# --- what changed ----------------------------------------------------------------------------------------------------


def _changed(c: Comparison) -> Iterator[tuple[str, str]]:
    changes = c.changes
    if not changes:
        yield "", f"\nThe data are those of {escaped(changes.old_version)}.\n"
        return
    yield from _values(
        c, "correction", "Corrections", "These values were wrong, or less well founded, when they were published."
    )
    revised = "These were not wrong: their source has since given another figure, or the matter itself has moved on."
    yield from _values(c, "revision", "Revisions", revised)
    yield from _retired(c)
    for number, change in enumerate(changes.schema):
        if not number:
            yield "", "\n## Changes of the schema\n\n"
        effect = f": {breaks(change)}" if change.breaks else ""
        what = f"{escaped(change.what)} {code(change.old)} → {code(change.new)}"
        yield "schema changes", f"- {code(where(change))} {what}{effect}\n"
    yield "", f"\n## Since {escaped(changes.old_version)}, in numbers\n\n{_row(SUMMARY)}{_rule(len(SUMMARY))}"
    for row in summary(changes):
        yield "numbers", _row([escaped(cell) for cell in row])
    yield "", "\nAdded and removed are rows; the others are fields.\n"


def _values(c: Comparison, kind: str, heading: str, words: str) -> Iterator[tuple[str, str]]:
    lines = []
    for part in parts(c):
        for entry in part.entries:
            for cell in entry.cells:
                if cell.kind == kind and entry.what == "changed":
                    named = f"**{escaped(entry.title)}** {code(entry.record)}" if entry.title else code(entry.record)
                    value = f"{code(cell.field)} {code(cell.old)} → {code(cell.new)}"
                    lines.append(f"- {named}: {value}. {escaped(cell.reason)}{cited(c, cell.sources)}\n")
        for count in part.counts:
            if count.kind == kind:
                lines.append(f"- {escaped(counted(count))}. {escaped(count.reason)}{cited(c, [count.source])}\n")
    if lines:
        yield "", f"\n## {heading}\n\n{words}\n\n"
        yield from ((heading.lower(), line) for line in lines)


def _retired(c: Comparison) -> Iterator[tuple[str, str]]:
    retired = [gone for gone in c.changes.removed if gone.retired]
    if retired:
        yield "", "\n## Retired ids\n\nThey are never used again.\n\n"
    for gone in retired:
        then = f"now {code(gone.successor)}" if gone.successor else "nothing takes its place"
        reason = escaped(gone.retired.reason if gone.retired else "")
        yield "retired ids", f"- {code(gone.key[0])} ({then}): {reason}\n"


# --- what there is ---------------------------------------------------------------------------------------------------


def _tables(dataset: Dataset) -> str:
    """The tables with their rows, and records by evidence grade."""
    graded = {
        name: Counter(grade for grade, _ in dataset.grades(dataset.schema(name)))
        for name in dataset.names
        if dataset.schema(name).bound
    }
    grades = [grade for grade in GRADES if any(counts[grade] for counts in graded.values())]
    head = ["table", "rows", *grades]
    rows = []
    for name in dataset.names:
        numbers = [f"{graded[name][grade]:,}" if name in graded else "" for grade in grades]
        rows.append(_row([escaped(name), f"{len(dataset.cells(name)):,}", *numbers]))
    words = "How well each record is evidenced is worked out from its sources; docs/methodology.md says how.\n"
    return f"\n## Tables\n\n{_row(head)}{_rule(len(head))}{''.join(rows)}\n{words}"


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return "| " + " | ".join(cells) + " |\n"


def _rule(columns: int) -> str:
    return "|---|" + "---:|" * (columns - 1) + "\n"


def _files(version: str) -> str:
    name = f"borderledger-data-{version}"
    return f"""
## Files

| file | what it is |
|---|---|
| `{name}-csv.zip` | the data package: a CSV file for each table, with its schema |
| `{name}.xlsx` | a workbook for reading: a sheet for each table, with a data dictionary |
| `{name}.sqlite` | a database with keys, views and full-text search, for SQL |
| `datasette.json` | what each table and column means, for opening the database in Datasette |
| `parquet/` | typed columns, for large analyses |
| `borderledger-{version}-py3-none-any.whl` | the loader for Python, with the data inside |
| `manifest.json`, `SHA256SUMS` | what all of it was when it was released; `sha256sum -c SHA256SUMS` compares |

The others describe the release to catalogues. All formats hold the same data; the CSV files are what is edited.
"""


def _citation(dataset: Dataset) -> str:
    apa, bibtex = (dataset.cite(style=style).rstrip("\n") for style in ("apa", "bibtex"))
    # As code, so that it can be copied letter for letter.
    lines = "\n".join(f"    {line}".rstrip() for line in [*apa.split("\n"), "", *bibtex.split("\n")])
    return f"\n## How to cite\n\n{lines}\n\nCite the source of the figure that you use, too.\n"
