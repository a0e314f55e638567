from __future__ import annotations


class AccountsError(Exception):
    """Something that a person can put right; the message is for them."""
