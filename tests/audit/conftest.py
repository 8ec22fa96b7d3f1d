"""Worksheets of the small package, filled by a reader who finds what was entered."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.worksheet import worksheet
from borderledger.dataset import Dataset
from borderledger.query.checks import Entry, entries
from corrections.log import numbered
from tests.conftest import Mini, Row

AUDIT = "a1"
PLACE, BETTER = "opening text", "second paragraph, first sentence"
Sheet = Callable[..., Path]


@pytest.fixture
def mini(mini: Mini) -> Mini:
    """The small package, as a version that does not move with the dataset."""
    descriptor = mini.root / "datapackage.json"
    descriptor.write_text(numbered(descriptor.read_text("utf-8"), "0.2.0"), "utf-8")
    return mini


def pool(root: Path) -> dict[tuple[str, str, str], Entry]:
    return {entry.key: entry for entry in entries(Dataset(root))}


def right(entry: Entry) -> Row:
    """The answer of a reader who finds what was entered."""
    values, how = zip(*entry.values, strict=True)
    return {"value": " | ".join(values), "qualifier": " | ".join(how), "locator": PLACE}


@pytest.fixture
def sheet(mini: Mini, tmp_path_factory: pytest.TempPathFactory) -> Sheet:
    """Write a worksheet: of some entries by record, field and source, each with what differs from the right answer."""
    folder = tmp_path_factory.mktemp("sheets")

    def write(*answers: tuple[tuple[str, str, str], Row], name: str = "a.csv", audit: str = AUDIT) -> Path:
        dataset = Dataset(mini.root)
        known = pool(mini.root)
        kept = [known[key] for key, _ in answers]
        rows = csv.DictReader(io.StringIO(worksheet(dataset, audit, "how", kept, kept)))
        filled = [row | right(entry) | more for row, entry, (_, more) in zip(rows, kept, answers, strict=True)]
        file = folder / name
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(filled[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(filled)
        return file

    return write


def lines(file: Path) -> list[Row]:
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def change(file: Path, **cells: str) -> None:
    """Write cells into every row of a worksheet."""
    rows = [row | cells for row in lines(file)]
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
