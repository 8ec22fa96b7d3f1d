"""python -m bench.corruption: which corruptions of the dataset are caught, and by which layer?

Corrupts the dataset at random, validates, and undoes the change; many times over, seeded. There are two parts:

Cells: one cell or one row changes. It is caught when the report is no longer clean. `frictionless validate` alone runs
over the same corruptions, for comparison. Cells are counted in four classes:

    bound       evidence-bound cells (figures, qualifiers, dates, places, types, parties, funders, statuses), claims,
                control totals, and rows lost or doubled: target 100 %
    reference   cells that refer to other rows (source_id, part_of, replaces, agreement_id, project_id ...): target 95 %
    log         rows of the log of corrections, and its cells that may never change: target 100 %, by validation or,
                since only it knows what was published, by the gate
    other       cells of the reference tables; no target. Titles, notes and other free text are not corrupted.

The whole package: files, schemas, the descriptor and rules are corrupted, see `bench.package_faults`. Counted is the
first layer that catches the fault (`bench.layers`); no fault may get past the layer that its kind names.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from bench.layers import LAYERS, Bench
from bench.package_faults import KINDS as FAULTS
from bench.package_faults import PackageFault, package_faults
from borderledger.package import Field, Package, Table, canonical_text
from validate.engine import check
from validate.report import Report

ROOT = Path(__file__).parents[1]
REFERENCES = {
    "source_id",
    "part_of",
    "replaces",
    "implements",
    "agreement_id",
    "project_id",
    "operation_id",
    "reprint_of",
    "record_id",
}
FREE_TEXT = {
    "title",
    "name",
    "note",
    "summary",
    "locator",
    "publisher",
    "reference",
    "short_name",
    "reason",
    "document_ref",
}


@dataclass(frozen=True)
class Corruption:
    """One change: a table, what was done, the class it counts in, and the new content of the file."""

    table: str
    kind: str
    target: str
    what: str
    text: str


Rows = list[dict[str, str]]


def corruptions(package: Package, per_kind: int, seed: int) -> Iterator[Corruption]:
    """Corruptions of every table, `per_kind` of each kind that the table allows, in an order that the seed fixes."""
    for table in package.tables.values():
        rows: Rows = [*package.sheets[table.name].records().values()]
        if not rows:
            continue
        for kind in KINDS:
            draw = random.Random(f"{seed} {table.name} {kind}")
            for _ in range(per_kind):
                made = _row(kind, table, rows, draw) if kind in ROW_KINDS else _cell(kind, package, table, rows, draw)
                if made:
                    yield made


KINDS = (
    "digit changed",
    "digits swapped",
    "month and day swapped",
    "copied from next row",
    "other legal value",
    "cell emptied",
    "row deleted",
    "row doubled",
)
ROW_KINDS = ("row deleted", "row doubled")
CLASSES = ("bound", "reference", "log", "other")
#: The tables that say what was done. Only who knows what was published sees that a row of them is gone.
LOGS = ("corrections", "checks")
#: The cells of a log that may change after it was published.
_OF_WORDS = {"reason", "issue", "note"}


def _target(table: Table, field: Field) -> str:
    if table.name in LOGS and field.name not in _OF_WORDS:
        return "log"
    if field.name in REFERENCES:
        return "reference"
    return "bound" if field.bound or table.name in ("claims", "control_totals") else "other"


def _row(kind: str, table: Table, rows: Rows, draw: random.Random) -> Corruption:
    number = draw.randrange(len(rows))
    doubled = [rows[number]] if kind == "row doubled" else []
    changed = [*rows[:number], *doubled, *doubled, *rows[number + 1 :]]
    return Corruption(
        table.name,
        kind,
        "log" if table.name in LOGS else "bound",
        "/".join(rows[number][k] for k in table.key),
        canonical_text(table, changed),
    )


def _cell(kind: str, package: Package, table: Table, rows: Rows, draw: random.Random) -> Corruption | None:
    fields = [f for f in table.fields if f.name not in FREE_TEXT and f.name != "id" and not f.name.endswith("url")]
    for _ in range(400):  # not every cell can be changed in every way
        field, number = draw.choice(fields), draw.randrange(len(rows))
        old = rows[number][field.name]
        new = _changed(kind, package, table, field, rows, number, draw)
        if new is not None and new != old:
            changed = [*rows[:number], {**rows[number], field.name: new}, *rows[number + 1 :]]
            key = "/".join(rows[number][k] for k in table.key)
            return Corruption(
                table.name,
                kind,
                _target(table, field),
                f"{key} {field.name}: {old} > {new}",
                canonical_text(table, changed),
            )
    return None


def _changed(
    kind: str, package: Package, table: Table, field: Field, rows: Rows, number: int, draw: random.Random
) -> str | None:
    old = rows[number][field.name]
    if kind == "copied from next row":
        return rows[(number + 1) % len(rows)][field.name]
    if not old:
        return None
    if kind == "cell emptied":
        return ""
    if kind == "other legal value":
        return _legal(package, table, field, old, draw)
    if field.name in REFERENCES:
        return None
    if kind == "month and day swapped":
        return re.sub(r"^([0-9]{4})-([0-9]{2})-([0-9]{2})", r"\1-\3-\2", old)
    digits = [i for i, c in enumerate(old) if c.isdigit() and c.isascii()]
    if not digits:
        return None
    at = draw.choice(digits)
    if kind == "digit changed":
        return old[:at] + draw.choice([d for d in "0123456789" if d != old[at]]) + old[at + 1 :]
    swap = old[: at + 2]
    return old[:at] + swap[at + 1] + swap[at] + old[at + 2 :] if at + 1 in digits else None


def _legal(package: Package, table: Table, field: Field, old: str, draw: random.Random) -> str | None:
    values: list[str] = list(field.categories)
    for key in table.foreign_keys:
        if key.field == field.name:
            values = [row[key.target] for row in package.sheets[key.table].records().values()]
    if field.refers_to:
        values = [row["id"] for name in field.refers_to for row in package.sheets[name].records().values()]
    if not values:
        return None
    if not field.delimiter:
        return draw.choice(values)
    items = old.split(field.delimiter)
    items[draw.randrange(len(items))] = draw.choice(values)
    return field.delimiter.join(sorted(set(items)))


# --- running ---------------------------------------------------------------------------------------------------------

_BENCH: Bench


def _start(folder: str, engine: str | None) -> None:
    """Give each worker copies of the package of its own."""
    global _BENCH
    _BENCH = Bench(ROOT, Path(tempfile.mkdtemp(dir=folder)), checked_with(engine))


def checked_with(engine: str | None) -> Callable[[Path], Report]:
    """Validation, by the engine that is named."""
    chosen: Callable[..., Report] = check
    return chosen if engine is None else partial(chosen, engine=engine)


def _caught(corruption: Corruption) -> str:
    """The layer that catches a corruption of a cell; the gate is asked about the log alone."""
    return _BENCH.layer(spoilt(corruption), "gate" if corruption.target == "log" else "validate")


def spoilt(corruption: Corruption) -> PackageFault:
    """A corruption as a fault of the package."""
    return PackageFault(corruption.kind, corruption.what, {f"data/{corruption.table}.csv": corruption.text.encode()})


def _caught_by_frictionless(corruption: Corruption) -> bool:
    from frictionless import Package as Stock
    from frictionless import system

    with _BENCH.spoilt(spoilt(corruption)) as root, system.use_context(trusted=True):
        return not Stock(str(root / "datapackage.json")).validate().valid


def _layer(fault: PackageFault) -> str:
    return _BENCH.layer(fault)


def main() -> int:
    """Print the share caught, by class and table and by class and kind, then by layer; exit 1 if a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.corruption", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--per-kind", type=int, default=4, help="corruptions of each kind in each table (default 4)")
    parser.add_argument(
        "--frictionless", type=int, default=1, help="of these, how many also run through frictionless (default 1)"
    )
    parser.add_argument("--share", type=float, default=1.0, help="share of the faults of the whole package (default 1)")
    parser.add_argument("--engine", help="the engine of validation to run")
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    package = Package.read(ROOT)
    if not checked_with(options.engine)(ROOT).ok:
        print("the dataset has findings; run python -m validate first", file=sys.stderr)
        return 2
    made = list(corruptions(package, options.per_kind, options.seed))
    subset = list(corruptions(package, options.frictionless, options.seed))
    faults = list(package_faults(package, options.share, options.seed))
    with (
        tempfile.TemporaryDirectory() as folder,
        # Not forked: the threads of polars do not live on in a copy of this process.
        ProcessPoolExecutor(
            mp_context=get_context("spawn"), initializer=_start, initargs=(folder, options.engine)
        ) as pool,
    ):
        by_layer = list(pool.map(_caught, made, chunksize=4))
        stock = list(pool.map(_caught_by_frictionless, subset, chunksize=4))
        layers = list(pool.map(_layer, faults, chunksize=4))
    ours = [layer != "none" for layer in by_layer]
    cases = f"{len(made) + len(faults)} corruptions: {len(made)} of cells and rows, {len(faults)} of the whole package"
    print(f"seed {options.seed}, {cases}; {len(subset)} also through frictionless validate alone\n")
    for by in ("table", "kind"):
        _print(by, made, ours, subset, stock)
    log = Counter(layer for m, layer in zip(made, by_layer, strict=True) if m.target == "log")
    print(f"log: {', '.join(f'{log[layer]} by {layer}' for layer in ('validate', 'gate', 'none'))}\n")
    _print_layers(faults, layers)
    for corruption, caught in zip(made, ours, strict=True):
        if not caught and corruption.target != "other":
            print(f"missed: {corruption.table} {corruption.kind}: {corruption.what}")
    late = [(f, layer) for f, layer in zip(faults, layers, strict=True) if is_late(f, layer)]
    for fault, layer in late:
        print(f"missed: {fault.kind}: {fault.what}: caught by {layer}")
    shares = {t: [c for m, c in zip(made, ours, strict=True) if m.target == t] for t in CLASSES}
    reached = (
        all(shares["bound"]) and all(shares["log"]) and sum(shares["reference"]) >= 0.95 * len(shares["reference"])
    )
    return 0 if reached and not late else 1


