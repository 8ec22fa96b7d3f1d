"""Rules of corrections: the log ends in what the tables hold, and a retired identifier stays retired."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from borderledger.package import version_order
from validate.ledger import Ledger
from validate.rules.rule import Rule, cell

__all__ = ["rules"]

_TABLE = "corrections"


def rules() -> Iterator[Rule]:
    """The rules of this table."""
    yield Rule(
        id="correction.new",
        table=_TABLE,
        field="new",
        why="the log of corrections ends in what the tables hold",
        fix="Log the later change too, or restore the corrected value.",
        holds=_last_is_held,
        says=lambda t, line: f"{cell(t, _TABLE, line, 'new')!r}, but the record holds {_held(t)[line]!r}",
    )
    yield Rule(
        id="correction.record",
        table=_TABLE,
        field="record_id",
        why="a retired identifier is never used again, and a changed one exists",
        fix="Give the record another identifier, or retire the old one with field `id`.",
        holds=_retired_or_in_use,
        says=_says_wrong_record,
    )
    yield Rule(
        id="correction.change",
        table=_TABLE,
        field="old",
        why="a change has two values, and new evidence for a value one",
        fix="Correct kind (evidence is for a value that stays), or delete the row.",
        holds=_kind_fits,
        says=_says_unfit,
    )


def _last_is_held(t: Ledger) -> pd.Series[bool]:
    frame = t.frame(_TABLE)
    held = frame["record_id"].isin(_rows(t))  # what was corrected and then retired is held no more
    return ~(held & _last(t) & frame["field"].ne("id") & frame["new"].ne(_held(t)))


def _rows(t: Ledger) -> dict[str, str]:
    """The table of each id that a correction can be about: the records, and their sources."""
    sources = dict.fromkeys(t.frame("sources")["id"], "sources") if t.readable("sources") else {}
    return sources | {record: table.name for record, (table, _) in t.records.items()}


def _held(t: Ledger) -> pd.Series[str]:
    """What the table now holds in the corrected cell; empty where there is no such record or field."""
    frame, rows = t.frame(_TABLE), _rows(t)
    tables = {name: t.by_id(name) for name in {*rows.values()}}

    def held(record: str, field: str) -> str:
        table = tables[rows[record]] if record in rows else None
        return str(table.at[record, field]) if table is not None and field in table.columns else ""

    values = [held(record, field) for record, field in zip(frame["record_id"], frame["field"], strict=True)]
    return pd.Series(values, index=frame.index, dtype=object)


def _last(t: Ledger) -> pd.Series[bool]:
    """Which rows are the latest on their cell: a value that was corrected twice need not be held any more."""
    frame = t.frame(_TABLE)
    by_version = frame.assign(order=frame["version"].map(version_order)).sort_values("order", kind="stable")
    return ~by_version.duplicated(["record_id", "field"], keep="last").sort_index()


def _retires(frame: pd.DataFrame) -> pd.Series[bool]:
    return frame["field"].eq("id") & frame["old"].ne("")


def _retired_or_in_use(t: Ledger) -> pd.Series[bool]:
    frame = t.frame(_TABLE)
    tables = [*(table.name for table in t.package.core), "sources"]
    if t.package.unreadable or not all(t.readable(name) for name in tables):
        return pd.Series(True, index=frame.index)  # of a table that cannot be read, no row is known to be gone
    retiring = _retires(frame)
    broken = frame["record_id"].isin(set().union(*(t.package.sheets[name].lost for name in tables)))
    in_use = frame["record_id"].isin(_rows(t))
    # A record that was changed first and retired later is known by the row that retired it.
    known = in_use | frame["record_id"].isin(frame.loc[retiring, "record_id"])
    return (retiring & ~in_use) | (~retiring & (known | broken))


def _says_wrong_record(t: Ledger, line: int) -> str:
    retiring = _retires(t.frame(_TABLE)).at[line]
    return "is retired but in use" if retiring else "is no record or source, and not retired"


def _kind_fits(t: Ledger) -> pd.Series[bool]:
    frame = t.frame(_TABLE)
    same, kind = frame["old"].eq(frame["new"]), frame["kind"]
    return (same == kind.eq("evidence")) & ~(kind.eq("addition") & frame["old"].ne(""))


def _says_unfit(t: Ledger, line: int) -> str:
    row = t.frame(_TABLE).loc[line]
    if row["old"] == row["new"]:
        return f"is the same as new, so the row is not a {row['kind'] or 'change'}"
    return "is not empty, so the row is not an addition" if row["kind"] == "addition" else "differs from new"
