"""A version of the dataset as HTML, for notebooks: what it is, its licence, and its tables."""

from __future__ import annotations

from html import escape

from borderledger.output.metadata import about
from borderledger.package.tables import Tables

__all__ = ["overview"]


def overview(dataset: Tables) -> str:
    """Title, version, licence, and each table with its number of rows and what it holds. All text is escaped.

    Raises CorruptPackage when a table cannot be read.
    """
    facts = {name: escape(text) for name, text in about(dataset).items()}
    licence = facts["licence"]
    if facts["licence_url"].startswith("https://"):
        licence = f'<a href="{facts["licence_url"]}">{licence}</a>'
    lines = [
        f"<p><strong>{facts['title']}</strong><br>Version {facts['version']}, licence {licence}</p>",
        "<table><thead><tr><th>table</th><th>rows</th><th>what it holds</th></tr></thead><tbody>",
    ]
    for schema in map(dataset.schema, dataset.names):
        holds = f"{schema.title}: {schema.description.split('. ')[0].rstrip('.')}"
        cells = escape(schema.name), f"{len(dataset.cells(schema.name)):,}", escape(holds)
        lines.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    lines += ["</tbody></table>", "<p><code>describe(table)</code> says what the columns mean.</p>"]
    return "\n".join(lines)
