"""`/healthz`, for load balancers and watchdogs: well or not. What is wrong stays inside."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from playground.jobs import health


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    is_well = not health.problems()
    response = JsonResponse({"status": "ok" if is_well else "unavailable"}, status=200 if is_well else 503)
    response.headers["Cache-Control"] = "no-store"
    return response
