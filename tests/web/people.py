"""Helpers for tests of the pages about people."""

from __future__ import annotations

from django.test import Client

from playground.accounts.models import Membership, User

HTMX = {"HX-Request": "true"}


def signed_in(person: Membership | User, *, csrf: bool = False) -> Client:
    client = Client(enforce_csrf_checks=csrf)
    client.force_login(person.user if isinstance(person, Membership) else person)
    return client
