"""The package as read and as written: strict in, canonical out, and never half of a file."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from borderledger.dataset import Dataset
from borderledger.errors import CorruptPackage
from borderledger.package import (
    JOURNAL,
    Field,
    Finding,
    Package,
    Table,
    canonical_text,
    finish_writing,
    read_sheet,
    write_files,
)
from tests.conftest import Mini


def field(name: str, delimiter: str = "") -> Field:
    return Field(name, name, "", "string", False, False, "", None, {}, False, False, False, delimiter, ())


def table(*names: str, key: tuple[str, ...] = ("id",), path: str = "data/things.csv") -> Table:
    fields = tuple(field(name) for name in names)
    return Table("things", path, "schemas/things.json", "Things", "", "", fields, key, (), {})


THINGS = table("id", "name", "note")


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., tuple[list[dict[str, str]], list[int], list[Finding]]]:
    """Write the bytes of data/things.csv and read it: rows, their lines, problems."""

    def reader(content: bytes, columns: Table = THINGS) -> tuple[list[dict[str, str]], list[int], list[Finding]]:
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / columns.path).write_bytes(content)
        problems: list[Finding] = []
        sheet = read_sheet(tmp_path, columns, problems)
        return [*sheet.records().values()], [*sheet.records()], problems

    return reader


Reader = Callable[..., tuple[list[dict[str, str]], list[int], list[Finding]]]


class TestRead:
    """`Package.read` gives every table as the strings of its file, indexed by line."""

    def test_a_clean_package_has_no_problems(self, mini: Mini) -> None:
        package = Package.read(mini.root)
        assert package.problems == ()
        assert list(package.tables) == list(package.sheets)

    def test_tables_come_in_the_order_of_the_descriptor(self, mini: Mini) -> None:
        descriptor = json.loads((mini.root / "datapackage.json").read_text(encoding="utf-8"))
        assert list(Package.read(mini.root).tables) == [resource["name"] for resource in descriptor["resources"]]

    def test_a_path_may_be_text(self, mini: Mini) -> None:
        assert Package.read(str(mini.root)).problems == ()

    def test_cells_are_the_strings_of_the_file_and_each_row_has_its_line(self, mini: Mini) -> None:
        rows = Package.read(mini.root).sheets["places"].records()
        lines = (mini.root / "data/places.csv").read_text(encoding="utf-8").splitlines()
        assert [*rows] == [*range(2, len(lines) + 1)]
        assert all(lines[line - 1].startswith(row["id"] + ",") for line, row in rows.items())
        assert all(type(cell) is str for row in rows.values() for cell in row.values())

    def test_the_version_is_that_of_the_descriptor(self, mini: Mini) -> None:
        descriptor = json.loads((mini.root / "datapackage.json").read_text(encoding="utf-8"))
        assert Package.read(mini.root).version == descriptor["version"]

    def test_core_tables_are_those_with_bound_fields(self, mini: Mini) -> None:
        core = [table.name for table in Package.read(mini.root).core]
        returns = ["returns", "operations", "operation_states", "crossings"]
        assert core == ["agreements", "deployments", "projects", *returns, "facilities", "activities"]

    def test_a_folder_without_a_package_is_a_problem_and_no_error(self, tmp_path: Path) -> None:
        package = Package.read(tmp_path)
        assert package.tables == {}
        assert [(p.rule, p.file) for p in package.problems] == [("package.unreadable", "datapackage.json")]

    @pytest.mark.parametrize("broken", ["", "{", "[]", "null", "3", '"text"', "{}", '{"resources": []}', "\ufeff{}"])
    def test_a_descriptor_that_says_nothing_is_a_problem(self, tmp_path: Path, broken: str) -> None:
        (tmp_path / "datapackage.json").write_text(broken, encoding="utf-8")
        package = Package.read(tmp_path)
        assert package.tables == {}
        assert [p.file for p in package.problems] == ["datapackage.json"]

    @pytest.mark.parametrize("broken", ["", "{", "[]", "null", "{}", '{"fields": []}', '{"fields": {}}'])
    def test_a_schema_that_says_nothing_is_a_problem_of_that_table_alone(self, mini: Mini, broken: str) -> None:
        (mini.root / "schemas/corrections.json").write_text(broken, encoding="utf-8")
        package = Package.read(mini.root)
        assert {p.file for p in package.problems} == {"schemas/corrections.json"}
        assert set(mini.package.tables) - set(package.tables) == {"corrections"}


class TestReadSheet:
    """A line that cannot be read is left out and named; every other line is read."""

    @pytest.mark.parametrize(
        ("text", "row"),
        [
            ("a,b,c", ("a", "b", "c")),
            ("a,,", ("a", "", "")),
            ('a,"b,c",d', ("a", "b,c", "d")),
            ('a,"say ""b""",', ("a", 'say "b"', "")),
            ('"a","b","c"', ("a", "b", "c")),
            ("a, b ,c", ("a", " b ", "c")),
            ("a,NA,null", ("a", "NA", "null")),
            ("007,1e3,True", ("007", "1e3", "True")),
            ("a,b\u2028,\x85", ("a", "b\u2028", "\x85")),
        ],
    )
    def test_a_cell_is_what_the_line_says(self, read: Reader, text: str, row: tuple[str, ...]) -> None:
        rows, lines, problems = read(f"id,name,note\n{text}\n".encode())
        assert [tuple(row.values()) for row in rows] == [row]
        assert lines == [2]
        assert problems == []

    @pytest.mark.parametrize(
        ("line", "rule"),
        [
            ("b,c", "file.ragged"),
            ("b,c,d,e", "file.ragged"),
            ("b", "file.ragged"),
            ("", "file.blank"),
            (",,", "file.blank"),
            ('"",,""', "file.blank"),
            ('b,"c,d', "file.quotes"),
            ('b,"c"d,e', "file.quotes"),
            ('b,c"d",e', "file.quotes"),
            ('b,c",e', "file.quotes"),
            ('"b,c,d', "file.quotes"),
            ("b," + "x" * 10_001 + ",d", "file.too-long"),
        ],
    )
    def test_a_bad_line_spoils_no_other(self, read: Reader, line: str, rule: str) -> None:
        rows, lines, problems = read(f"id,name,note\na,1,\n{line}\nz,2,\n".encode())
        assert [(row["id"], number) for row, number in zip(rows, lines, strict=True)] == [("a", 2), ("z", 4)]
        assert [(p.rule, p.file, p.line) for p in problems] == [(rule, "data/things.csv", 3)]
        assert all(p.fix for p in problems)

    def test_the_key_of_a_bad_line_is_remembered(self, tmp_path: Path) -> None:
        (tmp_path / "data").mkdir()
        (tmp_path / "data/things.csv").write_text('id,name,note\na,1\n"b",2\n', encoding="utf-8")
        assert read_sheet(tmp_path, THINGS, []).lost == {"a", "b"}

    def test_columns_come_in_the_order_of_the_schema(self, read: Reader) -> None:
        rows, _, problems = read(b"note,id,name\n3,1,2\n")
        assert rows == [{"id": "1", "name": "2", "note": "3"}]
        assert [(p.rule, p.line) for p in problems] == [("file.header", 1)]

    def test_a_missing_column_is_read_as_empty(self, read: Reader) -> None:
        rows, _, problems = read(b"id,name\n1,2\n")
        assert rows == [{"id": "1", "name": "2", "note": ""}]
        assert [(p.rule, p.line, p.value) for p in problems] == [("file.header", 1, "note")]

    def test_without_its_key_no_row_is_read(self, read: Reader) -> None:
        rows, _, problems = read(b"name,note\n1,2\n3,4\n")
        assert rows == []
        assert [(p.rule, p.line, p.value) for p in problems] == [("file.header", 1, "id")]

    @pytest.mark.parametrize(
        ("content", "rule", "line"),
        [
            (b"\xef\xbb\xbfid,name,note\na,b,c\n", "file.encoding", 0),
            ("id,name,note\na,b,c\n".encode("utf-16"), "file.encoding", 0),
            (b"\xfe\xff" + "id,name,note\na,b,c\n".encode("utf-16-be"), "file.encoding", 0),
            (b"id,name,note\r\na,b,c\r\n", "file.line-ends", 1),
            (b"id,name,note\ra,b,c\r", "file.line-ends", 1),
            (b"id,name,note\na,b,c\r\n", "file.line-ends", 2),
            (b"id,name,note\na,b,c", "file.line-ends", 2),
        ],
    )
    def test_a_file_in_another_form_is_read_and_reported(
        self, read: Reader, content: bytes, rule: str, line: int
    ) -> None:
        rows, lines, problems = read(content)
        assert rows == [{"id": "a", "name": "b", "note": "c"}]
        assert lines == [2]
        assert [(p.rule, p.line) for p in problems] == [(rule, line)]


