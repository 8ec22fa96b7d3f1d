"""What an address, a DOI, a CELEX or an OJ number says about a document, without asking anybody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from borderledger.package import Package
from corrections.book import Book
from corrections.pasted import pasted
from corrections.plain_text import tidy
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def book() -> Book:
    return Book.of(Package.read(ROOT))


EUR_LEX = "https://eur-lex.europa.eu/legal-content"


class TestNumbers:
    """What is told by the form of a number, and nothing that is not."""

    @pytest.mark.parametrize(
        ("text", "cells"),
        [
            (
                "CELEX 22010A0123(02)",
                {
                    "url": f"{EUR_LEX}/EN/TXT/?uri=CELEX:22010A0123(02)",
                    "document_ref": "CELEX 22010A0123(02)",
                    "kind": "legal",
                    "language": "en",
                    "published": "2010-01-23",
                },
            ),
            (
                "52020PC9999",
                {
                    "url": f"{EUR_LEX}/EN/TXT/?uri=CELEX:52020PC9999",
                    "document_ref": "COM(2020) 9999 final; CELEX 52020PC9999",
                    "kind": "legal",
                    "language": "en",
                    "published": "2020",
                    "publisher": "European Commission",
                },
            ),
            (
                "32019r1896",
                {
                    "url": f"{EUR_LEX}/EN/TXT/?uri=CELEX:32019R1896",
                    "document_ref": "CELEX 32019R1896",
                    "kind": "legal",
                    "language": "en",
                    "title": "Regulation (EU) 2019/1896",
                },
            ),
            (
                "OJ L 295, 14.11.2019, p. 1",
                {
                    "url": f"{EUR_LEX}/EN/TXT/?uri=OJ:L:2019:295:TOC",
                    "document_ref": "OJ L 295, 14.11.2019, p. 1",
                    "kind": "legal",
                    "language": "en",
                    "published": "2019-11-14",
                },
            ),
            (
                "OJ L, 2024/1348, 22.5.2024",
                {
                    "url": f"{EUR_LEX}/EN/TXT/?uri=OJ:L_202401348",
                    "document_ref": "OJ L, 2024/1348, 22.5.2024",
                    "kind": "legal",
                    "language": "en",
                    "published": "2024-05-22",
                },
            ),
            (
                "COM(2022) 456 final",
                {
                    "url": f"{EUR_LEX}/EN/TXT/?uri=COM:2022:456:FIN",
                    "document_ref": "COM(2022) 456 final",
                    "kind": "legal",
                    "language": "en",
                    "publisher": "European Commission",
                    "published": "2022",
                },
            ),
            (
                "doi:10.1080/1369183X.2020.1796278",
                {
                    "url": "https://doi.org/10.1080/1369183X.2020.1796278",
                    "document_ref": "DOI 10.1080/1369183X.2020.1796278",
                    "kind": "academic",
                },
            ),
        ],
    )
    def test_a_number_tells_what_its_form_says(self, book: Book, text: str, cells: dict[str, str]) -> None:
        found = pasted(book, text)
        assert found is not None
        assert {name: cell for name, cell in found.cells.items() if name in cells} == cells
        assert set(found.cells) - set(cells) <= {"publisher"}  # that of the site, if all its documents have one

    @pytest.mark.parametrize("text", ["OJ L 295, 31.2.2019", "22010A1399(01)"])
    def test_a_day_that_does_not_exist_is_not_proposed(self, book: Book, text: str) -> None:
        found = pasted(book, text)
        assert found is not None
        assert "published" not in found.cells

    @pytest.mark.parametrize("text", ["", "120", "2019-02-18", "Frontex 2024", "OJ", "page 10.1", "new", "L 295"])
    def test_other_text_is_none(self, book: Book, text: str) -> None:
        assert pasted(book, text) is None


class TestAddresses:
    def test_a_source_that_is_known_is_named_however_its_address_is_written(self, book: Book) -> None:
        source = next(r for r in book.rows["sources"] if r["id"] == "dv-32019d0400")
        for text in (source["url"], source["url"].replace("https://", "http://www."), "CELEX:32019D0400"):
            found = pasted(book, text)
            assert found is not None
            assert found.known == "dv-32019d0400"

    def test_an_address_tells_the_day_and_the_words_of_the_title(self, book: Book) -> None:
        found = pasted(
            book, "https://www.example.org/2024/10/25/new-officers-arrive-in-serbia-1195338.html?utm_source=x"
        )
        assert found is not None
        assert found.cells == {
            "url": "https://www.example.org/2024/10/25/new-officers-arrive-in-serbia-1195338.html",
            "published": "2024-10-25",
            "title": "New officers arrive in serbia",
        }

    def test_a_site_tells_what_all_its_documents_have(self, book: Book) -> None:
        found = pasted(book, "www.sarajevotimes.com/a-document-that-nobody-knows")
        assert found is not None
        assert {k: found.cells[k] for k in ("publisher", "kind", "language")} == {
            "publisher": "Sarajevo Times", "kind": "news", "language": "en",
        }  # fmt: skip

    def test_a_copy_in_a_web_archive_is_the_copy_of_its_original(self, book: Book) -> None:
        copy = "https://web.archive.org/web/20240101120000/https://example.org/de/report"
        found = pasted(book, copy)
        assert found is not None
        assert found.cells == {"url": "https://example.org/de/report", "archive_url": copy, "language": "de"}

    @pytest.mark.parametrize(
        ("path", "day"),
        [
            ("/2021/12/12-000-pushbacks", "2021-12"),
            ("/2024/3/9/", "2024-03-09"),
            ("/press/2024-03-09.html", "2024-03-09"),
            ("/07-10-2024-21-10-2024-6", ""),
            ("/2024/13/01/x", ""),
            ("/2999/01/01/x", ""),
            ("/eli/loi/2013/12/26/2014015103/moniteur", ""),
            ("/2023/01/02/2022-12-31", ""),
        ],
    )
    def test_a_day_is_read_only_where_it_is_sure(self, book: Book, path: str, day: str) -> None:
        found = pasted(book, f"https://example.org{path}")
        assert found is not None
        assert found.cells.get("published", "") == day

    def test_uk_in_an_address_is_the_kingdom_unless_the_site_is_ukrainian(self, book: Book) -> None:
        told = {
            url: (found.cells.get("language") if (found := pasted(book, url)) else None)
            for url in ("https://news.example.org/uk/politics/a-new-deal", "https://news.example.ua/uk/a-new-deal")
        }
        assert [*told.values()] == [None, "uk"]

    def test_nearly_all_that_is_proposed_for_the_known_sources_is_what_they_have(self, book: Book) -> None:
        """Each source in turn is taken away and its address is pasted. A day may be less precise, never another one."""
        rows, others = book.rows["sources"], Book.on(book.package, book.rows)
        right = wrong = 0
        for row in rows:
            others.rows["sources"] = [one for one in rows if one is not row]
            found = pasted(others, row["url"])
            for name in ("publisher", "kind", "language") if found else ():
                assert found is not None
                right += found.cells.get(name) == row[name]
                wrong += found.cells.get(name, row[name]) != row[name]
            if found and row["published"] and (day := found.cells.get("published")):
                assert row["published"].startswith((day, day[:7]))
        assert right > 1500
        assert wrong < 0.05 * right

    @given(st.text(max_size=60) | st.from_regex(r"(https?://|www\.|10\.1234/|OJ L |22019A)[^\n]{0,40}", fullmatch=True))
    def test_no_text_is_a_traceback(self, text: str) -> None:
        found = pasted(_EMPTY, text)
        if found:
            assert found.url.startswith("http") or tidy(text).lower().startswith("http")


_EMPTY = Book.of(Package.read(ROOT))
_EMPTY.rows["sources"] = []
