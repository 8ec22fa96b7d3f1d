"""The workflows of GitHub: valid, with no more rights than they need, and pinned."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def workflow(request: pytest.FixtureRequest) -> tuple[Path, dict[str, Any]]:
    path: Path = request.param
    return path, yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in content["jobs"].values() for step in job["steps"]]


def test_there_are_workflows_for_every_push_and_for_a_release() -> None:
    assert {path.stem for path in WORKFLOWS} >= {"validate", "release"}


def test_it_keeps_to_the_published_schema(workflow: tuple[Path, dict[str, Any]]) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", workflow[0]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_actions_are_pinned_by_hash_and_say_which_version_that_is(workflow: tuple[Path, dict[str, Any]]) -> None:
    used = [step["uses"] for step in steps(workflow[1]) if "uses" in step]
    lines = re.findall(r"uses: (\S+@[0-9a-f]{40}) # v\d+\.\d+\.\d+\n", workflow[0].read_text(encoding="utf-8"))
    assert sorted(lines) == sorted(used)


def test_rights_are_named_and_none_is_given_to_all_jobs_but_reading(workflow: tuple[Path, dict[str, Any]]) -> None:
    assert workflow[1]["permissions"] == {"contents": "read"}


def test_a_job_that_can_write_to_the_repository_runs_nothing_of_it(workflow: tuple[Path, dict[str, Any]]) -> None:
    for job in workflow[1]["jobs"].values():
        if job.get("permissions", {}).get("contents") == "write":
            assert not [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
            assert not [step for step in job["steps"] if re.search(r"\b(make|python|pip)\b", step.get("run", ""))]


def test_a_checkout_leaves_no_token_behind(workflow: tuple[Path, dict[str, Any]]) -> None:
    checkouts = [step for step in steps(workflow[1]) if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def privileged(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The jobs that can change something: the repository, an issue, a comment, a package."""
    return [job for job in content["jobs"].values() if "write" in job.get("permissions", {}).values()]


#: What a job beside a token may run of the repository: a file of the standard library alone, without its folder's others.
HARMLESS = "python3 -I corrections/comment.py "


def test_a_job_that_answers_others_runs_nothing_of_what_they_sent(workflow: tuple[Path, dict[str, Any]]) -> None:
    if workflow[0].stem == "release":
        pytest.skip("runs on tags, which nobody else can push")
    for job in privileged(workflow[1]):
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["ref"] == "${{ github.event.repository.default_branch }}"
            assert not re.search(r"\b(make|python3?|pip|node|npm|sh|bash)\b", step.get("run", "").replace(HARMLESS, ""))


def test_nothing_runs_with_rights_on_the_event_of_a_pull_request(workflow: tuple[Path, dict[str, Any]]) -> None:
    events = workflow[1][True]  # YAML takes the word `on` for yes
    assert "pull_request_target" not in events
    if "pull_request" in events:
        assert not privileged(workflow[1])


def test_what_runs_after_another_workflow_takes_neither_its_code_nor_its_word(
    workflow: tuple[Path, dict[str, Any]],
) -> None:
    if "workflow_run" not in workflow[1][True]:
        pytest.skip("runs after no other")
    said = workflow[0].read_text(encoding="utf-8")
    refs = [step["with"]["ref"] for step in steps(workflow[1]) if step.get("uses", "").startswith("actions/checkout@")]
    assert all("workflow_run" not in ref and "head" not in ref for ref in refs)
    assert set(workflow[1][True]["workflow_run"]["workflows"]) <= {path.stem for path in WORKFLOWS}
    assert "workflow_run.head_sha" in said  # the pull request is found by it, not by what the artifact says


def test_a_review_is_told_by_the_code_of_the_base() -> None:
    content = yaml.safe_load((ROOT / ".github/workflows/pull-request.yml").read_text(encoding="utf-8"))
    checkouts = [step for step in steps(content) if step.get("uses", "").startswith("actions/checkout@")]
    assert [step["with"]["ref"] for step in checkouts] == ["${{ github.event.pull_request.base.sha }}"]
    assert not re.search(r"git (checkout|switch|restore|merge|read-tree)", str(content))


def test_no_secret_is_used_but_the_token_of_the_run(workflow: tuple[Path, dict[str, Any]]) -> None:
    assert "secrets." not in workflow[0].read_text(encoding="utf-8")


def test_a_report_adds_one_file_to_its_branch() -> None:
    said = (ROOT / ".github/workflows/correction.yml").read_text(encoding="utf-8")
    assert re.findall(r"git (?:add|apply|rm|mv) .*", said) == ['git add "corrections/pending/$NAME"']
    assert "grep --quiet --extended-regexp --line-regexp '[a-z0-9][a-z0-9-]*\\.yml'" in said


def test_accepted_corrections_change_nothing_but_data_and_proposals() -> None:
    said = (ROOT / ".github/workflows/accepted.yml").read_text(encoding="utf-8")
    taken = re.findall(r"--include='?([^' \\\n]+)", said)
    assert taken == ["data/*.csv", "datapackage.json", "CHANGELOG.md", "corrections/pending/*.yml"]


def test_packages_come_by_make_which_checks_their_sums(workflow: tuple[Path, dict[str, Any]]) -> None:
    for step in steps(workflow[1]):
        assert not re.search(r"\b(pip3?|pipx|uv|uvx|npm|npx|conda|brew|apt|apt-get)\b", step.get("run", ""))
        assert "cache" not in step.get("with", {})  # which others can fill


def test_links_are_asked_every_month_and_what_they_answer_meets_no_token() -> None:
    """The job that reads strangers' pages has no right to write; the one that has it makes their text safe first."""
    content = yaml.safe_load((ROOT / ".github/workflows/links.yml").read_text(encoding="utf-8"))
    assert [len(one["cron"].split()[2]) for one in content[True]["schedule"]] == [1]  # a day of the month
    check, issue = content["jobs"]["check"], content["jobs"]["issue"]
    assert "write" not in check["permissions"].values()
    asking = next(step for step in check["steps"] if "-m links check" in step.get("run", ""))
    assert "env" not in asking
    said = issue["steps"][-1]["run"]
    assert said.startswith(f'{HARMLESS}safe "$TEMP/links/report.md" > "$TEMP/safe.md"')
    assert set(re.findall(r"--body-file (\S+)", said)) == {'"$TEMP/safe.md"'}


def test_the_audit_runs_when_a_version_changes_and_every_week() -> None:
    events = yaml.safe_load((ROOT / ".github/workflows/audit.yml").read_text(encoding="utf-8"))[True]
    assert events["schedule"]
    assert all("constraints*.txt" in events[event]["paths"] for event in ("push", "pull_request"))


def test_nothing_that_others_can_name_stands_in_a_script(workflow: tuple[Path, dict[str, Any]]) -> None:
    """An expression inside `run` is put into the shell as it is; through `env` it is a value."""
    assert not [step["run"] for step in steps(workflow[1]) if "${{" in step.get("run", "")]


def test_a_release_is_checked_before_it_is_built_and_built_before_it_is_published() -> None:
    content = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))
    said = "\n".join(step.get("run", step.get("uses", "")) for step in content["jobs"]["build"]["steps"])
    order = [said.index(words) for words in ("release check", "release build", "release verify", "upload-artifact")]
    assert order == sorted(order)
    assert all(job["needs"] == "build" for name, job in content["jobs"].items() if name != "build")
