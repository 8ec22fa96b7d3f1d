"""python -m bench.scale: how the time and the memory of a check grow with the rows, beside peers in the same run.

Each command runs in a process of its own, several times, in turns; printed are medians, and ratios to our check. The
tables are those of `bench.scaled`. Before a command is timed, it must call a small package valid and find the faults of
`bench.planted` that it claims to find. Peers run in environments of their own (`bench.peers.environment`). What cannot
run is named, with the reason.

An exponent is the slope of a least squares line through the logarithms of rows and seconds: 1 means that twice the rows
take twice the time. `plain` takes the seconds as they are, with the start of the program, which hides growth at small
sizes. `added` takes only what comes on top of the same command on the table of today: seconds and rows.
"""

from __future__ import annotations

import argparse
import math
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.peers import PEERS
from bench.peers.environment import python_of
from bench.planted import KINDS, damage
from bench.process import Run, measure

__all__ = ["ROOT", "Command", "built", "exponent", "main", "wrong_with"]

ROOT = Path(__file__).parents[1]
#: Engines of `python -m validate`, as its option --engine names them. One that it does not know is skipped.
ENGINES = ("duckdb", "spark")
OURS = "borderledger"
_UNSEEN = "shape"  # a reader may stop at it, so it is planted alone


@dataclass(frozen=True)
class Command:
    """What checks a folder, which is its last argument, and the kinds of fault that it must find."""

    name: str
    arguments: tuple[str, ...]
    kinds: tuple[str, ...]
    enters: bool = False

    def run(self, folder: Path, limit: float, *more: str) -> Run:
        """Run it on a package."""
        return measure([*self.arguments, str(folder), *more], ROOT, limit)


