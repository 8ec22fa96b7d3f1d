"""Views: what was so on a day, and sums of what may be added up. Each says what it leaves out.

    agreements_in_force, deployments_latest, projects_running
                        as `load(table, as_of=day)` gives them for the day on which the package was made (`created`).
                        In DuckDB agreements_in_force_on(day) and so on take any day.
    returns_by_year     counts of returns, added up where they may be
    money_by_funder     amounts in euro, added up where they may be
    operations_by_year  return operations: persons, escorts, monitors and what Frontex paid
    monitored_share     operations with a monitor on board, by year and destination
    cost_per_person     what Frontex paid for operations, by destinations and states
    pressure_and_response
                        detections at the border beside officers, operations, projects and agreements, by year

A view is there when the package has the tables that it is made of.

A database also has `evidence`: one row for each claim, with the title of its record and the title and the address of
its source. Python and the command line give the same for one record (`Dataset.evidence`).

DuckDB and SQLite both take the text of every view. So the texts use WITH RECURSIVE, window functions and CASE, and
avoid what older versions of SQLite cannot parse (IS DISTINCT FROM, an order inside string_agg): a single view that it
cannot parse makes the whole file unreadable to it. Nothing in the texts comes from the data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from borderledger.package.tables import Tables
from borderledger.query.archive import ARCHIVE_COPY, has_copies
from borderledger.query.dictionary import RANK_SAID, Meaning
from borderledger.query.grades import GRADES, RANKS

__all__ = ["View", "database_views", "literal", "on_any_day", "quoted", "views"]


def quoted(name: str) -> str:
    """A name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True)
class View:
    """A view: its query, the table that it is made of, and what it shows and leaves out.

    computed   the columns that the table does not have, or that mean something else here
    beside     other tables that the query reads
    """

    name: str
    table: str
    title: str
    select: str
    shows: str
    leaves_out: str
    computed: tuple[Meaning, ...]
    beside: tuple[str, ...] = ()

    @property
    def comment(self) -> str:
        """What it shows and what it leaves out."""
        return f"{self.shows} {self.leaves_out}"


def views(dataset: Tables) -> list[View]:
    """The views over the tables that the package has."""
    day = dataset.created.date().isoformat()
    found = [
        replace(view, select=_on_day(table, literal(day)), shows=f"{view.shows} On {day}, when this version was made.")
        for table, view in _ON_DAY.items()
        if table in dataset.names
    ]
    return found + [view for view in _SUMS if {view.table, *view.beside} <= {*dataset.names}]


def database_views(dataset: Tables) -> list[View]:
    """The views of a database: `views`, and `evidence`."""
    facts = [schema for schema in map(dataset.schema, dataset.names) if schema.bound]
    if not facts or not {"claims", "sources"} <= {*dataset.names}:
        return views(dataset)
    records = "\n    UNION ALL ".join(
        f'SELECT id, {literal(schema.name)} AS "table", {quoted(schema.label) if schema.label else "NULL"} AS title, '
        f"source_id, evidence FROM {quoted(schema.name)}"
        for schema in facts
    )
    copy = f"s.{ARCHIVE_COPY}" if has_copies(dataset.schema("sources")) else "NULL"
    return [*views(dataset), replace(_STATED, select=_EVIDENCE_OF.format(records=records, copy=copy))]


def on_any_day(dataset: Tables) -> Iterator[tuple[str, View]]:
    """The views that show a day, as macros of one parameter: `day`."""
    for table, view in _ON_DAY.items():
        if table in dataset.names:
            select = _on_day(table, "CAST(day AS DATE)")
            shows = f"{view.shows} On any day, as load({table!r}, as_of=day)."
            yield f"{view.name}_on", replace(view, select=select, shows=shows)


def _on_day(table: str, day: str) -> str:
    return f"""
SELECT t.*, (w.first_to <= {day} AND {day} <= w.last_from) AS as_of_certain, w.as_of_evidence
FROM {table} t JOIN {table}_windows w ON w.id = t.id
WHERE w.first_from <= {day} AND {day} <= w.last_to
ORDER BY t.id"""


_CERTAIN = Meaning(
    "as_of_certain",
    "Certain on that day",
    "flag",
    description="Whether the row holds on that day whichever day an imprecise date means. Never after the day on which "
    "the version was made, nor three years after as_of_evidence if no source says when it ended.",
)
_EVIDENCE = Meaning(
    "as_of_evidence",
    "Newest evidence",
    "day",
    description="The newest day on which a source speaks of the record; empty if no source bears a day.",
)

