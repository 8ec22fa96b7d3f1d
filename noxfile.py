"""The loader's tests on the oldest and the newest libraries that it promises to work with: `nox` or `make loader`.

Each session installs the wheel, and not the checkout, in an environment of its own. Every warning is an error, so that
what a library will drop next year fails today. A Python that is not installed is skipped; CI (.github/workflows) has
them all.
"""

from __future__ import annotations

import nox

nox.options.error_on_missing_interpreters = False

#: The oldest pandas that pyproject.toml allows, and what goes with it. An older pyarrow works, but reads the
#: classifications of a Parquet file with wider indices, which the tests would take for a difference.
OLDEST = ("pandas==2.2.0", "numpy==1.26.4", "pyarrow==20.0.0")
NEWEST = ("3.11", "3.12", "3.13", "3.14")


@nox.session(python="3.11")
def oldest(session: nox.Session) -> None:
    """The oldest Python and pandas."""
    _loader(session, *OLDEST)


@nox.session(python=NEWEST)
def newest(session: nox.Session) -> None:
    """Each Python with the newest of everything."""
    _loader(session)


def _loader(session: nox.Session, *libraries: str) -> None:
    out = session.create_tmp()
    session.run("pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", out, ".", silent=True)
    (wheel,) = (path for path in _names(out) if path.endswith(".whl"))
    session.install("--quiet", f"{out}/{wheel}[dev]", *libraries)
    session.run(
        "python", "-W", "error", "-c", "import borderledger as bl; [bl.load(table) for table in bl.tables().index]"
    )
    session.run("python", "-m", "pytest", "-W", "error", "tests/borderledger", *session.posargs)


def _names(folder: str) -> list[str]:
    import os

    return sorted(os.listdir(folder))
