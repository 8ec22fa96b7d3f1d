"""Finding records and sources by words."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

import borderledger as bl
from borderledger.cli import main
from tests.conftest import ROOT, Mini

DATA = bl.open(ROOT)


def ids(words: str, dataset: bl.Dataset = DATA) -> list[str]:
    return list(dataset.search(words)["id"])


class TestWords:
    def test_all_of_them_must_be_there_and_the_best_comes_first(self) -> None:
        frame = bl.search("deported pakistan")
        assert list(frame.columns) == ["table", "id", "title", "snippet"]
        assert {*zip(frame["table"], frame["id"], strict=True)} >= {
            ("sources", "rferl-2022-08-pakistan"),
            ("returns", "ret-forced-ba-pk-to-2025-06"),
        }
        assert frame["table"][0] == "sources", "a word in the title counts more than one in a note"

    @pytest.mark.parametrize("word", ["deport", "deports", "deported", "deporting", "Deportation", "DEPORTATIONS"])
    def test_every_form_of_a_word_finds_the_same(self, word: str) -> None:
        assert ids(f"{word} pakistan") == ids("deported pakistan") != []

    @pytest.mark.parametrize("words", ["Gjadër", "gjader", "GJADËR", "gjade\u0308r"])
    def test_accents_and_capitals_do_not_matter(self, words: str) -> None:
        assert "fac-al-gjader" in ids(words)

    @pytest.mark.parametrize("words", ["Bogovađa", "bogovadja OR", "Bogovada", "BOGOVAĐA"])
    def test_a_letter_that_is_more_than_an_accent_is_found_by_the_plain_one(self, words: str) -> None:
        assert ("fac-rs-bogovadja" in ids(words)) is ("OR" not in words)

    @pytest.mark.parametrize(
        ("words", "same"),
        [
            ("serbia' OR 1=1 --", "serbia or 1 1"),
            ("NEAR(serbia albania)", "near serbia albania"),
            ("title: serbia", "title serbia"),
            ("serbia*", "serbia"),
            ("serbia NOT albania", "serbia not albania"),
            ("^serbia {-}", "serbia"),
            ("\0serbia\ud800", "serbia"),
            ('"serbia', "serbia"),
        ],
    )
    def test_signs_are_no_language_of_queries(self, words: str, same: str) -> None:
        assert ids(words) == ids(same)

    @pytest.mark.parametrize("words", ["", " ", '"', "-", "{}", "*", "\ud800", "…"])
    def test_without_a_word_it_is_refused(self, words: str) -> None:
        with pytest.raises(bl.BadArgument, match="search takes words to find, such as 'deported pakistan'"):
            bl.search(words)

    def test_what_nothing_holds_gives_no_row(self) -> None:
        assert bl.search("gjader xylophone").shape == (0, 4)


class TestNames:
    def test_the_name_of_a_place_finds_its_code(self) -> None:
        found = bl.search("pakistan").set_index("id")["table"]
        assert found["PK"] == "places"
        coded = bl.load("returns", where="nationalities=PK")["id"]
        assert {*coded} <= {*found.index}

    def test_the_name_of_a_body_finds_its_code(self) -> None:
        assert {*bl.load("deployments", where="agency=frontex")["id"]} <= {*ids("frontex")}
        assert {*bl.load("deployments", where="agency=frontex")["id"]} <= {
            *ids("European Border and Coast Guard Agency")
        }

    def test_a_row_with_nothing_but_codes_comes_after_those_with_the_word(self) -> None:
        frame = bl.search("albania")
        assert frame["title"].notna().head(100).all()


class TestData:
    def test_of_another_version(self, mini: Mini) -> None:
        mini.row("facilities", id="fac-al-gjader")["note"] = "Zymurgy is taught there."
        assert ids("zymurgy", bl.open(mini.save())) == ["fac-al-gjader"]

    def test_the_same_data_give_the_same_rows(self) -> None:
        assert DATA.search("serbia").equals(bl.open(ROOT).search("serbia"))

    def test_without_full_text_search_the_message_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Without(sqlite3.Connection):
            def execute(self, statement: str, /, *arguments: Any) -> sqlite3.Cursor:
                return super().execute(statement.replace("USING fts5", "USING fts5_is_not_here"), *arguments)

        real = sqlite3.connect
        monkeypatch.setattr(sqlite3, "connect", lambda *args, **more: real(*args, **more, factory=Without))
        with pytest.raises(bl.MissingExtra, match=r"without full-text search \(FTS5\).*Use a Python whose"):
            bl.open(ROOT).search("serbia")

    def test_the_words_of_a_version_are_indexed_once(self, mini: Mini, monkeypatch: pytest.MonkeyPatch) -> None:
        dataset = bl.open(mini.root)
        first = ids("gjader", dataset)
        monkeypatch.setattr("borderledger.query.search.fill", lambda *_: pytest.fail("indexed again"))
        assert ids("gjader", dataset) == first != []
        assert ids("serbia", dataset) != first


class TestCommand:
    def test_it_takes_several_words(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["search", "deported", "pakistan", "--format", "csv"]) == 0
        assert "sources,rferl-2022-08-pakistan,First BiH deportations" in capsys.readouterr().out

    def test_nothing_found_is_said(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["search", "xylophone"]) == 0
        assert capsys.readouterr().err == "Nothing holds all of these words. Try fewer.\n"

    def test_no_word_is_refused(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["search", "--", "--"]) == 2
        assert "search takes words to find" in capsys.readouterr().err
