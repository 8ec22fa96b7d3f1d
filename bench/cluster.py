"""python -m bench.cluster: what a check costs on Spark, by rows and cores, and a model of the cost fitted to it.

Runs `python -m validate --engine spark --master local[CORES]` on the packages of `bench.scaled`, each in a process of
its own. The model is

    seconds = start + serial x rows + shared x rows / cores

`start` is what some hundred queries take however few rows there are; `serial` is what one process does for each row (it
reads the files and hands them to Spark); `shared` is what the cores divide among themselves. The three are fitted by
least squares, and none may be below zero. Needs pyspark and Java (docs/testing.md).
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.process import measure
from bench.scale import ROOT, built

__all__ = ["Cost", "Point", "fitted", "main"]


@dataclass(frozen=True)
class Point:
    """One measurement."""

    rows: int
    cores: int
    seconds: float


@dataclass(frozen=True)
class Cost:
    """The model: seconds, and seconds for each row."""

    start: float
    serial: float
    shared: float

    def seconds(self, rows: int, cores: int) -> float:
        """What the model says."""
        return self.start + self.serial * rows + self.shared * rows / cores


def fitted(points: Sequence[Point]) -> Cost:
    """The model nearest to some measurements. Raises ValueError when they are too few to tell its parts apart."""
    import numpy as np

    if len({point.rows for point in points}) < 2 or len({point.cores for point in points}) < 2:
        raise ValueError("The model needs two numbers of rows and two of cores.")
    seconds = np.array([point.seconds for point in points])
    parts = np.array([[1.0, point.rows, point.rows / point.cores] for point in points])
    best: tuple[float, tuple[float, ...]] | None = None
    # With so few parts, each set of those that are above zero can be tried.
    for kept in (set(some) for size in (3, 2, 1) for some in itertools.combinations(range(3), size)):
        columns = sorted(kept)
        found, *_ = np.linalg.lstsq(parts[:, columns], seconds, rcond=None)
        if (found < 0).any():
            continue
        cost = tuple(float(found[columns.index(n)]) if n in kept else 0.0 for n in range(3))
        distance = float(((parts @ np.array(cost) - seconds) ** 2).sum())
        if best is None or distance < best[0]:
            best = (distance, cost)
    assert best is not None  # a single part fits times, which are above zero
    return Cost(*best[1])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print each time beside that of the model."""
    parser = argparse.ArgumentParser(prog="python -m bench.cluster", description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], metavar="N")
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 2], metavar="K")
    parser.add_argument("--limit", type=float, default=900, metavar="SECONDS", help="stop a run then (default: 900)")
    parser.add_argument("--folder", type=Path, help="where the packages are built and kept (default: temporary)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="borderledger-") as temporary:
        folder = (options.folder or Path(temporary)).resolve()
        points = []
        for rows in options.rows:
            package = built(rows, folder)
            for cores in options.cores:
                run = measure([*_COMMAND, f"local[{cores}]", str(package)], ROOT, options.limit)
                if run.code != 0:
                    print(f"{rows} rows on {cores} cores: {(run.output.strip() or 'too long').splitlines()[-1]}")
                    return 1
                points.append(Point(rows, cores, run.seconds))
                print(f"{rows} rows on {cores} cores: {run.seconds:.1f} s", flush=True)
    print(*_shown(points), sep="\n")
    return 0


_COMMAND = (sys.executable, "-m", "validate", "--engine", "spark", "--master")


def _shown(points: Sequence[Point]) -> Iterator[str]:
    cost = fitted(points)
    yield f"\nseconds = {cost.start:.1f} + {cost.serial * 1e6:.1f} x millions of rows"
    yield f"          + {cost.shared * 1e6:.1f} x millions of rows / cores"
    yield f"\n{'rows':>12}{'cores':>7}{'measured':>10}{'model':>8}"
    for point in points:
        model = cost.seconds(point.rows, point.cores)
        yield f"{point.rows:>12,}{point.cores:>7}{point.seconds:>10.1f}{model:>8.1f}"


if __name__ == "__main__":
    sys.exit(main())
