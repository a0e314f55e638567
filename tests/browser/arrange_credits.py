"""A team as it is after a month: three people, three keys, a month of use in test and live, and budgets near their ends."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from django.db import transaction

from playground.accounts.members import members_of
from playground.accounts.models import ApiKey, Membership, Mode, Role
from playground.accounts.services import create_key
from playground.catalog import registry
from playground.core import clock
from playground.credits import budgets, proof, sums
from playground.credits import services as ledger
from playground.credits.budgets import Subject
from playground.credits.models import Period
from playground.credits.services import account_for
from playground.jobs import services
from playground.jobs.models import FailReason, Job, State, Take
from playground.media.services import StoredResult
from tests.factories import KLING, VEO, MembershipFactory, make_job

DAYS = 30
PEOPLE = {"Mara Kovač": Role.OWNER, "Jonas Okafor": Role.ADMIN, "Aiko Tan": Role.MEMBER}
# How often which model, and who: the first of each most.
MODELS = [("modkie", KLING, 12), ("modkie", VEO, 6), ("kie", "bytedance/v1-pro-text-to-video", 3), ("kie", "wan/2-5-text-to-video", 2)]
SHARES = [8, 5, 3]
KEYS = {"live": ["production", "render farm"], "test": ["laptop"]}


def credits_story(owner: Membership, clip: StoredResult) -> dict[str, int]:
    """Every charged job has the same clip. Budgets are set last, by what was used: they stand where they stand on any day of any month."""
    dice = random.Random(5)
    people = _people(owner)
    keys = {mode: [_key(people[0], name, mode) for name in names] for mode, names in KEYS.items()}
    now = clock.now()
    with transaction.atomic():
        with _at(now - timedelta(days=DAYS, hours=1)):
            ledger.grant(team=owner.team, mode="live", millicredits=20_000_000, note="Pack of 20,000", actor=people[1].user)
        for day in range(DAYS - 1, -1, -1):
            for _ in range(dice.choice([1, 2, 4, 6, 9, 12])):
                _job(dice, people, keys, clip, now - timedelta(days=day, minutes=dice.randrange(5, 600)))
        with _at(now - timedelta(hours=2)):
            ledger.grant(team=owner.team, mode="live", millicredits=1_000_000, note="Pack of 1,000", actor=people[1].user)
            ledger.adjust(team=owner.team, mode="live", millicredits=-52_500, note="Counted twice on Monday", actor=people[0].user)
        make_job(people[0], **_wanted(*MODELS[0][:2], "live"))
    for mode in ("live", "test"):
        _budgets(owner, mode, people, keys[mode])
    proof.prove()
    return {mode: account_for(owner.team_id, mode).available_millicredits // 1000 for mode in ("live", "test")}


def _people(owner: Membership) -> list[Membership]:
    owner.team.name = "Northlight Studio"
    owner.team.save(update_fields=["name"])
    (owner_name, _), *others = PEOPLE.items()
    owner.user.name = owner_name
    owner.user.save(update_fields=["name"])
    for name, role in others:
        email = f"{name.split()[0].lower()}@northlight.example"
        MembershipFactory.create(team=owner.team, role=role, user__name=name, user__email=email)
    return members_of(owner.team_id)


def _key(membership: Membership, name: str, mode: str) -> ApiKey:
    create_key(team=membership.team, name=name, mode="live" if mode == "live" else "test", created_by=membership.user)
    return ApiKey.objects.get(team=membership.team, name=name)


def _wanted(gateway: str, model_id: str, mode: str) -> dict[str, Any]:
    card = registry.get(model_id, gateway)
    return {"gateway": gateway, "model_id": model_id, "mode": mode, "payload": card.defaults | dict(card.example)}


def _job(dice: random.Random, people: list[Membership], keys: dict[str, list[ApiKey]], clip: StoredResult, begin: datetime) -> None:
    """One that was charged, or one in eight that failed; ended by its row, since no clip is looked at."""
    mode = dice.choice(["live", "live", "live", "test"])
    gateway, model_id, _ = dice.choices(MODELS, weights=[weight for *_, weight in MODELS])[0]
    who = dice.choices(people, weights=SHARES)[0]
    key = dice.choice(keys[mode]) if dice.random() < 0.2 else None
    with _at(begin):
        by = {"user_id": key.created_by_id, "key_id": key.pk, "source": "api"} if key else {}
        job = make_job(who, **_wanted(gateway, model_id, mode), **by).job
    with _at(begin + timedelta(seconds=dice.randrange(60, 200))):
        if dice.random() < 0.125:
            services.fail(
                job.pk, origins=(State.QUEUED,), reason=FailReason.CAPACITY, code="500", words="Internal error, please try again."
            )
        else:
            charged = ledger.capture(job_id=job.pk, millicredits=job.price_millicredits)
            Job.objects.filter(pk=job.pk).update(state=State.SUCCESS, charged_millicredits=charged, finished_at=clock.now())
            Take.objects.create(job=job, video=clip.video, poster=clip.poster, thumb=clip.thumb, preview=clip.preview)


def _budgets(owner: Membership, mode: Mode | str, people: list[Membership], keys: list[ApiKey]) -> None:
    kept: Mode = "live" if mode == "live" else "test"
    account = account_for(owner.team_id, kept)
    wanted = [(Subject.team(), 50), *zip((Subject.member(one.user_id) for one in people), (69, 81, 50), strict=True)]
    for subject, percent in [*wanted, (Subject.key(keys[0].pk), 12)]:
        used = sums.used_in_period(account.pk, subject.kind, subject.id, Period.MONTH)
        # The next whole credit: a little less than the percentage.
        limit = (max(used, 1000) * 100 // percent // 1000 + 1) * 1000
        budgets.set_budget(team=owner.team, mode=kept, subject=subject, period=Period.MONTH, limit_millicredits=limit)


@contextmanager
def _at(moment: datetime) -> Iterator[None]:
    """What is done meanwhile is done then."""

    class Standing(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return moment

    with mock.patch.object(clock, "datetime", Standing):
        yield
