"""What a reader of an audit may see of a record: what identifies it, and nothing that gives the value away.

A title often repeats a value: *EUR 2.5 million for the Albanian police, June 2025*. `Mask` puts … in the place of
every form of a value that it knows: figures with separators or in millions, dates in words, the words of an enum, and
the names of places and bodies with the words that are made from them (Albania, Albanian). It errs on the side of hiding
too much. An adjective that is made otherwise (French, Dutch) can remain.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from borderledger.dataset import Dataset
from borderledger.package import Field, Table, title
from borderledger.query.checks import Entry

__all__ = ["HIDDEN", "Mask"]

HIDDEN = "…"
_COUNTED = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_SCALES = {1e3: "thousand|k", 1e6: "million|mio|m", 1e9: "billion|bn"}


class Mask:
    """Shows the records of an audit without the values that it asks for.

    A record can be drawn several times, with several fields. None of them is shown in any of its rows.
    """

    def __init__(self, dataset: Dataset, drawn: Iterable[Entry]) -> None:
        self._dataset = dataset
        self._asked: dict[str, dict[str, Entry]] = {}
        for entry in drawn:
            self._asked.setdefault(entry.record, {})[entry.field.name] = entry
        self._claimed: dict[tuple[str, str], set[str]] = {}
        for claim in dataset.rows("claims"):
            if claim["record_id"] in self._asked:
                self._claimed.setdefault((claim["record_id"], claim["field"]), set()).add(claim["value"])

    @cached_property
    def _records(self) -> dict[str, dict[str, str]]:
        tables = {entry.table.name for fields in self._asked.values() for entry in fields.values()}
        return {row["id"]: row for table in tables for row in self._dataset.rows(table) if row["id"] in self._asked}

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        """What places, bodies and records are called, by their ids."""
        return {
            row["id"]: [text for text in (row.get("short_name"), title(row)) if text]
            for schema in map(self._dataset.schema, self._dataset.names)
            if schema.label
            for row in self._dataset.rows(schema.name)
        }

    def title(self, entry: Entry) -> str:
        """What the record is called; of a count, which has no title, the table."""
        record = self._records[entry.record]
        return self._covered(entry, record[entry.table.label]) if entry.table.label else entry.table.title

    def id(self, entry: Entry) -> str:
        """The id, if only figures are asked for. Others stand in ids, in short forms that no mask knows."""
        if all(asked.field.type in ("integer", "number") for asked in self._asked[entry.record].values()):
            return self._covered(entry, entry.record)
        return f"{entry.record.partition('-')[0]}-{HIDDEN}"

    def context(self, entry: Entry) -> str:
        """What else the record holds and sources state: `From: Austria; Period: 2023`."""
        record, table = self._records[entry.record], entry.table
        parts = []
        for field in (table.by_name[name] for name in table.bound):
            figure = field.name.removesuffix("_qualifier").removesuffix("_max")
            if record[field.name] and not {field.name, figure} & set(self._asked[entry.record]):
                shown = ", ".join(self._name(field, item) for item in field.items(record[field.name]))
                parts.append((self._covered(entry, field.title), self._covered(entry, shown)))
        return "; ".join(f"{name}: {text}" for name, text in parts if HIDDEN not in name)  # `Ended: 2023` is a status

    def _name(self, field: Field, item: str) -> str:
        if field.categories or field.type != "string" or field.edtf:
            return item.replace("_", " ") if field.categories else item
        return HIDDEN if item in self._asked else self._names.get(item, [item])[-1]

    def _covered(self, entry: Entry, text: str) -> str:
        for asked in self._asked[entry.record].values():
            held = self._records[entry.record][asked.field.name]
            for value in sorted({held, *self._claimed[entry.record, asked.field.name]}):
                for form in _forms(asked.table, asked.field, value, self._names):
                    text = form.sub(HIDDEN, text)
        return re.sub(rf"{HIDDEN}(?:[\s,;–-]*{HIDDEN})+", HIDDEN, text)


def _forms(table: Table, field: Field, value: str, names: Mapping[str, list[str]]) -> Iterator[re.Pattern[str]]:
    """The forms in which a value can stand in a text."""
    if not value:
        return
    if field.type in ("integer", "number"):
        yield from _figures(value)
    elif field.edtf or field.type == "date":
        yield from _dates(value)
    elif field.categories:
        for word in field.items(value):
            yield _word(word)
            for piece in word.split("_"):
                if len(piece) > 3 or "_" not in word:
                    yield _stem(piece)
            yield re.compile(rf"\b{re.escape(word).replace('_', '[ _-]')}\b", re.IGNORECASE)
    else:
        yield re.compile(re.escape(value), re.IGNORECASE)
        for token in {*field.items(value), *re.findall(r"\w+", value)}:
            if token in names:
                yield re.compile(rf"\b{re.escape(token)}\b")
                for name in names[token]:
                    yield re.compile(rf"\b{re.escape(name)}\b", re.IGNORECASE)
                    yield _stem(name)
            elif len(token) > 3 or token.isdigit():
                yield _stem(token)


def _word(text: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(text)}\b", re.IGNORECASE)


def _stem(text: str) -> re.Pattern[str]:
    """A word and the words that are made from it: Serbia, Serbian; training, trained remains."""
    stem = text[: max(4, len(text) - 2)] if len(text) > 4 and " " not in text else text
    return re.compile(rf"\b{re.escape(stem)}\w*", re.IGNORECASE)


def _figures(value: str) -> Iterator[re.Pattern[str]]:
    whole, _, fraction = value.partition(".")
    grouped = r"[,.'’\s]?".join([whole[max(0, end - 3) : end] for end in range(len(whole), 0, -3)][::-1])
    yield re.compile(rf"(?<![\d.,]){grouped}(?:[.,]{re.escape(fraction)}0*|[.,]0+)?(?![\d])")
    if fraction:
        yield re.compile(rf"(?<![\d.,]){grouped}(?!\d)")
    number = float(value)
    if not fraction and 0 <= number < len(_COUNTED):
        yield _word(_COUNTED[int(number)])
    for scale, words in _SCALES.items():
        for digits in {f"{number / scale:.{places}f}" for places in range(4)}:
            shown = re.escape(digits.rstrip("0").rstrip(".") if "." in digits else digits).replace(r"\.", "[.,]")
            if number >= scale / 10 and shown != "0":
                yield re.compile(rf"(?<![\d.,]){shown}0*[\s-]?(?:{words})\b", re.IGNORECASE)


def _dates(value: str) -> Iterator[re.Pattern[str]]:
    months = {int(month) for month in re.findall(r"\d{4}-(\d\d)", value)}
    any_month = "|".join([*calendar.month_name[1:], *calendar.month_abbr[1:]])
    which = r"(?:(?:first|second|third|fourth|last|early|mid|late|end|spring|summer|autumn|winter)[\s-]+)*"
    spell = rf"(?:{which}(?:quarter|half|year|months?)?\s*(?:of|in)?\s*)?"
    before = rf"{spell}(?:\d\d?\.?\s+)?(?:(?:{any_month})\.?,?\s+)?"
    for year in sorted(set(re.findall(r"\d{4}", value))):
        yield re.compile(rf"\b{before}{year}(?:-(?:to|[qh]\d|\d\d?))*(?!\d)", re.IGNORECASE)
    for month in months:
        if 1 <= month <= 12:  # of May and Mar only with the capital
            yield re.compile(rf"\b(?:{calendar.month_name[month]}|{calendar.month_abbr[month]})\b")
