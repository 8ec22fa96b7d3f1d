"""The page on method: the rates of the data when there is an audit, and nothing of them before the first."""

from __future__ import annotations

import shutil
from pathlib import Path

from lxml import html

from tests.conftest import ROOT, Mini
from website.build import _environment
from website.pages import pages
from website.site import Site
from website.texts import RATES


def shown(root: Path) -> html.HtmlElement:
    for path in ("CHANGELOG.md", "docs/methodology.md"):
        (root / path).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / path, root / path)
    site = Site(root)
    page = next(page for page in pages(site) if page.path == "methodology/index.html")
    text = _environment(site, [], "").get_template(page.template).render(page.values, page=page)
    return html.document_fromstring(text)


def test_before_the_first_audit_there_is_no_rate(mini: Mini) -> None:
    page = shown(mini.root)
    assert "How often are we wrong?" in [heading.text for heading in page.iter("h2")]
    assert page.xpath("//p[@class='note']") == []
    text = page.text_content()
    assert "weighted to the whole" not in text
    assert "No audit has been entered yet" not in text  # which the page says for readers of the repository
    assert "<!--" not in text
    assert "What the dataset does not cover" in text  # what follows is there


def test_after_it_the_rates_of_the_data_stand_there(mini: Mini) -> None:
    for number, claim in enumerate(row for row in mini.rows["claims"] if row["verdict"] == "agrees"):
        cells = {name: claim[name] for name in ("record_id", "field", "source_id")}
        result = "wrong" if number == 0 else "confirmed"
        mini.add("checks", **cells, audit="a1", checked="2026-11-29", result=result, note="The text says more.")
        if number == 39:
            break
    page = shown(mini.save())
    # The pages of records lead to the heading above the rates.
    (heading,) = page.xpath(f"//h2[@id='{RATES.partition('#')[2]}']")
    assert heading.text == "How often are we wrong?"
    assert heading.xpath("following::table[@class='data']")
    (note,) = page.xpath("//p[@class='note']")
    assert note.text.startswith("In the audit a1, 40 claims that were drawn at random were read again.")
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in page.xpath("//table[@class='data']//tr")}
    assert rows["all"][:2] == ["40", "40"]
    assert rows["all"][-1] == "2.5 % (0.4–12.9)"
    assert "weighted to the whole" in rows


def test_of_a_part_of_an_audit_there_is_a_sentence_and_no_table(mini: Mini) -> None:
    claim = next(row for row in mini.rows["claims"] if row["verdict"] == "agrees")
    cells = {name: claim[name] for name in ("record_id", "field", "source_id")}
    mini.add("checks", **cells, audit="0.2.0-n40-s1", checked="2026-11-29", result="confirmed")
    page = shown(mini.save())
    (note,) = page.xpath("//p[@class='note']")
    assert note.text.startswith("Of the 40 claims that the audit 0.2.0-n40-s1 drew at random, 1 are read again.")
    assert note.text.endswith("There is no rate before all of them are read.")
    assert page.xpath("//table[@class='data']") == []
