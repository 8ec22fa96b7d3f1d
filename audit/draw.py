"""The lot: which entries an audit reads again.

The lot of an entry is the SHA-256 sum of seed, record, field and source, with line feeds between them. Entries are
taken in the order of their lots until each stratum is full; one whose source has three already is passed over. So
anybody can draw the same audit again, in any language, from the seed and the version of the dataset.

Within a stratum, every entry has the same chance, except for that cap: of a source with many entries, fewer are drawn
than chance would give it. The cap keeps one long article from filling the audit, and its one reader from setting the
rate. If such sources hold more mistakes than others, or fewer, the rate leans towards that of the short ones.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from borderledger.errors import BadArgument, shown
from borderledger.query.checks import STRATA, Entry, stratum

__all__ = ["MOST_OF_A_SOURCE", "SHARES", "draw", "lot", "parse_shares", "part", "quotas"]

#: At most so many entries of one source are in one audit.
MOST_OF_A_SOURCE = 3
#: The share of each stratum in an audit, unless told otherwise. Figures are what is quoted most.
SHARES = {"figures": 0.5, "dates": 0.35, "rest": 0.15}


def lot(seed: int, entry: Entry) -> str:
    """The number that an entry draws; the smallest are taken first."""
    return hashlib.sha256("\n".join((str(seed), *entry.key)).encode()).hexdigest()


def draw(entries: Iterable[Entry], size: int, seed: int, shares: Mapping[str, float] = SHARES) -> list[Entry]:
    """The entries of an audit, sorted by source and record. Raises BadArgument when there are not enough."""
    free = quotas(size, shares)
    of_source: Counter[str] = Counter()
    drawn = []
    for entry in sorted(entries, key=lambda entry: lot(seed, entry)):
        kind = stratum(entry.table, entry.field)
        if free[kind] and of_source[entry.source] < MOST_OF_A_SOURCE:
            free[kind] -= 1
            of_source[entry.source] += 1
            drawn.append(entry)
    if lacking := [f"{count} {kind}" for kind, count in free.items() if count]:
        raise BadArgument(
            f"There are not enough claims for an audit of {size}: {', '.join(lacking)} are lacking, with at most "
            f"{MOST_OF_A_SOURCE} of a source. Draw fewer, or other shares (--strata)."
        )
    return sorted(drawn, key=lambda entry: (entry.source, *entry.key))


def quotas(size: int, shares: Mapping[str, float]) -> dict[str, int]:
    """How many entries of each stratum an audit has: its share, rounded so that the sum is the size."""
    if size < 1:
        raise BadArgument(f"An audit has at least one claim, not {shown(size)}.")
    exact = {kind: size * shares.get(kind, 0.0) / sum(shares.values()) for kind in STRATA}
    found = {kind: int(number) for kind, number in exact.items()}
    largest_rest = sorted(STRATA, key=lambda kind: found[kind] - exact[kind])
    for kind in largest_rest[: size - sum(found.values())]:
        found[kind] += 1
    return found


def parse_shares(text: str) -> dict[str, float]:
    """The shares of the strata from `figures=.5,dates=.35,rest=.15`. Raises BadArgument."""
    found: dict[str, float] = {}
    for item in text.split(","):
        kind, equals, number = (word.strip() for word in item.partition("="))
        try:
            share = float(number) if equals and kind in STRATA and kind not in found else -1.0
        except ValueError:
            share = -1.0
        if not 0 <= share <= 1:
            raise BadArgument(
                f"{shown(item)} is no share of a stratum. Write each of {', '.join(STRATA)} at most once, with a "
                "number from 0 to 1: figures=.5,dates=.35,rest=.15"
            )
        found[kind] = share
    if abs(sum(found.values()) - 1) > 1e-9:
        raise BadArgument(f"The shares of the strata add up to {sum(found.values()):g}, not to 1: {shown(text)}.")
    return found


def part(drawn: Sequence[Entry], number: int, parts: int) -> list[Entry]:
    """One part of a draw for one of several readers; all entries of a source are in one part."""
    if not 1 <= number <= parts:
        raise BadArgument(f"Part {number} of {parts} does not exist. Write --part 2/6 for the second of six.")
    first = {entry.source: place for place, entry in reversed(list(enumerate(drawn)))}
    return [entry for entry in drawn if first[entry.source] * parts // len(drawn) == number - 1]
