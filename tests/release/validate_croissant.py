"""make croissant: is croissant.json what mlcroissant understands, and does it read the tables by it?

Runs in an environment of its own, because mlcroissant brings some 350 MB; the tests of every day check the structure
of the document instead. Give the folder of a build of this checkout to check that; without one, a package is zipped on
the spot, and the document is checked both beside the zip file and beside the unpacked package. Exit code 0: valid, no
warning, and every cell of every table is read as what it is.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import mlcroissant
from etils import epath
from mlcroissant._src.core.context import Context
from mlcroissant._src.core.rdf import make_context
from mlcroissant._src.operation_graph.operations import extract

from borderledger.dataset import embedded
from borderledger.output.export import content
from release.metadata import metadata
from release.metadata.croissant import CONTEXT


def main(arguments: list[str]) -> int:
    with TemporaryDirectory() as cache:
        # In its usual place mlcroissant would find what it once unpacked from another archive of the same name.
        extract.EXTRACT_PATH = epath.Path(cache)
        problems = _problems(arguments)
    print("\n".join(problems) or "croissant.json is valid, and its record sets read like the tables.")
    return bool(problems)


def _problems(arguments: list[str]) -> list[str]:
    problems = [f"context: {name} differs" for name, meaning in _standard().items() if CONTEXT.get(name) != meaning]
    if arguments:
        problems += _check(Path(arguments[0]))
    else:
        shipped = content(embedded(), "csv")
        with TemporaryDirectory() as folder:
            packed = _zipped(shipped)
            _write(Path(folder), {"archives/x-csv.zip": packed, **metadata(embedded(), {"archives/x-csv.zip": packed})})
            problems += _check(Path(folder))
        with TemporaryDirectory() as folder:
            _write(Path(folder), {**shipped, **metadata(embedded())})
            problems += _check(Path(folder))
    return problems


def _standard() -> dict[str, object]:
    return dict(make_context(Context(conforms_to="http://mlcommons.org/croissant/1.1")))


def _check(folder: Path) -> Iterator[str]:
    warned: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: warned.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("absl").addHandler(handler)
    try:
        document = mlcroissant.Dataset(folder / "croissant.json")
    except mlcroissant.ValidationError as error:
        yield f"invalid: {error}"
        return
    finally:
        logging.getLogger("absl").removeHandler(handler)
    yield from (f"warning: {text}" for text in [*warned, *document.metadata.issues.warnings])
    tables = json.loads((folder / "croissant.json").read_text(encoding="utf-8"))["recordSet"]
    for table in tables:
        yield from _compare(document, table, embedded())


def _compare(document: mlcroissant.Dataset, table: dict, dataset) -> Iterator[str]:  # type: ignore[no-untyped-def, type-arg]
    name = table["@id"]
    text = content(dataset, "csv")[f"data/{name}.csv"].decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    if not rows:
        return  # an empty table has no types, and mlcroissant has nothing to read
    records = list(document.records(name))
    if len(records) != len(rows):
        yield f"{name}: {len(records)} records for {len(rows)} rows"
        return
    for field in table["field"]:
        column = field["@id"].split("/")[1]
        for record, row in zip(records, rows, strict=True):
            found = record[field["@id"]]
            if (wanted := row[column]) and not _same(found, wanted, field):
                yield f"{field['@id']}: {found!r} for {wanted!r}"
                break


def _same(found: object, wanted: str, field: Mapping[str, object]) -> bool:
    if field["dataType"] == "sc:Text":
        if isinstance(found, list):
            return [item.decode() for item in found] == wanted.split(";")
        if found == wanted.encode() or not wanted.isdigit():
            return found == wanted.encode()
        # mlcroissant reads a column of digits as numbers, whatever its type, and makes text of those.
        return float(found) == float(wanted)  # type: ignore[arg-type]
    if field["dataType"] == "sc:Date":
        return str(found).startswith(wanted)
    return float(found) == float(wanted)  # type: ignore[arg-type]


def _zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, raw in files.items():
            archive.writestr(path, raw)
    return out.getvalue()


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, raw in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(raw)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