PRINTABLE = st.text(st.characters(exclude_categories=("C", "Z")) | st.just(" "), max_size=40)
ROWS = st.lists(
    st.fixed_dictionaries({"id": PRINTABLE, "name": PRINTABLE, "note": PRINTABLE}),
    max_size=12,
    unique_by=lambda row: row["id"],
).filter(lambda rows: all(any(row.values()) for row in rows))  # a row without a cell is none


class TestCanonicalText:
    """There is one spelling of a table."""

    @pytest.mark.parametrize(
        ("cell", "written"),
        [
            ("plain", "plain"),
            ("", ""),
            ("a,b", '"a,b"'),
            ('say "b"', '"say ""b"""'),
            (" a ", " a "),
            ("č", "č"),
            ("'", "'"),
            ("a;b", "a;b"),
        ],
    )
    def test_quotes_stand_only_where_needed(self, cell: str, written: str) -> None:
        assert canonical_text(THINGS, [{"id": "1", "name": cell, "note": ""}]) == f"id,name,note\n1,{written},\n"

    def test_rows_are_sorted_by_code_points_of_the_key(self) -> None:
        rows = [{"id": i, "name": "", "note": ""} for i in ("b", "a-1", "a", "B", "ä", "a1", "10", "9")]
        written = [line.split(",")[0] for line in canonical_text(THINGS, rows).splitlines()[1:]]
        assert written == ["10", "9", "B", "a", "a-1", "a1", "b", "ä"]

    def test_a_key_of_two_fields_sorts_by_the_first_first(self) -> None:
        rows = [{"id": i, "name": n, "note": ""} for i, n in (("b", "1"), ("a", "2"), ("a", "1"))]
        text = canonical_text(table("id", "name", "note", key=("id", "name")), rows)
        assert text == "id,name,note\na,1,\na,2,\nb,1,\n"

    def test_a_table_without_rows_is_its_header(self) -> None:
        assert canonical_text(THINGS, []) == "id,name,note\n"

    def test_a_single_empty_cell_is_no_empty_line(self) -> None:
        assert canonical_text(table("id"), [{"id": ""}]) == 'id\n""\n'

    @given(ROWS)
    def test_any_printable_text_survives_writing_and_strict_reading(self, rows: list[dict[str, str]]) -> None:
        text = canonical_text(THINGS, rows)
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "data").mkdir()
            write_files(Path(folder), [("data/things.csv", text)])
            problems: list[Finding] = []
            sheet = read_sheet(Path(folder), THINGS, problems)
        assert problems == []
        assert [*sheet.records().values()] == sorted(rows, key=lambda row: row["id"])
        assert [*sheet.records()] == [*range(2, len(rows) + 2)]

    @given(ROWS, st.randoms(use_true_random=False))
    def test_the_order_in_which_rows_come_does_not_matter(self, rows: list[dict[str, str]], random: Any) -> None:
        shuffled = list(rows)
        random.shuffle(shuffled)
        assert canonical_text(THINGS, shuffled) == canonical_text(THINGS, rows)

    def test_every_table_of_the_small_package_is_written_as_it_was_read(self, mini: Mini) -> None:
        package = Package.read(mini.root)
        for name, sheet in package.sheets.items():
            text = (mini.root / package.tables[name].path).read_text(encoding="utf-8")
            assert canonical_text(package.tables[name], [*sheet.records().values()]) == text


