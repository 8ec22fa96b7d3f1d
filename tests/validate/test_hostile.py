"""Whatever lies on the disk, validation ends with a clear finding at the right place: never with a traceback.

Every case also carries a second, independent error in another file, which must be reported in the same run.
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from borderledger.package import Package, canonical_text
from tests.conftest import ROOT, Mini, checked
from validate import Finding, Report, check
from validate.fix import fix

PLACES = "data/places.csv"
HEADER = b"id,name,kind,member_of,publishes_as,iso_alpha3,world_bank,eurostat,note"
#: Lines 3 and 4 of the table of places.
#: The line of Albania in the small package.
ALBANIAS = 4
ALBANIA, AUSTRIA = b"\nAL,Albania,country,WB6,,ALB,ALB,AL,\n", b"\nAT,Austria,country,EU,,AUT,AUT,AT,\n"

Edit = Callable[[bytes], bytes]


@pytest.fixture
def spoilt(tmp_path: Path, whole: Package) -> Path:
    """A package of two tables, places and organisations; the second has an error."""
    names = ("places", "organisations")
    (tmp_path / "schemas").mkdir()
    (tmp_path / "data").mkdir()
    for name in names:
        table = whole.tables[name]
        rows = [dict(row) for row in whole.sheets[name].records().values()]
        if name == "organisations":
            rows[0]["kind"] = "nonsense"
        for row in rows:
            row["publishes_as"] = ""  # there are no sources
        shutil.copy(ROOT / table.schema_path, tmp_path / "schemas")
        (tmp_path / table.path).write_text(canonical_text(table, rows), encoding="utf-8", newline="")
    shutil.copy(ROOT / "datapackage.json", tmp_path)
    with_descriptor(tmp_path, lambda d: d.update(resources=[resource(d, name) for name in names]))
    return tmp_path


@pytest.fixture
def full(mini: Mini) -> Path:
    """The small package of all tables, with the same error."""
    mini.rows["organisations"][0]["kind"] = "nonsense"
    return mini.save()


def run(root: Path) -> Report:
    """Validate, and demand what holds in every case: an honest report with the second error in it."""
    report = check(root)
    assert report.exit_code == 1
    assert "nonsense" in {f.value for f in report.findings if f.rule == "cell.category"}
    demand_sense(report)
    return report


def demand_sense(report: Report) -> None:
    for finding in report.findings:
        assert finding.file
        assert finding.line >= 0
        assert finding.message
        assert finding.fix
        assert "." in finding.rule
        assert len(finding.value) <= 200


def at(report: Report, rule: str, file: str = PLACES) -> list[Finding]:
    return [f for f in report.findings if f.rule == rule and f.file == file]


def swap(old: bytes, new: bytes) -> Edit:
    def edit(content: bytes) -> bytes:
        assert old in content
        return content.replace(old, new, 1)

    return edit


def albania(line: bytes) -> Edit:
    """Put another line in the place of that of Albania."""
    return swap(ALBANIA, b"\n" + line + b"\n")


def columns(*order: int) -> Edit:
    def edit(content: bytes) -> bytes:
        rows = [line.split(b",") for line in content.splitlines() if b'"' not in line]
        return b"".join(b",".join(row[i] for i in order) + b"\n" for row in rows)

    return edit


class TestTableFile:
    """A table that is not what it should be is named with the line, and the rest is checked nevertheless."""

    @pytest.mark.parametrize(
        ("edit", "rule", "line", "gist"),
        [
            pytest.param(lambda b: b"", "file.empty", 0, "is empty", id="empty file"),
            pytest.param(lambda b: b"\n \n\n", "file.empty", 0, "is empty", id="blank file"),
            pytest.param(lambda b: b"\x89PNG\r\n\x1a\n\0\0", "file.binary", 3, "NUL", id="picture"),
            pytest.param(lambda b: b"PK\x03\x04\x14\x00" + bytes(99), "file.binary", 1, "NUL", id="spreadsheet"),
            pytest.param(swap(b"Albania", b"Alb\0ania"), "file.binary", ALBANIAS, "NUL", id="NUL"),
            pytest.param(lambda b: b"\xef\xbb\xbf" + b, "file.encoding", 0, "byte order mark", id="BOM"),
            pytest.param(
                lambda b: b.decode().encode("utf-16"), "file.encoding", 0, "byte order mark (utf-16)", id="UTF-16"
            ),
            pytest.param(
                lambda b: b.decode().encode("utf-16-le"), "file.binary", 1, "NUL", id="UTF-16 without its mark"
            ),
            pytest.param(lambda b: b"\xff\xfe" + b[:-1], "file.encoding", 0, "byte order mark", id="false UTF-16 mark"),
            pytest.param(
                swap(b"Albania", "Albanië".encode("cp1250")),
                "file.encoding",
                ALBANIAS,
                "byte eb is not utf-8",
                id="cp1250",
            ),
            pytest.param(swap(b"Albania", b"Alb\xed\xa0\x80"), "file.encoding", ALBANIAS, "byte ed", id="surrogate"),
            pytest.param(lambda b: b.replace(b"\n", b"\r\n"), "file.line-ends", 1, "CR", id="CRLF"),
            pytest.param(lambda b: b.replace(b"\n", b"\r"), "file.line-ends", 1, "CR", id="CR"),
            pytest.param(swap(ALBANIA, ALBANIA[:-1] + b"\r\n"), "file.line-ends", ALBANIAS, "CR", id="one CRLF"),
            pytest.param(lambda b: b.rstrip(b"\n"), "file.line-ends", None, "no line end", id="no last line end"),
            pytest.param(
                albania(b"AL,Albania,country,WB6,,ALB,ALB,AL,,"),
                "file.ragged",
                ALBANIAS,
                "10 cells, more",
                id="a cell too many",
            ),
            pytest.param(albania(b"AL,Albania,country"), "file.ragged", ALBANIAS, "3 cells, fewer", id="cells too few"),
            pytest.param(
                albania(b"AL,Albania, Republic of,country,WB6,,ALB,ALB,AL,"),
                "file.ragged",
                ALBANIAS,
                "10 cells, more",
                id="bare comma",
            ),
            pytest.param(swap(ALBANIA, b"\n" + ALBANIA), "file.blank", ALBANIAS, "empty line", id="blank line"),
            pytest.param(lambda b: b + b"\n", "file.blank", None, "empty line", id="blank line at the end"),
            pytest.param(
                swap(ALBANIA, b"\n  " + ALBANIA), "file.ragged", ALBANIAS, "1 cells, fewer", id="line of spaces"
            ),
            pytest.param(
                albania(b'AL,"Albania,country,WB6,,ALB,ALB,AL,'),
                "file.quotes",
                ALBANIAS,
                "quotes",
                id="unbalanced quote",
            ),
            pytest.param(
                albania(b'AL,Alb"an"ia,country,WB6,,ALB,ALB,AL,'),
                "file.quotes",
                ALBANIAS,
                "quotes",
                id="quotes within a cell",
            ),
            pytest.param(
                albania(b'AL,"Alb"ania,country,WB6,,ALB,ALB,AL,'),
                "file.quotes",
                ALBANIAS,
                "quotes",
                id="text after a quote",
            ),
            pytest.param(
                albania(b'AL,Albania",country,WB6,,ALB,ALB,AL,'), "file.quotes", ALBANIAS, "quotes", id="stray quote"
            ),
            pytest.param(
                albania(b"AL,Albania,country,WB6,,ALB,ALB,AL," + b"x" * 10_000_000),
                "file.too-long",
                ALBANIAS,
                "10000035 characters",
                id="10 MB cell",
            ),
            pytest.param(swap(HEADER, b"id,name,kind,kind,note"), "file.header", 1, "twice", id="doubled header"),
            pytest.param(
                swap(HEADER, b"id,name,kind,member_of,publishes_as,iso_alpha3,world_bank,eurostat,colour"),
                "file.header",
                1,
                "'colour' is not",
                id="unknown column",
            ),
            pytest.param(columns(*range(8)), "file.header", 1, "note is missing", id="missing column"),
            pytest.param(columns(*range(1, 9)), "file.header", 1, "id is missing", id="missing key column"),
            pytest.param(
                columns(1, 0, *range(2, 9)), "file.header", 1, "the order of the columns", id="reordered columns"
            ),
            pytest.param(swap(HEADER, b"ID,Name,Kind,Member_of,Note"), "file.header", 1, "'ID' is not", id="capitals"),
            pytest.param(lambda b: b.replace(b",", b";"), "file.delimiter", 1, "semicolons separate", id="semicolons"),
            pytest.param(lambda b: b.replace(b",", b"\t"), "file.delimiter", 1, "tabs separate", id="tab separated"),
            pytest.param(lambda b: b.split(b"\n", 1)[1], "file.header", 1, "id is missing", id="no header"),
            pytest.param(lambda b: b"<html><body>404</body></html>\n", "file.header", 1, "missing", id="web page"),
            pytest.param(swap(b"Albania", b"Alb\tania"), "text.form", ALBANIAS, "U+0009", id="tab in a cell"),
            pytest.param(swap(b"Albania", b"Alb\x1b[31mania"), "text.form", ALBANIAS, "U+001B", id="terminal escape"),
            pytest.param(swap(b"Albania", b"=1+1"), "text.formula", ALBANIAS, "'='", id="formula"),
        ],
    )
    def test_is_reported_at_its_line(self, spoilt: Path, edit: Edit, rule: str, line: int | None, gist: str) -> None:
        file = spoilt / PLACES
        canonical = file.read_bytes()
        file.write_bytes(edit(canonical))
        if line is None:
            line = canonical.count(b"\n") + (rule != "file.line-ends")
        found = at(run(spoilt), rule)
        assert line in {f.line for f in found}
        assert any(gist in f.message for f in found)

    def test_a_missing_file(self, spoilt: Path) -> None:
        (spoilt / PLACES).unlink()
        (finding,) = at(run(spoilt), "file.missing")
        assert (finding.line, finding.message) == (0, "cannot be read: No such file or directory")
        assert f"git checkout -- {PLACES}" in finding.fix

    @pytest.mark.parametrize("gone", ["sources", "places", "agreements"])
    def test_a_missing_file_is_one_finding_and_not_one_for_each_row_that_leans_on_it(
        self, full: Path, gone: str
    ) -> None:
        path = f"data/{gone}.csv"
        (full / path).unlink()
        report = run(full)
        assert len(at(report, "file.missing", path)) == 1
        assert not [f for f in report.findings if f.rule == "reference.unknown" and path in f.message]

    def test_a_folder_in_place_of_a_file(self, spoilt: Path) -> None:
        (spoilt / PLACES).unlink()
        (spoilt / PLACES).mkdir()
        (finding,) = at(run(spoilt), "file.missing")
        assert "directory" in finding.message.lower()

    def test_a_quote_that_is_not_closed_hides_nothing_below_it(self, spoilt: Path) -> None:
        file = spoilt / PLACES
        broken = albania(b'AL,"Albania,country,WB6,,ALB,ALB,AL,')(file.read_bytes())
        file.write_bytes(swap(AUSTRIA, b"\nAT,Austria,planet,EU,,AUT,AUT,AT,\n")(broken))
        report = run(spoilt)
        assert [f.line for f in at(report, "file.quotes")] == [ALBANIAS]
        assert [(f.line, f.value) for f in at(report, "cell.category")] == [(ALBANIAS + 3, "planet")]

    def test_a_row_that_cannot_be_read_is_still_known_to_those_that_refer_to_it(self, spoilt: Path) -> None:
        file = spoilt / PLACES
        file.write_bytes(albania(b"AL,Albania")(file.read_bytes()))
        assert not [f for f in run(spoilt).findings if f.rule == "reference.unknown" and "'AL'" in f.message]

    def test_several_faults_of_one_file_are_reported_together(self, spoilt: Path) -> None:
        file = spoilt / PLACES
        text = albania(b"AL,Albania")(file.read_bytes())
        file.write_bytes(b"\xef\xbb\xbf" + swap(AUSTRIA, b'\nAT,"Austria\n')(text).replace(b"\n", b"\r\n"))
        report = run(spoilt)
        assert {f.rule for f in report.findings if f.file == PLACES} >= {
            "file.encoding",
            "file.line-ends",
            "file.ragged",
            "file.quotes",
        }

    @pytest.mark.parametrize("gone", ["claims", "control_totals", "places", "sources"])
    def test_without_a_table_of_evidence_no_record_is_said_to_lack_it(self, full: Path, gone: str) -> None:
        (full / f"data/{gone}.csv").write_bytes(b"")
        report = run(full)
        assert {f.rule for f in report.findings} == {"file.empty", "package.incomplete", "cell.category"}
        assert gone in next(f.message for f in report.findings if f.rule == "package.incomplete")

    @pytest.mark.parametrize("mark", [";", "\t"])
    def test_columns_separated_by_another_mark_are_one_finding(self, spoilt: Path, mark: str) -> None:
        file = spoilt / PLACES
        rows = csv.reader(file.read_text(encoding="utf-8").splitlines())
        with open(file, "w", encoding="utf-8", newline="") as out:
            csv.writer(out, delimiter=mark, lineterminator="\n").writerows(rows)
        (finding,) = [f for f in run(spoilt).findings if f.file == PLACES]
        assert (finding.rule, finding.line) == ("file.delimiter", 1)
        assert f"{'semicolons' if mark == ';' else 'tabs'} separate the columns" in finding.message

    def test_a_doubled_file_is_read_in_linear_time(self, full: Path) -> None:
        """Every row names its twins; thousands of equal keys make no message of thousands of lines."""
        file = full / "data/claims.csv"
        head, *rows = file.read_bytes().splitlines()
        file.write_bytes(b"\n".join([head, *rows[:1] * 500, b""]))
        found = at(run(full), "key.unique", "data/claims.csv")
        assert len(found) == 500
        assert found[0].message.endswith(" and 487 more")

    @pytest.mark.parametrize("empty", ["returns", "claims", "places", ""])
    def test_a_header_alone_is_a_table_without_rows(self, mini: Mini, empty: str) -> None:
        """Also when all tables are empty, which is the last case."""
        for table in mini.package.tables.values():
            if table.name == empty or not empty:
                (mini.root / table.path).write_text(",".join(table.names) + "\n", encoding="utf-8")
        report = checked(mini.root)
        demand_sense(report)
        assert not [f for f in report.findings if f.rule == "rule.failed" or f.rule.startswith("file.")]
        rows = {t.table: t.rows for t in report.tables}
        assert rows[empty] == 0 if empty else report.ok

    def test_all_tables_may_be_missing_at_once(self, mini: Mini) -> None:
        shutil.rmtree(mini.root / "data")
        report = checked(mini.root)
        missing = [f.file for f in report.findings if f.rule == "file.missing"]
        assert missing == sorted(table.path for table in mini.package.tables.values())
        assert [f.rule for f in report.findings if f.file not in missing] == ["package.incomplete"]
        assert report.exit_code == 1


class TestPath:
    """Nothing outside the folder of the package is read."""

    @pytest.mark.parametrize(
        "path",
        [
            "../places.csv",
            "data/../../places.csv",
            "data/../data/places.csv",
            "/etc/passwd",
            "C:\\places.csv",
            "C:/places.csv",
            "..\\places.csv",
            "https://example.org/places.csv",
            "file:///etc/passwd",
        ],
    )
    @pytest.mark.parametrize("key", ["path", "schema"])
    def test_a_path_that_leads_out_is_refused(self, spoilt: Path, key: str, path: str) -> None:
        with_descriptor(spoilt, lambda d: resource(d, "places").update({key: path}))
        (finding,) = at(run(spoilt), "package.descriptor", "datapackage.json")
        assert f"the path {path} leads out of the package" in finding.message

    @pytest.mark.parametrize("path", ["", "data/pla\0ces.csv", "data/\ud800.csv", "x" * 5000, "."])
    def test_a_path_that_can_be_no_path(self, spoilt: Path, path: str) -> None:
        with_descriptor(spoilt, lambda d: resource(d, "places").update(path=path))
        run(spoilt)

    def test_a_link_that_leads_out_is_refused(self, spoilt: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
        secret = tmp_path_factory.mktemp("elsewhere") / "secret.csv"
        shutil.move(spoilt / PLACES, secret)
        (spoilt / PLACES).symlink_to(secret)
        assert "leads out" in at(run(spoilt), "package.descriptor", "datapackage.json")[0].message

    def test_a_link_to_itself_ends(self, spoilt: Path) -> None:
        (spoilt / PLACES).unlink()
        (spoilt / PLACES).symlink_to("places.csv")
        run(spoilt)

    def test_a_link_within_the_package_is_followed(self, spoilt: Path) -> None:
        shutil.move(spoilt / PLACES, spoilt / "data/land.csv")
        (spoilt / PLACES).symlink_to("land.csv")
        assert not [f for f in run(spoilt).findings if f.file == PLACES or f.rule == "package.descriptor"]


# --- descriptor ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "end"), [("utf-16", "\n"), ("utf-16", "\r\n"), ("utf-8-sig", "\r"), ("utf-8", "\r")]
)
def test_a_letter_of_another_encoding_is_in_the_line_that_an_editor_shows(mini: Mini, encoding: str, end: str) -> None:
    """In UTF-16 the byte 0x0A is also half of other letters, and old programs end lines with CR alone."""
    file = mini.root / PLACES
    header, first, *rest = file.read_text(encoding="utf-8").splitlines()
    good = end.join([header, first.replace("Afghanistan", "\u0a0a\u010a"), rest[0], ""]).encode(encoding)
    file.write_bytes(good + (b"\x00\xdc" if encoding == "utf-16" else b"\xff"))  # half of a pair; no UTF-8
    (found,) = [f for f in checked(mini.root).findings if f.rule == "file.encoding" and f.line]
    assert found.line == 4


def with_json(root: Path, path: str, change: Callable[[Any], Any]) -> None:
    file = root / path
    content = json.loads(file.read_text(encoding="utf-8"))
    change(content)
    file.write_text(json.dumps(content, indent=2), encoding="utf-8")


def with_descriptor(root: Path, change: Callable[[Any], Any]) -> None:
    with_json(root, "datapackage.json", change)


def resource(descriptor: dict[str, Any], name: str) -> dict[str, Any]:
    return next(r for r in descriptor["resources"] if r["name"] == name)


class TestDescriptor:
    """Without a descriptor there is nothing to check: exit code 2. With a faulty one, the rest is checked."""

    @pytest.mark.parametrize(
        ("content", "line", "gist"),
        [
            (b"", 1, "not JSON"),
            (b'{\n"name": "x",\n"resources": [,]\n}', 3, "not JSON"),
            (b'{"name": "x"', 1, "not JSON"),
            (b"\xef\xbb\xbf{}", 1, "BOM"),
            (b"[]", 0, "not a JSON object"),
            (b"null", 0, "not a JSON object"),
            (b'"text"', 0, "not a JSON object"),
            (b"{}", 0, ""),
            (b'{"name": "x"}', 0, "no resources"),
            (b'{"resources": []}', 0, "no resources"),
            (b'{"resources": {}}', 0, "no resources"),
            (b'{"resources": [3]}', 0, "resource 1 needs"),
            (b'{"resources": [{"name": "x"}]}', 0, "resource 1 needs"),
            (b'{"resources": [{"name": 1, "path": "p", "schema": "s"}]}', 0, "resource 1 needs"),
            (b'{"resources": [{"name": "x", "path": ["a", "b"], "schema": {}}]}', 0, "resource 1 needs"),
            (b"\x89PNG\r\n\x1a\n\0", 0, "not UTF-8"),
            ('{"name": "x"}'.encode("utf-16"), 0, "not UTF-8"),
            (b"[" * 100_000, 0, "too deeply"),
            (b'{"a":' * 100_000, 0, "too deeply"),
            (b'{"version": ' + b"1" * 5000 + b"}", 0, ""),
        ],
    )
    def test_a_descriptor_that_cannot_be_used(self, tmp_path: Path, content: bytes, line: int, gist: str) -> None:
        (tmp_path / "datapackage.json").write_bytes(content)
        report = check(tmp_path)
        assert not report.ok
        assert report.exit_code == 2
        assert [(f.file, f.line) for f in report.findings] == [("datapackage.json", line)]
        assert gist in report.findings[0].message
        demand_sense(report)

    @pytest.mark.parametrize("what", ["nothing", "file", "folder"])
    def test_no_descriptor(self, tmp_path: Path, what: str) -> None:
        path = tmp_path / "package"
        if what == "file":
            path.write_bytes(b"")
        elif what == "folder":
            path.mkdir()
        report = check(path)
        assert report.exit_code == 2
        assert [(f.rule, f.file) for f in report.findings] == [("package.unreadable", "datapackage.json")]

    def test_a_folder_in_place_of_the_descriptor(self, tmp_path: Path) -> None:
        (tmp_path / "datapackage.json").mkdir()
        assert check(tmp_path).exit_code == 2

    @pytest.mark.parametrize(
        ("change", "gist"),
        [
            (lambda d: resource(d, "places").pop("schema"), "needs a name, a path and a schema"),
            (lambda d: resource(d, "places").update(schema={}), "needs a name, a path and a schema"),
            (lambda d: resource(d, "places").update(path=["a.csv"]), "needs a name, a path and a schema"),
            (lambda d: d["resources"].append(None), "needs a name, a path and a schema"),
            (lambda d: d["resources"].append(dict(resource(d, "places"))), "two resources are named places"),
        ],
    )
    def test_one_faulty_resource_leaves_the_others(self, spoilt: Path, change: Callable[[Any], Any], gist: str) -> None:
        with_descriptor(spoilt, change)
        (finding,) = at(run(spoilt), "package.descriptor", "datapackage.json")
        assert gist in finding.message

    @pytest.mark.parametrize("gone", ["claims", "control_totals"])
    def test_a_package_without_the_tables_of_evidence_is_incomplete(self, full: Path, gone: str) -> None:
        with_descriptor(full, lambda d: d["resources"].remove(resource(d, gone)))
        (finding,) = at(run(full), "package.incomplete", "datapackage.json")
        assert gone in finding.message


# --- schemas ---------------------------------------------------------------------------------------------------------


def entry(schema: dict[str, Any], name: str) -> dict[str, Any]:
    return next(f for f in schema["fields"] if f["name"] == name)


class TestSchema:
    """A schema that cannot be used costs its own table, never the run."""

    @pytest.mark.parametrize(
        ("content", "line", "gist"),
        [
            (b'{\n"fields": [\n}', 3, "not JSON"),
            (b"", 1, "not JSON"),
            (b"[]", 0, "not a JSON object"),
            (b"{}", 0, ""),
            (b"\xff\xfe{", 0, "not UTF-8"),
            (b"[" * 100_000, 0, "too deeply"),
            (b'{"fields": ' + b"1" * 5000 + b"}", 0, ""),
            (b'{"fields": [], "minimum": NaN}', 0, "NaN is not JSON"),
            (b'{"fields": [], "minimum": -Infinity}', 0, "-Infinity is not JSON"),
            (b'{"fields": 3}', 0, "not a Table Schema"),
            (b'{"fields": [3]}', 0, "not a Table Schema"),
            (b'{"fields": [{}]}', 0, "not a Table Schema"),
            (b'{"title": "x"}', 0, "not a Table Schema"),
        ],
    )
    def test_a_schema_that_cannot_be_read(self, spoilt: Path, content: bytes, line: int, gist: str) -> None:
        (spoilt / "schemas/places.json").write_bytes(content)
        (finding,) = at(run(spoilt), "schema.unreadable", "schemas/places.json")
        assert finding.line == line
        assert gist in finding.message

    def test_a_schema_that_is_missing(self, spoilt: Path) -> None:
        (spoilt / "schemas/places.json").unlink()
        (finding,) = at(run(spoilt), "schema.unreadable", "schemas/places.json")
        assert "No such file" in finding.message

    @pytest.mark.parametrize(
        ("change", "gist"),
        [
            pytest.param(
                lambda s: entry(s, "id").update(constraint={"required": True}),
                "field id: unknown property constraint",
                id="typo in a property",
            ),
            pytest.param(
                lambda s: entry(s, "id")["constraints"].update(requird=True),
                "field id: unknown property requird",
                id="typo in a constraint",
            ),
            pytest.param(lambda s: entry(s, "id").update(type="list"), "unknown type list", id="unknown type"),
            pytest.param(lambda s: entry(s, "id").pop("type"), "type", id="no type"),
            pytest.param(lambda s: entry(s, "id").pop("name"), "name", id="no name"),
            pytest.param(lambda s: entry(s, "id").update(constraints=[]), "", id="constraints a list"),
            pytest.param(lambda s: entry(s, "id")["constraints"].update(pattern="(a"), "", id="broken pattern"),
            pytest.param(
                lambda s: entry(s, "id")["constraints"].update(pattern="a{99999999999}"), "", id="pattern too large"
            ),
            pytest.param(lambda s: s["fields"].append(dict(s["fields"][0])), "named twice", id="field twice"),
            pytest.param(lambda s: s.update(primaryKey=["nope"]), "nope", id="key names no field"),
            pytest.param(lambda s: s.update(foreignKeys=[{}]), "", id="empty reference"),
            pytest.param(
                lambda s: s.update(foreignKeys=[{"fields": [], "reference": {"resource": "places", "fields": []}}]),
                "",
                id="reference of no field",
            ),
            pytest.param(lambda s: s.update(foreignKeys=3), "", id="references a number"),
        ],
    )
    def test_a_schema_with_a_fault_is_refused_as_a_whole(
        self, spoilt: Path, change: Callable[[Any], Any], gist: str
    ) -> None:
        with_json(spoilt, "schemas/places.json", change)
        (finding,) = at(run(spoilt), "schema.unreadable", "schemas/places.json")
        assert gist in finding.message

    @pytest.mark.parametrize(
        ("field", "table", "target"),
        [("kind", "nowhere", "id"), ("kind", "organisations", "nowhere"), ("nowhere", "organisations", "id")],
    )
    def test_a_reference_to_nowhere_is_reported_once(self, spoilt: Path, field: str, table: str, target: str) -> None:
        key = {"fields": [field], "reference": {"resource": table, "fields": [target]}}
        with_json(spoilt, "schemas/places.json", lambda s: s.update(foreignKeys=[key]))
        report = run(spoilt)
        (finding,) = at(report, "schema.reference", "schemas/places.json")
        assert (finding.field, finding.value) == (field, table)
        assert "does not exist" in finding.message
        assert {f.rule for f in report.findings}.isdisjoint({"reference.unknown", "rule.failed"})

    def test_a_list_that_refers_to_nowhere_is_reported_once(self, spoilt: Path) -> None:
        with_json(spoilt, "schemas/places.json", lambda s: entry(s, "member_of").update(refersTo=["nowhere"]))
        report = run(spoilt)
        assert [f.field for f in at(report, "schema.reference", "schemas/places.json")] == ["member_of"]
        assert {f.rule for f in report.findings}.isdisjoint({"reference.unknown", "rule.failed"})

    @pytest.mark.parametrize(
        ("table", "field"),
        [
            ("claims", "verdict"),
            ("claims", "value"),
            ("claims", "field"),
            ("claims", "record_id"),
            ("deployments", "id"),
            ("corrections", "new"),
            ("claims", "qualifier"),
            ("sources", "kind"),
            ("places", "member_of"),
            ("control_totals", "digest"),
            ("returns", "quantity"),
            ("returns", "source_id"),
            ("deployments", "officers_qualifier"),
        ],
    )
    def test_a_schema_that_lacks_a_field_the_checks_need(self, mini: Mini, table: str, field: str) -> None:
        """Also where a cell has the form of a spreadsheet, so that its second entry is looked for."""
        mini.rows["organisations"][0]["kind"] = "nonsense"
        mini.rows["deployments"][0]["date"] = "11/06/2025"
        root = mini.save()
        with_json(root, f"schemas/{table}.json", lambda s: s["fields"].remove(entry(s, field)))
        run(root)
        fix(root)

    @pytest.mark.parametrize(
        "change",
        [
            lambda s: entry(s, "member_of").update(delimiter=5),
            lambda s: entry(s, "member_of").update(delimiter=["x"]),
            lambda s: entry(s, "member_of").update(refersTo="places"),
            lambda s: entry(s, "kind").update(title=5),
            lambda s: entry(s, "note").update(name=5),
            lambda s: entry(s, "note").update(name=""),
            lambda s: entry(s, "kind").update(categories=["a", "b"]),
            lambda s: entry(s, "kind").update(categories=[{"value": 1, "label": 2}]),
            lambda s: s.update(primaryKey="id"),
            lambda s: s.update(primaryKey=[]),
            lambda s: s.update(title=None),
            lambda s: s.update(batch={"total": "nowhere"}),
        ],
    )
    def test_a_property_of_the_wrong_kind(self, spoilt: Path, change: Callable[[Any], Any]) -> None:
        with_json(spoilt, "schemas/places.json", change)
        run(spoilt)

    @pytest.mark.parametrize(
        ("table", "change"),
        [
            ("deployments", lambda s: entry(s, "officers")["constraints"].update(minimum="0")),
            ("returns", lambda s: s.update(batch={"x": "y"})),
            ("returns", lambda s: s["batch"].update(place=None)),
        ],
    )
    def test_a_property_of_the_wrong_kind_that_evidence_leans_on(
        self, full: Path, table: str, change: Callable[[Any], Any]
    ) -> None:
        with_json(full, f"schemas/{table}.json", change)
        run(full)


class TestCells:
    """A cell can hold anything; the checks that read cells get over it."""

    HUGE = "1" + "0" * 400

    @pytest.mark.parametrize(
        "odd",
        [
            {"deployments": {"officers": HUGE, "officers_qualifier": "about", "date": "9999-12-31~"}},
            {"deployments": {"officers": "nan", "date": "0001~", "hosts": ";"}},
            {"deployments": {"officers": "inf", "officers_max": "-inf", "officers_qualifier": "range", "id": ""}},
            {"deployments": {"officers": "1_0", "date": "2025-06-00", "part_of": "dep-at-hu-rs-2024-10"}},
            {"projects": {"amount_eur": HUGE, "amount_eur_qualifier": "about"}, "returns": {"quantity": HUGE}},
            {"claims": {"value": HUGE, "qualifier": "about", "field": "officers"}},
            {"claims": {"record_id": "", "field": "", "source_id": "", "verdict": ""}},
            {"claims": {"field": "__class__"}, "sources": {"reprint_of": "frontex", "id": ""}},
            {"control_totals": {"rows": "x", "total": "x", "digest": ""}},
            {"control_totals": {"table": "nowhere", "rows": "9" * 5000}},
            {"corrections": {"version": "1.²", "record_id": "x", "field": "y", "reason": "z"}},
            {"corrections": {"version": "9" * 5000, "record_id": "x", "field": "y", "reason": "z"}},
        ],
    )
    def test_an_odd_cell(self, mini: Mini, odd: dict[str, dict[str, str]]) -> None:
        mini.rows["organisations"][0]["kind"] = "nonsense"
        for table, values in odd.items():
            row = mini.rows[table][0] if mini.rows[table] else mini.add(table)
            row |= values
        report = run(mini.save(sealed=False))
        assert not [f for f in report.findings if f.rule == "rule.failed"]


# --- anything at all -------------------------------------------------------------------------------------------------

BITS = [
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b";",
    b"~",
    b"/",
    b" ",
    b"-",
    b"0",
    b"=",
    b"\xc2\xa0",
    b"\xe2\x80\x8b",
]
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(BITS) | st.binary(max_size=6)),
    min_size=1,
    max_size=6,
)


def scatter(content: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    """Cut out some bytes at each place and put others there."""
    for where, cut, new in edits:
        start = int(where * len(content))
        content = content[:start] + new + content[start + cut :]
    return content


class TestAnything:
    """Random damage is found or harmless; it never stops the run."""

    @settings(max_examples=60, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(edits=EDITS)
    def test_random_edits_of_a_table(self, spoilt: Path, edits: list[tuple[float, int, bytes]]) -> None:
        self.damage(spoilt, PLACES, edits)

    @settings(max_examples=6, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(edits=EDITS, table=st.sampled_from(["claims", "control_totals", "deployments", "projects", "sources"]))
    def test_random_edits_of_evidence(self, full: Path, edits: list[tuple[float, int, bytes]], table: str) -> None:
        self.damage(full, f"data/{table}.csv", edits)

    @settings(max_examples=40, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(data=st.data(), odd=st.sampled_from([None, 5, -1.5, True, "", "x", "(", [], ["id"], [[]], {}, {"id": 1}]))
    def test_any_value_of_a_schema_replaced_by_another(self, spoilt: Path, data: st.DataObject, odd: object) -> None:
        file = spoilt / "schemas/places.json"
        before = file.read_bytes()
        schema = json.loads(before)
        holder, key = data.draw(st.sampled_from(list(_slots(schema))))
        holder[key] = odd
        try:
            file.write_text(json.dumps(schema), encoding="utf-8")
            run(spoilt)
        finally:
            file.write_bytes(before)

    @staticmethod
    def damage(root: Path, path: str, edits: list[tuple[float, int, bytes]]) -> None:
        before = (root / path).read_bytes()
        try:
            (root / path).write_bytes(scatter(before, edits))
            report = run(root)
        finally:
            (root / path).write_bytes(before)
        assert not [f for f in report.findings if f.rule == "rule.failed"]
        for text in (report.text(), report.json(), report.github(), report.markdown()):
            assert text.endswith("\n")


def _slots(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a JSON document that holds a value."""
    for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
        yield node, key
        if isinstance(value, dict | list):
            yield from _slots(value)


class TestCommandLine:
    """What a person sees at the end of it: sentences, and an exit code."""

    @pytest.mark.parametrize(
        ("edit", "code"),
        [
            (lambda root: (root / PLACES).write_bytes(bytes(range(256))), 1),
            (lambda root: (root / "schemas/claims.json").write_bytes(b"{"), 1),
            (shutil.rmtree, 2),
        ],
    )
    def test_no_traceback(self, mini: Mini, edit: Callable[[Path], object], code: int) -> None:
        edit(mini.root)
        command = [sys.executable, "-m", "validate", str(mini.root)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
        assert "Traceback" not in done.stdout + done.stderr
        assert done.returncode == code
        assert "finding" in done.stdout.splitlines()[-1]
