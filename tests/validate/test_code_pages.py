"""A table in an old code page is restored where its words are known in exactly one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Mini
from tests.release.conftest import git_in
from validate import check
from validate.fix import fix

FACILITIES = "data/facilities.csv"


def saved(mini: Mini, page: str, path: str = FACILITIES) -> bytes:
    """Save a table as LibreOffice does: in a code page, with semicolons. Returns the good content."""
    file = mini.root / path
    good = file.read_bytes()
    file.write_bytes(good.decode("utf-8").replace("\n", "\r\n").encode(page))
    return good


@pytest.fixture
def committed(mini: Mini) -> Mini:
    mini.row("facilities", id="fac-al-gjader")["note"] = "Šid and Gjadër, both in Ćićevac."
    mini.save()
    git = git_in(mini.root)
    git("init")
    git("add", ".")
    git("commit", "-m", "main")
    return mini


@pytest.mark.parametrize("page", ["cp1250", "iso8859_2", "cp852"])
def test_the_last_commit_shows_which_it_was(committed: Mini, page: str) -> None:
    good = saved(committed, page)
    said = fix(committed.root)
    assert any(line.startswith(f"{FACILITIES}: read as ") for line in said)
    assert (committed.root / FACILITIES).read_bytes() == good
    assert not check(committed.root).findings
    assert fix(committed.root) == []


def test_without_a_commit_the_claims_show_it(mini: Mini) -> None:
    """Other tables have the words, too: here a body that is named after its place."""
    centre = mini.row("facilities", id="fac-al-gjader")
    mini.rows["organisations"][0]["name"] = " ".join(centre.values())
    mini.save()
    good = saved(mini, "cp1250")
    said = fix(mini.root)
    assert any("read as cp1250" in line for line in said), said
    assert (mini.root / FACILITIES).read_bytes() == good


def test_a_word_that_nobody_knows_is_not_guessed(committed: Mini) -> None:
    row = committed.row("facilities", id="fac-al-gjader")
    row["note"] = "Žut."
    committed.save()
    saved(committed, "cp1250")
    before = (committed.root / FACILITIES).read_bytes()
    said = fix(committed.root)
    assert any("not read in another encoding, because no code page gives known words only" in line for line in said)
    assert any(line.startswith(f"{FACILITIES}: left as it is") for line in said)
    assert (committed.root / FACILITIES).read_bytes() == before


def test_letters_that_fit_in_two_are_not_guessed(mini: Mini) -> None:
    """Byte EA is ę in Windows-1250 and ê in Windows-1252."""
    for note, row in zip(("Zamek Wdzięk", "Zamek Wdziêk"), mini.rows["organisations"], strict=False):
        row["name"] = note
    centre = mini.row("facilities", id="fac-al-gjader")
    for name in ("name", "locality"):
        centre[name] = centre[name].encode("ascii", "ignore").decode()
    centre["note"] = "Wdzięk"
    mini.save()
    file = mini.root / FACILITIES
    saved(mini, "cp1250")
    before = file.read_bytes()
    said = fix(mini.root)
    assert any("its letters can be read as cp1250 or as cp1252" in line for line in said), said
    assert file.read_bytes() == before


def test_it_is_a_finding_that_says_so(committed: Mini) -> None:
    saved(committed, "cp1250")
    finding = next(f for f in check(committed.root).findings if f.file == FACILITIES)
    assert (finding.rule, Path(finding.file).name) == ("file.encoding", "facilities.csv")
    assert "--fix: it restores the letters if the other tables show them" in finding.fix
