"""Proposals: corrections that wait in corrections/pending/ for the next `apply`, one document a file.

A proposal changes nothing else: no table, no log, no version, no page. Its file is named after its record, its field
and a digest of its content. So two people never choose the same name, and any number of branches with proposals merge
without a conflict. `apply` carries proposals out in the order of their names. So the result does not depend on the
order in which they came.

Anybody can propose a file, also a hostile one. A link is not followed, a file of another kind is a finding, and a
folder with too many files is not read.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from borderledger.dataset import Dataset
from borderledger.package import Finding, alone, write_files
from borderledger.package.files import PENDING
from corrections.apply import Outcome, carried_out, written
from corrections.document import LARGEST, Document, parse, read
from corrections.document import written as as_yaml

__all__ = [
    "PENDING",
    "Laid",
    "Proposed",
    "Waiting",
    "apply_pending",
    "copied",
    "findings",
    "laid",
    "name_of",
    "pending",
    "prepared",
    "propose",
    "propose_documents",
    "with_proposals",
]

#: What else may be in the folder.
_KNOWN = {"README.md"}
#: Most proposals at a time; the busiest week of the log has 130 rows.
MOST = 1_000
#: Most proposals that are named as failing in one run, because each takes several validations to find.
_FAILING = 20
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*\.yml")


def name_of(document: Document) -> str:
    """The name of the file of a proposal: record, field or action, and a digest of all that it says."""
    fields = [value.field for value in document.values]
    about = document["action"] if document["action"] in ("record", "retire", "privacy") else fields[0]
    content = json.dumps(document.content, sort_keys=True, ensure_ascii=False).encode("utf-8", "replace")
    digest = hashlib.sha256(content).hexdigest()[:10]
    return f"{document['record'][:100]}-{re.sub('[^a-z0-9]+', '-', about)}-{digest}.yml"


# --- reading ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """A proposal, with the bytes of its file as they were read."""

    path: str
    content: bytes
    document: Document


def pending(root: Path) -> tuple[list[Waiting], list[Finding]]:
    """The proposals in the order of their names, and what is wrong with the others. Raises OSError."""
    folder = root / PENDING
    try:
        if folder.is_symlink():
            return [], [_bad(PENDING, "is a link", "Replace it by a folder.")]
        names = sorted(file.name for file in folder.iterdir())
    except FileNotFoundError:
        return [], []
    except NotADirectoryError:
        return [], [_bad(PENDING, "is not a folder", "Replace it by a folder.")]
    names = [name for name in names if name not in _KNOWN and not name.startswith(".")]
    if len(names) > MOST:
        message = f"holds {len(names):,} files; at most {MOST:,} are read"
        return [], [_bad(PENDING, message, "Delete what is no proposal. Apply the others, then propose more.")]
    waiting: list[Waiting] = []
    found: list[Finding] = []
    for name in names:
        path = f"{PENDING}/{name}"
        if not _NAME.fullmatch(name):
            shown = f"{PENDING}/{name.encode('utf-8', 'replace').decode('utf-8')}"
            fix = "Delete the file, or move it away and run: python -m corrections propose FILE"
            found.append(_bad(shown, "does not have the name of a proposal", fix))
            continue
        try:
            if not stat.S_ISREG((folder / name).lstat().st_mode):
                found.append(_bad(path, "is a link, a folder or a device, not a file", "Delete it."))
                continue
            with open(folder / name, "rb") as file:
                content = file.read(LARGEST + 1)
        except FileNotFoundError:  # another command has applied it just now
            continue
        except OSError as error:
            found.append(_bad(path, f"cannot be read: {error.strerror}", "Restore it, or delete it."))
            continue
        document, wrong = parse(content, path)
        found += wrong
        if document:
            waiting.append(Waiting(path, content, document))
    return waiting, found


def _bad(path: str, message: str, fix: str) -> Finding:
    return Finding(path, 0, "", "", message, fix, "correction.file")


# --- carrying out ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Laid:
    """The proposals laid over the tables.

    outcome    of those that can be carried out; nothing is written
    accepted   those
    findings   what is wrong with the others, each with the file and line of its proposal
    """

    outcome: Outcome
    accepted: tuple[Waiting, ...]
    findings: tuple[Finding, ...]


def laid(waiting: Sequence[Waiting], root: Path) -> Laid:
    """Lay proposals over the tables in the order given. One that does not fit is left out, and the next is tried."""
    good, found = list(waiting), list[Finding]()
    for _ in range(_FAILING):
        outcome = _tried(good, root)
        if outcome.broken:
            return Laid(outcome, (), outcome.findings)
        if outcome.ok:
            return Laid(outcome, tuple(good), tuple(found))
        culprit, wrong = _culprit(good, outcome, root)
        good.remove(culprit)
        found += wrong
    message = f"was not checked, because {_FAILING} other proposals failed before it"
    found += [_bad(one.path, message, "Correct or delete those first.") for one in good]
    return Laid(_tried([], root), (), tuple(found))


def _tried(waiting: Sequence[Waiting], root: Path) -> Outcome:
    documents = [one.document for one in waiting]
    return carried_out(documents, root, {one.path: one.content for one in waiting})


def _culprit(waiting: Sequence[Waiting], outcome: Outcome, root: Path) -> tuple[Waiting, list[Finding]]:
    """The first proposal that cannot follow those before it, and why."""
    named = {finding.file for finding in outcome.findings}
    for one in waiting:
        if one.path in named:
            return one, [finding for finding in outcome.findings if finding.file == one.path]
    # The tables do not fit together. Halve the list until the first proposal is left after which they do not.
    fits, fails, last = 0, len(waiting), outcome
    while fails - fits > 1:
        middle = (fits + fails) // 2
        tried = _tried(waiting[:middle], root)
        if tried.ok:
            fits = middle
        else:
            fails, last = middle, tried
    culprit = waiting[fails - 1]
    return culprit, [_located(culprit.document, finding) for finding in last.findings[:5]]


def _located(document: Document, finding: Finding) -> Finding:
    """A finding about a table as one about the proposal that leads to it."""
    entries = [value for value in document.values if finding.field in (value.field, f"{value.field}_max")]
    path = (*entries[0].path, "new") if entries else ("record",)
    found = document.finding(path, finding.value, f"{finding.file} {finding.field}: {finding.message}", finding.fix, "")
    return Finding(found.file, found.line, found.field, found.value, found.message, found.fix, finding.rule)


def copied(root: Path, folder: Path) -> None:
    """Copy a package into a folder, without anything else that is beside it."""
    for part in ("data", "schemas"):
        shutil.copytree(root / part, folder / part)
    shutil.copy(root / "datapackage.json", folder)


@contextmanager
def with_proposals(dataset: Dataset) -> Iterator[tuple[Dataset, list[Finding]]]:
    """A version as it would be with its proposals, and what is wrong with those that cannot be carried out."""
    root = dataset.root
    waiting, found = pending(root) if isinstance(root, Path) else ([], [])
    if not waiting or not isinstance(root, Path):
        yield dataset, found
        return
    over = laid(waiting, root)
    with tempfile.TemporaryDirectory(prefix="borderledger-") as name:
        folder = Path(name)
        copied(root, folder)
        for path, text in over.outcome.texts:
            if text is not None:
                (folder / path).write_bytes(text.encode("utf-8"))
        yield Dataset(folder), sorted({*found, *over.findings})


def findings(root: Path) -> list[Finding]:
    """What is wrong with the proposals of a checkout."""
    waiting, found = pending(root)
    return sorted({*found, *(laid(waiting, root).findings if waiting else ())})


def apply_pending(root: Path, *, leave_failing: bool = False) -> tuple[Outcome, list[Finding]]:
    """Carry out all proposals, all or none, and delete their files.

    leave_failing   carry out those that can be, and leave the files of the others

    Returns what happened, and what is wrong with the proposals that were left. Raises OSError.
    """
    with alone(root, "corrections apply"):
        waiting, found = pending(root)
        if not waiting:
            return Outcome(tuple(found)), found
        over = laid(waiting, root)
        found = sorted({*found, *over.findings})
        if (found and not leave_failing) or not over.accepted:
            return Outcome(tuple(found)), []
        return written(over.outcome, root), found


# --- proposing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proposed:
    """The files of new proposals: those that were written, those that were there; or what is wrong."""

    outcome: Outcome
    written: tuple[str, ...] = ()
    there: tuple[str, ...] = ()


def propose(paths: Iterable[Path], root: Path) -> Proposed:
    """Check the corrections in some files and put them into the folder of proposals, all or none. Raises OSError.

    They must fit to the tables and to the proposals that wait already. A proposal that waits and does not fit is not
    their fault, and is passed over.
    """
    documents: list[Document] = []
    wrong: list[Finding] = []
    for path in paths:
        document, found = read(path, str(path))
        wrong += found
        documents += [document] if document else []
    return Proposed(Outcome(tuple(wrong))) if wrong else propose_documents(documents, root)


def propose_documents(documents: Sequence[Document], root: Path) -> Proposed:
    """As `propose`, for corrections that have been read."""
    with alone(root, "corrections propose"):
        proposed, texts = prepared(documents, root)
        write_files(root, texts)
        return proposed


def prepared(documents: Sequence[Document], root: Path) -> tuple[Proposed, list[tuple[str, str]]]:
    """What `propose_documents` would say, and the files that it would write, for who writes more in the same step.

    Hold the lock of the package. Raises OSError.
    """
    waiting, _ = pending(root)
    held = {one.path for one in waiting}
    named = {f"{PENDING}/{name_of(document)}": document for document in documents}
    there = tuple(path for path in named if path in held)
    new = [Waiting(path, b"", document) for path, document in named.items() if path not in held]
    outcome = _after(waiting, new, root)
    if not outcome.ok and waiting:  # one of those that wait may be at fault
        waiting = list(laid(waiting, root).accepted)
        outcome = _after(waiting, new, root)
    if outcome.ok and new and waiting:
        outcome = _of_the_new(outcome, waiting, new, root)
    if not (outcome.ok and new):
        return Proposed(outcome, (), there), []
    (root / PENDING).mkdir(parents=True, exist_ok=True)
    texts = [(one.path, as_yaml(one.document.content)) for one in new]
    return Proposed(outcome, tuple(one.path for one in new), there), texts


def _after(waiting: Sequence[Waiting], new: Sequence[Waiting], root: Path) -> Outcome:
    return carried_out([one.document for one in (*waiting, *new)], root, {})


def _of_the_new(outcome: Outcome, waiting: Sequence[Waiting], new: Sequence[Waiting], root: Path) -> Outcome:
    """What the new proposals change, if they can also be carried out in the order of the names, as `apply` does."""
    ordered = sorted((*waiting, *new), key=lambda one: one.path)
    if not carried_out([one.document for one in ordered], root, {}, validated=True).ok:
        records = {one.document["record"]: one.path for one in waiting}
        message, fix = "rests on another proposal, and its name comes before that one", "Propose it when {} is applied."
        found = [
            one.document.finding(
                ("record",), record, message, fix.format(records.get(record, "the other one")), "order"
            )
            for one in new
            if (record := one.document["record"])
        ]
        return Outcome(tuple(found))
    shown = carried_out([one.document for one in new], root, {}, validated=True)
    return shown if shown.ok else outcome  # those that rest on another proposal cannot be shown alone
