"""Every type of error that Frictionless defines: an input that raises it, and what we say of the same input.

Either both refuse the input, or the table names the difference with its reason. The types are taken from the library.
A type that a new version adds fails here until somebody decides.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from frictionless import Checklist, Error, errors
from frictionless import validate as frictionless

from tests.validate.test_frictionless import HEADER, ROW, package, we_find


class Example(NamedTuple):
    """An input. `rule`: of our finding; or `because`: why we let it pass. `check`: what Frictionless has to be asked."""

    type: str
    rows: str | bytes = ROW
    schema: Callable[[dict[str, Any]], Any] | None = None
    resource: dict[str, Any] = {}  # noqa: RUF012
    descriptor: dict[str, Any] = {}  # noqa: RUF012
    check: dict[str, Any] = {}  # noqa: RUF012
    rule: str = ""
    because: str = ""


def changed(number: int, **values: Any) -> Callable[[dict[str, Any]], Any]:
    """A schema with other words of one field."""
    return lambda schema: schema["fields"][number].update(values)


GUESS = "it is a guess, and wrong of good data; evidence and control totals find wrong values"
OURS = "what a table holds is for the rules of validate/rules to say"
EXAMPLES = [
    # the file
    Example("source-error", b"", rule="file.empty"),
    Example("scheme-error", resource={"path": "data/nowhere.csv"}, rule="file.missing"),
    Example("scheme-error", resource={"scheme": "bad"}, rule="package.descriptor"),
    Example("format-error", resource={"format": "bad"}, rule="package.descriptor"),
    Example("encoding-error", (HEADER + ROW.replace("plain", "é")).encode("latin-1"), rule="file.encoding"),
    Example("encoding-error", ROW.replace("plain", "é"), resource={"encoding": "ascii"}, rule="package.descriptor"),
    Example("compression-error", resource={"compression": "zip"}, rule="package.descriptor"),
    Example("byte-count", resource={"bytes": 1}, rule="file.hash"),
    Example("hash-count", resource={"hash": f"sha256:{'0' * 64}"}, rule="file.hash"),
    Example("hash-count", resource={"hash": "0" * 32}, rule="package.descriptor"),
    Example("field-count", resource={"fields": 3}, rule="package.descriptor"),
    Example("row-count", resource={"rows": 9}, rule="package.descriptor"),
    # the header
    Example("unmatched-header", b"x\n1\n", lambda s: s.update(fieldsMatch="partial"), rule="schema.unreadable"),
    Example("extra-label", (HEADER[:-1] + ",more\n" + ROW[:-1] + ",x\n").encode(), rule="file.header"),
    Example("missing-label", (HEADER + ROW).replace(",note", "").replace(",plain", "").encode(), rule="file.header"),
    Example("blank-label", (HEADER + ROW).replace("status", "").encode(), rule="file.header"),
    Example("duplicate-label", (HEADER + ROW).replace("status", "note").encode(), rule="file.header"),
    Example("incorrect-label", (HEADER + ROW).replace("note", "remark").encode(), rule="file.header"),
    # rows and cells
    Example("blank-row", ROW + "\n" + ROW.replace("a", "b", 1), rule="file.blank"),
    Example("extra-cell", ROW[:-1] + ",x\n", rule="file.ragged"),
    Example("missing-cell", "a,big\n", rule="file.ragged"),
    Example("primary-key", ROW + ROW, rule="key.unique"),
    Example("foreign-key", ROW.replace("big", "huge"), rule="reference.unknown"),
    Example("unique-error", ROW + ROW.replace("a", "b", 1), changed(2, constraints={"unique": True}), rule="key.unique"),
    Example("type-error", ROW.replace(",5,", ",five,"), rule="cell.type"),
    Example("constraint-error", ROW.replace(",5,", ",-5,"), rule="cell.type"),
    Example("constraint-error", ROW.replace("a", "A", 1), rule="cell.pattern"),
    Example("constraint-error", ROW.replace("a", "", 1), rule="cell.required"),
    # the descriptor and the schema
    Example("package-error", descriptor={"name": 5}, rule="package.descriptor"),
    Example("package-error", descriptor={"licenses": 5}, rule="package.descriptor"),
    Example("resource-error", resource={"path": "../x.csv"}, rule="package.descriptor"),
    Example("resource-error", resource={"bytes": "x"}, rule="package.descriptor"),
    Example("dialect-error", resource={"dialect": {"header": 5}}, rule="package.descriptor"),
    Example("control-error", resource={"dialect": {"delimiter": 5}}, rule="package.descriptor"),
    Example("schema-error", schema=lambda s: s.pop("fields"), rule="schema.unreadable"),
    Example("schema-error", schema=lambda s: s.update(primaryKey=["nowhere"]), rule="schema.unreadable"),
    Example("field-error", schema=changed(2, type="bad"), rule="schema.unreadable"),
    Example("field-error", schema=changed(2, example="five"), rule="schema.unreadable"),
    Example("field-error", schema=changed(2, constraints={"pattern": "5"}), rule="schema.unreadable"),
    Example("field-error", schema=changed(6, constraints={"minimum": "x"}), rule="schema.unreadable"),
    # checks that Frictionless makes if somebody asks for them
    Example("duplicate-row", ROW + ROW, check={"type": "duplicate-row"}, rule="key.unique"),
    Example("check-error", check={"type": "required-value", "fieldName": "nowhere", "values": [1]}, because=OURS),
    Example("forbidden-value", check={"type": "forbidden-value", "fieldName": "count", "values": [5]}, because=OURS),
    Example("required-value", check={"type": "required-value", "fieldName": "count", "values": [6]}, because=OURS),
    Example("row-constraint", check={"type": "row-constraint", "formula": "count > 9"}, because=OURS),
    Example("table-dimensions", check={"type": "table-dimensions", "numRows": 9}, because="control totals count rows"),
    Example("sequential-value", ROW + "b,,7,,,,\n", check={"type": "sequential-value", "fieldName": "count"}, because="identifiers here are words"),
    Example("truncated-value", ROW.replace("plain", "x" * 255), check={"type": "truncated-value"}, because=GUESS),
    Example("ascii-value", ROW.replace("plain", "Čačak"), check={"type": "ascii-value"}, because="names have letters"),
    Example("deviated-cell", "".join(f"{c},,,,,,{'x' * (9 if c < 'z' else 6000)}\n" for c in "abcdefghijklmnopqrstuvwxyz"), check={"type": "deviated-cell"}, because=GUESS),
    Example("deviated-value", "".join(f"{c},,{9 if c < 'z' else 10**6},,,,\n" for c in "abcdefghijklmnopqrstuvwxyz"), check={"type": "deviated-value", "fieldName": "count"}, because=GUESS),
]  # fmt: skip
GROUP = "it only groups other types"
NOT_A_PACKAGE = "it is about another kind of file than a data package"
#: Types that no input of a data package raises.
NEVER = {
    **dict.fromkeys(
        ["data-error", "file-error", "table-error", "header-error", "label-error", "row-error", "cell-error"], GROUP
    ),
    **dict.fromkeys(["metadata-error"], GROUP),
    **dict.fromkeys(
        ["catalog-error", "dataset-error", "inquiry-error", "inquiry-task-error", "report-error", "report-task-error"],
        NOT_A_PACKAGE,
    ),
    **dict.fromkeys(["pipeline-error", "step-error", "checklist-error", "detector-error"], NOT_A_PACKAGE),
    "blank-header": "a CSV file always has a first line; if that is empty, the type is another one",
    "stats-error": "nothing in the library raises it",
}


def types(above: type[Error] = Error) -> Iterator[str]:
    """The types of errors that the library defines."""
    for each in above.__subclasses__():
        if each.__module__.startswith(errors.__name__):
            yield each.type
        yield from types(each)


def test_somebody_has_decided_on_every_type() -> None:
    decided = {example.type for example in EXAMPLES}
    assert not decided & NEVER.keys()
    assert decided | NEVER.keys() == {*types()}


# Frictionless leaves a file open when it cannot use it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.type} {example.rule or example.because}")
def test_both_refuse_or_there_is_a_reason(tmp_path: Path, example: Example) -> None:
    root = package(tmp_path, example.rows, example.schema, lambda resource: resource.update(example.resource))
    file = root / "datapackage.json"
    file.write_text(json.dumps(json.loads(file.read_bytes()) | example.descriptor), encoding="utf-8")
    checklist = Checklist.from_descriptor({"checks": [example.check]}) if example.check else None
    found = {entry[0] for entry in frictionless(str(file), checklist=checklist).flatten(["type"])}
    assert example.type in found
    if example.rule:
        assert not example.because
        assert example.rule in {rule for rule, _, _ in we_find(root)}
    else:
        assert example.because
        assert we_find(root) == []
