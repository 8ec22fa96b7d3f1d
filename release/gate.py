"""Whether a version can be released: compared with the version before and with its own changelog.

It is refused in these cases. Each refusal says what is wrong, where, and how to correct it.

    (any rule of validate)   the dataset has findings; nothing else is checked until they are corrected
    version.form             the version is not X.Y.Z
    version.small            the version is older, the same, or smaller than required (see `release.required_version`)
    version.created          `created` is not a time, or not later than that of the version before
    correction.missing       a published figure changed, and data/corrections.csv does not say so
    correction.old           the log gives an old value that was not the published one
    correction.version       a new row of the log names a version that is published already, or one that comes later
    correction.published     a published row of the log is gone or was changed; its source may only give way to another
                             one that states something about the record
    check.published          a published check of an audit is gone or has another result, and its source is still there
    id.vanished              an id is gone and not retired (a row of the log with the field `id`)
    id.successor             the successor of a retired id does not exist
    id.reused                a retired id is in use
    changelog.missing        CHANGELOG.md has no section on the version
    changelog.empty          the section says nothing
    changelog.pending        the section exists, but lines are still listed under Unreleased
    changelog.date           the section has no date
    rule.silent              a rule does not find the fault that is planted for it (see `release.working_rules`)
    rule.unshown             docs/rules.md lists a rule, and no planted fault shows that it works

That every source is used is a rule of validation (source.used).

A *figure* is a cell of an evidence-bound field that was not empty. A cell that is filled for the first time needs no
row in the log. Neither do cells that are not figures (titles, notes, claims, sources), or the values of a column that
was removed as a whole, which is a change of the schema.
"""

from __future__ import annotations

import csv
import io
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TextIO

from borderledger.changes import ChangedField, Changes, diff
from borderledger.dataset import Dataset
from borderledger.errors import BadArgument, BorderledgerError
from borderledger.output.escape import printable
from borderledger.package import Finding, version_order
from release.changelog import sections
from release.manifest import MANIFESTS, Manifest, recorded
from release.required_version import LEVELS, Required, least, numbers, required, vanished
from release.shipped_files import unmerged
from release.versions import NoPackage, Version, confirm, opened
from release.working_rules import Rules, rules_at_work
from validate.engine import check
from validate.report import Report

__all__ = ["FORMATS", "missing_rows", "refusals", "run_check"]

FORMATS = ("text", "github")

_LOG = "data/corrections.csv"
_DESCRIPTOR = "datapackage.json"
_CHANGELOG = "CHANGELOG.md"
_PLANTED = "release/planted.py"

Row = Mapping[str, str]


def run_check(
    against: str | None,
    new: str | Path = ".",
    *,
    form: str = "text",
    rows: bool = False,
    repository: str | Path = ".",
    out: TextIO | None = None,
    log: TextIO | None = None,
) -> int:
    """Hold a version against the one before and print what is wrong. Returns 0 to go, 1 to stop, 2 cannot tell.

    against      the version before (see `release.versions`); None, or a commit without data package, when there is none
    new          the version to be released: a checkout or a commit
    form         text, or github for annotations
    rows         print the rows that data/corrections.csv lacks instead; kind and reason are left to fill in
    """
    out, log = out or sys.stdout, log or sys.stderr
    try:
        with ExitStack() as stack:
            later = stack.enter_context(opened(new, repository))
            earlier = None
            try:
                earlier = stack.enter_context(opened(against, repository)) if against is not None else None
                if earlier:
                    confirm(earlier.dataset, repository)
            except NoPackage as nothing:
                print(printable(f"{nothing} There is nothing to hold this version against."), file=log)
            if rows:
                out.write(missing_rows(earlier.dataset, later.dataset) if earlier else "")
                return 0
            working = _rules_at_work(later, earlier, Path(repository))
            if working and earlier and not working.known:
                print(printable(_not_known(earlier.dataset)), file=log)
            found = refusals(later, earlier, working)
            if not found:
                print(printable(_verdict(later, earlier, working)), file=out)
                return 0
            out.write(Report(tuple(found), ()).github() if form == "github" else _text(found))
            return 1
    except (BorderledgerError, OSError) as error:
        print(printable(f"release: {error}"), file=log)
        return 2


