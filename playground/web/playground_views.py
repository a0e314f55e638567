"""The playground of one model: look, ask the price, run."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import push_url

from playground.accounts import ratelimit
from playground.accounts.models import Membership
from playground.accounts.permissions import Permission, allows
from playground.catalog import lineage, registry
from playground.catalog.card import Card
from playground.jobs import queries
from playground.jobs.models import Job
from playground.web import running
from playground.web.access import member_required
from playground.web.announce import announce_started
from playground.web.catalogue import card_or_404
from playground.web.codeview import keep_choice
from playground.web.htmx import fresh, is_htmx
from playground.web.listfields import RowChange
from playground.web.model_pages import retired
from playground.web.playground_page import PlaygroundPage
from playground.web.provider_views import drift_for_owner
from playground.web.switching import carried_to
from playground.web.uploading import absorb_files, has_refused


@require_safe
@member_required
def model_redirect(request: HttpRequest, membership: Membership, model_id: str) -> HttpResponse:
    """`/models/<id>` without a gateway: the only one that has it, else KIE's."""
    try:
        card = registry.get(model_id)
    except registry.UnknownModel as error:
        raise Http404(str(error)) from None
    return _to(card, request)


def _to(card: Card, request: HttpRequest) -> HttpResponse:
    query = request.GET.urlencode()
    return redirect(f"{reverse('model-playground', args=card.key)}{'?' if query else ''}{query}")


@require_safe
@member_required
def playground(request: HttpRequest, membership: Membership, gateway: str, model_id: str) -> HttpResponse:
    """The page, or for htmx the stage with another take on it."""
    card = card_or_404(gateway, model_id)
    if card.id != model_id:
        return _to(card, request)
    page = PlaygroundPage(request, membership, card)
    shown = _job_by_number(page, request.GET.get("take", ""))
    if shown is not None and (shown.gateway, shown.model_id) != card.key:
        return redirect(f"{reverse('model-playground', args=(shown.gateway, shown.model_id))}?{request.GET.urlencode()}")
    if shown is not None and is_htmx(request):
        return fresh(request, "playground/_shown.html", page.stage_context(shown))
    source = _job_by_number(page, request.GET.get("from", "")) or shown
    job = shown or source or page.newest_job()
    if not card.is_live:
        return retired(page, job)
    context = page.full_context(page.form(initial=_initial(page, source)), job, tab=request.GET.get("tab", ""))
    context["is_plain"] = source is None and "prompt" not in request.GET
    context["drift"] = drift_for_owner(request, membership, card)
    return keep_choice(request, fresh(request, "playground/playground.html", context))


def _job_by_number(page: PlaygroundPage, text: str) -> Job | None:
    """404 for a number that is not there: a shared link must not quietly show something else."""
    if not text:
        return None
    number = int(text) if text.isdecimal() and len(text) < 10 else 0
    job = queries.job_by_number(page.membership.team_id, page.mode, number)
    if job is None:
        raise Http404(_("There is no take %(number)s here.") % {"number": text[:20]})
    return job


def _initial(page: PlaygroundPage, source: Job | None) -> dict[str, Any]:
    """The settings of a take; the example when asked for, and for somebody's very first clip."""
    parent = _job_by_number(page, page.request.GET.get("parent", "")) or source
    if source is not None and (source.gateway, source.model_id) == page.card.key:
        parent = None if parent is source else parent
        return source.payload | _continued(page.card, parent)
    if continued := _continued(page.card, parent):
        return continued
    if source is not None:
        return source.payload
    if page.request.GET.get("prompt") == "carried":
        return carried_to(page.request.session, page.card)
    may_run = allows(page.membership.role, Permission.RUN)
    is_first = may_run and not queries.has_jobs(page.membership.team_id, user_id=page.membership.user_id)
    if page.request.GET.get("prompt") == "example" or is_first:
        return dict(page.card.example)
    return {}


def _continued(card: Card, parent: Job | None) -> dict[str, Any]:
    """The field that takes an earlier task, filled in, where the card has one and goes on from takes of its model."""
    name = lineage.task_field(card)
    fits = parent is not None and parent.gateway == card.gateway and lineage.accepts(card, parent.model_id)
    return {name: parent.pk.hex} if name and parent and fits else {}


@require_POST
@member_required
def quote(request: HttpRequest, membership: Membership, gateway: str, model_id: str) -> HttpResponse:
    """The price of what is typed so far. With `_fix` one value is changed first and the form comes back with it.

    `_draft` is what a tab kept from before a reload: the form comes back as it was then, with its rows and files.
    """
    page = PlaygroundPage(request, membership, card_or_404(gateway, model_id))
    wait_seconds = ratelimit.allow("quote", str(membership.user_id), settings.QUOTES_PER_MINUTE)
    form = page.form(absorb_files(request, page.card, membership), edited=request.POST.get("_edited", ""))
    name, is_fix, value = request.POST.get("_fix", "").partition(":")
    change = RowChange.parse(request.POST.get("_rows", ""))
    if is_fix:
        form = form.with_fix(name, value)
    elif change and change.name in form.fields:
        form = form.with_rows_changed(change)
    form.forgive_missing()
    if wait_seconds is not None:
        problem = _("Next price in %(seconds)s s.") % {"seconds": f"{wait_seconds:.0f}"}
        return running.refuse(page, form, running.Refusal(429, problem, retry_after_seconds=wait_seconds))
    if not is_htmx(request):
        return keep_choice(request, fresh(request, "playground/playground.html", page.full_context(form, page.newest_job())))
    if is_fix or "_draft" in request.POST:
        return fresh(request, "playground/_form_again.html", page.form_context(form, edited=form.edited))
    template = "playground/_rows_again.html" if form.focused_row else "playground/_quoted.html"
    return keep_choice(request, fresh(request, template, page.quoted_context(form)))


@require_POST
@member_required
def run(request: HttpRequest, membership: Membership, gateway: str, model_id: str) -> HttpResponse:
    """One job from the form. Refusals spend nothing and give the form back as it was typed."""
    page = PlaygroundPage(request, membership, card_or_404(gateway, model_id))
    form = page.form(absorb_files(request, page.card, membership))
    if has_refused(form.data):
        return running.refuse(page, form, running.Refusal(422, is_form=True))
    try:
        job = running.run(page, form)
    except running.Refusal as refusal:
        return running.refuse(page, form, refusal)
    if not is_htmx(request):
        response = HttpResponse(status=303)
        response["Location"] = reverse("task", args=[job.pk])
        return response
    context = page.stage_context(job) | page.form_context(form)
    response = fresh(request, "playground/_ran.html", context)
    push_url(response, f"{reverse('model-playground', args=page.card.key)}?{urlencode({'take': job.number})}")
    return announce_started(response, page.card.title, job, page.shell.running_count)
