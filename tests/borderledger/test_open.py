"""Opening other versions: what is found wherever it lies, and what is refused whatever is wrong with it."""

from __future__ import annotations

import copy
import json
import multiprocessing
import os
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from frictionless import validate as frictionless
from pandas.testing import assert_frame_equal

import borderledger as bl
from borderledger.errors import BadArgument, CorruptPackage
from borderledger.output.shipped import packed
from tests.borderledger.conftest import write
from tests.conftest import ROOT, Mini, sample
from validate import check

Unpack = Callable[..., Path]
#: Paths of the tables and schemas of the package as it is shipped.
RESOURCES = json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8"))["resources"]
TABLES = [resource["path"] for resource in RESOURCES] + ["data/grades.csv"]
SCHEMAS = [resource["schema"] for resource in RESOURCES] + ["schemas/grades.json"]
#: The rows of the table of places.
ROWS = (ROOT / "data/places.csv").read_bytes().count(b"\n") - 1


def everything(dataset: bl.Dataset) -> dict[str, pd.DataFrame]:
    return {table: dataset.load(table) for table in dataset.tables().index}


def zipped(file: Path, files: dict[str, bytes], top: str = "", compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(file, "w", compression) as archive:
        for path, content in files.items():
            archive.writestr(top + path, content)
    return file


class TestOpen:
    def test_a_folder_its_descriptor_or_a_text(self, shipped: Path) -> None:
        for path in (shipped, shipped / "datapackage.json", str(shipped), f"{shipped}/"):
            assert bl.open(path).data_version == bl.data_version

    @pytest.mark.parametrize("top", ["", "borderledger-data-0.1.0/", "a/b/"])
    def test_a_zip_file_with_or_without_a_folder_on_top(
        self, tmp_path: Path, files: dict[str, bytes], checkout: bl.Dataset, top: str
    ) -> None:
        dataset = bl.open(zipped(tmp_path / "data.zip", files, top))
        for table, frame in everything(dataset).items():
            assert_frame_equal(frame, checkout.load(table))

    def test_the_outermost_descriptor_of_a_zip_file_counts(self, tmp_path: Path, files: dict[str, bytes]) -> None:
        file = zipped(tmp_path / "data.zip", {"old/very/deep/datapackage.json": b"{}", **files})
        assert bl.open(file).data_version == bl.data_version

    @pytest.mark.parametrize(
        "address", ["https://example.org/data.zip", "s3://bucket/data", "file:///data/datapackage.json"]
    )
    def test_an_address_is_not_fetched(self, address: str) -> None:
        with pytest.raises(BadArgument, match="is an address; download the file and open that"):
            bl.open(address)

    def test_what_is_not_there(self, tmp_path: Path) -> None:
        for path in (tmp_path / "nowhere", tmp_path / "nowhere/datapackage.json", tmp_path / "no\0name"):
            with pytest.raises(CorruptPackage, match="does not exist"):
                bl.open(path)
        with pytest.raises(CorruptPackage):
            bl.open(tmp_path / ("long" * 2000))

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        with pytest.raises(CorruptPackage, match=r"holds neither a datapackage\.json nor a csv\.zip"):
            bl.open(tmp_path)

    def test_the_folder_of_a_release_has_the_package_in_its_zip_file(
        self, tmp_path: Path, files: dict[str, bytes]
    ) -> None:
        zipped(tmp_path / "borderledger-data-0.1.0-csv.zip", files)
        (tmp_path / "borderledger-data-0.1.0.xlsx").write_bytes(b"")
        assert len(bl.open(tmp_path).load("places"))

    def test_a_zip_file_may_be_unpacked_to_a_folder_of_its_name(self, tmp_path: Path, files: dict[str, bytes]) -> None:
        write(tmp_path / "borderledger-main", files)
        assert len(bl.open(tmp_path).load("places"))

    def test_of_two_packages_in_a_folder_none_is_chosen(self, tmp_path: Path, files: dict[str, bytes]) -> None:
        zipped(tmp_path / "1-csv.zip", files)
        write(tmp_path / "2", files)
        with pytest.raises(CorruptPackage, match=r"several releases; name one of them: 1-csv.zip, 2\."):
            bl.open(tmp_path)

    def test_the_zip_file_that_a_code_host_makes_of_the_repository(self, tmp_path: Path, mini: Mini) -> None:
        checkout = {path.relative_to(mini.root).as_posix(): path.read_bytes() for path in mini.root.rglob("*.*")}
        files = {"tests/mini/datapackage.json": b"{}", "README.md": b"# borderledger\n", **checkout}
        dataset = bl.open(zipped(tmp_path / "main.zip", files, "borderledger-main/"))
        assert len(dataset.load("places")) == len(mini.rows["places"])

    @pytest.mark.parametrize("top", ["", "data\\"])
    def test_a_zip_file_of_windows_may_have_backslashes(
        self, tmp_path: Path, files: dict[str, bytes], checkout: bl.Dataset, top: str
    ) -> None:
        windows = {path.replace("/", "\\"): content for path, content in files.items()}
        dataset = bl.open(zipped(tmp_path / "data.zip", windows, top))
        for table, frame in everything(dataset).items():
            assert_frame_equal(frame, checkout.load(table))

    def test_a_zip_file_of_a_release_says_which_file_to_open(self, tmp_path: Path) -> None:
        with pytest.raises(CorruptPackage, match=r"Unpack it, and open release/1-csv.zip in it"):
            bl.open(zipped(tmp_path / "artifact.zip", {"release/1-csv.zip": b""}))

    @pytest.mark.parametrize("content", [b"", b"id,name\n", b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 10])
    def test_a_file_that_is_no_zip_file(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "data.zip").write_bytes(content)
        with pytest.raises(CorruptPackage, match=r"data\.zip is neither a folder nor a zip file"):
            bl.open(tmp_path / "data.zip")

    def test_a_zip_file_without_a_descriptor(self, tmp_path: Path) -> None:
        with pytest.raises(CorruptPackage, match=r"holds no datapackage\.json"):
            bl.open(zipped(tmp_path / "data.zip", {"data/returns.csv": b""}))

    @pytest.mark.parametrize("table", ["data/returns.csv", "schemas/returns.json"])
    def test_a_zip_file_that_lacks_a_file(self, tmp_path: Path, files: dict[str, bytes], table: str) -> None:
        rest = {path: content for path, content in files.items() if path != table}
        dataset = bl.open(zipped(tmp_path / "data.zip", rest, "top/"))
        with pytest.raises(CorruptPackage, match=table):
            dataset.load("returns")

    @pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
    def test_a_damaged_zip_file(self, tmp_path: Path, files: dict[str, bytes], compression: int) -> None:
        """Wherever the damage lies, it is seen on opening or on reading, or does not matter."""
        some = {path: files[path] for path in ("datapackage.json", "data/places.csv")}
        content = zipped(tmp_path / "good.zip", some, compression=compression).read_bytes()
        seen = 0
        for place in range(0, len(content), 211):
            damaged = bytearray(content)
            damaged[place] ^= 0xFF
            (tmp_path / "data.zip").write_bytes(damaged)
            try:
                bl.open(tmp_path / "data.zip")
            except CorruptPackage:
                seen += 1
        assert seen > len(content) / 211 * 0.8

    def test_an_encrypted_zip_file(self, tmp_path: Path, files: dict[str, bytes]) -> None:
        file = zipped(tmp_path / "data.zip", {"datapackage.json": files["datapackage.json"]}, compression=0)
        content = bytearray(file.read_bytes())
        for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            content[content.index(mark) + flags] |= 1
        file.write_bytes(content)
        with pytest.raises(CorruptPackage, match="encrypted"):
            bl.open(file)


class TestProcesses:
    """A dataset is the same in every process and in every copy, wherever it was opened."""

    @pytest.fixture(params=["folder", "zip"])
    def dataset(self, request: pytest.FixtureRequest, tmp_path: Path, mini: Mini) -> bl.Dataset:
        return bl.open(mini.root if request.param == "folder" else zipped(tmp_path / "data.zip", packed(mini.root)))

    def test_a_copy(self, dataset: bl.Dataset) -> None:
        for copied in (copy.copy(dataset), copy.deepcopy(dataset), pickle.loads(pickle.dumps(dataset))):
            assert_frame_equal(copied.load("returns"), dataset.load("returns"))

    def test_of_a_zip_file_that_is_gone(self, tmp_path: Path, files: dict[str, bytes]) -> None:
        file = zipped(tmp_path / "data.zip", files)
        copied = pickle.dumps(bl.open(file))
        file.unlink()
        assert len(pickle.loads(copied).load("places"))

    @pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
    def test_in_other_processes(self, dataset: bl.Dataset, method: str) -> None:
        tables = [table for table in dataset.names if table != "corrections"] * 2
        with multiprocessing.get_context(method).Pool(2) as pool:
            found = pool.map(partial(bl.Dataset.cells, dataset), tables)
        assert found == [dataset.cells(table) for table in tables]


class TestAdvice:
    """What a message tells the reader to do can be done with what the reader has."""

    def test_in_a_clone_git_restores_a_file(self, mini: Mini) -> None:
        (mini.root / ".git").mkdir()
        (mini.root / PLACES).unlink()
        with pytest.raises(CorruptPackage, match=f"git checkout -- {PLACES}, otherwise from a fresh download"):
            bl.open(mini.root).load("places")

    def test_elsewhere_git_is_not_named(self, mini: Mini) -> None:
        (mini.root / PLACES).unlink()
        with pytest.raises(CorruptPackage, match=r"No such file or directory\. Take a fresh copy"):
            bl.open(mini.root).load("places")


class TestEmbedded:
    """Where the loader looks for the data that it carries."""

    def python(self, path: Path) -> str:
        code = "from borderledger.dataset import embedded; print(len(embedded().cells('places')))"
        environment = {**os.environ, "PYTHONPATH": str(path)}
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=path.parent, env=environment, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    def modules(self) -> dict[str, bytes]:
        source = ROOT / "src"
        return {path.relative_to(source).as_posix(): path.read_bytes() for path in source.rglob("*.py")}

    def test_in_a_wheel_that_is_imported_as_it_is(self, tmp_path: Path, files: dict[str, bytes]) -> None:
        data = {f"borderledger/_data/{path}": content for path, content in files.items()}
        wheel = zipped(tmp_path / "borderledger.whl", self.modules() | data)
        assert self.python(wheel) == f"{ROWS}\n"

    @pytest.mark.parametrize("form", ["folder", "zip"])
    def test_a_copy_without_its_data_says_how_to_get_them(self, tmp_path: Path, form: str) -> None:
        where = tmp_path / "lib"
        said = self.python(zipped(where, self.modules()) if form == "zip" else write(where, self.modules()))
        assert "CorruptPackage: This copy of borderledger" in said
        assert "has no data. Install it with pip" in said
        assert "git" not in said.rpartition("CorruptPackage")[2]


class TestPacked:
    def test_it_gives_what_the_checkout_gives(self, shipped: Path, checkout: bl.Dataset) -> None:
        dataset = bl.open(shipped)
        assert_frame_equal(dataset.tables(), checkout.tables())
        assert_frame_equal(dataset.disputes(), checkout.disputes())
        for table, frame in everything(dataset).items():
            assert_frame_equal(frame, checkout.load(table))
            assert_frame_equal(dataset.describe(table), checkout.describe(table))

    def test_frictionless_finds_it_valid(self, shipped: Path) -> None:
        report = frictionless(str(shipped / "datapackage.json"))
        assert report.valid, report.flatten(["type", "message"])

    def test_validation_finds_it_clean(self, shipped: Path) -> None:
        report = check(shipped)
        assert report.ok, report.text()

    def test_the_descriptor_is_the_first_file_and_names_the_others(self, files: dict[str, bytes]) -> None:
        descriptor = json.loads(files["datapackage.json"])
        named = {resource[key] for resource in descriptor["resources"] for key in ("path", "schema")}
        assert next(iter(files)) == "datapackage.json"
        assert set(files) == named | {"datapackage.json"}
        assert all(len(files[r["path"]]) == r["bytes"] for r in descriptor["resources"])

    def test_the_same_files_come_from_what_is_packed(self, files: dict[str, bytes], shipped: Path) -> None:
        assert packed(shipped) == files == packed(sample().root)

    @pytest.mark.parametrize("path", [*TABLES, *SCHEMAS])
    def test_one_changed_byte_is_an_error_that_names_the_file(
        self, unpack: Unpack, files: dict[str, bytes], path: str
    ) -> None:
        content = files[path]
        half = len(content) // 2
        root = unpack({path: content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :]})
        with pytest.raises(CorruptPackage, match=f"{path} is not the file that was released"):
            everything(bl.open(root))

    @pytest.mark.parametrize("path", [*TABLES, *SCHEMAS])
    def test_a_missing_file_is_an_error_that_names_it(self, unpack: Unpack, path: str) -> None:
        with pytest.raises(CorruptPackage, match=path):
            everything(bl.open(unpack({path: None})))

    @pytest.mark.parametrize("content", [b"", b"record_id,grade,n_sources\nx\n", b"h\na,good,1\n", b"h\na,bulk,x\n"])
    def test_grades_that_are_none(self, unpack: Unpack, files: dict[str, bytes], content: bytes) -> None:
        descriptor = json.loads(files["datapackage.json"])
        del descriptor["resources"][-1]["hash"]
        with pytest.raises(CorruptPackage, match="grades"):
            everything(
                bl.open(unpack({"datapackage.json": json.dumps(descriptor).encode(), "data/grades.csv": content}))
            )

    @pytest.mark.parametrize("path", ["data/places.csv", "data/returns.csv", "schemas/places.json"])
    def test_what_cannot_be_read_is_not_packed(self, mini: Mini, path: str) -> None:
        (mini.root / path).unlink()
        with pytest.raises(CorruptPackage, match=path):
            packed(mini.root)


