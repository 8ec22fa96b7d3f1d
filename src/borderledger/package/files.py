"""Read the bytes of a file of the package, and of nothing but a file."""

from __future__ import annotations

import errno

from borderledger.package.model import Root

__all__ = ["read_bytes"]


def read_bytes(root: Root, path: str) -> bytes:
    """The bytes of a file. A pipe would keep the reader waiting for ever, and a device never end."""
    file = root / path
    if file.exists() and not file.is_file():
        raise OSError(errno.EINVAL, "is not a file but a directory, a pipe or a device")
    return file.read_bytes()
