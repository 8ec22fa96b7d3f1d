"""The file that a reader fills in: a CSV with one row for each entry that was drawn.

The columns of `ASKED` say what is asked and where the document is; those of `ANSWERED` are empty. A row names its entry
by `claim`, a number that gives nothing away.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence

from audit.masking import Mask
from borderledger.dataset import Dataset
from borderledger.output.escape import guarded
from borderledger.query.checks import Entry, stratum
from corrections.names import referred

__all__ = ["ANSWERED", "ASKED", "NOT_STATED", "SETTLED", "claim_number", "drawn_from", "form", "worksheet"]

#: What is asked, each with what stands there.
ASKED = {
    "audit": "name of the audit",
    "row": "number of the row in the whole audit",
    "claim": "number of the claim, by which `enter` knows it",
    "record_id": "id of the record, hidden where it could give the value away",
    "table": "table of the record",
    "record": "title of the record; … stands for what could give the value away",
    "context": "what else the record holds, so that you find the right passage",
    "field": "field that is asked for",
    "question": "what the field means",
    "form": "how to write the answer",
    "source_id": "the document",
    "source_title": "its title",
    "publisher": "its publisher",
    "published": "its day",
    "language": "its language",
    "url": "its address",
    "archive_url": "address of an archived copy",
    "drawn": "how the audit was drawn",
}
#: What the reader fills in.
ANSWERED = {
    "value": "what the document says",
    "qualifier": "how exactly it says so, for a figure",
    "locator": "where it says so, so that a stranger finds it in a minute",
    "unseen": "why you could not see the document or the passage; then value stays empty",
    "note": "a remark; `not stated: ...` if the document does not say it",
}

#: What a worksheet of differences has more.
SETTLED = {
    "entered": "what the dataset holds, and where it says that this stands",
    "result": "confirmed, imprecise, wrong or unseen",
    "reason": "why; it is published",
}

_DATE = (
    "A date as precise as the document: 2025, 2025-06, 2025-06-11; 2025-06~ if approximate; 2020-11/2022-10 for a "
    "period; ../2025-06 up to and 2025-06/.. since."
)
#: How a note begins if a document was read as a whole and does not say what is asked.
NOT_STATED = "not stated"
_ALWAYS = (
    "If the document itself states two different values, write both with | between them. If you read the document as "
    f"a whole and it does not say this, leave value and unseen empty and begin note with `{NOT_STATED}:`."
)


def worksheet(dataset: Dataset, audit: str, how: str, drawn: Sequence[Entry], kept: Iterable[Entry]) -> str:
    """The worksheet of an audit as CSV: of all that was drawn, or of those that are kept for one reader."""
    mask = Mask(dataset, drawn)
    sources = {row["id"]: row for row in dataset.rows("sources")}
    number = {entry.key: place for place, entry in enumerate(drawn, 1)}
    out = io.StringIO()
    writer = csv.DictWriter(out, [*ASKED, *ANSWERED], lineterminator="\n", restval="")
    writer.writeheader()
    for entry in kept:
        source = sources[entry.source]
        row = {
            "audit": audit,
            "row": str(number[entry.key]),
            "claim": claim_number(audit, entry),
            "record_id": mask.id(entry),
            "table": entry.table.name,
            "record": mask.title(entry),
            "context": mask.context(entry),
            "field": entry.field.name,
            "question": f"{entry.field.title}. {entry.field.description}",
            "form": form(dataset, entry),
            "source_id": entry.source,
            "source_title": source["title"],
            "publisher": source["publisher"],
            "published": source["published"],
            "language": source["language"],
            "url": source["url"],
            "archive_url": source["archive_url"],
            "drawn": how,
        }
        writer.writerow({name: guarded(cell) for name, cell in row.items()})
    return out.getvalue()


def claim_number(audit: str, entry: Entry) -> str:
    """The number of an entry in an audit; its second part changes if the claim is changed after the draw."""
    values = [text for pair in entry.values for text in pair]
    return f"{_digest(audit, *entry.key)[:10]}-{_digest(audit, *entry.key, *values)[:4]}"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def drawn_from(dataset: Dataset, size: int, seed: int, shares: str) -> str:
    """How an audit was drawn: all that is needed to draw it again, and what the claims were."""
    rows = "\n".join("\t".join(row) for row in dataset.cells("claims"))
    return f"version {dataset.data_version}, size {size}, seed {seed}, {shares}, claims {_digest(rows)[:12]}"


def form(dataset: Dataset, entry: Entry) -> str:
    """How the value of a field is written."""
    field = entry.field
    tables = referred(entry.table, field)
    if stratum(entry.table, field) == "figures":
        text = "A number without separators: 12500 or 12500.5. " + _qualifiers(dataset)
    elif field.edtf or field.type == "date":
        text = _DATE
    elif field.categories:
        text = "One of: " if not field.delimiter else f"One or more of these, with {field.delimiter} between them: "
        text += " | ".join(f"{value} ({label.rstrip('.')})" for value, label in field.categories.items())
    elif {"places", "organisations"} & set(tables):
        text = "The name or code of a place or body" if len(tables) > 1 else f"A code or name of the table {tables[0]}"
        text += f": {'EU;frontex' if 'organisations' in tables else 'AL or Albania'}."
        text += f" If there are several, write {field.delimiter} between them." if field.delimiter else ""
    elif tables:
        text = f"The id of a record of {' or '.join(tables)} (python -m corrections find WORDS), or its title in words."
    else:
        text = "Text, as the document writes it."
    return f"{text} {_ALWAYS}"


def _qualifiers(dataset: Dataset) -> str:
    known = dataset.schema("claims").by_name["qualifier"].categories
    return "Write into qualifier one of: " + " | ".join(f"{value} ({label})" for value, label in known.items())
