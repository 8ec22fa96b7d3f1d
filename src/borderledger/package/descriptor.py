"""Read datapackage.json and the Table Schemas.

Bad content never raises: each fault becomes a `Finding`, and what can still be read is read.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from borderledger.package.files import read_bytes
from borderledger.package.findings import Finding, restore
from borderledger.package.merges import unresolved
from borderledger.package.model import EDTF, Field, ForeignKey, Root, Table
from borderledger.package.words import TYPES, only_once, wrong_in_descriptor, wrong_in_resource, wrong_in_schema
from borderledger.package.zipped import Zipped

__all__ = ["check_references", "check_sums", "is_inside", "read_resources", "read_schema"]


#: JSON can write the two halves of a character of 32 bits one by one; no file can hold one of them alone.
_HALF = re.compile("[\ud800-\udfff]")


def read_resources(root: Root, problems: list[Finding]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The descriptor of a package and its resources by name; what is wrong with them is added to `problems`."""
    descriptor, _ = _read_json(root, "datapackage.json", problems)
    problems += [_bad_descriptor(wrong, _WORD_FIX) for wrong in wrong_in_descriptor(descriptor)]
    named: dict[str, dict[str, Any]] = {}
    for resource in _resources(descriptor, problems):
        if resource["name"] in named:
            problems.append(_bad_descriptor(f"two resources are named {resource['name']}", "Rename one of them."))
        else:
            named[resource["name"]] = resource
            problems += [_bad_descriptor(wrong, _WORD_FIX) for wrong in wrong_in_resource(resource)]
    return descriptor, named


_WORD_FIX = "Correct the word or its value, or delete it."


def _bad_descriptor(message: str, fix: str, file: str = "datapackage.json") -> Finding:
    return Finding(file, 0, "", "", message, fix, "package.descriptor")


def is_inside(root: Root, path: str) -> bool:
    """Whether a path of the descriptor stays inside the package; links are followed."""
    pure = PurePosixPath(path)
    if not pure.parts or not path.isprintable():
        return False
    if pure.is_absolute() or ".." in pure.parts or "\\" in path or ":" in path:
        return False
    if isinstance(root, Zipped):
        return True  # a zip file has no links, and its members nothing above them
    try:
        return (root / path).resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):  # a link to itself, a name that is too long
        return False


def _read_json(root: Root, path: str, problems: list[Finding]) -> tuple[dict[str, Any], str]:
    """The object in a file, empty if there is none, and the text of the file."""
    rule = "package.unreadable" if path == "datapackage.json" else "schema.unreadable"
    fix = f"{restore(path)}. Or correct it in an editor."
    text = ""
    try:
        text = read_bytes(root, path).decode("utf-8")
        content = json.loads(text, parse_constant=_no_number, object_pairs_hook=only_once)
    except json.JSONDecodeError as error:
        message = f"not JSON: {error.msg}, at column {error.colno}"
        problems.append(unresolved(path, text) or Finding(path, error.lineno, "", "", message, fix, rule))
    except UnicodeDecodeError:
        problems.append(Finding(path, 0, "", "", "not UTF-8 text", fix, rule))
    except RecursionError:
        problems.append(Finding(path, 0, "", "", "JSON nested too deeply", fix, rule))
    except ValueError as error:  # NaN, a number of more digits than Python reads, a NUL in the path
        problems.append(Finding(path, 0, "", "", f"cannot be read: {error}", fix, rule))
    except OSError as error:
        if isinstance(error, FileNotFoundError) and path == "datapackage.json":
            fix = f"Name the folder of the dataset (python -m validate PATH). Is it this folder? {restore(path)}."
        problems.append(Finding(path, 0, "", "", f"cannot be read: {error.strerror or error}", fix, rule))
    else:
        if isinstance(content, dict) and content:
            return content, text
        problems.append(Finding(path, 0, "", "", "not a JSON object, or an empty one", fix, rule))
    return {}, ""


def _no_number(word: str) -> float:
    # Python reads NaN and Infinity, which are no JSON; nothing is below a minimum of NaN.
    raise ValueError(f"{word} is not JSON")


