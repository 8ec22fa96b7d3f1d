"""Is a cell what its field says? One test per property of the Table Schema, over the distinct values of a column.

The same tests serve a column of a table and the claims on that column. Canonical form is ASCII and has one spelling
per value, which is stricter than Table Schema (it would take `1_000`, `+5`, ` 12 ` or `2024-1-5`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_

import narwhals as nw

from borderledger import edtf
from borderledger.output.escape import FORMULA
from borderledger.package import Field

__all__ = ["NUMBER", "CellTest", "canonical_cell", "cell_tests", "clear", "text_test", "unclear"]


@dataclass(frozen=True)
class CellTest:
    """A test of one cell. `fails` gets a cell that is not empty and returns why it is wrong, or an empty string."""

    rule: str
    why: str
    fix: str
    fails: Callable[[str], str]


_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
#: The canonical form of a number.
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?")
#: Digits that fit into 64 bits.
_LONGEST_NUMBER = 18
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def cell_tests(field: Field) -> Iterator[CellTest]:
    """The tests that follow from a field of a Table Schema, in the order in which they are worth reading."""
    if field.type in ("integer", "number"):
        least = "" if field.minimum is None else f"; the least is {field.minimum:g}"
        yield CellTest(
            "cell.type",
            "a figure has one spelling; then equal figures are equal text",
            f"Write digits only, a point before decimals, no separators, no outer zeros: 1234.5{least}",
            _number(field),
        )
    if field.type == "date":
        fix = "Write the day as YYYY-MM-DD, for instance 2025-06-11."
        yield CellTest("cell.type", "a day has one spelling", fix, _day)
    if field.edtf:
        yield CellTest(
            "cell.date",
            "a date is as precise as its source, and a real date",
            "Write 2025, 2025-06, 2025-06-11, 2025-06~ (about), 2020-11/2022-10 (from/to), ../2025-06 (open).",
            _edtf,
        )
    if field.categories:
        yield CellTest(
            "cell.category",
            "a classification uses the words that the data dictionary defines",
            f"Use one of: {', '.join(field.categories)}.",
            _category(field),
        )
    if field.pattern and not field.edtf:
        fix = f"{field.title}: {field.description} (for programs: {field.pattern})"
        yield CellTest("cell.pattern", "identifiers and codes have a fixed form", fix, _pattern(field))
    if field.delimiter:
        fix = "Separate items by `;`, without spaces around it, in alphabetical order, each once."
        yield CellTest("cell.list", "a list has one spelling", fix, _list(field.delimiter))


def _number(field: Field) -> Callable[[str], str]:
    form = _INTEGER if field.type == "integer" else NUMBER
    kind = "a whole number" if field.type == "integer" else "a number"

    def fails(cell: str) -> str:
        if not form.fullmatch(cell) or cell == "-0":
            return f"{cell!r} is not {kind} in canonical form"
        if len(cell.partition(".")[0]) > _LONGEST_NUMBER:
            return f"{cell!r} has more than {_LONGEST_NUMBER} digits, more than programs can hold exactly"
        if field.minimum is not None and float(cell) < field.minimum:
            return f"{cell} is below the minimum of {field.minimum:g}"
        return ""

    return fails


def _day(cell: str) -> str:
    if not _DATE.fullmatch(cell):
        return f"{cell!r} is not a day in the form YYYY-MM-DD"
    try:
        date.fromisoformat(cell)
    except ValueError:
        return f"{cell} is not a day of the calendar"
    return ""


def _edtf(cell: str) -> str:
    try:
        edtf.parse(cell)
    except ValueError as error:
        return str(error)
    return ""


def _category(field: Field) -> Callable[[str], str]:
    def fails(cell: str) -> str:
        unknown = [item for item in field.items(cell) if item not in field.categories]
        return f"{', '.join(unknown)!r} is not among the values of {field.title.lower()}" if unknown else ""

    return fails


def _pattern(field: Field) -> Callable[[str], str]:
    form = re.compile(field.pattern)
    return lambda cell: "" if form.fullmatch(cell) else f"{cell!r} does not have the form of {field.name}"


def _list(delimiter: str) -> Callable[[str], str]:
    def fails(cell: str) -> str:
        items = cell.split(delimiter)
        if items != sorted(set(items)) or any(item != item.strip() or not item for item in items):
            return (
                f"{cell!r} is not a sorted list; expected {delimiter.join(sorted({i.strip() for i in items} - {''}))!r}"
            )
        return ""

    return fails


# --- what needs no test ----------------------------------------------------------------------------------------------

#: Text without anything that `text_test` could find: visible ASCII that begins with a letter or a digit.
_PLAIN = "[A-Za-z0-9][!-~]*(?: [!-~]+)*"
_RANGES = "\\[[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]\\]"
#: A pattern that only plain text has: letters, digits and hyphens, and a letter or a digit first.
_PLAIN_PATTERN = re.compile(rf"\(\?:(?:[A-Za-z0-9]|{_RANGES})(?!\*)(?:[A-Za-z0-9-]|{_RANGES}|\(\?:|[)+*])*")
#: Days, months and years that are surely in the calendar.
_DAY = "[1-9][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
_PLAIN_DATE = f"{_DAY}|[1-9][0-9]{{3}}(?:-(?:0[1-9]|1[0-2]))?"
#: Digits that fit into 64 bits, and no sign.
_PLAIN_FIGURE = "0|[1-9][0-9]{0,14}"
#: What polars, DuckDB or Java may read otherwise than Python's `re`, or not at all.
_SPECIAL = re.compile(r"\\[A-Za-z0-9]|\(\?[^:]|[*+?}][?+]|\[[^]]*(?:\[|&&|--|~~|\|\|)|[$^]|[^ -~]")


def clear(field: Field, cells: nw.Expr) -> nw.Expr:
    """Whether cells surely pass all tests of their field: an expression that saves to test them one by one.

    A cell that it does not clear may pass the tests, too.
    """
    forms = _forms(field)
    if not forms:
        return cells == ""
    passed = reduce(and_, (cells.str.contains(f"^(?:{form})$") for form in forms))
    if field.delimiter:
        passed = passed & ~cells.str.contains(field.delimiter, literal=True)
    return (cells == "") | passed


def unclear(field: Field, cells: Collection[str]) -> set[str]:
    """The cells that `clear` would not clear."""
    forms = [re.compile(form).fullmatch for form in _forms(field)]
    found = {cell for fits in forms for cell in cells if not fits(cell)} if forms else {*cells}
    if field.delimiter:
        found |= {cell for cell in cells if field.delimiter in cell}
    return found - {""}


def _forms(field: Field) -> list[str]:
    """Patterns. What has all these forms passes the tests of a field, unless it is a list. Empty if none is that sure.

    Figures, days and words of the schema are plain text, too.
    """
    figure = field.type in ("integer", "number")
    if figure and (field.minimum is None or field.minimum <= 0):
        forms = [_PLAIN_FIGURE]
    elif field.type == "date":
        forms = [_DAY]
    elif field.edtf:
        forms = [_PLAIN_DATE]
    elif figure or any(not re.fullmatch("[A-Za-z0-9_]+", word) for word in field.categories):
        return []
    elif field.categories:
        forms = ["|".join(field.categories)]
    else:
        forms = [_PLAIN]
    if field.pattern and not field.edtf:
        if _SPECIAL.search(field.pattern):
            return []
        forms = [form for form in forms if form != _PLAIN or not _PLAIN_PATTERN.fullmatch(field.pattern)]
        forms.append(field.pattern)
    return forms


# --- any text --------------------------------------------------------------------------------------------------------

#: Also every space but the usual one: it looks like that, and canonical form makes it that.
_INVISIBLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff9-\ufffd"
    r"\u034f\u115f\u1160\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)


def text_test() -> Iterator[CellTest]:
    """The tests of every cell, whatever its field."""
    yield CellTest(
        "text.form",
        "text has one spelling (Unicode NFC) and nothing that cannot be seen",
        "Run python -m validate --fix, or retype the cell.",
        _hygiene,
    )
    yield CellTest(
        "text.formula",
        "a spreadsheet runs a cell that starts like a formula",
        "Begin the cell with a word.",
        _formula,
    )


def _formula(cell: str) -> str:
    if cell[0].isalnum() or not FORMULA.match(cell):
        return ""
    return f"starts with {cell[0]!r}, so a spreadsheet would run it as a formula"


def _hygiene(cell: str) -> str:
    plain = cell.isascii()
    if not (plain and cell.isprintable()) and (match := _INVISIBLE.search(cell)):
        return f"holds the invisible or control character U+{ord(match[0]):04X}"
    if cell != cell.strip() or "  " in cell:
        return "has spaces at an end or twice in a row"
    if not plain and not unicodedata.is_normalized("NFC", cell):
        return "is not in Unicode normal form C"
    if not plain and (meant := _read_wrongly(cell)):
        return f"is UTF-8 that was read in another encoding; it was probably {meant!r}"
    return ""


def _read_wrongly(cell: str) -> str:
    """What a text was before a program took its UTF-8 for Windows-1252 (`LÃ¤nder`); empty if it does not look so."""
    try:
        return cell.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return ""


def canonical_cell(field: Field, cell: str) -> str:
    """The one spelling of a cell that means the same."""
    cell = " ".join(unicodedata.normalize("NFC", cell).split())
    if field.delimiter:
        return field.delimiter.join(sorted({item.strip() for item in cell.split(field.delimiter)} - {""}))
    return cell
