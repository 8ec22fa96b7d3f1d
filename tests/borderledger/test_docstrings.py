"""The examples in the docstrings of the loader run, and give what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import borderledger

MODULES = sorted(module.name for module in pkgutil.walk_packages(borderledger.__path__, "borderledger."))


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_true(name: str) -> None:
    module = importlib.import_module(name)
    assert doctest.testmod(module).failed == 0
