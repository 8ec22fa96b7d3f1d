"""Does each rule of validation still find the fault that is planted for it?

The data of a release have no findings, whether the rules work or not. So a release also shows what its rules find: the
faults of `release.planted` are put into a package that has the schemas of the release and no other rows.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from borderledger.package import Finding, Table, read_resources, read_schema
from release.planted import PLANTED, Fault
from validate.engine import check

__all__ = ["RULES", "Listed", "Rules", "Tried", "listed_rules", "rules_at_work", "try_faults"]

#: The page that lists all rules; a test and `make release` say when it is not that of the code.
RULES = Path(__file__).parents[1] / "docs/rules.md"
#: Validation, as a function of a folder.
Check = Callable[[Path], Iterable[Finding]]


def _findings(root: Path) -> Iterable[Finding]:
    return check(root).findings


@dataclass(frozen=True)
class Listed:
    """A rule as docs/rules.md lists it: where it looks, and what it says to do; both empty if that is not listed."""

    rule: str
    place: str = ""
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.rule} of {self.place} ({self.fix})" if self.place else self.rule


@dataclass(frozen=True)
class Tried:
    """What came of planted faults: those that were found, those that were not, and each rule that found one alone."""

    found: tuple[Fault, ...]
    silent: tuple[Fault, ...]
    shown: frozenset[Listed]


def try_faults(root: Path, faults: Sequence[Fault] = PLANTED, findings: Check = _findings) -> Tried:
    """Plant faults in a package with the descriptor and the schemas of another one, and see what validation finds.

    findings   validation
    """
    with tempfile.TemporaryDirectory(prefix="borderledger-") as name:
        folder = Path(name)
        tables = _copied(root, folder)
        reached, shown = set[int](), set[Listed]()
        lines = _planted(folder, tables, faults)
        said: dict[tuple[str, str, int, str], set[str]] = defaultdict(set)
        for one in findings(folder):
            said[one.rule, one.file, one.line, one.field].add(one.fix)
        for number, fault in enumerate(faults):
            path = tables[fault.table].path if fault.table in tables else ""
            places = [(fault.rule, path, line, fault.field) for line in lines[number, fault.table]]
            fixes = set[str]().union(*(said[place] for place in places if place in said))
            if fixes:
                reached.add(number)
                shown.add(Listed(fault.rule))
            if len(fixes) == 1:  # or another rule finds it, too, and hides that one of the two is gone
                shown.add(Listed(fault.rule, f"{fault.table}.{fault.field}", fixes.pop()))
        _planted(folder, tables, [])
        always = {one.rule for one in findings(folder)}  # says nothing about an edit
        for number, fault in enumerate(faults):
            if fault.edits and fault.rule in {one.rule for one in _said_of_edits(folder, fault, findings)} - always:
                reached.add(number)
                shown.add(Listed(fault.rule))
    found = tuple(fault for number, fault in enumerate(faults) if number in reached)
    silent = tuple(fault for number, fault in enumerate(faults) if number not in reached)
    return Tried(found, silent, frozenset(shown))


def listed_rules(page: str) -> list[Listed]:
    """The rules of validation that docs/rules.md lists, each with every field that it looks at."""
    found = []
    for section in page.split("\n## ")[1:]:
        if section.startswith(("Corrections,", "Worksheets of an audit,")):
            continue  # those are asked of a proposal or a worksheet, before there is a package
        for rule, cells in re.findall(r"^\| `([^`]+)` \|(.*)\|$", section, re.MULTILINE):
            _, *more = (cell.strip() for cell in re.split(r"(?<!\\)\|", cells))
            places = re.findall(r"`([^`]+)`", more[0]) if more else []
            found += [Listed(rule, place, more[1].replace("\\|", "|")) for place in places] or [Listed(rule)]
    return found


@dataclass(frozen=True)
class Rules:
    """How the rules of a version do.

    silent    the faults that are planted today and not found
    unshown   the rules that docs/rules.md lists, and that no fault shows to work
    gone      the faults that the release before found, and this version does not
    known     whether the manifest of the release before says what it found
    """

    silent: tuple[Fault, ...]
    unshown: tuple[Listed, ...]
    gone: tuple[Fault, ...]
    known: bool


def rules_at_work(
    root: Path,
    before: Sequence[Fault] | None,
    *,
    planted: Sequence[Fault] = PLANTED,
    listed: Sequence[Listed] | None = None,
    findings: Check = _findings,
) -> Rules:
    """Try the planted faults on the schemas in a folder, those of today and those of the release before.

    before    the faults in the manifest of the release before; None if there is no such manifest, or if it has none
    planted   the faults of today
    listed    the rules of today; by default those of docs/rules.md
    """
    today = try_faults(root, planted, findings)
    gone = [fault for fault in before or () if fault in today.silent]
    if other := [fault for fault in before or () if fault not in planted]:
        gone += try_faults(root, other, findings).silent
    listed = listed_rules(RULES.read_text(encoding="utf-8")) if listed is None else listed
    unshown = tuple(rule for rule in listed if rule not in today.shown)
    return Rules(today.silent, unshown, tuple(gone), before is not None)


# --- planting --------------------------------------------------------------------------------------------------------

#: The places that the rows name.
_MEMBERS = {"AL": "WB6", "AT": "EU", "BA": "WB6", "DE": "EU", "ME": "WB6", "MK": "WB6", "RS": "WB6"}


def _copied(root: Path, folder: Path) -> dict[str, Table]:
    """Copy the descriptor and the schemas; return the tables."""
    _, resources = read_resources(root, [])
    tables = {name: read_schema(root, resource, []) for name, resource in resources.items()}
    found = {name: table for name, table in tables.items() if table is not None}
    for path in ("datapackage.json", *(table.schema_path for table in found.values())):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / path, folder / path)
    return found


def _planted(folder: Path, tables: Mapping[str, Table], faults: Iterable[Fault]) -> dict[tuple[int, str], list[int]]:
    """Write the tables with the rows of the faults; return the lines of each fault in each table.

    The rows stand in the order of the faults, so that their lines are known. Columns that a schema lacks are left out:
    their loss requires a major version in any case.
    """
    rows: dict[str, list[dict[str, str]]] = {name: [] for name in tables}
    if "places" in rows:
        rows["places"] += [{"id": place, "name": place, "member_of": member} for place, member in _MEMBERS.items()]
    lines: dict[tuple[int, str], list[int]] = defaultdict(list)
    for number, fault in enumerate(faults):
        for name, cells in fault.rows:
            if name in tables:
                rows[name].append({"id": f"{name}-fault-{len(rows[name])}", **cells})
                lines[number, name].append(len(rows[name]) + 1)
    for name, table in tables.items():
        text = io.StringIO()
        writer = csv.DictWriter(text, table.names, restval="", extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[name])
        (folder / table.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / table.path).write_text(text.getvalue(), encoding="utf-8", newline="")
    return lines


def _said_of_edits(folder: Path, fault: Fault, findings: Check) -> list[Finding]:
    """What validation finds after edits of files, which are undone."""
    held = {path: _read(folder / path) for _, path, _ in fault.edits}
    try:
        for how, path, text in fault.edits:
            file, content = folder / path, text.encode("latin-1")
            before = _read(file) or b""
            if how == "delete":
                file.unlink(missing_ok=True)
            elif how == "reverse":
                header, *rows = before.splitlines(keepends=True)
                file.write_bytes(b"".join([header, *reversed(rows)]))
            else:
                file.write_bytes(before * (how == "append") + content)
        return list(findings(folder))
    finally:
        for path, old in held.items():
            if old is None:
                (folder / path).unlink(missing_ok=True)
            else:
                (folder / path).write_bytes(old)


def _read(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None
