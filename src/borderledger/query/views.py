"""Views: what was so on a day, and sums of what may be added up. Each says what it leaves out.

    agreements_in_force, deployments_latest, projects_running
                        as `load(table, as_of=day)` gives them for the day on which the package was made (`created`).
                        In DuckDB agreements_in_force_on(day) and so on take any day.
    returns_by_year     counts of returns, added up where they may be
    money_by_funder     amounts in euro, added up where they may be

A view is there when the package has the tables that it is made of.

DuckDB and SQLite both take the text of every view. So the texts use WITH RECURSIVE, window functions and CASE, and
avoid what older versions of SQLite cannot parse (IS DISTINCT FROM, an order inside string_agg): a single view that it
cannot parse makes the whole file unreadable to it. Nothing in the texts comes from the data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from borderledger.package.tables import Tables
from borderledger.query.grades import GRADES

__all__ = ["View", "literal", "on_any_day", "quoted", "views"]


def quoted(name: str) -> str:
    """A name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True)
class View:
    """A view: its query, and what it shows and leaves out."""

    name: str
    select: str
    comment: str


def views(dataset: Tables) -> list[View]:
    """The views over the tables that the package has."""
    day = dataset.created.date().isoformat()
    found = [
        View(name, _on_day(table, literal(day)), f"{what} On {day}, when this version was made. {without}")
        for table, (name, what, without) in _ON_DAY.items()
        if table in dataset.names
    ]
    return found + [view for table, view in _SUMS.items() if table in dataset.names]


#: For each table that has a state on a day: its view, what that shows, and what it leaves out.
_ON_DAY = {
    "agreements": (
        "agreements_in_force",
        "Agreements in force or provisionally applied.",
        "as_of_certain says whether that follows whatever day an imprecise date means. Leaves out agreements whose "
        "dates leave it open (see agreements_windows).",
    ),
    "deployments": (
        "deployments_latest",
        "The latest number of officers present, for each agency and hosts.",
        "Figures of one date stand side by side, and those of the region beside those of its hosts: they are not to be "
        "added. Leaves out "
        "plans, cumulative figures, shares of a figure, postings that have ended, and figures without a date. The "
        "latest public figure may be old.",
    ),
    "projects": (
        "projects_running",
        "Projects begun and not ended, or said to be ongoing.",
        "as_of_certain says whether that follows whatever day an imprecise date means. Leaves out projects whose "
        "start or end no source gives (see projects_windows).",
    ),
}


def on_any_day(dataset: Tables) -> Iterator[tuple[str, View]]:
    """The views that show a day, as macros of one parameter: `day`."""
    for table, (name, what, without) in _ON_DAY.items():
        if table in dataset.names:
            select = _on_day(table, "CAST(day AS DATE)")
            yield f"{name}_on", View(name, select, f"{what} On any day, as load({table!r}, as_of=day). {without}")


def _on_day(table: str, day: str) -> str:
    return f"""
SELECT t.*, (w.first_to <= {day} AND {day} <= w.last_from) AS as_of_certain
FROM {table} t JOIN {table}_windows w ON w.id = t.id
WHERE w.first_from <= {day} AND {day} <= w.last_to
ORDER BY t.id"""


_RANKS = list(enumerate(GRADES))
_RANK = " ".join(f"WHEN '{grade}' THEN {rank}" for rank, grade in _RANKS)
_GRADE = " ".join(f"WHEN {rank} THEN '{grade}'" for rank, grade in _RANKS)
_WORST = f"CASE min(CASE evidence {_RANK} END) {_GRADE} END"


def _wholes(table: str) -> str:
    """Each record with all that it is part of, near and far."""
    return f"""wholes(id, whole) AS (
    SELECT id, part_of FROM {table} WHERE part_of IS NOT NULL
    UNION
    SELECT p.id, r.part_of FROM wholes p JOIN {table} r ON r.id = p.whole WHERE r.part_of IS NOT NULL
)"""


_FLOW = (
    "year, from_place, to_place, nationalities, return_type, operation_type, unit, carried_out_by, "
    "reported_by, source_id"
)

