"""`--changed-since` gives the verdict of a full check, and does not check again what cannot have changed."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.corruption import corruptions
from borderledger.package import Package
from tests.conftest import Mini
from tests.release.conftest import Git, git_in
from tests.validate.rules.test_every_rule import BAD
from tests.validate.test_engines import with_every_fault
from validate import check
from validate.__main__ import main
from validate.changed import NoCommit, changed_tables
from validate.engine import check_package
from validate.engines import Frame
from validate.ledger import Ledger
from validate.reading import read_package
from validate.rules import rules_of
from validate.rules.rule import EVERY
from validate.structure import rule_findings


class Watching(Ledger):
    """A ledger that notes which tables are asked for."""

    def rows(self, table: str) -> Frame:
        self.__dict__.setdefault("asked", set()).add(table)
        return super().rows(table)


def test_a_rule_looks_into_no_table_but_those_that_it_names(mini: Mini) -> None:
    """With rows that break every rule, so that each goes its way to the end."""
    package = read_package(with_every_fault(mini))
    rules = [*rules_of(package.tables)]
    assert {rule.id for rule in rules} >= {wanted for _, _, wanted, *_ in BAD if not wanted.startswith("evidence.")}
    for rule in rules:
        ledger = Watching(package)
        [*rule_findings(ledger, package.tables[rule.table], [rule])]
        if EVERY not in rule.reads:
            assert ledger.__dict__["asked"] <= {rule.table, *rule.reads}, rule


@pytest.mark.parametrize("seed", range(6))
def test_random_changes_of_some_tables_give_the_same_report(mini: Mini, seed: int) -> None:
    draw = random.Random(seed)
    kept = {path: (mini.root / path).read_bytes() for path in (table.path for table in mini.package.tables.values())}
    drawn = [*corruptions(Package.read(mini.root), 2, seed)]
    found = 0
    for _ in range(12):
        some = draw.sample(drawn, draw.randint(1, 3))
        for one in some:
            (mini.root / mini.package.tables[one.table].path).write_text(one.text, encoding="utf-8", newline="")
        package = read_package(mini.root)
        full = check_package(package)
        assert check_package(package, {one.table for one in some}) == full, [one.what for one in some]
        found += len(full.findings)
        for path, content in kept.items():
            (mini.root / path).write_bytes(content)
    assert found > 12


def test_what_did_not_change_is_not_checked_again(mini: Mini) -> None:
    mini.row("facilities", id="fac-al-gjader")["kind"] = "prison-ship"
    package = read_package(mini.save())
    assert [f.file for f in check_package(package).findings] == ["data/facilities.csv"]
    assert check_package(package, {"organisations"}).ok
    assert not check_package(package, {"facilities"}).ok


@pytest.fixture
def git(mini: Mini) -> Git:
    """The small package as a repository with one commit, `v0.1.0`."""
    git = git_in(mini.root)
    for arguments in ("init",), ("add", "."), ("commit", "-m", "the package"), ("tag", "v0.1.0"):
        git(*arguments)
    return git


class TestSince:
    """The tables that changed are those whose file is not as in the commit."""

    @pytest.fixture
    def tables(self, mini: Mini, git: Git) -> Callable[[], frozenset[str] | None]:
        return lambda: changed_tables(read_package(mini.root), "v0.1.0")

    Tables = Callable[[], frozenset[str] | None]

    def test_nothing_changed(self, tables: Tables) -> None:
        assert tables() == frozenset()

    def test_changed_added_and_committed(self, mini: Mini, git: Git, tables: Tables) -> None:
        edit(mini, "facilities")
        git("commit", "-am", "one")
        edit(mini, "claims")
        git("add", ".")
        edit(mini, "returns")
        assert tables() == {"facilities", "claims", "returns"}

    def test_a_table_that_git_did_not_know_or_ignores(self, mini: Mini, git: Git, tables: Tables) -> None:
        git("rm", "--cached", "data/places.csv", "data/sources.csv")
        git("commit", "-m", "without two tables")
        git("tag", "-f", "v0.1.0")
        (mini.root / ".gitignore").write_text("data/sources.csv\n", encoding="utf-8")
        assert tables() == {"places", "sources"}

    @pytest.mark.parametrize("path", ["datapackage.json", "schemas/returns.json", "validate/rules/returns.py"])
    def test_other_schemas_or_checks_mean_everything(self, mini: Mini, tables: Tables, path: str) -> None:
        (mini.root / path).parent.mkdir(parents=True, exist_ok=True)
        with (mini.root / path).open("a", encoding="utf-8") as file:
            file.write("\n")
        assert tables() is None

    @pytest.mark.parametrize("ref", ["v9", "--all", "-p", ""])
    def test_no_commit(self, mini: Mini, git: Git, ref: str) -> None:
        with pytest.raises(NoCommit, match="is no commit of the repository; git log shows them"):
            changed_tables(read_package(mini.root), ref)

    def test_no_repository(self, mini: Mini) -> None:
        with pytest.raises(NoCommit, match="is in no git repository"):
            changed_tables(read_package(mini.root), "HEAD")

    def test_the_command(self, mini: Mini, git: Git, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([str(mini.root), "--changed-since", "v0.1.0"]) == 0
        mini.row("facilities", id="fac-al-gjader")["kind"] = "prison-ship"
        mini.save()
        capsys.readouterr()
        assert main([str(mini.root), "--changed-since", "v0.1.0"]) == 1
        short = capsys.readouterr().out
        assert main([str(mini.root)]) == 1
        assert capsys.readouterr().out == short
        assert main([str(mini.root), "--changed-since", "v9"]) == 2
        assert capsys.readouterr().err == "not checked: v9 is no commit of the repository; git log shows them\n"

    def test_with_a_file_that_cannot_be_read_everything_is_checked(self, mini: Mini, git: Git) -> None:
        (mini.root / "data/organisations.csv").write_text("id\n", encoding="utf-8")
        assert check(mini.root, changed_since="v0.1.0") == check(mini.root)


def edit(mini: Mini, table: str) -> None:
    path: Path = mini.root / mini.package.tables[table].path
    path.write_bytes(path.read_bytes() + b"x\n")
