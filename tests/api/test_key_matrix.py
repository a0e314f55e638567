"""Two teams, keys of all kinds, every address: no key reads, cancels, downloads or lists anything of the other team.

What is asked comes from the table of all addresses, with the other team's task or file in place of one's own or nobody's.
The answer must be the one for something that never was, so that not even its being there shows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse

from playground.accounts import keyring, ratelimit, services
from playground.accounts.access import forget_keys
from playground.accounts.models import ApiKey, Scope
from playground.core import clock, ids
from playground.credits import services as ledger
from playground.jobs.models import Job, State
from playground.media.signing import signed_url
from tests.api.client import Program
from tests.api.keys import key_named, program_with
from tests.factories import Personas, make_job
from tests.web.playground import add_take, put_in_state
from tests.web.route_table import GROUPS, NOBODYS, Answer, Route

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ROUTES = [
    route for route in GROUPS["the API"] if route.names[0] not in ("healthz", "hook", "api-not-found", "api-openapi", "modkie-not-found")
]
FILE = "https://example.com/clip.mp4"
# What stands in everything of the other team's, and in nothing else.
MARK = "the-word-of-the-others"
OF_FAMILIES = {
    "api-veo": ("veo3_fast", {"prompt": MARK}),
    "api-runway": ("runway/generate", {"prompt": MARK, "duration": 5, "quality": "720p", "aspectRatio": "16:9"}),
    "api-aleph": ("runway/aleph", {"prompt": MARK, "videoUrl": FILE}),
}
OF_THE_MARKET = ("google/veo-3-1", {"prompt": MARK, "aspect_ratio": "16:9", "duration": 5})
# By its name: what the key may do, and the code of every answer where there is only one.
DEAD = {"expired": 401, "revoked": 401, "rotated out": 401, "from another address": 403}
KINDS = ("test", "live", "reads only", "manages", *DEAD)


def program_of_kind(kind: str, personas: Personas) -> Program:
    scope = {"reads only": Scope.READ, "manages": Scope.MANAGE}.get(kind, Scope.GENERATE)
    addresses = "203.0.113.7" if kind == "from another address" else ""
    mode: Any = "live" if kind == "live" else "test"
    program = program_with(personas.alice, name=kind, mode=mode, scope=scope, allowed_addresses=addresses)
    if kind == "expired":
        ApiKey.objects.filter(name=kind).update(expires_at=clock.now() - timedelta(seconds=1))
    elif kind == "revoked":
        services.revoke_key(key_named(kind))
    elif kind == "rotated out":
        keyring.rotate_key(key_named(kind), overlap_hours=0)
    return program


def theirs(personas: Personas) -> dict[str, Job]:
    """A finished task of the other team for each family, and one for the market, by the beginning of an address's name."""
    found: dict[str, Job] = {}
    for name, (model, payload) in {**OF_FAMILIES, "": OF_THE_MARKET}.items():
        found[name] = put_in_state(make_job(personas.charlie, model_id=model, payload=payload).job, State.SUCCESS)
        add_take(found[name])
    return found


def job_for(route: Route, jobs: dict[str, Job]) -> Job:
    return next((job for name, job in jobs.items() if name and route.names[0].startswith(name)), jobs[""])


def link_to(take_id: UUID) -> str:
    return signed_url(take_id, "video", audience="job", ttl_seconds=600)


def ask(program: Program, route: Route, method: str, answer: Answer, task: UUID, take: UUID) -> tuple[int, str]:
    """Code and text, with the asked-for ids taken out: an answer may repeat what it was asked."""

    def filled(text: str) -> str:
        return text.replace("{job}", task.hex).replace("{take}", str(take)).replace(NOBODYS, task.hex).replace(FILE, link_to(take))

    headers = {"Authorization": f"Bearer {program.secret}"}
    path = reverse(route.names[0], kwargs=dict(route.args)) + (f"?{filled(answer.query)}" if answer.query else "")
    if method == "GET":
        response: Any = program.http.get(path, headers=headers)
    elif answer.json:
        response = program.http.post(path, filled(answer.json), content_type="application/json", headers=headers)
    else:
        response = program.http.post(path, {name: filled(text) for name, text in answer.send.items()}, headers=headers)
    text = response.content.decode().replace(task.hex, "<task>").replace(str(task), "<task>")
    return int(json.loads(response.content)["code"]), text


def asked() -> Iterator[tuple[Route, str, Answer]]:
    yield from ((route, method, answer) for route in ROUTES for method, answer in route.answers.items() if method in ("GET", "POST"))


def standing(jobs: dict[str, Job]) -> list[tuple[object, ...]]:
    return [
        *Job.objects.filter(pk__in=[job.pk for job in jobs.values()]).order_by("pk").values_list("pk", "state", "version"),
        *Job.objects.filter(team=jobs[""].team).order_by("pk").values_list("pk"),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_no_key_of_one_team_gets_anything_of_the_other(kind: str, personas: Personas) -> None:
    jobs, program, wrong = theirs(personas), program_of_kind(kind, personas), []
    before, balance = standing(jobs), ledger.balance_of(personas.charlie.team_id, "test")
    for route, method, answer in asked():
        job = job_for(route, jobs)
        take = job.takes.get()
        for forget in (cache.clear, forget_keys, ratelimit.forget):
            forget()
        point = transaction.savepoint()
        found = ask(program, route, method, answer, job.pk, take.pk)
        transaction.savepoint_rollback(point)
        nothing = ask(program, route, method, answer, ids.new_id(), ids.new_id())
        transaction.savepoint_rollback(point)
        name = f"{method} {route.names[0]}"
        if kind in DEAD and found[0] != DEAD[kind]:
            wrong.append(f"{name} answered {found[0]}")
        if MARK in found[1] or (found[0] != 200 and found[1] != nothing[1]) or found[0] != nothing[0]:
            wrong.append(f"{name} told {found[1][:200]}, and of nothing {nothing[1][:200]}")
    assert not wrong, "\n".join(wrong)
    assert (standing(jobs), ledger.balance_of(personas.charlie.team_id, "test")) == (before, balance)


def test_the_same_questions_of_the_team_itself_are_answered(personas: Personas) -> None:
    """Else a matrix of refusals would prove nothing: the tasks and links asked for exist."""
    jobs, own = theirs(personas), program_with(personas.charlie)
    codes = {
        route.names[0]: ask(own, route, "GET", route.answers["GET"], job_for(route, jobs).pk, job_for(route, jobs).takes.get().pk)[1]
        for route in ROUTES
        if "record" in route.names[0] and "GET" in route.answers
    }

    assert len(codes) >= 5 and all(MARK in text for text in codes.values()), codes
    link = link_to(jobs[""].takes.get().pk)
    assert json.loads(own.post({"url": link}, path=reverse("api-download-url")).content)["code"] == 200
