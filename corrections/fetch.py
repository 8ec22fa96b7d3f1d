"""Ask the address of a document for its title, publisher, day and language; only when a person wants it.

A page says these in its head: `<title>`, `<meta>` of Open Graph, Highwire and Dublin Core, JSON-LD of schema.org, and
`<html lang>`. The resolver of DOIs answers in CSL-JSON. A site can be slow, endless or hostile: there is a time-out for
each step and for the whole, a limit of size, and nothing of the answer is kept but short texts, which the dialogue
checks as what a person types.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import requests

from corrections.plain_text import tidy

__all__ = ["Unreachable", "fetched"]

#: Seconds to connect and between two pieces, seconds for all, and bytes that are read; a head is much shorter.
_STEP, _WHOLE, _LARGEST = 10, 20, 512 * 1024
_CSL = "application/vnd.citationstyles.csl+json"
_HEADERS = {"Accept": f"{_CSL}, text/html;q=0.9", "User-Agent": "borderledger (corrections new --fetch)"}
#: Where a page says a fact, best first.
_NAMES = {
    "title": ("citation_title", "og:title", "dc.title", "dcterms.title", "headline", "<title>"),
    "publisher": ("citation_publisher", "dc.publisher", "dcterms.publisher", "publisher", "og:site_name"),
    "published": (
        *("citation_publication_date", "article:published_time", "datepublished", "dc.date", "dcterms.date"),
        *("dc.date.issued", "dcterms.issued", "date"),
    ),
    "language": ("citation_language", "dc.language", "inlanguage", "<html>", "og:locale"),
}
_LONGEST = 300


class Unreachable(Exception):
    """The address gave no page; the message says why."""


def fetched(url: str) -> dict[str, str]:
    """What an address says of its document: title, publisher, published, language, as far as it does.

    Raises Unreachable.
    """
    try:
        with requests.get(url, headers=_HEADERS, timeout=_STEP, stream=True) as answer:
            answer.raise_for_status()
            kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            content = _read(answer)
            encoding = answer.encoding or "utf-8"
    except requests.RequestException as error:
        raise Unreachable(f"{url} cannot be read: {_why(error)}") from error
    if kind == _CSL:
        return _of_csl(content)
    if kind not in ("text/html", "application/xhtml+xml"):
        raise Unreachable(f"{url} is no web page but {kind or 'something without a type'}, which says nothing here")
    try:
        text = content.decode(encoding, "replace")
    except LookupError:  # an encoding that nobody knows
        text = content.decode("utf-8", "replace")
    return _of_page(text)


def _read(answer: requests.Response) -> bytes:
    """The first part of an answer, within the time for all of it."""
    end, content = time.monotonic() + _WHOLE, b""
    for piece in answer.iter_content(16 * 1024):
        content += piece
        if len(content) >= _LARGEST or time.monotonic() > end:
            break
    return content[:_LARGEST]


def _why(error: requests.RequestException) -> str:
    if error.response is not None:
        return f"the site answers {error.response.status_code} {error.response.reason or ''}".rstrip()
    if isinstance(error, requests.Timeout):
        return f"the site does not answer within {_STEP} seconds"
    return "there is no connection to the site" if isinstance(error, requests.ConnectionError) else "it is no address"


def _of_csl(content: bytes) -> dict[str, str]:
    """https://docs.citationstyles.org/en/stable/specification.html#appendix-iv-variables"""
    try:
        item = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(item, dict):
        return {}
    parts = item.get("issued", {})
    parts = parts.get("date-parts", [[]]) if isinstance(parts, dict) else [[]]
    days = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], list) else []
    day = "-".join(f"{part:02}" for part in days[:3] if isinstance(part, int))
    found = {name: item.get(name) for name in ("title", "publisher", "language")} | {"published": day}
    return _cells(found)


def _of_page(text: str) -> dict[str, str]:
    head = _Head()
    with contextlib.suppress(AssertionError):  # a broken declaration, such as <![x[; what came before it counts
        head.feed(text)
    for script in head.scripts:
        try:
            _of_schema_org(json.loads(script), head.said)
        except (ValueError, RecursionError):
            continue
    return _cells(
        {fact: next((head.said[name] for name in names if head.said.get(name)), "") for fact, names in _NAMES.items()}
    )


def _of_schema_org(item: Any, said: dict[str, str]) -> None:
    """The facts of an article in JSON-LD, which may be in a list or a graph."""
    if isinstance(item, list):
        for each in item[:20]:
            _of_schema_org(each, said)
    elif isinstance(item, dict):
        _of_schema_org(item.get("@graph"), said)
        if "headline" in item or "datePublished" in item:
            publisher = item.get("publisher")
            named = publisher.get("name") if isinstance(publisher, dict) else publisher
            facts = {"publisher": named, **{key: item.get(key) for key in ("headline", "datePublished", "inLanguage")}}
            for key, value in facts.items():
                if isinstance(value, str):
                    said.setdefault(key.lower(), value)


def _cells(found: Mapping[str, object]) -> dict[str, str]:
    cells = {name: tidy(value)[:_LONGEST] for name, value in found.items() if isinstance(value, str)}
    cells["published"] = cells.get("published", "")[:10]
    cells["language"] = cells.get("language", "").replace("_", "-").partition("-")[0].lower()
    return {name: cell for name, cell in cells.items() if cell}


class _Head(HTMLParser):
    """Reads the head of a page. `said`: its facts by name; `scripts`: the texts of its JSON-LD."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: dict[str, str] = {}
        self.scripts: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Read what a tag says in its attributes."""
        given = {name: value or "" for name, value in attrs}
        self._inside = tag
        if tag == "html":
            self.said.setdefault("<html>", given.get("lang", ""))
        elif tag == "meta":
            name = (given.get("property") or given.get("name") or given.get("itemprop") or "").lower()
            self.said.setdefault(name, given.get("content", ""))
        elif tag == "script":
            self._inside = "json" if given.get("type") == "application/ld+json" else tag

    def handle_endtag(self, tag: str) -> None:
        """Leave a tag."""
        self._inside = ""

    def handle_data(self, data: str) -> None:
        """Read the text of the title and of JSON-LD."""
        if self._inside == "title":
            self.said.setdefault("<title>", data)
        elif self._inside == "json":
            self.scripts.append(data)
