"""The website in a real browser: what readers can do on it, with and without a mouse, light and dark, with and without
JavaScript, from a server and from a folder. conftest.py watches the console and the network on every page here.
"""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from PIL import Image

from corrections.__main__ import main as corrections
from corrections.document import read
from tests.conftest import ROOT, Mini
from tests.website.conftest import Built, Watched, build_site, come
from tests.website.test_pages import HOSTILE, hostile

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

Each = Callable[..., Iterator[tuple[str, "Page"]]]
AXE = ROOT / "website/client/node_modules/axe-core/axe.min.js"
#: A small phone, which is a laptop at 400 % zoom as well; a phone; and a laptop at 200 %.
NARROW = (320, 360, 640)
LAPTOP = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 740}

# --- every kind of page ----------------------------------------------------------------------------------------------


#: Of long tables and lists, a few rows are enough to look at.
_FEW_ROWS = (
    "() => document.querySelectorAll('tbody tr:nth-child(n+4), main li:nth-child(n+6)').forEach((one) => one.remove())"
)
_MOVING = """() => [...document.querySelectorAll("*")].filter((one) => {
  const style = getComputedStyle(one);
  return style.animationName !== "none" || (parseFloat(style.transitionDuration) > 0.01);
}).length"""
_PAPER = """() => getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0) / 3"""
_WIDTH = "document.documentElement.scrollWidth"
#: What a printed page shows of what only a screen can do, and what it folds away.
_PRINTED = """() => [...document.querySelectorAll("header form, header nav, .tools, .onpage")].filter((one) => one.checkVisibility())
  .concat([...document.querySelectorAll("main .scroll")].filter((one) => one.checkVisibility() && getComputedStyle(one).overflowX !== "visible"))
  .map((one) => one.outerHTML.slice(0, 90))"""
_VIOLATIONS = """async (rules) => (await axe.run(document, { resultTypes: ["violations"], preload: false, ...rules })).violations
  .map((one) => [one.id, one.help, one.nodes.slice(0, 2).map((node) => node.html.slice(0, 120))])"""

#: Gives each element that can have the focus a number; radio buttons of one group are one stop.
_STOPS = """() => {
  const found = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
  const groups = new Set();
  return found.filter((one) => {
    if (!one.checkVisibility({ visibilityProperty: true }) || one.disabled || one.tabIndex < 0) return false;
    if (one.type === "radio") {
      if (groups.has(one.name)) return false;
      groups.add(one.name);
    }
    return true;
  }).map((one, number) => (one.dataset.stop = number, one.outerHTML.slice(0, 90)));
}"""
#: Notes after each key which stop has the focus, and whether that can be seen.
_WATCH_FOCUS = """() => {
  window.walked = [];
  document.addEventListener("keyup", () => {
    const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
    const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
    const stop = one.dataset.stop ?? (one.type === "radio"
      ? document.querySelector(`input[name="${one.name}"][data-stop]`)?.dataset.stop : undefined);
    window.walked.push({
      stop: stop === undefined ? null : Number(stop),
      seen: (ring || style.boxShadow !== "none") && box.bottom > 0 && box.top < innerHeight && box.width > 0,
      what: one.outerHTML.slice(0, 90),
    });
  });
}"""


@dataclass
class Looked:
    """What was seen on a page of one kind.

    asked   the files that it loaded
    wide    by width of the window: how wide the page is, if it is wider
    paper   how bright it is, in light and in dark
    """

    path: str
    asked: set[str]
    moving: int
    wide: dict[int, int]
    paper: tuple[float, float]
    printed: list[str]
    barriers: dict[str, list[Any]]
    missed: list[str]
    unseen: list[str]


