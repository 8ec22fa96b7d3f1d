"""What a rule can ask of a row: its cells, the numbers and days that they mean, and the row that a link leads to.

A rule gets a `Row` and returns an expression. The row notes which derived columns the expression needs; they are
computed once for all rules of a table. A number or a date is parsed once for each distinct text, in Python, and joined.

A cell that is empty or malformed has no number and no day. What is compared with it is unknown, and a rule passes over
the row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import narwhals as nw
import polars as pl

from borderledger.package import Table
from borderledger.query.grades import Statement, interval
from validate.engines import Frame

if TYPE_CHECKING:
    from validate.ledger import Ledger

__all__ = ["NoField", "Row"]


class NoField(LookupError):
    """A rule asks for a field that the schema of its table lacks."""


class Row:
    """The columns of a table as expressions. The columns of a linked row have the name of the link before theirs."""

    def __init__(self, ledger: Ledger, table: Table, prefix: str = "") -> None:
        self._ledger = ledger
        self._table = table
        self._prefix = prefix
        self._derived: dict[str, Callable[[Frame], Frame]] = {}
        self._linked: dict[str, Row] = {}

    def __getitem__(self, field: str) -> nw.Expr:
        """The text of a cell; unknown where no row is linked."""
        if field not in self._table.by_name:
            raise NoField(f"{self._table.name} has no field {field}")
        return nw.col(self._prefix + field)

    def filled(self, field: str) -> nw.Expr:
        """Whether a cell is filled."""
        return self[field] != ""

    def number(self, field: str) -> nw.Expr:
        """The number that a figure is."""
        return self._parsed(field, "number", lambda cell: (_number(cell),), pl.Float64)

    def low(self, figure: str) -> nw.Expr:
        """The least number that a figure with its qualifier can mean."""
        return self._interval(figure, "low")

    def high(self, figure: str) -> nw.Expr:
        """The greatest number that a figure with its qualifier can mean."""
        return self._interval(figure, "high")

    def first(self, field: str, *, slack: bool = True) -> nw.Expr:
        """The first day that a date can mean, as an ordinal (`borderledger.edtf`)."""
        return self._span(field, "first", slack)

    def last(self, field: str, *, slack: bool = True) -> nw.Expr:
        """The last day that a date can mean, as an ordinal."""
        return self._span(field, "last", slack)

    def via(self, link: str, target: str = "") -> Row:
        """The row whose identifier a cell holds, in the same table if no other is named."""
        _ = self[link]
        if link not in self._linked:
            table = self._ledger.tables.get(target, self._table)
            self._linked[link] = Row(self._ledger, table, f"{self._prefix}{link}/")
            self._derived[link] = lambda frame: self._join(frame, link)
        return self._linked[link]

    def complete(self, frame: Frame) -> Frame:
        """The rows of a frame, with the derived columns that were asked for."""
        for derive in self._derived.values():
            frame = derive(frame)
        return frame

    def _join(self, frame: Frame, link: str) -> Frame:
        linked = self._linked[link]
        rows = self._ledger.first_rows(linked._table.name)
        rows = rows.join(frame.select(link).unique(), left_on="id", right_on=link, how="semi")
        rows = linked.complete(self._ledger.engine.keep(rows))
        rows = rows.rename({name: f"{link}/{name}" for name in rows.collect_schema().names()})
        return frame.join(self._ledger.engine.keep(rows), left_on=link, right_on=f"{link}/id", how="left")

    def _parsed(self, field: str, what: str, parse: Callable[[str], tuple[float | None]], kind: Any) -> nw.Expr:
        _ = self[field]
        name = f"{field}/{what}"
        self._derived[name] = lambda frame: self._ledger.engine.computed(frame, [field], {name: kind}, parse)
        return nw.col(self._prefix + name)

    def _span(self, field: str, end: str, slack: bool) -> nw.Expr:
        _ = self[field]
        names = [f"{field}/{each}{'' if slack else '/exact'}" for each in ("first", "last")]
        self._derived[names[0]] = lambda frame: self._ledger.engine.computed(
            frame, [field], dict.fromkeys(names, pl.Int64), lambda cell: self._ledger.span(cell, slack=slack)
        )
        return nw.col(self._prefix + names[end == "last"])

    def _interval(self, figure: str, end: str) -> nw.Expr:
        _ = self[figure]
        upper = [name for name in (f"{figure}_max",) if name in self._table.by_name]
        names = [f"{figure}/low", f"{figure}/high"]
        self._derived[names[0]] = lambda frame: self._ledger.engine.computed(
            frame, [figure, f"{figure}_qualifier", *upper], dict.fromkeys(names, pl.Float64), _interval
        )
        return nw.col(f"{self._prefix}{figure}/{end}")


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _interval(value: str, qualifier: str, upper: str = "") -> tuple[float | None, float | None]:
    try:
        return interval(Statement(value, qualifier, upper)) if value else (None, None)
    except ValueError:
        return None, None
