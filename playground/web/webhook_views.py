"""Webhooks: endpoints, whose secrets are shown once, test events, and deliveries that are sent again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from playground.accounts import ratelimit
from playground.accounts.models import Membership
from playground.accounts.permissions import Permission
from playground.jobs import wakeup
from playground.web.access import allowed
from playground.web.context import shell_for
from playground.web.htmx import fresh
from playground.web.oncetokens import is_first
from playground.web.webhooks_page import EndpointForm, delivery_or_404, delivery_page, endpoint_or_404, endpoint_page, list_page
from playground.webhooks import endpoints, services
from playground.webhooks.endpoints import RefusedEndpoint

# Each has our server call an address of the team's choice.
SENDS_PER_MINUTE = 20


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Permission.WEBHOOKS)
def webhooks(request: HttpRequest, membership: Membership) -> HttpResponse:
    """The endpoints of this mode, and the form that makes one. The secret stands on the answer itself, once."""
    if request.method != "POST":
        return list_page(request, membership)
    form = EndpointForm(request.POST)
    if not form.is_valid():
        return list_page(request, membership, status=422, form=form)
    if not is_first(request, "webhook"):
        messages.info(request, _("That webhook was made already. Its secret is not shown again: make a new one if it was lost."))
        return redirect("webhooks")
    given = form.cleaned_data
    try:
        made, secret = endpoints.create(membership, mode=shell_for(request).mode, url=given["url"], description=given["description"])
    except RefusedEndpoint as error:
        form.add_error("url", str(error))
        return list_page(request, membership, status=422, form=form)
    return list_page(request, membership, made=made, secret=secret)


@require_POST
@allowed(Permission.WEBHOOKS)
def task_secret(request: HttpRequest, membership: Membership) -> HttpResponse:
    """A new secret for callbacks to the addresses that single tasks name."""
    if not is_first(request, "webhook"):
        messages.info(request, _("That secret was made already. It is not shown again: make a new one if it was lost."))
        return redirect("webhooks")
    return list_page(request, membership, is_for_tasks=True, secret=endpoints.show_task_secret(membership.team_id))


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Permission.WEBHOOKS)
def webhook(request: HttpRequest, membership: Membership, endpoint_id: UUID) -> HttpResponse:
    """One endpoint: what it is, its last deliveries, and what can be done with it."""
    endpoint = endpoint_or_404(request, membership, endpoint_id)
    if request.method != "POST":
        return endpoint_page(request, endpoint)
    form = EndpointForm(request.POST)
    if not form.is_valid():
        return endpoint_page(request, endpoint, status=422, form=form)
    is_new = endpoints.change(endpoint, **form.cleaned_data)
    messages.success(request, _("Changes saved.") if is_new else _("Nothing was changed."))
    return redirect("webhook", endpoint.pk)


@require_POST
@allowed(Permission.WEBHOOKS)
def secret(request: HttpRequest, membership: Membership, endpoint_id: UUID) -> HttpResponse:
    """A new secret in place of the old one, which goes on signing for a day."""
    endpoint = endpoint_or_404(request, membership, endpoint_id)
    if not is_first(request, "webhook"):
        messages.info(request, _("That secret was made already. It is not shown again: make a new one if it was lost."))
        return redirect("webhook", endpoint.pk)
    made = endpoints.rotate(endpoint)
    endpoint.refresh_from_db()
    return endpoint_page(request, endpoint, secret=made)


@require_POST
@allowed(Permission.WEBHOOKS)
def test(request: HttpRequest, membership: Membership, endpoint_id: UUID) -> HttpResponse:
    """Send a test event; the page of its delivery says what came of it."""
    endpoint = endpoint_or_404(request, membership, endpoint_id)
    if wait := _seconds_to_wait(request):
        return endpoint_page(request, endpoint, status=429, problem=_too_often(wait))
    delivery = endpoints.send_test_event(endpoint)
    wakeup.poke_callbacks()
    return redirect("delivery", delivery.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Permission.WEBHOOKS)
def remove(request: HttpRequest, membership: Membership, endpoint_id: UUID) -> HttpResponse:
    """GET asks; POST ends the endpoint."""
    endpoint = endpoint_or_404(request, membership, endpoint_id)
    if request.method != "POST":
        return fresh(request, "webhooks/remove.html", {"nav": "keys", "endpoint": endpoint})
    endpoints.remove(endpoint)
    messages.success(request, _("The webhook is removed: nothing is sent to it any more."))
    return redirect("webhooks")


@require_safe
@allowed(Permission.WEBHOOKS)
def delivery(request: HttpRequest, membership: Membership, delivery_id: UUID) -> HttpResponse:
    """What was sent, and every answer."""
    return delivery_page(request, delivery_or_404(request, membership, delivery_id))


@require_POST
@allowed(Permission.WEBHOOKS)
def again(request: HttpRequest, membership: Membership, delivery_id: UUID) -> HttpResponse:
    """Send it once more, now."""
    old = delivery_or_404(request, membership, delivery_id)
    if wait := _seconds_to_wait(request):
        return delivery_page(request, old, status=429, problem=_too_often(wait))
    new = services.deliver_again(old)
    if new is None:
        messages.info(request, _("It is just being sent."))
        return redirect("delivery", old.pk)
    wakeup.poke_callbacks()
    return redirect("delivery", new.pk)


def _seconds_to_wait(request: HttpRequest) -> int:
    """0 when something may be sent now."""
    wait = ratelimit.allow("webhook-send", str(request.user.pk), SENDS_PER_MINUTE)
    return 0 if wait is None else int(wait) + 1


def _too_often(seconds: int) -> str:
    return _("You had %(count)s messages sent in the last minute. The next one can go out in %(seconds)s s.") % {
        "count": SENDS_PER_MINUTE,
        "seconds": seconds,
    }
