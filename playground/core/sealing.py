"""Secrets that we must be able to read again, as they lie in the database: AES-GCM under a key derived from SECRET_KEY.

A label says what a secret is for. Each label has a key of its own, and what was sealed for one place opens in no other.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class Unreadable(Exception):
    """Sealed under another SECRET_KEY or for another label, or damaged."""


def seal(text: str, *, secret_key: str, label: str) -> str:
    nonce = os.urandom(_NONCE_BYTES)
    return urlsafe_b64encode(nonce + _cipher(secret_key, label).encrypt(nonce, text.encode(), None)).decode()


def unseal(sealed: str, *, secret_key: str, label: str) -> str:
    """The text again. Raises Unreadable."""
    try:
        raw = urlsafe_b64decode(sealed)
        return _cipher(secret_key, label).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], None).decode()
    except (InvalidTag, ValueError) as error:
        raise Unreadable from error


@lru_cache(maxsize=64)
def _cipher(secret_key: str, label: str) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=f"rushes/{label}".encode()).derive(secret_key.encode()))
