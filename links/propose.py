"""A run of `archive`: ask for a batch of copies, and put each as a proposal into corrections/pending."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from borderledger.dataset import Dataset
from borderledger.output.escape import printable
from borderledger.package import Finding
from corrections.document import Document, parse, written
from corrections.outcome import tell_proposed
from corrections.pending import Proposed, pending, propose_documents
from links.archive import Asked, NoArchive, Services, find, known, wanted
from links.found import has_died
from links.memory import Journal
from links.progress import progress
from validate.report import Report

__all__ = ["content", "propose", "run"]

_FIELD = "archive_url"


def run(
    dataset: Dataset,
    root: Path,
    memory: Path,
    services: Services,
    today: date,
    *,
    only: Collection[str] = (),
    batch: int,
    again: bool = False,
) -> int:
    """Propose the next copies, and print what became of them; returns the exit code.

    only    the ids of sources, if not all
    again   ask again for sources of which archives had no copy

    Raises NoNetwork.
    """
    file = memory / "copies.jsonl"
    dead = [seen.source for seen in Journal(memory, some=True).before.values() if has_died(seen)]
    sources = [one for one in wanted(dataset, dead, _proposed(root)) if not only or one.source in only]

    def answered() -> dict[str, Asked]:
        asked = known(file)
        return {s.source: asked[s.source] for s in sources if s.source in asked and asked[s.source].url == s.url}

    before = answered()
    left = [one for one in sources if one.source not in before or (again and not before[one.source].copy)]
    need = batch - sum(bool(asked.copy) for asked in before.values())
    said, stopped = list[str](), ""
    with progress("sources", 0, len(left)) as step:
        try:
            said = asyncio.run(find(left, services, today, file, need, step)) if left and need > 0 else []
        except NoArchive as error:
            stopped = f"links: {error} What was found is kept. Run the command again later."
    asked = answered()
    found = [content(asked[s.source], s.accessed) for s in sources if s.source in asked and asked[s.source].copy]
    code = _tell(*propose(found[:batch], root)) if found else 0
    unknown = len(sources) - len(asked)
    said = [f"Sources without a copy or a proposal of one: {len(sources):,}. Copies found: {len(found):,}.", *said]
    said += [f"Not asked, or without an answer: {unknown:,}. Run the command again to go on."] if unknown else []
    print("".join(f"{printable(line)}\n" for line in said), end="")
    if stopped:
        print(printable(stopped), file=sys.stderr)
    return 2 if stopped else code


def _proposed(root: Path) -> Iterator[str]:
    """The sources for which a copy is proposed."""
    for waiting in pending(root)[0]:
        if any(value.field == _FIELD for value in waiting.document.values):
            yield waiting.document["record"]


def content(asked: Asked, accessed: date) -> dict[str, Any]:
    """The correction that enters a copy."""
    days = (date.fromisoformat(asked.taken) - accessed).days
    apart = f"{abs(days):,} day{'' if abs(days) == 1 else 's'} {'before' if days < 0 else 'after'} " if days else ""
    archive = asked.archive[:1].upper() + asked.archive[1:]
    return {
        "action": "change",
        "record": asked.source,
        "values": [{"field": _FIELD, "old": "", "new": asked.copy}],
        "reason": f"{archive} has a copy of {asked.taken}, {apart or 'on '}the day on which the editors read it.",
    }


def propose(contents: Sequence[dict[str, Any]], root: Path) -> tuple[Proposed, list[Finding]]:
    """Propose corrections; returns what became of them, and what is wrong with those that were left out."""
    documents: list[Document] = []
    left: list[Finding] = []
    for one in contents:
        document, wrong = parse(written(one).encode("utf-8"), f"copy of {one['record']}")
        left += wrong
        documents += [document] if document else []
    while True:
        proposed = propose_documents(documents, root)
        bad = {finding.file for finding in proposed.outcome.findings}
        good = [document for document in documents if document.name not in bad]
        if proposed.outcome.ok or not good or len(good) == len(documents):
            return proposed, left
        left += [finding for finding in proposed.outcome.findings if finding.file.startswith("copy of ")]
        documents = good


def _tell(proposed: Proposed, left: Sequence[Finding]) -> int:
    if left:
        print("Left out, because they would not be accepted:\n")
        sys.stdout.write(Report(tuple(left), ()).text() + "\n")
    return max(tell_proposed(proposed), int(bool(left)))