#: The runs of a command by the number of rows; empty if it took too long.
Times = dict[str, dict[int, list[Run]]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a table for each number of rows, then the exponents."""
    names = [OURS, *(f"{OURS}-{engine}" for engine in ENGINES), *PEERS]
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], metavar="N")
    parser.add_argument(
        "--rounds", type=int, default=3, metavar="K", help="runs of each command (default: %(default)s)"
    )
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--engines", nargs="*", choices=ENGINES, default=ENGINES, help="our other engines to measure")
    parser.add_argument("--limit", type=float, default=300, metavar="SECONDS", help="stop a run then (default: 300)")
    parser.add_argument("--folder", type=Path, help="where the packages are built and kept (default: temporary)")
    parser.add_argument("--chart", type=Path, metavar="PATH", help="also draw the times as SVG")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="borderledger-") as temporary:
        folder = (options.folder or Path(temporary)).resolve()
        today = _rows_of(ROOT)
        wanted = [name for name in options.only if not name.startswith(f"{OURS}-") or _engine(name) in options.engines]
        commands = [*_ready(wanted, built(today, folder), Path(temporary) / "damaged", options.limit)]
        times: Times = {command.name: {} for command in commands}
        for rows in (today, *sorted(options.rows)):
            package = built(rows, folder)
            _measure(times, [c for c in commands if all(times[c.name].values())], package, rows, options)
            print(*_table(times, rows, options.limit), sep="\n", flush=True)
    print(*_exponents(times, today), sep="\n")
    if options.chart:
        options.chart.write_text(_chart(times), encoding="utf-8")
    return 0


# --- commands --------------------------------------------------------------------------------------------------------


def _engine(name: str) -> str:
    return name.removeprefix(OURS).removeprefix("-")


def _command(name: str) -> Command:
    """The command of a name. Raises OSError if the environment of a peer cannot be made."""
    if name in PEERS:
        peer = PEERS[name]
        return Command(name, (python_of(name), "-m", f"bench.peers.{peer.script}"), peer.kinds, peer.enters)
    engine = ("--engine", _engine(name)) if _engine(name) else ()
    return Command(name, (sys.executable, "-m", "validate", *engine), tuple(KINDS))


def _ready(names: Sequence[str], sound: Path, damaged: Path, limit: float) -> Iterator[Command]:
    """The commands that can run and find what they claim to find. Prints why another one is left out."""
    for name in names:
        try:
            command = _command(name)
            wrong = wrong_with(command, sound, damaged, limit)
        except OSError as error:
            wrong = f"cannot be installed: {error}"
        if wrong:
            print(f"{name} is left out: {wrong}", flush=True)
        else:
            yield command


def wrong_with(command: Command, sound: Path, damaged: Path, limit: float) -> str:
    """Why the times of a command would mean nothing; empty if it does its work."""
    if failed := _entered(command, sound, limit):
        return failed
    run = command.run(sound, limit)
    if run.code == 2 and command.name.startswith(OURS):
        return f"not known to python -m validate, or not installed: {_last_line(run)}"
    if run.code != 0:
        return f"it does not call a sound package valid: {_last_line(run)}"
    for kinds in ([kind for kind in command.kinds if kind != _UNSEEN], [k for k in command.kinds if k == _UNSEEN]):
        if not kinds:
            continue
        shutil.rmtree(damaged, ignore_errors=True)
        shutil.copytree(sound, damaged)
        damage(damaged, kinds)
        run = command.run(damaged, limit)
        said = {line.split(" ")[0] for line in run.output.splitlines()}
        missed = [kind for kind in kinds if command.name in PEERS and kind not in said]
        if run.code != 1 or missed:
            return f"it does not find {', '.join(missed or kinds)}: {_last_line(run)}"
    return ""


def _entered(command: Command, package: Path, limit: float) -> str:
    """Have a command write what it will compare the package with, untimed; returns why it failed."""
    run = command.run(package, limit, "--enter") if command.enters else None
    return f"its option --enter failed: {_last_line(run)}" if run and run.code != 0 else ""


def _last_line(run: Run) -> str:
    return (run.output.strip() or "no output").splitlines()[-1][:200] if run.code is not None else "it takes too long"


# --- packages and times ----------------------------------------------------------------------------------------------


def _rows_of(package: Path) -> int:
    with (package / "data/returns.csv").open("rb") as file:
        return sum(1 for _ in file) - 1


def built(rows: int, folder: Path) -> Path:
    """The package with so many returns; built by another process, so that this one stays small (`measure`)."""
    command = [sys.executable, "-m", "bench.scaled", str(rows), str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr.strip().splitlines()[-1])
    return Path(done.stdout.strip())


def _measure(times: Times, commands: list[Command], package: Path, rows: int, options: argparse.Namespace) -> None:
    """Run the commands in turns. One that took too long is not run again, nor one that failed."""
    for command in commands:
        if failed := _entered(command, package, options.limit):
            raise SystemExit(f"{command.name}: {failed}")
        times[command.name][rows] = []
    left = list(commands)
    for _ in range(options.rounds):
        for command in tuple(left):
            run = command.run(package, options.limit)
            if run.code == 0:
                times[command.name][rows].append(run)
                continue
            if run.code is not None:
                print(f"{command.name} failed at {rows} rows with code {run.code}: {_last_line(run)}", flush=True)
            times[command.name][rows] = []
            left.remove(command)


def _median(runs: Sequence[Run]) -> float:
    return statistics.median(run.seconds for run in runs)


# --- what is printed -------------------------------------------------------------------------------------------------


def _table(times: Times, rows: int, limit: float) -> Iterator[str]:
    """A line for each command, the time of our check first."""
    ours = next((_median(sizes[rows]) for name, sizes in times.items() if name == OURS and sizes.get(rows)), math.nan)
    yield f"\n{rows} rows"
    yield f"{'command':<24}{'seconds':>10}{'CPU s':>9}{'rows/s':>12}{'peak MB':>10}{'time / ours':>13}"
    for name, sizes in times.items():
        if rows not in sizes:
            yield f"{name:<24}not run, because fewer rows took too long or failed"
        elif not sizes[rows]:
            yield f"{name:<24}no time: it failed, or took more than {limit:g} s"
        else:
            seconds = _median(sizes[rows])
            processor = statistics.median(run.processor for run in sizes[rows])
            peak = statistics.median(run.megabytes for run in sizes[rows])
            ratio = f"{seconds / ours:.2f}" if ours == ours else "-"
            yield f"{name:<24}{seconds:>10.2f}{processor:>9.2f}{rows / seconds:>12,.0f}{peak:>10,.0f}{ratio:>13}"


def _exponents(times: Times, today: int) -> Iterator[str]:
    """A line for each command that was timed at two sizes; see the docstring of the module."""
    yield f"\n{'command':<24}{'exponent: plain':>17}{'added':>8}"
    for name, sizes in times.items():
        medians = {rows: _median(runs) for rows, runs in sizes.items() if runs}
        start = medians.pop(today, math.nan)
        # What is added must stand out from the scatter between runs.
        added = {rows - today: s - start for rows, s in medians.items() if s - start > start / 10}
        yield f"{name:<24}{exponent(medians):>17}{exponent(added):>8}"


def exponent(points: Mapping[int, float]) -> str:
    """The slope through the logarithms of rows and seconds; a hyphen if there are fewer than two points."""
    if len(points) < 2:
        return "-"
    x, y = map(math.log, points), map(math.log, points.values())
    return f"{statistics.linear_regression([*x], [*y]).slope:.2f}"


_COLORS = ("#ca6702", "#5fa8d3", "#94a89a", "#9b2226", "#e9d8a6", "#6d597a", "#b5838d", "#999999", "#333333")


def _chart(times: Times) -> str:
    """The seconds over the rows as SVG, both in logarithms; ours are the thick lines."""
    import io

    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    colors = iter(_COLORS)
    with plt.rc_context({"svg.hashsalt": "borderledger", "svg.fonttype": "none", "font.size": 9}):
        figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
        timed = {name: {n: _median(runs) for n, runs in sizes.items() if runs} for name, sizes in times.items()}
        # The legend has the order of the lines at their right ends.
        for name, points in sorted(timed.items(), key=lambda item: max(item[1].items(), default=(0, 0)), reverse=True):
            mine = name.startswith(OURS)
            color, width = ("#1b4965", 2.4) if mine else (next(colors), 1.2)
            dashes = {"": "-", "duckdb": "--"}.get(_engine(name), ":") if mine else "-"
            x, y = [*points], [*points.values()]
            axes.plot(x, y, dashes, marker="o", markersize=3, label=name, color=color, linewidth=width)
        axes.set(xscale="log", yscale="log", xlabel="rows of the table of returns", ylabel="seconds")
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.set_title("How long a check takes, by rows", loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="#dddddd", linewidth=0.6)
        figure.legend(frameon=False, loc="outside right upper")
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        plt.close(figure)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


if __name__ == "__main__":
    sys.exit(main())
