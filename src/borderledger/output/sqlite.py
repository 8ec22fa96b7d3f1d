"""The dataset as one SQLite file.

It holds the tables of `borderledger.query.relations` and the views of `borderledger.query.views`. It differs from the
database in DuckDB where SQLite lacks something:

    days         text, YYYY-MM-DD; a CHECK enforces the form
    lists        the text of the CSV file, `AL;XK`, and NULL where nothing is known; the link tables hold the items.
                 The lists of `disputes`, whose items may be anything, are JSON.
    flags        0 and 1
    macros       none: for another day, query the tables `<table>_windows` as the view does (`.schema projects_running`)
    comments     the tables `about` (version, licence, citation) and `data_dictionary`; the text of a view has its own

It also has the full-text table `search` of `borderledger.query.search`, which finds records and sources by words in any
of their forms. Names of places and bodies find their codes. Capitals and accents do not matter.

    SELECT "table", id, title, snippet(search, -1, '', '', '…', 24) FROM search
    WHERE search MATCH 'deported pakistan' ORDER BY rank, "table", id

And it has keys, foreign keys, and CHECKs for classifications and lower bounds, all derived from the Table Schemas. A
field that can name a row of several tables (claims.record_id) has no foreign key of its own. Instead `claims` ends in a
column for each of these tables, which holds `record_id` if it is one of that table, and refers to it. These columns are
computed when they are read and take no space. Datasette makes links of them, from a claim to the record and from a
record to its claims. A key with a part that may be empty (control_totals) is UNIQUE instead of PRIMARY.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import get_type_hints

from borderledger.errors import CorruptPackage, MissingExtra
from borderledger.output.metadata import Entry, about, dictionary
from borderledger.package.model import Field
from borderledger.query import search
from borderledger.query.columns import Column
from borderledger.query.database import TYPES, stored
from borderledger.query.evidence import Graded
from borderledger.query.relations import Relation, relations
from borderledger.query.views import database_views, literal, quoted

__all__ = ["database", "led_to", "tables"]


def database(dataset: Graded) -> bytes:
    """The content of the SQLite file.

    Raises CorruptPackage when the data break a key, a reference or a CHECK. Raises MissingExtra when Python's SQLite is
    older than 3.37 (2021), which has no typed tables, or was built without full-text search (FTS5). It could write the
    rest without `search`, but the same data must give the same file everywhere, or none.
    """
    if sqlite3.sqlite_version_info < (3, 37):
        raise MissingExtra(f"SQLite {sqlite3.sqlite_version} has no STRICT tables; 3.37 or newer is needed.")
    file = sqlite3.connect(":memory:", isolation_level=None)
    try:
        file.execute("BEGIN")
        for relation in tables(dataset):
            _create(file, dataset, relation)
        for view in database_views(dataset):
            file.execute(f"CREATE VIEW {quoted(view.name)} AS\n/* {view.comment} */{view.select}")
        search.fill(file, dataset)
        file.execute("COMMIT")
        broken = file.execute("PRAGMA foreign_key_check").fetchone()
        if broken:
            raise CorruptPackage(f"{broken[0]}: a row refers to one of {broken[2]} that is not there. {_MEND}")
        return file.serialize()
    finally:
        file.close()


_MEND = "In a checkout, python -m validate names the line."


def tables(dataset: Graded) -> Iterator[Relation]:
    """The tables of the file, but for `search`, in their order."""
    facts = about(dataset)
    keys, values = Column("key", "text", list(facts)), Column("value", "text", list(facts.values()))
    yield Relation("about", [keys, values], "What this is: version, licence, and how to cite it.", ("key",))
    entries = list(dictionary(dataset))
    columns = [
        Column(name, "flag" if kind is bool else "text", [entry[number] for entry in entries])
        for number, (name, kind) in enumerate(get_type_hints(Entry).items())
    ]
    comment = "Every column of the tables of the package, and what it means."
    yield Relation("data_dictionary", columns, comment, ("table", "column"))
    yield from relations(dataset)


#: The pattern of an id that begins with a word of its own, such as `prj-`.
_BEGINS = re.compile(r"\(\?:([a-z]+-)\[")


def led_to(dataset: Graded, name: str) -> list[tuple[str, str, str]]:
    """The computed columns of a table that lead to the rows of other tables; see the module.

    Each is a field that can name a row of several tables, one of these tables, and what the ids of that table begin
    with. There are none where the schemas do not tell the ids of the tables apart by how they begin.
    """
    found: list[tuple[str, str, str]] = []
    for field in dataset.schema(name).fields if name in dataset.names else ():
        targets = [target for target in field.refers_to if target in dataset.names]
        ids = [dataset.schema(target).by_name.get("id") for target in targets]
        begins = [match[1] for one in ids if one and (match := _BEGINS.match(one.pattern))]
        taken = {*dataset.schema(name).names, *(table for _, table, _ in found)}.intersection(targets)
        if len(targets) > 1 and len({*begins}) == len(targets) and not field.delimiter and not taken:
            found += zip([field.name] * len(targets), targets, begins, strict=True)
    return found


def _create(file: sqlite3.Connection, dataset: Graded, relation: Relation) -> None:
    fields = dataset.schema(relation.name).by_name if relation.name in dataset.names else {}
    primary = all(fields[name].required for name in relation.key if name in fields)
    keys = relation.key if primary else ()
    led = led_to(dataset, relation.name)
    lines = [_column(column, fields.get(column.name), column.name in keys) for column in relation.columns]
    lines += [
        f"{quoted(table)} TEXT AS (CASE WHEN substr({quoted(name)}, 1, {len(prefix)}) = {literal(prefix)} "
        f"THEN {quoted(name)} END) VIRTUAL"
        for name, table, prefix in led
    ]
    if relation.key:
        lines.append(f"{'PRIMARY KEY' if primary else 'UNIQUE'} ({', '.join(map(quoted, relation.key))})")
    for name, (table, target) in relation.references.items():
        lines.append(f"FOREIGN KEY ({quoted(name)}) REFERENCES {quoted(table)} ({quoted(target)})")
    lines += [f"FOREIGN KEY ({quoted(table)}) REFERENCES {quoted(table)} (id)" for _, table, _ in led]
    values = [stored(column) for column in relation.columns]
    body, slots = ",\n    ".join(lines), ", ".join("?" * len(values))
    try:
        file.execute(f"CREATE TABLE {quoted(relation.name)} (\n    {body}\n) STRICT")
        file.executemany(f"INSERT INTO {quoted(relation.name)} VALUES ({slots})", zip(*values, strict=True))
    except (sqlite3.Error, OverflowError) as error:
        raise CorruptPackage(f"{relation.name} does not keep to its schema: {error}. {_MEND}") from error


def _column(column: Column, field: Field | None, key: bool) -> str:
    name = quoted(column.name)
    parts = [name, TYPES[column.kind]]
    if key or (field and field.required):
        parts.append("NOT NULL")
    if field and field.unique:
        parts.append("UNIQUE")
    if column.kind == "day":
        # IS and not =, because date() of what is no day is NULL, and a CHECK that is NULL passes.
        parts.append(f"CHECK ({name} IS date({name}))")
    if column.kind == "category":
        # Those that the schema defines; a column that was loaded also lists what it should not hold.
        known = field.categories if field else column.categories
        parts.append(f"CHECK ({name} IN ({', '.join(map(literal, known))}))")
    if field and field.minimum is not None:
        parts.append(f"CHECK ({name} >= {field.minimum!r})")
    return " ".join(parts)
