"""A number that is good for one change: a double click, a retry and "back, send" all come with the same one.

It is signed into the form with whom and what it is for, and claimed before the change is made. Whoever finds it claimed
is told so. A token is dead before its claim is forgotten.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import Any

from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest

from playground.core import ids

_SALT = "rushes.web.once.v1"
GOOD_FOR_SECONDS = 12 * 3600
_CLAIM_SECONDS = 2 * GOOD_FOR_SECONDS
_LONGEST = 500


def is_first(request: HttpRequest, form: str) -> bool:
    """False for a form that is sent again by a reload and would make a second key, link or webhook; `form` names which it is.

    Unsigned, unlike the tokens below: who sends another number makes another one, which they may.
    """
    nonce = request.POST.get("_nonce", "")[:60]
    return not nonce or cache.add(f"{form}-form:{request.user.pk}:{nonce}", 1, _CLAIM_SECONDS)


class StaleToken(ValueError):
    """Missing, altered, too old, or for somebody or something else."""


@dataclass(frozen=True, slots=True)
class Once:
    user_id: int
    place: str
    action: str
    nonce: str = ""

    def sign(self) -> str:
        """A fresh token for this."""
        fresh = replace(self, nonce=ids.new_secret(random_bytes=16))
        return signing.TimestampSigner(salt=_SALT).sign_object(list(astuple(fresh)))

    def claim(self, text: str) -> str | None:
        """The claimed number, for `give_back`; None if it was claimed before. Raises StaleToken. Not inside a transaction."""
        nonce = self._read(text)
        return nonce if cache.add(_name(nonce), 1, timeout=_CLAIM_SECONDS) else None

    def _read(self, text: str) -> str:
        try:
            values: list[Any] = signing.TimestampSigner(salt=_SALT).unsign_object(text[:_LONGEST], max_age=GOOD_FOR_SECONDS)
            token = Once(*values)
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise StaleToken("not a token of ours, or an old one") from error
        if replace(token, nonce="") != replace(self, nonce=""):
            raise StaleToken("a token for something else")
        return str(token.nonce)


def give_back(nonce: str) -> None:
    """Nothing was changed after all, so the form may be sent again."""
    cache.delete(_name(nonce))


def _name(nonce: str) -> str:
    return f"once:{nonce}"