@pytest.fixture(scope="module")
def looked(built: Built, browser: Browser, site: str) -> dict[str, Looked]:
    """One page of each kind, each looked at once in all ways: to open them again for each test takes minutes."""
    assert AXE.is_file(), "axe-core is missing: run npm ci in website/client"
    axe = AXE.read_text(encoding="utf-8")
    watched = Watched(browser, site)
    page = watched.window(viewport=LAPTOP, reduced_motion="reduce")  # no smooth scrolling
    found = {}
    for kind, path in built.kinds.items():
        watched.asked.clear()
        page.goto(site + path)
        come(page)
        # What scripts ask for at once is in the log when a frame has been drawn.
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        asked = {url.removeprefix(site).partition("?")[0] for url in watched.asked}
        moving, light = page.evaluate(_MOVING), page.evaluate(_PAPER)
        wide = {}
        for width in NARROW:
            page.set_viewport_size({"width": width, "height": 740})
            if (needed := page.evaluate(_WIDTH)) > width:
                wide[width] = needed
        page.set_viewport_size(LAPTOP)
        page.emulate_media(media="print", reduced_motion="reduce")
        printed = page.evaluate(_PRINTED)
        page.emulate_media(media="screen", reduced_motion="reduce")
        page.evaluate(_FEW_ROWS)
        page.evaluate(axe)
        barriers = {"light": page.evaluate(_VIOLATIONS, {})}
        missed, unseen = _walked(page)
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        dark = page.evaluate(_PAPER)
        barriers["dark"] = page.evaluate(_VIOLATIONS, {"runOnly": ["color-contrast"]})  # the rest is the same in light
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        found[kind] = Looked(path, asked, moving, wide, (light, dark), printed, barriers, missed, unseen)
    page.context.close()
    assert watched.wrong == []
    return found


def _walked(page: Page) -> tuple[list[str], list[str]]:
    """The stops that the tabulator does not reach, and those on which nobody sees where they are."""
    stops = page.evaluate(_STOPS)
    assert stops, page.url
    page.evaluate(_WATCH_FOCUS)
    reached: set[int | None] = set()
    unseen: list[str] = []
    left = len(stops) + 20
    while left > 0 and len(reached - {None}) < len(stops):
        keys = min(left, max(1, len(stops) - len(reached)))
        for _ in range(keys):
            page.keyboard.press("Tab")
        left -= keys
        walked = page.evaluate("window.walked.splice(0)")
        reached |= {focus["stop"] for focus in walked}
        unseen += [focus["what"] for focus in walked if focus["stop"] is not None and not focus["seen"]]
    return [html for number, html in enumerate(stops) if number not in reached][:5], unseen[:5]


def test_pages_ask_for_no_more_than_they_need(looked: dict[str, Looked]) -> None:
    """The scripts and the data of a task are loaded where it is done. `watched` sees other servers and errors."""
    days = {"agreements/index.html": {"assets/day.js"}}
    tasks = {
        "correct/index.html": {"assets/correct.js", "data/correction.json"},
        "search/index.html": {"search.json"},
    } | days
    for one in looked.values():
        allowed = {one.path, "assets/tools.css", "assets/site.js", "assets/icon.svg"} | tasks.get(one.path, set())
        allowed |= {"assets/day.js"} if one.path.startswith("country/") else set()
        if one.path != "sql/index.html":
            assert {name for name in one.asked if not name.startswith("data:")} <= allowed, one.path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier(looked: dict[str, Looked], scheme: str) -> None:
    assert {kind: one.barriers[scheme] for kind, one in looked.items() if one.barriers[scheme]} == {}


def test_nothing_is_wider_than_a_phone(looked: dict[str, Looked]) -> None:
    """Also what 200 and 400 % zoom leave of a laptop. Wide tables scroll in a frame of their own."""
    assert {kind: one.wide for kind, one in looked.items() if one.wide} == {}


def test_the_keyboard_reaches_everything_and_shows_where_it_is(looked: dict[str, Looked]) -> None:
    problems = {kind: (one.missed, one.unseen) for kind, one in looked.items() if one.missed or one.unseen}
    assert problems == {}


def test_the_first_stop_leads_past_the_menu(watched: Watched) -> None:
    page = watched.open("facilities/index.html")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_a_phone_shows_the_page_first_and_the_menu_when_asked(watched: Watched) -> None:
    page = watched.open("record/fac-al-gjader/index.html", java_script_enabled=False, viewport=PHONE)
    assert not page.locator("header nav").is_visible()
    page.get_by_role("link", name="Menu").click()
    assert page.locator("header nav").is_visible()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Facilities").click()
    assert page.inner_text("h1") == "Facilities"
    assert not page.locator("header nav").is_visible()


