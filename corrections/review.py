"""The command `review`: what a pull request does to the dataset, as one comment on it.

Both versions are compared with their proposals carried out. The comment has the findings of validation, then what an
editor must read in the source again, then every change. A second source is worth something only if nobody quietly edits
its claims. So the comment lists every claim that was removed or rewritten, and every source whose independence may have
changed. Code of the new version is never run.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from borderledger.changes import Changes, diff
from borderledger.errors import BorderledgerError
from borderledger.package import Finding
from corrections.pending import with_proposals
from release.report.comparison import Comparison, compare
from release.report.markdown import code, escaped, fitted, markdown
from release.versions import Version, opened
from validate.engine import check

__all__ = ["LONGEST", "comment", "review"]

#: Longest comment, in characters; GitHub takes 65,536.
LONGEST = 60_000
#: Longest list of findings, and of what must be read again, so that each leaves room for the rest.
_PART = 15_000

Block = tuple[str, str]

#: Columns of a source that decide whether it is independent, which grades depend on.
_OF_SOURCE = ("kind", "publisher", "reprint_of")


def review(old: str, new: str, root: Path) -> int:
    """Print the comment on the changes between two versions (see `release.versions`).

    root   the git repository that has the commits

    Returns 0 without findings, 1 with findings, 2 if a version cannot be read.
    """
    text, code = comment(old, new, root)
    sys.stdout.write(text)
    return code


def comment(old: str, new: str, root: Path) -> tuple[str, int]:
    """The comment, and what `review` returns."""
    blocks: list[Block] = []
    findings: list[Finding] = []
    try:
        with opened(new, root) as later:
            findings = _findings(later)
            with opened(old, root) as earlier, ExitStack() as stack:
                before, after = earlier.dataset, later.dataset
                if not findings:  # in tables with findings, no proposal can be carried out
                    before, _ = stack.enter_context(with_proposals(before))
                    after, findings = stack.enter_context(with_proposals(after))
                blocks += _on_findings(findings)
                found = compare(diff(before, after), before, after)
                blocks += [*_to_read_again(found), ("", markdown(found))]
    except (BorderledgerError, OSError) as error:
        blocks.append(("", f"The changes are unknown, because a version cannot be read: {escaped(str(error))}\n"))
    except Exception as error:
        # A contributed schema may lack what the code relies on, and no comment would look like approval.
        what = f"{type(error).__name__} {error}"
        blocks.append(("", f"The changes are unknown: {escaped(what)}. Check the schemas first.\n"))
    else:
        return _cut("".join(text for _, text in blocks)), 1 if findings else 0
    return _cut("".join(text for _, text in blocks)), 2


def _findings(version: Version) -> list[Finding]:
    root = version.dataset.root
    if not isinstance(root, Path):
        message, fix = "is a zip file, which is not validated", "Unpack it and name the folder."
        return [Finding(version.name, 0, "", "", message, fix, "package.unreadable")]
    return list(check(root).findings)


def _cut(text: str) -> str:
    """The text; if it is too long, it is cut after a line and says so."""
    if len(text) <= LONGEST:
        return text
    kept = text[: LONGEST - 200].rpartition("\n")[0]
    return (
        f"{kept}\n\n**The rest was cut: the comment is too long.** `python -m corrections review` prints everything.\n"
    )


def _part(blocks: Iterable[Block]) -> Iterator[Block]:
    yield "", fitted([*blocks], _PART)


# --- findings --------------------------------------------------------------------------------------------------------


def _on_findings(findings: list[Finding]) -> Iterator[Block]:
    if not findings:
        yield "", "### No findings\n\n"
        return
    many = "finding" if len(findings) == 1 else "findings"
    head = "| where | field | what is wrong | what to do | rule |\n|---|---|---|---|---|\n"
    yield "", f"### {len(findings):,} {many}\n\n"
    yield from _part([("", head), *(("findings", _row(finding)) for finding in findings)])
    yield "", "\n"


def _row(finding: Finding) -> str:
    where = f"{finding.file}:{finding.line}" if finding.line else finding.file
    cells = (where, finding.field, finding.message, finding.fix, finding.rule)
    return "| " + " | ".join(map(escaped, cells)) + " |\n"


# --- what has to be read again ---------------------------------------------------------------------------------------


def _to_read_again(c: Comparison) -> Iterator[Block]:
    changes = c.changes
    yield from _listed("Changed without a row in the log", [*_unlogged(c)])
    yield from _listed("Claims that were removed or rewritten: read the source again", [*_claims(changes)])
    yield from _listed("Sources whose independence may have changed: read them again", [*_sources(changes)])


def _listed(heading: str, lines: list[str]) -> Iterator[Block]:
    if lines:
        yield from _part([("", f"#### {heading}\n\n"), *((heading.lower(), f"- {line}\n") for line in lines)])
        yield "", "\n"


def _unlogged(c: Comparison) -> Iterator[str]:
    """Figures and whole records that readers may use, and that changed without a row in the log."""
    core = {table.name for table in c.changes.old_tables if table.bound}
    for change in c.changes.changed:
        if c.kind(change) == "unlogged":
            yield f"{code(change.key[0])} {code(change.field)}: {code(change.old)} → {code(change.new)}"
    for gone in c.changes.removed:
        if gone.table in core and not gone.retired:
            yield f"{code(gone.key[0])} was removed"


def _claims(changes: Changes) -> Iterator[str]:
    """Claims by record, field and source. The diff shows a claim with a new value as removed and added."""
    came: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for added in changes.added:
        if added.table == "claims":
            came[_about(added.cells)].append(added.cells["value"])
    for gone in changes.removed:
        if gone.table == "claims":
            new = came.get(_about(gone.cells))
            said = code(gone.cells["value"])
            yield f"{_spelled(_about(gone.cells))}: {said} {f'→ {code(new.pop(0))}' if new else 'removed'}"
    for change in changes.changed:
        if change.table == "claims" and change.field != "verdict":  # verdicts are computed from the values
            yield f"{_spelled(change.key)}: {code(change.field)} {code(change.old)} → {code(change.new)}"


def _about(cells: Mapping[str, str]) -> tuple[str, ...]:
    return (cells["record_id"], cells["field"], cells["source_id"])  # the key of a claim without its value


def _spelled(key: tuple[str, ...]) -> str:
    return " ".join(map(code, key))


def _sources(changes: Changes) -> Iterator[str]:
    for change in changes.changed:
        if change.table == "sources" and change.field in _OF_SOURCE:
            yield f"{code(change.key[0])} {code(change.field)}: {code(change.old)} → {code(change.new)}"
