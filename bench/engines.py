"""python -m bench.engines spark: does another engine find what the default finds in the same damaged packages?

The corruptions are those of cells and rows of `bench.corruption`. Each package gets one in every table, because a check
takes a minute with Spark. The reports of both engines must be the same, finding by finding: then what the default
catches, the other catches.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from bench.corruption import ROOT, Corruption, corruptions
from bench.layers import Bench
from bench.package_faults import PackageFault
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
        bench = Bench(ROOT, Path(folder), check)
        for number, group in enumerate(packages(made), 1):
            files = {package.tables[one.table].path: one.text.encode() for one in group}
            with bench.spoilt(PackageFault("several", "", files)) as root:
                default = check(root)
                other = check(root, engine=options.engine, master=options.master)
            same = default == other
            cases, findings, differ = cases + len(group), findings + len(default.findings), differ + (not same)
            said = "the same" if same else _difference(default.findings, other.findings)
            print(f"package {number}: {len(group)} corruptions, {len(default.findings)} findings, {said}", flush=True)
    print(f"\nseed {options.seed}: {cases} corruptions, {findings} findings; packages that differ: {differ}")
    return 1 if differ else 0


def _difference(default: Sequence[object], other: Sequence[object]) -> str:
    lost, new = ([one for one in a if one not in b] for a, b in ((default, other), (other, default)))
    return f"DIFFERENT: lost {lost[:3]}, new {new[:3]}"


if __name__ == "__main__":
    sys.exit(main())
