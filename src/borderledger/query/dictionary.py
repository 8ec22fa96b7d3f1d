"""What each column of a table means, from its Table Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from borderledger.package.model import Table
from borderledger.query.archive import ARCHIVE_COPY, COPY_SAID, has_copies
from borderledger.query.columns import field_columns
from borderledger.query.grades import GRADES, RANKS

__all__ = ["PRIMARY_SAID", "RANK_SAID", "Meaning", "described"]

#: What the ranks of the grades say.
RANK_SAID = (
    f"The grade as a number that can be compared: {', '.join(f'{rank} {grade}' for grade, rank in RANKS.items())}. "
    f"`evidence_rank >= {RANKS['single']}` keeps what at least one source of its own states. Grades as text compare by "
    "the alphabet."
)

#: What the list of primary fields says.
PRIMARY_SAID = (
    "The fields for which a source agrees that the body itself published: a party of the agreement, who sends or hosts "
    "the officers, who pays or carries out the project, who made the count."
)


class Meaning(NamedTuple):
    """What a column means: see `Dataset.describe`."""

    column: str
    title: str
    kind: str
    bound: bool = False
    required: bool = False
    refers_to: Sequence[str] = ()
    values: Mapping[str, str] = {}
    description: str = ""


def described(schema: Table) -> Iterator[Meaning]:
    """What each column of a table means, as it is loaded."""
    for field in schema.fields:
        targets = tuple(key.table for key in schema.foreign_keys if key.field == field.name) or field.refers_to
        itself, *ends = field_columns(field, [])
        marks = (field.bound, field.required, targets, dict(field.categories), field.description)
        yield Meaning(field.name, field.title, itself.kind, *marks)
        for end, column in zip(("earliest", "latest"), ends, strict=False):
            what = f"The {end} day that {field.name} can mean; empty where that end is open or not known."
            yield Meaning(column.name, f"{field.title}, {end} day", column.kind, description=what)
    if schema.bound:
        what = "Grade of the record: that of its worst evidence-bound field. To compare grades, use evidence_rank."
        yield Meaning("evidence", "Evidence grade", "category", values=dict(GRADES), description=what)
        yield Meaning("evidence_rank", "Rank of the evidence grade", "integer", description=RANK_SAID)
        what = "Number of sources that state something about the record."
        yield Meaning("n_sources", "Number of sources", "integer", description=what)
        yield Meaning("primary_fields", "Fields with a primary source", "list", description=PRIMARY_SAID)
    if has_copies(schema):
        yield Meaning(ARCHIVE_COPY, "Archived copy", "text", description=COPY_SAID)