def refusals(
    new: Version, old: Version | None, working: Rules | None = None, report: Report | None = None
) -> list[Finding]:
    """Why a version cannot be released after another one; `old` is None for the first version.

    working   what is known of the rules of validation; None to leave them out
    report    what validation says of the new version, if that is known

    Raises CorruptPackage when a version cannot be read, BadArgument for a package as shipped.
    """
    root = new.dataset.root
    if new.dataset.shipped or not isinstance(root, Path):
        raise BadArgument(f"{new.name} is a built release. Check the checkout or commit that it was built from.")
    report = report or check(root)
    if found := [*unmerged(root), *(one for one in report.findings if one.rule != "file.merge")]:
        return found
    found = [*_version_form(new.dataset), *_changelog(new), *_created(new.dataset, old.dataset if old else None)]
    found += _rules(working) if working else []
    if old is None:
        return found
    history = _History(old.dataset, new.dataset)
    wanted = _required_version(old.dataset, new.dataset, history.changes, working)
    found += _version_size(old.dataset, new.dataset, wanted)
    return [*found, *_figures(history), *_new_log(history), *_published_log(history), *_checks(history), *_ids(history)]


def missing_rows(old: Dataset, new: Dataset) -> str:
    """The rows that data/corrections.csv lacks, as CSV without header; kind and reason are empty."""
    history = _History(old, new)
    lacking = [{"record_id": gone, "field": "id", "old": gone} for _, gone in _unretired(history)]
    for cell in _unlogged(history):
        source = cell.sources[0] if len(cell.sources) == 1 else ""
        values = {"old": cell.old, "new": cell.new, "source_id": source}
        lacking.append({"record_id": cell.key[0], "field": cell.field, **values})
    lacking.sort(key=lambda row: (row["record_id"], row["field"]))
    text = io.StringIO()
    columns = new.schema("corrections").names
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writerows({"version": new.data_version, **row} for row in lacking)
    return text.getvalue()


# --- the version -----------------------------------------------------------------------------------------------------


def _version_form(new: Dataset) -> Iterator[Finding]:
    if numbers(new.data_version) is None:
        message = f"{new.data_version!r} is not three numbers such as 1.2.3"
        yield _descriptor(new, "version", message, "Number it X.Y.Z.", "version.form")


def _version_size(old: Dataset, new: Dataset, wanted: Required) -> Iterator[Finding]:
    before, after = numbers(old.data_version), numbers(new.data_version)
    if before is None:
        message = f"the version before, {old.data_version!r}, is not X.Y.Z, so it cannot be compared"
        yield _descriptor(new, "version", message, "Compare with a release.", "version.form")
    if before is None or after is None or (wanted.level == "none" and after == before):
        return
    lowest = least(old.data_version, wanted.level if wanted.level != "none" else "patch")
    if after <= before:
        how = "the same as" if after == before else "older than"
        message = f"{new.data_version} is {how} the version before, {old.data_version}"
    elif after < (numbers(lowest) or before):
        message = f"{new.data_version} is too small after {old.data_version}"
    else:
        return
    if wanted.reasons:
        message += f"; the changes require a {wanted.level} version ({_some(wanted.reasons)})"
    yield _descriptor(new, "version", message, f'Set "version" to "{lowest}" or higher.', "version.small")


def _required_version(old: Dataset, new: Dataset, changes: Changes, working: Rules | None) -> Required:
    # Version and time are checked on their own, and the tables are what `changes` is about.
    apart = {"version", "created", "resources"}
    names = sorted((old.descriptor.keys() | new.descriptor.keys()) - apart)
    described = [name for name in names if old.descriptor.get(name) != new.descriptor.get(name)]
    return required(changes, described, dict.fromkeys(fault.name for fault in working.gone) if working else ())


