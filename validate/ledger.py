"""The tables of a package in an engine, and what follows from all of them together: claims beside records, grades."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property, partial
from typing import Any

import narwhals as nw
import polars as pl

from borderledger import edtf
from borderledger.package import Field, Package, Table
from borderledger.query.grades import WEAK_KINDS, Statement, origins, verdict
from borderledger.query.primary import Publishing
from validate.engines import Engine, Frame, engine_named
from validate.reading import LINE, Cells, cells_of

__all__ = ["Ledger"]

#: The most rows of a table, or distinct cells of a column, that count as few.
_FEW = 20_000


class Ledger:
    """The tables of a package, as frames of strings with the column `LINE`."""

    def __init__(self, package: Package, engine: Engine | None = None) -> None:
        self.package = package
        self.tables = package.tables
        held = (sheet.engine for sheet in package.sheets.values() if isinstance(sheet, Cells))
        self.engine = engine or next((each for each in held if each), None) or engine_named("polars")
        self._frames: dict[str, Frame] = {}
        self._records: dict[str, dict[int, dict[str, str]]] = {}
        self._first: dict[str, Frame] = {}
        self._claimed_rows: dict[str, Frame] = {}
        self._few: dict[str, bool] = {}
        self._distinct: dict[str, dict[str, set[Any] | None]] = {}
        self._parsed: dict[tuple[str, bool], tuple[int, int] | tuple[None, None]] = {}

    # --- tables ------------------------------------------------------------------------------------------------------

    def records(self, table: str) -> dict[int, dict[str, str]]:
        """The rows of a table in this process, by their lines; none when the table could not be read."""
        if table not in self._records:
            sheet = self.package.sheets.get(table)
            self._records[table] = {} if sheet is None else sheet.records()
        return self._records[table]

    def rows(self, table: str) -> Frame:
        """The rows of a table in the engine; none when the table could not be read."""
        if table not in self._frames:
            sheet = self.package.sheets.get(table)
            if isinstance(sheet, Cells) and sheet.engine is self.engine:
                self._frames[table] = self.engine.query(sheet.frame)
            elif sheet is not None:
                rows = self.engine.table(table, [cells_of(sheet, self.tables[table])])
                self._frames[table] = self.engine.query(rows)
            else:
                names = self.tables[table].names if table in self.tables else ["id"]
                self._frames[table] = self.engine.small(
                    {name: [] for name in [LINE, *names]}, {LINE: pl.Int64} | self.text(*names)
                )
        return self._frames[table]

    def first_rows(self, table: str) -> Frame:
        """The rows of a table without those whose `id` is in an earlier line."""
        if table not in self._first:
            rows = self.rows(table)
            if not self.ascending(table):
                rows = rows.filter(nw.col(LINE) == nw.col(LINE).min().over("id"))
            self._first[table] = self.engine.keep(rows)
        return self._first[table]

    def size(self, table: str) -> int:
        """How many rows a table has."""
        if self.few(table):
            return len(self._distinct[table][LINE] or ())
        return int(self.engine.fetch(self.rows(table).select(nw.len())).item())

    def few(self, table: str) -> bool:
        """Whether a table has so few rows that Python is faster than any engine."""
        if table not in self._few:
            head = self.engine.fetch(self.rows(table).head(_FEW + 1))
            self._few[table] = len(head) <= _FEW
            if self._few[table]:
                cells = head.select(pl.all().unique().implode()).row(0) if len(head) else [()] * len(head.columns)
                self._distinct[table] = dict(zip(head.columns, map(set, cells), strict=True))
            else:
                varied = (name for name in head.columns if head[name].n_unique() > len(head) // 8)
                self._distinct[table] = dict.fromkeys(varied)
        return self._few[table]

    def distinct(self, table: str, column: str) -> set[str] | None:
        """The distinct cells of a column; None if there are many of them."""
        self.few(table)
        known = self._distinct[table]
        if column not in known:
            columns = [name for name in self.tables[table].names if name not in known]
            for name, cells in zip(columns, self.engine.distinct(self.rows(table), columns), strict=True):
                known[name] = {*cells} if len(cells) <= _FEW else None
        return known[column]

    def ascending(self, table: str) -> bool:
        """Whether each row is known to have a greater key than the one before it, so that no key is there twice."""
        sheet = self.package.sheets.get(table)
        return isinstance(sheet, Cells) and sheet.form.ascending

    def readable(self, table: str) -> bool:
        """Whether a table exists and could be read. Only then does a missing row mean something."""
        sheet = self.package.sheets.get(table)
        return sheet is not None and sheet.whole

    def complete(self, table: str) -> bool:
        """Whether a table was read with all its columns. Only then does an empty cell mean something."""
        return self.readable(table) and not self.package.sheets[table].absent

    # --- what is computed once for each distinct text ----------------------------------------------------------------

    def span(self, cell: str, *, slack: bool = True) -> tuple[int, int] | tuple[None, None]:
        """The span of days of an EDTF text as ordinals; (None, None) where it is empty or malformed."""
        key = (cell, slack)
        if key not in self._parsed:
            try:
                self._parsed[key] = edtf.parse(cell, slack=slack)
            except ValueError:
                self._parsed[key] = (None, None)
        return self._parsed[key]

    def doubled(self, frame: Frame, columns: Sequence[str]) -> Frame:
        """The combinations of cells that are in more than one row of a frame."""
        return frame.group_by(*columns).agg(nw.len().alias("/count")).filter(nw.col("/count") > 1)

    def alike(self, table: str, columns: Collection[str]) -> Frame:
        """The rows that have the same cells as another one in all of these columns: `line`, and `lines` of them all."""
        lines_of = {LINE: pl.Int64, "lines": pl.List(pl.Int64)}
        rows = self.rows(table).select(LINE, *columns)
        if not self.few(table):  # leaves few rows for the comparison of all cells, or none
            marks = self.engine.keep(self.engine.marked(rows, columns, "/mark").select(LINE, "/mark"))
            shared = self.engine.keep(self.doubled(marks, ["/mark"]))
            if self.engine.fetch(shared.head(1)).is_empty():
                return self.engine.small({LINE: [], "lines": []}, lines_of)
            rows = rows.join(marks.join(shared, on="/mark", how="semi").select(LINE), on=LINE, how="semi")
        doubled = self.engine.keep(self.doubled(rows, [*columns]))
        rows = rows.join(doubled, on=[*columns], how="semi")
        found = self.engine.fetch(rows).sort(LINE)
        lines = found.with_columns(pl.col(LINE).implode().over(*columns).alias("lines")) if len(found) else found
        return self.engine.small(
            {LINE: found[LINE].to_list(), "lines": lines["lines"].to_list() if len(found) else []}, lines_of
        )

    def fetch(self, frame: Frame) -> list[dict[str, Any]]:
        """The rows of a frame as dictionaries: of findings, never of all rows."""
        return self.engine.fetch(frame).to_dicts()

    def text(self, *columns: str) -> dict[str, Any]:
        """The schema of columns of text, for `Engine.small`."""
        return dict.fromkeys(columns, pl.String)

    # --- evidence ----------------------------------------------------------------------------------------------------

    @cached_property
    def regions(self) -> dict[str, list[str]]:
        """The regions each place lies in."""
        if "places" not in self.tables:
            return {}
        places = self.engine.fetch(self.rows("places").select("id", "member_of"))
        return {place: cell.split(";") for place, cell in places.iter_rows() if cell}

    @cached_property
    def batches(self) -> set[tuple[str, str]]:
        """(table, source) of the rows that control totals bind instead of claims."""
        if "control_totals" not in self.tables:
            return set()
        pairs = self.rows("control_totals").select("table", "source_id").unique()
        return {(table, source) for table, source in self.engine.fetch(pairs).iter_rows() if table != "claims"}

    def bulk(self, table: str) -> list[str]:
        """The sources whose rows in a table control totals bind."""
        return sorted(source for name, source in self.batches if name == table)

    def located(self, records: Frame, column: str) -> Frame:
        """Where records are: columns `column`, `table` and `at` (line) for each distinct id of a column.

        An id that several rows have is that of the first, in the first of their tables.
        """
        wanted = self.engine.keep(records.select(column).unique())
        places = self._ids.rename({"id": column}).join(wanted, on=column, how="semi")
        places = places.group_by(column).agg(nw.col("at").min())
        names = [table.name for table in self.package.core]
        numbers = self.engine.small(
            {"number": [*range(len(names))], "table": names}, {"number": pl.Int64, "table": pl.String}
        )
        places = places.with_columns(
            (nw.col("at") // (1 << 40)).alias("number"), (nw.col("at") % (1 << 40)).alias("at")
        )
        return self.engine.keep(places.join(numbers, on="number", how="left").select(column, "table", "at"))

    @cached_property
    def _ids(self) -> Frame:
        """The ids of all records; `at` is the line of each, with the number of its table above the first 40 bits."""
        found = [
            self.rows(table.name).select("id", (nw.col(LINE) + nw.lit(number << 40)).alias("at"))
            for number, table in enumerate(self.package.core)
            if "id" in table.by_name
        ]
        return nw.concat(found or [self.engine.small({"id": [], "at": []}, {"id": pl.String, "at": pl.Int64})])

    def places_of(self, records: Iterable[str]) -> dict[str, tuple[Table, int]]:
        """The table and the line of some records, as far as they exist."""
        wanted = self.engine.small({"record_id": sorted({*records})}, {"record_id": pl.String})
        found = self.engine.fetch(self.located(wanted, "record_id"))
        return {record: (self.tables[table], line) for record, table, line in found.iter_rows()}

    @cached_property
    def claims(self) -> Frame:
        """The claims with `table` and `at` (line) of the record, `held` (value in the record) and `computed`.

        `computed` is the verdict that follows from the two values; it is empty where there is nothing to compare: no
        such record or field, or an empty cell in the record.
        """
        claims = self.rows("claims")
        claims = claims.join(self.located(claims, "record_id"), on="record_id", how="left")
        claims = self.engine.keep(claims.join(self._fields, on=["table", "field"], how="left"))
        cells = self._held(claims)
        for name, part in (("held", ""), ("held_qualifier", "_qualifier"), ("held_max", "_max")):
            claims = claims.with_columns(nw.concat_str(nw.col("field"), nw.lit(part)).alias("of"))
            claims = claims.join(cells.rename({"cell": name}), on=["table", "at", "of"], how="left")
        claims = self._with_upper(self.engine.keep(claims)).drop("of")
        claims = self._with_verdicts(self.engine.keep(claims))
        return self.engine.keep(self._with_ends(self.engine.keep(claims)))

    def _claimed(self, table: str) -> Frame:
        """The rows of a table that claims speak of; all of them where there are few."""
        if self.few(table):
            return self.rows(table)
        if table not in self._claimed_rows:
            named = self.rows("claims").select("record_id").unique()
            rows = self.rows(table).join(named, left_on="id", right_on="record_id", how="semi")
            self._claimed_rows[table] = self.engine.keep(rows)
        return self._claimed_rows[table]

    @cached_property
    def _fields(self) -> Frame:
        """The fields of the core tables: whether claims bind them, and whether they are figures."""
        rows = [
            (table.name, field.name, field.bound, field.type in ("integer", "number"))
            for table in self.package.core
            for field in table.fields
        ]
        schema = {"table": pl.String, "field": pl.String, "bound": pl.Boolean, "figure": pl.Boolean}
        return self.engine.small({name: [row[number] for row in rows] for number, name in enumerate(schema)}, schema)

    def _held(self, claims: Frame) -> Frame:
        """The cells of the records that claims are about: `table`, `at`, `of` (the field), `cell`."""
        found = []
        places = self.engine.keep(claims.select("table", nw.col("at").alias(LINE)).unique())
        named = {*self.engine.fetch(places)["table"]}
        of = ["table", "at", nw.col("field").alias("of"), "cell"]
        for table in self.package.core:
            if table.name in named:
                lines = places.filter(nw.col("table") == table.name)
                rows = self._claimed(table.name).join(lines, on=LINE, how="inner")
                cells = self.engine.cells(rows, table.names, "cell").rename({LINE: "at"})
                found.append(cells.select(*of))
        if not found:
            schema = self.text("table", "of", "cell") | {"at": pl.Int64}
            return self.engine.small({name: [] for name in schema}, schema)
        return self.engine.keep(nw.concat(found))

    def _with_upper(self, claims: Frame) -> Frame:
        """With `upper`: the upper end of a range, which the same source states in a claim of its own."""
        ends = claims.filter(nw.col("field").str.ends_with("_max"))
        ends = ends.select("record_id", nw.col("field").alias("of"), "source_id", nw.col("value").alias("upper"), LINE)
        claims = claims.with_columns(nw.concat_str(nw.col("field"), nw.lit("_max")).alias("of"))
        keys = ["record_id", "of", "source_id"]
        claims = claims.join(self._latest(ends, keys), on=keys, how="left")
        ranged = nw.when(nw.col("qualifier") == "range").then(nw.col("upper")).otherwise(nw.lit(None))
        return claims.with_columns(ranged.fill_null("").alias("upper"))

    def _latest(self, frame: Frame, keys: list[str]) -> Frame:
        """Of the rows with the same keys the last one in the file."""
        return self.engine.keep(frame.filter(nw.col(LINE) == nw.col(LINE).max().over(*keys)).drop(LINE))

    def _with_verdicts(self, claims: Frame) -> Frame:
        """With `computed`, as far as the record has a value."""
        qualified = ~nw.col("held_qualifier").is_null()
        claims = claims.with_columns(
            nw.col("held").fill_null("").alias("held"),
            nw.col("held_max").fill_null("").alias("held_max"),
            nw.col("held_qualifier").fill_null("exact").alias("mine"),
            nw.when(qualified).then(nw.col("qualifier")).otherwise(nw.lit("exact")).alias("theirs"),
            nw.col("bound").fill_null(False).alias("bound"),
            (~nw.col("bound")).fill_null(False).alias("remark"),
        )
        same = (nw.col("held") == nw.col("value")) & (~nw.col("figure") | (nw.col("mine") == nw.col("theirs")))
        comparable = nw.col("bound") & (nw.col("held") != "")
        agrees = (comparable & same).fill_null(False)
        parts = ["table", "field", "held", "mine", "held_max", "value", "theirs", "upper"]
        differ = self.engine.fetch(claims.filter(comparable & ~agrees).select(*parts).unique())
        verdicts = {name: differ[name].to_list() for name in parts}
        verdicts["compared"] = [self._verdict(*row) for row in differ.iter_rows()]
        claims = claims.join(self.engine.small(verdicts, dict.fromkeys(verdicts, pl.String)), on=parts, how="left")
        plain = nw.when(agrees).then(nw.lit("agrees")).otherwise(nw.col("compared"))
        computed = nw.when(nw.col("remark")).then(nw.lit("remark")).otherwise(plain)
        return claims.with_columns(computed.fill_null("").alias("computed")).drop(
            "mine", "theirs", "compared", "remark"
        )

    def _verdict(self, table: str, name: str, *parts: str) -> str:
        held, mine, held_max, value, theirs, upper = parts
        field: Field = self.tables[table].by_name[name]
        return verdict(field, Statement(held, mine, held_max), Statement(value, theirs, upper), self.regions)

    def _with_ends(self, claims: Frame) -> Frame:
        """An upper end of a range that the record does not take stands or falls with its lower end."""
        lower = claims.filter(nw.col("bound") & (nw.col("held") != "")).select(
            "record_id",
            nw.concat_str(nw.col("field"), nw.lit("_max")).alias("field"),
            "source_id",
            nw.col("computed").alias("lower"),
            LINE,
        )
        keys = ["record_id", "field", "source_id"]
        claims = claims.join(self._latest(lower, keys), on=keys, how="left")
        ends = nw.col("bound") & (nw.col("held") == "")
        computed = nw.when(ends).then(nw.col("lower")).otherwise(nw.col("computed"))
        return claims.with_columns(computed.fill_null("").alias("computed")).drop("lower")

    @cached_property
    def graded(self) -> Frame:
        """One row for each evidence-bound cell that claims speak of: table, record_id, field, grade, primary."""
        cell = ["table", "record_id", "field"]
        compared = self.claims.filter(~nw.col("computed").is_in(["", "remark"]))
        compared = compared.select(*cell, "computed", "source_id").join(self._voices, on="source_id", how="left")
        compared = compared.with_columns(
            nw.col("voice").fill_null(nw.col("source_id")), nw.col("weak").fill_null(False)
        )
        agreeing = compared.filter(nw.col("computed") == "agrees").select(*cell, "source_id", "voice", "weak")
        if files := self._files_of(compared.select(*cell).unique()):  # a file says the same as its rows
            agreeing = nw.concat([agreeing, *files])
        voices = agreeing.filter(~nw.col("weak")).select(*cell, "voice").unique()
        voices = voices.group_by(*cell).agg(nw.len().alias("voices"))
        seen = compared.with_columns(
            (nw.col("computed") == "contradicts").cast(nw.Int64).alias("disputes"),
            (nw.col("computed") == "agrees").cast(nw.Int64).alias("agreements"),
        )
        seen = seen.group_by(*cell).agg(nw.col("disputes").max(), nw.col("agreements").max())
        seen = seen.join(voices, on=cell, how="left").with_columns(nw.col("voices").fill_null(0))
        grade = nw.when(nw.col("agreements") > 0).then(nw.lit("weak")).otherwise(nw.lit(""))
        grade = nw.when(nw.col("voices") == 1).then(nw.lit("single")).otherwise(grade)
        grade = nw.when(nw.col("voices") > 1).then(nw.lit("corroborated")).otherwise(grade)
        grade = nw.when(nw.col("disputes") > 0).then(nw.lit("disputed")).otherwise(grade)
        seen = seen.select(*cell, grade.alias("grade")).join(self._primary(agreeing), on=cell, how="left")
        return self.engine.keep(seen.with_columns(nw.col("primary").fill_null(False)))

    def _primary(self, agreeing: Frame) -> Frame:
        """Of the cells with which sources agree, those with which a primary source does; `primary` is true."""
        agreeing = self.engine.keep(agreeing.select("table", "record_id", "field", "source_id").unique())
        named = {*self.engine.fetch(agreeing.select("table").unique())["table"]}
        found = [agreeing.head(0)]
        for table in self.package.core:
            if table.name in named and (table.bodies or table.always):
                rows = self._claimed(table.name).select(nw.col("id").alias("record_id"), *table.bodies)
                mine = agreeing.filter(nw.col("table") == table.name).join(rows, on="record_id", how="inner")
                judged = self.engine.computed(
                    mine, ["source_id", *table.bodies], {"primary": pl.Boolean}, partial(self._is_primary, table)
                )
                found.append(judged.filter(nw.col("primary")).select(*agreeing.columns))
        cells = nw.concat(found).select("table", "record_id", "field").unique()
        return cells.with_columns(nw.lit(True).alias("primary"))

    def _is_primary(self, table: Table, source: str, *cells: str) -> tuple[bool]:
        return (self._publishing.is_primary(source, self._publishing.bodies(table, cells)),)

    @cached_property
    def _publishing(self) -> Publishing:
        """Who published which source."""
        rows = (self.engine.fetch(self.rows(name)).to_dicts() for name in ("sources", "organisations", "places"))
        return Publishing(*rows)

    def _files_of(self, cells: Frame) -> list[Frame]:
        """For the cells of rows that control totals bind: the voice of the file that they were taken from."""
        found = []
        for table in self.package.core:
            if bulk := self.bulk(table.name):
                mine = cells.filter(nw.col("table") == table.name)
                rows = self._claimed(table.name).filter(nw.col("source_id").is_in(bulk))
                rows = rows.select(nw.col("id").alias("record_id"), "source_id")
                voiced = mine.join(rows, on="record_id", how="inner").join(self._voices, on="source_id", how="inner")
                found.append(voiced.select("table", "record_id", "field", "source_id", "voice", "weak"))
        return found

    @cached_property
    def _voices(self) -> Frame:
        """The origin of each source (`borderledger.query.grades.origins`), and whether its kind is weak."""
        sources = self.engine.fetch(self.rows("sources").select("id", "publisher", "reprint_of", "kind"))
        voices = origins({id: (publisher, reprint) for id, publisher, reprint, _ in sources.iter_rows()})
        kinds = dict(zip(sources["id"], sources["kind"], strict=True))
        columns: dict[str, list[Any]] = {
            "source_id": [*voices],
            "voice": [*voices.values()],
            "weak": [kinds[source] in WEAK_KINDS for source in voices],
        }
        return self.engine.small(columns, {"source_id": pl.String, "voice": pl.String, "weak": pl.Boolean})
