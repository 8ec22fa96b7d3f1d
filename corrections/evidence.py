"""The evidence of a correction: claims that it adds or removes, and sources and organisations that it adds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from borderledger import edtf
from borderledger.errors import nearest
from borderledger.package import Field, Finding, Table
from corrections.book import Book, Refused, Row, refuse
from corrections.cells import malformed
from corrections.document import Document, Value
from corrections.schema import Keys, options
from validate.cells import canonical_cell

__all__ = [
    "enter_claims",
    "not_its_own_evidence",
    "optional_source",
    "organisations",
    "restate",
    "settle_old_claims",
    "source_of",
]


def enter_claims(document: Document, book: Book, row: Row, value: Value, source: str, known: Field) -> None:
    """Add the claims of a source; a range has two."""
    if not value.locator:
        fix = "Add `locator`: page, article, row or section, so that anybody can find it."
        raise refuse(document, value.path, "", f"the place in {source} is missing", fix, "form")
    stated = [(known.name, canonical_cell(known, value.new))]
    if value.max:
        stated.append((f"{known.name}_max", value.max))
    for name, cell in stated:
        same = [c for c in book.claims(row["id"], name) if c["source_id"] == source and c["value"] == cell]
        if same and document["action"] != "change":
            message = f"{source} already has a claim that states {cell} ({same[0]['locator']})"
            fix = "Nothing needs to be done. To add evidence, name another source."
            raise refuse(document, (*value.path, "new"), cell, message, fix, "nothing")
        claim = same[0] if same else dict.fromkeys(book.package.tables["claims"].names, "")
        if not same:
            claim |= {"record_id": row["id"], "field": name, "value": cell, "source_id": source}
            exactly = value.qualifier or _exactness(known, cell)
            claim |= {"qualifier": exactly, "locator": value.locator, "note": value.note}
            book.rows["claims"].append(claim)
        book.claimed.append((document, value, claim))


def restate(document: Document, book: Book, row: Row, value: Value, source: str, known: Field) -> bool:
    """Let the claim of a source be what the source states; of a range, both claims.

    Returns whether it states something else now. If only the place or the note is new, readers of the log need not
    know.
    """
    ends = [claim for claim in book.claims(row["id"], f"{known.name}_max") if claim["source_id"] == source]
    own = [claim for claim in book.claims(row["id"], known.name) if claim["source_id"] == source]
    old, new = canonical_cell(known, value.old), canonical_cell(known, value.new)
    claim = next((claim for claim in own if claim["value"] == old), None)
    if claim is None:
        states = ", ".join(claim["value"] for claim in own) or "nothing"
        message = f"{source} has no claim that states {old or 'nothing'} as {known.name}; it states {states}"
        fix = "Read the claim again. If it is still wrong, write its present value as `old`."
        raise refuse(document, (*value.path, "old"), value.old, message, fix, "moved-on")
    if new != old and any(other["value"] == new for other in own):
        message = f"{source} already has a claim that states {new}"
        raise refuse(document, (*value.path, "new"), new, message, "Leave `new` empty: this one then goes.", "nothing")
    stated = {
        "value": new,
        "qualifier": value.qualifier or (claim["qualifier"] if new == old else _exactness(known, new)),
    }
    placed = {"locator": value.locator or claim["locator"], "note": value.note or claim["note"]}
    differs = claim != claim | stated or [end["value"] for end in ends] != ([value.max] if value.max else [])
    if not differs and claim == claim | placed:
        message = f"the claim of {source} on {known.name} says so already, with the place {claim['locator']}"
        raise refuse(document, value.path, new, message, "Nothing needs to be done.", "nothing")
    if differs:
        book.gone.append((document, dict(claim)))
    going = ends if new else [claim, *ends]
    book.rows["claims"] = [one for one in book.rows["claims"] if not any(one is gone for gone in going)]
    if new:
        claim |= stated | placed
        book.claimed.append((document, value, claim))
    if new and value.max:
        end = dict(ends[0] if ends else claim) | {"field": f"{known.name}_max", "value": value.max}
        end |= {"qualifier": "range", "locator": claim["locator"]}
        book.rows["claims"].append(end)
        book.claimed.append((document, value, end))
    return differs


def _exactness(known: Field, cell: str) -> str:
    """The qualifier of a claim that is no figure."""
    return "about" if known.edtf and "~" in cell else "exact"


def settle_old_claims(document: Document, book: Book, table: Table, row: Row, value: Value, source: str) -> None:
    """Keep or remove the claims with the old value, as `old_claim` of the document says."""
    held = row[value.field]
    fields = (value.field, f"{value.field}_max")
    old = [claim for claim in book.claims(row["id"], value.field) if claim["value"] == held]
    own = [claim for claim in old if claim["source_id"] == source]
    what = document["old_claim"]
    requalified = canonical_cell(table.by_name[value.field], value.new) == held
    if own and not what:
        message = (
            f"{source} itself states the old value {held} ({own[0]['locator']}), and the correction does not say why"
        )
        said = "; ".join(f"{word} - {means}" for word, means in options("old_claim").items())
        raise refuse(document, (*value.path, "source"), source, message, f"Add old_claim, one of: {said}", "evidence")
    going: list[Row] = []
    if what == "misread":
        if not own:
            message = f"{source} has no claim that states {held or 'nothing'}, so it was not misread"
            fix = "Delete old_claim, or name the source that was misread."
            raise refuse(document, ("old_claim",), what, message, fix, "evidence")
        going = [claim for claim in book.claims(row["id"], *fields) if claim["source_id"] == source]
        going = [claim for claim in going if claim["field"] != value.field or claim["value"] == held]
    elif what == "overtaken":
        going = _overtaken(document, book, table, value, old, source)
    elif own and requalified:
        message = f"{source} already states {held} with another qualifier"
        fix = "Write old_claim: misread if the qualifier of the present claim is wrong."
        raise refuse(document, ("old_claim",), what, message, fix, "evidence")
    for claim in going:
        book.rows["claims"].remove(claim)
        book.gone.append((document, claim))
    left = [claim for claim in book.claims(row["id"], value.field) if claim not in going]
    if not value.new and left:
        says = ", ".join(sorted({claim["source_id"] for claim in left}))
        message = f"the cell cannot be empty while a source states a value: {says}"
        fix = (
            "Write the value of that source. If the source was misread, name it as `source`, with old_claim: misread. "
            "If it was true then, and no longer is, write kind: revision and old_claim: overtaken."
        )
        raise refuse(document, (*value.path, "new"), "", message, fix, "evidence")


def _overtaken(document: Document, book: Book, table: Table, value: Value, old: list[Row], source: str) -> list[Row]:
    """The claims with the old value that were true then, because the source is younger or states a later day."""
    if document["kind"] != "revision":
        message, fix = (
            "only a revision replaces a value that was true before",
            "Write kind: revision, or delete old_claim.",
        )
        raise refuse(document, ("old_claim",), "overtaken", message, fix, "evidence")
    published = {row["id"]: row["published"] for row in book.rows["sources"]}
    as_of, held, until = _as_of(document, table, value)
    stated = {claim["source_id"]: claim["value"] for claim in book.claims(document["record"], as_of)}

    def older(name: str) -> bool:
        return _before(published[name], published[source]) or _before(
            stated.get(name) or published[name] or held, until
        )

    going = [claim for claim in old if older(claim["source_id"])]
    if not going and value.old:
        undated = sorted({name for name in (source, *(c["source_id"] for c in old)) if not published[name]})
        message = f"no source of the old value is known to be older than {source}"
        message += f"; without a day of publication: {', '.join(undated)}" if undated else ""
        fix = f"Change {as_of} to a later day, too, or delete" if as_of else "Delete"
        fix += " old_claim; the old value then stays beside the new one. Or add the day of publication to the sources."
        raise refuse(document, ("old_claim",), "overtaken", message, fix, "evidence")
    return going


def _as_of(document: Document, table: Table, value: Value) -> tuple[str, str, str]:
    """The field with the day on which a value such as a status is true, its old and its new day; empty without one."""
    as_of = f"{value.field.removesuffix('_as_of')}_as_of"
    days = [(one.old, one.new) for one in document.values if one.field == as_of]
    return as_of if as_of in table.by_name else "", *(days[0] if days else ("", ""))


def _before(earlier: str, later: str) -> bool:
    """Whether a day is known to be before another one."""
    try:
        return bool(earlier and later) and edtf.parse(earlier)[1] < edtf.parse(later)[0]
    except ValueError:  # the cells are tested elsewhere
        return False


def source_of(document: Document, book: Book, value: Value | None = None) -> str:
    """The id of the source of an entry, or of the document. A source that is described in full is added."""
    whole = document.content.get("source", "")
    given = value.source if value else whole
    path: Keys = (*value.path, "source") if value and given is not whole else ("source",)
    if not given:
        fix = "Add `source`: the id of a source in data/sources.csv, or a new source in full."
        what = value.new if value and value.new else "the change"
        raise refuse(document, path, "", f"the source of {what} is missing", fix, "evidence")
    if isinstance(given, str):
        known = [row["id"] for row in book.rows["sources"]]
        if given not in known:
            message = f"there is no source {given!r}"
            fix = f"{nearest(given, known)} Or give the new source in full, with id, title, publisher, kind and url."
            raise refuse(document, path, given, message, fix, "unknown")
        identifier = given
    else:
        identifier = _new_row(document, book, "sources", path, given)
    not_its_own_evidence(document, book, identifier, book.cited_sources, book.changed_sources)
    return identifier


def optional_source(document: Document, book: Book, value: Value | None = None) -> str:
    """The id of the source, or an empty text if the document names none."""
    return source_of(document, book, value) if document.content.get("source") else ""


def not_its_own_evidence(
    document: Document, book: Book, source: str, mine: dict[str, str], other: dict[str, str]
) -> None:
    """Raise Refused if one correction changes a source and another one cites it."""
    mine[source] = document.name
    if source in other:
        message = f"{source} is changed by one correction and cited by another ({other[source]}) in the same run"
        fix = "First apply the change of the source alone, and have it reviewed."
        raise refuse(document, ("source",), source, message, fix, "evidence")


def organisations(document: Document, book: Book) -> None:
    """Add the organisations that the document describes in full."""
    named = {item.strip() for value in document.values for item in value.new.split(";")}
    for number, row in enumerate(document.content.get("organisations", ())):
        new = _new_row(document, book, "organisations", ("organisations", number), row)
        if new not in named:
            fix = "Delete it, or name it in a value."
            raise refuse(document, ("organisations", number), new, f"no value names {new}", fix, "nothing")


def _new_row(document: Document, book: Book, name: str, path: Keys, given: Mapping[str, Any]) -> str:
    """Add a source or an organisation that is described in full, unless the same row exists; return its id."""
    table = book.package.tables[name]
    found: list[Finding] = []
    row = dict.fromkeys(table.names, "")
    for column, text in given.items():
        if column not in table.by_name:
            message, fix = f"{column!r} is not a column of {table.path}", nearest(column, table.names)
            found.append(document.finding((*path, column), "", message, fix, "value"))
            continue
        row[column] = canonical_cell(table.by_name[column], text)
        found += malformed(document, (*path, column), table.by_name[column], row[column])
    for each in table.fields:
        if each.required and not row[each.name]:
            message = f"a new row of {table.path} needs {each.name}"
            fix = f"{each.title}: {each.description}"
            if each.categories:
                fix += f" One of: {', '.join(each.categories)}."
            found.append(document.finding((*path, each.name), "", message, fix, "value"))
    if found:
        raise Refused(found)
    held = next((other for other in book.rows[name] if other["id"] == row["id"]), None)
    if held and held != row:
        differ = ", ".join(column for column in table.names if held[column] != row[column])
        message = f"{row['id']} is in {table.path} already, with a different {differ}"
        fix = "Write only its id, or choose another id. A correction cannot change its own source."
        raise refuse(document, path, row["id"], message, fix, "evidence")
    twin = next(
        (r for r in book.rows[name] if "url" in r and r["url"] == row["url"] and r["title"] == row["title"]), None
    )
    if twin and not held:
        message = f"this document is {twin['id']} in {table.path}"
        raise refuse(document, path, row["id"], message, f"Write {twin['id']} as the source.", "evidence")
    if not held:
        book.rows[name].append(row)
    return row["id"]
