"""Packages cut out of the real one: a small one, for tests to break, and a sample, for tests of what is made of it.

`mini` copies the descriptor and the schemas and takes a handful of real records with all that they lean on: their
claims, sources, linked records, organisations, places and control totals. It validates without findings; a test
changes one thing and reads what validation says.
"""

from __future__ import annotations

import atexit
import functools
import gc
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

import borderledger as bl
from borderledger.dataset import Dataset
from borderledger.package import Package, canonical_text
from validate import Finding, Report
from validate.engine import check_package
from validate.reading import read_package
from validate.totals import control_totals

ROOT = Path(__file__).parents[1]

# A test says what is right, not how fast: a busy machine must not fail it. bench/ measures.
# `--hypothesis-profile thorough` tries many more examples than there is time for at every change; audit.yml does so.
settings.register_profile("untimed", deadline=None, max_examples=40)
settings.register_profile("thorough", settings.get_profile("untimed"), max_examples=1000)
settings.load_profile("untimed")


def pytest_configure() -> None:
    """Keep the folders of tests in memory where there is room, and each process of pytest-xdist on one processor.

    Tests write some hundred thousand files. polars hands each query to a thread of its own and waits for it, which is
    quicker where both share a processor. Each saves a tenth of the time or more.
    """
    memory = Path("/dev/shm")
    if "TMPDIR" not in os.environ and _is_fit(memory):
        os.environ["TMPDIR"] = tempfile.tempdir = str(memory)
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker and sys.platform == "linux":
        usable = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {usable[int(worker.removeprefix("gw")) % len(usable)]})


def _is_fit(folder: Path) -> bool:
    """Whether tests can write into a folder and have room there. They also run programs, which some containers forbid."""
    if not os.access(folder, os.W_OK) or os.statvfs(folder).f_flag & os.ST_NOEXEC:
        return False
    return shutil.disk_usage(folder).free > 4 << 30


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass over the thousands of tests, which stay until the end: a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


Row = dict[str, str]

#: One disputed, one range, one of each core table, a part and its whole, bulk rows.
RECORDS = (
    "agr-status-ba-2025",
    "agr-status-rs-2024",
    "dep-frontex-wb6-2025-06",
    "dep-at-hu-rs-2024-10",
    "prj-seefar-pathways-emr-wbr",
    "prj-dk-xk-gjilan",
    "ret-all-ba-2020-11",
    "crs-western-balkan-2025",
    "fac-al-gjader",
    "act-seefar-pathways",
)
#: More of the sample, because tests ask for them by name.
SAMPLED = ("prj-ba-iom-return-pilot-2022", "fac-al-gerhot")
#: Every so many records of these tables: returns fill more than a page of the website, and the others are alike.
EVERY = {"returns": 2, "crossings": 64, "operations": 16, "operation_states": 1000}
#: Bulk rows: all of these sources and places.
BULK = {("returns", "ME"), ("projects", "XK")}


@dataclass
class Mini:
    """The small package in a folder, with its tables as lists of rows."""

    root: Path
    package: Package
    rows: dict[str, list[Row]]

    def row(self, table: str, /, **where: str) -> Row:
        """The first row of a table with the given values; change it in place, then `save`."""
        return next(row for row in self.rows[table] if all(row[k] == v for k, v in where.items()))

    def add(self, table: str, /, **values: str) -> Row:
        """Append a row, with empty cells where nothing is given."""
        row = dict.fromkeys(self.package.tables[table].names, "") | values
        self.rows[table].append(row)
        return row

    def claim(self, record: str, field: str, value: str, **more: str) -> Row:
        """Append a claim by the source to read first of its record."""
        tables = (t.name for t in self.package.core)
        source = next(row["source_id"] for t in tables for row in self.rows[t] if row["id"] == record)
        entry = {"qualifier": "exact", "verdict": "agrees", "source_id": source, "locator": "opening text"} | more
        return self.add("claims", record_id=record, field=field, value=value, **entry)

    def seal(self) -> None:
        """Enter the control totals of what the tables now hold."""
        batches = {(row["table"], row["source_id"]) for row in self.rows["control_totals"]}
        self.rows["control_totals"] = []
        for table in self.package.tables.values():
            if table.batch:
                bound = [
                    r
                    for r in self.rows[table.name]
                    if table.name == "claims" or (table.name, r["source_id"]) in batches
                ]
                empty = dict.fromkeys(self.package.tables["control_totals"].names, "")
                cells = tuple(tuple(row[name] for name in table.names) for row in bound)
                self.rows["control_totals"] += [empty | row for row in _counted(table.name, cells, self.package)]

    def save(self, *, sealed: bool = True) -> Path:
        """Write all tables in canonical form; with `sealed`, control totals follow the claims."""
        if sealed:
            self.seal()
        for table in self.package.tables.values():
            text = canonical_text(table, self.rows[table.name])
            (self.root / table.path).write_text(text, encoding="utf-8", newline="")
        return self.root

    def check(self, *, sealed: bool = True, graded: bool = False) -> Report:
        """Save and validate what differs from the clean package (`checked`)."""
        return checked(self.save(sealed=sealed), graded=graded)

    def findings(self, rule: str, *, sealed: bool = True) -> list[Finding]:
        """Save, validate and keep the findings of one rule."""
        return [f for f in self.check(sealed=sealed).findings if f.rule == rule]


