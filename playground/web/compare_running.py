"""From a comparison's form to its jobs, all or none; or to a refusal that says why and keeps what was typed."""

from __future__ import annotations

from math import ceil

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django_htmx.http import reswap, retarget

from playground.accounts import ratelimit
from playground.accounts.permissions import Permission, allows
from playground.core.money import format_credits
from playground.credits.errors import BudgetExceeded, InsufficientCredits
from playground.credits.services import balance_of
from playground.gallery import comparisons
from playground.gallery.models import Comparison
from playground.jobs.creation import NewJob
from playground.jobs.errors import InvalidInput, JobError, QueueFull
from playground.web import compare_tokens
from playground.web.compare_foot import role_needed, total_of, what_is_wrong
from playground.web.compare_form import CompareForm
from playground.web.compare_page import ComparePage
from playground.web.compare_tokens import CompareToken
from playground.web.footer import too_few
from playground.web.formtokens import BadToken
from playground.web.htmx import fresh, is_htmx
from playground.web.running import QUEUE_FULL_RETRY_SECONDS, Refusal

SOURCE = "compare"


def run(page: ComparePage, form: CompareForm) -> Comparison:
    """The comparison of this form; the same one however often the form is sent. Raises Refusal."""
    if not allows(page.membership.role, Permission.RUN):
        raise Refusal(403, role_needed(page.membership))
    token = _checked_token(page, form)
    for _card in form.cards:
        wait_seconds = ratelimit.allow("run", str(page.membership.user_id), settings.CREATE_TASKS_PER_MINUTE)
        if wait_seconds is not None:
            raise Refusal(429, _("Next run in %(seconds)s s.") % {"seconds": ceil(wait_seconds)}, retry_after_seconds=wait_seconds)
    if form.problems or form.missing or len(form.cards) < comparisons.FEWEST:
        raise Refusal(422, what_is_wrong(form, None, page.shell.mode), is_form=True)
    _check_prices(form, token)
    try:
        return comparisons.start(_new_jobs(page, form, token))
    except InvalidInput as error:
        raise Refusal(422, " ".join(problem.message for problem in error.problems), is_form=True) from error
    except InsufficientCredits as error:
        raise Refusal(402, _missing(page, form)) from error
    except BudgetExceeded as error:
        raise Refusal(402, str(error)) from error
    except QueueFull as error:
        raise Refusal(429, str(error), retry_after_seconds=QUEUE_FULL_RETRY_SECONDS) from error
    except JobError as error:
        raise Refusal(409, _("%(problem)s Nothing was spent.") % {"problem": error}) from error


def _new_jobs(page: ComparePage, form: CompareForm, token: CompareToken) -> list[NewJob]:
    return [
        NewJob(
            team_id=page.membership.team_id,
            mode=page.shell.mode,
            model_id=column.card.id,
            gateway=column.card.gateway,
            payload=column.payload(),
            source=SOURCE,
            user_id=page.membership.user_id,
            idempotency_scope=token.scope,
            idempotency_key=f"{token.nonce}-{index}",
            expected_millicredits=promise.price_millicredits,
            expected_card_version=promise.card_version,
        )
        for index, (column, promise) in enumerate(zip(form.columns, token.promises, strict=True))
    ]


def _checked_token(page: ComparePage, form: CompareForm) -> CompareToken:
    """The posted promises, if they still fit this person, team, mode and these models. Raises Refusal."""
    try:
        token = compare_tokens.read(page.request.POST.get("nonce", ""))
    except BadToken:
        raise _price_refusal(form, _("This form is not valid any more. Nothing was spent.")) from None
    if (token.user_id, token.team_id, token.mode) != (page.membership.user_id, page.membership.team_id, page.shell.mode):
        raise _price_refusal(form, _made_elsewhere(page))
    if [promise.key for promise in token.promises] != [card.key for card in form.cards]:
        raise _price_refusal(form, _("This form was made for other models. Nothing was spent."))
    return token


def _check_prices(form: CompareForm, token: CompareToken) -> None:
    """Nobody pays more for any of the models than the page said. Raises Refusal."""
    told = []
    for column, promise in zip(form.columns, token.promises, strict=True):
        quote = column.quote()
        if quote is None or promise.price_millicredits is None:
            raise _price_refusal(form, _("%(model)s: The price was not known yet. Nothing was spent.") % {"model": column.card.title})
        if quote.hold_millicredits > promise.price_millicredits:
            old, new = format_credits(promise.price_millicredits), format_credits(quote.hold_millicredits)
            told.append(_("%(model)s is %(new)s now, not %(old)s.") % {"model": column.card.title, "new": new, "old": old})
    if told:
        raise _price_refusal(form, _("%(problem)s Nothing was spent.") % {"problem": " ".join(told)})


def _price_refusal(form: CompareForm, problem: str) -> Refusal:
    total = total_of(form)
    label = _("Run all for %(credits)s") % {"credits": format_credits(total)} if total else ""
    return Refusal(409, problem, run_label=label)


def _made_elsewhere(page: ComparePage) -> str:
    if page.shell.mode == "test":
        words = _("This form was made for somebody or something else; you are in Test in %(team)s. Nothing was spent.")
    else:
        words = _("This form was made for somebody or something else; you are in Live in %(team)s. Nothing was spent.")
    return words % {"team": page.membership.team}


def _missing(page: ComparePage, form: CompareForm) -> str:
    """Of the sum: what one of the jobs found missing depends on which came before it."""
    available, total = balance_of(page.membership.team_id, page.shell.mode) or 0, total_of(form) or 0
    return too_few(available, max(0, total - available), page.membership, page.shell.mode)


def refuse(page: ComparePage, form: CompareForm, refusal: Refusal) -> HttpResponse:
    """The form as it was typed, with the reason where it belongs: above the fields, or at the button."""
    words = {"problem": refusal.problem, "run_label": refusal.run_label}
    context = page.form_context(form, tells=refusal.is_form, **words)
    if is_htmx(page.request):
        is_on_result = "c" in page.request.POST
        template = "compare/_foot_again.html" if not refusal.is_form else "compare/_form.html" if is_on_result else "compare/_all.html"
        response = fresh(page.request, template, context, status=refusal.status)
        retarget(response, "#foot" if not refusal.is_form else "#f" if is_on_result else "#cmp")
        reswap(response, "outerHTML")
    else:
        response = fresh(page.request, "compare/compare.html", context, status=refusal.status)
    if refusal.retry_after_seconds is not None:
        response["Retry-After"] = str(ceil(refusal.retry_after_seconds))
    return response
