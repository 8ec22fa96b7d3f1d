"""Control totals: what binds rows that are entered in batches, and the claims of each source.

A batch is the rows of one source, split by place and year where the schema says so (`batch` in schemas/*.json). Its
total is entered in data/control_totals.csv, apart from the rows: their number, the sum of their figures, and a digest
in eight blocks. A row belongs to the block that its key hashes to, so that a difference points to an eighth of the
batch.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from borderledger.package import Table
from validate.cells import NUMBER

__all__ = ["BLOCKS", "batch_of", "block", "block_of", "control_totals"]

BLOCKS = 8
_WIDTH = 8  # hexadecimal digits of a block


def control_totals(table: Table, rows: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """The rows of data/control_totals.csv for rows of a table that has a `batch`, one for each source, place, year.

    `rows` are dictionaries of strings with the fields of the table, in any order.
    """
    batches: dict[tuple[str, str, str], list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        batches[batch_of(table, row)].append(row)
    totals = []
    for (source, place, year), members in sorted(batches.items()):
        values = (row[table.batch["total"]] for row in members)
        total = sum((Decimal(value) for value in values if NUMBER.fullmatch(value)), Decimal())
        totals.append(
            {
                "source_id": source,
                "table": table.name,
                "place": place,
                "year": year,
                "rows": str(len(members)),
                "total": _plain(total),
                "digest": _digest(table, members),
            }
        )
    return totals


def batch_of(table: Table, row: dict[str, str]) -> tuple[str, str, str]:
    """Source, place and year of the batch a row belongs to; place and year are empty where the table has neither."""
    place = row[table.batch["place"]] if "place" in table.batch else ""
    year = row[table.batch["date"]][:4] if "date" in table.batch else ""
    return row["source_id"], place, year


def block_of(table: Table, row: dict[str, str]) -> int:
    """Number of the block (0 to 7) that a row belongs to, by its key."""
    key = "\x1f".join(row[name] for name in table.key)
    return hashlib.blake2b(key.encode(), digest_size=1).digest()[0] % BLOCKS


def block(digest: str, number: int) -> str:
    """One block of a digest."""
    return digest[number * _WIDTH : (number + 1) * _WIDTH]


def _digest(table: Table, rows: list[dict[str, str]]) -> str:
    blocks: list[list[str]] = [[] for _ in range(BLOCKS)]
    for row in rows:
        blocks[block_of(table, row)].append("\x1f".join(row[name] for name in table.names))
    return "".join(
        hashlib.blake2b("\x1e".join(sorted(members)).encode(), digest_size=_WIDTH // 2).hexdigest()
        for members in blocks
    )


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
