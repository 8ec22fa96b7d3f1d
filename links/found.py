"""What became of a link: from an answer, or from none, to one of a few words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from links.client import PERMANENT, Answer, Broken, NotAllowed, Silent, phrase
from links.page import is_front, is_other, is_same_page, says_no, says_not_found, title_of

__all__ = ["DIED", "OUTCOMES", "Link", "Seen", "has_died", "judged"]

#: What can become of a link, worst first, and what each means.
OUTCOMES: Mapping[str, str] = {
    "gone": "The site says that the document is no longer there.",
    "maybe gone": "The site answers, but with another page: its front page, or one that says that nothing was found.",
    "unreachable": "The site gave no answer. If the check before found the same, the link counts as dead.",
    "title changed": "The title of the page is another one than at the check before.",
    "moved": "The site says that the document has a new address for good.",
    "refused": "The site does not answer programs. A person may be able to read the document.",
    "not asked": "robots.txt asks programs to stay away.",
    "fine": "The document is where it was.",
}
#: Outcomes that need somebody to look, if an unreachable link was unreachable before.
DIED = ("gone", "maybe gone", "unreachable")
_GONE = (404, 410)


@dataclass(frozen=True)
class Link:
    """An address of a source.

    field   the column that holds it: url or archive_url
    line    where the source is in data/sources.csv
    title   of the source
    copy    where a copy is, if the source names one
    """

    source: str
    field: str
    url: str
    line: int = 0
    title: str = ""
    copy: str = ""


@dataclass(frozen=True)
class Seen:
    """What became of a link on a day. Every field is text, so that it can be kept.

    why     what happened, in a few words
    at      the new address, if it moved
    title   the title of the page, or the last one that was seen
    before  the title before, if it changed
    since   the first day of this outcome, without another one in between
    """

    source: str
    field: str
    url: str
    day: str
    outcome: str
    why: str = ""
    at: str = ""
    title: str = ""
    before: str = ""
    since: str = ""


def has_died(seen: Seen) -> bool:
    """Whether somebody should look. A site that does not answer once may answer tomorrow."""
    return seen.outcome in DIED and (seen.outcome != "unreachable" or seen.since < seen.day)


def judged(link: Link, got: Answer | Silent | Broken | NotAllowed, before: Seen | None, day: str) -> Seen:
    """What became of a link, from what its address gave, and from what it was at the check before."""
    before = before if before and before.url == link.url else None
    last = before.title if before else ""
    outcome, why, at, title = _judged(link, got, last)
    return Seen(
        *(link.source, link.field, link.url, day, outcome, why, at, title or last),
        before=last if outcome == "title changed" else "",
        since=before.since if before and before.outcome == outcome else day,
    )


def _judged(link: Link, got: Answer | Silent | Broken | NotAllowed, last: str) -> tuple[str, str, str, str]:
    """The outcome, the reason, the new address and the title of the page."""
    match got:
        case NotAllowed():
            return "not asked", str(got), "", ""
        case Silent() | Broken():
            return "unreachable", str(got), "", ""
    title = title_of(got)
    said = f"answers {phrase(got.status)}"
    if got.status in _GONE:
        return "gone", said, "", ""
    if says_no(title) or 400 <= got.status < 500:
        return "refused", f"{said}: {title}" if says_no(title) else said, "", ""
    if not got.ok:
        return "unreachable", said, "", ""
    if says_not_found(title, link.title):
        return "maybe gone", f"the page has the title {title!r}", "", ""
    if got.hops and is_front(got.url, link.url):
        return "maybe gone", f"leads to {got.url}", "", ""
    new = _moved_to(got)
    new = "" if is_same_page(new, link.url) else new
    if is_other(title, last, link.title):
        return "title changed", f"leads to {new}" if new else "", new, title
    return ("moved", f"leads to {new}", new, title) if new else ("fine", "", "", title)


def _moved_to(answer: Answer) -> str:
    """The last address that permanent redirects lead to, if the first one is permanent; else nothing."""
    new = ""
    for hop in answer.hops:
        if hop.status not in PERMANENT:
            break
        new = hop.to
    return new
