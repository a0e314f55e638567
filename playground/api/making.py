"""The one way in which the API makes jobs, whatever contract asks: what refuses a job becomes the contract's error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from playground.accounts import ratelimit
from playground.accounts.access import KeyIdentity
from playground.api.envelopes import ApiError, Mistake, invalid, unknown_model
from playground.api.spellings import as_the_card_spells
from playground.api.taskrequests import INPUT, mistake_of
from playground.catalog import registry
from playground.catalog.card import Card
from playground.core.money import credits_number
from playground.credits.errors import BudgetExceeded, InsufficientCredits
from playground.jobs.creation import CreatedJob, NewJob, create_job
from playground.jobs.errors import IdempotencyConflict, InvalidInput, JobError, QueueFull
from playground.wire import doors

QUEUE_FULL_RETRY_SECONDS = 10
LONGEST_IDEMPOTENCY_KEY = 255
# KIE's code for a key that has used up what it may.
CAP_REACHED = 433


def count_task(identity: KeyIdentity) -> None:
    """Raises ApiError 429 beyond the key's rate; asked before a body is read."""
    wait_seconds = ratelimit.allow("create-task", str(identity.key_id), settings.CREATE_TASKS_PER_MINUTE)
    if wait_seconds is not None:
        raise ApiError(429, "Too many new tasks with this API key.", retry_after_seconds=wait_seconds)


def card_of(model: str, gateway: str | None) -> Card:
    try:
        return registry.get(model, gateway)
    except registry.UnknownModel as error:
        raise unknown_model(error) from None


def make(
    request: HttpRequest,
    identity: KeyIdentity,
    card: Card,
    payload: Mapping[str, Any],
    *,
    callback_url: str = "",
    served_as: str = doors.MARKET,
    at: str = INPUT,
    only_once: str = "",
) -> CreatedJob:
    """`at` is where the payload stands in the body; `only_once` names what the team must not pay for twice, whatever the
    client says of repetition. Raises ApiError, with nothing written and nothing held.
    """
    new = NewJob(
        team_id=identity.team_id,
        mode=identity.mode,
        model_id=card.id,
        payload=as_the_card_spells(card, payload, at),
        source="api",
        gateway=card.gateway,
        user_id=identity.user_id,
        key_id=identity.key_id,
        callback_url=callback_url,
        served_as=served_as,
        idempotency_scope="once" if only_once else f"key:{identity.key_id}",
        idempotency_key=only_once or _idempotency_key(request),
    )
    return _created(new, at)


def _created(new: NewJob, at: str) -> CreatedJob:
    try:
        return create_job(new)
    except InsufficientCredits as error:
        raise ApiError(402, f"Credits insufficient. {error}") from None
    except BudgetExceeded as error:
        # ModKie knows one code for credits that do not reach.
        code = CAP_REACHED if error.is_of_key and new.served_as != doors.MODKIE else 402
        raise ApiError(code, str(error), data=_left(error)) from None
    except QueueFull as error:
        raise ApiError(429, str(error), retry_after_seconds=QUEUE_FULL_RETRY_SECONDS) from None
    except InvalidInput as error:
        raise invalid([mistake_of(problem, at) for problem in error.problems]) from None
    except IdempotencyConflict as error:
        raise ApiError(422, str(error), mistakes=[Mistake("", "idempotency_conflict", str(error))]) from None
    except JobError as error:
        raise ApiError(422, str(error)) from None


def _left(error: BudgetExceeded) -> dict[str, Any]:
    """For programs: what the message says in words."""
    return {
        "neededCredits": credits_number(error.needed_millicredits),
        "leftCredits": credits_number(error.left_millicredits),
        "period": error.period,
        "begins": error.begins_anew_at.isoformat() if error.begins_anew_at else None,
    }


def _idempotency_key(request: HttpRequest) -> str:
    key: str | None = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return ""
    # An empty key protects nothing, and a client that sends one believes that it does.
    if not 1 <= len(key) <= LONGEST_IDEMPOTENCY_KEY or not key.isascii() or not key.isprintable():
        raise ApiError(400, f"Idempotency-Key must be 1 to {LONGEST_IDEMPOTENCY_KEY} printable ASCII characters.")
    return key
