"""Read and write the bytes of one file of the package."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from borderledger.package.model import Root

__all__ = ["PENDING", "read_bytes", "write_bytes"]

#: The folder of a checkout in which corrections wait. It is not part of the package.
PENDING = "corrections/pending"


def read_bytes(root: Root, path: str) -> bytes:
    """The bytes of a file.

    Raises OSError, also for what is not a file: a pipe would keep the reader waiting for ever, a device never ends.
    """
    file = root / path
    if file.exists() and not file.is_file():
        raise OSError(errno.EINVAL, "is not a file but a directory, a pipe or a device")
    return file.read_bytes()


def write_bytes(file: Path, content: bytes, target: Path | None = None) -> None:
    """Write a file. When this returns, the disk holds it.

    target   the file that this one will replace

    Raises OSError. Its `filename` is the target, or else the file; the error for a full disk itself names none.
    """
    try:
        with open(file, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        error.filename = str(target or file)
        raise
