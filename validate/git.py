"""Ask git about the repository that a folder belongs to, and about no other."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

__all__ = ["git", "git_environment"]

#: Variables that say where git itself and its settings are, and where it stops to look for a repository. All others of
#: git's may mean another repository.
_KEPT = {"GIT_EXEC_PATH", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES"}


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder. Raises OSError when git is not installed, or the folder is not there."""
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False, env=git_environment())


def git_environment() -> dict[str, str]:
    """The environment without what git sets for a hook: GIT_DIR, GIT_INDEX_FILE, GIT_WORK_TREE and others.

    In English, because what git says is looked at.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _KEPT}
    return kept | {"LC_ALL": "C"}
