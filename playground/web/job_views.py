"""One job as a page of its own: where Run leads without JavaScript, and where the ledger and the gallery point."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from playground.accounts.models import Membership
from playground.accounts.permissions import Permission, allows
from playground.jobs import queries, services
from playground.jobs.models import Job
from playground.web.access import member_required
from playground.web.codeview import reply_for
from playground.web.htmx import fresh, is_htmx
from playground.web.job_page import facts_of, may_cancel
from playground.web.pulses import Ask, pulse_for
from playground.web.stage import card_of, stage_of

SURFACES = ("stage", "facts")


def job_or_404(membership: Membership, job_id: UUID) -> Job:
    job = queries.job_for_team(membership.team_id, None, job_id)
    if job is None:
        raise Http404(_("There is no such take."))
    return job


@require_safe
@member_required
def task(request: HttpRequest, membership: Membership, job_id: UUID) -> HttpResponse:
    """The page; without JavaScript it looks again every five seconds until the job has ended."""
    return _page(request, membership, job_or_404(membership, job_id))


def _page(request: HttpRequest, membership: Membership, job: Job) -> HttpResponse:
    card = card_of(job)
    ask = Ask({}, SURFACES, job.pk, (job.gateway, job.model_id), job.mode, "mine", 0)
    context = {
        "nav": "gallery",
        "card": card,
        "stage": stage_of(job, card=card, viewer_id=membership.user_id),
        "facts": facts_of(job, membership),
        "reply": reply_for(job),
        "pulse": pulse_for(ask, [job]),
        "can_run": allows(membership.role, Permission.RUN),
        "may_cancel": may_cancel(job, membership),
        "back_url": reverse("gallery"),
        "back_label": _("Gallery"),
        "shown_on": "task",
    }
    return fresh(request, "jobs/task.html", context)


@require_POST
@member_required
def task_cancel(request: HttpRequest, membership: Membership, job_id: UUID) -> HttpResponse:
    """Only while it waits with us: what the provider has cannot be stopped, and its credits are spent."""
    job = job_or_404(membership, job_id)
    if not may_cancel(job, membership):
        raise PermissionDenied(_("Cancelling needs the role Member and a take of your own, or the role Admin."))
    is_cancelled = services.cancel(job.pk)
    too_late = _("Too late to cancel take %(number)s: it has been sent.") % {"number": job.number}
    problem = "" if is_cancelled or job.is_final else too_late
    if not is_htmx(request):
        if problem:
            messages.error(request, problem)
        response = HttpResponse(status=303)
        response["Location"] = reverse("task", args=[job.pk])
        return response
    # The heartbeat brings every part that changed; this only makes it beat now.
    response = fresh(request, "playground/_cancelled.html", {"problem": problem})
    response["HX-Trigger"] = "pulse"
    return response
