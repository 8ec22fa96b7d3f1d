"""Rules of projects: sums in two currencies, and the time of a project."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw

from validate.columns import Row
from validate.rules.general import in_order, part_figure, part_window, status_dates
from validate.rules.rule import Rule, message

__all__ = ["rules"]

_TABLE = "projects"

#: Plausible EUR for one unit of any currency of the tables: from the forint and the yen to the pound.
_LOWEST_RATE, _HIGHEST_RATE = 0.002, 1.6

#: The euro itself, and the codes of ISO 4217 for "no currency" and for tests.
_NO_OTHER_CURRENCY = ("EUR", "XXX", "XTS")


def rules() -> Iterator[Rule]:
    """The rules of this table."""
    yield in_order(_TABLE, "start", "end")
    yield part_figure(_TABLE, "amount_eur")
    yield part_window(_TABLE, "start", "end")
    yield Rule(
        id="project.currency",
        table=_TABLE,
        field="original_amount",
        why="two statements of one sum differ by an exchange rate",
        fix="Check both amounts and the currency.",
        when=lambda row: row.filled("amount_eur") & row.filled("original_amount"),
        holds=_plausible_rate,
        says=message("{original_amount} {original_currency} for EUR {amount_eur} is no plausible rate"),
    )
    yield Rule(
        id="project.currency",
        table=_TABLE,
        field="original_currency",
        why="the original currency is another than the euro",
        fix="Put an amount in euro into amount_eur.",
        cell=lambda code: code in _NO_OTHER_CURRENCY,
        says=message("{original_currency} is not another currency than the euro"),
    )
    yield status_dates(
        _TABLE,
        "Correct status, status_as_of or end.",
        _completed_after_end,
        message("is completed as of {status_as_of}, but end is {end}"),
    )


def _plausible_rate(row: Row) -> nw.Expr:
    # No division: an amount may be zero.
    euros, amount = row.number("amount_eur"), row.number("original_amount")
    return ~((euros < amount * _LOWEST_RATE) | (euros > amount * _HIGHEST_RATE))


def _completed_after_end(row: Row) -> nw.Expr:
    return ~((row["status"] == "completed") & (row.last("status_as_of") < row.first("end")))
