"""What sources state about records: claims with their sources, disputed fields, and the grades of records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from typing import Any, NamedTuple

from borderledger.errors import BadArgument, CorruptPackage, UnknownColumn, as_text, nearest, shown
from borderledger.package.model import Table, title
from borderledger.package.tables import Tables
from borderledger.query.archive import ARCHIVE_COPY, archive_copy
from borderledger.query.checks import last_checks
from borderledger.query.columns import Column
from borderledger.query.grades import GRADES, grade, origins, worst
from borderledger.query.primary import Publishing

__all__ = ["Graded", "Grading", "Stated", "disputes", "evidence", "grades_of", "judged_otherwise", "published_files"]

#: A statement about a field, as grades are made from it: field, verdict, source.
Stated = tuple[str, str, str]


class Grading(NamedTuple):
    """How well a record is evidenced: its grade, its number of sources, and the fields that have a primary source."""

    grade: str = ""
    n_sources: int = 0
    primary: tuple[str, ...] = ()


def published_files(dataset: Tables, schema: Table) -> frozenset[str]:
    """The publishers' files whose rows are in a table, under control totals."""
    names = dataset.schema("control_totals").names
    table, source = names.index("table"), names.index("source_id")
    return frozenset(total[source] for total in dataset.cells("control_totals") if total[table] == schema.name)


