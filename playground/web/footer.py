"""The foot of the form: what it costs, what is left after, and the button; or why not."""

from __future__ import annotations

from dataclasses import dataclass

from playground.accounts.models import Membership, Role, User
from playground.catalog.pricing import Quote
from playground.core.money import format_credits
from playground.jobs import queries
from playground.web.context import Shell
from playground.web.formprices import price_text
from playground.web.forms import CardForm
from playground.web.formtokens import FormToken


@dataclass(frozen=True, slots=True)
class Footer:
    """`problem` stands in place of the sum; `action` is run, credits (too few) or none (may not, cannot).

    `is_unpriced`: nobody publishes a price, so a test run holds nothing.
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

    @property
    def price_text(self) -> str:
        return price_text(self.quote) if self.quote else "–"


def footer_for(shell: Shell, membership: Membership, form: CardForm, *, problem: str = "", run_label: str = "") -> Footer:
    """A footer with a fresh token for the team and mode of this moment."""
    quote = form.quote()
    price = quote.hold_millicredits if quote else None
    left = None if price is None else shell.balance_millicredits - price
    load = queries.load(membership.team_id, shell.mode)
    action = "run" if membership.can_run else "none"
    wrong = _what_is_wrong(form, shell.mode)
    if not membership.can_run:
        problem = f"Running needs the role Member. Yours is {Role(membership.role).label}."
    elif wrong:
        action = "none"
    elif left is not None and left < 0:
        action = "credits"
        problem = problem or too_few(shell.balance_millicredits, -left, membership, shell.mode)
    return Footer(
        token=_token(shell, membership, form, price),
        quote=quote,
        mode=shell.mode,
        left_millicredits=left,
        load=load,
        problem=problem or wrong,
        action=action,
        run_label=run_label or ("Run again" if load.running or load.waiting else "Run"),
        is_unpriced=form.assessment.is_unpriced,
    )


def too_few(available: int, missing: int, membership: Membership, mode: str) -> str:
    """Who can do something about it, and what."""
    sentence = f"You have {format_credits(available)}. {format_credits(missing)} more needed."
    if membership.is_owner:
        return f"{sentence} manage.py grant_credits --mode {mode} adds some."
    owner = User.objects.filter(memberships__team_id=membership.team_id, memberships__role=Role.OWNER).order_by("pk").first()
    return f"{sentence} Ask {owner} to add credits." if owner else sentence


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
        return "Nobody publishes a price. Live needs a price set by an owner."
    return "" if form.quote() else "The price is known once everything that it depends on is filled in."