#: For each table that has a state on a day: its view.
_ON_DAY = {
    "agreements": View(
        "agreements_in_force",
        "agreements",
        "Agreements in force",
        "",
        "Agreements in force or provisionally applied.",
        "Leaves out agreements whose dates leave open whether they were in force (see agreements_windows).",
        (_CERTAIN, _EVIDENCE),
    ),
    "deployments": View(
        "deployments_latest",
        "deployments",
        "Latest strength of deployments",
        "",
        "The latest number of officers present, for each agency and hosts. Figures of one date stand side by side, and "
        "figures for the region stand beside those for its hosts: do not add them. The latest figure may be old.",
        "Leaves out plans, cumulative figures, shares of a figure, ended postings, and figures without a date.",
        (_CERTAIN, _EVIDENCE),
    ),
    "projects": View(
        "projects_running",
        "projects",
        "Projects running",
        "",
        "Projects that have begun and have not ended, or that a source calls ongoing.",
        "Leaves out projects for which no source gives a start or an end (see projects_windows).",
        (_CERTAIN, _EVIDENCE),
    ),
}


_EVIDENCE_OF = """
WITH records AS (
    {records}
),
stated AS (
    SELECT record_id, field, value, qualifier, verdict, source_id, locator, note FROM claims
    UNION ALL
    SELECT id, NULL, NULL, NULL, 'bulk', source_id, NULL, NULL FROM records
    WHERE ("table", source_id) IN (SELECT "table", source_id FROM control_totals)
)
SELECT c.record_id, r.title, r."table", c.field, c.value, c.qualifier, c.verdict, c.source_id, s.title AS source,
    s.publisher, s.published, s.url, {copy} AS archive_copy, c.locator, c.note
FROM stated c LEFT JOIN records r ON r.id = c.record_id LEFT JOIN sources s ON s.id = c.source_id"""

_STATED = View(
    "evidence",
    "claims",
    "Evidence",
    "",
    "What sources state about records, one row for each claim: the record, the field and the value, how it compares "
    "with the record (verdict), and the source with its address, a copy, and the place in it (locator). A record that "
    "was taken from a publisher's file has one row, with the verdict bulk and that file.",
    "Leaves out the value that the record holds: it is in the table of the record.",
    (),
)

_GRADE = " ".join(f"WHEN {rank} THEN '{grade}'" for grade, rank in RANKS.items())
_WORST = f"CASE min(evidence_rank) {_GRADE} END AS evidence, CAST(min(evidence_rank) AS BIGINT) AS evidence_rank"


def _wholes(table: str) -> str:
    """Each record with all that it is part of, near and far."""
    return f"""wholes(id, whole) AS (
    SELECT id, part_of FROM {table} WHERE part_of IS NOT NULL
    UNION
    SELECT p.id, r.part_of FROM wholes p JOIN {table} r ON r.id = p.whole WHERE r.part_of IS NOT NULL
)"""


_FLOW = (
    "year, from_place, to_place, nationalities, return_type, operation_type, unit, carried_out_by, "
    "reported_by, source_id"
)

_RETURNS = f"""
WITH RECURSIVE closed AS (
    SELECT *, CAST(substr(CAST(period_from AS TEXT), 1, 4) AS INTEGER) AS year
    FROM returns
    WHERE measure = 'count' AND quantity IS NOT NULL
        AND substr(CAST(period_from AS TEXT), 1, 4) = substr(CAST(period_to AS TEXT), 1, 4)
),
counted AS (SELECT *, dense_rank() OVER (ORDER BY {_FLOW}) AS line FROM closed),
files AS (SELECT source_id FROM control_totals WHERE "table" = 'returns'),
{_wholes("returns")},
parts AS (
    SELECT p.id, max(CASE WHEN w.line = p.line THEN 1 ELSE 0 END) AS in_its_line
    FROM counted p JOIN wholes x ON x.id = p.id JOIN counted w ON w.id = x.whole
    GROUP BY p.id
),
overlapping AS (
    SELECT p.id
    FROM counted p JOIN counted w ON w.line = p.line AND w.id <> p.id
    WHERE p.source_id NOT IN (SELECT source_id FROM files) AND w.source_id NOT IN (SELECT source_id FROM files)
        AND p.period_from <= w.period_to AND w.period_from <= p.period_to
        AND (w.period_from < p.period_from OR w.period_from = p.period_from AND (
            w.period_to > p.period_to OR w.period_to = p.period_to AND (
                w.quantity > p.quantity OR w.quantity = p.quantity AND w.id < p.id)))
)
SELECT {_FLOW}, (p.id IS NOT NULL) AS in_larger_sum, CAST(sum(quantity) AS BIGINT) AS quantity,
    CAST(sum(CASE quantity_qualifier WHEN 'exact' THEN 0 ELSE 1 END) AS BIGINT) AS not_exact,
    count(*) AS n_rows, {_WORST}
FROM counted c LEFT JOIN parts p ON p.id = c.id
WHERE coalesce(p.in_its_line, 0) = 0 AND c.id NOT IN (SELECT id FROM overlapping)
GROUP BY {_FLOW}, (p.id IS NOT NULL)
ORDER BY {_FLOW}, (p.id IS NOT NULL)"""


