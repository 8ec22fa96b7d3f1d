"""What every picture of the website is made of: a `Chart`, and the few marks, scales and axes that draw it.

We write the SVG ourselves. Altair with vl-convert also gives SVG without style attributes and takes `var(--c1)` as a
colour. But sixteen bars are 11.7 kB there and 2 kB here, it adds 94 MB to what a contributor installs, and its text
keeps one size however narrow the phone. Here a chart is drawn for a width: the page shows the one of 640 or the one
of 360 pixels, and letters keep their size in both.

No style attributes, no <style>, no scripts: only presentation attributes, with the variables of the page's stylesheet
as colours (--ink, --muted, --line, --paper, --panel, --c1 to --c6). The same data gives the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from markupsafe import Markup, escape

from website.language import _, separated
from website.shown import figure, worded

__all__ = [
    "BIG",
    "NAMELESS",
    "SIZE",
    "Chart",
    "Names",
    "Panel",
    "element",
    "escaped",
    "fitted",
    "framed",
    "money",
    "named",
    "nothing",
    "number",
    "panels",
    "quantity",
    "records",
    "spelled",
    "text",
    "text_width",
    "ticks",
    "time_axis",
    "wrapped",
    "year_of",
]

#: The size of letters, and of those of a heading, in pixels of the chart's own width.
SIZE, BIG = 13, 15

Cell = str | int | float | None


@dataclass(frozen=True)
class Chart:
    """A picture, what it shows and does not show in words, and its figures as a table.

    name    a word for ids and for the names of files
    svg     ready for a page: Jinja does not escape it again
    body    the same without its frame, which is as wide and as high as `size` says
    glance  of a picture that says nothing in part, such as a map: its height without key and notes
    rows    numbers as numbers, None where there is none: the page formats them
    """

    name: str
    svg: str
    body: str
    size: tuple[float, float]
    title: str
    description: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    glance: float | None = None


def records(data: Any) -> list[dict[str, Any]]:
    """The rows of a DataFrame or of a list of dicts, as dicts with None for what is missing."""
    if hasattr(data, "to_dict"):
        data = data.to_dict("records")
    return [{name: _plain(value) for name, value in row.items()} for row in data]


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple(value)
    if hasattr(value, "tolist"):  # numpy: a list or a number
        value = value.tolist()
        return tuple(value) if isinstance(value, list) else _plain(value)
    # NaN, NaT and NA are the only values that are not equal to themselves, or that will not say.
    if value is None or str(value) in ("nan", "NaT", "<NA>"):
        return None
    return value.date() if hasattr(value, "date") else value


def number(value: float, digits: int = 0) -> str:
    """A number with its separators: 1,234."""
    return separated(f"{value:,.{digits}f}")


def money(value: float) -> str:
    """An amount in euro, short: €1.4m, €320k, €95."""
    for size, said in ((1e9, _("€{value}bn")), (1e6, _("€{value}m")), (1e3, _("€{value}k"))):
        if value >= size:
            short = value / size
            return said.format(value=number(short, 0 if short >= 100 or short == round(short) else 1))
    return _("€{value}").format(value=number(value))


Names = Mapping[str, str]
#: For a caller who has no names: codes stay codes.
NAMELESS: Names = MappingProxyType({})


def named(codes: Any, names: Names) -> str:
    """Codes as names: one, or several with 'and'."""
    found = [names.get(code, code) for code in ((codes,) if isinstance(codes, str) else codes or ())]
    return _("{} and {}").format(", ".join(found[:-1]), found[-1]) if len(found) > 1 else "".join(found)


def quantity(value: float, qualifier: str | None, most: float | None = None) -> str:
    """A number with its doubt: about 80, at least 100, 20 to 30."""
    return figure(f"{value:.0f}", qualifier or "", "" if most is None else f"{most:.0f}")


def spelled(code: str | None) -> str:
    """A code as words: whole_budget is whole budget."""
    return worded(code or "")


def nothing() -> tuple[str, float]:
    """What a chart without figures shows."""
    return text(0, 24, _("There is no figure."), fill="muted"), 36


def escaped(words: str) -> str:
    """Words as markup."""
    return str(escape(words))


def year_of(day: date) -> float:
    """A day as a number of years: 2024-07-01 is about 2024.5."""
    return day.year + (day.timetuple().tm_yday - 1) / 366


def element(name: str, content: str = "", /, **attributes: Any) -> str:
    """An element; `stroke_width` becomes stroke-width, and None leaves an attribute out. The content is markup."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_short(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{said}>{content}</{name}>" if content else f"<{name}{said}/>"


def _short(value: Any) -> str:
    return f"{round(value, 1):g}" if isinstance(value, float) else str(value)


