"""Files for machines: downloads, JSON of records, what the scripts read, the feed and the map of the site."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote

from borderledger.output.export import content
from borderledger.package import Table
from borderledger.query.archive import archive_copy
from website.catalogue import client_examples, client_texts
from website.language import Language, _, language
from website.shown import worded
from website.site import Record, Row, Site
from website.texts import releases

__all__ = [
    "File",
    "correction_json",
    "dataset_json",
    "downloads",
    "feed",
    "language_js",
    "record_json",
    "search_json",
    "sitemap",
    "source_json",
]


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


def downloads(site: Site) -> Iterator[File]:
    """The files of all tables, and one for each."""
    for form, name, label in (
        ("xlsx", "borderledger.xlsx", _("Excel workbook")),
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


def source_json(row: Row) -> str:
    """A source as JSON."""
    return _dumped({"table": "sources", "fields": row})


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def record_json(site: Site, record: Record) -> str:
    """A record as JSON, in the terms of schema.org where it has any."""
    licence = site.dataset.descriptor["licenses"][0]["path"]
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
                {
                    "@type": "CreativeWork",
                    "identifier": identifier,
                    "name": source.get("title", ""),
                    "url": source.get("url", ""),
                    "archivedAt": archive_copy(source),
                }
                for identifier, source in record.cited.items()
            ],
            "table": record.table.name,
            "evidence": record.grade,
            "fields": {name: cell for name, cell in record.row.items() if cell},
            "grades": {value.name: value.grade for value in record.values if value.grade},
            "primary_fields": [value.name for value in record.values if value.primary],
            "claims": site.claims.get(record.id, []),
            "links": [{"what": what, "record": other} for what, other in record.links],
            "history": record.history,
        }
    )


def search_json(site: Site) -> str:
    """What the search looks through."""
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
    return _dumped([*_pages(site), *found])


def _pages(site: Site) -> Iterator[Row]:
    """The pages that answer what people ask first, with the words in which they ask."""
    asked = [
        ("#deployments-{code}", _("{place}: officers from abroad"), _("How many Frontex officers are there?")),
        ("#state", _("{place}: agreements in force on a day"), _("Which agreements are in force today?")),
        (
            "#costs",
            _("{place}: what return operations cost, a head"),
            _("What was paid to return a person?"),
        ),
        ("#returned", _("{place}: people returned, by year and state"), _("How many returns, from where?")),
        ("#facilities-{code}", _("{place}: centres"), _("Where are people held?")),
    ]
    found = [
        (
            f"country/{code.lower()}/index.html{anchor.format(code=code.lower())}",
            title.format(place=site.names[code]),
            site.names[code],
            text,
        )
        for code in site.six
        for anchor, title, text in asked
    ]
    wrong = _("This is wrong, what now? A wrong date, value or figure, a mistake, an error, a missing record.")
    found.append(("correct/index.html", _("Suggest a correction"), "", wrong))
    found.append(("agreements/index.html#state", _("Agreements in force on a day"), "", ""))
    for url, title, place, text in found:
        yield {"id": url, "title": title, "kind": "pages", "place": place, "year": "", "text": text, "url": url}


def language_js(site: Site) -> str:
    """What the scripts need to speak the language of the pages. English is in the scripts themselves."""
    now = language()
    held = {
        "group": now.group,
        "point": now.point,
        "days": now.days,
        "months": now.months,
        "words": {table.name: worded(table.name) for table in site.tables} | {"pages": _("pages")},
        "texts": {key: _forms(text, now) for key, text in client_texts().items()},
        "examples": [_(one["title"]) for one in client_examples()],
    }
    # The rule for plural forms is a calculation, checked when the translation was read.
    plural = f"globalThis.borderledger.plural = (n) => Number({now.plural});"
    return f"globalThis.borderledger = {json.dumps(held, ensure_ascii=False)};\n{plural}\n"


def _forms(text: Any, now: Language) -> Any:
    """A text in the language; of one with plural forms, all of them."""
    if isinstance(text, str):
        return _(text)
    return now.forms(*text)


def correction_json(site: Site) -> str:
    """What the page for corrections needs: the fields of each table, from the schemas, and where reports go."""
    tables = {
        table.name: {
            "title": _(table.title),
            "fields": [
                {
                    "name": one.name,
                    "title": _(one.title),
                    "description": _(one.description),
                    "kind": one.type,
                    "categories": {code: _(label) for code, label in one.categories.items()},
                    "delimiter": one.delimiter,
                    "pattern": one.pattern,
                    "minimum": one.minimum,
                    "required": one.required,
                    "bound": one.bound,
                }
                for one in table.fields
            ],
        }
        for table in [*site.facts, site.dataset.schema("organisations"), site.dataset.schema("sources")]
    }
    homepage = str(site.dataset.descriptor.get("homepage", ""))
    repository = homepage if homepage.startswith("https://github.com/") else ""
    return _dumped({"repository": repository, "tables": tables})


def dataset_json(site: Site, homepage: str) -> str:
    """The dataset, as schema.org describes one."""
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


def feed(site: Site, homepage: str) -> str:
    """The releases, as an Atom feed."""
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


def sitemap(homepage: str, paths: list[str]) -> str:
    """The addresses of the pages."""
    lines = "".join(f"<url><loc>{escape(homepage + quote(path))}</loc></url>\n" for path in paths)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{lines}</urlset>\n'
