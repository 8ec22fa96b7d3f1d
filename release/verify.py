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
import io
import json
import lzma
import os
import re
import stat
import zipfile
import zlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from borderledger.package import Finding
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


def verify(path: Path, manifest: Path | None = None, kept: Path | None = None) -> Verification:
    """Verify a release folder, a csv.zip, or the folder that one was unpacked to.

    manifest   the manifest to trust
    kept       the folder in which the repository keeps its manifests

    Raises CannotVerify, and OSError when a file cannot be read.
    """
    trusted = _Trusted(manifest, kept)
    if path.is_dir():
        if (path / "datapackage.json").is_file():
            files, differences = _folder(path)
            return _package(files, trusted, differences)
        if any((path / name).is_file() for name in (SUMS, MANIFEST)) or _archives(os.listdir(path)):
            return _release(path, trusted)
        raise CannotVerify(f"{path} holds neither {SUMS} nor datapackage.json: no release, and no data package.")
    if not path.is_file():
        raise CannotVerify(f"{path} is no file and no folder.")
    try:
        files, differences = _zip(path)
    except _NoZip as error:
        raise CannotVerify(f"{path} is no zip file, or a damaged one: {error}") from error
    if "datapackage.json" not in files and not differences:
        raise CannotVerify(f"{path} holds no datapackage.json.")
    return _package(files, trusted, differences, beside=path)


@dataclass(frozen=True)
class _Trusted:
    """Where a manifest can come from that was not delivered together with what it is held against."""

    given: Path | None
    kept: Path | None

    def manifest(self, version: object) -> tuple[Manifest, str] | None:
        path = self.given
        if path is None and self.kept is not None:
            path = recorded(self.kept).get(str(version))
        if path is None:
            return None
        try:
            return Manifest.parse(path.read_bytes()), str(path)
        except BadManifest as error:
            raise CannotVerify(f"{path} is no manifest: {error}") from error


# --- a release -------------------------------------------------------------------------------------------------------


def _release(folder: Path, trusted: _Trusted) -> Verification:
    differences: list[Difference] = []
    found = dict(_sums_of(folder, differences))
    against = []
    sums = _read_sums(folder, found, differences)
    if sums is not None:
        against.append(SUMS)
    own = _read_manifest(folder, found, differences)
    if own is not None:
        against.append(MANIFEST)
        wanted = {path: listed.sha256 for path, listed in own.files.items()}
        if sums is not None:
            for path in sorted((sums.keys() | wanted.keys()) - {MANIFEST}):
                if sums.get(path) != wanted.get(path):
                    differences.append(Difference(path, 0, f"{SUMS} and {MANIFEST} do not say the same of it"))
        differences += _files(found, own.files, ignored={MANIFEST, SUMS} if sums is None else found.keys())
    if sums is not None:
        for path in sorted(sums.keys() | found.keys() - {SUMS}):
            if path not in found:
                differences.append(Difference(path, 0, "is missing"))
            elif path not in sums:
                differences.append(Difference(path, 0, f"is not in {SUMS}: it is no part of the release"))
            elif found[path].sha256 != sums[path]:
                differences.append(Difference(path, 0, f"differs: its SHA-256 is not the one in {SUMS}"))
    elsewhere = trusted.manifest(own.version if own else None)
    expected, where = (own, MANIFEST) if elsewhere is None else elsewhere
    if elsewhere is not None:
        against.append(where)
        if own is not None and own.logical() != elsewhere[0].logical():
            differences.append(Difference(MANIFEST, 0, f"differs from {where}"))
    for name in _archives(found):
        try:
            files, more = _zip(folder / name)
        except _NoZip as error:
            differences.append(Difference(name, 0, f"is no zip file, or a damaged one: {error}"))
            continue
        inner = _package(files, _Trusted(None, None), more, expected=expected)
        differences += [Difference(f"{name}/{one.file}", one.line, one.message) for one in inner.differences]
    return Verification(tuple(against), _sorted(differences))


