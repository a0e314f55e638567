"""What the stage shows of a job: one kind per state, its words, its steps, its times."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from playground.catalog import registry
from playground.catalog.card import Card
from playground.core import clock
from playground.core.money import format_credits
from playground.gallery import favourites
from playground.jobs import history, queries, upstreams
from playground.jobs.models import FailReason, Job, State, Take
from playground.web.continuations import Continuation, continuations_of
from playground.web.failures import failure_of
from playground.web.shapes import ratio_of
from playground.web.start_frames import start_frame_of
from playground.web.words import Status, status_of, translated

SHORTEST_TOLD_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Step:
    """`since` is set for the step that is going on, `seconds` for one that is over."""

    name: str
    seconds: float | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class LifePart:
    name: str
    seconds: float

    @property
    def label(self) -> str:
        return "" if self.name == "sent" else _("%(seconds)s s %(step)s") % {"seconds": f"{self.seconds:.0f}", "step": _(self.name)}

    @property
    def column(self) -> str:
        return "6px" if self.name == "sent" else f"minmax(max-content,{max(1, round(self.seconds))}fr)"

    @property
    def is_generate(self) -> bool:
        return self.name == "generate"


@dataclass(frozen=True, slots=True)
class Stage:
    """`kind`: empty, waiting, paused, generating, saving, checking, success, gone, failed or cancelled."""

    kind: str
    title: str
    text: str = ""
    quoted: str = ""
    icon: str = ""
    job: Job | None = None
    take: Take | None = None
    status: Status | None = None
    steps: tuple[Step, ...] = field(default=())
    typical_seconds: float = 0
    late_seconds: float = 0
    is_late_measured: bool = False
    may_edit: bool = False
    is_favourite: bool = False

    @property
    def continuations(self) -> list[Continuation]:
        return continuations_of(self.job) if self.job and self.kind == "success" else []

    @property
    def is_moving(self) -> bool:
        """A bar and a clock: something is being made."""
        return self.kind in ("generating", "saving")

    @property
    def backdrop(self) -> str:
        """The address of the picture that is being set in motion, "" without one."""
        card = card_of(self.job) if self.job and self.is_moving else None
        frame = start_frame_of(self.job, card) if self.job and card else None
        return frame[1] if frame else ""

    @property
    def ratio(self) -> str:
        return ratio_of(self.take, self.job, looks_at_files=True)

    @property
    def take_label(self) -> str:
        return _("Take %(number)s") % {"number": self.job.number} if self.job else ""

    @property
    def tag(self) -> str:
        """What people must know of the clip at first sight."""
        if self.job and self.job.is_sandbox:
            return _("Sandbox")
        return _("Recovered, free") if self.job and self.job.state == State.RECOVERED else ""

    @property
    def is_account_trouble(self) -> bool:
        """Something that an owner looks after on the providers' page."""
        return self.kind == "paused" or (self.job is not None and self.job.fail_reason == FailReason.PROVIDER_ACCOUNT)

    @property
    def is_clocked(self) -> bool:
        """Somebody is waiting for it."""
        return self.kind in ("waiting", "generating", "saving")

    @property
    def is_over(self) -> bool:
        """Ended with nothing to look at."""
        return self.kind in ("failed", "cancelled", "gone")

    @property
    def is_late(self) -> bool:
        return self.job is not None and (clock.now() - self.job.created_at).total_seconds() > self.late_seconds

    @property
    def life(self) -> tuple[LifePart, ...]:
        """The finished take's times in proportion: the sending is a sliver, what took no time is left out.

        Empty for what came late: most of its time was ours to give up and to ask again.
        """
        if self.job and self.job.state == State.RECOVERED:
            return ()
        told = [step for step in self.steps if step.seconds is not None]
        return tuple(
            LifePart(step.name, step.seconds or 0) for step in told if step.name == "sent" or (step.seconds or 0) >= SHORTEST_TOLD_SECONDS
        )

    @property
    def life_columns(self) -> str:
        return " ".join(part.column for part in self.life)

    @property
    def life_words(self) -> str:
        words = _("%(step)s %(seconds)s seconds")
        return ", ".join(words % {"step": _(part.name), "seconds": f"{part.seconds:.0f}"} for part in self.life)


def stage_of(job: Job | None, *, card: Card | None = None, viewer_id: int | None = None) -> Stage:
    """The stage of a job with its takes prefetched, as `viewer_id` may have marked its take; without a job, the empty one."""
    if job is None:
        title = card.title if card else _("the model")
        text = _("Behind it is a scene of the sandbox, not made by %(model)s.") % {"model": title}
        return Stage("empty", _("Your first take appears here"), text)
    price = _("%(credits)s credits") % {"credits": format_credits(job.price_millicredits)}
    facts = _Facts(job, upstreams.provider_title(job.provider), price)
    bare = _MAKERS[State(job.state)](facts)
    timing = history.timing_of(job)
    return replace(
        bare,
        job=job,
        status=Status("paused", _("Paused")) if bare.kind == "paused" else status_of(job),
        steps=steps_of(job),
        typical_seconds=timing.typical,
        late_seconds=timing.late,
        is_late_measured=timing.is_measured,
        is_favourite=bare.kind == "success" and bare.take is not None and favourites.is_marked(viewer_id, bare.take),
    )


