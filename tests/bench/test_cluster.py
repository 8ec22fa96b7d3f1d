"""The model of what a check costs on a cluster is what the measurements say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.cluster import Cost, Point, fitted

SIZES = [(rows, cores) for rows in (10_000, 100_000, 1_000_000) for cores in (1, 2, 4)]


@given(st.floats(1, 100), st.floats(0, 1e-4), st.floats(0, 1e-3))
def test_times_that_follow_a_model_give_it_back(start: float, serial: float, shared: float) -> None:
    cost = Cost(start, serial, shared)
    found = fitted([Point(rows, cores, cost.seconds(rows, cores)) for rows, cores in SIZES])
    for rows, cores in [*SIZES, (100_000_000, 64)]:
        assert found.seconds(rows, cores) == pytest.approx(cost.seconds(rows, cores), rel=1e-6)


@given(st.lists(st.floats(0.1, 1000), min_size=len(SIZES), max_size=len(SIZES)))
def test_no_part_is_below_zero_whatever_was_measured(seconds: list[float]) -> None:
    found = fitted([Point(*size, taken) for size, taken in zip(SIZES, seconds, strict=True)])
    assert min(found.start, found.serial, found.shared) >= 0


@pytest.mark.parametrize("sizes", [[], [(10, 1)], [(10, 1), (20, 1)], [(10, 1), (10, 2)]])
def test_too_few_measurements_are_refused(sizes: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="needs two numbers of rows and two of cores"):
        fitted([Point(*size, 1.0) for size in sizes])
