"""What people and programs see of jobs: rows, never writes. Every query is scoped by team and mode."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from playground import flatsql
from playground.accounts.models import Mode, User
from playground.credits.models import Account
from playground.credits.services import account_for
from playground.jobs import search
from playground.jobs.models import DONE_STATES, UNFINISHED_STATES, UPSTREAM_STATES, Job, ProviderAccount, State, Take
from playground.jobs.plans import named_jobs

_TAKES = Prefetch("takes", Take.objects.filter(deleted_at=None).select_related("video", "poster", "thumb", "preview").order_by("index"))

# What no record tells: the engine's own columns, the price's history, and the provider's reply, which may be long.
_NOT_TOLD = frozenset({
    "created_by_id", "api_key_id", "source", "remix_of_id", "card_version", "is_listed", "timing_key", "deadline_seconds",
    "price_formula", "list_price_millicredits", "consumed_millicredits", "own_price_id", "usd_per_credit",
    "candidate_id", "is_hinted", "is_waiting_for_files", "is_waiting_for_links", "upstream_state", "result_links", "notes", "raw_reply",
    "lease_token", "lease_until", "due_at", "deadline_at", "submit_attempts", "save_attempts", "polls", "empty_successes",
    "callback_url", "idempotency_scope", "idempotency_key", "request_hash", "in_doubt_at",
})  # fmt: skip


def _jobs(team_id: int, mode: str) -> QuerySet[Job]:
    return Job.objects.filter(team_id=team_id, mode=mode)


def job_for_team(team_id: int, mode: str | None, job_id: UUID) -> Job | None:
    """One job with its takes, or None: another team's job is as good as none. Without a mode, of either."""
    jobs = Job.objects.filter(team_id=team_id, pk=job_id)
    if mode is not None:
        jobs = jobs.filter(mode=mode)
    return jobs.prefetch_related(_TAKES).select_related("created_by", "api_key", "parent", "remix_of").first()


def job_for_record(team_id: int, mode: str, job_id: UUID) -> Job | None:
    """One job as its row alone, for recordInfo, which is asked more often than everything else."""
    return flatsql.get(Job, without=_NOT_TOLD, id=job_id, team_id=team_id, mode=mode)


def job_by_number(team_id: int, mode: str, number: int) -> Job | None:
    return _jobs(team_id, mode).filter(number=number).prefetch_related(_TAKES).first()


def jobs_of_model(team_id: int, mode: str, gateway: str, model_id: str, *, user: User, limit: int) -> list[Job]:
    """A person's jobs of one model for the strip, newest first."""
    jobs = _jobs(team_id, mode).filter(gateway=gateway, model_id=model_id, created_by=user)
    return list(jobs.prefetch_related(_TAKES).order_by("-created_at", "-id")[:limit])


def finished_jobs(team_id: int, mode: str, gateway: str, *, models: Sequence[str] | None = None, limit: int) -> list[Job]:
    """A team's newest jobs on a gateway whose takes are still there: what another job can continue. Of some models only."""
    jobs = _jobs(team_id, mode).filter(gateway=gateway, state__in=DONE_STATES)
    if models is not None:
        jobs = jobs.filter(model_id__in=models)
    newest = jobs.prefetch_related(_TAKES).order_by("-created_at", "-id")[:limit]
    return [job for job in newest if job.takes.all()]


def continued_by(job: Job, *, limit: int = 20) -> list[Job]:
    """The jobs that were made from this one's take, oldest first."""
    return list(_jobs(job.team_id, job.mode).filter(parent_id=job.pk).prefetch_related(_TAKES).order_by("created_at", "id")[:limit])


def continuations_by(job: Job, model_id: str, *, limit: int = 50) -> list[Job]:
    """The jobs that a model made from this one's take, newest first."""
    jobs = _jobs(job.team_id, job.mode).filter(parent_id=job.pk, gateway=job.gateway, model_id=model_id)
    return list(jobs.order_by("-created_at", "-id")[:limit])


