"""A correction as it is written down: a YAML or JSON file of the form that schemas/correction.schema.json describes.

    action: change
    record: agr-xk-ch-migration-mou-2010
    values:
      - field: signed
        old: 2010~
        new: 2010-02-03
    source: ejpd-2010-02-03-xk
    locator: first paragraph
    reason: Only the year had been known; the Swiss release of the day reports the signature.

Whoever sends it may be mistaken or hostile. Nothing of YAML is taken but mappings, lists and text: no tags, no anchors,
no second document, no key twice; and every scalar is the text that stands there, so that NO stays Norway and 2025-06
a month. JSON is read as the YAML that it is. What is wrong comes back as findings with the line of the file.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from borderledger.errors import nearest
from validate.cells import text_test
from validate.report import Finding
from validate.rules.general import personal

__all__ = ["RULES", "SCHEMA", "Document", "Value", "parse", "read", "tidy", "written", "wrong_text"]

#: Largest file, in bytes. The longest that anybody has needed has a few thousand.
LARGEST = 64_000
#: Deepest nesting: values, a value, its source.
_DEEPEST = 5

SCHEMA = Path(__file__).parents[1] / "schemas" / "correction.schema.json"

#: Rules of corrections, each with its reason; docs/rules.md lists them with the rest.
RULES = {
    "correction.file": "a correction is a small text file that can be read",
    "correction.yaml": "a correction holds mappings, lists and text; anything else of YAML only serves attacks",
    "correction.form": "a correction has the form of schemas/correction.schema.json",
    "correction.text": "text is plain: markup, links and formulas would run where somebody forgets to escape them",
    "correction.personal": "nobody is named: no contributor, no person who is written about",
    "correction.unknown": "a correction is about a record, a field and a source that exist",
    "correction.moved-on": "a correction states the value that it replaces, so that it hits no row that has moved on",
    "correction.value": "a value has the form of its field",
    "correction.evidence": "a correction adds evidence; it does not rewrite or remove the evidence that it rests on",
    "correction.bulk": "rows taken from a publisher's file are those of the file",
    "correction.nothing": "a correction changes something",
    "correction.by-hand": "what needs judgement is done by an editor",
}

#: A key that somebody writes to be thanked or reached by.
_CONTACT = re.compile(
    r"(?:author|contact|e_?mail|mail|name|person|phone|reporter|sender|submitted_by|tel|user)s?", re.I
)

#: What a browser, a Markdown page or a chat would act on.
_MARKUP = re.compile(r"<[a-z/!?]|&#?[a-z0-9]+;|\]\s*[(\[:]|!\[|`|\bjavascript:|\bdata:[a-z]+/", re.I)

_LINK = re.compile(r"\bhttps?:|\bwww\.", re.I)

#: A telephone number without the code of its country; numbers of files have other marks, or more digits at once.
_PHONE = re.compile(r"(?<![\w./-])0[0-9]{1,4}[ /-][0-9]{2,4}[ -]?[0-9]{3,}(?:[ -]?[0-9]+)*(?![\w/])")

#: Longest text that is looked at; a key holds none that is longer.
_LONGEST = 2000

#: Somebody by title and name, or with the number or the day of birth that identifies them. Offices are no persons.
_PERSON = re.compile(
    r"\b(?:[Mm]rs?|[Mm]s|[Mm]iss|[Hh]err|[Ff]rau|[Gg]ospodin|[Gg]ospođa|[Ss]ig(?:nor[ae]?)?|[Dd]r|[Pp]rof)\.?"
    r" [A-ZČĆĐŠŽ][\w’'-]+|\bborn (?:on |in )?[0-9]|\bpassport (?:no|number|nr)\b|\bdate of birth\b"
)


@dataclass(frozen=True)
class Value:
    """An entry of `values`: a field, what it holds, what the source states.

    path   where in the document it stands
    """

    path: tuple[str | int, ...]
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
    lines: Mapping[tuple[str | int, ...], int] = field(default_factory=dict, repr=False)

    def __getitem__(self, key: str) -> str:
        """The text of a key of the document; empty if it is not there."""
        return str(self.content.get(key, ""))

    @property
    def values(self) -> list[Value]:
        """The entries of `values`, with the source and the locator of the document where they have none."""
        found = []
        for number, entry in enumerate(self.content.get("values", ())):
            whole = {"source": self.content.get("source", ""), "locator": self["locator"]}
            found.append(Value(("values", number), **{**whole, **entry}))
        return found

    def finding(self, path: tuple[str | int, ...], value: str, message: str, fix: str, rule: str) -> Finding:
        """A finding at a key of the document."""
        line = next((self.lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self.lines), 0)
        return Finding(self.name, line, _spelled(path), value[:200], message, fix, f"correction.{rule}")


def _spelled(path: tuple[str | int, ...]) -> str:
    """A path for people, who count from one: values.1.old."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


