"""Which pages there are, and what each template gets."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from borderledger import edtf
from borderledger.output.citation import cite
from borderledger.output.metadata import about, dictionary
from borderledger.package import Field, Table
from borderledger.query.checks import UNSEEN, said, together
from website.drawing import Chart
from website.language import N_, _, separated
from website.pictures import of_country, of_overview, of_table, summed
from website.shown import day, figure, kind, number, told, worded
from website.site import Record, Row, Site
from website.states import Standing
from website.states import said as states_said
from website.texts import methodology, releases

__all__ = ["ROWS", "Page", "file_name", "page_of", "pages", "table_json"]

#: Rows of a table on one page.
ROWS = 500

#: What the page of a table shows of each row beside its title; the other fields are on the page of the record.
_COLUMNS = {
    "agreements": ["type", "party_a", "party_b", "signed", "entered_into_force", "status", "status_as_of"],
    "deployments": ["agency", "hosts", "date", "officers", "measure", "operation"],
    "projects": ["funders", "instrument", "amount_eur", "amount_basis", "hosts", "start", "status"],
    "returns": ["from_place", "to_place", "period", "quantity", "unit", "return_type", "reported_by"],
    "operations": ["date", "operation_type", "destinations", "states", "persons", "monitors"],
    "operation_states": ["date", "state", "persons", "escorts", "monitors", "paid_eur"],
    "crossings": ["route", "border", "nationality", "period", "detections"],
    "facilities": ["place", "locality", "kind", "capacity", "status", "status_as_of", "operators"],
    "activities": ["kind", "date", "organisers", "hosts", "participants"],
}
#: Tables whose rows have no title of their own: what their title would say stands in the columns.
_UNTITLED = ("returns", "operations", "operation_states", "crossings")

#: The fields that say which countries a record is about.
_COUNTRY = {
    "agreements": ("party_a", "party_b"),
    "deployments": ("hosts",),
    "projects": ("hosts", "target_places"),
    "facilities": ("place",),
    "activities": ("hosts", "target_places"),
}


#: The script of pages on which a reader chooses a day.
_DAY_SCRIPT = ("day.js",)


@dataclass(frozen=True)
class Page:
    """One HTML page.

    path      from the root of the site
    template  the name of its template
    title     what it is called, in the tab and in search results
    about     what it says, in a sentence
    scripts   the scripts that it needs beside that of every page
    values    what its template gets
    shares    the path of the page whose picture it shares, if it has none of its own
    """

    path: str
    template: str
    title: str
    about: str
    values: dict[str, Any] = field(default_factory=dict)
    scripts: tuple[str, ...] = ()
    listed: bool = True
    shares: str = ""

    @property
    def card(self) -> str:
        """The picture that networks show beside a link to it, from the root of the site."""
        name = (self.shares or self.path).removesuffix("index.html").strip("/").replace("/", "-")
        return f"assets/cards/{name or 'overview'}.png"

    @property
    def root(self) -> str:
        """The way from the page to the root of the site; relative, so that the site works wherever it lies."""
        return "../" * self.path.count("/")


def pages(site: Site) -> Iterator[Page]:
    """Every page of the site."""
    yield _overview(site)
    for code in site.six:
        yield _country(site, code)
    for table in site.facts:
        yield from _table(site, table)
    yield from _on_new_year(site)
    for table in site.facts:
        for row in site.rows[table.name]:
            yield _record(site, site.record(table, row))
    yield from _retired(site)
    yield from _sources(site)
    yield _disputes(site)
    yield Page(
        "dictionary/index.html",
        "dictionary.html",
        _("Data dictionary"),
        _("Every column of every table, with its meaning."),
        {"entries": _by_table(site)},
    )
    text = _("How a figure gets in, how it is checked, how evidence is graded, and what is not known.")
    values = {"parts": methodology(site.root), **_rates(site)}
    yield Page("methodology/index.html", "methodology.html", _("Methodology"), text, values)
    yield Page(
        "downloads/index.html",
        "downloads.html",
        _("Downloads"),
        _("All tables as files, and how to cite them."),
        {"tables": site.tables, "site": site, "citation": about(site.dataset)["citation"]},
    )
    yield Page(
        "releases/index.html",
        "releases.html",
        _("Releases"),
        _("What changed from version to version."),
        {"releases": releases(site.root)},
    )
    text = _("The same data from Python, R, SQL and as JSON.")
    yield Page("developers/index.html", "developers.html", _("For developers"), text, {"site": site})
    text = _("Find records, sources and places.")
    yield Page("search/index.html", "search.html", _("Search"), text, {"site": site})
    text = _("Report a wrong value: build a correction that the editors can check and apply.")
    yield Page("correct/index.html", "correct.html", _("Suggest a correction"), text, {"site": site}, ("correct.js",))
    text = _("Ask the database in SQL, in your browser. Nothing leaves your computer.")
    yield Page("sql/index.html", "sql.html", "SQL", text, {"site": site}, ("sql.js",))
    text = _("There is no such page.")
    yield Page("404.html", "missing.html", _("Page not found"), text, {"site": site}, listed=False, shares="index.html")


def _rates(site: Site) -> dict[str, Any]:
    """What the audits found; nothing before the first."""
    audit = together(site.dataset)
    if audit is None or not audit.whole:
        return {"said": said(audit) if audit else "", "rates": []}
    results = [result for result in audit.total.counts if result != UNSEEN]
    rates = [
        (rate.name, f"{rate.drawn:,}", f"{rate.seen:,}", [_share(rate.share(result)) for result in results])
        for rate in (*audit.strata, audit.total)
    ]
    rates.append((_("weighted to the whole"), "", "", [_share(audit.weighted(result)) for result in results]))
    return {"said": said(audit), "results": results, "rates": rates}


def _share(share: tuple[float, float, float] | None) -> str:
    return "{:.1f} % ({:.1f}–{:.1f})".format(*(100 * end for end in share)) if share else ""


# --- overview and countries ------------------------------------------------------------------------------------------


def _overview(site: Site) -> Page:
    values = {
        "site": site,
        "headlines": [*_headlines(site)],
        "changes": releases(site.root)[:1],
        "countries": [*_six(site)],
        "charts": of_overview(site),
    }
    text = _(site.dataset.descriptor["description"])
    return Page("index.html", "overview.html", "borderledger", text, values)


def _headlines(site: Site) -> Iterator[dict[str, str]]:
    """Figures that open the site, each with the page that shows where it comes from."""
    data = site.dataset
    officers = data.load("deployments_latest", where=["agency=frontex", "hosts=WB6"])
    if len(officers):
        row = next(
            row for row in site.rows["deployments"] if row["id"] == officers.sort_values("date_to").iloc[-1]["id"]
        )
        yield {
            "figure": figure(row["officers"], row["officers_qualifier"], row["officers_max"]),
            "says": _("Frontex officers in the region, {day}").format(day=day(row["date"])),
            "grade": site.grades[row["id"]],
            "href": f"record/{row['id']}/index.html",
        }
    force = data.load("agreements_in_force")
    certain = int(force["as_of_certain"].sum())
    yield {
        "figure": number(str(certain)),
        "says": _(
            "agreements and acts surely in force on {day}; of {count} more, the last that a source says is that they "
            "are"
        ).format(day=day(str(data.created.date())), count=len(force) - certain),
        "href": "agreements/index.html",
    }
    years = data.load("operations_by_year").set_index("year")
    paid = years[years["operations_paid"] > 0]
    if len(paid):
        yield {
            "figure": _("€{value} million").format(value=separated(f"{paid['paid_eur'].sum() / 1e6:,.1f}")),
            "says": _(
                "paid by Frontex for {count} return operations with a destination among the six, {first} to {last}; "
                "of others its files give no cost"
            ).format(count=number(str(paid["operations_paid"].sum())), first=paid.index.min(), last=paid.index.max()),
            "href": "operations/index.html",
        }
    if len(years):
        last = years.index.max()
        yield {
            "figure": number(str(int(years.loc[last, "persons_wb6"]))),
            "says": _("people returned to the six by operations that Frontex coordinated in {year}").format(year=last),
            "href": "operations/index.html",
        }
    pressure = data.load("pressure_and_response").set_index("year")["detections_western_balkan"].dropna()
    if len(pressure):
        top, full = pressure.idxmax(), int(pressure.max())
        yield {
            "figure": number(str(full)),
            "says": _(
                "detections on the Western Balkan route in {year}, the most of any year; a detection is not a person"
            ).format(year=top),
            "href": "crossings/index.html",
        }


def _six(site: Site) -> Iterator[dict[str, Any]]:
    for code in site.six:
        found = {table.name: [*_about_country(site, table, code)] for table in site.facts if table.name in _COUNTRY}
        yield {
            "code": code,
            "name": site.names.get(code, code),
            "counts": {name: len(rows) for name, rows in found.items()},
        }


def _about_country(site: Site, table: Table, code: str) -> Iterator[Row]:
    for row in site.rows[table.name]:
        if any(code in row[name].split(";") for name in _COUNTRY[table.name]):
            yield row


def _country(site: Site, code: str) -> Page:
    name = site.names.get(code, code)
    parts = [
        _listing(site, table, [*_about_country(site, table, code)], f"{table.name}-{code.lower()}")
        for table in site.facts
        if table.name in _COUNTRY
    ]
    returned = summed(site, "returns", ["year", "from_place"], f"to_place={code}")
    costs = site.dataset.load("cost_per_person", where=[f"destinations={code}", "reach=wb6"])
    costs = costs[costs["destinations"].map(len) == 1]
    by_year = costs.groupby("year")[["operations", "persons", "paid_eur"]].sum().reset_index()
    shown = {row["id"] for part in parts for row in part["records"]}
    changes = [row for row in site.rows["corrections"] if row["record_id"] in shown and row["field"] != "id"][-20:]
    values = {
        "site": site,
        "code": code,
        "name": name,
        "parts": parts,
        "returned": _grid(site, site.dataset.schema("returns"), returned),
        "costs": by_year.to_dict("records"),
        "changes": changes[::-1],
        "charts": of_country(site, code),
        "state": _state(site, [*_about_country(site, site.dataset.schema("agreements"), code)]),
    }
    text = _("Who is there, under which agreement, what it cost, who was returned and where people are held: {place}.")
    return Page(
        f"country/{code.lower()}/index.html", "country.html", name, text.format(place=name), values, _DAY_SCRIPT
    )


def _grid(site: Site, table: Table, frame: Any) -> dict[str, Any]:
    """A frame as a header and rows of text; its note says what was left out."""
    columns = [name for name in frame.columns if name not in ("evidence_rank",)]
    titles = {field.name: field.title for field in table.fields} | _SUMMED
    rows = [
        [_summed_cell(site, table, name, value) for name, value in zip(columns, row, strict=True)]
        for row in frame[columns].itertuples(index=False)
    ]
    called = [_(titles.get(name, "")) or worded(name) for name in columns]
    return {"columns": called, "rows": rows, "note": str(frame.attrs.get("note", ""))}


#: What the columns of sums are called that are no fields.
_SUMMED = {"year": N_("Year"), "not_exact": N_("Not exact"), "n_rows": N_("Records"), "counted_by": N_("Counted by")}


def _summed_cell(site: Site, table: Table, name: str, value: Any) -> str:
    if value is None or (isinstance(value, float) and value != value):
        return ""
    field = table.by_name.get(name)
    if field and kind(field) == "text":
        codes = [value] if isinstance(value, str) else value
        leads = site.leads_of[table.name, name]
        return ", ".join(
            worded(code) if field.categories else leads[code].text if code in leads else code for code in codes
        )
    return told(value.item() if hasattr(value, "item") else value, name == "year")


# --- tables ----------------------------------------------------------------------------------------------------------


def _listing(site: Site, table: Table, rows: Sequence[Row], name: str) -> dict[str, Any]:
    """A table of records: columns, and for each record its link and its cells."""
    columns = [table.by_name[column] for column in _COLUMNS[table.name]]
    kinds = [kind(column) for column in columns]
    shown = []
    for row in rows:
        values = {value.name: value for value in site.values(table, row, {})}
        cells = [(sort, values.get(column.name)) for column, sort in zip(columns, kinds, strict=True)]
        shown.append((row["id"], site.titles[row["id"]], cells, site.grades[row["id"]]))
    return {
        "name": name,
        "table": table,
        "columns": [*zip(columns, kinds, strict=True)],
        "rows": shown,
        "records": rows,
        "titled": table.name not in _UNTITLED,
    }


def _table(site: Site, table: Table) -> Iterator[Page]:
    rows = sorted(site.rows[table.name], key=_latest, reverse=True)
    count = max(1, -(-len(rows) // ROWS))
    for number_ in range(1, count + 1):
        listing = _listing(site, table, rows[(number_ - 1) * ROWS : number_ * ROWS], table.name)
        values = {
            "site": site,
            "table": table,
            "charts": of_table(site, table.name) if number_ == 1 else [],
            "listing": listing,
            "number": number_,
            "pages": count,
            "size": len(rows),
            "state": _state(site, rows) if table.name == "agreements" and number_ == 1 else None,
        }
        path = page_of(table.name, number_)
        title = _(table.title)
        title = title if number_ == 1 else _("{table}, page {number}").format(table=title, number=number_)
        scripts = _DAY_SCRIPT if values["state"] else ()
        shares = page_of(table.name, 1) if number_ > 1 else ""
        yield Page(path, "table.html", title, _(table.description), values, scripts, shares=shares)


def file_name(site: Site, page: Page, chart: Chart) -> str:
    """What the picture of a chart is called where a reader saves it: it tells the page and the version."""
    place = page.path.removesuffix("index.html").strip("/").replace("/", "-")
    words = [word for word in (place, chart.name) if word]
    words = words[1:] if words[0] == words[-1] and len(words) > 1 else words
    return "-".join(("borderledger", site.dataset.data_version, *words)).lower() + ".svg"


def page_of(table: str, page: int) -> str:
    """The path of a page of a table."""
    folder = table.replace("_", "-")
    return f"{folder}/index.html" if page == 1 else f"{folder}/{page}/index.html"


def _latest(row: Row) -> tuple[int, str]:
    """When a record was, for the newest first."""
    for name in ("status_as_of", "date", "period", "start"):
        try:
            if row.get(name):
                return edtf.parse(row[name])[1], row["id"]
        except ValueError:
            continue
    return 0, row["id"]


def _labels(site: Site, table: Table, field: Field) -> dict[str, str]:
    """What the codes of a column are called, as far as the name is another text than the code."""
    codes = sorted({item for row in site.rows[table.name] for item in field.items(row[field.name])})
    if field.categories:
        return {code: words for code in codes if (words := worded(code)) != code}
    leads = site.leads_of[table.name, field.name]
    return {code: leads[code].text for code in codes if code in leads and leads[code].text != code}


def table_json(site: Site, table: Table) -> str:
    """All rows of a table as its page shows them, for filters and for others to build on."""
    columns: list[dict[str, Any]] = [
        {"name": "id", "title": _("Id"), "kind": "text"},
        {"name": "title", "title": _("Title"), "kind": "text"},
    ]
    fields = [one for one in table.fields if one.name not in ("id", "title", "name")]
    columns += [
        {
            "name": one.name,
            "title": _(one.title),
            "kind": kind(one),
            "labels": _labels(site, table, one),
        }
        for one in fields
    ]
    columns += [{"name": "evidence", "title": _("Evidence"), "kind": "text"}] if table.key == ("id",) else []
    held = site.rows[table.name]
    rows = [
        [
            row[table.key[0]],
            site.titles.get(row[table.key[0]], row.get("title") or row.get("name") or ""),
            *(row[one.name] for one in fields),
            *([site.grades.get(row["id"], "")] if table.key == ("id",) else []),
        ]
        # In the order of the HTML, so that a filter keeps it.
        for row in (sorted(held, key=_latest, reverse=True) if table.key == ("id",) else held)
    ]
    return json.dumps({"columns": columns, "rows": rows}, ensure_ascii=False, separators=(",", ":")) + "\n"


# --- agreements on a day ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _State:
    """What some agreements were on a day.

    first, last   the days between which a reader can choose
    groups        each state with what it is called, its agreements, and of how many of them it is not certain
    undated       how many are signed, but bear no day
    years         the years whose first day has a page
    """

    day: date
    first: date
    last: date
    groups: list[tuple[str, str, list[Standing], int]]
    undated: int
    years: range


def _state(site: Site, rows: Sequence[Row], day: date | None = None) -> _State:
    """The agreements of these rows on a day; without one, on the day of the version."""
    last = site.dataset.created.date()
    day = day or last
    first = min(
        (spell.first for one in site.standings.values() for spell in one.spells if spell.state != "unknown"),
        default=last,
    )
    found: dict[str, list[Standing]] = {name: [] for name in states_said()}
    for row in sorted(rows, key=lambda row: (site.titles[row["id"]], row["id"])):
        if spell := site.standings[row["id"]].on(day):
            found[spell.state].append(site.standings[row["id"]])
    groups = [(name, words, found[name], _doubted(name, found[name], day)) for name, words in states_said().items()]
    undated = sum(row["status"] == "signed" and not site.standings[row["id"]].spells for row in rows)
    return _State(day, first, last, groups, undated, range(first.year + 1, last.year + 1))


def _doubted(state: str, found: Sequence[Standing], day: date) -> int:
    spells = [spell for one in found if (spell := one.on(day))]
    return 0 if state == "unknown" else sum(not spell.certain for spell in spells)


def _on_new_year(site: Site) -> Iterator[Page]:
    """The agreements on the first of January of each year, for who has no JavaScript."""
    rows = site.rows["agreements"]
    for year in _state(site, rows).years:
        day_ = date(year, 1, 1)
        title = _("Agreements on {day}").format(day=day(str(day_)))
        values = {"site": site, "state": _state(site, rows, day_)}
        text = _("Which were in force, applied provisionally, signed or over on that day.")
        shares = page_of("agreements", 1)
        yield Page(f"agreements/on/{year}/index.html", "day.html", title, text, values, shares=shares)


# --- records and sources ---------------------------------------------------------------------------------------------


def _record(site: Site, record: Record) -> Page:
    values = {"site": site, "record": record}
    text = _("{table}: {title}. Evidence: {grade}.").format(
        table=_(record.table.title), title=record.title, grade=_(record.grade or N_("none"))
    )
    shares = page_of(record.table.name, 1)
    return Page(f"record/{record.id}/index.html", "record.html", record.title, text, values, shares=shares)


def _retired(site: Site) -> Iterator[Page]:
    for identifier, row in site.retired.items():
        if identifier in site.sources:
            continue
        values = {"site": site, "id": identifier, "row": row, "now": row["new"] if row["new"] in site.table_of else ""}
        yield Page(
            f"record/{identifier}/index.html",
            "retired.html",
            identifier,
            _("{record} was retired.").format(record=identifier),
            values,
            listed=False,
            shares="index.html",
        )


def _sources(site: Site) -> Iterator[Page]:
    rows = sorted(site.sources.values(), key=lambda row: (row["publisher"].casefold(), row["published"], row["id"]))
    counts = {
        row["id"]: len(site.cited.get(row["id"], ())) + sum(map(len, site.in_files.get(row["id"], {}).values()))
        for row in rows
    }
    text = _("Every document that the dataset rests on, with what it supports.")
    values = {"site": site, "sources": rows, "counts": counts}
    yield Page("sources/index.html", "sources.html", _("Sources"), text, values)
    table = site.dataset.schema("sources")
    for row in rows:
        stated: dict[str, list[Row]] = defaultdict(list)
        for claim in site.cited.get(row["id"], ()):
            stated[claim["record_id"]].append(claim)
        held: dict[str, Any] = {
            "site": site,
            "source": row,
            "fields": [*site.values(table, row, {})],
            "stated": stated,
            "files": site.in_files.get(row["id"], {}),
            "cited": cite(site.dataset, row["id"]),
        }
        yield Page(
            f"source/{row['id']}/index.html",
            "source.html",
            row["title"] or row["id"],
            _("Source: {title}, {publisher}.").format(title=row["title"], publisher=row["publisher"]),
            held,
            shares="sources/index.html",
        )


def _disputes(site: Site) -> Page:
    found = []
    for table in site.facts:
        for row in site.rows[table.name]:
            if any(claim["verdict"] == "contradicts" for claim in site.claims.get(row["id"], ())):
                record = site.record(table, row)
                found += [(record, name) for name in record.disputed]
    text = _("Every field on which sources disagree, with both sides.")
    return Page("disputes/index.html", "disputes.html", _("Disputes"), text, {"site": site, "disputes": found})


def _by_table(site: Site) -> list[tuple[Table, list[Any]]]:
    entries: dict[str, list[Any]] = defaultdict(list)
    for entry in dictionary(site.dataset):
        entries[entry.table].append(entry)
    return [(table, entries[table.name]) for table in site.tables]
