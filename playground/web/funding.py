"""Adding and correcting credits in the page: the forms, and the step that names amount and account before it is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from playground.accounts.models import Membership, Mode, Role, User
from playground.core.money import MILLI, format_credits, format_usd
from playground.core.wording import count_of
from playground.credits import granting
from playground.credits.errors import InsufficientCredits, LedgerError
from playground.credits.models import Account
from playground.credits.rates import rate_of
from playground.web.amounts import Credits
from playground.web.templatetags.ui import signed_credits

OWN = "own"
_REQUIRED = {"required": gettext_lazy("Write an amount.")}


class GrantForm(forms.Form):
    """A pack, or an amount of one's own; never a guess between the two."""

    pack = forms.CharField(required=False, max_length=20)
    credits = Credits(required=False)
    note = forms.CharField(required=False, max_length=200, strip=True)

    def __init__(self, data: Mapping[str, Any] | None, account: Account, packs: Sequence[granting.Pack]) -> None:
        super().__init__(data)
        self.account = account
        self.packs = {str(pack.millicredits // MILLI): pack for pack in packs}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        chosen = given.get("pack") or OWN
        pack = self.packs.get(chosen)
        if pack is None and chosen != OWN:
            self.add_error("pack", _("There is no such pack. Choose one of these."))
        elif "credits" not in given:
            return given
        elif pack and given["credits"]:
            words = _("The pack of %(credits)s is chosen, too. Choose “Another amount” to add this.")
            self.add_error("credits", words % {"credits": format_credits(pack.millicredits)})
        elif not pack and not given["credits"]:
            self.add_error("credits", _("Choose a pack or write an amount."))
        return given | {"millicredits": pack.millicredits if pack else given.get("credits")}


class AdjustForm(forms.Form):
    """Up or down, with a reason; never below nothing."""

    credits = Credits(is_signed=True, error_messages=_REQUIRED)
    note = forms.CharField(max_length=200, strip=True, error_messages={"required": gettext_lazy("Say why. It stands in the ledger.")})

    def __init__(self, data: Mapping[str, Any] | None, account: Account, packs: Sequence[granting.Pack]) -> None:
        super().__init__(data, prefix="adjust")
        self.account = account

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        amount = given.get("credits")
        if amount is not None and self.account.available_millicredits + amount < 0:
            self.add_error("credits", too_much(self.account.available_millicredits))
        return given | {"millicredits": amount}


class RateForm(forms.Form):
    """USD for one credit; empty is the installation's."""

    usd = forms.CharField(required=False, max_length=20, strip=True)

    def clean_usd(self) -> Decimal | None:
        text = self.cleaned_data["usd"].removeprefix("$").strip()
        try:
            return Decimal(text) if text else None
        except InvalidOperation:
            raise forms.ValidationError(_("Write a number, like 0.005.")) from None


FORMS: Mapping[str, type[GrantForm] | type[AdjustForm]] = {"grant": GrantForm, "adjust": AdjustForm}


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What is about to be done. `kept` is the form, to be posted again."""

    heading: str
    facts: Sequence[tuple[str, str]]
    button: str
    kept: Sequence[tuple[str, str]]


def confirmation_of(form: GrantForm | AdjustForm, membership: Membership) -> Confirmation:
    account, amount = form.account, form.cleaned_data["millicredits"]
    place = _("%(team)s, live") if account.mode == "live" else _("%(team)s, test")
    facts = [
        (_("Account"), place % {"team": membership.team.name}),
        (_("Amount"), signed_credits(amount)),
        (_("Available now"), format_credits(account.available_millicredits)),
        (_("Available after"), format_credits(account.available_millicredits + amount)),
    ]
    if account.mode == "live":
        facts.insert(2, (_("Worth"), format_usd(abs(amount), rate_of(membership.team))))
    if form.cleaned_data["note"]:
        facts.append((_("Reason") if isinstance(form, AdjustForm) else _("Note"), form.cleaned_data["note"]))
    kept = [(form.add_prefix(name), str(form.data.get(form.add_prefix(name), ""))) for name in form.fields]
    heading, button = _asked(amount, account.mode, membership.team.name)
    return Confirmation(heading, facts, button, kept)


def _asked(amount: int, mode: str, team: str) -> tuple[str, str]:
    """The question, and the button that answers it."""
    number = count_of(abs(amount))
    if mode == "live":
        credits = ngettext("%(amount)s live credit", "%(amount)s live credits", number)
    else:
        credits = ngettext("%(amount)s test credit", "%(amount)s test credits", number)
    given = {"credits": credits % {"amount": format_credits(abs(amount))}, "team": team}
    if amount < 0:
        return _("Take away %(credits)s from %(team)s?") % given, _("Take away %(credits)s") % given
    return _("Add %(credits)s to %(team)s?") % given, _("Add %(credits)s") % given


def carry_out(form: GrantForm | AdjustForm, membership: Membership) -> str:
    """Do it; what was done, for people. Raises LedgerError."""
    mode: Mode = "live" if form.account.mode == "live" else "test"
    amount, note = form.cleaned_data["millicredits"], form.cleaned_data["note"]
    if isinstance(form, AdjustForm):
        account = granting.adjust_from_page(membership, mode, amount, note)
    else:
        account = granting.grant_from_page(membership, mode, amount, note)
    if mode == "live":
        added, taken = _("%(credits)s live credits added."), _("%(credits)s live credits taken away.")
    else:
        added, taken = _("%(credits)s test credits added."), _("%(credits)s test credits taken away.")
    done = (taken if amount < 0 else added) % {"credits": format_credits(abs(amount))}
    left = _("%(credits)s are available.") % {"credits": format_credits(account.available_millicredits)}
    return f"{done} {left}"


def words_of(refusal: LedgerError) -> str:
    return too_much(refusal.available_millicredits) if isinstance(refusal, InsufficientCredits) else str(refusal)


def too_much(available: int) -> str:
    return _("Only %(credits)s are available. What is held cannot be taken away.") % {"credits": format_credits(available)}


def rate_text(rate: Decimal | None) -> str:
    """`0.005`; never `5E-3`."""
    return f"{rate.normalize():f}" if rate else ""


def whom_to_ask(team_id: int, mode: str) -> str:
    """Who can add credits: an owner; of live credits somebody who runs the installation, by name if they are in the team."""
    people = User.objects.filter(memberships__team_id=team_id)
    if mode == "live":
        operator = people.filter(is_superuser=True).order_by("pk").first()
        return str(operator) if operator else _("whoever runs this installation")
    owner = people.filter(memberships__role=Role.OWNER).order_by("pk").first()
    return str(owner) if owner else _("an owner of the team")
