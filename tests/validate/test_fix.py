"""--fix puts a file in canonical form and changes nothing that it says; --seal counts anew what was meant."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from borderledger.package import Field, Package
from tests.conftest import Mini, checked
from tests.release.conftest import git_in
from validate.cells import cell_tests, text_test
from validate.fix import canonical_cell, fix, seal

PLACES = "data/places.csv"
Edit = Callable[[bytes], bytes]


def content(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (root / "data").iterdir()}


def edit(root: Path, how: Edit, path: str = PLACES) -> None:
    file = root / path
    before = file.read_bytes()
    file.write_bytes(how(before))
    assert file.read_bytes() != before


def swap(old: str, new: str) -> Edit:
    def change(text: bytes) -> bytes:
        assert old.encode() in text
        return text.replace(old.encode(), new.encode(), 1)

    return change


def reverse_rows(text: bytes) -> bytes:
    head, *rows = text.splitlines()
    return b"\n".join([head, *reversed(rows), b""])


def quote_everything(text: bytes) -> bytes:
    lines = [line for line in text.splitlines() if b'"' not in line]
    assert len(lines) > 3
    quoted = {line: b",".join(b'"' + cell + b'"' for cell in line.split(b",")) for line in lines}
    return b"".join(quoted.get(line, line) + b"\n" for line in text.splitlines())


def decomposed(text: bytes) -> bytes:
    return unicodedata.normalize("NFD", text.decode()).encode()


class TestCures:
    """What has one spelling gets it back, byte for byte."""

    @pytest.mark.parametrize(
        "how",
        [
            pytest.param(lambda b: b"\xef\xbb\xbf" + b, id="BOM"),
            pytest.param(lambda b: b.decode().encode("utf-16"), id="UTF-16"),
            pytest.param(lambda b: b"\xfe\xff" + b.decode().encode("utf-16-be"), id="UTF-16, the other way round"),
            pytest.param(lambda b: b.replace(b"\n", b"\r\n"), id="CRLF"),
            pytest.param(lambda b: b.replace(b"\n", b"\r"), id="CR"),
            pytest.param(lambda b: b.rstrip(b"\n"), id="no last line end"),
            pytest.param(reverse_rows, id="order of rows"),
            pytest.param(quote_everything, id="needless quotes"),
            pytest.param(decomposed, id="decomposed letters"),
            pytest.param(swap("Albania", " Albania  "), id="spaces at the ends"),
            pytest.param(swap("Bosnia and", "Bosnia \t and"), id="spaces between words"),
            pytest.param(swap("Bosnia and", "Bosnia\u00a0and"), id="no-break space"),
            pytest.param(
                lambda b: b"\xef\xbb\xbf" + reverse_rows(quote_everything(b)).replace(b"\n", b"\r\n"),
                id="a spreadsheet",
            ),
        ],
    )
    def test_the_file_is_as_it_was(self, mini: Mini, how: Edit) -> None:
        before = content(mini.root)
        edit(mini.root, how)
        assert fix(mini.root) == [f"{PLACES}: written in canonical form"]
        assert content(mini.root) == before

    def test_the_order_of_columns(self, mini: Mini) -> None:
        before = content(mini.root)
        frame = pl.DataFrame([*Package.read(mini.root).sheets["organisations"].records().values()])
        frame.select(frame.columns[::-1]).write_csv(mini.root / "data/organisations.csv")
        assert fix(mini.root) == ["data/organisations.csv: written in canonical form"]
        assert content(mini.root) == before

    def test_the_order_of_items_and_doubled_ones(self, mini: Mini) -> None:
        before = content(mini.root)
        edit(mini.root, swap(",AT;HU,", ",HU; AT;HU;,"), "data/deployments.csv")
        assert fix(mini.root) == ["data/deployments.csv: written in canonical form"]
        assert content(mini.root) == before

    def test_several_files_at_once(self, mini: Mini) -> None:
        before = content(mini.root)
        for path in (PLACES, "data/sources.csv"):
            edit(mini.root, reverse_rows, path)
        assert sorted(fix(mini.root)) == [
            f"{PLACES}: written in canonical form",
            "data/sources.csv: written in canonical form",
        ]
        assert content(mini.root) == before

    def test_a_clean_package_is_not_written(self, mini: Mini) -> None:
        times = {path: path.stat().st_mtime_ns for path in (mini.root / "data").iterdir()}
        assert fix(mini.root) == []
        assert {path: path.stat().st_mtime_ns for path in (mini.root / "data").iterdir()} == times

    def test_twice_is_once(self, mini: Mini) -> None:
        edit(mini.root, lambda b: b"\xef\xbb\xbf" + reverse_rows(b).replace(b"\n", b"\r\n"))
        fix(mini.root)
        once = content(mini.root)
        assert fix(mini.root) == []
        assert content(mini.root) == once

    def test_afterwards_no_finding_is_about_form(self, mini: Mini) -> None:
        edit(mini.root, lambda b: b"\xef\xbb\xbf" + reverse_rows(decomposed(b)).replace(b"\n", b"\r\n"))
        edit(mini.root, swap(",AT;HU,", ",HU; AT,"), "data/deployments.csv")
        assert {"file.encoding", "file.line-ends", "text.form", "cell.list"} <= {
            f.rule for f in checked(mini.root).findings
        }
        fix(mini.root)
        rules = {f.rule for f in checked(mini.root).findings}
        assert not {rule for rule in rules if rule.startswith(("form.", "text.", "file.", "cell."))}

    def test_nothing_else_is_left_in_the_folder(self, mini: Mini) -> None:
        names = set(content(mini.root))
        edit(mini.root, reverse_rows)
        fix(mini.root)
        assert set(content(mini.root)) == names


class TestLeavesAlone:
    """Where a guess could change what a file says, it is not touched, and that is said."""

    @pytest.mark.parametrize(
        ("how", "gist"),
        [
            pytest.param(swap("AL,Albania,", "AL,"), "8 cells, fewer", id="cells too few"),
            pytest.param(swap("AL,Albania,", "AL,Albania,x,"), "10 cells, more", id="a cell too many"),
            pytest.param(swap("AL,Albania,", '"AL,Albania,'), "quotes do not pair up", id="unbalanced quote"),
            pytest.param(swap("AL,Albania,", 'AL,Alb"an"ia,'), "quotes do not pair up", id="stray quote"),
            pytest.param(swap("eurostat,note", "eurostat,colour"), "'colour' is not", id="unknown column"),
            pytest.param(swap("eurostat,note", "eurostat,kind"), "kind appears twice", id="doubled column"),
            pytest.param(swap("kind,member_of", "kind,,member_of"), "the column '' is not", id="column without a name"),
            pytest.param(swap("Albania", "Alb\0ania"), "NUL", id="NUL"),
            pytest.param(lambda b: b.replace(b"Albania", b"Alb\xe1nia", 1), "is not utf-8", id="cp1250"),
            pytest.param(lambda b: b"", "is empty", id="empty file"),
        ],
    )
    def test_the_file_is_not_touched(self, mini: Mini, how: Edit, gist: str) -> None:
        edit(mini.root, lambda b: reverse_rows(b) if b else b)
        edit(mini.root, how)
        edit(mini.root, reverse_rows, "data/sources.csv")
        broken = content(mini.root)["places.csv"]
        said = fix(mini.root)
        assert content(mini.root)["places.csv"] == broken
        assert any(line.startswith(f"{PLACES}: left as it is, because") and gist in line for line in said)
        assert "data/sources.csv: written in canonical form" in said

    @pytest.mark.parametrize("name", ["Border", "borders", "bord"])
    def test_a_misnamed_column_is_not_emptied(self, mini: Mini, name: str) -> None:
        """The word `order` stands in the name of this column, and also in what is said of columns in another order."""
        edit(mini.root, swap(",border,", f",{name},"), "data/deployments.csv")
        before = content(mini.root)
        (line,) = fix(mini.root)
        assert line.startswith(f"data/deployments.csv: left as it is, because line 1 the column '{name}' is not in")
        assert content(mini.root) == before

    def test_a_missing_column_is_not_added(self, mini: Mini) -> None:
        frame = pl.DataFrame([*Package.read(mini.root).sheets["deployments"].records().values()]).drop("border")
        frame.write_csv(mini.root / "data/deployments.csv")
        before = content(mini.root)
        assert fix(mini.root) == ["data/deployments.csv: left as it is, because line 1 the column border is missing"]
        assert content(mini.root) == before

    def test_two_tables_in_one_file(self, mini: Mini) -> None:
        descriptor = mini.root / "datapackage.json"
        content_of = json.loads(descriptor.read_text(encoding="utf-8"))
        places = next(r for r in content_of["resources"] if r["name"] == "places")
        content_of["resources"].append(places | {"name": "again"})
        descriptor.write_text(json.dumps(content_of), encoding="utf-8")
        before = content(mini.root)
        edit(mini.root, reverse_rows)
        fix(mini.root)
        assert content(mini.root) == before

    def test_a_missing_file_stays_missing(self, mini: Mini) -> None:
        (mini.root / PLACES).unlink()
        (line,) = fix(mini.root)
        assert line.startswith(f"{PLACES}: left as it is, because")
        assert not (mini.root / PLACES).exists()

    def test_a_package_that_cannot_be_read_is_left_alone(self, mini: Mini) -> None:
        (mini.root / "datapackage.json").write_text("{", encoding="utf-8")
        before = content(mini.root)
        assert fix(mini.root) == []
        assert content(mini.root) == before

    @pytest.mark.parametrize("cell", ["Kos\u200bovo", "Kos\u202eovo", "Kos\x07ovo"])
    def test_an_invisible_character_that_is_no_space_is_left_for_a_person(self, mini: Mini, cell: str) -> None:
        mini.row("places", id="XK")["name"] = cell
        mini.save()
        assert fix(mini.root) == []
        assert "text.form" in {f.rule for f in checked(mini.root).findings}

    @pytest.mark.parametrize("cell", ["1_000", "+5", "007", "2025-6", "Planned", "=1+1"])
    def test_a_value_in_another_spelling_is_left_for_a_person(self, mini: Mini, cell: str) -> None:
        """It is a guess which value was meant."""
        mini.row("deployments", id="dep-frontex-wb6-2025-06")["officers"] = cell
        mini.save()
        assert fix(mini.root) == []


def field(delimiter: str = "") -> Field:
    return Field("thing", "Thing", "", "string", False, False, "", None, {}, False, False, False, delimiter, ())


class TestCanonicalCell:
    @pytest.mark.parametrize(
        ("cell", "expected"),
        [
            ("", ""),
            (" ", ""),
            (" a ", "a"),
            ("a  b", "a b"),
            ("a\tb", "a b"),
            ("a\u00a0b", "a b"),
            ("C\u030ca\u030c", "Čǎ"),
            ("Čačak", "Čačak"),
            ("b;a", "b;a"),
            ("007", "007"),
        ],
    )
    def test_text(self, cell: str, expected: str) -> None:
        assert canonical_cell(field(), cell) == expected

    @pytest.mark.parametrize(
        ("cell", "expected"),
        [("b;a", "a;b"), ("b; a ;b;;", "a;b"), (";", ""), ("", ""), ("a", "a"), ("RS;BA;frontex", "BA;RS;frontex")],
    )
    def test_lists(self, cell: str, expected: str) -> None:
        assert canonical_cell(field(";"), cell) == expected

    @given(st.text(), st.sampled_from(["", ";"]))
    def test_twice_is_once(self, cell: str, delimiter: str) -> None:
        once = canonical_cell(field(delimiter), cell)
        assert canonical_cell(field(delimiter), once) == once

    @given(st.text(), st.sampled_from(["", ";"]))
    def test_a_clean_cell_stays_as_it_is(self, cell: str, delimiter: str) -> None:
        column = field(delimiter)
        if cell and not any(test.fails(cell) for test in (*text_test(), *cell_tests(column))):
            assert canonical_cell(column, cell) == cell

    @given(st.text())
    def test_every_letter_and_digit_is_kept_in_its_order(self, cell: str) -> None:
        before = unicodedata.normalize("NFC", cell)
        assert "".join(canonical_cell(field(), cell).split()) == "".join(before.split())

    @given(st.lists(st.text(st.characters(categories=("L", "N")), min_size=1), min_size=1))
    def test_a_list_keeps_its_items(self, items: list[str]) -> None:
        normal = {unicodedata.normalize("NFC", item) for item in items}
        assert set(canonical_cell(field(";"), " ; ".join(items)).split(";")) == normal


class TestMeaning:
    @pytest.fixture
    def root(self, mini: Mini) -> Path:
        return mini.root

    @settings(max_examples=15, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(
            st.sampled_from(
                [reverse_rows, quote_everything, decomposed, lambda b: b.replace(b"\n", b"\r\n"), lambda b: b.rstrip()]
            ),
            unique=True,
        )
    )
    def test_any_mixture_of_other_forms_reads_the_same_afterwards(self, root: Path, how: list[Edit]) -> None:
        canonical = (root / PLACES).read_bytes()
        try:
            other = canonical
            for change in how:
                other = change(other)
            (root / PLACES).write_bytes(other)
            fix(root)
            assert (root / PLACES).read_bytes() == canonical
        finally:
            (root / PLACES).write_bytes(canonical)


class TestSeal:
    """Control totals follow a change only when its source is named."""

    @pytest.fixture
    def bulk(self, mini: Mini) -> str:
        """A source of bulk rows of the table of returns."""
        return mini.row("control_totals", table="returns")["source_id"]

    def test_it_counts_the_claims_of_a_source_anew(self, mini: Mini) -> None:
        claim = mini.rows["claims"][0]
        claim["note"] = "Read again."
        mini.save(sealed=False)
        assert [f.rule for f in checked(mini.root).findings] == ["totals.differ"]
        (line,) = seal(mini.root, [claim["source_id"]])
        assert line.startswith(f"{claim['source_id']} claims: ")
        assert checked(mini.root).ok

    def test_it_counts_bulk_rows_anew(self, mini: Mini, bulk: str) -> None:
        mini.row("returns", source_id=bulk)["quantity"] = "4321"
        mini.save(sealed=False)
        assert "totals.differ" in {f.rule for f in checked(mini.root).findings}
        assert any(line.startswith(f"{bulk} returns ") for line in seal(mini.root, [bulk]))
        assert not [f for f in checked(mini.root).findings if f.rule.startswith("totals.")]

    def test_it_leaves_other_sources_alone(self, mini: Mini, bulk: str) -> None:
        mini.row("returns", source_id=bulk)["quantity"] = "4321"
        mini.save(sealed=False)
        other = next(c["source_id"] for c in mini.rows["claims"] if c["source_id"] != bulk)
        before = content(mini.root)
        assert seal(mini.root, [other]) == []
        assert content(mini.root) == before

    def test_it_drops_the_total_of_a_batch_that_is_gone(self, mini: Mini) -> None:
        source = mini.rows["claims"][0]["source_id"]
        mini.rows["claims"] = [c for c in mini.rows["claims"] if c["source_id"] != source]
        mini.save(sealed=False)
        (line,) = seal(mini.root, [source])
        assert line.endswith("-> none")
        assert source not in {
            row["source_id"] for row in Package.read(mini.root).sheets["control_totals"].records().values()
        }

    def test_it_writes_canonical_form(self, mini: Mini) -> None:
        claim = mini.rows["claims"][0]
        claim["note"] = "Read again."
        mini.save(sealed=False)
        seal(mini.root, [claim["source_id"]])
        sealed = content(mini.root)
        mini.save(sealed=True)
        assert content(mini.root) == sealed

    def test_an_unknown_source_is_refused_and_nothing_is_written(self, mini: Mini) -> None:
        before = content(mini.root)
        with pytest.raises(ValueError, match=r"nowhere-2025 is not in data/sources\.csv"):
            seal(mini.root, [mini.rows["claims"][0]["source_id"], "nowhere-2025"])
        assert content(mini.root) == before

    @pytest.mark.parametrize(
        ("path", "how"),
        [
            ("data/claims.csv", lambda b: b + b"a,b\n"),
            ("data/claims.csv", lambda b: b + b'"open\n'),
            ("data/returns.csv", lambda b: b + b"a,b\n"),
            ("data/projects.csv", lambda b: b""),
            ("data/control_totals.csv", lambda b: b + b"a\n"),
            ("data/sources.csv", lambda b: b + b"a\n"),
            ("schemas/returns.json", lambda b: b"{"),
            ("schemas/returns.json", lambda b: b"{}"),
            ("schemas/claims.json", lambda b: b[:-50]),
            ("schemas/control_totals.json", lambda b: b"{"),
            ("datapackage.json", lambda b: b.replace(b"data/returns.csv", b"../returns.csv")),
        ],
    )
    def test_what_cannot_be_read_in_full_is_not_counted(self, mini: Mini, bulk: str, path: str, how: Edit) -> None:
        """Otherwise the totals of the rows that are out of sight would go."""
        edit(mini.root, how, path)
        before = content(mini.root)
        with pytest.raises(ValueError, match=path.replace(".", r"\.")):
            seal(mini.root, [bulk])
        assert content(mini.root) == before

    def test_without_a_package_there_is_nothing_to_count(self, mini: Mini) -> None:
        (mini.root / "datapackage.json").write_text("{", encoding="utf-8")
        before = content(mini.root)
        assert seal(mini.root, ["nowhere-2025"]) == []
        assert content(mini.root) == before


def new_field(mini: Mini, table: str, place: int, name: str, **more: object) -> None:
    """Put a field into the schema of a table, and not into its file."""
    path = mini.root / f"schemas/{table}.json"
    schema = json.loads(path.read_text("utf-8"))
    schema["fields"].insert(
        place, {"name": name, "title": name, "description": f"What {name} means.", "type": "string"} | more
    )
    path.write_text(json.dumps(schema), encoding="utf-8")


class TestNewColumn:
    """A field that is new in a schema needs no edit of the table by hand."""

    @pytest.mark.parametrize("place", [1, 5, 999], ids=["second", "middle", "last"])
    def test_it_is_added_empty_at_its_place(self, mini: Mini, place: int) -> None:
        new_field(mini, "agreements", place, "depositary")
        (finding,) = checked(mini.root).findings
        assert (finding.rule, finding.message) == ("file.header", "the column depositary is missing")
        assert "run python -m validate --fix to add it" in finding.fix
        before = content(mini.root)
        assert "data/agreements.csv: added the column depositary, empty" in fix(mini.root)
        assert not checked(mini.root).findings
        after = content(mini.root)
        assert [name for name in after if after[name] != before[name]] == ["agreements.csv"]
        old, new = (list(csv.reader(io.StringIO(text["agreements.csv"].decode()))) for text in (before, after))
        at = min(place, len(old[0]))
        assert [row[at] for row in new] == ["depositary", *("" for _ in new[1:])]
        assert [row[:at] + row[at + 1 :] for row in new] == old

    def test_several_are_added_and_a_second_run_changes_nothing(self, mini: Mini) -> None:
        new_field(mini, "facilities", 2, "one")
        new_field(mini, "facilities", 4, "two")
        fix(mini.root)
        assert not checked(mini.root).findings
        once = content(mini.root)
        assert fix(mini.root) == []
        assert content(mini.root) == once

    def test_with_line_ends_of_windows(self, mini: Mini) -> None:
        new_field(mini, "places", 1, "one")
        edit(mini.root, lambda text: text.replace(b"\n", b"\r\n"))
        fix(mini.root)
        assert not checked(mini.root).findings

    @pytest.mark.parametrize(
        ("more", "how"),
        [({"constraints": {"required": True}}, None), ({}, swap("id,", "id,surplus,")), ({}, swap("AL,", "AL,x,"))],
        ids=["required", "a column too many", "a ragged row"],
    )
    def test_a_file_that_needs_a_person_stays_as_it_is(
        self, mini: Mini, more: dict[str, object], how: Edit | None
    ) -> None:
        new_field(mini, "places", 1, "one", **more)
        if how:
            edit(mini.root, how)
        before = content(mini.root)
        assert any("data/places.csv: left as it is, because line" in line for line in fix(mini.root))
        assert content(mini.root) == before

    def test_a_column_that_was_deleted_is_not_new(self, mini: Mini) -> None:
        """Its cells would be lost: the last commit has them."""
        git = git_in(mini.root)
        git("init", "--quiet")
        git("add", ".")
        git("commit", "--quiet", "-m", "before")
        table = mini.package.tables["places"]
        file = mini.root / table.path
        rows = [row[:-1] for row in csv.reader(io.StringIO(file.read_text("utf-8")))]
        assert table.names[-1] == "note"
        file.write_text("".join(",".join(f'"{c}"' if "," in c else c for c in row) + "\n" for row in rows), "utf-8")
        assert "data/places.csv: left as it is, because line 1 the column note is missing" in fix(mini.root)