@pytest.mark.parametrize("viewport", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_the_search_box_moves_nothing_when_a_script_brings_it(watched: Watched, viewport: dict[str, int]) -> None:
    page = watched.open("record/fac-al-gjader/index.html", java_script_enabled=False, viewport=viewport)
    assert page.locator("header form").count() == 0
    page.locator("header").get_by_role("link", name="Search").click()
    assert page.inner_text("h1") == "Search"
    page.go_back()
    before = page.locator("h1").bounding_box()
    page = watched.open("record/fac-al-gjader/index.html", viewport=viewport)
    assert page.locator("header form").is_visible() == (viewport == LAPTOP)
    assert page.locator("header").get_by_role("link", name="Search").is_visible() == (viewport == PHONE)
    assert page.locator("h1").bounding_box() == before


def test_a_phone_has_the_search_box_in_its_menu(watched: Watched) -> None:
    page = watched.open("record/fac-al-gjader/index.html", viewport=PHONE)
    page.get_by_role("link", name="Menu").click()
    assert page.locator("#q").is_visible()


@pytest.mark.parametrize("path", ["index.html", "search/index.html"])
def test_a_phone_has_the_search_box_where_people_look_for_it(watched: Watched, path: str) -> None:
    assert watched.open(path, viewport=PHONE).locator("#q").is_visible()


def test_a_phone_shows_each_claim_without_moving_it_sideways(built: Built, watched: Watched) -> None:
    page = watched.open("record/fac-al-gjader/index.html", viewport=PHONE)
    cells = page.locator("table.claims td")
    claims = [row for row in built.dataset.rows("claims") if row["record_id"] == "fac-al-gjader"]
    assert cells.count() == 4 * len(claims)
    boxes = cells.evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect()).map((box) => [box.left, box.right, box.height])"
    )
    assert [box for box in boxes if box[0] < 0 or box[1] > PHONE["width"] or not box[2]] == []


def test_dark_is_dark_and_light_is_light(looked: dict[str, Looked]) -> None:
    wrong = {kind: one.paper for kind, one in looked.items() if one.paper[0] < 200 or one.paper[1] > 80}
    assert wrong == {}


def test_nothing_moves_for_who_wants_no_motion(looked: dict[str, Looked]) -> None:
    assert {kind for kind, one in looked.items() if one.moving} == set()


def test_paper_shows_whole_tables_and_nothing_to_press(looked: dict[str, Looked]) -> None:
    assert {kind: one.printed for kind, one in looked.items() if one.printed} == {}


# --- without JavaScript ----------------------------------------------------------------------------------------------


def test_without_javascript_all_values_can_be_read(each: Each) -> None:
    """Nothing waits for a script to show it. What is folded away in <details> opens without one."""
    hidden = """cells => cells.filter((cell) => cell.textContent.trim() && !cell.closest("details, .hidden")
      && !cell.checkVisibility({ visibilityProperty: true })).map((cell) => cell.outerHTML.slice(0, 90))"""
    for kind, page in each(java_script_enabled=False):
        cells = page.locator(
            "main h1, main h2, main p, main li, main th, main td, main dt, main dd, main figure, main noscript"
        )
        assert cells.evaluate_all(hidden) == [], kind
        assert page.locator("main h1").inner_text().strip(), kind


@pytest.mark.parametrize("path", ["search/index.html", "correct/index.html", "sql/index.html"])
def test_a_page_that_needs_javascript_says_so_and_what_to_do_without(watched: Watched, path: str) -> None:
    page = watched.open(path, java_script_enabled=False)
    assert "JavaScript" in page.locator("main").inner_text()


def test_without_javascript_the_menu_leads_to_a_table_and_on_to_a_record(watched: Watched) -> None:
    page = watched.open(java_script_enabled=False)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Facilities").click()
    page.locator("table[data-table] tbody a[href*='record/']").first.click()
    assert "/record/" in page.url
    page.locator("main a[href*='source/']").first.click()
    assert "/source/" in page.url
    assert page.locator("main h1").inner_text()


# --- pictures --------------------------------------------------------------------------------------------------------


