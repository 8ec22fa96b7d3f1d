"""A report made with a form on GitHub, turned into a correction, or into an answer that says what is missing.

The form is filled in by somebody who knows the matter and not this repository, or by somebody who wants to do harm.
So what is wrong is said by the questions of the form, and nothing of the report is believed: not its type, its length,
its labels or its author, who is never read at all. What comes out is checked as every other correction is.

The form on privacy makes no correction. Nothing of it is repeated, because a copy would have to be taken out as well.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from borderledger.output.escape import printable
from borderledger.package import Package, Table, title
from corrections import ids
from corrections.apply import Outcome, apply_documents
from corrections.book import Book
from corrections.document import Document, parse, written
from corrections.forms import Form, Unclear, form_of
from release.markdown import code, escaped, fitted
from release.render import FORMATS
from validate.report import Finding

__all__ = ["Answered", "NoReport", "Report", "answered", "from_issue", "read"]

#: Largest file, in bytes. GitHub takes 65,536 characters as the text of an issue.
LARGEST = 256 * 1024
#: Longest answer, in characters.
_COMMENT = 60_000
_FILES = ("correction.yml", "answer.md", "change.patch", "result.json")

#: What a person may write to leave or make a cell empty where a question wants an answer.
_EMPTY = "(empty)"
#: Questions on the one value of a form, as against those on the whole correction.
_OF_VALUE = ("field", "old", "new", "qualifier", "max")
_ACTIONS = {"new-source": "claim", "missing-record": "record", "dead-link": "change"}


class NoReport(Exception):
    """The file holds no report; the message says why."""


@dataclass(frozen=True)
class Report:
    """What is read of an issue.

    number   of the issue; 0 if the report came another way
    day      on which it was written
    """

    body: str
    number: int = 0
    day: str = field(default_factory=lambda: date.today().isoformat())

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return f"issue-{self.number}" if self.number else "report"


@dataclass(frozen=True)
class Answered:
    """What comes of a report.

    text      the answer, as Markdown
    content   the correction as YAML; empty if there is none, or if it holds something that should not be spread
    title     of what it changes, if it can be applied
    texts     the files that it changes, by path
    """

    text: str
    content: str = ""
    title: str = ""
    texts: tuple[tuple[str, str], ...] = ()

    @property
    def valid(self) -> bool:
        """Whether it can be applied."""
        return bool(self.title)


def from_issue(file: Path, out: Path | None, root: Path) -> int:
    """Answer the report in a file: what GitHub sends for an issue, the issue alone, or its text.

    out   folder for correction.yml, answer.md, change.patch and result.json; without it the correction or the answer
          is printed

    Returns 0 if the correction can be applied, 1 if not, 2 if there is no report to read or no place to write to.
    """
    try:
        report = read(file)
        answer = answered(report, root)
        files = _files(answer, report, root) if out else {}
    except NoReport as error:
        print(printable(f"corrections: {file.name}: {error}"), file=sys.stderr)
        return 2
    if out:
        out.mkdir(parents=True, exist_ok=True)
        for name in _FILES:  # of a run before this one
            (out / name).unlink(missing_ok=True)
        for name, text in files.items():
            (out / name).write_text(text, encoding="utf-8", newline="")
    else:
        print(answer.content if answer.valid else answer.text, end="", file=sys.stdout if answer.valid else sys.stderr)
    return 0 if answer.valid else 1


# --- reading ---------------------------------------------------------------------------------------------------------


def read(file: Path) -> Report:
    """The report in a file. Raises NoReport, also for a file that cannot be read."""
    try:
        with open(file, "rb") as opened:
            content = opened.read(LARGEST + 1)
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoReport("is not UTF-8 text") from error
    except (OSError, ValueError) as error:
        raise NoReport(f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(content) > LARGEST:
        raise NoReport(f"is larger than {LARGEST:,} bytes")
    if not text.lstrip().startswith(("{", "[", '"')):
        return Report(_lines(text))
    try:
        event = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NoReport("is not JSON that can be read") from error
    issue = event.get("issue", event) if isinstance(event, dict) else None
    if not isinstance(issue, dict):
        raise NoReport("holds no issue")
    body, number = issue.get("body") or "", issue.get("number", 0)
    if not isinstance(body, str):
        raise NoReport("holds an issue whose body is no text")
    if type(number) is not int or not 0 <= number < 1_000_000_000:
        raise NoReport("holds an issue whose number is none")
    return Report(_lines(body), number, _day(issue.get("created_at")))


def _lines(text: str) -> str:
    """A text whose lines end in LF; half a character, which JSON can spell, becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


