"""Questions and answers that end in the file of a correction.

    python -m corrections new frontex serbia

For somebody who knows the document that says otherwise, and neither the tables nor YAML. Each answer is checked as it
is typed, by the tests of the cell that it fills; what becomes of the whole is then checked as for any other correction.
Nothing is sent anywhere, and the tables are not touched.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from datetime import date
from itertools import count
from pathlib import Path

from borderledger.errors import BorderledgerError, CorruptPackage
from borderledger.output.escape import printable
from borderledger.output.record import record_text
from borderledger.package import Field, Table
from corrections import ids
from corrections.document import written
from corrections.find import find
from corrections.outcome import run
from corrections.prompt import Left, Prompt, Wrong
from corrections.questions import (
    LISTED,
    TELLING,
    Content,
    Held,
    Row,
    ask_cell,
    ask_text,
    checked,
    fields_of,
    how_exactly,
    present,
    search,
    which_field,
)
from corrections.schema import described, options
from validate.report import Finding

__all__ = ["ask", "dialogue"]


_KINDS = {
    "correction": "it was wrong when it was published",
    "revision": "it was right then, and has been overtaken since",
}

_WELCOME = (
    "This asks for one correction and writes it to a file; it changes and sends nothing.",
    "At any question `?` explains, `back` returns to the one before, `quit` leaves with nothing written.",
    "",
)


def ask(root: Path, words: str, out: Path | None, talk: Prompt | None = None) -> int:
    """Hold the dialogue; returns the exit code: 0 written and can be applied, 1 it cannot, or `quit`, 2 no answers.

    words   to begin the search for the record with
    out     name of the file; by default one is proposed
    talk    where the answers come from (default: standard input)
    """
    talk = talk or Prompt()
    if reconfigure := getattr(sys.stdin, "reconfigure", None):
        reconfigure(errors="replace")  # bytes that are no text become letters that no cell takes, and not a traceback
    path: Path | None = None
    try:
        held = Held(root)
        for problem in held.package.problems if held.dataset else ():  # the dataset says better that there is none
            raise CorruptPackage(f"{problem.file}:{problem.line} {problem.message}. {problem.fix}")
        talk.say(*_WELCOME)
        content, path = talk.run(lambda: dialogue(talk, held, words, out))
        return _afterwards(talk, held, content, path)
    except Left as left:
        code, why = (2 if "answers" in str(left) else 1), str(left)
    except BorderledgerError as error:
        code, why = 2, str(error)
    except KeyboardInterrupt:
        left_behind = f"{path} is written, but was not checked" if path else "nothing was written"
        code, why = 130, f"interrupted; {left_behind}"
    sys.stdout.flush()
    print("\n" + printable(f"corrections: {why}"), file=sys.stderr)  # on a line of its own, not behind the question
    return code


def dialogue(talk: Prompt, held: Held, words: str, out: Path | None) -> tuple[Content, Path]:
    """Ask for a correction; gives what was answered, by the keys of the schema, and the file that holds it."""
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
                talk.say(
                    "", "An editor takes it out. Do not repeat the text, nor the name: what you write is published."
                )
                known = which_field(
                    talk, table, row, [n for n in fields_of(table) if row[n]], "Which field holds the text"
                )
                assert known is not None  # there is no default
                content["field"] = known.name
                content["reason"] = "A private person can be recognised by what stands there."
            case _:
                _values(talk, held, table, row, content)
    if "reason" not in content:
        content["reason"] = _reason(talk)
    return content, _file(talk, held, content, out)


def _which_record(talk: Prompt, held: Held, words: str) -> tuple[Table, Row] | None:
    if named := held.book.find(words.strip()):
        return named
    explain = (
        "Words of its title, the place, a year, the name of a body: all records that hold all of the words are listed, "
        "and so are sources. Accents and capitals do not matter, and a place is found by its name. A number chooses "
        "one of the list. `none`: the record is missing, and you want to add it."
    )

    def look(words: str) -> list[str]:
        records, sources = find(held.dataset, words), find(held.dataset, words, ("sources",))
        few = records[: LISTED - min(len(sources), LISTED // 3)]
        return [one.id for one in (*few, *sources, *records[len(few) :])]

    question = "Which record is it? Words, a number or an id; none if it is missing"
    answer = search(talk, held, look, question, explain, begin=look(words), words=words, others=("none",))
    return None if answer == "none" else held.book.find(answer)


def _show(talk: Prompt, held: Held, table: Table, row: Row) -> None:
    talk.say("")
    if table.bound:
        talk.say(*record_text(held.dataset, row["id"]).rstrip("\n").split("\n"), indent=4)
    else:
        talk.say(*(f"{each.title}: {row[each.name]}" for each in table.fields if row[each.name]), indent=4)


def _what_to_do(talk: Prompt, held: Held, table: Table, row: Row) -> str:
    fitting = [word for word in options("action") if word != "record"]
    if not table.bound:
        fitting = ["change", "privacy"]
        talk.say(
            "", "This is a source. What it states is corrected at the record; here its title, address and the like."
        )
    elif held.book.in_bulk(table, row):
        fitting = ["claim", "dispute", "privacy"]
        talk.say("", f"This row is taken as it is from the publisher's file {row['source_id']}, and cannot be changed.")
    said = {word: options("action")[word] for word in fitting}
    explain = (
        "If the value is wrong and you know a document with the right one: change. If you know one more document that "
        "says the same: claim. If documents differ and you cannot tell which is right: dispute."
    )
    return talk.choose("What is to be done", said, explain=explain)


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
        question = "Does another field change with it? Number or name, Enter for no"
        if not change:
            question = "Does the source state another field? Number or name, Enter for no"
    bound = not change or any(value["field"] in table.bound for value in content["values"])
    if change and any(value["old"] for value in content["values"]):
        content["kind"] = talk.choose("Why does it change", _KINDS, explain=str(described("kind")["description"]))
    if bound:
        _evidence(talk, held, content, row)
        _old_claim(talk, held, content)


def _value(talk: Prompt, held: Held, table: Table, row: Row, known: Field, action: str) -> Row:
    name = known.name
    talk.say("", f"{known.title}: {present(row, name) or '(empty)'}")
    for claim in held.book.claims(row["id"], name, f"{name}_max"):
        said = f"{claim['value']}" + (f" ({claim['qualifier']})" if claim["qualifier"] != "exact" else "")
        talk.say(f"  {claim['source_id']} {claim['verdict']}: {said}, {claim['locator']}", indent=4)
    figure = f"{name}_qualifier" in table.by_name

    def new(cell: str) -> None:
        if action == "change" and not figure and cell == row[name]:
            raise Wrong(f"{name} holds that already.", "If a source supports it, go back and choose claim.")
        if action == "dispute" and not figure and cell == row[name]:
            raise Wrong(f"{name} holds that, so the source does not contradict it.")
        if not cell and action != "change":
            raise Wrong("The source states something; type that.")

    if action == "change":
        question, default = "New value" + ("" if known.required or not row[name] else " (`empty` to empty it)"), None
    else:
        question, default = "What does the source state", row[name] if action == "claim" else None
    value = {"field": name, "old": row[name], "new": ask_cell(talk, held, table, known, question, default, also=new)}
    if figure and value["new"]:
        value |= how_exactly(talk, held, table, known, value["new"], row if action != "claim" else None)
    return value


def _evidence(talk: Prompt, held: Held, content: Content, row: Mapping[str, str]) -> None:
    """Source and locator."""
    known = list(
        dict.fromkeys([*(c["source_id"] for c in held.book.claims(row.get("id", ""))), row.get("source_id", "")])
    )
    content["source"] = _which_source(talk, held, [source for source in known if source])
    explain = "So that anybody finds it: page 3; Article 2(1); table 4, row Serbia; second paragraph."
    content["locator"] = ask_text(talk, "locator", "Where in the source does it stand", explain, {"maxLength": 300})


def _which_source(talk: Prompt, held: Held, listed: list[str]) -> str | Row:
    talk.say("", "Which document states it?")
    explain = (
        "Words of the title, the publisher or the year look among the sources that are known; a number chooses one of "
        "the list. `new`: the document is not among them, and you describe it."
    )
    if listed:
        talk.say("Sources of this record:")
    question = "Words to look for it, a number or an id; new if it is not there"
    answer = search(
        talk, held, _sources(held), question, explain, begin=listed, others=("new",), check=_among(held, "sources")
    )
    return _new_source(talk, held) if answer == "new" else answer


def _sources(held: Held) -> Callable[[str], list[str]]:
    return lambda words: [one.id for one in find(held.dataset, words, ("sources",))]


def _among(held: Held, table: str) -> Callable[[str], None]:
    """A check that an id is one of a table."""
    ids = {row["id"] for row in held.book.rows[table]}

    def check(answer: str) -> None:
        if answer in held.book.ids() and answer not in ids:
            raise Wrong(f"{answer} is not in {held.package.tables[table].path}.")

    return check


def _new_source(talk: Prompt, held: Held) -> Row:
    table = held.package.tables["sources"]
    talk.say("", "The new source. Enter skips a question marked (optional).")
    source: Row = {}
    for name in ("title", "publisher", "kind", "url", "published", "language", "accessed", "reprint_of"):
        known = table.by_name[name]
        default = date.today().isoformat() if name == "accessed" else None if known.required else ""
        question = known.title + (" (optional)" if default == "" else "")
        if name == "reprint_of":
            cell = _reprint(talk, held, known)
        else:
            also = _no_twin(held, source) if name == "url" else None
            cell = ask_cell(talk, held, table, known, question, default, also)
        source[name] = ids.publisher(held.book, cell) if name == "publisher" else cell
    parts = [source["publisher"], source["published"].strip("~") or source["title"]]
    source["id"] = _identifier(talk, held, table, " ".join(parts))
    return {name: source[name] for name in table.names if source.get(name)}


def _no_twin(held: Held, source: Row) -> Callable[[str], None]:
    def also(url: str) -> None:
        for row in held.book.rows["sources"]:
            if row["url"] == url and row["title"] == source["title"]:
                raise Wrong(
                    f"This document is there already: {row['id']}.", "Go `back` to the search and type that id."
                )

    return also


def _reprint(talk: Prompt, held: Held, known: Field) -> str:
    """The source that a new one repeats, by words."""
    question = "Does it repeat, translate or retell a source that is known? Words or an id, Enter for no"
    check = _among(held, "sources")
    return search(talk, held, _sources(held), question, known.description, begin=[], default="", check=check)


#: In place of a reason that has not been asked for yet.
_TRIED = "tried out before it is asked"


def _old_claim(talk: Prompt, held: Held, content: Content) -> None:
    """What becomes of a claim with the old value, where that has to be said: tried out on the rows."""
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
        talk.say("No answer fits all of these fields: `back`, and name another source, or correct one field at a time.")
        return
    talk.say("", "Sources stand with the value that is there now. What becomes of their claims?")
    content["old_claim"] = talk.choose(
        "What becomes of it", fitting, explain=str(described("old_claim")["description"])
    )


# --- other actions ---------------------------------------------------------------------------------------------------


def _retired(talk: Prompt, held: Held, table: Table, content: Content) -> None:
    talk.say("", "Which record takes its place, for instance because both are about the same?")
    record = content["record"]

    def look(words: str) -> list[str]:
        return [one.id for one in find(held.dataset, words, (table.name,)) if one.id != record]

    def check(answer: str) -> None:
        tried = content | {"reason": _TRIED} | ({"successor": answer} if answer else {})
        for finding in held.trial(tried):
            raise Wrong(f"{finding.message}.", finding.fix)

    explain = str(described("successor")["description"])
    question = "Words, a number or an id; Enter if none does"
    if successor := search(talk, held, look, question, explain, begin=[], default="", check=check):
        content["successor"] = successor


def _missing(talk: Prompt, held: Held) -> Content:
    """Action record."""
    core = {table.name: table for table in held.package.core}
    talk.say("", "A record that is missing. What is it?")
    said = {name: each.title for name, each in core.items()}
    explain = "\n".join(f"{name}: {each.description} Not: {each.not_covered}" for name, each in core.items())
    table = core[talk.choose("Table", said, explain=explain)]
    row: Row = {}
    content: Content = {"action": "record", "record": "", "table": table.name, "values": []}
    fields = [table.by_name[name] for name in fields_of(table)]
    for known in (each for each in fields if each.required):
        _of_new_record(talk, held, table, known, row, content, None)
    talk.say("", "The rest is optional: Enter skips a question, `done` skips all that are left.")
    for known in (each for each in fields if not each.required):
        if not _of_new_record(talk, held, table, known, row, content, ""):
            break
    words = row.get("title") or row.get("name") or " ".join(row.get(name, "") for name in TELLING[:5])
    content["record"] = _identifier(talk, held, table, words)
    _evidence(talk, held, content, {})
    return content


def _of_new_record(
    talk: Prompt, held: Held, table: Table, known: Field, row: Row, content: Content, default: str | None
) -> bool:
    """Ask for a field of a new record; gives False if the rest is to be skipped."""
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


def _identifier(talk: Prompt, held: Held, table: Table, words: str) -> str:
    """An id that is free, proposed from words."""
    taken = ids.taken(held.book)

    def take(text: str) -> str:
        if text in taken:
            raise Wrong(f"{text} is taken.")
        if len(text) > ids.LONGEST + 20:
            raise Wrong(f"It has {len(text)} characters; {ids.LONGEST + 20} at most.")
        return checked(held, table, table.by_name["id"], text)

    talk.say("")
    explain = "Lower-case letters, digits and hyphens; it is cited by it for good. Enter takes the proposal."
    return talk.ask("Identifier", take, explain=explain, default=ids.identifier(held.book, table, words))


# --- the end ---------------------------------------------------------------------------------------------------------


def _reason(talk: Prompt) -> str:
    talk.say("", "Why, in a sentence of your own? It is published, in the log of corrections. Name no persons.")
    schema = described("reason")
    explain = f"{schema['description']} {schema['minLength']} to {schema['maxLength']} characters of plain text."
    return ask_text(talk, "reason", "Reason", explain, schema)


def _file(talk: Prompt, held: Held, content: Content, out: Path | None) -> Path:
    """Show the correction and write it to a file that is not there yet."""
    text = written(content)
    talk.say("", "This is the correction:", "")
    talk.show(text)
    for finding in _against(held, content):
        talk.say(f"Against it stands: {finding.message}. {finding.fix}", "`back` changes an answer.")

    def take(name: str) -> Path:
        path = Path(name)
        try:
            with open(path, "x", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except FileExistsError:
            raise Wrong(f"{name} is there already, and stays as it is. Type another name.") from None
        except (OSError, ValueError) as error:
            raise Wrong(f"{name} cannot be written: {getattr(error, 'strerror', None) or error}.") from None
        return path

    explain = "Enter writes the file of this name, or type another. An existing file is never written over."
    proposed = str(_free(out or Path(f"correction-{content['record']}.yml")))
    return talk.ask("Write it to", take, explain=explain, default=proposed)


def _against(held: Held, content: Content) -> list[Finding]:
    # That an editor has to do it is what action privacy is for.
    return [finding for finding in held.trial(content) if finding.rule != "correction.by-hand"]


def _free(path: Path) -> Path:
    names = (path if number == 1 else path.with_stem(f"{path.stem}-{number}") for number in count(1))
    return next(name for name in names if not name.exists())


def _afterwards(talk: Prompt, held: Held, content: Content, path: Path) -> int:
    talk.say("", f"Written: {path}", "")
    code = 0
    if content["action"] == "privacy":
        talk.say("An editor takes the text out; nothing can be applied by machine.")
    else:
        talk.say("Checking it against the whole dataset takes some seconds ...")
        code = run([path], held.root, write=False)
    talk.say("", "What to do next:")
    if not code and content["action"] != "privacy":
        talk.say("- If this is your own copy of the repository, apply it:")
        talk.show(f"      python -m corrections apply {path}")
    home = held.dataset.descriptor.get("homepage")
    where = f" at {home}" if isinstance(home, str) and re.fullmatch(r"https?://\S{1,200}", home) else ""
    talk.say(
        f"- Send the file: attach it to an issue{where}, or paste its lines there; or mail it to whoever gave you "
        "the data, for which no account is needed.",
        indent=2,
    )
    if code:
        talk.say("What stands against it can be mended in the file with any editor; or send it as it is.", indent=2)
    return code
