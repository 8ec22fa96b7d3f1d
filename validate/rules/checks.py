"""Rules of checks: each is about a claim that exists or existed, and says why if it does not confirm the claim."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw

from validate.engines import Frame
from validate.ledger import Ledger
from validate.reading import LINE
from validate.rules.rule import Rule, message

__all__ = ["rules"]

_TABLE = "checks"
_CLAIM = ("record_id", "field", "source_id")


def rules() -> Iterator[Rule]:
    """The rules of this table."""
    yield Rule(
        id="check.claim",
        table=_TABLE,
        field="record_id",
        why="a check is about a claim that exists, or existed before a correction",
        fix="Correct record, field and source as data/claims.csv has them, or delete the row.",
        lines=_of_no_claim,
        reads=("claims", "corrections"),
        says=message("{source_id} has no claim on {field} of {record_id}, and the log names none"),
    )
    yield Rule(
        id="check.note",
        table=_TABLE,
        field="note",
        why="a check that does not confirm a claim says why",
        fix="Say in note what the document says, or why it could not be seen.",
        when=lambda row: row["result"] != "confirmed",
        holds=lambda row: row.filled("note"),
        says=message("is empty, but the result is {result}"),
    )
    yield Rule(
        id="dates.order",
        table=_TABLE,
        field="checked",
        why="nobody reads a document before it is published",
        fix="Check both dates.",
        reads=("sources",),
        holds=lambda row: ~(row.last("checked") < row.via("source_id", "sources").first("published")),
        says=message("{checked} is before {source_id} was published: {source_id/published}"),
    )


def _of_no_claim(t: Ledger) -> Frame:
    """The rows about no claim of now, nor of a field or a record that the log says was changed or retired."""
    rows = t.rows(_TABLE).select(LINE, *_CLAIM)
    if not (t.readable("claims") and t.readable("corrections")):
        return rows.select(LINE).head(0)  # of a table that cannot be read, no row is known to be missing
    rows = rows.join(t.rows("claims").select(*_CLAIM).unique(), on=list(_CLAIM), how="anti")
    log = t.rows("corrections").filter(nw.col("old") != "")
    rows = rows.join(log.select("record_id", "field").unique(), on=["record_id", "field"], how="anti")
    retired = log.filter(nw.col("field") == "id").select("record_id").unique()
    return rows.join(retired, on="record_id", how="anti").select(LINE)
