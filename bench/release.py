"""python -m bench.release: how long a release takes, the share of each format, and how large each file is.

The release of this checkout is built several times into a folder that is thrown away; printed are medians. The time of
a step is what passes until the next one begins; the first build also pays for importing the libraries.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import borderledger
from release.build import STEPS, build
from release.verify import verify

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Build a few times, verify once, and print what it took."""
    parser = argparse.ArgumentParser(prog="python -m bench.release", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--previous", metavar="PATH", help="the release before, if there is one")
    options = parser.parse_args()
    previous = borderledger.open(options.previous) if options.previous else None
    times: dict[str, list[float]] = {name: [] for name in STEPS}
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(options.rounds):
            began: list[tuple[str, float]] = []
            release = build(
                ROOT,
                Path(folder, str(turn)),
                previous=previous,
                step=lambda name, began=began: began.append((name, time.perf_counter())),  # type: ignore[misc]
            )
            began.append(("", time.perf_counter()))
            for (name, start), (_, end) in pairwise(began):
                times[name].append(end - start)
        start = time.perf_counter()
        assert verify(release).ok
        verified = time.perf_counter() - start
        sizes = {p.relative_to(release).as_posix(): p.stat().st_size for p in release.rglob("*") if p.is_file()}
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    whole = sum(medians.values())
    first = sum(seconds[0] for seconds in times.values())
    print(f"{'step':<12}{'median':>10}{'share':>8}")
    for name, median in medians.items():
        print(f"{name:<12}{1000 * median:>7.0f} ms{median / whole:>8.1%}")
    print(f"{'all':<12}{1000 * whole:>7.0f} ms   (the first time: {1000 * first:.0f} ms)")
    print(f"{'verify':<12}{1000 * verified:>7.0f} ms\n")
    parquet = sum(size for path, size in sizes.items() if path.startswith("parquet/"))
    shown = {path: size for path, size in sizes.items() if not path.startswith("parquet/")} | {"parquet/": parquet}
    for path, size in sorted(shown.items(), key=lambda one: -one[1]):
        print(f"{path:<40}{size:>12,} bytes")
    print(f"{'all':<40}{sum(sizes.values()):>12,} bytes")


if __name__ == "__main__":
    main()
