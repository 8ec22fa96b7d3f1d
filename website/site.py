"""The dataset as the pages need it: each record with its names, grades, claims, links, history and proposals."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from borderledger.dataset import Dataset
from borderledger.dataset import open as open_dataset
from borderledger.package import Table, title
from borderledger.query.evidence import Grading, published_files
from borderledger.query.grades import GRADES
from website.language import _
from website.shown import Part, day, figure, kind, number, parts, worded
from website.states import Standing, standings

__all__ = ["Check", "Claim", "Record", "Site", "Value"]

#: The region whose members have a page of their own.
_REGION = "WB6"

Row = Mapping[str, str]


@dataclass(frozen=True)
class Value:
    """One field of a record: what it is called, what it says, and how well that is evidenced."""

    name: str
    title: str
    description: str
    parts: tuple[Part, ...]
    cell: str
    said: str = ""
    grade: str = ""
    primary: bool = False

    @property
    def text(self) -> str:
        """What it says, as one text."""
        return self.said or "; ".join(part.text for part in self.parts)


@dataclass(frozen=True)
class Check:
    """What somebody found who read a claim again.

    said      the day and the result, in words
    meaning   what such a result means
    note      why it is not confirmed
    """

    result: str
    said: str
    meaning: str
    note: str


@dataclass(frozen=True)
class Claim:
    """What one source states about one field, and what the last check of it found, if there was one."""

    field: str
    title: str
    text: str
    verdict: str
    source: Row
    locator: str
    note: str
    check: Check | None = None


@dataclass(frozen=True)
class Record:
    """A record, and all that its page says."""

    id: str
    table: Table
    title: str
    row: Row
    grade: str
    values: tuple[Value, ...]
    claims: tuple[Claim, ...]
    in_file: Row | None
    links: tuple[tuple[str, str], ...] = ()
    history: tuple[Row, ...] = ()
    proposals: tuple[str, ...] = ()

    @property
    def cited(self) -> dict[str, Row]:
        """The sources that state something about it, by their id."""
        found = {claim.source["id"]: claim.source for claim in self.claims}
        return found | ({self.in_file["id"]: self.in_file} if self.in_file else {})

    @property
    def is_file_primary(self) -> bool:
        """Whether the file that the row comes from is of a body whose act or figure the record is."""
        return bool(self.in_file) and any(value.primary and not value.grade for value in self.values)

    @property
    def disputed(self) -> list[str]:
        """The fields that a source contradicts."""
        return [*dict.fromkeys(claim.field for claim in self.claims if claim.verdict == "contradicts")]


def _release(name: str) -> tuple[int, ...]:
    """The numbers of the version that a name begins with; of another name none, which is before all versions."""
    found = re.match(r"([0-9]+)\.([0-9]+)\.([0-9]+)", name)
    return tuple(map(int, found.groups())) if found else ()


@dataclass
class Site:
    """One version of the dataset.

    root        its checkout
    waiting     by record, the reasons of the proposals that wait to be carried out
    """

    root: Path
    waiting: dict[str, list[str]] = field(default_factory=dict)

    @cached_property
    def dataset(self) -> Dataset:
        """The version that is shown."""
        return open_dataset(self.root)

    @cached_property
    def tables(self) -> list[Table]:
        """All tables, in the order of the package."""
        return [self.dataset.schema(name) for name in self.dataset.names]

    @cached_property
    def facts(self) -> list[Table]:
        """The tables of records."""
        return [table for table in self.tables if table.bound]

    @cached_property
    def rows(self) -> dict[str, list[Row]]:
        """The rows of each table."""
        return {table.name: [*self.dataset.rows(table.name)] for table in self.tables}

    @cached_property
    def six(self) -> list[str]:
        """The countries that have a page of their own, in the order of their names."""
        members = (row for row in self.rows["places"] if _REGION in row["member_of"].split(";"))
        return [row["id"] for row in sorted(members, key=lambda row: row["name"])]

    @cached_property
    def sources(self) -> dict[str, Row]:
        """The sources by their id."""
        return {row["id"]: row for row in self.rows["sources"]}

    @cached_property
    def names(self) -> dict[str, str]:
        """What places and bodies are called."""
        found = {row["id"]: row["short_name"] or row["name"] for row in self.rows["organisations"]}
        found |= {row["id"]: row["name"] for row in self.rows["places"]}
        return found | ({"XK": f"{found['XK']}*"} if "XK" in found else {})

    @cached_property
    def titles(self) -> dict[str, str]:
        """What each record is called."""
        return {row["id"]: self._called(table, row) for table in self.facts for row in self.rows[table.name]}

    @cached_property
    def table_of(self) -> dict[str, Table]:
        """The table of each record."""
        return {row["id"]: table for table in self.facts for row in self.rows[table.name]}

    @cached_property
    def gradings(self) -> dict[str, Grading]:
        """How well each record is evidenced."""
        return {
            row["id"]: known
            for table in self.facts
            for row, known in zip(self.rows[table.name], self.dataset.grades(table), strict=True)
        }

    @cached_property
    def grades(self) -> dict[str, str]:
        """The grade of each record."""
        return {record: known.grade for record, known in self.gradings.items()}

    def _called(self, table: Table, row: Row) -> str:
        """The title of a record; of one without a title, what it counts."""
        if held := title(row):
            return held
        names = self.names
        match table.name:
            case "returns":
                ends = [names.get(row[end], row[end]) for end in ("from_place", "to_place") if row[end]]
                whose = ", ".join(names.get(code, code) for code in row["nationalities"].split(";") if code)
                who = _("{start} to {end}").format(start=ends[0], end=ends[1]) if len(ends) == 2 else "".join(ends)
                if whose and not row["to_place"]:
                    who = _("{who} (nationals of {places})").format(who=who, places=whose)
                amount = figure(row["quantity"], row["quantity_qualifier"], row["quantity_max"])
                amount = amount or _("unknown number of")
                what = f"{amount} {worded(row['unit'])}"
                how = "" if row["return_type"] in ("", "all") else f", {worded(row['return_type'])}"
                return f"{who}, {day(row['period'])}: {what}{how}"
            case "operations":
                where = ", ".join(names.get(code, code) for code in row["destinations"].split(";"))
                said = _("Return operation {reference} to {place}, {day}")
                return said.format(reference=row["reference"], place=where, day=day(row["date"]))
            case "operation_states":
                said = _("{state} in the return operation of {day}")
                return said.format(state=names.get(row["state"], row["state"]), day=day(row["date"]))
            case "crossings":
                border = f" ({row['border']})" if row["border"] else ""
                whose = names.get(row["nationality"], row["nationality"]) or _("all nationalities")
                return f"{worded(row['route'])}{border}, {day(row['period'])}, {whose}"
        return row["id"]

    @cached_property
    def leads(self) -> dict[str, dict[str, Part]]:
        """By table: what its codes are called, and where they lead."""
        found = {
            "sources": {i: Part(row["title"] or i, f"source/{i}/index.html", i) for i, row in self.sources.items()},
            "organisations": {
                row["id"]: Part(self.names[row["id"]], "", row["id"]) for row in self.rows["organisations"]
            },
            "places": {
                row["id"]: Part(
                    self.names[row["id"]],
                    f"country/{row['id'].lower()}/index.html" if row["id"] in self.six else "",
                    row["id"],
                )
                for row in self.rows["places"]
            },
        }
        for table in self.facts:
            found[table.name] = {
                row["id"]: Part(self.titles[row["id"]], f"record/{row['id']}/index.html", row["id"])
                for row in self.rows[table.name]
            }
        return found

    @cached_property
    def leads_of(self) -> dict[tuple[str, str], dict[str, Part]]:
        """By table and field: what the codes of the field are called, and where they lead."""
        found: dict[tuple[str, str], dict[str, Part]] = {}
        for table in self.tables:
            keys = {key.field: key for key in table.foreign_keys}
            for one in table.fields:
                targets = [keys[one.name].table] if one.name in keys else [*one.refers_to]
                leads = {code: part for target in targets for code, part in self.leads.get(target, {}).items()}
                if one.name in keys and keys[one.name].target != "id":
                    target = keys[one.name]
                    by_id = self.leads.get(target.table, {})
                    leads = {
                        row[target.target]: by_id[row["id"]] for row in self.rows[target.table] if row["id"] in by_id
                    }
                found[table.name, one.name] = leads
        return found

    @cached_property
    def claims(self) -> dict[str, list[Row]]:
        """The claims on each record."""
        found: dict[str, list[Row]] = defaultdict(list)
        for claim in self.rows["claims"]:
            found[claim["record_id"]].append(claim)
        return found

    @cached_property
    def cited(self) -> dict[str, list[Row]]:
        """The claims of each source."""
        found: dict[str, list[Row]] = defaultdict(list)
        for claim in self.rows["claims"]:
            found[claim["source_id"]].append(claim)
        return found

    @cached_property
    def in_files(self) -> dict[str, dict[str, list[str]]]:
        """By source and table: the records that come from its file."""
        found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for table in self.facts:
            files = published_files(self.dataset, table)
            for row in self.rows[table.name]:
                if row["source_id"] in files:
                    found[row["source_id"]][table.name].append(row["id"])
        return found

    @cached_property
    def _linked(self) -> dict[str, list[tuple[str, str]]]:
        """The records that each record names and that name it, each with what it is to them."""
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for table in self.facts:
            for key in table.foreign_keys:
                if key.table not in {fact.name for fact in self.facts}:
                    continue
                called = _(table.by_name[key.field].title)
                ids = {row[key.target]: row["id"] for row in self.rows[key.table]}
                for row in self.rows[table.name]:
                    if (other := ids.get(row[key.field])) and other != row["id"]:
                        found[row["id"]].append((called, other))
                        found[other].append((_("{field}: this").format(field=called), row["id"]))
        return found

    @cached_property
    def _logged(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows["corrections"]:
            found[row["record_id"]].append(row)
        return found

    @cached_property
    def retired(self) -> dict[str, Row]:
        """The records that are no more: the row of the log that says when and why, and what took their place."""
        log = (row for row in self.rows["corrections"] if row["field"] == "id" and row["old"])
        return {row["record_id"]: row for row in log if row["record_id"] not in self.table_of}

    def values(
        self, table: Table, row: Row, grades: Mapping[str, str], primary: Collection[str] = ()
    ) -> Iterator[Value]:
        """The filled fields of a row. A figure is one value with its qualifier and its upper end."""
        for one in table.fields:
            cell = row[one.name]
            if not cell or one.name == "id" or one.name.endswith("_qualifier"):
                continue
            if one.name.endswith("_max") and one.name.removesuffix("_max") in table.by_name:
                continue
            qualifier, upper = row.get(f"{one.name}_qualifier", ""), row.get(f"{one.name}_max", "")
            said = figure(cell, qualifier, upper) if f"{one.name}_qualifier" in table.by_name else ""
            shown = tuple(parts(one, cell, self.leads_of[table.name, one.name]))
            marks = (grades.get(one.name, ""), one.name in primary)
            yield Value(one.name, _(one.title), _(one.description), shown, cell, said, *marks)

    def record(self, table: Table, row: Row) -> Record:
        """All about one record."""
        made = self.claims.get(row["id"], [])
        in_file = row["source_id"] if row["id"] in self._bulk[table.name] else ""
        stated = [(claim["field"], claim["verdict"], claim["source_id"]) for claim in made]
        if in_file:
            stated += [(claim["field"], "agrees", in_file) for claim in made if claim["verdict"] != "remark"]
        grades = self.dataset.field_grades(stated)
        order = {name: n for n, name in enumerate(table.names)}
        claims = sorted(made, key=lambda claim: order.get(claim["field"], len(order)))
        return Record(
            row["id"],
            table,
            self.titles[row["id"]],
            row,
            self.grades[row["id"]],
            tuple(self.values(table, row, grades, self.gradings[row["id"]].primary)),
            tuple(self._claim(table, claim) for claim in claims),
            self.sources.get(in_file),
            tuple(dict.fromkeys(self._linked.get(row["id"], ()))),
            tuple(self._logged.get(row["id"], ())),
            tuple(self.waiting.get(row["id"], ())),
        )

    @cached_property
    def standings(self) -> dict[str, Standing]:
        """What each agreement was, on any day."""
        return standings(self.dataset)

    @cached_property
    def _bulk(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {table.name: set() for table in self.facts}
        for by_table in self.in_files.values():
            for table, ids in by_table.items():
                found[table].update(ids)
        return found

    def _claim(self, table: Table, claim: Row) -> Claim:
        one = table.by_name.get(claim["field"])
        text = claim["value"]
        if one and kind(one) == "number":
            text = figure(text, claim["qualifier"])
        elif one:
            text = "; ".join(part.text for part in parts(one, text, self.leads_of[table.name, one.name]))
        source = self.sources.get(claim["source_id"], {"id": claim["source_id"], "title": claim["source_id"]})
        called = _(one.title) if one else worded(claim["field"])
        check = self._check(claim)
        return Claim(claim["field"], called, text, claim["verdict"], source, claim["locator"], claim["note"], check)

    @cached_property
    def _checks(self) -> dict[tuple[str, str, str], Row]:
        """The last check of a record, field and source."""
        rows = sorted(self.rows.get("checks", ()), key=lambda row: row["checked"])
        return {(row["record_id"], row["field"], row["source_id"]): row for row in rows}

    @cached_property
    def _results(self) -> dict[str, str]:
        """What each result of a check means."""
        table = next((table for table in self.tables if table.name == "checks"), None)
        return dict(table.by_name["result"].categories) if table else {}

    def _check(self, claim: Row) -> Check | None:
        row = self._checks.get((claim["record_id"], claim["field"], claim["source_id"]))
        if not row:
            return None
        result = row["result"]
        said = {
            "confirmed": _("read again on {day}: confirmed"),
            "imprecise": _("read again on {day}: imprecise"),
            "wrong": _("read again on {day}: wrong"),
            "unseen": _("read again on {day}: not seen"),
        }
        if result == "wrong" and self._is_corrected(row["audit"], claim):
            said["wrong"] = _("read again on {day}: wrong, corrected")
        note = "" if result == "confirmed" else row["note"]
        return Check(result, said[result].format(day=day(row["checked"])), _(self._results[result]), note)

    def _is_corrected(self, audit: str, claim: Row) -> bool:
        """Whether the log has a change of the field in the version that was audited, or in a later one."""
        since = _release(audit)
        logged = self._logged.get(claim["record_id"], ())
        return any(row["field"] == claim["field"] and _release(row["version"]) >= since for row in logged)

    def meaning(self, grade: str) -> str:
        """What a grade says to a reader."""
        return _(GRADES.get(grade, ""))

    def total(self, table: str) -> str:
        """How many rows a table has."""
        return number(str(len(self.rows[table])))
