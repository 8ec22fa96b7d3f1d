"""Where a copy of a source is, for the day on which its own address leads nowhere."""

from __future__ import annotations

import re
from collections.abc import Mapping

from borderledger.package.model import Table

__all__ = ["ARCHIVE_COPY", "COPY_SAID", "archive_copy", "has_copies"]

#: The column that holds it.
ARCHIVE_COPY = "archive_copy"
COPY_SAID = (
    "Where a copy of the document is: the copy that the source names, or else the one of the Wayback Machine that is "
    "nearest to the day on which the editors read it. The second address is computed; the archive may have no copy."
)
#: What it is made of.
_FIELDS = {"url", "accessed", "archive_url"}


def has_copies(schema: Table) -> bool:
    """Whether the rows of a table are documents with an address and the day on which they were read."""
    return {*schema.names} >= _FIELDS


def archive_copy(source: Mapping[str, str]) -> str:
    """The address of a copy of a source; empty if nothing can be computed. Nobody has looked whether it is there.

    >>> archive_copy({"url": "https://example.org/a", "accessed": "2026-11-23"})
    'https://web.archive.org/web/20261123/https://example.org/a'
    """
    url, day = source.get("url", ""), source.get("accessed", "")
    if held := source.get("archive_url"):
        return held
    if url.startswith(("https://web.archive.org/web/", "http://web.archive.org/web/")):
        return url
    if not url.startswith(("https://", "http://")) or not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", day):
        return ""
    return f"https://web.archive.org/web/{day.replace('-', '')}/{url}"
