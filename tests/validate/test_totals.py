"""Control totals: a batch is what it was when it was counted."""

from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from borderledger.package import Package
from tests.conftest import ROOT, Mini, Row
from validate import check
from validate.engines import engine_named
from validate.reading import LINE
from validate.totals import control_totals, differences, suspects

TABLE = Package.read(ROOT).tables["returns"]
BULK = "frontex-returns-2013-2018"


def row(number: int, quantity: str = "5", state: str = "DE") -> Row:
    filled = {"id": f"ret-x-{number}", "to_place": "AL", "period": "2015-01-01", "source_id": "s"}
    return dict.fromkeys(TABLE.names, "") | filled | {"quantity": quantity, "from_place": state}


class TestBatch:
    """Rows, total and digest of rows of one source, place and year."""

    @given(st.permutations(range(12)))
    def test_the_order_of_rows_does_not_matter(self, order: list[int]) -> None:
        assert control_totals(TABLE, [row(n) for n in order]) == control_totals(TABLE, [row(n) for n in range(12)])

    @given(st.integers(0, 11), st.sampled_from(TABLE.names), st.text("abc019-", min_size=1, max_size=9))
    def test_any_changed_cell_changes_it(self, at: int, name: str, value: str) -> None:
        rows = [row(n) for n in range(12)]
        changed = [r | {name: value} if n == at else r for n, r in enumerate(rows)]
        assert (control_totals(TABLE, changed) == control_totals(TABLE, rows)) == (changed == rows)

    def test_a_sum_of_decimals_is_exact(self) -> None:
        (batch,) = control_totals(TABLE, [row(1, "0.1"), row(2, "0.2"), row(3, "1000000000000.0001")])
        assert batch["total"] == "1000000000000.3001"

    def test_places_and_years_are_batches_of_their_own(self) -> None:
        rows = [row(1), row(2) | {"to_place": "RS"}, row(3) | {"period": "2016-01"}]
        assert [(b["place"], b["year"], b["rows"]) for b in control_totals(TABLE, rows)] == [
            ("AL", "2015", "1"),
            ("AL", "2016", "1"),
            ("RS", "2015", "1"),
        ]

    @given(st.sets(st.integers(0, 39), min_size=1, max_size=9))
    def test_several_changed_rows_leave_one_of_them_among_the_suspects(self, changed: set[int]) -> None:
        before = [row(n) for n in range(40)]
        after = [r | {"note": "Changed."} if n in changed else r for n, r in enumerate(before)]
        digests = [control_totals(TABLE, rows)[0]["digest"] for rows in (after, before)]
        engine = engine_named("polars")
        schema = {LINE: pl.Int64} | dict.fromkeys(TABLE.names, pl.String)
        held = engine.small(pl.DataFrame([{LINE: n} | r for n, r in enumerate(after)], schema=schema).to_dict(), schema)
        ((surely, maybe),) = suspects(TABLE, held, engine, {("s", "AL", "2015"): differences(*digests)}).values()
        assert {*surely} <= changed
        assert {*maybe} & changed


class TestDiffer:
    """A changed, lost or doubled row of a batch is noticed, and the message points to it."""

    @pytest.mark.parametrize("field", ["quantity", "from_place", "period", "operation_ref", "note"])
    def test_points_to_the_changed_row(self, mini: Mini, field: str) -> None:
        bulk = mini.row("returns", source_id=BULK)
        bulk[field] = {"quantity": "999", "from_place": "US", "period": bulk["period"][:8] + "28"}.get(field, "X")
        findings = mini.findings("totals.differ", sealed=False)
        line = 2 + sorted(r["id"] for r in mini.rows["returns"]).index(bulk["id"])
        assert any(f.line == line or str(line) in f.message for f in findings)
        assert f"python -m validate --seal {BULK}" in findings[0].fix

    @pytest.mark.parametrize("change", [lambda rows, r: rows.remove(r), lambda rows, r: rows.append(dict(r))])
    @pytest.mark.parametrize("table", ["returns", "projects", "claims"])
    def test_sees_a_row_lost_or_doubled(self, mini: Mini, table: str, change: Callable[[list[Row], Row], None]) -> None:
        change(mini.rows[table], mini.rows[table][-1])
        assert not mini.check(sealed=False).ok

    @pytest.mark.parametrize("field", ["rows", "total", "digest", "place", "year"])
    def test_sees_a_changed_control_total(self, mini: Mini, field: str) -> None:
        entered = mini.row("control_totals", table="returns", source_id=BULK)
        entered[field] = {"place": "HR", "year": "1999", "digest": "0" * 64}.get(field, "77")
        assert not mini.check(sealed=False).ok

    @pytest.mark.parametrize("field", ["rows", "total"])
    def test_says_which_cell_of_a_control_total_was_changed(self, mini: Mini, field: str) -> None:
        """The rows are those of the digest, so that none of them is suspected, nor said to be gone."""
        entered = mini.row("control_totals", table="returns", source_id=BULK)
        held, entered[field] = entered[field], "77"
        (finding,) = mini.findings("totals.differ", sealed=False)
        assert (finding.file, finding.field, finding.value) == ("data/control_totals.csv", field, "77")
        assert finding.message.endswith(f" have {field} {held}, not 77")

    def test_the_batches_of_a_table_that_cannot_be_read_are_not_gone(self, mini: Mini) -> None:
        (mini.root / "data/returns.csv").unlink()
        assert not [f for f in check(mini.root).findings if f.rule.startswith("totals.")]

    def test_sees_a_claim_lost_where_another_says_the_same(self, mini: Mini) -> None:
        claims = mini.rows["claims"]
        agreed = [(c["record_id"], c["field"]) for c in claims if c["verdict"] == "agrees"]
        twice = next(c for c in claims if agreed.count((c["record_id"], c["field"])) > 1)
        claims.remove(twice)
        assert {f.rule for f in mini.check(sealed=False).findings} & {"totals.differ", "totals.missing"}

    def test_counts_a_batch_that_was_never_counted(self, mini: Mini) -> None:
        mini.rows["control_totals"] = [r for r in mini.rows["control_totals"] if r["source_id"] != "founding-article"]
        (finding,) = mini.findings("totals.missing", sealed=False)
        assert "founding-article have no control total" in finding.message
