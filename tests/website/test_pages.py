"""The files of the website, read without a browser: links, records, figures, hostile text, and the same bytes again."""

from __future__ import annotations

import csv
import json
import os
import posixpath
import re
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pandas as pd
import pytest
from lxml import html

from borderledger.query.archive import archive_copy
from tests.conftest import ROOT, Mini
from tests.website.conftest import Built, build_site
from website import maps
from website.build import _environment
from website.pages import _record
from website.site import Site
from website.texts import releases

# --- what pages lead to ----------------------------------------------------------------------------------------------


def links(page: html.HtmlElement) -> Iterator[str]:
    """All that a page leads to or needs, as it is written."""
    for element, attribute, link, _ in page.iterlinks():
        if not (element.tag == "link" and element.get("rel") == "canonical") and attribute != "data-schema":
            yield link


def is_out(link: str) -> bool:
    return link.startswith(("http://", "https://", "mailto:", "data:"))


def target(path: str, link: str) -> tuple[str, str]:
    """The file below the site that a link of a page leads to, and the anchor there."""
    address, anchor = urldefrag(link)
    address = unquote(address.partition("?")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), address)) if address else path, unquote(anchor)


def test_every_link_of_the_site_leads_to_a_file_and_every_anchor_to_an_element(built: Built) -> None:
    """To a file and not to a folder: from a USB stick, a folder shows its list of files."""
    ids = {path: set(page.xpath("//@id")) for path, page in built.pages.items()}
    broken = set()
    for path, page in built.pages.items():
        for link in links(page):
            if is_out(link):
                continue
            file, anchor = target(path, link)
            there = not link.startswith("/") and (built.folder / file).is_file()
            if not there or (anchor and anchor not in ids.get(file, {anchor})):
                broken.add((path, link))
    assert broken == set()


def test_links_lead_from_the_overview_to_every_page(built: Built) -> None:
    reached, next_ones = {"index.html"}, ["index.html"]
    while next_ones:
        path = next_ones.pop()
        for link in built.pages[path].xpath("//a/@href | //form/@action"):
            if not is_out(link) and (file := target(path, link)[0]) in built.pages and file not in reached:
                reached.add(file)
                next_ones.append(file)
    alone = {path for path in built.pages.keys() - reached if "retired" not in text_of(built.pages[path])}
    assert alone == {"404.html"}


def test_nothing_comes_from_another_server(built: Built) -> None:
    needed = "//script/@src | //img/@src | //link[not(@rel='canonical')]/@href | //iframe/@src | //source/@srcset"
    assert [(path, link) for path, page in built.pages.items() for link in page.xpath(needed) if is_out(link)] == []


# --- what each page is -----------------------------------------------------------------------------------------------


def text_of(page: html.HtmlElement) -> str:
    """The text of the main part of a page, as it is read."""
    return " ".join(" ".join(page.xpath("//main//text()[not(ancestor::script)]")).split())


#: The scripts that are in the page itself.
INLINE = "//script[not(@src)][not(@type='application/ld+json')]"


def hashed(element: html.HtmlElement) -> str:
    """How the policy of a page names the text of an element."""
    return f"'sha256-{b64encode(sha256(element.text.encode()).digest()).decode()}'"


