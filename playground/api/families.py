"""Veo, Runway and Aleph: a path per model, the payload itself as the body, and a record in each family's own shape.

Which job belongs to which family is said by its card's endpoint, whatever door it came through: a job of createTask can be
asked about here, and one of these by recordInfo.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from playground.accounts.access import KeyIdentity
from playground.accounts.models import Scope
from playground.api.bodies import json_object
from playground.api.entry import View, endpoint
from playground.api.envelopes import UNKNOWN_MODEL, ApiError, Mistake, invalid, success
from playground.api.jobs import asked_id, job_by_text, told
from playground.api.making import card_of, count_task, make
from playground.api.taskrequests import BODY, wrong_text
from playground.catalog.values import without_empty
from playground.jobs.clips import full_record_for
from playground.jobs.models import Job
from playground.wire import aleph, doors, runway, veo
from playground.wire.envelope import envelope

GATEWAY = "kie"
VEO_PATH, RUNWAY_PATH, ALEPH_PATH = "/api/v1/veo/", "/api/v1/runway/", "/api/v1/aleph/"
VEO_MODELS = ("veo3_fast", "veo3", "veo3_lite")
LEGACY = "legacy"


def _making(model_of: Callable[[dict[str, Any]], str], served_as: str) -> View[[]]:
    @endpoint("POST", Scope.GENERATE)
    def view(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
        count_task(identity)
        body = json_object(request)
        if mistakes := [*wrong_text(body, "callBackUrl"), *wrong_text(body, "model")]:
            raise invalid(mistakes)
        callback_url = body.pop("callBackUrl", None) or ""
        card = card_of(model_of(body), GATEWAY)
        door = doors.VEO_LEGACY if served_as == doors.VEO and is_legacy(request, identity) else served_as
        # An empty field says nothing: clients of these contracts send all of theirs, filled in or not.
        created = make(request, identity, card, without_empty(body), callback_url=callback_url, served_as=door, at=BODY)
        return told(created, envelope(200, "success", {"taskId": created.job.pk.hex}))

    return view


def _veo_model(body: dict[str, Any]) -> str:
    """The contract's default, which is not the best: it is documented so."""
    model: str = body.get("model") or VEO_MODELS[0]
    if model not in VEO_MODELS:
        words = f"model must be one of {', '.join(VEO_MODELS)}."
        raise ApiError(422, UNKNOWN_MODEL, mistakes=[Mistake("/model", "unknown_model", words)])
    return model


def is_legacy(request: HttpRequest, identity: KeyIdentity) -> bool:
    """By `?shape=`, which goes before the key's setting."""
    asked = request.GET.get("shape", "")
    return asked == LEGACY if asked else identity.is_veo_legacy


veo_generate = _making(_veo_model, doors.VEO)
veo_extend = _making(lambda body: "veo/extend", doors.VEO)
runway_generate = _making(lambda body: "runway/generate", doors.RUNWAY)
runway_extend = _making(lambda body: "runway/extend", doors.RUNWAY)
aleph_generate = _making(lambda body: "runway/aleph", doors.ALEPH)


@endpoint("GET", Scope.READ)
def veo_record(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    """`?shape=legacy` asks for the older shape, as does the key's setting, or a job that was made so."""
    task_id = asked_id(request)
    job = job_of_family(task_id, identity, VEO_PATH)
    if job is None:
        raise ApiError(422, f"Record not found for taskId: {task_id[:100]}")
    shape = veo.legacy_data if is_legacy(request, identity) or job.served_as == doors.VEO_LEGACY else veo.record_data
    return success(shape(full_record_for(job)))


@endpoint("GET", Scope.READ)
def runway_record(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    """Measured: an unknown task is a success without data."""
    job = job_of_family(asked_id(request), identity, RUNWAY_PATH)
    return success(runway.record_data(full_record_for(job)) if job else None)


@endpoint("GET", Scope.READ)
def aleph_record(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    job = job_of_family(asked_id(request), identity, ALEPH_PATH)
    return success(aleph.record_data(full_record_for(job)) if job else None)


def job_of_family(task_id: object, identity: KeyIdentity, path: str) -> Job | None:
    job = job_by_text(task_id, identity)
    return job if job and job.endpoint.partition(" ")[2].startswith(path) else None
