"""The charts of the website: from rows of `borderledger.load` and `borderledger.totals` to a `Chart`.

A chart shows doubt where there is doubt. What a source rounds is hollow, what it bounds has an arrow, what it plans is
a dashed diamond, and a year without a figure is a small dot, not a zero. Figures that must not be added
are drawn side by side. Every chart says in words what it leaves out.

Why we write the SVG ourselves: see `website.drawing`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from gettext import gettext as _
from gettext import ngettext
from types import MappingProxyType
from typing import Any

from markupsafe import escape

from website.drawing import (
    BIG,
    Chart,
    Panel,
    element,
    fitted,
    framed,
    money,
    number,
    panels,
    records,
    text,
    text_width,
    time_axis,
    wrapped,
    year_of,
)

__all__ = [
    "agreements",
    "cost_per_person",
    "money_by_funder",
    "money_by_year",
    "officers",
    "operations",
    "pressure",
    "returns",
    "sparkline",
]

Names = Mapping[str, str]
NAMELESS: Names = MappingProxyType({})


def named(codes: Any, names: Names) -> str:
    """Codes as names: one, or several with 'and'."""
    found = [names.get(code, code) for code in ((codes,) if isinstance(codes, str) else codes or ())]
    return _("{} and {}").format(", ".join(found[:-1]), found[-1]) if len(found) > 1 else "".join(found)


def quantity(value: float, qualifier: str | None, most: float | None = None) -> str:
    """A number with its doubt: about 80, at least 100, 20–30."""
    ways = {"about": _("about {}"), "at_least": _("at least {}"), "at_most": _("at most {}")}
    if qualifier == "range" and most is not None:
        return f"{number(value)}–{number(most)}"
    return ways.get(qualifier or "", "{}").format(number(value))


# Officers


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
    body, height = _officers(dated, names, width) if dated else _nothing()
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


def _nothing() -> tuple[str, float]:
    return text(0, 24, _("There is no figure."), fill="muted"), 36


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
    up = 130 / max(strongest.values(), default=1)
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
    return element("g", element("title", _escaped(told)) + "".join(drawn))


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


def _escaped(words: str) -> str:
    return str(escape(words))


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
    since: int | None = None,
    prefix: str = "agreements",
    width: int = 640,
) -> Chart:
    """Agreements as lanes, by partner: talks, signed, in force; dotted after the day of the newest source."""
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
        groups[named(row["party_b"], names)].append(row)
    if shown:
        body, height = _lanes(groups, periods, day, since, names, width)
    else:
        body, height = _nothing()
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
        drawn.append(text(0, y, group, size=BIG, font_weight=700))
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
            words = _said(row["type"]).capitalize()
            partner = named(row["party_a"], names)
            words = fitted(f"{words} · {partner}" if partner else words, width - 4)
            at = max(0.0, min(spans[0][1], width - text_width(words)))
            drawn.append(
                element(
                    "g",
                    element("title", _escaped(row["title"]))
                    + text(at, y - 9, words, halo=True)
                    + "".join(_span(name, a, b, y) for name, a, b in spans),
                )
            )
            if row.get("status") in ("ended", "replaced", "rejected"):
                b = spans[-1][2]
                drawn.append(element("line", x1=b, x2=b, y1=y - 7, y2=y + 7, stroke="var(--ink)", stroke_width=2))
    key, height = _lane_key(y + 50, width)
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


def _lane_key(y: float, width: float) -> tuple[str, float]:
    x, drawn = 4.0, []
    for name, words in (
        ("talks", _("talks")),
        ("signed", _("signed")),
        ("applied", _("applied provisionally")),
        ("force", _("in force")),
        ("open", _("no newer source")),
        ("end", _("ended")),
    ):
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


# Money

#: What an amount measures, in words that fit beside a bar.
_BASES = {
    "total": _("whole budget"),
    "contract": _("signed contract"),
    "decision": _("financing decision"),
    "eu_share": _("share of the EU"),
    "awarded": _("awarded"),
}


def money_by_funder(
    data: Any,
    *,
    names: Names = NAMELESS,
    most: int = 14,
    prefix: str = "funders",
    width: int = 640,
) -> Chart:
    """The largest lines of the view money_by_funder, as bars that are not added up."""
    rows = sorted(records(data), key=lambda row: (-row["amount_eur"], str(row["funders"]), row["kind"]))
    shown = rows[:most]
    title = _("Money by funder")
    description = _(
        "The {} largest of {} sums in euro, by funder, kind of project and what the amount measures. Envelopes, parts "
        "of a larger sum and ceilings are left out, so that no euro counts twice. Do not add the bars: they measure "
        "different things. A hollow bar holds a rounded or a bounded amount."
    ).format(len(shown), len(rows))
    widest = max((row["amount_eur"] for row in shown), default=1)
    y, drawn = 0.0, []
    for row in shown:
        who = named(row["funders"], names) or _("Funder not known")
        basis = _BASES.get(row["amount_basis"], _said(row["amount_basis"]))
        count = ngettext("{} record", "{} records", row["n_rows"]).format(row["n_rows"])
        what = f"{_said(row['kind'])}, {basis}, {count}"
        figure = money(row["amount_eur"])
        hollow = row["not_exact"] > 0
        beside = text_width(who, 14) + 12 + text_width(what, 12) < width
        y += 42 if beside else 58
        drawn.append(
            text(0, y - 28, fitted(who, width, 14), size=14, font_weight=600)
            if not beside
            else element(
                "text",
                element("tspan", _escaped(who), font_weight=600, fill="var(--ink)")
                + element("tspan", _escaped(what), fill="var(--muted)", font_size=12, dx=10),
                x=0,
                y=y - 12,
                font_size=14,
            )
        )
        if not beside:
            drawn.append(text(0, y - 12, fitted(what, width, 12), size=12, fill="muted"))
        long = max((width - 74) * row["amount_eur"] / widest, 1.5)
        drawn.append(
            element(
                "rect",
                x=0.75,
                y=y - 4,
                width=long,
                height=11,
                fill="var(--paper)" if hollow else "var(--c1)",
                stroke="var(--c1)",
                stroke_width=1.5,
            )
        )
        drawn.append(text(long + 8, y + 6, figure, font_weight=600))
    return framed(
        prefix,
        title,
        description,
        width,
        y + 14,
        "".join(drawn),
        (_("Funder"), _("Kind"), _("What the amount measures"), _("Euro"), _("Not exact"), _("Records")),
        (
            (
                named(row["funders"], names),
                row["kind"],
                row["amount_basis"],
                row["amount_eur"],
                row["not_exact"],
                row["n_rows"],
            )
            for row in rows
        ),
    )


def _said(code: str | None) -> str:
    return (code or "").replace("_", " ")


def money_by_year(
    data: Any,
    *,
    names: Names = NAMELESS,
    most: int = 8,
    prefix: str = "money",
    width: int = 640,
) -> Chart:
    """Lines of totals("projects", by=["year", "funders"]) as circles whose area is the amount, a lane a funder."""
    rows = [row for row in records(data) if row["year"] is not None]
    rows.sort(key=lambda row: (row["year"], -row["amount_eur"], str(row["funders"]), str(row["kind"])))
    sums: dict[tuple[str, ...], float] = defaultdict(float)
    for row in rows:
        sums[_lane_of(row)] += row["amount_eur"]
    lanes = sorted(sums, key=lambda lane: (-sums[lane], lane))[:most]
    title = _("Money by year and funder")
    description = _(
        "Each circle is one sum in euro, in the year in which the projects start, for one kind of project and one "
        "measure of the amount; its area is the amount. Circles over each other must not be added. Envelopes and parts "
        "of a larger sum are left out. Shown: the {} funders with the largest sums, of {}. A hollow circle holds a "
        "rounded or a bounded amount."
    ).format(len(lanes), len(sums))
    body, height = _bubbles(rows, lanes, names, width) if rows else _nothing()
    return framed(
        prefix,
        title,
        description,
        width,
        height,
        body,
        (_("Year"), _("Funder"), _("Kind"), _("What the amount measures"), _("Euro"), _("Not exact"), _("Records")),
        (
            (
                row["year"],
                named(row["funders"], names),
                row["kind"],
                row["amount_basis"],
                row["amount_eur"],
                row["not_exact"],
                row["n_rows"],
            )
            for row in rows
        ),
    )


def _lane_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(row["funders"] or ()) if len(row["funders"] or ()) < 2 else ("",)


def _bubbles(rows: list[dict[str, Any]], lanes: list[tuple[str, ...]], names: Names, width: int) -> tuple[str, float]:
    first, last = rows[0]["year"], rows[-1]["year"]
    largest = max(row["amount_eur"] for row in rows)
    most = width / 16
    left, right = most, width - most
    across = (right - left) / max(last - first, 1)
    y, drawn = 0.0, []
    for lane in lanes:
        mine = [row for row in rows if _lane_of(row) == lane]
        size = most * (max(row["amount_eur"] for row in mine) / largest) ** 0.5
        y += 34 + max(size, 9)
        words = _("Several funders together") if lane == ("",) else named(lane, names) or _("Funder not known")
        drawn.append(text(0, y - max(size, 9) - 10, words, size=14, font_weight=600, halo=True))
        drawn.append(element("line", x1=0, x2=width, y1=y, y2=y, stroke="var(--line)"))
        taken: list[tuple[float, float]] = []
        labels = []
        for row in sorted(mine, key=lambda row: -row["amount_eur"]):
            x, r = left + (row["year"] - first) * across, max(most * (row["amount_eur"] / largest) ** 0.5, 1.5)
            hollow = row["not_exact"] > 0
            drawn.append(
                element(
                    "circle",
                    cx=x,
                    cy=y,
                    r=r,
                    fill="var(--paper)" if hollow else "var(--c1)",
                    fill_opacity=0.55,
                    stroke="var(--c1)",
                    stroke_width=1.5,
                )
            )
            figure = money(row["amount_eur"])
            half = text_width(figure, 12) / 2
            if all(abs(x - other) > half + room + 4 for other, room in taken) and len(taken) < 4:
                taken.append((x, half))
                labels.append(text(x, y + max(r, 4) + 13, figure, size=12, anchor="middle", halo=True))
        drawn += labels
        y += max(size, 9) + 12
    return time_axis(first, last, left, right, 8, y + 4) + "".join(drawn), y + 28


# Returns

_TYPES = (
    (("assisted_voluntary",), _("Assisted voluntary returns")),
    (("forced",), _("Forced returns")),
    (("pushback_reported",), _("Reported pushbacks")),
)


def returns(
    data: Any,
    *,
    names: Names = NAMELESS,
    most: int = 4,
    prefix: str = "returns",
    width: int = 640,
) -> Chart:
    """Lines of totals("returns", by=["year", "from_place", "return_type"]), a panel for each that may be added."""
    lines: dict[tuple[Any, ...], dict[int, float]] = defaultdict(dict)
    doubted: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    rows = [row for row in records(data) if row["year"] is not None]
    for row in rows:
        key = (row["return_type"], row["from_place"], row["unit"], tuple(row["reported_by"] or ()), row["counted_by"])
        lines[key][row["year"]] = lines[key].get(row["year"], 0) + row["quantity"]
        if row["not_exact"]:
            doubted[key].add(row["year"])
    drawn, y, shown = [], 0.0, 0
    years = range(
        min((row["year"] for row in rows), default=2000), max((row["year"] for row in rows), default=2000) + 1
    )
    for kinds, heading in _TYPES:
        # Of counts by destination and by nationality one is enough, and a single year is no series.
        mine = [
            key
            for key in lines
            if key[0] in kinds and not (key[4] == "nationality" and (*key[:4], "destination") in lines)
        ]
        mine.sort(key=lambda key: (len(lines[key]) < 2, -sum(lines[key].values()), str(key)))
        if not mine:
            continue
        y += 22
        drawn.append(text(0, y, heading, size=BIG, font_weight=700))
        drawn.append(element("line", x1=0, x2=width, y1=y + 8, y2=y + 8, stroke="var(--ink)"))
        small = [
            Panel(
                names.get(key[1], key[1]) or _("State not known"),
                lines[key],
                1 + _TYPES.index((kinds, heading)),
                doubted=frozenset(doubted[key]),
                note=_line(key, names),
            )
            for key in mine[:most]
        ]
        shown += len(small)
        body, y = panels(small, years, width, columns=2 if width > 480 else 1, height=76, y=y + 16)
        drawn.append(body)
        y += 12
    title = _("Returns by year and state")
    description = _(
        "Assisted returns, forced returns and reported pushbacks, apart. A panel shows what one body counts for one "
        "state; panels must not be added, because bodies count the same people, and units differ. Scales differ. "
        "Shown: {} of {} series of these types, the largest first. A hollow bar holds a rounded or a bounded "
        "figure; a dot marks a year without a figure."
    ).format(shown, sum(key[0] in {kind for kinds, _heading in _TYPES for kind in kinds} for key in lines))
    if not drawn:
        body, y = _nothing()
        drawn = [body]
    return framed(
        prefix,
        title,
        description,
        width,
        y,
        "".join(drawn),
        (_("Year"), _("Type"), _("From"), _("Unit"), _("Reported by"), _("Counted by"), _("Number"), _("Not exact")),
        (
            (
                row["year"],
                row["return_type"],
                names.get(row["from_place"], row["from_place"]),
                row["unit"],
                named(row["reported_by"], names),
                row["counted_by"],
                row["quantity"],
                row["not_exact"],
            )
            for row in rows
        ),
    )


def _line(key: tuple[Any, ...], names: Names) -> str:
    """What is counted, and by whom."""
    _kind, _place, unit, reporters, counted = key
    said = _said(unit)
    if counted == "nationality":
        said += _(" by nationality")
    return f"{said}; {named(reporters, names) if reporters else _('no body named')}"


# Operations and crossings


def _by_year(rows: list[dict[str, Any]], field: str, times: float = 1) -> dict[int, float | None]:
    return {row["year"]: None if row[field] is None else row[field] * times for row in rows}


def _stack(
    prefix: str,
    title: str,
    description: str,
    width: int,
    rows: list[dict[str, Any]],
    drawn: list[Panel],
    header: Iterable[str],
    fields: Iterable[str],
) -> Chart:
    if not rows:
        body, height = _nothing()
    else:
        years = range(min(row["year"] for row in rows), max(row["year"] for row in rows) + 1)
        body, height = panels(drawn, years, width)
    chosen = tuple(fields)
    return framed(
        prefix, title, description, width, height, body, header, (tuple(row[field] for field in chosen) for row in rows)
    )


def operations(data: Any, *, prefix: str = "operations", width: int = 640) -> Chart:
    """The view operations_by_year: persons, money paid, escorts for each person, share with a monitor."""
    rows = records(data)
    partly = frozenset(
        row["year"] for row in rows if row["paid_eur"] is not None and row["operations_paid"] < row["operations"]
    )
    drawn = [
        Panel(_("Persons returned"), _by_year(rows, "persons")),
        Panel(_("Paid by Frontex"), _by_year(rows, "paid_eur"), 2, doubted=partly, said=money),
        Panel(
            _("Escorts for each person"),
            _by_year(rows, "escorts_per_person"),
            3,
            "line",
            said=partial(number, digits=1),
        ),
        Panel(
            _("Operations with a monitor on board"),
            _by_year(rows, "monitored_share", 100),
            4,
            "line",
            top=100,
            doubted=frozenset(row["year"] for row in rows if row["operations"] < 5),
            said=lambda share: f"{share:.0f}%",
        ),
    ]
    return _stack(
        prefix,
        _("Return operations that Frontex coordinated"),
        _(
            "Persons on operations with a stop among the six, wherever each person went, and what Frontex paid for "
            "them, not what the states paid. A hollow bar: the payment is known for a part of the operations only. "
            "A hollow point: fewer than five operations. A dot: no figure for that year. Each panel has a scale of its own."
        ),
        width,
        rows,
        drawn,
        (
            _("Year"),
            _("Operations"),
            _("Persons"),
            _("Paid in euro"),
            _("Operations with a payment"),
            _("Escorts for each person"),
            _("Share with a monitor"),
        ),
        ("year", "operations", "persons", "paid_eur", "operations_paid", "escorts_per_person", "monitored_share"),
    )


def cost_per_person(data: Any, *, names: Names = NAMELESS, prefix: str = "cost", width: int = 640) -> Chart:
    """The view cost_per_person: what Frontex paid for each person, for operations with one destination."""
    paid: dict[tuple[str, int], list[float]] = defaultdict(lambda: [0, 0, 0])
    for row in records(data):
        if len(row["destinations"]) == 1 and row["reach"] == "wb6" and row["persons"]:
            line = paid[row["destinations"][0], row["year"]]
            line[0] += row["paid_eur"]
            line[1] += row["persons"]
            line[2] += row["operations"]
    each = {key: line[0] / line[1] for key, line in paid.items()}
    places = sorted({place for place, _year in each}, key=lambda place: names.get(place, place))
    top = max(each.values(), default=0)
    years = range(min((year for _p, year in each), default=2000), max((year for _p, year in each), default=2000) + 1)
    drawn = [
        Panel(
            names.get(place, place),
            {year: each.get((place, year)) for year in years},
            kind="line",
            top=top,
            doubted=frozenset(year for year in years if paid.get((place, year), [0, 99])[1] < 20),
            said=lambda value: f"€{number(value)}",
        )
        for place in places
    ]
    body, height = panels(drawn, years, width, columns=2 if width > 480 else 1, height=90) if each else _nothing()
    return framed(
        prefix,
        _("What Frontex paid for each person returned, by destination"),
        _(
            "Euro for each person, on operations that went to this one place among the six and no further. It is what "
            "Frontex paid, not the whole cost: states pay, too. Operations with several destinations are left out. All panels have the "
            "same scale. A hollow point: fewer than 20 persons. A dot: no such operation in that year."
        ),
        width,
        height,
        body,
        (_("Destination"), _("Year"), _("Euro for each person"), _("Paid in euro"), _("Persons"), _("Operations")),
        (
            (names.get(place, place), year, round(each[place, year], 2), round(line[0], 2), int(line[1]), int(line[2]))
            for (place, year), line in sorted(paid.items())
        ),
    )


def pressure(data: Any, *, prefix: str = "pressure", width: int = 640) -> Chart:
    """The view pressure_and_response: detections at the border, and what was done, over one axis of years."""
    rows = records(data)
    short = frozenset(row["year"] for row in rows if row["months"] is not None and row["months"] < 12)
    drawn = [
        Panel(_("Detections, Western Balkan route"), _by_year(rows, "detections_western_balkan"), 2, doubted=short),
        Panel(_("Detections, from Albania to Greece"), _by_year(rows, "detections_albania_greece"), 2, doubted=short),
        Panel(_("Frontex officers, largest figure"), _by_year(rows, "frontex_officers"), 1, "dots"),
        Panel(_("Persons on return operations"), _by_year(rows, "persons"), 1),
        Panel(_("Projects begun"), _by_year(rows, "projects_begun"), 1),
        Panel(_("Agreements in force at the end of the year"), _by_year(rows, "agreements_in_force"), 1),
    ]
    return _stack(
        prefix,
        _("Crossings and response"),
        _(
            "Side by side, year by year. It does not say that one follows from the other. Detections count crossings, "
            "not persons: one person may count several times. The number of officers is the largest that a source gives, "
            "for one place or for the region. A hollow bar: not all twelve months. A dot: no figure. "
            "Each panel has a scale of its own."
        ),
        width,
        rows,
        drawn,
        (
            _("Year"),
            _("Detections, Western Balkan route"),
            _("Detections, Albania to Greece"),
            _("Frontex officers"),
            _("Persons on return operations"),
            _("Projects begun"),
            _("Agreements in force"),
        ),
        (
            "year",
            "detections_western_balkan",
            "detections_albania_greece",
            "frontex_officers",
            "persons",
            "projects_begun",
            "agreements_in_force",
        ),
    )


# A line in a table


def sparkline(
    values: Mapping[int, float | None], title: str, *, prefix: str = "spark", width: int = 120, height: int = 28
) -> Chart:
    """A small line over years, with a point at the last value; gaps stay gaps."""
    known = {year: value for year, value in sorted(values.items()) if value is not None}
    if not known:
        return framed(prefix, title, _("There is no figure."), width, height, "", (_("Year"), _("Value")), ())
    first, top = min(known), max(*known.values(), 0) or 1
    across = (width - 8) / max(max(known) - first, 1)
    points = [
        (year, 4 + (year - first) * across, height - 4 - value / top * (height - 8)) for year, value in known.items()
    ]
    path = "".join(
        f"{'L' if i and points[i - 1][0] == year - 1 else 'M'}{x:.1f} {y:.1f}" for i, (year, x, y) in enumerate(points)
    )
    body = element(
        "path",
        d=path,
        fill="none",
        stroke="var(--c1)",
        stroke_width=1.75,
        stroke_linejoin="round",
        stroke_linecap="round",
    )
    body += element("circle", cx=points[-1][1], cy=points[-1][2], r=3.0, fill="var(--c1)")
    low, high = min(known.values()), max(known.values())
    description = _("From {} to {}: between {} and {}; last {}.").format(
        first, max(known), number(low), number(high), number(known[max(known)])
    )
    return framed(prefix, title, description, width, height, body, (_("Year"), _("Value")), known.items())
