"""What `create_job` refuses with. Nothing was written and nothing is held when one of these is raised.

    JobError
    ├── InvalidInput          the payload breaks the card's schema or rules (problems with JSON pointers)
    ├── ModelRetired          the model is no longer offered
    ├── PriceChanged          dearer than the form said
    ├── FormOutdated          the card changed under an open form
    ├── ModeUnavailable       live mode without a provider key
    ├── QueueFull             the team's queue is at its cap
    ├── IdempotencyConflict   the key was used for another request
    └── Unpriced              nobody publishes a price

`credits.errors.InsufficientCredits` and `BudgetExceeded` and `catalog.registry.UnknownModel` pass through as they are.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from playground.catalog.schema import Problem


class JobError(Exception):
    """The message is a sentence for people."""


class InvalidInput(JobError):
    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(problem.message for problem in problems))


class ModelRetired(JobError):
    pass


class PriceChanged(JobError):
    def __init__(self, expected_millicredits: int, now_millicredits: int) -> None:
        self.expected_millicredits = expected_millicredits
        self.now_millicredits = now_millicredits
        super().__init__(_("The price has changed."))


class FormOutdated(JobError):
    pass


class ModeUnavailable(JobError):
    pass


class QueueFull(JobError):
    def __init__(self, cap: int) -> None:
        self.cap = cap
        super().__init__(_("%(count)s jobs are waiting already. Try again when some have started.") % {"count": f"{cap:,}"})


class IdempotencyConflict(JobError):
    def __init__(self) -> None:
        super().__init__(_("This idempotency key was used for another request."))


class Unpriced(JobError):
    pass
