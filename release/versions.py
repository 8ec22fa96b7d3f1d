"""A version of the dataset, wherever it is: a checkout, a release folder, a csv.zip, or a commit of this repository.

What is on the disk goes before what git knows; `refs/heads/data` or `heads/data` names a branch that is called as a
folder is. Nothing is fetched.
"""

from __future__ import annotations

import io
import os
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from borderledger.dataset import Dataset
from borderledger.dataset import open as open_dataset
from borderledger.errors import BadArgument, BorderledgerError, CorruptPackage, nearest
from borderledger.package import Root
from borderledger.package.files import PENDING
from release.manifest import MANIFESTS, BadManifest, Manifest, recorded, unlike
from validate.git import git

__all__ = ["GitFailed", "NoPackage", "UnknownVersion", "Version", "confirm", "opened", "released"]

_SHALLOW = (
    "This clone is shallow and lacks most of the history: run git fetch --unshallow --tags; in a workflow, give "
    "actions/checkout fetch-depth: 0."
)
#: The name of a release, as a tag or a number.
_NUMBERED = re.compile(r"(?:refs/tags/|tags/)?v?[0-9]+\.[0-9]+\.[0-9]+")
#: What of a commit makes a version.
_PATHS = ("datapackage.json", "schemas", "data", "CHANGELOG.md", PENDING)


class UnknownVersion(BadArgument):
    """It is neither on the disk nor known to git."""


class NoPackage(CorruptPackage):
    """The commit holds no data package: it is older than the dataset."""


class GitFailed(BorderledgerError):
    """A commit was asked for, and git is not installed, this is no git repository, or git says that it cannot."""


@dataclass(frozen=True)
class Version:
    """A version that has been opened; its files are there as long as the context that gave it.

    name        as it was asked for
    changelog   the text of its CHANGELOG.md, if it has one
    """

    name: str
    dataset: Dataset
    changelog: str | None


def released(version: str, repository: str | Path = ".") -> str:
    """The commit that holds what was released as a version: the tables are those of its manifest.

    The commit that recorded the manifest is asked first. It need not be the right one: a shallow clone has one commit
    that adds everything, and somebody may have restored the manifest later.

    Raises UnknownVersion, GitFailed.
    """
    repository = Path(repository)
    manifest = f"{MANIFESTS.as_posix()}/{version}.json"
    log = _git(repository, "log", "--diff-filter=A", "--format=%H", "--", manifest).decode().split()
    if not log:
        raise _unknown(manifest, repository)
    differ: list[str] = []
    for commit in log:
        with tempfile.TemporaryDirectory(prefix="borderledger-") as folder:
            _unpack(commit, repository, Path(folder))
            differ = _not_of(version, Path(folder), repository)
        if not differ:
            return commit
    message = f"No commit of this repository holds the release {version}: {differ[0]} is not that of {manifest}."
    raise UnknownVersion(f"{message} {_how_to_get(version, repository)}")


def confirm(dataset: Dataset, repository: str | Path = ".") -> None:
    """Raise UnknownVersion if a version has the number of a release and not its tables."""
    version = dataset.data_version
    if differ := _not_of(version, dataset.root, Path(repository)):
        message = f"This is not the release {version}, though it has its number: {differ[0]} is not that of"
        raise UnknownVersion(
            f"{message} {MANIFESTS.as_posix()}/{version}.json. {_how_to_get(version, Path(repository))}"
        )


def _not_of(version: str, root: Root, repository: Path) -> list[str]:
    """The tables that are not those of a release; none if the repository has no manifest of it."""
    kept = recorded(repository / MANIFESTS).get(version)
    if kept is None:
        return []
    try:
        return unlike(root, Manifest.parse(kept.read_bytes()))
    except BadManifest as error:
        raise CorruptPackage(f"{kept} is no manifest: {error}. Restore it: git checkout -- {kept}") from error


def _how_to_get(version: str, repository: Path) -> str:
    try:
        shallow = _git(repository, "rev-parse", "--is-shallow-repository").strip() == b"true"
    except GitFailed:
        shallow = False
    return _SHALLOW if shallow else f"Name the csv.zip of the release {version} instead."


