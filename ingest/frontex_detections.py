"""Detections of illegal border-crossing on two routes, January 2009 to April 2025, to rows of `crossings`.

One row is one route, border, nationality and month, as in the file.

Decisions
- **A cleaned copy.** The file is not Frontex's own: IOM cleaned it and put it into its R package gdidata. On the
  Western Balkan route its yearly sums are 764,033 (2015), 144,118 (2022) and 21,525 (2024).
- **Routes.** The Western Balkan route and the circular route from Albania to Greece. The package of IOM also has routes
  that do not lead through the region; they are not in the CSV.
- **Nationalities** are ISO 3166-1 alpha-3 codes, and three others. XKX is Kosovo. OOO (not known) and STL (stateless)
  are codes of IOM; they are places of the kind `no_country`, so that an empty cell keeps its meaning: all together.
- **0 detections.** The file has no line with 0. It does not say whether nothing was detected or nothing was reported.
  So the ingest adds no such row and refuses such a line.
- **No totals** are added. A sum of a year is a question that the rows answer.
"""

from __future__ import annotations

import re
from pathlib import Path

from ingest.csv_files import Line, read_csv
from ingest.inputs import inputs_of
from ingest.places import alpha3_codes

__all__ = ["DATASET", "FILES", "read"]

DATASET = "frontex-detections"
FILES = DATASET

_SOURCE = "frontex-detections-2025-06"
_ROUTE, _BORDER, _NATIONALITY, _MONTH, _DETECTIONS = _HEADER = (
    "route",
    "border",
    "nationality_iso3",
    "month",
    "detections",
)
_ROUTES = {
    "Western Balkan Route": "western_balkan",
    "Circular Route from Albania to Greece": "albania_greece_circular",
}
_BORDERS = {"Land": "land", "Sea": "sea"}
#: The codes of IOM that stand for no country.
_NO_COUNTRY = {"OOO": "OOO", "STL": "STL"}
_FIRST, _LAST = "2009-01", "2025-04"


def read(raw: Path, *, pinned: bool = True) -> dict[str, list[dict[str, str]]]:
    """The rows of `crossings` in the raw file below `raw`: dicts of strings by column, sorted by id.

    Raises MissingFileError, IngestError (another SHA-256) or LayoutError; see ingest.errors.
    """
    nationalities = alpha3_codes() | _NO_COUNTRY
    rows: dict[str, dict[str, str]] = {}
    for line in read_csv(inputs_of(DATASET)[_SOURCE], raw, _HEADER, pinned=pinned):
        row = _row(line, nationalities)
        if row["id"] in rows:
            fix = "Find out which of the two lines is right; do not add them up."
            raise line.error(_DETECTIONS, "one line for each route, border, nationality and month", fix)
        rows[row["id"]] = row
    return {"crossings": [rows[key] for key in sorted(rows)]}


def _row(line: Line, nationalities: dict[str, str]) -> dict[str, str]:
    here = "ingest/frontex_detections.py"
    route = line.code(_ROUTE, _ROUTES, f"_ROUTES in {here}")
    border = line.code(_BORDER, _BORDERS, f"_BORDERS in {here}")
    nationality = line.code(_NATIONALITY, nationalities, "data/places.csv, with its iso_alpha3")
    month = line.cells[_MONTH]
    if not re.fullmatch("[0-9]{4}-(?:0[1-9]|1[0-2])", month) or not _FIRST <= month <= _LAST:
        fix = "If the file has new months, change _LAST in ingest/frontex_detections.py and what the table covers."
        raise line.error(_MONTH, f"a month from {_FIRST} to {_LAST}", fix)
    detections = line.whole(_DETECTIONS)
    if detections == 0:
        fix = "Decide what 0 means beside a month without a line; the file had none."
        raise line.error(_DETECTIONS, "a number above 0", fix)
    return {
        "id": f"crs-{route.replace('_', '-')}-{border}-{nationality.lower()}-{month}",
        "route": route,
        "border": border,
        "nationality": nationality,
        "period": month,
        "detections": str(detections),
        "detections_qualifier": "exact",
        "source_id": _SOURCE,
    }
