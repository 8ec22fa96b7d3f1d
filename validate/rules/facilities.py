"""Rules of facilities: opened, then closed, with a status that fits; and the place is a locality of the region."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw

from validate.engines import Frame
from validate.ledger import Ledger
from validate.reading import LINE
from validate.rules.general import in_order, status_as_of, status_ruled_out
from validate.rules.rule import Rule, message

__all__ = ["rules"]

_TABLE = "facilities"

#: The date that a status shows.
_SHOWN = {"open": "opened", "closed": "closed"}

#: The least and the greatest degree of the six together (places in WB6): from the south of Albania to the north of
#: Serbia, and from the west of Bosnia and Herzegovina to the east of Serbia.
_REGION = {"latitude": (39.6, 46.2), "longitude": (15.7, 23.1)}
#: About a kilometre. A third decimal would also be read as thousands by a spreadsheet: 44.817 as 44817.
_MOST_DECIMALS = 2


def rules() -> Iterator[Rule]:
    """The rules of this table."""
    yield in_order(_TABLE, "opened", "closed")
    never_closed = ("planned", "under_construction", "open", "cancelled")
    yield status_ruled_out(_TABLE, "closed", never_closed, "Correct the status, or empty `closed`.")
    yield status_as_of(_TABLE, _SHOWN, "Use the day that the source names, or the day on which it was published.")
    for coordinate in _REGION:
        yield _in_the_region(coordinate)
        yield _no_finer(coordinate)
        yield _of_the_locality(coordinate)


def _in_the_region(coordinate: str) -> Rule:
    least, most = _REGION[coordinate]
    return Rule(
        id="facility.region",
        table=_TABLE,
        field=coordinate,
        why="a facility is in the Western Balkans: 39.6 to 46.2 degrees north, 15.7 to 23.1 degrees east",
        fix="Compare it with the gazetteer; latitude is the degree north, longitude the degree east.",
        holds=lambda row: ~((row.number(coordinate) < least) | (row.number(coordinate) > most)),
        says=message(f"{{{coordinate}}} is outside the Western Balkans, {least} to {most}"),
    )


def _no_finer(coordinate: str) -> Rule:
    return Rule(
        id="facility.precision",
        table=_TABLE,
        field=coordinate,
        why="coordinates are those of a locality, so that they expose no building: two decimals are about a kilometre",
        fix=f"Round it to {_MOST_DECIMALS} decimals, in the claim too.",
        cell=lambda text: len(text.partition(".")[2]) > _MOST_DECIMALS,
        says=message(f"{{{coordinate}}} has more than {_MOST_DECIMALS} decimals"),
    )


def _of_the_locality(coordinate: str) -> Rule:
    """All facilities of one locality have one pair of coordinates; the first row of a locality is compared with."""

    def lines(t: Ledger) -> Frame:
        placed = t.rows(_TABLE).filter((nw.col("coordinates_of") == "locality") & (nw.col("locality") != ""))
        placed = placed.select(LINE, "id", coordinate, nw.col(LINE).min().over("place", "locality").alias("first"))
        firsts = placed.select(
            nw.col(LINE).alias("first"), nw.col("id").alias("first/id"), nw.col(coordinate).alias("first/held")
        )
        compared = placed.join(firsts, on="first", how="left")
        return compared.filter(nw.col(coordinate) != nw.col("first/held")).select(
            LINE, "first", "first/id", "first/held"
        )

    held = "the {first/held} of {first/id} (line {first})"
    return Rule(
        id="facility.locality",
        table=_TABLE,
        field=coordinate,
        why="coordinates are those of the locality, so all facilities in it have the same",
        fix="Take both from the gazetteer, never from a map of the building.",
        lines=lines,
        says=message(f"{{{coordinate}}} differs from {held}, which is in the same locality"),
    )
