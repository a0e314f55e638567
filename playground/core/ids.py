"""Identifiers and secrets. Secrets have at least 160 random bits and are stored only as SHA-256."""

from __future__ import annotations

import hashlib
import secrets
import uuid


def new_id() -> uuid.UUID:
    return uuid.uuid4()


def new_secret(prefix: str = "", *, random_bytes: int = 32) -> str:
    return prefix + secrets.token_urlsafe(random_bytes)


def hash_secret(secret: str) -> str:
    """Plain SHA-256 is right for these: the input is random, so there is nothing to guess by dictionary."""
    return hashlib.sha256(secret.encode()).hexdigest()
