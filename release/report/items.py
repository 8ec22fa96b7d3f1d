"""Changes as items below headings: what text and Markdown have in common, and text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from borderledger.output.escape import printable
from release.report.comparison import (
    SUMMARY,
    Comparison,
    Entry,
    breaks,
    counted,
    parts,
    summary,
    version_required,
    where,
)

__all__ = ["SOURCE", "Items", "text"]

#: What is said of a source.
SOURCE = ("title", "publisher", "published", "url")


class Items:
    """Changes as text. A subclass has another form for a heading, a value and so on, and the same order."""

    item, detail, arrow = "  ", "    ", " -> "

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison

    def blocks(self) -> Iterator[tuple[str, str]]:
        """Blocks of lines, each with the label under which it is counted if there is no room for it."""
        c, changes = self.comparison, self.comparison.changes
        versions = self.change(changes.old_version, changes.new_version)
        yield "", f"{self.title(versions)}{self.plain(version_required(c))}\n"
        if rows := [[self.plain(cell) for cell in row] for row in summary(changes)]:
            yield from self.table([[*SUMMARY], *rows])
        if changes.schema:
            yield "", self.heading("schema")
        for one in changes.schema:
            effect = self.aside(breaks(one)) if one.breaks else ""
            said = f"{self.code(where(one))} {self.plain(one.what)}: {self.change(one.old, one.new)}"
            yield "schema", f"{self.item}{said}{effect}\n"
        for part in parts(c):
            yield "", self.heading(part.table)
            for entry in part.entries:
                yield part.table, self.entry(entry)
            for count in part.counts:
                reason = f", {self.plain(count.reason)}" if count.reason else ""
                yield part.table, f"{self.item}{self.plain(counted(count))}{reason}{self.cited([count.source])}\n"

    def entry(self, entry: Entry) -> str:
        """What happened to a record; a line more for each of its cells."""
        named = self.named(entry)
        match entry.what:
            case "changed":
                return f"{self.item}{named}\n" + "".join(
                    f"{self.detail}{self.code(cell.field)}: {self.change(cell.old, cell.new)}"
                    f"{self.why(cell.kind, cell.reason)}{self.cited(cell.sources)}\n"
                    for cell in entry.cells
                )
            case "graded":
                (cell,) = entry.cells
                grades = self.arrow.join(self.plain(grade or "none") for grade in (cell.old, cell.new))
                return f"{self.item}evidence of {named}: {grades}\n"
        then = f", now {self.code(entry.successor)}" if entry.successor else ""
        reason = f": {self.plain(entry.reason)}" if entry.reason else ""
        return f"{self.item}{entry.what}: {named}{then}{reason}{self.cited(entry.sources)}\n"

    def change(self, old: str, new: str) -> str:
        """Two values with an arrow between them."""
        return f"{self.value(old)}{self.arrow}{self.value(new)}"

    # The forms; those below are of text.

    def title(self, versions: str) -> str:
        """The first lines."""
        return f"{versions}\n"

    def heading(self, name: str) -> str:
        """The lines above the items of a table."""
        return f"\n{self.plain(name)}\n"

    def table(self, rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
        """The rows, of which the first is the head."""
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for number, (head, *numbers) in enumerate(rows):
            cells = (cell.rjust(width) for cell, width in zip(numbers, widths[1:], strict=True))
            line = "  ".join((head.ljust(widths[0]), *cells)).rstrip()
            yield "summary", f"{line}\n" if number else f"\n{line}\n"

    def plain(self, text: str) -> str:
        """Text from the data."""
        return printable(text)

    def code(self, text: str) -> str:
        """The name of a column, or an id."""
        return self.plain(text)

    def value(self, text: str) -> str:
        """A value, which may be empty."""
        return self.plain(text) or "(empty)"

    def named(self, entry: Entry) -> str:
        """A record by its title and id."""
        return self.plain(f"{entry.title} ({entry.record})" if entry.title else entry.record)

    def aside(self, words: str) -> str:
        """Words of ours after an item."""
        return f" ({words})"

    def why(self, kind: str, reason: str) -> str:
        """The kind of a change, and its reason."""
        said = ": ".join(filter(None, (self.plain(kind), self.plain(reason))))
        return f"  {said}" if said else ""

    def cited(self, sources: Iterable[str]) -> str:
        """The sources after what they back."""
        shown = ", ".join(self.plain(source) for source in sources if source)
        return f" [{shown}]" if shown else ""


def text(c: Comparison) -> str:
    """The changes for a terminal, and at the end the sources that were named."""
    lines = "".join(block for _, block in Items(c).blocks())
    for number, source in enumerate(dict.fromkeys(source for part in parts(c) for source in part.sources)):
        row = c.sources.get(source, {})
        said = ", ".join(filter(None, (row.get(name, "") for name in SOURCE)))
        lines += ("" if number else "\nsources\n") + f"  {printable(source)}: {printable(said)}\n"
    return lines