class Graded(Tables):
    """A version of the dataset with the grades of its evidence."""

    def grades(self, schema: Table) -> list[Grading]:
        """For each row of a table (see `schema`) how well it is evidenced. Raises BadArgument."""
        _stop_at_no_table(schema)
        found = self._packed_grades if self._derived else self.graded(schema)
        none = Grading()
        return [found.get(row[0], none) for row in self.cells(schema.name)]

    def graded(self, schema: Table) -> Mapping[str, Grading]:
        """By the id of each record of a table: how well it is evidenced, derived from the claims.

        The verdicts are used as entered, because validation has checked them. Raises BadArgument.
        """
        _stop_at_no_table(schema)
        if schema.name not in self._graded_already:
            self._graded_already[schema.name] = dict(self._grade_each(schema))
        return self._graded_already[schema.name]

    @cached_property
    def _graded_already(self) -> dict[str, Mapping[str, Grading]]:
        return {}

    @cached_property
    def views_already(self) -> dict[str, list[Column]]:
        """The columns of the views that were asked for, by name; a version never changes."""
        return {}

    @cached_property
    def indexed_already(self) -> list[bytes]:
        """The database of the search, once somebody has searched."""
        return []

    def _grade_each(self, schema: Table) -> Iterator[tuple[str, Grading]]:
        source, files = schema.names.index("source_id"), published_files(self, schema)
        for row in self.cells(schema.name):
            stated, file = self._stated.get(row[0]), row[source] if row[source] in files else ""
            primary = self._primary(schema, row, stated or (), file)
            sources = {one[2] for one in stated} | {*filter(None, [file])} if stated else {row[source]}
            yield row[0], Grading(self._grade(stated, bool(file)), len(sources), primary)

    def _grade(self, stated: Iterable[Stated] | None, in_file: bool) -> str:
        """The grade of a record. A publisher's file stands for the whole row, whatever else agrees with a field."""
        found = worst(self.field_grades(stated).values()) if stated else ""
        return "bulk" if in_file and found != "disputed" else found

    @cached_property
    def _stated(self) -> dict[str, list[Stated]]:
        """What the claims on each record state."""
        names = self.schema("claims").names
        record, field, verdict, cited = (names.index(n) for n in ("record_id", "field", "verdict", "source_id"))
        found: dict[str, list[Stated]] = {}
        for row in self.cells("claims"):
            found.setdefault(row[record], []).append((row[field], row[verdict], row[cited]))
        return found

    def _primary(self, schema: Table, row: Sequence[str], stated: Iterable[Stated], file: str = "") -> tuple[str, ...]:
        """The fields of a record for which a primary source agrees, in alphabetical order like every list.

        `row` are its cells, `stated` the claims on it, and `file` the publisher's file that it was taken from, if any,
        which states each of its fields.
        """
        publishing = self._publishing
        bodies = publishing.bodies(schema, (row[schema.names.index(name)] for name in schema.bodies))
        if file and publishing.is_primary(file, bodies):
            cells = zip(schema.fields, row, strict=True)
            return tuple(sorted(f.name for f, cell in cells if f.bound and cell and not f.name.endswith("_qualifier")))
        agreeing = {(field, source) for field, verdict, source in stated if verdict == "agrees"}
        return tuple(sorted({field for field, source in agreeing if publishing.is_primary(source, bodies)}))

    @cached_property
    def _publishing(self) -> Publishing:
        return Publishing(self.rows("sources"), [*self.rows("organisations")], self.rows("places"))

    @cached_property
    def _packed_grades(self) -> dict[str, Grading]:
        try:
            resource = self._derived["grades"]
            self._bytes(resource["schema"], resource["schemaHash"])
            text = self._bytes(resource["path"], resource["hash"]).decode("utf-8")
            rows = (line.split(",") for line in text.split("\n")[1:-1])  # no cell needs quotes
            fields = cache(lambda cell: tuple(filter(None, cell.split(";"))))
            # Versions before 0.6.0 do not say which fields have a primary source.
            found = {
                record: Grading(grade, int(count), *map(fields, primary)) for record, grade, count, *primary in rows
            }
            if unknown := {one.grade for one in found.values()}.difference(GRADES, {""}):
                raise ValueError(f"no grade: {', '.join(unknown)}")
            return found
        except (LookupError, TypeError, ValueError) as error:
            if isinstance(error, CorruptPackage):
                raise
            raise CorruptPackage(f"{self._root}: the derived grades cannot be read ({error}).") from error

    def field_grades(self, stated: Iterable[Stated]) -> dict[str, str]:
        """The grade of each field from the claims on one record. Raises BadArgument."""
        groups: dict[str, list[tuple[str, str, str]]] = {}
        voices = self.voices
        try:
            for field, verdict, source in stated:
                if verdict != "remark":
                    groups.setdefault(field, []).append((verdict, *voices.get(source, ("", source))))
        except (TypeError, ValueError) as error:
            raise BadArgument(f"Claims are triples of field, verdict and source, not {shown(stated)}.") from error
        return {field: grade(voices) for field, voices in groups.items()}

    @cached_property
    def voices(self) -> dict[str, tuple[str, str]]:
        """The kind and the origin of each source."""
        sources = list(self.rows("sources"))
        origin = origins({s["id"]: (s["publisher"], s["reprint_of"]) for s in sources})
        return {s["id"]: (s["kind"], origin[s["id"]]) for s in sources}


def grades_of(version: Graded, schema: Table, records: Collection[str]) -> dict[str, str]:
    """The grade of some records of a table, by their ids."""
    rows = [row for row in version.cells(schema.name) if row[0] in records]
    if not rows:
        return {}
    source, files = schema.names.index("source_id"), published_files(version, schema)
    return {row[0]: version._grade(version._stated.get(row[0]), row[source] in files) for row in rows}


def judged_otherwise(before: Graded, after: Graded) -> set[str]:
    """The records on which another version has other claims, or on which a source counts otherwise there.

    Any other record has the same grade in both, unless its own row changed, or the list of the publishers' files.
    """
    then, since = before._stated, after._stated
    sources = {s for s in before.voices.keys() | after.voices.keys() if before.voices.get(s) != after.voices.get(s)}
    return {
        record
        for record in then.keys() | since.keys()
        if then.get(record) != since.get(record) or any(source in sources for _, _, source in since[record])
    }


def _stop_at_no_table(schema: Table) -> None:
    if not isinstance(schema, Table):
        raise BadArgument(f"Grades are those of a table, such as dataset.schema('returns'), not {shown(schema)}.")


