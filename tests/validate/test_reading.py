"""The fast reader says of every file what the strict one says, whatever the size of its blocks."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import validate.reading
from borderledger.package import Field, Finding, Sheet, Table, read_sheet
from validate.engines import engine_named
from validate.reading import Cells

NAMES = ("id", "name", "note")
FIELDS = tuple(
    Field(name, name, "", "string", False, False, "", None, {}, False, False, False, "", ()) for name in NAMES
)
THINGS = Table("things", "data/things.csv", "schemas/things.json", "Things", "", "", FIELDS, ("id",), (), {})

#: Pieces of good lines and of bad ones. Most are whole lines: where every line is bad, little is read fast.
PIECES = [b"a,1,\n", b"b,2,x\n", b'c,"d, e",\n', b'd,"say ""so""",\n', b"e,,\n", b'f,"",\n', "g,Šid,\n".encode()]
PIECES += [b",,\n", b"\n", b"a,1\n", b"a,1,2,3\n", b'"a",1,\n', b'a,"1\n', b'a,1"2,\n', b'"a"b,,\n', b" \n", b",1,\n"]
PIECES += [b'a,"1\n2",\n', b",", b'"', b"\n", b"x", b"<<<<<<< HEAD\n", b"\r\n", b"\xff", b"\0", b"x" * 10_001]


def read(root: Path, content: bytes, block: int) -> tuple[object, object]:
    """What the fast reader and the strict one say: the rows by line, the keys of lost rows, and the problems."""
    (root / "data").mkdir(exist_ok=True)
    (root / THINGS.path).write_bytes(b"id,name,note\n" + content)

    def told(sheet: Sheet, problems: list[Finding]) -> object:
        return sheet.records(), sheet.lost, sheet.whole, sorted(problems)

    problems: list[Finding] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validate.reading, "_BLOCK", block)
        fast = told(validate.reading._read(root, THINGS, problems, engine_named("polars")), problems)
    problems = []
    return fast, told(read_sheet(root, THINGS, problems), problems)


@given(content=st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join), block=st.integers(1, 60))
@example(content=b"a,1\n\nb,2,3\n", block=60)  # a cell too few, and an empty line
@example(content=b'a,1\nb,"2,3",\n', block=60)  # as many commas as in two good lines
@example(content=b'a,"1",\nb,2\n', block=60)  # two marks too many, and a cell too few
@example(content="Š,1\nb,2,x\n".encode(), block=60)  # as many bytes as in two good lines
@example(content=b"a,1,\n,,\n", block=60)  # an empty line of a spreadsheet
@example(content=b"a,1,\n" + b"x" * 10_001 + b",2,\n", block=60)  # a cell too long
@example(content=b'a,"1\nb,2",\n', block=60)  # a cell of two lines
@example(content=b'a,"1"2,\nb,2,\n', block=60)  # text after a mark
@example(content=b"a,1,2,3\nb,2,\n", block=60)  # a cell too many
def test_a_file_is_read_as_by_the_strict_reader(content: bytes, block: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        fast, strict = read(Path(folder), content, block)
    assert fast == strict


@pytest.mark.parametrize("block", [1, 7, 1000])
def test_good_lines_are_read_fast_in_blocks(tmp_path: Path, block: int) -> None:
    """And not given to the strict reader, which would be right, but slow."""
    (tmp_path / "data").mkdir()
    content = b'id,name,note\na,1,\nb,"2, ""3""",\nc,,"Sid, Srbija"\n'.replace(b"Sid", "Šid".encode())
    (tmp_path / THINGS.path).write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validate.reading, "_BLOCK", block)
        sheet = validate.reading._read(tmp_path, THINGS, [], engine_named("polars"))
    assert isinstance(sheet, Cells)
    assert [*sheet.records()] == [2, 3, 4]
    assert sheet.records()[3]["name"] == '2, "3"'
    assert sheet.records()[4]["note"] == "Šid, Srbija"
