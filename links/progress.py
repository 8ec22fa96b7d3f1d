"""A bar on the terminal while a run goes on; nothing where nobody looks at one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

__all__ = ["progress"]


@contextmanager
def progress(what: str, done: int, of: int) -> Iterator[Callable[[], None]]:
    """Show how much of a run is done; gives the function to call after each step."""
    columns = TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=of, completed=done)
        yield lambda: bar.advance(task)
