"""The rows of a table of the package as typed columns: all of them, of a day, or of a grade."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from borderledger.errors import BadArgument, CorruptPackage, NoTimeMeaning, UnknownColumn, as_texts, nearest, shown
from borderledger.package.model import Table
from borderledger.package.tables import Rows
from borderledger.query.archive import ARCHIVE_COPY, archive_copy, has_copies
from borderledger.query.columns import Column, field_columns, field_names
from borderledger.query.evidence import Graded
from borderledger.query.grades import GRADES, RANKS

if TYPE_CHECKING:
    from borderledger.query.as_of import Day

__all__ = ["chosen", "rows_of"]

#: The columns that say how well a record is evidenced.
_GRADED = ["evidence", "evidence_rank", "n_sources", "primary_fields"]
#: How far below the call of a person a warning is given: Dataset.load, load, columns, rows_of.
_CALLER = 5


def rows_of(
    dataset: Graded,
    table: str,
    *,
    as_of: Day | None = None,
    columns: Sequence[str] | None = None,
    grade: str | Collection[str] | None = None,
) -> tuple[list[Column], int | None]:
    """The columns of a table; with `as_of`, also the number of rows whose dates leave open whether they belong.

    Arguments and errors are those of `Dataset.load`.
    """
    schema = dataset.schema(table)
    rows = dataset.cells(table)
    kept: Sequence[int] = range(len(rows))
    made: dict[str, Column] = {}
    unknown = None
    names = [name for field in schema.fields for name in field_names(field)]
    names += _GRADED if schema.bound else []
    names += [ARCHIVE_COPY] if has_copies(schema) else []
    if as_of is not None:
        from borderledger.query.as_of import STATES, Known, day_of, known_of, state

        day, created = day_of(as_of), dataset.created.date()
        try:
            known = known_of(dataset, table) if table in STATES else Known(created.toordinal())
            found = state(table, list(dataset.rows(table)), day, known)
        except NoTimeMeaning:
            raise
        except ValueError as error:  # a date that is none
            raise _malformed(dataset, schema) from error
        kept, unknown = found.rows, found.unknown
        if day > created.toordinal():
            what = f"as_of {as_of} is after {created}, the day on which this version was made: no row is certain."
            warnings.warn(what, UserWarning, stacklevel=_CALLER)
        made["as_of_certain"] = Column("as_of_certain", "flag", found.certain)
        made["as_of_evidence"] = Column("as_of_evidence", "day", found.evidence)
        names += ["as_of_certain", "as_of_evidence"]
    wanted = list(names if columns is None else columns)
    _stop_at_unknown(table, wanted, names)
    graded = schema.bound and (grade is not None or bool({*_GRADED} & {*wanted}))
    grades = dataset.grades(schema) if graded else []
    if grade is not None:
        asked = _grades_asked(schema, grade)
        good = [n for n, row in enumerate(kept) if grades[row].grade in asked]
        made = {name: column.take(good) for name, column in made.items()}
        kept = [kept[n] for n in good]
    if graded:
        mine = [grades[row] for row in kept]
        made["evidence"] = Column("evidence", "category", [one.grade or None for one in mine], tuple(GRADES), True)
        made["evidence_rank"] = Column("evidence_rank", "integer", [RANKS.get(one.grade) for one in mine])
        made["n_sources"] = Column("n_sources", "integer", [one.n_sources for one in mine])
        made["primary_fields"] = Column("primary_fields", "list", [one.primary for one in mine], delimiter=";")
    try:
        made.update(_typed(schema, [rows[row] for row in kept], wanted))
    except ValueError as error:
        raise _malformed(dataset, schema) from error
    if ARCHIVE_COPY in wanted and ARCHIVE_COPY not in made:
        sources = list(dataset.rows(table))
        copies = [archive_copy(sources[row]) or None for row in kept]
        made[ARCHIVE_COPY] = Column(ARCHIVE_COPY, "text", copies)
    return [made[name] for name in wanted], unknown


def chosen(table: str, columns: Sequence[Column], names: Sequence[str]) -> list[Column]:
    """Some of the columns of a table, in the order named. Raises UnknownColumn."""
    by_name = {column.name: column for column in columns}
    _stop_at_unknown(table, names, by_name)
    return [by_name[name] for name in names]


def _stop_at_unknown(table: str, wanted: Iterable[str], names: Collection[str]) -> None:
    for name in wanted:
        if not isinstance(name, str) or name not in names:
            raise UnknownColumn(f"{table} has no column {shown(name)}. {nearest(str(name), names)}")


def _grades_asked(schema: Table, asked: str | Collection[str]) -> set[str]:
    order = list(GRADES)
    if not schema.bound:
        raise BadArgument(f"{schema.name} holds no facts, so its rows have no grade.")
    several = {*as_texts("grade", asked, "single")}
    for name in several - {*order}:
        raise BadArgument(f"grade {name!r} is not known. {nearest(name, order)}")
    return {*order[order.index(asked) :]} if isinstance(asked, str) else several


def _typed(schema: Table, rows: Rows, wanted: Collection[str]) -> dict[str, Column]:
    made: dict[str, Column] = {}
    by_field = list(zip(*rows, strict=True)) or [()] * len(schema.fields)
    for field, cells in zip(schema.fields, by_field, strict=True):
        if {*field_names(field)} & {*wanted}:
            made.update((column.name, column) for column in field_columns(field, cells))
    return made


def _malformed(dataset: Graded, schema: Table) -> CorruptPackage:
    """The error for the first cell of a table that is not in canonical form."""
    for line, row in enumerate(dataset.cells(schema.name), 2):  # one line a row, below the header
        for field, cell in zip(schema.fields, row, strict=True):
            try:
                list(field_columns(field, [cell]))
            except ValueError as error:
                where = f"{schema.path}:{line} {field.name}"
                return CorruptPackage(f"{where} is malformed: {error}. In a checkout, python -m validate says more.")
    raise AssertionError(f"every cell of {schema.path} can be read")
