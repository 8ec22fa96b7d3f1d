"""The comment on a pull request: findings, what an editor reads again, every change; of whatever was contributed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from borderledger.package import Package
from corrections import comment as poster
from corrections.__main__ import main
from corrections.review import LONGEST, comment
from tests.conftest import Mini, mini_in

RECORD = "dep-frontex-wb6-2025-06"
SHA = "a" * 40


@pytest.fixture
def after(tmp_path_factory: pytest.TempPathFactory, whole: Package) -> Mini:
    """A second small package, for a test to change."""
    return mini_in(tmp_path_factory.mktemp("after"), whole)


def reviewed(mini: Mini, after: Mini, *, save: bool = True) -> tuple[str, int]:
    if save:
        after.save()
    return comment(str(mini.root), str(after.root), mini.root)


class TestReview:
    def test_nothing_changed(self, mini: Mini, after: Mini) -> None:
        text, code = reviewed(mini, after)
        assert code == 0
        assert text.startswith("### No findings\n")
        assert "Nothing changed." in text

    def test_findings_come_first_as_a_table(self, mini: Mini, after: Mini) -> None:
        after.row("deployments", id=RECORD)["officers"] = "501"
        text, code = reviewed(mini, after)
        assert code == 1
        assert text.startswith("### ")
        assert "| where | field | what is wrong | what to do | rule |" in text.split("####")[0]

    def test_a_figure_that_changed_without_a_row_in_the_log_is_named(self, mini: Mini, after: Mini) -> None:
        after.row("deployments", id=RECORD)["officers"] = "501"
        text, _ = reviewed(mini, after)
        assert "#### Changed without a row in the log" in text
        assert f"- `{RECORD}` `officers`: `500` → `501`" in text

    def test_a_record_that_went_without_a_row_in_the_log_is_named(self, mini: Mini, after: Mini) -> None:
        after.rows["deployments"].remove(after.row("deployments", id=RECORD))
        assert f"- `{RECORD}` was removed" in reviewed(mini, after)[0]

    def test_a_figure_whose_claim_was_rewritten_with_it_has_to_be_read_again(self, mini: Mini, after: Mini) -> None:
        """Both entries agree, so that validation has nothing to say."""
        after.row("deployments", id=RECORD)["officers"] = "501"
        after.row("claims", record_id=RECORD, field="officers")["value"] = "501"
        text, code = reviewed(mini, after)
        assert code == 0
        assert "#### Claims that were removed or rewritten" in text
        assert f"- `{RECORD}` `officers` `founding-article`: `500` → `501`" in text

    def test_a_claim_that_was_taken_out(self, mini: Mini, after: Mini) -> None:
        after.rows["claims"].remove(after.row("claims", record_id=RECORD, field="officers"))
        assert f"- `{RECORD}` `officers` `founding-article`: `500` removed" in reviewed(mini, after)[0]

    def test_a_locator_that_was_rewritten(self, mini: Mini, after: Mini) -> None:
        after.row("claims", record_id=RECORD, field="officers")["locator"] = "another place"
        assert "`locator` `section on 500 officers` → `another place`" in reviewed(mini, after)[0]

    @pytest.mark.parametrize("field", ["kind", "publisher"])
    def test_a_source_that_changed_what_makes_it_independent(self, mini: Mini, after: Mini, field: str) -> None:
        after.row("sources", id="founding-article")[field] = "legal"
        text, _ = reviewed(mini, after)
        assert "#### Sources whose independence may have changed" in text
        assert f"- `founding-article` `{field}`: " in text

    def test_all_changes_follow(self, mini: Mini, after: Mini) -> None:
        after.row("deployments", id=RECORD)["note"] = "Another note."
        text, _ = reviewed(mini, after)
        assert text.index("No findings") < text.index("#### deployments") < text.index("Another note.")

    def test_it_is_printed(self, mini: Mini, after: Mini, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--root", str(mini.root), "review", str(mini.root), str(after.root)]) == 0
        assert capsys.readouterr().out.startswith("### No findings")


class TestWhateverWasContributed:
    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("datapackage.json", "{"),
            ("datapackage.json", '{"name": "x", "resources": []}'),
            ("data/claims.csv", "a,b\n\x00"),
            ("data/deployments.csv", ""),
            ("schemas/claims.json", "[]"),
            ("schemas/claims.json", '{"fields": [{"name": "id", "type": "string"}], "primaryKey": ["id"]}'),
        ],
    )
    def test_what_cannot_be_read_is_said_in_words(self, mini: Mini, after: Mini, path: str, text: str) -> None:
        (after.root / path).write_text(text, encoding="utf-8")
        said, code = reviewed(mini, after, save=False)
        assert code == 2
        assert "The changes are unknown" in said

    def test_a_version_that_is_not_there(self, mini: Mini) -> None:
        said, code = comment("nowhere", "no such version", mini.root)
        assert code == 2
        assert "cannot be read" in said

    def test_nothing_of_it_is_imported(self, mini: Mini, after: Mini, tmp_path: Path) -> None:
        trap = f"open({str(tmp_path / 'ran')!r}, 'w')"
        for name in ("conftest.py", "sitecustomize.py", "validate.py", "data/__init__.py"):
            (after.root / name).write_text(trap, encoding="utf-8")
        reviewed(mini, after)
        assert not (tmp_path / "ran").exists()

    def test_it_is_cut_between_lines_and_says_so(self, mini: Mini, after: Mini) -> None:
        for row in after.rows["claims"]:
            row["locator"] = "x" * 280
        for table in ("returns", "projects", "organisations", "places"):
            for row in after.rows[table]:
                row["note"] = f"note {'y' * 250}"
        for row in after.rows["sources"]:
            row["kind"] = "legal"
            row["publisher"] = "z" * 280
        text, _ = reviewed(mini, after)
        assert len(text) <= LONGEST
        assert "Left out, for its length" in text
        assert "The rest was cut: the comment is too long" in text

    def test_what_stands_in_a_cell_mentions_nobody(self, mini: Mini, after: Mini) -> None:
        after.row("deployments", id=RECORD)["title"] = "@everyone <b> #12"
        text, _ = reviewed(mini, after)
        assert "@everyone" not in "".join(text.split("`")[::2])


class TestPosted:
    """The part that runs beside a token."""

    @pytest.mark.parametrize(
        "text", ["@everyone", "`x` @a-b", r"\`@me`", "`\n`@me`", "<img src=x>", "</details>", "<!--"]
    )
    def test_a_comment_mentions_nobody_and_holds_no_html(self, text: str) -> None:
        said = poster.safe(text.encode())
        assert "@" not in said or "@\u200b" in said
        assert "<" not in said or "<\u200b" in said

    def test_it_is_text_of_bounded_length(self) -> None:
        said = poster.safe(b"\xff\x00\x1b[31m" + b"line\n" * 100_000)
        assert len(said) <= poster.LONGEST
        assert said.endswith("**The rest was cut: the comment is too long.**\n")
        assert "\x1b" not in said

    def test_a_comment_of_ours_is_left_as_it_is(self, mini: Mini, after: Mini) -> None:
        after.row("deployments", id=RECORD)["officers"] = "501"
        text, _ = reviewed(mini, after)
        assert poster.safe(text.encode()).replace("\u200b", "").strip() == text.strip()

    @pytest.mark.parametrize(
        ("pulls", "number"),
        [
            ([{"number": 3, "state": "open", "head": {"sha": SHA}}], 3),
            ([{"number": 3, "state": "open", "head": {"sha": "b" * 40}}], 0),
            ([{"number": 3, "state": "closed", "head": {"sha": SHA}}], 0),
            ([{"number": n, "state": "open", "head": {"sha": SHA}} for n in (3, 4)], 0),
            ([{"number": "3; id", "state": "open", "head": {"sha": SHA}}], 0),
            ([None, {"head": None}], 0),
            ({"message": "Not Found"}, 0),
        ],
    )
    def test_the_pull_request_is_the_one_that_ends_in_the_commit(self, pulls: object, number: int) -> None:
        assert poster.number(pulls, SHA) == number

    def test_no_commit_is_none(self) -> None:
        assert poster.number([{"number": 3, "state": "open", "head": {"sha": ""}}], "") == 0

    def test_the_command(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        file = tmp_path / "pulls.json"
        file.write_text(json.dumps([{"number": 3, "state": "open", "head": {"sha": SHA}}]), encoding="utf-8")
        assert poster.main(["number", str(file), SHA]) == 0
        assert poster.main(["number", str(file), "b" * 40]) == 1
        assert poster.main(["safe", str(file)]) == 0
        assert capsys.readouterr().out.startswith("3\n\n[{")
        assert poster.main([]) == 2