def is_late(fault: PackageFault, layer: str) -> bool:
    """Whether a fault got past the layer that its kind names."""
    return LAYERS.index(layer) > LAYERS.index(FAULTS[fault.kind].layer)


def _print_layers(faults: list[PackageFault], layers: list[str]) -> None:
    print(f"{'whole package':<34}{'cases':>8}" + "".join(f"{layer:>10}" for layer in LAYERS))
    for kind in [*dict.fromkeys(fault.kind for fault in faults), "all"]:
        counts = Counter(layer for f, layer in zip(faults, layers, strict=True) if kind in (f.kind, "all"))
        print(f"{kind:<34}{counts.total():>8}" + "".join(f"{counts[layer] or '-':>10}" for layer in LAYERS))
    print()


def _print(by: str, made: list[Corruption], ours: list[bool], subset: list[Corruption], stock: list[bool]) -> None:
    print(f"{by:<24}" + "".join(f"{t:>14}" for t in CLASSES) + f"{'frictionless alone':>22}")
    keys = [*dict.fromkeys(getattr(m, by) for m in made), "all"]
    for key in keys:
        cells = [
            _share([(m.target == t and key in (getattr(m, by), "all"), c) for m, c in zip(made, ours, strict=True)])
            for t in CLASSES
        ]
        alone = _share([(key in (getattr(m, by), "all"), c) for m, c in zip(subset, stock, strict=True)])
        print(f"{key:<24}" + "".join(f"{cell:>14}" for cell in cells) + f"{alone:>22}")
    print()


def _share(pairs: list[tuple[bool, bool]]) -> str:
    counts = Counter(caught for counted, caught in pairs if counted)
    total = counts.total()
    return f"{counts[True] / total:.1%} of {total}" if total else "-"


if __name__ == "__main__":
    sys.exit(main())
