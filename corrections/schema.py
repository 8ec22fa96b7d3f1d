"""The form of a correction, by schemas/correction.schema.json: what each key is for, and what is wrong with a file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from borderledger.errors import nearest

__all__ = ["SCHEMA", "Keys", "Wrong", "described", "options", "ordered", "wrong_form"]

SCHEMA = Path(__file__).parents[1] / "schemas" / "correction.schema.json"

#: Where something stands in a correction: ("values", 0, "new").
Keys = tuple[str | int, ...]
#: What is wrong: where, the value, the message, how to fix it, the rule.
Wrong = tuple[Keys, str, str, str, str]

#: A key that somebody adds to be thanked or contacted.
_CONTACT = re.compile(
    r"(?:author|contact|e_?mail|mail|name|person|phone|reporter|sender|submitted_by|tel|user)s?", re.I
)
_KINDS = {"string": "text", "array": "a list", "object": "keys with values"}
_PYTHON: dict[type, str] = {str: "text", list: "a list", dict: "keys with values"}


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_bytes()))


def described(*keys: str) -> Mapping[str, Any]:
    """What the schema says of a key; for a key of an entry in `values`: `described("values", "old")`."""
    schema: Mapping[str, Any] = _validator().schema
    of = schema["$defs"]["value"] if keys[0] == "values" and len(keys) > 1 else schema
    found: Mapping[str, Any] = of["properties"][keys[-1]]
    return found


def options(key: str) -> dict[str, str]:
    """The words that a key can have, with what each means."""
    return {each["const"]: each["description"] for each in described(key)["oneOf"]}


def ordered(content: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a correction in the order of the schema."""
    return {key: content[key] for key in sorted(content, key=[*_validator().schema["properties"]].index)}


def wrong_form(content: Mapping[str, Any]) -> Iterator[Wrong]:
    """What the schema does not allow."""
    action = str(content.get("action", ""))
    if action not in options("action"):
        # Everything else depends on the action.
        message = f"{action!r} is not an action" if "action" in content else "'action' is missing"
        said = "; ".join(f"{word} - {means}" for word, means in options("action").items())
        yield ("action",), action, message, f"Write one of: {said}", "form"
        return
    for error in _validator().iter_errors(content):
        yield from _worded(error, action)


def _worded(error: ValidationError, action: str) -> Iterator[Wrong]:
    keys, value, wanted = tuple(error.absolute_path), error.instance, error.validator_value
    shown = value if isinstance(value, str) else ""
    fix = _purpose(keys)
    match error.validator:
        case "required":
            for key in (key for key in wanted if key not in value):
                yield (*keys, key), "", f"{key!r} is missing", _purpose((*keys, key)), "form"
            return
        case "additionalProperties":
            known = error.schema["properties"]
            yield from (_unknown_key(keys, key, known) for key in sorted(value.keys() - known.keys()))
            return
        case "not":  # a key that the action does not use
            message, fix = f"does not belong to action {action}", "Delete it, or choose another action."
        case "type":
            message = f"is {_PYTHON[type(value)]}, not {_KINDS[wanted]}"
        case "enum":
            message = f"{shown!r} is not one of: {', '.join(wanted)}"
        case "oneOf":
            message = f"{shown!r} is not one of: {', '.join(options(str(keys[-1])))}"
        case "maxLength":
            message = f"has {len(value)} characters; {wanted} are allowed"
        case "minLength":
            message = f"has {len(value)} characters; write at least {wanted}" if value else "is empty"
        case "minItems" | "maxItems":
            message = f"has {len(value)} entries; a correction has 1 to {error.schema['maxItems']}"
        case "pattern" if keys and keys[-1] in ("record", "successor", "source", "id"):
            message = f"{shown[:80]!r} is not an identifier: lower-case letters, digits and hyphens"
        case _:
            message = f"{shown[:80]!r} does not have the expected form"
    yield keys, shown, message, fix, "form"


def _unknown_key(keys: Keys, key: str, known: Mapping[str, Any]) -> Wrong:
    if _CONTACT.fullmatch(key):
        message = "a correction must not name a person, not even its author"
        return (*keys, key), "", message, "Delete the line.", "personal"
    if not re.fullmatch(r"[A-Za-z_]+", key):  # not repeated: it may be somebody's address
        return keys, "", "holds a key that is not a word", "Delete the line.", "personal"
    return (*keys, key), "", f"{key[:60]!r} is not a key of a correction", nearest(key, known), "form"


def _purpose(keys: Keys) -> str:
    """What a key is for, from the schema."""
    try:
        return str(described(*[key for key in keys if isinstance(key, str)][:2])["description"])
    except LookupError:
        return "Compare it with the example in docs/corrections.md."
