"""Audits: what they read again, and how often the dataset was right.

An entry is what one source states about one evidence-bound field of one record. It is nearly always one claim; a few
sources state two values. Rows taken in bulk have control totals and no claims, so no audit draws them: they are checked
when the publisher's file is ingested again. Remarks, which are about fields that are not bound (titles, summaries), are
out, too: two readers never write the same summary.

A rate is a share of the entries that a reader could see. Its interval is that of Wilson, at 95 %. The rate of the whole
weights each stratum by its share of all entries, because an audit draws more figures than there are. Its interval takes
the effective size of such a sample (Kish): the sample that would be as good if every entry had had the same weight.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import sqrt
from statistics import NormalDist

from borderledger.package.model import Field, Table
from borderledger.package.tables import Tables

__all__ = [
    "STRATA",
    "UNSEEN",
    "Audit",
    "Entry",
    "Rate",
    "audits",
    "entries",
    "last_checks",
    "said",
    "stratum",
    "together",
    "wilson",
]

#: What an audit is drawn from, each with what it holds.
STRATA = {
    "figures": "numbers, with their qualifiers and upper ends",
    "dates": "days, months, years and periods",
    "rest": "places, bodies, kinds, statuses and other words",
}


@dataclass(frozen=True)
class Entry:
    """What one source states about one field of one record.

    values   each value with its qualifier, in the order of the table
    """

    table: Table
    record: str
    field: Field
    source: str
    values: tuple[tuple[str, str], ...]

    @property
    def key(self) -> tuple[str, str, str]:
        """What a check names it by: record, field and source."""
        return self.record, self.field.name, self.source


def stratum(table: Table, field: Field) -> str:
    """The stratum of a field, by its type in the schema."""
    figure = field.name.removesuffix("_qualifier").removesuffix("_max")
    if "integer" in (field.type, kind := table.by_name.get(figure, field).type) or "number" in (field.type, kind):
        return "figures"
    return "dates" if field.edtf or field.type == "date" else "rest"


def entries(dataset: Tables) -> list[Entry]:
    """All entries of a version of the dataset, sorted by record, field and source."""
    tables = {
        row[0]: schema
        for schema in map(dataset.schema, dataset.names)
        if schema.bound
        for row in dataset.cells(schema.name)
    }
    found: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    for claim in dataset.rows("claims"):
        if (table := tables.get(claim["record_id"])) and claim["field"] in table.bound:
            key = claim["record_id"], claim["field"], claim["source_id"]
            found.setdefault(key, []).append((claim["value"], claim["qualifier"]))
    return [
        Entry(tables[record], record, tables[record].by_name[field], source, tuple(values))
        for (record, field, source), values in sorted(found.items())
    ]


def last_checks(dataset: Tables) -> dict[tuple[str, str, str], dict[str, str]]:
    """By record, field and source: the day (`checked`) and the result (`check_result`) of the last check."""
    rows = dataset.rows("checks") if "checks" in dataset.names else ()
    return {
        (row["record_id"], row["field"], row["source_id"]): {"checked": row["checked"], "check_result": row["result"]}
        for row in sorted(rows, key=lambda row: row["checked"])
    }


# --- rates -----------------------------------------------------------------------------------------------------------

#: The result of an entry that nobody could see: it counts neither for nor against the dataset.
UNSEEN = "unseen"
#: How many standard deviations 95 % of a normal distribution reach to either side.
_REACH = NormalDist().inv_cdf(0.975)

#: The size in the usual name of an audit (`0.6.0-n600-s16`).
_SIZE = re.compile(r"-n([0-9]+)-s")

#: A share with the ends of its interval.
Share = tuple[float, float, float]


def wilson(part: float, size: float) -> tuple[float, float]:
    """The 95 % interval of Wilson for a share: `part` of `size`, neither of which need be a whole number.

    >>> [round(end, 4) for end in wilson(0, 10)]
    [0.0, 0.2775]
    """
    share, square = part / size, _REACH**2
    middle = share + square / (2 * size)
    half = _REACH * sqrt(share * (1 - share) / size + square / (4 * size * size))
    low, high = (middle - half) / (1 + square / size), (middle + half) / (1 + square / size)
    return max(0.0, low), min(1.0, high)  # both ends are exact but for rounding


@dataclass(frozen=True)
class Rate:
    """How many entries of a group got which result."""

    name: str
    counts: Mapping[str, int]

    @property
    def drawn(self) -> int:
        """How many were drawn."""
        return sum(self.counts.values())

    @property
    def seen(self) -> int:
        """How many a reader could see."""
        return self.drawn - self.counts.get(UNSEEN, 0)

    def share(self, result: str) -> Share | None:
        """The share of a result among what was seen, with its interval; None if nothing was seen."""
        count = self.counts.get(result, 0)
        return (count / self.seen, *wilson(count, self.seen)) if self.seen else None


@dataclass(frozen=True)
class Audit:
    """One audit, or several together: the results of its entries.

    days      the first and the last day on which claims were read again
    strata    and `tables`, `kinds` (of source): the results by group
    entries   how many entries there are in each stratum of the whole dataset
    size      how many entries were drawn, if not all of them are entered yet
    audits    how many audits are added up in it
    """

    name: str
    days: tuple[str, str]
    strata: tuple[Rate, ...]
    tables: tuple[Rate, ...]
    kinds: tuple[Rate, ...]
    entries: Mapping[str, int]
    size: int = 0
    audits: int = 1

    @property
    def whole(self) -> bool:
        """Whether all that was drawn is entered. A part holds some sources only, and has no rate."""
        return self.total.drawn >= self.size

    @cached_property
    def total(self) -> Rate:
        """The results of all entries, without weights."""
        results = dict.fromkeys(result for rate in self.strata for result in rate.counts)
        return Rate("all", {result: sum(rate.counts[result] for rate in self.strata) for result in results})

    def weighted(self, result: str) -> Share | None:
        """The share of a result, weighted to the whole dataset; None of a part, or if nothing was seen.

        A stratum of which nothing was seen is left out: nobody knows its rate.
        """
        seen = [rate for rate in self.strata if rate.seen and self.entries.get(rate.name)]
        whole = sum(self.entries[rate.name] for rate in seen)
        if not (whole and self.whole):
            return None
        weights = {rate.name: self.entries[rate.name] / whole for rate in seen}
        share = sum(weights[rate.name] * rate.counts.get(result, 0) / rate.seen for rate in seen)
        size = 1 / sum(weights[rate.name] ** 2 / rate.seen for rate in seen)
        return (share, *wilson(share * size, size))


#: A row of the table of checks.
_Row = dict[str, str]


def audits(dataset: Tables) -> list[Audit]:
    """The audits of a version, the oldest first; none of a version without the table of checks."""
    grouped = _by_audit(dataset)
    if not grouped:
        return []
    made = _maker(dataset, [row for rows in grouped.values() for row in rows])
    found = (made(name, rows, _size(name, rows)) for name, rows in grouped.items())
    return sorted(found, key=lambda audit: (audit.days[::-1], audit.name))


def together(dataset: Tables) -> Audit | None:
    """All audits that are entered as a whole, as one; the newest part of one, if none is; None before the first.

    Each audit is drawn at random in each stratum, so that they add up there. An entry that several drew counts with its
    last check.
    """
    found = audits(dataset)
    whole = [audit.name for audit in found if audit.whole]
    if len(whole) < 2:
        return next((audit for audit in reversed(found) if audit.whole or not whole), None)
    grouped = _by_audit(dataset)
    rows = sorted((row for name in whole for row in grouped[name]), key=lambda row: row["checked"])
    last = {(row["record_id"], row["field"], row["source_id"]): row for row in rows}
    added_up = _maker(dataset, rows)(" and ".join(sorted(whole)), [*last.values()], len(last))
    return replace(added_up, audits=len(whole))


def _by_audit(dataset: Tables) -> dict[str, list[_Row]]:
    grouped: dict[str, list[_Row]] = {}
    for row in dataset.rows("checks") if "checks" in dataset.names else ():
        grouped.setdefault(row["audit"], []).append(row)
    return grouped


def _size(name: str, rows: Sequence[_Row]) -> int:
    """How many entries an audit drew, as its name says; else how many were read again."""
    named = _SIZE.search(name)
    return int(named[1]) if named else len(rows)


def _maker(dataset: Tables, rows: Sequence[_Row]) -> Callable[[str, Sequence[_Row], int], Audit]:
    """What makes an audit of a name, some of these rows and a size."""
    kinds = {source["id"]: source["kind"] for source in dataset.rows("sources")}
    table_of = _tables_of(dataset, {row["record_id"] for row in rows})
    results = tuple(dataset.schema("checks").by_name["result"].categories)
    whole = dict.fromkeys(STRATA, 0)
    for entry in entries(dataset):
        whole[stratum(entry.table, entry.field)] += 1

    def made(name: str, mine: Sequence[_Row], size: int) -> Audit:
        places: dict[str, list[tuple[str, str]]] = {"strata": [], "tables": [], "kinds": []}
        for row in mine:
            table = table_of.get(row["record_id"])
            known = table.by_name.get(row["field"]) if table else None
            places["strata"].append((stratum(table, known) if table and known else "rest", row["result"]))
            places["tables"].append((table.name if table else "", row["result"]))
            places["kinds"].append((kinds.get(row["source_id"], ""), row["result"]))
        days = sorted(row["checked"] for row in mine)
        rates = {each: _rates(pairs, results) for each, pairs in places.items()}
        strata = tuple(sorted(rates["strata"], key=lambda rate: [*STRATA].index(rate.name)))
        return Audit(name, (days[0], days[-1]), strata, rates["tables"], rates["kinds"], whole, size)

    return made


def _tables_of(dataset: Tables, records: set[str]) -> dict[str, Table]:
    """The table of each record; of one that was retired, the table whose ids have its form."""
    facts = [schema for schema in map(dataset.schema, dataset.names) if schema.bound and "id" in schema.by_name]
    found = {row[0]: schema for schema in facts for row in dataset.cells(schema.name) if row[0] in records}
    for record in records - found.keys():
        for schema in facts:
            if (form := schema.by_name["id"].pattern) and re.fullmatch(form, record):
                found.setdefault(record, schema)
    return found


def _rates(pairs: Iterable[tuple[str, str]], results: Iterable[str]) -> tuple[Rate, ...]:
    """A rate for each group, the largest first."""
    counts: dict[str, dict[str, int]] = {}
    for group, result in pairs:
        mine = counts.setdefault(group, dict.fromkeys(results, 0))
        mine[result] = mine.get(result, 0) + 1
    rates = (Rate(group, counted) for group, counted in counts.items())
    return tuple(sorted(rates, key=lambda rate: (-rate.drawn, rate.name)))


def said(audit: Audit) -> str:
    """What an audit found, in sentences for readers."""
    total, shares = audit.total, {result: audit.weighted(result) for result in audit.total.counts}
    named = f"{'audit' if audit.audits == 1 else 'audits'} {audit.name}"
    told = [
        f"In the {named}, {total.drawn:,} claims that were drawn at random were read again."
        if audit.whole
        else f"Of the {audit.size:,} claims that the audit {audit.name} drew at random, {total.drawn:,} are read again."
    ]
    if not total.seen:
        return f"{told[0]} The readers could see none of them."
    told.append(f"The readers saw {total.seen:,} of the passages, and {total.drawn - total.seen:,} not.")
    if not audit.whole:
        counts = [f"{count:,} {result}" for result, count in total.counts.items() if result != UNSEEN]
        told.append(f"Of what they saw: {'; '.join(counts)}. There is no rate before all of them are read.")
        return " ".join(told)
    parts = [f"{_percent(share)} {result}" for result, share in shares.items() if result != UNSEEN and share]
    told.append(f"Of what they saw, weighted to all {sum(audit.entries.values()):,}: {'; '.join(parts)}.")
    return " ".join(told)


def _percent(share: Share) -> str:
    """A share with its interval.

    >>> _percent((0.0123, 0.004, 0.03))
    '1.2 % (0.4 to 3.0 %)'
    """
    shown, low, high = (f"{100 * number:.1f}" for number in share)
    return f"{shown} % ({low} to {high} %)"