def _created(new: Dataset, old: Dataset | None) -> Iterator[Finding]:
    said = str(new.descriptor.get("created", ""))
    time = _time(said)
    if time is None:
        fix = 'Give the time of the release with its zone, as "2027-03-01T00:00:00Z".'
        yield _descriptor(new, "created", f"{said!r} is not a time with its zone", fix, "version.created")
    elif old and old.data_version != new.data_version:
        before = _time(str(old.descriptor.get("created", "")))
        if before and time <= before:
            message = f"{said} is not later than {old.descriptor['created']}, when {old.data_version} was made"
            fix = 'Set "created" to the time of this release.'
            yield _descriptor(new, "created", message, fix, "version.created")


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else None


def _descriptor(new: Dataset, name: str, message: str, fix: str, rule: str) -> Finding:
    lines = (new.root / _DESCRIPTOR).read_bytes().decode("utf-8").split("\n")
    line = next((n for n, text in enumerate(lines, 1) if text.strip().startswith(f'"{name}"')), 0)
    return Finding(_DESCRIPTOR, line, name, "", message, fix, rule)


# --- the rules of validation -----------------------------------------------------------------------------------------


def _rules_at_work(new: Version, old: Version | None, repository: Path) -> Rules | None:
    """What is known of the rules; None for a built release, which is refused in any case."""
    root = new.dataset.root
    if new.dataset.shipped or not isinstance(root, Path):
        return None
    kept = recorded(repository / MANIFESTS).get(old.dataset.data_version) if old else None
    return rules_at_work(root, Manifest.parse(kept.read_bytes()).faults if kept else None)


def _not_known(old: Dataset) -> str:
    said = f"No manifest says which faults the rules of {old.data_version} found"
    return f"{said}, so this check does not see a rule that was weakened since then."


def _rules(working: Rules) -> Iterator[Finding]:
    for fault in working.silent:
        message = f"{fault.name} does not find the fault that is planted for it ({fault.example})"
        fix = "Restore the rule. If it is to go, take the fault out, too; this requires a major version."
        yield Finding(_PLANTED, 0, fault.field, "", message, fix, "rule.silent")
    for rule in working.unshown:
        message = f"the page lists {rule}, but no planted fault shows that this rule works"
        yield Finding("docs/rules.md", 0, "", "", message, f"Add a fault for it to {_PLANTED}.", "rule.unshown")


# --- the changelog ---------------------------------------------------------------------------------------------------


def _changelog(new: Version) -> Iterator[Finding]:
    version = new.dataset.data_version
    listed = list(sections(new.changelog or ""))
    found = [section for section in listed if section.version == version]
    pending = any(section.version.lower() == "unreleased" and not section.empty for section in listed)
    heading = f"`## [{version}] - YYYY-MM-DD`"
    if not found:
        message = f"there is no section on {version}" if new.changelog is not None else "is missing"
        fix = f"Add {heading} with what changed for readers."
        fix += " Move the lines from Unreleased there." if pending else ""
        yield Finding(_CHANGELOG, 0, "", "", message, fix, "changelog.missing")
        return
    if len(found) > 1:
        message = f"has a second section on {version}"
        yield Finding(_CHANGELOG, found[1].line, "", "", message, "Join the two.", "changelog.missing")
    if pending:
        message = f"there is a section on {version}, but lines are still listed under Unreleased"
        fix = f"Move them into the section on {version}. If {version} is published, raise the version."
        yield Finding(_CHANGELOG, found[0].line, "", "", message, fix, "changelog.pending")
    section = found[0]
    if section.empty:
        fix = "Say what changed, in terms of the data."
        yield Finding(_CHANGELOG, section.line, "", "", f"the section on {version} is empty", fix, "changelog.empty")
    if section.day is None:
        message = f"the section on {version} has no date"
        yield Finding(_CHANGELOG, section.line, "", "", message, f"Write {heading}.", "changelog.date")


# --- the log of corrections ------------------------------------------------------------------------------------------


