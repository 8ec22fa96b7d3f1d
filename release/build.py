"""Build the release of a checkout: a folder that holds the dataset in every format, and what tells that it is whole.

    borderledger-data-X.Y.Z-csv.zip   the data package as shipped, with LICENSE-DATA and a README;
                                      datapackage.json at the top, where Frictionless looks for it in a zip file
    borderledger-data-X.Y.Z.xlsx, borderledger-data-X.Y.Z.sqlite, parquet/
                                      see `borderledger.output.export`; made from the content of the csv.zip
    borderledger-X.Y.Z-*.whl, borderledger-X.Y.Z.tar.gz
                                      the loader with the data, and what it is built from
    croissant.json, dcat.ttl, dataset.jsonld, CITATION.cff, .zenodo.json, datasette.json
                                      see `release.metadata`
    borderledger-data-X.Y.Z.cdx.json  see `release.sbom`
    RELEASE_NOTES.md                  see `release.notes`
    manifest.json                     see `release.manifest`
    SHA256SUMS                        of all the others, for `sha256sum -c`

One commit gives the same bytes wherever and whenever it is built, with the libraries of constraints.txt: the one time
that anything reads is `created` in datapackage.json, and neither git nor files that are no part of the package matter.
The notes tell what changed since the release before. That one has to be given as soon as release/manifests/ knows of
one, and has to be the one recorded there.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from borderledger.changes import diff
from borderledger.dataset import Dataset
from borderledger.output.export import check_replaceable, content
from borderledger.output.metadata import about
from borderledger.output.shipped import packed
from borderledger.package import Finding, alone, version_order, write_files
from borderledger.package.files import keep_mode
from borderledger.package.zipped import Zipped
from release.manifest import MANIFEST, MANIFESTS, SUMS, FileHash, Manifest, file_hash, read_tables, recorded, unlike
from release.planted import PLANTED, Fault
from release.shipped_files import unmerged
from release.working_rules import rules_at_work

if TYPE_CHECKING:
    from datetime import datetime

    from validate.report import Report

__all__ = ["STEPS", "Findings", "NotBuilt", "build", "record"]

#: What a build does, in its order.
STEPS = ("check", "csv.zip", "xlsx", "sqlite", "parquet", "wheel", "sdist", "metadata", "notes", "sbom", "sums")


class NotBuilt(Exception):
    """Why there is no release; nothing was written."""


class Findings(NotBuilt):
    """Validation has findings; `report` has them."""

    def __init__(self, report: Report) -> None:
        super().__init__("The dataset has findings; nothing was built.")
        self.report = report


def build(
    root: Path,
    out: Path,
    *,
    overwrite: bool = False,
    previous: Dataset | None = None,
    step: Callable[[str], object] = lambda name: None,
) -> Path:
    """Validate the checkout in `root`, write its release below `out`, and return the folder.

    overwrite   replace the release if it is there, unless its folder holds files of another kind
    previous    the release before this one
    step        called with the name of each of STEPS as it begins

    All is made in a hidden folder beside and moved in place whole. What a killed run has left is cleared away.

    Raises Findings, NotBuilt, OSError, and as `borderledger.output.export` does.
    """
    from validate.engine import check

    if out.exists() and not out.is_dir():
        raise NotBuilt(f"{out} is not a folder.")
    step("check")
    report = check(root)
    if not report.ok:
        raise Findings(report)
    for merge in unmerged(root):
        raise NotBuilt(f"{merge}. {merge.fix}")
    version = Dataset(root).data_version
    if not re.fullmatch(r"\d+\.\d+\.\d+", version, re.ASCII):
        raise NotBuilt(f"The version in datapackage.json must be three numbers, as 1.2.3, and is {version!r}.")
    _check_previous(root, version, previous)
    working = rules_at_work(root, _found_before(root, previous))
    if wrong := [*(fault.name for fault in working.silent), *map(str, working.unshown)]:
        raise NotBuilt(f"No planted fault shows that this rule works: {wrong[0]}. python -m release check says more.")
    out.mkdir(parents=True, exist_ok=True)
    target = out / f"borderledger-data-{version}"
    with _alone(out):
        _clear(target)
        if os.path.lexists(target) and not overwrite:
            raise NotBuilt(f"{target} exists; say --overwrite to build it again.")
        staging = _new(target)
        try:
            staging.mkdir()
            _fill(staging, root, previous, working.gone, step)
            _land(staging, target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return target


def record(root: Path, release: Path) -> Path:
    """Keep the manifest of a release folder in the repository, and return its path there.

    Raises NotBuilt when another one is kept under the version: what was released does not change.
    """
    manifest = Manifest.parse((release / MANIFEST).read_bytes())
    path = f"{MANIFESTS.as_posix()}/{manifest.version}.json"
    content = manifest.logical().json()
    with alone(root, "release build --record"):
        kept = root / path
        if kept.exists() and kept.read_bytes() != content:
            raise NotBuilt(f"{kept} is that of another {manifest.version}. A release never changes; raise the version.")
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_files(root, [(path, content.decode("utf-8"))])
    return kept


def _check_previous(root: Path, version: str, previous: Dataset | None) -> None:
    known = recorded(root / MANIFESTS)
    before = [one for one in known if version_order(one) < version_order(version)]
    given = previous.data_version if previous else None
    wanted = before[-1] if before else None
    if given == wanted:
        if previous and wanted:
            _check_same(previous, Manifest.parse(known[wanted].read_bytes()), known[wanted])
    elif wanted is None:
        raise NotBuilt(f"The release before {version} is to be {given}, but {MANIFESTS} has none before {version}.")
    elif given is None:
        raise NotBuilt(f"The notes tell what changed since {wanted}: say --previous with the csv.zip of {wanted}.")
    else:
        raise NotBuilt(f"The release before {version} is {wanted}, not {given}.")


def _check_same(previous: Dataset, kept: Manifest, where: Path) -> None:
    for name in unlike(previous.root, kept):
        raise NotBuilt(f"{previous.root} is not the release {kept.version}: {name} is not that of {where}.")


def _found_before(root: Path, previous: Dataset | None) -> tuple[Fault, ...] | None:
    """The planted faults that the rules of the release before found, if its manifest says so."""
    known = recorded(root / MANIFESTS)
    return Manifest.parse(known[previous.data_version].read_bytes()).faults if previous else None


# --- the files -------------------------------------------------------------------------------------------------------


def _fill(
    staging: Path, root: Path, previous: Dataset | None, gone: Sequence[Fault], step: Callable[[str], object]
) -> None:
    step("csv.zip")
    checkout = Dataset(root)
    name = f"borderledger-data-{checkout.data_version}"
    package = packed(root)
    package["README.md"] = _readme(checkout).encode()
    package["LICENSE-DATA"] = (root / "LICENSE-DATA").read_bytes()
    archive = _zipped(package, checkout.created)
    _write(staging / f"{name}-csv.zip", archive)
    dataset = Dataset(Zipped(f"{name}-csv.zip", archive))
    for format in ("xlsx", "sqlite", "parquet"):
        step(format)
        for path, raw in content(dataset, format).items():
            _write(staging / (f"parquet/{path}" if path else f"{name}.{format}"), raw)
    for kind in ("wheel", "sdist"):
        step(kind)
        _hatchling(kind, root, staging, dataset.created)
    step("metadata")
    from release.metadata import metadata

    archives = {p.relative_to(staging).as_posix(): p.read_bytes() for p in staging.rglob("*") if p.is_file()}
    for path, raw in metadata(dataset, archives).items():
        _write(staging / path, raw)
    step("notes")
    from release.notes import release_notes

    # Of the checkout: the archive holds no changelog.
    notes = release_notes(checkout, diff(previous, checkout) if previous else None, gone=gone)
    _write(staging / "RELEASE_NOTES.md", notes.encode())
    step("sbom")
    _write(staging / f"{name}.cdx.json", _sbom(root, staging, dataset.created))
    step("sums")
    problems: list[Finding] = []
    tables = {name: table.hash for name, table in read_tables(dataset.root, problems).items()}
    assert not problems  # or validation would have had findings
    manifest = Manifest(
        version=dataset.data_version,
        created=str(dataset.descriptor["created"]),
        package={path: file_hash(raw) for path, raw in sorted(package.items())},
        tables=tables,
        faults=PLANTED,
        files=dict(_hashed(staging)),
    )
    _write(staging / MANIFEST, manifest.json())
    sums = "".join(f"{found.sha256}  {path}\n" for path, found in _hashed(staging))
    _write(staging / SUMS, sums.encode())


def _sbom(root: Path, staging: Path, created: datetime) -> bytes:
    from release.sbom import sbom, unlike_installed

    constraints = (root / "constraints.txt").read_text(encoding="utf-8")
    if unlike := list(unlike_installed(constraints)):
        raise NotBuilt(
            f"A release needs the versions of constraints.txt: {', '.join(unlike)}. Run make .venv/installed."
        )
    (wheel,) = staging.glob("*.whl")
    files = {path: (staging / path).read_bytes() for path, _ in _hashed(staging)}
    return sbom(wheel.read_bytes(), files, constraints, created)


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)


def _hashed(folder: Path) -> Iterator[tuple[str, FileHash]]:
    for path in sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()):
        yield path, file_hash((folder / path).read_bytes())


def _zipped(files: dict[str, bytes], when: datetime) -> bytes:
    """A zip file in which nothing depends on the machine, the user or the time of the day."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(files):
            member = zipfile.ZipInfo(path, max(when.timetuple()[:6], (1980, 1, 1, 0, 0, 0)))
            member.create_system = 3  # Unix, wherever this runs
            member.external_attr = 0o100644 << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, files[path])
    return out.getvalue()


