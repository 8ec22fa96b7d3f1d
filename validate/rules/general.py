"""Rules that follow from the conventions of the data model, and rules that several tables share.

`rules` goes by the names of fields alone (`x_qualifier` qualifies `x`, `part_of` leads to another record), so that a
new table is checked from its first day. The shared rules are called by the modules of the tables that they concern.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import reduce
from operator import and_, or_
from typing import Any

import narwhals as nw

from borderledger.package import Field, Table
from validate.columns import Row
from validate.engines import Frame
from validate.ledger import Ledger
from validate.reading import LINE
from validate.rules.rule import Holds, Rule, Says, message

__all__ = [
    "in_order",
    "once",
    "part_figure",
    "part_same",
    "part_window",
    "personal",
    "rules",
    "status_as_of",
    "status_dates",
    "status_ruled_out",
]

#: A field that is filled if one of the others is, and only then.
_FILLED_WITH: dict[str, dict[str, tuple[str, ...]]] = {
    "deployments": {"measure": ("officers",)},
    "projects": {
        "amount_basis": ("amount_eur", "original_amount"),
        "original_currency": ("original_amount",),
        "start_kind": ("start",),
    },
    "facilities": {"latitude": ("coordinates_of",), "longitude": ("coordinates_of",)},
}

#: A field that may be filled only if one of the others is.
_FILLED_ONLY_WITH: dict[str, dict[str, tuple[str, ...]]] = {
    "agreements": {"status_as_of": ("status",)},
    "projects": {"status_as_of": ("status",)},
    "facilities": {
        "coordinates_of": ("locality",),
        "capacity_kind": ("capacity",),
        "capacity_as_of": ("capacity",),
        "status_as_of": ("status",),
    },
}

#: Fields that lead to another record of the same table.
_LINKS = ("part_of", "replaces", "implements", "reprint_of")

#: An e-mail address or a telephone number. Long figures, dates and file numbers occur in notes and are none.
_PERSONAL = re.compile(
    r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.]+|\+[0-9]{1,3}[ ()/-]?(?:[0-9][ ()/-]?){7,}|\b(?:tel|mob|phone)[.:]+ ?[0-9+(]",
    re.I,
)
#: A sign that each of them has. It is looked for first, since the pattern takes ten times as long.
_SIGN = re.compile(r"[@+.:](?:(?<=[@+])|(?<=tel.)|(?<=mob.)|(?<=phone.))", re.I)


def rules(table: Table) -> Iterator[Rule]:
    """What the conventions ask of a table, whatever it is about."""
    keys = {key.field for key in table.foreign_keys if key.target == "id"}
    for field in table.fields:
        if f"{field.name}_qualifier" in table.by_name:
            yield _companion(table.name, f"{field.name}_qualifier", (field.name,))
            if f"{field.name}_max" in table.by_name:
                yield _range(table.name, field.name)
        if _is_free_text(field) and field.name not in keys:
            yield _no_personal_data(table.name, field.name)
    for link in _LINKS:
        if link in table.by_name:
            yield _no_cycle(table.name, link)
    for name, others in _FILLED_WITH.get(table.name, {}).items():
        yield _companion(table.name, name, others)
    for name, others in _FILLED_ONLY_WITH.get(table.name, {}).items():
        yield _companion(table.name, name, others, optional=True)


def _is_free_text(field: Field) -> bool:
    # Codes, addresses and numbers of documents have forms of their own, in which a telephone number means nothing.
    return field.type == "string" and not (field.pattern or field.categories or field.edtf or field.refers_to)


def _companion(table: str, field: str, others: tuple[str, ...], *, optional: bool = False) -> Rule:
    """`field` is filled together with one of the others, or (optional) not without one."""
    listed = " or ".join(others)

    def holds(row: Row) -> nw.Expr:
        filled, base = row.filled(field), reduce(or_, map(row.filled, others))
        return (~filled | base) if optional else (filled == base)

    def says(t: Ledger, row: Mapping[str, Any]) -> str:
        return f"is filled, but {listed} is empty" if row[field] else f"is empty, but {listed} is filled"

    return Rule(
        id="figure.companion",
        table=table,
        field=field,
        why="a figure and the fields that describe it are filled together",
        fix=f"Fill or empty {field} together with {listed}.",
        holds=holds,
        says=says,
    )


def _range(table: str, figure: str) -> Rule:
    qualifier, upper = f"{figure}_qualifier", f"{figure}_max"

    def says(t: Ledger, row: Mapping[str, Any]) -> str:
        if row[qualifier] == "range" and row[upper]:
            return f"the upper end {row[upper]} is not above {figure} {row[figure]}"
        return f"is {row[upper] or 'empty'}, but {qualifier} is {row[qualifier] or 'empty'}"

    return Rule(
        id="figure.range",
        table=table,
        field=upper,
        why="only a range has an upper end, and it lies above the lower one",
        fix=f"A range has {figure} < {upper}; with any other qualifier {upper} is empty.",
        when=lambda row: (row[qualifier] == "range") | row.filled(upper),
        holds=lambda row: (row[qualifier] == "range") & row.filled(upper) & ~(row.number(upper) <= row.number(figure)),
        says=says,
    )


def personal(text: str) -> re.Match[str] | None:
    """What in a text looks like an e-mail address or a telephone number."""
    return _PERSONAL.search(text) if len(text) > 6 and _SIGN.search(text) else None


def _no_personal_data(table: str, field: str) -> Rule:
    def says(t: Ledger, row: Mapping[str, Any]) -> str:
        found = personal(row[field])
        return f"holds what looks like an e-mail address or a telephone number: {found[0] if found else ''}"

    return Rule(
        id="text.personal",
        table=table,
        field=field,
        why="the dataset holds no personal data: it is about people at risk, and they read it",
        fix="Remove it; name the office, not the person.",
        cell=lambda text: personal(text) is not None,
        maybe="[@+]|[lbeLBE][.:]",
        says=says,
    )


def _no_cycle(table: str, link: str) -> Rule:
    def links(t: Ledger) -> Frame:
        """The links that may be part of a circle: of many, what nothing leads to or leads nowhere is taken away."""
        found = t.first_rows(table).filter(nw.col(link) != "").select("id", link)
        left = 0 if t.few(table) else len(t.engine.fetch(found.select("id")))
        while left:
            found = found.join(found.select(nw.col("id").alias(link)), on=link, how="semi")
            found = t.engine.keep(found.join(found.select(nw.col(link).alias("id")).unique(), on="id", how="semi"))
            before, left = left, len(t.engine.fetch(found.select("id")))
            if before == left:
                break
        return found

    def parents(t: Ledger) -> dict[str, str]:
        return dict(t.engine.fetch(links(t)).iter_rows())

    def lines(t: Ledger) -> Frame:
        held = parents(t)
        bad = {"id": sorted(record for record in held if _circle(held, record))}
        if not bad["id"]:
            return t.rows(table).head(0).select(LINE)
        return t.rows(table).join(t.engine.small(bad, t.text("id")), on="id", how="semi").select(LINE)

    return Rule(
        id="link.cycle",
        table=table,
        field=link,
        why="nothing contains, replaces or reprints itself, not even by way of others",
        fix=f"Empty {link} of one record of the circle.",
        lines=lines,
        says=lambda t, row: f"leads back to itself: {' > '.join(_circle(parents(t), row['id']))}",
    )


def _circle(parents: Mapping[str, str], start: str) -> list[str]:
    """The path from a record back to itself; empty if there is none, also if it leads into another circle."""
    seen = [start]
    while parent := parents.get(seen[-1], ""):
        if parent in seen:
            return [*seen, parent] if parent == start else []
        seen.append(parent)
    return []


# --- rules that tables share ------------------------------------------------------------------------------------------


def in_order(table: str, earlier: str, later: str) -> Rule:
    """`later` does not end before `earlier` begins; two dates that may be the same day are in order."""
    return Rule(
        id="dates.order",
        table=table,
        field=later,
        why="steps follow each other in the order that law or logic gives them",
        fix=f"Check both dates in the sources; {later} cannot come before {earlier}.",
        holds=lambda row: ~(row.last(later) < row.first(earlier)),
        says=message(f"{{{later}}} is before {earlier} {{{earlier}}}"),
    )


def status_dates(table: str, fix: str, holds: Holds, says: Says) -> Rule:
    """A status agrees with the dates of its row: each table has its own way to fail, all have one reason."""
    why = "a status is one that the dates allow"
    return Rule(id="status.dates", table=table, field="status", why=why, fix=fix, holds=holds, says=says)


def status_ruled_out(table: str, step: str, statuses: Collection[str], fix: str) -> Rule:
    """Whatever has a date for `step` is past these statuses."""
    return status_dates(
        table,
        fix,
        lambda row: ~(row.filled(step) & row["status"].is_in(sorted(statuses))),
        message(f"is {{status}}, but {step} is {{{step}}}"),
    )


def status_as_of(table: str, shown: Mapping[str, str], fix: str) -> Rule:
    """A status is not shown for a day before its step; `shown` maps a status to the date of the step that it shows."""

    def holds(row: Row) -> nw.Expr:
        seen = row.last("status_as_of")
        return reduce(and_, (~((row["status"] == status) & (seen < row.first(step))) for status, step in shown.items()))

    def says(t: Ledger, row: Mapping[str, Any]) -> str:
        step = shown[row["status"]]
        return f"{row['status_as_of']} is before the step it shows: {step} {row[step]}"

    why = "a source cannot show a step that was still to come"
    return Rule(id="status.as-of", table=table, field="status_as_of", why=why, fix=fix, holds=holds, says=says)


def part_figure(table: str, figure: str) -> Rule:
    """The least that the figure of a part can mean is within the most that the figure of its whole can mean."""
    return Rule(
        id="part.figure",
        table=table,
        field=figure,
        why="a part is not greater than its whole",
        fix="Check both figures, or empty part_of.",
        when=_is_part,
        holds=lambda row: ~(row.low(figure) > row.via("part_of").high(figure)),
        says=message(f"{{{figure}}} is more than the {{part_of/{figure}}} of {_WHOLE}"),
    )


def part_same(table: str, field: str, figure: str) -> Rule:
    """Part and whole have one `field`; where `figure` is empty in either, there is nothing that it could describe."""

    def holds(row: Row) -> nw.Expr:
        whole = row.via("part_of")
        return ~(row.filled(figure) & whole.filled(figure) & (row[field] != whole[field]))

    return Rule(
        id="part.same",
        table=table,
        field=field,
        why="a part counts the same thing as its whole",
        fix="Correct it, or empty part_of.",
        when=_is_part,
        holds=holds,
        says=message(f"{{{field}}} differs from {{part_of/{field}}} of {_WHOLE}"),
    )


def part_window(table: str, start: str, end: str, *, inside: bool = False) -> Rule:
    """A part is not certainly outside the time of its whole, from `start` to `end`; with `inside`, no day of it is."""

    def holds(row: Row) -> nw.Expr:
        whole = row.via("part_of")
        first, last = whole.first(start), whole.last(end)
        if inside:
            return ~_any(row.first(start) < first, row.last(end) > last)
        # Two dates may each be vague: the start at its latest, the end at its earliest.
        early = (row.last(start) < first, row.last(end) < first)
        return ~_any(*early, row.first(end) > last, row.first(start) > last)

    def says(t: Ledger, row: Mapping[str, Any]) -> str:
        own, whole = ("/".join(dict.fromkeys(row[f"{of}{date}"] for date in (start, end))) for of in ("", "part_of/"))
        return message(f"{own} is partly outside {whole}, the period of {_WHOLE}")(t, row)

    return Rule(
        id="part.window",
        table=table,
        field=start,
        why="a part falls within the time of its whole",
        fix="Check the dates of both, or empty part_of.",
        when=_is_part,
        holds=holds,
        says=says,
    )


_WHOLE = "{part_of} (line {part_of//line}), of which it is a part"


def _is_part(row: Row) -> nw.Expr:
    return row.filled("part_of")


def _any(*conditions: nw.Expr) -> nw.Expr:
    """Whether one of the conditions is certainly true."""
    return reduce(or_, (condition.fill_null(False) for condition in conditions))


def once(table: str, columns: Collection[str]) -> Callable[[Ledger], Frame]:
    """The lines of rows that have the same cells as another one in all of these columns, with `lines` of them all."""
    return lambda t: t.alike(table, columns)
