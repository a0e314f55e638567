"""What people read of a job that ended without a clip: one plain sentence for each reason, and what to change.

The provider's own words are quoted beside it; the raw reply is for owners.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from playground.jobs.models import FailReason, Job

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Failure:
    """`advice` says what it means and what to do; `may_edit` that the request itself must change."""

    title: str
    advice: str
    icon: str
    may_edit: bool = False


def failure_of(job: Job, provider: str) -> Failure:
    """`provider` as it stands within a sentence."""
    return _failure(FailReason(job.fail_reason or FailReason.CAPACITY), provider)


def every_failure(provider: str) -> list[tuple[str, Failure]]:
    """For the documentation: each reason by its word, with what people read."""
    return [(reason.value, _failure(reason, provider)) for reason in _WORDS]


def _failure(reason: FailReason, provider: str) -> Failure:
    title, advice, icon, may_edit = _WORDS[reason]
    names = {"provider": provider, "Provider": provider[:1].upper() + provider[1:]}
    return Failure(str(title) % names, str(advice) % names, icon, may_edit)


_WORDS: dict[FailReason, tuple[StrOrPromise, StrOrPromise, str, bool]] = {
    FailReason.INPUT_TEXT: (_("The prompt was refused"), _("Change the words that it objects to and run it again."), "circle-x", True),
    FailReason.INPUT_MEDIA: (_("An input file was refused"), _("Give it another file and run it again."), "image-off", True),
    FailReason.OUTPUT: (
        _("The result was refused"),
        _("%(Provider)s made a clip and held it back. Another wording, or another try, may pass."),
        "circle-x",
        True,
    ),
    FailReason.VALIDATION: (_("The request was refused"), _("Change the setting that it names and run it again."), "circle-x", True),
    FailReason.CAPACITY: (
        _("%(Provider)s could not make this"),
        _("Nothing is known to be wrong with the request: try later, or another model."),
        "cloud-alert",
        False,
    ),
    FailReason.PROVIDER_ACCOUNT: (
        _("The account at %(provider)s was in trouble"),
        _("An owner has to look after it; the request is fine."),
        "cloud-alert",
        False,
    ),
    FailReason.TIMEOUT: (
        _("No result in time"),
        _("%(Provider)s did not finish. If the clip still comes, it is added here, free."),
        "hourglass",
        False,
    ),
    FailReason.IN_DOUBT: (
        _("%(Provider)s never confirmed this job"),
        _("It was sent once and not again. If the clip still comes, it is added here, free."),
        "cloud-alert",
        False,
    ),
    FailReason.RESULT_LOST: (
        _("The result could not be fetched"),
        _("%(Provider)s made it, but its file was not to be had. Run it again."),
        "hourglass",
        False,
    ),
    FailReason.CANCELLED: (_("Cancelled"), "", "circle-slash", False),
}