def _day(moment: object) -> str:
    try:
        return date.fromisoformat(str(moment)[:10]).isoformat()
    except ValueError:
        return date.today().isoformat()


# --- answering -------------------------------------------------------------------------------------------------------


@dataclass
class _Draft:
    """A correction while it is made out of answers.

    asked    the question that each key was filled by, spelled as in findings: {"values.1.new": "new"}
    lines    what was written for a key, where it is not the whole answer to the question
    """

    content: dict[str, Any]
    asked: dict[str, str]
    lines: dict[str, str] = field(default_factory=dict)
    wrong: list[Finding] = field(default_factory=list)

    def question(self, key: str) -> str:
        """The id of the question that a key, or the nearest one around it, was filled by."""
        while key and key not in self.asked:
            key = key.rpartition(".")[0]
        return self.asked.get(key, "")


def answered(report: Report, root: Path) -> Answered:
    """The answer to a report. Raises NoReport if it was not made with a form."""
    try:
        form = form_of(report.body)
        if form is None and (pasted := _pasted(report.body)):
            return _of_pasted(pasted, report, root)
        if form is None:
            raise NoReport("was not made with one of the forms, and holds no correction")
        if form.name == "privacy":
            return Answered(_PRIVATE)
        answers = form.answers(report.body)
    except Unclear as error:
        return Answered(f"{_THANKS} It cannot be read: {escaped(str(error))}.\n\n{_MEND}")
    package = Package.read(root)
    if package.problems:
        return Answered(_BROKEN)
    draft = _draft(form, answers, report, Book.of(package))
    content = written(draft.content)
    document, wrong = parse(content.encode("utf-8"), report.name)
    return _weighed(form, answers, draft, document, wrong, content, report, root)


def _pasted(body: str) -> str:
    """The first correction that stands between fences, or the text if it is one as a whole; empty if there is none."""
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
    """The answer to a correction that was pasted into an issue, by somebody who has made the file in another way."""
    if _ASKS_FOR_PRIVACY.search(text):
        return Answered(_PRIVATE)
    document, wrong = parse(text.encode("utf-8"), report.name)
    if document is not None and report.number:
        document = replace(document, content={**document.content, "issue": str(report.number)})
    content = written(document.content) if document else text
    draft = _Draft(dict(document.content) if document else {}, {})
    return _weighed(Form("", "", ()), {}, draft, document, wrong, content, report, root)


def _weighed(
    form: Form,
    answers: Mapping[str, str],
    draft: _Draft,
    document: Document | None,
    wrong: list[Finding],
    content: str,
    report: Report,
    root: Path,
) -> Answered:
    """The answer to a correction that could be read or not, once it has been held against the dataset."""
    if private := [finding for finding in wrong if _is_private(finding)]:
        return Answered(_refusal(form, answers, draft, private, report))  # and not a word of the rest
    found = draft.wrong or wrong
    outcome = None
    if document is not None and not found:
        outcome = apply_documents([document], root, write=False)
        found = list(outcome.findings)
    if found:
        spread = not any(_is_private(finding) for finding in found)
        return Answered(_refusal(form, answers, draft, found, report), content if spread else "")
    assert outcome is not None  # or there would be findings
    return Answered(_acceptance(outcome, content), content, _title(draft.content, report), outcome.texts)


