"""Enter a filled worksheet: compare it with the dataset, write the results, and settle what differs.

    equal to what was entered   `confirmed`
    not seen                    `unseen`
    anything else               goes into FILE.settle.csv, beside what was entered; a person fills in result and reason

The results go into data/checks.csv. A confirmed claim whose reader found a more precise place gets it by a proposal
(see `corrections.pending`), because claims change only that way: other people work on the tables meanwhile. All of it
is written in one step, all or none. What is imprecise or wrong becomes the draft of a correction in FILE-corrections,
for an editor to read the source once more.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from audit.answers import Answer, read
from audit.compare import same
from audit.drafts import Claims, draft, placed
from audit.worksheet import ANSWERED, ASKED, SETTLED
from borderledger.dataset import Dataset
from borderledger.package import Finding, Package, alone, canonical_text, write_files
from borderledger.package.files import write_bytes
from corrections.apply import Outcome
from corrections.document import written
from corrections.log import next_version, numbered, released
from corrections.pending import Proposed, prepared

__all__ = ["Entered", "enter", "save", "settle_file"]


@dataclass(frozen=True)
class Entered:
    """What became of a worksheet.

    findings   what is wrong; if there is anything, nothing was written
    results    by result, how many claims got it
    there      how many results were there already
    proposals  the files of proposals that give claims their places
    drafts     the files of corrections for what is imprecise or wrong
    by_hand    the records of which a person must write the correction
    unsettled  the answers that differ and have no result yet
    """

    findings: tuple[Finding, ...] = ()
    results: tuple[tuple[str, int], ...] = ()
    there: int = 0
    proposals: tuple[str, ...] = ()
    drafts: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()
    unsettled: tuple[Answer, ...] = ()


def settle_file(file: Path) -> Path:
    """The worksheet of what differs from a worksheet."""
    return file if file.name.endswith(".settle.csv") else file.with_suffix(".settle.csv")


def enter(file: Path, root: Path, day: str) -> Entered:
    """Enter a filled worksheet, or one of differences that were settled.

    day   when the documents were read again

    Raises OSError, and CorruptPackage if the tables cannot be read.
    """
    with alone(root, "audit enter"):
        dataset = Dataset(root)
        answers, wrong = read(file, dataset)
        if wrong:
            return Entered(tuple(wrong))
        judged = [(answer, *_judged(answer)) for answer in answers]
        if wrong := [
            found for answer, result, note in judged for found in _unfit(str(file), dataset, answer, result, note)
        ]:
            return Entered(tuple(sorted(wrong)))
        done = [(answer, result, note) for answer, result, note in judged if result]
        held = {tuple(row[key] for key in _KEY): row["result"] for row in dataset.rows("checks")}
        fresh = [one for one in done if _key(one[0]) not in held]
        if wrong := [_twice(str(file), answer, held) for answer, result, _ in done if _differs(answer, result, held)]:
            return Entered(tuple(wrong))
        claims = Claims(dataset)
        # A reader who read another value read another passage: its place is not that of what was entered.
        agreed = [one for one, result, _ in fresh if result == "confirmed" and not one.changed and same(one)]
        documents = placed(agreed, claims)
        proposed, texts = prepared(documents, root) if documents else (Proposed(Outcome(())), [])
        if not proposed.outcome.ok:
            return Entered(proposed.outcome.findings)
        rows = [_row(answer, result, note, day) for answer, result, note in fresh]
        drafts, by_hand = _drafts(file, fresh, claims)
        for path, text in drafts:  # first, because results that are entered give no drafts a second time
            if not path.exists():  # an editor may be at work on it
                path.parent.mkdir(exist_ok=True)
                write_bytes(path, text.encode())
        if rows:
            write_files(root, [*_checks(root, rows), *texts])
    names = dataset.schema("checks").by_name["result"].categories
    counts = tuple((name, sum(result == name for _, result, _ in fresh)) for name in names)
    left = tuple(answer for answer, result, _ in judged if not result and _key(answer) not in held)
    return Entered(
        (), counts, len(done) - len(fresh), proposed.written, tuple(str(p) for p, _ in drafts), by_hand, left
    )


_KEY = ("audit", "record_id", "field", "source_id")


def _key(answer: Answer) -> tuple[str, ...]:
    return answer["audit"], *answer.entry.key


def _judged(answer: Answer) -> tuple[str, str]:
    """The result of an answer with the note on it; both empty if it has to be settled."""
    if answer["result"] or answer["reason"]:
        return answer["result"], answer["reason"]
    if answer["unseen"]:
        return "unseen", "; ".join(filter(None, (answer["unseen"], answer["note"])))
    if same(answer) and not answer.changed:
        return "confirmed", answer["note"]
    return "", ""


def _unfit(name: str, dataset: Dataset, answer: Answer, result: str, note: str) -> Iterable[Finding]:
    """What is wrong with a result that a person has filled in."""
    known = dataset.schema("checks").by_name["result"].categories
    if (result or note) and result not in known:
        message = f"{result[:40]!r} is not a result" if result else "is empty, and reason is filled"
        said = "; ".join(f"{word} - {means}" for word, means in known.items())
        yield Finding(name, answer.line, "result", result[:200], message, f"Write one of: {said}", "audit.result")
    if answer["result"] and not note:
        fix = "Say in a sentence why, in your own words. It is published."
        yield Finding(name, answer.line, "reason", "", "is empty, and result is filled", fix, "audit.result")


def _differs(answer: Answer, result: str, held: dict[tuple[str, ...], str]) -> bool:
    return held.get(_key(answer), result) != result


def _twice(name: str, answer: Answer, held: dict[tuple[str, ...], str]) -> Finding:
    message = f"the audit {answer['audit']} has the result {held[_key(answer)]} for this claim already"
    fix = (
        "Delete the row from the worksheet. If the result is wrong, correct data/checks.csv by hand. Once it is "
        "published, read the claim again in a new audit instead."
    )
    return Finding(name, answer.line, "claim", answer["claim"], message, fix, "audit.once")


def _row(answer: Answer, result: str, note: str, day: str) -> dict[str, str]:
    return dict(zip(_KEY, _key(answer), strict=True)) | {"checked": day, "result": result, "note": note}


def _checks(root: Path, rows: Sequence[dict[str, str]]) -> list[tuple[str, str]]:
    """The table with new rows, and the descriptor if the version of the dataset has been released."""
    package = Package.read(root)
    table = package.tables["checks"]
    texts = [(table.path, canonical_text(table, [*package.sheets["checks"].records().values(), *rows]))]
    version = next_version(package.version, released(root), "patch")
    if version != package.version:
        descriptor = (root / "datapackage.json").read_text(encoding="utf-8")
        texts.append(("datapackage.json", numbered(descriptor, version)))
    return texts


def _drafts(
    file: Path, fresh: Iterable[tuple[Answer, str, str]], claims: Claims
) -> tuple[list[tuple[Path, str]], tuple[str, ...]]:
    """The drafts of corrections with their files, and the records that need one by hand."""
    folder = settle_file(file).with_suffix("").with_suffix("")
    folder = folder.with_name(f"{folder.name}-corrections")
    drafts: list[tuple[Path, str]] = []
    by_hand: list[str] = []
    for answer, result, note in fresh:
        if result in ("imprecise", "wrong"):
            content = draft(answer, note, claims)
            if content:
                name = f"{'-'.join(answer.entry.key)}.yml"
                drafts.append((folder / name, written(content)))
            else:
                by_hand.append(answer.entry.record)
    return drafts, tuple(dict.fromkeys(by_hand))


# --- the worksheet of differences ------------------------------------------------------------------------------------


def save(file: Path, answers: Iterable[Answer], dataset: Dataset) -> None:
    """Write the answers that have to be settled as a worksheet, each beside what was entered. Raises OSError."""
    claims = Claims(dataset)
    out = io.StringIO()
    writer = csv.DictWriter(out, [*ASKED, *ANSWERED, *SETTLED], lineterminator="\n", restval="")
    writer.writeheader()
    for answer in answers:
        writer.writerow({**answer.cells, "entered": _entered(answer, claims)})
    write_bytes(file, out.getvalue().encode())


def _entered(answer: Answer, claims: Claims) -> str:
    """What the dataset holds: the claims of the source, and how they compare with the record."""
    told = [
        f"{claim['value']} ({claim['qualifier']}), {claim['locator']}; {claim['verdict']}"
        + (f"; {claim['note']}" if claim["note"] else "")
        for claim in claims.of(answer.entry)
    ]
    return " | ".join(told) + (" (changed since the draw)" if answer.changed else "")