_MONEY = f"""
WITH RECURSIVE counted AS (
    SELECT *, (SELECT count(*) FROM projects_funders f WHERE f.id = projects.id) > 1 AS joint
    FROM projects
    WHERE amount_eur IS NOT NULL AND kind NOT IN ('envelope', 'component', 'call')
        AND amount_basis NOT IN ('per_year', 'required', 'ceiling', 'envelope')
),
{_wholes("projects")}
SELECT funders, joint, kind, amount_basis, sum(amount_eur) AS amount_eur,
    CAST(sum(CASE amount_eur_qualifier WHEN 'exact' THEN 0 ELSE 1 END) AS BIGINT) AS not_exact,
    count(*) AS n_rows, {_WORST}
FROM counted
WHERE id NOT IN (SELECT p.id FROM wholes p JOIN counted w ON w.id = p.whole)
GROUP BY funders, joint, kind, amount_basis
ORDER BY funders, joint, kind, amount_basis"""

#: The operations with their year, the sums of their states, and whether a monitor was on board.
_EACH = """
WITH added AS (
    SELECT operation_id, sum(escorts) AS escorts, sum(paid_eur) AS paid_eur,
        sum(CASE WHEN persons > 0 AND paid_eur IS NULL THEN 1 ELSE 0 END) AS unpaid
    FROM operation_states GROUP BY operation_id
),
each AS (
    SELECT o.*, a.escorts, a.paid_eur, a.unpaid,
        CAST(substr(CAST(o.date_from AS TEXT), 1, 4) AS INTEGER) AS year,
        CASE WHEN coalesce(o.monitors, 0) + coalesce(o.rights_monitors, 0) > 0 THEN 1 ELSE 0 END AS monitored
    FROM operations o LEFT JOIN added a ON a.operation_id = o.id
)"""


def _ratio(part: str, whole: str, digits: int) -> str:
    """SQL for a ratio of integers, rounded half up: the `round` of SQLite and that of DuckDB differ in a tie."""
    twice, halves = f"(2 * {whole})", f"({2 * 10**digits} * {part} + {whole})"
    return f"1.0 * ({halves} - {halves} % {twice}) / {twice} / {10**digits}"


#: What was paid, in the smallest part of a euro that the files state.
_TEN_THOUSANDTHS = "CAST(round(10000 * sum(paid_eur)) AS BIGINT)"

_OPERATIONS = f"""{_EACH}
SELECT year, CAST(count(*) AS BIGINT) AS operations, CAST(sum(persons) AS BIGINT) AS persons,
    CAST(sum(persons_wb6) AS BIGINT) AS persons_wb6, CAST(sum(escorts) AS BIGINT) AS escorts,
    {_ratio("sum(escorts)", "nullif(sum(CASE WHEN escorts IS NULL THEN 0 ELSE persons END), 0)", 2)}
        AS escorts_per_person,
    CAST(sum(monitored) AS BIGINT) AS monitored, {_ratio("sum(monitored)", "count(*)", 3)} AS monitored_share,
    round(sum(paid_eur), 4) AS paid_eur, CAST(count(paid_eur) AS BIGINT) AS operations_paid, {_WORST}
FROM each
GROUP BY year
ORDER BY year"""

_COSTS = f"""{_EACH}
SELECT year, destinations, reach, states, CAST(count(*) AS BIGINT) AS operations,
    CAST(sum(persons) AS BIGINT) AS persons, round(sum(paid_eur), 4) AS paid_eur,
    {_ratio(_TEN_THOUSANDTHS, "(10000 * nullif(sum(persons), 0))", 2)} AS paid_per_person, {_WORST}
FROM each
WHERE paid_eur IS NOT NULL AND unpaid = 0
GROUP BY year, destinations, reach, states
ORDER BY year, destinations, reach, states"""

