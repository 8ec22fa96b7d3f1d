"""The steps of the workflows, run here: what a report or a pull request leads to, with a `gh` that only takes notes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from corrections.pending import findings
from tests.conftest import ROOT, sample
from tests.corrections.reports import VALID, filled, payload
from tests.release.conftest import Git, git_in
from validate import check
from validate.git import git_environment

pytestmark = pytest.mark.skipif(not (shutil.which("git") and shutil.which("jq")), reason="the steps need git and jq")

_GH = """#!/bin/sh
printf '%s ' "$@" >> "$NOTES/said"; echo >> "$NOTES/said"
while test $# -gt 0; do test "$1" = --body-file && cp "$2" "$NOTES/$(basename "$2")"; shift; done
cat "$NOTES/reply" 2> /dev/null || true
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Where the `gh` of these tests writes down what it was told."""
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "gh").write_text(_GH, encoding="utf-8")
    (folder / "gh").chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository as it is now, with a sample of its data, as its one commit. No test changes it."""
    there = tmp_path_factory.mktemp("repository") / "r"
    skipped = shutil.ignore_patterns(".git", ".venv*", ".*_cache", "__pycache__", "dist", ".hypothesis")
    shutil.copytree(ROOT, there, ignore=skipped)
    shutil.copytree(str(sample().root), there, dirs_exist_ok=True)
    for proposal in (there / "corrections" / "pending").glob("*.yml"):
        proposal.unlink()  # of a record that the sample may lack
    git = git_in(there)
    git("init")
    git("add", ".")
    git("commit", "-m", "main")
    return there


@pytest.fixture
def checkout(repository: Path, tmp_path: Path) -> Path:
    """The repository as a workflow checks it out, with this environment as its own."""
    there = tmp_path / "o/r"
    git_in(tmp_path)("clone", "--quiet", str(repository), str(there))
    git = git_in(there)
    git("remote", "remove", "origin")
    git("config", "receive.denyCurrentBranch", "ignore")
    (there / ".venv").symlink_to(ROOT / ".venv")
    (there / ".git/info/exclude").write_text(".venv\n", encoding="utf-8")
    return there


