"""Read a filled worksheet: each answer with the entry that it is about, or what is wrong, by line and column.

A spreadsheet may have saved the file: with semicolons, with a byte order mark, or with a date in its own form. What can
only mean one thing is read so; anything else is a finding.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audit.worksheet import ANSWERED, ASKED, NOT_STATED, SETTLED, claim_number
from borderledger.dataset import Dataset
from borderledger.errors import nearest
from borderledger.package import Field, Finding
from borderledger.query.checks import Entry, entries, stratum
from corrections.meant import meant, unsure
from corrections.names import Names, ids_of, names_of, referred
from corrections.plain_text import tidy, wrong_text
from validate.cells import canonical_cell, cell_tests

__all__ = ["RULES", "Answer", "Meaning", "is_open", "lines_of", "read", "wrong_answer"]

#: Largest file, in bytes. A worksheet of 600 claims has about a megabyte.
LARGEST = 20_000_000

#: Rules of filled worksheets, each with its reason; docs/rules.md lists them with the other rules.
RULES = {
    "audit.file": "a worksheet is a table with the columns that it was written with",
    "audit.claim": "a row of a worksheet is about a claim of its audit, once",
    "audit.answer": "a reader says what the document says and where, or why it could not be seen",
    "audit.value": "an answer has the form of its field, so that it can be compared",
    "audit.text": "notes and locators are published: they are plain text and name no person",
    "audit.result": "a difference is settled with a result and its reason",
    "audit.once": "an audit has one result for each claim",
}


@dataclass(frozen=True)
class Answer:
    """What a reader found.

    line      of the worksheet
    cells     of its row
    values    each value with its qualifier, in canonical form; none if the reader saw none
    changed   whether the claim was changed after the draw
    """

    line: int
    cells: Mapping[str, str]
    entry: Entry
    values: tuple[tuple[str, str], ...] = ()
    changed: bool = False

    def __getitem__(self, column: str) -> str:
        """A cell of the row; empty if the worksheet has no such column."""
        return self.cells.get(column, "")


@dataclass(frozen=True)
class Meaning:
    """What the words of a reader can mean: names of places and bodies, titles of records, qualifiers."""

    names: Names
    titles: Mapping[str, str]
    qualifiers: tuple[str, ...]

    @classmethod
    def of(cls, dataset: Dataset) -> Meaning:
        """The words of a version of the dataset."""
        titles: dict[str, str] = {}
        for schema in map(dataset.schema, dataset.names):
            if schema.bound and schema.label:
                titles |= {_folded(row[schema.label]): row["id"] for row in dataset.rows(schema.name)}
        qualifiers = tuple(dataset.schema("claims").by_name["qualifier"].categories)
        return cls(
            names_of({name: list(dataset.rows(name)) for name in ("places", "organisations")}), titles, qualifiers
        )


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _word(text: str) -> str:
    """A word of a classification without its spelling: `IPA I` is ipa_i, and so is `ipa i`."""
    return _folded(text).replace(" ", "_")


# --- the file --------------------------------------------------------------------------------------------------------


def read(file: Path, dataset: Dataset, *, complete: bool = True) -> tuple[list[Answer], list[Finding]]:
    """The answers of a worksheet, or what is wrong with it. Raises OSError if the file cannot be read.

    complete   whether each row must have an answer
    """
    reader = _Reader(str(file), dataset, complete)
    answers = list(reader.answers(file.read_bytes()))
    return ([], sorted(reader.found)) if reader.found else (answers, [])


@dataclass
class _Reader:
    name: str
    dataset: Dataset
    complete: bool
    found: list[Finding] = field(default_factory=list)

    def wrong(self, line: int, column: str, value: str, message: str, fix: str, rule: str) -> None:
        self.found.append(Finding(self.name, line, column, value[:200], message, fix, f"audit.{rule}"))

    def answers(self, content: bytes) -> Iterator[Answer]:
        rows = list(self._rows(content))
        audits = {row["audit"] for _, row in rows}
        if len(audits) > 1:
            message, fix = f"holds rows of several audits: {', '.join(sorted(audits))[:200]}", "Enter each on its own."
            self.wrong(1, "audit", "", message, fix, "claim")
            return
        audit = next(iter(audits), "")
        pattern = self.dataset.schema("checks").by_name["audit"].pattern
        if rows and not re.fullmatch(pattern, audit):
            message = f"{audit[:80]!r} is not the name of an audit"
            self.wrong(2, "audit", audit, message, "Restore the column as `draw` wrote it.", "claim")
            return
        numbers = {number.partition("-")[0]: (entry, number) for number, entry in _numbered(self.dataset, audit)}
        meaning = Meaning.of(self.dataset)
        seen: dict[tuple[str, str, str], int] = {}
        for line, row in rows:
            entry, number = numbers.get(row["claim"].partition("-")[0], (None, ""))
            if entry is None:
                message = f"{row['claim'][:40]!r} is the number of no claim of the audit {audit}"
                fix = "Restore the columns audit and claim as `draw` wrote them. Delete the row if the claim is gone."
                self.wrong(line, "claim", row["claim"], message, fix, "claim")
            elif entry.key in seen:
                message, fix = f"is about the claim of line {seen[entry.key]}", "Keep one of the two rows."
                self.wrong(line, "claim", row["claim"], message, fix, "claim")
            else:
                seen[entry.key] = line
                values, wrong = wrong_answer(row, entry, meaning) if self.complete or not is_open(row) else ((), [])
                for each in wrong:
                    self.wrong(line, *each)
                yield Answer(line, row, entry, values, changed=number != row["claim"])

    def _rows(self, content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
        fix = "Save it as CSV in UTF-8, with commas, or draw the worksheet again."
        if len(content) > LARGEST:
            return self.wrong(0, "", "", f"is larger than {LARGEST:,} bytes", "Is it a worksheet?", "file")
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            return self.wrong(line, "", "", "is not UTF-8 text", fix, "file")
        reader, line = lines_of(text), 1
        try:
            header: list[str] = next(reader, [])
            if problem := _wrong_header(header):
                return self.wrong(1, "", "", problem, fix, "file")
            line = reader.line_num + 1
            for cells in reader:
                if not any(cells):
                    pass
                elif len(cells) != len(header):
                    self.wrong(line, "", "", f"has {len(cells)} cells, not {len(header)}", fix, "file")
                else:
                    yield line, dict(zip(header, map(tidy, cells), strict=True))
                line = reader.line_num + 1
        except csv.Error as error:
            self.wrong(line, "", "", f"cannot be read as CSV: {error}", fix, "file")
        return None


def lines_of(text: str) -> Any:
    """A reader of the lines of a worksheet; a spreadsheet may have written semicolons between the cells."""
    comma = ";" if "audit;row" in text.partition("\n")[0] else ","
    return csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=comma)


def _wrong_header(header: list[str]) -> str:
    known = [*ASKED, *ANSWERED, *SETTLED]
    if doubled := sorted({name for name in header if header.count(name) > 1}):
        return f"has the column {doubled[0][:40]!r} twice"
    if unknown := [name for name in header if name not in known]:
        return f"has a column that is not of a worksheet: {unknown[0][:40]!r}. {nearest(unknown[0], known)}"
    lacking = [name for name in (*ASKED, *ANSWERED) if name not in header]
    return f"lacks the column {lacking[0]}" if lacking else ""


def _numbered(dataset: Dataset, audit: str) -> Iterator[tuple[str, Entry]]:
    return ((claim_number(audit, entry), entry) for entry in entries(dataset))


# --- one answer ------------------------------------------------------------------------------------------------------

#: What is wrong with a cell: column, value, message, fix, rule.
_Wrong = tuple[str, str, str, str, str]


def is_open(row: Mapping[str, str]) -> bool:
    """Whether a row has no answer yet."""
    return not (row["value"] or row["unseen"] or _is_silent(row))


def _is_silent(row: Mapping[str, str]) -> bool:
    """Whether the reader says that the document does not state what is asked."""
    return row["note"].casefold().startswith(NOT_STATED)


def wrong_answer(
    row: Mapping[str, str], entry: Entry, meaning: Meaning
) -> tuple[tuple[tuple[str, str], ...], list[_Wrong]]:
    """The values of an answer in canonical form, and what is wrong with its cells."""
    wrong: list[_Wrong] = []
    for column in ("locator", "unseen", "note", "reason"):
        for rule, message, fix in wrong_text(column, row.get(column, "")):
            wrong.append((column, row[column] if rule == "text" else "", message, fix, "text"))
    value, unseen = row["value"], row["unseen"]
    if value and unseen:
        message, fix = "is filled, and value too", "Empty one of the two."
        wrong.append(("unseen", unseen, message, fix, "answer"))
    if is_open(row):
        fix = "Write what the document says. If you could not see it, say why in unseen. If it does not say it, begin "
        fix += f"note with `{NOT_STATED}:`."
        wrong.append(("value", "", "is empty", fix, "answer"))
    if value and not row["locator"]:
        fix = (
            "Write where the document says it: page, paragraph, table and row, so that a stranger finds it in a minute."
        )
        wrong.append(("locator", "", "is empty", fix, "answer"))
    if len(row["locator"]) > _LONGEST_PLACE:
        message, fix = f"has {len(row['locator'])} characters", f"Write at most {_LONGEST_PLACE}."
        wrong.append(("locator", row["locator"], message, fix, "answer"))
    if not value:
        return (), wrong
    values = [text.strip() for text in value.split("|")]
    how = [text.strip() for text in row["qualifier"].split("|")]
    if len(how) not in (1, len(values)):
        message, fix = (
            f"has {len(how)} entries, but value has {len(values)}",
            "Write one for each value, or one for all.",
        )
        wrong.append(("qualifier", row["qualifier"], message, fix, "value"))
        return (), wrong
    how = how * (len(values) // len(how))
    if stratum(entry.table, entry.field) == "figures":
        for each in dict.fromkeys(how):
            if each not in meaning.qualifiers:
                message = f"{each[:40]!r} is not a qualifier" if each else "is empty"
                fix = f"Say how exactly the document states the figure: {', '.join(meaning.qualifiers)}."
                wrong.append(("qualifier", each, message, fix, "value"))
    canonical = [_canonical(entry, text, meaning) for text in values]
    for text, cell in zip(values, canonical, strict=True):
        wrong += _wrong_value(entry.field, text, cell)
    return tuple(zip(canonical, how, strict=True)), wrong


#: Longest locator, as in a correction.
_LONGEST_PLACE = 300


def _canonical(entry: Entry, text: str, meaning: Meaning) -> str:
    """A text as a cell of its field, as far as it is sure what it means."""
    known = entry.field
    if known.categories:
        words = {_word(category): category for category in known.categories}
        items = (words.get(_word(item), item.strip()) for item in re.split("[;,]", text))
        return canonical_cell(known, (known.delimiter or ";").join(items))
    tables = referred(entry.table, known)
    if {"places", "organisations"} & {*tables}:
        return canonical_cell(known, ids_of(meaning.names, entry.table, known, text))
    if tables and text not in meaning.titles.values():
        return meaning.titles.get(_folded(text), text)
    return meant(known, text) or canonical_cell(known, text)


def _wrong_value(known: Field, text: str, cell: str) -> Iterator[_Wrong]:
    # A name that is no code, and the words of a text, are for whoever settles the answer.
    if known.type in ("integer", "number", "date") or known.edtf or known.categories:
        for test in cell_tests(known):
            if wrong := test.fails(cell):
                yield "value", text, unsure(known, text) or wrong, test.fix, "value"
                return
