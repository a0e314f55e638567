"""What the stage shows of a job: one kind per state, its words, its steps, its times."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from playground.catalog import registry
from playground.catalog.card import Card
from playground.core import clock
from playground.core.money import format_credits
from playground.jobs import queries, upstreams
from playground.jobs.models import FailReason, Job, State, Take
from playground.web.shapes import ratio_of
from playground.web.usual import Usual
from playground.web.words import Status, status_of

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
        return "" if self.name == "sent" else f"{self.seconds:.0f} s {self.name}"

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

    @property
    def is_moving(self) -> bool:
        """A bar and a clock: something is being made."""
        return self.kind in ("generating", "saving")

    @property
    def ratio(self) -> str:
        return ratio_of(self.take, self.job, looks_at_files=True)

    @property
    def take_label(self) -> str:
        return f"Take {self.job.number}" if self.job else ""

    @property
    def tag(self) -> str:
        return "Sandbox" if self.job and self.job.is_sandbox else ""

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
        """The finished take's times in proportion: the sending is a sliver, what took no time is left out."""
        told = [step for step in self.steps if step.seconds is not None]
        return tuple(
            LifePart(step.name, step.seconds or 0) for step in told if step.name == "sent" or (step.seconds or 0) >= SHORTEST_TOLD_SECONDS
        )

    @property
    def life_columns(self) -> str:
        return " ".join(part.column for part in self.life)

    @property
    def life_words(self) -> str:
        return ", ".join(f"{part.name} {part.seconds:.0f} seconds" for part in self.life)


def stage_of(job: Job | None, usual: Usual, *, card: Card | None = None) -> Stage:
    """The stage of a job with its takes prefetched; without a job, the empty one."""
    if job is None:
        title = card.title if card else "the model"
        return Stage("empty", "Your first take appears here", f"Behind it is a scene of the sandbox, not made by {title}.")
    facts = _Facts(job, upstreams.provider_title(job.provider), f"{format_credits(job.price_millicredits)} credits")
    bare = _MAKERS[State(job.state)](facts)
    return replace(
        bare,
        job=job,
        status=Status("paused", "Paused") if bare.kind == "paused" else status_of(job),
        steps=steps_of(job),
        typical_seconds=usual.typical_seconds,
        late_seconds=usual.late_seconds,
        is_late_measured=usual.is_measured,
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


def _queued(facts: _Facts) -> Stage:
    trouble = queries.provider_trouble(facts.job.provider)
    if trouble:
        text = f"The account at {facts.provider} needs its owner. Nothing is lost, {facts.price} stay held."
        return Stage("paused", "Paused", icon="circle-pause", text=text, quoted=trouble)
    return Stage("waiting", "Waiting", text=f"{facts.price} held")


def _sent(facts: _Facts) -> Stage:
    return Stage("waiting", "Sent", text=f"{facts.price} held")


def _running(facts: _Facts) -> Stage:
    if facts.job.upstream_state != "generating":
        return Stage("waiting", f"In the queue at {facts.provider}")
    return Stage("generating", "Generating")


def _saving(facts: _Facts) -> Stage:
    return Stage("saving", "Saving", text="Done when the file is in our own storage.")


def _in_doubt(facts: _Facts) -> Stage:
    text = f"{facts.provider_first} gave no clear answer. It is not sent a second time. {facts.price} stay held until it is known."
    return Stage("checking", "Checking", icon="circle-question-mark", text=text)


def _success(facts: _Facts) -> Stage:
    take = next(iter(facts.job.takes.all()), None)
    if take is None:
        return Stage("gone", "This take was deleted", icon="trash-2", text="Prompt and settings are still here.")
    if take.video.deleted_at is not None:
        return Stage("gone", "This file is gone", icon="hourglass", text="Prompt and settings are still here.")
    return Stage("success", f"Take {facts.job.number}", take=take)


def _failed(facts: _Facts) -> Stage:
    job, provider = facts.job, facts.provider
    reason = FailReason(job.fail_reason or FailReason.PROVIDER)
    returned = f"{facts.price} returned."
    if reason == FailReason.CANCELLED:
        return Stage("cancelled", "Cancelled", icon="circle-slash", text=returned)
    title, icon = {
        FailReason.MODEL: (_model_title(job.fail_code), "circle-x"),
        FailReason.PROVIDER: (f"{facts.provider_first} answered with an error", "cloud-alert"),
        FailReason.PROVIDER_ACCOUNT: (f"The account at {provider} was in trouble", "cloud-alert"),
        FailReason.TIMEOUT: ("No result in time", "hourglass"),
        FailReason.SUBMISSION_UNKNOWN: (f"{facts.provider_first} never confirmed this job", "cloud-alert"),
        FailReason.RESULT_LOST: ("The result could not be fetched", "hourglass"),
    }[reason]
    tries = job.submit_attempts
    code = f"Error {job.fail_code}. " if reason == FailReason.PROVIDER and job.fail_code else ""
    attempts = f"{tries} tries. " if reason in (FailReason.PROVIDER, FailReason.PROVIDER_ACCOUNT) and tries > 1 else ""
    may_edit = reason == FailReason.MODEL
    text = f"{code}{attempts}{returned}"
    return Stage("failed", title, icon=icon, text=text, quoted=job.fail_message, may_edit=may_edit)


def _model_title(code: str) -> str:
    return "The model could not make this" if code.startswith("5") else "The model refused this prompt"


_MAKERS = {
    State.QUEUED: _queued,
    State.SUBMITTING: _sent,
    State.RUNNING: _running,
    State.SAVING: _saving,
    State.IN_DOUBT: _in_doubt,
    State.SUCCESS: _success,
    State.FAIL: _failed,
}


def steps_of(job: Job) -> tuple[Step, ...]:
    """sent › queue › generate › save, each with its seconds, or since when it goes on."""
    starts = [job.created_at, job.submitted_at, job.generating_at, job.upstream_done_at, job.finished_at]
    steps = []
    for index, name in enumerate(("sent", "queue", "generate", "save")):
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
