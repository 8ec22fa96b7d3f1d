"""Write the whole site into a folder, or leave what was there."""

from __future__ import annotations

import errno
import re
import shutil
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from html import escape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from borderledger.output.citation import cite
from borderledger.output.metadata import about
from borderledger.query.archive import archive_copy
from corrections.pending import pending
from website.bundle import bundle
from website.cards import HEIGHT, WIDTH, card, draw
from website.language import ENGLISH, N_, Language, _, language, ngettext, spoken
from website.machines import (
    File,
    correction_json,
    dataset_json,
    downloads,
    feed,
    language_js,
    record_json,
    search_json,
    sitemap,
    source_json,
)
from website.pages import file_name, page_of, pages, table_json
from website.shown import day, host, number, told, worded
from website.site import Record, Site
from website.standalone import alone
from website.texts import RATES

__all__ = ["build"]

_HERE = Path(__file__).parent
_MENU = (
    ("index.html", N_("Overview")),
    ("agreements/index.html", N_("Agreements")),
    ("deployments/index.html", N_("Deployments")),
    ("projects/index.html", N_("Projects")),
    ("returns/index.html", N_("Returns")),
    ("operations/index.html", N_("Operations")),
    ("crossings/index.html", N_("Crossings")),
    ("facilities/index.html", N_("Facilities")),
    ("activities/index.html", N_("Activities")),
    ("disputes/index.html", N_("Disputes")),
)


def build(
    root: Path,
    out: Path,
    progress: Callable[[int, int], None] = lambda done, of: None,
    language: Language = ENGLISH,
) -> Path:
    """Build the site of a checkout, in a language.

    out        the folder of the site; what was there is replaced when all is written
    progress   told the number of pages written, and of all

    Returns the folder. Raises OSError (also when the folder holds anything but a site), CorruptPackage, NoNode.
    """
    if out.exists() and not (out / "feed.xml").exists() and (not out.is_dir() or any(out.iterdir())):
        raise FileExistsError(errno.EEXIST, "holds something else than a site. Name an empty or a new folder", str(out))
    new = out.with_name(f".{out.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    try:
        with spoken(language):
            _write(root, new, progress)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    old = out.with_name(f".{out.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        out.rename(old)
    new.rename(out)
    shutil.rmtree(old, ignore_errors=True)
    return out


def _write(root: Path, out: Path, progress: Callable[[int, int], None]) -> None:
    waiting: dict[str, list[str]] = {}
    for one in pending(root)[0]:
        waiting.setdefault(one.document["record"], []).append(one.document["reason"])
    site = Site(root, waiting)
    files = [*downloads(site)]
    for file in files:
        _put(out / file.path, file.content)
    homepage = str(site.dataset.descriptor.get("homepage", ""))
    homepage = homepage if homepage.endswith("/") or not homepage else f"{homepage}/"
    templates = _environment(site, files, homepage, *bundle(out / "assets"))
    shutil.copyfile(_HERE / "static/icon.svg", out / "assets/icon.svg")
    paths: list[str] = []
    cards: dict[Path, str] = {}
    total = sum(len(site.rows[table.name]) for table in site.facts) + len(site.sources)
    for done, page in enumerate(pages(site), 1):
        text = templates.get_template(page.template).render(page.values, page=page)
        _put(out / page.path, text.encode())
        for chart, _narrow in page.values.get("charts", ()):
            address = f"{homepage}{page.path.removesuffix('index.html')}" if homepage else ""
            _put((out / page.path).with_name(f"{chart.name}.svg"), alone(chart, site, address).encode())
        if homepage and not page.shares:  # networks take the address of a picture only if it is whole
            cards[out / page.card] = card(page, site)
        if page.listed:
            paths.append(page.path)
        if page.template == "record.html":
            record: Record = page.values["record"]
            _put(out / f"record/{record.id}.json", record_json(site, record).encode())
        progress(done, total)
    for row in site.sources.values():
        _put(out / f"source/{row['id']}.json", source_json(row).encode())
    for table in site.tables:
        _put(out / f"data/{table.name}.json", table_json(site, table).encode())
    _put(out / "search.json", search_json(site).encode())
    _put(out / "data/correction.json", correction_json(site).encode())
    _put(out / "feed.xml", feed(site, homepage).encode())
    _put(out / "dataset.jsonld", dataset_json(site, homepage).encode())
    if homepage:
        _put(out / "sitemap.xml", sitemap(homepage, paths).encode())
        _put(out / "robots.txt", f"User-agent: *\nAllow: /\nSitemap: {homepage}sitemap.xml\n".encode())
    if language() != ENGLISH:
        _put(out / "assets/language.js", language_js(site).encode())
    if cards:
        draw(cards)


def _hash(text: str) -> str:
    """How a Content-Security-Policy names a text that may be in the page."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _put(file: Path, raw: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(raw)


def _environment(site: Site, files: list[File], homepage: str, style: str = "", script: str = "") -> Environment:
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.install_gettext_callables(_, ngettext)  # type: ignore[attr-defined]
    facts = about(site.dataset)
    templates.globals |= {
        "version": site.dataset.data_version,
        "created": day(str(site.dataset.descriptor["created"])[:10]),
        "citation": facts["citation"],
        "citations": {style: cite(site.dataset, None, style) for style in ("apa", "bibtex", "csl-json", "ris")},
        "homepage": homepage,
        "menu": [(path, _(name)) for path, name in _MENU],
        "language": language(),
        "six": site.six,
        "day": day,
        "archive_copy": archive_copy,
        "host": host,
        "page_of": page_of,
        "card_size": (WIDTH, HEIGHT),
        "file_name": lambda page, chart: file_name(site, page, chart),
        "rates_at": RATES,
        "files": files,
        "style": Markup(style),
        "script": Markup(script),
        "hashes": {"style": _hash(style), "script": _hash(script)},
    }
    templates.filters |= {"ticked": _ticked, "told": told, "worded": worded, "number": lambda n: number(str(n))}
    return templates


def _ticked(text: str) -> Markup:
    """Text with `code` between ticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text)))  # escaped before