def _archives(names: Any) -> list[str]:
    return sorted(name for name in names if _CSV.fullmatch(name))


def _sums_of(folder: Path, differences: list[Difference]) -> Iterator[tuple[str, FileHash]]:
    """Size and sum of each file, which is read piece by piece; links and devices are not followed."""
    for path, file in _regular(folder, differences):
        digest, size = hashlib.sha256(), 0
        with open(file, "rb") as content:
            while piece := content.read(2**20):
                digest.update(piece)
                size += len(piece)
        yield path, FileHash(size, digest.hexdigest())


def _regular(folder: Path, differences: list[Difference]) -> Iterator[tuple[str, Path]]:
    for root, folders, names in os.walk(folder):
        for name in sorted(names + [one for one in folders if os.path.islink(os.path.join(root, one))]):
            file = Path(root, name)
            path = file.relative_to(folder).as_posix()
            if stat.S_ISREG(file.lstat().st_mode):
                yield path, file
            else:
                differences.append(Difference(path, 0, "is a link or a device, not a file"))


def _read_sums(folder: Path, found: Mapping[str, FileHash], differences: list[Difference]) -> dict[str, str] | None:
    raw = _small(folder, SUMS, found, differences)
    if raw is None:
        return None
    sums: dict[str, str] = {}
    try:
        lines = raw.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        differences.append(Difference(SUMS, 0, "is not UTF-8 text"))
        return None
    for number, line in enumerate(lines, 1):
        match = _SUM.fullmatch(line)
        if not match:
            differences.append(Difference(SUMS, number, "is not a SHA-256 and a file name"))
        elif match[2] in sums:
            differences.append(Difference(SUMS, number, f"names {match[2]} again"))
        else:
            sums[match[2]] = match[1]
    return sums


def _read_manifest(folder: Path, found: Mapping[str, FileHash], differences: list[Difference]) -> Manifest | None:
    raw = _small(folder, MANIFEST, found, differences)
    try:
        return None if raw is None else Manifest.parse(raw)
    except BadManifest as error:
        differences.append(Difference(MANIFEST, 0, f"cannot be used: {error}"))
        return None


def _small(folder: Path, name: str, found: Mapping[str, FileHash], differences: list[Difference]) -> bytes | None:
    if name not in found:
        differences.append(Difference(name, 0, "is missing"))
    elif found[name].bytes > LARGEST:
        differences.append(Difference(name, 0, f"is larger than {LARGEST // 2**20} MiB"))
    else:
        return (folder / name).read_bytes()
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


class _NoZip(Exception):
    """A file cannot be read as a zip file at all."""


#: What zipfile and the libraries below it raise on damaged or hostile files.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,  # encrypted, or a way of packing that is not known
    OverflowError,
    LookupError,
)


