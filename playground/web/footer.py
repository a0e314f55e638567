"""The foot of the form: what it costs, what is left after, and the button; or why not."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from playground.accounts.models import Membership, Mode, Role
from playground.accounts.permissions import Permission, allows
from playground.catalog.pricing import Quote
from playground.core.money import format_credits
from playground.credits.budgets import would_stop
from playground.credits.granting import why_not
from playground.jobs import queries
from playground.web.context import Shell
from playground.web.formprices import price_text
from playground.web.forms import CardForm
from playground.web.formtokens import FormToken
from playground.web.funding import whom_to_ask


@dataclass(frozen=True, slots=True)
class Footer:
    """`problem` stands in place of the sum; `action` is run, credits (too few, or a budget is used up) or none (may not, cannot).

    `is_unpriced`: nobody publishes a price, so a test run holds nothing. `may_add`: with action credits, whether more of
    them would help and this person can add some.
    """

    token: str
    quote: Quote | None
    mode: str
    left_millicredits: int | None
    load: queries.Load
    problem: str
    action: str
    run_label: str
    is_unpriced: bool = False
    may_add: bool = False

    @property
    def price_text(self) -> str:
        return price_text(self.quote) if self.quote else "–"


def footer_for(shell: Shell, membership: Membership, form: CardForm, *, problem: str = "", run_label: str = "") -> Footer:
    """A footer with a fresh token for the team and mode of this moment."""
    quote = form.quote()
    price = quote.hold_millicredits if quote else None
    left = None if price is None else shell.balance_millicredits - price
    load = queries.load(membership.team_id, shell.mode)
    action = "run" if allows(membership.role, Permission.RUN) else "none"
    wrong = _what_is_wrong(form, shell.mode)
    if not allows(membership.role, Permission.RUN):
        problem = _("Running needs the role Member. Yours is %(role)s.") % {"role": Role(membership.role).label}
    elif wrong:
        action = "none"
    elif left is not None and left < 0:
        action = "credits"
        problem = problem or too_few(shell.balance_millicredits, -left, membership, shell.mode)
    elif stopped := _stopped(shell, membership, price):
        action = "credits"
        problem = problem or stopped
    return Footer(
        token=_token(shell, membership, form, price),
        quote=quote,
        mode=shell.mode,
        left_millicredits=left,
        load=load,
        problem=problem or wrong,
        action=action,
        run_label=run_label or (_("Run again") if load.running or load.waiting else _("Run")),
        is_unpriced=form.assessment.is_unpriced,
        may_add=left is not None and left < 0 and not why_not(membership, shell.mode),
    )


def too_few(available: int, missing: int, membership: Membership, mode: Mode) -> str:
    """Who can do something about it, and what."""
    values = {"available": format_credits(available), "missing": format_credits(missing)}
    if not why_not(membership, mode):
        return _("You have %(available)s. %(missing)s more needed.") % values
    values["owner"] = whom_to_ask(membership.team_id, mode)
    return _("You have %(available)s. %(missing)s more needed. Ask %(owner)s to add credits.") % values


def _stopped(shell: Shell, membership: Membership, price: int | None) -> str:
    """Which budget has no room for a run at this price, in words, or ""."""
    if not price or shell.account is None:
        return ""
    error = would_stop(shell.account.pk, user_id=membership.user_id, key_id=None, millicredits=price)
    return str(error) if error else ""


def _token(shell: Shell, membership: Membership, form: CardForm, price: int | None) -> str:
    card = form.card
    return FormToken(
        user_id=membership.user_id,
        team_id=membership.team_id,
        mode=shell.mode,
        gateway=card.gateway,
        model_id=card.id,
        card_version=card.version,
        price_millicredits=price,
    ).sign()


def _what_is_wrong(form: CardForm, mode: str) -> str:
    """What keeps the form from being run whatever else is filled in, or ""."""
    if serious := form.serious_problem:
        return serious.message
    if form.assessment.is_unpriced and mode == "live":
        return _("Nobody publishes a price. Live needs a price set by an owner.")
    return "" if form.quote() else _("The price is known once everything that it depends on is filled in.")
