"""Frontex-coordinated return operations 2006-2024 to rows of `operations` and `operation_states`.

One row of `operations` is one operation with a destination among AL, BA, ME, MK, RS, XK in the sheet of operations or
in that of persons. One row of `operation_states` is what one state put into it: persons, staff, and what Frontex paid.
See `ingest.frontex_workbooks` for the files, the two workbooks of 2006-2012 and the types.

What the workbooks hold
- **Operations and persons**: all years. **Monitors on board**: to 2018 in the sheet of operations, as a text such as
  `1 AUT (pool) + 1 FRA`; from 2019 in the sheet of staff, by state. **Frontex staff on board**: to 2018 in the sheet of
  operations, from 2019 in a sheet of its own (representatives), beside Frontex's fundamental rights monitors.
- **Staff**: by operation and state from October 2016; one number for all officials of a state in 2013-2015, and for the
  whole operation in 2016 up to October. **Costs**: by operation and state from 2013, in 2013 to 2016 as lists under
  headings.

Decisions
- **Empty is not known, never zero.** 0 is entered where a sheet says 0. To 2018 an empty cell of the monitors can mean
  that there was none, or that none was reported.
- **Destinations** are those of both sheets together. Where the two differ, the note gives both. Persons, staff and
  costs are those of the whole operation, also where it went elsewhere; `persons_wb6` counts the persons to the six.
- **Frontex itself** (FRONTEX in the sheets of persons, FX in those of costs) is the state `EU`, as in `returns`. What
  Frontex paid for its own flights and missions is there.
- **Collecting operations**: the state of destination sends escorts and is paid. It is a state as any other, without
  persons.
- **Several lines of one state** in a sheet of staff are added up and the note says so: they are two groups of one
  state, and no line repeats another. In a sheet of costs no operation of the six has several lines of a state; if one
  had, they would be added up, too.
- **Lists of 2013-2016.** A heading names grant, destinations and day (to 2014 and in 2016 without the number of the
  operation, in 2015 with it), a line gives a state in capitals, its officials and its costs. The head of a column says
  that green amounts are already reimbursed. All are green, and an amount in another colour is refused.
    - A heading belongs to the operation of its day and destinations. If several operations share both, it belongs to
      the one whose states are those of the heading. If none has its day, it belongs to the only operation one day
      earlier or later that has no costs yet and the same destinations and states; the note gives the day of the list.
    - Two operations to Kosovo on 31 August 2016 cannot be told apart: both amounts are in the note, and the cells are
      empty.
    - What a list adds to a state ("RF", "stopover", "observer") is put in the note as it stands. A state that is marked
      as cancelled, with no officials and no costs, gives no row; the note of the operation has it.
    - If the lines of a heading do not add up to the total of the list, the lines are taken and the note gives both.
    - The officials of 2015 are mostly called "Escort Team". They are entered as officials, as those of the other years.
- **Monitors to 2018** are counted in the whole operation; observers in that text are not. The note has the text, which
  says who sent them. It is not a contribution of the state that they came from, because monitors of the pool are lent.
- **Escorts of the pool** (2016-2018, "Escorts from Pool") and the escort officers of Frontex of five kinds (from 2019,
  "FRESO") are both `frontex_escorts`.
- **Lines without an operation.** Seven lines of costs (2023 and 2024) and some lines of Frontex's own staff have a
  number that no sheet of operations or persons has. Nothing says where they went, so they are left out.
- **Sheet of 2017.** The last line of the costs is their sum. It is checked.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from ingest.clean import clean_text, parse_amount, plain, slug
from ingest.frontex_workbooks import FILES, FRONTEX, PLACES_FIX, Line, Operation, Released, kind_of, read_files
from ingest.places import alpha3_codes, is_country, place_of, wb6_of
from ingest.sheets import Row, read_rows

__all__ = ["DATASET", "FILES", "read"]

DATASET = "frontex-operations"

_2018, _2022 = "frontex-returns-2013-2018", "frontex-returns-2019-2022"
_2023, _2024 = "frontex-returns-2023", "frontex-returns-2024"
#: The state that stands for Frontex itself.
_ITSELF = "EU"

# --- costs ---

_RO, _PAID_ON, _PAID_TO, _PAID = "RO", "Date", "MS/SAC/TC", "TOTAL PAID"
_COSTS_HEADER = (_RO, _PAID_ON, _PAID_TO, _PAID)
_COSTS = (
    *((_2018, f"{year}_costs", year) for year in (2017, 2018)),
    *((_2022, f"{year}_costs", year) for year in range(2019, 2023)),
    (_2023, "2023_costs", 2023),
    (_2024, "2024_costs", 2024),
)
_COSTS_2016 = ("DATE OF DEPARTURE", "MS", "ROID", "TOTAL PAID", "")

#: Numbers in the sheets of costs that no sheet of operations or persons has.
_UNLISTED = {"RO-02427", "RO-02452", "RO-02455", "RO-02747", "RO-02846"}

# --- staff ---

_TITLE, _ON, _MS = "RO Title", "RO Date", "MSSAC"
_FAR = (_TITLE, _ON, _MS, "Escort Leaders", "Escorts", "Escorts from Pool", "Medical Personnel", "Observers")
_FRESO = tuple(f"FRESO {kind}" for kind in ("airport CAT 1", "airport CAT 2", "HQ CAT 1", "HQ CAT 2", "CAT 3"))
_NATIONAL, _POOL = "Monitors national", ("Monitors from Pool (MS)", "Monitors from Pool (FRO)")
_STAFF = (*_FAR[:5], *_FRESO, "Medical Personnel", "Observers (MS)", "Observers (TC)", _NATIONAL, *_POOL)
_STAFFS = (
    *((_2018, f"{year}_staff_FAR", range(year, year + 1), _FAR) for year in (2016, 2017, 2018)),
    (_2022, "2019-2022_staff", range(2019, 2023), _STAFF),
    (_2023, "2023 Staff", range(2023, 2024), _STAFF),
    (_2024, "2024 Staff", range(2024, 2025), _STAFF),
)
#: The columns of both headers that are added up for each field.
_ADDED_UP = {
    "escort_leaders": ("Escort Leaders",),
    "escorts": ("Escorts",),
    "frontex_escorts": ("Escorts from Pool", *_FRESO),
    "medical": ("Medical Personnel",),
    "observers": ("Observers", "Observers (MS)", "Observers (TC)"),
    "monitors": (_NATIONAL, *_POOL),
    "pool_monitors": _POOL,
}
#: A remark of the publisher in the last line of a sheet of staff.
_REMARK = "Report does not contain data related to Frontex Staff"
_RIGHTS, _ABOARD = "Fundamental Rights Monitors", "Frontex Representative on Board"
_OWN_STAFF = (
    (_2022, "2019-2022_Frontex staff", range(2019, 2023)),
    (_2023, "2023 Frontex Staff", range(2023, 2024)),
    (_2024, "2024 Frontex Staff", range(2024, 2025)),
)
_OFFICIALS = "Officials: (escorts, medics, interpreters, observer, representatives, etc.) except the returnees and"
_OFFICIALS += " monitors / ONLY FOR 2016 not registered in FAR"
_OFFICIALS_2016 = ("DATE OF DEPARTURE", "ROID", _OFFICIALS)

# --- lists ---

_LISTS = (2013, 2014, 2015)
_PARTICIPANTS = "Participants"
_ESCORTS = "Escorts (& observers, escort leaders, med staff)"
_OFFICIALS_IN_LISTS = (_ESCORTS, "Escort Team", "Escort Team (incl. OMS medical staff)")
_COLOURS = "Costs: (green=already reimbursed; blue=claimed, but not paid yet, red=max. amount granted)"
_GREEN = {"FF008000", "FF009E47"}
_HEADING = re.compile(
    r"[0-9]{4}/ROS/[0-9]{2} ?- ?C?JRO TO (?P<places>.+?),? (?P<day>[0-9]{1,2})(?:-[0-9]{1,2})? (?P<month>[A-Z]+),? "
    r"(?P<year>[0-9]{4})(?: postponed (?P<later>[0-9]{1,2} [A-Z]+ [0-9]{4}))?(?:, [A-Z]{2},?)?"
)
_HEADING_2016 = re.compile(r"RO (?:TO )?(?P<places>.+?)(?: \(from [A-Za-z]+\))?")
_LIST_2016 = ("", "ROs in 2016", "date", "TOTAL PAID")
#: Destinations as the lists spell them, beside the spellings of ingest/places.py; '' for a place elsewhere.
_IN_LISTS = {
    **{"bih": "BA", "bosnia-herzegovina": "BA", "mkd": "MK", "former yugoslav rep. of macedonia": "MK"},
    **{
        "form y. rep. of macedonia": "MK",
        "drc": "",
        "columbia": "",
        "dominican rep.": "",
        "dom. republic": "",
        "civ": "",
    },
}
#: States as the lists spell them, beside those spellings.
_STATES_IN_LISTS = {"uk": "GB", "the netherlands": "NL", "gr": "GR", "grecce": "GR", "geo": "GE", "fx mission": _ITSELF}
_STATES_IN_LISTS |= {"fyr.of macedonia": "MK"}
#: What the lists add to a state, folded. The words of the first set say that it did not take part after all.
_CANCELLED = {"cancelled", "cancellation", "rf_cancelled", "obsevers_cancelled"}
_ADDED = _CANCELLED | {"return fund", "rf", "stopover", "observer", "observers", "observer_rf", "no cofinancing"}
_ADDED |= {"not financed", "no fpa", "no costs", "jcc with at", "ombudsman", "monitor", "monitors", "escorts"}
_ADDED |= {"2015/ros/66"}
#: Cells of the list of 2016 that hold no number, and no state.
_NO_AMOUNT, _STRAY = {"", "."}, {"", "b"}

_UNTOLD = "does not say which"

_MONITOR = re.compile(r"(?P<number>[0-9]+) ?[A-Z]{3,5}(?P<observer> observ?\.)?")


@dataclass
class _State:
    """What one state put into one operation, as far as it is known."""

    persons: int | None = None
    persons_wb6: int | None = None
    figures: dict[str, int] = field(default_factory=dict)
    paid: Decimal | None = None
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, number: int) -> None:
        self.figures[name] = self.figures.get(name, 0) + number

    def pay(self, amount: Decimal) -> None:
        self.paid = amount if self.paid is None else self.paid + amount


@dataclass
class _Gathered:
    """An operation with a destination among the six, and what the sheets say of it."""

    number: str
    source_id: str
    day: str
    listed: Operation | None
    destinations: set[str]
    states: dict[str, _State]
    figures: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def state(self, code: str) -> _State:
        return self.states.setdefault(code, _State())

    @property
    def six(self) -> set[str]:
        return {place for place in self.destinations if place in _SIX}

    @property
    def returning(self) -> set[str]:
        return {code for code, state in self.states.items() if state.persons}


_SIX = {"AL", "BA", "ME", "MK", "RS", "XK"}
_Operations = dict[str, _Gathered]


def read(raw: Path, *, pinned: bool = True) -> dict[str, list[dict[str, str]]]:
    """The rows of `operations` and `operation_states` in the raw files below `raw`: dicts of strings by column.

    Raises MissingFileError, IngestError (another SHA-256) or LayoutError; see ingest.errors.
    """
    released = read_files(raw, pinned=pinned)
    found = {gathered.number: gathered for gathered in _gather(released)}
    known = {*released.operations, *(line.operation for lines in released.lines.values() for line in lines)}
    for source, sheet, years, header in _STAFFS:
        _add_staff(_rows_of(released, source, sheet, header), years, header, found, known)
    for source, sheet, years in _OWN_STAFF:
        header = (_TITLE, _ON, _RIGHTS, _ABOARD)
        _add_own_staff(_rows_of(released, source, sheet, header), years, found)
    _add_officials(_rows_of(released, _2018, "2016_staff_not in FAR", _OFFICIALS_2016), found, known)
    for year in _LISTS:
        groups = list(_list_of(released, year))
        _match(groups, [one for one in found.values() if one.day.startswith(str(year))])
    _add_costs_2016(_rows_of(released, _2018, "2016_costs_I part", _COSTS_2016), found, known)
    groups = list(_list_of_2016(_rows_of(released, _2018, "2016_costs_II part", _LIST_2016)))
    without = [one for one in found.values() if one.day.startswith("2016") and not _has_costs(one)]
    _match(groups, without)
    for source, sheet, year in _COSTS:
        _add_costs(_rows_of(released, source, sheet, _COSTS_HEADER), year, found, known | _UNLISTED)
    for gathered in found.values():
        _say_what_lacks(gathered)
    operations = sorted((_operation(one) for one in found.values()), key=lambda row: row["id"])
    states = [_operation_state(one, code) for one in found.values() for code in one.states]
    return {"operations": operations, "operation_states": sorted(states, key=lambda row: row["id"])}


def _rows_of(released: Released, source: str, sheet: str, header: tuple[str, ...]) -> list[Row]:
    return read_rows(released.inputs[source].path, released.workbooks[source], sheet, header)


# --- operations and persons ------------------------------------------------------------------------------------------


def _gather(released: Released) -> Iterator[_Gathered]:
    for source, lines in released.lines.items():
        for number, group in groupby(sorted(lines, key=lambda line: line.operation), lambda line: line.operation):
            flow = list(group)
            listed = released.operations.get(number)
            in_list = _destinations(listed) if listed else set()
            if (in_list | {line.destination for line in flow}) & _SIX:
                yield _gathered(number, source, flow, listed, in_list)


def _gathered(number: str, source: str, flow: list[Line], listed: Operation | None, in_list: set[str]) -> _Gathered:
    in_persons = set()
    for line in flow:
        code = place_of(line.spelled)
        if not code:
            fix = "Give the country a code in _ELSEWHERE of ingest/places.py and a row in data/places.csv."
            raise line.row.error("DESTINATION[S]", "a country with a code of the package", fix)
        in_persons.add(code)
    if listed and "" in in_list:
        fix = "Give the country a code in _ELSEWHERE of ingest/places.py and a row in data/places.csv."
        raise listed.row.error("DESTINATION (S)", "countries with a code of the package", fix)
    days = sorted({line.day for line in flow})
    if len(days) > 1:
        raise flow[-1].row.error("Date of Departure", f"the day of the other lines, {days[0]}", "Find the right day.")
    found = _Gathered(number, source, days[0], listed, in_list | in_persons, {})
    for line in flow:
        state = found.state(_ITSELF if line.state == FRONTEX else line.state)
        state.persons = (state.persons or 0) + line.persons
        state.persons_wb6 = (state.persons_wb6 or 0) + (line.persons if line.destination else 0)
    if listed is None:
        found.notes.append("The sheet of operations does not list it.")
        return found
    found.notes += [kind_of(number, listed)[2], listed.remark]
    if listed.day != days[0]:
        found.notes.append(f"The sheet of operations has {listed.day} as its day.")
    if in_list != in_persons:
        both = f"{_listing(in_list)}, the sheet of persons {_listing(in_persons)}"
        found.notes.append(f"The sheet of operations has the destinations {both}.")
    if listed.staff:
        found.figures["frontex_staff"] = int(listed.staff)
    if listed.monitors:
        found.figures["monitors"] = _monitors(listed)
        found.notes.append(f"Monitors as released: {listed.monitors.rstrip('.')}.")
    return found


def _destinations(listed: Operation) -> set[str]:
    """The places in the sheet of operations; '' stands for a country without a code."""
    found = set()
    for part in re.split(r" ?& ?", listed.destinations):
        part = re.sub(r" \([A-Za-z ]+ cancelled\)$", "", part)
        pieces = [part] if is_country(part) else re.split(r" and ", part)
        for piece in pieces:
            if not is_country(piece):
                raise listed.row.error("DESTINATION (S)", "known spellings of countries", PLACES_FIX)
            found.add(place_of(piece))
    return found


def _monitors(listed: Operation) -> int:
    """The number of monitors in a text such as `1 AUT (pool) + 1 FRA`, without observers."""
    number = 0
    for part in re.split(r"[+,]", re.sub(r"\([^)]*\)", "", listed.monitors)):
        match = _MONITOR.fullmatch(part.strip())
        if not match:
            column = next(name for name in listed.row.cells if name.startswith("MONITORS"))
            fix = "If it is a new notation, add it to _MONITOR in ingest/frontex_operations.py."
            raise listed.row.error(column, "monitors such as `1 AUT (pool) + 1 FRA`", fix)
        number += 0 if match["observer"] else int(match["number"])
    return number


# --- staff -----------------------------------------------------------------------------------------------------------


def _add_staff(rows: list[Row], years: range, header: tuple[str, ...], found: _Operations, known: set[str]) -> None:
    lines: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        number, state = row.text(_TITLE), row.text(_MS)
        if number == _REMARK and not state:
            continue
        if number not in known:
            raise row.error(_TITLE, "the number of an operation", "Find out which operation it is.")
        code = place_of(state)
        if not code:
            raise row.error(_MS, "a known spelling of a state", PLACES_FIX)
        figures = {name: [row.whole(column) for column in columns if column in header] for name, columns in _PAIRS}
        gathered = found.get(number)
        if gathered is None:
            continue
        _same_day(row, _ON, years, gathered, "staff")
        lines[number, code].append(row)
        for name, numbers in figures.items():
            if numbers:
                gathered.state(code).add(name, sum(numbers))
            if numbers and name == "monitors":
                gathered.figures["monitors"] = gathered.figures.get("monitors", 0) + sum(numbers)
    for (number, code), group in lines.items():
        if len(group) > 1:
            escorts = " and ".join(str(row.whole("Escorts")) for row in group)
            note = f"{len(group)} lines of the sheet of staff added up (escorts: {escorts})."
            found[number].state(code).notes.append(note)


_PAIRS = [*_ADDED_UP.items()]


def _same_day(row: Row, column: str, years: range, gathered: _Gathered, sheet: str) -> None:
    day = row.day(column, years)
    note = f"The sheet of {sheet} has {day} as its day."
    if day != gathered.day and note not in gathered.notes:
        gathered.notes.append(note)


def _add_own_staff(rows: list[Row], years: range, found: _Operations) -> None:
    for row in rows:
        gathered, rights, aboard = found.get(row.text(_TITLE)), row.whole(_RIGHTS), row.whole(_ABOARD)
        if gathered is None:
            continue
        if "rights_monitors" in gathered.figures:
            raise row.error(_TITLE, "an operation number that appears once", "Find out which of the lines is right.")
        _same_day(row, _ON, years, gathered, "Frontex staff")
        gathered.figures |= {"rights_monitors": rights, "frontex_staff": aboard}


def _add_officials(rows: list[Row], found: _Operations, known: set[str]) -> None:
    for row in rows:
        number, officials = row.text("ROID"), row.whole(_OFFICIALS)
        if number not in known:
            raise row.error("ROID", "the number of an operation", "Find out which operation it is.")
        gathered = found.get(number)
        if gathered:
            if "officials" in gathered.figures:
                raise row.error("ROID", "an operation number that appears once", "Find out which line is right.")
            _same_day(row, "DATE OF DEPARTURE", range(2016, 2017), gathered, "staff")
            gathered.figures["officials"] = officials


# --- costs -----------------------------------------------------------------------------------------------------------


def _has_costs(gathered: _Gathered) -> bool:
    return any(state.paid is not None for state in gathered.states.values())


def _amount(row: Row, column: str) -> Decimal:
    try:
        return parse_amount(row.cells[column])
    except ValueError as error:
        fix = f"It is {error}. If the notation is new, add it to ingest/clean.py with a test."
        raise row.error(column, "an amount in euro such as 9244.8", fix) from error


def _add_costs(rows: list[Row], year: int, found: _Operations, known: set[str]) -> None:
    total = Decimal()
    for row in rows:
        number, state, cell = row.text(_RO), row.text(_PAID_TO), row.cells[_PAID]
        if not number and not state:
            if _amount(row, _PAID) != total:
                raise row.error(_PAID, f"the sum of the lines above, {plain(total)}", "Compare it with the lines.")
            continue
        if not state and cell is None:
            continue  # a line of an operation without a state or an amount (2017)
        code = _ITSELF if state == "FX" else alpha3_codes().get(state, "")
        if not code:
            fix = "Add the code to data/places.csv (iso_alpha3)."
            raise row.error(_PAID_TO, "a known code of three letters, or FX", fix)
        amount = None if cell is None else _amount(row, _PAID)
        total += amount or 0
        if number not in known:
            raise row.error(_RO, "the number of an operation", "If nothing says where it went, add it to _UNLISTED.")
        gathered = found.get(number)
        if gathered is None:
            continue
        _same_day(row, _PAID_ON, range(year, year + 1), gathered, "costs")
        _pay(gathered, code, amount)


def _pay(gathered: _Gathered, code: str, amount: Decimal | None) -> None:
    state = gathered.state(code)
    if amount is None:
        state.notes.append("The sheet of costs lists it without an amount.")
        return
    if state.paid is not None:
        state.notes.append(f"Several lines of costs added up: {plain(state.paid)} and {plain(amount)}.")
    state.pay(amount)


def _add_costs_2016(rows: list[Row], found: _Operations, known: set[str]) -> None:
    for row in rows:
        number, code = row.text("ROID"), place_of(row.text("MS"))
        if number not in known:
            raise row.error("ROID", "the number of an operation", "Find out which operation it is.")
        if not code:
            raise row.error("MS", "a known spelling of a state", PLACES_FIX)
        amount = _amount(row, "TOTAL PAID")
        if number in found:
            _same_day(row, "DATE OF DEPARTURE", range(2016, 2017), found[number], "costs")
            _pay(found[number], code, amount)


# --- lists of costs, 2013-2016 ---------------------------------------------------------------------------------------


@dataclass
class _Participant:
    """A line of a list: the state, what the list adds to it, its officials and its costs."""

    spelled: str
    code: str
    added: str
    officials: int | None
    paid: Decimal | None

    @property
    def cancelled(self) -> bool:
        return self.added.casefold() in _CANCELLED and not self.officials and not self.paid


@dataclass
class _Group:
    """A heading of a list and the lines below it."""

    row: Row
    column: str
    title: str
    number: str
    day: str
    six: set[str]
    paid: Decimal | None = None
    officials: int | None = None
    lines: list[_Participant] = field(default_factory=list)

    @property
    def states(self) -> set[str]:
        return {line.code for line in self.lines if not line.cancelled and line.code != _ITSELF}


def _list_of(released: Released, year: int) -> Iterator[_Group]:
    """The headings of the list of one year, 2013 to 2015, with a destination among the six."""
    sheet, head = f"{year}_costs_staff", f"Completed JRO {year} for reviewing"
    cells = released.workbooks[_2018][sheet] if sheet in released.workbooks[_2018].sheetnames else None
    group: _Group | None = None
    titles = False
    for row in _rows_of(released, _2018, sheet, (head, "", "", "")):
        name, officials, paid = row.text("B"), row.cells["C"], row.cells["D"]
        if row.text(head):
            if group:
                raise row.error(head, "the total of the heading above", "Find out where the heading above ends.")
            group, titles = _heading(row, row.text(head), year), False
        elif group is None:
            raise row.error("B", "a heading such as `2013/ROS/02 - JRO TO NIGERIA, 24 JANUARY 2013, UK`", _MOVED)
        elif not titles:
            for column, known in (("B", (_PARTICIPANTS,)), ("C", _OFFICIALS_IN_LISTS), ("D", (_COLOURS,))):
                if row.text(column) not in known:
                    raise row.error(column, f"the title {' or '.join(map(repr, known))}", _MOVED)
            titles = True
        elif name and group.six:
            colour = cells.cell(row.number, 4).font.color if cells else None
            if paid is not None and (colour is None or colour.rgb not in _GREEN):
                raise row.error("D", "a green amount, which is already reimbursed", "Decide what the colour means.")
            line = _participant(row, "B", name)
            line.officials = None if officials is None else row.whole("C")
            line.paid = None if paid is None else _amount(row, "D")
            group.lines.append(line)
        elif not name:  # the total
            group.officials, group.paid = row.whole("C"), _amount(row, "D")
            if group.six:
                yield group
            group = None
    if group:
        raise group.row.error("B", "a total below the last line", _MOVED)


_MOVED = "If Frontex changed the layout, change ingest/frontex_operations.py."


def _heading(row: Row, number: str, year: int) -> _Group:
    match = _HEADING.fullmatch(row.text("B"))
    if not match:
        raise row.error("B", "a heading such as `2013/ROS/02 - JRO TO NIGERIA, 24 JANUARY 2013, UK`", _MOVED)
    words = match["later"] or f"{match['day']} {match['month']} {match['year']}"
    try:
        day = datetime.strptime(words, "%d %B %Y").date()
    except ValueError:
        day = date.min
    if day.year != year:
        raise row.error("B", f"a day of {year}", "Find out which day is meant.")
    number = number if re.fullmatch(r"RO-[0-9]{4}-[0-9]{3}", number) else ""
    return _Group(row, "B", match["places"], number, day.isoformat(), _six_in_list(row, "B", match["places"]))


def _six_in_list(row: Row, column: str, places: str) -> set[str]:
    """The places among the six in a heading; an unknown spelling is refused."""
    whole = places.casefold()
    for spelled in ("bosnia & herzegovina", "bosnia-herzegovina"):
        whole = whole.replace(spelled, "bih")
    found = set()
    for part in re.split(r" ?& ?| and | ?/ ?", whole):
        if part not in _IN_LISTS and not is_country(part):
            fix = "Add the spelling to _IN_LISTS in ingest/frontex_operations.py."
            raise row.error(column, f"known spellings of countries, not {part!r}", fix)
        found.add(_IN_LISTS.get(part, wb6_of(part)))
    return found & _SIX


def _participant(row: Row, column: str, name: str) -> _Participant:
    """A line such as `HUNGARY_stopover`: the longest beginning that is a state, and what is added to it."""
    folded = name.casefold()
    for end in range(len(name), 1, -1):
        if end < len(name) and name[end] not in " _-(":
            continue
        state = folded[:end].strip()
        code = _STATES_IN_LISTS.get(state) or place_of(state)
        added = name[end:].strip(" _-()")
        if code and (not added or added.casefold() in _ADDED):
            return _Participant(name, code, added, None, None)
    fix = "Add the state or what is added to it to the tables of ingest/frontex_operations.py."
    raise row.error(column, "a state in capitals, as `HUNGARY` or `HUNGARY_stopover`", fix)


def _list_of_2016(rows: list[Row]) -> Iterator[_Group]:
    """The headings of the list of 2016 with a destination among the six."""
    name, on, paid = _LIST_2016[1:]
    group: _Group | None = None
    for row in rows:
        first, text, cell = row.cells["A"], row.text(name), row.cells[paid]
        if isinstance(first, int):
            if group and group.six:
                yield group
            match = _HEADING_2016.fullmatch(text)
            if not match:
                raise row.error(name, "a heading such as `RO TO SERBIA & ALBANIA`", _MOVED)
            day, six = row.day(on, range(2016, 2017)), _six_in_list(row, name, match["places"])
            group = _Group(row, name, text, "", day, six, _amount(row, paid))
        elif group is None:
            if text != "2016/RSU/01":
                raise row.error(name, "the grant 2016/RSU/01 or a numbered heading", _MOVED)
        elif row.text("A") not in _STRAY or not text:
            raise row.error("A", "a number of a heading, or nothing", _MOVED)
        elif group.six:
            line = _participant(row, name, text)
            line.paid = None if clean_text(cell) in _NO_AMOUNT else _amount(row, paid)
            group.lines.append(line)
    if group and group.six:
        yield group


def _match(groups: list[_Group], operations: list[_Gathered]) -> None:
    """Give each heading to its operation; see the module docstring."""
    open_groups, free = [*groups], [*operations]

    def settle(fits: Callable[[_Group, _Gathered], bool]) -> None:
        pairs = [(group, one) for group in open_groups for one in free if fits(group, one)]
        for group, one in pairs:
            alone = sum(group is other for other, _ in pairs) == 1 and sum(one is other for _, other in pairs) == 1
            if alone:
                _take(group, one)
                open_groups.remove(group)
                free.remove(one)

    settle(lambda group, one: bool(group.number) and group.number == one.number and _same(group, one))
    settle(lambda group, one: not group.number and _same(group, one))
    settle(lambda group, one: not group.number and _same(group, one) and group.states == one.returning)
    settle(lambda group, one: not group.number and _next_to(group, one) and group.states == one.returning)
    for group in open_groups:
        alike = [one for one in free if _same(group, one)]
        if not alike:
            fix = "Find out which operation it is, and how it can be told."
            raise group.row.error(group.column, "the heading of an operation of its day and destinations", fix)
        listed = [other for other in open_groups if (other.day, other.six) == (group.day, group.six)]
        if listed[0] is group:
            amounts = "; ".join(f"{other.title}, EUR {_number(other.paid)}" for other in listed)
            said = f"The list of costs {_UNTOLD} of {len(listed)} operations of this day this is: {amounts}."
            for one in alike:
                one.notes.append(said)


def _same(group: _Group, one: _Gathered) -> bool:
    return group.day == one.day and group.six == one.six


def _next_to(group: _Group, one: _Gathered) -> bool:
    apart = date.fromisoformat(group.day) - date.fromisoformat(one.day)
    return abs(apart.days) == 1 and group.six == one.six


def _take(group: _Group, one: _Gathered) -> None:
    if group.day != one.day:
        one.notes.append(f"The list of costs has {group.day} as its day.")
    for line in group.lines:
        if line.cancelled and line.code not in one.states:
            one.notes.append(f'The list of costs has the line "{line.spelled}".')
            continue
        state = one.state(line.code)
        if line.added or line.code == _ITSELF:
            state.notes.append(f'The list of costs calls it "{line.spelled}".')
        if line.officials is not None:
            state.add("officials", line.officials)
        if line.paid is not None:
            _pay(one, line.code, line.paid)
    known = [line.paid for line in group.lines if line.paid is not None]
    if group.paid is not None and sum(known) != group.paid:
        both = f"EUR {plain(group.paid)}, but its lines add up to EUR {plain(sum(known, Decimal()))}"
        one.notes.append(f"The total in the list of costs is {both}.")
    officials = [line.officials for line in group.lines if line.officials is not None]
    if officials and group.officials is not None:
        one.figures["officials"] = group.officials
        if sum(officials) != group.officials:
            both = f"{group.officials}, but its lines add up to {sum(officials)}"
            one.notes.append(f"The total of officials in the list of costs is {both}.")


# --- rows ------------------------------------------------------------------------------------------------------------


def _say_what_lacks(one: _Gathered) -> None:
    year = int(one.day[:4])
    doubtful = any(_UNTOLD in note for note in one.notes)
    if year >= 2013 and not doubtful and not _has_costs(one):
        one.notes.append("The sheet of costs has no line on it.")
    if year >= 2017 and not any("escorts" in state.figures for state in one.states.values()):
        one.notes.append("The sheet of staff has no line on it.")
    if year >= 2019 and "rights_monitors" not in one.figures:
        one.notes.append("The sheet of Frontex staff has no line on it.")


def _listing(places: Iterable[str]) -> str:
    return ";".join(sorted(places))


def _said(notes: list[str]) -> str:
    return " ".join(note for note in dict.fromkeys(notes) if note)


def _number(value: int | Decimal | None) -> str:
    return "" if value is None else plain(Decimal(value))


def _operation(one: _Gathered) -> dict[str, str]:
    operation_type, return_type, _ = kind_of(one.number, one.listed)
    persons = [state.persons for state in one.states.values() if state.persons is not None]
    to_six = [state.persons_wb6 for state in one.states.values() if state.persons_wb6 is not None]
    staff = ("officials", "frontex_staff", "monitors", "rights_monitors")
    return {
        "id": f"op-{slug(one.number)}",
        "reference": one.number,
        "date": one.day,
        "operation_type": operation_type,
        "return_type": return_type,
        "destinations": _listing(one.destinations),
        "reach": "wb6" if one.destinations <= _SIX else "wider",
        "states": _listing(one.states),
        "persons": str(sum(persons)),
        "persons_wb6": str(sum(to_six)),
        **{name: _number(one.figures.get(name)) for name in staff},
        "source_id": one.source_id,
        "note": _said(one.notes),
    }


def _operation_state(one: _Gathered, code: str) -> dict[str, str]:
    state = one.states[code]
    return {
        "id": f"op-{slug(one.number)}-{slug(code)}",
        "operation_id": f"op-{slug(one.number)}",
        "date": one.day,
        "state": code,
        "persons": _number(state.persons),
        "persons_wb6": _number(state.persons_wb6),
        "officials": _number(state.figures.get("officials")),
        **{name: _number(state.figures.get(name)) for name in _ADDED_UP},
        "paid_eur": _number(state.paid),
        "source_id": one.source_id,
        "note": _said(state.notes),
    }
