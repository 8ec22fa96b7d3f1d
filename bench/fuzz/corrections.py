"""Correction documents: any file is a document or has findings, each at a line that exists."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from bench.fuzz.target import Target, anywhere, damaged, slots
from corrections.document import RULES, Document, parse, written

__all__ = ["TARGET"]

_PAGE = (Path(__file__).parents[2] / "docs" / "corrections.md").read_text(encoding="utf-8")
#: The examples that are in the documentation.
EXAMPLES = [text.encode() for text in re.findall(r"```yaml\n(.*?)```", _PAGE, re.DOTALL)]


@st.composite
def _replaced(draw: st.DrawFn) -> bytes:
    """An example with some values replaced by others, as YAML or JSON."""
    content = yaml.load(draw(st.sampled_from(EXAMPLES)), yaml.BaseLoader)
    for _ in range(draw(st.integers(1, 3))):
        holder, key = draw(st.sampled_from(slots(content) or [(content, "x")]))
        holder[key] = draw(anywhere | st.text())
    as_text: Any = draw(
        st.sampled_from([json.dumps, lambda value: json.dumps(value, ensure_ascii=False), yaml.safe_dump])
    )
    try:
        return bytes(as_text(content).encode("utf-8", "surrogatepass"))
    except ValueError:  # a number that has too many digits to be written
        return b""


_CONTENTS = damaged(st.sampled_from(EXAMPLES) | _replaced()) | st.sampled_from(EXAMPLES).map(
    lambda content: content.decode().encode("utf-16")
)


def _holds(content: bytes) -> None:
    document, found = parse(content, "x.yml")
    assert (document is None) == bool(found)
    lines = re.split(rb"\r\n|[\n\r]|\xc2\x85|\xe2\x80[\xa8\xa9]", content)
    for one in found:
        assert one.file == "x.yml"
        assert one.message
        assert one.fix
        assert one.rule in {*RULES, "file.merge"}
        assert 0 <= one.line <= len(lines) or content[:2] in (b"\xff\xfe", b"\xfe\xff"), f"{one} is below the last line"
        assert len(one.value) <= 200
        str(one).encode()  # it can be printed
    if document is not None:
        _is_read_again(document)


def _is_read_again(document: Document) -> None:
    again, found = parse(written(document.content).encode(), "y.yml")
    assert not found, f"what was accepted is refused when it is written again: {found[0]}"
    assert again is not None
    assert again.content == document.content
    assert [value.field for value in again.values] == [value.field for value in document.values]


TARGET = Target("corrections", _CONTENTS, _holds, bytes, EXAMPLES)
