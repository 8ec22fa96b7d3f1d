"""Grants that Frontex awarded 2008-2024 to beneficiaries in AL, BA, ME, MK, RS or XK, to rows of `projects`.

One row is one grant, of kind `grant`. Only the lists of grants are read; the other sheets of the workbooks (overviews,
reconciliations, some of them hidden) are not.

Decisions
- **Country.** The cell under "Country" is looked up in the tables of ingest/places.py, exactly. Where it is no country,
  the cell to its right is tried: in 2016 the two columns are swapped in every line. If neither is a known country, the
  ingest is refused, so that a new spelling of one of the six can never be skipped. A line without any country is known
  only for the beneficiaries in _NO_COUNTRY.
- **2022 is in two workbooks.** Frontex's own file of that year leads, because it is nearer to the publisher; the
  collected file is compared grant by grant (in the pinned files the two agree), and what it has otherwise is said in
  the note. A grant that only the collected file has is taken from there.
- **Numbers that repeat.** Twenty numbers of 2010 stand again, with other amounts, at the head of the sheet of 2011;
  none is of the six. A number of one of the six that repeats counts once if all is equal, else the ingest is refused.
- **Amounts** are those of "Total awarded in EUR" (to 2022) and "Total GRANTED" (from 2023, amendments included; the
  note gives the sum first granted). The files do not say whether the two mean the same. Up to four decimals, as stored.
- **Year** of the grant: that of its number. It is the year of the award, so `start_kind` is `decision`.
- **Hosts** is the country of the beneficiary. The operation is often elsewhere: officers of one state in another.
- **Themes** follow the unit in the project code (2018/RSU/01), or that of the Unit/Sector column where there is none.
- **No addresses.** A project cell that repeats the address is left out, and the note says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from ingest.clean import parse_amount, plain, slug
from ingest.inputs import Input, inputs_of, open_workbook
from ingest.places import NAMES, is_country, wb6_of
from ingest.sheets import Row, read_rows

__all__ = ["DATASET", "FILES", "read"]

DATASET = "frontex-grants"
#: The files in ingest/inputs.toml.
FILES = "frontex-grants"

_NUMBER, _COUNTRY, _NAME, _PROJECT = "Grant No", "Country", "Name of Beneficiary", "Project No. and title"
_ADDRESS, _ADDRESS_2023 = "Address of Beneficiary", "Address of the beneficiary"
_UNIT, _UNIT_2008, _OPERATION = "Unit/ Sector", "Unit Sector", "Operation"
_AWARDED, _GRANTED, _FIRST = "Total awarded in EUR", "Total GRANTED", "Amount granted"
_START, _END = "Start date", "End date"

_PLAIN_2008 = (_NUMBER, _UNIT_2008, _COUNTRY, _NAME, _PROJECT, _AWARDED)
_PLAIN = (_NUMBER, _UNIT, _COUNTRY, _NAME, _PROJECT, _AWARDED)
_ADDRESSED = (_NUMBER, _UNIT, _COUNTRY, _NAME, _ADDRESS, _PROJECT, _AWARDED)
_LONG = (
    *(_NUMBER, _UNIT, _COUNTRY, _NAME, _ADDRESS_2023, _OPERATION, _PROJECT, _START, _END),
    *(
        "Exception",
        "Cancelled?",
        "Commitment",
        "Commitment year",
        "Fund source",
        _FIRST,
        "Date of signature by AO",
        "FVA",
    ),
    *("I.2 REM amount", "Ex-ante?", "Estimated amount to be checked", "Final Total amount checked", "FRO."),
    *("Amending amount", "Date of signature by AO", _GRANTED),
)
_SHORT = (_NUMBER, _UNIT, _COUNTRY, _NAME, _ADDRESS_2023, _OPERATION, _PROJECT, _GRANTED)


@dataclass(frozen=True)
class _Sheet:
    """The place of one list of grants. `header_rows` counts the rows over which merged titles spread."""

    source_id: str
    sheet: str
    header: tuple[str, ...]
    header_row: int = 1
    header_rows: int = 1


_COLLECTED = "frontex-grants-2008-2022"
_PLAIN_YEARS = {2008: _PLAIN_2008, 2009: _PLAIN, 2010: _PLAIN, 2011: _PLAIN, 2012: _PLAIN}
#: In order of precedence: of a grant in two workbooks, the first one is taken.
_SHEETS = (
    *(_Sheet(_COLLECTED, f"y{year}", _PLAIN_YEARS.get(year, _ADDRESSED)) for year in range(2008, 2022)),
    _Sheet("frontex-grants-2022", "Sheet1", _ADDRESSED, 5, 2),
    _Sheet(_COLLECTED, "y2022", _ADDRESSED),
    _Sheet("frontex-grants-2023", "Sheet1", _LONG, 5, 2),
    _Sheet("frontex-grants-2024", "Grants", _SHORT, 1, 2),
)

#: The two lists of 2022; the first one leads.
_OVERLAP = ("frontex-grants-2022", _COLLECTED)

#: What the column of countries names besides countries: bodies of several states, and non-governmental organisations.
_NO_COUNTRY = {"Maritime Analysis and Operations Centre (Narcotics) \N{EN DASH} MAOC(N)"}
_NOT_A_COUNTRY = {"NGOs for reintegration services"}

#: Units of Frontex that paid grants to the six, folded to capitals.
_THEMES = {
    **dict.fromkeys(("ROS", "RSU", "ECRET", "RET"), "return"),
    **dict.fromkeys(("ABS", "LBS", "SBS", "PRU", "ORD", "FDU", "FOU", "DMD", "OSD"), "border_management"),
    **dict.fromkeys(("TRU", "ACADEMY"), "capacity_building"),
}

#: Beneficiaries by place and name, folded; the name without the country in front. Others stay without implementer.
_BENEFICIARIES = {
    ("AL", "aparati i drejtorise se pergjithshme te policise se shtetit"): "al-state-police",
    ("AL", "aparati i drejtorisë së policisë së shtetit"): "al-state-police",
    ("BA", "border police of bosnia and herzegovina"): "ba-border-police",
    ("ME", "ministry of interior"): "me-interior-ministry",
    ("ME", "ministry of internal affairs"): "me-interior-ministry",
    ("ME", "ministry of internal affairs, police directorate"): "me-police-directorate",
    ("ME", "ministry of the interior-police directorate"): "me-police-directorate",
    ("ME", "police direcorate"): "me-police-directorate",
    ("ME", "police directorate"): "me-police-directorate",
    ("ME", "police directorate of montenegro"): "me-police-directorate",
    ("MK", "ministry of interior"): "mk-interior-ministry",
    ("MK", "ministry of interior - public security bureau"): "mk-public-security-bureau",
    ("MK", "ministry of interior \N{EN DASH} public security bureau"): "mk-public-security-bureau",
    ("MK", "ministry of internal affairs"): "mk-interior-ministry",
    ("RS", "ministry of interior"): "rs-interior-ministry",
    ("RS", "ministry of interior of republic of serbia"): "rs-interior-ministry",
    ("RS", "ministry of interior republic of serbia"): "rs-interior-ministry",
    ("RS", "ministry of internal affairs"): "rs-interior-ministry",
    ("RS", "ministry of internal affairs of republic of serbia"): "rs-interior-ministry",
    ("XK", "general directorate of kosovo police"): "xk-police",
}

#: A project code in front of a title: year, unit, number; '2013/SBS/P1/06 EPN-Aeneas 2013', '2009/OPS/05 - Neptune'.
_CODE = re.compile(r"(?P<code>[0-9]{4}/(?P<unit>[A-Za-z]+)/(?:P[0-9]/)?[0-9]{2})[-/ ]*(?P<title>.*)")
#: Operation cells that say no more than the unit does.
_EMPTY_OPERATIONS = {"", "Field Deployment", "Financial Support"}
#: Titles that are no more than an abbreviation, spelled out.
_SPELLED_OUT = {
    "CRO": "collecting return operations (CRO)",
    "FOA": "Flexible Operational Activities (FOA)",
    "return": "return activities",
    "border management": "border management activities",
}


@dataclass(frozen=True)
class _Grant:
    """A grant to one of the six, as released and cleaned."""

    source_id: str
    row: Row
    number: str
    place: str
    country: str
    beneficiary: str
    unit: str
    operation: str
    project: str
    amount: Decimal
    remarks: tuple[str, ...]

    @property
    def facts(self) -> tuple[str, ...]:
        return self.place, self.beneficiary, self.unit, self.project, plain(self.amount)


def read(raw: Path, *, pinned: bool = True) -> dict[str, list[dict[str, str]]]:
    """The rows of `projects` in the raw files below `raw`: dicts of strings by column, sorted by id.

    Raises MissingFileError, IngestError (another SHA-256) or LayoutError; see ingest.errors.
    """
    inputs = inputs_of(FILES)
    workbooks = {source: open_workbook(item, raw, pinned=pinned) for source, item in inputs.items()}
    grants: dict[str, _Grant] = {}
    notes: dict[str, str] = {}
    for place in _SHEETS:
        item = inputs[place.source_id]
        rows = read_rows(
            item.path,
            workbooks[place.source_id],
            place.sheet,
            place.header,
            header_row=place.header_row,
            header_rows=place.header_rows,
        )
        for grant in _grants(item, rows):
            key = f"prj-frontex-grant-{slug(grant.number)}"
            first = grants.setdefault(key, grant)
            if first is grant or first.facts == grant.facts:
                continue
            if (first.source_id, grant.source_id) != _OVERLAP:
                fix = f"Row {first.row.number} of sheet {first.row.sheet!r} has it too. Decide which one is the grant."
                raise grant.row.error(_NUMBER, "a number that appears once, or equal lines", fix)
            notes[key] = f"{item.path.rpartition('/')[2]} has EUR {plain(grant.amount)} and {_quoted(grant.project)}."
    return {"projects": [_row(key, grant, notes.get(key, "")) for key, grant in sorted(grants.items())]}


def _grants(item: Input, rows: list[Row]) -> Iterator[_Grant]:
    for row in rows:
        number, unit_column = row.text(_NUMBER), _UNIT if _UNIT in row.cells else _UNIT_2008
        if number == _NUMBER:
            continue  # the titles again, at a page break (2017)
        country, swapped = row.text(_COUNTRY), row.text(_NAME)
        amount_column = _GRANTED if _GRANTED in row.cells else _AWARDED
        if not number and not country and row.cells[amount_column] is None:
            continue  # a stray character below the list (2024)
        if not number:
            raise row.error(_NUMBER, "a grant number such as 2019/123", "Ask the publisher; a grant needs a number.")
        shifted = not is_country(country) and is_country(swapped)
        if shifted:
            country, swapped = swapped, country
        elif not is_country(country) and country not in _NOT_A_COUNTRY and (country or swapped not in _NO_COUNTRY):
            fix = (
                "Add the spelling to the right table of ingest/places.py; check first whether it means one of the six."
            )
            raise row.error(_COUNTRY, "a known spelling of a country, here or in the next column", fix)
        place = wb6_of(country)
        if place:
            if not re.match(r"[0-9]{4}/[0-9]", number):
                raise row.error(_NUMBER, "a grant number such as 2019/123", "Ask the publisher for the right number.")
            amount = _amount(row, amount_column)
            project, remarks = _project(row), _remarks(row, amount)
            operation = row.text(_OPERATION) if _OPERATION in row.cells else ""
            unit = row.text(unit_column)
            grant = (number, place, country, swapped, unit, operation, project, amount, remarks)
            yield _Grant(item.source_id, row, *grant)


def _amount(row: Row, column: str) -> Decimal:
    try:
        return parse_amount(row.cells[column])
    except ValueError as error:
        expected = "an amount in euro such as 9244.8, '9 244,80', '9.244,80' or '9 ,244.80'"
        fix = f"It is {error}. If the notation is new, add it to ingest/clean.py with a test."
        raise row.error(column, expected, fix) from error


def _project(row: Row) -> str:
    """The project as released; '' where the cell repeats the address (2021/224)."""
    project = row.text(_PROJECT)
    addresses = [row.text(column) for column in (_ADDRESS, _ADDRESS_2023) if column in row.cells]
    return "" if project in addresses else project


def _remarks(row: Row, amount: Decimal) -> tuple[str, ...]:
    remarks = []
    if not _project(row):
        remarks.append("The file gives no project: the cell repeats the address or is empty.")
    if _FIRST in row.cells:
        first = _amount(row, _FIRST)
        if first != amount:
            remarks.append(f"First granted EUR {plain(first)}, then amended.")
        start, end = row.cells[_START], row.cells[_END]
        if isinstance(start, datetime) and isinstance(end, datetime):
            remarks.append(f"Period as released: {start.date().isoformat()} to {end.date().isoformat()}.")
    if amount == 0:
        remarks.append("Released with an amount of 0.")
    return tuple(remarks)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "'") + '"'


def _implementer(grant: _Grant) -> str:
    """Slug of the beneficiary, '' if it is not in the table. The country in front of the name is dropped."""
    name = grant.beneficiary
    country, dash, rest = (part.strip() for part in name.partition("-"))
    if dash and wb6_of(country):
        name = rest
    return _BENEFICIARIES.get((grant.place, name.casefold()), "")


def _row(key: str, grant: _Grant, other: str) -> dict[str, str]:
    match = _CODE.fullmatch(grant.project)
    code, title = (match["code"], match["title"]) if match else ("", grant.project)
    unit = match["unit"].upper() if match else ""
    theme = _THEMES.get(unit) or _THEMES.get(grant.unit.upper())
    if theme is None:
        column = _UNIT if _UNIT in grant.row.cells else _UNIT_2008
        fix = "Add the unit to _THEMES in ingest/frontex_grants.py."
        raise grant.row.error(column, f"one of {', '.join(_THEMES)}, or a project code with one", fix)
    if not title:
        words = grant.operation if grant.operation not in _EMPTY_OPERATIONS else theme.replace("_", " ")
        title = f"{_SPELLED_OUT.get(words, words)} ({code})" if code else _SPELLED_OUT.get(words, words)
    title = _SPELLED_OUT.get(title, title)
    number = grant.number.strip("/ ")
    released = [f"Beneficiary as released: {_quoted(grant.beneficiary)}"]
    if grant.country != NAMES[grant.place]:
        released.append(f"country as released: {_quoted(grant.country)}")
    if grant.project:
        released.append(f"project as released: {_quoted(grant.project)}")
    if grant.operation:
        released.append(f"operation as released: {_quoted(grant.operation)}")
    if _THEMES.get(grant.unit.upper()) != theme:
        released.append(f"unit as released: {grant.unit}")
    return {
        "id": key,
        "title": f"Frontex grant {number} to {NAMES[grant.place]}: {title}",
        "kind": "grant",
        "funders": "frontex",
        "implementers": _implementer(grant),
        "instrument": "Frontex grant",
        "amount_eur": plain(grant.amount),
        "amount_eur_qualifier": "exact",
        "amount_basis": "awarded",
        "start": number[:4],
        "start_kind": "decision",
        "hosts": grant.place,
        "themes": theme,
        "reference": grant.number,
        "source_id": grant.source_id,
        "note": " ".join(["; ".join(released) + ".", *grant.remarks, *([other] if other else [])]),
    }
