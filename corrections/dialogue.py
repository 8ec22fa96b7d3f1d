"""The command `new`: questions and answers that produce the file of a correction.

    python -m corrections new frontex serbia

For a person who has a document that says otherwise, and knows neither the tables nor YAML. Each answer is checked when
it is typed, by the tests of its cell. The finished correction is checked as any other. Nothing is sent, and the tables
do not change.
"""

from __future__ import annotations

import re
import sys
from itertools import count
from pathlib import Path

from borderledger.errors import BorderledgerError, CorruptPackage
from borderledger.output.escape import printable
from borderledger.output.record import record_text
from borderledger.package import Field, Finding, Table
from borderledger.package.files import write_bytes
from corrections.book import stated
from corrections.document import parse, written
from corrections.evidence_questions import ask_evidence
from corrections.find import find
from corrections.names import TELLING
from corrections.outcome import run_check, tell_proposed
from corrections.pending import PENDING, name_of, propose_documents
from corrections.prompt import Left, Prompt, Wrong
from corrections.questions import (
    LISTED,
    Content,
    Held,
    Row,
    ask_cell,
    ask_identifier,
    ask_text,
    fields_of,
    how_exactly,
    present,
    search,
    which_field,
)
from corrections.schema import described, options

__all__ = ["ask", "ask_reason", "dialogue", "old_claim"]


_KINDS = {
    "correction": "it was wrong when it was published",
    "revision": "it was right then, and has changed since",
}

_WELCOME = (
    "This command asks questions about one correction and writes it to a file. It changes and sends nothing else.",
    "At any question, `?` explains it, `back` returns to the question before, `answers` lists your answers, and `quit` "
    "leaves without writing.",
    "",
)


def ask(root: Path, words: str, out: Path | None, talk: Prompt | None = None, *, ask_sites: bool = False) -> int:
    """Hold the dialogue. Returns 0 if the correction can be applied, 1 if not or after `quit`, 2 without answers.

    words      the first search words for the record
    out        name of the file; by default one is proposed
    talk       asks the questions (default: standard input and output)
    ask_sites  ask the address of a new source for its title and its day
    """
    talk = talk or Prompt()
    if reconfigure := getattr(sys.stdin, "reconfigure", None):
        reconfigure(errors="replace")  # bytes that are not text become letters that every cell refuses
    path: Path | None = None
    try:
        held = Held(root, ask_sites)
        for problem in (
            held.package.problems if held.dataset else ()
        ):  # Dataset has the better message if there is no dataset
            raise CorruptPackage(f"{problem.file}:{problem.line} {problem.message}. {problem.fix}")
        talk.say(*_WELCOME)
        content, path = talk.run(lambda: dialogue(talk, held, words, out))
        return _afterwards(talk, held, content, path)
    except Left as left:
        code, why = (2 if "answers" in str(left) else 1), str(left)
    except BorderledgerError as error:
        code, why = 2, str(error)
    except KeyboardInterrupt:
        written_already = path is not None and path.exists()
        left_behind = f"{path} is written, but was not checked" if written_already else "nothing was written"
        code, why = 130, f"interrupted; {left_behind}"
    sys.stdout.flush()
    print("\n" + printable(f"corrections: {why}"), file=sys.stderr)  # on a new line, not after the question
    return code


def dialogue(talk: Prompt, held: Held, words: str, out: Path | None) -> tuple[Content, Path]:
    """Ask for a correction. Returns the answers, by the keys of the schema, and the file that holds them."""
    held.added.clear()  # the dialogue may run again
    found = _which_record(talk, held, words)
    if not found:
        content = _missing(talk, held)
    else:
        table, row = found
        _show(talk, held, table, row)
        content = {"action": _what_to_do(talk, held, table, row), "record": row["id"]}
        match content["action"]:
            case "retire":
                _retired(talk, held, table, content)
            case "privacy":
                talk.say("", "An editor removes it. Do not repeat the text or the name: what you write is published.")
                known = which_field(
                    talk, table, row, [n for n in fields_of(table) if row[n]], "Which field holds the text"
                )
                assert known is not None  # because there is no default
                content["field"] = known.name
                content["reason"] = "The text makes a private person recognisable."
            case _:
                _values(talk, held, table, row, content)
    if "reason" not in content:
        content["reason"] = ask_reason(talk)
    content |= held.bodies(content)
    return content, _file(talk, held, content, out)


