"""The environment of a peer: made on first use below .venv-peers/, and again when its pinned versions change."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.peers import PEERS

__all__ = ["python_of", "python_with"]

_ROOT = Path(__file__).parents[2]


def python_of(name: str) -> str:
    """The Python that runs a peer; it has the pinned versions. Raises OSError if they cannot be installed."""
    return python_with(name) if PEERS[name].pinned else sys.executable


def python_with(name: str) -> str:
    """The Python of an environment with the versions of requirements-NAME.txt. Raises OSError if one cannot be had."""
    pinned = Path(__file__).with_name(f"requirements-{name}.txt")
    folder = _ROOT / ".venv-peers" / name
    python, installed = folder / "bin/python", folder / "installed.txt"
    if not installed.exists() or installed.read_bytes() != pinned.read_bytes():
        _run(sys.executable, "-m", "venv", "--clear", folder)
        _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", pinned)
        installed.write_bytes(pinned.read_bytes())
    return str(python)


def _run(*command: object) -> None:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise OSError(f"{' '.join(map(str, command[1:4]))}: {last}")
