"""What all command lines of the project do alike: the encoding of what they print, and what happens if they cannot.

What is piped or written to a file is UTF-8 with LF on every system, whatever the console or PYTHONIOENCODING says, so
that programs can read it. A console that lacks a letter shows its code instead.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import gc
import io
import os
import sys
from collections.abc import Callable
from typing import TextIO, cast

from borderledger.output.escape import printable

__all__ = ["reason", "run"]


def run(program: str, command: Callable[[], int], interrupted: str = "interrupted; nothing was written") -> int:
    """Run a command line and return its exit code: that of the command, 2 if a file or the output cannot be written.

    A reader such as `head` may close the pipe early. The command then goes on without output to its own exit code.
    """
    sys.stdout, sys.stderr = _prepared(sys.stdout), _prepared(sys.stderr)
    # A command reads tables into hundreds of thousands of objects that stay. The collector need not visit them often.
    gc.set_threshold(200_000)
    # Python would look for circles in them once more at its end, although the process gives back all memory at once.
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
    try:
        try:
            return command()
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return _failed(program, interrupted, 130)
    except OSError as error:
        if error.filename == _OUTPUT:
            with contextlib.suppress(OSError):
                _drop(sys.stdout.fileno())  # or Python would try to print it again at its end
        return _failed(program, reason(error), 2)


def reason(error: OSError) -> str:
    """The file that cannot be read or written, and why.

    >>> reason(PermissionError(13, "Permission denied", "all.xlsx"))
    'all.xlsx: Permission denied'
    """
    file = error.filename2 or error.filename  # of two, the second is the one that was to be replaced
    why = error.strerror or str(error)
    return f"{os.fsdecode(file)}: {why}" if isinstance(file, str | bytes) else why


_OUTPUT = "standard output"
#: Of UTF-8, too: the name of a file can be no text.
_LACKING = "backslashreplace"


def _prepared(stream: TextIO | None) -> TextIO:
    if stream is None:  # it was closed: >&-
        return open(os.devnull, "w", encoding="utf-8")
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    if stream.isatty():
        stream.reconfigure(errors=_LACKING)
    elif stream is sys.__stdout__:
        stream.flush()
        output = cast("io.BufferedWriter", io.BufferedWriter(_Output(stream.fileno(), "wb", closefd=False)))
        return io.TextIOWrapper(output, "utf-8", errors=_LACKING, newline="\n")
    else:
        stream.reconfigure(encoding="utf-8", errors=_LACKING, newline="\n")
    return stream


class _Output(io.FileIO):
    """Standard output. Its reader may close it; any other error says that it is the output which cannot be written."""

    def write(self, content: bytes) -> int:  # type: ignore[override]
        try:
            return super().write(content)
        except OSError as error:
            if isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL):
                _drop(self.fileno())
                return len(content)
            error.filename = _OUTPUT
            raise


def _drop(handle: int) -> None:
    """Have nothing that is written from now on go anywhere."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, handle)
    os.close(nothing)


def _failed(program: str, why: str, code: int) -> int:
    with contextlib.suppress(OSError):
        print(f"{program}: {printable(why)}", file=sys.stderr)
    return code
