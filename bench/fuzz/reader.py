"""The reader of tables: it never raises, loses no line in silence, and reads only what stands in the file."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from bench.fuzz.target import Target, damaged
from borderledger.errors import CorruptPackage
from borderledger.package import RULES, Finding, Table, canonical_text, read_resources, read_schema, read_sheet
from borderledger.package.tables import Tables
from borderledger.package.zipped import Zipped, stored

__all__ = ["TARGET"]

#: The table with the most quotes, and one of few columns.
_NAMES = ("sources", "places")
#: So many rows of each are enough: what happens in one line does not depend on how many there are.
_ROWS = 8
Case = tuple[str, bytes]


@cache
def _table(name: str) -> tuple[Table, dict[str, bytes], bytes]:
    """A table of the repository, the files of a package of this table alone, and the first lines of the table."""
    root = Path(__file__).parents[2]
    descriptor, resources = read_resources(root, [])
    table = read_schema(root, resources[name], [])
    assert table is not None
    alone = descriptor | {"resources": [resources[name]]}
    files = {"datapackage.json": json.dumps(alone).encode(), table.schema_path: (root / table.schema_path).read_bytes()}
    return table, files, b"".join((root / table.path).read_bytes().splitlines(keepends=True)[: _ROWS + 1])


# --- inputs ----------------------------------------------------------------------------------------------------------


def _as_saved(content: bytes, how: str) -> bytes:
    """A file as some program saves it."""
    text = content.decode("utf-8")
    match how:
        case "crlf":
            return text.replace("\n", "\r\n").encode()
        case ";" | "\t":
            return text.replace(",", how).encode()
        case "sep":
            return f"sep=;\n{text.replace(',', ';')}".encode()
        case "padded":
            return text.replace("\n", ",,\n").encode() + b",,,,\n" * 2
        case "turned":
            first, *lines = text.split("\n")
            return "\n".join([",".join(reversed(first.split(","))), *lines]).encode()
        case "lines":
            return "\n".join(sorted(text.split("\n"))).encode()
    return text.encode(how, "replace")


_HOW = st.sampled_from(
    ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1250", "crlf", ";", "\t", "sep", "padded", "turned", "lines"]
)
_CONTENTS = st.sampled_from(_NAMES).flatmap(
    lambda name: st.tuples(
        st.just(name), damaged(st.builds(_as_saved, st.builds(lambda: _table(name)[2]), st.just("utf-8") | _HOW))
    )
)


# --- what must be true -----------------------------------------------------------------------------------------------


def _holds(case: Case) -> None:
    name, raw = case
    table, files, _ = _table(name)
    root = stored("fuzz", files | {table.path: raw})
    problems: list[Finding] = []
    sheet = read_sheet(root, table, problems)
    text = _decoded(raw)
    lines = text.split("\n")[: -1 if text.endswith("\n") else None]
    # What cannot be decoded has the lines of its bytes.
    _findings_are_in_place(problems, table, max(len(lines), raw.count(b"\n") + 1))
    rows = sheet.records()
    if sheet.whole:
        _nothing_is_lost(rows, lines, table, problems)
    else:
        assert problems, "nothing was read, and no finding says why"
        assert not rows
    if not problems:
        again: list[Finding] = []
        rewritten = canonical_text(table, rows.values()).encode()
        second = read_sheet(stored("fuzz", {table.path: rewritten}), table, again).records()
        assert not again, "a clean file has findings when it is written again"
        assert sorted(map(str, second.values())) == sorted(map(str, rows.values()))
    _loader_agrees(root, table, [list(row.values()) for row in rows.values()], problems)


def _decoded(raw: bytes) -> str:
    boms = {b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    encoding = next((name for bom, name in boms.items() if raw.startswith(bom)), "utf-8-sig")
    return raw.decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")


def _findings_are_in_place(problems: list[Finding], table: Table, lines: int) -> None:
    for one in problems:
        assert one.file == table.path
        assert one.rule in RULES
        assert one.message
        assert one.fix
        assert 0 <= one.line <= lines, f"{one} is below the last of {lines} lines"
        assert len(one.value) <= 200


def _cells(line: str, mark: str) -> list[str] | None:
    """The cells of a line by RFC 4180, without the module csv; None if the line is not of this form."""
    cells, at = list[str](), -1
    while at < len(line):
        match = re.compile(rf'"((?:[^"]|"")*)"|[^"{mark}]*').match(line, at + 1)
        assert match is not None  # it also matches nothing
        cells.append(match[0] if match[1] is None else match[1].replace('""', '"'))
        at = match.end()
        if line[at : at + 1] not in ("", mark):
            return None
    return cells


def _nothing_is_lost(rows: dict[int, dict[str, str]], lines: list[str], table: Table, problems: list[Finding]) -> None:
    """Each row stands in its line, and each other line below the header is empty or has a finding."""
    read = {mark: [_cells(line, mark) for line in lines] for mark in ",;\t"}
    mark = max(read, key=lambda mark: max(len({*table.names} & {*(cells or ())}) for cells in read[mark]))
    header = next(n for n, cells in enumerate(read[mark], 1) if cells and {*table.names} & {*cells})
    names = read[mark][header - 1] or []
    named = {one.line for one in problems}
    blank = any(one.rule == "file.blank" for one in problems)
    assert not rows or min(rows) > header
    for number, (line, cells) in enumerate(zip(lines, read[mark], strict=True), 1):
        if number in rows:
            assert cells is not None, f"line {number} was read, and its quotes do not pair up"
            held = dict(reversed([*zip(names, cells, strict=True)]))
            wanted = {name: held.get(name, "") for name in table.names}
            assert rows[number] == wanted, f"line {number} holds {wanted} and was read as {rows[number]}"
        elif number > header and number not in named:
            assert blank, f"line {number} is lost"
            assert not line.strip('",;\t'), f"line {number} is lost"


def _loader_agrees(root: Zipped, table: Table, rows: list[list[str]], problems: list[Finding]) -> None:
    """The loader has a way of its own to read a file fast; it takes what the reader takes, and nothing else."""
    try:
        cells = Tables(root).cells(table.name)
    except CorruptPackage:
        assert problems, "the loader refuses what the reader takes"
    else:
        assert not problems, f"the loader takes what the reader refuses: {problems[0]}"
        assert [*map(list, cells)] == rows


TARGET = Target(
    "reader",
    _CONTENTS,
    _holds,
    lambda content: (_NAMES[content[:1] > b"p"], content),
    [_table(name)[2] for name in _NAMES],
)
