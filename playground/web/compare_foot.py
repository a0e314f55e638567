"""The button of a comparison: what all models cost together, what is left after; or why not."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from playground.accounts.models import Membership, Role
from playground.accounts.permissions import Permission, allows
from playground.credits.budgets import would_stop
from playground.credits.granting import why_not
from playground.gallery.comparisons import FEWEST
from playground.web.compare_form import CompareForm
from playground.web.compare_tokens import CompareToken, Promise
from playground.web.context import Shell
from playground.web.footer import too_few


@dataclass(frozen=True, slots=True)
class CompareFoot:
    """`action` is run, credits (too few, or a budget is used up) or none; `problem` stands in place of the sum.

    `run_label` is "" where the button says no more than that it runs all.
    """

    token: str
    total_millicredits: int | None
    left_millicredits: int | None
    problem: str
    action: str
    run_label: str
    may_add: bool = False


def total_of(form: CompareForm) -> int | None:
    """What is held for all columns together; None while one of them has no price."""
    quotes = [column.quote() for column in form.columns]
    return sum(quote.hold_millicredits for quote in quotes if quote) if all(quotes) else None


def foot_for(shell: Shell, membership: Membership, form: CompareForm, *, problem: str = "", run_label: str = "") -> CompareFoot:
    """With a fresh token for the team, the mode and the prices of this moment."""
    total = total_of(form)
    left = None if total is None else shell.balance_millicredits - total
    action, reason = "run", ""
    if not allows(membership.role, Permission.RUN):
        action, problem = "none", role_needed(membership)
    elif wrong := what_is_wrong(form, total, shell.mode):
        action, problem = "none", wrong
    elif left is not None and left < 0:
        action, reason = "credits", too_few(shell.balance_millicredits, -left, membership, shell.mode)
    elif total and shell.account is not None:
        error = would_stop(shell.account.pk, user_id=membership.user_id, key_id=None, millicredits=total)
        action, reason = ("credits", str(error)) if error else ("run", "")
    return CompareFoot(
        token=_token(shell, membership, form),
        total_millicredits=total,
        left_millicredits=left,
        problem=problem or reason,
        action=action,
        run_label=run_label,
        may_add=left is not None and left < 0 and not why_not(membership, shell.mode),
    )


def what_is_wrong(form: CompareForm, total: int | None, mode: str) -> str:
    """What keeps the comparison from being run whatever the prompt says, or ""."""
    if len(form.cards) < FEWEST:
        return _("Add a second model to compare with.")
    if problems := form.problems:
        card, message = problems[0]
        return f"{card.title}: {message}"
    if total is not None:
        return ""
    unpriced = [column.card.title for column in form.columns if column.assessment.is_unpriced and mode == "live"]
    if unpriced:
        return _("%(model)s: Nobody publishes a price. Live needs a price set by an owner.") % {"model": unpriced[0]}
    return _("The price is not known yet.")


def role_needed(membership: Membership) -> str:
    return _("Running needs the role Member. Yours is %(role)s.") % {"role": Role(membership.role).label}


def _token(shell: Shell, membership: Membership, form: CompareForm) -> str:
    quoted = [(column.card, column.quote()) for column in form.columns]
    promises = [Promise(card.gateway, card.id, card.version, quote.hold_millicredits if quote else None) for card, quote in quoted]
    return CompareToken(membership.user_id, membership.team_id, shell.mode, tuple(promises)).sign()
