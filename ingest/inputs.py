"""The raw files: what `inputs.toml` says about them, and opening them."""

from __future__ import annotations

import csv
import hashlib
import tomllib
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import openpyxl
from openpyxl.workbook.workbook import Workbook

from ingest.errors import IngestError, LayoutError, MissingFileError

__all__ = ["Input", "inputs_of", "open_workbook", "raw_bytes"]


@dataclass(frozen=True)
class Input:
    """One raw file: `path` inside the raw folder, `title` of its source, where it comes from, and its pin."""

    source_id: str
    path: str
    title: str
    url: str
    sha256: str


def inputs_of(group: str) -> dict[str, Input]:
    """The files of a group by source id: `frontex-returns` (also read for operations), `uk-returns`, ....

    Raises IngestError if one is not a source of data/sources.csv.
    """
    entries = tomllib.loads(Path(__file__).with_name("inputs.toml").read_text(encoding="utf-8"))[group]
    titles = _titles()
    for entry in entries:
        if entry["source_id"] not in titles:
            raise IngestError(f"data/sources.csv has no source {entry['source_id']}, which ingest/inputs.toml names.")
    return {entry["source_id"]: Input(**entry, title=titles[entry["source_id"]]) for entry in entries}


def _titles() -> dict[str, str]:
    """The title of each source of data/sources.csv."""
    path = Path(__file__).parents[1] / "data" / "sources.csv"
    with open(path, encoding="utf-8", newline="") as file:
        return {row["id"]: row["title"] for row in csv.DictReader(file)}


def raw_bytes(item: Input, raw: Path, *, pinned: bool = True) -> bytes:
    """The bytes of a raw file below `raw`.

    Raises MissingFileError if it is not there, and IngestError if its SHA-256 is not the pinned one.
    """
    path = raw / item.path
    if not path.is_file():
        raise MissingFileError(
            f"{path} is missing: {item.title}. Download {item.url} to it, or name the right folder with --raw."
        )
    content = path.read_bytes()
    if pinned:
        found = hashlib.sha256(content).hexdigest()
        if found != item.sha256:
            raise IngestError(
                f"{path}: SHA-256 is {found}, expected {item.sha256}. It is not the file that was reviewed. Download"
                f" {item.url} again; to read a newer release on purpose, add --unpinned and compare the result."
            )
    return content


def open_workbook(item: Input, raw: Path, *, pinned: bool = True) -> Workbook:
    """Open a raw file below `raw`; formulas give the values that Excel last stored.

    Raises what `raw_bytes` raises, and LayoutError if it is no workbook.
    """
    content = raw_bytes(item, raw, pinned=pinned)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of slicers and print settings, which hold no data
            return openpyxl.load_workbook(BytesIO(content), data_only=True)
    except Exception as error:
        # openpyxl lets through whatever zipfile and the XML parser raise; every one of them means the same here.
        fix = "Open it in a spreadsheet program; if it opens, save it as .xlsx."
        raise LayoutError(item.path, "", 0, "", type(error).__name__, "an Excel workbook (.xlsx)", fix) from error