_MONITORED = f"""{_EACH}
SELECT e.year, d.item AS destination, CAST(count(*) AS BIGINT) AS operations,
    CAST(sum(e.monitored) AS BIGINT) AS monitored, {_ratio("sum(e.monitored)", "count(*)", 3)} AS monitored_share,
    CAST(sum(CASE (SELECT count(*) FROM operations_destinations o WHERE o.id = e.id) WHEN 1 THEN 1 ELSE 0 END)
        AS BIGINT) AS only_there,
    {_WORST}
FROM each e JOIN operations_destinations d ON d.id = e.id
WHERE d.item IN (SELECT id FROM places_member_of WHERE item = 'WB6')
GROUP BY e.year, d.item
ORDER BY e.year, d.item"""

_PRESSURE = f"""
WITH years AS (
    SELECT DISTINCT CAST(substr(CAST(period_from AS TEXT), 1, 4) AS INTEGER) AS year FROM crossings
    UNION
    SELECT DISTINCT CAST(substr(CAST(date_from AS TEXT), 1, 4) AS INTEGER) FROM operations
),
seen AS (
    SELECT CAST(substr(CAST(period_from AS TEXT), 1, 4) AS INTEGER) AS year,
        sum(CASE route WHEN 'western_balkan' THEN detections END) AS western_balkan,
        sum(CASE route WHEN 'albania_greece_circular' THEN detections END) AS albania_greece,
        count(DISTINCT period_from) AS months, min(evidence_rank) AS evidence_rank
    FROM crossings WHERE border IS NOT NULL GROUP BY 1
),
flown AS (
    SELECT CAST(substr(CAST(date_from AS TEXT), 1, 4) AS INTEGER) AS year, count(*) AS operations,
        sum(persons_wb6) AS persons, min(evidence_rank) AS evidence_rank
    FROM operations GROUP BY 1
),
present AS (
    SELECT CAST(substr(CAST(d.date_from AS TEXT), 1, 4) AS INTEGER) AS year, max(d.officers) AS officers,
        min(d.evidence_rank) AS evidence_rank
    FROM deployments d JOIN deployments_agency a ON a.id = d.id
    WHERE a.item = 'frontex' AND d.measure = 'present'
        AND substr(CAST(d.date_from AS TEXT), 1, 4) = substr(CAST(d.date_to AS TEXT), 1, 4)
    GROUP BY 1
),
begun AS (
    SELECT CAST(substr(CAST(start_from AS TEXT), 1, 4) AS INTEGER) AS year, count(*) AS projects,
        min(evidence_rank) AS evidence_rank
    FROM projects
    WHERE part_of IS NULL AND kind NOT IN ('envelope', 'component', 'call')
        AND substr(CAST(start_from AS TEXT), 1, 4) = substr(CAST(start_to AS TEXT), 1, 4)
    GROUP BY 1
),
agreed AS (
    SELECT y.year, count(*) AS agreements, min(r.evidence_rank) AS evidence_rank
    FROM years y JOIN agreements r ON 1 = 1 JOIN agreements_windows w ON w.id = r.id
        AND CAST(w.first_to AS TEXT) <= CAST(y.year AS TEXT) || '-12-31'
        AND CAST(y.year AS TEXT) || '-12-31' <= CAST(w.last_to AS TEXT)
    GROUP BY 1
),
graded AS (
    SELECT year, evidence_rank FROM seen UNION ALL SELECT year, evidence_rank FROM flown
    UNION ALL SELECT year, evidence_rank FROM present UNION ALL SELECT year, evidence_rank FROM begun
    UNION ALL SELECT year, evidence_rank FROM agreed
),
worst AS (SELECT year, {_WORST} FROM graded GROUP BY year)
SELECT y.year, CAST(s.western_balkan AS BIGINT) AS detections_western_balkan,
    CAST(s.albania_greece AS BIGINT) AS detections_albania_greece, CAST(s.months AS BIGINT) AS months,
    CAST(p.officers AS BIGINT) AS frontex_officers, CAST(f.operations AS BIGINT) AS operations,
    CAST(f.persons AS BIGINT) AS persons, CAST(coalesce(b.projects, 0) AS BIGINT) AS projects_begun,
    CAST(coalesce(a.agreements, 0) AS BIGINT) AS agreements_in_force, w.evidence, w.evidence_rank
FROM years y LEFT JOIN seen s ON s.year = y.year LEFT JOIN flown f ON f.year = y.year
    LEFT JOIN present p ON p.year = y.year LEFT JOIN begun b ON b.year = y.year LEFT JOIN agreed a ON a.year = y.year
    LEFT JOIN worst w ON w.year = y.year
ORDER BY y.year"""

