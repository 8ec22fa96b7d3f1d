"""A package inside a zip file, held in memory.

It can be pickled, copied and used in any number of processes, and what becomes of the file no longer matters.
"""

from __future__ import annotations

import errno
import io
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

__all__ = ["Zipped", "member_path", "stored"]


@dataclass(frozen=True)
class Zipped:
    """A file or a folder in a zip file.

    name     of the zip file
    content  the bytes of the zip file
    at       the path in it
    """

    name: str
    content: bytes = field(repr=False)
    at: str = ""

    def __truediv__(self, path: str) -> Zipped:
        return replace(self, at=f"{self.at}/{path}" if self.at else path)

    def __str__(self) -> str:
        return f"{self.name}/{self.at}"

    def exists(self) -> bool:
        """Whether there is a file of this path."""
        with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
            return any(member_path(member) == self.at for member in archive.infolist())

    def is_file(self) -> bool:
        """Whether there is a file of this path."""
        return self.exists()

    def read_bytes(self) -> bytes:
        """The bytes of a file. Raises OSError when there is none, and as zipfile does when it is damaged."""
        with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
            for member in archive.infolist():
                if member_path(member) == self.at:
                    return archive.read(member)
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self))


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
