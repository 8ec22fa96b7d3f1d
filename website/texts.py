"""Pages from the Markdown of the documentation, and the release notes from the changelog."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup

__all__ = ["RATES", "Release", "methodology", "releases"]

#: Where the page on method tells how often the dataset is wrong.
RATES = "methodology/index.html#how-often-are-we-wrong"

#: Markdown of our own pages. HTML in it is shown as text.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")

#: How many notes of a version the overview shows. A version can have hundreds, which phones would load for nothing.
_FIRST = 12


@dataclass(frozen=True)
class Release:
    """A version with its notes.

    day    when it was released; empty while it is in preparation
    first  the first of its notes, for the overview
    """

    version: str
    day: str
    html: Markup
    first: Markup

    @property
    def is_cut(self) -> bool:
        """Whether it has more notes than the first."""
        return self.first != self.html


def methodology(root: Path) -> tuple[Markup, Markup]:
    """The page on method, without its title and with links to files of the repository as plain text.

    In two parts: between them the page has the rates of the last release, and the website those of its data. Headings
    have the anchors that they have on GitHub.
    """
    text = (root / "docs/methodology.md").read_text(encoding="utf-8")
    before, _, rest = text.partition("<!-- checks -->\n")
    return _anchored(_rendered(before)), _anchored(_rendered(rest.partition("<!-- end of checks -->\n")[2]))


def _anchored(html: Markup) -> Markup:
    return Markup(re.sub("<h2>(.*?)</h2>", lambda found: f'<h2 id="{_anchor(found[1])}">{found[1]}</h2>', html))


def _anchor(heading: str) -> str:
    words = re.sub(r"[^\w\s-]", "", Markup(heading).striptags().lower())
    return re.sub(r"\s", "-", words)


def releases(root: Path) -> list[Release]:
    """The notes of each version, the newest first."""
    file = root / "CHANGELOG.md"
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    found = []
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading, _, notes = part.partition("\n")
        version, _, day = heading.partition(" - ")
        found.append(Release(version.strip("[] "), day.strip(), _rendered(notes), _first(notes)))
    return found


def _first(notes: str) -> Markup:
    before, *items = re.split(r"^(?=- )", notes, flags=re.MULTILINE)
    shown = before + "".join(items[:_FIRST])
    return _rendered(re.sub(r"\n### [^\n]*\s*\Z", "\n", shown))  # the heading of what is left out


def _rendered(text: str) -> Markup:
    """Markdown as HTML, without its title. What links to files of the repository is plain text here."""
    text = re.sub(r"^# .*\n", "", text)
    text = re.sub(r"^<!-- .* -->\n", "", text, flags=re.MULTILINE)  # the marks of what is generated
    text = re.sub(r"\[([^\]]+)\]\((?!https?://)[^)]*\)", r"\1", text)
    html = _MARKDOWN.render(text)
    html = re.sub(r' style="text-align:(?:right|center)"', ' class="num"', html).replace(' style="text-align:left"', "")
    html = html.replace("<th>", '<th scope="col">').replace("<th class", '<th scope="col" class')
    html = html.replace('<a href="http', '<a rel="noopener noreferrer" href="http')
    html = html.replace("<table>", '<div class="scroll" tabindex="0"><table>').replace("</table>", "</table></div>")
    return Markup(html)  # the Markdown is ours, and HTML in it is escaped
