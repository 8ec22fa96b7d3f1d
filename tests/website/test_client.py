"""The scripts of the website: their own tests in Node.js, and that they agree with the Python beside them."""

from __future__ import annotations

import gzip
import json
import sqlite3
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from borderledger.dataset import Dataset
from borderledger.output.export import content
from corrections.document import parse
from tests.conftest import ROOT
from website import bundle as bundling
from website import shown
from website.bundle import CLIENT, ENTRIES, NoNode, bundle, installed, node

EXAMPLES: list[dict[str, str]] = json.loads((CLIENT / "src" / "examples.json").read_bytes())

#: Corrections with texts that YAML without quotes would take for something else.
CORRECTIONS: tuple[dict[str, Any], ...] = (
    {
        "action": "change",
        "record": "agr-status-ba-2025",
        "values": [
            {"field": "party_a", "old": "NO", "new": "XK;BA"},
            {"field": "signed", "old": "", "new": "2010~"},
            {"field": "note", "old": "a: b # c", "new": 'He said: "no"; it\'s [x], {y}, *z, & ë ž', "note": "yes"},
        ],
        "source": {
            "id": "abc-2024",
            "title": "Null: true",
            "url": "https://example.org/?a=b#c",
            "accessed": "2026-11-29",
        },
        "locator": "p. 14, § 3 (2)",
        "reason": "Two parts: and # more, 'quoted' ~",
    },
    {
        "action": "retire",
        "record": "ret-all-ba-2020-m11",
        "successor": "ret-all-ba-2020-11",
        "reason": "They count the same.",
    },
)


@pytest.fixture(scope="module")
def tool() -> str:
    """Node.js, with the packages of the scripts."""
    try:
        path = node()
    except NoNode as error:
        pytest.skip(str(error))
    installed()
    return path


@pytest.fixture(scope="module")
def bundled(tool: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("assets")
    bundle(to)
    return to


def asked(
    tool: str, cases: list[tuple[str, ...]], corrections: tuple[dict[str, Any], ...] = ()
) -> dict[str, list[str]]:
    question = json.dumps({"shown": cases, "corrections": corrections})
    done = subprocess.run(
        [tool, str(CLIENT / "test" / "cases.js")],
        input=question,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def test_the_tests_of_the_scripts_pass(tool: str) -> None:
    files = sorted(str(file) for file in (CLIENT / "test").glob("*.test.js"))
    done = subprocess.run([tool, "--test", *files], capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout
    assert "# fail 0\n" in done.stdout
    assert "# pass 0\n" not in done.stdout


def test_two_bundles_are_the_same_and_whole(bundled: Path, tmp_path: Path) -> None:
    style, script = bundle(tmp_path)
    assert style.startswith(":root{")
    assert "</" not in style + script  # which would end the element that holds them
    names = sorted(file.name for file in bundled.iterdir())
    assert names == sorted([*(Path(entry).name for entry in ENTRIES), "licences.txt", "sqlite3.wasm"])
    assert {name: (tmp_path / name).read_bytes() for name in names} == {
        name: (bundled / name).read_bytes() for name in names
    }


def test_what_every_page_loads_is_small(bundled: Path) -> None:
    assert len(gzip.compress((bundled / "site.js").read_bytes(), 9)) <= 25_000


def test_the_scripts_name_no_other_site_and_run_no_text(bundled: Path) -> None:
    for name in ("site", "correct", "sql"):
        text = (bundled / f"{name}.js").read_text(encoding="utf-8")
        assert "innerHTML" not in text
        assert "eval(" not in text
        assert "//cdn" not in text


def test_rows_from_the_data_have_the_words_of_the_html(tool: str) -> None:
    cells = {
        "number": [("0",), ("1234",), ("-1234567.50",), ("999",), ("text",), ("12 000",)],
        "figure": [
            ("500", "about", ""),
            ("20", "range", "2500"),
            ("20", "range", ""),
            ("7", "", ""),
            ("7", "exact", ""),
            ("40", "at_least", ""),
        ],
        "day": [
            (day,)
            for day in (
                "2025-06-11",
                "2025-06",
                "2010~",
                "2013/2017",
                "../2025-06",
                "2025-06-01~/..",
                "2025-13",
                "",
                "later",
            )
        ],
    }
    cases = [(name, *values) for name, all_ in cells.items() for values in all_]
    assert asked(tool, cases)["shown"] == [getattr(shown, name)(*values) for name, *values in cases]


def test_the_corrections_command_reads_the_form_s_file_as_it_was_meant(tool: str) -> None:
    for meant, text in zip(CORRECTIONS, asked(tool, [], CORRECTIONS)["corrections"], strict=True):
        document, findings = parse(text.encode(), "correction.yml")
        assert [finding.message for finding in findings] == []
        assert document is not None
        assert document.content == meant


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    path = tmp_path_factory.mktemp("sql") / "borderledger.sqlite"
    path.write_bytes(next(iter(content(Dataset(ROOT), "sqlite").values())))
    return sqlite3.connect(path)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["title"])
def test_each_example_query_finds_something(example: dict[str, str], database: sqlite3.Connection) -> None:
    rows = database.execute(example["sql"]).fetchall()
    assert rows
    assert any(cell for row in rows for cell in row)


def test_there_are_five_example_queries() -> None:
    assert len(EXAMPLES) == 5


@pytest.mark.parametrize(
    ("tools", "why"),
    [((), "Node.js was not found"), (("node",), "npm was not found"), (("node", "npm"), "v18.1.0 is too old")],
)
def test_without_a_fitting_node_the_message_says_what_to_install(
    tools: tuple[str, ...], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in tools:
        file = tmp_path / name
        file.write_text("#!/bin/sh\necho v18.1.0\n", encoding="ascii")
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoNode, match="Install it with") as caught:
        bundling.node()
    assert why in str(caught.value)


def test_nothing_of_the_packages_is_kept_in_git() -> None:
    assert "node_modules/" in (CLIENT / ".gitignore").read_text(encoding="ascii").split()
    locked = json.loads((CLIENT / "package-lock.json").read_bytes())["packages"]
    assert all(entry.get("integrity") for name, entry in locked.items() if name)
    assert all("resolved" not in entry for entry in locked.values())
    wanted = json.loads((CLIENT / "package.json").read_bytes())
    versions = {**wanted["dependencies"], **wanted["devDependencies"]}
    assert {name: locked[f"node_modules/{name}"]["version"] for name in versions} == versions
