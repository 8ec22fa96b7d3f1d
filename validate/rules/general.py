"""Rules that follow from the conventions of the data model, and rules that several tables share.

`rules` goes by the names of fields alone (`x_qualifier` qualifies `x`, `part_of` leads to another record), so that a
new table is checked from its first day. The shared rules are called by the modules of the tables that they concern.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from borderledger.package import Field, Table
from borderledger.query.grades import Statement, interval
from validate.ledger import Ledger
from validate.rules.rule import Holds, Rule, Says, cell

__all__ = [
    "distinct",
    "flags",
    "in_order",
    "intervals",
    "linked",
    "no_cell",
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


def rules(table: Table) -> Iterator[Rule]:
    """What the conventions ask of a table, whatever it is about."""
    keys = {key.field for key in table.foreign_keys}
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

    def holds(t: Ledger) -> pd.Series[bool]:
        frame = t.frame(table)
        filled, base = frame[field].ne(""), frame[list(others)].ne("").any(axis=1)
        return (~filled | base) if optional else (filled == base)

    def says(t: Ledger, line: int) -> str:
        if cell(t, table, line, field):
            return f"is filled, but {listed} is empty"
        return f"is empty, but {listed} is filled"

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

    def holds(t: Ledger) -> pd.Series[bool]:
        frame, low, high = t.frame(table), t.numbers(table, figure), t.numbers(table, upper)
        # Negated, so that a figure which is empty or no number (NaN) is not also called out of range.
        return (frame[qualifier].eq("range") == frame[upper].ne("")) & ~(high <= low)

    def says(t: Ledger, line: int) -> str:
        row = t.frame(table).loc[line]
        if row[qualifier] == "range" and row[upper]:
            return f"the upper end {row[upper]} is not above {figure} {row[figure]}"
        return f"is {row[upper] or 'empty'}, but {qualifier} is {row[qualifier] or 'empty'}"

    return Rule(
        id="figure.range",
        table=table,
        field=upper,
        why="only a range has an upper end, and it lies above the lower one",
        fix=f"A range has {figure} < {upper}; with any other qualifier {upper} is empty.",
        holds=holds,
        says=says,
    )


def personal(text: str) -> re.Match[str] | None:
    """What in a text looks like an e-mail address or a telephone number."""
    return _PERSONAL.search(text) if len(text) > 6 else None


def _no_personal_data(table: str, field: str) -> Rule:
    def says(t: Ledger, line: int) -> str:
        found = personal(cell(t, table, line, field))
        return f"holds what looks like an e-mail address or a telephone number: {found[0] if found else ''}"

    return Rule(
        id="text.personal",
        table=table,
        field=field,
        why="the dataset holds no personal data: it is about people at risk, and they read it",
        fix="Remove it; name the office, not the person.",
        holds=no_cell(table, field, lambda text: personal(text) is not None),
        says=says,
    )


def _no_cycle(table: str, link: str) -> Rule:
    def parents_of(t: Ledger) -> dict[str, str]:
        frame = t.frame(table)
        return dict(zip(frame["id"], frame[link], strict=True))

    def holds(t: Ledger) -> pd.Series[bool]:
        parents = parents_of(t)
        bad = {record for record, parent in parents.items() if parent and _circle(parents, record)}
        return ~t.frame(table)["id"].isin(bad)

    def says(t: Ledger, line: int) -> str:
        return f"leads back to itself: {' > '.join(_circle(parents_of(t), cell(t, table, line, 'id')))}"

    return Rule(
        id="link.cycle",
        table=table,
        field=link,
        why="nothing contains, replaces or reprints itself, not even by way of others",
        fix=f"Empty {link} of one record of the circle.",
        holds=holds,
        says=says,
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

    def holds(t: Ledger) -> pd.Series[bool]:
        return ~(t.spans(table, later)["last"] < t.spans(table, earlier)["first"])

    def says(t: Ledger, line: int) -> str:
        return f"{cell(t, table, line, later)} is before {earlier} {cell(t, table, line, earlier)}"

    return Rule(
        id="dates.order",
        table=table,
        field=later,
        why="steps follow each other in the order that law or logic gives them",
        fix=f"Check both dates in the sources; {later} cannot come before {earlier}.",
        holds=holds,
        says=says,
    )


def status_dates(table: str, fix: str, holds: Holds, says: Says) -> Rule:
    """A status agrees with the dates of its row: each table has its own way to fail, all have one reason."""
    why = "a status is one that the dates allow"
    return Rule(id="status.dates", table=table, field="status", why=why, fix=fix, holds=holds, says=says)


def status_ruled_out(table: str, step: str, statuses: Collection[str], fix: str) -> Rule:
    """Whatever has a date for `step` is past these statuses."""

    def holds(t: Ledger) -> pd.Series[bool]:
        frame = t.frame(table)
        return ~(frame[step].ne("") & frame["status"].isin(statuses))

    def says(t: Ledger, line: int) -> str:
        return f"is {cell(t, table, line, 'status')}, but {step} is {cell(t, table, line, step)}"

    return status_dates(table, fix, holds, says)


def status_as_of(table: str, shown: Mapping[str, str], fix: str) -> Rule:
    """A status is not shown for a day before its step; `shown` maps a status to the date of the step that it shows."""

    def holds(t: Ledger) -> pd.Series[bool]:
        frame = t.frame(table)
        good = pd.Series(True, index=frame.index)
        for status, step in shown.items():
            early = t.spans(table, "status_as_of")["last"] < t.spans(table, step)["first"]
            good &= ~(frame["status"].eq(status) & early)
        return good

    def says(t: Ledger, line: int) -> str:
        row = t.frame(table).loc[line]
        step = shown[row["status"]]
        return f"{row['status_as_of']} is before the step it shows: {step} {row[step]}"

    why = "a source cannot show a step that was still to come"
    return Rule(id="status.as-of", table=table, field="status_as_of", why=why, fix=fix, holds=holds, says=says)


def part_figure(table: str, figure: str) -> Rule:
    """The least that the figure of a part can mean is within the most that the figure of its whole can mean."""

    def holds(t: Ledger) -> pd.Series[bool]:
        own = intervals(t, table, figure)
        whole = linked(t, table, "part_of", table, [own["high"]])
        return ~(own["low"] > whole["high"])

    def says(t: Ledger, line: int) -> str:
        more = f"{cell(t, table, line, figure)} is more than the {_whole(t, table, line)[figure]}"
        return f"{more} of {_named_whole(t, table, line)}"

    return Rule(
        id="part.figure",
        table=table,
        field=figure,
        why="a part is not greater than its whole",
        fix="Check both figures, or empty part_of.",
        holds=holds,
        says=says,
    )


def part_same(table: str, field: str, figure: str) -> Rule:
    """Part and whole have one `field`; where `figure` is empty in either, there is nothing that it could describe."""

    def holds(t: Ledger) -> pd.Series[bool]:
        frame, parents = t.frame(table), t.by_id(table)
        other = frame["part_of"].map(parents[field]).fillna("")
        filled = frame[figure].ne("") & frame["part_of"].map(parents[figure]).fillna("").ne("")
        return ~(frame["part_of"].ne("") & filled & frame[field].ne(other))

    def says(t: Ledger, line: int) -> str:
        differs = f"{cell(t, table, line, field)} differs from {_whole(t, table, line)[field]}"
        return f"{differs} of {_named_whole(t, table, line)}"

    return Rule(
        id="part.same",
        table=table,
        field=field,
        why="a part counts the same thing as its whole",
        fix="Correct it, or empty part_of.",
        holds=holds,
        says=says,
    )


def part_window(table: str, start: str, end: str, *, inside: bool = False) -> Rule:
    """A part is not certainly outside the time of its whole, from `start` to `end`; with `inside`, no day of it is."""

    def holds(t: Ledger) -> pd.Series[bool]:
        starts, ends = t.spans(table, start), t.spans(table, end)
        whole = linked(t, table, "part_of", table, [starts["first"], ends["last"]])
        if inside:
            return ~((starts["first"] < whole["first"]) | (ends["last"] > whole["last"]))
        # Two dates may each be vague: the start at its latest, the end at its earliest.
        early = (starts["last"] < whole["first"]) | (ends["last"] < whole["first"])
        return ~(early | (ends["first"] > whole["last"]) | (starts["first"] > whole["last"]))

    def window(row: Mapping[str, str]) -> str:
        return "/".join(dict.fromkeys((row[start], row[end])))

    def says(t: Ledger, line: int) -> str:
        own, whole = window(t.frame(table).loc[line]), window(_whole(t, table, line))
        return f"{own} is partly outside {whole}, the period of {_named_whole(t, table, line)}"

    return Rule(
        id="part.window",
        table=table,
        field=start,
        why="a part falls within the time of its whole",
        fix="Check the dates of both, or empty part_of.",
        holds=holds,
        says=says,
    )


def _whole(t: Ledger, table: str, line: int) -> pd.Series[str]:
    return t.by_id(table).loc[cell(t, table, line, "part_of")]


def _named_whole(t: Ledger, table: str, line: int) -> str:
    whole = _whole(t, table, line)
    return f"{whole.name} (line {whole['line']}), of which it is a part"


# --- what predicates are made of --------------------------------------------------------------------------------------


def no_cell(table: str, field: str, wrong: Callable[[str], bool]) -> Holds:
    """No cell of a column is wrong; each distinct text is looked at once, since columns repeat themselves."""

    def holds(t: Ledger) -> pd.Series[bool]:
        cells = t.frame(table)[field]
        return ~cells.isin([text for text in cells.unique() if wrong(text)])

    return holds


def distinct(table: str, columns: Iterable[str]) -> Holds:
    """No two rows have the same cells in all of these columns; every row of a group that does is reported."""
    listed = tuple(columns)

    def holds(t: Ledger) -> pd.Series[bool]:
        return ~t.frame(table).index.to_series().isin(t.doubles(table, listed))

    return holds


def flags(frame: pd.DataFrame, good: Iterable[bool]) -> pd.Series[bool]:
    """One verdict for each row, in the order of the rows; of type bool even when the table is empty."""
    return pd.Series(list(good), index=frame.index, dtype=bool)


def linked(t: Ledger, table: str, link: str, target: str, columns: list[pd.Series[float]]) -> pd.DataFrame:
    """The columns of the linked rows, aligned to the rows that link (NaN where nothing is linked)."""
    values = pd.concat(columns, axis=1)
    values.index = pd.Index(t.frame(target)["id"])
    values = values[~values.index.duplicated()]
    frame = t.frame(table)
    found = values.reindex(frame[link])
    found.index = frame.index
    return found


def intervals(t: Ledger, table: str, figure: str) -> pd.DataFrame:
    """Columns `low` and `high`: the numbers a figure can mean, NaN where it is empty or malformed."""
    frame = t.frame(table)
    cells = frame[[figure, f"{figure}_qualifier"]].copy()
    cells["max"] = frame.get(f"{figure}_max", "")
    stated = list(cells.itertuples(index=False, name=None))
    known = {parts: _interval(*parts) for parts in set(stated)}
    values = np.array([known[parts] for parts in stated], dtype=float).reshape(-1, 2)
    return pd.DataFrame(values, index=frame.index, columns=["low", "high"])


def _interval(value: str, qualifier: str, upper: str) -> tuple[float, float]:
    try:
        return interval(Statement(value, qualifier, upper)) if value else (np.nan, np.nan)
    except ValueError:
        return np.nan, np.nan