def test_pages_allow_no_script_and_no_style_but_those_of_the_site(built: Built) -> None:
    for path, page in built.pages.items():
        (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        rules = {name: values for name, *values in (rule.split() for rule in policy.split(";") if rule.strip())}
        assert rules["default-src"] == ["'none'"], path
        assert "unsafe-inline" not in policy, path
        assert "unsafe-eval" not in policy.replace("'wasm-unsafe-eval'", ""), path
        assert ("'wasm-unsafe-eval'" in policy) == (path == "sql/index.html"), path
        assert rules["style-src"] == ["'self'", *map(hashed, page.xpath("//style"))], path
        assert rules["script-src"][:2] == ["'self'", *map(hashed, page.xpath(INLINE))], path
        assert rules["base-uri"] == ["'none'"], path
        allowed = {value for name, values in rules.items() if name != "default-src" for value in values}
        allowed -= {hashed(one) for one in page.xpath(f"//style | {INLINE}")}
        assert allowed <= {"'self'", "'none'", "data:", "'wasm-unsafe-eval'"}, path


def test_the_policy_stands_before_all_that_it_rules(built: Built) -> None:
    for path in built.kinds.values():
        head = [*built.pages[path].find("head")]
        policy = next(n for n, e in enumerate(head) if e.get("http-equiv") == "Content-Security-Policy")
        assert not [e for e in head[:policy] if e.tag in ("script", "link", "style")], path


def test_each_page_holds_the_same_script_and_style_and_none_of_its_own(built: Built) -> None:
    """So its first text waits for no other file. The policy names the two by their hashes, and forbids others."""
    assert len({tuple(hashed(one) for one in page.xpath(f"//style | {INLINE}")) for page in built.pages.values()}) == 1
    for path, page in built.pages.items():
        assert len(page.xpath("//style")) == len(page.xpath(INLINE)) == 1, path
        assert page.xpath("//script[@src] | //link[@rel='stylesheet'] | //*[@style]") == [], path
        assert page.xpath("//@*[starts-with(name(), 'on')]") == [], path


def test_each_page_has_a_language_a_title_of_its_own_one_heading_and_a_way_past_the_menu(built: Built) -> None:
    titles: dict[str, list[str]] = {}
    for path, page in built.pages.items():
        assert page.get("lang") == "en", path
        assert page.xpath("//meta[@charset]/@charset")[0].lower() == "utf-8", path
        assert page.xpath("//meta[@name='viewport']"), path
        assert len(page.xpath("//h1")) == 1, path
        assert len(page.xpath("//main[@id='main']")) == 1, path
        assert page.xpath("//body//a/@href")[0] == "#main", path
        assert page.xpath("string(//meta[@name='description']/@content)").strip(), path
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids)), (path, sorted({i for i in ids if ids.count(i) > 1}))
        titles.setdefault(page.xpath("string(//title)").strip(), []).append(path)
    assert "" not in titles
    alone = ["index.html", *(path for path in built.pages if path.count("/") == 1 and path.endswith("/index.html"))]
    assert len({page.xpath("string(//title)") for page in (built.pages[path] for path in alone)}) == len(alone)


def test_each_table_says_what_its_columns_are(built: Built) -> None:
    for path, page in built.pages.items():
        for table in page.xpath("//table"):
            assert table.xpath("./thead/tr/th"), path
            assert not table.xpath("./thead//th[not(@scope='col')]"), path


def test_each_chart_has_a_title_a_description_and_its_figures_in_a_table(built: Built) -> None:
    charts = 0
    for path in built.kinds.values():
        for chart in built.pages[path].xpath("//*[local-name()='svg'][@role='img']"):
            charts += 1
            assert chart.xpath("string(.//*[local-name()='title'])").strip(), path
            assert chart.xpath("ancestor::figure//table") or chart.xpath("string(.//*[local-name()='desc'])"), path
    assert charts


# --- each record, each source, each value ----------------------------------------------------------------------------


def facts(built: Built) -> dict[str, list[dict[str, str]]]:
    """The tables of records, as the CSV files hold them."""
    data = built.dataset
    return {name: [*data.rows(name)] for name in data.names if data.schema(name).bound}


def test_each_record_and_each_source_has_a_page(built: Built) -> None:
    records = {f"record/{row['id']}/index.html" for rows in facts(built).values() for row in rows}
    sources = {f"source/{row['id']}/index.html" for row in built.dataset.rows("sources")}
    assert (records | sources) - built.pages.keys() == set()


def test_the_page_of_a_record_says_every_value(built: Built) -> None:
    missing = []
    for name, rows in facts(built).items():
        fields = built.dataset.schema(name).by_name
        for row in rows:
            said = text_of(built.pages[f"record/{row['id']}/index.html"])
            for field, cell in row.items():
                if not cell or field == "id":
                    continue
                if fields[field].type in ("integer", "number"):
                    whole, point, rest = cell.partition(".")
                    words = [f"{int(whole):,}{point}{rest}"]
                elif fields[field].edtf:
                    words = re.findall(r"[0-9]{4}", cell)
                elif field in ("title", "note", "reference"):
                    words = [" ".join(cell.split())]
                else:
                    continue
                missing += [(row["id"], field, word) for word in words if word not in said]
    assert missing == []