def _which_record(talk: Prompt, held: Held, words: str) -> tuple[Table, Row] | None:
    if named := held.book.find(words.strip()):
        return named
    explain = (
        "Type words of its title, the place, a year or the name of a body. You get a list of all records and sources "
        "that hold all of the words. Accents and capitals do not matter, and you can use the name of a place. Type a "
        "number to choose from the list. Type `none` to add a record that is missing."
    )

    def look(words: str) -> list[str]:
        records, sources = find(held.dataset, words), find(held.dataset, words, ("sources",))
        few = records[: LISTED - min(len(sources), LISTED // 3)]
        return [one.id for one in (*few, *sources, *records[len(few) :])]

    question = "Which record? Search words, a number or an id; none if it is missing"
    answer = search(talk, held, look, question, explain, begin=look(words), words=words, others=("none",))
    return None if answer == "none" else held.book.find(answer)


def _show(talk: Prompt, held: Held, table: Table, row: Row) -> None:
    talk.say("")
    if table.bound:
        talk.say(*record_text(held.dataset, row["id"]).rstrip("\n").split("\n"), indent=4)
    else:
        talk.say(*(f"{each.title}: {row[each.name]}" for each in table.fields if row[each.name]), indent=4)


def _what_to_do(talk: Prompt, held: Held, table: Table, row: Row) -> str:
    # A claim that was read again comes from an audit, or from a file.
    fitting = [word for word in options("action") if word not in ("record", "reread")]
    if not table.bound:
        fitting = ["change", "privacy"]
        talk.say(
            "",
            "This is a source. Here you can correct its title, its address and so on. To correct what it states, "
            "choose the record.",
        )
    elif held.book.in_bulk(table, row):
        fitting = ["claim", "dispute", "privacy"]
        talk.say("", f"This row comes from the publisher's file {row['source_id']}. It cannot be changed.")
    said = {word: options("action")[word] for word in fitting}
    explain = (
        "change: the value is wrong, and you have a document with the right one. claim: you have one more document "
        "that says the same. dispute: documents differ, and you cannot tell which is right."
    )
    return talk.choose("What do you want to do", said, explain=explain)


# --- values ----------------------------------------------------------------------------------------------------------


def _values(talk: Prompt, held: Held, table: Table, row: Row, content: Content) -> None:
    """Actions change, claim and dispute."""
    change = content["action"] == "change"
    content["values"] = []
    names = fields_of(table) if change else [name for name in fields_of(table) if row[name] and name in table.bound]
    question = "Which field"
    while names and (known := which_field(talk, table, row, names, question, first=not content["values"])):
        content["values"].append(_value(talk, held, table, row, known, content["action"]))
        names.remove(known.name)
        question = "Does another field change, too? Number or name, Enter for no"
        if not change:
            question = "Does the source state another field, too? Number or name, Enter for no"
    bound = not change or any(value["field"] in table.bound for value in content["values"])
    if change and any(value["old"] for value in content["values"]):
        content["kind"] = talk.choose("Why does it change", _KINDS, explain=str(described("kind")["description"]))
    if bound:
        ask_evidence(talk, held, content, row)
        old_claim(talk, held, content)


def _value(talk: Prompt, held: Held, table: Table, row: Row, known: Field, action: str) -> Row:
    name = known.name
    talk.say("", f"{known.title}: {present(row, name) or '(empty)'}")
    for claim in held.book.claims(row["id"], name, f"{name}_max"):
        talk.say(f"  {stated(claim)}", indent=4)
    figure = f"{name}_qualifier" in table.by_name

    def new(cell: str) -> None:
        if action == "change" and not figure and cell == row[name]:
            raise Wrong(
                f"{name} has this value already.", "If your source supports the value, go back and choose claim."
            )
        if action == "dispute" and not figure and cell == row[name]:
            raise Wrong(f"{name} has this value, so the source does not contradict it.")
        if not cell and action != "change":
            raise Wrong("Type the value that the source states.")

    if action == "change":
        question, default = "New value" + ("" if known.required or not row[name] else " (`empty` to empty it)"), None
    else:
        question, default = "What does the source state", row[name] if action == "claim" else None
    value = {"field": name, "old": row[name], "new": ask_cell(talk, held, table, known, question, default, also=new)}
    if figure and value["new"]:
        value |= how_exactly(talk, held, table, known, value["new"], row if action != "claim" else None)
    return value


#: A reason for trials before the person has given one.
_TRIED = "trial before the question"


def old_claim(talk: Prompt, held: Held, content: Content) -> None:
    """Ask what happens to a claim with the old value, if a trial on the rows shows that it matters."""
    if content["action"] != "change":
        return
    tried = content | {"reason": _TRIED}
    needed = [finding for finding in held.trial(tried) if finding.rule == "correction.evidence"]
    fitting = {
        word: means for word, means in options("old_claim").items() if not held.trial(tried | {"old_claim": word})
    }
    if not needed and "overtaken" not in fitting:
        return
    for finding in needed:
        talk.say("", f"{finding.message}.")
    if not fitting:
        talk.say(
            "No answer fits all of these fields. Go `back` and name another source, or correct one field at a time."
        )
        return
    talk.say("", "Some sources state the present value. What happens to their claims?")
    content["old_claim"] = talk.choose(
        "What happens to them", fitting, explain=str(described("old_claim")["description"])
    )


# --- other actions ---------------------------------------------------------------------------------------------------


def _retired(talk: Prompt, held: Held, table: Table, content: Content) -> None:
    talk.say("", "Which record replaces it, for instance because both are about the same thing?")
    record = content["record"]

    def look(words: str) -> list[str]:
        return [one.id for one in find(held.dataset, words, (table.name,)) if one.id != record]

    def check(answer: str) -> None:
        tried = content | {"reason": _TRIED} | ({"successor": answer} if answer else {})
        for finding in held.trial(tried):
            raise Wrong(f"{finding.message}.", finding.fix)

    explain = str(described("successor")["description"])
    question = "Search words, a number or an id; Enter for none"
    if successor := search(talk, held, look, question, explain, begin=[], default="", check=check):
        content["successor"] = successor


#: What nobody is asked for: the editors look it up for the locality, so that nobody names the place of a building.
_FROM_A_GAZETTEER = ("latitude", "longitude", "coordinates_of")


def _missing(talk: Prompt, held: Held) -> Content:
    """Action record."""
    core = {table.name: table for table in held.package.core}
    talk.say("", "In which table is the record missing?")
    said = {name: each.title for name, each in core.items()}
    explain = "\n".join(f"{name}: {each.description} Not: {each.not_covered}" for name, each in core.items())
    table = core[talk.choose("Table", said, explain=explain)]
    row: Row = {}
    content: Content = {"action": "record", "record": "", "table": table.name, "values": []}
    fields = [table.by_name[name] for name in fields_of(table)]
    for known in (each for each in fields if each.required):
        _of_new_record(talk, held, table, known, row, content, None)
    talk.say("", "The other questions are optional. Enter skips one, `done` skips all of them.")
    # What most records have comes first: of a deployment the date and the number, and the equipment last.
    filled = {each.name: sum(bool(other[each.name]) for other in held.book.rows[table.name]) for each in fields}
    optional = (each for each in fields if not each.required and each.name not in _FROM_A_GAZETTEER)
    for known in sorted(optional, key=lambda each: -filled[each.name]):
        if not _of_new_record(talk, held, table, known, row, content, ""):
            break
    words = row.get("title") or row.get("name") or " ".join(row.get(name, "") for name in TELLING[:5])
    content["record"] = ask_identifier(talk, held, table, words)
    ask_evidence(talk, held, content, {})
    return content


def _of_new_record(
    talk: Prompt, held: Held, table: Table, known: Field, row: Row, content: Content, default: str | None
) -> bool:
    """Ask for a field of a new record. Returns False if the person skips the rest."""
    talk.say("")
    if not known.categories:
        talk.say(known.description)
    question = known.title + (" (optional)" if default == "" else "")
    others = ("done",) if default == "" else ()
    cell = ask_cell(talk, held, table, known, question, default, others=others)
    if cell in others:
        return False
    if not cell:
        return True
    row[known.name] = cell
    value = {"field": known.name, "new": cell}
    if f"{known.name}_qualifier" in table.by_name:
        value |= how_exactly(talk, held, table, known, cell, None)
    content["values"].append(value)
    return True


# --- the end ---------------------------------------------------------------------------------------------------------


def ask_reason(talk: Prompt) -> str:
    """Ask why a value changes."""
    talk.say(
        "",
        "Give the reason, in a sentence of your own. It is published in the log of corrections. Do not name a person.",
    )
    schema = described("reason")
    explain = f"{schema['description']} {schema['minLength']} to {schema['maxLength']} characters of plain text."
    return ask_text(talk, "reason", "Reason", explain, schema)


def _file(talk: Prompt, held: Held, content: Content, out: Path | None) -> Path:
    """Show the correction. Returns its file: in a checkout that of the proposal, else a new file that is written."""
    talk.say("", "This is the correction:", "")
    talk.show(written(content))
    wrong = _against(held, content)
    for finding in wrong:
        talk.say(f"It cannot be applied: {finding.message}. {finding.fix}", "Type `back` to change an answer.")
    document, _ = parse(written(content).encode("utf-8"), "")
    if document and out is None and not wrong and content["action"] != "privacy" and (held.root / PENDING).is_dir():
        explain = "Enter puts it into the folder of proposals. It changes no table."
        talk.ask("Propose it? Enter for yes, `back` to change an answer", str, explain=explain, default="")
        return held.root / PENDING / name_of(document)

    def take(name: str) -> Path:
        path = Path(name)
        try:
            _write(path, content)
        except FileExistsError:
            raise Wrong(f"{name} exists already, and was not changed. Type another name.") from None
        except (OSError, ValueError) as error:
            raise Wrong(f"{name} cannot be written: {getattr(error, 'strerror', None) or error}.") from None
        return path

    explain = "Enter accepts this name, or type another. An existing file is never overwritten."
    return talk.ask("Write it to", take, explain=explain, default=str(_free(out or _named(content))))


def _named(content: Content) -> Path:
    return Path(f"correction-{content['record']}.yml")


def _write(path: Path, content: Content) -> None:
    """Write a new file, or none. Raises FileExistsError, OSError, ValueError."""
    path.touch(exist_ok=False)
    try:
        write_bytes(path, written(content).encode("utf-8"))
    except OSError:  # such as a full disk, which leaves a part of it
        path.unlink()
        raise


def _against(held: Held, content: Content) -> list[Finding]:
    # Every correction with action privacy needs an editor.
    return [finding for finding in held.trial(content) if finding.rule != "correction.by-hand"]


def _free(path: Path) -> Path:
    names = (path if number == 1 else path.with_stem(f"{path.stem}-{number}") for number in count(1))
    return next(name for name in names if not name.exists())


def _afterwards(talk: Prompt, held: Held, content: Content, path: Path) -> int:
    code = 0
    if path.parent == held.root / PENDING:
        talk.say("", "Checking it against the whole dataset. This takes some seconds ...")
        document, _ = parse(written(content).encode("utf-8"), path.name)
        assert document is not None  # because it was parsed before
        code = tell_proposed(propose_documents([document], held.root))
        if not code:
            talk.say("", "What to do next: commit this file and open a pull request. It needs no other change.")
            return 0
        path = _free(_named(content))
        _write(path, content)
    talk.say("", f"Written: {path}", "")
    if content["action"] == "privacy":
        talk.say("An editor must remove the text; it cannot be applied automatically.")
    elif not code:
        talk.say("Checking it against the whole dataset. This takes some seconds ...")
        code = run_check([path], held.root)
    talk.say("", "What to do next:")
    if not code and content["action"] != "privacy":
        talk.say("- If this is your own copy of the repository, propose it:")
        talk.show(f"      python -m corrections propose {path}")
    home = held.dataset.descriptor.get("homepage")
    where = f" at {home}" if isinstance(home, str) and re.fullmatch(r"https?://\S{1,200}", home) else ""
    talk.say(
        f"- Send the file: attach it to an issue{where}, or paste its lines there. Without an account, e-mail it to "
        "the person who gave you the data.",
        indent=2,
    )
    if code:
        talk.say("You can correct the file in any text editor, or send it as it is.", indent=2)
    return code
