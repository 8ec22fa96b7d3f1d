"""Changes as Markdown for a comment on GitHub; see `release.report.formats`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from borderledger.output.escape import printable
from release.report.comparison import (
    SUMMARY,
    Comparison,
    Entry,
    breaks,
    counted,
    link,
    parts,
    summary,
    version_required,
    where,
)

__all__ = ["COMMENT", "cited", "code", "escaped", "fitted", "markdown"]

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


def markdown(c: Comparison) -> str:
    """The changes as a comment; see COMMENT."""
    return fitted([*_markdown_blocks(c)], COMMENT)


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


def _markdown_blocks(c: Comparison) -> Iterator[tuple[str, str]]:
    changes = c.changes
    yield "", f"### {code(changes.old_version)} → {code(changes.new_version)}\n\n{escaped(version_required(c))}\n"
    for number, row in enumerate(summary(changes)):
        if not number:
            yield "", "\n| " + " | ".join(SUMMARY) + " |\n|---|" + "---:|" * (len(SUMMARY) - 1) + "\n"
        yield "summary", "| " + " | ".join(map(escaped, row)) + " |\n"
    for number, change in enumerate(changes.schema):
        if not number:
            yield "", "\n#### Schema\n\n"
        effect = f" — **{breaks(change)}**" if change.breaks else ""
        what = f"{escaped(change.what)}: {code(change.old)} → {code(change.new)}"
        yield "schema", f"- {code(where(change))} {what}{effect}\n"
    for part in parts(c):
        yield "", f"\n#### {escaped(part.table)}\n\n"
        for entry in part.entries:
            yield part.table, _markdown_entry(c, entry)
        for count in part.counts:
            reason = f", {escaped(count.reason)}" if count.reason else ""
            yield part.table, f"- {escaped(counted(count))}{reason}{cited(c, [count.source])}\n"


def _markdown_entry(c: Comparison, entry: Entry) -> str:
    named = f"**{escaped(entry.title)}** {code(entry.record)}" if entry.title else code(entry.record)
    match entry.what:
        case "changed":
            lines = [f"- {named}\n"]
            for cell in entry.cells:
                why = ": ".join(filter(None, (f"**{escaped(cell.kind)}**" if cell.kind else "", escaped(cell.reason))))
                said = f"  - {code(cell.field)}: {code(cell.old)} → {code(cell.new)}"
                lines.append(f"{said}{f' — {why}' if why else ''}{cited(c, cell.sources)}\n")
            return "".join(lines)
        case "graded":
            (cell,) = entry.cells
            return f"- evidence of {named}: {escaped(cell.old or 'none')} → {escaped(cell.new or 'none')}\n"
        case "added":
            return f"- added: {named}{cited(c, entry.sources)}\n"
    then = f", now {code(entry.successor)}" if entry.successor else ""
    reason = f": {escaped(entry.reason)}" if entry.reason else ""
    return f"- {entry.what}: {named}{then}{reason}{cited(c, entry.sources)}\n"


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
