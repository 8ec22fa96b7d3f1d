"""Where a copy of a source is: the one that it names, or an address that is computed."""

from __future__ import annotations

import csv
import json
import sqlite3

import pytest

import borderledger as bl
from borderledger.dataset import Dataset
from borderledger.output.sqlite import database
from borderledger.query.archive import archive_copy
from tests.conftest import Mini, sample

RECORD = "fac-al-gjader"


def made(dataset: Dataset) -> sqlite3.Connection:
    """The SQLite file of a dataset, in memory."""
    file = sqlite3.connect(":memory:")
    file.deserialize(database(dataset))
    return file


@pytest.mark.parametrize(
    ("url", "accessed", "held", "expected"),
    [
        ("https://a.example/b?c=d", "2026-11-23", "", "https://web.archive.org/web/20261123/https://a.example/b?c=d"),
        ("http://a.example/", "2026-01-02", "", "https://web.archive.org/web/20260102/http://a.example/"),
        ("https://a.example/", "2026-11-23", "https://mirror.example/", "https://mirror.example/"),
        ("https://web.archive.org/web/2015/http://a.example/", "2026-11-23", "", "https://web.archive.org/web/2015/http://a.example/"),
        ("javascript:alert(1)", "2026-11-23", "", ""),
        ("ftp://a.example/", "2026-11-23", "", ""),
        ("https://a.example/", "2026-11", "", ""),
        ("https://a.example/", "", "", ""),
        ("", "2026-11-23", "", ""),
    ],
)  # fmt: skip
def test_how_it_is_made(url: str, accessed: str, held: str, expected: str) -> None:
    assert archive_copy({"url": url, "accessed": accessed, "archive_url": held}) == expected


def test_every_source_has_one() -> None:
    frame = bl.load("sources")
    assert frame.columns[-1] == "archive_copy"
    assert frame["archive_copy"].str.startswith("http").all()
    assert bl.describe("sources").index[-1] == "archive_copy"


def test_evidence_has_that_of_each_source() -> None:
    frame = bl.evidence(RECORD)
    copies = dict(bl.load("sources", columns=["id", "archive_copy"]).itertuples(index=False))
    assert len(frame) > 3
    assert list(frame["archive_copy"]) == [copies[source] for source in frame["source_id"]]


def test_sql_says_the_same() -> None:
    rows = (
        made(sample()).execute("SELECT source_id, archive_copy FROM evidence WHERE record_id = ?", [RECORD]).fetchall()
    )
    frame = bl.evidence(RECORD)
    assert sorted(rows) == sorted(zip(frame["source_id"], frame["archive_copy"], strict=True))


def test_a_condition_can_ask_for_it() -> None:
    found = bl.load("sources", where="archive_copy~web.archive.org", columns=["archive_url", "archive_copy"])
    assert len(found) > 1000


def test_a_package_whose_sources_do_not_say_when_they_were_read(mini: Mini) -> None:
    """A dataset of somebody else: there is no column, and SQL still has its view."""
    schema = mini.root / "schemas/sources.json"
    content = json.loads(schema.read_text(encoding="utf-8"))
    content["fields"] = [field for field in content["fields"] if field["name"] != "accessed"]
    schema.write_text(json.dumps(content), encoding="utf-8")
    file = mini.root / "data/sources.csv"
    at = file.read_text(encoding="utf-8").split("\n")[0].split(",").index("accessed")
    with open(file, encoding="utf-8", newline="") as read:
        rows = [row[:at] + row[at + 1 :] for row in csv.reader(read)]
    with open(file, "w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(rows)
    dataset = bl.open(mini.root)
    assert "archive_copy" not in dataset.load("sources")
    assert made(dataset).execute("SELECT DISTINCT archive_copy FROM evidence").fetchall() == [(None,)]
