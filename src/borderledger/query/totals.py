"""Sums of a table in which nothing is counted twice.

Only some rows may be added. A stock, a running total, a part of another row, or a second count of the same flow would
count people or money twice. `totals` adds the rest, says which rows it left out and why, and keeps lines apart that
must not be mixed: returns by unit, kind, reporter and what they are counted by, projects by kind and basis of the
amount.

Returns are counted by where the persons went, or by what nationality they have. One person is in both counts, and
neither is a part of the other. The computed column `counted_by` tells them apart:

    destination     persons returned to the place in `to_place`, of the nationalities given or of any
    nationality     nationals returned to any country, because no `to_place` is given
    third_country   persons returned to a country outside the EU (`to_place` is NEU)

Which rows are added depends on the conditions and on whether the grouping is by `year`; it does not depend on the rest
of the grouping. So the lines of a finer grouping add up to those of a coarser one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from math import fsum
from typing import Any

from borderledger.edtf import EARLIEST, LATEST
from borderledger.errors import BadArgument, MixedSum, UnknownColumn, as_flag, as_text, as_texts, nearest
from borderledger.package.model import Table
from borderledger.query import where as conditions
from borderledger.query.columns import Column
from borderledger.query.evidence import Graded, published_files
from borderledger.query.grades import GRADES, worst
from borderledger.query.labels import codes_of
from borderledger.query.rows import rows_of

__all__ = ["REASONS", "LeftOut", "Totals", "totals"]

#: Why rows are not in a sum: what they are called in a note, and why they would mislead. The first that fits counts.
REASONS = {
    "without a figure": "No source gives a figure.",
    "stocks": "A stock says how many there are at one time, not how many came.",
    "running totals": "A running total includes the counts before it.",
    "envelopes, components and calls": "They include the projects that are paid from them.",
    "amounts that nobody paid as one sum": "A sum per year, a required sum, a ceiling or an envelope is not a payment.",
    "not within one year": "The period is open or reaches over the end of a year.",
    "parts of a row in the sum": "The row in the sum includes them.",
    "second counts of a flow": "A row in the sum counts the same flow.",
}


@dataclass(frozen=True)
class LeftOut:
    """A row that is not in the sum: why, and the row in the sum that already counts it, if one does."""

    id: str
    reason: str
    counted_by: str = ""


@dataclass(frozen=True)
class Totals:
    """Sums, one line a group; the rows that were left out; and a note for people."""

    columns: list[Column]
    left_out: list[LeftOut]
    note: str


def totals(
    dataset: Graded,
    table: str,
    by: str | Sequence[str],
    where: str | Sequence[str] | None = None,
    apart: bool = True,
) -> Totals:
    """Sums of a table by columns; arguments and errors are those of `Dataset.totals`."""
    as_flag("apart", apart)
    if as_text("table", table, "returns") not in _SUMMED:
        dataset.schema(table)  # which says what is near, if there is no such table
        raise BadArgument(f"The rows of {table} must not be added; totals takes {' or '.join(_SUMMED)}.")
    summed = _SUMMED[table]
    schema = dataset.schema(table)
    names = partial(codes_of, dataset, table)
    found = conditions.kept(conditions.parse_all(where), rows_of(dataset, table)[0], names)
    headings = [column.name for column in found]
    cells = zip(*(column.values for column in found), strict=True)
    files = published_files(dataset, schema)
    rows = [_Row(dict(zip(headings, row, strict=True)), files) for row in cells]
    groups = _groups(summed, schema, found, as_texts("by", by, "year"))
    lines = [*groups, *(name for name in summed.apart if apart and name not in groups)]
    added, left_out = _chosen(dataset, summed, rows, by_year="year" in lines)
    members: defaultdict[tuple[Any, ...], list[_Row]] = defaultdict(list)
    for row in added:
        members[tuple(_of(row, name, summed) for name in lines)].append(row)
    ordered = sorted(members, key=lambda key: [(value is None or value == (), value) for value in key])
    if not apart:
        _refuse_mixed(summed, lines, members, ordered)
    columns = _columns(summed, found, lines, ordered, members)
    return Totals(columns, left_out, _note(summed, table, rows, added, left_out, lines))


# --- what is summed, and what must not be mixed ----------------------------------------------------------------------

#: The place of returns to a country outside the EU, whichever it is.
_THIRD_COUNTRIES = "NEU"
#: What returns are counted by, as the module says.
COUNTED_BY = ("destination", "nationality", "third_country")


class _Row:
    """A row by its columns, with what sums ask of it again and again.

    file   the publisher's file that it is from; empty for other rows
    """

    def __init__(self, cells: dict[str, Any], files: Collection[str]) -> None:
        self.cells = cells
        self.id: str = cells["id"]
        self.file: str = cells["source_id"] if cells["source_id"] in files else ""

    @cached_property
    def counted_by(self) -> str | None:
        """Whether a count of returns is by destination or by nationality; None if it has neither."""
        if self.cells["to_place"]:
            return "third_country" if self.cells["to_place"] == _THIRD_COUNTRIES else "destination"
        return "nationality" if self.cells["nationalities"] else None

    @cached_property
    def nationalities(self) -> frozenset[str]:
        return frozenset(self.cells["nationalities"])


@dataclass(frozen=True)
class _Summed:
    """How a table is added up.

    figure    the column that is added
    dates     the columns of the first and the last day of the period, which make the year
    apart     the columns of which one line may hold one value only
    refused   why a single row may not be added; None if it may
    flows     whether rows can count the same flow; then `counted_by` is one of the columns that can make groups
    """

    figure: str
    dates: tuple[str, str]
    apart: tuple[str, ...]
    refused: Callable[[Mapping[str, Any]], str | None]
    flows: bool


def _no_return(row: Mapping[str, Any]) -> str | None:
    if row["quantity"] is None:
        return "without a figure"
    return {"stock": "stocks", "cumulative": "running totals"}.get(row["measure"])


def _no_money(row: Mapping[str, Any]) -> str | None:
    if row["amount_eur"] is None:
        return "without a figure"
    if row["kind"] in ("envelope", "component", "call"):
        return "envelopes, components and calls"
    if row["amount_basis"] in ("per_year", "required", "ceiling", "envelope"):
        return "amounts that nobody paid as one sum"
    return None


_SUMMED = {
    "returns": _Summed(
        "quantity",
        ("period_from", "period_to"),
        ("unit", "return_type", "reported_by", "counted_by"),
        _no_return,
        flows=True,
    ),
    "projects": _Summed("amount_eur", ("start_from", "start_to"), ("kind", "amount_basis"), _no_money, flows=False),
}


def _groups(summed: _Summed, schema: Table, columns: Sequence[Column], by: list[str]) -> list[str]:
    """The names to group by. Raises UnknownColumn, and BadArgument for a column that makes no groups."""
    unlike = {*schema.key, *schema.prose, *(f.name for f in schema.fields if f.type in ("integer", "number") or f.edtf)}
    fitting = {c.name: c for c in columns if c.kind in ("category", "list", "text") and c.name not in unlike}
    known = ["year", *fitting, *(["counted_by"] if summed.flows else [])]
    for name in by:
        if name in known:
            continue
        if any(column.name == name for column in columns):
            raise BadArgument(f"{schema.name} cannot be grouped by {name}. Group by {', '.join(known)}.")
        raise UnknownColumn(f"{schema.name} has no column {name!r} to group by. {nearest(name, known)}")
    if not by:
        raise BadArgument("by takes one or more columns to group by, such as by=['year', 'to_place'].")
    return list(dict.fromkeys(by))


def _of(row: _Row, name: str, summed: _Summed) -> Any:
    if name == "year":
        return _year(row, summed)
    if name == "counted_by":
        return row.counted_by
    # A list is one group as a whole: taken apart, its figure would count once for each item.
    return row.cells[name]


def _year(row: _Row, summed: _Summed) -> int | None:
    first, last = (row.cells[name] for name in summed.dates)
    if first is None or last is None:
        return None
    year = date.fromordinal(first).year
    return year if date.fromordinal(last).year == year else None


def _kind(row: _Row, summed: _Summed) -> tuple[Any, ...]:
    return tuple(_of(row, name, summed) for name in summed.apart)


# --- which rows are added --------------------------------------------------------------------------------------------


def _chosen(dataset: Graded, summed: _Summed, rows: Sequence[_Row], by_year: bool) -> tuple[list[_Row], list[LeftOut]]:
    """The rows that are added and those that are left out, each in the order of the table."""
    out: dict[str, LeftOut] = {}
    for row in rows:
        reason = summed.refused(row.cells)
        if reason is None and by_year and _year(row, summed) is None:
            reason = "not within one year"
        if reason:
            out[row.id] = LeftOut(row.id, reason)
    candidates = {row.id: row for row in rows if row.id not in out}
    wholes = _wholes(dataset, summed, candidates)
    added: dict[str, _Row] = {}
    flows = _Flows(dataset)
    # A whole is decided on before its parts, and a row only makes way for one that is in the sum.
    for row in sorted(candidates.values(), key=lambda row: (len(wholes[row.id]), *_preference(row, summed))):
        whole = next((whole for whole in wholes[row.id] if whole in added), None)
        if whole is not None:
            out[row.id] = LeftOut(row.id, "parts of a row in the sum", whole)
            continue
        other = flows.counted(row, _kind(row, summed)) if summed.flows else None
        if other is not None:
            out[row.id] = LeftOut(row.id, "second counts of a flow", other.id)
            continue
        added[row.id] = row
        if summed.flows:
            flows.add(row, _kind(row, summed))
    return [row for row in rows if row.id in added], [out[row.id] for row in rows if row.id in out]


def _wholes(dataset: Graded, summed: _Summed, candidates: Mapping[str, _Row]) -> dict[str, list[str]]:
    """For each candidate the candidates that it is part of, near and far; of returns, only those of its own kind."""
    table = "returns" if summed.flows else "projects"
    parents = {row["id"]: row["part_of"] for row in dataset.rows(table)}
    found: dict[str, list[str]] = {}
    for record, row in candidates.items():
        chain: list[str] = []
        parent = parents[record]
        while parent and parent not in chain and parent != record:
            chain.append(parent)
            parent = parents.get(parent, "")
        of_kind = (candidates[whole] for whole in chain if whole in candidates)
        found[record] = [
            whole.id for whole in of_kind if not summed.flows or _kind(whole, summed) == _kind(row, summed)
        ]
    return found


def _span(row: _Row) -> _Span:
    first, last = row.cells["period_from"], row.cells["period_to"]
    return EARLIEST if first is None else first, LATEST if last is None else last


def _flow(row: _Row) -> _Flow:
    return row.cells["from_place"], row.cells["to_place"], row.nationalities


def _preference(row: _Row, summed: _Summed) -> tuple[Any, ...]:
    """Rows that come first stay: those of a publisher's file, then the earliest, the longest, the largest."""
    if not summed.flows:
        return (row.id,)
    first, last = _span(row)
    return not row.file, first, -last, -row.cells["quantity"], row.id


