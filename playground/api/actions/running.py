"""What each action does: one function each, from a request to the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from playground.accounts import ratelimit
from playground.accounts.access import KeyIdentity
from playground.api.actions.catalogue import Action
from playground.api.actions.inputs import OPTIONS, checked, wanted
from playground.api.actions.scenes import card_for
from playground.api.actions.schemas import DEFAULT_TIMEOUT_MS
from playground.api.actions.tasks import told
from playground.api.actions.waits import answer_at_the_end, place_to_wait
from playground.api.bodies import json_object
from playground.api.dry_run import verdict
from playground.api.envelopes import NO_RECORD, ApiError, Mistake, invalid, success
from playground.api.jobs import job_by_text
from playground.api.making import count_task, make
from playground.api.models import listed_models, model_data
from playground.api.prices import plain
from playground.api.taskrequests import mistake_of
from playground.core.money import credits_number
from playground.credits.services import account_for
from playground.jobs import services
from playground.jobs.assessment import assess
from playground.jobs.creation import CreatedJob
from playground.jobs.models import Job


@dataclass(frozen=True, slots=True)
class Call:
    action: Action
    request: HttpRequest
    identity: KeyIdentity

    def body(self) -> dict[str, Any]:
        """Read and checked when it is asked for: what is refused before costs no reading."""
        return checked(self.action, json_object(self.request), self.identity)


def generate(call: Call) -> HttpResponse:
    count_task(call.identity)
    created = _made(call, call.body())
    return told(created.job, is_new=created.is_new)


def generate_and_wait(call: Call) -> HttpResponse:
    count_task(call.identity)
    body = call.body()
    slot = place_to_wait(call.request, call.identity)
    try:
        created = _made(call, body)
    except BaseException:
        slot.release()
        raise
    return answer_at_the_end(call.request, created, slot, body.get("timeoutMs", DEFAULT_TIMEOUT_MS))


def _made(call: Call, body: Mapping[str, Any]) -> CreatedJob:
    asked = wanted(body)
    try:
        return make(call.request, call.identity, asked.card, asked.payload, at=OPTIONS)
    except ApiError as error:
        raise asked.refused(error) from None


def query(call: Call) -> HttpResponse:
    return told(_task(call))


def cancel(call: Call) -> HttpResponse:
    job = _task(call)
    is_cancelled = services.cancel(job.pk)
    job.refresh_from_db()
    if not is_cancelled:
        words = "This task has ended already." if job.is_final else "The provider has this task already, and it cannot be stopped."
        raise invalid([Mistake("/taskId", "too_late", words)])
    return told(job)


def _task(call: Call) -> Job:
    job = job_by_text(call.body()["taskId"], call.identity)
    if job is None:
        raise ApiError(422, NO_RECORD)
    return job


def quote(call: Call) -> HttpResponse:
    wait_seconds = ratelimit.allow_here("dry-run", str(call.identity.key_id), settings.QUOTES_PER_MINUTE)
    if wait_seconds is not None:
        raise ApiError(429, "Too many dry runs with this API key.", retry_after_seconds=wait_seconds)
    asked = wanted(call.body())
    assessed = assess(asked.card, asked.payload, team_id=call.identity.team_id, mode=call.identity.mode)
    mistakes = [asked.pointed(mistake_of(problem, OPTIONS)) for problem in assessed.problems]
    data = verdict(asked.card, assessed, call.identity, mistakes)
    for hint in data["hints"]:
        if "field" in hint:
            hint["pointer"] = asked.pointer_of(hint["field"])
    chosen = {"scene": asked.scene, "provider": asked.card.gateway, "model": asked.card.id, "input": plain(asked.payload)}
    return success(data | chosen)


def balance(call: Call) -> HttpResponse:
    call.body()
    account = account_for(call.identity.team_id, call.identity.mode)
    return success(
        {
            "available": credits_number(account.available_millicredits),
            "held": credits_number(account.held_millicredits),
            "mode": call.identity.mode,
        }
    )


def list_models(call: Call) -> HttpResponse:
    body = call.body()
    listed = listed_models(call.identity, gateway=body.get("provider", ""), status=body.get("status", ""))
    if "scene" in body:
        models = [entry for entry in listed["models"] if body["scene"] in entry["taskType"]]
        listed = {"total": len(models), "models": models}
    return success(listed)


def model_schema(call: Call) -> HttpResponse:
    card = card_for(call.body())
    everything = model_data(card, call.identity)
    kept = ("model", "gateway", "title", "description", "status", "schema", "limits", "price", "example")
    return success({name: everything[name] for name in kept} | {"scenes": list(card.scenes)})


RUN: Mapping[str, Callable[[Call], HttpResponse]] = {
    "ai.video.generate": generate,
    "ai.video.generate_and_wait": generate_and_wait,
    "ai.video.query": query,
    "ai.video.quote": quote,
    "ai.video.cancel": cancel,
    "credits.balance": balance,
    "models.list": list_models,
    "models.schema": model_schema,
}
