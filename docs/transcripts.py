"""What a contributor sees, by running it: the commands of CONTRIBUTING.md and of pages of docs/ on a copy.

The copy is the dataset before a correction of version 0.2.0, so that the same correction can be made again.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

from audit.__main__ import main as audit
from audit.worksheet import claim_number
from borderledger.dataset import Dataset
from borderledger.package import Field, Package, canonical_text
from borderledger.query.checks import entries
from corrections.__main__ import main as corrections
from corrections.apply import weigh
from corrections.book import Book
from corrections.dialogue import ask
from corrections.forms import forms
from corrections.log import Entry
from corrections.pending import PENDING
from corrections.prompt import Prompt
from validate.__main__ import main as validate
from validate.reading import read_package

__all__ = ["transcripts"]

RECORD, SOURCE, VERSION = "agr-xk-ch-migration-mou-2010", "ejpd-2010-02-03-xk", "0.2.0"
#: What somebody types who knows the release of the day and neither the tables nor YAML.
ANSWERS = (
    "1",
    "change",
    "signed",
    "3 February 2010",
    "",
    "status_as_of",
    "2010-02-03",
    "",
    "correction",
    SOURCE,
    "whole text",
    "Only the year had been known; the Swiss release of the day reports the signature.",
    "",
)


def transcripts(package: Package) -> dict[str, str]:
    """What is shown, by the name of the scene."""
    with tempfile.TemporaryDirectory(prefix="borderledger-") as name, contextlib.chdir(name):
        folder = Path(name)
        _before(package, folder)
        (folder / PENDING).mkdir(parents=True)
        scenes = {"from-edit": _from_edit()}
        scenes["dialogue"] = _dialogue()
        scenes["report"] = _report()
        Path("report.md").write_text(scenes["report"], encoding="utf-8")
        scenes["from-issue"] = _run("corrections", corrections, "from-issue", "report.md")
        (proposal,) = Path(PENDING).iterdir()
        second = proposal.read_text(encoding="utf-8").replace("new: 2010-02-03", "new: 2010-02-04")
        Path("another.yml").write_text(second, encoding="utf-8")
        scenes["apply"] = _run("corrections", corrections, "apply")
        scenes["moved-on"] = _run("corrections", corrections, "propose", "another.yml")
        scenes["explain"] = _run("corrections", corrections, "explain", "fac-al-gjader", "capacity")
        scenes |= _audit()
        _as_excel_saves(folder / "data/facilities.csv", package)
        scenes["spreadsheet"] = "\n\n".join((_run("validate", validate), _run("validate", validate, "--fix")))
    return {scene: text.replace(f"{folder}/", "").replace(str(folder), ".") for scene, text in scenes.items()}


def _before(package: Package, folder: Path) -> None:
    """Write the package as it was before a correction: the old values, without the claims for the new ones."""
    book = Book.of(package)
    found = book.find(RECORD)
    assert found is not None  # ids are permanent
    undone = [row for row in book.rows["corrections"] if (row["record_id"], row["version"]) == (RECORD, VERSION)]
    for entry in undone:
        found[1][entry["field"]] = entry["old"]
        for claim in book.claims(RECORD, entry["field"]):
            if claim["value"] == entry["new"]:
                book.rows["claims"].remove(claim)
        book.rows["corrections"].remove(entry)
        book.log.append(Entry(RECORD, entry["field"], entry["kind"], "", "", ""))
    for name in ("schemas", "data"):  # without the manifests: that a release was recorded is to change no page
        shutil.copytree(package.root / name, folder / name)
    shutil.copy(package.root / "datapackage.json", folder)
    for name in ("claims", "corrections", found[0].name):
        table = package.tables[name]
        (folder / table.path).write_text(canonical_text(table, book.rows[name]), encoding="utf-8", newline="")
    weigh(book, read_package(folder))


def _from_edit() -> str:
    """A sheet that came by mail, and the proposal that it becomes; afterwards the proposal is gone."""
    reason = ANSWERS[-2]
    sheet = (
        f"id,signed,status_as_of,source,locator,reason\n{RECORD},2010-02-03,2010-02-03,{SOURCE},whole text,{reason}\n"
    )
    Path("agreements.csv").write_text(sheet, encoding="utf-8")
    said = _run("corrections", corrections, "from-edit", "--from", "agreements.csv")
    for proposal in Path(PENDING).iterdir():
        proposal.unlink()
    return f"$ cat agreements.csv\n{sheet}\n{said}"


def _dialogue() -> str:
    """The whole dialogue; what is typed stands behind a mark."""
    answers, said = iter(ANSWERS), ["$ python -m corrections new kosovo switzerland migration"]

    def read(question: str) -> str:
        answer = next(answers)
        said.append(f"{question}▶ {answer}".rstrip())
        return answer

    after = io.StringIO()
    with contextlib.redirect_stdout(after):
        ask(Path("."), "kosovo switzerland migration", None, Prompt(read, said.append))
    # What the check prints stands between the lines of the dialogue.
    at = next(n for n, line in enumerate(said) if line.startswith("Checking it"))
    said[at + 1 : at + 1] = after.getvalue().rstrip("\n").split("\n")
    return "\n".join(said)


def _report() -> str:
    """The form on a wrong value, filled in a little carelessly, as GitHub makes it a text."""
    answers = {
        "record": RECORD,
        "action": "change",
        "field": "signed",
        "old": "2010~",
        "new": "3 Feb 2010",
        "source": SOURCE,
        "locator": "whole text",
        "reason": "The release of the day reports the signature.",
    }
    asked = (question for question in forms()["wrong-value"].questions if question.id in answers)
    parts = (f"### {question.label}\n\n{answers[question.id]}" for question in asked)
    return "\n\n".join(parts)


def _run(name: str, main: Callable[[list[str]], int], *arguments: str) -> str:
    out = io.StringIO()
    root = ["--root", "."] if name in ("corrections", "audit") else []
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        main([*root, *arguments])
    said = re.sub(r"\n{3,}", "\n\n", "\n".join(_without_summary(out.getvalue().rstrip("\n").split("\n"))))
    return f"$ python -m {' '.join((name, *arguments))}\n{said}"


def _without_summary(lines: list[str]) -> Iterator[str]:
    """The lines without the table that validation ends in."""
    inside = False
    for line in lines:
        inside = (inside or bool(re.match("table +rows", line))) and bool(line)
        if not inside:
            yield line


def _audit() -> dict[str, str]:
    """An audit of six claims. Its reader is made up: the answers are those of the dataset, with one that differs."""
    drawn = _run("audit", audit, *["draw", "--size", "6", "--seed", "1", "--name", "example"])
    file, cells = Path("audit-example.csv"), {}
    with file.open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    for column in ("claim", "record", "context", "field", "question", "source_title", "publisher", "url"):
        cells[column] = rows[0][column]
    known = {claim_number("example", entry): entry for entry in entries(Dataset(Path(".")))}
    for number, row in enumerate(rows):
        value, row["qualifier"] = known[row["claim"]].values[0]
        row["value"], row["locator"] = value if number != 1 else "1999", "second paragraph, first sentence"
    rows[2] |= {"value": "", "qualifier": "", "locator": "", "unseen": "The page is gone, and no archive has it."}
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    with mock.patch("sys.stdin", io.StringIO()):  # no terminal
        entered = _run("audit", audit, "enter", str(file))
    row_shown = "\n".join(f"{column + ':':<14}{cell}" for column, cell in cells.items())
    return {"audit-draw": drawn, "audit-row": row_shown, "audit-enter": entered}


def _as_excel_saves(path: Path, package: Package) -> None:
    """Save a table as Excel does in a country of decimal commas; one date as in a country of months first."""
    table = package.tables["facilities"]
    rows = [*package.sheets["facilities"].records().values()]
    next(row for row in rows if row["id"] == "fac-al-gjader")["closed"] = "03/04/2026"
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(table.names)
    for row in rows:
        writer.writerow(_as_excel_shows(field, row[field.name]) for field in table.fields)
    path.write_bytes(b"\xef\xbb\xbf" + out.getvalue().encode())


def _as_excel_shows(field: Field, cell: str) -> str:
    if field.type == "integer" and len(cell) > 3:
        return f"{int(cell):,}".replace(",", ".")
    return re.sub(r"^(\d{4})-(\d\d)-(\d\d)$", r"\3.\2.\1", cell)