def test_the_page_of_a_record_says_which_values_have_a_primary_source(built: Built) -> None:
    """Beside the grade; of a row from a publisher's file, beside the file."""
    dataset, marks, files = built.dataset, 0, 0
    claimed = {(c["record_id"], c["field"]) for c in dataset.rows("claims") if c["verdict"] != "remark"}
    for name, rows in facts(built).items():
        schema = dataset.schema(name)
        for row, known in zip(rows, dataset.grades(schema), strict=True):
            page = built.pages[f"record/{row['id']}/index.html"]
            marked = page.xpath("//dl[@class='values']/div[.//span[@class='primary']]/dt/text()")
            graded = [field for field in known.primary if (row["id"], field) in claimed]
            assert sorted(marked) == sorted(schema.by_name[field].title for field in graded), row["id"]
            in_file = bool(page.xpath("//h2[@id='evidence']/following-sibling::p//span[@class='primary']"))
            assert in_file == (len(graded) < len(known.primary)), row["id"]
            marks, files = marks + len(marked), files + in_file
    assert min(marks, files) > 10


def test_the_page_of_a_record_says_what_each_source_says_about_it(built: Built) -> None:
    for claim in built.dataset.rows("claims"):
        page = built.pages[f"record/{claim['record_id']}/index.html"]
        said = text_of(page)
        assert f"../../source/{claim['source_id']}/index.html" in page.xpath("//main//a/@href"), claim
        assert " ".join(claim["locator"].split()) in said, claim
        assert " ".join(claim["note"].split()) in said, claim


def _checked(mini: Mini, result: str, audit: str = "0.1.0-n40-s1", **more: str) -> tuple[Mini, dict[str, str]]:
    """A package of which one claim was read again, and that claim."""
    claim = next(row for row in mini.rows["claims"] if row["verdict"] == "agrees")
    cells = {name: claim[name] for name in ("record_id", "field", "source_id")}
    mini.add("checks", **cells, audit=audit, result=result, **({"checked": "2026-11-29"} | more))
    return mini, claim


def _record_page(mini: Mini, record: str) -> html.HtmlElement:
    """The page of a record, without the rest of the site."""
    site = Site(mini.save())
    table = site.table_of[record]
    row = next(row for row in site.rows[table.name] if row["id"] == record)
    page = _record(site, site.record(table, row))
    text = _environment(site, [], "").get_template(page.template).render(page.values, page=page)
    return html.document_fromstring(text)


@pytest.mark.parametrize(
    ("result", "says"),
    [
        ("confirmed", "read again on 29 November 2026: confirmed"),
        ("imprecise", "read again on 29 November 2026: imprecise"),
        ("wrong", "read again on 29 November 2026: wrong"),
        ("unseen", "read again on 29 November 2026: not seen"),
    ],
)
def test_the_page_of_a_record_says_what_an_audit_found(mini: Mini, result: str, says: str) -> None:
    mini, claim = _checked(mini, result, note="Page <i>4</i> was blank.")
    mini.rows["corrections"] = [row for row in mini.rows["corrections"] if row["record_id"] != claim["record_id"]]
    page = _record_page(mini, claim["record_id"])
    found = page.xpath("//a[contains(@class, 'check')]")
    assert [link.text for link in found] == [says]
    assert found[0].get("href") == "../../methodology/index.html#how-often-are-we-wrong"
    assert found[0].get("title") == mini.package.tables["checks"].by_name["result"].categories[result]
    (row,) = found[0].xpath("ancestor::tr")
    assert f"/source/{claim['source_id']}/" in row.xpath("string(.//a[contains(@href, '/source/')]/@href)")
    # The reader's remark on what is confirmed would only repeat the claim.
    assert ("Page <i>4</i> was blank." in row.text_content()) == (result != "confirmed")


