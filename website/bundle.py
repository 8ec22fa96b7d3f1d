"""Bundle the scripts and style sheets of the website; `bundle` also writes the WebAssembly of SQLite and the licences.

The packages of website/client/package-lock.json are installed below website/client, in their exact versions and checked
against the hashes there. No install script of a package runs. esbuild makes one file for each kind of page; the same
sources give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

from filelock import FileLock

__all__ = ["CLIENT", "ENTRIES", "NoNode", "bundle", "installed", "node"]

#: The folder of the scripts.
CLIENT = Path(__file__).parent / "client"

#: site.js is on every page, each of the others where it is needed. tools.css comes with them.
ENTRIES = (*(f"src/{name}.js" for name in ("site", "day", "correct", "sql", "sql-worker")), "../static/tools.css")
#: What every page holds itself, so that it waits for no other file.
WITHIN = ("../static/style.css", "src/start.js")

_OLDEST = 20
_WASM = "@sqlite.org/sqlite-wasm/dist/sqlite3.wasm"
_HOW = (
    f"The website needs Node.js {_OLDEST} or newer, with npm. Install it with `apt-get install nodejs npm`, with "
    "`brew install node`, or from https://nodejs.org, and try again."
)


class NoNode(Exception):
    """There is no Node.js, no npm, or one that is too old; the text says what to install."""


def node() -> str:
    """The path of Node.js. Raises NoNode if it, or npm, is missing or too old."""
    path = shutil.which("node")
    if not path or not shutil.which("npm"):
        raise NoNode(f"{'npm' if path else 'Node.js'} was not found. {_HOW}")
    version = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    major = re.match(r"v(\d+)", version)
    if not major or int(major[1]) < _OLDEST:
        raise NoNode(f"Node.js {version} is too old. {_HOW}")
    return path


def installed() -> Path:
    """The folder node_modules, as package-lock.json says. Installs the packages if that file has changed."""
    node()
    modules = CLIENT / "node_modules"
    stamp = modules / ".installed-lock"
    wanted = hashlib.sha256((CLIENT / "package-lock.json").read_bytes()).hexdigest()
    with FileLock(CLIENT / ".lock"):  # tests run side by side
        if not stamp.exists() or stamp.read_text(encoding="ascii") != wanted:
            _run(
                "npm", str(shutil.which("npm")), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"
            )
            stamp.write_text(wanted, encoding="ascii")
    return modules


def bundle(to: Path) -> tuple[str, str]:
    """Write the bundles into the folder `to`, which is assets/ of the site.

    Returns the style sheet and the script that every page holds itself. Raises NoNode if there is no Node.js to do it,
    and RuntimeError with the message of npm or esbuild if one fails.
    """
    modules = installed()
    to.mkdir(parents=True, exist_ok=True)
    _run(
        "esbuild",
        node(),
        str(modules / "esbuild" / "bin" / "esbuild"),
        *ENTRIES,
        *WITHIN,
        "--entry-names=[name]",
        "--bundle",
        "--minify",
        "--format=iife",  # browsers load no modules from a folder
        "--target=es2022",
        "--charset=utf8",
        "--legal-comments=none",  # they are in licences.txt
        "--log-level=error",
        "--log-override:empty-import-meta=silent",  # SQLite asks where it was loaded from; we tell it
        f"--outdir={to.resolve()}",
    )
    shutil.copyfile(modules / _WASM, to / "sqlite3.wasm")
    (to / "licences.txt").write_text(_licences(modules), encoding="utf-8", newline="\n")
    style, script = (_taken(to / Path(name).name) for name in WITHIN)
    return style, script


def _taken(file: Path) -> str:
    """What a file holds, which is deleted."""
    text = file.read_text(encoding="utf-8").strip()
    file.unlink()
    return text


def _licences(modules: Path) -> str:
    """What the packages in the bundles are, and the texts of their licences as far as they carry one."""
    texts = []
    for name in sorted(json.loads((CLIENT / "package.json").read_bytes())["dependencies"]):
        about = json.loads((modules / name / "package.json").read_bytes())
        texts.append(f"{name} {about['version']}, {about['license']}, {about['homepage']}\n")
        texts += [file.read_text(encoding="utf-8") for file in sorted((modules / name).glob("LICEN[CS]E*"))]
    return "\n".join(texts)


def _run(tool: str, *command: str) -> None:
    done = subprocess.run(command, cwd=CLIENT, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        raise RuntimeError(f"{tool} failed:\n{(done.stderr or done.stdout).strip()}")