@contextmanager
def opened(what: str | Path, repository: str | Path = ".") -> Iterator[Version]:
    """Open a version: the path of a checkout, of a release folder or of a csv.zip, or a branch, tag or commit.

    repository   a folder of the git repository that is asked; the package lies in it as it does in the commit

    The tag of a release must hold the tables of its manifest.

    Raises UnknownVersion, NoPackage, CorruptPackage, GitFailed.
    """
    text = str(what)
    if os.path.exists(text):  # also says no to what is too long for a path, or has a NUL: git will say what it is
        dataset = open_dataset(text)
        yield Version(text, dataset, _changelog(dataset))
        return
    with tempfile.TemporaryDirectory(prefix="borderledger-") as folder:
        try:
            _unpack(text, Path(repository), Path(folder))
        except GitFailed as error:
            raise GitFailed(f"{text} is not on the disk, and no commit: {error}") from error
        dataset = Dataset(Path(folder))
        if _NUMBERED.fullmatch(text):
            confirm(dataset, repository)
        yield Version(text, dataset, _changelog(dataset))


def _changelog(dataset: Dataset) -> str | None:
    file = dataset.root / "CHANGELOG.md"
    try:
        return file.read_bytes().decode("utf-8").replace("\r\n", "\n") if file.is_file() else None
    except UnicodeDecodeError as error:
        raise CorruptPackage("CHANGELOG.md is not UTF-8 text.") from error


# --- git -------------------------------------------------------------------------------------------------------------


def _unpack(name: str, repository: Path, folder: Path) -> None:
    """Write the data package of a commit into a folder."""
    commit = _commit(name, repository)
    # Only what is there may be named to git archive.
    listed = _git(repository, "ls-tree", "-z", "--name-only", commit, "--", *_PATHS).decode().split("\0")
    paths = [path for path in _PATHS if path in listed]
    if "datapackage.json" not in paths:
        raise NoPackage(f"{name} ({commit[:12]}) holds no datapackage.json.")
    # Not a tar file: zipfile writes no links and nothing outside the folder. And without the line ends of Windows.
    packed = _git(repository, "-c", "core.autocrlf=false", "archive", "--format=zip", "-0", commit, "--", *paths)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(folder)


def _commit(name: str, repository: Path) -> str:
    """The hash of the commit that a name means."""
    # No name of git's starts with a dash. A word that does is an option, and must never reach git as a name.
    if not name or name.startswith("-") or not name.isprintable():
        raise UnknownVersion(f"{name!r} is neither a path nor a branch, tag or commit.")
    ask = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    commit = _git(repository, *ask, may_fail=True).decode().strip()
    if not re.fullmatch(r"[0-9a-f]{40,64}", commit):
        raise _unknown(name, repository)
    return commit


def _unknown(name: str, repository: Path) -> UnknownVersion:
    said = f"{name!r} is neither a path nor a branch, tag or commit of this repository."
    if _git(repository, "rev-parse", "--is-shallow-repository").strip() == b"true":
        return UnknownVersion(f"{said} {_SHALLOW}")
    refs = _git(repository, "for-each-ref", "--format=%(refname:short)", "--sort=-creatordate").decode().split()
    return UnknownVersion(f"{said} {nearest(name, refs)}")


def _git(repository: Path, *arguments: str, may_fail: bool = False) -> bytes:
    """What git prints; nothing when it fails and may."""
    if not repository.is_dir():
        raise GitFailed(f"{repository} is no folder.")
    try:
        done = git(repository, *arguments)
    except FileNotFoundError as error:
        raise GitFailed("git is not installed; name a folder or a csv.zip instead.") from error
    if not done.returncode:
        return done.stdout
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    said = lines[0] if lines else f"exit code {done.returncode}"
    if b"not a git repository" in done.stderr or b"dubious ownership" in done.stderr:
        raise GitFailed(f"{said}. Name a folder or a csv.zip instead.")
    if may_fail:
        return b""
    raise GitFailed(f"git {arguments[0]} failed: {said}")
