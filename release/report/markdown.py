"""Changes as Markdown for a comment on GitHub; see `release.report.formats`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from borderledger.output.escape import printable
from release.report.comparison import Comparison, Entry, link
from release.report.items import Items

__all__ = ["COMMENT", "cited", "code", "escaped", "fitted", "markdown", "named", "table_row", "table_rule"]

#: Most characters that GitHub takes as a comment.
COMMENT = 65_536
#: What GitHub would read in a text, and what is written for it. A backslash is not enough for most: names, numbers,
#: commits and addresses are found in the text after Markdown is done with it. An invisible space breaks them up.
_GAP = "&#8203;"
_MARKS = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;", "@": f"@{_GAP}", "#": f"#{_GAP}"}
_MARKED = re.compile(r"[&<>$@#]|[\\`*_\[\]|~]|://|www\.|\bGH-|:(?=[\w+-]+:)|\b[0-9a-f]{7,}\b", re.IGNORECASE)
#: Longest value and longest reason in a comment.
_SHOWN = 300


def _marked(found: re.Match[str]) -> str:
    text = found[0]
    if text in _MARKS:
        return _MARKS[text]
    if text in "\\`*_[]|~":
        return f"\\{text}"
    if len(text) > 4:  # as a commit, of which seven digits are enough
        return _GAP.join(text[start : start + 6] for start in range(0, len(text), 6))
    before = {"://": 1, "www.": 3}.get(text.lower(), len(text))
    return f"{text[:before]}{_GAP}{text[before:]}"


def escaped(text: str) -> str:
    """Text from data, shortened, in which GitHub finds nothing to format, link or notify."""
    return _MARKED.sub(_marked, printable(_short(text)))


def code(text: str) -> str:
    """Text as it is, in backticks: nothing in it is read as anything."""
    if not text:
        return "*empty*"
    shown = printable(_short(text))
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    # One space on each side is taken off again, where there is more than spaces.
    pad = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{pad}{shown}{pad}{fence}" if shown.strip() else f"{fence}{shown}{fence}"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text):,} characters)"


def fitted(blocks: Sequence[tuple[str, str]], most: int) -> str:
    """The blocks as one text that is no longer than `most`; what does not fit is counted by its label."""
    room = most - 1_000  # for the line that says what is left out
    text, left = "", Counter[str]()
    for label, block in blocks:
        if left or len(text) + len(block) > room:
            left[label] += 1
        else:
            text += block
    if not left:
        return text
    named = [f"{count:,} of {escaped(label[:40])}" for label, count in left.items() if label]
    more = f" and of {len(named) - 6:,} further tables" if len(named) > 6 else ""
    shown = f"{', '.join(named[:6])}{more}" if named else "all details"
    return text + f"\n**Left out, for its length:** {shown}. `python -m release diff` shows everything.\n"


class _Markdown(Items):
    item, detail, arrow = "- ", "  - ", " → "

    def title(self, versions: str) -> str:
        return f"### {versions}\n\n"

    def heading(self, name: str) -> str:
        return f"\n#### {escaped(name)}\n\n"

    def table(self, rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
        for number, row in enumerate(rows):
            yield ("summary", table_row(row)) if number else ("", f"\n{table_row(row)}{table_rule(len(row))}")

    def plain(self, text: str) -> str:
        return escaped(text)

    def code(self, text: str) -> str:
        return code(text)

    def value(self, text: str) -> str:
        return code(text)

    def named(self, entry: Entry) -> str:
        return named(entry)

    def aside(self, words: str) -> str:
        return f" — **{words}**"

    def why(self, kind: str, reason: str) -> str:
        said = ": ".join(filter(None, (f"**{escaped(kind)}**" if kind else "", escaped(reason))))
        return f" — {said}" if said else ""

    def cited(self, sources: Iterable[str]) -> str:
        return cited(self.comparison, sources)


def markdown(c: Comparison) -> str:
    """The changes as a comment; see COMMENT."""
    return fitted([*_Markdown(c).blocks()], COMMENT)


def table_row(cells: Iterable[str]) -> str:
    """A row of a table; the cells are Markdown."""
    return f"| {' | '.join(cells)} |\n"


def table_rule(columns: int) -> str:
    """The line below the head of a table: words in the first column, numbers in the others."""
    return "|---|" + "---:|" * (columns - 1) + "\n"


def named(entry: Entry) -> str:
    """A record by its title and id."""
    return f"**{escaped(entry.title)}** {code(entry.record)}" if entry.title else code(entry.record)


def cited(c: Comparison, sources: Iterable[str]) -> str:
    """Sources in parentheses after what they back, linked where that is safe."""
    shown = []
    for source in filter(None, sources):
        url = link(c.sources.get(source, {}).get("url", ""))
        # A link to an issue leaves a trace there, under the name of whoever comments.
        there = url and not (urlsplit(url).hostname or "").lower().rstrip(".").endswith("github.com")
        target = re.sub("[&'*_~]", lambda found: f"%{ord(found[0]):02X}" if found[0] != "&" else "&amp;", url)
        shown.append(f"[{escaped(source)}]({target})" if there and len(url) < 1_000 else code(source))
    more = f" and {len(shown) - 5} more" if len(shown) > 5 else ""
    return f" ({', '.join(shown[:5])}{more})" if shown else ""
