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
from gettext import gettext as _
from pathlib import Path
from typing import Any

from markupsafe import escape

from website.drawing import Chart, element, framed, number, records, text, text_width

__all__ = ["SIX", "map_of_facilities", "map_of_six"]

SIX = ("AL", "BA", "XK", "ME", "MK", "RS")

_FILE = Path(__file__).with_name("assets-src") / "balkans.topo.json"
#: Where a name and its number stand, in degrees: in the middle of the place, where there is room.
_MIDDLE = {
    "AL": (20.07, 41.15),
    "BA": (17.72, 44.2),
    "XK": (20.9, 42.62),
    "ME": (19.2, 42.83),
    "MK": (21.65, 41.56),
    "RS": (20.85, 44.15),
}
_NAMES = {
    "AL": "Albania",
    "BA": "Bosnia and Herzegovina",
    "XK": "Kosovo*",
    "ME": "Montenegro",
    "MK": "North Macedonia",
    "RS": "Serbia",
}
_FOOTNOTE = _("* This designation is without prejudice to positions on status.")

Point = tuple[float, float]


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
        plain, dashed = [], []
        for arc, places in users.items():
            if places & {*SIX}:
                (dashed if places == {"XK", "RS"} else plain).append(self.arcs()[arc])
        return plain, dashed


def _path(points: Sequence[Point], closed: bool) -> str:
    """A path in steps from point to point, in tenths of a pixel."""
    rounded = [(round(x, 1), round(y, 1)) for x, y in points]
    steps = "".join(
        f"{round(x - a, 1):g}{'' if y < b else ' '}{round(y - b, 1):g}{'' if i + 2 == len(rounded) else ' '}"
        for i, ((a, b), (x, y)) in enumerate(zip(rounded, rounded[1:], strict=False))
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
    names: Mapping[str, str] = {},  # noqa: B006
    prefix: str = "map",
    width: int = 640,
) -> Chart:
    """The six with one number each; the fuller the colour, the larger the number. `label` says what is counted."""
    small = width < 480
    view = _View(*((15.2, 23.4, 39.4, 46.4) if small else (12.9, 25.1, 39.4, 46.5)), width)
    largest = max((value for value in values.values() if value), default=1)
    fills = {
        place: ("var(--c1)", 0.1 + 0.4 * value / largest if value else 0.0)
        for place, value in values.items()
        if value is not None
    }
    drawn = [_ground(view, fills)]
    size = 12 if small else 13
    for place in SIX:
        x, y = view.at(*_MIDDLE[place])
        value = values.get(place)
        words = _lines(names.get(place, _NAMES[place]).removesuffix("*") + ("*" if place == "XK" else ""), place, small)
        figure = said(value) if value is not None else "–"
        for i, line in enumerate(words):
            drawn.append(text(x, y + (i - len(words)) * (size + 1) + 3, line, size=size, anchor="middle", halo=True))
        drawn.append(text(x, y + 19, figure, size=18 if small else 21, anchor="middle", font_weight=700, halo=True))
    drawn.append(text(0, view.height + 20, _FOOTNOTE, size=12, fill="muted"))
    told = "; ".join(
        f"{names.get(place, _NAMES[place])} {said(values[place]) if values.get(place) is not None else _('no figure')}"
        for place in SIX
    )
    description = _("{}: {}. Kosovo is drawn as a place of its own. {}").format(label, told, _FOOTNOTE)
    rows = ((names.get(place, _NAMES[place]), values.get(place)) for place in SIX)
    return framed(prefix, title, description, width, view.height + 28, "".join(drawn), (_("Place"), label), rows)


def _lines(name: str, place: str, small: bool) -> list[str]:
    """A long name in two lines."""
    if place in ("BA", "MK"):
        first, _space, rest = name.rpartition(" ") if place == "BA" else name.partition(" ")
        return [first, rest] if rest else [name]
    return [name]


#: How a status is drawn: the shape's fill and the words; a status that no source states is not taken as open.
_STATUS = {
    "open": ("full", _("open")),
    None: ("half", _("status not stated")),
    "planned": ("dashed", _("planned or being built")),
    "under_construction": ("dashed", _("planned or being built")),
    "unused": ("hollow", _("not in use")),
    "closed": ("crossed", _("closed or given up")),
    "cancelled": ("crossed", _("closed or given up")),
}


