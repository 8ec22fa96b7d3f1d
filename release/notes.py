"""RELEASE_NOTES.md: what a version brings, for readers who want to use it.

It begins with ten lines that a journalist can read. The words of the changelog follow, then lists from the data, one
line for each record. Corrections (values that were wrong) stand apart from revisions (values that were overtaken),
because a reader who used a value has to act on a correction only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from borderledger.changes import Changes
from borderledger.dataset import Dataset
from borderledger.query.checks import said, together
from borderledger.query.grades import GRADES
from release.changelog import section
from release.planted import Fault
from release.report.comparison import SUMMARY, Cell, Comparison, Entry, breaks, compare, counted, parts, summary, where
from release.report.markdown import cited, code, escaped, fitted, named, table_row, table_rule

__all__ = ["release_notes"]

#: Most characters; GitHub takes 125,000 as the text of a release.
_MOST = 100_000


def release_notes(
    dataset: Dataset, changes: Changes | None, changelog: str | None = None, gone: Sequence[Fault] = ()
) -> str:
    """The notes on a version, as Markdown that ends in a line end.

    changes     what changed since the version before; None for the first one
    changelog   the text of CHANGELOG.md; by default that of the folder of the dataset, if it has one
    gone        the planted faults that the version before found, and this one does not
    """
    if changelog is None:
        file = dataset.root / "CHANGELOG.md"
        changelog = file.read_bytes().decode("utf-8") if file.is_file() else ""
    version = dataset.data_version
    said = section(changelog.replace("\r\n", "\n"), version)
    compared = None if changes is None else compare(changes, dataset)
    lead = "\n".join(_lead(dataset, compared, gone))
    blocks = [("", f"# borderledger {escaped(version)}\n\n{lead}\n")]
    if said and not said.empty:
        blocks.append(("", f"\n## Changes\n\n{said.body}\n"))
    if compared is None:
        blocks.append(("", _tables(dataset)))
    else:
        blocks += _changed(compared)
        blocks += _gone_rules(gone)
    return fitted(blocks, _MOST) + _files(version) + _citation(dataset)


# --- the first ten lines ---------------------------------------------------------------------------------------------

#: Most records that the first lines name.
_NAMED = 3


def _lead(dataset: Dataset, c: Comparison | None, gone: Sequence[Fault]) -> Iterator[str]:
    """What this version is and what it brings, in about ten lines."""
    facts = [dataset.schema(name) for name in dataset.names if dataset.schema(name).bound]
    records = ", ".join(f"{len(dataset.cells(table.name)):,} {escaped(table.name)}" for table in facts)
    day = str(dataset.descriptor.get("created", ""))[:10]
    yield f"Version {escaped(dataset.data_version)}{f' of {escaped(day)}' if day else ''} holds {records}."
    if {"claims", "sources"} <= {*dataset.names}:
        claims, sources = (len(dataset.cells(name)) for name in ("claims", "sources"))
        yield f"{claims:,} claims from {sources:,} sources back them. If sources contradict a record, it is `disputed`."
        if audit := together(dataset):
            yield escaped(said(audit))
    if c is None:
        yield "It is the first version."
        return
    unchecked = [code(where(change)) for change in c.changes.schema if change.drops_a_check]
    unchecked += [f"{code(rule)} (a rule)" for rule in dict.fromkeys(fault.name for fault in gone)]
    no_longer = f"- **No longer checked:** {', '.join(unchecked)}."
    if not c.changes:
        yield from ["", no_longer] if unchecked else []
        return
    before = escaped(c.changes.old_version)
    yield ""
    corrected = [(table, entry) for table, entry in _entries(c, "correction") if not _only_prose(c, table, entry)]
    if corrected:
        yield f"- **Corrected since {before}:** {_some(c, corrected)} If you used a value of these records, check it."
    else:
        yield f"- **Corrected since {before}:** nothing. No published value was wrong."
    revised = [(table, entry) for table, entry in _entries(c, "revision") if not _only_prose(c, table, entry)]
    if revised:
        yield f"- **Revised:** {_some(c, revised)} These values were right when they were published."
    if moved := [
        (entry, cell) for _, entry in (*corrected, *revised) for cell in entry.cells if cell.field == "status"
    ]:
        shown = "; ".join(_one(entry, cell) for entry, cell in moved[:_NAMED])
        yield f"- **Another status:** {_count(len(moved), 'record')}, such as {shown}."
    added = Counter(row.table for row in c.changes.added)
    if new := [f"{added[table.name]:,} in {escaped(table.name)}" for table in facts if added[table.name]]:
        yield f"- **Added records:** {', '.join(new)}."
    retired = sum(1 for gone in c.changes.removed if gone.retired)
    if retired:
        yield f"- **Retired:** {_count(retired, 'id')}; the list says what replaced each."
    if disputed := [grade.record for grade in c.changes.grades if grade.new == "disputed"]:
        named_ones = "; ".join(escaped(c.titles.get(record) or record) for record in disputed[:_NAMED])
        such = ", such as" if len(disputed) > _NAMED else ":"
        number = _count(len(disputed), "record")
        yield f"- **Now disputed:** {number} that no source contradicted before{such} {named_ones}."
    if unchecked:
        yield no_longer
    broken = any("readers" in change.breaks for change in c.changes.schema)
    told = "some changed, so programs may need an edit" if broken else "no program that reads the files needs an edit"
    yield f"- **Columns:** {told}."
    yield "- **Every change,** with its reason and its source, is listed below, one line for each record."


def _entries(c: Comparison, kind: str) -> Iterator[tuple[str, Entry]]:
    """Table and record of each change of this kind, with its cells of this kind."""
    for part in parts(c):
        for entry in part.entries:
            cells = tuple(cell for cell in entry.cells if cell.kind == kind)
            if cells and entry.what == "changed":
                yield part.table, replace(entry, cells=cells)


def _some(c: Comparison, found: Sequence[tuple[str, Entry]]) -> str:
    """How many records changed, and the first of those with a figure or a date."""
    telling = [(entry, cell) for table, entry in found for cell in entry.cells if cell.field in _figures(c, table)]
    named = {entry.record: (entry, cell) for entry, cell in reversed(telling)}
    shown = [_one(entry, cell) for entry, cell in list(reversed(named.values()))[:_NAMED]]
    such = f", such as {'; '.join(shown)}" if shown else ""
    return f"{_count(len(found), 'record')}{such}."


def _one(entry: Entry, cell: Cell) -> str:
    return f"{escaped(entry.title or entry.record)} ({escaped(cell.field)} {code(cell.old)}, now {code(cell.new)})"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _figures(c: Comparison, table: str) -> set[str]:
    """The evidence-bound figures and dates of a table."""
    schema = next(known for known in c.changes.new_tables if known.name == table)
    return {f.name for f in schema.fields if f.bound and (f.edtf or f.type in ("integer", "number"))}


# --- what changed ----------------------------------------------------------------------------------------------------


def _changed(c: Comparison) -> Iterator[tuple[str, str]]:
    changes = c.changes
    if not changes:
        yield "", f"\nThe data are those of {escaped(changes.old_version)}.\n"
        return
    wrong = "These values were wrong, or less well founded, when they were published."
    yield from _values(c, "correction", "Corrections", wrong)
    revised = "These values were right when they were published. Since then, their source or the facts have changed."
    yield from _values(c, "revision", "Revisions", revised)
    yield from _retired(c)
    yield from _schema(changes)
    yield "", f"\n## Since {escaped(changes.old_version)}, in numbers\n\n{table_row(SUMMARY)}{table_rule(len(SUMMARY))}"
    for row in summary(changes):
        yield "numbers", table_row([escaped(cell) for cell in row])
    yield "", "\nAdded and removed are rows; the others are fields.\n"


#: Properties that are words for people: a change of them changes no data.
_WORDS = ("title", "description", "label", "not_covered")


def _schema(changes: Changes) -> Iterator[tuple[str, str]]:
    """What changed in the schemas; new words are counted only."""
    reworded = [change for change in changes.schema if change.what in _WORDS]
    others = [change for change in changes.schema if change.what not in _WORDS]
    if changes.schema:
        yield "", "\n## Changes of the schema\n\n"
    for change in others:
        effect = f": {breaks(change)}" if change.breaks else ""
        what = f"{escaped(change.what)} {code(change.old)} → {code(change.new)}"
        yield "schema changes", f"- {code(where(change))} {what}{effect}\n"
    if reworded:
        yield "", f"- {_count(len(reworded), 'description')} of tables, columns and values reworded\n"


def _gone_rules(gone: Sequence[Fault]) -> Iterator[tuple[str, str]]:
    """The rules that are gone or weaker, each with what it found before."""
    if gone:
        words = "Validation found these faults before, and does not find them now."
        yield "", f"\n## Rules that are gone or weaker\n\n{words}\n\n"
    for fault in gone:
        yield "faults", f"- {code(fault.name)}: {code(fault.example)}\n"


#: From so many records with the same change for the same reason on, the reason stands once above them.
_ALIKE = 4


def _values(c: Comparison, kind: str, heading: str, words: str) -> Iterator[tuple[str, str]]:
    groups: dict[tuple[str, ...], list[tuple[str, Entry]]] = {}
    reworded = 0
    for table, entry in _entries(c, kind):
        if _only_prose(c, table, entry):
            reworded += 1
            continue
        groups.setdefault((_said_of(c, table, entry), _why(entry)), []).append((table, entry))
    lines = []
    for (_, why), members in groups.items():
        if len(members) < _ALIKE:
            lines += [_line(c, table, entry) for table, entry in members]
            continue
        lines.append(f"- {_count(len(members), 'record')} for one reason: {why}\n")
        lines += [f"  {_line(c, table, entry, told=True)}" for table, entry in members]
    for part in parts(c):
        for count in part.counts:
            if count.kind == kind:
                lines.append(f"- {escaped(counted(count))}. {escaped(count.reason)}{cited(c, [count.source])}\n")
    if reworded:
        lines.append(f"- {_count(reworded, 'record')} with nothing but a reworded note.\n")
    if lines:
        yield "", f"\n## {heading}\n\n{words}\n\n"
        yield from ((heading.lower(), line) for line in lines)


def _prose(c: Comparison, table: str) -> set[str]:
    """The fields of a table that hold words of ours, and no figure."""
    schema = next(known for known in c.changes.new_tables if known.name == table)
    return {*schema.prose}.difference(schema.bound)


def _only_prose(c: Comparison, table: str, entry: Entry) -> bool:
    return all(cell.field in _prose(c, table) for cell in entry.cells)


def _said_of(c: Comparison, table: str, entry: Entry) -> str:
    """The fields that changed."""
    return " ".join(cell.field for cell in entry.cells if cell.field not in _prose(c, table))


def _why(entry: Entry) -> str:
    """Each reason once."""
    return " ".join(dict.fromkeys(escaped(cell.reason) for cell in entry.cells if cell.reason))


def _line(c: Comparison, table: str, entry: Entry, *, told: bool = False) -> str:
    """A record in one line: what changed, why unless that is told, and who says so."""
    prose = _prose(c, table)
    changed = [cell for cell in entry.cells if cell.field not in prose]
    values = [f"{code(cell.field)} {code(cell.old)} → {code(cell.new)}" for cell in changed]
    if reworded := [code(cell.field) for cell in entry.cells if cell.field in prose]:
        values.append(f"{' and '.join(reworded)} reworded")
    why = "" if told else f". {_why(entry)}"
    sources = dict.fromkeys(source for cell in entry.cells for source in cell.sources)
    return f"- {named(entry)}: {', '.join(values)}{why}{cited(c, sources)}\n"


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
        name: Counter(one.grade for one in dataset.grades(dataset.schema(name)))
        for name in dataset.names
        if dataset.schema(name).bound
    }
    grades = [grade for grade in GRADES if any(counts[grade] for counts in graded.values())]
    head = ["table", "rows", *grades]
    rows = []
    for name in dataset.names:
        numbers = [f"{graded[name][grade]:,}" if name in graded else "" for grade in grades]
        rows.append(table_row([escaped(name), f"{len(dataset.cells(name)):,}", *numbers]))
    words = "How well each record is evidenced is worked out from its sources; docs/methodology.md says how.\n"
    return f"\n## Tables\n\n{table_row(head)}{table_rule(len(head))}{''.join(rows)}\n{words}"


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
| `{name}.cdx.json` | the parts of the release and the packages it needs, for vulnerability scanners (CycloneDX) |
| `manifest.json`, `SHA256SUMS` | what all of it was when it was released; `sha256sum -c SHA256SUMS` compares |

The others describe the release to catalogues. All formats hold the same data; the CSV files are what is edited.
"""


def _citation(dataset: Dataset) -> str:
    apa, bibtex = (dataset.cite(style=style).rstrip("\n") for style in ("apa", "bibtex"))
    # As code, so that it can be copied letter for letter.
    lines = "\n".join(f"    {line}".rstrip() for line in [*apa.split("\n"), "", *bibtex.split("\n")])
    return f"\n## How to cite\n\n{lines}\n\nCite the source of the figure that you use, too.\n"
