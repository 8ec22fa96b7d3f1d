"""The dataset as a database: what `connect` opens in DuckDB, and `borderledger.export` writes for SQLite.

Tables
    each table          as `load` gives it: figures BIGINT and DOUBLE, days DATE, lists VARCHAR[] (empty where nothing
                        is known), `evidence` and `n_sources`. Classifications are VARCHAR and not ENUM, because
                        DuckDB sorts an ENUM by the order of its values but compares it with a text by the alphabet.
    <table>_<field>     for each list column one row an item: the key of the row (`id`) and `item`. Where items come
                        from several tables, a column for each holds the item if it stands in that one.
    <table>_windows     for each table that has a state on a day, when its rows hold: the earliest and the latest day
                        that the first day (`first_from`, `first_to`) and the last day (`last_from`, `last_to`) can
                        be, and the days for which sources leave it open (`open_from` to `open_to`). NULL is none;
                        ends that are open are 0001-01-01 and 9999-12-31. See `borderledger.as_of`.
    categories          the values of the classifications, with rank (their order) and label (what each means)
    disputes            the rows of `Dataset.disputes`; `held` is the text of the file, whatever the type of the field

Views; `COMMENT` says of each what it leaves out
    agreements_in_force, deployments_latest, projects_running
                        as `load(table, as_of=day)` gives them for the day on which the package was made (`created`).
                        In DuckDB agreements_in_force_on(day) and so on take any day.
    returns_by_year     counts of returns, added up where they may be
    money_by_funder     amounts in euro, added up where they may be

A view is there when the package has the tables that it is made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from borderledger import answers, edtf
from borderledger.about import made
from borderledger.as_of import STATES
from borderledger.columns import Column, to_pandas
from borderledger.errors import MissingExtra
from borderledger.grades import GRADES

if TYPE_CHECKING:
    import duckdb

    from borderledger.dataset import Dataset
    from borderledger.package import Table

__all__ = ["Relation", "View", "connect", "literal", "quoted", "relations", "views"]


def connect(dataset: Dataset) -> duckdb.DuckDBPyConnection:
    """A new DuckDB database in memory that holds the dataset; see the module for what is in it.

    Raises MissingExtra when duckdb is not installed, CorruptPackage when a table cannot be read.
    """
    try:
        import duckdb
    except ImportError as error:
        raise MissingExtra("duckdb is not installed: pip install 'borderledger[duckdb]'") from error
    database = duckdb.connect(":memory:")
    # All rows decide on the type of a column of lists, not a sample that may hold empty lists only.
    database.execute("SET pandas_analyze_sample = 1000000000")
    for relation in relations(dataset):
        _create(database, relation)
    database.execute("RESET pandas_analyze_sample")
    for name, view in _on_any_day(dataset):
        database.execute(f"CREATE MACRO {quoted(name)}(day) AS TABLE {view.select}")
        database.execute(f"COMMENT ON MACRO TABLE {quoted(name)} IS {literal(view.comment)}")
    for view in views(dataset):
        database.execute(f"CREATE VIEW {quoted(view.name)} AS {view.select}")
        database.execute(f"COMMENT ON VIEW {quoted(view.name)} IS {literal(view.comment)}")
    return database


_TYPES = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "day": "DATE",
    "category": "VARCHAR",
    "list": "VARCHAR[]",
    "flag": "BOOLEAN",
}


def _create(database: duckdb.DuckDBPyConnection, relation: Relation) -> None:
    names = {column.name: quoted(column.name) for column in relation.columns}
    typed = ", ".join(f"CAST({names[c.name]} AS {_TYPES[c.kind]}) AS {names[c.name]}" for c in relation.columns)
    database.register("incoming", to_pandas(relation.columns))
    database.execute(f"CREATE TABLE {quoted(relation.name)} AS SELECT {typed} FROM incoming")
    database.unregister("incoming")
    database.execute(f"COMMENT ON TABLE {quoted(relation.name)} IS {literal(relation.comment)}")
    for name, comment in relation.notes.items():
        database.execute(f"COMMENT ON COLUMN {quoted(relation.name)}.{names[name]} IS {literal(comment)}")


def quoted(name: str) -> str:
    """A name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


# --- tables ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Relation:
    """A table of the database: its columns, what it is about, its key, and its references.

    references   by column, the table and the column that it refers to
    notes        by column, what it means
    """

    name: str
    columns: Sequence[Column]
    comment: str
    key: tuple[str, ...] = ()
    references: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


