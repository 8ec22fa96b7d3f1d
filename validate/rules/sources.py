"""Rules of sources: each is cited, is listed once, and a reprint really is one (two prints are one witness)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pandas as pd

from validate.ledger import Ledger
from validate.rules.general import distinct, flags, linked
from validate.rules.rule import Rule, cell, message

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
        holds=_cited,
        says=message(_TABLE, "no claim, record or control total cites it"),
    )
    yield Rule(
        id="source.same",
        table=_TABLE,
        field="url",
        why="one document is one source",
        fix="Keep one of the rows and point its claims to it.",
        holds=distinct(_TABLE, ("url", "title")),
        says=message(_TABLE, "another source has the same address and title"),
    )
    yield Rule(
        id="dates.order",
        table=_TABLE,
        field="published",
        why="nobody reads a document before it is published",
        fix="Check both dates.",
        holds=_published_before_read,
        says=message(_TABLE, "{published} is after accessed {accessed}"),
    )
    yield Rule(
        id="source.reprint",
        table=_TABLE,
        field="reprint_of",
        why="a reprint does not come before its original",
        fix="Reverse the link, or check the dates.",
        holds=_original_first,
        says=_says_reprint_first,
    )
    yield Rule(
        id="source.reprint",
        table=_TABLE,
        field="reprint_of",
        why="a reprint says what its original says",
        fix="Name the original, or empty reprint_of.",
        holds=_states_what_original_states,
        says=message(_TABLE, "states nothing that {reprint_of} states too"),
    )


def _cited(t: Ledger) -> pd.Series[bool]:
    citing = [name for name, table in t.tables.items() if "source_id" in table.by_name]
    cited = set().union(*(t.frame(name)["source_id"] for name in citing))
    frame = t.frame(_TABLE)
    if not all(t.readable(name) for name in citing):
        return flags(frame, [True] * len(frame))
    return frame["id"].isin(cited | set(frame["reprint_of"]))


def _published_before_read(t: Ledger) -> pd.Series[bool]:
    return ~(t.spans(_TABLE, "accessed")["last"] < t.spans(_TABLE, "published")["first"])


def _original_first(t: Ledger) -> pd.Series[bool]:
    dates = t.spans(_TABLE, "published")
    original = linked(t, _TABLE, "reprint_of", _TABLE, [dates["first"]])
    return ~(dates["last"] < original["first"])


def _says_reprint_first(t: Ledger, line: int) -> str:
    original = t.by_id(_TABLE).loc[cell(t, _TABLE, line, "reprint_of")]
    return f"was published before {original.name} (line {original['line']}), of which it is a reprint"


def _states_what_original_states(t: Ledger) -> pd.Series[bool]:
    """Whether the two have a claim on one field of one record in common."""
    claims, frame = t.frame("claims"), t.frame(_TABLE)
    stated: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for source, record, field in zip(claims["source_id"], claims["record_id"], claims["field"], strict=True):
        stated[source].add((record, field))
    if not t.readable("claims"):
        return flags(frame, [True] * len(frame))
    pairs = zip(frame["id"], frame["reprint_of"], strict=True)
    return flags(frame, (not original or bool(stated[source] & stated[original]) for source, original in pairs))
