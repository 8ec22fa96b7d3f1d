"""A package inside a zip file, held in memory.

It can be pickled, copied and used in any number of processes, and what becomes of the file no longer matters.
"""

from __future__ import annotations

import errno
import io
import os
import zipfile
from collections.abc import Mapping
from copy import copy
from functools import cached_property

__all__ = ["Zipped", "member_path", "stored"]


class Zipped:
    """A file or a folder in a zip file.

    name     of the zip file
    content  the bytes of the zip file
    at       the path in it
    """

    def __init__(self, name: str, content: bytes, at: str = "") -> None:
        self._name, self._content, self._at = name, _Content(content), at

    def __truediv__(self, path: str) -> Zipped:
        other = copy(self)
        other._at = f"{self._at}/{path}" if self._at else path
        return other

    def __str__(self) -> str:
        return f"{self._name}/{self._at}"

    def exists(self) -> bool:
        """Whether there is a file of this path."""
        return self._at in self._content.members

    def is_file(self) -> bool:
        """Whether there is a file of this path."""
        return self.exists()

    def read_bytes(self) -> bytes:
        """The bytes of a file. Raises OSError when there is none, and as zipfile does when it is damaged."""
        if not self.exists():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self))
        return self._content.archive.read(self._content.members[self._at])


class _Content:
    """The bytes of a zip file, and what is worked out from them once; a copy works it out anew."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def __reduce__(self) -> tuple[type[_Content], tuple[bytes]]:
        return _Content, (self._raw,)

    @cached_property
    def archive(self) -> zipfile.ZipFile:
        return zipfile.ZipFile(io.BytesIO(self._raw))

    @cached_property
    def members(self) -> dict[str, zipfile.ZipInfo]:
        return {member_path(member): member for member in self.archive.infolist()}


def member_path(member: zipfile.ZipInfo) -> str:
    """The path of a file in a zip file; some programs for Windows write it with backslashes."""
    return member.filename.replace("\\", "/")


def stored(name: str, files: Mapping[str, bytes]) -> Zipped:
    """Files as a package that can be read."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path, raw in files.items():
            archive.writestr(zipfile.ZipInfo(path), raw)
    return Zipped(name, content.getvalue())
