"""Is this the release that was published? Files are held against their sums, tables and rows against their hashes.

A release folder is held against its SHA256SUMS and its manifest, and the csv.zip in it as below.

A csv.zip, or the folder that it was unpacked to, is held against a manifest: the one given; else the one that this
repository keeps for its version; else manifest.json beside the zip file, if that names it. Where there is none, only
the hashes in its own datapackage.json can be held against its files, which does not prove that both were not changed.

Whatever the files hold, the answer is a list of differences: what is hostile is not followed, unpacked or trusted.
"""

from __future__ import annotations

import base64
import hashlib
import re
import stat
import zipfile
import zlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from borderledger.package import Finding, read_resources
from borderledger.package.zipped import stored
from release.manifest import (
    CHECK,
    MANIFEST,
    SUMS,
    BadManifest,
    FileHash,
    Manifest,
    ReadTable,
    TableHash,
    file_hash,
    read_tables,
    recorded,
)

__all__ = ["CannotVerify", "Difference", "Verification", "verify"]

#: Most bytes that the files of a package may have together; the dataset has a hundredth of it.
LARGEST = 256 * 2**20
#: Most rows that are named one by one for each table.
SHOWN = 50
_CSV = re.compile(r"borderledger-data-.+-csv\.zip")
_SUM = re.compile(r"([0-9a-f]{64}) [ *](.+)")
#: The files of a csv.zip that its descriptor does not list.
_UNLISTED = {"datapackage.json", "README.md", "LICENSE-DATA"}
#: What zipfile and zlib raise on damaged or hostile files; RuntimeError on what is encrypted or packed in unknown ways.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, OverflowError, LookupError)


class CannotVerify(Exception):
    """There is nothing at the path that could be verified."""


@dataclass(frozen=True)
class Difference:
    """What is not as it was published.

    file     path relative to what was verified; what is inside a zip file, below its name
    line     line of the file; 0 is the file as a whole
    """

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}{f':{self.line}' if self.line else ''}: {self.message}"


@dataclass(frozen=True)
class Verification:
    """The differences, in the order of the files, and in words against what they were found."""

    against: tuple[str, ...]
    differences: tuple[Difference, ...]

    @property
    def ok(self) -> bool:
        """Whether there are none."""
        return not self.differences


#: A manifest that something is held against, and what it is called.
_Named = tuple[Manifest, str]


def verify(path: Path, manifest: Path | None = None, kept: Path | None = None) -> Verification:
    """Verify a release folder, a csv.zip, or the folder that one was unpacked to.

    manifest   the manifest to trust
    kept       the folder in which the repository keeps its manifests

    Raises CannotVerify, and OSError when a file cannot be read.
    """
    trusted = partial(_trusted, manifest, kept)
    if path.is_dir():
        if (path / "datapackage.json").is_file():
            return _package(*_folder(path), trusted)
        own = any((path / name).is_file() for name in (SUMS, MANIFEST))
        if own or _archives(file.name for file in path.iterdir()):
            return _release(path, trusted)
        raise CannotVerify(f"{path} holds neither {SUMS} nor datapackage.json: no release, and no data package.")
    if not path.is_file():
        raise CannotVerify(f"{path} is no file and no folder.")
    try:
        files, differences = _zip(path)
    except zipfile.BadZipFile as error:
        raise CannotVerify(f"{path} is no zip file, or a damaged one: {error}") from error
    if "datapackage.json" not in files and not differences:
        raise CannotVerify(f"{path} holds no datapackage.json.")
    return _package(files, differences, lambda version: trusted(version) or _beside(path))


def _trusted(given: Path | None, kept: Path | None, version: object) -> _Named | None:
    """The manifest for a version that was not delivered together with what it is held against."""
    path = given or (recorded(kept).get(str(version)) if kept else None)
    if path is None:
        return None
    try:
        return Manifest.parse(path.read_bytes()), str(path)
    except BadManifest as error:
        raise CannotVerify(f"{path} is no manifest: {error}") from error


def _beside(archive: Path) -> _Named | None:
    """The manifest in the folder of a csv.zip, if it is that of the zip file and not of something else."""
    file = archive.with_name(MANIFEST)
    try:
        if file.is_file() and file.stat().st_size <= LARGEST:
            manifest = Manifest.parse(file.read_bytes())
            if archive.name in manifest.files:
                return manifest, str(file)
    except (BadManifest, OSError):
        pass
    return None


