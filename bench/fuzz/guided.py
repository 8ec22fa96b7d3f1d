"""Fuzz guided by coverage: `python -m bench.fuzz.guided zip --minutes 10`. Needs atheris, which is not in .venv.

Atheris (https://github.com/google/atheris) keeps each input that reaches new code and changes it further. It finds its
way into formats of bytes that random inputs do not reach. It has to watch the modules while they are imported, so the
targets are imported late. It stops at the first input that breaks the target and writes it to a file crash-*.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from pathlib import Path

__all__ = ["main"]


def main() -> None:
    """Run one target. Does not return: atheris ends the process, with 0 if no input broke the target."""
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz.guided", description=(__doc__ or "").split(":")[0])
    parser.add_argument("target")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("file", nargs="*", help="run the target with these inputs alone, such as a file crash-*")
    options = parser.parse_args()
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["borderledger", "corrections", "validate", "zipfile", "yaml"]):
        targets = importlib.import_module("bench.fuzz.targets").TARGETS
    if options.target not in targets:
        parser.error(f"there is no target {options.target!r}; there are: {', '.join(targets)}")
    target = targets[options.target]
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(target.seeds):
            (Path(folder) / str(number)).write_bytes(seed)
        flags = [f"-max_total_time={60 * options.minutes:.0f}", "-max_len=16384", "-timeout=20", "-print_final_stats=1"]
        atheris.Setup(
            [sys.argv[0], *flags, *(options.file or [folder])], lambda raw: target.holds(target.of_bytes(raw))
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
