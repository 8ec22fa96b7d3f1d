"""Apply several corrections, all or none.

The rows are edited in memory and written to a temporary folder. There, verdicts and control totals are computed and the
whole dataset is validated. Without findings, all files of the package are replaced in one step, which a crash cannot
leave half done (`borderledger.package.write_files`).
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from pathlib import Path

from borderledger.changes import diff
from borderledger.dataset import Dataset
from borderledger.package import (
    Finding,
    Package,
    Sheet,
    alone,
    canonical_text,
    read_resources,
    sort_key,
    unresolved,
    write_files,
)
from borderledger.package.descriptor import is_inside
from corrections.book import Book, Refused
from corrections.document import Document, Value, read
from corrections.edits import carry_out
from corrections.log import Entry, changelog, entered, next_version, numbered, released, told, unreleased
from corrections.names import called
from release.report.comparison import Comparison, compare
from release.required_version import Level
from validate.cells import canonical_cell
from validate.changed import NoCommit, changed_tables
from validate.engine import check, check_package
from validate.engines import Engine, engine_named
from validate.evidence import sealed
from validate.ledger import Ledger
from validate.reading import Cells, first_out_of_form, read_package

__all__ = ["Outcome", "apply", "apply_documents", "carried_out", "weigh", "written"]

_CHANGELOG = "CHANGELOG.md"
_DESCRIPTOR = "datapackage.json"
#: The tables that `weigh` writes.
_WEIGHED = ("claims", "control_totals")

#: The verdicts that a claim may get, by the action of its correction.
_FITTING = {
    "change": ("agrees", "remark"),
    "claim": ("agrees", "coarser", "finer", "remark"),
    "dispute": ("contradicts",),
}


@dataclass(frozen=True)
class Outcome:
    """The result of some corrections.

    findings   what is wrong; if there are any, nothing was written
    changes    what they change, compared row by row; None if there are findings
    texts      the new texts of the files that they change, by path; None for a file that goes
    hints      what an editor checks before the corrections are merged
    read       the contents of the files that all this rests on, by path
    broken     whether the findings are those of the dataset itself
    """

    findings: tuple[Finding, ...]
    changes: Comparison | None = None
    texts: tuple[tuple[str, str | None], ...] = ()
    hints: tuple[str, ...] = ()
    read: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    broken: bool = False

    @property
    def ok(self) -> bool:
        """Whether there are no findings."""
        return not self.findings


def apply(paths: Iterable[Path], root: Path, *, write: bool) -> Outcome:
    """Apply the corrections in some files; without `write`, only return what they would change.

    With `write`, the whole result is validated, and no other command can write to the dataset in the meantime. Without,
    the last commit is taken to have no findings, and only what differs from it is checked.

    Raises OSError that names the file if a file cannot be read or written, or another command does not end.
    """
    if write:
        with alone(root, "corrections apply"):
            return _applied(paths, root, write=True)
    return _applied(paths, root, write=False)


def _applied(paths: Iterable[Path], root: Path, *, write: bool) -> Outcome:
    documents: list[Document] = []
    found: list[Finding] = []
    for path in paths:
        document, wrong = read(path, str(path))
        found += wrong
        if document:
            documents.append(document)
    if found:
        return Outcome(tuple(found))
    return apply_documents(documents, root, write=True) if write else carried_out(documents, root, since="HEAD")


def apply_documents(documents: Sequence[Document], root: Path, *, write: bool) -> Outcome:
    """Apply corrections that have been read; the whole result is validated. To write, hold the lock of the package."""
    outcome = carried_out(documents, root)
    return written(outcome, root) if write else outcome


def written(outcome: Outcome, root: Path) -> Outcome:
    """Write what corrections change, if nobody has changed a file since it was read. Raises OSError."""
    if moved := _moved(outcome.read, root):
        return Outcome(moved)
    write_files(root, outcome.texts)
    return outcome


def carried_out(
    documents: Sequence[Document],
    root: Path,
    proposals: Mapping[str, bytes] | None = None,
    *,
    validated: bool = False,
    since: str = "",
) -> Outcome:
    """What some corrections would change. Nothing is written.

    proposals   the contents of the files that go when the corrections are written, by path. Each was reviewed alone.
    validated   the result was validated before, together with other corrections
    since       a commit without findings: what is as it was there is not checked again
    """
    engine = engine_named("polars")
    package, held = _read(root, engine)
    if package.problems:
        return Outcome(tuple(_of_the_dataset(root)), broken=True)
    if merge := unresolved(_CHANGELOG, held.get(_CHANGELOG, b"").decode("utf-8", "replace")):
        return Outcome((merge,), broken=True)
    book = Book.of(package)
    try:
        for document in documents:
            carry_out(document, book)
    except Refused as refused:
        return Outcome(tuple(refused.findings))
    except (LookupError, ValueError):
        # The code above relies on a dataset without findings.
        if found := _of_the_dataset(root):
            return Outcome(tuple(found), broken=True)
        raise
    if book.weighed and len(documents) > 1 and proposals is None:
        message = "changes how much a source counts, together with other corrections"
        fix = "Apply it alone, and have it reviewed on its own, because the others may depend on it."
        return Outcome(tuple(one.finding(("record",), one["record"], message, fix, "evidence") for one in book.weighed))
    with tempfile.TemporaryDirectory(prefix="borderledger-") as folder:
        stage = Path(folder)
        _stage(book, held, stage)
        found = weigh(book, _staged(package, held, stage, engine))
        if not found and not validated:
            staged = _staged(package, held, stage, engine)
            found = [*check_package(staged, _changed(package, staged, since), graded=False).findings]
        if found:
            own = _of_the_dataset(root)
            return Outcome(tuple(own or found), broken=bool(own))
        if moved := _moved(held, root):
            return Outcome(moved)
        old, new = Dataset(root), Dataset(stage)
        changes = compare(diff(old, new), old, new)
        new_texts = [(path, (stage / path).read_bytes()) for path in held]
        changed = [(path, content.decode("utf-8")) for path, content in new_texts if content != held[path]]
    texts = (*changed, *((path, None) for path in proposals or ()))
    return Outcome((), changes, texts, tuple(_hints(book)), held | dict(proposals or {}))


def _moved(read: Mapping[str, bytes], root: Path) -> tuple[Finding, ...]:
    """A finding for each file that no longer has the content that was read, such as one that a person edits."""
    message, fix = "was changed by somebody else in the meantime", "Nothing was written. Run the command again."
    moved = [path for path, content in read.items() if not _holds(root / path, content)]
    return tuple(Finding(path, 0, "", "", message, fix, "correction.moved-on") for path in moved)


def _holds(file: Path, content: bytes) -> bool:
    try:
        return file.read_bytes() == content
    except FileNotFoundError:
        return False


def _hints(book: Book) -> Iterator[str]:
    for document, claim in book.gone:
        what = document["old_claim"] or document["action"]
        yield (
            f"Check: {document.name} removes the claim of {claim['source_id']} ({what}): {claim['field']} "
            f"{claim['value']}, {claim['locator']}. Before you merge it, read in the source what it says about "
            f"{document['record']}."
        )


def _read(root: Path, engine: Engine) -> tuple[Package, dict[str, bytes]]:
    """The package and the contents of its files, both of the same moment as far as files come to rest."""
    held: dict[str, bytes] = {}
    for _ in range(3):  # to read finishes an edit that was interrupted, and somebody can save a file meanwhile
        held = _held(root)
        package = read_package(root, engine)
        if _held(root) == held:
            break
    return package, held


def _held(root: Path) -> dict[str, bytes]:
    """The contents of the files that corrections can change, by path."""
    _, resources = read_resources(root, [])
    paths = [*(str(resource["path"]) for resource in resources.values()), _DESCRIPTOR, _CHANGELOG]
    return {path: (root / path).read_bytes() for path in paths if is_inside(root, path) and (root / path).is_file()}


def _of_the_dataset(root: Path) -> list[Finding]:
    """The findings of the dataset without any correction; they must be fixed first."""
    return list(check(root).findings)


# --- the temporary folder ----------------------------------------------------------------------------------


def _stage(book: Book, held: dict[str, bytes], stage: Path) -> None:
    """Write the package as the corrections leave it, with the log, the version and the changelog, before `weigh`."""
    package = book.package
    last = released(package.root)
    version = _enter(book, last)
    descriptor = numbered(held[_DESCRIPTOR].decode("utf-8"), version)
    shutil.copytree(package.root / "schemas", stage / "schemas")
    _put(stage / _DESCRIPTOR, descriptor.encode())
    if _CHANGELOG in held:
        text = held[_CHANGELOG].decode("utf-8")
        told_of = {entry.record_id for entry in book.log}
        titles: dict[str, str] = {}
        for rows in (book.before, book.rows):  # including records that are retired now
            for table in (*package.core, package.tables["sources"]):
                titles |= {row["id"]: called(row) for row in rows[table.name] if row["id"] in told_of}
        prose = {name for table in package.core for name in table.prose if not table.by_name[name].bound}
        for heading, line in told(book.log, titles, prose):
            text = changelog(text, heading, line)
        _put(stage / _CHANGELOG, text.encode())
    for name, table in package.tables.items():
        if name in _WEIGHED:
            continue
        sheet = package.sheets[name]
        in_form = isinstance(sheet, Cells) and not first_out_of_form(table, sheet)
        if in_form and book.rows[name] == book.before[name]:
            _put(stage / table.path, held[table.path])
        else:
            _write(book, name, stage)


def _staged(package: Package, held: Mapping[str, bytes], stage: Path, engine: Engine) -> Package:
    """The package in the temporary folder; what is the same as in the package as read is not read again.

    A table that is not there yet is as in the package.
    """
    files = {name: stage / table.path for name, table in package.tables.items()}
    same = {
        name: package.sheets[name]
        for name, file in files.items()
        if not file.exists() or file.read_bytes() == held[package.tables[name].path]
    }
    return read_package(stage, engine, known=same)


def _changed(package: Package, staged: Package, since: str) -> frozenset[str] | None:
    """The tables of the package in the temporary folder that are not as in a commit; None if nobody knows."""
    try:
        changed = changed_tables(package, since) if since else None
    except NoCommit:
        return None
    corrected = {name for name, sheet in staged.sheets.items() if sheet is not package.sheets.get(name)}
    return None if changed is None else changed | corrected


def _enter(book: Book, last: str) -> str:
    """Enter into the log what the corrections did; return the version that the log requires."""
    log, lowest = book.rows["corrections"], next_version(book.package.version, last, "patch")
    entries = [*book.log, *_without_unused(book, entered(log, book.log, lowest, last))]
    version = next_version(lowest, last, _level(entered(log, entries, lowest, last), last))
    book.rows["corrections"] = entered(log, entries, version, last)
    return version


def _without_unused(book: Book, log: list[dict[str, str]]) -> list[Entry]:
    """Remove the sources that nothing cites since a record was retired; return the entries of the log about them."""
    retiring = [entry for entry in book.log if entry.field == "id" and entry.old]
    if not retiring:
        return []
    tables = [table.name for table in book.package.tables.values() if "source_id" in table.by_name]
    citing = [log if name == "corrections" else book.rows[name] for name in tables if name != "control_totals"]
    cited = {row["source_id"] for rows in citing for row in rows} | {row["reprint_of"] for row in book.rows["sources"]}
    unused = [row for row in book.rows["sources"] if row["id"] not in cited]
    book.rows["sources"] = [row for row in book.rows["sources"] if row["id"] in cited]
    if not any(row["field"] == "id" and row["old"] == retiring[0].record_id for row in log):
        return []  # neither the record nor its source was ever published
    reason = f"It was cited only for {retiring[0].record_id}, which was retired."
    return [Entry(row["id"], "id", "correction", row["id"], "", reason, "", retiring[0].issue) for row in unused]


def _write(book: Book, name: str, stage: Path) -> None:
    table = book.package.tables[name]
    _put(stage / table.path, canonical_text(table, book.rows[name]).encode())


def _put(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        file.write_bytes(content)
    except OSError as error:
        error.filename = str(file)  # the error for a full disk names no file
        raise


def _level(log: list[dict[str, str]], last: str) -> Level:
    """The kind of version that the log since the last release requires (docs/decisions/0007)."""
    ids = [row for row in log if row["field"] == "id" and unreleased(row, last)]
    if any(row["old"] for row in ids):
        return "major"
    return "minor" if ids else "patch"


def weigh(book: Book, staged: Package) -> list[Finding]:
    """Enter the verdicts that follow from the values, and seal again each source whose claims changed.

    staged   the package with the rows of the book, in a folder of its own, to which this writes claims and totals
    Returns the claims whose verdict does not fit the action of their correction.
    """
    touched = {entry.record_id for entry in book.log} | {claim["record_id"] for _, _, claim in book.claimed}
    ledger = Ledger(_with_claims(staged, book, "record_id", touched))
    keys = ("record_id", "field", "source_id", "value")
    stated = ledger.fetch(ledger.claims.select(*keys, "computed"))
    computed = {tuple(claim[key] for key in keys): claim["computed"] for claim in stated}
    for claim in book.rows["claims"]:
        if claim["record_id"] in touched:
            claim["verdict"] = computed.get(tuple(claim[key] for key in keys)) or claim["verdict"]
        claim["verdict"] = claim["verdict"] or "agrees"  # for an empty cell, which validation reports
    found = [*_unfitting(book)]
    if found:
        return found
    names = book.package.tables["claims"].names
    was, now = (Counter(map(itemgetter(*names), rows["claims"])) for rows in (book.before, book.rows))
    sources = {claim[names.index("source_id")] for claim in (was - now) | (now - was)}
    sources |= {row["source_id"] for table in book.package.core for row in _changed_in_bulk(book, table.name)}
    sealing = Ledger(_with_claims(staged, book, "source_id", sources))
    book.rows["control_totals"], _ = sealed(sealing, sorted(sources))
    for name in _WEIGHED:
        _write(book, name, staged.root)
    return []


def _with_claims(staged: Package, book: Book, column: str, cells: Collection[str]) -> Package:
    """The package with the claims of the book that have one of some cells in a column, and no other claims."""
    table = book.package.tables["claims"]
    rows = sorted((row for row in book.rows["claims"] if row[column] in cells), key=lambda row: sort_key(table, row))
    claims = Sheet(tuple(table.names), lambda: enumerate(map(itemgetter(*table.names), rows), 2), "")
    return replace(staged, sheets=staged.sheets | {"claims": claims})


def _changed_in_bulk(book: Book, name: str) -> list[dict[str, str]]:
    """Rows under a control total that refer to another record now, because the old one was retired."""
    table = book.package.tables[name]
    held = {row["id"]: row for row in book.before[name]}
    return [row for row in book.rows[name] if held.get(row["id"]) != row and book.in_bulk(table, row)]


def _unfitting(book: Book) -> Iterator[Finding]:
    """Claims whose verdict does not fit the action of their correction."""
    for document, value, claim in book.claimed:
        fitting = _FITTING.get(document["action"])
        if not fitting or claim["verdict"] in fitting or _has_moved_on(book, document, value):
            continue
        held = next(row for row in book.rows["claims"] if row is claim)
        said = f"{held['value']} of {held['source_id']}" + (f" ({value.qualifier})" if value.qualifier else "")
        message = f"{said} {_STANDS[claim['verdict']]} {value.old}"
        fix = {
            "claim": "Use action dispute to record that the sources differ, or action change to replace the value.",
            "dispute": "Use action claim, because it does not contradict the value.",
        }.get(document["action"], "Check the value.")
        yield document.finding((*value.path, "new"), value.new, message, fix, "evidence")


def _has_moved_on(book: Book, document: Document, value: Value) -> bool:
    """Whether a later correction of the same run has changed the value of this one."""
    found = book.find(document["record"])
    if found is None or value.field not in found[0].by_name:
        return True
    table, row = found
    meant = value.new if document["action"] == "change" else value.old
    return canonical_cell(table.by_name[value.field], meant) != row[value.field]


_STANDS = {
    "agrees": "says the same as",
    "coarser": "is less precise than, and includes,",
    "finer": "is more precise than, and lies within,",
    "contradicts": "contradicts",
    "remark": "is only a remark beside",
}