# --- checkouts with something wrong -----------------------------------------------------------------------------------

PLACES = "data/places.csv"
ALBANIA = b"\nAL,Albania,country,WB6,,ALB,ALB,AL,\n"


class TestHostileCheckouts:
    """Nothing but CorruptPackage, which names the file and, where there is one, the line."""

    @pytest.mark.parametrize(
        ("how", "where"),
        [
            (lambda b: b.replace(ALBANIA, b"\nAL,Albania,country,WB6\n"), f"{PLACES}:4 "),
            (lambda b: b.replace(ALBANIA, b"\nAL,Albania,country,WB6,,ALB,ALB,AL,,\n"), f"{PLACES}:4 "),
            (lambda b: b.replace(ALBANIA, b"\nAL,Albania\n,country,WB6,,ALB,ALB,AL,\n"), f"{PLACES}:4 "),
            (lambda b: b.replace(ALBANIA, ALBANIA + b"\n"), f"{PLACES}:5 is an empty line"),
            (lambda b: b.replace(b"Albania", b'"Albania'), f"{PLACES}:4 quotes do not pair up"),
            (lambda b: b.replace(b"Albania", b'"Alb"ania'), f"{PLACES}:4 quotes do not pair up"),
            (lambda b: b.replace(b"Albania", b'"Alb\nania"'), f"{PLACES}:4 quotes do not pair up"),
            (lambda b: b + b'"', f"{PLACES}:"),
            (lambda b: b.replace(b"Albania", b"Alb\0ania"), f"{PLACES}:4 holds a NUL byte"),
            (lambda b: b.replace(b"Albania", b"Alb\xe4nia"), f"{PLACES}:4 byte e4 is not utf-8 text"),
            (lambda b: b.replace(b"Albania", b"Alb\rania"), f"{PLACES}:4 has CR line ends"),
            (lambda b: b.replace(b"\n", b"\r\n"), f"{PLACES}:1 has CR line ends"),
            (lambda b: b"\xef\xbb\xbf" + b, f"{PLACES} starts with a byte order mark"),
            (lambda b: b.decode().encode("utf-16"), f"{PLACES} starts with a byte order mark"),
            (lambda b: b[:-1], f"{PLACES}:{ROWS + 1} has no line end after the last row"),
            (lambda b: b"", f"{PLACES} is empty"),
            (lambda b: b"\n\n", f"{PLACES} is empty"),
            (
                lambda b: b.replace(b",kind,", b",sort,", 1),
                f"{PLACES}:1 the column 'sort' is not in schemas/places.json",
            ),
            (lambda b: b.replace(b",kind,", b",", 1), f"{PLACES}:1 the column kind is missing"),
            (lambda b: b.replace(b"id,name", b"name,id", 1), f"{PLACES}:1 the order of the columns"),
            (lambda b: b.replace(b",", b";"), f"{PLACES}:1 "),
            (lambda b: b.replace(b"Albania", b"A" * 200_000), f"{PLACES}:4 has "),
            (None, f"{PLACES} cannot be read: No such file"),
        ],
    )
    def test_a_table_that_is_not_well_formed(
        self, mini: Mini, how: Callable[[bytes], bytes] | None, where: str
    ) -> None:
        file = mini.root / PLACES
        if how is None:
            file.unlink()
        else:
            file.write_bytes(how(file.read_bytes()))
        with pytest.raises(CorruptPackage) as caught:
            bl.open(mini.root).load("places")
        assert where in str(caught.value)

    @pytest.mark.parametrize(
        ("table", "field", "cell"),
        [
            ("returns", "quantity", "12.5"),
            ("returns", "quantity", "1_000"),
            ("returns", "quantity", "007"),
            ("returns", "quantity", " 7"),
            ("returns", "quantity", "+7"),
            ("returns", "quantity", "٣"),
            ("returns", "quantity", "9" * 19),
            ("returns", "quantity", "9" * 5000),
            ("projects", "amount_eur", "nan"),
            ("projects", "amount_eur", "inf"),
            ("projects", "amount_eur", "1e5"),
            ("projects", "amount_eur", ".5"),
            ("projects", "amount_eur", "１"),
            ("projects", "start", "2024-13"),
            ("deployments", "date", "2024-02-30"),
            ("agreements", "signed", "yesterday"),
            ("sources", "accessed", "20240105"),
            ("sources", "accessed", "2024-W01-1"),
            ("sources", "accessed", "2024-01"),
        ],
    )
    def test_a_malformed_cell(self, mini: Mini, table: str, field: str, cell: str) -> None:
        rows = sorted(mini.rows[table], key=lambda row: row["id"])
        rows[-1][field] = cell
        root = mini.save()
        where = rf"data/{table}\.csv:{len(rows) + 1} {field} is malformed: "
        with pytest.raises(CorruptPackage, match=where):
            bl.open(root).load(table)
        if field in ("start", "date", "signed"):
            with pytest.raises(CorruptPackage, match=where):
                bl.open(root).load(table, as_of="2024-01-01")
        assert len(bl.open(root).load(table, columns=["id"])) == len(rows)

    @pytest.mark.parametrize("table", ["claims", "sources", "control_totals"])
    def test_a_package_without_the_tables_of_the_evidence(self, mini: Mini, table: str) -> None:
        _describe(mini.root, lambda d: d.update(resources=[r for r in d["resources"] if r["name"] != table]))
        dataset = bl.open(mini.root)
        assert len(dataset.load("places"))
        with pytest.raises(CorruptPackage, match=f"has no table '{table}'"):
            dataset.load("returns")

    @pytest.mark.parametrize(
        "change",
        [
            lambda d: d.update(licenses="CC-BY-4.0"),
            lambda d: d.update(licenses=[]),
            lambda d: d.update(licenses=["CC-BY-4.0"]),
            lambda d: d.update(licenses={"name": "CC-BY-4.0"}),
            lambda d: d.pop("version"),
            lambda d: d.update(version=None),
            lambda d: d.update(resources={}),
            lambda d: d.update(resources=[]),
            lambda d: d.update(resources=["returns"]),
            lambda d: d["resources"].append(d["resources"][0]),
            lambda d: d["resources"][0].update(path="../secret.csv"),
            lambda d: d["resources"][0].update(path="/etc/passwd"),
            lambda d: d["resources"][0].update(path="data/\0.csv"),
            lambda d: d["resources"][0].update(schema="schemas/\0.json", schemaHash="sha256:0"),
            lambda d: d["resources"][0].update(schema="../secret.json", schemaHash="sha256:0"),
            lambda d: d["resources"][0].update(schema="x" * 5000, schemaHash="sha256:0"),
            lambda d: d["resources"][0].update(path="data"),
            lambda d: d["resources"][0].update(hash=5),
            lambda d: d["resources"][0].update(hash="sha512:0"),
            lambda d: d["resources"][0].update(derived=True),
            lambda d: d["resources"][0].update(name="\x1b[31m"),
        ],
    )
    def test_a_descriptor_that_is_not_one(self, mini: Mini, change: Callable[[dict[str, Any]], object]) -> None:
        _describe(mini.root, change)
        with suppress(CorruptPackage):
            dataset = bl.open(mini.root)
            for table in dataset.names:
                dataset.load(table)
            dataset.disputes()

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff", b'{"resources": 1}', b"[" * 100_000])
    def test_a_descriptor_or_schema_that_is_no_json_object(self, mini: Mini, content: bytes) -> None:
        (mini.root / "schemas/facilities.json").write_bytes(content)
        dataset = bl.open(mini.root)
        with pytest.raises(CorruptPackage, match=r"schemas/facilities\.json"):
            dataset.load("facilities")
        assert len(dataset.load("returns"))
        (mini.root / "datapackage.json").write_bytes(content)
        with pytest.raises(CorruptPackage, match=r"datapackage\.json"):
            bl.open(mini.root)

    def test_a_link_out_of_the_package_is_not_followed(
        self, mini: Mini, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        secret = tmp_path_factory.mktemp("outside") / "places.csv"
        (mini.root / PLACES).rename(secret)
        os.symlink(secret, mini.root / PLACES)
        with pytest.raises(CorruptPackage, match="leads out of the package"):
            bl.open(mini.root).load("places")


def _describe(root: Path, change: Callable[[dict[str, Any]], object]) -> None:
    file = root / "datapackage.json"
    descriptor = json.loads(file.read_text(encoding="utf-8"))
    change(descriptor)
    file.write_text(json.dumps(descriptor), encoding="utf-8")
