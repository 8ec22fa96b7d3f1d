"""python -m bench.loader: what loading costs a user, beside a bare read and other packages that carry data.

The wheel is built and used as installed. Each command runs in a process of its own, several times, in turns; printed
are medians, and ratios to the line they are held against. pandas is much faster to start where pyarrow is missing, so
the lines on the table of returns run both ways.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
NO_ARROW = "import sys; sys.modules['pyarrow'] = None; "

READ = "import pandas; pandas.read_csv(r'{csv}')"
LOAD = "import borderledger; borderledger.load('returns')"
#: What is timed: (name, code, the name it is held against).
COMMANDS = [
    ("bare interpreter", "pass", ""),
    ("import borderledger", "import borderledger", "bare interpreter"),
    ("pandas.read_csv, untyped", NO_ARROW + READ, ""),
    ("borderledger.load", NO_ARROW + LOAD, "pandas.read_csv, untyped"),
    ("pandas.read_csv, untyped (pyarrow)", READ, ""),
    ("borderledger.load (pyarrow)", LOAD, "pandas.read_csv, untyped (pyarrow)"),
    ("pooch fetch and read_csv (pyarrow)", "{pooch}", "pandas.read_csv, untyped (pyarrow)"),
    ("frictionless to_pandas (pyarrow)", "{frictionless}", "pandas.read_csv, untyped (pyarrow)"),
    ("palmerpenguins, 344 rows (pyarrow)", "import palmerpenguins as p; p.load_penguins()", ""),
]
POOCH = (
    "import pooch, pandas; "
    "store = pooch.create(r'{folder}', 'https://data.invalid/', registry={{'returns.csv': '{hash}'}}); "
    "pandas.read_csv(store.fetch('returns.csv'))"
)
FRICTIONLESS = (
    "from frictionless import Package, system; system.trusted = True; "
    "Package(r'{package}').get_resource('returns').to_pandas()"
)


def main() -> None:
    """Time the commands in turns and print a line on each."""
    parser = argparse.ArgumentParser(prog="python -m bench.loader", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        wheel = _installed(folder)
        codes = _codes(folder)
        environment = os.environ | {"PYTHONPATH": str(folder / "site")}
        times: dict[str, list[float]] = {name: [] for name in codes}
        for turn in range(rounds + 1):
            for name, code in codes.items():
                start = time.perf_counter()
                subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, check=True)
                if turn:  # the first turn fills the caches
                    times[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    print(f"{'command':<38}{'median':>10}{'above':>11}{'ratio':>8}   held against")
    for name, _, base in COMMANDS:
        line = f"{name:<38}{1000 * medians[name]:>7.0f} ms"
        if base:
            ratio = medians[name] / medians[base]
            line += f"{1000 * (medians[name] - medians[base]):>8.0f} ms{ratio:>8.2f}   {base}"
        print(line)
    print(f"\nwheel: {wheel / 1e6:.2f} MB; {rounds} rounds")


def _installed(folder: Path) -> int:
    """Build the wheel, install it into `site`, and return its size in bytes."""
    quiet = {"check": True, "capture_output": True}
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, **quiet)  # type: ignore[call-overload]
    (wheel,) = folder.glob("*.whl")
    install = ["install", "--quiet", "--no-deps", "--no-index", "--target", folder / "site", wheel]
    subprocess.run([sys.executable, "-m", "pip", *install], **quiet)  # type: ignore[call-overload]
    return wheel.stat().st_size


def _codes(folder: Path) -> dict[str, str]:
    csv = folder / "returns.csv"
    shutil.copy(ROOT / "data/returns.csv", csv)
    digest = hashlib.sha256(csv.read_bytes()).hexdigest()
    filled = {
        "{pooch}": POOCH.format(folder=folder, hash=digest),
        "{frictionless}": FRICTIONLESS.format(package=ROOT / "datapackage.json"),
    }
    return {name: filled.get(code, code.replace("{csv}", str(csv))) for name, code, _ in COMMANDS}


if __name__ == "__main__":
    main()
