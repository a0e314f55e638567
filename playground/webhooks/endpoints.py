"""A team's addresses that hear of every task: made, changed, tried out, given new secrets and removed, each in the audit log."""

from __future__ import annotations

import json
import uuid

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from playground.accounts import audit
from playground.accounts.audit import Action
from playground.accounts.models import Membership, Mode, Team
from playground.core import clock
from playground.core.outbound import BlockedAddress, OutboundPolicy, check_url
from playground.webhooks import services, signing
from playground.webhooks.models import Delivery, Endpoint
from playground.wire import announcing, jobs

MOST_ENDPOINTS = 10
LONGEST_URL = 2000
LONGEST_DESCRIPTION = 120
SWITCHED_OFF = gettext_noop("The endpoint was switched off.")
# What the secret of single tasks is called in the audit log.
TASK_CALLBACKS = gettext_noop("callbacks of single tasks")


class RefusedEndpoint(ValueError):
    """The message is a sentence for people."""


def address_problem(url: str) -> str:
    """What is wrong with an address, "" if nothing is; nothing is looked up and nothing is called."""
    # urlsplit drops line breaks and tabs in silence, and other programs along the way do not.
    if not url.isascii() or not url.isprintable() or " " in url:
        return _("The URL must be in ASCII, everything else percent-encoded.")
    try:
        check_url(url, OutboundPolicy.of(settings.OUTBOUND_ALLOW))
    except BlockedAddress:
        return _("The URL must lead to a public address. OUTBOUND_ALLOW can permit others.")
    except ValueError:
        return _("The URL must begin with https:// or http:// and hold no user name or password.")
    return ""


def listening(team_id: int, mode: str) -> list[Endpoint]:
    return list(Endpoint.objects.filter(team_id=team_id, mode=mode, is_enabled=True).order_by("created_at", "pk"))


def of_team(team_id: int, mode: str) -> list[Endpoint]:
    return list(Endpoint.objects.filter(team_id=team_id, mode=mode).order_by("created_at", "pk"))


def find(team_id: int, mode: str, endpoint_id: uuid.UUID) -> Endpoint | None:
    return Endpoint.objects.filter(team_id=team_id, mode=mode, pk=endpoint_id).first()


@transaction.atomic
def create(membership: Membership, *, mode: Mode, url: str, description: str = "") -> tuple[Endpoint, str]:
    """The endpoint and its secret, which nobody can read again. Raises RefusedEndpoint."""
    # One at a time, so that two forms do not both find the last place free.
    Team.objects.select_for_update().get(pk=membership.team_id)
    if Endpoint.objects.filter(team_id=membership.team_id, mode=mode).count() >= MOST_ENDPOINTS:
        raise RefusedEndpoint(_("A team has at most %(count)s endpoints. Remove one first.") % {"count": MOST_ENDPOINTS})
    endpoint = Endpoint(team_id=membership.team_id, mode=mode, url=url, description=description)
    secret = signing.give_secret(endpoint)
    endpoint.save()
    audit.record(Action.WEBHOOK_CREATED, team=membership.team_id, subject=url, mode=mode, description=description)
    return endpoint, secret


@transaction.atomic
def change(endpoint: Endpoint, *, url: str, description: str, is_enabled: bool) -> bool:
    """False where nothing is different. What still waits goes to the new address, or nowhere if it was switched off."""
    before = (endpoint.url, endpoint.description, endpoint.is_enabled)
    if before == (url, description, is_enabled):
        return False
    endpoint.url, endpoint.description, endpoint.is_enabled = url, description, is_enabled
    endpoint.save(update_fields=["url", "description", "is_enabled"])
    services.lead_pending_to(endpoint)
    if before[2] and not is_enabled:
        services.end_pending(endpoint, SWITCHED_OFF)
    former = before[0] if before[0] != url else ""
    state = "on" if is_enabled else "off"
    audit.record(Action.WEBHOOK_CHANGED, team=endpoint.team_id, subject=url, before=former, description=description, state=state)
    return True


@transaction.atomic
def rotate(endpoint: Endpoint) -> str:
    """A new secret, this once."""
    locked = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    secret = signing.rotate(locked)
    audit.record(Action.WEBHOOK_SECRET, team=locked.team_id, subject=locked.url, ends_with=locked.suffix)
    return secret


@transaction.atomic
def show_task_secret(team_id: int) -> str:
    """A new secret for the callbacks to the addresses that tasks name, this once."""
    secret = signing.show_task_secret(team_id)
    audit.record(Action.WEBHOOK_SECRET, team=team_id, subject=TASK_CALLBACKS, ends_with=signing.task_signer(team_id).suffix)
    return secret


@transaction.atomic
def remove(endpoint: Endpoint) -> None:
    """With its deliveries, whatever became of them."""
    audit.record(Action.WEBHOOK_REMOVED, team=endpoint.team_id, subject=endpoint.url)
    endpoint.delete()


def send_test_event(endpoint: Endpoint) -> Delivery:
    """A task that never was, in the outbox."""
    record = announcing.test_task(f"test{uuid.uuid4().hex[4:]}", clock.now_ms())
    body = announcing.event(jobs.callback(record), kind="webhook.test", at=clock.now().isoformat())
    return services.enqueue(
        team_id=endpoint.team_id,
        job_id=None,
        url=endpoint.url,
        body=json.dumps(body, ensure_ascii=False),
        mode=endpoint.mode,
        endpoint=endpoint,
    )
