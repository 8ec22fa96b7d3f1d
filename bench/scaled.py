"""python -m bench.scaled ROWS [FOLDER]: the dataset with its table of returns grown to ROWS rows, for `bench.scale`.

The new rows are copies of real rows: the operations of Frontex, which control totals bind, so that no claim is needed.
A copy has an id and an operation number of its own, with a number at the end. All else is as in the real row, and the
control totals are counted anew. So the grown package is valid, and every check has something to do in every row.

The same dataset and the same ROWS always give the same bytes. A package that FOLDER already holds is used again.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from borderledger.package import Table, canonical_text
from borderledger.package.tables import Tables
from validate.engines import engine_named
from validate.evidence import sealed
from validate.ledger import Ledger
from validate.reading import read_package

__all__ = ["ROOT", "scaled"]

ROOT = Path(__file__).parents[1]

_Row = dict[str, str]
#: Stands for the number of a copy until the row has been written as text. It is as long as a number, and none.
_MARK = "-9999999"
_MOST = 9_999_998


def main(arguments: list[str] | None = None) -> int:
    """Build one package and print its folder."""
    parser = argparse.ArgumentParser(prog="python -m bench.scaled", description=__doc__.partition("\n")[0])
    parser.add_argument("rows", type=int, metavar="ROWS", help="how many rows the table of returns has")
    parser.add_argument("folder", type=Path, nargs="?", metavar="FOLDER", help="where to build (default: temporary)")
    options = parser.parse_args(arguments)
    print(scaled(options.rows, options.folder or Path(tempfile.mkdtemp(prefix="borderledger-"))))
    return 0


def scaled(rows: int, folder: Path, root: Path = ROOT) -> Path:
    """The package of `root` with so many returns, in a folder of its own below `folder`.

    Raises ValueError if `root` has more returns than that.
    """
    package = Tables(root)
    target = folder / f"returns-{rows}-{_version(package, root)}"
    if target.is_dir():
        return target
    # Built beside, and renamed when whole: a run that was stopped leaves nothing that looks like a package.
    with tempfile.TemporaryDirectory(prefix=".building-", dir=_made(folder)) as building:
        new = Path(building) / "package"
        for path in ("data", "schemas"):
            shutil.copytree(root / path, new / path)
        shutil.copy(root / "datapackage.json", new)
        _grow(package, rows, new)
        new.rename(target)
    return target


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _version(package: Tables, root: Path) -> str:
    """Eight digits that change with the dataset and with this module, so that no old package is used again."""
    paths = ["datapackage.json", *(p for name in package.names for p in _paths(package.schema(name)))]
    content = b"".join((root / path).read_bytes() for path in paths)
    return hashlib.sha256(content + Path(__file__).read_bytes()).hexdigest()[:8]


def _paths(table: Table) -> tuple[str, str]:
    return table.path, table.schema_path


def _grow(package: Tables, rows: int, new: Path) -> None:
    table, totals = package.schema("returns"), package.schema("control_totals")
    entered = list(package.rows("control_totals"))
    bound = {total["source_id"] for total in entered if total["table"] == table.name}
    real = sorted(package.rows(table.name), key=lambda row: row["id"])
    # Single operations alone: a copy of a part would no longer add up to its whole.
    copied = [row["id"] for row in real if row["source_id"] in bound and row["operation_ref"]]
    each, more = divmod(rows - len(real), len(copied))
    if each < 0 or each >= _MOST:
        raise ValueError(f"cannot make {rows} rows: choose from {len(real)} to {_MOST * len(copied)}")
    copies = {name: each + (number < more) for number, name in enumerate(copied)}
    with (new / table.path).open("w", encoding="utf-8", newline="") as file:
        for text in _texts(table, real, copies):
            file.write(text)
    engine = engine_named("duckdb")
    counted, _ = sealed(Ledger(read_package(new, engine)), sorted(bound))
    engine.close()
    (new / totals.path).write_bytes(canonical_text(totals, counted).encode())


def _texts(table: Table, real: list[_Row], copies: dict[str, int]) -> Iterator[str]:
    """The table as text in canonical form, in pieces: a row with its copies after it, which is where they sort."""
    header, _, _ = canonical_text(table, []).partition("\n")
    yield f"{header}\n"
    last = ""
    for row in real:
        number = copies.get(row["id"], 0)
        if row["id"] <= last:
            raise ValueError(f"the copies of another row sort after {row['id']}; use another form for their numbers")
        yield _line(table, row)
        if number:
            start, middle, end = _line(table, _copy(row, _MARK)).split(_MARK)
            yield "".join(f"{start}{own}{middle}{own}{end}" for own in map(_number, range(1, number + 1)))
        last = row["id"] + _number(number) if number else row["id"]


def _line(table: Table, row: _Row) -> str:
    return canonical_text(table, [row]).partition("\n")[2]


def _copy(row: _Row, number: str) -> _Row:
    # Not the operation: there is none for the copy, and the persons of an operation are those of its returns.
    return row | {"id": row["id"] + number, "procedure": row["operation_ref"] + number, "operation_ref": ""}


def _number(number: int) -> str:
    """What the id of a copy ends in. It begins with a hyphen and a zero, and so sorts right after the original."""
    return f"-{number:07}"


if __name__ == "__main__":
    sys.exit(main())
