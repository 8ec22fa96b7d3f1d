"""Read and write the bytes of one file of the package."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import shutil
from pathlib import Path
from typing import BinaryIO

from borderledger.package.model import Root

__all__ = ["PENDING", "destination", "keep_mode", "opened", "read_bytes", "write_bytes"]

#: The folder of a checkout in which corrections wait. It is not part of the package.
PENDING = "corrections/pending"


def read_bytes(root: Root, path: str) -> bytes:
    """The bytes of a file.

    Raises OSError, also for what is not a file: a pipe would keep the reader waiting for ever, a device never ends.
    """
    with opened(root, path) as file:
        return file.read()


def opened(root: Root, path: str) -> BinaryIO:
    """A file, to be read part by part. Raises OSError as `read_bytes` does."""
    file = root / path
    if file.exists() and not file.is_file():
        raise OSError(errno.EINVAL, "is not a file but a directory, a pipe or a device")
    return file.open("rb") if isinstance(file, Path) else io.BytesIO(file.read_bytes())


def destination(file: Path) -> Path:
    """The file that a new one may replace: of a symbolic link, the file that it leads to, so that the link stays.

    Raises OSError that names a file that replacing would change in other ways: one with a second name (a hard link),
    which would keep the old content, and one that is read-only, such as the files in the store of git-annex.
    """
    try:
        target = file.resolve() if file.is_symlink() else file
    except RuntimeError:  # Python before 3.13
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(file)) from None
    if not target.exists():
        return target
    if not target.is_file():
        raise OSError(errno.EINVAL, "is not a file but a directory, a pipe or a device", str(file))
    status = target.stat()
    if status.st_nlink > 1:
        why = "has a second name (a hard link), which would keep the old content. First replace it with a copy (cp, mv)"
        raise OSError(errno.EMLINK, why, str(file))
    if not status.st_mode & 0o222:
        why = "is read-only. Make it writable first (chmod u+w; in git-annex or DataLad: unlock)"
        raise OSError(errno.EACCES, why, str(file))
    return target


def keep_mode(old: Path, new: Path) -> None:
    """Give a new file or folder the owner and the mode of the one that it will replace, if there is one."""
    with contextlib.suppress(FileNotFoundError):
        status = old.stat()
        with contextlib.suppress(OSError, AttributeError):  # only root gives files away; Windows has no owners
            os.chown(new, status.st_uid, status.st_gid)
        shutil.copymode(old, new)


def write_bytes(file: Path, content: bytes, target: Path | None = None) -> None:
    """Write a file. When this returns, the disk holds it.

    target   the file that this one will replace, and whose mode it gets

    Raises OSError. Its `filename` is the target, or else the file; the error for a full disk itself names none.
    """
    try:
        with open(file, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        if target:
            keep_mode(target, file)
    except OSError as error:
        error.filename = str(target or file)
        raise
