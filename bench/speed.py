"""python -m bench.speed: how long a check of the whole repository takes, beside a bare import and its peers.

Each command runs in a process of its own, several times, in turns; printed are medians and ratios to the bare import
of polars and narwhals on the same machine in the same run.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMMANDS = {
    "import polars, narwhals": ["-c", "import polars, polars_hash, narwhals"],
    "python -m validate": ["-m", "validate"],
    "frictionless validate": ["-m", "frictionless", "validate", "datapackage.json"],
}


def main(rounds: int = 5) -> None:
    """Time the commands in turns and print a line on each."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, arguments in COMMANDS.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=False)
            times[name].append(time.perf_counter() - start)
    bare = statistics.median(times["import polars, narwhals"])
    print(f"{'command':<26}{'median':>10}{'above import':>16}{'ratio':>8}")
    for name, seconds in times.items():
        median = statistics.median(seconds)
        print(f"{name:<26}{median:>8.2f} s{median - bare:>14.2f} s{median / bare:>8.2f}")


if __name__ == "__main__":
    main()
