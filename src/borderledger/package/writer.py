"""Write tables in canonical form, and write several files all or none."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from borderledger.package.descriptor import is_inside
from borderledger.package.files import write_bytes
from borderledger.package.model import Table

__all__ = ["JOURNAL", "canonical_text", "finish_writing", "sort_key", "write_files"]


def sort_key(table: Table, row: dict[str, str]) -> tuple[str, ...]:
    """Order of the rows in the file: by the key, in code point order."""
    return tuple(row[name] for name in table.key)


def canonical_text(table: Table, rows: Iterable[dict[str, str]]) -> str:
    """A table in canonical form: rows sorted by key, RFC 4180 with quotes only where they are needed, LF."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.names)
    for row in sorted(rows, key=lambda row: sort_key(table, row)):
        writer.writerow([row[name] for name in table.names])
    return out.getvalue()


#: The journal: stands beside datapackage.json while files of the package are being replaced, and lists them.
JOURNAL = ".borderledger-writing.json"


def write_files(root: Path, texts: Sequence[tuple[str, str]]) -> None:
    """Write several files of the package, all or none, even if the process is killed in the middle.

    First, every new file is written under another name. Then a journal is written that says which file replaces which.
    Before the journal is there, nothing has changed. Afterwards, the next command that opens the package completes the
    edit (`finish_writing`).

    Raises OSError that names the file. Then no file has changed, or the journal is there and completes the edit later.
    """
    staged: list[Path] = []
    entries = []
    try:
        for path, text in texts:
            target, content = root / path, text.encode("utf-8")
            staged.append(_beside(target))
            write_bytes(staged[-1], content, target)
            was = _digest(target.read_bytes()) if target.exists() else ""
            entries.append({"path": path, "was": was, "becomes": _digest(content)})
        if entries:
            journal = root / JOURNAL
            staged.append(_beside(journal))
            write_bytes(staged[-1], json.dumps(entries).encode(), journal)
            os.replace(staged[-1], journal)
            _sync(root)
            staged.clear()
    finally:
        for temporary in staged:
            temporary.unlink(missing_ok=True)
    finish_writing(root)


def finish_writing(root: Path) -> None:
    """Complete an edit that was interrupted in `write_files`; without a journal, do nothing.

    Raises ValueError when the journal cannot be read, or when somebody has changed a file since the interruption. Then
    no file is touched, so that nothing is lost. Raises OSError when a file cannot be replaced.
    """
    journal = root / JOURNAL
    try:
        entries = json.loads(journal.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return
    except (ValueError, RecursionError):
        raise ValueError(f"{JOURNAL} cannot be read") from None
    try:
        files = [(root / entry["path"], entry["was"], entry["becomes"]) for entry in entries]
        inside = all(is_inside(root, entry["path"]) for entry in entries)
    except (TypeError, KeyError):
        inside = False
    if not inside:
        raise ValueError(f"{JOURNAL} was not written by an edit of this package")
    for target, was, becomes in files:
        held = _digest(target.read_bytes()) if target.exists() else ""
        ready = _beside(target).exists() and _digest(_beside(target).read_bytes()) == becomes
        if held != becomes and not (held == was and ready):
            raise ValueError(f"{target.relative_to(root).as_posix()} was changed after an edit of it was interrupted")
    for target, _, becomes in files:
        try:
            os.replace(_beside(target), target)
        except FileNotFoundError:  # already replaced: before the process was killed, or by another reader just now
            if not target.exists() or _digest(target.read_bytes()) != becomes:
                raise
    for folder in {target.parent for target, _, _ in files}:
        _sync(folder)
    journal.unlink(missing_ok=True)


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.new")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _sync(folder: Path) -> None:
    """Have the disk record the new names of files. Windows offers no way to ask for it."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