#: The control totals of rows, by table and cells: most tests change one table of many.
_totals: dict[tuple[str, tuple[tuple[str, ...], ...]], list[Row]] = {}


def _counted(name: str, cells: tuple[tuple[str, ...], ...], package: Package) -> list[Row]:
    if (name, cells) not in _totals:
        table = package.tables[name]
        _totals[name, cells] = control_totals(table, [dict(zip(table.names, row, strict=True)) for row in cells])
    return _totals[name, cells]


def checked(root: Path, *, graded: bool = False) -> Report:
    """Validate a small package that a test has changed; see `check_changed`."""
    return check_changed(read_package(root), graded=graded)


def check_changed(package: Package, changed: Collection[str] | None = None, *, graded: bool = False) -> Report:
    """Check some tables; by default those that differ from the small package, because the others are known to be good.

    So does `--changed-since`, and tests/validate/test_changed.py shows that the report is that of a full check. With
    `--hypothesis-profile thorough` both are made here, and compared.

    graded   whether the test looks at the grades in the summary
    """
    changed = _changed(package) if changed is None else changed
    report = check_package(package, changed, graded=graded or changed is None)
    if settings.get_current_profile_name() == "thorough" and changed is not None:
        full = check_package(package)
        assert report.findings == full.findings, changed
        assert report == full or not graded, changed
    return report


def _changed(package: Package) -> set[str] | None:
    """The tables that are not as `mini_in` made them; None if a schema is not: then everything counts."""
    if _small is None:
        return None
    root, clean = Path(str(package.root)), _small[1]
    held = {path: (root / path).read_bytes() if (root / path).is_file() else b"" for path in clean}
    if _unnumbered(held["datapackage.json"]) == _unnumbered(clean["datapackage.json"]):
        held["datapackage.json"] = clean["datapackage.json"]  # no rule asks for the version
    different = {path for path, content in clean.items() if held[path] != content}
    tables = {table.path: table.name for table in package.tables.values()}
    return {tables[path] for path in different} if different <= tables.keys() else None


def _unnumbered(descriptor: bytes) -> bytes:
    return re.sub(rb'"version": "[^"]*"', b"", descriptor)


@pytest.fixture(scope="session")
def whole() -> Package:
    """The package of the repository."""
    return Package.read(ROOT)


@pytest.fixture
def mini(tmp_path: Path, whole: Package) -> Mini:
    """The small package, clean and on disk."""
    return mini_in(tmp_path, whole)


#: The small package as it is first saved: its tables and its files, cut out once in each process.
_small: tuple[dict[str, list[Row]], dict[str, bytes]] | None = None


def mini_in(folder: Path, whole: Package) -> Mini:
    """The small package in a folder."""
    global _small
    for name in ("schemas", "data"):
        (folder / name).mkdir(parents=True)
    if _small is None:
        rows: dict[str, list[Row]] = {name: [*sheet.records().values()] for name, sheet in whole.sheets.items()}
        first = Mini(folder, whole, _cut(whole, rows, _chosen(whole, rows)))
        first.save()
        files = {path: (ROOT / path).read_bytes() for path in _described(ROOT)}
        files |= {table.path: (folder / table.path).read_bytes() for table in whole.tables.values()}
        _small = first.rows, files
    tables, files = _small
    for path, content in files.items():
        (folder / path).write_bytes(content)
    return Mini(folder, whole, {name: [dict(row) for row in rows] for name, rows in tables.items()})


def _described(root: Path) -> list[str]:
    return ["datapackage.json", *(path.relative_to(root).as_posix() for path in (root / "schemas").iterdir())]


