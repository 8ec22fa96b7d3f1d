"""Control totals: what binds rows that are entered in batches, and the claims of each source.

A batch is the rows of one source, split by place and year where the schema says so (`batch` in schemas/*.json). Its
total is entered in data/control_totals.csv, apart from the rows: their number, the sum of their figures, and a digest
in eight blocks. A row belongs to the block that its own hash decides, and the block is the sum of the hashes of its
rows. So where one row changed, one block lost the old hash and another one won the new hash, which tells the row. Where
a batch has several figures, such as persons and euros, the sum of the first is the `total`, and that of
each other one is in the column with its name.

The digest depends on no order, so that any engine can compute it in parts. It finds slips. Whoever wants to deceive can
choose rows with the same sum; against that there is the hash of the released file (`release verify`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import narwhals as nw
import polars as pl

from borderledger.package import Table
from validate.cells import NUMBER
from validate.engines import Engine, Frame, engine_named
from validate.reading import LINE

__all__ = ["BATCH", "BLOCKS", "Batch", "batches", "control_totals", "counted_in", "differences", "suspects"]

BLOCKS = 8
_WIDTH = 8  # hexadecimal digits of a block
_SIZE = 1 << 4 * _WIDTH  # from which on a sum begins at zero again
#: What a block begins with: the hash of no text. Blocks of zeros alone would be a number to a spreadsheet.
_EMPTY = 0xDA39A3EE
#: What tells batches apart.
BATCH = ["source_id", "place", "year"]
#: Figures that can be added as integers of 64 bits, however many there are. The others are added one by one.
_SMALL = "^-?(?:0|[1-9][0-9]{0,9})$"


@dataclass
class Batch:
    """The rows of one source, place and year, counted.

    sums    the sum of each figure, in the order of `Table.figures`
    first   the first line
    blocks  the sum of the hashes of each block
    """

    sums: list[Decimal]
    rows: int
    first: int
    blocks: list[int]

    def entry(self, table: Table, batch: tuple[str, str, str]) -> dict[str, str]:
        """The row of data/control_totals.csv, without the columns of other figures."""
        digest = "".join(f"{(_EMPTY + total) % _SIZE:0{_WIDTH}x}" for total in self.blocks)
        counted = dict(zip(counted_in(table), [str(self.rows), *map(_plain, self.sums), digest], strict=True))
        return dict(zip(BATCH, batch, strict=True)) | {"table": table.name} | counted


def counted_in(table: Table) -> list[str]:
    """The columns of data/control_totals.csv that say what a batch of a table holds."""
    return ["rows", "total", *table.figures[1:], "digest"]


def batches(table: Table, rows: Frame, engine: Engine) -> dict[tuple[str, str, str], Batch]:
    """The batches of rows of a table that has a `batch`, by source, place and year."""
    small = [nw.col(figure).str.contains(_SMALL) for figure in table.figures]
    hashed = _hashed(table, rows, engine)
    names = [f"figure_{number}" for number in range(len(small))]
    added = [
        nw.when(is_small).then(nw.col(figure)).otherwise(nw.lit("0")).cast(nw.Int64).alias(name)
        for figure, is_small, name in zip(table.figures, small, names, strict=True)
    ]
    counts = [f"other_{number}" for number in range(len(small))]
    odd = [
        ((nw.col(figure) != "") & ~is_small).cast(nw.Int64).alias(name)
        for figure, is_small, name in zip(table.figures, small, counts, strict=True)
    ]
    parts = hashed.with_columns(*added, *odd).group_by(*BATCH, "block")
    sums = [nw.col(name).sum() for name in ("hash", *names, *counts)]
    parts = parts.agg(nw.len().alias("rows"), nw.col(LINE).min().alias("first"), *sums)
    counted = engine.fetch(parts.select(*BATCH, "block", "rows", "first", "hash", *names, *counts))
    found: dict[tuple[str, str, str], Batch] = {}
    for source, place, year, number, size, first, hashes, *totals in counted.drop(counts).iter_rows():
        batch = found.get((source, place, year))
        if batch is None:
            batch = found[source, place, year] = Batch([Decimal()] * len(names), 0, first, [0] * BLOCKS)
        batch.rows += size
        batch.first = min(batch.first, first)
        batch.blocks[number] += int(hashes)
        for n, total in enumerate(totals):
            batch.sums[n] += int(total)
    for number, (figure, is_small) in enumerate(zip(table.figures, small, strict=True)):
        if not counted[counts[number]].sum():
            continue
        digits = nw.col(figure).str.contains(f"^{NUMBER.pattern}$")
        others = engine.fetch(hashed.filter(digits & ~is_small).select(*BATCH, nw.col(figure).alias("figure")))
        for source, place, year, value in others.iter_rows():
            found[source, place, year].sums[number] += Decimal(value)
    return found


def suspects(
    table: Table, rows: Frame, engine: Engine, wanted: Mapping[tuple[str, str, str], Mapping[int, int]]
) -> dict[tuple[str, str, str], tuple[list[int], list[int]]]:
    """The lines of some batches that are surely not as they were counted, and all lines that may be others.

    wanted   by batch: the blocks that differ, and by how much each (`differences`)

    Surely another one is a row whose hash is what its block won. There is none if a row is gone, if several rows of a
    block have changed, or if the one that changed stayed in its block. Any row of a block that differs may be one.
    """
    listed = [(*batch, number, won) for batch, blocks in wanted.items() for number, won in blocks.items()]
    schema = dict.fromkeys(BATCH, pl.String) | {"block": pl.Int64, "won": pl.Int64}
    small = engine.small({name: [each[n] for each in listed] for n, name in enumerate(schema)}, schema)
    found = _hashed(table, rows, engine).join(small, on=[*BATCH, "block"], how="inner")
    found = found.select(*BATCH, LINE, (nw.col("hash") == nw.col("won")).alias("sure"))
    lines: dict[tuple[str, str, str], tuple[list[int], list[int]]] = {batch: ([], []) for batch in wanted}
    for *batch, line, sure in engine.fetch(found).sort(LINE).iter_rows():
        surely, maybe = lines[tuple(batch)]
        maybe.append(line)
        if sure:
            surely.append(line)
    return lines


def control_totals(table: Table, rows: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """The rows of data/control_totals.csv for rows of a table that has a `batch`, one for each source, place, year.

    `rows` are dictionaries of strings with the fields of the table, in any order.
    """
    engine = engine_named("polars")
    held = [*rows]
    columns = {name: [row[name] for row in held] for name in table.names}
    frame = engine.small({LINE: [*range(len(held))]} | columns, {LINE: pl.Int64} | dict.fromkeys(columns, pl.String))
    return [batch.entry(table, key) for key, batch in sorted(batches(table, frame, engine).items())]


def _hashed(table: Table, rows: Frame, engine: Engine) -> Frame:
    """The rows with their batch, `block` and `hash`; of their fields only the figures are left."""
    text = nw.concat_str(*map(nw.col, table.names), separator="\x1f")
    place = nw.col(table.batch["place"]) if "place" in table.batch else nw.lit("")
    year = nw.col(table.batch["date"]).str.slice(0, 4) if "date" in table.batch else nw.lit("")
    kept = [LINE, "source_id", place.alias("place"), year.alias("year"), *table.figures]
    rows = engine.hashed(rows.select(*kept, text.alias("text")), "text", "hash")
    return rows.drop("text").with_columns((nw.col("hash") % BLOCKS).alias("block"))


def differences(held: str, entered: str) -> dict[int, int]:
    """The blocks of two digests that differ, by their numbers, and what the first one has more (modulo its size)."""
    pairs = [[digest[n * _WIDTH : (n + 1) * _WIDTH] for digest in (held, entered)] for n in range(BLOCKS)]
    return {n: _minus(*pair) for n, pair in enumerate(pairs) if pair[0] != pair[1]}


def _minus(held: str, entered: str) -> int:
    try:
        return (int(held, 16) - int(entered, 16)) % _SIZE
    except ValueError:  # a digest of another form, which tells nothing
        return _SIZE


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
