"""Ask web sites as a polite guest does: say who asks, keep to robots.txt, wait between two requests, know when to stop.

A site may be slow, endless, broken or hostile. So there is a time-out for each step and for the whole answer, a limit
of size, and a limit of redirects. No answer raises anything but the three exceptions below.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import re
import socket
import ssl
import zlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from ipaddress import ip_address
from types import TracebackType
from urllib.parse import urljoin, urlsplit

import httpx
from protego import Protego

__all__ = ["PERMANENT", "Answer", "Broken", "Client", "Hop", "Limits", "NotAllowed", "Silent", "phrase"]

#: Redirects, and those that say that the document will not come back to the old address.
_REDIRECTS, PERMANENT = (301, 302, 303, 307, 308), (301, 308)
#: The header in which the target of a redirect is kept.
_LEADS_TO = "x-location"
#: Answers that may say when to come back.
_LATER = (429, 503)
#: Most bytes of a robots.txt that are read, as RFC 9309 asks for, and most seconds that one can ask us to wait.
_LARGEST_RULES, _LONGEST_DELAY = 500 * 1024, 30
#: How often a host may fail to answer before it is left alone.
_STRIKES = 3


class Silent(Exception):
    """No site was reached. The reason may be on our side; the message says what happened."""


class Broken(Exception):
    """The site was reached and gave no answer that can be used; the message says why."""


class NotAllowed(Exception):
    """The site asks programs to stay away; the message says how."""


@dataclass(frozen=True)
class Limits:
    """How patient and how greedy the client is.

    pause     seconds between two requests to a host
    step      seconds to connect, and between two pieces of an answer
    whole     seconds for one answer
    largest   bytes of an answer that are read
    hops      redirects that are followed
    patience  longest wait in seconds that a site can ask for with Retry-After
    """

    pause: float = 1
    step: float = 20
    whole: float = 60
    largest: int = 512 * 1024
    hops: int = 8
    patience: float = 30


@dataclass(frozen=True)
class Hop:
    """One redirect: its status, and where it leads."""

    status: int
    to: str


@dataclass(frozen=True)
class Answer:
    """What a site answered.

    url       the address that answered in the end
    content   the first part of the body, without compression
    hops      the redirects before it
    """

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes = b""
    hops: tuple[Hop, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the site says that this is the document."""
        return 200 <= self.status < 300

    @property
    def kind(self) -> str:
        """The media type."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """The encoding that the header names; empty if it names none."""
        found = re.search(r"charset=[\"']?([\w.:-]+)", self.headers.get("content-type", ""), re.I)
        return found[1] if found else ""


class Client:
    """Asks sites. Use it in `async with`.

    agent    how it calls itself
    obey     whether robots.txt counts; not for interfaces that are made for programs
    """

    def __init__(self, limits: Limits, agent: str, *, obey: bool = True) -> None:
        self._limits, self._agent, self._obey = limits, agent, obey
        # Compressed answers could be small on the way and endless here.
        headers = {"User-Agent": agent, "Accept": "text/html,*/*;q=0.8", "Accept-Encoding": "identity"}
        self._http = httpx.AsyncClient(
            headers=headers,
            timeout=limits.step,
            limits=httpx.Limits(max_connections=None),
            event_hooks={"response": [_take_location]},
        )
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._next: dict[str, float] = {}
        self._rules: dict[str, Protego | str] = {}
        self._strikes: Counter[str] = Counter()

    async def __aenter__(self) -> Client:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def fetch(self, url: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
        """The answer of an address, after its redirects. Raises Silent, Broken, NotAllowed."""
        at, hops = _address(url, "it is no address that can be asked"), list[Hop]()
        while True:
            if self._obey:
                await self._keep_to_rules(at)
            answer = await self._asked(method, at, headers or {})
            target = answer.headers.get(_LEADS_TO, "")
            if answer.status not in _REDIRECTS or not target:
                return replace(answer, hops=tuple(hops))
            target = _joined(at, target)
            if _is_private(target) and not _is_private(url):
                raise Broken("leads to an address inside a private network")
            hops.append(Hop(answer.status, target))
            if len(hops) > self._limits.hops:
                again = Counter(hop.to for hop in hops)[target] > 1
                raise Broken("redirects in a circle" if again else f"redirects more than {self._limits.hops} times")
            at = target

    # --- one request ---------------------------------------------------------------------------------------------

    async def _asked(self, method: str, url: str, headers: Mapping[str, str], largest: int = 0) -> Answer:
        """The answer to one request; a second one if the site says when to come back, and that is soon."""
        answer = await self._once(method, url, headers, largest)
        wait = _seconds(answer.headers.get("retry-after", "")) if answer.status in _LATER else None
        if wait is None or wait > self._limits.patience:
            return answer
        self._hold(_host(url), wait)
        return await self._once(method, url, headers, largest)

    async def _once(self, method: str, url: str, headers: Mapping[str, str], largest: int) -> Answer:
        host = _host(url)
        async with self._turn(host):
            if self._strikes[host] >= _STRIKES:
                raise Silent(f"the host did not answer {_STRIKES} times in a row, and was left alone")
            most, head, body = largest or self._limits.largest, list[Answer](), bytearray()
            try:
                async with asyncio.timeout(self._limits.whole):
                    async with self._http.stream(method, url, headers=dict(headers)) as response:
                        head.append(Answer(url, response.status_code, response.headers))
                        async for piece in response.aiter_raw():
                            body += piece
                            if len(body) >= most:
                                break
            except (TimeoutError, httpx.TransportError, httpx.InvalidURL, ValueError) as error:
                if not head:  # else the body was cut short, and its beginning is enough
                    self._strikes[host] += isinstance(error, TimeoutError | httpx.TransportError)
                    raise _failed(error, self._limits) from error
            self._strikes[host] = 0
            encoding = head[0].headers.get("content-encoding", "")
            return replace(head[0], content=_unpacked(bytes(body[:most]), encoding, most))

    @asynccontextmanager
    async def _turn(self, host: str) -> AsyncIterator[None]:
        """One request at a time to a host, with a pause after it."""
        async with self._locks[host]:
            await asyncio.sleep(self._next.get(host, 0) - asyncio.get_running_loop().time())
            try:
                yield
            finally:
                self._hold(host, self._limits.pause)

    def _hold(self, host: str, seconds: float) -> None:
        self._next[host] = max(self._next.get(host, 0), asyncio.get_running_loop().time() + seconds)

    # --- robots.txt ----------------------------------------------------------------------------------------------

    async def _keep_to_rules(self, url: str) -> None:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        async with self._locks[f"rules of {origin}"]:
            if origin not in self._rules:
                self._rules[origin] = await self._read_rules(origin)
        rules = self._rules[origin]
        if isinstance(rules, str):
            raise NotAllowed(rules)
        if not rules.can_fetch(url, self._agent):
            raise NotAllowed("robots.txt asks programs to stay away")
        if delay := rules.crawl_delay(self._agent):
            self._hold(_host(url), min(delay, _LONGEST_DELAY))

    async def _read_rules(self, origin: str) -> Protego | str:
        """The rules of a site, or why it may not be asked at all (RFC 9309, 2.3.1). Raises Silent, Broken."""
        at = f"{origin}/robots.txt"
        for _ in range(6):
            answer = await self._asked("GET", at, {}, _LARGEST_RULES)
            if answer.status not in _REDIRECTS or not answer.headers.get(_LEADS_TO):
                break
            at = _joined(at, answer.headers[_LEADS_TO])
            if _is_private(at) and not _is_private(origin):
                break
        if answer.status >= 500 or answer.status == 429:
            return f"robots.txt cannot be read: the site answers {phrase(answer.status)}"
        return Protego.parse(answer.content.decode("utf-8-sig", "replace") if answer.ok else "")


# --- addresses and answers -------------------------------------------------------------------------------------------


def phrase(status: int) -> str:
    """A status with its name: 404 Not Found."""
    with contextlib.suppress(ValueError):
        return f"{status} {HTTPStatus(status).phrase}"
    return str(status)


async def _take_location(response: httpx.Response) -> None:
    """Take the target of a redirect out of the sight of httpx, which fails if it is no address."""
    if "location" in response.headers:
        response.headers[_LEADS_TO] = response.headers.pop("location")


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def _joined(url: str, target: str) -> str:
    """Where a redirect leads. Raises Broken."""
    wrong = "redirects to what is no web address"
    try:
        return _address(urljoin(url, target.strip()).partition("#")[0], wrong)
    except ValueError:
        raise Broken(wrong) from None


def _address(url: str, wrong: str) -> str:
    """A web address. Raises Broken with the message `wrong` if it is none."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and url.isprintable()
    except ValueError:
        good = False
    if not good:
        raise Broken(wrong)
    return url