_EVIDENCE = [
    *("field", "held", "value", "qualifier", "verdict", "grade", "primary"),
    *("source_id", "title", "publisher", "published", "kind", "url", ARCHIVE_COPY, "locator", "note", "origin"),
    *("checked", "check_result"),
]


def evidence(dataset: Graded, record: str, field: str | None = None) -> list[Column]:
    """One row for each claim on a record or on one of its fields; see `Dataset.evidence`."""
    schema, held = dataset.record(record)
    if field is not None and as_text("field", field, "quantity") not in schema.by_name:
        raise UnknownColumn(f"{schema.name} has no field {field!r}. {nearest(field, schema.names)}")
    order = {name: number for number, name in enumerate(schema.names)}
    claims = [claim for claim in dataset.rows("claims") if claim["record_id"] == record]
    stated = [(c["field"], c["verdict"], c["source_id"]) for c in claims]
    in_file = held.get("source_id") in published_files(dataset, schema)
    if in_file:  # it says the same as its rows
        stated += [(c["field"], "agrees", held["source_id"]) for c in claims if c["verdict"] != "remark"]
    grades = dataset.field_grades(stated)
    primary = dataset._primary(schema, [*held.values()], stated, held["source_id"] if in_file else "")
    rows: list[dict[str, Any]] = [
        {
            "held": held.get(claim["field"], ""),
            **claim,
            "grade": grades.get(claim["field"], ""),
            "primary": claim["field"] in primary,
        }
        for claim in sorted(claims, key=lambda claim: order.get(claim["field"], len(order)))
        if field in (None, claim["field"])
    ]
    if in_file or not claims:
        file = {"verdict": "bulk", "grade": "bulk", "source_id": held["source_id"]}
        rows.append(file | {"primary": bool(dataset._primary(schema, [*held.values()], (), held["source_id"]))})
    sources = {source["id"]: {**source, ARCHIVE_COPY: archive_copy(source)} for source in dataset.rows("sources")}
    checks = last_checks(dataset)
    merged: list[Mapping[str, Any]] = [
        {
            **sources.get(row["source_id"], {}),
            "origin": dataset.voices.get(row["source_id"], ("", ""))[1],
            **row,
            **checks.get((record, row.get("field", ""), row["source_id"]), {}),
        }
        for row in rows
    ]
    made = {name: Column(name, "text", [row.get(name) or None for row in merged]) for name in _EVIDENCE}
    made["primary"] = Column("primary", "flag", [row["primary"] for row in merged])
    return [*made.values()]


def disputes(dataset: Graded, table: str | None = None) -> list[Column]:
    """One row for each contested field of the facts, or of one table; see `Dataset.disputes`."""
    facts = [dataset.schema(table)] if table is not None else [t for t in map(dataset.schema, dataset.names) if t.bound]
    claims: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for claim in dataset.rows("claims"):
        claims[claim["record_id"], claim["field"]].append(claim)
    found: list[dict[str, Any]] = []
    for schema in facts:
        records = {row["id"]: row for row in dataset.rows(schema.name)} if schema.bound else {}
        for (record, field), made in claims.items():
            against = [claim for claim in made if claim["verdict"] == "contradicts"]
            if against and record in records:
                found.append(
                    {
                        "table": schema.name,
                        "record_id": record,
                        "title": title(records[record]) or None,
                        "field": field,
                        "held": records[record].get(field) or None,
                        "agree": tuple(claim["source_id"] for claim in made if claim["verdict"] == "agrees"),
                        "contradict": tuple(claim["source_id"] for claim in against),
                        "contradicting": tuple(claim["value"] for claim in against),
                    }
                )
    kinds = dict.fromkeys(("table", "record_id", "title", "field", "held"), "text")
    kinds |= dict.fromkeys(("agree", "contradict", "contradicting"), "list")
    return [Column(name, kind, [row[name] for row in found]) for name, kind in kinds.items()]
