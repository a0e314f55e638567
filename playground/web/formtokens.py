"""What a form promises, signed into it: for whom, for what, at what price; and a number that is good for one job.

The token is the idempotency key's home: a double click, a retry and a "back, Run" all lead to the same job. Keeping
tokens in the session was rejected: two tabs would fight over it, and a restart would forget it.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import Any

from django.core import signing

from playground.core import ids

_SALT = "rushes.web.form.v1"
_LONGEST = 1000


class BadToken(ValueError):
    """Missing, altered, or made under another SECRET_KEY."""


@dataclass(frozen=True, slots=True)
class FormToken:
    """`price_millicredits` is what the page showed, None while it could not say; `nonce` the idempotency key."""

    user_id: int
    team_id: int
    mode: str
    gateway: str
    model_id: str
    card_version: str
    price_millicredits: int | None
    nonce: str = ""

    def sign(self) -> str:
        """A fresh token for a form with these promises."""
        fresh = replace(self, nonce=ids.new_secret(random_bytes=20))
        return signing.Signer(salt=_SALT).sign_object(list(astuple(fresh)))

    @property
    def scope(self) -> str:
        return f"user:{self.user_id}"


def read(text: str) -> FormToken:
    """The promises of a posted form. Raises BadToken."""
    if not text or len(text) > _LONGEST:
        raise BadToken("no form token")
    try:
        values: list[Any] = signing.Signer(salt=_SALT).unsign_object(text)
        return FormToken(*values)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadToken("not a form token of ours") from error
