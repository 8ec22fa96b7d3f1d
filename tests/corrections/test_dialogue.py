"""The dialogue that ends in the file of a correction: what is asked, what is taken, what is written."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrections import document, evidence_questions
from corrections.dialogue import ask
from corrections.document import written
from corrections.fetch import Unreachable
from corrections.pending import PENDING
from corrections.plain_text import tidy
from corrections.prompt import Left, Prompt
from tests.conftest import ROOT, Mini

DEPLOYMENT = "dep-frontex-wb6-2025-06"
AGREEMENT = "agr-status-rs-2024"
NEW_SOURCE = ["new", "Frontex in brief", "Frontex", "official_report", "https://example.org/brief", "2025-07-01", "en"]
#: To the question for the source, with the day of access and no reprint and the proposed id.
WHOLE_SOURCE = [*NEW_SOURCE, "2025-08-01", "", ""]
REASON = "The agency itself gives the exact figure."


@dataclass
class Dialogue:
    """What came of a dialogue."""

    code: int
    shown: str
    errors: str
    folder: Path

    @property
    def text(self) -> str:
        """What was shown, as if on one long line."""
        return " ".join(self.shown.split())

    @property
    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    def correction(self, name: str = "") -> dict[str, Any]:
        """What the written file holds, as corrections are read."""
        (path,) = [self.folder / name] if name else self.folder.glob("correction-*.yml")
        read, found = document.read(path)
        assert not found
        assert read
        return dict(read.content)


Answer = Callable[..., Dialogue]


@pytest.fixture
def answer(
    mini: Mini,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Answer:
    """Hold a dialogue on the small package, with answers from a script; the file is written to a folder of its own."""
    folder = tmp_path_factory.mktemp("written")
    monkeypatch.chdir(folder)

    def hold(*answers: str, words: str = "", out: Path | None = None, ask_sites: bool = False) -> Dialogue:
        lines, shown = iter(answers), []

        def read(question: str) -> str:
            shown.append(question)
            try:
                line = next(lines)
            except StopIteration:
                raise EOFError from None
            shown.append(f"> {line[:200]}")
            return line

        code = ask(mini.root, words, out, Prompt(read, lambda line: shown.append(line)), ask_sites=ask_sites)
        said = capsys.readouterr()
        return Dialogue(code, "\n".join(shown) + said.out, said.err, folder)

    return hold


def change(*, new: tuple[str, ...] = ("640", "exact"), reason: str = REASON) -> list[str]:
    return [DEPLOYMENT, "change", "officers", *new, "", "correction", *WHOLE_SOURCE, "page 3", reason, ""]


class TestWholeDialogues:
    def test_a_figure_changes(self, answer: Answer) -> None:
        """The record is found by words, and all that a change needs is asked for, in order."""
        held = answer(
            *("1", "1", "officers", "640", "exact", "", "1", *WHOLE_SOURCE, "page 3", REASON, ""),
            words="frontex standing corps balkans june",
        )
        assert held.code == 0, held.shown
        assert held.correction() == {
            "action": "change",
            "record": DEPLOYMENT,
            "values": [{"field": "officers", "old": "500", "new": "640", "qualifier": "exact"}],
            "kind": "correction",
            "source": {
                "id": "frontex-2025-07-01",
                "title": "Frontex in brief",
                "publisher": "Frontex",
                "kind": "official_report",
                "published": "2025-07-01",
                "accessed": "2025-08-01",
                "url": "https://example.org/brief",
                "language": "en",
            },
            "locator": "page 3",
            "reason": REASON,
        }
        assert "Can be applied. Nothing was changed." in held.shown
        assert f"python -m corrections propose correction-{DEPLOYMENT}.yml" in held.text

    def test_the_record_is_shown_with_its_evidence_before_anything_is_asked(self, answer: Answer) -> None:
        held = answer(DEPLOYMENT)
        assert "officers            500" in held.shown
        assert "Evidence:" in held.shown
        assert held.shown.index("Evidence:") < held.shown.index("What do you want to do")

    def test_the_claims_on_the_field_are_shown_with_their_locators(self, answer: Answer) -> None:
        held = answer(DEPLOYMENT, "change", "officers")
        assert "founding-article agrees: 500 (about), section on 500 officers" in held.shown

    def test_a_range_has_an_upper_end(self, answer: Answer) -> None:
        held = answer(*change(new=("600", "range", "550", "700")))
        assert "The upper end must be greater than the lower one, 600." in held.shown
        assert held.correction()["values"] == [
            {"field": "officers", "old": "500", "new": "600", "qualifier": "range", "max": "700"}
        ]
        assert held.code == 0, held.shown

    def test_another_field_changes_with_it(self, answer: Answer) -> None:
        held = answer(
            *(DEPLOYMENT, "change", "officers", "640", "exact", "date", "2025-06-15", "", "1"),
            *(*WHOLE_SOURCE, "page 3", REASON, ""),
        )
        assert [value["field"] for value in held.correction()["values"]] == ["officers", "date"]
        assert held.code == 0, held.shown

    def test_one_more_source_supports_a_value(self, answer: Answer) -> None:
        """The value that is there is proposed, and so is nothing that could replace it."""
        held = answer(DEPLOYMENT, "claim", "officers", "", "about", "", *WHOLE_SOURCE, "page 3", REASON, "")
        assert held.code == 0, held.shown
        assert held.correction()["values"] == [{"field": "officers", "old": "500", "new": "500", "qualifier": "about"}]
        assert "kind" not in held.correction()

    def test_a_source_contradicts_a_value(self, answer: Answer) -> None:
        held = answer(
            *(AGREEMENT, "dispute", "signed", "2024-06-25", "2024-06-26", "", *WHOLE_SOURCE, "page 3", REASON, "")
        )
        assert "so the source does not contradict it" in held.shown
        assert held.correction()["values"] == [{"field": "signed", "old": "2024-06-25", "new": "2024-06-26"}]
        assert held.code == 0, held.shown

    def test_a_missing_record_is_described_field_by_field(self, answer: Answer) -> None:
        """Required fields first; `done` skips the rest; places and bodies may be named by their names."""
        held = answer(
            *("none", "facilities", "Reception Centre Blažuj", "bosnia and herzegovina", "1"),
            *("", "2000", "about", "done", "", *WHOLE_SOURCE, "page 3", "It opened in 2019 and is not listed.", ""),
        )
        assert held.correction() == {
            "action": "record",
            "record": "fac-reception-centre-blazuj",
            "table": "facilities",
            "values": [
                {"field": "name", "new": "Reception Centre Blažuj"},
                {"field": "place", "new": "BA"},
                {"field": "kind", "new": "reception"},
                {"field": "capacity", "new": "2000", "qualifier": "about"},
            ],
            "source": held.correction()["source"],
            "locator": "page 3",
            "reason": "It opened in 2019 and is not listed.",
        }
        assert held.code == 0, held.shown

    def test_nobody_is_asked_for_the_coordinates_of_a_facility(self, answer: Answer) -> None:
        """The editors take those of the locality from a gazetteer; a person might give those of the building."""
        held = answer(
            *("none", "facilities", "Reception Centre Blažuj", "BA", "1", *[""] * 30),
            *("", *WHOLE_SOURCE, "page 3", "It opened in 2019 and is not listed.", ""),
        )
        assert "Locality (optional)" in held.text
        assert "Latitude" not in held.text
        assert "Longitude" not in held.text

    def test_a_record_that_stands_twice_is_retired_for_the_other(self, answer: Answer, mini: Mini) -> None:
        """The successor is found by words."""
        twin = {"id": "fac-al-gjader-again"}
        mini.add("facilities", **mini.row("facilities", id="fac-al-gjader") | twin)
        for claim in [claim for claim in mini.rows["claims"] if claim["record_id"] == "fac-al-gjader"]:
            mini.add("claims", **claim | {"record_id": twin["id"]})
        mini.save()
        held = answer(twin["id"], "retire", "italian gjader", "1", "Both rows are about one place.", "")
        assert held.correction() == {
            "action": "retire",
            "record": twin["id"],
            "successor": "fac-al-gjader",
            "reason": "Both rows are about one place.",
        }
        assert held.code == 0, held.shown

    def test_what_cannot_take_the_place_of_a_record_is_refused_as_it_is_typed(self, answer: Answer) -> None:
        held = answer("agr-status-rs-2021", "retire", "", "agr-status-rs-2021", DEPLOYMENT)
        assert "Name a successor, or first change the record that refers to this one." in held.text
        assert held.text.count("is not another record of agreements") == 2

    def test_text_about_a_person_is_reported_without_repeating_it(self, answer: Answer) -> None:
        held = answer(AGREEMENT, "privacy", "note", "")
        assert held.code == 0
        assert held.correction() == {
            "action": "privacy",
            "record": AGREEMENT,
            "field": "note",
            "reason": "The text makes a private person recognisable.",
        }
        assert "What to do next" in held.shown
        assert "corrections apply" not in held.shown

    def test_a_dead_link_is_a_change_of_the_source(self, answer: Answer) -> None:
        held = answer(
            *("founding-article", "change", "url", "ftp://x", "https://example.org/moved", "", "revision"),
            *("The page has moved to this address.", ""),
        )
        assert held.shown.count("Address (") == 0
        assert held.correction()["values"][0]["new"] == "https://example.org/moved"
        assert "source" not in held.correction()
        assert held.code == 0, held.shown

    def test_a_source_that_states_both_says_what_becomes_of_its_claim(self, answer: Answer) -> None:
        """Asked only where it matters, and only with the answers that can be carried out."""
        held = answer(
            *(DEPLOYMENT, "change", "officers", "640", "exact", "", "correction", "founding-article", "page 3"),
            *("misread", REASON, ""),
        )
        assert "and the correction does not say why" in held.text
        assert "overtaken -" not in held.shown
        assert held.correction()["old_claim"] == "misread"
        assert held.code == 0, held.shown

    def test_a_revision_may_take_the_place_of_older_sources(self, answer: Answer) -> None:
        """What is to become of their claims is asked, because without a word the field would be disputed."""
        source = [*NEW_SOURCE[:5], "2026-01-15", "en", "2026-02-01", "", ""]
        held = answer(
            *("fac-al-gjader", "change", "capacity", "500", "exact", "", "revision", *source, "page 3"),
            *("overtaken", "More places have been opened since.", ""),
        )
        assert "misread -" not in held.text
        assert held.correction()["old_claim"] == "overtaken"
        assert held.code == 0, held.shown

    def test_a_row_of_a_publishers_file_is_not_changed(self, answer: Answer, mini: Mini) -> None:
        bulk = {total["source_id"] for total in mini.rows["control_totals"] if total["table"] == "returns"}
        row = next(row for row in mini.rows["returns"] if row["source_id"] in bulk)
        held = answer(row["id"], "change")
        assert "cannot be changed" in held.text
        assert "'change' is not one of them" in held.shown


class TestAnswers:
    """Each is checked as it is typed; what is wrong is said, and asked again."""

    @pytest.mark.parametrize(
        ("field", "wrong", "said"),
        [
            ("officers", "1,000", "Do you mean 1000? Enter for yes"),
            ("officers", "-4", "Write digits only"),
            ("officers", "many", "is not a whole number"),
            ("date", "June 2025", "2025-06~ (about)"),
            ("date", "2025-02-30", "2025-06~ (about)"),
            ("measure", "there", "Use one of: present"),
            ("hosts", "Atlantis", "is not one of the known places"),
            ("agency", "fronex", "Did you mean frontex"),
            ("agreement_id", "agr-status-rs-2042", "Did you mean agr-status-rs-20"),
            ("hosts", "WB6", "has this value already"),
            ("hosts", "empty", "Hosts cannot be empty"),
            ("operation", "=1+1", "would run it as a formula"),
            ("operation", "<b>bold</b>", "could treat as markup"),
            ("operation", "mail to a.b@example.org", "identify a person"),
            ("operation", "\x1b[31mred", "invisible or control character U+001B"),
            ("operation", "x" * 100_000, "an answer has 2000 at most"),
            ("no_such_field", "", "is not one of them"),
            ("99", "", "is not one of them"),
        ],
    )
    def test_a_wrong_answer_is_asked_again_with_the_reason(
        self, answer: Answer, field: str, wrong: str, said: str
    ) -> None:
        held = answer(DEPLOYMENT, "change", field, wrong)
        assert said in held.text
        assert held.shown.endswith(": ")
        assert (held.code, held.files) == (2, [])

    @pytest.mark.parametrize("typed", ["Serbia", "serbia", "rs", "RS"])
    def test_places_go_by_name_too(self, answer: Answer, typed: str) -> None:
        held = answer(DEPLOYMENT, "change", "hosts", typed, "", "1", *WHOLE_SOURCE, "page 3", REASON, "")
        assert held.correction()["values"][0]["new"] == "RS"

    def test_lists_are_put_in_order(self, answer: Answer) -> None:
        held = answer(DEPLOYMENT, "change", "hosts", "Serbia, Albania;ME", "", "1", *WHOLE_SOURCE, "p. 3", REASON, "")
        assert held.correction()["values"][0]["new"] == "AL;ME;RS"

    @pytest.mark.parametrize("day", ["2025-06-15~", "2025-06/2025-07", "2025"])
    def test_a_date_is_as_precise_as_its_source(self, answer: Answer, day: str) -> None:
        held = answer(DEPLOYMENT, "change", "date", day, "", "1", *WHOLE_SOURCE, "page 3", REASON, "")
        assert held.correction()["values"] == [{"field": "date", "old": "2025-06~", "new": day}]
        assert held.code == 0, held.shown

    def test_a_cell_is_emptied_by_saying_so(self, answer: Answer) -> None:
        held = answer(AGREEMENT, "change", "note", "", "empty", "", "1", "The remark is out of date.", "")
        assert "An answer is needed here" in held.shown
        assert held.correction()["values"][0]["new"] == ""
        assert held.code == 0, held.shown

    def test_a_value_that_is_there_already_is_not_new(self, answer: Answer) -> None:
        assert "has exactly this value already" in answer(DEPLOYMENT, "change", "officers", "500", "about").shown

    @pytest.mark.parametrize(
        ("reason", "said"),
        [
            ("short", "10 to 600 are expected"),
            ("x" * 601, "10 to 600 are expected"),
            ("Ask someone@example.org about this", "identify a person"),
            ("Dr. Petrović told me that it is wrong", "identify a person"),
            ("=HYPERLINK(1) is what I mean", "would run it as a formula"),
            ("See [this](https://example.org) page", "could treat as markup"),
            ("a \x07 bell that rings in a terminal", "invisible or control character U+0007"),
        ],
    )
    def test_the_reason_is_plain_text_and_names_nobody(self, answer: Answer, reason: str, said: str) -> None:
        held = answer(*change(reason=reason)[:-1], REASON, "")
        assert said in held.text
        assert held.correction()["reason"] == REASON

    @pytest.mark.parametrize(
        ("place", "wrong", "said"),
        [
            (3, "newspaper", "Use one of: legal"),
            (4, "www.example.org", "Web address, http or https."),
            (5, "yesterday", "2025-06~ (about)"),
            (6, "English", "ISO 639-1"),
            (7, "1.8.2025", "Do you mean 2025-08-01? Enter for yes"),
            (8, "agr-status-rs-2024", "is not in data/sources.csv"),
            (9, "founding-article", "is already in use"),
            (9, "Not An Id", "Permanent, readable identifier"),
        ],
    )
    def test_a_new_source_is_checked_field_by_field(self, answer: Answer, place: int, wrong: str, said: str) -> None:
        source = [*WHOLE_SOURCE[:place], wrong, *WHOLE_SOURCE[place:]]
        held = answer(DEPLOYMENT, "change", "officers", "640", "exact", "", "1", *source, "page 3", REASON, "")
        assert said in held.text
        assert held.correction()["source"]["id"] == "frontex-2025-07-01"

    def test_a_source_that_is_there_is_not_described_again(self, answer: Answer, mini: Mini) -> None:
        known = mini.row("sources", id="founding-article")
        held = answer(
            *(DEPLOYMENT, "change", "officers", "640", "exact", "", "1"),
            *("new", known["title"], known["publisher"], known["kind"], known["url"]),
        )
        assert "This document is a known source: founding-article." in held.shown

    def test_a_publisher_keeps_its_spelling(self, answer: Answer, mini: Mini) -> None:
        """Or two documents of one publisher would count as independent of each other."""
        known = mini.row("sources", id="founding-article")["publisher"]
        source = [*WHOLE_SOURCE[:2], known.upper(), *WHOLE_SOURCE[3:]]
        held = answer(DEPLOYMENT, "change", "officers", "640", "exact", "", "1", *source, "page 3", REASON, "")
        assert held.correction()["source"]["publisher"] == known

    def test_control_characters_never_reach_the_terminal(self, answer: Answer, mini: Mini) -> None:
        mini.row("deployments", id=DEPLOYMENT)["title"] = "Frontex \x1b[31mred"
        mini.save()
        held = answer("\x1b]0;title\x07", "frontex red", "1", "?", "change", "\x1b[2J")
        questions_and_text = [line for line in held.shown.split("\n") if not line.startswith("> ")]
        assert not any("\x1b" in line or "\x07" in line for line in questions_and_text)
        assert "\x1b" not in held.errors


class TestPastedSources:
    """A document is named by its address or number; what that tells is proposed."""

    def test_what_the_number_tells_is_taken_with_enter(self, answer: Answer) -> None:
        described = ("OJ L 295, 14.11.2019, p. 1", "Regulation on the agency", "European Union", "", "", "", "")
        held = answer(DEPLOYMENT, "claim", "date", "", "", *described, "", "", "", "Article 3", REASON, "")
        assert held.correction()["source"] == {
            "id": "european-union-2019-11-14",
            "title": "Regulation on the agency",
            "publisher": "European Union",
            "kind": "legal",
            "published": "2019-11-14",
            "accessed": held.correction()["source"]["accessed"],
            "url": "https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=OJ:L:2019:295:TOC",
            "document_ref": "OJ L 295, 14.11.2019, p. 1",
            "language": "en",
        }

    def test_a_known_document_is_named(self, answer: Answer, mini: Mini) -> None:
        source = mini.row("sources", id="eunews-2025-07-24-albania")
        held = answer(DEPLOYMENT, "claim", "date", "", "", source["url"], "page 3", REASON, "")
        assert "This document is a known source: " in held.text
        assert held.correction()["source"] == source["id"]

    def test_a_site_is_asked_only_if_the_person_wants_it(self, answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[str] = []

        def site(url: str) -> dict[str, str]:
            asked.append(url)
            return {"title": "Officers in brief", "published": "2025-07-02", "publisher": "Daily <script>"}

        monkeypatch.setattr(evidence_questions, "fetched", site)
        address = "https://example.org/en/a-page"
        described = (address, "", "Daily", "news", "", "", "", "", "", "")
        begin, end = (DEPLOYMENT, "claim", "date", "", ""), ("page 3", REASON, "")
        without = answer(*begin, address)
        assert not asked
        assert "Title: \n" in f"{without.shown}\n"
        held = answer(*begin, *described, "back", "", *end, ask_sites=True)
        source = held.correction()["source"]
        assert (source["title"], source["published"], source["language"]) == ("Officers in brief", "2025-07-02", "en")
        assert asked == [address]
        assert "<script>" not in held.shown

    def test_a_site_that_does_not_answer_leaves_the_questions(
        self, answer: Answer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def site(url: str) -> dict[str, str]:
            raise Unreachable(f"{url} cannot be read: the site does not answer within 10 seconds")

        monkeypatch.setattr(evidence_questions, "fetched", site)
        held = answer(DEPLOYMENT, "claim", "date", "", "", "https://example.org/x", ask_sites=True)
        assert "the site does not answer within 10 seconds" in held.text
        assert "Describe the new source." in held.text

    def test_an_address_on_this_machine_is_not_asked(self, answer: Answer) -> None:
        held = answer(DEPLOYMENT, "claim", "date", "", "", "http://127.0.0.1/x", ask_sites=True)
        assert "is an address that other people cannot open" in held.text


class TestNewBodies:
    """A value may name a body that the dataset does not know yet."""

    BODY = ("new", "European Institute of Peace", "EIP", "ngo", "Belgium", "")
    DOOR = ("fac-al-gjader", "change", "funders")

    def test_a_body_is_described_where_it_is_named(self, answer: Answer) -> None:
        held = answer(*self.DOOR, *self.BODY, "", "", *WHOLE_SOURCE, "page 3", REASON, "")
        assert held.code == 0, held.shown
        content = held.correction()
        assert content["organisations"] == [
            {"id": "eip", "name": "European Institute of Peace", "short_name": "EIP", "kind": "ngo", "place": "BE"}
        ]
        assert content["values"][0]["new"] == "eip"

    def test_it_stands_beside_bodies_that_are_known(self, answer: Answer) -> None:
        held = answer(*self.DOOR, *self.BODY, "EIP; Austria", "", *WHOLE_SOURCE, "page 3", REASON, "")
        assert held.correction()["values"][0]["new"] == "AT;eip"

    def test_a_body_that_no_value_names_in_the_end_is_left_out(self, answer: Answer) -> None:
        held = answer(*self.DOOR, *self.BODY, "Austria", "", *WHOLE_SOURCE, "page 3", REASON, "")
        assert held.code == 0, held.shown
        assert "organisations" not in held.correction()

    def test_a_body_that_is_known_is_named(self, answer: Answer) -> None:
        held = answer(*self.DOOR, "new", "frontex")
        assert "This body is known: frontex." in held.text

    def test_an_unknown_name_says_how_to_add_it(self, answer: Answer) -> None:
        assert "To add a body that is missing, type `new`." in answer(*self.DOOR, "Peace Institute").text


class TestLeaving:
    def test_a_question_mark_explains(self, answer: Answer) -> None:
        held = answer("?", DEPLOYMENT, "?", "change", "?", "date", "?")
        assert "a list of all records and sources that hold all of the words" in held.text
        assert "officers: Number of officers, in persons." in held.shown
        assert "2020-11/2022-10 (from/to)" in held.shown

    def test_back_returns_to_the_question_before(self, answer: Answer) -> None:
        """With all that was said before kept, and the list that it chooses from shown again."""
        held = answer(
            *(DEPLOYMENT, "change", "date", "back", "officers", "7", "<", "640", "exact", "", "1", *WHOLE_SOURCE),
            *("page 3", "back", "page 4", REASON, ""),
        )
        assert held.correction()["values"][0] == {
            "field": "officers", "old": "500", "new": "640", "qualifier": "exact",
        }  # fmt: skip
        assert held.correction()["locator"] == "page 4"
        assert held.shown.count("officers: 500 (about)") == 2

    def test_back_from_the_last_question_writes_nothing_yet(self, answer: Answer) -> None:
        held = answer(*change()[:-1], "back", "Another reason than the first one.", "")
        assert held.correction()["reason"] == "Another reason than the first one."
        assert len(held.files) == 1

    @pytest.mark.parametrize("which", ["back how exactly", "back 5", "back exact"])
    def test_an_earlier_answer_is_changed_and_those_after_it_are_kept(self, answer: Answer, which: str) -> None:
        held = answer(*change()[:-2], which, "about", REASON, "")
        assert held.code == 0, held.shown
        assert held.correction()["values"][0]["qualifier"] == "about"
        assert held.correction()["source"]["id"] == "frontex-2025-07-01"
        assert "(kept) Where in the source is it stated: page 3" in held.shown

    def test_an_answer_is_not_kept_where_the_question_has_become_another(self, answer: Answer) -> None:
        """The number that chose a source must not choose from another list."""
        held = answer(*(DEPLOYMENT, "claim", "date", "", "", "1", "page 3"), "back which record", AGREEMENT)
        assert "(kept)" not in held.shown
        assert held.errors == "\ncorrections: there are no more answers; nothing was written\n"

    def test_answers_are_listed_with_their_numbers(self, answer: Answer) -> None:
        held = answer(DEPLOYMENT, "1", "officers", "answers", "back 9", "back nowhere")
        assert "1 Which record? Search words, a number or an id; none if it is missing: " + DEPLOYMENT in held.text
        assert "2 What do you want to do: change" in held.text
        assert "No earlier question or answer is 'nowhere'" in held.text
        assert "No earlier question or answer is '9'" in held.text

    def test_there_is_nothing_before_the_first_question(self, answer: Answer) -> None:
        assert "This is the first question" in answer("back").shown

    def test_quit_leaves_with_nothing_written(self, answer: Answer) -> None:
        held = answer(*change()[:-1], "quit")
        assert (held.code, held.files) == (1, [])
        assert held.errors == "\ncorrections: nothing was written\n"

    def test_the_end_of_the_answers_leaves_with_nothing_written(self, answer: Answer) -> None:
        """Wherever they end."""
        for number in range(len(change())):
            held = answer(*change()[:number])
            assert (held.code, held.files) == (2, [])
            assert held.errors == "\ncorrections: there are no more answers; nothing was written\n"

    def test_an_interrupt_leaves_with_nothing_written(self, mini: Mini, capsys: pytest.CaptureFixture[str]) -> None:
        def interrupt(question: str) -> str:
            raise KeyboardInterrupt

        assert ask(mini.root, "", None, Prompt(interrupt, lambda line: None)) == 130
        assert "interrupted; nothing was written" in capsys.readouterr().err

    def test_no_package_is_a_message(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert ask(tmp_path, "", None, Prompt(lambda question: "x", lambda line: None)) == 2
        assert "datapackage.json" in capsys.readouterr().err

    @pytest.mark.parametrize("table", ["sources", "claims", "control_totals", "places"])
    def test_a_table_that_cannot_be_read_is_a_message(self, answer: Answer, mini: Mini, table: str) -> None:
        (mini.root / "data" / f"{table}.csv").write_bytes(b"\xff\xfe\x00")
        held = answer("frontex", "1")
        assert (held.code, held.shown) == (2, "")
        assert f"data/{table}.csv" in held.errors

    def test_an_interrupt_of_the_check_says_that_the_file_is_there(
        self, answer: Answer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupt(*_: object, **__: object) -> int:
            raise KeyboardInterrupt

        monkeypatch.setattr("corrections.dialogue.run_check", interrupt)
        held = answer(*change(), out=Path("mine.yml"))
        assert (held.code, held.files) == (130, ["mine.yml"])
        assert "mine.yml is written, but was not checked" in held.errors


class TestOffers:
    """What people type is offered in the form that it means; Enter accepts it."""

    @pytest.mark.parametrize(
        ("record", "field", "typed", "value"),
        [
            (AGREEMENT, "signed", "3 Feb 2010", "2010-02-03"),
            (AGREEMENT, "signed", "about March 2010", "2010-03~"),
            (DEPLOYMENT, "hosts", "Bosnia", "BA"),
            (DEPLOYMENT, "hosts", "bosnia; serbia", "BA;RS"),
        ],
    )
    def test_enter_accepts(self, answer: Answer, record: str, field: str, typed: str, value: str) -> None:
        held = answer(record, "change", field, typed, *([""] * 2), *["quit"] * 3)
        assert f"Do you mean {value.partition(';')[0]}" in held.text
        assert f"[{value}]" in held.text or ";" in value

    def test_no_pattern_for_programs_is_shown(self, answer: Answer) -> None:
        held = answer(DEPLOYMENT, "change", "border", "?", "x", "quit")
        assert "(?:" not in held.shown
        assert "[A-Z]" not in held.shown


class TestProposal:
    """In a checkout, the dialogue ends in a proposal."""

    @pytest.fixture
    def folder(self, mini: Mini) -> Path:
        folder = mini.root / PENDING
        folder.mkdir(parents=True)
        return folder

    def test_the_correction_becomes_a_proposal_and_no_other_file(self, answer: Answer, folder: Path) -> None:
        held = answer(*change())
        assert (held.code, held.files) == (0, [])
        (file,) = folder.iterdir()
        assert file.name.startswith(f"{DEPLOYMENT}-officers-")
        assert f"proposed: {PENDING}/{file.name}" in held.shown
        assert "commit this file and open a pull request" in held.text

    def test_back_leads_to_the_answer_before(self, answer: Answer, folder: Path) -> None:
        held = answer(*change()[:-1], "back", "Another reason that is long enough.", "")
        assert held.code == 0
        (file,) = folder.iterdir()
        assert "reason: Another reason that is long enough." in file.read_text(encoding="utf-8")

    def test_one_that_does_not_fit_to_another_proposal_is_kept_as_a_file(self, answer: Answer, folder: Path) -> None:
        answer(*change())
        held = answer(*change(new=("650", "exact")))
        assert held.code == 1
        assert len([*folder.iterdir()]) == 1
        assert held.files == [f"correction-{DEPLOYMENT}.yml"]
        assert "It was changed by corrections/pending/" in held.text

    def test_a_file_that_was_asked_for_is_written(self, answer: Answer, folder: Path) -> None:
        held = answer(*change(), out=Path("mine.yml"))
        assert (held.code, held.files, [*folder.iterdir()]) == (0, ["mine.yml"], [])


class TestFile:
    def test_an_existing_file_stays_as_it_is(self, answer: Answer) -> None:
        Path(f"correction-{DEPLOYMENT}.yml").write_text("mine", encoding="utf-8")
        held = answer(*change()[:-1], f"correction-{DEPLOYMENT}.yml", "")
        assert "exists already, and was not changed" in held.shown
        assert held.files == [f"correction-{DEPLOYMENT}-2.yml", f"correction-{DEPLOYMENT}.yml"]
        assert Path(f"correction-{DEPLOYMENT}.yml").read_text(encoding="utf-8") == "mine"

    @pytest.mark.parametrize("name", ["no/such/folder.yml", ".", "x" * 300 + ".yml"])
    def test_a_name_that_cannot_be_written_is_asked_again(self, answer: Answer, name: str) -> None:
        held = answer(*change()[:-1], name, "mine.yml")
        assert held.files == ["mine.yml"]
        assert held.code == 0

    def test_its_name_can_be_given(self, answer: Answer) -> None:
        assert answer(*change(), out=Path("given.yml")).files == ["given.yml"]

    def test_keys_are_in_the_order_of_the_schema_and_dates_without_quotes(self, answer: Answer) -> None:
        held = answer(*change())
        text = (held.folder / held.files[0]).read_text(encoding="utf-8")
        keys = [line.partition(":")[0] for line in text.splitlines() if line[0] not in " -"]
        assert keys == ["action", "record", "values", "kind", "source", "locator", "reason"]
        assert "  published: 2025-07-01\n" in text

    def test_the_address_of_the_repository_is_that_of_the_descriptor(self, answer: Answer, mini: Mini) -> None:
        assert "attach it to an issue, or" in answer(*change()).shown
        descriptor = mini.root / "datapackage.json"
        text = descriptor.read_text(encoding="utf-8")
        descriptor.write_text(
            text.replace("{", '{\n  "homepage": "https://example.org/repository",', 1), encoding="utf-8"
        )
        assert "issue at https://example.org/repository" in answer(*change()).shown

    def test_what_stands_against_it_is_said_before_it_is_written(self, answer: Answer) -> None:
        """Wrong only together: a cell is emptied on the word of a source, while another source fills it."""
        held = answer(*(DEPLOYMENT, "change", "measure", "empty", "", "1", *WHOLE_SOURCE, "page 3", REASON, ""))
        assert held.code == 1
        assert held.shown.index("It cannot be applied") < held.shown.index("Write it to")


# Whatever can be typed: words of YAML, numbers, letters of any script.
_TYPED = st.one_of(
    st.sampled_from(["NO", "~", "null", "Null", "true", "2025-06", "0x1F", "1_000", "- a", "a: b", "a #b", "'", '"', "", "*a", "&a", "!x", "%", "{", "[", "|", ">", "<<", "=", "?", "1e3", "12:30:45", "@", "\ufeff"]),
    st.text(max_size=300),
    st.text(alphabet="ab :#-'\"\n\\", max_size=150),
).map(tidy)  # fmt: skip


@given(
    record=st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True).filter(lambda text: len(text) < 90),
    texts=st.lists(_TYPED, min_size=4, max_size=4),
    title=_TYPED,
)
def test_what_is_read_back_is_what_was_answered(record: str, texts: list[str], title: str) -> None:
    """Exactly, and as text; or it is refused for what it says, never for how it is written down."""
    old, new, locator, reason = texts
    content: dict[str, Any] = {
        "reason": reason,
        "source": {"id": record, "title": title},
        "locator": locator,
        "values": [{"field": "note", "old": old, "new": new}],
        "record": record,
        "action": "change",
    }
    read, found = document.parse(written(content).encode("utf-8"), "x.yml")
    if read:
        assert read.content == content
    else:
        assert {finding.rule for finding in found} <= {"correction.text", "correction.personal", "correction.form"}


@given(st.lists(_TYPED | st.sampled_from(["back", "<", "?", "quit", "1", "change"]), max_size=8))
def test_a_dialogue_gives_the_same_however_often_somebody_goes_back(answers: list[str]) -> None:
    """Going back and answering again is as if the first answer had not been given."""
    kept: list[str] = []
    for text in answers:
        if text in ("back", "<"):
            kept = kept[:-1]
        elif text not in ("", "?", "quit"):
            kept.append(text)
    lines = iter([text for text in answers if text != "quit"])

    def read(question: str) -> str:
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    talk, taken = Prompt(read, lambda line: None), []

    def dialogue() -> None:
        taken.clear()
        while True:
            taken.append(talk.ask("Next", str, explain="any"))

    with pytest.raises(Left):
        talk.run(dialogue)
    assert taken == kept


class TestProcess:
    """As a program of its own, through a pipe."""

    def run(self, mini: Mini, folder: Path, *arguments: str, stdin: bytes) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "corrections", "--root", str(mini.root), "new", *arguments]
        environment = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PATH": ""}
        return subprocess.run(command, input=stdin, capture_output=True, cwd=folder, env=environment, check=False)

    def test_answers_come_through_a_pipe(self, mini: Mini, tmp_path_factory: pytest.TempPathFactory) -> None:
        folder = tmp_path_factory.mktemp("process")
        stdin = "\n".join(change()).encode() + b"\n"
        ran = self.run(mini, folder, "frontex", "--out", "mine.yml", stdin=stdin)
        assert ran.returncode == 0, ran.stderr
        assert ran.stderr == b""
        assert b"Can be applied." in ran.stdout
        read, found = document.read(folder / "mine.yml")
        assert read
        assert not found

    @pytest.mark.parametrize("stdin", [b"", b"\xff\xfe\x00\x80\n", b"frontex\n?\nback\nback\n", b"\x00" * 5000])
    def test_no_input_and_no_text_end_without_a_traceback(
        self, mini: Mini, tmp_path_factory: pytest.TempPathFactory, stdin: bytes
    ) -> None:
        folder = tmp_path_factory.mktemp("process")
        ran = self.run(mini, folder, stdin=stdin)
        assert ran.returncode == 2
        assert ran.stderr.decode().strip() == "corrections: there are no more answers; nothing was written"
        assert not [*folder.iterdir()]
