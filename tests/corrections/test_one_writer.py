"""One writer at a time: whoever reports success is in the dataset, whatever happens to the others."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from borderledger.dataset import Dataset
from borderledger.package import Package, alone
from borderledger.package.lock import LOCK
from corrections.__main__ import main
from ingest.tables import replace_rows
from tests.conftest import Mini, checked
from tests.corrections.conftest import CHANGE, NEW_SOURCE
from tests.corrections.test_pending import put
from validate.fix import fix, seal

#: How often eight processes are started; more with BORDERLEDGER_ROUNDS=50.
ROUNDS = int(os.environ.get("BORDERLEDGER_ROUNDS", "1"))

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the processes are forked")


def eight(dataset: Dataset) -> list[dict[str, Any]]:
    """A further source for a bound value of eight records."""
    made: list[dict[str, Any]] = []
    for table in (dataset.schema(name) for name in dataset.names if dataset.schema(name).bound):
        bulk = {total["source_id"] for total in dataset.rows("control_totals") if total["table"] == table.name}
        for row in dataset.rows(table.name):
            plain = [f for f in table.bound if row[f] and f"{f}_qualifier" not in table.by_name]
            plain = [f for f in plain if not f.endswith(("_qualifier", "_max"))]
            if plain and row["source_id"] not in bulk and len(made) < 8:
                number = len(made)
                address = {
                    "id": f"reader-{number}",
                    "url": f"https://example.org/{number}",
                    "title": f"Notice {number}",
                }
                value = {"field": plain[0], "old": row[plain[0]], "new": row[plain[0]]}
                made.append(
                    {
                        "action": "claim",
                        "record": row["id"],
                        "values": [value],
                        "source": NEW_SOURCE | address,
                        "locator": "first page",
                        "reason": "Two readers compared the record with the document.",
                    }
                )
    return made


def started(arguments: list[str], success: Path) -> subprocess.Popen[bytes]:
    """A process of its own that runs a command and then says that it succeeded."""
    program = (
        "import pathlib, sys\n"
        "from corrections.__main__ import main\n"
        "code = main(sys.argv[2:])\n"
        "code or pathlib.Path(sys.argv[1]).touch()\n"
        "sys.exit(code)"
    )
    command = [sys.executable, "-c", program, str(success), *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_eight_processes_of_which_some_are_killed(
    mini: Mini, tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    chance, said = random.Random(seed), tmp_path_factory.mktemp("said")
    contents = eight(Dataset(mini.root))
    assert len(contents) == 8
    files = [put(said, content, f"c{number}.yml") for number, content in enumerate(contents)]
    running = [started(["--root", str(mini.root), "apply", str(file)], said / file.stem) for file in files]
    killed = set(chance.sample(range(8), 3))
    for number in killed:
        time.sleep(chance.uniform(0, 3))
        running[number].kill()
    codes = [process.wait() for process in running]
    assert not Package.read(mini.root).problems
    assert not checked(mini.root).findings
    successful = {number for number in range(8) if (said / f"c{number}").exists()}
    sources = {row["id"] for row in Dataset(mini.root).rows("sources")}
    entered = {number for number in range(8) if f"reader-{number}" in sources}
    assert successful <= entered <= successful | killed
    assert {number for number in range(8) if codes[number]} <= killed  # nobody else failed: they waited
    assert successful | killed == set(range(8))


WRITERS: dict[str, Callable[[Path], object]] = {
    "corrections apply": lambda root: main(["--root", str(root), "apply", str(root / "c.yml")]),
    "corrections apply of proposals": lambda root: main(["--root", str(root), "apply"]),
    "corrections propose": lambda root: main(["--root", str(root), "propose", str(root / "c.yml")]),
    "validate --fix": fix,
    "validate --seal": lambda root: seal(root, []),
    "ingest": lambda root: replace_rows(root, ["x"], {"returns": []}),
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_command_that_writes_waits_for_the_others(mini: Mini, name: str) -> None:
    put(mini.root, CHANGE, "c.yml")
    order: list[str] = []

    def second() -> None:
        WRITERS[name](mini.root)
        order.append(name)

    with contextlib.redirect_stdout(io.StringIO()), alone(mini.root, "first"):
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(1.5)
        order.append("first")
    thread.join(60)
    assert order == ["first", name]


def test_the_one_who_waits_is_told_for_whom(mini: Mini, capsys: pytest.CaptureFixture[str]) -> None:
    with alone(mini.root, "validate --fix"):
        failed: list[OSError] = []

        def second() -> None:
            try:
                with alone(mini.root, "other", wait=1):
                    raise AssertionError
            except OSError as error:
                failed.append(error)

        thread = threading.Thread(target=second)
        thread.start()
        thread.join(30)
    said = capsys.readouterr().err
    assert f"Waiting for another command that is changing the dataset: validate --fix, process {os.getpid()}" in said
    assert failed[0].errno == errno.EAGAIN
    assert "another command is still changing the dataset: validate --fix" in str(failed[0].strerror)
    assert "Nothing was written" in str(failed[0].strerror)


def test_readers_never_wait(mini: Mini) -> None:
    with alone(mini.root, "first"):
        assert not checked(mini.root).findings
        assert Dataset(mini.root).rows("sources")


def test_a_folder_that_is_no_package_gets_no_lock(tmp_path: Path) -> None:
    with alone(tmp_path, "first"), alone(tmp_path, "second"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_a_killed_process_held_is_free(mini: Mini) -> None:
    process = os.fork()
    if not process:
        with alone(mini.root, "killed"):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(process, 0)
    assert (mini.root / LOCK).exists()
    with alone(mini.root, "next", wait=1):
        pass
