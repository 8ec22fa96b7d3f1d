"""Each fuzz target with a few inputs; what once broke the code; and that a target sees a fault that is put in."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from bench.fuzz import lists
from bench.fuzz.__main__ import main, run
from bench.fuzz.reader import _table
from bench.fuzz.target import FILES
from bench.fuzz.targets import TARGETS
from borderledger import edtf
from borderledger.package import descriptor, reader, words
from borderledger.query import where
from corrections import document

PLACES = _table("places")[2]
ZIP = TARGETS["zip"].seeds[0]
HEADER = PLACES.split(b"\n")[0] + b"\n"


@pytest.mark.parametrize("name", TARGETS)
def test_a_few_inputs(name: str) -> None:
    run(TARGETS[name], 15 if name in ("reader", "descriptor", "zip") else 60, 2026)


@pytest.mark.parametrize("name", TARGETS)
def test_the_inputs_that_a_guided_run_begins_with(name: str) -> None:
    target = TARGETS[name]
    for seed in target.seeds:
        target.holds(target.of_bytes(seed))


@pytest.mark.parametrize(
    ("name", "case"),
    [
        # The loader took these, and validation did not.
        ("reader", ("places", HEADER + b'A"L,x,,,,,,\n')),
        ("reader", ("places", HEADER + b",,,,,,,\n")),
        ("reader", ("places", HEADER + b"<<<<<<< a,x,,,,,,\nAL,x,,,,,,\n>>>>>>> b,x,,,,,,\n")),
        # A float does not hold it.
        ("where", f"count={2**53 + 1}"),
        # PyYAML makes a character of any eight digits.
        ("corrections", b'action: "\\U01e99900"\n'),
        # A path in a descriptor has letters that JSON can write in two ways.
        (
            "descriptor",
            ("datapackage.json", FILES["datapackage.json"].replace(b"data/kinds.csv", b"data/kinds.c\xcc\x8csv")),
        ),
        # The name of a column that no file can hold.
        (
            "descriptor",
            ("schemas/kinds.json", FILES["schemas/kinds.json"].replace(b'"name": "name"', b'"name": "\\ud800"')),
        ),
        # What is derived from tables is not among those that the loader reads.
        (
            "descriptor",
            ("datapackage.json", FILES["datapackage.json"].replace(b'"schemas/things.json"', b'"", "derived": true')),
        ),
        # zipfile has other errors than BadZipFile: a version of the format that does not exist, a name that is no UTF-8.
        ("zip", ZIP.replace(b"PK\x01\x02\x14\x03\x14", b"PK\x01\x02\x14\x03\x40", 1)),
        (
            "zip",
            ZIP.replace(b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\0\x08").replace(b"\0d", b"\0\xff"),
        ),
        ("descriptor", ("schemas/kinds.json", FILES["schemas/kinds.json"].replace(b'"string"', b"[]"))),
        (
            "descriptor",
            ("schemas/things.json", FILES["schemas/things.json"].replace(b'"resource": "kinds"', b'"resource": true')),
        ),
    ],
)
def test_what_once_broke_the_code(name: str, case: Any) -> None:
    TARGETS[name].holds(case)


@pytest.mark.parametrize(
    ("name", "module", "attribute", "fault"),
    [
        ("reader", reader, "_ragged", lambda *_: None),  # a row is lost in silence
        ("edtf", edtf, "_month", lambda first, months: first.toordinal() + 30 * months),
        ("lists", lists, "canonical_cell", lambda field, cell: " ".join(cell.split())),
        ("where", where, "_value", lambda condition, column: float(condition.value) + 1),
        ("corrections", document, "ordered", lambda content: dict(reversed([*content.items()][1:]))),
        ("descriptor", words, "nearest", lambda wrong, known: [*known][99]),
        ("zip", descriptor, "is_inside", lambda root, path: True),
    ],
)
def test_a_fault_is_seen(
    name: str, module: ModuleType, attribute: str, fault: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, attribute, fault)
    with pytest.raises(BaseException):  # noqa: B017, PT011 - whatever the fault leads to
        run(TARGETS[name], 300, 2026, smallest=False)


def test_the_command_runs_what_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--minutes", "0", "edtf", "where"]) == 0
    assert capsys.readouterr().out.splitlines() == ["edtf: 0 inputs", "where: 0 inputs"]
    with pytest.raises(SystemExit):
        main(["nothing"])
    assert "there is no target 'nothing'; there are: reader, edtf" in capsys.readouterr().err


def test_the_command_prints_what_broke_a_target(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edtf, "_month", lambda first, months: first.toordinal() + 30 * months)
    assert main(["--minutes", "1", "edtf"]) == 1
    assert "edtf: broken (seed " in (said := capsys.readouterr().out)
    assert "AssertionError" in said
    assert "Failing test case: holds(" in said
