"""What can be wrong with a file.

MediaError
├── NotMedia      not a media file, or a damaged one
├── Unsupported   a media file of a kind that is not taken here
├── TooBig        more bytes, pixels or seconds than are taken here
├── Gone          the bytes of a stored file are no longer there
└── FetchError    nothing could be fetched from somebody else's address
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from playground.core.speech import gettext

_PLACE = re.compile(r"%\((\w+)\)[ds]")


class MediaError(Exception):
    """`words` are for people: the sentence as written, marked with gettext_noop, with a place for each of `values`.

    They are put into the reader's language where they are read, for most are found in a child that knows no language.
    """

    def __init__(self, words: str, **values: int | str) -> None:
        super().__init__(words)
        self.words = words
        # Attributes of their own, for those are what comes back from the child.
        vars(self).update(values)

    def __str__(self) -> str:
        return self._filled(gettext(self.words)) if self.words else ""

    @property
    def as_written(self) -> str:
        """In English, for what is kept or logged."""
        return self._filled(self.words)

    def _filled(self, words: str) -> str:
        """By hand: what a child that went astray may answer is no format to be trusted."""
        values = vars(self)
        return _PLACE.sub(lambda found: str(values.get(found[1], found[0])), words)


class NotMedia(MediaError):
    """Not media, or damaged: trying the same bytes again is useless."""


class Unsupported(MediaError):
    """Media, but of a kind that is not taken here."""


class TooBig(MediaError):
    """Over a limit on bytes, pixels or seconds."""


class Gone(MediaError):
    """The bytes were erased, or the storage has lost them."""


class FetchError(MediaError):
    """Nothing came from an address: it is not reachable, not allowed, or answers something else than a file."""


def raised_in_child(error_type: str, details: Mapping[str, Any]) -> MediaError | None:
    """The error of this module that a limited child ended with; None for any other."""
    module, _dot, name = error_type.rpartition(".")
    kind = globals().get(name) if module == __name__ else None
    if not isinstance(kind, type) or not issubclass(kind, MediaError):
        return None
    values = {name: value for name, value in details.items() if name != "words" and isinstance(value, int | str)}
    return kind(str(details.get("words", "")), **values)
