"""A page belongs to one team and mode; its fragments are refused once the person has gone elsewhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from playground.jobs.models import Job
from tests.factories import MembershipFactory, Personas

HTMX = {"HX-Request": "true"}
QUOTE = "/models/modkie/google/veo-3-1/quote"


@pytest.fixture
def alice(personas: Personas) -> Client:
    client = Client()
    client.force_login(personas.alice.user)
    return client


def place(team: str, mode: str = "test") -> dict[str, str]:
    return HTMX | {"X-Rushes-Place": f"{team}/{mode}"}


def test_a_page_carries_its_place_to_every_fragment(alice: Client) -> None:
    page = alice.get("/models/modkie/google/veo-3-1").content.decode()
    assert '"X-Rushes-Place": "northlight/test"' in page
    assert alice.post(QUOTE, {"prompt": "A calm sea"}, headers=place("northlight")).status_code == 200


@pytest.mark.parametrize("url", [QUOTE, "/models/modkie/google/veo-3-1/run"])
def test_a_form_of_live_gets_nothing_from_test_and_the_other_way_round(alice: Client, url: str) -> None:
    answer = alice.post(url, {"prompt": "A calm sea"}, headers=place("northlight", "live"))

    assert (answer.status_code, answer.content, answer["HX-Reswap"]) == (409, b"", "none")
    words = json.loads(answer["HX-Trigger"])["page-moved"]["value"]
    assert "made for Live in Northlight; you are in Test in Northlight now" in words
    assert not Job.objects.exists()


@pytest.mark.parametrize("url", ["/live?j=&on=strip", "/gallery?after=x", "/models/modkie/google/veo-3-1?take=1"])
def test_what_is_only_looked_at_does_not_mix_teams_either(alice: Client, personas: Personas, url: str) -> None:
    MembershipFactory.create(user=personas.alice.user, team__slug="south", team__name="South")
    assert alice.get(url, headers=place("south")).status_code == 409


def test_a_place_that_is_no_place_of_theirs_is_only_words(alice: Client) -> None:
    answer: Any = alice.post(QUOTE, headers=HTMX | {"X-Rushes-Place": '"><script>/live'})
    assert answer.status_code == 409
    assert answer["HX-Trigger"].isascii()
