"""Words for people, in their language.

The lower rooms of the house know no Django, so whoever starts the product hands them its gettext (web.apps); until then,
in a library or a test without Django, words stay as they are written. Import them under the names that xgettext looks for.
"""

from __future__ import annotations

from typing import Protocol


class Language(Protocol):
    """What django.utils.translation offers."""

    def gettext(self, message: str) -> str: ...
    def ngettext(self, singular: str, plural: str, number: int) -> str: ...
    def get_language(self) -> str | None: ...


class AsWritten:
    """English, which is what the source is written in."""

    def gettext(self, message: str) -> str:
        return message

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return singular if number == 1 else plural

    def get_language(self) -> str | None:
        return "en"


_language: Language = AsWritten()


def speak(language: Language) -> None:
    """From now on, in every thread; which language it is, the language itself knows for each request."""
    global _language
    _language = language


def gettext(message: str) -> str:
    return _language.gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    return _language.ngettext(singular, plural, number)


def gettext_noop(message: str) -> str:
    """Marks a text for translators that is translated only where it is shown."""
    return message


def said(text: str) -> str:
    """A text that stands in data; "" stays empty, while gettext would answer with its file's header."""
    return gettext(text) if text else ""


def lowered(sentence: str) -> str:
    """With a small first letter, as English goes on after a colon. Other languages' nouns keep theirs."""
    is_english = (_language.get_language() or "en").startswith("en")
    return sentence[:1].lower() + sentence[1:] if is_english else sentence
