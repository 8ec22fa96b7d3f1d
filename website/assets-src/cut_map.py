"""Cut the six and their neighbours from world-atlas, for the maps of the website: python website/assets-src/cut_map.py

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python website/assets-src/cut_map.py package/countries-50m.json

writes website/assets-src/balkans.topo.json. world-atlas holds Natural Earth 4.1.0 at 1:50m, which is in the public
domain. Kosovo is a shape of its own there, without a code; the border that it shares with Serbia is one arc of both.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

#: The names in the file. North Macedonia has its name before 2019 there.
PLACES = {
    "Albania": "AL", "Bosnia and Herz.": "BA", "Kosovo": "XK", "Montenegro": "ME", "Macedonia": "MK", "Serbia": "RS",
    "Austria": "AT", "Bulgaria": "BG", "Croatia": "HR", "Greece": "GR", "Hungary": "HU", "Italy": "IT",
    "Romania": "RO", "San Marino": "SM", "Slovenia": "SI", "Turkey": "TR", "Ukraine": "UA", "Moldova": "MD",
}  # fmt: skip
#: West, south, east, north: polygons wholly outside are left out.
BOX = (12.5, 38.5, 25.5, 47.0)


def cut(world: dict[str, Any]) -> dict[str, Any]:
    """The same topology with only the places, and only the arcs that they need."""
    kept: dict[int, int] = {}

    def renamed(arcs: Any) -> Any:
        if isinstance(arcs, int):
            true = arcs if arcs >= 0 else ~arcs
            new = kept.setdefault(true, len(kept))
            return new if arcs >= 0 else ~new
        return [renamed(arc) for arc in arcs]

    shapes = []
    for shape in world["objects"]["countries"]["geometries"]:
        code = PLACES.get(shape["properties"]["name"])
        if code:
            polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
            inside = [polygon for polygon in polygons if _touches(world, polygon[0])]
            shapes.append({"type": "MultiPolygon", "id": code, "arcs": renamed(inside)})
    return {
        "type": "Topology",
        "transform": world["transform"],
        "objects": {"places": {"type": "GeometryCollection", "geometries": sorted(shapes, key=lambda one: one["id"])}},
        "arcs": [world["arcs"][arc] for arc in kept],
    }


def _touches(world: dict[str, Any], ring: list[int]) -> bool:
    """Whether any corner of the ring lies in the box."""
    (wide, high), (west, south) = world["transform"]["scale"], world["transform"]["translate"]
    for arc in ring:
        x = y = 0
        for step in world["arcs"][arc if arc >= 0 else ~arc]:
            x, y = x + step[0], y + step[1]
            if BOX[0] <= x * wide + west <= BOX[2] and BOX[1] <= y * high + south <= BOX[3]:
                return True
    return False


if __name__ == "__main__":
    found = cut(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    written = json.dumps(found, separators=(",", ":"), ensure_ascii=False) + "\n"
    Path(__file__).with_name("balkans.topo.json").write_text(written, encoding="utf-8")
