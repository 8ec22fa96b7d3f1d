"""python -m docs.prose: check the spelling and the style of the prose that people read, outside Python.

It reads the pages in Markdown, the texts of the schemas and of datapackage.json, and the issue forms. It leaves out
code, generated pages and blocks, released versions in the changelog, and data/*.csv, which quotes its sources.

codespell finds misspelt words and American spellings. proselint finds clichés and repeated words, and runs our rules.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import yaml
from codespell_lib import main as codespell
from markdown_it import MarkdownIt
from proselint import checks as proselint_checks
from proselint.config import DEFAULT
from proselint.registry import CheckRegistry
from proselint.registry.checks import Check, CheckFlags, CheckResult
from proselint.tools import LintFile

__all__ = ["Finding", "Prose", "check", "prose"]

ROOT = Path(__file__).parents[1]
#: Pages that `make docs` generates; the texts in them come from the schemas and the code.
GENERATED = ("docs/data-dictionary.md", "docs/rules.md")
#: The most words that a sentence may have.
LONGEST = 40

#: Phrases that nobody should write, as regular expressions, and what to write instead.
INSTEAD = {
    r"(that )?was cut short": "is interrupted",
    r"who(ever)? reads (it|the \w+) next": "the next command that reads it",
    r"writes? [^.:;]{1,40} again": "regenerates",
    r"(is|are) none of": "is not one of, or: does not belong to",
    r"as a form is": "you get the same answer as from the form",
    r"how [\w ]+ (is|are) [\w ]+ says": "X says how …: the subject first",
    r"taken over": "accepted, or: copied",
    r"what (stands|speaks) against": "what is wrong with",
    r"stands? against": "is wrong with",
    r"nothing stands": "no problem is left",
    r"(can|may) be had": "you can get",
    r"what becomes? of": "what happens to",
    r"what is left of it": "where you find it afterwards",
    r"is told (apart|by)": "differs from, or: X says",
    r"are told (apart|by)": "differ from, or: X says",
    r"(is|are) said (at|in|by|on)": "X says: name who says it",
    r"as it should be": "correct, or: up to date",
    r"does the rest": "name what it does",
    r"of which (the|one|a) \w+ is": "two sentences",
    r"(to )?mend(s|ed|ing)?": "correct, fix or repair",
    r"by mail": "by e-mail",
    r"is held to": "must have, or: must fit",
    r"so here": "This dataset does the same",
    r"stands? (in|there|behind|where)": "is in, or: supports",
    r"utili[sz]e": "use",
    r"in order to": "to",
    r"prior to": "before",
}
#: Words that British English has, too, in another sense. The dictionary would often be wrong about them.
BOTH = {
    *("biased", "dialog", "disk", "focused", "focuses", "focusing", "license", "licensed", "licenses", "licensing"),
    *("math", "meter", "meters", "overwritable", "practice", "practices", "program", "routing", "specialty"),
    *("stories", "story"),
}
#: Names that bodies spell in the American way.
NAMES = ("International Organization for Migration",)


class Prose(NamedTuple):
    """The prose of one file: its text, and the line of the file that each line of the text comes from."""

    path: str
    text: str
    lines: tuple[int, ...]


class Finding(NamedTuple):
    """A word or a sentence to write in another way."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.message}"


def main() -> int:
    """Print the findings. Returns 0 without findings, else 1."""
    found = check(prose(ROOT))
    print("\n".join(map(str, found)) if found else "The prose has no findings.")
    return bool(found)


# --- what is read ----------------------------------------------------------------------------------------------------


def prose(root: Path) -> list[Prose]:
    """The prose of every page, schema and issue form of a checkout, in the order of their paths."""
    pages = [root / "README.md", root / "CONTRIBUTING.md", root / "CHANGELOG.md", *(root / "docs").rglob("*.md")]
    texts = [root / "datapackage.json", *(root / "schemas").glob("*.json")]
    forms = [*(root / ".github" / "ISSUE_TEMPLATE").glob("*.yml")]
    readers = {".md": _page, ".json": _schema, ".yml": _form}
    named = {file.relative_to(root).as_posix(): file for file in (*pages, *texts, *forms) if file.exists()}
    return [
        of_pieces(path, readers[file.suffix](file.read_text(encoding="utf-8"), path))
        for path, file in sorted(named.items())
        if path not in GENERATED
    ]


def of_pieces(path: str, pieces: Iterable[tuple[int, str]]) -> Prose:
    """The prose of a file from its pieces, each with its first line. An empty line separates the pieces."""
    parts: list[str] = []
    lines: list[int] = []
    for first, text in pieces:
        rows = [*text.split("\n"), ""]
        parts += rows
        lines += [first + number for number in range(len(rows))]
    return Prose(path, "\n".join(parts), tuple(lines))


def _page(text: str, path: str) -> Iterator[tuple[int, str]]:
    if path == "CHANGELOG.md":
        text = re.sub(r"^## (?!\[?Unreleased).*", "", text, count=1, flags=re.MULTILINE | re.DOTALL)
    # Generated blocks, emptied so that the lines keep their numbers.
    text = re.sub(r"<!-- (.+?) -->\n.*?<!-- end of \1 -->", lambda m: "\n" * m[0].count("\n"), text, flags=re.DOTALL)
    return _markdown(text, 1)


def _markdown(text: str, first: int) -> Iterator[tuple[int, str]]:
    """The paragraphs, headings and cells of a Markdown text that begins on line `first`, without its code."""
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "inline" and token.map and token.children:
            spoken = "".join(
                {"softbreak": "\n", "hardbreak": "\n", "code_inline": "`-`"}.get(child.type, child.content)
                for child in token.children
                if child.type in ("text", "text_special", "softbreak", "hardbreak", "code_inline")
            )
            yield first + token.map[0], spoken


