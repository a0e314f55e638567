"""What people and programs see of jobs: rows, never writes. Every query is scoped by team and mode."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from playground import flatsql
from playground.accounts.models import User
from playground.jobs.models import UNFINISHED_STATES, UPSTREAM_STATES, Job, ProviderAccount, State, Take

_TAKES = Prefetch("takes", Take.objects.filter(deleted_at=None).select_related("video", "poster", "thumb", "preview").order_by("index"))


def _jobs(team_id: int, mode: str) -> QuerySet[Job]:
    return Job.objects.filter(team_id=team_id, mode=mode)


def job_for_team(team_id: int, mode: str | None, job_id: UUID) -> Job | None:
    """One job with its takes, or None: another team's job is as good as none. Without a mode, of either."""
    jobs = Job.objects.filter(team_id=team_id, pk=job_id)
    if mode is not None:
        jobs = jobs.filter(mode=mode)
    return jobs.prefetch_related(_TAKES).select_related("created_by", "api_key").first()


def job_for_record(team_id: int, mode: str, job_id: UUID) -> Job | None:
    """One job as its row alone, for recordInfo, which is asked more often than everything else."""
    return flatsql.get(Job, id=job_id, team_id=team_id, mode=mode)


def job_by_number(team_id: int, mode: str, number: int) -> Job | None:
    return _jobs(team_id, mode).filter(number=number).prefetch_related(_TAKES).first()


def jobs_of_model(team_id: int, mode: str, gateway: str, model_id: str, *, user: User, limit: int) -> list[Job]:
    """A person's jobs of one model for the strip, newest first."""
    jobs = _jobs(team_id, mode).filter(gateway=gateway, model_id=model_id, created_by=user)
    return list(jobs.prefetch_related(_TAKES).order_by("-created_at", "-id")[:limit])


def finished_jobs(team_id: int, mode: str, gateway: str, *, limit: int) -> list[Job]:
    """A team's newest jobs on a gateway whose takes are still there: what another job can continue."""
    jobs = _jobs(team_id, mode).filter(gateway=gateway, state=State.SUCCESS)
    newest = jobs.prefetch_related(_TAKES).order_by("-created_at", "-id")[:limit]
    return [job for job in newest if job.takes.all()]


def count_of_model(team_id: int, mode: str, gateway: str, model_id: str, *, user: User) -> int:
    return _jobs(team_id, mode).filter(gateway=gateway, model_id=model_id, created_by=user).count()


def has_jobs(team_id: int, *, user_id: int) -> bool:
    """Whether a person has ever run anything in a team, in either mode."""
    return Job.objects.filter(team_id=team_id, created_by_id=user_id).exists()


def jobs_by_ids(team_id: int, mode: str, job_ids: Iterable[UUID]) -> list[Job]:
    return list(_jobs(team_id, mode).filter(pk__in=list(job_ids)).prefetch_related(_TAKES))


def unfinished_jobs(team_id: int, mode: str, *, user_id: int | None = None, limit: int = 60) -> list[Job]:
    """What is under way, newest first; of one person when `user_id` is given."""
    jobs = _jobs(team_id, mode).filter(state__in=UNFINISHED_STATES)
    if user_id is not None:
        jobs = jobs.filter(created_by_id=user_id)
    return list(jobs.order_by("-created_at", "-id")[:limit])


def running_count(team_id: int, mode: str) -> int:
    return _jobs(team_id, mode).filter(state__in=UNFINISHED_STATES).count()


@dataclass(frozen=True, slots=True)
class Load:
    """How full a team's slots are: "10 running, 4 waiting"."""

    running: int
    waiting: int


def load(team_id: int, mode: str) -> Load:
    counts = (
        _jobs(team_id, mode)
        .filter(state__in=UNFINISHED_STATES)
        .aggregate(running=Count("pk", filter=Q(state__in=UPSTREAM_STATES)), waiting=Count("pk", filter=Q(state=State.QUEUED)))
    )
    return Load(counts["running"], counts["waiting"])


@dataclass(frozen=True, slots=True)
class Cursor:
    """Keyset position in a newest-first list of jobs."""

    created_at: datetime
    job_id: UUID


def gallery_page(team_id: int, mode: str, *, user_id: int | None = None, after: Cursor | None = None, limit: int = 40) -> Sequence[Job]:
    """Jobs with stored takes and jobs under way, newest first; failed ones are not shown. Of one person with `user_id`."""
    jobs = _jobs(team_id, mode).exclude(state=State.FAIL)
    if user_id is not None:
        jobs = jobs.filter(created_by_id=user_id)
    if after is not None:
        jobs = jobs.filter(Q(created_at__lt=after.created_at) | Q(created_at=after.created_at, id__lt=after.job_id))
    return list(jobs.prefetch_related(_TAKES).select_related("created_by", "api_key").order_by("-created_at", "-id")[:limit])


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