def text(
    x: float, y: float, words: str, *, size: int = SIZE, fill: str = "ink", anchor: str | None = None, **more: Any
) -> str:
    """A line of text; with halo=True, lines behind it do not cross the letters."""
    if more.pop("halo", False):
        more |= {"paint_order": "stroke", "stroke": "var(--paper)", "stroke_width": 4, "stroke_linejoin": "round"}
    return element(
        "text",
        str(escape(words)),
        x=float(x),
        y=float(y),
        font_size=size,
        fill=f"var(--{fill})",
        text_anchor=anchor,
        **more,
    )


def text_width(words: str, size: int = SIZE) -> float:
    """About how wide a text is: fonts differ, so this is on the wide side."""
    return 0.61 * size * len(words)


def fitted(words: str, room: float, size: int = SIZE) -> str:
    """The words, cut with an ellipsis if they are wider than the room."""
    if text_width(words, size) <= room:
        return words
    return words[: max(1, int(room / (0.61 * size)) - 1)].rstrip(" ,;(–-") + "…"


def wrapped(words: str, room: float, size: int = SIZE) -> list[str]:
    """The words in lines that fit the room; a word longer than a line, such as an address, goes on in the next."""
    most = max(1, int(room / (0.61 * size)))
    lines = [""]
    for word in (part for whole in words.split() for part in _parts(whole, most)):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, size) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _parts(word: str, most: int) -> list[str]:
    return [word[start : start + most] for start in range(0, len(word), most)]


def ticks(top: float, about: int = 2) -> list[float]:
    """A few round numbers from 0 up to at least `top`."""
    if top <= 0:
        return [0, 1]
    size = 10 ** math.floor(math.log10(top / about))
    step = next(size * by for by in (1, 2, 2.5, 3, 4, 5, 10) if size * by * about >= top)
    return [step * i for i in range(math.ceil(top / step - 1e-9) + 1)]


def time_axis(
    first: float, last: float, left: float, right: float, top: float, bottom: float, labels: bool = True
) -> str:
    """Light lines at round years and their numbers beneath; as many as there is room for."""
    room = (right - left) / max(last - first, 1)
    step = next(by for by in (1, 2, 5, 10, 20, 50) if by * room >= 46 or by == 50)
    drawn = []
    for year in range(math.ceil(first), math.floor(last) + 1):
        if year % step:
            continue
        x = left + (year - first) * room
        drawn.append(element("line", x1=x, x2=x, y1=float(top), y2=float(bottom), stroke="var(--line)"))
        if labels and x >= 10:
            drawn.append(text(max(x, 17), bottom + 16, str(year), fill="muted", anchor="middle"))
    return "".join(drawn)


def framed(
    prefix: str,
    title: str,
    description: str,
    width: float,
    height: float,
    body: str,
    header: Iterable[str],
    rows: Iterable[Iterable[Cell]],
    glance: float | None = None,
) -> Chart:
    """The chart with its frame; ids begin with the prefix, so that a page can hold many."""
    inner = (
        element("title", str(escape(title)), id=f"{prefix}-title")
        + element("desc", str(escape(description)), id=f"{prefix}-desc")
        + body
    )
    svg = element(
        "svg",
        inner,
        xmlns="http://www.w3.org/2000/svg",
        id=prefix,
        viewBox=f"0 0 {width:g} {round(height):g}",
        width=width,
        height=round(height),
        role="img",
        aria_labelledby=f"{prefix}-title {prefix}-desc",
    )
    cells = tuple(tuple(row) for row in rows)
    return Chart(prefix, Markup(svg), body, (width, round(height)), title, description, tuple(header), cells, glance)


@dataclass(frozen=True)
class Panel:
    """One of several small charts over the same years.

    note     who counts, or what: a second line under the title
    values   by year; a year that is missing or None has no figure, which is not 0
    top      the highest value of the axis, for panels that share a scale
    doubted  years whose figure is rounded, a bound or incomplete: hollow
    """

    title: str
    values: Mapping[int, float | None]
    colour: int = 1
    kind: str = "bars"
    top: float | None = None
    doubted: frozenset[int] = frozenset()
    said: Any = number
    note: str = ""


