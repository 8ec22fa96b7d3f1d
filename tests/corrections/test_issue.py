"""A report becomes a correction that can be applied, or an answer in the words of the form; it is never believed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from corrections.__main__ import main
from corrections.document import parse, written
from corrections.forms import forms
from corrections.report import LARGEST, NoReport, read
from tests.conftest import Mini, checked
from tests.corrections.conftest import CHANGE
from tests.corrections.reports import VALID, filled, payload


@dataclass
class Came:
    """What came of a report: the exit code and the files."""

    code: int
    files: dict[str, str]

    @property
    def answer(self) -> str:
        return self.files["answer.md"]

    @property
    def result(self) -> Any:
        return json.loads(self.files["result.json"])


def came(mini: Mini, tmp_path: Path, body: Any, **issue: Any) -> Came:
    out = tmp_path / "out"
    file = payload(tmp_path, body, **issue)
    code = main(["--root", str(mini.root), "from-issue", str(file), "--out", str(out)])
    files = {path.name: path.read_text(encoding="utf-8") for path in out.iterdir()} if out.exists() else {}
    return Came(code, files)


def valid(mini: Mini, form: str, /, **other: str) -> str:
    answers = VALID[form] | other
    if form == "dead-link":
        answers = {"old": mini.row("sources", id=answers["record"])["url"]} | {k: v for k, v in answers.items() if v}
    return filled(form, **answers)


class TestValid:
    @pytest.mark.parametrize("form", VALID)
    def test_each_form_becomes_a_correction_that_can_be_applied(self, mini: Mini, tmp_path: Path, form: str) -> None:
        found = came(mini, tmp_path, valid(mini, form))
        assert found.code == 0, found.answer
        assert set(found.files) == {"correction.yml", "answer.md", "result.json"}
        document, wrong = parse(found.files["correction.yml"].encode(), "x.yml")
        assert not wrong
        assert document is not None
        assert document["issue"] == "12"
        assert found.result["valid"]
        assert found.result["branch"] == "correction/issue-12"
        assert found.result["title"].endswith("(issue 12)")

    @pytest.mark.parametrize("form", VALID)
    def test_the_proposal_makes_of_the_data_what_the_report_says(self, mini: Mini, tmp_path: Path, form: str) -> None:
        found = came(mini, tmp_path, valid(mini, form))
        folder = mini.root / "corrections/pending"
        folder.mkdir(parents=True)
        (folder / found.result["proposal"]).write_text(found.files["correction.yml"], encoding="utf-8")
        assert main(["--root", str(mini.root), "apply"]) == 0
        assert not checked(mini.root).findings
        assert (
            VALID[form]["record"] in (mini.root / "data/corrections.csv").read_text()
            if "record" in VALID[form]
            else True
        )
        assert found.code == 0

    def test_nothing_is_written_to_the_dataset(self, mini: Mini, tmp_path: Path) -> None:
        before = {path: path.read_bytes() for path in mini.root.glob("data/*")}
        came(mini, tmp_path, valid(mini, "new-source"))
        assert {path: path.read_bytes() for path in mini.root.glob("data/*")} == before

    def test_the_answer_shows_old_and_new_value(self, mini: Mini, tmp_path: Path) -> None:
        answer = came(mini, tmp_path, valid(mini, "wrong-value")).answer
        assert answer.startswith("Thank you")
        assert "`officers`: `500` → `480`" in answer

    def test_a_new_source_gets_an_id_that_is_free_and_the_day_of_the_report(self, mini: Mini, tmp_path: Path) -> None:
        mini.row("sources", id="founding-article")["publisher"] = "Ministry of the Interior"
        mini.add(
            "sources", **mini.row("sources", id="founding-article") | {"id": "ministry-of-the-interior-2025-07-01"}
        )
        mini.claim(
            "dep-frontex-wb6-2025-06",
            "officers",
            "500",
            qualifier="about",
            source_id="ministry-of-the-interior-2025-07-01",
        )
        mini.save()
        found = came(mini, tmp_path, valid(mini, "new-source", source_publisher="ministry of the INTERIOR"))
        text = found.files["correction.yml"]
        assert "id: ministry-of-the-interior-2025-07-01-2\n" in text
        assert "publisher: Ministry of the Interior\n" in text
        assert "accessed: 2026-11-24\n" in text

    def test_a_new_record_gets_an_id_and_figures_their_qualifiers(self, mini: Mini, tmp_path: Path) -> None:
        text = came(mini, tmp_path, valid(mini, "missing-record")).files["correction.yml"]
        assert "record: dep-frontex-officers-in-the-region-july-2025\n" in text
        assert "- field: officers\n    new: 480\n    qualifier: about\n    locator: p. 3\n" in text

    @pytest.mark.parametrize(
        ("said", "entry"),
        [
            ("500", "new: 500\n    qualifier: exact"),
            ("at least 500", "new: 500\n    qualifier: at_least"),
            ("At most 500", "new: 500\n    qualifier: at_most"),
            ("300-400", "new: 300\n    qualifier: range\n    max: 400"),
            ("300 – 400", "new: 300\n    qualifier: range\n    max: 400"),
        ],
    )
    def test_figures_are_written_as_people_write_them(self, mini: Mini, tmp_path: Path, said: str, entry: str) -> None:
        values = VALID["missing-record"]["values"].replace("about 480", said)
        assert entry in came(mini, tmp_path, valid(mini, "missing-record", values=values)).files["correction.yml"]

    def test_without_a_folder_the_correction_is_printed(
        self, mini: Mini, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = payload(tmp_path, valid(mini, "new-source"))
        assert main(["--root", str(mini.root), "from-issue", str(file)]) == 0
        assert capsys.readouterr().out.startswith("action: claim\n")

    def test_a_report_by_mail_has_no_number(self, mini: Mini, tmp_path: Path) -> None:
        file = tmp_path / "mail.txt"
        file.write_text(valid(mini, "new-source"), encoding="utf-8")
        assert main(["--root", str(mini.root), "from-issue", str(file), "--out", str(tmp_path / "out")]) == 0
        assert json.loads((tmp_path / "out/result.json").read_text())["branch"] == ""


class TestSeveral:
    """One report about several fields of a record, about a new body, or with an address in place of a source."""

    def test_other_fields_of_the_record_stand_one_to_a_line(self, mini: Mini, tmp_path: Path) -> None:
        values = "Operation: (empty) -> Joint operation\nequipment: (empty) → patrol cars @ p. 4"
        found = came(mini, tmp_path, valid(mini, "wrong-value", values=values))
        assert found.code == 0, found.answer
        assert "- field: operation\n    old: ''\n    new: Joint operation\n" in found.files["correction.yml"]
        assert "new: patrol cars\n    locator: p. 4\n" in found.files["correction.yml"]

    def test_one_document_supports_several_fields(self, mini: Mini, tmp_path: Path) -> None:
        found = came(mini, tmp_path, valid(mini, "new-source", values="date: 2025-06~\nagency: Frontex"))
        assert found.code == 0, found.answer
        assert "- field: agency\n    old: frontex\n    new: frontex\n" in found.files["correction.yml"]

    def test_a_line_with_one_value_says_what_is_missing(self, mini: Mini, tmp_path: Path) -> None:
        answer = came(mini, tmp_path, valid(mini, "wrong-value", values="operation: Joint operation")).answer
        assert (
            "**Other fields of the same record** (you wrote `operation: Joint operation`): says only one value"
            in answer
        )

    def test_a_new_body_is_named_by_its_name(self, mini: Mini, tmp_path: Path) -> None:
        values = VALID["missing-record"]["values"].replace("frontex\n", "Peace Institute\n")
        body = "European Institute of Peace (EIP); ngo; Belgium\nPeace Institute; ngo; SI"
        found = came(mini, tmp_path, valid(mini, "missing-record", values=values, organisations=body))
        assert "no value names eip" in found.answer
        found = came(mini, tmp_path, valid(mini, "missing-record", values=values, organisations=body.split("\n")[1]))
        assert found.code == 0, found.answer
        assert (
            "- id: peace-institute\n    name: Peace Institute\n    kind: ngo\n    place: SI\n"
            in found.files["correction.yml"]
        )

    def test_a_body_that_is_known_is_used(self, mini: Mini, tmp_path: Path) -> None:
        found = came(mini, tmp_path, valid(mini, "missing-record", organisations="Frontex; eu_body"))
        assert found.code == 0, found.answer
        assert "organisations" not in found.files["correction.yml"]

    def test_a_body_without_a_kind_is_asked_for_it(self, mini: Mini, tmp_path: Path) -> None:
        answer = came(mini, tmp_path, valid(mini, "wrong-value", organisations="Peace Institute")).answer
        assert (
            "**Bodies that are not in the dataset yet** (you wrote `Peace Institute`): is not a line with a name"
            in answer
        )
        assert "Kinds: government, eu\\_body" in answer

    def test_an_address_tells_what_the_form_leaves_out(self, mini: Mini, tmp_path: Path) -> None:
        empty = dict.fromkeys(("source_published", "source_url", "source_language"), "")
        address = "https://example.org/en/2025/07/02/officers-in-brief"
        found = came(mini, tmp_path, valid(mini, "wrong-value", **empty, source=address))
        assert found.code == 0, found.answer
        assert f"url: {address}\n" in found.files["correction.yml"]
        assert "published: 2025-07-02\n" in found.files["correction.yml"]
        assert "The address of the document told what you left out" in found.answer

    def test_the_address_of_a_known_source_is_that_source(self, mini: Mini, tmp_path: Path) -> None:
        source = mini.row("sources", id="eunews-2025-07-24-albania")
        empty = {key: "" for key in VALID["wrong-value"] if key.startswith("source_")}
        found = came(mini, tmp_path, valid(mini, "wrong-value", **empty, source=source["url"]))
        assert found.code == 0, found.answer
        assert f"source: {source['id']}\n" in found.files["correction.yml"]


class TestInvalid:
    @pytest.mark.parametrize(
        ("form", "other", "label", "said"),
        [
            ("wrong-value", {"record": "dep-x"}, "Which record", "there is no record or source 'dep-x'"),
            ("wrong-value", {"field": "oficers"}, "Which field", "is not a field of deployments"),
            ("wrong-value", {"old": "400"}, "What the dataset says now", "holds 500, not 400"),
            ("wrong-value", {"new": "five"}, "What it should say", "five"),
            ("wrong-value", {"qualifier": ""}, "How exactly the document says it", "is missing"),
            ("wrong-value", {"action": "delete"}, "What should happen", "is none of the options"),
            ("wrong-value", {"locator": ""}, "Where in the document", "is missing"),
            ("wrong-value", {"source_url": "example.org"}, "Web address of the document", "example.org"),
            ("wrong-value", {"source_title": ""}, "Title of the document", "needs title"),
            ("wrong-value", {"source": "founding-article"}, "Which document", "described as well"),
            ("wrong-value", {"reason": "no"}, "Reason", "write at least 10"),
            ("new-source", {"old": ""}, "What the dataset says", "is not answered"),
            ("new-source", {"new": "400", "qualifier": "exact"}, "What this document says", " contradicts "),
            ("missing-record", {"values": "title Frontex"}, "What the document says", "is not a line with a field"),
            ("missing-record", {"values": "titel: Frontex"}, "What the document says", "is not a field of deployments"),
            ("missing-record", {"table": ""}, "Which table it belongs to", "is not answered"),
            ("dead-link", {"old": "https://example.org/other"}, "Address that is dead", "not https"),
            ("dead-link", {"url": "", "archive_url": ""}, "Where the document is now", "values"),
        ],
    )
    def test_what_is_wrong_is_said_by_the_question(
        self, mini: Mini, tmp_path: Path, form: str, other: dict[str, str], label: str, said: str
    ) -> None:
        found = came(mini, tmp_path, valid(mini, form, **other))
        assert found.code == 1
        line = next(block for block in found.answer.split("\n- ") if block.startswith(f"**{label}**"))
        assert said in line.replace("\\", "").replace("&#8203;", "")
        assert "*What to do:* " in line
        assert found.result == {"valid": False, "branch": "", "title": "", "proposal": ""}

    def test_what_they_wrote_is_shown_and_how_to_mend_it(self, mini: Mini, tmp_path: Path) -> None:
        answer = came(mini, tmp_path, valid(mini, "wrong-value", field="oficers")).answer
        assert "**Which field** (you wrote `oficers`): " in answer
        assert "edit the report" in answer

    def test_a_rule_of_the_dataset_is_said_without_a_question(self, mini: Mini, tmp_path: Path) -> None:
        values = VALID["missing-record"]["values"].replace("measure: present", "").strip()
        assert (
            "The dataset with your report in it"
            in came(mini, tmp_path, valid(mini, "missing-record", values=values)).answer
        )

    def test_a_broken_dataset_is_not_the_fault_of_the_report(self, mini: Mini, tmp_path: Path) -> None:
        (mini.root / "data/claims.csv").unlink()
        found = came(mini, tmp_path, filled("new-source", **VALID["new-source"]))
        assert found.code == 1
        assert "The dataset itself has errors" in found.answer


class TestPrivacy:
    SECRET = "note, about Mr Smith of 5 High Street"

    def test_nothing_is_repeated_and_nothing_is_kept(self, mini: Mini, tmp_path: Path) -> None:
        found = came(mini, tmp_path, filled("privacy", record="act-smith", field=self.SECRET))
        assert found.code == 1
        assert set(found.files) == {"answer.md", "result.json"}
        assert "An editor looks" in found.answer
        assert "delete" in found.answer
        assert "smith" not in "".join(found.files.values()).lower()

    @pytest.mark.parametrize("key", ["reason", "record", "new", "source_publisher", "qualifier"])
    def test_a_person_in_another_form_is_not_repeated_either(self, mini: Mini, tmp_path: Path, key: str) -> None:
        found = came(mini, tmp_path, valid(mini, "wrong-value", **{key: "Mr Smith told it", "field": "oficers"}))
        assert found.code == 1
        assert set(found.files) == {"answer.md", "result.json"}
        assert "smith" not in "".join(found.files.values()).lower()
        assert "seems to name or identify a person" in found.answer

    def test_who_reports_is_never_copied(self, mini: Mini, tmp_path: Path) -> None:
        found = came(mini, tmp_path, valid(mini, "wrong-value"), title="[value] by Mr Smith")
        assert "someone" not in "".join(found.files.values())
        assert "Smith" not in "".join(found.files.values())


class TestHostile:
    @pytest.mark.parametrize(
        ("text", "why"),
        [
            (b"{", "JSON"),
            (b"[" * 100_000, "JSON"),
            (b"[1]", "holds no issue"),
            (b'"text"', "holds no issue"),
            (b'{"issue": null}', "holds no issue"),
            (b'{"issue": {"body": 1}}', "whose body is not text"),
            (b'{"issue": {"body": "", "number": "1; rm -rf"}}', "whose number is not a number"),
            (b'{"issue": {"body": "", "number": true}}', "whose number is not a number"),
            (b'{"issue": {"body": "", "number": -1}}', "whose number is not a number"),
            (b'{"issue": {"number": 1' + b"0" * 9000 + b"}}", "JSON"),
            (b"\xff\xff", "UTF-8"),
            (b"{}" + b" " * LARGEST, "larger"),
        ],
    )
    def test_what_is_no_issue_is_said_in_words(self, tmp_path: Path, text: bytes, why: str) -> None:
        file = tmp_path / "event.json"
        file.write_bytes(text)
        with pytest.raises(NoReport, match=why):
            read(file)

    @pytest.mark.parametrize("body", [None, "", " \n"])
    def test_an_empty_issue_gets_no_answer(self, mini: Mini, tmp_path: Path, body: str | None) -> None:
        assert came(mini, tmp_path, body) == Came(2, {})

    @pytest.mark.parametrize("body", ["The figure is wrong.", "### Which record\n\nx"])
    def test_an_issue_without_a_form_makes_no_correction(self, mini: Mini, tmp_path: Path, body: str) -> None:
        found = came(mini, tmp_path, body)
        assert (found.code, {*found.files}) == (1, {"answer.md", "result.json"})

    def test_a_file_that_is_not_there(self, mini: Mini, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--root", str(mini.root), "from-issue", "no/such\u202efile"]) == 2
        assert "\u202e" not in capsys.readouterr().err

    def test_an_answer_mentions_nobody_links_nothing_and_holds_no_markup(self, mini: Mini, tmp_path: Path) -> None:
        nasty = "@everyone #1 <img src=x onerror=y> [a](https://evil.example) ![b](c) ``` ### Reason \x1b[31m\0"
        answer = came(mini, tmp_path, valid(mini, "wrong-value", record=nasty, field=nasty)).answer
        outside = "".join(answer.replace("````", "\1").split("\1")[::2])
        assert "@everyone" not in outside
        assert "<img" not in outside
        assert not re.search(r"(?<!\\)\]\(", outside)
        assert "\x1b" not in answer
        assert "\0" not in answer

    @pytest.mark.parametrize("record", ["../../etc/passwd", "a/b", "--help", "x; touch y", "$(id)"])
    def test_no_path_and_no_word_of_a_shell_gets_anywhere(self, mini: Mini, tmp_path: Path, record: str) -> None:
        found = came(mini, tmp_path, valid(mini, "wrong-value", record=record))
        assert found.code == 1
        assert found.result == {"valid": False, "branch": "", "title": "", "proposal": ""}

    def test_a_heading_twice_is_refused(self, mini: Mini, tmp_path: Path) -> None:
        found = came(mini, tmp_path, valid(mini, "wrong-value", reason="Because.\n\n### Reason\n\nOf another one."))
        assert found.code == 1
        assert "“Reason” is there twice" in found.answer

    def test_files_of_a_run_before_are_gone(self, mini: Mini, tmp_path: Path) -> None:
        came(mini, tmp_path, valid(mini, "wrong-value"))
        assert set(came(mini, tmp_path, filled("privacy")).files) == {"answer.md", "result.json"}

    def test_the_longest_answers_end_in_an_answer(self, mini: Mini, tmp_path: Path) -> None:
        long = {question.id: "x" * 3000 for question in forms()["wrong-value"].questions if not question.options}
        found = came(mini, tmp_path, filled("wrong-value", action="change", **long))
        assert found.code == 1
        assert len(found.answer) < 60_000


class TestPasted:
    """Somebody who has made the file in another way pastes its lines into an issue."""

    @staticmethod
    def lines(**more: str) -> str:
        content = {key: text for key, text in CHANGE.items() if key != "issue"} | more
        return written(content)

    @pytest.mark.parametrize(
        "around",
        [
            "{}",
            "Please take this over:\n\n```yaml\n{}```\n\nThank you!",
            "```\nnot this one\n```\n\n~~~~yml\n{}~~~~",
            "```\n{}",
        ],
    )
    def test_it_is_answered_as_a_report_by_the_form_is(self, mini: Mini, tmp_path: Path, around: str) -> None:
        found = came(mini, tmp_path, around.format(self.lines()))
        assert found.code == 0, found.answer
        assert "`negotiation_started`: `2024-03-12` → `2024-03-13`" in found.answer
        assert "issue: 12\n" in found.files["correction.yml"]

    def test_json_does_as_well(self, mini: Mini, tmp_path: Path) -> None:
        assert came(mini, tmp_path, f"```json\n{json.dumps(CHANGE, indent=2)}\n```").code == 0

    def test_what_is_wrong_is_said_by_line_and_key(self, mini: Mini, tmp_path: Path) -> None:
        found = came(mini, tmp_path, self.lines(record="agr-status-ba-2026"))
        assert found.code == 1
        assert "line 2 of the correction, `record`: there is no record or source 'agr-status-ba-2026'" in found.answer

    def test_a_person_is_not_repeated(self, mini: Mini, tmp_path: Path) -> None:
        found = came(mini, tmp_path, self.lines(reason="As Mr Somebody told us over lunch."))
        assert found.code == 1
        assert "Somebody" not in "".join(found.files.values())

    def test_one_on_privacy_is_answered_as_the_form_on_it_is(self, mini: Mini, tmp_path: Path) -> None:
        text = written(
            {"action": "privacy", "record": "fac-al-gjader", "field": "note", "reason": "It names Somebody."}
        )
        found = came(mini, tmp_path, text)
        assert found.answer.startswith("Thank you. An editor looks at the place")
        assert set(found.files) == {"answer.md", "result.json"}
        assert "Somebody" not in "".join(found.files.values())

    def test_many_fences_do_not_take_long(self, mini: Mini, tmp_path: Path) -> None:
        assert came(mini, tmp_path, "```\n" * 60_000).code == 2
