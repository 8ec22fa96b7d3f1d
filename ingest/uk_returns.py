"""Returns from the United Kingdom, 2004-2023, from the statistics of the Home Office to rows of `returns`.

By destination: one row is one kind of return, one destination and one quarter or year. By nationality: one kind, one
nationality and one year.

Decisions
- **Two counts that are not one.** By destination, persons of any nationality are counted who went to the place
  (`to_place`). By nationality, nationals are counted wherever they went (`nationalities`, without `to_place`). In 2021
  there were 684 enforced returns to Albania and 694 of Albanians. The two are not parts of each other.
- **By nationality** there are years only: that is enough to compare with texts that count Albanians. The note says how
  many went to the home country, to a member state of the EU, and elsewhere.
- **A year is the sum of its quarters.** The file has quarters only. Each quarter is `part_of` its year, so that no sum
  counts both. A quarter without a line has no row.
- **Refused entry at port and subsequently departed** is no return: these persons never entered. The lines are left out.
- **Kinds.** Every enforced return is `forced`. Assisted returns are `assisted_voluntary`. Controlled and other verified
  returns are wider than a departure within the time limit of a decision: they are `other_voluntary`. The note gives the
  types of the Home Office where a row adds several.
- **Four lines stand twice** in the table by destination: Kosovo, 2021 and 2022 (`_TWICE`). They are added up: in the
  one case that can be tested, the numbers are 1 and 1, and the table by nationality has 2 persons returned home. The
  note gives both numbers. Any other line that stands twice is refused.
- **Serbia and Montenegro** is one destination up to 2006 (`SCG`). A count of it cannot be split.
- **A copy.** An R package holds the tables of the Home Office; the CSV files have the lines about the region.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

from ingest.csv_files import Line, read_csv
from ingest.inputs import inputs_of
from ingest.places import NAMES

__all__ = ["DATASET", "FILES", "read"]

DATASET = "uk-returns"
FILES = DATASET

_DESTINATIONS, _NATIONALITIES = "homeoffice-ret-destination-2023-q4", "homeoffice-ret-nationality-2023-q4"
_DATE, _YEAR, _QUARTER, _GROUP, _TYPE = "Date", "Year", "Quarter", "Return type group", "Return type"
_DESTINATION, _NATIONALITY, _REGION, _WHERE = "Return destination", "Nationality", "Region", "Return destination group"
_AGE, _SEX, _PERSONS = "Age", "Sex", "Number of returns"
_BY_DESTINATION = (_DATE, _YEAR, _QUARTER, _GROUP, _TYPE, _DESTINATION, "Return destination region", _PERSONS)
_BY_NATIONALITY = (*(_DATE, _YEAR, _QUARTER, _NATIONALITY, _REGION, _GROUP, _TYPE, _AGE, _SEX, _WHERE, _PERSONS),)

_YEARS = {str(year): str(year) for year in range(2004, 2024)}
#: For each quarter: its last day, and its first and last month.
_ENDS = {"1": ("03-31", "01", "03"), "2": ("06-30", "04", "06"), "3": ("09-30", "07", "09"), "4": ("12-31", "10", "12")}
_PLACES = {name: code for code, name in NAMES.items()} | {"Serbia and Montenegro": "SCG"}
_REFUSED = "Refused entry at port and subsequently departed"
_GROUPS = {"Enforced return": "forced", "Voluntary return": "voluntary", _REFUSED: ""}
#: The types of each group that is a return, folded, with the kind of return.
_TYPES = {
    "forced": dict.fromkeys(
        (
            *("enforced removals", "enforced removals from detention", "non-detained enforced removals"),
            "other returns from detention",
        ),
        "forced",
    ),
    "voluntary": {
        "assisted returns": "assisted_voluntary",
        "controlled returns": "other_voluntary",
        "other verified returns": "other_voluntary",
    },
}
#: Destination, year, quarter and type of the lines that are known to stand twice.
_TWICE = {
    ("Kosovo", "2021", "4", "Controlled returns"),
    ("Kosovo", "2022", "1", "Other verified returns"),
    ("Kosovo", "2022", "2", "Other verified returns"),
    ("Kosovo", "2022", "3", "Other verified returns"),
}
_WORDS = {"forced": "forced", "assisted_voluntary": "avr", "other_voluntary": "vol"}
#: Where nationals went, folded.
_WENT = {"home country": "to the home country", "eu member state": "to the EU", "other country": "elsewhere"}


def read(raw: Path, *, pinned: bool = True) -> dict[str, list[dict[str, str]]]:
    """The rows of `returns` in the raw files below `raw`: dicts of strings by column, sorted by id.

    Raises MissingFileError, IngestError (another SHA-256) or LayoutError; see ingest.errors.
    """
    rows = [*_by_destination(raw, pinned=pinned), *_by_nationality(raw, pinned=pinned)]
    return {"returns": sorted(rows, key=lambda row: row["id"])}


def _by_destination(raw: Path, *, pinned: bool) -> list[dict[str, str]]:
    lines = read_csv(inputs_of(DATASET)[_DESTINATIONS], raw, _BY_DESTINATION, pinned=pinned)
    quarters: defaultdict[tuple[str, str, str, str], Counter[str]] = defaultdict(Counter)
    twice: defaultdict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for line, year, kind in _returns(lines, _BY_DESTINATION):
        place = line.code(_DESTINATION, _PLACES, "_PLACES in ingest/uk_returns.py")
        flow = (kind, place, year, line.cells[_QUARTER])
        quarters[flow][line.cells[_TYPE].lower()] += line.whole(_PERSONS)
        if _doubled(line) in _TWICE:
            twice[flow].append(line.cells[_PERSONS])
    years: defaultdict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for (kind, place, year, _), types in quarters.items():
        years[kind, place, year].update(types)
    rows = []
    for (kind, place, year), types in years.items():
        key = f"ret-homeoffice-{_WORDS[kind]}-gb-{place.lower()}-{year}"
        note = f"Sum of the quarters. {_several(types)}".strip()
        rows.append(_row(key, kind, year, types, _DESTINATIONS, note) | {"to_place": place})
    for (kind, place, year, quarter), types in quarters.items():
        whole = f"ret-homeoffice-{_WORDS[kind]}-gb-{place.lower()}-{year}"
        _, first, last = _ENDS[quarter]
        lines_twice = twice[kind, place, year, quarter]
        added = f"Two lines of the file added up: {' and '.join(lines_twice)}." if lines_twice else ""
        note = " ".join(filter(None, (_several(types), added)))
        row = _row(f"{whole}-q{quarter}", kind, f"{year}-{first}/{year}-{last}", types, _DESTINATIONS, note)
        rows.append(row | {"to_place": place, "part_of": whole})
    return rows


def _by_nationality(raw: Path, *, pinned: bool) -> list[dict[str, str]]:
    lines = read_csv(inputs_of(DATASET)[_NATIONALITIES], raw, _BY_NATIONALITY, pinned=pinned)
    years: defaultdict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    went: defaultdict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for line, year, kind in _returns(lines, _BY_NATIONALITY):
        nationality = line.code(_NATIONALITY, _PLACES, "_PLACES in ingest/uk_returns.py")
        where = line.cells[_WHERE].lower()
        if where not in _WENT:
            fix = "Find out what it means, and add it to _WENT in ingest/uk_returns.py."
            raise line.error(_WHERE, f"one of {', '.join(_WENT)}", fix)
        years[kind, nationality, year][line.cells[_TYPE].lower()] += line.whole(_PERSONS)
        went[kind, nationality, year][where] += line.whole(_PERSONS)
    rows = []
    for (kind, nationality, year), types in years.items():
        key = f"ret-homeoffice-{_WORDS[kind]}-gb-nat-{nationality.lower()}-{year}"
        told = ", ".join(f"{went[kind, nationality, year][where]} {to}" for where, to in _WENT.items())
        note = f"Sum of the quarters: {told}. {_several(types)}".strip()
        rows.append(_row(key, kind, year, types, _NATIONALITIES, note) | {"nationalities": nationality})
    return rows


def _returns(lines: list[Line], header: tuple[str, ...]) -> list[tuple[Line, str, str]]:
    """The lines that are returns, each with its year and its kind of return. Each stands in the file once."""
    here = "ingest/uk_returns.py"
    seen: set[tuple[str, ...]] = set()
    found = []
    for line in lines:
        year = line.code(_YEAR, _YEARS, f"_YEARS in {here}")
        quarter = line.code(_QUARTER, dict.fromkeys(_ENDS, ""), f"_ENDS in {here}") or line.cells[_QUARTER]
        if line.cells[_DATE] != f"{year}-{_ENDS[quarter][0]}":
            fix = "Find out which of date, year and quarter is right."
            raise line.error(_DATE, f"the last day of the quarter, {year}-{_ENDS[quarter][0]}", fix)
        region = next(name for name in header if name.lower().endswith("region"))
        line.code(region, {"Europe Other": ""}, here)
        group = line.code(_GROUP, _GROUPS, f"_GROUPS in {here}")
        if not group:
            continue
        same = tuple(line.cells[name] for name in header if name != _PERSONS)
        if same in seen and _doubled(line) not in _TWICE:
            raise line.error(_PERSONS, "one line with these cells", "Find out which of the two lines is right.")
        seen.add(same)
        kind = _TYPES[group].get(line.cells[_TYPE].lower(), "")
        if not kind:
            fix = f"Find out what it means, and add it to _TYPES in {here}."
            raise line.error(_TYPE, f"one of {', '.join(_TYPES[group])}", fix)
        found.append((line, year, kind))
    return found


def _doubled(line: Line) -> tuple[str, ...]:
    return tuple(line.cells.get(name, "") for name in (_DESTINATION, _YEAR, _QUARTER, _TYPE))


def _row(key: str, kind: str, period: str, types: Counter[str], source: str, note: str) -> dict[str, str]:
    return {
        "id": key,
        "from_place": "GB",
        "return_type": kind,
        "period": period,
        "quantity": str(types.total()),
        "quantity_qualifier": "exact",
        "unit": "persons",
        "measure": "count",
        "carried_out_by": "GB" if kind == "forced" else "",
        "reported_by": "gb-home-office",
        "source_id": source,
        "note": note,
    }


def _several(types: Counter[str]) -> str:
    """The types of the Home Office that a row adds; '' if it is one."""
    if len(types) < 2:
        return ""
    told = ", ".join(f"{types[name]} {name}" for name in sorted(types))
    return f"Types: {told}."
