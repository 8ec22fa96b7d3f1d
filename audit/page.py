"""Pages to fill in at the terminal: one row of a worksheet after the other. Each answer is saved when it is given."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from audit.answers import Answer, Meaning, is_open, lines_of, wrong_answer
from audit.worksheet import NOT_STATED
from borderledger.dataset import Dataset
from borderledger.package import finish_writing, write_files
from borderledger.query.checks import Entry, stratum
from corrections.plain_text import wrong_text
from corrections.prompt import Prompt, Wrong

__all__ = ["fill", "settle"]


Read = Callable[[str], str]


def fill(file: Path, answers: list[Answer], dataset: Dataset, read: Read) -> int:
    """Ask for the answers of a worksheet that are missing; returns how many were given. Raises Left, OSError.

    read   shows a question and returns the answer, as `input` does
    """
    meaning = Meaning.of(dataset)
    qualifiers = dataset.schema("claims").by_name["qualifier"].categories
    open_rows = [answer for answer in answers if is_open(answer.cells)]
    for number, answer in enumerate(open_rows, 1):
        talk = Prompt(read)  # a new one, because what is saved is no answer to go back to
        talk.say("", f"--- {number} of {len(open_rows)} ---")
        _saved(file, answer, talk.run(partial(_asked, talk, answer, meaning, qualifiers)))
    return len(open_rows)


def settle(file: Path, answers: list[Answer], dataset: Dataset, read: Read) -> None:
    """Ask for result and reason of each difference that has none. Raises Left, OSError."""
    results = dataset.schema("checks").by_name["result"].categories
    open_rows = [answer for answer in answers if not answer["result"]]
    for number, answer in enumerate(open_rows, 1):
        talk = Prompt(read)  # a new one, because what is saved is no answer to go back to
        talk.say("", f"--- {number} of {len(open_rows)} ---")
        _saved(file, answer, talk.run(partial(_judged, talk, answer, results)))


def _shown(talk: Prompt, answer: Answer) -> None:
    """What is asked, as the worksheet has it."""
    talk.say("", f"{answer['record']} ({answer['table']})", answer["context"], "")
    about = ", ".join(filter(None, (answer["source_title"], answer["publisher"], answer["published"])))
    talk.say(f"Source: {about}", f"  {answer['url']}", f"  {answer['archive_url']}" if answer["archive_url"] else "")
    # How a cell is filled in is asked below, or is a word to type.
    talk.say("", answer["question"], answer["form"].partition(" Write into")[0].partition(" If the document")[0])


def _asked(talk: Prompt, answer: Answer, meaning: Meaning, qualifiers: Mapping[str, str]) -> dict[str, str]:
    _shown(talk, answer)
    talk.say(f"If you cannot see the passage, type `unseen`; if the document does not say it, `{NOT_STATED}`.")
    how = "Two different values of one document stand with | between them."
    value = talk.ask("What does the document say", lambda text: _taken(text, answer.entry, meaning), explain=how)
    if value == "unseen":
        explain = "The document is gone, behind a wall, or the copy ends before the passage."
        return {"unseen": talk.ask("Why could you not see it", lambda text: _plain("unseen", text), explain=explain)}
    if value.casefold() == NOT_STATED:
        said = talk.ask("What does it say instead", lambda text: _plain("note", text), explain="In your own words.")
        return {"note": f"{NOT_STATED}: {said}"}
    found = {"value": value}
    if stratum(answer.entry.table, answer.entry.field) == "figures":
        found["qualifier"] = talk.choose("How exactly", qualifiers, explain="As the document words it.")
    explain = "Page, paragraph, table and row, so that a stranger finds it in a minute."
    found["locator"] = talk.ask("Where in the document", lambda text: _plain("locator", text), explain=explain)
    remark = talk.ask(
        "Remark, Enter for none", lambda text: _plain("note", text), explain="It is published.", default=""
    )
    return found | ({"note": remark} if remark else {})


def _judged(talk: Prompt, answer: Answer, results: Mapping[str, str]) -> dict[str, str]:
    _shown(talk, answer)
    read = f"{answer['value']} {answer['qualifier']}".strip() or answer["note"]
    talk.say("", f"You read: {read} ({answer['locator'] or 'no place'})", f"Entered:  {answer['entered']}")
    result = talk.choose("What is the result", results, explain="If only the spelling differs, it is confirmed.")
    explain = "In your own words: what the document says. It is published."
    return {"result": result, "reason": talk.ask("Why", lambda text: _plain("reason", text), explain=explain)}


def _taken(text: str, entry: Entry, meaning: Meaning) -> str:
    """A value as it was typed, if it has the form of its field. Raises Wrong."""
    if text != "unseen" and text.casefold() != NOT_STATED:
        row = {"value": text, "qualifier": "exact", "locator": "title", "unseen": "", "note": ""}
        for _, _, message, fix, _ in wrong_answer(row, entry, meaning)[1]:
            raise Wrong(message, fix)
    return text


def _plain(column: str, text: str) -> str:
    for _, message, fix in wrong_text(column, text):
        raise Wrong(message, fix)
    return text


def _saved(file: Path, answer: Answer, cells: Mapping[str, str]) -> None:
    """Write some cells of the row of an answer into its file, so that a kill leaves the old file or the new one."""
    finish_writing(file.parent)
    header, *rows = lines_of(file.read_bytes().decode("utf-8-sig"))
    lines = [dict(zip(header, row, strict=True)) for row in rows if any(row)]
    for row in lines:
        if row["claim"] == answer["claim"]:
            row.update(cells)
    out = io.StringIO()
    writer = csv.DictWriter(out, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    write_files(file.parent, [(file.name, out.getvalue())])
