"""The lot: sizes, the cap, the same draw from the same seed. The worksheet: nothing in it gives a value away."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.__main__ import main
from audit.draw import MOST_OF_A_SOURCE, draw, lot, parse_shares, part, quotas
from audit.worksheet import ANSWERED, ASKED, claim_number, worksheet
from borderledger.dataset import Dataset
from borderledger.errors import BadArgument
from borderledger.query.checks import STRATA, Entry, entries, stratum
from tests.conftest import ROOT

DATASET = Dataset(ROOT)
RETURNS = DATASET.schema("returns")
POOL = entries(DATASET)


def entry(record: int, field: str, source: int) -> Entry:
    return Entry(RETURNS, f"ret-{record}", RETURNS.by_name[field], f"source-{source}", (("1", "exact"),))


POOLS = st.lists(
    st.builds(entry, st.integers(0, 30), st.sampled_from(["quantity", "period", "unit"]), st.integers(0, 8)),
    unique_by=lambda one: one.key,
    max_size=80,
)


class TestDraw:
    """Which entries are drawn."""

    @given(POOLS, st.integers(1, 40), st.integers())
    def test_an_audit_has_its_size_its_strata_and_three_of_a_source_at_most(
        self, pool: list[Entry], size: int, seed: int
    ) -> None:
        try:
            drawn = draw(pool, size, seed)
        except BadArgument:
            return  # there are too few; see below
        assert len({one.key for one in drawn}) == len(drawn) == size
        assert max(Counter(one.source for one in drawn).values()) <= MOST_OF_A_SOURCE
        assert Counter(stratum(one.table, one.field) for one in drawn) == Counter(
            {
                kind: count
                for kind, count in quotas(size, {"figures": 0.5, "dates": 0.35, "rest": 0.15}).items()
                if count
            }
        )

    @given(POOLS, st.integers(), st.randoms())
    def test_the_order_of_the_claims_does_not_matter(self, pool: list[Entry], seed: int, order) -> None:  # type: ignore[no-untyped-def]
        mixed = order.sample(pool, len(pool))
        size = len(pool) // 8
        try:
            assert not size or draw(pool, size, seed) == draw(mixed, size, seed)
        except BadArgument:
            with pytest.raises(BadArgument):
                draw(mixed, size, seed)

    def test_too_few_claims_are_said(self) -> None:
        with pytest.raises(BadArgument, match=r"not enough claims for an audit of 5: 2 figures are lacking"):
            draw([entry(number, "quantity", 7) for number in range(9)], 5, 1, {"figures": 1.0})

    def test_another_seed_draws_other_claims(self) -> None:
        one, other = ({e.key for e in draw(POOL, 60, seed)} for seed in (1, 2))
        assert len(one & other) < 10

    def test_the_lot_is_a_sum_that_any_language_can_compute(self) -> None:
        # printf '16\nret-1\nquantity\nsource-2' | sha256sum
        assert lot(16, entry(1, "quantity", 2)).startswith("421825b2")

    def test_every_claim_has_the_same_chance_where_no_source_has_many(self) -> None:
        pool = [entry(number, "quantity", number) for number in range(40)]
        times = Counter(one.record for seed in range(400) for one in draw(pool, 10, seed, {"figures": 1.0}))
        assert len(times) == 40  # 100 times each is expected; five standard deviations are 43
        assert all(57 < count < 143 for count in times.values())

    @given(POOLS, st.integers(1, 9))
    def test_parts_hold_everything_once_and_split_no_source(self, pool: list[Entry], parts: int) -> None:
        drawn = sorted(pool, key=lambda one: (one.source, *one.key))
        split = [part(drawn, number, parts) for number in range(1, parts + 1)]
        assert [one for each in split for one in each] == drawn
        assert sum(len({one.source for one in each}) for each in split) == len({one.source for one in drawn})


class TestShares:
    """The option --strata."""

    def test_shares_are_read(self) -> None:
        assert parse_shares("figures=.5, dates=.35,rest=.15") == {"figures": 0.5, "dates": 0.35, "rest": 0.15}

    @pytest.mark.parametrize(
        "text", ["", "figures", "figures=1,figures=0", "money=1", "figures=nan", "figures=-1", "figures=.5", "rest=2"]
    )
    def test_what_is_no_share_is_refused(self, text: str) -> None:
        with pytest.raises(BadArgument, match="share"):
            parse_shares(text)

    @given(st.integers(1, 500), st.tuples(*[st.floats(0.01, 1)] * 3))
    def test_the_quotas_add_up_and_are_less_than_one_off(self, size: int, parts: tuple[float, float, float]) -> None:
        shares = dict(zip(STRATA, parts, strict=True))
        found = quotas(size, shares)
        assert sum(found.values()) == size
        assert all(abs(found[kind] - size * shares[kind] / sum(parts)) < 1 for kind in STRATA)


def test_the_strata_come_from_the_types_of_the_schema() -> None:
    found = {(e.table.name, e.field.name): stratum(e.table, e.field) for e in POOL}
    assert found["returns", "quantity"] == found["projects", "amount_eur"] == "figures"
    assert found["returns", "quantity_max"] == "figures"
    assert found["agreements", "signed"] == found["returns", "period"] == "dates"
    assert found["returns", "return_type"] == found["deployments", "hosts"] == "rest"
    assert stratum(RETURNS, RETURNS.by_name["quantity_qualifier"]) == "figures"


def test_remarks_and_rows_taken_in_bulk_are_not_drawn() -> None:
    bulk = {row["id"] for row in DATASET.rows("operations")}
    assert not bulk & {one.record for one in POOL}
    assert all(one.field.bound for one in POOL)


# --- the worksheet ---------------------------------------------------------------------------------------------------


def shown(seed: int) -> list[tuple[Entry, dict[str, str]]]:
    drawn = draw(POOL, 600, seed)
    rows = list(csv.DictReader(io.StringIO(worksheet(DATASET, "test", "how", drawn, drawn))))
    assert [row["claim"] for row in rows] == [claim_number("test", one) for one in drawn]
    return list(zip(drawn, rows, strict=True))


@pytest.fixture(scope="module", params=[1, 2])
def filled(request: pytest.FixtureRequest) -> list[tuple[Entry, dict[str, str]]]:
    return shown(request.param)


NAMES = {row["id"]: row["name"] for table in ("places", "organisations") for row in DATASET.rows(table)}


def spelled(one: Entry, value: str) -> list[str]:
    """Regular expressions of what must not stand in the row of an entry."""
    if stratum(one.table, one.field) == "figures":
        return [rf"(?<![\d.]){re.escape(text)}(?!\d)" for text in (value, f"{float(value):,.10g}")]
    if one.field.edtf:
        return [rf"(?<!\d){year}(?!\d)" for year in re.findall(r"\d{4}", value)]
    if one.field.categories:
        return [rf"\b{item.replace('_', '[ _]')}\b" for item in one.field.items(value)]
    # AT is a code, and `at` a word
    return [
        rf"(?-i:\b{re.escape(item)}\b)|\b{re.escape(NAMES.get(item, item + item))}\b" for item in one.field.items(value)
    ]


def test_no_row_shows_a_value_of_any_claim_that_is_asked(filled: list[tuple[Entry, dict[str, str]]]) -> None:
    held = {row["id"]: row for table in DATASET.names if DATASET.schema(table).bound for row in DATASET.rows(table)}
    of_record: dict[str, list[Entry]] = {}
    for one, _ in filled:
        of_record.setdefault(one.record, []).append(one)
    for one, row in filled:
        text = " ".join(row[name] for name in ("record_id", "record", "context"))
        for asked in of_record[one.record]:
            for value in {*(value for value, _ in asked.values), held[one.record][asked.field.name]} - {""}:
                for form in spelled(asked, value):
                    assert not re.search(form, text, re.IGNORECASE), (one.key, value, text)


def test_a_row_says_what_is_asked_and_leaves_the_answer_open(filled: list[tuple[Entry, dict[str, str]]]) -> None:
    for one, row in filled:
        assert list(row) == [*ASKED, *ANSWERED]
        assert not any(row[name] for name in ANSWERED)
        assert row["source_id"] == one.source
        assert row["field"] == one.field.name
        assert row["question"].endswith(one.field.description)
        assert all(value in row["form"] for value in one.field.categories)
        assert not {"agrees", "contradicts", "coarser", "finer"} & set(
            re.findall(r"\w+", row["record"] + row["context"])
        )


def test_what_identifies_a_record_stays() -> None:
    drawn = [one for one in POOL if one.key[:2] == ("ret-all-ba-2020-11", "quantity")]
    row = next(csv.DictReader(io.StringIO(worksheet(DATASET, "test", "how", drawn, drawn))))
    assert row["record_id"] == "ret-all-ba-2020-11"
    assert row["context"].startswith("From: Bosnia and Herzegovina; Type of return: all; Period: 2020-11")


@pytest.mark.parametrize(
    ("field", "title", "masked"),
    [
        ("hosts", "Rent of 300 prison places in Gjilan by Denmark", "Rent of 300 prison places in Gjilan by Denmark"),
        ("funders", "Rent of 300 prison places in Gjilan by Denmark", "Rent of 300 prison places in Gjilan by …"),
    ],
)
def test_a_title_is_covered_where_it_repeats_the_value(field: str, title: str, masked: str) -> None:
    drawn = [one for one in POOL if one.record == "prj-dk-xk-gjilan" and one.field.name == field][:1]
    row = next(csv.DictReader(io.StringIO(worksheet(DATASET, "test", "how", drawn, drawn))))
    assert title in next(row["title"] for row in DATASET.rows("projects") if row["id"] == "prj-dk-xk-gjilan")
    assert masked in row["record"]


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_draws_the_same_twice_and_never_over_answers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["draw", "--size", "12", "--seed", "3", "--part", "1/2", "--out"]
    assert main([*command, str(tmp_path / "a.csv")]) == 0
    assert main([*command, str(tmp_path / "b.csv")]) == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert main([*command, str(tmp_path / "a.csv")]) == 2
    assert "it may hold answers" in capsys.readouterr().err