def map_of_facilities(
    data: Any, *, names: Mapping[str, str] = {}, prefix: str = "facilities", width: int = 640
) -> Chart:  # noqa: B006
    """Facilities at the middle of their town, with the status that a source states; several in a town stand in a row."""
    rows = sorted(records(data), key=lambda row: (row["place"], row["locality"] or "", row["name"], row["id"]))
    placed: dict[tuple[float, float], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["latitude"] is not None:
            placed[float(row["longitude"]), float(row["latitude"])].append(row)
    view = _View(*((15.2, 23.4, 39.4, 46.4) if width < 480 else (12.9, 25.1, 39.4, 46.5)), width)
    drawn = [_ground(view, {})]
    boxes: list[tuple[float, float, float, float]] = []
    for place in SIX:
        x, y = view.at(*_MIDDLE[place])
        words = names.get(place, _NAMES[place])
        drawn.append(text(x, y, words, size=12, fill="muted", anchor="middle", halo=True))
    marks, labels = [], []
    for (longitude, latitude), there in sorted(placed.items()):
        x, y = view.at(longitude, latitude)
        for i, row in enumerate(there):
            at = x + (i - (len(there) - 1) / 2) * 12
            boxes.append((at - 6, y - 6, at + 6, y + 6))
            told = f"{row['name']}: {_STATUS[row['status']][1]}"
            marks.append(element("g", element("title", str(escape(told))) + _facility(row, at, y)))
    for (longitude, latitude), there in sorted(placed.items(), key=lambda item: (-len(item[1]), item[0])):
        x, y = view.at(longitude, latitude)
        words = there[0]["locality"]
        reach, wide = 10 + 6 * (len(there) - 1), text_width(words, 12)
        for left, anchor in ((x + reach, "start"), (x - reach - wide, "end")):
            box = (left, y - 6, left + wide, y + 7)
            free = all(box[2] < a or box[0] > c or box[3] < b or box[1] > d for a, b, c, d in boxes)
            if free and left > 0 and left + wide < width:
                boxes.append(box)
                labels.append(
                    text(
                        x + reach if anchor == "start" else x - reach,
                        y + 4,
                        words,
                        size=12,
                        halo=True,
                        anchor=None if anchor == "start" else "end",
                    )
                )
                break
    key, height = _status_key({row["status"] for row in rows if row["latitude"] is not None}, view.height + 22, width)
    drawn += [*labels, *marks, key, text(0, height + 16, _FOOTNOTE, size=12, fill="muted")]
    missing = sum(row["latitude"] is None for row in rows)
    description = _(
        "{} reception, detention and other centres. A mark stands at the middle of the town, never at the building. "
        "Not on the map, but in the table: {} whose town has no coordinates in the dataset. A round mark: reception or "
        "transit; a square: detention, prison or processing for another state. Where no source states a status, none is shown as open. {}"
    ).format(len(rows) - missing, missing, _FOOTNOTE)
    return framed(
        prefix,
        _("Where people are received and held"),
        description,
        width,
        height + 24,
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
    )


def _facility(row: Mapping[str, Any], x: float, y: float) -> str:
    closed = row["kind"] in ("detention", "prison", "offshore_processing")
    return _place_mark(_STATUS[row["status"]][0], closed, x, y)


def _place_mark(look: str, closed: bool, x: float, y: float) -> str:
    colour = "var(--c2)" if closed else "var(--c1)"
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
        painted |= {"fill": "var(--paper)", "stroke": "none"}
        drawn += element("circle", cx=x, cy=y, r=2.0, fill="var(--paper)")
    if look == "crossed":
        drawn += element("path", d=f"M{x - 3:.1f} {y - 3:.1f}l6 6m0-6l-6 6", stroke=colour, stroke_width=1.5)
    return drawn


def _status_key(found: set[str | None], y: float, width: float) -> tuple[str, float]:
    x, drawn, done = 6.0, [], set()
    entries: list[tuple[str, bool, str]] = [
        ("full", False, _("round: reception")),
        ("full", True, _("square: closed centre")),
    ]
    for status, (look, words) in _STATUS.items():
        if status in found and look not in done:
            done.add(look)
            entries.append((look, False, words))
    for look, closed, words in entries:
        wide = 16 + text_width(words, 12) + 14
        if x + wide > width + 14:
            x, y = 6.0, y + 22
        drawn.append(_place_mark(look, closed, x, y))
        drawn.append(text(x + 12, y + 4, words, size=12, fill="muted"))
        x += wide
    return "".join(drawn), y + 8