def test_a_picture_is_saved_as_svg_without_javascript(watched: Watched, built: Built) -> None:
    page = watched.open("facilities/index.html", java_script_enabled=False)
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save the picture as SVG").click()
    assert saved.value.path().read_bytes() == (built.folder / "facilities/facilities.svg").read_bytes()
    assert saved.value.suggested_filename == f"borderledger-{built.dataset.data_version}-facilities.svg"
    assert page.get_by_role("button", name="Save the picture as PNG").count() == 0


def test_a_picture_is_saved_as_png_that_shows_what_the_svg_shows(watched: Watched, built: Built) -> None:
    """With the keyboard alone; in the dark, too, on light paper."""
    page = watched.open("facilities/index.html", color_scheme="dark")
    page.get_by_role("button", name="Save the picture as PNG").focus()
    with page.expect_download() as saved:
        page.keyboard.press("Enter")
    assert saved.value.suggested_filename == f"borderledger-{built.dataset.data_version}-facilities.png"
    svg = ElementTree.parse(built.folder / "facilities/facilities.svg").getroot()
    with Image.open(saved.value.path()) as png:
        assert png.format == "PNG"
        assert png.size == tuple(2 * int(float(svg.get(side, ""))) for side in ("width", "height"))
        colours = png.convert("RGB").getcolors(1 << 20)
    assert max(colours)[1] == (255, 255, 255)
    assert {one for _count, one in colours} >= {(0x0B, 0x5C, 0x8A), (0x1C, 0x1F, 0x24)}, "marks and letters"
    assert saved.value.path().stat().st_size < 500_000


def test_a_picture_that_cannot_be_drawn_says_so_and_what_to_do(watched: Watched) -> None:
    page = watched.open("facilities/index.html")
    page.locator("a[data-picture]").evaluate("(link) => { link.href = 'data:,no-picture'; }")
    page.get_by_role("button", name="Save the picture as PNG").click()
    until(page, "() => document.querySelector('.chart .error').textContent.includes('Save it as SVG')")


def test_from_a_folder_there_is_the_svg_and_no_button_that_would_fail(built: Built, browser: Browser) -> None:
    page = browser.new_page()
    page.goto((built.folder / "facilities/index.html").as_uri())
    come(page)
    assert page.locator("table .sort").count(), "the scripts have run"
    assert page.locator("a[data-picture]").count() == 1
    assert page.get_by_role("button", name="Save the picture as PNG").count() == 0
    page.close()


# --- tables ----------------------------------------------------------------------------------------------------------


def shown(page: Page) -> list[str]:
    """The ids of the records that the table of the page shows, in its order."""
    ids: list[str] = page.evaluate(f"() => ({_SHOWN})")
    return ids


#: The ids of the records in the rows that can be seen.
_SHOWN = """[...document.querySelectorAll("table[data-table] tbody tr")].filter((row) => row.checkVisibility())
  .map((row) => row.querySelector("a[href*='record/']")?.getAttribute("href").split("/").at(-2))"""


def until(page: Page, condition: str, wanted: object = None) -> None:
    """Wait for a condition. Playwright's own way compiles text in the page, which the policy of the site forbids."""
    end = time.monotonic() + 20
    while not page.evaluate(condition, wanted):
        assert time.monotonic() < end, f"never true: {condition} {wanted or ''}; there is: {said(page)[:1500]}"
        page.wait_for_timeout(20)


def said(page: Page) -> str:
    """What the main part of the page says."""
    return page.locator("main").inner_text()


def until_said(page: Page, text: str, where: str = "main") -> None:
    """Wait until a part of the page says something."""
    until(page, f"text => document.querySelector({where!r}).innerText.includes(text)", text)


def until_shown(page: Page, rows: list[str]) -> None:
    """Wait until the table shows these records, in any order."""
    until(page, f"rows => JSON.stringify({_SHOWN}.sort()) === JSON.stringify(rows)", sorted(rows))


def find(page: Page) -> Locator:
    return page.get_by_role("searchbox", name="Find in this table")


def test_a_word_without_its_accent_finds_the_rows_and_the_address_keeps_it(built: Built, watched: Watched) -> None:
    found = [row["id"] for row in built.dataset.rows("facilities") if "jad" in f"{row['locality']} {row['id']}".lower()]
    page = watched.open("facilities/index.html")
    assert len(shown(page)) == 8
    find(page).fill("GJADER")
    until_shown(page, found)
    page.wait_for_url("**/facilities/index.html?q=*")


