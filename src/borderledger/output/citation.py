"""How to cite the dataset, a part of it, and the sources behind it.

Each work is described once, as a CSL item (the JSON that citation processors read). Every style is written from that
item:

    apa        plain text in the manner of APA 7, one work a line
    bibtex     one entry a work, read by BibTeX and by biblatex; UTF-8
    csl-json   an array of items, after csl-data.json of citationstyles.org
    ris        one record a work, for reference managers

Each text has LF between lines, no line end after the last one, and no space at the end of a line, except the last tag
of RIS, which must be `ER  - `. In a value, a line break, a control character or a run of white space becomes one space,
so that the value cannot leave its place. Everything else is kept letter for letter, as the source spells it.

The loader needs pandas alone, so these writers use no citation processor. The tests compare them with citeproc-py.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from borderledger.errors import BadArgument, CorruptPackage, UnknownRecord, as_text, nearest
from borderledger.package.tables import Tables

__all__ = ["MONTHS", "cite", "dataset_citation"]

#: A work as a CSL item; all strings in it are of one line.
Item = dict[str, Any]


def cite(dataset: Tables, what: str | None = None, style: str = "apa") -> str:
    """How to cite the dataset, a table, a record or a source; see `Dataset.cite`.

    Raises UnknownRecord, BadArgument (style).
    """
    if as_text("style", style, "bibtex") not in _STYLES:
        raise BadArgument(f"style {style!r} is not known. {nearest(style, _STYLES)}")
    if what is not None:
        as_text("what", what, "returns")
    return _STYLES[style](_items(dataset, what))


def dataset_citation(descriptor: Mapping[str, Any], table: str | None = None) -> str:
    """One line of plain text that cites the dataset, or a table of it.

    >>> dataset_citation({"title": "Returns", "version": "1.0.0", "created": "2026-11-24T00:00:00Z"})
    'Returns (Version 1.0.0) [Data set]. (2026).'
    """
    return _apa_line(_dataset_item(descriptor, "table", table or ""))


# --- works as CSL items ----------------------------------------------------------------------------------------------

#: The CSL type of a source, by its kind. If the kind does not tell (an article? a chapter?), the type stays general.
_TYPES = {
    "legal": "legislation",
    "official_report": "report",
    "official_press": "webpage",
    "parliament": "document",
    "ngo_report": "report",
    "academic": "document",
    "news": "article-newspaper",
    "blog": "post-weblog",
    "repost": "webpage",
    "dataset": "dataset",
}
#: What the publisher is to a source. A body that issues a document is its author. The author of an article is a person,
#: whom the tables do not name; there the publisher is where the article appeared.
_ROLES = {"news": "container-title", "blog": "container-title", "academic": "publisher"}


def _items(dataset: Tables, what: str | None) -> list[Item]:
    if what is None:
        return [_dataset_item(dataset.descriptor)]
    if what in dataset.names:
        return [_dataset_item(dataset.descriptor, "table", what)]
    sources = {row["id"]: row for row in dataset.rows("sources")}
    if what in sources:
        return [_source_item(sources[what])]
    record = _record(dataset, what, sources)
    stated = {claim["source_id"] for claim in dataset.rows("claims") if claim["record_id"] == what}
    # A row that was taken from a publisher's file has no claims; the file is its source.
    cited = sorted(stated or {record["source_id"]})
    if lost := [source for source in cited if source not in sources]:
        raise CorruptPackage(f"{what} cites the source {lost[0]}, which is not in the table sources.")
    return [_dataset_item(dataset.descriptor, "record", what), *(_source_item(sources[source]) for source in cited)]


def _record(dataset: Tables, what: str, sources: Mapping[str, Any]) -> dict[str, str]:
    try:
        return dataset.record(what)[1]
    except UnknownRecord:
        if any(row["record_id"] == what and row["field"] == "id" for row in dataset.rows("corrections")):
            raise  # it was retired, and the message says what replaced it
        records = [row["id"] for name in dataset.names if dataset.schema(name).bound for row in dataset.rows(name)]
        offer = nearest(what, [*dataset.names, *records, *sources])
        raise UnknownRecord(f"There is no table, record or source {what!r}. {offer}") from None


def _dataset_item(descriptor: Mapping[str, Any], kind: str = "", part: str = "") -> Item:
    """The dataset, or with `kind` (table, record) the part of it that has this name."""
    name, title = (str(descriptor.get(key) or "borderledger") for key in ("name", "title"))
    licences = [str(entry["name"]) for entry in descriptor.get("licenses") or () if entry.get("name")]
    contributors = descriptor.get("contributors") or ()
    return _filled(
        # No source has a dot in its id, so that the key of a part is never that of a source.
        id=f"{name}.{part}" if part else name,
        type="dataset",
        title=f"{title}, {kind} {part}" if part else title,
        author=[_name(entry) for entry in contributors if "author" in (entry.get("roles") or ())],
        issued=_date(str(descriptor.get("created") or "")[:4]),
        version=str(descriptor.get("version") or ""),
        URL=str(descriptor.get("homepage") or ""),
        note=f"Licence: {', '.join(licences)}" if licences else "",
    )


def _name(contributor: Mapping[str, Any]) -> dict[str, str]:
    """A person, where the descriptor tells family and given name apart; or else a name that stays whole."""
    if contributor.get("familyName"):
        return _filled(family=str(contributor["familyName"]), given=str(contributor.get("givenName") or ""))
    return {"literal": _line(str(contributor.get("title") or contributor.get("organization") or ""))}


def _source_item(source: Mapping[str, str]) -> Item:
    publisher, role = source["publisher"], _ROLES.get(source["kind"], "author")
    # The number of an article is that of its place in a volume; the one that a newspaper names is another's.
    number = "note" if role == "container-title" else "number"
    return _filled(
        id=source["id"],
        type=_TYPES.get(source["kind"], "document"),
        title=source["title"],
        **{role: [{"literal": _line(publisher)}] if role == "author" and publisher else publisher},
        **{number: source["document_ref"]},
        issued=_date(source["published"]),
        language=source["language"],
        URL=source["url"],
        archive_location=source["archive_url"],
        accessed=_date(source["accessed"]),
    )


def _filled(**values: Any) -> Item:
    """The values that are not empty, with each text on one line."""
    lines = {key: _line(value) if isinstance(value, str) else value for key, value in values.items()}
    return {key: value for key, value in lines.items() if value}


def _line(text: str) -> str:
    r"""The text on one line, without control characters and half characters (lone surrogates).

    >>> _line("Title\r\nER  - \x1b[1m")
    'Title ER - [1m'
    """
    return " ".join("".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text).split())


# --- dates -----------------------------------------------------------------------------------------------------------

_PART = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12][0-9]|3[01]))?)?(~?)")
#: The names of the months.
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _date(edtf: str) -> Item:
    """An EDTF date as a CSL date: parts, circa if it is approximate; empty if there is none.

    CSL has no open interval, and one end alone would claim a day that it only bounds. An open interval is put in words,
    and so is a text that is not a date of the profile.

    >>> _date("2020-11~/2022-10")
    {'date-parts': [[2020, 11], [2022, 10]], 'circa': True}
    >>> _date("../2025-06")
    {'literal': 'until 2025, June'}
    """
    ends = edtf.split("/")
    found = [match for match in map(_PART.fullmatch, ends) if match]
    parts = [[int(number) for number in match.groups()[:3] if number] for match in found]
    circa: Item = {"circa": True} if any(match[4] for match in found) else {}
    if len(found) == len(ends) <= 2:
        return {"date-parts": parts, **circa}
    if len(ends) == 2 and len(found) == 1 and ".." in ends:
        return {"literal": f"{'from' if ends[1] == '..' else 'until'} {_in_words({'date-parts': parts, **circa})}"}
    return {"literal": _line(edtf)} if _line(edtf) else {}


def _in_words(date: Item) -> str:
    """A date as APA writes it.

    >>> _in_words(_date("2024-09-27")), _in_words(_date("2020-11/2022~")), _in_words({})
    ('2024, September 27', 'ca. 2020, November – 2022', 'n.d.')
    """
    if "date-parts" not in date:
        return str(date.get("literal", "n.d."))
    shown = []
    for year, *rest in date["date-parts"]:
        day = " ".join([MONTHS[rest[0] - 1], *map(str, rest[1:])]) if rest else ""
        shown.append(f"{year:04d}, {day}" if day else f"{year:04d}")
    return f"{'ca. ' if 'circa' in date else ''}{' – '.join(shown)}"


def _digits(parts: Sequence[int], mark: str) -> str:
    year, *rest = parts
    return mark.join([f"{year:04d}", *(f"{number:02d}" for number in rest)])


# --- APA -------------------------------------------------------------------------------------------------------------


def _apa(items: Sequence[Item]) -> str:
    return "\n".join(map(_apa_line, items))


def _apa_line(item: Item) -> str:
    """Author. (Date). Title (number) [medium]. Where it stands. Address; without an author the title comes first."""
    title = item.get("title", "")
    details = [item["number"]] if item.get("number", title) not in title else []
    details += [f"Version {item['version']}"] if "version" in item else []
    title += f" ({', '.join(details)})" if details else ""
    title += " [Data set]" if item["type"] == "dataset" else ""
    authors = [_inverted(name, initials=True) for name in item.get("author", ())]
    last = authors.pop() if len(authors) > 1 else ""
    author = f"{', '.join(authors)}{', & ' if last else ''}{last}"
    date = f"({_in_words(item.get('issued', {}))})"
    head = [author, date, title] if author else [title, date]
    parts = [_stopped(text) for text in (*head, *_where(item), item.get("note", "")) if text]
    if "URL" in item:
        # APA dates the visit only where the page itself bears no date.
        dated = "issued" in item or "date-parts" not in item.get("accessed", {})
        parts += [item["URL"] if dated else f"Retrieved {_visit(item['accessed'])}, from {item['URL']}"]
    parts += [f"[copy: {item['archive_location']}]"] if "archive_location" in item else []
    return " ".join(parts)


def _where(item: Item) -> list[str]:
    return [item[key] for key in ("container-title", "publisher") if key in item]


def _stopped(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _visit(date: Item) -> str:
    year, *rest = _in_words(date).split(", ")
    return ", ".join([*rest, year])


def _inverted(name: Mapping[str, str], *, initials: bool = False) -> str:
    """A name with the family name first; a name that is whole as it is.

    >>> _inverted({"family": "Hoxha", "given": "Ana Maria"}, initials=True)
    'Hoxha, A. M.'
    """
    if "family" not in name:
        return name["literal"]
    given = name.get("given", "")
    given = " ".join(f"{word[0]}." for word in given.split()) if initials else given
    return f"{name['family']}, {given}" if given else name["family"]


# --- CSL-JSON --------------------------------------------------------------------------------------------------------


def _csl_json(items: Sequence[Item]) -> str:
    return json.dumps(items, ensure_ascii=False, indent=2)


# --- BibTeX ----------------------------------------------------------------------------------------------------------

#: Entry types that BibTeX and biblatex both know, and the field for where a work stands.
_BIBTEX = {"article-newspaper": ("article", "journal"), "report": ("techreport", "institution")}


def _bibtex(items: Sequence[Item]) -> str:
    return "\n\n".join(map(_bibtex_entry, items))


def _bibtex_entry(item: Item) -> str:
    kind, place = _BIBTEX.get(item["type"], ("misc", "howpublished"))
    key = re.sub(r"[^0-9A-Za-z._-]+", "-", item["id"])
    fields = [f"  {name} = {{{value}}}," for name, value in _bibtex_fields(item, kind, place) if value]
    return "\n".join([f"@{kind}{{{key},", *fields, "}"])


def _bibtex_fields(item: Item, kind: str, place: str) -> Iterator[tuple[str, str]]:
    authors = item.get("author", [])
    where = _where(item)
    if kind == "techreport":
        where += [name["literal"] for name in authors]
    elif item["type"] == "dataset":
        where = [f"Data set, version {item['version']}" if "version" in item else "Data set"]
    notes = [] if kind == "techreport" else [item.get("number", "")]
    notes += [item.get("note", "")]
    notes += [f"Copy: {item['archive_location']}"] if "archive_location" in item else []
    yield "author", " and ".join(_bibtex_name(name) for name in authors)
    # Styles lower the letters of a title that no inner braces hold; EU would become eu, and each German noun wrong.
    yield "title", f"{{{_latex(item.get('title', ''))}}}"
    yield place, _latex(", ".join(where))
    if kind == "techreport":
        yield "type", "Report"
        yield "number", _latex(item.get("number", ""))
    # BibTeX reads year; biblatex reads date, which is EDTF and keeps what year cannot.
    yield from _bibtex_dates(item.get("issued", {}))
    yield "note", _latex(". ".join(filter(None, notes)))
    yield "url", _bibtex_url(item.get("URL", ""))
    yield "urldate", "".join(_digits(parts, "-") for parts in item.get("accessed", {}).get("date-parts", ()))


def _bibtex_name(name: Mapping[str, str]) -> str:
    """Braces keep the name of a body from being read as a person's, and an `and` in it from parting it."""
    if "family" not in name:
        return f"{{{_latex(name['literal'])}}}"
    return ", ".join(f"{{{_latex(name[part])}}}" for part in ("family", "given") if part in name)


