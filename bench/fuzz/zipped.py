"""Zip files: a damaged one is refused, or gives the same tables; and nothing outside of it is read or written."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from hypothesis import strategies as st

import borderledger
from bench.fuzz.target import FILES, Target, damaged
from borderledger.errors import CorruptPackage
from borderledger.package.tables import Tables
from borderledger.package.zipped import stored

__all__ = ["TARGET"]

_WHOLE = Tables(stored("tiny", FILES))
_TABLES = {name: _WHOLE.cells(name) for name in _WHOLE.names}


def _packed(files: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED, top: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(top + path), content, compression)
    return out.getvalue()


#: Paths out of the package, and paths that a system may take for one.
_OUTSIDE = st.sampled_from(
    [
        *(
            "../outside.csv",
            "data/../../outside.csv",
            "/outside.csv",
            "//outside.csv",
            "..\\outside.csv",
            "C:outside.csv",
        ),
        *(
            "C:\\outside.csv",
            "data/..",
            "..",
            "/etc/passwd",
            "file:///etc/passwd",
            "data\\..\\..\\outside.csv",
            "data\n",
        ),
    ]
)


@st.composite
def _leading_out(draw: st.DrawFn) -> bytes:
    """A package that names a path out of itself, with a file of that name in the zip file."""
    descriptor = json.loads(FILES["datapackage.json"])
    path, key = draw(_OUTSIDE), draw(st.sampled_from(["path", "schema"]))
    old, descriptor["resources"][1][key] = descriptor["resources"][1][key], path
    outside = FILES[old].replace(b"small", b"other")
    files = dict(FILES) | {"datapackage.json": json.dumps(descriptor).encode(), path: outside}
    return _packed(files, top=draw(st.sampled_from(["", "top/", "../", "/"])))


_CASES = (
    damaged(
        st.builds(
            _packed,
            st.just(FILES),
            st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]),
            st.sampled_from(["", "top/", "top\\"]),
        )
    )
    | _leading_out()
)


def _holds(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "folder"
        folder.mkdir()
        (Path(name) / "outside.csv").write_bytes(FILES["data/kinds.csv"].replace(b"small", b"other"))
        (folder / "x.zip").write_bytes(content)
        try:
            dataset = borderledger.open(folder / "x.zip")
            tables = {table: dataset.cells(table) for table in dataset.names}
        except CorruptPackage as error:
            assert "x.zip" in str(error)
        else:
            assert tables == _TABLES, "other tables were read than were packed"
        assert {path.name for path in Path(name).rglob("*")} == {"folder", "x.zip", "outside.csv"}
        assert (folder / "x.zip").read_bytes() == content


TARGET = Target(
    "zip",
    _CASES,
    _holds,
    bytes,
    [_packed(FILES, compression) for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)],
)
