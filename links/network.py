"""Is there a network at all? A network that is down must never look like a thousand dead links."""

from __future__ import annotations

from collections.abc import Sequence

from links.client import Broken, Client, NotAllowed, Silent

__all__ = ["PROBES", "NoNetwork", "is_there"]

#: Two sites that do not fall together. Over https, a network that answers in the place of others does not pass.
PROBES = ("https://example.org/", "https://www.wikipedia.org/")


class NoNetwork(Exception):
    """No known site can be reached; the message says what happened to each."""


async def is_there(client: Client, probes: Sequence[str]) -> None:
    """Ask known sites until one answers. Raises NoNetwork.

    client   one that has not asked these sites yet, so that earlier failures do not count
    """
    failed = []
    for url in probes:
        try:
            await client.fetch(url, "HEAD")
        except NotAllowed:
            return
        except (Silent, Broken) as error:
            failed.append(f"{url}: {error}")
        else:
            return
    raise NoNetwork(f"No known site can be reached ({'; '.join(failed)}).")
