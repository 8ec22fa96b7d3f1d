"""Fuzz for some minutes with hypothesis: `python -m bench.fuzz`; see `bench.fuzz`."""

from __future__ import annotations

import argparse
import secrets
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from bench.fuzz.target import Target
from bench.fuzz.targets import TARGETS

__all__ = ["main", "run"]

#: Inputs between two looks at the clock. More of them, and hypothesis repeats itself less.
_BATCH = 2000


def run(target: Target, examples: int, number: int, *, smallest: bool = True) -> None:
    """Run a target with some inputs that a number decides. Raises what the target raises.

    smallest   look for the smallest input that breaks the target, which takes a while
    """
    phases = [*Phase] if smallest else [Phase.generate]

    @seed(number)
    @settings(
        max_examples=examples,
        phases=phases,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=[*HealthCheck],
    )
    @given(case=target.cases)
    def holds(case: Any) -> None:
        target.holds(case)

    made: Callable[[], None] = holds
    made()


def main(arguments: list[str] | None = None) -> int:
    """Run targets for some minutes each; print the input that breaks one, and exit 1 if any did."""
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=(__doc__ or "").split(":")[0])
    parser.add_argument("target", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)} (default all)")
    parser.add_argument("--minutes", type=float, default=10, help="for each target (default 10)")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.target if name not in TARGETS]:
        parser.error(f"there is no target {unknown[0]!r}; there are: {', '.join(TARGETS)}")
    broken = 0
    for name in options.target or TARGETS:
        end, inputs = time.monotonic() + 60 * options.minutes, 0
        while time.monotonic() < end:
            number = secrets.randbelow(2**32)
            try:
                run(TARGETS[name], _BATCH, number)
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    raise
                broken += 1
                print(f"{name}: broken (seed {number})", flush=True)
                traceback.print_exception(error, limit=-4, file=sys.stdout)
                break
            inputs += _BATCH
        print(f"{name}: {inputs} inputs", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