def _schema(text: str, _path: str) -> Iterator[tuple[int, str]]:
    """The titles, labels and descriptions of a JSON file, which has one key a line."""
    for number, line in enumerate(text.splitlines(), 1):
        if entry := re.search(r'"(?:title|label|description|notCovered)": ("(?:[^"\\]|\\.)*")', line):
            yield from ((number, spoken) for _, spoken in _markdown(json.loads(entry[1]), number))


def _form(text: str, _path: str) -> Iterator[tuple[int, str]]:
    """The questions, explanations and options of an issue form."""

    def walk(node: yaml.Node | None, key: str) -> Iterator[tuple[int, str]]:
        if isinstance(node, yaml.MappingNode):
            for name, value in node.value:
                yield from walk(value, name.value)
        elif isinstance(node, yaml.SequenceNode):
            for item in node.value:
                yield from walk(item, key)
        elif isinstance(node, yaml.ScalarNode) and key in ("name", "description", "label", "value", "options"):
            first = node.start_mark.line + (2 if node.style in (">", "|") else 1)
            for line, spoken in _markdown(node.value, first):
                # A folded text loses its line ends, so its findings name the line where it begins.
                yield (line if node.style == "|" else first), spoken

    yield from walk(yaml.compose(text, yaml.SafeLoader), "")


# --- what is found ---------------------------------------------------------------------------------------------------


def check(texts: Iterable[Prose]) -> list[Finding]:
    """What to write in another way, sorted by path and line."""
    texts = [text for text in texts if text.text.strip()]
    if not texts:
        return []  # codespell reads the working folder if it is given no file
    return sorted({*_spelling(texts), *_style(texts)})


def _spelling(texts: list[Prose]) -> Iterator[Finding]:
    with tempfile.TemporaryDirectory(prefix="borderledger-") as name:
        folder = Path(name)
        british = folder / "british.txt"
        british.write_text("".join(f"{bad}->{good}\n" for bad, good in _british().items()), encoding="utf-8")
        for number, text in enumerate(texts):
            (folder / f"{number}.txt").write_text(re.sub("|".join(NAMES), "", text.text), encoding="utf-8")
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            named = [str(folder / f"{number}.txt") for number in range(len(texts))]
            codespell(f"--dictionary=-,{british}", "--builtin=clear,rare", "--disable-colors", *named)
    for number, line, message in re.findall(r"(\d+)\.txt:(\d+): (.*)", out.getvalue()):
        text = texts[int(number)]
        yield Finding(text.path, text.lines[int(line) - 1], message.replace(" ==> ", ": write ") + " [spelling]")


def _british() -> dict[str, str]:
    """The British spelling of each American one, from the dictionary of codespell for the other direction."""
    dictionary = files("codespell_lib").joinpath("data", "dictionary_en-GB_to_en-US.txt").read_text(encoding="utf-8")
    pairs = [line.split("->") for line in dictionary.splitlines() if "->" in line]
    found: dict[str, str] = {}
    for british, american in pairs:
        for word in american.rstrip(",").split(","):
            if word.strip() not in BOTH:
                found.setdefault(word.strip(), british)
    return found


def _style(texts: Iterable[Prose]) -> Iterator[Finding]:
    registry = CheckRegistry()
    if not registry.checks:
        registry.register_many((*proselint_checks.__register__, *OURS))
    for text in texts:
        starts = [0, *accumulate(len(line) + 1 for line in text.text.split("\n"))]
        for result in LintFile(text.path, text.text).lint({"max_errors": 1000, "checks": _ENABLED}):
            found = result.check_result
            # LintFile puts a line end before the text, so its positions are one higher than ours.
            start, end = (max(position - 1, 0) for position in found.span)
            if "\n\n" in text.text[start:end].strip():  # a word that ends one paragraph and begins the next
                continue
            line = text.lines[min(bisect_right(starts, start), len(text.lines)) - 1]
            yield Finding(text.path, line, f"{' '.join(found.message.split())} [{found.check_path}]")


def _long_sentences(text: str, check: Check) -> Iterator[CheckResult]:
    for sentence in re.finditer(r"(?:[^.!?\n]|\n(?!\n)|[.!?](?!\s))+", text):
        words = re.findall(r"\w[\w'’./-]*|`-`", sentence[0])
        if len(words) > LONGEST:
            start = sentence.start() + len(sentence[0]) - len(sentence[0].lstrip())
            beginning = " ".join(sentence[0].split()[:6])
            message = f"'{beginning} …' has {len(words)} words. Make two sentences of at most {LONGEST} words of it."
            yield CheckResult(check.path, message, (start, sentence.end()), None)


def _old_phrases(text: str, check: Check) -> Iterator[CheckResult]:
    for pattern, better in INSTEAD.items():
        for found in re.finditer(rf"\b(?:{pattern})\b", text, re.IGNORECASE):
            words = " ".join(found[0].split())
            yield CheckResult(check.path, f"'{words}': write '{better}' instead.", found.span(), better)


OURS = (
    Check(_long_sentences, path="borderledger.sentence", flags=CheckFlags(allow_quotes=True)),
    Check(_old_phrases, path="borderledger.phrase", flags=CheckFlags(allow_quotes=True)),
)
# Quotes and dashes stay as each source of the data has them.
_ENABLED: Mapping[str, bool] = {"borderledger": True, **DEFAULT["checks"], "typography": False}


if __name__ == "__main__":
    sys.exit(main())
