"""Whatever the public functions are called with, what they raise is an error of this library that says what they take."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd
import pytest

import borderledger as bl
from tests.conftest import ROOT

RECORD = "agr-status-rs-2024"

#: What somebody passes by mistake, by what it is.
HOSTILE: dict[str, Any] = {
    "None": None,
    "a number": 3,
    "a float": 2.5,
    "NaN": float("nan"),
    "NA": pd.NA,
    "NaT": pd.NaT,
    "bytes": b"returns",
    "a list": ["returns"],
    "a list of lists": [["returns"]],
    "a list of None": [None],
    "a tuple": ("returns",),
    "a set": {"returns"},
    "a dict": {"returns": 1},
    "an empty list": [],
    "a Series": pd.Series(["returns", "projects"]),
    "a DataFrame": pd.DataFrame({"table": ["returns"]}),
    "an array": np.array(["returns", "projects"]),
    "a number of numpy": np.int64(3),
    "a type": str,
    "a function": len,
    "an empty text": "",
    "an unknown word": "retruns",
    "control characters": "\0\n\x1b[31m",
    "half a surrogate": "\ud800",
    "a long text": "returns" * 1_000,
    "a Dataset": bl.open(ROOT),
}

#: How each function is called when nothing is wrong.
GOOD: dict[str, dict[str, Any]] = {
    "load": {"table": "deployments"},
    "tables": {},
    "describe": {"table": "returns"},
    "search": {"words": "deported pakistan"},
    "totals": {"table": "returns", "by": "year"},
    "evidence": {"record": RECORD},
    "disputes": {},
    "history": {"record": RECORD},
    "cite": {},
    "connect": {},
    "open": {"path": ROOT},
    "diff": {"old": ROOT},
    "Dataset": {"root": ROOT},
    # Methods that the other modules use.
    "schema": {"table": "returns"},
    "rows": {"table": "returns"},
    "cells": {"table": "returns"},
    "record": {"record": RECORD},
    "files": {},
    "grades": {"schema": bl.open(ROOT).schema("returns")},
    "graded": {"schema": bl.open(ROOT).schema("returns")},
    "field_grades": {"stated": []},
}


def functions() -> dict[str, Any]:
    """All public functions by name: those of the module, and the methods of a Dataset."""
    dataset = bl.open(ROOT)
    found = {name: getattr(dataset, name) for name in dir(bl.Dataset) if not name.startswith("_")}
    found |= {name: getattr(bl, name) for name in bl.__all__ if name not in bl.errors.__all__}
    return {name: function for name, function in found.items() if callable(function)}


FUNCTIONS = functions()


def arguments() -> Iterator[tuple[str, str]]:
    for name, function in FUNCTIONS.items():
        yield from ((name, argument) for argument in inspect.signature(function).parameters)


def call(name: str, **options: Any) -> None:
    made = FUNCTIONS[name](**GOOD[name] | options)
    if inspect.isgenerator(made):
        list(made)


def test_every_public_function_is_among_them() -> None:
    assert {*FUNCTIONS} == {*GOOD}


@pytest.mark.parametrize("name", GOOD)
def test_it_works_when_nothing_is_wrong(name: str) -> None:
    call(name)


@pytest.mark.parametrize(("name", "argument"), list(arguments()))
@pytest.mark.parametrize("kind", HOSTILE)
def test_no_argument_makes_it_raise_anything_else(name: str, argument: str, kind: str) -> None:
    """Nothing but an error of the library may come out; what the argument takes (None, a list of grades) may pass."""
    with suppress(bl.BorderledgerError):
        call(name, **{argument: HOSTILE[kind]})


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("load", {"table": ["returns"]}, "table takes one text, such as 'returns', not ['returns'] (list)."),
        ("load", {"table": None}, "table takes one text, such as 'returns', not None."),
        ("load", {"grade": 3}, "grade takes one text or a list of texts, such as 'single', not 3 (int)."),
        ("load", {"columns": 3}, "columns takes a list of names, such as ['id'], not 3 (int)."),
        ("load", {"labels": "yes"}, "labels takes True or False, not 'yes'."),
        ("load", {"explode": ["hosts"]}, "explode takes one text, such as 'hosts', not ['hosts'] (list)."),
        (
            "load",
            {"where": [None]},
            "where takes one text or a list of texts, such as 'to_place=AL', not [None] (list).",
        ),
        ("load", {"as_of": 3}, "as_of takes a day such as 2023-07-01, 'today' or a date, not 3 (int)."),
        (
            "evidence",
            {"record": pd.Series(["a"])},
            "record takes one text, such as 'prj-ba-iom-return-pilot-2022', not a value of the type Series.",
        ),
        ("evidence", {"field": float("nan")}, "field takes one text, such as 'quantity', not nan (float)."),
        ("totals", {"apart": None}, "apart takes True or False, not None."),
        ("totals", {"by": 5}, "by takes one text or a list of texts, such as 'year', not 5 (int)."),
        ("cite", {"what": 5}, "what takes one text, such as 'returns', not 5 (int)."),
        ("search", {"words": 5}, "words takes one text, such as 'deported pakistan', not 5 (int)."),
        (
            "search",
            {"words": " -- "},
            "search takes words to find, such as 'deported pakistan', and there is none in ' -- '.",
        ),
        ("open", {"path": None}, "open takes the path of a checkout, a release folder or a csv.zip, not None."),
        ("Dataset", {"root": "."}, "A dataset is made from a Path, not '.'; borderledger.open takes text, too."),
    ],
)
def test_the_message_says_what_is_expected(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(bl.BadArgument) as caught:
        call(name, **options)
    assert str(caught.value) == message
