"""Helpers for the tests of the Credits pages: spent credits, and forms as a browser would send them."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from playground.accounts.models import ApiKey, Membership, Mode, Role
from playground.core import clock
from playground.credits import services
from playground.jobs.models import Job
from tests.factories import MembershipFactory, Personas, make_job, make_key

HTMX = {"HX-Request": "true"}


def spend(membership: Membership, credits: int = 60, **changes: Any) -> Job:
    """A job that was charged: 60 are held for it."""
    job = make_job(membership, **changes).job
    services.capture(job_id=job.pk, millicredits=credits * 1000)
    return job


def fail(membership: Membership, **changes: Any) -> Job:
    job = make_job(membership, **changes).job
    services.release(job_id=job.pk)
    return job


def key_of(membership: Membership, name: str, mode: Mode = "test") -> ApiKey:
    make_key(membership, mode, name)
    return ApiKey.objects.get(name=name)


def days_ago(days: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done from now on is done so many days ago."""
    then = clock.now() - timedelta(days=days)
    monkeypatch.setattr(clock, "now", lambda: then)


def join(personas: Personas, role: Role, name: str) -> Membership:
    membership: Membership = MembershipFactory.create(
        team=personas.alice.team, role=role, user__email=f"{name.lower()}@example.com", user__name=name
    )
    return membership


def rows(page: str) -> list[str]:
    """The rows of the last table."""
    return re.split(r"<tr(?: [^>]*)?>", page.split("<tbody>")[-1].split("</tbody>")[0])[1:]


def text_of(html: str) -> str:
    """What a reader sees of it, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def form_of(page: str, label: str) -> dict[str, str]:
    """The fields of the form with this name, as a browser would send them untouched."""
    form = next(part.split("</form>")[0] for part in page.split("<form")[1:] if f'"{label}"' in part.split(">")[0])
    fields = {}
    for control in re.findall(r"<input[^>]*>", form):
        found = dict(re.findall(r'(\w+)="([^"]*)"', control))
        if found.get("type") != "radio" or " checked" in control:
            fields[found["name"]] = unescape(found.get("value", ""))
    return fields


def hidden_of(page: str) -> dict[str, str]:
    """The hidden fields of the form in the page's main part."""
    main = page.split('id="main"')[1]
    return {name: unescape(value) for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', main)}


def send(client: Client, fields: dict[str, str], **more: str) -> Any:
    """Fill a form of /credits/add and press its button."""
    return client.post("/credits/add", fields | more)
