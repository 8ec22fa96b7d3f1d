"""Persons returned and persons ordered to leave, by state and citizenship, 2012-2016, to rows of `returns`.

The two tables are of Eurostat.

One row is one state (or the EU of 28 states), one citizenship among the six, one year, and one of the two tables.

Decisions
- **Two counts that are not one.** `migr_eirtn` gives persons who left after an order to leave: unit `persons`.
  `migr_eiord` gives orders to leave: unit `decisions`. A row of one is never part of a row of the other.
- **To any country.** The only indicator of `migr_eirtn` in the file is the total number of persons returned. Returns to
  another member state are in it. So `to_place` is empty; press figures of returns to third countries are smaller.
- **By citizenship.** `nationalities` holds it. Eurostat does not say here to which country they went.
- **Rounded to 5**, so each figure is `about`. The row of a member state is `part_of` the row of the EU. The 28 states
  add up to the row of the EU within 10 in all 60 cases; the rule `return.parts-add-up` checks it. Iceland,
  Liechtenstein, Norway and Switzerland are part of nothing.
- **0 and `:`.** A figure of 0 means 0, 1 or 2 persons and gets no row. `:` means that there is no figure, and gets no
  row either. The note of the row of the EU names the states without a figure, so that the two can be told apart.
- **EU** is the union of 28 states, also in 2012, when Croatia was not yet a member.
- **Flags** of Eurostat (d, p) are in the note as they stand.
- **Kind of return.** The tables do not tell forced from voluntary returns: `all`.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from ingest.csv_files import Line, read_csv
from ingest.errors import LayoutError
from ingest.inputs import Input, inputs_of
from ingest.places import NAMES, state_of

__all__ = ["DATASET", "FILES", "read"]

DATASET = "eurostat-returns"
FILES = DATASET

_TIME, _GEO, _CITIZEN, _INDICATOR, _UNIT, _VALUE, _FLAG = (
    "TIME",
    "GEO",
    "CITIZEN",
    "INDIC_MG",
    "UNIT",
    "Value",
    "Flag and Footnotes",
)
_YEARS = {str(year): str(year) for year in range(2012, 2017)}
_STATES = (
    *("Austria", "Belgium", "Bulgaria", "Croatia", "Cyprus", "Czech Republic", "Denmark", "Estonia", "Finland"),
    *("France", "Greece", "Hungary", "Ireland", "Italy", "Latvia", "Lithuania", "Luxembourg", "Malta", "Netherlands"),
    *("Poland", "Portugal", "Romania", "Slovakia", "Slovenia", "Spain", "Sweden", "United Kingdom"),
)
#: The states that Eurostat adds up, and four others.
_MEMBERS = {name: state_of(name) for name in _STATES} | {"Germany (until 1990 former territory of the FRG)": "DE"}
_OTHERS = {name: state_of(name) for name in ("Iceland", "Liechtenstein", "Norway", "Switzerland")}
_PLACES = _MEMBERS | _OTHERS | {"European Union (28 countries)": "EU"}
_CITIZENS = {name: code for code, name in NAMES.items() if code not in ("MK", "XK")} | {
    "Former Yugoslav Republic of Macedonia, the": "MK",
    "Kosovo (under United Nations Security Council Resolution 1244/99)": "XK",
}
_FLAGS = {"": "", "d": "Flag of Eurostat: d.", "p": "Flag of Eurostat: p."}
#: For each table: the word in its identifiers, and the unit.
_TABLES = {
    "eurostat-migr-eirtn-2018-03": ("returned", "persons"),
    "eurostat-migr-eiord-2018-03": ("ordered", "decisions"),
}


def read(raw: Path, *, pinned: bool = True) -> dict[str, list[dict[str, str]]]:
    """The rows of `returns` in the raw files below `raw`: dicts of strings by column, sorted by id.

    Raises MissingFileError, IngestError (another SHA-256) or LayoutError; see ingest.errors.
    """
    rows = [row for item in inputs_of(DATASET).values() for row in _rows(item, raw, pinned=pinned)]
    return {"returns": sorted(rows, key=lambda row: row["id"])}


def _rows(item: Input, raw: Path, *, pinned: bool) -> list[dict[str, str]]:
    word, unit = _TABLES[item.source_id]
    indicator = (_INDICATOR,) if unit == "persons" else ()
    header = (_TIME, _GEO, _CITIZEN, *indicator, _UNIT, _VALUE, _FLAG)
    seen: dict[tuple[str, str, str], int | None] = {}
    rows: list[dict[str, str]] = []
    for line in read_csv(item, raw, header, encoding="cp1252", pinned=pinned):
        year, place = _checked(line, bool(indicator))
        citizen = _CITIZENS.get(line.cells[_CITIZEN])
        if citizen is None:
            continue
        if (year, place, citizen) in seen:
            raise line.error(_CITIZEN, "one line for each year, state and citizenship", "Find out which one is right.")
        seen[year, place, citizen] = persons = _value(line)
        if not persons:
            continue
        key = f"ret-eurostat-{word}"
        rows.append(
            {
                "id": f"{key}-{place.lower()}-nat-{citizen.lower()}-{year}",
                "from_place": place,
                "nationalities": citizen,
                "return_type": "all",
                "period": year,
                "quantity": str(persons),
                "quantity_qualifier": "about",
                "unit": unit,
                "measure": "count",
                "reported_by": "eurostat",
                "part_of": f"{key}-eu-nat-{citizen.lower()}-{year}" if place in _MEMBERS.values() else "",
                "source_id": item.source_id,
                "note": _FLAGS[line.cells[_FLAG]],
            }
        )
    _check_complete(item, seen)
    _add_unknown(rows, seen)
    return rows


def _checked(line: Line, indicator: bool) -> tuple[str, str]:
    """The year and the place of a line whose codes are all known."""
    here = "ingest/eurostat_returns.py"
    if indicator:
        line.code(_INDICATOR, {"Total number of persons returned": ""}, here)
    line.code(_UNIT, {"Person": ""}, here)
    line.code(_FLAG, _FLAGS, f"_FLAGS in {here}")
    return line.code(_TIME, _YEARS, f"_YEARS in {here}"), line.code(_GEO, _PLACES, f"_PLACES in {here}")


def _value(line: Line) -> int | None:
    """The figure; None where there is none."""
    if line.cells[_VALUE] == ":":
        return None
    persons = line.whole(_VALUE, thousands=",")
    if persons % 5:
        fix = "The figures are taken as `about` because they are rounded. Decide anew."
        raise line.error(_VALUE, "a figure rounded to 5", fix)
    return persons


def _check_complete(item: Input, seen: dict[tuple[str, str, str], int | None]) -> None:
    """A citizenship under a new name would go unseen: each of the six must be there for each year and place."""
    for name, citizen in _CITIZENS.items():
        for year in _YEARS:
            for place in _PLACES.values():
                if (year, place, citizen) not in seen:
                    expected = f"a line for {name}, {place}, {year}"
                    fix = "If Eurostat spells the citizenship in a new way, add it to _CITIZENS."
                    raise LayoutError(item.path, "", 0, "", "none", expected, fix)


def _add_unknown(rows: list[dict[str, str]], seen: dict[tuple[str, str, str], int | None]) -> None:
    """Say in the note of each row of the EU which states have no figure."""
    unknown: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for (year, place, citizen), persons in seen.items():
        if persons is None:
            unknown[year, citizen].append(place)
    for row in rows:
        if row["from_place"] == "EU":
            lacking = sorted(unknown[row["period"], row["nationalities"]])
            none = f"No figure for {', '.join(lacking)}." if lacking else ""
            row["note"] = " ".join(filter(None, ("The 28 states together.", none, row["note"])))
