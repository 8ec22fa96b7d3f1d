from tests.conftest import Mini


def test_the_small_package_is_clean(mini: Mini) -> None:
    report = mini.check()
    assert report.ok, report.text()
