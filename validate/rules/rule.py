"""What a rule is made of, and the usual way to word its failures."""

from __future__ import annotations

import string
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from validate.columns import Row
from validate.engines import Frame
from validate.ledger import Ledger

__all__ = ["EVERY", "Holds", "Rule", "Says", "Wrong", "message"]

#: Stands for all tables among those that a rule reads.
EVERY = "*"

#: An expression that is true of every good row. Where it is unknown, because a cell says nothing, the row is not bad.
Holds = Callable[[Row], nw.Expr]
#: The texts that are judged together.
Of = Callable[[Row], Sequence[nw.Expr]]
#: Whether texts are wrong, given after the tables; asked once for each combination of them.
Wrong = Callable[..., bool]
#: The lines of the bad rows as a frame with the column `LINE`, and others that its message needs.
Lines = Callable[[Ledger], Frame]
#: What is wrong with a bad row, whose cells are given: also those of linked rows, as `link/field`.
Says = Callable[[Ledger, Mapping[str, Any]], str]


@dataclass(frozen=True)
class Rule:
    """A rule of a table, reported at one of its fields.

    id     several rules may share one when they follow from the same idea
    why    the idea: a sentence that is true of every good row
    fix    what to do about a bad one
    when   which rows the rule is about, by their cells alone; all, if it is not given
    reads  the other tables that it looks into

    One of these says which rows are bad:

    holds  an expression
    cell   whether a cell of the field is wrong by itself; `maybe` is a pattern that is found in all that are
    wrong  a function of the texts that `of` names, for what is no expression
    lines  the bad lines, for what is neither: a question that takes several steps
    """

    id: str
    table: str
    field: str
    why: str
    fix: str
    says: Says
    holds: Holds | None = None
    when: Holds | None = None
    cell: Callable[[str], bool] | None = None
    maybe: str = ""
    of: Of | None = None
    wrong: Wrong | None = None
    lines: Lines | None = None
    reads: tuple[str, ...] = ()

    def concerned(self, changed: Collection[str]) -> bool:
        """Whether a change of some tables can make a difference to the rule."""
        return self.table in changed or bool(changed if EVERY in self.reads else {*self.reads} & {*changed})


class _Cells(string.Formatter):
    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        """The cell with this name: `part_of/quantity` is one name."""
        return kwargs[field_name], field_name


def message(text: str) -> Says:
    """Says `text` with the cells of the row in place of `{field}`, those of a linked row in place of `{link/field}`."""
    return lambda t, row: _Cells().vformat(text, (), row)
