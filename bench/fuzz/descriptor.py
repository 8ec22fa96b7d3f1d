"""The descriptor and the schemas: whatever stands in them is used or is a finding, in validation and in the loader."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import strategies as st

from bench.fuzz.target import FILES, Target, anywhere, damaged, slots
from borderledger.errors import CorruptPackage
from borderledger.package import Finding, read_resources, read_schema
from borderledger.package.descriptor import check_references
from borderledger.package.tables import Tables
from borderledger.package.zipped import stored
from validate import check

__all__ = ["TARGET"]

_PATHS = ("datapackage.json", "schemas/things.json", "schemas/kinds.json")
Case = tuple[str, bytes]
_WORDS = st.sampled_from(
    ["uniqueKeys", "missingValues", "fieldsMatch", "batch", "hash", "derived", "dialect", "unique", "evidence", "x"]
)


@st.composite
def _replaced(draw: st.DrawFn) -> Case:
    """A file with some values replaced, taken out, or added."""
    path = draw(st.sampled_from(_PATHS))
    content = json.loads(FILES[path])
    for _ in range(draw(st.integers(1, 3))):
        holder, key = draw(st.sampled_from(slots(content) or [(content, "x")]))
        if isinstance(holder, dict) and draw(st.booleans()):
            del holder[key]
            key = draw(_WORDS | st.just(key))
        holder[key] = draw(anywhere)
    try:
        return path, json.dumps(content).encode()
    except ValueError:  # a number that has too many digits to be written
        return path, b"1" * 5000


_CASES = _replaced() | st.sampled_from(_PATHS).flatmap(
    lambda path: st.tuples(st.just(path), damaged(st.just(FILES[path])))
)


def _holds(case: Case) -> None:
    path, raw = case
    files = dict(FILES) | {path: raw}
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for each, content in files.items():
            (root / each).parent.mkdir(exist_ok=True)
            (root / each).write_bytes(content)
        report = check(root)
    for one in report.findings:
        named = any(json.dumps(one.file, ensure_ascii=ascii).encode() in raw for ascii in (True, False))
        assert one.file in files or named, f"{one.file} is no file of the package"
        assert 0 <= one.line <= max(raw.count(b"\n") + 1, 10)
        assert one.message
        assert one.fix
    for text in (report.text(), report.json(), report.github(), report.markdown()):
        assert text.endswith("\n")
        text.encode()
    assert not [one for one in report.findings if one.rule == "rule.failed"], "a check could not be run"
    _loader_agrees(files)


def _loader_agrees(files: dict[str, bytes]) -> None:
    """What the loader can read has no findings of its descriptor and schemas, but for those of references.

    What is derived from tables is read when it is asked for.
    """
    root = stored("tiny", files)
    problems: list[Finding] = []
    _, resources = read_resources(root, problems)
    tables = {
        name: read_schema(root, resource, problems)
        for name, resource in resources.items()
        if not resource.get("derived")
    }
    check_references(
        {name: table for name, table in tables.items() if table}, {n for n, t in tables.items() if not t}, []
    )
    try:
        loader = Tables(root)
        for name in loader.names:
            loader.cells(name)
    except CorruptPackage as error:
        assert str(error)
    else:
        assert not problems, f"the loader takes what validation refuses: {problems[0]}"


TARGET = Target(
    "descriptor",
    _CASES,
    _holds,
    lambda content: (_PATHS[content[:1] != b"{"], content.lstrip(b"\n")),
    [FILES[_PATHS[0]], b"\n" + FILES[_PATHS[1]]],
)