class _History:
    """The old and the new version, what differs between them, and what the log says happened.

    old     every id of the old version with its row
    ids     every id of the new version
    lines   for each table and id of the new version the line of its file
    log     for each record and field the rows of the log since the old version, by version
    stated  each source with each record that it states something about, in either version
    """

    def __init__(self, old: Dataset, new: Dataset) -> None:
        self.versions = old.data_version, new.data_version
        self.changes = diff(old, new)
        self.paths = {table.name: table.path for table in (*self.changes.old_tables, *self.changes.new_tables)}
        self.old = {row["id"]: row for _, _, row in _rows_by_id(old)}
        self.lines = {(table, row["id"]): line for table, line, row in _rows_by_id(new)}
        self.ids = {record for _, record in self.lines}
        self.whole_log = list(enumerate(new.rows("corrections"), 2)) if "corrections" in new.names else []
        published = {_entry(row) for row in old.rows("corrections")} if "corrections" in old.names else set()
        self.recent = [(line, row) for line, row in self.whole_log if _entry(row) not in published]
        both = [row for version in (old, new) if "claims" in version.names for row in version.rows("claims")]
        self.stated = {(row["source_id"], row["record_id"]) for row in both}
        self.log: defaultdict[tuple[str, str], list[tuple[int, Row]]] = defaultdict(list)
        for line, row in sorted(self.recent, key=lambda found: version_order(found[1]["version"])):
            self.log[row["record_id"], row["field"]].append((line, row))


def _rows_by_id(version: Dataset) -> Iterator[tuple[str, int, Row]]:
    """The rows that have an id, each with its table and its line."""
    for name in version.names:
        if version.schema(name).key == ("id",):
            yield from ((name, line, row) for line, row in enumerate(version.rows(name), 2))


def _entry(row: Row) -> tuple[str, ...]:
    return row["version"], row["record_id"], row["field"]


def _unlogged(history: _History) -> Iterator[ChangedField]:
    """The published figures that changed without a row in the log."""
    was = {table.name: table for table in history.changes.old_tables}
    now = {table.name: table for table in history.changes.new_tables}
    for cell in history.changes.changed:
        figure = cell.field in was[cell.table].bound and cell.field in now[cell.table].by_name
        if figure and cell.old and (cell.key[0], cell.field) not in history.log:
            yield cell


def _figures(history: _History) -> Iterator[Finding]:
    fix = (
        f"Restore the value, or log the change in {_LOG} with kind and reason. --rows prints all rows that are missing."
    )
    for cell in _unlogged(history):
        line = history.lines.get((cell.table, cell.key[0]), 0)
        became = f"became {cell.new}" if cell.new else "was emptied"
        published = f"{cell.old}, published in {history.versions[0]}"
        message = f"{cell.key[0]}: {published}, {became}, but the log has no row for it"
        yield Finding(history.paths[cell.table], line, cell.field, cell.new[:200], message, fix, "correction.missing")


def _new_log(history: _History) -> Iterator[Finding]:
    before, after = history.versions
    for line, row in history.recent:
        version = row["version"]
        if version_order(version) <= version_order(before):
            why = "which was published without it"
        elif version_order(version) > version_order(after):
            why = "which is later than this version"
        else:
            continue
        message = f"{row['record_id']} {row['field']} is logged for {version}, {why}"
        yield Finding(_LOG, line, "version", version, message, f"Write {after}.", "correction.version")
    for (record, field), entries in history.log.items():
        line, first = entries[0]
        held = history.old.get(record, {}).get(field)
        if field != "id" and held is not None and first["old"] != held:
            shown = repr(held) if held else "nothing"
            message = f"{record} {field}: {first['old']!r} was not published; {before} holds {shown}"
            fix = "Enter the value that was published, or delete the row."
            yield Finding(_LOG, line, "old", first["old"][:200], message, fix, "correction.old")


