"""Who gets what: every address × method × role × own or another team's object, through HTTP, against the table by hand."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.cache import cache
from django.db import models, transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from playground.accounts import access, ratelimit
from playground.accounts.models import ApiKey, AuditEvent, Invitation, Membership, SignInLink, Team, User
from playground.credits import prices
from playground.credits.models import Account, Entry, PriceOverride
from playground.gallery.models import Collection, Favourite, Share
from playground.jobs.models import Job, Take
from playground.media.models import StoredFile, Upload
from playground.webhooks.models import Delivery, Endpoint, TaskSigner
from tests.web.matrix_world import Side, World
from tests.web.route_table import GROUPS, SIGN_IN, TEAM, Answer, Route, Status, Who

pytestmark = pytest.mark.django_db
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SAFE = ("GET", "HEAD")
HTMX = {"HX-Request": "true"}
TABLES: tuple[type[models.Model], ...] = (
    Team, Membership, User, ApiKey, Invitation, SignInLink, AuditEvent, Account, Entry, PriceOverride, Job, Take, Upload, StoredFile,
    Favourite, Collection, Share, Endpoint, Delivery, TaskSigner,
)  # fmt: skip


def patterns(found: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    """Every address that is answered, by its name; one without a name by its route."""
    for pattern in found:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns, prefix + str(pattern.pattern))
        else:
            yield pattern.name or prefix + str(pattern.pattern)


def test_every_address_is_in_the_table_and_the_table_names_no_other() -> None:
    written = [name for group in GROUPS.values() for route in group for name in route.names]
    existing = set(patterns(get_resolver().url_patterns))

    assert existing - set(written) == set(), "add a line to tests/web/route_table.py"
    assert set(written) - existing == set()
    assert sorted(written) == sorted(set(written))


@pytest.fixture
def world(caplog: pytest.LogCaptureFixture) -> World:
    # Thousands of refusals are what is wanted here.
    caplog.set_level(logging.CRITICAL, logger="django.request")
    return World()


@contextmanager
def undone() -> Iterator[None]:
    """What one request changes is not there for the next."""
    before = transaction.savepoint()
    for forget in (cache.clear, access.forget_keys, ratelimit.forget, prices.forget):
        forget()
    try:
        yield
    finally:
        transaction.savepoint_rollback(before)


@pytest.mark.parametrize("group", GROUPS)
def test_everybody_gets_what_the_table_says_and_nothing_of_another_team(group: str, world: World) -> None:
    wrong: list[str] = []
    for route in GROUPS[group]:
        for method in METHODS:
            answer = route.answers.get(method)
            if answer is None:
                wrong += refusals(world, route, method)
                continue
            for who in Who:
                wrong += asked_by(world, route, method, answer, who)
    assert not wrong, "\n".join(wrong)


def refusals(world: World, route: Route, method: str) -> Iterator[str]:
    """A method that an address does not take is refused, whoever asks; or the sign-in comes first."""
    for who in (Who.OWNER, Who.NOBODY):
        with undone():
            status, body = ask(world, route, method, Answer({}), who, world.ours)
        if route.is_generic and status not in range(500, 600) and not any(marker in body for marker in foreign_to(world, who)):
            continue
        if status != (200 if is_envelope(route, method) else 405):
            yield f"{who}: {method} {route.names[0]} answered {status}, not 405"


def asked_by(world: World, route: Route, method: str, answer: Answer, who: Who) -> Iterator[str]:
    own, other = answer.to[who], answer.elsewhere.get(who, answer.to[who])
    yield from compared(world, route, method, answer, who, world.ours, own)
    if names_an_object(route, answer) and not (who not in TEAM and answer.to[who] != SIGN_IN and not answer.elsewhere):
        yield from compared(world, route, method, answer, who, world.theirs, other)
        if method == "GET":
            yield from compared(world, route, method, answer, who, world.theirs, other, headers=HTMX)


def is_envelope(route: Route, method: str) -> bool:
    """An answer of the API to HEAD: its code stands in the body that is not sent."""
    return method == "HEAD" and route.names[0].startswith("api-")


def names_an_object(route: Route, answer: Answer) -> bool:
    return any("{" in text for text in route.args.values()) or any("{job" in text or "{take" in text for text in answer.templates())


def compared(
    world: World,
    route: Route,
    method: str,
    answer: Answer,
    who: Who,
    whose: Side,
    expected: Status,
    headers: Mapping[str, str] | None = None,
) -> Iterator[str]:
    about = f"{who}: {method} {route.names[0]}{' as a fragment' if headers else ''} of {whose.slug}"
    before = counts() if method in SAFE else {}
    with undone():
        status, body = ask(world, route, method, answer, who, whose, headers)
        after = counts() if method in SAFE else {}
    if not is_as_expected(status, 200 if is_envelope(route, method) else expected):
        yield f"{about} answered {status}, not {expected}"
    if after != before:
        yield f"{about} wrote rows: {before} became {after}"
    secret = [] if answer.shows else foreign_to(world, who)
    if leaked := [marker for marker in secret if marker in body]:
        yield f"{about} shows {leaked}"


def foreign_to(world: World, who: Who) -> list[bytes]:
    ours = [] if who in (*TEAM, Who.KEY) else world.ours.markers
    return ours + world.theirs.markers


def is_as_expected(status: Status, expected: Status) -> bool:
    """Successes by their class: whether a form leads on by 302 or 303 is not what this is about."""
    if isinstance(status, int) and isinstance(expected, int) and expected < 400:
        return status // 100 == expected // 100
    return status == expected


def ask(
    world: World, route: Route, method: str, answer: Answer, who: Who, whose: Side, headers: Mapping[str, str] | None = None
) -> tuple[Status, bytes]:
    args = {name: text.format(**whose.objects) for name, text in route.args.items()}
    path = reverse(route.names[0], kwargs=args) if not route.names[0].startswith(".") else f"/{route.names[0]}"
    query = answer.query.format(**whose.objects)
    data: Any = {name: text.format(**whose.objects) for name, text in answer.send.items()}
    more: dict[str, Any] = {"headers": dict(headers or {})}
    if answer.json:
        # Braces of JSON are no places to fill in, so only what names an object of the world is.
        text = answer.json.replace("{job}", str(whose.objects["job"]))
        data, more["content_type"] = text, "application/json"
    elif method not in ("GET", "HEAD", "POST"):
        data = b""
    response = getattr(world.client_of(who), method.lower())(f"{path}?{query}" if query else path, data or None, **more)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return status_of(response, body), body


def status_of(response: Any, body: bytes) -> Status:
    """The envelope's code where there is one; SIGN_IN for what leads to the sign-in page."""
    target = response.headers.get("HX-Redirect", response.headers.get("Location", ""))
    if response.status_code in (204, 302) and target.startswith(reverse("sign-in")):
        return SIGN_IN
    if response.status_code == 200 and response.headers["Content-Type"].startswith("application/json") and body.startswith(b'{"code"'):
        return int(json.loads(body)["code"])
    return int(response.status_code)


def counts() -> dict[str, int]:
    return {table.__name__: table._default_manager.count() for table in TABLES}
