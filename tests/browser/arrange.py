"""Makes rows that a person cannot make at will; run as `python -m tests.browser.arrange <what>` in the environment of a product.

Jobs come from the services and, where they must have ended, through the engines. Only the states that last for an
instant are written straight into the row, because nothing else holds them still.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django_q.models import OrmQ  # noqa: E402

from playground.accounts.models import Membership, Role  # noqa: E402
from playground.accounts.services import create_owner, team_by_slug  # noqa: E402
from playground.core import clock  # noqa: E402
from playground.core.money import to_millicredits  # noqa: E402
from playground.credits import services as ledger  # noqa: E402
from playground.jobs import archive, pump, services, takes  # noqa: E402
from playground.jobs.models import FailReason, Job, State, Take  # noqa: E402
from playground.jobs.tasks import deliver_mail  # noqa: E402
from playground.media.services import StoredResult  # noqa: E402
from tests.browser import arrange_credits, arrange_gallery, arrange_live  # noqa: E402
from tests.browser.product import OWNER  # noqa: E402
from tests.factories import KLING, VEO, make_job  # noqa: E402

KEYBOARD = "A keyboard whose keys are made of different types of candy. Typing makes sweet, crunchy sounds."
SCENES = [
    "Aurora over a frozen lake, slow pan to the right",
    "A perfume bottle on wet slate, one soft light wanders over the glass",
    "Rain on a neon street at night, camera glides forward",
    "Dunes in the first light, wind lifts the sand from the ridge",
    "Fog drifts between tall pines, sunbeams through the trees",
    "A ringed planet seen from a slow orbit, stars behind it",
    "Silk folds and unfolds in slow motion",
    "Long swell rolling towards the beach at dusk, one gull crosses the frame",
]
RATIOS = ["16:9", "9:16", "1:1", "21:9", "4:3", "3:4", "16:9"]
LONG_AGO_SECONDS = 400
GROK = "grok-imagine/text-to-video"


def owner() -> Membership:
    if not Membership.objects.exists():
        create_owner(email=OWNER)
    return Membership.objects.filter(role=Role.OWNER).select_related("user", "team").earliest("pk")


def prepare() -> None:
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    owner()


def short_clip(prompt: str, ratio: str = "16:9", **more: Any) -> Job:
    payload = {"prompt": prompt, "aspect_ratio": ratio, "resolution": "480p", "duration": 2, "generate_audio": True}
    return make_job(owner(), model_id=KLING, payload=payload | more).job


def veo(prompt: str = KEYBOARD) -> Job:
    return make_job(owner(), model_id=VEO, payload={"prompt": prompt, "aspect_ratio": "16:9", "duration": 5}).job


def finish(jobs: list[Job]) -> None:
    """Through pump and archive, in this process."""
    ids = [job.pk for job in jobs]
    while Job.objects.filter(pk__in=ids).exclude(state__in=(State.SUCCESS, State.FAIL)).exists():
        pump.run_seated(budget_seconds=2)
        while archive.work_once():
            pass


def held_still(state: State, *, seconds_ago: float = 0, **changes: Any) -> Job:
    """A job that stays in a state which otherwise passes."""
    job = veo()
    then = clock.now() - timedelta(seconds=seconds_ago)
    Job.objects.filter(pk=job.pk).update(state=state, version=2, created_at=then, **changes)
    return job


def running(*, seconds_ago: float, generating: bool, **changes: Any) -> Job:
    then = clock.now() - timedelta(seconds=seconds_ago)
    changes |= {"submitted_at": then, "generating_at": then if generating else None}
    changes["upstream_state"] = "generating" if generating else "queuing"
    # Typed by hand, as if a provider had given it: unique per job, and nobody polls it.
    upstream_id = f"held-still-{seconds_ago}-{generating}-{changes.get('progress')}"
    return held_still(State.RUNNING, seconds_ago=seconds_ago, upstream_id=upstream_id, **changes)


def every_state() -> dict[str, tuple[int, str]]:
    """One job in each state that the page can show; number and id of each."""
    prepare()
    done, expired = veo(), veo("Calm sea at dusk, the camera drifts")
    refused = veo(f"{KEYBOARD} [[fail:422 Real person in image.]]")
    missing = veo("Calm sea at dusk [[result:expired]]")
    finish([done, expired, refused, missing])
    Take.objects.filter(job=expired).update(deleted_at=clock.now())
    jobs = {
        "done": done,
        "file-expired": expired,
        "refused-by-the-model": refused,
        "result-lost": missing,
        "waiting": held_still(State.QUEUED),
        "sending": held_still(State.SUBMITTING),
        "queuing": running(seconds_ago=14, generating=False),
        "generating": running(seconds_ago=41, generating=True),
        "generating-with-progress": running(seconds_ago=41, generating=True, progress=58),
        "over-the-usual-time": running(seconds_ago=LONG_AGO_SECONDS, generating=True),
        "saving": held_still(
            State.SAVING, seconds_ago=70, submitted_at=clock.now() - timedelta(seconds=68), upstream_id="held-still-saving"
        ),
        "checking": held_still(State.IN_DOUBT, seconds_ago=90, in_doubt_at=clock.now() - timedelta(seconds=70)),
        "failed-by-the-provider": ended(FailReason.CAPACITY, "500", "Internal error, please try again later."),
        "timed-out": ended(FailReason.TIMEOUT, "408", ""),
        "submission-unknown": ended(FailReason.IN_DOUBT, "", ""),
        "cancelled": ended(FailReason.CANCELLED, "", ""),
    }
    return addresses(jobs)


def addresses(jobs: dict[str, Job]) -> dict[str, tuple[int, str]]:
    return {name: (job.number, str(job.pk)) for name, job in jobs.items()}


def live_story() -> dict[str, tuple[int, str]]:
    """Live jobs of some days, all with the clip of one sandbox job, and a model that takes more than was quoted."""
    prepare()
    return addresses(arrange_live.live_story(owner(), stored_clip()))


def stored_clip() -> StoredResult:
    """The files of a finished sandbox job, for jobs whose clip nobody looks at."""
    clip = short_clip(SCENES[0])
    finish([clip])
    take = Take.objects.get(job=clip)
    return StoredResult(take.video, take.poster, take.thumb, take.preview)


def any_clip() -> StoredResult:
    """The files of whatever take there is."""
    take = Take.objects.filter(deleted_at=None).first()
    return StoredResult(take.video, take.poster, take.thumb, take.preview) if take else stored_clip()


def credits_story() -> dict[str, int]:
    """A team after a month of use: what each account has left."""
    prepare()
    return arrange_credits.credits_story(owner(), stored_clip())


def circuit() -> dict[str, tuple[int, str]]:
    """A provider account without credits, and a job that waits for it."""
    return addresses(arrange_live.circuit(owner()))


def rejuvenate(*numbers_and_ages: str) -> int:
    """Begin jobs anew, `number:seconds` ago: a picture of a state shows how long it has lasted."""
    for pair in numbers_and_ages:
        number, _, age = pair.partition(":")
        job = Job.objects.get(number=number)
        then = clock.now() - timedelta(seconds=float(age))
        changes = {name: then for name in ("submitted_at", "generating_at") if getattr(job, name)}
        Job.objects.filter(pk=job.pk).update(created_at=then, **changes)
    return len(numbers_and_ages)


def ended(reason: FailReason, code: str, words: str) -> Job:
    job = veo()
    services.fail(job.pk, origins=(State.QUEUED,), reason=reason, code=code, words=words)
    return job


def gallery() -> dict[str, int]:
    """A clip of every scene, in different shapes; the last one larger and longer."""
    prepare()
    jobs = [short_clip(prompt, ratio) for prompt, ratio in zip(SCENES[:-1], RATIOS, strict=True)]
    jobs.append(short_clip(SCENES[-1], resolution="720p", duration=5))
    finish(jobs)
    return {job.payload["prompt"]: job.number for job in jobs}


def many_takes(count: str) -> list[str]:
    """A gallery to walk through."""
    prepare()
    clip = stored_clip()
    takes.delete_takes(owner().team_id, Take.objects.values_list("pk", flat=True))
    return arrange_gallery.many_takes(owner(), clip, int(count))


def three_takes() -> dict[str, str]:
    """Three finished clips, oldest first; the last is a remix of the first, upright and of another length. The ids of the takes."""
    prepare()
    first, second = short_clip(SCENES[0]), short_clip(SCENES[2])
    payload = {"prompt": SCENES[0], "aspect_ratio": "9:16", "resolution": "480p", "duration": 3, "generate_audio": True}
    remix = make_job(owner(), model_id=KLING, payload=payload, remix_of_id=first.pk).job
    finish([first, second, remix])
    return {name: str(Take.objects.get(job=job).pk) for name, job in (("first", first), ("second", second), ("remix", remix))}


def grok_takes(small: str, large: str) -> dict[str, int]:
    """Two finished takes of Grok Imagine to go on from, 480p and 720p."""
    payloads = [{"prompt": prompt, "duration": 6, "resolution": resolution} for prompt, resolution in ((small, "480p"), (large, "720p"))]
    made = [arrange_gallery.finished(owner(), any_clip(), model_id=GROK, gateway="kie", payload=payload) for payload in payloads]
    return {job.payload["prompt"]: job.number for job in made}


def latest(model_id: str) -> dict[str, int]:
    """The newest finished job of a model."""
    job = Job.objects.filter(model_id=model_id.removeprefix("/models/modkie/"), state=State.SUCCESS).latest("number")
    return {"number": job.number}


def spend(team_slug: str, credits: str) -> str:
    """Take credits from a team's test account, by an adjustment in the ledger."""
    account = ledger.adjust(team=team_by_slug(team_slug), mode="test", millicredits=-to_millicredits(credits), note="spent elsewhere")
    return str(account.available_millicredits)


def mails() -> list[str]:
    """Send what waits in the queue; the text of everything that was mailed so far."""
    prepare()
    for row in OrmQ.objects.order_by("pk"):
        if row.task["func"] == "playground.jobs.tasks.deliver_mail":
            deliver_mail(*row.task["args"])
            row.delete()
    folder = Path(settings.EMAIL_FILE_PATH or "")
    return [mail.read_text() for mail in sorted(folder.glob("*.log"))]


WHAT: dict[str, Callable[..., object]] = {
    "circuit": circuit,
    "credits-story": credits_story,
    "every-state": every_state,
    "gallery": gallery,
    "grok-takes": grok_takes,
    "latest": latest,
    "live-story": live_story,
    "mails": mails,
    "many-takes": many_takes,
    "rejuvenate": rejuvenate,
    "spend": spend,
    "takes": three_takes,
}

if __name__ == "__main__":
    print(json.dumps(WHAT[sys.argv[1]](*sys.argv[2:])))