def _title(content: Mapping[str, Any], report: Report) -> str:
    what = {"record": "New record", "claim": "Source for", "dispute": "Contradiction of"}.get(content["action"])
    return f"{what or 'Correction of'} {content['record']}" + (f" (issue {report.number})" if report.number else "")


# --- from answers to keys --------------------------------------------------------------------------------------------


def _draft(form: Form, answers: Mapping[str, str], report: Report, book: Book) -> _Draft:
    draft = _Draft({"action": answers.get("action") or _ACTIONS.get(form.name, "")}, {})
    for question in form.questions:
        answer = " ".join(answers.get(question.id, "").split())
        if question.required and not answer:
            draft.wrong.append(_missing(question.id, report))
        elif question.options and answer and answer not in question.words:
            message = "is none of the options of this question"
            fix = f"Write one of these words: {', '.join(question.words)}."
            draft.wrong.append(Finding(report.name, 0, question.id, answer[:200], message, fix, "correction.form"))
        draft.asked[question.id] = question.id
        alone = question.id not in ("values", "url", "archive_url", *_OF_VALUE)
        if answer and alone and not question.id.startswith("source_"):
            draft.content[question.id] = answer
    match form.name:
        case "missing-record":
            _of_lines(draft, answers, report, book)
        case "dead-link":
            _of_links(draft, answers, book)
        case _:
            _of_one(draft, answers)
    _of_source(draft, answers, report, book)
    if report.number:
        draft.content["issue"] = str(report.number)
    return draft


def _missing(question: str, report: Report) -> Finding:
    fix = "Write an answer below this heading; it is in the text of the report."
    return Finding(report.name, 0, question, "", "is not answered", fix, "correction.form")


def _of_one(draft: _Draft, answers: Mapping[str, str]) -> None:
    entry = {key: " ".join(answers.get(key, "").split()) for key in _OF_VALUE}
    entry = {key: "" if cell == _EMPTY else cell for key, cell in entry.items()}
    draft.content["values"] = [{key: cell for key, cell in entry.items() if cell or key in ("field", "old", "new")}]
    draft.asked |= {f"values.1.{key}": key for key in _OF_VALUE}
    # Where in the document a value stands is asked once; what is wrong with the value as a whole, with its field.
    draft.asked |= {
        "values": "field",
        "values.1": "locator",
        "values.1.locator": "locator",
        "values.1.source": "source",
    }


def _of_links(draft: _Draft, answers: Mapping[str, str], book: Book) -> None:
    """A new address, a copy, or both. That the dead address was copied rightly vouches for the other field, too."""
    found = book.find(draft.content.get("record", ""))
    dead = answers.get("old", "")
    held = found[1] if found and dead and dead in (found[1].get("url"), found[1].get("archive_url")) else {}
    draft.content["values"] = []
    for key in ("url", "archive_url"):
        if new := " ".join(answers.get(key, "").split()):
            draft.content["values"].append({"field": key, "old": held.get(key, dead), "new": new})
            at = f"values.{len(draft.content['values'])}"
            draft.asked |= {at: key, f"{at}.old": "old", f"{at}.field": "record"}
    draft.asked["values"] = "url"


def _of_lines(draft: _Draft, answers: Mapping[str, str], report: Report, book: Book) -> None:
    """Values that were written one to a line."""
    tables = {table.name: table for table in book.package.core}
    table = tables.get(draft.content.get("table", ""))
    values: list[dict[str, str]] = []
    draft.content["values"] = values
    for line in answers.get("values", "").split("\n"):
        said = " ".join(line.split()).removeprefix("- ")
        if not said:
            continue
        name, colon, rest = said.partition(":")
        key = f"values.{len(values) + 1}"
        draft.lines[key] = said
        if not colon or not rest.strip():
            message = "is no line with a field, a colon and a value"
            fix = "Write it as in this example: signed: 2010-02-03"
            draft.wrong.append(Finding(report.name, 0, key, said[:200], message, fix, "correction.form"))
        value, at, locator = rest.strip().rpartition(" @ ")
        values.append(_value(table, name.strip(), value.strip() if at else locator))
        if at:
            values[-1]["locator"] = locator.strip()
    if not values:
        del draft.content["values"]
    if "record" not in draft.content and table is not None:
        words = {entry["field"]: entry["new"] for entry in values}
        named = title(words) or " ".join(list(words.values())[:3])
        draft.content["record"] = ids.identifier(book, table, named)