@pytest.mark.parametrize(
    ("audit", "version", "says"),
    [
        ("0.2.0-n40-s1", "0.2.0", "wrong, corrected"),
        ("0.2.0-n40-s1", "0.10.0", "wrong, corrected"),
        ("0.2.0-n40-s1", "0.1.0", "wrong"),  # what was changed before the audit did not mend it
    ],
)
def test_what_an_audit_found_wrong_is_corrected_if_the_log_says_so(
    mini: Mini, audit: str, version: str, says: str
) -> None:
    mini, claim = _checked(mini, "wrong", audit)
    mini.rows["corrections"] = []
    cells = {"version": version, "record_id": claim["record_id"], "field": claim["field"]}
    mini.add("corrections", **cells, kind="correction", old="1", new="2", reason="The audit.")
    (link,) = _record_page(mini, claim["record_id"]).xpath("//a[contains(@class, 'check')]")
    assert link.text == f"read again on 29 November 2026: {says}"


def test_of_two_audits_the_last_counts(mini: Mini) -> None:
    mini, claim = _checked(mini, "confirmed", "a2", checked="2026-12-01")
    mini, _ = _checked(mini, "imprecise", "a1")
    (link,) = _record_page(mini, claim["record_id"]).xpath("//a[contains(@class, 'check')]")
    assert link.text == "read again on 1 December 2026: confirmed"


def test_a_claim_that_nobody_read_again_says_nothing_of_it(mini: Mini) -> None:
    claim = next(row for row in mini.rows["claims"] if row["verdict"] == "agrees")
    mini.rows["checks"] = []
    assert not _record_page(mini, claim["record_id"]).xpath("//a[contains(@class, 'check')]")


def test_the_page_of_a_source_leads_to_all_records_that_it_speaks_of(built: Built) -> None:
    for claim in built.dataset.rows("claims"):
        page = built.pages[f"source/{claim['source_id']}/index.html"]
        assert f"../../record/{claim['record_id']}/index.html" in page.xpath("//main//a/@href"), claim


def test_a_copy_of_each_source_is_one_click_away(built: Built) -> None:
    """On its own page, and on those of the records that it speaks of; the reader sees which site it is."""
    copies = {row["id"]: archive_copy(row) for row in built.dataset.rows("sources")}
    pages = {f"source/{source}/index.html": {source} for source in copies}
    for claim in built.dataset.rows("claims"):
        pages.setdefault(f"record/{claim['record_id']}/index.html", set()).add(claim["source_id"])
    for path, sources in pages.items():
        links = {link.get("href"): link for link in built.pages[path].xpath("//main//a[starts-with(@href, 'http')]")}
        said = text_of(built.pages[path])
        for source in sources:
            assert links[copies[source]].get("rel") == "noopener noreferrer", (path, source)
            assert (urlsplit(copies[source]).hostname or "").removeprefix("www.") in said, (path, source)


def test_every_link_to_another_site_tells_it_nothing(built: Built) -> None:
    rels = {
        (link.get("rel") or "").removeprefix("license ")
        for page in built.pages.values()
        for link in page.xpath("//a[starts-with(@href, 'http')]")
    }
    assert rels == {"noopener noreferrer"}


def test_the_json_of_a_record_holds_its_cells(built: Built) -> None:
    for rows in facts(built).values():
        for row in rows:
            held = json.loads((built.folder / f"record/{row['id']}.json").read_text(encoding="utf-8"))
            values = held["fields"]
            assert {name: values.get(name) or "" for name in row if row[name]} == {k: v for k, v in row.items() if v}


def test_the_files_of_a_table_hold_what_the_package_holds(built: Built) -> None:
    for name in built.dataset.names:
        rows = [*built.dataset.rows(name)]
        raw = (built.folder / f"data/{name}.csv").read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf"), "Excel needs the mark to read UTF-8"
        assert [*csv.DictReader(raw.decode("utf-8-sig").splitlines(keepends=True))] == rows
        table = json.loads((built.folder / f"data/{name}.json").read_text(encoding="utf-8"))
        columns = [column["name"] for column in table["columns"]]
        held = [dict(zip(columns, line, strict=True)) for line in table["rows"]]
        fields = built.dataset.schema(name).names
        same = [field for field in columns if field in fields and field not in ("title", "name")]
        assert len(same) > 1, name
        assert sorted([str(line[f] or "") for f in same] for line in held) == sorted(
            [row[f] for f in same] for row in rows
        )


