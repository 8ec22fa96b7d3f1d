"""Pages whose code is run: each block of Python is followed by what it really prints, and its pictures are drawn."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

__all__ = ["executed"]

_BLOCK = re.compile(r"```python\n(?P<code>.*?)```\n(?:\n```text\n.*?```\n)?", re.DOTALL)


def executed(page: str) -> tuple[str, dict[str, str]]:
    """A page with the output of its Python blocks renewed, and the SVG files that they write, by name.

    The blocks run one after the other in one namespace, as in a notebook: a block prints what it prints, and the value
    of its last line if that is an expression.
    """
    import matplotlib
    import pandas as pd

    matplotlib.use("svg")
    names: dict[str, Any] = {}
    same_bytes: dict[Any, Any] = {"svg.hashsalt": "borderledger", "svg.fonttype": "none"}
    wide = ("display.width", 110, "display.max_columns", 20, "display.max_colwidth", 60)
    # The day stamped into a picture would change it with every run.
    epoch = mock.patch.dict(os.environ, {"SOURCE_DATE_EPOCH": "0"})
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
        matplotlib.rc_context(same_bytes),
        pd.option_context(*wide),
        epoch,
    ):
        text = _BLOCK.sub(lambda block: _with_output(block["code"], names), page)
        pictures = {file.name: file.read_text(encoding="utf-8") for file in sorted(Path().glob("*.svg"))}
    return text, {name: "\n".join(map(str.rstrip, svg.splitlines())) + "\n" for name, svg in pictures.items()}


def _with_output(code: str, names: dict[str, Any]) -> str:
    *lines, last = ast.parse(code).body
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        if isinstance(last, ast.Expr):
            exec(compile(ast.Module(lines, []), "page", "exec"), names)
            if (value := eval(compile(ast.Expression(last.value), "page", "eval"), names)) is not None:
                print(value if isinstance(value, str) or hasattr(value, "to_string") else repr(value))
        else:
            exec(compile(ast.Module([*lines, last], []), "page", "exec"), names)
    said = "\n".join(line.rstrip() for line in out.getvalue().splitlines())
    return f"```python\n{code}```\n" + (f"\n```text\n{said}\n```\n" if said else "")
