"""The secrets that callbacks are signed with, and the headers that both schemes want.

A secret is `whsec_` and base64, as Standard Webhooks has it. For KIE's scheme the whole text is the key, as a program
written for KIE would use whatever it was given.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from playground.core import clock
from playground.core.sealing import seal, unseal
from playground.webhooks.models import Delivery, Signer, TaskSigner
from playground.wire.callbacks import read_callback, signature, standard_signature

PREFIX = "whsec_"
_RANDOM_BYTES = 32
OVERLAP_HOURS = 24


def new_secret() -> str:
    return PREFIX + base64.b64encode(os.urandom(_RANDOM_BYTES)).decode()


def give_secret(signer: Signer) -> str:
    """A fresh secret for a row that is then saved; the text of it, this once."""
    secret = new_secret()
    signer.sealed = seal(secret, secret_key=settings.SECRET_KEY, label=signer.label)
    # The last character of base64 is padding.
    signer.suffix = secret.rstrip("=")[-4:]
    signer.set_at = clock.now()
    return secret


def rotate(signer: Signer, *, keeps_old: bool = True) -> str:
    """A new secret in place of the old one, which goes on signing beside it for a day."""
    old = signer.sealed if keeps_old else ""
    secret = give_secret(signer)
    signer.sealed_before = old
    signer.before_until = clock.now() + timedelta(hours=OVERLAP_HOURS) if old else None
    signer.save()
    return secret


def task_signer(team_id: int) -> TaskSigner:
    """There is one from the first callback on, whether or not anybody has looked."""
    found = TaskSigner.objects.filter(team_id=team_id).first()
    if found is None:
        fresh = TaskSigner(team_id=team_id)
        give_secret(fresh)
        defaults = {"sealed": fresh.sealed, "suffix": fresh.suffix, "set_at": fresh.set_at}
        found, _ = TaskSigner.objects.get_or_create(team_id=team_id, defaults=defaults)
    return found


@transaction.atomic
def show_task_secret(team_id: int) -> str:
    """A new secret for the callbacks of single tasks: the one before is kept for a day if anybody knows it."""
    task_signer(team_id)
    signer = TaskSigner.objects.select_for_update().get(team_id=team_id)
    was_known, signer.is_known = signer.is_known, True
    return rotate(signer, keeps_old=was_known)


def headers_for(delivery: Delivery) -> Mapping[str, str]:
    """Both signatures, as of now. Raises Unreadable. Asks the database, so not for a thread without one."""
    signer: Signer = delivery.endpoint or task_signer(delivery.team_id)
    secrets = [unseal(signer.sealed, secret_key=settings.SECRET_KEY, label=signer.label)]
    if signer.is_changing:
        secrets.append(unseal(signer.sealed_before, secret_key=settings.SECRET_KEY, label=signer.label))
    timestamp = str(int(clock.now().timestamp()))
    message_id = delivery.message_id or f"msg_{delivery.pk.hex}"
    signed = [standard_signature(_key(secret), message_id, timestamp, delivery.body) for secret in secrets]
    headers = {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": " ".join(signed)}
    task_ids = read_callback(delivery.body).task_ids
    if task_ids:
        # One value only: KIE's scheme knows no change of secrets, so the new one holds at once.
        headers |= {"X-Webhook-Timestamp": timestamp, "X-Webhook-Signature": signature(secrets[0], task_ids[0], timestamp)}
    return headers


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX))
