"""The pictures that networks show beside a link: each page names one, and it is there, whole and the same on every machine."""

from __future__ import annotations

import hashlib
import json
import shutil
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from tests.conftest import sample
from tests.website.conftest import Built, build_site
from tests.website.test_pages import HOSTILE
from website import maps
from website.cards import HEIGHT, WIDTH, card, draw
from website.drawing import element, text
from website.pages import Page, pages
from website.pictures import of_overview, of_table
from website.site import Site

ADDRESS = "https://example.org/ledger/"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, with an address: networks take no picture without one."""
    root = tmp_path_factory.mktemp("package") / "sample"
    shutil.copytree(sample().root, root)
    file = root / "datapackage.json"
    file.write_text(json.dumps(json.loads(file.read_bytes()) | {"homepage": ADDRESS}), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def addressed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The site of this sample."""
    return build_site(root, tmp_path_factory.mktemp("website") / "site")


@pytest.fixture(scope="module")
def named(addressed: Built) -> dict[str, str]:
    """The picture that each page names, from the root of the site."""
    found = {}
    for path, page in addressed.pages.items():
        (picture,) = page.xpath("//meta[@property='og:image']/@content")
        assert picture.startswith(ADDRESS), path
        found[path] = picture.removeprefix(ADDRESS)
    return found


class TestEveryPage:
    def test_names_a_picture_of_the_size_that_it_says(self, addressed: Built, named: dict[str, str]) -> None:
        for picture in {*named.values()}:
            with Image.open(addressed.folder / picture) as png:
                assert (png.format, png.size) == ("PNG", (WIDTH, HEIGHT)), picture
            assert (addressed.folder / picture).stat().st_size < 300_000, "some networks take no more"
        for path, page in addressed.pages.items():
            sizes = [
                page.xpath(f"string(//meta[@property='og:image:{side}']/@content)") for side in ("width", "height")
            ]
            assert sizes == [str(WIDTH), str(HEIGHT)], path
            assert page.xpath("string(//meta[@property='og:image:alt']/@content)"), path

    def test_of_a_main_kind_has_one_of_its_own(self, addressed: Built, named: dict[str, str]) -> None:
        alone = {
            path: picture
            for path, picture in named.items()
            if path.count("/") < 2 or path.startswith("country/")
            if path != "404.html"
        }
        assert len({*alone.values()}) == len(alone) > 20
        drawn = {hashlib.sha256((addressed.folder / picture).read_bytes()).digest() for picture in alone.values()}
        assert len(drawn) == len(alone)

    def test_of_a_record_has_that_of_its_table(self, addressed: Built, named: dict[str, str]) -> None:
        data = addressed.dataset
        for table in (name for name in data.names if data.schema(name).bound):
            folder = table.replace("_", "-")
            for row in data.rows(table):
                assert named[f"record/{row['id']}/index.html"] == named[f"{folder}/index.html"]
        sources = {picture for path, picture in named.items() if path.startswith("source/")}
        assert sources == {named["sources/index.html"]}

    def test_is_the_only_reason_for_a_picture(self, addressed: Built, named: dict[str, str]) -> None:
        there = {
            path.relative_to(addressed.folder).as_posix() for path in (addressed.folder / "assets/cards").iterdir()
        }
        assert there == {*named.values()}

    def test_names_none_where_the_address_is_not_known(self, built: Built) -> None:
        assert [path for path, page in built.pages.items() if page.xpath("//meta[@property='og:image']")] == []
        assert not (built.folder / "assets/cards").exists()


@pytest.fixture(scope="module")
def shown(root: Path, addressed: Built) -> Site:
    """What pages are made from; `addressed` has put the prose there that they take."""
    return Site(root)


@pytest.fixture(scope="module")
def mains(shown: Site) -> list[Page]:
    """The pages that have a picture of their own."""
    return [page for page in pages(shown) if not page.shares]


def words(svg: str) -> str:
    """What is written on a picture; it has to be well-formed."""
    root = ElementTree.fromstring(svg)
    return " ".join("".join(one.itertext()) for one in root.iter(f"{SVG}text"))