def test_back_returns_to_the_rows_that_a_reader_had_filtered(watched: Watched) -> None:
    page = watched.open("facilities/index.html")
    find(page).fill("gjader")
    page.wait_for_url("**?q=gjader")
    rows = shown(page)
    page.locator("table[data-table] tbody a[href*='record/']").first.click()
    page.wait_for_url("**/record/**")
    page.go_back()
    page.wait_for_url("**/facilities/index.html?q=gjader")
    until_shown(page, rows)
    assert find(page).input_value() == "gjader"


def test_an_address_shows_others_the_same_rows(built: Built, watched: Watched) -> None:
    """Also those of other pages of a long table."""
    rows = [row for row in built.dataset.rows("returns") if row["to_place"] == "ME" and row["quantity"]]
    page = watched.open("returns/index.html?f.to_place=%3DME&sort=-quantity")
    until_said(page, f" of {len([*built.dataset.rows('returns')]):,} rows")
    ids = shown(page)
    most = max(int(row["quantity"]) for row in rows)
    assert ids
    assert int(next(row["quantity"] for row in rows if row["id"] == ids[0])) == most
    assert set(ids) <= {row["id"] for row in built.dataset.rows("returns") if row["to_place"] == "ME"}


def test_a_click_on_a_heading_sorts_by_it_and_another_the_other_way(built: Built, watched: Watched) -> None:
    sizes = {row["id"]: int(row["capacity"]) for row in built.dataset.rows("facilities") if row["capacity"]}
    page = watched.open("facilities/index.html")
    heading = page.locator("th[data-name='capacity']")
    orders = []
    for _ in range(2):
        heading.get_by_role("button").click()
        until(page, "() => document.querySelector(\"th[data-name='capacity'][aria-sort$='cending']\")")
        orders.append((heading.get_attribute("aria-sort"), [sizes[one] for one in shown(page) if one in sizes]))
    assert sorted(direction for direction, _ in orders) == ["ascending", "descending"]
    for direction, order in orders:
        assert order == sorted(sizes.values(), reverse=direction == "descending")


def test_readers_download_the_rows_that_they_see(built: Built, watched: Watched) -> None:
    page = watched.open("facilities/index.html?q=gjader", accept_downloads=True)
    until_said(page, " of 8 rows")
    rows = shown(page)
    opener = page.locator("summary", has_text="Download these rows")
    for name in ("CSV for spreadsheets", "JSON"):
        if opener.count() and not page.get_by_role("button", name=name).first.is_visible():
            opener.first.click()
        with page.expect_download() as download:
            page.get_by_role("button", name=name, exact=True).first.click()
        content = Path(download.value.path()).read_bytes()
        if name == "JSON":
            assert len(_lines(json.loads(content))) == len(rows)
        else:
            assert content.startswith(b"\xef\xbb\xbf")
            assert len([*csv.reader(content.decode("utf-8-sig").splitlines())]) == len(rows) + 1


def _lines(held: Any) -> list[Any]:
    return held["rows"] if isinstance(held, dict) else held


# --- agreements on a day ---------------------------------------------------------------------------------------------

_IN_FORCE = ("in_force", "provisionally_applied", "either")
#: By state, the agreements that the page lists; those of which it is not certain with a question mark.
_STATES = """() => Object.fromEntries([...document.querySelectorAll("#on-day [data-state]")].map((group) => [
  group.dataset.state, [...group.querySelectorAll("li")].filter((li) => !li.hidden && !group.hidden).map((li) =>
    li.querySelector("a").getAttribute("href").split("/").at(-2) + (li.querySelector(".grade").hidden ? "" : "?"))]))"""


def applied(page: Page) -> dict[str, bool]:
    """The agreements that the page says to be in force or applied, and whether that is certain."""
    states = page.evaluate(_STATES)
    return {one.rstrip("?"): not one.endswith("?") for name in _IN_FORCE for one in states[name]}


def loaded(built: Built, day: str) -> dict[str, bool]:
    frame = built.dataset.load("agreements", as_of=day)
    return dict(zip(frame["id"], map(bool, frame["as_of_certain"]), strict=True))