def _zip(path: Path) -> tuple[dict[str, bytes], list[Difference]]:
    """The files in a zip file that are safe to read, and what is wrong with the others. Raises _NoZip."""
    files: dict[str, bytes] = {}
    differences: list[Difference] = []
    room = LARGEST
    try:
        archive = zipfile.ZipFile(path)
    except _DAMAGED as error:
        raise _NoZip(str(error)) from error
    with archive:
        for member in archive.infolist():
            name = member.filename
            wrong = _unsafe(member)
            if not wrong and name in files:
                wrong = "stands twice in the zip file"
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
    files: dict[str, bytes],
    trusted: _Trusted,
    differences: list[Difference],
    expected: Manifest | None = None,
    beside: Path | None = None,
) -> Verification:
    """What differs in a package; `differences` are those known already, of files that could not be read."""
    known = {one.file for one in differences}
    root = _in_memory(files)
    problems: list[Finding] = []
    tables = read_tables(root, problems)
    for problem in problems:
        if problem.file not in known:
            message = problem.message if problem.file in files else "is missing"
            differences.append(Difference(problem.file, problem.line, message))
    descriptor = _descriptor(files)
    against = MANIFEST
    if expected is None:
        elsewhere = trusted.manifest(descriptor.get("version")) or (_beside(beside) if beside else None)
        if elsewhere:
            expected, against = elsewhere
    if expected is None:
        against = "its own datapackage.json only (give --manifest to hold it against the release)"
        listed = dict(_listed(descriptor))
        if not any(digest for digests in listed.values() for digest in digests):
            # A checkout, or a descriptor that cannot be read, which has been said.
            if listed:
                message = "has no hashes to hold the files against: this is no package as it was released"
                differences.append(Difference("datapackage.json", 0, message))
            return Verification((against,), _sorted(differences))
        for path in sorted(listed.keys() | files.keys() - {"datapackage.json", *_TEXTS}):
            if path not in files:
                message = "is missing"
            elif path not in listed:
                message = "is not in datapackage.json: it is no part of the package"
            elif f"sha256:{file_hash(files[path]).sha256}" not in listed[path]:
                message = "differs: its SHA-256 is not the one in datapackage.json"
            else:
                continue
            if path not in known:
                differences.append(Difference(path, 0, message))
        return Verification((against,), _sorted(differences))
    if descriptor.get("version") != expected.version:
        message = f"has the version {descriptor.get('version')!r:.40}, and the manifest {expected.version!r}"
        differences.append(Difference("datapackage.json", 0, message))
    found = {path: file_hash(content) for path, content in files.items()}
    differences += _files(found, expected.package, ignored=known)
    for name in sorted(expected.tables.keys() | tables.keys()) if tables else ():  # or the descriptor is to blame
        differences += _table(name, tables.get(name), expected.tables.get(name))
    return Verification((against,), _sorted(differences))


#: The files of a csv.zip that its descriptor does not list.
_TEXTS = ("README.md", "LICENSE-DATA")


def _in_memory(files: Mapping[str, bytes]) -> zipfile.Path:
    """The files as a package that can be read, whatever else lies where they came from."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path, raw in files.items():
            archive.writestr(zipfile.ZipInfo(path), raw)
    opened = zipfile.ZipFile(content)
    opened.filename = "the package"  # zipfile.Path cannot speak of a file without a name
    return zipfile.Path(opened)


def _descriptor(files: Mapping[str, bytes]) -> dict[str, Any]:
    try:
        found = json.loads(files.get("datapackage.json", b""))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _listed(descriptor: Mapping[str, Any]) -> Iterator[tuple[str, tuple[object, ...]]]:
    resources = descriptor.get("resources")
    for resource in resources if isinstance(resources, list) else ():
        if isinstance(resource, dict):
            for path, digest in (("path", "hash"), ("schema", "schemaHash")):
                if isinstance(resource.get(path), str):
                    yield resource[path], (resource.get(digest),)


def _beside(archive: Path) -> tuple[Manifest, str] | None:
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


def _files(
    found: Mapping[str, FileHash], wanted: Mapping[str, FileHash], ignored: Any = frozenset()
) -> Iterator[Difference]:
    for path in sorted((found.keys() | wanted.keys()) - set(ignored)):
        if path not in found:
            yield Difference(path, 0, "is missing")
        elif path not in wanted:
            yield Difference(path, 0, "is not in the manifest: it is no part of the release")
        elif found[path].bytes != wanted[path].bytes:
            yield Difference(path, 0, f"differs: it has {found[path].bytes} bytes, not {wanted[path].bytes}")
        elif found[path] != wanted[path]:
            yield Difference(path, 0, "differs: its SHA-256 is not the one in the manifest")


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


def _sorted(differences: list[Difference]) -> tuple[Difference, ...]:
    return tuple(sorted(dict.fromkeys(differences), key=lambda one: (one.file, one.line)))
