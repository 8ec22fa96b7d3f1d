"""Changes as a page of HTML, from the template changes.html beside this module."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from markupsafe import Markup

from borderledger.output.escape import printable
from release.report.comparison import (
    SUMMARY,
    Comparison,
    breaks,
    counted,
    link,
    parts,
    summary,
    version_required,
    where,
)

__all__ = ["html"]

_KNOWN = (breaks, counted, link, parts, summary, version_required, where)


def html(c: Comparison) -> str:
    """The changes as a page that needs nothing else."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        finalize=_printable,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    known = {function.__name__: function for function in _KNOWN}
    return pages.get_template("changes.html").render(c=c, SUMMARY=SUMMARY, **known)


def _printable(value: Any) -> Any:
    """A text from the data without characters that do not print; what a macro wrote is finished."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value
