"""What the ledger refuses with; every message is for people, and nothing was written.

LedgerError
├── InsufficientCredits   a hold that does not fit the balance
├── BudgetExceeded        a hold that does not fit a budget
├── BudgetBelowSpent      a budget under what was spent already, not confirmed
└── NotAllowed            somebody who may not move credits by hand
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from playground.core.money import format_credits


class LedgerError(Exception):
    """A movement that the ledger refuses; the message is for people."""


class InsufficientCredits(LedgerError):
    def __init__(self, available_millicredits: int, needed_millicredits: int) -> None:
        self.available_millicredits = available_millicredits
        self.needed_millicredits = needed_millicredits
        missing = needed_millicredits - available_millicredits
        amounts = {"available": format_credits(available_millicredits), "missing": format_credits(missing)}
        super().__init__(_("You have %(available)s. %(missing)s more needed.") % amounts)


class BudgetExceeded(LedgerError):
    """`budget_id` is the budget that stopped it, `left_millicredits` what it had left; `is_of_key`: one of an API key's caps.

    `begins_anew_at` is None for a total.
    """

    def __init__(
        self,
        words: str,
        *,
        budget_id: int,
        is_of_key: bool,
        period: str,
        begins_anew_at: datetime | None,
        needed_millicredits: int,
        left_millicredits: int,
    ) -> None:
        super().__init__(words)
        self.budget_id = budget_id
        self.is_of_key = is_of_key
        self.period = period
        self.begins_anew_at = begins_anew_at
        self.needed_millicredits = needed_millicredits
        self.left_millicredits = left_millicredits


class BudgetBelowSpent(LedgerError):
    """The limit is under what was spent in the period: nothing would run. Asked again with `confirmed`, it is set."""

    def __init__(self, words: str, used_millicredits: int) -> None:
        super().__init__(words)
        self.used_millicredits = used_millicredits


class NotAllowed(LedgerError):
    pass
