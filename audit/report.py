"""The rates of an audit, as text, Markdown or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

from borderledger.query.checks import UNSEEN, Audit, Rate, said

__all__ = ["FORMATS", "markdown"]

_HEADS = {"strata": "stratum", "tables": "table", "kinds": "kind of source"}


def _head(audit: Audit, group: str) -> list[str]:
    results = [result for result in audit.total.counts if result != UNSEEN]
    return [_HEADS[group], "drawn", UNSEEN, *results, *(f"{result} %" for result in results)]


def _line(rate: Rate) -> list[str]:
    results = [result for result in rate.counts if result != UNSEEN]
    shares = (rate.share(result) for result in results)
    counts = (rate.drawn, rate.counts[UNSEEN], *(rate.counts[result] for result in results))
    return [rate.name or "(none)", *map(str, counts), *map(_percent, shares)]


def _percent(share: Sequence[float] | None) -> str:
    return f"{100 * share[0]:.1f} ({100 * share[1]:.1f}-{100 * share[2]:.1f})" if share else "-"


def _tables(audit: Audit) -> Iterator[list[list[str]]]:
    """For each way to group: the head and a line for each group; the first ends with the whole. None of a part."""
    for group in _HEADS if audit.whole else ():
        rates: tuple[Rate, ...] = getattr(audit, group)
        lines = [_head(audit, group), *map(_line, rates)]
        if group == "strata":
            lines.append(_line(audit.total))
            shares = [_percent(audit.weighted(result)) for result in audit.total.counts if result != UNSEEN]
            lines.append(["weighted to the whole", *[""] * (len(lines[0]) - 1 - len(shares)), *shares])
        yield lines


_READING = (
    "Shares are of what was seen, with 95 % intervals of Wilson. Only the last line of the first table is weighted: "
    "each stratum by its share of all claims."
)


def _reading(audit: Audit) -> str:
    return f" {_READING}" if audit.whole else ""


def text(audits: Sequence[Audit]) -> str:
    """For a terminal."""
    parts = []
    for audit in audits:
        parts.append(f"{said(audit)}\nRead again from {audit.days[0]} to {audit.days[1]}.{_reading(audit)}\n")
        for lines in _tables(audit):
            widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
            for first, *rest in lines:
                cells = [first.ljust(widths[0]), *(c.rjust(w) for c, w in zip(rest, widths[1:], strict=True))]
                parts.append("  ".join(cells).rstrip())
            parts.append("")
    return "\n".join(parts)


def markdown(audits: Sequence[Audit]) -> str:
    """For a page of the documentation."""
    parts = []
    for audit in audits:
        days = f"The claims were read again from {audit.days[0]} to {audit.days[1]}."
        parts.append(f"{said(audit)} {days}{_reading(audit)}\n")
        for head, *lines in _tables(audit):
            parts += [f"| {' | '.join(head)} |", f"|---{'|---:' * (len(head) - 1)}|"]
            parts += [*(f"| {' | '.join(line)} |" for line in lines), ""]
    return "\n".join(parts)


def as_json(audits: Sequence[Audit]) -> str:
    """For programs."""

    def rated(audit: Audit, rate: Rate) -> dict[str, object]:
        shares = {result: rate.share(result) if audit.whole else None for result in rate.counts if result != UNSEEN}
        return {"name": rate.name, "drawn": rate.drawn, "seen": rate.seen, **rate.counts, "shares": shares}

    found = [
        {
            "audit": audit.name,
            "days": audit.days,
            "size": audit.size,
            "whole": audit.whole,
            "entries": dict(audit.entries),
            "weighted": {result: audit.weighted(result) for result in audit.total.counts if result != UNSEEN},
            **{group: [rated(audit, rate) for rate in getattr(audit, group)] for group in _HEADS},
        }
        for audit in audits
    ]
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


FORMATS: dict[str, Callable[[Sequence[Audit]], str]] = {"text": text, "markdown": markdown, "json": as_json}
