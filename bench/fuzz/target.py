"""What a target is, and what several of them need: damaged bytes and a tiny package."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

__all__ = ["FILES", "Target", "anywhere", "damaged", "slots"]


@dataclass(frozen=True)
class Target:
    """One thing to fuzz.

    cases     makes the inputs
    holds     raises if something is wrong with what the code does with an input
    of_bytes  an input made of bytes, for a fuzzer that is guided by coverage
    seeds     bytes that such a fuzzer begins with
    """

    name: str
    cases: st.SearchStrategy[Any]
    holds: Callable[[Any], None]
    of_bytes: Callable[[bytes], Any]
    seeds: Sequence[bytes] = field(default=(), repr=False)


# --- damaged bytes ---------------------------------------------------------------------------------------------------

#: Bytes that mean something in one of our formats.
_PIECES = [
    *(b'"', b'""', b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\n\n", b"\0", b"\xff", b"\xfe", b"~", b"/", b"..", b" "),
    *(b"-", b"0", b"=", b"\xc2\xa0", b"\xe2\x80\x8b", b"\xe2\x80\xa8", b"\xc2\x85", b"\x0b", b"\x1c", b"\xcc\x8c"),
    *(
        b"\xef\xbb\xbf",
        b"\n<<<<<<< a\n",
        b"\n=======\n",
        b"\n>>>>>>> b\n",
        b"sep=;\n",
        b": ",
        b"- ",
        b" #",
        b"{",
        b"[",
        b"&",
    ),
    *(b"*", b"!", b"|", b">", b"'", b"\\", b"\\u0000", b"\\ud800", b"null", b"NaN", b"1e999", b"9" * 30, b"PK\x05\x06"),
]
_EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(_PIECES) | st.binary(max_size=6)), max_size=6
)


def damaged(contents: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Contents with some bytes cut out, and others put there."""
    return st.builds(_scattered, contents, _EDITS)


def _scattered(content: bytes, edits: Sequence[tuple[float, int, bytes]]) -> bytes:
    for where, cut, new in edits:
        start = int(where * len(content))
        content = content[:start] + new + content[start + cut :]
    return content


# --- JSON ------------------------------------------------------------------------------------------------------------

_VALUES: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
#: What may stand in place of any value of a JSON document. A copy, since it is changed in its place again.
anywhere: st.SearchStrategy[Any] = (
    st.sampled_from(
        [
            None,
            True,
            False,
            0,
            5,
            -1.5,
            10**400,
            "",
            "x",
            "id",
            "(",
            "(a+)+$",
            "\ud800",
            "\0",
            "../x",
            "/etc/passwd",
            [],
            ["id"],
            [[]],
            {},
        ]
    ).map(deepcopy)
    | _VALUES
    | st.lists(_VALUES, max_size=3)
    | st.dictionaries(st.text(max_size=8), _VALUES, max_size=3)
)


def slots(node: Any) -> list[tuple[Any, Any]]:
    """Every place of a JSON document that holds a value: what holds it, and its key or number there."""
    found: list[tuple[Any, Any]] = []
    for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
        found.append((node, key))
        if isinstance(value, dict | list):
            found += slots(value)
    return found


# --- a tiny package --------------------------------------------------------------------------------------------------


def _field(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "title": name, "description": name, "type": kind, **more}


def _schema(title: str, key: Mapping[str, Any], *fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": title,
        "description": title,
        "missingValues": [""],
        **key,
        "fields": list(fields),
    }


_ID = _field("id", constraints={"required": True, "pattern": "[a-z-]+"})
_SCHEMAS = {
    "things": _schema(
        "Things",
        {
            "primaryKey": ["id"],
            "foreignKeys": [{"fields": ["kind"], "reference": {"resource": "kinds", "fields": ["id"]}}],
        },
        _ID,
        _field("kind"),
        _field("parts", delimiter=";", refersTo=["kinds"]),
        _field("count", "integer", constraints={"minimum": 0}),
        _field("day", "date"),
        _field("date", rdfType="http://id.loc.gov/datatypes/edtf/EDTF-level1"),
        _field("state", categories=[{"value": "on", "label": "On"}, {"value": "off", "label": "Off"}]),
    ),
    "kinds": _schema("Kinds", {"primaryKey": ["id"]}, _ID, _field("name")),
}
_TABLES = {
    "things": "id,kind,parts,count,day,date,state\n"
    "a,big,big;small,5,2025-06-11,2025-06~,on\nb,,,,,,\nc,small,small,0,2024-02-29,2020/..,off\n",
    "kinds": 'id,name\nbig,"Big, ""really"""\nsmall,Čačak\n',
}
_DESCRIPTOR = {
    "name": "tiny",
    "version": "1.0.0",
    "licenses": [{"name": "CC-BY-4.0", "title": "CC BY 4.0"}],
    "resources": [
        {
            "name": name,
            "type": "table",
            "path": f"data/{name}.csv",
            "format": "csv",
            "encoding": "utf-8",
            "dialect": {"delimiter": ","},
            "schema": f"schemas/{name}.json",
        }
        for name in _TABLES
    ],
}
#: The files of a package of two tables, in which nothing is wrong.
FILES: Mapping[str, bytes] = {
    "datapackage.json": json.dumps(_DESCRIPTOR, indent=1).encode(),
    **{f"schemas/{name}.json": json.dumps(schema, indent=1).encode() for name, schema in _SCHEMAS.items()},
    **{f"data/{name}.csv": text.encode() for name, text in _TABLES.items()},
}
