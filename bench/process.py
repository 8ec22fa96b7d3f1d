"""Run one command in a process of its own: its time, its peak memory, and what it printed. Needs Linux or macOS."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Run", "measure"]


@dataclass(frozen=True)
class Run:
    """One run of a command. `code` is its exit code; a run that was stopped at the limit has none.

    `processor` is what the processor spent, in seconds: less disturbed by other work on the machine than `seconds`, and
    more than them if several cores worked.
    """

    seconds: float
    processor: float
    megabytes: float
    code: int | None
    output: str


def measure(command: Sequence[str], folder: Path, limit: float) -> Run:
    """Run a command in a folder, at most for so many seconds.

    The peak memory is that of the process, or of the largest of its children if one was larger. The system also counts
    the memory that the caller had when it started the process, so keep the caller small.
    """
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output, start_new_session=True)
        stopped = threading.Event()

        def stop() -> None:
            stopped.set()
            with contextlib.suppress(ProcessLookupError):  # it ended just now
                os.killpg(process.pid, signal.SIGKILL)

        timer = threading.Timer(limit, stop)
        timer.daemon = True
        timer.start()
        try:
            # RUSAGE_CHILDREN would be the largest of all children so far.
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:  # interrupted: the process has a session of its own, which Ctrl-C does not reach
            stop()
            raise
        finally:
            timer.cancel()
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read().decode("utf-8", "replace")
    unit = 1_000_000 if sys.platform == "darwin" else 1_000
    code = None if stopped.is_set() else process.returncode
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit, code, said)
