"""The command `from-edit`: what somebody changed in the tables by hand becomes proposals.

    python -m corrections from-edit                    the tables of this checkout, compared with the last commit
    python -m corrections from-edit --from returns.xlsx

For each changed record it asks for the document, the place in it and the reason, or takes them from three extra columns
of the sheet. Then the tables of the checkout are put back, in one step with the new proposals.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from borderledger.errors import BorderledgerError
from borderledger.output.escape import printable
from borderledger.package import Package, Table, alone, write_files
from corrections.dialogue import ask_reason, old_claim
from corrections.document import Document, parse, written
from corrections.edited import Edit, edits, with_sheet
from corrections.evidence_questions import ask_evidence
from corrections.names import called
from corrections.outcome import tell_proposed
from corrections.pending import PENDING, Proposed, propose_documents
from corrections.prompt import Left, Prompt, Wrong
from corrections.questions import Content, Held, Row, ask_text
from release.versions import opened
from validate.engine import check
from validate.report import Report

__all__ = ["from_edit"]


def from_edit(root: Path, given: Path | None, talk: Prompt | None = None) -> int:
    """Turn edits into proposals. Returns 0 if all are proposed or nothing was changed, 1 if not, 2 if it cannot run.

    given   a folder with a package, a CSV file or a workbook; None for the tables of the checkout itself

    Nothing is written before every correction is complete and fits. Raises OSError.
    """
    talk = talk or Prompt()
    try:
        if given:
            return _proposed(root, root, given, talk)
        with opened("HEAD^0", root) as last:
            assert isinstance(last.dataset.root, Path)  # a commit is unpacked into a folder
            return _proposed(root, last.dataset.root, None, talk)
    except Left as left:
        return _failed(f"{left}; the tables are as they were", 1)
    except BorderledgerError as error:
        return _failed(str(error), 2)
    except KeyboardInterrupt:
        return _failed("interrupted; nothing was written, and the tables are as they were", 130)


def _failed(why: str, code: int) -> int:
    sys.stdout.flush()
    print("\n" + printable(f"corrections: {why}"), file=sys.stderr)
    return code


def _proposed(root: Path, base: Path, given: Path | None, talk: Prompt) -> int:
    if own := check(base).findings:
        sys.stdout.write(Report(own, ()).text())
        return _failed("first correct the tables that were there before the edit", 1)
    package = Package.read(base)
    held = {table.path: _bytes(root / table.path) for table in package.tables.values()}
    edited = Package.read(root) if given is None else _read(package, given)
    whole = [*package.tables] if given is None or given.is_dir() else []
    changed, found = edits(package, edited, whole=whole)
    if found:
        sys.stdout.write(Report(tuple(found), ()).text())
        print("Nothing was changed.")
        return 1
    back = {} if given else {path: was for path, was in held.items() if _bytes(base / path) != was}
    if not changed:
        if _put_back(root, base, back, ()):
            print("No value was changed." + (" Only the form of some tables was; it is put back." if back else ""))
            return 0
        return 1
    asked = Held(base)
    talk.say(f"{len(changed)} record{'s were' if len(changed) > 1 else ' was'} changed.")
    documents: list[Document] = []
    before: Content = {}
    for number, one in enumerate(changed, 1):
        content = talk.run(partial(_content, talk, asked, one, f"{number} of {len(changed)}", before))
        document, wrong = parse(written(content).encode("utf-8"), one.record)
        if wrong or document is None:
            sys.stdout.write(Report(tuple(wrong), ()).text())
            print("Nothing was changed.")
            return 1
        documents.append(document)
        before = content
    talk.say("", "Checking them against the whole dataset. This takes some seconds ...")
    if given:
        return tell_proposed(propose_documents(documents, root))
    return _swap(root, base, documents, back)


def _read(package: Package, given: Path) -> Package:
    return Package.read(given) if given.is_dir() else with_sheet(package, given)


def _bytes(file: Path) -> bytes:
    return file.read_bytes() if file.exists() else b""


def _swap(root: Path, base: Path, documents: list[Document], back: Mapping[str, bytes]) -> int:
    """Propose beside the tables of the last commit; then write the proposals and put the tables back, in one step."""
    shutil.rmtree(base / PENDING, ignore_errors=True)
    if (root / PENDING).is_dir():
        shutil.copytree(root / PENDING, base / PENDING, symlinks=True)
    proposed: Proposed = propose_documents(documents, base)
    if proposed.outcome.ok and not _put_back(root, base, back, proposed.written):
        return 1
    code = tell_proposed(proposed)
    for path in back if not code else ():
        print(printable(f"put back: {path}"))
    return code


def _put_back(root: Path, base: Path, back: Mapping[str, bytes], new: Sequence[str]) -> bool:
    """Give the tables the content of the last commit, and write new proposals, if nobody has edited them meanwhile."""
    with alone(root, "corrections from-edit"):
        for path, was in back.items():
            if _bytes(root / path) != was:
                print(printable(f"{path} was changed in the meantime. Nothing was written; run the command again."))
                return False
        if new:
            (root / PENDING).mkdir(parents=True, exist_ok=True)
        write_files(root, [(path, _bytes(base / path).decode("utf-8")) for path in (*new, *back)])
    return True


# --- one record ------------------------------------------------------------------------------------------------------


def _content(talk: Prompt, held: Held, one: Edit, number: str, before: Mapping[str, object]) -> Content:
    """The correction for an edit: what it changes, and the answers to what it does not say."""
    table = one.table
    named = called(one.new or one.old)
    talk.say("", f"{number}: {f'{named} ' if named else ''}({table.name} {one.record})", "")
    if not one.new:
        talk.say("  was deleted. The record is retired: its identifier stays in the log.")
        content: Content = {"action": "retire", "record": one.record}
        if successor := talk.ask(
            "Which record replaces it? An id, Enter for none",
            lambda text: _another(held, table, text, one.record),
            explain="For instance because both are about the same thing.",
            default="",
        ):
            content["successor"] = successor
    elif not one.old:
        talk.say("  is new.")
        content = {"action": "record", "record": one.record, "table": table.name}
        content["values"] = _values(table, {}, one.new)
    else:
        content = {"action": "change", "record": one.record, "values": _values(table, one.old, one.new)}
        for value in content["values"]:
            talk.say(f"  {value['field']}: {value.get('old') or '(empty)'} -> {value['new'] or '(empty)'}", indent=4)
    _evidence(talk, held, one, content, before)
    content["reason"] = one.given.get("reason") or ask_reason(talk)
    return content


def _another(held: Held, table: Table, text: str, record: str) -> str:
    found = held.book.find(text) if text else None
    if text and (text == record or found is None or found[0].name != table.name):
        raise Wrong(f"{text[:60]!r} is not another record of {table.name}.")
    return text


def _values(table: Table, old: Row, new: Row) -> list[Row]:
    """The entries of `values`: each changed field, a figure with its qualifier and its upper end."""
    values = []
    for name in table.names:
        if name in ("id", "source_id") or name.endswith(("_qualifier", "_max")):
            continue
        parts = [part for part in (name, f"{name}_qualifier", f"{name}_max") if part in table.by_name]
        if all(old.get(part, "") == new[part] for part in parts):
            continue
        value = {"field": name, "old": old[name], "new": new[name]} if old else {"field": name, "new": new[name]}
        more = {"qualifier": new.get(f"{name}_qualifier", ""), "max": new.get(f"{name}_max", "")}
        values.append(value | {key: cell for key, cell in more.items() if cell})
    return values


def _evidence(talk: Prompt, held: Held, one: Edit, content: Content, before: Mapping[str, object]) -> None:
    """The source and the locator: from the sheet, from the record before, or asked for."""
    entries = content.get("values", [])
    if not any(entry["field"] in one.table.bound for entry in entries):
        return
    if one.given.get("source"):
        content["source"] = one.given["source"]
        content["locator"] = one.given.get("locator", "")
    elif not one.old and held.book.find(one.new.get("source_id", "")):
        content["source"] = one.new["source_id"]
    elif before.get("source") and talk.ask(
        "Does the same document state it, at the same place? Enter for yes, n for another",
        lambda text: text.casefold() not in ("n", "no"),
        explain="The document and the place that you gave for the record before.",
        default="",
    ):
        content |= {"source": before["source"], "locator": before["locator"]}
    else:
        ask_evidence(talk, held, content, one.old)
    if not content.get("locator"):
        explain = "So that anybody can find it: page 3; Article 2(1); table 4, row Serbia; second paragraph."
        content["locator"] = ask_text(talk, "locator", "Where in the source is it stated", explain, {"maxLength": 300})
    old_claim(talk, held, content)
