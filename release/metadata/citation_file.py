"""CITATION.cff: how to cite the dataset, in the Citation File Format 1.2.

https://github.com/citation-file-format/citation-file-format

The file at the root of the repository is this one without version and date: those of a checkout are nobody's to cite,
and the number stands in datapackage.json alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from release.metadata.description import Facts, Party, filled

__all__ = ["citation_file"]


def citation_file(facts: Facts, *, released: bool = True) -> str:
    """The document; unless `released`, without version and date."""
    document = filled(
        message=" ".join(_message(facts)),
        title=facts.title,
        abstract=facts.description,
        authors=[_author(party) for party in facts.authors],
        version=facts.version if released else "",
        **{"date-released": facts.released.isoformat() if released else ""},
        license=facts.licence,
        url=facts.homepage,
        identifiers=[_identifier(facts)],
        keywords=list(facts.keywords),
        references=[
            filled(
                type="data",
                title=work.title,
                authors=[{"name": work.publisher}],
                url=work.url,
                **{"date-accessed": work.accessed},
            )
            for work in facts.works
        ],
    )
    return "\n".join(("cff-version: 1.2.0", "type: dataset", *_lines(document, ""))) + "\n"


def _message(facts: Facts) -> Iterator[str]:
    yield "Please cite the dataset with its version, and the source of a figure beside it."
    if facts.others:
        # The format has authors only; who else is to be named can only be said.
        yield f"Credit also {'; '.join(f'{party.name}, {party.credit}' for party in facts.others)}."


def _author(party: Party) -> dict[str, Any]:
    if party.family:
        return filled(
            **{"family-names": party.family, "given-names": party.given}, website=party.url, email=party.email
        )
    return filled(name=party.name, website=party.url, email=party.email)


def _identifier(facts: Facts) -> dict[str, str]:
    if doi := re.fullmatch(r"https://doi\.org/(10\..+)", facts.id):
        return {"type": "doi", "value": doi[1], "description": "The dataset, in all its versions."}
    return {"type": "other", "value": facts.id, "description": "The dataset, in all its versions."}


# --- YAML ------------------------------------------------------------------------------------------------------------


def _lines(value: dict[str, Any], indent: str) -> Iterator[str]:
    """A mapping in block style, where every text is in double quotes: nothing then reads as a number, date or no."""
    for key, content in value.items():
        if isinstance(content, str):
            yield f"{indent}{key}: {_quoted(content)}"
            continue
        yield f"{indent}{key}:"
        for item in content:
            first, *rest = _lines(item, f"{indent}    ") if isinstance(item, dict) else [_quoted(item)]
            yield f"{indent}  - {first.strip()}"
            yield from rest


def _quoted(text: str) -> str:
    """A text as YAML reads it from double quotes: as JSON writes it, and without what YAML does not let stand."""
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))


_UNPRINTABLE = re.compile("[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]")
