"""The website in another language: a translation made here, in which every text stands in brackets."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from babel.numbers import format_decimal
from lxml import html

from borderledger.query.archive import archive_copy
from tests.conftest import sample
from tests.website.conftest import Built, Watched, build_site, come
from website.__main__ import main
from website.catalogue import FILE
from website.language import BadTranslation, Language, ngettext, read, spoken
from website.shown import day, figure, host, number

if TYPE_CHECKING:
    from playwright.sync_api import Browser

#: A language with three forms, with other separators, and with words of its own for months.
CODE = "bs"
FORMS = ("one", "few", "many")


def bracketed() -> Catalog:
    """Every text in brackets; of plural forms, each with its name."""
    found = read_po(io.BytesIO(FILE.read_bytes()), locale=CODE)
    for message in found:
        if not message.id:
            continue
        if isinstance(message.id, str):
            message.string = f"[{message.id}]"
        else:
            message.string = tuple(f"[{form}: {message.id[1]}]" for form in FORMS)
    return found


def written(folder: Path, catalogue: Catalog) -> Path:
    file = folder / CODE / "LC_MESSAGES/borderledger.po"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as out:
        write_po(out, catalogue)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("locale"), bracketed())


@pytest.fixture(scope="module")
def bosnian(folder: Path) -> Language:
    return read(CODE, folder)


@pytest.fixture(scope="module")
def translated(bosnian: Language, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The site of the sample in that language."""
    root = tmp_path_factory.mktemp("package") / "sample"
    shutil.copytree(sample().root, root)
    return build_site(root, tmp_path_factory.mktemp("translated") / "site", language=bosnian)


#: What is no text of ours: of programs, or in English and marked so.
_NOT_OURS = "self::code or self::pre or self::script or self::style or @lang='en' or @class='cite'"
_BLOCKS = "self::p or self::li or self::td or self::th or self::dd or self::dt or self::h1 or self::h2 or self::h3"
_BLOCKS += " or self::summary or self::label or self::a or self::button or self::strong or local-name()='svg'"
_BLOCKS += " or local-name()='title' or local-name()='desc' or self::figcaption or self::caption"


def texts_of(page: html.HtmlElement) -> Iterator[str]:
    """The texts of a page by the innermost block that holds them, and what is said in attributes."""
    blocks: dict[html.HtmlElement, list[str]] = {}
    for text in page.xpath(f"//text()[normalize-space()][not(ancestor::*[{_NOT_OURS}])]"):
        inner = text.getparent().getparent() if text.is_tail else text.getparent()
        (block,) = inner.xpath(f"(ancestor-or-self::*[{_BLOCKS}])[last()]") or [inner]
        blocks.setdefault(block, []).append(str(text))
    yield from ("\x1f".join(texts) for texts in blocks.values())
    yield from page.xpath("//body//@title | //@aria-label | //@placeholder | //meta[@name='description']/@content")


def pieces(text: str) -> list[str]:
    """A text in parts, because a page says several in a line."""
    return [piece.strip(' .()*~–-"%/') for piece in re.split(r"[,;:·] ?| [-–] |[0-9]+|[()|\x1f→]", text)]


def untranslated(page: html.HtmlElement, data: set[str], days: re.Pattern[str]) -> Iterator[str]:
    """The texts of a page outside brackets that are neither of the dataset nor a day in the other language."""
    for whole in texts_of(page):
        words, shorter = whole, ""
        while words != shorter:  # brackets can stand in brackets
            words, shorter = re.sub(r"\[[^\[\]]*\]", "\x1f", words), words
        if whole.endswith("...") and "[" in words:
            words = words[: words.index("[")]  # a description that was cut
        for part in re.split("\x1f", days.sub("\x1f", words)):
            rest = " ".join(part.split()).strip(" ,;:.·()*/-–—|→[]…0123456789€%@")
            if rest in data or part.rstrip().endswith("…"):  # a title in a chart, cut to fit
                continue
            yield from (rest for piece in pieces(rest) if re.search(r"[A-Za-z]{2}", piece) and piece not in data)


def of_dataset() -> set[str]:
    """All that the sample itself says."""
    found = {
        "borderledger",
        "- borderledger",
        "SQL",
        "CSV",
        "JSON",
        "Python",
        "R",
        "CC BY",
        "Frontex",
        "kB",
        "MB",
        "Unreleased",
        "Bosnia and",
        "Herzegovina",
        "North",
        "SQLite",
    }
    data = sample()
    for name in data.names:
        for row in data.rows(name):
            for cell in row.values():
                found |= {" ".join(cell.split()), *pieces(re.sub(r"\[[^\[\]]*\]", "\x1f", cell))}
    return found


def test_no_text_of_the_interface_is_left_in_english(translated: Built, bosnian: Language) -> None:
    written = "|".join(
        re.escape(one).replace(r"\{day\}", "[0-9]+").replace(r"\{year\}", "[0-9]{4}") for one in bosnian.days
    )
    days = re.compile(f"(?:{written}|" + written.replace("[0-9]+\\. ", "").replace("[0-9]+\\.\\ ", "") + ")")
    data = of_dataset()
    data |= {host(archive_copy(source)) for source in translated.dataset.rows("sources")}
    left = {}
    for path in translated.kinds.values():
        if texts := [*dict.fromkeys(untranslated(translated.pages[path], data, days))]:
            left[path] = texts[:9]
    assert left == {}


