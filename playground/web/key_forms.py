"""The forms of an API key: what it may do, until when, from where, how often and how much."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from playground.accounts import keyring
from playground.accounts.errors import AccountsError
from playground.accounts.keyring import LONGEST_KEY_NAME, MOST_PER_MINUTE, OVERLAPS, KeySettings
from playground.accounts.models import MODES, ApiKey, Scope
from playground.core import clock
from playground.core.money import format_credits
from playground.credits.budgets import BudgetState
from playground.credits.keycaps import CAP_PERIODS
from playground.credits.models import Period
from playground.web.amounts import Credits

NEVER, ON_A_DAY, AS_IT_IS = "never", "day", "as-it-is"
EXPIRIES = [
    (NEVER, gettext_lazy("Never")), ("30", gettext_lazy("In 30 days")), ("90", gettext_lazy("In 90 days")),
    ("365", gettext_lazy("In a year")), (ON_A_DAY, gettext_lazy("On a day")),
]  # fmt: skip
OVERLAP_CHOICES = [
    (str(hours), words)
    for hours, words in zip(
        OVERLAPS,
        (gettext_lazy("Not at all"), gettext_lazy("For 1 hour"), gettext_lazy("For 24 hours"), gettext_lazy("For 7 days")),
        strict=True,
    )
]
CAP_LABELS = {
    Period.HOUR: gettext_lazy("Most credits an hour"),
    Period.DAY: gettext_lazy("Most credits a day"),
    Period.TOTAL: gettext_lazy("Most credits in total"),
}
LONGEST_YEARS = 10


class KeySettingsForm(forms.Form):
    """What can be changed about a key. Caps, addresses and rate may be left empty: then nothing binds it there."""

    name = forms.CharField(max_length=LONGEST_KEY_NAME, strip=True)
    scope = forms.ChoiceField(choices=Scope.choices, required=False, initial=Scope.GENERATE.value)
    expires = forms.ChoiceField(choices=EXPIRIES, initial="90")
    day = forms.DateField(required=False)
    cap_hour = Credits(required=False)
    cap_day = Credits(required=False)
    cap_total = Credits(required=False)
    rate = forms.IntegerField(required=False, min_value=1, max_value=MOST_PER_MINUTE, localize=True)
    addresses = forms.CharField(required=False, max_length=4000, strip=True)
    is_veo_legacy = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("expires") == ON_A_DAY and "day" in given:
            self._check(given["day"])
        return given

    def clean_addresses(self) -> str:
        try:
            return keyring.checked_addresses(self.cleaned_data["addresses"])
        except AccountsError as error:
            raise ValidationError(str(error), code="addresses") from None

    def _check(self, day: date | None) -> None:
        today = timezone.localdate()
        if day is None:
            self.add_error("day", ValidationError(_("Name the day."), code="required"))
        elif not today <= day <= today + timedelta(days=366 * LONGEST_YEARS):
            words = _("A key ends today at the earliest and in %(years)s years at the latest.")
            self.add_error("day", ValidationError(words % {"years": LONGEST_YEARS}, code="range"))

    @property
    def expires_at(self) -> datetime | None:
        """The end of the day in the viewer's zone, or so many days from now."""
        choice = self.cleaned_data["expires"]
        if choice == NEVER:
            return None
        if choice == ON_A_DAY:
            return timezone.make_aware(datetime.combine(self.cleaned_data["day"], time(23, 59, 59)))
        return clock.now() + timedelta(days=int(choice))

    @property
    def wanted(self) -> KeySettings:
        given = self.cleaned_data
        scope = Scope(given["scope"] or Scope.GENERATE)
        return KeySettings(given["name"], scope, self.expires_at, given["addresses"], given["rate"], given["is_veo_legacy"])

    @property
    def caps(self) -> dict[Period, int | None]:
        return {period: self.cleaned_data[f"cap_{period.value}"] for period in CAP_PERIODS}

    @property
    def cap_fields(self) -> list[tuple[Any, Any, str]]:
        """Each with its label, and what is used of it."""
        return [(self[f"cap_{period.value}"], CAP_LABELS[period], self.used(period)) for period in CAP_PERIODS]

    def used(self, period: Period) -> str:
        """Of a key that is not there yet, nothing is."""
        return ""

    @property
    def has_limits(self) -> bool:
        """Whether something stands in the part that is folded away, or is wrong there."""
        names = ("cap_hour", "cap_day", "cap_total", "rate", "addresses", "is_veo_legacy")
        return any(self[name].value() or self[name].errors for name in names)


class KeyForm(KeySettingsForm):
    """`kind` is the mode: a model has a field of that name, and no form of ours takes its place."""

    kind = forms.ChoiceField(choices=MODES)


class KeyChangeForm(KeySettingsForm):
    """Of a key that is there: its end may stay as it is."""

    def __init__(self, key: ApiKey, caps: Mapping[Period, BudgetState], data: Mapping[str, Any] | None = None) -> None:
        self._key, self._caps = key, caps
        known = {"name": key.name, "scope": key.scope, "expires": AS_IT_IS, "rate": key.requests_per_minute}
        known |= {"addresses": key.allowed_addresses, "is_veo_legacy": key.is_veo_legacy}
        limits = {f"cap_{period.value}": format_credits(state.limit_millicredits) for period, state in caps.items()}
        super().__init__(data, initial=known | limits)
        self.fields["scope"].required = True
        self.fields["expires"].choices = [(AS_IT_IS, _("As it is")), *EXPIRIES]  # type: ignore[attr-defined]

    @property
    def expires_at(self) -> datetime | None:
        return self._key.expires_at if self.cleaned_data["expires"] == AS_IT_IS else super().expires_at

    def used(self, period: Period) -> str:
        state = self._caps.get(period)
        return (
            _("%(used)s used %(period)s") % {"used": format_credits(state.used_millicredits), "period": state.period_words} if state else ""
        )


class RotateForm(forms.Form):
    overlap = forms.ChoiceField(choices=OVERLAP_CHOICES, initial="24")
