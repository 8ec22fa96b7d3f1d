"""Charts with a lane for each agency or agreement: officers in a host, and agreements from talks to in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from website.drawing import (
    BIG,
    NAMELESS,
    Chart,
    Names,
    element,
    escaped,
    fitted,
    framed,
    named,
    nothing,
    quantity,
    records,
    spelled,
    text,
    text_width,
    time_axis,
    wrapped,
    year_of,
)
from website.language import _

__all__ = ["agreements", "officers"]


def officers(data: Any, host: str, *, names: Names = NAMELESS, prefix: str = "officers", width: int = 640) -> Chart:
    """Officers present in a host over time, a lane for each agency; what is planned or added up is drawn apart."""
    rows = [row for row in records(data) if row["officers"] is not None and tuple(row["hosts"]) == (host,)]
    inside = {row["id"] for row in rows}
    parts = [row for row in rows if row["part_of"] in inside]
    rows = [row for row in rows if row["part_of"] not in inside]
    for row in rows:  # an interval with an open end counts at the end that is known
        row["date_from"], row["date_to"] = row["date_from"] or row["date_to"], row["date_to"] or row["date_from"]
    dated = sorted((row for row in rows if row["date_from"]), key=lambda row: (row["date_from"], row["id"]))
    place = names.get(host, host)
    title = _("Officers from abroad in {}").format(place)
    said = [
        _("Each mark is one figure of one source for one date; figures are not added up, and no line joins them.")
        + " "
        + _("All lanes have the same scale.")
    ]
    if parts:
        said.append(_("Left out: figures that are part of another figure shown ({}).").format(len(parts)))
    if len(dated) < len(rows):
        said.append(_("Left out: figures without a date ({}).").format(len(rows) - len(dated)))
    said.append(_("Figures for several places at once are left out."))
    body, height = _officers(dated, names, width) if dated else nothing()
    return framed(
        prefix,
        title,
        " ".join(said),
        width,
        height,
        body,
        (_("Date"), _("Agency"), _("Officers"), _("Measure"), _("Record")),
        (
            (
                row["date"],
                named(row["agency"], names),
                quantity(row["officers"], row["officers_qualifier"], row["officers_max"]),
                row["measure"],
                row["id"],
            )
            for row in sorted(rows, key=lambda row: (row["date_from"] or date.min, row["id"]))
        ),
    )


def _officers(rows: list[dict[str, Any]], names: Names, width: int) -> tuple[str, float]:
    first, last = rows[0]["date_from"].year, max(row["date_to"].year for row in rows) + 1
    left, right = 14, width - 20
    across = (right - left) / (last - first)
    lanes: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["measure"] != "cumulative":
            lanes[tuple(row["agency"])].append(row)
    strongest = {lane: max(row["officers_max"] or row["officers"] for row in shown) for lane, shown in lanes.items()}
    order = sorted(lanes, key=lambda lane: (-strongest[lane], lane))
    # Two officers are not drawn as high as two hundred.
    up = min(130 / max(strongest.values(), default=1), 5)
    y, drawn, tops = 0.0, [], 8.0
    for lane in order:
        y += 46 + max(strongest[lane] * up, 12)
        drawn.append(element("line", x1=0, x2=width, y1=y, y2=y, stroke="var(--muted)", stroke_width=0.75))
        drawn.append(
            text(
                0,
                y - max(strongest[lane] * up, 12) - 26,
                fitted(named(lane, names), width, 14),
                size=14,
                font_weight=600,
            )
        )
        labels: list[str] = []
        taken = [(left + (_middle(row) - first) * across, y - row["officers"] * up + 5, 5.0) for row in lanes[lane]]
        # The latest and the largest figures get their number first.
        for row in sorted(lanes[lane], key=lambda row: (row is not lanes[lane][-1], -row["officers"], row["id"])):
            x = left + (_middle(row) - first) * across
            drawn.append(_figure(row, x, y, up, across))
            labels += _label(row, x, y, up, taken, width)
        drawn += labels
    end = y
    added = [row for row in rows if row["measure"] == "cumulative"]
    if added:
        y += 44
        lines = wrapped(_("Added up over a period: one person may count more than once"), width, 14)
        drawn += [text(0, y + i * 18, line, size=14, font_weight=600) for i, line in enumerate(lines)]
        y += 18 * (len(lines) - 1)
        for row in added:
            y += 40
            x1, x2 = (left + (year_of(day) - first) * across for day in (row["date_from"], row["date_to"]))
            drawn.append(element("line", x1=x1, x2=max(x2, x1 + 4), y1=y, y2=y, stroke="var(--c4)", stroke_width=5))
            words = f"{quantity(row['officers'], row['officers_qualifier'])} · {named(row['agency'], names)}"
            words = fitted(words, width)
            drawn.append(text(max(0, min(x1, width - text_width(words))), y - 8, words, halo=True))
        end = y + 8
    axis = time_axis(first, last, left, right, tops, end)
    key, height = _key({_symbol(row) for row in rows if row["measure"] != "cumulative"}, end + 44, width)
    return axis + "".join(drawn) + key, height


def _symbol(row: Mapping[str, Any]) -> str:
    return "planned" if row["measure"] == "planned" else str(row["officers_qualifier"])


def _middle(row: Mapping[str, Any]) -> float:
    return (year_of(row["date_from"]) + year_of(row["date_to"])) / 2


def _figure(row: Mapping[str, Any], x: float, y: float, up: float, across: float) -> str:
    at = y - row["officers"] * up
    colour = "var(--c2)" if row["measure"] == "planned" else "var(--c1)"
    drawn = [element("line", x1=x, x2=x, y1=y, y2=at, stroke=colour, stroke_opacity=0.45)]
    span = (year_of(row["date_to"]) - year_of(row["date_from"])) * across
    if span > 8:
        drawn.append(element("line", x1=x - span / 2, x2=x + span / 2, y1=at, y2=at, stroke=colour))
    drawn.append(_mark(_symbol(row), x, at, (row["officers_max"] or 0) * up - row["officers"] * up))
    told = f"{row['date']}: {quantity(row['officers'], row['officers_qualifier'], row['officers_max'])}, {row['title']}"
    return element("g", element("title", escaped(told)) + "".join(drawn))


def _label(
    row: Mapping[str, Any], x: float, y: float, up: float, taken: list[tuple[float, float, float]], width: int
) -> list[str]:
    """The number above its mark, if it covers no other mark or number; the table has them all."""
    words = quantity(row["officers"], row["officers_qualifier"] if row["officers_max"] else None, row["officers_max"])
    if len(row["contributors"] or ()) == 1 and len(row["agency"]) == 1 and row["agency"][0] == "frontex":
        words += f" {row['contributors'][0]}"  # the part of one state, not the whole
    half = text_width(words, 12) / 2
    middle = min(max(x, half), width - half)
    high = y - (row["officers_max"] or row["officers"]) * up - (18 if row["officers_qualifier"] == "at_least" else 8)
    if any(abs(middle - other) < half + room and abs(high - level) < 12 for other, level, room in taken):
        return []
    taken.append((middle, high, half + 2))
    return [text(middle, high, words, size=12, anchor="middle", halo=True)]


def _mark(symbol: str, x: float, y: float, rise: float = 14) -> str:
    """A figure: filled if exact, hollow if rounded, an arrow at a bound, a bar for a range, a diamond for a plan."""
    look = {"stroke": "var(--c1)", "stroke_width": 1.75}
    if symbol == "planned":
        shape = f"M{x:.1f} {y - 6:.1f}l6 6-6 6-6-6z"
        return element(
            "path", d=shape, fill="var(--paper)", stroke="var(--c2)", stroke_width=1.75, stroke_dasharray="2.5 1.8"
        )
    if symbol == "range":
        return element("rect", x=x - 3, y=y - rise, width=6.0, height=float(rise), fill="var(--c1)", rx=3)
    dot = element("circle", cx=x, cy=y, r=4.0, fill="var(--c1)" if symbol == "exact" else "var(--paper)", **look)
    if symbol in ("at_least", "at_most"):
        way = -1 if symbol == "at_least" else 1
        arrow = f"M{x:.1f} {y + 4 * way:.1f}v{9 * way}m-3.5 {-4 * way}l3.5 {4 * way} 3.5 {-4 * way}"
        dot += element("path", d=arrow, fill="none", **look)
    return dot


def _key(symbols: Iterable[str], y: float, width: float) -> tuple[str, float]:
    """What the marks mean, only those that are there; marks need words, because shape alone says nothing."""
    meanings = {
        "exact": _("exact"),
        "about": _("rounded"),
        "at_least": _("at least"),
        "at_most": _("at most"),
        "range": _("from – to"),
        "planned": _("planned, not counted"),
    }
    drawn, x = [], 6.0
    for symbol, words in meanings.items():
        if symbol in set(symbols):
            wide = 16 + 0.9 * text_width(words, 12) + 18
            if x + wide > width + 18:
                x, y = 6.0, y + 24
            drawn.append(_mark(symbol, x, y + (7 if symbol == "range" else 0)))
            drawn.append(text(x + 12, y + 4, words, size=12, fill="muted"))
            x += wide
    return "".join(drawn), y + 14


# Agreements


def agreements(
    data: Any,
    day: date,
    *,
    names: Names = NAMELESS,
    partner: str | None = None,
    since: int | None = None,
    prefix: str = "agreements",
    width: int = 640,
) -> Chart:
    """Agreements as lanes, by partner: talks, signed, in force; dotted after the day of the newest source.

    With `partner`, only the lanes of this place; else an agreement of two of the six stands under both. A lane takes
    36 pixels: give it one kind of agreement, or one partner, at a time.
    """
    rows = records(data)
    periods = {row["id"]: _periods(row, day) for row in rows}
    shown = [row for row in rows if periods[row["id"]]]
    title = _("Agreements: from talks to in force")
    description = " ".join(
        [
            _("One lane for each agreement, by partner in the Western Balkans. A thin line: talks."),
            _("A hollow bar: signed. A pale bar: applied provisionally. A full bar: in force."),
            _("A dotted line: no source in the dataset speaks of this time."),
        ]
        + (
            [_("Left out: agreements without a date ({}).").format(len(rows) - len(shown))]
            if len(rows) > len(shown)
            else []
        )
    )
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in shown:
        # A predecessor state stands beside its successor, and has no code of its own.
        for place in [party for party in row["party_b"] if party.isupper()] or [" ".join(row["party_b"])]:
            if partner in (None, place):
                groups[names.get(place, place)].append(row)
    if groups:
        body, height = _lanes(groups, periods, day, since, names, width)
    else:
        body, height = nothing()
    return framed(
        prefix,
        title,
        description,
        width,
        height,
        body,
        (_("Partner"), _("Agreement"), _("With"), _("Signed"), _("In force from"), _("Ended"), _("Status"), _("As of")),
        (
            (
                named(row["party_b"], names),
                row["title"],
                named(row["party_a"], names),
                row["signed"],
                row["entered_into_force"],
                row["ended"],
                row["status"],
                row["status_as_of"],
            )
            for row in sorted(rows, key=lambda row: (named(row["party_b"], names), row["title"], row["id"]))
        ),
    )


def _periods(row: Mapping[str, Any], day: date) -> list[tuple[str, float, float]]:
    """What an agreement was, from when to when. A step without a date is left out, not guessed."""

    def start(*fields: str) -> float | None:
        days = [row[f"{field}_from"] for field in fields if row.get(f"{field}_from")]
        return year_of(min(days)) if days else None

    today = year_of(day)
    ended = year_of(row["ended_to"]) if row.get("ended_to") else None
    seen = year_of(row["status_as_of_to"]) if row.get("status_as_of_to") else None
    talks = start("recommended", "mandated", "negotiation_started", "initialled")
    signed, applied, forced = (
        start("signed", "concluded"),
        start("provisional_application"),
        start("entered_into_force"),
    )
    steps = [
        (name, at)
        for name, at in (("talks", talks), ("signed", signed), ("applied", applied), ("force", forced))
        if at is not None
    ]
    over = row.get("status") in ("ended", "replaced", "rejected")
    stop = ended or (max(seen or 0, steps[-1][1]) if steps else 0)
    found = []
    for i, (name, at) in enumerate(steps):
        until = steps[i + 1][1] if i + 1 < len(steps) else stop
        if until >= at:
            found.append((name, at, min(until, today)))
    if found and not over and not ended and stop < today:
        found.append(("open", min(stop, today), today))
    return found


def _lanes(
    groups: Mapping[str, list[dict[str, Any]]],
    periods: Mapping[str, list[tuple[str, float, float]]],
    day: date,
    since: int | None,
    names: Names,
    width: int,
) -> tuple[str, float]:
    earliest = int(min(periods[row["id"]][0][1] for rows in groups.values() for row in rows))
    first, last = max(since or earliest, earliest), year_of(day)
    left, right = 4, width - 16
    across = (right - left) / (last - first)
    y, drawn = 6.0, []
    for group in sorted(groups):
        y += 30
        drawn.append(text(0, y, fitted(group, width, BIG), size=BIG, font_weight=700))
        drawn.append(element("line", x1=0, x2=width, y1=y + 7, y2=y + 7, stroke="var(--ink)"))
        y += 6
        for row in sorted(groups[group], key=lambda row: (periods[row["id"]][0][1], row["id"])):
            y += 36
            spans = [
                (name, left + (max(a, first) - first) * across, left + (b - first) * across)
                for name, a, b in periods[row["id"]]
                if b >= first
            ]
            if not spans:
                y -= 36
                continue
            words = spelled(row["type"]).capitalize()
            other = named(row["party_a"], names)
            words = fitted(f"{words} · {other}" if other and other.lower() != words.lower() else words, width - 4)
            at = max(0.0, min(spans[0][1], width - text_width(words)))
            drawn.append(
                element(
                    "g",
                    element("title", escaped(row["title"]))
                    + text(at, y - 9, words, halo=True)
                    + "".join(_span(name, a, b, y) for name, a, b in spans),
                )
            )
            if row.get("status") in ("ended", "replaced", "rejected"):
                b = spans[-1][2]
                drawn.append(element("line", x1=b, x2=b, y1=y - 7, y2=y + 7, stroke="var(--ink)", stroke_width=2))
    used = {name for rows in groups.values() for row in rows for name, _a, _b in periods[row["id"]]}
    key, height = _lane_key({*used, "end"}, y + 50, width)
    return time_axis(first, last, left, right, 10, y + 12) + "".join(drawn) + key, height


def _span(name: str, a: float, b: float, y: float) -> str:
    b = max(b, a + 3)
    colour = "var(--c1)"
    if name == "talks":
        return element("line", x1=a, x2=b, y1=y, y2=y, stroke=colour, stroke_width=2)
    if name == "open":
        return element(
            "line",
            x1=a,
            x2=b,
            y1=y,
            y2=y,
            stroke=colour,
            stroke_width=2,
            stroke_dasharray="1 4",
            stroke_linecap="round",
        )
    look: dict[str, Any] = {"fill": "var(--paper)" if name == "signed" else colour, "stroke": colour}
    if name == "applied":
        look["fill_opacity"] = 0.35
    return element("rect", x=a, y=y - 4, width=b - a, height=8, stroke_width=1.5, **look)


def _lane_key(used: set[str], y: float, width: float) -> tuple[str, float]:
    x, drawn = 4.0, []
    for name, words in (
        ("talks", _("talks")),
        ("signed", _("signed")),
        ("applied", _("applied provisionally")),
        ("force", _("in force")),
        ("open", _("no newer source")),
        ("end", _("ended")),
    ):
        if name not in used:
            continue
        wide = 34 + 0.9 * text_width(words, 12) + 4
        if x + wide > width + 8:
            x, y = 4.0, y + 24
        drawn.append(
            element("line", x1=x + 22, x2=x + 22, y1=y - 7, y2=y + 7, stroke="var(--ink)", stroke_width=2)
            if name == "end"
            else _span(name, x, x + 24, y)
        )
        drawn.append(text(x + 30, y + 4, words, size=12, fill="muted"))
        x += wide
    return "".join(drawn), y + 14