def test_plural_forms_follow_the_rule_of_the_language(bosnian: Language) -> None:
    with spoken(bosnian):
        said = {n: ngettext("{n} record", "{n} records", n) for n in (1, 2, 5, 11, 21, 22)}
    assert {n: text[1:].partition(":")[0] for n, text in said.items()} == {
        1: "one",
        2: "few",
        5: "many",
        11: "many",
        21: "one",
        22: "few",
    }


@pytest.mark.parametrize("code", ["sq", "bs", "sr-Latn", "mk", "hr", "fr"])
def test_numbers_and_days_are_written_as_the_cldr_says(code: str) -> None:
    one = Language(code)
    with spoken(one):
        assert number("1234567.5") == format_decimal("1234567.5", locale=one.locale)
        assert number("999") == "999"
        assert number("a text, 1.5") == "a text, 1.5"
        for month in range(1, 13):
            assert day(f"2024-{month:02}-09") == one.days[month - 1].format(day=9, year=2024)
        assert "2024" in day("2024-05")
    if code != "fr":  # in French, the first of a month is written in another way
        with spoken(one):
            assert day("2024-06-11") == format_date(date(2024, 6, 11), "long", locale=one.locale)


def test_english_stays_what_it_was() -> None:
    assert [number("1234.5"), figure("20", "range", "2500"), figure("40", "at_least")] == [
        "1,234.5",
        "20 to 2,500",
        "at least 40",
    ]
    assert [day(cell) for cell in ("2025-06-11", "2025-06", "2010~", "../2025-06", "2013/..")] == [
        "11 June 2025",
        "June 2025",
        "about 2010",
        "until June 2025",
        "since 2013",
    ]


def test_pages_say_their_language_and_load_its_texts_before_the_scripts(translated: Built) -> None:
    for path in translated.kinds.values():
        page = translated.pages[path]
        assert page.get("lang") == CODE, path
        assert page.get("data-scripts").split(" ")[:2] == ["language.js", "site.js"], path


@pytest.mark.parametrize("text", ["[{first} to {last}]", "[{first} to {last} of {total}, {evil}]"])
def test_a_translation_that_loses_a_figure_or_asks_for_another_is_refused(tmp_path: Path, text: str) -> None:
    catalogue = bracketed()
    catalogue["Rows {first} to {last} of {total}"].string = text
    with pytest.raises(BadTranslation) as caught:
        read(CODE, written(tmp_path, catalogue))
    assert re.search(r"borderledger\.po, line [0-9]+: the translation of 'Rows", str(caught.value))
    assert "must hold {first} {last} {total}" in str(caught.value)


def test_a_rule_for_plurals_that_is_a_program_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path, bracketed()) / CODE / "LC_MESSAGES/borderledger.po"
    text = file.read_text(encoding="utf-8")
    assert "plural=" in text
    file.write_text(re.sub(r"plural=[^;]*;", "plural=alert(1);", text), encoding="utf-8")
    with pytest.raises(BadTranslation, match="is no rule"):
        read(CODE, tmp_path)


def test_what_nobody_has_checked_stays_english(tmp_path: Path) -> None:
    catalogue = bracketed()
    catalogue["Downloads"].flags.add("fuzzy")
    catalogue["Sources"].string = ""
    one = read(CODE, written(tmp_path, catalogue))
    assert [one.texts.gettext(text) for text in ("Downloads", "Sources", "Search")] == [
        "Downloads",
        "Sources",
        "[Search]",
    ]


def test_a_language_without_a_translation_is_named_with_those_there_are(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BadTranslation, match=r"Languages: en, bs\."):
        read("sq", folder)
    with pytest.raises(BadTranslation, match="names no language"):
        read("../..", folder)
    assert main(["build", "--language", "xx"]) == 2
    assert "website: 'xx' names no language" in capsys.readouterr().err


def test_scripts_speak_it_too(translated: Built, browser: Browser, serve: Callable[[Built], str]) -> None:
    """Filters, dates, plural forms and the form for corrections: the words of the scripts and those of the HTML."""
    watched = Watched(browser, serve(translated))
    page = watched.open("facilities/index.html?q=gjader")
    page.get_by_text("[many: 1 of 8 rows]").or_(page.get_by_text("of 8 rows]")).first.wait_for()
    assert page.get_by_role("searchbox", name="[Find in this table]").count() == 1
    # The rows that the script makes have the words of those in the HTML.
    page.goto(f"{watched.site}deployments/index.html")
    come(page)
    before = page.locator("table[data-table] tbody").text_content() or ""
    page.goto(f"{watched.site}deployments/index.html?q=frontex&cols=title,agency,hosts,date,officers,measure")
    come(page)
    page.locator("table[data-table] tbody tr").first.wait_for()
    # The text in the page, and not what is shown: rows below the window are laid out when a reader comes near.
    days = page.locator("table[data-table] tbody tr > :nth-child(4)").all_text_contents()
    assert days
    assert [day for day in days if day.strip() not in before] == []
    page.goto(f"{watched.site}agreements/index.html?on=2012-06-30")
    come(page)
    assert "30. juni 2012." in page.locator("#on-day-says").inner_text()
    page.goto(f"{watched.site}correct/index.html")
    come(page)
    page.get_by_role("button", name="[Write the correction]").wait_for()
    left = page.evaluate(
        """() => [...document.querySelectorAll("#correct label, #correct legend, #correct button, #correct .hint")]
      .map((one) => one.textContent.trim()).filter((text) => text && !text.includes("["))"""
    )
    assert left == []
    page.context.close()
    assert watched.wrong == []
