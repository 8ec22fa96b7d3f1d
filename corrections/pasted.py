"""What a pasted address, DOI, CELEX or OJ number says about a document, without a network.

The form of a number tells some facts: 22019A0218(01) was in the Official Journal on 18 February 2019. An address tells
others, such as the day in /2024/10/25/. What the sources of one site have in common - publisher, kind, language - is
proposed for the next one of that site. All of it is a proposal, which a person reads.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from urllib.parse import parse_qs, unquote, urlsplit

from corrections.book import Book, Row
from corrections.ids import publisher
from corrections.plain_text import tidy

__all__ = ["Pasted", "pasted"]

_EUR_LEX = "https://eur-lex.europa.eu/legal-content/{language}/TXT/?uri={uri}"
_DOI = re.compile(r"(?:doi:\s*|(?:https?://)?(?:dx\.)?doi\.org/)?(10\.\d{4,9}/[^\s\"<>]+)", re.IGNORECASE)
_CELEX = re.compile(r"(?:CELEX[:\s]*)?([2-9CE]\d{4}[A-Z]{1,2}\d{4}(?:\(\d\d\))?)", re.IGNORECASE)
#: The Official Journal to September 2023 (OJ L 173, 3.6.2020, p. 1), and since (OJ L, 2023/2107, 5.10.2023).
_DAY = r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})"
_OJ = re.compile(rf"OJ (?P<series>[LC]) (?P<number>\d{{1,3}}),? {_DAY}(?:,? p\. ?[\d–-]+)?", re.IGNORECASE)
_OJ_ACT = re.compile(rf"OJ (?P<series>[LC]),? (?P<of>\d{{4}})/(?P<number>\d{{1,5}}),? {_DAY}", re.IGNORECASE)
_COM = re.compile(r"(?P<kind>COM|SWD|JOIN)\s?\((?P<year>\d{4})\) ?(?P<number>\d{1,4})(?: final)?", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"]+", re.IGNORECASE)
_ARCHIVED = re.compile(r"https?://web\.archive\.org/web/\d{4,14}[a-z_]*/(https?:/.+)", re.IGNORECASE)
#: A day or a month in a path: /2024/10/25/, /2024/10/, 2024-10-25.
_IN_PATH = re.compile(r"/((?:19|20)\d\d)/(\d\d?)(?:/(\d\d?))?(?=/|$)|(?<![\d-])((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)")
#: Parameters of an address that say where the reader came from.
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|ref|src|mc_[ce]id")
#: The least share of a site's sources that must agree for it to be proposed.
_AGREED = 0.9
#: Words of an address that are no title.
_LEAST_WORDS = 3


@dataclass(frozen=True)
class Pasted:
    """What a text says about a document.

    url     its address
    known   the id of the source, if the dataset has it
    cells   what is proposed for the columns of a new source, with `url`
    """

    url: str
    known: str = ""
    cells: Row = field(default_factory=dict)


def pasted(book: Book, text: str) -> Pasted | None:
    """What a text says about a document; None if it is no address, DOI, CELEX or OJ number."""
    cells = _numbered(tidy(text)) or _addressed(tidy(text))
    if cells is None:
        return None
    same = [row["id"] for row in book.rows["sources"] if _alike(row["url"]) == _alike(cells["url"])]
    if len(same) == 1:  # several sources of one address are documents that only a person can tell apart
        return Pasted(cells["url"], same[0])
    return Pasted(cells["url"], "", _of_site(book, cells["url"]) | cells)


# --- numbers ---------------------------------------------------------------------------------------------------------


def _numbered(text: str) -> Row | None:
    if found := _DOI.fullmatch(text):
        doi = found[1].rstrip(".,;")
        return {"url": f"https://doi.org/{doi}", "document_ref": f"DOI {doi}", "kind": "academic"}
    if found := _CELEX.fullmatch(text):
        return _celex(found[1].upper(), "EN")
    if found := _OJ.fullmatch(text) or _OJ_ACT.fullmatch(text):
        series, number, year = found["series"].upper(), int(found["number"]), int(found["year"])
        uri = f"OJ:{series}:{year}:{number:03}:TOC"
        if found.re is _OJ_ACT:
            uri = f"OJ:{series}_{found['of']}{number:05}"
        return _legal(uri, text) | _on(year, int(found["month"]), int(found["day"]))
    if found := _COM.fullmatch(text):
        kind, of, serial = found["kind"].upper(), found["year"], int(found["number"])
        cells = _legal(f"{kind}:{of}:{serial}:FIN", f"{kind}({of}) {serial} final")
        return cells | {"publisher": "European Commission", "published": of}
    return None


def _legal(uri: str, ref: str, language: str = "EN") -> Row:
    url = _EUR_LEX.format(language=language, uri=uri)
    return {"url": url, "document_ref": ref, "kind": "legal", "language": language.lower()}


def _celex(number: str, language: str) -> Row:
    """What a CELEX number says (https://eur-lex.europa.eu/content/help/eurlex-content/celex-number.html)."""
    cells = _legal(f"CELEX:{number}", f"CELEX {number}", language)
    sector, year, kind, rest = number[0], number[1:5], *re.split(r"(?<=[A-Z])(?=\d)", number[5:], maxsplit=1)
    if sector == "5" and kind == "PC":
        return cells | {
            "publisher": "European Commission",
            "published": year,
            "document_ref": f"COM({year}) {int(rest[:4])} final; CELEX {number}",
        }
    if sector == "2" and "(" in rest:  # an agreement has the day of its Official Journal as its number
        return cells | _on(int(year), int(rest[:2]), int(rest[2:4]))
    acts = {"R": "Regulation", "L": "Directive", "D": "Decision"}
    if sector == "3" and kind in acts and int(year) >= 2015:
        return cells | {"title": f"{acts[kind]} (EU) {year}/{int(rest[:4])}"}
    return cells


def _on(year: int, month: int, day: int) -> Row:
    try:
        return {"published": date(year, month, day).isoformat()}
    except ValueError:
        return {}


# --- addresses -------------------------------------------------------------------------------------------------------


def _addressed(text: str) -> Row | None:
    text = text.strip("<>").rstrip(".,;")
    if not _ADDRESS.fullmatch(text):
        return None
    text = text if text.lower().startswith("http") else f"https://{text}"
    if archived := _ARCHIVED.fullmatch(text):
        original = re.sub(r"^(https?:)/+", r"\1//", archived[1])
        return (_addressed(original) or {"url": original}) | {"archive_url": text}
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    query = parse_qs(parts.query)
    if parts.hostname == "eur-lex.europa.eu":
        number = _CELEX.fullmatch(query.get("uri", [""])[0])
        language = re.search(r"/legal-content/([A-Za-z]{2})/", parts.path)
        if number and language:
            return _celex(number[1].upper(), language[1].upper())
    kept = [pair for pair in parts.query.split("&") if not _TRACKING.fullmatch(pair.partition("=")[0])]
    url = parts._replace(query="&".join(kept), fragment="").geturl()
    cells = {"url": url, "published": _day(parts.path), "title": _title(parts.path)}
    return {name: cell for name, cell in cells.items() if cell}


def _day(path: str) -> str:
    """The day in a path, or the month; empty if there is none, or if there are two. An ELI has the day of the act."""
    if "/eli/" in path:
        return ""
    found = {tuple(int(part) for part in match.groups() if part) for match in _IN_PATH.finditer(path)}
    if len(found) != 1:
        return ""
    year, month, day = (*found.pop(), 0)[:3]
    try:
        whole = date(year, month, day or 1)
    except ValueError:
        return ""
    return "" if whole > date.today() else whole.isoformat()[: 10 if day else 7]


def _title(path: str) -> str:
    """The last part of a path as words, which is how many sites spell a title."""
    last = unquote(path.rstrip("/").rpartition("/")[2])
    words = re.split(r"[-_+ ]+", re.sub(r"\.\w{2,5}$", "", last))
    words = [word for word in words if not re.fullmatch(r"\d{4,}|[0-9a-f]{8,}", word)]
    if sum(word.isalpha() for word in words) < _LEAST_WORDS:
        return ""
    said = " ".join(words)
    return said[0].upper() + said[1:]


def _of_site(book: Book, url: str) -> Row:
    """What the sources of the same site have in common."""
    host = _host(url)
    rows = [row for row in book.rows["sources"] if _host(row["url"]) == host]
    cells: Row = {}
    for name in ("publisher", "kind", "language"):
        counts = Counter(row[name] for row in rows if row[name])
        for cell, count in counts.most_common(1):
            if count >= _AGREED * len(rows):
                cells[name] = publisher(book, cell) if name == "publisher" else cell
    parts = urlsplit(url)
    languages = {row["language"] for row in book.rows["sources"]} - {""}
    if not host.endswith(".ua"):
        languages.discard("uk")  # elsewhere it is the United Kingdom: independent.co.uk/news/uk/home-news
    for word in (*parts.path.lower().split("/"), *parse_qs(parts.query).get("lang", ()), host.partition(".")[0]):
        if word in languages:
            cells["language"] = word
            break
    return cells


@cache
def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


@cache
def _alike(url: str) -> str:
    """An address without what does not matter."""
    return re.sub(r"^https?://(?:www\.)?|[/#?]+$", "", unquote(url), flags=re.IGNORECASE)
