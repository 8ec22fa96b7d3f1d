"""Find the archived copy of each source nearest to the day on which it was read.

Two interfaces are asked: the index of the Wayback Machine (CDX), and a TimeMap of Memento (RFC 7089), by default from
an aggregator that asks many archives. The Wayback Machine has a simpler interface, `available`, which often says that
there is no copy where the index has one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

from borderledger import edtf
from borderledger.errors import CorruptPackage
from borderledger.package.tables import Tables
from links.client import Broken, Client, Limits, Silent, phrase
from links.memory import added, lines
from links.network import PROBES, is_there

__all__ = ["Asked", "Copy", "NoArchive", "Services", "Wanted", "find", "known", "mementos", "nearest", "wanted"]

#: Sources in a row for which no archive answers, before the run stops.
_PATIENCE = 3


class _Wait(Broken):
    """The archive asks us to wait for longer than we do."""


class NoArchive(Exception):
    """The archive does not answer, or asks us to wait; the message says why."""


@dataclass(frozen=True)
class Services:
    """Where archives are asked, and how.

    cdx      index of the Wayback Machine
    replay   what stands before the day and the address of a copy there
    timemap  what stands before the address in a request for a TimeMap in the format of links
    near     days; if the Wayback Machine has a copy this near, no other archive is asked
    """

    agent: str
    # 24 requests a minute are allowed at web.archive.org; who goes on after a refusal is locked out.
    limits: Limits = field(default_factory=lambda: Limits(pause=3, step=60, whole=120, largest=4 * 1024 * 1024))
    probes: Sequence[str] = PROBES
    cdx: str = "https://web.archive.org/cdx/search/cdx"
    replay: str = "https://web.archive.org/web/"
    timemap: str = "https://memgator.cs.odu.edu/timemap/link/"
    near: int = 30


@dataclass(frozen=True)
class Wanted:
    """A source without a copy: its address, the day on which it was read, the first day on which it can exist."""

    source: str
    url: str
    accessed: date
    since: date = date.min


@dataclass(frozen=True)
class Copy:
    """A copy in an archive, and the day on which it was taken."""

    url: str
    taken: date
    archive: str


@dataclass(frozen=True)
class Asked:
    """What archives answered about a source; copy, taken and archive are empty if they have none. All is text."""

    source: str
    url: str
    day: str
    copy: str = ""
    taken: str = ""
    archive: str = ""


# --- which sources ---------------------------------------------------------------------------------------------------


def wanted(dataset: Tables, first: Iterable[str], left_out: Iterable[str]) -> list[Wanted]:
    """The sources without a copy.

    first      sources that come first, because their link has died
    left_out   sources for which a copy is proposed already

    Raises CorruptPackage for what is no date.
    """
    dead, out = {*first}, {*left_out}
    rows = [row for row in dataset.rows("sources") if not row["archive_url"] and row["id"] not in out]
    rows.sort(key=lambda row: row["id"] not in dead)
    return [_wanted(row) for row in rows]


def _wanted(row: Mapping[str, str]) -> Wanted:
    try:
        read = date.fromisoformat(row["accessed"])
        return Wanted(row["id"], row["url"], read, _first_day(row["published"]))
    except ValueError:
        raise CorruptPackage(f"sources: accessed or published of {row['id']} is no date. Run make validate.") from None


def _first_day(published: str) -> date:
    first = edtf.parse(published)[0] if published else edtf.EARLIEST
    return date.min if first == edtf.EARLIEST else date.fromordinal(first)


def known(file: Path) -> dict[str, Asked]:
    """What archives have answered in earlier runs, by source."""
    names = {"source", "url", "day", "copy", "taken", "archive"}
    found = {}
    for line in lines(file):
        if set(line) == names and all(isinstance(cell, str) for cell in line.values()) and _fits(Asked(**line)):
            found[line["source"]] = Asked(**line)
    return found


def _fits(asked: Asked) -> bool:
    """Whether there is a day if there is a copy, and no day if there is none."""
    return bool(asked.copy) == bool(asked.taken and _day(asked.taken.replace("-", "")))


# --- asking ----------------------------------------------------------------------------------------------------------


async def find(
    sources: Sequence[Wanted], services: Services, today: date, file: Path, batch: int, step: Callable[[], None]
) -> list[str]:
    """Ask for copies of sources until a batch is found; keep each answer in a file.

    Returns what should be known about the archives. Raises NoNetwork, and NoArchive if the Wayback Machine does not
    answer any more.
    """
    async with Client(services.limits, services.agent, obey=False) as client:
        await is_there(client, services.probes)
    found, strikes = 0, _Strikes()
    # These interfaces are made for programs; the robots.txt beside them is about the copies.
    async with Client(services.limits, services.agent, obey=False) as client:
        for source in sources:
            if found >= batch:
                break
            copies, complete = await _copies(source, services, client, strikes, today)
            step()
            best = nearest(copies, source, today)
            if best or complete:  # else the next run asks again
                cells = (best.url, best.taken.isoformat(), best.archive) if best else ()
                added(file, asdict(Asked(source.source, source.url, today.isoformat(), *cells)))
            found += best is not None
    return strikes.said


@dataclass
class _Strikes:
    """How often in a row each archive did not answer, and what to say about those that were left out."""

    count: Counter[str] = field(default_factory=Counter)
    said: list[str] = field(default_factory=list)

    def enter(self, archive: str, error: Exception) -> None:
        """Note a failure. Raises NoArchive, because nothing goes on without the Wayback Machine."""
        self.count[archive] += _PATIENCE if isinstance(error, _Wait) else 1
        if self.count[archive] >= _PATIENCE:
            why = f"{archive[:1].upper()}{archive[1:]} does not answer ({error})."
            if archive == _WAYBACK:
                raise NoArchive(why)
            self.said.append(f"{why} Only {_WAYBACK} was asked after that.")


_WAYBACK, _TIMEMAP = "the Wayback Machine", "the TimeMap"


async def _copies(
    source: Wanted, services: Services, client: Client, strikes: _Strikes, today: date
) -> tuple[list[Copy], bool]:
    """The copies of a source, and whether each archive that is still asked has answered."""
    copies, complete = list[Copy](), True
    for archive, ask in ((_WAYBACK, _of_wayback), (_TIMEMAP, _of_memento)):
        if strikes.count[archive] >= _PATIENCE:
            continue
        try:
            copies += await ask(source, services, client)
            strikes.count[archive] = 0
        except (Silent, Broken) as error:
            strikes.enter(archive, error)
            complete = False
        best = nearest(copies, source, today)
        if best and abs((best.taken - source.accessed).days) <= services.near:
            break
    return copies, complete


async def _of_wayback(source: Wanted, services: Services, client: Client) -> list[Copy]:
    """https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server"""
    query = {
        "url": source.url,
        "output": "json",
        "fl": "timestamp",
        "filter": "statuscode:200",
        "collapse": "timestamp:8",  # one a day
        "gzip": "false",
    }
    asked = "&".join(f"{key}={quote(value, safe='')}" for key, value in query.items())
    answer = await _answer(client, f"{services.cdx}?{asked}")
    # JSON, of which the end may be missing: [["timestamp"], ["20150716000000"], ...
    return [
        Copy(f"{services.replay}{stamp}/{source.url}", taken, _WAYBACK)
        for stamp in re.findall(r'"([0-9]{14})"', answer)
        if (taken := _day(stamp))
    ]


def _day(stamp: str) -> date | None:
    try:
        return date.fromisoformat(f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}")
    except ValueError:
        return None


async def _of_memento(source: Wanted, services: Services, client: Client) -> list[Copy]:
    return [*mementos(await _answer(client, f"{services.timemap}{source.url}"))]


_LINK = re.compile(r"<([^<>\s\"]{1,2000})>((?:\s*;\s*[a-z]{1,20}=\"[^\"<>]{0,300}\")+)")


def mementos(timemap: str) -> Iterator[Copy]:
    """The copies that a TimeMap in the format of links lists; what cannot be read is left out."""
    for url, said in _LINK.findall(timemap):
        about = dict(re.findall(r"([a-z]+)=\"([^\"]*)\"", said))
        if "memento" not in about.get("rel", "").split() or not url.startswith(("https://", "http://")):
            continue
        try:
            host = urlsplit(url).hostname or ""
            yield Copy(
                url, parsedate_to_datetime(about.get("datetime", "")).date(), f"the archive {host.removeprefix('www.')}"
            )
        except ValueError:
            continue


async def _answer(client: Client, url: str) -> str:
    """The text of an answer; empty if the archive has nothing. Raises Silent, Broken."""
    answer = await client.fetch(url)
    if answer.status == 429:
        raise _Wait(f"{urlsplit(url).netloc} answers {phrase(answer.status)}")
    if answer.status in (403, 404):  # some sites have their copies taken out
        return ""
    if not answer.ok:
        raise Broken(f"{urlsplit(url).netloc} answers {phrase(answer.status)}")
    return answer.content.decode("utf-8", "replace")


def nearest(copies: Iterable[Copy], source: Wanted, today: date) -> Copy | None:
    """The copy nearest to the day on which a source was read; of two, the later. None from before it was published."""
    good = [copy for copy in copies if source.since <= copy.taken <= today]
    return min(good, key=lambda copy: (abs((copy.taken - source.accessed).days), -copy.taken.toordinal()), default=None)