def _readme(dataset: Dataset) -> str:
    facts = about(dataset)
    tables = "".join(f"- {dataset.schema(n).path}: {dataset.schema(n).title}\n" for n in dataset.names)
    return f"""# {facts["title"]}

Version {facts["version"]}, {facts["created"][:10]}. {facts["description"]}

{tables}
The files are CSV in UTF-8, and form a Data Package: datapackage.json and schemas/ say what each column means, and what
each table does not cover. A record's sources are the rows of data/claims.csv with its id. data/grades.csv, derived from
the claims, says how well each record is evidenced.

    pip install borderledger        # then, in Python:
    borderledger.open("this folder or its zip file").load("returns")

Cite as: {facts["citation"]}

Licence: {facts["licence"]}, {facts["licence_url"]}; see LICENSE-DATA.
"""


def _hatchling(kind: str, root: Path, folder: Path, when: datetime) -> None:
    """Build the wheel or the sdist into a folder, in a process of its own: the build backend is made for that."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HATCH_")}
    # In a locale without UTF-8, file names would hold half characters, on which the matcher of patterns stops.
    environment["PYTHONUTF8"] = "1"
    environment["SOURCE_DATE_EPOCH"] = str(int(when.timestamp()))
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder.absolute())]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotBuilt(f"The {kind} could not be built:\n{done.stdout}{done.stderr}".rstrip())


# --- in place --------------------------------------------------------------------------------------------------------


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Keep another build from the same folder for as long as this one runs; the lock of a killed one is gone."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    folder = os.open(out, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NotBuilt(f"Another build is writing to {out}.") from error
        yield
    finally:
        os.close(folder)


def _new(target: Path) -> Path:
    return target.with_name(f".{target.name}.new")


def _old(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")


def _clear(target: Path) -> None:
    """Clear away what a killed run has left, and put back what it was about to replace."""
    shutil.rmtree(_new(target), ignore_errors=True)
    if _old(target).exists() and not os.path.lexists(target):
        os.replace(_old(target), target)
    shutil.rmtree(_old(target), ignore_errors=True)


def _land(staging: Path, target: Path) -> None:
    files = {p.relative_to(staging).as_posix(): p for p in staging.rglob("*") if p.is_file()}
    for path in files.values():
        with open(path, "rb+") as file:
            os.fsync(file.fileno())
    if not os.path.lexists(target):
        os.replace(staging, target)
        return
    check_replaceable(target, files)
    for name, new in files.items():
        keep_mode(target / name, new)
    keep_mode(target, staging)
    os.replace(target, _old(target))
    try:
        os.replace(staging, target)
    except BaseException:
        os.replace(_old(target), target)
        raise
    shutil.rmtree(_old(target), ignore_errors=True)
