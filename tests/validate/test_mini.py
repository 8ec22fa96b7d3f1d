"""The small package that the other tests break is clean to begin with."""

from __future__ import annotations

from tests.conftest import Mini


def test_the_small_package_is_clean(mini: Mini) -> None:
    report = mini.check()
    assert [str(finding) for finding in report.findings] == []
    assert report.ok
    assert report.exit_code == 0


def test_the_small_package_has_a_record_of_every_core_table_and_bulk_rows(mini: Mini) -> None:
    grades = {summary.table: dict(summary.grades) for summary in mini.check(graded=True).tables}
    assert all(sum(grades[table.name].values()) for table in mini.package.core)
    assert grades["returns"]["bulk"]
    assert grades["projects"]["bulk"]
