"""Making and revoking links that show a take or a collection to anybody who holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from playground.accounts import permissions
from playground.accounts.models import Membership
from playground.accounts.permissions import Permission
from playground.core import ids
from playground.gallery import shares as links
from playground.gallery.models import Collection, Share
from playground.jobs.models import Take
from playground.web.access import allowed, member_required
from playground.web.context import shell_for
from playground.web.htmx import fresh
from playground.web.oncetokens import is_first
from playground.web.take_views import take_or_404

EXPIRIES = [
    ("1", gettext_lazy("In 1 day")),
    ("7", gettext_lazy("In 7 days")),
    ("30", gettext_lazy("In 30 days")),
    ("never", gettext_lazy("Never")),
]


class ShareForm(forms.Form):
    """How long a link lasts, and what it shows beside the picture."""

    expires = forms.ChoiceField(choices=EXPIRIES, initial="7")
    shows_prompt = forms.BooleanField(required=False)
    allows_download = forms.BooleanField(required=False)


@dataclass(frozen=True, slots=True)
class Row:
    share: Share
    is_over: bool
    may_revoke: bool

    @property
    def title(self) -> str:
        return title_of(self.share)

    @property
    def url(self) -> str:
        """Where it was made."""
        return address_of(self.share)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Permission.SHARE)
def take_share(request: HttpRequest, membership: Membership, take_id: UUID) -> HttpResponse:
    """The form and the links there are; a new link stands on the answer itself, once."""
    return _share(request, membership, take_or_404(membership, take_id))


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Permission.SHARE)
def collection_share(request: HttpRequest, membership: Membership, collection_id: UUID) -> HttpResponse:
    mode = shell_for(request).mode
    collection = Collection.objects.filter(pk=collection_id, team_id=membership.team_id, mode=mode).first()
    if collection is None:
        raise Http404(_("There is no such collection."))
    return _share(request, membership, collection)


def _share(request: HttpRequest, membership: Membership, of: Take | Collection) -> HttpResponse:
    form = ShareForm(request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return _page(request, membership, form, of)
    if not form.is_valid():
        return _page(request, membership, form, of, status=422)
    if not is_first(request, "share"):
        messages.info(request, _("That link was made already. It is not shown again: revoke it if it was lost."))
        return redirect(request.path)
    share, token = links.create_share(
        of=of,
        by=membership.user,
        lasts=links.EXPIRIES[form.cleaned_data["expires"]],
        shows_prompt=form.cleaned_data["shows_prompt"],
        allows_download=form.cleaned_data["allows_download"],
    )
    made = f"{settings.PUBLIC_URL}{reverse('shared', args=[token])}"
    return _page(request, membership, ShareForm(), of, share=share, made=made)


def _page(
    request: HttpRequest,
    membership: Membership,
    form: ShareForm,
    of: Take | Collection,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context: dict[str, Any] = {
        "nav": "gallery",
        "form": form,
        "expiries": EXPIRIES,
        "nonce": ids.new_secret(random_bytes=16),
    }
    if isinstance(of, Take):
        title = _("take %(number)s%(letter)s") % {"number": of.job.number, "letter": links.letter_of(of)}
        context |= {"title": title, "rows": rows_of(links.of_take(of), membership)}
        context |= {"back_url": reverse("take", args=[of.pk]), "back_label": _("Take %(number)s") % {"number": of.job.number}}
    else:
        context |= {"title": of.name, "is_collection": True, "rows": rows_of(links.of_collection(of), membership)}
        context |= {"back_url": f"{reverse('gallery')}?scope=collections", "back_label": _("Collections")}
    return fresh(request, "shares/share.html", context | more, status=status)


def rows_of(found: list[Share], membership: Membership) -> list[Row]:
    return [Row(share, links.is_over(share), links.may_revoke(share, membership)) for share in found]


def title_of(share: Share) -> str:
    """`Take 15`, `Take 15b`, or the collection's name."""
    if share.take is None:
        return str(share.collection)
    return _("Take %(number)s%(letter)s") % {"number": share.take.job.number, "letter": links.letter_of(share.take)}


def address_of(share: Share) -> str:
    if share.take_id is not None:
        return reverse("take-share", args=[share.take_id])
    return reverse("collection-share", args=[share.collection_id])


@require_safe
@allowed(Permission.SHARE)
def shares(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Every link of the team that opens something."""
    rows = rows_of(links.of_team(membership.team_id), membership)
    return fresh(request, "shares/shares.html", {"nav": "gallery", "rows": rows, "is_of_team": True})


@require_POST
@member_required
def revoke(request: HttpRequest, membership: Membership, share_id: UUID) -> HttpResponse:
    """The page and its files are closed from the next request on."""
    share = links.of_id(membership.team_id, share_id)
    if share is None:
        raise Http404(_("There is no such link."))
    if not links.may_revoke(share, membership):
        raise PermissionDenied(permissions.refusal(membership, Permission.ALL_SHARES))
    is_new = links.revoke(share)
    words = _("The link to %(title)s is revoked.") if is_new else _("The link to %(title)s was revoked before.")
    messages.success(request, words % {"title": title_of(share)})
    return redirect("shares" if "_all" in request.POST else address_of(share))
