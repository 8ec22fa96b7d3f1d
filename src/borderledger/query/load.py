"""The rows of a table or of a view: of a day, of a grade, under conditions, with names beside codes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal, TypedDict

from borderledger.errors import BadArgument, NoTimeMeaning, as_flag, as_text, shown
from borderledger.query import where as conditions
from borderledger.query.columns import Column
from borderledger.query.columns import explode as exploded
from borderledger.query.database import view_named, view_rows
from borderledger.query.evidence import Graded
from borderledger.query.labels import codes_of, labelled
from borderledger.query.rows import chosen, rows_of

if TYPE_CHECKING:
    from borderledger.query.as_of import Day

__all__ = ["LoadOptions", "TableName", "load"]

#: The tables and views of the version that is shipped, for type checkers; a test holds it against `Dataset.tables`.
TableName = Literal[
    "agreements",
    "deployments",
    "projects",
    "returns",
    "operations",
    "operation_states",
    "crossings",
    "facilities",
    "activities",
    "claims",
    "control_totals",
    "checks",
    "sources",
    "organisations",
    "places",
    "corrections",
    "agreements_in_force",
    "deployments_latest",
    "projects_running",
    "returns_by_year",
    "operations_by_year",
    "cost_per_person",
    "monitored_share",
    "pressure_and_response",
    "money_by_funder",
]


class LoadOptions(TypedDict, total=False):
    """What `Dataset.load` takes whatever the backend."""

    columns: Sequence[str] | None
    grade: str | Collection[str] | None
    explode: str | None
    where: str | Sequence[str] | None
    lists: Literal["list", "text"]
    labels: bool


def load(
    dataset: Graded,
    table: str,
    *,
    as_of: Day | None = None,
    columns: Sequence[str] | None = None,
    grade: str | Collection[str] | None = None,
    explode: str | None = None,
    where: str | Sequence[str] | None = None,
    lists: Literal["list", "text"] = "list",
    labels: bool = False,
) -> tuple[list[Column], int | None]:
    """The columns of a table or view; with `as_of`, also the number of rows whose dates leave open whether they belong.

    Arguments and errors are those of `Dataset.load`.
    """
    as_text("table", table, "returns")
    if isinstance(columns, str):
        raise BadArgument(f"columns takes a list of names: columns=[{columns!r}]")
    if columns is not None:
        try:
            columns = list(columns)
        except TypeError as error:
            raise BadArgument(f"columns takes a list of names, such as ['id'], not {shown(columns)}.") from error
    if explode is not None:
        as_text("explode", explode, "hosts")
    if as_text("lists", lists, "text") not in ("list", "text"):
        raise BadArgument(f"lists takes 'list' or 'text', not {lists!r}")
    as_flag("labels", labels)
    asked = conditions.parse_all(where)
    # A condition may be about a column that is not asked for, and so may a label.
    found, unknown = _columns(dataset, table, as_of, None if asked or labels else columns, grade)
    found = conditions.kept(asked, found, partial(codes_of, dataset, table))
    if labels:
        found = labelled(dataset, table, found)
    if columns is not None:
        found = chosen(table, found, columns)
    if explode is not None:
        found = exploded(found, explode)
    if lists == "text":
        found = [_as_text(column) for column in found]
    return found, unknown


def _columns(
    dataset: Graded,
    table: str,
    as_of: Day | None,
    columns: Sequence[str] | None,
    grade: str | Collection[str] | None,
) -> tuple[list[Column], int | None]:
    if table in dataset.names:
        return rows_of(dataset, table, as_of=as_of, columns=columns, grade=grade)
    view = view_named(dataset, table)
    if as_of is not None:
        raise NoTimeMeaning(f"{table} is a view, so as_of has no meaning for it; use load({view.table!r}, as_of=...).")
    if grade is not None:
        raise BadArgument(f"{table} is a view; use where='evidence>=single' in place of grade.")
    return view_rows(dataset, view), None


def _as_text(column: Column) -> Column:
    if column.kind != "list":
        return column
    return replace(column, kind="text", values=[text or None for text in column.texts()])
