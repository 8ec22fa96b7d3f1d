"""The answer to a report: what the correction would change, or what is missing, by the questions of the form.

What comes out of a report is checked as every other correction is. The privacy form makes no correction. Its answer
repeats nothing of the report, because a copy would have to be removed as well.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from borderledger.dataset import Dataset
from borderledger.errors import BorderledgerError
from borderledger.package import Finding, Package
from corrections.apply import Outcome, apply_documents
from corrections.book import Book
from corrections.document import Document, parse, written
from corrections.draft import Draft, draft
from corrections.forms import Form, Unclear, form_of
from corrections.names import called
from corrections.pending import name_of
from corrections.report import NoReport, Report
from corrections.suggest import Suggestion, suggest
from release.report.formats import FORMATS
from release.report.markdown import code, escaped, fitted

__all__ = ["Answered", "answered"]

#: Longest answer, in characters.
_COMMENT = 60_000


@dataclass(frozen=True)
class Answered:
    """What becomes of a report.

    text      the answer, as Markdown
    content   the correction as YAML; empty if there is none, or if it holds something that must not be repeated
    title     of the change, if the correction can be applied
    proposal  name of its file among the proposals, if it can be applied
    """

    text: str
    content: str = ""
    title: str = ""
    proposal: str = ""

    @property
    def valid(self) -> bool:
        """Whether the correction can be applied."""
        return bool(self.proposal)


def answered(report: Report, root: Path) -> Answered:
    """The answer to a report. Raises NoReport if it was not made with a form."""
    try:
        form = form_of(report.body)
        if form is None and (pasted := _pasted(report.body)):
            return _of_pasted(pasted, report, root)
        if form is None:
            return _in_free_words(report, root)
        if form.name == "privacy":
            return Answered(_PRIVATE)
        answers = form.answers(report.body)
    except Unclear as error:
        return Answered(f"{_THANKS} It cannot be read: {escaped(str(error))}.\n\n{_MEND}")
    package = Package.read(root)
    if package.problems:
        return Answered(_BROKEN)
    made = draft(form, answers, report, Book.of(package))
    content = written(made.content)
    document, wrong = parse(content.encode("utf-8"), report.name)
    return _weighed(made, document, wrong, content, report, root)


def _in_free_words(report: Report, root: Path) -> Answered:
    """The records that a report may mean, each with a form that is filled in. It repeats nothing of the report."""
    if not report.body.strip():
        raise NoReport("is empty")
    try:
        dataset = Dataset(root)
        found = suggest(dataset, report.body)
    except BorderledgerError:
        return Answered(_BROKEN)
    if not found:
        return Answered(_NO_IDEA)
    blocks = [_SUGGESTED, *(_suggestion(one, _address(dataset)) for one in found), f"\n{_OTHERWISE}"]
    return Answered(fitted([("", block) for block in blocks], _COMMENT))


def _suggestion(one: Suggestion, address: str) -> str:
    """A record, what it holds, and the form on a wrong value with its first answers."""
    row, table = one.row, one.table
    shown = [one.field] if one.field else [f for f in table.bound if row[f] and not f.endswith("_qualifier")][:8]
    values = ", ".join(f"{escaped(table.by_name[name].title)} {code(row[name])}" for name in shown)
    asked = {"template": "wrong-value.yml", "record": row["id"], "field": one.field, "old": row.get(one.field, "")}
    link = f"{address}/issues/new?{urlencode({key: text for key, text in asked.items() if text})}"
    form = f" [Correct it with this form]({link})." if address else ""
    return f"- **{escaped(called(row))}** {code(row['id'])} holds: {values}.{form}\n"


def _address(dataset: Dataset) -> str:
    """The address of the repository on GitHub: in a workflow that of the issue, otherwise the homepage."""
    server, name = os.environ.get("GITHUB_SERVER_URL", ""), os.environ.get("GITHUB_REPOSITORY", "")
    address = f"{server}/{name}" if server and name else str(dataset.descriptor.get("homepage") or "")
    return address if re.fullmatch(r"https://[\w.-]+/[\w.-]+/[\w.-]+", address) else ""


def _pasted(body: str) -> str:
    """The first correction in a fenced block, or the whole text if it is a correction; empty if there is none."""
    blocks: list[list[str]] = [[]]
    fence = ""
    for line in body.split("\n"):
        mark = line.strip()
        if fence and mark.strip(fence[0]) == "" and len(mark) >= len(fence):
            fence = ""
            blocks.append([])
        elif not fence and mark.startswith(("```", "~~~")):
            fence = mark[: len(mark) - len(mark.lstrip(mark[0]))]
            blocks.append([])
        else:
            blocks[-1].append(line)
    found = (block for block in blocks if any(_ACTION.match(line) for line in block[:40]))
    return "\n".join(next(found, []))


_ASKS_FOR_PRIVACY = re.compile(r"\"?action\"?\s*:\s*[\"']?privacy", re.I)
_ACTION = re.compile(r"[\s{]*\"?action\"?\s*:")


def _of_pasted(text: str, report: Report, root: Path) -> Answered:
    """The answer to a correction that somebody made in another way and pasted into an issue."""
    if _ASKS_FOR_PRIVACY.search(text):
        return Answered(_PRIVATE)
    document, wrong = parse(text.encode("utf-8"), report.name)
    if document is not None and report.number:
        document = replace(document, content={**document.content, "issue": str(report.number)})
    content = written(document.content) if document else text
    made = Draft(report.name, Form("", "", ()), {}, dict(document.content) if document else {})
    return _weighed(made, document, wrong, content, report, root)


def _weighed(
    draft: Draft, document: Document | None, wrong: list[Finding], content: str, report: Report, root: Path
) -> Answered:
    """The answer to a correction, once it has been checked against the dataset. `wrong`: what its reader found."""
    # If the report seems to name a person, the answer repeats nothing else of it.
    found = [finding for finding in wrong if _is_private(finding)] or draft.wrong or wrong
    outcome = None
    if document is not None and not found:
        outcome = apply_documents([document], root, write=False)
        found = list(outcome.findings)
    if found:
        return Answered(_refusal(draft, found), "" if any(map(_is_private, found)) else content)
    assert outcome is not None  # because there are no findings
    assert document is not None
    return Answered(_acceptance(draft, outcome, content), content, _title(draft.content, report), name_of(document))


def _title(content: Mapping[str, Any], report: Report) -> str:
    what = {"record": "New record", "claim": "Source for", "dispute": "Contradiction of"}.get(content["action"])
    return f"{what or 'Correction of'} {content['record']}" + (f" (issue {report.number})" if report.number else "")


# --- words -----------------------------------------------------------------------------------------------------------

_THANKS = "Thank you for this report."
_MEND = (
    "To correct it, edit the report: open the menu with three dots in its upper right corner, then choose *Edit*. "
    "Leave the headings as they are. A new answer then replaces this one. An editor reads the report in any case.\n"
)
_PRIVATE = (
    "Thank you. An editor looks at the place that you named and removes text about a private person. This answer "
    "repeats nothing of your report.\n\n"
    "This page is public. If the report, or its title, says more than where the text is, please edit it and delete the "
    "rest. You can delete the earlier version as well, under *edited*.\n"
)
_SUGGESTED = (
    "Thank you. This report was not made with a form, so no program can carry it out. An editor reads it in any case. "
    "It may be about one of these records:\n\n"
)
_OTHERWISE = (
    "The form asks for the document that gives the value, and then makes the change by itself. If none of these is "
    "what you mean, name the place, the body and the date, or wait for the editor.\n"
)
_NO_IDEA = (
    "Thank you. This report was not made with a form, and its words fit no record, so no program can carry it out. An "
    "editor reads it in any case. If it is about a value, one of the forms under *New issue* is faster: it asks for "
    "the record, the value and the document.\n"
)
_BROKEN = f"{_THANKS} The dataset itself has errors. An editor must correct them before the report can be checked.\n"


def _acceptance(draft: Draft, outcome: Outcome, content: str) -> str:
    assert outcome.changes is not None
    read = ", ".join(f"{name} {code(cell)}" for name, cell in draft.read.items())
    # No text of a correction that was read holds a backtick, which could end the block.
    blocks = [
        f"{_THANKS} It is complete, and would change the dataset as follows. First, an editor reads the source.\n",
        "\nIf this is not what you meant, edit the report. A new answer then replaces this one.\n\n",
        f"\nThe address of the document told what you left out. Please compare it: {read}.\n" if read else "",
        "".join(f"\n{escaped(hint)}\n" for hint in outcome.hints),
        FORMATS["markdown"](outcome.changes),
        f"\n#### The correction as a file\n\n```yaml\n{content}```\n",
    ]
    return fitted([("", block) for block in blocks], _COMMENT)


def _refusal(draft: Draft, found: Sequence[Finding]) -> str:
    many = f"There are {len(found)} problems" if len(found) > 1 else "There is one problem"
    said = f"{_THANKS} It cannot be applied yet. {many}.\n\n{_MEND}\n"
    blocks = [("answers", _complaint(draft, finding)) for finding in found]
    return fitted([("", said), *blocks], _COMMENT)


def _complaint(draft: Draft, finding: Finding) -> str:
    """A finding, by the question that it is about."""
    labels = {question.id: question.label for question in draft.form.questions}
    mine = finding.file == draft.name
    question = draft.question(finding.field) if mine else ""
    message, shown = finding.message, draft.lines.get(".".join(finding.field.split(".")[:2]), "")
    shown = shown or draft.said(question)
    if _is_private(finding):
        shown, message = "", "seems to name or identify a person, or to hold an address or a telephone number"
    if question:
        where = f"**{escaped(labels[question])}**"
    elif mine and not labels:
        where = f"line {finding.line} of the correction, {code(finding.field or 'as a whole')}"
    else:
        where = f"The dataset with your report in it, {code(finding.field)}"
    wrote = f" (you wrote {code(shown)})" if shown else ""
    # A fix names keys of a correction in backticks; the person knows them by the questions of the form.
    fix = re.sub(r"(?<!action )`(\w+)`", lambda key: f"“{labels[key[1]]}”" if key[1] in labels else key[1], finding.fix)
    return f"- {where}{wrote}: {escaped(message)}.\n  *What to do:* {escaped(fix)}\n"


def _is_private(finding: Finding) -> bool:
    return finding.rule in ("correction.personal", "text.personal")
