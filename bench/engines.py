"""python -m bench.engines spark: does another engine find what the default finds in the same damaged packages?

The corruptions are those of cells and rows of `bench.corruption`. Each package gets one in every table, because a check
takes a minute with Spark. The reports of both engines must be the same, finding by finding: then what the default
catches, the other catches.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from bench.corruption import ROOT, Corruption, corruptions
from borderledger.package import Package
from validate.engine import check
from validate.engines import ENGINES

__all__ = ["main", "packages"]


def packages(made: Sequence[Corruption]) -> Iterator[list[Corruption]]:
    """The corruptions in groups with at most one of each table."""
    tables = dict.fromkeys(one.table for one in made)
    for group in zip_longest(*([one for one in made if one.table == table] for table in tables)):
        yield [one for one in group if one]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each package; exit 1 if two reports differ."""
    parser = argparse.ArgumentParser(prog="python -m bench.engines", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("engine", choices=[name for name in ENGINES if name != "polars"])
    parser.add_argument("--master", default="", help="the address of the Spark cluster, such as local[2]")
    parser.add_argument("--per-kind", type=int, default=2, help="corruptions of each kind in each table (default 2)")
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args(arguments)
    package = Package.read(ROOT)
    made = [*corruptions(package, options.per_kind, options.seed)]
    differ, cases, findings = 0, 0, 0
    with tempfile.TemporaryDirectory(prefix="borderledger-") as folder:
        root = Path(folder) / "spoilt"
        for number, group in enumerate(packages(made), 1):
            _spoil(package, root, group)
            default = check(root)
            other = check(root, engine=options.engine, master=options.master)
            same = default == other
            cases, findings, differ = cases + len(group), findings + len(default.findings), differ + (not same)
            said = "the same" if same else _difference(default.findings, other.findings)
            print(f"package {number}: {len(group)} corruptions, {len(default.findings)} findings, {said}", flush=True)
    print(f"\nseed {options.seed}: {cases} corruptions, {findings} findings; packages that differ: {differ}")
    return 1 if differ else 0


def _spoil(package: Package, root: Path, group: Sequence[Corruption]) -> None:
    """Write a copy of the package with some corruptions."""
    shutil.rmtree(root, ignore_errors=True)
    for path in ("datapackage.json", *(path for t in package.tables.values() for path in (t.path, t.schema_path))):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, root / path)
    for one in group:
        (root / package.tables[one.table].path).write_text(one.text, encoding="utf-8", newline="")


def _difference(default: Sequence[object], other: Sequence[object]) -> str:
    lost, new = ([one for one in a if one not in b] for a, b in ((default, other), (other, default)))
    return f"DIFFERENT: lost {lost[:3]}, new {new[:3]}"


if __name__ == "__main__":
    sys.exit(main())
