"""Tests of the text of a correction: plain, on one line, and about no person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from validate.cells import text_test
from validate.rules.general import personal

__all__ = ["ADDRESSES", "tidy", "wrong_text"]

#: Markup that a browser, a Markdown page or a chat would act on.
_MARKUP = re.compile(r"<[a-z/!?]|&#?[a-z0-9]+;|\]\s*[(\[:]|!\[|`|\bjavascript:|\bdata:[a-z]+/", re.I)

_LINK = re.compile(r"\bhttps?:|\bwww\.", re.I)

#: A telephone number without a country code. File numbers have other separators, or longer groups of digits.
_PHONE = re.compile(r"(?<![\w./-])0[0-9]{1,4}[ /-][0-9]{2,4}[ -]?[0-9]{3,}(?:[ -]?[0-9]+)*(?![\w/])")

#: Longest text that is searched; no key may hold a longer one.
_LONGEST = 2000

#: A person by title and name, by passport number or by date of birth. An office is not a person.
_PERSON = re.compile(
    r"\b(?:[Mm]rs?|[Mm]s|[Mm]iss|[Hh]err|[Ff]rau|[Gg]ospodin|[Gg]ospođa|[Ss]ig(?:nor[ae]?)?|[Dd]r|[Pp]rof)\.?"
    r" [A-ZČĆĐŠŽ][\w’'-]+|\bborn (?:on |in )?[0-9]|\bpassport (?:no|number|nr)\b|\bdate of birth\b"
)

#: Columns that hold the address of a page.
ADDRESSES = ("url", "archive_url")


def tidy(text: str) -> str:
    """Text on one line, in Unicode normal form C; JSON spells a letter beyond 16 bits as two halves."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return " ".join(unicodedata.normalize("NFC", whole).split())


def wrong_text(key: str | int, text: str) -> Iterator[tuple[str, str, str]]:
    """What is wrong with the text of a key, whatever the key means: rule, message, fix."""
    for test in text_test():
        if text and (wrong := test.fails(text)):
            yield "text", wrong, test.fix
    if len(text) > _LONGEST or key == "issue":
        return  # the schema reports text that is too long, and an issue that is not a number
    if key in ADDRESSES:
        if text.startswith("http") and (wrong := _wrong_address(text)):
            yield "text", wrong, "Write the address of the page, as https://www.example.org/page."
        text = _said_by(unquote(text))
    elif found := _MARKUP.search(text):
        yield "text", f"holds {found[0]!r}, which a page could treat as markup", "Write plain text."
    elif found := _LINK.search(text):
        fix = "Name the document as `source`; its address goes into the `url` of the source."
        yield "text", f"holds the link {found[0]!r}", fix
    if found := personal(text) or _PHONE.search(text) or (key != "title" and _PERSON.search(text)) or None:
        fix = "Name the office or the body instead of the person; leave out addresses, numbers and dates of birth."
        yield "personal", f"seems to name or identify a person: {found[0]}", fix


def _said_by(address: str) -> str:
    """An address without what only looks personal.

    That is the number of a message, as in /8093@idz.example.ch.html, and a time, as in /speech+26042023112000.
    """
    path, mark, rest = address.partition("?")
    path = re.sub(r"[^/]*@[^/]*\.html?$", "", path)
    return re.sub(r"\+(?=[0-9]{14}(?![0-9]))", "-", path) + mark + rest


def _wrong_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        private = not ip_address(host).is_global if re.fullmatch(r"[0-9.:]+", host) else "." not in host
    except ValueError:
        return "is not the address of a web page"
    if "@" in parts.netloc:
        return "holds a user name"
    return "is an address that other people cannot open" if text and private else ""