def _compared(
    found: Mapping[str, FileHash],
    listed: Mapping[str, FileHash],
    where: str,
    whole: str = "release",
    ignored: AbstractSet[str] = frozenset(),
) -> Iterator[Difference]:
    """What is not the same in the files that there are and in a list of them.

    where      what the list is called
    whole      what the files are parts of
    ignored    paths of which nothing is said
    """
    for path in sorted((found.keys() | listed.keys()) - ignored):
        if path not in found:
            yield Difference(path, 0, "is missing")
        elif path not in listed:
            yield Difference(path, 0, f"is not in {where}: it is no part of the {whole}")
        elif found[path].bytes != listed[path].bytes:
            yield Difference(path, 0, f"differs: it has {found[path].bytes} bytes, not {listed[path].bytes}")
        elif found[path] != listed[path]:
            yield Difference(path, 0, f"differs: its SHA-256 is not the one in {where}")


def _hashes(sums: Mapping[str, str], found: Mapping[str, FileHash]) -> dict[str, FileHash]:
    """The hashes of a list that names no sizes: those of the files are taken."""
    return {path: FileHash(found[path].bytes if path in found else 0, digest) for path, digest in sums.items()}


def _sorted(differences: Iterable[Difference]) -> tuple[Difference, ...]:
    return tuple(sorted(dict.fromkeys(differences), key=lambda one: (one.file, one.line)))


# --- a release -------------------------------------------------------------------------------------------------------


def _release(folder: Path, trusted: Callable[[object], _Named | None]) -> Verification:
    differences: list[Difference] = []
    found = {path: _hash(file) for path, file in _regular(folder, differences)}
    raw = {}
    for name in (SUMS, MANIFEST):
        if name not in found:
            differences.append(Difference(name, 0, "is missing"))
        elif found[name].bytes > LARGEST:
            differences.append(Difference(name, 0, f"is larger than {LARGEST // 2**20} MiB"))
        else:
            raw[name] = (folder / name).read_bytes()
    sums = _read_sums(raw[SUMS], differences) if SUMS in raw else None
    own = _read_manifest(raw[MANIFEST], differences) if MANIFEST in raw else None
    if own and sums is None:
        differences += _compared(found, own.files, "the manifest", ignored={MANIFEST, SUMS})
    if own and sums is not None:
        wanted = {path: listed.sha256 for path, listed in own.files.items()}
        for path in (sums.keys() | wanted.keys()) - {MANIFEST}:
            if sums.get(path) != wanted.get(path):
                differences.append(Difference(path, 0, f"{SUMS} and {MANIFEST} do not say the same of it"))
        differences += [Difference(path, 0, "is missing") for path in wanted.keys() - found.keys()]
    if sums is not None:
        differences += _compared(found, _hashes(sums, found), SUMS, ignored={SUMS} - sums.keys())
    against = [name for name, read in ((SUMS, sums), (MANIFEST, own)) if read is not None]
    expected = (own, MANIFEST) if own else None
    if elsewhere := trusted(own.version if own else None):
        expected = elsewhere
        against.append(elsewhere[1])
        if own and own.logical() != elsewhere[0].logical():
            differences.append(Difference(MANIFEST, 0, f"differs from {elsewhere[1]}"))
    for name in _archives(found):
        try:
            inner = _package(*_zip(folder / name), lambda version: expected)
        except zipfile.BadZipFile as error:
            differences.append(Difference(name, 0, f"is no zip file, or a damaged one: {error}"))
        else:
            differences += [Difference(f"{name}/{one.file}", one.line, one.message) for one in inner.differences]
    return Verification(tuple(against), _sorted(differences))


def _archives(names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if _CSV.fullmatch(name))


def _regular(folder: Path, differences: list[Difference]) -> Iterator[tuple[str, Path]]:
    """Each file below a folder with its path there; links and devices are not followed."""
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder).as_posix()
        mode = file.lstat().st_mode
        if stat.S_ISREG(mode):
            yield path, file
        elif not stat.S_ISDIR(mode):
            differences.append(Difference(path, 0, "is a link or a device, not a file"))