_RETURNS = f"""
WITH RECURSIVE closed AS (
    SELECT *, CAST(substr(CAST(period_from AS TEXT), 1, 4) AS INTEGER) AS year
    FROM returns
    WHERE measure = 'count' AND quantity IS NOT NULL
        AND substr(CAST(period_from AS TEXT), 1, 4) = substr(CAST(period_to AS TEXT), 1, 4)
),
counted AS (SELECT *, dense_rank() OVER (ORDER BY {_FLOW}) AS line FROM closed),
{_wholes("returns")},
parts AS (
    SELECT p.id, max(CASE WHEN w.line = p.line THEN 1 ELSE 0 END) AS in_its_line
    FROM counted p JOIN wholes x ON x.id = p.id JOIN counted w ON w.id = x.whole
    GROUP BY p.id
),
overlapping AS (
    SELECT p.id
    FROM counted p JOIN counted w ON w.line = p.line AND w.id <> p.id
    WHERE coalesce(p.evidence, '') <> 'bulk' AND coalesce(w.evidence, '') <> 'bulk'
        AND p.period_from <= w.period_to AND w.period_from <= p.period_to
        AND (w.period_from < p.period_from OR w.period_from = p.period_from AND (
            w.period_to > p.period_to OR w.period_to = p.period_to AND (
                w.quantity > p.quantity OR w.quantity = p.quantity AND w.id < p.id)))
)
SELECT {_FLOW}, (p.id IS NOT NULL) AS in_larger_sum, CAST(sum(quantity) AS BIGINT) AS quantity,
    CAST(sum(CASE quantity_qualifier WHEN 'exact' THEN 0 ELSE 1 END) AS BIGINT) AS not_exact,
    count(*) AS n_rows, {_WORST} AS evidence
FROM counted c LEFT JOIN parts p ON p.id = c.id
WHERE coalesce(p.in_its_line, 0) = 0 AND c.id NOT IN (SELECT id FROM overlapping)
GROUP BY {_FLOW}, (p.id IS NOT NULL)
ORDER BY {_FLOW}, (p.id IS NOT NULL)"""

_RETURNS_COMMENT = (
    "Counts of returns added up by year, flow, kind, unit, and who counted: one line adds only what one source says of "
    "one flow. Lines of different sources or reporters for one flow stand side by side and must not be added. "
    "in_larger_sum: the line counts parts of what another line counts, so add lines only where it is false. not_exact "
    "is how many of the n_rows counts are rounded or bounds (of a range the lower end is added); evidence is their "
    "worst grade. Leaves out running totals and stocks; counts without a figure; periods that reach over a year's end "
    "or are open; a count that is part of one in its line; and of counts in a line whose periods overlap all but the "
    "one that begins first, of these the longest, then the largest (rows of a publisher's file, with evidence bulk, "
    "are single operations and all stay). A line covers the periods that were reported, not always the whole year."
)

_MONEY = f"""
WITH RECURSIVE counted AS (
    SELECT *, (SELECT count(*) FROM projects_funders f WHERE f.id = projects.id) > 1 AS joint
    FROM projects
    WHERE amount_eur IS NOT NULL AND kind NOT IN ('envelope', 'component', 'call')
        AND amount_basis NOT IN ('per_year', 'required', 'ceiling', 'envelope')
),
{_wholes("projects")}
SELECT funders, joint, kind, amount_basis, sum(amount_eur) AS amount_eur,
    CAST(sum(CASE amount_eur_qualifier WHEN 'exact' THEN 0 ELSE 1 END) AS BIGINT) AS not_exact,
    count(*) AS n_rows, {_WORST} AS evidence
FROM counted
WHERE id NOT IN (SELECT p.id FROM wholes p JOIN counted w ON w.id = p.whole)
GROUP BY funders, joint, kind, amount_basis
ORDER BY funders, joint, kind, amount_basis"""

_MONEY_COMMENT = (
    "Amounts in euro added up by funders, kind and basis. The money of several funders is not split: joint is true and "
    "funders names them all. No project is counted in two lines, but lines of different kind or basis say different "
    "things and should not be added. not_exact is how many of the n_rows amounts are rounded or bounds; evidence is "
    "their worst grade. Leaves out envelopes, components and calls; sums per year, required, or set as a ceiling or an "
    "envelope; projects that are part of one that is counted, whatever its kind; and amounts given in another currency "
    "only. It is not all the money: only that of projects in the dataset whose amount is public."
)

#: The views that add up, by the table whose rows they add.
_SUMS = {
    "returns": View("returns_by_year", _RETURNS, _RETURNS_COMMENT),
    "projects": View("money_by_funder", _MONEY, _MONEY_COMMENT),
}
