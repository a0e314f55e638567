"""Moments of the demo team's day that a picture holds still; run as `python -m tests.screenshots.rows <what>` in a product's environment.

What the team did is told through the services; only what passes by itself (how long a job has run) is written into its row.
Prints what was asked for as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
django.setup()

from playground.accounts.models import Membership  # noqa: E402
from playground.core import clock  # noqa: E402
from playground.core.money import to_millicredits  # noqa: E402
from playground.credits import services as ledger  # noqa: E402
from playground.credits.budgets import Subject, set_budget  # noqa: E402
from playground.gallery.demo import lines, people  # noqa: E402
from playground.gallery.demo.clips import draw_and_store  # noqa: E402
from playground.gallery.demo.lines import Line  # noqa: E402
from playground.gallery.demo.wishes import card_of, clip_of, payload_of  # noqa: E402
from playground.gallery.models import Comparison, ComparisonJob  # noqa: E402
from playground.jobs import history, services, telling  # noqa: E402
from playground.jobs.creation import NewJob  # noqa: E402
from playground.jobs.models import FailReason, Job, State, Take  # noqa: E402
from playground.jobs.telling import Pace  # noqa: E402
from playground.media.models import StoredFile  # noqa: E402
from playground.media.services import StoredResult  # noqa: E402
from playground.media.uploads import mark_used, store_upload, url_of  # noqa: E402
from playground.providers.sandbox import draw_poster  # noqa: E402

# How far a running job has come in the pictures, and what became of its seconds.
SHARE = 0.58
SENT_SECONDS, QUEUE_SECONDS = 1, 8
A_DAY = timedelta(days=1)
ORBIT = "Amber perfume bottle on a round plinth, deep green seamless backdrop. Hard key light from the left, slow 20-degree orbit."
COUPLE = "Same shot, a couple in the foreground looks at the camera"
GULLS = f"{lines.SWELL} Audio: wind, water lapping, distant gulls."


def member(place: int) -> Membership:
    email = f"{people.PEOPLE[place][1]}@{people.DOMAIN}"
    return Membership.objects.select_related("user", "team").filter(user__email=email, team__name=people.TEAM).latest("pk")


def wish(line: Line, **payload: Any) -> NewJob:
    card, by = card_of(line), member(line.who)
    values: dict[str, Any] = {"team_id": by.team_id, "mode": "test", "user_id": by.user_id, "source": "web"}
    return NewJob(model_id=card.id, gateway=card.gateway, payload=payload_of(line, **payload), **values)


def given(name: str, scene: str, seed: int) -> str:
    """The address of a picture that the owner has given."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        draw_poster(scene, 1920, 1080, seed=seed).save(path)
        upload = store_upload(member(0).team_id, member(0).user_id, path, name)
    mark_used(member(0).team_id, [url_of(upload)])
    return url_of(upload)


def newest(prompt: str) -> Job:
    """The finished test job that was asked for with these words last."""
    jobs = Job.objects.filter(team_id=member(0).team_id, mode="test", state=State.SUCCESS)
    return next(job for job in jobs.order_by("-created_at") if job.payload.get("prompt", "") == prompt)


def running() -> Job:
    return Job.objects.filter(team_id=member(0).team_id, mode="test", state=State.RUNNING).latest("created_at")


def clip(job: Job) -> StoredResult:
    take = Take.objects.get(job=job)
    return StoredResult(take.video, take.poster, take.thumb, take.preview)


def write(job: Job, **changes: Any) -> None:
    """The same wish with other values, as if it had been made with them."""
    Job.objects.filter(pk=job.pk).update(payload_json=json.dumps(job.payload | changes, ensure_ascii=False))


def day() -> dict[str, str]:
    """What the pictures show beyond the story: start frames, a refusal this afternoon, a remix of a picture. Addresses of it all."""
    swell = given("swell-01.jpg", "ocean", 3)
    first, now = newest(lines.SWELL), running()
    for job in (first, now):
        write(job, image_urls=[swell])
    couple = Line(COUPLE, lines.KLING)
    telling.tell_failure(wish(couple), clock.now() - timedelta(minutes=25), "422", "Input may contain a real person.", Pace(4, 35))
    bottle, still = newest(lines.PERFUME), given("bottle.jpg", "product", 5)
    before = Line(ORBIT, lines.VEO, "16:9", 6)
    [result] = draw_and_store(bottle.team_id, [clip_of(before, payload_of(before), 5, 6)], lambda _: None)
    parent = telling.tell_take(wish(before, imageUrls=[still]), bottle.created_at - 2 * A_DAY, [result], Pace(6, 80))
    write(bottle, prompt=ORBIT, imageUrls=[still])
    Job.objects.filter(pk=bottle.pk).update(remix_of=parent, scene=parent.scene)
    for later in Job.objects.filter(team_id=bottle.team_id, mode="test", model_id=bottle.model_id, state=State.SUCCESS, remix_of=None)[:3]:
        if later.pk not in (bottle.pk, parent.pk):
            Job.objects.filter(pk=later.pk).update(remix_of=bottle)
    return {"done": str(first.number), "running": str(now.number), "detail": str(Take.objects.get(job=bottle).pk)}