def _is_private(url: str) -> bool:
    """Whether an address is one of the machine or the network of whoever asks."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    with contextlib.suppress(ValueError):
        return not ip_address(host).is_global
    return False


def _seconds(said: str) -> float | None:
    """How long a Retry-After asks to wait; None if it says nothing that can be read."""
    if re.fullmatch(r"[0-9]{1,9}", said.strip()):
        return float(said)
    try:
        then = parsedate_to_datetime(said)
    except ValueError:
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.now(UTC)).total_seconds())


def _unpacked(content: bytes, encoding: str, most: int) -> bytes:
    """A body without compression, for sites that compress what they were asked not to; empty if it cannot be read."""
    match encoding.strip().lower():
        case "" | "identity":
            return content
        case "gzip" | "x-gzip" | "deflate":
            with contextlib.suppress(zlib.error):
                return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(content, most)
    return b""


def _failed(error: Exception, limits: Limits) -> Exception:
    """What happened, as one of our exceptions."""
    causes = [*_causes(error)]
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Silent("no host of this name was found")
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        wrong = next((c.verify_message for c in causes if isinstance(c, ssl.SSLCertVerificationError)), "")
        return Broken(f"the certificate of the site is not accepted: {wrong}" if wrong else "no secure connection")
    match error:
        case httpx.ConnectTimeout():
            return Silent(f"no connection within {limits.step:g} seconds")
        case httpx.ProxyError():
            return Silent("the proxy of this network does not let the request through")
        case httpx.ConnectError():
            refused = any(getattr(cause, "errno", None) == errno.ECONNREFUSED for cause in causes)
            return Silent("the host refuses connections" if refused else "there is no connection to the host")
        case TimeoutError() | httpx.TimeoutException():
            return Broken(f"no answer within {limits.step:g} seconds")
        case httpx.RemoteProtocolError() | httpx.ReadError() | httpx.WriteError():
            return Broken("the connection was closed without an answer")
    return Broken("it is no address that can be asked")


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
