"""One writer at a time: a lock on the folder of the package, held from reading to writing.

Readers never wait. The system releases the lock when a process ends, however it ends.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from borderledger.package.files import PENDING
from borderledger.package.writer import clear_staged, finish_writing

__all__ = ["LOCK", "alone"]

#: The file that is locked. It stays in the folder; it is not part of the package.
LOCK = ".borderledger.lock"
#: Who holds the lock, for the message to who waits.
_HOLDER = ".borderledger-writer.txt"
#: Folders of a checkout with files that are written all or none.
_FOLDERS = (".", "data", PENDING, "release/manifests")


@contextmanager
def alone(root: Path, command: str, *, wait: float = 60) -> Iterator[None]:
    """Keep every other writer out of a package. Waits for one that is at work, and says so on standard error.

    command   what the other writer is told: `apply`
    wait      seconds

    Completes an edit that was interrupted. Does not lock a folder without datapackage.json, and creates nothing there.

    Raises OSError if the other writer is still at work after `wait`; its text names it. Then nothing was written.
    """
    if not (root / "datapackage.json").is_file():
        yield
        return
    from filelock import FileLock, Timeout

    lock = FileLock(root / LOCK)
    holder = root / _HOLDER
    try:
        try:
            lock.acquire(timeout=min(wait, 0.5))
        except Timeout:
            print(f"Waiting for another command that is changing the dataset: {_said(holder)} ...", file=sys.stderr)
            lock.acquire(timeout=wait)
    except Timeout:
        said = f"another command is still changing the dataset: {_said(holder)}. Nothing was written; try again later"
        raise OSError(errno.EAGAIN, said, str(root)) from None
    try:
        with contextlib.suppress(OSError):  # a full disk: who waits is not told for whom
            holder.write_text(f"{command}, process {os.getpid()}, since {datetime.now():%H:%M:%S}", encoding="utf-8")
        with contextlib.suppress(ValueError):  # which every reader of the package reports
            finish_writing(root)
            clear_staged(root, [root / folder for folder in _FOLDERS])
        yield
    finally:
        with contextlib.suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _said(holder: Path) -> str:
    try:
        said = holder.read_text(encoding="utf-8")[:200]
    except (OSError, ValueError):
        said = ""
    return "".join(c for c in said if c.isprintable()) or "unknown"
