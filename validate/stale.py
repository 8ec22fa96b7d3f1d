"""Statuses that nobody has looked at for a long time: a list for editors, and no fault.

A status that nothing follows (`final` in the schema) does not grow old.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from borderledger import edtf
from borderledger.output.escape import printable
from borderledger.package import Package, Table, title

__all__ = ["Stale", "listed", "stale"]

_STATUS, _AS_OF = "status", "status_as_of"


@dataclass(frozen=True, order=True)
class Stale:
    """A status that was shown long ago.

    shown   the last day on which it can have been shown; the first day of all if that is not known
    """

    shown: date
    file: str
    line: int
    record: str
    title: str
    status: str
    as_of: str

    def __str__(self) -> str:
        when = f"as of {self.as_of}" if self.as_of else "without a date"
        return printable(f"{self.file}:{self.line} {self.status}, {when}: {self.title} ({self.record})")


def stale(package: Package, today: date, months: int = 18) -> list[Stale]:
    """The statuses that no source has shown for so many months, the oldest first."""
    before = _earlier(today, months)
    tables = [table for table in package.tables.values() if {_STATUS, _AS_OF} <= {*table.names}]
    return sorted(one for table in tables for one in _of(package, table) if one.shown < before)


def _of(package: Package, table: Table) -> Iterator[Stale]:
    for line, row in package.sheets[table.name].records().items():
        status, as_of = row[_STATUS], row[_AS_OF]
        if status and status not in table.by_name[_STATUS].final:
            yield Stale(_last_day(as_of), table.path, line, row["id"], title(row), status, as_of)


def _last_day(as_of: str) -> date:
    try:
        return date.fromordinal(edtf.parse(as_of)[1]) if as_of else date.min
    except ValueError:
        return date.min  # validation reports it


def _earlier(day: date, months: int) -> date:
    """The same day so many months earlier, or the last of that month if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def listed(found: list[Stale], months: int) -> Iterator[str]:
    """The lines to print."""
    yield from map(str, found)
    if found:
        count = "1 status is" if len(found) == 1 else f"{len(found)} statuses are"
        yield ""
        yield f"{count} older than {months} months. Look for a newer document, and propose what it says."
    else:
        yield f"No status is older than {months} months."
