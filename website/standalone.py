"""A chart as a picture that stands alone, for whoever saves it: what the page says about it, and whose it is.

On the page, the style sheet gives a chart its colours, and the text around it says what it leaves out. A saved picture
loses both. So the file has the light colours of the style sheet in it, the title, the description, and a foot with the
version of the dataset, its licence and the address of the page. If it names Kosovo, it has the note on the name.
"""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from pathlib import Path

from borderledger.output.metadata import about
from website.drawing import Chart, element, escaped, text, wrapped
from website.language import _
from website.maps import FOOTNOTE
from website.shown import day
from website.site import Site

__all__ = ["alone", "kosovo", "painted", "said", "source", "style"]

_STYLE = Path(__file__).parent / "static/style.css"
#: What is around the chart, in pixels.
_EDGE = 24
_TITLE, _TEXT, _FOOT = 20, 13, 12


@cache
def style() -> dict[str, str]:
    """The variables of the style sheet by their names, as they are on a light page."""
    light = _STYLE.read_text(encoding="utf-8").partition(":root {")[2].partition("}")[0]
    return dict(re.findall(r"--([a-z0-9-]+): ([^;]+);", light))


def painted(markup: str) -> str:
    """Markup with its colours, for where there is no style sheet. Texts stay: in them, quotes are escaped."""
    return re.sub(r'="var\(--([a-z0-9]+)\)"', lambda found: f'="{style()[found[1]]}"', markup)


def said(markup: str) -> str:
    """The texts that are drawn, one after another."""
    return unescape(" ".join(re.findall(r">([^<]+)<", re.sub(r"<title>[^<]*</title>", "", markup))))


def source(site: Site) -> list[str]:
    """Whose a picture is: the version of the dataset with its day, and its licence."""
    known = about(site.dataset)
    lines = [
        _("Source: borderledger {version}, {day}").format(version=known["version"], day=day(known["created"][:10]))
    ]
    if known["licence"]:
        lines.append(_("Licence: {name}").format(name=f"{known['licence']} {known['licence_url']}".rstrip()))
    return lines


def kosovo(site: Site, words: str) -> str:
    """The note on the name of Kosovo, if the words have the name and not yet the note."""
    name, note = site.names.get("XK", "").removesuffix("*"), _(FOOTNOTE)
    return note if name and name in words and note not in words else ""


def alone(chart: Chart, site: Site, address: str = "") -> str:
    """The picture as an SVG file; `address` is that of its page, or empty."""
    width, height = chart.size
    drawn = said(chart.body)
    # A map has the note in it, and its description says it again.
    description = chart.description
    if _(FOOTNOTE) in drawn:
        description = description.replace(_(FOOTNOTE), "").strip()
    y, parts = float(_EDGE), []
    for line in wrapped(chart.title, width, _TITLE):
        y += 26
        parts.append(text(_EDGE, y - 6, line, size=_TITLE, font_weight=700))
    y += 4
    for line in wrapped(description, width, _TEXT):
        y += 18
        parts.append(text(_EDGE, y - 4, line, size=_TEXT, fill="muted"))
    y += 16
    frame = {"x": _EDGE, "y": y, "width": width, "height": height, "viewBox": f"0 0 {width:g} {height:g}"}
    parts.append(element("svg", chart.body, **frame))
    y += height + 16
    parts.append(element("line", x1=_EDGE, x2=_EDGE + width, y1=y, y2=y, stroke="var(--line)"))
    y += 6
    foot = [one for one in (*source(site), address) if one]
    for words in (*foot, kosovo(site, f"{chart.title} {description} {drawn}")):
        for line in wrapped(words, width, _FOOT) if words else ():
            y += 16
            parts.append(text(_EDGE, y, line, size=_FOOT, fill="muted"))
    whole, high = width + 2 * _EDGE, y + _EDGE - 6
    inner = (
        element("title", escaped(chart.title), id="title")
        + element("desc", escaped(". ".join([description.removesuffix("."), *foot])), id="desc")
        + element("rect", width=whole, height=high, fill="var(--paper)")
        + "".join(parts)
    )
    root = element(
        "svg",
        inner,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {whole:g} {high:g}",
        width=whole,
        height=high,
        role="img",
        aria_labelledby="title desc",
        font_family=style()["font"].replace('"', "'"),
    )
    return painted(f'<?xml version="1.0" encoding="UTF-8"?>\n{root}\n')
