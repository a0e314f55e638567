"""Words that are chosen by name or by number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from playground.core.money import format_credits
from playground.core.speech import gettext, ngettext

Name = TypeVar("Name")
_CREDIT = 1000


class Labels(Mapping[Name, str]):
    """Each word in the language of whoever reads it at that moment. Mark them with `gettext_noop`, or no translation has them."""

    def __init__(self, words: Mapping[Name, str]) -> None:
        self._words = dict(words)

    def __getitem__(self, name: Name) -> str:
        return gettext(self._words[name])

    def __iter__(self) -> Iterator[Name]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)


def count_of(millicredits: int) -> int:
    """The number that chooses a plural: only one whole credit is one."""
    return millicredits // _CREDIT if millicredits % _CREDIT == 0 else max(2, millicredits // _CREDIT)


def credits_in_words(millicredits: int) -> str:
    """`1 credit`, `35 credits`."""
    words = ngettext("%(credits)s credit", "%(credits)s credits", count_of(millicredits))
    return words % {"credits": format_credits(millicredits)}
