"""python -m bench.diff: what changed between two tables, beside daff and csv-diff.

Two versions of a table of 100,000 rows: one row in a hundred has another figure, one in two hundred is gone, as many
are new, and all stand in another order. Each tool runs in a process of its own, several times, in turns, and reads both
files. All have to find the same rows, or there is no result. Printed are medians and ratios to borderledger.

csv-diff is given the dialect, without which it spends most of its time on guessing it; daff is given the key, and told
that order means nothing. borderledger also works out the sources of each change, of which the other two do not know.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COLUMNS = ["id", "title", "place", "date", "quantity", "source_id"]

OURS = """
import json
from borderledger.changes import diff
found = diff("old", "new")
print(json.dumps([len(found.added), len(found.removed), len({cell.key for cell in found.changed})]))
"""
CSV_DIFF = """
import json
from csv_diff import compare, load_csv
old, new = (load_csv(open(f"{name}/data/things.csv", newline=""), key="id", dialect="excel") for name in ("old", "new"))
found = compare(old, new)
print(json.dumps([len(found[what]) for what in ("added", "removed", "changed")]))
"""
DAFF = """
import csv, json, daff
files = (open(f"{name}/data/things.csv", newline="") for name in ("old", "new"))
old, new = (daff.PythonTableView(list(csv.reader(file))) for file in files)
flags = daff.CompareFlags()
flags.addPrimaryKey("id")
flags.ordered = False
lines = []
daff.TableDiff(daff.Coopy.compareTables(old, new, flags).align(), flags).hilite(daff.PythonTableView(lines))
marks = [line[0] for line in lines]
print(json.dumps([marks.count("+++"), marks.count("---"), marks.count("->")]))
"""
COMMANDS = {"borderledger": OURS, "csv-diff": CSV_DIFF, "daff": DAFF}


def main() -> None:
    """Time the tools in turns and print a line on each."""
    parser = argparse.ArgumentParser(prog="python -m bench.diff", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as text:
        expected = _versions(Path(text), options.rows)
        for _ in range(options.rounds):
            for name, code in COMMANDS.items():
                start = time.perf_counter()
                done = subprocess.run(
                    [sys.executable, "-c", code], cwd=text, capture_output=True, text=True, check=True
                )
                times[name].append(time.perf_counter() - start)
                if json.loads(done.stdout) != expected:
                    sys.exit(f"{name} found {done.stdout.strip()} added, removed, changed; there are {expected}")
    ours = statistics.median(times["borderledger"])
    print(f"{options.rows:,} rows: {expected[0]:,} added, {expected[1]:,} removed, {expected[2]:,} changed\n")
    print(f"{'':<14}{'median':>10}{'ratio':>8}")
    for name, seconds in times.items():
        median = statistics.median(seconds)
        print(f"{name:<14}{median:>8.2f} s{median / ours:>8.2f}")


def _versions(folder: Path, rows: int) -> list[int]:
    """Write both versions; returns the number of rows added, removed and changed."""
    chance = random.Random(2026)
    places = ["AL", "BA", "ME", "MK", "RS", "XK"]
    old = [
        [
            f"thing-{n:07}",
            f"Return of persons, number {n}",
            chance.choice(places),
            f"20{n % 25:02}-06-11",
            str(n % 97),
            "s",
        ]
        for n in range(rows)
    ]
    new = [list(row) for row in old]
    changed = chance.sample(range(rows), rows // 100)
    for n in changed:
        new[n][4] = str(int(new[n][4]) + 1)
    gone = set(chance.sample(sorted(set(range(rows)) - {*changed}), rows // 200))
    new = [row for n, row in enumerate(new) if n not in gone]
    new += [[f"thing-{rows + n:07}", "New", "AL", "2026", "1", "s"] for n in range(rows // 200)]
    chance.shuffle(new)
    _write(folder / "old", old)
    _write(folder / "new", new)
    return [rows // 200, len(gone), len(changed)]


def _write(folder: Path, rows: list[list[str]]) -> None:
    (folder / "data").mkdir(parents=True)
    with open(folder / "data/things.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])
    fields = [{"name": name, "title": name, "description": name, "type": "string"} for name in COLUMNS]
    schema = {"title": "Things", "description": "Things.", "primaryKey": ["id"], "fields": fields}
    (folder / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
    resource = {"name": "things", "path": "data/things.csv", "schema": "schema.json"}
    (folder / "datapackage.json").write_text(
        json.dumps({"version": "1.0.0", "resources": [resource]}), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
