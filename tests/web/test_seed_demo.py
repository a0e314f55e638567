"""A small demo team: `manage.py seed_demo`."""

from __future__ import annotations

import gzip
import re
from io import StringIO
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db.models import Count, Sum
from django.test import Client

from playground.accounts.models import Membership, Role, Team
from playground.credits.services import account_for, verify
from playground.gallery.demo import story
from playground.gallery.models import Collection, Comparison, Favourite
from playground.jobs import search
from playground.jobs.models import DONE_STATES, FailReason, Job, State, Take, TakeDay
from tests.factories import make_job, make_owner

pytestmark = [pytest.mark.django_db, pytest.mark.once]
# Some story, and as many again for scale.
TAKES = 60
# What a page may weigh, compressed.
MOST_HTML_BYTES, MOST_FOR_MODELS = 20_000, 30_000


@pytest.fixture(autouse=True)
def short_story(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """One very short clip, few wishes."""
    settings.SANDBOX_MAX_SECONDS = 0.25
    monkeypatch.setattr(story, "LINES", story.LINES[:6])


def told(**options: Any) -> str:
    """What the command says."""
    said = StringIO()
    call_command("seed_demo", stdout=said, clips=1, **options)
    return said.getvalue()


def test_the_demo_team_is_whole_and_all_its_sums_agree() -> None:
    said = told(takes=TAKES)
    jobs = Job.objects.filter(mode="test")
    done = jobs.filter(state__in=DONE_STATES)
    team = Team.objects.get()

    assert f"{team.name} has {TAKES} takes in test mode" in said
    assert Take.objects.filter(job__in=jobs).count() == TAKES
    assert verify() == []
    for mode in ("test", "live"):
        counted = TakeDay.objects.filter(mode=mode).aggregate(takes=Sum("takes"), charged=Sum("charged_millicredits"))
        of_mode = Job.objects.filter(mode=mode, state__in=DONE_STATES)
        assert counted == {"takes": of_mode.count(), "charged": of_mode.aggregate(charged=Sum("charged_millicredits"))["charged"]}
        numbers = list(Job.objects.filter(mode=mode).order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))

    # People, and what they did.
    assert {role for role in Role if Membership.objects.filter(role=role).exists()} == set(Role)
    assert set(jobs.filter(state=State.FAIL).values_list("fail_reason", flat=True)) >= {
        FailReason.INPUT_TEXT, FailReason.CAPACITY, FailReason.OUTPUT, FailReason.CANCELLED,
    }  # fmt: skip
    assert [job.model_id for job in jobs.filter(state=State.RUNNING)] == ["kling-3.0/video"]
    assert jobs.filter(parent__isnull=False).count() == 1
    assert jobs.filter(remix_of__isnull=False).exists()
    assert Job.objects.filter(mode="live", state=State.FAIL).exists()
    assert Favourite.objects.exists()
    assert [one.items_there > 0 for one in Collection.objects.annotate(items_there=Count("items"))] == [True] * 3
    comparison = Comparison.objects.get()
    assert comparison.picked is not None
    assert comparison.picked.job_id in comparison.columns.values_list("job_id", flat=True)

    # Words. The number stands first: a search's last word may go on, and ids of takes are words too.
    assert len(search.matching(done, team.pk, "test", "17 version")) == 1
    assert len(search.matching(done, team.pk, "test", "kling")) == sum("kling" in job.model_id for job in done)


def test_its_owner_is_let_in_by_the_link_and_finds_no_page_too_heavy(client: Client) -> None:
    link = re.search(r"http://testserver(/sign-in/\S+)", told(takes=TAKES))
    assert link is not None
    client.post(link[1])
    job = Job.objects.filter(mode="test", state=State.SUCCESS).latest("created_at")
    paths = ["/models", "/models/kie/kling-3.0/video", "/gallery?scope=team", f"/tasks/{job.pk}", "/search?q=a", "/credits", "/team"]
    pages = {path: client.get(path) for path in [*paths, "/settings/keys", "/providers"]}
    assert {path: page.status_code for path, page in pages.items() if page.status_code != 200} == {}
    assert "Low camera skims" in pages["/gallery?scope=team"].text
    weights = {path: len(gzip.compress(page.content)) for path, page in pages.items()}
    assert {path: weight for path, weight in weights.items() if weight > (MOST_FOR_MODELS if path == "/models" else MOST_HTML_BYTES)} == {}


def test_a_house_with_jobs_is_left_alone_unless_a_new_team_is_asked_for() -> None:
    alice = make_owner()
    make_job(alice)
    before = account_for(alice.team_id, "test").available_millicredits
    with pytest.raises(CommandError, match="--force-new-team"):
        told(takes=8)
    assert Team.objects.count() == 1

    told(takes=8, force_new_team=True)

    assert Team.objects.count() == 2
    assert account_for(alice.team_id, "test").available_millicredits == before
    assert Job.objects.filter(team=alice.team).count() == 1
    assert verify() == []
