"""The language of the pages: its texts, and how it writes numbers and days.

A translation is a file LANGUAGE/LC_MESSAGES/borderledger.po in website/locale. While `spoken` lasts, `_` and `ngettext`
give its texts; what it does not translate stays English. How numbers and days are written comes from the CLDR (babel).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import get_decimal_symbol, get_group_symbol

__all__ = [
    "ENGLISH",
    "FOLDER",
    "N_",
    "BadTranslation",
    "Language",
    "_",
    "language",
    "ngettext",
    "read",
    "separated",
    "spoken",
]

#: Where translations are.
FOLDER = Path(__file__).parent / "locale"

_NAMES = re.compile(r"\{\w*\}")
#: A year and a day of the month whose digits stand nowhere else in a written date.
_YEAR, _DAY = "2222", "17"


class BadTranslation(ValueError):
    """There is no such translation, or it cannot be used; the text says why, and what to do."""


@dataclass(frozen=True)
class Language:
    """A language.

    code     as in <html lang>
    texts    the translations of English texts
    plural   which of the forms of a text belongs to the number n, as gettext and JavaScript write it
    """

    code: str = "en"
    texts: NullTranslations = field(default_factory=NullTranslations)
    plural: str = "(n != 1)"

    @cached_property
    def locale(self) -> Locale:
        """What the CLDR knows about it. English here is British."""
        return Locale.parse("en-GB" if self.code == "en" else self.code, sep="-")

    @cached_property
    def group(self) -> str:
        """What stands between thousands."""
        return str(get_group_symbol(self.locale))

    @cached_property
    def point(self) -> str:
        """What stands before decimals."""
        return str(get_decimal_symbol(self.locale))

    @cached_property
    def days(self) -> list[str]:
        """For each month how a day in it is written, as in "{day} June {year}"."""
        return [_pattern(format_date(_day_in(month), "long", locale=self.locale)) for month in range(1, 13)]

    @cached_property
    def months(self) -> list[str]:
        """For each month how it is written, as in "June {year}"."""
        return [_pattern(format_skeleton("yMMMM", _day_in(month), locale=self.locale)) for month in range(1, 13)]

    def forms(self, one: str, many: str) -> list[str]:
        """All forms of a text, in the order in which the rule counts them."""
        catalogue = getattr(self.texts, "_catalog", {})
        number = 0
        found = []
        while (one, number) in catalogue:
            found.append(catalogue[one, number])
            number += 1
        return found or [one, many]


def _day_in(month: int) -> date:
    return date(int(_YEAR), month, int(_DAY))


def _pattern(written: str) -> str:
    return written.replace(_YEAR, "{year}").replace(_DAY, "{day}")


ENGLISH = Language()
_now: ContextVar[Language] = ContextVar("language", default=ENGLISH)


def language() -> Language:
    """The language that is spoken now."""
    return _now.get()


@contextmanager
def spoken(one: Language) -> Iterator[None]:
    """Speak a language."""
    before = _now.set(one)
    try:
        yield
    finally:
        _now.reset(before)


def _(text: str) -> str:
    """A text in the language that is spoken now."""
    return _now.get().texts.gettext(text) if text else text  # the text of "" is the head of the translation


def N_(text: str) -> str:  # noqa: N802 - the name that gettext knows
    """Marks a text of a constant for translators; who shows it says `_(text)`."""
    return text


def ngettext(one: str, many: str, n: int) -> str:
    """The form of a text that belongs to a number."""
    return _now.get().texts.ngettext(one, many, n)


def separated(number: str) -> str:
    """A number as in 1,234.5 with the separators of the language."""
    now = _now.get()
    return number.translate({ord(","): now.group, ord("."): now.point})


def read(code: str, folder: Path = FOLDER) -> Language:
    """A language with its translation. Raises BadTranslation."""
    if code == "en":
        return ENGLISH
    file = folder / code / "LC_MESSAGES/borderledger.po"
    try:
        Locale.parse(code, sep="-")
    except (ValueError, UnknownLocaleError) as error:
        raise BadTranslation(f"{code!r} names no language. Name one as in sq, bs or sr-Latn.") from error
    if not file.is_file():
        there = ", ".join(sorted(one.parents[1].name for one in folder.glob("*/LC_MESSAGES/borderledger.po")))
        how = "docs/developing.md says how to begin one."
        raise BadTranslation(f"There is no translation {file}. Languages: en{', ' if there else ''}{there}. {how}")
    try:
        found = read_po(io.BytesIO(file.read_bytes()), locale=code.replace("-", "_"), abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as error:
        raise BadTranslation(f"{file} cannot be read: {error}. Open it in a program such as Poedit.") from error
    for message in found:
        _checked(file, message)
    plural = _plural(file, found)
    compiled = io.BytesIO()
    write_mo(compiled, found)  # without entries marked as fuzzy: nobody has checked them
    compiled.seek(0)
    return Language(code, GNUTranslations(compiled), plural)


def _plural(file: Path, found: Catalog) -> str:
    """The rule for plural forms. It becomes part of a script, so it may hold nothing but a calculation."""
    if not re.fullmatch(r"[n0-9%=!<>&|?:() ]+", found.plural_expr):
        raise BadTranslation(f"{file}: Plural-Forms: {found.plural_expr!r} is no rule such as (n != 1).")
    return str(found.plural_expr)


def _checked(file: Path, message: Message) -> None:
    """Stop at a translation without the {names} of its text: pages would lack a figure."""
    originals = (message.id,) if isinstance(message.id, str) else message.id
    texts = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    if not message.id or message.fuzzy:
        return
    wanted = {name for text in originals for name in _NAMES.findall(text)}
    for text in filter(None, texts):
        found = set(_NAMES.findall(text))
        # The form for one may leave out the number: "one row".
        if found - wanted or (wanted - found and len(texts) == 1):
            need = " ".join(sorted(wanted)) or "no {names}"
            what = f"the translation of {originals[0]!r} must hold {need}, as the text does, and is {text!r}."
            raise BadTranslation(f"{file}, line {message.lineno}: {what}")
