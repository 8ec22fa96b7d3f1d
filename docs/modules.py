"""The map of modules in docs/developing.md: each module with the first sentence of its docstring."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

__all__ = ["modules"]

_FOLDERS = (
    "src/borderledger",
    "validate",
    "ingest",
    "corrections",
    "release",
    "audit",
    "website",
    "links",
    "docs",
    "bench",
)


def modules(root: Path) -> str:
    """The map as Markdown: a heading for each package, a line for each module."""
    return "\n".join(line for folder in _FOLDERS for line in _package(root, root / folder))


def _package(root: Path, folder: Path) -> Iterator[str]:
    name = (
        folder.relative_to(root / "src" if folder.is_relative_to(root / "src") else root).as_posix().replace("/", ".")
    )
    yield f"\n**`{name}`** {_sentence(folder / '__init__.py')}\n"
    for path in sorted(folder.glob("*.py")):
        if path.stem != "__init__":
            yield f"- [`{path.stem}`](../{path.relative_to(root).as_posix()}) {_sentence(path)}"
    for path in sorted(folder.iterdir()):
        if (path / "__init__.py").is_file():
            yield from _package(root, path)


def _sentence(path: Path) -> str:
    """The first sentence of a module's docstring, on one line."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    first = " ".join(text.partition("\n\n")[0].split())
    end = re.search(r"[.?](?= [A-Z]|$)|:$", first)
    return first[: end.end()] if end else first
