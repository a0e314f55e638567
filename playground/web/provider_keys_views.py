"""For the operator: entering, replacing and removing our keys at the providers, and looking whether they work."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from playground.accounts import ratelimit
from playground.accounts.models import Membership
from playground.accounts.permissions import Permission
from playground.jobs import provider_check, provider_keys
from playground.jobs.provider_keys import InvalidKey, KeyState, Kind
from playground.web.access import allowed
from playground.web.provider_views import Refusal, page
from playground.web.upstream_balance import is_operator

# Each is a handful of requests to the provider, and holds a thread of ours meanwhile.
CHECKS_PER_MINUTE = 6


@sensitive_post_parameters("provider_key")
@require_POST
@allowed(Permission.PROVIDERS)
def key(request: HttpRequest, membership: Membership, name: str) -> HttpResponse:
    """Set or remove one key. What was typed is never given back, not even after a refusal."""
    state = _state_or_404(request, name, request.POST.get("kind", ""))
    if request.POST.get("action") == "remove":
        is_removed = provider_keys.remove(name, state.kind)
        messages.success(request, (_("%(key)s removed.") if is_removed else _("No %(key)s was entered.")) % {"key": state.name})
        return _back(name)
    try:
        provider_keys.save(name, request.POST.get("provider_key", ""), state.kind)
    except InvalidKey as refusal:
        return page(request, membership, refusal=Refusal(name, state.kind, str(refusal)), status=422)
    _tell_of(request, name, state)
    return _back(name)


@require_POST
@allowed(Permission.PROVIDERS)
def check(request: HttpRequest, membership: Membership, name: str) -> HttpResponse:
    """Ask the provider now: key, balance, uploads, callbacks."""
    _state_or_404(request, name, Kind.API)
    wait = _wait(request)
    if wait is not None:
        return page(request, membership, checked=name, busy_seconds=wait, status=429)
    return page(request, membership, checked=name, findings=list(provider_check.check(name)))


def _state_or_404(request: HttpRequest, name: str, kind: str) -> KeyState:
    if not is_operator(request):
        raise PermissionDenied(_("Provider keys are entered by the person who runs this installation."))
    for state in provider_keys.states(name):
        if state.kind == kind:
            return state
    raise Http404


def _tell_of(request: HttpRequest, name: str, state: KeyState) -> None:
    """What became of a key that was just saved. It is kept whatever the provider says, for it may be out of reach."""
    saved = _("%(key)s saved.") % {"key": state.name}
    if state.source == "environment":
        wins = _("%(variable)s is set in the environment and wins over it.") % {"variable": state.variable}
        messages.warning(request, f"{saved} {wins}")
    elif state.kind != Kind.API or _wait(request) is not None:
        messages.success(request, saved)
    else:
        findings = provider_check.check_key(name)
        level = messages.ERROR if findings[0].is_ok is False else messages.SUCCESS
        messages.add_message(request, level, " ".join([saved, *(finding.words for finding in findings)]))


def _wait(request: HttpRequest) -> int | None:
    """None when the provider may be asked now, else the seconds until it may."""
    wait = ratelimit.allow("provider-check", str(request.user.pk), CHECKS_PER_MINUTE)
    return None if wait is None else int(wait) + 1


def _back(name: str) -> HttpResponse:
    return redirect(f"{reverse('providers')}#account-{name}")
