"""SQL for DuckDB, written by hand for speed: all of the structure, and the totals by source, place and year.

The words, codes and dates repeat, so most checks look at each combination of them once. The digest of a batch is the
sum of a hash of its rows, so that their order does not matter. `--enter` writes the digests beside the package;
without them there is nothing to compare with.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import duckdb

from bench.peers.common import Found, Returns, run

__all__ = ["check", "enter"]

_DIGESTS = "digests-of-duckdb.csv"
#: Columns of which each row has its own value; all others repeat.
_OWN = ("id", "quantity", "quantity_max", "procedure", "part_of", "note")
#: What cannot be seen, a space at an end or twice, and what a spreadsheet would run as a formula.
_BAD_TEXT = (
    r"[\x00-\x1f\x7f-\x{9f}\x{a0}\x{ad}\x{61c}\x{1680}\x{180e}\x{2000}-\x{200f}\x{2028}-\x{202f}\x{205f}-\x{206f}"
    r"\x{3000}\x{feff}\x{fff9}-\x{fffd}\x{34f}\x{115f}\x{1160}\x{2800}\x{3164}\x{fe00}-\x{fe0f}\x{ffa0}"
    r"\x{e0000}-\x{e0fff}]|^ | $|  |^[=+@\t\r]|^-[^0-9]"
)
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


def check(folder: Path) -> Found:
    """The number of rows and the faults."""
    returns = Returns(folder)
    base = duckdb.connect()
    try:
        _load(base, returns)
    except duckdb.Error:
        return 0, {"shape": 1}
    found = Counter(_of_rows(base, returns)) + Counter(_of_words(base, returns)) + Counter(_of_batches(base, folder))
    return _one(base, "SELECT count(*) FROM returns"), found


def enter(folder: Path) -> None:
    """Write the digests of the batches."""
    base = duckdb.connect()
    _load(base, Returns(folder))
    base.execute(f"COPY ({_BATCHES}) TO '{_quoted(folder / _DIGESTS)}'")


def _load(base: duckdb.DuckDBPyConnection, returns: Returns) -> None:
    """The table of returns as text, and each combination of the words in it with the totals of its rows."""
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in returns.fields)
    base.execute("SET preserve_insertion_order = false")  # nothing below needs it, and the file is read faster
    base.execute(f"""
        CREATE TABLE returns AS
        SELECT * FROM read_csv('{_quoted(returns.file)}', columns = {{{columns}}}, header = true, delim = ',',
                               quote = '"', escape = '"', auto_detect = false, strict_mode = true)""")
    base.execute(f"""
        CREATE TABLE words AS
        SELECT {", ".join(name for name in returns.fields if name not in _OWN)}, count(*) AS rows,
               sum(try_cast(quantity AS BIGINT)) AS total,
               sum(hash({", ".join(returns.fields)})) AS digest
        FROM returns GROUP BY ALL""")


def _of_rows(base: duckdb.DuckDBPyConnection, returns: Returns) -> dict[str, int]:
    number = "regexp_full_match({0}, '-?(0|[1-9][0-9]{{0,17}})')"
    checks = {
        "required": "id IS NULL",
        "pattern": f"NOT regexp_full_match(id, '{returns.patterns['id']}')",
        "integer": " OR ".join(f"NOT {number.format(name)}" for name in returns.integers),
        "minimum": " OR ".join(f"try_cast({name} AS BIGINT) < 0" for name in returns.integers),
        "parent": "part_of NOT IN (SELECT id FROM returns)",
        "text": " OR ".join(_is_bad_text(name) for name in ("procedure", "note")),
    }
    counts = base.execute(f"SELECT {_counts(checks)}, count(id) - count(DISTINCT id) FROM returns").fetchone()
    return dict(zip([*checks, "key"], counts or (), strict=True))


def _of_words(base: duckdb.DuckDBPyConnection, returns: Returns) -> dict[str, int]:
    for name, ids in {**returns.references, **returns.lists}.items():
        base.execute(f"CREATE TABLE ids_{name} AS SELECT unnest($1) AS id", [sorted(ids)])
    words = [name for name in returns.fields if name not in _OWN]
    items = {name: f"string_split({name}, ';')" for name in returns.lists}
    checks = {
        "required": " OR ".join(f"{name} IS NULL" for name in returns.required if name in words),
        "category": " OR ".join(f"{name} NOT IN {_among(values)}" for name, values in returns.categories.items()),
        "pattern": " OR ".join(
            f"NOT regexp_full_match({name}, '{form}')" for name, form in returns.patterns.items() if name in words
        ),
        "date": f"""
            len(list_filter(regexp_extract_all(period, '{_DAY}'), lambda day: try_cast(day AS DATE) IS NULL)) > 0
            OR period = '../..'
            OR contains(period, '/') AND NOT contains(period, '..')
               AND rpad(split_part(replace(period, '~', ''), '/', 1), 10, '-00')
                   > rpad(split_part(replace(period, '~', ''), '/', 2), 10, '-99')""",
        "reference": " OR ".join(f"{name} NOT IN (SELECT id FROM ids_{name})" for name in returns.references),
        "list": " OR ".join(
            f"NOT list_has_all((SELECT list(id) FROM ids_{name}), {split})" for name, split in items.items()
        ),
        "order": " OR ".join(f"{split} <> list_sort(list_distinct({split}))" for split in items.values()),
        "text": " OR ".join(_is_bad_text(name) for name in words),
    }
    counts = base.execute(f"SELECT {_counts(checks)} FROM words").fetchone()
    return dict(zip(checks, counts or (), strict=True))


_BATCHES = """
    SELECT source_id, coalesce(to_place, '') AS place, left(period, 4) AS year,
           sum(rows) AS rows, sum(total) AS total, sum(digest) AS digest
    FROM words GROUP BY ALL"""


def _of_batches(base: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, int]:
    """Compare each batch with the control totals of the package, and with the digests that `enter` wrote."""
    counts = base.execute(f"""
        WITH held AS ({_BATCHES}),
        entered AS (
            SELECT source_id, coalesce(place, '') AS place, year, rows, total
            FROM read_csv('{_quoted(folder / "data/control_totals.csv")}', all_varchar = true)
            WHERE "table" = 'returns'),
        digests AS (
            SELECT source_id, coalesce(place, '') AS place, year, digest
            FROM read_csv('{_quoted(folder / _DIGESTS)}', all_varchar = true)),
        compared AS (
            SELECT held.*, entered.rows AS rows_entered, entered.total AS total_entered, digests.digest AS before
            FROM (SELECT * FROM held WHERE source_id IN (SELECT source_id FROM entered)) AS held
            FULL JOIN entered USING (source_id, place, year)
            LEFT JOIN digests USING (source_id, place, year))
        SELECT count(*) FILTER (rows::VARCHAR IS DISTINCT FROM rows_entered
                                OR total::VARCHAR IS DISTINCT FROM total_entered),
               count(*) FILTER (digest::VARCHAR IS DISTINCT FROM before)
        FROM compared""").fetchone()
    return dict(zip(("total", "digest"), counts or (), strict=True))


def _is_bad_text(name: str) -> str:
    return f"regexp_matches({name}, '{_BAD_TEXT}') OR nfc_normalize({name}) <> {name}"


def _counts(checks: dict[str, str]) -> str:
    return ", ".join(f"count(*) FILTER ({holds})" for holds in checks.values())


def _among(values: list[str]) -> str:
    return f"({', '.join(repr(value) for value in values)})"


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _one(base: duckdb.DuckDBPyConnection, query: str) -> int:
    row = base.execute(query).fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    if sys.argv[2:] == ["--enter"]:
        enter(Path(sys.argv[1]))
    else:
        run(check)
