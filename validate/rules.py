"""Checks that a domain expert would make. Each rule is one predicate over a table and one sentence about a failure.

A rule speaks only when the rows are certainly wrong: dates are compared by the days they can mean, figures by the
numbers they can mean, and an empty or malformed cell passes (the structure layer has its say on that).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from borderledger.edtf import EARLIEST, LATEST
from borderledger.evidence import Statement, interval
from borderledger.package import Table
from validate.ledger import Ledger

__all__ = ["Rule", "rules_of"]

Holds = Callable[[Ledger], "pd.Series[bool]"]
Says = Callable[[Ledger, int], str]


@dataclass(frozen=True)
class Rule:
    """A rule of a table, reported at one of its fields.

    holds  for each row (index: line) whether it keeps the rule
    says   what is wrong with the row at a line that does not
    """

    id: str
    table: str
    field: str
    why: str
    fix: str
    holds: Holds
    says: Says

    def words(self, ledger: Ledger) -> Callable[[int, str], tuple[str, str]]:
        return lambda line, cell: (self.says(ledger, line), self.fix)


def rules_of(ledger: Ledger) -> Iterator[Rule]:
    """All rules that apply to the tables of a package; a table that could not be read has none."""
    for table in ledger.tables.values():
        yield from _general(table)
    for rule in (*_agreements(), *_deployments(), *_projects(), *_returns(), *_facilities(), *_sources(), *_corrections()):
        if rule.table in ledger.tables:
            yield rule


def _cell(ledger: Ledger, table: str, line: int, field: str) -> str:
    return str(ledger.frame(table).at[line, field])


# --- rules that follow from the conventions of the data model ---------------------------------------------------------


def _general(table: Table) -> Iterator[Rule]:
    names = table.by_name
    for f in table.fields:
        if f"{f.name}_qualifier" in names:
            yield from _figure(table, f.name)
        if f.type == "string" and not f.edtf and not f.categories and not f.refers_to:
            yield _no_personal_data(table, f.name)
    for link in ("part_of", "replaces", "implements", "reprint_of"):
        if link in names:
            yield _no_cycle(table.name, link)
    for field, needed in _COMPANIONS.get(table.name, {}).items():
        yield _companion(table.name, field, needed)


#: A field that is filled if (`=`) and only if one of the others is, or only if (`>`).
_COMPANIONS: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "agreements": {"status_as_of": (">", ("status",))},
    "deployments": {"measure": ("=", ("officers",))},
    "projects": {
        "amount_basis": ("=", ("amount_eur", "original_amount")),
        "original_currency": ("=", ("original_amount",)),
        "start_kind": ("=", ("start",)),
        "status_as_of": (">", ("status",)),
    },
    "facilities": {"capacity_kind": (">", ("capacity",)), "capacity_as_of": (">", ("capacity",))},
}


def _companion(table: str, field: str, needed: tuple[str, tuple[str, ...]]) -> Rule:
    sign, others = needed
    listed = " or ".join(others)

    def holds(t: Ledger) -> pd.Series[bool]:
        frame = t.frame(table)
        filled, base = frame[field].ne(""), frame[list(others)].ne("").any(axis=1)
        return (filled == base) if sign == "=" else (~filled | base)

    def says(t: Ledger, line: int) -> str:
        return f"is filled, but {listed} is empty" if _cell(t, table, line, field) else f"is empty, but {listed} is filled"

    why = "a figure says what it counts, and nothing says so of a figure that is not there"
    return Rule("figure.companion", table, field, why, f"Fill or empty {field} together with {listed}.", holds, says)


def _figure(table: Table, figure: str) -> Iterator[Rule]:
    name, qualifier, upper = table.name, f"{figure}_qualifier", f"{figure}_max"

    yield _companion(name, qualifier, ("=", (figure,)))
    if upper not in table.by_name:
        return

    def in_range(t: Ledger) -> pd.Series[bool]:
        frame, low, high = t.frame(name), t.numbers(name, figure), t.numbers(name, upper)
        return (frame[qualifier].eq("range") == frame[upper].ne("")) & ~(high <= low)

    def says(t: Ledger, line: int) -> str:
        cells = t.frame(name).loc[line]
        if cells[qualifier] == "range" and cells[upper]:
            return f"the upper end {cells[upper]} is not above {figure} {cells[figure]}"
        return f"is {cells[upper] or 'empty'}, but {qualifier} is {cells[qualifier] or 'empty'}"

    why = "only a range has an upper end, and it lies above the lower one"
    fix = f"A range has {figure} < {upper}; with any other qualifier {upper} is empty."
    yield Rule("figure.range", name, upper, why, fix, in_range, says)


_PERSONAL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+|(?:\+|\b00)[0-9]{1,3}[ ()/-]?(?:[0-9][ ()/-]?){7,}|\b(?:tel|mob|phone)[.:]+ ?[0-9+(]", re.I)


def _no_personal_data(table: Table, field: str) -> Rule:
    def holds(t: Ledger) -> pd.Series[bool]:
        cells = t.frame(table.name)[field]
        return ~cells.isin([cell for cell in cells.unique() if len(cell) > 6 and _PERSONAL.search(cell)])

    def says(t: Ledger, line: int) -> str:
        found = _PERSONAL.search(_cell(t, table.name, line, field))
        return f"holds what looks like an e-mail address or a telephone number: {found[0] if found else ''}"

    why = "the dataset holds no personal data; people at risk read and are written about here"
    return Rule("text.personal", table.name, field, why, "Remove it; name the office, not the person.", holds, says)


def _no_cycle(table: str, link: str) -> Rule:
    def circle(parents: Mapping[str, str], start: str) -> list[str]:
        seen = [start]
        while parent := parents.get(seen[-1], ""):
            if parent in seen:
                return [*seen[seen.index(parent) :], parent] if parent == start else []
            seen.append(parent)
        return []

    def parents_of(t: Ledger) -> dict[str, str]:
        frame = t.frame(table)
        return dict(zip(frame["id"], frame[link], strict=True))

    def holds(t: Ledger) -> pd.Series[bool]:
        parents, frame = parents_of(t), t.frame(table)
        bad = {record for record, parent in parents.items() if parent and circle(parents, record)}
        return ~frame["id"].isin(bad) if "id" in frame else pd.Series(dtype=bool)

    def says(t: Ledger, line: int) -> str:
        return f"leads back to itself: {' > '.join(circle(parents_of(t), _cell(t, table, line, 'id')))}"

    why = "nothing contains, replaces or reprints itself, not even by way of others"
    return Rule("link.cycle", table, link, why, f"Empty {link} of one record of the circle.", holds, says)


def _in_order(table: str, earlier: str, later: str) -> Rule:
    def holds(t: Ledger) -> pd.Series[bool]:
        return ~(t.spans(table, later)["last"] < t.spans(table, earlier)["first"])

    def says(t: Ledger, line: int) -> str:
        return f"{_cell(t, table, line, later)} is before {earlier} {_cell(t, table, line, earlier)}"

    why = "steps follow each other in the order that law or logic gives them"
    fix = f"Check both dates in the sources; {later} cannot come before {earlier}."
    return Rule("dates.order", table, later, why, fix, holds, says)


# --- links between a part and its whole ------------------------------------------------------------------------------


def _linked(t: Ledger, table: str, link: str, target: str, columns: list[pd.Series[float]]) -> pd.DataFrame:
    """The columns of the linked rows, aligned to the rows that link (NaN where nothing is linked)."""
    ids = t.frame(target)["id"]
    values = pd.concat(columns, axis=1)
    values.index = pd.Index(ids)
    values = values[~values.index.duplicated()]
    found = values.reindex(t.frame(table)[link])
    found.index = t.frame(table).index
    return found


def _intervals(t: Ledger, table: str, figure: str) -> pd.DataFrame:
    """Columns `low` and `high`: the numbers a figure can mean."""
    frame = t.frame(table)
    cells = frame[[figure, f"{figure}_qualifier"]].copy()
    cells["max"] = frame.get(f"{figure}_max", "")
    known: dict[tuple[str, ...], tuple[float, float]] = {}
    for key in set(cells.itertuples(index=False, name=None)):
        try:
            known[key] = interval(Statement(*key)) if key[0] else (np.nan, np.nan)
        except ValueError:
            known[key] = (np.nan, np.nan)
    values = [known[key] for key in cells.itertuples(index=False, name=None)]
    return pd.DataFrame(np.array(values, dtype=float).reshape(-1, 2), index=frame.index, columns=["low", "high"])


def _part_figure(table: str, figure: str) -> Rule:
    def holds(t: Ledger) -> pd.Series[bool]:
        own = _intervals(t, table, figure)
        whole = _linked(t, table, "part_of", table, [own["high"]])
        return ~(own["low"] > whole["high"])

    def says(t: Ledger, line: int) -> str:
        whole = t.by_id(table).loc[_cell(t, table, line, "part_of")]
        return f"{_cell(t, table, line, figure)} is more than the {whole[figure]} of {whole.name} (line {whole['line']}), of which it is a part"

    why = "a part is not larger than its whole"
    return Rule("part.figure", table, figure, why, "Check both figures, or empty part_of.", holds, says)


def _part_same(table: str, field: str, unless_empty: str) -> Rule:
    def holds(t: Ledger) -> pd.Series[bool]:
        frame, parents = t.frame(table), t.by_id(table)
        other = frame["part_of"].map(parents[field]).fillna("")
        filled = frame[unless_empty].ne("") & frame["part_of"].map(parents[unless_empty]).fillna("").ne("")
        return ~(frame["part_of"].ne("") & filled & frame[field].ne(other))

    def says(t: Ledger, line: int) -> str:
        whole = t.by_id(table).loc[_cell(t, table, line, "part_of")]
        return f"{_cell(t, table, line, field)} differs from {whole[field]} of {whole.name} (line {whole['line']}), of which it is a part"

    why = "a part counts the same thing as its whole"
    return Rule("part.same", table, field, why, "Correct it, or empty part_of.", holds, says)


def _window(t: Ledger, table: str, start: str, end: str) -> pd.DataFrame:
    """Columns `first` and `last`: earliest and latest day of a record, from two fields or (both the same) from one."""
    return pd.DataFrame({"first": t.spans(table, start)["first"], "last": t.spans(table, end)["last"]})


def _part_window(table: str, start: str, end: str) -> Rule:
    def holds(t: Ledger) -> pd.Series[bool]:
        own, outer = _window(t, table, start, end), _window(t, table, start, end)
        whole = _linked(t, table, "part_of", table, [outer["first"], outer["last"]])
        latest_start, earliest_end = t.spans(table, start)["last"], t.spans(table, end)["first"]
        if start == end:  # a period lies wholly inside; an end that is open on both sides is the same end
            return ~((own["first"] < whole["first"]) | (own["last"] > whole["last"]))
        return ~((latest_start < whole["first"]) | (earliest_end > whole["last"]))

    def says(t: Ledger, line: int) -> str:
        whole = t.by_id(table).loc[_cell(t, table, line, "part_of")]
        own = "/".join(dict.fromkeys((_cell(t, table, line, start), _cell(t, table, line, end))))
        other = "/".join(dict.fromkeys((whole[start], whole[end])))
        return f"{own} reaches out of {other}, the window of {whole.name} (line {whole['line']}), of which it is a part"

    why = "a part falls within the time of its whole"
    return Rule("part.window", table, start, why, "Check the dates of both, or empty part_of.", holds, says)


# --- agreements ------------------------------------------------------------------------------------------------------

_STEPS = ("recommended", "mandated", "negotiation_started", "initialled", "signed")
#: Steps that rule a status out: whoever has signed is not negotiating.
_RULED_OUT = {
    "initialled": {"proposed", "negotiating"},
    "signed": {"proposed", "negotiating", "initialled", "rejected"},
    "provisional_application": {"proposed", "negotiating", "initialled", "signed", "rejected"},
    "entered_into_force": {"proposed", "negotiating", "initialled", "signed", "provisionally_applied", "rejected"},
    "ended": {"proposed", "negotiating", "initialled", "signed", "provisionally_applied", "in_force"},
}


def _agreements() -> Iterator[Rule]:
    for number, earlier in enumerate(_STEPS):
        for later in _STEPS[number + 1 :]:
            yield _in_order("agreements", earlier, later)
    for later in ("provisional_application", "concluded", "entered_into_force"):
        yield _in_order("agreements", "initialled", later)
    for later in ("provisional_application", "entered_into_force"):
        yield _in_order("agreements", "signed", later)
        yield _in_order("agreements", later, "ended")
    yield _in_order("agreements", "provisional_application", "entered_into_force")

    for step, statuses in _RULED_OUT.items():
        yield _ruled_out(step, statuses)
    why = "a status is one that the dates allow"
    yield Rule(
        "status.dates",
        "agreements",
        "status",
        why,
        "Give the first day of provisional application, or correct the status.",
        lambda t: ~(t.frame("agreements")["status"].eq("provisionally_applied") & t.frame("agreements")["provisional_application"].eq("")),
        lambda t, line: "is provisionally_applied, but provisional_application is empty",
    )
    yield Rule(
        "status.successor",
        "agreements",
        "status",
        "what is replaced has a successor that says so",
        "Name it in `replaces` of its successor, or use the status ended.",
        lambda t: ~(t.frame("agreements")["status"].eq("replaced") & ~t.frame("agreements")["id"].isin(set(t.frame("agreements")["replaces"]))),
        lambda t, line: "is replaced, but no agreement replaces it",
    )
    yield _status_as_of()
    yield _parties_differ()
    yield _oj_shape()
    yield _celex_date()


def _ruled_out(step: str, statuses: set[str]) -> Rule:
    def holds(t: Ledger) -> pd.Series[bool]:
        frame = t.frame("agreements")
        return ~(frame[step].ne("") & frame["status"].isin(statuses))

    def says(t: Ledger, line: int) -> str:
        return f"is {_cell(t, 'agreements', line, 'status')}, but {step} is {_cell(t, 'agreements', line, step)}"

    why = "a status is one that the dates allow"
    return Rule("status.dates", "agreements", "status", why, f"Correct the status, or empty {step}.", holds, says)


def _status_as_of() -> Rule:
    steps = {"signed": "signed", "initialled": "initialled", "in_force": "entered_into_force", "ended": "ended"}

    def holds(t: Ledger) -> pd.Series[bool]:
        frame, good = t.frame("agreements"), pd.Series(True, index=t.frame("agreements").index)
        for status, step in steps.items():
            early = t.spans("agreements", "status_as_of")["last"] < t.spans("agreements", step)["first"]
            good &= ~(frame["status"].eq(status) & early)
        return good

    def says(t: Ledger, line: int) -> str:
        step = steps[_cell(t, "agreements", line, "status")]
        return f"{_cell(t, 'agreements', line, 'status_as_of')} is before the step it shows: {step} {_cell(t, 'agreements', line, step)}"

    why = "a source cannot show a step that was still to come"
    return Rule("status.as-of", "agreements", "status_as_of", why, "Use the day of the step, or of the source.", holds, says)


def _parties_differ() -> Rule:
    def both(t: Ledger) -> pd.Series[str]:
        frame = t.frame("agreements")
        pairs = zip(frame["party_a"], frame["party_b"], strict=True)
        return pd.Series([";".join(set(a.split(";")) & set(b.split(";"))) if a and b else "" for a, b in pairs], index=frame.index)

    why = "nobody makes an agreement with itself"
    fix = "party_a is the side outside the Western Balkans, party_b the Western Balkan side."
    return Rule("agreement.parties", "agreements", "party_b", why, fix, lambda t: both(t).eq(""), lambda t, line: f"{both(t)[line]} stands on both sides")


_OJ = re.compile(r"OJ [LC](?: [0-9]+)?, (?:[0-9]{4}/[0-9]+, )?([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})(?:, p\. [0-9]+(?:-[0-9]+)?)?")


def _oj_shape() -> Rule:
    def holds(t: Ledger) -> pd.Series[bool]:
        cells = t.frame("agreements")["oj_ref"]
        return ~cells.isin([cell for cell in cells.unique() if cell.startswith("OJ") and not _OJ.fullmatch(cell)])

    why = "a reference to the Official Journal of the EU can be looked up"
    fix = "Write `OJ L 334, 19.12.2007, p. 26` or, from October 2023, `OJ L, 2025/866, 7.5.2025`."
    return Rule("agreement.oj", "agreements", "oj_ref", why, fix, holds, lambda t, line: f"{_cell(t, 'agreements', line, 'oj_ref')!r} is not a reference to the Official Journal")


def _celex_date() -> Rule:
    treaty = re.compile(r"2([0-9]{4})[A-Z]([0-9]{2})([0-9]{2})\([0-9]{2}\)")

    def differs(celex: str, oj: str) -> bool:
        number, printed = treaty.fullmatch(celex), _OJ.fullmatch(oj)
        if number is None or printed is None:
            return False
        return tuple(map(int, number.groups())) != (int(printed[3]), int(printed[2]), int(printed[1]))

    def holds(t: Ledger) -> pd.Series[bool]:
        frame = t.frame("agreements")
        return pd.Series([not differs(c, o) for c, o in zip(frame["celex"], frame["oj_ref"], strict=True)], index=frame.index, dtype=bool)

    why = "the CELEX number of a treaty holds the day of its publication"
    fix = "Compare both with EUR-Lex; one of them belongs to another act."
    return Rule("agreement.celex", "agreements", "celex", why, fix, holds, lambda t, line: f"{_cell(t, 'agreements', line, 'celex')} is not of the day of {_cell(t, 'agreements', line, 'oj_ref')}")


# --- deployments -----------------------------------------------------------------------------------------------------


def _deployments() -> Iterator[Rule]:
    table = "deployments"
    yield Rule(
        "deployment.plan",
        table,
        "measure",
        "nobody is present under a plan",
        "Use measure planned, or another event.",
        lambda t: ~(t.frame(table)["event"].eq("plan") & t.frame(table)["measure"].isin(["present", "cumulative"])),
        lambda t, line: f"is {_cell(t, table, line, 'measure')}, but event is plan",
    )
    yield _agreement_in_force()
    yield _agreement_host()
    yield _border_host()

    def enough(t: Ledger) -> pd.Series[bool]:
        named = t.frame(table)["contributors"].map(lambda cell: len(cell.split(";")) if cell else 0)
        return ~(t.numbers(table, "contributor_count") < named)

    def says(t: Ledger, line: int) -> str:
        return f"{_cell(t, table, line, 'contributor_count')} is less than the contributors named: {_cell(t, table, line, 'contributors')}"

    yield Rule("deployment.contributors", table, "contributor_count", "whoever is named is counted", "Correct the count or the list.", enough, says)
    yield _part_figure(table, "officers")
    yield _part_same(table, "measure", "officers")
    yield _part_window(table, "date", "date")


def _agreement_in_force() -> Rule:
    def window(t: Ledger) -> pd.DataFrame:
        first = pd.concat([t.spans("agreements", f)["first"] for f in ("provisional_application", "entered_into_force")], axis=1).min(axis=1)
        never = t.frame("agreements")["status"].isin(["proposed", "negotiating", "initialled", "rejected"])
        first = first.mask(never & first.isna(), LATEST + 1)
        return pd.DataFrame({"first": first.fillna(EARLIEST), "last": t.spans("agreements", "ended")["last"].fillna(LATEST)})

    def holds(t: Ledger) -> pd.Series[bool]:
        frame, dates = t.frame("deployments"), t.spans("deployments", "date")
        force = window(t)
        force = _linked(t, "deployments", "agreement_id", "agreements", [force["first"], force["last"]])
        real = ~frame["event"].eq("plan")
        return ~(real & ((dates["last"] < force["first"]) | (dates["first"] > force["last"])))

    def says(t: Ledger, line: int) -> str:
        return f"{_cell(t, 'deployments', line, 'agreement_id')} was not in force or provisionally applied on {_cell(t, 'deployments', line, 'date')}"

    why = "officers are deployed under an agreement that applies on that day"
    return Rule("deployment.in-force", "deployments", "agreement_id", why, "Check the dates of both, or name the agreement that applied.", holds, says)


def _agreement_host() -> Rule:
    def hosts(t: Ledger) -> pd.Series[bool]:
        frame, parties = t.frame("deployments"), t.by_id("agreements")["party_b"]
        good = []
        for cell, agreement in zip(frame["hosts"], frame["agreement_id"], strict=True):
            named = set(str(parties.get(agreement, "")).split(";"))
            places = set(cell.split(";"))
            regions = {region for place in named for region in t.regions.get(place, ())}
            good.append(not agreement or agreement not in parties.index or bool(places & (named | regions)))
        return pd.Series(good, index=frame.index, dtype=bool)

    def says(t: Ledger, line: int) -> str:
        agreement = _cell(t, "deployments", line, "agreement_id")
        return f"{agreement} is with {t.by_id('agreements')['party_b'].get(agreement)}, not with the host {_cell(t, 'deployments', line, 'hosts')}"

    why = "the agreement is one with the host"
    return Rule("deployment.host", "deployments", "agreement_id", why, "Name the agreement with the host.", hosts, says)


def _border_host() -> Rule:
    section = re.compile(r"([A-Z]{2})(?:-([A-Z]{2}))? ")

    def off(t: Ledger, line: int) -> list[str]:
        hosts = set(_cell(t, "deployments", line, "hosts").split(";"))
        found = []
        for text in filter(None, _cell(t, "deployments", line, "border").split(";")):
            match = section.match(text)
            ends = {end for end in match.groups() if end} if match else set()
            regions = {region for end in ends for region in t.regions.get(end, ())}
            if match and not hosts & (ends | regions):
                found.append(text)
        return found

    def holds(t: Ledger) -> pd.Series[bool]:
        frame = t.frame("deployments")
        return pd.Series([not border or not off(t, line) for line, border in frame["border"].items()], index=frame.index, dtype=bool)

    why = "officers stand at a border of their host"
    return Rule("deployment.border", "deployments", "border", why, "Correct the border or the hosts.", holds, lambda t, line: f"{', '.join(off(t, line))} is no border of {_cell(t, 'deployments', line, 'hosts')}")


# --- projects --------------------------------------------------------------------------------------------------------

#: Plausible EUR for one unit of any currency of the tables: from the forint and the yen to the pound.
_RATE = (0.002, 1.6)


def _projects() -> Iterator[Rule]:
    table = "projects"
    yield _in_order(table, "start", "end")
    yield _part_figure(table, "amount_eur")
    yield _part_window(table, "start", "end")

    def rate(t: Ledger) -> pd.Series[float]:
        return t.numbers(table, "amount_eur") / t.numbers(table, "original_amount")

    yield Rule(
        "project.currency",
        table,
        "original_amount",
        "two statements of one sum differ by an exchange rate",
        "Check both amounts and the currency.",
        lambda t: ~((rate(t) < _RATE[0]) | (rate(t) > _RATE[1])),
        lambda t, line: f"{_cell(t, table, line, 'original_amount')} {_cell(t, table, line, 'original_currency')} for EUR {_cell(t, table, line, 'amount_eur')} is no plausible rate",
    )
    yield Rule(
        "project.currency",
        table,
        "original_currency",
        "the original currency is another than the euro",
        "Put an amount in euro into amount_eur.",
        lambda t: ~t.frame(table)["original_currency"].isin(["EUR", "XXX", "XTS"]),
        lambda t, line: f"{_cell(t, table, line, 'original_currency')} is not another currency than the euro",
    )
    yield Rule(
        "status.dates",
        table,
        "status",
        "a status is one that the dates allow",
        "Correct status, status_as_of or end.",
        lambda t: ~(t.frame(table)["status"].eq("completed") & (t.spans(table, "status_as_of")["last"] < t.spans(table, "end")["first"])),
        lambda t, line: f"is completed as of {_cell(t, table, line, 'status_as_of')}, but end is {_cell(t, table, line, 'end')}",
    )


# --- returns ---------------------------------------------------------------------------------------------------------

_FLOW = ["from_place", "to_place", "nationalities", "return_type", "unit", "measure", "carried_out_by", "operation_ref"]


def _returns() -> Iterator[Rule]:
    table = "returns"
    yield Rule(
        "return.places",
        table,
        "from_place",
        "a flow has at least one known end, and two different ones",
        "Fill from_place or to_place; a move inside one place is no return.",
        lambda t: (t.frame(table)["from_place"] != t.frame(table)["to_place"]),
        lambda t, line: "is the same as to_place" if _cell(t, table, line, "from_place") else "is empty, and so is to_place",
    )
    yield _same_flow()
    yield _never_falls()
    yield _part_figure(table, "quantity")
    yield _part_same(table, "unit", "quantity")
    yield _part_window(table, "period", "period")


def _same_flow() -> Rule:
    columns = [*_FLOW, "period", "reported_by", "source_id"]

    def same(t: Ledger, line: int) -> list[int]:
        frame = t.frame("returns")
        return [other for other in frame.index[(frame[columns] == frame.loc[line, columns]).all(axis=1)] if other != line]

    why = "one source counts one flow once"
    return Rule(
        "return.same-flow",
        "returns",
        "quantity",
        why,
        "Keep one of the rows, or say in what they differ (nationalities, carried_out_by, operation_ref, period).",
        lambda t: ~t.frame("returns").duplicated(columns, keep=False),
        lambda t, line: f"counts the same flow, kind and period from the same source as line {', '.join(map(str, same(t, line)))}",
    )


def _never_falls() -> Rule:
    """A running total of one counter from one start never gets smaller."""

    def before(t: Ledger) -> pd.DataFrame:
        frame, spans, own = t.frame("returns"), t.spans("returns", "period", slack=False), _intervals(t, "returns", "quantity")
        rows = frame[frame["measure"].eq("cumulative") & spans["first"].notna() & own["low"].notna()]
        series = rows[[*_FLOW, "reported_by"]].assign(first=spans["first"], last=spans["last"], low=own["low"], high=own["high"], line=rows.index)
        series = series.sort_values(["last", "low"], kind="stable")
        groups = series.groupby([*_FLOW, "reported_by", "first"], sort=False)
        peak = groups["low"].cummax()
        series["previous"] = peak.groupby([series[c] for c in [*_FLOW, "reported_by", "first"]], sort=False).shift()
        return series[series["high"] < series["previous"]]

    def says(t: Ledger, line: int) -> str:
        row = before(t).loc[line]
        return f"{_cell(t, 'returns', line, 'quantity')} is less than the {row['previous']:g} of an earlier row of the same running total"

    why = "a running total never falls"
    fix = "Check both figures and their periods; use measure count for a closed period."
    return Rule("return.cumulative", "returns", "quantity", why, fix, lambda t: ~t.frame("returns").index.to_series().isin(before(t).index), says)


# --- facilities, sources, corrections ---------------------------------------------------------------------------------


def _facilities() -> Iterator[Rule]:
    yield _in_order("facilities", "opened", "closed")
    yield Rule(
        "status.dates",
        "facilities",
        "status",
        "a status is one that the dates allow",
        "Correct the status, or empty `closed`.",
        lambda t: ~(t.frame("facilities")["closed"].ne("") & t.frame("facilities")["status"].isin(["planned", "under_construction", "open"])),
        lambda t, line: f"is {_cell(t, 'facilities', line, 'status')}, but closed is {_cell(t, 'facilities', line, 'closed')}",
    )


def _sources() -> Iterator[Rule]:
    def used(t: Ledger) -> pd.Series[bool]:
        cited = set().union(*(t.frame(name)["source_id"] for name in t.tables if "source_id" in t.tables[name].by_name))
        return t.frame("sources")["id"].isin(cited | set(t.frame("sources")["reprint_of"]))

    yield Rule("source.used", "sources", "id", "every source states something", "Enter a claim from it, or delete the row.", used, lambda t, line: "no claim, record or control total cites it")

    def alone(t: Ledger) -> pd.Series[bool]:
        return ~t.frame("sources").duplicated(["url", "title"], keep=False)

    yield Rule("source.same", "sources", "url", "one document is one source", "Keep one of the rows and point its claims to it.", alone, lambda t, line: "another source has the same address and title")
    yield _published_before_read()
    yield _original_first()
    yield _reprint_shares()


def _published_before_read() -> Rule:
    def holds(t: Ledger) -> pd.Series[bool]:
        return ~(t.spans("sources", "accessed")["last"] < t.spans("sources", "published")["first"])

    why = "nobody reads a document before it is published"
    return Rule("dates.order", "sources", "published", why, "Check both dates.", holds, lambda t, line: f"{_cell(t, 'sources', line, 'published')} is after accessed {_cell(t, 'sources', line, 'accessed')}")


def _original_first() -> Rule:
    def holds(t: Ledger) -> pd.Series[bool]:
        dates = t.spans("sources", "published")
        original = _linked(t, "sources", "reprint_of", "sources", [dates["first"]])
        return ~(dates["last"] < original["first"])

    def says(t: Ledger, line: int) -> str:
        original = t.by_id("sources").loc[_cell(t, "sources", line, "reprint_of")]
        return f"was published before {original.name} (line {original['line']}), of which it is a reprint"

    why = "a reprint does not come before its original"
    return Rule("source.reprint", "sources", "reprint_of", why, "Turn the link round, or check the dates.", holds, says)


def _reprint_shares() -> Rule:
    def holds(t: Ledger) -> pd.Series[bool]:
        stated: dict[str, set[tuple[str, str]]] = {}
        claims = t.frame("claims")
        for source, record, field in zip(claims["source_id"], claims["record_id"], claims["field"], strict=True):
            stated.setdefault(source, set()).add((record, field))
        frame = t.frame("sources")
        good = [
            not parent or not stated.get(source, set()).isdisjoint(stated.get(parent, set()))
            for source, parent in zip(frame["id"], frame["reprint_of"], strict=True)
        ]
        return pd.Series(good, index=frame.index, dtype=bool)

    def says(t: Ledger, line: int) -> str:
        return f"states nothing that {_cell(t, 'sources', line, 'reprint_of')} states too"

    why = "a reprint says what its original says"
    return Rule("source.reprint", "sources", "reprint_of", why, "Name the original, or empty reprint_of.", holds, says)


def _corrections() -> Iterator[Rule]:
    def current(t: Ledger) -> pd.Series[str]:
        frame = t.frame("corrections")
        held = {name: t.by_id(name) for name in t.tables if t.tables[name].bound}
        values = []
        for record, field in zip(frame["record_id"], frame["field"], strict=True):
            table = t.records[record][0].name if record in t.records else ""
            known = table and field in held[table].columns
            values.append(str(held[table].at[record, field]) if known else "")
        return pd.Series(values, index=frame.index, dtype=object)

    def last(t: Ledger) -> pd.Series[bool]:
        frame = t.frame("corrections")
        order = frame["version"].map(lambda v: tuple(int(n) for n in v.split(".") if n.isdigit()))
        return ~frame.assign(order=order).sort_values("order", kind="stable").duplicated(["record_id", "field"], keep="last").sort_index()

    def kept(t: Ledger) -> pd.Series[bool]:
        frame = t.frame("corrections")
        return ~(last(t) & frame["field"].ne("id") & frame["new"].ne(current(t)))

    def gone(t: Ledger) -> pd.Series[bool]:
        frame = t.frame("corrections")
        retired = frame["field"].eq("id")
        return ~(retired & frame["record_id"].isin(t.records)) & ~(~retired & ~frame["record_id"].isin([*t.records, *frame.loc[retired, "record_id"]]))

    yield Rule("correction.new", "corrections", "new", "the log of corrections ends in what the tables hold", "Log the later change too, or restore the corrected value.", kept, lambda t, line: f"{_cell(t, 'corrections', line, 'new')!r}, but the record holds {current(t)[line]!r}")
    yield Rule("correction.record", "corrections", "record_id", "a retired identifier is never used again, and a changed one exists", "Give the record another identifier, or retire the old one with field `id`.", gone, lambda t, line: "is retired but in use" if _cell(t, "corrections", line, "field") == "id" else "is no record, and not retired")
    yield Rule("correction.change", "corrections", "old", "a correction changes something", "Delete the row.", lambda t: t.frame("corrections")["old"].ne(t.frame("corrections")["new"]), lambda t, line: "is the same as new")