_FIGURE = re.compile(r"(?:(?P<how>about|exactly|at least|at most) )?(?P<figure>[0-9][0-9.]*)", re.I)
_RANGE = re.compile(r"(?P<low>[0-9][0-9.]*) ?[-–] ?(?P<high>[0-9][0-9.]*)")


def _value(table: Table | None, name: str, said: str) -> dict[str, str]:
    """A line as an entry of `values`: the field by its name or its title, the figure apart from its qualifier."""
    names = {word: each.name for each in (table.fields if table else ()) for word in (each.title.lower(), each.name)}
    known = names.get(name.lower(), name)
    if table is None or f"{known}_qualifier" not in table.by_name:
        return {"field": known, "new": said}
    if figure := _FIGURE.fullmatch(said):
        how = (figure["how"] or "exactly").lower().replace("exactly", "exact").replace(" ", "_")
        return {"field": known, "new": figure["figure"], "qualifier": how}
    if ends := _RANGE.fullmatch(said):
        return {"field": known, "new": ends["low"], "qualifier": "range", "max": ends["high"]}
    return {"field": known, "new": said, "qualifier": "exact"}


def _of_source(draft: _Draft, answers: Mapping[str, str], report: Report, book: Book) -> None:
    """The new source, if one was described, with what the form does not ask for."""
    row = {key.removeprefix("source_"): " ".join(answers[key].split()) for key in answers if key.startswith("source_")}
    row = {key: cell for key, cell in row.items() if cell}
    draft.asked |= {f"source.{key.removeprefix('source_')}": key for key in answers if key.startswith("source_")}
    draft.asked |= {"source.id": "source_publisher"}
    if not row:
        return
    if "source" in draft.content:
        message, fix = "is answered, and a new source is described as well", "Delete the one or the other."
        draft.wrong.append(
            Finding(report.name, 0, "source", draft.content["source"][:200], message, fix, "correction.form")
        )
        return
    if "publisher" in row:
        row["publisher"] = ids.publisher(book, row["publisher"])
    words = f"{row.get('publisher', '')} {row.get('published', '').strip('~') or row.get('title', '')}"
    identifier = ids.identifier(book, book.package.tables["sources"], words)
    draft.content["source"] = {"id": identifier, **row, "accessed": report.day}


# --- words -----------------------------------------------------------------------------------------------------------

_THANKS = "Thank you for this report."
_MEND = (
    "To mend it, edit the report: the three dots in its upper right corner, then *Edit*. Leave the headings as they "
    "are. A new answer then takes the place of this one. An editor reads the report in any case.\n"
)
_PRIVATE = (
    "Thank you. An editor looks at the place that you named and takes out what says something about a private person. "
    "Nothing of your report is repeated here.\n\n"
    "This page is public. If the report, or its title, says more than where the text stands, please edit it and delete "
    "that; the earlier version can be deleted as well, under *edited*.\n"
)
_BROKEN = f"{_THANKS} The dataset itself has to be mended before it can be looked at; an editor does that.\n"


def _acceptance(outcome: Outcome, content: str) -> str:
    assert outcome.changes is not None
    said = f"{_THANKS} It is complete, and would change the dataset as follows. An editor reads the source first.\n"
    after = (
        "\nIf something of this is not what you meant, edit the report: a new answer takes the place of this one.\n\n"
    )
    hints = "".join(f"\n{escaped(hint)}\n" for hint in outcome.hints)
    # No text of a correction that was read holds a backtick, which could end the block.
    blocks = [
        said,
        after,
        hints,
        FORMATS["markdown"](outcome.changes),
        f"\n#### As it is taken over\n\n```yaml\n{content}```\n",
    ]
    return fitted([("", block) for block in blocks], _COMMENT)


