"""A cell as a person reads it: numbers with separators, dates in words, names in the place of codes, links to pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from borderledger.package import Field
from website.language import _, language, separated

__all__ = ["Part", "day", "figure", "host", "kind", "number", "parts", "told", "worded"]

_CODE = re.compile(r"[a-z]+(?:_[a-z0-9]+)*")


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
    """A number with separators, as in 1,234.5. Another text stays as it is."""
    whole, point, rest = cell.partition(".")
    return separated(f"{int(whole):,}{point}{rest}") if re.fullmatch(r"-?[0-9]+", whole) else cell


def figure(cell: str, qualifier: str = "", upper: str = "") -> str:
    """A figure with its doubt: about 500; at least 40; 20 to 25."""
    if qualifier == "range" and upper:
        return _("{low} to {high}").format(low=number(cell), high=number(upper))
    said = {"about": _("about {value}"), "at_least": _("at least {value}"), "at_most": _("at most {value}")}
    return said.get(qualifier, "{value}").format(value=number(cell))


def day(cell: str) -> str:
    """An EDTF date in words: 11 June 2025; June 2025; about 2010; 2013 to 2017; until June 2025."""
    start, mark, end = cell.partition("/")
    if mark:
        if start in ("..", ""):
            return _("until {value}").format(value=_one(end))
        if end in ("..", ""):
            return _("since {value}").format(value=_one(start))
        return _("{low} to {high}").format(low=_one(start), high=_one(end))
    return _one(cell)


def _one(cell: str) -> str:
    found = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?(~?)", cell)
    if not found:
        return cell
    year, month, date, about = found.groups()
    if month and not 1 <= int(month) <= 12:
        return cell
    said = (language().days if date else language().months)[int(month) - 1] if month else "{year}"
    said = said.format(day=int(date or 0), year=year)
    return _("about {value}").format(value=said) if about else said


def worded(code: str) -> str:
    """A code as words: whole_budget is whole budget."""
    return _(code.replace("_", " "))


def told(cell: str | int | float | None, is_year: bool = False) -> str:
    """A cell of a table of figures: numbers with separators, days and codes in words, years as they are."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return worded(cell) if _CODE.fullmatch(cell) else day(cell)
    return (
        str(cell)
        if is_year
        else number(f"{cell:g}" if cell == int(cell) and abs(cell) < 1e5 else str(cell).removesuffix(".0"))
    )


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
        yield from (Part(worded(item), code=item) for item in field.items(cell))
    else:
        yield from (leads.get(item, Part(item)) for item in field.items(cell))
