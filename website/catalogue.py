"""All texts of the interface in one catalogue, website/locale/borderledger.pot, from which translations are made.

A translation is website/locale/LANGUAGE/LC_MESSAGES/borderledger.po. There is none yet.
"""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

__all__ = ["FILE", "catalogue"]

_HERE = Path(__file__).parent
FILE = _HERE / "locale/borderledger.pot"
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]


def catalogue() -> bytes:
    """The texts of templates and charts, in the order of their files; the same texts give the same bytes."""
    found = Catalog(project="borderledger", charset="utf-8")
    found.header_comment = "# Texts of the website of borderledger."
    texts = extract_from_dir(_HERE, _METHODS, options_map={"**.html": {"trimmed": "true", "silent": "false"}})
    for file, _, text, comments, context in sorted(texts, key=lambda each: (each[0], each[1])):
        found.add(text, None, [(file, 1)], auto_comments=comments, context=context)
    written = io.BytesIO()
    write_po(written, found, omit_header=True, include_lineno=False, width=120)
    return written.getvalue()
