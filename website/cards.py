"""The picture of a page that networks show beside a link to it (Open Graph): title, main figure, first chart, source.

Records share the picture of their table, and sources and days share one each: a picture takes a tenth of a second, and
17,900 of them would take half an hour. All other pages have one of their own.

We draw them with resvg as WebAssembly, in the Node.js that bundles the scripts, and with a font from a package. So they
have the same bytes on every machine, and need no browser and no font of the system; `docs/decisions/0014-website.md`.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from website.bundle import CLIENT, installed, node
from website.drawing import Chart, element, fitted, text, wrapped
from website.language import _, ngettext
from website.maps import FOOTNOTE
from website.pages import Page
from website.shown import number
from website.site import Site
from website.standalone import kosovo, painted, said, source

__all__ = ["HEIGHT", "WIDTH", "card", "draw"]

#: What networks ask for, in pixels.
WIDTH, HEIGHT = 1200, 630
_EDGE, _TOP = 64, 76
#: Where the chart stands, and where texts end then.
_LEFT, _BESIDE = 672, 600
_ROOM, _BOTTOM = WIDTH - _EDGE - _LEFT, 606
#: How much more of this font fits than of the widest that a reader may have, which `wrapped` thinks of.
_NARROW = 1.15


def card(page: Page, site: Site) -> str:
    """The picture of a page, as SVG. Letters are large: networks show it half as wide, or less."""
    charts = page.values.get("charts", ())
    chart: Chart | None = charts[0][1] if charts else None
    end = _BESIDE if chart else WIDTH - _EDGE
    title = page.title
    if page.path == "index.html":
        title = _("What the EU does and pays for at the borders of the Western Balkans")
    words = [title, page.about]
    drawn = [
        element("rect", width=WIDTH, height=HEIGHT, fill="var(--paper)"),
        element("rect", width=WIDTH, height=12, fill="var(--accent)"),
        text(_EDGE, _TOP, "borderledger", size=30, fill="accent", font_weight=700),
    ]
    figure = _figure(page.values)
    words += figure
    if chart:
        drawn.append(_chart(chart))
        words += [chart.title, said(chart.body).replace(_(FOOTNOTE), "")]
    foot, top = _foot(site, " ".join(words), end - _EDGE)
    drawn.append(foot)
    y, room = float(_TOP + 20), end - _EDGE
    size = next((size for size in (60, 52) if len(_lines(title, room, size)) <= 3), 44)
    for line in _lines(title, room, size)[:4]:
        y += size * 1.1
        drawn.append(text(_EDGE, y, line, size=size, font_weight=700))
    if figure:
        y += 84
        drawn.append(text(_EDGE, y, figure[0], size=64, fill="accent", font_weight=700))
        y += 6
    for line in _lines(figure[1], room, 26) if figure else ():
        y += 34
        drawn.append(text(_EDGE, y, line, size=26))
    y += 14
    # The first figure of the overview needs a sentence of its own, and leaves no room for another.
    about = [] if page.path == "index.html" else _lines(page.about, room, 26)
    most = max(int((top - 30 - y) / 34), 0)
    if len(about) > most > 0:
        about[most - 1] = fitted(f"{about[most - 1]} {about[most]}", room * _NARROW, 26)
    for line in about[:most]:
        y += 34
        drawn.append(text(_EDGE, y, line, size=26, fill="muted"))
    size_ = {"width": WIDTH, "height": HEIGHT, "viewBox": f"0 0 {WIDTH} {HEIGHT}"}
    family = "Source Sans 3"
    return painted(element("svg", "".join(drawn), xmlns="http://www.w3.org/2000/svg", font_family=family, **size_))


def _lines(words: str, room: float, size: int) -> list[str]:
    return wrapped(words, room * _NARROW, size)


def _figure(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The main figure of a page and what it counts; nothing if there is none."""
    if headlines := values.get("headlines"):
        return headlines[0]["figure"], headlines[0]["says"]
    if (count := values.get("size")) is not None:
        return number(str(count)), ngettext("record", "records", count)
    if (found := values.get("sources")) is not None:
        return number(str(len(found))), ngettext("document", "documents", len(found))
    if (found := values.get("disputes")) is not None:
        said_ = ngettext("field on which sources disagree", "fields on which sources disagree", len(found))
        return number(str(len(found))), said_
    return ()


def _chart(chart: Chart) -> str:
    """The chart as on a phone, with its title; as much of it as there is room for, and a map in full."""
    y, drawn = float(_TOP - 30), []
    for line in _lines(chart.title, _ROOM, 22)[:2]:
        y += 28
        drawn.append(text(_LEFT, y, line, size=22, font_weight=600))
    y += 16
    wide, high = chart.size
    scale = min(_ROOM / wide, (_BOTTOM - y) / chart.glance) if chart.glance else _ROOM / wide
    shown = min(chart.glance or high, (_BOTTOM - y) / scale)
    frame = {"x": _LEFT, "y": y, "width": wide * scale, "height": shown * scale}
    drawn.append(element("svg", chart.body, viewBox=f"0 0 {wide:g} {shown:g}", **frame))
    if shown < high and not chart.glance:  # it goes on, which the picture shows by fading out
        stops = "".join(
            element("stop", offset=at, stop_color="var(--paper)", stop_opacity=opacity)
            for at, opacity in ((0, 0), (1, 1))
        )
        drawn.append(element("defs", element("linearGradient", stops, id="fade", x1=0, x2=0, y1=0, y2=1)))
        drawn.append(element("rect", x=_LEFT, y=_BOTTOM - 70, width=_ROOM, height=71, fill="url(#fade)"))
    return "".join(drawn)


def _foot(site: Site, words: str, width: float) -> tuple[str, float]:
    """The source, and the note on the name of Kosovo if it is needed; and where they begin."""
    lines = [(line, 18) for whole in source(site) for line in _lines(whole, width, 18)]
    lines += [(line, 14) for line in _lines(kosovo(site, words), width, 14) if line]
    y = HEIGHT - 20.0
    drawn: list[str] = []
    for line, size in reversed(lines):
        drawn.insert(0, text(_EDGE, y, line, size=size, fill="muted"))
        y -= size + 5
    return "".join(drawn), y


def draw(pictures: Mapping[Path, str]) -> None:
    """Write each SVG as PNG into its file. Raises NoNode if there is no Node.js to do it."""
    installed()
    for file in pictures:
        file.parent.mkdir(parents=True, exist_ok=True)
    jobs = json.dumps([[svg, str(file.resolve())] for file, svg in pictures.items()])
    done = subprocess.run(
        [node(), str(CLIENT / "png.js")], input=jobs, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise RuntimeError(f"resvg failed:\n{done.stderr.strip()}")
