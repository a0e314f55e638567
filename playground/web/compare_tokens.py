"""What a comparison's form promises: for whom, which models at which prices; and a number that is good for one comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core import signing

from playground.core import ids
from playground.web.formtokens import BadToken

_SALT = "rushes.web.compare.v1"
_LONGEST = 3000


@dataclass(frozen=True, slots=True)
class Promise:
    """One column; `price_millicredits` is what the page showed, None while it could not say."""

    gateway: str
    model_id: str
    card_version: str
    price_millicredits: int | None

    @property
    def key(self) -> tuple[str, str]:
        return self.gateway, self.model_id


@dataclass(frozen=True, slots=True)
class CompareToken:
    user_id: int
    team_id: int
    mode: str
    promises: tuple[Promise, ...]
    nonce: str = ""

    def sign(self) -> str:
        """A fresh token for a form with these promises."""
        columns = [[one.gateway, one.model_id, one.card_version, one.price_millicredits] for one in self.promises]
        values = [self.user_id, self.team_id, self.mode, columns, ids.new_secret(random_bytes=20)]
        return signing.Signer(salt=_SALT).sign_object(values, compress=True)

    @property
    def scope(self) -> str:
        return f"user:{self.user_id}"


def read(text: str) -> CompareToken:
    """The promises of a posted form. Raises BadToken."""
    if not text or len(text) > _LONGEST:
        raise BadToken("no form token")
    try:
        values: list[Any] = signing.Signer(salt=_SALT).unsign_object(text)
        user_id, team_id, mode, columns, nonce = values
        return CompareToken(user_id, team_id, mode, tuple(Promise(*column) for column in columns), nonce)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadToken("not a form token of ours") from error