class TestWriteFiles:
    """All files are replaced, or none; nothing is ever half written."""

    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        (tmp_path / "a.csv").write_bytes(b"old a\n")
        (tmp_path / "b.csv").write_bytes(b"old b\n")
        return tmp_path

    @staticmethod
    def content(root: Path) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in root.iterdir()}

    def test_files_are_written_byte_for_byte(self, root: Path) -> None:
        write_files(root, [("a.csv", "č\n"), ("c.csv", "new\r\n")])
        assert self.content(root) == {"a.csv": "č\n".encode(), "b.csv": b"old b\n", "c.csv": b"new\r\n"}

    @pytest.mark.skipif(os.name == "nt", reason="links and modes of Unix")
    def test_a_symbolic_link_stays_and_its_target_is_replaced(self, root: Path) -> None:
        (root / "store").mkdir()
        (root / "a.csv").rename(root / "store/a.csv")
        (root / "a.csv").symlink_to("store/a.csv")
        write_files(root, [("a.csv", "new a\n"), ("b.csv", "new b\n")])
        assert (root / "a.csv").is_symlink()
        assert (root / "store/a.csv").read_bytes() == b"new a\n"
        assert [path.name for path in (root / "store").iterdir()] == ["a.csv"]
        write_files(root, [("a.csv", None)])
        assert (root / "store/a.csv").exists()
        assert not (root / "a.csv").is_symlink()

    @pytest.mark.skipif(os.name == "nt", reason="links and modes of Unix")
    @pytest.mark.parametrize("mode", [0o664, 0o640, 0o755])
    def test_the_mode_of_a_file_stays(self, root: Path, mode: int) -> None:
        (root / "a.csv").chmod(mode)
        mask = os.umask(0o077)
        try:
            write_files(root, [("a.csv", "new a\n"), ("c.csv", "new c\n")])
        finally:
            os.umask(mask)
        assert stat.S_IMODE((root / "a.csv").stat().st_mode) == mode
        assert stat.S_IMODE((root / "c.csv").stat().st_mode) == 0o600

    @pytest.mark.skipif(os.name == "nt", reason="links and modes of Unix")
    @pytest.mark.parametrize(
        ("spoil", "why"),
        [
            (lambda file: os.link(file, file.with_name("hard.csv")), "has a second name (a hard link)"),
            (lambda file: file.chmod(0o444), "is read-only. Make it writable first"),
            (lambda file: (file.unlink(), file.mkdir()), "is not a file but a directory"),
            (lambda file: (file.unlink(), file.symlink_to("/etc/hosts")), "leads out of the package"),
        ],
        ids=["hard link", "read-only", "folder", "link out of the package"],
    )
    def test_what_cannot_stay_as_it_is_is_refused(self, root: Path, spoil: Callable[[Path], object], why: str) -> None:
        spoil(root / "b.csv")
        with pytest.raises(OSError, match=re.escape(why)) as raised:
            write_files(root, [("a.csv", "new a\n"), ("b.csv", "new b\n")])
        assert raised.value.filename == str(root / "b.csv")
        assert (root / "a.csv").read_bytes() == b"old a\n"
        assert not (root / JOURNAL).exists()

    def test_nothing_to_write_is_nothing_done(self, root: Path) -> None:
        write_files(root, [])
        assert self.content(root) == {"a.csv": b"old a\n", "b.csv": b"old b\n"}

    def test_a_full_disk_leaves_every_file_as_it_was(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        calls: list[int] = []

        def full(descriptor: int) -> None:
            calls.append(descriptor)
            if len(calls) == 2:
                raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left") as raised:
            write_files(root, [("a.csv", "new a\n"), ("b.csv", "new b\n")])
        assert raised.value.filename == str(root / "b.csv")  # which an error of the disk itself does not name
        assert self.content(root) == {"a.csv": b"old a\n", "b.csv": b"old b\n"}

    def test_text_that_has_no_utf8_leaves_every_file_as_it_was(self, root: Path) -> None:
        with pytest.raises(UnicodeEncodeError):
            write_files(root, [("a.csv", "new a\n"), ("b.csv", "\ud800")])
        assert self.content(root) == {"a.csv": b"old a\n", "b.csv": b"old b\n"}

    def test_a_folder_that_does_not_exist_leaves_every_file_as_it_was(self, root: Path) -> None:
        with pytest.raises(OSError, match="No such file"):
            write_files(root, [("a.csv", "new a\n"), ("nowhere/b.csv", "new b\n")])
        assert self.content(root) == {"a.csv": b"old a\n", "b.csv": b"old b\n"}

    @pytest.mark.parametrize("failing", [1, 2, 3])
    def test_a_replacement_that_fails_leaves_all_as_it_was_or_is_made_up_for_later(
        self, root: Path, monkeypatch: pytest.MonkeyPatch, failing: int
    ) -> None:
        real, calls = os.replace, []

        def replace(source: Any, target: Any) -> None:
            calls.append(target)
            if len(calls) == failing:
                raise PermissionError(errno.EACCES, "Permission denied")
            real(source, target)

        monkeypatch.setattr(os, "replace", replace)
        with pytest.raises(PermissionError):
            write_files(root, [("a.csv", "new a\n"), ("b.csv", "new b\n")])
        finish_writing(root)
        which = b"old" if failing == 1 else b"new"
        assert self.content(root) == {"a.csv": which + b" a\n", "b.csv": which + b" b\n"}

    @pytest.mark.parametrize("call", ["os.fsync", "os.replace", "pathlib.Path.unlink"])
    @pytest.mark.parametrize("number", range(1, 9))
    def test_killed_at_any_moment_all_is_as_before_or_as_after(self, root: Path, call: str, number: int) -> None:
        module, _, name = call.rpartition(".")
        owner = "pathlib.Path" if "Path" in module else "os"
        code = (
            "import os, pathlib, signal\n"
            "from borderledger.package import write_files\n"
            f"real, calls = {owner}.{name}, []\n"
            "def deadly(*arguments, **more):\n"
            "    calls.append(1)\n"
            f"    if len(calls) == {number}: os.kill(os.getpid(), signal.SIGKILL)\n"
            "    return real(*arguments, **more)\n"
            f"{owner}.{name} = deadly\n"
            "write_files(pathlib.Path('.'), [('a.csv', 'new a\\n'), ('b.csv', 'new b\\n')])\n"
        )
        done = subprocess.run([sys.executable, "-c", code], cwd=root, check=False, capture_output=True)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        finish_writing(root)
        held = {name: content for name, content in self.content(root).items() if not name.endswith(".new")}
        assert held in (
            {"a.csv": b"old a\n", "b.csv": b"old b\n"},
            {"a.csv": b"new a\n", "b.csv": b"new b\n"},
        )

    def test_what_another_hand_has_changed_since_is_not_overwritten(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            "borderledger.package.writer.finish_writing", lambda root: None
        )  # killed before the first file
        write_files(root, [("a.csv", "new a\n"), ("b.csv", "new b\n")])
        monkeypatch.undo()
        (root / "b.csv").write_bytes(b"mine\n")
        with pytest.raises(ValueError, match=r"b\.csv was changed after an edit of it was interrupted"):
            finish_writing(root)
        assert (root / "a.csv").read_bytes() == b"old a\n"
        assert (root / "b.csv").read_bytes() == b"mine\n"

    @pytest.mark.parametrize(
        "journal",
        [
            "",
            "{",
            "[1]",
            '{"a": 1}',
            '[{"path": 1}]',
            '[{"path": "a.csv"}]',
            '[{"path": "../a", "was": "", "becomes": ""}]',
        ],
    )
    def test_a_journal_that_no_correction_wrote_changes_nothing(self, mini: Mini, journal: str) -> None:
        before = {path: path.read_bytes() for path in mini.root.rglob("*") if path.is_file()}
        (mini.root / JOURNAL).write_text(journal, encoding="utf-8")
        problems = Package.read(mini.root).problems
        assert [problem.rule for problem in problems] == ["package.interrupted"]
        assert problems[0].fix
        with pytest.raises(CorruptPackage, match="an edit was interrupted"):
            Dataset(mini.root)
        assert {path: path.read_bytes() for path in before} == before

    def test_every_new_file_is_complete_before_the_first_old_one_goes(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[dict[str, bytes]] = []
        real = os.replace

        def replace(source: Any, target: Any) -> None:
            seen.append(self.content(root))
            real(source, target)

        monkeypatch.setattr(os, "replace", replace)
        write_files(root, [("a.csv", "new a\n"), ("b.csv", "new b\n")])
        assert {b"new a\n", b"new b\n", b"old a\n", b"old b\n"} <= {*seen[0].values()}


class TestItems:
    """A list cell has items; any other cell is its own only item."""

    @pytest.mark.parametrize(
        ("delimiter", "cell", "items"),
        [("", "", []), ("", "a;b", ["a;b"]), (";", "", []), (";", "a", ["a"]), (";", "a;b", ["a", "b"])],
    )
    def test_examples(self, delimiter: str, cell: str, items: list[str]) -> None:
        assert field("hosts", delimiter).items(cell) == items