_NOT_EXACT = Meaning(
    "not_exact", "Rounded or bounds", "integer", description="How many of the n_rows figures are rounded or are bounds."
)
_N_ROWS = Meaning("n_rows", "Number of rows", "integer", description="How many rows the line adds up.")
_WORST_GRADE = Meaning(
    "evidence", "Evidence grade", "category", values=GRADES, description="Worst grade of the rows in the line."
)
_WORST_RANK = Meaning("evidence_rank", "Rank of the evidence grade", "integer", description=RANK_SAID)

_MONITORED_COUNT = Meaning(
    "monitored",
    "With a monitor",
    "integer",
    description="Operations with a monitor on board: of a state, of the pool, or a rights monitor of Frontex.",
)
_MONITORED_SHARE = Meaning(
    "monitored_share", "Share with a monitor", "number", description="Their share of all operations."
)

#: The views that add up.
_SUMS = (
    View(
        "returns_by_year",
        "returns",
        "Returns by year",
        _RETURNS,
        "Counts of returns by year, flow, kind, unit, and who counted. Each line adds only what one source says of one "
        "flow. Do not add lines: different sources and reporters count the same people, a count by destination "
        "(to_place) has people of a count by nationality (without it), and in_larger_sum marks lines that count parts "
        "of another line. A line covers the periods that were reported, which need not be the whole "
        "year. Of a range, the lower end is added.",
        "Leaves out running totals and stocks; counts without a figure; periods that are open or reach over the end of "
        "a year; counts that are part of a count in the same line; and, where the periods of a line overlap, all but "
        "the count that begins first, of these the longest, of these the largest. Rows of a publisher's file (those "
        "under control totals) count different operations, places or times, and all stay that are no part.",
        (
            Meaning("year", "Year", "integer", description="The year in which the whole period lies."),
            Meaning(
                "in_larger_sum",
                "Part of another line",
                "flag",
                description="Whether the line counts parts of what another line counts.",
            ),
            Meaning("quantity", "Quantity", "integer", description="Sum of the counts, in the unit of the line."),
            _NOT_EXACT,
            _N_ROWS,
            _WORST_GRADE,
            _WORST_RANK,
        ),
        ("control_totals",),
    ),
    View(
        "operations_by_year",
        "operations",
        "Operations by year",
        _OPERATIONS,
        "Return operations coordinated by Frontex with a destination among the six, by year: their number, persons, "
        "escorts, operations with a monitor on board, and what Frontex paid. If an operation also went elsewhere, its "
        "persons, escorts and costs are those of the whole operation.",
        "Leaves out staff before October 2016, which the files do not tell by kind, and costs before 2013. Empty is "
        "not known. Up to 2018 an operation counts as monitored if its file names a monitor, so the share is a lower "
        "bound.",
        (
            Meaning("year", "Year", "integer", description="The year of the operations."),
            Meaning("operations", "Operations", "integer", description="Number of operations."),
            Meaning("persons", "Persons", "integer", description="Persons returned, to all destinations."),
            Meaning("persons_wb6", "Persons to the six", "integer", description="Of these, persons to the six."),
            Meaning("escorts", "Escorts", "integer", description="Escorts of the states, where they are known."),
            Meaning(
                "escorts_per_person",
                "Escorts per person",
                "number",
                description="Escorts for each person, in the operations of which the escorts are known.",
            ),
            _MONITORED_COUNT,
            _MONITORED_SHARE,
            Meaning("paid_eur", "Paid", "number", description="What Frontex paid, in euro, as far as it is known."),
            Meaning(
                "operations_paid",
                "Operations with costs",
                "integer",
                description="Number of operations of which an amount is known.",
            ),
            _WORST_GRADE,
            _WORST_RANK,
        ),
        ("operation_states",),
    ),
    View(
        "cost_per_person",
        "operations",
        "Cost per person",
        _COSTS,
        "What Frontex paid for return operations, by year, destinations and states, and for each person returned. The "
        "state that charters the aircraft is paid for the persons of the others, too, so the cost of one state is only "
        "known where it took part alone. If reach is wider, the cost is that of the whole operation.",
        "Leaves out operations with a state that returned persons and has no amount, such as those of 2024 without "
        "costs yet. What the states paid themselves is not in the files.",
        (
            Meaning("year", "Year", "integer", description="The year of the operations."),
            Meaning("operations", "Operations", "integer", description="Number of operations."),
            Meaning("persons", "Persons", "integer", description="Persons returned, to all destinations."),
            Meaning("paid_eur", "Paid", "number", description="What Frontex paid to all states together, in euro."),
            Meaning(
                "paid_per_person", "Paid per person", "number", description="Paid for each person returned, in euro."
            ),
            _WORST_GRADE,
            _WORST_RANK,
        ),
        ("operation_states",),
    ),
    View(
        "monitored_share",
        "operations",
        "Monitored share",
        _MONITORED,
        "Return operations coordinated by Frontex, by year and destination: how many there were, and how many had a "
        "monitor on board. An operation to several of the six is in several lines, so do not add the lines.",
        "Leaves out destinations that are not among the six. Up to 2018 an operation counts as monitored if its file "
        "names a monitor, so the share is a lower bound. A monitor on board says nothing of what the monitor saw.",
        (
            Meaning("year", "Year", "integer", description="The year of the operations."),
            Meaning("destination", "Destination", "text", description="One of the six."),
            Meaning("operations", "Operations", "integer", description="Number of operations that went there."),
            _MONITORED_COUNT,
            _MONITORED_SHARE,
            Meaning("only_there", "Only there", "integer", description="Operations that went there and nowhere else."),
            _WORST_GRADE,
            _WORST_RANK,
        ),
        ("operation_states", "places"),
    ),
    View(
        "pressure_and_response",
        "crossings",
        "Pressure and response",
        _PRESSURE,
        "Detections at the border beside what was done, by year: officers of Frontex, its return operations, projects "
        "that began, agreements in force. The columns count different things. That two of them rise together does not "
        "show that one follows from the other.",
        "Leaves out detections after April 2025, operations after 2024, officers of states, and projects without a "
        "year of start or part of another one. An agreement counts until a source shows that it ended. Projects and "
        "agreements are those that the dataset holds.",
        (
            Meaning("year", "Year", "integer", description="The year."),
            Meaning(
                "detections_western_balkan",
                "Detections, Western Balkan route",
                "integer",
                description="Detections of illegal border-crossing on the Western Balkan route. Not persons.",
            ),
            Meaning(
                "detections_albania_greece",
                "Detections, Albania to Greece",
                "integer",
                description="Detections on the circular route from Albania to Greece. Not persons.",
            ),
            Meaning(
                "months", "Months", "integer", description="How many months of the year the file of detections covers."
            ),
            Meaning(
                "frontex_officers",
                "Officers of Frontex",
                "integer",
                description="The largest number of officers present that one report of the year gives, for one host or "
                "for the region. Empty if no report gives one.",
            ),
            Meaning("operations", "Return operations", "integer", description="Operations of Frontex to the six."),
            Meaning("persons", "Persons returned", "integer", description="Persons returned to the six in them."),
            Meaning("projects_begun", "Projects begun", "integer", description="Projects that began in the year."),
            Meaning(
                "agreements_in_force",
                "Agreements in force",
                "integer",
                description="Agreements that were in force or applied by the last day of the year, and of which no "
                "source shows an earlier end.",
            ),
            _WORST_GRADE,
            _WORST_RANK,
        ),
        ("operations", "deployments", "projects", "agreements"),
    ),
    View(
        "money_by_funder",
        "projects",
        "Money by funder",
        _MONEY,
        "Amounts in euro by funders, kind and basis. The money of several funders is not split: joint is true and "
        "funders names them all. No project is counted in two lines, but lines of different kind or basis say "
        "different things: do not add them. It is not all the money, only that of projects in the dataset whose "
        "amount is public.",
        "Leaves out envelopes, components and calls; sums per year, required sums, ceilings and envelopes; projects "
        "that are part of one that is counted, whatever its kind; and amounts given in another currency only.",
        (
            Meaning("joint", "Several funders", "flag", description="Whether the line is money of several funders."),
            Meaning("amount_eur", "Amount", "number", description="Sum of the amounts, in euro."),
            _NOT_EXACT,
            _N_ROWS,
            _WORST_GRADE,
            _WORST_RANK,
        ),
    ),
)
