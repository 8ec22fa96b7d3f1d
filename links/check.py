"""Ask every link of the sources, several sites at a time and each site slowly."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from borderledger.package.tables import Tables
from links.client import Answer, Broken, Client, Limits, NotAllowed, Silent
from links.found import Link, Seen, judged
from links.memory import Results
from links.network import PROBES, is_there

__all__ = ["Settings", "check", "links_of"]

#: So many failures in a row, without an answer from anywhere, and the network itself is suspect.
_SUSPECT = 10
_PAGES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True)
class Settings:
    """How links are asked.

    agent     how the client calls itself
    probes    sites that answer if there is a network
    at_once   links that are asked at the same time; those of one site wait for each other
    """

    agent: str
    limits: Limits = field(default_factory=Limits)
    probes: Sequence[str] = PROBES
    at_once: int = 24


def links_of(dataset: Tables, sources: Sequence[str] = ()) -> Iterator[Link]:
    """The links of all sources, or of some.

    The copy of a source is asked, too, if it is a mirror or a portal. Copies in web archives, whose address ends in
    the one that they copy, are not: archives keep them.
    """
    for line, row in enumerate(dataset.rows("sources"), 2):
        if sources and row["id"] not in sources:
            continue
        yield Link(row["id"], "url", row["url"], line, row["title"], row["archive_url"])
        if row["archive_url"] and not row["archive_url"].endswith(row["url"]):
            yield Link(row["id"], "archive_url", row["archive_url"], line, row["title"])


async def check(
    links: Sequence[Link], before: Results, day: str, settings: Settings, keep: Callable[[Seen], None]
) -> None:
    """Ask links, and hand what became of each to `keep`, in any order.

    Raises NoNetwork if there is no network, or none any more. What failed since the last answer is then not kept.
    """
    await _network(settings)
    held = _Held(settings, keep)
    gate = asyncio.Semaphore(settings.at_once)

    async def one(link: Link) -> None:
        async with gate:
            got = await _got(client, link.url)
            seen = judged(link, got, before.get((link.source, link.field)), day)
            await held.enter(seen, answered=isinstance(got, Answer))

    async with Client(settings.limits, settings.agent) as client:
        tasks = [asyncio.create_task(one(link)) for link in _spread(links)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    await held.settle()


async def _network(settings: Settings) -> None:
    async with Client(settings.limits, settings.agent, obey=False) as client:
        await is_there(client, settings.probes)


def _spread(links: Sequence[Link]) -> list[Link]:
    """Links in an order in which those of one site are far apart."""
    before: Counter[str] = Counter()
    rank = {}
    for link in links:
        site = urlsplit(link.url).netloc
        rank[link] = before[site]
        before[site] += 1
    return sorted(links, key=rank.__getitem__)


async def _got(client: Client, url: str) -> Answer | Silent | Broken | NotAllowed:
    """What an address gives: its head, and of a web page the beginning, too.

    Some sites answer a question for the head alone wrongly or not at all; only what they answer to a reader counts.
    """
    try:
        try:
            head = await client.fetch(url, "HEAD")
        except Broken:
            return await client.fetch(url)
        if not head.ok:
            return await client.fetch(url)
        if head.kind and head.kind not in _PAGES:
            return head
        page = await client.fetch(head.url)
        return Answer(page.url, page.status, page.headers, page.content, head.hops + page.hops)
    except (Silent, Broken, NotAllowed) as error:
        return error


class _Held:
    """Keeps results, but holds back those without an answer until something proves that there is a network."""

    def __init__(self, settings: Settings, keep: Callable[[Seen], None]) -> None:
        self._settings, self._keep = settings, keep
        self._doubtful: list[Seen] = []
        self._lock = asyncio.Lock()

    async def enter(self, seen: Seen, *, answered: bool) -> None:
        """Take a result. Raises NoNetwork."""
        if answered:
            self._release()
            self._keep(seen)
            return
        self._doubtful.append(seen)
        async with self._lock:
            if len(self._doubtful) >= _SUSPECT:
                await self.settle()

    async def settle(self) -> None:
        """Keep what was held back, if there is a network. Raises NoNetwork."""
        if self._doubtful:
            await _network(self._settings)
            self._release()

    def _release(self) -> None:
        doubtful, self._doubtful = self._doubtful, []
        for seen in doubtful:
            self._keep(seen)
