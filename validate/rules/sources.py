"""Rules of sources: each is cited, is listed once, and a reprint really is one (two prints are one witness)."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw

from validate.engines import Frame
from validate.ledger import Ledger
from validate.reading import LINE
from validate.rules.general import once
from validate.rules.rule import EVERY, Rule, message

__all__ = ["rules"]

_TABLE = "sources"


def rules() -> Iterator[Rule]:
    """The rules of this table."""
    yield Rule(
        id="source.used",
        table=_TABLE,
        field="id",
        why="every source states something",
        fix="Enter a claim from it, or delete the row.",
        lines=_not_cited,
        reads=(EVERY,),
        says=message("no claim, record or control total cites it"),
    )
    yield Rule(
        id="source.same",
        table=_TABLE,
        field="url",
        why="one document is one source",
        fix="Keep one of the rows and point its claims to it.",
        lines=once(_TABLE, ("url", "title")),
        says=message("another source has the same address and title"),
    )
    yield Rule(
        id="dates.order",
        table=_TABLE,
        field="published",
        why="nobody reads a document before it is published",
        fix="Check both dates.",
        holds=lambda row: ~(row.last("accessed") < row.first("published")),
        says=message("{published} is after accessed {accessed}"),
    )
    yield Rule(
        id="source.reprint",
        table=_TABLE,
        field="reprint_of",
        why="a reprint does not come before its original",
        fix="Reverse the link, or check the dates.",
        when=lambda row: row.filled("reprint_of"),
        holds=lambda row: ~(row.last("published") < row.via("reprint_of").first("published")),
        says=message("was published before {reprint_of} (line {reprint_of//line}), of which it is a reprint"),
    )
    yield Rule(
        id="source.reprint",
        table=_TABLE,
        field="reprint_of",
        why="a reprint says what its original says",
        fix="Name the original, or empty reprint_of.",
        lines=_states_something_else,
        reads=("claims",),
        says=message("states nothing that {reprint_of} states too"),
    )


def _not_cited(t: Ledger) -> Frame:
    citing = [name for name, table in t.tables.items() if "source_id" in table.by_name]
    rows = t.rows(_TABLE).select(LINE, "id")
    if not all(t.readable(name) for name in citing):
        return rows.head(0)  # of a table that cannot be read, nobody knows what it cites
    cited = [t.rows(name).select(nw.col("source_id").alias("id")) for name in citing]
    cited.append(t.rows(_TABLE).select(nw.col("reprint_of").alias("id")))
    return rows.join(nw.concat(cited).unique(), on="id", how="anti").select(LINE)


def _states_something_else(t: Ledger) -> Frame:
    """The reprints that have no claim on a field of a record in common with their original."""
    reprints = t.rows(_TABLE).filter(nw.col("reprint_of") != "").select(LINE, "id", "reprint_of")
    if not t.readable("claims"):
        return reprints.select(LINE).head(0)
    claims = t.rows("claims").select("source_id", "record_id", "field")
    stated = reprints.join(claims, left_on="id", right_on="source_id", how="inner")
    original = claims.rename({"source_id": "reprint_of"})
    common = stated.join(original, on=["reprint_of", "record_id", "field"], how="semi")
    return reprints.join(common.select(LINE).unique(), on=LINE, how="anti").select(LINE)
