"""What was changed in a record since it was first published."""

from __future__ import annotations

from borderledger.errors import as_text
from borderledger.package.model import version_order
from borderledger.package.tables import Tables
from borderledger.query.columns import Column

__all__ = ["history"]

_HISTORY = ["version", "record_id", "field", "kind", "old", "new", "reason", "source_id", "title", "url", "issue"]


def history(dataset: Tables, record: str) -> list[Column]:
    """One row for each logged change of a record; see `Dataset.history`."""
    as_text("record", record, "agr-rs-ch-migration-mou-2009")
    log = list(dataset.rows("corrections"))
    # What a record has taken the place of is part of where it comes from.
    mine = {record} | {row["record_id"] for row in log if row["field"] == "id" and row["new"] == record}
    rows = [row for row in log if row["record_id"] in mine]
    sources = {source["id"]: source for source in dataset.rows("sources")}
    if not rows and record not in sources:
        dataset.record(record)  # which says what is near, if there is no such record
    rows.sort(key=lambda row: version_order(row["version"]))
    told = [row | {name: sources.get(row["source_id"], {}).get(name, "") for name in ("title", "url")} for row in rows]
    return [Column(name, "text", [row.get(name) or None for row in told]) for name in _HISTORY]
