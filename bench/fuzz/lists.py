"""List cells: each has one canonical spelling, which is what validation asks for, and which keeps the items."""

from __future__ import annotations

import unicodedata

from hypothesis import strategies as st

from bench.fuzz.target import FILES, Target
from borderledger.package import Field, read_resources, read_schema
from borderledger.package.zipped import stored
from borderledger.query.columns import explode, field_columns
from borderledger.query.where import Condition, holds
from validate.cells import canonical_cell, cell_tests, text_test

__all__ = ["TARGET"]


def _list_field() -> Field:
    root = stored("tiny", FILES)
    table = read_schema(root, read_resources(root, [])[1]["things"], [])
    assert table is not None
    return table.by_name["parts"]


_FIELD = _list_field()
_TESTS = {test.rule: test.fails for test in (*cell_tests(_FIELD), *text_test())}
#: Letters that other letters combine with, all kinds of blanks, and what looks like the mark between items.
_LETTERS = "abAB;;;; \t\u00a0\u2028\u0301\u0327\u030c\u212b\u037e\uff1b\u200b\x1f\0,\"'"
_CELLS = (
    st.lists(
        st.sampled_from(["big", "small", "ä", "Čačak", "a b", "", " "]) | st.text(_LETTERS, max_size=4), max_size=6
    )
    .map(";".join)
    .filter(bool)
) | st.text(min_size=1)


def _holds(cell: str) -> None:
    canonical = canonical_cell(_FIELD, cell)
    assert canonical_cell(_FIELD, canonical) == canonical
    plain = unicodedata.normalize("NFC", cell).split(";")
    assert {*_FIELD.items(canonical)} == {" ".join(item.split()) for item in plain} - {""}
    assert not canonical or not _TESTS["cell.list"](canonical)
    wrong, form = _TESTS["cell.list"](cell), _TESTS["text.form"](cell)
    assert wrong or form or canonical == cell, "validation takes another spelling"
    assert not wrong or canonical != cell, "validation refuses the canonical spelling"
    assert not wrong or form or repr(canonical) in wrong, "the message names another spelling"
    if not wrong:
        _is_a_list(cell)


def _is_a_list(cell: str) -> None:
    (column,) = field_columns(_FIELD, [cell, ""])
    items = column.values[0]
    assert column.texts() == [cell, ""]
    assert list(items) == sorted({*items})
    (exploded,) = explode([column], _FIELD.name)
    assert list(exploded.values) == [*items, None]
    for item in items:
        assert holds(Condition(_FIELD.name, "=", item), [column]) == [True, False]


TARGET = Target(
    "lists",
    _CELLS,
    _holds,
    lambda content: content.decode("utf-8", "replace") or ";",
    [b"big;small", b"a;b;a", " ä ; b;".encode()],
)
