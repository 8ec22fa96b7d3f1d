"""What the loader answers, as typed columns: the same whether they end in a frame or on the command line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from borderledger import columns as typed
from borderledger.columns import Column, field_columns, field_names
from borderledger.errors import BadArgument, CorruptPackage, NoTimeMeaning, UnknownColumn, nearest
from borderledger.grades import GRADES
from borderledger.package import Table, version_order

if TYPE_CHECKING:
    from datetime import date

    from borderledger.dataset import Dataset

__all__ = ["chosen", "describe", "disputes", "evidence", "history", "load", "tables", "title"]


# --- load ------------------------------------------------------------------------------------------------------------


def load(
    dataset: Dataset,
    table: str,
    *,
    as_of: str | date | None = None,
    columns: Sequence[str] | None = None,
    grade: str | Collection[str] | None = None,
    explode: str | None = None,
) -> tuple[list[Column], int | None]:
    """The columns of a table, and of `as_of` the number of rows whose dates leave open whether they belong to it.

    Arguments and errors are those of `Dataset.load`.
    """
    schema = dataset.schema(table)
    rows = dataset.cells(table)
    kept: Sequence[int] = range(len(rows))
    made: dict[str, Column] = {}
    unknown = None
    names = [name for field in schema.fields for name in field_names(field)]
    names += ["evidence", "n_sources"] if schema.bound else []
    if as_of is not None:
        from borderledger.as_of import day_of, state

        homes = {row["id"]: row["place"] for row in dataset.rows("organisations")} if table == "deployments" else {}
        day = day_of(as_of)
        try:
            found = state(table, list(dataset.rows(table)), day, homes)
        except NoTimeMeaning:
            raise
        except ValueError as error:  # a date that is none
            raise _malformed(dataset, schema) from error
        kept, unknown = found.rows, found.unknown
        made["as_of_certain"] = Column("as_of_certain", "flag", found.certain)
        names.append("as_of_certain")
    if isinstance(columns, str):
        raise BadArgument(f"columns takes a list of names: columns=[{columns!r}]")
    wanted = list(names if columns is None else columns)
    _stop_at_unknown(table, wanted, names)
    graded = schema.bound and (grade is not None or bool({"evidence", "n_sources"} & {*wanted}))
    grades = dataset.grades(schema) if graded else []
    if grade is not None:
        asked = _grades_asked(schema, grade)
        good = [n for n, row in enumerate(kept) if grades[row][0] in asked]
        made = {name: column.take(good) for name, column in made.items()}
        kept = [kept[n] for n in good]
    if graded:
        mine = [grades[row] for row in kept]
        made["evidence"] = Column("evidence", "category", [g or None for g, _ in mine], tuple(GRADES), True)
        made["n_sources"] = Column("n_sources", "integer", [count for _, count in mine])
    try:
        made.update(_typed(schema, [rows[row] for row in kept], wanted))
    except ValueError as error:
        raise _malformed(dataset, schema) from error
    result = [made[name] for name in wanted]
    return (result if explode is None else typed.explode(result, explode)), unknown


def chosen(table: str, columns: Sequence[Column], names: Sequence[str]) -> list[Column]:
    """Some of the columns of a table, in the order named. Raises UnknownColumn."""
    by_name = {column.name: column for column in columns}
    _stop_at_unknown(table, names, by_name)
    return [by_name[name] for name in names]


def _stop_at_unknown(table: str, wanted: Iterable[str], names: Collection[str]) -> None:
    for name in wanted:
        if name not in names:
            raise UnknownColumn(f"{table} has no column {name!r}. {nearest(name, names)}")


def _grades_asked(schema: Table, asked: str | Collection[str]) -> set[str]:
    order = list(GRADES)
    if not schema.bound:
        raise BadArgument(f"{schema.name} holds no facts, so its rows have no grade.")
    several = {asked} if isinstance(asked, str) else {*asked}
    for name in several - {*order}:
        raise BadArgument(f"grade {name!r} is not known. {nearest(name, order)}")
    return {*order[order.index(asked) :]} if isinstance(asked, str) else several


def _typed(schema: Table, rows: list[list[str]], wanted: Collection[str]) -> dict[str, Column]:
    made: dict[str, Column] = {}
    by_field = list(zip(*rows, strict=True)) or [()] * len(schema.fields)
    for field, cells in zip(schema.fields, by_field, strict=True):
        if {*field_names(field)} & {*wanted}:
            made.update((column.name, column) for column in field_columns(field, cells))
    return made


def _malformed(dataset: Dataset, schema: Table) -> CorruptPackage:
    """The error for the first cell of a table that is not in canonical form."""
    for line, row in enumerate(dataset.cells(schema.name), 2):  # one line a row, below the header
        for field, cell in zip(schema.fields, row, strict=True):
            try:
                list(field_columns(field, [cell]))
            except ValueError as error:
                where = f"{schema.path}:{line} {field.name}"
                return CorruptPackage(f"{where} is malformed: {error}. In a checkout, python -m validate says more.")
    raise AssertionError(f"every cell of {schema.path} can be read")


# --- tables and describe ---------------------------------------------------------------------------------------------


def tables(dataset: Dataset) -> list[Column]:
    """One row for each table; see `Dataset.tables`."""
    shown = [dataset.schema(name) for name in dataset.names]
    return [
        Column("table", "text", dataset.names),
        Column("rows", "integer", [len(dataset.cells(name)) for name in dataset.names]),
        Column("title", "text", [schema.title for schema in shown]),
        Column("description", "text", [schema.description for schema in shown]),
        Column("not_covered", "text", [schema.not_covered or None for schema in shown]),
    ]


def describe(dataset: Dataset, table: str) -> list[Column]:
    """One row for each column of a table; see `Dataset.describe`."""
    rows = list(_described(dataset.schema(table)))
    kinds = {
        **{"column": "text", "title": "text", "kind": "text", "bound": "flag", "required": "flag"},
        **{"refers_to": "list", "values": "mapping", "description": "text"},
    }
    return [Column(name, kind, [row[n] for row in rows]) for n, (name, kind) in enumerate(kinds.items())]


def _described(schema: Table) -> Iterator[tuple[Any, ...]]:
    for field in schema.fields:
        targets = [key.table for key in schema.foreign_keys if key.field == field.name] or list(field.refers_to)
        itself, *ends = field_columns(field, [])
        marks = (field.bound, field.required, targets, dict(field.categories), field.description)
        yield (field.name, field.title, itself.kind, *marks)
        for end, column in zip(("earliest", "latest"), ends, strict=False):
            what = f"The {end} day that {field.name} can mean; empty where that end is open or not known."
            yield column.name, f"{field.title}, {end} day", column.kind, False, False, [], {}, what
    if schema.bound:
        what = "Grade of the record: that of its worst evidence-bound field."
        yield "evidence", "Evidence grade", "category", False, False, [], dict(GRADES), what
        what = "Number of sources that state something about the record."
        yield "n_sources", "Number of sources", "integer", False, False, [], {}, what


# --- history ---------------------------------------------------------------------------------------------------------

_HISTORY = ["version", "record_id", "field", "kind", "old", "new", "reason", "source_id", "title", "url", "issue"]


def history(dataset: Dataset, record: str) -> list[Column]:
    """One row for each logged change of a record; see `Dataset.history`."""
    log = list(dataset.rows("corrections"))
    # What a record has taken the place of is part of where it comes from.
    mine = {record} | {row["record_id"] for row in log if row["field"] == "id" and row["new"] == record}
    rows = [row for row in log if row["record_id"] in mine]
    sources = {source["id"]: source for source in dataset.rows("sources")}
    if not rows and record not in sources:
        dataset.record(record)  # which says what is near, if there is no such record
    rows.sort(key=lambda row: version_order(row["version"]))
    told = [row | {name: sources.get(row["source_id"], {}).get(name, "") for name in ("title", "url")} for row in rows]
    return [Column(name, "text", [row.get(name) or None for row in told]) for name in _HISTORY]


# --- evidence and disputes -------------------------------------------------------------------------------------------

_EVIDENCE = [
    *("field", "held", "value", "qualifier", "verdict", "grade"),
    *("source_id", "title", "publisher", "published", "kind", "url", "locator", "note", "origin"),
]


def evidence(dataset: Dataset, record: str, field: str | None = None) -> list[Column]:
    """One row for each claim on a record or on one of its fields; see `Dataset.evidence`."""
    schema, held = dataset.record(record)
    if field is not None and field not in schema.by_name:
        raise UnknownColumn(f"{schema.name} has no field {field!r}. {nearest(field, schema.names)}")
    order = {name: number for number, name in enumerate(schema.names)}
    claims = [claim for claim in dataset.rows("claims") if claim["record_id"] == record]
    grades = dataset.field_grades((c["field"], c["verdict"], c["source_id"]) for c in claims)
    rows = [
        {"held": held.get(claim["field"], ""), **claim, "grade": grades.get(claim["field"], "")}
        for claim in sorted(claims, key=lambda claim: order.get(claim["field"], len(order)))
        if field in (None, claim["field"])
    ]
    if not claims:
        rows = [{"verdict": "bulk", "grade": "bulk", "source_id": held["source_id"]}]
    sources = {source["id"]: source for source in dataset.rows("sources")}
    merged: list[Mapping[str, str]] = [
        {**sources.get(row["source_id"], {}), "origin": dataset.voices.get(row["source_id"], ("", ""))[1], **row}
        for row in rows
    ]
    return [Column(name, "text", [row.get(name) or None for row in merged]) for name in _EVIDENCE]


def disputes(dataset: Dataset, table: str | None = None) -> list[Column]:
    """One row for each contested field of the facts, or of one table; see `Dataset.disputes`."""
    facts = [dataset.schema(table)] if table else [t for t in map(dataset.schema, dataset.names) if t.bound]
    claims: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for claim in dataset.rows("claims"):
        claims[claim["record_id"], claim["field"]].append(claim)
    found: list[dict[str, Any]] = []
    for schema in facts:
        records = {row["id"]: row for row in dataset.rows(schema.name)} if schema.bound else {}
        for (record, field), made in claims.items():
            against = [claim for claim in made if claim["verdict"] == "contradicts"]
            if against and record in records:
                found.append(
                    {
                        "table": schema.name,
                        "record_id": record,
                        "title": title(records[record]) or None,
                        "field": field,
                        "held": records[record].get(field) or None,
                        "agree": [claim["source_id"] for claim in made if claim["verdict"] == "agrees"],
                        "contradict": [claim["source_id"] for claim in against],
                        "contradicting": [claim["value"] for claim in against],
                    }
                )
    kinds = dict.fromkeys(("table", "record_id", "title", "field", "held"), "text")
    kinds |= dict.fromkeys(("agree", "contradict", "contradicting"), "list")
    return [Column(name, kind, [row[name] for row in found]) for name, kind in kinds.items()]


def title(record: Mapping[str, str]) -> str:
    """What a record is called; counts of returns have no title."""
    return record.get("title") or record.get("name") or ""