def test_the_pages_of_a_table_list_every_record_once(built: Built) -> None:
    for name, rows in facts(built).items():
        folder = name.replace("_", "-")
        listed = [
            link.split("/")[-2]
            for path, page in built.pages.items()
            if path.startswith(f"{folder}/")
            for link in {row.xpath("string(.//a[contains(@href, 'record/')]/@href)") for row in _rows(page, name)}
        ]
        assert sorted(listed) == sorted(row["id"] for row in rows)


def _rows(page: html.HtmlElement, table: str) -> list[html.HtmlElement]:
    return page.xpath(f"//table[@data-table='{table}']/tbody/tr")


def test_a_cell_of_a_listed_table_holds_the_figure_that_the_loader_gives(built: Built) -> None:
    seen = 0
    for name in facts(built):
        frame = built.dataset.load(name).set_index("id")
        for path, page in built.pages.items():
            if not path.startswith(f"{name.replace('_', '-')}/"):
                continue
            headers = page.xpath(f"//table[@data-table='{name}']/thead/tr/th")
            for row in _rows(page, name):
                identifier = row.xpath("string(.//a[contains(@href, 'record/')]/@href)").split("/")[-2]
                for header, cell in zip(headers, row.xpath("./td | ./th"), strict=True):
                    field = header.get("data-name")
                    if header.get("data-kind") != "number" or field not in frame:
                        continue
                    value = frame.at[identifier, field]
                    if pd.isna(value):
                        assert cell.text_content().strip() in ("", "–", "—"), (identifier, field)
                    else:
                        seen += 1
                        assert float(cell.get("data-value")) == float(value), (identifier, field)
                        assert f"{value:,}".removesuffix(".0") in cell.text_content(), (identifier, field)
    assert seen


def test_the_search_finds_every_record_and_source_and_leads_to_a_page(built: Built) -> None:
    entries = json.loads((built.folder / "search.json").read_text(encoding="utf-8"))
    held = {entry["id"]: entry["url"] for entry in entries}
    records = {row["id"] for rows in facts(built).values() for row in rows}
    assert records | {row["id"] for row in built.dataset.rows("sources")} <= held.keys()
    for url in held.values():
        page, anchor = target("index.html", url)
        assert page in built.pages, url
        assert not anchor or built.pages[page].xpath("//*[@id=$anchor]", anchor=anchor), url


def test_what_search_engines_read_is_json(built: Built) -> None:
    for path, page in built.pages.items():
        for data in page.xpath("//script[@type='application/ld+json']"):
            assert json.loads(data.text)["@context"] == "https://schema.org", path


# --- hostile text ----------------------------------------------------------------------------------------------------

HOSTILE = (
    '<script>document.title = "owned"</script>',
    '"onx=alert(1) x="',
    "' onfocus='alert(1)' autofocus='",
    "</title></textarea></script><img src=x onerror=alert(1)>",
    "=cmd|'/c calc'!A0",
    "{{ 7 * 7 }}{% raw %}",
    "\u202eevil\u202c and \u2066isolated\u2069",
    "&lt;b&gt; &amp;amp; ]]> <!-- ",
)


def hostile(mini: Mini) -> str:
    """One record, one source and one claim that say all of it, and a note of 5,000 characters."""
    record = mini.row("facilities", id="fac-al-gjader")
    record["title" if "title" in record else "name"] = HOSTILE[0]
    record["note"] = " ".join([*HOSTILE, "x" * 5000])
    source = mini.row("sources", id=record["source_id"])
    source["title"] = HOSTILE[3]
    source["publisher"] = HOSTILE[1]
    claim = mini.row("claims", record_id="fac-al-gjader")
    claim["note"] = " ".join(HOSTILE)
    claim["locator"] = HOSTILE[2]
    mini.save()
    return record["note"]


