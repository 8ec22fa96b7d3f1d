"""Every kind of damage to a release is named where it is, and nothing that a file holds makes verification fail."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import release.build
import release.verify
from borderledger.package import Package
from release.build import build, record
from release.verify import CannotVerify, Difference, verify
from tests.conftest import ROOT, mini_in

VERSION = json.loads((ROOT / "datapackage.json").read_bytes())["version"]
NAME = f"borderledger-data-{VERSION}"
ZIP = f"{NAME}-csv.zip"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, whole: Package) -> Path:
    """A release of the small package and, beside it, the folder of the manifests that its repository keeps."""
    folder = tmp_path_factory.mktemp("release")
    (folder / "checkout").mkdir()
    mini = mini_in(folder / "checkout", whole)
    (mini.root / "LICENSE-DATA").write_text("licence")
    slow = release.build.content
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(release.build, "content", lambda d, f: slow(d, f) if f == "parquet" else {"": f.encode()})
        patch.setattr(release.build, "_hatchling", lambda kind, root, to, when: (to / kind).write_text(kind))
        patch.setattr(release.build, "_sbom", lambda root, staging, created: b"{}")
        record(mini.root, build(mini.root, folder))
    shutil.copytree(mini.root / "release/manifests", folder / "kept")
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """The release folder, to be damaged."""
    shutil.copytree(made / NAME, tmp_path / NAME)
    return tmp_path / NAME


@pytest.fixture
def package(made: Path, tmp_path: Path) -> Path:
    """The csv.zip, unpacked."""
    with zipfile.ZipFile(made / NAME / ZIP) as archive:
        archive.extractall(tmp_path / "package")
    return tmp_path / "package"


@pytest.fixture
def kept(made: Path) -> Path:
    return made / "kept"


def differences(path: Path, kept: Path | None = None) -> list[str]:
    return [str(found) for found in verify(path, kept=kept).differences]


def swap(file: Path, old: bytes, new: bytes) -> None:
    raw = file.read_bytes()
    assert old in raw
    file.write_bytes(raw.replace(old, new, 1))


def zipped(members: dict[str, bytes], to: Path) -> Path:
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in members.items():
            archive.writestr(name, raw)
    return to


def members(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def repack(archive: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    files = members(archive)
    change(files)
    return zipped(files, archive)


class TestWhole:
    def test_a_release(self, folder: Path, kept: Path) -> None:
        assert verify(folder).against == ("SHA256SUMS", "manifest.json")
        assert verify(folder, kept=kept).against == ("SHA256SUMS", "manifest.json", str(kept / f"{VERSION}.json"))
        assert differences(folder) == differences(folder, kept) == []

    def test_a_csv_zip_by_the_manifest_beside_it(self, folder: Path) -> None:
        assert verify(folder / ZIP).against == (str(folder / "manifest.json"),)
        assert differences(folder / ZIP) == []

    def test_a_csv_zip_alone(self, folder: Path, kept: Path, tmp_path: Path) -> None:
        alone = shutil.copy(folder / ZIP, tmp_path / "renamed.zip")
        assert verify(alone, kept=kept).against == (str(kept / f"{VERSION}.json"),)
        (own,) = verify(alone).against
        assert own.startswith("its own datapackage.json only")
        assert differences(alone) == differences(alone, kept) == []

    def test_an_unpacked_package(self, package: Path, kept: Path) -> None:
        assert differences(package) == differences(package, kept) == []

    def test_by_a_manifest_that_is_given(self, folder: Path, package: Path) -> None:
        for path in (folder, folder / ZIP, package):
            found = verify(path, manifest=folder / "manifest.json")
            assert found.ok
            assert found.against[-1] == str(folder / "manifest.json")


class TestRelease:
    """Files of a release folder."""

    def test_a_changed_file(self, folder: Path) -> None:
        (folder / "parquet/returns.parquet").write_bytes(b"other")
        assert differences(folder) == ["parquet/returns.parquet: differs: its SHA-256 is not the one in SHA256SUMS"]

    def test_a_missing_file(self, folder: Path) -> None:
        (folder / "dcat.ttl").unlink()
        assert differences(folder) == ["dcat.ttl: is missing"]

    def test_an_extra_file(self, folder: Path) -> None:
        (folder / "extra").mkdir()
        (folder / "extra/file.txt").write_text("x")
        assert differences(folder) == ["extra/file.txt: is not in SHA256SUMS: it is no part of the release"]

    def test_a_link(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text("x")
        (folder / "dcat.ttl").unlink()
        (folder / "dcat.ttl").symlink_to(tmp_path / "secret")
        (folder / "loop").symlink_to(folder)
        assert differences(folder) == [
            "dcat.ttl: is a link or a device, not a file",
            "dcat.ttl: is missing",
            "loop: is a link or a device, not a file",
        ]

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
    def test_a_pipe_is_not_waited_for(self, folder: Path) -> None:
        os.mkfifo(folder / "pipe")
        assert differences(folder) == ["pipe: is a link or a device, not a file"]

    def test_sums_are_missing(self, folder: Path) -> None:
        (folder / "SHA256SUMS").unlink()
        (folder / "dcat.ttl").write_bytes(b"other")
        (folder / "extra").write_bytes(b"")
        assert differences(folder) == [
            "SHA256SUMS: is missing",
            f"dcat.ttl: differs: it has 5 bytes, not {_listed(folder, 'dcat.ttl')}",
            "extra: is not in the manifest: it is no part of the release",
        ]

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            (b"  dcat.ttl", b" dcat.ttl", "SHA256SUMS:{line}: is not a SHA-256 and a file name"),
            (b"  dcat.ttl", b"  ../../etc/passwd", "../../etc/passwd: is missing"),
            (b"  dcat.ttl", b"  manifest.json", "SHA256SUMS:{line}: names manifest.json again"),
            (b"\n", b"\n\xff\n", "SHA256SUMS: is not UTF-8 text"),
        ],
    )
    def test_sums_are_damaged(self, folder: Path, old: bytes, new: bytes, message: str) -> None:
        lines = (folder / "SHA256SUMS").read_text().splitlines()
        line = next(n for n, text in enumerate(lines, 1) if "dcat.ttl" in text)
        if b"manifest.json" in new:
            line = next(n for n, text in enumerate(lines, 1) if "manifest.json" in text)
        swap(folder / "SHA256SUMS", old, new)
        assert message.format(line=line) in differences(folder)

    def test_a_file_was_changed_together_with_its_sum(self, folder: Path) -> None:
        old = release.verify.file_hash((folder / "dcat.ttl").read_bytes()).sha256
        (folder / "dcat.ttl").write_bytes(b"other")
        new = release.verify.file_hash(b"other").sha256
        swap(folder / "SHA256SUMS", f"{old}  dcat.ttl".encode(), f"{new}  dcat.ttl".encode())
        assert differences(folder) == ["dcat.ttl: SHA256SUMS and manifest.json do not say the same of it"]

    @pytest.mark.parametrize(
        ("raw", "why"), [(b"{", "it is not JSON"), (b'{"manifest": NaN}', "NaN is not JSON"), (b"[]", "it lacks")]
    )
    def test_the_manifest_is_damaged(self, folder: Path, raw: bytes, why: str) -> None:
        (folder / "manifest.json").write_bytes(raw)
        found = differences(folder)
        assert found[0].startswith("manifest.json: cannot be used: ")
        assert why in found[0]
        assert found[1:] == ["manifest.json: differs: its SHA-256 is not the one in SHA256SUMS"]

    def test_the_manifest_is_missing(self, folder: Path) -> None:
        (folder / "manifest.json").unlink()
        assert differences(folder) == ["manifest.json: is missing"]

    def test_all_was_changed_to_agree_but_the_repository_knows_better(
        self, folder: Path, kept: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "other").mkdir()
        checkout = tmp_path / "other"
        shutil.copytree(kept.parent / "checkout", checkout, dirs_exist_ok=True)
        swap(checkout / "data/places.csv", b"Albania", b"Albinia")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(release.build, "content", lambda d, f: {"": f.encode()})
            patch.setattr(release.build, "_hatchling", lambda kind, root, to, when: (to / kind).write_text(kind))
            patch.setattr(release.build, "_sbom", lambda root, staging, created: b"{}")
            forged = build(checkout, tmp_path / "out")
        assert differences(forged) == []
        found = differences(forged, kept)
        assert f"manifest.json: differs from {kept / f'{VERSION}.json'}" in found
        assert f"{ZIP}/data/places.csv:4: the row AL differs from the one released" in found

    def test_the_csv_zip_is_held_against_the_manifest_row_by_row(self, folder: Path) -> None:
        repack(folder / ZIP, lambda files: files.update({"data/places.csv": _albinia(files["data/places.csv"])}))
        assert differences(folder) == [
            f"{ZIP}: differs: its SHA-256 is not the one in SHA256SUMS",
            f"{ZIP}/data/places.csv: differs: its SHA-256 is not the one in the manifest",
            f"{ZIP}/data/places.csv:4: the row AL differs from the one released",
        ]

    def test_the_csv_zip_is_cut_short(self, folder: Path) -> None:
        raw = (folder / ZIP).read_bytes()
        (folder / ZIP).write_bytes(raw[: len(raw) // 2])
        first, second = differences(folder)
        assert first == f"{ZIP}: differs: its SHA-256 is not the one in SHA256SUMS"
        assert second.startswith(f"{ZIP}: is no zip file, or a damaged one")


def _listed(folder: Path, path: str) -> int:
    size: int = json.loads((folder / "manifest.json").read_bytes())["files"][path]["bytes"]
    return size


def _albinia(table: bytes) -> bytes:
    assert b"Albania" in table
    return table.replace(b"Albania", b"Albinia", 1)


class TestRows:
    """Rows of a package, with only the hashes of those that were released."""

    @pytest.fixture
    def table(self, package: Path) -> Path:
        return package / "data/organisations.csv"

    @pytest.fixture
    def rows(self, package: Path, kept: Path, table: Path) -> Callable[[list[str]], list[str]]:
        def after(lines: list[str]) -> list[str]:
            table.write_text("\n".join(lines) + "\n", encoding="utf-8")
            first, *rest = differences(package, kept)
            assert first.startswith("data/organisations.csv: differs: ")
            return [one.removeprefix("data/organisations.csv") for one in rest]

        return after

    @pytest.fixture
    def lines(self, table: Path) -> list[str]:
        return table.read_text(encoding="utf-8").splitlines()

    def test_changed(self, rows: Callable[[list[str]], list[str]], lines: list[str]) -> None:
        for line in (1, 2, 40, len(lines) - 1):
            lines[line] += "x"
        assert rows(lines) == [f":{n}: the row {_id(lines[n - 1])} differs from the one released" for n in
                               (2, 3, 41, len(lines))]  # fmt: skip

    def test_deleted(self, rows: Callable[[list[str]], list[str]], lines: list[str]) -> None:
        kept = [lines[0], *lines[2:30], *lines[32:-1]]
        assert rows(kept) == [
            ":1: a row is missing after this one",
            ":29: 2 rows are missing after this one",
            f":{len(kept)}: a row is missing after this one",
        ]

    def test_added(self, rows: Callable[[list[str]], list[str]], lines: list[str]) -> None:
        assert rows([*lines[:10], "zzz" + lines[9], *lines[10:]]) == [
            f":11: the row zzz{_id(lines[9])} was not released"
        ]

    def test_renamed(self, rows: Callable[[list[str]], list[str]], lines: list[str]) -> None:
        was = lines.pop(5)
        assert rows([*lines, "zzz" + was]) == [
            ":5: a row is missing after this one",
            f":{len(lines) + 1}: the row zzz{_id(was)} was not released",
        ]

    def test_doubled(self, rows: Callable[[list[str]], list[str]], lines: list[str]) -> None:
        (found,) = rows([*lines[:10], lines[9], *lines[10:]])
        assert found.endswith(f"the row {_id(lines[9])} was not released")

    def test_in_another_order_or_spelling_are_the_same_rows(
        self, rows: Callable[[list[str]], list[str]], lines: list[str]
    ) -> None:
        assert rows([lines[0], *reversed(lines[1:])]) == []

    def test_all_gone(self, rows: Callable[[list[str]], list[str]], lines: list[str]) -> None:
        assert rows(lines[:1]) == [f":1: {len(lines) - 1} rows are missing after this one"]

    def test_more_than_anyone_reads_are_counted(self, rows: Callable[[list[str]], list[str]], lines: list[str]) -> None:
        found = rows([lines[0], *(line + "x" for line in lines[1:])])
        assert found[0] == f": {len(lines) - 51} more rows of organisations differ or are missing"
        assert len(found) == 51

    def test_damaged_lines_are_named(self, rows: Callable[[list[str]], list[str]], lines: list[str]) -> None:
        lines[5] = lines[5] + ",one cell more"
        first, second = rows(lines)
        assert first == ":5: a row is missing after this one"
        assert second.startswith(":6: ")
        assert "more than the" in second

    def test_a_derived_grade(self, package: Path, kept: Path) -> None:
        swap(package / "data/grades.csv", b"agr-status-ba-2025,", b"agr-status-ba-2026,")
        assert "data/grades.csv:3: the row agr-status-ba-2026 differs from the one released" in differences(
            package, kept
        )

    def test_random_changes_are_all_found(self, whole: Package) -> None:
        """Of the real table of claims, whose 9,000 short checks must not be taken for one another."""
        table = release.verify.read_tables(ROOT, [])["claims"]
        picked = random.Random(7).sample(range(len(table.keys)), 20)
        checks = list(table.checks)
        for row in picked:
            checks[row] = bytes(3)
        changed = release.verify.ReadTable(table.path, table.hash, table.keys, table.lines, tuple(checks))
        assert [d.line for d in release.verify._rows(changed, table.hash)] == sorted(table.lines[row] for row in picked)
        assert list(release.verify._rows(table, table.hash)) == []


def _id(line: str) -> str:
    return line.split(",")[0]


class TestPackage:
    """Files of a package, without and with a manifest."""

    def test_a_changed_file_by_its_own_descriptor(self, package: Path) -> None:
        swap(package / "data/places.csv", b"Albania", b"Albinia")
        swap(package / "schemas/places.json", b'"Place', b'"place')
        assert differences(package) == [
            "data/places.csv: differs: its SHA-256 is not the one in datapackage.json",
            "schemas/places.json: differs: its SHA-256 is not the one in datapackage.json",
        ]

    def test_a_changed_schema(self, package: Path, kept: Path) -> None:
        swap(package / "schemas/places.json", b'"Place', b'"place')
        assert differences(package, kept) == [
            "data/places.csv: the schema of places is not that of the release",
            "schemas/places.json: differs: its SHA-256 is not the one in the manifest",
        ]

    @pytest.mark.parametrize("trusted", [False, True])
    def test_missing_and_extra_files(self, package: Path, kept: Path, trusted: bool) -> None:
        (package / "data/places.csv").unlink()
        (package / "data/more.csv").write_text("id\n")
        found = differences(package, kept if trusted else None)
        assert any(one.startswith("data/more.csv: is not in ") for one in found)
        assert "data/places.csv: is missing" in found

    def test_licence_and_readme_are_held_against_the_manifest(self, package: Path, kept: Path) -> None:
        (package / "README.md").write_text("other")
        (package / "LICENSE-DATA").unlink()
        first, second = differences(package, kept)
        assert first == "LICENSE-DATA: is missing"
        assert second.startswith("README.md: differs")

    def test_another_version(self, package: Path, folder: Path) -> None:
        swap(package / "datapackage.json", f'"version": "{VERSION}"'.encode(), b'"version": "9.9.9"')
        found = [str(one) for one in verify(package, manifest=folder / "manifest.json").differences]
        assert f"datapackage.json: has the version '9.9.9', and the manifest '{VERSION}'" in found

    def test_a_table_is_gone_from_the_descriptor(self, package: Path, kept: Path) -> None:
        descriptor = json.loads((package / "datapackage.json").read_bytes())
        descriptor["resources"] = [r for r in descriptor["resources"] if r["name"] != "places"]
        (package / "datapackage.json").write_text(json.dumps(descriptor))
        assert "datapackage.json: the table places is missing, or cannot be read" in differences(package, kept)
        assert "data/places.csv: is not in datapackage.json: it is no part of the package" in differences(package)

    def test_a_checkout_is_none(self, made: Path) -> None:
        (found,) = differences(made / "checkout")
        assert found.startswith("datapackage.json: has no hashes")

    @pytest.mark.parametrize("raw", [b"", b"{", b"[1]", b'{"version": NaN}', b"[" * 100_000, b'{"resources": 7}'])
    def test_the_descriptor_is_damaged(self, package: Path, kept: Path, raw: bytes) -> None:
        (package / "datapackage.json").write_bytes(raw)
        assert [one.partition(":")[0] for one in differences(package)] == ["datapackage.json"]
        found = [str(one) for one in verify(package, manifest=kept / f"{VERSION}.json").differences]
        assert {one.partition(":")[0] for one in found} == {"datapackage.json"}


class TestHostile:
    """Zip files made to do harm."""

    @pytest.fixture
    def archive(self, made: Path, tmp_path: Path) -> Path:
        return Path(shutil.copy(made / NAME / ZIP, tmp_path / "some.zip"))

    @pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/etc/evil", "C:evil", "a\\..\\evil", "./evil", ".."])
    def test_names_that_lead_out(self, archive: Path, kept: Path, tmp_path: Path, name: str) -> None:
        with zipfile.ZipFile(archive, "a") as opened:
            opened.writestr(zipfile.ZipInfo(name), b"x")
        assert differences(archive, kept) == [f"{name}: has a name that leads out of the package"]
        assert not list(tmp_path.rglob("evil"))

    def test_names_that_do_not_print(self, archive: Path, kept: Path) -> None:
        with zipfile.ZipFile(archive, "a") as opened:
            opened.writestr(zipfile.ZipInfo("\x1b[31mred"), b"x")
        (found,) = verify(archive, kept=kept).differences
        assert found == Difference("\x1b[31mred", 0, "has a name with characters that do not print")

    def test_links(self, archive: Path, kept: Path) -> None:
        with zipfile.ZipFile(archive, "a") as opened:
            link = zipfile.ZipInfo("link")
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            opened.writestr(link, b"/etc/passwd")
        assert differences(archive, kept) == ["link: is a link, not a file"]

    def test_a_name_twice(self, archive: Path, kept: Path) -> None:
        with zipfile.ZipFile(archive, "a") as opened, pytest.warns(UserWarning, match="Duplicate"):
            opened.writestr("data/places.csv", b"other")
        assert differences(archive, kept) == ["data/places.csv: appears twice in the zip file"]

    def test_huge_members_are_not_unpacked(self, archive: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(release.verify, "LARGEST", 2**22)
        with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as opened:
            opened.writestr("zeros", bytes(2**23))
        assert differences(archive, kept) == ["zeros: is too large: all files together may have 4 MiB"]

    def test_a_member_that_lies_about_its_size(self, archive: Path, kept: Path) -> None:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as opened:
            opened.writestr("zeros", bytes(2**20))
        raw = content.getvalue().replace((2**20).to_bytes(4, "little"), (5).to_bytes(4, "little"))
        archive.write_bytes(raw)
        assert "zeros: is damaged: Bad CRC-32 for file 'zeros'" in differences(archive, kept)

    def test_other_ways_to_pack(self, archive: Path, kept: Path) -> None:
        with zipfile.ZipFile(archive, "a") as opened:
            opened.writestr(zipfile.ZipInfo("bomb"), b"x", zipfile.ZIP_BZIP2)
        assert differences(archive, kept) == ["bomb: is packed in another way than a release is"]

    def test_encrypted(self, archive: Path, kept: Path) -> None:
        raw = bytearray(archive.read_bytes())
        for mark, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
            raw[raw.index(mark) + flags] |= 1
        archive.write_bytes(raw)
        assert any("encrypted" in one for one in differences(archive, kept))

    @pytest.mark.parametrize("seed", range(4))
    def test_flipped_and_cut_bytes_are_differences_or_no_zip_file(self, archive: Path, kept: Path, seed: int) -> None:
        good = archive.read_bytes()
        chance = random.Random(seed)
        end = len(good) - 4_000  # the directory, where damage does most
        for _ in range(15):
            raw = bytearray(good)
            for _ in range(chance.choice((1, 1, 5))):
                raw[chance.randrange(chance.choice((0, end)), len(raw))] ^= 1 << chance.randrange(8)
            archive.write_bytes(raw if chance.random() < 0.8 else raw[: chance.randrange(len(raw))])
            try:
                found = verify(archive, kept=kept)
            except CannotVerify:
                continue
            # A bit of a date or of a comment is not of the content.
            assert found.differences or members(archive) == _members(good)


def _members(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


class TestCannot:
    @pytest.fixture
    def nothing(self, tmp_path: Path) -> Iterator[Path]:
        (tmp_path / "empty").mkdir()
        (tmp_path / "text.zip").write_text("no zip file")
        zipped({"a": b""}, tmp_path / "other.zip")
        return tmp_path  # type: ignore[return-value]

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("nowhere", "no file and no folder"),
            ("empty", "holds neither SHA256SUMS nor datapackage.json"),
            ("text.zip", "is no zip file"),
            ("other.zip", "holds no datapackage.json"),
        ],
    )
    def test_says_why(self, nothing: Path, name: str, why: str) -> None:
        with pytest.raises(CannotVerify, match=why):
            verify(nothing / name)

    def test_when_the_manifest_to_trust_is_none(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "no.json").write_text("{}")
        with pytest.raises(CannotVerify, match="is no manifest"):
            verify(folder / ZIP, manifest=tmp_path / "no.json")


class TestCommand:
    @staticmethod
    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "release", "verify", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    def test_exit_codes(self, folder: Path) -> None:
        # The small package is not what the repository may have recorded under the version.
        trusted = ("--manifest", folder / "manifest.json")
        good = self.run(folder, *trusted)
        assert (good.returncode, good.stderr) == (0, "")
        assert good.stdout.startswith(f"{folder}: verified, against SHA256SUMS and manifest.json")
        (folder / "dcat.ttl").unlink()
        bad = self.run(folder, *trusted)
        assert (bad.returncode, bad.stderr) == (1, "")
        assert bad.stdout.startswith(f"dcat.ttl: is missing\n{folder}: 1 difference, against")
        none = self.run(folder / "nowhere")
        assert (none.returncode, none.stdout) == (2, "")
        assert none.stderr == f"release: {folder / 'nowhere'} is no file and no folder.\n"
        unread = self.run(folder, "--manifest", folder / "nowhere")
        assert unread.returncode == 2
        assert "Traceback" not in unread.stderr
