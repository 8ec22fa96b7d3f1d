"""python -m website: build the site, show it on this machine, take pictures of it, or collect its texts."""

from __future__ import annotations

import argparse
import http.server
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

try:
    from borderledger.errors import CorruptPackage, MissingExtra
    from borderledger.output.console import run
    from website.build import build
    from website.bundle import NoNode
    from website.catalogue import FILE, catalogue
    from website.language import BadTranslation, read
    from website.screenshots import NoBrowser, screenshots
except ModuleNotFoundError:
    sys.exit("website: run `make validate` once, then .venv/bin/python -m website (README, Two commands)")

__all__ = ["main"]

_ROOT = Path(__file__).parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return the exit code."""
    return run("website", lambda: _run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    parser = argparse.ArgumentParser(prog="python -m website", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("build", help="write the site into a folder")
    making.add_argument("--out", type=Path, default=_ROOT / "dist/site", help="the folder (default: dist/site)")
    making.add_argument("--language", default="en", help="of a translation in website/locale, such as sq (default: en)")
    making.add_argument("--root", type=Path, default=_ROOT, help=argparse.SUPPRESS)
    showing = commands.add_parser("serve", help="show the site that was built, on localhost")
    showing.add_argument("--out", type=Path, default=_ROOT / "dist/site")
    showing.add_argument("--port", type=int, default=8000)
    commands.add_parser("catalogue", help="write the texts of the interface, for translators")
    taking = commands.add_parser("screenshots", help="write the pictures of the README; needs Chromium")
    taking.add_argument("--out", type=Path, default=_ROOT / "dist/site", help="the folder of the site")
    taking.add_argument("--to", type=Path, default=_ROOT / "docs", help="the folder of the pictures (default: docs)")
    options = parser.parse_args(arguments)
    if options.command == "catalogue":
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_bytes(catalogue())
        print(FILE)
        return 0
    if options.command == "build":
        try:
            progress = _progress if sys.stderr.isatty() else lambda done, of: None
            print(build(options.root, options.out, progress, read(options.language)))
        except (BadTranslation, NoNode, CorruptPackage, MissingExtra) as error:
            print(f"website: {error}", file=sys.stderr)
            return 2
        return 0
    if not (options.out / "index.html").exists():
        print(f"{options.out} holds no site. Build it first: python -m website build", file=sys.stderr)
        return 2
    if options.command == "screenshots":
        try:
            print(*screenshots(options.out, options.to), sep="\n")
        except NoBrowser as error:
            print(f"website: {error}", file=sys.stderr)
            return 2
        return 0
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(options.out))
    with http.server.ThreadingHTTPServer(("127.0.0.1", options.port), handler) as server:
        print(f"http://127.0.0.1:{server.server_port}/ (stop with Ctrl-C)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


def _progress(done: int, of: int) -> None:
    if done % 100 == 0 or done == of:
        width = 40 * min(done, of) // of
        end = "\n" if done >= of else ""
        print(f"\r[{'#' * width}{'.' * (40 - width)}] {done:,} of {of:,} pages", end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
