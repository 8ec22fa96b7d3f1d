"""Questions and answers, one line each, in a terminal or through a pipe.

A dialogue is a plain function that asks one question after another and returns a result. For `back`, the prompt runs
the function again with the answers before that question, and shows nothing until a question has no answer. So the
function must do the same on the same answers, and change nothing before its last question.

`back` takes the last answer back. `back` with a number or words changes one earlier answer and keeps those after it:
each is given again where the same question comes with the same text before it, such as the same list.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from borderledger.output.escape import printable
from corrections.plain_text import tidy

__all__ = ["Left", "Prompt", "Wrong", "chosen", "picked"]

T = TypeVar("T")

#: Longest answer, in characters: the longest cell of a correction.
_LONGEST = 2000
_WIDTH = 100
_COMMANDS = (
    "`back` returns to the question before. `answers` lists your answers, and `back 3` changes the third one; `back` "
    "with words of a question or an answer does the same. `quit` leaves."
)


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
    """The person wants to answer an earlier question again: its place among the answers, and the answers to keep."""

    def __init__(self, place: int, kept: list[_Given]) -> None:
        super().__init__(place, kept)
        self.place, self.kept = place, kept


@dataclass(frozen=True)
class _Given:
    """An answer that was given.

    before    the lines that were shown before the question
    answer    as it was typed
    meaning   what it stands for, such as the word of a number
    """

    question: str
    before: tuple[str, ...]
    answer: str
    meaning: str

    def __str__(self) -> str:
        return f"{self.question}: {self.meaning or '(nothing)'}"


class Prompt:
    """Asks with `read`, which shows a question and returns the answer or raises EOFError; shows text with `write`."""

    def __init__(self, read: Callable[[str], str] = input, write: Callable[[str], object] = print) -> None:
        self._read = read
        self._write = write
        self._given: list[_Given] = []
        self._again: list[str] = []  # answers that are given again without a word
        self._later: list[_Given] = []  # answers to questions that come after the one that is answered again
        self._answered = False  # whether that one has been asked
        self._shown: list[str] = []  # lines since the last answer
        self._unwritten: list[str] = []  # those that may turn out not to be needed

    def run(self, dialogue: Callable[[], T]) -> T:
        """Run a dialogue to its end. Raises Left."""
        while True:
            self._again = [one.answer for one in self._given]
            self._answered = False
            self._forget()
            try:
                result = dialogue()
            except _Back as back:
                self._later = back.kept + self._later
                del self._given[back.place :]
            else:
                self._later.clear()
                self._show()
                return result

    def say(self, *lines: str, indent: int = 0) -> None:
        """Show lines; long ones are wrapped at words."""
        for line in lines:
            inner = " " * (len(line) - len(line.lstrip(" ")))
            # People cannot copy an address or an id that is cut in two.
            self._line(
                *textwrap.wrap(
                    printable(line.strip(" ")),
                    _WIDTH,
                    initial_indent=inner,
                    subsequent_indent=inner + " " * indent,
                    break_on_hyphens=False,
                    break_long_words=False,
                )
                or [""]
            )

    def show(self, text: str) -> None:
        """Show the lines of a text as they are."""
        self._line(*map(printable, text.split("\n")))

    def ask(self, question: str, take: Callable[[str], T], *, explain: str, default: str | None = None) -> T:
        """Ask until `take` raises no Wrong, and return the result of `take`.

        explain   the text that `?` shows
        default   the meaning of an empty answer; None if an answer is needed
        """
        if self._again:
            self._forget()
            return take(self._again.pop(0))
        before = tuple(self._shown)
        for place, one in enumerate(self._later if self._answered else ()):
            if (one.question, one.before) == (question, before):
                try:
                    taken = take(one.answer)
                except Wrong:
                    break
                del self._later[: place + 1]
                self._forget()
                self._given.append(one)
                self._write(printable(f"(kept) {one}"))
                return taken
        self._answered = True
        self._show()
        while True:
            try:
                answer, taken = self._once(question, take, explain, default)
            except Wrong as wrong:
                self.say(*(str(part) for part in wrong.args if part), indent=2)
                self._show()
                default = wrong.offer or default
            else:
                self._given.append(_Given(question, before, answer, taken if isinstance(taken, str) else answer))
                self._forget()
                return taken

    def number(self, lines: Iterable[str]) -> None:
        """Show numbered lines to choose from."""
        for number, line in enumerate(lines, 1):
            self.say(f"{number:>3}  {line}", indent=5)

    def choose(self, question: str, among: Mapping[str, str], *, explain: str) -> str:
        """Ask for one of some words; each is shown with its meaning, and its number is an answer, too."""
        self.say("")
        self.number(f"{word} - {means}" for word, means in among.items())
        return self.ask(question, lambda answer: chosen(answer, list(among)), explain=explain)

    def _once(self, question: str, take: Callable[[str], T], explain: str, default: str | None) -> tuple[str, T]:
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
            raise Wrong(*explain.split("\n"), _COMMANDS)
        if answer == "answers":
            raise Wrong(*(f"{number:>3}  {one}" for number, one in enumerate(self._given, 1)), _COMMANDS)
        if answer == "<" or answer.split(" ")[0] == "back":
            raise self._back(answer[4:].strip())
        if not answer and default is None:
            raise Wrong("An answer is needed here. Type `?` for help, `back` for the question before, `quit` to leave.")
        answer = answer or default or ""
        return answer, take(answer)

    def _back(self, which: str) -> _Back:
        """Back to the last answer, or to the one with a number or with some words. Raises Wrong."""
        if not self._given:
            raise Wrong("This is the first question. Type `quit` to leave.")
        if not which:
            return _Back(len(self._given) - 1, [])
        words = which.casefold().split()
        for place, one in reversed(list(enumerate(self._given))):
            if which == str(place + 1) or (not which.isdigit() and all(w in str(one).casefold() for w in words)):
                return _Back(place, self._given[place + 1 :])
        raise Wrong(f"No earlier question or answer is {which[:60]!r}. Type `answers` to see them all.")

    def _line(self, *lines: str) -> None:
        self._shown += lines
        self._unwritten += lines
        if not self._again and not self._later:
            self._show()

    def _show(self) -> None:
        for line in self._unwritten:
            self._write(line)
        self._unwritten.clear()

    def _forget(self) -> None:
        self._shown.clear()
        self._unwritten.clear()


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