@functools.cache
def sample() -> Dataset:
    """The small package and every eighth record of the real one, or as `EVERY` says: all that there is, but faster.

    It is cut out once in each process. Tests do not change it.
    """
    folder = tempfile.TemporaryDirectory(prefix="borderledger-sample-")
    atexit.register(folder.cleanup)
    whole = Package.read(ROOT)
    rows: dict[str, list[Row]] = {name: [*sheet.records().values()] for name, sheet in whole.sheets.items()}
    # A whole needs all its parts. Of those, the small package has some.
    parted = {row["id"] for row in rows["returns"] if row["part_of"]} | {row["part_of"] for row in rows["returns"]}
    every = {row["id"] for table in whole.core for row in rows[table.name][:: EVERY.get(table.name, 8)]}
    every -= {row["id"] for row in rows["returns"] if row["operation_ref"]}  # which come with their operations
    records = (every - parted) | _chosen(whole, rows)
    records.update(SAMPLED)
    cut = Mini(Path(folder.name), whole, _cut(whole, rows, records))
    known = {row["id"] for table in (*whole.core, whole.tables["sources"]) for row in cut.rows[table.name]} | {""}
    cut.rows["corrections"] = [
        r
        for r in rows["corrections"]
        if {r["record_id"], r["source_id"]} <= known and r["field"] != "reprint_of"  # which the cut may have emptied
    ]
    stated = {(c["record_id"], c["field"], c["source_id"]) for c in cut.rows["claims"]}
    cut.rows["checks"] = [r for r in rows["checks"] if (r["record_id"], r["field"], r["source_id"]) in stated]
    for path in _described(ROOT):
        (cut.root / path).parent.mkdir(exist_ok=True)
        (cut.root / path).write_bytes((ROOT / path).read_bytes())
    (cut.root / "data").mkdir()
    return bl.open(cut.save())


def _chosen(whole: Package, rows: dict[str, list[Row]]) -> set[str]:
    totals = {(r["table"], r["source_id"]) for r in rows["control_totals"] if r["table"] != "claims"}
    records = set(RECORDS)
    for table in whole.core:
        place = table.batch.get("place")
        for row in rows[table.name]:
            if (table.name, row["source_id"]) in totals and (table.name, row[place or "id"]) in BULK:
                records.add(row["id"])
    return records


def _cut(whole: Package, rows: dict[str, list[Row]], chosen: set[str]) -> dict[str, list[Row]]:
    """The rows of some records with all that they lean on."""
    records = {*chosen}
    facts = {table.name for table in whole.core}
    links = {key.field for table in whole.core for key in table.foreign_keys if key.table in facts}
    operations = {row["reference"]: row["id"] for row in rows["operations"]}
    while True:  # follow the links between records, also those that claims state
        linked = {
            row[k] for t in whole.core for row in rows[t.name] if row["id"] in records for k in links & row.keys()
        }
        linked |= {c["value"] for c in rows["claims"] if c["record_id"] in records and c["field"] in links}
        linked |= {r["id"] for r in rows["agreements"] if r["replaces"] in records}
        # All of an operation, because its persons are the sum of those of its states.
        linked |= {operations[r["operation_ref"]] for r in rows["returns"] if r["operation_ref"] and r["id"] in records}
        linked |= {r["id"] for r in rows["operation_states"] if r["operation_id"] in records}
        linked |= {r["id"] for r in rows["returns"] if operations.get(r["operation_ref"], "") in records}
        if linked <= records | {""}:
            break
        records |= linked - {""}
    kept = {t.name: [r for r in rows[t.name] if r["id"] in records] for t in whole.core}
    kept["claims"] = [c for c in rows["claims"] if c["record_id"] in records]
    cited = {row["source_id"] for name in (*kept,) for row in kept[name]}
    kept["sources"] = [r for r in rows["sources"] if r["id"] in cited]
    kept["control_totals"] = [r for r in rows["control_totals"] if r["source_id"] in cited]
    for name in ("organisations", "places"):
        kept[name] = rows[name]
    kept["corrections"] = []  # what becomes of a log is for the tests of the log to say
    kept["checks"] = []  # and what an audit finds for those of audits
    small = {name: [dict(row) for row in kept[name]] for name in whole.tables}
    stated = {(c["source_id"], c["record_id"], c["field"]) for c in small["claims"]}
    for row in small["sources"]:  # a reprint whose common claims were not cut out with it
        if not any((row["reprint_of"], r, f) in stated for s, r, f in stated if s == row["id"]):
            row["reprint_of"] = ""
    publishers = {row["publisher"] for row in small["sources"]}
    for row in (*small["organisations"], *small["places"]):
        row["publishes_as"] = ";".join(name for name in row["publishes_as"].split(";") if name in publishers)
    return small


@pytest.fixture
def edit(mini: Mini) -> Callable[[str, Callable[[bytes], bytes]], Report]:
    """Change the bytes of one file of the small package and validate."""

    def change(path: str, how: Callable[[bytes], bytes]) -> Report:
        file = mini.root / path
        file.write_bytes(how(file.read_bytes()))
        return checked(mini.root)

    return change
