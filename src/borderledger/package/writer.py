"""Write tables in canonical form, and write several files all or none."""

from __future__ import annotations

import contextlib
import csv
import errno
import hashlib
import io
import json
import os
import re
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path

from borderledger.package.descriptor import is_inside
from borderledger.package.files import destination, write_bytes
from borderledger.package.model import Table

__all__ = ["JOURNAL", "canonical_text", "clear_staged", "finish_writing", "sort_key", "write_files"]


def sort_key(table: Table, row: dict[str, str]) -> tuple[str, ...]:
    """Order of the rows in the file: by the key, in code point order."""
    return tuple(row[name] for name in table.key)


def canonical_text(table: Table, rows: Iterable[dict[str, str]]) -> str:
    """A table in canonical form: rows sorted by key, RFC 4180 with quotes only where they are needed, LF."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.names)
    ordered = sorted(rows, key=lambda row: sort_key(table, row))
    writer.writerows([row[name] for name in table.names] for row in ordered)
    return out.getvalue()


#: The journal: a file beside datapackage.json while files of the package are being replaced. It lists them.
JOURNAL = ".borderledger-writing.json"
#: The name of a new file until it replaces the old one: that of the file, and eight digits of this process alone.
_STAGED = re.compile(r"\..+\.[0-9a-f]{8}\.new")


def write_files(root: Path, texts: Sequence[tuple[str, str | None]]) -> None:
    """Write several files below `root`, all or none, even if the process is killed in the middle.

    First, every new file is written under another name. Then a journal is written that says which file replaces which,
    and which is deleted (its text is None). Before the journal is there, nothing has changed. Afterwards, the next
    command that opens the package completes the edit (`finish_writing`).

    Hold the lock from reading to writing (`borderledger.package.lock`): two writers would overwrite each other.

    A symbolic link stays, and the file that it leads to is replaced. The mode stays. What cannot stay is refused (see
    `borderledger.package.files.destination`).

    Raises OSError that names the file. Then no file has changed, or the journal is there and completes the edit later.
    """
    staged: list[Path] = []
    entries = []
    try:
        for path, text in texts:
            if not is_inside(root, path):
                raise OSError(errno.EINVAL, "leads out of the package; nothing was written", str(root / path))
            target = root / path if text is None else destination(root / path)
            entry = {"path": path, "was": _held(target), "becomes": "", "staged": ""}
            if text is not None:
                content = text.encode("utf-8")
                staged.append(_beside(target))
                write_bytes(staged[-1], content, target)
                entry |= {"becomes": _digest(content), "staged": staged[-1].name}
            entries.append(entry)
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

    Readers may do this while the writer does the same, because each step can be done twice. A reader that comes too
    late finds another journal, or none, and leaves the rest to others.

    Raises ValueError when the journal cannot be read, or when somebody has changed a file since the interruption. Then
    no file is touched, so that nothing is lost. Raises OSError when a file cannot be replaced.
    """
    journal = root / JOURNAL
    try:
        listed = journal.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return
    replacements = _replacements(root, listed)
    for target, new, was, becomes in replacements:
        ready = not becomes or _held(new) == becomes
        held = _held(target)  # after `ready`, because another process may replace it in between
        if held != becomes and not (held == was and ready):
            if not _is_still(journal, listed):
                return
            shown = target.relative_to(root) if target.is_relative_to(root) else target
            raise ValueError(f"{shown.as_posix()} was changed after an edit of it was interrupted")
    for target, new, _, becomes in replacements:
        if not becomes:
            target.unlink(missing_ok=True)
            continue
        try:
            os.replace(new, target)
        except FileNotFoundError:  # another process has replaced it just now
            if _held(target) != becomes and _is_still(journal, listed):
                raise
    for folder in {target.parent for target, *_ in replacements}:
        _sync(folder)
    if _is_still(journal, listed):
        journal.unlink(missing_ok=True)


def _replacements(root: Path, listed: bytes) -> list[tuple[Path, Path, str, str]]:
    """From a journal: each file, the file that replaces it, and the digests of both. Raises ValueError."""
    try:
        entries = json.loads(listed)
    except (ValueError, RecursionError):
        raise ValueError(f"{JOURNAL} cannot be read") from None
    found = []
    with contextlib.suppress(TypeError, KeyError, ValueError):
        for entry in entries:
            target, staged = root / entry["path"], entry["staged"]
            target = target.resolve() if target.is_symlink() and entry["becomes"] else target
            if is_inside(root, entry["path"]) and (_STAGED.fullmatch(staged) or not entry["becomes"]):
                found.append((target, target.with_name(staged or "-"), entry["was"], entry["becomes"]))
        if len(found) == len(entries):
            return found
    raise ValueError(f"{JOURNAL} was not written by an edit of this package")


def _is_still(journal: Path, listed: bytes) -> bool:
    try:
        return journal.read_bytes() == listed
    except FileNotFoundError:
        return False


def clear_staged(root: Path, folders: Iterable[Path]) -> None:
    """Delete what writers left that were killed before they had a journal. Only the one writer may do this."""
    if (root / JOURNAL).exists():
        return
    for folder in folders:
        for file in folder.glob(".*.new") if folder.is_dir() else ():
            if _STAGED.fullmatch(file.name):
                file.unlink(missing_ok=True)


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}.new")


def _held(file: Path) -> str:
    """The digest of a file; empty if it does not exist."""
    try:
        return _digest(file.read_bytes())
    except FileNotFoundError:
        return ""


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
