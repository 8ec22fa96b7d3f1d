"""Proposals: one file each, which never collide, and are carried out all or none."""

from __future__ import annotations

import io
import os
import random
import shutil
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import yaml

from borderledger.dataset import Dataset
from borderledger.package import write_files
from corrections.__main__ import main
from corrections.document import LARGEST
from corrections.pending import MOST, PENDING, findings, laid, name_of, pending, propose_documents, with_proposals
from tests.conftest import ROOT, Mini, checked
from tests.corrections.conftest import CHANGE, NEW_SOURCE, document
from tests.release.conftest import git_in

#: Another correction than CHANGE: another record, and a source of its own.
OTHER = {
    "action": "change",
    "record": "dep-at-hu-rs-2024-10",
    "values": [{"field": "officers", "old": "20", "new": "25", "qualifier": "exact"}],
    "source": NEW_SOURCE | {"id": "example-other", "url": "https://other.example/1", "title": "Other notice"},
    "locator": "second paragraph",
    "reason": "The notice counts the officers of both states.",
}
#: A third value for the field of CHANGE.
SAME_FIELD = CHANGE | {
    "values": [{"field": "negotiation_started", "old": "2024-03-12", "new": "2024-03-14"}],
    "source": NEW_SOURCE | {"id": "example-third", "url": "https://third.example/1", "title": "Third notice"},
}


@pytest.fixture
def folder(mini: Mini) -> Path:
    made = mini.root / PENDING
    made.mkdir(parents=True)
    return made


def put(folder: Path, content: dict[str, Any], name: str = "") -> Path:
    """A proposal as a branch brings it: nobody has checked it."""
    file = folder / (name or name_of(document(content)))
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return file


