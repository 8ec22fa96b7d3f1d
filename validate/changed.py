"""Which tables of a package changed since a commit.

What a check looks at is known by its tables: a cell, a key and a digest by their own, a reference also by that of its
target, a rule by those that it names (`Rule.reads`), double entry by all that hold records or claims. If none of them
changed, and the commit had no finding, there is none now. The schemas and the checks themselves must be those of the
commit; otherwise everything is checked.
"""

from __future__ import annotations

from pathlib import Path

from borderledger.package import Package
from validate.git import git

__all__ = ["NoCommit", "changed_tables"]

#: Where the checks are, in the repository of this project.
_CHECKS = ("validate/", "src/borderledger/")


class NoCommit(ValueError):
    """There is no such commit, or no repository."""


def changed_tables(package: Package, ref: str) -> frozenset[str] | None:
    """The tables whose file is another one than in a commit; None if that does not tell what to check again.

    Raises NoCommit.
    """
    about = {"datapackage.json", *(table.schema_path for table in package.tables.values())}
    changed = _changed_files(Path(str(package.root)), ref, [*about, *(t.path for t in package.tables.values())])
    if about & changed or any(path.startswith(_CHECKS) for path in changed):
        return None
    return frozenset(
        table.name
        for table in package.tables.values()
        if any(path == table.path or path.startswith(f"{table.path}/") for path in changed)  # Parquet in a folder
    )


def _changed_files(root: Path, ref: str, named: list[str]) -> set[str]:
    """The files below a folder that are not as in a commit, or not in it; of those that git ignores the named ones."""
    try:
        if git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}").returncode:
            known = git(root, "rev-parse", "--is-inside-work-tree").returncode == 0
            raise NoCommit(
                f"{ref} is no commit of the repository; git log shows them"
                if known
                else f"{root} is in no git repository"
            )
        asked = (
            ("diff", "--name-only", "--no-renames", "--relative", "-z", ref, "--", "."),
            ("ls-files", "--others", "--exclude-standard", "-z"),
            ("ls-files", "--others", "-z", "--", *named),
        )
        done = [git(root, *arguments) for arguments in asked]
    except OSError as error:
        raise NoCommit(f"git cannot be run: {error.strerror or error}") from error
    for one in done:
        if one.returncode:
            raise NoCommit(one.stderr.decode("utf-8", "replace").strip())
    return {path for one in done for path in one.stdout.decode("utf-8", "surrogateescape").split("\0") if path}
