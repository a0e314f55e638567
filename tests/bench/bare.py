"""The bare views that ours are compared with: the same row in or out, the same middleware, no rules at all."""

from __future__ import annotations

import json
from itertools import count
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from playground.jobs.models import Job
from tests.bench.world import job_fields

# Far from the numbers that the product gives out.
_numbers = count(10_000_000)


def nothing(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"code": 200, "msg": "success", "data": None})


@csrf_exempt
def insert(request: HttpRequest) -> JsonResponse:
    body = json.loads(request.body)
    job = Job.objects.create(**job_fields(number=next(_numbers), payload_json=json.dumps(body["input"])))
    return JsonResponse({"code": 200, "msg": "success", "data": {"taskId": job.pk.hex, "recordId": job.pk.hex}})


def select(request: HttpRequest) -> JsonResponse:
    job = Job.objects.get(pk=UUID(request.GET["taskId"]))
    data = {"taskId": job.pk.hex, "model": job.model_id, "state": job.state, "param": job.payload_json}
    return JsonResponse({"code": 200, "msg": "success", "data": data})


def select_many(request: HttpRequest) -> JsonResponse:
    jobs = Job.objects.filter(pk__in=[UUID(job_id) for job_id in request.GET["ids"].split(",")])
    return JsonResponse({"data": [{"taskId": job.pk.hex, "state": job.state, "version": job.version} for job in jobs]})


urlpatterns = [
    path("bare/nothing", nothing),
    path("bare/insert", insert),
    path("bare/select", select),
    path("bare/select-many", select_many),
    path("", include("playground.urls")),
]
