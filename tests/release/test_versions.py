"""Where a version can be, and what is said when it is not there."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from borderledger.errors import CorruptPackage
from borderledger.output.shipped import packed
from release.versions import GitFailed, NoPackage, UnknownVersion, opened
from tests.conftest import Mini
from tests.release.conftest import Git, describe, git_in


def zipped(mini: Mini, file: Path) -> Path:
    """The package as a csv.zip."""
    with zipfile.ZipFile(file, "w") as archive:
        for path, content in packed(mini.root).items():
            archive.writestr(path, content)
    return file


class TestPaths:
    """What is on the disk."""

    def test_a_checkout_with_its_changelog(self, mini: Mini) -> None:
        (mini.root / "CHANGELOG.md").write_bytes(b"# Changelog\r\n")
        with opened(mini.root) as version:
            assert version.dataset.names == list(mini.package.tables)
            assert version.changelog == "# Changelog\n"
            assert version.name == str(mini.root)

    def test_a_csv_zip_and_the_folder_of_a_release(self, mini: Mini) -> None:
        release = mini.root / "dist" / "borderledger-data-0.1.0"
        release.mkdir(parents=True)
        archive = zipped(mini, release / "borderledger-data-0.1.0-csv.zip")
        for path in (archive, release):
            with opened(path) as version:
                assert list(version.dataset.rows("returns")) == mini.rows["returns"]
                assert version.changelog is None

    def test_a_folder_without_a_package(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        with (
            pytest.raises(CorruptPackage, match=r"holds neither a datapackage.json nor a csv.zip"),
            opened(tmp_path / "empty"),
        ):
            pass

    def test_a_folder_of_several_releases(self, mini: Mini) -> None:
        (mini.root / "dist").mkdir()
        for number in "12":
            zipped(mini, mini.root / "dist" / f"{number}-csv.zip")
        with (
            pytest.raises(CorruptPackage, match=r"several releases; name one of them: 1-csv.zip, 2-csv.zip"),
            opened(mini.root / "dist"),
        ):
            pass

    def test_a_changelog_that_is_no_text(self, mini: Mini) -> None:
        (mini.root / "CHANGELOG.md").write_bytes(b"\xff")
        with pytest.raises(CorruptPackage, match=r"CHANGELOG.md is not UTF-8"), opened(mini.root):
            pass


class TestCommits:
    """What git knows."""

    @pytest.mark.parametrize(
        "name", ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"]
    )
    def test_a_hook_of_another_repository_changes_nothing(
        self, mini: Mini, git: Git, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        other = tmp_path_factory.mktemp("other")
        git_in(other)("init")
        monkeypatch.setenv(name, str(other / ".git"))
        with opened("v0.1.0", mini.root) as version:
            assert list(version.dataset.rows("returns")) == mini.rows["returns"]

    def test_a_tag_a_branch_and_a_commit(self, mini: Mini, git: Git) -> None:
        held = mini.rows["returns"][0]["note"]
        mini.rows["returns"][0]["note"] = "Changed since."
        mini.save()
        git("tag", "-a", "annotated", "-m", "as releases are")
        for name in (
            "v0.1.0",
            "annotated",
            "main",
            "HEAD",
            git("rev-parse", "HEAD").strip(),
            git("rev-parse", "--short", "HEAD").strip(),
        ):
            with opened(name, mini.root) as version:
                assert next(version.dataset.rows("returns"))["note"] == held
                assert version.changelog is not None
                assert "All there is." in version.changelog
                assert version.name == name
        with opened(mini.root) as version:
            assert next(version.dataset.rows("returns"))["note"] == "Changed since."

    def test_the_files_of_a_commit_are_gone_afterwards(self, mini: Mini, git: Git) -> None:
        with opened("v0.1.0", mini.root) as version:
            root = version.dataset.root
            assert isinstance(root, Path)
            assert root.is_dir()
        assert not root.exists()

    def test_a_path_goes_before_a_branch_of_its_name(
        self, mini: Mini, git: Git, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        git("branch", "data")
        monkeypatch.chdir(mini.root)
        with pytest.raises(CorruptPackage, match="data holds neither"), opened("data"):
            pass
        with opened("heads/data") as version:
            assert version.dataset.data_version == "0.1.0"

    def test_a_package_below_the_top_of_the_repository(self, tmp_path: Path, mini: Mini) -> None:
        git = git_in(tmp_path)
        outer = tmp_path / "outer"
        outer.mkdir()
        for name in ("datapackage.json", "schemas", "data"):
            (mini.root / name).rename(outer / name)
        git("init")
        git("add", "outer")
        git("commit", "-m", "a")
        with opened("HEAD", outer) as version:
            assert list(version.dataset.rows("places")) == mini.rows["places"]
            assert version.changelog is None
        with pytest.raises(NoPackage), opened("HEAD", tmp_path):
            pass

    def test_line_ends_are_those_of_the_commit(self, mini: Mini, git: Git) -> None:
        git("config", "core.autocrlf", "true")
        with opened("v0.1.0", mini.root) as version:
            assert b"\r" not in b"".join(version.dataset.files().values())

    def test_a_link_in_a_commit_leads_nowhere(self, mini: Mini, git: Git, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text("x", encoding="utf-8")
        (mini.root / "data/places.csv").unlink()
        os.symlink(tmp_path / "secret", mini.root / "data/places.csv")
        git("add", ".")
        git("commit", "-m", "link")
        with opened("HEAD", mini.root) as version, pytest.raises(CorruptPackage, match="places"):
            list(version.dataset.rows("places"))

    def test_a_commit_from_before_the_dataset(self, mini: Mini, git: Git) -> None:
        with (
            pytest.raises(NoPackage, match=r"before \([0-9a-f]{12}\) holds no datapackage.json"),
            opened("before", mini.root),
        ):
            pass


class TestUnknown:
    """What is neither, and what to do."""

    def test_the_nearest_name_is_offered(self, mini: Mini, git: Git) -> None:
        with (
            pytest.raises(UnknownVersion, match=r"'v0.1.1' is neither .* Did you mean v0.1.0\?"),
            opened("v0.1.1", mini.root),
        ):
            pass

    @pytest.mark.parametrize(
        "name",
        ["", "--output=gone", "-h", "--all", "HEAD..before", "HEAD:data", "a\0b", "a\nHEAD", "x" * 5000, "^HEAD", "; touch gone", "HEAD --", "no\u202esuch"],
    )  # fmt: skip
    def test_what_is_no_name_is_never_an_option(
        self, mini: Mini, git: Git, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(mini.root)
        with pytest.raises(UnknownVersion, match="is neither a path nor"), opened(name):
            pass
        assert not (mini.root / "gone").exists()

    def test_a_shallow_clone_says_what_to_fetch(self, mini: Mini, git: Git, tmp_path: Path) -> None:
        git("commit", "--allow-empty", "-m", "later")
        git_in(tmp_path)("clone", "--depth", "1", "--no-tags", mini.root.as_uri(), str(tmp_path / "clone"))
        with (
            pytest.raises(UnknownVersion, match=r"git fetch --unshallow --tags; in a workflow, .*fetch-depth: 0"),
            opened("v0.1.0", tmp_path / "clone"),
        ):
            pass

    def test_no_repository(self, mini: Mini, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(mini.root.parent))
        with (
            pytest.raises(GitFailed, match=r"not a git repository.* Name a folder or a csv.zip"),
            opened("v0.1.0", mini.root),
        ):
            pass

    def test_no_git(self, mini: Mini, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(mini.root))
        with pytest.raises(GitFailed, match="git is not installed"), opened("v0.1.0", mini.root):
            pass

    def test_no_folder(self, mini: Mini) -> None:
        with pytest.raises(GitFailed, match="nowhere is no folder"), opened("v0.1.0", mini.root / "nowhere"):
            pass

    def test_a_damaged_repository(self, mini: Mini, git: Git) -> None:
        tree = git("rev-parse", "HEAD^{tree}").strip()
        (mini.root / ".git/objects" / tree[:2] / tree[2:]).unlink()
        with pytest.raises(GitFailed, match="git ls-tree failed"), opened("v0.1.0", mini.root):
            pass

    def test_the_version_is_that_of_the_commit(self, mini: Mini, git: Git) -> None:
        describe(mini, version="0.2.0")
        with opened("HEAD", mini.root) as old, opened(mini.root) as new:
            assert (old.dataset.data_version, new.dataset.data_version) == ("0.1.0", "0.2.0")
