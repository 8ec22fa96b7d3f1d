"""Write the whole site into a folder, or leave what was there."""

from __future__ import annotations

import csv
import gettext
import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from borderledger.output.citation import cite
from borderledger.output.export import content
from borderledger.output.metadata import about
from borderledger.package import Table
from corrections.pending import pending
from website.bundle import bundle
from website.pages import _page_of, pages, table_json
from website.shown import day
from website.site import SIX, Record, Site
from website.texts import releases

__all__ = ["build"]

_HERE = Path(__file__).parent
_MENU = (
    ("index.html", "Overview"),
    ("agreements/index.html", "Agreements"),
    ("deployments/index.html", "Deployments"),
    ("projects/index.html", "Projects"),
    ("returns/index.html", "Returns"),
    ("operations/index.html", "Operations"),
    ("crossings/index.html", "Crossings"),
    ("facilities/index.html", "Facilities"),
    ("activities/index.html", "Activities"),
    ("disputes/index.html", "Disputes"),
)


@dataclass(frozen=True)
class File:
    """A file to download. table is empty for one that holds all of them."""

    path: str
    label: str
    content: bytes
    table: str = ""

    @property
    def size(self) -> str:
        """Its size, as people read it."""
        size = len(self.content)
        return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"

    @property
    def sha256(self) -> str:
        """Its hash."""
        return hashlib.sha256(self.content).hexdigest()


