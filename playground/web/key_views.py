"""API keys: making one, whose secret is shown once, changing, rotating and revoking them."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from playground.accounts import keyring
from playground.accounts import keys as team_keys
from playground.accounts.errors import AccountsError
from playground.accounts.models import ApiKey, Membership
from playground.accounts.permissions import Permission
from playground.credits import keycaps
from playground.credits.errors import LedgerError
from playground.web.access import allowed
from playground.web.htmx import fresh
from playground.web.key_forms import KeyChangeForm, KeyForm, RotateForm
from playground.web.keys_page import key_page, one_key_page
from playground.web.oncetokens import is_first


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Permission.OWN_KEYS)
def keys(request: HttpRequest, membership: Membership) -> HttpResponse:
    """The list, and the form that makes a key. The secret stands on the answer itself, once."""
    if request.method != "POST":
        return key_page(request, membership)
    form = KeyForm(request.POST)
    if not form.is_valid():
        return key_page(request, membership, status=422, form=form)
    if not is_first(request, "key"):
        messages.info(request, _("That key was made already. Its secret is not shown again: revoke it if it was lost."))
        return redirect("keys")
    try:
        made, secret = keycaps.make_key(membership, mode=form.cleaned_data["kind"], wanted=form.wanted, caps=form.caps)
    except (AccountsError, LedgerError) as error:
        form.add_error("name", str(error))
        return key_page(request, membership, status=422, form=form)
    return key_page(request, membership, made=made, secret=secret)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Permission.OWN_KEYS)
def key(request: HttpRequest, membership: Membership, key_id: int) -> HttpResponse:
    """One key: what it may do, and the form that changes it."""
    found = _key_or_404(membership, key_id)
    if request.method != "POST":
        return one_key_page(request, found)
    form = KeyChangeForm(found, keycaps.caps_of(found), request.POST)
    if not form.is_valid():
        return one_key_page(request, found, status=422, form=form)
    try:
        is_new = keycaps.change_key(membership, found, wanted=form.wanted, caps=form.caps)
    except (AccountsError, LedgerError) as error:
        return one_key_page(request, found, status=422, form=form, problem=str(error))
    messages.success(request, _("Changes saved.") if is_new else _("Nothing was changed."))
    return redirect("key", found.pk)


@require_POST
@allowed(Permission.OWN_KEYS)
def rotate(request: HttpRequest, membership: Membership, key_id: int) -> HttpResponse:
    """A new secret for the same key, shown once; the old one goes on for as long as was chosen."""
    found = _key_or_404(membership, key_id)
    form = RotateForm(request.POST)
    if not form.is_valid():
        return one_key_page(request, found, status=422, rotation=form)
    if not is_first(request, "key"):
        messages.info(request, _("That secret was made already. It is not shown again: rotate the key once more if it was lost."))
        return redirect("key", found.pk)
    try:
        secret = keyring.rotate_key(found, overlap_hours=int(form.cleaned_data["overlap"]))
    except AccountsError as error:
        return one_key_page(request, found, status=422, problem=str(error))
    return one_key_page(request, found, secret=secret)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Permission.OWN_KEYS)
def revoke(request: HttpRequest, membership: Membership, key_id: int) -> HttpResponse:
    """GET asks; POST ends the key at once, with both of its secrets."""
    key = _key_or_404(membership, key_id)
    context = {"nav": "keys", "key": key, "shown": team_keys.shown(key), "is_in_use": team_keys.is_in_use(key)}
    if request.method != "POST":
        return fresh(request, "keys/revoke.html", context)
    typed = request.POST.get("name", "")
    try:
        is_new = team_keys.revoke_by_name(key, typed)
    except team_keys.WrongName as error:
        return fresh(request, "keys/revoke.html", context | {"problem": str(error), "typed": typed}, status=422)
    words = _("%(name)s is revoked: programs that use it are refused.") if is_new else _("%(name)s was revoked before.")
    messages.success(request, words % {"name": key.name})
    return redirect("keys")


def _key_or_404(membership: Membership, key_id: int) -> ApiKey:
    try:
        return team_keys.visible_key(membership, key_id)
    except (ApiKey.DoesNotExist, OverflowError):
        raise Http404("There is no such key.") from None
