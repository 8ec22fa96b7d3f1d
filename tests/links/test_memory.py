"""What is kept between two runs survives a crash, and a file that somebody has spoilt."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from links.found import Seen
from links.memory import Journal, added, lines

ONE = Seen("one", "url", "https://one.example/", "2026-11-29", "fine", title="Ëndrra", since="2026-11-29")
TWO = Seen("two", "url", "https://two.example/", "2026-11-29", "gone", since="2026-11-29")


def key(seen: Seen) -> tuple[str, str]:
    return seen.source, seen.field


def test_a_run_that_was_stopped_is_remembered(tmp_path: Path) -> None:
    Journal(tmp_path).add(ONE)
    assert Journal(tmp_path).done == {key(ONE): ONE}


def test_a_complete_run_becomes_the_one_before(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.add(ONE)
    journal.complete({key(ONE): ONE})
    assert (Journal(tmp_path).before, Journal(tmp_path).done) == ({key(ONE): ONE}, {})


def test_a_fresh_run_forgets_the_one_that_was_stopped(tmp_path: Path) -> None:
    Journal(tmp_path).add(ONE)
    assert Journal(tmp_path, fresh=True).done == {}
    assert Journal(tmp_path).done == {}


def test_a_check_of_some_links_leaves_the_others_and_the_run_that_was_stopped(tmp_path: Path) -> None:
    Journal(tmp_path).complete({key(ONE): ONE})
    Journal(tmp_path).add(ONE)
    some = Journal(tmp_path, fresh=True, some=True)
    some.add(TWO)
    some.complete({key(TWO): TWO})
    assert Journal(tmp_path).before == {key(ONE): ONE, key(TWO): TWO}
    assert Journal(tmp_path).done == {key(ONE): ONE}


def test_a_line_that_was_cut_short_is_lost_and_the_next_is_not(tmp_path: Path) -> None:
    Journal(tmp_path).add(ONE)
    file = tmp_path / "running.jsonl"
    file.write_bytes(file.read_bytes() + b'{"source": "thr')
    Journal(tmp_path).add(TWO)
    assert Journal(tmp_path).done == {key(ONE): ONE, key(TWO): TWO}


@pytest.mark.parametrize(
    "line",
    [b"[]", b"null", b"{}", b"[" * 100_000, b"\xff\xfe", b'{"source": 1}', b'{"outcome": "fine"}'],
    ids=["list", "null", "empty", "deep", "binary", "number", "part"],
)
def test_what_cannot_be_read_is_as_if_it_were_not_there(tmp_path: Path, line: bytes) -> None:
    added(tmp_path / "running.jsonl", asdict(ONE) | {"outcome": "eaten"}, asdict(ONE) | {"extra": "x"})
    with open(tmp_path / "running.jsonl", "ab") as file:
        file.write(line + b"\n")
    added(tmp_path / "running.jsonl", asdict(TWO))
    assert Journal(tmp_path).done == {key(TWO): TWO}


def test_no_file_is_no_line(tmp_path: Path) -> None:
    assert list(lines(tmp_path / "none.jsonl")) == []
