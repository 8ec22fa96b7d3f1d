"""The files of a checkout that a release ships: those that pyproject.toml names for the wheel and the sdist."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from borderledger.package import Finding, unresolved

__all__ = ["shipped_files", "unmerged"]

#: Shipped also without pyproject.toml.
_ALWAYS = ("CHANGELOG.md", "datapackage.json", "data/*.csv", "schemas/*.json")


def shipped_files(root: Path) -> list[Path]:
    """The files that are shipped, in the order of their paths.

    Raises OSError, and ValueError for a pyproject.toml that is none.
    """
    patterns = set(_ALWAYS)
    if (root / "pyproject.toml").is_file():
        about: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
        project, build = about.get("project", {}), about.get("tool", {}).get("hatch", {}).get("build", {})
        patterns |= {"pyproject.toml", str(project.get("readme", "README.md")), *project.get("license-files", ())}
        patterns |= {pattern.lstrip("/") for pattern in build.get("include", ())}
    return sorted({path for pattern in patterns for path in root.glob(pattern) if path.is_file()})


def unmerged(root: Path) -> Iterator[Finding]:
    """A finding for each file that is shipped and has an unresolved merge."""
    for path in shipped_files(root):
        text = path.read_bytes().decode("utf-8", "replace")
        if merge := unresolved(path.relative_to(root).as_posix(), text):
            yield merge
