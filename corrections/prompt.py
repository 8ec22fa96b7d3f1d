"""Questions and answers, one line each, in a terminal or through a pipe.

A dialogue is a plain function that asks one question after another and returns what came of it. `back` needs no state
machine: the function is run again with the answers given so far, all but the last, and shows nothing until it comes to
the question that has none. So it must do the same on the same answers, and change nothing before its last question.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from borderledger.output.escape import printable
from corrections.plain_text import tidy

__all__ = ["Left", "Prompt", "Wrong", "chosen", "picked"]

T = TypeVar("T")

#: Longest answer. The longest cell that a correction takes has as many characters.
_LONGEST = 2000
_WIDTH = 100


class Wrong(Exception):
    """An answer cannot be taken: why, and what was expected."""


class Left(Exception):
    """Whoever answers leaves, or there are no more answers; nothing has been written."""


class _Back(Exception):
    """The question before is to be asked again."""


class Prompt:
    """Asks by `read`, which shows a question and gives the answer or raises EOFError, and shows text by `write`."""

    def __init__(self, read: Callable[[str], str] = input, write: Callable[[str], object] = print) -> None:
        self._read = read
        self._write = write
        self._given: list[str] = []
        self._again: list[str] = []
        self._held_back: list[str] = []

    def run(self, dialogue: Callable[[], T]) -> T:
        """Run a dialogue to its end. Raises Left."""
        while True:
            self._again = list(self._given)
            self._held_back.clear()
            try:
                return dialogue()
            except _Back:
                self._given.pop()

    def say(self, *lines: str, indent: int = 0) -> None:
        """Show lines, long ones broken at words."""
        for line in lines:
            inner = " " * (len(line) - len(line.lstrip(" ")))
            # An address or an id that is cut in two cannot be copied.
            self._held_back += textwrap.wrap(
                printable(line.strip(" ")),
                _WIDTH,
                initial_indent=inner,
                subsequent_indent=inner + " " * indent,
                break_on_hyphens=False,
                break_long_words=False,
            ) or [""]
        if not self._again:
            self._show()

    def show(self, text: str) -> None:
        """Show the lines of a text as they are."""
        self._held_back += map(printable, text.split("\n"))
        if not self._again:
            self._show()

    def ask(self, question: str, take: Callable[[str], T], *, explain: str, default: str | None = None) -> T:
        """Ask until `take` raises no Wrong, and give what it makes of the answer.

        explain   what `?` shows
        default   what an empty answer stands for; None if there must be one
        """
        if self._again:
            self._held_back.clear()
            return take(self._again.pop(0))
        self._show()
        while True:
            try:
                return self._once(question, take, explain, default)
            except Wrong as wrong:
                self.say(*(str(part) for part in wrong.args if part), indent=2)

    def number(self, lines: Iterable[str]) -> None:
        """Show lines with their numbers, to choose from."""
        for number, line in enumerate(lines, 1):
            self.say(f"{number:>3}  {line}", indent=5)

    def choose(self, question: str, among: Mapping[str, str], *, explain: str) -> str:
        """Ask for one of some words, each with what it means; its number does as well."""
        self.say("")
        self.number(f"{word} - {means}" for word, means in among.items())
        return self.ask(question, lambda answer: chosen(answer, list(among)), explain=explain)

    def _once(self, question: str, take: Callable[[str], T], explain: str, default: str | None) -> T:
        shown = f" [{default}]" if default else ""
        try:
            line = self._read(printable(f"{question}{shown}: "))
        except EOFError:
            raise Left("there are no more answers; nothing was written") from None
        if len(line) > _LONGEST:
            raise Wrong(f"That has {len(line)} characters; an answer has {_LONGEST} at most.")
        answer = tidy(line)
        if answer == "quit":
            raise Left("nothing was written")
        if answer == "?":
            raise Wrong(*explain.split("\n"), "`back` returns to the question before, `quit` leaves.")
        if answer in ("back", "<"):
            if not self._given:
                raise Wrong("This is the first question; `quit` leaves.")
            raise _Back
        if not answer and default is None:
            raise Wrong("An answer is needed here. `?` explains, `back` returns to the question before, `quit` leaves.")
        answer = answer or default or ""
        taken = take(answer)
        self._given.append(answer)
        return taken

    def _show(self) -> None:
        for line in self._held_back:
            self._write(line)
        self._held_back.clear()


def chosen(answer: str, words: list[str]) -> str:
    """One of some words, by its number or as it is spelled, whatever the case. Raises Wrong."""
    answer = picked(answer, words)
    for word in words:
        if answer.casefold().replace(" ", "_") == word.casefold().replace(" ", "_"):
            return word
    raise Wrong(f"{answer[:60]!r} is not one of them: type a number from 1 to {len(words)}, or the word.")


def picked(answer: str, listed: list[str]) -> str:
    """What a number of a list stands for; any other answer as it is."""
    if answer.isascii() and answer.isdigit() and len(answer) < 5 and 1 <= int(answer) <= len(listed):
        return listed[int(answer) - 1]
    return answer
