"""The first run: an owner's account, a provider key, a first take. The printed link is the only way in."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from playground.accounts import people, services
from playground.accounts.models import Membership
from playground.jobs import provider_keys
from playground.web import checklist, firstrun
from playground.web.access import member_required
from playground.web.account_forms import OwnerForm
from playground.web.catalogue import default_card
from playground.web.htmx import fresh
from playground.web.signin import enter, is_throttled, note_address, too_many_tries

PROVIDERS = {"kie": "KIE", "modkie": "ModKie"}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """Step 1. Without a valid token there is no such page, and there is none once an owner can get in."""
    token = str((request.POST if request.method == "POST" else request.GET).get("token", ""))
    link = services.find_sign_in_link(token) if token else None
    if link is None or not firstrun.is_open_for(link.user):
        if token and is_throttled(request):
            return too_many_tries(request)
        raise Http404
    is_skipped = request.POST.get("action") == "skip"
    form = OwnerForm(link.user, request.POST if request.method == "POST" and not is_skipped else None)
    if request.method != "POST" or not (is_skipped or form.is_valid()):
        return fresh(request, "setup/owner.html", {"form": form, "token": token}, status=422 if form.errors else 200)
    typed = {} if is_skipped else {"name": form.cleaned_data["name"], "email": form.cleaned_data["email"]}
    owner = people.set_up_owner(token, **typed, password="" if is_skipped else form.cleaned_data["password1"])
    if owner is None:
        raise Http404
    if not is_skipped:
        note_address(owner, is_verified=False)
    return enter(request, owner, "setup", to=reverse("setup-provider"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def provider(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Step 2: the key with which live jobs are made, or test mode for now."""
    if not membership.user.is_operator:
        raise PermissionDenied(_("Provider keys are set by whoever runs this installation."))
    errors = {}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "").strip() for name in PROVIDERS}
        for name, key in typed.items():
            try:
                if key:
                    provider_keys.save(name, key)
            except provider_keys.InvalidKey as error:
                errors[name] = str(error)
        if not any(typed.values()):
            errors["kie"] = _("Enter a key, or use test mode.")
        if not errors:
            return redirect("setup-take")
    rows = [
        {"name": name, "title": title, "error": errors.get(name, ""), "is_set": bool(provider_keys.read(name))}
        for name, title in PROVIDERS.items()
    ]
    return fresh(request, "setup/provider.html", {"rows": rows}, status=422 if errors else 200)


@require_safe
@member_required
def take(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Step 3: the example of the model that is shown first, ready to run on its own page."""
    card = default_card()
    run = f"{reverse('model-playground', args=card.key)}?prompt=example"
    context = {"card": card, "prompt": card.example.get("prompt", ""), "run": run}
    return fresh(request, "setup/take.html", context)


@require_POST
@member_required
def hide_checklist(request: HttpRequest, membership: Membership) -> HttpResponse:
    return checklist.hide(redirect("models"), request)
