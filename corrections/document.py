"""A correction in its file: a YAML or JSON file of the form that schemas/correction.schema.json describes.

    action: change
    record: agr-xk-ch-migration-mou-2010
    values:
      - field: signed
        old: 2010~
        new: 2010-02-03
    source: ejpd-2010-02-03-xk
    locator: first paragraph
    reason: Only the year had been known; the Swiss release of the day reports the signature.

The author may be mistaken or hostile. Of YAML, only mappings, lists and text are allowed: no tags, no anchors, no
second document, no repeated key. Every scalar is the text in the file, so that NO stays Norway and 2025-06 stays a
month. JSON is read as YAML. What is wrong is returned as findings, each with its line in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from borderledger.package import Finding, unresolved
from corrections.plain_text import ADDRESSES, tidy, wrong_text
from corrections.schema import Keys, Wrong, ordered, wrong_form

__all__ = ["LARGEST", "RULES", "Document", "Value", "parse", "read", "written"]

#: Largest file, in bytes. The longest real correction has a few thousand.
LARGEST = 64_000
#: Deepest nesting: values, a value, its source.
_DEEPEST = 5

#: Rules of corrections, each with its reason; docs/rules.md lists them with the other rules.
RULES = {
    "correction.file": "a correction is a small text file that can be read",
    "correction.yaml": "a correction holds only mappings, lists and text; the rest of YAML serves attacks",
    "correction.form": "a correction has the form of schemas/correction.schema.json",
    "correction.text": "text is plain, because markup, links and formulas run where a program does not escape them",
    "correction.personal": "a correction names no person: no contributor, and nobody whom the data are about",
    "correction.unknown": "a correction is about a record, a field and a source that exist",
    "correction.moved-on": "a correction states the value that it replaces, so that it never overwrites a newer change",
    "correction.value": "a value has the form of its field",
    "correction.evidence": "a correction adds evidence; it does not rewrite or remove the evidence that it rests on",
    "correction.bulk": "rows taken from a publisher's file stay as they are in the file",
    "correction.nothing": "a correction changes something",
    "correction.order": "proposals are carried out in the order of their names, whoever came first",
    "correction.by-hand": "an editor decides what needs judgement",
}


@dataclass(frozen=True)
class Value:
    """An entry of `values`: a field, the value it holds, and the value that the source states.

    path   where the entry is in the document
    """

    path: Keys
    field: str
    old: str = ""
    new: str = ""
    qualifier: str = ""
    max: str = ""
    source: str | Mapping[str, str] = ""
    locator: str = ""
    note: str = ""


@dataclass(frozen=True)
class Document:
    """A correction that has the right form.

    name    of the file, for messages
    content the keys of the document; every value is text
    lines   the line of each key, by its path
    """

    name: str
    content: Mapping[str, Any]
    lines: Mapping[Keys, int] = field(default_factory=dict, repr=False)

    def __getitem__(self, key: str) -> str:
        """The text of a key of the document; empty if the key is missing."""
        return str(self.content.get(key, ""))

    @property
    def values(self) -> list[Value]:
        """The entries of `values`; an entry without a source or a locator has those of the document."""
        whole = {"source": self.content.get("source", ""), "locator": self["locator"]}
        return [Value(("values", n), **{**whole, **entry}) for n, entry in enumerate(self.content.get("values", ()))]

    def finding(self, path: Keys, value: str, message: str, fix: str, rule: str) -> Finding:
        """A finding at a key of the document. People count from one: values.1.old."""
        line = next((self.lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self.lines), 0)
        spelled = ".".join(str(part + 1) if isinstance(part, int) else part for part in path)
        return Finding(self.name, line, spelled, value[:200], message, fix, f"correction.{rule}")


# --- reading ---------------------------------------------------------------------------------------------------------


def read(path: Path, shown: str = "") -> tuple[Document | None, list[Finding]]:
    """Read the file of a correction: the document, or what is wrong with it. `shown` is its name in messages.

    Never raises on bad content, nor on a file that cannot be read.
    """
    name = shown or path.name
    try:
        if not path.is_file():
            return None, [_bad_file(name, "is not a file", "Name the file of a correction.")]
        with open(path, "rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        return None, [_bad_file(name, f"cannot be read: {why}", "Name the file of a correction.")]
    return parse(content, name)


def parse(content: bytes, name: str) -> tuple[Document | None, list[Finding]]:
    """As `read`, for the bytes of a file."""
    if len(content) > LARGEST:
        fix = "Write one correction per file, and cite a document instead of quoting it."
        return None, [_bad_file(name, f"is larger than {LARGEST} bytes", fix)]
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        return None, [_bad_file(name, "is not UTF-8 text", "Save it as plain text in UTF-8, not as Word or PDF.")]
    if merge := unresolved(name, text):
        return None, [merge]
    lines: dict[Keys, int] = {}
    try:
        # JSON allows tabs between its keys, YAML does not; a tab inside a JSON string is written \t.
        node = yaml.compose(text.replace("\t", "  "), Loader=_Loader)
        found = _content(node, (), lines) if node else ""
    except yaml.YAMLError as error:
        mark: Any = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else text.count("\n", 0, getattr(error, "position", 0)) + 1
        what = getattr(error, "problem", "") or "it holds a character that cannot be printed"
        fix = (
            "Compare it with the example in docs/corrections.md: write `key: value`, indent the entries of a list "
            'after `- `, and put text that holds ": " or " #" in quotes.'
        )
        return None, [Finding(name, line, "", "", f"cannot be read as YAML: {what}", fix, "correction.yaml")]
    except ValueError:  # the library makes a character of any eight digits
        escape = _NO_CHARACTER.search(text)
        line = text.count("\n", 0, escape.start()) + 1 if escape else 0
        shown = escape[0] if escape else "an escape"
        fix = "Write the character itself, or its number in Unicode, which is at most 0010FFFF."
        return None, [
            Finding(name, line, "", "", f"cannot be read as YAML: {shown} is no character", fix, "correction.yaml")
        ]
    document = Document(name, found if isinstance(found, dict) else {}, lines)
    if not isinstance(found, dict):
        message, fix = "is not a list of keys with their values", "Begin with a line such as `action: change`."
        return None, [document.finding((), "", message, fix, "form")]
    wrong = {document.finding(*each) for each in (*wrong_form(found), *_wrong_texts(found, (), ""))}
    return (None, sorted(wrong)) if wrong else (document, [])


#: An escape in a text in quotes whose number is above that of the last character.
_NO_CHARACTER = re.compile(r"\\U(?!00(?:0[0-9A-Fa-f]|10))[0-9A-Fa-f]{8}")


def _bad_file(name: str, message: str, fix: str) -> Finding:
    return Finding(name, 0, "", "", message, fix, "correction.file")


class _Loader(yaml.BaseLoader):
    """Composes mappings, lists and text, and refuses the rest of YAML before it takes effect."""

    _depth = -1

    def compose_document(self) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if event.version or event.tags:
            raise _refused(event, "it begins with a directive (%)")
        node = super().compose_document()
        after: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if not isinstance(after, yaml.StreamEndEvent):
            raise _refused(after, "a second document begins")
        return node

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise _refused(event, "it uses an anchor or alias (& or *); put the text in quotes")
        if event.tag and event.tag != "!":
            raise _refused(event, "it uses a tag (!); put the text in quotes")
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _refused(event, "keys are nested too deeply")
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def _content(node: yaml.Node, keys: Keys, lines: dict[Keys, int]) -> Any:
    """A node as text, a list or a dictionary; enters the line of each key."""
    lines.setdefault(keys, node.start_mark.line + 1)
    if isinstance(node, yaml.ScalarNode):
        # YAML and JSON have three ways to write an empty value.
        return "" if node.style is None and node.value in ("", "~", "null") else tidy(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_content(each, (*keys, number), lines) for number, each in enumerate(node.value)]
    found: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _refused(key, "a key is not a word")
        name = tidy(key.value)
        if name in found:
            # A key that is not a word is not repeated: it may be somebody's address.
            shown = repr(name[:40]) if re.fullmatch(r"[a-z_]+", name) else "with another form"
            raise _refused(key, f"the key {shown} appears twice")
        lines[(*keys, name)] = key.start_mark.line + 1
        found[name] = _content(value, (*keys, name), lines)
    return found


def _refused(at: Any, why: str) -> yaml.YAMLError:
    return yaml.MarkedYAMLError(problem=why, problem_mark=at.start_mark)


def _wrong_texts(content: Any, keys: Keys, about: str) -> Iterator[Wrong]:
    """What is wrong with the texts of a document. `about`: the field that an entry of `values` names."""
    if isinstance(content, str):
        key = ADDRESSES[0] if keys[-1] in ("old", "new") and about in ADDRESSES else keys[-1]
        yield from ((keys, content, message, fix, rule) for rule, message, fix in wrong_text(key, content))
    elif isinstance(content, list):
        for number, each in enumerate(content):
            yield from _wrong_texts(each, (*keys, number), "")
    else:
        about = str(content.get("field", ""))
        for key, each in content.items():
            yield from _wrong_texts(each, (*keys, key), about)


# --- writing ---------------------------------------------------------------------------------------------------------


class _Dumper(yaml.SafeDumper):
    """Writes text without quotes where the reader of corrections needs none, also if it looks like a date."""

    # Only the empty text, and the words that mean the same, still need quotes.
    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, form) for tag, form in forms if tag == "tag:yaml.org,2002:null"]
        for first, forms in yaml.SafeDumper.yaml_implicit_resolvers.items()
    }

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        # A list is indented below its key, as most people write it.
        super().increase_indent(flow, False)


def written(content: Mapping[str, Any]) -> str:
    """A correction as YAML, its keys in the order of the schema; `parse` reads the same content from it."""
    return str(yaml.dump(ordered(content), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100))