#: A period by its first and its last day.
_Span = tuple[int, int]
#: What a row counts, apart from when: from which place, to which, and whose nationals.
_Flow = tuple[str | None, str | None, frozenset[str]]
#: A row in the sum with its place in the order in which rows were added.
_Numbered = tuple[int, _Row]


class _Periods:
    """The rows of one flow by their period. Only the first row of a period is kept: it is found before the others.

    Short periods lie in the years that they touch, so that a search looks at few of them however many years there are.
    """

    _YEAR = 366
    _SHORT = 3

    def __init__(self) -> None:
        self._by_year: defaultdict[int, dict[_Span, _Numbered]] = defaultdict(dict)
        self._long: dict[_Span, _Numbered] = {}

    def add(self, span: _Span, row: _Numbered) -> None:
        years = self._years(span)
        for held in [self._by_year[year] for year in years] if len(years) <= self._SHORT else [self._long]:
            held.setdefault(span, row)

    def first(self, span: _Span) -> _Numbered | None:
        """The row that was added first of those whose period overlaps with this one."""
        first, last = span
        years = self._years(span)
        touched = [year for year in years if year in self._by_year] if len(years) <= self._SHORT else self._by_year
        found = (
            # A dict keeps its order: the first that fits was added first.
            next((row for (begin, end), row in held.items() if begin <= last and first <= end), None)
            for held in (self._long, *(self._by_year[year] for year in touched))
        )
        return min(filter(None, found), key=_number, default=None)

    def _years(self, span: _Span) -> range:
        return range(span[0] // self._YEAR, span[1] // self._YEAR + 1)


def _number(row: _Numbered) -> int:
    return row[0]


class _Added:
    """The rows in the sum of one kind and one publisher's file, by their flows."""

    def __init__(self) -> None:
        self._periods: dict[_Flow, _Periods] = {}
        self._flows: list[_Flow] = []
        self._overlapping: dict[_Flow, tuple[int, list[_Periods]]] = {}

    def add(self, flow: _Flow, span: _Span, row: _Numbered) -> None:
        if flow not in self._periods:
            self._periods[flow] = _Periods()
            self._flows.append(flow)
        self._periods[flow].add(span, row)

    def first(self, flow: _Flow, span: _Span, overlap: Callable[[_Flow, _Flow], bool]) -> _Row | None:
        """The row that was added first of those that count this flow in this period."""
        # Two flows are compared once, not for each of their rows.
        compared, periods = self._overlapping.get(flow, (0, []))
        periods += [self._periods[other] for other in self._flows[compared:] if overlap(flow, other)]
        self._overlapping[flow] = len(self._flows), periods
        found = [row for one in periods if (row := one.first(span))]
        return min(found, key=_number)[1] if found else None


class _Flows:
    """The flows that the rows of a sum count.

    Two rows of one unit, kind and reporter count the same flow when their periods overlap, their places are the same or
    one contains the other, and their nationalities have one in common; an empty cell stands for all, and a region
    without members, such as the Balkans of a report, may contain any place. Rows of one publisher's file count
    different things, or `part_of` tells their wholes and parts apart.

    The work for a row grows with the different flows and with the different periods of a year, not with the rows.
    """

    def __init__(self, dataset: Graded) -> None:
        self._dataset = dataset
        self._count = 0
        self._added: defaultdict[tuple[Any, ...], defaultdict[str, _Added]] = defaultdict(lambda: defaultdict(_Added))

    def add(self, row: _Row, kind: tuple[Any, ...]) -> None:
        self._added[kind][row.file].add(_flow(row), _span(row), (self._count, row))
        self._count += 1

    def counted(self, row: _Row, kind: tuple[Any, ...]) -> _Row | None:
        """A row in the sum that counts the flow of this one."""
        for file, added in self._added[kind].items():
            if file and file == row.file:
                continue
            if other := added.first(_flow(row), _span(row), self._same):
                return other
        return None

    def _same(self, one: _Flow, other: _Flow) -> bool:
        (start, end, nationals), (begin, finish, others) = one, other
        if nationals and others and not nationals & others:
            return False
        return self._overlap(start, begin) and self._overlap(end, finish)

    def _overlap(self, one: str | None, other: str | None) -> bool:
        if one == other or one is None or other is None or not self._unbounded.isdisjoint((one, other)):
            return True
        return bool(self._within[one] & self._within[other])

    @cached_property
    def _unbounded(self) -> frozenset[str]:
        """Regions of which no member is known."""
        regions = (row["id"] for row in self._dataset.rows("places") if row["kind"] == "region")
        return frozenset(region for region in regions if len(self._within[region]) == 1)

    @cached_property
    def _within(self) -> dict[str, frozenset[str]]:
        """Each place with the places that lie in it, near and far."""
        regions = {row["id"]: [r for r in row["member_of"].split(";") if r] for row in self._dataset.rows("places")}
        within: dict[str, set[str]] = {place: {place} for place in regions}
        for place in regions:
            outer, seen = list(regions[place]), {place}
            while outer:
                region = outer.pop()
                if region not in seen and region in within:
                    seen.add(region)
                    within[region].add(place)
                    outer += regions[region]
        return defaultdict(frozenset, {place: frozenset(inner) for place, inner in within.items()})


# --- what comes out --------------------------------------------------------------------------------------------------


def _refuse_mixed(
    summed: _Summed, lines: Sequence[str], members: Mapping[tuple[Any, ...], Sequence[_Row]], keys: Sequence[Any]
) -> None:
    for key in keys:
        for name in summed.apart:
            mixed = {_of(row, name, summed) for row in members[key]}
            if len(mixed) > 1:
                values = sorted(map(_shown, mixed))
                # A condition takes one item of a list, and "not known" is no value.
                choice = min(value if isinstance(value, str) else min(value) for value in mixed if value)
                only = "with conditions on to_place" if name == "counted_by" else f"where='{name}={choice}'"
                line = ", ".join(f"{column} {_shown(value)}" for column, value in zip(lines, key, strict=True))
                more = f" and {len(values) - 4} more" if len(values) > 4 else ""
                raise MixedSum(
                    f"The line {line} would add different {name}: {', '.join(values[:4])}{more}. "
                    f"Add {name!r} to by, or choose one: {only}."
                )


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        value = ";".join(value)
    return "not known" if value in (None, "") else str(value)


def _columns(
    summed: _Summed,
    found: Sequence[Column],
    lines: Sequence[str],
    keys: Sequence[tuple[Any, ...]],
    members: Mapping[tuple[Any, ...], Sequence[_Row]],
) -> list[Column]:
    by_name = {column.name: column for column in found}
    columns = []
    for place, name in enumerate(lines):
        values = [key[place] for key in keys]
        if name == "year":
            columns.append(Column("year", "integer", values))
        elif name == "counted_by":
            columns.append(Column("counted_by", "category", values, COUNTED_BY))
        else:
            made = by_name[name]
            columns.append(Column(name, made.kind, values, made.categories, made.ordered))
    groups = [members[key] for key in keys]
    figure = by_name[summed.figure]
    add = sum if figure.kind == "integer" else fsum  # which adds cents exactly
    sums = [add(row.cells[summed.figure] for row in group) for group in groups]
    loose = [sum(row.cells[f"{summed.figure}_qualifier"] != "exact" for row in group) for group in groups]
    grades = [worst(row.cells["evidence"] or "" for row in group) or None for group in groups]
    return [
        *columns,
        Column(summed.figure, figure.kind, sums),
        Column("not_exact", "integer", loose),
        Column("n_rows", "integer", [len(group) for group in groups]),
        Column("evidence", "category", grades, tuple(GRADES), True),
    ]


def _note(
    summed: _Summed,
    table: str,
    rows: Sequence[_Row],
    added: Sequence[_Row],
    left_out: Sequence[LeftOut],
    lines: Sequence[str],
) -> str:
    said = [f"Added {len(added):,} of {len(rows):,} rows of {table}."]
    if counts := Counter(row.reason for row in left_out):
        said.append(f"Left out: {', '.join(f'{r} ({counts[r]:,})' for r in REASONS if counts[r])}.")
    several = [name for name in summed.apart if name in lines and len({_of(row, name, summed) for row in added}) > 1]
    if several:
        what = "people" if summed.flows else "money"
        said.append(f"Do not add lines that differ in {' or '.join(several)}: they can count the same {what}.")
    return " ".join(said)
