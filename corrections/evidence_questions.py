"""Questions about evidence: which source states a value, where in it, and what a new source is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from borderledger.package import Field
from corrections import ids
from corrections.fetch import Unreachable, fetched
from corrections.find import find
from corrections.pasted import pasted
from corrections.plain_text import wrong_text
from corrections.prompt import Prompt, Wrong
from corrections.questions import Content, Held, Row, ask_cell, ask_identifier, ask_text, checked, in_list, search

__all__ = ["ask_evidence"]


def ask_evidence(talk: Prompt, held: Held, content: Content, row: Mapping[str, str]) -> None:
    """Ask for the source and the locator."""
    known = list(
        dict.fromkeys([*(c["source_id"] for c in held.book.claims(row.get("id", ""))), row.get("source_id", "")])
    )
    content["source"] = _which_source(talk, held, [source for source in known if source])
    explain = "So that anybody can find it: page 3; Article 2(1); table 4, row Serbia; second paragraph."
    content["locator"] = ask_text(talk, "locator", "Where in the source is it stated", explain, {"maxLength": 300})


def _which_source(talk: Prompt, held: Held, listed: list[str]) -> str | Row:
    talk.say("", "Which document states it?")
    explain = (
        "Type words of the title, the publisher or the year to search the known sources. Type a number to choose from "
        "the list. If the document is not among them, paste its web address, DOI, CELEX number or number in the "
        "Official Journal, or type `new`; you then describe it."
    )
    if listed:
        talk.say("Sources of this record:")
    question = "Search words, a number, an id or the address of the document; new if it is missing"
    answer = search(
        *(talk, held, _sources(held), question, explain),
        begin=listed,
        others=("new",),
        check=_among(held, "sources"),
        also=lambda text: pasted(held.book, text) is not None,
    )
    if answer == "new":
        return _new_source(talk, held, {})
    found = pasted(held.book, answer)
    if found is None:
        return answer
    if found.known:
        talk.say("", f"This document is a known source: {in_list(held, found.known)}")
        return found.known
    return _new_source(talk, held, found.cells | _asked(talk, held, found.url))


def _asked(talk: Prompt, held: Held, url: str) -> Row:
    """What an address itself says of its document, if the person wants it to be asked."""
    if not held.ask_sites:
        return {}
    if url not in held.answers:
        wrong = next((message for _, message, _ in wrong_text("url", url)), "")
        try:
            held.answers[url] = ({}, f"The address {wrong}.") if wrong else (fetched(url), "")
        except Unreachable as error:
            held.answers[url] = ({}, f"{error}.")
    cells, why = held.answers[url]
    if why:
        talk.say("", why)
    return cells


def _sources(held: Held) -> Callable[[str], list[str]]:
    return lambda words: [one.id for one in find(held.dataset, words, ("sources",))]


def _among(held: Held, table: str) -> Callable[[str], None]:
    """A check that an id is one of a table."""
    ids = {row["id"] for row in held.book.rows[table]}

    def check(answer: str) -> None:
        if answer in held.book.ids() and answer not in ids:
            raise Wrong(f"{answer} is not in {held.package.tables[table].path}.")

    return check


def _new_source(talk: Prompt, held: Held, proposed: Row) -> Row:
    """Ask for the columns of a new source. What its address says is the default of each."""
    table = held.package.tables["sources"]
    talk.say("", "Describe the new source. Enter skips a question marked (optional).")
    if proposed:
        talk.say("What the address tells is in brackets. Compare it with the document. Enter takes it.")
    source: Row = {}
    for name in ("title", "publisher", "kind", "url", "published", "language", "accessed", "reprint_of"):
        known = table.by_name[name]
        default = date.today().isoformat() if name == "accessed" else None if known.required else ""
        question = known.title + (" (optional)" if default == "" else "")
        if name == "reprint_of":
            cell = _reprint(talk, held, known)
        else:
            also = _no_twin(held, source) if name == "url" else None
            cell = ask_cell(talk, held, table, known, question, _fitting(held, known, proposed) or default, also)
        source[name] = ids.publisher(held.book, cell) if name == "publisher" else cell
    parts = [source["publisher"], source["published"].strip("~") or source["title"]]
    source["id"] = ask_identifier(talk, held, table, " ".join(parts))
    source |= {name: proposed[name] for name in ("archive_url", "document_ref") if proposed.get(name)}
    return {name: source[name] for name in table.names if source.get(name)}


def _fitting(held: Held, known: Field, proposed: Row) -> str:
    """The proposal for a column, if it can be its cell; a site may say anything."""
    try:
        return checked(held, held.package.tables["sources"], known, proposed.get(known.name, ""))
    except Wrong:
        return ""


def _no_twin(held: Held, source: Row) -> Callable[[str], None]:
    def also(url: str) -> None:
        for row in held.book.rows["sources"]:
            if row["url"] == url and row["title"] == source["title"]:
                raise Wrong(
                    f"This document is a known source: {row['id']}.", "Go `back` to the search and type that id."
                )

    return also


def _reprint(talk: Prompt, held: Held, known: Field) -> str:
    """Search for the source that a new one repeats."""
    question = "Does it repeat, translate or retell a known source? Words or an id, Enter for no"
    check = _among(held, "sources")
    return search(talk, held, _sources(held), question, known.description, begin=[], default="", check=check)