def build(root: Path, out: Path, progress: Callable[[int, int], None] = lambda done, of: None) -> Path:
    """Build the site of a checkout.

    out        the folder of the site; what was there is replaced when all is written
    progress   told the number of pages written, and of all

    Returns the folder. Raises OSError, CorruptPackage, NoNode.
    """
    new = out.with_name(f".{out.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    try:
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
    files = [*_files(site)]
    for file in files:
        _put(out / file.path, file.content)
    homepage = str(site.dataset.descriptor.get("homepage", ""))
    homepage = homepage if homepage.endswith("/") or not homepage else f"{homepage}/"
    templates = _environment(site, files, homepage)
    paths: list[str] = []
    total = sum(len(site.rows[table.name]) for table in site.facts) + len(site.sources)
    for number, page in enumerate(pages(site), 1):
        text = templates.get_template(page.template).render(page.values, page=page)
        _put(out / page.path, text.encode())
        if page.listed:
            paths.append(page.path)
        if page.template == "record.html":
            record: Record = page.values["record"]
            _put(out / f"record/{record.id}.json", _record_json(site, record).encode())
        progress(number, total)
    for row in site.sources.values():
        _put(out / f"source/{row['id']}.json", _dumped({"table": "sources", "fields": row}).encode())
    for table in site.tables:
        _put(out / f"data/{table.name}.json", table_json(site, table).encode())
    _put(out / "search.json", _search(site).encode())
    _put(out / "data/correction.json", _correction(site).encode())
    _put(out / "feed.xml", _feed(site, homepage).encode())
    _put(out / "dataset.jsonld", _jsonld(site, homepage).encode())
    if homepage:
        _put(out / "sitemap.xml", _sitemap(homepage, paths).encode())
        _put(out / "robots.txt", f"User-agent: *\nAllow: /\nSitemap: {homepage}sitemap.xml\n".encode())
    shutil.copytree(_HERE / "static", out / "assets", dirs_exist_ok=True)
    bundle(out / "assets")


def _put(file: Path, raw: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(raw)


def _environment(site: Site, files: list[File], homepage: str) -> Environment:
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.install_gettext_translations(gettext.NullTranslations())  # type: ignore[attr-defined]
    facts = about(site.dataset)
    templates.globals |= {
        "version": site.dataset.data_version,
        "created": day(str(site.dataset.descriptor["created"])[:10]),
        "citation": facts["citation"],
        "citations": {style: cite(site.dataset, None, style) for style in ("apa", "bibtex", "csl-json", "ris")},
        "homepage": homepage,
        "menu": _MENU,
        "six": SIX,
        "day": day,
        "page_of": _page_of,
        "files": files,
    }
    templates.filters["ticked"] = _ticked
    return templates


def _ticked(text: str) -> Markup:
    """Text with `code` between ticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text)))  # escaped before


# --- files for machines ----------------------------------------------------------------------------------------------


def _files(site: Site) -> Iterator[File]:
    for form, name, label in (
        ("xlsx", "borderledger.xlsx", "Excel workbook"),
        ("sqlite", "borderledger.sqlite", "SQLite"),
    ):
        (raw,) = content(site.dataset, form).values()
        yield File(name, label, raw)
    for table in site.tables:
        yield File(f"data/{table.name}.csv", f"{table.name}.csv", _csv(site, table), table.name)


def _csv(site: Site, table: Table) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(table.names)
    writer.writerows(row.values() for row in site.rows[table.name])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def _record_json(site: Site, record: Record) -> str:
    """A record as JSON, in the terms of schema.org where it has any."""
    licence = site.dataset.descriptor["licenses"][0]["path"]
    cited = {claim.source["id"]: claim.source for claim in record.claims}
    cited |= {record.in_file["id"]: record.in_file} if record.in_file else {}
    return _dumped(
        {
            "@context": "https://schema.org/",
            "@type": "CreativeWork",
            "identifier": record.id,
            "name": record.title,
            "license": licence,
            "version": site.dataset.data_version,
            "isPartOf": {"@type": "Dataset", "name": site.dataset.descriptor["title"]},
            "citation": [
                {"@type": "CreativeWork", "identifier": i, "name": s.get("title", ""), "url": s.get("url", "")}
                for i, s in cited.items()
            ],
            "table": record.table.name,
            "evidence": record.grade,
            "fields": {name: cell for name, cell in record.row.items() if cell},
            "grades": {value.name: value.grade for value in record.values if value.grade},
            "claims": site.claims.get(record.id, []),
            "links": [{"what": what, "record": other} for what, other in record.links],
            "history": record.history,
        }
    )


def _search(site: Site) -> str:
    found = []
    for table in site.facts:
        places = [one.name for one in table.fields if "places" in one.refers_to or one.name.endswith("place")]
        for row in site.rows[table.name]:
            where = {site.names.get(code, code) for name in places for code in row[name].split(";") if code}
            date = next(
                (row[name] for name in ("signed", "date", "period", "start", "status_as_of") if row.get(name)), ""
            )
            text = " ".join(row[name] for name in table.prose if row[name] and name != "title")[:300]
            found.append(
                {
                    "id": row["id"],
                    "title": site.titles[row["id"]],
                    "kind": table.name,
                    "place": ", ".join(sorted(where)),
                    "year": date[:4],
                    "text": text,
                    "url": f"record/{row['id']}/index.html",
                }
            )
    for row in site.sources.values():
        found.append(
            {
                "id": row["id"],
                "title": row["title"],
                "kind": "sources",
                "place": "",
                "year": row["published"][:4],
                "text": row["publisher"],
                "url": f"source/{row['id']}/index.html",
            }
        )
    return _dumped(found)


def _correction(site: Site) -> str:
    """What the page for corrections needs: the fields of each table, from the schemas, and where reports go."""
    tables = {
        table.name: {
            "title": table.title,
            "fields": [
                {
                    "name": one.name,
                    "title": one.title,
                    "description": one.description,
                    "kind": one.type,
                    "categories": one.categories,
                    "delimiter": one.delimiter,
                    "pattern": one.pattern,
                    "minimum": one.minimum,
                    "required": one.required,
                    "bound": one.bound,
                }
                for one in table.fields
            ],
        }
        for table in [*site.facts, site.dataset.schema("sources")]
    }
    homepage = str(site.dataset.descriptor.get("homepage", ""))
    repository = homepage if homepage.startswith("https://github.com/") else ""
    return _dumped({"repository": repository, "tables": tables})


def _jsonld(site: Site, homepage: str) -> str:
    held = site.dataset.descriptor
    return _dumped(
        {
            "@context": "https://schema.org/",
            "@type": "Dataset",
            "name": held["title"],
            "description": held["description"],
            "version": held["version"],
            "dateModified": held["created"],
            "license": held["licenses"][0]["path"],
            "keywords": held.get("keywords", []),
            "isAccessibleForFree": True,
            "url": homepage or None,
            "distribution": [
                {
                    "@type": "DataDownload",
                    "encodingFormat": "application/vnd.sqlite3",
                    "contentUrl": f"{homepage}borderledger.sqlite",
                },
                {"@type": "DataDownload", "encodingFormat": "text/csv", "contentUrl": f"{homepage}data/returns.csv"},
            ],
        }
    )


def _feed(site: Site, homepage: str) -> str:
    base = homepage or "https://borderledger.invalid/"
    created = site.dataset.descriptor["created"]
    entries = "".join(
        f"<entry><id>tag:borderledger,2025:{escape(one.version)}</id><title>borderledger {escape(one.version)}</title>"
        f"<updated>{escape(one.day)}T00:00:00Z</updated><link href='{escape(base)}releases/index.html'/>"
        f"<content type='html'>{escape(str(one.html))}</content></entry>\n"
        for one in releases(site.root)
        if one.day
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        "<id>tag:borderledger,2025:releases</id><title>borderledger: releases</title>"
        f"<updated>{created}T00:00:00Z</updated><author><name>The borderledger editors</name></author>"
        f"<link rel='alternate' href='{escape(base)}'/>\n{entries}</feed>\n"
    )


def _sitemap(homepage: str, paths: list[str]) -> str:
    lines = "".join(f"<url><loc>{escape(homepage + quote(path))}</loc></url>\n" for path in paths)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{lines}</urlset>\n'
