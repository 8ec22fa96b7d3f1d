"""The words of a descriptor and of a Table Schema: those that are read here, and what is wrong with any other.

A program ignores a word that it does not know. So a misspelt word silently switches a check off, and a word that only
some programs read makes one file mean two things: with `missingValues: ["", "AL"]`, Albania is gone for a reader that
honours it. Here each word is honoured, or it is refused by name.

The words of the standard are those of Data Package 2.0 (https://datapackage.org/standard/data-package/). Of dialects
and missing values only the one form is taken that this package writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from borderledger.errors import nearest

__all__ = ["TYPES", "only_once", "wrong_in_descriptor", "wrong_in_resource", "wrong_in_schema"]

_DESCRIPTOR = {
    *("$schema", "name", "id", "title", "description", "homepage", "version", "created", "keywords", "image"),
    *("licenses", "contributors", "sources", "resources"),
}
_RESOURCE = {
    *("$schema", "name", "title", "description", "homepage", "profile", "type", "path", "scheme", "format"),
    *("mediatype", "encoding", "dialect", "bytes", "hash", "schema", "schemaHash", "licenses", "sources", "derived"),
}
_SCHEMA = {
    *("$schema", "name", "title", "description", "notCovered", "fields", "fieldsMatch", "missingValues"),
    *("primaryKey", "uniqueKeys", "foreignKeys", "batch", "bodies"),
}
_FIELD = {
    *("name", "title", "description", "type", "rdfType", "example", "constraints", "categories", "categoriesOrdered"),
    *("evidence", "delimiter", "refersTo"),
}
_CONSTRAINTS = {"required", "unique", "pattern", "minimum"}
#: Types of fields.
TYPES = {"string", "integer", "number", "date"}
#: Constraints that only some types of fields have.
_OF_KINDS = {"pattern": ("string",), "minimum": ("integer", "number")}
#: What may stand below a word that holds a list of objects.
_BELOW = {
    "licenses": {"name", "path", "title"},
    "contributors": {"title", "givenName", "familyName", "path", "email", "roles", "organization"},
    "sources": {"title", "path", "email", "version"},
    "categories": {"value", "label", "final"},
    "foreignKeys": {"fields", "reference"},
}
#: Words with one value that is read here.
_ONLY: dict[str, Any] = {
    "profile": "tabular-data-resource",
    "type": "table",
    "scheme": "file",
    "format": "csv",
    "mediatype": "text/csv",
    "encoding": "utf-8",
    "missingValues": [""],
    "fieldsMatch": "exact",
}
_DIALECT: dict[str, Any] = {
    **{"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True, "header": True},
    **{"skipInitialSpace": False, "headerRows": [1]},
}


#: Words that hold a text. What else stands there, other programs refuse.
_TEXTS = {
    *("$schema", "name", "id", "title", "description", "homepage", "version", "created", "image", "notCovered"),
    *("rdfType", "path", "email"),
}
#: The form of a hash: the loader and validation work out no other.
_HASH = re.compile("sha256:[0-9a-f]{64}")


def wrong_in_descriptor(descriptor: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the words of datapackage.json, but for those of its resources."""
    yield from _unknown(descriptor, _DESCRIPTOR, "")
    yield from _no_texts(descriptor, "")
    keywords = descriptor.get("keywords", [])
    if not isinstance(keywords, list) or not all(isinstance(word, str) for word in keywords):
        yield "keywords is a list of texts"
    for name in ("licenses", "contributors", "sources"):
        yield from _below(descriptor, name)