def test_the_agreements_of_a_day_are_those_that_the_loader_gives(built: Built, watched: Watched) -> None:
    page = watched.open("agreements/index.html?on=2012-06-30")
    assert applied(page) == loaded(built, "2012-06-30") != {}
    assert page.get_by_label("Exact day").input_value() == "2012-06-30"
    states = page.evaluate(_STATES)
    doubted = sum(one.endswith("?") for one in states["in_force"])
    assert f"In force: {len(states['in_force'])}" + (f" ({doubted} not certain)" if doubted else ";") in said(page)
    slider = page.get_by_role("slider", name="Month")
    assert slider.get_attribute("aria-valuetext") == "30 June 2012"
    # To the right by the keyboard: the first day of the next month.
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**?on=2012-07-01")
    assert slider.get_attribute("aria-valuetext") == "1 July 2012"
    for day in ("2005-01-01", "2019-10-01", "2024-02-29"):
        page.get_by_label("Exact day").fill(day)
        page.wait_for_url(f"**?on={day}")
        assert applied(page) == loaded(built, day), day
        unknown = built.dataset.load("agreements", as_of=day).attrs["as_of_unknown"]
        assert len(page.evaluate(_STATES)["unknown"]) == unknown
    # A day of which nothing can be known is refused, and the lists stay.
    page.get_by_label("Exact day").fill("2099-01-01")
    assert "Choose a day from" in said(page)
    assert applied(page) == loaded(built, "2024-02-29")
    page.keyboard.press("Tab")
    page.get_by_role("slider", name="Month").focus()
    page.keyboard.press("End")  # the day of the version, which the address need not name
    page.wait_for_url("**/agreements/index.html")
    assert applied(page) == loaded(built, str(built.dataset.created.date()))


def test_the_page_of_a_country_has_its_agreements_on_a_day(built: Built, watched: Watched) -> None:
    mine = {r["id"] for r in built.dataset.rows("agreements") if "BA" in f"{r['party_a']};{r['party_b']}".split(";")}
    page = watched.open("country/ba/index.html?on=2019-10-01#state")
    assert applied(page) == {one: sure for one, sure in loaded(built, "2019-10-01").items() if one in mine} != {}
    page.goto(f"{watched.site}country/ba/index.html?on=2019-02-30")
    come(page)
    assert "Choose a day from" in said(page)


# --- search, corrections, SQL ----------------------------------------------------------------------------------------


def test_the_search_of_every_page_finds_a_record_in_spite_of_a_typing_error(watched: Watched) -> None:
    page = watched.open("record/fac-al-gjader/index.html")
    box = page.locator("header input[name='q']")
    assert box.get_attribute("placeholder") == "Search records, places, sources"
    box.fill("gjadr")
    box.press("Enter")
    page.wait_for_url("**/search/index.html?q=gjadr")
    page.locator("#results a[href*='record/fac-al-gjader/']").first.click()
    page.wait_for_url("**/record/fac-al-gjader/index.html")


def test_the_search_says_when_it_finds_nothing(watched: Watched) -> None:
    page = watched.open("search/index.html?q=qqqqzzzzxxxx")
    until_said(page, "Nothing found")
    assert page.locator("#results a").count() == 0


def test_a_correction_starts_from_what_the_record_says(built: Built, watched: Watched) -> None:
    row = next(row for row in built.dataset.rows("facilities") if row["id"] == "fac-al-gjader")
    page = watched.open("correct/index.html?record=fac-al-gjader&field=capacity")
    held = """old => document.querySelector("#correct").innerText.includes(old)
      || [...document.querySelectorAll("#correct input, #correct textarea, #correct output")].some((one) => one.value === old)"""
    until(page, held, row["capacity"])


DOCUMENT = {
    "title": "Report on a new centre: the facts",
    "publisher": "Ministère de l’Intérieur",
    "kind": "official_press",
    "published": "2026-05",
    "accessed": "2026-11-20",
    "url": "https://example.org/report?a=b#c",
    "language": "fr",
}


def fill(page: Page, key: str, text: str) -> None:
    """Answer a question. Values and bodies are numbered: `values*new` is that of the last value."""
    begin, _, end = key.rpartition("*")
    question = page.locator(f'[data-key^="{begin}."][data-key$=".{end}"]' if begin else f'[data-key="{key}"]').last
    if question.evaluate("one => one.tagName") == "SELECT":
        question.select_option(text)
    else:
        question.fill(text)


