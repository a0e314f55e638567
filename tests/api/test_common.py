"""Fresh links to results, and how often a model succeeded lately."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from playground.core import clock
from playground.jobs.models import FailReason, Job, State
from playground.media.signing import signed_url, verify
from tests.api.client import Program, envelope
from tests.factories import VEO, Personas, make_job, make_key
from tests.inputfiles import upload
from tests.web.playground import finished, put_in_state

pytestmark = pytest.mark.django_db
RATE = f"/api/v1/models/{VEO}/success-rate"


def fresh(program: Program, url: object) -> dict[str, Any]:
    return envelope(program.post({"url": url}, path="/api/v1/common/download-url"))


def link_of(job: Job, *, ttl_seconds: int = 60, audience: str = "job") -> str:
    take = job.takes.get()
    return signed_url(take.pk, "video", audience=audience, ttl_seconds=ttl_seconds)


def token_of(url: str) -> str:
    return urlsplit(url).path.split("/")[2]


@pytest.mark.parametrize("ttl_seconds", [3600, -3600])
def test_a_link_to_a_result_is_renewed_for_20_minutes_even_when_it_has_expired(
    program: Program, personas: Personas, ttl_seconds: int
) -> None:
    old = link_of(finished(personas.alice), ttl_seconds=ttl_seconds)

    answer = fresh(program, old)

    assert answer["code"] == 200
    left = verify(token_of(answer["data"])).expires_at - clock.now()
    assert timedelta(minutes=17) < left <= timedelta(minutes=20)


def test_so_is_an_upload_s(program: Program, personas: Personas) -> None:
    link = urlsplit(fresh(program, upload(personas.alice, "picture"))["data"])

    assert program.http.get(f"{link.path}?{link.query}").status_code == 200


def test_every_other_address_is_wrong_in_the_same_words(program: Program, personas: Personas) -> None:
    own = finished(personas.alice)
    others = [
        link_of(finished(personas.charlie)),
        upload(personas.charlie, "picture"),
        link_of(own, audience="share:1"),
        link_of(own).replace("/media/", "/media/x"),
        "https://example.com/clip.mp4",
        "http://[",
        "\ud800",
        "x" * 5000,
    ]
    wrong = {"code": 422, "msg": "url is wrong", "data": None}

    assert [fresh(program, url) for url in others] == [wrong] * len(others)
    assert fresh(Program(make_key(personas.alice, mode="live")), link_of(own)) == wrong


@pytest.mark.parametrize(("url", "rule"), [(None, "required"), ("", "required"), (7, "type"), (["x"], "type")])
def test_an_address_that_is_none(program: Program, url: object, rule: str) -> None:
    (error,) = fresh(program, url)["data"]["errors"]

    assert (error["pointer"], error["rule"]) == ("/url", rule)


def ended(membership: Any, state: str, minutes_ago: float, reason: str = "") -> None:
    put_in_state(make_job(membership).job, state, finished_at=clock.now() - timedelta(minutes=minutes_ago), fail_reason=reason)


def test_the_success_rate_is_that_of_the_team_s_own_jobs_in_steps_of_ten_minutes(program: Program, personas: Personas) -> None:
    for state, minutes_ago, reason in [
        (State.SUCCESS, 60, ""), (State.SUCCESS, 60, ""), (State.FAIL, 60, FailReason.CAPACITY),
        (State.FAIL, 60, FailReason.CANCELLED), (State.FAIL, 60, FailReason.INPUT_TEXT), (State.FAIL, 1500, FailReason.CAPACITY),
    ]:  # fmt: skip
        ended(personas.bob, state, minutes_ago, reason)
    ended(personas.charlie, State.FAIL, 60, FailReason.CAPACITY)

    data = program.get(RATE)["data"]

    told = [point for point in data["points"] if point["successRate"] is not None]
    assert (data["model"], len(data["points"])) == (VEO, 144)
    assert [(point["successRate"], point["errorRate"], point["isNormal"]) for point in told] == [(66.67, 33.33, True)]
    assert data["points"][0] | {"start": "", "end": ""} == {
        "start": "",
        "end": "",
        "successRate": None,
        "errorRate": None,
        "isNormal": True,
    }
    assert program.get("/api/v1/models/no/such/success-rate")["code"] == 404