def relations(dataset: Dataset) -> Iterator[Relation]:
    """The tables of the database, in the order of the package; see the module."""
    loaded = {name: answers.load(dataset, name)[0] for name in dataset.names}
    known = {name: {*columns[0].values} for name, columns in loaded.items()}
    for name, columns in loaded.items():
        schema = dataset.schema(name)
        comment = schema.description + (f" Not covered: {schema.not_covered}" if schema.not_covered else "")
        references = {key.field: (key.table, key.target) for key in schema.foreign_keys if key.table in loaded}
        notes = dict(dataset.describe(name)["description"])
        yield Relation(name, columns, comment, schema.key, references, notes)
        yield from _links(schema, columns, known)
        if name in STATES:
            yield _windows(dataset, schema)
    yield _categories(dataset)
    if "claims" in loaded:
        yield Relation("disputes", answers.disputes(dataset), _DISPUTES)


_DISPUTES = (
    "The fields that sources contradict, one row for each: held is the value of the record as the text of the file, "
    "agree and contradict name sources, and contradicting has what those that contradict state. Leaves out fields on "
    "which sources differ only in precision."
)


def _links(schema: Table, columns: Sequence[Column], known: Mapping[str, set[Any]]) -> Iterator[Relation]:
    by_name = {column.name: column for column in columns}
    for listed in schema.fields:
        if not listed.delimiter:
            continue
        pairs = [(row, item) for row, items in enumerate(by_name[listed.name].values) for item in items]
        items = [item for _, item in pairs]
        kind, more = "category" if listed.categories else "text", sorted({*items}.difference(listed.categories))
        made = [by_name[name].take(row for row, _ in pairs) for name in schema.key]
        made.append(Column("item", kind, items, (*listed.categories, *more) if listed.categories else ()))
        references = {name: (schema.name, name) for name in schema.key} if len(schema.key) == 1 else {}
        targets = [target for target in listed.refers_to if target in known]
        if len(targets) == 1:
            references["item"] = (targets[0], "id")
        else:
            nowhere = {*items}.difference(*(known[target] for target in targets))
            for target in targets:
                # An item that stands nowhere counts as one of the first table, where it will be missed.
                here = known[target] | nowhere if target == targets[0] else known[target]
                made.append(Column(target, "text", [item if item in here else None for item in items]))
                references[target] = (target, "id")
        comment = f"{listed.name} of {schema.name}, one row for each item. {listed.description}"
        yield Relation(f"{schema.name}_{listed.name}", made, comment, (*schema.key, "item"), references)


def _windows(dataset: Dataset, schema: Table) -> Relation:
    rows = list(dataset.rows(schema.name))
    homes = {row["id"]: row["place"] for row in dataset.rows("organisations")} if schema.name == "deployments" else {}
    held = [(row["id"], window) for row, window in zip(rows, STATES[schema.name](rows, homes), strict=True)]
    shown: list[tuple[Any, ...]] = []
    for record, (days, left_open) in held:
        if days or left_open:
            ends = (end for span in (*(days or (None, None)), left_open) for end in span or (None, None))
            shown.append((record, *(None if end is None else _as_date(end) for end in ends)))
    names = ("id", "first_from", "first_to", "last_from", "last_to", "open_from", "open_to")
    values = list(zip(*shown, strict=True)) or [()] * len(names)
    columns = [Column(name, "text" if name == "id" else "day", values[n]) for n, name in enumerate(names)]
    comment = (
        f"When the rows of {schema.name} hold: the earliest and latest day that the first and the last day can be; and "
        "from when to when sources leave open whether they do. Rows that never held are left out."
    )
    return Relation(f"{schema.name}_windows", columns, comment, ("id",), {"id": (schema.name, "id")})


def _as_date(day: int) -> int:
    """A day that a DATE can hold: an open end lies beside the calendar."""
    return min(max(day, edtf.EARLIEST + 1), edtf.LATEST - 1)


def _categories(dataset: Dataset) -> Relation:
    rows = [
        (table, column, value, rank, label)
        for table in dataset.names
        for column, values in dataset.describe(table)["values"].items()
        for rank, (value, label) in enumerate(values.items(), 1)
    ]
    names = ("table", "column", "value", "rank", "label")
    values = list(zip(*rows, strict=True)) or [()] * len(names)
    columns = [Column(name, "integer" if name == "rank" else "text", values[n]) for n, name in enumerate(names)]
    comment = "The values that the classifications of each table take, in their order, and what each means."
    return Relation("categories", columns, comment, ("table", "column", "value"))


# --- views -----------------------------------------------------------------------------------------------------------
#
# DuckDB and SQLite both take these texts. That asks for WITH RECURSIVE, window functions and CASE, and forbids what
# older SQLite cannot parse (IS DISTINCT FROM, an order inside string_agg): one view that it cannot read makes the whole
# file unreadable to it. Nothing in them comes from the data.


@dataclass(frozen=True)
class View:
    """A view: its query, and what it shows and leaves out."""

    name: str
    select: str
    comment: str


def views(dataset: Dataset) -> list[View]:
    """The views over the tables that the package has."""
    day = made(dataset).date().isoformat()
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


def _on_any_day(dataset: Dataset) -> Iterator[tuple[str, View]]:
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