@dataclass(frozen=True, slots=True)
class _Facts:
    job: Job
    provider: str
    price: str

    @property
    def provider_first(self) -> str:
        """The provider's name where a sentence begins; "ModKie" keeps its capitals."""
        return self.provider[:1].upper() + self.provider[1:]

    @property
    def held(self) -> str:
        return _("%(credits)s held") % {"credits": self.price}


def _queued(facts: _Facts) -> Stage:
    if facts.job.is_waiting_for_files:
        return Stage("waiting", _("Sending files to %(provider)s") % {"provider": facts.provider}, text=facts.held)
    trouble = queries.provider_trouble(facts.job.provider)
    if trouble:
        words = _("The account at %(provider)s needs its owner. Nothing is lost, %(credits)s stay held.")
        text = words % {"provider": facts.provider, "credits": facts.price}
        return Stage("paused", _("Paused"), icon="circle-pause", text=text, quoted=trouble)
    return Stage("waiting", _("Waiting"), text=facts.held)


def _sent(facts: _Facts) -> Stage:
    return Stage("waiting", _("Sent"), text=facts.held)


def _running(facts: _Facts) -> Stage:
    if facts.job.upstream_state != "generating":
        return Stage("waiting", _("In the queue at %(provider)s") % {"provider": facts.provider})
    return Stage("generating", _("Generating"))


def _saving(facts: _Facts) -> Stage:
    return Stage("saving", _("Saving"), text=_("Done when the file is in our own storage."))


def _in_doubt(facts: _Facts) -> Stage:
    words = _("%(provider)s gave no clear answer. It is not sent a second time. %(credits)s stay held until it is known.")
    text = words % {"provider": facts.provider_first, "credits": facts.price}
    return Stage("checking", _("Checking"), icon="circle-question-mark", text=text)


def _success(facts: _Facts) -> Stage:
    take = next(iter(facts.job.takes.all()), None)
    if take is None:
        return Stage("gone", _("This take was deleted"), icon="trash-2", text=_("Prompt and settings are still here."))
    if take.video.deleted_at is not None:
        return Stage("gone", _("This file is gone"), icon="hourglass", text=_("Prompt and settings are still here."))
    return Stage("success", _("Take %(number)s") % {"number": facts.job.number}, take=take)


def _failed(facts: _Facts) -> Stage:
    job = facts.job
    failure = failure_of(job, facts.provider)
    returned = _("%(credits)s returned.") % {"credits": facts.price}
    if job.fail_reason == FailReason.CANCELLED:
        return Stage("cancelled", failure.title, icon=failure.icon, text=returned)
    said = [failure.advice, returned]
    tries = job.submit_attempts
    if job.fail_reason in _WITH_CODE and tries > 1:
        said.insert(0, ngettext("%(count)s try.", "%(count)s tries.", tries) % {"count": tries})
    if job.fail_reason in _WITH_CODE and job.fail_code:
        said.insert(0, _("Error %(code)s.") % {"code": job.fail_code})
    quoted = translated(job.fail_message)
    return Stage("failed", failure.title, icon=failure.icon, text=" ".join(said), quoted=quoted, may_edit=failure.may_edit)


# Where the number may mean something to whoever looks after the account.
_WITH_CODE = (FailReason.CAPACITY, FailReason.PROVIDER_ACCOUNT)


_MAKERS = {
    State.QUEUED: _queued,
    State.SUBMITTING: _sent,
    State.RUNNING: _running,
    State.SAVING: _saving,
    State.IN_DOUBT: _in_doubt,
    State.SUCCESS: _success,
    State.FAIL: _failed,
    State.RECOVERING: _failed,
    State.RECOVERED: _success,
}


# By these names the page tells them apart; people read them in their language.
_STEPS = (gettext_noop("sent"), gettext_noop("queue"), gettext_noop("generate"), gettext_noop("save"))


def steps_of(job: Job) -> tuple[Step, ...]:
    """sent › queue › generate › save, each with its seconds, or since when it goes on."""
    starts = [job.created_at, job.submitted_at, job.generating_at, job.upstream_done_at, job.finished_at]
    steps = []
    for index, name in enumerate(_STEPS):
        begin = starts[index]
        # A step that nobody saw begin has no time of its own; the one before it lasts until the next that was seen.
        end = next((moment for moment in starts[index + 1 :] if moment), None)
        if begin is None:
            steps.append(Step(name))
        elif end is not None:
            steps.append(Step(name, seconds=max(0.0, (end - begin).total_seconds())))
        else:
            steps.append(Step(name, since=begin))
    return tuple(steps)


def card_of(job: Job) -> Card | None:
    """None when the card is gone while its takes stay."""
    try:
        return registry.get(job.model_id, job.gateway)
    except registry.UnknownModel:
        return None
