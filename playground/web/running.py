"""From a posted form to a job, or to a refusal that says why and keeps what was typed."""

from __future__ import annotations

from math import ceil

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django_htmx.http import reswap, retarget

from playground.accounts import ratelimit
from playground.accounts.models import Team
from playground.accounts.permissions import Permission, allows
from playground.core.money import format_credits
from playground.credits.errors import BudgetExceeded, InsufficientCredits
from playground.jobs.creation import NewJob, create_job
from playground.jobs.errors import FormOutdated, InvalidInput, JobError, PriceChanged, QueueFull
from playground.jobs.models import Job
from playground.web import formtokens
from playground.web.footer import too_few
from playground.web.forms import CardForm
from playground.web.htmx import fresh, is_htmx
from playground.web.playground_page import PlaygroundPage

QUEUE_FULL_RETRY_SECONDS = 10


class Refusal(Exception):
    """Nothing was written and nothing is held. `is_form` says that the fields are wrong, not the circumstances."""

    def __init__(
        self, status: int, problem: str = "", *, run_label: str = "", is_form: bool = False, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem
        self.run_label = run_label
        self.is_form = is_form
        self.retry_after_seconds = retry_after_seconds


def run(page: PlaygroundPage, form: CardForm) -> Job:
    """The job of this form; the same one however often the form is sent. Raises Refusal."""
    if not allows(page.membership.role, Permission.RUN):
        raise Refusal(403, _("Running needs the role Member. Yours is %(role)s.") % {"role": page.membership.get_role_display()})
    token = _checked_token(page, form)
    wait_seconds = ratelimit.allow("run", str(page.membership.user_id), settings.CREATE_TASKS_PER_MINUTE)
    if wait_seconds is not None:
        raise Refusal(429, _("Next run in %(seconds)s s.") % {"seconds": ceil(wait_seconds)}, retry_after_seconds=wait_seconds)
    if not form.is_valid():
        raise Refusal(422, is_form=True)
    if token.price_millicredits is None:
        raise _price_refusal(form, _("The price was not known yet."))
    try:
        return create_job(_new_job(page, form, token)).job
    except InvalidInput as error:
        form.add_problems(error.problems)
        raise Refusal(422, is_form=True) from error
    except InsufficientCredits as error:
        missing = error.needed_millicredits - error.available_millicredits
        raise Refusal(402, too_few(error.available_millicredits, missing, page.membership, page.mode)) from error
    except BudgetExceeded as error:
        raise Refusal(402, str(error)) from error
    except PriceChanged as error:
        old, new = format_credits(error.expected_millicredits), format_credits(error.now_millicredits)
        problem = _("The price is %(new)s now, not %(old)s. Nothing was spent.") % {"new": new, "old": old}
        raise Refusal(409, problem, run_label=_("Run for %(credits)s") % {"credits": new}) from error
    except FormOutdated as error:
        raise _price_refusal(form, _("%(problem)s Look at the fields again; nothing was spent.") % {"problem": error}) from error
    except QueueFull as error:
        raise Refusal(429, str(error), retry_after_seconds=QUEUE_FULL_RETRY_SECONDS) from error
    except JobError as error:
        raise Refusal(409, _("%(problem)s Nothing was spent.") % {"problem": error}) from error


def _new_job(page: PlaygroundPage, form: CardForm, token: formtokens.FormToken) -> NewJob:
    return NewJob(
        team_id=page.membership.team_id,
        mode=page.mode,
        model_id=page.card.id,
        gateway=page.card.gateway,
        payload=form.payload(),
        source="web",
        user_id=page.membership.user_id,
        remix_of_id=page.remix_of.pk if page.remix_of else None,
        idempotency_scope=token.scope,
        idempotency_key=token.nonce,
        expected_millicredits=token.price_millicredits,
        expected_card_version=token.card_version,
    )


def _checked_token(page: PlaygroundPage, form: CardForm) -> formtokens.FormToken:
    """The posted promises, if they still fit this person, team, mode and model. Raises Refusal."""
    try:
        token = formtokens.read(page.request.POST.get("nonce", ""))
    except formtokens.BadToken:
        raise _price_refusal(form, _("This form is not valid any more. Nothing was spent.")) from None
    if token.user_id != page.membership.user_id or (token.gateway, token.model_id) != page.card.key:
        raise _price_refusal(form, _("This form was made for somebody or something else. Nothing was spent."))
    if (token.team_id, token.mode) != (page.membership.team_id, page.mode):
        team = Team.objects.filter(pk=token.team_id).first()
        words = _("This form was made for %(made_for)s; you are in %(now)s now. Nothing was spent.")
        made_for = _place(token.mode, team or _("a team that is gone"))
        raise _price_refusal(form, words % {"made_for": made_for, "now": _place(page.mode, page.membership.team)})
    return token


def _place(mode: str, team: object) -> str:
    return (_("Live in %(team)s") if mode == "live" else _("Test in %(team)s")) % {"team": team}


def _price_refusal(form: CardForm, problem: str) -> Refusal:
    quote = form.quote()
    label = _("Run for %(credits)s") % {"credits": format_credits(quote.hold_millicredits)} if quote else ""
    return Refusal(409, problem, run_label=label)


def refuse(page: PlaygroundPage, form: CardForm, refusal: Refusal) -> HttpResponse:
    """The form as it was typed, with the reason where it belongs: at the fields, or in the foot."""
    if is_htmx(page.request):
        context = page.form_context(form, problem=refusal.problem, run_label=refusal.run_label)
        template = "playground/_form_again.html" if refusal.is_form else "playground/_foot.html"
        response = fresh(page.request, template, context, status=refusal.status)
        retarget(response, "#f" if refusal.is_form else "#foot")
        reswap(response, "outerHTML")
    else:
        context = page.full_context(form, page.newest_job(), problem=refusal.problem, run_label=refusal.run_label)
        response = fresh(page.request, "playground/playground.html", context, status=refusal.status)
    if refusal.retry_after_seconds is not None:
        response["Retry-After"] = str(ceil(refusal.retry_after_seconds))
    return response