@pytest.fixture
def run(tmp_path: Path, notes: Path) -> Run:
    """Run the steps of a job that have a script, those whose names hold some words."""

    def steps(workflow: str, job: str, cwd: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        content: Any = yaml.safe_load((ROOT / f".github/workflows/{workflow}.yml").read_text(encoding="utf-8"))
        scripts = [
            step["run"]
            for step in content["jobs"][job]["steps"]
            if any(word in step.get("name", "") for word in words) and "run" in step
        ]
        assert len(scripts) == len(words)
        alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PYTHONPATH": str(cwd / "src")}
        alone |= {"PATH": f"{notes}{os.pathsep}{os.environ['PATH']}", "NOTES": str(notes)}
        alone |= {name: str(tmp_path / name.lower()) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        command = ["bash", "-e", "-c", "\n".join(scripts)]
        return subprocess.run(
            command, cwd=cwd, env=git_environment() | alone | env, capture_output=True, text=True, check=False
        )

    return steps


@pytest.fixture(scope="module")
def read() -> dict[str, tuple[str, dict[str, bytes]]]:
    """For each report, what the first job says of it, and the files that it leaves for the second."""
    return {}


@pytest.fixture
def answer(
    run: Run, checkout: Path, tmp_path: Path, read: dict[str, tuple[str, dict[str, bytes]]]
) -> Callable[[str], str]:
    """Both jobs of the workflow on issues; returns what the first one says of the report.

    The first job sees the report and main, which is the same in all tests. So it runs once for each report.
    """

    def both(body: str) -> str:
        out = tmp_path / "job/answer"
        shutil.rmtree(out.parent, ignore_errors=True)
        if body not in read:
            (tmp_path / "github_output").write_text("", encoding="utf-8")
            event = payload(tmp_path, body)
            done = run("correction", "read", checkout, "What the report", GITHUB_EVENT_PATH=str(event), OUT=str(out))
            assert done.returncode == 0, done.stderr
            left = {path.name: path.read_bytes() for path in out.glob("*")}
            read[body] = (tmp_path / "github_output").read_text(encoding="utf-8"), left
        said, left = read[body]
        if "answered=yes" in said:
            out.mkdir(parents=True, exist_ok=True)
            for name, content in left.items():
                (out / name).write_bytes(content)
            env = {"NUMBER": "12", "GH_REPO": "o/r", "SERVER": str(tmp_path), "BASE": "main"}
            env |= {"EMAIL": "bot@example.org", "VALID": "yes" if "valid=yes" in said else ""}
            for word in ("The answer", "The branch"):
                done = run("correction", "answer", out.parent, word, **env)
                assert done.returncode == 0, done.stderr
        return said

    return both


def test_a_report_becomes_a_branch_that_adds_one_file(
    answer: Callable[[str], str], checkout: Path, tmp_path: Path, notes: Path
) -> None:
    body = filled("new-source", **VALID["new-source"])
    assert answer(body) == "answered=yes\nvalid=yes\n"
    told = (notes / "said").read_text(encoding="utf-8")
    assert "issue comment 12 --body-file answer/answer.md --edit-last --create-if-none" in told
    assert (
        "pr create --base main --head correction/issue-12 --title Source for dep-frontex-wb6-2025-06 (issue 12)" in told
    )
    assert (notes / "body.md").read_text(encoding="utf-8").startswith("Closes #12.\n\nThank you")
    git = git_in(checkout)
    (file,) = git("diff", "--name-only", "main", "correction/issue-12").split()
    assert file.startswith("corrections/pending/dep-frontex-wb6-2025-06-officers-")
    git("clone", "--quiet", "--branch", "correction/issue-12", str(checkout), str(tmp_path / "fresh"))
    assert findings(tmp_path / "fresh") == []

    # The report is edited: the branch is made again, and the pull request is edited.
    (notes / "reply").write_text("7\n", encoding="utf-8")
    answer(body.replace("second paragraph", "third paragraph"))
    assert "pr edit correction/issue-12" in (notes / "said").read_text(encoding="utf-8")
    (other,) = git("diff", "--name-only", "main", "correction/issue-12").split()
    assert other != file
    assert "third paragraph" in git("show", f"correction/issue-12:{other}")

    # The report is edited, and no longer valid: the proposal is withdrawn. GitHub then closes the pull request.
    answer(body.replace("second paragraph", ""))
    assert "correction/issue-12" not in git("branch", "--list")

    # An editor has worked on the branch: it stays, whatever the report says.
    answer(body)
    git("switch", "--quiet", "correction/issue-12")
    git("commit", "--quiet", "--allow-empty", "-m", "by hand")
    git("switch", "--quiet", "main")
    for text in (body, body.replace("second paragraph", "")):
        answer(text)
        assert git("log", "-1", "--format=%s", "correction/issue-12") == "by hand\n"


def test_proposals_on_main_become_one_branch_that_carries_them_out(
    answer: Callable[[str], str], run: Run, checkout: Path, tmp_path: Path, notes: Path
) -> None:
    answer(filled("new-source", **VALID["new-source"]))
    git_in(checkout)("merge", "--quiet", "correction/issue-12")
    hub = git_in(tmp_path)
    (tmp_path / "o2").mkdir()
    hub("clone", "--quiet", "--bare", str(checkout), "o2/r")
    hub("clone", "--quiet", "o2/r", "run")
    (tmp_path / "run/.venv").symlink_to(ROOT / ".venv")
    (tmp_path / "github_output").write_text("", encoding="utf-8")
    done = run("accepted", "apply", tmp_path / "run", "Carry out the proposals", OUT=str(tmp_path / "accepted"))
    assert done.returncode == 0, done.stderr
    said = dict(line.split("=") for line in (tmp_path / "github_output").read_text("utf-8").splitlines())
    assert said.pop("changed") == "yes"
    env = {"GH_REPO": "o2/r", "SERVER": str(tmp_path), "MAIN": "main", "BASE": said["base"]}
    for number in range(2):  # the second run, of another push to main, makes the branch again
        job = tmp_path / f"job-{number}"
        shutil.copytree(tmp_path / "accepted", job / "accepted")
        done = run("accepted", "publish", job, "The one pull request", EMAIL="bot@example.org", **env)
        assert done.returncode == 0, done.stderr
    assert "pr create --base main --head corrections/accepted" in (notes / "said").read_text(encoding="utf-8")
    git = git_in(tmp_path / "o2/r")
    assert git("rev-list", "--count", "main..corrections/accepted").strip() == "1"
    changed = {*git("diff", "--name-only", "main", "corrections/accepted").split()}
    assert {"data/claims.csv", "data/corrections.csv", "data/sources.csv", "CHANGELOG.md"} <= changed
    assert not [name for name in changed if name.startswith(("docs/", "README", "CITATION"))]
    hub("clone", "--quiet", "--branch", "corrections/accepted", "o2/r", "fresh")
    assert not check(tmp_path / "fresh").findings
    assert findings(tmp_path / "fresh") == []


@pytest.mark.parametrize(
    ("body", "outputs"),
    [
        ("", ""),
        ("Thank you for this dataset.", "answered=yes\n"),
        (filled("privacy", record="x", field="note"), "answered=yes\n"),
        (filled("new-source", **VALID["new-source"] | {"field": "x"}), "answered=yes\n"),
    ],
)
def test_another_report_is_answered_or_left_alone(
    answer: Callable[[str], str], notes: Path, body: str, outputs: str
) -> None:
    assert answer(body) == outputs
    told = (notes / "said").read_text(encoding="utf-8") if (notes / "said").exists() else ""
    assert told.count("issue comment") == (1 if outputs else 0)
    assert "pr " not in told


def merged(git: Git, checkout: Path, change: Callable[[Path], None]) -> None:
    """A pull request, and the merge that GitHub makes of it."""
    git("switch", "--quiet", "--create", "theirs")
    change(checkout)
    git("add", ".")
    git("commit", "--quiet", "-m", "theirs")
    git("switch", "--quiet", "main")
    git("switch", "--quiet", "--detach")
    git("merge", "--quiet", "--no-ff", "-m", "merge", "theirs")
    git("update-ref", "refs/pull/3/merge", "HEAD")
    git("switch", "--quiet", "main")


def test_a_pull_request_is_reviewed_by_the_code_of_its_base(run: Run, checkout: Path, tmp_path: Path) -> None:
    git = git_in(checkout)

    def hostile(there: Path) -> None:
        (there / "corrections/review.py").write_text("raise SystemExit('ran')", encoding="utf-8")
        table = there / "data/deployments.csv"
        table.write_text(table.read_text(encoding="utf-8").replace(",500,about,", ",501,about,", 1), encoding="utf-8")

    merged(git, checkout, hostile)
    git("clone", "--quiet", "--depth", "1", f"file://{checkout}", str(tmp_path / "base"))
    (tmp_path / "base/.venv").symlink_to(ROOT / ".venv")
    done = run("pull-request", "review", tmp_path / "base", "The comment", NUMBER="3")
    assert done.returncode == 0, done.stderr
    said = (tmp_path / "base/comment/comment.md").read_text(encoding="utf-8")
    assert "finding" in said.splitlines()[0]
    assert "`500` → `501`" in said


@pytest.mark.parametrize(("sha", "posted"), [("a" * 40, True), ("b" * 40, False)])
def test_a_comment_is_posted_on_the_pull_request_of_the_event(
    run: Run, tmp_path: Path, notes: Path, sha: str, posted: bool
) -> None:
    pulls = [{"number": 3, "state": "open", "head": {"sha": "a" * 40}}]
    (notes / "reply").write_text(json.dumps(pulls), encoding="utf-8")
    (tmp_path / "comment").mkdir()
    (tmp_path / "comment/comment.md").write_text("hello @everyone", encoding="utf-8")
    env = {"GH_REPO": "o/r", "OWNER": "them", "BRANCH": "x;$(id)", "SHA": sha, "TEMP": str(tmp_path)}
    done = run("comment", "post", ROOT, "The one comment", **env)
    assert done.returncode == 0, done.stderr
    told = (notes / "said").read_text(encoding="utf-8")
    assert "head=them:x;$(id)" in told
    assert ("pr comment 3 --body-file" in told) is posted
    if posted:
        assert (notes / "safe.md").read_text(encoding="utf-8") == "hello @\u200beveryone\n"