def value(page: Page, field: str, text: str, **more: str) -> None:
    """Enter a value; the form has room for the first."""
    if page.locator('[data-key^="values."][data-key$=".field"]').last.input_value():
        page.get_by_role("button", name="Add another value").click()
    fill(page, "values*field", field)
    fill(page, "values*new", text)
    if {"source", "locator"} & more.keys():
        page.locator('[data-value^="values."] details summary').last.click()
    for part, answer in more.items():
        page.locator(f'[data-key^="values."][data-key$=".{part}"]').last.evaluate(
            "(one, text) => { one.value = text; one.dispatchEvent(new Event('change', { bubbles: true })); }", answer
        )


def start(page: Page, action: str, record: str) -> None:
    page.reload()
    page.locator(f'input[name="action"][value="{action}"]').check()
    fill(page, "record", record)
    page.locator('[data-key="record"]').blur()


def fresh(page: Page) -> None:
    """A new document as the source."""
    page.locator('input[name="known"][value="no"]').check()
    for name, text in DOCUMENT.items():
        fill(page, f"source.{name}", text)


def write(page: Page, folder: Path, name: str) -> Path:
    """Give the reason, write the correction, and download it."""
    fill(page, "reason", "The report says so: a test, with # and 'quotes'.")
    page.get_by_role("button", name="Write the correction").click()
    page.locator("#correct .output textarea").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Download as {name}").click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def test_corrections_made_in_the_browser_pass_the_check(
    built: Built, watched: Watched, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each kind of correction, with all that the form can hold; `python -m corrections check` accepts the files."""
    page = watched.open("correct/index.html")

    def checked(file: Path, *said: str) -> None:
        assert corrections(["--root", str(built.dataset.root), "check", str(file)]) == 0, capsys.readouterr()
        out = capsys.readouterr().out
        assert [one for one in said if one not in out] == []

    # A missing record, in a new document, run by a body that the dataset does not know.
    page.locator('input[name="action"][value="record"]').check()
    fill(page, "table", "facilities")
    fill(page, "record", "fac-rs-new-centre")
    for field, text in {
        "name": "New centre: north",
        "place": "RS",
        "kind": "reception",
        "operators": "new-body",
    }.items():
        value(page, field, text)
    value(page, "capacity", "120", qualifier="range", max="150", note="The wing in building B is not counted.")
    page.get_by_role("button", name="Add a body that the dataset does not know yet").click()
    for part, text in {"id": "new-bodi", "name": "New Body", "short_name": "NB", "kind": "ngo", "place": "RS"}.items():
        fill(page, f"organisations*{part}", text)
    fresh(page)
    fill(page, "locator", "p. 14")
    fill(page, "reason", "The report names a centre that is missing here.")
    page.get_by_role("button", name="Write the correction").click()
    assert "No value names “new-bodi”" in said(page)  # a slip of the pen
    fill(page, "organisations*id", "new-body")
    checked(write(page, tmp_path, "YAML"), "fac-rs-new-centre", "new-body")

    # A wrong value; the second value comes from another source.
    start(page, "change", "fac-al-gjader")
    until(page, "() => document.querySelector('[data-key$=\".field\"]')")
    value(page, "capacity", "450", qualifier="about")
    value(page, "locality", "Gjader", source="24hod-2018-09-13-sk", locator="second paragraph")
    fresh(page)
    fill(page, "locator", "p. 2")
    page.locator('input[name="read_first"][value="yes"]').check()
    checked(write(page, tmp_path, "JSON"), "capacity: 400 -> 450", "locality")

    # A source that contradicts a value, a record that repeats another one, and a text about a person.
    start(page, "dispute", "fac-al-gjader")
    until(page, "() => document.querySelector('[data-key$=\".field\"]')")
    value(page, "opened", "2024-11")
    fresh(page)
    fill(page, "locator", "p. 3")
    checked(write(page, tmp_path, "YAML"))
    start(page, "retire", "fac-al-gjader")
    fill(page, "successor", "fac-al-babrru")
    retired = write(page, tmp_path, "YAML")
    start(page, "privacy", "fac-al-gjader")
    page.locator('[data-key="field"] option[value="note"]').wait_for(state="attached")
    fill(page, "field", "note")
    # These two need an editor: their form is right, and the check says who decides.
    for file, action in ((retired, "retire"), (write(page, tmp_path / "privacy", "YAML"), "privacy")):
        document, findings = read(file)
        assert document, findings
        assert document["action"] == action


def ask(page: Page, query: str) -> None:
    page.get_by_label("Query (SQLite)").fill(query)
    page.get_by_role("button", name="Run", exact=True).click()


def test_sql_gives_what_the_package_holds_and_shows_text_as_text(built: Built, watched: Watched) -> None:
    page = watched.open("sql/index.html")
    ask(page, "select count(*) as n, '<img src=x onerror=alert(1)>' as hostile from facilities")
    table = page.locator("#sql table tbody")
    table.wait_for()
    assert [cell.strip() for cell in table.locator("tr").first.locator("td, th").all_inner_texts()] == [
        str(len([*built.dataset.rows("facilities")])),
        "<img src=x onerror=alert(1)>",
    ]


def test_sql_says_what_is_wrong_with_a_query(watched: Watched) -> None:
    page = watched.open("sql/index.html")
    ask(page, "select one from nowhere")
    until_said(page, "no such table: nowhere", "#sql")


# --- hostile text ----------------------------------------------------------------------------------------------------


def test_hostile_text_stays_text_where_scripts_show_it(
    mini: Mini, browser: Browser, tmp_path_factory: pytest.TempPathFactory, serve: Callable[[Built], str]
) -> None:
    hostile(mini)
    built = build_site(mini.root, tmp_path_factory.mktemp("hostile") / "site")
    watched = Watched(browser, serve(built))
    for path in (
        "record/fac-al-gjader/index.html",
        "facilities/index.html?q=script",
        "facilities/index.html?q=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&sort=%22onx%3D",
        "search/index.html?q=owned",
        "search/index.html?q=%3Cscript%3Edocument.title%3D%22owned%22%3C%2Fscript%3E",
        "correct/index.html?record=fac-al-gjader&field=note",
        "correct/index.html?record=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&field=__proto__",
    ):
        page = watched.open(path)
        page.on("dialog", lambda dialog: watched.wrong.append(f"a dialog: {dialog.message}"))
        page.wait_for_load_state("networkidle")
        assert page.title() != "owned", path
        assert page.locator("main img, main script:not([src]):not([type='application/ld+json'])").count() == 0, path
        assert page.locator("[onerror], [onx], [onfocus]").count() == 0, path
        page.context.close()
    page = watched.open("facilities/index.html?q=script")
    until_said(page, HOSTILE[0], "table[data-table] tbody")
    page.context.close()
    # The record that the last address names does not exist. To ask for it is no fault of the page.
    assert [one for one in watched.wrong if "/correct/" not in one or "404" not in one] == []


# --- from a folder ---------------------------------------------------------------------------------------------------


def test_it_works_from_a_folder_without_a_server(built: Built, browser: Browser) -> None:
    """But for what browsers forbid there: to load data. Where a page would, it says so."""
    watched = Watched(browser, f"{built.folder.as_uri()}/")
    page = watched.window()
    for path in built.kinds.values():
        page.goto(watched.site + path)
        come(page)
        styled = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--ink').trim()")
        assert styled, f"{path}: without its style"
    page.goto(f"{watched.site}index.html")
    come(page)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Facilities").click()
    find(page).fill("gjader")
    until_said(page, " of 8 rows")
    page.locator("table[data-table] tbody tr:visible a[href*='record/']").first.click()
    assert page.locator("h1").inner_text()
    page.context.close()
    assert watched.wrong == []


@pytest.mark.parametrize(
    "path", ["search/index.html?q=gjader", "correct/index.html?record=fac-al-gjader", "sql/index.html"]
)
def test_a_page_that_needs_a_server_says_so_in_a_folder(built: Built, browser: Browser, path: str) -> None:
    watched = Watched(browser, f"{built.folder.as_uri()}/")
    page = watched.open(path)
    if path == "sql/index.html":
        ask(page, "select 1")
    until_said(page, "from a folder")
    page.context.close()
    assert watched.wrong == []