def _bibtex_dates(date: Item) -> Iterator[tuple[str, str]]:
    if "date-parts" in date:
        about = "circa" in date
        years = list(dict.fromkeys(f"{year:04d}" for year, *_ in date["date-parts"]))
        yield "year", f"{'ca. ' if about else ''}{'--'.join(years)}"
        yield "date", "/".join(_digits(parts, "-") + "~" * about for parts in date["date-parts"])
    elif date:
        yield "year", _latex(date["literal"])


#: BibTeX counts braces even after a backslash, so that a brace must be spelled as a command.
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "`": r"\textasciigrave{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    **{mark: f"\\{mark}" for mark in "%&#_$"},
}
_SPECIAL = re.compile(f"[{re.escape(''.join(_LATEX))}]")
#: Two of these in a row are one sign to LaTeX: -- a dash, '' a closing quote, ,, an opening one.
_LIGATURE = re.compile(r"([-',])(?=\1)")


def _latex(text: str) -> str:
    r"""Text as LaTeX source that prints it. Letters beyond ASCII stay: LaTeX reads UTF-8.

    >>> print(_latex("50% of {A_B} -- & more"))
    50\% of \textbraceleft{}A\_B\textbraceright{} -{}- \& more
    """
    return _LIGATURE.sub(r"\1{}", _SPECIAL.sub(lambda match: _LATEX[match[0]], text))