def _hash(file: Path) -> FileHash:
    """Size and sum of a file, which is read piece by piece."""
    with open(file, "rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
        return FileHash(content.tell(), digest)


def _read_sums(raw: bytes, differences: list[Difference]) -> dict[str, str] | None:
    try:
        lines = raw.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        differences.append(Difference(SUMS, 0, "is not UTF-8 text"))
        return None
    sums: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        match = _SUM.fullmatch(line)
        if not match:
            differences.append(Difference(SUMS, number, "is not a SHA-256 and a file name"))
        elif match[2] in sums:
            differences.append(Difference(SUMS, number, f"names {match[2]} again"))
        else:
            sums[match[2]] = match[1]
    return sums


def _read_manifest(raw: bytes, differences: list[Difference]) -> Manifest | None:
    try:
        return Manifest.parse(raw)
    except BadManifest as error:
        differences.append(Difference(MANIFEST, 0, f"cannot be used: {error}"))
        return None


# --- a package -------------------------------------------------------------------------------------------------------


def _folder(folder: Path) -> tuple[dict[str, bytes], list[Difference]]:
    files: dict[str, bytes] = {}
    differences: list[Difference] = []
    room = LARGEST
    for path, file in _regular(folder, differences):
        if not path.isprintable():
            differences.append(Difference(path, 0, "has a name with characters that do not print"))
            continue
        room -= file.stat().st_size
        if room < 0:
            raise CannotVerify(f"{folder} holds more than {LARGEST // 2**20} MiB: it is no unpacked csv.zip.")
        files[path] = file.read_bytes()
    return files, differences


def _zip(path: Path) -> tuple[dict[str, bytes], list[Difference]]:
    """The files in a zip file that are safe to read, and what is wrong with the others. Raises zipfile.BadZipFile."""
    files: dict[str, bytes] = {}
    differences: list[Difference] = []
    room = LARGEST
    try:
        archive = zipfile.ZipFile(path)
    except _DAMAGED as error:
        raise zipfile.BadZipFile(str(error)) from error
    with archive:
        for member in archive.infolist():
            name = member.filename
            wrong = _unsafe(member)
            if not wrong and name in files:
                wrong = "appears twice in the zip file"
            if not wrong and member.file_size > room:
                wrong = f"is too large: all files together may have {LARGEST // 2**20} MiB"
            if not wrong and not member.is_dir():
                try:
                    files[name] = archive.read(member)  # no more than its size, or its check sum fails
                    room -= member.file_size
                except _DAMAGED as error:
                    wrong = f"is damaged: {error}"
            if wrong:
                differences.append(Difference(name, 0, wrong))
    return files, differences


def _unsafe(member: zipfile.ZipInfo) -> str:
    name = member.filename
    if name.startswith("/") or "\\" in name or ":" in name or {".", ".."} & set(name.split("/")):
        return "has a name that leads out of the package"
    if not name.isprintable():
        return "has a name with characters that do not print"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link, not a file"
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed in another way than a release is"
    return ""


def _package(
    files: dict[str, bytes], differences: list[Difference], trusted: Callable[[object], _Named | None]
) -> Verification:
    """What differs in a package; `differences` are those known already, of files that could not be read."""
    known = {one.file for one in differences}
    root = stored("the package", files)  # whatever else lies where they came from
    problems: list[Finding] = []
    tables = read_tables(root, problems)
    for problem in problems:
        if problem.file not in known:
            message = problem.message if problem.file in files else "is missing"
            differences.append(Difference(problem.file, problem.line, message))
    descriptor, resources = read_resources(root, [])  # what is wrong with them has been said
    found = {path: file_hash(content) for path, content in files.items()}
    expected = trusted(descriptor.get("version"))
    if expected is None:
        differences += _by_descriptor(found, resources.values(), known)
        against = "its own datapackage.json only (give --manifest to hold it against the release)"
        return Verification((against,), _sorted(differences))
    manifest, against = expected
    if descriptor.get("version") != manifest.version:
        message = f"has the version {descriptor.get('version')!r:.40}, and the manifest {manifest.version!r}"
        differences.append(Difference("datapackage.json", 0, message))
    differences += _compared(found, manifest.package, "the manifest", ignored=known)
    if tables:  # or the descriptor is to blame
        for name in sorted(manifest.tables.keys() | tables.keys()):
            differences += _table(name, tables.get(name), manifest.tables.get(name))
    return Verification((against,), _sorted(differences))


def _by_descriptor(
    found: Mapping[str, FileHash], resources: Iterable[Mapping[str, Any]], known: set[str]
) -> Iterator[Difference]:
    """What differs from the hashes that the descriptor gives itself."""
    listed: dict[str, Any] = {}
    for one in resources:
        listed |= {one["path"]: one.get("hash"), one["schema"]: one.get("schemaHash")}
    if any(listed.values()):
        # A release has SHA-256 only: a file with a hash of another kind differs.
        sums = {path: str(digest)[7:] * str(digest).startswith("sha256:") for path, digest in listed.items()}
        ignored = known | (_UNLISTED - sums.keys())
        yield from _compared(found, _hashes(sums, found), "datapackage.json", "package", ignored)
    elif listed:  # a checkout; a descriptor that cannot be read lists nothing, which has been said
        message = "has no hashes to hold the files against: this is no package as it was released"
        yield Difference("datapackage.json", 0, message)


# --- rows ------------------------------------------------------------------------------------------------------------


def _table(name: str, found: ReadTable | None, wanted: TableHash | None) -> Iterator[Difference]:
    if found is None or wanted is None:
        message = "is not in the manifest" if found else "is missing, or cannot be read"
        yield Difference(found.path if found else "datapackage.json", 0, f"the table {name} {message}")
        return
    if found.hash.schema != wanted.schema:
        yield Difference(found.path, 0, f"the schema of {name} is not that of the release")
    if found.hash.content == wanted.content:
        return
    rows = list(_rows(found, wanted))
    yield from rows[:SHOWN]
    if len(rows) > SHOWN:
        yield Difference(found.path, 0, f"{len(rows) - SHOWN} more rows of {name} differ or are missing")
    if not rows:
        yield Difference(found.path, 0, f"rows of {name} differ, but their checks do not tell which")


def _rows(found: ReadTable, wanted: TableHash) -> Iterator[Difference]:
    """The rows that differ, from the checks in the order of the keys.

    Rows that surely match cut both lists into stretches. What then is left between two of them are rows that differ,
    as far as both lists have one, and else rows that are missing or extra.
    """
    raw = base64.b64decode(wanted.checks)
    checks = [raw[at : at + CHECK] for at in range(0, len(raw), CHECK)]
    start = begin = 0
    for stop, end in [*_matches(found.checks, checks), (len(found.checks), len(checks))]:
        row, low, last, high = start, begin, stop, end
        while row < last and low < high and found.checks[row] == checks[low]:
            row, low = row + 1, low + 1
        while row < last and low < high and found.checks[last - 1] == checks[high - 1]:
            last, high = last - 1, high - 1
        both = min(last - row, high - low)
        for number in range(row, last):
            what = "differs from the one released" if number < row + both else "was not released"
            yield Difference(found.path, found.lines[number], f"the row {' / '.join(found.keys[number])} {what}")
        if missing := high - low - both:
            line = found.lines[last - 1] if last else 1
            count = "a row is" if missing == 1 else f"{missing} rows are"
            yield Difference(found.path, line, f"{count} missing after this one")
        start, begin = stop + 1, end + 1


def _matches(found: Sequence[bytes], wanted: Sequence[bytes]) -> list[tuple[int, int]]:
    """Places in both lists of checks that match: those that each list has once, as many as stand in one order."""
    counts = Counter(found), Counter(wanted)
    place = {check: at for at, check in enumerate(wanted) if counts[0][check] == counts[1][check] == 1}
    pairs = [(at, place[check]) for at, check in enumerate(found) if check in place]
    # The longest rising sequence of the second places: for each length the pair that ends it lowest, and before each
    # pair the one that it follows.
    ends: list[int] = []
    ending: list[int] = []
    before: list[int] = []
    for number, (_, second) in enumerate(pairs):
        length = bisect_left(ends, second)
        before.append(ending[length - 1] if length else -1)
        ends[length : length + 1] = [second]
        ending[length : length + 1] = [number]
    chosen = []
    number = ending[-1] if ending else -1
    while number >= 0:
        chosen.append(pairs[number])
        number = before[number]
    return chosen[::-1]
