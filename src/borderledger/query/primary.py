"""Primary sources: what the body itself published whose act or figure a record is.

A schema says which fields of a record name these bodies (`bodies`): the parties of an agreement, the funders of a
project, whoever made a count. The tables organisations and places say under which names a body publishes
(`publishes_as`). The authorities of a state speak for the state, and for one another, because most of their documents
have the state as their publisher. Blogs and reposts are never primary, whoever wrote the text that they copy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from borderledger.package.model import Table
from borderledger.query.grades import WEAK_KINDS

__all__ = ["Publishing"]

Row = Mapping[str, str]


class Publishing:
    """Who publishes what.

    Takes rows of the three tables. Those of earlier versions have no `publishes_as`, and then nothing is primary.
    """

    def __init__(self, sources: Iterable[Row], organisations: Sequence[Row], places: Iterable[Row]) -> None:
        self._state = {row["id"]: row["place"] for row in organisations if row["kind"] == "government" and row["place"]}
        named: dict[str, set[str]] = defaultdict(set)
        for row in (*organisations, *places):
            for name in filter(None, row.get("publishes_as", "").split(";")):
                named[name].add(row["id"])
        spoken = {name: self._with_states(found) for name, found in named.items()}
        none: frozenset[str] = frozenset()
        self._speaks = {s["id"]: spoken.get(s["publisher"], none) for s in sources if s["kind"] not in WEAK_KINDS}

    def bodies(self, table: Table, cells: Iterable[str]) -> frozenset[str]:
        """The bodies whose act or figure a record is; `cells` are those of the fields `table.bodies`."""
        listed = zip(table.bodies, cells, strict=True)
        return self._with_states(
            {*table.always, *(b for name, cell in listed for b in table.by_name[name].items(cell))}
        )

    def is_primary(self, source: str, bodies: frozenset[str]) -> bool:
        """Whether one of some bodies published a source, given by its id."""
        return not bodies.isdisjoint(self._speaks.get(source, ()))

    def _with_states(self, bodies: set[str]) -> frozenset[str]:
        return frozenset(bodies | {self._state[body] for body in bodies if body in self._state})