def remixes_of(job: Job, *, limit: int = 20) -> list[Job]:
    """The jobs that began with this one's settings and have something to show or will have, oldest first."""
    remixes = _jobs(job.team_id, job.mode).filter(remix_of_id=job.pk, is_listed=True)
    return list(remixes.prefetch_related(_TAKES).order_by("created_at", "id")[:limit])


def count_of_model(team_id: int, mode: str, gateway: str, model_id: str, *, user: User) -> int:
    return _jobs(team_id, mode).filter(gateway=gateway, model_id=model_id, created_by=user).count()


def has_jobs(team_id: int, *, user_id: int) -> bool:
    """Whether a person has ever run anything in a team, in either mode."""
    return Job.objects.filter(team_id=team_id, mode__in=("test", "live"), created_by_id=user_id).exists()


def jobs_by_ids(team_id: int, mode: str, job_ids: Iterable[UUID]) -> list[Job]:
    return list(named_jobs(team_id, job_ids, mode=mode).prefetch_related(_TAKES))


def numbers_of(team_id: int, job_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The numbers of those of the jobs that the team has still."""
    return dict(named_jobs(team_id, job_ids).values_list("pk", "number"))


def unfinished_jobs(team_id: int, mode: str, *, user_id: int | None = None, limit: int = 60) -> list[Job]:
    """What is under way, newest first; of one person when `user_id` is given."""
    jobs = _jobs(team_id, mode).filter(state__in=UNFINISHED_STATES)
    if user_id is not None:
        jobs = jobs.filter(created_by_id=user_id)
    return list(jobs.order_by("-created_at", "-id")[:limit])


def running_count(team_id: int, mode: str) -> int:
    return _jobs(team_id, mode).filter(state__in=UNFINISHED_STATES).count()


def account_and_running_count(team_id: int, mode: Mode) -> tuple[Account, int]:
    """In one query what the top bar of every page says."""
    under_way = _jobs(team_id, mode).filter(state__in=UNFINISHED_STATES).order_by().values("team_id")
    running = Coalesce(Subquery(under_way.annotate(count=Count("pk")).values("count")), 0)
    account = Account.objects.filter(team_id=team_id, mode=mode).annotate(running=running).first()
    return (account, account.running) if account else (account_for(team_id, mode), running_count(team_id, mode))


@dataclass(frozen=True, slots=True)
class Load:
    """How full a team's slots are: "10 running, 4 waiting"."""

    running: int
    waiting: int


def load(team_id: int, mode: str, *, provider: str = "") -> Load:
    jobs = _jobs(team_id, mode).filter(state__in=UNFINISHED_STATES)
    counts = (jobs.filter(provider=provider) if provider else jobs).aggregate(
        running=Count("pk", filter=Q(state__in=UPSTREAM_STATES)), waiting=Count("pk", filter=Q(state=State.QUEUED))
    )
    return Load(counts["running"], counts["waiting"])


def search_listed(team_id: int, mode: str, text: str, *, limit: int) -> list[Job]:
    """The newest of a team's jobs that lists show whose words match; see `search`."""
    jobs = search.matching(_jobs(team_id, mode).filter(is_listed=True), team_id, mode, text)
    return list(jobs.prefetch_related(_TAKES).select_related("created_by", "api_key")[:limit])


def take_for_team(team_id: int, take_id: UUID) -> Take | None:
    return (
        Take.objects.filter(pk=take_id, job__team_id=team_id, deleted_at=None)
        .select_related("job", "video", "poster", "thumb", "preview")
        .first()
    )


def take_by_id(take_id: UUID) -> Take | None:
    """For signed links only, where the signature is the permission."""
    return Take.objects.filter(pk=take_id, deleted_at=None).select_related("job", "video", "poster", "thumb", "preview").first()


def provider_trouble(provider: str) -> str:
    """What is wrong with our account at a provider, or ""."""
    return ProviderAccount.objects.filter(provider=provider).exclude(trouble="").values_list("trouble", flat=True).first() or ""
