"""A cell as a person reads it: numbers with separators, dates in words, names in the place of codes, links to pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from gettext import gettext as _
from urllib.parse import urlsplit

from borderledger.output.citation import MONTHS
from borderledger.package import Field

__all__ = ["Part", "day", "figure", "host", "kind", "number", "parts"]


@dataclass(frozen=True)
class Part:
    """A piece of a cell: its text, and where it leads, from the root of the site or as a web address; or nowhere."""

    text: str
    href: str = ""
    code: str = ""

    @property
    def is_out(self) -> bool:
        """Whether it leads to another site."""
        return self.href.startswith(("http://", "https://"))


def kind(field: Field) -> str:
    """How the cells of a field are sorted and filtered: as number, date or text."""
    return "number" if field.type in ("integer", "number") else "date" if field.edtf else "text"


def number(cell: str) -> str:
    """A number with separators, as in 1,234.5. A year or another text stays as it is."""
    whole, point, rest = cell.partition(".")
    return f"{int(whole):,}{point}{rest}" if re.fullmatch(r"-?[0-9]+", whole) else cell


def figure(cell: str, qualifier: str = "", upper: str = "") -> str:
    """A figure with its doubt: about 500; at least 40; 20 to 25."""
    if qualifier == "range" and upper:
        return _("{} to {}").format(number(cell), number(upper))
    said = {"about": _("about {}"), "at_least": _("at least {}"), "at_most": _("at most {}")}
    return said.get(qualifier, "{}").format(number(cell))


def day(cell: str) -> str:
    """An EDTF date in words: 11 June 2025; June 2025; about 2010; 2013 to 2017; until June 2025."""
    start, mark, end = cell.partition("/")
    if mark:
        if start in ("..", ""):
            return f"until {_one(end)}"
        if end in ("..", ""):
            return f"since {_one(start)}"
        return f"{_one(start)} to {_one(end)}"
    return _one(cell)


def _one(cell: str) -> str:
    found = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?(~?)", cell)
    if not found:
        return cell
    year, month, date, about = found.groups()
    if month and not 1 <= int(month) <= 12:
        return cell
    words = [str(int(date))] if date else []
    words += [MONTHS[int(month) - 1]] if month else []
    return ("about " if about else "") + " ".join([*words, year])


def host(url: str) -> str:
    """The name of the site that a web address leads to."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def parts(field: Field, cell: str, leads: dict[str, Part]) -> Iterator[Part]:
    """The pieces of a cell.

    leads   what the codes that a cell can hold are called, and where they lead
    """
    if not cell:
        return
    if field.name in ("url", "archive_url"):
        yield Part(cell, cell if cell.startswith(("http://", "https://")) else "")
    elif kind(field) == "number":
        yield Part(number(cell))
    elif field.edtf or field.type == "date":
        yield Part(day(cell))
    elif field.categories:
        yield from (Part(item.replace("_", " "), code=item) for item in field.items(cell))
    else:
        yield from (leads.get(item, Part(item)) for item in field.items(cell))