def panels(
    drawn: Sequence[Panel],
    years: range,
    width: float,
    *,
    columns: int = 1,
    height: float = 84,
    y: float = 0,
) -> tuple[str, float]:
    """The panels in a grid, from y on; the markup, and where it ends. In one column, one axis of years serves all."""
    gap, foot = 24, 24
    head = 56 if any(panel.note for panel in drawn) else 40
    # One inset for all, so that a year stands above the same year.
    inset = max((text_width(panel.said(step), 12) for panel in drawn for step in _steps(panel, years)), default=0) + 8
    each = (width - gap * (columns - 1)) / columns
    parts = []
    rows = math.ceil(len(drawn) / columns)
    for i, panel in enumerate(drawn):
        row, column = divmod(i, columns)
        last = columns > 1 or row == rows - 1
        x = column * (each + gap)
        base = y + row * (head + height + (foot if columns > 1 else 8)) + head + height
        parts.append(_panel(panel, years, x, each, inset, base, height, last))
    end = y + rows * (head + height + (foot if columns > 1 else 8)) + (0 if columns > 1 else foot)
    return "".join(parts), end


def _known(panel: Panel, years: range) -> dict[int, float]:
    return {year: value for year, value in panel.values.items() if value is not None and year in years}


def _steps(panel: Panel, years: range) -> list[float]:
    return ticks(panel.top if panel.top is not None else max(_known(panel, years).values(), default=0))


def _panel(
    panel: Panel, years: range, x: float, width: float, inset: float, base: float, height: float, labels: bool
) -> str:
    known, steps = _known(panel, years), _steps(panel, years)
    left, slot = x + inset, (width - inset) / len(years)
    up = height / steps[-1]
    high = base - height - (39 if panel.note else 23)
    parts = [text(x, high, fitted(panel.title, width, 14), size=14, font_weight=600)]
    if panel.note:
        parts.append(text(x, high + 16, fitted(panel.note, width, 12), size=12, fill="muted"))
    for step in steps:
        at = base - step * up
        parts.append(element("line", x1=left, x2=x + width, y1=at, y2=at, stroke="var(--line)"))
        parts.append(text(left - 6, at + 4, panel.said(step), size=12, fill="muted", anchor="end"))
    # A year without a figure is a gap, not a zero: a dot on the ground says that nothing is known.
    for year in years:
        at = left + (year - years.start + 0.5) * slot
        if year not in known:
            parts.append(element("circle", cx=at, cy=base - 4, r=1.2, fill="var(--muted)"))
    colour = f"var(--c{panel.colour})"
    points = []
    for year, value in sorted(known.items()):
        at, high = left + (year - years.start + 0.5) * slot, value * up
        hollow = year in panel.doubted
        look = {"fill": "var(--paper)" if hollow else colour, "stroke": colour, "stroke_width": 1.5 if hollow else None}
        look["stroke"] = colour if hollow or panel.kind != "bars" else None
        if panel.kind == "bars":
            wide = min(slot * 0.72, 26)
            told = element("title", f"{year}: {escape(panel.said(value))}")
            parts.append(
                element("rect", told, x=at - wide / 2, y=base - max(high, 1), width=wide, height=max(high, 1.0), **look)
            )
        else:
            points.append((year, at, base - high, look))
    if panel.kind == "line":
        parts += [
            element("line", x1=a, y1=b, x2=c, y2=d, stroke=colour, stroke_width=2)
            for (first, a, b, _), (second, c, d, _) in pairwise(points)
            if second == first + 1
        ]
    parts += [
        element("circle", element("title", f"{year}: {escape(panel.said(known[year]))}"), cx=at, cy=high, r=3.5, **look)
        for year, at, high, look in points
    ]
    parts += _said_values(panel, known, years, left, slot, base, up, x + width)
    if labels:
        room = max(1, math.ceil(44 / slot))
        step = next(by for by in (1, 2, 5, 10, 20, 50) if by >= room or by == 50)
        for year in years:
            at = left + (year - years.start + 0.5) * slot
            if year % step == 0 and at + 16 <= x + width:
                parts.append(text(at, base + 16, str(year), size=12, fill="muted", anchor="middle"))
    return "".join(parts)


def _said_values(
    panel: Panel,
    known: Mapping[int, float],
    years: range,
    left: float,
    slot: float,
    base: float,
    up: float,
    edge: float,
) -> list[str]:
    """The highest value and the last, as numbers at their marks."""
    if not known:
        return []
    peak = max(known, key=lambda year: (known[year], -year))
    chosen = [peak] if peak == max(known) else [peak, max(known)]
    parts, taken = [], -1e9
    for year in sorted(chosen):
        words = panel.said(known[year])
        half = text_width(words, 12) / 2 + 2
        at = max(min(left + (year - years.start + 0.5) * slot, edge - half), left + half)
        if at - half < taken:
            continue
        taken = at + half
        near = [
            value
            for other, value in known.items()
            if other == year or abs(left + (other - years.start + 0.5) * slot - at) < half + slot * 0.36
        ]
        parts.append(
            text(
                at,
                base - max(near) * up - (8 if panel.kind != "bars" else 5),
                words,
                size=12,
                anchor="middle",
                font_weight=600,
                halo=True,
            )
        )
    return parts
