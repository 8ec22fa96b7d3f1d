"""The scripts of the pages."""

from pathlib import Path

__all__ = ["bundle"]


def bundle(to: Path) -> None:
    """Write the scripts into a folder."""
    for name in ("site.js", "correct.js", "sql.js"):
        (to / name).write_text("")
