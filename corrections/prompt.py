"""Questions and answers, one line each, in a terminal or through a pipe.

A dialogue is a plain function that asks one question after another and returns a result. For `back`, the prompt runs
the function again with all answers but the last, and shows nothing until a question has no answer. So the function must
do the same on the same answers, and change nothing before its last question.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from borderledger.output.escape import printable
from corrections.plain_text import tidy

__all__ = ["Left", "Prompt", "Wrong", "chosen", "picked"]

T = TypeVar("T")

#: Longest answer, in characters: the longest cell of a correction.
_LONGEST = 2000
_WIDTH = 100


class Wrong(Exception):
    """An answer cannot be used: why, and what was expected.

    offer   an answer that the person may have meant; Enter then accepts it
    """

    def __init__(self, *why: str, offer: str = "") -> None:
        super().__init__(*why)
        self.offer = offer


class Left(Exception):
    """The person leaves, or there are no more answers; nothing was written."""


class _Back(Exception):
    """The person wants to answer the question before again."""


class Prompt:
    """Asks with `read`, which shows a question and returns the answer or raises EOFError; shows text with `write`."""

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
        """Show lines; long ones are wrapped at words."""
        for line in lines:
            inner = " " * (len(line) - len(line.lstrip(" ")))
            # People cannot copy an address or an id that is cut in two.
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
        """Ask until `take` raises no Wrong, and return the result of `take`.

        explain   the text that `?` shows
        default   the meaning of an empty answer; None if an answer is needed
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
                default = wrong.offer or default

    def number(self, lines: Iterable[str]) -> None:
        """Show numbered lines to choose from."""
        for number, line in enumerate(lines, 1):
            self.say(f"{number:>3}  {line}", indent=5)

    def choose(self, question: str, among: Mapping[str, str], *, explain: str) -> str:
        """Ask for one of some words; each is shown with its meaning, and its number is an answer, too."""
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
            raise Wrong(f"This has {len(line)} characters; an answer has {_LONGEST} at most.")
        answer = tidy(line)
        if answer == "quit":
            raise Left("nothing was written")
        if answer == "?":
            raise Wrong(*explain.split("\n"), "`back` returns to the question before, and `quit` leaves.")
        if answer in ("back", "<"):
            if not self._given:
                raise Wrong("This is the first question. Type `quit` to leave.")
            raise _Back
        if not answer and default is None:
            raise Wrong("An answer is needed here. Type `?` for help, `back` for the question before, `quit` to leave.")
        answer = answer or default or ""
        taken = take(answer)
        self._given.append(answer)
        return taken

    def _show(self) -> None:
        for line in self._held_back:
            self._write(line)
        self._held_back.clear()


def chosen(answer: str, words: list[str]) -> str:
    """One of some words, by its number or by its spelling in any case. Raises Wrong."""
    answer = picked(answer, words)
    for word in words:
        if answer.casefold().replace(" ", "_") == word.casefold().replace(" ", "_"):
            return word
    raise Wrong(f"{answer[:60]!r} is not one of them. Type a number from 1 to {len(words)}, or the word.")


def picked(answer: str, listed: list[str]) -> str:
    """The entry of a list that has a number; any other answer as it is."""
    if answer.isascii() and answer.isdigit() and len(answer) < 5 and 1 <= int(answer) <= len(listed):
        return listed[int(answer) - 1]
    return answer