def _resources(descriptor: dict[str, Any], problems: list[Finding]) -> Iterator[dict[str, Any]]:
    if not descriptor:
        return
    resources = descriptor.get("resources")
    if not isinstance(resources, list) or not resources:
        problems.append(_bad_descriptor("has no resources", "List each table under `resources`."))
        return
    for number, resource in enumerate(resources, 1):
        wanted = ("name", "path", "schema")
        if not isinstance(resource, dict) or any(not isinstance(resource.get(key), str) for key in wanted):
            message = f"resource {number} needs a name, a path and a schema, each a string"
            problems.append(_bad_descriptor(message, "Compare it with the other resources."))
            continue
        yield resource


# --- schemas ---------------------------------------------------------------------------------------------------------


def read_schema(root: Root, resource: dict[str, Any], problems: list[Finding]) -> Table | None:
    """The table that a resource describes, or None with a problem added when its schema cannot be used."""
    for path in (resource["path"], resource["schema"]):
        if not is_inside(root, path):
            shown = path.encode("utf-8", "replace").decode()
            message = f"resource {resource['name']}: the path {shown} leads out of the package"
            problems.append(_bad_descriptor(message, "Use a path below the folder of datapackage.json, without `..`."))
            return None
    schema, text = _read_json(root, resource["schema"], problems)
    if not schema:
        return None
    table, wrong = _described(resource["name"], resource["path"], resource["schema"], text)
    problems += wrong
    return table


@lru_cache(maxsize=64)
def _described(name: str, path: str, schema_path: str, text: str) -> tuple[Table | None, tuple[Finding, ...]]:
    """The table that a schema describes, or what is wrong; once for each text, because packages are read often."""
    schema = json.loads(text, object_pairs_hook=only_once)
    if half := _HALF.search(json.dumps(schema, ensure_ascii=False)):
        message, fix = f"\\u{ord(half[0]):04x} is half a character", "Write the whole character, or delete it."
        return None, (Finding(schema_path, 0, "", "", message, fix, "schema.unreadable"),)
    if wrong := list(wrong_in_schema(schema)):
        return None, tuple(Finding(schema_path, 0, "", "", each, _WORD_FIX, "schema.unreadable") for each in wrong)
    try:
        return _table({"name": name, "path": path, "schema": schema_path}, schema), ()
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError, re.error) as error:
        message = f"not a Table Schema that this package can use: {type(error).__name__} {error}"
        fix = "Compare it with the other schemas."
        return None, (Finding(schema_path, 0, "", "", message, fix, "schema.unreadable"),)


def _table(resource: dict[str, str], schema: dict[str, Any]) -> Table:
    fields = tuple(_field(entry) for entry in schema["fields"])
    names = [f.name for f in fields]
    if len(set(names)) != len(names):
        raise ValueError("a field is named twice")
    keys, batch = schema.get("primaryKey") or (schema.get("uniqueKeys") or [[]])[0], schema.get("batch", {})
    _want(isinstance(keys, list) and keys, "primaryKey or uniqueKeys must name the key")
    for name in keys:
        _want(name in names, f"the key names no field: {name}")
    _want(all(isinstance(schema[key], str) for key in ("title", "description")), "title and description are strings")
    _want(not batch or batch.get("total"), "batch needs a total")
    figures = tuple([batch["total"]] if isinstance(batch.get("total"), str) else batch.get("total", []))
    batch = {**batch, "total": figures[0]} if batch else {}
    _want(all(k in ("place", "date", "total") and name in names for k, name in batch.items()), "batch names no field")
    _want(len({*figures}) == len(figures) and {*figures} <= {*names}, "batch names no field, or one twice")
    bodies = schema.get("bodies", {})
    _want({*bodies} <= {"fields", "always"} and all(map(_are_texts, bodies.values())), "bodies has fields and always")
    _want({*bodies.get("fields", ())} <= {*names}, "bodies names no field")
    foreign = tuple(
        ForeignKey(key["fields"][0], key["reference"]["resource"] or resource["name"], key["reference"]["fields"][0])
        for key in schema.get("foreignKeys", [])
    )
    return Table(
        name=resource["name"],
        path=resource["path"],
        schema_path=resource["schema"],
        title=schema["title"],
        description=schema["description"],
        not_covered=schema.get("notCovered", ""),
        fields=fields,
        key=tuple(keys),
        foreign_keys=foreign,
        batch=batch,
        figures=figures,
        bodies=tuple(bodies.get("fields", ())),
        always=tuple(bodies.get("always", ())),
    )


