"""Changes as a page of HTML; see `release.report.formats`."""

from __future__ import annotations

import html as escapes
from collections.abc import Iterable, Iterator, Sequence

from borderledger.output.escape import printable
from release.report.comparison import (
    SUMMARY,
    Comparison,
    Entry,
    breaks,
    counted,
    link,
    parts,
    summary,
    version_required,
    where,
)

__all__ = ["html"]

_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; color: #1a1a1a;
  background: #fff }
table { border-collapse: collapse; margin: 1rem 0 2rem; width: 100% }
caption { text-align: left; font-weight: bold; padding: .5rem 0 }
th, td { border: 1px solid #767676; padding: .25rem .5rem; text-align: left; vertical-align: top;
  overflow-wrap: anywhere }
thead th { background: #eee } tbody th { font-weight: normal } .n { text-align: right }
code { font-size: .9em } .scroll { overflow-x: auto }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #161616 } thead th { background: #333 }
  a { color: #9cf } }
"""


def html(c: Comparison) -> str:
    """The changes as a page that needs nothing else."""
    changes = c.changes
    heading = f"{changes.old_version} → {changes.new_version}"
    body = [f"<h1>{_esc(heading)}</h1>", f"<p>{_esc(version_required(c))}</p>"]
    if rows := list(summary(changes)):
        body.append(
            _html_table("What changed, in numbers", SUMMARY, [[_esc(cell) for cell in row] for row in rows], True)
        )
    if changes.schema:
        schema = [
            [f"<code>{_esc(where(one))}</code>", _esc(one.what), _esc(one.old), _esc(one.new), _esc(breaks(one))]
            for one in changes.schema
        ]
        body.append(_html_table("Schema", ("where", "what", "old", "new", "what it breaks"), schema))
    for part in parts(c):
        rows_of = [row for entry in part.entries for row in _html_entry(c, entry)]
        rows_of += [
            [_esc(counted(count)), "", "", "", _esc(count.reason), _html_cited(c, [count.source])]
            for count in part.counts
        ]
        head = ("record", "what", "old", "new", "why", "sources")
        body.append(_html_table(part.table, head, rows_of))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{_esc(f'Changes {heading}')}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def _esc(text: str) -> str:
    return escapes.escape(printable(text))


def _html_table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], numbers: bool = False) -> str:
    """A table; cells are HTML, the first of a row is its head."""
    columns = "".join(f'<th scope="col">{_esc(name)}</th>' for name in head)
    cell = '<td class="n">' if numbers else "<td>"
    lines = [
        f'<tr><th scope="row">{first}</th>' + "".join(f"{cell}{text}</td>" for text in rest) + "</tr>"
        for first, *rest in rows
    ]
    # Who uses the keyboard must be able to reach what is wider than the window.
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{_esc(caption)}">\n<table>\n'
        f"<caption>{_esc(caption)}</caption>\n<thead><tr>{columns}</tr></thead>\n<tbody>\n"
        + "\n".join(lines)
        + "\n</tbody>\n</table>\n</div>"
    )


def _html_entry(c: Comparison, entry: Entry) -> Iterator[list[str]]:
    named = (
        f"{_esc(entry.title)} <code>{_esc(entry.record)}</code>"
        if entry.title
        else f"<code>{_esc(entry.record)}</code>"
    )
    for cell in entry.cells:
        why = ": ".join(filter(None, (cell.kind, cell.reason)))
        yield [named, _esc(cell.field), _esc(cell.old), _esc(cell.new), _esc(why), _html_cited(c, cell.sources)]
    if not entry.cells:
        yield [named, entry.what, "", _esc(entry.successor), _esc(entry.reason), _html_cited(c, entry.sources)]


def _html_cited(c: Comparison, sources: Iterable[str]) -> str:
    shown = []
    for source in filter(None, sources):
        row = c.sources.get(source, {})
        url = link(row.get("url", ""))
        text = _esc(row.get("title", "") or source)
        shown.append(f'<a href="{_esc(url)}" rel="noreferrer noopener">{text}</a>' if url else text)
    return "; ".join(shown)