def run(mini: Mini, *arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    with redirect_stdout(out):
        code = main(["--root", str(mini.root), *arguments])
    return code, out.getvalue()


def held(root: Path) -> dict[str, bytes]:
    """All files but the lock, by path."""
    files = (path for path in root.rglob("*") if path.is_file() and not path.name.startswith(".borderledger"))
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


class TestPropose:
    """A checked correction becomes one new file."""

    def test_nothing_else_changes(self, mini: Mini, tmp_path_factory: pytest.TempPathFactory) -> None:
        before = held(mini.root)
        file = tmp_path_factory.mktemp("mail") / "mine.yml"
        file.write_text(yaml.safe_dump(CHANGE), encoding="utf-8")
        code, said = run(mini, "propose", str(file))
        assert code == 0
        (new,) = held(mini.root).keys() - before.keys()
        assert said.endswith(f"proposed: {new}\n")
        assert new.startswith(f"{PENDING}/agr-status-ba-2025-negotiation-started-")
        assert {path: content for path, content in held(mini.root).items() if path != new} == before

    def test_the_same_twice_is_noticed(self, mini: Mini, folder: Path) -> None:
        first = propose_documents([document(CHANGE)], mini.root)
        again = propose_documents([document(dict(reversed(CHANGE.items())), "other.yml")], mini.root)
        assert (len(first.written), again.written, again.there) == (1, (), first.written)

    def test_two_that_differ_in_anything_have_other_names(self) -> None:
        other = CHANGE | {"reason": "Another person found the same in the gazette."}
        assert name_of(document(CHANGE)) != name_of(document(other))

    def test_one_that_does_not_fit_is_refused(self, mini: Mini, folder: Path) -> None:
        wrong = CHANGE | {"values": [{"field": "negotiation_started", "old": "2023", "new": "2024-03-13"}]}
        proposed = propose_documents([document(wrong)], mini.root)
        assert [finding.rule for finding in proposed.outcome.findings] == ["correction.moved-on"]
        assert list(folder.iterdir()) == []

    def test_one_that_another_proposal_stands_in_the_way_of_names_it(self, mini: Mini, folder: Path) -> None:
        (first,) = propose_documents([document(CHANGE)], mini.root).written
        (finding,) = propose_documents([document(SAME_FIELD)], mini.root).outcome.findings
        assert f"It was changed by {first}: 2024-03-12 -> 2024-03-13" in finding.message

    def test_a_proposal_that_does_not_fit_is_not_the_fault_of_the_next(self, mini: Mini, folder: Path) -> None:
        put(folder, CHANGE | {"record": "agr-nowhere"})
        assert propose_documents([document(OTHER)], mini.root).outcome.ok

    @pytest.mark.parametrize("before", [True, False])
    def test_one_that_rests_on_another_is_taken_if_it_is_carried_out_after_it(
        self, mini: Mini, folder: Path, before: bool
    ) -> None:
        first = CHANGE["values"][0]
        put(folder, CHANGE)
        resting = SAME_FIELD | {"values": [first | {"old": first["new"], "new": "2024-03-15"}]}
        reasons = (f"The third notice gives another day, in its line {number}." for number in range(100))
        document_of = (document(resting | {"reason": reason}) for reason in reasons)
        mine = next(one for one in document_of if (name_of(one) < name_of(document(CHANGE))) is before)
        proposed = propose_documents([mine], mini.root)
        assert proposed.outcome.ok is not before
        assert len(list(folder.iterdir())) == (1 if before else 2)
        assert findings(mini.root) == []
        if before:
            (found,) = proposed.outcome.findings
            assert (found.rule, found.field) == ("correction.order", "record")
            assert found.fix == f"Propose it when {PENDING}/{name_of(document(CHANGE))} is applied."

    def test_what_waits_is_not_shown_as_a_change_of_the_new_one(self, mini: Mini, folder: Path) -> None:
        put(folder, CHANGE)
        outcome = propose_documents([document(OTHER)], mini.root).outcome
        assert outcome.changes is not None
        changed = {one.key[0] for one in outcome.changes.changes.changed if one.table in ("agreements", "deployments")}
        assert changed == {OTHER["record"]}


class TestValidate:
    """`python -m validate` lays the proposals over the tables."""

    def test_good_ones_are_no_finding_and_change_nothing(self, mini: Mini, folder: Path) -> None:
        put(folder, CHANGE)
        put(folder, OTHER)
        before = held(mini.root)
        assert findings(mini.root) == []
        assert held(mini.root) == before

    def test_of_two_about_one_field_the_first_stays_and_the_finding_names_both(self, mini: Mini, folder: Path) -> None:
        first, second = sorted((put(folder, CHANGE), put(folder, SAME_FIELD)))
        (finding,) = findings(mini.root)
        assert finding.file == f"{PENDING}/{second.name}"
        assert f"{PENDING}/{first.name}" in finding.message
        assert second.read_text("utf-8").split("\n")[finding.line - 1].strip().startswith(("old:", "- field:"))

    def test_what_breaks_a_rule_of_the_tables_is_found_among_those_that_do_not(self, mini: Mini, folder: Path) -> None:
        put(folder, OTHER)
        early = [{"field": "negotiation_started", "old": "2024-03-12", "new": "2031-01-01"}]
        bad = put(folder, CHANGE | {"values": early})
        found = findings(mini.root)
        assert {finding.file for finding in found} == {f"{PENDING}/{bad.name}"}
        assert "dates.order" in {finding.rule for finding in found}
        assert all(finding.line for finding in found)

    def test_the_loader_does_not_show_what_is_pending(self, mini: Mini, folder: Path) -> None:
        put(folder, CHANGE)
        row = Dataset(mini.root).record("agr-status-ba-2025")[1]
        assert row["negotiation_started"] == "2024-03-12"

    def test_a_review_sees_the_tables_as_they_would_be(self, mini: Mini, folder: Path) -> None:
        put(folder, CHANGE)
        with with_proposals(Dataset(mini.root)) as (dataset, found):
            assert dataset.record("agr-status-ba-2025")[1]["negotiation_started"] == "2024-03-13"
            assert found == []


class TestApply:
    """All or none, in the order of the names, and the files go."""

    def test_all_are_carried_out_and_their_files_go(self, mini: Mini, folder: Path) -> None:
        put(folder, CHANGE)
        put(folder, OTHER)
        code, said = run(mini, "apply")
        assert code == 0
        assert said.count("deleted: corrections/pending/") == 2
        assert list(folder.iterdir()) == []
        assert not checked(mini.root).findings
        logged = (mini.root / "data/corrections.csv").read_text(encoding="utf-8")
        assert "agr-status-ba-2025,negotiation_started" in logged
        assert "dep-at-hu-rs-2024-10,officers" in logged

    def test_the_result_is_that_of_the_files(
        self, mini: Mini, folder: Path, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        other = tmp_path_factory.mktemp("other") / "copy"
        shutil.copytree(mini.root, other)
        files = sorted(str(put(other / PENDING, content)) for content in (OTHER, CHANGE))
        for content in (CHANGE, OTHER):
            put(folder, content)
        assert run(mini, "apply")[0] == 0
        assert main(["--root", str(other), "apply", *files]) == 0
        shutil.rmtree(other / PENDING)
        assert held(mini.root) == held(other)

    def test_one_that_fails_keeps_all_waiting(self, mini: Mini, folder: Path) -> None:
        put(folder, OTHER)
        bad = put(folder, CHANGE | {"record": "agr-nowhere"})
        before = held(mini.root)
        code, said = run(mini, "apply")
        assert code == 1
        assert said.startswith(f"{PENDING}/{bad.name}:")
        assert said.endswith("Nothing was changed.\n")
        assert held(mini.root) == before

    def test_it_can_be_left(self, mini: Mini, folder: Path) -> None:
        put(folder, OTHER)
        bad = put(folder, CHANGE | {"record": "agr-nowhere"})
        code, said = run(mini, "apply", "--leave-failing")
        assert code == 0
        assert [file.name for file in folder.iterdir()] == [bad.name]
        assert "Left, because they cannot be carried out:" in said
        assert bad.name in said

    def test_without_proposals_nothing_happens(self, mini: Mini) -> None:
        assert run(mini, "apply") == (0, f"{PENDING} holds no proposal. Nothing was changed.\n")

    def test_a_proposal_that_changes_in_the_meantime_is_not_deleted(
        self, mini: Mini, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import corrections.pending as module

        file, real = put(folder, CHANGE), module.written

        def late(*arguments: Any) -> Any:
            file.write_text("mine", encoding="utf-8")
            return real(*arguments)

        monkeypatch.setattr(module, "written", late)
        code, said = run(mini, "apply")
        assert code == 1
        assert "was changed by somebody else in the meantime" in said
        assert file.read_text(encoding="utf-8") == "mine"

    def test_killed_between_the_tables_and_the_files_the_next_command_completes_it(
        self, mini: Mini, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = put(folder, CHANGE)
        monkeypatch.setattr("borderledger.package.writer.finish_writing", lambda root: None)  # as if killed there
        run(mini, "apply")
        monkeypatch.undo()
        assert file.exists()
        assert run(mini, "apply") == (0, f"{PENDING} holds no proposal. Nothing was changed.\n")
        assert not checked(mini.root).findings
        assert Dataset(mini.root).record("agr-status-ba-2025")[1]["negotiation_started"] == "2024-03-13"


class TestHostileFolder:
    """What strangers put into the folder is a finding, and harms nobody."""

    @pytest.mark.parametrize(
        "name",
        [
            "x.yaml",
            "X.yml",
            "a b.yml",
            "-rf.yml",
            "a.yml.exe",
            "…​.yml",
            "$(id).yml",
            "a;b.yml",
            "\x1b[31m.yml",
            "a\nb.yml",
        ],
    )
    def test_a_name_that_is_not_that_of_a_proposal(self, mini: Mini, folder: Path, name: str) -> None:
        put(folder, CHANGE, name)
        (finding,) = findings(mini.root)
        assert (finding.rule, finding.message) == ("correction.file", "does not have the name of a proposal")
        code, said = run(mini, "apply", "--leave-failing")
        assert code == 1
        assert all(c.isprintable() or c == "\n" for c in said)

    @pytest.mark.parametrize("target", ["/etc/passwd", "../../data/claims.csv", "nowhere", "/dev/zero"])
    def test_a_link_is_not_followed(self, mini: Mini, folder: Path, target: str) -> None:
        (folder / "a.yml").symlink_to(target)
        assert [f.message for f in findings(mini.root)] == ["is a link, a folder or a device, not a file"]

    def test_the_folder_is_no_link(self, mini: Mini, tmp_path: Path) -> None:
        (mini.root / "corrections").mkdir()
        (mini.root / PENDING).symlink_to(tmp_path)
        assert [f.message for f in findings(mini.root)] == ["is a link"]

    @pytest.mark.parametrize("make", [lambda file: file.mkdir(), os.mkfifo], ids=["folder", "pipe"])
    def test_what_is_no_file_keeps_nobody_waiting(self, mini: Mini, folder: Path, make: Callable[[Path], None]) -> None:
        make(folder / "a.yml")
        assert [f.rule for f in findings(mini.root)] == ["correction.file"]

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\0",
            b"\xff\xfe",
            b"- " * 30_000,
            b"a: &a [*a]",
            b"x" * (LARGEST + 1),
            b"action: change\n<<<<<<< HEAD\n",
        ],
        ids=["empty", "NUL", "UTF-16", "deep", "anchor", "large", "unresolved merge"],
    )
    def test_what_is_no_correction(self, mini: Mini, folder: Path, content: bytes) -> None:
        (folder / "a.yml").write_bytes(content)
        put(folder, OTHER)
        found = findings(mini.root)
        assert {finding.file for finding in found} == {f"{PENDING}/a.yml"}

    def test_ten_thousand_files_are_one_finding(self, mini: Mini, folder: Path) -> None:
        for number in range(10_000):
            (folder / f"a{number}.yml").touch()
        (finding,) = findings(mini.root)
        assert finding.message == f"holds 10,000 files; at most {MOST:,} are read"

    def test_files_that_come_and_go_while_they_are_read(
        self, mini: Mini, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gone, real = put(folder, CHANGE), Path.iterdir

        def listed(self: Path) -> Any:
            names = [*real(self)]
            gone.unlink(missing_ok=True)
            return iter(names)

        monkeypatch.setattr(Path, "iterdir", listed)
        assert pending(mini.root) == ([], [])


class TestNeverCollide:
    """The promise: any number of branches merge in any order, and the result is the same bytes."""

    def test_twenty_corrections_of_random_records(self, tmp_path: Path) -> None:
        """Each is on a branch of its own; the branches are merged in two orders."""
        root = tmp_path / "repository"
        for part in ("data", "schemas"):
            shutil.copytree(ROOT / part, root / part)
        for part in ("datapackage.json", "CHANGELOG.md"):
            shutil.copy(ROOT / part, root)
        contents = twenty(Dataset(root), random.Random(2026))
        git = git_in(root)
        git("init", "--initial-branch", "main")
        git("add", ".")
        git("commit", "--quiet", "-m", "main")
        for number, content in enumerate(contents):
            git("switch", "--quiet", "--create", f"branch-{number}", "main")
            file = put_new(root, content)
            git("add", str(file))
            git("commit", "--quiet", "-m", f"proposal {number}")
        results = set()
        for seed in (1, 2):
            order = random.Random(seed).sample(range(len(contents)), len(contents))
            git("switch", "--quiet", "--force-create", f"merged-{seed}", "main")
            for number in order:
                git("merge", "--quiet", "--no-edit", f"branch-{number}")
            assert git("status", "--porcelain") == ""
            assert main(["--root", str(root), "apply"]) == 0
            results.add(tuple(sorted(held_in(root).items())))
            git("checkout", "--quiet", "--force", ".")
            git("clean", "--quiet", "--force", "-d")
        assert len(results) == 1

    def test_two_about_one_field_merge_too_and_validation_names_both(self, mini: Mini, folder: Path) -> None:
        (folder / "README.md").touch()
        git = git_in(mini.root)
        git("init", "--initial-branch", "main")
        git("add", ".")
        git("commit", "--quiet", "-m", "main")
        for name, content in (("one", CHANGE), ("two", SAME_FIELD)):
            git("switch", "--quiet", "--create", name, "main")
            put(folder, content)
            git("add", ".")
            git("commit", "--quiet", "-m", name)
        git("merge", "--quiet", "--no-edit", "one")
        first, second = sorted(file.name for file in folder.glob("*.yml"))
        (finding,) = findings(mini.root)
        assert finding.file.endswith(second)
        assert first in finding.message


def held_in(root: Path) -> dict[str, bytes]:
    return {path: content for path, content in held(root).items() if not path.startswith(".git/")}


def put_new(root: Path, content: dict[str, Any]) -> Path:
    folder = root / PENDING
    folder.mkdir(parents=True, exist_ok=True)
    return put(folder, content)


def twenty(dataset: Dataset, chance: random.Random) -> list[dict[str, Any]]:
    """Corrections of twenty random records: a further source for a bound value, or a note in other words."""
    rows = [
        (table, row) for name in dataset.names if (table := dataset.schema(name)).bound for row in dataset.rows(name)
    ]
    bulk = {total["source_id"] for total in dataset.rows("control_totals") if total["table"] != "claims"}
    made: list[dict[str, Any]] = []
    for number, (table, row) in enumerate(chance.sample(rows, len(rows))):
        stated = [field for field in table.bound if row[field] and not field.endswith(("_qualifier", "_max"))]
        plain = [field for field in stated if f"{field}_qualifier" not in table.by_name]
        if row["source_id"] in bulk or not (plain and row["note"]):
            continue
        content: dict[str, Any] = {"record": row["id"], "reason": "Two readers compared the record with the document."}
        if number % 2:
            field = chance.choice(plain)
            content |= {"action": "claim", "values": [{"field": field, "old": row[field], "new": row[field]}]}
            address = {"id": f"reader-{number}", "url": f"https://example.org/{number}", "title": f"Notice {number}"}
            content |= {"source": NEW_SOURCE | address, "locator": "first page"}
        else:
            said = row["note"].rstrip(".") + ", as the source says."
            content |= {"action": "change", "values": [{"field": "note", "old": row["note"], "new": said}]}
        made.append(content)
        if len(made) == 20:
            break
    return made


def test_an_interrupted_writer_leaves_no_files_behind(mini: Mini, folder: Path) -> None:
    """What a killed process had staged before its journal is cleared by the next writer, and by no reader."""
    stray = mini.root / "data/.claims.csv.0123abcd.new"
    stray.write_text("half", encoding="utf-8")
    checked(mini.root)
    assert stray.exists()
    put(folder, OTHER)
    run(mini, "apply")
    assert not stray.exists()
    write_files(mini.root, [])
    assert laid([], mini.root).outcome.ok