def test_hostile_text_is_shown_as_text(mini: Mini, tmp_path_factory: pytest.TempPathFactory) -> None:
    note = hostile(mini)
    built = build_site(mini.root, tmp_path_factory.mktemp("hostile") / "site")
    page = built.pages["record/fac-al-gjader/index.html"]
    (own,) = built.pages["404.html"].xpath(INLINE)
    assert " ".join(note.split()) in text_of(page)
    assert HOSTILE[0] in page.xpath("string(//h1)")
    assert HOSTILE[0] in page.xpath("string(//title)")
    assert HOSTILE[2] in text_of(page)
    scripts = {"site.js", "day.js", "correct.js", "sql.js"}
    for path, one in built.pages.items():
        assert {*one.get("data-scripts").split(" ")} <= scripts, path
        assert not one.xpath("//script[@src]"), path
        assert [hashed(script) for script in one.xpath(INLINE)] == [hashed(own)], path
        assert not one.xpath("//@*[starts-with(name(), 'on')] | //*[@autofocus] | //img[@src='x']"), path
        for data in one.xpath("//script[@type='application/ld+json']"):
            json.loads(data.text)


# --- a build ---------------------------------------------------------------------------------------------------------

_BUILD = (
    "import sys; from pathlib import Path; from website.build import build; build(Path(sys.argv[1]), Path(sys.argv[2]))"
)


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_builds_give_the_same_bytes(mini: Mini, tmp_path_factory: pytest.TempPathFactory) -> None:
    """In another process, with another order of sets, another time zone and another language."""
    folder = tmp_path_factory.mktemp("twice")
    descriptor = mini.root / "datapackage.json"  # with an address, there are pictures for networks, too
    held = json.loads(descriptor.read_text(encoding="utf-8")) | {"homepage": "https://example.org/"}
    descriptor.write_text(json.dumps(held), encoding="utf-8")
    build_site(mini.root, folder / "one")
    other = {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Auckland", "LC_ALL": "C", "SOURCE_DATE_EPOCH": ""}
    environment = {key: value for key, value in (os.environ | other).items() if value}
    command = [sys.executable, "-W", "error", "-c", _BUILD, str(mini.root), str(folder / "two")]
    subprocess.run(command, cwd=ROOT, env=environment | {"PYTHONPATH": str(ROOT)}, check=True, capture_output=True)
    one, two = files(folder / "one"), files(folder / "two")
    assert one.keys() == two.keys() > {"map.svg", "assets/cards/overview.png"}
    assert [path for path in one if one[path] != two[path]] == []


def test_a_build_takes_the_place_of_the_one_before(mini: Mini, tmp_path_factory: pytest.TempPathFactory) -> None:
    out = tmp_path_factory.mktemp("again") / "site"
    build_site(mini.root, out)
    before = files(out)
    (out / "record" / "old.json").write_text("{}", encoding="utf-8")
    build_site(mini.root, out)
    assert files(out) == before


def test_an_address_in_the_descriptor_gives_each_page_its_canonical_address(
    mini: Mini, tmp_path_factory: pytest.TempPathFactory
) -> None:
    descriptor = mini.root / "datapackage.json"
    held = json.loads(descriptor.read_text(encoding="utf-8")) | {"homepage": "https://example.org/ledger/"}
    descriptor.write_text(json.dumps(held, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    built = build_site(mini.root, tmp_path_factory.mktemp("address") / "site")
    sitemap = html.fromstring((built.folder / "sitemap.xml").read_bytes())
    listed = set(sitemap.xpath("//loc/text()"))
    for path in built.kinds.values():
        if path == "404.html":
            continue
        (canonical,) = built.pages[path].xpath("//link[@rel='canonical']/@href")
        address = f"https://example.org/ledger/{path}"
        assert canonical in (address, address.removesuffix("index.html")), path
        assert canonical in listed, path
        (picture,) = built.pages[path].xpath("//meta[@property='og:image']/@content")
        assert (built.folder / picture.removeprefix("https://example.org/ledger/")).is_file(), picture
        assert picture.endswith(".png"), "networks show no SVG"


def test_the_old_address_of_a_retired_record_leads_on(mini: Mini, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Also one that has no successor keeps its page, which says why it is gone."""
    more = {"kind": "correction", "date": "2026-01-01", "table": "facilities"}
    more = {name: cell for name, cell in more.items() if name in mini.package.tables["corrections"].names}
    for record, new in (("fac-xx-moved", "fac-al-gjader"), ("fac-xx-gone", "")):
        reason = "It stood here twice."
        mini.add(
            "corrections", version="0.1.0", record_id=record, field="id", old=record, new=new, reason=reason, **more
        )
    mini.save()
    built = build_site(mini.root, tmp_path_factory.mktemp("retired") / "site")
    moved, gone = (built.pages[f"record/{one}/index.html"] for one in ("fac-xx-moved", "fac-xx-gone"))
    assert "../../record/fac-al-gjader/index.html" in moved.xpath("//main//a/@href")
    for page in (moved, gone):
        assert "It stood here twice." in text_of(page)
        assert "was retired in version 0.1.0" in text_of(page)
    assert not gone.xpath("//main//a[contains(@href, 'record/')]")


def test_the_first_figures_say_no_more_than_the_views(built: Built) -> None:
    shown = {one.text_content().strip(): one for one in built.pages["index.html"].xpath("//*[@class='headlines']/li")}
    said = " ".join(" ".join(shown).split())
    force = built.dataset.load("agreements_in_force")
    certain = int(force["as_of_certain"].sum())
    assert 0 < certain < len(force)
    assert f"{certain} agreements and acts surely in force" in said
    assert f"of {len(force) - certain} more" in said
    last = built.dataset.load("operations_by_year").iloc[-1]
    assert last["persons_wb6"] < last["persons"], "some went elsewhere, too"
    assert f"{last['persons_wb6']:,} people returned to the six by operations" in said


def test_the_overview_shows_the_first_notes_of_a_version_and_leads_to_all(built: Built) -> None:
    (notes,) = built.pages["index.html"].xpath("//div[@class='prose short']")
    (shown, *_) = built.pages["releases/index.html"].xpath("//div[@class='prose']")
    here, there = ([item.text_content() for item in one.xpath("./ul/li")] for one in (notes, shown))
    assert here == there[: len(here)]
    assert len(here) == min(12, len(there))
    (version,) = built.pages["index.html"].xpath("//div[@class='prose short']/preceding::h3[1]/a/@href")
    more = built.pages["index.html"].xpath(f"//a[@href='{version}'][.='All notes of this version']")
    assert bool(more) is (len(here) < len(there)), "a version in preparation may have few"


@pytest.mark.parametrize(
    ("notes", "shown"),
    [
        ("### Added\n\n- a\n- b\n", "### Added\n\n- a\n- b\n"),
        ("### Added\n\n" + "- a\n" * 12 + "\n### Fixed\n\n- b\n", "### Added\n\n" + "- a\n" * 12),
        ("### Added\n\n" + "- a\n  ### c\n" * 13, "### Added\n\n" + "- a\n  ### c\n" * 12),
        ("Nothing yet.\n", "Nothing yet.\n"),
    ],
    ids=["few", "no heading without notes", "a note of several lines", "no list"],
)
def test_first_notes_are_cut_between_two_notes(notes: str, shown: str, tmp_path: Path) -> None:
    (tmp_path / "CHANGELOG.md").write_text(f"# Changes\n\n## [1.0.0] - 2026-01-01\n\n{notes}", encoding="utf-8")
    (release,) = releases(tmp_path)
    (tmp_path / "CHANGELOG.md").write_text(f"# Changes\n\n## [1.0.0] - 2026-01-01\n\n{shown}", encoding="utf-8")
    assert release.first == releases(tmp_path)[0].html
    assert release.is_cut == (notes != shown)


def test_the_countries_are_those_of_the_map(built: Built) -> None:
    members = {row["id"] for row in built.dataset.rows("places") if "WB6" in row["member_of"].split(";")}
    assert {*maps.SIX} == members
    assert {path.split("/")[1].upper() for path in built.pages if path.startswith("country/")} == members
