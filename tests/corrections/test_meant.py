"""What people type is offered in the form that it means, and nothing is offered that is not sure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from borderledger.package import Field, Package
from corrections.meant import meant, unsure
from validate.cells import cell_tests


@pytest.fixture(scope="module")
def fields(whole: Package) -> dict[str, Field]:
    return {
        "date": whole.tables["agreements"].by_name["signed"],
        "count": whole.tables["deployments"].by_name["officers"],
        "amount": whole.tables["projects"].by_name["amount_eur"],
        "text": whole.tables["agreements"].by_name["title"],
    }


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("date", "March 2026", "2026-03"),
        ("date", "3 Feb 2010", "2010-02-03"),
        ("date", "3rd of February 2010", "2010-02-03"),
        ("date", "11.06.2025", "2025-06-11"),
        ("date", "14. oktobra 2024.", "2024-10-14"),
        ("date", "14. октобар 2024.", "2024-10-14"),
        ("date", "14 tetor 2024", "2024-10-14"),
        ("date", "14 октомври 2024", "2024-10-14"),
        ("date", "14 ottobre 2024", "2024-10-14"),
        ("date", "14. prosinca 2024. godine", "2024-12-14"),
        ("date", "ožujak 2024.", "2024-03"),
        ("date", "since oktobar 2024", "2024-10/.."),
        ("date", "3/2026", "2026-03"),
        ("date", "about 2010", "2010~"),
        ("date", "ca. March 2026", "2026-03~"),
        ("date", "2010-2012", "2010/2012"),
        ("date", "2020-11 to 2022-10", "2020-11/2022-10"),
        ("date", "since 2019", "2019/.."),
        ("date", "until June 2025", "../2025-06"),
        ("date", "2025-06~", "2025-06~"),
        ("count", "about 120", "120"),
        ("count", "at least 1,200", "1200"),
        ("count", "1.200", "1200"),
        ("count", "120 officers", "120"),
        ("amount", "1.234,50", "1234.5"),
        ("amount", "about 3.5", "3.5"),
    ],
)
def test_what_is_meant(fields: dict[str, Field], kind: str, typed: str, value: str) -> None:
    assert meant(fields[kind], typed) == value


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("date", "11/06/2025"),  # the day or the month first
        ("date", "14. listopada 2024."),  # October in Croatian, November in Polish
        ("date", "listopad 2024"),
        ("date", "next year"),
        ("date", "31 February 2010"),
        ("date", "2012-2010"),
        ("date", ""),
        ("count", "twelve"),
        ("count", "12-15"),
        ("count", "1,2 million"),
        ("count", "3 thousand"),
        ("count", "-5"),
        ("amount", "1.200"),  # one and a fifth, or twelve hundred
        ("amount", "5m"),
        ("text", "March 2026"),
    ],
)
def test_what_is_not_sure_is_not_offered(fields: dict[str, Field], kind: str, typed: str) -> None:
    assert meant(fields[kind], typed) == ""


@given(
    st.sampled_from(["date", "count", "amount"]),
    st.text(max_size=30) | st.from_regex(r"[0-9./, -]{1,12}( [a-z]{2,8})?"),
)
def test_an_offer_is_a_value_and_means_itself(fields: dict[str, Field], kind: str, typed: str) -> None:
    if value := meant(fields[kind], typed):
        assert not [test.fails(value) for test in cell_tests(fields[kind]) if test.fails(value)]
        assert meant(fields[kind], value) == value


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("14. listopada 2024.", "listopada is October in Croatian and November in Polish): 2024-10-14 or 2024-11-14"),
        ("listopad 2024", "listopad is October in Croatian and November in Czech and Polish)"),
        ("11/06/2025", "is a date that may begin with the day or with the month: 2025-06-11 or 2025-11-06"),
        ("14. oktobra 2024.", ""),
        ("Jun 25", ""),
        ("next year", ""),
    ],
)
def test_a_date_of_two_meanings_is_refused_with_both(fields: dict[str, Field], typed: str, said: str) -> None:
    found = unsure(fields["date"], typed)
    assert found.endswith(said)
    assert bool(found) == bool(said)
