"""What a page says about itself: its title, that it is not there, or that it wants no programs."""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

from corrections.find import plain
from links.client import Answer

__all__ = ["is_front", "is_other", "is_same_page", "says_no", "says_not_found", "title_of"]

#: The longest title that is kept.
_LONGEST = 200
#: A title ends at the next tag. Both parts have a limit, so that no page can keep us searching.
_TITLE = re.compile(r"<title(?:\s[^<>]{0,300})?>([^<]{1,2000})", re.I)
_CHARSET = re.compile(rb"<meta[^<>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{1,40})", re.I)
_PAGES = ("text/html", "application/xhtml+xml", "")


def title_of(answer: Answer) -> str:
    """The title of a page on one line, without characters that cannot be printed; empty if there is none."""
    if answer.kind not in _PAGES:
        return ""
    found = _TITLE.search(_decoded(answer))
    said = "".join(c if c.isprintable() else " " for c in html.unescape(found[1])) if found else ""
    return " ".join(said.split())[:_LONGEST].rstrip()


def _decoded(answer: Answer) -> str:
    named = _CHARSET.search(answer.content[:2048])
    for charset in (answer.charset, named[1].decode("ascii", "replace") if named else "", "utf-8"):
        try:
            return answer.content.decode(charset, "replace") if charset else answer.content.decode("utf-8")
        except (LookupError, ValueError):  # an encoding that nobody knows, or that is another one
            continue
    return answer.content.decode("utf-8", "replace")


# --- titles ----------------------------------------------------------------------------------------------------------

#: How a title says that the page is not there, without case and accents, in the languages of the sources.
_NOT_FOUND = re.compile(
    r"^(?:error |fehler |erreur |errore |greska |gabim )?404\b|\b(?:error|fehler|erreur|errore|greska|gabim) 404\b|"
    r"\b404 (?:error|not found|page|seite|stranica|nije)|\b(?:page|file|document|article|content) (?:was |is |could )?"
    r"(?:not (?:be )?found|not available|no longer available|does not exist)|^not found\b|\bpage missing\b|"
    r"\b(?:seite|datei|dokument) (?:wurde )?nicht (?:mehr )?(?:gefunden|verfugbar|vorhanden)|\bpagina niet gevonden|"
    r"\bpage (?:introuvable|non trouvee)|\bpagina non (?:trovata|disponibile)|\bpagina no encontrada|"
    r"\b(?:stranica|strana|stran|clanak) (?:nije|ne|ni) (?:pronadena|pronaden|postoji|najdena)|"
    r"\bfaqja nuk (?:u gjet|ekziston)|\bnuk u gjet\b|страница(?:та)? не (?:е пронајдена|постои)|"
    r"страница није пронађена|strony nie znaleziono|az oldal nem talalhato|sidan hittades inte|siden ble ikke funnet"
)
#: How a title says that a program is not welcome. Such a page is not the document.
_NO_PROGRAMS = re.compile(
    r"^(?:just a moment|one moment,? please|attention required|access denied|access to this page|are you a robot|"
    r"robot check|security check|verif(?:y|ying) (?:that )?you are|human verification|pardon our interruption|"
    r"forbidden|403\b|ddos-guard|bot verification|captcha)"
)


def says_not_found(title: str, of_source: str) -> bool:
    """Whether the title of a page says that the page is not there; but not if the document itself is called so."""
    found = _NOT_FOUND.search(plain(title))
    return found is not None and found[0] not in plain(of_source)


def says_no(title: str) -> bool:
    """Whether the title is that of a page which keeps programs out."""
    return _NO_PROGRAMS.match(plain(title)) is not None


def is_other(title: str, before: str, of_source: str) -> bool:
    """Whether a title has little to do with the one before, and nothing more with that of the source.

    Titles are compared by their words, and half of the words of the shorter one are enough: sites add their name,
    a number of comments or the day.
    """
    return bool(title and before) and not _is_alike(title, before) and not _is_alike(title, of_source)


def _is_alike(one: str, other: str) -> bool:
    words, others = ({*re.findall(r"\w+", plain(text))} for text in (one, other))
    return 2 * len(words & others) >= min(len(words), len(others)) > 0 or words == others


# --- addresses -------------------------------------------------------------------------------------------------------

_FRONT = re.compile(r"/?(?:[a-z]{2}(?:-[a-z]{2,4})?/?)?(?:(?:index|home|default|start)(?:\.[a-z]{3,5})?/?)?", re.I)
_ERROR_PAGE = re.compile(r"(?:^|[/_.-])(?:404|not-?_?found|page-?not-?found|error-?404)(?:[/_.-]|$)", re.I)


def is_front(url: str, of: str) -> bool:
    """Whether an address is the front page of a site or its page for errors, and the address `of` a document is not."""
    there, then = urlsplit(url), urlsplit(of)
    front = _FRONT.fullmatch(there.path) and not there.query
    was = _FRONT.fullmatch(then.path) and not then.query
    error = _ERROR_PAGE.search(there.path) and not _ERROR_PAGE.search(then.path)
    return bool((front and not was) or error)


def is_same_page(url: str, other: str) -> bool:
    """Whether two addresses differ only in http or https, in www, or in a slash at the end."""
    return _bare(url) == _bare(other)


def _bare(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return parts.netloc.lower().removeprefix("www."), parts.path.rstrip("/"), parts.query