def _bibtex_url(url: str) -> str:
    """An address is read verbatim: nothing in it is escaped, and what may not stand in one is percent-encoded."""
    return re.sub(r"[\s{}\\]", lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), url)


# --- RIS -------------------------------------------------------------------------------------------------------------

_RIS = {
    "legislation": "STAT",
    "report": "RPRT",
    "webpage": "ELEC",
    "document": "GEN",
    "article-newspaper": "NEWS",
    "post-weblog": "BLOG",
    "dataset": "DATA",
}


def _ris(items: Sequence[Item]) -> str:
    return "\n\n".join(map(_ris_record, items))


def _ris_record(item: Item) -> str:
    filled = [(tag, value) for tag, value in _ris_fields(item) if value]
    return "\n".join(f"{tag}  - {value}" for tag, value in [("TY", _RIS[item["type"]]), *filled, ("ER", "")])


def _ris_fields(item: Item) -> Iterator[tuple[str, str]]:
    yield "ID", item["id"]
    for name in item.get("author", ()):
        # A comma parts family and given name, so that a body with one in its name can only be given as publisher.
        yield "PB" if "," in name.get("literal", "") else "AU", _inverted(name)
    for tag, key in (("TI", "title"), ("T2", "container-title"), ("PB", "publisher"), ("M1", "number")):
        yield tag, item.get(key, "")
    yield "ET", item.get("version", "")
    yield from _ris_dates(item.get("issued", {}))
    yield from (("Y2", _ris_date(parts)) for parts in item.get("accessed", {}).get("date-parts", ()))
    yield "LA", item.get("language", "")
    yield "N1", item.get("note", "")
    yield "N1", f"Copy: {item['archive_location']}" if "archive_location" in item else ""
    # A semicolon parts one address from the next.
    yield "UR", item.get("URL", "").replace(";", "%3B")


def _ris_dates(date: Item) -> Iterator[tuple[str, str]]:
    """Year and date; RIS has neither approximate dates nor intervals, so that those are spelled out in a note."""
    if "date-parts" in date:
        yield "PY", f"{date['date-parts'][0][0]:04d}"
        yield "DA", _ris_date(date["date-parts"][0])
    if "literal" in date or "circa" in date or len(date.get("date-parts", ())) > 1:
        yield "N1", f"Published {_in_words(date)}"


def _ris_date(parts: Sequence[int]) -> str:
    """The three slashes stay, whatever is left out.

    >>> _ris_date([2024, 9]), _ris_date([2024, 9, 27])
    ('2024/09//', '2024/09/27/')
    """
    return _digits(parts, "/") + "/" * (4 - len(parts))


_STYLES: dict[str, Callable[[Sequence[Item]], str]] = {
    "apa": _apa,
    "bibtex": _bibtex,
    "csl-json": _csl_json,
    "ris": _ris,
}
