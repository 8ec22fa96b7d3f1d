"""What a release holds, that it can be built again to the byte, and that nothing half-written is ever left.

One release of the checkout is built for the whole module, from a copy of it, in a process of its own. What does not
depend on the content is tested on the small package, with the slow formats left out.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from frictionless import Package as Stock

import borderledger as bl
import release.build
from borderledger.dataset import Dataset
from borderledger.errors import BadArgument
from borderledger.output.shipped import packed
from release.build import STEPS, Findings, NotBuilt, build, record
from release.manifest import Manifest, read_tables
from release.planted import PLANTED, Fault
from release.working_rules import Rules
from tests.conftest import ROOT, Mini, sample

DATA = sample()
NAME = f"borderledger-data-{DATA.data_version}"
#: What makes up the checkout, as far as a release is made of it.
SOURCES = (
    *("data", "schemas", "src", "validate", "release", "docs", "datapackage.json", "pyproject.toml", "hatch_build.py"),
    *("README.md", "CHANGELOG.md", "CITATION.cff", "LICENSE", "LICENSE-DATA", ".gitignore", "constraints.txt"),
)
#: What is made from the bill of materials, and so is not in it; nor is the bill.
LATER = {f"{NAME}.cdx.json", "manifest.json", "SHA256SUMS"}
METADATA = {
    *("croissant.json", "dcat.ttl", "dataset.jsonld", "CITATION.cff", ".zenodo.json", "datasette.json"),
    "RELEASE_NOTES.md",
}


def copied(to: Path) -> Path:
    """A copy of the checkout as it would be before its first release: no git, no caches, no manifests kept.

    Its data are those of the sample, of which a release is built in half the time.
    """
    for name in SOURCES:
        if (ROOT / name).is_dir():
            held = DATA.root if name == "data" else ROOT
            shutil.copytree(held / name, to / name, ignore=shutil.ignore_patterns("__pycache__", "manifests"))
        else:
            to.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, to / name)
    return to


def command(*arguments: str | Path) -> list[Any]:
    return [sys.executable, "-m", "release", *arguments]


def environment(root: Path, **more: str) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(root / "src")} | more


def run(root: Path, *arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a checkout, with the modules of that checkout."""
    return subprocess.run(
        command(*arguments), cwd=root, env=environment(root, **more), capture_output=True, text=True, check=False
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def built(checkout: Path) -> Path:
    """The release of the checkout."""
    done = run(checkout, "build")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"dist/{NAME}\n"
    return checkout / "dist" / NAME


@pytest.fixture(scope="module")
def unpacked(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(built / f"{NAME}-csv.zip") as archive:
        archive.extractall(folder)
    return folder


class TestContents:
    def test_every_format_is_there_and_nothing_else(self, built: Path) -> None:
        version = DATA.data_version
        wanted = {f"{NAME}-csv.zip", f"{NAME}.xlsx", f"{NAME}.sqlite", *LATER, *METADATA}
        wanted |= {f"borderledger-{version}-py3-none-any.whl", f"borderledger-{version}.tar.gz"}
        wanted |= {f"parquet/{table}.parquet" for table in DATA.names}
        assert contents(built).keys() == wanted
        assert os.listdir(built.parent) == [NAME]

    def test_the_package_is_the_one_that_the_wheel_carries(self, built: Path, unpacked: Path) -> None:
        found = contents(unpacked)
        assert found.pop("LICENSE-DATA") == (ROOT / "LICENSE-DATA").read_bytes()
        readme = found.pop("README.md").decode()
        assert DATA.data_version in readme
        assert "CC-BY-4.0" in readme
        assert found == packed(DATA.root)
        with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
            carried = {n.partition("/_data/")[2]: wheel.read(n) for n in wheel.namelist() if "/_data/" in n}
        assert carried == found

    def test_frictionless_accepts_it_unpacked_and_as_a_zip_file(self, built: Path, unpacked: Path) -> None:
        for path in (unpacked / "datapackage.json", built / f"{NAME}-csv.zip"):
            report = Stock(str(path)).validate()
            assert report.valid, report.flatten()
            assert len(report.tasks) == len(DATA.names) + 1

    def test_it_opens_as_the_checkout_does(self, built: Path, unpacked: Path) -> None:
        for path in (built / f"{NAME}-csv.zip", unpacked):
            dataset = bl.open(path)
            assert not bl.diff(DATA, dataset)
            assert all(dataset.load(table).equals(DATA.load(table)) for table in DATA.names)

    def test_the_other_formats_hold_it(self, built: Path) -> None:
        for table in DATA.names:
            assert pq.read_table(built / "parquet" / f"{table}.parquet").equals(DATA.load(table, backend="arrow"))
        assert (
            openpyxl.load_workbook(built / f"{NAME}.xlsx", read_only=True).sheetnames[1 : len(DATA.names) + 1]
            == DATA.names
        )
        assert (built / f"{NAME}.sqlite").read_bytes().startswith(b"SQLite format 3\0")

    def test_the_sums_are_right_and_sorted(self, built: Path) -> None:
        lines = (built / "SHA256SUMS").read_text().splitlines()
        found = [(line[66:], line[:64]) for line in lines]
        files = {path: hashlib.sha256(raw).hexdigest() for path, raw in contents(built).items()}
        del files["SHA256SUMS"]
        assert found == sorted(files.items())
        if shutil.which("sha256sum"):
            subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=built, check=True)

    def test_the_manifest_is_right_and_small(self, built: Path) -> None:
        manifest = Manifest.parse((built / "manifest.json").read_bytes())
        assert (manifest.version, manifest.created) == (DATA.data_version, DATA.descriptor["created"])
        assert manifest.tables == {name: table.hash for name, table in read_tables(DATA.root, []).items()} | {
            "grades": manifest.tables["grades"]
        }
        files = {path: (len(raw), hashlib.sha256(raw).hexdigest()) for path, raw in contents(built).items()}
        del files["manifest.json"], files["SHA256SUMS"]
        assert {path: (found.bytes, found.sha256) for path, found in manifest.files.items()} == files
        assert manifest.faults == PLANTED
        assert len(manifest.json()) < 1_300 * (len(files) + len(PLANTED))  # no more for more rows

    def test_the_bill_of_materials_is_valid_and_names_every_file_and_every_pinned_version(self, built: Path) -> None:
        raw = (built / f"{NAME}.cdx.json").read_text(encoding="utf-8")
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(raw) is None
        bill = json.loads(raw)
        sums = {one["name"]: one["hashes"][0]["content"] for one in bill["components"] if one["type"] == "file"}
        files = {path: hashlib.sha256(content).hexdigest() for path, content in contents(built).items()}
        assert sums == {path: found for path, found in files.items() if path not in LATER}
        pinned = re.findall(
            r"^([a-z0-9].*?)==(\S+)", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE
        )
        tools = [(one["name"], one["version"]) for one in bill["components"] if one.get("scope") == "excluded"]
        assert sorted(tools) == sorted(pinned)
        assert {one["name"] for one in bill["components"] if one.get("scope") == "required"} == {"pandas"}
        assert bill["metadata"]["timestamp"] == DATA.created.isoformat()

    def test_the_notes_name_files_that_are_there(self, built: Path) -> None:
        notes = (built / "RELEASE_NOTES.md").read_text(encoding="utf-8").partition("\n## Files\n")[2]
        cells = [line.split("|")[1] for line in notes.partition("\n## ")[0].splitlines() if line.startswith("| `")]
        named = [name for cell in cells for name in re.findall("`([^`]+)`", cell)]
        assert len(named) > 5
        assert [name for name in named if not (built / name).exists()] == []

    def test_the_sdist_holds_what_the_wheel_is_built_from(self, built: Path) -> None:
        with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
            names = {name.partition("/")[2] for name in archive.getnames()}
        modules = {p.relative_to(ROOT).as_posix() for p in (ROOT / "src/borderledger").rglob("*.py")}
        tables = {path for name in DATA.names for path in (DATA.schema(name).path, DATA.schema(name).schema_path)}
        texts = {"README.md", "CHANGELOG.md", "CITATION.cff", "LICENSE", "LICENSE-DATA", "PKG-INFO", ".gitignore"}
        texts |= {"datapackage.json", "pyproject.toml", "hatch_build.py", "src/borderledger/py.typed"}
        assert names == modules | tables | texts


class TestReproducible:
    def test_another_folder_clock_locale_and_junk_make_no_difference(self, built: Path, tmp_path: Path) -> None:
        there = copied(tmp_path / "another place, with a ü in it")
        for path in (
            *("notes.txt", ".venv/lib/x.py", "build/lib/x.py", "src/borderledger/.DS_Store", ".git/config"),
            *("data/returns.csv~", "data/.~lock.returns.csv#", "src/borderledger/__pycache__/x.pyc", "schemas/old.txt"),
            *("dist/.borderledger-data-9.9.9.new/half.csv", "tests/x.py"),
        ):
            (there / path).parent.mkdir(parents=True, exist_ok=True)
            (there / path).write_text("junk")
        for path in there.rglob("*"):
            os.utime(path, (1_000_000_000, 1_000_000_000))
        away = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONHASHSEED": "7"}
        away |= {"SOURCE_DATE_EPOCH": "1", "HATCH_BUILD_NO_HOOKS": "true", "LANGUAGE": "tr", "COLUMNS": "20"}
        mask = os.umask(0o077)
        try:
            done = run(there, "build", "--out", "out", **away)
        finally:
            os.umask(mask)
        assert done.returncode == 0, done.stdout + done.stderr
        here, again = contents(built), contents(there / "out" / NAME)
        assert [path for path in here.keys() | again.keys() if here.get(path) != again.get(path)] == []

    def test_the_wheel_is_the_one_that_is_built_from_the_sdist(self, built: Path, tmp_path: Path) -> None:
        with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
            archive.extractall(tmp_path, filter="data")
        (source,) = tmp_path.iterdir()
        release.build._hatchling("wheel", source, tmp_path, DATA.created)
        (wheel,) = tmp_path.glob("*.whl")
        assert wheel.read_bytes() == next(built.glob("*.whl")).read_bytes()


# --- on the small package --------------------------------------------------------------------------------------------


SBOM = release.build._sbom


@pytest.fixture
def small(mini: Mini, monkeypatch: pytest.MonkeyPatch) -> Mini:
    """The small package, of which a release is quick: without the slow formats, with a stand-in for the wheel."""
    (mini.root / "LICENSE-DATA").write_text("licence")
    slow = release.build.content
    monkeypatch.setattr(release.build, "content", lambda d, f: slow(d, f) if f == "parquet" else {"": f.encode()})
    monkeypatch.setattr(release.build, "rules_at_work", lambda root, before: Rules((), (), (), before is not None))
    monkeypatch.setattr(release.build, "_hatchling", lambda kind, root, to, when: (to / kind).write_text(kind))
    monkeypatch.setattr(release.build, "_sbom", lambda root, staging, created: b"{}")
    return mini


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "dist"


class TestRefuses:
    def test_findings(self, small: Mini, out: Path) -> None:
        small.row("returns", id="ret-all-ba-2020-11")["quantity"] = "99"
        small.save()
        with pytest.raises(Findings) as caught:
            build(small.root, out)
        assert {finding.rule for finding in caught.value.report.findings} >= {"evidence.mismatch"}
        assert not out.exists()

    def test_on_the_command_line_findings_are_printed(self, tmp_path: Path) -> None:
        root = copied(tmp_path)
        table = root / "data/facilities.csv"
        table.write_bytes(table.read_bytes().replace(b"400,exact", b"401,exact", 1))
        done = run(root, "build")
        assert done.returncode == 1
        assert "data/facilities.csv:" in done.stdout
        assert done.stderr == "release: The dataset has findings; nothing was built.\n"
        assert not (root / "dist").exists()

    def test_a_rule_that_does_not_find_its_fault(self, small: Mini, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(release.build, "rules_at_work", lambda root, before: Rules(PLANTED[:1], (), (), False))
        with pytest.raises(NotBuilt, match=r"No planted fault shows that this rule works: dates\.order of agreements"):
            build(small.root, out)
        assert not out.exists()

    @pytest.mark.parametrize("version", ["1.0.0/../../x", "1.0.0\n", "١.٠.٠"])
    def test_a_version_that_is_not_three_numbers(self, small: Mini, out: Path, version: str) -> None:
        change_version(small.root, version)
        with pytest.raises((NotBuilt, Findings)):
            build(small.root, out)
        assert not out.exists()

    def test_a_release_that_is_there_unless_told_to_overwrite(self, small: Mini, out: Path) -> None:
        first = contents(build(small.root, out))
        (out / NAME / "SHA256SUMS").write_text("old")
        with pytest.raises(NotBuilt, match="exists; say --overwrite"):
            build(small.root, out)
        assert (out / NAME / "SHA256SUMS").read_text() == "old"
        assert contents(build(small.root, out, overwrite=True)) == first
        assert os.listdir(out) == [NAME]

    def test_to_overwrite_a_folder_with_other_files(self, small: Mini, out: Path) -> None:
        build(small.root, out)
        (out / NAME / "diary.txt").write_text("dear diary")
        with pytest.raises(BadArgument, match=r"diary\.txt"):
            build(small.root, out, overwrite=True)
        assert (out / NAME / "diary.txt").read_text() == "dear diary"
        assert os.listdir(out) == [NAME]

    def test_to_build_twice_at_once(self, small: Mini, out: Path) -> None:
        pytest.importorskip("fcntl")
        out.mkdir()
        with release.build._alone(out), pytest.raises(NotBuilt, match="Another build"):
            build(small.root, out)
        build(small.root, out)

    def test_what_fails_to_build_leaves_nothing(self, small: Mini, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.undo()
        with pytest.raises(NotBuilt, match="The wheel could not be built"):  # there is no pyproject.toml
            build(small.root, out)
        assert os.listdir(out) == []

    def test_with_other_versions_than_those_of_the_file(
        self, small: Mini, out: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(release.build, "_sbom", SBOM)
        (small.root / "constraints.txt").write_text("pandas==0.1\n", encoding="utf-8")
        with pytest.raises(NotBuilt, match=r"needs the versions of constraints\.txt: pandas==0\.1 \(.+ installed\)"):
            build(small.root, out)
        assert os.listdir(out) == []


class TestInterrupted:
    """Whatever moment a build ends at, there is the whole release or what was there before."""

    @pytest.mark.parametrize("at", ["csv.zip", "sdist", "sums", "fsync", "replace", "second replace"])
    @pytest.mark.parametrize("existing", [False, True])
    def test_leaves_all_or_nothing(
        self, small: Mini, out: Path, monkeypatch: pytest.MonkeyPatch, at: str, existing: bool
    ) -> None:
        if existing:
            build(small.root, out)
            (out / NAME / "SHA256SUMS").write_text("old")
        elif at == "second replace":
            pytest.skip("a new folder takes one")
        before = contents(out) if existing else {}

        def stop(name: str) -> None:
            if name == at:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            if at not in STEPS:
                call, calls = at.split()[-1], [0]
                real: Callable[..., None] = getattr(os, call)

                def stopped(*arguments: Any) -> None:
                    calls[0] += 1
                    if calls[0] == len(at.split()):
                        raise KeyboardInterrupt
                    real(*arguments)

                patch.setattr(os, call, stopped)
            with pytest.raises(KeyboardInterrupt):
                build(small.root, out, overwrite=True, step=stop)
        assert contents(out) == before
        assert os.listdir(out) == ([NAME] if existing else [])

    def test_a_killed_build_leaves_nothing_that_looks_like_a_release(self, checkout: Path, tmp_path: Path) -> None:
        out = tmp_path / "dist"
        with subprocess.Popen(
            command("build", "--out", out),
            cwd=checkout,
            env=environment(checkout),
            stdout=subprocess.DEVNULL,
        ) as process:
            deadline = time.monotonic() + 120
            while not (list(out.glob(f".{NAME}.new/*.zip")) or time.monotonic() > deadline):
                assert process.poll() is None
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
        assert os.listdir(out) == [f".{NAME}.new"]

    def test_the_next_run_clears_away_what_a_killed_one_left(self, small: Mini, out: Path) -> None:
        whole = contents(build(small.root, out))
        shutil.copytree(out / NAME, out / f".{NAME}.old")
        (out / f".{NAME}.new/data").mkdir(parents=True)
        (out / f".{NAME}.new/data/half.csv").write_text("half")
        assert contents(build(small.root, out, overwrite=True)) == whole
        assert os.listdir(out) == [NAME]

    def test_what_a_killed_run_was_about_to_replace_comes_back(self, small: Mini, out: Path) -> None:
        build(small.root, out)
        (out / NAME / "SHA256SUMS").write_text("old")
        os.replace(out / NAME, out / f".{NAME}.old")
        with pytest.raises(NotBuilt, match="exists"):
            build(small.root, out)
        assert (out / NAME / "SHA256SUMS").read_text() == "old"
        assert os.listdir(out) == [NAME]


def change_version(root: Path, version: str) -> None:
    file = root / "datapackage.json"
    content = json.loads(file.read_bytes())
    file.write_text(json.dumps(content | {"version": version}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


class TestPrevious:
    """The notes follow from the commit alone, because it records what the release before was."""

    @pytest.fixture
    def first(self, small: Mini, out: Path) -> Path:
        """The csv.zip of a first release, which is recorded; the checkout then has the next version."""
        folder = build(small.root, out)
        assert record(small.root, folder) == small.root / f"release/manifests/{DATA.data_version}.json"
        change_version(small.root, "98.0.0")
        return folder / f"{NAME}-csv.zip"

    def test_is_needed_once_there_was_a_release(self, small: Mini, out: Path, first: Path) -> None:
        with pytest.raises(NotBuilt, match=rf"say --previous with the csv.zip of {DATA.data_version}"):
            build(small.root, out)
        assert build(small.root, out, previous=bl.open(first)).name == "borderledger-data-98.0.0"

    def test_reaches_the_notes_as_changes(
        self, small: Mini, out: Path, first: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import release.notes

        def noted(dataset: Dataset, changes: bl.Changes | None, *, gone: tuple[Fault, ...]) -> str:
            lost = "".join(f" without {fault.rule}" for fault in gone)
            return f"{changes.old_version} to {dataset.data_version}{lost}" if changes is not None else "first"

        def working(root: Path, before: tuple[Fault, ...] | None) -> Rules:
            assert before == PLANTED  # what the manifest of the first release kept
            return Rules((), (), PLANTED[:1], True)

        monkeypatch.setattr(release.build, "rules_at_work", working)
        monkeypatch.setattr(release.notes, "release_notes", noted)
        folder = build(small.root, out, previous=bl.open(first))
        assert (folder / "RELEASE_NOTES.md").read_text() == f"{DATA.data_version} to 98.0.0 without dates.order"

    def test_may_be_a_checkout(self, small: Mini, out: Path, first: Path, tmp_path: Path) -> None:
        for name in ("data", "schemas"):
            shutil.copytree(small.root / name, tmp_path / "old" / name)
        shutil.copy(small.root / "datapackage.json", tmp_path / "old")
        change_version(tmp_path / "old", DATA.data_version)
        build(small.root, out, previous=bl.open(tmp_path / "old"))

    def test_must_be_the_one_that_was_recorded(self, small: Mini, out: Path, first: Path, tmp_path: Path) -> None:
        with zipfile.ZipFile(first) as archive:
            archive.extractall(tmp_path / "other")
        table = tmp_path / "other/data/places.csv"
        table.write_bytes(table.read_bytes().replace(b"Albania", b"Albion"))
        with pytest.raises(NotBuilt, match="places is not that of"):
            build(small.root, out, previous=bl.open(tmp_path / "other"))

    def test_must_be_the_last_before_this_one(self, small: Mini, out: Path, first: Path) -> None:
        change_version(small.root, "99.0.0")
        kept = small.root / "release/manifests"
        shutil.copy(kept / f"{DATA.data_version}.json", kept / "98.0.0.json")
        with pytest.raises(NotBuilt, match=rf"is 98.0.0, not {DATA.data_version}"):
            build(small.root, out, previous=bl.open(first))

    def test_must_not_be_given_for_the_first(self, small: Mini, out: Path) -> None:
        with pytest.raises(NotBuilt, match="has none before"):
            build(small.root, out, previous=DATA)


class TestRecord:
    def test_leaves_out_what_depends_on_the_builder(self, small: Mini, out: Path) -> None:
        folder = build(small.root, out)
        kept = record(small.root, folder)
        assert Manifest.parse(kept.read_bytes()) == Manifest.parse((folder / "manifest.json").read_bytes()).logical()
        assert record(small.root, folder) == kept

    def test_never_changes_what_was_released(self, small: Mini, out: Path) -> None:
        kept = record(small.root, build(small.root, out))
        before = kept.read_bytes()
        small.row("places", id="AL")["name"] = "Albion"
        small.save()
        folder = build(small.root, out, overwrite=True)
        with pytest.raises(NotBuilt, match="raise the version"):
            record(small.root, folder)
        assert kept.read_bytes() == before


class TestCommand:
    def test_says_why_it_cannot(self, checkout: Path, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        done = run(checkout, "build", "--out", tmp_path / "file")
        assert done.returncode == 2
        assert done.stderr.startswith("release: ")
        assert "Traceback" not in done.stderr

    def test_previous_that_is_not_there(self, checkout: Path) -> None:
        done = run(checkout, "build", "--previous", "nowhere.zip")
        assert done.returncode == 2
        assert done.stderr.startswith("release: nowhere.zip is not on the disk, and no commit: ")

    def test_help_needs_no_library(self) -> None:
        code = (
            "import sys; from release.__main__ import main\n"
            "try: main(['build', '--help'])\n"
            "except SystemExit: assert not {'pandas', 'pandera', 'rich'} & sys.modules.keys()"
        )
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "--overwrite" in done.stdout