# --- reading ---------------------------------------------------------------------------------------------------------


def read(path: Path, shown: str = "") -> tuple[Document | None, list[Finding]]:
    """Read the file of a correction: the document, or what is wrong with it. `shown` is its name in messages.

    Never raises on bad content, nor on a file that cannot be read.
    """
    name = shown or path.name
    try:
        if not path.is_file():
            return None, [_bad_file(name, "is no file", "Name the file of a correction.")]
        with open(path, "rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        return None, [_bad_file(name, f"cannot be read: {why}", "Name the file of a correction.")]
    return parse(content, name)


def parse(content: bytes, name: str) -> tuple[Document | None, list[Finding]]:
    """As `read`, for the bytes of a file."""
    if len(content) > LARGEST:
        message = f"is larger than {LARGEST} bytes"
        return None, [
            _bad_file(name, message, "Send one correction a file, and cite a document instead of quoting it.")
        ]
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        return None, [
            _bad_file(name, "is not UTF-8 text", "Save it as plain text in UTF-8; a Word or PDF file is none.")
        ]
    return _composed(text, name)


def _bad_file(name: str, message: str, fix: str) -> Finding:
    return Finding(name, 0, "", "", message, fix, "correction.file")


def _composed(text: str, name: str) -> tuple[Document | None, list[Finding]]:
    lines: dict[tuple[str | int, ...], int] = {}
    try:
        content = _Composer(text, lines).document()
    except yaml.YAMLError as error:
        mark: Any = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else _line_of(text, getattr(error, "position", 0))
        what = getattr(error, "problem", "") or "it holds a character that cannot be printed"
        fix = (
            "Compare it with the example in docs/corrections.md: `key: value`, entries of a list indented behind `- `, "
            'and text that holds ": " or " #" in quotes.'
        )
        return None, [Finding(name, line, "", "", f"cannot be read as YAML: {what}", fix, "correction.yaml")]
    document = Document(name, content if isinstance(content, dict) else {}, lines)
    if not isinstance(content, dict):
        message, fix = "is not a list of keys with their values", "Begin with a line such as `action: change`."
        return None, [document.finding((), "", message, fix, "form")]
    found = {*_form(document), *_texts(document)}
    return (None, sorted(found)) if found else (document, [])


def _line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


class _Composer:
    """Builds mappings, lists and text from the events of YAML, and refuses the rest."""

    def __init__(self, text: str, lines: dict[tuple[str | int, ...], int]) -> None:
        # YAML takes no tabs between the keys of JSON, JSON does; inside its strings a tab is written \t.
        self._events: Iterator[Any] = yaml.parse(text.replace("\t", "  "), Loader=yaml.SafeLoader)
        self._lines = lines

    def document(self) -> Any:
        content: Any = ""
        for number, event in enumerate(self._take(yaml.DocumentStartEvent, yaml.StreamEndEvent)):
            if number:
                raise _refused(event, "a second document begins")
            if event.version or event.tags:
                raise _refused(event, "it begins with a directive (%)")
            content = self._node(next(self._events), ())
        return content

    def _take(self, wanted: type, end: type) -> Iterator[Any]:
        for event in self._events:
            if isinstance(event, end):
                return
            if isinstance(event, wanted):
                yield event

    def _node(self, event: Any, path: tuple[str | int, ...]) -> Any:
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise _refused(event, "an anchor or alias (& or *) stands in place of text; put the text in quotes")
        if event.tag and event.tag != "!":
            raise _refused(event, "a tag (!) stands before a value; put the text in quotes")
        if len(path) > _DEEPEST:
            raise _refused(event, "keys are nested too deeply")
        self._lines.setdefault(path, _line(event))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        # Nothing, spelled in one of the three ways that YAML and JSON have for it.
        empty = event.implicit[0] and event.value in ("", "~", "null")
        return "" if empty else tidy(event.value)

    def _mapping(self, path: tuple[str | int, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _refused(event, "a key is no word")
            key = tidy(event.value)
            if key in found:
                raise _refused(event, f"the key {_shown(key)} stands twice")
            self._lines[(*path, key)] = _line(event)
            found[key] = self._node(next(self._events), (*path, key))
        return found

    def _sequence(self, path: tuple[str | int, ...]) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            found.append(self._node(event, (*path, len(found))))
        return found


def _shown(key: str) -> str:
    """A key for a message; what is none may be anything, also the address of somebody."""
    return repr(key[:40]) if re.fullmatch(r"[a-z_]+", key) else "with another form"


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _refused(event: Any, why: str) -> yaml.YAMLError:
    return yaml.MarkedYAMLError(problem=why, problem_mark=event.start_mark)


def tidy(text: str) -> str:
    """Text on one line, in Unicode normal form C; JSON spells a letter beyond 16 bits as two halves."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return " ".join(unicodedata.normalize("NFC", whole).split())


# --- form ------------------------------------------------------------------------------------------------------------


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_bytes()))


def described(*keys: str) -> Mapping[str, Any]:
    """What the schema says of a key of a correction; of one of an entry in `values`: `described("values", "old")`."""
    schema: Mapping[str, Any] = _validator().schema
    of = schema["$defs"]["value"] if keys[0] == "values" and len(keys) > 1 else schema
    found: Mapping[str, Any] = of["properties"][keys[-1]]
    return found


def options(key: str) -> dict[str, str]:
    """The words that a key of a correction can have, with what each means."""
    return {each["const"]: each["description"] for each in described(key)["oneOf"]}


def _form(document: Document) -> Iterator[Finding]:
    if document["action"] not in options("action"):
        # Everything else depends on the action, so that nothing else can be said before.
        message = f"{document['action']!r} is no action" if "action" in document.content else "'action' is missing"
        said = "; ".join(f"{word} - {means}" for word, means in options("action").items())
        yield document.finding(("action",), document["action"], message, f"Write one of: {said}", "form")
        return
    for error in _validator().iter_errors(document.content):
        yield from _worded(document, error)


def _worded(document: Document, error: ValidationError) -> Iterator[Finding]:
    path, value, wanted = tuple(error.absolute_path), error.instance, error.validator_value
    shown = value if isinstance(value, str) else ""
    fix = _purpose(path)
    match error.validator:
        case "required":
            for key in (key for key in wanted if key not in value):
                message = f"{key!r} is missing"
                yield document.finding((*path, key), "", message, _purpose((*path, key)), "form")
            return
        case "additionalProperties":
            known = error.schema["properties"]
            for key in sorted(value.keys() - known.keys()):
                if _CONTACT.fullmatch(key) or not re.fullmatch(r"[A-Za-z_]+", key):
                    message = "a correction names nobody, not even who sends it"
                    if not _CONTACT.fullmatch(key):
                        message = "holds a key that is no word"
                    at = (*path, key) if _CONTACT.fullmatch(key) else path
                    yield document.finding(at, "", message, "Delete the line.", "personal")
                else:
                    message, fix = f"{key[:60]!r} is no key of a correction", nearest(key, known)
                    yield document.finding((*path, key), "", message, fix, "form")
            return
        case "not":  # a key that the action has no use for
            message = f"does not belong to action {document['action']}"
            fix = "Delete it, or choose another action."
        case "type":
            kinds = {"string": "a text", "array": "a list", "object": "keys with values"}
            message = f"is {_kind(value)}, not {kinds[wanted]}"
        case "enum":
            message = f"{shown!r} is not one of: {', '.join(wanted)}"
        case "oneOf":
            message = f"{shown!r} is not one of: {', '.join(options(str(path[-1])))}"
        case "maxLength":
            message = f"has {len(value)} characters, more than {wanted}"
        case "minLength":
            message = f"has {len(value)} characters; say a little more" if value else "is empty"
        case "minItems" | "maxItems":
            message = f"has {len(value)} entries; a correction has 1 to {error.schema['maxItems']}"
        case "pattern" if path and path[-1] in ("record", "successor", "source", "id"):
            message = f"{shown[:80]!r} is no identifier: lower-case letters, digits and hyphens"
        case _:
            message = f"{shown[:80]!r} has not the form that is expected"
    yield document.finding(path, shown, message, fix, "form")


def _kind(value: Any) -> str:
    return "a list" if isinstance(value, list) else "keys with values" if isinstance(value, dict) else "a text"


def _purpose(path: tuple[str | int, ...]) -> str:
    """What a key is for, from the schema."""
    keys = tuple(part for part in path if isinstance(part, str))
    try:
        return str(described(*keys[:2])["description"])
    except (LookupError, KeyError):
        return "Compare it with the example in docs/corrections.md."


# --- text ------------------------------------------------------------------------------------------------------------


def _texts(document: Document) -> Iterator[Finding]:
    for path, text in _leaves(document.content, ()):
        key = path[-1]
        if key in ("old", "new") and _field_of(document, path) in _ADDRESSES:
            key = _ADDRESSES[0]
        for rule, message, fix in wrong_text(key, text):
            yield document.finding(path, text, message, fix, rule)


#: Columns that hold the address of a page.
_ADDRESSES = ("url", "archive_url")


def _field_of(document: Document, path: tuple[str | int, ...]) -> Any:
    """The field that a value of the document is about, whatever form the document has."""
    entry: Any = document.content
    for part in path[:-1]:
        entry = entry[part]
    return entry.get("field")


def wrong_text(key: str | int, text: str) -> Iterator[tuple[str, str, str]]:
    """What stands against a text, whatever it says, as the text of a key: rule, message, fix."""
    for test in text_test():
        if text and (wrong := test.fails(text)):
            yield "text", wrong, test.fix
    if len(text) > _LONGEST or key == "issue":
        return  # the one is too long, and the other a number; that is said elsewhere
    if key in _ADDRESSES:
        if text.startswith("http") and (wrong := _wrong_address(text)):
            yield "text", wrong, "Write the address of the page, as https://www.example.org/page."
        text = unquote(text)
    elif found := _MARKUP.search(text):
        yield "text", f"holds {found[0]!r}, which a page could take for markup", "Write plain text."
    elif found := _LINK.search(text):
        fix = "Name the document as `source`; its address is the `url` of the source."
        yield "text", f"holds the link {found[0]!r}", fix
    if found := personal(text) or _PHONE.search(text) or (key != "title" and _PERSON.search(text)) or None:
        fix = "Name the office or the body, not the person; leave out addresses, numbers and days of birth."
        yield "personal", f"seems to name or identify a person: {found[0]}", fix


def _wrong_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        private = not ip_address(host).is_global if re.fullmatch(r"[0-9.:]+", host) else "." not in host
    except ValueError:
        return "is no address of a web page"
    if "@" in parts.netloc:
        return "holds the name of a user"
    return "is no address that others can open" if text and private else ""


def _leaves(content: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(content, str):
        yield path, content
    pairs = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, value in pairs:
        yield from _leaves(value, (*path, key))


# --- writing ---------------------------------------------------------------------------------------------------------


class _Dumper(yaml.SafeDumper):
    """Writes text as the reader of corrections takes it: without quotes around what another reader takes for a date."""

    # What is left is the empty text, which without quotes would be nothing, and the words that mean the same.
    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, form) for tag, form in forms if tag == "tag:yaml.org,2002:null"]
        for first, forms in yaml.SafeDumper.yaml_implicit_resolvers.items()
    }

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        # A list stands further in than its key, which is how most people write it.
        super().increase_indent(flow, False)


def written(content: Mapping[str, Any]) -> str:
    """A correction as YAML, its keys in the order of the schema; `parse` gives back the same."""
    keys = list(_validator().schema["properties"])
    ordered = {key: content[key] for key in sorted(content, key=keys.index)}
    return str(yaml.dump(ordered, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100))
