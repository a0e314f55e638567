"""Amounts of credits as people type them. What is refused is refused in words that stand at the field."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from playground.core.money import MILLI, format_credits, to_millicredits
from playground.credits.services import MOST_MILLICREDITS

_NUMBER = re.compile(r"[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?")
_SPACES = re.compile(r"[ \u00a0\u2009\u202f]")
_DECIMALS = 3


class Credits(forms.CharField):
    """Millicredits of `12,445`, `12445.5` or `−35`; None where the field is empty and need not be filled in.

    Digits only: `1e9` and `１２` are numbers to Python, and slips of the keyboard to everybody else.
    """

    def __init__(self, *, is_signed: bool = False, **more: Any) -> None:
        super().__init__(**more)
        self._is_signed = is_signed

    def clean(self, value: object) -> int | None:
        text = _SPACES.sub("", str(value or "").strip()).replace("−", "-")
        if not text:
            super().clean("")
            return None
        if len(text) > 40 or not _NUMBER.fullmatch(text):
            raise forms.ValidationError(_("Write a number, like 1,500 or 12.5."), code="number")
        amount = Decimal(text.replace(",", ""))
        if abs(amount) > MOST_MILLICREDITS // MILLI:
            words = _("At most %(most)s credits at once.") % {"most": format_credits(MOST_MILLICREDITS)}
            raise forms.ValidationError(words, code="maximum")
        if amount != round(amount, _DECIMALS):
            raise forms.ValidationError(_("A credit has at most three decimals."), code="decimals")
        return self._checked(to_millicredits(amount))

    def _checked(self, millicredits: int) -> int:
        if millicredits == 0 or (millicredits < 0 and not self._is_signed):
            words = _("Write an amount other than 0.") if self._is_signed else _("The amount must be more than 0.")
            raise forms.ValidationError(words, code="minimum")
        return millicredits
