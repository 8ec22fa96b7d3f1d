"""Corrections that follow from an audit: a more precise place, and a draft for what is imprecise or wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from audit.answers import Answer
from borderledger.dataset import Dataset
from borderledger.query.checks import Entry
from corrections.document import Document, parse, written

__all__ = ["Claims", "draft", "placed"]

Row = Mapping[str, str]


class Claims:
    """The claims and the records of a version, by what an audit names them by."""

    def __init__(self, dataset: Dataset) -> None:
        self._claims: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
        for claim in dataset.rows("claims"):
            self._claims[claim["record_id"], claim["field"]].append(claim)
        self._dataset = dataset
        self._records: dict[str, dict[str, Row]] = {}

    def of(self, entry: Entry, field: str = "") -> list[Row]:
        """The claims of an entry, or those of its source on another field of the record."""
        found = self._claims[entry.record, field or entry.field.name]
        return [claim for claim in found if claim["source_id"] == entry.source]

    def beside(self, entry: Entry) -> list[Row]:
        """The claims of other sources on the same field."""
        return [c for c in self._claims[entry.record, entry.field.name] if c["source_id"] != entry.source]

    def record(self, entry: Entry) -> Row:
        """The record of an entry."""
        name = entry.table.name
        if name not in self._records:
            self._records[name] = {row["id"]: row for row in self._dataset.rows(name)}
        return self._records[name][entry.record]


def placed(answers: Iterable[Answer], claims: Claims) -> list[Document]:
    """The corrections that give confirmed claims the places that their readers found: one a record and source."""
    values: defaultdict[tuple[str, str], dict[str, dict[str, str]]] = defaultdict(dict)
    audit = ""
    for answer in answers:
        audit = answer["audit"]
        for claim in claims.of(answer.entry):
            if _is_better(answer["locator"], claim["locator"]):
                stated = _restated(answer.entry, claim, claims)
                # Both ends of a range are one entry, and an entry cannot stand there twice.
                place = f"{stated['field']} {stated['old']}"
                values[answer.entry.record, answer.entry.source][place] = stated | {"locator": answer["locator"]}
    reason = f"Read again in the audit {audit}: the source says so, and this is where."
    whole = {"action": "reread", "reason": reason}
    return [
        _document(whole | {"record": record, "source": source, "values": [*found.values()]})
        for (record, source), found in sorted(values.items())
    ]


def _is_better(new: str, old: str) -> bool:
    """Whether a place is worth a correction: not if only the old one has a number, as of a page, a row or an id."""
    numbered = any(letter.isdigit() for letter in old) and not any(letter.isdigit() for letter in new)
    return new not in ("", old) and not numbered


def _restated(entry: Entry, claim: Row, claims: Claims) -> dict[str, str]:
    """A claim as an entry of a correction that leaves it as it is. Both ends of a range are one entry."""
    field = entry.field.name
    figure = field.removesuffix("_max")
    if figure != field and f"{figure}_qualifier" in entry.table.by_name:
        lower = next((c for c in claims.of(entry, figure) if c["qualifier"] == "range"), None)
        if lower:
            return _figure(figure, lower["value"], "range", claim["value"])
    found = {"field": field, "old": claim["value"], "new": claim["value"]}
    if f"{field}_qualifier" in entry.table.by_name:
        upper = [c["value"] for c in claims.of(entry, f"{field}_max")] if claim["qualifier"] == "range" else []
        found |= _figure(field, claim["value"], claim["qualifier"], *upper[:1])
    return found


def _figure(field: str, value: str, qualifier: str, upper: str = "") -> dict[str, str]:
    found = {"field": field, "old": value, "new": value, "qualifier": qualifier}
    return found | ({"max": upper} if upper else {})


def _document(content: dict[str, Any]) -> Document:
    document, wrong = parse(written(content).encode(), f"{content['record']}.yml")
    assert document, wrong  # the texts of an answer have been tested
    return document


def draft(answer: Answer, reason: str, claims: Claims) -> dict[str, Any] | None:
    """The draft of a correction for an answer that differs; None if a person must write it.

    The record changes if its value rests on this source alone. Otherwise only the claim changes, and the record stays.
    """
    entry, held = answer.entry, claims.record(answer.entry)
    field = entry.field.name
    own = claims.of(entry)
    if len(own) != 1 or len(answer.values) > 1 or field.endswith("_max") or answer.changed:
        return None
    figure = f"{field}_qualifier" in entry.table.by_name
    value, qualifier = answer.values[0] if answer.values else ("", "")
    if qualifier == "range" or own[0]["qualifier"] == "range":
        return None  # a range has two claims
    alone = own[0]["verdict"] == "agrees" and not any(c["verdict"] == "agrees" for c in claims.beside(entry))
    content: dict[str, Any] = {"action": "change" if alone else "reread", "record": entry.record}
    stated = {"field": field, "old": held[field] if alone else own[0]["value"], "new": value}
    content["values"] = [stated | ({"qualifier": qualifier} if figure and value else {})]
    if alone:
        content["old_claim"] = "misread"
    content["source"] = entry.source
    return content | {"locator": answer["locator"] or own[0]["locator"], "reason": reason}
