"""The versions of the dataset that the loader's tests read: a checkout, and its package as it is shipped.

Both have a sample of the data. tests/release builds and opens a release of all.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import borderledger as bl
from borderledger.output.shipped import packed
from tests.conftest import sample


@pytest.fixture(scope="session")
def checkout() -> bl.Dataset:
    """A checkout."""
    return sample()


def write(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files by their path in a folder."""
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder


@pytest.fixture(scope="session")
def files() -> dict[str, bytes]:
    """The files of the package as it is shipped."""
    return packed(sample().root)


@pytest.fixture(scope="session")
def shipped(files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as it is shipped, in a folder; read only."""
    return write(tmp_path_factory.mktemp("shipped"), files)


@pytest.fixture
def unpack(tmp_path: Path, files: dict[str, bytes]) -> Callable[..., Path]:
    """Write the package as it is shipped, with other bytes in some files, or without them (None)."""

    def to_folder(changed: dict[str, bytes | None]) -> Path:
        content = {path: changed.get(path, old) for path, old in files.items()}
        return write(tmp_path / "unpacked", {path: new for path, new in content.items() if new is not None})

    return to_folder
