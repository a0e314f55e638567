from __future__ import annotations

import gzip

import pytest
from django.test import Client

from tests.factories import Personas

pytestmark = pytest.mark.django_db

ACCEPTS = {"Accept-Encoding": "gzip"}


def test_pages_travel_compressed(client: Client, personas: Personas) -> None:
    client.force_login(personas.alice.user)
    response = client.get("/models", headers=ACCEPTS)
    assert response["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in response["Vary"]
    assert b"<h1>Models</h1>" in gzip.decompress(response.content)


def test_a_client_that_cannot_unpack_gets_plain_pages(client: Client, personas: Personas) -> None:
    client.force_login(personas.alice.user)
    response = client.get("/models")
    assert not response.has_header("Content-Encoding")
    assert "<h1>Models</h1>" in response.text


def test_pictures_and_envelopes_leave_as_they_are(client: Client, personas: Personas) -> None:
    client.force_login(personas.alice.user)
    assert not client.get("/api/v1/chat/credit", headers=ACCEPTS).has_header("Content-Encoding")
    assert not client.get("/healthz", headers=ACCEPTS).has_header("Content-Encoding")
