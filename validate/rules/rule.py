"""What a rule is made of, and the usual way to word its failures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from validate.ledger import Ledger

__all__ = ["Holds", "Rule", "Says", "cell", "message"]

#: For each row (index: line) whether it keeps the rule.
Holds = Callable[[Ledger], "pd.Series[bool]"]
#: What is wrong with the row at a line that does not.
Says = Callable[[Ledger, int], str]


@dataclass(frozen=True)
class Rule:
    """A rule of a table, reported at one of its fields.

    id     several rules may share one when they follow from the same idea
    why    the idea: a sentence that is true of every good row
    fix    what to do about a bad one
    """

    id: str
    table: str
    field: str
    why: str
    fix: str
    holds: Holds
    says: Says

    def words(self, ledger: Ledger) -> Callable[[int, str], tuple[str, str]]:
        """The (message, fix) for a line and its cell, as the structure layer asks for them.

        The cell is not used: a rule compares fields, so that its message needs the whole row.
        """
        return lambda line, cell: (self.says(ledger, line), self.fix)


def cell(t: Ledger, table: str, line: int, field: str) -> str:
    """The text of one cell."""
    return str(t.frame(table).at[line, field])


def message(table: str, text: str) -> Says:
    """Says `text` with the cells of the row in place of `{field}`. A rule need not fetch what it quotes."""

    def says(t: Ledger, line: int) -> str:
        return text.format_map(t.frame(table).loc[line])

    return says
