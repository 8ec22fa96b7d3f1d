"""The pictures that readers save: whole, true to the page, and with their source."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.conftest import Mini
from tests.website.conftest import Built
from tests.website.test_pages import HOSTILE, target
from website import maps
from website.drawing import Chart, framed, text
from website.site import Site
from website.standalone import alone

SVG = "{http://www.w3.org/2000/svg}"
NOTE = maps.FOOTNOTE


def read(svg: str) -> tuple[ElementTree.Element, str]:
    """A picture, and the words on it."""
    root = ElementTree.fromstring(svg.encode())
    return root, " ".join(" ".join(one.itertext()) for one in root.iter(f"{SVG}text"))


def pictures(built: Built) -> list[tuple[str, Any, str]]:
    """Each link to a picture: its page, the link, and the file."""
    found = []
    for path, page in built.pages.items():
        for link in page.xpath("//figure[@class='chart']//a[@data-picture]"):
            found.append((path, link, (built.folder / target(path, link.get("href"))[0]).read_text(encoding="utf-8")))
    return found


class TestEveryChart:
    def test_has_a_link_to_a_picture_with_its_title_and_what_the_page_says_of_it(self, built: Built) -> None:
        charts = [(path, one) for path, page in built.pages.items() for one in page.xpath("//figure[@class='chart']")]
        found = pictures(built)
        assert len(found) == len(charts) > 10
        for (path, chart), (_path, link, svg) in zip(charts, found, strict=True):
            title = chart.xpath("string(.//figcaption/strong)")
            root, words = read(svg)
            said = " ".join(chart.xpath("string(.//figcaption)").replace(NOTE, "").split())
            assert said in words, path
            assert root.findtext(f"{SVG}title") == title, path
            assert root.findtext(f"{SVG}desc"), path
            assert title in link.text_content(), "a list of links tells one from the other"

    def test_is_drawn_as_on_the_page(self, built: Built) -> None:
        for path, link, svg in pictures(built):
            (chart,) = link.xpath("ancestor::figure//div[@class='wide']/*")
            drawn = [one.text_content() for one in chart.iter("text")]
            root, _words = read(svg)
            (frame,) = root.findall(f"{SVG}svg")
            assert ["".join(one.itertext()) for one in frame.iter(f"{SVG}text")] == drawn, path

    def test_says_whose_it_is(self, built: Built) -> None:
        descriptor = built.dataset.descriptor
        (licence,) = descriptor["licenses"]
        for path, _link, svg in pictures(built):
            words = read(svg)[1]
            assert f"Source: borderledger {built.dataset.data_version}, " in words, path
            assert built.dataset.created.strftime("%Y") in words.partition("Source: ")[2], path
            assert f"Licence: {licence['name']} {licence['path']}" in words, path

    def test_has_the_note_on_the_name_of_kosovo_once_where_it_names_it(self, built: Built) -> None:
        with_name = 0
        for path, _link, svg in pictures(built):
            words = read(svg)[1]
            with_name += "Kosovo" in words.replace(NOTE, "")
            assert words.count(NOTE) == ("Kosovo" in words.replace(NOTE, "")), path
        assert 0 < with_name < len(pictures(built))

    def test_has_its_colours_in_it_and_asks_for_nothing(self, built: Built) -> None:
        for path, _link, svg in pictures(built):
            assert "var(" not in svg, path
            root, _words = read(svg)
            for one in root.iter():
                looks = {one.get("fill", "none"), one.get("stroke", "none")} - {"none"}
                assert all(re.fullmatch("#[0-9a-f]{3,6}", look) for look in looks), path
                assert not [name for name in one.attrib if name.startswith("on") or "href" in name], path
                assert one.tag.removeprefix(SVG) not in ("style", "script", "image"), path

    def test_is_saved_under_a_name_of_its_own_that_tells_the_version(self, built: Built) -> None:
        names = [link.get("download") for _path, link, _svg in pictures(built)]
        assert len({*names}) == len(names)
        version = re.escape(built.dataset.data_version)
        assert [name for name in names if not re.fullmatch(rf"borderledger-{version}-[a-z0-9-]+\.svg", name)] == []


def chart(title: str, words: str, description: str = "What it shows.") -> Chart:
    return framed("p", title, description, 640, 40, text(0, 20, words), ("A",), [(1,)])


@pytest.mark.parametrize("words", [*HOSTILE, 'x="var(--ink)" y="var(--none)"', "</svg>", "x" * 400])
def test_hostile_words_are_only_words(mini: Mini, words: str) -> None:
    root, said = read(alone(chart(words, words, words), Site(mini.root)))
    assert root.findtext(f"{SVG}title") == words
    assert said.replace(" ", "").count(words.replace(" ", "")) == 3, "title, description, chart"
    assert {one.tag.removeprefix(SVG) for one in root.iter()} == {"svg", "title", "desc", "rect", "line", "text"}


def test_a_known_address_stands_at_the_foot_whole(mini: Mini) -> None:
    address = f"https://example.org/{'long/' * 30}"
    said = read(alone(chart("Title", "words"), Site(mini.root), address))[1]
    assert address in said.replace(" ", "")


def test_without_a_licence_none_is_claimed(mini: Mini) -> None:
    file = mini.root / "datapackage.json"
    held = json.loads(file.read_text(encoding="utf-8"))
    del held["licenses"]
    file.write_text(json.dumps(held), encoding="utf-8")
    said = read(alone(chart("Title", "words"), Site(mini.root)))[1]
    assert "Source: borderledger" in said
    assert "Licence" not in said
