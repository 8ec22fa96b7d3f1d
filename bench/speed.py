"""python -m bench.speed: how long a check of the whole repository takes, beside a bare import and its peers.

So does the check of one correction: one more claim on a capacity, by a source that is new. It takes the last commit to
be without findings, and is quick only where nothing else has changed since.

Each command runs in a process of its own, several times, in turns; printed are medians and ratios to the bare import
of polars and narwhals on the same machine in the same run.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMMANDS = {
    "import polars, narwhals": ["-c", "import polars, polars_hash, narwhals"],
    "python -m validate": ["-m", "validate"],
    "corrections check": ["-m", "corrections", "check", "{document}"],
    "frictionless validate": ["-m", "frictionless", "validate", "datapackage.json"],
}
#: What a contributor sends. Nobody has published this source.
DOCUMENT = {
    "action": "claim",
    "record": "fac-al-gjader",
    "values": [{"field": "capacity", "old": 400, "new": 400, "qualifier": "exact"}],
    "source": {
        "id": "benchmark-2026-01-01",
        "title": "No text: it measures how long a check takes",
        "publisher": "Benchmark",
        "kind": "news",
        "published": "2026-01-01",
        "accessed": "2026-01-02",
        "url": "https://example.org/benchmark",
        "language": "en",
    },
    "locator": "first paragraph",
    "reason": "It measures how long a check takes, and is never carried out.",
}


def main(rounds: int = 5) -> None:
    """Time the commands in turns and print a line on each."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "correction.json"
        document.write_text(json.dumps(DOCUMENT), encoding="utf-8")
        for _ in range(rounds):
            for name, arguments in COMMANDS.items():
                command = [sys.executable, *(argument.format(document=document) for argument in arguments)]
                start = time.perf_counter()
                subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
                times[name].append(time.perf_counter() - start)
    bare = statistics.median(times["import polars, narwhals"])
    print(f"{'command':<26}{'median':>10}{'above import':>16}{'ratio':>8}")
    for name, seconds in times.items():
        median = statistics.median(seconds)
        print(f"{name:<26}{median:>8.2f} s{median - bare:>14.2f} s{median / bare:>8.2f}")


if __name__ == "__main__":
    main()