def wrong_in_resource(resource: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the words of a resource."""
    where = f"resource {resource.get('name')}: "
    yield from _unknown(resource, _RESOURCE, where)
    yield from _not_the_one(resource, where)
    yield from _no_texts(resource, where)
    if not (type(resource.get("bytes", 0)) is int and resource.get("bytes", 0) >= 0):
        yield f"{where}bytes is a whole number, not {resource['bytes']!r}"
    for name in ("hash", "schemaHash"):
        if name in resource and not (isinstance(resource[name], str) and _HASH.fullmatch(resource[name])):
            yield f"{where}{name} is sha256: and 64 digits or small letters, not {resource[name]!r}"
    dialect = resource.get("dialect", {})
    if not isinstance(dialect, Mapping):
        yield f"{where}dialect is an object"
        return
    for name, value in dialect.items():
        if name not in _DIALECT:
            yield f"{where}the dialect has the word {name}, which is not read here. {nearest(name, _DIALECT)}"
        elif value != _DIALECT[name]:
            yield f"{where}{name} of the dialect is {value!r}; only {_DIALECT[name]!r} is read here"
    for name in ("licenses", "sources"):
        yield from _below(resource, name)


def wrong_in_schema(schema: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the words of a Table Schema and of its fields."""
    yield from _unknown(schema, _SCHEMA, "")
    yield from _not_the_one(schema, "")
    yield from _no_texts(schema, "")
    yield from _below(schema, "foreignKeys")
    for key in _objects(schema.get("foreignKeys", [])):
        reference = key.get("reference")
        yield from _unknown(reference if isinstance(reference, Mapping) else {}, {"resource", "fields"}, "reference: ")
        if isinstance(reference, Mapping) and not isinstance(reference.get("resource", ""), str):
            yield f"a foreign key names the table that it refers to, not {reference['resource']!r}"
        for fields in (key.get("fields"), reference.get("fields") if isinstance(reference, Mapping) else None):
            if not isinstance(fields, list) or len(fields) != 1 or not isinstance(fields[0], str):
                yield f"a foreign key names one field, as a list, and one that it refers to, not {fields!r}"
    keys = [name for name in ("primaryKey", "uniqueKeys") if schema.get(name)]
    unique = schema.get("uniqueKeys", [])
    if len(keys) > 1 or not isinstance(unique, list) or len(unique) > 1:
        yield "a table has one key: either primaryKey, or uniqueKeys with one list of fields"
    for field in _objects(schema.get("fields", [])):
        where = f"field {field.get('name')}: "
        yield from _unknown(field, _FIELD, where)
        constraints = field.get("constraints", {})
        yield from _unknown(constraints if isinstance(constraints, Mapping) else {}, _CONSTRAINTS, where)
        yield from _no_texts(field, where)
        yield from _below(field, "categories", where)
        for category in _objects(field.get("categories", [])):
            if not isinstance(category.get("final", False), bool):
                yield f"{where}final is true or false, not {category['final']!r}"
        for name, kinds in _OF_KINDS.items():
            if isinstance(constraints, Mapping) and name in constraints and str(field.get("type")) in TYPES - {*kinds}:
                yield f"{where}{name} is a constraint of a field of the type {' or '.join(kinds)}"
        for name in ("required", "unique"):
            if isinstance(constraints, Mapping) and not isinstance(constraints.get(name, False), bool):
                yield f"{where}{name} is true or false, not {constraints[name]!r}"
        if field.get("evidence", "claim") != "claim":
            yield f"{where}evidence is claim, not {field['evidence']!r}"
        if not isinstance(field.get("categoriesOrdered", False), bool):
            yield f"{where}categoriesOrdered is true or false, not {field['categoriesOrdered']!r}"


def only_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, for `object_pairs_hook`. Raises ValueError for a key that stands twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice} stands twice, so it is not clear which one counts")
    return found


def _unknown(given: Mapping[str, Any], known: Iterable[str], where: str) -> Iterator[str]:
    for name in sorted(given.keys() - {*known}):
        yield f"{where}unknown property {name}. {nearest(name, known)}"


def _not_the_one(given: Mapping[str, Any], where: str) -> Iterator[str]:
    for name in sorted(given.keys() & _ONLY.keys()):
        if given[name] != _ONLY[name]:
            yield f"{where}{name} is {given[name]!r}; only {_ONLY[name]!r} is read here"


def _no_texts(given: Mapping[str, Any], where: str) -> Iterator[str]:
    for name in sorted(given.keys() & _TEXTS):
        if not isinstance(given[name], str):
            yield f"{where}{name} is a text, not {given[name]!r}"


def _below(given: Mapping[str, Any], name: str, where: str = "") -> Iterator[str]:
    entries = given.get(name, [])
    if not isinstance(entries, list) or len(_objects(entries)) < len(entries):
        yield f"{where}{name} is a list of objects"
    for entry in _objects(entries):
        yield from _unknown(entry, _BELOW[name], f"{where}{name}: ")
        yield from _no_texts(entry, f"{where}{name}: ")


def _objects(entries: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []
