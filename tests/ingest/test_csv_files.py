"""A pinned CSV file is read strictly: what is not as expected is refused, with its line and column."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ingest.csv_files import Line, read_csv
from ingest.errors import IngestError, LayoutError, MissingFileError
from ingest.inputs import Input

GOOD = b'state,persons\n"A, B",5\nC,10\n'


def item(content: bytes = GOOD) -> Input:
    return Input("s", "a/file.csv", "Returns of 2020", "https://publisher.example/file.csv", _sha256(content))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read(folder: Path, content: bytes, encoding: str = "utf-8") -> list[Line]:
    (folder / "a").mkdir()
    (folder / "a" / "file.csv").write_bytes(content)
    return read_csv(item(content), folder, ["state", "persons"], encoding=encoding)


@pytest.mark.parametrize("content", [GOOD, GOOD.replace(b"\n", b"\r\n"), GOOD[:-1]], ids=["plain", "crlf", "no end"])
def test_the_rows_have_their_lines_and_cells(tmp_path: Path, content: bytes) -> None:
    assert read(tmp_path, content) == [
        Line("a/file.csv", 2, {"state": "A, B", "persons": "5"}),
        Line("a/file.csv", 3, {"state": "C", "persons": "10"}),
    ]


def test_a_file_without_rows_has_none(tmp_path: Path) -> None:
    assert read(tmp_path, b"state,persons\n") == []


def test_another_encoding_is_read_as_it_is_named(tmp_path: Path) -> None:
    assert read(tmp_path, b"state,persons\nS\xe3o,5\n", "cp1252")[0].cells["state"] == "São"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", ["line 1", "the column titles state, persons"]),
        (b"persons,state\n", ["line 1", "['persons', 'state']", "the column titles state, persons"]),
        (b"state,persons,more\n", ["line 1", "the column titles"]),
        (b"\xef\xbb\xbfstate,persons\n", ["line 1", "the column titles"]),
        (b"state;persons\n", ["line 1", "the column titles"]),
        (GOOD + b"D\n", ["line 4", "found 1", "2 cells"]),
        (GOOD + b"D,1,2\n", ["line 4", "found 3", "2 cells"]),
        (GOOD + b"\nD,1\n", ["line 4", "found 0", "2 cells"]),
        (GOOD + b'"D,1\n', ["line 4", "a row of CSV"]),
        (GOOD + b'"D"x,1\n', ["line 4", "a row of CSV"]),
        (GOOD + b"S\xe3o,5\n", ["line 4", "text in utf-8", "do not save it"]),
    ],
)
def test_another_layout_is_refused(tmp_path: Path, content: bytes, told: list[str]) -> None:
    with pytest.raises(LayoutError) as caught:
        read(tmp_path, content)
    assert [part for part in ["a/file.csv", *told] if part not in str(caught.value)] == []


def test_a_file_with_another_hash_is_refused_unless_asked_for(tmp_path: Path) -> None:
    read(tmp_path, GOOD)
    other = item(b"another file")
    with pytest.raises(IngestError, match=f"SHA-256 is {_sha256(GOOD)}, expected {_sha256(b'another file')}"):
        read_csv(other, tmp_path, ["state", "persons"])
    assert len(read_csv(other, tmp_path, ["state", "persons"], pinned=False)) == 2


def test_a_missing_file_names_its_title_and_its_address(tmp_path: Path) -> None:
    with pytest.raises(
        MissingFileError, match=r"a/file\.csv is missing: Returns of 2020\. Download https://publisher\.ex"
    ):
        read_csv(item(), tmp_path, ["state", "persons"])


class TestCells:
    @pytest.mark.parametrize(
        ("text", "number"), [("0", 0), ("5", 5), ("1635", 1635), ("1,635", 1635), ("12,345", 12345)]
    )
    def test_a_count_is_read(self, text: str, number: int) -> None:
        assert Line("f", 2, {"n": text}).whole("n", ",") == number

    @pytest.mark.parametrize("text", ["", ":", "-5", "5.0", "05", "1,63", "16,35", "1 635", "٣", "1,635,", ",635"])
    def test_what_is_no_count_is_refused(self, text: str) -> None:
        with pytest.raises(LayoutError, match=r"f, line 7, column 1 \(n\): found .* a whole number, 0 or more"):
            Line("f", 7, {"n": text}).whole("n", ",")

    def test_without_a_mark_for_thousands_a_comma_is_none(self) -> None:
        with pytest.raises(LayoutError):
            Line("f", 7, {"n": "1,635"}).whole("n")

    def test_an_unknown_code_is_refused_with_the_known_ones(self) -> None:
        line = Line("f", 7, {"a": "x", "state": "Elbonia"})
        with pytest.raises(LayoutError) as caught:
            line.code("state", {"Austria": "AT", "Belgium": "BE"}, "_STATES")
        message = str(caught.value)
        assert "f, line 7, column 2 (state): found 'Elbonia'; expected one of Austria, Belgium." in message
        assert "add it to _STATES" in message
        assert line.code("a", {"x": "y"}, "") == "y"