def hold(number: str, share: str = str(SHARE)) -> str:
    """Let a running job have come so far by now."""
    job = Job.objects.get(team_id=member(0).team_id, mode="test", number=number)
    then = clock.now() - timedelta(seconds=float(share) * history.timing_of(job).typical)
    sent = then + timedelta(seconds=SENT_SECONDS)
    Job.objects.filter(pk=job.pk).update(created_at=then, submitted_at=sent, generating_at=sent + timedelta(seconds=QUEUE_SECONDS))
    return number


def compared() -> dict[str, str]:
    """Two of three models are done, the third is at work; nothing else is."""
    services.fail(running().pk, origins=(State.RUNNING,), reason=FailReason.CAPACITY)
    kling, veo, seedance = (Line(GULLS, model) for model in (lines.KLING, lines.MODKIE_VEO, lines.SEEDANCE))
    one, other = newest(lines.SWELL), newest("Ocean waves break on black sand, top shot from a drone")
    at = clock.now() - timedelta(seconds=100)
    jobs = [
        telling.tell_take(wish(line), at, [clip(of)], pace) for line, of, pace in ((kling, one, Pace(9, 62)), (veo, other, Pace(6, 88)))
    ]
    jobs.append(telling.tell_running(wish(seedance, generate_audio=True), at, Pace(3, 0), next_look_at=clock.now() + A_DAY))
    comparison = Comparison.objects.create(team=member(0).team, mode="test", created_by=member(0).user, created_at=at)
    for index, job in enumerate(jobs):
        ComparisonJob.objects.create(comparison=comparison, job=job, index=index)
    return {"id": str(comparison.pk), "running": str(jobs[-1].number)}


def at_work(**changes: Any) -> Job:
    """Another job of the owner's, with a start frame."""
    new = wish(Line(lines.SWELL, lines.KLING), image_urls=newest(lines.SWELL).payload["image_urls"])
    job = telling.tell_running(new, clock.now() - timedelta(seconds=30), Pace(QUEUE_SECONDS, 0), next_look_at=clock.now() + A_DAY)
    Job.objects.filter(pk=job.pk).update(**changes)
    return job


def states() -> dict[str, str]:
    """One job of Kling in every state that the stage has; their numbers."""
    # So many more than she made fit the demo's month only while it is young.
    owner = member(0)
    set_budget(team=owner.team, mode="test", subject=Subject.member(owner.user_id), period="month", limit_millicredits=10_000_000)
    sent = at_work(state=State.SUBMITTING, submitted_at=None, generating_at=None)
    queuing, late = at_work(upstream_state="queuing", generating_at=None), at_work()
    Job.objects.filter(pk=queuing.pk).update(created_at=clock.now() - timedelta(seconds=14))
    hold(str(late.number), "2.4")
    ended = {}
    for name, code, words in (
        ("refused", "422", "Real person in image."),
        ("unanswered", "500", "Internal error, please try again later."),
    ):
        new = wish(Line(f"{lines.SWELL} {name}", lines.KLING))
        ended[name] = telling.tell_failure(new, clock.now() - timedelta(minutes=40), code, words, Pace(4, 30))
    gone = newest("Fog and light rays between tall forest trunks, camera glides forward")
    StoredFile.objects.filter(pk=Take.objects.get(job=gone).video_id).update(deleted_at=clock.now())
    jobs = {"sent": sent, "queuing": queuing, "late": late, "gone": gone} | ended
    return {name: str(job.number) for name, job in jobs.items()}


def finish(number: str) -> str:
    """A running job comes to its clip."""
    job = Job.objects.get(team_id=member(0).team_id, mode="test", number=number)
    Job.objects.filter(pk=job.pk).update(state=State.SAVING)
    services.succeed(services.lease(job.pk), [clip(newest(lines.SWELL))])
    return number


def refuse(number: str) -> str:
    job = Job.objects.get(team_id=member(0).team_id, mode="test", number=number)
    services.fail(job.pk, origins=(State.RUNNING,), reason=FailReason.INPUT_MEDIA, code="422", words="Real person in image.")
    return number


def begin() -> str:
    return str(at_work().number)


def leave(credits: str) -> str:
    """So many test credits are left."""
    account = ledger.account_for(member(0).team_id, "test")
    spare = account.available_millicredits - to_millicredits(credits)
    ledger.adjust(team=member(0).team, mode="test", millicredits=-spare, note="Spent elsewhere")
    return credits


WHAT: dict[str, Callable[..., object]] = {
    "begin": begin,
    "compared": compared,
    "day": day,
    "finish": finish,
    "hold": hold,
    "leave": leave,
    "refuse": refuse,
    "states": states,
}

if __name__ == "__main__":
    print(json.dumps(WHAT[sys.argv[1]](*sys.argv[2:])))