def _want(holds: object, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)


def _are_texts(listed: object) -> bool:
    return isinstance(listed, list) and all(isinstance(text, str) and text for text in listed)


def _field(entry: dict[str, Any]) -> Field:
    constraints = entry.get("constraints", {})
    if entry["type"] not in TYPES:
        raise ValueError(f"field {entry['name']}: unknown type {entry['type']}")
    texts = [entry[key] for key in ("name", "title", "description")] + [entry.get("delimiter", ";")]
    texts += [*entry.get("refersTo", ()), *(c[k] for c in entry.get("categories", ()) for k in ("value", "label"))]
    _want(all(isinstance(text, str) and text for text in texts), f"field {entry['name']}: a text is missing or no text")
    _want(isinstance(entry.get("refersTo", []), list), f"field {entry['name']}: refersTo is a list of tables")
    _want(isinstance(constraints.get("minimum", 0), int | float), f"field {entry['name']}: minimum is a number")
    re.compile(constraints.get("pattern", ""))
    _want(_can_hold(entry["type"], entry.get("example", "")), f"field {entry['name']}: the example is not of its type")
    return Field(
        name=entry["name"],
        title=entry["title"],
        description=entry["description"],
        type=entry["type"],
        required=constraints.get("required", False),
        unique=constraints.get("unique", False),
        pattern=constraints.get("pattern", ""),
        minimum=constraints.get("minimum"),
        categories={category["value"]: category["label"] for category in entry.get("categories", [])},
        ordered=entry.get("categoriesOrdered", False) is True,
        edtf=entry.get("rdfType") == EDTF,
        bound=entry.get("evidence") == "claim",
        delimiter=entry.get("delimiter", ""),
        refers_to=tuple(entry.get("refersTo", ())),
        final=frozenset(category["value"] for category in entry.get("categories", []) if category.get("final") is True),
    )


def _can_hold(kind: str, example: object) -> bool:
    """Whether an example can stand in a field of a type. In JSON, that of a figure may be a number or a text."""
    if kind in ("integer", "number"):
        form = r"-?[0-9]+" if kind == "integer" else r"-?[0-9]+(?:\.[0-9]+)?"
        return example == "" or re.fullmatch(form, json.dumps(example).strip('"')) is not None
    return isinstance(example, str) and (kind != "date" or not example or _is_day(example))


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def check_references(tables: dict[str, Table], unreadable: Collection[str], problems: list[Finding]) -> None:
    """A reference to a table or field that does not exist is one fault of the schema, not one of every row.

    unreadable   names of the tables whose schemas cannot be used, which is a finding already
    """
    for table in tables.values():
        wanted = [(key.field, key.table, key.target) for key in table.foreign_keys]
        wanted += [(f.name, target, "id") for f in table.fields for target in f.refers_to]
        for name, target, column in wanted:
            known = name in table.by_name and target in tables and column in tables[target].by_name
            if not known and target not in unreadable:
                message = f"{name} refers to {target}.{column}, which does not exist"
                fix = "Correct the reference, or correct the table that it names."
                problems.append(Finding(table.schema_path, 0, name, target[:200], message, fix, "schema.reference"))


def check_sums(root: Root, resources: Iterable[dict[str, Any]], problems: list[Finding]) -> None:
    """A file of which the descriptor gives the size or the hash is that file. One that is missing is said already."""
    for resource in resources:
        for path, size, digest in (
            (resource["path"], resource.get("bytes"), resource.get("hash")),
            (resource["schema"], None, resource.get("schemaHash")),
        ):
            if (size is None and digest is None) or not is_inside(root, path):
                continue
            try:
                raw = read_bytes(root, path)
            except (OSError, ValueError):
                continue
            held = f"sha256:{hashlib.sha256(raw).hexdigest()}"
            if (digest or held, len(raw) if size is None else size) != (held, len(raw)):
                message = (
                    f"is not the file that datapackage.json describes: it has {len(raw)} bytes and the hash {held}"
                )
                fix = f"{restore(path)}. If the file is right, correct `bytes` and `hash` in datapackage.json."
                problems.append(Finding(path, 0, "", "", message, fix, "file.hash"))
