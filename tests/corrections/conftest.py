"""Corrections of the small package, written as the contributor would."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from borderledger.package import Package
from borderledger.package.lock import LOCK
from corrections.apply import Outcome, apply_documents
from corrections.document import Document, parse
from corrections.log import numbered
from tests.conftest import Mini, check_changed

#: A source that is not in the dataset, in full.
NEW_SOURCE = {
    "id": "example-gazette-2025-07-11",
    "title": "Notice on the agreement",
    "publisher": "Official Gazette",
    "kind": "legal",
    "published": "2025-07-11",
    "accessed": "2026-11-24",
    "url": "https://gazette.example/2025/1348",
    "language": "en",
}

#: A change that stands nothing against.
CHANGE = {
    "action": "change",
    "record": "agr-status-ba-2025",
    "values": [{"field": "negotiation_started", "old": "2024-03-12", "new": "2024-03-13"}],
    "source": NEW_SOURCE,
    "locator": "Article 1",
    "reason": "The gazette gives the day on which the talks began.",
}

Apply = Callable[..., Outcome]
Rows = Callable[[str], list[dict[str, str]]]


def document(content: dict[str, Any], name: str = "a.yml") -> Document:
    """A correction that must have the right form."""
    found, wrong = parse(json.dumps(content).encode(), name)
    assert found, wrong
    return found


@pytest.fixture
def mini(mini: Mini, monkeypatch: pytest.MonkeyPatch) -> Mini:
    """The small package, as a version that does not move with the dataset. Only what differs from it is checked."""
    monkeypatch.setattr("corrections.apply.check_package", check_changed)
    descriptor = mini.root / "datapackage.json"
    descriptor.write_text(numbered(descriptor.read_text("utf-8"), "0.2.0"), "utf-8")
    return mini


@pytest.fixture
def apply(mini: Mini) -> Apply:
    """Apply corrections, each the content of a document, to the small package."""

    def run(*contents: dict[str, Any], write: bool = True) -> Outcome:
        documents = [document(content, f"{number}.yml") for number, content in enumerate(contents, 1)]
        return apply_documents(documents, mini.root, write=write)

    return run


@pytest.fixture
def rows(mini: Mini) -> Rows:
    """The rows of a table as they are on the disk."""
    return lambda table: [*Package.read(mini.root).sheets[table].records().values()]


def files(root: Path) -> dict[str, bytes]:
    """Every file below a folder but the lock, which holds nothing."""
    found = (path for path in root.rglob("*") if path.is_file() and path.name != LOCK)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}
