"""The charts of the website: from rows of `borderledger.load` and `borderledger.totals` to a `Chart`.

A chart shows doubt where there is doubt. What a source rounds is hollow, what it bounds has an arrow, what it plans is
a dashed diamond, and a year without a figure is a small dot, not a zero. Figures that must not be added
are drawn side by side. Every chart says in words what it leaves out.

Why we write the SVG ourselves: see `website.drawing`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from website.drawing import (
    BIG,
    NAMELESS,
    Chart,
    Names,
    Panel,
    element,
    escaped,
    fitted,
    framed,
    money,
    named,
    nothing,
    number,
    panels,
    records,
    spelled,
    text,
    text_width,
    time_axis,
)
from website.lanes import agreements, officers
from website.language import N_, _, ngettext

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

# Money

#: What an amount measures, in words that fit beside a bar.
_BASES = {
    "total": N_("whole budget"),
    "contract": N_("signed contract"),
    "decision": N_("financing decision"),
    "eu_share": N_("share of the EU"),
    "awarded": N_("awarded"),
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
        basis = _(_BASES.get(row["amount_basis"], "")) or spelled(row["amount_basis"])
        count = ngettext("{} record", "{} records", row["n_rows"]).format(row["n_rows"])
        what = f"{spelled(row['kind'])}, {basis}, {count}"
        figure = money(row["amount_eur"])
        hollow = row["not_exact"] > 0
        beside = text_width(who, 14) + 12 + text_width(what, 12) < width
        y += 42 if beside else 58
        drawn.append(
            text(0, y - 28, fitted(who, width, 14), size=14, font_weight=600)
            if not beside
            else element(
                "text",
                element("tspan", escaped(who), font_weight=600, fill="var(--ink)")
                + element("tspan", escaped(what), fill="var(--muted)", font_size=12, dx=10),
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
    body, height = _bubbles(rows, lanes, names, width) if rows else nothing()
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
    (("assisted_voluntary",), N_("Assisted voluntary returns")),
    (("forced",), N_("Forced returns")),
    (("pushback_reported",), N_("Reported pushbacks")),
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
        drawn.append(text(0, y, _(heading), size=BIG, font_weight=700))
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
        body, y = nothing()
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
    said = spelled(unit)
    if counted == "nationality":
        said += _(" by nationality")
    who = named(reporters, names) if reporters else _("no body named")
    return f"{said}; {who}"


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
        body, height = nothing()
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
            said=lambda share: _("{value}%").format(value=number(share)),
        ),
    ]
    return _stack(
        prefix,
        _("Return operations that Frontex coordinated"),
        _(
            "Persons on operations with a stop among the six, wherever each person went, and what Frontex paid for "
            "them, not what the states paid. A hollow bar: the payment is known for a part of the operations only. "
            "A hollow point: fewer than five operations. A dot: no figure for that year. Each "
            "panel has a scale of its own."
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
            said=lambda value: _("€{value}").format(value=number(value)),
        )
        for place in places
    ]
    body, height = panels(drawn, years, width, columns=2 if width > 480 else 1, height=90) if each else nothing()
    return framed(
        prefix,
        _("What Frontex paid for each person returned, by destination"),
        _(
            "Euro for each person, on operations that went to this one place among the six and no further. It is what "
            "Frontex paid, not the whole cost: states pay, too. Operations with several destinations are left out. "
            "All panels have the same scale. A hollow point: fewer than 20 persons. A dot: no such operation."
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
            "not persons: one person may count several times. The number of officers is the largest that a source "
            "gives, for one place or for the region. A hollow bar: not all twelve months. A dot: no figure. "
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
