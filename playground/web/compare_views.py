"""One prompt, two to four models: the form, what it costs together, the run, and the columns that come of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import push_url

from playground.accounts import ratelimit
from playground.accounts.models import Membership
from playground.accounts.permissions import Permission
from playground.catalog.card import Card
from playground.gallery import comparisons
from playground.gallery.collections import CollectionError
from playground.gallery.models import Comparison
from playground.jobs import queries
from playground.web import compare_running
from playground.web.access import allowed, member_required
from playground.web.announce import say
from playground.web.compare_page import ComparePage, address, asked_of, models_of, usual_cards
from playground.web.context import shell_for
from playground.web.htmx import fresh, is_htmx
from playground.web.running import Refusal
from playground.web.stage import card_of


@require_safe
@member_required
def compare(request: HttpRequest, membership: Membership) -> HttpResponse:
    """The form for the models that the address names; without any, for those used last."""
    cards, notes = models_of(request.GET)
    if not cards:
        cards = usual_cards(membership, shell_for(request).mode)
    page = ComparePage(request, membership, cards, notes)
    form = page.form(initial=_initial(page, request.GET.get("from", "")))
    return fresh(request, "compare/compare.html", page.form_context(form))


def _initial(page: ComparePage, text: str) -> dict[str, Any]:
    """The prompt and the settings of a take."""
    if not text:
        return {}
    number = int(text) if text.isdecimal() and len(text) < 10 else 0
    job = queries.job_by_number(page.membership.team_id, page.shell.mode, number)
    if job is None:
        raise Http404(_("There is no take %(number)s here.") % {"number": text[:20]})
    return asked_of([(card_of(job), job)])


@require_POST
@member_required
def compare_quote(request: HttpRequest, membership: Membership) -> HttpResponse:
    """What all of it costs as it is typed so far. With `_add` or `_drop` a model comes or goes first."""
    wait_seconds = ratelimit.allow("quote", str(membership.user_id), settings.QUOTES_PER_MINUTE)
    cards, notes = models_of(_with_models_changed(request.POST))
    page = ComparePage(request, membership, cards, notes)
    form = page.form(request.POST)
    if wait_seconds is not None:
        problem = _("Next price in %(seconds)s s.") % {"seconds": f"{wait_seconds:.0f}"}
        return compare_running.refuse(page, form, Refusal(429, problem, retry_after_seconds=wait_seconds))
    context = page.form_context(form)
    if not is_htmx(request):
        return fresh(request, "compare/compare.html", context)
    if "_add" not in request.POST and "_drop" not in request.POST:
        return fresh(request, "compare/_quoted.html", context | {"is_on_result": "c" in request.POST})
    response = fresh(request, "compare/_all_again.html", context)
    push_url(response, address(cards))
    return say(response, ngettext("%(count)s model", "%(count)s models", len(cards)) % {"count": len(cards)})


def _with_models_changed(data: QueryDict) -> QueryDict:
    copy = data.copy()
    models = [text for text in data.getlist("m") if text != data.get("_drop", "")]
    copy.setlist("m", [*models, *data.getlist("_add")])
    return copy


@require_POST
@member_required
def compare_run(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Every model's job, or none of them. Refusals spend nothing and give the form back as it was typed."""
    cards, notes = models_of(request.POST)
    page = ComparePage(request, membership, cards, notes)
    form = page.form(request.POST)
    try:
        comparison = compare_running.run(page, form)
    except Refusal as refusal:
        return compare_running.refuse(page, form, refusal)
    url = reverse("comparison", args=[comparison.pk])
    if not is_htmx(request):
        return _see(url)
    response = fresh(request, "compare/_ran.html", page.result_context(comparison))
    push_url(response, url)
    return say(response, _("%(count)s takes sent") % {"count": len(cards)})


@require_safe
@member_required
def comparison(request: HttpRequest, membership: Membership, comparison_id: UUID) -> HttpResponse:
    """The columns; without JavaScript the page looks again every five seconds until all have ended."""
    found = comparison_or_404(membership, comparison_id)
    no_cards: list[Card] = []
    context = ComparePage(request, membership, no_cards).result_context(found)
    return fresh(request, "compare/compare.html", context)


def comparison_or_404(membership: Membership, comparison_id: UUID) -> Comparison:
    found = comparisons.comparison_for_team(membership.team_id, comparison_id)
    if found is None:
        raise Http404(_("There is no such comparison."))
    return found


@require_POST
@allowed(Permission.RUN)
def comparison_pick(request: HttpRequest, membership: Membership, comparison_id: UUID) -> HttpResponse:
    """One take of the comparison, in place of the one that was picked before."""
    found = comparison_or_404(membership, comparison_id)
    try:
        job_id = UUID(request.POST.get("job", ""))
        comparisons.pick(found, membership, job_id)
    except ValueError:
        raise Http404(_("There is no such take.")) from None
    except comparisons.NothingToPick:
        messages.error(request, _("This take cannot be picked: it is not there any more, or not yet."))
        return _see(reverse("comparison", args=[found.pk]))
    if not is_htmx(request):
        return _see(reverse("comparison", args=[found.pk]))
    context = ComparePage(request, membership, []).result_context(comparison_or_404(membership, comparison_id))
    return say(fresh(request, "compare/_picked.html", context), _("Picked, and kept as a favourite"))


@require_POST
@allowed(Permission.SHARE)
def comparison_share(request: HttpRequest, membership: Membership, comparison_id: UUID) -> HttpResponse:
    """Gathers its takes in a collection and goes on to that one's page of links."""
    found = comparison_or_404(membership, comparison_id)
    try:
        collection = comparisons.gather(found, membership.user)
    except comparisons.NothingToPick:
        messages.error(request, _("There is no take to share yet."))
        return _see(reverse("comparison", args=[found.pk]))
    except CollectionError as error:
        messages.error(request, str(error))
        return _see(reverse("comparison", args=[found.pk]))
    return _see(reverse("collection-share", args=[collection.pk]))


def _see(url: str) -> HttpResponse:
    response = HttpResponse(status=303)
    response["Location"] = url
    return response
