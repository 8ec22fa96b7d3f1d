"""What is kept between two runs, beside the dataset and not in it: lines of JSON in the folder .links of the checkout.

    checked.jsonl   what the last complete check found
    running.jsonl   what a check has found that is not complete; the next one goes on from there
    copies.jsonl    what archives answered

A line is written as soon as it is known, so that a run can be stopped at any time. A line that cannot be read is as if
it were not there: the link is asked again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from links.found import OUTCOMES, Seen

__all__ = ["FOLDER", "Journal", "Results", "added", "lines"]

#: The folder, below that of the dataset.
FOLDER = ".links"

#: What became of links, by source and field.
Results = dict[tuple[str, str], Seen]


class Journal:
    """The results of the check before, and of the one that runs.

    before   what the last complete check found
    done     what this check has found so far, also before it was stopped

    With `fresh`, what a stopped check has found is forgotten. A check of `some` links alone leaves it as it is.
    """

    def __init__(self, folder: Path, *, fresh: bool = False, some: bool = False) -> None:
        self._checked, self._running, self._some = folder / "checked.jsonl", folder / "running.jsonl", some
        if fresh and not some:
            self._running.unlink(missing_ok=True)
        self.before = _results(self._checked)
        self.done = {} if some else _results(self._running)

    def add(self, seen: Seen) -> None:
        """Keep a result of the check that runs."""
        self.done[seen.source, seen.field] = seen
        if not self._some:
            added(self._running, asdict(seen))

    def complete(self, results: Results) -> None:
        """Keep these results as those of the last complete check; of a check of some links, beside the others."""
        results = {**self.before, **results} if self._some else results
        self._checked.parent.mkdir(parents=True, exist_ok=True)
        staged = self._checked.with_suffix(".new")
        staged.write_text("".join(_line(asdict(seen)) for _, seen in sorted(results.items())), "utf-8", newline="\n")
        os.replace(staged, self._checked)
        if not self._some:
            self._running.unlink(missing_ok=True)


def _results(file: Path) -> Results:
    names = {each.name for each in fields(Seen)}
    found: Results = {}
    for line in lines(file):
        if set(line) == names and all(isinstance(cell, str) for cell in line.values()) and line["outcome"] in OUTCOMES:
            found[line["source"], line["field"]] = Seen(**line)
    return found


def lines(file: Path) -> Iterator[dict[str, Any]]:
    """The lines of a file that are JSON objects; none if there is no file."""
    try:
        content = file.read_text("utf-8", "replace")
    except FileNotFoundError:
        return
    for line in content.splitlines():
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            yield found


def added(file: Path, *contents: Mapping[str, str]) -> None:
    """Add lines to a file; after a line that was cut short, they begin a new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(file, "ab+") as out:
        out.seek(max(out.seek(0, os.SEEK_END) - 1, 0))
        out.write((b"\n" if out.read(1) not in (b"", b"\n") else b"") + _all(contents).encode("utf-8"))


def _all(contents: Iterable[Mapping[str, str]]) -> str:
    return "".join(map(_line, contents))


def _line(content: Mapping[str, str]) -> str:
    return json.dumps(content, ensure_ascii=True) + "\n"
