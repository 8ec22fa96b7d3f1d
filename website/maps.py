"""The two maps of the website: the six with a number each, and the facilities.

Shapes come from Natural Earth (public domain), cut by website/assets-src/cut_map.py. Kosovo is drawn as a place of its
own. Its border with Serbia is dashed and its name carries a star, which leads to the footnote of the table of places.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise, product
from pathlib import Path
from typing import Any

from markupsafe import escape

from website.drawing import NAMELESS, Chart, Names, element, framed, number, records, text, text_width, wrapped
from website.language import N_, _

__all__ = ["FOOTNOTE", "SIX", "map_of_facilities", "map_of_six"]

_FILE = Path(__file__).with_name("assets-src") / "balkans.topo.json"
#: Where a name and its number stand, in degrees: in the middle of the place, where there is room.
_MIDDLE = {
    "AL": (20.07, 41.15),
    "BA": (17.72, 44.2),
    "XK": (20.88, 42.5),
    "ME": (19.2, 42.83),
    "MK": (21.65, 41.56),
    "RS": (20.85, 44.15),
}
#: The places that are drawn in full.
SIX = tuple(_MIDDLE)
_NAMES = {
    "AL": "Albania",
    "BA": "Bosnia and Herzegovina",
    "XK": "Kosovo*",
    "ME": "Montenegro",
    "MK": "North Macedonia",
    "RS": "Serbia",
}
#: The note on the name of Kosovo, which its star leads to.
FOOTNOTE = N_(
    "* This designation is without prejudice to positions on status, and is in line with UNSCR 1244/1999 and the ICJ "
    "Opinion on the Kosovo declaration of independence."
)

Point = tuple[float, float]
Box = tuple[float, float, float, float]


@cache
def _topology() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return found


class _View:
    """A window in degrees, drawn for a width: equirectangular, true to scale at its middle latitude."""

    def __init__(self, west: float, east: float, south: float, north: float, width: float) -> None:
        self.west, self.north = west, north
        self.up = width / ((east - west) * math.cos(math.radians((south + north) / 2)))
        self.across = width / (east - west)
        self.width, self.height = width, (north - south) * self.up

    def at(self, longitude: float, latitude: float) -> Point:
        return (longitude - self.west) * self.across, (self.north - latitude) * self.up

    @cache  # noqa: B019 - a view lives for one map
    def arcs(self) -> list[list[Point]]:
        """The arcs in pixels; points nearer than a pixel to the one before are dropped, the same for both sides."""
        (wide, high), (west, south) = _topology()["transform"]["scale"], _topology()["transform"]["translate"]
        found = []
        for arc in _topology()["arcs"]:
            x = y = 0
            points: list[Point] = []
            for i, step in enumerate(arc):
                x, y = x + step[0], y + step[1]
                point = self.at(x * wide + west, y * high + south)
                if not points or i == len(arc) - 1 or math.dist(point, points[-1]) >= 1:
                    points.append(point)
            found.append(points)
        return found

    @cache  # noqa: B019 - a view lives for one map
    def rings(self, place: str) -> list[list[Point]]:
        """The outlines of a place, cut at the window."""
        shape = next(one for one in _topology()["objects"]["places"]["geometries"] if one["id"] == place)
        found = []
        for polygon in shape["arcs"]:
            for ring in polygon:
                points: list[Point] = []
                for arc in ring:
                    line = self.arcs()[arc] if arc >= 0 else self.arcs()[~arc][::-1]
                    points += line[1:] if points else line
                points = self._cut(points)
                if len(points) > 2:
                    found.append(points)
        return found

    def inside(self, place: str, point: Point) -> bool:
        """Whether a point lies in a place: a line from it to the left crosses the outline an odd number of times."""
        x, y = point
        crossed = 0
        for ring in self.rings(place):
            for (a, b), (c, d) in zip(ring, ring[1:] + ring[:1], strict=True):
                crossed += (b > y) != (d > y) and x > a + (y - b) / (d - b) * (c - a)
        return crossed % 2 == 1

    def _cut(self, points: list[Point]) -> list[Point]:
        """Sutherland and Hodgman: the part of a polygon inside the window, a little larger than it is."""
        for axis, limit, way in ((0, -4, 1), (0, self.width + 4, -1), (1, -4, 1), (1, self.height + 4, -1)):
            kept: list[Point] = []
            for before, here in zip(points[-1:] + points[:-1], points, strict=True):
                was, now = (before[axis] - limit) * way >= 0, (here[axis] - limit) * way >= 0
                if was != now:
                    part = (limit - before[axis]) / (here[axis] - before[axis])
                    kept.append((before[0] + part * (here[0] - before[0]), before[1] + part * (here[1] - before[1])))
                if now:
                    kept.append(here)
            points = kept
        return points

    def borders(self) -> tuple[list[list[Point]], list[list[Point]]]:
        """The lines among the six and to their neighbours, and the line between Kosovo and Serbia."""
        users: dict[int, set[str]] = defaultdict(set)
        for shape in _topology()["objects"]["places"]["geometries"]:
            for polygon in shape["arcs"]:
                for ring in polygon:
                    for arc in ring:
                        users[arc if arc >= 0 else ~arc].add(shape["id"])
        plain: list[list[Point]] = []
        dashed: list[list[Point]] = []
        for arc, places in users.items():
            if places & {*SIX}:
                (dashed if places == {"XK", "RS"} else plain).append(self.arcs()[arc])
        return plain, dashed


def _path(points: Sequence[Point], closed: bool) -> str:
    """A path in steps from point to point, in tenths of a pixel."""
    rounded = [(round(x, 1), round(y, 1)) for x, y in points]
    steps = "".join(
        f"{round(x - a, 1):g}{'' if y < b else ' '}{round(y - b, 1):g}{'' if i + 2 == len(rounded) else ' '}"
        for i, ((a, b), (x, y)) in enumerate(pairwise(rounded))
    )
    return f"M{rounded[0][0]:g} {rounded[0][1]:g}l{steps}{'z' if closed else ''}"


def _ground(view: _View, fills: Mapping[str, tuple[str, float]]) -> str:
    """Sea, neighbours, the six, and their borders."""
    places = [one["id"] for one in _topology()["objects"]["places"]["geometries"]]
    around = "".join(_path(ring, True) for place in places if place not in SIX for ring in view.rings(place))
    drawn = [element("path", d=around, fill="var(--panel)", stroke="var(--line)", stroke_width=0.75)]
    for place in SIX:
        fill, opacity = fills.get(place, ("var(--paper)", 1))
        outline = "".join(_path(ring, True) for ring in view.rings(place))
        drawn.append(element("path", d=outline, fill=fill, fill_opacity=opacity))
    plain, dashed = view.borders()
    line = {"fill": "none", "stroke": "var(--muted)", "stroke_linejoin": "round"}
    drawn.append(element("path", d="".join(_path(arc, False) for arc in plain), stroke_width=1, **line))
    drawn.append(
        element(
            "path", d="".join(_path(arc, False) for arc in dashed), stroke_width=1.25, stroke_dasharray="4 3", **line
        )
    )
    return "".join(drawn)


def map_of_six(
    values: Mapping[str, float | None],
    title: str,
    label: str,
    *,
    said: Any = number,
    notes: Mapping[str, str] = NAMELESS,
    names: Names = NAMELESS,
    prefix: str = "map",
    width: int = 640,
) -> Chart:
    """The six with one number each; the fuller the colour, the larger the number. `label` says what is counted.

    notes   a few letters beneath the number of a place, such as its date or "at least"
    """
    small = width < 480
    view = _View(*((15.55, 23.15, 39.5, 46.35) if small else (13.4, 24.6, 39.45, 46.45)), width)
    largest = max((value for value in values.values() if value), default=1)
    fills = {place: ("var(--c1)", 0.1 + 0.4 * value / largest) for place, value in values.items() if value is not None}
    drawn = [_ground(view, fills)]
    size = 12 if small else 13
    for place in SIX:
        x, y = view.at(*_MIDDLE[place])
        if notes:  # three lines need room: Kosovo and North Macedonia are close
            y -= {"XK": 13, "MK": -5}.get(place, 6)
        value = values.get(place)
        words = _lines(names.get(place, _NAMES[place]).removesuffix("*") + ("*" if place == "XK" else ""), place)
        figure = said(value) if value is not None else "–"
        for i, line in enumerate(words):
            drawn.append(text(x, y + (i - len(words)) * (size + 1) + 3, line, size=size, anchor="middle"))
        drawn.append(
            text(x, y + (17 if small else 19), figure, size=18 if small else 21, anchor="middle", font_weight=700)
        )
        if notes.get(place):
            drawn.append(text(x, y + (30 if small else 34), notes[place], size=12, anchor="middle"))
    foot, height = _footnote(view.height + 20, width)
    drawn.append(foot)
    rows = [(names.get(place, _NAMES[place]), values.get(place), notes.get(place)) for place in SIX]
    none = _("no figure")
    told = "; ".join(
        f"{name} {none if value is None else said(value)}{f' ({note})' if note else ''}" for name, value, note in rows
    )
    heading = label[:1].upper() + label[1:]
    description = _("{}: {}. Kosovo is drawn as a place of its own. {}").format(heading, told, _(FOOTNOTE))
    header = (_("Place"), label, *([_("Note")] if notes else []))
    cells = (row[: len(header)] for row in rows)
    return framed(prefix, title, description, width, height, "".join(drawn), header, cells, view.height)


def _footnote(y: float, width: float) -> tuple[str, float]:
    lines = wrapped(_(FOOTNOTE), width, 12)
    drawn = "".join(text(0, y + i * 16, line, size=12, fill="muted") for i, line in enumerate(lines))
    return drawn, y + 16 * len(lines) - 8


def _lines(name: str, place: str) -> list[str]:
    """A long name in two lines."""
    if place in ("BA", "MK"):
        first, _space, rest = name.rpartition(" ") if place == "BA" else name.partition(" ")
        return [first, rest] if rest else [name]
    return [name]


#: How a status is drawn: the shape's fill and the words; a status that no source states is not taken as open.
_STATUS = {
    "open": ("full", N_("open")),
    None: ("half", N_("status not stated")),
    "planned": ("dashed", N_("planned or being built")),
    "under_construction": ("dashed", N_("planned or being built")),
    "unused": ("hollow", N_("not in use")),
    "closed": ("crossed", N_("closed or given up")),
    "cancelled": ("crossed", N_("closed or given up")),
}


def map_of_facilities(data: Any, *, names: Names = NAMELESS, prefix: str = "facilities", width: int = 640) -> Chart:
    """Facilities at the middle of their town, with the status that a source states."""
    rows = sorted(records(data), key=lambda row: (row["place"], row["locality"] or "", row["name"], row["id"]))
    placed: dict[tuple[float, float], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["latitude"] is not None:
            placed[float(row["longitude"]), float(row["latitude"])].append(row)
    view = _View(*((15.55, 23.15, 39.5, 46.35) if width < 480 else (13.4, 24.6, 39.45, 46.45)), width)
    drawn = [_ground(view, dict.fromkeys(SIX, ("var(--c1)", 0.08)))]
    boxes: list[Box] = []
    marks, labels = [], []
    for (longitude, latitude), there in sorted(placed.items()):
        x, y = view.at(longitude, latitude)
        for i, row in enumerate(there):
            at = x + (i - (len(there) - 1) / 2) * 12
            boxes.append((at - 6, y - 6, at + 6, y + 6))
            told = f"{row['name']}: {_(_STATUS[row['status']][1])}"
            marks.append(element("g", element("title", str(escape(told))) + _facility(row, at, y)))
    for place in SIX:
        x, y = view.at(*_MIDDLE[place])
        words = names.get(place, _NAMES[place]).removesuffix("*") + ("*" if place == "XK" else "")
        half = text_width(words, 12) / 2
        # A name never leaves its place, whatever it covers.
        near = sorted(product(range(-48, 49, 3), range(-48, 49, 3)), key=lambda step: (math.hypot(*step), step))
        spots = [
            (x + across, y + down)
            for across, down in near
            if all(view.inside(place, (x + across + end * half, y + down - 4)) for end in (-0.4, 0, 0.4))
        ]
        spot = next((spot for spot in spots if _free(_around(*spot, half), boxes, width)), (x, y))
        boxes.append(_around(*spot, half))
        drawn.append(text(spot[0], spot[1], words, size=12, fill="muted", anchor="middle", font_style="italic"))
    for (longitude, latitude), there in sorted(placed.items(), key=lambda item: (-len(item[1]), item[0])):
        x, y = view.at(longitude, latitude)
        words, reach = there[0]["locality"], 10 + 6 * (len(there) - 1)
        wide = text_width(words, 12)
        for side, down in ((1, 4), (-1, 4), (1, -7), (1, 15), (-1, -7), (-1, 15), (0, -10), (0, 19)):
            start = x - wide / 2 if side == 0 else x + reach if side > 0 else x - reach - wide
            box = (start, y + down - 9, start + wide, y + down + 3)
            if _free(box, boxes, width):
                boxes.append(box)
                at = x + side * reach
                labels.append(
                    text(at, y + down, words, size=12, anchor={1: None, 0: "middle", -1: "end"}[side], halo=True)
                )
                break
    key, height = _status_key({row["status"] for row in rows if row["latitude"] is not None}, view.height + 22, width)
    foot, height = _footnote(height + 18, width)
    drawn += [*labels, *marks, key, foot]
    missing = sum(row["latitude"] is None for row in rows)
    description = _(
        "{} reception, detention and other centres. A mark stands at the middle of the town, never at the building. "
        "Not on the map, but in the table: {} whose town has no coordinates in the dataset. A round mark: reception or "
        "transit; a square: detention, prison or processing for another state. A facility counts as open only if a "
        "source says so. Where marks are close, a town has no label. {}"
    ).format(len(rows) - missing, missing, _(FOOTNOTE))
    return framed(
        prefix,
        _("Where people are received and held"),
        description,
        width,
        height,
        "".join(drawn),
        (_("Facility"), _("Place"), _("Town"), _("Kind"), _("Status"), _("As of"), _("Capacity")),
        (
            (
                row["name"],
                names.get(row["place"], _NAMES.get(row["place"], row["place"])),
                row["locality"],
                row["kind"],
                row["status"],
                row["status_as_of"],
                row["capacity"],
            )
            for row in rows
        ),
        view.height,
    )


def _around(x: float, y: float, half: float) -> Box:
    """The box of a line of small letters whose middle is at x."""
    return (x - half * 0.9, y - 9, x + half * 0.9, y + 2)


def _free(box: Box, others: Sequence[Box], width: float) -> bool:
    """Whether a label covers no mark and no other label, and stays on the map."""
    return (
        box[0] > 0
        and box[2] < width
        and all(box[2] < other[0] or box[0] > other[2] or box[3] < other[1] or box[1] > other[3] for other in others)
    )


def _facility(row: Mapping[str, Any], x: float, y: float) -> str:
    closed = row["kind"] in ("detention", "prison", "offshore_processing")
    return _place_mark(_STATUS[row["status"]][0], closed, x, y)


def _place_mark(look: str, closed: bool | None, x: float, y: float) -> str:
    """A mark for a facility; with None, the mark of the key, which is about the status alone."""
    colour = {True: "var(--c2)", False: "var(--c1)", None: "var(--muted)"}[closed]
    painted: dict[str, Any] = {
        "fill": colour if look in ("full", "half") else "var(--paper)",
        "stroke": colour,
        "stroke_width": 1.75,
        "stroke_dasharray": "2.2 1.6" if look == "dashed" else None,
    }
    drawn = (
        element("rect", x=x - 4.5, y=y - 4.5, width=9.0, height=9.0, **painted)
        if closed
        else element("circle", cx=x, cy=y, r=5.0, **painted)
    )
    if look == "half":
        drawn += element("circle", cx=x, cy=y, r=2.0, fill="var(--paper)")
    if look == "crossed":
        drawn += element("path", d=f"M{x - 3:.1f} {y - 3:.1f}l6 6m0-6l-6 6", stroke=colour, stroke_width=1.5)
    return drawn


def _status_key(found: set[str | None], y: float, width: float) -> tuple[str, float]:
    x, drawn, done = 6.0, [], set()
    entries: list[tuple[str, bool | None, str]] = [
        ("full", False, _("reception, transit")),
        ("full", True, _("detention, prison, processing for others")),
    ]
    for status, (look, words) in _STATUS.items():
        if status in found and look not in done:
            done.add(look)
            entries.append((look, None, _(words)))
    for look, closed, words in entries:
        wide = 16 + text_width(words, 12) + 14
        if x + 0.9 * wide > width + 10:
            x, y = 6.0, y + 22
        drawn.append(_place_mark(look, closed, x, y))
        drawn.append(text(x + 12, y + 4, words, size=12, fill="muted"))
        x += wide
    return "".join(drawn), y + 8
