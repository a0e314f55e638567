"""What the pages of webhooks show: endpoints, signing secrets, deliveries and their tries."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from playground.accounts.models import Membership
from playground.core import ids
from playground.jobs.models import Job
from playground.web.context import shell_for
from playground.web.htmx import fresh
from playground.webhooks import endpoints
from playground.webhooks.models import Delivery, DeliveryState, Endpoint, TaskSigner, Try
from playground.webhooks.services import BACKOFF_SECONDS, MOST_TRIES
from playground.webhooks.signing import OVERLAP_HOURS

SHOWN = 20


class EndpointForm(forms.Form):
    url = forms.CharField(max_length=endpoints.LONGEST_URL, strip=True)
    description = forms.CharField(max_length=endpoints.LONGEST_DESCRIPTION, required=False, strip=True)
    is_enabled = forms.BooleanField(required=False)

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if problem := endpoints.address_problem(url):
            raise ValidationError(problem, code="address")
        return url


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """`task` is the number of the take, None for a test event or a task that is gone."""

    delivery: Delivery
    task: int | None

    @property
    def is_waiting(self) -> bool:
        return self.delivery.state == DeliveryState.PENDING

    @property
    def is_under_way(self) -> bool:
        """It moves within seconds: not tried yet, or just being sent."""
        return self.is_waiting and (self.delivery.attempts == 0 or self.delivery.lease_token is not None)


@dataclass(frozen=True, slots=True)
class TryRow:
    """`request` is what was sent, as it goes over the wire; "" where that is not known."""

    tried: Try
    request: str


def rows_of(deliveries: Iterable[Delivery]) -> list[DeliveryRow]:
    found = list(deliveries)
    jobs = [delivery.job_id for delivery in found if delivery.job_id]
    numbers: dict[UUID, int] = dict(Job.objects.filter(pk__in=jobs).values_list("pk", "number")) if jobs else {}
    return [DeliveryRow(delivery, numbers.get(delivery.job_id) if delivery.job_id else None) for delivery in found]


def list_page(request: HttpRequest, membership: Membership, *, status: int = 200, **changes: Any) -> HttpResponse:
    """The whole page. `changes`: form; made (the endpoint just made) or is_for_tasks, with secret."""
    mode = shell_for(request).mode
    latest = Delivery.objects.filter(team_id=membership.team_id, mode=mode).select_related("endpoint")
    context: dict[str, Any] = {
        "nav": "keys",
        "form": EndpointForm(),
        "nonce": ids.new_secret(random_bytes=16),
        "endpoints": endpoints.of_team(membership.team_id, mode),
        "most_endpoints": endpoints.MOST_ENDPOINTS,
        "rows": rows_of(latest.order_by("-created_at", "-pk")[:SHOWN]),
        "signer": TaskSigner.objects.filter(team_id=membership.team_id, is_known=True).first(),
        "overlap_hours": OVERLAP_HOURS,
    }
    return fresh(request, "webhooks/webhooks.html", context | changes, status=status)


def endpoint_page(request: HttpRequest, endpoint: Endpoint, *, status: int = 200, **changes: Any) -> HttpResponse:
    """The page of one endpoint. `changes`: form, secret (a new one), problem."""
    known = {"url": endpoint.url, "description": endpoint.description, "is_enabled": endpoint.is_enabled}
    context: dict[str, Any] = {
        "nav": "keys",
        "endpoint": endpoint,
        "nonce": ids.new_secret(random_bytes=16),
        "form": EndpointForm(initial=known),
        "rows": rows_of(endpoint.deliveries.order_by("-created_at", "-pk")[:SHOWN]),
        "overlap_hours": OVERLAP_HOURS,
    }
    return fresh(request, "webhooks/webhook.html", context | changes, status=status)


def delivery_page(request: HttpRequest, delivery: Delivery, *, status: int = 200, problem: str = "") -> HttpResponse:
    (row,) = rows_of([delivery])
    context = {
        "nav": "keys",
        "row": row,
        "delivery": delivery,
        "body": _pretty(delivery.body),
        "tries": [TryRow(tried, _as_sent(delivery, tried)) for tried in delivery.tries.order_by("-number")],
        "most_tries": MOST_TRIES,
        "all_hours": sum(BACKOFF_SECONDS) // 3600,
        "problem": problem,
    }
    return fresh(request, "webhooks/delivery.html", context, status=status)


def endpoint_or_404(request: HttpRequest, membership: Membership, endpoint_id: UUID) -> Endpoint:
    endpoint = endpoints.find(membership.team_id, shell_for(request).mode, endpoint_id)
    if endpoint is None:
        raise Http404(_("There is no such webhook."))
    return endpoint


def delivery_or_404(request: HttpRequest, membership: Membership, delivery_id: UUID) -> Delivery:
    found = Delivery.objects.filter(team_id=membership.team_id, mode=shell_for(request).mode, pk=delivery_id)
    delivery = found.select_related("endpoint").first()
    if delivery is None:
        raise Http404(_("There is no such delivery."))
    return delivery


def _pretty(body: str) -> str:
    return json.dumps(json.loads(body), ensure_ascii=False, indent=2)


def _as_sent(delivery: Delivery, tried: Try) -> str:
    if not tried.headers:
        return ""
    return "\n".join([f"POST {delivery.url}", *(f"{name}: {value}" for name, value in tried.headers.items()), "", delivery.body])
