"""The package with its strings read as dates and figures, once for all rules."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import cast

import numpy as np
import pandas as pd

from borderledger import edtf
from borderledger.package import Package, Table
from borderledger.query.grades import Statement, grade, origins, verdict

__all__ = ["Ledger"]


class Ledger:
    """Typed views of the tables of a package. A cell that is empty or malformed is NaN: rules pass over it."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.tables = package.tables
        self._numbers: dict[tuple[str, str], pd.Series[float]] = {}
        self._spans: dict[tuple[str, str, bool], pd.DataFrame] = {}
        self._parsed: dict[tuple[str, bool], edtf.Span | tuple[float, float]] = {}
        self._doubles: dict[tuple[str, tuple[str, ...]], dict[int, list[int]]] = {}

    def frame(self, table: str) -> pd.DataFrame:
        """The strings of a table, index: line; an empty frame when the table could not be read."""
        sheet = self.package.sheets.get(table)
        return pd.DataFrame(dtype=object) if sheet is None else sheet.frame

    def readable(self, table: str) -> bool:
        """Whether a table exists and could be read. Only then does a missing row mean something."""
        sheet = self.package.sheets.get(table)
        return sheet is not None and sheet.whole

    def complete(self, table: str) -> bool:
        """Whether a table was read with all its columns. Only then does an empty cell mean something."""
        return self.readable(table) and not self.package.sheets[table].absent

    def by_id(self, table: str) -> pd.DataFrame:
        """The frame of a table with its ids as index (first row of a doubled id) and its lines as column `line`."""
        frame = self.frame(table)
        return frame.assign(line=frame.index).drop_duplicates("id").set_index("id")

    def keys(self, table: str, column: str = "id") -> set[str]:
        """The values of a key column, those of rows too broken to be read included."""
        sheet = self.package.sheets[table]
        return set(sheet.frame[column]) | sheet.lost

    def doubles(self, table: str, columns: tuple[str, ...]) -> dict[int, list[int]]:
        """By the line of each row that has the same cells in all of these columns as others: the lines of them all."""
        key = (table, columns)
        if key not in self._doubles:
            frame = self.frame(table)[list(columns)]
            same: dict[tuple[str, ...], list[int]] = defaultdict(list)
            for line, *cells in frame[frame.duplicated(keep=False)].itertuples(name=None):
                same[tuple(cells)].append(line)
            self._doubles[key] = {line: lines for lines in same.values() for line in lines}
        return self._doubles[key]

    def numbers(self, table: str, field: str) -> pd.Series[float]:
        """A figure as float, NaN where empty or malformed."""
        if (table, field) not in self._numbers:
            self._numbers[table, field] = pd.to_numeric(self.frame(table)[field], errors="coerce").astype(float)
        return self._numbers[table, field]

    def spans(self, table: str, field: str, *, slack: bool = True) -> pd.DataFrame:
        """Columns `first` and `last`: the span of days of an EDTF field as ordinals, NaN where empty or malformed."""
        key = (table, field, slack)
        if key not in self._spans:
            cells = self.frame(table)[field]
            known = {cell: self.span(cell, slack=slack) for cell in cells.unique()}
            values = [known[cell] for cell in cells]
            array = np.array(values, dtype=float).reshape(len(values), 2)
            self._spans[key] = pd.DataFrame(array, index=cells.index, columns=["first", "last"])
        return self._spans[key]

    def span(self, cell: str, *, slack: bool = True) -> edtf.Span | tuple[float, float]:
        """The span of one EDTF text, (NaN, NaN) where empty or malformed."""
        key = (cell, slack)
        if key not in self._parsed:
            try:
                self._parsed[key] = edtf.parse(cell, slack=slack)
            except ValueError:
                self._parsed[key] = (np.nan, np.nan)
        return self._parsed[key]

    # --- evidence ----------------------------------------------------------------------------------------------------

    @cached_property
    def regions(self) -> dict[str, list[str]]:
        """The regions each place lies in."""
        places = self.frame("places")
        if places.empty:
            return {}
        return {p: cell.split(";") for p, cell in zip(places["id"], places["member_of"], strict=True) if cell}

    @cached_property
    def records(self) -> dict[str, tuple[Table, int]]:
        """The table and the line of each record of the core tables."""
        found: dict[str, tuple[Table, int]] = {}
        for table in self.package.core:
            frame = self.frame(table.name)
            if "id" not in frame:
                continue
            for line, record in zip(frame.index, frame["id"], strict=True):
                found.setdefault(record, (table, cast(int, line)))
        return found

    @cached_property
    def batches(self) -> set[tuple[str, str]]:
        """(table, source) of the rows that control totals bind instead of claims."""
        totals = self.frame("control_totals")
        if totals.empty:
            return set()
        return {pair for pair in zip(totals["table"], totals["source_id"], strict=True) if pair[0] != "claims"}

    @cached_property
    def claims(self) -> pd.DataFrame:
        """The claims, index: line, with `held` (value in the record), `table`, `line` of the record and `computed`.

        `computed` is the verdict that follows from the two values; it is empty where there is nothing to compare: no
        such record or field, or an empty cell in the record.
        """
        claims = self.frame("claims")
        if claims.empty:
            columns = ["record_id", "field", "value", "qualifier", "verdict", "source_id"]
            return pd.DataFrame(columns=[*columns, "held", "table", "line", "computed"], dtype=object)
        cells = {name: self.frame(name).to_dict("index") for name in self.tables if self.tables[name].bound}
        upper = {
            (row.record_id, row.field, row.source_id): row.value
            for row in claims[claims["field"].str.endswith("_max")].itertuples()
        }
        columns = ["record_id", "field", "value", "qualifier", "source_id"]
        result: list[tuple[str, str, int, str]] = []
        figure_verdicts: dict[tuple[str, str, str], str] = {}
        for record, field, value, qualifier, source in claims[columns].itertuples(index=False, name=None):
            table, line = self.records.get(record, (None, 0))
            known = table.by_name.get(field) if table else None
            if table is None or known is None:
                result.append(("", table.name if table else "", line, ""))
                continue
            row = cells[table.name][line]
            held = row[field]
            if not known.bound:
                result.append((held, table.name, line, "remark"))
                continue
            base = field.removesuffix("_max")
            if not held:
                # The upper end of a range that the record does not take: it stands or falls with its lower end.
                ends = field.endswith("_max") and figure_verdicts.get((record, base, source), "")
                result.append((held, table.name, line, ends or ""))
                continue
            mine = Statement(held, row.get(f"{field}_qualifier", "exact"), row.get(f"{field}_max", ""))
            theirs_max = upper.get((record, f"{field}_max", source), "") if qualifier == "range" else ""
            has_qualifier = f"{field}_qualifier" in row
            theirs = Statement(value, qualifier if has_qualifier else mine.qualifier, theirs_max)
            computed = verdict(known, mine, theirs, self.regions)
            figure_verdicts[record, field, source] = computed
            result.append((held, table.name, line, computed))
        extra = pd.DataFrame(result, index=claims.index, columns=["held", "table", "line", "computed"])
        return claims.join(extra)

    @cached_property
    def graded(self) -> pd.DataFrame:
        """One row for each evidence-bound cell that claims speak of: record_id, field, table, grade."""
        sources = self.frame("sources")
        kinds = dict(zip(sources["id"], sources["kind"], strict=True)) if len(sources) else {}
        pairs = zip(sources["publisher"], sources["reprint_of"], strict=True) if len(sources) else ()
        voices = origins(dict(zip(sources["id"] if len(sources) else (), pairs, strict=True)))
        groups: dict[tuple[str, str, str], list[tuple[str, str, str]]] = defaultdict(list)
        columns = ["table", "record_id", "field", "computed", "source_id"]
        for table, record, field, computed, source in self.claims[columns].itertuples(index=False, name=None):
            if computed not in ("", "remark"):
                groups[table, record, field].append((computed, kinds.get(source, ""), voices.get(source, source)))
        rows = [(*key, grade(found)) for key, found in groups.items()]
        return pd.DataFrame(rows, columns=["table", "record_id", "field", "grade"], dtype=object)
