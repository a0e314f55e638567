from __future__ import annotations

import pytest
from django.test import Client

from playground.catalog import registry
from tests.factories import Personas

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


def test_every_live_model_is_a_link_with_its_price(alice: Client) -> None:
    page = alice.get("/models").text
    for card in registry.live_cards():
        assert f'href="/models/{card.gateway}/{card.id}"' in page
    assert "60 credits" in page
    assert "≈ $0.30" in page
    assert "35 credits" in page


def test_the_start_is_the_default_model(alice: Client) -> None:
    assert alice.get("/")["Location"] == "/models/modkie/google/veo-3-1"


def test_words_and_vendor_narrow_the_list(alice: Client) -> None:
    page = alice.get("/models?q=KLING").text
    assert "Kling 3.0" in page
    assert "Veo 3.1" not in page
    assert "Kling 3.0" not in alice.get("/models?vendor=Google").text


def test_an_empty_result_repeats_the_words_and_offers_the_way_back(alice: Client) -> None:
    page = alice.get("/models", {"q": "<b>nothing</b>"}).text
    assert "Nothing is called “&lt;b&gt;nothing&lt;/b&gt;”" in page
    assert "Clear the filter" in page


def test_htmx_gets_only_the_cards(alice: Client) -> None:
    page = alice.get("/models?q=veo", headers={"HX-Request": "true"}).text
    assert page.startswith('<div id="cards">')


def test_a_model_has_a_picture_before_it_has_takes(alice: Client) -> None:
    response = alice.get("/models/modkie/google/veo-3-1/poster.webp")
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert response["Content-Type"] == "image/webp"
    assert content[8:12] == b"WEBP"
    assert alice.get("/models/modkie/no/such/poster.webp").status_code == 404
