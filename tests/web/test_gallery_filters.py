"""The gallery's filters as a person meets them: in the address, as chips, for htmx and without script."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from playground.core import clock
from playground.jobs.models import Job
from playground.web import gallery_page
from tests.factories import KLING, VEO, Personas, make_job, make_key
from tests.web.gallery import bulk, shown, take_of
from tests.web.playground import HOSTILE, HTMX

pytestmark = pytest.mark.django_db
FILTER = HTMX | {"HX-Target": "grid"}


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


def test_every_filter_narrows_and_they_narrow_together(alice: Client, personas: Personas) -> None:
    take_of(personas.alice, "sea", scene="text-to-video", aspect="16:9")
    take_of(personas.alice, "dunes", model_id=KLING, scene="extend", aspect="9:16")
    take_of(personas.bob, "silk", scene="extend", aspect="9:16", created_at=clock.now() - timedelta(days=20))
    bob = personas.bob.user_id
    assert shown(alice, f"scope=team&model=modkie/{KLING}") == ["dunes"]
    assert shown(alice, f"scope=team&model=modkie/{KLING}&model=modkie/{VEO}") == ["dunes", "sea", "silk"]
    assert shown(alice, f"scope=team&member={bob}") == ["silk"]
    assert shown(alice, "scope=team&scene=extend&ar=9:16") == ["dunes", "silk"]
    assert shown(alice, "scope=team&scene=extend&when=7") == ["dunes"]
    assert shown(alice, "scope=team&q=SEA") == ["sea"]
    assert shown(alice, f"scope=team&q=silk&member={bob}&when=30") == ["silk"]
    assert shown(alice, "scope=mine&scene=extend") == ["dunes"]


def test_dates_include_both_ends(alice: Client, personas: Personas) -> None:
    for days in range(4):
        take_of(personas.alice, f"{days} days ago", created_at=clock.now() - timedelta(days=days))
    first, last = (f"{clock.now() - timedelta(days=days):%Y-%m-%d}" for days in (2, 1))
    assert shown(alice, f"scope=team&from={first}&to={last}") == ["1 days ago", "2 days ago"]
    assert shown(alice, f"scope=team&from={last}") == ["0 days ago", "1 days ago"]


def test_only_favourites_of_the_person_with_the_toggle(alice: Client, personas: Personas) -> None:
    liked, _ = take_of(personas.bob, "liked"), take_of(personas.bob, "not liked")
    bulk(alice, "favourite", [liked])
    assert shown(alice, "scope=team&fav=1") == ["liked"]
    assert shown(alice, "scope=mine&fav=1") == []


def test_takes_made_through_the_api_belong_to_the_keys_creator(personas: Personas, client: Client) -> None:
    body = {"model": VEO, "input": {"prompt": "by a robot", "aspect_ratio": "16:9", "duration": 5}}
    secret = make_key(personas.bob)
    client.post("/api/v1/jobs/createTask", body, content_type="application/json", headers={"Authorization": f"Bearer {secret}"})
    assert Job.objects.get().created_by_id == personas.bob.user_id
    client.force_login(personas.alice.user)
    assert shown(client, f"scope=team&member={personas.bob.user_id}") == ["by a robot"]


def test_a_filter_of_htmx_brings_grid_sum_and_chips_and_says_the_shortest_address(alice: Client, personas: Personas) -> None:
    take_of(personas.alice, "sea")
    take_of(personas.alice, "dunes", model_id=KLING)
    reply = alice.get(f"/gallery?scope=team&q=&from=&to=&when=&model=modkie/{KLING}&scene=nonsense", headers=FILTER)
    assert reply.text.strip().startswith('<div id="grid">')
    assert 'id="sum" hx-swap-oob="true">1 take · ' in reply.text
    assert 'aria-label="Model: Kling 3.0"' in reply.text
    assert reply["HX-Push-Url"] == f"/gallery?scope=team&model=modkie/{KLING}"


def test_a_chip_names_two_values_and_counts_the_rest(alice: Client) -> None:
    page = alice.get("/gallery?scope=team&ar=16:9&ar=1:1&ar=9:16&ar=other").text
    assert 'aria-label="Aspect: 16:9, 9:16 +2"' in page
    assert 'href="/gallery?scope=team" aria-label="Remove the filter aspect"' in page


def test_nothing_that_matches_offers_to_clear_the_filters(alice: Client, personas: Personas) -> None:
    take_of(personas.alice, "sea")
    page = alice.get("/gallery?scope=team&q=desert").text
    assert "Nothing matches" in page
    assert '<a class="btn" href="/gallery?scope=team">Clear filters</a>' in page


@pytest.mark.parametrize(
    ("scope", "words"), [("favourites", "No favourites yet"), ("collections", "No collections yet"), ("team", "team has no")]
)
def test_every_empty_scope_says_what_would_be_there(alice: Client, scope: str, words: str) -> None:
    assert words in alice.get(f"/gallery?scope={scope}").text
    assert words in alice.get("/gallery").text, "the scope used last"


def test_a_search_goes_on_behind_its_last_take(alice: Client, personas: Personas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery_page, "PAGE_SIZE", 2)
    for number in range(3):
        take_of(personas.alice, f"sea {number}")
    page = alice.get("/gallery?scope=team&q=sea").text
    url = page.split('id="more" hx-get="')[1].split('"')[0].replace("&amp;", "&")
    piece = alice.get(url, headers=HTMX).text
    assert ("sea 0" in piece, "sea 1" in piece, "<h2>Today</h2>" in piece) == (True, False, False)


WRONG = [
    {"model": HOSTILE}, {"member": "9" * 40}, {"member": "-1"}, {"scene": "x" * 5000}, {"ar": "\x00"}, {"when": "yesterday"},
    {"from": "2026-13-45"}, {"to": "0001-01-01"}, {"from": "9999-12-31"}, {"q": "\x00"}, {"q": HOSTILE * 40}, {"q": "\" OR * ( NEAR"},
    {"collection": HOSTILE}, {"scope": HOSTILE}, {"fav": "yes"}, {"after": "1-" + "f" * 32, "q": "sea"}, {"after": "5"}, {"n": "-1"},
]  # fmt: skip


@pytest.mark.parametrize("query", WRONG, ids=lambda query: next(iter(query)))
def test_what_cannot_be_read_is_dropped_and_hostile_words_are_only_text(alice: Client, personas: Personas, query: dict[str, str]) -> None:
    take_of(personas.alice, "sea")
    for headers in ({}, HTMX, FILTER):
        reply = alice.get("/gallery?" + urlencode({"scope": "team"} | query), headers=headers)
        assert reply.status_code == 200
        assert "<b>x</b>" not in reply.text
        assert ("q" in query) or "sea" in reply.text


@pytest.mark.parametrize(("query", "most"), [("", 10), ("&fav=1", 13), ("&q=sea", 10), (f"&model=modkie/{VEO}&model=modkie/{KLING}", 11)])
def test_a_page_costs_few_queries_whatever_it_is_narrowed_by(
    alice: Client, personas: Personas, django_assert_max_num_queries: DjangoAssertNumQueries, query: str, most: int
) -> None:
    takes = [take_of(personas.alice, f"sea {number}") for number in range(3)]
    bulk(alice, "favourite", takes)
    alice.get(f"/gallery?scope=team{query}")
    with django_assert_max_num_queries(most):
        alice.get(f"/gallery?scope=team{query}")


def test_a_search_finds_what_was_made_since_the_last_one(alice: Client, personas: Personas) -> None:
    take_of(personas.alice, "sea one")
    assert shown(alice, "scope=team&q=sea") == ["sea one"]
    take_of(personas.alice, "sea two")
    assert shown(alice, "scope=team&q=sea") == ["sea two", "sea one"]
    take_of(personas.alice, "a meadow")
    assert shown(alice, "scope=team&q=meadow") == ["a meadow"]


def test_running_takes_are_found_by_their_filters_too(alice: Client, personas: Personas) -> None:
    job = make_job(personas.alice, payload={"prompt": "under way", "aspect_ratio": "9:16", "duration": 5}).job
    assert job.aspect == "9:16"
    assert shown(alice, "scope=team&ar=9:16&q=under") == ["under way"]
    assert shown(alice, "scope=team&ar=16:9") == []
