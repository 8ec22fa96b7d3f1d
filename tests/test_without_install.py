"""A tool that is started before the checkout is set up says what to run first."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT


@pytest.mark.parametrize("tool", ["validate", "corrections", "release", "ingest", "audit", "website", "links"])
def test_it_names_the_command_that_sets_the_checkout_up(tool: str) -> None:
    # Without the site packages, Python finds the tools in this folder and nothing that was installed.
    done = subprocess.run(
        [sys.executable, "-S", "-m", tool], cwd=ROOT, capture_output=True, text=True, check=False, env={}
    )
    assert done.returncode == 1
    assert done.stderr == f"{tool}: run `make validate` once, then .venv/bin/python -m {tool} (README, Two commands)\n"