def _published_log(history: _History) -> Iterator[Finding]:
    fix = f"Restore the row as it stands in {history.versions[0]}; log what has changed since as another."
    for gone in history.changes.removed:
        if gone.table == "corrections":
            message = f"the published row on {' '.join(gone.key)} is gone"
            yield Finding(_LOG, 0, "", "", message, fix, "correction.published")
    lines = {_entry(row): line for line, row in history.whole_log}
    for cell in history.changes.changed:
        # Words may be corrected; what was said to have happened may not.
        if cell.table == "corrections" and cell.field in ("kind", "old", "new"):
            message = f"the published row on {' '.join(cell.key)} said {cell.old!r}"
            line = lines.get(cell.key, 0)
            yield Finding(_LOG, line, cell.field, cell.new[:200], message, fix, "correction.published")
        elif cell.table == "corrections" and cell.field == "source_id" and cell.old and not _states(history, cell):
            message = f"the published row on {' '.join(cell.key)} named the source {cell.old}"
            message += f", and {cell.new} states nothing about the record" if cell.new else ""
            other = "Restore the source, or name one that has a claim on the record."
            yield Finding(_LOG, lines.get(cell.key, 0), cell.field, cell.new, message, other, "correction.published")


def _states(history: _History, cell: ChangedField) -> bool:
    """Whether the source that a row of the log now names states something about the record."""
    return (cell.new, cell.key[1]) in history.stated


def _checks(history: _History) -> Iterator[Finding]:
    """A published check stays as it is: the error rate that was published rests on it."""
    fix = f"Restore the row as it stands in {history.versions[0]}. If it is wrong, read the claim again in a new audit."
    for gone in history.changes.removed:
        if gone.table == "checks" and gone.cells["source_id"] in history.ids:
            message = f"the published check {' '.join(gone.key)} is gone"
            yield Finding(history.paths["checks"], 0, "", "", message, fix, "check.published")
    for cell in history.changes.changed:
        if cell.table == "checks" and cell.field in ("result", "checked"):
            message = f"the published check {' '.join(cell.key)} said {cell.old!r}"
            yield Finding(history.paths["checks"], 0, cell.field, cell.new[:200], message, fix, "check.published")


# --- ids -------------------------------------------------------------------------------------------------------------


def _unretired(history: _History) -> Iterator[tuple[str, str]]:
    """Table and id of each row that is gone without a row in the log."""
    for table, ids in vanished(history.changes).items():
        yield from ((table, gone) for gone in ids if gone not in history.ids and (gone, "id") not in history.log)


def _ids(history: _History) -> Iterator[Finding]:
    for table, gone in _unretired(history):
        fix = f"Restore it, or retire it in {_LOG}: field id, its successor (if any) as new, and why. --rows prints it."
        message = f"{gone} was published in {history.versions[0]}, is gone, and was not retired"
        yield Finding(history.paths[table], 0, "id", gone, message, fix, "id.vanished")
    retiring = [(line, row) for line, row in history.whole_log if row["field"] == "id" and row["old"]]
    retired = {row["record_id"] for _, row in retiring}
    for line, row in retiring:
        record, successor = row["record_id"], row["new"]
        if record in history.ids:
            fix = "Give the new record another id."
            yield Finding(_LOG, line, "record_id", record, f"{record} is retired but in use", fix, "id.reused")
        if successor and (successor == record or successor not in history.ids | retired):
            message = f"{successor} is given as the successor of {record}, but the dataset has no such id"
            fix = "Enter the id of the successor, or leave new empty if there is none."
            yield Finding(_LOG, line, "new", successor, message, fix, "id.successor")


# --- output ----------------------------------------------------------------------------------------------------------


def _text(found: list[Finding]) -> str:
    lines = [line for one in found for line in (str(one), f"    {one.fix}")]
    lines += ["", f"This version cannot be released: {len(found)} problem{'s' if len(found) > 1 else ''}."]
    return "".join(f"{printable(line)}\n" for line in lines)


def _verdict(new: Version, old: Version | None, working: Rules | None) -> str:
    version = new.dataset.data_version
    if old is None:
        return f"{version} can be released as the first version."
    wanted = _required_version(old.dataset, new.dataset, diff(old.dataset, new.dataset), working)
    since = f"since {old.dataset.data_version}"
    if wanted.level == LEVELS[0]:
        return f"{version}: nothing changed {since}."
    why = f"The changes {since} require a {wanted.level} version ({_some(wanted.reasons)})"
    return f"{version} can be released. {why}."


def _some(reasons: tuple[str, ...]) -> str:
    more = f"; and {len(reasons) - 4} more" if len(reasons) > 4 else ""
    return "; ".join(reasons[:4]) + more