def _refusal(form: Form, answers: Mapping[str, str], draft: _Draft, found: Sequence[Finding], report: Report) -> str:
    many = f"{len(found)} things stand" if len(found) > 1 else "One thing stands"
    said = f"{_THANKS} {many} in the way of taking it over.\n\n"
    blocks = [("answers", _complaint(form, answers, draft, finding, report)) for finding in found]
    return fitted([("", said + _MEND + "\n"), *blocks], _COMMENT)


def _complaint(form: Form, answers: Mapping[str, str], draft: _Draft, finding: Finding, report: Report) -> str:
    """A finding, by the question that it is about."""
    labels = {question.id: question.label for question in form.questions}
    mine = finding.file == report.name
    question = draft.question(finding.field) if mine else ""
    message, fix = finding.message, _by_labels(finding.fix, labels)
    if _is_private(finding):
        shown, message = "", "seems to name or identify a person, or to hold an address or a telephone number"
    else:
        line = draft.lines.get(".".join(finding.field.split(".")[:2]), "")
        shown = line or " ".join(answers.get(question, "").split())
    if question:
        where = f"**{escaped(labels[question])}**"
    elif mine and not labels:
        where = f"line {finding.line} of the correction, {code(finding.field or 'as a whole')}"
    else:
        where = f"The dataset with your report in it, {code(finding.field)}"
    wrote = f" (you wrote {code(shown)})" if shown else ""
    return f"- {where}{wrote}: {escaped(message)}.\n  *What to do:* {escaped(fix)}\n"


def _by_labels(text: str, labels: Mapping[str, str]) -> str:
    """A text that names keys of a correction in backticks, with the questions of the form in their place."""
    return re.sub(r"(?<!action )`(\w+)`", lambda key: f"“{labels[key[1]]}”" if key[1] in labels else key[1], text)


def _is_private(finding: Finding) -> bool:
    return finding.rule in ("correction.personal", "text.personal")


# --- files -----------------------------------------------------------------------------------------------------------


def _files(answer: Answered, report: Report, root: Path) -> dict[str, str]:
    branch = f"correction/{report.name}" if answer.valid and report.number else ""
    result = {"valid": answer.valid, "branch": branch, "title": answer.title}
    files = {"answer.md": answer.text, "result.json": json.dumps(result, indent=2) + "\n"}
    if answer.content:
        files["correction.yml"] = answer.content
    if answer.valid:
        files["change.patch"] = _patch(answer.texts, root)
    return files


def _patch(texts: Iterable[tuple[str, str]], root: Path) -> str:
    """The change of some files, as git applies it. Raises NoReport if there is no git."""
    with tempfile.TemporaryDirectory(prefix="borderledger-") as folder:
        for path, text in texts:
            for side, content in (("a", (root / path).read_bytes()), ("b", text.encode("utf-8"))):
                file = Path(folder, side, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        command = [
            "git",
            "-c",
            "core.autocrlf=false",
            "-c",
            "core.quotePath=false",
            "diff",
            "--no-index",
            "--no-prefix",
        ]
        command += ["--no-ext-diff", "--no-textconv", "--no-renames", "--no-color", "--", "a", "b"]
        alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_CEILING_DIRECTORIES": folder}
        try:
            done = subprocess.run(command, cwd=folder, env=os.environ | alone, capture_output=True, check=False)
        except FileNotFoundError as error:
            raise NoReport("git is not installed, which writes the patch; leave out --out") from error
    if done.returncode > 1:
        raise NoReport(f"git cannot write the patch: {done.stderr.decode(errors='replace')[:300]}")
    return done.stdout.decode("utf-8")
