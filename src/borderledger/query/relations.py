"""The dataset as the tables of a database.

each table          as `load` gives it
<table>_<field>     for each list column, one row an item: the key of the row (`id`) and `item`. If items come from
                    several tables, there is a column for each table, which holds the item if it is a row of it.
<table>_windows     for each table that has a state on a day, when its rows hold: the earliest and the latest day
                    that the first day (`first_from`, `first_to`) and the last day (`last_from`, `last_to`) can
                    be, the days for which sources leave it open (`open_from` to `open_to`), and the newest day on which
                    a source speaks of the row (`as_of_evidence`). It certainly holds from `first_to` to `last_from`.
                    NULL means none; open ends are 0001-01-01 and 9999-12-31. See `borderledger.query.as_of`.
categories          the values of the classifications, with rank (their order) and label (what each means)
disputes            the rows of `Dataset.disputes`; `held` is the text of the file, whatever the type of the field
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from borderledger import edtf
from borderledger.package.model import Table
from borderledger.query.as_of import STATES, known_of, windows
from borderledger.query.columns import Column
from borderledger.query.dictionary import described
from borderledger.query.evidence import Graded, disputes
from borderledger.query.rows import rows_of

__all__ = ["Relation", "relations", "relations_of"]


@dataclass(frozen=True)
class Relation:
    """A table of the database: its columns, what it is about, its key, and its references.

    references   by column, the table and the column that it refers to
    notes        by column, what it means
    """

    name: str
    columns: Sequence[Column]
    comment: str
    key: tuple[str, ...] = ()
    references: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


def relations(dataset: Graded) -> Iterator[Relation]:
    """The tables of the database, in the order of the package; see the module."""
    for name in dataset.names:
        yield from relations_of(dataset, name)
    yield _categories(dataset)
    if "claims" in dataset.names:
        yield Relation("disputes", disputes(dataset), _DISPUTES)


_DISPUTES = (
    "The fields that sources contradict, one row for each: held is the value of the record as the text of the file, "
    "agree and contradict name sources, and contradicting has what those that contradict state. Leaves out fields on "
    "which sources differ only in precision."
)


def relations_of(dataset: Graded, name: str) -> Iterator[Relation]:
    """A table of the package, with the tables of its lists and of its windows."""
    schema = dataset.schema(name)
    columns = rows_of(dataset, name)[0]
    comment = schema.description + (f" Not covered: {schema.not_covered}" if schema.not_covered else "")
    references = {key.field: (key.table, key.target) for key in schema.foreign_keys if key.table in dataset.names}
    notes = {meaning.column: meaning.description for meaning in described(schema)}
    yield Relation(name, columns, comment, schema.key, references, notes)
    yield from _links(dataset, schema, columns)
    if name in STATES:
        yield _windows(dataset, schema)


def _links(dataset: Graded, schema: Table, columns: Sequence[Column]) -> Iterator[Relation]:
    by_name = {column.name: column for column in columns}
    for listed in schema.fields:
        if not listed.delimiter:
            continue
        pairs = [(row, item) for row, items in enumerate(by_name[listed.name].values) for item in items]
        items = [item for _, item in pairs]
        kind, more = "category" if listed.categories else "text", sorted({*items}.difference(listed.categories))
        made = [by_name[name].take(row for row, _ in pairs) for name in schema.key]
        made.append(Column("item", kind, items, (*listed.categories, *more) if listed.categories else ()))
        references = {name: (schema.name, name) for name in schema.key} if len(schema.key) == 1 else {}
        targets = [target for target in listed.refers_to if target in dataset.names]
        if len(targets) == 1:
            references["item"] = (targets[0], "id")
        else:
            known = {target: {row[0] for row in dataset.cells(target)} for target in targets}
            nowhere = {*items}.difference(*known.values())
            for target in targets:
                # An item that stands nowhere counts as one of the first table, where it will be missed.
                here = known[target] | nowhere if target == targets[0] else known[target]
                made.append(Column(target, "text", [item if item in here else None for item in items]))
                references[target] = (target, "id")
        comment = f"{listed.name} of {schema.name}, one row for each item. {listed.description}"
        yield Relation(f"{schema.name}_{listed.name}", made, comment, (*schema.key, "item"), references)


def _windows(dataset: Graded, schema: Table) -> Relation:
    rows = list(dataset.rows(schema.name))
    known = known_of(dataset, schema.name)
    held = [(row["id"], window) for row, window in zip(rows, windows(schema.name, rows, known), strict=True)]
    shown: list[tuple[Any, ...]] = []
    for record, (days, left_open) in held:
        if days or left_open:
            ends = [end for span in (*(days or (None, None)), left_open) for end in span or (None, None)]
            ends.append(known.newest.get(record))
            shown.append((record, *(None if end is None else _as_date(end) for end in ends)))
    names = ("id", "first_from", "first_to", "last_from", "last_to", "open_from", "open_to", "as_of_evidence")
    values = list(zip(*shown, strict=True)) or [()] * len(names)
    columns = [Column(name, "text" if name == "id" else "day", values[n]) for n, name in enumerate(names)]
    comment = (
        f"When the rows of {schema.name} hold: the earliest and latest day that the first and the last day can be, "
        "from when to when sources leave open whether they do, and the newest day on which a source speaks of them. "
        "They certainly hold from first_to to last_from. Rows that never held are left out."
    )
    return Relation(f"{schema.name}_windows", columns, comment, ("id",), {"id": (schema.name, "id")})


def _as_date(day: int) -> int:
    """A day that a DATE can hold: an open end lies beside the calendar."""
    return min(max(day, edtf.EARLIEST + 1), edtf.LATEST - 1)


def _categories(dataset: Graded) -> Relation:
    rows = [
        (table, meaning.column, value, rank, label)
        for table in dataset.names
        for meaning in described(dataset.schema(table))
        for rank, (value, label) in enumerate(meaning.values.items(), 1)
    ]
    names = ("table", "column", "value", "rank", "label")
    values = list(zip(*rows, strict=True)) or [()] * len(names)
    columns = [Column(name, "integer" if name == "rank" else "text", values[n]) for n, name in enumerate(names)]
    comment = "The values that the classifications of each table take, in their order, and what each means."
    return Relation("categories", columns, comment, ("table", "column", "value"))
