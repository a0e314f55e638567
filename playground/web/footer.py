"""The foot of the form: what it costs, what is left after, and the button; or why not."""

from __future__ import annotations

from dataclasses import dataclass

from playground.accounts.models import Membership, Role, User
from playground.catalog.pricing import Quote
from playground.core.money import format_credits
from playground.jobs import queries
from playground.web.context import Shell
from playground.web.forms import CardForm
from playground.web.formtokens import FormToken


@dataclass(frozen=True, slots=True)
class Footer:
    """`problem` stands in place of the sum; `action` is run, credits (too few) or none (may not, cannot)."""

    token: str
    quote: Quote | None
    mode: str
    left_millicredits: int | None
    load: queries.Load
    problem: str
    action: str
    run_label: str

    @property
    def price_text(self) -> str:
        """`35`, or `20–35` where the length is known only afterwards."""
        if self.quote is None:
            return "–"
        low, high = format_credits(self.quote.min_millicredits), format_credits(self.quote.max_millicredits)
        return high if low == high else f"{low}–{high}"


def footer_for(shell: Shell, membership: Membership, form: CardForm, *, problem: str = "", run_label: str = "") -> Footer:
    """A footer with a fresh token for the team and mode of this moment."""
    quote = form.quote()
    price = quote.hold_millicredits if quote else None
    left = None if price is None else shell.balance_millicredits - price
    load = queries.load(membership.team_id, shell.mode)
    action = "run" if membership.can_run else "none"
    if not membership.can_run:
        problem = f"Running needs the role Member. Yours is {Role(membership.role).label}."
    elif left is not None and left < 0:
        action = "credits"
        problem = problem or too_few(shell.balance_millicredits, -left, membership, shell.mode)
    return Footer(
        token=_token(shell, membership, form, price),
        quote=quote,
        mode=shell.mode,
        left_millicredits=left,
        load=load,
        problem=problem or ("" if quote else _why_no_price(form)),
        action=action,
        run_label=run_label or ("Run again" if load.running or load.waiting else "Run"),
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


def _why_no_price(form: CardForm) -> str:
    """The first thing that keeps the price from being known."""
    form.is_valid()
    serious = [problem for problem in form.problems if problem.rule not in ("required", "min_length")]
    return serious[0].message if serious else f"Nobody publishes a price for {form.card.title} with these settings."
