"""What a check found, for people and for programs. Titles and addresses are those of strangers, so all is escaped."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from borderledger.output.escape import markdown, printable
from links.found import DIED, OUTCOMES, Link, Seen, has_died

__all__ = ["FORMATS", "Report"]

#: Outcomes that are listed one by one; of the others there are many, and nothing to do.
_LISTED = (*DIED, "title changed", "moved")
_FILE = "data/sources.csv"
#: What to do about each outcome that is listed.
FIXES: Mapping[str, str] = {
    "gone": "Look for the document elsewhere. `python -m links archive {}` looks for an archived copy.",
    "maybe gone": "Open the address. If the document is not there, do as for a link that is gone.",
    "unreachable": "Open the address. If the site is closed, do as for a link that is gone.",
    "title changed": "Open the address. If it is another document now, do as for a link that is gone.",
    "moved": "Open the new address. If it is the same document, correct `url`: python -m corrections new {}",
}


@dataclass(frozen=True)
class Report:
    """What became of links, and the links themselves."""

    day: str
    links: Sequence[Link]
    found: Sequence[Seen]

    @property
    def died(self) -> bool:
        """Whether somebody should look."""
        return any(map(has_died, self.found))

    @property
    def exit_code(self) -> int:
        """0 fine, 1 something died."""
        return int(self.died)

    def listed(self) -> Iterator[tuple[str, list[tuple[Link, Seen]]]]:
        """The outcomes that are listed, worst first, with their links in the order of the table."""
        at = {(link.source, link.field): link for link in self.links}
        for outcome in _LISTED:
            some = [(at[seen.source, seen.field], seen) for seen in self.found if seen.outcome == outcome]
            if some:
                yield outcome, sorted(some, key=lambda pair: (pair[0].line, pair[0].field))

    def counts(self) -> dict[str, int]:
        """How many links have each outcome, in the order of OUTCOMES; none that no link has."""
        counted = Counter(seen.outcome for seen in self.found)
        return {outcome: counted[outcome] for outcome in OUTCOMES if counted[outcome]}

    def text(self) -> str:
        """The links that somebody should look at, what to do, and the numbers."""
        lines = []
        for outcome, some in self.listed():
            lines += [f"{outcome} ({len(some)}): {OUTCOMES[outcome]}"]
            for link, seen in some:
                lines += [f"  {_FILE}:{link.line} {link.field} {seen.source} {seen.url}", f"      {_said(link, seen)}"]
            lines += [f"  {FIXES[outcome].format('ID')}", ""]
        sources = len({link.source for link in self.links})
        lines += [f"{self.day}: {_counted(len(self.found), 'link')} of {_counted(sources, 'source')}"]
        lines += [f"{count:>6,}  {outcome}" for outcome, count in self.counts().items()]
        return "".join(f"{printable(line)}\n" for line in [*lines, "", self._verdict()])

    def json(self) -> str:
        """One JSON object: day, died, counts, and every link with what became of it."""
        at = {(link.source, link.field): link for link in self.links}
        found = [
            {**asdict(seen), "line": at[seen.source, seen.field].line, "died": has_died(seen)}
            for seen in sorted(self.found, key=lambda seen: (seen.source, seen.field))
        ]
        content = {"day": self.day, "died": self.died, "counts": self.counts(), "links": found}
        return json.dumps(content, indent=2) + "\n"

    def markdown(self) -> str:
        """The same for an issue on GitHub."""
        asked = _counted(len(self.found), "link")
        lines = [f"{asked} of the sources were asked on {self.day}. {self._verdict()}", ""]
        lines += ["| outcome | links | meaning |", "|---|---:|---|"]
        lines += [f"| {outcome} | {count:,} | {OUTCOMES[outcome]} |" for outcome, count in self.counts().items()]
        for outcome, some in self.listed():
            lines += ["", f"### {outcome.capitalize()} ({len(some)})", "", FIXES[outcome].format("ID"), ""]
            lines += ["| source | address | what happened |", "|---|---|---|"]
            for link, seen in some:
                lines.append(
                    f"| {_code(seen.source)}, {link.field} | {_code(seen.url)} | {markdown(_said(link, seen))} |"
                )
        return "\n".join(lines) + "\n"

    def github(self) -> str:
        """Workflow commands: an annotation for each link that somebody should look at, at its line."""
        lines = []
        for outcome, some in self.listed():
            for link, seen in some:
                level = "warning" if has_died(seen) else "notice"
                place = f"file={_FILE},line={link.line},title=link {outcome}"
                said = (
                    f"{seen.source} {link.field} {seen.url}: {_said(link, seen)} {FIXES[outcome].format(seen.source)}"
                )
                lines.append(f"::{level} {place}::{_escaped(said)}\n")
        return "".join(lines) + f"{self._verdict()}\n"

    def _verdict(self) -> str:
        dead = sum(map(has_died, self.found))
        if not dead:
            return "No link has died."
        return f"{_counted(dead, 'link')} should be looked at."


def _said(link: Link, seen: Seen) -> str:
    """What happened to a link, since when, and where a copy is."""
    parts = [f"was {seen.before!r}, is {seen.title!r}"] if seen.before else []
    parts += [seen.why] if seen.why else []
    if seen.outcome in DIED:
        parts += [f"since {seen.since}"] if seen.since < seen.day else ["for the first time"]
        parts += [f"copy: {link.copy}"] if link.copy else []
    return "; ".join(parts) + "."


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _code(text: str) -> str:
    """Text as code in a cell of a Markdown table, where GitHub makes no link of it."""
    return f"`{printable(text).replace('`', '%60').replace('|', '%7C')}`"


def _escaped(text: str) -> str:
    return printable(text).replace("%", "%25")


FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": Report.text,
    "json": Report.json,
    "markdown": Report.markdown,
    "github": Report.github,
}