class TestCard:
    def test_says_title_figure_version_and_licence(self, shown: Site, mains: list[Page]) -> None:
        for page in mains:
            if page.path == "index.html":
                continue
            said = words(card(page, shown))
            assert page.title in said, page.path
            assert f"borderledger {shown.dataset.data_version}" in said, page.path
            assert "CC-BY-4.0" in said, page.path
            if page.template == "table.html":
                assert f"{page.values['size']:,} record" in said, page.path

    def test_keeps_its_letters_on_the_picture_and_its_lines_apart(self, shown: Site, mains: list[Page]) -> None:
        for page in mains:
            root = ElementTree.fromstring(card(page, shown))
            lines = sorted(
                (float(one.get("y", "")), int(one.get("font-size", "")))
                for one in root.findall(f"{SVG}text")
                if one.get("x") == "64"
            )
            assert all(0 < y < HEIGHT for y, _size in lines), page.path
            tight = [(a, b) for (a, _), (b, size) in pairwise(lines) if b - a < 0.9 * size]
            assert tight == [], page.path

    def test_has_the_note_on_the_name_of_kosovo_where_it_names_it(self, shown: Site, mains: list[Page]) -> None:
        # Outside of the chart: there, a map has the note beneath what can be seen of it.
        with_note = set()
        for page in mains:
            lines = [one.text or "" for one in ElementTree.fromstring(card(page, shown)).findall(f"{SVG}text")]
            with_note |= {page.path} if maps.FOOTNOTE in " ".join(lines) else set()
        assert {"index.html", "country/xk/index.html"} <= with_note
        assert not {"country/al/index.html", "sources/index.html"} & with_note

    def test_shows_a_map_in_full_and_the_beginning_of_a_long_chart(self, shown: Site) -> None:
        overview = Page("index.html", "overview.html", "T", "A", {"charts": of_overview(shown)})
        long = Page("projects/index.html", "table.html", "T", "A", {"charts": of_table(shown, "agreements")})
        (of_map,), (of_lanes,) = (
            ElementTree.fromstring(card(page, shown)).findall(f"{SVG}svg") for page in (overview, long)
        )
        chart = of_overview(shown)[0][1]
        assert float((of_map.get("viewBox") or "").split()[3]) == pytest.approx(chart.glance, abs=1)
        for frame in (of_map, of_lanes):
            assert float(frame.get("y", "")) + float(frame.get("height", "")) <= HEIGHT
            assert float(frame.get("x", "")) + float(frame.get("width", "")) <= WIDTH

    @pytest.mark.parametrize("hostile", [*HOSTILE, "x" * 400])
    def test_takes_hostile_words_as_words(self, shown: Site, hostile: str) -> None:
        svg = card(Page("a/index.html", "any.html", hostile, hostile), shown)
        assert hostile.replace(" ", "")[:20] in words(svg).replace(" ", "")
        assert {one.tag.removeprefix(SVG) for one in ElementTree.fromstring(svg).iter()} == {"svg", "rect", "text"}


def test_the_same_svg_gives_the_same_bytes_on_every_machine(tmp_path: Path, built: Built) -> None:
    """The sum changes with a new version of resvg or of the font, and with nothing else. `built`: Node.js is there."""
    body = element("rect", width=200, height=60, fill="#fff") + text(8, 40, "Đakovica 1,234").replace(
        "var(--ink)", "#000"
    )
    svg = element("svg", body, xmlns="http://www.w3.org/2000/svg", width=200, height=60, font_family="Source Sans 3")
    draw({tmp_path / "deep/one.png": svg, tmp_path / "two.png": svg})
    one = (tmp_path / "deep/one.png").read_bytes()
    assert one == (tmp_path / "two.png").read_bytes()
    with Image.open(tmp_path / "two.png") as png:
        assert len(png.convert("L").getcolors()) > 20, "letters have soft edges"
    assert hashlib.sha256(one).hexdigest() == "4aa7cbbd9389429641ed67b29086c577ba5a45c98882a1134af0f4db6d9d1aa2"


def test_what_is_no_svg_is_an_error_that_names_the_tool(tmp_path: Path, built: Built) -> None:
    with pytest.raises(RuntimeError, match="resvg failed"):
        draw({tmp_path / "one.png": "<svg"})
