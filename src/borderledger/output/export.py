"""The dataset in the formats of other programs.

    csv       a folder: the data package as it is shipped, with datapackage.json, schemas and tables
    parquet   a folder with one file a table: typed, real lists, classifications as dictionaries; each file says in its
              metadata which table of which version it is, under which licence, and how to cite it
    sqlite    one file, see `borderledger.output.sqlite`
    xlsx      one workbook, see `borderledger.output.workbook`

    correction-sheet
              one table to correct in a spreadsheet, see `borderledger.output.correction_sheet`

The same data give the same bytes if the same libraries write them. Everything follows from the descriptor and the Table
Schemas.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from borderledger.errors import BadArgument, MissingExtra, nearest
from borderledger.output.correction_sheet import correction_sheet
from borderledger.output.frames import to_frame
from borderledger.output.metadata import about, dictionary
from borderledger.output.shipped import packed
from borderledger.output.sqlite import database
from borderledger.output.workbook import workbook
from borderledger.package.files import destination, keep_mode, write_bytes
from borderledger.query.evidence import Graded
from borderledger.query.load import load

__all__ = ["FORMATS", "SHEET", "check_replaceable", "content", "export"]


def export(
    dataset: Graded,
    format: str,
    out: str | Path,
    overwrite: bool = False,
    table: str = "",
    where: Sequence[str] | None = None,
) -> list[Path]:
    """Write the dataset to `out`, a file or a folder (see the module), and return the files written, sorted.

    If it fails, what was there before is still there. An existing file or folder is replaced only with `overwrite`, and
    a folder only if it holds nothing but the files of an export. `table` and `where` are for a correction-sheet.

    Raises BadArgument (format, out), MissingExtra when the library that writes the format is not installed,
    CorruptPackage when the data cannot be read or do not keep to their schemas. Raises OSError that names `out` when it
    cannot be written.
    """
    out = Path(out)
    if not out.absolute().parent.is_dir():
        raise BadArgument(f"{out} cannot be written: there is no folder {out.parent}.")
    if os.path.lexists(out) and not overwrite:
        raise BadArgument(f"{out} exists. Use overwrite (--overwrite) to replace it, or give another name.")
    files = {"": correction_sheet(dataset, table, where)} if format == SHEET else content(dataset, format)
    if list(files) == [""]:
        if out.is_dir():
            raise BadArgument(f"{out} is a folder, and {format} is one file.")
        _land_file(out, files[""])
        return [out]
    if os.path.lexists(out):
        check_replaceable(out, files)
    _land_folder(out, files)
    return sorted(out / path for path in files)


def content(dataset: Graded, format: str) -> dict[str, bytes]:
    """The files of an export by their paths below `out`; a format of one file has the path "".

    Raises as `export` does.
    """
    if format not in FORMATS:
        raise BadArgument(f"format {format!r} is not known. {nearest(str(format), [*FORMATS, SHEET])}")
    return FORMATS[format](dataset)


# --- formats ---------------------------------------------------------------------------------------------------------


def _csv(dataset: Graded) -> dict[str, bytes]:
    shipped = dataset.files()
    # A checkout does not hold what is derived from its tables; what was shipped must not be derived again.
    return shipped if dataset.shipped or not isinstance(dataset.root, Path) else packed(dataset.root)


def _parquet(dataset: Graded) -> dict[str, bytes]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtra("pyarrow is not installed: pip install pyarrow") from error
    files = {}
    for name in dataset.names:
        table = to_frame(load(dataset, name)[0], "arrow")
        meanings = {entry.column: entry for entry in dictionary(dataset, name)}
        fields = [
            field.with_metadata({key: getattr(meanings[field.name], key) for key in ("title", "description")})
            for field in table.schema
        ]
        sink = pa.BufferOutputStream()
        pq.write_table(table.cast(pa.schema(fields, about(dataset, name))), sink, compression="zstd")
        files[f"{name}.parquet"] = sink.getvalue().to_pybytes()
    return files


def _sqlite(dataset: Graded) -> dict[str, bytes]:
    return {"": database(dataset)}


def _xlsx(dataset: Graded) -> dict[str, bytes]:
    return {"": workbook(dataset)}


#: The format of one table for corrections.
SHEET = "correction-sheet"
#: The formats of all tables, each with what makes its files; see `content`.
FORMATS: dict[str, Callable[[Graded], dict[str, bytes]]] = {
    "csv": _csv,
    "parquet": _parquet,
    "sqlite": _sqlite,
    "xlsx": _xlsx,
}


# --- files -----------------------------------------------------------------------------------------------------------


def _land_file(out: Path, content: bytes) -> None:
    target = destination(out)
    beside = target.with_name(f".{target.name}.new")
    try:
        write_bytes(beside, content, target)
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)


def check_replaceable(out: Path, files: Collection[str]) -> None:
    """Refuse to replace a folder that holds other files than these, since they would be lost. Raises BadArgument.

    Raises OSError that names a file that must not be replaced (see `borderledger.package.files.destination`).
    """
    if not out.is_dir() or out.is_symlink():
        raise BadArgument(f"{out} is not a folder, and this format is one.")
    others = sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_symlink() or not p.is_dir())
    others = [path for path in others if path not in files]
    if others:
        raise BadArgument(
            f"{out} holds other files, such as {others[0]}. Give another name, or remove the folder yourself."
        )
    for path in files:
        destination(out / path)


def _land_folder(out: Path, files: Mapping[str, bytes]) -> None:
    beside, before = out.with_name(f".{out.name}.new"), out.with_name(f".{out.name}.old")
    shutil.rmtree(beside, ignore_errors=True)  # of a run that was killed
    try:
        for path, content in files.items():
            (beside / path).parent.mkdir(parents=True, exist_ok=True)
            write_bytes(beside / path, content, out / path)
        if out.exists():
            keep_mode(out, beside)
            shutil.rmtree(before, ignore_errors=True)
            os.replace(out, before)
        try:
            os.replace(beside, out)
        except BaseException:
            if before.exists():
                os.replace(before, out)
            raise
        shutil.rmtree(before, ignore_errors=True)
    except OSError as error:
        error.filename, error.filename2 = str(out), None  # nobody knows the folder beside
        raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)
