"""python corrections/comment.py safe FILE | number PULLS.json SHA: for the workflow that comments on pull requests.

    safe      print the text of a comment, made safe, because the job that wrote it had read contributed data
    number    print the number of the pull request whose last commit is SHA, from the list of GitHub

The job that runs this script holds a token. So the script stands alone, uses only the standard library, and trusts
nothing: neither that the file is text, nor that its author has escaped it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

__all__ = ["LONGEST", "main", "number", "safe"]

#: Longest comment, in characters; GitHub takes 65,536.
LONGEST = 60_000
#: Most bytes that are read: four for each character. A stranger's file may be endless.
_MOST = 4 * LONGEST

#: The beginning of a mention or of HTML. An invisible space after it makes it harmless. This is done in code, too: a
#: line alone does not show where code ends, and a mistake would mention somebody.
_ACTIVE = re.compile(r"[@<](?=\S)")


def safe(content: bytes) -> str:
    """A comment that mentions nobody, holds no HTML and is not too long."""
    text = content[:_MOST].decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(c for c in text if c.isprintable() or c == "\n")
    text = _ACTIVE.sub(lambda mark: f"{mark[0]}\u200b", text).strip("\n") + "\n"
    if len(text) <= LONGEST:
        return text
    return text[: LONGEST - 100].rpartition("\n")[0] + "\n\n**The rest was cut: the comment is too long.**\n"


def number(pulls: object, sha: str) -> int:
    """The number of the one open pull request whose last commit is `sha`; 0 for none or several."""
    listed = pulls if isinstance(pulls, list) else []
    found = {one["number"] for one in listed if isinstance(one, dict) and _is_of(one, sha)}
    return found.pop() if len(found) == 1 else 0


def _is_of(pull: dict[str, object], sha: str) -> bool:
    head = pull.get("head")
    whole = re.fullmatch(r"[0-9a-f]{40}", sha) and type(pull.get("number")) is int
    return bool(whole and pull.get("state") == "open" and isinstance(head, dict) and head.get("sha") == sha)


def main(arguments: Sequence[str]) -> int:
    """Run the command line; returns the exit code, 1 if there is no such pull request."""
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    match arguments:
        case ["safe", file]:
            with open(file, "rb") as opened:
                sys.stdout.write(safe(opened.read(_MOST)))
            return 0
        case ["number", file, sha]:
            found = number(json.loads(Path(file).read_bytes()), sha)
            print(found or "")
            return 0 if found else 1
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
