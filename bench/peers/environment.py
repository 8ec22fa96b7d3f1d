"""The environment of a peer: made on first use below .venv-peers/, and again when its pinned versions change."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from bench.peers import PEERS

__all__ = ["python_of", "python_with", "site_of_observable"]

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


def site_of_observable(returns: str) -> Path:
    """The folder of a page that Observable Framework makes of sums of returns, which are given as JSON.

    Its packages are those of observable/package-lock.json. Telemetry is off, and no install script runs. Raises OSError
    if they cannot be installed, or if the page cannot be built.
    """
    given = Path(__file__).with_name("observable")
    folder = _ROOT / ".venv-peers" / "observable"
    locked, installed = given / "package-lock.json", folder / "installed.json"
    shutil.copytree(given, folder, dirs_exist_ok=True)
    if not installed.exists() or installed.read_bytes() != locked.read_bytes():
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        _run("npm", "ci", *quiet, folder=folder)
        shutil.copyfile(locked, installed)
    modules = folder / "node_modules/@observablehq"
    # Only imports of `npm:` bring the style of the table along, and these load from a public server while building.
    shutil.copyfile(modules / "inputs/dist/index.css", folder / "src/inputs.css")
    (folder / "src/returns.json").write_text(returns, encoding="utf-8")
    shutil.rmtree(folder / "dist", ignore_errors=True)
    _run("node", modules / "framework/dist/bin/observable.js", "build", folder=folder)
    return folder / "dist"


def _run(*command: object, folder: Path = _ROOT) -> None:
    quiet = os.environ | {"OBSERVABLE_TELEMETRY_DISABLE": "true"}
    done = subprocess.run([*map(str, command)], cwd=folder, env=quiet, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise OSError(f"{' '.join(map(str, command[1:4]))}: {last}")
