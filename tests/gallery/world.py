"""Takes of a team in all variety, as rows: what the gallery's queries walk."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from playground.accounts.models import Membership, User
from playground.core import clock
from playground.gallery import collections, favourites
from playground.gallery.models import Collection
from playground.jobs import search, takes
from playground.jobs.models import Job, State, Take
from tests.factories import KLING, VEO, Personas, make_job
from tests.web.playground import add_take, put_in_state

WORDS = ("sea", "dune", "silk", "fog")
SCENES = ("text-to-video", "image-to-video", "extend")
ASPECTS = ("16:9", "9:16", "other")
MODELS = (VEO, KLING)


@dataclass
class World:
    """Some sixty jobs of two people, several of them in the very same moment; `seed` makes it the same each time."""

    personas: Personas
    seed: int = 6
    jobs: list[Job] = field(default_factory=list)
    favourites: set[UUID] = field(default_factory=set)
    collected: set[UUID] = field(default_factory=set)
    start: datetime = field(default_factory=lambda: clock.now().replace(hour=12) - timedelta(days=40))

    def __post_init__(self) -> None:
        dice = random.Random(self.seed)
        for _ in range(60):
            self.jobs.append(self._job(dice))
        gone = dice.sample([job for job in self.jobs if job.takes.exists()], 6)
        takes.delete_takes(self.team_id, [take.pk for job in gone for take in job.takes.all()])
        living = [take for job in self.jobs for take in job.takes.filter(deleted_at=None).select_related("job")]
        self._mark(dice.sample(living, 18), dice.sample(living, 15))
        self.jobs = list(Job.objects.filter(pk__in=[job.pk for job in self.jobs]).prefetch_related("takes"))

    @property
    def team_id(self) -> int:
        return self.personas.alice.team_id

    @property
    def alice(self) -> User:
        return self.personas.alice.user

    @property
    def collection(self) -> Collection:
        return Collection.objects.get(team_id=self.team_id, name="Best")

    def _job(self, dice: random.Random) -> Job:
        member: Membership = dice.choice([self.personas.alice, self.personas.bob])
        payload = {"prompt": " ".join(dice.sample(WORDS, 2)), "aspect_ratio": "16:9", "duration": 5}
        job = make_job(member, model_id=dice.choice(MODELS), payload=payload).job
        moment = self.start + timedelta(days=dice.randrange(20), seconds=dice.randrange(2))
        changes = {"scene": dice.choice(SCENES), "aspect": dice.choice(ASPECTS)}
        state = dice.choices([State.SUCCESS, State.FAIL, State.QUEUED], [8, 1, 1])[0]
        job = put_in_state(job, state, created_at=moment, **changes)
        if state == State.SUCCESS:
            add_take(job)
        return job

    def _mark(self, liked: list[Take], chosen: list[Take]) -> None:
        favourites.mark(self.alice.pk, liked)
        made = collections.create(self.team_id, "test", "Best", self.alice)
        collections.add(made, chosen, self.alice)
        self.favourites, self.collected = {take.job_id for take in liked}, {take.job_id for take in chosen}


def listed(job: Job) -> bool:
    """Under way, or with a living take."""
    return job.state == State.QUEUED or any(take.deleted_at is None for take in job.takes.all())


def has_words(job: Job, text: str) -> bool:
    words = search.terms_of(str(job.payload["prompt"]))
    return all(any(word.startswith(term) for word in words) for term in search.terms_of(text))
